/*
 * Segments, and the thread that writes to them: take all sealed batches, write, one fdatasync,
 * publish, wake the loop. What cannot be written is never retried: after a failed fdatasync the
 * kernel may have thrown the pages away, so a second one that succeeds would prove nothing.
 */
#include "journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static bool fail_on(struct journal *j, uint64_t segment, const char *what, int error)
{
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(segment, file);
    return journal_fail(j, "journal %.80s/%s: %s: %s", j->name, file, what, strerror(error));
}

static bool write_at(struct journal *j, const char *data, size_t size, uint64_t offset)
{
    struct journal_writer *w = &j->writer;

    while (size > 0) {
        ssize_t n = pwrite(w->fd, data, size, (off_t)offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail_on(j, w->segment, "write", n < 0 ? errno : ENOSPC);
        }
        data += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

static bool check_space(struct journal *j, uint64_t segment)
{
    struct statvfs st;

    if (fstatvfs(j->directory, &st) != 0) {
        return fail_on(j, segment, "statvfs", errno);
    }
    if ((uint64_t)st.f_bavail * st.f_frsize < j->segment_size + j->free_min) {
        return fail_on(j, segment, "not enough free space for a segment and the reserve", ENOSPC);
    }
    return true;
}

/* Reserves the segment's blocks now, so that a full disk is met here and not in the middle of a
 * batch. */
static bool reserve(struct journal *j)
{
    struct journal_writer *w = &j->writer;
    int error = w->end < j->segment_size ? posix_fallocate(w->fd, 0, (off_t)j->segment_size) : 0;

    return error == 0 || fail_on(j, w->segment, "reserve space", error);
}

static bool create_segment(struct journal *j, uint64_t number, uint64_t first_batch)
{
    const struct journal_segment_head head = { number, j->identity, first_batch };
    struct journal_writer *w = &j->writer;
    char text[JOURNAL_SEGMENT_HEAD];
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(number, file);
    w->segment = number;
    w->end = JOURNAL_SEGMENT_HEAD;
    if (!check_space(j, number)) {
        return false;
    }
    w->fd = openat(j->directory, file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0) {
        return fail_on(j, number, "create", errno);
    }
    journal_segment_encode(&head, text);
    if (!reserve(j) || !write_at(j, text, sizeof text, 0)) {
        return false;
    }
    if (fsync(w->fd) != 0 || fsync(j->directory) != 0) {
        return fail_on(j, number, "fsync", errno);
    }
    return true;
}

/* The old segment is whole on disk before the new one exists, in every mode: only the last can be
 * torn. */
static bool roll(struct journal *j, const struct journal_run *next)
{
    struct journal_writer *w = &j->writer;

    if (ftruncate(w->fd, (off_t)w->end) != 0 || fsync(w->fd) != 0) {
        return fail_on(j, w->segment, "fsync", errno);
    }
    atomic_store(&j->synced, next->first_batch - 1);
    (void)close(w->fd);
    w->fd = -1;
    return create_segment(j, next->segment, next->first_batch);
}

static bool write_queue(struct journal *j, const struct journal_queue *q)
{
    struct journal_writer *w = &j->writer;

    for (size_t i = 0; i < q->run_count; i++) {
        const struct journal_run *run = &q->runs[i];

        if (run->segment != w->segment && !roll(j, run)) {
            return false;
        }
        if (!write_at(j, q->data.data + run->at, run->size, run->offset)) {
            return false;
        }
        w->end = run->offset + run->size;
    }
    return true;
}

static int64_t now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static bool sync_queue(struct journal *j, uint64_t last, uint64_t *took_us)
{
    int64_t from_us = now_us();

    *took_us = 0;
    if (j->mode != JOURNAL_SYNC) {
        return true;
    }
    if (fdatasync(j->writer.fd) != 0) {
        return fail_on(j, j->writer.segment, "fdatasync", errno);
    }
    *took_us = (uint64_t)(now_us() - from_us);
    atomic_store(&j->synced, last);
    return true;
}

/* Under the mutex. False: nothing more will come. */
static bool take_work(struct journal *j)
{
    struct journal_queue empty = j->writing;

    while (j->pending.data.size == 0 && !j->stop) {
        (void)pthread_cond_wait(&j->work, &j->mutex);
    }
    if (j->pending.data.size == 0 || atomic_load(&j->failed)) {
        return false;
    }
    j->writing = j->pending;
    j->pending = empty;
    return true;
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
    }
    buf_clear(&j->writing.data);
    j->writing.run_count = 0;
    (void)pthread_cond_broadcast(&j->done);
}

static void *write_all(void *arg)
{
    struct journal *j = arg;
    bool ok = true;

    (void)pthread_mutex_lock(&j->mutex);
    while (ok && take_work(j)) {
        uint64_t took_us = 0;

        (void)pthread_mutex_unlock(&j->mutex);
        ok = write_queue(j, &j->writing) && sync_queue(j, j->writing.last, &took_us);
        (void)pthread_mutex_lock(&j->mutex);
        publish(j, ok, took_us);
        if (j->wake != NULL) {
            (void)pthread_mutex_unlock(&j->mutex);
            j->wake(j->wake_arg);
            (void)pthread_mutex_lock(&j->mutex);
        }
    }
    (void)pthread_mutex_unlock(&j->mutex);
    return NULL;
}

static bool remove_unfinished(struct journal *j, uint64_t number)
{
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(number, file);
    if (unlinkat(j->directory, file, 0) != 0 || fsync(j->directory) != 0) {
        return fail_on(j, number, "remove", errno);
    }
    return true;
}

/* Cuts the torn tail off, so that none of it can ever follow a new batch, and syncs what was read:
 * it may have come from the memory of a host that has not written it yet. */
static bool reopen_segment(struct journal *j, const struct journal_found *found)
{
    struct journal_writer *w = &j->writer;
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(found->segment, file);
    w->segment = found->segment;
    w->end = found->end;
    w->fd = openat(j->directory, file, O_RDWR | O_CLOEXEC);
    if (w->fd < 0) {
        return fail_on(j, w->segment, "open", errno);
    }
    if (ftruncate(w->fd, (off_t)w->end) != 0) {
        return fail_on(j, w->segment, "truncate", errno);
    }
    if (!check_space(j, w->segment) || !reserve(j)) {
        return false;
    }
    return (fsync(w->fd) == 0 && fsync(j->directory) == 0) ||
           fail_on(j, w->segment, "fsync", errno);
}

bool journal_writer_resume(struct journal *j, const struct journal_found *found)
{
    if (found->unfinished && !remove_unfinished(j, found->segment + 1)) {
        return false;
    }
    if (found->segment > 0) {
        j->identity = found->identity;
        j->segment = found->segment;
        j->offset = found->end;
        return reopen_segment(j, found);
    }
    if (getrandom(&j->identity, sizeof j->identity, 0) != (ssize_t)sizeof j->identity) {
        return journal_fail(j, "journal %.80s: no random identity: %s", j->name, strerror(errno));
    }
    return create_segment(j, 1, 1);
}

bool journal_writer_start(struct journal *j)
{
    int error = pthread_create(&j->writer.thread, NULL, write_all, j);

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
