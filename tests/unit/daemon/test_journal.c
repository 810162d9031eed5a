/*
 * The journal: what was committed comes back, whole batches only; damage is named; failure is
 * final.
 */
#include "journal_file.h"
#include "journal_format.h"
#include "journal_read.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "suites.h"

#define SEGMENT 4096
#define FIRST "00000001.journal"

static char directory[64];

static void dir_make(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test-journal-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
}

static void dir_remove(void)
{
    scratch_remove(directory);
}

/* What recovery visited: records are "r<number>" in ascending order. */
struct visited {
    uint64_t count;
    uint64_t lsn;
    bool in_order;
    uint64_t refuse_at; /* 0: never */
};

static bool visit(void *arg, uint64_t lsn, struct bytes record)
{
    struct visited *v = arg;
    char expected[32];

    v->count++;
    (void)snprintf(expected, sizeof expected, "r%llu", (unsigned long long)v->count);
    v->in_order = v->in_order && lsn >= v->lsn && record.size >= strlen(expected) &&
                  memcmp(record.data, expected, strlen(expected)) == 0;
    v->lsn = lsn;
    return v->count != v->refuse_at;
}

static struct journal *open_as(enum journal_mode mode, struct visited *v, char *error)
{
    struct journal_config config = { .directory = directory,
                                     .mode = mode,
                                     .segment_size = SEGMENT,
                                     .visit = visit,
                                     .visit_arg = v };

    *v = (struct visited){ .in_order = true, .refuse_at = v->refuse_at };
    return journal_open(&config, error);
}

static struct journal *open_good(enum journal_mode mode, struct visited *v)
{
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal *j;

    v->refuse_at = 0;
    j = open_as(mode, v, error);
    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    CU_ASSERT_TRUE(v->in_order);
    return j;
}

static void append(struct journal *j, uint64_t number, size_t padding)
{
    char text[8192];
    int n = snprintf(text, sizeof text, "r%llu", (unsigned long long)number);

    memset(text + n, '.', padding);
    CU_ASSERT_TRUE(journal_append(j, (struct bytes){ text, (size_t)n + padding }));
}

static void commit_durably(struct journal *j)
{
    uint64_t lsn = journal_commit(j);

    CU_ASSERT_NOT_EQUAL(lsn, 0);
    CU_ASSERT_TRUE(journal_wait(j, lsn));
}

/* `batches` batches of `each` records. */
static void fill(enum journal_mode mode, uint64_t batches, uint64_t each, size_t padding)
{
    struct visited v;
    struct journal *j = open_good(mode, &v);
    uint64_t number = v.count;

    for (uint64_t b = 0; b < batches; b++) {
        for (uint64_t i = 0; i < each; i++) {
            append(j, ++number, padding);
        }
        commit_durably(j);
    }
    CU_ASSERT_PTR_NULL(journal_error(j));
    journal_close(j);
}

/* Reads without changing; records visited, or UINT64_MAX when refused. */
static bool count_record(void *arg, const struct journal_place *at, const struct journal_record *r)
{
    (void)at;
    *(uint64_t *)arg += r->kind == JOURNAL_KIND_ENGINE;
    return true;
}

static uint64_t read_only(struct journal_found *found, char error[JOURNAL_ERROR_MAX])
{
    uint64_t count = 0;
    int fd = open(directory, O_RDONLY | O_DIRECTORY);
    bool ok = journal_read(fd, directory, count_record, NULL, &count, found, error);

    (void)close(fd);
    return ok ? count : UINT64_MAX;
}

static int open_file(const char *name)
{
    char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    fd = open(path, O_RDWR);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    return fd;
}

/* ---------------------------------------------------------------- format */

static void test_journal_crc_is_castagnoli_both_ways(void)
{
    char data[100];

    CU_ASSERT_EQUAL(journal_crc(0, "123456789", 9), 0xe3069283);
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (char)(i * 37 + 11);
        CU_ASSERT_EQUAL(journal_crc(7, data, i), journal_crc_portable(7, data, i));
    }
    CU_ASSERT_EQUAL(journal_crc(journal_crc(0, data, 33), data + 33, 60), journal_crc(0, data, 93));
}

