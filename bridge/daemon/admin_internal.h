/*
 * One request and its answer, between admin_http.c and the routes.
 */
#ifndef DAEMON_ADMIN_INTERNAL_H
#define DAEMON_ADMIN_INTERNAL_H

#include "admin.h"
#include "admin_guard.h"
#include "buf.h"
#include "metrics.h"

struct MHD_Connection;
struct journal_search;

#define ADMIN_BODY_MAX ((size_t)8 * 1024)
#define ADMIN_ANSWER_MAX ((size_t)8 * 1024 * 1024)

enum admin_method { ADMIN_GET, ADMIN_POST };

enum admin_wait {
    ADMIN_READY,   /* the answer may leave */
    ADMIN_STREAM,  /* metrics, made as they are read */
    ADMIN_DURABLE, /* when what was done is on disk */
    ADMIN_SEARCH,  /* when the journal was read; the route is asked again then */
};

struct admin_request {
    struct shell *sh;
    const struct admin_guard *guard;
    struct MHD_Connection *connection;
    enum admin_method method;
    const char *path; /* lives as long as the request */
    char peer[64];
    bool trusted; /* showed the token */
    struct buf body;

    /* The answer. */
    unsigned status;
    const char *type;  /* Content-Type */
    const char *nonce; /* of the page's scripts; NULL: no page */
    struct buf out;
    enum admin_wait wait;
    struct journal_search *search; /* SEARCH: owned */

    /* Private to admin_http.c. */
    struct admin *admin;
    struct admin_request *next; /* waiting */
    bool dispatched, fresh, suspended, large;
    uint64_t lsn;
    struct metrics_place place;
    size_t sent;
    char nonce_text[32];
};

/* ---- admin_http.c -------------------------------------------------------------------------- */

/* A query parameter ("?limit=5"); NULL: not given. */
const char *admin_param(const struct admin_request *r, const char *name);
/* A number from a query parameter: `standard` when absent; false: it is none, or larger than
 * `most`. */
MUST_CHECK bool admin_param_number(const struct admin_request *r, const char *name,
                                   uint64_t standard, uint64_t most, uint64_t *out);
/* The whole answer: {"error":"..."} */
void admin_refuse(struct admin_request *r, unsigned status, const char *why);
/* For a worker thread: the loop looks at waiting requests. */
void admin_poke(struct admin *a);

/* ---- admin_routes.c ------------------------------------------------------------------------ */

/* Answers the request. */
void admin_route(struct admin_request *r);

/* ---- admin_api.c --------------------------------------------------------------------------- */

void api_overview(struct admin_request *r, const char *rest);
void api_sessions(struct admin_request *r, const char *rest);
void api_orders(struct admin_request *r, const char *rest);
void api_find(struct admin_request *r, const char *rest);
void api_venues(struct admin_request *r, const char *rest);
void api_calls(struct admin_request *r, const char *rest);
void api_log(struct admin_request *r, const char *rest);
void api_action(struct admin_request *r, const char *rest);

/* ---- admin_history.c ----------------------------------------------------------------------- */

void api_timeline(struct admin_request *r, const char *rest);
/* Of a request that waits for a search: whether it has ended; stops and forgets it. */
bool admin_search_done(const struct admin_request *r);
void admin_search_free(struct admin_request *r);

#endif
