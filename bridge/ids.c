/*
 * A page has the orders of 32 ids that follow each other. The table of pages is open addressing
 * with linear probing, at most three quarters full; a page without orders goes.
 */
#include "ids.h"

#include <stdlib.h>

#include "assert.h"
#include "slab.h"

/* Few enough that an order which is left alone on its page costs little. */
#define PAGE_IDS 32u
#define SLOTS_MIN 64

struct ids_page {
    uint32_t count;
    struct order *order[PAGE_IDS];
};

struct ids_slot {
    uint64_t number;       /* id / PAGE_IDS */
    struct ids_page *page; /* NULL: empty */
};

void ids_fini(struct ids *t)
{
    for (size_t i = 0; t->slot != NULL && i <= t->mask; i++) {
        slab_give(t->memory, t->slot[i].page, sizeof *t->slot[i].page);
    }
    free(t->slot);
    *t = (struct ids){ .memory = t->memory };
}

/* Fibonacci hashing: pages that follow each other lie far apart, and no run of them gets long. */
static size_t home_of(uint64_t number, size_t mask)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 24) & mask;
}

/* The slot that holds it, or the empty one where it would go. */
static size_t probe(const struct ids_slot *slot, size_t mask, uint64_t number)
{
    size_t at = home_of(number, mask);

    while (slot[at].page != NULL && slot[at].number != number) {
        at = (at + 1) & mask;
    }
    return at;
}

struct order *ids_find(const struct ids *t, uint64_t id)
{
    const struct ids_page *page =
        t->slot == NULL ? NULL : t->slot[probe(t->slot, t->mask, id / PAGE_IDS)].page;

    return page == NULL ? NULL : page->order[id % PAGE_IDS];
}

static bool grow(struct ids *t)
{
    size_t slots = t->slot == NULL ? SLOTS_MIN : (t->mask + 1) * 2;
    struct ids_slot *fresh = calloc(slots, sizeof *fresh);

    if (fresh == NULL) {
        return false;
    }
    for (size_t i = 0; t->slot != NULL && i <= t->mask; i++) {
        if (t->slot[i].page != NULL) {
            fresh[probe(fresh, slots - 1, t->slot[i].number)] = t->slot[i];
        }
    }
    free(t->slot);
    t->slot = fresh;
    t->mask = slots - 1;
    return true;
}

static struct ids_page *page_of(struct ids *t, uint64_t number)
{
    struct ids_slot *slot;

    if ((t->slot == NULL || t->pages + 1 > (t->mask + 1) / 4 * 3) && !grow(t)) {
        return NULL;
    }
    slot = &t->slot[probe(t->slot, t->mask, number)];
    if (slot->page == NULL) {
        slot->page = slab_take(t->memory, sizeof *slot->page);
        if (slot->page == NULL) {
            return NULL;
        }
        memset(slot->page, 0, sizeof *slot->page);
        slot->number = number;
        t->pages++;
    }
    return slot->page;
}

bool ids_put(struct ids *t, uint64_t id, struct order *o)
{
    struct ids_page *page = page_of(t, id / PAGE_IDS);

    if (page == NULL) {
        return false;
    }
    ASSERT(page->order[id % PAGE_IDS] == NULL);
    page->order[id % PAGE_IDS] = o;
    page->count++;
    t->count++;
    return true;
}

/* What stands behind the gap moves up, so that no mark of it stays. */
static void close_gap(struct ids *t, size_t gap)
{
    for (size_t at = (gap + 1) & t->mask; t->slot[at].page != NULL; at = (at + 1) & t->mask) {
        size_t home = home_of(t->slot[at].number, t->mask);

        /* Into the gap unless its home lies behind the gap (cyclically). */
        if (((at - home) & t->mask) >= ((at - gap) & t->mask)) {
            t->slot[gap] = t->slot[at];
            gap = at;
        }
    }
    t->slot[gap] = (struct ids_slot){ 0, NULL };
    t->pages--;
}

void ids_remove(struct ids *t, uint64_t id)
{
    size_t at = probe(t->slot, t->mask, id / PAGE_IDS);
    struct ids_page *page = t->slot[at].page;

    ASSERT(page != NULL && page->order[id % PAGE_IDS] != NULL);
    page->order[id % PAGE_IDS] = NULL;
    page->count--;
    t->count--;
    if (page->count == 0) {
        slab_give(t->memory, page, sizeof *page);
        close_gap(t, at);
    }
}

struct order *ids_next(const struct ids *t, size_t *at)
{
    for (; t->slot != NULL && *at < (t->mask + 1) * PAGE_IDS; (*at)++) {
        const struct ids_page *page = t->slot[*at / PAGE_IDS].page;

        if (page != NULL && page->order[*at % PAGE_IDS] != NULL) {
            return page->order[(*at)++ % PAGE_IDS];
        }
    }
    return NULL;
}
