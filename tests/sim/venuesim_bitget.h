/*
 * Between the files of the two Bitget dialects: v2 (the API of today) and mix-v1 (the seed's).
 * venuesim_bitget.c checks who asks and how often; _read.c reads one order; _orders.c acts for v2;
 * _v1.c is the seed's API; _query.c answers v2's questions; _plan.c has trigger and position stops;
 * _account.c positions and settings; _words.c the spelling.
 */
#ifndef TESTS_SIM_VENUESIM_BITGET_H
#define TESTS_SIM_VENUESIM_BITGET_H

#include "venuesim.h"
#include "venuesim_text.h"
#include "venuesim_window.h"

struct cJSON;
struct bg_call;

enum bg_family { BG_V1, BG_V2, BG_PUBLIC };

struct bg_route {
    const char *method, *path, *op;
    enum bg_family family;
    unsigned limit; /* calls a second; 0: none */
    void (*serve)(struct bg_call *c);
    const char *fields; /* what the query or body may hold, by spaces */
};

#define BG_ROUTES_MAX 56

/* An account's own at this venue. */
struct bg_account {
    char secret[80], passphrase[40];
    uint64_t generation; /* of the exchange these are for */
    bool hedge;
    bool isolated[SIM_INSTRUMENTS_MAX];
    struct sim_window window[BG_ROUTES_MAX];
};

/* sim_extra.flags */
enum bg_flag {
    BG_CANCEL_SENT = 1,
    BG_IOC = 2,
    BG_FOK = 4,
    BG_POST = 8,
    BG_MARKET = 16,
    BG_ISOLATED = 32,
    BG_HEDGE = 64,  /* placed in hedge mode */
    BG_CLOSE = 128, /* tradeSide close */
    BG_PLAN = 256
};

/* One instruction and what became of it. */
struct bg_item {
    const struct cJSON *json, *outer; /* a batch gives symbol and modes outside its items */
    struct sim_terms terms;
    struct sim_order *order;
    struct bytes client_id;
    const char *code; /* NULL: taken */
    bool id_hidden;   /* acknowledged without orderId */
    char text[120];
};

struct bg_call {
    struct sim_request *req;
    struct sim *sim;
    struct sim_engine *engine;
    struct sim_account *account; /* NULL on public paths */
    struct bg_account *own;
    const struct bg_route *route;
    struct form form;
    struct cJSON *json;
    struct buf *out;
    char item_code[16]; /* a fault: every item of a batch fails with this */
    char item_text[96];
};

/* ---- answers (venuesim_bitget.c) ----------------------------------------------------------- */

/* {"code":"00000","msg":"success","requestTime":...,"data": */
void bg_begin(struct bg_call *c);
void bg_end(struct bg_call *c);
void bg_error(struct bg_call *c, const char *code, const char *format, ...) PRINTF_LIKE(3, 4);
struct bytes bg_arg(const struct bg_call *c, const char *name);
/* False (and answered) when the parameter is missing. */
bool bg_need(struct bg_call *c, const char *name);
/* productType of v2, any case; false: refused and answered. */
bool bg_product(struct bg_call *c);
bool bg_in_product(const struct bg_call *c, const struct sim_instrument *i);
/* The instrument of `symbol`; NULL: refused and answered. */
struct sim_instrument *bg_symbol(struct bg_call *c);
bool bg_number(struct bg_call *c, const char *name, uint64_t otherwise, uint64_t most,
               uint64_t *out);
/* Takes an order through its wait at once. */
void bg_release_now(struct sim_engine *e, struct sim_order *o);
/* Lets an acknowledged order reach the engine after the instrument's delay. */
void bg_release_later(struct bg_call *c, struct sim_order *o);
void bg_cancel_later(struct bg_call *c, struct sim_order *o);

/* ---- who asks (venuesim_bitget_auth.c) ----------------------------------------------------- */

