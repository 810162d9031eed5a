/*
 * The loop's side of the journal: open, append, commit, close. See journal_file.h.
 *
 * Where a batch goes (segment and offset) is decided when its first record is appended: in the
 * current segment as long as that is shorter than segment_size, else in the next. A batch may thus
 * cross the size of a segment, and in return every record knows its place at once, which is what
 * the sessions' index of sent messages is made of.
 */
#include "journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

bool journal_fail(struct journal *j, const char *format, ...)
{
    va_list args;

    (void)pthread_mutex_lock(&j->mutex);
    if (!atomic_load(&j->failed)) {
        va_start(args, format);
        (void)vsnprintf(j->error, sizeof j->error, format, args);
        va_end(args);
        atomic_store(&j->failed, true);
    }
    (void)pthread_cond_broadcast(&j->done);
    (void)pthread_mutex_unlock(&j->mutex);
    return false;
}

const char *journal_error(const struct journal *j)
{
    return atomic_load(&j->failed) ? j->error : NULL;
}

uint64_t journal_durable(const struct journal *j)
{
    return atomic_load(&j->durable);
}

uint64_t journal_last(const struct journal *j)
{
    return j->last;
}

bool journal_dirty(const struct journal *j)
{
    return j->open.size > 0;
}

bool journal_wait(struct journal *j, uint64_t lsn)
{
    journal_hand_over(j);
    (void)pthread_mutex_lock(&j->mutex);
    while (atomic_load(&j->durable) < lsn && !atomic_load(&j->failed) &&
           atomic_load(&j->space) != JOURNAL_SPACE_BLOCKED) {
        (void)pthread_cond_wait(&j->done, &j->mutex);
    }
    (void)pthread_mutex_unlock(&j->mutex);
    return atomic_load(&j->durable) >= lsn;
}

/* The first record of a batch: room for the header, and the place of it all. */
static void begin_batch(struct journal *j)
{
    static const char no_head[JOURNAL_BATCH_HEAD];

    if (j->offset >= j->segment_size) {
        journal_age_add(j, j->segment, journal_wall_us());
        j->segment++;
        j->offset = JOURNAL_SEGMENT_HEAD;
    }
    buf_add(&j->open, no_head, sizeof no_head);
}

bool journal_put(struct journal *j, enum journal_kind kind, uint16_t session, struct bytes first,
                 struct bytes second, struct journal_place *at)
{
    size_t size = first.size + second.size;
    char head[JOURNAL_RECORD_HEAD];

    if (atomic_load_explicit(&j->failed, memory_order_relaxed)) {
        return false;
    }
    if (size > JOURNAL_RECORD_MAX) {
        return journal_fail(j, "journal: a record of %zu bytes, at most %d are possible", size,
                            JOURNAL_RECORD_MAX);
    }
    if (j->open.size == 0) {
        begin_batch(j);
    }
    *at = (struct journal_place){ j->last + 1, j->segment, j->offset + j->open.size, false };
    journal_record_encode((uint8_t)kind, session, (uint32_t)size, head);
    buf_add(&j->open, head, sizeof head);
    buf_bytes(&j->open, first);
    buf_bytes(&j->open, second);
    if (j->open.failed) {
        return journal_fail(j, "journal: batch over %d bytes, or out of memory", JOURNAL_BATCH_MAX);
    }
    j->stats.records++;
    return true;
}

bool journal_append(struct journal *j, struct bytes record)
{
    struct journal_place at;

    return journal_put(j, JOURNAL_KIND_ENGINE, 0, record, (struct bytes){ NULL, 0 }, &at);
}

static bool queue_run(struct journal_queue *q, const struct journal *j)
{
    struct journal_run *run = q->run_count > 0 ? &q->runs[q->run_count - 1] : NULL;

    if (run != NULL && run->segment == j->segment) {
        run->size += j->open.size;
        return true;
    }
    if (q->run_count == q->run_room) {
        size_t room = q->run_room * 2 + 4;
        struct journal_run *grown = realloc(q->runs, room * sizeof *grown);

        if (grown == NULL) {
            return false;
        }
        q->runs = grown;
        q->run_room = room;
    }
    q->runs[q->run_count++] =
        (struct journal_run){ j->segment, j->offset, j->last + 1, q->data.size, j->open.size };
    return true;
}

/* Under the mutex. */
static bool queue_add(struct journal_queue *q, const struct journal *j)
{
    if (q->data.size + j->open.size > JOURNAL_PENDING_MAX || !buf_reserve(&q->data, j->open.size) ||
        !queue_run(q, j)) {
        return false;
    }
    buf_bytes(&q->data, buf_view(&j->open));
    q->last = j->last + 1;
    return true;
}

