/*
 * The table: entries in one array, found by chained hash; those without a connection also stand in
 * the order of their last use. There are more entries than connections, so there is always one to
 * give up.
 */
#include "peers.h"

#include <stdlib.h>

#include "assert.h"

/* Addresses remembered beside those that are connected. */
#define SPARE 4096
#define NONE UINT32_MAX
#define MINUTE_US (60 * US_PER_S)

struct peer {
    struct ip_address key;
    uint32_t open, unknown;
    int64_t credit_us; /* a connection costs MINUTE_US / per_minute_max of it */
    int64_t seen_us;
    bool refused;
    uint32_t next;         /* of the chain */
    uint32_t newer, older; /* of the order of use, while open == 0 */
};

struct peers {
    struct peers_limits limits;
    uint64_t seed;
    struct peer *item;
    uint32_t *chain;
    uint32_t count, capacity, chain_mask;
    uint32_t newest, oldest;
};

void peers_limit(struct peers *p, const struct peers_limits *limits)
{
    p->limits = *limits;
}

struct peers *peers_new(size_t connections_max, const struct peers_limits *limits, uint64_t seed)
{
    struct peers *p = calloc(1, sizeof *p);
    uint32_t chains = 1;

    if (p == NULL) {
        return NULL;
    }
    p->limits = *limits;
    p->seed = seed;
    p->capacity = (uint32_t)connections_max + SPARE;
    while (chains < p->capacity) {
        chains *= 2;
    }
    p->chain_mask = chains - 1;
    p->newest = p->oldest = NONE;
    p->item = calloc(p->capacity, sizeof *p->item);
    p->chain = calloc(chains, sizeof *p->chain);
    if (p->item == NULL || p->chain == NULL) {
        peers_free(p);
        return NULL;
    }
    for (uint32_t i = 0; i < chains; i++) {
        p->chain[i] = NONE;
    }
    return p;
}

void peers_free(struct peers *p)
{
    if (p != NULL) {
        free(p->item);
        free(p->chain);
        free(p);
    }
}

/* ---- the table ----------------------------------------------------------------------------- */

static struct ip_address key_of(const struct ip_address *a)
{
    struct ip_address key = *a;

    if (!ip_is_v4(a)) {
        memset(key.raw + 8, 0, 8);
    }
    return key;
}

static uint32_t *chain_of(const struct peers *p, const struct ip_address *key)
{
    uint64_t hash = p->seed ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < sizeof key->raw; i++) {
        hash = (hash ^ key->raw[i]) * UINT64_C(0x100000001b3);
    }
    return &p->chain[(uint32_t)(hash >> 32) & p->chain_mask];
}

static uint32_t find(const struct peers *p, const struct ip_address *key)
{
    uint32_t i = *chain_of(p, key);

    while (i != NONE && memcmp(&p->item[i].key, key, sizeof *key) != 0) {
        i = p->item[i].next;
    }
    return i;
}

static void take_out_of_order(struct peers *p, uint32_t i)
{
    struct peer *e = &p->item[i];

    *(e->newer == NONE ? &p->newest : &p->item[e->newer].older) = e->older;
    *(e->older == NONE ? &p->oldest : &p->item[e->older].newer) = e->newer;
}

static void put_newest(struct peers *p, uint32_t i)
{
    struct peer *e = &p->item[i];

    e->newer = NONE;
    e->older = p->newest;
    *(p->newest == NONE ? &p->oldest : &p->item[p->newest].newer) = i;
    p->newest = i;
}

/* A place for a new entry; there is one, see above. */
static uint32_t make_room(struct peers *p)
{
    uint32_t i = p->oldest;
    uint32_t *link;

    if (p->count < p->capacity) {
        return p->count++;
    }
    ASSERT(i != NONE);
    take_out_of_order(p, i);
    for (link = chain_of(p, &p->item[i].key); *link != i; link = &p->item[*link].next) {
    }
    *link = p->item[i].next;
    return i;
}

/* Out of the order: the caller puts it back unless it is open then. */
static struct peer *take_entry(struct peers *p, const struct ip_address *key, int64_t mono_us)
{
    uint32_t i = find(p, key);
    uint32_t *chain;

    if (i != NONE && p->item[i].open == 0) {
        take_out_of_order(p, i);
    } else if (i == NONE) {
        i = make_room(p);
        chain = chain_of(p, key);
        p->item[i] = (struct peer){
            .key = *key, .next = *chain, .credit_us = MINUTE_US, .seen_us = mono_us
        };
        *chain = i;
    }
    return &p->item[i];
}

/* ---- limits -------------------------------------------------------------------------------- */

static enum peers_answer judge(struct peers *p, struct peer *e, int64_t mono_us)
{
    const struct peers_limits *l = &p->limits;

    e->credit_us += mono_us - e->seen_us;
    e->credit_us = e->credit_us > MINUTE_US ? MINUTE_US : e->credit_us;
    e->seen_us = mono_us;
    if (l->per_minute_max > 0) {
        int64_t cost_us = MINUTE_US / l->per_minute_max;

        if (e->credit_us < cost_us) {
            return PEERS_TOO_FAST;
        }
        e->credit_us -= cost_us;
    }
    if (l->connections_max > 0 && e->open >= l->connections_max) {
        return PEERS_TOO_MANY;
    }
    if (l->unauthenticated_max > 0 && e->unknown >= l->unauthenticated_max) {
        return PEERS_TOO_MANY_UNKNOWN;
    }
    return PEERS_OK;
}

enum peers_answer peers_open(struct peers *p, const struct ip_address *a, int64_t mono_us,
                             bool *first)
{
    struct ip_address key = key_of(a);
    struct peer *e = take_entry(p, &key, mono_us);
    enum peers_answer answer = judge(p, e, mono_us);

    *first = !e->refused;
    e->refused = answer != PEERS_OK;
    if (answer == PEERS_OK) {
        e->open++;
        e->unknown++;
    } else if (e->open == 0) {
        put_newest(p, (uint32_t)(e - p->item));
    }
    return answer;
}

void peers_known(struct peers *p, const struct ip_address *a)
{
    struct ip_address key = key_of(a);
    uint32_t i = find(p, &key);

    ASSERT(i != NONE && p->item[i].unknown > 0);
    p->item[i].unknown--;
}

void peers_close(struct peers *p, const struct ip_address *a, bool known)
{
    struct ip_address key = key_of(a);
    uint32_t i = find(p, &key);

    ASSERT(i != NONE && p->item[i].open > 0 && (known || p->item[i].unknown > 0));
    p->item[i].open--;
    p->item[i].unknown -= known ? 0 : 1;
    if (p->item[i].open == 0) {
        put_newest(p, i);
    }
}

const char *peers_answer_text(enum peers_answer answer)
{
    switch (answer) {
    case PEERS_OK: return "ok";
    case PEERS_TOO_FAST: return "this address connects too often";
    case PEERS_TOO_MANY: return "too many connections of this address";
    case PEERS_TOO_MANY_UNKNOWN: return "too many connections of this address without a Logon";
    }
    UNREACHABLE();
}

size_t peers_count(const struct peers *p, const struct ip_address *a)
{
    struct ip_address key = key_of(a);
    uint32_t i = find(p, &key);

    return i == NONE ? 0 : p->item[i].open;
}
