/*
 * Text in and out: form parameters (kept as raw bytes and decoded), JSON members written to a buf,
 * and JSON read with exact numbers.
 */
#ifndef TESTS_SIM_VENUESIM_TEXT_H
#define TESTS_SIM_VENUESIM_TEXT_H

#include "base.h"
#include "buf.h"
#include "decimal.h"

#define FORM_MAX 128

struct cJSON;

struct form {
    struct bytes name[FORM_MAX], value[FORM_MAX]; /* decoded; live in `store` */
    size_t count;
    struct buf store;
};

/* Adds the parameters of "a=1&b=2"; false: malformed percent code, no '=', or too many. The raw
 * text may be freed afterwards. All form_add calls come before the first look at the values. */
MUST_CHECK bool form_parse(struct form *f, struct bytes query, struct bytes body);
void form_fini(struct form *f);
/* Empty bytes with NULL data: absent. */
struct bytes form_find(const struct form *f, const char *name);
size_t form_count(const struct form *f, const char *name);

void text_quote(struct buf *out, struct bytes text);
/* ,"name":"text" */
void text_member(struct buf *out, const char *name, const char *text);
void text_bytes_member(struct buf *out, const char *name, struct bytes text);
/* ,"name":"1.5" */
void text_decimal_member(struct buf *out, const char *name, struct decimal value);
/* ,"name":"2026-11-20T10:00:00.124Z" */
void text_time_member(struct buf *out, const char *name, int64_t wall_us);

/* Parses JSON after putting every number in quotes, so that its exact token is kept; NULL: not
 * JSON. */
struct cJSON *text_json(struct bytes text);
/* A text or (quoted) number member; empty with NULL data when absent or something else. */
struct bytes text_json_get(const struct cJSON *object, const char *name);
bool text_json_decimal(const struct cJSON *object, const char *name, struct decimal *out);
int64_t text_json_int(const struct cJSON *object, const char *name, int64_t otherwise);
bool text_json_true(const struct cJSON *object, const char *name, bool otherwise);

/* Decimal digits only. */
MUST_CHECK bool text_uint(struct bytes text, uint64_t *out);

#endif
