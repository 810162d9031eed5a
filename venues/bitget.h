/*
 * Bitget USDT, USDC and coin futures ("mix"), two dialects with one signature and one envelope:
 *
 *   bitget-mix-v1   /api/mix/v1/...      no client order id, leverage and margin mode on every
 * order bitget          /api/v2/mix/...      the classic account as the venue runs it today
 *
 * The tables are in bitget.c; requests: _sign.c, _place.c (acting), _ask.c, _v1.c; answers:
 * _read.c (the envelope), _acts.c, _orders.c, _lists.c, _v1_read.c; the venue's words are in
 * _codes.c. Accounts of the venue's unified kind (/api/v3) speak another language and are not
 * covered.
 */
#ifndef VENUES_BITGET_H
#define VENUES_BITGET_H

#include "answer.h"
#include "json.h"
#include "sign.h"
#include "venue.h"

extern const struct venue_driver venue_bitget_v1, venue_bitget;

/* ---- what the venue does not document, or documents twice ---------------------------------------
 * Each with the choice that can do no harm. Change here when the venue has said more. */

/* clientOid: one source says 50 characters, another 32; [A-Za-z0-9_-] is in every description. */
#define BITGET_CLIENT_ID_MAX 32
#define BITGET_NEW_CLIENT_ID_MAX 50
/* How soon detail, lists and history show a new order: "the read side can lag", about ten
 * seconds. */
#define BITGET_LOOKUP_SETTLE_US (10 * US_PER_S)
/* v1: a lost placement is looked for this long before it counts as not placed. */
#define BITGET_V1_SETTLE_US (30 * US_PER_S)
/* Largest batch of placements: an error text says 20. */
#define BITGET_PLACE_BATCH_MAX 20
/* Longest span of one history question: three months in one text, one week in another. These two
 * together stay below a week. */
#define BITGET_SPAN_US (6 * 24 * 3600 * US_PER_S)
#define BITGET_OVERLAP_US (3600 * US_PER_S)
/* cancel-all-orders and batch-place-order: 1/s or 10/s, by source; 1/s is budgeted. */
/* Whether cancel-all-orders touches trigger orders: not relied on, they have their own call. */
/* Whether orders-pending without a status hides partly filled orders: both statuses are asked
 * for. */
/* modify-order may be limited to hedge mode, and replaces the order by another behind our back:
 * off, unless the account says option.modify = yes. */
/* Whether a post-only order that would trade is refused or canceled: both are read. */
/* A trigger order fires when the price touches it from either side: stop and take-profit differ
 * only by where the market is, which is the caller's to check. */
/* `side` of a fill in hedge mode: taken to name the position, as in orders. */
/* v1: whether the items of batchOrders keep the request's order: believed only if none is
 * missing. */
/* v1: price is sent with post_only, fok and ioc too. */
/* v1: `data` of a failure, and its HTTP status: the code alone decides. */

/* ---- documented sizes ---------------------------------------------------------------------- */

#define BITGET_CANCEL_BATCH_MAX 50
#define BITGET_PAGE 100
#define BITGET_V1_PAGE 500
#define BITGET_HISTORY_US (89 * 24 * 3600 * US_PER_S) /* 90 days, less one for our clock */

/* ---- accounts (bitget.c) ------------------------------------------------------------------- */

/* Kept in venue_account.state. The texts are borrowed from the account's options. */
struct bitget_state {
    struct sign_hmac *hmac;
    struct buf params; /* the query, unencoded and sorted */
    struct buf sign;
    struct bytes product;  /* option.productType */
    struct bytes coin;     /* option.marginCoin */
    bool isolated;         /* option.marginMode */
    struct bytes leverage; /* option.leverage: v1, on every order */
    bool hedge;            /* option.positionMode */
    bool modify;           /* option.modify: modify-order may be used */
    bool demo;             /* option.demo: header PAPTRADING */
    bool bad;              /* a value of the request under construction cannot be sent */
};

/* ---- requests (bitget_sign.c) -------------------------------------------------------------- */

/* Appends base64(HMAC-SHA-256(secret, time + method + target + body)); `target` is path and
 * query. */
MUST_CHECK bool bitget_sign(struct bitget_state *s, struct bytes time_ms, const char *method,
                            struct bytes target, struct bytes body, struct buf *out);

enum venue_error bitget_begin(const struct venue_account *account, enum http_method method,
                              const char *path, struct http_request *out);
/* Adds the query to the target or closes the body, and signs. */
enum venue_error bitget_finish(const struct venue_account *account, const struct venue_call *call,
                               struct http_request *out);
/* Public calls: no key, no signature. */
enum venue_error bitget_finish_public(const struct venue_account *account,
                                      struct http_request *out);

/* Query parameters, to be given in alphabetical order; an empty value is left out. Only
 * characters that need no percent-encoding are taken, because the venue signs raw values. */
void bitget_query(struct bitget_state *s, const char *name, struct bytes value);
void bitget_query_int(struct bitget_state *s, const char *name, int64_t value); /* 0 is left out */
/* Members of the JSON body; an empty value is left out. Decimals travel as strings. */
void bitget_put(struct buf *body, const char *name, struct bytes value);
void bitget_put_decimal(struct buf *body, const char *name, struct decimal value);
void bitget_put_raw(struct buf *body, const char *name, const char *json);

struct bytes bitget_arg(const struct venue_call *call, const char *name); /* empty: absent */
/* False: an argument none of `allowed` (NULL-terminated) names; nothing is dropped in silence. */
bool bitget_args_known(const struct venue_call *call, const char *const *allowed);
bool bitget_client_id_ok(struct bytes id);
bool bitget_is_trigger(enum venue_order_type type);
bool bitget_has_price(enum venue_order_type type);
/* The id of the order that a modify makes: ours and a mark derived from the new terms, so that a
 * repeated build gives the same and the venue's lists lead back to ours. */
