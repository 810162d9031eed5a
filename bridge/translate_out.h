/*
 * Order events -> ExecutionReport (8), OrderCancelReject (9), OrderMassCancelReport (r),
 * BusinessMessageReject (j). What is sent passes a stock FIX44.xml: no custom tag without opt-in,
 * no 55 in 9, none of 62, 76, 100, 880, 1003, 1057, 1107, 1109 in 8. Rules of engagement 3.8, 3.9,
 * part 5.
 *
 * Each function starts the body anew; of what was in `*b` only time_digits is kept, so `*b` must be
 * zeroed or set by the caller. Routing fields (target_sub_id, ...) are set afterwards.
 */
#ifndef BRIDGE_TRANSLATE_OUT_H
#define BRIDGE_TRANSLATE_OUT_H

#include "base.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "order.h"
#include "refusal.h"

/* Starts a body of this type; what the caller chose for the session (time_digits) stays, where
 * fix_body_start would set the default. */
void translate_out_start(struct fix_body *b, const char *msg_type, struct buf *out);

/* Names the order itself does not carry. */
struct report_names {
    struct bytes account;  /* 1 */
    struct bytes exchange; /* 207: the venue's code */
    uint32_t extras;       /* what else this session's reports tell: see report_extra.h */
};

struct report {
    char exec_type;              /* 150: 0 4 5 6 8 A C D E F G H I */
    struct bytes exec_id;        /* 17 */
    struct bytes cl_ord_id;      /* 11: of the request this answers, else the order's */
    struct bytes orig_cl_ord_id; /* 41; empty: none */
    int64_t transact_us;         /* 60 */
    int ord_rej_reason;          /* 103; -1: none */
    int restatement_reason;      /* 378; -1: none */
    struct bytes text;           /* 58; cut to TEXT_MAX */
    struct bytes status_req_id;  /* 790 */
    struct bytes mass_status_id; /* 584; empty: none */
    uint32_t mass_total;         /* 911 */
    bool mass_last;              /* 912 */
    bool triggered;              /* 636=Y */
    /* A fill: exec_type F (or G, H with exec_ref_id). */
    struct decimal last_qty, last_px;
    struct bytes trade_id;          /* 527 */
    struct bytes exec_ref_id;       /* 19 */
    enum venue_liquidity liquidity; /* 851 */
    bool has_fee;
    struct decimal fee;
    struct bytes fee_currency;
    /* Of the answer that brought the report, and of the account; for those who asked. */
    struct bytes venue_code; /* 22106 */
    int http_status;         /* 22107; 0: no answer */
    bool has_budget;
    uint32_t budget_left; /* 22113 */
};

void translate_out_report(struct fix_body *b, struct buf *out, const struct order *o,
                          const struct report *r, const struct report_names *names);

/* A NewOrderSingle or status request refused for which no order is kept (duplicate ClOrdID, unknown
 * order, unreadable): 37=NONE, 39=8. exec_type '8', or 'I' for a status request. `m` gives 11, 55,
 * 54, 38, 40, 44 as the client wrote them where present and sound. */
void translate_out_refused(struct fix_body *b, struct buf *out, const struct fix_msg *m,
                           char exec_type, struct bytes exec_id, const struct refusal *no,
                           const struct report_names *names, int64_t wall_us);

/* OrderCancelReject (9). `o` NULL: unknown order, 37=NONE, 39=8. response_to (434): '1' cancel, '2'
 * replace. reason is 102. */
struct cancel_reject {
    struct bytes cl_ord_id, orig_cl_ord_id;
    char response_to;
    int reason;
    struct bytes text;
    int64_t transact_us;
};
void translate_out_cancel_reject(struct fix_body *b, struct buf *out, const struct order *o,
                                 const struct cancel_reject *r, const struct report_names *names);

/* OrderMassCancelReport (r). */
struct mass_report {
    struct bytes cl_ord_id;
    uint64_t mass_id;     /* 37 */
    char request_type;    /* 530 */
    char response;        /* 531: '0' rejected, else = request_type */
    int reject_reason;    /* 532; -1: none */
    uint32_t affected;    /* 533 */
    struct bytes symbol;  /* 55; empty: none */
    enum venue_side side; /* 54; 0: none */
    struct bytes text;
    int64_t transact_us;
    const struct order *const *order; /* 534 group: 41 and 535; may be NULL */
    size_t order_count;
};
void translate_out_mass_report(struct fix_body *b, struct buf *out, const struct mass_report *r);

/* BusinessMessageReject (j). ref_id is 379 (empty: none); reason is 380, 0 to 7. */
void translate_out_business_reject(struct fix_body *b, struct buf *out, const struct fix_msg *m,
                                   struct bytes ref_id, int reason, struct bytes text);

#endif
