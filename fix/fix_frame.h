/*
 * Finds one FIX message in a byte stream (FIX 4.4 vol. 2, "Message integrity"): 8=, 9=, 35= first
 * and in this order, BodyLength right, CheckSum right and last. Pure; keeps no state between calls.
 */
#ifndef FIX_FRAME_H
#define FIX_FRAME_H

#include "base.h"

enum fix_frame_kind {
    FIX_FRAME_COMPLETE, /* `message` is one whole message; consume `size` */
    FIX_FRAME_PARTIAL,  /* could still become one; read more (size is 0) */
    FIX_FRAME_GARBLED,  /* skip `size` bytes (to the next possible "8=FIX" start); `reason` says why
                         */
    FIX_FRAME_FATAL,    /* no way to find the next message: BodyLength beyond the bound; the
                         * connection should end. (An unreadable BodyLength is GARBLED.) */
};

struct fix_frame {
    enum fix_frame_kind kind;
    size_t size;          /* bytes of the input used up */
    struct bytes message; /* COMPLETE: whole message, 8= to the SOH after 10= */
    const char *reason;   /* GARBLED, FATAL: static text */
};

/* Looks at the start of `input`. `message_max` bounds a message (bytes, header to trailer). */
struct fix_frame fix_frame_find(struct bytes input, size_t message_max);

#endif
