/*
 * The service put together, and the turn of architecture.md section 1:
 *
 *     sockets, finished calls, time ──► sessions ◄──► engine ──► journal batch ──► commit
 *                                                                                   │ durable
 *                                           sockets, venue calls ◄── release ◄──────┘
 *
 * shell.c holds the turn, loop.c puts it on libev. Private to bridge/daemon.
 */
#ifndef DAEMON_SHELL_H
#define DAEMON_SHELL_H

#include <ev.h>

#include "conn.h"
#include "deadline.h"
#include "engine.h"
#include "fix_session.h"
#include "journal_file.h"
#include "loop_now.h"
#include "map.h"
#include "setup.h"
#include "venue_io.h"

struct session {
    uint32_t                     index;         /* the engine's, the configuration's */
    const struct config_session *config;
    struct fix_session          *fix;
    struct conn                 *conn;          /* NULL: offline */
    struct deadline              deadline;
    bool                         up;            /* the engine was told so */
    bool                         dirty;         /* touched in this turn */
    struct session              *next_dirty;
    char                         key[2 * FIX_ID_MAX + 2];   /* "CLIENT SOH US" */
};

enum shell_phase { SHELL_RUNS, SHELL_DRAINS, SHELL_LOGS_OUT, SHELL_STOPS };

struct shell {
    const struct setup *setup;
    struct engine      *engine;
    struct journal     *journal;
    struct conns       *conns;          /* NULL until the service listens */
    struct venue_io    *venue;

    struct session     *session;
    size_t              session_count;
    struct map         *by_key;
    struct session     *dirty;
    struct deadlines    deadlines;

    struct instant      now;            /* of the turn */
    enum shell_phase    phase;
    int64_t             calls_until_us, stop_at_us;     /* draining: mono */
    const char         *failed;         /* the journal can remember no more: nothing is released */

    struct ev_loop     *loop;
    ev_check            check;
    ev_prepare          prepare;
    ev_async            wake;
    ev_timer            timer;
    ev_idle             idle;
    ev_signal           signals[3];
    int64_t             armed_us;       /* what `timer` is set to, mono */
};

/* ---- shell.c ------------------------------------------------------------------------------------- */

/* Sessions with their stores; the journal is open and replayed. False: out of memory. */
MUST_CHECK bool shell_init(struct shell *sh, uint64_t seed);
void            shell_fini(struct shell *sh);
/* Once, before the loop: what was under way when the last run ended becomes the engine's to settle. */
void            shell_start(struct shell *sh, uint64_t seed);
/* What connections tell; `arg` is the shell. */
extern const struct conns_ops shell_conns_ops;
/* Everything the turn has left to do: until all is quiet and what is durable has gone. False: work
 * is left all the same, go on soon. */
bool    shell_settle(struct shell *sh);
int64_t shell_deadline(const struct shell *sh);
/* A planned stop: no new orders, open calls awaited, sessions logged out. */
void    shell_drain(struct shell *sh, const char *why);

/* ---- loop.c -------------------------------------------------------------------------------------- */

/* Puts the shell on its ev_loop. */
void loop_init(struct shell *sh);
/* For the journal's writer thread: `arg` is the shell. */
void loop_wake(void *arg);
/* Until drained (true) or the journal failed (false). */
bool loop_run(struct shell *sh);
void loop_fini(struct shell *sh);

#endif
