/*
 * Gathering, writing, rotating.
 */
#include "message_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "log.h"
#include "message_mask.h"
#include "timestamp.h"

/* Written within a turn already beyond this; the second is what memory it may take when the file
 * cannot be written. */
#define GATHER_BYTES (256 * 1024)
#define GATHER_MAX (4 * 1024 * 1024)
/* After a failure. */
#define RETRY_US (10 * US_PER_S)
#define STAMP_SIZE 24 /* YYYYMMDD-HH:MM:SS.uuuuuu */

struct message_log {
    struct message_logs *set;
    struct message_log *next;
    struct bytes path;
    struct buf lines;
    uint64_t gathered; /* messages in `lines` */
    int fd;            /* -1: not open */
    uint64_t size;
    int64_t begun_us; /* wall: its first line */
    int64_t retry_us; /* wall: not before; 0: healthy */
    uint64_t lost;
};

struct message_logs {
    struct message_log_options options;
    struct message_log *first;
};

struct message_logs *message_logs_new(const struct message_log_options *o)
{
    struct message_logs *set = calloc(1, sizeof *set);

    if (set != NULL) {
        set->options = *o;
    }
    return set;
}

struct message_log *message_log_of(struct message_logs *set, struct bytes path)
{
    struct message_log *log;
    char *copy;

    for (log = set->first; log != NULL; log = log->next) {
        if (bytes_equal(log->path, path)) {
            return log;
        }
    }
    log = calloc(1, sizeof *log);
    copy = calloc(1, path.size + 1);
    if (log == NULL || copy == NULL) {
        free(log);
        free(copy);
        return NULL;
    }
    memcpy(copy, path.data, path.size);
    log->path = (struct bytes){ copy, path.size };
    log->set = set;
    log->fd = -1;
    buf_init(&log->lines, GATHER_MAX);
    log->next = set->first;
    set->first = log;
    return log;
}

/* ---- files --------------------------------------------------------------------------------- */

static void failed(struct message_log *log, const char *what, int64_t wall_us)
{
    if (log->retry_us == 0) {
        log_write(LOG_ERROR, "message_log.failed", LOG_B("file", log->path), LOG_T("while", what),
                  LOG_T("why", strerror(errno)));
    }
    if (log->fd >= 0) {
        (void)close(log->fd);
        log->fd = -1;
    }
    log->retry_us = wall_us + RETRY_US;
}

/* When a file of an earlier run was begun. */
static int64_t begun(int fd, int64_t wall_us)
{
    char stamp[STAMP_SIZE];
    int64_t first_us;

    if (pread(fd, stamp, sizeof stamp, 0) != (ssize_t)sizeof stamp ||
        !timestamp_parse((struct bytes){ stamp, sizeof stamp }, &first_us)) {
        return wall_us;
    }
    return first_us;
}

static bool open_file(struct message_log *log, int64_t wall_us)
{
    struct stat st;

    log->fd = open(log->path.data, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (log->fd < 0 || fstat(log->fd, &st) != 0) {
        failed(log, "open", wall_us);
        return false;
    }
    log->size = (uint64_t)st.st_size;
    log->begun_us = begun(log->fd, wall_us);
    return true;
}

static bool numbered(const struct message_log *log, uint32_t n, char out[4096 + 16])
{
    int size = n == 0 ? snprintf(out, 4096 + 16, "%s", log->path.data)
                      : snprintf(out, 4096 + 16, "%s.%u", log->path.data, n);

    return size < 4096 + 16;
}

/* FILE.2 -> FILE.3, FILE.1 -> FILE.2, FILE -> FILE.1; what has no name left is gone. */
static bool rotate(struct message_log *log, int64_t wall_us)
{
    char from[4096 + 16], to[4096 + 16];

    (void)close(log->fd); /* nothing is buffered in it */
    log->fd = -1;
    if (log->set->options.keep == 0) {
        if (unlink(log->path.data) != 0 && errno != ENOENT) {
            failed(log, "unlink", wall_us);
            return false;
        }
        return true;
    }
    for (uint32_t n = log->set->options.keep; n > 0; n--) {
        if (!numbered(log, n - 1, from) || !numbered(log, n, to) ||
            (rename(from, to) != 0 && errno != ENOENT)) {
            failed(log, "rename", wall_us);
            return false;
        }
    }
    return true;
}

static bool is_due(const struct message_log *log, int64_t wall_us)
{
    const struct message_log_options *o = &log->set->options;

    return log->size > 0 && (log->size + log->lines.size > o->size_max ||
                             (o->age_max_us > 0 && wall_us - log->begun_us >= o->age_max_us));
}

static bool write_all(struct message_log *log, int64_t wall_us)
{
    size_t done = 0;

    while (done < log->lines.size) {
        ssize_t n = write(log->fd, log->lines.data + done, log->lines.size - done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            failed(log, "write", wall_us);
            return false;
        }
        done += (size_t)n;
        log->size += (uint64_t)n;
    }
    return true;
}

static void flush(struct message_log *log, int64_t wall_us)
{
    bool good = true;

    if (log->lines.size == 0 || (log->retry_us != 0 && wall_us < log->retry_us)) {
        return;
    }
    good = log->fd >= 0 || open_file(log, wall_us);
    if (good && is_due(log, wall_us)) {
        good = rotate(log, wall_us) && open_file(log, wall_us);
    }
    if (good && write_all(log, wall_us)) {
        if (log->retry_us != 0) {
            log_write(LOG_WARN, "message_log.resumed", LOG_B("file", log->path),
                      LOG_U("lost", log->lost));
            log->retry_us = 0;
            log->lost = 0;
        }
    } else {
        log->lost += log->gathered;
    }
    buf_clear(&log->lines);
    log->gathered = 0;
}

/* ---- lines --------------------------------------------------------------------------------- */

void message_log_write(struct message_log *log, struct bytes session, bool incoming,
                       struct bytes raw, int64_t wall_us)
{
    char stamp[TIMESTAMP_TEXT_MAX];
    size_t before = log->lines.size;

    if (log->retry_us != 0 && wall_us < log->retry_us) {
        log->lost++;
        return;
    }
    timestamp_print(wall_us, 6, stamp);
    buf_text(&log->lines, stamp);
    buf_char(&log->lines, ' ');
    buf_bytes(&log->lines, session);
    buf_text(&log->lines, incoming ? " in  " : " out ");
    message_mask(&log->lines, raw, log->set->options.separator);
    buf_char(&log->lines, '\n');
    if (log->lines.failed) {
        log->lines.size = before; /* whole lines only */
        log->lines.failed = false;
        log->lost++;
        return;
    }
    log->gathered++;
    if (log->lines.size >= GATHER_BYTES) {
        flush(log, wall_us);
    }
}

void message_logs_flush(struct message_logs *set, int64_t wall_us)
{
    for (struct message_log *log = set->first; log != NULL; log = log->next) {
        flush(log, wall_us);
    }
}

void message_logs_free(struct message_logs *set)
{
    if (set == NULL) {
        return;
    }
    while (set->first != NULL) {
        struct message_log *log = set->first;

        set->first = log->next;
        flush(log, log->begun_us);
        if (log->fd >= 0) {
            (void)close(log->fd);
        }
        buf_fini(&log->lines);
        free((char *)(uintptr_t)log->path.data);
        free(log);
    }
    free(set);
}
