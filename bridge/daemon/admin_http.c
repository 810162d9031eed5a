/*
 * Connections and requests on libmicrohttpd. A request waits, suspended, until what it did is
 * durable or what it looks for was found.
 */
#include <ev.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin_internal.h"
#include "admin_pair.h"
#include "conn_listen.h"
#include "journal_search.h"
#include "log.h"
#include "shell.h"

#define CONNECTIONS_MAX 32
#define ADDRESS_CONNECTIONS_MAX 16 /* of one address, where it is not loopback */
#define MEMORY_MAX ((size_t)32 * 1024)
/* Idle; and the whole of a request, from its first byte (or the one before it) to its answer. */
#define IDLE_S 10u
#define REQUEST_US (20 * US_PER_S)
/* Requests of all clients, so that no client's haste costs orders their time. */
#define RATE_PER_S 100
#define RATE_BURST 200
#define METRICS_PIECE ((size_t)16 * 1024)

/* A connection: libmicrohttpd's, watched for how long its request takes. */
struct peer {
    struct peer *next;
    struct admin *admin;
    int fd;
    int64_t since_us; /* mono: the last request was done then */
    struct admin_request *request;
};

struct admin {
    struct shell *sh;
    struct admin_guard guard;
    struct MHD_Daemon *daemon;
    char url[96];
    ev_io readable;
    ev_timer timer, sweep;
    ev_async poke;
    struct peer *peers;
    struct admin_request *waiting;
    struct journal_search *search; /* one at a time */
    bool search_left;              /* whoever asked for it is gone */
    int64_t tokens_us; /* of RATE, as time: never more than a burst's worth behind now */
    struct admin_pair pair;
    int fd; /* listens */
    bool local;
};

/* ---- answers ------------------------------------------------------------------------------- */

const char *admin_param(const struct admin_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool admin_param_number(const struct admin_request *r, const char *name, uint64_t standard,
                        uint64_t most, uint64_t *out)
{
    const char *text = admin_param(r, name);
    uint64_t n = 0;

    *out = standard;
    if (text == NULL) {
        return true;
    }
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= 18) {
            return false;
        }
        n = n * 10 + (uint64_t)(text[i] - '0');
    }
    *out = n;
    return text[0] != '\0' && n <= most;
}

void admin_refuse(struct admin_request *r, unsigned status, const char *why)
{
    buf_clear(&r->out);
    r->status = status;
    r->wait = ADMIN_READY;
    r->type = "application/json";
    buf_text(&r->out, "{\"error\":\"");
    buf_text(&r->out, why); /* our own words: nothing in them needs escaping */
    buf_text(&r->out, "\"}\n");
}

