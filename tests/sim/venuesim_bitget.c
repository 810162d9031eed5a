/*
 * Bitget futures, v2 and the seed's mix-v1, as the fact sheet has them: the routes, what is checked
 * before an operation is served (who asks is venuesim_bitget_auth.c; budget, parameters known), and
 * what follows an acknowledgement.
 *
 * Written from the sheet and from nothing else; it shares no code with the driver it tests.
 */
#include "venuesim_bitget.h"
#include "venuesim_params.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>

#define V1 "/api/mix/v1/"
#define V2 "/api/v2/mix/"
#define V1_ORDER(op) V1 op, op, BG_V1
#define V2_ORDER(op) V2 op, op, BG_V2
#define PLACE_ITEM                                                                                 \
    "size price side tradeSide orderType force clientOid reduceOnly "                              \
    "presetStopSurplusPrice presetStopLossPrice presetStopSurplusExecutePrice "                    \
    "presetStopLossExecutePrice stpMode"
#define PLAN_ITEM                                                                                  \
    "planType symbol productType marginMode marginCoin size triggerPrice "                         \
    "triggerType side tradeSide orderType price clientOid reduceOnly callbackRatio stpMode"
#define LIST_ITEM "productType symbol orderId clientOid status idLessThan startTime endTime limit"

static const struct bg_route routes[] = {
    { "POST", V2_ORDER("order/place-order"), 10, bg_place,
      "symbol productType marginMode marginCoin " PLACE_ITEM },
    { "POST", V2_ORDER("order/batch-place-order"), 1, bg_batch_place,
      "symbol productType marginCoin marginMode orderList" },
    { "POST", V2_ORDER("order/modify-order"), 10, bg_modify,
      "orderId clientOid symbol productType marginCoin newClientOid newSize newPrice "
      "newPresetStopSurplusPrice newPresetStopLossPrice" },
    { "POST", V2_ORDER("order/cancel-order"), 10, bg_cancel,
      "symbol productType marginCoin orderId clientOid" },
    { "POST", V2_ORDER("order/batch-cancel-orders"), 10, bg_batch_cancel,
      "symbol productType marginCoin orderIdList" },
    { "POST", V2_ORDER("order/cancel-all-orders"), 1, bg_cancel_all,
      "productType symbol marginCoin requestTime receiveWindow" },
    { "POST", V2_ORDER("order/close-positions"), 1, bg_close_positions,
      "productType symbol holdSide" },
    { "GET", V2_ORDER("order/detail"), 10, bg_detail, "symbol productType orderId clientOid" },
    { "GET", V2_ORDER("order/orders-pending"), 10, bg_pending, LIST_ITEM },
    { "GET", V2_ORDER("order/orders-history"), 10, bg_history, LIST_ITEM " orderSource" },
    { "GET", V2_ORDER("order/fills"), 10, bg_fills, LIST_ITEM },
    { "GET", V2_ORDER("order/fill-history"), 10, bg_fills, LIST_ITEM },
    { "POST", V2_ORDER("order/place-plan-order"), 10, bg_place_plan, PLAN_ITEM },
    { "POST", V2_ORDER("order/place-tpsl-order"), 10, bg_place_tpsl,
      "planType symbol productType marginCoin triggerPrice triggerType executePrice holdSide size "
      "rangeRate clientOid" },
    { "POST", V2_ORDER("order/place-pos-tpsl"), 10, bg_place_pos_tpsl,
      "symbol productType marginCoin stopSurplusTriggerPrice stopSurplusTriggerType "
      "stopLossTriggerPrice stopLossTriggerType holdSide" },
    { "POST", V2_ORDER("order/modify-plan-order"), 10, bg_modify_plan,
      "orderId clientOid symbol productType marginCoin newSize newPrice newTriggerPrice "
      "newTriggerType" },
    { "POST", V2_ORDER("order/modify-tpsl-order"), 10, bg_modify_plan,
      "orderId clientOid symbol productType marginCoin triggerPrice triggerType executePrice "
      "size" },
    { "POST", V2_ORDER("order/cancel-plan-order"), 10, bg_cancel_plan,
      "symbol productType marginCoin planType orderIdList" },
    { "GET", V2_ORDER("order/orders-plan-pending"), 10, bg_plan_pending, LIST_ITEM " planType" },
    { "GET", V2_ORDER("order/orders-plan-history"), 10, bg_plan_history,
      LIST_ITEM " planType planStatus" },
    { "GET", V2_ORDER("order/plan-sub-order"), 10, bg_plan_sub,
      "planOrderId productType planType" },
    { "GET", V2_ORDER("position/all-position"), 5, bg_all_position, "productType marginCoin" },
    { "GET", V2_ORDER("position/single-position"), 10, bg_single_position,
      "symbol productType marginCoin" },
    { "GET", V2_ORDER("position/history-position"), 20, bg_history_position,
      "symbol productType idLessThan startTime endTime limit" },
    { "GET", V2_ORDER("account/account"), 10, bg_account_one, "symbol productType marginCoin" },
    { "POST", V2_ORDER("account/set-leverage"), 5, bg_set_leverage,
      "symbol productType marginCoin leverage holdSide longLeverage shortLeverage" },
    { "POST", V2_ORDER("account/set-margin-mode"), 5, bg_set_margin_mode,
      "symbol productType marginCoin marginMode" },
    { "POST", V2_ORDER("account/set-position-mode"), 5, bg_set_position_mode,
      "productType posMode" },
    { "GET", V2 "market/contracts", "market/contracts", BG_PUBLIC, 0, bg_contracts,
      "productType symbol" },
    { "GET", V2 "market/ticker", "market/ticker", BG_PUBLIC, 0, bg_ticker, "productType symbol" },
    { "GET", "/api/v2/public/time", "public/time", BG_PUBLIC, 0, bg_time, "" },
    { "POST", V1_ORDER("order/placeOrder"), 10, v1_place,
      "symbol side orderType price size leverage marginMode reduceOnly" },
    { "POST", V1_ORDER("order/batchOrders"), 1, v1_batch, "orders" },
    { "POST", V1_ORDER("order/cancel"), 10, v1_cancel, "symbol orderId" },
    { "POST", V1_ORDER("order/cancelAll"), 1, v1_cancel_all, "symbol" },
    { "GET", V1_ORDER("order/detail"), 10, v1_detail, "symbol orderId" },
    { "GET", V1_ORDER("order/current"), 10, v1_current, "symbol limit" },
    { "GET", V1_ORDER("order/history"), 10, v1_history, "symbol startTime endTime limit" },
    { "GET", V1_ORDER("order/fills"), 10, v1_fills, "symbol startTime endTime limit" },
    { "POST", V1_ORDER("position/close"), 1, v1_close, "symbol positionSide" },
    { "POST", V1_ORDER("position/leverage"), 5, v1_leverage, "symbol leverage marginMode" },
};

