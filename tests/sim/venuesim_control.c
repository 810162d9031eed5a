/*
 * The test's hand on the simulator: everything under /sim/. GET /sim/help lists it.
 */
#include "venuesim.h"
#include "venuesim_page.h"
#include "venuesim_text.h"
#include "venuesim_walk.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const char help[] =
    "POST takes and answers JSON. An order is named by cliOrdId or order_id; key is the "
    "account's,\n"
    "by default the first one's.\n"
    "\n"
    "POST /sim/market {symbol, bid?, ask?, size?, bid_size?, ask_size?, last?, mark?, index?,\n"
    "    collar_percent?, hold_ms?}: the synthetic quote. null removes a side; without a size it "
    "is\n"
    "    unlimited; mark, index, last default to the middle. Fills what is crossed, fires what is\n"
    "    triggered.\n"
    "POST /sim/walk {on?, speed?, basis_points?, size?, seed?, steps?}: prices that move by\n"
    "    themselves. speed: steps a second (1); basis_points: the longest step (3); size: what "
    "each\n"
    "    step offers at bid and ask (null: no limit); seed: the same path again; steps: so many "
    "now\n"
    "POST /sim/fill {order, size?, price?, key?}: another hand fills a resting order\n"
    "POST /sim/cancel {order, reason, key?}: unsolicited end. reason: CANCELLED_BY_ADMIN\n"
    "    NOT_ENOUGH_MARGIN DEAD_MAN_SWITCH MARKET_INACTIVE CONTRACT_EXPIRED EXPIRED\n"
    "    CANCELLED_BY_SELF_TRADE LIQUIDATION_ORDER CANCELLED_BY_USER WOULD_NOT_REDUCE_POSITION\n"
    "POST /sim/suspend, /sim/postonly, /sim/expire {symbol, on?}\n"
    "POST /sim/account {key?, no_funds?, open_max?, position?: {symbol, size, price}}\n"
    "POST /sim/foreign {symbol, side, size, price, cliOrdId?, key?, type?, liquidation?}: an "
    "order\n"
    "    by another hand on the account, or by the venue. type: lmt post ioc mkt\n"
    "POST /sim/auto {full, partial, seed}: shares (0 to 1) of newly resting orders filled at once\n"
    "POST /sim/fault {op, fault, count?, skip?, probability?, seed?, match?, delay_ms?, http?,\n"
    "    bytes?, interval_ms?, act?, status?, error?}\n"
    "    fault: delay_before delay_after act_drop drop error_before error_after garbage truncated\n"
    "      rate_limit rate_limit_429 html slow_body close wrong_length status error\n"
    "    op: sendorder editorder cancelorder cancelallorders cancelallordersafter batchorder\n"
    "      openorders orders/status fills openpositions leveragepreferences self-trade-strategy\n"
    "      instruments tickers history/executions history/orders history/triggers\n"
    "      history/account-log, or * for all\n"
    "      Bybit: the path without /v5/, e.g. order/create; Bitget: without /api/v2/mix/ or\n"
    "      /api/mix/v1/, e.g. order/place-order, order/placeOrder\n"
    "      CoinSwitch: the path without /trade/api/v2/futures/; GET, POST or DELETE and a space\n"
    "      before order and leverage. B2PRIME: spot/orders cfd/orders perpetual/orders, the\n"
    "      same with stop-orders and order-data, orders/cancel stop-orders/cancel\n"
    "      positions/close positions/bulk-close positions/trigger-data positions/triggers\n"
    "      orders/executions access-token ...\n"
    "    count: how often; absent: for ever. skip: let so many pass first. match: only requests\n"
    "      whose query or body contains this text. probability: 0 to 1, drawn by seed.\n"
    "    delay_ms: with any fault but delay_after it waits before acting. act: html, rate_limit,\n"
    "      rate_limit_429, status and error carry the request out first.\n"
    "    status: the nested status (\"status\"); error: the top-level error (\"error\"). Bybit "
    "and\n"
    "      Bitget: CODE or CODE:TEXT; status on a batch is each item's code; on Bybit a status\n"
    "      EC_... is acknowledged and then rejected by the engine with that reason.\n"
    "      CoinSwitch: status is the message of a 200 without data, error is HTTP:TEXT.\n"
    "      B2PRIME: status is the order's in a 200, error is HTTP:TEXT.\n"
    "GET  /sim/faults\n"
    "POST /sim/fault/clear {id?}\n";

