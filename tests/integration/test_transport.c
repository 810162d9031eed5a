/*
 * The transport against a raw server in this process that answers, misbehaves or dies on purpose.
 * The claim that matters most: a request leaves at most once, and "never sent" is only said when
 * true.
 */
#include "http_client.h"
#include "raw_server.h"

#include <CUnit/Basic.h>
#include <ev.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#define WATCHDOG_S 20.
#define CALLS_MAX 128

struct result {
    bool done;
    enum http_failure failure;
    int status;
    char body[512];
    size_t body_size;
    char header[64]; /* X-Test */
    char error[256];
    int64_t took_us;
};

/* Client, one pool, one server, and what came of calls 0, 1, 2, ... */
struct bench {
    struct ev_loop *loop;
    struct http_client *client;
    struct http_pool *pool;
    struct raw_server *server;
    struct result results[CALLS_MAX];
    size_t done;
    bool late;
};

struct options {
    const char *scheme; /* NULL: http */
    const char *ca_file;
    const char *cert_file, *key_file;
    uint32_t connections_max, connections_warm;
    uint32_t timeout_ms;
    uint32_t response_max;
    bool http2;
    int port; /* not 0: instead of the server's */
};

static bool direct; /* the way under test */
static char directory[64];
static char cert_file[128], key_file[128], other_cert_file[128], other_key_file[128];

static void bench_open(struct bench *b, raw_script_fn *script, const struct options *o)
{
    char url[64];
    struct http_pool_config config = { .proxy = BYTES("none") };

    memset(b, 0, sizeof *b);
    b->server = raw_server_new(script, o->cert_file, o->key_file);
    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%d", o->scheme != NULL ? o->scheme : "http",
                   o->port != 0 ? o->port : raw_server_port(b->server));
    config.base_url = bytes_of(url);
    config.ca_file = bytes_of(o->ca_file);
    config.connections_max = o->connections_max != 0 ? o->connections_max : 2;
    config.connect_timeout_ms = 5000;
    config.timeout_ms = o->timeout_ms != 0 ? o->timeout_ms : 10000;
    config.response_max = o->response_max;
    config.http2 = o->http2;
    config.direct = direct;
    config.connections_warm = o->connections_warm;
    b->loop = ev_loop_new(EVFLAG_AUTO);
    b->client = http_client_new(b->loop);
    b->pool = http_client_pool(b->client, &config);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->pool);
}

static void bench_close(struct bench *b)
{
    http_client_free(b->client);
    raw_server_free(b->server);
    ev_loop_destroy(b->loop);
}

/* timeout_ms: 0 for the pool's. */
static bool start_within(struct bench *b, uint64_t id, enum http_method method, const char *target,
                         struct bytes body, uint32_t timeout_ms)
{
    struct http_request r;
    bool ok;

    http_request_init(&r);
    r.method = method;
    r.timeout_ms = timeout_ms;
    buf_text(&r.target, target);
    buf_bytes(&r.body, body);
    http_request_header(&r, "X-Key", BYTES("abc"));
    http_request_header(&r, "Content-Type", BYTES("application/json"));
    ok = http_client_start(b->pool, id, &r);
    http_request_fini(&r);
    return ok;
}

static bool start(struct bench *b, uint64_t id, enum http_method method, const char *target,
                  struct bytes body)
{
    return start_within(b, id, method, target, body, 0);
}

static void keep(struct bench *b, struct http_done *done)
{
    struct result *r = &b->results[done->id];
    struct bytes value = { NULL, 0 };

    CU_ASSERT_FATAL(done->id < CALLS_MAX);
    CU_ASSERT_FALSE(r->done);
    r->done = true;
    r->failure = done->failure;
    r->took_us = done->took_us;
    if (done->failure == HTTP_ANSWERED) {
        r->status = done->response.status;
        r->body_size = done->response.body.size;
        if (r->body_size < sizeof r->body) {
            CU_ASSERT_TRUE(bytes_to_field(done->response.body, r->body, sizeof r->body));
        }
        if (http_response_header(&done->response, "x-test", &value)) {
            CU_ASSERT_TRUE(bytes_to_field(value, r->header, sizeof r->header));
        }
    } else {
        (void)snprintf(r->error, sizeof r->error, "%s", done->error);
    }
    http_client_release(b->client, done);
    b->done++;
}

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    *(bool *)timer->data = true;
}

