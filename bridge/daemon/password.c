/*
 * scrypt by OpenSSL, and its text form.
 */
#include "password.h"

#include <openssl/evp.h>

#include "sign.h"

/* 32 MiB and about 50 ms on a present server: dear for who guesses, cheap for a logon. */
#define COST_LOG_N 15
#define COST_R 8
#define COST_P 1

#define LOG_N_MIN 10
#define LOG_N_MAX 18
#define R_MAX 16
#define P_MAX 16
#define SALT_MIN 8
#define HASH_MIN 16
#define TEXT_SIZE_MAX 256

static bool run(const struct password_hash *h, struct bytes password,
                unsigned char out[sizeof h->hash], size_t size)
{
    uint64_t n = UINT64_C(1) << h->log_n;
    uint64_t memory = 128 * (uint64_t)h->r * (n + h->p + 2) + 1024 * 1024;

    return EVP_PBE_scrypt(password.size == 0 ? "" : password.data, password.size, h->salt,
                          h->salt_size, n, h->r, h->p, memory, out, size) == 1;
}

/* Takes `word` and digits from the start of the text. */
static bool take_number(struct bytes *text, const char *word, uint32_t most, uint32_t *out)
{
    size_t size = strlen(word), at = size;
    uint32_t n = 0;

    if (text->size < size || memcmp(text->data, word, size) != 0) {
        return false;
    }
    for (; at < text->size && text->data[at] >= '0' && text->data[at] <= '9'; at++) {
        n = n * 10 + (uint32_t)(text->data[at] - '0');
        if (n > most) {
            return false;
        }
    }
    *out = n;
    text->data += at;
    text->size -= at;
    return at > size;
}

/* Up to the next '$' or the end, decoded. */
static bool take_base64(struct bytes *text, unsigned char *out, size_t least, size_t most,
                        size_t *size)
{
    const char *end = text->size == 0 ? NULL : memchr(text->data, '$', text->size);
    size_t length = end == NULL ? text->size : (size_t)(end - text->data);
    struct buf padded, raw;
    bool good;

    buf_init(&padded, TEXT_SIZE_MAX + 4);
    buf_init(&raw, TEXT_SIZE_MAX);
    buf_add(&padded, text->data, length);
    while (padded.size % 4 != 0 && !padded.failed) {
        buf_char(&padded, '=');
    }
    good = !padded.failed && length > 0 && sign_base64_decode(&raw, buf_view(&padded)) &&
           raw.size >= least && raw.size <= most;
    if (good) {
        memcpy(out, raw.data, raw.size);
        *size = raw.size;
    }
    buf_fini(&padded);
    buf_fini(&raw);
    text->data += length;
    text->size -= length;
    return good;
}

bool password_hash_parse(struct bytes text, struct password_hash *out)
{
    uint32_t log_n;
    bool good;

    memset(out, 0, sizeof *out);
    good = text.size <= TEXT_SIZE_MAX && take_number(&text, "$scrypt$ln=", LOG_N_MAX, &log_n) &&
           take_number(&text, ",r=", R_MAX, &out->r) && take_number(&text, ",p=", P_MAX, &out->p) &&
           text.size > 0 && text.data[0] == '$';
    if (!good || log_n < LOG_N_MIN || out->r == 0 || out->p == 0) {
        return false;
    }
    out->log_n = log_n;
    text.data++;
    text.size--;
    if (!take_base64(&text, out->salt, SALT_MIN, sizeof out->salt, &out->salt_size) ||
        text.size == 0) {
        return false;
    }
    text.data++;
    text.size--;
    return take_base64(&text, out->hash, HASH_MIN, sizeof out->hash, &out->hash_size) &&
           text.size == 0;
}

static void add_base64(struct buf *out, const unsigned char *data, size_t size)
{
    sign_base64(out, data, size);
    while (!out->failed && out->size > 0 && out->data[out->size - 1] == '=') {
        out->size--;
    }
}

bool password_hash_make(struct bytes password, const unsigned char salt[PASSWORD_SALT_SIZE],
                        struct buf *out)
{
    struct password_hash h = { .log_n = COST_LOG_N,
                               .r = COST_R,
                               .p = COST_P,
                               .salt_size = PASSWORD_SALT_SIZE,
                               .hash_size = PASSWORD_HASH_SIZE };

    memcpy(h.salt, salt, PASSWORD_SALT_SIZE);
    if (!run(&h, password, h.hash, h.hash_size)) {
        return false;
    }
    buf_printf(out, "$scrypt$ln=%u,r=%u,p=%u$", h.log_n, h.r, h.p);
    add_base64(out, h.salt, h.salt_size);
    buf_char(out, '$');
    add_base64(out, h.hash, h.hash_size);
    return !out->failed;
}

bool password_hash_check(const struct password_hash *h, struct bytes password)
{
    unsigned char made[sizeof h->hash];
    bool equal = false;

    if (run(h, password, made, h->hash_size)) {
        equal = sign_equal((struct bytes){ (const char *)made, h->hash_size },
                           (struct bytes){ (const char *)h->hash, h->hash_size });
    }
    sign_wipe(made, sizeof made);
    return equal;
}
