/*
 * map: against a plain array that cannot be wrong.
 */
#include <stdio.h>

#include "map.h"
#include "suites.h"

#define KEYS 3000

static char name[KEYS][16];
static int value[KEYS];

static struct bytes key(size_t i)
{
    (void)snprintf(name[i], sizeof name[i], "order-%zu", i);
    return bytes_of(name[i]);
}

static void empty_map_finds_nothing(void)
{
    struct map *m = map_new(1);
    size_t at = 0;
    struct bytes k;
    void *v;

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_PTR_NULL(map_find(m, BYTES("a")));
    CU_ASSERT_PTR_NULL(map_remove(m, BYTES("a")));
    CU_ASSERT_FALSE(map_next(m, &at, &k, &v));
    CU_ASSERT_EQUAL(map_count(m), 0);
    map_free(m);
    map_free(NULL);
}

static void putting_again_replaces(void)
{
    struct map *m = map_new(1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_TRUE(map_put(m, BYTES("a"), &value[0]));
    CU_ASSERT_TRUE(map_put(m, BYTES("a"), &value[1]));
    CU_ASSERT_TRUE(map_put(m, (struct bytes){ NULL, 0 }, &value[2]));
    CU_ASSERT_EQUAL(map_count(m), 2);
    CU_ASSERT_PTR_EQUAL(map_find(m, BYTES("a")), &value[1]);
    CU_ASSERT_PTR_EQUAL(map_find(m, BYTES("")), &value[2]);
    CU_ASSERT_PTR_EQUAL(map_remove(m, BYTES("a")), &value[1]);
    CU_ASSERT_PTR_NULL(map_find(m, BYTES("a")));
    map_free(m);
}

static void check_all(const struct map *m, const bool *there, size_t count)
{
    CU_ASSERT_EQUAL_FATAL(map_count(m), count);
    for (size_t i = 0; i < KEYS; i++) {
        CU_ASSERT_PTR_EQUAL_FATAL(map_find(m, key(i)), there[i] ? &value[i] : NULL);
    }
}

static void churn_agrees_with_a_plain_array(void)
{
    static bool there[KEYS];
    struct map *m = map_new(42);
    uint64_t state = 7;
    size_t count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    memset(there, 0, sizeof there);
    for (int step = 0; step < 60000; step++) {
        size_t i;

        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        i = (size_t)(state >> 33) % KEYS;
        if (there[i]) {
            CU_ASSERT_PTR_EQUAL_FATAL(map_remove(m, key(i)), &value[i]);
            count--;
        } else {
            CU_ASSERT_TRUE_FATAL(map_put(m, key(i), &value[i]));
            count++;
        }
        there[i] = !there[i];
        if (step % 10000 == 0) {
            check_all(m, there, count);
        }
    }
    check_all(m, there, count);
    map_free(m);
}

static void iteration_visits_each_once(void)
{
    static unsigned visits[KEYS];
    struct map *m = map_new(3);
    size_t at = 0;
    struct bytes k;
    void *v;

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    memset(visits, 0, sizeof visits);
    for (size_t i = 0; i < KEYS; i++) {
        CU_ASSERT_TRUE_FATAL(map_put(m, key(i), &value[i]));
    }
    while (map_next(m, &at, &k, &v)) {
        size_t i = (size_t)((int *)v - value);

        CU_ASSERT_TRUE(bytes_equal(k, key(i)));
        visits[i]++;
    }
    for (size_t i = 0; i < KEYS; i++) {
        CU_ASSERT_EQUAL(visits[i], 1);
    }
    map_free(m);
}

CU_TestInfo map_tests[] = {
    { "an empty map finds nothing", empty_map_finds_nothing },
    { "putting again replaces", putting_again_replaces },
    { "churn agrees with a plain array", churn_agrees_with_a_plain_array },
    { "iteration visits each once", iteration_visits_each_once },
    CU_TEST_INFO_NULL,
};
