/*
 * Kraken Futures: who asks, and how often it may. The signature is computed again from the bytes
 * received; nonces and budgets are per key.
 */
#include "venuesim_kraken.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* ---- signature ----------------------------------------------------------------------------- */

const char *kraken_account_open(struct sim_account *a, struct bytes secret)
{
    unsigned char key[256];
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *hmac = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    char digest[] = "SHA512";
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                            OSSL_PARAM_construct_end() };
    int size;

    EVP_MAC_free(mac);
    if (secret.size == 0 || secret.size % 4 != 0 || secret.size / 4 * 3 > sizeof key ||
        hmac == NULL) {
        EVP_MAC_CTX_free(hmac);
        return "secret: not base64";
    }
    size = EVP_DecodeBlock(key, (const unsigned char *)secret.data, (int)secret.size);
    size -= secret.data[secret.size - 1] == '=' ? 1 : 0;
    size -= secret.data[secret.size - 2] == '=' ? 1 : 0;
    if (size <= 0 || EVP_MAC_init(hmac, key, (size_t)size, params) != 1) {
        EVP_MAC_CTX_free(hmac);
        return "secret: not base64";
    }
    OPENSSL_cleanse(key, sizeof key);
    a->auth = hmac;
    return NULL;
}

void kraken_account_close(struct sim_account *a)
{
    EVP_MAC_CTX_free(a->auth);
    a->auth = NULL;
}

static bool sha256(const struct bytes *part, size_t count, unsigned char out[32])
{
    static EVP_MD_CTX *context;
    static EVP_MD *md;
    size_t i;
    bool ok;

    if (context == NULL) {
        context = EVP_MD_CTX_new();
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
    }
    ok = context != NULL && md != NULL && EVP_DigestInit_ex2(context, md, NULL) == 1;
    for (i = 0; i < count && ok; i++) {
        ok = part[i].size == 0 || EVP_DigestUpdate(context, part[i].data, part[i].size) == 1;
    }
    return ok && EVP_DigestFinal_ex(context, out, NULL) == 1;
}

