/*
 * A hash table of names: texts in a scope (a session, an account), each inside the thing it names.
 * Seeded, so that a client cannot choose collisions. Owns none of them, decides nothing.
 */
#ifndef BRIDGE_NAMES_H
#define BRIDGE_NAMES_H

#include "base.h"

/* All is set by the owner. */
struct name {
    struct name *next; /* the owner's: names of one order */
    void *owner;
    uint32_t scope;
    uint16_t size;
    uint8_t kind; /* the owner's */
    char text[];  /* NUL-terminated */
};

/* The table is in parts, by the first bits of the hash: one grows at a time, and so a table of
 * millions grows without making anybody wait. */
#define NAMES_PARTS 256

struct names_part {
    struct names_slot *slot; /* NULL: nothing was put there yet */
    uint32_t mask, count;    /* slots, a power of two, minus one */
};

struct names {
    struct names_part part[NAMES_PARTS];
    uint64_t seed;
};

struct bytes name_text(const struct name *n);

void names_init(struct names *t, uint64_t seed);
void names_fini(struct names *t); /* the table, not the names */
/* For the calls below, so that a text is hashed once. */
uint32_t names_hash(const struct names *t, uint32_t scope, struct bytes text);
struct name *names_find(const struct names *t, uint32_t hash, uint32_t scope, struct bytes text);
/* Takes the place of one with the same text in the same scope. False: out of memory. */
MUST_CHECK bool names_put(struct names *t, uint32_t hash, struct name *n);
/* Nothing happens when another took its place. */
void names_remove(struct names *t, const struct name *n);
/* A hint: a name with that hash is about to be looked for. */
void names_expect(const struct names *t, uint32_t hash);

#endif