/* ---- answers ------------------------------------------------------------------------------- */

void bg_begin(struct bg_call *c)
{
    buf_printf(c->out, "{\"code\":\"00000\",\"msg\":\"success\",\"requestTime\":%lld,\"data\":",
               (long long)(c->engine->now_us / US_PER_MS));
}

void bg_end(struct bg_call *c)
{
    buf_char(c->out, '}');
}

void bg_error(struct bg_call *c, const char *code, const char *format, ...)
{
    struct bytes id = bg_arg(c, "clientOid");
    char text[200];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    buf_clear(c->out);
    c->req->answer.status = 400;
    buf_text(c->out, "{\"code\":");
    text_quote(c->out, bytes_of(code));
    text_member(c->out, "msg", text);
    buf_printf(c->out, ",\"requestTime\":%lld,\"data\":null}",
               (long long)(c->engine->now_us / US_PER_MS));
    answer_note(&c->req->answer, "%s %s", code, text);
    audit_request(&c->sim->audit, c->engine->now_us, "refused", c->route->op, id, text);
}

struct bytes bg_arg(const struct bg_call *c, const char *name)
{
    return c->json == NULL ? form_find(&c->form, name) : text_json_get(c->json, name);
}

bool bg_need(struct bg_call *c, const char *name)
{
    if (bg_arg(c, name).size > 0) {
        return true;
    }
    bg_error(c, "40811", "The parameter %s should not be null", name);
    return false;
}

