/*
 * fixclient: a latency histogram with bounded relative error (1/64): buckets are linear within each
 * power of two. Constant size, no allocation per value.
 */
#include "fixclient.h"

#include <stdlib.h>

enum { SUB_BITS = 6, SUB = 1 << SUB_BITS, BUCKETS = 64 * SUB };

struct fc_hist {
    uint64_t bucket[BUCKETS];
    uint64_t count;
    int64_t max;
};

struct fc_hist *fc_hist_new(void)
{
    struct fc_hist *h = calloc(1, sizeof *h);

    if (h == NULL) {
        fc_die("out of memory");
    }
    return h;
}

void fc_hist_free(struct fc_hist *h)
{
    free(h);
}

static size_t index_of(uint64_t value)
{
    unsigned top;

    if (value < 2 * SUB) {
        return (size_t)value;
    }
    top = 63u - (unsigned)__builtin_clzll(value);
    return (size_t)(top - SUB_BITS) * SUB + (size_t)(value >> (top - SUB_BITS));
}

/* The largest value a bucket holds. */
static uint64_t value_of(size_t index)
{
    unsigned shift;

    if (index < 2 * SUB) {
        return index;
    }
    shift = (unsigned)(index / SUB) - 1;
    return ((uint64_t)(index - (size_t)shift * SUB + 1) << shift) - 1;
}

void fc_hist_add(struct fc_hist *h, int64_t value_us)
{
    uint64_t value = value_us < 0 ? 0 : (uint64_t)value_us;

    h->bucket[index_of(value)]++;
    h->count++;
    if (value_us > h->max) {
        h->max = value_us;
    }
}

uint64_t fc_hist_count(const struct fc_hist *h)
{
    return h->count;
}

uint64_t fc_hist_between(const struct fc_hist *h, int64_t low, int64_t high)
{
    uint64_t count = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        int64_t value = (int64_t)value_of(i);

        if (h->bucket[i] > 0 && value >= low && value < high) {
            count += h->bucket[i];
        }
    }
    return count;
}

int64_t fc_hist_at(const struct fc_hist *h, double fraction)
{
    uint64_t wanted = (uint64_t)((double)h->count * fraction + 0.999999), seen = 0;

    if (fraction >= 1.0) {
        return h->max;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen >= wanted && seen > 0) {
            int64_t value = (int64_t)value_of(i);

            return value < h->max ? value : h->max;
        }
    }
    return h->max;
}
