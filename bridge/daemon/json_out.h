/*
 * JSON for people's tools: appends to a buf. Commas are the writer's business: json_out_key puts
 * one in front unless an object, an array or a value has just been begun.
 */
#ifndef DAEMON_JSON_OUT_H
#define DAEMON_JSON_OUT_H

#include "buf.h"

void json_out_text(struct buf *out, struct bytes text); /* quoted; what is not ASCII text escaped */
void json_out_key(struct buf *out, const char *key);    /* ,"key": */
void json_out_item(struct buf *out);                    /* the comma in front of an array's item */
void json_out_key_text(struct buf *out, const char *key, struct bytes text);
void json_out_key_int(struct buf *out, const char *key, int64_t value);
void json_out_key_uint(struct buf *out, const char *key, uint64_t value);
void json_out_key_bool(struct buf *out, const char *key, bool value);
void json_out_key_decimal(struct buf *out, const char *key, struct decimal value);
/* RFC 3339 in UTC; null when 0. */
void json_out_key_time(struct buf *out, const char *key, int64_t wall_us);

#endif
