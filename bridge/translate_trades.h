/*
 * Trade capture: TradeCaptureReport (AE) and TradeCaptureReportRequestAck (AQ). Rules of engagement
 * 3.7. Every field is one that a stock FIX44.xml has there.
 */
#ifndef BRIDGE_TRANSLATE_TRADES_H
#define BRIDGE_TRANSLATE_TRADES_H

#include "fills.h"
#include "fix_body.h"
#include "order.h"

struct trade_report {
    const struct fill *fill;
    const struct order *order;
    struct bytes account, exchange; /* 1, 207 */
    struct bytes report_id;         /* 571: ExecID of the latest report of this trade */
    struct bytes ref_id;            /* 572: what it corrects; empty: nothing */
    struct bytes exec_id;           /* 17: of the report that told it */
    char transaction;               /* 487: '0' new, '1' cancel, '2' replace */
    struct decimal qty, px;
    struct bytes request_id; /* 568; empty: none */
    bool unasked;            /* 325: by a subscription */
    uint32_t total;          /* 748, with 912 when `last`; 0: not an answer */
    bool last;
};

/* As translate_out.h: starts the body anew but for its time_digits. */
void translate_trade_report(struct fix_body *b, struct buf *out, const struct trade_report *r);

struct trade_ack {
    struct bytes request_id; /* 568 */
    uint64_t request_type;   /* 569 */
    char subscription;       /* 263; 0: not sent */
    struct bytes symbol;     /* 55; empty: "[N/A]" */
    uint32_t total;          /* 748 */
    int result;              /* 749 */
    char status;             /* 750: '0' accepted, '1' completed, '2' rejected */
    struct bytes text;
};
void translate_trade_ack(struct fix_body *b, struct buf *out, const struct trade_ack *a);

#endif
