/*
 * Which tags an order message may hold beyond those that are read: instructions that would be lost,
 * and, for a strict session, everything that is not acted upon.
 */
#ifndef BRIDGE_TRANSLATE_IN_TAGS_H
#define BRIDGE_TRANSLATE_IN_TAGS_H

#include "translate_in.h"

/* Tags that ask for something no venue of ours does. Reasons are OrdRejReasons (103). */
MUST_CHECK bool translate_in_check_instructions(const struct fix_msg *m, struct refusal *no);
/* Every tag must be one that is acted upon, echoed or needed by FIX itself. */
MUST_CHECK bool translate_in_check_strict(const struct fix_msg *m, struct refusal *no);

#endif
