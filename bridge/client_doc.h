/*
 * What clients and operators are given to read, made from the tables that the bridge itself works
 * by: a dictionary with our fields, the rules of engagement, and what each venue can do.
 */
#ifndef BRIDGE_CLIENT_DOC_H
#define BRIDGE_CLIENT_DOC_H

#include "base.h"
#include "buf.h"

/* `xml` is a dictionary in QuickFIX's format; what it gets are the fields that messages to us may
 * have and those of `extras` (report_extra.h). False: it is none, or out of memory. */
MUST_CHECK bool client_doc_dictionary(struct bytes xml, uint32_t extras, struct buf *out);
/* In markdown. */
void client_doc_rules(struct buf *out);
void client_doc_venues(struct buf *out);

#endif
