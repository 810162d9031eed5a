/*
 * One request.
 */
#include "http_wire.h"

static bool has_body(const struct http_request *r)
{
    return r->body.size > 0 || r->method == HTTP_POST || r->method == HTTP_PUT;
}

bool http_wire_request(struct buf *out, const struct http_request *r, struct bytes host)
{
    buf_text(out, http_method_text(r->method));
    buf_char(out, ' ');
    buf_bytes(out, buf_view(&r->target));
    buf_text(out, " HTTP/1.1\r\nHost: ");
    buf_bytes(out, host);
    buf_text(out, "\r\nUser-Agent: fixbridge\r\n");
    buf_bytes(out, buf_view(&r->headers));
    if (has_body(r)) {
        buf_text(out, "Content-Length: ");
        buf_uint(out, r->body.size);
        buf_text(out, "\r\n");
    }
    buf_text(out, "\r\n");
    buf_bytes(out, buf_view(&r->body));
    return !out->failed;
}
