/*
 * Writes the bodies of the messages that answer clients. Every field is one that a stock FIX44.xml
 * has in that message, so that a client's engine with its own dictionary takes them. Decides
 * nothing.
 */
#include "translate_out.h"

#include "assert.h"
#include "fix_tags.h"
#include "report_extra.h"

#define NO_ORDER_ID BYTES("NONE")

/* To TEXT_MAX bytes, but not inside a UTF-8 character. */
static struct bytes cut(struct bytes text)
{
    if (text.size > TEXT_MAX) {
        text.size = TEXT_MAX;
        while (text.size > 0 && ((unsigned char)text.data[text.size] & 0xc0) == 0x80) {
            text.size--;
        }
    }
    return text;
}

/* ---- ExecutionReport (8) ------------------------------------------------------------------- */

static void put_order_id(struct fix_body *b, uint64_t id)
{
    char text[ORDER_ID_TEXT_MAX];

    order_id_text(id, text);
    fix_body_text(b, TAG_ORDER_ID, text);
}

static void put_number_when(struct fix_body *b, uint32_t tag, int value)
{
    if (value >= 0) {
        fix_body_int(b, tag, value);
    }
}

/* Basis points as the client sent them: 836=1 was divided by a hundred when it came in. */
static void put_trail(struct fix_body *b, const struct order_terms *t)
{
    struct decimal points;

    if (t->trail_unit == VENUE_OFFSET_NONE) {
        return;
    }
    if (t->trail_unit == VENUE_OFFSET_PRICE) {
        fix_body_decimal(b, TAG_PEG_OFFSET_VALUE, t->trail);
        fix_body_char(b, TAG_PEG_MOVE_TYPE, '0');
        fix_body_char(b, TAG_PEG_OFFSET_TYPE, '0');
        return;
    }
    if (decimal_mul(t->trail, (struct decimal){ 100, 0 }, &points)) {
        fix_body_decimal(b, TAG_PEG_OFFSET_VALUE, points);
        fix_body_char(b, TAG_PEG_MOVE_TYPE, '0');
        fix_body_char(b, TAG_PEG_OFFSET_TYPE, '1');
    }
}

static void put_terms(struct fix_body *b, const struct order_terms *t)
{
    if (order_terms_sized(t)) {
        fix_body_decimal(b, TAG_ORDER_QTY, t->qty);
    }
    if (decimal_sign(t->cash_qty) > 0) {
        fix_body_decimal(b, TAG_CASH_ORDER_QTY, t->cash_qty);
    }
    fix_body_char(b, TAG_ORD_TYPE, t->ord_type);
    if (t->has_price) {
        fix_body_decimal(b, TAG_PRICE, t->price);
    }
    if (t->has_stop) {
        fix_body_decimal(b, TAG_STOP_PX, t->stop_price);
    }
    put_trail(b, t);
    if (t->time_in_force != 0) {
        fix_body_char(b, TAG_TIME_IN_FORCE, t->time_in_force);
    }
    if (t->expire_us > 0) {
        fix_body_timestamp(b, TAG_EXPIRE_TIME, t->expire_us);
    }
    fix_body_text(b, TAG_EXEC_INST, t->exec_inst);
    if (t->position != 0) {
        fix_body_char(b, TAG_POSITION_EFFECT, t->position);
    }
    if (t->cash_margin != 0) {
        fix_body_char(b, TAG_CASH_MARGIN, t->cash_margin);
    }
}

static bool is_trade(char exec_type)
{
    return exec_type == 'F' || exec_type == 'G' || exec_type == 'H';
}

/* LastQty, LastPx and what belongs to one trade. A correction or bust names the report it is about.
 */
