/*
 * The bare path: how little the same order could cost on this machine. One thread, one epoll; FIX
 * just good enough for fixclient's load mode (a Logon, NewOrderSingle in, one ExecutionReport New
 * out); HTTP with a real Kraken Futures signature over connections kept open; and, unless asked
 * not to, one fdatasync a turn for all orders and reports of the turn before any of them leaves,
 * which is what the bridge promises too. No validation, no order state, no recovery, no resend, no
 * error handling but to stop: a measuring stick, never a service.
 *
 *     bare_path --url http://127.0.0.1:PORT --secret BASE64 --port-file FILE [--journal FILE]
 *
 * Without --journal nothing is durable. Everything arrives in whole messages or is waited for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "bounds.h"
#include "buf.h"
#include "sign.h"
#include "timestamp.h"

#define LINES 16
#define CLIENTS_MAX 1100
#define INPUT_SIZE (256 * 1024)
#define ORDERS_MAX 65536 /* open at once; a power of two */
#define PATH "/api/v3/sendorder"
#define SOH "\001"

struct order {
    unsigned client;
    char id[40], symbol[24], qty[24], price[24], side;
};

/* Either end: a FIX client or a connection to the venue. */
struct end {
    int fd;
    bool venue, busy, waiting, resets;
    unsigned seq;
    size_t in_size;
    char *in;
    struct buf out;
    char sender[48];
    uint64_t order;
};

static struct end line[LINES], client[CLIENTS_MAX];
static struct end *waiting[LINES + CLIENTS_MAX]; /* with output for the end of the turn */
static unsigned clients, waitings;
static struct order order[ORDERS_MAX];
static uint64_t orders_in, orders_sent;
static int poll_fd, listener, journal = -1;
static struct buf batch;
static struct sign_hmac *hmac;
static struct sign_hasher *sha256;
static char now_text[TIMESTAMP_TEXT_MAX];

static void require(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bare_path: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void watch(struct end *e)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = e };
    int one = 1;

    e->in = malloc(INPUT_SIZE);
    require(e->in != NULL && setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
                epoll_ctl(poll_fd, EPOLL_CTL_ADD, e->fd, &event) == 0,
            "connection");
    buf_init(&e->out, 64 * 1024 * 1024);
}

static void will_send(struct end *e)
{
    if (!e->waiting) {
        e->waiting = true;
        waiting[waitings++] = e;
    }
}

/* ---- FIX ----------------------------------------------------------------------------------- */

static void fix_send(struct end *c, const char *type, const char *body, int size)
{
    char head[256];
    int inner = snprintf(head, sizeof head,
                         "35=%s" SOH "49=FIXBRIDGE" SOH "56=%s" SOH "34=%u" SOH "52=%s" SOH, type,
                         c->sender, ++c->seq, now_text);
    size_t start = c->out.size;
    unsigned sum = 0;

    buf_printf(&c->out, "8=FIX.4.4" SOH "9=%d" SOH, inner + size);
    buf_add(&c->out, head, (size_t)inner);
    buf_add(&c->out, body, (size_t)size);
    for (size_t i = start; i < c->out.size; i++) {
        sum += (unsigned char)c->out.data[i];
    }
    buf_printf(&c->out, "10=%03u" SOH, sum % 256);
    buf_add(&batch, c->out.data + start, c->out.size - start);
    will_send(c);
}

static void copy(char *out, size_t room, struct bytes value)
{
    size_t n = value.size < room ? value.size : room - 1;

    memcpy(out, value.data, n);
    out[n] = '\0';
}

/* A field that matters, into the order. */
static void take_field(struct end *c, struct order *o, int tag, struct bytes value)
{
    switch (tag) {
    case 11: copy(o->id, sizeof o->id, value); break;
    case 38: copy(o->qty, sizeof o->qty, value); break;
    case 44: copy(o->price, sizeof o->price, value); break;
    case 49: copy(c->sender, sizeof c->sender, value); break;
    case 54: o->side = value.data[0]; break;
    case 55: copy(o->symbol, sizeof o->symbol, value); break;
    case 141: c->resets = value.data[0] == 'Y'; break;
    default: break;
    }
}

static char read_fields(struct end *c, struct bytes m, struct order *o)
{
    char type = '0';

    for (size_t at = 0; at < m.size;) {
        const char *eq = memchr(m.data + at, '=', m.size - at);
        const char *end = eq == NULL ? NULL : memchr(eq, 1, (size_t)(m.data + m.size - eq));
        int tag = 0;

        require(end != NULL, "a FIX field");
        for (const char *d = m.data + at; d < eq; d++) {
            tag = tag * 10 + (*d - '0');
        }
        if (tag == 35) {
            type = eq[1];
        } else {
            take_field(c, o, tag, (struct bytes){ eq + 1, (size_t)(end - eq - 1) });
        }
        at = (size_t)(end - m.data) + 1;
    }
    return type;
}