/* So much of the metrics as goes out now, never all of them in one turn. */
static ssize_t metrics_piece(void *cls, uint64_t position, char *out, size_t max)
{
    struct admin_request *r = cls;
    size_t size;

    (void)position;
    if (r->sent == r->out.size) {
        buf_clear(&r->out);
        r->sent = 0;
        (void)metrics_next(r->sh, &r->place, METRICS_PIECE, &r->out);
    }
    if (r->out.failed) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (r->out.size == 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size = r->out.size - r->sent < max ? r->out.size - r->sent : max;
    memcpy(out, r->out.data + r->sent, size);
    r->sent += size;
    return (ssize_t)size;
}

static void add_headers(struct MHD_Response *answer, const struct admin_request *r)
{
    char policy[256];

    (void)MHD_add_response_header(answer, "Content-Type", r->type);
    (void)MHD_add_response_header(answer, "Cache-Control", "no-store");
    (void)MHD_add_response_header(answer, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(answer, "X-Frame-Options", "DENY");
    (void)MHD_add_response_header(answer, "Referrer-Policy", "no-referrer");
    (void)MHD_add_response_header(answer, "Cross-Origin-Resource-Policy", "same-origin");
    if (r->nonce == NULL) {
        (void)snprintf(policy, sizeof policy, "default-src 'none'; frame-ancestors 'none'");
    } else {
        (void)snprintf(policy, sizeof policy,
                       "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; "
                       "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'",
                       r->nonce, r->nonce);
    }
    (void)MHD_add_response_header(answer, "Content-Security-Policy", policy);
    if (r->status == MHD_HTTP_UNAUTHORIZED) {
        (void)MHD_add_response_header(answer, "WWW-Authenticate", "Bearer realm=\"fixbridge\"");
    }
    if (r->status == MHD_HTTP_TOO_MANY_REQUESTS) {
        (void)MHD_add_response_header(answer, "Retry-After", "1");
    }
    if (r->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(answer, "Allow", "GET, HEAD, POST");
    }
}

/* The body stays the request's, which outlives the response. */
static enum MHD_Result respond(struct admin_request *r)
{
    struct MHD_Response *answer;
    enum MHD_Result result;

    if (r->out.failed) {
        admin_refuse(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "the answer is too large, or no memory");
    }
    if (r->wait == ADMIN_STREAM) {
        answer = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, METRICS_PIECE, metrics_piece,
                                                   r, NULL);
    } else {
        answer = MHD_create_response_from_buffer(r->out.size, r->out.data, MHD_RESPMEM_PERSISTENT);
    }
    if (answer == NULL) {
        return MHD_NO;
    }
    add_headers(answer, r);
    result = MHD_queue_response(r->connection, r->status, answer);
    MHD_destroy_response(answer);
    return result;
}

/* ---- requests ------------------------------------------------------------------------------ */

static struct bytes header(const struct admin_request *r, const char *name)
{
    const char *value = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);

    return (struct bytes){ value, value == NULL ? 0 : strlen(value) };
}

static bool take_rate(struct admin *a)
{
    const int64_t each_us = US_PER_S / RATE_PER_S;
    int64_t now_us = a->sh->now.mono_us;

    if (a->tokens_us < now_us - each_us * RATE_BURST) {
        a->tokens_us = now_us - each_us * RATE_BURST;
    }
    if (a->tokens_us + each_us > now_us) {
        return false;
    }
    a->tokens_us += each_us;
    return true;
}

static void judge(struct admin_request *r)
{
    struct bytes host = header(r, "Host"), site = header(r, "Sec-Fetch-Site");

    if (!take_rate(r->admin)) {
        admin_refuse(r, MHD_HTTP_TOO_MANY_REQUESTS, "too many requests; orders come first");
    } else if (!admin_host_is_ours(r->guard, host)) {
        admin_refuse(r, MHD_HTTP_FORBIDDEN,
                     "this Host is none of ours; an address, localhost, or a name of admin_hosts");
    } else if (!admin_origin_is_ours(r->guard, header(r, "Origin"), host) ||
               (site.data != NULL && !bytes_is(site, "same-origin") && !bytes_is(site, "none"))) {
        admin_refuse(r, MHD_HTTP_FORBIDDEN, "asked by the page of another site");
    } else {
        r->trusted = admin_token_is_right(r->guard, header(r, "Authorization"));
        admin_route(r);
    }
}

static void wait_for(struct admin *a, struct admin_request *r)
{
    r->fresh = true;
    r->suspended = true;
    r->next = a->waiting;
    a->waiting = r;
    MHD_suspend_connection(r->connection);
}

static enum MHD_Result dispatch(struct admin *a, struct admin_request *r)
{
    if (!r->dispatched || r->wait == ADMIN_SEARCH) {
        r->dispatched = true;
        judge(r);
        if (r->wait == ADMIN_DURABLE || r->wait == ADMIN_SEARCH) {
            wait_for(a, r);
            return MHD_YES;
        }
    }
    return respond(r);
}

