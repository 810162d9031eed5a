/*
 * Bump allocator over a list of blocks. Blocks of the ordinary size are kept from turn to turn; an
 * outsize request gets a block of its own, given back at the next reset, so that one large turn
 * does not cost memory for ever.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>

/* In sanitised builds what was reset is poisoned: a pointer kept beyond its turn is found at its
 * use. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif

#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
#define POISON(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define POISON(at, size) ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT alignof(max_align_t)

struct block {
    struct block *next;
    size_t size; /* of memory */
    size_t used;
    alignas(max_align_t) char memory[];
};

struct arena {
    struct block *first; /* blocks in use this turn, newest first */
    struct block *spare; /* ordinary blocks not in use */
    size_t taken;
    size_t max;
};

struct arena *arena_new(size_t max)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a != NULL) {
        a->max = max;
    }
    return a;
}

static void free_blocks(struct block *b)
{
    while (b != NULL) {
        struct block *next = b->next;

        UNPOISON(b->memory, b->size);
        free(b);
        b = next;
    }
}

void arena_free(struct arena *a)
{
    if (a == NULL) {
        return;
    }
    free_blocks(a->first);
    free_blocks(a->spare);
    free(a);
}

void arena_reset(struct arena *a)
{
    while (a->first != NULL) {
        struct block *b = a->first;

        a->first = b->next;
        if (b->size > BLOCK_SIZE) {
            b->next = NULL;
            free_blocks(b);
            continue;
        }
        POISON(b->memory, b->size);
        b->used = 0;
        b->next = a->spare;
        a->spare = b;
    }
    a->taken = 0;
}

static struct block *block_get(struct arena *a, size_t size)
{
    struct block *b = a->spare;

    if (size <= BLOCK_SIZE && b != NULL) {
        a->spare = b->next;
    } else {
        size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        b = malloc(sizeof *b + size);
        if (b == NULL) {
            return NULL;
        }
        b->size = size;
        b->used = 0;
        POISON(b->memory, b->size);
    }
    b->next = a->first;
    a->first = b;
    return b;
}

void *arena_take(struct arena *a, size_t size)
{
    struct block *b = a->first;
    size_t rounded;
    char *at;

    if (size > a->max - a->taken) {
        return NULL;
    }
    /* Nothing wraps: size <= max, and no maximum is within a few bytes of SIZE_MAX. A request for
     * nothing still gets an address of its own. */
    rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + (size == 0 ? ALIGNMENT : 0);
    if (b == NULL || rounded > b->size - b->used) {
        b = block_get(a, rounded);
        if (b == NULL) {
            return NULL;
        }
    }
    at = b->memory + b->used;
    b->used += rounded;
    a->taken += size;
    UNPOISON(at, size);
    memset(at, 0, size);
    return at;
}

bool arena_copy(struct arena *a, struct bytes from, struct bytes *out)
{
    char *copy = from.size < SIZE_MAX ? arena_take(a, from.size + 1) : NULL;

    if (copy == NULL) {
        *out = (struct bytes){ NULL, 0 };
        return false;
    }
    if (from.size > 0) {
        memcpy(copy, from.data, from.size);
    }
    *out = (struct bytes){ copy, from.size };
    return true;
}
