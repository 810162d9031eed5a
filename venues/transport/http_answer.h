/*
 * One HTTP/1.1 answer (RFC 9112) out of bytes that come in any pieces. Its syntax is http-parser's;
 * here is what a client must decide: 1xx answers are skipped, bounds hold, and whether the
 * connection may be used again. No I/O.
 */
#ifndef TRANSPORT_HTTP_ANSWER_H
#define TRANSPORT_HTTP_ANSWER_H

#include "base.h"
#include "buf.h"

#define HTTP_ANSWER_PARSER_SIZE 64

struct http_answer {
    /* http-parser's own struct, whose header has names of ours. */
    _Alignas(8) unsigned char parser[HTTP_ANSWER_PARSER_SIZE];
    struct buf *head, *body; /* the caller's: "Name: value\r\n"..., and the content */
    bool in_value;           /* of a header line */
    bool complete;
    const char *why; /* what is wrong with it; NULL: nothing */
};

enum http_answer_state { HTTP_ANSWER_MORE, HTTP_ANSWER_COMPLETE, HTTP_ANSWER_BAD };

/* For the answer to one request. `head` and `body` are filled; their bounds are the answer's. */
void http_answer_begin(struct http_answer *a, struct buf *head, struct buf *body);
/* The next bytes. COMPLETE: `*used` of them belonged to it. BAD: a->why. */
enum http_answer_state http_answer_feed(struct http_answer *a, struct bytes data, size_t *used);
/* The peer sends no more: an answer without length ends by that, any other is cut off. */
enum http_answer_state http_answer_end(struct http_answer *a);
/* COMPLETE: 100 to 999. */
int http_answer_status(const struct http_answer *a);
/* COMPLETE: the connection may carry another request (RFC 9112, 9.3). */
bool http_answer_keeps_connection(const struct http_answer *a);

#endif