const char *bg_account_open(struct sim_account *a, struct bytes secret);
void bg_account_close(struct sim_account *a);
/* Sets c->account on signed paths; false: refused and answered. */
bool bg_authenticate(struct bg_call *c);

/* ---- reading (venuesim_bitget_read.c) ------------------------------------------------------ */

void bg_fail(struct bg_item *it, const char *code, const char *format, ...) PRINTF_LIKE(3, 4);
struct bytes bg_text(struct bg_item *it, const char *name);
bool bg_decimal(struct bg_item *it, const char *name, struct decimal *out);
void bg_client_id(struct bg_call *c, struct bg_item *it, const char *name);
void bg_read_place(struct bg_call *c, struct bg_item *it);
/* Price and size against the instrument. */
void bg_check_size(struct bg_item *it);
void bg_check_price(struct bg_item *it, struct decimal price);
/* sim_place's refusal in v2's codes. */
void bg_engine_refused(struct bg_item *it, enum sim_result r);

/* ---- spelling (venuesim_bitget_words.c) ---------------------------------------------------- */

/* `spelling`: 0 canceled, 1 cancelled. */
const char *bg_status(const struct sim_order *o, bool two_ls);
const char *bg_order_id(const struct sim_order *o);
const char *bg_force(const struct sim_order *o);
struct decimal bg_average(const struct sim_order *o);
void bg_ms(struct buf *out, const char *name, int64_t us);
void bg_decimal_or_empty(struct buf *out, const char *name, struct decimal value);
void bg_order_json(struct bg_call *c, const struct sim_order *o, bool detail);
void bg_exec_json(struct bg_call *c, const struct sim_exec *x);
/* The order by v2's ids; held ones too. */
struct sim_order *bg_find(struct bg_call *c, struct bytes id, struct bytes client_id);
/* successList and failureList. */
void bg_lists(struct bg_call *c, const struct bg_item *item, size_t count);

/* ---- operations ---------------------------------------------------------------------------- */

void bg_place(struct bg_call *c);
void bg_batch_place(struct bg_call *c);
void bg_modify(struct bg_call *c);
void bg_cancel(struct bg_call *c);
void bg_batch_cancel(struct bg_call *c);
void bg_cancel_all(struct bg_call *c);
void bg_close_positions(struct bg_call *c);
/* A market order that closes what there is; NULL: nothing there. */
struct sim_order *bg_close_one(struct bg_call *c, struct sim_instrument *i);

void bg_detail(struct bg_call *c);
void bg_pending(struct bg_call *c);
void bg_history(struct bg_call *c);
void bg_fills(struct bg_call *c);

void bg_place_plan(struct bg_call *c);
void bg_place_tpsl(struct bg_call *c);
void bg_place_pos_tpsl(struct bg_call *c);
void bg_modify_plan(struct bg_call *c);
void bg_cancel_plan(struct bg_call *c);
void bg_plan_pending(struct bg_call *c);
void bg_plan_history(struct bg_call *c);
void bg_plan_sub(struct bg_call *c);

void bg_all_position(struct bg_call *c);
void bg_single_position(struct bg_call *c);
void bg_history_position(struct bg_call *c);
void bg_account_one(struct bg_call *c);
void bg_set_leverage(struct bg_call *c);
void bg_set_margin_mode(struct bg_call *c);
void bg_set_position_mode(struct bg_call *c);
void bg_contracts(struct bg_call *c);
void bg_ticker(struct bg_call *c);
void bg_time(struct bg_call *c);

void v1_place(struct bg_call *c);
void v1_batch(struct bg_call *c);
void v1_cancel(struct bg_call *c);
void v1_cancel_all(struct bg_call *c);
void v1_detail(struct bg_call *c);
void v1_current(struct bg_call *c);
void v1_history(struct bg_call *c);
void v1_fills(struct bg_call *c);
void v1_close(struct bg_call *c);
void v1_leverage(struct bg_call *c);

#endif
