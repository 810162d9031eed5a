/*
 * Exact decimals on a 64-bit mantissa. Wherever two scales meet, the work is done in 128 bits: the
 * largest product, 2^63 * 10^18, is below 2^123, so nothing here can overflow before it is
 * narrowed.
 */
#include "decimal.h"

#include "assert.h"
#include "digits.h"

__extension__ typedef __int128 int128;

/* 18 digits always fit a mantissa, whatever they are. */
#define SAFE_DIGITS 18

static const int64_t power10[DECIMAL_SCALE_MAX + 1] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

static void check(struct decimal d)
{
    ASSERT(d.scale >= 0 && d.scale <= DECIMAL_SCALE_MAX);
}

/* A number as the text gives it: the digits between the first and the last that is not zero, and
 * the power of ten of the last one. */
struct digits {
    bool negative;
    const char *first; /* first digit that is not zero; may be followed by one '.' */
    const char *end;   /* beyond the last digit that is not zero; == first: the value is zero */
    int64_t exponent;  /* of the last digit */
};

/* Finds the significant digits in [at, end), which holds digits and at most one point; `exponent`
 * is that of the unit digit (0 but for JSON). */
static struct digits significant(bool negative, const char *at, const char *end, int64_t exponent)
{
    const char *point = memchr(at, '.', (size_t)(end - at));
    struct digits d = { .negative = negative };

    while (at < end && (*at == '0' || *at == '.')) {
        at++;
    }
    while (end > at && (end[-1] == '0' || end[-1] == '.')) {
        end--;
    }
    d.first = at;
    d.end = end;
    d.exponent = exponent;
    if (point == NULL || end <= point) {
        /* Digits dropped in front of the point count: 1500 is 15 with exponent 2. The caller passes
         * the exponent of the digit before `end` for texts without a fraction. */
        return d;
    }
    d.exponent -= end - point - 1;
    return d;
}

/* Adds the zeros that `significant` dropped in front of the point. */
static int64_t dropped_zeros(const struct digits *d, const char *integer_end)
{
    return d->end <= integer_end ? integer_end - d->end : 0;
}

static bool digits_value(const struct digits *d, struct decimal *out)
{
    uint64_t value = 0;
    int64_t exponent = d->exponent;
    size_t count = 0;

    for (const char *c = d->first; c < d->end; c++) {
        if (*c == '.') {
            continue;
        }
        if (++count > 19) {
            return false;
        }
        value = value * 10 + (uint64_t)(*c - '0'); /* 19 nines fit 64 bits */
    }
    if (value == 0) {
        *out = DECIMAL_ZERO;
        return true;
    }
    if (exponent < -DECIMAL_SCALE_MAX) {
        return false;
    }
    for (; exponent > 0; exponent--) {
        if (__builtin_mul_overflow(value, (uint64_t)10, &value)) {
            return false;
        }
    }
    if (value > (uint64_t)INT64_MAX + (d->negative ? 1 : 0)) {
        return false;
    }
    out->mantissa = (int64_t)(d->negative ? 0 - value : value);
    out->scale = (int32_t)-exponent;
    return true;
}

/* Many digits, most of them usually zeros. */
static bool parse_long(struct bytes text, struct decimal *out)
{
    const char *at = text.data;
    const char *end = at + text.size;
    bool negative = *at == '-';
    const char *point;
    const char *integer_end;
    size_t points = 0;
    struct digits d;

    at += negative;
    for (const char *c = at; c < end; c++) {
        if (*c == '.') {
            points++;
        } else if (!is_digit(*c)) {
            return false;
        }
    }
    if (points > 1) {
        return false;
    }
    point = memchr(at, '.', (size_t)(end - at));
    integer_end = point == NULL ? end : point;
    d = significant(negative, at, end, 0);
    d.exponent += dropped_zeros(&d, integer_end);
    return digits_value(&d, out);
}

