/*
 * The admin HTTP interface: health, metrics, a JSON API, the operator's status page and actions.
 *
 * libmicrohttpd (0.9.75) without a thread of its own: its epoll descriptor is one more watcher of
 * the loop, so that everything here runs in the turn and nothing needs a lock. Whatever a client
 * does, a turn is short: few connections, small bodies, answers made piece by piece or page by
 * page, a budget of requests, and a time within which a request has to be done with.
 *
 *     admin_http.c     connections and requests on libmicrohttpd
 *     admin_guard.c    token, Host, Origin
 *     admin_routes.c   the table of routes; health and metrics
 *     admin_api.c      sessions, orders, venues, calls as JSON; actions
 *     admin_history.c  an order's timeline
 */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include "base.h"
#include "buf.h"
#include "config.h"

struct admin;
struct shell;

/* Listens by the configuration. NULL: `error` says why. */
struct admin *admin_new(struct shell *sh, const struct config_fixbridge *c, char error[256]);
void admin_free(struct admin *a); /* also of NULL */
/* Reads certificate and key again, by the names of the start, and tells of them in one line. When
 * they are others than before, the requests at work end and new connections get the new ones. */
void admin_reload(struct admin *a, struct buf *report); /* also of NULL */
/* "http://127.0.0.1:9879/" */
const char *admin_url(const struct admin *a);
const char *admin_token(const struct admin *a);
/* At the end of a turn: answers whose changes are durable leave. */
void admin_release(struct admin *a, uint64_t last, uint64_t durable);

#endif
