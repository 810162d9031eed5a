/*
 * A request as the bytes of HTTP/1.1 (RFC 9112), for connections on which libcurl only connects.
 */
#ifndef TRANSPORT_HTTP_WIRE_H
#define TRANSPORT_HTTP_WIRE_H

#include "base.h"
#include "buf.h"
#include "http_msg.h"

/* Appends the whole request. `host` is the Host header's value. False: it did not fit. The caller
 * has checked that target and headers hold no line ends of their own. */
MUST_CHECK bool http_wire_request(struct buf *out, const struct http_request *r, struct bytes host);

#endif
