/*
 * Bitget mix-v1: requests, exactly those of the seed. There is no client order id, and leverage
 * and margin mode go with every order. The sign and the envelope are those of v2.
 */
#include "bitget.h"

#define ORDER "/api/mix/v1/order/"
#define POSITION "/api/mix/v1/position/"

/* ---- orders -------------------------------------------------------------------------------- */

static enum venue_error limit_type(const struct venue_order *o, const char **type)
{
    if (o->post_only && (o->tif == VENUE_IOC || o->tif == VENUE_FOK)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    switch (o->tif) {
    case VENUE_GTC: *type = o->post_only ? "post_only" : "limit"; return VENUE_BUILD_OK;
    case VENUE_IOC: *type = "ioc"; return VENUE_BUILD_OK;
    case VENUE_FOK: *type = "fok"; return VENUE_BUILD_OK;
    case VENUE_GTD:
    case VENUE_DAY: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

static enum venue_error order_type(const struct venue_order *o, const char **type)
{
    bool immediate = (int)o->tif == 0 || o->tif == VENUE_GTC || o->tif == VENUE_IOC;

    switch (o->type) {
    case VENUE_LIMIT: return limit_type(o, type);
    case VENUE_MARKET:
        *type = "market";
        return immediate && !o->post_only ? VENUE_BUILD_OK : VENUE_BUILD_UNSUPPORTED;
    case VENUE_STOP_MARKET:
    case VENUE_STOP_LIMIT:
    case VENUE_TAKE_MARKET:
    case VENUE_TAKE_LIMIT:
    case VENUE_TRAILING: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

static enum venue_error order_check(const struct venue_order *o)
{
    if (o->qty_is_quote || o->stp != 0 || o->has_take_profit || o->has_stop_loss ||
        o->position == 'O') {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (o->symbol.size == 0 || (o->side != VENUE_BUY && o->side != VENUE_SELL) ||
        decimal_sign(o->qty) <= 0 || (o->type == VENUE_LIMIT && decimal_sign(o->price) <= 0) ||
        (o->position != 0 && o->position != 'C')) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

/* arg.leverage and arg.marginMode come before the account's options. The venue takes no order
 * without. */
static enum venue_error put_margin(const struct bitget_state *s, struct buf *body,
                                   const struct venue_call *call)
{
    struct bytes leverage = bitget_arg(call, "leverage");
    struct bytes mode = bitget_arg(call, "marginMode");

    if (leverage.size == 0) {
        leverage = s->leverage;
    }
    if (mode.size == 0) {
        mode = s->isolated ? BYTES("isolated") : BYTES("cross");
    }
    if (leverage.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(body, "leverage", leverage);
    bitget_put(body, "marginMode", mode);
    return VENUE_BUILD_OK;
}

static enum venue_error put_order(const struct bitget_state *s, struct buf *body,
                                  const struct venue_call *call, const struct venue_order *o)
{
    const char *type = "";
    enum venue_error error = order_check(o);

    if (error == VENUE_BUILD_OK) {
        error = order_type(o, &type);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_put(body, "symbol", o->symbol);
    bitget_put(body, "side", o->side == VENUE_BUY ? BYTES("buy") : BYTES("sell"));
    bitget_put(body, "orderType", bytes_of(type));
    if (o->type == VENUE_LIMIT) {
        bitget_put_decimal(body, "price", o->price);
    }
    bitget_put_decimal(body, "size", o->qty);
    error = put_margin(s, body, call);
    bitget_put_raw(body, "reduceOnly", o->reduce_only || o->position == 'C' ? "true" : "false");
    return error;
}

static const char *const order_args[] = { "leverage", "marginMode", NULL };

enum venue_error bitget_v1_build_place(const struct venue_account *account,
                                       const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bitget_begin(account, HTTP_POST, ORDER "placeOrder", out);

    if (error == VENUE_BUILD_OK && !bitget_args_known(call, order_args)) {
        error = VENUE_BUILD_BAD_ARGUMENT;
    }
    if (error == VENUE_BUILD_OK) {
        error = put_order(account->state, &out->body, call, &call->order);
    }
    return error == VENUE_BUILD_OK ? bitget_finish(account, call, out) : error;
}

/* Placements only. An item cannot be tied to its order unless the answer has as many items as we
 * sent. */
enum venue_error bitget_v1_build_batch(const struct venue_account *account,
                                       const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bitget_begin(account, HTTP_POST, ORDER "batchOrders", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->instruction_count == 0 || !bitget_args_known(call, order_args)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (call->instruction_count > BITGET_PLACE_BATCH_MAX) {
        return VENUE_BUILD_TOO_LARGE;
    }
    bitget_put_raw(&out->body, "orders", "[");
    for (size_t i = 0; i < call->instruction_count; i++) {
        if (call->instruction[i].kind != VENUE_DO_PLACE) {
            return VENUE_BUILD_UNSUPPORTED;
        }
        buf_text(&out->body, i == 0 ? "{" : ",{");
        error = put_order(account->state, &out->body, call, &call->instruction[i].order);
        if (error != VENUE_BUILD_OK) {
            return error;
        }
        buf_char(&out->body, '}');
    }
    buf_char(&out->body, ']');
    return bitget_finish(account, call, out);
}

enum venue_error bitget_v1_build_cancel(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bitget_begin(account, HTTP_POST, ORDER "cancel", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->order.symbol.size == 0 || call->order.venue_id.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "symbol", call->order.symbol);
    bitget_put(&out->body, "orderId", call->order.venue_id);
    return bitget_finish(account, call, out);
}

enum venue_error bitget_v1_build_cancel_all(const struct venue_account *account,
                                            const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bitget_begin(account, HTTP_POST, ORDER "cancelAll", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

/* ---- questions ----------------------------------------------------------------------------- */

enum venue_error bitget_v1_build_status(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    enum venue_error error = bitget_begin(account, HTTP_GET, ORDER "detail", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || call->venue_id_count == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (call->venue_id_count > 1) {
        return VENUE_BUILD_TOO_LARGE;
    }
    bitget_query(state, "orderId", call->venue_id[0]);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

/* Lists of one symbol. A page goes on before the oldest row of the one before it: the cursor is
 * a time in milliseconds. */
static enum venue_error build_list(const struct venue_account *account,
                                   const struct venue_call *call, const char *path, bool timed,
                                   struct http_request *out)
{
    struct bitget_state *state = account->state;
    int64_t limit =
        call->count == 0 || call->count > BITGET_V1_PAGE ? BITGET_V1_PAGE : (int64_t)call->count;
    enum venue_error error = bitget_begin(account, HTTP_GET, path, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (timed && call->cursor.size > 0) {
        bitget_query(state, "endTime", call->cursor);
    } else if (timed) {
        bitget_query_int(state, "endTime", (call->before_us + US_PER_MS - 1) / US_PER_MS);
    }
    bitget_query_int(state, "limit", limit);
    if (timed) {
        bitget_query_int(state, "startTime", call->since_us > 0 ? call->since_us / US_PER_MS : 0);
    }
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

enum venue_error bitget_v1_build_open_orders(const struct venue_account *account,
                                             const struct venue_call *call,
                                             struct http_request *out)
{
    return build_list(account, call, ORDER "current", false, out);
}

enum venue_error bitget_v1_build_order_history(const struct venue_account *account,
                                               const struct venue_call *call,
                                               struct http_request *out)
{
    return build_list(account, call, ORDER "history", true, out);
}

enum venue_error bitget_v1_build_fills(const struct venue_account *account,
                                       const struct venue_call *call, struct http_request *out)
{
    return build_list(account, call, ORDER "fills", true, out);
}

enum venue_error bitget_v1_build_executions(const struct venue_account *account,
                                            const struct venue_call *call, struct http_request *out)
{
    return build_list(account, call, ORDER "fills", true, out);
}

/* ---- positions ----------------------------------------------------------------------------- */

enum venue_error bitget_v1_build_close(const struct venue_account *account,
                                       const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "positionSide", NULL };
    struct bytes side = bitget_arg(call, "positionSide");
    enum venue_error error = bitget_begin(account, HTTP_POST, POSITION "close", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || !bitget_args_known(call, allowed) ||
        !(side.size == 0 || bytes_is(side, "long") || bytes_is(side, "short"))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "symbol", call->symbol);
    bitget_put(&out->body, "positionSide", side);
    return bitget_finish(account, call, out);
}

enum venue_error bitget_v1_build_set_leverage(const struct venue_account *account,
                                              const struct venue_call *call,
                                              struct http_request *out)
{
    enum venue_error error = bitget_begin(account, HTTP_POST, POSITION "leverage", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || !bitget_args_known(call, order_args)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "symbol", call->symbol);
    error = put_margin(account->state, &out->body, call);
    return error == VENUE_BUILD_OK ? bitget_finish(account, call, out) : error;
}
