/*
 * NewOrderList in, ListStatus out.
 */
#include "translate_list.h"

#include "fix_tags.h"
#include "translate_out.h"

/* ---- the list as a whole ------------------------------------------------------------------- */

/* Fields of the list that ask for something that is not done. */
static const struct {
    uint32_t tag;
    const char *why;
} instructions[] = {
    { TAG_LIST_EXEC_INST, "ListExecInst(69): instructions in words are not taken" },
    { TAG_ENCODED_LIST_EXEC_INST_LEN,
      "EncodedListExecInst(353): instructions in words are not taken" },
    { TAG_PROG_PERIOD_INTERVAL, "ProgPeriodInterval(415): no periodic reports" },
    { 765, "AllowableOneSidednessPct(765) is not supported" },
    { 766, "AllowableOneSidednessValue(766) is not supported" },
    { 1385, "ContingencyType(1385) is not supported" },
};

static bool check_int(const struct fix_msg *m, uint32_t tag, int64_t a, int64_t b)
{
    int64_t value;

    switch (fix_msg_get_int(m, tag, &value)) {
    case FIX_GET_OK: return value == a || value == b;
    case FIX_GET_ABSENT: return true;
    case FIX_GET_BAD: return false;
    }
    return false;
}

static bool check_kind(const struct fix_msg *m, struct refusal *no)
{
    bool last = true;

    if (!check_int(m, TAG_BID_TYPE, 3, 3)) {
        return refuse(no, REFUSAL_ORDER, 11, "BidType(394) takes only 3, no bidding process");
    }
    if (!check_int(m, TAG_LIST_EXEC_INST_TYPE, 1, 1)) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "ListExecInstType(433) takes only 1: lists are executed at once");
    }
    if (!check_int(m, TAG_PROG_RPT_REQS, 1, 3)) {
        return refuse(no, REFUSAL_ORDER, 11, "ProgRptReqs(414) takes only 1 and 3");
    }
    if (fix_msg_get_bool(m, TAG_LAST_FRAGMENT, &last) == FIX_GET_BAD || !last) {
        return refuse(no, REFUSAL_ORDER, 11, "LastFragment(893): a list comes in one message");
    }
    for (size_t i = 0; i < ARRAY_LEN(instructions); i++) {
        if (fix_msg_has(m, instructions[i].tag)) {
            return refuse(no, REFUSAL_ORDER, 11, "%s", instructions[i].why);
        }
    }
    return true;
}

/* ListSeqNo (67) numbers the orders; one that comes twice is a list put together wrongly. */
static bool check_numbers(const struct fix_msg *m, struct refusal *no)
{
    struct bytes seen[LIST_ORDERS_MAX];
    struct fix_group g;
    size_t count = 0;

    for (bool more = fix_group_begin(m, TAG_NO_ORDERS, TAG_CL_ORD_ID, &g);
         more && fix_group_next(m, &g) && count < LIST_ORDERS_MAX; count++) {
        seen[count] = (struct bytes){ NULL, 0 };
        (void)fix_group_find(m, &g, TAG_LIST_SEQ_NO, &seen[count]);
        for (size_t i = 0; i < count; i++) {
            if (bytes_equal(seen[i], seen[count])) {
                return refuse(no, REFUSAL_ORDER, 99, "ListSeqNo(67) comes twice");
            }
        }
    }
    return true;
}

bool translate_list(const struct fix_msg *m, struct list_request *out, struct refusal *no)
{
    uint64_t count = 0, total = 0;

    memset(out, 0, sizeof *out);
    no->kind = REFUSAL_NONE;
    (void)fix_msg_find(m, TAG_LIST_ID, &out->list_id);
    (void)fix_msg_get_uint(m, TAG_NO_ORDERS, &count);
    out->count = count > FIX_FIELDS_MAX ? FIX_FIELDS_MAX : (uint32_t)count;
    if (count == 0 || count > LIST_ORDERS_MAX) {
        return refuse(no, REFUSAL_ORDER, 99, "a list has 1 to %d orders", LIST_ORDERS_MAX);
    }
    if (out->list_id.size == 0 || out->list_id.size > CL_ORD_ID_MAX) {
        return refuse(no, REFUSAL_ORDER, 99, "ListID(66) has 1 to %d characters", CL_ORD_ID_MAX);
    }
    if (fix_msg_get_uint(m, TAG_TOT_NO_ORDERS, &total) != FIX_GET_OK || total != count) {
        return refuse(no, REFUSAL_ORDER, 99, "TotNoOrders(68) is not the number of orders, %u",
                      (unsigned)count);
    }
    return check_kind(m, no) && check_numbers(m, no);
}

/* ---- its orders ---------------------------------------------------------------------------- */

/* What an order has from the message around it: who sent it, where answers go, and the list's name,
 * which its reports repeat. */
