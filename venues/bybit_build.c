/*
 * Bybit: signing, and requests that act on orders. The bytes that are signed are the bytes that are
 * sent: the query of a GET, the body of a POST; nothing is encoded twice.
 */
#include "bybit.h"

/* ---- signing and sending ------------------------------------------------------------------- */

bool bybit_sign(struct bybit_state *s, struct bytes timestamp, struct bytes key,
                struct bytes recv_window, struct bytes payload, struct buf *out)
{
    const struct bytes parts[] = { timestamp, key, recv_window, payload };
    unsigned char mac[SIGN_DIGEST_MAX];
    size_t size = sign_hmac(s->hmac, parts, ARRAY_LEN(parts), mac);

    sign_hex(out, mac, size);
    sign_wipe(mac, sizeof mac);
    return size != 0 && !out->failed;
}

enum venue_error bybit_begin(const struct venue_account *account, enum http_method method,
                             const char *path, bool category, struct http_request *out)
{
    struct bybit_state *state = account->state;

    if (state == NULL) {
        return VENUE_BUILD_FAILED;
    }
    http_request_clear(out);
    buf_clear(&state->params);
    out->method = method;
    buf_text(&out->target, path);
    if (method == HTTP_POST) {
        buf_char(&out->body, '{');
        if (category) {
            bybit_put_text(&out->body, "category", bytes_of(state->category));
        }
    } else if (category) {
        http_param_text(&state->params, "category", state->category);
    }
    return VENUE_BUILD_OK;
}

static bool is_about_orders(enum venue_op op)
{
    return op == VENUE_PLACE || op == VENUE_CANCEL || op == VENUE_REPLACE || op == VENUE_BATCH;
}

/* The earliest deadline of what the call asks for; 0: none. */
static int64_t deadline(const struct venue_call *call)
{
    int64_t earliest = call->op == VENUE_BATCH ? 0 : call->order.process_before_us;

    for (size_t i = 0; call->op == VENUE_BATCH && i < call->instruction_count; i++) {
        int64_t at = call->instruction[i].order.process_before_us;

        if (at != 0 && (earliest == 0 || at < earliest)) {
            earliest = at;
        }
    }
    return earliest;
}

/* The venue refuses what reaches it later than the timestamp plus this: that is its deadline. */
static uint64_t recv_window_ms(const struct bybit_state *state, const struct venue_call *call)
{
    int64_t window = state->recv_window_ms;
    int64_t before = deadline(call);
    int64_t left = (before - call->wall_us) / US_PER_MS;

    if (is_about_orders(call->op) && window > BYBIT_PROCESS_BEFORE_US / US_PER_MS) {
        window = BYBIT_PROCESS_BEFORE_US / US_PER_MS;
    }
    if (before != 0 && left < window) {
        window = left < 1 ? 1 : left;
    }
    return (uint64_t)window;
}

static enum venue_error add_signature(const struct venue_account *account,
                                      const struct venue_call *call, struct bytes payload,
                                      struct http_request *out)
{
    struct bybit_state *state = account->state;
    char time_text[DECIMAL_TEXT_MAX];
    char window_text[DECIMAL_TEXT_MAX];
    struct bytes time = { time_text, 0 };
    struct bytes window = { window_text, 0 };

    time.size = decimal_print((struct decimal){ call->wall_us / US_PER_MS, 0 }, time_text);
    window.size =
        decimal_print((struct decimal){ (int64_t)recv_window_ms(state, call), 0 }, window_text);
    buf_clear(&state->sign);
    if (!bybit_sign(state, time, account->key, window, payload, &state->sign)) {
        return VENUE_BUILD_FAILED;
    }
    http_request_header(out, "X-BAPI-API-KEY", account->key);
    http_request_header(out, "X-BAPI-TIMESTAMP", time);
    http_request_header(out, "X-BAPI-RECV-WINDOW", window);
    http_request_header(out, "X-BAPI-SIGN", buf_view(&state->sign));
    return VENUE_BUILD_OK;
}

static void add_query(struct buf *target, struct bytes query)
{
    if (query.size > 0) {
        buf_char(target, '?');
        buf_bytes(target, query);
    }
}

enum venue_error bybit_finish(const struct venue_account *account, const struct venue_call *call,
                              struct http_request *out)
{
    struct bybit_state *state = account->state;
    enum venue_error error;

