/*
 * Bybit V5, as its fact sheet has it: the routes, and what is checked before an operation is
 * served: address limit, who asks (venuesim_bybit_auth.c), budget, parameters known.
 *
 * Written from the sheet and from nothing else; it shares no code with the driver it tests.
 */
#include "venuesim_bybit.h"
#include "venuesim_params.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>

#define ADDRESS_CALLS 600
#define ADDRESS_US (5 * US_PER_S)
#define BAN_US (600 * US_PER_S)

#define CREATE_FIELDS                                                                              \
    "symbol side orderType qty price timeInForce positionIdx orderLinkId triggerPrice "            \
    "triggerDirection triggerBy reduceOnly closeOnTrigger takeProfit stopLoss tpTriggerBy "        \
    "slTriggerBy tpslMode tpOrderType slOrderType tpLimitPrice slLimitPrice smpType "              \
    "slippageToleranceType slippageTolerance rpiTakerAccess bboSideType bboLevel"

static const struct by_route routes[] = {
    { "POST", "order/create", BY_SIGNED, 10, by_create, "category " CREATE_FIELDS, false },
    { "POST", "order/amend", BY_SIGNED, 10, by_amend,
      "category symbol orderId orderLinkId qty price triggerPrice triggerBy takeProfit stopLoss "
      "tpTriggerBy slTriggerBy tpslMode tpLimitPrice slLimitPrice",
      false },
    { "POST", "order/cancel", BY_SIGNED, 10, by_cancel, "category symbol orderId orderLinkId",
      false },
    { "POST", "order/cancel-all", BY_SIGNED, 10, by_cancel_all,
      "category symbol baseCoin settleCoin orderFilter stopOrderType", false },
    { "POST", "order/create-batch", BY_SIGNED, 10, by_create_batch, "category request", true },
    { "POST", "order/amend-batch", BY_SIGNED, 10, by_amend_batch, "category request", true },
    { "POST", "order/cancel-batch", BY_SIGNED, 10, by_cancel_batch, "category request", true },
    { "POST", "order/pre-check", BY_SIGNED, 10, by_pre_check, "category " CREATE_FIELDS, false },
    { "POST", "order/disconnected-cancel-all", BY_SIGNED, 5, by_dcp_set, "product timeWindow",
      false },
    { "GET", "order/realtime", BY_SIGNED, 50, by_realtime,
      "category symbol baseCoin settleCoin orderId orderLinkId openOnly orderFilter limit cursor",
      false },
    { "GET", "order/history", BY_SIGNED, 50, by_history,
      "category symbol baseCoin settleCoin orderId orderLinkId orderFilter orderStatus startTime "
      "endTime limit cursor",
      false },
    { "GET", "execution/list", BY_SIGNED, 50, by_executions,
      "category symbol orderId orderLinkId baseCoin settleCoin startTime endTime execType limit "
      "cursor",
      false },
    { "GET", "position/list", BY_SIGNED, 50, by_positions,
      "category symbol baseCoin settleCoin limit cursor", false },
    { "POST", "position/set-leverage", BY_SIGNED, 10, by_set_leverage,
      "category symbol buyLeverage sellLeverage", false },
    { "GET", "position/symbol-info", BY_SIGNED, 10, by_symbol_info, "category symbol", false },
    { "POST", "position/trading-stop", BY_SIGNED, 10, by_trading_stop,
      "category symbol tpslMode positionIdx takeProfit stopLoss trailingStop activePrice "
      "tpTriggerBy slTriggerBy tpSize slSize tpOrderType slOrderType tpLimitPrice slLimitPrice",
      false },
    { "GET", "account/info", BY_SIGNED, 50, by_account_info, "", false },
    { "GET", "account/fee-rate", BY_SIGNED, 10, by_fee_rate, "category symbol baseCoin", false },
    { "GET", "account/smp-group", BY_SIGNED, 5, by_smp_group, "", false },
    { "GET", "account/query-dcp-info", BY_SIGNED, 5, by_dcp_info, "", false },
    { "POST", "account/set-limit-px-action", BY_SIGNED, 10, by_set_limit_px,
      "category modifyEnable", false },
    { "GET", "account/user-setting-config", BY_SIGNED, 10, by_user_setting, "", false },
    { "GET", "market/time", BY_OPEN, 0, by_time, "", false },
    { "GET", "market/instruments-info", BY_OPEN, 0, by_instruments,
      "category symbol status baseCoin limit cursor", false },
    { "GET", "market/tickers", BY_OPEN, 0, by_tickers, "category symbol baseCoin expDate", false },
    { "GET", "market/price-limit", BY_OPEN, 0, by_price_limit, "category symbol", false },
};

