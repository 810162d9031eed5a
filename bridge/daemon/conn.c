/*
 * Connections as byte pipes on libev. The two functions pipe_read and pipe_write are the only ones
 * that move bytes: what TLS will replace.
 */
#include "conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn_listen.h"
#include "limits.h"
#include "log.h"
#include "loop_now.h"

/* One read of one connection; more waits for the next wake-up, so that all get their turn. */
#define READ_SIZE       (64 * 1024)
/* How long the last bytes and the peer's own end are waited for. */
#define FINISH_US       (5 * US_PER_S)
/* Accepted in one wake-up. */
#define ACCEPT_MAX      64
/* After accept has failed for want of descriptors. */
#define ACCEPT_PAUSE_US (1 * US_PER_S)

struct conns {
    struct ev_loop        *loop;
    struct conns_config    config;
    const struct conns_ops *ops;
    void                  *arg;
    int                    fd;
    ev_io                  acceptable;
    char                   address[CONN_PEER_MAX];
    uint16_t               port;
    bool                   stopped;
    int64_t                accept_again_us;
    struct conn           *first, *dead;
    struct conn           *waiting_first, *waiting_last;
    size_t                 count, unknown, waiting;
    struct deadlines       deadlines;
    char                   scratch[READ_SIZE];
};

/* ---- bytes --------------------------------------------------------------------------------------- */

enum pipe_result { PIPE_OK, PIPE_AGAIN, PIPE_END, PIPE_ERROR };

static enum pipe_result pipe_read(const struct conn *c, char *out, size_t size, size_t *got)
{
    ssize_t n = recv(c->fd, out, size, 0);

    *got = n > 0 ? (size_t)n : 0;
    if (n > 0) {
        return PIPE_OK;
    }
    if (n == 0) {
        return PIPE_END;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? PIPE_AGAIN : PIPE_ERROR;
}

static enum pipe_result pipe_write(const struct conn *c, struct bytes out, size_t *put)
{
    ssize_t n = send(c->fd, out.data, out.size, MSG_NOSIGNAL);

