/*
 * B2PRIME (B2TRADER front office), as its fact sheet has it: the routes, and what is checked before
 * an operation is served: token and account (venuesim_b2prime_auth.c), budget, media type,
 * parameters known.
 *
 * Written from the sheet and from nothing else; it shares no code with the driver it tests. There
 * is no stream of open orders here: the sheet's REST side has no list of them, and nor has this.
 */
#include "venuesim_b2prime.h"
#include "venuesim_params.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>

/* No limits are documented; the sheet recommends five a second with a burst of ten. */
#define BUDGET_CALLS 15

#define FRONT "/frontoffice/api/"
#define JSON "application/json"
#define JSON3 JSON "; x-api-version=3.0"
#define JSON4 JSON "; x-api-version=4.0"

#define COMMON "marketId side orderType timeInForce requestedPrice cancellationDate comment "
#define SPOT_FIELDS COMMON "requestedAmount"
#define LOT_FIELDS COMMON "requestedLotAmount leverage stopLoss takeProfit"
#define DATA_FIELDS                                                                                \
    "marketId side orderType leverage requestedLotAmount requestedPrice takeProfit stopLoss"

#define PLAIN(method, path, op, type, serve, fields)                                               \
    {                                                                                              \
        method, FRONT path, NULL, op, B2_ACCOUNT, type, serve, fields, false, B2_SPOT              \
    }
#define ORDER(path, op, type, serve, fields, kind)                                                 \
    {                                                                                              \
        "POST", FRONT path, NULL, op, B2_ACCOUNT, type, serve, fields, true, kind                  \
    }
#define BY_ID(method, before, after, op, type, serve, fields)                                      \
    {                                                                                              \
        method, FRONT before, after, op, B2_ACCOUNT, type, serve, fields, false, B2_SPOT           \
    }
#define GENERAL(method, path, op, guard, type, serve, fields)                                      \
    {                                                                                              \
        method, FRONT path, NULL, op, guard, type, serve, fields, false, B2_SPOT                   \
    }

static const struct b2_route routes[] = {
    GENERAL("POST", "v4/access-token", "access-token", B2_OPEN, JSON, b2_access_token, "token"),
    ORDER("v3/orders", "spot/orders", JSON, b2_place, SPOT_FIELDS, B2_SPOT),
    ORDER("cfd/v4/orders", "cfd/orders", JSON, b2_place, LOT_FIELDS, B2_CFD),
    ORDER("perpetual/v4/orders", "perpetual/orders", JSON, b2_place, LOT_FIELDS, B2_PERP),
    ORDER("v3/stop-orders", "spot/stop-orders", JSON4, b2_place_stop,
          SPOT_FIELDS " activationPrice", B2_SPOT),
    ORDER("cfd/v4/stop-orders", "cfd/stop-orders", JSON4, b2_place_stop,
          LOT_FIELDS " activationPrice", B2_CFD),
    ORDER("perpetual/v4/stop-orders", "perpetual/stop-orders", JSON4, b2_place_stop,
          LOT_FIELDS " activationPrice", B2_PERP),
    ORDER("v3/order-data", "spot/order-data", JSON3, b2_order_data,
          "marketId side orderType requestedBaseAmount requestedQuoteAmount requestedPrice",
          B2_SPOT),
    ORDER("cfd/v4/order-data", "cfd/order-data", JSON4, b2_order_data, DATA_FIELDS, B2_CFD),
    ORDER("perpetual/v4/order-data", "perpetual/order-data", JSON4, b2_order_data, DATA_FIELDS,
          B2_PERP),
    BY_ID("DELETE", "v3/orders/", "", "orders/cancel", NULL, b2_cancel, NULL),
    BY_ID("DELETE", "v3/stop-orders/", "", "stop-orders/cancel", JSON4, b2_cancel_stop, NULL),
    PLAIN("GET", "v4/open-orders", "open-orders", NULL, b2_open_orders, NULL),
    PLAIN("POST", "v4/positions/bulk-close", "positions/bulk-close", JSON4, b2_bulk_close, "mode"),
    BY_ID("POST", "v4/positions/", "/close", "positions/close", JSON4, b2_close,
          "closePositionLotAmount"),
    BY_ID("POST", "v4/positions/", "/trigger-data", "positions/trigger-data", JSON4,
          b2_trigger_data, "stopLoss takeProfit"),
    BY_ID("PUT", "v4/positions/", "/triggers", "positions/triggers", JSON4, b2_triggers,
          "stopLoss takeProfit"),
    BY_ID("GET", "v3/commission/", "/account-trading-volume", "commission/volume", JSON4, b2_volume,
          NULL),
    GENERAL("GET", "v3/accounts", "accounts", B2_TOKEN_ONLY, NULL, b2_accounts, NULL),
    GENERAL("GET", "v3/assets", "assets", B2_TOKEN_ONLY, NULL, b2_assets, NULL),
    GENERAL("GET", "v5/markets", "markets", B2_TOKEN_ONLY, NULL, b2_market_list, NULL),
    { "GET", FRONT "v5/markets/", "", "markets/one", B2_TOKEN_ONLY, NULL, b2_market_one, NULL,
      false, B2_SPOT },
    PLAIN("POST", "v4/positions/executions/list", "positions/executions-list", JSON4,
          b2_positions_executions, "positionIds limit"),
    BY_ID("POST", "v4/positions/", "/executions/list", "positions/executions", JSON4,
          b2_position_executions, "limit offset"),
    PLAIN("POST", "v5/orders/executions/list", "orders/executions-list", JSON4,
          b2_orders_executions, "orderPositionPairs limit"),
    PLAIN("POST", "v4/orders/executions/list", "orders/executions-list", JSON4,
          b2_orders_executions, "orderPositionPairs limit"),
    BY_ID("POST", "v5/orders/", "/executions/list", "orders/executions", JSON4, b2_order_executions,
          "positionId limit lastExecutionId"),
    BY_ID("POST", "v4/orders/", "/executions/list", "orders/executions", JSON4, b2_order_executions,
          "positionId limit lastExecutionId"),
    PLAIN("POST", "v4/orders/closed-positions", "orders/closed-positions", JSON4,
          b2_closed_positions,
          "createdAtFrom createdAtTo closedAtFrom closedAtTo marketId marketType limit "
          "lastOrderId"),
};

