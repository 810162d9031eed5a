/*
 * Exact sums and one rounding. Products of two 64-bit mantissas fit 127 bits; quotients are made
 * digit by digit, so that no intermediate is wider than 128 bits.
 */
#include "avg_px.h"

#include "assert.h"

__extension__ typedef unsigned __int128 uint128;

#define INVERSE_SCALE 24

/* A remainder below this can be multiplied by ten, and a tie can be doubled. */
#define SUM_MAX ((int128)((~(uint128)0 >> 1) / 20))

static bool times_power10(int128 *value, int32_t exponent)
{
    for (; exponent > 0; exponent--) {
        if (__builtin_mul_overflow(*value, (int128)10, value)) {
            return false;
        }
    }
    return true;
}

static uint128 magnitude(int128 v)
{
    return v < 0 ? 0 - (uint128)v : (uint128)v;
}

/* Half to even, of quotient + rest/divisor, where `sticky` tells of something non-zero below. */
static uint128 round_half_even(uint128 quotient, uint128 rest, uint128 divisor, bool sticky)
{
    uint128 twice = rest * 2;
    bool up = twice > divisor || (twice == divisor && (sticky || (quotient & 1) != 0));

    return quotient + up;
}

/* value * 10^exponent / divisor, rounded half to even. False when it does not fit. */
static bool divide(uint128 value, int32_t exponent, uint128 divisor, uint128 *out)
{
    uint128 quotient = value / divisor;
    uint128 rest = value % divisor;
    uint128 unit = 1;

    for (; exponent > 0; exponent--) {
        rest *= 10;
        if (__builtin_mul_overflow(quotient, (uint128)10, &quotient) ||
            __builtin_add_overflow(quotient, rest / divisor, &quotient)) {
            return false;
        }
        rest %= divisor;
    }
    if (exponent == 0) {
        *out = round_half_even(quotient, rest, divisor, false);
        return true;
    }
    for (; exponent < 0; exponent++) {
        unit *= 10; /* at most 10^36: see the scales below */
    }
    *out = round_half_even(quotient / unit, quotient % unit, unit, rest != 0);
    return true;
}

static bool linear_product(struct decimal qty, struct decimal px, int32_t scale, int128 *out)
{
    *out = (int128)qty.mantissa * px.mantissa;
    return times_power10(out, scale - (qty.scale + px.scale));
}

static bool inverse_quotient(struct decimal qty, struct decimal px, int128 *out)
{
    uint128 q;

    if (px.mantissa <= 0 ||
        !divide((uint128)qty.mantissa, INVERSE_SCALE - qty.scale + px.scale, (uint128)px.mantissa,
                &q) ||
        q > (uint128)SUM_MAX) {
        return false;
    }
    *out = (int128)q;
    return true;
}

bool avg_px_add(struct avg_px *a, bool inverse, struct decimal qty, struct decimal px)
{
    int32_t scale = INVERSE_SCALE;
    int128 sum = a->sum, part;
    struct decimal total;

    qty = decimal_normal(qty);
    px = decimal_normal(px);
    if (qty.mantissa <= 0 || !decimal_add(a->qty, qty, &total)) {
        return false;
    }
    if (inverse) {
        if (!inverse_quotient(qty, px, &part)) {
            return false;
        }
    } else {
        scale = qty.scale + px.scale > a->scale ? qty.scale + px.scale : a->scale;
        if (!times_power10(&sum, scale - a->scale) || !linear_product(qty, px, scale, &part)) {
            return false;
        }
    }
    if (__builtin_add_overflow(sum, part, &sum) || sum > SUM_MAX || sum < -SUM_MAX) {
        return false;
    }
    a->sum = sum;
    a->qty = total;
    a->scale = scale;
    return true;
}

static bool value_at(const struct avg_px *a, bool inverse, int32_t scale, struct decimal *out)
{
    uint128 sum = magnitude(a->sum);
    uint128 qty = (uint128)a->qty.mantissa;
    uint128 value;
    bool fits = inverse ? divide(qty, scale + INVERSE_SCALE - a->qty.scale, sum, &value)
                        : divide(sum, scale + a->qty.scale - a->scale, qty, &value);

    if (!fits || value > INT64_MAX) {
        return false;
    }
    out->mantissa = a->sum < 0 ? -(int64_t)value : (int64_t)value;
    out->scale = scale;
    return true;
}

struct decimal avg_px_value(const struct avg_px *a, bool inverse)
{
    struct decimal value;

    if (a->qty.mantissa == 0 || (inverse && a->sum == 0)) {
        return DECIMAL_ZERO;
    }
    /* Beyond nine hundred million the last digits give way rather than the number. */
    for (int32_t scale = AVG_PX_SCALE; scale >= 0; scale--) {
        if (value_at(a, inverse, scale, &value)) {
            return decimal_normal(value);
        }
    }
    /* Only a quotient of absurd sums gets here: an average of prices is no larger than the largest.
     */
    return (struct decimal){ a->sum < 0 ? -INT64_MAX : INT64_MAX, 0 };
}

bool avg_px_implied(const struct avg_px *a, struct decimal filled, struct decimal avg,
                    struct decimal *px)
{
    struct avg_px whole = { 0 }, rest = { 0 };

    if (!avg_px_add(&whole, false, filled, avg) || !decimal_sub(whole.qty, a->qty, &rest.qty) ||
        decimal_sign(rest.qty) <= 0) {
        return false;
    }
    rest.scale = whole.scale > a->scale ? whole.scale : a->scale;
    rest.sum = a->sum;
    if (!times_power10(&whole.sum, rest.scale - whole.scale) ||
        !times_power10(&rest.sum, rest.scale - a->scale)) {
        return false;
    }
    rest.sum = whole.sum - rest.sum;
    rest.qty = decimal_normal(rest.qty);
    *px = avg_px_value(&rest, false);
    return decimal_sign(*px) > 0;
}
