/*
 * Open addressing with linear probing, at most three quarters full; removal shifts back what is
 * behind the gap. A slot has the hash beside the pointer, so that a probe that misses touches no
 * name.
 */
#include "names.h"

#include <stdlib.h>

#include "map.h"

#define SLOTS_MIN 8
#define PART_SHIFT 24 /* of a hash: what is below finds the slot within the part */

_Static_assert(NAMES_PARTS == 1u << (32 - PART_SHIFT), "a part for each value of the first bits");

struct names_slot {
    struct name *name; /* NULL: empty */
    uint32_t hash;
};

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
    for (size_t i = 0; i < NAMES_PARTS; i++) {
        free(t->part[i].slot);
    }
    names_init(t, t->seed);
}

uint32_t names_hash(const struct names *t, uint32_t scope, struct bytes text)
{
    uint64_t h = map_hash(t->seed + scope * UINT64_C(0x9e3779b97f4a7c15), text);

    return (uint32_t)(h ^ h >> 32);
}

static bool is_called(const struct name *n, uint32_t scope, struct bytes text)
{
    return n->scope == scope && bytes_equal(name_text(n), text);
}

/* The slot that holds it, or the empty one where it would go. */
static uint32_t probe(const struct names_part *p, uint32_t hash, uint32_t scope, struct bytes text)
{
    uint32_t at = hash & p->mask;

    while (p->slot[at].name != NULL &&
           (p->slot[at].hash != hash || !is_called(p->slot[at].name, scope, text))) {
        at = (at + 1) & p->mask;
    }
    return at;
}

struct name *names_find(const struct names *t, uint32_t hash, uint32_t scope, struct bytes text)
{
    const struct names_part *p = &t->part[hash >> PART_SHIFT];

    return p->count == 0 ? NULL : p->slot[probe(p, hash, scope, text)].name;
}

void names_expect(const struct names *t, uint32_t hash)
{
    const struct names_part *p = &t->part[hash >> PART_SHIFT];

    if (p->slot != NULL) {
        __builtin_prefetch(&p->slot[hash & p->mask], 1);
    }
}

static bool resize(struct names_part *p, uint32_t slots)
{
    struct names_slot *fresh = calloc(slots, sizeof *fresh);

    if (fresh == NULL) {
        return false;
    }
    for (uint32_t i = 0; p->slot != NULL && i <= p->mask; i++) {
        uint32_t at = p->slot[i].hash & (slots - 1);

        while (p->slot[i].name != NULL && fresh[at].name != NULL) {
            at = (at + 1) & (slots - 1);
        }
        if (p->slot[i].name != NULL) {
            fresh[at] = p->slot[i];
        }
    }
    free(p->slot);
    p->slot = fresh;
    p->mask = slots - 1;
    return true;
}

bool names_put(struct names *t, uint32_t hash, struct name *n)
{
    struct names_part *p = &t->part[hash >> PART_SHIFT];
    uint32_t at;

    if (p->slot == NULL && !resize(p, SLOTS_MIN)) {
        return false;
    }
    if (p->count + 1 > (p->mask + 1) / 4 * 3 && !resize(p, (p->mask + 1) * 2)) {
        return false;
    }
    at = probe(p, hash, n->scope, name_text(n));
    p->count += p->slot[at].name == NULL;
    p->slot[at] = (struct names_slot){ n, hash };
    return true;
}

void names_remove(struct names *t, const struct name *n)
{
    uint32_t hash = names_hash(t, n->scope, name_text(n)), gap;
    struct names_part *p = &t->part[hash >> PART_SHIFT];

    if (p->count == 0) {
        return;
    }
    gap = probe(p, hash, n->scope, name_text(n));
    if (p->slot[gap].name != n) {
        return;
    }
    for (uint32_t at = (gap + 1) & p->mask; p->slot[at].name != NULL; at = (at + 1) & p->mask) {
        uint32_t home = p->slot[at].hash & p->mask;

        /* Into the gap unless its home lies behind the gap (cyclically). */
        if (((at - home) & p->mask) >= ((at - gap) & p->mask)) {
            p->slot[gap] = p->slot[at];
            gap = at;
        }
    }
    p->slot[gap] = (struct names_slot){ NULL, 0 };
    p->count--;
}
