/*
 * What surrounds a session, piece by piece: the token bucket, the mask and the files of the message
 * log, the keys of a schedule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "message_log.h"
#include "message_mask.h"
#include "suites.h"
#include "throttle.h"

/* ---- throttle ------------------------------------------------------------------------------ */

static unsigned take(struct throttle *t, const struct throttle_limit *limit, int64_t at_us,
                     unsigned n)
{
    unsigned passed = 0;

    while (n-- > 0) {
        passed += throttle_take(t, limit, at_us);
    }
    return passed;
}

static void throttle_off(void)
{
    struct throttle t = { .begun = false };

    CU_ASSERT_EQUAL(take(&t, &(struct throttle_limit){ 0, 0 }, 0, 100000), 100000);
    CU_ASSERT_EQUAL(t.strikes, 0);
}

static void throttle_bursts_then_keeps_the_rate(void)
{
    const struct throttle_limit limit = { .per_second = 100, .burst = 20 };
    struct throttle t = { .begun = false };
    int64_t at = 5 * US_PER_S;
    unsigned passed = 0;

    CU_ASSERT_EQUAL(take(&t, &limit, at, 50), 20);
    CU_ASSERT_EQUAL(t.strikes, 30);
    CU_ASSERT_EQUAL(take(&t, &limit, at + 9999, 1), 0);
    CU_ASSERT_EQUAL(take(&t, &limit, at + 10000, 2), 1);
    /* A thousand a second for ten seconds: a hundred a second pass, to the message. */
    at += 10000;
    for (int i = 0; i < 10000; i++) {
        at += 1000;
        passed += take(&t, &limit, at, 1);
    }
    CU_ASSERT_EQUAL(passed, 1000);
}

static void throttle_forgives_after_a_pause(void)
{
    const struct throttle_limit limit = { .per_second = 10, .burst = 0 };
    struct throttle t = { .begun = false };

    CU_ASSERT_EQUAL(take(&t, &limit, 0, 15), 10);
    CU_ASSERT_EQUAL(t.strikes, 5);
    CU_ASSERT_EQUAL(take(&t, &limit, 999999, 9), 9); /* not full yet */
    CU_ASSERT_EQUAL(t.strikes, 5);
    CU_ASSERT_EQUAL(take(&t, &limit, INT64_MAX / 2, 10), 10);
    CU_ASSERT_EQUAL(t.strikes, 0);
}

/* ---- mask ---------------------------------------------------------------------------------- */

/* '|' stands for SOH, in and out; framed by a head and a trailer. */
static void expect_mask(const char *in, const char *out)
{
    char raw[512], want[512];
    struct buf got;

    snprintf(raw, sizeof raw, "8=FIX.4.4|9=1|%s10=123|", in);
    snprintf(want, sizeof want, "8=FIX.4.4|9=1|%s10=123|", out);
    for (char *p = raw; *p != '\0'; p++) {
        *p = *p == '|' ? '\001' : *p;
    }
    buf_init(&got, 4096);
    message_mask(&got, bytes_of(raw), '|');
    CU_ASSERT_FALSE(got.failed);
    CU_ASSERT(bytes_is(buf_view(&got), want));
    if (!bytes_is(buf_view(&got), want)) {
        printf("\n  got  %.*s\n  want %s\n", (int)got.size, got.data, want);
    }
    buf_fini(&got);
}

static void mask_hides_secrets_only(void)
{
    expect_mask("35=D|11=a|55=X|", "35=D|11=a|55=X|");
    expect_mask("35=A|553=joe|554=hunter2|", "35=A|553=joe|554=***|");
    expect_mask("35=BE|554=old|925=new|", "35=BE|554=***|925=***|");
    expect_mask("35=A|554=|1554=a|55=4|", "35=A|554=***|1554=a|55=4|");
    expect_mask("35=A|0554=a|x554=b|58=554=c|", "35=A|0554=***|x554=***|58=554=c|");
}

static void mask_follows_the_length_of_raw_data(void)
{
    expect_mask("95=5|96=a|b=c|58=x|", "95=5|96=***|58=x|");
    expect_mask("95=3|96=abc|58=x|", "95=3|96=***|58=x|");
}

