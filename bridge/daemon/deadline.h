/*
 * Deadlines of many things, the earliest first: a binary heap whose items live inside what they
 * belong to. Moving a deadline later is free until it comes up (deadline_set keeps the earlier
 * position; the owner looks again and sets it anew), because heartbeats move with every message.
 */
#ifndef DAEMON_DEADLINE_H
#define DAEMON_DEADLINE_H

#include "base.h"

struct deadline {
    int64_t at_us; /* mono; where it stands in the heap: never later than what was set */
    size_t slot;   /* 1-based; 0: not in a heap */
    void *owner;
};

struct deadlines {
    struct deadline **item;
    size_t count, capacity;
};

void deadlines_init(struct deadlines *h);
void deadlines_fini(struct deadlines *h);
/* Room for so many; deadline_set cannot fail then. */
MUST_CHECK bool deadlines_reserve(struct deadlines *h, size_t count);
/* NEVER_US takes it out only when it comes up. */
void deadline_set(struct deadlines *h, struct deadline *d, int64_t at_us);
void deadline_clear(struct deadlines *h, struct deadline *d);
/* Takes out one that is due; NULL: none. */
struct deadline *deadlines_due(struct deadlines *h, int64_t mono_us);
/* NEVER_US: none. May be earlier than what was set. */
int64_t deadlines_first(const struct deadlines *h);

#endif
