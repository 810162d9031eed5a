/*
 * B2PRIME: requests about orders. Each sends the media type of its documented example.
 */
#include "b2prime.h"

#include <inttypes.h>

#include "timestamp.h"

/* ---- what all requests share --------------------------------------------------------------- */

enum venue_error b2prime_begin(const struct venue_account *account, enum http_method method,
                               struct http_request *out)
{
    if (account->state == NULL) {
        return VENUE_BUILD_FAILED;
    }
    http_request_clear(out);
    out->method = method;
    return VENUE_BUILD_OK;
}

enum venue_error b2prime_finish(const struct venue_account *account, enum b2prime_type type,
                                bool accept, struct http_request *out)
{
    static const char *const types[] = {
        [B2PRIME_NO_TYPE] = "",
        [B2PRIME_PLAIN] = "application/json",
        [B2PRIME_V3] = "application/json; x-api-version=3.0",
        [B2PRIME_V4] = "application/json; x-api-version=4.0",
    };
    const struct b2prime_state *s = account->state;

    if (s->token.size == 0) {
        return VENUE_BUILD_FAILED; /* no login yet: the shell logs in first */
    }
    http_request_header(out, "Authorization", buf_view(&s->token));
    if (s->account_id.size > 0) {
        http_request_header(out, "accountId", s->account_id);
    }
    if (type != B2PRIME_NO_TYPE) {
        http_request_header(out, "Content-Type", bytes_of(types[type]));
    }
    if (accept) {
        http_request_header(out, "Accept", BYTES("*/*"));
    }
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

void b2prime_name(struct http_request *out, const char *name)
{
    if (out->body.size > 0 && out->body.data[out->body.size - 1] != '{') {
        buf_char(&out->body, ',');
    }
    buf_printf(&out->body, "\"%s\":", name);
}

void b2prime_text(struct http_request *out, const char *name, struct bytes value)
{
    b2prime_name(out, name);
    json_put_text(&out->body, value);
}

void b2prime_number(struct http_request *out, const char *name, int64_t value)
{
    b2prime_name(out, name);
    buf_printf(&out->body, "%" PRId64, value);
}

void b2prime_amount(const struct venue_account *account, struct http_request *out, const char *name,
                    struct decimal value)
{
    const struct b2prime_state *s = account->state;

    b2prime_name(out, name);
    if (!s->numbers) {
        buf_char(&out->body, '"');
    }
    buf_decimal(&out->body, value);
    if (!s->numbers) {
        buf_char(&out->body, '"');
    }
}

bool b2prime_id_ok(struct bytes id)
{
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_')) {
            return false;
        }
    }
    return id.size > 0 && id.size <= VENUE_ID_MAX;
}

bool b2prime_args(const struct venue_call *call, const char *const *names, struct bytes *value,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        value[i] = (struct bytes){ NULL, 0 };
    }
    for (size_t i = 0; i < call->arg_count; i++) {
        size_t k = 0;

        while (k < count && !bytes_is(call->arg[i].name, names[k])) {
            k++;
        }
        if (k == count) {
            return false;
        }
        value[k] = call->arg[i].value;
    }
    return true;
}

static bool positive(struct decimal d)
{
    return decimal_sign(d) > 0;
}

/* ---- parts of an order --------------------------------------------------------------------- */

static bool is_stop(enum venue_order_type t)
{
    return t == VENUE_STOP_MARKET || t == VENUE_STOP_LIMIT;
}

static bool is_limit(enum venue_order_type t)
{
    return t == VENUE_LIMIT || t == VENUE_STOP_LIMIT;
}

/* The lot: from the argument, else the market's option. Without it no quantity can be said. */
static enum venue_error put_quantity(const struct venue_account *account,
                                     const struct venue_order *o, const char *spot_amount,
                                     struct bytes lot_size, struct http_request *out)
{
    struct decimal size, lots;

