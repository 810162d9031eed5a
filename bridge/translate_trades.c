/*
 * See translate_trades.h. Decides nothing.
 */
#include "translate_trades.h"

#include "fix_tags.h"
#include "timestamp.h"
#include "translate_out.h"

#define DATE_SIZE 8 /* YYYYMMDD */

static void put_date(struct fix_body *b, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];

    (void)timestamp_print(wall_us, 0, text);
    fix_body_bytes(b, TAG_TRADE_DATE, (struct bytes){ text, DATE_SIZE });
}

/* In the dictionary's order, as in every group. */
static void put_side(struct fix_body *b, const struct trade_report *r)
{
    const struct order *o = r->order;
    char id[ORDER_ID_TEXT_MAX];

    order_id_text(o->id, id);
    fix_body_uint(b, TAG_NO_SIDES, 1);
    fix_body_char(b, TAG_SIDE, o->side == VENUE_BUY ? '1' : '2');
    fix_body_text(b, TAG_ORDER_ID, id);
    fix_body_text(b, TAG_SECONDARY_ORDER_ID, o->venue_id);
    fix_body_text(b, TAG_CL_ORD_ID, o->cl_ord_id);
    fix_body_bytes(b, TAG_ACCOUNT, r->account);
    fix_body_char(b, TAG_ORD_TYPE, o->terms.ord_type);
    if (r->fill->has_fee) {
        fix_body_uint(b, TAG_NO_MISC_FEES, 1);
        fix_body_decimal(b, TAG_MISC_FEE_AMT, r->fill->fee);
        fix_body_text(b, TAG_MISC_FEE_CURR, r->fill->fee_currency);
        fix_body_char(b, TAG_MISC_FEE_TYPE, '4');
        fix_body_char(b, TAG_MISC_FEE_BASIS, '0');
    }
}

void translate_trade_report(struct fix_body *b, struct buf *out, const struct trade_report *r)
{
    translate_out_start(b, "AE", out);
    fix_body_bytes(b, TAG_TRADE_REPORT_ID, r->report_id);
    fix_body_char(b, TAG_TRADE_REPORT_TRANS_TYPE, r->transaction);
    fix_body_char(b, TAG_TRADE_REPORT_TYPE, '0');
    fix_body_bytes(b, TAG_TRADE_REPORT_REF_ID, r->ref_id);
    fix_body_bytes(b, TAG_TRADE_REQUEST_ID, r->request_id);
    if (r->total > 0) {
        fix_body_uint(b, TAG_TOT_NUM_TRADE_REPORTS, r->total);
        fix_body_bool(b, TAG_LAST_RPT_REQUESTED, r->last);
    }
    if (r->unasked) {
        fix_body_bool(b, TAG_UNSOLICITED_INDICATOR, true);
    }
    fix_body_bytes(b, TAG_EXEC_ID, r->exec_id);
    fix_body_char(b, TAG_EXEC_TYPE,
                  r->transaction == '0'   ? 'F'
                  : r->transaction == '1' ? 'H'
                                          : 'G');
    fix_body_text(b, TAG_SECONDARY_EXEC_ID, r->fill->exec_id);
    fix_body_bool(b, TAG_PREVIOUSLY_REPORTED, false);
    fix_body_text(b, TAG_SYMBOL, r->order->symbol);
    fix_body_bytes(b, TAG_SECURITY_EXCHANGE, r->exchange);
    fix_body_decimal(b, TAG_LAST_QTY, r->qty);
    fix_body_decimal(b, TAG_LAST_PX, r->px);
    put_date(b, r->fill->time_us);
    fix_body_timestamp(b, TAG_TRANSACT_TIME, r->fill->time_us);
    put_side(b, r);
}

void translate_trade_ack(struct fix_body *b, struct buf *out, const struct trade_ack *a)
{
    translate_out_start(b, "AQ", out);
    fix_body_bytes(b, TAG_TRADE_REQUEST_ID, a->request_id);
    fix_body_uint(b, TAG_TRADE_REQUEST_TYPE, a->request_type);
    if (a->subscription != 0) {
        fix_body_char(b, TAG_SUBSCRIPTION_REQUEST_TYPE, a->subscription);
    }
    fix_body_uint(b, TAG_TOT_NUM_TRADE_REPORTS, a->total);
    fix_body_int(b, TAG_TRADE_REQUEST_RESULT, a->result);
    fix_body_char(b, TAG_TRADE_REQUEST_STATUS, a->status);
    fix_body_bytes(b, TAG_SYMBOL, a->symbol.size > 0 ? a->symbol : BYTES("[N/A]"));
    fix_body_bytes(b, TAG_TEXT, a->text);
}
