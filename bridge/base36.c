/*
 * Numbers to the base 36: see base36.h. Does not know what they number.
 */
#include "base36.h"

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static size_t count_digits(uint64_t value)
{
    size_t count = 1;

    for (; value >= UINT64_C(36) * 36 * 36 * 36; value /= UINT64_C(36) * 36 * 36 * 36) {
        count += 4;
    }
    return count + (value >= 36) + (value >= 36 * 36) + (value >= 36 * 36 * 36);
}

size_t base36_print(uint64_t value, char *out)
{
    size_t count = count_digits(value);

    for (size_t at = count; at > 0; at--) {
        out[at - 1] = digits[value % 36];
        value /= 36;
    }
    return count;
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
