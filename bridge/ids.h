/*
 * Orders by id. Ids are given one after the other and those of one time are asked for together, so
 * neighbours lie on one page and the pages are found by a small table. Owns no order.
 */
#ifndef BRIDGE_IDS_H
#define BRIDGE_IDS_H

#include "base.h"

struct ids_page;
struct ids_slot;
struct order;
struct slab;

/* Zeroed is empty; the caller sets `memory`, of which pages are made. */
struct ids {
    struct slab *memory;
    struct ids_slot *slot;
    size_t mask, pages; /* slots, a power of two, minus one; pages there are */
    size_t count;       /* orders */
};

/* The table; pages are the slab's. */
void ids_fini(struct ids *t);
/* NULL: none. */
struct order *ids_find(const struct ids *t, uint64_t id);
/* The id is not in it. False: out of memory. */
MUST_CHECK bool ids_put(struct ids *t, uint64_t id, struct order *o);
/* The id is in it. */
void ids_remove(struct ids *t, uint64_t id);
/* All of them in no order: from *at == 0 until NULL. */
struct order *ids_next(const struct ids *t, size_t *at);

#endif
