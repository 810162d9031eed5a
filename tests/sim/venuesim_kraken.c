/*
 * Kraken Futures REST v3, as its fact sheet has it: the routes, and every check before an operation
 * is served: path, signature over the bytes received, nonce, rate budget, parameters known and
 * complete.
 *
 * Written from the sheet and from nothing else; it shares no code with the driver it tests.
 */
#include "venuesim_kraken.h"

#include "timestamp.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define API "/derivatives/api/v3/"
#define HISTORY "/api/history/v3/"

static const struct kr_route routes[] = {
    { "POST",
      API "sendorder",
      "sendorder",
      KR_TRADING,
      10,
      kr_sendorder,
      { { "orderType", true, false },
        { "symbol", true, false },
        { "side", true, false },
        { "size", true, false },
        { "limitPrice", false, false },
        { "stopPrice", false, false },
        { "cliOrdId", false, false },
        { "triggerSignal", false, false },
        { "reduceOnly", false, false },
        { "trailingStopMaxDeviation", false, false },
        { "trailingStopDeviationUnit", false, false },
        { "limitPriceOffsetValue", false, false },
        { "limitPriceOffsetUnit", false, false },
        { "processBefore", false, false },
        { "algoId", false, false } } },
    { "POST",
      API "editorder",
      "editorder",
      KR_TRADING,
      10,
      kr_editorder,
      { { "orderId", false, false },
        { "cliOrdId", false, false },
        { "size", false, false },
        { "limitPrice", false, false },
        { "stopPrice", false, false },
        { "trailingStopMaxDeviation", false, false },
        { "trailingStopDeviationUnit", false, false },
        { "qtyMode", false, false },
        { "processBefore", false, false },
        { "algoId", false, false } } },
    { "POST",
      API "cancelorder",
      "cancelorder",
      KR_TRADING,
      10,
      kr_cancelorder,
      { { "order_id", false, false },
        { "cliOrdId", false, false },
        { "processBefore", false, false },
        { "algoId", false, false } } },
    { "POST",
      API "cancelallorders",
      "cancelallorders",
      KR_TRADING,
      25,
      kr_cancelallorders,
      { { "symbol", false, false } } },
    { "POST",
      API "cancelallordersafter",
      "cancelallordersafter",
      KR_TRADING,
      25,
      kr_cancelallordersafter,
      { { "timeout", true, false } } },
    { "POST",
      API "batchorder",
      "batchorder",
      KR_TRADING,
      9,
      kr_batchorder,
      { { "json", true, false },
        { "processBefore", false, false },
        { "ProcessBefore", false, false } } },
    { "GET",
      API "openorders",
      "openorders",
      KR_TRADING,
      2,
      kr_openorders,
      { { NULL, false, false } } },
    { "POST",
      API "orders/status",
      "orders/status",
      KR_TRADING,
      1,
      kr_orders_status,
      { { "orderIds", false, true }, { "cliOrdIds", false, true } } },
    { "GET", API "fills", "fills", KR_TRADING, 2, kr_fills, { { "lastFillTime", false, false } } },
    { "GET",
      API "openpositions",
      "openpositions",
      KR_TRADING,
      2,
      kr_openpositions,
      { { NULL, false, false } } },
    { "GET",
      API "leveragepreferences",
      "leveragepreferences",
      KR_TRADING,
      2,
      kr_get_leverage,
      { { "symbol", false, false } } },
    { "PUT",
      API "leveragepreferences",
      "leveragepreferences",
      KR_TRADING,
      10,
      kr_put_leverage,
      { { "symbol", true, false }, { "maxLeverage", false, false } } },
    { "GET",
      API "self-trade-strategy",
      "self-trade-strategy",
      KR_TRADING,
      2,
      kr_get_stp,
      { { NULL, false, false } } },
    { "PUT",
      API "self-trade-strategy",
      "self-trade-strategy",
      KR_TRADING,
      2,
      kr_put_stp,
      { { "strategy", true, false } } },
    { "GET",
      API "instruments",
      "instruments",
      KR_PUBLIC,
      0,
      kr_instruments,
      { { "contractType", false, true }, { "expired", false, false } } },
    { "GET", API "tickers", "tickers", KR_PUBLIC, 0, kr_tickers, { { NULL, false, false } } },
    { "GET",
      HISTORY "executions",
      "history/executions",
      KR_HISTORY,
      1,
      kr_executions,
      { { "since", false, false },
        { "before", false, false },
        { "sort", false, false },
        { "continuation_token", false, false },
        { "count", false, false },
        { "tradeable", false, false } } },
    { "GET",
      HISTORY "orders",
      "history/orders",
      KR_HISTORY,
      1,
      kr_history_orders,
      { { "since", false, false },
        { "before", false, false },
        { "sort", false, false },
        { "continuation_token", false, false },
        { "count", false, false },
        { "tradeable", false, false },
        { "opened", false, false },
        { "closed", false, false } } },
    { "GET",
      HISTORY "triggers",
      "history/triggers",
      KR_HISTORY,
      1,
      kr_history_triggers,
      { { "since", false, false },
        { "before", false, false },
        { "sort", false, false },
        { "continuation_token", false, false },
        { "count", false, false },
        { "tradeable", false, false },
        { "opened", false, false },
        { "closed", false, false } } },
    { "GET",
      HISTORY "account-log",
      "history/account-log",
      KR_HISTORY,
      1,
      kr_account_log,
      { { "since", false, false },
        { "before", false, false },
        { "from", false, false },
        { "to", false, false },
        { "sort", false, false },
        { "count", false, false },
        { "info", false, true } } },
};

