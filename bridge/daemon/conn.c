/*
 * Connections as byte pipes on libev: life, input, output. How bytes move is conn_pipe.c's, what
 * comes before FIX conn_greet.c's, who is let in conn_accept.c's.
 */
#include "conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "conn_internal.h"
#include "bounds.h"
#include "log.h"
#include "tls.h"

/* How long the last bytes and the peer's own end are waited for. */
#define FINISH_US (5 * US_PER_S)

/* ---- life ---------------------------------------------------------------------------------- */

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
    pipe_close(c);
    c->state = CONN_DEAD;
    c->session = NULL;
    c->set->count--;
    c->set->unknown -= c->known ? 0 : 1;
    if (c->counted) {
        peers_close(c->set->peers, &c->ip, c->known);
    }
    unlink_conn(c);
}

void conn_lose(struct conn *c, const char *reason)
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
        if (c->counted) {
            peers_known(c->set->peers, &c->ip);
        }
        deadline_clear(&c->set->deadlines, &c->deadline);
    }
}

static void linger(struct conn *c)
{
    c->state = CONN_LINGERING;
    pipe_end(c);
}

void conn_finish(struct conn *c, struct bytes tail, const struct instant *now)
{
    if (c->state != CONN_OPEN) {
        return;
    }
    /* Who was refused stays among those without a Logon until the end. */
    deadline_clear(&c->set->deadlines, &c->deadline);
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

        if (c->waiting || c->shaking) { /* still in a list: freed when it was taken out */
            link = &c->next;
            continue;
        }
        *link = c->next;
        buf_fini(&c->in);
        buf_fini(&c->tail);
        free(c);
    }
}

/* ---- input --------------------------------------------------------------------------------- */

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
        conn_lose(c, "out of memory");
    } else if (c->in.size == 0 && c->in.capacity > 0) {
        buf_fini(&c->in);
        buf_init(&c->in, FIX_MESSAGE_MAX + CONN_READ_SIZE);
    }
}

static void read_input(struct conn *c)
{
    bool fresh = c->in.size == 0;
    char *at = c->set->scratch;
    size_t size = CONN_READ_SIZE, got;
    struct bytes view;
    const char *why = "?";
    enum pipe_result result;

    if (!fresh) {
        size = c->in.max - c->in.size;
        size = size < CONN_READ_SIZE ? size : CONN_READ_SIZE;
        if (size == 0 || !buf_reserve(&c->in, size)) {
            conn_lose(c, size == 0 ? "message too large" : "out of memory");
            return;
        }
        at = c->in.data + c->in.size;
    }
    result = pipe_read(c, at, size, &got, &why);
    if (result == PIPE_END || result == PIPE_ERROR) {
        conn_lose(c, result == PIPE_END ? "closed by the client" : why);
        return;
    }
    if (result == PIPE_AGAIN) {
        return;
    }
    c->in.size += fresh ? 0 : got;
    view = fresh ? (struct bytes){ c->set->scratch, got } : buf_view(&c->in);
    keep_rest(c, view, c->set->ops->input(c->set->arg, c, view));
}

void conn_resume(struct conn *c)
{
    if (c->state == CONN_OPEN && c->in.size > 0) {
        struct bytes view = buf_view(&c->in);

        keep_rest(c, view, c->set->ops->input(c->set->arg, c, view));
    }
}

/* The session is over: what still comes is not ours, only its end matters. */
static void discard_input(struct conn *c)
{
    enum pipe_result result = pipe_discard(c);

    if (result == PIPE_END || result == PIPE_ERROR) {
        conn_close(c);
    }
}

void conn_on_readable(struct ev_loop *loop, ev_io *w, int events)
{
    struct conn *c = w->data;

    (void)loop;
    (void)events;
    if (c->write_wants_read) {
        c->write_wants_read = false;
        conn_wait(c);
    }
    if (c->state == CONN_OPEN && c->stage != CONN_STAGE_FIX) {
        conn_greet_go(c);
    } else if (c->state == CONN_OPEN) {
        read_input(c);
    } else if (c->state != CONN_DEAD) {
        discard_input(c);
    }
}

/* ---- output -------------------------------------------------------------------------------- */

void conn_mark(struct conn *c, size_t pending, uint64_t lsn)
{
    uint64_t end = c->written + pending;
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
    if (left > 0 && !c->write_wants_read) {
        ev_io_start(c->set->loop, &c->writable);
    } else if (ev_is_active(&c->writable)) {
        ev_io_stop(c->set->loop, &c->writable);
    }
}

size_t conn_write(struct conn *c, struct bytes out, uint64_t durable)
{
    size_t put = 0;
    uint64_t ready;
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
    return ev_is_active(&c->writable) || c->write_wants_read;
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
void conn_on_writable(struct ev_loop *loop, ev_io *w, int events)
{
    struct conn *c = w->data;

    (void)events;
    ev_io_stop(loop, &c->writable);
    if (c->state == CONN_OPEN && c->stage != CONN_STAGE_FIX) {
        conn_greet_go(c);
        return;
    }
    if (c->read_wants_write) {
        c->read_wants_write = false;
        ev_feed_event(loop, &c->readable, EV_READ);
    }
    conn_wait(c);
}

/* ---- the set ------------------------------------------------------------------------------- */

static bool make_peers(struct conns *set)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        return false;
    }
    set->peers = peers_new(set->config.connections_max, &set->config.address_limits, seed);
    return set->peers != NULL;
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
    conns_greet_init(set);
    if (!make_peers(set)) {
        (void)snprintf(error, 256, "out of memory");
    } else if (conns_listen(set, error)) {
        return set;
    }
    conns_free(set);
    return NULL;
}

void conns_limit(struct conns *set, const struct conns_config *config)
{
    set->config.unauthenticated_max = config->unauthenticated_max;
    set->config.logon_timeout_ms = config->logon_timeout_ms;
    set->config.send_timeout_ms = config->send_timeout_ms;
    set->config.handshake_timeout_ms = config->handshake_timeout_ms;
    set->config.address_limits = config->address_limits;
    peers_limit(set->peers, &config->address_limits);
}

void conns_stop(struct conns *set)
{
    if (!set->stopped) {
        set->stopped = true;
        set->accept_again_us = NEVER_US;
        conns_listen_stop(set);
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
    conns_greet_fini(set);
    conns_sweep(set);
    deadlines_fini(&set->deadlines);
    peers_free(set->peers);
    free(set);
}

int64_t conns_deadline(const struct conns *set)
{
    int64_t first = deadlines_first(&set->deadlines);

    return first < set->accept_again_us ? first : set->accept_again_us;
}

void conns_tick(struct conns *set, const struct instant *now)
{
    static const char *const late_text[] = {
        [CONN_STAGE_PROXY] = "no PROXY header in time",
        [CONN_STAGE_TLS] = "no TLS handshake in time",
        [CONN_STAGE_FIX] = "no Logon in time",
    };
    struct deadline *d;

    while ((d = deadlines_due(&set->deadlines, now->mono_us)) != NULL) {
        struct conn *c = d->owner;

        if (c->state == CONN_OPEN && !c->known) {
            conn_lose(c, late_text[c->stage]);
        } else if (c->state == CONN_FINISHING || c->state == CONN_LINGERING) {
            conn_close(c);
        }
    }
    if (set->accept_again_us <= now->mono_us) {
        set->accept_again_us = NEVER_US;
        conns_listen_again(set);
    }
}

size_t conns_count(const struct conns *set)
{
    return set->count;
}

bool conn_subject_is(const struct conn *c, struct bytes name)
{
    return c->tls != NULL && tls_subject_is(c->tls, name);
}