/* A compiler need not take more in one text. */
static const char help_more[] =
    "POST /sim/options {rate_limit?, rate_429?, exotic_numbers?, quantity_total?, old_history?,\n"
    "    log?, audit?, status_memory_ms?, clock_offset_ms?, ban_ms? (Bybit: 403 for so long),\n"
    "    null_order_id? (Bitget: acknowledgements without orderId), forget_client_ids?\n"
    "    (CoinSwitch: neither kept, echoed, looked up nor deduplicated), audit_requests? (a line\n"
    "    for each request), rate_factor?, token_ms? (B2PRIME: life of an access token),\n"
    "    closing_only? (B2PRIME: executions by order are of closing orders only)}\n"
    "GET  /sim/audit: all that was done, as JSON lines; ?summary=1: one object per cliOrdId\n"
    "GET  /sim/stats\n"
    "GET  /sim: a page for people; GET /sim/state: what it shows\n"
    "POST /sim/reset: forgets orders, faults, audit, budgets, nonces; restores the market\n"
    "GET  /sim/help\n";

static void say(struct sim_request *req, unsigned status, const char *error)
{
    struct buf *out = &req->answer.body;

    buf_clear(out);
    req->answer.status = status;
    if (error == NULL) {
        buf_text(out, "{\"ok\":true}\n");
    } else {
        buf_text(out, "{\"error\":");
        text_quote(out, bytes_of(error));
        buf_text(out, "}\n");
    }
}

/* ---- market -------------------------------------------------------------------------------- */

static bool side_set(const struct cJSON *json, const char *price_name, const char *size_name,
                     struct sim_quote *q)
{
    const cJSON *price = cJSON_GetObjectItemCaseSensitive(json, price_name);
    struct decimal value;

    if (cJSON_IsNull(price)) {
        q->there = false;
        return true;
    }
    if (price != NULL) {
        if (!text_json_decimal(json, price_name, &value) || decimal_sign(value) <= 0) {
            return false;
        }
        q->there = true;
        q->price = value;
        q->unlimited = true;
    }
    if (text_json_get(json, size_name).data != NULL || text_json_get(json, "size").data != NULL) {
        q->unlimited = false;
        return text_json_decimal(
            json, text_json_get(json, size_name).data != NULL ? size_name : "size", &q->size);
    }
    return true;
}

static void references_set(const struct cJSON *json, struct sim_instrument *i)
{
    struct decimal mid = i->mark;

    if (i->bid.there && i->ask.there) {
        mid = sim_div_round(sim_add(i->bid.price, i->ask.price), (struct decimal){ 2, 0 }, 12);
    }
    if (!text_json_decimal(json, "mark", &i->mark)) {
        i->mark = mid;
    }
    if (!text_json_decimal(json, "index", &i->index)) {
        i->index = mid;
    }
    if (!text_json_decimal(json, "last", &i->last)) {
        i->last = mid;
    }
}

static struct sim_instrument *instrument_of(struct sim *s, const struct cJSON *json)
{
    return sim_instrument_find(s->engine, text_json_get(json, "symbol"));
}

static const char *set_market(struct sim *s, const struct cJSON *json)
{
    struct sim_instrument *i = instrument_of(s, json);
    struct sim_quote bid;
    struct sim_quote ask;
    int64_t hold_ms;

    if (i == NULL) {
        return "symbol: unknown";
    }
    bid = i->bid;
    ask = i->ask;
    if (!side_set(json, "bid", "bid_size", &bid) || !side_set(json, "ask", "ask_size", &ask)) {
        return "bid, ask, size: numbers above zero";
    }
    i->bid = bid;
    i->ask = ask;
    references_set(json, i);
    (void)text_json_decimal(json, "collar_percent", &i->collar_percent);
    hold_ms = text_json_int(json, "hold_ms", -1);
    if (hold_ms >= 0) {
        i->hold_us = hold_ms * US_PER_MS;
    }
    sim_market_moved(s->engine, i);
    return NULL;
}

