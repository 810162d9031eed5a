/*
 * The segments that the writer thread writes to: making, reserving, closing, and one stretch of
 * batches into the right one. After FULL everything stands as it did, so that the same call can be
 * made again: what was written halfway is written again at the same place, from memory.
 */
#include "journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

static const char zeros[64 * 1024];

enum journal_put_result journal_full_or_failed(struct journal *j, uint64_t segment,
                                               const char *what, int error)
{
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(segment, file);
    if (error == ENOSPC || error == EDQUOT) {
        (void)pthread_mutex_lock(&j->mutex);
        (void)snprintf(j->full, sizeof j->full, "journal %.80s/%s: %s: %s", j->name, file, what,
                       strerror(error));
        (void)pthread_mutex_unlock(&j->mutex);
        return JOURNAL_FULL;
    }
    (void)journal_fail(j, "journal %.80s/%s: %s: %s", j->name, file, what, strerror(error));
    return JOURNAL_FAILED;
}

static enum journal_put_result told(struct journal *j, uint64_t segment, const char *what,
                                    int error)
{
    return error == 0 ? JOURNAL_PUT : journal_full_or_failed(j, segment, what, error);
}

static enum journal_put_result write_at(struct journal *j, const char *data, size_t size,
                                        uint64_t offset)
{
    return told(j, j->writer.segment, "write",
                j->disk.write(j->disk.arg, j->writer.fd, data, size, offset));
}

/* The first bytes in a block make the sync after them enter the block as written in the file
 * system's own journal, which takes as long again as the sync. Zeros over the blocks to come, many
 * at once, make that one sync in a hundred. */
static enum journal_put_result zero_ahead(struct journal *j, uint64_t end)
{
    struct journal_writer *w = &j->writer;
    uint64_t to = (end / sizeof zeros + 1) * sizeof zeros;
    enum journal_put_result result;

    to = to < w->reserved ? to : w->reserved;
    if (j->mode != JOURNAL_SYNC || end <= w->zeroed || to <= end) {
        return JOURNAL_PUT;
    }
    result = write_at(j, zeros, to - end, end);
    w->zeroed = result == JOURNAL_PUT ? to : w->zeroed;
    return result;
}

/* Reserves the segment's blocks now, so that a full disk is met here and not in the middle of a
 * batch. */
static enum journal_put_result reserve(struct journal *j, uint64_t segment)
{
    struct journal_writer *w = &j->writer;
    enum journal_put_result result = JOURNAL_PUT;

    if (w->end < j->segment_size) {
        result =
            told(j, segment, "reserve space", j->disk.reserve(j->disk.arg, w->fd, j->segment_size));
    }
    w->reserved = result == JOURNAL_PUT ? j->segment_size : 0;
    return result;
}

bool journal_reserve_again(struct journal *j)
{
    return j->writer.fd < 0 || j->writer.reserved >= j->segment_size ||
           reserve(j, j->writer.segment) != JOURNAL_FAILED;
}

static enum journal_put_result fill_new(struct journal *j, uint64_t number, uint64_t first_batch)
{
    const struct journal_segment_head head = { number, j->identity, first_batch, false };
    enum journal_put_result result = reserve(j, number);
    char text[JOURNAL_SEGMENT_HEAD];

    journal_segment_encode(&head, text);
    if (result == JOURNAL_PUT) {
        result = told(j, number, "write",
                      j->disk.write(j->disk.arg, j->writer.fd, text, sizeof text, 0));
    }
    if (result == JOURNAL_PUT) {
        result = told(j, number, "fsync", fsync(j->writer.fd) == 0 ? 0 : errno);
    }
    return result != JOURNAL_PUT ? result
                                 : told(j, number, "fsync", fsync(j->directory) == 0 ? 0 : errno);
}

/* One that cannot be finished is removed: there are no batches in it. */
static enum journal_put_result create_segment(struct journal *j, uint64_t number,
                                              uint64_t first_batch)
{
    struct journal_writer *w = &j->writer;
    enum journal_put_result result = journal_check_space(j, number);
    char file[JOURNAL_NAME_SIZE];

    if (result != JOURNAL_PUT) {
        return result;
    }
    journal_segment_name(number, file);
    w->fd = openat(j->directory, file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0) {
        return journal_full_or_failed(j, number, "create", errno);
    }
    w->end = JOURNAL_SEGMENT_HEAD;
    w->zeroed = 0;
    result = fill_new(j, number, first_batch);
    if (result == JOURNAL_PUT) {
        w->segment = number;
        return result;
    }
    (void)close(w->fd);
    w->fd = -1;
    return unlinkat(j->directory, file, 0) == 0
               ? result
               : journal_full_or_failed(j, number, "remove", errno == ENOSPC ? EIO : errno);
}

