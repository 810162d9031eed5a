/*
 * One line one event: "ts level event key=value ..." on stderr or in a file that rotates, or one
 * JSON object a line. Values are quoted and escaped where they need it, so that nothing a peer
 * sends can forge a line. Secrets are never handed to it.
 *
 * Lines are gathered and written once a turn (log_flush); an error is written at once.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include "base.h"
#include "buf.h"
#include "rotating_file.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

enum log_kind { LOG_FIELD_END, LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_UINT };

/* One key=value; made by the LOG_* macros below. */
struct log_field {
    enum log_kind kind;
    const char *key;
    struct bytes text;
    int64_t number;
    uint64_t count;
};

#define LOG_B(name, bytes)                                                                         \
    {                                                                                              \
        .kind = LOG_FIELD_TEXT, .key = (name), .text = (bytes)                                     \
    }
#define LOG_T(name, string)                                                                        \
    {                                                                                              \
        .kind = LOG_FIELD_TEXT, .key = (name), .text = bytes_of(string)                            \
    }
#define LOG_I(name, value)                                                                         \
    {                                                                                              \
        .kind = LOG_FIELD_INT, .key = (name), .number = (int64_t)(value)                           \
    }
#define LOG_U(name, value)                                                                         \
    {                                                                                              \
        .kind = LOG_FIELD_UINT, .key = (name), .count = (uint64_t)(value)                          \
    }

/* log_write(LOG_INFO, "session.up", LOG_B("session", name), LOG_U("next_in", n));
 * with at least one field */
#define log_write(level, event, ...)                                                               \
    do {                                                                                           \
        if (log_enabled(level)) {                                                                  \
            log_event(level, event,                                                                \
                      (const struct log_field[]){ __VA_ARGS__, { .kind = LOG_FIELD_END } });       \
        }                                                                                          \
    } while (0)

void log_setup(enum log_level least, enum log_format format);
/* From now on lines go to this file instead of stderr. While it cannot be written they go to
 * stderr, with one line that says why. False: out of memory. */
MUST_CHECK bool log_to_file(struct bytes path, const struct rotating_options *o);
bool log_enabled(enum log_level level);
void log_event(enum log_level level, const char *event, const struct log_field *field);
/* A line whose "key=value ..." part was made elsewhere (the engine's notes); control characters are
 * escaped. */
void log_note(enum log_level level, const char *event, const char *text);
void log_flush(void);
/* Lines of this level since the start, written or not. */
uint64_t log_count(enum log_level level);
/* The newest warnings and errors, newest first, as lines of text without the newline; NULL: no
 * more.
 */
#define LOG_KEPT 100
const char *log_kept(size_t back, enum log_level *level);

/* The line as it is written, for tests: `out` is appended to, with the newline. */
void log_line(struct buf *out, enum log_format format, int64_t wall_us, enum log_level level,
              const char *event, const struct log_field *field);

const char *log_level_text(enum log_level level);

#endif
