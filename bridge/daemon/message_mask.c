/*
 * Walks the fields of a frame without fix_msg: it must also show messages that cannot be indexed.
 */
#include "message_mask.h"

#include "fix_tags.h"

#define SOH '\001'

struct field {
    uint32_t tag;      /* 0: none that can be read */
    size_t value, end; /* [value, end) of raw */
};

static bool is_message(struct bytes raw)
{
    static const size_t trailer = sizeof "\00110=ddd\001" - 1;

    return raw.size > 2 * trailer && memcmp(raw.data, "8=FIX", 5) == 0 &&
           memcmp(raw.data + raw.size - trailer, "\00110=", 4) == 0 &&
           raw.data[raw.size - 1] == SOH;
}

static struct field field_at(struct bytes raw, size_t at)
{
    const char *soh = memchr(raw.data + at, SOH, raw.size - at);
    struct field f = { .value = at, .end = soh == NULL ? raw.size : (size_t)(soh - raw.data) };
    const char *equals = memchr(raw.data + at, '=', f.end - at);
    uint32_t unit = 1;

    if (equals == NULL) {
        return f;
    }
    f.value = (size_t)(equals - raw.data) + 1;
    /* The digits right before it, whatever stands in front of them. */
    for (size_t i = f.value - 1; i > at && unit <= 100000; i--, unit *= 10) {
        char c = raw.data[i - 1];

        if (c < '0' || c > '9') {
            break;
        }
        f.tag += (uint32_t)(c - '0') * unit;
    }
    return f;
}

/* A length field says how far the data field behind it goes, SOH or not. */
static bool number(struct bytes raw, const struct field *f, size_t *out)
{
    size_t n = 0;

    for (size_t i = f->value; i < f->end; i++) {
        if (raw.data[i] < '0' || raw.data[i] > '9' || n > raw.size) {
            return false;
        }
        n = n * 10 + (size_t)(raw.data[i] - '0');
    }
    *out = n;
    return f->end > f->value;
}

static void show(struct buf *out, struct bytes text, char separator)
{
    size_t plain = 0;

    for (size_t i = 0; i <= text.size; i++) {
        unsigned char c = i < text.size ? (unsigned char)text.data[i] : 0;

        if (i < text.size && c >= ' ' && c != 0x7f) {
            continue;
        }
        buf_add(out, text.data + plain, i - plain);
        plain = i + 1;
        if (i < text.size && c == SOH) {
            buf_char(out, separator);
        } else if (i < text.size) {
            buf_printf(out, "\\x%02x", c);
        }
    }
}

static bool is_secret(uint32_t tag)
{
    return tag == TAG_PASSWORD || tag == TAG_NEW_PASSWORD || tag == TAG_RAW_DATA;
}

void message_mask(struct buf *out, struct bytes raw, char separator)
{
    uint32_t before = 0;
    size_t length = 0;
    bool has_length = false;

    if (!is_message(raw)) {
        buf_printf(out, "(%zu bytes that are no message)", raw.size);
        return;
    }
    for (size_t at = 0; at < raw.size;) {
        struct field f = field_at(raw, at);

        if (f.tag == TAG_RAW_DATA) {
            /* Without a length that fits, all the rest may belong to it. */
            f.end = raw.size;
            if (before == TAG_RAW_DATA_LENGTH && has_length && length < raw.size - f.value &&
                raw.data[f.value + length] == SOH) {
                f.end = f.value + length;
            }
        }
        show(out, (struct bytes){ raw.data + at, f.value - at }, separator);
        if (is_secret(f.tag)) {
            buf_text(out, "***");
        } else {
            show(out, (struct bytes){ raw.data + f.value, f.end - f.value }, separator);
        }
        has_length = number(raw, &f, &length);
        before = f.tag;
        at = f.end + 1;
        if (f.end < raw.size) {
            buf_char(out, separator);
        }
    }
}
