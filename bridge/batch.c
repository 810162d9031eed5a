/*
 * Prices of one call against many.
 */
#include "batch.h"

bool batch_takes(const struct venue_driver *d, const struct venue_instruction *collected,
                 size_t count, const struct venue_instruction *next)
{
    return d->endpoint[VENUE_BATCH].build != NULL && d->batch_fits != NULL &&
           count < VENUE_IDS_MAX && d->batch_fits(count == 0 ? next : &collected[0], next, count);
}

/* In nanoseconds of refilling, over all windows. */
static uint64_t price(const struct venue_driver *d, const struct venue_call *c)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < VENUE_WINDOWS_MAX && d->window[i].capacity > 0; i++) {
        sum += (uint64_t)venue_call_cost(d, c, i) * d->window[i].period_ms * 1000000 /
               d->window[i].capacity;
    }
    return sum;
}

static enum venue_op op_of(enum venue_instruction_kind kind)
{
    switch (kind) {
    case VENUE_DO_PLACE: return VENUE_PLACE;
    case VENUE_DO_REPLACE: return VENUE_REPLACE;
    case VENUE_DO_CANCEL: return VENUE_CANCEL;
    }
    return VENUE_OP_COUNT;
}

bool batch_is_cheaper(const struct venue_driver *d, const struct venue_instruction *in,
                      size_t count)
{
    struct venue_call all = { .op = VENUE_BATCH, .instruction = in, .instruction_count = count };
    uint64_t single = 0;

    if (count < 2) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct venue_call one = { .op = op_of(in[i].kind),
                                  .order = in[i].order,
                                  .symbol = in[i].order.symbol };

        single += price(d, &one);
    }
    return price(d, &all) < single;
}
