/*
 * json: what is JSON and what is not, numbers exact from their text whatever the nesting, typed
 * getters.
 */
#include "json.h"

#include <stdlib.h>

#include "bounds.h"
#include "suites.h"

/* Parses a copy of exactly the text's size, so that a sanitizer sees an over-read. */
static struct json_doc *parse_copy(struct bytes text, char **copy)
{
    *copy = malloc(text.size == 0 ? 1 : text.size);
    if (*copy == NULL) {
        abort();
    }
    if (text.size > 0) {
        memcpy(*copy, text.data, text.size);
    }
    return json_doc_parse((struct bytes){ *copy, text.size });
}

static bool is_json(struct bytes text)
{
    char *copy;
    struct json_doc *d = parse_copy(text, &copy);
    bool good = d != NULL;

    json_doc_free(d);
    free(copy);
    return good;
}

static void well_formed_texts_are_taken(void)
{
    static const char *const rows[] = { "{}",
                                        "[]",
                                        "0",
                                        "-0",
                                        "1e5",
                                        "\"\"",
                                        "true",
                                        "false",
                                        "null",
                                        " [ 1 , 2 ] ",
                                        "{\"a\":{\"b\":[{},[],[[]]]},\"c\":-1.5E-10}",
                                        "\t\r\n{}\n",
                                        "[\"\\u00e9\\n\\\\\"]",
                                        "{\"a\":1,\"a\":2}",
                                        "[0E-11,1.129880786375e-06]",
                                        "\"\xc3\xa9\"",
                                        "[\"\\ud83d\\ude00\"]" };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_TRUE(is_json(bytes_of(rows[i])));
    }
}

static void anything_else_is_refused(void)
{
    static const char *const rows[] = { "",
                                        " ",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        "{]",
                                        "[}",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "[1,]",
                                        "[,1]",
                                        "{,}",
                                        "[1 2]",
                                        "{\"a\" 1}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "tru",
                                        "nul",
                                        "True",
                                        "01",
                                        "+1",
                                        "1.",
                                        ".5",
                                        "-",
                                        "1e",
                                        "1e+",
                                        "0x10",
                                        "NaN",
                                        "Infinity",
                                        "\"",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\u00zz\"",
                                        "\"a\nb\"",
                                        "\"a\tb\"",
                                        "{} {}",
                                        "1 1",
                                        "[1]]",
                                        "{\"a\":1}}",
                                        "<html></html>",
                                        "\"\\u0000\"",
                                        "\xef\xbb\xbf{}",
                                        "[\"\\ud83d\"]",
                                        "\"\\",
                                        "{\"a\":1 \"b\":2}",
                                        "{1:2}",
                                        "[1;2]",
                                        "--1",
                                        "1-",
                                        "1e5.5",
                                        "{\"a\":\"b\"" };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_FALSE(is_json(bytes_of(rows[i])));
        if (is_json(bytes_of(rows[i]))) {
            printf("taken: %s\n", rows[i]);
        }
    }
    CU_ASSERT_FALSE(is_json((struct bytes){ "[1]\0", 4 }));
}

static const char sample[] =
    "{\"result\":\"success\",\"list\":[{\"q\":0.10000000000,\"t\":\"a\\\"b\",\"n\":null},"
    "{\"q\":1e-10,\"b\":true}],\"x\":-12345678901234567,\"s\":\"3.50\"}";

static void every_prefix_of_a_good_text_is_refused(void)
{
    for (size_t n = 0; n < sizeof sample - 1; n++) {
        CU_ASSERT_FALSE(is_json((struct bytes){ sample, n }));
    }
    CU_ASSERT_TRUE(is_json(bytes_of(sample)));
}

