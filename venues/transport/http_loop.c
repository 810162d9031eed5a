/*
 * libcurl's sockets and timers on libev. Knows nothing of calls.
 *
 * Two economies. A socket stays registered for reading while its connection is idle between two
 * calls (adding and removing it costs more than ignoring the rare event). The timer is lazy:
 * libcurl moves its deadline several times a call, mostly to later; the timer is only touched when
 * it would ring too late.
 */
#include "http_internal.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t http_now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static void touch(struct http_multi *m)
{
    m->touched = true;
    m->pool->touched = true;
}

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
    struct http_watch *w = io->data;
    int running;

    if (!w->wanted) {
        /* Idle and yet readable: the peer closed it. libcurl sees that when it next looks at it. */
        ev_io_stop(loop, io);
        return;
    }
    if (w->line != NULL) {
        http_direct_event(w->line, (events & EV_WRITE) != 0);
        return;
    }
    touch(w->multi);
    (void)curl_multi_socket_action(w->multi->multi, io->fd,
                                   ((events & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                                       ((events & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0),
                                   &running);
    http_pool_progress(w->multi->pool);
}

static struct http_watch *watch_take(struct http_client *c, curl_socket_t fd)
{
    size_t index = (size_t)fd;

    if (index >= c->watch_count) {
        size_t count = index + 64;
        struct http_watch **grown = realloc(c->watches, count * sizeof *grown);

        if (grown == NULL) {
            return NULL;
        }
        memset(grown + c->watch_count, 0, (count - c->watch_count) * sizeof *grown);
        c->watches = grown;
        c->watch_count = count;
    }
    if (c->watches[index] == NULL) {
        struct http_watch *w = calloc(1, sizeof *w);

        if (w == NULL) {
            return NULL;
        }
        ev_io_init(&w->io, on_socket, fd, EV_READ);
        w->io.data = w;
        c->watches[index] = w;
    }
    return c->watches[index];
}

static void watch_for(struct ev_loop *loop, struct http_watch *w, int events)
{
    if (ev_is_active(&w->io) && (w->io.events & (EV_READ | EV_WRITE)) == events) {
        return;
    }
    ev_io_stop(loop, &w->io);
    ev_io_modify(&w->io, events);
    ev_io_start(loop, &w->io);
}

static void watch_set(struct http_multi *m, struct http_watch *w, int events)
{
    struct ev_loop *loop = m->pool->client->loop;

    w->multi = m;
    w->line = NULL;
    w->wanted = events != 0;
    if (events != 0) {
        watch_for(loop, w, events);
    } else if (!w->ours) {
        ev_io_stop(loop, &w->io); /* libcurl may close this one without telling */
    }
}

void http_loop_watch_line(struct http_pool *p, curl_socket_t fd, struct http_line *l, bool writable)
{
    struct http_watch *w = (size_t)fd < p->client->watch_count ? p->client->watches[fd] : NULL;

    if (w == NULL) {
        return; /* never connected: libcurl's open callback makes the watch */
    }
    w->line = l;
    w->wanted = l != NULL;
    if (l != NULL) {
        watch_for(p->client->loop, w, EV_READ | (writable ? EV_WRITE : 0));
    } else {
        ev_io_stop(p->client->loop, &w->io);
    }
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *multi, void *socketp)
{
    struct http_multi *m = multi;
    struct http_watch *w = watch_take(m->pool->client, fd);

    (void)easy;
    (void)socketp;
    if (w == NULL) {
        return -1; /* libcurl then fails the multi handle's transfers */
    }
    watch_set(m, w,
              ((what & CURL_POLL_IN) != 0 && what != CURL_POLL_REMOVE ? EV_READ : 0) |
                  ((what & CURL_POLL_OUT) != 0 && what != CURL_POLL_REMOVE ? EV_WRITE : 0));
    return 0;
}

curl_socket_t http_loop_open_socket(void *pool, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_pool *p = pool;
    curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                              address->protocol);
    struct http_watch *w;

    (void)purpose;
    if (fd < 0) {
        return CURL_SOCKET_BAD;
    }
    w = watch_take(p->client, fd);
    if (w == NULL) {
        (void)close(fd);
        return CURL_SOCKET_BAD;
    }
    w->ours = true;
    w->wanted = false;
    w->line = NULL;
    return fd;
}

int http_loop_close_socket(void *pool, curl_socket_t fd)
{
    struct http_client *c = ((struct http_pool *)pool)->client;

    if ((size_t)fd < c->watch_count && c->watches[fd] != NULL) {
        ev_io_stop(c->loop, &c->watches[fd]->io);
        c->watches[fd]->ours = false;
        c->watches[fd]->wanted = false;
        c->watches[fd]->line = NULL;
    }
    return close(fd);
}

void http_loop_wake_by(struct http_pool *p, int64_t at_us)
{
    struct ev_loop *loop = p->client->loop;
    int64_t now_us;

    if (at_us >= p->timer_us) {
        return;
    }
    now_us = http_now_us();
    ev_timer_stop(loop, &p->timer);
    ev_timer_set(&p->timer, at_us <= now_us ? 0. : (double)(at_us - now_us) * 1e-6, 0.);
    ev_timer_start(loop, &p->timer);
    p->timer_us = at_us;
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *data)
{
    struct http_multi *m = data;

    (void)multi;
    m->curl_us = timeout_ms < 0    ? NEVER_US
                 : timeout_ms == 0 ? 0
                                   : http_now_us() + timeout_ms * US_PER_MS;
    /* "At once" is obeyed by http_loop_kick at the end of the call that led here. */
    if (m->curl_us == 0) {
        m->pool->curl_due = true;
    } else if (m->curl_us != NEVER_US) {
        http_loop_wake_by(m->pool, m->curl_us);
    }
    return 0;
}

static void kick(struct http_multi *m)
{
    int running;

    /* libcurl may ask for "at once" again and again; each round does work, the bound is for safety.
     */
    for (int round = 0; m->curl_us == 0 && round < 16; round++) {
        m->curl_us = NEVER_US;
        touch(m);
        (void)curl_multi_socket_action(m->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    if (m->curl_us == 0) {
        http_loop_wake_by(m->pool, 0);
    }
}

void http_loop_kick(struct http_pool *p)
{
    if (!p->curl_due) {
        return;
    }
    p->curl_due = false;
    for (struct http_multi *m = p->multis; m != NULL; m = m->next) {
        kick(m);
    }
}

/* When libcurl wants to be called next; what is due now is marked so. */
static int64_t curl_deadline(struct http_pool *p, int64_t now_us)
{
    int64_t next_us = NEVER_US;

    for (struct http_multi *m = p->multis; m != NULL; m = m->next) {
        if (m->curl_us <= now_us) {
            m->curl_us = 0;
            p->curl_due = true;
        } else if (m->curl_us < next_us) {
            next_us = m->curl_us;
        }
    }
    return next_us;
}

static int64_t sooner(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct http_pool *p = timer->data;
    int64_t now_us = http_now_us(), curl_us;

    (void)loop;
    (void)events;
    p->timer_us = NEVER_US;
    if (p->waiting_us <= now_us) {
        http_pool_expire(p);
    }
    if (p->direct) {
        http_direct_tick(p, now_us);
    }
    (void)curl_deadline(p, now_us);
    http_pool_progress(p);
    curl_us = curl_deadline(p, now_us);
    http_loop_wake_by(p, p->curl_due ? 0 : sooner(sooner(curl_us, p->waiting_us), p->direct_us));
}

void http_loop_init(struct http_pool *p)
{
    ev_timer_init(&p->timer, on_timer, 0., 0.);
    p->timer.data = p;
    p->timer_us = NEVER_US;
    p->direct_us = NEVER_US;
}

struct http_multi *http_loop_multi(struct http_pool *p)
{
    struct http_multi *m = calloc(1, sizeof *m);

    if (m == NULL) {
        return NULL;
    }
    m->pool = p;
    m->curl_us = NEVER_US;
    m->multi = curl_multi_init();
    if (m->multi == NULL ||
        curl_multi_setopt(m->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket) != CURLM_OK ||
        curl_multi_setopt(m->multi, CURLMOPT_SOCKETDATA, m) != CURLM_OK ||
        curl_multi_setopt(m->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer) != CURLM_OK ||
        curl_multi_setopt(m->multi, CURLMOPT_TIMERDATA, m) != CURLM_OK) {
        (void)curl_multi_cleanup(m->multi);
        free(m);
        return NULL;
    }
    m->next = p->multis;
    p->multis = m;
    return m;
}

void http_loop_fini(struct http_pool *p)
{
    struct http_multi *m;

    ev_timer_stop(p->client->loop, &p->timer);
    while ((m = p->multis) != NULL) {
        p->multis = m->next;
        (void)curl_multi_cleanup(m->multi);
        free(m);
    }
}