static void test_journal_segment_names_are_read_back_exactly(void)
{
    char name[JOURNAL_NAME_SIZE];
    uint64_t number;

    journal_segment_name(42, name);
    CU_ASSERT_STRING_EQUAL(name, "00000042.journal");
    CU_ASSERT_TRUE(journal_segment_number(name, &number) && number == 42);
    CU_ASSERT_FALSE(journal_segment_number("42.journal", &number));
    CU_ASSERT_FALSE(journal_segment_number("00000000.journal", &number));
    CU_ASSERT_FALSE(journal_segment_number("00000001.journal~", &number));
    CU_ASSERT_FALSE(journal_segment_number("lock", &number));
}

/* ---------------------------------------------------------------- commit and recovery */

static void test_journal_committed_records_come_back_in_order(void)
{
    const enum journal_mode modes[] = { JOURNAL_SYNC, JOURNAL_WRITTEN };

    for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
        struct visited v;
        struct journal *j;

        dir_make();
        fill(modes[m], 10, 3, 5);
        fill(modes[m], 5, 1, 0);
        j = open_good(modes[m], &v);
        CU_ASSERT_EQUAL(v.count, 35);
        CU_ASSERT_EQUAL(v.lsn, 15);
        CU_ASSERT_EQUAL(journal_last(j), 15);
        CU_ASSERT_EQUAL(journal_durable(j), 15);
        journal_close(j);
        dir_remove();
    }
}

static void test_journal_open_batch_is_forgotten(void)
{
    struct visited v;
    struct journal *j;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    CU_ASSERT_FALSE(journal_dirty(j));
    CU_ASSERT_EQUAL(journal_commit(j), 0);
    append(j, 1, 0);
    commit_durably(j);
    append(j, 2, 0);
    CU_ASSERT_TRUE(journal_dirty(j));
    journal_close(j);
    j = open_good(JOURNAL_SYNC, &v);
    CU_ASSERT_EQUAL(v.count, 1);
    CU_ASSERT_EQUAL(journal_commit(j), 1);
    journal_close(j);
    dir_remove();
}

static void test_journal_close_writes_what_was_committed(void)
{
    struct visited v;
    struct journal *j;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    for (uint64_t i = 1; i <= 200; i++) {
        append(j, i, 10);
        CU_ASSERT_EQUAL(journal_commit(j), i);
    }
    journal_close(j);
    journal_close(open_good(JOURNAL_SYNC, &v));
    CU_ASSERT_EQUAL(v.count, 200);
    dir_remove();
}

static void test_journal_rolls_segments(void)
{
    struct visited v;
    struct journal_stats stats;
    struct journal *j;

    dir_make();
    fill(JOURNAL_SYNC, 100, 4, 100);
    j = open_good(JOURNAL_SYNC, &v);
    CU_ASSERT_EQUAL(v.count, 400);
    journal_stats(j, &stats);
    CU_ASSERT_TRUE(stats.segment >= 10);
    CU_ASSERT_EQUAL(stats.recovered_batches, 100);
    CU_ASSERT_EQUAL(stats.dropped_bytes, 0);
    journal_close(j);
    fill(JOURNAL_SYNC, 100, 4, 100);
    journal_close(open_good(JOURNAL_SYNC, &v));
    CU_ASSERT_EQUAL(v.count, 800);
    dir_remove();
}

static void test_journal_second_open_is_refused(void)
{
    struct visited v;
    struct journal *j;
    char error[JOURNAL_ERROR_MAX] = "";

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    CU_ASSERT_PTR_NULL(open_as(JOURNAL_SYNC, &v, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "another process"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, directory));
    journal_close(j);
    journal_close(open_good(JOURNAL_SYNC, &v));
    dir_remove();
}

static void test_journal_record_refused_by_the_visitor_stops_the_open(void)
{
    struct visited v = { .refuse_at = 3 };
    char error[JOURNAL_ERROR_MAX] = "";

    dir_make();
    fill(JOURNAL_SYNC, 5, 1, 0);
    CU_ASSERT_PTR_NULL(open_as(JOURNAL_SYNC, &v, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, FIRST));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "offset"));
    dir_remove();
}

static void test_journal_too_large_record_fails_for_good(void)
{
    static char large[JOURNAL_RECORD_MAX + 1];
    struct visited v;
    struct journal *j;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    CU_ASSERT_FALSE(journal_append(j, (struct bytes){ large, sizeof large }));
    CU_ASSERT_PTR_NOT_NULL(journal_error(j));
    CU_ASSERT_FALSE(journal_append(j, BYTES("small")));
    CU_ASSERT_EQUAL(journal_commit(j), 0);
    journal_close(j);
    dir_remove();
}

