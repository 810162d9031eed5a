/*
 * fixclient: TLS over the session's socket, by OpenSSL. The client's certificate and what the
 * acceptor's is checked against come from the options; without --tls-ca nothing is checked.
 */
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "fixclient.h"

static const char *reason(const char *other)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return text != NULL ? text : other;
}

void fc_tls_setup(struct fc_ctx *ctx)
{
    const struct fc_config *cfg = &ctx->cfg;
    SSL_CTX *tls;

    if (!cfg->tls) {
        return;
    }
    tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL) {
        fc_die("--tls: %s", reason("out of memory"));
    }
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (cfg->tls_ca != NULL) {
        if (SSL_CTX_load_verify_file(tls, cfg->tls_ca) != 1) {
            fc_die("--tls-ca %s: %s", cfg->tls_ca, reason("not usable"));
        }
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    }
    if (cfg->tls_cert != NULL && SSL_CTX_use_certificate_chain_file(tls, cfg->tls_cert) != 1) {
        fc_die("--tls-cert %s: %s", cfg->tls_cert, reason("not usable"));
    }
    if (cfg->tls_key != NULL &&
        SSL_CTX_use_PrivateKey_file(tls, cfg->tls_key, SSL_FILETYPE_PEM) != 1) {
        fc_die("--tls-key %s: %s", cfg->tls_key, reason("not usable"));
    }
    ctx->tls = tls;
}

void fc_tls_free(struct fc_ctx *ctx)
{
    SSL_CTX_free(ctx->tls);
    ctx->tls = NULL;
}

void fc_tls_close(struct fc_session *s)
{
    if (s->tls != NULL) {
        SSL_free(s->tls);
        s->tls = NULL;
    }
    s->tls_reads = false;
}

bool fc_tls_connect(struct fc_session *s)
{
    char why[120];
    int done, kind;

    if (s->tls == NULL) {
        s->tls = SSL_new(s->ctx->tls);
        if (s->tls == NULL || SSL_set_fd(s->tls, s->fd) != 1) {
            fc_die("--tls: out of memory");
        }
    }
    ERR_clear_error();
    done = SSL_connect(s->tls);
    if (done == 1) {
        s->tls_reads = false;
        return true;
    }
    kind = SSL_get_error(s->tls, done);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        s->tls_reads = kind == SSL_ERROR_WANT_READ;
        return false;
    }
    snprintf(why, sizeof why, "TLS: %s", reason("closed during the handshake"));
    fc_session_down(s, why);
    return false;
}

/* As recv and send tell it: errno is EAGAIN when there is nothing to be done now. */
static ssize_t result(const struct fc_session *s, int n)
{
    int kind;

    if (n > 0) {
        return n;
    }
    kind = SSL_get_error(s->tls, n);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
        return -1;
    }
    if (kind == SSL_ERROR_ZERO_RETURN ||
        ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return 0;
    }
    if (kind != SSL_ERROR_SYSCALL || errno == 0) {
        fprintf(stderr, "fixclient: TLS: %s\n", reason("broken"));
        errno = EPROTO;
    }
    ERR_clear_error();
    return -1;
}

ssize_t fc_tls_recv(struct fc_session *s, char *out, size_t size)
{
    errno = 0;
    ERR_clear_error();
    return result(s, SSL_read(s->tls, out, size > INT_MAX ? INT_MAX : (int)size));
}

ssize_t fc_tls_send(struct fc_session *s, const char *data, size_t size)
{
    errno = 0;
    ERR_clear_error();
    return result(s, SSL_write(s->tls, data, size > INT_MAX ? INT_MAX : (int)size));
}
