/*
 * Venue calls on their way out and back. A slot holds a call from its start to the result's end;
 * slots and request memory are kept and reused.
 */
#include "venue_io.h"

#include <errno.h>
#include <stdlib.h>

#include "arena.h"
#include "http_client.h"
#include "log.h"
#include "monitor.h"
#include "venue_rest.h"

/* What one parsed answer may take: an instrument list of HTTP_RESPONSE_BODY_MAX and then some. */
#define ARENA_MAX (4 * HTTP_RESPONSE_BODY_MAX)
/* A better estimate of the venue's clock is taken at once, an equally good one after this. */
#define CLOCK_FRESH_US (60 * US_PER_S)
#define REST_MAX 4096
/* The id of our own VENUE_AUTH calls: the engine's are never this. */
#define AUTH_ID UINT64_MAX

/* One account's way to its venue. */
struct link {
    const struct venue_account *account;
    struct http_pool *pool;
    int64_t clock_offset_us; /* venue's clock minus ours */
    int64_t clock_took_us;   /* round trip of the call it was taken from */
    int64_t clock_at_us;     /* mono */
    /* Venues with tokens: calls wait here while one is asked for. */
    struct venue_account *login; /* NULL: no tokens */
    int64_t token_until_us;      /* wall: renewed from then on; 0: none */
    bool token_asked;
    unsigned token_refused; /* calls in a row refused with a token that looked good */
    struct slot *parked_first, *parked_last;
};

struct waiting {
    uint64_t id, lsn;
    const struct venue_call *call;
    uint32_t account, timeout_ms;
};

struct slot {
    size_t index; /* in `slot`: the transport's id */
    uint64_t id;
    uint32_t account;
    struct venue_call call; /* a copy: nonce and clock are ours to set */
    uint32_t timeout_ms;
    const char *failed;         /* it never left: why; NULL: it did */
    enum venue_outcome outcome; /* failed */
    enum venue_reason reason;   /* failed */
    struct buf rest;            /* the line about it, when asked for */
    struct slot *next;          /* free, or ended without leaving */
};

struct venue_io {
    struct http_client *http;
    struct link *link;
    struct waiting *queue; /* ring */
    size_t queue_first, queue_count, queue_sealed, queue_capacity;
    struct slot **slot; /* all there are */
    size_t slot_count, running;
    struct slot *free, *failed_first, *failed_last;
    struct http_request request;
    struct arena *arena;
    struct venue_reply reply;
    uint64_t nonce;
    bool log;
    struct monitor *monitor; /* NULL: none */
    /* The result handed out, to be let go with the next one. */
    struct slot *shown;
    struct http_done done;
    bool done_held;
};

/* ---- life ---------------------------------------------------------------------------------- */

static bool make_pool(struct venue_io *v, size_t i, const struct config_account *a)
{
    const struct http_pool_config config = {
        .base_url = a->url,
        .proxy = a->proxy,
        .ca_file = a->ca_file,
        .interface_ = a->interface,
        .connections_max = a->connections,
        .connect_timeout_ms = a->connect_timeout,
        .timeout_ms = a->call_timeout,
        .response_max = a->response_max_mib * 1024 * 1024,
        .http2 = a->http2,
        .direct = a->direct,
        .connections_warm = a->connections_warm,
    };

    v->link[i].clock_took_us = NEVER_US;
    v->link[i].pool = http_client_pool(v->http, &config);
    return v->link[i].pool != NULL;
}

struct venue_io *venue_io_new(struct ev_loop *loop, const struct setup *setup,
                              struct config_mistakes *m)
{
    const struct config *c = setup->config;
    struct venue_io *v = calloc(1, sizeof *v);
    bool good = v != NULL;

    if (v != NULL) {
        http_request_init(&v->request);
        v->http = http_client_new(loop);
        v->link = calloc(c->account_count + 1, sizeof *v->link);
        v->arena = arena_new(ARENA_MAX);
        good = v->http != NULL && v->link != NULL && v->arena != NULL;
    }
    if (!good) {
        config_mistake(m, 1, "out of memory, or libcurl cannot be used");
    }
    for (size_t i = 0; good && i < c->account_count; i++) {
        const struct config_section *head = &c->account[i]->head;

        v->link[i].account = &setup->venue_account[i];
        v->link[i].login =
            setup->venue_account[i].driver->login != NULL ? &setup->venue_account[i] : NULL;
        errno = 0;
        if (!make_pool(v, i, c->account[i]) && errno == ENOMEM) {
            config_mistake(m, head->line, "out of memory");
            good = false;
        } else if (v->link[i].pool == NULL) {
            config_mistake_at(m, head, config_line_of(head, "url"), "url",
                              "expected a URL (and proxy) that libcurl can use, got \"%.*s\"",
                              BYTES_ARG(c->account[i]->url));
            good = false;
        }
    }
    if (!good) {
        venue_io_free(v);
        return NULL;
    }
    return v;
}

