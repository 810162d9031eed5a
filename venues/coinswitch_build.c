/*
 * CoinSwitch PRO futures: requests. Lists of orders are POSTs, and a DELETE has a body.
 */
#include "coinswitch.h"

#include <inttypes.h>
#include <stdio.h>

#define FUTURES "/trade/api/v2/futures/"
#define EXCHANGE "EXCHANGE_2"

/* ---- what all requests share --------------------------------------------------------------- */

static enum venue_error begin(const struct venue_account *account, enum http_method method,
                              const char *path, struct http_request *out)
{
    if (account->state == NULL) {
        return VENUE_BUILD_FAILED;
    }
    http_request_clear(out);
    out->method = method;
    buf_text(&out->target, path);
    return VENUE_BUILD_OK;
}

static enum venue_error begin_body(const struct venue_account *account, enum http_method method,
                                   const char *path, struct http_request *out)
{
    enum venue_error error = begin(account, method, path, out);

    buf_text(&out->body, "{\"exchange\":\"" EXCHANGE "\"");
    return error;
}

static void query(struct http_request *out, const char *name, struct bytes value)
{
    buf_char(&out->target, memchr(out->target.data, '?', out->target.size) == NULL ? '?' : '&');
    buf_text(&out->target, name);
    buf_char(&out->target, '=');
    http_encode(&out->target, value);
}

static void member(struct http_request *out, const char *name, struct bytes value)
{
    buf_printf(&out->body, ",\"%s\":", name);
    json_put_text(&out->body, value);
}

static void member_decimal(struct http_request *out, const char *name, struct decimal value)
{
    buf_printf(&out->body, ",\"%s\":", name);
    buf_decimal(&out->body, value);
}

static void member_int(struct http_request *out, const char *name, int64_t value)
{
    buf_printf(&out->body, ",\"%s\":%" PRId64, name, value);
}

static enum venue_error finish(const struct venue_account *account, const struct venue_call *call,
                               struct http_request *out)
{
    struct coinswitch_state *s = account->state;
    char epoch[24];
    struct bytes epoch_text = { epoch, 0 };

    if (out->body.size > 0) {
        buf_char(&out->body, '}');
    }
    if (!http_request_ok(out)) {
        return VENUE_BUILD_TOO_LARGE;
    }
    epoch_text.size = (size_t)snprintf(epoch, sizeof epoch, "%" PRId64, call->wall_us / US_PER_MS);
    buf_clear(&s->signature);
    if (!coinswitch_sign(s, out->method, buf_view(&out->target), epoch_text, &s->signature)) {
        return VENUE_BUILD_FAILED;
    }
    http_request_header(out, "Content-Type", BYTES("application/json"));
    http_request_header(out, "X-AUTH-APIKEY", account->key);
    http_request_header(out, "X-AUTH-SIGNATURE", buf_view(&s->signature));
    http_request_header(out, "X-AUTH-EPOCH", epoch_text);
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

/* The values of these arguments, in this order; an argument of another name is not dropped in
 * silence. */
static bool args(const struct venue_call *call, const char *const *names, struct bytes *values,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct bytes){ NULL, 0 };
    }
    for (size_t i = 0; i < call->arg_count; i++) {
        size_t k = 0;

        while (k < count && !bytes_is(call->arg[i].name, names[k])) {
            k++;
        }
        if (k == count) {
            return false;
        }
        values[k] = call->arg[i].value;
    }
    return true;
}

static bool positive(struct decimal d)
{
    return decimal_sign(d) > 0;
}

/* ---- orders -------------------------------------------------------------------------------- */

