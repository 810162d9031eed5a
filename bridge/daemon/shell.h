/*
 * The service put together, and the turn of architecture.md section 1:
 *
 *     sockets, finished calls, time ──► sessions ◄──► engine ──► journal batch ──► commit
 *                                                                                   │ durable
 *                                           sockets, venue calls ◄── release ◄──────┘
 *
 * shell.c holds the turn, shell_sessions.c the sessions, loop.c puts it on libev. Private to
 * bridge/daemon.
 */
#ifndef DAEMON_SHELL_H
#define DAEMON_SHELL_H

#include <ev.h>

#include "audit.h"
#include "conn.h"
#include "deadline.h"
#include "engine.h"
#include "fix_session.h"
#include "journal_file.h"
#include "logon.h"
#include "logon_choice.h"
#include "loop_now.h"
#include "map.h"
#include "monitor.h"
#include "notify.h"
#include "session_ops.h"
#include "setup.h"
#include "venue_io.h"

struct session {
    uint32_t index; /* the engine's, the configuration's */
    const struct config_session *config;
    struct fix_session *fix;
    struct conn *conn; /* NULL: offline */
    struct deadline deadline;
    bool up;    /* the engine was told so */
    bool dirty; /* touched in this turn */
    struct session *next_dirty;
    bool resends; /* in the shell's list of those */
    struct session *next_resend;
    char key[2 * FIX_ID_MAX + 2]; /* "CLIENT SOH US" */
    struct logon_session logon;
    struct logon_choice choice; /* of the Logon at hand, or the last one */
    struct session_ops ops;
    bool disabled;                      /* by the operator or the configuration */
    bool removed;                       /* gone from the configuration by a reload */
    struct instant since;               /* of the last change between up and down */
    uint64_t messages_in, messages_out; /* application, since the start */
    int64_t answer_us;                  /* mono: the oldest answer of a venue not reported yet */
    uint32_t answers;                   /* how many such reports there are */
};

enum shell_phase { SHELL_RUNS, SHELL_DRAINS, SHELL_LOGS_OUT, SHELL_STOPS };

struct shell {
    const struct setup *setup;
    struct engine *engine;
    struct journal *journal;
    struct conns *conns; /* NULL until the service listens */
    struct tls *tls;     /* NULL: no TLS listener */
    struct venue_io *venue;

    struct session *session;
    size_t session_count;
    struct map *by_key;
    struct session *dirty;
    unsigned writes_behind; /* of connections whose session is behind, in this turn */
    struct {
        struct session *first, *last; /* those with more to send again and room for it, in turn */
        size_t count;
        int64_t next_us; /* mono: others have the time until then */
        int64_t busy_us; /* mono: when there was other work, last */
        int64_t from_us; /* mono: when the piece at hand began */
        bool fetching;   /* nobody could go on */
    } resends;
    struct deadlines deadlines;

    struct instant now;   /* of the turn */
    struct instant woken; /* when its sockets were ready */
    enum shell_phase phase;
    int64_t calls_until_us, stop_at_us; /* draining: mono */
    const char *failed;                 /* the journal can remember no more: nothing is released */
    bool may_sync;  /* a sealed batch waits for the next look at the sockets: shell_write */
    unsigned looks; /* such looks in a row that found something */

    struct shell_ops ops;
    struct logon_guard *guard;
    struct control *control;  /* NULL: no socket */
    struct reload *reload;    /* what changed configurations left behind */
    struct notify notify;     /* the service manager */
    struct monitor *monitor;  /* counts and durations */
    struct audit *audit;      /* what operators did */
    struct admin *admin;      /* NULL: no HTTP */
    int64_t started_us;       /* wall */
    enum journal_space space; /* what was told and acted on */
    struct {
        bool wanted;                    /* by the operator */
        int64_t last_us, not_before_us; /* mono */
        struct engine_snapshot at;
    } compact;
    int64_t held_until_us; /* mono: when the next refusal held back may go */

    struct ev_loop *loop;
    ev_check check;
    ev_prepare prepare;
    ev_async wake;
    ev_timer timer;
    ev_idle idle;
    ev_signal signals[3];
    int64_t armed_us; /* what `timer` is set to, mono */
    int64_t busy_us;  /* mono: when something happened last */
    int64_t warm_us;  /* mono: when the heap is looked at next */
};

/* ---- shell.c ------------------------------------------------------------------------------- */

/* Once, before the loop: what was under way when the last run ended becomes the engine's to settle.
 */
