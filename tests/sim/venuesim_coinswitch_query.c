/*
 * CoinSwitch: questions about orders, positions and money; leverage and margin; instruments.
 */
#include "venuesim_coinswitch.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define LIST_MAX 50
#define WEEK_MS (INT64_C(7) * 24 * 3600 * 1000)

/* ---- one order ----------------------------------------------------------------------------- */

void cs_detail(struct cs_call *c)
{
    struct bytes id = cs_arg(c, "order_id");
    struct bytes client_id =
        c->sim->options.forget_client_ids ? BYTES("") : cs_arg(c, "client_order_id");
    const struct sim_order *o;

    if (!cs_exchange(c, false) || (client_id.size == 0 && !cs_need(c, "order_id"))) {
        return;
    }
    o = sim_order_find(c->engine, c->account, id, client_id);
    if (o == NULL) {
        cs_error(c, 404, "Order not found");
        return;
    }
    buf_text(c->out, "{\"data\":{\"order\":");
    cs_order_json(c, o, false);
    buf_text(c->out, "}}");
    answer_note(&c->req->answer, "%s", cs_status(o));
}

/* ---- lists --------------------------------------------------------------------------------- */

struct cs_filter {
    const struct sim_instrument *instrument;
    int64_t from_ms, to_ms, limit;
    struct bytes status;
};

static bool whole(struct cs_call *c, const char *name, int64_t most, int64_t *out)
{
    struct decimal value;
    bool there;

    if (!cs_number(c, name, &value, &there)) {
        return false;
    }
    if (!there) {
        return true;
    }
    if (decimal_normal(value).scale > 0 || decimal_sign(value) < 0 ||
        decimal_compare(value, (struct decimal){ most, 0 }) > 0) {
        return cs_invalid(c, name);
    }
    *out = sim_mul_round(value, (struct decimal){ 1, 0 }, 0).mantissa;
    return true;
}

static bool filter_read(struct cs_call *c, struct cs_filter *f)
{
    int64_t now_ms = c->engine->now_us / US_PER_MS;

    *f = (struct cs_filter){ .from_ms = -1, .to_ms = -1, .limit = LIST_MAX };
    f->status = cs_arg(c, "status");
    if (!cs_exchange(c, true) || !whole(c, "limit", LIST_MAX, &f->limit) ||
        !whole(c, "from_time", INT64_MAX / 4, &f->from_ms) ||
        !whole(c, "to_time", INT64_MAX / 4, &f->to_ms)) {
        return false;
    }
    f->to_ms = f->to_ms < 0 ? now_ms : f->to_ms;
    f->from_ms = f->from_ms < 0 ? f->to_ms - WEEK_MS : f->from_ms;
    if (f->from_ms > f->to_ms || f->to_ms - f->from_ms > WEEK_MS) {
        cs_error(c, 400, "from_time and to_time may be 7 days apart at most");
        return false;
    }
    if (f->status.size > 0 && !bytes_is(f->status, "EXECUTED") &&
        !bytes_is(f->status, "PARTIALLY_EXECUTED") && !bytes_is(f->status, "CANCELLED")) {
        return cs_invalid(c, "status");
    }
    if (cs_arg(c, "symbol").size > 0) {
        f->instrument = cs_symbol(c);
        return f->instrument != NULL;
    }
    return true;
}

static bool fits(const struct cs_call *c, const struct cs_filter *f, const struct sim_order *o,
                 bool open)
{
    int64_t at_ms = o->created_us / US_PER_MS;

    return o->account == c->account && (o->closed_us == 0) == open && at_ms >= f->from_ms &&
           at_ms <= f->to_ms && (f->instrument == NULL || o->instrument == f->instrument) &&
           (f->status.size == 0 || bytes_is(f->status, cs_status(o)));
}

static int newest_first(const void *a, const void *b)
{
    const struct sim_order *x = *(struct sim_order *const *)a;
    const struct sim_order *y = *(struct sim_order *const *)b;

    return (y->number > x->number) - (y->number < x->number);
}

static void list_write(struct cs_call *c, struct sim_order **list, size_t count)
{
    size_t n;

    buf_text(c->out, "{\"data\":{\"orders\":[");
    for (n = 0; n < count; n++) {
        buf_text(c->out, n == 0 ? "" : ",");
        cs_order_json(c, list[n], false);
    }
    if (count == 0) {
        buf_text(c->out, "],\"cursor\":null}}");
    } else {
        buf_printf(c->out, "],\"cursor\":%lld}}",
                   (long long)(list[count - 1]->created_us / US_PER_MS));
    }
    answer_note(&c->req->answer, "%zu orders", count);
}

static void orders(struct cs_call *c, bool open)
{
    struct sim_order **list = NULL;
    struct sim_order *o;
    struct cs_filter f;
    size_t count = 0;
    size_t capacity = 0;

    if (!filter_read(c, &f)) {
        return;
    }
    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        if (fits(c, &f, o, open)) {
            list = sim_grow(list, count, &capacity, sizeof(struct sim_order *));
            list[count++] = o;
        }
    }
    if (count > 1) {
        qsort(list, count, sizeof(struct sim_order *), newest_first);
    }
    list_write(c, list, count < (size_t)f.limit ? count : (size_t)f.limit);
    free(list);
}

