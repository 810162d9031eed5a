/*
 * Pools, the queue of calls and what became of them. What libcurl is told about one call is in
 * http_easy.c, how it meets the loop in http_loop.c.
 *
 *     start ──► waiting (our FIFO, own deadline) ──► running (libcurl, at most connections_max)
 *                       │ too late                          │
 *                       └───────────────► done ◄────────────┘ ──► next ──► release ──► free
 *
 * The queue is ours and not libcurl's, because a call that never left the queue must be known to be
 * "never sent" in time, and libcurl does not watch the deadline of a transfer waiting for a
 * connection.
 */
#include "http_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define CONTENT_TYPE "content-type:"
/* Nobody answers in less: a call started with so little left would only end in doubt. */
#define CALL_LEAST_US (5 * US_PER_MS)

static void calls_push(struct http_calls *list, struct http_call *call)
{
    call->next = NULL;
    if (list->last == NULL) {
        list->first = call;
    } else {
        list->last->next = call;
    }
    list->last = call;
}

static struct http_call *calls_pop(struct http_calls *list)
{
    struct http_call *call = list->first;

    if (call != NULL) {
        list->first = call->next;
        if (list->first == NULL) {
            list->last = NULL;
        }
        call->next = NULL;
    }
    return call;
}

static void call_free(struct http_call *call)
{
    if (call->headers.data != NULL) {
        explicit_bzero(call->headers.data, call->headers.capacity); /* holds signatures */
    }
    if (call->wire.data != NULL) {
        explicit_bzero(call->wire.data, call->wire.capacity);
    }
    buf_fini(&call->wire);
    buf_fini(&call->target);
    buf_fini(&call->headers);
    buf_fini(&call->body);
    buf_fini(&call->answer_head);
    buf_fini(&call->answer_body);
    free(call);
}

static struct http_call *call_take(struct http_pool *p)
{
    struct http_call *call = p->free_calls;

    if (call != NULL) {
        p->free_calls = call->next;
        call->next = NULL;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL) {
        return NULL;
    }
    call->pool = p;
    buf_init(&call->wire, HTTP_PATH_MAX + HTTP_RESPONSE_HEAD_MAX + HTTP_REQUEST_BODY_MAX);
    buf_init(&call->target, HTTP_PATH_MAX + 1);
    buf_init(&call->headers, HTTP_RESPONSE_HEAD_MAX);
    buf_init(&call->body, HTTP_REQUEST_BODY_MAX + 1);
    buf_init(&call->answer_head, HTTP_RESPONSE_HEAD_MAX);
    buf_init(&call->answer_body, p->response_max);
    return call;
}

static void call_give_back(struct http_call *call)
{
    if (call->headers.data != NULL) {
        explicit_bzero(call->headers.data, call->headers.size);
    }
    if (call->wire.data != NULL) {
        explicit_bzero(call->wire.data, call->wire.size);
    }
    buf_clear(&call->wire);
    buf_clear(&call->target);
    buf_clear(&call->headers);
    buf_clear(&call->body);
    buf_clear(&call->answer_head);
    buf_clear(&call->answer_body);
    if (call->answer_body.capacity > HTTP_KEEP_MAX) {
        buf_fini(&call->answer_body);
        buf_init(&call->answer_body, call->pool->response_max);
    }
    call->error[0] = '\0';
    call->line_count = 0;
    call->next = call->pool->free_calls;
    call->pool->free_calls = call;
}

void http_call_done(struct http_call *call, int64_t now_us)
{
    call->took_us = now_us - call->started_us;
    calls_push(&call->pool->client->done, call);
}

static void call_never_sent(struct http_call *call, const char *why)
{
    call->failure = HTTP_NEVER_SENT;
    (void)snprintf(call->error, sizeof call->error, "%s", why);
    http_call_done(call, http_now_us());
}

