/*
 * What the parts of the transport share; nobody else includes this.
 *
 *     http_client.c   pools, the queue of calls, what became of them
 *     http_pool.c     a pool from its configuration
 *     http_easy.c     one libcurl easy handle: options; as a transfer: one request in, one response
 *                     out
 *     http_direct.c   the other way to use one: libcurl connects, we write and read
 *     http_wire.c     a request for that in bytes, http_answer.c an answer out of bytes
 *     http_loop.c     libcurl's sockets and timers on libev
 */
#ifndef TRANSPORT_HTTP_INTERNAL_H
#define TRANSPORT_HTTP_INTERNAL_H

#include "http_client.h"
#include "http_answer.h"
#include "http_wire.h"

#include <curl/curl.h>
#include <ev.h>

/* Calls waiting in one pool: far more than any venue's rate window lets through in a timeout. */
#define HTTP_WAITING_MAX 10000
/* Calls at once on one HTTP/2 connection: the least that RFC 9113, 6.5.2 recommends to servers. */
#define HTTP2_STREAMS_MAX 100
/* An idle connection older than this is not used again. Load balancers in front of venues close
 * after 60 seconds or more; a request sent into a connection being closed is an order in doubt. */
#define HTTP_IDLE_MAX_S 50L
/* Response memory a call may keep for the next one. */
#define HTTP_KEEP_MAX (256 * 1024)
/* Own lines beside the driver's: Expect, Content-Type. */
#define HTTP_OWN_HEADERS 2

/* One call, from http_client_start to http_client_release. Kept and reused. */
struct http_call {
    struct http_call *next; /* in exactly one list: waiting, done or free */
    struct http_pool *pool;
    uint64_t id;
    int64_t started_us;
    int64_t deadline_us;
    int64_t took_us;
    enum http_method method;
    struct buf wire;    /* direct: the request as it is written */
    struct buf target;  /* transfer: these three with a NUL after the content */
    struct buf headers; /* lines ended by NUL instead of CR LF */
    struct buf body;
    struct curl_slist lines[HTTP_HEADERS_MAX + HTTP_OWN_HEADERS];
    size_t body_size;
    size_t line_count;
    struct buf answer_head;
    struct buf answer_body;
    enum http_failure failure;
    int status;
    char error[CURL_ERROR_SIZE];
};

struct http_calls {
    struct http_call *first;
    struct http_call *last;
};

/* One libcurl multi handle on the loop. Transfers of a pool share one. A direct line has one of its
 * own: libcurl looks for a connect-only connection among all of its multi handle's at every send
 * and receive, and closes, when it connects another, those it takes for dead because they are
 * readable.
 */
struct http_multi {
    struct http_multi *next; /* of the pool */
    struct http_pool *pool;
    CURLM *multi;
    int64_t curl_us; /* when libcurl wants to be called; NEVER_US: never */
    bool touched;    /* may have finished something */
};

/* Direct only. */
enum http_line_state {
    HTTP_LINE_CLOSED,
    HTTP_LINE_CONNECTING,
    HTTP_LINE_IDLE, /* in the pool's free list */
    HTTP_LINE_BUSY
};

/* One easy handle; it stays with its pool and serves one call at a time. */
struct http_line {
    struct http_line *next;      /* free list */
    struct http_line *next_made; /* all of the pool's */
    struct http_pool *pool;
    struct http_multi *multi;
    CURL *easy;
    struct http_call *call;
    enum http_method method; /* as last set */
    bool plain;              /* `method` is set without CURLOPT_CUSTOMREQUEST */
    bool asked;              /* the request may have begun to leave */
    bool repeat;             /* libcurl wanted to send it once more and was stopped */
    const char *why;         /* our own reason to stop it, before libcurl's words */
    char error[CURL_ERROR_SIZE];
    /* Direct. */
    enum http_line_state state;
    curl_socket_t fd;
    size_t left; /* bytes of the request not written yet */
    struct http_answer answer;
    int64_t idle_us; /* mono: since when */
};

