/*
 * A map from key to entry, and the entries in the order of their last failure.
 */
#include "lockout.h"

#include <stdlib.h>

#include "map.h"

struct entry {
    struct entry *prev, *next;
    int64_t failed_us; /* the last failure */
    int64_t until_us;  /* locked before that */
    uint32_t failures;
    size_t size;
    char key[LOCKOUT_KEY_MAX];
};

struct lockout {
    struct map *by_key;
    struct entry *first, *last; /* first: failed longest ago */
    size_t count, max;
};

struct lockout *lockout_new(size_t keys_max, uint64_t seed)
{
    struct lockout *l = calloc(1, sizeof *l);

    if (l != NULL) {
        l->max = keys_max;
        l->by_key = map_new(seed);
    }
    if (l == NULL || l->by_key == NULL) {
        lockout_free(l);
        return NULL;
    }
    return l;
}

void lockout_free(struct lockout *l)
{
    if (l == NULL) {
        return;
    }
    while (l->first != NULL) {
        struct entry *e = l->first;

        l->first = e->next;
        free(e);
    }
    map_free(l->by_key);
    free(l);
}

static struct bytes cut(struct bytes key)
{
    return (struct bytes){ key.data, key.size < LOCKOUT_KEY_MAX ? key.size : LOCKOUT_KEY_MAX };
}

static void take_out(struct lockout *l, struct entry *e)
{
    if (e->prev != NULL) {
        e->prev->next = e->next;
    } else {
        l->first = e->next;
    }
    if (e->next != NULL) {
        e->next->prev = e->prev;
    } else {
        l->last = e->prev;
    }
    l->count--;
}

static void put_last(struct lockout *l, struct entry *e)
{
    e->prev = l->last;
    e->next = NULL;
    if (l->last != NULL) {
        l->last->next = e;
    } else {
        l->first = e;
    }
    l->last = e;
    l->count++;
}

static void drop(struct lockout *l, struct entry *e)
{
    take_out(l, e);
    (void)map_remove(l->by_key, (struct bytes){ e->key, e->size });
    free(e);
}

bool lockout_is_locked(const struct lockout *l, struct bytes key, int64_t mono_us)
{
    const struct entry *e = map_find(l->by_key, cut(key));

    return e != NULL && mono_us < e->until_us;
}

/* NULL: out of memory; that failure is not counted, and the Logon was refused all the same. */
static struct entry *find_or_make(struct lockout *l, struct bytes key)
{
    struct entry *e = map_find(l->by_key, key);

    if (e != NULL) {
        take_out(l, e);
        return e;
    }
    if (l->count >= l->max) {
        drop(l, l->first);
    }
    e = calloc(1, sizeof *e);
    if (e == NULL || key.size == 0) {
        free(e);
        return NULL;
    }
    memcpy(e->key, key.data, key.size);
    e->size = key.size;
    if (!map_put(l->by_key, (struct bytes){ e->key, e->size }, e)) {
        free(e);
        return NULL;
    }
    return e;
}

bool lockout_failed(struct lockout *l, struct bytes key, uint32_t limit, int64_t time_us,
                    int64_t mono_us)
{
    struct entry *e = limit == 0 ? NULL : find_or_make(l, cut(key));

    if (e == NULL) {
        return false;
    }
    put_last(l, e);
    if (e->until_us <= mono_us && (e->until_us > 0 || mono_us - e->failed_us > time_us)) {
        e->failures = 0;
        e->until_us = 0;
    }
    e->failed_us = mono_us;
    e->failures++;
    if (e->failures < limit || e->until_us > mono_us) {
        return false;
    }
    e->until_us = mono_us + time_us;
    return true;
}

void lockout_forget(struct lockout *l, struct bytes key)
{
    struct entry *e = map_find(l->by_key, cut(key));

    if (e != NULL) {
        drop(l, e);
    }
}

size_t lockout_count(const struct lockout *l)
{
    return l->count;
}
