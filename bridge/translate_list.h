/*
 * NewOrderList (E) -> the list and its orders, each read like a NewOrderSingle; ListStatus (N).
 * Rules of engagement 3.7, FIX 4.4 vol. 4, "List trading". A list is a way of sending orders
 * together: no bidding, no contingency, no waiting for ListExecute. What asks for more is refused.
 */
#ifndef BRIDGE_TRANSLATE_LIST_H
#define BRIDGE_TRANSLATE_LIST_H

#include "base.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "order.h"
#include "refusal.h"

/* What the list as a whole says. False: it cannot be taken, `no` (103 and a text) says why. list_id
 * and count are set in any case, borrowed from the message. */
struct list_request {
    struct bytes list_id; /* 66 */
    uint32_t count;       /* 73 */
};
MUST_CHECK bool translate_list(const struct fix_msg *m, struct list_request *out,
                               struct refusal *no);

/* The orders of the list, in the order of the message: false at the end. `order` becomes a view of
 * one: the header, ListID, and the fields of its entry, named a "D". */
bool translate_list_begin(const struct fix_msg *m, struct fix_group *at);
bool translate_list_next(const struct fix_msg *m, struct fix_group *at, struct fix_msg *order);

/* ListStatusType (429) and ListOrderStatus (431), as FIX 4.4 has them. */
enum list_status_type {
    LIST_ACK = 1,
    LIST_RESPONSE = 2, /* to a ListStatusRequest or ListCancelRequest */
    LIST_ALL_DONE = 5,
    LIST_ALERT = 6,
};
enum list_order_status {
    LIST_RECEIVED = 2, /* for execution */
    LIST_EXECUTING = 3,
    LIST_CANCELING = 4,
    LIST_DONE = 6,
    LIST_REJECTED = 7,
};

struct list_status_entry {
    struct bytes cl_ord_id;
    const struct order *order; /* NULL: refused, and not kept */
    int reason;                /* 103; -1: none */
    struct bytes text;         /* 58 */
};

struct list_status {
    struct bytes list_id;
    enum list_status_type type;
    enum list_order_status status;
    struct bytes text; /* 444 */
    int64_t transact_us;
    const struct list_status_entry *entry;
    uint32_t count; /* up to LIST_ORDERS_MAX: one message holds them */
};

/* As the functions of translate_out.h. */
void translate_list_status(struct fix_body *b, struct buf *out, const struct list_status *s);

#endif
