/*
 * See journal_read.h. Segments are read through a window with pread and not mapped: an unreadable
 * disk must be an error with a name, not a signal.
 */
#include "journal_read.h"

#include "bounds.h"
#include "le.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW ((size_t)1024 * 1024)
#define LEAD 16 /* records */

struct reader {
    int directory;
    const char *name;
    journal_record_fn *record;
    journal_expect_fn *expect;
    void *arg;
    struct journal_found *out;
    char *error;

    bool begun;       /* a segment or snapshot was read: the identity is known */
    bool in_snapshot; /* names are a snapshot's */

    int fd; /* of the segment being read; -1: none */
    uint64_t segment;
    uint64_t size;
    char *window;
    size_t room;
    uint64_t start; /* offset of window[0] */
    size_t filled;

    uint64_t ahead;      /* offset of the first record that was not told to `expect` */
    uint64_t ahead_left; /* of its batch */
    unsigned lead;       /* records between that one and the one being visited */
};

PRINTF_LIKE(2, 3) static bool refuse(struct reader *r, const char *format, ...)
{
    char file[JOURNAL_NAME_SIZE];
    char why[JOURNAL_ERROR_MAX / 2];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    (r->in_snapshot ? journal_snapshot_name : journal_segment_name)(r->segment, file);
    (void)snprintf(r->error, JOURNAL_ERROR_MAX, "journal %.80s/%s: %s", r->name, file, why);
    return false;
}

/* Up to `need` bytes at `offset`; fewer only at the end of the file; NULL: cannot be read. */
static const char *look(struct reader *r, uint64_t offset, size_t need, size_t *got)
{
    size_t want = need > WINDOW ? need : WINDOW;

    if (offset < r->start || offset + need > r->start + r->filled) {
        if (want > r->room) {
            char *grown = realloc(r->window, want);

            if (grown == NULL) {
                (void)refuse(r, "out of memory");
                return NULL;
            }
            r->window = grown;
            r->room = want;
        }
        r->start = offset;
        r->filled = 0;
        while (r->filled < want) {
            ssize_t n =
                pread(r->fd, r->window + r->filled, want - r->filled, (off_t)(offset + r->filled));

            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n < 0) {
                (void)refuse(r, "offset %" PRIu64 ": %s", offset, strerror(errno));
                return NULL;
            }
            if (n == 0) {
                break;
            }
            r->filled += (size_t)n;
        }
    }
    *got = r->filled - (size_t)(offset - r->start);
    *got = *got < need ? *got : need;
    return r->window + (offset - r->start);
}

static bool open_segment(struct reader *r, uint64_t number)
{
    char file[JOURNAL_NAME_SIZE];
    struct stat st;

    if (r->fd >= 0) {
        (void)close(r->fd);
    }
    r->segment = number;
    r->start = 0;
    r->filled = 0;
    r->ahead = JOURNAL_SEGMENT_HEAD;
    r->ahead_left = 0;
    r->lead = 0;
    (r->in_snapshot ? journal_snapshot_name : journal_segment_name)(number, file);
    r->fd = openat(r->directory, file, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0 || fstat(r->fd, &st) != 0) {
        return refuse(r, "%s", strerror(errno));
    }
    r->size = (uint64_t)st.st_size;
    (void)posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* a hint: the disk may read ahead */
    return true;
}

