/*
 * Bybit V5: who asks. Key, signature over the bytes received, timestamp window.
 */
#include "venuesim_bybit.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

const char *by_account_open(struct sim_account *a, struct bytes secret)
{
    struct by_account *own = calloc(1, sizeof *own);

    if (own == NULL || secret.size == 0 ||
        !bytes_to_field(secret, own->secret, sizeof own->secret)) {
        free(own);
        return "secret: 1 to 79 characters";
    }
    a->auth = own;
    return NULL;
}

void by_account_close(struct sim_account *a)
{
    free(a->auth);
    a->auth = NULL;
}

static bool signature_is_good(struct by_call *c, struct bytes given)
{
    static const char hex[] = "0123456789abcdef";
    struct bytes payload =
        bytes_is(c->req->method, "GET") ? c->req->query : buf_view(&c->req->body);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    unsigned n;
    char text[65];
    struct buf message;
    bool ok;

    buf_init(&message, payload.size + 1024);
    buf_bytes(&message, request_header(c->req, "X-BAPI-TIMESTAMP"));
    buf_bytes(&message, request_header(c->req, "X-BAPI-API-KEY"));
    buf_bytes(&message, request_header(c->req, "X-BAPI-RECV-WINDOW"));
    buf_bytes(&message, payload);
    ok = !message.failed &&
         HMAC(EVP_sha256(), c->own->secret, (int)strlen(c->own->secret),
              (const unsigned char *)message.data, message.size, mac, &size) != NULL;
    buf_fini(&message);
    for (n = 0; ok && n < size && n < 32; n++) {
        text[2 * n] = hex[mac[n] >> 4];
        text[2 * n + 1] = hex[mac[n] & 15];
    }
    return ok && given.size == 64 && CRYPTO_memcmp(text, given.data, 64) == 0;
}

static bool timestamp_is_good(struct by_call *c)
{
    struct bytes window = request_header(c->req, "X-BAPI-RECV-WINDOW");
    uint64_t window_ms = 5000;
    uint64_t at_ms;
    int64_t now_ms = c->engine->now_us / US_PER_MS;

    if (window.size > 0 && (!text_uint(window, &window_ms) || window_ms > 60000)) {
        by_error(c, 10001, "params error: recv_window is invalid");
        return false;
    }
    if (!text_uint(request_header(c->req, "X-BAPI-TIMESTAMP"), &at_ms) || at_ms > INT64_MAX / 2 ||
        (int64_t)at_ms < now_ms - (int64_t)window_ms || (int64_t)at_ms >= now_ms + 1000) {
        by_error(c, 10002,
                 "invalid request, please check your server timestamp or recv_window "
                 "param. req_timestamp[%.20s],server_timestamp[%lld],recv_window[%llu]",
                 request_header(c->req, "X-BAPI-TIMESTAMP").data, (long long)now_ms,
                 (unsigned long long)window_ms);
        return false;
    }
    return true;
}

bool by_authenticate(struct by_call *c)
{
    struct bytes key = request_header(c->req, "X-BAPI-API-KEY");
    struct bytes sign = request_header(c->req, "X-BAPI-SIGN");

    if (c->route->pool == BY_OPEN) {
        return true;
    }
    if (key.size == 0 || sign.size == 0 || request_header(c->req, "X-BAPI-TIMESTAMP").size == 0) {
        by_error(c, 10003, "API key is invalid: headers missing");
        c->req->answer.status = 401;
        return false;
    }
    c->account = sim_account_find(c->engine, key);
    if (c->account == NULL) {
        by_error(c, 10003, "API key is invalid.");
        return false;
    }
    c->own = c->account->auth;
    by_refresh(c->sim, c->own);
    if (!signature_is_good(c, sign)) {
        audit_note(&c->sim->audit, c->engine->now_us, "auth_refused", c->route->op, "signature");
        by_error(c, 10004, "error sign! please check your signature generation algorithm.");
        return false;
    }
    return timestamp_is_good(c);
}