    if (b2prime_market(o->symbol) == B2PRIME_SPOT) {
        b2prime_amount(account, out, spot_amount, o->qty);
        return lot_size.size > 0 ? VENUE_BUILD_UNSUPPORTED : VENUE_BUILD_OK;
    }
    if (lot_size.size == 0) {
        lot_size = b2prime_option(account, "lotSize", o->symbol);
    }
    if (lot_size.size == 0) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (!decimal_parse(lot_size, &size)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (!b2prime_lots(o->qty, size, &lots)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    b2prime_amount(account, out, "requestedLotAmount", lots);
    return VENUE_BUILD_OK;
}

/* `tif`: NULL where a request has none. */
static enum venue_error put_order(const struct venue_account *account, const struct venue_order *o,
                                  const char *tif, const char *spot_amount, struct bytes lot_size,
                                  struct http_request *out)
{
    if (b2prime_market(o->symbol) == B2PRIME_NONE ||
        (o->side != VENUE_BUY && o->side != VENUE_SELL) || !positive(o->qty) ||
        (is_limit(o->type) && !positive(o->price)) ||
        (is_stop(o->type) && !positive(o->stop_price))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    switch (o->type) {
    case VENUE_MARKET:
    case VENUE_LIMIT:
    case VENUE_STOP_MARKET:
    case VENUE_STOP_LIMIT: break;
    case VENUE_TAKE_MARKET:
    case VENUE_TAKE_LIMIT:
    case VENUE_TRAILING: return VENUE_BUILD_UNSUPPORTED;
    }
    b2prime_text(out, "marketId", o->symbol);
    b2prime_text(out, "side", o->side == VENUE_BUY ? BYTES("Buy") : BYTES("Sell"));
    b2prime_text(out, "orderType", is_limit(o->type) ? BYTES("Limit") : BYTES("Market"));
    if (tif != NULL) {
        b2prime_text(out, "timeInForce", bytes_of(tif));
    }
    return put_quantity(account, o, spot_amount, lot_size, out);
}

/* CFD and perpetual: on every order. From the argument, the market's option, the account's. */
static enum venue_error put_leverage(const struct venue_account *account,
                                     const struct venue_order *o, struct bytes given,
                                     struct http_request *out)
{
    const struct bytes none = { NULL, 0 };
    struct decimal number;

    if (b2prime_market(o->symbol) == B2PRIME_SPOT) {
        return given.size > 0 ? VENUE_BUILD_UNSUPPORTED : VENUE_BUILD_OK;
    }
    if (given.size == 0) {
        given = b2prime_option(account, "leverage", o->symbol);
    }
    if (given.size == 0) {
        given = b2prime_option(account, "leverage", none);
    }
    if (given.size == 0 || !decimal_parse(given, &number) || !positive(number) ||
        !decimal_is_multiple(number, (struct decimal){ 1, 0 })) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    b2prime_name(out, "leverage");
    buf_decimal(&out->body, number);
    return VENUE_BUILD_OK;
}

/* GTD and DAY rest, so they are for limits. What is a market order ends at once whatever it says.
 */
static enum venue_error tif_text(const struct venue_order *o, const char **text)
{
    bool limit = is_limit(o->type);

    if ((int)o->tif == 0) {
        *text = limit ? "Gtc" : "Ioc";
        return VENUE_BUILD_OK;
    }
    switch (o->tif) {
    case VENUE_GTC: *text = limit ? "Gtc" : "Ioc"; return VENUE_BUILD_OK;
    case VENUE_IOC: *text = "Ioc"; return VENUE_BUILD_OK;
    case VENUE_FOK: *text = "Fok"; return VENUE_BUILD_OK;
    case VENUE_GTD: *text = "Gtd"; return limit ? VENUE_BUILD_OK : VENUE_BUILD_UNSUPPORTED;
    case VENUE_DAY: *text = "Day"; return limit ? VENUE_BUILD_OK : VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

static bool beyond(const struct venue_order *o)
{
    bool attached = o->has_take_profit || o->has_stop_loss;

    return o->post_only || o->reduce_only || o->trigger != VENUE_TRIGGER_DEFAULT ||
           o->trail_unit != VENUE_OFFSET_NONE || o->position != 0 || o->stp != 0 ||
           o->qty_is_quote || o->has_take_profit_limit || o->has_stop_loss_limit ||
           (attached && b2prime_market(o->symbol) == B2PRIME_SPOT);
}

static enum venue_error put_attached(const struct venue_account *account,
                                     const struct venue_order *o, struct bytes trailing,
                                     struct http_request *out)
{
    if (trailing.size > 0 &&
        (!o->has_stop_loss || !(bytes_is(trailing, "true") || bytes_is(trailing, "false")))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (o->has_stop_loss) {
        b2prime_name(out, "stopLoss");
        buf_char(&out->body, '{');
        b2prime_amount(account, out, "price", o->stop_loss);
        b2prime_name(out, "isTrailing");
        buf_text(&out->body, bytes_is(trailing, "true") ? "true}" : "false}");
    }
    if (o->has_take_profit) {
        b2prime_name(out, "takeProfit");
        buf_char(&out->body, '{');
        b2prime_amount(account, out, "price", o->take_profit);
        buf_char(&out->body, '}');
    }
    return VENUE_BUILD_OK;
}

static bool comment_ok(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        if (c < ' ' || c > '~' || c == '"' || c == '\'' || c == '\\') {
            return false;
        }
    }
    return text.size > 0 && text.size <= B2PRIME_COMMENT_MAX;
}

/* ---- place, cancel ------------------------------------------------------------------------- */

static const char *const order_path[] = {
    [B2PRIME_SPOT] = "/frontoffice/api/v3/",
    [B2PRIME_CFD] = "/frontoffice/api/cfd/v4/",
    [B2PRIME_PERPETUAL] = "/frontoffice/api/perpetual/v4/",
};

enum { ARG_COMMENT, ARG_LEVERAGE, ARG_TRAILING, ARG_LOT_SIZE, PLACE_ARGS };

static const char *const place_args[PLACE_ARGS] = {
    [ARG_COMMENT] = "comment",
    [ARG_LEVERAGE] = "leverage",
    [ARG_TRAILING] = "stopLoss.isTrailing",
    [ARG_LOT_SIZE] = "lotSize",
};

static enum venue_error put_terms(const struct venue_account *account, const struct venue_order *o,
                                  const struct bytes *arg, struct http_request *out)
{
    char time[TIMESTAMP_TEXT_MAX];
    const char *tif = NULL;
    enum venue_error error = tif_text(o, &tif);

    if (error == VENUE_BUILD_OK) {
        error = put_order(account, o, tif, "requestedAmount", arg[ARG_LOT_SIZE], out);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (is_limit(o->type)) {
        b2prime_amount(account, out, "requestedPrice", o->price);
    }
    if (is_stop(o->type)) {
        b2prime_amount(account, out, "activationPrice", o->stop_price);
    }
    error = put_leverage(account, o, arg[ARG_LEVERAGE], out);
    if (error == VENUE_BUILD_OK && bytes_is(bytes_of(tif), "Gtd")) {
        if (o->expire_us <= 0) {
            return VENUE_BUILD_BAD_ARGUMENT;
        }
        b2prime_text(out, "cancellationDate",
                     (struct bytes){ time, timestamp_print_iso(o->expire_us, 3, time) });
    }
    return error == VENUE_BUILD_OK ? put_attached(account, o, arg[ARG_TRAILING], out) : error;
}

enum venue_error b2prime_build_place(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    const struct venue_order *o = &call->order;
    enum b2prime_market market = b2prime_market(o->symbol);
    struct bytes arg[PLACE_ARGS];
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, place_args, arg, PLACE_ARGS) || market == B2PRIME_NONE ||
        !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (beyond(o)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (arg[ARG_COMMENT].size == 0) {
        arg[ARG_COMMENT] = o->client_id;
    }
    if (!comment_ok(arg[ARG_COMMENT])) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_text(&out->target, order_path[market]);
    buf_text(&out->target, is_stop(o->type) ? "stop-orders" : "orders");
    buf_text(&out->body, "{\"order\":{");
    error = put_terms(account, o, arg, out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    b2prime_text(out, "comment", arg[ARG_COMMENT]);
    buf_text(&out->body, "}}");
    return b2prime_finish(account, is_stop(o->type) ? B2PRIME_V4 : B2PRIME_PLAIN, is_stop(o->type),
                          out);
}

/* Two kinds of ids, two paths. `kind` = stop or order says which, where the order's type does not.
 */
enum venue_error b2prime_build_cancel(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    static const char *const names[] = { "kind" };
    struct bytes kind;
    bool stop = is_stop(call->order.type);
    enum venue_error error = b2prime_begin(account, HTTP_DELETE, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->order.venue_id.size == 0 && call->order.client_id.size > 0) {
        return VENUE_BUILD_UNSUPPORTED; /* the venue knows no id of ours */
    }
    if (!b2prime_args(call, names, &kind, 1) || !b2prime_id_ok(call->order.venue_id) ||
        !b2prime_has_account(account) ||
        !(kind.size == 0 || bytes_is(kind, "stop") || bytes_is(kind, "order"))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    stop = kind.size == 0 ? stop : bytes_is(kind, "stop");
    buf_text(&out->target,
             stop ? "/frontoffice/api/v3/stop-orders/" : "/frontoffice/api/v3/orders/");
    buf_bytes(&out->target, call->order.venue_id);
    return b2prime_finish(account, stop ? B2PRIME_V4 : B2PRIME_NO_TYPE, true, out);
}

/* ---- order-data ---------------------------------------------------------------------------- */

enum {
    CHECK_LEVERAGE,
    CHECK_TP_TYPE,
    CHECK_TP_SIZE,
    CHECK_SL_TYPE,
    CHECK_SL_SIZE,
    CHECK_SL_TRAILING,
    CHECK_LOT_SIZE,
    CHECK_ARGS
};

static const char *const check_args[CHECK_ARGS] = {
    [CHECK_LEVERAGE] = "leverage",
    [CHECK_TP_TYPE] = "takeProfit.triggerType",
    [CHECK_TP_SIZE] = "takeProfit.triggerSize",
    [CHECK_SL_TYPE] = "stopLoss.triggerType",
    [CHECK_SL_SIZE] = "stopLoss.triggerSize",
    [CHECK_SL_TRAILING] = "stopLoss.isTrailing",
    [CHECK_LOT_SIZE] = "lotSize",
};

enum venue_error b2prime_put_trigger(const struct venue_account *account, const char *name,
                                     struct bytes type, struct bytes size, struct bytes trailing,
                                     struct http_request *out)
{
    static const char *const types[] = { "price", "rate", "points", "pnl" };
    struct decimal number;
    size_t i = 0;

    if (type.size == 0 && size.size == 0 && trailing.size == 0) {
        return VENUE_BUILD_OK;
    }
    while (i < ARRAY_LEN(types) && !answer_same(type, types[i])) {
        i++;
    }
    if (i == ARRAY_LEN(types) || size.size == 0 || !decimal_parse(size, &number) ||
        !(trailing.size == 0 || bytes_is(trailing, "true") || bytes_is(trailing, "false"))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    b2prime_name(out, name);
    buf_char(&out->body, '{');
    b2prime_text(out, "triggerType", bytes_of(types[i]));
    b2prime_amount(account, out, "triggerSize", number);
    if (trailing.size > 0) {
        b2prime_name(out, "isTrailing");
        buf_bytes(&out->body, trailing);
    }
    buf_char(&out->body, '}');
    return VENUE_BUILD_OK;
}

static enum venue_error put_check(const struct venue_account *account, const struct venue_order *o,
                                  const struct bytes *arg, struct http_request *out)
{
    const struct bytes none = { NULL, 0 };
    const char *spot = o->qty_is_quote ? "requestedQuoteAmount" : "requestedBaseAmount";
    enum venue_error error = put_order(account, o, NULL, spot, arg[CHECK_LOT_SIZE], out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (is_limit(o->type)) {
        b2prime_amount(account, out, "requestedPrice", o->price);
    }
    error = put_leverage(account, o, arg[CHECK_LEVERAGE], out);
    if (error == VENUE_BUILD_OK) {
        error = b2prime_put_trigger(account, "takeProfit", arg[CHECK_TP_TYPE], arg[CHECK_TP_SIZE],
                                    none, out);
    }
    if (error == VENUE_BUILD_OK) {
        error = b2prime_put_trigger(account, "stopLoss", arg[CHECK_SL_TYPE], arg[CHECK_SL_SIZE],
                                    arg[CHECK_SL_TRAILING], out);
    }
    return error;
}

enum venue_error b2prime_build_check_order(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    enum b2prime_market market = b2prime_market(call->order.symbol);
    bool spot = market == B2PRIME_SPOT;
    struct bytes arg[CHECK_ARGS];
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, check_args, arg, CHECK_ARGS) || market == B2PRIME_NONE ||
        !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (is_stop(call->order.type) || (call->order.qty_is_quote && !spot) ||
        (spot && call->arg_count > 0)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    buf_text(&out->target, order_path[market]);
    buf_text(&out->target, "order-data");
    buf_text(&out->body, "{\"order\":{");
    error = put_check(account, &call->order, arg, out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    buf_text(&out->body, "}}");
    return b2prime_finish(account, spot ? B2PRIME_V3 : B2PRIME_V4, true, out);
}
