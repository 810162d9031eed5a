/*
 * Bybit V5: how orders, fills and numbers are spelled.
 */
#include "venuesim_bybit.h"

static const char *const engine_words[] = {
    "EC_NoError",
    "EC_PerCancelRequest",
    "EC_PostOnlyWillTakeLiquidity",
    "EC_NoImmediateQtyToFill",
    "EC_CancelForNoFullFill",
    "EC_NoEnoughQtyToFill",
    "EC_BySelfMatch",
    "EC_StopBySelfMatch",
    "EC_ReachRiskPriceLimit",
    "EC_ReachMarketPriceLimit",
    "EC_LimitOrderInvalidPrice",
    "EC_InvalidPriceScale",
    "EC_QtyCannotBeZero",
    "EC_EcInvalidQty",
    "EC_InvalidAmount",
    "EC_DuplicatedClOrdID",
    "EC_InvalidSymbolStatus",
    "EC_SecurityStatusFail",
    "EC_InCallAuctionStatus",
    "EC_UnknownOrderType",
    "EC_UnknownSide",
    "EC_UnknownTimeInForce",
    "EC_MarketOrderNoSupportTIF",
    "EC_MarketOrderCannotBePostOnly",
    "EC_InvalidSmpType",
    "EC_OrigClOrdIDDoesNotExist",
    "EC_TooLateToCancel",
    "EC_OrderNotExist",
    "EC_ReachMaxTradeNum",
    "EC_CancelByOrderValueZero",
    "EC_CancelByMatchValueZero",
    "EC_LoadOrderCancel",
    "EC_Others",
};

const char *by_engine_word(const char *word)
{
    size_t n;

    for (n = 0; n < ARRAY_LEN(engine_words); n++) {
        if (strcmp(word, engine_words[n]) == 0) {
            return engine_words[n];
        }
    }
    return NULL;
}

/* An engine word given by a fault stands in `origin`, which only the venue's own orders use. */
static const char *forced(const struct sim_order *o)
{
    const char *word = o->extra.origin;

    return word != NULL && strncmp(word, "EC_", 3) == 0 ? word : NULL;
}

/* Refusals by the matching engine that the venue shows as Cancelled. */
static bool refused_quietly(const struct sim_order *o)
{
    return o->error == SIM_WOULD_CROSS || o->error == SIM_NO_LIQUIDITY ||
           o->error == SIM_SELF_TRADE || o->error == SIM_NOT_REDUCING;
}

const char *by_status(const struct sim_order *o)
{
    switch (o->state) {
    case SIM_HELD: return "New";
    case SIM_ARMED: return "Untriggered";
    case SIM_OPEN: return decimal_sign(o->filled) > 0 ? "PartiallyFilled" : "New";
    case SIM_FILLED: return "Filled";
    case SIM_CANCELLED: return o->is_trigger ? "Deactivated" : "Cancelled";
    case SIM_REJECTED:
        return forced(o) == NULL && !o->triggered && refused_quietly(o) ? "Cancelled" : "Rejected";
    }
    return "";
}

static const char *refusal(const struct sim_order *o)
{
    if (forced(o) != NULL) {
        return forced(o);
    }
    switch ((unsigned)o->error) {
    case SIM_WOULD_CROSS: return "EC_PostOnlyWillTakeLiquidity";
    case SIM_NO_LIQUIDITY:
        return (o->extra.flags & BY_FOK) != 0 ? "EC_CancelForNoFullFill"
                                              : "EC_NoImmediateQtyToFill";
    case SIM_SELF_TRADE: return "EC_BySelfMatch";
    default: return "EC_Others";
    }
}

const char *by_reject_reason(const struct sim_order *o)
{
    if ((o->extra.flags & BY_CANCEL_LOST) != 0) {
        return "EC_OrigClOrdIDDoesNotExist";
    }
    if (o->state == SIM_REJECTED) {
        return refusal(o);
    }
    if (o->state != SIM_CANCELLED) {
        return "EC_NoError";
    }
    switch ((unsigned)o->reason) {
    case SIM_BY_USER: return "EC_PerCancelRequest";
    case SIM_BY_IOC: return "EC_NoImmediateQtyToFill";
    case SIM_BY_SELF_TRADE: return "EC_BySelfMatch";
    default: return "EC_NoError";
    }
}

