/*
 * A venue's rate limit: weight spent within a sliding window, told the time and told what the venue
 * says. One per window of the driver and account.
 *
 * Never lets more than `capacity` through in *any* span of `period`: a call is debited in full when
 * it is sent and counts for a whole period. A plain token bucket (full at first, refilled at
 * capacity/period) would let nearly twice that through in one period; venues that count in fixed or
 * sliding windows refuse it. Whatever this admits, such a bucket at the venue admits too. The
 * window is kept in RATE_SLOTS slots; a slot's weight returns when all of it is older than the
 * period, so weight comes back in small steps, at most period/RATE_SLOTS late.
 *
 * A part of the capacity can be reserved: only calls of at least that priority may use it (a mass
 * cancel before cancels before orders before polls).
 */
#ifndef VENUES_RATE_H
#define VENUES_RATE_H

#include "base.h"

#define RATE_SLOTS 64

enum rate_priority {
    RATE_POLL,
    RATE_ORDER,
    RATE_CANCEL,
    RATE_BULK, /* of a mass cancel */
    RATE_PRIORITY_COUNT
};

struct rate {
    int64_t capacity_micro; /* weight x 1e6 */
    int64_t period_us;
    int64_t level_micro;      /* what is left; below zero when more was taken than there was */
    int64_t updated_us;       /* mono; start of the newest slot */
    int64_t blocked_until_us; /* mono; the venue said so */
    int64_t
        reserve_micro[RATE_PRIORITY_COUNT]; /* a call of this priority leaves this much untouched */
    int64_t slot_us;                        /* width of a slot */
    size_t newest;                          /* its index in the ring below */
    int64_t slot_micro[RATE_SLOTS + 1]; /* spent in each; the one after `newest` is the oldest */
};

void rate_init(struct rate *r, uint32_t capacity, int64_t period_us, int64_t mono_us);
/* `percent` of the capacity that calls of this priority must leave untouched. */
void rate_reserve(struct rate *r, enum rate_priority p, unsigned percent);
/* Whether a call of this weight may go now. A weight over the capacity may go when the window is
 * empty. */
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
