/*
 * Raw FIX messages in files, as an option:
 *
 *     20261121-06:00:00.123456 SESSION in  8=FIX.4.4|9=112|35=A|...
 *
 * Lines are gathered in memory and written once a turn. A file that cannot be written is told once,
 * and again when it can; what came meanwhile is counted and lost, because no client waits for a
 * log.
 */
#ifndef DAEMON_MESSAGE_LOG_H
#define DAEMON_MESSAGE_LOG_H

#include "base.h"
#include "rotating_file.h"

struct message_log;
struct message_logs;

struct message_log_options {
    struct rotating_options file;
    char separator; /* in place of SOH */
};

struct message_logs *message_logs_new(
    const struct message_log_options *o);         /* NULL: out of memory */
void message_logs_free(struct message_logs *set); /* writes what is left */
/* The log of this file, the same for all who name it; opened with its first line. NULL: out of
 * memory. Lives as long as the set. */
struct message_log *message_log_of(struct message_logs *set, struct bytes path);

/* One message, or bytes that are none. */
void message_log_write(struct message_log *log, struct bytes session, bool incoming,
                       struct bytes raw, int64_t wall_us);
/* Writes all that was gathered. */
void message_logs_flush(struct message_logs *set, int64_t wall_us);

#endif
