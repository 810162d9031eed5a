/*
 * Kraken Futures: the questions of the derivatives API, and the two settings.
 */
#include "venuesim_kraken.h"

#include "timestamp.h"

#define FILLS_MAX 100

/* ---- open orders --------------------------------------------------------------------------- */

static void open_order(struct kr_call *k, const struct sim_order *o)
{
    static const char *const signal[] = { "mark", "spot", "last" };
    struct buf *out = k->out;

    buf_text(out, "{\"order_id\":");
    text_quote(out, bytes_of(o->id));
    if (o->client_id[0] != '\0') {
        text_member(out, "cliOrdId", o->client_id);
    }
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "side", kr_side(o->side));
    text_member(out, "orderType", kr_open_type_word(o));
    if (o->has_price || !o->is_trigger) {
        kr_price(k->sim, out, "limitPrice", o->price);
    }
    if (o->is_trigger) {
        kr_price(k->sim, out, "stopPrice", o->stop);
        text_member(out, "triggerSignal", signal[o->signal]);
    }
    kr_quantity(k->sim, out, "unfilledSize", sim_remaining(o));
    kr_quantity(k->sim, out, "filledSize", o->filled);
    text_member(out, "status", decimal_sign(o->filled) > 0 ? "partiallyFilled" : "untouched");
    kr_flag(out, "reduceOnly", o->reduce_only);
    text_time_member(out, "receivedTime", o->created_us);
    text_time_member(out, "lastUpdateTime", o->updated_us);
    buf_char(out, '}');
}

void kr_openorders(struct kr_call *k)
{
    const struct sim_order *o;
    size_t count = 0;

    kr_begin(k);
    buf_text(k->out, ",\"openOrders\":[");
    for (o = k->account->open_first; o != NULL; o = o->open_next) {
        buf_text(k->out, count++ == 0 ? "" : ",");
        open_order(k, o);
    }
    buf_text(k->out, "]}");
    answer_note(&k->req->answer, "%zu open", count);
}

/* ---- orders/status ------------------------------------------------------------------------- */

static const char *status_word(const struct sim_order *o)
{
    static const char *const words[] = { "ENTERED_BOOK",   "TRIGGER_PLACED", "ENTERED_BOOK",
                                         "FULLY_EXECUTED", "CANCELLED",      "REJECTED" };

    if (o->state == SIM_REJECTED && o->triggered) {
        return "TRIGGER_ACTIVATION_FAILURE";
    }
    return words[o->state];
}

static void trigger_options(struct kr_call *k, const struct sim_order *o)
{
    static const char *const signal[] = { "MARK_PRICE", "SPOT_PRICE", "LAST_PRICE" };
    struct buf *out = k->out;

    buf_text(out, ",\"priceTriggerOptions\":{\"triggerSide\":");
    text_quote(out, o->trigger_above ? BYTES("TRIGGER_ABOVE") : BYTES("TRIGGER_BELOW"));
    kr_price(k->sim, out, "triggerPrice", o->stop);
    text_member(out, "triggerSignal", signal[o->signal]);
    if (o->type == SIM_TRAILING) {
        buf_text(out, ",\"trailingStopOptions\":{\"unit\":");
        text_quote(out,
                   o->trail_unit == SIM_UNIT_PERCENT ? BYTES("PERCENT") : BYTES("QUOTE_CURRENCY"));
        kr_quantity(k->sim, out, "maxDeviation", o->trail);
        buf_char(out, '}');
    }
    buf_char(out, '}');
    if (o->triggered) {
        text_time_member(out, "triggerTime", o->triggered_us);
    }
}

