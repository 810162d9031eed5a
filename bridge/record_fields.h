/*
 * The fields that journal records are made of, in and out: little endian, texts with a 16-bit
 * length. Private to record.c.
 */
#ifndef BRIDGE_RECORD_FIELDS_H
#define BRIDGE_RECORD_FIELDS_H

#include "buf.h"
#include "le.h"

/* ---- out ----------------------------------------------------------------------------------- */

static inline void put_u8(struct buf *b, unsigned v)
{
    buf_char(b, (char)(unsigned char)v);
}

static inline void put_u32(struct buf *b, uint32_t v)
{
    if (buf_reserve(b, sizeof v)) {
        le32_put(b->data + b->size, v);
        b->size += sizeof v;
    }
}

static inline void put_u64(struct buf *b, uint64_t v)
{
    if (buf_reserve(b, sizeof v)) {
        le64_put(b->data + b->size, v);
        b->size += sizeof v;
    }
}

static inline void put_i64(struct buf *b, int64_t v)
{
    put_u64(b, (uint64_t)v);
}

static inline void put_decimal(struct buf *b, struct decimal d)
{
    put_i64(b, d.mantissa);
    put_u8(b, (unsigned)d.scale);
}

static inline void put_bytes(struct buf *b, struct bytes t)
{
    if (t.size > UINT16_MAX) {
        b->failed = true;
        return;
    }
    put_u8(b, (unsigned)t.size & 0xff);
    put_u8(b, (unsigned)t.size >> 8);
    buf_bytes(b, t);
}

/* ---- in ------------------------------------------------------------------------------------ */

/* Reads forward; `bad` is sticky, so that a kind's fields can be read in a row and looked at once.
 */
struct reader {
    struct bytes left;
    bool bad;
};

/* The next bytes; NULL: there are not so many, and what is left counts for nothing. */
static inline const char *get_raw(struct reader *r, size_t size)
{
    const char *at = r->left.data;

    if (r->left.size < size) {
        r->bad = true;
        r->left.size = 0;
        return NULL;
    }
    r->left.data += size;
    r->left.size -= size;
    return at;
}

static inline unsigned get_u8(struct reader *r)
{
    const char *at = get_raw(r, 1);

    return at == NULL ? 0 : (unsigned char)*at;
}

static inline uint32_t get_u32(struct reader *r)
{
    const char *at = get_raw(r, sizeof(uint32_t));

    return at == NULL ? 0 : le32_get(at);
}

static inline uint64_t get_u64(struct reader *r)
{
    const char *at = get_raw(r, sizeof(uint64_t));

    return at == NULL ? 0 : le64_get(at);
}

static inline int64_t get_i64(struct reader *r)
{
    return (int64_t)get_u64(r);
}

static inline struct decimal get_decimal(struct reader *r)
{
    struct decimal d = { .mantissa = get_i64(r) };

    d.scale = (int32_t)get_u8(r);
    if (d.scale > DECIMAL_SCALE_MAX) {
        r->bad = true;
    }
    return d;
}

static inline struct bytes get_bytes(struct reader *r)
{
    size_t size = get_u8(r);
    struct bytes t;

    size |= (size_t)get_u8(r) << 8;
    if (r->bad || size > r->left.size) {
        r->bad = true;
        return (struct bytes){ NULL, 0 };
    }
    t = (struct bytes){ r->left.data, size };
    r->left.data += size;
    r->left.size -= size;
    return t;
}

/* A number that must be within an enum. */
static inline unsigned get_enum(struct reader *r, unsigned max)
{
    unsigned v = get_u8(r);

    if (v > max) {
        r->bad = true;
    }
    return v;
}

#endif
