/*
 * CoinSwitch PRO futures (EXCHANGE_2), as its fact sheet has it: the routes, and what is checked
 * before an operation is served: who asks (venuesim_coinswitch_auth.c), budget, parameters known.
 *
 * Written from the sheet and from nothing else; it shares no code with the driver it tests.
 */
#include "venuesim_coinswitch.h"
#include "venuesim_params.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>

#define ROOT "/trade/api/v2/"
#define FUTURES ROOT "futures/"
#define BUDGET_US (60 * US_PER_S)

static const struct cs_route routes[] = {
    { "POST", FUTURES "order", "POST order", CS_PLACE, 20, cs_place,
      "exchange symbol side order_type price quantity trigger_price reduce_only time_in_force "
      "client_order_id",
      false },
    { "DELETE", FUTURES "order", "DELETE order", CS_CANCEL, 10, cs_cancel,
      "exchange order_id symbol", false },
    { "GET", FUTURES "order", "GET order", CS_STATUS, 20, cs_detail,
      "exchange order_id client_order_id", false },
    { "POST", FUTURES "cancel_all", "cancel_all", CS_CANCEL_ALL, 10, cs_cancel_all,
      "exchange symbol", false },
    { "POST", FUTURES "orders/open", "orders/open", CS_LISTS, 20, cs_open_orders,
      "exchange symbol limit from_time to_time", false },
    { "POST", FUTURES "orders/closed", "orders/closed", CS_LISTS, 20, cs_closed_orders,
      "exchange symbol limit from_time to_time status", false },
    { "GET", FUTURES "positions", "positions", CS_POSITIONS, 20, cs_positions, "exchange symbol",
      false },
    { "POST", FUTURES "leverage", "POST leverage", CS_SET_LEVERAGE, 10, cs_set_leverage,
      "exchange symbol leverage", false },
    { "GET", FUTURES "leverage", "GET leverage", CS_GET_LEVERAGE, 20, cs_get_leverage,
      "exchange symbol", false },
    { "POST", FUTURES "add_margin", "add_margin", CS_ADD_MARGIN, 10, cs_add_margin,
      "exchange symbol margin", false },
    { "GET", FUTURES "wallet_balance", "wallet_balance", CS_WALLET, 20, cs_wallet, "exchange",
      false },
    { "GET", FUTURES "transactions", "transactions", CS_TRANSACTIONS, 20, cs_transactions,
      "exchange symbol type transaction_id limit from_time to_time", false },
    { "GET", FUTURES "instrument_info", "instrument_info", CS_MARKET, 100, cs_instruments,
      "exchange", false },
    { "GET", ROOT "time", "time", CS_MARKET, 100, cs_time, "", true },
};

/* ---- answers ------------------------------------------------------------------------------- */

static void say(struct cs_call *c, const char *text)
{
    buf_clear(c->out);
    buf_text(c->out, "{\"message\":");
    text_quote(c->out, bytes_of(text));
    buf_char(c->out, '}');
    answer_note(&c->req->answer, "%s", text);
}

void cs_error(struct cs_call *c, unsigned status, const char *format, ...)
{
    char text[200];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    say(c, text);
    c->req->answer.status = status;
    audit_request(&c->sim->audit, c->engine->now_us, "refused", c->route->op,
                  cs_arg(c, "client_order_id"), text);
}

void cs_message(struct cs_call *c, const char *text)
{
    say(c, text);
    c->req->answer.status = 200;
}

/* ---- parameters ---------------------------------------------------------------------------- */

struct bytes cs_arg(const struct cs_call *c, const char *name)
{
    return c->json == NULL ? form_find(&c->form, name) : text_json_get(c->json, name);
}

bool cs_need(struct cs_call *c, const char *name)
{
    if (cs_arg(c, name).size > 0) {
        return true;
    }
    cs_error(c, 422, "Input %s is missing", name);
    return false;
}

bool cs_invalid(struct cs_call *c, const char *name)
{
    cs_error(c, 422, "The value you provided for the %s is not valid", name);
    return false;
}

