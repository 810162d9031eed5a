/*
 * AvgPx (6) from exact sums. Linear contracts: sum(qty * px) / sum(qty). Inverse contracts (size in
 * quote units, such as Kraken's PI_): sum(qty) / sum(qty / px), see the fact sheet's quirk 16.
 * The only rounding is at the end, half to even, to AVG_PX_SCALE digits; sum(qty / px) is kept to
 * 24 fraction digits, far beyond what is printed.
 */
#ifndef BRIDGE_AVG_PX_H
#define BRIDGE_AVG_PX_H

#include "base.h"
#include "decimal.h"

#define AVG_PX_SCALE 10

/* Aligned as what stands beside it: sixteen would cost every order room that nothing uses. */
__extension__ typedef __int128 int128 __attribute__((aligned(8)));

struct avg_px {
    int128 sum;         /* linear: sum(qty*px) at `scale`; inverse: sum(qty/px) at 24 */
    struct decimal qty; /* sum(qty) */
    int32_t scale;
};

/* False when a sum would not fit; nothing is changed then. */
MUST_CHECK bool avg_px_add(struct avg_px *a, bool inverse, struct decimal qty, struct decimal px);
/* The price of an execution nobody listed: what `filled` at an average of `avg` leaves for the part
 * that was not added yet. Linear contracts only. False: no part is left, or the numbers cannot be.
 */
MUST_CHECK bool avg_px_implied(const struct avg_px *a, struct decimal filled, struct decimal avg,
                               struct decimal *px);
/* 0 before the first fill. */
struct decimal avg_px_value(const struct avg_px *a, bool inverse);

#endif