static void status_item(struct kr_call *k, const struct sim_order *o)
{
    struct buf *out = k->out;
    struct sim_snap snap = sim_snap_of(o);
    struct decimal quantity = k->sim->options.quantity_total ? o->qty : snap.remaining;

    buf_text(out, "{\"order\":{\"type\":");
    text_quote(out, o->is_trigger ? BYTES("TRIGGER_ORDER") : BYTES("ORDER"));
    text_member(out, "orderId", o->id);
    kr_text_or_null(out, "cliOrdId", o->client_id);
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "side", kr_side(o->side));
    kr_quantity(k->sim, out, "quantity", quantity);
    kr_quantity(k->sim, out, "filled", o->filled);
    if (o->has_price || !o->is_trigger) {
        kr_price(k->sim, out, "limitPrice", o->price);
    } else {
        buf_text(out, ",\"limitPrice\":null");
    }
    kr_flag(out, "reduceOnly", o->reduce_only);
    text_time_member(out, "timestamp", o->created_us);
    text_time_member(out, "lastUpdateTimestamp", o->updated_us);
    if (o->is_trigger) {
        trigger_options(k, o);
    }
    buf_char(out, '}');
    text_member(out, "status", status_word(o));
    text_member(out, "updateReason", kr_reason(o->reason));
    kr_text_or_null(out, "error", o->state == SIM_REJECTED ? kr_reject_word(o->error) : "");
    buf_char(out, '}');
}

/* Open now, or ended within the venue's memory; a held order is shown by no API. */
static bool remembered(const struct kr_call *k, const struct sim_order *o)
{
    if (o->state == SIM_HELD) {
        return false;
    }
    return o->closed_us == 0 ||
           k->engine->now_us - o->closed_us <= k->sim->options.status_memory_us;
}

void kr_orders_status(struct kr_call *k)
{
    size_t found = 0;
    size_t n;

    if (k->form.count == 0) {
        kr_bad_request(k, "missing parameter", "orderIds or cliOrdIds");
        return;
    }
    kr_begin(k);
    buf_text(k->out, ",\"orders\":[");
    for (n = 0; n < k->form.count; n++) {
        bool by_id = bytes_is(k->form.name[n], "orderIds");
        struct bytes none = { NULL, 0 };
        const struct sim_order *o =
            sim_order_find(k->engine, k->account, by_id ? k->form.value[n] : none,
                           by_id ? none : k->form.value[n]);

        if (o != NULL && remembered(k, o)) {
            buf_text(k->out, found++ == 0 ? "" : ",");
            status_item(k, o);
        }
    }
    buf_text(k->out, "]}");
    answer_note(&k->req->answer, "%zu found", found);
}

/* ---- fills --------------------------------------------------------------------------------- */

static void fill_item(struct kr_call *k, const struct sim_exec *x, bool old)
{
    struct buf *out = k->out;

    buf_text(out, "{\"fill_id\":");
    text_quote(out, bytes_of(x->id));
    text_member(out, "order_id", x->order->id);
    if (x->order->client_id[0] != '\0') {
        text_member(out, "cliOrdId", x->order->client_id);
    }
    text_member(out, "symbol", x->order->instrument->symbol);
    text_member(out, "side", kr_side(x->order->side));
    kr_quantity(k->sim, out, "size", x->qty);
    kr_price(k->sim, out, "price", x->price);
    text_time_member(out, "fillTime", x->wall_us);
    text_member(out, "fillType", kr_fill_type(x));
    buf_printf(out, ",\"sequence_id\":\"%llu\"", (unsigned long long)x->sequence);
    buf_text(out, old ? ",\"realized_pnl\":null}" : ",\"realized_pnl\":0}");
}

void kr_fills(struct kr_call *k)
{
    const struct sim_account *a = k->account;
    struct bytes text = kr_arg(k, "lastFillTime");
    int64_t before_us = NEVER_US;
    size_t written = 0;
    size_t n;

    if (text.data != NULL) {
        if (!timestamp_parse_iso(text, &before_us)) {
            kr_invalid(k, "lastFillTime");
            return;
        }
        if (!kr_spend(k->sim, k->account, KR_TRADING, 25 - k->route->cost)) {
            kr_too_fast(k, KR_TRADING, 25);
            return;
        }
    }
    kr_begin(k);
    buf_text(k->out, ",\"fills\":[");
    for (n = a->exec_count; n > 0 && written < FILLS_MAX; n--) {
        if (a->exec[n - 1]->wall_us < before_us) {
            buf_text(k->out, written++ == 0 ? "" : ",");
            fill_item(k, a->exec[n - 1], text.data != NULL);
        }
    }
    buf_text(k->out, "]}");
    answer_note(&k->req->answer, "%zu fills", written);
}

/* ---- positions and settings ---------------------------------------------------------------- */

