/*
 * Bitget: writing and signing requests. What is signed are the bytes that leave: the target as it
 * stands on the request line and the body as it is sent; nothing is encoded or ordered again
 * afterwards.
 */
#include <stdio.h>

#include "bitget.h"

bool bitget_sign(struct bitget_state *s, struct bytes time_ms, const char *method,
                 struct bytes target, struct bytes body, struct buf *out)
{
    const struct bytes parts[] = { time_ms, bytes_of(method), target, body };
    unsigned char mac[SIGN_DIGEST_MAX];
    size_t size = sign_hmac(s->hmac, parts, ARRAY_LEN(parts), mac);

    sign_base64(out, mac, size);
    sign_wipe(mac, sizeof mac);
    return size != 0 && !out->failed;
}

enum venue_error bitget_begin(const struct venue_account *account, enum http_method method,
                              const char *path, struct http_request *out)
{
    struct bitget_state *state = account->state;

    if (state == NULL) {
        return VENUE_BUILD_FAILED;
    }
    http_request_clear(out);
    buf_clear(&state->params);
    state->bad = false;
    out->method = method;
    buf_text(&out->target, path);
    if (method == HTTP_POST) {
        buf_char(&out->body, '{');
    }
    return VENUE_BUILD_OK;
}

static enum venue_error close_request(const struct bitget_state *state, struct http_request *out)
{
    if (out->method == HTTP_POST) {
        buf_char(&out->body, '}');
    }
    if (state->params.size > 0) {
        buf_char(&out->target, '?');
        buf_bytes(&out->target, buf_view(&state->params));
    }
    if (state->bad) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return http_request_ok(out) && !state->params.failed ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

static void add_common(const struct bitget_state *state, struct http_request *out)
{
    if (state->demo) {
        http_request_header(out, "PAPTRADING", BYTES("1"));
    }
    if (out->method == HTTP_POST) {
        http_request_header(out, "Content-Type", BYTES("application/json"));
    }
    http_request_header(out, "locale", BYTES("en-US")); /* the language of `msg` */
    http_request_header(out, "Accept", BYTES("application/json"));
}

enum venue_error bitget_finish(const struct venue_account *account, const struct venue_call *call,
                               struct http_request *out)
{
    struct bitget_state *state = account->state;
    enum venue_error error = close_request(state, out);
    char text[24];
    struct bytes time_ms = { text, 0 };

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    time_ms.size =
        (size_t)snprintf(text, sizeof text, "%lld", (long long)(call->wall_us / US_PER_MS));
    buf_clear(&state->sign);
    if (!bitget_sign(state, time_ms, http_method_text(out->method), buf_view(&out->target),
                     buf_view(&out->body), &state->sign)) {
        return VENUE_BUILD_FAILED;
    }
    http_request_header(out, "ACCESS-KEY", account->key);
    http_request_header(out, "ACCESS-SIGN", buf_view(&state->sign));
    http_request_header(out, "ACCESS-TIMESTAMP", time_ms);
    http_request_header(out, "ACCESS-PASSPHRASE", account->passphrase);
    add_common(state, out);
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

enum venue_error bitget_finish_public(const struct venue_account *account, struct http_request *out)
{
    const struct bitget_state *state = account->state;
    enum venue_error error = close_request(state, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    add_common(state, out);
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

/* ---- parameters ---------------------------------------------------------------------------- */

static bool needs_no_encoding(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.' || c == '_' || c == '~')) {
            return false;
        }
    }
    return true;
}

void bitget_query(struct bitget_state *s, const char *name, struct bytes value)
{
    if (value.size == 0) {
        return;
    }
    if (!needs_no_encoding(value)) {
        s->bad = true;
        return;
    }
    http_param(&s->params, name, value);
}

void bitget_query_int(struct bitget_state *s, const char *name, int64_t value)
{
    char text[24];

    if (value != 0) {
        bitget_query(
            s, name,
            (struct bytes){ text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value) });
    }
}

static void put_name(struct buf *body, const char *name)
{
    if (body->size > 0 && body->data[body->size - 1] != '{') {
        buf_char(body, ',');
    }
    buf_printf(body, "\"%s\":", name);
}

void bitget_put(struct buf *body, const char *name, struct bytes value)
{
    if (value.size > 0) {
        put_name(body, name);
        json_put_text(body, value);
    }
}

void bitget_put_decimal(struct buf *body, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    bitget_put(body, name, (struct bytes){ text, decimal_print(value, text) });
}

void bitget_put_raw(struct buf *body, const char *name, const char *json)
{
    put_name(body, name);
    buf_text(body, json);
}

struct bytes bitget_arg(const struct venue_call *call, const char *name)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        if (bytes_is(call->arg[i].name, name)) {
            return call->arg[i].value;
        }
    }
    return (struct bytes){ NULL, 0 };
}

bool bitget_args_known(const struct venue_call *call, const char *const *allowed)
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

/* ---- ids and kinds ------------------------------------------------------------------------- */

bool bitget_client_id_ok(struct bytes id)
{
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_')) {
            return false;
        }
    }
    return id.size > 0 && id.size <= BITGET_NEW_CLIENT_ID_MAX;
}

bool bitget_is_trigger(enum venue_order_type type)
{
    return type == VENUE_STOP_MARKET || type == VENUE_STOP_LIMIT || type == VENUE_TAKE_MARKET ||
           type == VENUE_TAKE_LIMIT || type == VENUE_TRAILING;
}

bool bitget_has_price(enum venue_order_type type)
{
    return type == VENUE_LIMIT || type == VENUE_STOP_LIMIT || type == VENUE_TAKE_LIMIT;
}

struct bytes bitget_root_id(struct bytes client_id)
{
    size_t root = client_id.size - BITGET_MARK_SIZE;

    if (client_id.size > BITGET_MARK_SIZE && client_id.data[root] == '_' &&
        client_id.data[root + 1] == 'm') {
        client_id.size = root;
    }
    return client_id;
}

static uint64_t hash_bytes(uint64_t hash, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    }
    return (hash ^ 0xff) * UINT64_C(1099511628211); /* so that "a","bc" and "ab","c" differ */
}

static uint64_t hash_decimal(uint64_t hash, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    return hash_bytes(hash, (struct bytes){ text, decimal_print(value, text) });
}

/* The venue's id is part of it: going back to earlier terms makes yet another order. */
void bitget_new_client_id(const struct venue_order *o, struct buf *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), o->client_id);
    char mark[BITGET_MARK_SIZE] = { '_', 'm' };

    hash = hash_bytes(hash, o->venue_id);
    hash = hash_decimal(hash_decimal(hash, o->qty), o->price);
    hash ^= hash >> 32;
    for (size_t i = 2; i < sizeof mark; i++) {
        mark[i] = digits[hash % 36];
        hash /= 36;
    }
    buf_bytes(out, bitget_root_id(o->client_id));
    buf_add(out, mark, sizeof mark);
}
