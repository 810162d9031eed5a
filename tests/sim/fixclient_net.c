/*
 * fixclient: the session's socket, and one small HTTP request for the simulator's control endpoint.
 */
#include "fixclient.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool resolve(const char *host, const char *port, struct sockaddr_storage *addr,
                    socklen_t *len)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;

    if (getaddrinfo(host, port, &hints, &list) != 0) {
        return false;
    }
    memcpy(addr, list->ai_addr, list->ai_addrlen);
    *len = list->ai_addrlen;
    freeaddrinfo(list);
    return true;
}

void fc_net_resolve(struct fc_ctx *ctx)
{
    if (!resolve(ctx->cfg.host, ctx->cfg.port, &ctx->addr, &ctx->addr_len)) {
        fc_die("--connect %s:%s: no such address", ctx->cfg.host, ctx->cfg.port);
    }
}

void fc_session_down(struct fc_session *s, const char *reason)
{
    fc_tls_close(s);
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    s->in.len = s->out.len = s->out_done = 0;
    if (s->state == FC_DOWN) {
        return;
    }
    if (s->down_reason[0] == '\0') {
        snprintf(s->down_reason, sizeof s->down_reason, "%s", reason);
    }
    fc_store_flush(&s->store);
    s->state = FC_DOWN;
    s->state_us = fc_mono_us();
    if (s->on_state != NULL) {
        s->on_state(s->arg, s);
    }
}

bool fc_net_connect(struct fc_session *s)
{
    const struct sockaddr *addr = (const struct sockaddr *)&s->ctx->addr;
    int one = 1;

    s->down_reason[0] = '\0';
    s->fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) {
        fc_die("socket: %s", strerror(errno));
    }
    if (setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) {
        fc_die("TCP_NODELAY: %s", strerror(errno));
    }
    s->state = FC_CONNECTING;
    s->state_us = fc_mono_us();
    if (connect(s->fd, addr, s->ctx->addr_len) == 0 || errno == EINPROGRESS) {
        return true;
    }
    fc_session_down(s, strerror(errno));
    return false;
}

bool fc_net_wants_write(const struct fc_session *s)
{
    return s->state == FC_CONNECTING ? !s->tls_reads : s->out_done < s->out.len;
}

void fc_net_writable(struct fc_session *s)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (s->state == FC_CONNECTING) {
        if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            fc_session_down(s, strerror(error));
            return;
        }
        if (s->ctx->tls != NULL && !fc_tls_connect(s)) {
            return;
        }
        fc_session_start(s);
    }
    fc_store_flush(&s->store);
    while (s->state != FC_DOWN && s->out_done < s->out.len) {
        const char *at = s->out.p + s->out_done;
        size_t left = s->out.len - s->out_done;
        ssize_t n = s->tls != NULL ? fc_tls_send(s, at, left) : send(s->fd, at, left, MSG_NOSIGNAL);

        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                fc_session_down(s, strerror(errno));
            }
            return;
        }
        s->out_done += (size_t)n;
    }
    s->out.len = s->out_done = 0;
}

void fc_net_readable(struct fc_session *s)
{
    static char piece[65536];

    while (s->state != FC_DOWN) {
        ssize_t n = s->tls != NULL ? fc_tls_recv(s, piece, sizeof piece)
                                   : recv(s->fd, piece, sizeof piece, 0);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            fc_session_down(s, n == 0 ? "connection closed by the acceptor" : strerror(errno));
            return;
        }
        fc_buf_add(&s->in, piece, (size_t)n);
        fc_session_feed(s);
        if (s->tls == NULL && (size_t)n < sizeof piece) {
            return;
        }
    }
}

