/*
 * Reading the terms of D and G that only some venues know. For translate_in_terms.c alone.
 */
#ifndef BRIDGE_TRANSLATE_IN_SPECIAL_H
#define BRIDGE_TRANSLATE_IN_SPECIAL_H

#include "translate_in.h"

/* 152, which is there; after the order's type was read. */
MUST_CHECK bool translate_in_cash(const struct fix_msg *m, enum venue_side side,
                                  struct order_terms *t, struct refusal *no);
/* 77, 544, 7928, 20005, 22100 to 22104; after ExecInst was read. */
MUST_CHECK bool translate_in_special(const struct fix_msg *m, struct order_terms *t,
                                     struct refusal *no);

#endif
