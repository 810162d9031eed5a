/*
 * B2PRIME / B2TRADER front office (spot, CFD, perpetual; one account trades all three, the market's
 * name says which): what the files of this driver share. The table is at the end of b2prime.c;
 * requests are built in _build.c (orders), _position.c and _ask.c, answers read in _parse.c
 * (verdicts, orders) and _lists.c.
 *
 * Quantities are in units of the base asset, as executions and open orders show them. Orders for
 * CFDs and perpetuals are placed in lots: the driver divides by the market's lot size, which the
 * configuration gives.
 */
#ifndef VENUES_B2PRIME_H
#define VENUES_B2PRIME_H

#include "answer.h"
#include "venue.h"

extern const struct venue_driver venue_b2prime;

/* ---- what the venue does not document
 * ------------------------------------------------------------ Each with the choice that can do no
 * harm. Change here when the venue has said more. */

/* There is no list of open orders but in a WebSocket stream, which this service does not read. An
 * order whose placement is in doubt can therefore not be proved absent: OPEN_ORDERS is refused, the
 * order stays in doubt and the operator is told, unless the broker offers such a list over HTTP
 * (option openOrdersPath). */
#define B2PRIME_LOOKUP_SETTLE_US (30 * US_PER_S)
/* Whether executions can be asked by order for spot and for opening orders: tried. A refusal (400,
 * 404) says nothing of the order and is no answer, so that an order with fills never counts as gone
 * without them. Whether a list of executions is an array or in a member: both are read. */
#define B2PRIME_EXECUTIONS_MAX 500
#define B2PRIME_HISTORY_PAGE 100
/* `comment` is the only text of ours (100 characters at most, charset not stated: printable ASCII
 * without quotes and backslash). Whether it comes back is contradicted by the examples: used where
 * it does. */
#define B2PRIME_COMMENT_MAX 100
/* Life of an access token that tells none (it is 60 minutes), renewal ahead of its end, and the
 * wait after one that had ended when it came. */
#define B2PRIME_TOKEN_LIFE_US (3600 * US_PER_S)
#define B2PRIME_RENEW_AHEAD_US (600 * US_PER_S)
#define B2PRIME_RENEW_LEAST_US (60 * US_PER_S)
/* Amounts as strings (the schema) or numbers (some examples): option amounts, strings by default.
 */
/* Unit of the amounts of CFDs and perpetuals in answers to a cancel: not read; fillFactor has none.
 */
/* Names of lot size, step and bounds in the list of markets: see the table in b2prime_lists.c. */
/* Where a CFD or perpetual shows no step: finer than any market's, and the venue checks. */
#define B2PRIME_STEP_DIGITS 8
/* Shape of an error's body: the first of detail, message, title, error, else its first bytes. */
/* Rate limits: none known; 5 calls a second in bursts of 10, a token a minute. */
#define B2PRIME_CALLS 10
#define B2PRIME_CALLS_PERIOD_MS 2000
#define B2PRIME_BACKOFF_US US_PER_S

/* ---- account (b2prime.c) ------------------------------------------------------------------- */

/* Kept in venue_account.state. */
struct b2prime_state {
    struct buf token; /* "Bearer <access token>"; empty before the first login */
    struct bytes account_id;
    bool numbers; /* amounts as JSON numbers */
};

/* The value of an option, or of "name.market"; empty: not set. */
struct bytes b2prime_option(const struct venue_account *a, const char *name, struct bytes market);
/* `exp` of a JWT in seconds. False: not a JWT, or none in it. */
bool b2prime_token_expiry(struct bytes token, int64_t *exp_s);
/* Time of creation in an id (a ULID): a property of the examples, not documented, so a hint and no
 * proof. */
bool b2prime_id_time(struct bytes id, int64_t *wall_us);
/* Base units to lots; false: no exact number of lots. */
MUST_CHECK bool b2prime_lots(struct decimal base, struct decimal lot_size, struct decimal *lots);

enum b2prime_market { B2PRIME_NONE, B2PRIME_SPOT, B2PRIME_CFD, B2PRIME_PERPETUAL };
enum b2prime_market b2prime_market(struct bytes symbol); /* "spot.btc_usdt" -> SPOT */

/* ---- building ------------------------------------------------------------------------------ */

/* What the example of an operation sends as Content-Type. */
enum b2prime_type { B2PRIME_NO_TYPE, B2PRIME_PLAIN, B2PRIME_V3, B2PRIME_V4 };

enum venue_error b2prime_begin(const struct venue_account *account, enum http_method method,
                               struct http_request *out);
enum venue_error b2prime_finish(const struct venue_account *account, enum b2prime_type type,
                                bool accept, struct http_request *out);
/* Members of the JSON object under construction in the body. */
void b2prime_name(struct http_request *out, const char *name);
void b2prime_text(struct http_request *out, const char *name, struct bytes value);
void b2prime_number(struct http_request *out, const char *name, int64_t value);
void b2prime_amount(const struct venue_account *account, struct http_request *out, const char *name,
                    struct decimal value);
bool b2prime_id_ok(struct bytes id);                           /* may stand in a path */
bool b2prime_has_account(const struct venue_account *account); /* the accountId is known */
/* `name`: {triggerType, triggerSize, isTrailing}; nothing when all are empty. */
enum venue_error b2prime_put_trigger(const struct venue_account *account, const char *name,
                                     struct bytes type, struct bytes size, struct bytes trailing,
                                     struct http_request *out);

/* Arguments by name; `value` gets one for each name, empty where absent. False: one of another
 * name. */
bool b2prime_args(const struct venue_call *call, const char *const *names, struct bytes *value,
                  size_t count);

venue_build_fn b2prime_build_place, b2prime_build_cancel, b2prime_build_check_order,
    b2prime_build_close, b2prime_build_triggers, b2prime_build_fees, b2prime_build_auth,
    b2prime_build_instruments, b2prime_build_open_orders, b2prime_build_status,
    b2prime_build_executions, b2prime_build_order_history, b2prime_build_accounts;

/* ---- reading ------------------------------------------------------------------------------- */

bool b2prime_envelope(struct answer *a);
/* One order as any answer shows it. `base` : amounts are known to be in base units. */
void b2prime_read_order(struct answer *a, const struct cJSON *item, bool base,
                        struct venue_order_state *o);

venue_parse_fn b2prime_parse_place, b2prime_parse_cancel, b2prime_parse_check_order,
    b2prime_parse_close, b2prime_parse_triggers, b2prime_parse_fees, b2prime_parse_auth,
    b2prime_parse_instruments, b2prime_parse_open_orders, b2prime_parse_executions,
    b2prime_parse_order_history, b2prime_parse_accounts;

#endif
