/*
 * How Kraken Futures spells what the exchange did: statuses, reasons, numbers, order objects,
 * events.
 */
#include "venuesim_kraken.h"

#include "assert.h"

static const char *const statuses[SIM_RESULT_COUNT] = {
    [SIM_OK] = "placed",
    [SIM_HOLD] = "placed",
    [SIM_SUSPENDED] = "marketSuspended",
    [SIM_INACTIVE] = "marketInactive",
    [SIM_BAD_TYPE] = "invalidOrderType",
    [SIM_BAD_SIDE] = "invalidSide",
    [SIM_BAD_SIZE] = "invalidSize",
    [SIM_BAD_PRICE] = "invalidPrice",
    [SIM_NO_FUNDS] = "insufficientAvailableFunds",
    [SIM_MAX_POSITION] = "maxPositionViolation",
    [SIM_TOO_MANY] = "tooManyOrders",
    [SIM_DUPLICATE] = "clientOrderIdAlreadyExist",
    [SIM_COLLAR] = "outsidePriceCollar",
    [SIM_SELF_TRADE] = "selfFill",
    [SIM_POST_ONLY_MARKET] = "marketIsPostOnly",
    [SIM_NOT_REDUCING] = "wouldNotReducePosition",
    [SIM_WOULD_CROSS] = "postWouldExecute",
    [SIM_NO_LIQUIDITY] = "iocWouldNotExecute",
    [SIM_NOT_FOUND] = "notFound",
    [SIM_ALREADY_FILLED] = "filled",
    [SIM_NOT_A_STOP] = "orderForEditNotAStop",
    [SIM_TRAILING_TRIGGER] = "cannotEditTriggerPriceOfTrailingStop",
    [SIM_TRAILING_LIMIT] = "cannotEditLimitPriceOfTrailingStop",
    [SIM_ID_TOO_LONG] = "clientOrderIdTooLong",
    [SIM_ID_INVALID] = "clientOrderIdInvalid",
    [SIM_STALE] = "wouldProcessAfterSpecifiedTime",
};

const char *kr_status(enum sim_result r, enum kr_kind kind)
{
    if (r == SIM_OK || r == SIM_HOLD) {
        return kind == KR_SEND ? "placed" : kind == KR_EDIT ? "edited" : "cancelled";
    }
    if (kind == KR_EDIT && r == SIM_NOT_FOUND) {
        return "orderForEditNotFound";
    }
    return statuses[r];
}

static const char *const reasons[SIM_REASON_COUNT] = {
    [SIM_BY_NEW] = "NEW_USER_ORDER",
    [SIM_BY_PARTIAL_FILL] = "PARTIAL_FILL",
    [SIM_BY_FULL_FILL] = "FULL_FILL",
    [SIM_BY_USER] = "CANCELLED_BY_USER",
    [SIM_BY_EDIT] = "EDITED_BY_USER",
    [SIM_BY_TRIGGER] = "STOP_ORDER_TRIGGERED",
    [SIM_BY_LIMIT_FROM_STOP] = "LIMIT_FROM_STOP",
    [SIM_BY_DEADMAN] = "DEAD_MAN_SWITCH",
    [SIM_BY_ADMIN] = "CANCELLED_BY_ADMIN",
    [SIM_BY_MARGIN] = "NOT_ENOUGH_MARGIN",
    [SIM_BY_MARKET_INACTIVE] = "MARKET_INACTIVE",
    [SIM_BY_EXPIRED_CONTRACT] = "CONTRACT_EXPIRED",
    [SIM_BY_EXPIRED] = "EXPIRED",
    [SIM_BY_SELF_TRADE] = "CANCELLED_BY_SELF_TRADE",
    [SIM_BY_IOC] = "IOC_WOULD_NOT_EXECUTE_REASON",
    [SIM_BY_POST] = "POST_WOULD_EXECUTE_REASON",
    [SIM_BY_SELF] = "WOULD_EXECUTE_SELF_REASON",
    [SIM_BY_NOT_REDUCING] = "WOULD_NOT_REDUCE_POSITION",
    [SIM_BY_LIQUIDATION] = "LIQUIDATION_ORDER",
    [SIM_BY_TRAILING] = "TRAILING_STOP_PRICE_UPDATED",
};

const char *kr_reason(enum sim_reason r)
{
    return reasons[r];
}