    *put = n > 0 ? (size_t)n : 0;
    if (n >= 0) {
        return PIPE_OK;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? PIPE_AGAIN : PIPE_ERROR;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void unlink_conn(struct conn *c)
{
    struct conns *set = c->set;

    if (c->prev != NULL) {
        c->prev->next = c->next;
    } else {
        set->first = c->next;
    }
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
    c->prev = NULL;
    c->next = set->dead;
    set->dead = c;
}

void conn_close(struct conn *c)
{
    if (c->state == CONN_DEAD) {
        return;
    }
    ev_io_stop(c->set->loop, &c->readable);
    ev_io_stop(c->set->loop, &c->writable);
    deadline_clear(&c->set->deadlines, &c->deadline);
    (void)close(c->fd);     /* nothing can be done about its failure */
    c->fd = -1;
    c->state = CONN_DEAD;
    c->session = NULL;
    c->set->count--;
    c->set->unknown -= c->known ? 0 : 1;
    unlink_conn(c);
}

static void lose(struct conn *c, const char *reason)
{
    if (c->state != CONN_DEAD) {
        c->set->ops->gone(c->set->arg, c, reason);
        conn_close(c);
    }
}

void conn_known(struct conn *c)
{
    if (!c->known) {
        c->known = true;
        c->set->unknown--;
        deadline_clear(&c->set->deadlines, &c->deadline);
    }
}

static void linger(struct conn *c)
{
    c->state = CONN_LINGERING;
    (void)shutdown(c->fd, SHUT_WR);     /* fails only when the peer is gone: the read tells */
}

void conn_finish(struct conn *c, struct bytes tail, const struct instant *now)
{
    if (c->state != CONN_OPEN) {
        return;
    }
    conn_known(c);
    c->session = NULL;
    c->state = CONN_FINISHING;
    buf_add(&c->tail, tail.data, tail.size);
    deadline_set(&c->set->deadlines, &c->deadline, now->mono_us + FINISH_US);
    conn_wait(c);
}

void conns_sweep(struct conns *set)
{
    struct conn **link = &set->dead;

    while (*link != NULL) {
        struct conn *c = *link;

        if (c->waiting) { /* still in the list of those with output: freed when it was taken out */
            link = &c->next;
            continue;
        }
        *link = c->next;
        buf_fini(&c->in);
        buf_fini(&c->tail);
        free(c);
    }
}

/* ---- input --------------------------------------------------------------------------------------- */

/* Between messages nothing is kept, so an idle connection owns no buffer. */
static void keep_rest(struct conn *c, struct bytes view, size_t used)
{
    if (c->state != CONN_OPEN) {
        return;
    }
    if (c->in.size == 0) {
        buf_add(&c->in, view.data + used, view.size - used);
    } else {
        buf_consume(&c->in, used);
    }
    if (c->in.failed) {
        lose(c, "out of memory");
    } else if (c->in.size == 0 && c->in.capacity > 0) {
        buf_fini(&c->in);
        buf_init(&c->in, FIX_MESSAGE_MAX + READ_SIZE);
    }
}

static void read_input(struct conn *c)
{
    bool             fresh = c->in.size == 0;
    char            *at = c->set->scratch;
    size_t           size = READ_SIZE, got;
    struct bytes     view;
    enum pipe_result result;

    if (!fresh) {
        size = c->in.max - c->in.size;
        size = size < READ_SIZE ? size : READ_SIZE;
        if (size == 0 || !buf_reserve(&c->in, size)) {
            lose(c, size == 0 ? "message too large" : "out of memory");
            return;
        }
        at = c->in.data + c->in.size;
    }
    result = pipe_read(c, at, size, &got);
    if (result == PIPE_END || result == PIPE_ERROR) {
        lose(c, result == PIPE_END ? "closed by the client" : strerror(errno));
        return;
    }
    if (result == PIPE_AGAIN) {
        return;
    }
    c->in.size += fresh ? 0 : got;
    view = fresh ? (struct bytes){ c->set->scratch, got } : buf_view(&c->in);
    keep_rest(c, view, c->set->ops->input(c->set->arg, c, view));
}

/* The session is over: what still comes is not ours, only its end matters. */
static void discard_input(struct conn *c)
{
    size_t           got;
    enum pipe_result result = pipe_read(c, c->set->scratch, READ_SIZE, &got);

    if (result == PIPE_END || result == PIPE_ERROR) {
        conn_close(c);
    }
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
    struct conn *c = w->data;

    (void)loop;
    (void)events;
    if (c->state == CONN_OPEN) {
        read_input(c);
    } else if (c->state != CONN_DEAD) {
        discard_input(c);
    }
}

/* ---- output -------------------------------------------------------------------------------------- */

void conn_mark(struct conn *c, size_t pending, uint64_t lsn)
{
    uint64_t          end = c->written + pending;
    struct conn_mark *last = NULL;

    if (c->mark_count > 0) {
        last = &c->mark[(c->mark_first + c->mark_count - 1) % CONN_MARKS_MAX];
    }
    if (end == (last == NULL ? c->released : last->end)) {
        return;
    }
    if (last != NULL && (last->lsn == lsn || c->mark_count == CONN_MARKS_MAX)) {
        /* Out of room: the last piece waits a little longer than it must, never less. */
        *last = (struct conn_mark){ end, lsn };
        return;
    }
    c->mark[(c->mark_first + c->mark_count) % CONN_MARKS_MAX] = (struct conn_mark){ end, lsn };
    c->mark_count++;
}

static void release(struct conn *c, uint64_t durable)
{
    while (c->mark_count > 0 && c->mark[c->mark_first].lsn <= durable) {
        c->released = c->mark[c->mark_first].end;
        c->mark_first = (c->mark_first + 1) % CONN_MARKS_MAX;
        c->mark_count--;
    }
}

static void after_write(struct conn *c, enum pipe_result result, size_t left)
{
    if (result == PIPE_ERROR) {
        /* The read side tells of it and ends the session there, in one place. */
        (void)shutdown(c->fd, SHUT_RDWR);
        ev_io_stop(c->set->loop, &c->writable);
        return;
    }
    if (left > 0) {
        ev_io_start(c->set->loop, &c->writable);
    } else if (ev_is_active(&c->writable)) {
        ev_io_stop(c->set->loop, &c->writable);
    }
}

size_t conn_write(struct conn *c, struct bytes out, uint64_t durable)
{
    size_t           put = 0;
    uint64_t         ready;
    enum pipe_result result;

    if (c->state == CONN_DEAD || c->state == CONN_LINGERING) {
        return 0;
    }
    if (c->state == CONN_FINISHING) {
        out = buf_view(&c->tail);
    }
    release(c, durable);
    ready = c->released - c->written;
    if (out.size > ready) {
        out.size = (size_t)ready;
    }
    if (out.size > 0) {
        result = pipe_write(c, out, &put);
        c->written += put;
        after_write(c, result, out.size - put);
    }
    if (c->state == CONN_FINISHING) {
        buf_consume(&c->tail, put);
        if (c->tail.size == 0) {
            linger(c);
        }
    }
    return put;
}

bool conn_is_behind(const struct conn *c)
{
    return (c->state == CONN_OPEN || c->state == CONN_FINISHING) &&
           (c->mark_count > 0 || c->released != c->written);
}

bool conn_is_blocked(const struct conn *c)
{
    return ev_is_active(&c->writable);
}

void conn_wait(struct conn *c)
{
    struct conns *set = c->set;

    if (c->waiting || c->state == CONN_DEAD) {
        return;
    }
    c->waiting = true;
    c->next_waiting = NULL;
    if (set->waiting_last != NULL) {
        set->waiting_last->next_waiting = c;
    } else {
        set->waiting_first = c;
    }
    set->waiting_last = c;
    set->waiting++;
}

struct conn *conns_take_waiting(struct conns *set)
{
    struct conn *c = set->waiting_first;

    if (c != NULL) {
        set->waiting_first = c->next_waiting;
        set->waiting_last = set->waiting_first == NULL ? NULL : set->waiting_last;
        c->waiting = false;
        set->waiting--;
    }
    return c;
}

size_t conns_waiting(const struct conns *set)
{
    return set->waiting;
}

/* The turn's end does the writing, once for each connection. */
static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
    struct conn *c = w->data;

    (void)events;
    ev_io_stop(loop, &c->writable);
    conn_wait(c);
}

/* ---- listening ----------------------------------------------------------------------------------- */

static void open_conn(struct conns *set, int fd, const char *peer)
{
    struct conn *c = calloc(1, sizeof *c);

    if (c == NULL || !deadlines_reserve(&set->deadlines, set->count + 1)) {
        log_write(LOG_WARN, "conn.refused", LOG_T("peer", peer), LOG_T("why", "out of memory"));
        (void)close(fd);
        free(c);
        return;
    }
    c->set = set;
    c->fd = fd;
    (void)snprintf(c->peer, sizeof c->peer, "%s", peer);
    buf_init(&c->in, FIX_MESSAGE_MAX + READ_SIZE);
    buf_init(&c->tail, FIX_OUTPUT_MAX + FIX_OUTPUT_LOW);
    ev_io_init(&c->readable, on_readable, fd, EV_READ);
    ev_io_init(&c->writable, on_writable, fd, EV_WRITE);
    c->readable.data = c->writable.data = c;
    c->deadline.owner = c;
    c->next = set->first;
    if (set->first != NULL) {
        set->first->prev = c;
    }
    set->first = c;
    set->count++;
    set->unknown++;
    deadline_set(&set->deadlines, &c->deadline,
                 loop_now().mono_us + (int64_t)set->config.logon_timeout_ms * US_PER_MS);
    ev_io_start(set->loop, &c->readable);
    log_write(LOG_DEBUG, "conn.open", LOG_T("peer", c->peer));
}

static void take_conn(struct conns *set, int fd)
{
    char        peer[CONN_PEER_MAX];
    const char *why = NULL;

    conn_listen_peer(fd, peer, sizeof peer);
    if (set->count >= set->config.connections_max) {
        why = "too many connections";
    } else if (set->unknown >= set->config.unauthenticated_max) {
        why = "too many connections without a Logon";
    } else if (!conn_listen_tune(fd, set->config.send_timeout_ms)) {
        why = strerror(errno);
    }
    if (why != NULL) {
        log_write(LOG_WARN, "conn.refused", LOG_T("peer", peer), LOG_T("why", why));
        (void)close(fd);
        return;
    }
    open_conn(set, fd, peer);
}

static void on_acceptable(struct ev_loop *loop, ev_io *w, int events)
{
    struct conns *set = w->data;

    (void)events;
    for (int i = 0; i < ACCEPT_MAX; i++) {
        int fd = accept4(set->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            take_conn(set, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_write(LOG_ERROR, "conn.accept", LOG_T("why", strerror(errno)));
            ev_io_stop(loop, &set->acceptable);
            set->accept_again_us = loop_now().mono_us + ACCEPT_PAUSE_US;
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        }
    }
}

struct conns *conns_new(struct ev_loop *loop, const struct conns_config *config,
                        const struct conns_ops *ops, void *arg, char error[256])
{
    struct conns *set = calloc(1, sizeof *set);

    if (set == NULL) {
        (void)snprintf(error, 256, "out of memory");
        return NULL;
    }
    set->loop = loop;
    set->config = *config;
    set->ops = ops;
    set->arg = arg;
    set->accept_again_us = NEVER_US;
    deadlines_init(&set->deadlines);
    set->fd = conn_listen_open(config->host, config->port, error);
    if (set->fd < 0) {
        free(set);
        return NULL;
    }
    set->port = conn_listen_address(set->fd, set->address, sizeof set->address);
    ev_io_init(&set->acceptable, on_acceptable, set->fd, EV_READ);
    set->acceptable.data = set;
    ev_io_start(loop, &set->acceptable);
    return set;
}

void conns_stop(struct conns *set)
{
    if (!set->stopped) {
        set->stopped = true;
        set->accept_again_us = NEVER_US;
        ev_io_stop(set->loop, &set->acceptable);
        (void)close(set->fd);
        set->fd = -1;
    }
    for (struct conn *c = set->first, *next; c != NULL; c = next) {
        next = c->next;
        if (c->state == CONN_OPEN && c->session == NULL) {
            conn_close(c);
        }
    }
}

void conns_free(struct conns *set)
{
    if (set == NULL) {
        return;
    }
    conns_stop(set);
    while (set->first != NULL) {
        conn_close(set->first);
    }
    while (conns_take_waiting(set) != NULL) {
    }
    conns_sweep(set);
    deadlines_fini(&set->deadlines);
    free(set);
}

int64_t conns_deadline(const struct conns *set)
{
    int64_t first = deadlines_first(&set->deadlines);

    return first < set->accept_again_us ? first : set->accept_again_us;
}

void conns_tick(struct conns *set, const struct instant *now)
{
    struct deadline *d;

    while ((d = deadlines_due(&set->deadlines, now->mono_us)) != NULL) {
        struct conn *c = d->owner;

        if (c->state == CONN_OPEN && !c->known) {
            lose(c, "no Logon in time");
        } else if (c->state == CONN_FINISHING || c->state == CONN_LINGERING) {
            conn_close(c);
        }
    }
    if (set->accept_again_us <= now->mono_us) {
        set->accept_again_us = NEVER_US;
        ev_io_start(set->loop, &set->acceptable);
    }
}

const char *conns_address(const struct conns *set)
{
    return set->address;
}

uint16_t conns_port(const struct conns *set)
{
    return set->port;
}

size_t conns_count(const struct conns *set)
{
    return set->count;
}
