/*
 * Glancing.
 */
#include "fix_peek.h"

#define SOH '\001'
#define TRAILER_SIZE 7 /* 10=ddd SOH */

struct fix_peek fix_peek(struct bytes raw)
{
    struct fix_peek p = { .size = raw.size };
    size_t at = 0, length = 0, body;

    if (raw.size < 16 || memcmp(raw.data, "8=", 2) != 0) {
        return p;
    }
    while (at < raw.size && raw.data[at] != SOH) {
        at++;
    }
    if (at + 4 >= raw.size || raw.data[at + 1] != '9' || raw.data[at + 2] != '=') {
        return p;
    }
    for (at += 3; at < raw.size && raw.data[at] >= '0' && raw.data[at] <= '9'; at++) {
        length = length * 10 + (size_t)(raw.data[at] - '0');
        if (length > raw.size) {
            return p;
        }
    }
    body = at + 1;
    if (body + 3 >= raw.size || memcmp(raw.data + at, "\00135=", 4) != 0) {
        return p;
    }
    for (at = body + 3; at < raw.size && raw.data[at] != SOH; at++) {
    }
    p.type = (struct bytes){ raw.data + body + 3, at - body - 3 };
    if (body + length + TRAILER_SIZE < raw.size) {
        p.size = body + length + TRAILER_SIZE;
    }
    return p;
}

bool fix_peek_field(struct bytes text, const char *tag, struct bytes *value)
{
    size_t tag_size = strlen(tag);
    const char *at = text.data, *end = text.data + text.size;

    while (at != NULL && (size_t)(end - at) > tag_size) {
        const char *stop = memchr(at, SOH, (size_t)(end - at));

        stop = stop == NULL ? end : stop;
        if ((size_t)(stop - at) > tag_size && at[tag_size] == '=' &&
            memcmp(at, tag, tag_size) == 0) {
            *value = (struct bytes){ at + tag_size + 1, (size_t)(stop - at) - tag_size - 1 };
            return true;
        }
        at = stop == end ? NULL : stop + 1;
    }
    return false;
}

unsigned fix_peek_number(struct bytes text, unsigned most)
{
    unsigned n = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return most + 1;
        }
        n = n * 10 + (unsigned)(text.data[i] - '0');
        if (n > most) {
            return most + 1;
        }
    }
    return text.size > 0 ? n : most + 1;
}