const char *kr_reject_word(enum sim_result r)
{
    switch ((unsigned)r) {
    case SIM_NO_LIQUIDITY: return "IOC_WOULD_NOT_EXECUTE";
    case SIM_WOULD_CROSS: return "POST_WOULD_EXECUTE";
    case SIM_SELF_TRADE: return "WOULD_EXECUTE_SELF";
    case SIM_NOT_REDUCING: return "WOULD_NOT_REDUCE_POSITION";
    case SIM_NO_FUNDS: return "INSUFFICIENT_MARGIN";
    case SIM_SUSPENDED: return "MARKET_SUSPENDED";
    case SIM_POST_ONLY_MARKET: return "MARKET_IS_POST_ONLY";
    case SIM_COLLAR: return "PRICE_COLLAR";
    case SIM_MAX_POSITION: return "MAX_POSITION_EXCEEDED";
    default: return "unknown";
    }
}

const char *kr_side(enum sim_side side)
{
    return side == SIM_BUY ? "buy" : "sell";
}

const char *kr_fill_type(const struct sim_exec *x)
{
    if (x->order->liquidation) {
        return "liquidation";
    }
    return x->taker ? "taker" : "maker";
}

/* A market order shows as the immediate-or-cancel limit it is; a stop without a limit likewise. */
const char *kr_event_type_word(const struct sim_order *o)
{
    static const char *const words[] = { "lmt", "post", "ioc", "ioc", "fok", "lmt", "lmt", "lmt" };

    if (o->type >= SIM_STP && !o->has_price) {
        return "ioc";
    }
    return words[o->type];
}

const char *kr_open_type_word(const struct sim_order *o)
{
    if (!o->is_trigger) {
        return "lmt";
    }
    return o->type == SIM_STP           ? "stop"
           : o->type == SIM_TAKE_PROFIT ? "take_profit"
                                        : "trailing_stop";
}

/* ---- numbers ------------------------------------------------------------------------------- */

static void member_name(struct buf *out, const char *name)
{
    buf_text(out, ",\"");
    buf_text(out, name);
    buf_text(out, "\":");
}

/* Other spellings of the same number that the venue has been seen to send. */
static void exotic(struct buf *out, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    size_t size;

    value = decimal_normal(value);
    if (value.mantissa == 0) {
        buf_text(out, "0E-11");
        return;
    }
    if (value.scale > 6) {
        buf_int(out, value.mantissa);
        buf_text(out, "e-");
        buf_int(out, value.scale);
        return;
    }
    size = decimal_print(value, text);
    buf_add(out, text, size);
    buf_text(out, memchr(text, '.', size) == NULL ? ".00000000000" : "00000");
}

void kr_price(const struct sim *s, struct buf *out, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    size_t size;

    member_name(out, name);
    if (s->options.exotic_numbers) {
        exotic(out, value);
        return;
    }
    size = decimal_print(value, text);
    buf_add(out, text, size);
    if (memchr(text, '.', size) == NULL) {
        buf_text(out, ".0");
    }
}

void kr_quantity(const struct sim *s, struct buf *out, const char *name, struct decimal value)
{
    member_name(out, name);
    if (s->options.exotic_numbers) {
        exotic(out, value);
    } else {
        buf_decimal(out, value);
    }
}

void kr_flag(struct buf *out, const char *name, bool value)
{
    member_name(out, name);
    buf_text(out, value ? "true" : "false");
}

void kr_text_or_null(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0') {
        member_name(out, name);
        buf_text(out, "null");
    } else {
        text_member(out, name, text);
    }
}

/* ---- order objects ------------------------------------------------------------------------- */

static struct decimal shown_quantity(const struct sim *s, const struct sim_snap *at)
{
    return s->options.quantity_total ? sim_add(at->remaining, at->filled) : at->remaining;
}

static void limit_price(const struct sim *s, struct buf *out, const struct sim_order *o,
                        const struct sim_snap *at)
{
    if (at->has_price || (!at->is_trigger && decimal_sign(o->price) > 0)) {
        kr_price(s, out, "limitPrice", at->has_price ? at->price : o->price);
    } else {
        buf_text(out, ",\"limitPrice\":null");
    }
}

static void trigger_object(const struct sim *s, struct buf *out, const struct sim_order *o,
                           const struct sim_snap *at)
{
    static const char *const signal[] = { "mark_price", "spot_price", "last_price" };

    buf_text(out, "{\"uid\":");
    text_quote(out, bytes_of(o->id));
    kr_text_or_null(out, "clientId", o->client_id);
    text_member(out, "type", at->has_price ? "lmt" : "ioc");
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "side", kr_side(o->side));
    kr_quantity(s, out, "quantity", shown_quantity(s, at));
    limit_price(s, out, o, at);
    kr_price(s, out, "triggerPrice", at->stop);
    text_member(out, "triggerSide", o->trigger_above ? "trigger_above" : "trigger_below");
    text_member(out, "triggerSignal", signal[o->signal]);
    kr_flag(out, "reduceOnly", o->reduce_only);
    text_time_member(out, "timestamp", o->created_us);
    text_time_member(out, "lastUpdateTimestamp", at->updated_us);
    buf_text(out, ",\"startTime\":null}");
}