static struct admin_request *request_new(struct admin *a, struct MHD_Connection *c,
                                         const char *path)
{
    struct admin_request *r = calloc(1, sizeof *r);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    char *copy = strdup(path);

    if (r == NULL || copy == NULL) {
        free(r);
        free(copy);
        return NULL;
    }
    r->sh = a->sh;
    r->guard = &a->guard;
    r->admin = a;
    r->connection = c;
    r->path = copy;
    r->status = MHD_HTTP_OK;
    r->type = "application/json";
    buf_init(&r->body, ADMIN_BODY_MAX);
    buf_init(&r->out, ADMIN_ANSWER_MAX);
    (void)snprintf(r->peer, sizeof r->peer, "?");
    if (info != NULL && info->socket_context != NULL) {
        struct peer *p = info->socket_context;
        struct ip_address ip;

        p->request = r;
        conn_listen_peer(p->fd, &ip, r->peer);
    }
    return r;
}

/* ---- reading the journal ------------------------------------------------------------------- */

static void poke(void *arg)
{
    struct admin *a = arg;

    ev_async_send(a->sh->loop, &a->poke);
}

struct journal_search *admin_search_begin(struct admin *a, struct bytes directory, struct bytes id)
{
    if (a->search == NULL) {
        a->search = journal_search_new(directory, id, poke, a);
        a->search_left = false;
        return a->search;
    }
    return NULL;
}

/* Its thread ends by itself, soon; until then there is no other. */
static void reap_search(struct admin *a)
{
    if (a->search != NULL && a->search_left && journal_search_done(a->search)) {
        journal_search_free(a->search);
        a->search = NULL;
    }
}

static void search_end(struct admin *a, struct admin_request *r)
{
    if (r->search != NULL) {
        journal_search_stop(r->search);
        a->search_left = true;
        reap_search(a);
    }
}

static enum MHD_Result refuse_now(struct admin_request *r, unsigned status, const char *why)
{
    r->dispatched = true;
    admin_refuse(r, status, why);
    return respond(r);
}

/* The head of a request is there: what needs no body to be refused is refused. */
static enum MHD_Result begin(struct admin *a, struct MHD_Connection *c, const char *path,
                             const char *method, void **state)
{
    struct admin_request *r = request_new(a, c, path);
    struct bytes length;

    *state = r;
    if (r == NULL) {
        return MHD_NO;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 && strcmp(method, "POST") != 0) {
        return refuse_now(r, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, HEAD or POST");
    }
    r->method = strcmp(method, "POST") == 0 ? ADMIN_POST : ADMIN_GET;
    length = header(r, "Content-Length");
    if (length.size > 4) { /* 9,999 bytes: libmicrohttpd has seen to it that it is a number */
        return refuse_now(r, MHD_HTTP_CONTENT_TOO_LARGE, "no request needs a body that large");
    }
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **state)
{
    struct admin *a = cls;
    struct admin_request *r = *state;

    (void)version;
    if (r == NULL) {
        return begin(a, c, path, method, state);
    }
    if (*size > 0) {
        buf_add(&r->body, data, *size);
        *size = 0;
        return r->body.failed ? MHD_NO : MHD_YES; /* chunked, and larger than it may be */
    }
    return dispatch(a, r);
}

static void forget_waiting(struct admin *a, const struct admin_request *r)
{
    for (struct admin_request **at = &a->waiting; *at != NULL; at = &(*at)->next) {
        if (*at == r) {
            *at = r->next;
            return;
        }
    }
}

static void on_completed(void *cls, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct admin *a = cls;
    struct admin_request *r = *state;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    (void)why;
    if (info != NULL && info->socket_context != NULL) {
        struct peer *p = info->socket_context;

        p->request = NULL;
        p->since_us = a->sh->now.mono_us;
    }
    if (r != NULL) {
        forget_waiting(a, r);
        search_end(a, r);
        buf_fini(&r->body);
        buf_fini(&r->out);
        free((char *)(uintptr_t)r->path);
        free(r);
    }
    *state = NULL;
}

/* ---- connections --------------------------------------------------------------------------- */

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct admin *a = cls;
    struct peer *p = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

        p = calloc(1, sizeof *p);
        if (p != NULL && info != NULL) {
            p->admin = a;
            p->fd = info->connect_fd;
            p->since_us = a->sh->now.mono_us;
            p->next = a->peers;
            a->peers = p;
        }
        *context = p;
        return;
    }
    for (struct peer **at = &a->peers; *at != NULL; at = &(*at)->next) {
        if (*at == p) {
            *at = p->next;
            free(p);
            break;
        }
    }
    *context = NULL;
}