/* ---- answers ------------------------------------------------------------------------------- */

static const char *title_of(unsigned status)
{
    switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 415: return "Unsupported Media Type";
    case 429: return "Too Many Requests";
    default: return "Error";
    }
}

static void problem(struct sim_answer *a, unsigned status, const char *text)
{
    answer_replace(a, status, "application/problem+json", "{\"type\":\"about:blank\"");
    text_member(&a->body, "title", title_of(status));
    buf_printf(&a->body, ",\"status\":%u", status);
    text_member(&a->body, "detail", text);
    buf_char(&a->body, '}');
    answer_note(a, "%u %s", status, text);
}

void b2_error(struct b2_call *c, unsigned status, const char *format, ...)
{
    char text[200];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    problem(&c->req->answer, status, text);
    audit_request(&c->sim->audit, c->engine->now_us, "refused", c->route->op,
                  text_json_get(c->order, "comment"), text);
}

bool b2_bad(struct b2_call *c, const char *name, const char *why)
{
    b2_error(c, 400, "%s%s %s", c->route->wrapped ? "order." : "", name, why);
    return false;
}

/* ---- markets ------------------------------------------------------------------------------- */

const struct b2_market *b2_market_of(const struct b2_call *c, const struct sim_instrument *i)
{
    return &b2_markets[i - c->engine->instrument];
}

enum b2_kind b2_kind_of(const struct sim_instrument *i)
{
    if (strcmp(i->type, "Spot") == 0) {
        return B2_SPOT;
    }
    return strcmp(i->type, "Cfd") == 0 ? B2_CFD : B2_PERP;
}

struct decimal b2_lots(const struct b2_call *c, const struct sim_instrument *i, struct decimal base)
{
    return sim_div_round(base, b2_market_of(c, i)->lot_size, 8);
}

/* ---- parameters ---------------------------------------------------------------------------- */

struct bytes b2_arg(const struct b2_call *c, const char *name)
{
    return text_json_get(c->order, name);
}

bool b2_decimal(struct b2_call *c, const struct cJSON *object, const char *name,
                struct decimal *out, bool *there)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    struct bytes text = text_json_get(object, name);

    *there = item != NULL && !cJSON_IsNull(item);
    if (!*there) {
        return true;
    }
    if (text.size == 0 || memchr(text.data, 'e', text.size) != NULL ||
        memchr(text.data, 'E', text.size) != NULL || !decimal_parse(text, out)) {
        return b2_bad(c, name, "is not a decimal string");
    }
    return true;
}

/* The type and its version as the documentation writes them; blanks do not matter. */
static bool same_type(struct bytes given, const char *wanted)
{
    size_t n = 0;

    for (; *wanted != '\0'; wanted++) {
        if (*wanted == ' ') {
            continue;
        }
        while (n < given.size && given.data[n] == ' ') {
            n++;
        }
        if (n == given.size || (given.data[n] | 0x20) != (*wanted | 0x20)) {
            return false;
        }
        n++;
    }
    return n == given.size;
}

