/*
 * Bybit V5 REST, categories inverse and linear: what the files of this driver share. The table is
 * at the end of bybit.c; requests are built in _build.c (acting on orders) and _ask.c (questions
 * and settings); _read.c judges an answer's envelope, _parse.c reads answers to acting requests,
 * _lists.c lists; _codes.c lists the venue's numbers and words.
 *
 * An account trades one category. Options: category = inverse (default) or linear; settleCoin =
 * USDT (default) or USDC, linear only: lists and mass cancels need it there; recvWindow =
 * milliseconds, 5000 by default; positionMode = one-way (default) or hedge, linear only.
 */
#ifndef VENUES_BYBIT_H
#define VENUES_BYBIT_H

#include "answer.h"
#include "json.h"
#include "sign.h"
#include "venue.h"

extern const struct venue_driver venue_bybit;

/* ---- what the venue does not document
 * ------------------------------------------------------------ Each with the choice that can do no
 * harm. Change here when the venue has said more. */

/* How long, and within what, an orderLinkId stays unique: none is ever used twice. Length is
 * documented. */
#define BYBIT_CLIENT_ID_MAX 36
/* Largest batch: one page says 20, another 10. */
#define BYBIT_BATCH_MAX 10
/* How long an accepted order may take to show up: create is asynchronous, seconds were seen.
 * Contains the second by which a timestamp may be ahead of the venue's clock. */
#define BYBIT_LOOKUP_SETTLE_US (6 * US_PER_S)
/* What orderFilter=OpenOrder of cancel-all covers: sent only when an operator names it. */
/* Whether triggerDirection is mandatory for inverse: always sent. triggerBy without a value: always
 * sent. */
#define BYBIT_DEFAULT_TRIGGER "LastPrice"
/* Whether inverse and linear share a rate budget: each account has its own windows, and the
 * X-Bapi-Limit headers tell what others used (bybit_call_used). Batches have budgets of their own;
 * here they are taken from those of the single calls. */
/* HTTP 429, retCode 10000, 10016 and 429: taken as "may have acted" where the call acts. */
/* Bodies of 403 and 5xx: never relied on. What a 403 means (ban or region): all traffic stops. */
#define BYBIT_BAN_US (600 * US_PER_S)
/* Whether orderId changes when a trigger fires: the client id is what orders are known by. */
/* Ids of the parts of a reduce-only order that is split: those parts show as orders that are not
 * ours. */
/* Queue priority after an amend: no promise is made. */
/* Age of what the closed orders of `realtime` hold: history and executions are asked as well. */
/* feeCurrency of inverse fills may be empty: then it is taken from the symbol. */
/* Answers of order/pre-check and account/fee-rate: fields are read where present, none is demanded.
 */

/* ---- documented sizes ---------------------------------------------------------------------- */

#define BYBIT_RECV_WINDOW_MS 5000
#define BYBIT_RECV_WINDOW_MAX_MS 60000
/* The longest a request on an order is good for, whatever the option recvWindow says. */
#define BYBIT_PROCESS_BEFORE_US (BYBIT_RECV_WINDOW_MS * US_PER_MS)
#define BYBIT_ORDERS_PAGE 50
#define BYBIT_FILLS_PAGE 100
#define BYBIT_INSTRUMENTS_PAGE 1000
#define BYBIT_CANCEL_ALL_MAX 500                      /* chosen at random when there are more */
#define BYBIT_SPAN_MS (INT64_C(7) * 24 * 3600 * 1000) /* the longest startTime..endTime */
#define BYBIT_DCP_MIN_S 3
#define BYBIT_DCP_MAX_S 300

enum {
    BYBIT_WINDOW_PLACE,
    BYBIT_WINDOW_AMEND,
    BYBIT_WINDOW_CANCEL,
    BYBIT_WINDOW_OTHER,
    BYBIT_WINDOW_READ,
    BYBIT_WINDOW_IP
};

/* ---- accounts and signing (bybit.c, bybit_build.c) ----------------------------------------- */

/* Kept in venue_account.state. */
struct bybit_state {
    struct sign_hmac *hmac;
    struct buf params; /* the query under construction */
    struct buf sign;
    const char *category;
    bool hedge;
    const char *settle_coin; /* NULL: inverse, every coin is its own */
    uint32_t recv_window_ms;
};

/* Appends hex(HMAC-SHA-256(secret, timestamp + key + recv_window + payload)). */
MUST_CHECK bool bybit_sign(struct bybit_state *s, struct bytes timestamp, struct bytes key,
                           struct bytes recv_window, struct bytes payload, struct buf *out);

/* What the X-Bapi-Limit headers say of the window this call counts in; see venue_driver.call_used.
 */
bool bybit_call_used(const struct venue_call *call, const struct http_response *rsp, size_t window,
                     uint32_t *used);

/* ---- building ------------------------------------------------------------------------------ */

/* Starts a request; a GET's parameters go to `state->params`, a POST's body is JSON: "{" and the
 * category are written where `category` is set. */
enum venue_error bybit_begin(const struct venue_account *account, enum http_method method,
                             const char *path, bool category, struct http_request *out);
/* Closes the body, signs, adds the headers. */
enum venue_error bybit_finish(const struct venue_account *account, const struct venue_call *call,
                              struct http_request *out);
/* The same without key and signature: public questions. */
enum venue_error bybit_finish_public(const struct buf *params, struct http_request *out);
const struct bytes *bybit_arg(const struct venue_call *call, const char *name); /* NULL: absent */
/* False: an argument none of `allowed` (NULL-terminated) names; nothing is dropped in silence. */
bool bybit_args_known(const struct venue_call *call, const char *const *allowed);

