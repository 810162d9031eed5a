/*
 * One libcurl easy handle: its options, one request into it, one response out of it. Knows no loop.
 *
 * The request must leave this host at most once. libcurl by itself sends a request again on a new
 * connection when a reused one dies before the first byte of an answer (and after HTTP/2's
 * REFUSED_STREAM and HTTP_1_1_REQUIRED): right for web pages, a second order here. Every such
 * repetition passes through the pre-request callback, so its second call within one transfer ends
 * the transfer. The first call is also the latest moment at which provably nothing of the request
 * has left.
 */
#include "http_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static int on_request(void *line, char *remote, char *local, int remote_port, int local_port)
{
    struct http_line *l = line;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (l->asked) {
        l->repeat = true;
        return CURL_PREREQFUNC_ABORT;
    }
    l->asked = true;
    return CURL_PREREQFUNC_OK;
}

static bool is_blank_line(struct bytes line)
{
    return bytes_is(line, "\r\n") || bytes_is(line, "\n");
}

static size_t on_header(char *data, size_t one, size_t size, void *line)
{
    struct http_line *l = line;
    struct buf *head = &l->call->answer_head;
    struct bytes text = { data, size * one };

    if (size >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        buf_clear(head); /* a status line: what came before belonged to a 1xx answer */
        return text.size;
    }
    if (is_blank_line(text)) {
        return text.size;
    }
    buf_bytes(head, text);
    if (head->failed) {
        l->why = "response head too large";
        return 0;
    }
    return text.size;
}

static size_t on_body(char *data, size_t one, size_t size, void *line)
{
    struct http_line *l = line;
    struct buf *body = &l->call->answer_body;

    buf_add(body, data, size * one);
    if (body->failed) {
        l->why = "response body too large";
        return 0;
    }
    return size * one;
}

/* True when all of a list of curl_easy_setopt were taken. */
static bool set_limits(CURL *easy, const struct http_pool *p)
{
    return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)p->connect_timeout_ms) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, HTTP_IDLE_MAX_S) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "fixbridge") == CURLE_OK;
}

static bool set_peer(CURL *easy, const struct http_pool *p)
{
    return curl_easy_setopt(easy, CURLOPT_URL, p->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                            p->http2 ? (long)CURL_HTTP_VERSION_2TLS
                                     : (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PIPEWAIT, p->http2 ? 1L : 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           (p->ca_file == NULL || curl_easy_setopt(easy, CURLOPT_CAINFO, p->ca_file) == CURLE_OK) &&
           (p->interface_ == NULL ||
            curl_easy_setopt(easy, CURLOPT_INTERFACE, p->interface_) == CURLE_OK) &&
           /* NULL leaves it to the environment, "" means none. Always CONNECT: with an absolute URI
            * the request line would not be the one that was signed. */
           (p->proxy == NULL || curl_easy_setopt(easy, CURLOPT_PROXY, p->proxy) == CURLE_OK) &&
           curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SHARE, p->client->share) == CURLE_OK;
}

static bool set_callbacks(CURL *easy, struct http_pool *p, struct http_line *l)
{
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, l) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, l->error) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, l) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, l) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, l) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_loop_open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, p) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, http_loop_close_socket) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, p) == CURLE_OK;
}

struct http_line *http_line_new(struct http_pool *p)
{
    struct http_line *l = calloc(1, sizeof *l);

    if (l == NULL) {
        return NULL;
    }
    l->pool = p;
    l->multi = p->direct ? http_loop_multi(p) : p->multis;
    l->fd = CURL_SOCKET_BAD;
    l->easy = curl_easy_init();
    l->method = HTTP_GET;
    l->plain = true;
    if (l->multi == NULL || l->easy == NULL || !set_limits(l->easy, p) || !set_peer(l->easy, p) ||
        !set_callbacks(l->easy, p, l)) {
        http_line_free(l);
        return NULL;
    }
    return l;
}

void http_line_free(struct http_line *l)
{
    if (l == NULL) {
        return;
    }
    curl_easy_cleanup(l->easy);
    free(l);
}

/* GET and POST are libcurl's own; the rest, and a GET with a body, only change the word. */
static bool set_method(struct http_line *l, const struct http_call *call)
{
    bool body = call->body_size > 0 || call->method == HTTP_POST || call->method == HTTP_PUT;
    bool plain = call->method == HTTP_POST || (call->method == HTTP_GET && !body);
    CURLcode code;

    if (body) {
        code = curl_easy_setopt(l->easy, CURLOPT_POSTFIELDSIZE, (long)call->body_size);
        code = code != CURLE_OK ? code
                                : curl_easy_setopt(l->easy, CURLOPT_POSTFIELDS, call->body.data);
        code = code != CURLE_OK ? code : curl_easy_setopt(l->easy, CURLOPT_POST, 1L);
    } else {
        code = curl_easy_setopt(l->easy, CURLOPT_HTTPGET, 1L);
    }
    if (code == CURLE_OK && (!plain || !l->plain)) {
        code = curl_easy_setopt(l->easy, CURLOPT_CUSTOMREQUEST,
                                plain ? NULL : http_method_text(call->method));
    }
    l->plain = plain;
    l->method = call->method;
    return code == CURLE_OK;
}

bool http_line_load(struct http_line *l, struct http_call *call, int64_t now_us)
{
    int64_t left_ms = (call->deadline_us - now_us + US_PER_MS - 1) / US_PER_MS;

    l->call = call;
    l->asked = false;
    l->repeat = false;
    l->why = NULL;
    l->error[0] = '\0';
    return set_method(l, call) &&
           curl_easy_setopt(l->easy, CURLOPT_REQUEST_TARGET, call->target.data) == CURLE_OK &&
           curl_easy_setopt(l->easy, CURLOPT_HTTPHEADER, call->lines) == CURLE_OK &&
           curl_easy_setopt(l->easy, CURLOPT_TIMEOUT_MS, (long)(left_ms < 1 ? 1 : left_ms)) ==
               CURLE_OK;
}

static const char *reason(const struct http_line *l, CURLcode code)
{
    if (l->repeat) {
        return "connection died before an answer; not sent again";
    }
    if (l->why != NULL) {
        return l->why;
    }
    return l->error[0] != '\0' ? l->error : curl_easy_strerror(code);
}

void http_line_finish(struct http_line *l, CURLcode code)
{
    struct http_call *call = l->call;
    long status = 0;
    long version = 0;

    l->call = NULL;
    (void)curl_easy_getinfo(l->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status >= 100 && status <= 999) {
        call->failure = HTTP_ANSWERED;
        call->status = (int)status;
        (void)curl_easy_getinfo(l->easy, CURLINFO_HTTP_VERSION, &version);
        call->pool->multiplexed = version == CURL_HTTP_VERSION_2_0;
        return;
    }
    call->failure = l->asked ? HTTP_SENT_UNANSWERED : HTTP_NEVER_SENT;
    (void)snprintf(call->error, sizeof call->error, "%s", reason(l, code));
}