static void on_poll(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

/* Runs the loop until `count` calls in all have finished. */
static void run(struct bench *b, size_t count)
{
    ev_timer watchdog;
    struct http_done done;

    ev_timer_init(&watchdog, on_watchdog, WATCHDOG_S, 0.);
    watchdog.data = &b->late;
    ev_timer_start(b->loop, &watchdog);
    for (;;) {
        while (http_client_next(b->client, &done)) {
            keep(b, &done);
        }
        if (b->done >= count || b->late) {
            break;
        }
        ev_run(b->loop, EVRUN_ONCE);
    }
    ev_timer_stop(b->loop, &watchdog);
    CU_ASSERT_FALSE_FATAL(b->late);
    CU_ASSERT_EQUAL(b->done, count);
    CU_ASSERT_EQUAL(http_pool_busy(b->pool), 0);
}

static void call_one(struct bench *b, uint64_t id)
{
    CU_ASSERT_TRUE_FATAL(start(b, id, HTTP_POST, "/order?a=1", BYTES("{\"qty\":1}")));
    run(b, id + 1);
}

/* ---------------------------------------------------------------- answers */

static void answer_all(struct raw_connection *c, int number)
{
    (void)number;
    while (raw_read(c) != NULL && raw_ok(c, "hello")) {
    }
}

static void test_transport_answer_is_delivered_with_status_header_and_body(void)
{
    struct bench b;

    bench_open(&b, answer_all, &(struct options){ 0 });
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(b.results[0].status, 200);
    CU_ASSERT_STRING_EQUAL(b.results[0].body, "hello");
    CU_ASSERT_STRING_EQUAL(b.results[0].header, "yes");
    CU_ASSERT_TRUE(b.results[0].took_us > 0);
    bench_close(&b);
}

static void test_transport_connection_is_reused(void)
{
    struct bench b;

    bench_open(&b, answer_all, &(struct options){ 0 });
    for (uint64_t i = 0; i < 20; i++) {
        call_one(&b, i);
        CU_ASSERT_EQUAL(b.results[i].failure, HTTP_ANSWERED);
    }
    CU_ASSERT_EQUAL(raw_server_connections(b.server), 1);
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 20);
    bench_close(&b);
}

static void echo_request(struct raw_connection *c, int number)
{
    const char *request;

    (void)number;
    while ((request = raw_read(c)) != NULL && raw_ok(c, request)) {
    }
}

