/*
 * conn: nothing is written before it is durable, partial messages are kept, limits and time-outs
 * hold, a session's last bytes still arrive. Real sockets on loopback, ports of the system's
 * choice; waiting is waiting for an event, with a guard against waiting for ever.
 */
#include "conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "loop_now.h"
#include "suites.h"

#define GUARD_S 60. /* far from what any step takes, on a host that does nothing else */

static struct {
    struct ev_loop *loop;
    struct conns *set;
    ev_timer guard;
    bool late;
    /* What the set told. */
    struct conn *conn;
    char in[4096];
    size_t in_size, calls, keep_back, gone;
    char reason[64];
} t;

static size_t on_input(void *arg, struct conn *c, struct bytes in)
{
    size_t used = in.size > t.keep_back ? in.size - t.keep_back : 0;

    CU_ASSERT_PTR_EQUAL(arg, &t);
    t.conn = c;
    t.calls++;
    if (t.in_size + used < sizeof t.in) {
        memcpy(t.in + t.in_size, in.data, used);
        t.in_size += used;
    }
    return used;
}

static void on_gone(void *arg, struct conn *c, const char *reason)
{
    CU_ASSERT_PTR_EQUAL(arg, &t);
    (void)c;
    t.gone++;
    (void)snprintf(t.reason, sizeof t.reason, "%s", reason);
}

static void on_guard(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
    t.late = true;
}

static void start(uint32_t connections_max, uint32_t unauthenticated_max)
{
    static const struct conns_ops ops = { .input = on_input, .gone = on_gone };
    const struct conns_config config = {
        .host = BYTES("127.0.0.1"),
        .connections_max = connections_max,
        .unauthenticated_max = unauthenticated_max,
        .logon_timeout_ms = 1000,
        .send_timeout_ms = 30000,
    };
    char error[256] = "";

    memset(&t, 0, sizeof t);
    log_setup(LOG_ERROR, LOG_TEXT);
    t.loop = ev_loop_new(EVFLAG_AUTO);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.loop);
    ev_timer_init(&t.guard, on_guard, GUARD_S, 0.);
    ev_timer_start(t.loop, &t.guard);
    t.set = conns_new(t.loop, &config, &ops, &t, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.set);
}

static void stop(void)
{
    CU_ASSERT_FALSE(t.late);
    conns_free(t.set);
    ev_timer_stop(t.loop, &t.guard);
    ev_loop_destroy(t.loop);
    log_setup(LOG_INFO, LOG_TEXT);
}

