/*
 * Sent messages read back in long rows, as a resend does: in stretches of the file, from memory
 * where it is not there yet, and without waiting for a disk when asked to.
 */
#include "journal_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "suites.h"

#define MESSAGES 3000

static char directory[64];
static struct journal *journal;

static struct journal *open_journal(void)
{
    struct journal_config config = { .directory = directory,
                                     .mode = JOURNAL_SYNC,
                                     .segment_size = 256 * 1024 };
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal *j = journal_open(&config, error);

    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    return j;
}

static void begin(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test-resend-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    journal = open_journal();
}

static void end(void)
{
    CU_ASSERT_PTR_NULL(journal_error(journal));
    journal_close(journal);
    scratch_remove(directory);
}

/* What the kernel holds of the files is given up, so that the disk has to be asked. */
static void forget_pages(void)
{
    DIR *dir = opendir(directory);

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);

        CU_ASSERT(fd >= 0);
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        (void)close(fd);
    }
    (void)closedir(dir);
}

/* Lengths from tens of bytes to tens of thousands, so that records end wherever they can. */
static struct bytes text_of(const char *name, uint64_t seq)
{
    static char text[40000];
    size_t size = seq % 500 == 7 ? sizeof text : 50 + seq * 37 % 400;
    int n = snprintf(text, sizeof text, "%s %llu ", name, (unsigned long long)seq);

    memset(text + n, 'a' + (int)(seq % 26), sizeof text - (size_t)n);
    return (struct bytes){ text, size };
}

static bool has(struct fix_store *st, const char *name, uint64_t seq)
{
    struct bytes got;

    return st->ops->read(st, seq, &got) && bytes_equal(got, text_of(name, seq));
}

static void test_journal_reads_in_rows_what_grows_meanwhile(void)
{
    struct fix_store *a, *b;
    uint64_t wrong = 0, at_a = 1, at_b = 1;

    begin();
    a = journal_store(journal, BYTES("A"));
    b = journal_store(journal, BYTES("B"));
    for (uint64_t seq = 1; seq <= MESSAGES; seq++) {
        CU_ASSERT_FATAL(a->ops->append(a, seq, text_of("A", seq)));
        CU_ASSERT_FATAL(seq % 3 != 0 || b->ops->append(b, seq / 3, text_of("B", seq / 3)));
        CU_ASSERT_FATAL(seq % 5 != 0 || journal_commit(journal) != 0);
        for (unsigned i = 0; i < 3; i++) { /* catches up, and begins anew */
            wrong += !has(a, "A", at_a);
            at_a = at_a < seq ? at_a + 1 : 1;
        }
        if (seq % 40 == 0) {
            wrong += !has(b, "B", at_b);
            at_b++;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    end();
}

static void test_journal_fetches_what_is_not_in_memory(void)
{
    struct fix_store *a;
    uint64_t wrong = 0;

    begin();
    a = journal_store(journal, BYTES("A"));
    for (uint64_t seq = 1; seq <= MESSAGES; seq++) {
        CU_ASSERT_FATAL(a->ops->append(a, seq, text_of("A", seq)));
        CU_ASSERT_FATAL(seq % 50 != 0 || journal_commit(journal) != 0);
    }
    CU_ASSERT_TRUE(journal_wait(journal, journal_last(journal)));
    journal_close(journal);
    forget_pages();
    journal = open_journal(); /* reads it all */
    a = journal_store(journal, BYTES("A"));
    forget_pages();
    for (uint64_t seq = 1; seq <= MESSAGES; seq++) {
        while (!a->ops->ready(a, seq)) {
            (void)sched_yield(); /* it says yes at last, whatever the disk does */
        }
        wrong += !has(a, "A", seq);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(a->ops->ready(a, MESSAGES + 1)); /* `read` says at once that there is none */
    end();
}

CU_TestInfo journal_resend_tests[] = {
    { "rows of messages, while the journal grows",
      test_journal_reads_in_rows_what_grows_meanwhile },
    { "what the disk has to give is fetched", test_journal_fetches_what_is_not_in_memory },
    CU_TEST_INFO_NULL,
};