static void test_journal_largest_record_comes_back(void)
{
    static char large[JOURNAL_RECORD_MAX] = "r1";
    struct visited v;
    struct journal *j;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    CU_ASSERT_TRUE(journal_append(j, (struct bytes){ large, sizeof large }));
    commit_durably(j);
    append(j, 2, 0);
    commit_durably(j);
    journal_close(j);
    journal_close(open_good(JOURNAL_SYNC, &v));
    CU_ASSERT_EQUAL(v.count, 2);
    dir_remove();
}

static void on_wake(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void test_journal_wakes_when_durable_moves(void)
{
    atomic_int woken = 0;
    struct journal_config config = { .mode = JOURNAL_SYNC, .wake = on_wake, .wake_arg = &woken };
    char error[JOURNAL_ERROR_MAX];
    struct journal *j;

    dir_make();
    config.directory = directory;
    config.segment_size = SEGMENT;
    j = journal_open(&config, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    append(j, 1, 0);
    commit_durably(j);
    journal_close(j);
    CU_ASSERT_EQUAL(atomic_load(&woken), 1);
    dir_remove();
}

static void test_journal_memory_mode_is_durable_at_commit(void)
{
    struct journal_config config = { .mode = JOURNAL_MEMORY };
    char error[JOURNAL_ERROR_MAX];
    struct journal *j = journal_open(&config, error);
    struct fix_store *st;
    struct bytes got;

    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    st = journal_store(j, BYTES("A"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(st);
    CU_ASSERT_TRUE(st->ops->append(st, 1, BYTES("one")));
    CU_ASSERT_EQUAL(journal_commit(j), 1);
    CU_ASSERT_EQUAL(journal_durable(j), 1);
    CU_ASSERT_TRUE(st->ops->read(st, 1, &got) && bytes_is(got, "one"));
    journal_close(j);
}

/* ---------------------------------------------------------------- torn tails and damage */

static void test_journal_every_truncation_ends_at_a_batch_boundary(void)
{
    struct journal_found whole;
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX];
    uint64_t before = 30;
    int fd;

    dir_make();
    fill(JOURNAL_WRITTEN, 10, 3, 7);
    CU_ASSERT_EQUAL(read_only(&whole, error), 30);
    fd = open_file(FIRST);
    for (uint64_t size = whole.end; size > JOURNAL_SEGMENT_HEAD; size--) {
        uint64_t count;

        CU_ASSERT_EQUAL_FATAL(ftruncate(fd, (off_t)size), 0);
        count = read_only(&found, error);
        CU_ASSERT_TRUE(count <= before && count % 3 == 0 && count + 3 >= before);
        CU_ASSERT_EQUAL(count / 3, found.last);
        CU_ASSERT_EQUAL(found.end + found.dropped <= size, true);
        before = count;
    }
    CU_ASSERT_EQUAL(before, 0);
    (void)close(fd);
    dir_remove();
}

static void test_journal_torn_tail_is_cut_off_and_written_over(void)
{
    struct journal_found found;
    struct journal_stats stats;
    char error[JOURNAL_ERROR_MAX];
    struct visited v;
    struct journal *j;
    int fd;

    for (int cut = 1; cut <= 40; cut += 3) {
        dir_make();
        fill(JOURNAL_SYNC, 4, 1, 20);
        CU_ASSERT_EQUAL(read_only(&found, error), 4);
        fd = open_file(FIRST);
        CU_ASSERT_EQUAL(ftruncate(fd, (off_t)found.end - cut), 0);
        (void)close(fd);
        j = open_good(JOURNAL_SYNC, &v);
        journal_stats(j, &stats);
        CU_ASSERT_EQUAL(v.count, 3);
        CU_ASSERT_TRUE(stats.dropped_bytes > 0);
        append(j, 4, 0);
        commit_durably(j);
        journal_close(j);
        journal_close(open_good(JOURNAL_SYNC, &v));
        CU_ASSERT_EQUAL(v.count, 4);
        dir_remove();
    }
}

/* Batch 5 lost and 6 whole, neither ever synced: both go, and 6 must not come back after a new 5.
 */
static void test_journal_whole_batch_after_a_lost_unsynced_one_is_dropped(void)
{
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX];
    struct visited v;
    struct journal *j;
    uint64_t fourth_end;
    int fd;

    dir_make();
    fill(JOURNAL_WRITTEN, 4, 1, 20);
    (void)read_only(&found, error);
    fourth_end = found.end;
    j = open_good(JOURNAL_WRITTEN, &v);
    append(j, 5, 20);
    commit_durably(j);
    append(j, 6, 20);
    commit_durably(j);
    journal_close(j);
    fd = open_file(FIRST);
    CU_ASSERT_EQUAL(pwrite(fd, "\0\0\0\0\0\0\0\0", 8, (off_t)fourth_end), 8);
    (void)close(fd);
    j = open_good(JOURNAL_WRITTEN, &v);
    CU_ASSERT_EQUAL(v.count, 4);
    append(j, 5, 20);
    commit_durably(j);
    journal_close(j);
    journal_close(open_good(JOURNAL_WRITTEN, &v));
    CU_ASSERT_EQUAL(v.count, 5);
    dir_remove();
}

static void test_journal_every_flipped_bit_is_detected(void)
{
    struct journal_found whole;
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX];
    uint64_t last_batch = 0;
    int fd;

    dir_make();
    fill(JOURNAL_SYNC, 5, 2, 9);
    CU_ASSERT_EQUAL(read_only(&whole, error), 10);
    last_batch =
        whole.end - (JOURNAL_BATCH_HEAD + 2 * (JOURNAL_RECORD_HEAD + 2 + 9)) - 1; /* "r9", "r10" */
    fd = open_file(FIRST);
    for (uint64_t at = 0; at < whole.end; at++) {
        char byte;
        char flipped;

        CU_ASSERT_EQUAL_FATAL(pread(fd, &byte, 1, (off_t)at), 1);
        flipped = (char)(byte ^ (1 << (at % 8)));
        CU_ASSERT_EQUAL_FATAL(pwrite(fd, &flipped, 1, (off_t)at), 1);
        /* All but the last batch were synced before a later one was sealed. */
        CU_ASSERT_EQUAL(read_only(&found, error), at < last_batch ? UINT64_MAX : 8);
        if (at >= JOURNAL_SEGMENT_HEAD && at < last_batch) {
            CU_ASSERT_PTR_NOT_NULL(strstr(error, FIRST));
            CU_ASSERT_PTR_NOT_NULL(strstr(error, "offset"));
        }
        CU_ASSERT_EQUAL_FATAL(pwrite(fd, &byte, 1, (off_t)at), 1);
    }
    CU_ASSERT_EQUAL(read_only(&found, error), 10);
    (void)close(fd);
    dir_remove();
}

static void test_journal_damage_before_the_last_segment_is_refused(void)
{
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX];
    char path[128];
    int fd;

    dir_make();
    fill(JOURNAL_WRITTEN, 100, 1, 100);
    fd = open_file("00000002.journal");
    CU_ASSERT_EQUAL(pwrite(fd, "?", 1, 2000), 1);
    CU_ASSERT_EQUAL(read_only(&found, error), UINT64_MAX);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "damaged at offset"));
    (void)close(fd);
    (void)snprintf(path, sizeof path, "%s/00000002.journal", directory);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(read_only(&found, error), UINT64_MAX);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "missing"));
    dir_remove();
}