#define BITGET_MARK_SIZE 8 /* "_m" and six characters */
void bitget_new_client_id(const struct venue_order *o, struct buf *out);
struct bytes bitget_root_id(struct bytes client_id);

/* ---- continuation (bitget_cursor.c) -------------------------------------------------------- */

/* Lists come in stages (kinds of orders) or spans of time, and each in pages:
 * "stage:idLessThan". */
struct bitget_cursor {
    unsigned stage;
    struct bytes id;
};
bool bitget_cursor_parse(struct bytes text, struct bitget_cursor *out);
/* The stages of OPEN_ORDERS; triggers first, so that one that fires between two questions is
 * seen. */
struct bitget_stage {
    bool plan;
    const char *kind; /* planType, or status */
};
const struct bitget_stage *bitget_open_stage(unsigned stage); /* NULL: beyond the last */
const char *bitget_plan_stage(unsigned stage); /* of TRIGGER_HISTORY; NULL likewise */
/* The span number `stage` of a history; false: beyond the end. Without since_us there is one,
 * unbounded. */
bool bitget_span(const struct venue_call *call, unsigned stage, int64_t *from_us, int64_t *to_us);

venue_build_fn bitget_build_place, bitget_build_cancel, bitget_build_replace,
    bitget_build_cancel_all, bitget_build_batch, bitget_build_close, bitget_build_position_triggers,
    bitget_build_status, bitget_build_open_orders, bitget_build_order_history,
    bitget_build_trigger_history, bitget_build_fills, bitget_build_executions,
    bitget_build_positions, bitget_build_get_leverage, bitget_build_set_leverage,
    bitget_build_instruments, bitget_build_time;

venue_parse_fn bitget_parse_place, bitget_parse_cancel, bitget_parse_replace,
    bitget_parse_cancel_all, bitget_parse_batch, bitget_parse_close, bitget_parse_position_triggers,
    bitget_parse_status, bitget_parse_open_orders, bitget_parse_order_history,
    bitget_parse_trigger_history, bitget_parse_fills, bitget_parse_executions,
    bitget_parse_positions, bitget_parse_get_leverage, bitget_parse_set_leverage,
    bitget_parse_instruments, bitget_parse_time;

venue_build_fn bitget_v1_build_place, bitget_v1_build_cancel, bitget_v1_build_cancel_all,
    bitget_v1_build_batch, bitget_v1_build_close, bitget_v1_build_status,
    bitget_v1_build_open_orders, bitget_v1_build_order_history, bitget_v1_build_fills,
    bitget_v1_build_executions, bitget_v1_build_set_leverage;

venue_parse_fn bitget_v1_parse_place, bitget_v1_parse_cancel, bitget_v1_parse_cancel_all,
    bitget_v1_parse_batch, bitget_v1_parse_close, bitget_v1_parse_status,
    bitget_v1_parse_open_orders, bitget_v1_parse_order_history, bitget_v1_parse_fills,
    bitget_v1_parse_executions, bitget_v1_parse_set_leverage;

/* ---- the venue's words (bitget_codes.c) ---------------------------------------------------- */

enum bitget_dialect { BITGET_V1 = 1, BITGET_V2 = 2 };

struct bitget_code_rule {
    int32_t from, to; /* codes, both included */
    unsigned dialects;
    enum venue_outcome outcome;
    enum venue_reason reason;
};
const struct bitget_code_rule *bitget_code_find(struct bytes code, enum bitget_dialect dialect);
/* A parameter check names the field in its text only: sharpens VENUE_REASON_INVALID. */
enum venue_reason bitget_field_reason(enum venue_reason reason, struct bytes text);

/* `state`, `status`, `planStatus`, in every spelling seen. False: not listed. */
bool bitget_status(struct bytes word, enum venue_order_status *out);
/* Why an order ended, from cancelReason and orderSource. */
enum venue_cause bitget_cause(struct bytes reason, struct bytes source);
/* `tradeSide` of a fill that no order of ours made: liquidation, delivery, deleveraging. */
bool bitget_is_by_venue(struct bytes trade_side);

/* ---- reading (bitget_read.c) --------------------------------------------------------------- */

typedef void bitget_reader_fn(struct answer *p);

/* Judges the envelope, and when it says success runs `reader` on its data. An answer that turns out
 * unreadable is VENUE_UNKNOWN, and none of it is handed on. */
enum venue_outcome bitget_parse_run(enum bitget_dialect dialect, const struct venue_call *call,
                                    const struct http_response *rsp, struct arena *arena,
                                    struct venue_reply *reply, bitget_reader_fn *reader);

/* Getters beside those of answer.h, of which the answer_filled_ ones are for this venue. */
/* An id: a text, or a whole number. */
bool bitget_id(struct answer *p, const struct cJSON *o, const char *name, struct bytes *out);
bool bitget_word(const struct cJSON *o, const char *name, const char *word); /* case ignored */
/* The array `o`; null is an empty one, anything else makes the answer bad. */
const struct cJSON *bitget_rows(struct answer *p, const struct cJSON *o);
/* Ends a list that is read in stages and pages. */
void bitget_set_cursor(struct answer *p, unsigned stage, struct bytes id);

/* What we know of the order before its answer is read: PENDING. */
struct venue_order_state bitget_asked(struct answer *p, const struct venue_order *asked);
/* One row of detail, pending or history (bitget_orders.c). */
void bitget_read_order(struct answer *p, const struct cJSON *row, struct venue_order_state *o);
/* A list of fills came newest first: turns it round. */
void bitget_oldest_first(struct venue_reply *reply);

#endif
