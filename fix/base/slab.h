/*
 * Memory in small pieces that are taken and given back in any order, for what lives as long as an
 * order: its record, its names, its texts. A piece costs its own size and no more, and taking one
 * asks nobody while there is some in reserve. What is given back is used again for pieces of the
 * same size; blocks stay until the end.
 *
 * In sanitised builds each piece is an allocation of its own, so that a pointer kept too long, or
 * one beyond the end, is found.
 */
#ifndef FIX_BASE_SLAB_H
#define FIX_BASE_SLAB_H

#include "base.h"

#define SLAB_UNIT 8      /* sizes are rounded up to it; a multiple of 16 is aligned to 16 */
#define SLAB_PIECE 1024u /* larger ones are the allocator's */

struct slab_block;
struct slab_spare;

/* Zeroed is empty. */
struct slab {
    struct slab_block *blocks;
    char *at; /* free part of the newest block */
    size_t left;
    struct slab_spare *spare[SLAB_PIECE / SLAB_UNIT + 1];
};

/* Not zeroed; size > 0. NULL: out of memory. */
void *slab_take(struct slab *s, size_t size);
/* NULL is fine; `size` as it was taken. */
void slab_give(struct slab *s, void *piece, size_t size);
/* Blocks and all pieces in them; larger pieces must have been given back. */
void slab_fini(struct slab *s);

#endif
