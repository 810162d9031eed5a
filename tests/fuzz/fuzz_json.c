/*
 * Any bytes as JSON: the reader says yes or no, and what it takes can be walked and read without
 * harm. Each number's value must be found through its own token.
 */
#include <stdlib.h>

#include "arena.h"
#include "assert.h"
#include "json.h"

#define ARENA_MAX (64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json_item *item)
{
    for (; item != NULL; item = json_next(item)) {
        struct decimal number;
        struct bytes text;
        int64_t whole;
        bool flag;

        (void)json_item_decimal(item, &number);
        (void)json_item_text(item, &text);
        (void)json_int(item, "a", &whole);
        (void)json_bool(item, "b", &flag);
        ASSERT(json_count(item) == 0 || json_first(item) != NULL);
        walk(json_first(item)); /* bounded by JSON_DEPTH_MAX */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size); /* of the exact size: over-reads are seen */
    struct arena *arena = arena_new(ARENA_MAX);

    if (copy == NULL || arena == NULL) {
        free(copy);
        arena_free(arena);
        return 0;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    walk(json_parse((struct bytes){ copy, size }, arena));
    arena_free(arena);
    free(copy);
    return 0;
}