static void check_echo(enum http_method method, const char *word, struct bytes body,
                       const char *length)
{
    struct bench b;
    char line[64];
    const char *got;

    bench_open(&b, echo_request, &(struct options){ 0 });
    CU_ASSERT_TRUE_FATAL(start(&b, 0, HTTP_POST, "/first", BYTES("x")));
    run(&b, 1);
    CU_ASSERT_TRUE_FATAL(start(&b, 1, method, "/v2/./x/../y?a=%20b&c=1,2", body));
    run(&b, 2);
    got = b.results[1].body;
    (void)snprintf(line, sizeof line, "%s /v2/./x/../y?a=%%20b&c=1,2 HTTP/1.1\r\n", word);
    CU_ASSERT_EQUAL(strncmp(got, line, strlen(line)), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\r\nX-Key: abc\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\r\nContent-Type: application/json\r\n"));
    CU_ASSERT_PTR_NULL(strstr(got, "Expect:"));
    CU_ASSERT_PTR_NULL(strstr(got, "urlencoded"));
    if (length != NULL) {
        CU_ASSERT_PTR_NOT_NULL(strstr(got, length));
    } else {
        CU_ASSERT_PTR_NULL(strstr(got, "Content-Length"));
    }
    got = strstr(got, "\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_TRUE(bytes_equal(bytes_of(got + 4), body));
    bench_close(&b);
}

static void test_transport_request_is_sent_as_it_was_written(void)
{
    check_echo(HTTP_GET, "GET", BYTES(""), NULL);
    check_echo(HTTP_POST, "POST", BYTES("{}"), "\r\nContent-Length: 2\r\n");
    check_echo(HTTP_POST, "POST", BYTES(""), "\r\nContent-Length: 0\r\n");
    check_echo(HTTP_PUT, "PUT", BYTES("{\"a\":1}"), "\r\nContent-Length: 7\r\n");
    check_echo(HTTP_DELETE, "DELETE", BYTES(""), NULL);
    check_echo(HTTP_DELETE, "DELETE", BYTES("{}"), "\r\nContent-Length: 2\r\n");
}

static void check_raw_answer(raw_script_fn *script, enum http_failure failure, const char *body)
{
    struct bench b;

    bench_open(&b, script, &(struct options){ .response_max = 1000, .timeout_ms = 2000 });
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, failure);
    if (failure == HTTP_ANSWERED) {
        CU_ASSERT_STRING_EQUAL(b.results[0].body, body);
    } else {
        CU_ASSERT_NOT_EQUAL(b.results[0].error[0], '\0');
        CU_ASSERT_EQUAL(raw_server_requests(b.server), 1);
    }
    bench_close(&b);
}

static void chunked(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    (void)raw_text(c, "2\r\nde\r\n0\r\n\r\n");
    raw_wait_end(c);
}

static void slow_head(struct raw_connection *c, int number)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nX-Test: a\r\nContent-Length: 2\r\n\r\nok";

    (void)number;
    (void)raw_read(c);
    for (size_t i = 0; i < sizeof answer - 1; i++) {
        (void)raw_write(c, answer + i, 1);
        (void)sched_yield();
    }
    raw_wait_end(c);
}

static void continue_first(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 100 Continue\r\nX-Test: no\r\n\r\n");
    (void)raw_ok(c, "after");
    raw_wait_end(c);
}

static void without_length(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end");
}

static void test_transport_all_ways_to_frame_an_answer_are_read(void)
{
    check_raw_answer(chunked, HTTP_ANSWERED, "abcde");
    check_raw_answer(slow_head, HTTP_ANSWERED, "ok");
    check_raw_answer(continue_first, HTTP_ANSWERED, "after");
    check_raw_answer(without_length, HTTP_ANSWERED, "to the end");
}

static void redirect(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 307 Away\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
    raw_wait_end(c);
}

static void test_transport_redirect_is_an_answer_and_not_followed(void)
{
    struct bench b;

    bench_open(&b, redirect, &(struct options){ 0 });
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(b.results[0].status, 307);
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 1);
    bench_close(&b);
}

/* ---------------------------------------------------------------- sent, unanswered */

static void close_unanswered(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
}

static void reset_unanswered(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    raw_reset(c);
}

static void close_mid_body(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
}

static void close_mid_chunk(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
}

static void garbage(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "8=FIX.4.4 this is no HTTP\r\n\r\n");
    raw_wait_end(c);
}

static void huge_body(struct raw_connection *c, int number)
{
    static const char piece[1024];

    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 10240000\r\n\r\n");
    for (int i = 0; i < 10000 && raw_write(c, piece, sizeof piece); i++) {
    }
}

static void huge_head(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1000 && raw_text(c, "X-Long: 0123456789012345678901234567890123456789\r\n");
         i++) {
    }
    (void)raw_text(c, "Content-Length: 0\r\n\r\n");
    raw_wait_end(c);
}

