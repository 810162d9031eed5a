/*
 * HTTP messages as data: buffers with bounds, percent-encoding, header lines. See http_msg.h.
 */
#include "http_msg.h"

#include <strings.h>

#include "assert.h"
#include "sign.h"

#define HEADER_BYTES_MAX (16 * 1024) /* what common servers take as request head */

const char *http_method_text(enum http_method m)
{
    switch (m) {
    case HTTP_GET: return "GET";
    case HTTP_POST: return "POST";
    case HTTP_PUT: return "PUT";
    case HTTP_DELETE: return "DELETE";
    }
    UNREACHABLE();
}

void http_request_init(struct http_request *r)
{
    *r = (struct http_request){ .method = HTTP_GET };
    buf_init(&r->target, HTTP_PATH_MAX);
    buf_init(&r->body, HTTP_REQUEST_BODY_MAX);
    buf_init(&r->headers, HEADER_BYTES_MAX);
}

static void wipe_and_fini(struct buf *b)
{
    if (b->data != NULL) {
        sign_wipe(b->data, b->capacity);
    }
    buf_fini(b);
}

void http_request_fini(struct http_request *r)
{
    wipe_and_fini(&r->target);
    wipe_and_fini(&r->body);
    wipe_and_fini(&r->headers);
}

void http_request_clear(struct http_request *r)
{
    r->method = HTTP_GET;
    r->header_count = 0;
    r->timeout_ms = 0;
    buf_clear(&r->target);
    buf_clear(&r->body);
    buf_clear(&r->headers);
}

/* A line break inside a value would start a header of the value's choice. */
static bool is_one_line(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '\r' || value.data[i] == '\n' || value.data[i] == '\0') {
            return false;
        }
    }
    return true;
}

void http_request_header(struct http_request *r, const char *name, struct bytes value)
{
    if (!is_one_line(value) || r->header_count >= HTTP_HEADERS_MAX) {
        r->headers.failed = true;
        return;
    }
    r->header_count++;
    buf_text(&r->headers, name);
    buf_text(&r->headers, ": ");
    buf_bytes(&r->headers, value);
    buf_text(&r->headers, "\r\n");
}

bool http_request_ok(const struct http_request *r)
{
    return !r->target.failed && !r->body.failed && !r->headers.failed;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void http_encode(struct buf *out, struct bytes value)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (is_unreserved(c)) {
            buf_char(out, (char)c);
        } else {
            char escaped[3] = { '%', digits[c >> 4], digits[c & 15] };

            buf_add(out, escaped, sizeof escaped);
        }
    }
}

static void param_name(struct buf *out, const char *name)
{
    if (out->size > 0) {
        buf_char(out, '&');
    }
    buf_text(out, name);
    buf_char(out, '=');
}

void http_param(struct buf *out, const char *name, struct bytes value)
{
    param_name(out, name);
    http_encode(out, value);
}

void http_param_text(struct buf *out, const char *name, const char *value)
{
    http_param(out, name, bytes_of(value));
}

void http_param_decimal(struct buf *out, const char *name, struct decimal value)
{
    param_name(out, name);
    buf_decimal(out, value);
}

void http_param_uint(struct buf *out, const char *name, uint64_t value)
{
    param_name(out, name);
    buf_uint(out, value);
}

static struct bytes trimmed(const char *start, const char *end)
{
    while (start < end && (*start == ' ' || *start == '\t')) {
        start++;
    }
    while (end > start && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) {
        end--;
    }
    return (struct bytes){ start, (size_t)(end - start) };
}

bool http_response_header(const struct http_response *r, const char *name, struct bytes *value)
{
    size_t name_size = strlen(name);
    const char *at = r->headers.data;
    const char *end = r->headers.size == 0 ? at : at + r->headers.size;

    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *next = line_end == NULL ? end : line_end + 1;

        if (line_end == NULL) {
            line_end = end;
        }
        if ((size_t)(line_end - at) > name_size && at[name_size] == ':' &&
            strncasecmp(at, name, name_size) == 0) {
            *value = trimmed(at + name_size + 1, line_end);
            return true;
        }
        at = next;
    }
    return false;
}
