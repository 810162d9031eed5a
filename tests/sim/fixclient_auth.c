/*
 * A Logon signed as the rules of engagement say: 96 is the base64 of an HMAC-SHA256 or an Ed25519
 * signature over 52, 35, 34, 49, 56 and 553, joined by SOH; 95 is its length. Written from the
 * rules and not from the bridge's code.
 */
#include "fixclient.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

enum fc_auth { FC_AUTH_NONE, FC_AUTH_HMAC, FC_AUTH_ED25519 };

void fc_auth_mode(struct fc_config *cfg, const char *word)
{
    cfg->auth = strcmp(word, "hmac") == 0      ? FC_AUTH_HMAC
                : strcmp(word, "ed25519") == 0 ? FC_AUTH_ED25519
                                               : FC_AUTH_NONE;
    if (cfg->auth == FC_AUTH_NONE) {
        fc_die("--auth %s: expected hmac or ed25519", word);
    }
}

void fc_auth_key(struct fc_config *cfg, const char *path)
{
    FILE *f = fopen(path, "r");

    if (f == NULL) {
        fc_die("--logon-key %s: %s", path, strerror(errno));
    }
    fclose(f);
    cfg->logon_key = path;
}

static FILE *open_key(const char *path)
{
    FILE *f = path == NULL ? NULL : fopen(path, "r");

    if (f == NULL) {
        fc_die("--auth: expected --logon-key FILE");
    }
    return f;
}

static size_t sign_hmac(const char *path, const struct fc_buf *text, unsigned char out[64])
{
    char secret[4096];
    FILE *f = open_key(path);
    size_t size = fread(secret, 1, sizeof secret, f);
    unsigned made = 0;

    fclose(f);
    while (size > 0 && (secret[size - 1] == '\n' || secret[size - 1] == '\r')) {
        size--;
    }
    if (HMAC(EVP_sha256(), secret, (int)size, (const unsigned char *)text->p, text->len, out,
             &made) == NULL) {
        fc_die("HMAC failed");
    }
    return made;
}

static size_t sign_ed25519(const char *path, const struct fc_buf *text, unsigned char out[64])
{
    FILE *f = open_key(path);
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    size_t size = 64;

    fclose(f);
    if (key == NULL || c == NULL || EVP_DigestSignInit(c, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(c, out, &size, (const unsigned char *)text->p, text->len) != 1) {
        fc_die("--logon-key %s: expected an Ed25519 private key in PEM", path);
    }
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return size;
}

void fc_auth_sign(const struct fc_session *s, const char *now, struct fc_buf *body)
{
    const struct fc_config *cfg = &s->ctx->cfg;
    struct fc_buf text = { 0 };
    unsigned char raw[64], base64[128];
    size_t size;
    int length;

    if (cfg->auth == FC_AUTH_NONE) {
        return;
    }
    fc_buf_text(&text, now);
    fc_buf_text(&text, "\001A\001");
    fc_buf_uint(&text, s->store.next_out);
    fc_buf_text(&text, "\001");
    fc_buf_text(&text, s->sender);
    fc_buf_text(&text, "\001");
    fc_buf_text(&text, cfg->target);
    fc_buf_text(&text, "\001");
    fc_buf_text(&text, cfg->username == NULL ? "" : cfg->username);
    size = cfg->auth == FC_AUTH_HMAC ? sign_hmac(cfg->logon_key, &text, raw)
                                     : sign_ed25519(cfg->logon_key, &text, raw);
    length = EVP_EncodeBlock(base64, raw, (int)size);
    fc_field_uint(body, 95, (uint64_t)length);
    fc_field_add(body, 96, (const char *)base64);
    fc_buf_free(&text);
}