/* Where its end cannot be told, all the rest may be secret; the trailer goes with it. */
static void mask_hides_the_rest_when_the_length_lies(void)
{
    static const char *const lies[] = { "95=2|96=abc|554=x|", "96=abc|d|", "95=999|96=abc|",
                                        "95=18446744073709551615|96=a|", "95=|96=abc|" };

    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        char raw[256];
        struct buf got;
        struct bytes text;

        snprintf(raw, sizeof raw, "8=FIX.4.4|9=1|%s10=123|", lies[i]);
        for (char *p = raw; *p != '\0'; p++) {
            *p = *p == '|' ? '\001' : *p;
        }
        buf_init(&got, 4096);
        message_mask(&got, bytes_of(raw), '|');
        text = buf_view(&got);
        CU_ASSERT(text.size > 6 && memcmp(text.data + text.size - 6, "96=***", 6) == 0);
        CU_ASSERT_PTR_NULL(memmem(text.data, text.size, "abc", 3));
        buf_fini(&got);
    }
}

static void mask_escapes_and_counts(void)
{
    static const char *const junk[] = { "", "8=FIX", "554=secret\001",
                                        "8=FIX.4.4\0019=5\001554=secret\001",
                                        "FIX.4.4\0019=5\001554=secret\00110=000\001" };

    expect_mask("58=a\nb\tc|", "58=a\\x0ab\\x09c|");
    for (size_t i = 0; i < ARRAY_LEN(junk); i++) {
        struct buf got;
        char want[64];

        buf_init(&got, 4096);
        message_mask(&got, bytes_of(junk[i]), '|');
        snprintf(want, sizeof want, "(%zu bytes that are no message)", strlen(junk[i]));
        CU_ASSERT(bytes_is(buf_view(&got), want));
        buf_fini(&got);
    }
}

/* ---- the files ----------------------------------------------------------------------------- */

static char directory[64];

int session_ops_setup(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test_session_ops.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static const char *file(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *p = path[next++ % 4];

    (void)snprintf(p, 128, "%s/%s", directory, name);
    return p;
}

int session_ops_teardown(void)
{
    static const char *const names[] = {
        "m.log", "m.log.1", "m.log.2", "m.log.3", "c.conf", "d.xml"
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)unlink(file(names[i]));
    }
    return rmdir(directory);
}

static void clean_logs(void)
{
    (void)unlink(file("m.log"));
    (void)unlink(file("m.log.1"));
    (void)unlink(file("m.log.2"));
    (void)unlink(file("m.log.3"));
}

static long size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

#define MESSAGE BYTES("8=FIX.4.4\0019=5\00135=0\00110=000\001")
#define LINE "20260101-00:00:00.000000 A in  8=FIX.4.4|9=5|35=0|10=000|\n"
#define AT_US INT64_C(1767225600000000)