/* A client, blocking, with a time-out of its own. */
static int client(void)
{
    const struct timeval limit = { .tv_sec = (time_t)GUARD_S };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(conns_port(t.set)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    CU_ASSERT_EQUAL(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

#define RUN_UNTIL(condition)                                                                       \
    while (!(condition) && !t.late) {                                                              \
        (void)ev_run(t.loop, EVRUN_ONCE);                                                          \
    }

static bool hears(int fd, const char *text)
{
    char got[256] = "";
    size_t size = strlen(text), have = 0;

    while (have < size) {
        ssize_t n = recv(fd, got + have, size - have, 0);

        if (n <= 0) {
            return false;
        }
        have += (size_t)n;
    }
    return memcmp(got, text, size) == 0;
}

static bool is_silent(int fd)
{
    char c;

    return recv(fd, &c, 1, MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static bool hears_the_end(int fd)
{
    char c;

    return recv(fd, &c, 1, 0) == 0;
}

static bool is_ended(int fd)
{
    char c;

    return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

static void nothing_is_written_before_it_is_durable(void)
{
    const struct bytes out = BYTES("firstsecond");
    int fd;

    start(10, 10);
    fd = client();
    say(fd, "x");
    RUN_UNTIL(t.conn != NULL);
    conn_mark(t.conn, 5, 7);
    CU_ASSERT_EQUAL(conn_write(t.conn, out, 6), 0);
    CU_ASSERT_TRUE(is_silent(fd));
    CU_ASSERT_TRUE(conn_is_behind(t.conn));
    conn_mark(t.conn, 11, 8);
    CU_ASSERT_EQUAL(conn_write(t.conn, out, 7), 5);
    CU_ASSERT_TRUE(hears(fd, "first"));
    CU_ASSERT_TRUE(is_silent(fd));
    CU_ASSERT_EQUAL(conn_write(t.conn, (struct bytes){ out.data + 5, 6 }, 7), 0);
    CU_ASSERT_EQUAL(conn_write(t.conn, (struct bytes){ out.data + 5, 6 }, 8), 6);
    CU_ASSERT_TRUE(hears(fd, "second"));
    CU_ASSERT_FALSE(conn_is_behind(t.conn));
    (void)close(fd);
    stop();
}

static void more_marks_than_room_wait_longer_never_less(void)
{
    static const char text[] = "0123456789abcdefghij";
    size_t went = 0;
    int fd;

    start(10, 10);
    fd = client();
    say(fd, "x");
    RUN_UNTIL(t.conn != NULL);
    for (size_t i = 1; i <= 20; i++) {
        conn_mark(t.conn, i, i);
    }
    for (uint64_t durable = 0; durable <= 20; durable++) {
        went += conn_write(t.conn, (struct bytes){ text + went, 20 - went }, durable);
        CU_ASSERT(went <= durable);
    }
    CU_ASSERT_EQUAL(went, 20);
    CU_ASSERT_TRUE(hears(fd, text));
    (void)close(fd);
    stop();
}

static void rest_of_a_message_comes_again_with_more(void)
{
    int fd;

    start(10, 10);
    fd = client();
    t.keep_back = 3;
    say(fd, "abcdef");
    RUN_UNTIL(t.calls == 1);
    CU_ASSERT_EQUAL(t.in_size, 3);
    say(fd, "ghi");
    RUN_UNTIL(t.calls == 2);
    CU_ASSERT_EQUAL(t.in_size, 6);
    t.keep_back = 0;
    say(fd, "j");
    RUN_UNTIL(t.calls == 3);
    CU_ASSERT_EQUAL(t.in_size, 10);
    CU_ASSERT_EQUAL(memcmp(t.in, "abcdefghij", 10), 0);
    (void)close(fd);
    RUN_UNTIL(t.gone == 1);
    CU_ASSERT_STRING_EQUAL(t.reason, "closed by the client");
    CU_ASSERT_EQUAL(conns_count(t.set), 0);
    stop();
}

static void limit_of_the_unauthenticated_frees_up_with_a_logon(void)
{
    int first, second, third;

    start(10, 1);
    first = client();
    say(first, "x");
    RUN_UNTIL(t.conn != NULL);
    second = client();
    RUN_UNTIL(is_ended(second));
    CU_ASSERT_EQUAL(conns_count(t.set), 1);
    conn_known(t.conn);
    third = client();
    say(third, "y");
    RUN_UNTIL(t.calls == 2);
    CU_ASSERT_EQUAL(conns_count(t.set), 2);
    (void)close(first);
    (void)close(second);
    (void)close(third);
    stop();
}

static void connection_without_logon_is_closed_in_time(void)
{
    struct instant now = { .mono_us = loop_now().mono_us, .wall_us = 0 };
    int fd;

    start(10, 10);
    fd = client();
    RUN_UNTIL(conns_count(t.set) == 1);
    CU_ASSERT(conns_deadline(t.set) > now.mono_us);
    conns_tick(t.set, &now);
    CU_ASSERT_EQUAL(t.gone, 0);
    now.mono_us = conns_deadline(t.set);
    conns_tick(t.set, &now);
    CU_ASSERT_EQUAL(t.gone, 1);
    CU_ASSERT_STRING_EQUAL(t.reason, "no Logon in time");
    CU_ASSERT_TRUE(hears_the_end(fd));
    conns_sweep(t.set);
    (void)close(fd);
    stop();
}

static void last_bytes_arrive_then_the_end(void)
{
    const struct instant now = { .mono_us = loop_now().mono_us, .wall_us = 0 };
    int fd;

    start(10, 10);
    fd = client();
    say(fd, "x");
    RUN_UNTIL(t.conn != NULL);
    conn_finish(t.conn, BYTES("goodbye"), &now);
    CU_ASSERT_EQUAL(conns_waiting(t.set), 1);
    CU_ASSERT_PTR_EQUAL(conns_take_waiting(t.set), t.conn);
    conn_mark(t.conn, 7, 3);
    CU_ASSERT_EQUAL(conn_write(t.conn, (struct bytes){ NULL, 0 }, 2), 0);
    CU_ASSERT_TRUE(is_silent(fd));
    CU_ASSERT_EQUAL(conn_write(t.conn, (struct bytes){ NULL, 0 }, 3), 7);
    CU_ASSERT_TRUE(hears(fd, "goodbye"));
    CU_ASSERT_TRUE(hears_the_end(fd));
    (void)close(fd);
    RUN_UNTIL(conns_count(t.set) == 0);
    CU_ASSERT_EQUAL(t.gone, 0);
    stop();
}

static void full_socket_is_written_on_when_it_drains(void)
{
    static char big[8 * 1024 * 1024];
    static char got[64 * 1024];
    struct bytes left = { big, sizeof big };
    size_t have = 0;
    int fd;

    start(10, 10);
    fd = client();
    say(fd, "x");
    RUN_UNTIL(t.conn != NULL);
    conn_known(t.conn);
    conn_mark(t.conn, sizeof big, 1);
    while (have < sizeof big && !t.late) {
        size_t put = conn_write(t.conn, left, 1);
        ssize_t n;

        left = (struct bytes){ left.data + put, left.size - put };
        if (left.size > 0) {
            CU_ASSERT_TRUE(conn_is_blocked(t.conn));
        }
        while ((n = recv(fd, got, sizeof got, MSG_DONTWAIT)) > 0) {
            have += (size_t)n;
        }
        if (left.size > 0) {
            RUN_UNTIL(conns_take_waiting(t.set) == t.conn);
        }
    }
    CU_ASSERT_EQUAL(have, sizeof big);
    CU_ASSERT_FALSE(conn_is_blocked(t.conn));
    (void)close(fd);
    stop();
}

static void taken_port_is_told(void)
{
    const struct conns_ops ops = { .input = on_input, .gone = on_gone };
    struct conns_config config = { .host = BYTES("127.0.0.1") };
    char error[256] = "";

    start(1, 1);
    config.port = conns_port(t.set);
    CU_ASSERT_PTR_NULL(conns_new(t.loop, &config, &ops, &t, error));
    CU_ASSERT_STRING_EQUAL(error, strerror(EADDRINUSE));
    stop();
}

CU_TestInfo conn_tests[] = {
    { "nothing is written before it is durable", nothing_is_written_before_it_is_durable },
    { "more marks than room wait longer, never less", more_marks_than_room_wait_longer_never_less },
    { "the rest of a message comes again with more", rest_of_a_message_comes_again_with_more },
    { "the limit of the unauthenticated frees up with a Logon",
      limit_of_the_unauthenticated_frees_up_with_a_logon },
    { "a connection without Logon is closed in time", connection_without_logon_is_closed_in_time },
    { "the last bytes arrive, then the end", last_bytes_arrive_then_the_end },
    { "a full socket is written on when it drains", full_socket_is_written_on_when_it_drains },
    { "a taken port is told", taken_port_is_told },
    CU_TEST_INFO_NULL,
};