static enum venue_error type_text(const struct venue_order *o, const char **type)
{
    switch (o->type) {
    case VENUE_MARKET: *type = "MARKET"; return VENUE_BUILD_OK;
    case VENUE_LIMIT: *type = "LIMIT"; return VENUE_BUILD_OK;
    case VENUE_STOP_MARKET: *type = "STOP_MARKET"; return VENUE_BUILD_OK;
    case VENUE_TAKE_MARKET: *type = "TAKE_PROFIT_MARKET"; return VENUE_BUILD_OK;
    case VENUE_STOP_LIMIT:
    case VENUE_TAKE_LIMIT:
    case VENUE_TRAILING: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* NULL: not said; the venue's default, GTC. A market order needs no word, and a trigger has none.
 */
static enum venue_error tif_text(const struct venue_order *o, const char **tif)
{
    bool limit = o->type == VENUE_LIMIT;

    *tif = NULL;
    if ((int)o->tif == 0) {
        return VENUE_BUILD_OK;
    }
    switch (o->tif) {
    case VENUE_GTC: *tif = limit ? "GTC" : NULL; return VENUE_BUILD_OK;
    case VENUE_IOC:
        *tif = limit ? "IOC" : NULL;
        return limit || o->type == VENUE_MARKET ? VENUE_BUILD_OK : VENUE_BUILD_UNSUPPORTED;
    case VENUE_FOK: *tif = "FOK"; return limit ? VENUE_BUILD_OK : VENUE_BUILD_UNSUPPORTED;
    case VENUE_GTD:
    case VENUE_DAY: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* What an order may ask and this venue does not have. */
static bool beyond(const struct venue_order *o)
{
    return o->post_only || o->trigger != VENUE_TRIGGER_DEFAULT ||
           o->trail_unit != VENUE_OFFSET_NONE || o->position != 0 || o->stp != 0 ||
           o->qty_is_quote || o->has_take_profit || o->has_stop_loss || o->has_take_profit_limit ||
           o->has_stop_loss_limit;
}

static bool is_trigger(enum venue_order_type t)
{
    return t == VENUE_STOP_MARKET || t == VENUE_TAKE_MARKET;
}

static enum venue_error check(const struct coinswitch_state *s, const struct venue_order *o)
{
    if (o->symbol.size == 0 || (o->side != VENUE_BUY && o->side != VENUE_SELL) ||
        !positive(o->qty) || (o->type == VENUE_LIMIT && !positive(o->price)) ||
        (is_trigger(o->type) && !positive(o->stop_price))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (beyond(o)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    /* A trigger closes the whole position, whatever its quantity says. */
    if (is_trigger(o->type) && (!s->triggers_close || !o->reduce_only)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_OK;
}

static void put_terms(struct http_request *out, const struct venue_order *o, const char *type,
                      const char *tif)
{
    member(out, "symbol", o->symbol);
    member(out, "side", o->side == VENUE_BUY ? BYTES("BUY") : BYTES("SELL"));
    member(out, "order_type", bytes_of(type));
    if (o->type == VENUE_LIMIT) {
        member_decimal(out, "price", o->price);
    }
    member_decimal(out, "quantity", is_trigger(o->type) ? DECIMAL_ZERO : o->qty);
    if (is_trigger(o->type)) {
        member_decimal(out, "trigger_price", o->stop_price);
    }
    if (o->reduce_only) {
        buf_text(&out->body, ",\"reduce_only\":true");
    }
    if (tif != NULL) {
        member(out, "time_in_force", bytes_of(tif));
    }
}

enum venue_error coinswitch_build_place(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    const struct venue_order *o = &call->order;
    const char *type = NULL;
    const char *tif = NULL;
    enum venue_error error = begin_body(account, HTTP_POST, FUTURES "order", out);

    if (error == VENUE_BUILD_OK && call->arg_count > 0) {
        error = VENUE_BUILD_BAD_ARGUMENT;
    }
    if (error == VENUE_BUILD_OK) {
        error = type_text(o, &type);
    }
    if (error == VENUE_BUILD_OK) {
        error = tif_text(o, &tif);
    }
    if (error == VENUE_BUILD_OK) {
        error = check(account->state, o);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    put_terms(out, o, type, tif);
    buf_text(&out->body, ",\"client_order_id\":\"");
    if (!coinswitch_uuid(o->client_id, &out->body)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_char(&out->body, '"');
    return finish(account, call, out);
}

enum venue_error coinswitch_build_cancel(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = begin_body(account, HTTP_DELETE, FUTURES "order", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->order.venue_id.size == 0) {
        /* By our own id it is not offered. */
        return call->order.client_id.size == 0 ? VENUE_BUILD_BAD_ARGUMENT : VENUE_BUILD_UNSUPPORTED;
    }
    member(out, "order_id", call->order.venue_id);
    return finish(account, call, out);
}

enum venue_error coinswitch_build_cancel_all(const struct venue_account *account,
                                             const struct venue_call *call,
                                             struct http_request *out)
{
    enum venue_error error = begin_body(account, HTTP_POST, FUTURES "cancel_all", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size > 0) {
        member(out, "symbol", call->symbol);
    }
    return finish(account, call, out);
}

/* One order a call. Of several ids the first is asked: the reply is not complete then, and the
 * lists tell of the others. The venue's id comes first: it names one order for certain. */
enum venue_error coinswitch_build_status(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = begin(account, HTTP_GET, FUTURES "order", out);
    struct buf uuid;

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->venue_id_count > 0) {
        query(out, "order_id", call->venue_id[0]);
        return finish(account, call, out);
    }
    if (call->client_id_count == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_init(&uuid, 64);
    if (coinswitch_uuid(call->client_id[0], &uuid)) {
        query(out, "client_order_id", buf_view(&uuid));
        error = finish(account, call, out);
    } else {
        error = VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_fini(&uuid);
    return error;
}

/* ---- lists --------------------------------------------------------------------------------- */

uint32_t coinswitch_page(const struct venue_call *call)
{
    return call->count == 0 || call->count > COINSWITCH_PAGE_MAX ? COINSWITCH_PAGE_MAX
                                                                 : call->count;
}

static bool read_cursor(struct bytes cursor, int64_t *ms)
{
    struct decimal number;

    if (cursor.size == 0 || !decimal_parse(cursor, &number)) {
        return false;
    }
    number = decimal_normal(number);
    *ms = number.mantissa;
    return number.scale == 0 && number.mantissa > 0;
}

bool coinswitch_window(const struct venue_call *call, int64_t *from_ms, int64_t *to_ms)
{
    const int64_t span_ms = COINSWITCH_SPAN_US / US_PER_MS;
    int64_t since_ms = call->since_us / US_PER_MS;

    if (call->since_us == 0 && call->before_us == 0 && call->cursor.size == 0) {
        return false;
    }
    if (!read_cursor(call->cursor, to_ms)) {
        *to_ms = (call->before_us != 0 ? call->before_us : call->wall_us) / US_PER_MS;
    }
    *from_ms = *to_ms > span_ms ? *to_ms - span_ms : 0;
    if (since_ms > *from_ms) {
        *from_ms = since_ms < *to_ms ? since_ms : *to_ms;
    }
    return true;
}

static enum venue_error build_list(const struct venue_account *account,
                                   const struct venue_call *call, const char *path, bool closed,
                                   struct http_request *out)
{
    static const char *const names[] = { "status" };
    struct bytes status;
    enum venue_error error = begin_body(account, HTTP_POST, path, out);
    int64_t from_ms, to_ms;

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!args(call, names, &status, closed ? 1 : 0) ||
        (call->cursor.size > 0 && !read_cursor(call->cursor, &to_ms))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (call->symbol.size > 0) {
        member(out, "symbol", call->symbol);
    }
    if (closed && status.size > 0) {
        member(out, "status", status);
    }
    member_int(out, "limit", coinswitch_page(call));
    if (coinswitch_window(call, &from_ms, &to_ms)) {
        member_int(out, "from_time", from_ms);
        member_int(out, "to_time", to_ms);
    }
    return finish(account, call, out);
}

enum venue_error coinswitch_build_open_orders(const struct venue_account *account,
                                              const struct venue_call *call,
                                              struct http_request *out)
{
    return build_list(account, call, FUTURES "orders/open", false, out);
}

enum venue_error coinswitch_build_order_history(const struct venue_account *account,
                                                const struct venue_call *call,
                                                struct http_request *out)
{
    return build_list(account, call, FUTURES "orders/closed", true, out);
}

enum venue_error coinswitch_build_positions(const struct venue_account *account,
                                            const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = begin(account, HTTP_GET, FUTURES "positions", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    query(out, "exchange", BYTES(EXCHANGE));
    if (call->symbol.size > 0) {
        query(out, "symbol", call->symbol);
    }
    return finish(account, call, out);
}

/* ---- settings and the rest ----------------------------------------------------------------- */

enum venue_error coinswitch_build_get_leverage(const struct venue_account *account,
                                               const struct venue_call *call,
                                               struct http_request *out)
{
    enum venue_error error = begin(account, HTTP_GET, FUTURES "leverage", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    query(out, "exchange", BYTES(EXCHANGE));
    query(out, "symbol", call->symbol);
    return finish(account, call, out);
}

/* `leverage`, a whole number; or `margin`, in USDT, to be added to the position. */
enum venue_error coinswitch_build_set_leverage(const struct venue_account *account,
                                               const struct venue_call *call,
                                               struct http_request *out)
{
    static const char *const names[] = { "leverage", "margin" };
    struct bytes values[ARRAY_LEN(names)];
    struct decimal number;
    bool margin;
    enum venue_error error;

    if (!args(call, names, values, ARRAY_LEN(names)) || call->symbol.size == 0 ||
        (values[0].size > 0) == (values[1].size > 0)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    margin = values[1].size > 0;
    if (!decimal_parse(values[margin], &number) || !positive(number) ||
        (!margin && !decimal_is_multiple(number, (struct decimal){ 1, 0 }))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    error = begin_body(account, HTTP_POST, margin ? FUTURES "add_margin" : FUTURES "leverage", out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    member(out, "symbol", call->symbol);
    member_decimal(out, names[margin], number);
    return finish(account, call, out);
}

enum venue_error coinswitch_build_instruments(const struct venue_account *account,
                                              const struct venue_call *call,
                                              struct http_request *out)
{
    enum venue_error error = begin(account, HTTP_GET, FUTURES "instrument_info", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    query(out, "exchange", BYTES(EXCHANGE));
    return finish(account, call, out);
}

static void query_int(struct http_request *out, const char *name, int64_t value)
{
    char text[24];

    query(out, name,
          (struct bytes){ text, (size_t)snprintf(text, sizeof text, "%" PRId64, value) });
}

enum venue_error coinswitch_build_account_log(const struct venue_account *account,
                                              const struct venue_call *call,
                                              struct http_request *out)
{
    static const char *const names[] = { "type", "transaction_id" };
    struct bytes values[ARRAY_LEN(names)];
    enum venue_error error = begin(account, HTTP_GET, FUTURES "transactions", out);
    int64_t from_ms, to_ms;

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!args(call, names, values, ARRAY_LEN(names))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    query(out, "exchange", BYTES(EXCHANGE));
    if (call->symbol.size > 0) {
        query(out, "symbol", call->symbol);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (values[i].size > 0) {
            query(out, names[i], values[i]);
        }
    }
    if (call->count > 0) {
        query_int(out, "limit", call->count);
    }
    if (coinswitch_window(call, &from_ms, &to_ms)) {
        query_int(out, "from_time", from_ms);
        query_int(out, "to_time", to_ms);
    }
    return finish(account, call, out);
}

enum venue_error coinswitch_build_time(const struct venue_account *account,
                                       const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = begin(account, HTTP_GET, "/trade/api/v2/time", out);

    return error == VENUE_BUILD_OK ? finish(account, call, out) : error;
}