static bool same_word(struct bytes text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

bool bg_product(struct bg_call *c)
{
    struct bytes type = bg_arg(c, "productType");

    if (!bg_need(c, "productType")) {
        return false;
    }
    if (!same_word(type, "USDT-FUTURES") && !same_word(type, "COIN-FUTURES") &&
        !same_word(type, "USDC-FUTURES")) {
        bg_error(c, "40020", "Parameter productType error");
        return false;
    }
    return true;
}

bool bg_in_product(const struct bg_call *c, const struct sim_instrument *i)
{
    return same_word(bg_arg(c, "productType"), i->type);
}

struct sim_instrument *bg_symbol(struct bg_call *c)
{
    struct bytes symbol = bg_arg(c, "symbol");
    struct sim_instrument *i = sim_instrument_find(c->engine, symbol);

    if (!bg_need(c, "symbol")) {
        return NULL;
    }
    if (i == NULL || (c->route->family != BG_V1 && !bg_in_product(c, i))) {
        bg_error(c, "40102", "Contract configuration for [%.*s] does not exist", BYTES_ARG(symbol));
        return NULL;
    }
    return i;
}

bool bg_number(struct bg_call *c, const char *name, uint64_t otherwise, uint64_t most,
               uint64_t *out)
{
    struct bytes text = bg_arg(c, name);

    *out = otherwise;
    if (text.size > 0 && (!text_uint(text, out) || *out > most)) {
        bg_error(c, "40020", "Parameter %s error", name);
        return false;
    }
    return true;
}

/* ---- how often ----------------------------------------------------------------------------- */

static void too_fast(struct bg_call *c)
{
    bg_error(c, "429", "Too Many Requests");
    c->req->answer.status = 429;
}

static bool within_budget(struct bg_call *c)
{
    if (c->own == NULL || c->route->limit == 0 || !c->sim->options.rate_limit ||
        window_take(&c->own->window[c->route - routes], c->engine->now_us,
                    params_limit(c->sim, c->route->limit), US_PER_S)) {
        return true;
    }
    too_fast(c);
    return false;
}

/* ---- parameters ---------------------------------------------------------------------------- */

static bool known(struct bg_call *c)
{
    char name[PARAM_NAME_SIZE];

    if (params_unknown(&c->form, c->json, c->route->fields, name) != NULL) {
        bg_error(c, "40017", "Parameter verification failed: unknown %s", name);
        return false;
    }
    return true;
}

static bool body_read(struct bg_call *c)
{
    if (bytes_is(c->req->method, "GET")) {
        return true;
    }
    if (!params_type_is_json(c->req)) {
        bg_error(c, "40007", "Invalid Content_Type, please use the application/json format");
        return false;
    }
    c->json = cJSON_ParseWithLength(c->req->body.data, c->req->body.size);
    if (!cJSON_IsObject(c->json)) {
        bg_error(c, "40017", "Parameter verification failed: the body is not JSON");
        return false;
    }
    return true;
}

/* ---- the engine behind it ------------------------------------------------------------------ */

struct bg_deed {
    struct sim_order *order;
};

static void release_deed(struct sim *s, void *context)
{
    struct bg_deed *d = context;

    if (d->order->state == SIM_HELD) { /* a close may have released it */
        (void)sim_release(s->engine, d->order);
    }
}

static void cancel_deed(struct sim *s, void *context)
{
    struct bg_deed *d = context;

    d->order->extra.flags &= ~(uint32_t)BG_CANCEL_SENT;
    if (sim_cancel(s->engine, d->order, SIM_BY_USER) == SIM_ALREADY_FILLED) {
        audit_order(s->engine->audit, s->engine->now_us, "cancel_too_late", d->order, NULL);
    }
}

void bg_release_now(struct sim_engine *e, struct sim_order *o)
{
    if (o->state == SIM_HELD) {
        (void)sim_release(e, o);
    }
}

void bg_release_later(struct bg_call *c, struct sim_order *o)
{
    struct bg_deed d = { o };

    sim_later(c->sim, o->instrument->hold_us, release_deed, &d, sizeof d);
}

void bg_cancel_later(struct bg_call *c, struct sim_order *o)
{
    struct bg_deed d = { o };

    o->extra.flags |= BG_CANCEL_SENT;
    audit_order(&c->sim->audit, c->engine->now_us, "cancel_acknowledged", o, NULL);
    sim_later(c->sim, o->instrument->hold_us, cancel_deed, &d, sizeof d);
}

/* ---- the dialects -------------------------------------------------------------------------- */

static const struct bg_route *route_find(struct bytes method, struct bytes path)
{
    size_t n;

    for (n = 0; n < ARRAY_LEN(routes); n++) {
        if (bytes_is(path, routes[n].path) && bytes_is(method, routes[n].method)) {
            return &routes[n];
        }
    }
    return NULL;
}

static const char *op_of(struct bytes method, struct bytes path, enum bg_family not_served)
{
    const struct bg_route *r = route_find(method, path);

    return r == NULL || r->family == not_served ? NULL : r->op;
}

static const char *v2_op(struct bytes method, struct bytes path)
{
    return op_of(method, path, BG_V1);
}

static const char *v1_op(struct bytes method, struct bytes path)
{
    return op_of(method, path, BG_V2);
}

static void call_free(void *context)
{
    struct bg_call *c = context;

    form_fini(&c->form);
    cJSON_Delete(c->json);
    free(c);
}

static struct bg_call *call_new(struct sim_request *req)
{
    struct bg_call *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return NULL;
    }
    c->req = req;
    c->sim = req->sim;
    c->engine = req->sim->engine;
    c->route = route_find(req->method, req->path);
    c->out = &req->answer.body;
    req->context = c;
    req->context_free = call_free;
    return c;
}

