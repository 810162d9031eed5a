/*
 * Transport: requests a second and CPU a request, 8 connections, POST of 200 bytes, against an
 * epoll server in another thread: direct, and as libcurl transfers; beside them the same by a bare
 * libcurl multi loop (curl_multi_poll, handles and header lists reused, nothing classified). CPU is
 * the client thread's.
 *
 *     bench_transport [requests]
 */
#include "http_client.h"

#include <curl/curl.h>
#include <ev.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 8
#define BODY_SIZE 200

static char body[BODY_SIZE + 1];
static int port;

static void require(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench_transport: %s\n", what);
        exit(1);
    }
}

static double now_s(clockid_t clock)
{
    struct timespec ts;

    (void)clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* Answers whatever arrives in one piece, which on loopback a small request does. */
static void *serve(void *arg)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Content-Length: 15\r\n\r\n{\"result\":\"ok\"}";
    int listener = *(int *)arg;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
    char waste[4096];

    require(epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) == 0, "epoll");
    for (;;) {
        struct epoll_event ready[64];
        int count = epoll_wait(poll, ready, 64, -1);

        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;

            if (fd == listener) {
                event.data.fd = accept(listener, NULL, NULL);
                require(epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event) == 0, "epoll");
            } else if (recv(fd, waste, sizeof waste, 0) <= 0 ||
                       send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) {
                (void)close(fd);
            }
        }
    }
    return NULL;
}

static void start_server(void)
{
    static int listener;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    pthread_t thread;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    require(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 64) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &size) == 0 &&
                pthread_create(&thread, NULL, serve, &listener) == 0,
            "server");
    port = ntohs(address.sin_port);
}

static void report(const char *name, unsigned long requests, double wall, double cpu)
{
    (void)printf("%-22s %8.0f requests/s, %6.2f us CPU/request\n", name, (double)requests / wall,
                 cpu * 1e6 / (double)requests);
}

static void run_client(unsigned long requests, bool direct)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct http_client *client = http_client_new(loop);
    struct http_pool_config config = { .proxy = BYTES("none"),
                                       .connections_max = CONNECTIONS,
                                       .direct = direct };
    struct http_pool *pool;
    struct http_request r;
    struct http_done done;
    unsigned long started = 0;
    unsigned long finished = 0;
    char url[64];
    double wall = now_s(CLOCK_MONOTONIC);
    double cpu = now_s(CLOCK_THREAD_CPUTIME_ID);

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
    config.base_url = bytes_of(url);
    pool = http_client_pool(client, &config);
    require(pool != NULL, "pool");
    http_request_init(&r);
    r.method = HTTP_POST;
    buf_text(&r.target, "/orders");
    buf_text(&r.body, body);
    http_request_header(&r, "Content-Type", BYTES("application/json"));
    http_request_header(&r, "X-Sign", BYTES("0123456789012345678901234567890123456789"));
    while (finished < requests) {
        while (started < requests && started - finished < CONNECTIONS) {
            require(http_client_start(pool, started++, &r), "start");
        }
        ev_run(loop, EVRUN_ONCE);
        while (http_client_next(client, &done)) {
            require(done.failure == HTTP_ANSWERED, "answer");
            finished++;
            http_client_release(client, &done);
        }
    }
    report(direct ? "direct" : "transfer", requests, now_s(CLOCK_MONOTONIC) - wall,
           now_s(CLOCK_THREAD_CPUTIME_ID) - cpu);
    http_request_fini(&r);
    http_client_free(client);
    ev_loop_destroy(loop);
}

static size_t ignore(char *data, size_t one, size_t size, void *arg)
{
    (void)data;
    (void)arg;
    return one * size;
}

static CURL *bare_handle(struct curl_slist *headers)
{
    CURL *easy = curl_easy_init();
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/orders", port);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
    return easy;
}

static void run_bare(unsigned long requests)
{
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL *easy[CONNECTIONS];
    unsigned long started = CONNECTIONS;
    unsigned long finished = 0;
    double wall = now_s(CLOCK_MONOTONIC);
    double cpu = now_s(CLOCK_THREAD_CPUTIME_ID);

    headers = curl_slist_append(headers, "X-Sign: 0123456789012345678901234567890123456789");
    for (int i = 0; i < CONNECTIONS; i++) {
        easy[i] = bare_handle(headers);
        (void)curl_multi_add_handle(multi, easy[i]);
    }
    while (finished < requests) {
        struct CURLMsg *message;
        int left;

        (void)curl_multi_perform(multi, &left);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            CURL *one = message->easy_handle;

            require(message->data.result == CURLE_OK, "bare answer");
            (void)curl_multi_remove_handle(multi, one);
            finished++;
            if (started < requests) {
                started++;
                (void)curl_multi_add_handle(multi, one);
            }
        }
        if (finished < requests) {
            (void)curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    }
    report("bare libcurl multi", requests, now_s(CLOCK_MONOTONIC) - wall,
           now_s(CLOCK_THREAD_CPUTIME_ID) - cpu);
    for (int i = 0; i < CONNECTIONS; i++) {
        (void)curl_multi_remove_handle(multi, easy[i]);
        curl_easy_cleanup(easy[i]);
    }
    (void)curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
}

int main(int argc, char **argv)
{
    unsigned long requests = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;

    require(requests >= CONNECTIONS, "at least 8 requests");
    memset(body, 'b', BODY_SIZE);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    start_server();
    for (int round = 0; round < 3; round++) {
        run_client(requests, true);
        run_client(requests, false);
        run_bare(requests);
    }
    return 0;
}
