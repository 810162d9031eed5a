/*
 * Addresses, networks, PROXY headers and what an address may have open.
 */
#include <stdio.h>
#include <string.h>

#include "ip_list.h"
#include "peers.h"
#include "proxy_header.h"
#include "suites.h"

static struct ip_address ip(const char *text)
{
    struct ip_address a = { .raw = { 0 } };

    CU_ASSERT_TRUE(ip_parse(bytes_of(text), &a));
    return a;
}

static bool is_in(const char *net, const char *address)
{
    struct ip_net n;
    struct ip_address a = ip(address);

    CU_ASSERT_TRUE_FATAL(ip_net_parse(bytes_of(net), &n));
    return ip_list_has(&(struct ip_list){ &n, 1 }, &a);
}

static void networks_hold_their_addresses(void)
{
    CU_ASSERT_TRUE(is_in("10.0.0.0/8", "10.255.1.2"));
    CU_ASSERT_FALSE(is_in("10.0.0.0/8", "11.0.0.0"));
    CU_ASSERT_TRUE(is_in("192.0.2.8/30", "192.0.2.11"));
    CU_ASSERT_FALSE(is_in("192.0.2.8/30", "192.0.2.12"));
    CU_ASSERT_TRUE(is_in("192.0.2.7", "192.0.2.7"));
    CU_ASSERT_FALSE(is_in("192.0.2.7", "192.0.2.6"));
    CU_ASSERT_TRUE(is_in("2001:db8::/33", "2001:db8:7fff::1"));
    CU_ASSERT_FALSE(is_in("2001:db8::/33", "2001:db8:8000::1"));
    CU_ASSERT_TRUE(is_in("0.0.0.0/0", "203.0.113.1"));
    CU_ASSERT_FALSE(is_in("0.0.0.0/0", "::1"));
    CU_ASSERT_TRUE(is_in("::/0", "2001:db8::1"));
    CU_ASSERT_FALSE(is_in("::/0", "203.0.113.1"));
    /* What a socket for both families tells of an IPv4 client. */
    CU_ASSERT_TRUE(is_in("10.0.0.0/8", "::ffff:10.1.1.1"));
}

static void networks_that_are_none_are_refused(void)
{
    static const char *const wrong[] = {
        "",
        "/",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "10.0.0.0/0008",
        "10.1.2.3/8",
        "10.0.0/8",
        "010.0.0.1/40",
        "2001:db8::/129",
        "2001:db8::1/64",
        "localhost",
        "/8",
        "10.0.0.0/4294967304",
    };
    struct ip_net n;
    struct ip_address a;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CU_ASSERT_FALSE(ip_net_parse(bytes_of(wrong[i]), &n));
    }
    CU_ASSERT_FALSE(ip_parse(BYTES("1.2.3.4\0"), &a));
    CU_ASSERT_FALSE(ip_parse(BYTES("1.2.3.4 "), &a));
}

static void addresses_are_printed(void)
{
    char text[IP_TEXT_MAX];
    struct ip_address a = ip("192.0.2.1"), b = ip("2001:db8:0:0::1"), local = ip("127.3.2.1");

    ip_print(&a, 9878, text);
    CU_ASSERT_STRING_EQUAL(text, "192.0.2.1:9878");
    ip_print(&b, 1, text);
    CU_ASSERT_STRING_EQUAL(text, "[2001:db8::1]:1");
    CU_ASSERT_TRUE(ip_is_loopback(&local));
    CU_ASSERT_FALSE(ip_is_loopback(&a));
}

/* ---- PROXY headers ------------------------------------------------------------------------- */

/* Whole, and every prefix of it is partial, and more behind it changes nothing. */
static struct proxy_header whole(struct bytes in)
{
    char longer[PROXY_HEADER_MAX + 8];
    struct proxy_header h = proxy_header_parse(in);

    CU_ASSERT_EQUAL(h.kind, PROXY_COMPLETE);
    CU_ASSERT_EQUAL(h.size, in.size);
    for (size_t i = 0; i < in.size; i++) {
        CU_ASSERT_EQUAL(proxy_header_parse((struct bytes){ in.data, i }).kind, PROXY_PARTIAL);
    }
    memcpy(longer, in.data, in.size);
    memcpy(longer + in.size, "8=FIX", 5);
    CU_ASSERT_EQUAL(proxy_header_parse((struct bytes){ longer, in.size + 5 }).size, in.size);
    return h;
}