/* Members of the JSON object under construction, with the comma where one is due. Numbers go as
 * strings. */
void bybit_put_text(struct buf *out, const char *name, struct bytes value);
void bybit_put_decimal(struct buf *out, const char *name, struct decimal value);
void bybit_put_int(struct buf *out, const char *name, int64_t value);
void bybit_put_bool(struct buf *out, const char *name, bool value);

/* A further parameter by the venue's own name, and what it may be. */
enum bybit_arg_kind { BYBIT_TEXT, BYBIT_DECIMAL, BYBIT_INT, BYBIT_BOOL };
struct bybit_arg_rule {
    const char *name;
    enum bybit_arg_kind kind;
};
/* Every argument as its rule wants it. BAD_ARGUMENT: one has no rule, is given twice, or is
 * malformed. */
enum venue_error bybit_put_args(struct buf *out, const struct venue_call *call,
                                const struct bybit_arg_rule *rules, size_t count);

/* What order/create and order/pre-check share: the whole order, without the category. */
enum venue_error bybit_put_order(const struct bybit_state *s, struct buf *out,
                                 const struct venue_order *o);
/* The arguments of both that venue_order has no place for. */
enum venue_error bybit_put_order_args(struct buf *out, const struct venue_call *call);
/* 0 one-way, 1 the long, 2 the short side of a hedge. False: the order does not say, or cannot. */
bool bybit_position_index(const struct bybit_state *s, char position, enum venue_side side,
                          int *index);

/* A continuation: the venue's cursor, and when a listing has gone beyond the first seven days, the
 * start of the present span before it: "~1763600000000~cursor". */
struct bybit_cursor {
    int64_t start_ms; /* 0: the span begins where the call says */
    struct bytes venue;
};
/* False: malformed. */
bool bybit_cursor_read(struct bytes text, struct bybit_cursor *out);

venue_build_fn bybit_build_place, bybit_build_cancel, bybit_build_replace, bybit_build_cancel_all,
    bybit_build_batch, bybit_build_status, bybit_build_open_orders, bybit_build_order_history,
    bybit_build_trigger_history, bybit_build_fills, bybit_build_deadman, bybit_build_positions,
    bybit_build_close_position, bybit_build_position_triggers, bybit_build_get_leverage,
    bybit_build_set_leverage, bybit_build_get_stp, bybit_build_instruments, bybit_build_check_order,
    bybit_build_fees, bybit_build_time;

venue_parse_fn bybit_parse_order, bybit_parse_cancel_all, bybit_parse_batch, bybit_parse_status,
    bybit_parse_orders, bybit_parse_fills, bybit_parse_deadman, bybit_parse_positions,
    bybit_parse_setting, bybit_parse_get_leverage, bybit_parse_get_stp, bybit_parse_instruments,
    bybit_parse_check_order, bybit_parse_fees, bybit_parse_time;

/* ---- the venue's numbers and words (bybit_codes.c) ----------------------------------------- */

/* retCode, and `code` of a batch's items. */
struct bybit_code_rule {
    int32_t code;
    enum venue_outcome outcome;
    enum venue_reason reason;
};
const struct bybit_code_rule *bybit_code_find(int64_t code); /* NULL: not listed */
/* Codes by which a setter says that nothing had to change. */
bool bybit_code_unchanged(int64_t code);

struct bybit_status_rule {
    const char *word;
    enum venue_order_status status;
    bool is_trigger;
};
const struct bybit_status_rule *bybit_status_find(struct bytes word); /* NULL: not listed */

/* rejectReason of an order that is Cancelled or Rejected. */
struct bybit_reject_rule {
    const char *word;
    enum venue_order_status status; /* of an order nothing of which was filled */
    enum venue_reason reason;
    enum venue_cause cause;
};
const struct bybit_reject_rule *bybit_reject_find(struct bytes word); /* NULL: not listed */

/* NONE for what is not listed. */
enum venue_cause bybit_cancel_cause(struct bytes cancel_type);

/* ---- reading (bybit_read.c) ---------------------------------------------------------------- */

/* Judges the envelope, and when it says success runs `reader` on it. An answer that turns out
 * unreadable is VENUE_UNKNOWN, and none of it is handed on. */
enum venue_outcome bybit_parse_run(const struct venue_call *call, const struct http_response *rsp,
                                   struct arena *arena, struct venue_reply *reply,
                                   void (*reader)(struct answer *p));

/* Getters beside those of answer.h, of which the answer_filled_ ones are for this venue. "UNKNOWN"
 * stands for nothing where a word is meant. */
bool bybit_word(struct answer *p, const struct cJSON *o, const char *name, struct bytes *out);
/* A decimal above zero: "0" and "0.00" are placeholders too. */
bool bybit_positive(struct answer *p, const struct cJSON *o, const char *name, struct decimal *out);
/* "0" is no time. */
bool bybit_ms_time(struct answer *p, const struct cJSON *o, const char *name, int64_t *wall_us);
enum venue_side bybit_side(struct answer *p, const struct cJSON *o, const char *name);
/* A number as text in the arena. */
struct bytes bybit_number(struct answer *p, int64_t number);
/* Outcome and reason of a retCode, by what was asked. `text` is the venue's message. */
enum venue_outcome bybit_judge_code(const struct venue_call *call, int64_t code, struct bytes text,
                                    enum venue_reason *reason);

#endif
