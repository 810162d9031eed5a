/*
 * Kraken Futures: requests. What goes on the wire is encoded once into a buffer, and the bytes of
 * that buffer are what is signed; nothing is encoded twice.
 */
#include "kraken_futures.h"

#include <inttypes.h>
#include <stdio.h>

#include "timestamp.h"

/* ---- signing and sending ------------------------------------------------------------------- */

static struct bytes signed_path(struct bytes path)
{
    const struct bytes prefix = BYTES("/derivatives");

    if (path.size > prefix.size && memcmp(path.data, prefix.data, prefix.size) == 0 &&
        path.data[prefix.size] == '/') {
        path.data += prefix.size;
        path.size -= prefix.size;
    }
    return path;
}

bool kraken_sign(struct kraken_state *s, struct bytes query, struct bytes body, struct bytes nonce,
                 struct bytes path, struct buf *out)
{
    const struct bytes parts[] = { query, body, nonce, signed_path(path) };
    unsigned char digest[SIGN_DIGEST_MAX];
    unsigned char mac[SIGN_DIGEST_MAX];
    size_t size = sign_hasher_run(s->sha256, parts, ARRAY_LEN(parts), digest);
    struct bytes message = { (const char *)digest, size };

    if (size == 0) {
        return false;
    }
    size = sign_hmac(s->hmac, &message, 1, mac);
    sign_base64(out, mac, size);
    sign_wipe(mac, sizeof mac);
    return size != 0 && !out->failed;
}

enum venue_error kraken_begin(const struct venue_account *account, enum http_method method,
                              const char *path, struct http_request *out)
{
    struct kraken_state *state = account->state;

    if (state == NULL) {
        return VENUE_BUILD_FAILED;
    }
    http_request_clear(out);
    buf_clear(&state->params);
    out->method = method;
    buf_text(&out->target, path);
    return VENUE_BUILD_OK;
}

static enum venue_error add_signature(const struct venue_account *account,
                                      const struct venue_call *call, struct bytes query,
                                      struct bytes path, struct http_request *out)
{
    struct kraken_state *state = account->state;
    char nonce[24];
    struct bytes nonce_text = { nonce, 0 };

    http_request_header(out, "APIKey", account->key);
    if (account->send_nonce) {
        nonce_text.size = (size_t)snprintf(nonce, sizeof nonce, "%" PRIu64, call->nonce);
        http_request_header(out, "Nonce", nonce_text);
    }
    buf_clear(&state->authent);
    if (!kraken_sign(state, query, buf_view(&out->body), nonce_text, path, &state->authent)) {
        return VENUE_BUILD_FAILED;
    }
    http_request_header(out, "Authent", buf_view(&state->authent));
    return VENUE_BUILD_OK;
}

enum venue_error kraken_finish(const struct venue_account *account, const struct venue_call *call,
                               struct http_request *out)
{
    struct kraken_state *state = account->state;
    struct bytes query = buf_view(&state->params);
    struct bytes path;
    enum venue_error error;

    if (!http_request_ok(out) || state->params.failed) {
        return VENUE_BUILD_TOO_LARGE;
    }
    path.size = out->target.size;
    if (query.size > 0) {
        buf_char(&out->target, '?');
        buf_bytes(&out->target, query);
    }
    path.data = out->target.data;
    error = add_signature(account, call, query, path, out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (out->body.size > 0) {
        http_request_header(out, "Content-Type", BYTES("application/x-www-form-urlencoded"));
    }
    http_request_header(out, "Accept", BYTES("application/json"));
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

/* ---- parameters, as form fields or as members of a batch instruction ----------------------- */

/* The same parameters go into a form (sendorder) and into JSON (batchorder); this hides which. */
struct params {
    struct buf *out;
    bool json;
};

static void put_text(const struct params *p, const char *name, struct bytes value)
{
    if (!p->json) {
        http_param(p->out, name, value);
        return;
    }
    buf_printf(p->out, ",\"%s\":", name);
    json_put_text(p->out, value);
}

static void put_decimal(const struct params *p, const char *name, struct decimal value)
{
    if (!p->json) {
        http_param_decimal(p->out, name, value);
        return;
    }
    buf_printf(p->out, ",\"%s\":", name);
    buf_decimal(p->out, value);
}

static void put_true(const struct params *p, const char *name)
{
    if (!p->json) {
        http_param_text(p->out, name, "true");
        return;
    }
    buf_printf(p->out, ",\"%s\":true", name);
}

static void param_process_before(struct buf *out, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];

    if (wall_us != 0) {
        http_param(out, "processBefore",
                   (struct bytes){ text, timestamp_print_iso(wall_us, 6, text) });
    }
}

const struct bytes *kraken_arg(const struct venue_call *call, const char *name)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        if (bytes_is(call->arg[i].name, name)) {
            return &call->arg[i].value;
        }
    }
    return NULL;
}