static bool body_is_known(struct b2_call *c)
{
    char name[PARAM_NAME_SIZE];

    if (c->route->wrapped) {
        if (params_unknown(NULL, c->json, "order", name) != NULL) {
            return b2_bad(c, name, "is not known");
        }
        c->order = cJSON_GetObjectItemCaseSensitive(c->json, "order");
        c->sorted = cJSON_GetObjectItemCaseSensitive(c->typed, "order");
        if (!cJSON_IsObject(c->order)) {
            b2_error(c, 400, "order is missing");
            return false;
        }
    }
    if (params_unknown(NULL, c->order, c->route->fields, name) != NULL) {
        return b2_bad(c, name, "is not known");
    }
    return true;
}

static bool body_read(struct b2_call *c)
{
    struct bytes body = buf_view(&c->req->body);

    if (c->route->fields == NULL) {
        if (body.size > 0) {
            b2_error(c, 400, "no body is expected");
        }
        return body.size == 0;
    }
    if (body.size == 0 && c->route->serve == b2_close) {
        body = BYTES("{}"); /* the one body the documentation leaves out */
    }
    c->json = text_json(body);
    c->typed = cJSON_ParseWithLength(body.data, body.size);
    if (!cJSON_IsObject(c->json)) {
        b2_error(c, 400, "the body is not a JSON object");
        return false;
    }
    c->order = c->json;
    c->sorted = c->typed;
    return body_is_known(c);
}

static bool params_read(struct b2_call *c)
{
    char name[PARAM_NAME_SIZE];
    const char *known =
        c->route->serve == b2_market_list ? "categoryId dynamicCommissionGroupId" : "";

    if (c->route->type != NULL &&
        !same_type(request_header(c->req, "Content-Type"), c->route->type)) {
        b2_error(c, 415, "expected Content-Type: %s", c->route->type);
        return false;
    }
    if (params_unknown(&c->form, NULL, known, name) != NULL) {
        return b2_bad(c, name, "is not known");
    }
    return body_read(c);
}

/* ---- before an operation ------------------------------------------------------------------- */

static void too_fast(struct b2_call *c)
{
    b2_error(c, 429, "Too many requests");
    answer_header(&c->req->answer, "Retry-After", "1");
}

static bool within_budget(struct b2_call *c)
{
    if (c->own == NULL || !c->sim->options.rate_limit ||
        window_take(&c->own->window, c->engine->now_us, params_limit(c->sim, BUDGET_CALLS),
                    US_PER_S)) {
        return true;
    }
    too_fast(c);
    return false;
}

/* ---- the dialect --------------------------------------------------------------------------- */

/* The id of a path like `before` id `after`; an id has no slash. */
static bool path_fits(const struct b2_route *r, struct bytes path, struct bytes *id)
{
    size_t before = strlen(r->before);
    size_t after = r->after == NULL ? 0 : strlen(r->after);

    *id = (struct bytes){ NULL, 0 };
    if (r->after == NULL) {
        return bytes_is(path, r->before);
    }
    if (path.size <= before + after || memcmp(path.data, r->before, before) != 0 ||
        memcmp(path.data + path.size - after, r->after, after) != 0) {
        return false;
    }
    *id = (struct bytes){ path.data + before, path.size - before - after };
    return memchr(id->data, '/', id->size) == NULL;
}

static const struct b2_route *route_find(struct bytes method, struct bytes path, struct bytes *id)
{
    size_t n;

    for (n = 0; n < ARRAY_LEN(routes); n++) {
        if (bytes_is(method, routes[n].method) && path_fits(&routes[n], path, id)) {
            return &routes[n];
        }
    }
    return NULL;
}

static const char *b2prime_op(struct bytes method, struct bytes path)
{
    struct bytes id;
    const struct b2_route *r = route_find(method, path, &id);

    return r == NULL ? NULL : r->op;
}

static void call_free(void *context)
{
    struct b2_call *c = context;

    form_fini(&c->form);
    cJSON_Delete(c->json);
    cJSON_Delete(c->typed);
    cJSON_Delete(c->claims);
    free(c);
}

static struct b2_call *call_new(struct sim_request *req)
{
    struct b2_call *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return NULL;
    }
    c->req = req;
    c->sim = req->sim;
    c->engine = req->sim->engine;
    c->route = route_find(req->method, req->path, &c->id);
    c->out = &req->answer.body;
    req->context = c;
    req->context_free = call_free;
    return c;
}

