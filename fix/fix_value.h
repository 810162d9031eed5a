/*
 * Single values: do they have the form of their type (FIX 4.4 vol. 1, "Data types"), and are they
 * among those the dictionary lists?
 */
#ifndef FIX_VALUE_H
#define FIX_VALUE_H

#include "fix_dict_impl.h"

/* The value is not empty. */
bool fix_value_has_form(enum fix_form form, struct bytes value);
bool fix_value_is_listed(enum fix_form form, const struct dict_values *values, struct bytes value);
/* Digits only, and no more than 64 bits hold. */
bool fix_value_natural(struct bytes value, uint64_t *out);

#endif
