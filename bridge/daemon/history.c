/*
 * The ring. Positions only ever grow; the place of one in memory is its remainder. Entries are not
 * split at the end of memory: what is left there is skipped by an entry of no key. Each entry knows
 * the one before it in its slot, so a key is read backwards without an index that could grow.
 */
#include "history.h"

#include <stdlib.h>

#include "memory.h"

#define SLOTS ((size_t)1 << 16)
#define ALIGN ((size_t)8)
#define KIND_SKIP UINT16_MAX

struct head {
    uint64_t before; /* of the same slot; 0: none */
    uint64_t key;
    int64_t wall_us;
    uint32_t room; /* of the whole entry */
    uint32_t size; /* of the data behind this head */
    uint16_t kind, scope;
};

struct history {
    char *data;
    size_t size;
    uint64_t first, end; /* positions: the oldest entry; where the next one goes */
    uint64_t slot[SLOTS];
};

struct history *history_new(size_t size)
{
    struct history *h = calloc(1, sizeof *h);

    if (h == NULL) {
        return NULL;
    }
    h->size = (size + ALIGN - 1) / ALIGN * ALIGN;
    h->data = calloc(1, h->size);
    h->first = h->end = h->size; /* no position is 0 */
    if (h->data == NULL) {
        free(h);
        return NULL;
    }
    return h;
}

void history_free(struct history *h)
{
    if (h != NULL) {
        free(h->data);
        free(h);
    }
}

void history_warm(struct history *h)
{
    if (h != NULL) {
        memory_touch(h, sizeof *h);
        memory_touch(h->data, h->size);
    }
}

static struct head *head_at(const struct history *h, uint64_t position)
{
    return (struct head *)(void *)(h->data + position % h->size);
}

static size_t slot_of(uint64_t key)
{
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 48);
}

/* The rest of memory is smaller than a head: nothing stands there. */
static size_t step(const struct history *h, uint64_t position)
{
    size_t left = h->size - (size_t)(position % h->size);

    return left < sizeof(struct head) ? left : head_at(h, position)->room;
}

static void make_room(struct history *h, size_t room)
{
    while (h->end + room - h->first > h->size) {
        h->first += step(h, h->first);
    }
}

/* An entry that would cross the end of memory goes to its start. */
static void skip_end(struct history *h, size_t room)
{
    size_t left = h->size - (size_t)(h->end % h->size);

    if (left >= room) {
        return;
    }
    make_room(h, left);
    if (left >= sizeof(struct head)) {
        *head_at(h, h->end) = (struct head){ .room = (uint32_t)left, .kind = KIND_SKIP };
    }
    h->end += left;
}

void history_add(struct history *h, const struct history_entry *e, struct bytes a, struct bytes b)
{
    size_t room = (sizeof(struct head) + a.size + b.size + ALIGN - 1) / ALIGN * ALIGN;
    uint64_t *slot = &h->slot[slot_of(e->key)];
    char *data;

    if (room > h->size / 4) {
        return;
    }
    skip_end(h, room);
    make_room(h, room);
    *head_at(h, h->end) = (struct head){
        .before = *slot,
        .key = e->key,
        .wall_us = e->wall_us,
        .room = (uint32_t)room,
        .size = (uint32_t)(a.size + b.size),
        .kind = e->kind,
        .scope = e->scope,
    };
    data = (char *)(head_at(h, h->end) + 1);
    if (a.size > 0) {
        memcpy(data, a.data, a.size);
    }
    if (b.size > 0) {
        memcpy(data + a.size, b.data, b.size);
    }
    *slot = h->end;
    h->end += room;
}

bool history_before(const struct history *h, uint64_t key, uint64_t *at, struct history_entry *out)
{
    uint64_t position = *at == 0 ? h->slot[slot_of(key)] : head_at(h, *at)->before;

    while (position >= h->first && position != 0 && head_at(h, position)->key != key) {
        position = head_at(h, position)->before;
    }
    if (position < h->first || position == 0) {
        return false;
    }
    *at = position;
    *out = (struct history_entry){
        .key = key,
        .wall_us = head_at(h, position)->wall_us,
        .kind = head_at(h, position)->kind,
        .scope = head_at(h, position)->scope,
        .data = { (const char *)(head_at(h, position) + 1), head_at(h, position)->size },
    };
    return true;
}
