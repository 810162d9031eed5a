/*
 * See translate_copy.h. Decides nothing.
 */
#include "translate_copy.h"

#include <stdio.h>

#include "fix_tags.h"
#include "translate_out.h"

static void put_quantities(struct fix_body *b, const struct foreign *f,
                           const struct foreign_report *r)
{
    struct decimal leaves = DECIMAL_ZERO;

    if (decimal_sign(f->qty) > 0 || r->exec_type == 'D') {
        fix_body_decimal(b, TAG_ORDER_QTY, r->exec_type == 'D' ? f->cum : f->qty);
    }
    if (decimal_sign(f->price) != 0) {
        fix_body_char(b, TAG_ORD_TYPE, '2');
        fix_body_decimal(b, TAG_PRICE, f->price);
    }
    if (r->ord_status == '4' || !decimal_sub(f->qty, f->cum, &leaves) || decimal_sign(leaves) < 0) {
        leaves = DECIMAL_ZERO;
    }
    fix_body_decimal(b, TAG_LEAVES_QTY, leaves);
    fix_body_decimal(b, TAG_CUM_QTY, f->cum);
    fix_body_decimal(b, TAG_AVG_PX, avg_px_value(&f->avg, false));
}

void translate_foreign_report(struct fix_body *b, struct buf *out, const struct foreign *f,
                              const struct foreign_report *r)
{
    char id[VENUE_ID_MAX + 3];
    char status = r->ord_status;

    (void)snprintf(id, sizeof id, "V-%s", f->venue_id);
    if (status == '0' && decimal_sign(f->cum) > 0) {
        status = '1';
    }
    translate_out_start(b, "8", out);
    fix_body_text(b, TAG_ORDER_ID, id);
    fix_body_text(b, TAG_SECONDARY_ORDER_ID, f->venue_id);
    fix_body_text(b, TAG_CL_ORD_ID, "NONE"); /* rules of engagement 3.8: always there */
    fix_body_bytes(b, TAG_EXEC_ID, r->exec_id);
    fix_body_char(b, TAG_EXEC_TYPE, r->exec_type);
    fix_body_char(b, TAG_ORD_STATUS, status);
    if (r->exec_type == 'D') { /* done, with what was filled */
        fix_body_int(b, TAG_EXEC_RESTATEMENT_REASON, 99);
    }
    fix_body_bytes(b, TAG_ACCOUNT, r->account);
    fix_body_bytes(b, TAG_SYMBOL, f->symbol[0] == '\0' ? BYTES("[N/A]") : bytes_of(f->symbol));
    fix_body_bytes(b, TAG_SECURITY_EXCHANGE, r->exchange);
    fix_body_char(b, TAG_SIDE, f->side == VENUE_BUY ? '1' : '2');
    if (r->exec_type == 'F') {
        fix_body_decimal(b, TAG_LAST_QTY, r->last_qty);
        fix_body_decimal(b, TAG_LAST_PX, r->last_px);
        fix_body_bytes(b, TAG_SECONDARY_EXEC_ID, r->trade_id);
    }
    put_quantities(b, f, r);
    fix_body_timestamp(b, TAG_TRANSACT_TIME, r->transact_us);
    fix_body_text(b, TAG_TEXT,
                  r->by_venue ? "made by the venue (liquidation or the like), not by a session"
                  : decimal_sign(f->qty) > 0
                      ? "placed on the account by another hand, not by a session"
                      : "placed on the account by another hand; its quantity is not known");
}