static bool names(struct proxy_header h, const char *client)
{
    char text[IP_TEXT_MAX];

    ip_print(&h.client, h.port, text);
    return h.has_client && strcmp(text, client) == 0;
}

static void proxy_version_1_is_read(void)
{
    CU_ASSERT_TRUE(
        names(whole(BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324 9878\r\n")), "192.0.2.1:56324"));
    CU_ASSERT_TRUE(
        names(whole(BYTES("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n")), "[2001:db8::1]:0"));
    CU_ASSERT_FALSE(whole(BYTES("PROXY UNKNOWN\r\n")).has_client);
    CU_ASSERT_FALSE(whole(BYTES("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")).has_client);
}

static void proxy_version_1_with_a_mistake_is_refused(void)
{
    static const char *const wrong[] = {
        "GET / HTTP/1.0\r\n",
        "PROXY  TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n",
        "PROXY TCP4 ::1 ::1 1 1\r\n",
        "PROXY TCP6 1.2.3.4 ::1 1 1\r\n",
        "PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
        "PROXY UNKNOWNX\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\rx",
        "PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n",
        "proxy TCP4",
        "\r\n\r\nX",
        "8=FIX.4.4",
    };
    char long_line[200];

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct proxy_header h = proxy_header_parse(bytes_of(wrong[i]));

        CU_ASSERT_EQUAL(h.kind, PROXY_BAD);
        CU_ASSERT_PTR_NOT_NULL(h.reason);
    }
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "PROXY UNKNOWN ", 14);
    CU_ASSERT_EQUAL(proxy_header_parse((struct bytes){ long_line, 105 }).kind, PROXY_PARTIAL);
    CU_ASSERT_EQUAL(proxy_header_parse((struct bytes){ long_line, 106 }).kind, PROXY_BAD);
}

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define V4_ADDRESSES "\xc0\0\2\1\x7f\0\0\1\xdc\4\x26\x96"

static void proxy_version_2_is_read_and_its_tlvs_skipped(void)
{
    char large[16 + 4080];

    CU_ASSERT_TRUE(names(whole(BYTES(V2 "\x21\x11\0\x0c" V4_ADDRESSES)), "192.0.2.1:56324"));
    CU_ASSERT_TRUE(
        names(whole(BYTES(V2 "\x21\x11\0\x13" V4_ADDRESSES "\2\0\4host")), "192.0.2.1:56324"));
    CU_ASSERT_TRUE(names(whole(BYTES(V2 "\x21\x21\0\x24\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
                                        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50\0\x51")),
                         "[2001:db8::1]:80"));
    CU_ASSERT_FALSE(whole(BYTES(V2 "\x20\x11\0\x0c" V4_ADDRESSES)).has_client); /* LOCAL */
    CU_ASSERT_FALSE(whole(BYTES(V2 "\x21\x00\0\0")).has_client);
    memset(large, 0, sizeof large);
    memcpy(large, V2 "\x21\x11\x0f\xf0", 16);
    CU_ASSERT_TRUE(whole((struct bytes){ large, sizeof large }).has_client);
}

static void proxy_version_2_with_a_mistake_is_refused(void)
{
    CU_ASSERT_EQUAL(proxy_header_parse(BYTES(V2 "\x11")).kind, PROXY_BAD);
    CU_ASSERT_EQUAL(proxy_header_parse(BYTES(V2 "\x22")).kind, PROXY_BAD);
    CU_ASSERT_EQUAL(proxy_header_parse(BYTES(V2 "\x21\x11\0\x0b" V4_ADDRESSES)).kind, PROXY_BAD);
    CU_ASSERT_EQUAL(proxy_header_parse(BYTES(V2 "\x21\x21\0\x0c" V4_ADDRESSES)).kind, PROXY_BAD);
    CU_ASSERT_EQUAL(proxy_header_parse(BYTES(V2 "\x21\x12\0\x0c" V4_ADDRESSES)).kind, PROXY_BAD);
    CU_ASSERT_EQUAL(proxy_header_parse(BYTES(V2 "\x21\x11\x0f\xf1")).kind, PROXY_BAD);
}

/* ---- limits of an address ------------------------------------------------------------------ */

static enum peers_answer opens(struct peers *p, const char *address, int64_t now_us)
{
    struct ip_address a = ip(address);
    bool first;

    return peers_open(p, &a, now_us, &first);
}

static void an_address_may_have_so_many(void)
{
    const struct peers_limits limits = { .connections_max = 3, .unauthenticated_max = 2 };
    struct peers *p = peers_new(100, &limits, 7);
    struct ip_address a = ip("192.0.2.1");
    bool first;

    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL(opens(p, "192.0.2.1", 0), PEERS_OK);
    CU_ASSERT_EQUAL(opens(p, "192.0.2.1", 0), PEERS_OK);
    CU_ASSERT_EQUAL(peers_open(p, &a, 0, &first), PEERS_TOO_MANY_UNKNOWN);
    CU_ASSERT_TRUE(first);
    CU_ASSERT_EQUAL(peers_open(p, &a, 0, &first), PEERS_TOO_MANY_UNKNOWN);
    CU_ASSERT_FALSE(first); /* not a line in the log for each */
    CU_ASSERT_EQUAL(opens(p, "192.0.2.2", 0), PEERS_OK);
    peers_known(p, &a);
    CU_ASSERT_EQUAL(opens(p, "192.0.2.1", 0), PEERS_OK);
    CU_ASSERT_EQUAL(opens(p, "192.0.2.1", 0), PEERS_TOO_MANY);
    peers_close(p, &a, true);
    CU_ASSERT_EQUAL(peers_count(p, &a), 2);
    peers_close(p, &a, false);
    peers_close(p, &a, false);
    CU_ASSERT_EQUAL(peers_count(p, &a), 0);
    peers_free(p);
}

static void an_address_connects_so_often(void)
{
    const struct peers_limits limits = { .per_minute_max = 60 };
    struct peers *p = peers_new(1000, &limits, 7);

    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    for (int i = 0; i < 60; i++) {
        CU_ASSERT_EQUAL(opens(p, "2001:db8::1", 0), PEERS_OK);
    }
    CU_ASSERT_EQUAL(opens(p, "2001:db8::1", 0), PEERS_TOO_FAST);
    CU_ASSERT_EQUAL(opens(p, "2001:db8:0:0:ffff::1", 0), PEERS_TOO_FAST); /* the same /64 */
    CU_ASSERT_EQUAL(opens(p, "2001:db8:0:1::1", 0), PEERS_OK);
    CU_ASSERT_EQUAL(opens(p, "2001:db8::1", 999999), PEERS_TOO_FAST);
    CU_ASSERT_EQUAL(opens(p, "2001:db8::1", 1000000), PEERS_OK);
    CU_ASSERT_EQUAL(opens(p, "2001:db8::1", 1000000), PEERS_TOO_FAST);
    peers_free(p);
}

/* More addresses than the table has room for: those with a connection stay, the oldest others go.
 */
static void the_table_of_addresses_is_bounded(void)
{
    const struct peers_limits limits = { .connections_max = 1, .per_minute_max = 1000 };
    struct peers *p = peers_new(2, &limits, 7);
    struct ip_address kept = ip("198.51.100.1");
    char text[32];

    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL(opens(p, "198.51.100.1", 0), PEERS_OK);
    for (int i = 0; i < 20000; i++) {
        struct ip_address a;

        (void)snprintf(text, sizeof text, "10.0.%d.%d", i / 200, i % 200);
        a = ip(text);
        CU_ASSERT_EQUAL(opens(p, text, i), PEERS_OK);
        CU_ASSERT_EQUAL(opens(p, text, i), PEERS_TOO_MANY);
        peers_close(p, &a, false);
    }
    CU_ASSERT_EQUAL(peers_count(p, &kept), 1);
    CU_ASSERT_EQUAL(opens(p, "198.51.100.1", 0), PEERS_TOO_MANY);
    peers_close(p, &kept, false);
    CU_ASSERT_EQUAL(opens(p, "198.51.100.1", 0), PEERS_OK);
    peers_free(p);
}

CU_TestInfo access_tests[] = {
    { "networks hold their addresses", networks_hold_their_addresses },
    { "networks that are none are refused", networks_that_are_none_are_refused },
    { "addresses are printed", addresses_are_printed },
    { "PROXY version 1 is read", proxy_version_1_is_read },
    { "PROXY version 1 with a mistake is refused", proxy_version_1_with_a_mistake_is_refused },
    { "PROXY version 2 is read and its TLVs skipped",
      proxy_version_2_is_read_and_its_tlvs_skipped },
    { "PROXY version 2 with a mistake is refused", proxy_version_2_with_a_mistake_is_refused },
    { "an address may have so many", an_address_may_have_so_many },
    { "an address connects so often", an_address_connects_so_often },
    { "the table of addresses is bounded", the_table_of_addresses_is_bounded },
    CU_TEST_INFO_NULL,
};
