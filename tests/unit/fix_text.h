/*
 * Messages for tests, written with '|' for SOH: "35=D|11=a|" becomes a whole message with
 * BeginString, BodyLength and CheckSum.
 */
#ifndef TESTS_UNIT_FIX_TEXT_H
#define TESTS_UNIT_FIX_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

/* Writes 8= and 9= before and 10= behind `body`, whose '|' become SOH. */
static inline struct bytes fix_text_frame(char *out, size_t out_size, const char *body)
{
    size_t length = strlen(body);
    int head = snprintf(out, out_size, "8=FIX.4.4\0019=%zu\001", length);
    size_t size = (size_t)head + length;
    unsigned sum = 0;

    if (head < 0 || size + 8 > out_size) {
        fputs("fix_text_frame: no room\n", stderr);
        exit(2);
    }
    for (size_t i = 0; i < length; i++) {
        out[(size_t)head + i] = body[i] == '|' ? '\001' : body[i];
    }
    for (size_t i = 0; i < size; i++) {
        sum += (unsigned char)out[i];
    }
    size += (size_t)snprintf(out + size, out_size - size, "10=%03u\001", sum % 256);
    return (struct bytes){ out, size };
}

#endif
