/*
 * log: one line one event, values that cannot forge a line, JSON that stays JSON.
 */
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "timestamp.h"

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

/* ---- a file -------------------------------------------------------------------------------- */

static char directory[64];

static const char *in_directory(const char *name, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", directory, name);
    return out;
}

static size_t size_of(const char *name)
{
    char path[128];
    struct stat st;

    return stat(in_directory(name, path), &st) == 0 ? (size_t)st.st_size : SIZE_MAX;
}

#define LINE_BYTES ((struct bytes){ "2025-03-04T10:00:00.123456Z x\n", 30 })
#define AT_US (INT64_C(1741082400) * US_PER_S)

static int64_t begun(struct bytes head)
{
    int64_t at_us;

    return head.size >= 27 && timestamp_parse_iso((struct bytes){ head.data, 27 }, &at_us) ? at_us
                                                                                           : -1;
}

static void a_file_rotates_by_size_and_age(void)
{
    const struct rotating_options options = { .size_max = 70,
                                              .age_max_us = 60 * US_PER_S,
                                              .keep = 2 };
    struct rotating_file *f;
    char path[128];
    const char *what;

    memcpy(directory, "/tmp/fixbridge-log-XXXXXX", 26);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    f = rotating_file_new(bytes_of(in_directory("a", path)), &options, begun);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(rotating_file_write(f, LINE_BYTES, AT_US, &what));
    }
    CU_ASSERT_EQUAL(size_of("a"), 30); /* the third would have passed 70 */
    CU_ASSERT_EQUAL(size_of("a.1"), 60);
    rotating_file_free(f);

    /* A new run goes on with the file, and knows from its first line how old it is. */
    f = rotating_file_new(bytes_of(in_directory("a", path)), &options, begun);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_TRUE(rotating_file_write(f, LINE_BYTES, AT_US + 59 * US_PER_S, &what));
    CU_ASSERT_EQUAL(size_of("a"), 60);
    rotating_file_free(f);
    f = rotating_file_new(bytes_of(in_directory("a", path)), &options, begun);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_TRUE(
        rotating_file_write(f, (struct bytes){ "x\n", 2 }, AT_US + 61 * US_PER_S, &what));
    CU_ASSERT_EQUAL(size_of("a"), 2);
    CU_ASSERT_EQUAL(size_of("a.1"), 60);
    CU_ASSERT_EQUAL(size_of("a.2"), 60);
    CU_ASSERT_EQUAL(size_of("a.3"), SIZE_MAX);
    rotating_file_free(f);
    for (int i = 0; i < 3; i++) {
        static const char *const name[] = { "a", "a.1", "a.2" };

        (void)unlink(in_directory(name[i], path));
    }
}

/* A directory in the way of the file: told by the operation and errno, and healed by itself. */
static void a_file_that_cannot_be_written_is_told(void)
{
    const struct rotating_options options = { .size_max = 1000, .keep = 1 };
    struct rotating_file *f;
    char path[128];
    const char *what = "";

    in_directory("b", path);
    CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
    f = rotating_file_new(bytes_of(path), &options, begun);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_FALSE(rotating_file_write(f, LINE_BYTES, AT_US, &what));
    CU_ASSERT_STRING_EQUAL(what, "open");
    CU_ASSERT_EQUAL(errno, EISDIR);
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_TRUE(rotating_file_write(f, LINE_BYTES, AT_US, &what));
    CU_ASSERT_EQUAL(size_of("b"), 30);
    rotating_file_free(f);
    (void)unlink(path);
    CU_ASSERT_EQUAL(rmdir(directory), 0);
}

CU_TestInfo log_tests[] = {
    { "a file rotates by size and age", a_file_rotates_by_size_and_age },
    { "a file that cannot be written is told", a_file_that_cannot_be_written_is_told },
    { "a text line", text_line },
    { "values are quoted when needed", values_are_quoted_when_needed },
    { "a value cannot forge a line", a_value_cannot_forge_a_line },
    { "a JSON line", json_line },
    { "levels filter", levels_filter },
    CU_TEST_INFO_NULL,
};