static bool is_zero(const char *data, size_t size)
{
    return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

/* A header is synced before any batch is written, so a segment of zeros, or of a part of its header
 * and zeros, was never more than begun. */
static bool check_begun(struct reader *r, const char *why)
{
    for (uint64_t at = 0; r->size >= JOURNAL_SEGMENT_HEAD && at < r->size;) {
        size_t got;
        const char *data = look(r, at, WINDOW, &got);
        size_t head = at == 0 ? JOURNAL_SEGMENT_HEAD : 0;

        if (data == NULL) {
            return false;
        }
        if ((head > 0 && !journal_segment_is_begun(data)) || !is_zero(data + head, got - head)) {
            return refuse(r, "%s", why);
        }
        at += got > 0 ? got : r->size;
    }
    r->out->unfinished = true;
    return true;
}

/* True with *begun false: the header is good. */
static bool read_head(struct reader *r, bool last, bool *begun)
{
    struct journal_segment_head head;
    const char *why = "segment cut off";
    size_t got;
    const char *data = look(r, 0, JOURNAL_SEGMENT_HEAD, &got);

    *begun = false;
    if (data == NULL) {
        return false;
    }
    if (got == JOURNAL_SEGMENT_HEAD) {
        why = journal_segment_decode(data, &head);
    }
    if (why != NULL && last) {
        *begun = true;
        return check_begun(r, why);
    }
    if (why != NULL) {
        return refuse(r, "%s", why);
    }
    if (head.number != r->segment || head.snapshot ||
        (r->begun && head.identity != r->out->identity)) {
        return refuse(r, "segment of another journal, or renamed");
    }
    if (head.first_batch != r->out->last + 1) {
        return refuse(r,
                      "begins with batch %" PRIu64 " where %" PRIu64
                      " is due: the segment before it "
                      "is damaged at offset %" PRIu64,
                      head.first_batch, r->out->last + 1, r->out->end);
    }
    r->out->identity = head.identity;
    r->begun = true;
    r->out->segment = r->segment;
    r->out->end = JOURNAL_SEGMENT_HEAD;
    return true;
}

/* Goes one record further in what has been read of the file, checksums or not. */
static bool look_ahead(struct reader *r)
{
    struct journal_batch_head head;
    struct journal_record record;
    struct bytes rest;

    if (r->ahead < r->start || r->ahead > r->start + r->filled) {
        return false;
    }
    rest.data = r->window + (r->ahead - r->start);
    rest.size = (size_t)(r->start + r->filled - r->ahead);
    if (r->ahead_left == 0) {
        if (rest.size < JOURNAL_BATCH_HEAD ||
            !journal_batch_decode(rest.data, r->in_snapshot ? ~r->out->identity : r->out->identity,
                                  &head)) {
            return false;
        }
        r->ahead += JOURNAL_BATCH_HEAD;
        r->ahead_left = head.size;
        rest.data += JOURNAL_BATCH_HEAD;
        rest.size -= JOURNAL_BATCH_HEAD;
    }
    rest.size = rest.size < r->ahead_left ? rest.size : (size_t)r->ahead_left;
    if (!journal_record_take(&rest, &record)) {
        return false;
    }
    r->ahead += JOURNAL_RECORD_HEAD + record.body.size;
    r->ahead_left -= JOURNAL_RECORD_HEAD + record.body.size;
    r->expect(r->arg, &record);
    return true;
}

/* Memory takes as long as some records do: what a record needs is asked for that much earlier. */
static void expect(struct reader *r)
{
    while (r->lead < LEAD && look_ahead(r)) {
        r->lead++;
    }
    r->lead -= r->lead > 0;
}

static bool visit_batch(struct reader *r, uint64_t lsn, struct bytes body)
{
    struct bytes rest = body;

    while (rest.size > 0) {
        struct journal_place at = { lsn, r->segment,
                                    r->out->end + JOURNAL_BATCH_HEAD + (body.size - rest.size),
                                    r->in_snapshot };
        struct journal_record record;

        if (!journal_record_take(&rest, &record)) {
            return refuse(r, "offset %" PRIu64 ": malformed record", at.offset);
        }
        if (r->expect != NULL) {
            expect(r);
        }
        if (r->record != NULL && !r->record(r->arg, &at, &record)) {
            return refuse(r, "offset %" PRIu64 ": record of kind %u cannot be applied", at.offset,
                          (unsigned)record.kind);
        }
        r->out->records++;
    }
    return true;
}

/* One batch at r->out->end. *whole false: there is none, or not a whole one. */
static bool read_batch(struct reader *r, bool *whole)
{
    struct journal_batch_head head;
    size_t got;
    const char *data = look(r, r->out->end, JOURNAL_BATCH_HEAD, &got);

    *whole = false;
    if (data == NULL) {
        return false;
    }
    if (got < JOURNAL_BATCH_HEAD || !journal_batch_decode(data, r->out->identity, &head) ||
        head.number != r->out->last + 1) {
        return true;
    }
    data = look(r, r->out->end, JOURNAL_BATCH_HEAD + (size_t)head.size, &got);
    if (data == NULL) {
        return false;
    }
    data += JOURNAL_BATCH_HEAD;
    if (got < JOURNAL_BATCH_HEAD + (size_t)head.size ||
        journal_crc(0, data, head.size) != head.crc) {
        return true;
    }
    if (!visit_batch(r, head.number, (struct bytes){ data, head.size })) {
        return false;
    }
    *whole = true;
    r->out->end += JOURNAL_BATCH_HEAD + (uint64_t)head.size;
    r->out->last = head.number;
    r->out->batches++;
    return true;
}

/* The last byte that is not zero; NULL: all are. */
static const char *last_set(const char *data, size_t size)
{
    if (is_zero(data, size)) {
        return NULL;
    }
    while (data[size - 1] == 0) {
        size--;
    }
    return data + size - 1;
}

/* A later batch that says the missing one had been synced: then this is damage and no torn tail. */
static bool check_piece(struct reader *r, const char *data, size_t size)
{
    const char *end = data + size;
    struct journal_batch_head head;

    for (const char *at = data; (at = memmem(at, (size_t)(end - at), "BTCH", 4)) != NULL; at++) {
        if (end - at >= JOURNAL_BATCH_HEAD && journal_batch_decode(at, r->out->identity, &head) &&
            head.synced > r->out->last) {
            return refuse(r,
                          "offset %" PRIu64 ": batch %" PRIu64 " is damaged, though it was on disk "
                          "before batch %" PRIu64,
                          r->out->end, r->out->last + 1, head.number);
        }
    }
    return true;
}

/* What is reserved behind the last batch was never written: it need not be read to be zeros. */
static uint64_t skip_hole(const struct reader *r, uint64_t at)
{
    off_t data = lseek(r->fd, (off_t)at, SEEK_DATA);

    if (data < 0) {
        return errno == ENXIO ? r->size
                              : at; /* nothing but a hole; or a file system without them */
    }
    return (uint64_t)data;
}

static bool check_tail(struct reader *r)
{
    uint64_t used = r->out->end; /* after the last byte that is not zero */
    size_t got;

    for (uint64_t at = r->out->end; (at = skip_hole(r, at)) < r->size;) {
        const char *data = look(r, at, WINDOW, &got);
        const char *last = data == NULL ? NULL : last_set(data, got);

        if (data == NULL || (last != NULL && !check_piece(r, data, got))) {
            return false;
        }
        if (last != NULL) {
            used = at + (uint64_t)(last - data) + 1;
        }
        if (got < WINDOW) {
            break;
        }
        at += WINDOW - JOURNAL_BATCH_HEAD; /* a header may lie across two windows */
    }
    r->out->dropped = used - r->out->end;
    return true;
}

static bool read_segment(struct reader *r, uint64_t number, bool last)
{
    bool begun = false;
    bool whole = true;

    if (!open_segment(r, number) || !read_head(r, last, &begun)) {
        return false;
    }
    while (!begun && whole) {
        if (!read_batch(r, &whole)) {
            return false;
        }
    }
    r->out->bytes += r->out->end;
    return begun || !last || check_tail(r);
}

/* ---- the snapshot -------------------------------------------------------------------------- */

static bool read_snapshot_head(struct reader *r)
{
    struct journal_segment_head head = { 0 };
    const char *why = "snapshot cut off";
    size_t got;
    const char *data = look(r, 0, JOURNAL_SEGMENT_HEAD, &got);

    if (data == NULL) {
        return false;
    }
    if (got == JOURNAL_SEGMENT_HEAD) {
        why = journal_segment_decode(data, &head);
    }
    if (why == NULL && (!head.snapshot || head.number != r->segment || head.first_batch == 0)) {
        why = "not the snapshot of this number";
    }
    if (why != NULL) {
        return refuse(r, "offset 0: %s", why);
    }
    r->out->identity = head.identity;
    r->out->last = head.first_batch - 1;
    r->begun = true;
    return true;
}

/* The batch at r->out->end, which has this number. */
static bool read_snapshot_batch(struct reader *r, uint64_t number, struct bytes *body)
{
    struct journal_batch_head head;
    size_t got;
    const char *data = look(r, r->out->end, JOURNAL_BATCH_HEAD, &got);

    if (data == NULL) {
        return false;
    }
    if (got < JOURNAL_BATCH_HEAD || !journal_batch_decode(data, ~r->out->identity, &head) ||
        head.number != number) {
        return refuse(r, "offset %" PRIu64 ": snapshot damaged", r->out->end);
    }
    data = look(r, r->out->end, JOURNAL_BATCH_HEAD + (size_t)head.size, &got);
    if (data == NULL) {
        return false;
    }
    data += JOURNAL_BATCH_HEAD;
    if (got < JOURNAL_BATCH_HEAD + (size_t)head.size ||
        journal_crc(0, data, head.size) != head.crc) {
        return refuse(r, "offset %" PRIu64 ": snapshot damaged", r->out->end);
    }
    *body = (struct bytes){ data, head.size };
    return true;
}

/* Whether the batch ends with the record that says that all is there. */
static bool is_end(const struct reader *r, struct bytes body)
{
    struct journal_record last = { 0 };

    while (body.size > 0 && journal_record_take(&body, &last)) {
    }
    return last.kind == JOURNAL_KIND_END && last.body.size == 8 &&
           le64_get(last.body.data) == r->out->records - 1;
}

static bool read_snapshot(struct reader *r, uint64_t number)
{
    bool ended = false;

    r->in_snapshot = r->out->in_snapshot = true;
    r->out->segment = number;
    r->out->end = JOURNAL_SEGMENT_HEAD;
    if (!open_segment(r, number) || !read_snapshot_head(r)) {
        return false;
    }
    for (uint64_t batch = 1; !ended; batch++) {
        struct bytes body;

        if (!read_snapshot_batch(r, batch, &body) || !visit_batch(r, r->out->last, body)) {
            return false;
        }
        r->out->end += JOURNAL_BATCH_HEAD + body.size;
        ended = is_end(r, body);
    }
    if (r->out->end != r->size) {
        return refuse(r, "offset %" PRIu64 ": snapshot goes on behind its end", r->out->end);
    }
    r->in_snapshot = r->out->in_snapshot = false;
    return true;
}

/* ---- the directory ------------------------------------------------------------------------- */

struct listing {
    uint64_t count, lowest, highest, snapshot;
};

static bool list_directory(struct reader *r, struct listing *l)
{
    int fd = openat(r->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    uint64_t number;

    *l = (struct listing){ 0 };
    if (dir == NULL) {
        (void)snprintf(r->error, JOURNAL_ERROR_MAX, "journal %.120s: %s", r->name, strerror(errno));
        return false;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (journal_segment_number(entry->d_name, &number)) {
            l->count++;
            l->highest = number > l->highest ? number : l->highest;
            l->lowest = l->lowest == 0 || number < l->lowest ? number : l->lowest;
        } else if (journal_snapshot_number(entry->d_name, &number)) {
            l->snapshot = number > l->snapshot ? number : l->snapshot;
        }
    }
    (void)closedir(dir);
    return true;
}

/* Segments are there without a gap, from the first one or from the snapshot's or from before it. */
static bool check_listing(struct reader *r, const struct listing *l)
{
    uint64_t first = l->snapshot > 0 ? l->snapshot : 1;
    bool good = l->count == 0 ? l->snapshot == 0
                              : l->highest - l->lowest + 1 == l->count && l->lowest <= first &&
                                    l->highest >= first;

    if (!good) {
        (void)snprintf(r->error, JOURNAL_ERROR_MAX,
                       "journal %.120s: %" PRIu64 " segments from %" PRIu64 " to %" PRIu64
                       ", to be read from %" PRIu64 " on: one is missing",
                       r->name, l->count, l->lowest, l->highest, first);
    }
    return good;
}

static void end_reading(struct reader *r)
{
    if (r->fd >= 0) {
        (void)close(r->fd);
    }
    free(r->window);
}

bool journal_read(int directory, const char *name, journal_record_fn *record,
                  journal_expect_fn *expected, void *arg, struct journal_found *out,
                  char error[JOURNAL_ERROR_MAX])
{
    struct reader r = { .directory = directory,
                        .name = name,
                        .record = record,
                        .expect = expected,
                        .arg = arg,
                        .out = out,
                        .error = error,
                        .fd = -1 };
    struct listing l;
    bool ok;

    memset(out, 0, sizeof *out);
    ok = list_directory(&r, &l) && check_listing(&r, &l);
    out->lowest = l.lowest;
    out->snapshot = l.snapshot;
    ok = ok && (l.snapshot == 0 || read_snapshot(&r, l.snapshot));
    for (uint64_t n = l.snapshot > 0 ? l.snapshot : 1; ok && n <= l.highest; n++) {
        ok = read_segment(&r, n, n == l.highest);
    }
    end_reading(&r);
    return ok;
}

/* The number of its first batch, from which on they are counted. */
static bool begin_kept(struct reader *r, uint64_t number)
{
    struct journal_segment_head head;
    size_t got;
    const char *data = open_segment(r, number) ? look(r, 0, JOURNAL_SEGMENT_HEAD, &got) : NULL;
    const char *why = "segment cut off";

    if (data == NULL) {
        return false;
    }
    if (got == JOURNAL_SEGMENT_HEAD) {
        why = journal_segment_decode(data, &head);
    }
    if (why != NULL) {
        return refuse(r, "%s", why);
    }
    r->out->last = head.first_batch - 1;
    return true;
}

bool journal_read_kept(int directory, const char *name, const struct journal_found *found,
                       char error[JOURNAL_ERROR_MAX])
{
    struct journal_found out = { .identity = found->identity };
    struct reader r = {
        .directory = directory, .name = name, .out = &out, .error = error, .begun = true, .fd = -1
    };
    bool ok = found->lowest >= found->snapshot || begin_kept(&r, found->lowest);

    for (uint64_t n = found->lowest; ok && n < found->snapshot; n++) {
        ok = read_segment(&r, n, false);
        ok = ok &&
             (out.end == r.size || refuse(&r, "offset %" PRIu64 ": batch %" PRIu64 " is damaged",
                                          out.end, out.last + 1));
    }
    end_reading(&r);
    return ok;
}
