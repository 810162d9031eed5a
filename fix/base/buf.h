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
/* Makes room for `more` further bytes; false (and failed) when it cannot. */
bool buf_reserve(struct buf *b, size_t more);

void buf_add(struct buf *b, const void *data, size_t size);
void buf_bytes(struct buf *b, struct bytes text);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
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
