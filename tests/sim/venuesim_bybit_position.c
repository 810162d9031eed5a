/*
 * Bybit V5: positions, their leverage, and the stops that belong to a position rather than to a
 * client: take-profit, stop-loss, trailing stop. Those are orders the venue makes itself; they have
 * no orderLinkId and end with the position.
 */
#include "venuesim_bybit.h"

#include <cjson/cJSON.h>

#define TAKE_PROFIT "CreateByTakeProfit"
#define STOP_LOSS "CreateByStopLoss"
#define TRAILING "CreateByTrailingStop"
#define PARTIAL_MAX 20

static struct decimal leverage_of(const struct sim_position *p)
{
    return decimal_sign(p->max_leverage) > 0 ? p->max_leverage : (struct decimal){ 10, 0 };
}

struct sim_order *by_find_stop(const struct sim_account *a, const struct sim_instrument *i,
                               const char *origin)
{
    struct sim_order *o;

    for (o = a->open_first; o != NULL; o = o->open_next) {
        if (o->instrument == i && o->state == SIM_ARMED && o->extra.with_position &&
            strcmp(o->extra.origin, origin) == 0) {
            return o;
        }
    }
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------------- */

static void stop_member(struct by_call *c, const struct sim_instrument *i, const char *name,
                        const char *origin)
{
    const struct sim_order *o = by_find_stop(c->account, i, origin);

    if (o == NULL) {
        text_member(c->out, name, "");
    } else {
        by_price(c->out, name, i, strcmp(origin, TRAILING) == 0 ? o->trail : o->stop);
    }
}

static struct decimal profit_of(const struct sim_instrument *i, const struct sim_position *p)
{
    if (decimal_sign(p->size) == 0 || decimal_sign(i->mark) == 0) {
        return DECIMAL_ZERO;
    }
    if (i->inverse) {
        return sim_sub(sim_div_round(p->size, p->price, 8), sim_div_round(p->size, i->mark, 8));
    }
    return sim_mul_round(p->size, sim_sub(i->mark, p->price), 8);
}

static void position_write(struct by_call *c, const struct sim_instrument *i)
{
    const struct sim_position *p = sim_position_of(c->account, c->engine, i);
    int sign = decimal_sign(p->size);
    struct decimal value = sign == 0 ? DECIMAL_ZERO : by_value(i, sim_abs(p->size), p->price);
    struct buf *out = c->out;

    buf_printf(out, "{\"positionIdx\":0,\"riskId\":1,\"symbol\":\"%s\"", i->symbol);
    text_member(out, "side", sign == 0 ? "" : sign > 0 ? "Buy" : "Sell");
    text_decimal_member(out, "size", sim_abs(p->size));
    if (sign == 0) {
        text_member(out, "avgPrice", "0");
    } else {
        by_price(out, "avgPrice", i, p->price);
    }
    text_decimal_member(out, "positionValue", value);
    text_decimal_member(out, "leverage", leverage_of(p));
    by_price(out, "markPrice", i, i->mark);
    text_member(out, "liqPrice", "");
    text_decimal_member(out, "positionIM", sim_div_round(value, leverage_of(p), 8));
    text_decimal_member(out, "positionMM", sim_div_round(value, (struct decimal){ 200, 0 }, 8));
    stop_member(c, i, "takeProfit", TAKE_PROFIT);
    stop_member(c, i, "stopLoss", STOP_LOSS);
    stop_member(c, i, "trailingStop", TRAILING);
    text_decimal_member(out, "unrealisedPnl", profit_of(i, p));
    buf_printf(out,
               ",\"curRealisedPnl\":\"0\",\"cumRealisedPnl\":\"0\","
               "\"positionStatus\":\"Normal\",\"adlRankIndicator\":0,\"isReduceOnly\":false,"
               "\"autoAddMargin\":0,\"seq\":%llu",
               (unsigned long long)i->sequence);
    by_ms(out, "createdTime", p->fill_us);
    by_ms(out, "updatedTime", p->fill_us);
    buf_char(out, '}');
}

void by_positions(struct by_call *c)
{
    struct bytes symbol = by_arg(c, "symbol");
    struct bytes settle = by_arg(c, "settleCoin");
    const char *comma = "";
    size_t n;

    if (!by_category(c)) {
        return;
    }
    if (!c->inverse && symbol.size == 0 && settle.size == 0) {
        by_error(c, 10001, "params error: symbol or settleCoin is required");
        return;
    }
    if (symbol.size > 0 && sim_instrument_find(c->engine, symbol) == NULL) {
        by_error(c, 10001, "params error: symbol invalid %.*s", BYTES_ARG(symbol));
        return;
    }
    by_begin(c);
    buf_printf(c->out, "{\"category\":\"%s\",\"nextPageCursor\":\"\",\"list\":[",
               c->inverse ? "inverse" : "linear");
    for (n = 0; n < c->engine->instrument_count; n++) {
        const struct sim_instrument *i = &c->engine->instrument[n];
        bool open = decimal_sign(sim_position_of(c->account, c->engine, i)->size) != 0;

        /* A symbol that is asked for has its row even when flat. */
        if (by_in_category(c, i) &&
            (symbol.size > 0 ? bytes_is(symbol, i->symbol)
                             : open && (settle.size == 0 || bytes_is(settle, by_settle_coin(i))))) {
            buf_text(c->out, comma);
            position_write(c, i);
            comma = ",";
        }
    }
    buf_text(c->out, "]}");
    by_end(c);
}

void by_symbol_info(struct by_call *c)
{
    const struct sim_instrument *i = sim_instrument_find(c->engine, by_arg(c, "symbol"));

    if (!by_category(c)) {
        return;
    }
    if (i == NULL || !by_in_category(c, i)) {
        by_error(c, 10001, "params error: symbol invalid");
        return;
    }
    by_begin(c);
    buf_printf(c->out, "{\"list\":[{\"symbol\":\"%s\"", i->symbol);
    text_decimal_member(c->out, "leverage", leverage_of(sim_position_of(c->account, c->engine, i)));
    buf_text(c->out, ",\"side\":\"\",\"positionIdx\":0}]}");
    by_end(c);
}

/* ---- leverage ------------------------------------------------------------------------------ */

void by_set_leverage(struct by_call *c)
{
    struct by_item it = { .json = c->json };
    struct sim_instrument *i = sim_instrument_find(c->engine, by_arg(c, "symbol"));
    struct sim_position *p;
    struct decimal buy;
    struct decimal sell;

    if (!by_category(c)) {
        return;
    }
    if (i == NULL || !by_in_category(c, i)) {
        by_error(c, 10001, "params error: symbol invalid");
        return;
    }
    if (!by_decimal(&it, "buyLeverage", &buy) || !by_decimal(&it, "sellLeverage", &sell) ||
        decimal_compare(buy, sell) != 0 || decimal_compare(buy, (struct decimal){ 1, 0 }) < 0 ||
        decimal_compare(buy, (struct decimal){ 100, 0 }) > 0) {
        by_error(c, 10001, "params error: leverage invalid");
        return;
    }
    p = sim_position_of(c->account, c->engine, i);
    if (decimal_equal(leverage_of(p), buy)) {
        by_error(c, 110043, "leverage not modified");
        return;
    }
    p->max_leverage = buy;
    by_begin(c);
    buf_text(c->out, "{}");
    by_end(c);
}

/* ---- stops of a position ------------------------------------------------------------------- */

static void place_stop(struct sim_engine *e, struct sim_account *a, const struct sim_terms *t)
{
    struct sim_order *o = NULL;

    if (sim_place(e, a, t, &o) == SIM_HOLD) {
        (void)sim_release(e, o); /* the venue's own orders do not wait */
    }
}

static struct sim_terms stop_terms(struct sim_engine *e, struct sim_account *a,
                                   struct sim_instrument *i, const char *origin)
{
    struct decimal size = sim_position_of(a, e, i)->size;
    struct sim_terms t = { .instrument = i, .reduce_only = true, .foreign = true };

    t.side = decimal_sign(size) > 0 ? SIM_SELL : SIM_BUY;
    t.qty = sim_abs(size);
    t.signal = SIM_SIGNAL_LAST;
    t.extra.origin = origin;
    t.extra.with_position = true;
    t.extra.whole_position = true;
    t.extra.flags = BY_MARKET | BY_IOC | BY_CLOSE;
    return t;
}

bool by_position_stop(struct sim_engine *e, struct sim_account *a, struct sim_instrument *i,
                      enum sim_type type, struct decimal price, enum sim_signal signal)
{
    const char *origin = type == SIM_STP ? STOP_LOSS : TAKE_PROFIT;
    struct sim_order *old = by_find_stop(a, i, origin);
    struct sim_terms t = stop_terms(e, a, i, origin);

    if (decimal_sign(price) == 0) {
        if (old != NULL) {
            (void)sim_cancel(e, old, SIM_BY_USER);
        }
        return old != NULL;
    }
    if (old != NULL) {
        struct sim_change g = { .stop = price, .has_stop = true };

        return !decimal_equal(old->stop, price) && sim_edit(e, old, &g) == SIM_OK;
    }
    t.type = type;
    t.stop = price;
    t.has_stop = true;
    t.signal = signal;
    place_stop(e, a, &t);
    return true;
}

static bool set_trailing(struct by_call *c, struct sim_instrument *i, struct decimal distance)
{
    struct sim_order *old = by_find_stop(c->account, i, TRAILING);
    struct sim_terms t = stop_terms(c->engine, c->account, i, TRAILING);

    if (old != NULL && decimal_equal(old->trail, distance)) {
        return false;
    }
    if (old != NULL) {
        (void)sim_cancel(c->engine, old, SIM_BY_USER);
    }
    if (decimal_sign(distance) == 0) {
        return old != NULL;
    }
    t.type = SIM_TRAILING;
    t.trail = distance;
    t.trail_unit = SIM_UNIT_QUOTE;
    place_stop(c->engine, c->account, &t);
    return true;
}

static void add_partial(struct by_call *c, struct sim_instrument *i, struct by_item *it,
                        enum sim_type type, struct decimal price)
{
    bool profit = type == SIM_TAKE_PROFIT;
    struct sim_terms t = stop_terms(
        c->engine, c->account, i, profit ? "CreateByPartialTakeProfit" : "CreateByPartialStopLoss");

    t.extra.whole_position = false;
    t.type = type;
    t.stop = price;
    t.has_stop = true;
    if (!by_decimal(it, profit ? "tpSize" : "slSize", &t.qty)) {
        by_fail(it, 10001, "params error: %s is required", profit ? "tpSize" : "slSize");
        return;
    }
    if (bytes_is(by_text(it, profit ? "tpOrderType" : "slOrderType"), "Limit")) {
        t.has_price = by_decimal(it, profit ? "tpLimitPrice" : "slLimitPrice", &t.price);
        t.extra.flags = BY_CLOSE;
    }
    place_stop(c->engine, c->account, &t);
}

/* A take-profit is on the winning side of the market, a stop-loss on the losing one. */
static void side_check(struct by_item *it, const struct sim_instrument *i,
                       const struct sim_position *p, const char *name, struct decimal price,
                       bool winning)
{
    int want = (decimal_sign(p->size) > 0) == winning ? 1 : -1;

    if (decimal_sign(price) == 0) {
        return;
    }
    if (decimal_sign(price) < 0 || !decimal_is_multiple(price, i->tick) ||
        decimal_compare(price, i->last) != want) {
        by_fail(it, 10001, "%s:invalid for the position, base_price on the wrong side", name);
    }
}

struct stop_request {
    struct decimal take_profit, stop_loss, trailing;
    bool has_tp, has_sl, has_trailing, partial;
};

static void stop_read(struct by_call *c, struct by_item *it, struct sim_instrument *i,
                      struct stop_request *r)
{
    const struct sim_position *p = sim_position_of(c->account, c->engine, i);
    struct bytes mode = by_text(it, "tpslMode");

    r->has_tp = by_decimal(it, "takeProfit", &r->take_profit);
    r->has_sl = by_decimal(it, "stopLoss", &r->stop_loss);
    r->has_trailing = by_decimal(it, "trailingStop", &r->trailing);
    r->partial = bytes_is(mode, "Partial");
    if (!r->partial && !bytes_is(mode, "Full")) {
        by_fail(it, 10001, "params error: tpslMode invalid");
    }
    if (by_int(it, "positionIdx", -1) != 0) {
        by_fail(it, 10001, "params error: position idx not match position mode");
    }
    if (!r->has_tp && !r->has_sl && !r->has_trailing) {
        by_fail(it, 10001, "params error: takeProfit, stopLoss or trailingStop is required");
    }
    if (decimal_sign(p->size) == 0) {
        by_fail(it, 10001, "can not set tp/sl/ts for zero position");
    }
    if (r->has_tp) {
        side_check(it, i, p, "TakeProfit", r->take_profit, true);
    }
    if (r->has_sl) {
        side_check(it, i, p, "StopLoss", r->stop_loss, false);
    }
    if (!r->partial && (bytes_is(by_text(it, "tpOrderType"), "Limit") ||
                        bytes_is(by_text(it, "slOrderType"), "Limit"))) {
        by_fail(it, 10001, "params error: Limit needs tpslMode Partial");
    }
}

static size_t partial_count(const struct sim_account *a, const struct sim_instrument *i)
{
    const struct sim_order *o;
    size_t count = 0;

    for (o = a->open_first; o != NULL; o = o->open_next) {
        count += o->instrument == i && o->extra.with_position && !o->extra.whole_position ? 1 : 0;
    }
    return count;
}

/* True: something changed. */
static bool stop_apply(struct by_call *c, struct by_item *it, struct sim_instrument *i,
                       const struct stop_request *r)
{
    bool changed = false;

    if (r->partial) {
        if (partial_count(c->account, i) >= PARTIAL_MAX) {
            by_fail(it, 110061, "Not allowed to have more than 20 TP/SLs under Partial tpSlMode");
            return false;
        }
        if (r->has_tp && decimal_sign(r->take_profit) > 0) {
            add_partial(c, i, it, SIM_TAKE_PROFIT, r->take_profit);
        }
        if (r->has_sl && decimal_sign(r->stop_loss) > 0) {
            add_partial(c, i, it, SIM_STP, r->stop_loss);
        }
        changed = true;
    } else {
        if (r->has_tp) {
            changed |= by_position_stop(c->engine, c->account, i, SIM_TAKE_PROFIT, r->take_profit,
                                        SIM_SIGNAL_LAST);
        }
        if (r->has_sl) {
            changed |=
                by_position_stop(c->engine, c->account, i, SIM_STP, r->stop_loss, SIM_SIGNAL_LAST);
        }
    }
    if (r->has_trailing) {
        changed |= set_trailing(c, i, r->trailing);
    }
    return changed;
}

void by_trading_stop(struct by_call *c)
{
    struct by_item it = { .json = c->json };
    struct sim_instrument *i = sim_instrument_find(c->engine, by_arg(c, "symbol"));
    struct stop_request r = { .partial = false };

    if (!by_category(c)) {
        return;
    }
    if (i == NULL || !by_in_category(c, i)) {
        by_error(c, 10001, "params error: symbol invalid");
        return;
    }
    stop_read(c, &it, i, &r);
    if (it.code == 0 && !stop_apply(c, &it, i, &r)) {
        by_fail(&it, 34040, "not modified");
    }
    if (it.code != 0) {
        by_error(c, it.code, "%s", it.text);
        return;
    }
    audit_note(&c->sim->audit, c->engine->now_us, "trading_stop", i->symbol, NULL);
    by_begin(c);
    buf_text(c->out, "{}");
    by_end(c);
}

/* ---- what follows from executions ---------------------------------------------------------- */

static void end_stops(struct sim_engine *e, struct sim_account *a, const struct sim_instrument *i)
{
    struct sim_order *o = a->open_first;

    while (o != NULL) {
        struct sim_order *next = o->open_next;

        if (o->instrument == i && o->extra.with_position) {
            sim_end_cancelled(e, o, SIM_BY_NOT_REDUCING);
        }
        o = next;
    }
}

static void attach(struct sim_engine *e, struct sim_account *a, const struct sim_order *o)
{
    if (decimal_sign(sim_position_of(a, e, o->instrument)->size) != (o->side == SIM_BUY ? 1 : -1)) {
        return;
    }
    if (decimal_sign(o->extra.take_profit) > 0) {
        (void)by_position_stop(e, a, o->instrument, SIM_TAKE_PROFIT, o->extra.take_profit,
                               SIM_SIGNAL_LAST);
    }
    if (decimal_sign(o->extra.stop_loss) > 0) {
        (void)by_position_stop(e, a, o->instrument, SIM_STP, o->extra.stop_loss, SIM_SIGNAL_LAST);
    }
}

void by_settle(struct sim *s)
{
    struct sim_engine *e = s->engine;
    size_t n;

    for (n = 0; n < e->account_count; n++) {
        struct sim_account *a = e->account[n];
        struct by_account *own = a->auth;

        by_refresh(s, own);
        for (; own->exec_seen < a->exec_count; own->exec_seen++) {
            struct sim_order *o = a->exec[own->exec_seen]->order;

            attach(e, a, o);
            if (decimal_sign(sim_position_of(a, e, o->instrument)->size) == 0) {
                end_stops(e, a, o->instrument);
            }
        }
    }
}
