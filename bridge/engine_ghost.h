/*
 * What rests at the venue although its client was told that it is done: part of engine_internal.h.
 */
#ifndef BRIDGE_ENGINE_GHOST_H
#define BRIDGE_ENGINE_GHOST_H

#include "base.h"
#include "bounds.h"
#include "venue.h"

struct account;
struct engine;
struct order;

/* Of an account: the last one, whose cancel may be under way. */
struct ghost {
    bool asking;    /* its cancel is under way */
    uint64_t told;  /* id of the order that the operator was told of */
    uint64_t count; /* told since the start */
    char venue_id[VENUE_ID_MAX + 1], client_id[VENUE_CLIENT_ID_MAX + 1];
    char symbol[SYMBOL_MAX + 1];
};

/* A list of open orders asked for at `asked` has `o`, which is done. */
void ghost_seen(struct engine *e, struct account *a, const struct order *o,
                const struct venue_order_state *s, const struct instant *asked);
/* What became of the cancel. */
void ghost_result(struct engine *e, struct account *a, enum venue_outcome outcome, const char *why);

#endif
