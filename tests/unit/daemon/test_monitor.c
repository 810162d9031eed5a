/*
 * What the operator's pages are made of: histograms, the ring of events, glances at FIX, the table
 * of metrics. What is counted under traffic is tests/integration/test_watch.py's.
 */
#include "monitor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "fix_peek.h"
#include "metrics.h"
#include "suites.h"

#define NONE ((struct bytes){ NULL, 0 })

/* ---- histogram ----------------------------------------------------------------------------- */

static void a_duration_is_counted_in_the_first_bucket_that_holds_it(void)
{
    CU_ASSERT_EQUAL(histogram_bucket(-5), 0);
    CU_ASSERT_EQUAL(histogram_bucket(0), 0);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        CU_ASSERT_EQUAL(histogram_bucket(histogram_end_us(i)), i);
        CU_ASSERT_EQUAL(histogram_bucket(histogram_end_us(i) + 1), i + 1);
    }
    CU_ASSERT_EQUAL(histogram_bucket(INT64_MAX), HISTOGRAM_BUCKETS);
}

static void a_percentile_is_the_end_of_its_bucket(void)
{
    struct histogram h = { 0 };

    CU_ASSERT_EQUAL(histogram_percentile_us(&h, 50), 0);
    histogram_add(&h, 10, 98);
    histogram_add(&h, 1000, 2);
    CU_ASSERT_EQUAL(h.count, 100);
    CU_ASSERT_EQUAL(h.sum_us, 98 * 10 + 2 * 1000);
    CU_ASSERT_EQUAL(histogram_percentile_us(&h, 50), 16);
    CU_ASSERT_EQUAL(histogram_percentile_us(&h, 98), 16);
    CU_ASSERT_EQUAL(histogram_percentile_us(&h, 99), 1024);
    histogram_add(&h, INT64_C(1) << 30, 100);
    CU_ASSERT_EQUAL(histogram_percentile_us(&h, 99), -1);
}

/* ---- history ------------------------------------------------------------------------------- */

static size_t count_of(const struct history *h, uint64_t key, const char *newest)
{
    struct history_entry e;
    uint64_t at = 0;
    size_t n = 0;

    while (history_before(h, key, &at, &e)) {
        if (n == 0 && newest != NULL) {
            CU_ASSERT_TRUE(bytes_is(e.data, newest));
        }
        n++;
    }
    return n;
}

static void add(struct history *h, uint64_t key, const char *a, const char *b)
{
    const struct history_entry e = { .key = key, .wall_us = 7, .kind = 3, .scope = 9 };

    history_add(h, &e, bytes_of(a), bytes_of(b));
}

static void events_are_read_back_newest_first_by_key(void)
{
    struct history *h = history_new(4096);
    struct history_entry e;
    uint64_t at = 0;

    CU_ASSERT_FALSE(history_before(h, 1, &at, &e));
    add(h, 1, "first", "");
    add(h, 2, "other", "");
    add(h, 1, "sec", "ond");
    CU_ASSERT_TRUE_FATAL(history_before(h, 1, &at, &e));
    CU_ASSERT_TRUE(bytes_is(e.data, "second"));
    CU_ASSERT_TRUE(e.wall_us == 7 && e.kind == 3 && e.scope == 9 && e.key == 1);
    CU_ASSERT_TRUE_FATAL(history_before(h, 1, &at, &e));
    CU_ASSERT_TRUE(bytes_is(e.data, "first"));
    CU_ASSERT_FALSE(history_before(h, 1, &at, &e));
    CU_ASSERT_EQUAL(count_of(h, 2, "other"), 1);
    history_free(h);
}

/* Every size around the end of memory, long enough to go round many times. */
static void the_oldest_events_fall_out(void)
{
    struct history *h = history_new(4096);
    char text[600];

    for (size_t i = 0; i < 5000; i++) {
        size_t size = (i * 37) % 500, n;

        memset(text, 'a' + (char)(i % 26), size);
        text[size] = '\0';
        add(h, i % 3 + 1, text, "!");
        text[size] = '!';
        text[size + 1] = '\0';
        n = count_of(h, i % 3 + 1, text);
        CU_ASSERT_TRUE_FATAL(n >= 1 && n < 60);
    }
    CU_ASSERT_EQUAL(count_of(h, 4, NULL), 0);
    history_free(h);
}