void kr_event_order(const struct sim *s, struct buf *out, const struct sim_order *o,
                    const struct sim_snap *at)
{
    if (at->is_trigger) {
        trigger_object(s, out, o, at);
        return;
    }
    buf_text(out, "{\"orderId\":");
    text_quote(out, bytes_of(o->id));
    kr_text_or_null(out, "cliOrdId", o->client_id);
    text_member(out, "type", kr_event_type_word(o));
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "side", kr_side(o->side));
    kr_quantity(s, out, "quantity", shown_quantity(s, at));
    kr_quantity(s, out, "filled", at->filled);
    limit_price(s, out, o, at);
    kr_flag(out, "reduceOnly", o->reduce_only);
    text_time_member(out, "timestamp", o->created_us);
    text_time_member(out, "lastUpdateTimestamp", at->updated_us);
    buf_char(out, '}');
}

/* ---- events -------------------------------------------------------------------------------- */

static void place_event(const struct sim *s, struct buf *out, const struct sim_event *ev)
{
    buf_text(out, "{\"type\":\"PLACE\"");
    if (decimal_sign(ev->reduced) > 0) {
        kr_quantity(s, out, "reducedQuantity", ev->reduced);
    } else {
        buf_text(out, ",\"reducedQuantity\":null");
    }
    buf_text(out, ev->after.is_trigger ? ",\"orderTrigger\":" : ",\"order\":");
    kr_event_order(s, out, ev->order, &ev->after);
    buf_char(out, '}');
}

static void execution_event(const struct sim *s, struct buf *out, const struct sim_event *ev,
                            const struct sim_snap *prior_edit)
{
    buf_text(out, "{\"type\":\"EXECUTION\"");
    text_member(out, "executionId", ev->exec->id);
    kr_price(s, out, "price", ev->exec->price);
    kr_quantity(s, out, "amount", ev->exec->qty);
    buf_text(out, ",\"orderPriorEdit\":");
    if (prior_edit == NULL) {
        buf_text(out, "null");
    } else {
        kr_event_order(s, out, ev->order, prior_edit);
    }
    buf_text(out, ",\"takerReducedQuantity\":null,\"orderPriorExecution\":");
    kr_event_order(s, out, ev->order, &ev->before);
    buf_char(out, '}');
}

static void edit_event(const struct sim *s, struct buf *out, const struct sim_event *ev)
{
    buf_text(out, "{\"type\":\"EDIT\",\"old\":");
    kr_event_order(s, out, ev->order, &ev->before);
    buf_text(out, ",\"new\":");
    kr_event_order(s, out, ev->order, &ev->after);
    buf_text(out, ",\"reducedQuantity\":null}");
}

static void end_event(const struct sim *s, struct buf *out, const struct sim_event *ev)
{
    bool reject = ev->type == SIM_EV_REJECT;

    buf_text(out, reject ? "{\"type\":\"REJECT\"" : "{\"type\":\"CANCEL\"");
    text_member(out, "uid", ev->order->id);
    if (reject) {
        text_member(out, "reason", kr_reject_word(ev->error));
    }
    buf_text(out, ev->before.is_trigger ? ",\"orderTrigger\":" : ",\"order\":");
    kr_event_order(s, out, ev->order, &ev->before);
    buf_char(out, '}');
}

static void event(const struct sim *s, struct buf *out, const struct sim_event *ev,
                  const struct sim_snap *prior_edit)
{
    switch (ev->type) {
    case SIM_EV_PLACE: place_event(s, out, ev); return;
    case SIM_EV_EXECUTION: execution_event(s, out, ev, prior_edit); return;
    case SIM_EV_EDIT: edit_event(s, out, ev); return;
    case SIM_EV_CANCEL:
    case SIM_EV_REJECT: end_event(s, out, ev); return;
    case SIM_EV_TRIGGER: return;
    }
    UNREACHABLE();
}

void kr_events(const struct sim *s, struct buf *out, const struct sim_account *a, size_t from,
               const struct sim_order *o)
{
    const struct sim_snap *prior_edit = NULL;
    const char *comma = "";
    size_t n;

    buf_char(out, '[');
    for (n = from; n < a->event_count; n++) {
        const struct sim_event *ev = &a->event[n];

        if ((o != NULL && ev->order != o) || ev->type == SIM_EV_TRIGGER || ev->quiet) {
            continue;
        }
        buf_text(out, comma);
        comma = ",";
        event(s, out, ev, prior_edit);
        prior_edit = ev->type == SIM_EV_EDIT ? &ev->before : prior_edit;
    }
    buf_char(out, ']');
}
