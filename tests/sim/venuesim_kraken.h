/*
 * Between the files of the Kraken Futures dialect (REST v3): venuesim_kraken.c checks who asks and
 * whether it may; _orders.c acts; _query.c and _history.c answer questions; _words.c has the
 * spelling.
 */
#ifndef TESTS_SIM_VENUESIM_KRAKEN_H
#define TESTS_SIM_VENUESIM_KRAKEN_H

#include "venuesim.h"
#include "venuesim_text.h"

struct cJSON;
struct kr_call;

enum kr_pool { KR_PUBLIC, KR_TRADING, KR_HISTORY };

struct kr_param {
    const char *name;
    bool required, repeats;
};

#define KR_PARAMS_MAX 20

struct kr_route {
    const char *method, *path, *op;
    enum kr_pool pool;
    unsigned cost;
    void (*serve)(struct kr_call *k);
    struct kr_param param[KR_PARAMS_MAX];
};

enum kr_kind { KR_SEND, KR_EDIT, KR_CANCEL };

/* One instruction, alone or of a batch, and what became of it. */
struct kr_op {
    enum kr_kind kind;
    struct sim_terms terms;
    struct sim_change change;
    struct bytes tag, id, client_id;
    struct sim_order *order;
    enum sim_result result;
    const char *problem; /* the name of the parameter that is wrong */
    bool missing;        /* ... because it is not there */
    bool waits;          /* held by maker protection */
    int64_t process_before_us;
    size_t event_from;
};

/* One request while it is served; lives as the request's context. */
struct kr_call {
    struct sim_request *req;
    struct sim *sim;
    struct sim_engine *engine;
    struct sim_account *account; /* NULL on public paths */
    const struct kr_route *route;
    struct form form;
    struct cJSON *json; /* batch */
    struct kr_op *op;
    size_t op_count;
    struct buf *out;
};

/* ---- answers (venuesim_kraken.c) ----------------------------------------------------------- */

/* {"result":"success","serverTime":"..." and no closing brace */
void kr_begin(struct kr_call *k);
void kr_end(struct kr_call *k);
/* HTTP 200 {"result":"error","error":error,...} */
void kr_error(struct kr_call *k, const char *error);
void kr_invalid(struct kr_call *k, const char *param);
/* HTTP 400 BAD_REQUEST */
void kr_bad_request(struct kr_call *k, const char *what, const char *param);
struct bytes kr_arg(const struct kr_call *k, const char *name);
/* ---- permission (venuesim_kraken_auth.c) --------------------------------------------------- */

const char *kraken_account_open(struct sim_account *a, struct bytes secret);
void kraken_account_close(struct sim_account *a);
/* Sets k->account on signed paths; false: refused and answered. */
bool kr_authenticate(struct kr_call *k);
/* False: over budget, nothing is taken. */
bool kr_spend(struct sim *s, struct sim_account *a, enum kr_pool pool, unsigned cost);
/* The answer to a request over budget. */
void kr_too_fast(struct kr_call *k, enum kr_pool pool, unsigned cost);

/* HTTP 429 with rate-limit-reset. */
void kr_too_many_requests(struct kr_call *k, int64_t seconds);

/* ---- spelling (venuesim_kraken_words.c) ---------------------------------------------------- */

const char *kr_status(enum sim_result r, enum kr_kind kind);
const char *kr_reason(enum sim_reason r);
const char *kr_reject_word(enum sim_result r);
const char *kr_event_type_word(const struct sim_order *o);
const char *kr_open_type_word(const struct sim_order *o);
const char *kr_fill_type(const struct sim_exec *x);
const char *kr_side(enum sim_side side);
/* Numbers as the venue writes them: prices of whole dollars as 60000.0, quantities plain. */
void kr_price(const struct sim *s, struct buf *out, const char *name, struct decimal value);
void kr_quantity(const struct sim *s, struct buf *out, const char *name, struct decimal value);
void kr_flag(struct buf *out, const char *name, bool value);
/* ,"name":"text" or ,"name":null when empty */
void kr_text_or_null(struct buf *out, const char *name, const char *text);
/* The object of an order inside an event. */
void kr_event_order(const struct sim *s, struct buf *out, const struct sim_order *o,
                    const struct sim_snap *at);
/* The events of an account's history from `from` on that concern `o` (NULL: all), as a JSON array.
 */
void kr_events(const struct sim *s, struct buf *out, const struct sim_account *a, size_t from,
               const struct sim_order *o);

/* ---- operations ---------------------------------------------------------------------------- */

void kr_sendorder(struct kr_call *k);
void kr_editorder(struct kr_call *k);
void kr_cancelorder(struct kr_call *k);
void kr_cancelallorders(struct kr_call *k);
void kr_cancelallordersafter(struct kr_call *k);
void kr_batchorder(struct kr_call *k);
/* Reads one instruction from its parameters (form, or an element of the batch). */
void kr_read_send(struct kr_call *k, const struct cJSON *item, struct kr_op *op);
void kr_read_edit(struct kr_call *k, const struct cJSON *item, struct kr_op *op);
void kr_read_cancel(struct kr_call *k, const struct cJSON *item, struct kr_op *op);

void kr_openorders(struct kr_call *k);
void kr_orders_status(struct kr_call *k);
void kr_fills(struct kr_call *k);
void kr_openpositions(struct kr_call *k);
void kr_get_leverage(struct kr_call *k);
void kr_put_leverage(struct kr_call *k);
void kr_get_stp(struct kr_call *k);
void kr_put_stp(struct kr_call *k);
void kr_instruments(struct kr_call *k);
void kr_tickers(struct kr_call *k);

void kr_executions(struct kr_call *k);
void kr_history_orders(struct kr_call *k);
void kr_history_triggers(struct kr_call *k);
void kr_account_log(struct kr_call *k);

#endif
