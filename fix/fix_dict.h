/*
 * A FIX dictionary in QuickFIX's XML format, built once, then read-only and shared by sessions.
 * Lookups cost an array index or one probe of a perfect or near-perfect table; see fix_validate.c.
 */
#ifndef FIX_DICT_H
#define FIX_DICT_H

#include "base.h"

struct fix_dict;

/* `xml` is the whole file. On failure NULL, and a sentence with the line number in `error`
 * (error_size >= 256). Unknown types, fields used but not defined, a message defined twice, a
 * component that contains itself are errors; enum values with any description are taken. */
struct fix_dict *fix_dict_new(struct bytes xml, char *error, size_t error_size);
void fix_dict_free(struct fix_dict *d);

/* "FIX.4.4" */
const char *fix_dict_begin_string(const struct fix_dict *d);

/* Names for people: "ClOrdID", "NewOrderSingle", "BUY"; NULL when the dictionary has none. */
const char *fix_dict_field_name(const struct fix_dict *d, uint32_t tag);
const char *fix_dict_value_name(const struct fix_dict *d, uint32_t tag, struct bytes value);
const char *fix_dict_message_name(const struct fix_dict *d, struct bytes msg_type);
bool fix_dict_has_message(const struct fix_dict *d, struct bytes msg_type);
bool fix_dict_is_admin(const struct fix_dict *d, struct bytes msg_type);

/* Adds a field to a message (or to every message when msg_type is empty) as optional: how a
 * session's opt-in custom tags and those of RoE part 3 that FIX 4.4 lacks (8013, 9406, 7928, ...)
 * get in. `type` is a FIX type name ("STRING", "CHAR", "INT", "QTY", ...). False: unknown message
 * or type, or out of memory. To be called before the dictionary is shared. */
MUST_CHECK bool fix_dict_add_field(struct fix_dict *d, struct bytes msg_type, uint32_t tag,
                                   const char *name, const char *type);
/* The same for the entries of a group of one message, named by the tag of its count. False also
 * when the message has no such group. */
MUST_CHECK bool fix_dict_add_group_field(struct fix_dict *d, struct bytes msg_type, uint32_t group,
                                         uint32_t tag, const char *name, const char *type);

#endif