static const char *set_flag(struct sim *s, const struct cJSON *json, size_t offset)
{
    struct sim_instrument *i = instrument_of(s, json);

    if (i == NULL) {
        return "symbol: unknown";
    }
    *(bool *)((char *)i + offset) = text_json_true(json, "on", true);
    return NULL;
}

static const char *do_suspend(struct sim *s, const struct cJSON *json)
{
    return set_flag(s, json, offsetof(struct sim_instrument, suspended));
}

static const char *do_postonly(struct sim *s, const struct cJSON *json)
{
    return set_flag(s, json, offsetof(struct sim_instrument, post_only));
}

static const char *do_expire(struct sim *s, const struct cJSON *json)
{
    struct sim_instrument *i = instrument_of(s, json);
    const char *wrong = set_flag(s, json, offsetof(struct sim_instrument, expired));
    size_t n;

    for (n = 0; wrong == NULL && i->expired && n < s->engine->account_count; n++) {
        (void)sim_cancel_all(s->engine, s->engine->account[n], i, SIM_BY_EXPIRED_CONTRACT);
    }
    return wrong;
}

/* ---- orders by another hand ---------------------------------------------------------------- */

static struct sim_account *account_of(struct sim *s, const struct cJSON *json)
{
    struct bytes key = text_json_get(json, "key");

    return key.size > 0 ? sim_account_find(s->engine, key) : s->engine->account[0];
}

static struct sim_order *order_of(struct sim *s, const struct cJSON *json)
{
    struct sim_account *a = account_of(s, json);

    return a == NULL ? NULL
                     : sim_order_find(s->engine, a, text_json_get(json, "order_id"),
                                      text_json_get(json, "cliOrdId"));
}

static const char *do_fill(struct sim *s, const struct cJSON *json)
{
    struct sim_order *o = order_of(s, json);
    struct decimal size;
    struct decimal price;

    if (o == NULL) {
        return "no such order";
    }
    if (o->state == SIM_HELD && o->instrument->hold_all) {
        (void)sim_release(s->engine, o); /* what is filled has arrived */
    }
    if (!text_json_decimal(json, "size", &size)) {
        size = sim_remaining(o);
    }
    if (!text_json_decimal(json, "price", &price)) {
        price = o->price;
    }
    return sim_fill(s->engine, o, size, price) ? NULL : "the order does not rest or has less left";
}

static const char *do_cancel(struct sim *s, const struct cJSON *json)
{
    static const struct {
        const char *word;
        enum sim_reason reason;
    } reasons[] = {
        { "CANCELLED_BY_ADMIN", SIM_BY_ADMIN },
        { "NOT_ENOUGH_MARGIN", SIM_BY_MARGIN },
        { "DEAD_MAN_SWITCH", SIM_BY_DEADMAN },
        { "MARKET_INACTIVE", SIM_BY_MARKET_INACTIVE },
        { "CONTRACT_EXPIRED", SIM_BY_EXPIRED_CONTRACT },
        { "EXPIRED", SIM_BY_EXPIRED },
        { "CANCELLED_BY_SELF_TRADE", SIM_BY_SELF_TRADE },
        { "LIQUIDATION_ORDER", SIM_BY_LIQUIDATION },
        { "CANCELLED_BY_USER", SIM_BY_USER },
        { "WOULD_NOT_REDUCE_POSITION", SIM_BY_NOT_REDUCING },
    };
    struct sim_order *o = order_of(s, json);
    size_t n;

    if (o == NULL) {
        return "no such order";
    }
    for (n = 0; n < ARRAY_LEN(reasons); n++) {
        if (bytes_is(text_json_get(json, "reason"), reasons[n].word)) {
            return sim_is_live(o) && sim_cancel(s->engine, o, reasons[n].reason) == SIM_OK
                       ? NULL
                       : "the order is not open";
        }
    }
    return "reason: unknown (GET /sim/help)";
}

