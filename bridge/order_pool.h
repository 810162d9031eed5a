/*
 * Memory for orders, a block of them at a time: an order is too large for the allocator's quick
 * lists, and asking it for each one costs more than everything else the book does with an order.
 * What is given back is used again; blocks stay until the end.
 */
#ifndef BRIDGE_ORDER_POOL_H
#define BRIDGE_ORDER_POOL_H

#include "base.h"

struct order;
struct order_block;
struct order_spare;

/* Zeroed is empty. */
struct order_pool {
    struct order_block *blocks;
    struct order_spare *spare;
};

/* Zeroed; NULL: out of memory. */
struct order *order_pool_take(struct order_pool *p);
void order_pool_give(struct order_pool *p, struct order *o); /* taken from this pool */
void order_pool_fini(struct order_pool *p);                  /* and all orders with it */

#endif
