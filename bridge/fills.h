/*
 * Fills as they were told to clients: kept with their order as long as it is, so that trades can be
 * asked for (AD) and put right by the operator. Each is in two lists: its order's, in the order
 * they were told, and that of all orders, by when they were told.
 */
#ifndef BRIDGE_FILLS_H
#define BRIDGE_FILLS_H

#include "avg_px.h"
#include "base.h"
#include "slab.h"
#include "venue.h"

struct order;

#define FEE_CURRENCY_MAX 15

/* What an ExecID (17) is made of: the start that gave it, and its number in that start. */
struct exec_number {
    uint64_t boot, serial;
};

struct fill {
    struct fill *next;          /* of the same order */
    struct fill *older, *newer; /* of all */
    struct order *order;
    struct exec_number told;   /* ExecID of the report */
    struct exec_number latest; /* of its last correction; else the same */
    struct decimal qty, px;    /* as they stand; qty 0: busted */
    struct decimal fee;
    bool has_fee;
    char fee_currency[FEE_CURRENCY_MAX + 1];
    enum venue_liquidity liquidity;
    int64_t time_us;     /* the venue's; ours where it said none */
    int64_t told_us;     /* wall */
    const char *exec_id; /* the venue's (527): the text of the order's name for it */
};

/* Zeroed is empty. */
struct fills {
    struct fill *oldest, *newest;
    size_t count;
    struct slab memory;
};

/* Those that are left, and the memory of all. */
void fills_fini(struct fills *all);
/* Behind the order's others. The numbers and texts of `from` are copied; `exec_id` is the venue's
 * and borrowed, as long as the order lives. NULL: out of memory. */
struct fill *fills_add(struct fills *all, struct order *o, const struct fill *from,
                       const char *exec_id);
/* Forgets those of an order, before the order is freed. */
void fills_drop(struct fills *all, struct order *o);
/* By the venue's execution id. NULL: none. */
struct fill *fills_find(const struct order *o, struct bytes exec_id);
/* What the order's fills come to as they stand. False: a sum that does not fit. */
MUST_CHECK bool fills_sum(const struct order *o, struct decimal *cum, struct avg_px *avg);

#endif
