/*
 * Listeners, and who is let in: limits of all connections and of each address.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn_internal.h"
#include "conn_listen.h"
#include "bounds.h"
#include "log.h"
#include "loop_now.h"

/* Accepted in one wake-up. */
#define ACCEPT_MAX 64
/* After accept has failed for want of descriptors. */
#define ACCEPT_PAUSE_US (1 * US_PER_S)

/* One line for a row of refusals of one address, so that nobody fills the log from outside. */
bool conns_count_address(struct conns *set, struct conn *c)
{
    bool first;
    enum peers_answer answer = peers_open(set->peers, &c->ip, loop_now().mono_us, &first);

    c->counted = answer == PEERS_OK;
    if (!c->counted) {
        log_write(first ? LOG_WARN : LOG_DEBUG, "conn.refused", LOG_T("peer", c->peer),
                  LOG_T("why", peers_answer_text(answer)));
    }
    return c->counted;
}

static void add_conn(struct conns *set, struct conn *c)
{
    buf_init(&c->in, FIX_MESSAGE_MAX + CONN_READ_SIZE);
    buf_init(&c->tail, FIX_OUTPUT_MAX + FIX_OUTPUT_LOW);
    ev_io_init(&c->readable, conn_on_readable, c->fd, EV_READ);
    ev_io_init(&c->writable, conn_on_writable, c->fd, EV_WRITE);
    c->readable.data = c->writable.data = c;
    c->deadline.owner = c;
    c->next = set->first;
    if (set->first != NULL) {
        set->first->prev = c;
    }
    set->first = c;
    set->count++;
    set->unknown++;
    ev_io_start(set->loop, &c->readable);
    log_write(LOG_DEBUG, "conn.open", LOG_T("peer", c->peer));
    conn_greet(c);
}

/* NULL: let in. A balancer's connection is counted for its client's address, when that is known. */
static const char *refusal(struct conns *set, struct conn *c)
{
    if (set->count >= set->config.connections_max) {
        return "too many connections";
    }
    if (set->unknown >= set->config.unauthenticated_max) {
        return "too many connections without a Logon";
    }
    if (!deadlines_reserve(&set->deadlines, set->count + 1)) {
        return "out of memory";
    }
    return conn_listen_tune(c->fd, set->config.send_timeout_ms) ? NULL : strerror(errno);
}

static void take_conn(struct listener *l, int fd)
{
    struct conns *set = l->set;
    struct conn *c = calloc(1, sizeof *c);
    const char *why;
    bool good = c != NULL;

    if (good) {
        c->set = set;
        c->fd = fd;
        c->is_tls = l == &set->listener[LISTEN_TLS];
        conn_listen_peer(fd, &c->ip, c->peer);
        c->stage = ip_list_has(&set->config.proxy_from, &c->ip) ? CONN_STAGE_PROXY
                   : c->is_tls                                  ? CONN_STAGE_TLS
                                                                : CONN_STAGE_FIX;
        why = refusal(set, c);
        good = why == NULL && (c->stage == CONN_STAGE_PROXY || conns_count_address(set, c));
        if (why != NULL) {
            log_write(LOG_WARN, "conn.refused", LOG_T("peer", c->peer), LOG_T("why", why));
        }
    }
    if (!good) {
        (void)close(fd);
        free(c);
        return;
    }
    add_conn(set, c);
}

static void on_acceptable(struct ev_loop *loop, ev_io *w, int events)
{
    struct listener *l = w->data;

    (void)events;
    for (int i = 0; i < ACCEPT_MAX; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            take_conn(l, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_write(LOG_ERROR, "conn.accept", LOG_T("why", strerror(errno)));
            ev_io_stop(loop, &l->acceptable);
            l->set->accept_again_us = loop_now().mono_us + ACCEPT_PAUSE_US;
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        }
    }
}

static bool listen_on(struct conns *set, struct listener *l, struct bytes host, uint16_t port,
                      char error[256])
{
    if (host.size == 0) {
        return true;
    }
    l->fd = conn_listen_open(host, port, error);
    if (l->fd < 0) {
        return false;
    }
    l->port = conn_listen_address(l->fd, l->address, sizeof l->address);
    ev_io_init(&l->acceptable, on_acceptable, l->fd, EV_READ);
    l->acceptable.data = l;
    ev_io_start(set->loop, &l->acceptable);
    return true;
}

bool conns_listen(struct conns *set, char error[256])
{
    const struct conns_config *c = &set->config;

    for (size_t i = 0; i < LISTEN_COUNT; i++) {
        set->listener[i].set = set;
        set->listener[i].fd = -1;
    }
    return listen_on(set, &set->listener[LISTEN_PLAIN], c->host, c->port, error) &&
           listen_on(set, &set->listener[LISTEN_TLS], c->tls_host, c->tls_port, error);
}

void conns_listen_again(struct conns *set)
{
    for (size_t i = 0; i < LISTEN_COUNT; i++) {
        if (set->listener[i].fd >= 0) {
            ev_io_start(set->loop, &set->listener[i].acceptable);
        }
    }
}

void conns_listen_stop(struct conns *set)
{
    for (size_t i = 0; i < LISTEN_COUNT; i++) {
        struct listener *l = &set->listener[i];

        if (l->set != NULL && l->fd >= 0) {
            ev_io_stop(set->loop, &l->acceptable);
            (void)close(l->fd);
            l->fd = -1;
        }
    }
}

static const struct listener *main_listener(const struct conns *set)
{
    return &set->listener[set->config.host.size > 0 ? LISTEN_PLAIN : LISTEN_TLS];
}

const char *conns_address(const struct conns *set)
{
    return main_listener(set)->address;
}

uint16_t conns_port(const struct conns *set)
{
    return main_listener(set)->port;
}

const char *conns_tls_address(const struct conns *set)
{
    return set->listener[LISTEN_TLS].address;
}

uint16_t conns_tls_port(const struct conns *set)
{
    return set->listener[LISTEN_TLS].port;
}
