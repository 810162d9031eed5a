/*
 * The only functions that move bytes of a connection once it is greeted: by the socket itself, or
 * by OpenSSL on it.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "conn_internal.h"
#include "tls.h"

/* What one connection may encrypt in one turn. */
#define TLS_WRITE_MAX (64 * 1024)

static enum pipe_result by_errno(const char **why)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return PIPE_AGAIN;
    }
    *why = strerror(errno);
    return PIPE_ERROR;
}

/* ---- TLS ----------------------------------------------------------------------------------- */

/* A peer that ends without a goodbye is just gone: FIX has its own (Logout). */
static enum pipe_result tls_end(struct conn *c, int kind, const char **why)
{
    unsigned long code = ERR_peek_error();

    c->tls_broken = true;
    if (kind == SSL_ERROR_ZERO_RETURN) {
        c->tls_broken = false;
        return PIPE_END;
    }
    if (kind == SSL_ERROR_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return PIPE_END;
    }
    *why = tls_why(kind == SSL_ERROR_SYSCALL && errno != 0 ? strerror(errno) : "TLS failed");
    return PIPE_ERROR;
}

/* A record at a time until the room is full, the socket is empty or the stream ends; an end found
 * behind bytes is found again by the next read. */
static enum pipe_result tls_read(struct conn *c, char *out, size_t size, size_t *got,
                                 const char **why)
{
    *got = 0;
    if (c->tls_broken) {
        return PIPE_END;
    }
    while (*got < size) {
        size_t n = 0;
        int kind;

        errno = 0;
        ERR_clear_error();
        if (SSL_read_ex(c->tls, out + *got, size - *got, &n) == 1) {
            *got += n;
            continue;
        }
        kind = SSL_get_error(c->tls, 0);
        if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
            if (kind == SSL_ERROR_WANT_WRITE) {
                c->read_wants_write = true;
                ev_io_start(c->set->loop, &c->writable);
            }
            return *got > 0 ? PIPE_OK : PIPE_AGAIN;
        }
        if (*got > 0) {
            c->tls_broken = kind != SSL_ERROR_ZERO_RETURN;
            ERR_clear_error();
            break;
        }
        return tls_end(c, kind, why);
    }
    /* More may already be inside OpenSSL, where the socket cannot tell of it. */
    ev_feed_event(c->set->loop, &c->readable, EV_READ);
    return PIPE_OK;
}

static enum pipe_result tls_write(struct conn *c, struct bytes out, size_t *put, const char **why)
{
    *put = 0;
    while (*put < out.size && *put < TLS_WRITE_MAX) {
        size_t n = 0;
        int kind;

        errno = 0;
        ERR_clear_error();
        if (SSL_write_ex(c->tls, out.data + *put, out.size - *put, &n) == 1) {
            *put += n;
            continue;
        }
        kind = SSL_get_error(c->tls, 0);
        if (kind == SSL_ERROR_WANT_WRITE || kind == SSL_ERROR_WANT_READ) {
            c->write_wants_read = kind == SSL_ERROR_WANT_READ;
            return PIPE_AGAIN;
        }
        return tls_end(c, kind, why);
    }
    return PIPE_OK;
}

/* ---- both ---------------------------------------------------------------------------------- */

enum pipe_result pipe_read(struct conn *c, char *out, size_t size, size_t *got, const char **why)
{
    ssize_t n;

    if (c->tls != NULL) {
        return tls_read(c, out, size, got, why);
    }
    n = recv(c->fd, out, size, 0);
    *got = n > 0 ? (size_t)n : 0;
    return n > 0 ? PIPE_OK : n == 0 ? PIPE_END : by_errno(why);
}

enum pipe_result pipe_write(struct conn *c, struct bytes out, size_t *put)
{
    const char *why;
    ssize_t n;

    if (c->tls != NULL) {
        return tls_write(c, out, put, &why);
    }
    n = send(c->fd, out.data, out.size, MSG_NOSIGNAL);
    *put = n > 0 ? (size_t)n : 0;
    return n >= 0 ? PIPE_OK : by_errno(&why);
}

enum pipe_result pipe_discard(struct conn *c)
{
    const char *why;
    ssize_t n = recv(c->fd, c->set->scratch, sizeof c->set->scratch, 0);

    return n > 0 ? PIPE_OK : n == 0 ? PIPE_END : by_errno(&why);
}

void pipe_end(struct conn *c)
{
    if (c->tls != NULL && !c->tls_broken) {
        tls_goodbye(c->tls);
    }
    (void)shutdown(c->fd, SHUT_WR); /* fails only when the peer is gone: the read tells */
}

void pipe_close(struct conn *c)
{
    if (c->tls != NULL) {
        tls_close(c->tls);
        c->tls = NULL;
    }
    (void)close(c->fd); /* nothing can be done about its failure */
    c->fd = -1;
}