static void put_trade(struct fix_body *b, const struct report *r)
{
    fix_body_decimal(b, TAG_LAST_QTY, r->last_qty);
    fix_body_decimal(b, TAG_LAST_PX, r->last_px);
    fix_body_bytes(b, TAG_SECONDARY_EXEC_ID, r->trade_id);
    fix_body_bytes(b, TAG_EXEC_REF_ID, r->exec_ref_id);
    if (r->liquidity != VENUE_LIQUIDITY_UNKNOWN) {
        fix_body_char(b, TAG_LAST_LIQUIDITY_IND, r->liquidity == VENUE_MAKER ? '1' : '2');
    }
    if (r->has_fee) {
        fix_body_char(b, TAG_NO_MISC_FEES, '1');
        fix_body_decimal(b, TAG_MISC_FEE_AMT, r->fee);
        fix_body_bytes(b, TAG_MISC_FEE_CURR, r->fee_currency);
        fix_body_char(b, TAG_MISC_FEE_TYPE, '4');  /* exchange fees */
        fix_body_char(b, TAG_MISC_FEE_BASIS, '0'); /* absolute */
    }
}

/* The client's own fields, encoded already. Text (58) comes first among them, and gives way to
 * ours: a message has one. */
static void put_echo(struct fix_body *b, const struct order *o, bool has_text)
{
    struct bytes echo = { o->echo, o->echo_size };
    const char *end;

    if (echo.size == 0) {
        return;
    }
    if (has_text && echo.size > 3 && memcmp(echo.data, "58=", 3) == 0) {
        end = memchr(echo.data, '\x01', echo.size);
        if (end == NULL) {
            return;
        }
        echo.size -= (size_t)(end + 1 - echo.data);
        echo.data = end + 1;
    }
    buf_bytes(b->out, echo);
}

static void put_quantities(struct fix_body *b, const struct order *o, const struct report *r)
{
    fix_body_decimal(b, TAG_LEAVES_QTY, r->exec_type == '8' ? DECIMAL_ZERO : order_leaves(o));
    fix_body_decimal(b, TAG_CUM_QTY, o->cum_qty);
    fix_body_decimal(b, TAG_AVG_PX, avg_px_value(&o->avg, o->inverse));
}

void translate_out_start(struct fix_body *b, const char *msg_type, struct buf *out)
{
    unsigned digits = b->time_digits;

    fix_body_start(b, msg_type, out);
    if (digits == 3 || digits == 6 || digits == 9) {
        b->time_digits = digits;
    }
}

void translate_out_report(struct fix_body *b, struct buf *out, const struct order *o,
                          const struct report *r, const struct report_names *names)
{
    struct bytes text = cut(r->text);

    translate_out_start(b, "8", out);
    put_order_id(b, o->id);
    fix_body_text(b, TAG_SECONDARY_ORDER_ID, o->venue_id);
    fix_body_bytes(b, TAG_CL_ORD_ID, r->cl_ord_id.size > 0 ? r->cl_ord_id : bytes_of(o->cl_ord_id));
    fix_body_bytes(b, TAG_ORIG_CL_ORD_ID, r->orig_cl_ord_id);
    fix_body_bytes(b, TAG_ORD_STATUS_REQ_ID, r->status_req_id);
    if (r->mass_status_id.size > 0) {
        fix_body_bytes(b, TAG_MASS_STATUS_REQ_ID, r->mass_status_id);
        fix_body_uint(b, TAG_TOT_NUM_REPORTS, r->mass_total);
        fix_body_bool(b, TAG_LAST_RPT_REQUESTED, r->mass_last);
    }
    fix_body_bytes(b, TAG_EXEC_ID, r->exec_id);
    fix_body_char(b, TAG_EXEC_TYPE, r->exec_type);
    fix_body_char(b, TAG_ORD_STATUS, order_status(o));
    if (r->triggered || (r->exec_type == 'I' && o->triggered && order_is_live(o))) {
        fix_body_bool(b, TAG_WORKING_INDICATOR, true);
    }
    put_number_when(b, TAG_ORD_REJ_REASON, r->ord_rej_reason);
    put_number_when(b, TAG_EXEC_RESTATEMENT_REASON, r->restatement_reason);
    fix_body_bytes(b, TAG_ACCOUNT, names->account);
    fix_body_text(b, TAG_SYMBOL, o->symbol);
    fix_body_bytes(b, TAG_SECURITY_EXCHANGE, names->exchange);
    fix_body_char(b, TAG_SIDE, o->side == VENUE_BUY ? '1' : '2');
    put_terms(b, &o->terms);
    if (is_trade(r->exec_type)) {
        put_trade(b, r);
    }
    put_quantities(b, o, r);
    fix_body_timestamp(b, TAG_TRANSACT_TIME, r->transact_us != 0 ? r->transact_us : o->changed_us);
    fix_body_bytes(b, TAG_TEXT, text);
    report_extra_put(b, o, r, names->extras);
    put_echo(b, o, text.size > 0);
}

