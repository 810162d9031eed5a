/*
 * HTTP request and response as data. A driver writes a request; the transport sends it; a driver
 * reads the response. Nothing here does I/O.
 */
#ifndef VENUES_HTTP_MSG_H
#define VENUES_HTTP_MSG_H

#include "base.h"
#include "buf.h"
#include "bounds.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE };

const char *http_method_text(enum http_method m);

/* Reused from call to call: http_request_clear keeps the memory. */
struct http_request {
    enum http_method method;
    struct buf target;  /* path and query, as it goes on the request line: "/a/b?c=d" */
    struct buf body;    /* sent as it is; the driver sets Content-Type */
    struct buf headers; /* "Name: value\r\n" lines, made by http_request_header */
    uint32_t header_count;
    uint32_t timeout_ms; /* whole call; 0: the account's default */
};

void http_request_init(struct http_request *r);
void http_request_fini(struct http_request *r); /* wipes: headers hold signatures */
void http_request_clear(struct http_request *r);
/* CR, LF or NUL in a value sets r->headers.failed. */
void http_request_header(struct http_request *r, const char *name, struct bytes value);
/* True when no buffer failed. */
bool http_request_ok(const struct http_request *r);

/* Percent-encoding of RFC 3986: all but ALPHA DIGIT - . _ ~ becomes %XX. */
void http_encode(struct buf *out, struct bytes value);
/* Adds "name=encoded-value", with '&' before it when `out` is not empty. */
void http_param(struct buf *out, const char *name, struct bytes value);
void http_param_text(struct buf *out, const char *name, const char *value);
void http_param_decimal(struct buf *out, const char *name, struct decimal value);
void http_param_uint(struct buf *out, const char *name, uint64_t value);

/* Borrowed from the transport for the time of the parse. */
struct http_response {
    int status;           /* 200, 404, ... */
    struct bytes headers; /* the raw header block of the final response: "Name: value\r\n"... */
    struct bytes body;
};

/* Case-insensitive; the value without surrounding blanks. */
bool http_response_header(const struct http_response *r, const char *name, struct bytes *value);

#endif
