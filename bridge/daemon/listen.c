/*
 * Listeners by the configuration.
 */
#include "listen.h"

_Static_assert((int)CONFIG_CLIENT_OPTIONAL == (int)TLS_CLIENT_OPTIONAL &&
                   (int)CONFIG_CLIENT_REQUIRED == (int)TLS_CLIENT_REQUIRED,
               "one order of the words");

static const char *text_or_null(struct bytes text)
{
    return text.size == 0 ? NULL : text.data;
}

struct tls_config listen_tls_config(const struct config_fixbridge *c)
{
    return (struct tls_config){
        .certificate = text_or_null(c->tls_certificate),
        .key = text_or_null(c->tls_key),
        .ca = text_or_null(c->tls_ca),
        .ciphers = text_or_null(c->tls_ciphers),
        .ciphersuites = text_or_null(c->tls_ciphersuites),
        .client = (enum tls_client)c->tls_client_certificate,
    };
}

bool listen_tls(const struct config_fixbridge *c, struct tls **out, char error[TLS_ERROR_MAX])
{
    const struct tls_config config = listen_tls_config(c);

    *out = NULL;
    if (!config_listens(c->tls_listen)) {
        return true;
    }
    *out = tls_new(&config, error);
    return *out != NULL;
}

bool listen_admin_tls(const struct config_fixbridge *c, struct tls **out, char error[TLS_ERROR_MAX])
{
    const struct tls_config config = { .certificate = text_or_null(c->admin_certificate),
                                       .key = text_or_null(c->admin_key) };

    *out = NULL;
    if (config.certificate == NULL || config.key == NULL) {
        return true;
    }
    *out = tls_new(&config, error);
    return *out != NULL;
}

bool listen_config(const struct config_fixbridge *c, struct tls *tls, struct conns_config *out)
{
    *out = (struct conns_config){
        .tls = tls,
        .connections_max = c->connections_max,
        .unauthenticated_max = c->unauthenticated_max,
        .logon_timeout_ms = c->logon_timeout,
        .handshake_timeout_ms = c->tls_handshake_timeout,
        .send_timeout_ms = c->send_timeout,
        .proxy_from = c->proxy_from,
        .address_limits = {
            .connections_max = c->address_connections_max,
            .unauthenticated_max = c->address_unauthenticated_max,
            .per_minute_max = c->address_rate_max,
        },
    };
    return (!config_listens(c->listen) || config_host_port(c->listen, &out->host, &out->port)) &&
           (!config_listens(c->tls_listen) ||
            config_host_port(c->tls_listen, &out->tls_host, &out->tls_port));
}
