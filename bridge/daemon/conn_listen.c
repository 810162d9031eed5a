/*
 * Socket calls of the acceptor.
 */
#include "conn_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

static socklen_t make_address(struct bytes host, uint16_t port, union address *out)
{
    char text[INET6_ADDRSTRLEN + 1];

    *out = (union address){ .room = { 0 } };
    if (!bytes_to_field(bytes_is(host, "localhost") ? BYTES("127.0.0.1") : host, text,
                        sizeof text)) {
        return 0;
    }
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        return sizeof out->v4;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        return sizeof out->v6;
    }
    return 0;
}

int conn_listen_open(struct bytes host, uint16_t port, char error[256])
{
    union address address;
    socklen_t size = make_address(host, port, &address);
    const int on = 1;
    int fd = -1;

    if (size == 0) {
        (void)snprintf(error, 256, "not an address");
        return -1;
    }
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, &address.any, size) != 0 || listen(fd, BACKLOG) != 0) {
        (void)snprintf(error, 256, "%s", strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    return fd;
}

static uint16_t print_address(const union address *a, char *out, size_t size)
{
    char text[INET6_ADDRSTRLEN] = "?";

    if (a->any.sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof text);
        (void)snprintf(out, size, "[%s]:%u", text, (unsigned)ntohs(a->v6.sin6_port));
        return ntohs(a->v6.sin6_port);
    }
    (void)inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof text);
    (void)snprintf(out, size, "%s:%u", text, (unsigned)ntohs(a->v4.sin_port));
    return ntohs(a->v4.sin_port);
}

uint16_t conn_listen_address(int fd, char *out, size_t size)
{
    union address address = { .room = { 0 } };
    socklen_t length = sizeof address;

    (void)getsockname(fd, &address.any, &length); /* of a bound socket: cannot fail */
    return print_address(&address, out, size);
}

void conn_listen_peer(int fd, struct ip_address *ip, char out[IP_TEXT_MAX])
{
    union address address = { .room = { 0 } };
    socklen_t length = sizeof address;

    *ip = (struct ip_address){ .raw = { 0 } };
    if (getpeername(fd, &address.any, &length) != 0) {
        (void)snprintf(out, IP_TEXT_MAX, "?");
        return;
    }
    if (address.any.sa_family == AF_INET6) {
        *ip = ip_from_v6(address.v6.sin6_addr.s6_addr);
        ip_print(ip, ntohs(address.v6.sin6_port), out);
        return;
    }
    *ip = ip_from_v4((const unsigned char *)&address.v4.sin_addr);
    ip_print(ip, ntohs(address.v4.sin_port), out);
}

/* A dead peer is found by keepalive when idle and by the user time-out when data is under way. */
bool conn_listen_tune(int fd, uint32_t send_timeout_ms)
{
    const int on = 1, idle_s = 30, interval_s = 10, count = 3;
    const unsigned int user_timeout = send_timeout_ms;

    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout) == 0;
}
