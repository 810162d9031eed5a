/*
 * A growable writer with a mandatory maximum. Writing past the maximum, or out of memory, sets a
 * sticky `failed`; callers write freely and look once at the end.
 */
#ifndef FIX_BASE_BUF_H
#define FIX_BASE_BUF_H

#include "base.h"
#include "decimal.h"

struct buf {
    char *data;
    size_t size; /* bytes written */
    size_t capacity;
    size_t max;  /* never grows beyond this */
    bool failed; /* sticky until buf_clear */
};

/* Empty, allocates nothing yet. */
void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);
/* Forgets content and failure, keeps the memory. */
void buf_clear(struct buf *b);
/* For buf_reserve only. */
bool buf_grow(struct buf *b, size_t more);

/* Makes room for `more` further bytes; false (and failed) when it cannot. */
static inline bool buf_reserve(struct buf *b, size_t more)
{
    return !b->failed && (more <= b->capacity - b->size || buf_grow(b, more));
}

static inline void buf_add(struct buf *b, const void *data, size_t size)
{
    if (size > 0 && buf_reserve(b, size)) {
        memcpy(b->data + b->size, data, size);
        b->size += size;
    }
}

static inline void buf_char(struct buf *b, char c)
{
    if (buf_reserve(b, 1)) {
        b->data[b->size] = c;
        b->size++;
    }
}

static inline void buf_bytes(struct buf *b, struct bytes text)
{
    buf_add(b, text.data, text.size);
}

static inline void buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_uint(struct buf *b, uint64_t value);
void buf_int(struct buf *b, int64_t value);
void buf_decimal(struct buf *b, struct decimal value);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);

static inline struct bytes buf_view(const struct buf *b)
{
    return (struct bytes){ b->data, b->size };
}

#endif