struct http_pool {
    struct http_pool *next;
    struct http_client *client;
    struct http_multi *multis; /* transfer: one */
    bool touched;              /* one of them may have finished something */
    bool curl_due;             /* one of them wants to be called at once */
    char *url, *proxy, *ca_file, *interface_;
    char *host; /* the Host header's value */
    uint32_t connections_max, connections_warm, connect_timeout_ms, timeout_ms, response_max;
    bool http2;
    bool direct;
    bool multiplexed; /* a response came by HTTP/2 */
    size_t running;
    size_t waiting_count;
    struct http_calls waiting;
    struct http_call *free_calls;
    struct http_line *free_lines;
    struct http_line *lines;
    ev_timer timer;     /* lazy: may ring too early, never too late */
    int64_t timer_us;   /* when it will ring; NEVER_US: not started */
    int64_t waiting_us; /* no waiting call's deadline is earlier */
    /* Direct. */
    size_t made;       /* lines */
    char *read;        /* what was just received */
    int64_t direct_us; /* when http_direct_tick has something to do, at the earliest */
    unsigned warm_failures;
    int64_t warm_us; /* after a failure to connect: not again before, unless a call wants it */
};

/* A socket libcurl has or had; found by its number, reused with it. */
struct http_watch {
    ev_io io;
    struct http_multi *multi;
    struct http_line *line; /* direct: connected, the events are the line's; else libcurl's */
    bool ours;              /* opened by our callback, so its closing is told to us */
    bool wanted;            /* somebody waits for it; else the event is ignored */
};

struct http_client {
    struct ev_loop *loop;
    CURLSH *share; /* DNS cache and TLS sessions */
    struct http_pool *pools;
    struct http_calls done;
    struct http_watch **watches; /* by socket number */
    size_t watch_count;
};

int64_t http_now_us(void);

/* http_client.c: called by the loop adapter. */
void http_pool_progress(struct http_pool *p); /* collect what finished, start what waits */
void http_pool_expire(struct http_pool *p);   /* give up waiting calls that are too late */
void http_call_done(struct http_call *call, int64_t now_us);

/* http_pool.c: false leaves what was made for the caller to free. */
MUST_CHECK bool http_pool_setup(struct http_pool *p, const struct http_pool_config *config);

/* http_easy.c */
struct http_line *http_line_new(struct http_pool *p);
void http_line_free(struct http_line *l);
MUST_CHECK bool http_line_load(struct http_line *l, struct http_call *call, int64_t now_us);
void http_line_finish(struct http_line *l, CURLcode code); /* fills in the call's result */

/* http_direct.c */
MUST_CHECK bool http_direct_open(struct http_pool *p);
void http_direct_close(
    struct http_pool *p); /* calls stay with their lines, for the caller to free */
/* Whether http_direct_run would find a connection to use or to make. */
bool http_direct_can_run(struct http_pool *p);
/* False: out of memory, nothing was done. */
MUST_CHECK bool http_direct_run(struct http_pool *p, struct http_call *call, int64_t now_us);
void http_direct_connected(struct http_line *l, CURLcode code);
void http_direct_event(struct http_line *l, bool writable);
void http_direct_tick(struct http_pool *p, int64_t now_us);

/* http_loop.c */
void http_loop_init(struct http_pool *p);
/* Makes one more multi handle of the pool. NULL: out of memory. */
struct http_multi *http_loop_multi(struct http_pool *p);
void http_loop_fini(struct http_pool *p); /* after the easy handles */
/* The events of this socket are the line's from now on (readable, and writable if asked for); a
 * NULL line gives them back. */
void http_loop_watch_line(struct http_pool *p, curl_socket_t fd, struct http_line *l,
                          bool writable);
/* Lets libcurl act on what was just added, instead of waiting for the timer to ring at once. */
void http_loop_kick(struct http_pool *p);
void http_loop_wake_by(struct http_pool *p, int64_t at_us);
curl_socket_t http_loop_open_socket(void *pool, curlsocktype purpose,
                                    struct curl_sockaddr *address);
int http_loop_close_socket(void *pool, curl_socket_t fd);

#endif
