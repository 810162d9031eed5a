/*
 * A raw TCP or TLS server for tests of the transport: each connection runs a script in a thread of
 * its own, with blocking calls, so that a script reads like the misbehaviour it plays. Port chosen
 * by the kernel.
 */
#ifndef TESTS_RAW_SERVER_H
#define TESTS_RAW_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#define RAW_REQUEST_MAX (256 * 1024)

struct raw_server;
struct raw_connection;

/* Runs one connection; it is closed when the script returns. `number` counts connections from 1. */
typedef void raw_script_fn(struct raw_connection *c, int number);

/* Certificate and key as PEM files: TLS, else NULL and plain. */
struct raw_server *raw_server_new(raw_script_fn *script, const char *cert_file,
                                  const char *key_file);
/* Stops accepting, wakes scripts that wait, joins all threads. */
void raw_server_free(struct raw_server *s);
int raw_server_port(const struct raw_server *s);
/* Whole requests read / connections accepted until now. */
int raw_server_requests(struct raw_server *s);
int raw_server_connections(struct raw_server *s);

/* The next request, head and Content-Length body, NUL-terminated, valid until the next call; NULL:
 * peer gone. */
const char *raw_read(struct raw_connection *c);
bool raw_write(struct raw_connection *c, const void *data, size_t size);
bool raw_text(struct raw_connection *c, const char *text);
/* 200 with Content-Length. */
bool raw_ok(struct raw_connection *c, const char *body);
/* Blocks until the peer closes or the server is freed. */
void raw_wait_end(struct raw_connection *c);
/* The close at the end of the script will be a reset. */
void raw_reset(struct raw_connection *c);
/* The number of requests the whole server has read, this one included. */
int raw_count(struct raw_connection *c);

/* Writes a key and a self-signed certificate for "localhost" and 127.0.0.1. */
bool raw_make_certificate(const char *cert_file, const char *key_file);

#endif