static void let_go(struct venue_io *v)
{
    if (v->done_held) {
        http_client_release(v->http, &v->done);
        v->done_held = false;
    }
    if (v->shown != NULL) {
        v->shown->next = v->free;
        v->free = v->shown;
        v->shown = NULL;
        v->running--;
        arena_reset(v->arena);
    }
}

void venue_io_free(struct venue_io *v)
{
    if (v == NULL) {
        return;
    }
    let_go(v);
    http_client_free(v->http);
    for (size_t i = 0; i < v->slot_count; i++) {
        buf_fini(&v->slot[i]->rest);
        free(v->slot[i]);
    }
    http_request_fini(&v->request);
    arena_free(v->arena);
    free(v->slot);
    free(v->queue);
    free(v->link);
    free(v);
}

void venue_io_log(struct venue_io *v, bool on)
{
    v->log = on;
}

void venue_io_watch(struct venue_io *v, struct monitor *m)
{
    v->monitor = m;
}

/* ---- waiting for the journal --------------------------------------------------------------- */

static bool grow_queue(struct venue_io *v)
{
    size_t capacity = v->queue_capacity == 0 ? 256 : v->queue_capacity * 2;
    struct waiting *queue = malloc(capacity * sizeof *queue);

    if (queue == NULL) {
        return false;
    }
    for (size_t i = 0; i < v->queue_count; i++) {
        queue[i] = v->queue[(v->queue_first + i) % v->queue_capacity];
    }
    free(v->queue);
    v->queue = queue;
    v->queue_first = 0;
    v->queue_capacity = capacity;
    return true;
}

bool venue_io_queue(struct venue_io *v, uint64_t id, uint32_t account,
                    const struct venue_call *call, uint32_t timeout_ms)
{
    if (v->queue_count == v->queue_capacity && !grow_queue(v)) {
        return false;
    }
    v->queue[(v->queue_first + v->queue_count) % v->queue_capacity] = (struct waiting){
        .id = id,
        .account = account,
        .call = call,
        .timeout_ms = timeout_ms,
    };
    v->queue_count++;
    return true;
}

void venue_io_seal(struct venue_io *v, uint64_t lsn)
{
    for (; v->queue_sealed < v->queue_count; v->queue_sealed++) {
        v->queue[(v->queue_first + v->queue_sealed) % v->queue_capacity].lsn = lsn;
    }
}

/* ---- out ----------------------------------------------------------------------------------- */

/* NULL: out of memory. */
static struct slot *take_slot(struct venue_io *v)
{
    struct slot *s = v->free;
    struct slot **all;

    if (s != NULL) {
        v->free = s->next;
        return s;
    }
    all = realloc(v->slot, (v->slot_count + 1) * sizeof(*all));
    if (all == NULL) {
        return NULL;
    }
    v->slot = all;
    s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->index = v->slot_count;
        buf_init(&s->rest, REST_MAX);
        v->slot[v->slot_count++] = s;
    }
    return s;
}

/* It never left: its result is handed out like any other. */
static void fail(struct venue_io *v, struct slot *s, enum venue_outcome outcome,
                 enum venue_reason reason, const char *why)
{
    s->failed = why;
    s->outcome = outcome;
    s->reason = reason;
    s->next = NULL;
    if (v->failed_last != NULL) {
        v->failed_last->next = s;
    } else {
        v->failed_first = s;
    }
    v->failed_last = s;
}

static void fail_build(struct venue_io *v, struct slot *s, enum venue_error e)
{
    switch (e) {
    case VENUE_BUILD_UNSUPPORTED:
        fail(v, s, VENUE_REFUSED, VENUE_REASON_UNSUPPORTED, venue_error_text(e));
        return;
    case VENUE_BUILD_TOO_LARGE:
    case VENUE_BUILD_BAD_ARGUMENT:
        fail(v, s, VENUE_REFUSED, VENUE_REASON_INVALID, venue_error_text(e));
        return;
    case VENUE_BUILD_FAILED:
    case VENUE_BUILD_OK: break;
    }
    /* Out of memory or crypto: nothing is wrong with the order. */
    fail(v, s, VENUE_HELD, VENUE_REASON_OTHER, venue_error_text(e));
}

/* Nanoseconds, and always more than before: across restarts as long as the clock is not set back.
 */
