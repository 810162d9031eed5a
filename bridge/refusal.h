/*
 * Why something asked by a client is not done: data, sent back as a reject with a reason.
 */
#ifndef BRIDGE_REFUSAL_H
#define BRIDGE_REFUSAL_H

#include "base.h"
#include "bounds.h"
#include "venue.h"

/* How the refusal travels back. */
enum refusal_kind {
    REFUSAL_NONE,
    REFUSAL_ORDER, /* the message's own reject: ER 150=8 (103), 9 (102), r (532), ... by message */
    REFUSAL_SESSION,  /* Reject (3): reason is SessionRejectReason (373), tag is RefTagID */
    REFUSAL_BUSINESS, /* BusinessMessageReject (j): reason is 380 */
};

struct refusal {
    enum refusal_kind kind;
    int reason;
    uint32_t tag;
    char text[TEXT_MAX + 1];
};

/* Fills it in; the text is cut to fit. Returns false so that a check can `return refuse(...)`. */
bool refuse(struct refusal *no, enum refusal_kind kind, int reason, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Rules of engagement 3.8 and the sheets' tables. */
int refusal_ord_rej_reason(enum venue_reason r); /* 103 */
int refusal_cxl_rej_reason(enum venue_reason r); /* 102 */

/* Of what happened without being asked for: 378 (-1: none), and Text. */
int refusal_restatement(enum venue_cause cause);
const char *refusal_cause_text(enum venue_cause cause);

#endif
