/*
 * A venue's rate limit as a bucket of weight that refills continuously, told the time and told what the
 * venue says. One bucket per window of the driver and account. Never lets more than `capacity` through
 * in any `period`: the bucket holds `capacity` at most and a call is debited in full when it is sent.
 *
 * A part of the capacity can be reserved: only calls of at least that priority may use it (cancels
 * before orders before polls).
 */
#ifndef VENUES_RATE_H
#define VENUES_RATE_H

#include "base.h"

enum rate_priority { RATE_POLL, RATE_ORDER, RATE_CANCEL, RATE_PRIORITY_COUNT };

struct rate {
    int64_t capacity_micro;     /* weight x 1e6 */
    int64_t period_us;
    int64_t level_micro;        /* what is left */
    int64_t updated_us;         /* mono */
    int64_t blocked_until_us;   /* mono; the venue said so */
    int64_t reserve_micro[RATE_PRIORITY_COUNT];  /* a call of this priority leaves this much untouched */
};

void rate_init(struct rate *r, uint32_t capacity, int64_t period_us, int64_t mono_us);
/* `percent` of the capacity that calls of this priority must leave untouched. */
void rate_reserve(struct rate *r, enum rate_priority p, unsigned percent);
/* Whether a call of this weight may go now. A weight over the capacity may go when the bucket is full. */
bool rate_check(struct rate *r, uint32_t weight, enum rate_priority p, int64_t mono_us);
/* Debits; to be called when the call is really made (may go below zero, never asserts). */
void rate_take(struct rate *r, uint32_t weight, int64_t mono_us);
/* mono time at which rate_check will be true, if nothing else is taken meanwhile. */
int64_t rate_ready_at(const struct rate *r, uint32_t weight, enum rate_priority p, int64_t mono_us);
/* What the venue says: so much used in the present window; or nothing more before that time. */
void rate_learn_used(struct rate *r, uint32_t used, int64_t mono_us);
void rate_block(struct rate *r, int64_t until_mono_us);
/* Weight left now, rounded down; never negative. */
uint32_t rate_left(struct rate *r, int64_t mono_us);

#endif
