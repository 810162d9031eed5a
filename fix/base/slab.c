/*
 * One list of spare pieces for each size, and a block that is cut from its start.
 */
#include "slab.h"

#include <stdalign.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define SLAB_PLAIN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLAB_PLAIN 1
#endif
#endif

#ifdef SLAB_PLAIN

void *slab_take(struct slab *s, size_t size)
{
    (void)s;
    return malloc(size);
}

void slab_give(struct slab *s, void *piece, size_t size)
{
    (void)s;
    (void)size;
    free(piece);
}

void slab_fini(struct slab *s)
{
    (void)s;
}

#else

#define BLOCK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT 16u

struct slab_spare {
    struct slab_spare *next;
};

struct slab_block {
    struct slab_block *next;
    alignas(ALIGNMENT) char memory[BLOCK_BYTES - ALIGNMENT];
};

_Static_assert(sizeof(struct slab_block) == BLOCK_BYTES, "a block is what it says");

static bool grow(struct slab *s)
{
    struct slab_block *b = malloc(sizeof *b);

    if (b == NULL) {
        return false;
    }
    b->next = s->blocks;
    s->blocks = b;
    s->at = b->memory; /* what was left of the last one is less than a piece, and stays behind */
    s->left = sizeof b->memory;
    return true;
}

void *slab_take(struct slab *s, size_t size)
{
    size_t units = (size + SLAB_UNIT - 1) / SLAB_UNIT;
    size_t rounded = units * SLAB_UNIT;
    struct slab_spare *spare;
    size_t skip;
    char *piece;

    if (size > SLAB_PIECE) {
        return malloc(size);
    }
    spare = s->spare[units];
    if (spare != NULL) {
        s->spare[units] = spare->next;
        return spare;
    }
    skip = rounded % ALIGNMENT == 0 ? s->left % ALIGNMENT : 0;
    if (s->left < rounded + skip) {
        if (!grow(s)) {
            return NULL;
        }
        skip = 0;
    }
    piece = s->at + skip;
    s->at = piece + rounded;
    s->left -= rounded + skip;
    return piece;
}

void slab_give(struct slab *s, void *piece, size_t size)
{
    struct slab_spare *spare = piece;
    size_t units = (size + SLAB_UNIT - 1) / SLAB_UNIT;

    if (size > SLAB_PIECE) {
        free(piece);
    } else if (spare != NULL) {
        spare->next = s->spare[units];
        s->spare[units] = spare;
    }
}

void slab_fini(struct slab *s)
{
    while (s->blocks != NULL) {
        struct slab_block *next = s->blocks->next;

        free(s->blocks);
        s->blocks = next;
    }
    *s = (struct slab){ 0 };
}

#endif
