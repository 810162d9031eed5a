/*
 * The log: builds a line in memory and writes whole lines to stderr or to a file that rotates. It
 * decides nothing; of warnings and errors it keeps the last for the status page.
 */
#include "log.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "timestamp.h"

/* A turn under load with debug on; beyond it lines are written before the turn's end. */
#define PENDING_HIGH (64 * 1024)
#define PENDING_MAX (1024 * 1024)
/* A file that cannot be written is tried again this much later. */
#define RETRY_US (10 * US_PER_S)
#define KEPT_TEXT_MAX 400
#define STAMP_SIZE 27 /* 2026-11-21T06:00:00.123456Z */

/* The process has one stderr, hence one log. */
static struct {
    enum log_level least;
    enum log_format format;
    struct buf pending;
    struct rotating_file *file; /* NULL: stderr */
    int64_t retry_us;           /* wall: the file is not tried before; 0: it is healthy */
    bool ready;
    uint64_t count[LOG_ERROR + 1];
    struct {
        enum log_level level;
        char text[KEPT_TEXT_MAX];
    } kept[LOG_KEPT]; /* a ring */
    uint64_t kept_count;
} the_log = { .least = LOG_INFO };

static const char *const level_text[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARN] = "warn",
    [LOG_ERROR] = "error",
};

const char *log_level_text(enum log_level level)
{
    return level_text[level];
}

void log_setup(enum log_level least, enum log_format format)
{
    log_flush();
    the_log.least = least;
    the_log.format = format;
}

bool log_enabled(enum log_level level)
{
    return level >= the_log.least;
}

static bool is_plain(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c >= 0x7f) {
            return false;
        }
    }
    return text.size > 0;
}

static void add_escape(struct buf *out, unsigned char c, bool json)
{
    static const char hex[] = "0123456789abcdef";

    switch (c) {
    case '"': buf_text(out, "\\\""); return;
    case '\\': buf_text(out, "\\\\"); return;
    case '\n': buf_text(out, "\\n"); return;
    case '\r': buf_text(out, "\\r"); return;
    case '\t': buf_text(out, "\\t"); return;
    default: break;
    }
    buf_text(out, json ? "\\u00" : "\\x");
    buf_char(out, hex[c >> 4]);
    buf_char(out, hex[c & 15]);
}

/* Bytes above 0x7e are escaped too: what a peer sends need not be UTF-8, and SOH must be seen. */
static void add_escaped(struct buf *out, struct bytes text, bool json, bool quotes)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c < ' ' || c >= 0x7f || (quotes && (c == '"' || c == '\\'))) {
            add_escape(out, c, json);
        } else {
            buf_char(out, (char)c);
        }
    }
}

static void add_quoted(struct buf *out, struct bytes text, bool json)
{
    buf_char(out, '"');
    add_escaped(out, text, json, true);
    buf_char(out, '"');
}

static void add_value(struct buf *out, enum log_format format, const struct log_field *f)
{
    switch (f->kind) {
    case LOG_FIELD_INT: buf_int(out, f->number); break;
    case LOG_FIELD_UINT: buf_uint(out, f->count); break;
    case LOG_FIELD_TEXT:
        if (format == LOG_TEXT && is_plain(f->text)) {
            buf_bytes(out, f->text);
        } else {
            add_quoted(out, f->text, format == LOG_JSON);
        }
        break;
    case LOG_FIELD_END: break;
    }
}

static void add_head(struct buf *out, enum log_format format, int64_t wall_us, enum log_level level,
                     const char *event)
{
    char stamp[TIMESTAMP_TEXT_MAX];

    (void)timestamp_print_iso(wall_us, 6, stamp);
    buf_text(out, format == LOG_JSON ? "{\"ts\":\"" : "");
    buf_text(out, stamp);
    buf_text(out, format == LOG_JSON ? "\",\"level\":\"" : " ");
    buf_text(out, level_text[level]);
    buf_text(out, format == LOG_JSON ? "\",\"event\":\"" : " ");
    buf_text(out, event);
    buf_text(out, format == LOG_JSON ? "\"" : "");
}

void log_line(struct buf *out, enum log_format format, int64_t wall_us, enum log_level level,
              const char *event, const struct log_field *field)
{
    add_head(out, format, wall_us, level, event);
    for (const struct log_field *f = field; f->kind != LOG_FIELD_END; f++) {
        if (format == LOG_JSON) {
            buf_text(out, ",\"");
            buf_text(out, f->key);
            buf_text(out, "\":");
        } else {
            buf_char(out, ' ');
            buf_text(out, f->key);
            buf_char(out, '=');
        }
        add_value(out, format, f);
    }
    buf_text(out, format == LOG_JSON ? "}\n" : "\n");
}

