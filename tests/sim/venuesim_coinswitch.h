/*
 * Between the files of the CoinSwitch PRO futures dialect: venuesim_coinswitch.c has the routes and
 * what is checked before an operation is served, _auth.c who asks, _orders.c acts, _query.c answers
 * questions and keeps the settings.
 */
#ifndef TESTS_SIM_VENUESIM_COINSWITCH_H
#define TESTS_SIM_VENUESIM_COINSWITCH_H

#include "venuesim.h"
#include "venuesim_text.h"
#include "venuesim_window.h"

struct cJSON;
struct cs_call;

/* Budgets are the endpoint's; the two order lists are assumed to share one. */
enum cs_pool {
    CS_PLACE,
    CS_CANCEL,
    CS_CANCEL_ALL,
    CS_STATUS,
    CS_LISTS,
    CS_POSITIONS,
    CS_SET_LEVERAGE,
    CS_GET_LEVERAGE,
    CS_ADD_MARGIN,
    CS_WALLET,
    CS_TRANSACTIONS,
    CS_MARKET,
    CS_POOL_COUNT
};

struct cs_route {
    const char *method, *path, *op;
    enum cs_pool pool;
    unsigned limit; /* calls in 60 s */
    void (*serve)(struct cs_call *c);
    const char *fields; /* what query or body may hold, by spaces */
    bool open;          /* usable without credentials */
};

/* An account's own at this venue. */
struct cs_account {
    unsigned char key[32]; /* Ed25519, public */
    uint64_t generation;   /* of the exchange these are for */
    struct sim_window window[CS_POOL_COUNT];
};

/* sim_extra.flags */
enum cs_flag {
    CS_CANCEL_SENT = 1,
    CS_MARKET_ORDER = 2,
    CS_IOC = 4,
    CS_FOK = 8,
    CS_CLOSES_ALL = 16, /* a trigger: quantity 0, closes the position */
    CS_TAKE_PROFIT = 32
};

struct cs_call {
    struct sim_request *req;
    struct sim *sim;
    struct sim_engine *engine;
    struct sim_account *account; /* NULL on the clock's path */
    struct cs_account *own;
    const struct cs_route *route;
    struct form form;
    struct cJSON *json;  /* the body, numbers as their own text */
    struct cJSON *typed; /* the same with the types as sent */
    struct buf *out;
};

/* ---- answers and parameters (venuesim_coinswitch.c) ---------------------------------------- */

/* {"message":"..."} with that HTTP status. */
void cs_error(struct cs_call *c, unsigned status, const char *format, ...) PRINTF_LIKE(3, 4);
/* HTTP 200 with a message and no data. */
void cs_message(struct cs_call *c, const char *text);
struct bytes cs_arg(const struct cs_call *c, const char *name);
/* False (and answered 422) when the parameter is missing. */
bool cs_need(struct cs_call *c, const char *name);
bool cs_invalid(struct cs_call *c, const char *name);
/* `exchange`; false: refused and answered. */
bool cs_exchange(struct cs_call *c, bool required);
/* The instrument of `symbol`, any case; NULL: refused and answered. */
struct sim_instrument *cs_symbol(struct cs_call *c);
/* A JSON number in plain notation. False: answered when there is one that is not; absent is true
 * with *there false. */
bool cs_number(struct cs_call *c, const char *name, struct decimal *out, bool *there);
bool cs_same_word(struct bytes text, const char *word);

/* ---- who asks (venuesim_coinswitch_auth.c) ------------------------------------------------- */

const char *cs_account_open(struct sim_account *a, struct bytes secret);
void cs_account_close(struct sim_account *a);
/* Sets c->account; false: refused and answered. */
bool cs_authenticate(struct cs_call *c);

/* ---- operations ---------------------------------------------------------------------------- */

void cs_place(struct cs_call *c);
void cs_cancel(struct cs_call *c);
void cs_cancel_all(struct cs_call *c);
/* The cancel answer spells two names in its own way. */
void cs_order_json(struct cs_call *c, const struct sim_order *o, bool cancel_names);
const char *cs_status(const struct sim_order *o);

void cs_detail(struct cs_call *c);
void cs_open_orders(struct cs_call *c);
void cs_closed_orders(struct cs_call *c);
void cs_positions(struct cs_call *c);
void cs_set_leverage(struct cs_call *c);
void cs_get_leverage(struct cs_call *c);
void cs_add_margin(struct cs_call *c);
void cs_wallet(struct cs_call *c);
void cs_transactions(struct cs_call *c);
void cs_instruments(struct cs_call *c);
void cs_time(struct cs_call *c);

#endif
