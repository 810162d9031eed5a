/*
 * CoinSwitch: who asks. The key is an Ed25519 public key in hex; what is signed is method, path
 * with its query decoded, and the epoch. The body is not signed.
 */
#include "venuesim_coinswitch.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define DRIFT_US (60 * US_PER_S)
#define KEY_SIZE 32
#define SIGNATURE_SIZE 64

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool hex_read(struct bytes text, unsigned char *out, size_t size)
{
    size_t n;

    if (text.size != 2 * size) {
        return false;
    }
    for (n = 0; n < size; n++) {
        int high = digit(text.data[2 * n]);
        int low = digit(text.data[2 * n + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        out[n] = (unsigned char)(high * 16 + low);
    }
    return true;
}

static bool public_of(const unsigned char *seed, unsigned char *out)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, KEY_SIZE);
    size_t size = KEY_SIZE;
    bool ok = key != NULL && EVP_PKEY_get_raw_public_key(key, out, &size) == 1;

    EVP_PKEY_free(key);
    return ok;
}

const char *cs_account_open(struct sim_account *a, struct bytes secret)
{
    struct cs_account *own = calloc(1, sizeof *own);
    unsigned char seed[KEY_SIZE];
    unsigned char named[KEY_SIZE];

    if (own == NULL || !hex_read(secret, seed, sizeof seed) || !public_of(seed, own->key)) {
        free(own);
        return "secret: expected an Ed25519 seed in hex";
    }
    if (!hex_read(bytes_of(a->key), named, sizeof named) ||
        memcmp(named, own->key, sizeof named) != 0) {
        free(own);
        return "key: expected the public key of the seed in hex";
    }
    a->auth = own;
    a->stp = SIM_STP_NONE;
    return NULL;
}

void cs_account_close(struct sim_account *a)
{
    free(a->auth);
    a->auth = NULL;
}

/* Percent codes and '+' as the sheet says; a broken code stays as it is. */
static void decoded(struct bytes text, struct buf *out)
{
    size_t n;

    for (n = 0; n < text.size; n++) {
        bool code = text.data[n] == '%' && n + 2 < text.size && digit(text.data[n + 1]) >= 0 &&
                    digit(text.data[n + 2]) >= 0;

        if (code) {
            buf_char(out, (char)(digit(text.data[n + 1]) * 16 + digit(text.data[n + 2])));
            n += 2;
        } else {
            buf_char(out, text.data[n] == '+' ? ' ' : text.data[n]);
        }
    }
}

static bool verify(const unsigned char *public, const unsigned char *signature, struct bytes text)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, KEY_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = key != NULL && context != NULL &&
              EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(context, signature, SIGNATURE_SIZE, (const unsigned char *)text.data,
                               text.size) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return ok;
}

static bool signature_is_good(struct cs_call *c, struct bytes epoch)
{
    unsigned char signature[SIGNATURE_SIZE];
    struct buf message;
    bool ok;

    if (!hex_read(request_header(c->req, "X-AUTH-SIGNATURE"), signature, sizeof signature)) {
        return false;
    }
    buf_init(&message, c->req->query.size + c->req->path.size + 256);
    buf_bytes(&message, c->req->method);
    decoded(c->req->path, &message);
    if (c->req->query.size > 0) {
        buf_char(&message, '?');
        decoded(c->req->query, &message);
    }
    buf_bytes(&message, epoch);
    ok = !message.failed && verify(c->own->key, signature, buf_view(&message));
    buf_fini(&message);
    return ok;
}

static bool epoch_is_near(struct cs_call *c, struct bytes epoch)
{
    uint64_t at_ms;
    int64_t apart_us;

    if (!text_uint(epoch, &at_ms) || at_ms > UINT64_C(100000000000000)) {
        return false;
    }
    apart_us = (int64_t)at_ms * US_PER_MS - c->engine->now_us;
    return apart_us <= DRIFT_US && apart_us >= -DRIFT_US;
}

static bool unauthorized(struct cs_call *c, const char *why)
{
    audit_note(&c->sim->audit, c->engine->now_us, "auth_refused", c->route->op, why);
    cs_error(c, 401, "Invalid Access");
    return false;
}

static void refresh(struct cs_call *c)
{
    size_t n;

    if (c->own->generation == c->sim->generation) {
        return;
    }
    c->own->generation = c->sim->generation;
    for (n = 0; n < CS_POOL_COUNT; n++) {
        window_clear(&c->own->window[n]);
    }
}

bool cs_authenticate(struct cs_call *c)
{
    struct bytes key = request_header(c->req, "X-AUTH-APIKEY");
    struct bytes epoch = request_header(c->req, "X-AUTH-EPOCH");

    if (c->route->open && key.size == 0) {
        return true;
    }
    c->account = key.size == 0 ? NULL : sim_account_find(c->engine, key);
    if (c->account == NULL) {
        return unauthorized(c, "key");
    }
    c->own = c->account->auth;
    refresh(c);
    if (!signature_is_good(c, epoch)) {
        return unauthorized(c, "signature");
    }
    return epoch_is_near(c, epoch) || unauthorized(c, "epoch");
}
