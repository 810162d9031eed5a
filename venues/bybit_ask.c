/*
 * Bybit: requests that ask (orders, histories, fills, positions, instruments) and those that read
 * or change settings of the account or of a position. Requests that act on orders are in
 * bybit_build.c.
 */
#include "bybit.h"

/* ---- queries ------------------------------------------------------------------------------- */

/* The arguments named in `allowed`, in its order. */
static enum venue_error put_query_args(struct buf *query, const struct venue_call *call,
                                       const char *const *allowed)
{
    if (!bybit_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    for (size_t i = 0; allowed[i] != NULL; i++) {
        if (bybit_arg(call, allowed[i]) != NULL) {
            http_param(query, allowed[i], *bybit_arg(call, allowed[i]));
        }
    }
    return VENUE_BUILD_OK;
}

/* Linear lists want a symbol or a coin, also where an id is given; the id still decides. */
static void put_scope(struct bybit_state *s, const struct venue_call *call)
{
    struct buf *query = &s->params;

    if (call->symbol.size > 0) {
        http_param(query, "symbol", call->symbol);
    } else if (s->settle_coin != NULL && bybit_arg(call, "settleCoin") == NULL &&
               bybit_arg(call, "baseCoin") == NULL) {
        http_param_text(query, "settleCoin", s->settle_coin);
    }
}

static enum venue_error put_page(struct buf *query, const struct venue_call *call, uint32_t page)
{
    struct bybit_cursor cursor;

    if (!bybit_cursor_read(call->cursor, &cursor)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    http_param_uint(query, "limit", call->count == 0 || call->count > page ? page : call->count);
    if (cursor.venue.size > 0) {
        buf_text(query, "&cursor=");
        buf_bytes(query, cursor.venue);
    }
    return VENUE_BUILD_OK;
}

/* since is rounded down, before up. The venue takes at most seven days at once: a longer listing
 * goes on through its continuation (see bybit_cursor). Only a start means the seven days after it.
 */
static enum venue_error put_span(struct buf *query, const struct venue_call *call)
{
    struct bybit_cursor cursor;
    int64_t start = call->since_us / US_PER_MS;
    int64_t end = (call->before_us + US_PER_MS - 1) / US_PER_MS;

    if (!bybit_cursor_read(call->cursor, &cursor)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (cursor.start_ms > 0) {
        start = cursor.start_ms;
    }
    if (start > 0) {
        http_param_uint(query, "startTime", (uint64_t)start);
    }
    if (end > 0) {
        if (start > 0 && end - start > BYBIT_SPAN_MS) {
            end = start + BYBIT_SPAN_MS;
        }
        http_param_uint(query, "endTime", (uint64_t)end);
    }
    return VENUE_BUILD_OK;
}

/* One id at most: orderId or orderLinkId. False: more. */
static bool put_one_id(struct buf *query, const struct venue_call *call)
{
    if (call->venue_id_count + call->client_id_count > 1) {
        return false;
    }
    if (call->venue_id_count == 1) {
        http_param(query, "orderId", call->venue_id[0]);
    } else if (call->client_id_count == 1) {
        http_param(query, "orderLinkId", call->client_id[0]);
    }
    return true;
}

/* ---- orders and fills ---------------------------------------------------------------------- */

/* By one id: the order, open or recently closed. The venue takes no list of ids: for several the
 * newest of the recently closed orders are asked for, what the list of open orders does not show.
 */
enum venue_error bybit_build_status(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    static const char *const none[] = { NULL };
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, "/v5/order/realtime", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->client_id_count + call->venue_id_count == 0 || !bybit_args_known(call, none)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    put_scope(state, call);
    if (!put_one_id(&state->params, call)) {
        http_param_text(&state->params, "openOnly", "1");
        http_param_uint(&state->params, "limit", BYBIT_ORDERS_PAGE);
    }
    return bybit_finish(account, call, out);
}

enum venue_error bybit_build_open_orders(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", "settleCoin", "orderFilter", "openOnly",
                                           NULL };
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, "/v5/order/realtime", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    put_scope(state, call);
    error = put_query_args(&state->params, call, allowed);
    if (error == VENUE_BUILD_OK) {
        error = put_page(&state->params, call, BYBIT_ORDERS_PAGE);
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

/* What order and fill histories share. */
static enum venue_error build_history(const struct venue_account *account,
                                      const struct venue_call *call, const char *path,
                                      const char *filter, const char *const *allowed,
                                      struct http_request *out)
{
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, path, true, out);
    bool orders = call->op == VENUE_ORDER_HISTORY || call->op == VENUE_TRIGGER_HISTORY;

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size > 0) {
        http_param(&state->params, "symbol", call->symbol);
    }
    if (!put_one_id(&state->params, call)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (filter != NULL) {
        http_param_text(&state->params, "orderFilter", filter);
    }
    error = put_query_args(&state->params, call, allowed);
    if (error == VENUE_BUILD_OK) {
        error = put_span(&state->params, call);
    }
    if (error == VENUE_BUILD_OK) {
        error = put_page(&state->params, call, orders ? BYBIT_ORDERS_PAGE : BYBIT_FILLS_PAGE);
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

enum venue_error bybit_build_order_history(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", "settleCoin", "orderFilter", "orderStatus",
                                           NULL };

    return build_history(account, call, "/v5/order/history", NULL, allowed, out);
}

enum venue_error bybit_build_trigger_history(const struct venue_account *account,
                                             const struct venue_call *call,
                                             struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", "settleCoin", "orderStatus", NULL };

    return build_history(account, call, "/v5/order/history", "StopOrder", allowed, out);
}

/* FILLS and EXECUTIONS alike: newest first within a span, with a continuation. */
enum venue_error bybit_build_fills(const struct venue_account *account,
                                   const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", "settleCoin", "execType", NULL };

    return build_history(account, call, "/v5/execution/list", NULL, allowed, out);
}

/* ---- positions ----------------------------------------------------------------------------- */

enum venue_error bybit_build_positions(const struct venue_account *account,
                                       const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", "settleCoin", NULL };
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, "/v5/position/list", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    put_scope(state, call);
    error = put_query_args(&state->params, call, allowed);
    if (error == VENUE_BUILD_OK && (call->count > 0 || call->cursor.size > 0)) {
        error = put_page(&state->params, call, 200);
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

/* The side of the order that closes: order.side, or the argument `side` in the venue's words. */
static enum venue_side closing_side(const struct venue_call *call)
{
    const struct bytes *side = bybit_arg(call, "side");

    if (side == NULL) {
        return call->order.side;
    }
    return bytes_is(*side, "Buy")    ? VENUE_BUY
           : bytes_is(*side, "Sell") ? VENUE_SELL
                                     : (enum venue_side)0;
}

/* A market order of quantity 0 that may only reduce and closes: the whole position, whatever its
 * size. */
enum venue_error bybit_build_close_position(const struct venue_account *account,
                                            const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "side", NULL };
    enum venue_side side = closing_side(call);
    struct bytes symbol = call->symbol.size > 0 ? call->symbol : call->order.symbol;
    int index = 0;
    enum venue_error error = bybit_begin(account, HTTP_POST, "/v5/order/create", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (symbol.size == 0 || (int)side == 0 || call->order.client_id.size > BYBIT_CLIENT_ID_MAX ||
        !bybit_args_known(call, allowed) ||
        !bybit_position_index(account->state, 'C', side, &index)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bybit_put_text(&out->body, "symbol", symbol);
    bybit_put_text(&out->body, "side", side == VENUE_BUY ? BYTES("Buy") : BYTES("Sell"));
    bybit_put_text(&out->body, "orderType", BYTES("Market"));
    bybit_put_decimal(&out->body, "qty", DECIMAL_ZERO);
    if (call->order.client_id.size > 0) {
        bybit_put_text(&out->body, "orderLinkId", call->order.client_id);
    }
    bybit_put_int(&out->body, "positionIdx", index);
    bybit_put_bool(&out->body, "reduceOnly", true);
    bybit_put_bool(&out->body, "closeOnTrigger", true);
    return bybit_finish(account, call, out);
}

/* A limit order needs the part mode, and both legs have one size. */
static bool triggers_fit(const struct venue_call *call)
{
    const struct bytes *mode = bybit_arg(call, "tpslMode");
    const struct bytes *take = bybit_arg(call, "tpSize");
    const struct bytes *stop = bybit_arg(call, "slSize");
    bool partial = mode != NULL && bytes_is(*mode, "Partial");
    bool parts = take != NULL || stop != NULL || bybit_arg(call, "tpLimitPrice") != NULL ||
                 bybit_arg(call, "slLimitPrice") != NULL;

    if (mode != NULL && !partial && !bytes_is(*mode, "Full")) {
        return false;
    }
    return (partial || !parts) && (take == NULL || stop == NULL || bytes_equal(*take, *stop));
}

/* Take-profit, stop-loss and trailing stop of an open position; "0" removes one. */
enum venue_error bybit_build_position_triggers(const struct venue_account *account,
                                               const struct venue_call *call,
                                               struct http_request *out)
{
    static const struct bybit_arg_rule rules[] = {
        { "tpslMode", BYBIT_TEXT },        { "positionIdx", BYBIT_INT },
        { "takeProfit", BYBIT_DECIMAL },   { "stopLoss", BYBIT_DECIMAL },
        { "trailingStop", BYBIT_DECIMAL }, { "activePrice", BYBIT_DECIMAL },
        { "tpTriggerBy", BYBIT_TEXT },     { "slTriggerBy", BYBIT_TEXT },
        { "tpSize", BYBIT_DECIMAL },       { "slSize", BYBIT_DECIMAL },
        { "tpOrderType", BYBIT_TEXT },     { "slOrderType", BYBIT_TEXT },
        { "tpLimitPrice", BYBIT_DECIMAL }, { "slLimitPrice", BYBIT_DECIMAL },
    };
    const struct bybit_state *state = account->state;
    enum venue_error error =
        bybit_begin(account, HTTP_POST, "/v5/position/trading-stop", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || !triggers_fit(call) ||
        (bybit_arg(call, "takeProfit") == NULL && bybit_arg(call, "stopLoss") == NULL &&
         bybit_arg(call, "trailingStop") == NULL) ||
        (state->hedge && bybit_arg(call, "positionIdx") == NULL)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bybit_put_text(&out->body, "symbol", call->symbol);
    if (bybit_arg(call, "tpslMode") == NULL) {
        bybit_put_text(&out->body, "tpslMode", BYTES("Full"));
    }
    if (bybit_arg(call, "positionIdx") == NULL) {
        bybit_put_int(&out->body, "positionIdx", 0);
    }
    error = bybit_put_args(&out->body, call, rules, ARRAY_LEN(rules));
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

/* ---- settings ------------------------------------------------------------------------------ */

/* A signed GET with these arguments, and the category and symbol where asked for. */
static enum venue_error build_question(const struct venue_account *account,
                                       const struct venue_call *call, const char *path,
                                       bool category, const char *const *allowed,
                                       struct http_request *out)
{
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, path, category, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (category && call->symbol.size > 0) {
        http_param(&state->params, "symbol", call->symbol);
    }
    error = put_query_args(&state->params, call, allowed);
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

static const char *const no_args[] = { NULL };

enum venue_error bybit_build_get_leverage(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    return build_question(account, call, "/v5/position/symbol-info", true, no_args, out);
}

enum venue_error bybit_build_get_stp(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    return build_question(account, call, "/v5/account/smp-group", false, no_args, out);
}

enum venue_error bybit_build_fees(const struct venue_account *account,
                                  const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", NULL };

    return build_question(account, call, "/v5/account/fee-rate", true, allowed, out);
}

/* Whether limit prices beyond the band are moved (true) or refused (false); of all futures of the
 * account. It stands beside leverage as the other setting of the account, without a symbol. */
static enum venue_error build_limit_price_action(const struct venue_account *account,
                                                 const struct venue_call *call,
                                                 struct http_request *out)
{
    static const struct bybit_arg_rule rules[] = { { "modifyEnable", BYBIT_BOOL } };
    enum venue_error error =
        bybit_begin(account, HTTP_POST, "/v5/account/set-limit-px-action", true, out);

    if (error == VENUE_BUILD_OK && call->symbol.size > 0) {
        error = VENUE_BUILD_BAD_ARGUMENT;
    }
    if (error == VENUE_BUILD_OK) {
        error = bybit_put_args(&out->body, call, rules, ARRAY_LEN(rules));
    }
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

static bool leverage_value(const struct bytes *text, struct decimal *out)
{
    return text != NULL && decimal_parse(*text, out) && decimal_sign(*out) > 0;
}

/* leverage, or buyLeverage and sellLeverage, which differ in hedge mode only. */
enum venue_error bybit_build_set_leverage(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "leverage", "buyLeverage", "sellLeverage", NULL };
    const struct bytes *both = bybit_arg(call, allowed[0]);
    const struct bytes *buy = bybit_arg(call, allowed[1]);
    const struct bytes *sell = bybit_arg(call, allowed[2]);
    struct bybit_state *state = account->state;
    struct decimal long_value = DECIMAL_ZERO;
    struct decimal short_value = DECIMAL_ZERO;
    enum venue_error error;

    if (bybit_arg(call, "modifyEnable") != NULL) {
        return build_limit_price_action(account, call, out);
    }
    error = bybit_begin(account, HTTP_POST, "/v5/position/set-leverage", true, out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || !bybit_args_known(call, allowed) ||
        (both != NULL && (buy != NULL || sell != NULL)) ||
        !leverage_value(both != NULL ? both : buy, &long_value) ||
        !leverage_value(both != NULL ? both : sell, &short_value) ||
        (!state->hedge && !decimal_equal(long_value, short_value))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bybit_put_text(&out->body, "symbol", call->symbol);
    bybit_put_decimal(&out->body, "buyLeverage", long_value);
    bybit_put_decimal(&out->body, "sellLeverage", short_value);
    return bybit_finish(account, call, out);
}

/* Only the length of the venue's own switch, which is the loss of a private WebSocket and must be
 * enabled by the venue: nothing is armed by this, and trigger_us stays 0. With show=true it is read
 * instead. */
enum venue_error bybit_build_deadman(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "show", NULL };
    const struct bytes *show = bybit_arg(call, allowed[0]);
    bool read = show != NULL && bytes_is(*show, "true");
    enum venue_error error =
        read ? bybit_begin(account, HTTP_GET, "/v5/account/query-dcp-info", false, out)
             : bybit_begin(account, HTTP_POST, "/v5/order/disconnected-cancel-all", false, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!bybit_args_known(call, allowed) || (show != NULL && !read)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (read) {
        return bybit_finish(account, call, out);
    }
    if (call->timeout_s < BYBIT_DCP_MIN_S || call->timeout_s > BYBIT_DCP_MAX_S) {
        return VENUE_BUILD_UNSUPPORTED; /* 0 too: it cannot be disarmed */
    }
    bybit_put_text(&out->body, "product", BYTES("DERIVATIVES"));
    bybit_put_int(&out->body, "timeWindow", call->timeout_s);
    return bybit_finish(account, call, out);
}

/* ---- checks -------------------------------------------------------------------------------- */

static enum venue_error build_price_limit(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, "/v5/market/price-limit", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    http_param(&state->params, "symbol", call->symbol);
    return bybit_finish_public(&state->params, out);
}

/* What would become of an order, asked in four ways. Without `what`: its effect on margin.
 * what=price-action: whether a limit price beyond the band is moved; price-limit: the band;
 * account: the account's mode. */
enum venue_error bybit_build_check_order(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "what", NULL };
    const struct bytes *what = bybit_arg(call, allowed[0]);
    enum venue_error error;

    if (what != NULL && !bybit_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (what == NULL) {
        error = bybit_begin(account, HTTP_POST, "/v5/order/pre-check", true, out);
        if (error == VENUE_BUILD_OK) {
            error = bybit_put_order(account->state, &out->body, &call->order);
        }
        if (error == VENUE_BUILD_OK) {
            error = bybit_put_order_args(&out->body, call);
        }
        return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
    }
    if (bytes_is(*what, "price-limit")) {
        return build_price_limit(account, call, out);
    }
    if (!bytes_is(*what, "price-action") && !bytes_is(*what, "account")) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    error = bybit_begin(account, HTTP_GET,
                        bytes_is(*what, "account") ? "/v5/account/info"
                                                   : "/v5/account/user-setting-config",
                        false, out);
    return error == VENUE_BUILD_OK ? bybit_finish(account, call, out) : error;
}

/* ---- public -------------------------------------------------------------------------------- */

enum venue_error bybit_build_instruments(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "baseCoin", "status", NULL };
    struct bybit_state *state = account->state;
    enum venue_error error =
        bybit_begin(account, HTTP_GET, "/v5/market/instruments-info", true, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size > 0) {
        http_param(&state->params, "symbol", call->symbol);
    }
    error = put_query_args(&state->params, call, allowed);
    if (error == VENUE_BUILD_OK) {
        error = put_page(&state->params, call, BYBIT_INSTRUMENTS_PAGE);
    }
    return error == VENUE_BUILD_OK ? bybit_finish_public(&state->params, out) : error;
}

enum venue_error bybit_build_time(const struct venue_account *account,
                                  const struct venue_call *call, struct http_request *out)
{
    struct bybit_state *state = account->state;
    enum venue_error error = bybit_begin(account, HTTP_GET, "/v5/market/time", false, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    return bybit_args_known(call, no_args) ? bybit_finish_public(&state->params, out)
                                           : VENUE_BUILD_BAD_ARGUMENT;
}
