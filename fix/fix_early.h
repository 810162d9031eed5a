/*
 * Messages that arrived beyond a gap, kept in order of their numbers until the gap is filled.
 * Bounded in messages and bytes: what does not fit is dropped, and asked for again later.
 */
#ifndef FIX_EARLY_H
#define FIX_EARLY_H

#include "base.h"

struct fix_early_entry {
    uint64_t seq;
    size_t size; /* 0: only the number is kept, the message has been dealt with already */
    char *data;
};

/* Plain data, zeroed at start; `first` entries at the front have been taken. */
struct fix_early {
    struct fix_early_entry *entry;
    size_t first, count, capacity;
    size_t bytes;
};

enum fix_early_result { FIX_EARLY_KEPT, FIX_EARLY_KNOWN, FIX_EARLY_FULL };

/* Copies `message`, which may be empty. Messages that come in order cost O(1). */
enum fix_early_result fix_early_put(struct fix_early *e, uint64_t seq, struct bytes message,
                                    size_t max);
/* Drops what is below `seq`; true when `seq` itself is next. The caller then owns out->data. */
bool fix_early_take(struct fix_early *e, uint64_t seq, struct fix_early_entry *out);
void fix_early_clear(struct fix_early *e);

static inline bool fix_early_empty(const struct fix_early *e)
{
    return e->first == e->count;
}

#endif
