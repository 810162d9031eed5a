/*
 * Numbers as text to the base 36, as they stand in OrderIDs, ExecIDs and the ids given to venues:
 * digits, then lower-case letters, no leading zero.
 */
#ifndef BRIDGE_BASE36_H
#define BRIDGE_BASE36_H

#include "base.h"

#define BASE36_MAX 13 /* digits of the largest 64-bit number */

/* Writes the digits, without an end mark; at most BASE36_MAX. Returns how many. */
size_t base36_print(uint64_t value, char *out);
/* Only what base36_print writes: one text per number. False: anything else. */
MUST_CHECK bool base36_parse(struct bytes text, uint64_t *value);

#endif
