/*
 * The terms of an order in NewOrderSingle and OrderCancelReplaceRequest: quantity, type, prices,
 * time in force, ExecInst, trigger and trailing offset. Rules of engagement 3.3. Nothing a client
 * asks for is dropped in silence: what no venue of ours can do is refused with its tag in the text.
 */
#include "translate_in_terms.h"

#include "fix_tags.h"
#include "fix_validate.h"
#include "translate_in_special.h"

/* ---- typed getters with their rejects ------------------------------------------------------ */

bool refuse_missing(struct refusal *no, uint32_t tag)
{
    refuse(no, REFUSAL_SESSION, FIX_REJECT_REQUIRED_MISSING, "Required tag missing");
    no->tag = tag;
    return false;
}

bool refuse_format(struct refusal *no, uint32_t tag)
{
    refuse(no, REFUSAL_SESSION, FIX_REJECT_BAD_FORMAT, "Incorrect data format for value");
    no->tag = tag;
    return false;
}

static bool got(enum fix_get g, uint32_t tag, bool *found, struct refusal *no)
{
    if (g == FIX_GET_BAD) {
        return refuse_format(no, tag);
    }
    if (found == NULL) {
        return g == FIX_GET_OK || refuse_missing(no, tag);
    }
    *found = g == FIX_GET_OK;
    return true;
}

bool get_char(const struct fix_msg *m, uint32_t tag, char *out, bool *found, struct refusal *no)
{
    return got(fix_msg_get_char(m, tag, out), tag, found, no);
}

bool get_int(const struct fix_msg *m, uint32_t tag, int64_t *out, bool *found, struct refusal *no)
{
    return got(fix_msg_get_int(m, tag, out), tag, found, no);
}

bool get_decimal(const struct fix_msg *m, uint32_t tag, struct decimal *out, bool *found,
                 struct refusal *no)
{
    return got(fix_msg_get_decimal(m, tag, out), tag, found, no);
}

bool get_time(const struct fix_msg *m, uint32_t tag, int64_t *out, bool *found, struct refusal *no)
{
    return got(fix_msg_get_timestamp(m, tag, out), tag, found, no);
}

static bool refuse_tag(struct refusal *no, int reason, const char *text)
{
    return refuse(no, REFUSAL_ORDER, reason, "%s", text);
}

/* ---- 38, 152 ------------------------------------------------------------------------------- */

/* Exactly one of the two. */
static bool read_quantity(const struct fix_msg *m, enum venue_side side, struct order_terms *t,
                          struct refusal *no)
{
    bool has_qty;

    if (!get_decimal(m, TAG_ORDER_QTY, &t->qty, &has_qty, no)) {
        return false;
    }
    if (fix_msg_has(m, TAG_CASH_ORDER_QTY)) {
        if (has_qty) {
            return refuse_tag(no, 13, "OrderQty(38) and CashOrderQty(152) exclude each other");
        }
        return translate_in_cash(m, side, t, no);
    }
    if (!has_qty) {
        return refuse_tag(no, 99, "OrderQty(38) or CashOrderQty(152) is missing");
    }
    if (decimal_sign(t->qty) <= 0) {
        return refuse_tag(no, 13, "OrderQty(38) must be above 0");
    }
    return true;
}

/* ---- 18 ------------------------------------------------------------------------------------ */

/* A list of one-character codes separated by single spaces. FIX 4.4 has 'A' (no cross) and 'P'
 * (market peg), which other gateways use for post-only: never guessed at. */
static bool read_exec_inst(const struct fix_msg *m, struct order_terms *t, bool *trailing,
                           struct refusal *no)
{
    struct bytes list;

