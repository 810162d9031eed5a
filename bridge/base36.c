/*
 * Numbers to the base 36: see base36.h. Does not know what they number.
 */
#include "base36.h"

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

size_t base36_print(uint64_t value, char *out)
{
    char reversed[BASE36_MAX];
    size_t n = 0;

    do {
        reversed[n++] = digits[value % 36];
        value /= 36;
    } while (value > 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    return n;
}

bool base36_parse(struct bytes text, uint64_t *value)
{
    uint64_t sum = 0;

    if (text.size == 0 || (text.data[0] == '0' && text.size > 1)) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        const char *digit = text.data[i] == '\0' ? NULL : strchr(digits, text.data[i]);

        if (digit == NULL || __builtin_mul_overflow(sum, (uint64_t)36, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(digit - digits), &sum)) {
            return false;
        }
    }
    *value = sum;
    return true;
}
