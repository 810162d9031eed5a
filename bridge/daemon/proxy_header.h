/*
 * The PROXY protocol, versions 1 and 2: who is behind the balancer a connection comes from. A pure
 * parser over what has arrived so far; whom to believe is not decided here.
 *
 *     PROXY TCP4 192.0.2.1 198.51.100.1 56324 9878\r\n            version 1
 *     \r\n\r\n\0\r\nQUIT\n  0x21  0x11  length  addresses  TLVs    version 2; TLVs are skipped
 */
#ifndef DAEMON_PROXY_HEADER_H
#define DAEMON_PROXY_HEADER_H

#include "ip_list.h"

/* Version 1 ends by its 107th byte; balancers' TLVs (names, certificates' subjects) stay far below
 * this. */
#define PROXY_HEADER_MAX 4096

enum proxy_kind {
    PROXY_PARTIAL,  /* good so far */
    PROXY_COMPLETE, /* the first `size` bytes are the header */
    PROXY_BAD,      /* `reason`, for the log */
};

struct proxy_header {
    enum proxy_kind kind;
    size_t size;
    bool has_client; /* false: UNKNOWN, LOCAL: the balancer speaks for itself */
    struct ip_address client;
    uint16_t port;
    const char *reason;
};

struct proxy_header proxy_header_parse(struct bytes in);

#endif