static void an_event_too_large_for_the_ring_is_not_kept(void)
{
    struct history *h = history_new(1024);
    char text[1025];

    memset(text, 'x', sizeof text - 1);
    text[1024] = '\0';
    add(h, 1, "small", "");
    add(h, 1, text, "");
    CU_ASSERT_EQUAL(count_of(h, 1, "small"), 1);
    history_free(h);
}

/* ---- glances ------------------------------------------------------------------------------- */

#define MESSAGE "8=FIX.4.4\0019=21\00135=AE\00134=2\001103=7\00158=\00110=123\001"

static void a_glance_tells_type_and_end(void)
{
    struct fix_peek p = fix_peek(BYTES(MESSAGE MESSAGE));

    CU_ASSERT_TRUE(bytes_is(p.type, "AE"));
    CU_ASSERT_EQUAL(p.size, sizeof MESSAGE - 1);
    p = fix_peek(BYTES(MESSAGE));
    CU_ASSERT_EQUAL(p.size, sizeof MESSAGE - 1);
    CU_ASSERT_EQUAL(fix_peek(BYTES("hello, is anybody there")).type.size, 0);
    CU_ASSERT_EQUAL(fix_peek(NONE).type.size, 0);
}

/* Ends at the end of an allocation: reading beyond it is seen by the sanitizer. */
static void every_prefix_is_harmless(void)
{
    for (size_t n = 0; n < sizeof MESSAGE; n++) {
        char *text = malloc(n + 1);
        struct bytes value;
        struct fix_peek p;

        memcpy(text, MESSAGE, n);
        p = fix_peek((struct bytes){ text, n });
        CU_ASSERT_TRUE(p.size <= n);
        (void)fix_peek_field((struct bytes){ text, n }, "103", &value);
        free(text);
    }
}

static void a_field_is_found_by_its_whole_tag(void)
{
    struct bytes value;

    CU_ASSERT_TRUE(fix_peek_field(BYTES(MESSAGE), "103", &value));
    CU_ASSERT_TRUE(bytes_is(value, "7"));
    CU_ASSERT_FALSE(fix_peek_field(BYTES(MESSAGE), "3", &value));
    CU_ASSERT_TRUE(fix_peek_field(BYTES("11=a\00137=b"), "37", &value));
    CU_ASSERT_TRUE(bytes_is(value, "b"));
    CU_ASSERT_FALSE(fix_peek_field(NONE, "37", &value));
    CU_ASSERT_EQUAL(fix_peek_number(BYTES("99"), 99), 99);
    CU_ASSERT_EQUAL(fix_peek_number(BYTES("100"), 99), 100);
    CU_ASSERT_EQUAL(fix_peek_number(BYTES("-1"), 99), 100);
    CU_ASSERT_EQUAL(fix_peek_number(NONE, 99), 100);
}

/* ---- the monitor --------------------------------------------------------------------------- */

static void messages_are_counted_until_they_are_durable(void)
{
    static struct fix_msg msg;
    struct monitor *m = monitor_new(1, 0);
    const struct instant received = { 1000, 1000 }, later = { 1500, 1500 };

    CU_ASSERT_FALSE(monitor_awaits(m));
    monitor_sealed(m, 1, &received);
    CU_ASSERT_FALSE(monitor_awaits(m)); /* nothing was received */
    monitor_message(m, 0, &msg);
    monitor_message(m, 0, &msg);
    monitor_sealed(m, 2, &received);
    monitor_durable(m, 1, &later);
    CU_ASSERT_EQUAL(m->stage[STAGE_DURABLE].count, 0);
    monitor_durable(m, 2, &later);
    CU_ASSERT_EQUAL(m->stage[STAGE_DURABLE].count, 2);
    CU_ASSERT_EQUAL(m->stage[STAGE_DURABLE].sum_us, 1000);
    CU_ASSERT_FALSE(monitor_awaits(m));
    monitor_free(m);
}