bool kraken_args_known(const struct venue_call *call, const char *const *allowed)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        size_t k = 0;

        while (allowed[k] != NULL && !bytes_is(call->arg[i].name, allowed[k])) {
            k++;
        }
        if (allowed[k] == NULL) {
            return false;
        }
    }
    return true;
}

static bool client_id_ok(struct bytes id)
{
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_')) {
            return false;
        }
    }
    return id.size <= KRAKEN_CLIENT_ID_MAX;
}

static bool positive(struct decimal d)
{
    return decimal_sign(d) > 0;
}

/* ---- orders -------------------------------------------------------------------------------- */

/* The venue has no other time in force than the order type; DAY and GTD do not exist. */
static enum venue_error limit_type(const struct venue_order *o, const char **type)
{
    if (o->post_only && (o->tif == VENUE_IOC || o->tif == VENUE_FOK)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    switch (o->tif) {
    case VENUE_GTC: *type = o->post_only ? "post" : "lmt"; return VENUE_BUILD_OK;
    case VENUE_IOC: *type = "ioc"; return VENUE_BUILD_OK;
    case VENUE_FOK: *type = "fok"; return VENUE_BUILD_OK;
    case VENUE_GTD:
    case VENUE_DAY: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* Others than limit orders have no choice: `mkt` ends at once, a trigger waits until canceled. */
static bool tif_fits(const struct venue_order *o)
{
    bool unset = (int)o->tif == 0;

    if (o->post_only) {
        return false;
    }
    if (o->type == VENUE_MARKET) {
        return unset || o->tif == VENUE_IOC || o->tif == VENUE_GTC;
    }
    return unset || o->tif == VENUE_GTC;
}

static enum venue_error order_type(const struct venue_order *o, const char **type)
{
    if (o->type != VENUE_LIMIT && !tif_fits(o)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    switch (o->type) {
    case VENUE_MARKET: *type = "mkt"; return VENUE_BUILD_OK;
    case VENUE_LIMIT: return limit_type(o, type);
    case VENUE_STOP_MARKET:
    case VENUE_STOP_LIMIT: *type = "stp"; return VENUE_BUILD_OK;
    case VENUE_TAKE_MARKET:
    case VENUE_TAKE_LIMIT: *type = "take_profit"; return VENUE_BUILD_OK;
    case VENUE_TRAILING: *type = "trailing_stop"; return VENUE_BUILD_OK;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
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

static const char *trigger_text(enum venue_trigger t)
{
    switch (t) {
    case VENUE_TRIGGER_LAST: return "last";
    case VENUE_TRIGGER_MARK: return "mark";
    case VENUE_TRIGGER_INDEX: return "index";
    case VENUE_TRIGGER_DEFAULT: break;
    }
    return KRAKEN_DEFAULT_TRIGGER;
}

/* The terms an order and its edit have in common are sound. */
static enum venue_error terms_check(const struct venue_order *o)
{
    if (!positive(o->qty) || (has_limit_price(o->type) && !positive(o->price)) ||
        (has_stop_price(o->type) && !positive(o->stop_price))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

static enum venue_error place_check(const struct venue_order *o)
{
    if (o->symbol.size == 0 || (o->side != VENUE_BUY && o->side != VENUE_SELL)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    /* Without our id a lost answer could never be settled. */
    if (o->client_id.size == 0 || !client_id_ok(o->client_id)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (o->type == VENUE_TRAILING && (o->trail_unit == VENUE_OFFSET_NONE || !positive(o->trail))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return terms_check(o);
}

static void put_trail(const struct params *p, const struct venue_order *o)
{
    if (o->trail_unit != VENUE_OFFSET_NONE) {
        put_decimal(p, "trailingStopMaxDeviation", o->trail);
        put_text(p, "trailingStopDeviationUnit",
                 o->trail_unit == VENUE_OFFSET_PERCENT ? BYTES("PERCENT")
                                                       : BYTES("QUOTE_CURRENCY"));
    }
}

static enum venue_error put_order(const struct params *p, const struct venue_order *o)
{
    const char *type = NULL;
    enum venue_error error = place_check(o);

    if (error == VENUE_BUILD_OK) {
        error = order_type(o, &type);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    put_text(p, "orderType", bytes_of(type));
    put_text(p, "symbol", o->symbol);
    put_text(p, "side", o->side == VENUE_BUY ? BYTES("buy") : BYTES("sell"));
    put_decimal(p, "size", o->qty);
    if (has_limit_price(o->type)) {
        put_decimal(p, "limitPrice", o->price);
    }
    if (has_stop_price(o->type)) {
        put_decimal(p, "stopPrice", o->stop_price);
    }
    if (has_stop_price(o->type) || o->type == VENUE_TRAILING) {
        put_text(p, "triggerSignal", bytes_of(trigger_text(o->trigger)));
    }
    if (o->type == VENUE_TRAILING) {
        put_trail(p, o);
    }
    if (o->reduce_only) {
        put_true(p, "reduceOnly");
    }
    put_text(p, "cliOrdId", o->client_id);
    return VENUE_BUILD_OK;
}

/* The new terms, without the ids. */
static enum venue_error put_edit(const struct params *p, const struct venue_order *o)
{
    enum venue_error error = terms_check(o);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (o->type == VENUE_MARKET) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    put_decimal(p, "size", o->qty);
    if (has_limit_price(o->type)) {
        put_decimal(p, "limitPrice", o->price);
    }
    if (has_stop_price(o->type)) {
        put_decimal(p, "stopPrice", o->stop_price);
    }
    if (o->type == VENUE_TRAILING) {
        put_trail(p, o);
    }
    /* The default, RELATIVE, would make `size` the new open size; FIX OrderQty is the total. */
    put_text(p, "qtyMode", BYTES("ABSOLUTE"));
    return VENUE_BUILD_OK;
}

/* One of the ids. The venue's own comes first: it names one order for ever. */
static enum venue_error put_id(const struct params *p, const struct venue_order *o,
                               const char *venue_name)
{
    if (o->venue_id.size > 0) {
        put_text(p, venue_name, o->venue_id);
    } else if (o->client_id.size > 0 && client_id_ok(o->client_id)) {
        put_text(p, "cliOrdId", o->client_id);
    } else {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

/* Offsets of the limit price from the trigger price have no place in venue_order. */
static enum venue_error put_limit_offset(const struct params *p, const struct venue_call *call)
{
    static const char *const allowed[] = { "limitPriceOffsetValue", "limitPriceOffsetUnit", NULL };
    const struct bytes *value = kraken_arg(call, allowed[0]);
    const struct bytes *unit = kraken_arg(call, allowed[1]);
    enum venue_order_type type = call->order.type;
    struct decimal number;

    if (!kraken_args_known(call, allowed) || (value == NULL) != (unit == NULL)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (value == NULL) {
        return VENUE_BUILD_OK;
    }
    if (type == VENUE_MARKET || type == VENUE_LIMIT) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (has_limit_price(type) || !decimal_parse(*value, &number) ||
        !(bytes_is(*unit, "QUOTE_CURRENCY") || bytes_is(*unit, "PERCENT"))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    put_decimal(p, allowed[0], number);
    put_text(p, allowed[1], *unit);
    return VENUE_BUILD_OK;
}

enum venue_error kraken_build_place(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    struct params form = { &out->body, false };
    enum venue_error error = kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "sendorder", out);

    if (error == VENUE_BUILD_OK) {
        error = put_order(&form, &call->order);
    }
    if (error == VENUE_BUILD_OK) {
        error = put_limit_offset(&form, call);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    param_process_before(&out->body, call->order.process_before_us);
    return kraken_finish(account, call, out);
}

enum venue_error kraken_build_replace(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    struct params form = { &out->body, false };
    enum venue_error error = kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "editorder", out);

    if (error == VENUE_BUILD_OK) {
        error = put_id(&form, &call->order, "orderId"); /* spelled otherwise than in cancelorder */
    }
    if (error == VENUE_BUILD_OK) {
        error = put_edit(&form, &call->order);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    param_process_before(&out->body, call->order.process_before_us);
    return kraken_finish(account, call, out);
}

enum venue_error kraken_build_cancel(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    struct params form = { &out->body, false };
    enum venue_error error =
        kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "cancelorder", out);

    if (error == VENUE_BUILD_OK) {
        error = put_id(&form, &call->order, "order_id");
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    param_process_before(&out->body, call->order.process_before_us);
    return kraken_finish(account, call, out);
}

enum venue_error kraken_build_cancel_all(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    enum venue_error error =
        kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "cancelallorders", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size > 0) {
        http_param(&out->body, "symbol", call->symbol);
    }
    return kraken_finish(account, call, out);
}

enum venue_error kraken_build_deadman(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    enum venue_error error =
        kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "cancelallordersafter", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    http_param_uint(&out->body, "timeout", call->timeout_s);
    return kraken_finish(account, call, out);
}

/* ---- batch --------------------------------------------------------------------------------- */

static enum venue_error put_instruction(struct buf *out, const struct venue_instruction *in,
                                        size_t index)
{
    struct params json = { out, true };
    enum venue_error error = VENUE_BUILD_BAD_ARGUMENT;

    switch (in->kind) {
    case VENUE_DO_PLACE:
        /* The page on batches wants limitPrice for every `stp`; a stop-market order has none. */
        if (in->order.type == VENUE_STOP_MARKET) {
            return VENUE_BUILD_UNSUPPORTED;
        }
        buf_printf(out, "{\"order\":\"send\",\"order_tag\":\"%zu\"", index + 1);
        error = put_order(&json, &in->order);
        break;
    case VENUE_DO_REPLACE:
        buf_text(out, "{\"order\":\"edit\"");
        error = put_id(&json, &in->order, "order_id");
        if (error == VENUE_BUILD_OK) {
            error = put_edit(&json, &in->order);
        }
        break;
    case VENUE_DO_CANCEL:
        buf_text(out, "{\"order\":\"cancel\"");
        error = put_id(&json, &in->order, "order_id");
        break;
    }
    buf_char(out, '}');
    return error;
}

/* The batch has one deadline: the earliest of its instructions'. */
static int64_t earliest_deadline(const struct venue_call *call)
{
    int64_t earliest = 0;

    for (size_t i = 0; i < call->instruction_count; i++) {
        int64_t at = call->instruction[i].order.process_before_us;

        if (at != 0 && (earliest == 0 || at < earliest)) {
            earliest = at;
        }
    }
    return earliest;
}

enum venue_error kraken_build_batch(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    struct kraken_state *state = account->state;
    enum venue_error error = kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "batchorder", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->instruction_count == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (call->instruction_count > KRAKEN_BATCH_MAX) {
        return VENUE_BUILD_TOO_LARGE;
    }
    buf_text(&state->params, "{\"batchOrder\":[");
    for (size_t i = 0; i < call->instruction_count; i++) {
        if (i > 0) {
            buf_char(&state->params, ',');
        }
        error = put_instruction(&state->params, &call->instruction[i], i);
        if (error != VENUE_BUILD_OK) {
            return error;
        }
    }
    buf_text(&state->params, "]}");
    if (state->params.failed) {
        return VENUE_BUILD_TOO_LARGE;
    }
    http_param(&out->body, "json", buf_view(&state->params));
    buf_clear(&state->params); /* it was no query */
    param_process_before(&out->body, earliest_deadline(call));
    return kraken_finish(account, call, out);
}
