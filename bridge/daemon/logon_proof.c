/*
 * The signed text, its signature, and which proofs were used.
 */
#include "logon_proof.h"

#include <openssl/evp.h>

#include "fix_tags.h"
#include "sign.h"

/* Header fields and a username, each bounded by the session's rules. */
#define TEXT_SIZE_MAX 4096
#define SIGNATURE_SIZE_MAX 64

/* SubjectPublicKeyInfo of an Ed25519 key (RFC 8410): this, then the 32 bytes. */
static const unsigned char spki[12] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

const char *proof_result_text(enum proof_result r)
{
    switch (r) {
    case PROOF_GOOD: return "good";
    case PROOF_INCOMPLETE: return "proof incomplete";
    case PROOF_WRONG: return "wrong proof";
    case PROOF_OUTSIDE_WINDOW: return "proof outside of its time window";
    case PROOF_BEFORE_FLOOR: return "proof older than what is remembered";
    case PROOF_REPLAYED: return "proof used before";
    case PROOF_NO_MEMORY: return "out of memory";
    }
    return "?";
}

bool proof_text(const struct fix_msg *logon, struct buf *out)
{
    static const uint32_t tags[] = { 52, 35, 34, 49, 56, TAG_USERNAME };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        struct bytes value;

        if (!fix_msg_find(logon, tags[i], &value) || value.size == 0) {
            return false;
        }
        if (i > 0) {
            buf_char(out, '\001');
        }
        buf_bytes(out, value);
    }
    return !out->failed;
}

static bool hmac_is_right(struct bytes secret, struct bytes text, struct bytes signature)
{
    unsigned char mac[SIGN_DIGEST_MAX];
    struct sign_hmac *h = sign_hmac_new(SIGN_SHA256, secret);
    size_t size = h == NULL ? 0 : sign_hmac(h, &text, 1, mac);
    bool good = size > 0 && sign_equal((struct bytes){ (const char *)mac, size }, signature);

    sign_wipe(mac, sizeof mac);
    sign_hmac_free(h);
    return good;
}

static bool ed25519_is_right(struct bytes key, struct bytes text, struct bytes signature)
{
    const unsigned char *raw = (const unsigned char *)key.data;
    EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, key.size);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = k != NULL && c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
                EVP_DigestVerify(c, (const unsigned char *)signature.data, signature.size,
                                 (const unsigned char *)text.data, text.size) == 1;

    EVP_MD_CTX_free(c);
    EVP_PKEY_free(k);
    return good;
}

static bool signature_is_right(const struct proof_key *k, struct bytes text, struct bytes base64)
{
    struct buf raw;
    bool good = false;

    buf_init(&raw, SIGNATURE_SIZE_MAX + 2);
    if (sign_base64_decode(&raw, base64)) {
        switch (k->kind) {
        case PROOF_HMAC_SHA256: good = hmac_is_right(k->key, text, buf_view(&raw)); break;
        case PROOF_ED25519: good = ed25519_is_right(k->key, text, buf_view(&raw)); break;
        }
    }
    if (raw.size > 0) {
        sign_wipe(raw.data, raw.size);
    }
    buf_fini(&raw);
    return good;
}

/* ---- used proofs --------------------------------------------------------------------------- */

static bool was_used(const struct proof_memory *m, const unsigned char digest[32])
{
    for (size_t i = 0; i < m->count; i++) {
        if (memcmp(m->used[i].digest, digest, 32) == 0) {
            return true;
        }
    }
    return false;
}

/* Those that the window refuses by itself need not be remembered; of a full memory the oldest goes,
 * and the floor with it. */
static void make_room(struct proof_memory *m, int64_t oldest_us)
{
    size_t kept = 0, first = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (m->used[i].sent_us >= oldest_us) {
            m->used[kept++] = m->used[i];
        }
    }
    m->count = kept;
    if (m->count < PROOFS_KEPT) {
        return;
    }
    for (size_t i = 1; i < m->count; i++) {
        first = m->used[i].sent_us < m->used[first].sent_us ? i : first;
    }
    if (m->used[first].sent_us > m->floor_us) {
        m->floor_us = m->used[first].sent_us;
    }
    m->used[first] = m->used[--m->count];
}

