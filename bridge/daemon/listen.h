/*
 * From the configuration to the listeners of the service. Opens no socket: conns_new does.
 */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include "config.h"
#include "conn.h"
#include "tls.h"

/* True and NULL in `out`: no TLS listener is configured. False: `error` says why. */
MUST_CHECK bool listen_tls(const struct config_fixbridge *c, struct tls **out,
                           char error[TLS_ERROR_MAX]);
/* Files and lists of the TLS listener; the texts are the configuration's. */
struct tls_config listen_tls_config(const struct config_fixbridge *c);
/* The same of the admin address, only to see whether certificate and key can be used. */
MUST_CHECK bool listen_admin_tls(const struct config_fixbridge *c, struct tls **out,
                                 char error[TLS_ERROR_MAX]);
/* Limits and addresses; false: an address that is none. */
MUST_CHECK bool listen_config(const struct config_fixbridge *c, struct tls *tls,
                              struct conns_config *out);

#endif
