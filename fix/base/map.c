/*
 * Open addressing with linear probing, at most three quarters full. Removal shifts the entries
 * behind the gap back instead of leaving a tombstone, so a map that churns for months stays as fast
 * as a fresh one. Keys are hashed with SipHash-1-3 (Aumasson, Bernstein): without the seed a client
 * cannot choose ClOrdIDs that collide.
 */
#include "map.h"

#include <stdlib.h>

#include "assert.h"

#define SLOTS_MIN 16

struct slot {
    uint64_t hash;
    const char *key;
    size_t key_size;
    void *value; /* NULL: the slot is empty */
};

struct map {
    struct slot *slots; /* NULL until the first put */
    size_t mask;        /* number of slots, a power of two, minus one */
    size_t count;
    uint64_t key[2];
};

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* The order of the bytes of a word does not matter: no hash leaves the process. */
static uint64_t sip_hash(const uint64_t k[2], struct bytes key)
{
    struct sip s = {
        k[0] ^ UINT64_C(0x736f6d6570736575),
        k[1] ^ UINT64_C(0x646f72616e646f6d),
        k[0] ^ UINT64_C(0x6c7967656e657261),
        k[1] ^ UINT64_C(0x7465646279746573),
    };
    const char *at = key.data;
    size_t left = key.size;
    uint64_t word;

    for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        sip_word(&s, word);
    }
    word = 0;
    if (left > 0) {
        memcpy(&word, at, left);
    }
    sip_word(&s, word ^ (uint64_t)key.size << 56);
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* SplitMix64 (Steele, Lea, Flood): spreads a 64-bit seed over the 128-bit key. */
static uint64_t split_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t hash_of(const struct map *m, struct bytes key)
{
    return sip_hash(m->key, key);
}

uint64_t map_hash(uint64_t seed, struct bytes key)
{
    const uint64_t first = split_mix(seed);
    const uint64_t k[2] = { first, split_mix(first) };

    return sip_hash(k, key);
}

struct map *map_new(uint64_t seed)
{
    struct map *m = calloc(1, sizeof *m);

    if (m != NULL) {
        m->key[0] = split_mix(seed);
        m->key[1] = split_mix(m->key[0]);
    }
    return m;
}

void map_free(struct map *m)
{
    if (m != NULL) {
        free(m->slots);
        free(m);
    }
}

/* The slot that holds the key, or the empty one where it would go. */
static struct slot *probe(const struct map *m, struct bytes key, uint64_t hash)
{
    size_t at = (size_t)hash & m->mask;

    for (;; at = (at + 1) & m->mask) {
        struct slot *s = &m->slots[at];

        if (s->value == NULL) {
            return s;
        }
        if (s->hash == hash && s->key_size == key.size &&
            (key.size == 0 || memcmp(s->key, key.data, key.size) == 0)) {
            return s;
        }
    }
}

static bool resize(struct map *m, size_t slots)
{
    struct slot *old = m->slots;
    size_t old_slots = old == NULL ? 0 : m->mask + 1;
    struct slot *fresh = calloc(slots, sizeof *fresh);

    if (fresh == NULL) {
        return false;
    }
    m->slots = fresh;
    m->mask = slots - 1;
    for (size_t i = 0; i < old_slots; i++) {
        if (old[i].value != NULL) {
            size_t at = (size_t)old[i].hash & m->mask;

            while (fresh[at].value != NULL) {
                at = (at + 1) & m->mask;
            }
            fresh[at] = old[i];
        }
    }
    free(old);
    return true;
}

bool map_put(struct map *m, struct bytes key, void *value)
{
    uint64_t hash = hash_of(m, key);
    struct slot *s;

    ASSERT(value != NULL);
    if (m->slots == NULL && !resize(m, SLOTS_MIN)) {
        return false;
    }
    s = probe(m, key, hash);
    if (s->value == NULL) {
        if (m->count + 1 > (m->mask + 1) / 4 * 3) {
            if (!resize(m, (m->mask + 1) * 2)) {
                return false;
            }
            s = probe(m, key, hash);
        }
        m->count++;
    }
    /* The key, too, is the new one: the old one may live in the value that is being replaced. */
    *s = (struct slot){ hash, key.data, key.size, value };
    return true;
}

void *map_find(const struct map *m, struct bytes key)
{
    if (m->count == 0) {
        return NULL;
    }
    return probe(m, key, hash_of(m, key))->value;
}

void *map_remove(struct map *m, struct bytes key)
{
    struct slot *s;
    void *value;
    size_t gap;

    if (m->count == 0) {
        return NULL;
    }
    s = probe(m, key, hash_of(m, key));
    if (s->value == NULL) {
        return NULL;
    }
    value = s->value;
    gap = (size_t)(s - m->slots);
    for (size_t at = (gap + 1) & m->mask; m->slots[at].value != NULL; at = (at + 1) & m->mask) {
        size_t home = (size_t)m->slots[at].hash & m->mask;

        /* Move it into the gap unless its home lies behind the gap (cyclically). */
        if (((at - home) & m->mask) >= ((at - gap) & m->mask)) {
            m->slots[gap] = m->slots[at];
            gap = at;
        }
    }
    m->slots[gap] = (struct slot){ 0 };
    m->count--;
    return value;
}

size_t map_count(const struct map *m)
{
    return m->count;
}

bool map_next(const struct map *m, size_t *at, struct bytes *key, void **value)
{
    if (m->slots == NULL) {
        return false;
    }
    for (; *at <= m->mask; (*at)++) {
        const struct slot *s = &m->slots[*at];

        if (s->value != NULL) {
            *key = (struct bytes){ s->key, s->key_size };
            *value = s->value;
            (*at)++;
            return true;
        }
    }
    return false;
}
