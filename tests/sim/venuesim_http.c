/*
 * The HTTP server of the simulator on libmicrohttpd: collects a request with its bytes as sent, has
 * it carried out (venuesim_stage.c), sends the answer. Waiting requests are suspended connections.
 * Knows no venue.
 */
#include "venuesim.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define BODY_MAX (4u * 1024 * 1024)
#define ANSWER_MAX (1024u * 1024 * 1024) /* an audit of a long load test is large */

struct bytes request_header(const struct sim_request *req, const char *name)
{
    return bytes_of(MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name));
}

void request_resume(struct sim_request *req)
{
    if (req->suspended) {
        req->suspended = false;
        req->sim->resumed = true;
        MHD_resume_connection(req->connection);
    }
}

/* ---- sending ------------------------------------------------------------------------------- */

static ssize_t slow_piece(void *cls, uint64_t position, char *out, size_t max)
{
    struct sim_request *req = cls;
    size_t left = req->answer.body.size - (size_t)position;
    size_t size = req->fault.bytes < left ? req->fault.bytes : left;

    if (!req->slow_ready && !req->sim->stopping) {
        timer_start(&req->sim->timers, &req->timer, sim_wall_us(req->sim) + req->fault.interval_us);
        req->suspended = true;
        MHD_suspend_connection(req->connection);
        return 0;
    }
    req->slow_ready = false;
    size = size < max ? size : max;
    memcpy(out, req->answer.body.data + position, size);
    return (ssize_t)size;
}

/* Announces more than it sends, then closes. */
static ssize_t short_piece(void *cls, uint64_t position, char *out, size_t max)
{
    struct sim_request *req = cls;
    size_t size;

    if (position >= req->answer.body.size) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size = req->answer.body.size - (size_t)position;
    size = size < max ? size : max;
    memcpy(out, req->answer.body.data + position, size);
    return (ssize_t)size;
}

static struct MHD_Response *make_response(struct sim_request *req)
{
    struct sim_answer *a = &req->answer;

    if (req->fault.kind == FAULT_SLOW_BODY && a->body.size > 0) {
        return MHD_create_response_from_callback(a->body.size, 4096, slow_piece, req, NULL);
    }
    if (req->fault.kind == FAULT_WRONG_LENGTH) {
        return MHD_create_response_from_callback(a->body.size + 16, 4096, short_piece, req, NULL);
    }
    return MHD_create_response_from_buffer(a->body.size, a->body.data, MHD_RESPMEM_PERSISTENT);
}

/* By the venue's clock, not by this host's. */
static void date_header(const struct sim_request *req, struct MHD_Response *response)
{
    time_t now = (time_t)(sim_wall_us(req->sim) / US_PER_S);
    struct tm split;
    char text[64];

    if (gmtime_r(&now, &split) != NULL &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &split) > 0) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, text);
    }
}

static enum MHD_Result respond(struct sim_request *req)
{
    struct MHD_Response *response;
    enum MHD_Result result;
    size_t i;

    if (req->drop || req->answer.body.failed) {
        return MHD_NO; /* closes the connection without a byte */
    }
    response = make_response(req);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Content-Type", req->answer.content_type);
    date_header(req, response);
    for (i = 0; i < req->answer.header_count; i++) {
        (void)MHD_add_response_header(response, req->answer.header[i].name,
                                      req->answer.header[i].value);
    }
    result = MHD_queue_response(req->connection, req->answer.status, response);
    MHD_destroy_response(response);
    return result;
}

/* ---- receiving ----------------------------------------------------------------------------- */

static void *request_begins(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct sim_request *req = calloc(1, sizeof *req);
    const char *question;

    if (req == NULL) {
        return NULL;
    }
    req->sim = cls;
    req->connection = connection;
    req->timer.fire = request_due;
    buf_init(&req->body, BODY_MAX);
    buf_init(&req->answer.body, ANSWER_MAX);
    req->answer.status = 200;
    req->answer.content_type = "application/json";
    req->uri = strdup(uri);
    if (req->uri == NULL) {
        free(req);
        return NULL;
    }
    question = strchr(req->uri, '?');
    req->path = bytes_of(req->uri);
    if (question != NULL) {
        req->path.size = (size_t)(question - req->uri);
        req->query = bytes_of(question + 1);
    }
    return req;
}

static void request_ends(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why)
{
    struct sim_request *req = *context;

    (void)cls;
    (void)connection;
    (void)why;
    if (req == NULL) {
        return;
    }
    timer_stop(&req->sim->timers, &req->timer);
    if (req->context_free != NULL) {
        req->context_free(req->context);
    }
    buf_fini(&req->body);
    buf_fini(&req->answer.body);
    free(req->uri);
    free(req);
    *context = NULL;
}

static bool route(struct sim_request *req)
{
    const struct sim_dialect *const *d;

    for (d = req->sim->dialect; *d != NULL; d++) {
        req->op = (*d)->op(req->method, req->path);
        if (req->op != NULL) {
            req->dialect = *d;
            return true;
        }
    }
    return false;
}