    if (!fix_msg_find(m, TAG_EXEC_INST, &list) || list.size == 0) {
        return true;
    }
    if (!bytes_to_field(list, t->exec_inst, sizeof t->exec_inst)) {
        return refuse_tag(no, 11, "ExecInst(18) has too many codes");
    }
    for (size_t i = 0; i < list.size; i += 2) {
        if (i + 1 < list.size && (list.data[i + 1] != ' ' || i + 2 == list.size)) {
            return refuse_tag(no, 11,
                              "ExecInst(18) must be one-character codes separated by a space");
        }
        switch (list.data[i]) {
        case '6': t->post_only = true; break;
        case 'E': t->reduce_only = true; break;
        case 'a': *trailing = true; break;
        case 'Q': t->cancel_on_disconnect = true; break;
        default: return refuse_tag(no, 11, "ExecInst(18) takes only 6, E, a and Q");
        }
    }
    return true;
}

/* ---- 40 and the trigger -------------------------------------------------------------------- */

static bool read_type(const struct fix_msg *m, bool trailing, struct order_terms *t,
                      struct refusal *no)
{
    if (!get_char(m, TAG_ORD_TYPE, &t->ord_type, NULL, no)) {
        return false;
    }
    if (trailing) {
        /* With a limit price (40=4) no venue of ours can trail. */
        if (t->ord_type != '3' && t->ord_type != 'P') {
            return refuse_tag(no, 11, "ExecInst(18)=a needs OrdType(40)=3 or P");
        }
        t->type = VENUE_TRAILING;
        return true;
    }
    switch (t->ord_type) {
    case '1': t->type = VENUE_MARKET; return true;
    case '2': t->type = VENUE_LIMIT; return true;
    case '3': t->type = VENUE_STOP_MARKET; return true;
    case '4': t->type = VENUE_STOP_LIMIT; return true;
    case 'J': t->type = VENUE_TAKE_MARKET; return true;
    case 'P': return refuse_tag(no, 11, "OrdType(40)=P needs ExecInst(18)=a");
    default: return refuse(no, REFUSAL_ORDER, 11, "OrdType(40)=%c is not supported", t->ord_type);
    }
}

static bool is_triggered(enum venue_order_type type)
{
    return type != VENUE_MARKET && type != VENUE_LIMIT;
}

/* 1109. A buy that waits for the price to rise is a stop, one that waits for it to fall takes
 * profit; a sell the other way round. So 40=3 and 4 become take-profits with the other direction;
 * 40=J is one. */
static bool read_direction(const struct fix_msg *m, enum venue_side side, struct order_terms *t,
                           struct refusal *no)
{
    char direction;
    bool found, take;

    if (!get_char(m, TAG_TRIGGER_PRICE_DIRECTION, &direction, &found, no)) {
        return false;
    }
    if (!found) {
        return true;
    }
    if (!is_triggered(t->type) || t->type == VENUE_TRAILING ||
        (direction != 'U' && direction != 'D')) {
        return refuse_tag(no, 11,
                          "TriggerPriceDirection(1109) takes U or D, with OrdType(40)=3, 4 or J");
    }
    take = (side == VENUE_BUY) == (direction == 'D');
    if (t->type == VENUE_TAKE_MARKET && !take) {
        return refuse_tag(no, 11, "TriggerPriceDirection(1109) contradicts OrdType(40)=J");
    }
    if (take) {
        t->type = t->type == VENUE_STOP_LIMIT ? VENUE_TAKE_LIMIT : VENUE_TAKE_MARKET;
    }
    return true;
}