/* The counts of the address all requests come from. */
struct by_state {
    struct sim *sim;
    struct sim_timer settle;
    struct sim_window address;
    uint64_t generation;
};

/* ---- answers ------------------------------------------------------------------------------- */

void by_begin(struct by_call *c)
{
    buf_text(c->out, "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":");
}

void by_end(struct by_call *c)
{
    buf_text(c->out, ",\"retExtInfo\":{},\"time\":");
    buf_int(c->out, c->engine->now_us / US_PER_MS);
    buf_char(c->out, '}');
}

static struct bytes client_id_of(const struct by_call *c)
{
    struct bytes id = text_json_get(c->json, "orderLinkId");

    return id.size > 0 ? id : form_find(&c->form, "orderLinkId");
}

void by_error(struct by_call *c, int code, const char *format, ...)
{
    char text[200];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    buf_clear(c->out);
    buf_printf(c->out, "{\"retCode\":%d", code);
    text_member(c->out, "retMsg", text);
    buf_text(c->out, ",\"result\":{}");
    by_end(c);
    answer_note(&c->req->answer, "%d %s", code, text);
    audit_request(&c->sim->audit, c->engine->now_us, "refused", c->route->op, client_id_of(c),
                  text);
}

struct bytes by_arg(const struct by_call *c, const char *name)
{
    return c->json == NULL ? form_find(&c->form, name) : text_json_get(c->json, name);
}

bool by_category(struct by_call *c)
{
    struct bytes category = by_arg(c, "category");

    c->inverse = bytes_is(category, "inverse");
    if (!c->inverse && !bytes_is(category, "linear")) {
        by_error(c, 10001, "params error: Category is invalid");
        return false;
    }
    return true;
}

bool by_in_category(const struct by_call *c, const struct sim_instrument *i)
{
    return i->inverse == c->inverse;
}

/* ---- how often ----------------------------------------------------------------------------- */

/* A reset of the exchange resets budgets and account settings too. */
void by_refresh(const struct sim *s, struct by_account *own)
{
    size_t n;

    if (own->generation == s->generation) {
        return;
    }
    own->generation = s->generation;
    own->price_refused = false;
    own->dcp_s = 0;
    own->exec_seen = 0;
    for (n = 0; n < ARRAY_LEN(routes); n++) {
        window_clear(&own->window[n]);
    }
}

static void banned(struct sim_request *req)
{
    answer_replace(&req->answer, 403, "text/plain",
                   "access too frequent, please try again later\n");
    answer_note(&req->answer, "403 banned");
}

static bool address_may(struct by_call *c)
{
    struct by_state *state = c->sim->venue;
    int64_t now_us = c->engine->now_us;

    if (state->generation != c->sim->generation) {
        state->generation = c->sim->generation;
        window_clear(&state->address);
    }
    if (now_us >= c->sim->options.ban_until_us && c->sim->options.rate_limit &&
        !window_take(&state->address, now_us, params_limit(c->sim, ADDRESS_CALLS), ADDRESS_US)) {
        c->sim->options.ban_until_us = now_us + BAN_US;
        audit_note(&c->sim->audit, now_us, "banned", c->route->op, NULL);
    }
    if (now_us < c->sim->options.ban_until_us) {
        banned(c->req);
        return false;
    }
    return true;
}

bool by_spend(struct by_call *c)
{
    struct sim_window *w = &c->own->window[c->route - routes];

    return !c->sim->options.rate_limit ||
           window_take(w, c->engine->now_us, params_limit(c->sim, c->route->limit), US_PER_S);
}

static void limit_headers(struct by_call *c, bool exceeded)
{
    struct sim_window *w = &c->own->window[c->route - routes];
    int64_t reset_ms = c->engine->now_us / US_PER_MS + (exceeded ? 1000 : 0);
    char text[32];

    (void)snprintf(text, sizeof text, "%u", params_limit(c->sim, c->route->limit));
    answer_header(&c->req->answer, "X-Bapi-Limit", text);
    (void)snprintf(
        text, sizeof text, "%u",
        window_left(w, c->engine->now_us, params_limit(c->sim, c->route->limit), US_PER_S));
    answer_header(&c->req->answer, "X-Bapi-Limit-Status", exceeded ? "0" : text);
    (void)snprintf(text, sizeof text, "%lld", (long long)reset_ms);
    answer_header(&c->req->answer, "X-Bapi-Limit-Reset-Timestamp", text);
}

static bool user_may(struct by_call *c)
{
    if (c->route->pool == BY_OPEN || c->route->batch) {
        return true; /* a batch spends by the item */
    }
    if (!by_spend(c)) {
        by_error(c, 10006, "Too many visits. Exceeded the API Rate Limit.");
        limit_headers(c, true);
        return false;
    }
    return true;
}

/* ---- parameters ---------------------------------------------------------------------------- */

static bool known(struct by_call *c)
{
    char name[PARAM_NAME_SIZE];

    if (params_unknown(&c->form, c->json, c->route->fields, name) != NULL) {
        by_error(c, 10001, "params error: unknown parameter %s", name);
        return false;
    }
    return true;
}

static bool params_read(struct by_call *c)
{
    if (bytes_is(c->req->method, "GET")) {
        if (c->req->body.size > 0) {
            answer_replace(&c->req->answer, 403, "text/plain", "GET with a body\n");
            return false;
        }
        if (!form_parse(&c->form, c->req->query, (struct bytes){ NULL, 0 })) {
            by_error(c, 10001, "params error: malformed query");
            c->req->answer.status = 400;
            return false;
        }
        return known(c);
    }
    if (!params_type_is_json(c->req)) {
        by_error(c, 10001, "Content-Type must be application/json");
        c->req->answer.status = 400;
        return false;
    }
    c->json = cJSON_ParseWithLength(c->req->body.data, c->req->body.size);
    if (!cJSON_IsObject(c->json)) {
        by_error(c, 10001, "params error: the body is not a JSON object");
        c->req->answer.status = 400;
        return false;
    }
    return known(c);
}

/* ---- the dialect --------------------------------------------------------------------------- */

static const struct by_route *route_find(struct bytes method, struct bytes path)
{
    static const char prefix[] = "/v5/";
    size_t n;

    if (path.size <= 4 || memcmp(path.data, prefix, 4) != 0) {
        return NULL;
    }
    path.data += 4;
    path.size -= 4;
    for (n = 0; n < ARRAY_LEN(routes); n++) {
        if (bytes_is(path, routes[n].op) && bytes_is(method, routes[n].method)) {
            return &routes[n];
        }
    }
    return NULL;
}

static const char *bybit_op(struct bytes method, struct bytes path)
{
    const struct by_route *r = route_find(method, path);

    return r == NULL ? NULL : r->op;
}

static void call_free(void *context)
{
    struct by_call *c = context;

    form_fini(&c->form);
    cJSON_Delete(c->json);
    free(c);
}

static struct by_call *call_new(struct sim_request *req)
{
    struct by_call *c = calloc(1, sizeof *c);

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

static void run(struct by_call *c)
{
    if (!address_may(c) || !by_authenticate(c) || !user_may(c)) {
        return;
    }
    if (params_read(c)) {
        c->route->serve(c);
    }
    if (c->own != NULL) {
        limit_headers(c, false);
    }
}

static void bybit_serve(struct sim_request *req)
{
    struct by_call *c = call_new(req);

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    run(c);
}

static int code_of(const char *word, const char **text)
{
    char code[8];
    uint64_t number;

    params_fault_word(word, code, sizeof code, text);
    return text_uint(bytes_of(code), &number) ? (int)number : 10016;
}

static void bybit_refuse(struct sim_request *req, const struct fault *f)
{
    struct by_call *c = req->context != NULL ? req->context : call_new(req);
    const char *text;
    int code;

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    if (f->kind == FAULT_STATUS && !f->act && by_engine_word(f->word) != NULL) {
        c->engine_word = by_engine_word(f->word);
        run(c);
        return;
    }
    code = code_of(f->word, &text);
    if (f->kind == FAULT_STATUS && !f->act && c->route->batch) {
        c->item_code = code;
        (void)snprintf(c->item_text, sizeof c->item_text, "%s", text);
        run(c);
    } else if (f->kind == FAULT_RATE_LIMIT_429) {
        by_error(c, 429, "The trading service is experiencing high load");
        req->answer.status = 429;
    } else if (f->kind == FAULT_RATE_LIMIT) {
        by_error(c, 10006, "Too many visits. Exceeded the API Rate Limit.");
        answer_header(&req->answer, "X-Bapi-Limit-Status", "0");
    } else {
        by_error(c, code, "%s", text);
    }
}

static void bybit_unknown(struct sim_request *req)
{
    buf_clear(&req->answer.body);
    req->answer.status = 404;
    buf_printf(&req->answer.body,
               "{\"retCode\":10017,\"retMsg\":\"Route not found.\",\"result\":{},"
               "\"retExtInfo\":{},\"time\":%lld}",
               (long long)(sim_wall_us(req->sim) / US_PER_MS));
}

/* ---- the exchange behind it ---------------------------------------------------------------- */

static void settle_due(struct sim_timer *t)
{
    struct by_state *state =
        (struct by_state *)(void *)((char *)t - offsetof(struct by_state, settle));

    state->sim->engine->now_us = sim_wall_us(state->sim);
    by_settle(state->sim);
}

static void executed(struct sim_engine *e, const struct sim_exec *x)
{
    struct by_state *state = e->executed_for;

    (void)x;
    if (!state->settle.armed) {
        timer_start(&state->sim->timers, &state->settle, e->now_us);
    }
}

static void bybit_open(struct sim *s)
{
    struct by_state *state = calloc(1, sizeof *state);

    s->venue = state;
    if (state == NULL) {
        fprintf(stderr, "venuesim: out of memory\n");
        abort();
    }
    state->sim = s;
    state->settle.fire = settle_due;
    s->engine->executed = executed;
    s->engine->executed_for = state;
    /* Kraken's default is seconds; this venue keeps the latest closed orders until it restarts. */
    if (s->options.status_memory_us == 5 * US_PER_S) {
        s->options.status_memory_us = INT64_MAX / 2;
    }
}

static void bybit_close(struct sim *s)
{
    free(s->venue);
    s->venue = NULL;
}

/* 2027-03-26T08:00:00Z */
#define DATED_END_US INT64_C(1806048000000000)
#define DELAY_US INT64_C(20000)

/* `pair` is the settlement coin, `precision` the digits prices are written with. */
static const struct sim_listing listings[] = {
    { "BTCUSD",
      "InversePerpetual",
      "BTC",
      "USD",
      "BTC",
      "",
      { 5, 1 },
      { 1, 0 },
      2,
      true,
      DELAY_US,
      0,
      { 600000, 1 },
      { 600005, 1 },
      { 20000000, 0 },
      true },
    { "ETHUSD",
      "InversePerpetual",
      "ETH",
      "USD",
      "ETH",
      "",
      { 5, 2 },
      { 1, 0 },
      2,
      true,
      DELAY_US,
      0,
      { 300000, 2 },
      { 300005, 2 },
      { 20000000, 0 },
      true },
    { "BTCUSDH27",
      "InverseFutures",
      "BTC",
      "USD",
      "BTC",
      "",
      { 5, 1 },
      { 1, 0 },
      2,
      true,
      DELAY_US,
      DATED_END_US,
      { 610000, 1 },
      { 610005, 1 },
      { 5000000, 0 },
      true },
    { "BTCUSDT",
      "LinearPerpetual",
      "BTC",
      "USDT",
      "USDT",
      "",
      { 1, 1 },
      { 1, 3 },
      2,
      false,
      DELAY_US,
      0,
      { 600000, 1 },
      { 600001, 1 },
      { 1000, 0 },
      true },
    { "ETHUSDT",
      "LinearPerpetual",
      "ETH",
      "USDT",
      "USDT",
      "",
      { 1, 2 },
      { 1, 2 },
      2,
      false,
      DELAY_US,
      0,
      { 300000, 2 },
      { 300001, 2 },
      { 10000, 0 },
      true },
    { "BTCPERP",
      "LinearPerpetual",
      "BTC",
      "USDC",
      "USDC",
      "",
      { 1, 1 },
      { 1, 3 },
      2,
      false,
      DELAY_US,
      0,
      { 600000, 1 },
      { 600001, 1 },
      { 100, 0 },
      true },
};

const struct sim_dialect dialect_bybit = {
    .name = "bybit",
    .op = bybit_op,
    .serve = bybit_serve,
    .account_open = by_account_open,
    .account_close = by_account_close,
    .refuse = bybit_refuse,
    .unknown = bybit_unknown,
    .open = bybit_open,
    .close = bybit_close,
    .listing = listings,
    .listing_count = ARRAY_LEN(listings),
    .secret = "sim-secret",
};
