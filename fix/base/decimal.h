/*
 * Exact decimals: what a price or quantity is from socket to socket. No floating point anywhere.
 *
 * The value is mantissa * 10^-scale with 0 <= scale <= DECIMAL_SCALE_MAX. Equal values may have
 * different representations (1.5 and 1.50); compare with decimal_compare, never field by field.
 */
#ifndef FIX_BASE_DECIMAL_H
#define FIX_BASE_DECIMAL_H

#include "base.h"

#define DECIMAL_SCALE_MAX 18
#define DECIMAL_TEXT_MAX 24 /* sign, 19 digits, point, leading zero, NUL: decimal_print's room */

struct decimal {
    int64_t mantissa;
    int32_t scale;
};

#define DECIMAL_ZERO ((struct decimal){ 0, 0 })

/* FIX 4.4 vol. 1, float: optional '-', digits, optional '.', digits; no exponent, no '+', no
 * spaces. Leading and trailing zeros are allowed. False when malformed or when the value, after
 * dropping trailing zeros of the fraction, does not fit exactly. */
MUST_CHECK bool decimal_parse(struct bytes text, struct decimal *out);

/* A JSON number token (RFC 8259), exponent included ("1e-10", "0E-11"). Same promise: exact or
 * false. */
MUST_CHECK bool decimal_parse_json(struct bytes token, struct decimal *out);

/* Shortest plain text, no exponent, no trailing zeros of the fraction ("0.0001", "-3", "10000").
 * Writes a NUL; returns the length without it. */
size_t decimal_print(struct decimal d, char out[DECIMAL_TEXT_MAX]);

/* Drops trailing zeros of the fraction: the one representation with the smallest scale. */
struct decimal decimal_normal(struct decimal d);

/* -1, 0, 1. Exact for every pair. */
int decimal_compare(struct decimal a, struct decimal b);

static inline bool decimal_equal(struct decimal a, struct decimal b)
{
    return decimal_compare(a, b) == 0;
}

/* -1, 0, 1: the sign. */
static inline int decimal_sign(struct decimal d)
{
    return (d.mantissa > 0) - (d.mantissa < 0);
}

/* Exact or false; `out` may be one of the operands. */
MUST_CHECK bool decimal_add(struct decimal a, struct decimal b, struct decimal *out);
MUST_CHECK bool decimal_sub(struct decimal a, struct decimal b, struct decimal *out);
MUST_CHECK bool decimal_mul(struct decimal a, struct decimal b, struct decimal *out);

/* Whether value is a whole multiple of step; step > 0. */
bool decimal_is_multiple(struct decimal value, struct decimal step);

/* Largest multiple of step that is <= value; false when it does not fit; step > 0. */
MUST_CHECK bool decimal_floor_to(struct decimal value, struct decimal step, struct decimal *out);

/* 10^exponent for -18 <= exponent <= 18, e.g. a size step from a number of decimals. */
struct decimal decimal_power10(int exponent);

#endif
