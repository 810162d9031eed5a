/*
 * TLS 1.2 and 1.3 for the acceptor, by OpenSSL: certificates, handshakes, who the peer is. What
 * moves bytes afterwards is conn_pipe.c.
 *
 * No session tickets, no session cache, no renegotiation, no early data: every connection proves
 * itself anew, so a certificate that is no longer accepted cannot be carried on by a ticket.
 */
#ifndef DAEMON_TLS_H
#define DAEMON_TLS_H

#include "base.h"
#include "buf.h"

struct ssl_st; /* OpenSSL's SSL: one connection */

enum tls_client { TLS_CLIENT_NO, TLS_CLIENT_OPTIONAL, TLS_CLIENT_REQUIRED };

/* File names and lists as OpenSSL takes them, NUL-terminated; they outlive the struct tls. */
struct tls_config {
    const char *certificate;  /* PEM: ours first, then the chain */
    const char *key;          /* PEM, not encrypted */
    const char *ca;           /* PEM; clients' certificates are checked against it. NULL: none */
    const char *ciphers;      /* TLS 1.2; NULL: OpenSSL's */
    const char *ciphersuites; /* TLS 1.3; NULL: OpenSSL's */
    enum tls_client client;
};

#define TLS_ERROR_MAX 256
#define TLS_DESCRIBE_MAX 512

struct tls;

/* NULL: `error` says why. */
struct tls *tls_new(const struct tls_config *config, char error[TLS_ERROR_MAX]);
void tls_free(struct tls *t);
/* Reads the files again, which may be others by now: for new connections; those that are up keep
 * what they have, and so does `client` with its meaning. Appends a line for each file to `report`:
 * its name, whether it was renewed, whose certificate it is and until when. False: nothing has
 * changed, `error` says why. */
MUST_CHECK bool tls_reload(struct tls *t, const struct tls_config *config, struct buf *report,
                           char error[TLS_ERROR_MAX]);

enum tls_step { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

/* The server's end of a connected, non-blocking socket. NULL: out of memory. */
struct ssl_st *tls_accept(const struct tls *t, int fd);
/* One step of the handshake, as far as it goes without waiting; TLS_FAILED: `why`. */
enum tls_step tls_handshake(struct ssl_st *s, const char **why);
/* Says goodbye if it can be said at once. */
void tls_goodbye(struct ssl_st *s);
void tls_close(struct ssl_st *s);

/* Whether the client showed a certificate of this name: "DNS:", "URI:" or "email:" and one of the
 * certificate's alternative names, or the whole subject in the form of RFC 2253 ("CN=ACME,O=Acme
 * Ltd,C=GB"). False when it showed none. */
bool tls_subject_is(const struct ssl_st *s, struct bytes name);
/* The subject in that form; empty: no certificate. */
void tls_subject(const struct ssl_st *s, char out[TLS_DESCRIBE_MAX]);
const char *tls_version(const struct ssl_st *s);
const char *tls_cipher(const struct ssl_st *s);

/* The reason OpenSSL gave last, or `other`; empties its queue. Lives for ever. */
const char *tls_why(const char *other);

#endif