/* postData + Nonce + path; the path loses a leading "/derivatives" and nothing else. */
static bool signature_is_good(const struct kr_call *k, struct bytes given)
{
    struct bytes path = k->req->path;
    struct bytes part[4];
    unsigned char digest[32];
    unsigned char mac[64];
    char text[96];
    size_t size = 0;
    int length;

    if (path.size > 12 && memcmp(path.data, "/derivatives", 12) == 0) {
        path.data += 12;
        path.size -= 12;
    }
    part[0] = k->req->query;
    part[1] = buf_view(&k->req->body);
    part[2] = request_header(k->req, "Nonce");
    part[3] = path;
    if (!sha256(part, ARRAY_LEN(part), digest) ||
        EVP_MAC_init(k->account->auth, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(k->account->auth, digest, sizeof digest) != 1 ||
        EVP_MAC_final(k->account->auth, mac, &size, sizeof mac) != 1) {
        return false;
    }
    length = EVP_EncodeBlock((unsigned char *)text, mac, (int)size);
    return given.size == (size_t)length && CRYPTO_memcmp(text, given.data, given.size) == 0;
}

static void unauthorized(struct kr_call *k, const char *why)
{
    audit_note(&k->sim->audit, k->engine->now_us, "auth_refused", k->route->op, why);
    if (k->route->pool == KR_HISTORY) {
        k->req->answer.status = 401;
        buf_text(k->out, "{\"status\":\"unauthorized\"");
        text_member(k->out, "reason", why);
        buf_char(k->out, '}');
        answer_note(&k->req->answer, "unauthorized (%s)", why);
        return;
    }
    kr_error(k, "authenticationError");
    answer_note(&k->req->answer, "authenticationError (%s)", why);
}

/* Increasing; out of order within the window is tolerated, twice is not. The table of seen nonces
 * is direct-mapped: a collision forgets the older one, which the threshold catches after the
 * window. */
static const char *nonce_check(struct kr_call *k)
{
    struct sim_account *a = k->account;
    struct bytes text = request_header(k->req, "Nonce");
    int64_t now_us = k->engine->now_us;
    uint64_t nonce;
    uint64_t slot;

    if (text.data == NULL || text.size == 0) {
        return NULL;
    }
    if (!text_uint(text, &nonce)) {
        return "nonceBelowThreshold";
    }
    if (now_us - a->nonce_us >= k->sim->options.nonce_window_us) {
        a->nonce_floor = a->nonce_max;
        a->nonce_us = now_us;
    }
    slot = (nonce * UINT64_C(0x9e3779b97f4a7c15)) >> 48;
    if (nonce != 0 && a->nonce_slot[slot] == nonce) {
        return "nonceDuplicate";
    }
    if (nonce <= a->nonce_floor) {
        return "nonceBelowThreshold";
    }
    a->nonce_slot[slot] = nonce;
    a->nonce_max = nonce > a->nonce_max ? nonce : a->nonce_max;
    return NULL;
}

bool kr_authenticate(struct kr_call *k)
{
    struct bytes key = request_header(k->req, "APIKey");
    struct bytes authent = request_header(k->req, "Authent");
    const char *nonce;

    if (k->route->pool == KR_PUBLIC) {
        return true;
    }
    if (key.size == 0 || authent.size == 0) {
        unauthorized(k, "APIKey or Authent header missing");
        return false;
    }
    k->account = sim_account_find(k->engine, key);
    if (k->account == NULL || k->account->venue != &dialect_kraken_futures) {
        k->account = NULL;
        unauthorized(k, "unknown key");
        return false;
    }
    if (!signature_is_good(k, authent)) {
        k->account = NULL;
        unauthorized(k, "bad signature");
        return false;
    }
    nonce = nonce_check(k);
    if (nonce != NULL) {
        kr_error(k, nonce);
        return false;
    }
    return true;
}

/* ---- rates --------------------------------------------------------------------------------- */

static const struct {
    int64_t capacity, period_s;
} pools[] = {
    [KR_TRADING] = { 500, 10 },
    [KR_HISTORY] = { 100, 600 },
};

bool kr_spend(struct sim *s, struct sim_account *a, enum kr_pool pool, unsigned cost)
{
    int64_t full;
    int64_t now_us = s->engine->now_us;
    int64_t *left;
    int64_t *then;

    if (pool == KR_PUBLIC || !s->options.rate_limit) {
        return true;
    }
    full = pools[pool].capacity * 1000000;
    left = &a->budget[pool - 1];
    then = &a->budget_us[pool - 1];
    if (now_us < *then) {
        *then = now_us; /* the test moved the clock back */
    }
    if (*then == 0 || now_us - *then > pools[pool].period_s * US_PER_S) {
        *left = full;
    } else {
        *left += (now_us - *then) * pools[pool].capacity / pools[pool].period_s;
        *left = *left < full ? *left : full;
    }
    *then = now_us;
    if (*left < (int64_t)cost * 1000000) {
        return false;
    }
    *left -= (int64_t)cost * 1000000;
    return true;
}

void kr_too_many_requests(struct kr_call *k, int64_t seconds)
{
    char text[24];

    kr_error(k, "apiLimitExceeded");
    k->req->answer.status = 429;
    (void)snprintf(text, sizeof text, "%lld", (long long)seconds);
    answer_header(&k->req->answer, "rate-limit-reset", text);
}

void kr_too_fast(struct kr_call *k, enum kr_pool pool, unsigned cost)
{
    int64_t missing = (int64_t)cost * 1000000 - k->account->budget[pool - 1];
    int64_t wait_us = missing * pools[pool].period_s / pools[pool].capacity;

    if (k->sim->options.rate_429) {
        kr_too_many_requests(k, (wait_us + US_PER_S - 1) / US_PER_S);
    } else {
        kr_error(k, "apiLimitExceeded");
    }
}
