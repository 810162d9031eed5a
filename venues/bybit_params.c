/*
 * Bybit: what requests are written with: members of a JSON body, an operator's arguments,
 * continuations.
 */
#include "bybit.h"

/* ---- JSON members -------------------------------------------------------------------------- */

static void put_name(struct buf *out, const char *name)
{
    if (out->size > 0 && out->data[out->size - 1] != '{') {
        buf_char(out, ',');
    }
    buf_printf(out, "\"%s\":", name);
}

void bybit_put_text(struct buf *out, const char *name, struct bytes value)
{
    put_name(out, name);
    json_put_text(out, value);
}

void bybit_put_decimal(struct buf *out, const char *name, struct decimal value)
{
    put_name(out, name);
    buf_char(out, '"');
    buf_decimal(out, value);
    buf_char(out, '"');
}

void bybit_put_int(struct buf *out, const char *name, int64_t value)
{
    put_name(out, name);
    buf_int(out, value);
}

void bybit_put_bool(struct buf *out, const char *name, bool value)
{
    put_name(out, name);
    buf_text(out, value ? "true" : "false");
}

/* ---- arguments ----------------------------------------------------------------------------- */

const struct bytes *bybit_arg(const struct venue_call *call, const char *name)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        if (bytes_is(call->arg[i].name, name)) {
            return &call->arg[i].value;
        }
    }
    return NULL;
}

bool bybit_args_known(const struct venue_call *call, const char *const *allowed)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        size_t k = 0;

        while (allowed[k] != NULL && !bytes_is(call->arg[i].name, allowed[k])) {
            k++;
        }
        if (allowed[k] == NULL || bybit_arg(call, allowed[k]) != &call->arg[i].value) {
            return false;
        }
    }
    return true;
}

/* False: not what the rule wants. */
static bool put_arg(struct buf *out, const struct bybit_arg_rule *rule, struct bytes value)
{
    struct decimal number;

    switch (rule->kind) {
    case BYBIT_TEXT: bybit_put_text(out, rule->name, value); return value.size > 0;
    case BYBIT_BOOL:
        bybit_put_bool(out, rule->name, bytes_is(value, "true"));
        return bytes_is(value, "true") || bytes_is(value, "false");
    case BYBIT_DECIMAL:
        if (!decimal_parse(value, &number) || decimal_sign(number) < 0) {
            return false;
        }
        bybit_put_decimal(out, rule->name, number);
        return true;
    case BYBIT_INT:
        if (!decimal_parse(value, &number) || decimal_normal(number).scale != 0) {
            return false;
        }
        bybit_put_int(out, rule->name, decimal_normal(number).mantissa);
        return true;
    }
    return false;
}

enum venue_error bybit_put_args(struct buf *out, const struct venue_call *call,
                                const struct bybit_arg_rule *rules, size_t count)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        const struct venue_arg *a = &call->arg[i];
        size_t k = 0;

        while (k < count && !bytes_is(a->name, rules[k].name)) {
            k++;
        }
        if (k == count || bybit_arg(call, rules[k].name) != &a->value ||
            !put_arg(out, &rules[k], a->value)) {
            return VENUE_BUILD_BAD_ARGUMENT;
        }
    }
    return VENUE_BUILD_OK;
}

/* ---- continuations ------------------------------------------------------------------------- */

/* The venue's cursors come encoded and go back as they came, so nothing may end the parameter. */
static bool is_cursor_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~%:,=/@!*()$;", c) != NULL);
}

bool bybit_cursor_read(struct bytes text, struct bybit_cursor *out)
{
    struct decimal start = DECIMAL_ZERO;
    struct bytes number;
    const char *end;

    *out = (struct bybit_cursor){ 0, text };
    if (text.size > 0 && text.data[0] == '~') {
        end = memchr(text.data + 1, '~', text.size - 1);
        number = (struct bytes){ text.data + 1, end == NULL ? 0 : (size_t)(end - text.data - 1) };
        if (!decimal_parse(number, &start) || start.scale != 0 || start.mantissa <= 0 ||
            start.mantissa > INT64_MAX / US_PER_MS) {
            return false;
        }
        out->start_ms = start.mantissa;
        out->venue = (struct bytes){ end + 1, text.size - (size_t)(end - text.data) - 1 };
    }
    for (size_t i = 0; i < out->venue.size; i++) {
        if (!is_cursor_char(out->venue.data[i])) {
            return false;
        }
    }
    return true;
}