void shell_start(struct shell *sh, uint64_t seed);
/* What connections tell; `arg` is the shell. */
extern const struct conns_ops shell_conns_ops;
/* Everything the turn has left to do: until all is quiet and what is durable has gone. False: work
 * is left all the same, go on soon. */
bool shell_settle(struct shell *sh);
int64_t shell_deadline(const struct shell *sh);
/* A planned stop: no new orders, open calls awaited, sessions logged out. */
void shell_drain(struct shell *sh, const char *why);
/* The session is looked at again before the turn ends. */
void shell_touch(struct shell *sh, struct session *s);
/* Carries out the engine's effects. `msg` is what it was just handed, NULL: something else. */
void shell_carry_out(struct shell *sh, const struct fix_msg *msg);

/* The journal can remember no more: the service ends. The journal's own words come before `why`. */
void shell_fail(struct shell *sh, const char *why);

/* ---- shell_write.c ------------------------------------------------------------------------- */

/* Has what was sealed written; `alone` tells whether the turn has nothing left to do. May leave
 * `may_sync`: then the loop looks at its sockets once, without sleeping, and calls the next. */
void shell_write_out(struct shell *sh, bool alone);
/* `idle` tells whether that look found nothing to do; if it did, the turn's end comes next. */
void shell_looked(struct shell *sh, bool idle);

/* ---- shell_resend.c ------------------------------------------------------------------------ */

/* It gets its turn if it has something to send again and room for it. */
void shell_resend_queue(struct shell *sh, struct session *s);
/* A piece of all resends, when its time has come; `busy`: the turn had other work, too. True: there
 * is something to commit and release, and shell_resend_done() to be called then. */
bool shell_resend(struct shell *sh, bool busy);
void shell_resend_done(struct shell *sh);
/* Whether it would go on now. The clock is asked only when there is a resend. */
bool shell_resend_due(const struct shell *sh);
/* When it wants to be called again; NEVER_US: there is no resend. */
int64_t shell_resend_deadline(const struct shell *sh);

/* ---- shell_space.c ------------------------------------------------------------------------- */

/* Tells and does what follows from a fuller or emptier disk. True: something was done. */
bool shell_watch_space(struct shell *sh);
/* Nobody is let in. */
bool shell_is_stalled(const struct shell *sh);

/* ---- shell_compact.c ----------------------------------------------------------------------- */

/* Begins a compaction that is due, tells of one that is over; behind a commit. */
void shell_compact(struct shell *sh);

/* ---- shell_sessions.c ---------------------------------------------------------------------- */

/* "CLIENT SOH US"; 0: an id is empty or too long. */
size_t shell_key(char out[2 * FIX_ID_MAX + 2], struct bytes client, struct bytes ours);
/* Sessions with their stores; the journal is open and replayed. False: out of memory. */
MUST_CHECK bool shell_init(struct shell *sh, uint64_t seed);
void shell_fini(struct shell *sh);

/* For the operator's commands. A session is found by its name in the configuration. */
struct session *shell_session(struct shell *sh, struct bytes name);
/* Logs it out with the text, or drops a connection that is not logged on. False: offline already.
 */
bool shell_disconnect(struct shell *sh, struct session *s, const char *text);
/* The numbers of a session that is offline. False: it is not, or the journal failed. */
MUST_CHECK bool shell_set_next(struct shell *sh, struct session *s, uint64_t in, uint64_t out);
MUST_CHECK bool shell_reset(struct shell *sh, struct session *s);
/* One more session, known to the engine from now on. False: out of memory, or SESSIONS_MAX; nothing
 * has changed then. `fix` is copied; `engine` and `c` live as long as the shell. */
MUST_CHECK bool shell_add_session(struct shell *sh, const struct config_session *c,
                                  const struct fix_session_config *fix,
                                  const struct engine_session *engine);
/* Whether CompIDs ("CLIENT SOH US") are free; who has them, else NULL. */
const struct session *shell_who_has(const struct shell *sh, struct bytes client, struct bytes ours);
/* No Logon finds it any more. */
void shell_remove_session(struct shell *sh, struct session *s);
MUST_CHECK bool shell_restore_session(struct shell *sh, struct session *s);

/* ---- loop.c -------------------------------------------------------------------------------- */

/* Puts the shell on its ev_loop. */
void loop_init(struct shell *sh);
/* For the journal's writer thread: `arg` is the shell. */
void loop_wake(void *arg);
/* Until drained (true) or the journal failed (false). */
bool loop_run(struct shell *sh);
void loop_fini(struct shell *sh);

#endif
