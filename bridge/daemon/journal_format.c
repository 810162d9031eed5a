/* See journal_format.h. */
#include "journal_format.h"

#include "bounds.h"
#include "le.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#define SEGMENT_MAGIC "FIXBRJNL"
#define BATCH_MAGIC UINT32_C(0x48435442) /* "BTCH" */

/* A nibble at a time: 64 bytes of table, no set-up; only old processors come here. */
uint32_t journal_crc_portable(uint32_t crc, const void *data, size_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const unsigned char *at = data;

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t crc, const void *data,
                                                            size_t size)
{
    const char *at = data;
    uint64_t wide = (uint32_t)~crc;

    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;

        memcpy(&word, at, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    for (; size > 0; size--, at++) {
        crc = _mm_crc32_u8(crc, (unsigned char)*at);
    }
    return ~crc;
}

uint32_t journal_crc(uint32_t crc, const void *data, size_t size)
{
    return __builtin_cpu_supports("sse4.2") ? crc_sse42(crc, data, size)
                                            : journal_crc_portable(crc, data, size);
}
#else
uint32_t journal_crc(uint32_t crc, const void *data, size_t size)
{
    return journal_crc_portable(crc, data, size);
}
#endif

void journal_segment_name(uint64_t number, char out[JOURNAL_NAME_SIZE])
{
    (void)snprintf(out, JOURNAL_NAME_SIZE, "%08" PRIu64 ".journal", number);
}

void journal_snapshot_name(uint64_t number, char out[JOURNAL_NAME_SIZE])
{
    (void)snprintf(out, JOURNAL_NAME_SIZE, "%08" PRIu64 ".snapshot", number);
}

static uint64_t leading_number(const char *name)
{
    uint64_t value = 0;

    for (; *name >= '0' && *name <= '9' && value < UINT64_MAX / 16; name++) {
        value = value * 10 + (uint64_t)(*name - '0');
    }
    return value;
}

bool journal_snapshot_number(const char *name, uint64_t *number)
{
    char again[JOURNAL_NAME_SIZE];

    *number = leading_number(name);
    journal_snapshot_name(*number, again);
    return *number > 0 && strcmp(name, again) == 0;
}

bool journal_segment_number(const char *name, uint64_t *number)
{
    char again[JOURNAL_NAME_SIZE];

    *number = leading_number(name);
    journal_segment_name(*number, again);
    return *number > 0 && strcmp(name, again) == 0;
}

void journal_segment_encode(const struct journal_segment_head *h, char out[JOURNAL_SEGMENT_HEAD])
{
    memset(out, 0, JOURNAL_SEGMENT_HEAD);
    memcpy(out, SEGMENT_MAGIC, 8);
    le32_put(out + 8, JOURNAL_FORMAT_VERSION);
    le32_put(out + 12, h->snapshot);
    le64_put(out + 16, h->number);
    le64_put(out + 24, h->identity);
    le64_put(out + 32, h->first_batch);
    le32_put(out + 60, journal_crc(0, out, 60));
}

const char *journal_segment_decode(const char in[JOURNAL_SEGMENT_HEAD],
                                   struct journal_segment_head *h)
{
    if (memcmp(in, SEGMENT_MAGIC, 8) != 0) {
        return "not a journal segment";
    }
    if (le32_get(in + 60) != journal_crc(0, in, 60)) {
        return "segment header damaged";
    }
    if (le32_get(in + 8) != JOURNAL_FORMAT_VERSION) {
        return "segment of another format version";
    }
    h->snapshot = le32_get(in + 12) != 0;
    h->number = le64_get(in + 16);
    h->identity = le64_get(in + 24);
    h->first_batch = le64_get(in + 32);
    return NULL;
}

bool journal_segment_is_begun(const char in[JOURNAL_SEGMENT_HEAD])
{
    char start[12] = SEGMENT_MAGIC;
    size_t size = JOURNAL_SEGMENT_HEAD;

    while (size > 0 && in[size - 1] == 0) {
        size--;
    }
    le32_put(start + 8, JOURNAL_FORMAT_VERSION);
    return memcmp(in, start, size < sizeof start ? size : sizeof start) == 0 &&
           le32_get(in + 60) != journal_crc(0, in, 60);
}

void journal_batch_encode(const struct journal_batch_head *h, uint64_t identity,
                          char out[JOURNAL_BATCH_HEAD])
{
    le32_put(out, BATCH_MAGIC);
    le32_put(out + 4, h->size);
    le64_put(out + 8, h->number);
    le64_put(out + 16, h->synced);
    le32_put(out + 24, h->crc);
    le32_put(out + 28, journal_crc((uint32_t)identity, out, 28));
}

bool journal_batch_decode(const char in[JOURNAL_BATCH_HEAD], uint64_t identity,
                          struct journal_batch_head *h)
{
    if (le32_get(in) != BATCH_MAGIC ||
        le32_get(in + 28) != journal_crc((uint32_t)identity, in, 28)) {
        return false;
    }
    h->size = le32_get(in + 4);
    h->number = le64_get(in + 8);
    h->synced = le64_get(in + 16);
    h->crc = le32_get(in + 24);
    return h->size > 0 && h->size <= JOURNAL_BATCH_MAX && h->number > 0 && h->synced < h->number;
}

void journal_record_encode(uint8_t kind, uint16_t session, uint32_t size,
                           char out[JOURNAL_RECORD_HEAD])
{
    le32_put(out, size);
    out[4] = (char)kind;
    out[5] = 0;
    out[6] = (char)session;
    out[7] = (char)(session >> 8);
}

bool journal_record_take(struct bytes *rest, struct journal_record *out)
{
    uint32_t size;

    if (rest->size < JOURNAL_RECORD_HEAD) {
        return false;
    }
    size = le32_get(rest->data);
    if (size > rest->size - JOURNAL_RECORD_HEAD || size > JOURNAL_RECORD_MAX) {
        return false;
    }
    out->kind = (uint8_t)rest->data[4];
    out->session =
        (uint16_t)((unsigned char)rest->data[6] | (unsigned)(unsigned char)rest->data[7] << 8);
    out->body = (struct bytes){ rest->data + JOURNAL_RECORD_HEAD, size };
    rest->data += JOURNAL_RECORD_HEAD + size;
    rest->size -= JOURNAL_RECORD_HEAD + size;
    return true;
}
