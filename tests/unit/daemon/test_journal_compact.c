/*
 * Compaction: a snapshot counts whole or not at all, what is behind it comes back after it,
 * sessions keep their numbers for ever and their messages as long as asked, and whatever goes wrong
 * leaves the journal as it was.
 */
#include "journal_file.h"
#include "journal_format.h"
#include "journal_read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"

#define SEGMENT 4096
#define FOR_EVER (INT64_C(1000000) * US_PER_S)

static char directory[64];

static void dir_make(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test-compact-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
}

static void dir_remove(void)
{
    scratch_remove(directory);
}

static bool there(const char *name)
{
    char path[128];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &st) == 0;
}

/* Bytes of the disk that a file takes. */
static uint64_t blocks(const char *name)
{
    char path[128];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

/* Records seen at open, joined by blanks. */
static char seen[4096];

static bool visit(void *arg, uint64_t lsn, struct bytes record)
{
    size_t size = strlen(seen);

    (void)arg;
    (void)lsn;
    (void)snprintf(seen + size, sizeof seen - size, "%.*s ", (int)record.size, record.data);
    return true;
}

static struct journal *open_with(const struct journal_disk *disk, char *error)
{
    const struct journal_config config = { .directory = directory,
                                           .mode = JOURNAL_SYNC,
                                           .segment_size = SEGMENT,
                                           .disk = disk,
                                           .visit = visit };

    seen[0] = '\0';
    return journal_open(&config, error);
}

static struct journal *open_good(void)
{
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal *j = open_with(NULL, error);

    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    return j;
}

static void record(struct journal *j, const char *text)
{
    uint64_t lsn;

    CU_ASSERT_TRUE(journal_append(j, bytes_of(text)));
    lsn = journal_commit(j);
    CU_ASSERT_NOT_EQUAL(lsn, 0);
    CU_ASSERT_TRUE(journal_wait(j, lsn));
}

static void message(struct journal *j, struct fix_store *st, uint64_t seq, size_t size)
{
    char text[SEGMENT];

    memset(text, 'm', sizeof text);
    CU_ASSERT_TRUE(st->ops->append(st, seq, (struct bytes){ text, size }));
    CU_ASSERT_TRUE(journal_wait(j, journal_commit(j)));
}

/* The state: "k1" and "k2". */
static bool state(void *arg, struct buf *out)
{
    int *step = arg;

    if (*step == 2) {
        return false;
    }
    buf_printf(out, "k%d", ++*step);
    return true;
}

static struct journal_compacted wait_for(struct journal *j)
{
    struct journal_compacted done = { 0 };
    int tries = 0;

    while (!journal_compacted(j, &done) && tries++ < 10000) {
        (void)poll(NULL, 0, 1);
    }
    CU_ASSERT_TRUE(tries < 10000);
    return done;
}

static struct journal_compacted compact(struct journal *j, int64_t retain_us)
{
    char error[JOURNAL_ERROR_MAX] = "";
    int step = 0;

    CU_ASSERT_TRUE(journal_compact(j, state, &step, retain_us, error));
    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_EQUAL(step, 0); /* our memory is not the other process's */
    return wait_for(j);
}

static void test_compact_state_and_what_follows_come_back(void)
{
    struct journal *j;
    struct journal_compacted done;

    dir_make();
    j = open_good();
    record(j, "r1");
    CU_ASSERT_EQUAL(journal_segments(j), 1);
    CU_ASSERT_EQUAL(journal_disk_bytes(j), blocks("00000001.journal"));
    CU_ASSERT_TRUE(journal_disk_bytes(j) >= SEGMENT); /* reserved */
    record(j, "r2");
    done = compact(j, 0);
    CU_ASSERT_TRUE(done.good);
    CU_ASSERT_STRING_EQUAL(done.error, "");
    CU_ASSERT_EQUAL(done.snapshot, 2);
    CU_ASSERT_EQUAL(journal_segments(j), 1);
    CU_ASSERT_EQUAL(journal_disk_bytes(j),
                    blocks("00000002.journal") + blocks("00000002.snapshot"));
    record(j, "r3");
    journal_close(j);
    CU_ASSERT_FALSE(there("00000001.journal"));
    CU_ASSERT_TRUE(there("00000002.snapshot") && there("00000002.journal"));
    j = open_good();
    CU_ASSERT_STRING_EQUAL(seen, "k1 k2 r3 ");
    CU_ASSERT_EQUAL(journal_last(j), 4); /* r1, r2, the mark, r3 */
    done = compact(j, 0);
    CU_ASSERT_TRUE(done.good);
    CU_ASSERT_FALSE(there("00000002.snapshot") || there("00000002.journal"));
    journal_close(j);
    j = open_good();
    CU_ASSERT_STRING_EQUAL(seen, "k1 k2 ");
    journal_close(j);
    dir_remove();
}

static void test_compact_sessions_keep_numbers_and_recent_messages(void)
{
    struct journal *j;
    struct fix_store *st;
    struct bytes text;

    dir_make();
    j = open_good();
    st = journal_store(j, BYTES("CLIENT"));
    for (uint64_t seq = 1; seq <= 10; seq++) {
        message(j, st, seq, 1000);
    }
    CU_ASSERT_TRUE(st->ops->set_next(st, 77, 11));
    CU_ASSERT_NOT_EQUAL(journal_commit(j), 0);
    CU_ASSERT_TRUE(compact(j, FOR_EVER).good);
    CU_ASSERT_TRUE(there("00000001.journal")); /* its messages are young */
    message(j, st, 11, 500);
    journal_close(j);
    j = open_good();
    st = journal_store(j, BYTES("CLIENT"));
    CU_ASSERT_EQUAL(st->next_in, 77);
    CU_ASSERT_EQUAL(st->next_out, 12);
    for (uint64_t seq = 1; seq <= 11; seq++) {
        CU_ASSERT_TRUE(st->ops->read(st, seq, &text));
        CU_ASSERT_EQUAL(text.size, seq == 11 ? 500 : 1000);
    }
    CU_ASSERT_TRUE(compact(j, 0).good);
    CU_ASSERT_FALSE(st->ops->read(st, 1, &text)); /* a gap to be filled */
    CU_ASSERT_FALSE(there("00000001.journal"));
    journal_close(j);
    j = open_good();
    st = journal_store(j, BYTES("CLIENT"));
    CU_ASSERT_EQUAL(st->next_in, 77);
    CU_ASSERT_EQUAL(st->next_out, 12);
    CU_ASSERT_FALSE(st->ops->read(st, 11, &text));
    message(j, st, 12, 100);
    CU_ASSERT_TRUE(st->ops->read(st, 12, &text));
    journal_close(j);
    dir_remove();
}

static void test_compact_unfinished_snapshot_counts_for_nothing(void)
{
    struct journal *j;
    char path[128];

    dir_make();
    j = open_good();
    record(j, "r1");
    journal_close(j);
    (void)snprintf(path, sizeof path, "%s/" JOURNAL_SNAPSHOT_TEMPORARY, directory);
    CU_ASSERT_TRUE(close(open(path, O_CREAT | O_WRONLY, 0600)) == 0);
    j = open_good();
    CU_ASSERT_STRING_EQUAL(seen, "r1 ");
    CU_ASSERT_FALSE(there(JOURNAL_SNAPSHOT_TEMPORARY));
    journal_close(j);
    dir_remove();
}

/* Ended in the middle: whatever there is then, the same state comes back. */
static void test_compact_given_up_is_as_if_never_begun_or_done(void)
{
    dir_make();
    for (int i = 0; i < 20; i++) {
        char error[JOURNAL_ERROR_MAX] = "";
        struct journal *j = open_good();
        int step = 0;

        if (i == 0) {
            record(j, "k1");
            record(j, "k2");
        } else {
            CU_ASSERT_STRING_EQUAL(seen, "k1 k2 ");
        }
        CU_ASSERT_TRUE(journal_compact(j, state, &step, 0, error));
        if (i > 0) {
            (void)poll(NULL, 0, i / 4);
        }
        journal_close(j);
    }
    dir_remove();
}

static void snapshot_path(char path[128])
{
    (void)snprintf(path, 128, "%s/00000002.snapshot", directory);
}

static void test_compact_damage_is_named_and_refused(void)
{
    char path[128], error[JOURNAL_ERROR_MAX], byte;
    struct journal *j;
    struct stat st;
    int fd;

    dir_make();
    j = open_good();
    CU_ASSERT_PTR_NOT_NULL(journal_store(j, BYTES("CLIENT")));
    record(j, "r1");
    CU_ASSERT_TRUE(compact(j, 0).good);
    journal_close(j);
    snapshot_path(path);
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    for (off_t at = 0; at < st.st_size; at++) {
        fd = open(path, O_RDWR);
        CU_ASSERT_EQUAL(pread(fd, &byte, 1, at), 1);
        byte = (char)(byte ^ 0x10);
        CU_ASSERT_EQUAL(pwrite(fd, &byte, 1, at), 1);
        error[0] = '\0';
        CU_ASSERT_PTR_NULL(open_with(NULL, error));
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "00000002.snapshot: offset "));
        byte = (char)(byte ^ 0x10);
        CU_ASSERT_EQUAL(pwrite(fd, &byte, 1, at), 1);
        (void)close(fd);
    }
    for (off_t size = 0; size < st.st_size; size++) {
        char copy[1024];
        ssize_t n;

        fd = open(path, O_RDWR);
        n = pread(fd, copy, sizeof copy, 0);
        CU_ASSERT_EQUAL(ftruncate(fd, size), 0);
        CU_ASSERT_PTR_NULL(open_with(NULL, error));
        CU_ASSERT_EQUAL(pwrite(fd, copy, (size_t)n, 0), n);
        (void)close(fd);
    }
    j = open_good();
    CU_ASSERT_STRING_EQUAL(seen, "k1 k2 ");
    journal_close(j);
    dir_remove();
}