/* 1107 has only "last trade" of the three sources; 22105 has them all. */
static bool read_trigger(const struct fix_msg *m, struct order_terms *t, struct refusal *no)
{
    char native, source;
    bool has_native, has_source;

    if (!get_char(m, TAG_TRIGGER_PRICE_TYPE, &native, &has_native, no) ||
        !get_char(m, TAG_TRIGGER_SOURCE, &source, &has_source, no)) {
        return false;
    }
    if (!has_native && !has_source) {
        return true;
    }
    if (!is_triggered(t->type)) {
        return refuse_tag(no, 11, "a trigger source, 22105 or 1107, needs OrdType(40)=3, 4 or J");
    }
    if (has_native && native != '2') {
        return refuse_tag(no, 11, "TriggerPriceType(1107) takes only 2");
    }
    if (has_source && (source < '1' || source > '3')) {
        return refuse_tag(no, 11, "TriggerSource(22105) takes 1, 2 or 3");
    }
    if (has_native && has_source && source != '1') {
        return refuse_tag(no, 11, "TriggerPriceType(1107) and TriggerSource(22105) differ");
    }
    t->trigger = !has_source || source == '1' ? VENUE_TRIGGER_LAST
                 : source == '2'              ? VENUE_TRIGGER_MARK
                                              : VENUE_TRIGGER_INDEX;
    return true;
}

/* ---- 44, 99 -------------------------------------------------------------------------------- */

/* One of the two prices: there when the type needs it and only then. A limit on a market order is
 * an instruction, so it is refused rather than ignored. */
static bool read_price(const struct fix_msg *m, uint32_t tag, const char *name, bool needed,
                       char ord_type, struct decimal *out, bool *has, struct refusal *no)
{
    if (!get_decimal(m, tag, out, has, no)) {
        return false;
    }
    if (needed && !*has) {
        return refuse(no, REFUSAL_ORDER, 99, "%s(%u) is missing for OrdType(40)=%c", name, tag,
                      ord_type);
    }
    if (!needed && *has) {
        return refuse(no, REFUSAL_ORDER, 99,
                      "%s(%u) cannot be given for this order, OrdType(40)=%c", name, tag, ord_type);
    }
    if (*has && decimal_sign(*out) <= 0) {
        return refuse(no, REFUSAL_ORDER, 99, "%s(%u) must be above 0", name, tag);
    }
    return true;
}

static bool read_prices(const struct fix_msg *m, struct order_terms *t, struct refusal *no)
{
    bool limit =
        t->type == VENUE_LIMIT || t->type == VENUE_STOP_LIMIT || t->type == VENUE_TAKE_LIMIT;
    /* A trailing stop starts from the market: a first StopPx cannot be handed on. */
    bool stop = is_triggered(t->type) && t->type != VENUE_TRAILING;

    return read_price(m, TAG_PRICE, "Price", limit, t->ord_type, &t->price, &t->has_price, no) &&
           read_price(m, TAG_STOP_PX, "StopPx", stop, t->ord_type, &t->stop_price, &t->has_stop,
                      no);
}

/* ---- 211, 835, 836 ------------------------------------------------------------------------- */

static bool refuse_peg(const struct fix_msg *m, struct refusal *no)
{
    static const uint32_t tags[] = { TAG_PEG_OFFSET_VALUE,    TAG_PEG_MOVE_TYPE,
                                     TAG_PEG_OFFSET_TYPE,     TAG_PEG_LIMIT_TYPE,
                                     TAG_PEG_ROUND_DIRECTION, TAG_PEG_SCOPE };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (fix_msg_has(m, tags[i])) {
            return refuse(no, REFUSAL_ORDER, 11, "tag %u needs ExecInst(18)=a", tags[i]);
        }
    }
    return true;
}

static bool read_trail(const struct fix_msg *m, bool trailing, struct order_terms *t,
                       struct refusal *no)
{
    int64_t unit = 0, move = 0;
    bool found;

