/*
 * The readable line about one REST call, without secrets.
 */
#ifndef DAEMON_VENUE_REST_H
#define DAEMON_VENUE_REST_H

#include "buf.h"
#include "venue_io.h"

/* "account=A op=place POST /path symbol=X&size=1": written when the call leaves. */
void venue_rest_request(struct buf *out, const struct venue_account *account,
                        const struct venue_call *call, const struct http_request *request);
/* " -> 200 placed 12ms": added when it has ended. */
void venue_rest_result(struct buf *out, const struct venue_result *result);
/* " {...}": the answer itself, cut; for an order's history. */
void venue_rest_answer(struct buf *out, const struct venue_account *account,
                       const struct venue_result *result);

#endif
