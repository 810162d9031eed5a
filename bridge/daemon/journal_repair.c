/*
 * "fixbridge journal repair": the only thing that ever takes from a journal what was once in it,
 * and only by the place that the operator names. Segments are copied aside before they are cut, the
 * ones behind are renamed; what is lost is printed record by record where it can still be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal_tool.h"
#include "bounds.h"

#define LINE_MAX_SIZE (8 * (size_t)JOURNAL_RECORD_MAX)
#define ASIDE_SIZE (JOURNAL_NAME_SIZE + 32)

static int failed(const struct journal_tool *t, const char *what)
{
    (void)fprintf(stderr, "fixbridge: journal %s: %s: %s\n", t->name, what, strerror(errno));
    return JOURNAL_CMD_FAILED;
}

/* "00000003.journal.20250304T100000Z": no segment's name, so nobody reads it again. */
static bool aside_name(uint64_t segment, char out[ASIDE_SIZE])
{
    char file[JOURNAL_NAME_SIZE], stamp[20];
    time_t now = time(NULL);
    struct tm utc;

    journal_segment_name(segment, file);
    return gmtime_r(&now, &utc) != NULL &&
           strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc) > 0 &&
           snprintf(out, ASIDE_SIZE, "%s.%s", file, stamp) < ASIDE_SIZE;
}

static bool copy_bytes(int from, int to)
{
    char data[64 * 1024];
    ssize_t got;

    while ((got = read(from, data, sizeof data)) != 0) {
        if (got < 0 && errno != EINTR) {
            return false;
        }
        for (ssize_t put = 0; put < got;) {
            ssize_t n = write(to, data + put, (size_t)(got - put));

            if (n < 0 && errno != EINTR) {
                return false;
            }
            put += n > 0 ? n : 0;
        }
    }
    return fsync(to) == 0;
}