static void test_journal_segment_that_was_only_begun_is_made_anew(void)
{
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX];
    char path[128];
    struct visited v;

    dir_make();
    fill(JOURNAL_SYNC, 10, 1, 0);
    (void)snprintf(path, sizeof path, "%s/00000002.journal", directory);
    for (off_t size = 0; size <= 5000; size += 1000) {
        int fd = open(path, O_CREAT | O_RDWR, 0600);

        CU_ASSERT_EQUAL(ftruncate(fd, size), 0);
        (void)close(fd);
        CU_ASSERT_EQUAL(read_only(&found, error), 10);
        CU_ASSERT_TRUE(found.unfinished);
        journal_close(open_good(JOURNAL_SYNC, &v));
        CU_ASSERT_EQUAL(access(path, F_OK), -1);
    }
    dir_remove();
}

/* The host stops while the header of a new segment is being written: a part of it is there. With
 * anything behind it, or of another version, the header is damage: something may be lost. */
static void test_journal_segment_with_a_torn_header_is_made_anew(void)
{
    const struct journal_segment_head head = { .number = 2, .identity = 77, .first_batch = 11 };
    char whole[JOURNAL_SEGMENT_HEAD], torn[5000], error[JOURNAL_ERROR_MAX], path[128];
    struct journal_found found;
    struct visited v;

    dir_make();
    fill(JOURNAL_SYNC, 10, 1, 0);
    (void)snprintf(path, sizeof path, "%s/00000002.journal", directory);
    journal_segment_encode(&head, whole);
    for (size_t size = 0; size < sizeof whole; size++) {
        for (unsigned wrong = 0; wrong < 3; wrong++) {
            int fd = open(path, O_CREAT | O_RDWR, 0600);

            memset(torn, 0, sizeof torn);
            memcpy(torn, whole, size);
            torn[8] = (char)(torn[8] + (wrong == 1 && size > 8));
            torn[4999] = wrong == 2;
            CU_ASSERT_EQUAL(pwrite(fd, torn, sizeof torn, 0), (ssize_t)sizeof torn);
            (void)close(fd);
            if (wrong == 2 || (wrong == 1 && size > 8)) {
                CU_ASSERT_EQUAL(read_only(&found, error), UINT64_MAX);
                continue;
            }
            CU_ASSERT_EQUAL(read_only(&found, error), 10);
            CU_ASSERT_TRUE(found.unfinished);
        }
    }
    memset(torn, 0, sizeof torn);
    memcpy(torn, whole, 40);
    {
        int fd = open(path, O_RDWR);

        CU_ASSERT_EQUAL(pwrite(fd, torn, sizeof torn, 0), (ssize_t)sizeof torn);
        (void)close(fd);
    }
    journal_close(open_good(JOURNAL_SYNC, &v));
    CU_ASSERT_EQUAL(access(path, F_OK), -1);
    dir_remove();
}

