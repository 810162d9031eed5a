/*
 * Open addressing with linear probing, at most three quarters full; removal shifts back what is
 * behind the gap. A slot has the hash beside the pointer, so that a probe that misses touches no
 * name.
 */
#include "names.h"

#include <stdlib.h>

#include "map.h"

#define SLOTS_MIN 64

struct bytes name_text(const struct name *n)
{
    return (struct bytes){ n->text, n->size };
}

void names_init(struct names *t, uint64_t seed)
{
    *t = (struct names){ .seed = seed };
}

void names_fini(struct names *t)
{
    free(t->slot);
    t->slot = NULL;
    t->count = 0;
}

static uint32_t hash_of(const struct names *t, uint32_t scope, struct bytes text)
{
    uint64_t h = map_hash(t->seed + scope * UINT64_C(0x9e3779b97f4a7c15), text);

    return (uint32_t)(h ^ h >> 32);
}

static bool is_called(const struct name *n, uint32_t scope, struct bytes text)
{
    return n->scope == scope && bytes_equal(name_text(n), text);
}

/* The slot that holds it, or the empty one where it would go. */
static size_t probe(const struct names *t, uint32_t hash, uint32_t scope, struct bytes text)
{
    size_t at = hash & t->mask;

    while (t->slot[at].name != NULL &&
           (t->slot[at].hash != hash || !is_called(t->slot[at].name, scope, text))) {
        at = (at + 1) & t->mask;
    }
    return at;
}

struct name *names_find(const struct names *t, uint32_t scope, struct bytes text)
{
    return t->count == 0 ? NULL : t->slot[probe(t, hash_of(t, scope, text), scope, text)].name;
}

static bool resize(struct names *t, size_t slots)
{
    struct names_slot *fresh = calloc(slots, sizeof *fresh);

    if (fresh == NULL) {
        return false;
    }
    for (size_t i = 0; t->slot != NULL && i <= t->mask; i++) {
        size_t at = t->slot[i].hash & (slots - 1);

        while (t->slot[i].name != NULL && fresh[at].name != NULL) {
            at = (at + 1) & (slots - 1);
        }
        if (t->slot[i].name != NULL) {
            fresh[at] = t->slot[i];
        }
    }
    free(t->slot);
    t->slot = fresh;
    t->mask = slots - 1;
    return true;
}

bool names_put(struct names *t, struct name *n)
{
    uint32_t hash = hash_of(t, n->scope, name_text(n));
    size_t at;

    if (t->slot == NULL && !resize(t, SLOTS_MIN)) {
        return false;
    }
    if (t->count + 1 > (t->mask + 1) / 4 * 3 && !resize(t, (t->mask + 1) * 2)) {
        return false;
    }
    at = probe(t, hash, n->scope, name_text(n));
    t->count += t->slot[at].name == NULL;
    t->slot[at] = (struct names_slot){ n, hash };
    return true;
}

void names_remove(struct names *t, const struct name *n)
{
    size_t gap;

    if (t->count == 0) {
        return;
    }
    gap = probe(t, hash_of(t, n->scope, name_text(n)), n->scope, name_text(n));
    if (t->slot[gap].name != n) {
        return;
    }
    for (size_t at = (gap + 1) & t->mask; t->slot[at].name != NULL; at = (at + 1) & t->mask) {
        size_t home = t->slot[at].hash & t->mask;

        /* Into the gap unless its home lies behind the gap (cyclically). */
        if (((at - home) & t->mask) >= ((at - gap) & t->mask)) {
            t->slot[gap] = t->slot[at];
            gap = at;
        }
    }
    t->slot[gap] = (struct names_slot){ NULL, 0 };
    t->count--;
}
