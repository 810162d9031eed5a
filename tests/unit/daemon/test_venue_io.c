/*
 * venue_io: no call leaves before it is durable, each ends in exactly one result, what never left
 * is HELD and what the venue cannot express is REFUSED; the line about a call holds no secret. The
 * venue is a port on which nobody listens.
 */
#include "venue_io.h"

#include <arpa/inet.h>
#include <ev.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop_now.h"
#include "suites.h"
#include "venue_rest.h"

/* Fifty bytes 0x01 in base64. */
#define SECRET "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static struct {
    int fd; /* keeps the port taken and closed */
    char url[64];
    struct config_account config_account;
    struct config config;
    struct venue_account account;
    struct setup setup;
    struct ev_loop *loop;
    struct config_mistakes *mistakes;
    struct venue_io *v;
    struct instant now;
} t;

static void start(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    const char *error = NULL;

    memset(&t, 0, sizeof t);
    t.fd = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(bind(t.fd, (struct sockaddr *)&address, size), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(t.fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(t.url, sizeof t.url, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    t.config_account = (struct config_account){
        .url = bytes_of(t.url),
        .proxy = BYTES("none"),
        .connections = 2,
        .connect_timeout = 1000,
        .call_timeout = 2000,
        .response_max_mib = 1,
    };
    t.config.account[0] = &t.config_account;
    t.config.account_count = 1;
    t.account = (struct venue_account){
        .driver = venue_find(BYTES("kraken-futures")),
        .name = BYTES("kf"),
        .base_url = bytes_of(t.url),
        .key = BYTES("the-api-key"),
        .secret = BYTES(SECRET),
    };
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.account.driver);
    CU_ASSERT_TRUE_FATAL(t.account.driver->account_open(&t.account, &error));
    t.setup = (struct setup){ .config = &t.config, .venue_account = &t.account };
    t.loop = ev_loop_new(EVFLAG_AUTO);
    t.mistakes = config_mistakes_new("test");
    CU_ASSERT_FATAL(t.loop != NULL && t.mistakes != NULL);
    t.v = venue_io_new(t.loop, &t.setup, t.mistakes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.v);
    t.now = loop_now();
}

static void stop(void)
{
    venue_io_free(t.v);
    t.account.driver->account_close(&t.account);
    config_mistakes_free(t.mistakes);
    ev_loop_destroy(t.loop);
    (void)close(t.fd);
}

/* The transport's own time-outs end the waiting. */
static struct venue_result next_result(void)
{
    struct venue_result r;

    while (!venue_io_next(t.v, &t.now, &r)) {
        (void)ev_run(t.loop, EVRUN_ONCE);
        t.now = loop_now();
    }
    return r;
}

static const struct venue_call question = { .op = VENUE_OPEN_ORDERS };

static void no_call_leaves_before_it_is_durable(void)
{
    struct venue_result r;

    start();
    CU_ASSERT_TRUE(venue_io_queue(t.v, 7, 0, &question, 0));
    venue_io_release(t.v, 1000, &t.now);
    CU_ASSERT_FALSE(venue_io_next(t.v, &t.now, &r));
    venue_io_seal(t.v, 5);
    venue_io_release(t.v, 4, &t.now);
    CU_ASSERT_FALSE(venue_io_next(t.v, &t.now, &r));
    CU_ASSERT_EQUAL(venue_io_busy(t.v), 1);
    venue_io_release(t.v, 5, &t.now);
    r = next_result();
    CU_ASSERT_EQUAL(r.id, 7);
    CU_ASSERT_EQUAL(r.outcome, VENUE_HELD);
    CU_ASSERT_EQUAL(r.response.status, 0);
    CU_ASSERT_FALSE(venue_io_next(t.v, &t.now, &r));
    CU_ASSERT_EQUAL(venue_io_busy(t.v), 0);
    stop();
}

static void every_call_ends_in_exactly_one_result(void)
{
    enum { CALLS = 600 }; /* more than the queue's first size */
    static unsigned came[CALLS];
    struct venue_result r;

    start();
    memset(came, 0, sizeof came);
    for (uint64_t i = 0; i < CALLS; i++) {
        CU_ASSERT_TRUE(venue_io_queue(t.v, i, 0, &question, 0));
        if (i % 7 == 6) {
            venue_io_seal(t.v, i);
        }
        if (i == 100) {
            venue_io_release(t.v, 50, &t.now);
        }
    }
    venue_io_seal(t.v, CALLS);
    venue_io_release(t.v, CALLS, &t.now);
    while (venue_io_busy(t.v) > 0) {
        r = next_result();
        CU_ASSERT_FATAL(r.id < CALLS);
        CU_ASSERT_EQUAL(r.outcome, VENUE_HELD);
        came[r.id]++;
        if (venue_io_busy(t.v) == 1) {
            CU_ASSERT_FALSE(venue_io_next(t.v, &t.now, &r)); /* lets the last one go */
        }
    }
    for (size_t i = 0; i < CALLS; i++) {
        CU_ASSERT_EQUAL(came[i], 1);
    }
    stop();
}

static void what_cannot_be_expressed_is_refused(void)
{
    const struct venue_call absent = { .op = VENUE_CHECK_ORDER };
    const struct venue_call empty = { .op = VENUE_PLACE };
    struct venue_result r;

    start();
    CU_ASSERT_PTR_NULL_FATAL(t.account.driver->endpoint[VENUE_CHECK_ORDER].build);
    CU_ASSERT_TRUE(venue_io_queue(t.v, 1, 0, &absent, 0));
    CU_ASSERT_TRUE(venue_io_queue(t.v, 2, 0, &empty, 0));
    venue_io_seal(t.v, 1);
    venue_io_release(t.v, 1, &t.now);
    CU_ASSERT_TRUE_FATAL(venue_io_next(t.v, &t.now, &r));
    CU_ASSERT_EQUAL(r.id, 1);
    CU_ASSERT_EQUAL(r.outcome, VENUE_REFUSED);
    CU_ASSERT_EQUAL(r.reply->reason, VENUE_REASON_UNSUPPORTED);
    CU_ASSERT_TRUE_FATAL(venue_io_next(t.v, &t.now, &r));
    CU_ASSERT_EQUAL(r.id, 2);
    CU_ASSERT_EQUAL(r.outcome, VENUE_REFUSED);
    CU_ASSERT(r.reply->text.size > 0);
    stop();
}

static void line_about_a_call_holds_no_secret(void)
{
    const struct venue_call call = { .op = VENUE_PLACE };
    const struct venue_result result = {
        .call = &call, .outcome = VENUE_UNKNOWN, .why = "timeout", .took_us = 1250
    };
    struct http_request request;
    struct buf line;

    start();
    http_request_init(&request);
    request.method = HTTP_POST;
    buf_text(&request.target, "/x?key=the-api-key&n=1");
    buf_text(&request.body, "a=b&secret=" SECRET);
    http_request_header(&request, "Authent", BYTES("signature"));
    buf_init(&line, 4096);
    venue_rest_request(&line, &t.account, &call, &request);
    venue_rest_result(&line, &result);
    buf_char(&line, '\0');
    CU_ASSERT_FALSE_FATAL(line.failed);
    CU_ASSERT_PTR_NULL(strstr(line.data, "the-api-key"));
    CU_ASSERT_PTR_NULL(strstr(line.data, SECRET));
    CU_ASSERT_PTR_NULL(strstr(line.data, "signature"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(line.data, "account=kf op=place POST /x?key=***********&n=1 a=b&secret=***"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line.data, " -> unknown (timeout) 1.2ms"));
    buf_fini(&line);
    http_request_fini(&request);
    stop();
}

CU_TestInfo venue_io_tests[] = {
    { "no call leaves before it is durable", no_call_leaves_before_it_is_durable },
    { "every call ends in exactly one result", every_call_ends_in_exactly_one_result },
    { "what cannot be expressed is refused", what_cannot_be_expressed_is_refused },
    { "the line about a call holds no secret", line_about_a_call_holds_no_secret },
    CU_TEST_INFO_NULL,
};
