/*
 * IP addresses and lists of networks, for limits and allow lists. Pure: text and bytes in, answers
 * out. IPv4 is kept as the IPv4-mapped IPv6 address, so that there is one form to compare.
 */
#ifndef DAEMON_IP_LIST_H
#define DAEMON_IP_LIST_H

#include "base.h"

/* "[" IPv6 "]:65535" */
#define IP_TEXT_MAX 64

struct ip_address {
    unsigned char raw[16];
};

struct ip_net {
    struct ip_address base;
    uint32_t bits; /* of 128; an IPv4 network has 96 and more */
};

struct ip_list {
    struct ip_net *item; /* owned by whoever made the list */
    size_t count;
};

struct ip_address ip_from_v4(const unsigned char raw[4]);
struct ip_address ip_from_v6(const unsigned char raw[16]);
bool ip_is_v4(const struct ip_address *a);
bool ip_is_loopback(const struct ip_address *a);

/* Numeric, nothing around it. */
MUST_CHECK bool ip_parse(struct bytes text, struct ip_address *out);
/* "10.0.0.0/8", "2001:db8::/32", or one address. False also when bits beyond the mask are set:
 * "10.1.2.3/8" is more likely a slip than a wish. */
MUST_CHECK bool ip_net_parse(struct bytes text, struct ip_net *out);
/* "127.0.0.1:9878", "[::1]:9878"; always terminated. */
void ip_print(const struct ip_address *a, uint16_t port, char out[IP_TEXT_MAX]);

/* An IPv4 address is only in IPv4 networks: "::/0" means all of IPv6. */
bool ip_net_has(const struct ip_net *net, const struct ip_address *a);
bool ip_list_has(const struct ip_list *list, const struct ip_address *a);

#endif
