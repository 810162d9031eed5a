/*
 * Kraken Futures (Derivatives) REST v3: what the files of this driver share. The table is at the
 * end of kraken_futures.c; requests are built in _build.c and _ask.c; _read.c judges an answer's
 * envelope, _parse.c reads answers to acting requests, _lists.c and _history.c lists; _codes.c
 * lists the venue's words.
 */
#ifndef VENUES_KRAKEN_FUTURES_H
#define VENUES_KRAKEN_FUTURES_H

#include "answer.h"
#include "json.h"
#include "sign.h"
#include "venue.h"

extern const struct venue_driver venue_kraken_futures;

/* ---- what the venue does not document
 * ------------------------------------------------------------ Each with the choice that can do no
 * harm. Change here when the venue has said more. */

/* Charset of cliOrdId: a status `clientOrderIdInvalid` exists, the rule behind it is not published;
 * only [A-Za-z0-9_-] is sent. Length is documented. */
#define KRAKEN_CLIENT_ID_MAX 100
/* Default triggerSignal: never relied on, always sent. `last` is what a FIX stop means by itself.
 */
#define KRAKEN_DEFAULT_TRIGGER "last"
/* Largest batch: clients use 10 to 500. */
#define KRAKEN_BATCH_MAX 10
/* Minimum order size: taken to be one size step (sent as venue_instrument.qty_min). */
/* How soon the history shows a new order; until then "absent" proves nothing. */
#define KRAKEN_LOOKUP_SETTLE_US (3 * US_PER_S)
/* The deadline put on acting requests (processBefore): the guide's 1-2 s. */
#define KRAKEN_PROCESS_BEFORE_US (2 * US_PER_S)
/* Maker protection holds an order at most 100 ms. A cancel acknowledged for an order that last
 * changed longer ago than this (the rest is margin) met an order on the book, and is final. */
#define KRAKEN_HOLD_SURELY_OVER_US US_PER_S
/* Whether a post-only edit that would trade cancels the original: taken as possible, so its outcome
 * is unknown and the order is looked up. See the row postWouldExecute/EDIT in _codes.c. */
/* Status of a FOK that cannot fill: taken to be iocWouldNotExecute; any other word is looked up. */
/* Order of events in orderEvents: not relied on; the array's order is kept for fills. */
/* `quantity` after a partial fill may mean total or rest: used only where nothing is filled yet. */
/* `reducedQuantity` may be the cut or what is left: only an order smaller than asked proves a
 * total. */
/* Execution order within a batch: not relied on; answers are matched by tag and ids. */
/* Window of the 500 per 10 s, fixed or sliding: rate.c never exceeds it in any 10 s. */

/* ---- documented sizes ---------------------------------------------------------------------- */

#define KRAKEN_FILLS_PAGE 100
#define KRAKEN_HISTORY_PAGE_MAX 1000
#define KRAKEN_LOG_PAGE 500 /* rows of account-log when no count is given */

/* ---- signing (kraken_futures_build.c) ------------------------------------------------------ */

/* Kept in venue_account.state: the decoded secret lives only inside `hmac`. */
struct kraken_state {
    struct sign_hasher *sha256;
    struct sign_hmac *hmac;
    struct buf params; /* query or JSON text under construction */
    struct buf authent;
};

/* Appends base64(HMAC-SHA-512(secret, SHA-256(query + body + nonce + path))) to `out`. `path`
 * begins with
 * "/"; a leading "/derivatives" is not part of what is signed. */
MUST_CHECK bool kraken_sign(struct kraken_state *s, struct bytes query, struct bytes body,
                            struct bytes nonce, struct bytes path, struct buf *out);

/* ---- building (kraken_futures_build.c: acting; kraken_futures_ask.c: the rest) ------------- */

#define KRAKEN_DERIVATIVES "/derivatives/api/v3/"
#define KRAKEN_HISTORY "/api/history/v3/"

