/*
 * The vocabulary every layer shares: borrowed bytes, time, and a few macros.
 */
#ifndef FIX_BASE_BASE_H
#define FIX_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NARROW __attribute__((packed)) /* of an enum: no wider than its values need */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Borrowed memory: never freed through, may hold any byte, not NUL-terminated. */
struct bytes {
    const char *data;
    size_t size;
};

/* A `struct bytes` over a string literal. */
#define BYTES(literal) ((struct bytes){ (literal), sizeof(literal) - 1 })

/* For printf("%.*s", BYTES_ARG(b)); only where the content is known to be text. */
#define BYTES_ARG(b) (int)(b).size, (b).data

/* Both clocks, read once a turn by the shell and handed down. Microseconds.
 * `mono_us` only ever grows and is for deadlines; `wall_us` is since 1970 UTC and is for stamps. */
struct instant {
    int64_t mono_us;
    int64_t wall_us;
};

#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)
#define NEVER_US INT64_MAX /* a deadline that is not set */

static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool bytes_is(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

/* Copies `from` into a fixed, NUL-terminated field; false (and an empty field) when it does not fit
 * with its terminator. */
MUST_CHECK static inline bool bytes_to_field(struct bytes from, char *field, size_t field_size)
{
    if (from.size >= field_size) {
        field[0] = '\0';
        return false;
    }
    if (from.size > 0) {
        memcpy(field, from.data, from.size);
    }
    field[from.size] = '\0';
    return true;
}

#endif
