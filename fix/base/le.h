/*
 * Numbers as bytes, the lowest first, whatever the machine's own order.
 */
#ifndef FIX_BASE_LE_H
#define FIX_BASE_LE_H

#include "base.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LE32(v) __builtin_bswap32(v)
#define LE64(v) __builtin_bswap64(v)
#else
#define LE32(v) (v)
#define LE64(v) (v)
#endif

static inline uint32_t le32_get(const char *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof v);
    return LE32(v);
}

static inline uint64_t le64_get(const char *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof v);
    return LE64(v);
}

static inline void le32_put(char *at, uint32_t v)
{
    v = LE32(v);
    memcpy(at, &v, sizeof v);
}

static inline void le64_put(char *at, uint64_t v)
{
    v = LE64(v);
    memcpy(at, &v, sizeof v);
}

#endif
