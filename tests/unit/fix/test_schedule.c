/*
 * Time zones and schedules: offsets against the C library's own reading of the same files, windows
 * against QuickFIX's rules, with both changes of the clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fix_schedule.h"
#include "guard.h"
#include "suites.h"
#include "timestamp.h"

#define ZONEINFO "/usr/share/zoneinfo/"

static struct fix_zone *load(const char *name)
{
    char path[128], data[8192];
    const char *error = NULL;
    struct fix_zone *z;
    size_t size;
    FILE *f;

    snprintf(path, sizeof path, ZONEINFO "%s", name);
    f = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    size = fread(data, 1, sizeof data, f);
    fclose(f);
    z = fix_zone_new((struct bytes){ data, size }, &error);
    CU_ASSERT_PTR_NULL(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(z);
    return z;
}

static int64_t utc(const char *text)
{
    int64_t us = 0;
    bool good = timestamp_parse(bytes_of(text), &us);

    CU_ASSERT_TRUE_FATAL(good);
    return us;
}

/* ---- zones --------------------------------------------------------------------------------- */

static void offsets_are_those_of_the_c_library(void)
{
    static const char *const names[] = {
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "UTC",
        "Asia/Tokyo",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "Asia/Gaza",
        "Pacific/Chatham",
        "America/St_Johns",
        "America/Santiago",
        "Asia/Tehran",
        "Antarctica/Troll",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct fix_zone *z = load(names[i]);
        int wrong = 0;

        setenv("TZ", names[i], 1);
        tzset();
        /* 1972 to 2200: within the table, at its end, and long after it. */
        for (int64_t t = 63072000; t < INT64_C(7258118400); t += 3 * 3600 + 599) {
            time_t seconds = (time_t)t;
            struct tm tm;

            localtime_r(&seconds, &tm);
            wrong += tm.tm_gmtoff != fix_zone_offset(z, t);
        }
        if (wrong != 0) {
            printf("\n  %s: %d\n", names[i], wrong);
        }
        CU_ASSERT_EQUAL(wrong, 0);
        fix_zone_free(z);
    }
    unsetenv("TZ");
    tzset();
}