static void test_compact_missing_segment_is_refused(void)
{
    char path[128], error[JOURNAL_ERROR_MAX] = "";
    struct journal *j;

    dir_make();
    j = open_good();
    record(j, "r1");
    CU_ASSERT_TRUE(compact(j, 0).good);
    journal_close(j);
    (void)snprintf(path, sizeof path, "%s/00000002.journal", directory);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_PTR_NULL(open_with(NULL, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "missing"));
    dir_remove();
}

static void test_compact_one_at_a_time_and_never_in_a_batch(void)
{
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal *j;
    int step = 0;

    dir_make();
    j = open_good();
    CU_ASSERT_TRUE(journal_append(j, BYTES("r1")));
    CU_ASSERT_FALSE(journal_compact(j, state, &step, 0, error));
    CU_ASSERT_NOT_EQUAL(journal_commit(j), 0);
    CU_ASSERT_TRUE(journal_compact(j, state, &step, 0, error));
    CU_ASSERT_FALSE(journal_compact(j, state, &step, 0, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "under way"));
    CU_ASSERT_TRUE(wait_for(j).good);
    journal_close(j);
    dir_remove();
}

/* ---- a full disk --------------------------------------------------------------------------- */

static int disk_write(void *arg, int fd, const char *data, size_t size, uint64_t offset)
{
    (void)arg;
    return pwrite(fd, data, size, (off_t)offset) == (ssize_t)size ? 0 : EIO;
}

