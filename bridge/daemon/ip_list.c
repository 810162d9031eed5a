/*
 * Addresses and networks: parse, print, compare.
 */
#include "ip_list.h"

#include <arpa/inet.h>
#include <stdio.h>

#define V4_BITS 96

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

struct ip_address ip_from_v4(const unsigned char raw[4])
{
    struct ip_address a;

    memcpy(a.raw, mapped, sizeof mapped);
    memcpy(a.raw + sizeof mapped, raw, 4);
    return a;
}

struct ip_address ip_from_v6(const unsigned char raw[16])
{
    struct ip_address a;

    memcpy(a.raw, raw, sizeof a.raw);
    return a;
}

bool ip_is_v4(const struct ip_address *a)
{
    return memcmp(a->raw, mapped, sizeof mapped) == 0;
}

bool ip_is_loopback(const struct ip_address *a)
{
    static const struct ip_address loopback6 = { .raw = { [15] = 1 } };

    return ip_is_v4(a) ? a->raw[12] == 127 : memcmp(a, &loopback6, sizeof loopback6) == 0;
}

bool ip_parse(struct bytes text, struct ip_address *out)
{
    char copy[INET6_ADDRSTRLEN + 1];
    unsigned char raw[16];

    /* A NUL inside would end the copy early and make "1.2.3.4\0x" an address. */
    if (text.size == 0 || memchr(text.data, '\0', text.size) != NULL ||
        !bytes_to_field(text, copy, sizeof copy)) {
        return false;
    }
    if (inet_pton(AF_INET, copy, raw) == 1) {
        *out = ip_from_v4(raw);
        return true;
    }
    if (inet_pton(AF_INET6, copy, raw) == 1) {
        *out = ip_from_v6(raw);
        return true;
    }
    return false;
}

/* Up to three digits. */
static bool parse_bits(struct bytes text, uint32_t *out)
{
    uint32_t n = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i == 3) {
            return false;
        }
        n = n * 10 + (uint32_t)(text.data[i] - '0');
    }
    *out = n;
    return text.size > 0;
}

static bool same_bits(const struct ip_address *a, const struct ip_address *b, uint32_t bits)
{
    uint32_t whole = bits / 8, rest = bits % 8;

    if (memcmp(a->raw, b->raw, whole) != 0) {
        return false;
    }
    return rest == 0 || ((a->raw[whole] ^ b->raw[whole]) >> (8 - rest)) == 0;
}

static bool is_clean(const struct ip_net *net)
{
    for (uint32_t bit = net->bits; bit < 128; bit++) {
        if ((net->base.raw[bit / 8] & (0x80u >> (bit % 8))) != 0) {
            return false;
        }
    }
    return true;
}

bool ip_net_parse(struct bytes text, struct ip_net *out)
{
    const char *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
    struct bytes address = text, bits = { NULL, 0 };
    bool is_v4_text;

    if (slash != NULL) {
        address.size = (size_t)(slash - text.data);
        bits = (struct bytes){ slash + 1, text.size - address.size - 1 };
    }
    if (!ip_parse(address, &out->base)) {
        return false;
    }
    is_v4_text = memchr(address.data, ':', address.size) == NULL;
    out->bits = 128;
    if (slash != NULL && !parse_bits(bits, &out->bits)) {
        return false;
    }
    if (slash != NULL && is_v4_text) {
        out->bits += V4_BITS;
    }
    return out->bits <= 128 && is_clean(out);
}

void ip_print(const struct ip_address *a, uint16_t port, char out[IP_TEXT_MAX])
{
    char text[INET6_ADDRSTRLEN] = "?";

    if (ip_is_v4(a)) {
        (void)inet_ntop(AF_INET, a->raw + sizeof mapped, text, sizeof text);
        (void)snprintf(out, IP_TEXT_MAX, "%s:%u", text, (unsigned)port);
        return;
    }
    (void)inet_ntop(AF_INET6, a->raw, text, sizeof text);
    (void)snprintf(out, IP_TEXT_MAX, "[%s]:%u", text, (unsigned)port);
}

bool ip_net_has(const struct ip_net *net, const struct ip_address *a)
{
    return (net->bits >= V4_BITS || !ip_is_v4(a)) && same_bits(&net->base, a, net->bits);
}

bool ip_list_has(const struct ip_list *list, const struct ip_address *a)
{
    for (size_t i = 0; i < list->count; i++) {
        if (ip_net_has(&list->item[i], a)) {
            return true;
        }
    }
    return false;
}