static void test_journal_file_size_limit_is_final_and_named(void)
{
    struct rlimit old;
    struct rlimit small;
    struct visited v;
    struct journal *j;
    uint64_t durable;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    (void)signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = SEGMENT + 100;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    append(j, 1, 3000);
    commit_durably(j);
    append(j, 2, 3000);
    CU_ASSERT_NOT_EQUAL(journal_commit(j), 0);
    CU_ASSERT_FALSE(journal_wait(j, 2));
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    durable = journal_durable(j);
    CU_ASSERT_EQUAL(durable, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(journal_error(j));
    CU_ASSERT_PTR_NOT_NULL(strstr(journal_error(j), FIRST));
    CU_ASSERT_FALSE(journal_append(j, BYTES("x")));
    CU_ASSERT_EQUAL(journal_commit(j), 0);
    journal_close(j);
    journal_close(open_good(JOURNAL_SYNC, &v));
    CU_ASSERT_EQUAL(v.count, 1);
    dir_remove();
}

static void test_journal_reserve_that_does_not_exist_is_refused(void)
{
    struct journal_config config = { .mode = JOURNAL_SYNC, .free_min = UINT64_MAX / 2 };
    char error[JOURNAL_ERROR_MAX] = "";

    dir_make();
    config.directory = directory;
    CU_ASSERT_PTR_NULL(journal_open(&config, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "not enough free space"));
    config.directory = "/nonexistent-directory";
    CU_ASSERT_PTR_NULL(journal_open(&config, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "/nonexistent-directory"));
    dir_remove();
}

/* ---------------------------------------------------------------- stores */

static bool store_has(struct fix_store *st, uint64_t seq, const char *text)
{
    struct bytes got;

    return st->ops->read(st, seq, &got) && bytes_is(got, text);
}

static void test_journal_store_reads_from_open_batch_queue_and_disk(void)
{
    struct visited v;
    struct journal *j;
    struct fix_store *st;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    st = journal_store(j, BYTES("CLIENT1"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(st);
    CU_ASSERT_EQUAL(st->next_in, 1);
    CU_ASSERT_EQUAL(st->next_out, 1);
    CU_ASSERT_TRUE(st->ops->append(st, 1, BYTES("8=FIX one")));
    CU_ASSERT_TRUE(store_has(st, 1, "8=FIX one"));
    CU_ASSERT_NOT_EQUAL(journal_commit(j), 0);
    CU_ASSERT_TRUE(store_has(st, 1, "8=FIX one"));
    CU_ASSERT_TRUE(journal_wait(j, journal_last(j)));
    CU_ASSERT_TRUE(store_has(st, 1, "8=FIX one"));
    CU_ASSERT_EQUAL(st->next_out, 2);
    CU_ASSERT_PTR_NULL(journal_error(j));
    journal_close(j);
    dir_remove();
}

static void test_journal_store_survives_restart_across_segments(void)
{
    char text[512];
    struct visited v;
    struct journal *j;
    struct fix_store *a;
    struct fix_store *b;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    a = journal_store(j, BYTES("A"));
    b = journal_store(j, BYTES("B"));
    CU_ASSERT_PTR_EQUAL(journal_store(j, BYTES("A")), a);
    memset(text, 'x', sizeof text);
    for (uint64_t i = 1; i <= 100; i++) {
        (void)snprintf(text, sizeof text, "message %llu", (unsigned long long)i);
        CU_ASSERT_TRUE(a->ops->append(a, i * 2, (struct bytes){ text, sizeof text - 1 }));
        CU_ASSERT_TRUE(b->ops->append(b, i, bytes_of(text)));
        CU_ASSERT_TRUE(b->ops->set_next(b, i * 3, b->next_out));
        CU_ASSERT_NOT_EQUAL(journal_commit(j), 0);
    }
    journal_close(j);
    j = open_good(JOURNAL_SYNC, &v);
    b = journal_store(j, BYTES("B"));
    a = journal_store(j, BYTES("A"));
    CU_ASSERT_FALSE(journal_dirty(j));
    CU_ASSERT_EQUAL(a->next_out, 201);
    CU_ASSERT_EQUAL(b->next_out, 101);
    CU_ASSERT_EQUAL(b->next_in, 300);
    for (uint64_t i = 1; i <= 100; i++) {
        struct bytes got;

        (void)snprintf(text, sizeof text, "message %llu", (unsigned long long)i);
        CU_ASSERT_TRUE(store_has(b, i, text));
        CU_ASSERT_TRUE(a->ops->read(a, i * 2, &got) && got.size == sizeof text - 1 &&
                       memcmp(got.data, text, strlen(text) + 1) == 0);
        CU_ASSERT_FALSE(a->ops->read(a, i * 2 - 1, &got));
    }
    CU_ASSERT_PTR_NULL(journal_error(j));
    journal_close(j);
    dir_remove();
}

static void test_journal_store_reset_and_reuse_of_numbers(void)
{
    struct visited v;
    struct journal *j;
    struct fix_store *st;
    struct bytes got;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    st = journal_store(j, BYTES("A"));
    CU_ASSERT_TRUE(st->ops->append(st, 1, BYTES("one")));
    CU_ASSERT_TRUE(st->ops->append(st, 2, BYTES("two")));
    CU_ASSERT_TRUE(st->ops->append(st, 3, BYTES("three")));
    CU_ASSERT_TRUE(st->ops->set_next(st, 7, 3));
    CU_ASSERT_FALSE(st->ops->read(st, 3, &got));
    CU_ASSERT_TRUE(st->ops->append(st, 2, BYTES("again")));
    CU_ASSERT_TRUE(store_has(st, 2, "again"));
    CU_ASSERT_TRUE(store_has(st, 1, "one"));
    CU_ASSERT_TRUE(st->ops->reset(st));
    CU_ASSERT_EQUAL(st->next_in, 1);
    CU_ASSERT_EQUAL(st->next_out, 1);
    CU_ASSERT_FALSE(st->ops->read(st, 1, &got));
    CU_ASSERT_TRUE(st->ops->append(st, 1, BYTES("new")));
    CU_ASSERT_NOT_EQUAL(journal_commit(j), 0);
    journal_close(j);
    j = open_good(JOURNAL_SYNC, &v);
    st = journal_store(j, BYTES("A"));
    CU_ASSERT_EQUAL(st->next_out, 2);
    CU_ASSERT_TRUE(store_has(st, 1, "new"));
    CU_ASSERT_FALSE(st->ops->read(st, 2, &got));
    journal_close(j);
    dir_remove();
}

static void test_journal_store_large_message_and_many_sessions(void)
{
    static char large[FIX_MESSAGE_MAX];
    struct visited v;
    struct journal *j;
    struct fix_store *st;
    struct bytes got;
    char name[16];

    dir_make();
    memset(large, 'm', sizeof large);
    j = open_good(JOURNAL_WRITTEN, &v);
    for (int i = 1; i <= 300; i++) {
        (void)snprintf(name, sizeof name, "S%d", i);
        st = journal_store(j, bytes_of(name));
        CU_ASSERT_PTR_NOT_NULL_FATAL(st);
        CU_ASSERT_TRUE(st->ops->append(st, 1, bytes_of(name)));
    }
    st = journal_store(j, BYTES("S7"));
    CU_ASSERT_TRUE(st->ops->append(st, 2, (struct bytes){ large, sizeof large }));
    commit_durably(j);
    CU_ASSERT_TRUE(st->ops->read(st, 2, &got) && got.size == sizeof large &&
                   got.data[65000] == 'm');
    CU_ASSERT_PTR_NULL(journal_store(j, BYTES("")));
    journal_close(j);
    j = open_good(JOURNAL_WRITTEN, &v);
    for (int i = 1; i <= 300; i++) {
        (void)snprintf(name, sizeof name, "S%d", i);
        CU_ASSERT_TRUE(store_has(journal_store(j, bytes_of(name)), 1, name));
    }
    journal_close(j);
    dir_remove();
}

static void test_journal_store_damaged_message_is_not_called_a_gap(void)
{
    struct visited v;
    struct journal *j;
    struct fix_store *st;
    struct bytes got;
    int fd;

    dir_make();
    j = open_good(JOURNAL_SYNC, &v);
    st = journal_store(j, BYTES("A"));
    CU_ASSERT_TRUE(st->ops->append(st, 1, BYTES("one")));
    commit_durably(j);
    fd = open_file(FIRST);
    CU_ASSERT_EQUAL(ftruncate(fd, JOURNAL_SEGMENT_HEAD), 0);
    (void)close(fd);
    CU_ASSERT_FALSE(st->ops->read(st, 1, &got));
    CU_ASSERT_PTR_NOT_NULL(journal_error(j));
    journal_close(j);
    dir_remove();
}

#define CLAIM(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

CU_TestInfo journal_tests[] = {
    CLAIM(test_journal_crc_is_castagnoli_both_ways),
    CLAIM(test_journal_segment_names_are_read_back_exactly),
    CLAIM(test_journal_committed_records_come_back_in_order),
    CLAIM(test_journal_open_batch_is_forgotten),
    CLAIM(test_journal_close_writes_what_was_committed),
    CLAIM(test_journal_rolls_segments),
    CLAIM(test_journal_second_open_is_refused),
    CLAIM(test_journal_record_refused_by_the_visitor_stops_the_open),
    CLAIM(test_journal_too_large_record_fails_for_good),
    CLAIM(test_journal_largest_record_comes_back),
    CLAIM(test_journal_wakes_when_durable_moves),
    CLAIM(test_journal_memory_mode_is_durable_at_commit),
    CLAIM(test_journal_every_truncation_ends_at_a_batch_boundary),
    CLAIM(test_journal_torn_tail_is_cut_off_and_written_over),
    CLAIM(test_journal_whole_batch_after_a_lost_unsynced_one_is_dropped),
    CLAIM(test_journal_every_flipped_bit_is_detected),
    CLAIM(test_journal_damage_before_the_last_segment_is_refused),
    CLAIM(test_journal_segment_that_was_only_begun_is_made_anew),
    CLAIM(test_journal_segment_with_a_torn_header_is_made_anew),
    CLAIM(test_journal_file_size_limit_is_final_and_named),
    CLAIM(test_journal_reserve_that_does_not_exist_is_refused),
    CLAIM(test_journal_store_reads_from_open_batch_queue_and_disk),
    CLAIM(test_journal_store_survives_restart_across_segments),
    CLAIM(test_journal_store_reset_and_reuse_of_numbers),
    CLAIM(test_journal_store_large_message_and_many_sessions),
    CLAIM(test_journal_store_damaged_message_is_not_called_a_gap),
    CU_TEST_INFO_NULL,
};
