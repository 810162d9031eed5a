/*
 * The heap of deadlines.
 */
#include "deadline.h"

#include <stdlib.h>

#include "assert.h"

void deadlines_init(struct deadlines *h)
{
    *h = (struct deadlines){ 0 };
}

void deadlines_fini(struct deadlines *h)
{
    free(h->item);
    *h = (struct deadlines){ 0 };
}

bool deadlines_reserve(struct deadlines *h, size_t count)
{
    struct deadline **item;

    if (count <= h->capacity) {
        return true;
    }
    item = realloc(h->item, count * sizeof(*item));
    if (item == NULL) {
        return false;
    }
    h->item = item;
    h->capacity = count;
    return true;
}

static void put(struct deadlines *h, size_t slot, struct deadline *d)
{
    h->item[slot - 1] = d;
    d->slot = slot;
}

static void sift_up(struct deadlines *h, struct deadline *d)
{
    size_t slot = d->slot;

    while (slot > 1 && h->item[slot / 2 - 1]->at_us > d->at_us) {
        put(h, slot, h->item[slot / 2 - 1]);
        slot /= 2;
    }
    put(h, slot, d);
}

static void sift_down(struct deadlines *h, struct deadline *d)
{
    size_t slot = d->slot;

    while (slot * 2 <= h->count) {
        size_t child = slot * 2;

        if (child < h->count && h->item[child]->at_us < h->item[child - 1]->at_us) {
            child++;
        }
        if (h->item[child - 1]->at_us >= d->at_us) {
            break;
        }
        put(h, slot, h->item[child - 1]);
        slot = child;
    }
    put(h, slot, d);
}

void deadline_set(struct deadlines *h, struct deadline *d, int64_t at_us)
{
    if (d->slot != 0) {
        if (at_us < d->at_us) {
            d->at_us = at_us;
            sift_up(h, d);
        }
        return;
    }
    if (at_us == NEVER_US) {
        return;
    }
    ASSERT(h->count < h->capacity);
    h->count++;
    d->at_us = at_us;
    put(h, h->count, d);
    sift_up(h, d);
}

void deadline_clear(struct deadlines *h, struct deadline *d)
{
    struct deadline *last;

    if (d->slot == 0) {
        return;
    }
    last = h->item[h->count - 1];
    h->count--;
    if (last != d) {
        put(h, d->slot, last);
        sift_up(h, last);
        sift_down(h, last);
    }
    d->slot = 0;
}

struct deadline *deadlines_due(struct deadlines *h, int64_t mono_us)
{
    struct deadline *first = h->count == 0 ? NULL : h->item[0];

    if (first == NULL || first->at_us > mono_us) {
        return NULL;
    }
    deadline_clear(h, first);
    return first;
}

int64_t deadlines_first(const struct deadlines *h)
{
    return h->count == 0 ? NEVER_US : h->item[0]->at_us;
}
