/* See raw_server.h. */
#include "raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 512

struct raw_connection {
    struct raw_server *server;
    pthread_t thread;
    int fd;
    int number;
    SSL *ssl;
    char *data;
    size_t used;  /* bytes in data */
    size_t taken; /* of them, returned by the last raw_read */
};

struct raw_server {
    raw_script_fn *script;
    SSL_CTX *tls;
    pthread_t thread;
    int fd;
    int port;
    atomic_int requests;
    atomic_int accepted;
    struct raw_connection connections[CONNECTIONS_MAX];
};

static ssize_t read_some(struct raw_connection *c, char *to, size_t room)
{
    return c->ssl != NULL ? SSL_read(c->ssl, to, (int)room) : recv(c->fd, to, room, 0);
}

static size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");

    return at == NULL ? 0 : (size_t)strtoul(at + strlen("\r\ncontent-length:"), NULL, 10);
}

static bool whole_request(const struct raw_connection *c, size_t *size)
{
    const char *end = strstr(c->data, "\r\n\r\n");

    if (end == NULL) {
        return false;
    }
    *size = (size_t)(end - c->data) + 4 + content_length(c->data);
    return c->used >= *size;
}

const char *raw_read(struct raw_connection *c)
{
    size_t size = 0;

    memmove(c->data, c->data + c->taken, c->used - c->taken);
    c->used -= c->taken;
    c->taken = 0;
    c->data[c->used] = '\0';
    while (!whole_request(c, &size)) {
        ssize_t n = c->used < RAW_REQUEST_MAX
                        ? read_some(c, c->data + c->used, RAW_REQUEST_MAX - c->used)
                        : -1;

        if (n <= 0) {
            return NULL;
        }
        c->used += (size_t)n;
        c->data[c->used] = '\0';
    }
    c->taken = size;
    atomic_fetch_add(&c->server->requests, 1);
    return c->data;
}

bool raw_write(struct raw_connection *c, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t n =
            c->ssl != NULL ? SSL_write(c->ssl, at, (int)size) : send(c->fd, at, size, MSG_NOSIGNAL);

        if (n <= 0) {
            return false;
        }
        at += n;
        size -= (size_t)n;
    }
    return true;
}

bool raw_text(struct raw_connection *c, const char *text)
{
    return raw_write(c, text, strlen(text));
}

bool raw_ok(struct raw_connection *c, const char *body)
{
    char head[128];

    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: %zu\r\n\r\n", strlen(body));
    return raw_text(c, head) && raw_text(c, body);
}

void raw_wait_end(struct raw_connection *c)
{
    char waste[256];

    while (read_some(c, waste, sizeof waste) > 0) {
    }
}

void raw_reset(struct raw_connection *c)
{
    struct linger now = { 1, 0 };

    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int raw_count(struct raw_connection *c)
{
    return raw_server_requests(c->server);
}

static void *serve(void *arg)
{
    struct raw_connection *c = arg;
    bool up = true;

    if (c->server->tls != NULL) {
        c->ssl = SSL_new(c->server->tls);
        SSL_set_fd(c->ssl, c->fd);
        up = SSL_accept(c->ssl) == 1;
    }
    if (up) {
        c->server->script(c, c->number);
    }
    (void)shutdown(c->fd, SHUT_WR);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct raw_server *s = arg;

    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0;) {
        int index = atomic_load(&s->accepted);
        struct raw_connection *c = &s->connections[index];

        if (index == CONNECTIONS_MAX) {
            abort();
        }
        c->server = s;
        c->fd = fd;
        c->number = index + 1;
        c->data = calloc(1, RAW_REQUEST_MAX + 1);
        atomic_store(&s->accepted, index + 1);
        if (c->data == NULL || pthread_create(&c->thread, NULL, serve, c) != 0) {
            abort();
        }
    }
    return NULL;
}

struct raw_server *raw_server_new(raw_script_fn *script, const char *cert_file,
                                  const char *key_file)
{
    struct raw_server *s = calloc(1, sizeof *s);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    if (s == NULL) {
        abort();
    }
    s->script = script;
    if (cert_file != NULL) {
        s->tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_file(s->tls, cert_file, SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(s->tls, key_file, SSL_FILETYPE_PEM) != 1) {
            abort();
        }
    }
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(s->fd, 256) != 0 || getsockname(s->fd, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&s->thread, NULL, accept_all, s) != 0) {
        abort();
    }
    s->port = ntohs(address.sin_port);
    return s;
}

void raw_server_free(struct raw_server *s)
{
    (void)shutdown(s->fd, SHUT_RDWR);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
    for (int i = 0; i < atomic_load(&s->accepted); i++) {
        struct raw_connection *c = &s->connections[i];

        (void)shutdown(c->fd, SHUT_RDWR);
        (void)pthread_join(c->thread, NULL);
        SSL_free(c->ssl);
        (void)close(c->fd);
        free(c->data);
    }
    SSL_CTX_free(s->tls);
    free(s);
}

int raw_server_port(const struct raw_server *s)
{
    return s->port;
}

int raw_server_requests(struct raw_server *s)
{
    return atomic_load(&s->requests);
}

int raw_server_connections(struct raw_server *s)
{
    return atomic_load(&s->accepted);
}

static bool write_pem(const char *cert_file, X509 *cert, const char *key_file, EVP_PKEY *key)
{
    FILE *cert_to = fopen(cert_file, "w");
    FILE *key_to = fopen(key_file, "w");
    bool ok = cert_to != NULL && key_to != NULL && PEM_write_X509(cert_to, cert) == 1 &&
              PEM_write_PrivateKey(key_to, key, NULL, NULL, 0, NULL, NULL) == 1;

    ok = (cert_to == NULL || fclose(cert_to) == 0) && ok;
    return (key_to == NULL || fclose(key_to) == 0) && ok;
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return ok;
}

bool raw_make_certificate(const char *cert_file, const char *key_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    bool ok = key != NULL && X509_set_version(cert, 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(cert), 24 * 3600) != NULL &&
              X509_set_pubkey(cert, key) == 1 &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                         (const unsigned char *)"localhost", -1, -1, 0) == 1 &&
              X509_set_issuer_name(cert, name) == 1 &&
              add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
              add_extension(cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1") &&
              X509_sign(cert, key, EVP_sha256()) > 0 && write_pem(cert_file, cert, key_file, key);

    X509_free(cert);
    EVP_PKEY_free(key);
    return ok;
}
