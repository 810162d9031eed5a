/*
 * The snapshot as a forked process writes it: all memory is as it was at the fork, and nothing that
 * happens afterwards can be seen. What is here takes no memory and no lock; when it has returned,
 * the temporary file is whole on the disk, and still not in force.
 */
#include "journal_internal.h"
#include "le.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define BATCH_TARGET ((size_t)1024 * 1024)

bool journal_snapshot_reserve(struct journal_snapshot_job *job)
{
    buf_init(&job->batch, BATCH_TARGET + 2 * JOURNAL_RECORD_MAX);
    return buf_reserve(&job->batch, BATCH_TARGET + 2 * JOURNAL_RECORD_MAX);
}

struct writing {
    struct journal_snapshot_job *job;
    int fd;
    uint64_t offset, batch;
};

static bool failed(struct writing *w, const char *what, int error)
{
    (void)snprintf(w->job->report->error, JOURNAL_ERROR_MAX,
                   "journal %.80s/" JOURNAL_SNAPSHOT_TEMPORARY ": %s: %s", w->job->journal->name,
                   what, strerror(error));
    return false;
}

/* The segments' room comes first: a snapshot is never worth a record that cannot be kept. */
static bool put(struct writing *w, const char *data, size_t size)
{
    const struct journal *j = w->job->journal;
    uint64_t bytes = 0;
    int error = j->disk.free_bytes(j->disk.arg, j->directory, &bytes);

    if (error == 0 && bytes < j->free_min + j->segment_size + size) {
        return failed(w, "not enough free space for a segment, the reserve and the snapshot",
                      ENOSPC);
    }
    error = error != 0 ? error : j->disk.write(j->disk.arg, w->fd, data, size, w->offset);
    w->offset += size;
    return error == 0 || failed(w, "write", error);
}

static void begin_batch(struct writing *w)
{
    static const char no_head[JOURNAL_BATCH_HEAD];

    buf_clear(&w->job->batch);
    buf_add(&w->job->batch, no_head, sizeof no_head);
}

static bool end_batch(struct writing *w)
{
    struct buf *b = &w->job->batch;
    struct journal_batch_head head = { .size = (uint32_t)(b->size - JOURNAL_BATCH_HEAD),
                                       .number = ++w->batch };

    head.crc = journal_crc(0, b->data + JOURNAL_BATCH_HEAD, head.size);
    journal_batch_encode(&head, ~w->job->journal->identity, b->data);
    return put(w, b->data, b->size);
}

/* A record's body stands in the batch behind `at`; its head goes there. */
static bool end_record(struct writing *w, size_t at, uint8_t kind, uint16_t session)
{
    struct buf *b = &w->job->batch;
    size_t size = b->size - at - JOURNAL_RECORD_HEAD;

    if (b->failed || size > JOURNAL_RECORD_MAX) {
        return failed(w, "a record that cannot be written", EMSGSIZE);
    }
    journal_record_encode(kind, session, (uint32_t)size, b->data + at);
    w->job->report->records++;
    if (b->size < BATCH_TARGET) {
        return true;
    }
    if (!end_batch(w)) {
        return false;
    }
    begin_batch(w);
    return true;
}

static size_t begin_record(struct writing *w)
{
    static const char no_head[JOURNAL_RECORD_HEAD];
    size_t at = w->job->batch.size;

    buf_add(&w->job->batch, no_head, sizeof no_head);
    return at;
}

static bool put_pair(struct writing *w, enum journal_kind kind, uint64_t a, uint64_t b, size_t size)
{
    size_t at = begin_record(w);
    char text[16];

    le64_put(text, a);
    le64_put(text + 8, b);
    buf_add(&w->job->batch, text, size);
    return end_record(w, at, (uint8_t)kind, 0);
}

static bool put_ages(struct writing *w)
{
    const struct journal *j = w->job->journal;
    bool good = true;

    for (size_t i = 0; good && i < j->age_count; i++) {
        good = put_pair(w, JOURNAL_KIND_AGE, j->ages[i].segment, (uint64_t)j->ages[i].ended_us, 16);
    }
    return good;
}

static bool put_session(struct writing *w, size_t session)
{
    size_t step = 0;

    for (;;) {
        size_t at = begin_record(w);
        enum journal_kind kind =
            journal_session_tell(w->job->journal, session, &step, &w->job->batch);

        if (kind == 0) {
            w->job->batch.size = at;
            return true;
        }
        if (!end_record(w, at, (uint8_t)kind, (uint16_t)(session + 1))) {
            return false;
        }
    }
}

static bool put_engine(struct writing *w)
{
    for (;;) {
        size_t at = begin_record(w);

        if (!w->job->state(w->job->arg, &w->job->batch)) {
            w->job->batch.size = at;
            return true;
        }
        if (!end_record(w, at, JOURNAL_KIND_ENGINE, 0)) {
            return false;
        }
    }
}

static bool put_all(struct writing *w)
{
    const struct journal *j = w->job->journal;
    const struct journal_segment_head head = { w->job->number, j->identity, w->job->first_batch,
                                               true };
    char text[JOURNAL_SEGMENT_HEAD];
    bool good;

    journal_segment_encode(&head, text);
    good = put(w, text, sizeof text);
    begin_batch(w);
    good = good && put_ages(w);
    for (size_t i = 0; good && i < j->session_count; i++) {
        good = put_session(w, i);
    }
    return good && put_engine(w) && put_pair(w, JOURNAL_KIND_END, w->job->report->records, 0, 8) &&
           (w->job->batch.size == JOURNAL_BATCH_HEAD || end_batch(w));
}

bool journal_snapshot_write(struct journal_snapshot_job *job)
{
    struct writing w = { .job = job };
    bool good;

    w.fd = openat(job->journal->directory, JOURNAL_SNAPSHOT_TEMPORARY,
                  O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (w.fd < 0) {
        return failed(&w, "create", errno);
    }
    good = put_all(&w);
    if (good && fsync(w.fd) != 0) {
        good = failed(&w, "fsync", errno);
    }
    job->report->bytes = w.offset;
    (void)close(w.fd);
    return good;
}
