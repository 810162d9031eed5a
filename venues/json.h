/*
 * Strict typed getters over cJSON. Absent, null and mistyped are different answers. Numbers: cJSON keeps
 * a double, so a decimal is taken from the number's own token text, exactly, or it is an error.
 *
 * The document keeps the source text: json_doc_parse finds every number token once; a getter looks its
 * node up. Everything borrowed from a document lives until json_doc_free.
 */
#ifndef VENUES_JSON_H
#define VENUES_JSON_H

#include "base.h"
#include "decimal.h"

struct cJSON;
struct json_doc;

/* NULL: not JSON, trailing garbage, too deep, duplicate nothing checked, or out of memory. */
struct json_doc    *json_doc_parse(struct bytes text);
void                json_doc_free(struct json_doc *d);
const struct cJSON *json_root(const struct json_doc *d);

enum json_get { JSON_OK, JSON_ABSENT, JSON_NULL, JSON_BAD };

/* `object` may be NULL or not an object: ABSENT. */
const struct cJSON *json_member(const struct cJSON *object, const char *name);   /* NULL: absent */
enum json_get json_text(const struct cJSON *object, const char *name, struct bytes *out);
enum json_get json_bool(const struct cJSON *object, const char *name, bool *out);
enum json_get json_int(const struct json_doc *d, const struct cJSON *object, const char *name, int64_t *out);
/* A JSON number or a string that holds a decimal number; exponents are taken. */
enum json_get json_decimal(const struct json_doc *d, const struct cJSON *object, const char *name,
                           struct decimal *out);
/* As `json_decimal` / text of the element itself. */
enum json_get json_item_decimal(const struct json_doc *d, const struct cJSON *item, struct decimal *out);
enum json_get json_item_text(const struct cJSON *item, struct bytes *out);

/* Iterates an array or object: first child, next sibling; NULL at the end. */
const struct cJSON *json_first(const struct cJSON *array);
const struct cJSON *json_next(const struct cJSON *item);

#endif