uint64_t journal_seal(struct journal *j)
{
    struct journal_batch_head head;
    bool added;

    if (atomic_load_explicit(&j->failed, memory_order_relaxed)) {
        return 0;
    }
    if (j->open.size == 0) {
        return j->last;
    }
    head.size = (uint32_t)(j->open.size - JOURNAL_BATCH_HEAD);
    head.number = j->last + 1;
    head.synced = atomic_load(&j->synced);
    head.crc = journal_crc(0, j->open.data + JOURNAL_BATCH_HEAD, head.size);
    journal_batch_encode(&head, j->identity, j->open.data);
    (void)pthread_mutex_lock(&j->mutex);
    added = queue_add(&j->pending, j);
    (void)pthread_mutex_unlock(&j->mutex);
    if (!added) {
        (void)journal_fail(j,
                           "journal %.80s: more than %zu bytes wait for the disk, or out of memory",
                           j->name, JOURNAL_PENDING_MAX);
        return 0;
    }
    j->stats.batches++;
    j->stats.bytes += j->open.size;
    j->since += j->open.size;
    j->offset += j->open.size;
    j->last = head.number;
    buf_clear(&j->open);
    if (j->mode == JOURNAL_MEMORY) {
        atomic_store(&j->durable, j->last);
    }
    return j->last;
}

uint64_t journal_commit(struct journal *j)
{
    uint64_t lsn = journal_seal(j);

    journal_hand_over(j);
    return lsn;
}

static bool peek_queue(const struct journal_queue *q, uint64_t segment, uint64_t offset,
                       size_t size, struct buf *to)
{
    for (size_t i = 0; i < q->run_count; i++) {
        const struct journal_run *run = &q->runs[i];

        if (run->segment == segment && offset >= run->offset && offset - run->offset < run->size) {
            size_t skip = (size_t)(offset - run->offset);

            buf_add(to, q->data.data + run->at + skip,
                    size < run->size - skip ? size : run->size - skip);
            return true;
        }
    }
    return false;
}

bool journal_peek(struct journal *j, uint64_t segment, uint64_t offset, size_t size, struct buf *to)
{
    bool found;

    if (j->open.size > 0 && segment == j->segment && offset >= j->offset) {
        size_t skip = (size_t)(offset - j->offset);

        if (skip < j->open.size) {
            buf_add(to, j->open.data + skip,
                    size < j->open.size - skip ? size : j->open.size - skip);
        }
        return skip < j->open.size;
    }
    (void)pthread_mutex_lock(&j->mutex);
    found = peek_queue(&j->pending, segment, offset, size, to) ||
            peek_queue(&j->writing, segment, offset, size, to);
    (void)pthread_mutex_unlock(&j->mutex);
    return found;
}

static uint64_t first_offset(const struct journal_queue *q, uint64_t segment, uint64_t least)
{
    for (size_t i = 0; i < q->run_count; i++) {
        if (q->runs[i].segment == segment && q->runs[i].offset < least) {
            least = q->runs[i].offset;
        }
    }
    return least;
}

uint64_t journal_written(struct journal *j, uint64_t segment)
{
    uint64_t least = segment == j->segment ? j->offset : UINT64_MAX;

    (void)pthread_mutex_lock(&j->mutex);
    least = first_offset(&j->pending, segment, least);
    least = first_offset(&j->writing, segment, least);
    (void)pthread_mutex_unlock(&j->mutex);
    return least;
}

void journal_stats(const struct journal *j, struct journal_stats *out)
{
    pthread_mutex_t *mutex = (pthread_mutex_t *)&j->mutex;

    *out = j->stats;
    out->segment = j->segment;
    out->snapshot = j->snapshot;
    (void)pthread_mutex_lock(mutex);
    out->syncs = j->syncs;
    out->here = j->here;
    out->sync_us_total = j->sync_us_total;
    out->sync_us_max = j->sync_us_max;
    out->pending_bytes = j->pending.data.size;
    out->blocked = j->blocked;
    out->retries = j->retries;
    (void)pthread_mutex_unlock(mutex);
}

/* Recovery: the same apply that the live store uses. */
static bool replay(void *arg, const struct journal_place *at, const struct journal_record *r)
{
    struct journal *j = arg;

    if (r->kind == JOURNAL_KIND_ENGINE) {
        return j->visit == NULL || j->visit(j->visit_arg, at->lsn, r->body);
    }
    return journal_session_apply(j, at, r);
}

static void replay_soon(void *arg, const struct journal_record *r)
{
    struct journal *j = arg;

    if (r->kind == JOURNAL_KIND_ENGINE) {
        j->expect(j->visit_arg, r->body);
    }
}

static bool lock_directory(struct journal *j, const char *path)
{
    j->name = strdup(path);
    j->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->name == NULL || j->directory < 0) {
        return journal_fail(j, "journal %.120s: %s", path, strerror(errno));
    }
    j->lock = openat(j->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (j->lock < 0) {
        return journal_fail(j, "journal %.120s/lock: %s", path, strerror(errno));
    }
    if (flock(j->lock, LOCK_EX | LOCK_NB) != 0) {
        return journal_fail(j,
                            errno == EWOULDBLOCK
                                ? "journal %.120s/lock: another process uses this journal"
                                : "journal %.120s/lock: cannot be locked",
                            path);
    }
    return true;
}