/* The old segment is whole on disk before the new one exists, in every mode: only the last can be
 * torn. Where nothing was synced before, a failed sync may have lost what is no longer in memory.
 */
static enum journal_put_result close_segment(struct journal *j, uint64_t last)
{
    struct journal_writer *w = &j->writer;
    int error = ftruncate(w->fd, (off_t)w->end) == 0 && fsync(w->fd) == 0 ? 0 : errno;

    if (error != 0) {
        return journal_full_or_failed(j, w->segment, "fsync",
                                      j->mode == JOURNAL_SYNC ? error : EIO);
    }
    atomic_store(&j->synced, last);
    (void)close(w->fd);
    w->fd = -1;
    return JOURNAL_PUT;
}

static enum journal_put_result roll(struct journal *j, const struct journal_run *next)
{
    enum journal_put_result result = JOURNAL_PUT;

    if (j->writer.fd >= 0) {
        result = close_segment(j, next->first_batch - 1);
    }
    return result != JOURNAL_PUT ? result : create_segment(j, next->segment, next->first_batch);
}

enum journal_put_result journal_put_run(struct journal *j, const struct journal_run *run,
                                        const char *data)
{
    struct journal_writer *w = &j->writer;
    enum journal_put_result result = JOURNAL_PUT;

    if (run->segment < w->segment || (run->segment == w->segment && w->fd < 0)) {
        return JOURNAL_PUT; /* an attempt before this one came further */
    }
    if (run->segment != w->segment) {
        result = roll(j, run);
    }
    if (result == JOURNAL_PUT) {
        result = write_at(j, data + run->at, run->size, run->offset);
    }
    if (result == JOURNAL_PUT) {
        result = zero_ahead(j, run->offset + run->size);
    }
    if (result == JOURNAL_PUT) {
        w->end = run->offset + run->size;
    }
    return result;
}

/* ---- at open -----------------------------------------------------------------------------------
 */

static bool remove_unfinished(struct journal *j, uint64_t number)
{
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(number, file);
    return (unlinkat(j->directory, file, 0) == 0 && fsync(j->directory) == 0) ||
           journal_fail(j, "journal %.80s/%s: remove: %s", j->name, file, strerror(errno));
}

/* Takes the torn tail away, so that none of it can ever follow a new batch. Zeros over it keep the
 * blocks, which a full disk would not give back; where there are none, the file is cut. */
static enum journal_put_result clear_tail(struct journal *j, uint64_t size)
{
    struct journal_writer *w = &j->writer;
    enum journal_put_result result = JOURNAL_PUT;

    for (uint64_t at = 0; result == JOURNAL_PUT && at < size; at += sizeof zeros) {
        uint64_t left = size - at;

        result = write_at(j, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros, w->end + at);
    }
    if (result == JOURNAL_FULL) {
        return told(j, w->segment, "truncate", ftruncate(w->fd, (off_t)w->end) == 0 ? 0 : errno);
    }
    return result;
}

/* Also syncs what was read: it may have come from the memory of a host that has not written it yet.
 * A full disk is no reason to refuse: the journal begins stalled. */
static bool reopen_segment(struct journal *j, const struct journal_found *found)
{
    struct journal_writer *w = &j->writer;
    char file[JOURNAL_NAME_SIZE];

    journal_segment_name(found->segment, file);
    w->segment = found->segment;
    w->end = found->end;
    w->fd = openat(j->directory, file, O_RDWR | O_CLOEXEC);
    if (w->fd < 0) {
        return journal_fail(j, "journal %.80s/%s: open: %s", j->name, file, strerror(errno));
    }
    if (clear_tail(j, found->dropped) != JOURNAL_PUT || reserve(j, w->segment) == JOURNAL_FAILED) {
        return journal_fail(j, "%s", j->full);
    }
    return (fsync(w->fd) == 0 && fsync(j->directory) == 0) ||
           journal_fail(j, "journal %.80s/%s: fsync: %s", j->name, file, strerror(errno));
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
    return create_segment(j, 1, 1) == JOURNAL_PUT || journal_fail(j, "%s", j->full);
}