static bool copy_aside(const struct journal_tool *t, uint64_t segment)
{
    char file[JOURNAL_NAME_SIZE], aside[ASIDE_SIZE];
    int from, to = -1;
    bool good;

    journal_segment_name(segment, file);
    from = openat(t->directory, file, O_RDONLY | O_CLOEXEC);
    if (from >= 0 && aside_name(segment, aside)) {
        to = openat(t->directory, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    good = to >= 0 && copy_bytes(from, to) && fsync(t->directory) == 0;
    if (from >= 0) {
        (void)close(from);
    }
    if (to >= 0) {
        (void)close(to);
    }
    if (good) {
        (void)printf("kept a copy: %s/%s\n", t->name, aside);
    }
    return good;
}

static bool cut(const struct journal_tool *t, uint64_t segment, uint64_t end)
{
    char file[JOURNAL_NAME_SIZE];
    int fd;
    bool good;

    journal_segment_name(segment, file);
    fd = openat(t->directory, file, O_RDWR | O_CLOEXEC);
    good = fd >= 0 && ftruncate(fd, (off_t)end) == 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good;
}

/* ---- what is lost -------------------------------------------------------------------------- */

struct loss {
    struct journal_tool *tool;
    struct buf line;
    uint64_t batches, records, first, last;
};

static void tell_record(struct loss *l, const struct journal_place *at,
                        const struct journal_record *raw)
{
    struct record r;

    l->records++;
    buf_clear(&l->line);
    /* After a hole an order's record may be missing: then its words are all that can be said. */
    (void)journal_words_feed(l->tool->words, raw, &r);
    if (raw->kind != JOURNAL_KIND_ENGINE || r.kind != 0) {
        journal_words_line(l->tool->words, at, raw, &r, &l->line);
    }
    (void)printf("lost: %.*s", (int)l->line.size, l->line.size > 0 ? l->line.data : "");
}

static bool record_is_known(const struct journal_record *raw)
{
    struct record r;

    switch (raw->kind) {
    case JOURNAL_KIND_ENGINE: return record_decode(raw->body, &r);
    case JOURNAL_KIND_MESSAGE: return raw->body.size >= 8;
    case JOURNAL_KIND_NEXT: return raw->body.size == 16;
    case JOURNAL_KIND_SESSION:
    case JOURNAL_KIND_RESET:
    case JOURNAL_KIND_MARK: return true;
    default: return false;
    }
}

static void tell_batch(struct loss *l, uint64_t segment, uint64_t offset,
                       const struct journal_batch_head *head, struct bytes body)
{
    struct bytes rest = body;
    struct journal_record raw;

    l->first = l->batches == 0 ? head->number : l->first;
    l->last = head->number;
    l->batches++;
    while (rest.size > 0) {
        const struct journal_place at = { head->number, segment,
                                          offset + JOURNAL_BATCH_HEAD + (body.size - rest.size),
                                          false };

        if (!journal_record_take(&rest, &raw)) {
            return;
        }
        if (record_is_known(&raw)) {
            tell_record(l, &at, &raw);
        }
    }
}

/* Whole batches of this journal from `start` on, wherever they begin. */
static void scan(struct loss *l, uint64_t segment, struct bytes all, uint64_t start)
{
    const char *end = all.data + all.size;
    struct journal_batch_head head;

    for (const char *at = start < all.size ? all.data + start : NULL;
         at != NULL && (at = memmem(at, (size_t)(end - at), "BTCH", 4)) != NULL;) {
        size_t left = (size_t)(end - at);

        if (left >= JOURNAL_BATCH_HEAD &&
            journal_batch_decode(at, l->tool->found.identity, &head) &&
            head.number > l->tool->found.last && head.size <= left - JOURNAL_BATCH_HEAD &&
            journal_crc(0, at + JOURNAL_BATCH_HEAD, head.size) == head.crc) {
            tell_batch(l, segment, (uint64_t)(at - all.data), &head,
                       (struct bytes){ at + JOURNAL_BATCH_HEAD, head.size });
            at += JOURNAL_BATCH_HEAD + head.size;
        } else {
            at++;
        }
    }
}

static bool load(int directory, uint64_t segment, char **data, size_t *size)
{
    char file[JOURNAL_NAME_SIZE];
    struct stat st;
    int fd;

    *data = NULL;
    *size = 0;
    journal_segment_name(segment, file);
    fd = openat(directory, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || (*data = malloc((size_t)st.st_size + 1)) == NULL) {
        goto fail;
    }
    while (*size < (size_t)st.st_size) {
        ssize_t n = pread(fd, *data + *size, (size_t)st.st_size - *size, (off_t)*size);

        if (n < 0 && errno != EINTR) {
            goto fail;
        }
        if (n == 0) {
            break;
        }
        *size += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    return true;

fail:
    free(*data);
    *data = NULL;
    if (fd >= 0) {
        (void)close(fd);
    }
    return false;
}

static bool exists(int directory, uint64_t segment)
{
    char file[JOURNAL_NAME_SIZE];
    struct stat st;

    journal_segment_name(segment, file);
    return fstatat(directory, file, &st, 0) == 0;
}

/* The highest segment there is, whether or not one before it is missing: none beyond a hole of that
 * size is looked for. */
#define HOLE_MAX 1000

static uint64_t last_segment(int directory, uint64_t from)
{
    uint64_t last = from;

    for (uint64_t n = from + 1; n <= last + HOLE_MAX; n++) {
        last = exists(directory, n) ? n : last;
    }
    return last;
}

static bool tell_loss(struct journal_tool *t, uint64_t last)
{
    struct loss l = { .tool = t };
    bool good = true;

    buf_init(&l.line, LINE_MAX_SIZE);
    for (uint64_t n = t->found.segment == 0 ? 1 : t->found.segment; good && n <= last; n++) {
        char *data;
        size_t size;

        if (!exists(t->directory, n)) {
            continue;
        }
        good = load(t->directory, n, &data, &size);
        if (good) {
            scan(&l, n, (struct bytes){ data, size }, n == t->found.segment ? t->found.end : 0);
        }
        free(data);
    }
    (void)printf("lost: batch %" PRIu64 ", and behind it %" PRIu64 " whole batches with %" PRIu64
                 " records",
                 t->found.last + 1, l.batches, l.records);
    if (l.batches > 0) {
        (void)printf(" (batches %" PRIu64 " to %" PRIu64 ")", l.first, l.last);
    }
    (void)printf("\n");
    buf_fini(&l.line);
    return good;
}

/* ---- the two kinds of repair --------------------------------------------------------------- */

static int cut_tail(struct journal_tool *t)
{
    if (t->found.dropped == 0 && !t->found.unfinished) {
        (void)printf("ok: nothing to repair: %" PRIu64 " batches\n", t->found.batches);
        return JOURNAL_CMD_OK;
    }
    if (t->found.dropped > 0) {
        if (!copy_aside(t, t->found.segment) || !cut(t, t->found.segment, t->found.end)) {
            return failed(t, "the torn tail cannot be cut off");
        }
        (void)printf("cut off: %" PRIu64 " bytes of an unfinished batch at %" PRIu64 ":%" PRIu64
                     "; nothing of it had been acted on\n",
                     t->found.dropped, t->found.segment, t->found.end);
    }
    if (t->found.unfinished) {
        (void)printf("note: segment %" PRIu64 " was only begun and holds nothing; the next start "
                     "makes it anew\n",
                     t->found.segment + 1);
    }
    return JOURNAL_CMD_OK;
}

static bool rename_behind(const struct journal_tool *t, uint64_t last)
{
    char file[JOURNAL_NAME_SIZE], aside[ASIDE_SIZE];

    for (uint64_t n = last; n > t->found.segment; n--) {
        if (!exists(t->directory, n)) {
            continue;
        }
        journal_segment_name(n, file);
        if (!aside_name(n, aside) || renameat(t->directory, file, t->directory, aside) != 0) {
            return false;
        }
        (void)printf("renamed: %s/%s\n", t->name, aside);
    }
    return fsync(t->directory) == 0;
}

/* The last segments go first: if this is broken off, what is left is still the same damage. */
static int drop(struct journal_tool *t, uint64_t last)
{
    struct journal_tool after = { .directory = t->directory, .name = t->name };
    bool good;

    if ((t->found.segment > 0 && !copy_aside(t, t->found.segment)) || !rename_behind(t, last) ||
        (t->found.segment > 0 && !cut(t, t->found.segment, t->found.end))) {
        return failed(t, "cannot be repaired");
    }
    good = journal_tool_read(&after);
    if (good) {
        (void)printf("repaired: %" PRIu64 " batches with %" PRIu64 " records are left\n"
                     "Before the next start: compare each session's numbers with the client's, and "
                     "each account's orders and fills with the venue's.\n",
                     after.found.batches, after.found.records);
    } else {
        journal_tool_tell_damage(&after);
    }
    journal_words_free(after.words);
    return good ? JOURNAL_CMD_OK : JOURNAL_CMD_DAMAGED;
}

static int drop_damage(struct journal_tool *t, const char *drop_after)
{
    uint64_t last = last_segment(t->directory, t->found.segment);
    char place[64];

    journal_tool_tell_damage(t);
    if (t->found.in_snapshot) {
        (void)printf("nothing was changed: a snapshot is the state, nothing of it can be given up. "
                     "Put the same file (%" PRIu64
                     ".snapshot) from a backup in its place: it never "
                     "changes once it is there.\n",
                     t->found.segment);
        return JOURNAL_CMD_DAMAGED;
    }
    if (!tell_loss(t, last)) {
        return failed(t, "cannot be read");
    }
    (void)snprintf(place, sizeof place, "%" PRIu64 ":%" PRIu64, t->found.segment, t->found.end);
    if (drop_after == NULL || strcmp(drop_after, place) != 0) {
        (void)printf("nothing was changed; to give all that up: fixbridge journal repair %s "
                     "--drop-after %s\n",
                     t->name, place);
        return JOURNAL_CMD_DAMAGED;
    }
    return drop(t, last);
}

/* -1: somebody has it, or it cannot be taken. */
static int take_lock(const struct journal_tool *t)
{
    int fd = openat(t->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

int journal_repair(struct journal_tool *t, const char *drop_after)
{
    int lock = take_lock(t);
    int code;

    if (lock < 0) {
        (void)fprintf(stderr, "fixbridge: journal %s: %s\n", t->name,
                      errno == EWOULDBLOCK ? "the service uses it; stop it first"
                                           : strerror(errno));
        return JOURNAL_CMD_FAILED;
    }
    if (!journal_tool_read(t)) {
        code = drop_damage(t, drop_after);
    } else if (drop_after != NULL) {
        (void)printf("nothing was changed: the journal is not damaged\n");
        code = JOURNAL_CMD_USAGE;
    } else {
        code = cut_tail(t);
    }
    (void)close(lock);
    return code;
}