    if (!trailing) {
        return refuse_peg(m, no);
    }
    if (!get_decimal(m, TAG_PEG_OFFSET_VALUE, &t->trail, &found, no)) {
        return false;
    }
    if (!found) {
        return refuse_tag(no, 99, "PegOffsetValue(211) is missing for ExecInst(18)=a");
    }
    if (decimal_sign(t->trail) <= 0) {
        return refuse_tag(no, 99, "PegOffsetValue(211) must be above 0");
    }
    if (!get_int(m, TAG_PEG_OFFSET_TYPE, &unit, &found, no) ||
        !get_int(m, TAG_PEG_MOVE_TYPE, &move, &found, no)) {
        return false;
    }
    if (move != 0) {
        return refuse_tag(no, 11, "PegMoveType(835) takes only 0 for a trailing stop");
    }
    if (fix_msg_has(m, TAG_PEG_LIMIT_TYPE) || fix_msg_has(m, TAG_PEG_ROUND_DIRECTION) ||
        fix_msg_has(m, TAG_PEG_SCOPE)) {
        return refuse_tag(no, 11, "tags 837, 838 and 840 are not supported for a trailing stop");
    }
    if (unit == 0) {
        t->trail_unit = VENUE_OFFSET_PRICE;
        return true;
    }
    if (unit != 1) {
        return refuse_tag(no, 11, "PegOffsetType(836) takes only 0, price, and 1, basis points");
    }
    t->trail_unit = VENUE_OFFSET_PERCENT;
    if (!decimal_mul(t->trail, (struct decimal){ 1, 2 }, &t->trail)) {
        return refuse_tag(no, 99, "PegOffsetValue(211) has too many digits");
    }
    return true;
}

/* ---- 59, 126 ------------------------------------------------------------------------------- */

static bool read_tif(const struct fix_msg *m, const struct translate_rules *rules,
                     struct order_terms *t, struct refusal *no)
{
    bool has_tif, has_expiry;

    if (!get_char(m, TAG_TIME_IN_FORCE, &t->time_in_force, &has_tif, no) ||
        !get_time(m, TAG_EXPIRE_TIME, &t->expire_us, &has_expiry, no)) {
        return false;
    }
    t->tif = VENUE_GTC;
    switch (has_tif ? t->time_in_force : '1') {
    case '0':
        if (!rules->day_as_gtc) {
            return refuse_tag(no, 11, "TimeInForce(59)=0, day, is not supported");
        }
        break;
    case '1': break;
    case '3': t->tif = VENUE_IOC; break;
    case '4': t->tif = VENUE_FOK; break;
    case '5': /* an alias of other gateways: good till crossing is post-only */
        t->post_only = true;
        break;
    case '6': t->tif = VENUE_GTD; break;
    default:
        return refuse(no, REFUSAL_ORDER, 11, "TimeInForce(59)=%c is not supported",
                      t->time_in_force);
    }
    if (t->tif == VENUE_GTD && (!has_expiry || t->expire_us <= 0)) {
        return refuse_tag(no, 99, "ExpireTime(126) is missing for TimeInForce(59)=6");
    }
    if (t->tif != VENUE_GTD && has_expiry) {
        return refuse_tag(no, 11, "ExpireTime(126) needs TimeInForce(59)=6");
    }
    return true;
}

/* Post-only rests or is refused, so it goes with a plain limit order only. */
static bool check_post_only(const struct order_terms *t, struct refusal *no)
{
    if (!t->post_only) {
        return true;
    }
    if (t->type != VENUE_LIMIT) {
        return refuse_tag(no, 11, "post-only, ExecInst(18)=6, needs OrdType(40)=2");
    }
    if (t->tif == VENUE_IOC || t->tif == VENUE_FOK) {
        return refuse_tag(no, 11, "post-only, ExecInst(18)=6, excludes TimeInForce(59)=3 and 4");
    }
    return true;
}

bool translate_in_terms(const struct fix_msg *m, const struct translate_rules *rules,
                        enum venue_side side, struct order_terms *t, struct refusal *no)
{
    bool trailing = false;

    return read_exec_inst(m, t, &trailing, no) && read_type(m, trailing, t, no) &&
           read_quantity(m, side, t, no) && read_direction(m, side, t, no) &&
           read_trigger(m, t, no) && read_prices(m, t, no) && read_trail(m, trailing, t, no) &&
           read_tif(m, rules, t, no) && check_post_only(t, no) && translate_in_special(m, t, no);
}