static void b2prime_serve(struct sim_request *req)
{
    struct b2_call *c = call_new(req);

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    if (!form_parse(&c->form, req->query, (struct bytes){ NULL, 0 })) {
        b2_error(c, 400, "malformed query");
        return;
    }
    if (b2_authenticate(c) && within_budget(c) && params_read(c)) {
        b2_expire(c);
        c->route->serve(c);
    }
}

/* An error is "HTTP:TEXT"; a status is the answer to an order that was not taken, with that word.
 */
static void b2prime_refuse(struct sim_request *req, const struct fault *f)
{
    struct b2_call *c = req->context != NULL ? req->context : call_new(req);
    const char *text;
    char code[8];
    uint64_t status;

    if (c == NULL) {
        req->answer.status = 500;
        return;
    }
    if (f->kind == FAULT_RATE_LIMIT || f->kind == FAULT_RATE_LIMIT_429) {
        too_fast(c);
    } else if (f->kind == FAULT_STATUS) {
        char id[SIM_ID_SIZE];

        sim_uuid(c->engine, id);
        buf_printf(c->out, "{\"order\":{\"orderId\":\"%s\"", id);
        text_member(c->out, "status", f->word);
        buf_text(c->out, "}}");
        req->answer.status = 200;
    } else {
        params_fault_word(f->word, code, sizeof code, &text);
        if (!text_uint(bytes_of(code), &status) || status < 400 || status > 599) {
            status = 400;
        }
        b2_error(c, (unsigned)status, "%s", text);
    }
}

static void b2prime_unknown(struct sim_request *req)
{
    problem(&req->answer, 404, "no such path");
}

static void b2prime_open(struct sim *s)
{
    s->engine->ulids = true;
    s->engine->executed = b2_take_note;
}

#define DELAY_US INT64_C(20000)
#define V(mantissa, scale)                                                                         \
    {                                                                                              \
        mantissa, scale                                                                            \
    }
#define LISTED(symbol, type, base, quote, tick, step, bid, ask, most)                              \
    {                                                                                              \
        symbol, type, base, quote, quote, "", tick, step, 0, false, DELAY_US, 0, bid, ask, most,   \
            true                                                                                   \
    }

/* Steps are in the base asset. */
static const struct sim_listing listings[] = {
    LISTED("spot.btc_usdt", "Spot", "btc", "usdt", V(1, 2), V(1, 5), V(6000000, 2), V(6000001, 2),
           V(1000, 0)),
    LISTED("spot.eth_usdt", "Spot", "eth", "usdt", V(1, 2), V(1, 4), V(300000, 2), V(300001, 2),
           V(10000, 0)),
    LISTED("cfd.eth_eur", "Cfd", "eth", "eur", V(1, 3), V(1, 2), V(2800000, 3), V(2800100, 3),
           V(10000, 0)),
    LISTED("cfd.eur_chf", "Cfd", "eur", "chf", V(1, 5), V(1000, 0), V(95000, 5), V(95010, 5),
           V(100000000, 0)),
    LISTED("perp.btc_usdt", "Perp", "btc", "usdt", V(1, 1), V(1, 2), V(600000, 1), V(600001, 1),
           V(1000, 0)),
    LISTED("perp.eth_usdt", "Perp", "eth", "usdt", V(1, 2), V(1, 2), V(300000, 2), V(300001, 2),
           V(10000, 0)),
};

const struct b2_market b2_markets[] = {
    { "SPOT BTC/USDT", V(1, 0), V(1, 5), V(1000, 0), 0, 2 },
    { "SPOT ETH/USDT", V(1, 0), V(1, 4), V(10000, 0), 0, 2 },
    { "ETH/EUR", V(1, 0), V(1, 2), V(10000, 0), 200, 3 },
    { "EUR/CHF", V(100000, 0), V(1, 2), V(1000, 0), 200, 5 },
    { "Perpetual BTC/USDT", V(1, 0), V(1, 2), V(1000, 0), 200, 1 },
    { "Perpetual ETH/USDT", V(1, 1), V(1, 1), V(100000, 0), 200, 2 },
};
_Static_assert(ARRAY_LEN(listings) == ARRAY_LEN(b2_markets), "a row each");

const struct sim_dialect dialect_b2prime = {
    .name = "b2prime",
    .op = b2prime_op,
    .serve = b2prime_serve,
    .account_open = b2_account_open,
    .account_close = b2_account_close,
    .refuse = b2prime_refuse,
    .unknown = b2prime_unknown,
    .open = b2prime_open,
    .listing = listings,
    .listing_count = ARRAY_LEN(listings),
    /* Of the sheet's examples: the offline token, and the account id. */
    .secret = "OFFLINE-TOKEN-EXAMPLE",
    .key = "6891e70db552ff9c6fbbccf5",
};