static void numbers_are_exact(void)
{
    static const struct {
        const char *token;
        struct decimal value;
        bool good;
    } rows[] = {
        { "0", { 0, 0 }, true },
        { "-12345678901234567", { -12345678901234567, 0 }, true }, /* a double cannot hold it */
        { "9007199254740993", { 9007199254740993, 0 }, true },
        { "0.1", { 1, 1 }, true },
        { "0.10000000000", { 1, 1 }, true },
        { "60000.0", { 60000, 0 }, true },
        { "1e-10", { 1, 10 }, true },
        { "0E-11", { 0, 0 }, true },
        { "1.129880786375e-06", { 1129880786375, 18 }, true },
        { "1E3", { 1000, 0 }, true },
        { "0.123456789012345678", { 123456789012345678, 18 }, true },
        { "1e-19", { 0, 0 }, false },
        { "1e30", { 0, 0 }, false },
        { "0.1234567890123456789", { 0, 0 }, false },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[128];
        struct json_doc *d;
        struct decimal got;
        enum json_get result;

        snprintf(text, sizeof text, "{\"a\":[1,{\"b\":%s}],\"c\":%s,\"s\":\"%s\"}", rows[i].token,
                 rows[i].token, rows[i].token);
        d = json_doc_parse(bytes_of(text));
        CU_ASSERT_PTR_NOT_NULL_FATAL(d);
        result = json_decimal(d, json_root(d), "c", &got);
        CU_ASSERT_EQUAL(result, rows[i].good ? JSON_OK : JSON_BAD);
        CU_ASSERT_TRUE(!rows[i].good || decimal_equal(got, rows[i].value));
        result = json_decimal(d, json_root(d), "s", &got);
        CU_ASSERT_EQUAL(result, rows[i].good ? JSON_OK : JSON_BAD);
        CU_ASSERT_TRUE(!rows[i].good || decimal_equal(got, rows[i].value));
        result = json_decimal(d, json_next(json_first(json_member(json_root(d), "a"))), "b", &got);
        CU_ASSERT_EQUAL(result, rows[i].good ? JSON_OK : JSON_BAD);
        CU_ASSERT_TRUE(!rows[i].good || decimal_equal(got, rows[i].value));
        json_doc_free(d);
    }
}

/* Numbers beside texts that look like numbers, keys with digits and escapes, deep and empty
 * containers. */
static void each_number_node_finds_its_own_token(void)
{
    static const char text[] =
        "[1,\"2\",{\"3\":4,\"a\\\"5\":[]},[[[6]],{}],7,{\"b\":{\"c\":[8,\"\\u0039\",9]}},[],10]";
    static const int expected[] = { 1, 7, 10 };
    struct json_doc *d = json_doc_parse(bytes_of(text));
    size_t found = 0;
    struct decimal value;

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (const struct cJSON *i = json_first(json_root(d)); i != NULL; i = json_next(i)) {
        struct bytes as_text;

        if (json_item_text(i, &as_text) == JSON_BAD && json_item_decimal(d, i, &value) == JSON_OK) {
            CU_ASSERT_TRUE(found < 3 &&
                           decimal_equal(value, (struct decimal){ expected[found], 0 }));
            found++;
        }
    }
    CU_ASSERT_EQUAL(found, 3);
    json_doc_free(d);
}

