/*
 * PROXY protocol headers. Every prefix of a good header is partial; the first wrong byte is told at
 * once.
 */
#include "proxy_header.h"

/* Of a version 1 line, with its end. */
#define LINE_MAX_SIZE 107
/* Signature, version and command, family, length. */
#define FIXED_SIZE 16

static const char signature[] = {
    '\r', '\n', '\r', '\n', '\0', '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
};

static struct proxy_header bad(const char *reason)
{
    return (struct proxy_header){ .kind = PROXY_BAD, .reason = reason };
}

static bool starts_like(struct bytes in, const char *start, size_t size)
{
    return memcmp(in.data, start, in.size < size ? in.size : size) == 0;
}

/* ---- version 1 ----------------------------------------------------------------------------- */

/* The text up to the next blank; false when there is none. */
static bool take_word(struct bytes *line, struct bytes *word)
{
    const char *blank = line->size == 0 ? NULL : memchr(line->data, ' ', line->size);

    if (blank == NULL) {
        return false;
    }
    *word = (struct bytes){ line->data, (size_t)(blank - line->data) };
    line->data += word->size + 1;
    line->size -= word->size + 1;
    return true;
}

static bool parse_port(struct bytes text, uint16_t *out)
{
    uint32_t n = 0;

    if (text.size == 0 || text.size > 5 || (text.size > 1 && text.data[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        n = n * 10 + (uint32_t)(text.data[i] - '0');
    }
    *out = (uint16_t)n;
    return n <= UINT16_MAX;
}

/* What follows "PROXY ", without the line's end. */
static struct proxy_header parse_line(struct bytes line, size_t size)
{
    struct proxy_header h = { .kind = PROXY_COMPLETE, .size = size };
    struct bytes family, source, target, source_port;
    struct ip_address server;
    uint16_t port;
    bool is_v4;

    if (bytes_is(line, "UNKNOWN") || (line.size > 7 && memcmp(line.data, "UNKNOWN ", 8) == 0)) {
        return h;
    }
    if (!take_word(&line, &family) || !take_word(&line, &source) || !take_word(&line, &target) ||
        !take_word(&line, &source_port)) {
        return bad("PROXY line with too few words");
    }
    is_v4 = bytes_is(family, "TCP4");
    if (!is_v4 && !bytes_is(family, "TCP6")) {
        return bad("PROXY line of an unknown family");
    }
    if (!ip_parse(source, &h.client) || !ip_parse(target, &server) ||
        (memchr(source.data, ':', source.size) == NULL) != is_v4 ||
        (memchr(target.data, ':', target.size) == NULL) != is_v4) {
        return bad("PROXY line with a wrong address");
    }
    if (!parse_port(source_port, &h.port) || !parse_port(line, &port)) {
        return bad("PROXY line with a wrong port");
    }
    h.has_client = true;
    return h;
}

static struct proxy_header parse_v1(struct bytes in)
{
    static const char start[] = "PROXY ";
    const char *end;
    size_t size;

    if (in.size < sizeof start - 1) {
        return (struct proxy_header){ .kind = PROXY_PARTIAL };
    }
    end = memchr(in.data, '\r', in.size < LINE_MAX_SIZE - 1 ? in.size : LINE_MAX_SIZE - 1);
    if (end == NULL) {
        return in.size >= LINE_MAX_SIZE - 1 ? bad("PROXY line too long")
                                            : (struct proxy_header){ .kind = PROXY_PARTIAL };
    }
    size = (size_t)(end - in.data);
    if (size + 1 == in.size) {
        return (struct proxy_header){ .kind = PROXY_PARTIAL };
    }
    if (end[1] != '\n') {
        return bad("PROXY line with a wrong end");
    }
    return parse_line((struct bytes){ in.data + sizeof start - 1, size - (sizeof start - 1) },
                      size + 2);
}

/* ---- version 2 ----------------------------------------------------------------------------- */

static uint16_t big_endian(const unsigned char *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* Source address, target address, source port, target port; then TLVs. */
static struct proxy_header parse_addresses(const unsigned char *p, unsigned family, size_t length,
                                           struct proxy_header h)
{
    switch (family) {
    case 0x00: /* unspecified: the connection's own ends count */ return h;
    case 0x11:
        if (length < 12) {
            return bad("PROXY header too short for its family");
        }
        h.client = ip_from_v4(p);
        h.port = big_endian(p + 8);
        break;
    case 0x21:
        if (length < 36) {
            return bad("PROXY header too short for its family");
        }
        h.client = ip_from_v6(p);
        h.port = big_endian(p + 32);
        break;
    default: return bad("PROXY header of a family that is not TCP");
    }
    h.has_client = true;
    return h;
}

static struct proxy_header parse_v2(struct bytes in)
{
    const unsigned char *p = (const unsigned char *)in.data;
    struct proxy_header h = { .kind = PROXY_COMPLETE };
    size_t length;

    if (in.size > 12 && (p[12] >> 4 != 2 || (p[12] & 0x0f) > 1)) {
        return bad("PROXY header of an unknown version or command");
    }
    if (in.size < FIXED_SIZE) {
        return (struct proxy_header){ .kind = PROXY_PARTIAL };
    }
    length = big_endian(p + 14);
    if (FIXED_SIZE + length > PROXY_HEADER_MAX) {
        return bad("PROXY header too long");
    }
    if (in.size < FIXED_SIZE + length) {
        return (struct proxy_header){ .kind = PROXY_PARTIAL };
    }
    h.size = FIXED_SIZE + length;
    /* LOCAL: a health check of the balancer's own. */
    return (p[12] & 0x0f) == 0 ? h : parse_addresses(p + FIXED_SIZE, p[13], length, h);
}

struct proxy_header proxy_header_parse(struct bytes in)
{
    if (in.size == 0) {
        return (struct proxy_header){ .kind = PROXY_PARTIAL };
    }
    if (starts_like(in, signature, sizeof signature)) {
        return parse_v2(in);
    }
    if (starts_like(in, "PROXY ", 6)) {
        return parse_v1(in);
    }
    return bad("no PROXY header");
}
