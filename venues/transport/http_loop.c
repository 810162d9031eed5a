/*
 * libcurl's sockets and timer on libev. Knows nothing of calls.
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

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
    struct http_watch *w = io->data;
    struct http_pool *p = w->pool;
    int running;

    if (!w->wanted) {
        /* Idle and yet readable: the peer closed it. libcurl sees that when it next looks at it. */
        ev_io_stop(loop, io);
        return;
    }
    (void)curl_multi_socket_action(p->multi, io->fd,
                                   ((events & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                                       ((events & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0),
                                   &running);
    http_pool_progress(p);
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

static void watch_set(struct http_pool *p, struct http_watch *w, int events)
{
    struct ev_loop *loop = p->client->loop;

    w->pool = p;
    w->wanted = events != 0;
    if (events == 0) {
        if (!w->ours) {
            ev_io_stop(loop, &w->io); /* libcurl may close this one without telling */
        }
        return;
    }
    if (ev_is_active(&w->io) && (w->io.events & (EV_READ | EV_WRITE)) == events) {
        return;
    }
    ev_io_stop(loop, &w->io);
    ev_io_modify(&w->io, events);
    ev_io_start(loop, &w->io);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *pool, void *socketp)
{
    struct http_pool *p = pool;
    struct http_watch *w = watch_take(p->client, fd);

    (void)easy;
    (void)socketp;
    if (w == NULL) {
        return -1; /* libcurl then fails the multi handle's transfers */
    }
    watch_set(p, w,
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
    w->pool = p;
    return fd;
}

int http_loop_close_socket(void *pool, curl_socket_t fd)
{
    struct http_client *c = ((struct http_pool *)pool)->client;

    if ((size_t)fd < c->watch_count && c->watches[fd] != NULL) {
        ev_io_stop(c->loop, &c->watches[fd]->io);
        c->watches[fd]->ours = false;
        c->watches[fd]->wanted = false;
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

static int on_curl_timer(CURLM *multi, long timeout_ms, void *pool)
{
    struct http_pool *p = pool;

    (void)multi;
    p->curl_us = timeout_ms < 0    ? NEVER_US
                 : timeout_ms == 0 ? 0
                                   : http_now_us() + timeout_ms * US_PER_MS;
    /* "At once" is obeyed by http_loop_kick at the end of the call that led here. */
    if (p->curl_us > 0 && p->curl_us != NEVER_US) {
        http_loop_wake_by(p, p->curl_us);
    }
    return 0;
}

void http_loop_kick(struct http_pool *p)
{
    int running;

    /* libcurl may ask for "at once" again and again; each round does work, the bound is for safety.
     */
    for (int round = 0; p->curl_us == 0 && round < 16; round++) {
        p->curl_us = NEVER_US;
        (void)curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    if (p->curl_us == 0) {
        http_loop_wake_by(p, 0);
    }
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct http_pool *p = timer->data;
    int64_t now_us = http_now_us();

    (void)loop;
    (void)events;
    p->timer_us = NEVER_US;
    if (p->waiting_us <= now_us) {
        http_pool_expire(p);
    }
    if (p->curl_us <= now_us) {
        p->curl_us = 0;
        http_loop_kick(p);
    }
    http_pool_progress(p);
    http_loop_wake_by(p, p->curl_us < p->waiting_us ? p->curl_us : p->waiting_us);
}

bool http_loop_attach(struct http_pool *p)
{
    ev_timer_init(&p->timer, on_timer, 0., 0.);
    p->timer.data = p;
    p->timer_us = NEVER_US;
    p->curl_us = NEVER_US;
    return curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket) == CURLM_OK &&
           curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p) == CURLM_OK &&
           curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer) == CURLM_OK &&
           curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p) == CURLM_OK;
}

void http_loop_detach(struct http_pool *p)
{
    ev_timer_stop(p->client->loop, &p->timer);
}