static void silent(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    raw_wait_end(c);
}

static void test_transport_broken_answers_are_sent_unanswered(void)
{
    check_raw_answer(close_unanswered, HTTP_SENT_UNANSWERED, NULL);
    check_raw_answer(reset_unanswered, HTTP_SENT_UNANSWERED, NULL);
    check_raw_answer(close_mid_body, HTTP_SENT_UNANSWERED, NULL);
    check_raw_answer(close_mid_chunk, HTTP_SENT_UNANSWERED, NULL);
    check_raw_answer(garbage, HTTP_SENT_UNANSWERED, NULL);
    check_raw_answer(huge_body, HTTP_SENT_UNANSWERED, NULL);
    check_raw_answer(huge_head, HTTP_SENT_UNANSWERED, NULL);
}

static void test_transport_silence_ends_at_the_deadline(void)
{
    struct bench b;

    bench_open(&b, silent, &(struct options){ .timeout_ms = 150 });
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_SENT_UNANSWERED);
    CU_ASSERT_TRUE(b.results[0].took_us >= 149 * US_PER_MS);
    CU_ASSERT_TRUE(b.results[0].took_us < 5000 * US_PER_MS);
    bench_close(&b);
}

static void answer_then_close(struct raw_connection *c, int number)
{
    if (raw_read(c) != NULL && raw_ok(c, "first") && number == 1 && raw_read(c) != NULL) {
        return; /* the whole second request was read; closed without a word */
    }
    answer_all(c, number);
}

static void answer_then_reset(struct raw_connection *c, int number)
{
    if (number == 1) {
        raw_reset(c);
    }
    answer_then_close(c, number);
}

/* A reused connection that dies before its answer is what libcurl repeats by itself. */
static void check_no_second_order(raw_script_fn *script, enum http_method method,
                                  const struct options *o)
{
    struct bench b;

    bench_open(&b, script, o);
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_ANSWERED);
    CU_ASSERT_TRUE_FATAL(start(&b, 1, method, "/order", BYTES("")));
    run(&b, 2);
    CU_ASSERT_EQUAL(b.results[1].failure, HTTP_SENT_UNANSWERED);
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 2);
    CU_ASSERT_TRUE_FATAL(start(&b, 2, HTTP_POST, "/order", BYTES("{}")));
    run(&b, 3);
    CU_ASSERT_EQUAL(b.results[2].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 3);
    bench_close(&b);
}

static void test_transport_request_is_not_repeated_when_a_reused_connection_dies(void)
{
    const struct options plain = { 0 };
    const struct options tls = {
        .scheme = "https", .ca_file = cert_file, .cert_file = cert_file, .key_file = key_file
    };

    check_no_second_order(answer_then_close, HTTP_POST, &plain);
    check_no_second_order(answer_then_close, HTTP_GET, &plain);
    check_no_second_order(answer_then_close, HTTP_DELETE, &plain);
    check_no_second_order(answer_then_reset, HTTP_POST, &plain);
    check_no_second_order(answer_then_close, HTTP_POST, &tls);
}

/* The server closes the idle connection; the next call notices and takes a new one. */
static void one_each(struct raw_connection *c, int number)
{
    (void)number;
    if (raw_read(c) != NULL) {
        (void)raw_ok(c, "one");
    }
}

static void test_transport_closed_idle_connection_is_replaced(void)
{
    struct bench b;
    int answered = 0;

    bench_open(&b, one_each, &(struct options){ 0 });
    for (uint64_t i = 0; i < 20; i++) {
        call_one(&b, i);
        answered += b.results[i].failure == HTTP_ANSWERED;
        CU_ASSERT_NOT_EQUAL(b.results[i].failure, HTTP_NEVER_SENT);
    }
    /* A close that races the next request may leave it in doubt, never sent twice. */
    CU_ASSERT_TRUE(answered >= 10);
    CU_ASSERT_TRUE(raw_server_requests(b.server) >= answered);
    CU_ASSERT_TRUE(raw_server_requests(b.server) <= 20);
    CU_ASSERT_TRUE(raw_server_connections(b.server) >= answered);
    bench_close(&b);
}