static void on_fix(struct end *c, struct bytes m)
{
    struct order *o = &order[orders_in % ORDERS_MAX];

    switch (read_fields(c, m, o)) {
    case 'A': fix_send(c, "A", "98=0" SOH "108=30" SOH "141=Y" SOH, c->resets ? 18 : 12); break;
    case 'D':
        o->client = (unsigned)(c - client);
        buf_add(&batch, m.data, m.size);
        orders_in++;
        break;
    case '5': fix_send(c, "5", "", 0); break;
    default: break;
    }
}

static size_t fix_take(struct end *c, struct bytes in)
{
    const char *nine = in.size < 20 ? NULL : memchr(in.data, 1, 20);
    const char *body =
        nine == NULL ? NULL : memchr(nine + 1, 1, in.size - (size_t)(nine - in.data) - 1);
    size_t size;

    if (body == NULL) {
        return 0;
    }
    size = (size_t)(body + 1 - in.data) + (size_t)strtoul(nine + 3, NULL, 10) + 7;
    if (size <= in.size) {
        on_fix(c, (struct bytes){ in.data, size });
        return size;
    }
    return 0;
}

/* ---- the venue ----------------------------------------------------------------------------- */

static void http_send(struct end *l, uint64_t number)
{
    static struct buf body, authent;
    const struct order *o = &order[number % ORDERS_MAX];
    unsigned char digest[SIGN_DIGEST_MAX], mac[SIGN_DIGEST_MAX];
    struct bytes message = { (const char *)digest, 0 };

    if (body.max == 0) {
        buf_init(&body, 4096);
        buf_init(&authent, 4096);
    }
    buf_clear(&body);
    buf_clear(&authent);
    buf_printf(&body, "orderType=lmt&symbol=%s&side=%s&size=%s&limitPrice=%s&cliOrdId=bare-%llu",
               o->symbol, o->side == '1' ? "buy" : "sell", o->qty, o->price,
               (unsigned long long)number);
    {
        const struct bytes parts[] = { buf_view(&body), BYTES(PATH) };

        message.size = sign_hasher_run(sha256, parts, ARRAY_LEN(parts), digest);
    }
    sign_base64(&authent, mac, sign_hmac(hmac, &message, 1, mac));
    buf_printf(&l->out,
               "POST /derivatives" PATH " HTTP/1.1\r\nHost: 127.0.0.1\r\nAPIKey: sim-key\r\n"
               "Authent: %.*s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
               "Accept: application/json\r\nContent-Length: %zu\r\n\r\n",
               BYTES_ARG(buf_view(&authent)), body.size);
    buf_bytes(&l->out, buf_view(&body));
    l->busy = true;
    l->order = number;
    will_send(l);
}

static void report_new(const struct order *o, uint64_t number)
{
    char body[512];
    int n = snprintf(body, sizeof body,
                     "37=%llu" SOH "11=%s" SOH "17=%llu" SOH "150=0" SOH "39=0" SOH "55=%s" SOH
                     "54=%c" SOH "38=%s" SOH "40=2" SOH "44=%s" SOH "151=%s" SOH "14=0" SOH
                     "6=0" SOH "60=%s" SOH,
                     (unsigned long long)number, o->id, (unsigned long long)number, o->symbol,
                     o->side, o->qty, o->price, o->qty, now_text);

    fix_send(&client[o->client], "8", body, n);
}

static size_t http_take(struct end *l, struct bytes in)
{
    const char *end = memmem(in.data, in.size, "\r\n\r\n", 4);
    const char *length = end == NULL ? NULL : memmem(in.data, in.size, "Content-Length: ", 16);
    size_t size;

    if (length == NULL) {
        return 0;
    }
    size = (size_t)(end + 4 - in.data) + (size_t)strtoul(length + 16, NULL, 10);
    if (size > in.size) {
        return 0;
    }
    if (memmem(in.data, size, "\"placed\"", 8) == NULL) {
        (void)fprintf(stderr, "bare_path: refused: %.*s\n", (int)size, in.data);
        exit(1);
    }
    l->busy = false;
    report_new(&order[l->order % ORDERS_MAX], l->order);
    return size;
}

/* ---- the loop ------------------------------------------------------------------------------ */