static void run(struct bg_call *c)
{
    if (!form_parse(&c->form, c->req->query, (struct bytes){ NULL, 0 })) {
        bg_error(c, "40017", "Parameter verification failed: malformed query");
        return;
    }
    if (bg_authenticate(c) && within_budget(c) && body_read(c) && known(c)) {
        c->route->serve(c);
    }
}

static void bitget_serve(struct sim_request *req)
{
    struct bg_call *c = call_new(req);

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    run(c);
}

static void bitget_refuse(struct sim_request *req, const struct fault *f)
{
    struct bg_call *c = req->context != NULL ? req->context : call_new(req);
    const char *text;
    char code[16];

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    params_fault_word(f->word, code, sizeof code, &text);
    if (code[0] == '\0') {
        (void)snprintf(code, sizeof code, "40015");
        text = "System is abnormal, please try again later";
    }
    if (f->kind == FAULT_RATE_LIMIT || f->kind == FAULT_RATE_LIMIT_429) {
        too_fast(c);
    } else if (f->kind == FAULT_STATUS && !f->act && strstr(c->route->op, "batch") != NULL) {
        memcpy(c->item_code, code, sizeof c->item_code);
        (void)snprintf(c->item_text, sizeof c->item_text, "%s", text);
        run(c);
    } else {
        bg_error(c, code, "%s", text);
    }
}

static void bitget_unknown(struct sim_request *req)
{
    buf_clear(&req->answer.body);
    req->answer.status = 404;
    buf_printf(&req->answer.body,
               "{\"code\":\"40404\",\"msg\":\"Request URL NOT FOUND\",\"requestTime\":%lld,"
               "\"data\":null}",
               (long long)(sim_wall_us(req->sim) / US_PER_MS));
}

static void bitget_open(struct sim *s)
{
    s->engine->numeric_ids = true;
}

#define DELAY_US INT64_C(20000)

/* `type` is the product type, `pair` the margin coin. */
#define LISTED(symbol, type, base, quote, coin, tick, step, bid, ask, most)                        \
    {                                                                                              \
        symbol, type, base, quote, coin, "", tick, step, 0, false, DELAY_US, 0, bid, ask, most,    \
            true                                                                                   \
    }
#define BTC_USDT(symbol)                                                                           \
    LISTED(symbol, "USDT-FUTURES", "BTC", "USDT", "USDT", V(1, 1), V(1, 4), V(600000, 1),          \
           V(600001, 1), V(1000, 0))
#define ETH_USDT(symbol)                                                                           \
    LISTED(symbol, "USDT-FUTURES", "ETH", "USDT", "USDT", V(1, 2), V(1, 2), V(300000, 2),          \
           V(300001, 2), V(10000, 0))
#define V(mantissa, scale)                                                                         \
    {                                                                                              \
        mantissa, scale                                                                            \
    }

static const struct sim_listing v2_listings[] = {
    BTC_USDT("BTCUSDT"),
    ETH_USDT("ETHUSDT"),
    LISTED("BTCUSD", "COIN-FUTURES", "BTC", "USD", "BTC", V(1, 1), V(1, 3), V(600000, 1),
           V(600001, 1), V(1000, 0)),
    LISTED("BTCPERP", "USDC-FUTURES", "BTC", "USDC", "USDC", V(1, 1), V(1, 4), V(600000, 1),
           V(600001, 1), V(1000, 0)),
};

/* The seed writes BTCUSDT, the venue's own v1 wrote BTCUSDT_UMCBL: each is a market of its own. */
static const struct sim_listing v1_listings[] = {
    BTC_USDT("BTCUSDT"),
    ETH_USDT("ETHUSDT"),
    BTC_USDT("BTCUSDT_UMCBL"),
    ETH_USDT("ETHUSDT_UMCBL"),
};

const struct sim_dialect dialect_bitget = {
    .name = "bitget",
    .op = v2_op,
    .serve = bitget_serve,
    .account_open = bg_account_open,
    .account_close = bg_account_close,
    .refuse = bitget_refuse,
    .unknown = bitget_unknown,
    .open = bitget_open,
    .listing = v2_listings,
    .listing_count = ARRAY_LEN(v2_listings),
    .secret = "sim-secret:sim-pass",
};

const struct sim_dialect dialect_bitget_mix_v1 = {
    .name = "bitget-mix-v1",
    .op = v1_op,
    .serve = bitget_serve,
    .account_open = bg_account_open,
    .account_close = bg_account_close,
    .refuse = bitget_refuse,
    .unknown = bitget_unknown,
    .open = bitget_open,
    .listing = v1_listings,
    .listing_count = ARRAY_LEN(v1_listings),
    .secret = "sim-secret:sim-pass",
};
