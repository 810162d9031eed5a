/*
 * What a session has beside its FIX rules: its hours, the rate of its messages, a warning before it
 * is a slow consumer, its message log; and News before a planned stop. shell.c calls these at the
 * points of the turn they are about.
 *
 *     session_ops.c   rate, slow consumers, message log
 *     hours.c         schedules: logging out, resetting numbers, remembering that it was done
 *     announce.c      News, planned stops
 */
#ifndef DAEMON_SESSION_OPS_H
#define DAEMON_SESSION_OPS_H

#include "base.h"
#include "fix_msg.h"
#include "message_log.h"
#include "throttle.h"

struct session;
struct shell;

/* Of one session; zeroed at start. */
struct session_ops {
    struct throttle throttle;
    bool over;                /* the message just fed was one too many */
    int64_t blocked_until_us; /* mono */
    bool slow;                /* warned of */
    struct message_log *log;  /* NULL: none */
    size_t logged;            /* front of the output that is in the log already */
    int64_t window_us;        /* wall: opening its numbers belong to; 0: not known */
};

/* Of the shell; zeroed at start. */
struct shell_ops {
    struct message_logs *logs; /* NULL: nobody has one */
    int64_t hours_us;          /* mono: when schedules are looked at next */
    bool hours_dirty;          /* the file of windows is behind */
    uint64_t hours_lsn;        /* it may be written once this is durable */
    bool planned;              /* a stop is announced */
    int64_t stop_us, news_us;  /* mono */
};

/* ---- session_ops.c ------------------------------------------------------------------------- */

/* Once, when the sessions of the configuration are there. */
void ops_start(struct shell *sh);
void ops_fini(struct shell *sh);
/* A session was made, at the start or by a reload. False: out of memory. */
MUST_CHECK bool ops_open(struct shell *sh, struct session *s);
/* NULL: a Logon may be taken; else why not, for the log. */
const char *ops_refuses(const struct shell *sh, const struct session *s);

/* `piece` was taken by the session; its events are not pulled yet. */
void ops_received(struct shell *sh, struct session *s, struct bytes piece);
/* Whether the message at hand is over the rate; asked once for each that was received. */
bool ops_is_over(struct session *s);
/* Its events were pulled: too many strikes end the session. */
void ops_judge(struct shell *sh, struct session *s);
/* `put` bytes at the front of `out` are written, or handed over to be. */
void ops_sent(struct shell *sh, struct session *s, struct bytes out, size_t put);
/* The end of the turn, for a session that was touched in it. */
void ops_settled(struct session *s);
/* The connection is gone or given away. */
void ops_down(struct shell *sh, struct session *s, struct bytes out);

/* Each round of a turn. True: something was done. */
bool ops_tick(struct shell *sh);
int64_t ops_deadline(const struct shell *sh);
/* The end of the turn: the message log. */
void ops_flush(struct shell *sh);

/* ---- hours.c ------------------------------------------------------------------------------- */

void hours_start(struct shell *sh);
bool hours_tick(struct shell *sh);
/* A reload gave the session another schedule. Its numbers go on if that is open now; else the hours
 * have ended: it is logged out and they start anew. */
void hours_changed(struct shell *sh, struct session *s);
const char *hours_refuse(const struct shell *sh, const struct session *s);
/* After a commit, before anything it justifies leaves. */
void hours_release(struct shell *sh, uint64_t durable);

/* ---- announce.c ---------------------------------------------------------------------------- */

/* A stop in so many seconds: News now if that is within a minute, else from then on, each 10 s;
 * then shell_drain(). Announced again, the later word counts. */
void shell_announce(struct shell *sh, uint32_t seconds);
/* Not after all; those who heard of it are told. False: none was planned. */
bool shell_announce_cancel(struct shell *sh);
/* News to all who are logged on. */
void announce_news(struct shell *sh, const char *headline, const char *line);
bool announce_tick(struct shell *sh);

/* With log_fix, a line about a message of a client; after the engine had it, for then the order it
 * made or named is known, and the line is found by its id. */
void ops_log_message(const struct shell *sh, const struct session *s, const struct fix_msg *msg);

#endif
