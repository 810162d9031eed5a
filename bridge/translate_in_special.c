/*
 * Terms that only some venues know: an amount of money in place of a quantity (152), position side
 * (77), cash or margin (544), self-trade prevention (7928), attached take-profit and stop-loss
 * (22101 to 22104), leverage and margin mode (20005, 22100). Read here as far as the message alone
 * tells; whether the venue and the account can do them is asked in route.c and engine_setting.c.
 */
#include "translate_in_special.h"

#include "fix_tags.h"
#include "translate_in_terms.h"

static bool refuse_special(struct refusal *no, int reason, const char *text)
{
    return refuse(no, REFUSAL_ORDER, reason, "%s", text);
}

/* ---- 38, 152 ------------------------------------------------------------------------------- */

bool translate_in_cash(const struct fix_msg *m, enum venue_side side, struct order_terms *t,
                       struct refusal *no)
{
    if (!get_decimal(m, TAG_CASH_ORDER_QTY, &t->cash_qty, NULL, no)) {
        return false;
    }
    if (decimal_sign(t->cash_qty) <= 0) {
        return refuse_special(no, 13, "CashOrderQty(152) must be above 0");
    }
    if (t->type != VENUE_MARKET || side != VENUE_BUY) {
        return refuse_special(no, 11,
                              "CashOrderQty(152) is for market buys only, OrdType(40)=1 and "
                              "Side(54)=1");
    }
    return true;
}

/* ---- 77, 544 ------------------------------------------------------------------------------- */

/* One character of a list; 0 when absent. */
static bool read_word(const struct fix_msg *m, uint32_t tag, const char *name, const char *words,
                      char *out, struct refusal *no)
{
    bool found;

    if (!get_char(m, tag, out, &found, no)) {
        return false;
    }
    if (found && (*out == '\0' || strchr(words, *out) == NULL)) {
        *out = 0;
        return refuse(no, REFUSAL_ORDER, 11, "%s(%u) takes only one of %s", name, tag, words);
    }
    return true;
}

/* 77=C and 544=3 close, as 18=E does; 77=O and 544=2 open. What closes must not open. */
static bool read_position(const struct fix_msg *m, struct order_terms *t, struct refusal *no)
{
    bool closes, opens;

    if (!read_word(m, TAG_POSITION_EFFECT, "PositionEffect", "OC", &t->position, no) ||
        !read_word(m, TAG_CASH_MARGIN, "CashMargin", "123", &t->cash_margin, no)) {
        return false;
    }
    if (t->cash_margin == '1' && t->position != 0) {
        return refuse_special(no, 11,
                              "CashMargin(544)=1, cash, and PositionEffect(77) exclude "
                              "each other");
    }
    closes = t->position == 'C' || t->cash_margin == '3' || t->reduce_only;
    opens = t->position == 'O' || t->cash_margin == '2';
    if (opens && closes) {
        return refuse_special(no, 11,
                              "PositionEffect(77), CashMargin(544) and ExecInst(18)=E disagree on "
                              "whether the order opens or closes");
    }
    /* With a position side the venue keeps to it; else only reduce-only makes sure. */
    t->reduce_only = t->reduce_only || (t->cash_margin == '3' && t->position == 0);
    return true;
}

/* ---- 22101 to 22104 ------------------------------------------------------------------------ */

static bool read_exit(const struct fix_msg *m, uint32_t tag, struct decimal *out,
                      struct refusal *no)
{
    bool found;

    if (!get_decimal(m, tag, out, &found, no)) {
        return false;
    }
    return !found || decimal_sign(*out) > 0 ||
           refuse(no, REFUSAL_ORDER, 99, "tag %u must be above 0", tag);
}

static bool read_attached(const struct fix_msg *m, struct order_terms *t, struct refusal *no)
{
    if (!read_exit(m, TAG_TAKE_PROFIT_PX, &t->take_profit, no) ||
        !read_exit(m, TAG_STOP_LOSS_PX, &t->stop_loss, no) ||
        !read_exit(m, TAG_TAKE_PROFIT_LIMIT_PX, &t->take_profit_limit, no) ||
        !read_exit(m, TAG_STOP_LOSS_LIMIT_PX, &t->stop_loss_limit, no)) {
        return false;
    }
    if (decimal_sign(t->take_profit_limit) > 0 && decimal_sign(t->take_profit) == 0) {
        return refuse_special(no, 99, "TakeProfitLimitPx(22103) needs TakeProfitPx(22101)");
    }
    if (decimal_sign(t->stop_loss_limit) > 0 && decimal_sign(t->stop_loss) == 0) {
        return refuse_special(no, 99, "StopLossLimitPx(22104) needs StopLossPx(22102)");
    }
    if ((decimal_sign(t->take_profit) > 0 || decimal_sign(t->stop_loss) > 0) &&
        (t->reduce_only || t->position == 'C')) {
        return refuse_special(no, 11,
                              "take-profit and stop-loss, 22101 and 22102, need an order that "
                              "opens a position");
    }
    return true;
}

/* ---- 20005, 22100 -------------------------------------------------------------------------- */

static bool read_margin(const struct fix_msg *m, struct order_terms *t, struct refusal *no)
{
    bool found;

    if (!get_decimal(m, TAG_LEVERAGE, &t->leverage, &found, no) ||
        !read_word(m, TAG_MARGIN_MODE, "MarginMode", "IC", &t->margin_mode, no)) {
        return false;
    }
    return !found || decimal_sign(t->leverage) > 0 ||
           refuse_special(no, 99, "Leverage(20005) must be above 0");
}

bool translate_in_special(const struct fix_msg *m, struct order_terms *t, struct refusal *no)
{
    static const uint32_t tags[] = {
        TAG_POSITION_EFFECT,    TAG_CASH_MARGIN,  TAG_SELF_TRADE_PREVENTION,
        TAG_TAKE_PROFIT_PX,     TAG_STOP_LOSS_PX, TAG_TAKE_PROFIT_LIMIT_PX,
        TAG_STOP_LOSS_LIMIT_PX, TAG_LEVERAGE,     TAG_MARGIN_MODE
    };

    if (!fix_msg_has_any(m, tags, ARRAY_LEN(tags))) {
        return true; /* nearly every order: nothing of it is asked for */
    }
    return read_position(m, t, no) &&
           read_word(m, TAG_SELF_TRADE_PREVENTION, "SelfTradePrevention", "DONB", &t->stp, no) &&
           read_attached(m, t, no) && read_margin(m, t, no);
}
