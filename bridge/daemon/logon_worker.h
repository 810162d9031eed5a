/*
 * Checks slow password hashes beside the loop: one thread, jobs in the order they came. The loop
 * puts a job and goes on; `wake` runs in the thread when one is done and must only poke the loop.
 */
#ifndef DAEMON_LOGON_WORKER_H
#define DAEMON_LOGON_WORKER_H

#include "base.h"
#include "lockout.h"
#include "password.h"

struct logon_job {
    void *owner;     /* whose logon; not looked at here */
    uint32_t serial; /* which logon of the owner */
    struct password_hash hash;
    char password[PASSWORD_MAX];
    size_t size;
    bool user_is_right; /* else the answer is no, after the same time */
    char peer[LOCKOUT_KEY_MAX];
    size_t peer_size;
    bool good; /* the answer */
};

struct logon_worker;

/* NULL: no thread, or out of memory. */
struct logon_worker *logon_worker_new(void (*wake)(void *arg), void *arg);
/* Waits for the job being checked; drops the others. */
void logon_worker_free(struct logon_worker *w);
/* Copies the job. False: too many wait already, or out of memory. */
MUST_CHECK bool logon_worker_put(struct logon_worker *w, const struct logon_job *job);
/* Jobs of this logon that have not begun are dropped without an answer. */
void logon_worker_cancel(struct logon_worker *w, const void *owner, uint32_t serial);
/* One that is done; false: none. */
bool logon_worker_take(struct logon_worker *w, struct logon_job *out);

#endif
