/*
 * timestamp: arithmetic against the C library's calendar, forms against FIX 4.4 vol. 1.
 */
#include <time.h>

#include "guard.h"
#include "suites.h"
#include "timestamp.h"

static void good_texts_are_read(void)
{
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {
        { "19700101-00:00:00", 0 },
        { "20261120-10:00:00.123", INT64_C(1795168800123000) },
        { "20261120-10:00:00.123456", INT64_C(1795168800123456) },
        { "20261120-10:00:00.123456789", INT64_C(1795168800123456) },
        { "20261120-10:00:00.1", INT64_C(1795168800100000) },
        { "20261120-10:00:00.1234567", INT64_C(1795168800123456) },
        { "20261120-10:00:00.99999999", INT64_C(1795168800999999) },
        { "19691231-23:59:59.999999", -1 },
        { "20240229-00:00:00", INT64_C(1709164800000000) },
        { "20000229-00:00:00", INT64_C(951782400000000) },
        { "20161231-23:59:60", INT64_C(1483228800000000) },
        { "00010101-00:00:00", INT64_C(-62135596800000000) },
        { "99991231-23:59:59", INT64_C(253402300799000000) },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = -7;

        CU_ASSERT_TRUE(timestamp_parse(bytes_of(rows[i].text), &us));
        CU_ASSERT_TRUE(timestamp_is_one(bytes_of(rows[i].text)));
        CU_ASSERT_EQUAL(us, rows[i].us);
    }
}

static void bad_texts_are_refused(void)
{
    static const char *const rows[] = {
        "",
        "20261120",
        "20261120-10:00",
        "20261120-10:00:0",
        "20261120 10:00:00",
        "20261320-10:00:00",
        "20260020-10:00:00",
        "20261100-10:00:00",
        "20261131-10:00:00",
        "20260229-10:00:00",
        "20240230-10:00:00",
        "20260431-10:00:00",
        "19000229-10:00:00",
        "20261120-24:00:00",
        "20261120-10:60:00",
        "20261120-10:00:61",
        "20261120-10:00:00.",
        "20261120-10:00:00.1234567890",
        "20261120-10:00:00.12a",
        "20261120-10:00:00Z",
        "2026112a-10:00:00",
        "20261120-1 :00:00",
        "00000101-00:00:00",
        "20261120-10-00-00",
        "20261120-10:00:00,123",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us;

        CU_ASSERT_FALSE(timestamp_parse(bytes_of(rows[i]), &us));
        CU_ASSERT_FALSE(timestamp_is_one(bytes_of(rows[i])));
    }
}

static void digits_are_as_asked(void)
{
    static const struct {
        unsigned digits;
        const char *text;
    } rows[] = {
        { 0, "20261120-10:00:00" },
        { 3, "20261120-10:00:00.123" },
        { 6, "20261120-10:00:00.123456" },
        { 9, "20261120-10:00:00.123456000" },
    };
    char text[TIMESTAMP_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(timestamp_print(INT64_C(1795168800123456), rows[i].digits, text),
                        strlen(rows[i].text));
        CU_ASSERT_STRING_EQUAL(text, rows[i].text);
    }
}

static void every_day_agrees_with_the_c_library(void)
{
    for (int64_t day = -719162; day <= 2932896; day += 13) {
        time_t seconds = (time_t)(day * 86400 + 45296);
        struct tm tm;
        char expected[32], text[TIMESTAMP_TEXT_MAX];
        int64_t back = 0;
        size_t size = timestamp_print((int64_t)seconds * US_PER_S + 7, 6, text);

        CU_ASSERT_PTR_NOT_NULL_FATAL(gmtime_r(&seconds, &tm));
        (void)snprintf(expected, sizeof expected, "%04d%02d%02d-12:34:56.000007",
                       (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100);
        CU_ASSERT_STRING_EQUAL_FATAL(text, expected);
        CU_ASSERT_TRUE_FATAL(timestamp_parse((struct bytes){ text, size }, &back));
        CU_ASSERT_EQUAL_FATAL(back, (int64_t)seconds * US_PER_S + 7);
    }
}

static void times_without_a_text_are_shown_as_the_nearest(void)
{
    char text[TIMESTAMP_TEXT_MAX];

    timestamp_print(INT64_MAX, 6, text);
    CU_ASSERT_STRING_EQUAL(text, "99991231-23:59:59.999999");
    timestamp_print(INT64_MIN, 6, text);
    CU_ASSERT_STRING_EQUAL(text, "00010101-00:00:00.000000");
}

static void iso_texts_are_read_and_written(void)
{
    static const char *const good[] = { "2026-11-20T10:00:00.123456Z",
                                        "2026-11-20T10:00:00.123456+00:00",
                                        "2026-11-20T10:00:00.123456789Z" };
    static const char *const bad[] = {
        "",
        "Z",
        "2026-11-20T10:00:00",
        "2026-11-20 10:00:00Z",
        "2026-11-20T10:00:00+01:00",
        "2026-11-20T10:00:00.Z",
        "2026-11-31T10:00:00Z",
        "2026/11/20T10:00:00Z",
        "+00:00",
        "2026-11-20T10:00:00ZZ",
        "20261120T10:00:00.00Z",
    };
    char text[TIMESTAMP_TEXT_MAX];
    int64_t us;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        CU_ASSERT_TRUE(timestamp_parse_iso(bytes_of(good[i]), &us));
        CU_ASSERT_EQUAL(us, INT64_C(1795168800123456));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(timestamp_parse_iso(bytes_of(bad[i]), &us));
    }
    CU_ASSERT_EQUAL(timestamp_print_iso(INT64_C(1795168800123456), 3, text), 24);
    CU_ASSERT_STRING_EQUAL(text, "2026-11-20T10:00:00.123Z");
}

static void prefixes_are_refused_without_reading_on(void)
{
    struct bytes fix = BYTES("20261120-10:00:00.123456");
    struct bytes iso = BYTES("2026-11-20T10:00:00.123456Z");
    struct guard g = guard_new(64);

    for (size_t size = 0; size < fix.size; size++) {
        int64_t us;

        CU_ASSERT_EQUAL(timestamp_parse(guard_put(&g, (struct bytes){ fix.data, size }), &us),
                        size == 17 || size > 18);
    }
    for (size_t size = 0; size < iso.size; size++) {
        int64_t us;

        CU_ASSERT_FALSE(timestamp_parse_iso(guard_put(&g, (struct bytes){ iso.data, size }), &us));
    }
    guard_free(&g);
}

CU_TestInfo timestamp_tests[] = {
    { "good texts are read", good_texts_are_read },
    { "bad texts are refused", bad_texts_are_refused },
    { "digits are as asked", digits_are_as_asked },
    { "every day agrees with the C library", every_day_agrees_with_the_c_library },
    { "times without a text are shown as the nearest",
      times_without_a_text_are_shown_as_the_nearest },
    { "ISO texts are read and written", iso_texts_are_read_and_written },
    { "prefixes are refused without reading on", prefixes_are_refused_without_reading_on },
    CU_TEST_INFO_NULL,
};
