/*
 * Messages beyond a gap: an array sorted by number, filled mostly at its end and emptied at its
 * front.
 */
#include "fix_early.h"

#include <stdlib.h>

#include "bounds.h"

static bool make_room(struct fix_early *e)
{
    if (e->count < e->capacity) {
        return true;
    }
    if (e->first > 0) {
        memmove(e->entry, e->entry + e->first, (e->count - e->first) * sizeof *e->entry);
        e->count -= e->first;
        e->first = 0;
        return true;
    }
    size_t capacity = e->capacity == 0 ? 16 : e->capacity * 2;
    struct fix_early_entry *entry = realloc(e->entry, capacity * sizeof *entry);
    if (entry == NULL) {
        return false;
    }
    e->entry = entry;
    e->capacity = capacity;
    return true;
}

enum fix_early_result fix_early_put(struct fix_early *e, uint64_t seq, struct bytes message,
                                    size_t max)
{
    size_t at;
    char *data = NULL;

    if (e->count - e->first >= max || e->bytes + message.size > FIX_EARLY_BYTES_MAX ||
        !make_room(e)) {
        return FIX_EARLY_FULL;
    }
    for (at = e->count; at > e->first && e->entry[at - 1].seq >= seq; at--) {
        if (e->entry[at - 1].seq == seq) {
            return FIX_EARLY_KNOWN;
        }
    }
    if (message.size > 0) {
        data = malloc(message.size);
        if (data == NULL) {
            return FIX_EARLY_FULL;
        }
        memcpy(data, message.data, message.size);
    }
    memmove(e->entry + at + 1, e->entry + at, (e->count - at) * sizeof *e->entry);
    e->entry[at] = (struct fix_early_entry){ .seq = seq, .size = message.size, .data = data };
    e->count++;
    e->bytes += message.size;
    return FIX_EARLY_KEPT;
}

bool fix_early_take(struct fix_early *e, uint64_t seq, struct fix_early_entry *out)
{
    while (e->first < e->count && e->entry[e->first].seq <= seq) {
        struct fix_early_entry *entry = &e->entry[e->first++];

        e->bytes -= entry->size;
        if (entry->seq == seq) {
            *out = *entry;
            return true;
        }
        free(entry->data);
    }
    return false;
}

void fix_early_clear(struct fix_early *e)
{
    for (size_t i = e->first; i < e->count; i++) {
        free(e->entry[i].data);
    }
    free(e->entry);
    *e = (struct fix_early){ 0 };
}
