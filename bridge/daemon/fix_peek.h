/*
 * A glance at bytes of FIX for counting: no validation, no allocation, a few nanoseconds. Whoever
 * decides anything uses fix_frame and fix_msg.
 */
#ifndef DAEMON_FIX_PEEK_H
#define DAEMON_FIX_PEEK_H

#include "base.h"

/* "8=FIX.4.4 SOH 9=len SOH 35=type SOH": where the type is, and where the message ends. */
struct fix_peek {
    struct bytes type; /* empty: it does not begin like a message */
    size_t size;       /* of the whole message, at most what there is; all of it when unknown */
};

struct fix_peek fix_peek(struct bytes raw);

/* The first field of this tag ("103"), looked for anywhere behind a SOH or at the start. */
bool fix_peek_field(struct bytes text, const char *tag, struct bytes *value);

/* Digits; `most` + 1 when it is no number or larger than `most`. */
unsigned fix_peek_number(struct bytes text, unsigned most);

#endif
