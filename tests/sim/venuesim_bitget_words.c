/*
 * Bitget: how orders, fills and numbers are spelled.
 */
#include "venuesim_bitget.h"

static bool refused_quietly(const struct sim_order *o)
{
    return o->error == SIM_WOULD_CROSS || o->error == SIM_NO_LIQUIDITY ||
           o->error == SIM_SELF_TRADE || o->error == SIM_NOT_REDUCING;
}

const char *bg_status(const struct sim_order *o, bool two_ls)
{
    switch (o->state) {
    case SIM_HELD: return "init";
    case SIM_ARMED:
    case SIM_OPEN: return decimal_sign(o->filled) > 0 ? "partially_filled" : "live";
    case SIM_FILLED: return "filled";
    case SIM_CANCELLED: return two_ls ? "cancelled" : "canceled";
    case SIM_REJECTED:
        if (!refused_quietly(o)) {
            return "reject";
        }
        return two_ls ? "cancelled" : "canceled";
    }
    return "";
}

const char *bg_order_id(const struct sim_order *o)
{
    return o->triggered && o->child_id[0] != '\0' ? o->child_id : o->id;
}

const char *bg_force(const struct sim_order *o)
{
    if ((o->extra.flags & BG_IOC) != 0) {
        return "ioc";
    }
    if ((o->extra.flags & BG_FOK) != 0) {
        return "fok";
    }
    return (o->extra.flags & BG_POST) != 0 ? "post_only" : "gtc";
}

static const char *cancel_reason(const struct sim_order *o)
{
    if (o->state == SIM_REJECTED) {
        switch ((unsigned)o->error) {
        case SIM_WOULD_CROSS: return "post_only_would_take";
        case SIM_SELF_TRADE: return "self_trade_prevention";
        case SIM_NOT_REDUCING: return "reduce_only_no_position";
        default: return "no_liquidity";
        }
    }
    if (o->state != SIM_CANCELLED) {
        return "";
    }
    switch ((unsigned)o->reason) {
    case SIM_BY_USER: return "normal_cancel";
    case SIM_BY_EDIT: return "modify_cancel";
    case SIM_BY_IOC: return "ioc_remainder";
    case SIM_BY_NOT_REDUCING: return "reduce_only_exceeded";
    case SIM_BY_SELF_TRADE: return "self_trade_prevention";
    default: return "system_cancel";
    }
}

/* ---- numbers ------------------------------------------------------------------------------- */

void bg_ms(struct buf *out, const char *name, int64_t us)
{
    buf_printf(out, ",\"%s\":\"%lld\"", name, (long long)(us / US_PER_MS));
}

void bg_decimal_or_empty(struct buf *out, const char *name, struct decimal value)
{
    if (decimal_sign(value) == 0) {
        text_member(out, name, "");
    } else {
        text_decimal_member(out, name, value);
    }
}

struct decimal bg_average(const struct sim_order *o)
{
    return decimal_sign(o->filled) == 0 ? DECIMAL_ZERO : sim_div_round(o->value, o->filled, 6);
}

/* ---- objects ------------------------------------------------------------------------------- */

/* In hedge mode a closing order is written with the side of the position it closes. */
static const char *side_word(const struct sim_order *o)
{
    bool buy = o->side == SIM_BUY;

    if ((o->extra.flags & (BG_HEDGE | BG_CLOSE)) == (BG_HEDGE | BG_CLOSE)) {
        buy = !buy;
    }
    return buy ? "buy" : "sell";
}

static const char *position_side(const struct sim_order *o)
{
    if ((o->extra.flags & BG_HEDGE) == 0) {
        return "net";
    }
    return strcmp(side_word(o), "buy") == 0 ? "long" : "short";
}

static const char *trade_side(const struct sim_order *o)
{
    if ((o->extra.flags & BG_HEDGE) == 0) {
        return o->side == SIM_BUY ? "buy_single" : "sell_single";
    }
    return (o->extra.flags & BG_CLOSE) != 0 ? "close" : "open";
}