/* ---------------------------------------------------------------- never sent */

/* A port nobody listens on: bound, and kept bound, by us. */
static int bound_port(int *fd)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0 || bind(*fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(*fd, (struct sockaddr *)&address, &size) != 0) {
        abort();
    }
    return ntohs(address.sin_port);
}

static void test_transport_refused_connection_is_never_sent(void)
{
    struct bench b;
    int fd;

    bench_open(&b, answer_all, &(struct options){ .port = bound_port(&fd) });
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_NEVER_SENT);
    CU_ASSERT_NOT_EQUAL(b.results[0].error[0], '\0');
    bench_close(&b);
    (void)close(fd);
}

static void test_transport_trusted_certificate_is_accepted(void)
{
    struct bench b;

    bench_open(&b, answer_all,
               &(struct options){ .scheme = "https",
                                  .ca_file = cert_file,
                                  .cert_file = cert_file,
                                  .key_file = key_file });
    call_one(&b, 0);
    call_one(&b, 1);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(b.results[1].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(raw_server_connections(b.server), 1);
    bench_close(&b);
}

static void test_transport_untrusted_certificate_is_never_sent(void)
{
    struct bench b;

    bench_open(&b, answer_all,
               &(struct options){ .scheme = "https",
                                  .ca_file = other_cert_file,
                                  .cert_file = cert_file,
                                  .key_file = key_file });
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_NEVER_SENT);
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 0);
    bench_close(&b);
}

static void test_transport_dead_proxy_is_never_sent(void)
{
    struct bench b;
    struct http_pool_config config = { .base_url = BYTES("http://venue.invalid"),
                                       .connections_max = 1 };
    char proxy[64];
    int fd;

    bench_open(&b, answer_all, &(struct options){ 0 });
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", bound_port(&fd));
    config.proxy = bytes_of(proxy);
    b.pool = http_client_pool(b.client, &config);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b.pool);
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_NEVER_SENT);
    bench_close(&b);
    (void)close(fd);
}

/* Answers CONNECT, then plays the venue behind it. */
static void proxy_then_answer(struct raw_connection *c, int number)
{
    const char *request = raw_read(c);

    if (request != NULL && strncmp(request, "CONNECT venue.invalid:80 ", 25) == 0 &&
        raw_text(c, "HTTP/1.1 200 Tunnel\r\nX-Test: proxy\r\n\r\n")) {
        answer_all(c, number);
    }
}

static void refuse_connect(struct raw_connection *c, int number)
{
    (void)number;
    (void)raw_read(c);
    (void)raw_text(c, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    raw_wait_end(c);
}

static void through_proxy(raw_script_fn *script, enum http_failure failure)
{
    struct bench b;
    struct http_pool_config config = { .base_url = BYTES("http://venue.invalid"),
                                       .connections_max = 1 };
    char proxy[64];

    bench_open(&b, script, &(struct options){ 0 });
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", raw_server_port(b.server));
    config.proxy = bytes_of(proxy);
    b.pool = http_client_pool(b.client, &config);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b.pool);
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, failure);
    if (failure == HTTP_ANSWERED) {
        CU_ASSERT_STRING_EQUAL(b.results[0].header, "yes");
        CU_ASSERT_EQUAL(raw_server_requests(b.server), 2);
    }
    bench_close(&b);
}

static void test_transport_proxy_is_tunnelled_and_its_refusal_is_never_sent(void)
{
    through_proxy(proxy_then_answer, HTTP_ANSWERED);
    through_proxy(refuse_connect, HTTP_NEVER_SENT);
}