static enum proof_result look_at_use(struct proof_memory *m, struct bytes text, int64_t sent_us,
                                     int64_t oldest_us)
{
    unsigned char digest[SIGN_DIGEST_MAX];

    if (sign_digest(SIGN_SHA256, &text, 1, digest) != 32) {
        return PROOF_NO_MEMORY;
    }
    if (was_used(m, digest)) {
        return PROOF_REPLAYED;
    }
    if (sent_us <= m->floor_us) {
        return PROOF_BEFORE_FLOOR;
    }
    make_room(m, oldest_us);
    if (sent_us <= m->floor_us) {
        return PROOF_BEFORE_FLOOR;
    }
    m->used[m->count].sent_us = sent_us;
    memcpy(m->used[m->count].digest, digest, 32);
    m->count++;
    return PROOF_GOOD;
}

enum proof_result proof_check(const struct proof_key *k, const struct fix_msg *logon,
                              int64_t window_us, struct proof_memory *m, int64_t now_wall_us)
{
    struct bytes username = { NULL, 0 }, signature = { NULL, 0 };
    struct buf text;
    uint64_t length = 0;
    int64_t sent_us = 0;
    enum proof_result result = PROOF_INCOMPLETE;

    buf_init(&text, TEXT_SIZE_MAX);
    if (proof_text(logon, &text) && fix_msg_find(logon, TAG_RAW_DATA, &signature) &&
        fix_msg_get_uint(logon, TAG_RAW_DATA_LENGTH, &length) == FIX_GET_OK &&
        length == signature.size && fix_msg_find(logon, TAG_USERNAME, &username) &&
        fix_msg_get_timestamp(logon, 52, &sent_us) == FIX_GET_OK) {
        /* Both are looked at whatever the first says. */
        bool is_right = signature_is_right(k, buf_view(&text), signature);
        bool is_user = sign_equal(username, k->username);

        if (!is_right || !is_user) {
            result = PROOF_WRONG;
        } else if (sent_us < now_wall_us - window_us || sent_us > now_wall_us + window_us) {
            result = PROOF_OUTSIDE_WINDOW;
        } else {
            result = look_at_use(m, buf_view(&text), sent_us, now_wall_us - window_us);
        }
    }
    buf_fini(&text);
    return result;
}

/* ---- keys as people write them ------------------------------------------------------------- */

/* The base64 of a PEM file without its armour, or the text as it is; blanks dropped. */
static void strip_pem(struct bytes text, struct buf *out)
{
    size_t at = 0;

    while (at < text.size) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end == NULL ? text.size - at : (size_t)(end - text.data) - at;
        bool is_armour = size >= 5 && memcmp(text.data + at, "-----", 5) == 0;

        for (size_t i = at; !is_armour && i < at + size; i++) {
            if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\r') {
                buf_char(out, text.data[i]);
            }
        }
        at += size + 1;
    }
}

bool proof_public_key(struct bytes text, unsigned char out[PROOF_PUBLIC_SIZE])
{
    struct buf base64, raw;
    bool good;

    buf_init(&base64, TEXT_SIZE_MAX);
    buf_init(&raw, TEXT_SIZE_MAX);
    strip_pem(text, &base64);
    good = !base64.failed && sign_base64_decode(&raw, buf_view(&base64));
    if (good && raw.size == sizeof spki + PROOF_PUBLIC_SIZE &&
        memcmp(raw.data, spki, sizeof spki) == 0) {
        buf_consume(&raw, sizeof spki);
    }
    good = good && raw.size == PROOF_PUBLIC_SIZE;
    if (good) {
        memcpy(out, raw.data, PROOF_PUBLIC_SIZE);
    }
    buf_fini(&base64);
    buf_fini(&raw);
    return good;
}