static void types_are_told_apart(void)
{
    struct monitor *m = monitor_new(0, 0);
    uint64_t known = 0;

    for (size_t i = 0; i <= MONITOR_TYPES; i++) {
        CU_ASSERT_PTR_NOT_NULL(monitor_type_text(i));
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_STRING_NOT_EQUAL(monitor_type_text(i), monitor_type_text(j));
        }
    }
    CU_ASSERT_PTR_NULL(monitor_type_text(MONITOR_TYPES + 1));
    monitor_received(m, BYTES(MESSAGE));
    monitor_received(m, BYTES("nonsense"));
    monitor_received(m, BYTES("8=FIX.4.4\0019=5\00135=U9\00110=000\001"));
    CU_ASSERT_EQUAL(monitor_wrote(m, BYTES(MESSAGE MESSAGE)), sizeof MESSAGE - 1);
    for (size_t i = 0; i <= MONITOR_TYPES; i++) {
        known += strcmp(monitor_type_text(i), "AE") == 0 ? m->fix_in[i] + m->fix_out[i] : 0;
    }
    CU_ASSERT_EQUAL(known, 2);
    CU_ASSERT_EQUAL(m->fix_in[MONITOR_TYPES - 1], 1); /* garbled */
    CU_ASSERT_EQUAL(m->fix_in[MONITOR_TYPES], 1);     /* other */
    monitor_free(m);
}

static void nobody_to_tell_is_fine(void)
{
    static struct fix_msg msg;
    const struct instant now = { 1, 1 };

    monitor_received(NULL, BYTES(MESSAGE));
    CU_ASSERT_EQUAL(monitor_wrote(NULL, BYTES(MESSAGE)), sizeof MESSAGE - 1);
    monitor_message(NULL, 0, &msg);
    monitor_message_done(NULL, 1);
    monitor_call(NULL, NULL, NULL);
    monitor_sealed(NULL, 1, &now);
    CU_ASSERT_FALSE(monitor_awaits(NULL));
    monitor_free(NULL);
}

/* ---- the table ----------------------------------------------------------------------------- */

static bool is_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_') {
            return false;
        }
    }
    return isalpha((unsigned char)text[0]) != 0;
}

static bool ends(const char *text, const char *end)
{
    size_t size = strlen(text), n = strlen(end);

    return size > n && strcmp(text + size - n, end) == 0;
}

static void every_metric_has_a_good_name_and_help(void)
{
    for (size_t i = 0; i < metric_count; i++) {
        const struct metric *m = &metrics[i];

        CU_ASSERT_TRUE(is_name(m->name));
        CU_ASSERT_TRUE(strncmp(m->name, "fixbridge_", 10) == 0 ||
                       strncmp(m->name, "process_", 8) == 0);
        CU_ASSERT_EQUAL(ends(m->name, "_total"), m->type == METRIC_COUNTER);
        CU_ASSERT_TRUE(m->type != METRIC_HISTOGRAM || ends(m->name, "_seconds"));
        CU_ASSERT_TRUE(strlen(m->help) >= 10 && ends(m->help, "."));
        CU_ASSERT_PTR_NULL(strpbrk(m->help, "\\\n"));
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_STRING_NOT_EQUAL(m->name, metrics[j].name);
        }
    }
    CU_ASSERT_TRUE(metric_count > 40);
}

CU_TestInfo monitor_tests[] = {
    { "a duration is counted in the first bucket that holds it",
      a_duration_is_counted_in_the_first_bucket_that_holds_it },
    { "a percentile is the end of its bucket", a_percentile_is_the_end_of_its_bucket },
    { "events are read back newest first, by key", events_are_read_back_newest_first_by_key },
    { "the oldest events fall out", the_oldest_events_fall_out },
    { "an event too large for the ring is not kept", an_event_too_large_for_the_ring_is_not_kept },
    { "a glance tells type and end", a_glance_tells_type_and_end },
    { "every prefix is harmless", every_prefix_is_harmless },
    { "a field is found by its whole tag", a_field_is_found_by_its_whole_tag },
    { "messages are counted until they are durable", messages_are_counted_until_they_are_durable },
    { "types are told apart", types_are_told_apart },
    { "nobody to tell is fine", nobody_to_tell_is_fine },
    { "every metric has a good name and help", every_metric_has_a_good_name_and_help },
    CU_TEST_INFO_NULL,
};
