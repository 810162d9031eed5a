/*
 * Hash map from bytes to pointer. Open addressing, seeded (so that a client cannot choose
 * collisions), keys are borrowed: the key memory must live as long as its entry (usually inside the
 * value).
 */
#ifndef FIX_BASE_MAP_H
#define FIX_BASE_MAP_H

#include "base.h"

struct map;

struct map *map_new(uint64_t seed); /* NULL: out of memory */
void map_free(struct map *m);       /* NULL is fine; values are not freed */
/* Adds or replaces; false when out of memory (the map is unchanged then). */
MUST_CHECK bool map_put(struct map *m, struct bytes key, void *value);
void *map_find(const struct map *m, struct bytes key); /* NULL: absent */
/* Returns the value that was there, or NULL. */
void *map_remove(struct map *m, struct bytes key);
/* The hash of a key under a seed, for tables of other makes. Never leaves the process. */
uint64_t map_hash(uint64_t seed, struct bytes key);
size_t map_count(const struct map *m);
/* Iteration in no order; start with *at = 0; false at the end. The map must not change meanwhile.
 */
bool map_next(const struct map *m, size_t *at, struct bytes *key, void **value);

#endif
