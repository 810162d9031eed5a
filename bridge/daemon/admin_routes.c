/*
 * The table of routes: what is there, by which method, and who may have it. Health, metrics and the
 * page itself are here, the rest is admin_api.c.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "admin_internal.h"
#include "shell.h"
#include "view.h"

enum access {
    OPEN,     /* tells nothing of orders or clients */
    LOOPBACK, /* open where the listener is plain, which is loopback; else the token */
    TOKEN
};

typedef void route_fn(struct admin_request *r, const char *rest);

/* ---- health -------------------------------------------------------------------------------- */

/* That there is an answer at all tells that the loop turns. */
static void healthz(struct admin_request *r, const char *rest)
{
    (void)rest;
    r->type = "text/plain; charset=utf-8";
    buf_text(&r->out, "ok\n");
}

static void readyz(struct admin_request *r, const char *rest)
{
    (void)rest;
    r->type = "text/plain; charset=utf-8";
    if (view_ready(r->sh, &r->out)) {
        buf_text(&r->out, "ready\n");
    } else {
        r->status = 503;
    }
}

static void metrics_page(struct admin_request *r, const char *rest)
{
    (void)rest;
    r->type = "text/plain; version=0.0.4; charset=utf-8";
    r->wait = ADMIN_STREAM;
}

/* The page holds no data: it asks for the token and gets the rest by the API. Its script and style
 * carry a nonce of this answer, so that nothing else runs. */
static void page(struct admin_request *r, const char *rest)
{
    static const char mark[] = "@NONCE@";
    struct bytes left = { admin_page, admin_page_size };
    unsigned char random[12];
    const char *at;

    (void)rest;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        admin_refuse(r, 500, "no random numbers");
        return;
    }
    for (size_t i = 0; i < sizeof random; i++) {
        (void)snprintf(r->nonce_text + 2 * i, 3, "%02x", random[i]);
    }
    r->nonce = r->nonce_text;
    r->type = "text/html; charset=utf-8";
    while ((at = memmem(left.data, left.size, mark, sizeof mark - 1)) != NULL) {
        size_t size = (size_t)(at - left.data);

        buf_add(&r->out, left.data, size);
        buf_text(&r->out, r->nonce);
        left.data = at + sizeof mark - 1;
        left.size -= size + sizeof mark - 1;
    }
    buf_bytes(&r->out, left);
}

/* ---- the table ----------------------------------------------------------------------------- */

static const struct route {
    const char *path; /* one that ends in a slash stands for all below it, unless it is the root */
    enum admin_method method;
    enum access access;
    route_fn *answer;
} routes[] = {
    { "/healthz", ADMIN_GET, OPEN, healthz },
    { "/readyz", ADMIN_GET, OPEN, readyz },
    { "/metrics", ADMIN_GET, LOOPBACK, metrics_page },
    { "/", ADMIN_GET, OPEN, page },
    { "/api/overview", ADMIN_GET, TOKEN, api_overview },
    { "/api/sessions", ADMIN_GET, TOKEN, api_sessions },
    { "/api/sessions/", ADMIN_GET, TOKEN, api_sessions },
    { "/api/orders", ADMIN_GET, TOKEN, api_orders },
    { "/api/orders/", ADMIN_GET, TOKEN, api_orders },
    { "/api/find", ADMIN_GET, TOKEN, api_find },
    { "/api/timeline", ADMIN_GET, TOKEN, api_timeline },
    { "/api/venues", ADMIN_GET, TOKEN, api_venues },
    { "/api/calls", ADMIN_GET, TOKEN, api_calls },
    { "/api/log", ADMIN_GET, TOKEN, api_log },
    { "/api/action", ADMIN_POST, TOKEN, api_action },
};

/* What of `path` is behind the route's; NULL: another route. */
static const char *matches(const struct route *t, const char *path)
{
    size_t size = strlen(t->path);

    if (size > 1 && t->path[size - 1] == '/') {
        return strncmp(path, t->path, size) == 0 ? path + size : NULL;
    }
    return strcmp(path, t->path) == 0 ? path + size : NULL;
}

static bool may(const struct admin_request *r, enum access access)
{
    return access == OPEN || r->trusted || (access == LOOPBACK && !r->guard->tls);
}

void admin_route(struct admin_request *r)
{
    bool other_method = false;

    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        const char *rest = matches(&routes[i], r->path);

        if (rest == NULL) {
            continue;
        }
        if (routes[i].method != r->method) {
            other_method = true;
        } else if (!may(r, routes[i].access)) {
            admin_refuse(r, 401, "needs the token, as Authorization: Bearer TOKEN");
            return;
        } else {
            routes[i].answer(r, rest);
            return;
        }
    }
    admin_refuse(r, other_method ? 405 : 404, other_method ? "not by this method" : "no such page");
}
