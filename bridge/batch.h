/*
 * Whether several instructions to a venue go better in one call (VENUE_BATCH) than in one each. A
 * pure decision from the driver's table: it knows no queue and no order.
 */
#ifndef BRIDGE_BATCH_H
#define BRIDGE_BATCH_H

#include "base.h"
#include "venue.h"

/* Whether `next` can be in one call with those collected so far; `count` may be 0. */
bool batch_takes(const struct venue_driver *d, const struct venue_instruction *collected,
                 size_t count, const struct venue_instruction *next);
/* Whether the venue prices one call with these below one call for each. What a call costs in a
 * window counts by the time the window needs to refill by it, so that windows can be compared.
 * False for fewer than two. */
bool batch_is_cheaper(const struct venue_driver *d, const struct venue_instruction *in,
                      size_t count);

#endif