static void position_item(struct kr_call *k, const struct sim_instrument *i,
                          const struct sim_position *p)
{
    struct buf *out = k->out;

    buf_text(out, "{\"side\":");
    text_quote(out, decimal_sign(p->size) > 0 ? BYTES("long") : BYTES("short"));
    text_member(out, "symbol", i->symbol);
    kr_quantity(k->sim, out, "size", sim_abs(p->size));
    kr_price(k->sim, out, "price", p->price);
    text_time_member(out, "fillTime", p->fill_us);
    buf_text(out, ",\"unrealizedFunding\":1.129880786375e-06,\"pnlCurrency\":");
    buf_text(out, i->inverse ? "null" : "\"USD\"");
    if (p->has_leverage) {
        kr_quantity(k->sim, out, "maxFixedLeverage", p->max_leverage);
    } else {
        buf_text(out, ",\"maxFixedLeverage\":null");
    }
    buf_char(out, '}');
}

void kr_openpositions(struct kr_call *k)
{
    const char *comma = "";
    size_t n;

    kr_begin(k);
    buf_text(k->out, ",\"openPositions\":[");
    for (n = 0; n < k->engine->instrument_count; n++) {
        if (decimal_sign(k->account->position[n].size) != 0) {
            buf_text(k->out, comma);
            comma = ",";
            position_item(k, &k->engine->instrument[n], &k->account->position[n]);
        }
    }
    buf_text(k->out, "]}");
}

void kr_get_leverage(struct kr_call *k)
{
    struct bytes only = kr_arg(k, "symbol");
    const char *comma = "";
    size_t n;

    kr_begin(k);
    buf_text(k->out, ",\"leveragePreferences\":[");
    for (n = 0; n < k->engine->instrument_count; n++) {
        const struct sim_instrument *i = &k->engine->instrument[n];

        if (k->account->position[n].has_leverage && (only.size == 0 || bytes_is(only, i->symbol))) {
            char text[DECIMAL_TEXT_MAX];

            (void)decimal_print(k->account->position[n].max_leverage, text);
            buf_printf(k->out, "%s{\"symbol\":\"%s\",\"maxLeverage\":%s%s}", comma, i->symbol, text,
                       strchr(text, '.') == NULL ? ".00" : "");
            comma = ",";
        }
    }
    buf_text(k->out, "]}");
}

static void settings_error(struct kr_call *k, unsigned http, int code, const char *message)
{
    k->req->answer.status = http;
    buf_text(k->out, "{\"result\":\"error\",\"status\":\"BAD_REQUEST\"");
    buf_printf(k->out, ",\"errors\":[{\"code\":%d,\"message\":\"%s\"}]", code, message);
    text_time_member(k->out, "serverTime", k->engine->now_us);
    buf_char(k->out, '}');
    answer_note(&k->req->answer, "%d %s", code, message);
}

void kr_put_leverage(struct kr_call *k)
{
    struct sim_instrument *i = sim_instrument_find(k->engine, kr_arg(k, "symbol"));
    struct bytes text = kr_arg(k, "maxLeverage");
    struct sim_position *p;
    struct decimal leverage = DECIMAL_ZERO;

    if (i == NULL) {
        settings_error(k, 400, 87, "CONTRACT_DOES_NOT_EXIST");
        return;
    }
    if (i->inverse) {
        settings_error(k, 400, 88, "CONTRACT_NOT_MULTI_COLLATERAL");
        return;
    }
    if (text.data != NULL && (!decimal_parse(text, &leverage) || decimal_sign(leverage) <= 0 ||
                              decimal_compare(leverage, (struct decimal){ 50, 0 }) > 0)) {
        kr_invalid(k, "maxLeverage");
        return;
    }
    if (k->account->no_funds) {
        settings_error(k, 500, 92, "INSUFFICIENT_MARGIN");
        return;
    }
    p = sim_position_of(k->account, k->engine, i);
    p->max_leverage = leverage;
    p->has_leverage = text.data != NULL;
    kr_begin(k);
    kr_end(k);
}

static const char *const strategies[] = { "REJECT_TAKER", "CANCEL_MAKER_SELF", "CANCEL_MAKER_CHILD",
                                          "CANCEL_MAKER_ANY" };