static bool is_shared(uint32_t tag)
{
    static const uint32_t tags[] = {
        TAG_BEGIN_STRING,
        TAG_BODY_LENGTH,
        TAG_SENDER_COMP_ID,
        TAG_TARGET_COMP_ID,
        TAG_MSG_SEQ_NUM,
        TAG_SENDING_TIME,
        TAG_SENDER_SUB_ID,
        TAG_TARGET_SUB_ID,
        TAG_SENDER_LOCATION_ID,
        TAG_TARGET_LOCATION_ID,
        TAG_ON_BEHALF_OF_COMP_ID,
        TAG_ON_BEHALF_OF_SUB_ID,
        TAG_ON_BEHALF_OF_LOCATION_ID,
        TAG_DELIVER_TO_COMP_ID,
        TAG_DELIVER_TO_SUB_ID,
        TAG_DELIVER_TO_LOCATION_ID,
        TAG_LIST_ID,
    };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* What may stand behind the last order and is not its: the list's own fields, and the trailer. */
static bool is_of_list(uint32_t tag)
{
    static const uint32_t tags[] = {
        TAG_TOT_NO_ORDERS,
        TAG_BID_TYPE,
        TAG_BID_ID,
        TAG_CLIENT_BID_ID,
        TAG_PROG_RPT_REQS,
        TAG_LIST_EXEC_INST_TYPE,
        TAG_LAST_FRAGMENT,
        TAG_LIST_SEQ_NO,
        TAG_SIGNATURE,
        TAG_SIGNATURE_LENGTH,
        TAG_CHECK_SUM,
        480, /* CancellationRights */
        481,
        /* MoneyLaunderingStatus */ 513, /* RegistID */
        767,                             /* AllowableOneSidednessCurr */
    };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

bool translate_list_begin(const struct fix_msg *m, struct fix_group *at)
{
    return fix_group_begin(m, TAG_NO_ORDERS, TAG_CL_ORD_ID, at);
}

bool translate_list_next(const struct fix_msg *m, struct fix_group *at, struct fix_msg *order)
{
    if (!fix_group_next(m, at)) {
        return false;
    }
    fix_msg_view(order, m, BYTES("D"));
    for (uint32_t i = 0; i < m->field_count; i++) {
        uint32_t tag = m->field[i].tag;
        bool inside = i >= at->first && i < at->end;

        if (is_shared(tag) || (inside && !is_of_list(tag))) {
            fix_msg_view_add(order, m, i);
        }
    }
    return true;
}

/* ---- ListStatus (N) ------------------------------------------------------------------------ */

/* What will not trade any more although it did not: of an order that ended. */
static struct decimal canceled_qty(const struct order *o)
{
    struct decimal qty = DECIMAL_ZERO;

    if (o->state != ORDER_CANCELED && o->state != ORDER_EXPIRED) {
        return DECIMAL_ZERO;
    }
    return decimal_sub(o->terms.qty, o->cum_qty, &qty) && decimal_sign(qty) > 0 ? qty
                                                                                : DECIMAL_ZERO;
}

/* In the order of QuickFIX's dictionary. */
static void put_entry(struct fix_body *b, const struct list_status_entry *e)
{
    const struct order *o = e->order;

    fix_body_bytes(b, TAG_CL_ORD_ID, e->cl_ord_id);
    fix_body_decimal(b, TAG_CUM_QTY, o == NULL ? DECIMAL_ZERO : o->cum_qty);
    fix_body_char(b, TAG_ORD_STATUS, o == NULL ? '8' : order_status(o));
    fix_body_decimal(b, TAG_LEAVES_QTY, o == NULL ? DECIMAL_ZERO : order_leaves(o));
    fix_body_decimal(b, TAG_CXL_QTY, o == NULL ? DECIMAL_ZERO : canceled_qty(o));
    fix_body_decimal(b, TAG_AVG_PX, o == NULL ? DECIMAL_ZERO : avg_px_value(&o->avg, o->inverse));
    if (e->reason >= 0) {
        fix_body_int(b, TAG_ORD_REJ_REASON, e->reason);
    }
    fix_body_bytes(b, TAG_TEXT, e->text);
}

void translate_list_status(struct fix_body *b, struct buf *out, const struct list_status *s)
{
    translate_out_start(b, "N", out);
    fix_body_bytes(b, TAG_LIST_ID, s->list_id);
    fix_body_int(b, TAG_LIST_STATUS_TYPE, (int)s->type);
    fix_body_uint(b, TAG_NO_RPTS, 1);
    fix_body_int(b, TAG_LIST_ORDER_STATUS, (int)s->status);
    fix_body_uint(b, TAG_RPT_SEQ, 1);
    fix_body_bytes(b, TAG_LIST_STATUS_TEXT, s->text);
    fix_body_timestamp(b, TAG_TRANSACT_TIME, s->transact_us);
    fix_body_uint(b, TAG_TOT_NO_ORDERS, s->count);
    fix_body_uint(b, TAG_NO_ORDERS, s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        put_entry(b, &s->entry[i]);
    }
}