bool cs_same_word(struct bytes text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

bool cs_exchange(struct cs_call *c, bool required)
{
    struct bytes exchange = cs_arg(c, "exchange");

    if (exchange.size == 0) {
        return !required || cs_need(c, "exchange");
    }
    return cs_same_word(exchange, "EXCHANGE_2") || cs_invalid(c, "exchange");
}

struct sim_instrument *cs_symbol(struct cs_call *c)
{
    struct bytes symbol = cs_arg(c, "symbol");
    size_t n;

    if (!cs_need(c, "symbol")) {
        return NULL;
    }
    for (n = 0; n < c->engine->instrument_count; n++) {
        if (cs_same_word(symbol, c->engine->instrument[n].symbol)) {
            return &c->engine->instrument[n];
        }
    }
    cs_error(c, 400, "Symbol %.*s is not supported", (int)(symbol.size < 40 ? symbol.size : 40),
             symbol.data);
    return NULL;
}

static bool plain(struct bytes text)
{
    return memchr(text.data, 'e', text.size) == NULL && memchr(text.data, 'E', text.size) == NULL;
}

bool cs_number(struct cs_call *c, const char *name, struct decimal *out, bool *there)
{
    const cJSON *typed = cJSON_GetObjectItemCaseSensitive(c->typed, name);

    *there = typed != NULL && !cJSON_IsNull(typed);
    if (!*there) {
        return true;
    }
    if (!cJSON_IsNumber(typed) || !plain(cs_arg(c, name)) ||
        !text_json_decimal(c->json, name, out)) {
        return cs_invalid(c, name);
    }
    return true;
}

/* ---- before an operation ------------------------------------------------------------------- */

static void too_fast(struct cs_call *c)
{
    cs_error(c, 429, "Too many requests");
}

static bool within_budget(struct cs_call *c)
{
    if (c->own == NULL || !c->sim->options.rate_limit ||
        window_take(&c->own->window[c->route->pool], c->engine->now_us,
                    params_limit(c->sim, c->route->limit), BUDGET_US)) {
        return true;
    }
    too_fast(c);
    return false;
}

static bool params_read(struct cs_call *c)
{
    char name[PARAM_NAME_SIZE];

    if (!params_type_is_json(c->req)) {
        cs_error(c, 400, "Content-Type must be application/json");
        return false;
    }
    if (bytes_is(c->req->method, "GET")) {
        if (c->req->body.size > 0) {
            cs_error(c, 400, "a GET has no body");
            return false;
        }
    } else {
        c->json = text_json(buf_view(&c->req->body));
        c->typed = cJSON_ParseWithLength(c->req->body.data, c->req->body.size);
        if (!cJSON_IsObject(c->json) || c->form.count > 0) {
            cs_error(c, 400, "the parameters are one JSON object in the body");
            return false;
        }
    }
    if (params_unknown(&c->form, c->json, c->route->fields, name) != NULL) {
        cs_error(c, 400, "unknown parameter %s", name);
        return false;
    }
    return true;
}

/* ---- the dialect --------------------------------------------------------------------------- */

static const struct cs_route *route_find(struct bytes method, struct bytes path)
{
    size_t n;

    for (n = 0; n < ARRAY_LEN(routes); n++) {
        if (bytes_is(path, routes[n].path) && bytes_is(method, routes[n].method)) {
            return &routes[n];
        }
    }
    return NULL;
}

static const char *coinswitch_op(struct bytes method, struct bytes path)
{
    const struct cs_route *r = route_find(method, path);

    return r == NULL ? NULL : r->op;
}

static void call_free(void *context)
{
    struct cs_call *c = context;

    form_fini(&c->form);
    cJSON_Delete(c->json);
    cJSON_Delete(c->typed);
    free(c);
}

static struct cs_call *call_new(struct sim_request *req)
{
    struct cs_call *c = calloc(1, sizeof *c);

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

static void coinswitch_serve(struct sim_request *req)
{
    struct cs_call *c = call_new(req);

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    if (!form_parse(&c->form, req->query, (struct bytes){ NULL, 0 })) {
        cs_error(c, 400, "malformed query");
        return;
    }
    if (cs_authenticate(c) && within_budget(c) && params_read(c)) {
        c->route->serve(c);
    }
}

/* The venue has no codes: an error is "HTTP:TEXT", a status is a 200 with nothing but that text. */
static void coinswitch_refuse(struct sim_request *req, const struct fault *f)
{
    struct cs_call *c = req->context != NULL ? req->context : call_new(req);
    const char *text;
    uint64_t status;
    char code[8];

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    if (f->kind == FAULT_RATE_LIMIT || f->kind == FAULT_RATE_LIMIT_429) {
        too_fast(c);
        return;
    }
    if (f->kind == FAULT_STATUS) {
        cs_message(c, f->word);
        return;
    }
    params_fault_word(f->word, code, sizeof code, &text);
    if (!text_uint(bytes_of(code), &status) || status < 400 || status > 599) {
        status = 400;
    }
    cs_error(c, (unsigned)status, "%s", text);
}

static void coinswitch_unknown(struct sim_request *req)
{
    answer_replace(&req->answer, 404, "application/json", "{\"message\":\"Not Found\"}");
}

#define DELAY_US INT64_C(20000)
#define V(mantissa, scale)                                                                         \
    {                                                                                              \
        mantissa, scale                                                                            \
    }
/* `precision` is unused; `type` is as instrument_info has it. */
#define LISTED(symbol, base, tick, step, bid, ask, most)                                           \
    {                                                                                              \
        symbol, "PERPETUAL_FUTURES", base, "USDT", "USDT", "", tick, step, 0, false, DELAY_US, 0,  \
            bid, ask, most, true                                                                   \
    }

static const struct sim_listing listings[] = {
    LISTED("BTCUSDT", "BTC", V(1, 1), V(1, 3), V(600000, 1), V(600001, 1), V(952, 0)),
    LISTED("ETHUSDT", "ETH", V(1, 2), V(1, 2), V(300000, 2), V(300001, 2), V(9000, 0)),
    LISTED("DOGEUSDT", "DOGE", V(1, 5), V(1, 0), V(28000, 5), V(28001, 5), V(5000000, 0)),
};

const struct sim_dialect dialect_coinswitch = {
    .name = "coinswitch",
    .op = coinswitch_op,
    .serve = coinswitch_serve,
    .account_open = cs_account_open,
    .account_close = cs_account_close,
    .refuse = coinswitch_refuse,
    .unknown = coinswitch_unknown,
    .listing = listings,
    .listing_count = ARRAY_LEN(listings),
    /* Of the sheet's test vectors: the seed and its public key. */
    .secret = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
    .key = "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664",
};
