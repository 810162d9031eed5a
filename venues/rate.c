/*
 * Sliding window of weight in a ring of slots. See rate.h for the promise.
 */
#include "rate.h"

#include "assert.h"

#define MICRO INT64_C(1000000)
#define RING (RATE_SLOTS + 1)

void rate_init(struct rate *r, uint32_t capacity, int64_t period_us, int64_t mono_us)
{
    ASSERT(period_us > 0);
    *r = (struct rate){ .capacity_micro = capacity * MICRO,
                        .period_us = period_us,
                        .level_micro = capacity * MICRO,
                        .updated_us = mono_us,
                        .blocked_until_us = INT64_MIN,
                        .slot_us = (period_us + RATE_SLOTS - 1) / RATE_SLOTS };
}

void rate_reserve(struct rate *r, enum rate_priority p, unsigned percent)
{
    ASSERT(p < RATE_PRIORITY_COUNT && percent <= 100);
    r->reserve_micro[p] = r->capacity_micro / 100 * percent;
}

/* Opens the slots up to `mono_us`; what falls out of the ring is a period old or older. A time
 * before the newest slot counts into the newest slot, so it only returns later. */
static void advance(struct rate *r, int64_t mono_us)
{
    int64_t steps = mono_us <= r->updated_us ? 0 : (mono_us - r->updated_us) / r->slot_us;

    r->updated_us += steps * r->slot_us;
    for (int64_t i = 0; i < steps && i < RING; i++) {
        r->newest = (r->newest + 1) % RING;
        r->level_micro += r->slot_micro[r->newest];
        r->slot_micro[r->newest] = 0;
    }
}

static void spend(struct rate *r, int64_t micro)
{
    /* Debits of a venue gone mad must not overflow; beyond this all is blocked for a period anyway.
     */
    if (r->slot_micro[r->newest] > INT64_MAX / 4 / RING) {
        return;
    }
    r->slot_micro[r->newest] += micro;
    r->level_micro -= micro;
}

/* How much must be free for this call. A weight that can never fit waits for the empty window. */
static int64_t needed(const struct rate *r, uint32_t weight, enum rate_priority p)
{
    int64_t need = weight * MICRO + r->reserve_micro[p];

    ASSERT(p < RATE_PRIORITY_COUNT);
    return need > r->capacity_micro ? r->capacity_micro : need;
}

bool rate_check(struct rate *r, uint32_t weight, enum rate_priority p, int64_t mono_us)
{
    advance(r, mono_us);
    return mono_us >= r->blocked_until_us &&
           (weight == 0 || r->level_micro >= needed(r, weight, p));
}

void rate_take(struct rate *r, uint32_t weight, int64_t mono_us)
{
    advance(r, mono_us);
    spend(r, weight * MICRO);
}

int64_t rate_ready_at(const struct rate *r, uint32_t weight, enum rate_priority p, int64_t mono_us)
{
    struct rate copy = *r;
    int64_t need = needed(r, weight, p);
    int64_t ready = mono_us;

    advance(&copy, mono_us);
    for (int i = 0; weight > 0 && i < RING && copy.level_micro < need; i++) {
        ready = copy.updated_us + copy.slot_us;
        advance(&copy, ready);
    }
    return ready > r->blocked_until_us ? ready : r->blocked_until_us;
}

/* The venue may count calls of other programs on the account, or still count ours that we forgot:
 * only more is believed. Less is not: calls on their way are not in its number yet. */
void rate_learn_used(struct rate *r, uint32_t used, int64_t mono_us)
{
    int64_t known;

    advance(r, mono_us);
    known = r->capacity_micro - r->level_micro;
    if (used * MICRO > known) {
        spend(r, used * MICRO - known);
    }
}

void rate_block(struct rate *r, int64_t until_mono_us)
{
    if (until_mono_us > r->blocked_until_us) {
        r->blocked_until_us = until_mono_us;
    }
}

uint32_t rate_left(struct rate *r, int64_t mono_us)
{
    advance(r, mono_us);
    return r->level_micro <= 0 ? 0 : (uint32_t)(r->level_micro / MICRO);
}
