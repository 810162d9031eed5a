/*
 * The socket calls behind conn.c: opening a listener, names of addresses, options of a connection.
 */
#ifndef DAEMON_CONN_LISTEN_H
#define DAEMON_CONN_LISTEN_H

#include "base.h"
#include "ip_list.h"

/* A listening, non-blocking socket; -1: `error` says why. */
int conn_listen_open(struct bytes host, uint16_t port, char error[256]);
/* "127.0.0.1:9878" of the socket's own end; returns the port. */
uint16_t conn_listen_address(int fd, char *out, size_t size);
/* The same of the peer's end; gone already: "?" and an address of zeros. */
void conn_listen_peer(int fd, struct ip_address *ip, char out[IP_TEXT_MAX]);
/* TCP_NODELAY, keepalive, TCP_USER_TIMEOUT; false: errno. */
MUST_CHECK bool conn_listen_tune(int fd, uint32_t send_timeout_ms);

#endif
