/*
 * Signatures over OpenSSL 3: the only file that includes its headers besides TLS in the shell.
 * Fetching an algorithm costs as much as hashing a short body, so contexts are made once and
 * re-initialised.
 */
#include "sign.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "assert.h"

#define ED25519_SEED_SIZE 32
#define ED25519_SIGNATURE_SIZE 64

static const char *hash_name(enum sign_hash hash)
{
    switch (hash) {
    case SIGN_SHA256: return "SHA256";
    case SIGN_SHA512: return "SHA512";
    }
    UNREACHABLE();
}

bool sign_begin(void)
{
    return OSSL_LIB_CTX_get0_global_default() != NULL &&
           OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS |
                                   OPENSSL_INIT_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_LOAD_CONFIG,
                               NULL) == 1;
}

/* ---- HMAC ---------------------------------------------------------------------------------- */

struct sign_hmac {
    EVP_MAC *mac;
    EVP_MAC_CTX *context; /* holds the key; OpenSSL wipes it when freed */
};

struct sign_hmac *sign_hmac_new(enum sign_hash hash, struct bytes key)
{
    struct sign_hmac *h = calloc(1, sizeof *h);
    char digest[8];
    OSSL_PARAM params[2];
    const unsigned char *key_data = (const unsigned char *)(key.size == 0 ? "" : key.data);

    if (h == NULL || !bytes_to_field(bytes_of(hash_name(hash)), digest, sizeof digest)) {
        free(h);
        return NULL;
    }
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
    params[1] = OSSL_PARAM_construct_end();
    h->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (h->mac == NULL) {
        goto fail;
    }
    h->context = EVP_MAC_CTX_new(h->mac);
    if (h->context == NULL || EVP_MAC_init(h->context, key_data, key.size, params) != 1) {
        goto fail;
    }
    return h;

fail:
    sign_hmac_free(h);
    return NULL;
}

void sign_hmac_free(struct sign_hmac *h)
{
    if (h == NULL) {
        return;
    }
    EVP_MAC_CTX_free(h->context);
    EVP_MAC_free(h->mac);
    free(h);
}

size_t sign_hmac(struct sign_hmac *h, const struct bytes *part, size_t parts,
                 unsigned char out[SIGN_DIGEST_MAX])
{
    size_t size = 0;

    /* No key: the one given at birth, hashed already. */
    if (EVP_MAC_init(h->context, NULL, 0, NULL) != 1) {
        return 0;
    }
    for (size_t i = 0; i < parts; i++) {
        if (part[i].size > 0 &&
            EVP_MAC_update(h->context, (const unsigned char *)part[i].data, part[i].size) != 1) {
            return 0;
        }
    }
    if (EVP_MAC_final(h->context, out, &size, SIGN_DIGEST_MAX) != 1) {
        return 0;
    }
    return size;
}

/* ---- digests ------------------------------------------------------------------------------- */

struct sign_hasher {
    EVP_MD *md;
    EVP_MD_CTX *context;
};

struct sign_hasher *sign_hasher_new(enum sign_hash hash)
{
    struct sign_hasher *h = calloc(1, sizeof *h);

    if (h == NULL) {
        return NULL;
    }
    h->md = EVP_MD_fetch(NULL, hash_name(hash), NULL);
    h->context = EVP_MD_CTX_new();
    if (h->md == NULL || h->context == NULL) {
        sign_hasher_free(h);
        return NULL;
    }
    return h;
}

void sign_hasher_free(struct sign_hasher *h)
{
    if (h == NULL) {
        return;
    }
    EVP_MD_CTX_free(h->context);
    EVP_MD_free(h->md);
    free(h);
}

size_t sign_hasher_run(struct sign_hasher *h, const struct bytes *part, size_t parts,
                       unsigned char out[SIGN_DIGEST_MAX])
{
    unsigned int size = 0;

    if (EVP_DigestInit_ex2(h->context, h->md, NULL) != 1) {
        return 0;
    }
    for (size_t i = 0; i < parts; i++) {
        if (part[i].size > 0 && EVP_DigestUpdate(h->context, part[i].data, part[i].size) != 1) {
            return 0;
        }
    }
    if (EVP_DigestFinal_ex(h->context, out, &size) != 1) {
        return 0;
    }
    return size;
}

size_t sign_digest(enum sign_hash hash, const struct bytes *part, size_t parts,
                   unsigned char out[SIGN_DIGEST_MAX])
{
    struct sign_hasher *h = sign_hasher_new(hash);
    size_t size;

    if (h == NULL) {
        return 0;
    }
    size = sign_hasher_run(h, part, parts, out);
    sign_hasher_free(h);
    return size;
}

