/*
 * See bitget_play.h.
 */
#include "bitget_play.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX (16 * 1024 * 1024)

static void read_options(struct bitget_play *p, const char *options)
{
    p->account.option = p->option;
    while (*options != '\0' && p->account.option_count < ARRAY_LEN(p->option)) {
        struct venue_arg *o = &p->option[p->account.option_count++];

        o->name = (struct bytes){ options, strcspn(options, "=") };
        options += o->name.size + 1;
        o->value = (struct bytes){ options, strcspn(options, " ") };
        options += o->value.size;
        options += *options == ' ';
    }
}

bool bitget_play_open(struct bitget_play *p, const struct venue_driver *d, const char *options,
                      const char **error)
{
    memset(p, 0, sizeof *p);
    p->account = (struct venue_account){ .driver = d,
                                         .name = BYTES("test"),
                                         .key = BYTES("test-key"),
                                         .secret = BYTES("a1b2c3d4e5f60718293a4b5c6d7e8f90"),
                                         .passphrase = BYTES("test-pass") };
    read_options(p, options);
    http_request_init(&p->request);
    p->arena = arena_new(ARENA_MAX);
    if (p->arena == NULL) {
        abort();
    }
    return d->account_open(&p->account, error);
}

void bitget_play_close(struct bitget_play *p)
{
    p->account.driver->account_close(&p->account);
    http_request_fini(&p->request);
    arena_free(p->arena);
}

void bitget_play_call(struct bitget_play *p, const char *words)
{
    struct bytes bad = { NULL, 0 };

    if (!call_text_parse(bytes_of(words), &p->call, &bad)) {
        fprintf(stderr, "call not understood at '%.*s': %s\n", BYTES_ARG(bad), words);
        abort();
    }
}

enum venue_error bitget_play_build(struct bitget_play *p)
{
    return p->account.driver->endpoint[p->call.call.op].build(&p->account, &p->call.call,
                                                              &p->request);
}

bool bitget_play_builds(struct bitget_play *p, const char *target, const char *body)
{
    enum venue_error error = bitget_play_build(p);
    bool same = error == VENUE_BUILD_OK && bytes_is(buf_view(&p->request.target), target) &&
                bytes_is(buf_view(&p->request.body), body);

    if (!same) {
        fprintf(stderr, "built  (%s) %.*s | %.*s\nwanted %s | %s\n", venue_error_text(error),
                BYTES_ARG(buf_view(&p->request.target)), BYTES_ARG(buf_view(&p->request.body)),
                target, body);
    }
    return same;
}

const char *bitget_play_header(const struct bitget_play *p, const char *name)
{
    static char text[256];
    struct http_response as_response = { .headers = buf_view(&p->request.headers) };
    struct bytes value;

    if (!http_response_header(&as_response, name, &value) ||
        !bytes_to_field(value, text, sizeof text)) {
        text[0] = '\0';
    }
    return text;
}

/* The body is handed over in memory of its exact size, and is gone when the reply is looked at. */
void bitget_play_parse(struct bitget_play *p, int status, const char *body)
{
    size_t size = strlen(body);
    char *copy = malloc(size == 0 ? 1 : size);
    struct http_response rsp = { .status = status };

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, body, size);
    rsp.body = (struct bytes){ copy, size };
    arena_reset(p->arena);
    memset(&p->reply, 0, sizeof p->reply);
    p->outcome = p->account.driver->endpoint[p->call.call.op].parse(&p->call.call, &rsp, p->arena,
                                                                    &p->reply);
    free(copy);
}