static int64_t wall_now(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static struct buf *pending(void)
{
    if (!the_log.ready) {
        buf_init(&the_log.pending, PENDING_MAX);
        the_log.ready = true;
    }
    return &the_log.pending;
}

/* Warnings and errors are shown on the status page. */
static void keep(enum log_level level, struct bytes line)
{
    char *to = the_log.kept[the_log.kept_count % LOG_KEPT].text;
    size_t size = line.size > 0 ? line.size - 1 : 0; /* without the newline */

    size = size < KEPT_TEXT_MAX - 1 ? size : KEPT_TEXT_MAX - 1;
    memcpy(to, line.data, size);
    to[size] = '\0';
    the_log.kept[the_log.kept_count++ % LOG_KEPT].level = level;
}

uint64_t log_count(enum log_level level)
{
    return the_log.count[level];
}

const char *log_kept(size_t back, enum log_level *level)
{
    size_t i;

    if (back >= the_log.kept_count || back >= LOG_KEPT) {
        return NULL;
    }
    i = (size_t)(the_log.kept_count - 1 - back) % LOG_KEPT;
    *level = the_log.kept[i].level;
    return the_log.kept[i].text;
}

static void settle(enum log_level level, size_t before)
{
    const struct buf *p = &the_log.pending;

    the_log.count[level]++;
    if (level >= LOG_WARN && !p->failed && p->size > before) {
        keep(level, (struct bytes){ p->data + before, p->size - before });
    }
    if (level >= LOG_ERROR || the_log.pending.size >= PENDING_HIGH || the_log.pending.failed) {
        log_flush();
    }
}

void log_event(enum log_level level, const char *event, const struct log_field *field)
{
    size_t before = pending()->size;

    log_line(pending(), the_log.format, wall_now(), level, event, field);
    settle(level, before);
}

void log_note(enum log_level level, const char *event, const char *text)
{
    struct buf *out = pending();
    size_t before = out->size;

    if (!log_enabled(level)) {
        return;
    }
    add_head(out, the_log.format, wall_now(), level, event);
    if (the_log.format == LOG_JSON) {
        buf_text(out, ",\"text\":");
        add_quoted(out, bytes_of(text), true);
        buf_text(out, "}\n");
    } else {
        buf_char(out, ' ');
        add_escaped(out, bytes_of(text), false, false);
        buf_char(out, '\n');
    }
    settle(level, before);
}

static void write_stderr(struct bytes left)
{
    while (left.size > 0) {
        ssize_t n = write(STDERR_FILENO, left.data, left.size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        left.data += n;
        left.size -= (size_t)n;
    }
}

/* Straight to stderr: the log cannot report its own trouble through itself. */
static void file_trouble(enum log_level level, const char *event, const char *what, const char *why)
{
    const struct log_field field[] = { LOG_T("while", what),
                                       LOG_T("why", why),
                                       { .kind = LOG_FIELD_END } };
    struct buf line;

    buf_init(&line, 4096);
    log_line(&line, the_log.format, wall_now(), level, event, field);
    write_stderr(buf_view(&line));
    buf_fini(&line);
}

static bool write_file(struct bytes lines)
{
    int64_t now_us;
    const char *what;

    if (the_log.file == NULL) {
        return false;
    }
    now_us = wall_now();
    if (the_log.retry_us != 0 && now_us < the_log.retry_us) {
        return false;
    }
    if (!rotating_file_write(the_log.file, lines, now_us, &what)) {
        if (the_log.retry_us == 0) {
            file_trouble(LOG_ERROR, "log.failed", what, strerror(errno));
        }
        the_log.retry_us = now_us + RETRY_US;
        return false;
    }
    if (the_log.retry_us != 0) {
        the_log.retry_us = 0;
        file_trouble(LOG_WARN, "log.resumed", "write", "the log file can be written again");
    }
    return true;
}

/* A log that cannot be written (closed pipe, full disk) must not stop trading: what does not go out
 * is dropped. */
void log_flush(void)
{
    struct bytes lines = buf_view(&the_log.pending);

    if (lines.size > 0 && !write_file(lines)) {
        write_stderr(lines);
    }
    if (the_log.ready) {
        buf_clear(&the_log.pending);
    }
}

/* When a file of an earlier run was begun: its first line's stamp, behind {"ts":" in JSON. */
static int64_t begun(struct bytes head)
{
    static const char json[] = "{\"ts\":\"";
    int64_t at_us;

    if (head.size > sizeof json - 1 && memcmp(head.data, json, sizeof json - 1) == 0) {
        head.data += sizeof json - 1;
        head.size -= sizeof json - 1;
    }
    if (head.size < STAMP_SIZE ||
        !timestamp_parse_iso((struct bytes){ head.data, STAMP_SIZE }, &at_us)) {
        return -1;
    }
    return at_us;
}

bool log_to_file(struct bytes path, const struct rotating_options *o)
{
    struct rotating_file *file = rotating_file_new(path, o, begun);

    if (file == NULL) {
        return false;
    }
    log_flush();
    rotating_file_free(the_log.file);
    the_log.file = file;
    the_log.retry_us = 0;
    return true;
}
