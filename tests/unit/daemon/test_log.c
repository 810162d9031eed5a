/*
 * log: one line one event, values that cannot forge a line, JSON that stays JSON.
 */
#include "log.h"

#include <stdio.h>

#include "suites.h"

#define WALL INT64_C(1741082400123456) /* 2025-03-04T10:00:00.123456Z */

static void check_line(enum log_format format, const struct log_field *field, const char *expected)
{
    struct buf out;

    buf_init(&out, 4096);
    log_line(&out, format, WALL, LOG_INFO, "order.state", field);
    buf_char(&out, '\0');
    CU_ASSERT_FALSE_FATAL(out.failed);
    CU_ASSERT_STRING_EQUAL(out.data, expected);
    buf_fini(&out);
}

static void text_line(void)
{
    const struct log_field field[] = {
        LOG_U("id", 812), LOG_T("from", "sent"), LOG_I("left", -3), { .kind = LOG_FIELD_END }
    };

    check_line(LOG_TEXT, field,
               "2025-03-04T10:00:00.123456Z info order.state id=812 from=sent left=-3\n");
}

static void values_are_quoted_when_needed(void)
{
    const struct log_field field[] = { LOG_T("a", "two words"),
                                       LOG_T("b", ""),
                                       LOG_T("c", "x=y"),
                                       LOG_T("d", "say \"hi\" \\"),
                                       { .kind = LOG_FIELD_END } };

    check_line(LOG_TEXT, field,
               "2025-03-04T10:00:00.123456Z info order.state a=\"two words\" b=\"\" c=\"x=y\" "
               "d=\"say \\\"hi\\\" \\\\\"\n");
}

static void a_value_cannot_forge_a_line(void)
{
    const struct log_field field[] = { LOG_B("a", BYTES("x\n2025 error\001\xff\r\t")),
                                       { .kind = LOG_FIELD_END } };

    check_line(
        LOG_TEXT, field,
        "2025-03-04T10:00:00.123456Z info order.state a=\"x\\n2025 error\\x01\\xff\\r\\t\"\n");
}

static void json_line(void)
{
    const struct log_field field[] = { LOG_U("id", 812),
                                       LOG_B("t", BYTES("a\"b\001\xff\n")),
                                       LOG_I("n", -1),
                                       { .kind = LOG_FIELD_END } };

    check_line(LOG_JSON, field,
               "{\"ts\":\"2025-03-04T10:00:00.123456Z\",\"level\":\"info\",\"event\":\"order."
               "state\",\"id\":812,"
               "\"t\":\"a\\\"b\\u0001\\u00ff\\n\",\"n\":-1}\n");
}

static void levels_filter(void)
{
    log_setup(LOG_WARN, LOG_TEXT);
    CU_ASSERT_FALSE(log_enabled(LOG_DEBUG));
    CU_ASSERT_FALSE(log_enabled(LOG_INFO));
    CU_ASSERT_TRUE(log_enabled(LOG_WARN));
    CU_ASSERT_TRUE(log_enabled(LOG_ERROR));
    log_setup(LOG_INFO, LOG_TEXT);
    CU_ASSERT_TRUE(log_enabled(LOG_INFO));
}

CU_TestInfo log_tests[] = {
    { "a text line", text_line },
    { "values are quoted when needed", values_are_quoted_when_needed },
    { "a value cannot forge a line", a_value_cannot_forge_a_line },
    { "a JSON line", json_line },
    { "levels filter", levels_filter },
    CU_TEST_INFO_NULL,
};