static void log_writes_one_line_a_message(void)
{
    struct message_logs *set = message_logs_new(&(struct message_log_options){
        .file = { .size_max = 1 << 20, .keep = 2 }, .separator = '|' });
    struct message_log *log = message_log_of(set, bytes_of(file("m.log")));
    char text[256] = "";
    FILE *f;

    clean_logs();
    CU_ASSERT_PTR_EQUAL(message_log_of(set, bytes_of(file("m.log"))), log);
    message_log_write(log, BYTES("A"), true, MESSAGE, AT_US);
    CU_ASSERT_EQUAL(size_of(file("m.log")), -1); /* gathered */
    message_logs_flush(set, AT_US);
    message_log_write(log, BYTES("A"), true, MESSAGE, AT_US);
    message_logs_free(set); /* writes what is left */
    f = fopen(file("m.log"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fread(text, 1, sizeof text - 1, f), 2 * strlen(LINE));
    fclose(f);
    CU_ASSERT_STRING_EQUAL(text, LINE LINE);
}

static void log_rotates_by_size_and_keeps_a_number(void)
{
    struct message_logs *set = message_logs_new(&(struct message_log_options){
        .file = { .size_max = 3 * sizeof LINE, .keep = 2 }, .separator = '|' });
    struct message_log *log = message_log_of(set, bytes_of(file("m.log")));

    clean_logs();
    for (int i = 0; i < 10; i++) { /* three fit in a file */
        message_log_write(log, BYTES("A"), true, MESSAGE, AT_US);
        message_logs_flush(set, AT_US);
    }
    CU_ASSERT_EQUAL(size_of(file("m.log")), (long)strlen(LINE));
    CU_ASSERT_EQUAL(size_of(file("m.log.1")), 3 * (long)strlen(LINE));
    CU_ASSERT_EQUAL(size_of(file("m.log.2")), 3 * (long)strlen(LINE));
    CU_ASSERT_EQUAL(size_of(file("m.log.3")), -1);
    message_logs_free(set);
}

static void log_rotates_by_age_also_of_an_earlier_run(void)
{
    const struct message_log_options options = {
        .file = { .size_max = 1 << 20, .age_max_us = 60 * US_PER_S, .keep = 1 }, .separator = '|'
    };
    struct message_logs *set = message_logs_new(&options);

    clean_logs();
    message_log_write(message_log_of(set, bytes_of(file("m.log"))), BYTES("A"), true, MESSAGE,
                      AT_US);
    message_logs_flush(set, AT_US);
    message_logs_free(set);
    for (int i = 0; i < 2; i++) { /* 59 seconds later in the same file, 60 in a new one */
        int64_t at = AT_US + (59 + i) * US_PER_S;

        set = message_logs_new(&options);
        message_log_write(message_log_of(set, bytes_of(file("m.log"))), BYTES("A"), true, MESSAGE,
                          at);
        message_logs_flush(set, at);
        CU_ASSERT_EQUAL(size_of(file("m.log.1")), i == 0 ? -1 : 2 * (long)strlen(LINE));
        message_logs_free(set);
    }
    CU_ASSERT_EQUAL(size_of(file("m.log")), (long)strlen(LINE));
}

static void log_goes_on_after_a_failure(void)
{
    struct message_logs *set = message_logs_new(&(struct message_log_options){
        .file = { .size_max = 1 << 20, .keep = 0 }, .separator = '|' });
    struct message_log *log = message_log_of(set, bytes_of(file("m.log")));

    clean_logs();
    CU_ASSERT_EQUAL(mkdir(file("m.log"), 0700), 0); /* in the file's way */
    message_log_write(log, BYTES("A"), true, MESSAGE, AT_US);
    message_logs_flush(set, AT_US);
    CU_ASSERT_EQUAL(rmdir(file("m.log")), 0);
    message_log_write(log, BYTES("A"), true, MESSAGE, AT_US + US_PER_S); /* too early to try */
    message_logs_flush(set, AT_US + US_PER_S);
    CU_ASSERT_EQUAL(size_of(file("m.log")), -1);
    message_log_write(log, BYTES("A"), true, MESSAGE, AT_US + 11 * US_PER_S);
    message_logs_flush(set, AT_US + 11 * US_PER_S);
    CU_ASSERT_EQUAL(size_of(file("m.log")), (long)strlen(LINE));
    message_logs_free(set);
}

/* ---- keys of a schedule -------------------------------------------------------------------- */

/* NULL when there was a mistake; its text then holds `mistake`. */
static struct config *load(const char *keys, const char *mistake)
{
    struct config_mistakes *m = config_mistakes_new(file("c.conf"));
    FILE *f = fopen(file("c.conf"), "w");
    struct config *c;

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fprintf(
        f,
        "[fixbridge]\njournal_dir = j\ndictionary = d.xml\n[account kf]\nvenue = kraken-futures\n"
        "url = https://futures.kraken.com\nkey = k\nsecret = s\n[session A]\nsender_comp_id = B\n"
        "target_comp_id = C\naccounts = kf\nauth = none\n%s",
        keys);
    fclose(f);
    f = fopen(file("d.xml"), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fclose(f);
    CU_ASSERT_EQUAL(chmod(file("c.conf"), 0600), 0);
    c = config_load(file("c.conf"), m);
    CU_ASSERT_EQUAL(c == NULL, mistake != NULL);
    CU_ASSERT(mistake == NULL || (m->count > 0 && strstr(m->item[0].text, mistake) != NULL));
    if (m->count > 0 && (mistake == NULL || strstr(m->item[0].text, mistake) == NULL)) {
        printf("\n  %s\n", m->item[0].text);
    }
    config_mistakes_free(m);
    return c;
}

static void hours_default_to_always(void)
{
    struct config *c = load("", NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_TRUE(c->session[0]->schedule.always);
    CU_ASSERT_EQUAL(c->session[0]->messages_per_second, 0);
    config_free(c);
    c = load("non_stop_session = yes\n", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_TRUE(c->session[0]->schedule.always);
    config_free(c);
}

static void hours_of_all_forms(void)
{
    struct config *c =
        load("start_time = 17:00:00\nend_time = 16:30\nstart_day = su\nend_day = Friday\n"
             "time_zone = America/New_York\n",
             NULL);
    const struct fix_schedule *s;

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    s = &c->session[0]->schedule;
    CU_ASSERT(!s->always && s->start_s == 61200 && s->end_s == 59400 && s->start_day == 0 &&
              s->end_day == 5);
    CU_ASSERT_EQUAL(fix_zone_offset(s->zone, 1767225600), -18000);
    config_free(c);
    c = load("start_time = 08:00:00\nend_time = 17:00:00\nweekdays = mo, tu,We\n", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    s = &c->session[0]->schedule;
    CU_ASSERT(s->weekdays == 0x0e && s->start_day == FIX_NO_DAY && s->zone == NULL);
    config_free(c);
}

static void hours_mistakes_are_told(void)
{
    static const struct {
        const char *keys, *mistake;
    } rows[] = {
        { "start_time = 08:00:00\n", "end_time: missing" },
        { "end_time = 08:00:00\n", "start_time: missing" },
        { "start_time = 8\nend_time = 09:00\n", "start_time: expected HH:MM:SS, got \"8\"" },
        { "start_time = 08:00\nend_time = 24:00\n", "end_time: expected HH:MM:SS" },
        { "start_time = 08:00\nend_time = 09:00\nstart_day = mo\n", "end_day: missing" },
        { "start_time = 08:00\nend_time = 09:00\nend_day = mo\n", "start_day: missing" },
        { "start_time = 08:00\nend_time = 09:00\nstart_day = xx\nend_day = mo\n",
          "start_day: expected a day" },
        { "start_time = 08:00\nend_time = 09:00\nweekdays = mo,yy\n", "weekdays: expected days" },
        { "start_time = 08:00\nend_time = 09:00\nstart_day = mo\nend_day = tu\nweekdays = mo\n",
          "weekdays: expected either" },
        { "start_time = 08:00\nend_time = 09:00\ntime_zone = Mars/Base\n",
          "time_zone: expected a time zone" },
        { "start_time = 08:00\nend_time = 09:00\ntime_zone = ../../etc/passwd\n", "not a name" },
        { "start_time = 08:00\nend_time = 09:00\ntime_zone = tzdata.zi\n", "time_zone" },
        { "time_zone = Asia/Tokyo\n", "expected start_time and end_time with it" },
        { "non_stop_session = yes\nstart_time = 08:00\nend_time = 09:00\n",
          "expected nothing with" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        config_free(load(rows[i].keys, rows[i].mistake));
    }
}

CU_TestInfo session_ops_tests[] = {
    { "test_throttle_off", throttle_off },
    { "test_throttle_bursts_then_keeps_the_rate", throttle_bursts_then_keeps_the_rate },
    { "test_throttle_forgives_after_a_pause", throttle_forgives_after_a_pause },
    { "test_mask_hides_secrets_only", mask_hides_secrets_only },
    { "test_mask_follows_the_length_of_raw_data", mask_follows_the_length_of_raw_data },
    { "test_mask_hides_the_rest_when_the_length_lies", mask_hides_the_rest_when_the_length_lies },
    { "test_mask_escapes_and_counts", mask_escapes_and_counts },
    { "test_message_log_writes_one_line_a_message", log_writes_one_line_a_message },
    { "test_message_log_rotates_by_size", log_rotates_by_size_and_keeps_a_number },
    { "test_message_log_rotates_by_age", log_rotates_by_age_also_of_an_earlier_run },
    { "test_message_log_goes_on_after_a_failure", log_goes_on_after_a_failure },
    { "test_hours_default_to_always", hours_default_to_always },
    { "test_hours_of_all_forms", hours_of_all_forms },
    { "test_hours_mistakes_are_told", hours_mistakes_are_told },
    CU_TEST_INFO_NULL,
};
