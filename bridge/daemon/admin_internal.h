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
    struct journal_search *search; /* SEARCH: the server's */

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
/* Starts reading the journal for a request that waits for it then. NULL: it is being read for
 * another, or out of memory. It ends with the request. */
struct journal_search *admin_search_begin(struct admin *a, struct bytes directory, struct bytes id);

/* ---- made from status_page.html at build time ---------------------------------------------- */

extern const char admin_page[];
extern const size_t admin_page_size;

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

#endif
