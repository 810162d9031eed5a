/*
 * Bump allocator for what lives one turn. Nothing is freed singly; arena_reset frees all at once
 * and keeps the blocks for the next turn.
 */
#ifndef FIX_BASE_ARENA_H
#define FIX_BASE_ARENA_H

#include "base.h"

struct arena;

/* NULL when out of memory. `max` bounds the sum of what is handed out between two resets. */
struct arena *arena_new(size_t max);
void arena_free(struct arena *a);
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type; NULL when out of memory or over the maximum. */
MUST_CHECK void *arena_take(struct arena *a, size_t size);
/* A NUL-terminated copy; `out->data` is NULL on failure. */
MUST_CHECK bool arena_copy(struct arena *a, struct bytes from, struct bytes *out);

#endif
