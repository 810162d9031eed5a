/*
 * The set of connections, for its own files:
 *
 *     conn.c         life, input, output of a connection
 *     conn_accept.c  listeners, limits of addresses
 *     conn_greet.c   what comes before FIX: the PROXY header, the TLS handshake
 *     conn_pipe.c    bytes in and out, plain or by TLS
 *
 * Private to conn*.c.
 */
#ifndef DAEMON_CONN_INTERNAL_H
#define DAEMON_CONN_INTERNAL_H

#include "conn.h"
#include "peers.h"

/* One read of one connection; more waits for the next wake-up, so that all get their turn. */
#define CONN_READ_SIZE (64 * 1024)

struct listener {
    struct conns *set;
    int fd; /* -1: none, or stopped */
    ev_io acceptable;
    char address[CONN_PEER_MAX];
    uint16_t port;
};

/* TLS last. */
enum { LISTEN_PLAIN, LISTEN_TLS, LISTEN_COUNT };

struct conns {
    struct ev_loop *loop;
    struct conns_config config;
    const struct conns_ops *ops;
    void *arg;
    struct listener listener[LISTEN_COUNT];
    bool stopped;
    int64_t accept_again_us;
    struct conn *first, *dead;
    struct conn *waiting_first, *waiting_last;
    struct conn *shaking_first, *shaking_last; /* a step of the handshake is due */
    ev_check shake;
    ev_idle shake_again;
    size_t count, unknown, waiting;
    struct peers *peers;
    struct deadlines deadlines;
    char scratch[CONN_READ_SIZE];
};

/* ---- conn.c -------------------------------------------------------------------------------- */

/* Told to the user, then closed. */
void conn_lose(struct conn *c, const char *reason);
void conn_on_readable(struct ev_loop *loop, ev_io *w, int events);
void conn_on_writable(struct ev_loop *loop, ev_io *w, int events);

/* ---- conn_accept.c ------------------------------------------------------------------------- */

MUST_CHECK bool conns_listen(struct conns *set, char error[256]);
void conns_listen_again(struct conns *set);
void conns_listen_stop(struct conns *set);
/* Counts the connection for its address; false: over a limit, logged. */
MUST_CHECK bool conns_count_address(struct conns *set, struct conn *c);

/* ---- conn_greet.c -------------------------------------------------------------------------- */

void conns_greet_init(struct conns *set);
void conns_greet_fini(struct conns *set);
/* A new connection, its stage set. */
void conn_greet(struct conn *c);
/* Its socket is ready for whatever the stage waits for. */
void conn_greet_go(struct conn *c);

/* ---- conn_pipe.c --------------------------------------------------------------------------- */

enum pipe_result { PIPE_OK, PIPE_AGAIN, PIPE_END, PIPE_ERROR };

/* PIPE_ERROR: `why`. */
enum pipe_result pipe_read(struct conn *c, char *out, size_t size, size_t *got, const char **why);
enum pipe_result pipe_write(struct conn *c, struct bytes out, size_t *put);
/* Reads what nobody wants; PIPE_OK, PIPE_AGAIN: more may come. */
enum pipe_result pipe_discard(struct conn *c);
/* No more output. */
void pipe_end(struct conn *c);
void pipe_close(struct conn *c);

#endif
