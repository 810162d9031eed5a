/*
 * RequestForPositions in, PositionReport out.
 */
#include "translate_positions.h"

#include "fix_tags.h"
#include "translate_out.h"

/* ---- AN ------------------------------------------------------------------------------------ */

static bool is_zero_or_absent(const struct fix_msg *m, uint32_t tag)
{
    struct bytes value;

    return !fix_msg_find(m, tag, &value) || bytes_is(value, "0");
}

enum position_result translate_position_query(const struct fix_msg *m, struct position_query *out,
                                              const char **text)
{
    struct bytes type = { NULL, 0 };

    memset(out, 0, sizeof *out);
    (void)fix_msg_find(m, TAG_POS_REQ_ID, &out->req_id);
    (void)fix_msg_find(m, TAG_ACCOUNT, &out->account);
    (void)fix_msg_find(m, TAG_SYMBOL, &out->symbol);
    (void)fix_msg_find(m, TAG_SECURITY_EXCHANGE, &out->exchange);
    (void)fix_msg_find(m, TAG_CLEARING_BUSINESS_DATE, &out->date);
    if (bytes_is(out->symbol, "[N/A]")) {
        out->symbol = (struct bytes){ NULL, 0 };
    }
    *text = "AccountType(581) cannot be read";
    if (fix_msg_get_int(m, TAG_ACCOUNT_TYPE, &out->account_type) != FIX_GET_OK) {
        return POSITION_INVALID;
    }
    *text = "PosReqType(724) takes only 0, positions";
    if (!fix_msg_find(m, TAG_POS_REQ_TYPE, &type) || !bytes_is(type, "0")) {
        return POSITION_INVALID;
    }
    *text = "positions are told once, not pushed: SubscriptionRequestType(263)=0";
    if (!is_zero_or_absent(m, TAG_SUBSCRIPTION_REQUEST_TYPE)) {
        return POSITION_INVALID;
    }
    *text = "positions are told on this session: ResponseTransportType(725)=0";
    if (!is_zero_or_absent(m, TAG_RESPONSE_TRANSPORT_TYPE)) {
        return POSITION_INVALID;
    }
    *text = "";
    return POSITION_VALID;
}

/* ---- AP ------------------------------------------------------------------------------------ */

static void put_position(struct fix_body *b, const struct venue_position *p)
{
    fix_body_uint(b, TAG_NO_POSITIONS, 1);
    fix_body_text(b, TAG_POS_TYPE, "TQ"); /* transaction quantity: what trading has made of it */
    fix_body_decimal(b, p->side == VENUE_BUY ? TAG_LONG_QTY : TAG_SHORT_QTY, p->qty);
}

void translate_position_report(struct fix_body *b, struct buf *out, const struct position_query *q,
                               const struct position_report *r)
{
    const struct venue_position *p = r->position;

    translate_out_start(b, "AP", out);
    fix_body_bytes(b, TAG_POS_MAINT_RPT_ID, r->report_id);
    fix_body_bytes(b, TAG_POS_REQ_ID, q->req_id);
    fix_body_char(b, TAG_POS_REQ_TYPE, '0');
    fix_body_uint(b, TAG_TOTAL_NUM_POS_REPORTS, r->total);
    fix_body_int(b, TAG_POS_REQ_RESULT, (int)r->result);
    fix_body_bytes(b, TAG_CLEARING_BUSINESS_DATE, q->date);
    buf_bytes(b->out, r->parties);
    fix_body_bytes(b, TAG_ACCOUNT, q->account);
    fix_body_int(b, TAG_ACCOUNT_TYPE, q->account_type);
    fix_body_bytes(b, TAG_SYMBOL, r->symbol);
    fix_body_bytes(b, TAG_SECURITY_EXCHANGE, r->exchange);
    /* Required also where there is no position. Venues settle nothing daily: no prior price. */
    fix_body_decimal(b, TAG_SETTL_PRICE, p == NULL ? DECIMAL_ZERO : p->price);
    fix_body_char(b, TAG_SETTL_PRICE_TYPE, '2'); /* theoretical */
    fix_body_decimal(b, TAG_PRIOR_SETTL_PRICE, DECIMAL_ZERO);
    if (p != NULL) {
        put_position(b, p);
    }
    fix_body_bytes(b, TAG_TEXT, r->text);
}