bool fc_net_turn(struct fc_session *s, int other, int64_t until_us)
{
    struct pollfd p[2] = { { .fd = -1 }, { .fd = other, .events = POLLIN } };
    int64_t now = fc_mono_us(), wait = until_us - now;

    wait = wait < 0 ? 0 : wait > 100000 ? 100000 : wait;
    if (s->state != FC_DOWN) {
        fc_session_tick(s, now);
    }
    if (s->state != FC_DOWN) {
        if (s->state != FC_CONNECTING && fc_net_wants_write(s)) {
            fc_net_writable(s);
        }
        p[0].fd = s->fd;
        p[0].events = (short)(fc_net_wants_write(s) ? POLLIN | POLLOUT : POLLIN);
    }
    if (poll(p, 2, (int)((wait + 999) / 1000)) <= 0) {
        return false;
    }
    if (s->state != FC_DOWN && s->state != FC_CONNECTING && p[0].revents & (POLLIN | POLLHUP)) {
        fc_net_readable(s);
    } else if (s->state == FC_CONNECTING && p[0].revents & POLLIN) {
        fc_net_writable(s); /* the handshake goes on */
    }
    if (s->state != FC_DOWN && (p[0].revents & (POLLOUT | POLLERR | POLLHUP) || s->out.len > 0)) {
        fc_net_writable(s);
    }
    return (p[1].revents & (POLLIN | POLLHUP)) != 0;
}

bool fc_net_logon(struct fc_session *s, double seconds)
{
    int64_t until = fc_mono_us() + (int64_t)(seconds * 1e6), retry = 0;

    while (s->state != FC_UP) {
        int64_t now = fc_mono_us();

        if (now >= until) {
            return false;
        }
        if (s->state == FC_DOWN && now >= retry) {
            retry = now + 100000;
            fc_net_connect(s);
        }
        fc_net_turn(s, -1, s->state == FC_DOWN && retry < until ? retry : until);
    }
    return true;
}

/* ---- HTTP ---------------------------------------------------------------------------------- */

static int http_open(const char *host, const char *port)
{
    struct sockaddr_storage addr;
    socklen_t len;
    struct timeval limit = { .tv_sec = 10 };
    int fd;

    if (!resolve(host, port, &addr, &len)) {
        return -1;
    }
    fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
        connect(fd, (struct sockaddr *)&addr, len) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static bool http_exchange(int fd, const struct fc_buf *request, struct fc_buf *answer)
{
    char piece[4096];
    ssize_t n;

    for (size_t done = 0; done < request->len; done += (size_t)n) {
        n = send(fd, request->p + done, request->len - done, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
    }
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0) {
        fc_buf_add(answer, piece, (size_t)n);
    }
    return n == 0 && answer->len > 12;
}

int fc_http(const char *method, const char *url, const char *content, struct fc_buf *body)
{
    struct fc_buf request = { 0 }, answer = { 0 };
    char host[256], port[16] = "80", path[2048] = "/";
    const char *split;
    int fd, status = -1;

    if (sscanf(url, "http://%255[^:/]:%15[0-9]%2047s", host, port, path) < 2 &&
        sscanf(url, "http://%255[^:/]%2047s", host, path) < 1) {
        return -1;
    }
    fc_buf_text(&request, method);
    fc_buf_text(&request, " ");
    fc_buf_text(&request, path);
    fc_buf_text(&request, " HTTP/1.0\r\nHost: ");
    fc_buf_text(&request, host);
    fc_buf_text(&request, "\r\nContent-Type: application/json\r\nContent-Length: ");
    fc_buf_uint(&request, strlen(content));
    fc_buf_text(&request, "\r\nConnection: close\r\n\r\n");
    fc_buf_text(&request, content);
    fd = http_open(host, port);
    if (fd >= 0 && http_exchange(fd, &request, &answer)) {
        split = strstr(answer.p, "\r\n\r\n");
        if (split != NULL && sscanf(answer.p, "HTTP/%*s %d", &status) == 1) {
            fc_buf_text(body, split + 4);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    fc_buf_free(&request);
    fc_buf_free(&answer);
    return status;
}