static const char *do_foreign(struct sim *s, const struct cJSON *json)
{
    static const char *const types[] = { "lmt", "post", "ioc", "mkt" };
    struct sim_account *a = account_of(s, json);
    struct sim_terms t = { .instrument = instrument_of(s, json) };
    struct bytes type = text_json_get(json, "type");
    struct sim_order *o = NULL;
    enum sim_result result;
    unsigned n;

    if (a == NULL || t.instrument == NULL || !text_json_decimal(json, "size", &t.qty)) {
        return "key, symbol or size: wrong";
    }
    for (n = 0; n < ARRAY_LEN(types); n++) {
        t.type = bytes_is(type, types[n]) ? (enum sim_type)n : t.type;
    }
    t.has_price = text_json_decimal(json, "price", &t.price);
    if (!t.has_price && t.type != SIM_MKT) {
        return "price: missing";
    }
    t.side = bytes_is(text_json_get(json, "side"), "sell") ? SIM_SELL : SIM_BUY;
    t.client_id = text_json_get(json, "cliOrdId");
    t.foreign = true;
    t.liquidation = text_json_true(json, "liquidation", false);
    result = sim_place(s->engine, a, &t, &o);
    if (result == SIM_HOLD) { /* another hand's order is none of the waiting ones */
        result = sim_release(s->engine, o);
    }
    return result == SIM_OK ? NULL : "the exchange refused it";
}

/* ---- accounts, load, faults, options ------------------------------------------------------- */

static const char *do_account(struct sim *s, const struct cJSON *json)
{
    struct sim_account *a = account_of(s, json);
    const cJSON *position = cJSON_GetObjectItemCaseSensitive(json, "position");
    struct sim_instrument *i;
    struct sim_position *p;

    if (a == NULL) {
        return "key: unknown";
    }
    a->no_funds = text_json_true(json, "no_funds", a->no_funds);
    a->open_max = (size_t)text_json_int(json, "open_max", (int64_t)(a->open_max & INT64_MAX));
    if (position == NULL) {
        return NULL;
    }
    i = instrument_of(s, position);
    if (i == NULL) {
        return "position: unknown symbol";
    }
    p = sim_position_of(a, s->engine, i);
    p->fill_us = s->engine->now_us;
    return text_json_decimal(position, "size", &p->size) &&
                   text_json_decimal(position, "price", &p->price)
               ? NULL
               : "position: size (signed) and price";
}

static uint32_t share(const struct cJSON *json, const char *name)
{
    struct decimal value;

    if (!text_json_decimal(json, name, &value) || decimal_sign(value) < 0 ||
        decimal_compare(value, (struct decimal){ 1, 0 }) > 0) {
        return 0;
    }
    return (uint32_t)sim_mul_round(value, (struct decimal){ 1000000, 0 }, 0).mantissa;
}

static const char *do_auto(struct sim *s, const struct cJSON *json)
{
    s->engine->auto_full = share(json, "full");
    s->engine->auto_partial = share(json, "partial");
    s->engine->auto_rng = (uint64_t)text_json_int(json, "seed", 1);
    return NULL;
}

static const char *do_fault_clear(struct sim *s, const struct cJSON *json)
{
    int64_t id = text_json_int(json, "id", 0);

    if (id == 0) {
        s->faults.count = 0;
        return NULL;
    }
    return faults_remove(&s->faults, (unsigned)id) ? NULL : "no such fault";
}

static const char *do_options(struct sim *s, const struct cJSON *json)
{
    struct sim_options *o = &s->options;
    int64_t memory_ms = text_json_int(json, "status_memory_ms", -1);
    struct decimal offset;

    o->rate_limit = text_json_true(json, "rate_limit", o->rate_limit);
    o->rate_429 = text_json_true(json, "rate_429", o->rate_429);
    o->exotic_numbers = text_json_true(json, "exotic_numbers", o->exotic_numbers);
    o->quantity_total = text_json_true(json, "quantity_total", o->quantity_total);
    o->log = text_json_true(json, "log", o->log);
    o->old_history = text_json_true(json, "old_history", o->old_history);
    o->null_order_id = text_json_true(json, "null_order_id", o->null_order_id);
    o->forget_client_ids = text_json_true(json, "forget_client_ids", o->forget_client_ids);
    o->audit_requests = text_json_true(json, "audit_requests", o->audit_requests);
    o->closing_only = text_json_true(json, "closing_only", o->closing_only);
    if (text_json_int(json, "rate_factor", 0) > 0) {
        o->rate_factor = (unsigned)(text_json_int(json, "rate_factor", 1) % 1001);
    }
    if (text_json_int(json, "token_ms", 0) > 0) {
        o->token_lifetime_us = text_json_int(json, "token_ms", 0) * US_PER_MS;
    }
    if (text_json_get(json, "ban_ms").data != NULL) {
        o->ban_until_us = sim_wall_us(s) + text_json_int(json, "ban_ms", 0) * US_PER_MS;
    }
    s->audit.on = text_json_true(json, "audit", s->audit.on);
    if (memory_ms >= 0) {
        o->status_memory_us = memory_ms * US_PER_MS;
    }
    if (text_json_decimal(json, "clock_offset_ms", &offset)) {
        o->clock_offset_us = sim_mul_round(offset, (struct decimal){ 1000, 0 }, 0).mantissa;
    }
    return NULL;
}