static void test_transport_waiting_call_past_its_deadline_is_never_sent(void)
{
    struct bench b;

    bench_open(&b, silent, &(struct options){ .connections_max = 1 });
    for (uint64_t i = 0; i < 5; i++) { /* the connection is held until all others are too late */
        uint32_t timeout_ms = i == 0 ? 800 : 200;

        CU_ASSERT_TRUE_FATAL(start_within(&b, i, HTTP_POST, "/order", BYTES("{}"), timeout_ms));
    }
    CU_ASSERT_EQUAL(http_pool_busy(b.pool), 5);
    run(&b, 5);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_SENT_UNANSWERED);
    for (size_t i = 1; i < 5; i++) {
        CU_ASSERT_EQUAL(b.results[i].failure, HTTP_NEVER_SENT);
        CU_ASSERT_TRUE(b.results[i].took_us < 5000 * US_PER_MS);
    }
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 1);
    bench_close(&b);
}

/* ---------------------------------------------------------------- many, and what is refused */

static void test_transport_hundred_calls_share_few_connections(void)
{
    struct bench b;

    bench_open(&b, answer_all, &(struct options){ .connections_max = 4 });
    for (uint64_t i = 0; i < 100; i++) {
        CU_ASSERT_TRUE_FATAL(start(&b, i, i % 2 == 0 ? HTTP_POST : HTTP_GET, "/x", BYTES("")));
    }
    run(&b, 100);
    for (size_t i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(b.results[i].failure, HTTP_ANSWERED);
    }
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 100);
    CU_ASSERT_TRUE(raw_server_connections(b.server) <= 4);
    bench_close(&b);
}

static void test_transport_http2_offer_falls_back_to_http1(void)
{
    struct bench b;

    bench_open(&b, answer_all,
               &(struct options){ .scheme = "https",
                                  .ca_file = cert_file,
                                  .http2 = true,
                                  .cert_file = cert_file,
                                  .key_file = key_file });
    for (uint64_t i = 0; i < 10; i++) {
        CU_ASSERT_TRUE_FATAL(start(&b, i, HTTP_POST, "/x", BYTES("{}")));
    }
    run(&b, 10);
    for (size_t i = 0; i < 10; i++) {
        CU_ASSERT_EQUAL(b.results[i].failure, HTTP_ANSWERED);
    }
    CU_ASSERT_TRUE(raw_server_connections(b.server) <= 2);
    bench_close(&b);
}

static void test_transport_unsound_request_is_not_started(void)
{
    struct bench b;

    bench_open(&b, answer_all, &(struct options){ 0 });
    CU_ASSERT_FALSE(start(&b, 0, HTTP_GET, "", BYTES("")));
    CU_ASSERT_FALSE(start(&b, 0, HTTP_GET, "no-slash", BYTES("")));
    CU_ASSERT_FALSE(start(&b, 0, HTTP_GET, "/a b", BYTES("")));
    CU_ASSERT_FALSE(start(&b, 0, HTTP_GET, "/a HTTP/1.1\r\nX: y", BYTES("")));
    CU_ASSERT_EQUAL(http_pool_busy(b.pool), 0);
    bench_close(&b);
}

static void test_transport_unusable_pool_is_refused(void)
{
    struct bench b;
    struct http_pool_config config = { .base_url = BYTES("ftp://127.0.0.1"), .connections_max = 1 };

    bench_open(&b, answer_all, &(struct options){ 0 });
    CU_ASSERT_PTR_NULL(http_client_pool(b.client, &config));
    config.base_url = BYTES("");
    CU_ASSERT_PTR_NULL(http_client_pool(b.client, &config));
    config.base_url = BYTES("https://127.0.0.1");
    config.proxy = BYTES("http://");
    CU_ASSERT_PTR_NULL(http_client_pool(b.client, &config));
    bench_close(&b);
}

