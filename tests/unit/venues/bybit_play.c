/*
 * See bybit_play.h.
 */
#include "bybit_play.h"

#include <stdio.h>
#include <stdlib.h>

#include "bybit.h"

#define OPTIONS_MAX 8

struct account_in_test {
    struct venue_account account;
    struct venue_arg option[OPTIONS_MAX];
};

void bybit_understand(const char *text, struct call_text *out)
{
    struct bytes bad = { NULL, 0 };

    if (!call_text_parse(bytes_of(text), out, &bad)) {
        fprintf(stderr, "call not understood at '%.*s': %s\n", BYTES_ARG(bad), text);
        abort();
    }
}

static const char *account_open(struct account_in_test *t, const char *options)
{
    const char *error = NULL;

    memset(t, 0, sizeof *t);
    t->account = (struct venue_account){ .driver = &venue_bybit,
                                         .name = BYTES("test"),
                                         .key = BYTES(BYBIT_TEST_KEY),
                                         .secret = BYTES(BYBIT_TEST_SECRET),
                                         .option = t->option };
    while (*options != '\0' && t->account.option_count < OPTIONS_MAX) {
        size_t name = strcspn(options, "= ");
        const char *value = options + name + (options[name] == '=');
        size_t size = strcspn(value, " ");

        t->option[t->account.option_count++] =
            (struct venue_arg){ { options, name }, { value, size } };
        options = value + size + (value[size] == ' ');
    }
    return venue_bybit.account_open(&t->account, &error) ? NULL
           : error != NULL                               ? error
                                                         : "no reason given";
}

const char *bybit_account_error(const char *options)
{
    struct account_in_test t;
    const char *error = account_open(&t, options);

    venue_bybit.account_close(&t.account);
    return error;
}

static enum venue_error build(const char *options, const struct venue_call *call,
                              struct http_request *request)
{
    struct account_in_test t;
    const char *why = account_open(&t, options);
    enum venue_error error;

    if (why != NULL) {
        fprintf(stderr, "account '%s': %s\n", options, why);
        abort();
    }
    error = venue_bybit.endpoint[call->op].build(&t.account, call, request);
    venue_bybit.account_close(&t.account);
    return error;
}

bool bybit_builds_call(const char *options, const struct venue_call *call, const char *target,
                       const char *body)
{
    struct http_request r;
    enum venue_error error;
    bool same;

    http_request_init(&r);
    error = build(options, call, &r);
    same = error == VENUE_BUILD_OK && bytes_is(buf_view(&r.target), target) &&
           bytes_is(buf_view(&r.body), body);
    if (!same) {
        fprintf(stderr, "%s\n  built  %.*s | %.*s\n  wanted %s | %s\n", venue_error_text(error),
                BYTES_ARG(buf_view(&r.target)), BYTES_ARG(buf_view(&r.body)), target, body);
    }
    http_request_fini(&r);
    return same;
}

bool bybit_builds(const char *options, const char *call, const char *target, const char *body)
{
    struct call_text c;

    bybit_understand(call, &c);
    return bybit_builds_call(options, &c.call, target, body);
}

enum venue_error bybit_build_call_error(const char *options, const struct venue_call *call)
{
    struct http_request r;
    enum venue_error error;

    http_request_init(&r);
    error = build(options, call, &r);
    http_request_fini(&r);
    return error;
}

enum venue_error bybit_build_error(const char *options, const char *call)
{
    struct call_text c;

    bybit_understand(call, &c);
    return bybit_build_call_error(options, &c.call);
}

const char *bybit_built_header(const char *options, const char *call, const char *name)
{
    static char text[256];
    struct call_text c;
    struct http_request r;
    struct http_response as_response = { .status = 0 };
    struct bytes value;

    bybit_understand(call, &c);
    http_request_init(&r);
    text[0] = '\0';
    if (build(options, &c.call, &r) == VENUE_BUILD_OK) {
        as_response.headers = buf_view(&r.headers);
        if (!http_response_header(&as_response, name, &value) ||
            !bytes_to_field(value, text, sizeof text)) {
            text[0] = '\0';
        }
    }
    http_request_fini(&r);
    return text;
}

void bybit_played_begin(struct bybit_played *p, const char *call, int status, const char *headers,
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
    bybit_understand(call, &c);
    p->outcome = venue_bybit.endpoint[c.call.op].parse(&c.call, &rsp, p->arena, &p->reply);
    free(copy);
}

void bybit_played_end(struct bybit_played *p)
{
    arena_free(p->arena);
}