const char *by_cancel_type(const struct sim_order *o)
{
    if ((o->extra.flags & BY_CANCEL_LOST) != 0) {
        return "CancelByUser";
    }
    if (o->state == SIM_REJECTED && o->error == SIM_SELF_TRADE) {
        return "CancelBySmp";
    }
    if (o->state == SIM_REJECTED && o->error == SIM_NOT_REDUCING) {
        return "CancelByReduceOnly";
    }
    if (o->state != SIM_CANCELLED) {
        return "UNKNOWN";
    }
    switch ((unsigned)o->reason) {
    case SIM_BY_USER: return "CancelByUser";
    case SIM_BY_ADMIN: return "CancelByAdmin";
    case SIM_BY_DEADMAN: return "CancelByDCP";
    case SIM_BY_MARGIN: return "CancelByPrepareLiq";
    case SIM_BY_LIQUIDATION: return "CancelAllBeforeLiq";
    case SIM_BY_MARKET_INACTIVE:
    case SIM_BY_EXPIRED_CONTRACT: return "CancelBySettle";
    case SIM_BY_SELF_TRADE: return "CancelBySmp";
    case SIM_BY_NOT_REDUCING:
        return o->extra.with_position ? "CancelByTpSlTsClear" : "CancelByReduceOnly";
    default: return "UNKNOWN";
    }
}

const char *by_stop_type(const struct sim_order *o)
{
    static const char prefix[] = "CreateBy";
    const char *origin = o->extra.origin;

    if (origin == NULL || strncmp(origin, prefix, sizeof prefix - 1) != 0) {
        return "";
    }
    return strcmp(origin, "CreateByStopOrder") == 0 ? "Stop" : origin + sizeof prefix - 1;
}

const char *by_create_type(const struct sim_order *o)
{
    if (o->liquidation) {
        return "CreateByLiq";
    }
    return o->extra.origin == NULL || forced(o) != NULL ? "CreateByUser" : o->extra.origin;
}

const char *by_tif(const struct sim_order *o)
{
    if ((o->extra.flags & BY_IOC) != 0) {
        return "IOC";
    }
    if ((o->extra.flags & BY_FOK) != 0) {
        return "FOK";
    }
    return (o->extra.flags & BY_POST) != 0 ? "PostOnly" : "GTC";
}

const char *by_signal_word(enum sim_signal s)
{
    static const char *const words[] = { "MarkPrice", "IndexPrice", "LastPrice" };

    return words[s];
}

const char *by_settle_coin(const struct sim_instrument *i)
{
    return i->pair;
}

/* ---- numbers ------------------------------------------------------------------------------- */

static void fixed(struct buf *out, struct decimal value, int digits)
{
    char text[DECIMAL_TEXT_MAX];
    size_t size = decimal_print(value, text);
    char *point = memchr(text, '.', size);
    int have = point == NULL ? 0 : (int)(size - (size_t)(point - text) - 1);

    buf_add(out, text, size);
    if (point == NULL && digits > 0) {
        buf_char(out, '.');
    }
    for (; have < digits; have++) {
        buf_char(out, '0');
    }
}

void by_price(struct buf *out, const char *name, const struct sim_instrument *i, struct decimal v)
{
    buf_printf(out, ",\"%s\":\"", name);
    fixed(out, v, i->precision);
    buf_char(out, '"');
}

void by_price_or_empty(struct buf *out, const char *name, const struct sim_instrument *i,
                       struct decimal v)
{
    if (decimal_sign(v) == 0) {
        text_member(out, name, "");
    } else {
        by_price(out, name, i, v);
    }
}

void by_ms(struct buf *out, const char *name, int64_t us)
{
    buf_printf(out, ",\"%s\":\"%lld\"", name, (long long)(us / US_PER_MS));
}

struct decimal by_value(const struct sim_instrument *i, struct decimal qty, struct decimal price)
{
    if (decimal_sign(price) == 0) {
        return DECIMAL_ZERO;
    }
    return i->inverse ? sim_div_round(qty, price, 8) : sim_mul_round(qty, price, 8);
}

/* ---- objects ------------------------------------------------------------------------------- */

/* Harmonic for inverse contracts. */
static struct decimal average(const struct sim_order *o)
{
    if (decimal_sign(o->filled) == 0 || decimal_sign(o->value) == 0) {
        return DECIMAL_ZERO;
    }
    return o->instrument->inverse ? sim_div_round(o->filled, o->value, 4)
                                  : sim_div_round(o->value, o->filled, 4);
}

static void order_trigger(struct buf *out, const struct sim_order *o)
{
    bool stop = decimal_sign(o->stop) != 0;

    text_member(out, "stopOrderType", by_stop_type(o));
    by_price_or_empty(out, "triggerPrice", o->instrument, o->stop);
    buf_printf(out, ",\"triggerDirection\":%d", !stop ? 0 : o->trigger_above ? 1 : 2);
    text_member(out, "triggerBy", stop ? by_signal_word(o->signal) : "");
    by_price_or_empty(out, "takeProfit", o->instrument, o->extra.take_profit);
    by_price_or_empty(out, "stopLoss", o->instrument, o->extra.stop_loss);
    buf_text(out, ",\"tpTriggerBy\":\"\",\"slTriggerBy\":\"\",\"tpslMode\":\"\","
                  "\"tpLimitPrice\":\"\",\"slLimitPrice\":\"\",\"lastPriceOnCreated\":\"\","
                  "\"isLeverage\":\"\",\"orderIv\":\"\",\"blockTradeId\":\"\",\"placeType\":\"\"");
}