static void test_transport_free_with_calls_under_way_is_clean(void)
{
    struct bench b;

    bench_open(&b, silent, &(struct options){ .connections_max = 2 });
    for (uint64_t i = 0; i < 6; i++) {
        CU_ASSERT_TRUE_FATAL(start(&b, i, HTTP_POST, "/x", BYTES("{}")));
    }
    ev_run(b.loop, EVRUN_NOWAIT);
    CU_ASSERT_EQUAL(http_pool_busy(b.pool), 6);
    bench_close(&b);
}

static bool make_files(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test-transport-XXXXXX");
    if (mkdtemp(directory) == NULL) {
        return false;
    }
    (void)snprintf(cert_file, sizeof cert_file, "%s/cert.pem", directory);
    (void)snprintf(key_file, sizeof key_file, "%s/key.pem", directory);
    (void)snprintf(other_cert_file, sizeof other_cert_file, "%s/other-cert.pem", directory);
    (void)snprintf(other_key_file, sizeof other_key_file, "%s/other-key.pem", directory);
    return raw_make_certificate(cert_file, key_file) &&
           raw_make_certificate(other_cert_file, other_key_file);
}

static void remove_files(void)
{
    (void)unlink(cert_file);
    (void)unlink(key_file);
    (void)unlink(other_cert_file);
    (void)unlink(other_key_file);
    (void)rmdir(directory);
}

/* ---------------------------------------------------------------- direct lines */

static void interim_first(struct raw_connection *c, int number)
{
    (void)number;
    while (raw_read(c) != NULL) {
        CU_ASSERT_TRUE(raw_text(c, "HTTP/1.1 100 Continue\r\n\r\n"
                                   "HTTP/1.1 103 Early Hints\r\nX-Test: no\r\n\r\n"));
        if (!raw_ok(c, "hello")) {
            break;
        }
    }
}

static void test_transport_interim_answers_are_skipped(void)
{
    struct bench b;

    bench_open(&b, interim_first, &(struct options){ 0 });
    for (uint64_t i = 0; i < 3; i++) {
        call_one(&b, i);
        CU_ASSERT_EQUAL(b.results[i].status, 200);
        CU_ASSERT_STRING_EQUAL(b.results[i].body, "hello");
        CU_ASSERT_STRING_EQUAL(b.results[i].header, "yes");
    }
    CU_ASSERT_EQUAL(raw_server_connections(b.server), 1);
    bench_close(&b);
}

static void answer_twice(struct raw_connection *c, int number)
{
    (void)number;
    if (raw_read(c) != NULL && raw_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
                                           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb")) {
        raw_wait_end(c);
    }
}

/* An answer nobody asked for must never be taken for the next request's. */
static void test_transport_surplus_answer_is_never_the_next_ones(void)
{
    struct bench b;

    bench_open(&b, answer_twice, &(struct options){ .timeout_ms = 3000 });
    for (uint64_t i = 0; i < 5; i++) {
        call_one(&b, i);
        CU_ASSERT_EQUAL(b.results[i].failure, HTTP_ANSWERED);
        CU_ASSERT_STRING_EQUAL(b.results[i].body, "a");
    }
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 5);
    CU_ASSERT_EQUAL(raw_server_connections(b.server), 5);
    bench_close(&b);
}

