/*
 * What happened lately, by key (an order's number): a ring of bounded size, the oldest entries fall
 * out. Adding costs a copy and no allocation. Older things are read from the journal.
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include "base.h"

struct history;

/* `data` lives until the next history_add. */
struct history_entry {
    uint64_t key;
    int64_t wall_us;
    uint16_t kind, scope; /* the caller's */
    struct bytes data;
};

/* NULL: out of memory. `size` bytes for entries and their heads (56 bytes each and rounding). */
struct history *history_new(size_t size);
void history_free(struct history *h); /* also of NULL */
/* Makes all its memory ready now; also of NULL. */
void history_warm(struct history *h);

/* The entry's data is `a` followed by `b`. One that is larger than a quarter of the ring is not
 * kept. */
void history_add(struct history *h, const struct history_entry *e, struct bytes a, struct bytes b);

/* From the newest entry of a key to the oldest; *at is 0 to begin. False: no more. No history_add
 * in between. */
bool history_before(const struct history *h, uint64_t key, uint64_t *at, struct history_entry *out);

#endif
