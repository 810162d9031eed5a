/*
 * Compaction: the journal's past as one snapshot.
 *
 *     loop     cut: the next batch begins segment N ── fork ──────────────► goes on in segment N
 *     process                                         └► state ► snapshot.tmp, synced ► ends
 *     thread   waits for the process and for segment N ► N.snapshot (in force) ► removes what is
 * old
 *
 * Until the rename, everything is as if nothing had been begun; after it, a start reads N.snapshot
 * and the segments from N on, whether or not what is old was removed. The forked process sees the
 * state of one moment and can do nothing but write its own file. The snapshot tells what batches
 * before segment N came to, some of which may not be on disk yet at the fork: so it comes into
 * force only after the first batch of segment N is, and with it all before.
 */
#include "journal_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct journal_compaction {
    struct journal *journal;
    struct journal_snapshot_job job;
    uint64_t keep_from; /* segments before this one go */
    uint64_t mark;      /* lsn of the first batch of the new segment */
    pid_t child;
    pthread_t thread;
    int64_t began_us, stopped_us;
    uint64_t bytes_before;           /* sealed before the new segment */
    struct journal_compacted result; /* the thread's, until `over` */
    atomic_bool over;
};

int64_t journal_wall_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

/* ---- ages ---------------------------------------------------------------------------------- */

void journal_age_add(struct journal *j, uint64_t segment, int64_t ended_us)
{
    if (j->age_count == j->age_room) {
        size_t room = j->age_room * 2 + 16;
        struct journal_age *grown = realloc(j->ages, room * sizeof *grown);

        if (grown == NULL) {
            return;
        }
        j->ages = grown;
        j->age_room = room;
    }
    j->ages[j->age_count++] = (struct journal_age){ segment, ended_us };
}

/* The first segment whose messages are kept. One of unknown age is kept, and all behind it. */
static uint64_t keep_from(const struct journal *j, uint64_t end, int64_t retain_us)
{
    uint64_t from = j->lowest;
    int64_t now_us = journal_wall_us();

    for (size_t i = 0; i < j->age_count && from < end; i++) {
        if (j->ages[i].segment == from && now_us - j->ages[i].ended_us >= retain_us) {
            from++;
        }
    }
    return from;
}

static void drop_ages(struct journal *j, uint64_t segment)
{
    size_t gone = 0;

    while (gone < j->age_count && j->ages[gone].segment < segment) {
        gone++;
    }
    if (gone > 0) {
        memmove(j->ages, j->ages + gone, (j->age_count - gone) * sizeof *j->ages);
        j->age_count -= gone;
    }
}

/* ---- the thread ---------------------------------------------------------------------------- */

PRINTF_LIKE(2, 3) static bool give_up(struct journal_compaction *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(c->result.error, sizeof c->result.error, format, args);
    va_end(args);
    return false;
}

static bool wait_for_child(struct journal_compaction *c)
{
    int status = 0;

    while (waitpid(c->child, &status, 0) < 0) {
        if (errno != EINTR) {
            return give_up(c, "waiting for the process that writes: %s", strerror(errno));
        }
    }
    c->result.records = c->job.report->records;
    c->result.bytes = c->job.report->bytes;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return true;
    }
    return c->job.report->error[0] != '\0'
               ? give_up(c, "%s", c->job.report->error)
               : give_up(c, "the process that writes ended with status %d", status);
}

/* Also while the disk is full: it may have room again. */
static bool wait_for_mark(struct journal_compaction *c)
{
    struct journal *j = c->journal;
    bool good;

    (void)pthread_mutex_lock(&j->mutex);
    while (atomic_load(&j->durable) < c->mark && !atomic_load(&j->failed) && !j->stop) {
        (void)pthread_cond_wait(&j->done, &j->mutex);
    }
    good = atomic_load(&j->durable) >= c->mark;
    (void)pthread_mutex_unlock(&j->mutex);
    return good || give_up(c, "the journal ended before the new segment was on disk");
}

