/*
 * Runs http_msg requests over libcurl inside the libev loop. Connections are kept warm per
 * account; easy handles are reused. It tells *how* a call failed, because only "never sent" may be
 * repeated.
 *
 * Pull style: finished calls are queued and taken by http_client_next; nothing is called back.
 */
#ifndef TRANSPORT_HTTP_CLIENT_H
#define TRANSPORT_HTTP_CLIENT_H

#include "base.h"
#include "http_msg.h"

struct ev_loop;
struct http_client;
struct http_pool;

enum http_failure {
    HTTP_ANSWERED,   /* a whole response is there */
    HTTP_NEVER_SENT, /* resolve, connect, TLS or proxy failed, or not one byte of the request left
                      */
    HTTP_SENT_UNANSWERED, /* at least one byte left, no whole response: timeout, reset, garbage, too
                             big */
};

struct http_done {
    uint64_t id;
    enum http_failure failure;
    const char *error;             /* not ANSWERED: what happened, for the log; no secrets */
    struct http_response response; /* ANSWERED; lives until http_client_release */
    int64_t took_us;
    void *handle; /* for http_client_release */
};

struct http_pool_config {
    struct bytes base_url;   /* "https://host[:port]" */
    struct bytes proxy;      /* empty: environment's https_proxy/no_proxy as curl does; "none" */
    struct bytes ca_file;    /* empty: the system's */
    struct bytes interface_; /* source address; empty: any */
    uint32_t connections_max;
    uint32_t connect_timeout_ms;
    uint32_t timeout_ms;   /* default for a whole call */
    uint32_t response_max; /* bytes of body */
    bool http2;            /* offer h2 by ALPN; excludes `direct` */
    /* libcurl only connects (resolving, proxy, TLS, certificates); requests and answers are written
     * and read by us, HTTP/1.1, for a fraction of the cost of a libcurl transfer. */
    bool direct;
    uint32_t connections_warm; /* direct: connections kept open though idle */
};

/* NULL: out of memory or curl failed. */
struct http_client *http_client_new(struct ev_loop *loop);
/* Calls under way are dropped (their outcome is unknown to us: the journal knows they were sent).
 */
void http_client_free(struct http_client *c);

/* One pool per account; owned by the client. NULL: bad URL, unusable proxy, out of memory. */
struct http_pool *http_client_pool(struct http_client *c, const struct http_pool_config *config);

/* Starts the call; the request is copied. False: out of memory or over the queue bound, never sent.
 */
MUST_CHECK bool http_client_start(struct http_pool *p, uint64_t id, const struct http_request *r);

/* Finished calls, oldest first. */
bool http_client_next(struct http_client *c, struct http_done *out);
void http_client_release(struct http_client *c, struct http_done *done);

/* Calls under way or waiting in the pool. */
size_t http_pool_busy(const struct http_pool *p);

#endif