/* ---- ExecutionReport of no order ----------------------------------------------------------- */

/* One character that FIX 4.4 defines for the tag; anything else is not repeated to the client. */
static bool sound_char(const struct fix_msg *m, uint32_t tag, const char *defined, char *out)
{
    return fix_msg_get_char(m, tag, out) == FIX_GET_OK && *out != '\0' &&
           strchr(defined, *out) != NULL;
}

static void put_as_sent(struct fix_body *b, const struct fix_msg *m, uint32_t tag,
                        struct bytes otherwise)
{
    struct bytes value = { NULL, 0 };

    (void)fix_msg_find(m, tag, &value);
    fix_body_bytes(b, tag, value.size > 0 ? value : otherwise);
}

static void put_decimal_as_sent(struct fix_body *b, const struct fix_msg *m, uint32_t tag)
{
    struct decimal value;

    if (fix_msg_get_decimal(m, tag, &value) == FIX_GET_OK) {
        fix_body_decimal(b, tag, value);
    }
}

void translate_out_refused(struct fix_body *b, struct buf *out, const struct fix_msg *m,
                           char exec_type, struct bytes exec_id, const struct refusal *no,
                           const struct report_names *names, int64_t wall_us)
{
    const struct bytes none = { NULL, 0 };
    char c;

    translate_out_start(b, "8", out);
    fix_body_bytes(b, TAG_ORDER_ID, NO_ORDER_ID);
    put_as_sent(b, m, TAG_CL_ORD_ID, none);
    put_as_sent(b, m, TAG_LIST_ID, none);
    if (exec_type == 'I') {
        put_as_sent(b, m, TAG_ORD_STATUS_REQ_ID, none);
    }
    if (bytes_is(m->msg_type, "AF")) {
        put_as_sent(b, m, TAG_MASS_STATUS_REQ_ID, none);
        fix_body_uint(b, TAG_TOT_NUM_REPORTS, 0);
        fix_body_bool(b, TAG_LAST_RPT_REQUESTED, true);
    }
    fix_body_bytes(b, TAG_EXEC_ID, exec_id);
    fix_body_char(b, TAG_EXEC_TYPE, exec_type);
    fix_body_char(b, TAG_ORD_STATUS, '8');
    fix_body_int(b, TAG_ORD_REJ_REASON, no->reason);
    fix_body_bytes(b, TAG_ACCOUNT, names->account);
    /* 55 and 54 are required in the report; FIX's own words for "none". */
    put_as_sent(b, m, TAG_SYMBOL, BYTES("[N/A]"));
    fix_body_bytes(b, TAG_SECURITY_EXCHANGE, names->exchange);
    fix_body_char(b, TAG_SIDE, sound_char(m, TAG_SIDE, "123456789ABCDEFG", &c) ? c : '7');
    put_decimal_as_sent(b, m, TAG_ORDER_QTY);
    if (sound_char(m, TAG_ORD_TYPE, "1234678DEGIJKLMP", &c)) {
        fix_body_char(b, TAG_ORD_TYPE, c);
    }
    put_decimal_as_sent(b, m, TAG_PRICE);
    fix_body_decimal(b, TAG_LEAVES_QTY, DECIMAL_ZERO);
    fix_body_decimal(b, TAG_CUM_QTY, DECIMAL_ZERO);
    fix_body_decimal(b, TAG_AVG_PX, DECIMAL_ZERO);
    fix_body_timestamp(b, TAG_TRANSACT_TIME, wall_us);
    fix_body_text(b, TAG_TEXT, no->text);
}

/* ---- OrderCancelReject (9) ----------------------------------------------------------------- */

