/*
 * Any bytes as JSON: the reader says yes or no, and what it takes can be walked and read without
 * harm. Each number's value must be found through its own token.
 */
#include <stdlib.h>

#include "assert.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json_doc *d, const struct cJSON *item)
{
    for (; item != NULL; item = json_next(item)) {
        struct decimal number;
        struct bytes text;
        int64_t whole;
        bool flag;

        (void)json_item_decimal(d, item, &number);
        (void)json_item_text(item, &text);
        (void)json_int(d, item, "a", &whole);
        (void)json_bool(item, "b", &flag);
        ASSERT(json_count(item) == 0 || json_first(item) != NULL);
        walk(d, json_first(item)); /* bounded by JSON_DEPTH_MAX */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size); /* of the exact size: over-reads are seen */
    struct json_doc *d;

    if (copy == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    d = json_doc_parse((struct bytes){ copy, size });
    if (d != NULL) {
        walk(d, json_root(d));
    }
    json_doc_free(d);
    free(copy);
    return 0;
}
