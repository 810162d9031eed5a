/*
 * The fields that journal records are made of, in and out: little endian, texts with a 16-bit
 * length. Private to record.c.
 */
#ifndef BRIDGE_RECORD_FIELDS_H
#define BRIDGE_RECORD_FIELDS_H

#include "buf.h"
#include "le.h"

/* ---- out ----------------------------------------------------------------------------------- */

/* Writes forward, by value so that it stays in registers: each function gives back where it got.
 * `at` NULL: something did not fit, and it stays so. */
struct writer {
    char *at;
    char *end;
};

/* Room for so much. */
static inline bool put_fits(struct writer w, size_t size)
{
    return (size_t)(w.end - w.at) >= size;
}

#define PUT_FAILED ((struct writer){ NULL, NULL })

static inline struct writer put_u8(struct writer w, unsigned v)
{
    if (!put_fits(w, 1)) {
        return PUT_FAILED;
    }
    *w.at++ = (char)(unsigned char)v;
    return w;
}

static inline struct writer put_u32(struct writer w, uint32_t v)
{
    if (!put_fits(w, sizeof v)) {
        return PUT_FAILED;
    }
    le32_put(w.at, v);
    w.at += sizeof v;
    return w;
}

static inline struct writer put_u64(struct writer w, uint64_t v)
{
    if (!put_fits(w, sizeof v)) {
        return PUT_FAILED;
    }
    le64_put(w.at, v);
    w.at += sizeof v;
    return w;
}

static inline struct writer put_i64(struct writer w, int64_t v)
{
    return put_u64(w, (uint64_t)v);
}

static inline struct writer put_decimal(struct writer w, struct decimal d)
{
    w = put_i64(w, d.mantissa);
    return put_u8(w, (unsigned)d.scale);
}

static inline struct writer put_bytes(struct writer w, struct bytes t)
{
    if (t.size > UINT16_MAX || !put_fits(w, t.size + 2)) {
        return PUT_FAILED;
    }
    *w.at++ = (char)(unsigned char)(t.size & 0xff);
    *w.at++ = (char)(unsigned char)(t.size >> 8);
    if (t.size > 0) {
        memcpy(w.at, t.data, t.size);
    }
    w.at += t.size;
    return w;
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