void control_holds(struct sim *s)
{
    size_t n;

    for (n = 0; n < s->engine->instrument_count; n++) {
        if (s->options.hold_override_us >= 0 && s->engine->instrument[n].hold_us > 0) {
            s->engine->instrument[n].hold_us = s->options.hold_override_us;
        }
    }
}

static const char *do_reset(struct sim *s, const struct cJSON *json)
{
    (void)json;
    s->generation++;
    s->options.ban_until_us = 0;
    s->options.null_order_id = false;
    s->options.forget_client_ids = false;
    s->options.closing_only = false;
    s->faults.count = 0;
    audit_clear(&s->audit);
    if (!sim_engine_reset(s->engine)) {
        return "out of memory";
    }
    control_holds(s);
    s->call_count = 0;
    walk_seed(s, s->walk->seed);
    return NULL;
}

/* ---- serving ------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    const char *(*apply)(struct sim *s, const struct cJSON *json);
} verbs[] = {
    { "/sim/market", set_market },    { "/sim/fill", do_fill },
    { "/sim/cancel", do_cancel },     { "/sim/suspend", do_suspend },
    { "/sim/postonly", do_postonly }, { "/sim/expire", do_expire },
    { "/sim/account", do_account },   { "/sim/foreign", do_foreign },
    { "/sim/auto", do_auto },         { "/sim/fault/clear", do_fault_clear },
    { "/sim/options", do_options },   { "/sim/reset", do_reset },
    { "/sim/walk", walk_control },
};

static void serve_fault(struct sim_request *req, const struct cJSON *json)
{
    unsigned id = 0;
    const char *wrong = faults_add(&req->sim->faults, json, &id);

    if (wrong != NULL) {
        say(req, 400, wrong);
        return;
    }
    buf_printf(&req->answer.body, "{\"ok\":true,\"id\":%u}\n", id);
}

static void serve_post(struct sim_request *req)
{
    struct cJSON *json = text_json(req->body.size > 0 ? buf_view(&req->body) : BYTES("{}"));
    const char *wrong = NULL;
    size_t n;

    if (!cJSON_IsObject(json)) {
        cJSON_Delete(json);
        say(req, 400, "the body is not a JSON object");
        return;
    }
    if (bytes_is(req->path, "/sim/fault")) {
        serve_fault(req, json);
        cJSON_Delete(json);
        return;
    }
    for (n = 0; n < ARRAY_LEN(verbs) && !bytes_is(req->path, verbs[n].path); n++) {
    }
    if (n == ARRAY_LEN(verbs)) {
        cJSON_Delete(json);
        say(req, 404, "no such endpoint (GET /sim/help)");
        return;
    }
    wrong = verbs[n].apply(req->sim, json);
    cJSON_Delete(json);
    say(req, wrong == NULL ? 200 : 400, wrong);
}

static void serve_stats(struct sim_request *req)
{
    const struct sim *s = req->sim;

    buf_printf(&req->answer.body,
               "{\"requests\":%llu,\"orders\":%llu,\"fills\":%llu,\"audit_lines\":%llu,"
               "\"audit_full\":%s,\"held\":%llu}\n",
               (unsigned long long)s->request_count, (unsigned long long)s->engine->order_count,
               (unsigned long long)s->engine->exec_count, (unsigned long long)s->audit.number,
               s->audit.full ? "true" : "false", (unsigned long long)s->held_count);
}

static void serve_get(struct sim_request *req)
{
    struct buf *out = &req->answer.body;

    if (bytes_is(req->path, "/sim/audit") && bytes_is(req->query, "summary=1")) {
        audit_summary(req->sim->engine, out);
    } else if (bytes_is(req->path, "/sim/audit")) {
        req->answer.content_type = "application/x-ndjson";
        buf_bytes(out, buf_view(&req->sim->audit.text));
    } else if (bytes_is(req->path, "/sim") || bytes_is(req->path, "/sim/")) {
        page_serve(req);
    } else if (bytes_is(req->path, "/sim/state")) {
        page_state(req);
    } else if (bytes_is(req->path, "/sim/faults")) {
        faults_write(&req->sim->faults, out);
    } else if (bytes_is(req->path, "/sim/stats")) {
        serve_stats(req);
    } else if (bytes_is(req->path, "/sim/help")) {
        req->answer.content_type = "text/plain";
        buf_text(out, help);
        buf_text(out, help_more);
    } else {
        say(req, 404, "no such endpoint (GET /sim/help)");
    }
}

void control_serve(struct sim_request *req)
{
    req->answer.content_type = "application/json";
    if (bytes_is(req->method, "POST")) {
        serve_post(req);
    } else if (bytes_is(req->method, "GET")) {
        serve_get(req);
    } else {
        say(req, 405, "GET or POST");
    }
}

/* ---- configuration file -------------------------------------------------------------------- */