static uint64_t next_nonce(struct venue_io *v, const struct instant *now)
{
    uint64_t clock_ns = (uint64_t)now->wall_us * 1000;

    v->nonce = clock_ns > v->nonce ? clock_ns : v->nonce + 1;
    return v->nonce;
}

/* The call of `s` is built, signed and handed to the transport; or it ends without leaving. */
static void start(struct venue_io *v, struct slot *s, const struct instant *now)
{
    struct link *link = &v->link[s->account];
    const struct venue_endpoint *endpoint = &link->account->driver->endpoint[s->call.op];
    enum venue_error e = VENUE_BUILD_UNSUPPORTED;

    s->call.nonce = next_nonce(v, now);
    s->call.wall_us = now->wall_us + link->clock_offset_us;
    buf_clear(&s->rest);
    http_request_clear(&v->request);
    if (endpoint->build != NULL) {
        e = endpoint->build(link->account, &s->call, &v->request);
    }
    if (e != VENUE_BUILD_OK) {
        fail_build(v, s, e);
        return;
    }
    if (s->timeout_ms != 0) {
        v->request.timeout_ms = s->timeout_ms;
    }
    if (v->log) {
        venue_rest_request(&s->rest, link->account, &s->call, &v->request);
    }
    if (!http_request_ok(&v->request)) {
        fail_build(v, s, VENUE_BUILD_TOO_LARGE);
    } else if (!http_client_start(link->pool, s->index, &v->request)) {
        fail(v, s, VENUE_HELD, VENUE_REASON_OTHER, "too many calls are waiting, or out of memory");
    } else {
        monitor_call_sent(v->monitor, s->id, link->account, s->account, &s->call, &v->request, now);
    }
}

static void fill_slot(struct venue_io *v, struct slot *s, uint64_t id, uint32_t account,
                      const struct venue_call *call, uint32_t timeout_ms)
{
    s->id = id;
    s->account = account;
    s->call = *call;
    s->timeout_ms = timeout_ms;
    s->failed = NULL;
    v->running++;
}

/* ---- tokens -------------------------------------------------------------------------------- */

/* Asks for a token unless that is under way. False: out of memory, to be tried with the next call.
 */
static bool ask_token(struct venue_io *v, uint32_t account, const struct instant *now)
{
    const struct venue_call auth = { .op = VENUE_AUTH };
    struct slot *s;

    if (v->link[account].token_asked) {
        return true;
    }
    s = take_slot(v);
    if (s == NULL) {
        return false;
    }
    fill_slot(v, s, AUTH_ID, account, &auth, 0);
    v->link[account].token_asked = true;
    start(v, s, now);
    return true;
}

static void park(struct link *link, struct slot *s)
{
    s->next = NULL;
    if (link->parked_last != NULL) {
        link->parked_last->next = s;
    } else {
        link->parked_first = s;
    }
    link->parked_last = s;
}

/* What came of VENUE_AUTH: the calls that waited leave, or end as never sent. */
static void end_auth(struct venue_io *v, const struct venue_result *r, const struct instant *now)
{
    struct link *link = &v->link[r->account];
    struct slot *s = link->parked_first, *next;
    int64_t until = 0;
    bool good = r->outcome == VENUE_DONE &&
                link->login->driver->login(link->login, &r->response, now->wall_us, &until);

    link->token_asked = false;
    link->token_until_us = good ? until : 0;
    link->parked_first = link->parked_last = NULL;
    if (!good) {
        log_write(LOG_ERROR, "venue.auth", LOG_B("account", link->account->name),
                  LOG_T("why", r->why));
    }
    for (; s != NULL; s = next) {
        next = s->next;
        if (good) {
            start(v, s, now);
        } else {
            fail(v, s, VENUE_HELD, VENUE_REASON_AUTH, "the venue gave no token");
        }
    }
}

/* A token the venue no longer takes: the call certainly did nothing, so the engine may make it
 * again, with a new token. Refused once more, it is the credentials. */
static void judge_token(struct link *link, struct venue_result *r)
{
    if (link->login == NULL || r->reply == NULL || r->reply->reason != VENUE_REASON_AUTH ||
        r->outcome != VENUE_REFUSED) {
        link->token_refused = 0;
        return;
    }
    link->token_until_us = 0;
    if (link->token_refused++ == 0) {
        r->outcome = VENUE_HELD;
    }
}

