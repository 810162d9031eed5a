/*
 * PROXY headers under hostile input: never beyond the input, every prefix of a good header is
 * partial, what follows the header changes nothing, and a client it names can be printed and read
 * again.
 */
#include "fuzz.h"
#include "proxy_header.h"

static bool same(const struct proxy_header *a, const struct proxy_header *b)
{
    return a->kind == b->kind && a->size == b->size && a->has_client == b->has_client &&
           a->port == b->port && memcmp(&a->client, &b->client, sizeof a->client) == 0;
}

static void check_client(const struct proxy_header *h)
{
    char text[IP_TEXT_MAX];
    char *end;
    struct ip_address again;
    struct bytes address;

    ip_print(&h->client, h->port, text);
    end = strrchr(text, ':');
    PROMISE(end != NULL);
    address = (struct bytes){ text, (size_t)(end - text) };
    if (text[0] == '[') {
        address = (struct bytes){ text + 1, address.size - 2 };
    }
    PROMISE(ip_parse(address, &again));
    PROMISE(memcmp(&again, &h->client, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = { (const char *)data, size };
    struct proxy_header h = proxy_header_parse(in), exact;

    switch (h.kind) {
    case PROXY_BAD: PROMISE(h.reason != NULL && size > 0); return 0;
    case PROXY_PARTIAL: PROMISE(size < PROXY_HEADER_MAX); break;
    case PROXY_COMPLETE:
        PROMISE(h.size > 0 && h.size <= size && h.size <= PROXY_HEADER_MAX);
        exact = proxy_header_parse((struct bytes){ in.data, h.size });
        PROMISE(same(&h, &exact));
        if (h.has_client) {
            check_client(&h);
        }
        size = h.size;
        break;
    }
    for (size_t prefix = 0; prefix < size; prefix++) {
        PROMISE(proxy_header_parse((struct bytes){ in.data, prefix }).kind == PROXY_PARTIAL);
    }
    return 0;
}
