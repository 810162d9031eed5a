/*
 * Reading a journal: what is said ahead of the records, and what lies behind the last of them.
 */
#include "journal_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "suites.h"

#define FIRST "00000001.journal"
#define MIB (UINT64_C(1024) * 1024)

static char directory[64];

static void write_journal(uint64_t segment, unsigned batches, unsigned each, size_t padding)
{
    struct journal_config config = { .directory = directory, .segment_size = segment };
    char error[JOURNAL_ERROR_MAX] = "";
    static char text[4096];
    struct journal *j;

    (void)snprintf(directory, sizeof directory, "/tmp/test-read-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    j = journal_open(&config, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    for (unsigned b = 0; b < batches; b++) {
        for (unsigned i = 0; i < each; i++) {
            int n = snprintf(text, sizeof text, "r%u", b * each + i);

            CU_ASSERT_TRUE(journal_append(j, (struct bytes){ text, (size_t)n + padding }));
        }
        CU_ASSERT_TRUE(journal_wait(j, journal_commit(j)));
    }
    journal_close(j);
}

/* ---- ahead --------------------------------------------------------------------------------- */

struct told {
    unsigned expected, visited; /* numbers of the next ones */
    unsigned most;              /* that were expected and not visited yet */
    bool in_order, unexpected;
};

static unsigned number_of(const struct journal_record *r)
{
    return (unsigned)strtoul(r->body.data + 1, NULL, 10);
}

static void expect(void *arg, const struct journal_record *r)
{
    struct told *t = arg;

    t->in_order = t->in_order && number_of(r) == t->expected;
    t->expected++;
    t->most = t->expected - t->visited > t->most ? t->expected - t->visited : t->most;
}

static bool visit(void *arg, const struct journal_place *at, const struct journal_record *r)
{
    struct told *t = arg;

    (void)at;
    if (r->kind != JOURNAL_KIND_ENGINE) {
        return true;
    }
    t->in_order = t->in_order && number_of(r) == t->visited;
    t->visited++;
    t->unexpected = t->unexpected || t->visited > t->expected;
    return true;
}

static void read_ahead(uint64_t segment, unsigned batches, unsigned each, size_t padding)
{
    struct told t = { .in_order = true };
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal_found found;
    int fd;

    write_journal(segment, batches, each, padding);
    fd = open(directory, O_RDONLY | O_DIRECTORY);
    CU_ASSERT_TRUE(journal_read(fd, directory, visit, expect, &t, &found, error));
    CU_ASSERT_TRUE(t.in_order);
    CU_ASSERT_FALSE(t.unexpected);
    CU_ASSERT_EQUAL(t.visited, batches * each);
    CU_ASSERT_EQUAL(t.expected, t.visited);
    CU_ASSERT_TRUE(t.most > 1 && t.most < 100);
    (void)close(fd);
    scratch_remove(directory);
}

static void test_every_record_is_expected_once_and_before_it_comes(void)
{
    read_ahead(MIB, 200, 1, 5);        /* across batches */
    read_ahead(MIB, 3, 300, 5);        /* within one */
    read_ahead(4096, 60, 3, 400);      /* across segments */
    read_ahead(8 * MIB, 40, 20, 4000); /* across what is read at once */
}

/* ---- behind the end ------------------------------------------------------------------------ */

static bool read_whole(struct journal_found *found, char error[JOURNAL_ERROR_MAX])
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY);
    bool ok = journal_read(fd, directory, NULL, NULL, NULL, found, error);

    (void)close(fd);
    return ok;
}

static void put(const char *data, size_t size, uint64_t offset)
{
    char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%s/" FIRST, directory);
    fd = open(path, O_RDWR);
    CU_ASSERT_EQUAL(pwrite(fd, data, size, (off_t)offset), (ssize_t)size);
    (void)close(fd);
}

/* The room in between was reserved and never written. */
static void test_what_lies_far_behind_the_end_is_seen(void)
{
    struct journal_batch_head later = { .size = 1, .number = 9, .synced = 8 };
    char head[JOURNAL_BATCH_HEAD], error[JOURNAL_ERROR_MAX] = "";
    struct journal_found found;
    uint64_t far = 9 * MIB + 4096 - 10; /* across a page */

    write_journal(16 * MIB, 2, 1, 5);
    CU_ASSERT_TRUE(read_whole(&found, error));
    CU_ASSERT_EQUAL(found.dropped, 0);
    put("x", 1, far);
    CU_ASSERT_TRUE(read_whole(&found, error));
    CU_ASSERT_EQUAL(found.dropped, far + 1 - found.end);
    journal_batch_encode(&later, found.identity, head);
    put(head, sizeof head, far);
    CU_ASSERT_FALSE(read_whole(&found, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "batch 3 is damaged, though it was on disk"));
    scratch_remove(directory);
}

CU_TestInfo journal_read_tests[] = {
    { "every record is expected once and before it comes",
      test_every_record_is_expected_once_and_before_it_comes },
    { "what lies far behind the end is seen", test_what_lies_far_behind_the_end_is_seen },
    CU_TEST_INFO_NULL,
};
