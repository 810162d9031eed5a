/*
 * Calls over connections that libcurl only makes (CURLOPT_CONNECT_ONLY): it resolves, connects,
 * goes through proxies, does TLS and checks certificates; the bytes of requests and answers go
 * through curl_easy_send and curl_easy_recv, framed by http_wire.c. A request then costs two system
 * calls and no libcurl transfer machinery.
 *
 *     CLOSED ──► CONNECTING ──► IDLE ◄──► BUSY          any trouble ──► CLOSED
 *
 * A request is written to one connection, once. Before the first attempt to write nothing has left;
 * after it the call's end without an answer is "sent, unanswered", whatever the reason.
 */
#include "http_internal.h"

#include <stdio.h>
#include <stdlib.h>

#define IDLE_MAX_US (HTTP_IDLE_MAX_S * US_PER_S)
/* An idle connection not looked at for this long is asked whether it still stands. */
#define IDLE_TRUST_US (20 * US_PER_MS)
#define WARM_RETRY_MIN_US US_PER_S
#define WARM_RETRY_MAX_US (60 * US_PER_S)
#define READ_SIZE (64 * 1024)

static void tick_by(struct http_pool *p, int64_t at_us)
{
    if (at_us < p->direct_us) {
        p->direct_us = at_us;
        http_loop_wake_by(p, at_us);
    }
}

/* ---- making and closing -------------------------------------------------------------------- */

static struct http_line *line_find(struct http_pool *p, enum http_line_state state)
{
    struct http_line *l = p->lines;

    while (l != NULL && l->state != state) {
        l = l->next_made;
    }
    return l;
}

/* A handle that may connect: one that was closed, or a new one while there may be more. */
static struct http_line *line_unused(struct http_pool *p)
{
    struct http_line *l = line_find(p, HTTP_LINE_CLOSED);