/* A client that sends or reads a byte now and then is not idle: it is given so long and no longer.
 * libmicrohttpd sees the end of the stream and lets go. */
static void on_sweep(struct ev_loop *loop, ev_timer *w, int events)
{
    struct admin *a = w->data;

    (void)loop;
    (void)events;
    for (struct peer *p = a->peers; p != NULL; p = p->next) {
        bool held = p->request != NULL && p->request->suspended;

        if (!held && a->sh->now.mono_us - p->since_us > REQUEST_US) {
            (void)shutdown(p->fd, SHUT_RDWR);
        }
    }
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void run(struct admin *a)
{
    MHD_UNSIGNED_LONG_LONG after_ms;

    (void)MHD_run(a->daemon);
    ev_timer_stop(a->sh->loop, &a->timer);
    if (MHD_get_timeout(a->daemon, &after_ms) == MHD_YES) {
        ev_timer_set(&a->timer, (double)after_ms * 1e-3, 0.);
        ev_timer_start(a->sh->loop, &a->timer);
    }
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    run(w->data);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    run(w->data);
}

static void on_poke(struct ev_loop *loop, ev_async *w, int events)
{
    (void)loop;
    (void)w;
    (void)events; /* admin_release of this turn looks */
}

void admin_release(struct admin *a, uint64_t last, uint64_t durable)
{
    struct admin_request **at = a == NULL ? NULL : &a->waiting;
    bool resumed = false;

    while (at != NULL && *at != NULL) {
        struct admin_request *r = *at;

        if (r->fresh) {
            r->fresh = false;
            r->lsn = last;
        }
        if (r->wait == ADMIN_SEARCH ? !journal_search_done(r->search) : r->lsn > durable) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        r->suspended = false;
        r->wait = r->wait == ADMIN_SEARCH ? ADMIN_SEARCH : ADMIN_READY;
        MHD_resume_connection(r->connection);
        resumed = true;
    }
    if (a != NULL) {
        reap_search(a);
    }
    if (resumed) { /* in the next turn: this one has been settled */
        ev_timer_stop(a->sh->loop, &a->timer);
        ev_timer_set(&a->timer, 0., 0.);
        ev_timer_start(a->sh->loop, &a->timer);
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

static bool start(struct admin *a)
{
    const struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, a->pair.certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, a->pair.key },
        { MHD_OPTION_HTTPS_PRIORITIES, 0,
          (void *)(uintptr_t) "SECURE128:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3" },
        { MHD_OPTION_END, 0, NULL },
    };
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (a->guard.tls ? MHD_USE_TLS : 0u);

    a->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, a, MHD_OPTION_LISTEN_SOCKET, a->fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        a->local ? 0u : (unsigned)ADDRESS_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, a, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        a, a->guard.tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls, MHD_OPTION_END);
    return a->daemon != NULL;
}