    if (out->method == HTTP_POST) {
        buf_char(&out->body, '}');
    }
    if (!http_request_ok(out) || state->params.failed) {
        return VENUE_BUILD_TOO_LARGE;
    }
    add_query(&out->target, buf_view(&state->params));
    error = add_signature(
        account, call, out->method == HTTP_POST ? buf_view(&out->body) : buf_view(&state->params),
        out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (out->method == HTTP_POST) {
        http_request_header(out, "Content-Type", BYTES("application/json"));
    }
    http_request_header(out, "Accept", BYTES("application/json"));
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

enum venue_error bybit_finish_public(const struct buf *params, struct http_request *out)
{
    add_query(&out->target, buf_view(params));
    http_request_header(out, "Accept", BYTES("application/json"));
    return http_request_ok(out) && !params->failed ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

/* ---- checks -------------------------------------------------------------------------------- */

static bool client_id_ok(struct bytes id)
{
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_')) {
            return false;
        }
    }
    return id.size <= BYBIT_CLIENT_ID_MAX;
}

static bool positive(struct decimal d)
{
    return decimal_sign(d) > 0;
}

static bool has_limit_price(enum venue_order_type t)
{
    return t == VENUE_LIMIT || t == VENUE_STOP_LIMIT || t == VENUE_TAKE_LIMIT;
}

static bool has_stop_price(enum venue_order_type t)
{
    return t == VENUE_STOP_MARKET || t == VENUE_STOP_LIMIT || t == VENUE_TAKE_MARKET ||
           t == VENUE_TAKE_LIMIT;
}

/* The terms an order and its amendment have in common are sound. */
static enum venue_error terms_check(const struct venue_order *o)
{
    if (o->symbol.size == 0 || !positive(o->qty) ||
        (has_limit_price(o->type) && !positive(o->price)) ||
        (has_stop_price(o->type) && !positive(o->stop_price))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if ((o->has_take_profit_limit && !o->has_take_profit) ||
        (o->has_stop_loss_limit && !o->has_stop_loss)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    /* A trailing stop belongs to a position here (position-triggers), not to an order. */
    return o->type == VENUE_TRAILING || o->qty_is_quote ? VENUE_BUILD_UNSUPPORTED : VENUE_BUILD_OK;
}

static bool is_market(enum venue_order_type t)
{
    return t == VENUE_MARKET || t == VENUE_STOP_MARKET || t == VENUE_TAKE_MARKET;
}

static enum venue_error place_check(const struct venue_order *o)
{
    /* Without our id a lost answer could never be settled. */
    if ((o->side != VENUE_BUY && o->side != VENUE_SELL) || o->client_id.size == 0 ||
        !client_id_ok(o->client_id) ||
        !(is_market(o->type) || has_limit_price(o->type) || o->type == VENUE_TRAILING)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if ((o->has_take_profit && !positive(o->take_profit)) ||
        (o->has_stop_loss && !positive(o->stop_loss))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (o->expire_us != 0 || (o->reduce_only && (o->has_take_profit || o->has_stop_loss))) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    return terms_check(o);
}

/* Market orders are always IOC, also those that wait for a trigger. */
static enum venue_error time_in_force(const struct venue_order *o, const char **tif)
{
    bool market = is_market(o->type);

    if (o->post_only && (market || o->tif == VENUE_IOC || o->tif == VENUE_FOK)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (market && ((int)o->tif == 0 || o->tif == VENUE_GTC || o->tif == VENUE_IOC)) {
        *tif = "IOC";
        return VENUE_BUILD_OK;
    }
    if (market) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    switch (o->tif) {
    case VENUE_GTC: *tif = o->post_only ? "PostOnly" : "GTC"; return VENUE_BUILD_OK;
    case VENUE_IOC: *tif = "IOC"; return VENUE_BUILD_OK;
    case VENUE_FOK: *tif = "FOK"; return VENUE_BUILD_OK;
    case VENUE_GTD:
    case VENUE_DAY: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

bool bybit_position_index(const struct bybit_state *s, char position, enum venue_side side,
                          int *index)
{
    bool long_side = (side == VENUE_BUY) == (position == 'O');

    *index = 0;
    if (!s->hedge) {
        return position == 0 || position == 'C';
    }
    *index = long_side ? 1 : 2;
    return position == 'O' || position == 'C';
}

static const char *trigger_text(enum venue_trigger t)
{
    switch (t) {
    case VENUE_TRIGGER_LAST: return "LastPrice";
    case VENUE_TRIGGER_MARK: return "MarkPrice";
    case VENUE_TRIGGER_INDEX: return "IndexPrice";
    case VENUE_TRIGGER_DEFAULT: break;
    }
    return BYBIT_DEFAULT_TRIGGER;
}

/* NULL: the venue has no such mode. */
static const char *self_trade_text(char stp)
{
    switch (stp) {
    case 'N': return "CancelTaker";
    case 'O': return "CancelMaker";
    case 'B': return "CancelBoth";
    default: return NULL;
    }
}

/* ---- orders -------------------------------------------------------------------------------- */

/* A stop fires when the price moves against the order's side, a take-profit when it moves for it.
 */
static void put_trigger(struct buf *out, const struct venue_order *o)
{
    bool stop = o->type == VENUE_STOP_MARKET || o->type == VENUE_STOP_LIMIT;
    bool rises = stop == (o->side == VENUE_BUY);

    bybit_put_decimal(out, "triggerPrice", o->stop_price);
    bybit_put_int(out, "triggerDirection", rises ? 1 : 2);
    bybit_put_text(out, "triggerBy", bytes_of(trigger_text(o->trigger)));
}

/* Attached take-profit and stop-loss. A limit price is only possible in the mode for parts of a
 * position. */
static void put_attached(struct buf *out, const struct venue_order *o, bool source)
{
    bool partial = o->has_take_profit_limit || o->has_stop_loss_limit;

    if (o->has_take_profit) {
        bybit_put_decimal(out, "takeProfit", o->take_profit);
    }
    if (o->has_stop_loss) {
        bybit_put_decimal(out, "stopLoss", o->stop_loss);
    }
    if (o->has_take_profit && source) {
        bybit_put_text(out, "tpTriggerBy", bytes_of(trigger_text(o->trigger)));
    }
    if (o->has_stop_loss && source) {
        bybit_put_text(out, "slTriggerBy", bytes_of(trigger_text(o->trigger)));
    }
    if (o->has_take_profit || o->has_stop_loss) {
        bybit_put_text(out, "tpslMode", partial ? BYTES("Partial") : BYTES("Full"));
    }
    if (o->has_take_profit_limit) {
        bybit_put_text(out, "tpOrderType", BYTES("Limit"));
        bybit_put_decimal(out, "tpLimitPrice", o->take_profit_limit);
    }
    if (o->has_stop_loss_limit) {
        bybit_put_text(out, "slOrderType", BYTES("Limit"));
        bybit_put_decimal(out, "slLimitPrice", o->stop_loss_limit);
    }
}

/* What tells where the order belongs and what it must not do. */
static enum venue_error put_manners(const struct bybit_state *s, struct buf *out,
                                    const struct venue_order *o)
{
    bool conditional = has_stop_price(o->type);
    bool attached = o->has_take_profit || o->has_stop_loss;
    int index;

    if (!bybit_position_index(s, o->position, o->side, &index) ||
        (o->position == 'C' && attached) || (o->stp != 0 && self_trade_text(o->stp) == NULL) ||
        (o->trigger != VENUE_TRIGGER_DEFAULT && !conditional && !attached)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    bybit_put_int(out, "positionIdx", index);
    if (conditional) {
        put_trigger(out, o);
    }
    if (o->reduce_only || o->position == 'C') {
        bybit_put_bool(out, "reduceOnly", true);
    }
    put_attached(out, o, !conditional && o->trigger != VENUE_TRIGGER_DEFAULT);
    if (o->stp != 0) {
        bybit_put_text(out, "smpType", bytes_of(self_trade_text(o->stp)));
    }
    return VENUE_BUILD_OK;
}

enum venue_error bybit_put_order(const struct bybit_state *s, struct buf *out,
                                 const struct venue_order *o)
{
    const char *tif = NULL;
    enum venue_error error = place_check(o);

    if (error == VENUE_BUILD_OK) {
        error = time_in_force(o, &tif);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bybit_put_text(out, "symbol", o->symbol);
    bybit_put_text(out, "side", o->side == VENUE_BUY ? BYTES("Buy") : BYTES("Sell"));
    bybit_put_text(out, "orderType", has_limit_price(o->type) ? BYTES("Limit") : BYTES("Market"));
    bybit_put_decimal(out, "qty", o->qty);
    if (has_limit_price(o->type)) {
        bybit_put_decimal(out, "price", o->price);
    }
    bybit_put_text(out, "timeInForce", bytes_of(tif));
    bybit_put_text(out, "orderLinkId", o->client_id);
    return put_manners(s, out, o);
}

enum venue_error bybit_put_order_args(struct buf *out, const struct venue_call *call)
{
    static const struct bybit_arg_rule rules[] = {
        { "closeOnTrigger", BYBIT_BOOL },       { "tpTriggerBy", BYBIT_TEXT },
        { "slTriggerBy", BYBIT_TEXT },          { "slippageToleranceType", BYBIT_TEXT },
        { "slippageTolerance", BYBIT_DECIMAL }, { "rpiTakerAccess", BYBIT_BOOL },
        { "bboSideType", BYBIT_TEXT },          { "bboLevel", BYBIT_DECIMAL },
    };
    const struct venue_order *o = &call->order;

    /* Said twice, by the order's own trigger source and by name. */
    if (o->trigger != VENUE_TRIGGER_DEFAULT && !has_stop_price(o->type) &&
        (bybit_arg(call, "tpTriggerBy") != NULL || bybit_arg(call, "slTriggerBy") != NULL)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (bybit_arg(call, "slippageTolerance") != NULL && o->type != VENUE_MARKET) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    return bybit_put_args(out, call, rules, ARRAY_LEN(rules));
}

enum venue_error bybit_build_place(const struct venue_account *account,
                                   const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bybit_begin(account, HTTP_POST, "/v5/order/create", true, out);

    if (error == VENUE_BUILD_OK) {
        error = bybit_put_order(account->state, &out->body, &call->order);
    }
    if (error == VENUE_BUILD_OK) {
        error = bybit_put_order_args(&out->body, call);
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

/* Symbol and one of the ids. Given both, the venue looks at its own only. */
static enum venue_error put_id(struct buf *out, const struct venue_order *o)
{
    if (o->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bybit_put_text(out, "symbol", o->symbol);
    if (o->venue_id.size > 0) {
        bybit_put_text(out, "orderId", o->venue_id);
    } else if (o->client_id.size > 0 && client_id_ok(o->client_id)) {
        bybit_put_text(out, "orderLinkId", o->client_id);
    } else {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

/* The new terms; `qty` is the new total here as in FIX. A take-profit or stop-loss of 0 removes it.
 */
static enum venue_error put_amend(struct buf *out, const struct venue_order *o)
{
    enum venue_error error = terms_check(o);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (o->type == VENUE_MARKET || (int)o->type == 0) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    error = put_id(out, o);
    bybit_put_decimal(out, "qty", o->qty);
    if (has_limit_price(o->type)) {
        bybit_put_decimal(out, "price", o->price);
    }
    if (has_stop_price(o->type)) {
        bybit_put_decimal(out, "triggerPrice", o->stop_price);
        if (o->trigger != VENUE_TRIGGER_DEFAULT) {
            bybit_put_text(out, "triggerBy", bytes_of(trigger_text(o->trigger)));
        }
    }
    put_attached(out, o, !has_stop_price(o->type) && o->trigger != VENUE_TRIGGER_DEFAULT);
    return error;
}

enum venue_error bybit_build_replace(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    static const struct bybit_arg_rule rules[] = { { "tpTriggerBy", BYBIT_TEXT },
                                                   { "slTriggerBy", BYBIT_TEXT } };
    enum venue_error error = bybit_begin(account, HTTP_POST, "/v5/order/amend", true, out);

    if (error == VENUE_BUILD_OK) {
        error = put_amend(&out->body, &call->order);
    }
    if (error == VENUE_BUILD_OK) {
        error = bybit_put_args(&out->body, call, rules, ARRAY_LEN(rules));
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

enum venue_error bybit_build_cancel(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bybit_begin(account, HTTP_POST, "/v5/order/cancel", true, out);

    if (error == VENUE_BUILD_OK) {
        error = put_id(&out->body, &call->order);
    }
    if (error == VENUE_BUILD_OK) {
        error = bybit_put_args(&out->body, call, NULL, 0);
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

/* The venue wants a symbol, a base coin or a settle coin, and looks at the first of them only. */
static bool put_reach(const struct bybit_state *s, struct buf *out, const struct venue_call *call)
{
    const struct bytes *base = bybit_arg(call, "baseCoin");
    const struct bytes *settle = bybit_arg(call, "settleCoin");

    if (call->symbol.size > 0) {
        bybit_put_text(out, "symbol", call->symbol);
        return base == NULL && settle == NULL;
    }
    if (base != NULL) {
        bybit_put_text(out, "baseCoin", *base);
        return settle == NULL;
    }
    if (settle != NULL || s->settle_coin != NULL) {
        bybit_put_text(out, "settleCoin", settle != NULL ? *settle : bytes_of(s->settle_coin));
        return true;
    }
    return false;
}

/* orderFilter: Order by default, the active orders. StopOrder: the conditional ones, of them with
 * stopOrderType=Stop only those placed as orders. "all" sends none, and takes the take-profits,
 * stop-losses and trailing stops of positions with it: never without being asked for. */
enum venue_error bybit_build_cancel_all(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "orderFilter", "stopOrderType", "baseCoin", "settleCoin",
                                           NULL };
    const struct bytes *filter = bybit_arg(call, "orderFilter");
    const struct bytes *stop_type = bybit_arg(call, "stopOrderType");
    struct bytes kind = filter == NULL ? BYTES("Order") : *filter;
    enum venue_error error = bybit_begin(account, HTTP_POST, "/v5/order/cancel-all", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!bybit_args_known(call, allowed) || !put_reach(account->state, &out->body, call) ||
        !(bytes_is(kind, "Order") || bytes_is(kind, "StopOrder") || bytes_is(kind, "OpenOrder") ||
          bytes_is(kind, "all")) ||
        (stop_type != NULL && !(bytes_is(kind, "StopOrder") && bytes_is(*stop_type, "Stop")))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (!bytes_is(kind, "all")) {
        bybit_put_text(&out->body, "orderFilter", kind);
    }
    if (stop_type != NULL) {
        bybit_put_text(&out->body, "stopOrderType", *stop_type);
    }
    return bybit_finish(account, call, out);
}

/* ---- batch --------------------------------------------------------------------------------- */

static const char *batch_path(enum venue_instruction_kind kind)
{
    switch (kind) {
    case VENUE_DO_PLACE: return "/v5/order/create-batch";
    case VENUE_DO_REPLACE: return "/v5/order/amend-batch";
    case VENUE_DO_CANCEL: return "/v5/order/cancel-batch";
    }
    return NULL;
}

static enum venue_error put_instruction(const struct bybit_state *s, struct buf *out,
                                        const struct venue_instruction *in)
{
    switch (in->kind) {
    case VENUE_DO_PLACE: return bybit_put_order(s, out, &in->order);
    case VENUE_DO_REPLACE:
        /* amend-batch does not take conditional orders. */
        return has_stop_price(in->order.type) ? VENUE_BUILD_UNSUPPORTED
                                              : put_amend(out, &in->order);
    case VENUE_DO_CANCEL: return put_id(out, &in->order);
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* One call has instructions of one kind. */
static enum venue_error batch_check(const struct venue_call *call)
{
    if (call->instruction_count == 0 || call->arg_count > 0 ||
        batch_path(call->instruction[0].kind) == NULL) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    for (size_t i = 1; i < call->instruction_count; i++) {
        if (call->instruction[i].kind != call->instruction[0].kind) {
            return VENUE_BUILD_UNSUPPORTED;
        }
    }
    return call->instruction_count > BYBIT_BATCH_MAX ? VENUE_BUILD_TOO_LARGE : VENUE_BUILD_OK;
}

enum venue_error bybit_build_batch(const struct venue_account *account,
                                   const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = batch_check(call);

    if (error == VENUE_BUILD_OK) {
        error = bybit_begin(account, HTTP_POST, batch_path(call->instruction[0].kind), true, out);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    buf_text(&out->body, ",\"request\":[");
    for (size_t i = 0; i < call->instruction_count; i++) {
        buf_text(&out->body, i == 0 ? "{" : ",{");
        error = put_instruction(account->state, &out->body, &call->instruction[i]);
        if (error != VENUE_BUILD_OK) {
            return error;
        }
        buf_char(&out->body, '}');
    }
    buf_char(&out->body, ']');
    return bybit_finish(account, call, out);
}