/* The request line is written from this byte by byte: nothing that could end it early. */
static bool target_is_sound(struct bytes target)
{
    if (target.size == 0 || target.data[0] != '/' || target.size > HTTP_PATH_MAX) {
        return false;
    }
    for (size_t i = 0; i < target.size; i++) {
        if ((unsigned char)target.data[i] <= ' ' || (unsigned char)target.data[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}

static void add_line(struct http_call *call, char *text)
{
    struct curl_slist *line = &call->lines[call->line_count];

    line->data = text;
    line->next = NULL;
    if (call->line_count > 0) {
        call->lines[call->line_count - 1].next = line;
    }
    call->line_count++;
}

/* Cuts the copied header block into libcurl's list, in place; no allocation a line. */
static bool copy_headers(struct http_call *call, const struct http_request *r)
{
    static char no_expect[] = "Expect:";
    static char no_type[] = "Content-Type:";
    bool typed = false;

    buf_bytes(&call->headers, buf_view(&r->headers));
    buf_char(&call->headers, '\0');
    if (call->headers.failed) {
        return false;
    }
    call->line_count = 0;
    for (char *at = call->headers.data, *end; (end = strchr(at, '\r')) != NULL; at = end + 2) {
        if (call->line_count == HTTP_HEADERS_MAX || end[1] != '\n') {
            return false;
        }
        *end = '\0';
        typed = typed || strncasecmp(at, CONTENT_TYPE, sizeof CONTENT_TYPE - 1) == 0;
        add_line(call, at);
    }
    add_line(call, no_expect); /* libcurl would add it to large bodies and wait */
    if (!typed) {
        add_line(call, no_type); /* libcurl would call every body a form */
    }
    return true;
}

static bool copy_request(struct http_call *call, const struct http_request *r)
{
    if (!http_request_ok(r) || !target_is_sound(buf_view(&r->target))) {
        return false;
    }
    if (call->pool->direct) {
        return http_wire_request(&call->wire, r, bytes_of(call->pool->host));
    }
    if (!copy_headers(call, r)) {
        return false;
    }
    call->method = r->method;
    call->body_size = r->body.size;
    buf_bytes(&call->target, buf_view(&r->target));
    buf_char(&call->target, '\0');
    buf_bytes(&call->body, buf_view(&r->body));
    buf_char(&call->body, '\0');
    return !call->target.failed && !call->body.failed;
}

static struct http_line *line_take(struct http_pool *p)
{
    struct http_line *l = p->free_lines;

    if (l != NULL) {
        p->free_lines = l->next;
        l->next = NULL;
        return l;
    }
    l = http_line_new(p);
    if (l != NULL) {
        l->next_made = p->lines;
        p->lines = l;
    }
    return l;
}

static void line_give_back(struct http_line *l, struct http_pool *p)
{
    l->next = p->free_lines;
    p->free_lines = l;
}

static void run(struct http_pool *p, struct http_call *call, int64_t now_us)
{
    struct http_line *l;

    if (call->deadline_us - now_us < CALL_LEAST_US) {
        call_never_sent(call, "deadline passed while waiting for a connection");
        return;
    }
    if (p->direct) {
        if (!http_direct_run(p, call, now_us)) {
            call_never_sent(call, "out of memory");
        }
        return;
    }
    l = line_take(p);
    if (l == NULL) {
        call_never_sent(call, "out of memory");
        return;
    }
    if (!http_line_load(l, call, now_us) ||
        curl_multi_add_handle(l->multi->multi, l->easy) != CURLM_OK) {
        l->call = NULL;
        line_give_back(l, p);
        call_never_sent(call, "out of memory");
        return;
    }
    p->running++;
}

static void transfer_ended(struct http_pool *p, struct http_line *l, CURLcode code)
{
    struct http_call *call = l->call;

    (void)curl_multi_remove_handle(l->multi->multi, l->easy);
    http_line_finish(l, code);
    line_give_back(l, p);
    p->running--;
    http_call_done(call, http_now_us());
}

static void collect_from(struct http_multi *m)
{
    struct CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(m->multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        void *data = NULL;

        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&data);
        if (m->pool->direct) {
            http_direct_connected(data, code);
        } else {
            transfer_ended(m->pool, data, code);
        }
    }
}

static void collect(struct http_pool *p)
{
    if (!p->touched) {
        return;
    }
    p->touched = false;
    for (struct http_multi *m = p->multis; m != NULL; m = m->next) {
        if (m->touched) {
            m->touched = false;
            collect_from(m);
        }
    }
}

static size_t running_max(const struct http_pool *p)
{
    size_t streams = p->http2 && p->multiplexed ? HTTP2_STREAMS_MAX : 1;

    return p->connections_max * streams;
}

/* True when any call was started. */
static bool start_waiting(struct http_pool *p)
{
    bool started = false;
    int64_t now_us = 0;

    while (p->waiting.first != NULL &&
           (p->direct ? http_direct_can_run(p) : p->running < running_max(p))) {
        now_us = now_us != 0 ? now_us : http_now_us();
        p->waiting_count--;
        run(p, calls_pop(&p->waiting), now_us);
        started = true;
    }
    if (p->waiting.first == NULL) {
        p->waiting_us = NEVER_US;
    }
    return started;
}

void http_pool_progress(struct http_pool *p)
{
    do {
        http_loop_kick(p);
        collect(p);
    } while (start_waiting(p));
}

void http_pool_expire(struct http_pool *p)
{
    struct http_calls waiting = p->waiting;
    int64_t now_us = http_now_us();
    struct http_call *call;

    p->waiting = (struct http_calls){ NULL, NULL };
    p->waiting_us = NEVER_US;
    while ((call = calls_pop(&waiting)) != NULL) {
        if (call->deadline_us <= now_us) {
            p->waiting_count--;
            call_never_sent(call, "deadline passed while waiting for a connection");
            continue;
        }
        calls_push(&p->waiting, call);
        if (call->deadline_us < p->waiting_us) {
            p->waiting_us = call->deadline_us;
        }
    }
}

bool http_client_start(struct http_pool *p, uint64_t id, const struct http_request *r)
{
    uint32_t timeout_ms = r->timeout_ms != 0 ? r->timeout_ms : p->timeout_ms;
    struct http_call *call;

    if (p->waiting_count >= HTTP_WAITING_MAX) {
        return false;
    }
    call = call_take(p);
    if (call == NULL) {
        return false;
    }
    if (!copy_request(call, r)) {
        call_give_back(call);
        return false;
    }
    call->id = id;
    call->started_us = http_now_us();
    call->deadline_us = call->started_us + (int64_t)timeout_ms * US_PER_MS;
    calls_push(&p->waiting, call);
    p->waiting_count++;
    http_pool_progress(p);
    if (p->waiting.first != NULL && call->deadline_us < p->waiting_us) {
        p->waiting_us = call->deadline_us;
        http_loop_wake_by(p, p->waiting_us);
    }
    if (p->client->done.first != NULL) {
        http_loop_wake_by(p, 0); /* ended at once: the loop must not sleep over it */
    }
    return true;
}

bool http_client_next(struct http_client *c, struct http_done *out)
{
    struct http_call *call = calls_pop(&c->done);

    if (call == NULL) {
        return false;
    }
    memset(out, 0, sizeof *out);
    out->id = call->id;
    out->failure = call->failure;
    out->took_us = call->took_us;
    out->handle = call;
    if (call->failure == HTTP_ANSWERED) {
        out->response.status = call->status;
        out->response.headers = buf_view(&call->answer_head);
        out->response.body = buf_view(&call->answer_body);
    } else {
        out->error = call->error;
    }
    return true;
}

void http_client_release(struct http_client *c, struct http_done *done)
{
    (void)c;
    if (done->handle != NULL) {
        call_give_back(done->handle);
        done->handle = NULL;
    }
}

size_t http_pool_busy(const struct http_pool *p)
{
    return p->running + p->waiting_count;
}

static void pool_free(struct http_pool *p)
{
    struct http_line *l;
    struct http_call *call;

    if (p->direct) {
        http_direct_close(p);
    }
    while ((l = p->lines) != NULL) {
        p->lines = l->next_made;
        if (l->call != NULL) {
            (void)curl_multi_remove_handle(l->multi->multi, l->easy);
            call_free(l->call);
        }
        http_line_free(l);
    }
    while ((call = calls_pop(&p->waiting)) != NULL) {
        call_free(call);
    }
    while ((call = p->free_calls) != NULL) {
        p->free_calls = call->next;
        call_free(call);
    }
    http_loop_fini(p);
    free(p->host);
    free(p->url);
    free(p->proxy);
    free(p->ca_file);
    free(p->interface_);
    free(p);
}

struct http_pool *http_client_pool(struct http_client *c, const struct http_pool_config *config)
{
    struct http_pool *p = calloc(1, sizeof *p);

    if (p == NULL) {
        return NULL;
    }
    p->client = c;
    p->waiting_us = NEVER_US;
    if (!http_pool_setup(p, config)) {
        pool_free(p);
        return NULL;
    }
    p->next = c->pools;
    c->pools = p;
    return p;
}

struct http_client *http_client_new(struct ev_loop *loop)
{
    struct http_client *c;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        curl_global_cleanup();
        return NULL;
    }
    c->loop = loop;
    c->share = curl_share_init();
    if (c->share == NULL ||
        curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK ||
        curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK) {
        http_client_free(c);
        return NULL;
    }
    return c;
}

void http_client_free(struct http_client *c)
{
    struct http_pool *p;
    struct http_call *call;

    if (c == NULL) {
        return;
    }
    while ((call = calls_pop(&c->done)) != NULL) {
        call_free(call);
    }
    while ((p = c->pools) != NULL) {
        c->pools = p->next;
        pool_free(p);
    }
    for (size_t i = 0; i < c->watch_count; i++) {
        if (c->watches[i] != NULL) {
            ev_io_stop(c->loop, &c->watches[i]->io);
            free(c->watches[i]);
        }
    }
    free(c->watches);
    (void)curl_share_cleanup(c->share);
    free(c);
    curl_global_cleanup();
}
