/*
 * The credentials of a session: what its `auth` needs must be there and well formed, and what it
 * would not look at must not be there, because somebody would believe in it.
 */
#include <stdio.h>

#include "config_keys.h"
#include "logon_proof.h"
#include "password.h"

/* RFC 2104 wants a key as long as the digest; people's pass phrases are shorter than that. */
#define SECRET_SIZE_MIN 16

static const struct {
    enum config_auth auth;
    const char *key;
} used_by[] = {
    { CONFIG_AUTH_PASSWORD, "password" },
    { CONFIG_AUTH_PASSWORD, "password_file" },
    { CONFIG_AUTH_PASSWORD, "password_hash" },
    { CONFIG_AUTH_HMAC_SHA256, "logon_secret" },
    { CONFIG_AUTH_HMAC_SHA256, "logon_secret_file" },
    { CONFIG_AUTH_ED25519, "logon_public_key" },
    { CONFIG_AUTH_ED25519, "logon_public_key_file" },
};

static const char *auth_word(uint32_t auth)
{
    static const char *const words[] = {
        [CONFIG_AUTH_PASSWORD] = "password",
        [CONFIG_AUTH_NONE] = "none",
        [CONFIG_AUTH_HMAC_SHA256] = "hmac-sha256",
        [CONFIG_AUTH_ED25519] = "ed25519",
    };

    return words[auth];
}

static bool is_given(const struct config_section *s, const char *key)
{
    return config_line_of(s, key) != s->line;
}

static void check_unused(struct config_mistakes *m, const struct config_session *s)
{
    for (size_t i = 0; i < ARRAY_LEN(used_by); i++) {
        if (used_by[i].auth != s->auth && is_given(&s->head, used_by[i].key)) {
            config_mistake_at(m, &s->head, config_line_of(&s->head, used_by[i].key), used_by[i].key,
                              "expected only with auth = %s, and it is %s",
                              auth_word(used_by[i].auth), auth_word(s->auth));
        }
    }
}

static void check_password(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    struct password_hash h;
    bool plain = is_given(&s->head, "password") || is_given(&s->head, "password_file");

    if (!is_given(&s->head, "password_hash")) {
        config_take_secret(c, m, &s->head, "password", &s->password, s->password_file, true);
        return;
    }
    if (plain) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "password_hash"), "password_hash",
                          "expected only one of password, password_file and password_hash");
    }
    if (s->password_hash.size > 0 && !password_hash_parse(s->password_hash, &h)) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "password_hash"), "password_hash",
                          "expected a line made by \"fixbridge hash-password\"");
    }
}

static void check_secret(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    config_take_secret(c, m, &s->head, "logon_secret", &s->logon_secret, s->logon_secret_file,
                       true);
    if (s->logon_secret.size > 0 && s->logon_secret.size < SECRET_SIZE_MIN) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "logon_secret"), "logon_secret",
                          "expected at least %d bytes", SECRET_SIZE_MIN);
    }
}

static void check_public_key(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    unsigned char raw[PROOF_PUBLIC_SIZE];

    config_take_secret(c, m, &s->head, "logon_public_key", &s->logon_public_key,
                       s->logon_public_key_file, true);
    if (s->logon_public_key.size > 0 && !proof_public_key(s->logon_public_key, raw)) {
        const char *key =
            is_given(&s->head, "logon_public_key") ? "logon_public_key" : "logon_public_key_file";

        config_mistake_at(m, &s->head, config_line_of(&s->head, key), key,
                          "expected an Ed25519 public key: PEM, or base64 of its 32 bytes");
    }
}

void config_check_credentials(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    check_unused(m, s);
    switch ((enum config_auth)s->auth) {
    case CONFIG_AUTH_NONE: break;
    case CONFIG_AUTH_PASSWORD: check_password(c, m, s); break;
    case CONFIG_AUTH_HMAC_SHA256: check_secret(c, m, s); break;
    case CONFIG_AUTH_ED25519: check_public_key(c, m, s); break;
    }
}

size_t config_warnings(const struct config *c, void (*tell)(void *arg, const char *text), void *arg)
{
    size_t count = 0;
    char text[512];

    for (size_t i = 0; i < c->session_count; i++) {
        const struct config_session *s = c->session[i];

        if (s->auth == CONFIG_AUTH_PASSWORD && s->password_hash.size == 0) {
            (void)snprintf(text, sizeof text,
                           "[session %.*s] password: stands in clear; use password_hash (made by "
                           "\"fixbridge hash-password\")",
                           BYTES_ARG(s->head.name));
            tell(arg, text);
            count++;
        }
    }
    return count;
}
