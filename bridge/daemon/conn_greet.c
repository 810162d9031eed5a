/*
 * What comes before FIX: the PROXY header of a balancer that is believed, then the TLS handshake.
 *
 *     STAGE_PROXY ──header──► STAGE_TLS ──handshake──► STAGE_FIX
 *
 * A handshake costs the loop a signature, about as much as a hundred orders. They stand in line, a
 * step is done in each turn, and the sessions have theirs in between: a crowd of newcomers makes
 * the newcomers wait.
 */
#include <errno.h>
#include <sys/socket.h>

#include "conn_internal.h"
#include "bounds.h"
#include "log.h"
#include "loop_now.h"
#include "proxy_header.h"
#include "tls.h"

static void drop(struct conn *c, const char *what, const char *why)
{
    log_write(LOG_WARN, what, LOG_T("peer", c->peer), LOG_T("why", why));
    conn_close(c);
}

static void next_stage(struct conn *c, enum conn_stage stage)
{
    c->stage = stage;
    if (stage != CONN_STAGE_FIX) {
        return;
    }
    deadline_set(&c->set->deadlines, &c->deadline,
                 loop_now().mono_us + (int64_t)c->set->config.logon_timeout_ms * US_PER_MS);
}

/* ---- TLS ----------------------------------------------------------------------------------- */

static void stand_in_line(struct conn *c)
{
    struct conns *set = c->set;

    ev_io_stop(set->loop, &c->readable);
    ev_io_stop(set->loop, &c->writable);
    if (c->shaking) {
        return;
    }
    c->shaking = true;
    c->next_shaking = NULL;
    if (set->shaking_last != NULL) {
        set->shaking_last->next_shaking = c;
    } else {
        set->shaking_first = c;
    }
    set->shaking_last = c;
    ev_idle_start(set->loop, &set->shake_again);
}

static struct conn *take_from_line(struct conns *set)
{
    struct conn *c = set->shaking_first;

    if (c != NULL) {
        set->shaking_first = c->next_shaking;
        set->shaking_last = set->shaking_first == NULL ? NULL : set->shaking_last;
        c->shaking = false;
    }
    return c;
}

static void shaken(struct conn *c)
{
    char subject[TLS_DESCRIBE_MAX];

    tls_subject(c->tls, subject);
    log_write(LOG_INFO, "conn.tls", LOG_T("peer", c->peer), LOG_T("version", tls_version(c->tls)),
              LOG_T("cipher", tls_cipher(c->tls)), LOG_T("subject", subject));
    next_stage(c, CONN_STAGE_FIX);
    ev_io_start(c->set->loop, &c->readable);
    /* The Logon may have come with the last flight and be inside OpenSSL already. */
    ev_feed_event(c->set->loop, &c->readable, EV_READ);
}

static void shake(struct conn *c)
{
    const char *why = "?";

    switch (tls_handshake(c->tls, &why)) {
    case TLS_DONE: shaken(c); break;
    case TLS_WANTS_READ: ev_io_start(c->set->loop, &c->readable); break;
    case TLS_WANTS_WRITE: ev_io_start(c->set->loop, &c->writable); break;
    case TLS_FAILED:
        c->tls_broken = true;
        drop(c, "conn.tls_failed", why);
        break;
    }
}

/* After the sockets of the turn, before its end. */
static void on_shake(struct ev_loop *loop, ev_check *w, int events)
{
    struct conns *set = w->data;
    struct conn *c;

    (void)events;
    while ((c = take_from_line(set)) != NULL && c->state == CONN_DEAD) {
    }
    if (c != NULL) {
        shake(c);
    }
    if (set->shaking_first == NULL) {
        ev_idle_stop(loop, &set->shake_again);
    }
}

/* Somebody stands in line: the loop does not sleep. */
static void on_shake_again(struct ev_loop *loop, ev_idle *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

void conns_greet_init(struct conns *set)
{
    ev_check_init(&set->shake, on_shake);
    ev_set_priority(&set->shake, EV_MINPRI);
    ev_idle_init(&set->shake_again, on_shake_again);
    set->shake.data = set;
    ev_check_start(set->loop, &set->shake);
}

void conns_greet_fini(struct conns *set)
{
    while (take_from_line(set) != NULL) {
    }
    ev_check_stop(set->loop, &set->shake);
    ev_idle_stop(set->loop, &set->shake_again);
}

static void begin_tls(struct conn *c)
{
    c->tls = tls_accept(c->set->config.tls, c->fd);
    if (c->tls == NULL) {
        drop(c, "conn.tls_failed", "out of memory");
    }
}

/* ---- PROXY --------------------------------------------------------------------------------- */

static void take_header(struct conn *c, const struct proxy_header *h)
{
    char balancer[CONN_PEER_MAX];

    memcpy(balancer, c->peer, sizeof balancer);
    if (h->has_client) {
        c->ip = h->client;
        ip_print(&c->ip, h->port, c->peer);
    }
    log_write(LOG_DEBUG, "conn.proxy", LOG_T("peer", c->peer), LOG_T("balancer", balancer));
    buf_fini(&c->in);
    buf_init(&c->in, FIX_MESSAGE_MAX + CONN_READ_SIZE);
    if (!conns_count_address(c->set, c)) {
        conn_close(c);
        return;
    }
    next_stage(c, c->is_tls ? CONN_STAGE_TLS : CONN_STAGE_FIX);
    if (c->is_tls) {
        begin_tls(c);
    }
}

/* Not a byte beyond the header is taken from the socket: what follows is TLS's own. It is looked at
 * first, and then just as much is read. */
static void read_header(struct conn *c)
{
    char *scratch = c->set->scratch;
    size_t before = c->in.size, take;
    ssize_t n = recv(c->fd, scratch, PROXY_HEADER_MAX - before, MSG_PEEK);
    struct proxy_header h;

    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
            conn_lose(c, n == 0 ? "closed before its PROXY header" : strerror(errno));
        }
        return;
    }
    buf_add(&c->in, scratch, (size_t)n);
    h = proxy_header_parse(buf_view(&c->in));
    if (h.kind == PROXY_BAD || c->in.failed) {
        drop(c, "conn.proxy_failed", c->in.failed ? "out of memory" : h.reason);
        return;
    }
    take = h.kind == PROXY_COMPLETE ? h.size - before : (size_t)n;
    if (recv(c->fd, scratch, take, 0) != (ssize_t)take) {
        drop(c, "conn.proxy_failed", "the socket lost what it had shown");
    } else if (h.kind == PROXY_COMPLETE) {
        take_header(c, &h);
    }
}

/* ---- both ---------------------------------------------------------------------------------- */

void conn_greet(struct conn *c)
{
    int64_t timeout_ms = c->stage == CONN_STAGE_FIX ? c->set->config.logon_timeout_ms
                                                    : c->set->config.handshake_timeout_ms;

    deadline_set(&c->set->deadlines, &c->deadline, loop_now().mono_us + timeout_ms * US_PER_MS);
    if (c->stage == CONN_STAGE_TLS) {
        begin_tls(c);
    }
}

void conn_greet_go(struct conn *c)
{
    if (c->stage == CONN_STAGE_PROXY) {
        read_header(c);
    } else {
        stand_in_line(c);
    }
}