void translate_out_cancel_reject(struct fix_body *b, struct buf *out, const struct order *o,
                                 const struct cancel_reject *r, const struct report_names *names)
{
    translate_out_start(b, "9", out);
    if (o == NULL) {
        fix_body_bytes(b, TAG_ORDER_ID, NO_ORDER_ID);
    } else {
        put_order_id(b, o->id);
        fix_body_text(b, TAG_SECONDARY_ORDER_ID, o->venue_id);
    }
    /* 11 and 41 are required here, also when the request had none to repeat. */
    fix_body_bytes(b, TAG_CL_ORD_ID, r->cl_ord_id.size > 0 ? r->cl_ord_id : NO_ORDER_ID);
    fix_body_bytes(b, TAG_ORIG_CL_ORD_ID,
                   r->orig_cl_ord_id.size > 0 ? r->orig_cl_ord_id : NO_ORDER_ID);
    fix_body_char(b, TAG_ORD_STATUS, o == NULL ? '8' : order_status(o));
    fix_body_bytes(b, TAG_ACCOUNT, names->account);
    fix_body_timestamp(b, TAG_TRANSACT_TIME, r->transact_us);
    fix_body_char(b, TAG_CXL_REJ_RESPONSE_TO, r->response_to);
    fix_body_int(b, TAG_CXL_REJ_REASON, r->reason);
    fix_body_bytes(b, TAG_TEXT, cut(r->text));
}

/* ---- OrderMassCancelReport (r) ------------------------------------------------------------- */

static void put_affected(struct fix_body *b, const struct mass_report *r)
{
    if (r->order == NULL || r->order_count == 0) {
        return;
    }
    fix_body_uint(b, TAG_NO_AFFECTED_ORDERS, r->order_count);
    for (size_t i = 0; i < r->order_count; i++) {
        char text[ORDER_ID_TEXT_MAX];

        order_id_text(r->order[i]->id, text);
        fix_body_text(b, TAG_ORIG_CL_ORD_ID, r->order[i]->cl_ord_id);
        fix_body_text(b, TAG_AFFECTED_ORDER_ID, text);
    }
}

void translate_out_mass_report(struct fix_body *b, struct buf *out, const struct mass_report *r)
{
    char id[ORDER_ID_TEXT_MAX];

    translate_out_start(b, "r", out);
    order_id_text(r->mass_id, id);
    memcpy(id, "FM", 2); /* numbers of their own, beside those of orders */
    fix_body_bytes(b, TAG_CL_ORD_ID, r->cl_ord_id);
    fix_body_text(b, TAG_ORDER_ID, id);
    fix_body_char(b, TAG_MASS_CANCEL_REQUEST_TYPE, r->request_type);
    fix_body_char(b, TAG_MASS_CANCEL_RESPONSE, r->response);
    put_number_when(b, TAG_MASS_CANCEL_REJECT_REASON, r->reject_reason);
    fix_body_uint(b, TAG_TOTAL_AFFECTED_ORDERS, r->affected);
    put_affected(b, r);
    fix_body_bytes(b, TAG_SYMBOL, r->symbol);
    if (r->side == VENUE_BUY || r->side == VENUE_SELL) {
        fix_body_char(b, TAG_SIDE, r->side == VENUE_BUY ? '1' : '2');
    }
    fix_body_timestamp(b, TAG_TRANSACT_TIME, r->transact_us);
    fix_body_bytes(b, TAG_TEXT, cut(r->text));
}

/* ---- BusinessMessageReject (j) ------------------------------------------------------------- */

void translate_out_business_reject(struct fix_body *b, struct buf *out, const struct fix_msg *m,
                                   struct bytes ref_id, int reason, struct bytes text)
{
    /* 380=99 is outside FIX 4.4: engines answer it with a reject, and so on for ever. */
    ASSERT(reason >= 0 && reason <= 7);
    translate_out_start(b, "j", out);
    if (m->seq > 0) {
        fix_body_uint(b, TAG_REF_SEQ_NUM, m->seq);
    }
    fix_body_bytes(b, TAG_REF_MSG_TYPE, m->msg_type);
    fix_body_bytes(b, TAG_BUSINESS_REJECT_REF_ID, ref_id);
    fix_body_int(b, TAG_BUSINESS_REJECT_REASON, reason);
    fix_body_bytes(b, TAG_TEXT, cut(text));
}