static void on_readable(struct end *e)
{
    ssize_t n = recv(e->fd, e->in + e->in_size, INPUT_SIZE - e->in_size, 0);
    size_t used = 0, took = 1;

    if (n <= 0) {
        if (e->venue) {
            exit(0); /* the benchmark is over */
        }
        (void)close(e->fd);
        return;
    }
    e->in_size += (size_t)n;
    while (took > 0 && used < e->in_size) {
        struct bytes rest = { e->in + used, e->in_size - used };

        took = e->venue ? http_take(e, rest) : fix_take(e, rest);
        used += took;
    }
    memmove(e->in, e->in + used, e->in_size - used);
    e->in_size -= used;
}

static void on_accept(void)
{
    struct end *c = &client[clients++];

    require(clients <= CLIENTS_MAX, "too many clients");
    c->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    require(c->fd >= 0, "accept");
    watch(c);
}

static void release(void)
{
    if (journal >= 0 && batch.size > 0) {
        require(write(journal, batch.data, batch.size) == (ssize_t)batch.size &&
                    fdatasync(journal) == 0,
                "journal");
    }
    buf_clear(&batch);
    for (size_t i = 0; i < LINES && orders_sent < orders_in; i++) {
        if (!line[i].busy) {
            http_send(&line[i], orders_sent++);
        }
    }
    for (unsigned i = 0; i < waitings; i++) {
        struct end *e = waiting[i];
        ssize_t n = send(e->fd, e->out.data, e->out.size, MSG_NOSIGNAL);

        require(n == (ssize_t)e->out.size || !e->venue, "send");
        e->waiting = false;
        buf_clear(&e->out);
    }
    waitings = 0;
}

static int64_t wall_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static void run(void)
{
    for (;;) {
        struct epoll_event event[256];
        int n = epoll_wait(poll_fd, event, 256, -1);

        timestamp_print(wall_us(), 3, now_text);
        for (int i = 0; i < n; i++) {
            if (event[i].data.ptr == NULL) {
                on_accept();
            } else {
                on_readable(event[i].data.ptr);
            }
        }
        release();
    }
}

/* ---- start --------------------------------------------------------------------------------- */

static void open_listener(const char *port_file)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct epoll_event event = { .events = EPOLLIN };
    socklen_t size = sizeof address;
    FILE *f;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    require(bind(listener, (struct sockaddr *)&address, size) == 0 &&
                listen(listener, CLIENTS_MAX) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &size) == 0 &&
                epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event) == 0,
            "listener");
    f = fopen(port_file, "w");
    require(f != NULL && fprintf(f, "127.0.0.1:%d\n", ntohs(address.sin_port)) > 0 &&
                fclose(f) == 0,
            port_file);
}

static void open_lines(const char *url)
{
    const char *port = strrchr(url, ':');
    struct sockaddr_in address = { .sin_family = AF_INET };

    require(port != NULL, "--url");
    address.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < LINES; i++) {
        line[i].venue = true;
        line[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        require(connect(line[i].fd, (struct sockaddr *)&address, sizeof address) == 0, url);
        watch(&line[i]);
    }
}

static void open_keys(const char *secret)
{
    struct buf key;

    buf_init(&key, 256);
    require(sign_base64_decode(&key, bytes_of(secret)), "--secret");
    hmac = sign_hmac_new(SIGN_SHA512, buf_view(&key));
    sha256 = sign_hasher_new(SIGN_SHA256);
    require(hmac != NULL && sha256 != NULL, "keys");
    buf_fini(&key);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "url", 1, NULL, 'u' },     { "secret", 1, NULL, 's' }, { "port-file", 1, NULL, 'p' },
        { "journal", 1, NULL, 'j' }, { NULL, 0, NULL, 0 },
    };
    const char *url = NULL, *secret = NULL, *port_file = NULL, *journal_name = NULL;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        url = c == 'u' ? optarg : url;
        secret = c == 's' ? optarg : secret;
        port_file = c == 'p' ? optarg : port_file;
        journal_name = c == 'j' ? optarg : journal_name;
    }
    if (url == NULL || secret == NULL || port_file == NULL) {
        fputs("usage: bare_path --url URL --secret BASE64 --port-file FILE [--journal FILE]\n",
              stderr);
        return 2;
    }
    buf_init(&batch, 64 * 1024 * 1024);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (journal_name != NULL) {
        journal = open(journal_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        require(journal >= 0 && posix_fallocate(journal, 0, 512 * 1024 * 1024) == 0, journal_name);
    }
    open_keys(secret);
    open_lines(url);
    open_listener(port_file);
    run();
    return 0;
}
