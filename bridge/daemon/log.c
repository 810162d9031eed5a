/*
 * The log: builds a line in memory and writes whole lines to stderr. It decides nothing and keeps
 * no history.
 */
#include "log.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "timestamp.h"

/* A turn under load with debug on; beyond it lines are written before the turn's end. */
#define PENDING_HIGH (64 * 1024)
#define PENDING_MAX (1024 * 1024)

/* The process has one stderr, hence one log. */
static struct {
    enum log_level least;
    enum log_format format;
    struct buf pending;
    bool ready;
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

static void settle(enum log_level level)
{
    if (level >= LOG_ERROR || the_log.pending.size >= PENDING_HIGH || the_log.pending.failed) {
        log_flush();
    }
}

void log_event(enum log_level level, const char *event, const struct log_field *field)
{
    log_line(pending(), the_log.format, wall_now(), level, event, field);
    settle(level);
}

void log_note(enum log_level level, const char *event, const char *text)
{
    struct buf *out = pending();

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
    settle(level);
}

/* A log that cannot be written (closed pipe, full disk) must not stop trading: what does not go out
 * is dropped. */
void log_flush(void)
{
    struct bytes left = buf_view(&the_log.pending);

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
    if (the_log.ready) {
        buf_clear(&the_log.pending);
    }
}