    if (l != NULL || p->made >= p->connections_max) {
        return l;
    }
    l = http_line_new(p);
    if (l != NULL && curl_easy_setopt(l->easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK) {
        http_line_free(l);
        l = NULL;
    }
    if (l != NULL) {
        l->next_made = p->lines;
        p->lines = l;
        p->made++;
    }
    return l;
}

static void idle_remove(struct http_line *l)
{
    struct http_pool *p = l->pool;
    struct http_line **at = &p->free_lines;

    while (*at != NULL && *at != l) {
        at = &(*at)->next;
    }
    if (*at == l) {
        *at = l->next;
        l->next = NULL;
    }
}

/* Removing the handle closes its connection: libcurl promises so for connect-only handles. */
static void line_close(struct http_line *l)
{
    if (l->state == HTTP_LINE_IDLE) {
        idle_remove(l);
    }
    if (l->state != HTTP_LINE_CLOSED) {
        http_loop_watch_line(l->pool, l->fd, NULL, false);
        (void)curl_multi_remove_handle(l->multi->multi, l->easy);
        l->state = HTTP_LINE_CLOSED;
        l->fd = CURL_SOCKET_BAD;
    }
}

static bool line_connect(struct http_line *l, struct http_call *call)
{
    l->error[0] = '\0';
    l->call = call;
    l->asked = false;
    l->fd = CURL_SOCKET_BAD;
    if (curl_multi_add_handle(l->multi->multi, l->easy) != CURLM_OK) {
        l->call = NULL;
        return false;
    }
    l->state = HTTP_LINE_CONNECTING;
    return true;
}

static void line_idle(struct http_line *l, int64_t now_us)
{
    struct http_pool *p = l->pool;

    l->state = HTTP_LINE_IDLE;
    l->call = NULL;
    l->idle_us = now_us;
    l->next = p->free_lines; /* the one used last: its caches are warm, the others can go */
    p->free_lines = l;
    tick_by(p, now_us + IDLE_MAX_US);
}

/* ---- the end of a call --------------------------------------------------------------------- */

/* Without an answer. The connection is of no use any more: its answer might come yet. */
static void line_fails(struct http_line *l, const char *why)
{
    struct http_call *call = l->call;
    struct http_pool *p = l->pool;

    l->call = NULL;
    if (call != NULL) {
        call->failure = l->asked ? HTTP_SENT_UNANSWERED : HTTP_NEVER_SENT;
        (void)snprintf(call->error, sizeof call->error, "%s", l->error[0] != '\0' ? l->error : why);
        p->running--;
        http_call_done(call, http_now_us());
    }
    line_close(l);
}

static void line_answered(struct http_line *l, bool clean)
{
    struct http_call *call = l->call;
    struct http_pool *p = l->pool;
    int64_t now_us = http_now_us();
    int status = http_answer_status(&l->answer);

    if (status < 100 || status > 999) {
        line_fails(l, "no such status");
        return;
    }
    call->failure = HTTP_ANSWERED;
    call->status = status;
    p->running--;
    http_call_done(call, now_us);
    l->call = NULL;
    if (clean && l->left == 0 && http_answer_keeps_connection(&l->answer)) {
        line_idle(l, now_us);
    } else {
        line_close(l);
    }
}

/* ---- bytes --------------------------------------------------------------------------------- */

static void line_send(struct http_line *l)
{
    while (l->left > 0) {
        const struct buf *wire = &l->call->wire;
        size_t n = 0;
        CURLcode code;

        l->asked = true; /* TLS may write a part and say "again" */
        code = curl_easy_send(l->easy, wire->data + (wire->size - l->left), l->left, &n);
        if (code == CURLE_AGAIN) {
            break;
        }
        if (code != CURLE_OK) {
            line_fails(l, curl_easy_strerror(code));
            return;
        }
        l->left -= n;
    }
    http_loop_watch_line(l->pool, l->fd, l, l->left > 0);
}

static void line_end_of_input(struct http_line *l)
{
    if (http_answer_end(&l->answer) == HTTP_ANSWER_COMPLETE) {
        line_answered(l, false);
    } else {
        line_fails(l, l->answer.why);
    }
}

static void line_receive(struct http_line *l)
{
    struct http_pool *p = l->pool;

    while (l->state == HTTP_LINE_BUSY) {
        size_t n = 0, used;
        CURLcode code = curl_easy_recv(l->easy, p->read, READ_SIZE, &n);

        if (code == CURLE_AGAIN) {
            return;
        }
        if (code != CURLE_OK) {
            line_fails(l, curl_easy_strerror(code));
        } else if (n == 0) {
            line_end_of_input(l);
        } else {
            switch (http_answer_feed(&l->answer, (struct bytes){ p->read, n }, &used)) {
            case HTTP_ANSWER_MORE: break;
            case HTTP_ANSWER_COMPLETE: line_answered(l, used == n); break;
            case HTTP_ANSWER_BAD: line_fails(l, l->answer.why); break;
            }
        }
    }
}

/* Nothing is expected on an idle connection but TLS's own records (tickets, keys). */
static bool line_stands(struct http_line *l)
{
    size_t n = 0;

    return curl_easy_recv(l->easy, l->pool->read, READ_SIZE, &n) == CURLE_AGAIN;
}

/* ---- from the rest of the transport -------------------------------------------------------- */

void http_direct_event(struct http_line *l, bool writable)
{
    struct http_pool *p = l->pool;

    if (l->state == HTTP_LINE_IDLE) {
        if (!line_stands(l)) {
            line_close(l);
            tick_by(p, 0); /* may have to be replaced */
        }
        return;
    }
    if (l->state == HTTP_LINE_BUSY && writable && l->left > 0) {
        line_send(l);
    }
    if (l->state == HTTP_LINE_BUSY) {
        line_receive(l);
    }
    http_pool_progress(p);
}

static void line_run(struct http_line *l, struct http_call *call)
{
    l->state = HTTP_LINE_BUSY;
    l->call = call;
    l->asked = false;
    l->error[0] = '\0';
    l->left = call->wire.size;
    http_answer_begin(&l->answer, &call->answer_head, &call->answer_body);
    tick_by(l->pool, call->deadline_us);
    line_send(l);
}

void http_direct_connected(struct http_line *l, CURLcode code)
{
    struct http_pool *p = l->pool;

    if (code == CURLE_OK) {
        code = curl_easy_getinfo(l->easy, CURLINFO_ACTIVESOCKET, &l->fd);
    }
    if (code != CURLE_OK || l->fd == CURL_SOCKET_BAD) {
        p->warm_failures++;
        p->warm_us =
            http_now_us() + (WARM_RETRY_MIN_US << (p->warm_failures < 6 ? p->warm_failures : 6));
        line_fails(l, curl_easy_strerror(code));
        return;
    }
    p->warm_failures = 0;
    http_loop_watch_line(p, l->fd, l, false);
    if (l->call != NULL) {
        line_run(l, l->call);
    } else {
        line_idle(l, http_now_us());
    }
}

static struct http_line *take_idle(struct http_pool *p, int64_t now_us)
{
    struct http_line *l;

