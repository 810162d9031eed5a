/*
 * B2PRIME: tokens. A long-lived one is exchanged for a JWT that expires; the JWT is looked at here,
 * where the key is. Nothing else is signed.
 */
#include "venuesim_b2prime.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define JWT_KEY "b2-test-secret"
#define JWT_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define JWT_MAX 2048

/* An account is its accountId (the key) and the offline token of its owner (the secret). */
const char *b2_account_open(struct sim_account *a, struct bytes secret)
{
    struct b2_account *own = calloc(1, sizeof *own);

    if (own == NULL || secret.size == 0 ||
        !bytes_to_field(secret, own->offline_token, sizeof own->offline_token)) {
        free(own);
        return "secret: expected an offline token";
    }
    a->auth = own;
    a->stp = SIM_STP_NONE;
    return NULL;
}

void b2_account_close(struct sim_account *a)
{
    struct b2_account *own = a->auth;

    if (own != NULL) {
        free(own->note);
    }
    free(own);
    a->auth = NULL;
}

/* ---- JWT ----------------------------------------------------------------------------------- */

static void add_base64url(struct buf *out, const void *data, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *at = data;
    uint32_t bits = 0;
    int count = 0;

    for (; size > 0; size--) {
        bits = bits << 8 | *at++;
        for (count += 8; count >= 6; count -= 6) {
            buf_char(out, alphabet[bits >> (count - 6) & 63]);
        }
    }
    if (count > 0) {
        buf_char(out, alphabet[bits << (6 - count) & 63]);
    }
}

static void add_signature(struct buf *out)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    (void)HMAC(EVP_sha256(), JWT_KEY, (int)strlen(JWT_KEY), (const unsigned char *)out->data,
               out->size, mac, &size);
    buf_char(out, '.');
    add_base64url(out, mac, size);
}

static void jwt_write(struct buf *out, const char *subject, int64_t now_us, int64_t until_us)
{
    char claims[256];
    int size = snprintf(claims, sizeof claims, "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}",
                        subject, (long long)(now_us / US_PER_S), (long long)(until_us / US_PER_S));

    struct buf token;

    buf_init(&token, JWT_MAX);
    add_base64url(&token, JWT_HEADER, strlen(JWT_HEADER));
    buf_char(&token, '.');
    add_base64url(&token, claims, (size_t)size);
    add_signature(&token);
    buf_bytes(out, buf_view(&token));
    buf_fini(&token);
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static struct cJSON *claims_read(struct bytes text)
{
    char plain[JWT_MAX];
    size_t size = 0;
    uint32_t bits = 0;
    int count = 0;
    size_t n;

    for (n = 0; n < text.size && size < sizeof plain; n++) {
        int value = value_of(text.data[n]);

        if (value < 0) {
            return NULL;
        }
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            plain[size++] = (char)(bits >> count & 255);
        }
    }
    return text_json((struct bytes){ plain, size });
}

/* What is wrong with the token; NULL: nothing, and its claims are read. */
static const char *jwt_wrong(struct b2_call *c, struct bytes token)
{
    const char *first = memchr(token.data, '.', token.size);
    const char *last = memrchr(token.data, '.', token.size);
    struct buf again;
    bool same;

    if (first == NULL || first == last || token.size > JWT_MAX) {
        return "not a JWT";
    }
    buf_init(&again, JWT_MAX + 128);
    buf_bytes(&again, (struct bytes){ token.data, (size_t)(last - token.data) });
    add_signature(&again);
    same = !again.failed && again.size == token.size &&
           CRYPTO_memcmp(again.data, token.data, token.size) == 0;
    buf_fini(&again);
    c->claims = same ? claims_read((struct bytes){ first + 1, (size_t)(last - first) - 1 }) : NULL;
    if (!cJSON_IsObject(c->claims)) {
        return "signature";
    }
    return text_json_int(c->claims, "exp", 0) <= c->engine->now_us / US_PER_S ? "expired" : NULL;
}

/* ---- who asks ------------------------------------------------------------------------------ */

static bool unauthorized(struct b2_call *c, unsigned status, const char *why)
{
    audit_note(&c->sim->audit, c->engine->now_us, "auth_refused", c->route->op, why);
    b2_error(c, status, "%s", status == 401 ? "The access token is not valid" : why);
    return false;
}

static void refresh(struct b2_call *c)
{
    if (c->own->generation != c->sim->generation) {
        c->own->generation = c->sim->generation;
        c->own->note_count = 0;
        memset(c->own->position, 0, sizeof c->own->position);
        window_clear(&c->own->window);
    }
}

bool b2_authenticate(struct b2_call *c)
{
    static const char bearer[] = "Bearer ";
    struct bytes token = request_header(c->req, "Authorization");
    struct bytes id = request_header(c->req, "accountId");
    const char *wrong;

    if (c->route->guard == B2_OPEN) {
        return true;
    }
    if (token.size <= sizeof bearer - 1 || memcmp(token.data, bearer, sizeof bearer - 1) != 0) {
        return unauthorized(c, 401, "no bearer token");
    }
    token.data += sizeof bearer - 1;
    token.size -= sizeof bearer - 1;
    wrong = jwt_wrong(c, token);
    if (wrong != NULL) {
        return unauthorized(c, 401, wrong);
    }
    c->subject = text_json_get(c->claims, "sub");
    if (c->route->guard == B2_TOKEN_ONLY) {
        return true;
    }
    if (id.size == 0) {
        b2_error(c, 400, "the accountId header is missing");
        return false;
    }
    c->account = sim_account_find(c->engine, id);
    if (c->account == NULL || !bytes_is(c->subject, c->account->key)) {
        return unauthorized(c, 403, "the account is not the token's");
    }
    c->own = c->account->auth;
    refresh(c);
    return true;
}

void b2_access_token(struct b2_call *c)
{
    struct bytes token = b2_arg(c, "token");
    int64_t until_us = c->engine->now_us + c->sim->options.token_lifetime_us;
    size_t n;

    for (n = 0; n < c->engine->account_count; n++) {
        struct sim_account *a = c->engine->account[n];
        const struct b2_account *own = a->auth;

        if (token.size > 0 && bytes_is(token, own->offline_token)) {
            audit_note(&c->sim->audit, c->engine->now_us, "token_issued", c->route->op, a->key);
            buf_text(c->out, "{\"accessToken\":\"");
            jwt_write(c->out, a->key, c->engine->now_us, until_us);
            buf_text(c->out, "\"}");
            return;
        }
    }
    (void)unauthorized(c, 401, "offline token");
}
