/*
 * The memory of cJSON's trees: the same block again and again, malloc's where it does not fit or
 * for another thread, and cJSON as before afterwards.
 */
#include "json_memory.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <string.h>

#include "buf.h"
#include "suites.h"

static const char small[] = "{\"a\":[1,\"two\",{\"three\":null}],\"b\":true}";

static bool parses_small(void)
{
    cJSON *tree = cJSON_Parse(small);
    const cJSON *two = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "a"), 1);
    bool good = cJSON_IsString(two) && strcmp(two->valuestring, "two") == 0;

    cJSON_Delete(tree);
    return good;
}

static void test_json_memory_is_used_again_when_nothing_is_in_it(void)
{
    cJSON *first, *second, *third;

    CU_ASSERT_TRUE_FATAL(json_memory_init() && json_memory_init());
    first = cJSON_Parse(small);
    second = cJSON_Parse(small);
    CU_ASSERT_PTR_NOT_EQUAL(first, second);
    cJSON_Delete(first);
    third = cJSON_Parse(small);
    CU_ASSERT_PTR_NOT_EQUAL(third, first); /* the second is still there */
    CU_ASSERT_TRUE(cJSON_Compare(second, third, true));
    cJSON_Delete(second);
    cJSON_Delete(third);
    for (int i = 0; i < 100000; i++) {
        cJSON *again = cJSON_Parse(small);

        CU_ASSERT_PTR_EQUAL(again, first);
        cJSON_Delete(again);
    }
    json_memory_fini();
    CU_ASSERT_TRUE(parses_small());
}

static void test_json_memory_that_does_not_fit_is_mallocs(void)
{
    struct buf text;
    cJSON *big;

    CU_ASSERT_TRUE_FATAL(json_memory_init());
    buf_init(&text, 1 << 20);
    buf_text(&text, "[0");
    for (int i = 1; i < 20000; i++) { /* more than a megabyte of nodes */
        buf_printf(&text, ",\"%d\"", i);
    }
    buf_char(&text, ']');
    for (int round = 0; round < 3; round++) {
        big = cJSON_ParseWithLength(text.data, text.size);
        CU_ASSERT_EQUAL(cJSON_GetArraySize(big), 20000);
        CU_ASSERT_STRING_EQUAL(cJSON_GetArrayItem(big, 19999)->valuestring, "19999");
        CU_ASSERT_TRUE(parses_small()); /* beside it */
        cJSON_Delete(big);
    }
    buf_fini(&text);
    json_memory_fini();
}

static void *parse_often(void *arg)
{
    bool *good = arg;

    for (int i = 0; i < 20000; i++) {
        *good = parses_small() && *good;
    }
    return NULL;
}

static void test_json_memory_of_other_threads_is_mallocs(void)
{
    pthread_t other;
    bool here = true, there = true;

    CU_ASSERT_TRUE_FATAL(json_memory_init());
    CU_ASSERT_EQUAL_FATAL(pthread_create(&other, NULL, parse_often, &there), 0);
    (void)parse_often(&here);
    CU_ASSERT_EQUAL(pthread_join(other, NULL), 0);
    CU_ASSERT_TRUE(here && there);
    json_memory_fini();
}

CU_TestInfo json_memory_tests[] = {
    { "test_json_memory_is_used_again_when_nothing_is_in_it",
      test_json_memory_is_used_again_when_nothing_is_in_it },
    { "test_json_memory_that_does_not_fit_is_mallocs",
      test_json_memory_that_does_not_fit_is_mallocs },
    { "test_json_memory_of_other_threads_is_mallocs",
      test_json_memory_of_other_threads_is_mallocs },
    CU_TEST_INFO_NULL,
};
