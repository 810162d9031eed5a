/*
 * Who may log on: the procedure of a Logon, by the session's `auth` mode, with lock-out of those
 * who fail too often. A slow password hash is checked beside the loop, and the session waits for
 * it. Nothing of the session changes here; the shell accepts or refuses by what this says.
 *
 *     logon_begin() -> LOGON_YES, LOGON_NO: answer now
 *                   -> LOGON_LATER: logon_next() tells, unless logon_forget() came first
 */
#ifndef DAEMON_LOGON_H
#define DAEMON_LOGON_H

#include "config.h"
#include "fix_msg.h"
#include "logon_proof.h"

struct logon_guard;

/* Of one session; zero at first, logon_session_fini at the end. */
struct logon_session {
    uint32_t serial; /* of the logon that waits for the worker */
    bool waits;
    bool has_proofs, has_tag;
    struct proof_memory proofs;
    unsigned char tag[32]; /* of the password taken last: see logon.c */
};

enum logon_answer { LOGON_NO, LOGON_YES, LOGON_LATER };

/* `wake` pokes the loop from another thread. NULL: out of memory, no thread or no random numbers.
 * `now_wall_us` is when we started: what was signed before it may have been used. */
struct logon_guard *logon_guard_new(const struct config_fixbridge *settings, uint64_t seed,
                                    int64_t now_wall_us, void (*wake)(void *arg), void *arg);
void logon_guard_free(struct logon_guard *g);

/* `owner` is given back by logon_next. `peer` is the address as "host:port"; *why is for the log
 * only, never for the peer. */
enum logon_answer logon_begin(struct logon_guard *g, void *owner, struct logon_session *s,
                              const struct config_session *c, const struct fix_msg *logon,
                              const char *peer, const struct instant *now, const char **why);
/* The connection is gone: the answer is no longer wanted. */
void logon_forget(struct logon_guard *g, void *owner, struct logon_session *s);
/* One that waited; false: none. `state_of` finds the owner's part. */
bool logon_next(struct logon_guard *g, struct logon_session *(*state_of)(void *owner),
                const struct config_session *(*config_of)(void *owner), const struct instant *now,
                void **owner, bool *good);
/* Addresses and sessions that have failed lately. */
size_t logon_suspects(const struct logon_guard *g);

/* "203.0.113.7:4711" -> "203.0.113.7"; of IPv6 the /64, because a host has all of it. The key of
 * the lock-out; `out` has LOCKOUT_KEY_MAX bytes. */
size_t logon_address(const char *peer, char *out);

#endif
