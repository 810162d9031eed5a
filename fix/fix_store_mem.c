/*
 * A session's store in memory, for tests and benchmarks: an array of messages indexed by number.
 */
#include <stdlib.h>

#include "assert.h"
#include "fix_store.h"

struct kept {
    char *data; /* NULL: nothing kept under this number */
    size_t size;
};

struct store_mem {
    struct fix_store base;
    struct kept *kept; /* [seq] */
    size_t capacity;
};

static bool make_room(struct store_mem *m, uint64_t seq)
{
    size_t capacity = m->capacity == 0 ? 64 : m->capacity;

    while (capacity <= seq) {
        if (capacity > SIZE_MAX / sizeof *m->kept / 2) {
            return false;
        }
        capacity *= 2;
    }
    if (capacity == m->capacity) {
        return true;
    }
    struct kept *kept = realloc(m->kept, capacity * sizeof *kept);
    if (kept == NULL) {
        return false;
    }
    memset(kept + m->capacity, 0, (capacity - m->capacity) * sizeof *kept);
    m->kept = kept;
    m->capacity = capacity;
    return true;
}

static bool mem_append(struct fix_store *st, uint64_t seq, struct bytes message)
{
    struct store_mem *m = (struct store_mem *)st;

    ASSERT(seq == st->next_out && message.size > 0);
    if (!make_room(m, seq)) {
        return false;
    }
    char *data = malloc(message.size);
    if (data == NULL) {
        return false;
    }
    memcpy(data, message.data, message.size);
    free(m->kept[seq].data); /* a number lowered by an operator may be used again */
    m->kept[seq] = (struct kept){ data, message.size };
    st->next_out = seq + 1;
    return true;
}

static bool mem_set_next(struct fix_store *st, uint64_t next_in, uint64_t next_out)
{
    st->next_in = next_in;
    st->next_out = next_out;
    return true;
}

static bool mem_read(struct fix_store *st, uint64_t seq, struct bytes *message)
{
    const struct store_mem *m = (const struct store_mem *)st;

    if (seq >= st->next_out || seq >= m->capacity || m->kept[seq].data == NULL) {
        return false;
    }
    *message = (struct bytes){ m->kept[seq].data, m->kept[seq].size };
    return true;
}

static void forget(struct store_mem *m)
{
    for (size_t i = 0; i < m->capacity; i++) {
        free(m->kept[i].data);
    }
    free(m->kept);
    m->kept = NULL;
    m->capacity = 0;
}

static bool mem_reset(struct fix_store *st)
{
    forget((struct store_mem *)st);
    return mem_set_next(st, 1, 1);
}

static const struct fix_store_ops mem_ops = {
    .append = mem_append,
    .set_next = mem_set_next,
    .read = mem_read,
    .reset = mem_reset,
};

struct fix_store *fix_store_mem_new(void)
{
    struct store_mem *m = calloc(1, sizeof *m);

    if (m == NULL) {
        return NULL;
    }
    m->base = (struct fix_store){ .ops = &mem_ops, .next_in = 1, .next_out = 1 };
    return &m->base;
}

void fix_store_mem_free(struct fix_store *st)
{
    if (st != NULL) {
        forget((struct store_mem *)st);
        free(st);
    }
}