    while ((l = p->free_lines) != NULL) {
        p->free_lines = l->next;
        l->next = NULL;
        l->state = HTTP_LINE_BUSY;
        if (now_us - l->idle_us < IDLE_TRUST_US ||
            (now_us - l->idle_us < IDLE_MAX_US && line_stands(l))) {
            return l;
        }
        line_close(l);
    }
    return NULL;
}

bool http_direct_can_run(struct http_pool *p)
{
    return p->free_lines != NULL || p->made < p->connections_max ||
           line_find(p, HTTP_LINE_CLOSED) != NULL;
}

bool http_direct_run(struct http_pool *p, struct http_call *call, int64_t now_us)
{
    struct http_line *l = take_idle(p, now_us);

    if (l != NULL) {
        p->running++;
        line_run(l, call);
        return true;
    }
    l = line_unused(p);
    if (l == NULL || !line_connect(l, call)) {
        return false;
    }
    p->running++;
    tick_by(p, call->deadline_us);
    return true;
}

static void give_up_late(struct http_pool *p, int64_t now_us)
{
    for (struct http_line *l = p->lines; l != NULL; l = l->next_made) {
        if (l->call != NULL && l->call->deadline_us <= now_us) {
            line_fails(l, l->asked ? "timeout" : "timeout while connecting");
        } else if (l->call != NULL && l->call->deadline_us < p->direct_us) {
            p->direct_us = l->call->deadline_us;
        }
    }
}

static size_t drop_old(struct http_pool *p, int64_t now_us)
{
    size_t open = 0;

    for (struct http_line *l = p->lines; l != NULL; l = l->next_made) {
        if (l->state == HTTP_LINE_IDLE && now_us - l->idle_us >= IDLE_MAX_US) {
            line_close(l);
        } else if (l->state == HTTP_LINE_IDLE && l->idle_us + IDLE_MAX_US < p->direct_us) {
            p->direct_us = l->idle_us + IDLE_MAX_US;
        }
        open += l->state != HTTP_LINE_CLOSED;
    }
    return open;
}

/* Connections kept open though nobody needs them now, so that no order waits for a handshake. */
static void keep_warm(struct http_pool *p, size_t open, int64_t now_us)
{
    if (open >= p->connections_warm) {
        return;
    }
    if (p->warm_failures > 0 && now_us < p->warm_us) {
        p->direct_us = p->warm_us < p->direct_us ? p->warm_us : p->direct_us;
        return;
    }
    for (; open < p->connections_warm; open++) {
        struct http_line *l = line_unused(p);

        if (l == NULL || !line_connect(l, NULL)) {
            p->direct_us = now_us + WARM_RETRY_MIN_US;
            return;
        }
        if (p->warm_failures > 0) {
            return; /* one is enough to see whether the venue is back */
        }
    }
}

void http_direct_tick(struct http_pool *p, int64_t now_us)
{
    if (now_us < p->direct_us) {
        return;
    }
    p->direct_us = NEVER_US;
    give_up_late(p, now_us);
    keep_warm(p, drop_old(p, now_us), now_us);
}

bool http_direct_open(struct http_pool *p)
{
    p->read = malloc(READ_SIZE);
    if (p->read == NULL) {
        return false;
    }
    if (p->connections_warm > 0) {
        tick_by(p, 0);
    }
    return true;
}

void http_direct_close(struct http_pool *p)
{
    for (struct http_line *l = p->lines; l != NULL; l = l->next_made) {
        line_close(l);
    }
    free(p->read);
}
