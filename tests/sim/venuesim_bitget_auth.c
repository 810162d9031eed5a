/*
 * Bitget: who asks. Key, passphrase, signature over the bytes received, timestamp.
 */
#include "venuesim_bitget.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define STAMP_US (30 * US_PER_S)

/* SECRET:PASSPHRASE; without the second part the default passphrase. */
const char *bg_account_open(struct sim_account *a, struct bytes secret)
{
    struct bg_account *own = calloc(1, sizeof *own);
    const char *colon = secret.size == 0 ? NULL : memchr(secret.data, ':', secret.size);
    struct bytes pass = BYTES("sim-pass");

    if (colon != NULL) {
        pass = (struct bytes){ colon + 1, secret.size - (size_t)(colon - secret.data) - 1 };
        secret.size = (size_t)(colon - secret.data);
    }
    if (own == NULL || secret.size == 0 ||
        !bytes_to_field(secret, own->secret, sizeof own->secret) ||
        !bytes_to_field(pass, own->passphrase, sizeof own->passphrase)) {
        free(own);
        return "secret or passphrase: empty or too long";
    }
    a->auth = own;
    a->stp = SIM_STP_NONE;
    return NULL;
}

void bg_account_close(struct sim_account *a)
{
    free(a->auth);
    a->auth = NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct bytes *x = a;
    const struct bytes *y = b;
    size_t size = x->size < y->size ? x->size : y->size;
    int order = memcmp(x->data, y->data, size);

    return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

/* The venue signs the parameters in the order of their names, not percent-encoded. */
static void sorted_query(const struct form *f, struct buf *out)
{
    struct bytes name[FORM_MAX];
    size_t n;
    char text[64];

    memcpy(name, f->name, f->count * sizeof name[0]);
    qsort(name, f->count, sizeof name[0], by_name);
    for (n = 0; n < f->count; n++) {
        buf_char(out, n == 0 ? '?' : '&');
        buf_bytes(out, name[n]);
        buf_char(out, '=');
        if (bytes_to_field(name[n], text, sizeof text)) {
            buf_bytes(out, form_find(f, text));
        }
    }
}

static bool signature_is_good(struct bg_call *c, struct bytes given)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char text[64];
    int length = 0;
    struct buf message;
    bool ok;

    buf_init(&message, c->req->body.size + c->req->query.size + 1024);
    buf_bytes(&message, request_header(c->req, "ACCESS-TIMESTAMP"));
    buf_bytes(&message, c->req->method);
    buf_bytes(&message, c->req->path);
    sorted_query(&c->form, &message);
    buf_bytes(&message, buf_view(&c->req->body));
    ok = !message.failed &&
         HMAC(EVP_sha256(), c->own->secret, (int)strlen(c->own->secret),
              (const unsigned char *)message.data, message.size, mac, &size) != NULL;
    buf_fini(&message);
    if (ok) {
        length = EVP_EncodeBlock((unsigned char *)text, mac, (int)size);
    }
    return ok && given.size == (size_t)length && CRYPTO_memcmp(text, given.data, given.size) == 0;
}

static const char *stamp_wrong(struct bg_call *c)
{
    uint64_t at_ms;
    int64_t apart_us;

    if (!text_uint(request_header(c->req, "ACCESS-TIMESTAMP"), &at_ms) ||
        at_ms > UINT64_C(100000000000000)) {
        return "40005";
    }
    apart_us = (int64_t)at_ms * US_PER_MS - c->engine->now_us;
    return apart_us > STAMP_US || apart_us < -STAMP_US ? "40008" : NULL;
}

static void refresh(struct bg_call *c)
{
    size_t n;

    if (c->own->generation == c->sim->generation) {
        return;
    }
    c->own->generation = c->sim->generation;
    c->own->hedge = false;
    memset(c->own->isolated, 0, sizeof c->own->isolated);
    for (n = 0; n < BG_ROUTES_MAX; n++) {
        window_clear(&c->own->window[n]);
    }
}

static const struct {
    const char *header, *code, *text;
} needed[] = {
    { "ACCESS-KEY", "40001", "ACCESS_KEY cannot be empty" },
    { "ACCESS-SIGN", "40002", "ACCESS_SIGN cannot be empty" },
    { "ACCESS-TIMESTAMP", "40003", "ACCESS_TIMESTAMP cannot be empty" },
    { "ACCESS-PASSPHRASE", "40011", "ACCESS_PASSPHRASE cannot be empty" },
};

static bool unauthorized(struct bg_call *c, const char *code, const char *text)
{
    audit_note(&c->sim->audit, c->engine->now_us, "auth_refused", c->route->op, text);
    bg_error(c, code, "%s", text);
    return false;
}

bool bg_authenticate(struct bg_call *c)
{
    size_t n;
    const char *stamp;

    if (c->route->family == BG_PUBLIC) {
        return true;
    }
    for (n = 0; n < ARRAY_LEN(needed); n++) {
        if (request_header(c->req, needed[n].header).size == 0) {
            return unauthorized(c, needed[n].code, needed[n].text);
        }
    }
    c->account = sim_account_find(c->engine, request_header(c->req, "ACCESS-KEY"));
    if (c->account == NULL) {
        return unauthorized(c, "40006", "Invalid ACCESS_KEY");
    }
    c->own = c->account->auth;
    refresh(c);
    if (!bytes_is(request_header(c->req, "ACCESS-PASSPHRASE"), c->own->passphrase)) {
        return unauthorized(c, "40012", "apikey/password is incorrect");
    }
    if (!signature_is_good(c, request_header(c->req, "ACCESS-SIGN"))) {
        return unauthorized(c, "40009", "sign signature error");
    }
    stamp = stamp_wrong(c);
    if (stamp != NULL) {
        return unauthorized(c, stamp, "Request timestamp expired");
    }
    return true;
}
