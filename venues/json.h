/*
 * Strict typed getters over cJSON. Absent, null and mistyped are different answers. Numbers: cJSON
 * keeps a double, so a decimal is taken from the number's own token text, exactly, or it is an
 * error.
 *
 * The text is borrowed and must outlive the document: json_doc_parse finds every number token once,
 * and a number node holds the index of its token instead of its value, so the tree's own numbers
 * mean nothing and are only to be read through these getters. Everything borrowed from a document
 * lives until json_doc_free.
 */
#ifndef VENUES_JSON_H
#define VENUES_JSON_H

#include "base.h"
#include "buf.h"
#include "decimal.h"

struct cJSON;
struct json_doc;

/* Bounds beside HTTP_RESPONSE_BODY_MAX for the whole text. Venue answers nest about ten levels. */
#define JSON_DEPTH_MAX 64
#define JSON_NUMBER_MAX 63 /* characters of one number */

/* NULL: not JSON (RFC 8259; "\u0000" is refused too, texts end at NUL), trailing garbage, too deep,
 * too large, or out of memory. Repeated names are not looked for; the first is found. */
struct json_doc *json_doc_parse(struct bytes text);
void json_doc_free(struct json_doc *d);
const struct cJSON *json_root(const struct json_doc *d);

enum json_get { JSON_OK, JSON_ABSENT, JSON_NULL, JSON_BAD };

/* `object` may be NULL or not an object: ABSENT. */
const struct cJSON *json_member(const struct cJSON *object, const char *name); /* NULL: absent */
enum json_get json_text(const struct cJSON *object, const char *name, struct bytes *out);
enum json_get json_bool(const struct cJSON *object, const char *name, bool *out);
/* A whole number, as a JSON number or in a string. */
enum json_get json_int(const struct json_doc *d, const struct cJSON *object, const char *name,
                       int64_t *out);
/* A JSON number or a string that holds a decimal number; exponents are taken. */
enum json_get json_decimal(const struct json_doc *d, const struct cJSON *object, const char *name,
                           struct decimal *out);
/* As `json_decimal` / text of the element itself. */
enum json_get json_item_decimal(const struct json_doc *d, const struct cJSON *item,
                                struct decimal *out);
enum json_get json_item_text(const struct cJSON *item, struct bytes *out);

/* Iterates an array or object: first child, next sibling; NULL at the end. */
const struct cJSON *json_first(const struct cJSON *array);
const struct cJSON *json_next(const struct cJSON *item);

size_t json_count(const struct cJSON *array);
bool json_is_object(const struct cJSON *item); /* false for NULL */
bool json_is_array(const struct cJSON *item);
struct bytes json_name(const struct cJSON *item); /* of an object's member */

/* Writing: `text` as a JSON string with its quotes. */
void json_put_text(struct buf *out, struct bytes text);

#endif