static void changes_of_the_clock_are_right_to_the_second(void)
{
    struct fix_zone *york = load("America/New_York"), *london = load("Europe/London");
    static const struct {
        const char *at;
        bool in_york;
        int32_t before, after;
    } rows[] = {
        { "20260308-07:00:00", true, -18000, -14400 },
        { "20261101-06:00:00", true, -14400, -18000 },
        { "20260329-01:00:00", false, 0, 3600 },
        { "20261025-01:00:00", false, 3600, 0 },
        { "20560312-07:00:00", true, -18000, -14400 },
        { "20561029-01:00:00", false, 3600, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct fix_zone *z = rows[i].in_york ? york : london;
        int64_t s = utc(rows[i].at) / US_PER_S;

        CU_ASSERT_EQUAL(fix_zone_offset(z, s - 1), rows[i].before);
        CU_ASSERT_EQUAL(fix_zone_offset(z, s), rows[i].after);
    }
    fix_zone_free(york);
    fix_zone_free(london);
}

static void local_times_skipped_or_shown_twice(void)
{
    struct fix_zone *z = load("America/New_York");
    static const struct {
        const char *local, *utc;
    } rows[] = {
        { "20260308-01:59:59", "20260308-06:59:59" },
        { "20260308-02:00:00", "20260308-07:00:00" },
        { "20260308-02:30:00", "20260308-07:00:00" }, /* skipped: the moment of the jump */
        { "20260308-03:00:00", "20260308-07:00:00" },
        { "20260308-03:00:01", "20260308-07:00:01" },
        { "20261101-00:59:59", "20261101-04:59:59" },
        { "20261101-01:30:00", "20261101-05:30:00" }, /* shown twice: the first */
        { "20261101-02:00:00", "20261101-07:00:00" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(fix_zone_to_utc(z, utc(rows[i].local) / US_PER_S),
                        utc(rows[i].utc) / US_PER_S);
    }
    CU_ASSERT_EQUAL(fix_zone_to_utc(NULL, 12345), 12345);
    fix_zone_free(z);
}

/* A file of version 2 without transitions: only the footer counts. */
static size_t make_file(char *out, const char *rule)
{
    static const char head[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\1\0\0\0\4"; /* one type, four characters */
    static const char type[] = "\0\0\0\0\0\0UTC";          /* and their NUL */
    size_t size = 0;

    for (int block = 0; block < 2; block++) {
        memcpy(out + size, head, 44);
        memcpy(out + size + 44, type, 10);
        size += 54;
    }
    return size + (size_t)snprintf(out + size, 128, "\n%s\n", rule);
}

static void rules_of_all_forms(void)
{
    static const struct {
        const char *rule, *at;
        int32_t offset;
    } rows[] = {
        { "EST5EDT,M3.2.0,M11.1.0", "20260701-00:00:00", -14400 },
        { "<+0330>-3:30", "20260701-00:00:00", 12600 },
        { "AAA-1BBB,J60/0,J300/0", "20240229-22:59:59", 3600 }, /* J60 is March 1st, always */
        { "AAA-1BBB,J60/0,J300/0", "20240229-23:00:00", 7200 },
        { "AAA-1BBB,59/0,300/0", "20240228-23:00:00", 7200 }, /* 59 is February 29th */
        { "AAA0BBB-2:15:30,M10.5.6/26,M3.1.0", "20260101-00:00:00", 8130 }, /* southern */
        { "AAA0BBB,M10.5.6/26,M3.1.0/-1", "20260701-00:00:00", 0 },
        { "", "20260701-00:00:00", 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char file[256];
        const char *error = NULL;
        size_t size = make_file(file, rows[i].rule);
        struct fix_zone *z = fix_zone_new((struct bytes){ file, size }, &error);

        CU_ASSERT_PTR_NOT_NULL_FATAL(z);
        CU_ASSERT_EQUAL(fix_zone_offset(z, utc(rows[i].at) / US_PER_S), rows[i].offset);
        fix_zone_free(z);
    }
}

static void malformed_rules_are_refused(void)
{
    static const char *const rows[] = {
        "E5",
        "EST",
        "EST25",
        "EST5EDT",
        "EST5EDT,",
        "EST5EDT,M3.2.0",
        "EST5EDT,M13.1.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "<EST5",
        "EST5EDT,J0,J3",
        "EST5EDT,366,3",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0,M11.1.0x",
        "EST5:60",
        "EST5 ",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char file[256];
        const char *error = NULL;
        size_t size = make_file(file, rows[i]);

        CU_ASSERT_PTR_NULL(fix_zone_new((struct bytes){ file, size }, &error));
        CU_ASSERT_PTR_NOT_NULL(error);
    }
}

/* Truncated at every byte and with each byte changed: refused, or read without harm. */
static void damaged_files_do_no_harm(void)
{
    char data[4096];
    size_t size;
    struct guard g;
    FILE *f = fopen(ZONEINFO "Europe/London", "rb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    size = fread(data, 1, sizeof data, f);
    fclose(f);
    CU_ASSERT_FATAL(size < sizeof data);
    g = guard_new(size);
    for (size_t cut = 0; cut < size; cut++) {
        const char *error = NULL;

        CU_ASSERT_PTR_NULL(fix_zone_new(guard_put(&g, (struct bytes){ data, cut }), &error));
        CU_ASSERT_PTR_NOT_NULL(error);
    }
    for (size_t i = 0; i < size; i++) {
        const char *error = NULL;
        struct fix_zone *z;

        data[i] = (char)~data[i];
        z = fix_zone_new(guard_put(&g, (struct bytes){ data, size }), &error);
        CU_ASSERT_EQUAL(z == NULL, error != NULL);
        (void)fix_zone_to_utc(z, 1793268000);
        fix_zone_free(z);
        data[i] = (char)~data[i];
    }
    guard_free(&g);
}

/* ---- schedules ----------------------------------------------------------------------------- */

static struct fix_schedule daily(const char *start, const char *end, const struct fix_zone *zone)
{
    struct fix_schedule s = {
        .start_day = FIX_NO_DAY, .end_day = FIX_NO_DAY, .weekdays = FIX_EVERY_DAY, .zone = zone
    };
    bool good = fix_schedule_time(bytes_of(start), &s.start_s) &&
                fix_schedule_time(bytes_of(end), &s.end_s);

    CU_ASSERT_TRUE_FATAL(good);
    return s;
}

static struct fix_schedule weekly(const char *start_day, const char *start, const char *end_day,
                                  const char *end, const struct fix_zone *zone)
{
    struct fix_schedule s = daily(start, end, zone);
    bool good = fix_schedule_day(bytes_of(start_day), &s.start_day) &&
                fix_schedule_day(bytes_of(end_day), &s.end_day);

    CU_ASSERT_TRUE_FATAL(good);
    return s;
}

static void expect_window(const struct fix_schedule *s, const char *at, const char *open,
                          const char *close)
{
    struct fix_window w = fix_schedule_window(s, utc(at));

    CU_ASSERT_EQUAL(w.open_us, utc(open));
    CU_ASSERT_EQUAL(w.close_us, utc(close));
    if (w.open_us != utc(open) || w.close_us != utc(close)) {
        char a[TIMESTAMP_TEXT_MAX], b[TIMESTAMP_TEXT_MAX];

        timestamp_print(w.open_us, 0, a);
        timestamp_print(w.close_us, 0, b);
        printf("\n  at %s: %s to %s, expected %s to %s\n", at, a, b, open, close);
    }
}

static void always_has_no_boundary(void)
{
    const struct fix_schedule s = { .always = true };

    CU_ASSERT_TRUE(fix_schedule_is_open(&s, 0));
    CU_ASSERT_TRUE(fix_schedule_is_same(&s, utc("20200101-00:00:00"), utc("20300101-00:00:00")));
    CU_ASSERT_EQUAL(fix_schedule_next_change(&s, 0), NEVER_US);
}

static void a_day_session(void)
{
    struct fix_schedule s = daily("08:00:00", "17:30:00", NULL);

    expect_window(&s, "20261121-07:59:59", "20261121-08:00:00", "20261121-17:30:00");
    CU_ASSERT_FALSE(fix_schedule_is_open(&s, utc("20261121-07:59:59.999999")));
    CU_ASSERT_TRUE(fix_schedule_is_open(&s, utc("20261121-08:00:00")));
    CU_ASSERT_TRUE(fix_schedule_is_open(&s, utc("20261121-17:29:59.999999")));
    CU_ASSERT_FALSE(fix_schedule_is_open(&s, utc("20261121-17:30:00")));
    CU_ASSERT_EQUAL(fix_schedule_next_change(&s, utc("20261121-07:00:00")),
                    utc("20261121-08:00:00"));
    CU_ASSERT_EQUAL(fix_schedule_next_change(&s, utc("20261121-08:00:00")),
                    utc("20261121-17:30:00"));
    CU_ASSERT_EQUAL(fix_schedule_next_change(&s, utc("20261121-17:30:00")),
                    utc("20261122-08:00:00"));
    CU_ASSERT_TRUE(fix_schedule_is_same(&s, utc("20261121-08:00:00"), utc("20261121-17:29:59")));
    CU_ASSERT_FALSE(fix_schedule_is_same(&s, utc("20261121-17:29:59"), utc("20261121-17:30:00")));
    /* What happens while it is closed counts as the next one's. */
    CU_ASSERT_TRUE(fix_schedule_is_same(&s, utc("20261121-17:30:00"), utc("20261122-08:00:00")));
    CU_ASSERT_FALSE(fix_schedule_is_same(&s, utc("20261121-12:00:00"), utc("20261122-12:00:00")));
}

static void a_session_over_midnight(void)
{
    struct fix_schedule s = daily("18:00", "16:00", NULL);

    expect_window(&s, "20261121-00:30:00", "20261120-18:00:00", "20261121-16:00:00");
    expect_window(&s, "20261121-23:59:59", "20261121-18:00:00", "20261122-16:00:00");
    CU_ASSERT_TRUE(fix_schedule_is_open(&s, utc("20261121-00:00:00")));
    CU_ASSERT_FALSE(fix_schedule_is_open(&s, utc("20261121-17:00:00")));
    CU_ASSERT_TRUE(fix_schedule_is_same(&s, utc("20261120-23:00:00"), utc("20261121-01:00:00")));
}

static void start_is_end_is_a_whole_day(void)
{
    struct fix_schedule s = daily("17:00:00", "17:00:00", NULL);

    CU_ASSERT_TRUE(fix_schedule_is_open(&s, utc("20261121-16:59:59")));
    CU_ASSERT_TRUE(fix_schedule_is_open(&s, utc("20261121-17:00:00")));
    CU_ASSERT_FALSE(fix_schedule_is_same(&s, utc("20261121-16:59:59"), utc("20261121-17:00:00")));
    expect_window(&s, "20261121-17:00:00", "20261121-17:00:00", "20261122-17:00:00");
}

static void weekdays_only(void)
{
    struct fix_schedule s = daily("09:00", "17:00", NULL), night = daily("22:00", "02:00", NULL);

    s.weekdays = night.weekdays = 0x3e; /* Monday to Friday */
    /* 2026-11-20 is a Friday. */
    expect_window(&s, "20261120-17:00:00", "20261123-09:00:00", "20261123-17:00:00");
    CU_ASSERT_FALSE(fix_schedule_is_open(&s, utc("20261121-12:00:00")));
    /* A Friday session that ends on Saturday is Friday's. */
    CU_ASSERT_TRUE(fix_schedule_is_open(&night, utc("20261121-01:00:00")));
    CU_ASSERT_FALSE(fix_schedule_is_open(&night, utc("20261121-23:00:00")));
    CU_ASSERT_FALSE(fix_schedule_is_open(&night, utc("20261123-01:00:00")));
    s.weekdays = 0;
    CU_ASSERT_FALSE(fix_schedule_is_open(&s, utc("20261120-12:00:00")));
    CU_ASSERT_EQUAL(fix_schedule_next_change(&s, utc("20261120-12:00:00")), NEVER_US);
}

static void a_week_session_across_the_weekend(void)
{
    /* Opens on Thursday, closes on Tuesday; 2026-11-19 is a Thursday. */
    struct fix_schedule s = weekly("Thursday", "12:00:00", "tu", "09:00:00", NULL);

    expect_window(&s, "20261121-00:00:00", "20261119-12:00:00", "20261124-09:00:00");
    expect_window(&s, "20261124-09:00:00", "20261126-12:00:00", "20261201-09:00:00");
    CU_ASSERT_TRUE(fix_schedule_is_same(&s, utc("20261120-10:00:00"), utc("20261123-10:00:00")));
    CU_ASSERT_FALSE(fix_schedule_is_open(&s, utc("20261119-11:59:59")));
    CU_ASSERT_FALSE(fix_schedule_is_same(&s, utc("20261123-10:00:00"), utc("20261126-13:00:00")));
}

static void a_week_session_in_new_york(void)
{
    /* Sunday 17:00 to Friday 17:00 New York, over the changes of 2026-03-08 and 2026-11-01. */
    struct fix_zone *z = load("America/New_York");
    struct fix_schedule s = weekly("su", "17:00:00", "fr", "17:00:00", z);

    expect_window(&s, "20260304-12:00:00", "20260301-22:00:00", "20260306-22:00:00");
    expect_window(&s, "20260307-12:00:00", "20260308-21:00:00", "20260313-21:00:00");
    expect_window(&s, "20261031-12:00:00", "20261101-22:00:00", "20261106-22:00:00");
    expect_window(&s, "20261030-20:59:59", "20261025-21:00:00", "20261030-21:00:00");
    fix_zone_free(z);
}

static void same_day_is_a_week_or_a_part_of_that_day(void)
{
    struct fix_schedule week = weekly("fr", "17:00", "fr", "17:00", NULL);
    struct fix_schedule part = weekly("fr", "09:00", "fr", "17:00", NULL);

    expect_window(&week, "20261121-12:00:00", "20261120-17:00:00", "20261127-17:00:00");
    expect_window(&week, "20261120-16:59:59", "20261113-17:00:00", "20261120-17:00:00");
    expect_window(&part, "20261121-12:00:00", "20261127-09:00:00", "20261127-17:00:00");
    CU_ASSERT_TRUE(fix_schedule_is_open(&part, utc("20261120-09:00:00")));
}

static void days_with_a_changed_clock(void)
{
    struct fix_zone *york = load("America/New_York"), *london = load("Europe/London");
    struct fix_zone *tokyo = load("Asia/Tokyo");
    struct fix_schedule s = daily("17:00", "17:00", york);

    /* 23 and 25 hours; no gap, no overlap. */
    expect_window(&s, "20260308-00:00:00", "20260307-22:00:00", "20260308-21:00:00");
    expect_window(&s, "20261101-12:00:00", "20261031-21:00:00", "20261101-22:00:00");
    s = daily("08:00", "16:30", london);
    expect_window(&s, "20260328-00:00:00", "20260328-08:00:00", "20260328-16:30:00");
    expect_window(&s, "20260329-00:00:00", "20260329-07:00:00", "20260329-15:30:00");
    expect_window(&s, "20261024-16:00:00", "20261025-08:00:00", "20261025-16:30:00");
    s = daily("08:00", "16:30", tokyo);
    expect_window(&s, "20260329-00:00:00", "20260328-23:00:00", "20260329-07:30:00");
    expect_window(&s, "20261025-08:00:00", "20261025-23:00:00", "20261026-07:30:00");
    fix_zone_free(york);
    fix_zone_free(london);
    fix_zone_free(tokyo);
}

static void times_the_clock_skips_or_shows_twice(void)
{
    struct fix_zone *z = load("America/New_York");
    struct fix_schedule s = daily("02:30", "04:00", z);

    /* Starts at the moment of the jump. */
    expect_window(&s, "20260308-06:00:00", "20260308-07:00:00", "20260308-08:00:00");
    /* A window that is skipped whole does not exist. */
    s = daily("02:15", "02:45", z);
    expect_window(&s, "20260308-06:00:00", "20260309-06:15:00", "20260309-06:45:00");
    s.weekdays = 1; /* Sundays only: the next one is a week later */
    expect_window(&s, "20260308-06:00:00", "20260315-06:15:00", "20260315-06:45:00");
    /* 01:30 is there twice on 2026-11-01; a boundary happens once, at the first. */
    s = daily("01:30", "01:30", z);
    expect_window(&s, "20261101-05:29:59", "20261031-05:30:00", "20261101-05:30:00");
    expect_window(&s, "20261101-06:30:00", "20261101-05:30:00", "20261102-06:30:00");
    fix_zone_free(z);
}

/* Every five minutes of two years: windows follow each other, and the questions agree. */
static void windows_follow_each_other(void)
{
    struct fix_zone *z = load("America/New_York");
    struct fix_schedule schedules[] = {
        daily("17:00", "17:00", z),
        daily("02:30", "02:15", z),
        daily("09:30", "16:00", z),
        weekly("su", "17:00", "fr", "16:59:59", z),
        weekly("mo", "01:30", "su", "02:30", z),
    };

    for (size_t i = 0; i < ARRAY_LEN(schedules); i++) {
        const struct fix_schedule *s = &schedules[i];
        struct fix_window last = fix_schedule_window(s, utc("20260101-00:00:00"));
        int wrong = 0;

        for (int64_t t = utc("20260101-00:00:00"); t < utc("20271231-00:00:00");
             t += 300 * US_PER_S) {
            struct fix_window w = fix_schedule_window(s, t);

            wrong += w.close_us <= t || w.open_us >= w.close_us;
            wrong += w.open_us != last.open_us && (w.open_us < last.close_us || t < last.close_us);
            wrong += w.open_us == last.open_us && w.close_us != last.close_us;
            wrong += fix_schedule_is_open(s, t) != (t >= w.open_us);
            wrong += fix_schedule_next_change(s, t) <= t;
            last = w;
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
    fix_zone_free(z);
}

static void words(void)
{
    static const char *const bad_times[] = { "",          "8:00",    "24:00:00", "08:60",
                                             "08:00:60",  "08:00:0", "08.00",    "0800",
                                             "08:00:00Z", "aa:00" };
    static const char *const bad_days[] = { "", "s", "xx", "sundayx", "mx", "monday " };
    uint32_t s = 7;
    int day = 7;

    CU_ASSERT_TRUE(fix_schedule_time(BYTES("23:59:59"), &s) && s == 86399);
    CU_ASSERT_TRUE(fix_schedule_time(BYTES("00:01"), &s) && s == 60);
    CU_ASSERT_TRUE(fix_schedule_day(BYTES("SUN"), &day) && day == 0);
    CU_ASSERT_TRUE(fix_schedule_day(BYTES("Saturday"), &day) && day == 6);
    CU_ASSERT_TRUE(fix_schedule_day(BYTES("th"), &day) && day == 4);
    for (size_t i = 0; i < ARRAY_LEN(bad_times); i++) {
        CU_ASSERT_FALSE(fix_schedule_time(bytes_of(bad_times[i]), &s));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_days); i++) {
        CU_ASSERT_FALSE(fix_schedule_day(bytes_of(bad_days[i]), &day));
    }
}

CU_TestInfo schedule_tests[] = {
    { "test_zone_offsets_are_those_of_the_c_library", offsets_are_those_of_the_c_library },
    { "test_zone_changes_are_right_to_the_second", changes_of_the_clock_are_right_to_the_second },
    { "test_zone_local_times_skipped_or_shown_twice", local_times_skipped_or_shown_twice },
    { "test_zone_rules_of_all_forms", rules_of_all_forms },
    { "test_zone_malformed_rules_are_refused", malformed_rules_are_refused },
    { "test_zone_damaged_files_do_no_harm", damaged_files_do_no_harm },
    { "test_schedule_always_has_no_boundary", always_has_no_boundary },
    { "test_schedule_day_session", a_day_session },
    { "test_schedule_over_midnight", a_session_over_midnight },
    { "test_schedule_start_is_end_is_a_whole_day", start_is_end_is_a_whole_day },
    { "test_schedule_weekdays_only", weekdays_only },
    { "test_schedule_week_across_the_weekend", a_week_session_across_the_weekend },
    { "test_schedule_week_in_new_york", a_week_session_in_new_york },
    { "test_schedule_same_day", same_day_is_a_week_or_a_part_of_that_day },
    { "test_schedule_days_with_a_changed_clock", days_with_a_changed_clock },
    { "test_schedule_times_skipped_or_shown_twice", times_the_clock_skips_or_shows_twice },
    { "test_schedule_windows_follow_each_other", windows_follow_each_other },
    { "test_schedule_words", words },
    CU_TEST_INFO_NULL,
};
