/*
 * What ExecutionReports tell only sessions that ask for it (report_tags in the configuration): a
 * table, from which the configuration, the clients' dictionary and their rules of engagement take
 * their words too.
 */
#ifndef BRIDGE_REPORT_EXTRA_H
#define BRIDGE_REPORT_EXTRA_H

#include "translate_out.h"

struct report_extra {
    uint32_t tag;
    const char *name;
    const char *type; /* as dictionaries write it; NULL: FIX 4.4's report has the tag */
    const char *note;
    void (*put)(struct fix_body *b, uint32_t tag, const struct order *o, const struct report *r);
};

extern const struct report_extra report_extras[];
extern const size_t report_extra_count; /* at most 32: a session's choice is a mask of indexes */

/* The bit of a tag; 0: none of them. */
uint32_t report_extra_bit(uint32_t tag);
/* "22106", or "all"; 0: none of them. */
uint32_t report_extra_parse(struct bytes text);
void report_extra_put(struct fix_body *b, const struct order *o, const struct report *r,
                      uint32_t chosen);

#endif