static void getters_tell_absent_null_and_mistyped_apart(void)
{
    static const char text[] =
        "{\"t\":\"x\",\"n\":1,\"f\":1.5,\"z\":null,\"b\":false,\"o\":{},\"e\":\"\","
        "\"i\":\"42\",\"T\":1,\"big\":99999999999999999999}";
    struct json_doc *d = json_doc_parse(bytes_of(text));
    const struct cJSON *o;
    struct bytes t;
    struct decimal n;
    int64_t i;
    bool b = true;

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    o = json_root(d);
    CU_ASSERT_TRUE(json_text(o, "t", &t) == JSON_OK && bytes_is(t, "x"));
    CU_ASSERT_TRUE(json_text(o, "e", &t) == JSON_OK && t.size == 0);
    CU_ASSERT_EQUAL(json_text(o, "missing", &t), JSON_ABSENT);
    CU_ASSERT_EQUAL(json_text(o, "z", &t), JSON_NULL);
    CU_ASSERT_EQUAL(json_text(o, "n", &t), JSON_BAD);
    CU_ASSERT_EQUAL(json_text(NULL, "n", &t), JSON_ABSENT);
    CU_ASSERT_TRUE(json_bool(o, "b", &b) == JSON_OK && !b);
    CU_ASSERT_EQUAL(json_bool(o, "n", &b), JSON_BAD);
    CU_ASSERT_EQUAL(json_bool(o, "z", &b), JSON_NULL);
    CU_ASSERT_EQUAL(json_bool(o, "missing", &b), JSON_ABSENT);
    CU_ASSERT_TRUE(json_int(d, o, "n", &i) == JSON_OK && i == 1);
    CU_ASSERT_TRUE(json_int(d, o, "i", &i) == JSON_OK && i == 42);
    CU_ASSERT_EQUAL(json_int(d, o, "f", &i), JSON_BAD);
    CU_ASSERT_EQUAL(json_int(d, o, "t", &i), JSON_BAD);
    CU_ASSERT_EQUAL(json_int(d, o, "big", &i), JSON_BAD);
    CU_ASSERT_EQUAL(json_int(d, o, "z", &i), JSON_NULL);
    CU_ASSERT_EQUAL(json_int(d, o, "missing", &i), JSON_ABSENT);
    CU_ASSERT_EQUAL(json_decimal(d, o, "o", &n), JSON_BAD);
    CU_ASSERT_EQUAL(json_decimal(d, o, "e", &n), JSON_BAD);
    CU_ASSERT_TRUE(json_int(d, o, "T", &i) == JSON_OK && i == 1); /* names are case-sensitive */
    CU_ASSERT_TRUE(json_is_object(json_member(o, "o")) && !json_is_array(json_member(o, "o")));
    CU_ASSERT_FALSE(json_is_object(NULL));
    CU_ASSERT_EQUAL(json_count(o), 10);
    CU_ASSERT_TRUE(bytes_is(json_name(json_first(o)), "t"));
    CU_ASSERT_PTR_NULL(json_first(NULL));
    json_doc_free(d);
    json_doc_free(NULL);
}

static void depth_and_number_length_are_bounded(void)
{
    char text[2 * (JSON_DEPTH_MAX + 1) + 1];
    char number[JSON_NUMBER_MAX + 2];

    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    CU_ASSERT_TRUE(is_json((struct bytes){ text, 2 * JSON_DEPTH_MAX }));
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    CU_ASSERT_FALSE(is_json((struct bytes){ text, 2 * (JSON_DEPTH_MAX + 1) }));
    memset(number, '1', sizeof number);
    CU_ASSERT_TRUE(is_json((struct bytes){ number, JSON_NUMBER_MAX }));
    CU_ASSERT_FALSE(is_json((struct bytes){ number, JSON_NUMBER_MAX + 1 }));
}

static void a_text_over_the_maximum_is_refused(void)
{
    size_t size = HTTP_RESPONSE_BODY_MAX + 1;
    char *text = malloc(size);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, ' ', size);
    text[0] = '1';
    CU_ASSERT_PTR_NULL(json_doc_parse((struct bytes){ text, size }));
    free(text);
}

static void texts_are_written_escaped(void)
{
    struct buf b;

    buf_init(&b, 256);
    json_put_text(&b, BYTES("a\"b\\c\n\x01/\xc3\xa9"));
    CU_ASSERT_TRUE(bytes_is(buf_view(&b), "\"a\\\"b\\\\c\\u000a\\u0001/\xc3\xa9\""));
    CU_ASSERT_TRUE(is_json(buf_view(&b)));
    buf_fini(&b);
}

CU_TestInfo json_tests[] = {
    { "well_formed_texts_are_taken", well_formed_texts_are_taken },
    { "anything_else_is_refused", anything_else_is_refused },
    { "every_prefix_of_a_good_text_is_refused", every_prefix_of_a_good_text_is_refused },
    { "numbers_are_exact", numbers_are_exact },
    { "each_number_node_finds_its_own_token", each_number_node_finds_its_own_token },
    { "getters_tell_absent_null_and_mistyped_apart", getters_tell_absent_null_and_mistyped_apart },
    { "depth_and_number_length_are_bounded", depth_and_number_length_are_bounded },
    { "a_text_over_the_maximum_is_refused", a_text_over_the_maximum_is_refused },
    { "texts_are_written_escaped", texts_are_written_escaped },
    CU_TEST_INFO_NULL,
};
