/*
 * Blocks of orders and the list of those that are free. Under AddressSanitizer a free one is
 * poisoned, so that a pointer kept too long is found as it would be with an allocation of its own.
 */
#include "order_pool.h"

#include <stdlib.h>

#include "order.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define POISON(at, size) ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

#define BLOCK_ORDERS 32

struct order_spare {
    struct order_spare *next;
};

struct order_block {
    struct order_block *next;
    struct order order[BLOCK_ORDERS];
};

void order_pool_give(struct order_pool *p, struct order *o)
{
    struct order_spare *s = (struct order_spare *)o;

    s->next = p->spare;
    p->spare = s;
    POISON(o, sizeof *o);
}

static bool grow(struct order_pool *p)
{
    struct order_block *b = malloc(sizeof *b);

    if (b == NULL) {
        return false;
    }
    b->next = p->blocks;
    p->blocks = b;
    for (size_t i = BLOCK_ORDERS; i > 0; i--) { /* the first is taken first */
        order_pool_give(p, &b->order[i - 1]);
    }
    return true;
}

struct order *order_pool_take(struct order_pool *p)
{
    struct order *o;

    if (p->spare == NULL && !grow(p)) {
        return NULL;
    }
    o = (struct order *)p->spare;
    UNPOISON(o, sizeof *o);
    p->spare = p->spare->next;
    memset(o, 0, sizeof *o);
    return o;
}

void order_pool_fini(struct order_pool *p)
{
    while (p->blocks != NULL) {
        struct order_block *b = p->blocks;

        p->blocks = b->next;
        UNPOISON(b, sizeof *b);
        free(b);
    }
    p->spare = NULL;
}