/* Starts a request with an empty query; parameters go to `state->params` (GET) or `out->body`. */
enum venue_error kraken_begin(const struct venue_account *account, enum http_method method,
                              const char *path, struct http_request *out);
/* Appends the query, signs, adds the headers. */
enum venue_error kraken_finish(const struct venue_account *account, const struct venue_call *call,
                               struct http_request *out);
const struct bytes *kraken_arg(const struct venue_call *call, const char *name); /* NULL: absent */
/* False: an argument none of `allowed` (NULL-terminated) names; nothing is dropped in silence. */
bool kraken_args_known(const struct venue_call *call, const char *const *allowed);

venue_build_fn kraken_build_place, kraken_build_cancel, kraken_build_replace,
    kraken_build_cancel_all, kraken_build_batch, kraken_build_status, kraken_build_open_orders,
    kraken_build_order_history, kraken_build_trigger_history, kraken_build_fills,
    kraken_build_executions, kraken_build_deadman, kraken_build_positions,
    kraken_build_get_leverage, kraken_build_set_leverage, kraken_build_get_stp,
    kraken_build_set_stp, kraken_build_instruments, kraken_build_account_log;

venue_parse_fn kraken_parse_place, kraken_parse_cancel, kraken_parse_replace,
    kraken_parse_cancel_all, kraken_parse_batch, kraken_parse_status, kraken_parse_open_orders,
    kraken_parse_order_history, kraken_parse_trigger_history, kraken_parse_fills,
    kraken_parse_executions, kraken_parse_deadman, kraken_parse_positions,
    kraken_parse_get_leverage, kraken_parse_set_leverage, kraken_parse_stp,
    kraken_parse_instruments, kraken_parse_account_log;

/* ---- the venue's words (kraken_futures_codes.c) -------------------------------------------- */

/* What a nested status answers. */
enum kraken_about { KRAKEN_SEND = 1, KRAKEN_EDIT = 2, KRAKEN_CANCEL = 4 };

/* sendStatus, editStatus, cancelStatus and the items of batchStatus. */
struct kraken_status_rule {
    const char *code;
    unsigned about; /* of enum kraken_about */
    enum venue_outcome outcome;
    enum venue_order_status status; /* of the order asked about */
    enum venue_reason reason;
    enum venue_cause cause;
};
/* NULL: not listed for this kind of request; its outcome is unknown. */
const struct kraken_status_rule *kraken_status_find(struct bytes code, enum kraken_about about);

/* `error` of a failed request. */
struct kraken_error_rule {
    const char *code;
    bool prefix; /* the venue appends details */
    enum venue_outcome outcome;
    enum venue_reason reason;
};
const struct kraken_error_rule *kraken_error_find(struct bytes code); /* NULL: not listed */

/* Codes of `errors` in answers about account settings. */
enum venue_reason kraken_setting_reason(int64_t code); /* NONE: not listed */

/* Words in capitals: updateReason, error and reason of orders/status, of REJECT events and of the
 * histories (there in lower case). */
struct kraken_word_rule {
    const char *code;
    enum venue_reason reason;
    enum venue_cause cause;
};
const struct kraken_word_rule *kraken_word_find(struct bytes code); /* NULL: not listed */

/* fillType, executionType. False: not listed. */
bool kraken_fill_type(struct bytes type, enum venue_liquidity *liquidity, bool *by_venue);

/* ---- reading (kraken_futures_read.c) ------------------------------------------------------- */

/* Judges the envelope, and when it says success runs `reader` on it. An answer that turns out
 * unreadable is VENUE_UNKNOWN, and none of it is handed on. */
enum venue_outcome kraken_parse_run(const struct venue_call *call, const struct http_response *rsp,
                                    struct arena *arena, struct venue_reply *reply,
                                    void (*reader)(struct answer *p));

bool kraken_has(const struct cJSON *o, const char *name); /* present and not null */

#endif
