/*
 * See kraken_play.h.
 */
#include "kraken_play.h"

#include <stdio.h>
#include <stdlib.h>

#include "call_text.h"
#include "kraken_futures.h"

static void understand(const char *call, struct call_text *out)
{
    struct bytes bad = { NULL, 0 };

    if (!call_text_parse(bytes_of(call), out, &bad)) {
        fprintf(stderr, "call not understood at '%.*s': %s\n", BYTES_ARG(bad), call);
        abort();
    }
}

static enum venue_error build(const char *call, struct http_request *request)
{
    struct call_text c;
    struct venue_account a = { .driver = &venue_kraken_futures,
                               .name = BYTES("test"),
                               .key = BYTES("test-key"),
                               .secret = BYTES(KRAKEN_TEST_SECRET) };
    const char *why = NULL;
    enum venue_error error;

    understand(call, &c);
    a.send_nonce = c.has_nonce;
    if (!venue_kraken_futures.account_open(&a, &why)) {
        fprintf(stderr, "account: %s\n", why);
        abort();
    }
    error = venue_kraken_futures.endpoint[c.call.op].build(&a, &c.call, request);
    venue_kraken_futures.account_close(&a);
    return error;
}

bool kraken_builds(const char *call, const char *target, const char *body)
{
    struct http_request r;
    bool same;

    http_request_init(&r);
    same = build(call, &r) == VENUE_BUILD_OK && bytes_is(buf_view(&r.target), target) &&
           bytes_is(buf_view(&r.body), body);
    if (!same) {
        fprintf(stderr, "%s\n  built  %.*s | %.*s\n  wanted %s | %s\n", call,
                BYTES_ARG(buf_view(&r.target)), BYTES_ARG(buf_view(&r.body)), target, body);
    }
    http_request_fini(&r);
    return same;
}

enum venue_error kraken_build_error(const char *call)
{
    struct http_request r;
    enum venue_error error;

    http_request_init(&r);
    error = build(call, &r);
    http_request_fini(&r);
    return error;
}

const char *kraken_built_header(const char *call, const char *name)
{
    static char text[256];
    struct http_request r;
    struct http_response as_response = { .status = 0 };
    struct bytes value;

    http_request_init(&r);
    text[0] = '\0';
    if (build(call, &r) == VENUE_BUILD_OK) {
        as_response.headers = buf_view(&r.headers);
        if (!http_response_header(&as_response, name, &value) ||
            !bytes_to_field(value, text, sizeof text)) {
            text[0] = '\0';
        }
    }
    http_request_fini(&r);
    return text;
}

void played_begin(struct played *p, const char *call, int status, const char *headers,
                  const char *body)
{
    struct call_text c;
    struct http_response rsp = { .status = status, .headers = bytes_of(headers) };
    size_t size = strlen(body);
    char *copy = malloc(size == 0 ? 1 : size); /* exactly: over-reads are seen */

    memset(p, 0, sizeof *p);
    p->arena = arena_new(16 * 1024 * 1024);
    if (copy == NULL || p->arena == NULL) {
        abort();
    }
    memcpy(copy, body, size);
    rsp.body = (struct bytes){ copy, size };
    understand(call, &c);
    p->outcome = venue_kraken_futures.endpoint[c.call.op].parse(&c.call, &rsp, p->arena, &p->reply);
    free(copy);
}

void played_end(struct played *p)
{
    arena_free(p->arena);
}