static void watch(struct admin *a)
{
    struct ev_loop *loop = a->sh->loop;
    int fd = MHD_get_daemon_info(a->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

    ev_io_init(&a->readable, on_readable, fd, EV_READ);
    ev_set_priority(&a->readable, EV_MINPRI); /* after the clients' and venues' sockets */
    ev_timer_init(&a->timer, on_timer, 0., 0.);
    ev_timer_init(&a->sweep, on_sweep, 1., 1.);
    ev_async_init(&a->poke, on_poke);
    a->readable.data = a->timer.data = a->sweep.data = a->poke.data = a;
    ev_io_start(loop, &a->readable);
    ev_timer_start(loop, &a->sweep);
    ev_async_start(loop, &a->poke);
}

static bool open_files(struct admin *a, const struct config_fixbridge *c, char error[256])
{
    char path[ADMIN_PATH_MAX] = "";
    char why[ADMIN_TOKEN_ERROR_MAX] = "";

    if (!admin_token_open(&a->guard, c->admin_token_file, c->journal_dir, path, why)) {
        if (c->admin_token_file.size > 0) {
            (void)snprintf(error, 256, "admin_token_file: %s", why);
            return false;
        }
        log_write(LOG_WARN, "admin.no_token", LOG_T("file", path), LOG_T("why", why));
    }
    if (c->admin_certificate.size > 0) {
        a->guard.tls = true;
        if (!admin_pair_open(&a->pair, c->admin_certificate.data, c->admin_key.data)) {
            (void)snprintf(error, 256, "admin_certificate or admin_key cannot be read");
            return false;
        }
    }
    return true;
}

struct admin *admin_new(struct shell *sh, const struct config_fixbridge *c, char error[256])
{
    struct admin *a = calloc(1, sizeof *a);
    struct bytes host;
    uint16_t port;
    char address[IP_TEXT_MAX];
    int fd = -1;

    (void)snprintf(error, 256, "out of memory, or not an address");
    if (a == NULL || !config_host_port(c->admin_listen, &host, &port)) {
        free(a);
        return NULL;
    }
    a->sh = sh;
    a->guard.hosts = c->admin_hosts;
    if (open_files(a, c, error)) {
        fd = conn_listen_open(host, port, error);
    }
    a->fd = fd;
    a->local = config_is_loopback(host);
    if (fd < 0 || !start(a)) {
        if (fd >= 0) {
            /* It may have closed the socket or not: closing it again could hit another's. */
            (void)snprintf(error, 256, "the HTTP server does not start%s",
                           a->guard.tls ? "; are certificate and key a pair?" : "");
        }
        admin_free(a);
        return NULL;
    }
    (void)conn_listen_address(fd, address, sizeof address);
    (void)snprintf(a->url, sizeof a->url, "%s://%s/", a->guard.tls ? "https" : "http", address);
    watch(a);
    return a;
}

static void stop(struct admin *a)
{
    if (a->daemon != NULL) {
        ev_io_stop(a->sh->loop, &a->readable);
        ev_timer_stop(a->sh->loop, &a->timer);
        ev_timer_stop(a->sh->loop, &a->sweep);
        ev_async_stop(a->sh->loop, &a->poke);
        while (a->waiting != NULL) { /* a suspended connection cannot be closed */
            struct admin_request *r = a->waiting;

            a->waiting = r->next;
            r->suspended = false;
            MHD_resume_connection(r->connection);
        }
        MHD_stop_daemon(a->daemon);
        a->daemon = NULL;
    }
    if (a->search != NULL) {
        journal_search_stop(a->search);
        journal_search_free(a->search);
        a->search = NULL;
        a->search_left = false;
    }
}

/* libmicrohttpd takes its certificate at the start only, so it starts anew on the same socket. */
static void start_again(struct admin *a, struct buf *report)
{
    a->fd = MHD_quiesce_daemon(a->daemon);
    stop(a);
    if (a->fd >= 0 && start(a)) {
        watch(a);
        return;
    }
    buf_text(report,
             "[fixbridge] admin_certificate: the HTTP server does not start again: it needs "
             "a restart of the service\n");
    log_write(LOG_ERROR, "admin.failed", LOG_T("why", "it does not start again"));
}

void admin_reload(struct admin *a, struct buf *report)
{
    if (a != NULL && a->daemon != NULL && a->guard.tls && admin_pair_renew(&a->pair, report)) {
        start_again(a, report);
    }
}

void admin_free(struct admin *a)
{
    if (a == NULL) {
        return;
    }
    stop(a);
    admin_pair_fini(&a->pair);
    explicit_bzero(&a->guard, sizeof a->guard);
    free(a);
}

const char *admin_url(const struct admin *a)
{
    return a->url;
}

const char *admin_token(const struct admin *a)
{
    return a->guard.token;
}
