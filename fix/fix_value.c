/*
 * Forms of values. Where QuickFIX looks closer than the standard or less close, clients have come
 * to rely on QuickFIX: floats may be ".5" or "5.", currencies may be longer than ISO 4217 ("USDT").
 */
#include "fix_value.h"

#include "assert.h"
#include "digits.h"
#include "timestamp.h"

static bool all_digits(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    return text.size > 0;
}

static bool is_int(struct bytes text)
{
    size_t sign = text.size > 0 && text.data[0] == '-';

    return all_digits((struct bytes){ text.data + sign, text.size - sign });
}

static bool is_float(struct bytes text)
{
    size_t at = text.data[0] == '-';
    size_t digits = 0;
    size_t points = 0;

    for (; at < text.size; at++) {
        if (is_digit(text.data[at])) {
            digits++;
        } else if (text.data[at] == '.') {
            points++;
        } else {
            return false;
        }
    }
    return digits > 0 && points <= 1;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Codes of other organisations: no blanks, nothing unprintable. */
static bool is_code(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

static unsigned pair(const char *at)
{
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static bool is_date(struct bytes text)
{
    char stamp[17];

    if (text.size != 8) {
        return false;
    }
    memcpy(stamp, text.data, 8);
    memcpy(stamp + 8, "-00:00:00", 9);
    return timestamp_is_one((struct bytes){ stamp, sizeof stamp });
}

static bool is_time(struct bytes text)
{
    char stamp[9 + 18];

    if (text.size < 8 || text.size > 18) {
        return false;
    }
    memcpy(stamp, "20000101-", 9);
    memcpy(stamp + 9, text.data, text.size);
    return timestamp_is_one((struct bytes){ stamp, 9 + text.size });
}

/* YYYYMM, YYYYMMDD or YYYYMMwN. */
static bool is_month_year(struct bytes text)
{
    unsigned month;

    if (text.size == 8 && text.data[6] != 'w') {
        return is_date(text);
    }
    if ((text.size != 6 && text.size != 8) || !all_digits((struct bytes){ text.data, 6 })) {
        return false;
    }
    month = pair(text.data + 4);
    return month >= 1 && month <= 12 &&
           (text.size == 6 || (text.data[7] >= '1' && text.data[7] <= '5'));
}

static bool is_day_of_month(struct bytes text)
{
    unsigned day;

    if (text.size > 2 || !all_digits(text)) {
        return false;
    }
    day = text.size == 2 ? pair(text.data) : (unsigned)(text.data[0] - '0');
    return day >= 1 && day <= 31;
}

/* Values with one space between each. */
static bool is_multiple(struct bytes text)
{
    char before = ' ';

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == ' ' && before == ' ') {
            return false;
        }
        before = text.data[i];
    }
    return before != ' ';
}

bool fix_value_has_form(enum fix_form form, struct bytes value)
{
    switch (form) {
    case FORM_STRING:
    case FORM_DATA: return true;
    case FORM_CHAR: return value.size == 1;
    case FORM_BOOLEAN: return value.size == 1 && (value.data[0] == 'Y' || value.data[0] == 'N');
    case FORM_INT: return is_int(value);
    case FORM_NATURAL: return all_digits(value);
    case FORM_DAY_OF_MONTH: return is_day_of_month(value);
    case FORM_FLOAT: return is_float(value);
    case FORM_MULTIPLE: return is_multiple(value);
    case FORM_COUNTRY:
        return value.size == 2 && is_letter(value.data[0]) && is_letter(value.data[1]);
    case FORM_CODE: return is_code(value);
    case FORM_MONTH_YEAR: return is_month_year(value);
    case FORM_TIMESTAMP: return timestamp_is_one(value);
    case FORM_TIME: return is_time(value);
    case FORM_DATE: return is_date(value);
    }
    UNREACHABLE();
}

bool fix_value_is_listed(enum fix_form form, const struct dict_values *values, struct bytes value)
{
    size_t at = 0;

    if (form != FORM_MULTIPLE) {
        return dict_values_have(values, value);
    }
    while (at < value.size) {
        const char *space = memchr(value.data + at, ' ', value.size - at);
        size_t end = space == NULL ? value.size : (size_t)(space - value.data);

        if (!dict_values_have(values, (struct bytes){ value.data + at, end - at })) {
            return false;
        }
        at = end + 1;
    }
    return true;
}

bool fix_value_natural(struct bytes value, uint64_t *out)
{
    uint64_t number = 0;

    if (!all_digits(value)) {
        return false;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (__builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(value.data[i] - '0'), &number)) {
            return false;
        }
    }
    *out = number;
    return true;
}
