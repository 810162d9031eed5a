/*
 * Who may come in by which listener: relations between the listeners, TLS and the sessions' ways to
 * prove who they are. What would let a stranger in, or show a password to one, is a mistake.
 */
#include "config_keys.h"

static void mistake(struct config_mistakes *m, const struct config_fixbridge *f, const char *key,
                    const char *text)
{
    config_mistake_at(m, &f->head, config_line_of(&f->head, key), key, "%s", text);
}

/* Whether only this host can connect. A balancer on this host brings in the world. */
static bool is_local(const struct config_fixbridge *f, struct bytes address)
{
    struct bytes host;
    uint16_t port;

    return !config_listens(address) || (config_host_port(address, &host, &port) &&
                                        config_is_loopback(host) && f->proxy_from.count == 0);
}

static void check_tls(struct config_mistakes *m, const struct config_fixbridge *f)
{
    if (f->tls_certificate.size == 0) {
        mistake(m, f, "tls_certificate", "missing; required with tls_listen");
    }
    if (f->tls_key.size == 0) {
        mistake(m, f, "tls_key", "missing; required with tls_listen");
    }
    if (f->tls_client_certificate != CONFIG_CLIENT_NO && f->tls_ca.size == 0) {
        mistake(m, f, "tls_ca", "missing; required to check clients' certificates");
    }
}

/* Orders are seen and sessions reset there: from elsewhere only with a token, and not in the clear.
 */
static void check_admin(struct config_mistakes *m, const struct config_fixbridge *f)
{
    struct bytes host;
    uint16_t port;
    bool far = config_listens(f->admin_listen) && config_host_port(f->admin_listen, &host, &port) &&
               !config_is_loopback(host);

    if (far && f->admin_certificate.size == 0) {
        mistake(m, f, "admin_certificate", "missing; required when admin_listen is not loopback");
    }
    if ((far || f->admin_certificate.size > 0) && f->admin_key.size == 0) {
        mistake(m, f, "admin_key", "missing; required with admin_certificate");
    }
    if (f->admin_certificate.size == 0 && f->admin_key.size > 0) {
        mistake(m, f, "admin_certificate", "missing; required with admin_key");
    }
    if (far && f->admin_token_file.size == 0) {
        mistake(m, f, "admin_token_file", "missing; required when admin_listen is not loopback");
    }
}

void config_check_listeners(struct config *c, struct config_mistakes *m)
{
    struct config_fixbridge *f = c->fixbridge;

    if (f == NULL) {
        return;
    }
    check_admin(m, f);
    if (config_listens(f->tls_listen)) {
        check_tls(m, f);
        if (config_line_of(&f->head, "listen") == f->head.line) {
            f->listen = BYTES("off"); /* plain only where it was asked for */
        }
    } else if (!config_listens(f->listen)) {
        mistake(m, f, "listen", "expected an address:port here or in tls_listen, got \"off\"");
    }
}

/* A certificate of that name is needed, so a plain connection never gets in. */
static void check_subject(struct config_mistakes *m, const struct config_fixbridge *f,
                          const struct config_session *s)
{
    if (!config_listens(f->tls_listen) || f->tls_client_certificate == CONFIG_CLIENT_NO) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "tls_subject"), "tls_subject",
                          "expected [fixbridge] tls_listen and tls_client_certificate = optional "
                          "or required, without which no client can show a certificate");
    }
}

static void check_none(struct config_mistakes *m, const struct config_fixbridge *f,
                       const struct config_session *s)
{
    bool bound = s->tls_subject.size > 0 && f->tls_client_certificate == CONFIG_CLIENT_REQUIRED;

    if (!bound && (!is_local(f, f->listen) || !is_local(f, f->tls_listen))) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "auth"), "auth",
                          "expected a password or a signature: \"none\" is taken only when "
                          "[fixbridge] listen and tls_listen are loopback addresses without "
                          "proxy_from, or with tls_subject and tls_client_certificate = required; "
                          "listen is \"%.*s\", tls_listen \"%.*s\"",
                          BYTES_ARG(f->listen), BYTES_ARG(f->tls_listen));
    }
}

static void check_password(struct config_mistakes *m, const struct config_fixbridge *f,
                           const struct config_session *s)
{
    struct bytes host;
    uint16_t port;

    if (f->plain_passwords || !config_listens(f->listen) ||
        !config_host_port(f->listen, &host, &port) || config_is_loopback(host)) {
        return;
    }
    config_mistake_at(m, &s->head, config_line_of(&s->head, "auth"), "auth",
                      "expected a signature, or [fixbridge] tls_listen and listen = off: the "
                      "password would pass \"%.*s\" in the clear (plain_passwords = yes allows it)",
                      BYTES_ARG(f->listen));
}

void config_check_access(const struct config *c, struct config_mistakes *m,
                         const struct config_session *s)
{
    const struct config_fixbridge *f = c->fixbridge;

    if (f == NULL) {
        return;
    }
    if (s->tls_subject.size > 0) {
        check_subject(m, f, s);
    }
    if (s->auth == CONFIG_AUTH_NONE) {
        check_none(m, f, s);
    } else if (s->auth == CONFIG_AUTH_PASSWORD) {
        check_password(m, f, s);
    }
}
