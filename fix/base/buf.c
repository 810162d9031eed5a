/*
 * Growable writer. Grows by doubling up to its maximum; the first thing that does not fit makes
 * every later write a no-op, so that a half-written message can never pass for a whole one.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "digits.h"

#define BUF_FIRST_CAPACITY 256

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max };
}

void buf_fini(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
    b->size = 0;
    b->failed = false;
}

bool buf_grow(struct buf *b, size_t more)
{
    size_t capacity = b->capacity < BUF_FIRST_CAPACITY ? BUF_FIRST_CAPACITY : b->capacity;
    char *data;

    if (more > b->max - b->size) {
        b->failed = true;
        return false;
    }
    while (capacity - b->size < more) {
        capacity = capacity > b->max / 2 ? b->max : capacity * 2;
    }
    if (capacity > b->max) {
        capacity = b->max;
    }
    data = realloc(b->data, capacity);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

void buf_uint(struct buf *b, uint64_t value)
{
    char text[DIGITS_MAX];
    size_t size = digits_print(value, text);

    buf_add(b, text, size);
}

void buf_int(struct buf *b, int64_t value)
{
    char text[1 + DIGITS_MAX];
    size_t sign = value < 0;
    /* Negated as unsigned: INT64_MIN has no positive twin. */
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    text[0] = '-';
    buf_add(b, text, sign + digits_print(magnitude, text + sign));
}

void buf_decimal(struct buf *b, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    size_t size = decimal_print(value, text);

    buf_add(b, text, size);
}

/* Into the room there is; the size the text has, or would have had with more room. */
PRINTF_LIKE(2, 0) static int print(struct buf *b, const char *format, va_list args)
{
    size_t room = b->failed ? 0 : b->capacity - b->size;

    return vsnprintf(room == 0 ? NULL : b->data + b->size, room, format, args);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int size;

    va_start(args, format);
    size = print(b, format, args);
    va_end(args);
    if (size < 0) {
        b->failed = true;
        return;
    }
    if (b->failed || (size_t)size >= b->capacity - b->size) {
        /* One more for vsnprintf's NUL, which is then not counted. At the very maximum it has no
         * room, so the last byte of a buffer cannot be reached by printf; nobody sizes a buffer
         * that tightly. */
        if (!buf_reserve(b, (size_t)size + 1)) {
            return;
        }
        va_start(args, format);
        size = print(b, format, args);
        va_end(args);
        ASSERT(size >= 0 && (size_t)size < b->capacity - b->size);
    }
    b->size += (size_t)size;
}

void buf_consume(struct buf *b, size_t n)
{
    ASSERT(n <= b->size);
    if (n == 0) {
        return;
    }
    b->size -= n;
    memmove(b->data, b->data + n, b->size);
}