/* For people to look at; beyond the table's end nothing is counted. */
static void count_call(struct sim *s, const char *op)
{
    size_t n = 0;

    while (n < s->call_count && strcmp(s->call[n].op, op) != 0) {
        n++;
    }
    if (n == CALLS_MAX) {
        return;
    }
    if (n == s->call_count) {
        if (!bytes_to_field(bytes_of(op), s->call[n].op, sizeof s->call[n].op)) {
            return;
        }
        s->call_count++;
    }
    s->call[n].count++;
}

static void start(struct sim_request *req)
{
    struct sim *s = req->sim;
    const struct fault *f;

    req->received_us = sim_wall_us(s);
    s->request_count++;
    s->engine->now_us = req->received_us;
    if (bytes_is(req->path, "/sim") ||
        (req->path.size >= 5 && memcmp(req->path.data, "/sim/", 5) == 0)) {
        control_serve(req);
        req->stage = STAGE_READY;
        return;
    }
    if (s->options.audit_requests) {
        char line[512];

        (void)snprintf(line, sizeof line, "%.*s %s", BYTES_ARG(req->method), req->uri);
        audit_note(&s->audit, req->received_us, "request", line, NULL);
    }
    if (!route(req)) {
        if (s->dialect[0]->unknown != NULL) {
            s->dialect[0]->unknown(req);
        } else {
            answer_replace(&req->answer, 404, "application/json",
                           "{\"result\":\"error\",\"error\":\"notFound\"}");
        }
        audit_note(&s->audit, req->received_us, "unknown_path", req->uri, NULL);
        req->stage = STAGE_READY;
        request_log(req);
        return;
    }
    count_call(s, req->op);
    f = faults_pick(&s->faults, req->op, req->query, buf_view(&req->body));
    if (f != NULL) {
        req->fault = *f;
        audit_note(&s->audit, req->received_us, "fault", req->op, fault_text(f->kind));
    }
    req->stage = STAGE_START;
    request_advance(req);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **context)
{
    struct sim_request *req = *context;

    (void)cls;
    (void)url;
    (void)version;
    if (req == NULL) {
        return MHD_NO;
    }
    if (req->method.size == 0) { /* the headers have arrived, the body has not */
        req->connection = connection;
        req->method = bytes_of(method);
        return MHD_YES;
    }
    if (*size > 0) {
        buf_add(&req->body, data, *size);
        *size = 0;
        return req->body.failed ? MHD_NO : MHD_YES;
    }
    if (req->stage == STAGE_READING) {
        start(req);
    }
    if (req->stage != STAGE_READY) {
        req->suspended = true;
        MHD_suspend_connection(connection);
        return MHD_YES;
    }
    return respond(req);
}

/* ---- the daemon ---------------------------------------------------------------------------- */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 65536);
    size_t size = 0;

    if (file != NULL && text != NULL) {
        size = fread(text, 1, 65535, file);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (size == 0) {
        fprintf(stderr, "venuesim: cannot read %s\n", path);
        free(text);
        return NULL;
    }
    return text;
}

static uint16_t bound_port(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);

    return info == NULL ? 0 : info->port;
}

bool http_start(struct sim *s, uint16_t *port)
{
    unsigned flags =
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(s->options.port) };
    struct MHD_OptionItem tls[] = { { MHD_OPTION_END, 0, NULL },
                                    { MHD_OPTION_END, 0, NULL },
                                    { MHD_OPTION_END, 0, NULL } };
    char *cert = NULL;
    char *key = NULL;

    if (inet_pton(AF_INET, s->options.listen, &address.sin_addr) != 1) {
        fprintf(stderr, "venuesim: not an IPv4 address: %s\n", s->options.listen);
        return false;
    }
    if (s->options.cert_path != NULL) {
        cert = read_file(s->options.cert_path);
        key = s->options.key_path == NULL ? NULL : read_file(s->options.key_path);
        if (cert == NULL || key == NULL) {
            free(cert);
            free(key);
            return false;
        }
        flags |= MHD_USE_TLS;
        tls[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, cert };
        tls[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key };
    }
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_URI_LOG_CALLBACK, request_begins, s,
        MHD_OPTION_NOTIFY_COMPLETED, request_ends, NULL, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    free(cert);
    free(key);
    if (s->daemon == NULL) {
        fprintf(stderr, "venuesim: cannot listen on %s:%u\n", s->options.listen, s->options.port);
        return false;
    }
    *port = bound_port(s->daemon);
    return true;
}

void http_stop(struct sim *s)
{
    /* Every suspended connection must be resumed before the daemon may stop. */
    s->stopping = true;
    while (s->timers.first != NULL) {
        (void)timers_run(&s->timers, NEVER_US);
    }
    if (s->daemon != NULL) {
        (void)MHD_run(s->daemon);
        MHD_stop_daemon(s->daemon);
        s->daemon = NULL;
    }
}
