/*
 * The thread that writes: take all sealed batches, write, one fdatasync, publish, wake the loop.
 * What is little may be written by the loop itself, which saves waking both (journal_write): the
 * same steps, by whoever makes the journal `busy`. The thread takes what was handed over, and all
 * that is sealed at that moment.
 *
 * A full disk is waited out: the batches stay in memory and are written again, all of them, at the
 * same place, until it works; nothing is published meanwhile. That is sound because everything not
 * published is still here. Every other error is final: after a failed fdatasync the kernel may have
 * thrown pages away, and what went wrong with the device cannot be known.
 */
#include "journal_internal.h"

#include <errno.h>
#include <time.h>

#define PAUSE_FIRST_US (20 * US_PER_MS)
#define PAUSE_MAX_US US_PER_S
/* What the loop may be held up by: more bytes, or a disk whose last sync took longer, are the
 * thread's. While so much is synced the loop has other things to do than to wait. */
#define HERE_BYTES_MAX ((size_t)256 * 1024)
#define HERE_SYNC_BYTES_MAX ((size_t)8 * 1024)
#define HERE_SYNC_MAX_US (2 * US_PER_MS)

static enum journal_put_result put_queue(struct journal *j, const struct journal_queue *q)
{
    enum journal_put_result result = JOURNAL_PUT;

    for (size_t i = 0; result == JOURNAL_PUT && i < q->run_count; i++) {
        result = journal_put_run(j, &q->runs[i], q->data.data);
    }
    return result;
}

static enum journal_put_result sync_queue(struct journal *j, uint64_t last, uint64_t *took_us)
{
    int64_t from_us = journal_now_us();
    int error;

    *took_us = 0;
    if (j->mode != JOURNAL_SYNC) {
        return JOURNAL_PUT;
    }
    error = j->disk.sync(j->disk.arg, j->writer.fd);
    if (error != 0) {
        return journal_full_or_failed(j, j->writer.segment, "fdatasync", error);
    }
    *took_us = (uint64_t)(journal_now_us() - from_us);
    atomic_store(&j->synced, last);
    return JOURNAL_PUT;
}

static void wake(struct journal *j)
{
    if (j->wake != NULL) {
        j->wake(j->wake_arg);
    }
}

/* Under the mutex; woken by whatever is appended, too. */
static void sleep_until(struct journal *j, int64_t at_us)
{
    const struct timespec at = { .tv_sec = (time_t)(at_us / US_PER_S),
                                 .tv_nsec = (long)(at_us % US_PER_S) * 1000 };

    (void)pthread_cond_timedwait(&j->work, &j->mutex, &at);
}

/* ---- a full disk -------------------------------------------------------------------------------
 */

/* The disk was found full. True: try again. False: we are to stop, and one attempt was made since.
 */
static bool wait_for_space(struct journal *j)
{
    struct journal_writer *w = &j->writer;
    bool first = w->pause_us == 0;
    bool stop;
    int64_t at_us;

    w->pause_us = first ? PAUSE_FIRST_US : w->pause_us * 2;
    w->pause_us = w->pause_us < PAUSE_MAX_US ? w->pause_us : PAUSE_MAX_US;
    atomic_store(&j->space, JOURNAL_SPACE_BLOCKED);
    at_us = journal_now_us() + w->pause_us;
    (void)pthread_mutex_lock(&j->mutex);
    j->blocked += first;
    j->retries += !first;
    stop = j->stop;
    if (first) {
        (void)pthread_cond_broadcast(&j->done);
        (void)pthread_mutex_unlock(&j->mutex);
        wake(j);
        (void)pthread_mutex_lock(&j->mutex);
    }
    while (!stop && !j->stop && journal_now_us() < at_us) {
        sleep_until(j, at_us);
    }
    (void)pthread_mutex_unlock(&j->mutex);
    return !stop || journal_fail(j, "%s", j->full);
}

static enum journal_put_result attempt(struct journal *j, uint64_t *took_us)
{
    enum journal_put_result result = put_queue(j, &j->writing);

    return result == JOURNAL_PUT ? sync_queue(j, j->writing.last, took_us) : result;
}

static bool write_out(struct journal *j, uint64_t *took_us)
{
    struct journal_writer *w = &j->writer;
    enum journal_put_result result;

    while ((result = attempt(j, took_us)) == JOURNAL_FULL) {
        if (!wait_for_space(j)) {
            return false;
        }
    }
    if (result == JOURNAL_PUT && w->pause_us > 0) {
        w->pause_us = 0;
        atomic_store(&j->space, JOURNAL_SPACE_STALLED); /* until looked at */
        (void)journal_look(j, true);
    }
    return result == JOURNAL_PUT;
}

/* ---- both threads ---------------------------------------------------------------------------
 */

/* Under the mutex, as the next three. */
static void begin(struct journal *j)
{
    while (j->busy) {
        (void)pthread_cond_wait(&j->idle, &j->mutex);
    }
    j->busy = true;
}

static void end(struct journal *j)
{
    j->busy = false;
    (void)pthread_cond_signal(&j->idle);
}

/* What an attempt on a full disk left behind goes first. */
static void take(struct journal *j)
{
    struct journal_queue empty = j->writing;

    if (j->writing.data.size == 0) {
        j->writing = j->pending;
        j->pending = empty;
        j->handed = false;
    }
}

static void publish(struct journal *j, bool ok, uint64_t took_us)
{
    if (ok && !atomic_load(&j->failed)) {
        atomic_store(&j->durable, j->writing.last);
    }
    if (took_us > 0) {
        j->syncs++;
        j->sync_us_total += took_us;
        j->sync_us_max = took_us > j->sync_us_max ? took_us : j->sync_us_max;
        j->sync_us_last = took_us;
    }
    buf_clear(&j->writing.data);
    j->writing.run_count = 0;
    (void)pthread_cond_broadcast(&j->done);
}

