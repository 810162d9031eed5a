/*
 * Durations counted in fixed buckets, each twice as wide as the one before: 16 us to 16.8 s. Adding
 * one costs a few instructions and never allocates.
 */
#ifndef DAEMON_HISTOGRAM_H
#define DAEMON_HISTOGRAM_H

#include "base.h"

#define HISTOGRAM_LEAST_BITS 4 /* the first bucket ends at 2^4 us */
#define HISTOGRAM_BUCKETS 21   /* the last one at 2^24 us; what is longer is in none */

struct histogram {
    uint64_t bucket[HISTOGRAM_BUCKETS + 1]; /* not cumulative; the last one: longer */
    uint64_t count;
    int64_t sum_us;
};

/* The upper end of a bucket, inclusive. */
static inline int64_t histogram_end_us(size_t bucket)
{
    return INT64_C(1) << (HISTOGRAM_LEAST_BITS + bucket);
}

/* The bucket a duration belongs to; below zero (a clock set back) counts as zero. */
static inline size_t histogram_bucket(int64_t us)
{
    size_t bits = us <= 1 ? 0 : 64 - (size_t)__builtin_clzll((unsigned long long)us - 1);
    size_t bucket = bits <= HISTOGRAM_LEAST_BITS ? 0 : bits - HISTOGRAM_LEAST_BITS;

    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS;
}

static inline void histogram_add(struct histogram *h, int64_t us, uint64_t times)
{
    us = us < 0 ? 0 : us;
    h->bucket[histogram_bucket(us)] += times;
    h->count += times;
    h->sum_us += us * (int64_t)times;
}

/* The end of the bucket that holds the given share (percent) of all; 0: empty; -1: longer than the
 * last. */
static inline int64_t histogram_percentile_us(const struct histogram *h, unsigned percent)
{
    uint64_t want = (h->count * percent + 99) / 100, seen = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen >= want) {
            return h->count == 0 ? 0 : histogram_end_us(i);
        }
    }
    return -1;
}

#endif
