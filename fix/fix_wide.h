/*
 * Many bytes of a message at once: where its fields end, and their sum.
 */
#ifndef FIX_WIDE_H
#define FIX_WIDE_H

#include "base.h"
#include "le.h"

#if defined(__SSE2__) /* every x86-64 */
#include <emmintrin.h>
#endif

#define WIDE_BLOCK 64
#define WIDE_BYTES UINT64_C(0x0101010101010101) /* times a byte: it, eight times over */

/* Bit i: whether at[i] is `byte`, of 16. The same twice: for any machine, and for SSE2. */
static inline uint64_t wide_find_16_plain(const char *at, char byte)
{
    const uint64_t low = WIDE_BYTES * 0x7f;
    uint64_t found = 0;

    for (unsigned i = 0; i < 16; i += 8) {
        uint64_t word = le64_get(at + i) ^ WIDE_BYTES * (unsigned char)byte;
        uint64_t hits = ~(((word & low) + low) | word | low) >> 7; /* 1 in each byte that is 0 */

        /* The factor brings the lowest bit of byte n to bit 56 + n, and no two of them meet. */
        found |= (hits * UINT64_C(0x0102040810204080) >> 56) << i;
    }
    return found;
}

static inline uint64_t wide_find_16(const char *at, char byte)
{
#if defined(__SSE2__)
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(byte)));
#else
    return wide_find_16_plain(at, byte);
#endif
}

/* The same of 64 = WIDE_BLOCK. */
static inline uint64_t wide_find(const char *at, char byte)
{
    return wide_find_16(at, byte) | wide_find_16(at + 16, byte) << 16 |
           wide_find_16(at + 32, byte) << 32 | wide_find_16(at + 48, byte) << 48;
}

/* The sum of all bytes modulo 256. */
static inline unsigned wide_sum(const char *data, size_t size)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
    typedef uint8_t lanes __attribute__((vector_size(16)));
    lanes sums = { 0 };
    uint64_t half[2], sum;

    for (; size >= sizeof sums; data += sizeof sums, size -= sizeof sums) {
        lanes block;

        memcpy(&block, data, sizeof block);
        sums += block; /* each lane modulo 256 */
    }
    memcpy(half, &sums, sizeof half);
    sum = (half[0] & even) + (half[0] >> 8 & even) + (half[1] & even) + (half[1] >> 8 & even);
    sum += sum >> 32;
    sum += sum >> 16;
    for (; size > 0; data++, size--) {
        sum += (unsigned char)*data;
    }
    return (unsigned)(sum & 0xff);
}

#endif