/* ---- the thread --------------------------------------------------------------------------------
 */

/* Between batches, without the mutex. False: failed. */
static bool look_around(struct journal *j)
{
    bool changed = journal_look(j, false);
    bool good = !changed || journal_space(j) >= JOURNAL_SPACE_STALLED || journal_reserve_again(j);

    if (changed || !good) {
        wake(j);
    }
    return good;
}

/* Under the mutex. */
static bool has_work(const struct journal *j)
{
    return (j->pending.data.size > 0 && (j->handed || j->stop)) ||
           (j->writing.data.size > 0 && !j->busy);
}

/* Under the mutex. False: failed. */
static bool wait_for_work(struct journal *j)
{
    bool good = true;

    while (good && !has_work(j) && !j->stop) {
        sleep_until(j, j->writer.looked_us + US_PER_S);
        if (has_work(j)) {
            break; /* the disk is looked at after what was asked for */
        }
        begin(j);
        (void)pthread_mutex_unlock(&j->mutex);
        good = look_around(j);
        (void)pthread_mutex_lock(&j->mutex);
        end(j);
    }
    return good;
}

/* Under the mutex. True: with work taken, and busy. False: nothing more will come. */
static bool take_work(struct journal *j)
{
    while (wait_for_work(j) && has_work(j) && !atomic_load(&j->failed)) {
        begin(j);
        take(j);
        if (j->writing.data.size > 0) {
            return true;
        }
        end(j); /* the loop has done it while we waited for our turn */
    }
    return false;
}

static void *write_all(void *arg)
{
    struct journal *j = arg;
    bool ok = true;

    (void)pthread_mutex_lock(&j->mutex);
    while (ok && take_work(j)) {
        uint64_t took_us = 0;

        (void)pthread_mutex_unlock(&j->mutex);
        ok = write_out(j, &took_us) && look_around(j);
        (void)pthread_mutex_lock(&j->mutex);
        publish(j, ok, took_us);
        end(j);
        (void)pthread_mutex_unlock(&j->mutex);
        wake(j);
        (void)pthread_mutex_lock(&j->mutex);
    }
    (void)pthread_mutex_unlock(&j->mutex);
    return NULL;
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

void journal_hand_over(struct journal *j)
{
    bool any;

    (void)pthread_mutex_lock(&j->mutex);
    any = j->pending.data.size > 0 && !j->handed;
    j->handed = j->handed || any;
    (void)pthread_mutex_unlock(&j->mutex);
    if (any) {
        (void)pthread_cond_signal(&j->work); /* not before: it would wake into a locked mutex */
    }
}

static bool is_little(const struct journal *j)
{
    return j->pending.data.size <=
               (j->mode == JOURNAL_SYNC ? HERE_SYNC_BYTES_MAX : HERE_BYTES_MAX) &&
           j->pending.run_count == 1 && j->sync_us_last <= HERE_SYNC_MAX_US;
}

/* Under the mutex. Publishing and waking follow for certain only when a batch is being written. */
static enum journal_who who(const struct journal *j)
{
    if (j->pending.data.size == 0 || (j->busy && j->writing.data.size > 0 && is_little(j))) {
        return JOURNAL_NOBODY;
    }
    return !j->busy && j->writing.data.size == 0 && is_little(j) && j->writer.fd >= 0 &&
                   j->pending.runs[0].segment == j->writer.segment &&
                   journal_space(j) < JOURNAL_SPACE_STALLED && !atomic_load(&j->failed)
               ? JOURNAL_CALLER
               : JOURNAL_THREAD;
}

enum journal_who journal_who(struct journal *j)
{
    enum journal_who answer;

    (void)pthread_mutex_lock(&j->mutex);
    answer = who(j);
    (void)pthread_mutex_unlock(&j->mutex);
    return answer;
}

void journal_write(struct journal *j)
{
    enum journal_put_result result;
    uint64_t took_us = 0;

    (void)pthread_mutex_lock(&j->mutex);
    if (who(j) != JOURNAL_CALLER) {
        (void)pthread_mutex_unlock(&j->mutex);
        journal_hand_over(j);
        return;
    }
    begin(j);
    take(j);
    (void)pthread_mutex_unlock(&j->mutex);
    result = attempt(j, &took_us);
    (void)pthread_mutex_lock(&j->mutex);
    if (result != JOURNAL_FULL) {
        publish(j, result == JOURNAL_PUT, took_us);
        j->here++;
    }
    end(j);
    (void)pthread_mutex_unlock(&j->mutex);
    if (result == JOURNAL_FULL) {
        (void)pthread_cond_signal(&j->work); /* it tries again, and waits for space */
    }
}

/* ---- life --------------------------------------------------------------------------------------
 */

bool journal_writer_start(struct journal *j)
{
    int error;

    (void)journal_look(j, true);
    error = pthread_create(&j->writer.thread, NULL, write_all, j);
    j->writer.started = error == 0;
    return error == 0 ||
           journal_fail(j, "journal %.80s: writer thread: %s", j->name, strerror(error));
}

void journal_writer_stop(struct journal *j)
{
    if (!j->writer.started) {
        return;
    }
    (void)pthread_mutex_lock(&j->mutex);
    j->stop = true;
    (void)pthread_cond_signal(&j->work);
    (void)pthread_mutex_unlock(&j->mutex);
    (void)pthread_join(j->writer.thread, NULL);
    j->writer.started = false;
}