const char *account_open(struct sim *s, struct bytes venue, struct bytes key, struct bytes secret)
{
    const struct sim_dialect *const *d = s->dialect;
    struct sim_account *a;

    while (*d != NULL && venue.size > 0 && !bytes_is(venue, (*d)->name)) {
        d++;
    }
    if (*d == NULL) {
        return "venue: unknown";
    }
    a = sim_account_add(s->engine, key);
    if (a == NULL) {
        return "key: too long, repeated, or too many";
    }
    a->venue = *d;
    return (*d)->account_open(a, secret);
}

static const char *each(struct sim *s, const struct cJSON *json, const char *name,
                        const char *(*apply)(struct sim *, const struct cJSON *))
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, name);
    const cJSON *item;
    const char *wrong = NULL;

    cJSON_ArrayForEach(item, list)
    {
        if (wrong == NULL) {
            wrong = apply(s, item);
        }
    }
    return wrong;
}

static const char *config_account(struct sim *s, const struct cJSON *json)
{
    struct bytes passphrase = text_json_get(json, "passphrase");
    char secret[256];

    (void)snprintf(secret, sizeof secret, "%.*s%s%.*s", BYTES_ARG(text_json_get(json, "secret")),
                   passphrase.size > 0 ? ":" : "", BYTES_ARG(passphrase));
    return account_open(s, text_json_get(json, "venue"), text_json_get(json, "key"),
                        bytes_of(secret));
}

static const char *config_walk(struct sim *s, const struct cJSON *json)
{
    const cJSON *walk = cJSON_GetObjectItemCaseSensitive(json, "walk");

    return walk == NULL ? NULL : walk_control(s, walk);
}

static const char *config_fault(struct sim *s, const struct cJSON *json)
{
    unsigned id;

    return faults_add(&s->faults, json, &id);
}

/* {"accounts":[{venue?,key,secret}], "markets":[as /sim/market], "faults":[as /sim/fault],
 * "options":{...}, "walk":{as /sim/walk}} */
const char *control_config(struct sim *s, struct bytes text)
{
    struct cJSON *json = text_json(text);
    const char *wrong = cJSON_IsObject(json) ? NULL : "not a JSON object";

    if (wrong == NULL) {
        wrong = each(s, json, "accounts", config_account);
    }
    if (wrong == NULL) {
        wrong = each(s, json, "markets", set_market);
    }
    if (wrong == NULL) {
        wrong = each(s, json, "faults", config_fault);
    }
    if (wrong == NULL) {
        wrong = do_options(s, cJSON_GetObjectItemCaseSensitive(json, "options"));
    }
    if (wrong == NULL) {
        wrong = config_walk(s, json);
    }
    cJSON_Delete(json);
    return wrong;
}
