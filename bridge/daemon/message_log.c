/*
 * Gathering and writing.
 */
#include "message_log.h"

#include <errno.h>
#include <stdlib.h>

#include "buf.h"
#include "log.h"
#include "message_mask.h"
#include "rotating_file.h"
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
    struct rotating_file *file;
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

/* When a file of an earlier run was begun: its first line's stamp. */
static int64_t begun(struct bytes head)
{
    int64_t first_us;

    if (head.size < STAMP_SIZE ||
        !timestamp_parse((struct bytes){ head.data, STAMP_SIZE }, &first_us)) {
        return -1;
    }
    return first_us;
}

static void free_log(struct message_log *log)
{
    rotating_file_free(log->file);
    buf_fini(&log->lines);
    free((char *)(uintptr_t)log->path.data);
    free(log);
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
    if (log == NULL) {
        return NULL;
    }
    buf_init(&log->lines, GATHER_MAX);
    copy = calloc(1, path.size + 1);
    log->path = (struct bytes){ copy, path.size };
    log->file = rotating_file_new(path, &set->options.file, begun);
    if (copy == NULL || log->file == NULL) {
        free_log(log);
        return NULL;
    }
    memcpy(copy, path.data, path.size);
    log->set = set;
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
    log->retry_us = wall_us + RETRY_US;
}

static void flush(struct message_log *log, int64_t wall_us)
{
    const char *what;

    if (log->lines.size == 0 || (log->retry_us != 0 && wall_us < log->retry_us)) {
        return;
    }
    if (!rotating_file_write(log->file, buf_view(&log->lines), wall_us, &what)) {
        failed(log, what, wall_us);
        log->lost += log->gathered;
    } else if (log->retry_us != 0) {
        log_write(LOG_WARN, "message_log.resumed", LOG_B("file", log->path),
                  LOG_U("lost", log->lost));
        log->retry_us = 0;
        log->lost = 0;
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
        flush(log, 0); /* no time has passed that could make it old */
        free_log(log);
    }
    free(set);
}
