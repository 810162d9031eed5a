/*
 * The journal on a disk that fills: it waits, keeps what it has, goes on at the same place, and
 * says so; other errors stay final. The disk is the real one behind a layer that fails when told
 * to.
 */
#include "journal_file.h"
#include "journal_read.h"
#include "journal_words.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "suites.h"

#define SEGMENT 4096
#define PLENTY (UINT64_C(1) << 40)

static char directory[64];

/* Operations number `fail_from` to `fail_from + fail_count - 1` end with `error`. */
struct disk {
    atomic_int count, fail_from, fail_count, error;
    atomic_bool half; /* a write that fails has written half of it */
    atomic_bool slow; /* a sync takes 3 ms and more */
    _Atomic uint64_t free_bytes;
    sem_t woken;
};

static int fails(struct disk *d)
{
    int at = atomic_fetch_add(&d->count, 1);
    int from = atomic_load(&d->fail_from);

    return at >= from && at - from < atomic_load(&d->fail_count) ? atomic_load(&d->error) : 0;
}

static int disk_write(void *arg, int fd, const char *data, size_t size, uint64_t offset)
{
    struct disk *d = arg;
    int error = fails(d);

    if (error != 0 && !atomic_load(&d->half)) {
        return error;
    }
    size = error != 0 ? size / 2 : size;
    return pwrite(fd, data, size, (off_t)offset) == (ssize_t)size ? error : EIO;
}