void cs_open_orders(struct cs_call *c)
{
    orders(c, true);
}

void cs_closed_orders(struct cs_call *c)
{
    orders(c, false);
}

/* ---- positions ----------------------------------------------------------------------------- */

static struct decimal leverage_of(const struct cs_call *c, const struct sim_instrument *i)
{
    const struct sim_position *p = sim_position_of(c->account, c->engine, i);

    return p->has_leverage ? p->max_leverage : (struct decimal){ 10, 0 };
}

static void position_write(struct cs_call *c, const struct sim_instrument *i)
{
    const struct sim_position *p = sim_position_of(c->account, c->engine, i);
    struct decimal value = sim_mul_round(sim_abs(p->size), p->price, 8);
    struct buf *out = c->out;

    buf_printf(out,
               "{\"exchange\":\"EXCHANGE_2\","
               "\"position_id\":\"8b81b763-df36-4c93-9bc8-%012zu\"",
               (size_t)(i - c->engine->instrument));
    text_member(out, "symbol", i->symbol);
    text_member(out, "position_side", decimal_sign(p->size) > 0 ? "LONG" : "SHORT");
    text_decimal_member(out, "leverage", leverage_of(c, i));
    text_decimal_member(out, "position_size", sim_abs(p->size));
    text_decimal_member(out, "position_value", value);
    text_decimal_member(out, "position_margin", sim_div_round(value, leverage_of(c, i), 8));
    text_member(out, "maint_margin", "0");
    text_decimal_member(out, "avg_entry_price", p->price);
    text_decimal_member(out, "mark_price", i->mark);
    text_decimal_member(out, "last_price", i->last);
    text_decimal_member(out, "unrealised_pnl",
                        sim_mul_round(p->size, sim_sub(i->mark, p->price), 8));
    text_member(out, "liquidation_price", "0");
    text_member(out, "margin_type", "ISOLATED");
    text_member(out, "status", "OPEN");
    buf_printf(out, ",\"created_at\":%lld,\"updated_at\":%lld}",
               (long long)(p->fill_us / US_PER_MS), (long long)(p->fill_us / US_PER_MS));
}

void cs_positions(struct cs_call *c)
{
    const struct sim_instrument *only = NULL;
    size_t count = 0;
    size_t n;

    if (!cs_exchange(c, true)) {
        return;
    }
    if (cs_arg(c, "symbol").size > 0) {
        only = cs_symbol(c);
        if (only == NULL) {
            return;
        }
    }
    buf_text(c->out, "{\"data\":[");
    for (n = 0; n < c->engine->instrument_count; n++) {
        const struct sim_instrument *i = &c->engine->instrument[n];

        if (decimal_sign(sim_position_of(c->account, c->engine, i)->size) != 0 &&
            (only == NULL || only == i)) {
            buf_text(c->out, count++ == 0 ? "" : ",");
            position_write(c, i);
        }
    }
    buf_text(c->out, "]}");
    if (count == 0) {
        cs_message(c, "There are no open Positions");
    }
}

/* ---- leverage, margin, money --------------------------------------------------------------- */

static bool busy(const struct cs_call *c, const struct sim_instrument *i)
{
    const struct sim_order *o;

    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        if (o->account == c->account && o->instrument == i && o->closed_us == 0) {
            return true;
        }
    }
    return decimal_sign(sim_position_of(c->account, c->engine, i)->size) != 0;
}

static void leverage_answer(struct cs_call *c, const struct sim_instrument *i)
{
    buf_printf(c->out, "{\"data\":{\"exchange\":\"EXCHANGE_2\",\"symbol\":\"%s\"", i->symbol);
    text_decimal_member(c->out, "leverage", leverage_of(c, i));
    buf_text(c->out, "}}");
}

void cs_set_leverage(struct cs_call *c)
{
    const struct sim_instrument *i = cs_exchange(c, true) ? cs_symbol(c) : NULL;
    struct sim_position *p;
    int64_t leverage = 0;

    if (i == NULL || !whole(c, "leverage", 25, &leverage)) {
        return;
    }
    if (leverage == 0) {
        (void)(cs_need(c, "leverage") && cs_invalid(c, "leverage"));
        return;
    }
    if (busy(c, i)) {
        cs_error(c, 400, "Leverage cannot be updated with open positions or open orders");
        return;
    }
    p = sim_position_of(c->account, c->engine, i);
    p->max_leverage = (struct decimal){ leverage, 0 };
    p->has_leverage = true;
    leverage_answer(c, i);
}

void cs_get_leverage(struct cs_call *c)
{
    const struct sim_instrument *i = cs_exchange(c, true) ? cs_symbol(c) : NULL;

    if (i != NULL) {
        leverage_answer(c, i);
    }
}