static int disk_reserve(void *arg, int fd, uint64_t size)
{
    (void)arg;
    return posix_fallocate(fd, 0, (off_t)size);
}

static int disk_sync(void *arg, int fd)
{
    (void)arg;
    return fdatasync(fd) == 0 ? 0 : EIO;
}

static int disk_free(void *arg, int dir, uint64_t *out)
{
    (void)dir;
    *out = *(const uint64_t *)arg;
    return 0;
}

/* Room for the next segment, none for a snapshot. */
static void test_compact_on_a_full_disk_leaves_all_as_it_was(void)
{
    uint64_t room = SEGMENT + 10;
    const struct journal_disk disk = { disk_write, disk_reserve, disk_sync, disk_free, &room };
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal_compacted done;
    struct journal *j;
    int step = 0;

    dir_make();
    j = open_with(&disk, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    record(j, "r1");
    CU_ASSERT_TRUE(journal_compact(j, state, &step, 0, error));
    done = wait_for(j);
    CU_ASSERT_FALSE(done.good);
    CU_ASSERT_PTR_NOT_NULL(strstr(done.error, "space"));
    CU_ASSERT_FALSE(there(JOURNAL_SNAPSHOT_TEMPORARY));
    CU_ASSERT_TRUE(there("00000001.journal"));
    record(j, "r2");
    room = 100 * SEGMENT;
    CU_ASSERT_TRUE(journal_compact(j, state, &step, 0, error));
    CU_ASSERT_TRUE(wait_for(j).good);
    journal_close(j);
    j = open_good();
    CU_ASSERT_STRING_EQUAL(seen, "k1 k2 ");
    journal_close(j);
    dir_remove();
}

CU_TestInfo journal_compact_tests[] = {
    { "state_and_what_follows_come_back", test_compact_state_and_what_follows_come_back },
    { "sessions_keep_numbers_and_recent_messages",
      test_compact_sessions_keep_numbers_and_recent_messages },
    { "unfinished_snapshot_counts_for_nothing",
      test_compact_unfinished_snapshot_counts_for_nothing },
    { "given_up_is_as_if_never_begun_or_done", test_compact_given_up_is_as_if_never_begun_or_done },
    { "damage_is_named_and_refused", test_compact_damage_is_named_and_refused },
    { "missing_segment_is_refused", test_compact_missing_segment_is_refused },
    { "one_at_a_time_and_never_in_a_batch", test_compact_one_at_a_time_and_never_in_a_batch },
    { "full_disk_leaves_all_as_it_was", test_compact_on_a_full_disk_leaves_all_as_it_was },
    CU_TEST_INFO_NULL,
};
