/*
 * Single values: do they have the form of their type (FIX 4.4 vol. 1, "Data types"), and are they
 * among those the dictionary lists?
 */
#ifndef FIX_VALUE_H
#define FIX_VALUE_H

#include "fix_dict_impl.h"
#include "le.h"

/* The value is not empty. */
bool fix_value_has_form(enum fix_form form, struct bytes value);
bool fix_value_is_listed(enum fix_form form, const struct dict_values *values, struct bytes value);
/* Digits only, and no more than 64 bits hold. */
bool fix_value_natural(struct bytes value, uint64_t *out);

/* A quick look at a value of 1 to 8 bytes, all at once: true if it is digits, or digits and at most
 * one point; false means no more than that one has to look closer. Reads eight bytes at `at`. */
static inline bool fix_value_is_digits(const char *at, size_t size, bool point)
{
    const uint64_t lows = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t word = le64_get(at);
    uint64_t digits = word ^ UINT64_C(0x3030303030303030);
    uint64_t points = word ^ UINT64_C(0x2e2e2e2e2e2e2e2e);
    unsigned rest = 64 - 8 * (unsigned)size;

    /* The highest bit of each byte: it is no digit; it is a point. */
    digits = ((digits + UINT64_C(0x7676767676767676)) | digits) & ~lows;
    points = ~(((points & lows) + lows) | points | lows);
    digits <<= rest;
    points <<= rest;
    return point ? digits == points && (points & (points - 1)) == 0 && size > 1 : digits == 0;
}

#endif