void venue_io_release(struct venue_io *v, uint64_t durable, const struct instant *now)
{
    while (v->queue_sealed > 0 && v->queue[v->queue_first].lsn <= durable) {
        const struct waiting *w = &v->queue[v->queue_first];
        struct link *link = &v->link[w->account];
        bool needs_token = link->login != NULL && now->wall_us >= link->token_until_us;
        struct slot *s = NULL;

        if (!needs_token || ask_token(v, w->account, now)) {
            s = take_slot(v);
        }
        if (s == NULL) {
            log_write(LOG_ERROR, "venue.call", LOG_T("why", "out of memory, waiting"));
            return;
        }
        fill_slot(v, s, w->id, w->account, w->call, w->timeout_ms);
        if (needs_token) {
            park(link, s);
        } else {
            start(v, s, now);
        }
        v->queue_first = (v->queue_first + 1) % v->queue_capacity;
        v->queue_count--;
        v->queue_sealed--;
    }
}

/* ---- back ---------------------------------------------------------------------------------- */

/* The answer was made somewhere between request and arrival: the shorter that was, the better the
 * estimate. */
static void learn_clock(struct link *link, int64_t server_us, int64_t took_us,
                        const struct instant *now)
{
    if (server_us == 0) {
        return;
    }
    if (took_us <= link->clock_took_us || now->mono_us - link->clock_at_us > CLOCK_FRESH_US) {
        link->clock_offset_us = server_us - (now->wall_us - took_us / 2);
        link->clock_took_us = took_us;
        link->clock_at_us = now->mono_us;
    }
}

static void read_answer(struct venue_io *v, struct slot *s, const struct instant *now,
                        struct venue_result *out)
{
    struct link *link = &v->link[s->account];
    const struct venue_driver *d = link->account->driver;

    out->response = v->done.response;
    out->outcome = d->endpoint[s->call.op].parse(&s->call, &out->response, v->arena, &v->reply);
    for (size_t i = 0; i < VENUE_WINDOWS_MAX; i++) {
        v->reply.has_used[i] =
            d->call_used != NULL ? d->call_used(&s->call, &out->response, i, &v->reply.used[i])
                                 : d->used != NULL && d->used(&out->response, i, &v->reply.used[i]);
    }
    v->reply.http_status = out->response.status;
    out->reply = &v->reply;
    out->why = "answered";
    learn_clock(link, v->reply.server_us, v->done.took_us, now);
}

static void show_done(struct venue_io *v, struct slot *s, const struct instant *now,
                      struct venue_result *out)
{
    out->took_us = v->done.took_us;
    switch (v->done.failure) {
    case HTTP_ANSWERED: read_answer(v, s, now, out); return;
    case HTTP_NEVER_SENT: out->outcome = VENUE_HELD; break;
    case HTTP_SENT_UNANSWERED: out->outcome = VENUE_UNKNOWN; break;
    }
    out->why = v->done.error == NULL ? "no answer" : v->done.error;
}

static void show_failed(struct venue_io *v, struct slot *s, struct venue_result *out)
{
    v->reply.reason = s->reason;
    v->reply.text = bytes_of(s->failed);
    out->outcome = s->outcome;
    out->reply = &v->reply;
    out->why = s->failed;
}

/* The next call that ended, whoever made it. */
static bool next_ended(struct venue_io *v, const struct instant *now, struct venue_result *out)
{
    struct slot *s = NULL;

    let_go(v);
    *out = (struct venue_result){ 0 };
    v->reply = (struct venue_reply){ 0 };
    if (v->failed_first != NULL) {
        s = v->failed_first;
        v->failed_first = s->next;
        v->failed_last = v->failed_first == NULL ? NULL : v->failed_last;
    } else if (http_client_next(v->http, &v->done)) {
        v->done_held = true;
        s = v->slot[v->done.id];
    } else {
        return false;
    }
    v->shown = s;
    out->id = s->id;
    out->account = s->account;
    out->call = &s->call;
    if (v->done_held) {
        show_done(v, s, now, out);
    } else {
        show_failed(v, s, out);
    }
    if (s->rest.size > 0) {
        venue_rest_result(&s->rest, out);
        monitor_call_ids(v->monitor, s->id, &s->rest);
        buf_char(&s->rest, '\0');
        log_note(LOG_INFO, "rest", s->rest.failed ? "(line too long)" : s->rest.data);
    }
    return true;
}

bool venue_io_next(struct venue_io *v, const struct instant *now, struct venue_result *out)
{
    while (next_ended(v, now, out)) {
        monitor_call_ended(v->monitor, v->link[out->account].account, out, now);
        if (out->id != AUTH_ID) {
            judge_token(&v->link[out->account], out);
            return true;
        }
        end_auth(v, out, now);
    }
    return false;
}

size_t venue_io_busy(const struct venue_io *v)
{
    return v->queue_count + v->running;
}