bool decimal_parse(struct bytes text, struct decimal *out)
{
    const char *at = text.data, *end, *point = NULL, *first;
    int64_t value = 0;
    bool negative;

    if (text.size == 0) {
        return false;
    }
    end = at + text.size;
    if (text.size > SAFE_DIGITS) {
        return parse_long(text, out);
    }
    negative = *at == '-';
    at += negative;
    first = at;
    for (; at < end; at++) {
        if (is_digit(*at)) {
            value = value * 10 + (*at - '0');
        } else if (*at == '.' && point == NULL) {
            point = at;
        } else {
            return false;
        }
    }
    if (end - first == (point != NULL)) {
        return false; /* no digit at all */
    }
    out->mantissa = negative ? -value : value;
    out->scale = point == NULL ? 0 : (int32_t)(end - point - 1);
    return true;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

/* The part after 'e': sign and digits, all of [at, end). Saturates far beyond any text's length. */
static bool parse_exponent(const char *at, const char *end, int64_t *out)
{
    const int64_t saturated = INT64_C(1) << 56;
    int64_t value = 0;
    bool negative = at < end && *at == '-';

    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    if (at == end || skip_digits(at, end) != end) {
        return false;
    }
    for (; at < end; at++) {
        value = value * 10 + (*at - '0');
        if (value > saturated) {
            value = saturated;
        }
    }
    *out = negative ? -value : value;
    return true;
}

static bool parse_json(struct bytes token, struct decimal *out)
{
    const char *at = token.data;
    const char *end = at + token.size;
    bool negative = token.size > 0 && *at == '-';
    const char *first = at + negative;
    const char *integer_end = skip_digits(first, end);
    const char *number_end = integer_end;
    int64_t exponent = 0;
    struct digits d;

    if (integer_end == first || (*first == '0' && integer_end - first > 1)) {
        return false;
    }
    if (number_end < end && *number_end == '.') {
        number_end = skip_digits(integer_end + 1, end);
        if (number_end == integer_end + 1) {
            return false;
        }
    }
    if (number_end < end) {
        if ((*number_end != 'e' && *number_end != 'E') ||
            !parse_exponent(number_end + 1, end, &exponent)) {
            return false;
        }
    }
    d = significant(negative, first, number_end, exponent);
    d.exponent += dropped_zeros(&d, integer_end);
    /* 10^18 is the largest power a mantissa can hold; keeps the loop below short, too. */
    if (d.first < d.end && d.exponent > DECIMAL_SCALE_MAX) {
        return false;
    }
    return digits_value(&d, out);
}

bool decimal_parse_json(struct bytes token, struct decimal *out)
{
    return token.size > 0 && parse_json(token, out);
}

struct decimal decimal_normal(struct decimal d)
{
    check(d);
    while (d.scale > 0 && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.scale--;
    }
    return d;
}

size_t decimal_print(struct decimal d, char out[DECIMAL_TEXT_MAX])
{
    char *at = out;
    size_t count;
    size_t scale;
    uint64_t magnitude;

    if (d.mantissa == 0) {
        memcpy(out, "0", 2);
        return 1;
    }
    d = decimal_normal(d);
    magnitude = d.mantissa < 0 ? 0 - (uint64_t)d.mantissa : (uint64_t)d.mantissa;
    scale = (size_t)d.scale;
    if (d.mantissa < 0) {
        *at++ = '-';
    }
    if (scale == 0) {
        at += digits_print(magnitude, at);
    } else if (magnitude >= (uint64_t)power10[scale]) {
        /* One to the right, and the integer part moved back: the gap is the point's. */
        count = digits_print(magnitude, at + 1) - scale;
        for (size_t i = 0; i < count; i++) {
            at[i] = at[i + 1];
        }
        at[count] = '.';
        at += count + 1 + scale;
    } else {
        char digits[DIGITS_MAX];

        count = digits_print(magnitude, digits);
        memset(at, '0', 2 + scale - count);
        at[1] = '.';
        memcpy(at + 2 + scale - count, digits, count);
        at += 2 + scale;
    }
    *at = '\0';
    return (size_t)(at - out);
}

/* The mantissa at a scale that is not smaller than its own. */
static int128 mantissa_at(struct decimal d, int32_t scale)
{
    check(d);
    return (int128)d.mantissa * power10[scale - d.scale];
}

static int32_t common_scale(struct decimal a, struct decimal b)
{
    return a.scale > b.scale ? a.scale : b.scale;
}

/* Back to 64 bits, dropping trailing zeros of the fraction only as far as it takes. */
static bool narrow(int128 mantissa, int32_t scale, struct decimal *out)
{
    while (scale > 0 &&
           (scale > DECIMAL_SCALE_MAX || mantissa > INT64_MAX || mantissa < INT64_MIN)) {
        if (mantissa % 10 != 0) {
            return false;
        }
        mantissa /= 10;
        scale--;
    }
    if (mantissa > INT64_MAX || mantissa < INT64_MIN) {
        return false;
    }
    out->mantissa = (int64_t)mantissa;
    out->scale = scale;
    return true;
}

int decimal_compare(struct decimal a, struct decimal b)
{
    int32_t scale = common_scale(a, b);
    int128 left, right;

    if (a.scale == b.scale) {
        return (a.mantissa > b.mantissa) - (a.mantissa < b.mantissa);
    }
    left = mantissa_at(a, scale);
    right = mantissa_at(b, scale);
    return (left > right) - (left < right);
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
    int32_t scale = common_scale(a, b);

    if (b.mantissa == 0 && b.scale <= a.scale) {
        check(a);
        *out = a;
        return true;
    }

    return narrow(mantissa_at(a, scale) + mantissa_at(b, scale), scale, out);
}

bool decimal_sub(struct decimal a, struct decimal b, struct decimal *out)
{
    int32_t scale = common_scale(a, b);

    if (b.mantissa == 0 && b.scale <= a.scale) {
        check(a);
        *out = a;
        return true;
    }

    return narrow(mantissa_at(a, scale) - mantissa_at(b, scale), scale, out);
}

bool decimal_mul(struct decimal a, struct decimal b, struct decimal *out)
{
    check(a);
    check(b);
    return narrow((int128)a.mantissa * b.mantissa, a.scale + b.scale, out);
}

bool decimal_is_multiple(struct decimal value, struct decimal step)
{
    int32_t scale = common_scale(value, step);
    int128 left, unit;

    ASSERT(step.mantissa > 0);
    if (value.mantissa == 0) {
        return true;
    }
    left = mantissa_at(value, scale);
    unit = mantissa_at(step, scale);
    if (left == (int64_t)left && unit == (int64_t)unit) { /* nearly always: the machine divides */
        return (int64_t)left % (int64_t)unit == 0;
    }
    return left % unit == 0;
}

bool decimal_floor_to(struct decimal value, struct decimal step, struct decimal *out)
{
    int32_t scale = common_scale(value, step);
    int128 mantissa = mantissa_at(value, scale);
    int128 unit = mantissa_at(step, scale);
    int128 rest;

    ASSERT(step.mantissa > 0);
    rest = mantissa % unit;
    if (rest < 0) {
        rest += unit; /* C rounds towards zero, a floor goes down */
    }
    /* A multiple of step needs no more than step's scale: 1.23 by 0.1 is 1.2, not 1.20. */
    return narrow((mantissa - rest) / power10[scale - step.scale], step.scale, out);
}

struct decimal decimal_power10(int exponent)
{
    ASSERT(exponent >= -DECIMAL_SCALE_MAX && exponent <= DECIMAL_SCALE_MAX);
    if (exponent < 0) {
        return (struct decimal){ 1, -exponent };
    }
    return (struct decimal){ power10[exponent], 0 };
}