/* ---- Ed25519 ------------------------------------------------------------------------------- */

struct sign_ed25519 {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
};

struct sign_ed25519 *sign_ed25519_new(struct bytes seed)
{
    struct sign_ed25519 *k;

    if (seed.size != ED25519_SEED_SIZE) {
        return NULL;
    }
    k = calloc(1, sizeof *k);
    if (k == NULL) {
        return NULL;
    }
    k->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)seed.data,
                                          seed.size);
    k->context = EVP_MD_CTX_new();
    if (k->key == NULL || k->context == NULL) {
        sign_ed25519_free(k);
        return NULL;
    }
    return k;
}

void sign_ed25519_free(struct sign_ed25519 *k)
{
    if (k == NULL) {
        return;
    }
    EVP_MD_CTX_free(k->context);
    EVP_PKEY_free(k->key);
    free(k);
}

bool sign_ed25519(struct sign_ed25519 *k, struct bytes message, unsigned char out[64])
{
    size_t size = ED25519_SIGNATURE_SIZE;
    const unsigned char *data = (const unsigned char *)(message.size == 0 ? "" : message.data);

    return EVP_MD_CTX_reset(k->context) == 1 &&
           EVP_DigestSignInit(k->context, NULL, NULL, NULL, k->key) == 1 &&
           EVP_DigestSign(k->context, out, &size, data, message.size) == 1 &&
           size == ED25519_SIGNATURE_SIZE;
}

/* ---- text forms ---------------------------------------------------------------------------- */

void sign_hex(struct buf *out, const unsigned char *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    if (!buf_reserve(out, 2 * size)) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        buf_char(out, digits[data[i] >> 4]);
        buf_char(out, digits[data[i] & 15]);
    }
}

void sign_base64(struct buf *out, const unsigned char *data, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    if (!buf_reserve(out, (size + 2) / 3 * 4)) {
        return;
    }
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)data[i + 2] : 0);
        char text[4] = { alphabet[group >> 18], alphabet[group >> 12 & 63],
                         left > 1 ? alphabet[group >> 6 & 63] : '=',
                         left > 2 ? alphabet[group & 63] : '=' };

        buf_add(out, text, sizeof text);
    }
}

static int base64_value(char c)
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
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One group of four characters, the last `pad` of them '='. False: a character outside the
 * alphabet, or bits set that no byte uses (RFC 4648 3.5: a damaged text, not another spelling). */
static bool decode_group(const char *text, size_t pad, unsigned char out[3])
{
    uint32_t group = 0;

    for (size_t i = 0; i < 4; i++) {
        int value = i >= 4 - pad ? 0 : base64_value(text[i]);

        if (value < 0) {
            return false;
        }
        group = group << 6 | (uint32_t)value;
    }
    out[0] = (unsigned char)(group >> 16);
    out[1] = (unsigned char)(group >> 8);
    out[2] = (unsigned char)group;
    return (pad < 1 || out[2] == 0) && (pad < 2 || out[1] == 0);
}

bool sign_base64_decode(struct buf *out, struct bytes text)
{
    size_t groups = text.size / 4;
    unsigned char bytes[3];

    if (text.size % 4 != 0 || !buf_reserve(out, groups * 3)) {
        return false;
    }
    for (size_t i = 0; i < groups; i++) {
        const char *at = text.data + 4 * i;
        bool last = i + 1 == groups;
        size_t pad = !last || at[3] != '=' ? 0 : at[2] != '=' ? 1 : 2;

        if (!decode_group(at, pad, bytes)) {
            sign_wipe(bytes, sizeof bytes);
            return false;
        }
        buf_add(out, bytes, 3 - pad);
    }
    sign_wipe(bytes, sizeof bytes);
    return !out->failed;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool sign_hex_decode(struct buf *out, struct bytes text)
{
    if (text.size % 2 != 0 || !buf_reserve(out, text.size / 2)) {
        return false;
    }
    for (size_t i = 0; i < text.size; i += 2) {
        int high = hex_value(text.data[i]);
        int low = hex_value(text.data[i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        buf_char(out, (char)(high << 4 | low));
    }
    return !out->failed;
}

void sign_wipe(void *data, size_t size)
{
    OPENSSL_cleanse(data, size);
}

bool sign_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || CRYPTO_memcmp(a.data, b.data, a.size) == 0);
}
