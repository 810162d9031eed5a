/*
 * CoinSwitch PRO futures (EXCHANGE_2, /trade/api/v2/futures): what the files of this driver share.
 * The table is at the end of coinswitch.c; requests are built in _build.c, answers read in _parse.c
 * (verdicts, orders) and _lists.c.
 */
#ifndef VENUES_COINSWITCH_H
#define VENUES_COINSWITCH_H

#include "answer.h"
#include "sign.h"
#include "venue.h"

extern const struct venue_driver venue_coinswitch;

/* ---- what the venue does not document
 * ------------------------------------------------------------ Each with the choice that can do no
 * harm. Change here when the venue has said more. */

/* client_order_id is a UUID of 36 characters; whether others are taken is not known. Ours is packed
 * into one (coinswitch_uuid) and read back from answers, so that it is found without a table. */
#define COINSWITCH_CLIENT_ID_MAX 22
/* Whether order status can be asked by client_order_id: two pages of the documentation disagree. It
 * is tried; a refusal of the question says nothing of the order, nor does an order shown without
 * our id. */
/* Whether a re-sent client_order_id is dropped as a duplicate: not relied on, nothing is re-sent.
 */
/* How far back open orders are asked for where no time is given, a call for each 7 days of it. An
 * order that rests longer is taken for gone: a caller who knows how old his oldest order is says
 * since_us. */
#define COINSWITCH_OPEN_SPAN_US (INT64_C(28) * 24 * 3600 * US_PER_S)
/* How soon the lists show a new order; until then "absent" proves nothing. */
#define COINSWITCH_LOOKUP_SETTLE_US (30 * US_PER_S)
/* Numbers in strings: not sent. Both spellings of an order's averages are read. */
/* Price step: taken to be 10^-price_precision; tick_size does not agree with the books seen. */
/* A resting order with fills: taken to stay RAISED; exec_quantity is read whatever the status. */
/* execution_fee is shown before any execution: an estimate, not read. */
/* An answer of 2xx with `message` alone: nothing to do for cancel_all, an empty list where it says
 * so. An `error` beside 2xx may have acted. */
/* Shape of the answer about the time: serverTime at the top or in data, or data itself. */
/* Windows, fixed or sliding, by key or address: sliding by account, with a tenth of head-room. */
#define COINSWITCH_HEADROOM(calls) ((calls) - (calls) / 10)
/* Wait after a 429 without Retry-After. */
#define COINSWITCH_BACKOFF_US (2 * US_PER_S)

/* ---- documented sizes ---------------------------------------------------------------------- */

#define COINSWITCH_PAGE_MAX 50
#define COINSWITCH_SPAN_US (INT64_C(7) * 24 * 3600 * US_PER_S) /* of from_time to to_time */

/* ---- account (coinswitch.c) ---------------------------------------------------------------- */

/* Kept in venue_account.state. */
struct coinswitch_state {
    struct sign_ed25519 *key;
    struct buf message;
    struct buf signature;
    /* option trigger_orders=close-position: a stop or take order closes the whole position, so it
     * is let through only where the configuration says that this is meant. */
    bool triggers_close;
};

/* Appends hex(Ed25519(METHOD + decoded target + epoch)); the body is not signed. */
MUST_CHECK bool coinswitch_sign(struct coinswitch_state *s, enum http_method method,
                                struct bytes target, struct bytes epoch, struct buf *out);

/* Our id as a UUID (version 8, RFC 9562): 22 characters of [a-z0-9-], 11 in either half. A UUID
 * stays as it is. False: it cannot be expressed. */
MUST_CHECK bool coinswitch_uuid(struct bytes client_id, struct buf *out);
/* The way back. False: not one of ours; `out` is untouched. */
MUST_CHECK bool coinswitch_client_id(struct bytes uuid, char out[COINSWITCH_CLIENT_ID_MAX + 1]);

/* ---- building (coinswitch_build.c) --------------------------------------------------------- */

/* from_time and to_time of a list, in ms. False: the venue's default (the newest of the last 7
 * days). */
bool coinswitch_window(const struct venue_call *call, int64_t *from_ms, int64_t *to_ms);
uint32_t coinswitch_page(const struct venue_call *call);

venue_build_fn coinswitch_build_place, coinswitch_build_cancel, coinswitch_build_cancel_all,
    coinswitch_build_status, coinswitch_build_open_orders, coinswitch_build_order_history,
    coinswitch_build_positions, coinswitch_build_get_leverage, coinswitch_build_set_leverage,
    coinswitch_build_instruments, coinswitch_build_account_log, coinswitch_build_time;

/* ---- reading ------------------------------------------------------------------------------- */

bool coinswitch_envelope(struct answer *a);
/* One order as any answer shows it. */
void coinswitch_read_order(struct answer *a, const struct cJSON *item, struct venue_order_state *o);

venue_parse_fn coinswitch_parse_place, coinswitch_parse_cancel, coinswitch_parse_cancel_all,
    coinswitch_parse_status, coinswitch_parse_list, coinswitch_parse_positions,
    coinswitch_parse_leverage, coinswitch_parse_instruments, coinswitch_parse_account_log,
    coinswitch_parse_time;

#endif