void kr_get_stp(struct kr_call *k)
{
    kr_begin(k);
    text_member(k->out, "strategy", strategies[k->account->stp]);
    kr_end(k);
}

void kr_put_stp(struct kr_call *k)
{
    struct bytes strategy = kr_arg(k, "strategy");
    unsigned n;

    for (n = 0; n < ARRAY_LEN(strategies); n++) {
        if (bytes_is(strategy, strategies[n])) {
            k->account->stp = (enum sim_stp)n;
            kr_get_stp(k);
            return;
        }
    }
    kr_invalid(k, "strategy");
}

/* ---- instruments --------------------------------------------------------------------------- */

static bool type_wanted(const struct kr_call *k, const struct sim_instrument *i)
{
    bool any = false;
    size_t n;

    for (n = 0; n < k->form.count; n++) {
        if (bytes_is(k->form.name[n], "contractType")) {
            any = true;
            if (bytes_is(k->form.value[n], "all") || bytes_is(k->form.value[n], i->type)) {
                return true;
            }
        }
    }
    return !any;
}

static void instrument_item(struct kr_call *k, const struct sim_instrument *i)
{
    struct buf *out = k->out;

    buf_text(out, "{\"symbol\":");
    text_quote(out, bytes_of(i->symbol));
    text_member(out, "type", i->type);
    if (i->underlying[0] != '\0') {
        text_member(out, "underlying", i->underlying);
    }
    kr_quantity(k->sim, out, "tickSize", i->tick);
    buf_text(out, ",\"contractSize\":1");
    buf_printf(out, ",\"contractValueTradePrecision\":%d", i->precision);
    kr_flag(out, "tradeable", true); /* true even for an expired contract */
    kr_flag(out, "isExpired", i->expired);
    kr_flag(out, "postOnly", i->post_only);
    kr_quantity(k->sim, out, "maxPositionSize", i->max_position);
    text_member(out, "base", i->base);
    text_member(out, "quote", i->quote_currency);
    text_member(out, "pair", i->pair);
    text_member(out, "feeScheduleUid", "7fc4d7c0-464f-4029-a9bb-55856d0c5247");
    if (i->last_trading_us != 0) {
        text_time_member(out, "lastTradingTime", i->last_trading_us);
    }
    if (i->hold_us > 0) {
        buf_printf(out, ",\"makerProtectionMillis\":%lld", (long long)(i->hold_us / US_PER_MS));
    }
    buf_text(out, ",\"marginLevels\":[{\"contracts\":0,\"initialMargin\":0.02,"
                  "\"maintenanceMargin\":0.01}]}");
}

void kr_instruments(struct kr_call *k)
{
    const char *comma = "";
    size_t n;

    kr_begin(k);
    buf_text(k->out, ",\"instruments\":[");
    for (n = 0; n < k->engine->instrument_count; n++) {
        const struct sim_instrument *i = &k->engine->instrument[n];

        if (type_wanted(k, i)) {
            buf_text(k->out, comma);
            comma = ",";
            instrument_item(k, i);
        }
    }
    buf_text(k->out, "]}");
}

void kr_tickers(struct kr_call *k)
{
    size_t n;

    kr_begin(k);
    buf_text(k->out, ",\"tickers\":[");
    for (n = 0; n < k->engine->instrument_count; n++) {
        const struct sim_instrument *i = &k->engine->instrument[n];

        buf_text(k->out, n == 0 ? "{\"symbol\":" : ",{\"symbol\":");
        text_quote(k->out, bytes_of(i->symbol));
        if (i->bid.there) {
            kr_price(k->sim, k->out, "bid", i->bid.price);
        }
        if (i->ask.there) {
            kr_price(k->sim, k->out, "ask", i->ask.price);
        }
        kr_price(k->sim, k->out, "last", i->last);
        kr_price(k->sim, k->out, "markPrice", i->mark);
        kr_price(k->sim, k->out, "indexPrice", i->index);
        kr_flag(k->out, "suspended", i->suspended);
        kr_flag(k->out, "postOnly", i->post_only);
        buf_char(k->out, '}');
    }
    buf_text(k->out, "]}");
}
