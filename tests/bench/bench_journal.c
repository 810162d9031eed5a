/*
 * Journal: batches and records a second in each mode, the cost for the loop, and the speed of
 * recovery.
 *
 *     bench_journal [directory]       default: a new one under /tmp, removed afterwards
 */
#include "journal_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RECORDS_PER_BATCH 8
#define RECORD_SIZE 160

static char directory[256];

static double now_s(clockid_t clock)
{
    struct timespec ts;

    (void)clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void empty_directory(void)
{
    DIR *dir = opendir(directory);

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static bool count(void *arg, uint64_t lsn, struct bytes record)
{
    (void)lsn;
    (void)record;
    ++*(uint64_t *)arg;
    return true;
}

static struct journal *open_journal(enum journal_mode mode, uint64_t *records)
{
    struct journal_config config = {
        .directory = directory, .mode = mode, .visit = count, .visit_arg = records
    };
    char error[JOURNAL_ERROR_MAX];
    struct journal *j = journal_open(&config, error);

    if (j == NULL) {
        (void)fprintf(stderr, "%s\n", error);
        exit(1);
    }
    return j;
}

static void one_batch(struct journal *j)
{
    static const char record[RECORD_SIZE];

    for (int i = 0; i < RECORDS_PER_BATCH; i++) {
        if (!journal_append(j, (struct bytes){ record, sizeof record })) {
            exit(1);
        }
    }
    if (journal_commit(j) == 0) {
        (void)fprintf(stderr, "%s\n", journal_error(j));
        exit(1);
    }
}

/* `ahead` batches may be under way before the next waits: 1 is a lone client. */
static void run(const char *name, enum journal_mode mode, uint64_t ahead, uint64_t batches)
{
    uint64_t records = 0;
    struct journal *j = open_journal(mode, &records);
    struct journal_stats stats;
    double wall = now_s(CLOCK_MONOTONIC);
    double loop = now_s(CLOCK_THREAD_CPUTIME_ID);
    double cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);

    for (uint64_t i = 0; i < batches; i++) {
        if (journal_last(j) >= ahead && !journal_wait(j, journal_last(j) + 1 - ahead)) {
            exit(1);
        }
        one_batch(j);
    }
    if (!journal_wait(j, journal_last(j))) {
        exit(1);
    }
    wall = now_s(CLOCK_MONOTONIC) - wall;
    loop = now_s(CLOCK_THREAD_CPUTIME_ID) - loop;
    cpu = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    journal_stats(j, &stats);
    (void)printf("%-8s %5llu ahead: %9.0f batches/s %10.0f records/s, loop %6.2f us/batch, "
                 "all %6.2f us/batch, %6.1f batches/sync, sync mean %5.0f max %6llu us\n",
                 name, (unsigned long long)ahead, (double)batches / wall,
                 (double)batches * RECORDS_PER_BATCH / wall, loop * 1e6 / (double)batches,
                 cpu * 1e6 / (double)batches,
                 stats.syncs > 0 ? (double)stats.batches / (double)stats.syncs : 0.,
                 stats.syncs > 0 ? (double)stats.sync_us_total / (double)stats.syncs : 0.,
                 (unsigned long long)stats.sync_us_max);
    journal_close(j);
}

static void recover(void)
{
    uint64_t records = 0;
    double wall;

    empty_directory();
    run("written", JOURNAL_WRITTEN, 1000, 250000);
    wall = now_s(CLOCK_MONOTONIC);
    journal_close(open_journal(JOURNAL_WRITTEN, &records));
    wall = now_s(CLOCK_MONOTONIC) - wall;
    (void)printf("recovery: %llu records in %.3f s, %.2f million records/s\n",
                 (unsigned long long)records, wall, (double)records / wall * 1e-6);
}

int main(int argc, char **argv)
{
    (void)snprintf(directory, sizeof directory, "%s",
                   argc > 1 ? argv[1] : "/tmp/bench-journal-XXXXXX");
    if (argc == 1 && mkdtemp(directory) == NULL) {
        return 1;
    }
    run("sync", JOURNAL_SYNC, 1, 3000);
    empty_directory();
    run("sync", JOURNAL_SYNC, 16, 20000);
    empty_directory();
    run("sync", JOURNAL_SYNC, 256, 100000);
    empty_directory();
    run("written", JOURNAL_WRITTEN, 1, 50000);
    empty_directory();
    run("memory", JOURNAL_MEMORY, 1, 100000);
    recover();
    empty_directory();
    if (argc == 1) {
        (void)rmdir(directory);
    }
    return 0;
}
