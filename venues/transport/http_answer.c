/*
 * What http-parser finds, into the caller's buffers.
 */
#include "http_answer.h"

#include <http_parser.h>

_Static_assert(sizeof(http_parser) <= HTTP_ANSWER_PARSER_SIZE && _Alignof(http_parser) <= 8,
               "struct http_answer must hold an http_parser");

static http_parser *parser_of(struct http_answer *a)
{
    return (http_parser *)(void *)a->parser;
}

static const http_parser *constant_parser_of(const struct http_answer *a)
{
    return (const http_parser *)(const void *)a->parser;
}

static int on_begin(http_parser *parser)
{
    struct http_answer *a = parser->data;

    buf_clear(a->head); /* what came before belonged to a 1xx answer */
    buf_clear(a->body);
    a->in_value = false;
    return 0;
}

/* Not 1: from on_headers_complete that means "there is no body". */
static int fail(struct http_answer *a, const char *why)
{
    a->why = why;
    return -1;
}

static int head_room(struct http_answer *a)
{
    return a->head->failed ? fail(a, "response head too large") : 0;
}

/* A name or a value may come in several pieces. */
static int on_field(http_parser *parser, const char *at, size_t size)
{
    struct http_answer *a = parser->data;

    if (a->in_value) {
        buf_text(a->head, "\r\n");
        a->in_value = false;
    }
    buf_add(a->head, at, size);
    return head_room(a);
}

static int on_value(http_parser *parser, const char *at, size_t size)
{
    struct http_answer *a = parser->data;

    if (!a->in_value) {
        buf_text(a->head, ": ");
        a->in_value = true;
    }
    buf_add(a->head, at, size);
    return head_room(a);
}

static int on_headers_complete(http_parser *parser)
{
    struct http_answer *a = parser->data;

    if (a->in_value) {
        buf_text(a->head, "\r\n");
        a->in_value = false;
    }
    if (parser->upgrade != 0 || parser->status_code == 101) {
        return fail(a, "the venue wants another protocol");
    }
    return head_room(a);
}

static int on_body(http_parser *parser, const char *at, size_t size)
{
    struct http_answer *a = parser->data;

    buf_add(a->body, at, size);
    return a->body->failed ? fail(a, "response body too large") : 0;
}

static int on_complete(http_parser *parser)
{
    struct http_answer *a = parser->data;

    if (parser->status_code / 100 != 1) {
        a->complete = true;
        http_parser_pause(parser, 1); /* what follows is not ours to read */
    }
    return 0;
}

static const http_parser_settings settings = {
    .on_message_begin = on_begin,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

void http_answer_begin(struct http_answer *a, struct buf *head, struct buf *body)
{
    http_parser *parser = parser_of(a);

    http_parser_init(parser, HTTP_RESPONSE);
    parser->data = a;
    a->head = head;
    a->body = body;
    a->in_value = false;
    a->complete = false;
    a->why = NULL;
}

static enum http_answer_state judge(struct http_answer *a)
{
    enum http_errno e = HTTP_PARSER_ERRNO(parser_of(a));

    if (a->complete) {
        return HTTP_ANSWER_COMPLETE;
    }
    if (e == HPE_OK) {
        return HTTP_ANSWER_MORE;
    }
    if (a->why == NULL) {
        a->why = http_errno_description(e);
    }
    return HTTP_ANSWER_BAD;
}

enum http_answer_state http_answer_feed(struct http_answer *a, struct bytes data, size_t *used)
{
    *used = 0;
    if (data.size == 0) {
        return HTTP_ANSWER_MORE; /* no bytes mean the end to the parser */
    }
    *used = http_parser_execute(parser_of(a), &settings, data.data, data.size);
    return judge(a);
}

enum http_answer_state http_answer_end(struct http_answer *a)
{
    enum http_answer_state state;

    (void)http_parser_execute(parser_of(a), &settings, NULL, 0);
    state = judge(a);
    if (state == HTTP_ANSWER_MORE) {
        a->why = "connection closed before an answer";
        state = HTTP_ANSWER_BAD;
    }
    return state;
}

int http_answer_status(const struct http_answer *a)
{
    return (int)constant_parser_of(a)->status_code;
}

bool http_answer_keeps_connection(const struct http_answer *a)
{
    return http_should_keep_alive(constant_parser_of(a)) != 0;
}