/* ---- answers ------------------------------------------------------------------------------- */

void kr_begin(struct kr_call *k)
{
    buf_text(k->out, "{\"result\":\"success\"");
    text_time_member(k->out, "serverTime", k->engine->now_us);
}

void kr_end(struct kr_call *k)
{
    buf_char(k->out, '}');
}

void kr_error(struct kr_call *k, const char *error)
{
    buf_clear(k->out);
    k->req->answer.status = 200;
    buf_text(k->out, "{\"result\":\"error\"");
    text_member(k->out, "error", error);
    text_time_member(k->out, "serverTime", k->engine->now_us);
    buf_char(k->out, '}');
    answer_note(&k->req->answer, "%s", error);
    audit_request(&k->sim->audit, k->engine->now_us, "refused", k->route->op,
                  form_find(&k->form, "cliOrdId"), error);
}

void kr_invalid(struct kr_call *k, const char *param)
{
    char text[96];

    (void)snprintf(text, sizeof text, "invalidArgument: %s", param);
    kr_error(k, text);
}

void kr_bad_request(struct kr_call *k, const char *what, const char *param)
{
    struct buf message;

    buf_clear(k->out);
    buf_init(&message, 1024);
    buf_printf(&message, "%s: %.200s", what, param);
    k->req->answer.status = 400;
    buf_text(
        k->out,
        "{\"status\":\"BAD_REQUEST\",\"result\":\"error\",\"errors\":[{\"code\":0,\"message\":");
    text_quote(k->out, buf_view(&message));
    buf_text(k->out, "}]");
    text_time_member(k->out, "serverTime", k->engine->now_us);
    buf_char(k->out, '}');
    buf_char(&message, '\0');
    answer_note(&k->req->answer, "BAD_REQUEST %s", message.data);
    audit_request(&k->sim->audit, k->engine->now_us, "bad_request", k->route->op,
                  form_find(&k->form, "cliOrdId"), message.data);
    buf_fini(&message);
}

struct bytes kr_arg(const struct kr_call *k, const char *name)
{
    return form_find(&k->form, name);
}

/* ---- parameters ---------------------------------------------------------------------------- */

static const struct kr_param *param_find(const struct kr_route *r, struct bytes name)
{
    size_t i;

    for (i = 0; i < KR_PARAMS_MAX && r->param[i].name != NULL; i++) {
        if (bytes_is(name, r->param[i].name)) {
            return &r->param[i];
        }
    }
    return NULL;
}

static bool params_check(struct kr_call *k)
{
    const struct kr_route *r = k->route;
    size_t i;

    for (i = 0; i < k->form.count; i++) {
        struct bytes name = k->form.name[i];
        const struct kr_param *p = param_find(r, name);
        char text[64];

        (void)snprintf(text, sizeof text, "%.*s", BYTES_ARG(name));
        if (p == NULL) {
            kr_bad_request(k, "unknown parameter", text);
            return false;
        }
        if (!p->repeats && form_count(&k->form, p->name) > 1) {
            kr_bad_request(k, "repeated parameter", text);
            return false;
        }
    }
    for (i = 0; i < KR_PARAMS_MAX && r->param[i].name != NULL; i++) {
        if (r->param[i].required && form_find(&k->form, r->param[i].name).size == 0) {
            kr_bad_request(k, "missing parameter", r->param[i].name);
            return false;
        }
    }
    return true;
}