static bool put_in_force(struct journal_compaction *c)
{
    char file[JOURNAL_NAME_SIZE];

    journal_snapshot_name(c->job.number, file);
    if (renameat(c->journal->directory, JOURNAL_SNAPSHOT_TEMPORARY, c->journal->directory, file) !=
            0 ||
        fsync(c->journal->directory) != 0) {
        return give_up(c, "journal %.80s/%s: %s", c->journal->name, file, strerror(errno));
    }
    return true;
}

static bool remove_file(struct journal_compaction *c, const char *file)
{
    struct stat st;

    if (fstatat(c->journal->directory, file, &st, 0) != 0) {
        return errno == ENOENT;
    }
    if (unlinkat(c->journal->directory, file, 0) != 0) {
        return give_up(c, "journal %.80s/%s: remove: %s", c->journal->name, file, strerror(errno));
    }
    c->result.removed++;
    c->result.removed_bytes += (uint64_t)st.st_blocks * 512;
    return true;
}

/* Older snapshots, also those that an earlier run left behind. */
static bool remove_snapshots(struct journal_compaction *c)
{
    int fd = openat(c->journal->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    bool good = dir != NULL;
    uint64_t number;

    for (struct dirent *entry; good && (entry = readdir(dir)) != NULL;) {
        if (journal_snapshot_number(entry->d_name, &number) && number < c->job.number) {
            good = remove_file(c, entry->d_name);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return good || c->result.error[0] != '\0' || give_up(c, "the directory cannot be read");
}

/* From the oldest on, so that what is left has no gap. What cannot be removed is a nuisance, not a
 * failure: the snapshot is in force. */
static void remove_old(struct journal_compaction *c, uint64_t lowest)
{
    bool good = remove_snapshots(c);

    for (uint64_t n = lowest; good && n < c->keep_from; n++) {
        char file[JOURNAL_NAME_SIZE];

        journal_segment_name(n, file);
        good = remove_file(c, file);
    }
    (void)fsync(c->journal->directory);
}

static void *finish(void *arg)
{
    struct journal_compaction *c = arg;
    struct journal *j = c->journal;
    const uint64_t lowest = j->lowest; /* the loop leaves it alone until this is over */

    c->result.good = wait_for_child(c) && wait_for_mark(c) && put_in_force(c);
    if (c->result.good) {
        remove_old(c, lowest);
    } else {
        (void)unlinkat(j->directory, JOURNAL_SNAPSHOT_TEMPORARY, 0);
    }
    c->result.snapshot = c->job.number;
    c->result.stopped_us = c->stopped_us;
    c->result.took_us = journal_now_us() - c->began_us;
    atomic_store(&c->over, true);
    if (j->wake != NULL) {
        j->wake(j->wake_arg);
    }
    return NULL;
}

/* ---- the process --------------------------------------------------------------------------- */

/* Clients' connections, the lock and all else are not this process's to hold. */
static _Noreturn void write_and_exit(struct journal_compaction *c, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    if (dup2(c->journal->directory, STDERR_FILENO + 1) < 0 ||
        close_range(STDERR_FILENO + 2, ~0U, 0) != 0) {
        _exit(1);
    }
    c->journal->directory = STDERR_FILENO + 1;
    (void)setpriority(PRIO_PROCESS, 0, 10);
    _exit(journal_snapshot_write(&c->job) ? 0 : 1);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static bool no(char error[JOURNAL_ERROR_MAX], const char *why)
{
    (void)snprintf(error, JOURNAL_ERROR_MAX, "%s", why);
    return false;
}

static void compaction_free(struct journal_compaction *c)
{
    if (c != NULL) {
        buf_fini(&c->job.batch);
        if (c->job.report != NULL) {
            (void)munmap(c->job.report, sizeof *c->job.report);
        }
        free(c);
    }
}

static struct journal_compaction *compaction_new(struct journal *j)
{
    struct journal_compaction *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return NULL;
    }
    c->journal = c->job.journal = j;
    c->job.report = mmap(NULL, sizeof *c->job.report, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c->job.report == MAP_FAILED) {
        c->job.report = NULL;
    }
    if (c->job.report == NULL || !journal_snapshot_reserve(&c->job)) {
        compaction_free(c);
        return NULL;
    }
    return c;
}

/* The next batch begins a segment; it is made at once, of a mark alone, so that the segment is
 * there before the snapshot is. */
static bool cut(struct journal *j, struct journal_compaction *c)
{
    const struct bytes none = { NULL, 0 };
    struct journal_place at;

    c->job.first_batch = j->last + 1;
    if (j->offset > JOURNAL_SEGMENT_HEAD) {
        journal_age_add(j, j->segment, journal_wall_us());
        j->segment++;
        j->offset = JOURNAL_SEGMENT_HEAD;
    }
    c->job.number = j->segment;
    c->bytes_before = j->stats.bytes;
    if (!journal_put(j, JOURNAL_KIND_MARK, 0, none, none, &at)) {
        return false;
    }
    c->mark = journal_commit(j);
    return c->mark != 0;
}

static bool start(struct journal_compaction *c, char error[JOURNAL_ERROR_MAX])
{
    const pid_t parent = getpid();

    c->child = fork();
    if (c->child < 0) {
        return no(error, strerror(errno));
    }
    if (c->child == 0) {
        write_and_exit(c, parent);
    }
    c->stopped_us = journal_now_us() - c->began_us;
    if (pthread_create(&c->thread, NULL, finish, c) != 0) {
        (void)kill(c->child, SIGKILL);
        (void)waitpid(c->child, NULL, 0);
        return no(error, "no thread");
    }
    return true;
}

bool journal_compact(struct journal *j, journal_state_fn *state, void *arg, int64_t retain_us,
                     char error[JOURNAL_ERROR_MAX])
{
    struct journal_compaction *c;

    if (j->mode == JOURNAL_MEMORY || atomic_load(&j->failed) || j->open.size > 0) {
        return no(error,
                  "the journal is in memory only, has failed, or is in the middle of a batch");
    }
    if (j->compaction != NULL) {
        return no(error, "a compaction is under way");
    }
    if (journal_space(j) >= JOURNAL_SPACE_STALLED) {
        return no(error, "there is no room on the disk");
    }
    c = compaction_new(j);
    if (c == NULL) {
        return no(error, "out of memory");
    }
    c->job.state = state;
    c->job.arg = arg;
    c->began_us = journal_now_us();
    if (!cut(j, c)) {
        compaction_free(c);
        return no(error, j->error);
    }
    c->keep_from = keep_from(j, c->job.number, retain_us);
    journal_sessions_drop(j, c->keep_from);
    if (!start(c, error)) {
        compaction_free(c);
        return false;
    }
    j->compaction = c;
    return true;
}

bool journal_compacting(const struct journal *j)
{
    return j->compaction != NULL;
}

uint64_t journal_since_snapshot(const struct journal *j)
{
    return j->since;
}

bool journal_compacted(struct journal *j, struct journal_compacted *out)
{
    struct journal_compaction *c = j->compaction;

    if (c == NULL || !atomic_load(&c->over)) {
        return false;
    }
    (void)pthread_join(c->thread, NULL);
    *out = c->result;
    if (out->good) {
        j->snapshot = c->job.number;
        j->lowest = c->keep_from;
        drop_ages(j, c->keep_from);
        j->since = j->stats.bytes - c->bytes_before;
    }
    j->compaction = NULL;
    compaction_free(c);
    return true;
}

void journal_compaction_free(struct journal *j)
{
    struct journal_compaction *c = j->compaction;

    if (c == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&j->mutex);
    j->stop = true;
    (void)pthread_cond_broadcast(&j->done);
    (void)pthread_cond_signal(&j->work);
    (void)pthread_mutex_unlock(&j->mutex);
    if (!atomic_load(&c->over)) {
        (void)kill(c->child, SIGKILL);
    }
    (void)pthread_join(c->thread, NULL);
    j->compaction = NULL;
    compaction_free(c);
}
