/*
 * Strict reading of JSON. Absent, null and mistyped are different answers, and a decimal is taken
 * from the number's own characters, exactly, or it is an error.
 *
 * What is read borrows from the text and the arena, and lives as long as both. Texts end where
 * their size says, not at a NUL.
 */
#ifndef VENUES_JSON_H
#define VENUES_JSON_H

#include "base.h"
#include "buf.h"
#include "decimal.h"

struct arena;
struct json_item; /* a value, and its name where it is a member */

/* Bounds beside HTTP_RESPONSE_BODY_MAX for the whole text. Venue answers nest about ten levels. */
#define JSON_DEPTH_MAX 64
#define JSON_NUMBER_MAX 63 /* characters of one number */

/* The value the text is. NULL: not JSON (RFC 8259; "\u0000" and half a surrogate pair are refused
 * too), trailing garbage, too deep, too large, or out of memory. Repeated names are not looked for;
 * the first is found. */
const struct json_item *json_parse(struct bytes text, struct arena *arena);

enum json_get { JSON_OK, JSON_ABSENT, JSON_NULL, JSON_BAD };

/* `object` may be NULL or not an object: ABSENT. */
const struct json_item *json_member(const struct json_item *object,
                                    const char *name); /* NULL: absent */
enum json_get json_text(const struct json_item *object, const char *name, struct bytes *out);
enum json_get json_bool(const struct json_item *object, const char *name, bool *out);
/* A whole number, as a JSON number or in a string. */
enum json_get json_int(const struct json_item *object, const char *name, int64_t *out);
/* A JSON number or a string that holds a decimal number; exponents are taken. */
enum json_get json_decimal(const struct json_item *object, const char *name, struct decimal *out);
/* As `json_decimal` / text of the element itself. */
enum json_get json_item_decimal(const struct json_item *item, struct decimal *out);
enum json_get json_item_text(const struct json_item *item, struct bytes *out);

/* Iterates an array or object: first child, next sibling; NULL at the end. */
const struct json_item *json_first(const struct json_item *array);
const struct json_item *json_next(const struct json_item *item);

size_t json_count(const struct json_item *array);
bool json_is_object(const struct json_item *item); /* false for NULL */
bool json_is_array(const struct json_item *item);
struct bytes json_name(const struct json_item *item); /* of an object's member */

/* Writing: `text` as a JSON string with its quotes. */
void json_put_text(struct buf *out, struct bytes text);

#endif
