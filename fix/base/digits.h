/*
 * Decimal digits of unsigned integers, two at a time: shared by the writers of this directory. Not
 * part of the vocabulary of the other layers; they use buf.h, decimal.h and timestamp.h.
 */
#ifndef FIX_BASE_DIGITS_H
#define FIX_BASE_DIGITS_H

#include "base.h"

#define DIGITS_MAX 20 /* of UINT64_MAX */

/* "00" to "99". */
extern const char digit_pairs[200];

/* Writes `value` at `out`, no terminator; returns the number of digits. */
size_t digits_print(uint64_t value, char out[DIGITS_MAX]);

/* Exactly two digits; value < 100. */
static inline void digits_pair(unsigned value, char *out)
{
    memcpy(out, digit_pairs + (size_t)value * 2, 2);
}

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

#endif
