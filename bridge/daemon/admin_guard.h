/*
 * Who may ask the admin HTTP interface what. Pure comparison, beside the token's file.
 *
 *   - A page of another site, opened by somebody who can reach this address, must neither read nor
 *     act: the Host must be one of ours (a name that was pointed at us by its owner, "DNS
 *     rebinding", is none), and where a browser says which page asks (Origin), it must be ours.
 *   - What can be done, and what tells of orders, needs the token in the Authorization header. A
 *     browser never sends that by itself, so no other site can borrow it.
 */
#ifndef DAEMON_ADMIN_GUARD_H
#define DAEMON_ADMIN_GUARD_H

#include "base.h"
#include "config.h"

#define ADMIN_TOKEN_MAX 256
#define ADMIN_TOKEN_LEAST 16 /* characters; of 32 random bytes, when we make it, 64 */

struct admin_guard {
    char token[ADMIN_TOKEN_MAX + 1]; /* empty: nobody has it */
    struct config_list hosts;        /* further names; borrowed */
    bool tls;
};

/* Whether a Host header ("localhost:9879", "[::1]", "10.0.0.7") names us: an address, localhost or
 * one of `hosts`. */
bool admin_host_is_ours(const struct admin_guard *g, struct bytes host);
/* Whether an Origin header is the page of that Host; an absent one (data NULL) is no browser's
 * cross-site request. */
bool admin_origin_is_ours(const struct admin_guard *g, struct bytes origin, struct bytes host);
/* Whether an Authorization header holds the token, in a time that does not tell how much of it. */
bool admin_token_is_right(const struct admin_guard *g, struct bytes authorization);

/* Reads the token from `file`, or, when that is empty, from admin.token in `directory`, which is
 * made with a random one when it is not there. `path` is told where it is. False: `error`. */
#define ADMIN_PATH_MAX 4096
#define ADMIN_TOKEN_ERROR_MAX 200
MUST_CHECK bool admin_token_open(struct admin_guard *g, struct bytes file, struct bytes directory,
                                 char path[ADMIN_PATH_MAX], char error[ADMIN_TOKEN_ERROR_MAX]);

#endif
