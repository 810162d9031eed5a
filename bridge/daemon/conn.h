/*
 * Listening, and connections as byte pipes: bounded input, output that is written only as far as
 * the journal has made it durable, limits and time-outs. Knows libev and sockets; knows no FIX:
 * what input means is decided by whoever made the set.
 *
 *     OPEN ──conn_finish(tail)──► FINISHING ──tail written──► LINGERING ──end of stream──► DEAD
 *       └──────────── conn_close, error, end of stream, time-out ────────────────────────────┘
 *
 * A DEAD connection is freed by conns_sweep at the end of the turn, so no pointer goes stale inside
 * one.
 */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include <ev.h>

#include "base.h"
#include "buf.h"
#include "deadline.h"
#include "ip_list.h"
#include "peers.h"

/* What an OPEN connection waits for. */
enum conn_stage { CONN_STAGE_PROXY, CONN_STAGE_TLS, CONN_STAGE_FIX };
enum conn_state { CONN_OPEN, CONN_FINISHING, CONN_LINGERING, CONN_DEAD };

#define CONN_MARKS_MAX 8
#define CONN_PEER_MAX IP_TEXT_MAX

struct session;
struct conns;
struct ssl_st;
struct tls;

/* Output up to `end` (counted from the connection's first byte) may go once `lsn` is durable. */
struct conn_mark {
    uint64_t end, lsn;
};

struct conn {
    struct conns *set;
    struct session *session; /* NULL: no Logon yet, or the session is over */
    enum conn_state state;
    enum conn_stage stage;
    int fd;
    struct ssl_st *tls; /* NULL: plain, or not that far yet */
    bool is_tls;
    bool tls_broken;                         /* after an error nothing may be asked of it */
    bool read_wants_write, write_wants_read; /* TLS's own needs */
    bool shaking;                            /* in line for a step of the handshake */
    struct conn *next_shaking;
    struct ip_address ip; /* the client's, also behind a balancer */
    bool counted;         /* in the limits of its address */
    char peer[CONN_PEER_MAX];
    ev_io readable, writable;
    struct buf in;   /* the start of a message; empty between messages */
    struct buf tail; /* last output, when the session is over */
    struct conn_mark mark[CONN_MARKS_MAX];
    uint32_t mark_first, mark_count;
    uint64_t written, released;
    struct deadline deadline; /* Logon due, or end of FINISHING and LINGERING */
    bool known;               /* a session was found for it */
    int64_t held_until_us;    /* mono: its user does not write to it before */
    bool waiting;             /* in the set's list of those with output */
    struct conn *next_waiting;
    struct conn *prev, *next; /* all of the set */
};

struct conns_config {
    struct bytes host; /* numeric, or "localhost"; empty: no plain listener */
    uint16_t port;
    struct bytes tls_host; /* the same of TLS */
    uint16_t tls_port;
    struct tls *tls; /* with tls_host; not owned */
    uint32_t handshake_timeout_ms;
    struct ip_list proxy_from; /* whose PROXY header is demanded and believed */
    struct peers_limits address_limits;
    uint32_t connections_max, unauthenticated_max;
    uint32_t logon_timeout_ms, send_timeout_ms;
};

/* Called from the loop's watchers, never from inside a function of this header. */
struct conns_ops {
    /* Returns how many bytes were used; the rest comes again with what follows. */
    size_t (*input)(void *arg, struct conn *c, struct bytes in);
    /* The peer is gone, or late with its Logon; the connection is DEAD after the return. */
    void (*gone)(void *arg, struct conn *c, const char *reason);
};

/* NULL: `error` says why. */
struct conns *conns_new(struct ev_loop *loop, const struct conns_config *config,
                        const struct conns_ops *ops, void *arg, char error[256]);
void conns_free(struct conns *set);
/* "127.0.0.1:9878" of the plain listener, or of the TLS one; empty and 0: there is none. */
const char *conns_address(const struct conns *set);
uint16_t conns_port(const struct conns *set);
const char *conns_tls_address(const struct conns *set);
uint16_t conns_tls_port(const struct conns *set);
size_t conns_count(const struct conns *set);
/* Other limits and time-outs, for connections that come from now on; not connections_max, which the
 * table of addresses was made for, nor anything of the listeners. */
void conns_limit(struct conns *set, const struct conns_config *config);
/* No new connections from now on; those without a session are closed. */
void conns_stop(struct conns *set);

int64_t conns_deadline(const struct conns *set);
void conns_tick(struct conns *set, const struct instant *now);
void conns_sweep(struct conns *set);

/* A Logon was taken in: it is no longer among the unauthenticated. */
void conn_known(struct conn *c);
/* Input that was left over is handed to `input` again: who did not want more before wants it now.
 */
void conn_resume(struct conn *c);
/* Whether the client showed a certificate of this name (see tls.h). */
bool conn_subject_is(const struct conn *c, struct bytes name);
/* No answer, at once. */
void conn_close(struct conn *c);
/* The session is over: `tail` is still written, then the connection ends in good order. */
void conn_finish(struct conn *c, struct bytes tail, const struct instant *now);

/* All `pending` unsent bytes of the source are justified by `lsn`. */
void conn_mark(struct conn *c, size_t pending, uint64_t lsn);
/* Writes what is released of the source, at most one write; returns how many bytes went. */
size_t conn_write(struct conn *c, struct bytes out, uint64_t durable);

/* Connections that may have something to write: taken out one after the other. NULL: none. */
void conn_wait(struct conn *c);
struct conn *conns_take_waiting(struct conns *set);
size_t conns_waiting(const struct conns *set);
/* Whether marks are left that `durable` has not reached, or released bytes are left. */
bool conn_is_behind(const struct conn *c);
/* The socket is full: it comes back by itself. */
bool conn_is_blocked(const struct conn *c);

#endif