static int disk_reserve(void *arg, int fd, uint64_t size)
{
    int error = fails(arg);

    return error != 0 ? error : posix_fallocate(fd, 0, (off_t)size);
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int disk_sync(void *arg, int fd)
{
    int error = fails(arg);
    int64_t until_us = now_us() + (atomic_load(&((struct disk *)arg)->slow) ? 3 * US_PER_MS : 0);

    while (now_us() < until_us) {
    }

    return error != 0 ? error : fdatasync(fd) == 0 ? 0 : errno;
}

static int disk_free(void *arg, int fd, uint64_t *out)
{
    (void)fd;
    *out = atomic_load(&((struct disk *)arg)->free_bytes);
    return 0;
}

static void on_wake(void *arg)
{
    (void)sem_post(&((struct disk *)arg)->woken);
}

static void disk_init(struct disk *d)
{
    memset(d, 0, sizeof *d);
    atomic_store(&d->fail_from, 1 << 30);
    atomic_store(&d->error, ENOSPC);
    atomic_store(&d->free_bytes, PLENTY);
    CU_ASSERT_EQUAL_FATAL(sem_init(&d->woken, 0, 0), 0);
    (void)snprintf(directory, sizeof directory, "/tmp/test-space-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
}

static void disk_fini(struct disk *d)
{
    scratch_remove(directory);
    (void)sem_destroy(&d->woken);
}

/* From now on, all of it, until free_disk. */
static void fill_disk(struct disk *d)
{
    atomic_store(&d->fail_count, 1 << 30);
    atomic_store(&d->fail_from, 0);
}

static void free_disk(struct disk *d)
{
    atomic_store(&d->fail_count, 0);
}

struct visited {
    uint64_t count;
    bool in_order;
};

static bool visit(void *arg, uint64_t lsn, struct bytes record)
{
    struct visited *v = arg;
    char expected[32];

    v->count++;
    (void)snprintf(expected, sizeof expected, "r%llu;", (unsigned long long)v->count);
    v->in_order = v->in_order && lsn == v->count && record.size > strlen(expected) &&
                  memcmp(record.data, expected, strlen(expected)) == 0;
    return true;
}

static struct journal *open_with(struct disk *d, enum journal_mode mode, uint64_t free_min,
                                 struct visited *v)
{
    const struct journal_disk disk = { disk_write, disk_reserve, disk_sync, disk_free, d };
    const struct journal_config config = { .directory = directory,
                                           .mode = mode,
                                           .segment_size = SEGMENT,
                                           .free_min = free_min,
                                           .disk = &disk,
                                           .visit = visit,
                                           .visit_arg = v,
                                           .wake = on_wake,
                                           .wake_arg = d };
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal *j;

    *v = (struct visited){ .in_order = true };
    j = journal_open(&config, error);
    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    CU_ASSERT_TRUE(v->in_order);
    return j;
}

/* Who writes what `put` commits: the thread, the caller, or in turns. */
static enum { BY_THREAD, BY_CALLER, BY_TURNS, WAYS } way;

static void commit(struct journal *j, uint64_t number)
{
    if (way == BY_THREAD || (way == BY_TURNS && number % 3 == 0)) {
        CU_ASSERT_EQUAL(journal_commit(j), number);
        return;
    }
    CU_ASSERT_EQUAL(journal_seal(j), number);
    if (way == BY_CALLER || number % 3 == 1) {
        journal_write(j);
    } else {
        journal_hand_over(j);
    }
}

static void put(struct journal *j, uint64_t number)
{
    char text[300];
    int n = snprintf(text, sizeof text, "r%llu;", (unsigned long long)number);

    memset(text + n, '.', sizeof text - (size_t)n);
    CU_ASSERT_TRUE(journal_append(j, (struct bytes){ text, sizeof text }));
    commit(j, number);
}

/* Until the state is `space`, or the time is up. */
static bool await_space(struct disk *d, const struct journal *j, enum journal_space space)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    while (journal_space(j) != space) {
        if (sem_timedwait(&d->woken, &until) != 0 && errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool await_durable(struct disk *d, const struct journal *j, uint64_t lsn)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    while (journal_durable(j) < lsn) {
        if (sem_timedwait(&d->woken, &until) != 0 && errno != EINTR) {
            return false;
        }
    }
    return true;
}

static uint64_t records_kept(struct disk *d)
{
    struct visited v;

    free_disk(d);
    journal_close(open_with(d, JOURNAL_SYNC, 0, &v));
    return v.count;
}

/* ---------------------------------------------------------------- waiting it out */

static void test_journal_full_disk_is_waited_out_without_a_gap(void)
{
    const enum journal_mode modes[] = { JOURNAL_SYNC, JOURNAL_WRITTEN };

    for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
        struct journal_stats stats;
        struct visited v;
        struct disk d;
        struct journal *j;

        disk_init(&d);
        j = open_with(&d, modes[m], 0, &v);
        put(j, 1);
        CU_ASSERT_TRUE(journal_wait(j, 1));
        fill_disk(&d);
        for (uint64_t i = 2; i <= 40; i++) {
            put(j, i);
        }
        CU_ASSERT_FALSE(journal_wait(j, 40));
        CU_ASSERT_EQUAL(journal_space(j), JOURNAL_SPACE_BLOCKED);
        CU_ASSERT_EQUAL(journal_durable(j), 1);
        CU_ASSERT_PTR_NULL(journal_error(j));
        free_disk(&d);
        CU_ASSERT_TRUE(await_durable(&d, j, 40));
        CU_ASSERT_TRUE(journal_space(j) < JOURNAL_SPACE_BLOCKED);
        journal_stats(j, &stats);
        CU_ASSERT_EQUAL(stats.blocked, 1);
        CU_ASSERT_PTR_NULL(journal_error(j));
        journal_close(j);
        CU_ASSERT_EQUAL(records_kept(&d), 40);
        disk_fini(&d);
    }
}

static void full_at_operation(int at)
{
    struct visited v;
    struct disk d;
    struct journal *j;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    atomic_store(&d.half, at % 2 == 0);
    atomic_store(&d.fail_count, 1 + at % 2);
    atomic_store(&d.fail_from, atomic_load(&d.count) + at);
    for (uint64_t i = 1; i <= 30; i++) {
        put(j, i);
        CU_ASSERT_TRUE(await_durable(&d, j, i));
    }
    CU_ASSERT_PTR_NULL(journal_error(j));
    journal_close(j);
    CU_ASSERT_EQUAL(records_kept(&d), 30);
    disk_fini(&d);
}

/* Each write, reservation and sync in turn fails for a while, after half of it or before. */
static void test_journal_full_at_every_operation_loses_nothing(void)
{
    for (way = 0; way < WAYS; way++) {
        for (int at = 0; at < 60; at++) {
            full_at_operation(at);
        }
    }
    way = BY_THREAD;
}

static void stopped_at_operation(int at)
{
    struct visited v;
    struct disk d;
    struct journal *j;
    uint64_t durable, kept;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    atomic_store(&d.half, at % 2 == 0);
    atomic_store(&d.fail_count, 1 << 30);
    atomic_store(&d.fail_from, atomic_load(&d.count) + at);
    for (uint64_t i = 1; i <= 30; i++) {
        put(j, i);
        if (!journal_wait(j, i)) {
            break;
        }
    }
    durable = journal_durable(j);
    journal_close(j);
    kept = records_kept(&d);
    CU_ASSERT_TRUE(kept == durable || kept == durable + 1);
    disk_fini(&d);
}

/* What a kill leaves behind at each point of a disk that fills: what was durable, and a prefix. */
static void test_journal_stopped_while_full_keeps_what_was_durable(void)
{
    for (way = 0; way < WAYS; way++) {
        for (int at = 0; at < 60; at++) {
            stopped_at_operation(at);
        }
    }
    way = BY_THREAD;
}

static void test_journal_close_on_a_full_disk_says_what_failed(void)
{
    struct visited v;
    struct disk d;
    struct journal *j;
    uint64_t lsn;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    fill_disk(&d);
    put(j, 1);
    lsn = journal_last(j);
    CU_ASSERT_TRUE(await_space(&d, j, JOURNAL_SPACE_BLOCKED));
    CU_ASSERT_FALSE(journal_wait(j, lsn));
    journal_close(j); /* ends, whatever the disk does */
    CU_ASSERT_EQUAL(records_kept(&d), 0);
    disk_fini(&d);
}

static void final_error(int error)
{
    struct visited v;
    struct disk d;
    struct journal *j;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    put(j, 1);
    CU_ASSERT_TRUE(journal_wait(j, 1));
    atomic_store(&d.error, error);
    fill_disk(&d);
    put(j, 2);
    CU_ASSERT_FALSE(journal_wait(j, 2));
    CU_ASSERT_PTR_NOT_NULL_FATAL(journal_error(j));
    CU_ASSERT_PTR_NOT_NULL(strstr(journal_error(j), strerror(error)));
    CU_ASSERT_PTR_NOT_NULL(strstr(journal_error(j), "00000001.journal"));
    free_disk(&d);
    CU_ASSERT_FALSE(journal_append(j, BYTES("x")));
    CU_ASSERT_EQUAL(journal_durable(j), 1);
    journal_close(j);
    disk_fini(&d);
}

static void test_journal_other_errors_are_final(void)
{
    for (way = 0; way < WAYS; way++) {
        final_error(EIO);
        final_error(EROFS);
        final_error(EFBIG);
    }
    way = BY_THREAD;
}

/* ---------------------------------------------------------------- the caller writes */

static void seal(struct journal *j, uint64_t number)
{
    char text[32];
    int n = snprintf(text, sizeof text, "r%llu; ", (unsigned long long)number);

    CU_ASSERT_TRUE(journal_append(j, (struct bytes){ text, (size_t)n }));
    CU_ASSERT_EQUAL(journal_seal(j), number);
}

static uint64_t written_here(const struct journal *j)
{
    struct journal_stats stats;

    journal_stats(j, &stats);
    return stats.here;
}

static void test_journal_written_by_the_caller_is_durable_at_once(void)
{
    struct visited v;
    struct disk d;
    struct journal *j;
    int before;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    before = atomic_load(&d.count);
    CU_ASSERT_EQUAL(journal_who(j), JOURNAL_NOBODY); /* there is nothing */
    journal_write(j);
    seal(j, 1);
    seal(j, 2);
    CU_ASSERT_EQUAL(journal_durable(j), 0);
    CU_ASSERT_EQUAL(atomic_load(&d.count), before);
    CU_ASSERT_EQUAL(journal_who(j), JOURNAL_CALLER);
    journal_write(j);
    CU_ASSERT_EQUAL(journal_durable(j), 2);
    CU_ASSERT_EQUAL(written_here(j), 1);
    CU_ASSERT_EQUAL(atomic_load(&d.count), before + 3); /* written, zeros behind it, synced */
    CU_ASSERT_EQUAL(sem_trywait(&d.woken), -1);
    seal(j, 3);
    CU_ASSERT_TRUE(journal_wait(j, 3));
    CU_ASSERT_EQUAL(atomic_load(&d.count), before + 5); /* over the zeros, synced */
    journal_close(j);
    CU_ASSERT_EQUAL(records_kept(&d), 3);
    disk_fini(&d);
}

/* What is little waits until the thread has done what it is at, and is the caller's then. */
static void test_journal_little_is_not_the_threads_for_its_being_at_work(void)
{
    struct visited v;
    struct disk d;
    struct journal *j;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    fill_disk(&d); /* keeps the thread at work */
    seal(j, 1);
    journal_hand_over(j);
    CU_ASSERT_TRUE(await_space(&d, j, JOURNAL_SPACE_BLOCKED));
    seal(j, 2);
    CU_ASSERT_EQUAL(journal_who(j), JOURNAL_NOBODY);
    free_disk(&d);
    CU_ASSERT_TRUE(await_durable(&d, j, 1));
    CU_ASSERT_NOT_EQUAL(journal_who(j), JOURNAL_NOBODY);
    CU_ASSERT_EQUAL(journal_durable(j), 1);
    journal_write(j); /* or hands it over, if the host was slow */
    CU_ASSERT_TRUE(journal_wait(j, 2));
    seal(j, 3);
    journal_close(j); /* whoever was to write it, it is written */
    CU_ASSERT_EQUAL(records_kept(&d), 3);
    disk_fini(&d);
}

/* The loop is not held up by a disk that was slow the last time, nor by making a segment. */
static void test_journal_slow_work_is_the_threads(void)
{
    struct visited v;
    struct disk d;
    struct journal *j;
    uint64_t i = 1;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    atomic_store(&d.slow, true);
    seal(j, i);
    journal_write(j);
    CU_ASSERT_EQUAL(written_here(j), 1);
    seal(j, ++i);
    CU_ASSERT_EQUAL(journal_who(j), JOURNAL_THREAD);
    journal_write(j); /* hands it over */
    CU_ASSERT_TRUE(await_durable(&d, j, i));
    CU_ASSERT_EQUAL(written_here(j), 1);
    atomic_store(&d.slow, false);
    seal(j, ++i);
    CU_ASSERT_TRUE(journal_wait(j, i)); /* hands it over, and finds the disk quick again */
    way = BY_THREAD;
    for (uint64_t fill = SEGMENT / 300; fill > 0; fill--) {
        put(j, ++i);
    }
    CU_ASSERT_TRUE(journal_wait(j, i));
    seal(j, ++i); /* begins the next segment or follows where that begins */
    while (journal_who(j) == JOURNAL_CALLER) {
        journal_write(j);
        seal(j, ++i);
    }
    journal_write(j);
    CU_ASSERT_TRUE(await_durable(&d, j, i));
    journal_close(j);
    CU_ASSERT_EQUAL(records_kept(&d), i);
    disk_fini(&d);
}

/* ---------------------------------------------------------------- the reserve */

static void test_journal_reserve_decides_the_state(void)
{
    static const struct {
        uint64_t free_bytes;
        enum journal_space space;
    } row[] = {
        { PLENTY, JOURNAL_SPACE_ENOUGH }, { 200000, JOURNAL_SPACE_ENOUGH },
        { 199999, JOURNAL_SPACE_SCARCE }, { 100000, JOURNAL_SPACE_SCARCE },
        { 99999, JOURNAL_SPACE_STALLED }, { 0, JOURNAL_SPACE_STALLED },
    };
    struct visited v;
    struct disk d;

    disk_init(&d);
    journal_close(open_with(&d, JOURNAL_SYNC, 100000, &v));
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct journal *j;

        atomic_store(&d.free_bytes, row[i].free_bytes);
        j = open_with(&d, JOURNAL_SYNC, 100000, &v);
        CU_ASSERT_EQUAL(journal_space(j), row[i].space);
        CU_ASSERT_EQUAL(journal_free(j), row[i].free_bytes);
        journal_close(j);
    }
    disk_fini(&d);
}

static void test_journal_stalled_still_writes_into_its_segment_then_blocks(void)
{
    struct visited v;
    struct disk d;
    struct journal *j;
    uint64_t n = 0;

    disk_init(&d);
    journal_close(open_with(&d, JOURNAL_SYNC, 100000, &v));
    atomic_store(&d.free_bytes, 0);
    j = open_with(&d, JOURNAL_SYNC, 100000, &v);
    CU_ASSERT_EQUAL(journal_space(j), JOURNAL_SPACE_STALLED);
    do {
        put(j, ++n);
    } while (journal_wait(j, n) && n < 1000);
    CU_ASSERT_TRUE(n > 10 && n < 20);
    CU_ASSERT_EQUAL(journal_space(j), JOURNAL_SPACE_BLOCKED);
    CU_ASSERT_EQUAL(journal_durable(j), n - 1);
    /* Room for the segment, but not for the reserve with its slack: it writes, and stays stalled.
     */
    atomic_store(&d.free_bytes, 100000 + SEGMENT);
    CU_ASSERT_TRUE(await_durable(&d, j, n));
    CU_ASSERT_EQUAL(journal_space(j), JOURNAL_SPACE_STALLED);
    atomic_store(&d.free_bytes, PLENTY);
    CU_ASSERT_TRUE(await_space(&d, j, JOURNAL_SPACE_ENOUGH));
    CU_ASSERT_PTR_NULL(journal_error(j));
    journal_close(j);
    CU_ASSERT_EQUAL(records_kept(&d), n);
    disk_fini(&d);
}

/* ---------------------------------------------------------------- in words */

struct words {
    struct journal_words *words;
    struct buf out;
    bool good;
};

static bool to_words(void *arg, const struct journal_place *at, const struct journal_record *raw)
{
    struct words *w = arg;
    struct record r;

    w->good = w->good && journal_words_feed(w->words, raw, &r) == NULL;
    if (w->good && journal_words_match(w->words, raw, &r, BYTES("A"), BYTES("c1"))) {
        journal_words_line(w->words, at, raw, &r, &w->out);
    }
    return w->good;
}

static void put_record(struct journal *j, const struct record *r)
{
    struct buf b;

    buf_init(&b, 4096);
    record_encode(r, &b);
    CU_ASSERT_TRUE(!b.failed && journal_append(j, buf_view(&b)));
    buf_fini(&b);
}

/* Two sessions with an order each, and a message that holds a secret. */
static void put_story(struct journal *j)
{
    struct record name = { .kind = RECORD_NAME, .wall_us = 1 };
    struct record order = { .kind = RECORD_ORDER, .wall_us = 1 };
    struct fix_store *a = journal_store(j, BYTES("A"));

    for (uint32_t i = 0; i < 2; i++) {
        name.name.what = RECORD_NAME_SESSION;
        name.name.number = i;
        name.name.name = i == 0 ? BYTES("A") : BYTES("B");
        put_record(j, &name);
        order.order.id = i + 1;
        order.order.session = i;
        order.order.side = VENUE_BUY;
        order.order.cl_ord_id = BYTES("c1");
        order.order.symbol = BYTES("BTC/USD");
        order.order.terms = (struct order_terms){
            .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTC, .qty = { 15, 1 }
        };
        put_record(j, &order);
    }
    CU_ASSERT_TRUE(a->ops->append(a, 7,
                                  BYTES("8=FIX.4.4\0019=40\00135=8\00111=c1\001"
                                        "554=hunter2\001925=x\00110=000\001")));
    CU_ASSERT_TRUE(
        a->ops->append(a, 8, BYTES("8=FIX.4.4\0019=40\00135=8\00111=c12\00110=000\001")));
}

static void test_journal_words_are_filtered_and_show_no_secret(void)
{
    struct words w = { .good = true };
    struct journal_found found;
    struct visited v;
    struct disk d;
    struct journal *j;
    char error[JOURNAL_ERROR_MAX] = "";
    int fd;

    disk_init(&d);
    j = open_with(&d, JOURNAL_SYNC, 0, &v);
    put_story(j);
    CU_ASSERT_TRUE(journal_wait(j, journal_commit(j)));
    journal_close(j);
    buf_init(&w.out, 65536);
    w.words = journal_words_new();
    fd = open(directory, O_RDONLY | O_DIRECTORY);
    CU_ASSERT_TRUE(journal_read(fd, directory, to_words, NULL, &w, &found, error));
    buf_char(&w.out, '\0');
    CU_ASSERT_PTR_NOT_NULL(strstr(w.out.data, " order order=FB-1 session=\"A\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(w.out.data, "qty=1.5"));
    CU_ASSERT_PTR_NOT_NULL(strstr(w.out.data, "sent session=A seq=7 8=FIX.4.4|"));
    CU_ASSERT_PTR_NOT_NULL(strstr(w.out.data, "554=***|925=***|"));
    CU_ASSERT_PTR_NULL(strstr(w.out.data, "hunter2"));
    CU_ASSERT_PTR_NULL(strstr(w.out.data, "FB-2"));
    CU_ASSERT_PTR_NULL(strstr(w.out.data, "seq=8"));
    (void)close(fd);
    journal_words_free(w.words);
    buf_fini(&w.out);
    disk_fini(&d);
}

#define CLAIM(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

CU_TestInfo journal_space_tests[] = {
    CLAIM(test_journal_full_disk_is_waited_out_without_a_gap),
    CLAIM(test_journal_full_at_every_operation_loses_nothing),
    CLAIM(test_journal_stopped_while_full_keeps_what_was_durable),
    CLAIM(test_journal_close_on_a_full_disk_says_what_failed),
    CLAIM(test_journal_other_errors_are_final),
    CLAIM(test_journal_written_by_the_caller_is_durable_at_once),
    CLAIM(test_journal_slow_work_is_the_threads),
    CLAIM(test_journal_little_is_not_the_threads_for_its_being_at_work),
    CLAIM(test_journal_reserve_decides_the_state),
    CLAIM(test_journal_stalled_still_writes_into_its_segment_then_blocks),
    CLAIM(test_journal_words_are_filtered_and_show_no_secret),
    CU_TEST_INFO_NULL,
};
