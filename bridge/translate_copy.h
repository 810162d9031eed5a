/*
 * ExecutionReports (8) of orders that another hand placed on an account of ours, for drop copies.
 * OrderID (37) is "V-" and the venue's id; ClOrdID (11) is "NONE"; Text (58) tells whose it is
 * not.
 */
#ifndef BRIDGE_TRANSLATE_COPY_H
#define BRIDGE_TRANSLATE_COPY_H

#include "avg_px.h"
#include "base.h"
#include "bounds.h"
#include "fix_body.h"
#include "venue.h"

struct foreign {
    struct foreign *next;
    char venue_id[VENUE_ID_MAX + 1], symbol[SYMBOL_MAX + 1];
    enum venue_side side;
    struct decimal qty, price; /* 0: not known */
    struct decimal cum;
    struct avg_px avg;
    /* Working state of the engine. */
    uint32_t seen;   /* list of open orders that had it */
    int64_t gone_us; /* mono: since when it is missing there; 0: it is not */
};

struct foreign_report {
    char exec_type, ord_status;       /* 150, 39 */
    struct bytes exec_id;             /* 17 */
    struct bytes account, exchange;   /* 1, 207 */
    struct decimal last_qty, last_px; /* 150=F */
    struct bytes trade_id;            /* 527 */
    int64_t transact_us;
    bool by_venue; /* a liquidation, an unwind */
};

/* As translate_out.h: starts the body anew but for its time_digits. */
void translate_foreign_report(struct fix_body *b, struct buf *out, const struct foreign *f,
                              const struct foreign_report *r);

#endif