static void refuse_early(struct raw_connection *c, int number)
{
    (void)number;
    CU_ASSERT_TRUE(raw_text(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge"));
    raw_wait_end(c);
}

/* The answer is there before anything was asked: it counts for the request that follows it. */
static void test_transport_answer_before_the_request_is_read_counts(void)
{
    static char large[60 * 1024];
    struct bench b;

    memset(large, 'x', sizeof large);
    bench_open(&b, refuse_early, &(struct options){ .timeout_ms = 5000 });
    CU_ASSERT_TRUE_FATAL(start(&b, 0, HTTP_POST, "/order", (struct bytes){ large, sizeof large }));
    run(&b, 1);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(b.results[0].status, 413);
    bench_close(&b);
}

/* Runs the loop until the server has seen that many connections. */
static void run_until_connections(struct bench *b, int count)
{
    ev_timer watchdog, poll;

    ev_timer_init(&watchdog, on_watchdog, WATCHDOG_S, 0.);
    watchdog.data = &b->late;
    ev_timer_start(b->loop, &watchdog);
    ev_timer_init(&poll, on_poll, 0.005, 0.005); /* the server's side has no event here */
    ev_timer_start(b->loop, &poll);
    while (!b->late && raw_server_connections(b->server) < count) {
        ev_run(b->loop, EVRUN_ONCE);
    }
    ev_timer_stop(b->loop, &watchdog);
    ev_timer_stop(b->loop, &poll);
    CU_ASSERT_FALSE_FATAL(b->late);
}

static void close_first_two(struct raw_connection *c, int number)
{
    if (number > 2) {
        answer_all(c, number);
    }
}

/* Opened before anybody asks, opened again when the venue closes them. */
static void test_transport_connections_are_kept_warm(void)
{
    struct bench b;

    if (!direct) {
        return;
    }
    bench_open(&b, close_first_two,
               &(struct options){ .connections_max = 2, .connections_warm = 2 });
    run_until_connections(&b, 4);
    call_one(&b, 0);
    CU_ASSERT_EQUAL(b.results[0].failure, HTTP_ANSWERED);
    CU_ASSERT_EQUAL(raw_server_requests(b.server), 1);
    CU_ASSERT_EQUAL(raw_server_connections(b.server), 4);
    bench_close(&b);
}

#define CLAIM(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

int main(int argc, char **argv)
{
    static CU_TestInfo tests[] = {
        CLAIM(test_transport_answer_is_delivered_with_status_header_and_body),
        CLAIM(test_transport_connection_is_reused),
        CLAIM(test_transport_request_is_sent_as_it_was_written),
        CLAIM(test_transport_all_ways_to_frame_an_answer_are_read),
        CLAIM(test_transport_redirect_is_an_answer_and_not_followed),
        CLAIM(test_transport_broken_answers_are_sent_unanswered),
        CLAIM(test_transport_silence_ends_at_the_deadline),
        CLAIM(test_transport_request_is_not_repeated_when_a_reused_connection_dies),
        CLAIM(test_transport_closed_idle_connection_is_replaced),
        CLAIM(test_transport_refused_connection_is_never_sent),
        CLAIM(test_transport_trusted_certificate_is_accepted),
        CLAIM(test_transport_untrusted_certificate_is_never_sent),
        CLAIM(test_transport_dead_proxy_is_never_sent),
        CLAIM(test_transport_proxy_is_tunnelled_and_its_refusal_is_never_sent),
        CLAIM(test_transport_waiting_call_past_its_deadline_is_never_sent),
        CLAIM(test_transport_hundred_calls_share_few_connections),
        CLAIM(test_transport_http2_offer_falls_back_to_http1),
        CLAIM(test_transport_unsound_request_is_not_started),
        CLAIM(test_transport_unusable_pool_is_refused),
        CLAIM(test_transport_free_with_calls_under_way_is_clean),
        CLAIM(test_transport_interim_answers_are_skipped),
        CLAIM(test_transport_surplus_answer_is_never_the_next_ones),
        CLAIM(test_transport_answer_before_the_request_is_read_counts),
        CLAIM(test_transport_connections_are_kept_warm),
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = { { "transport", NULL, NULL, NULL, NULL, tests },
                                     CU_SUITE_INFO_NULL };
    unsigned failed;

    direct = argc == 2 && strcmp(argv[1], "direct") == 0;
    if (!direct && (argc != 2 || strcmp(argv[1], "transfer") != 0)) {
        (void)fprintf(stderr, "usage: test_transport direct|transfer\n");
        return 2;
    }

    if (!make_files() || CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS) {
        return 2;
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    remove_files();
    return failed == 0 ? 0 : 1;
}
