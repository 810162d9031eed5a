/*
 * Between the files of the B2PRIME dialect: venuesim_b2prime.c has the routes and what is checked
 * before an operation is served, _auth.c the tokens, _read.c one order's parameters, _orders.c
 * acts, _positions.c closes and triggers, _query.c answers questions, _words.c the spelling.
 *
 * The engine counts in the base asset; CFD and perpetual orders come and positions go in lots.
 */
#ifndef TESTS_SIM_VENUESIM_B2PRIME_H
#define TESTS_SIM_VENUESIM_B2PRIME_H

#include "venuesim.h"
#include "venuesim_text.h"
#include "venuesim_window.h"

struct cJSON;
struct b2_call;

enum b2_kind { B2_SPOT, B2_CFD, B2_PERP };
enum b2_guard { B2_TOKEN_ONLY, B2_ACCOUNT, B2_OPEN };

struct b2_route {
    const char *method;
    const char *before, *after; /* of the id in the path; `after` NULL: no id */
    const char *op;
    enum b2_guard guard;
    const char *type; /* the Content-Type the documentation sends; NULL: none is asked for */
    void (*serve)(struct b2_call *c);
    const char *fields; /* what the body (or its `order`) may hold, by spaces; NULL: no body */
    bool wrapped;       /* the fields are inside `order` */
    enum b2_kind kind;
};

/* What the venue knows of a market beside the engine's instrument; in the order of the listing. */
struct b2_market {
    const char *display;
    struct decimal lot_size, lot_step, lots_most;
    int leverage_most; /* 0: spot */
    int price_scale;
};

/* An execution and the position it belongs to; spot has none. */
struct b2_note {
    const struct sim_exec *exec;
    char position[SIM_ID_SIZE];
    bool increased;
};

struct b2_account {
    char offline_token[200];
    uint64_t generation; /* of the exchange these are for */
    struct sim_window window;
    char position[SIM_INSTRUMENTS_MAX][SIM_ID_SIZE]; /* of the open one */
    struct b2_note *note;                            /* one an execution */
    size_t note_count, note_capacity;
};

/* sim_extra.flags */
enum b2_flag {
    B2_MARKET = 1,
    B2_IOC = 2,
    B2_FOK = 4,
    B2_GTD = 8,
    B2_DAY = 16,
    B2_STOP = 32,    /* a stop order, and what it became */
    B2_CLOSING = 64, /* made by a close */
    B2_SYSTEM = 128  /* a position's own trigger: not in any list */
};

struct b2_call {
    struct sim_request *req;
    struct sim *sim;
    struct sim_engine *engine;
    struct sim_account *account; /* NULL where no accountId is asked for */
    struct b2_account *own;
    struct bytes subject; /* of the token; lives in `claims` */
    struct cJSON *claims;
    const struct b2_route *route;
    struct bytes id; /* in the path */
    struct form form;
    struct cJSON *json, *typed;         /* numbers as their own text; types as sent */
    const struct cJSON *order, *sorted; /* json and typed, or their `order` */
    struct buf *out;
};

extern const struct b2_market b2_markets[];

/* ---- answers and parameters (venuesim_b2prime.c) ------------------------------------------- */

/* A problem document. */
void b2_error(struct b2_call *c, unsigned status, const char *format, ...) PRINTF_LIKE(3, 4);
const struct b2_market *b2_market_of(const struct b2_call *c, const struct sim_instrument *i);
enum b2_kind b2_kind_of(const struct sim_instrument *i);
struct decimal b2_lots(const struct b2_call *c, const struct sim_instrument *i,
                       struct decimal base);
struct bytes b2_arg(const struct b2_call *c, const char *name);
/* A decimal, text or number, without exponent. False: answered. Absent or null: *there is false. */
bool b2_decimal(struct b2_call *c, const struct cJSON *object, const char *name,
                struct decimal *out, bool *there);
bool b2_bad(struct b2_call *c, const char *name, const char *why);

/* ---- tokens (venuesim_b2prime_auth.c) ------------------------------------------------------ */

const char *b2_account_open(struct sim_account *a, struct bytes secret);
void b2_account_close(struct sim_account *a);
/* Token, accountId; false: refused and answered. */
bool b2_authenticate(struct b2_call *c);
void b2_access_token(struct b2_call *c);

/* ---- reading (venuesim_b2prime_read.c) ----------------------------------------------------- */

/* marketId of the route's kind; NULL: answered. */
struct sim_instrument *b2_market_arg(struct b2_call *c);
/* One of `words`; false: answered. */
bool b2_word(struct b2_call *c, const char *name, const char *const *words, unsigned *out);
bool b2_read_order(struct b2_call *c, struct sim_terms *t, bool stop);
bool b2_read_leverage(struct b2_call *c, const struct sim_instrument *i, struct decimal *out);

/* ---- spelling (venuesim_b2prime_words.c) --------------------------------------------------- */

const char *b2_status(const struct sim_order *o);
const char *b2_stop_status(const struct sim_order *o);
const char *b2_order_id(const struct sim_order *o);
void b2_time(struct buf *out, const char *name, int64_t us, unsigned digits);
/* "name":"1.5" with no comma before it. */
void b2_first(struct buf *out, const char *name, struct decimal value);
void b2_order_json(struct b2_call *c, const struct sim_order *o);
/* As the stream of open orders has it. */
void b2_open_json(struct b2_call *c, const struct sim_order *o);
void b2_stop_json(struct b2_call *c, const struct sim_order *o, bool placed);
/* {"triggerType","triggerSize"} of `name` in the order worked out against a price; nothing written
 * when it is absent. False: answered. */
bool b2_trigger_calc(struct b2_call *c, const struct cJSON *triggers, const char *name,
                     const struct sim_instrument *i, struct decimal price, struct decimal base,
                     bool buy, struct buf *out);

/* ---- operations ---------------------------------------------------------------------------- */

void b2_place(struct b2_call *c);
void b2_place_stop(struct b2_call *c);
void b2_cancel(struct b2_call *c);
void b2_cancel_stop(struct b2_call *c);
/* Ends what has lived until its date; called before each operation. */
void b2_expire(struct b2_call *c);

void b2_close(struct b2_call *c);
void b2_bulk_close(struct b2_call *c);
void b2_trigger_data(struct b2_call *c);
void b2_triggers(struct b2_call *c);
void b2_take_note(struct sim_engine *e, const struct sim_exec *x);

void b2_order_data(struct b2_call *c);
void b2_accounts(struct b2_call *c);
void b2_assets(struct b2_call *c);
void b2_market_list(struct b2_call *c);
void b2_market_one(struct b2_call *c);
void b2_open_orders(struct b2_call *c);
void b2_volume(struct b2_call *c);
void b2_position_executions(struct b2_call *c);
void b2_positions_executions(struct b2_call *c);
void b2_order_executions(struct b2_call *c);
void b2_orders_executions(struct b2_call *c);
void b2_closed_positions(struct b2_call *c);

#endif