static void modes_write(struct bg_call *c, const struct sim_order *o)
{
    const struct sim_position *p = sim_position_of(o->account, c->engine, o->instrument);
    struct buf *out = c->out;

    text_decimal_member(out, "leverage",
                        decimal_sign(p->max_leverage) > 0 ? p->max_leverage
                                                          : (struct decimal){ 20, 0 });
    text_member(out, "marginMode", (o->extra.flags & BG_ISOLATED) != 0 ? "isolated" : "crossed");
    text_member(out, "reduceOnly", o->reduce_only ? "YES" : "NO");
    text_member(out, "enterPointSource", "API");
    text_member(out, "tradeSide", trade_side(o));
    text_member(out, "posMode", (o->extra.flags & BG_HEDGE) != 0 ? "hedge_mode" : "one_way_mode");
    text_member(out, "orderSource", o->liquidation ? "liquidation" : "normal");
    text_member(out, "cancelReason", cancel_reason(o));
}

/* The status is `state` in the detail and `status` in the lists. */
void bg_order_json(struct bg_call *c, const struct sim_order *o, bool detail)
{
    struct buf *out = c->out;

    buf_printf(out, "{\"symbol\":\"%s\"", o->instrument->symbol);
    text_decimal_member(out, "size", o->qty);
    text_member(out, "orderId", bg_order_id(o));
    text_member(out, "clientOid", o->client_id);
    text_decimal_member(out, "baseVolume", o->filled);
    bg_decimal_or_empty(out, "priceAvg", bg_average(o));
    text_member(out, "fee", "");
    if ((o->extra.flags & BG_MARKET) != 0) {
        text_member(out, "price", "");
    } else {
        text_decimal_member(out, "price", o->price);
    }
    text_member(out, detail ? "state" : "status", bg_status(o, !detail));
    text_member(out, "side", side_word(o));
    text_member(out, "force", bg_force(o));
    text_member(out, "totalProfits", "0");
    text_member(out, "posSide", position_side(o));
    text_member(out, "marginCoin", o->instrument->pair);
    bg_decimal_or_empty(out, "presetStopSurplusPrice", o->extra.take_profit);
    bg_decimal_or_empty(out, "presetStopLossPrice", o->extra.stop_loss);
    text_decimal_member(out, "quoteVolume", o->value);
    text_member(out, "orderType", (o->extra.flags & BG_MARKET) != 0 ? "market" : "limit");
    modes_write(c, o);
    bg_ms(out, "cTime", o->created_us);
    bg_ms(out, "uTime", o->updated_us);
    buf_char(out, '}');
}

/* Fees are negative when paid. */
void bg_exec_json(struct bg_call *c, const struct sim_exec *x)
{
    const struct sim_order *o = x->order;
    struct buf *out = c->out;

    buf_printf(out, "{\"tradeId\":\"%s\"", x->id);
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "orderId", bg_order_id(o));
    text_decimal_member(out, "price", x->price);
    text_decimal_member(out, "baseVolume", x->qty);
    buf_text(out, ",\"feeDetail\":[{\"deduction\":\"no\"");
    text_member(out, "feeCoin", o->instrument->pair);
    text_member(out, "totalDeductionFee", "");
    text_decimal_member(out, "totalFee", sim_neg(x->fee));
    buf_text(out, "}]");
    text_member(out, "side", side_word(o));
    text_decimal_member(out, "quoteVolume", sim_mul_round(x->qty, x->price, 8));
    text_member(out, "profit", "0");
    text_member(out, "enterPointSource", "api");
    text_member(out, "tradeSide", trade_side(o));
    text_member(out, "posMode", (o->extra.flags & BG_HEDGE) != 0 ? "hedge_mode" : "one_way_mode");
    text_member(out, "tradeScope", x->taker ? "taker" : "maker");
    bg_ms(out, "cTime", x->wall_us);
    buf_char(out, '}');
}