static bool recover(struct journal *j)
{
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX];

    if (!journal_read(j->directory, j->name, replay, j->expect == NULL ? NULL : replay_soon, j,
                      &found, error)) {
        return journal_fail(j, "%s%s", error, j->no_memory ? ": out of memory" : "");
    }
    if ((unlinkat(j->directory, JOURNAL_SNAPSHOT_TEMPORARY, 0) != 0 && errno != ENOENT) ||
        !journal_writer_resume(j, &found)) {
        return journal_fail(j, "journal %.80s/" JOURNAL_SNAPSHOT_TEMPORARY ": remove: %s", j->name,
                            strerror(errno));
    }
    j->lowest = found.lowest > 0 ? found.lowest : 1;
    j->snapshot = found.snapshot;
    j->since = found.bytes;
    for (uint64_t n = found.snapshot > 0 ? found.snapshot : 1; n < j->segment; n++) {
        journal_age_add(j, n, journal_wall_us()); /* at the latest */
    }
    j->last = found.last;
    j->stats.recovered_batches = found.batches;
    j->stats.recovered_records = found.records;
    j->stats.dropped_bytes = found.dropped;
    atomic_store(&j->durable, found.last);
    atomic_store(&j->synced, found.last);
    return journal_writer_start(j);
}

/* `work` is waited for with a time limit, which a step of the wall clock must not move. */
static bool make_ready(struct journal *j)
{
    pthread_condattr_t monotonic;

    if (pthread_condattr_init(&monotonic) != 0) {
        return false;
    }
    j->ready = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
               pthread_mutex_init(&j->mutex, NULL) == 0 &&
               pthread_cond_init(&j->work, &monotonic) == 0 &&
               pthread_cond_init(&j->done, NULL) == 0 && pthread_cond_init(&j->idle, NULL) == 0;
    (void)pthread_condattr_destroy(&monotonic);
    return j->ready;
}

static struct journal *journal_new(const struct journal_config *config)
{
    struct journal *j = calloc(1, sizeof *j);

    if (j == NULL) {
        return NULL;
    }
    j->mode = config->mode;
    j->segment_size = config->segment_size != 0 ? config->segment_size : JOURNAL_SEGMENT_SIZE;
    j->free_min = config->free_min;
    j->disk = config->disk != NULL ? *config->disk : journal_system_disk;
    j->wake = config->wake;
    j->wake_arg = config->wake_arg;
    j->visit = config->visit;
    j->expect = config->expect;
    j->visit_arg = config->visit_arg;
    j->directory = -1;
    j->lock = -1;
    j->read_fd = -1;
    j->writer.fd = -1;
    j->segment = 1;
    j->lowest = 1;
    j->offset = JOURNAL_SEGMENT_HEAD;
    buf_init(&j->open, JOURNAL_BATCH_HEAD + JOURNAL_BATCH_MAX);
    buf_init(&j->read, JOURNAL_RECORD_HEAD + JOURNAL_RECORD_MAX);
    j->read_at = UINT64_MAX;
    buf_init(&j->pending.data, JOURNAL_PENDING_MAX);
    buf_init(&j->writing.data, JOURNAL_PENDING_MAX);
    j->session_names = map_new(0); /* names are the operator's, not a client's */
    if (!make_ready(j) || j->session_names == NULL) {
        journal_close(j);
        return NULL;
    }
    return j;
}

struct journal *journal_open(const struct journal_config *config, char error[JOURNAL_ERROR_MAX])
{
    struct journal *j;

    if (config->segment_size != 0 && (config->segment_size < JOURNAL_SEGMENT_SIZE_MIN ||
                                      config->segment_size > JOURNAL_SEGMENT_SIZE_MAX)) {
        (void)snprintf(error, JOURNAL_ERROR_MAX, "journal: unusable segment size");
        return NULL;
    }
    j = journal_new(config);
    if (j == NULL) {
        (void)snprintf(error, JOURNAL_ERROR_MAX, "journal: out of memory");
        return NULL;
    }
    if (config->mode != JOURNAL_MEMORY && (!lock_directory(j, config->directory) || !recover(j))) {
        (void)snprintf(error, JOURNAL_ERROR_MAX, "%s", j->error);
        journal_close(j);
        return NULL;
    }
    j->visit = NULL;
    return j;
}

static void queue_fini(struct journal_queue *q)
{
    buf_fini(&q->data);
    free(q->runs);
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

void journal_close(struct journal *j)
{
    if (j == NULL) {
        return;
    }
    journal_compaction_free(j);
    journal_writer_stop(j);
    journal_sessions_free(j);
    free(j->ages);
    map_free(j->session_names);
    close_if_open(j->writer.fd);
    close_if_open(j->read_fd);
    close_if_open(j->directory);
    close_if_open(j->lock); /* last: the lock goes with it */
    buf_fini(&j->open);
    buf_fini(&j->read);
    queue_fini(&j->pending);
    queue_fini(&j->writing);
    if (j->ready) {
        (void)pthread_mutex_destroy(&j->mutex);
        (void)pthread_cond_destroy(&j->work);
        (void)pthread_cond_destroy(&j->done);
        (void)pthread_cond_destroy(&j->idle);
    }
    free(j->name);
    free(j);
}