static bool body_check(struct kr_call *k)
{
    static const char form[] = "application/x-www-form-urlencoded";
    struct bytes type = request_header(k->req, "Content-Type");

    if (k->req->body.size == 0) {
        return true;
    }
    if (bytes_is(k->req->method, "GET")) {
        kr_bad_request(k, "unexpected body", "GET");
        return false;
    }
    if (type.size < sizeof form - 1 || strncasecmp(type.data, form, sizeof form - 1) != 0) {
        kr_bad_request(k, "Content-Type", type.size > 0 ? type.data : "(none)");
        return false;
    }
    return true;
}

/* ---- the dialect --------------------------------------------------------------------------- */

static const struct kr_route *route_find(struct bytes method, struct bytes path)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(routes); i++) {
        if (bytes_is(path, routes[i].path) && bytes_is(method, routes[i].method)) {
            return &routes[i];
        }
    }
    return NULL;
}

static const char *kraken_op(struct bytes method, struct bytes path)
{
    const struct kr_route *r = route_find(method, path);

    return r == NULL ? NULL : r->op;
}

static void call_free(void *context)
{
    struct kr_call *k = context;

    form_fini(&k->form);
    cJSON_Delete(k->json);
    free(k->op);
    free(k);
}

static struct kr_call *call_new(struct sim_request *req)
{
    struct kr_call *k = calloc(1, sizeof *k);

    if (k == NULL) {
        return NULL;
    }
    k->req = req;
    k->sim = req->sim;
    k->engine = req->sim->engine;
    k->route = route_find(req->method, req->path);
    k->out = &req->answer.body;
    req->context = k;
    req->context_free = call_free;
    return k;
}

static void kraken_serve(struct sim_request *req)
{
    struct kr_call *k = call_new(req);
    bool parsed;

    if (k == NULL) {
        req->answer.status = 500;
        return;
    }
    parsed = form_parse(&k->form, req->query, buf_view(&req->body));
    if (!kr_authenticate(k)) {
        return;
    }
    if (!kr_spend(k->sim, k->account, k->route->pool, k->route->cost)) {
        kr_too_fast(k, k->route->pool, k->route->cost);
        return;
    }
    if (!body_check(k)) {
        return;
    }
    if (!parsed) {
        kr_bad_request(k, "malformed parameters", "");
        return;
    }
    if (params_check(k)) {
        k->route->serve(k);
    }
}

static void refuse_with_status(struct kr_call *k, const char *word)
{
    const char *object = "sendStatus";

    if (strcmp(k->route->op, "editorder") == 0) {
        object = "editStatus";
    } else if (strcmp(k->route->op, "cancelorder") == 0) {
        object = "cancelStatus";
    }
    kr_begin(k);
    buf_printf(k->out, ",\"%s\":{\"status\":", object);
    text_quote(k->out, bytes_of(word));
    text_time_member(k->out, "receivedTime", k->engine->now_us);
    buf_text(k->out, ",\"orderEvents\":[]}}");
    answer_note(&k->req->answer, "%s", word);
}

static void kraken_refuse(struct sim_request *req, const struct fault *f)
{
    struct kr_call *k = req->context != NULL ? req->context : call_new(req);

    if (k == NULL) {
        req->answer.status = 500;
        return;
    }
    if (f->kind == FAULT_STATUS) {
        refuse_with_status(k, f->word);
    } else if (f->kind == FAULT_ERROR) {
        kr_error(k, f->word[0] == '\0' ? "Server Error" : f->word);
    } else if (f->kind == FAULT_RATE_LIMIT_429) {
        kr_too_many_requests(k, 1);
    } else {
        kr_error(k, "apiLimitExceeded");
    }
}

const struct sim_dialect dialect_kraken_futures = {
    .name = "kraken-futures",
    .op = kraken_op,
    .serve = kraken_serve,
    .account_open = kraken_account_open,
    .account_close = kraken_account_close,
    .refuse = kraken_refuse,
};
