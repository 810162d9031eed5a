/*
 * Between the files of the Bybit V5 dialect (inverse and linear): venuesim_bybit.c checks who asks
 * and how often; _orders.c takes orders and lets the engine act on them after the acknowledgement;
 * _read.c reads one order's parameters; _position.c has positions and their stops; _query.c answers
 * questions; _words.c has the spelling.
 */
#ifndef TESTS_SIM_VENUESIM_BYBIT_H
#define TESTS_SIM_VENUESIM_BYBIT_H

#include "venuesim.h"
#include "venuesim_text.h"
#include "venuesim_window.h"

struct cJSON;
struct by_call;

enum by_pool { BY_OPEN, BY_SIGNED };

struct by_route {
    const char *method, *op;
    enum by_pool pool;
    unsigned limit; /* calls (batches: items) a second */
    void (*serve)(struct by_call *c);
    const char *fields; /* what the query or body may hold, by spaces */
    bool batch;
};

#define BY_ROUTES_MAX 40

/* An account's own at this venue. */
struct by_account {
    char secret[80];
    uint64_t generation; /* of the exchange these are for */
    bool price_refused;  /* set-limit-px-action modifyEnable=false */
    uint32_t dcp_s;
    size_t exec_seen;
    struct sim_window window[BY_ROUTES_MAX];
};

/* sim_extra.flags */
enum by_flag {
    BY_CANCEL_SENT = 1, /* acknowledged, not yet carried out */
    BY_CANCEL_LOST = 2, /* it came after the fill */
    BY_IOC = 4,
    BY_FOK = 8,
    BY_POST = 16,
    BY_MARKET = 32,
    BY_CLOSE = 64 /* closeOnTrigger */
};

/* One instruction and what became of it. */
struct by_item {
    const struct cJSON *json;
    struct sim_terms terms;
    struct sim_change change;
    struct sim_order *order;
    struct bytes id, client_id;
    int code; /* 0: taken */
    char text[120];
};

struct by_call {
    struct sim_request *req;
    struct sim *sim;
    struct sim_engine *engine;
    struct sim_account *account; /* NULL on public paths */
    struct by_account *own;
    const struct by_route *route;
    struct form form;
    struct cJSON *json;
    struct buf *out;
    const char *engine_word; /* a fault: the engine refuses with this */
    int item_code;           /* a fault: every item of a batch fails with this */
    char item_text[96];
    bool inverse;
};

/* ---- answers (venuesim_bybit.c) ------------------------------------------------------------ */

/* {"retCode":0,"retMsg":"OK","result": */
void by_begin(struct by_call *c);
/* ,"retExtInfo":{},"time":...} */
void by_end(struct by_call *c);
void by_error(struct by_call *c, int code, const char *format, ...) PRINTF_LIKE(3, 4);
struct bytes by_arg(const struct by_call *c, const char *name);
/* Reads and checks `category`; false: refused and answered. */
bool by_category(struct by_call *c);
bool by_in_category(const struct by_call *c, const struct sim_instrument *i);
/* Makes the account's own settings as new when the exchange was reset. */
void by_refresh(const struct sim *s, struct by_account *own);
/* One more item of a batch within the second's budget. */
bool by_spend(struct by_call *c);

/* ---- who asks (venuesim_bybit_auth.c) ------------------------------------------------------ */

const char *by_account_open(struct sim_account *a, struct bytes secret);
void by_account_close(struct sim_account *a);
/* Sets c->account on signed paths; false: refused and answered. */
bool by_authenticate(struct by_call *c);

/* ---- reading (venuesim_bybit_read.c) ------------------------------------------------------- */

void by_fail(struct by_item *it, int code, const char *format, ...) PRINTF_LIKE(3, 4);
/* A text member; anything else there is a parameter error. Empty when absent. */
struct bytes by_text(struct by_item *it, const char *name);
bool by_decimal(struct by_item *it, const char *name, struct decimal *out);
bool by_flag(struct by_item *it, const char *name);
int by_int(struct by_item *it, const char *name, int otherwise);
void by_read_create(struct by_call *c, struct by_item *it);
void by_read_amend(struct by_call *c, struct by_item *it);
void by_read_cancel(struct by_call *c, struct by_item *it);

/* ---- spelling (venuesim_bybit_words.c) ----------------------------------------------------- */

const char *by_status(const struct sim_order *o);
const char *by_reject_reason(const struct sim_order *o);
const char *by_cancel_type(const struct sim_order *o);
const char *by_stop_type(const struct sim_order *o);
const char *by_create_type(const struct sim_order *o);
const char *by_tif(const struct sim_order *o);
const char *by_signal_word(enum sim_signal s);
/* The static spelling of an EC_... word; NULL: none of the venue's. */
const char *by_engine_word(const char *word);
const char *by_settle_coin(const struct sim_instrument *i);
/* ,"name":"60000.50" with the instrument's digits */
void by_price(struct buf *out, const char *name, const struct sim_instrument *i, struct decimal v);
/* As by_price; "" when zero. */
void by_price_or_empty(struct buf *out, const char *name, const struct sim_instrument *i,
                       struct decimal v);
void by_ms(struct buf *out, const char *name, int64_t us);
/* What a quantity at a price is worth: in the base coin for inverse contracts. */
struct decimal by_value(const struct sim_instrument *i, struct decimal qty, struct decimal price);
void by_order_json(const struct by_call *c, struct buf *out, const struct sim_order *o);
void by_exec_json(const struct by_call *c, struct buf *out, const struct sim_exec *x);

/* ---- operations ---------------------------------------------------------------------------- */

void by_create(struct by_call *c);
void by_amend(struct by_call *c);
void by_cancel(struct by_call *c);
void by_cancel_all(struct by_call *c);
void by_create_batch(struct by_call *c);
void by_amend_batch(struct by_call *c);
void by_cancel_batch(struct by_call *c);
void by_pre_check(struct by_call *c);

void by_realtime(struct by_call *c);
void by_history(struct by_call *c);
void by_executions(struct by_call *c);
void by_time(struct by_call *c);
void by_instruments(struct by_call *c);
void by_tickers(struct by_call *c);
void by_price_limit(struct by_call *c);
void by_account_info(struct by_call *c);
void by_set_limit_px(struct by_call *c);
void by_user_setting(struct by_call *c);
void by_smp_group(struct by_call *c);
void by_fee_rate(struct by_call *c);
void by_dcp_set(struct by_call *c);
void by_dcp_info(struct by_call *c);

void by_positions(struct by_call *c);
void by_set_leverage(struct by_call *c);
void by_symbol_info(struct by_call *c);
void by_trading_stop(struct by_call *c);
/* Sets a position's take-profit or stop-loss (not partial); SIM_OK also when nothing changes. */
bool by_position_stop(struct sim_engine *e, struct sim_account *a, struct sim_instrument *i,
                      enum sim_type type, struct decimal price, enum sim_signal signal);
/* The open order of a position setting, or NULL. */
struct sim_order *by_find_stop(const struct sim_account *a, const struct sim_instrument *i,
                               const char *origin);
/* What follows from executions: attached stops, and stops of positions that are closed. */
void by_settle(struct sim *s);

#endif