void cs_add_margin(struct cs_call *c)
{
    const struct sim_instrument *i = cs_exchange(c, true) ? cs_symbol(c) : NULL;
    struct decimal margin;
    bool there;

    if (i == NULL || !cs_number(c, "margin", &margin, &there)) {
        return;
    }
    if (!there || decimal_sign(margin) <= 0) {
        (void)(cs_need(c, "margin") && cs_invalid(c, "margin"));
    } else if (decimal_sign(sim_position_of(c->account, c->engine, i)->size) == 0) {
        cs_error(c, 400, "There are no open Positions");
    } else {
        buf_printf(c->out, "{\"data\":{\"exchange\":\"EXCHANGE_2\",\"symbol\":\"%s\"", i->symbol);
        text_decimal_member(c->out, "margin", margin);
        buf_text(c->out, "}}");
    }
}

void cs_wallet(struct cs_call *c)
{
    const char *total = c->account->no_funds ? "0" : "1000000";

    if (!cs_exchange(c, false)) {
        return;
    }
    buf_text(c->out, "{\"data\":{\"base_asset_balances\":[{\"base_asset\":\"USDT\",\"balances\":{");
    buf_printf(c->out,
               "\"total_balance\":\"%s\",\"total_available_balance\":\"%s\","
               "\"total_blocked_balance\":\"0\",\"total_position_margin\":\"0\","
               "\"total_open_order_margin\":\"0\"}}],\"asset\":[]}}",
               total, total);
}

void cs_transactions(struct cs_call *c)
{
    struct bytes type = cs_arg(c, "type");
    const char *comma = "";
    size_t n;

    if (!cs_exchange(c, true)) {
        return;
    }
    buf_text(c->out, "{\"data\":[");
    for (n = 0; n < c->account->exec_count; n++) {
        const struct sim_exec *x = c->account->exec[n];
        struct bytes symbol = cs_arg(c, "symbol");

        if ((type.size > 0 && !bytes_is(type, "COMMISSION")) ||
            (symbol.size > 0 && !cs_same_word(symbol, x->order->instrument->symbol))) {
            continue;
        }
        buf_printf(c->out, "%s{\"exchange\":\"EXCHANGE_2\",\"transaction_id\":\"%s\"", comma,
                   x->id);
        text_member(c->out, "symbol", x->order->instrument->symbol);
        text_member(c->out, "type", "COMMISSION");
        text_member(c->out, "quote_asset", "USDT");
        text_decimal_member(c->out, "amount", sim_neg(x->fee));
        buf_char(c->out, '}');
        comma = ",";
    }
    buf_text(c->out, "]}");
}

/* ---- the market ---------------------------------------------------------------------------- */

static void lower(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":\"", name);
    for (; *text != '\0'; text++) {
        buf_char(out, *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text);
    }
    buf_char(out, '"');
}

static void instrument_write(struct cs_call *c, const struct sim_instrument *i)
{
    struct buf *out = c->out;

    buf_printf(out, "\"%s\":{\"exchange\":\"EXCHANGE_2\"", i->symbol);
    lower(out, "symbol", i->base); /* only the base: the key is the symbol */
    lower(out, "base_asset", i->base);
    lower(out, "quote_asset", i->quote_currency);
    text_member(out, "status", i->suspended || i->expired ? "SUSPENDED" : "TRADING");
    text_member(out, "type", i->type);
    text_member(out, "min_leverage", "1");
    text_member(out, "max_leverage", "25");
    buf_text(out, ",\"leverage_step\":1");
    text_decimal_member(out, "min_base_quantity", i->step);
    text_decimal_member(out, "base_quantity_step_size", i->step);
    text_decimal_member(out, "lot_size", i->step);
    buf_printf(out, ",\"quantity_precision\":%d,\"price_precision\":%d,\"tick_size\":1",
               decimal_normal(i->step).scale, i->tick.scale);
    text_decimal_member(out, "max_market_base_quantity", i->max_position);
    text_decimal_member(out, "max_base_quantity", i->max_position);
    text_member(out, "risk_limit", "1000000");
    text_member(out, "maint_margin_rate", "0.56");
    text_member(out, "taker_fee_rate", "0.00065");
    text_member(out, "maker_fee_rate", "0.00024");
    buf_char(out, '}');
}

void cs_instruments(struct cs_call *c)
{
    size_t n;

    if (!cs_exchange(c, true)) {
        return;
    }
    buf_text(c->out, "{\"data\":{");
    for (n = 0; n < c->engine->instrument_count; n++) {
        buf_text(c->out, n == 0 ? "" : ",");
        instrument_write(c, &c->engine->instrument[n]);
    }
    buf_text(c->out, "}}");
}

void cs_time(struct cs_call *c)
{
    buf_printf(c->out, "{\"serverTime\":%lld}", (long long)(c->engine->now_us / US_PER_MS));
}
