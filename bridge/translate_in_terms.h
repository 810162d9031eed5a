/*
 * What the two files of translate_in share: reading 38 to 22105 of D and G into order_terms.
 */
#ifndef BRIDGE_TRANSLATE_IN_TERMS_H
#define BRIDGE_TRANSLATE_IN_TERMS_H

#include "translate_in.h"

/* A field that is required by the dictionary but is not there, or is not of its type: Reject (3).
 */
bool refuse_missing(struct refusal *no, uint32_t tag);
bool refuse_format(struct refusal *no, uint32_t tag);

/* The getters of fix_msg.h, with the reject of a bad value. `found` may be NULL when the field is
 * required: absent is then a reject, too. `out` is untouched when it is absent. */
MUST_CHECK bool get_char(const struct fix_msg *m, uint32_t tag, char *out, bool *found,
                         struct refusal *no);
MUST_CHECK bool get_int(const struct fix_msg *m, uint32_t tag, int64_t *out, bool *found,
                        struct refusal *no);
MUST_CHECK bool get_decimal(const struct fix_msg *m, uint32_t tag, struct decimal *out, bool *found,
                            struct refusal *no);
MUST_CHECK bool get_time(const struct fix_msg *m, uint32_t tag, int64_t *out, bool *found,
                         struct refusal *no);

/* `t` is zeroed by the caller. Reasons are OrdRejReasons (103). */
MUST_CHECK bool translate_in_terms(const struct fix_msg *m, const struct translate_rules *rules,
                                   enum venue_side side, struct order_terms *t, struct refusal *no);

#endif