void by_order_json(const struct by_call *c, struct buf *out, const struct sim_order *o)
{
    static const char *const stp[] = { "CancelTaker", "CancelMaker", "CancelMaker",
                                       "CancelMaker", "None",        "CancelBoth" };
    const struct sim_instrument *i = o->instrument;
    struct decimal leaves = o->closed_us == 0 ? sim_remaining(o) : DECIMAL_ZERO;

    (void)c;
    buf_printf(out, "{\"orderId\":\"%s\"", o->id);
    text_member(out, "orderLinkId", o->client_id);
    text_member(out, "symbol", i->symbol);
    text_member(out, "side", o->side == SIM_BUY ? "Buy" : "Sell");
    text_member(out, "orderType", (o->extra.flags & BY_MARKET) != 0 ? "Market" : "Limit");
    by_price(out, "price", i, o->price);
    text_decimal_member(out, "qty", o->qty);
    text_member(out, "timeInForce", by_tif(o));
    text_member(out, "orderStatus", by_status(o));
    text_member(out, "createType", by_create_type(o));
    text_member(out, "cancelType", by_cancel_type(o));
    text_member(out, "rejectReason", by_reject_reason(o));
    by_price_or_empty(out, "avgPrice", i, average(o));
    text_decimal_member(out, "leavesQty", leaves);
    text_decimal_member(out, "leavesValue", by_value(i, leaves, o->price));
    text_decimal_member(out, "cumExecQty", o->filled);
    text_decimal_member(out, "cumExecValue", sim_mul_round(o->value, (struct decimal){ 1, 0 }, 8));
    text_decimal_member(out, "cumExecFee", o->fee);
    buf_printf(out, ",\"positionIdx\":0,\"reduceOnly\":%s,\"closeOnTrigger\":%s",
               o->reduce_only ? "true" : "false",
               (o->extra.flags & BY_CLOSE) != 0 ? "true" : "false");
    order_trigger(out, o);
    text_member(out, "smpType", stp[sim_stp_of(o)]);
    buf_text(out, ",\"smpGroup\":0,\"smpOrderId\":\"\"");
    by_ms(out, "createdTime", o->created_us);
    by_ms(out, "updatedTime", o->updated_us);
    buf_char(out, '}');
}

static struct decimal closed_size(const struct sim_exec *x)
{
    struct decimal signed_qty = x->order->side == SIM_BUY ? x->qty : sim_neg(x->qty);
    struct decimal before = sim_sub(x->position_after, signed_qty);

    if (decimal_sign(before) == 0 || decimal_sign(before) == decimal_sign(signed_qty)) {
        return DECIMAL_ZERO;
    }
    return sim_min(sim_abs(before), x->qty);
}

void by_exec_json(const struct by_call *c, struct buf *out, const struct sim_exec *x)
{
    const struct sim_order *o = x->order;
    const struct sim_instrument *i = o->instrument;

    (void)c;
    buf_printf(out, "{\"symbol\":\"%s\",\"orderId\":\"%s\"", i->symbol, o->id);
    text_member(out, "orderLinkId", o->client_id);
    text_member(out, "side", o->side == SIM_BUY ? "Buy" : "Sell");
    by_price(out, "orderPrice", i, o->price);
    text_decimal_member(out, "orderQty", o->qty);
    text_decimal_member(out, "leavesQty", x->after.remaining);
    text_member(out, "createType", by_create_type(o));
    text_member(out, "orderType", (o->extra.flags & BY_MARKET) != 0 ? "Market" : "Limit");
    text_member(out, "stopOrderType", by_stop_type(o)[0] == '\0' ? "UNKNOWN" : by_stop_type(o));
    text_member(out, "execId", x->id);
    text_member(out, "execType", o->liquidation ? "BustTrade" : "Trade");
    by_price(out, "execPrice", i, x->price);
    text_decimal_member(out, "execQty", x->qty);
    text_decimal_member(out, "execValue", by_value(i, x->qty, x->price));
    text_decimal_member(out, "execFee", x->fee);
    text_member(out, "feeRate", x->taker ? "0.0005" : "0.0002");
    text_member(out, "feeCurrency", i->inverse ? "" : by_settle_coin(i));
    buf_printf(out, ",\"isMaker\":%s", x->taker ? "false" : "true");
    by_ms(out, "execTime", x->wall_us);
    by_price(out, "markPrice", i, x->mark);
    text_decimal_member(out, "closedSize", closed_size(x));
    buf_printf(out, ",\"seq\":%llu,\"blockTradeId\":\"\",\"extraFees\":\"\"}",
               (unsigned long long)x->sequence);
}
