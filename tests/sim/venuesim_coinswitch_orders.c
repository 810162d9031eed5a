/*
 * CoinSwitch: orders taken and cancelled. Both answers only say that it was raised; what becomes of
 * it happens a short delay later and is seen by asking.
 */
#include "venuesim_coinswitch.h"

#include <cjson/cJSON.h>

#define CLIENT_ID_SIZE 36

/* ---- spelling ------------------------------------------------------------------------------ */

const char *cs_status(const struct sim_order *o)
{
    bool part = decimal_sign(o->filled) > 0;

    switch (o->state) {
    case SIM_HELD:
    case SIM_ARMED:
    case SIM_OPEN: return (o->extra.flags & CS_CANCEL_SENT) != 0 ? "CANCELLATION_RAISED" : "RAISED";
    case SIM_FILLED: return "EXECUTED";
    case SIM_CANCELLED:
        /* Both words are terminal and both may have executions: another hand's cancel shows the
         * plain one. */
        return part && (o->reason == SIM_BY_USER || o->reason == SIM_BY_IOC) ? "PARTIALLY_EXECUTED"
                                                                             : "CANCELLED";
    case SIM_REJECTED: return o->error == SIM_NO_LIQUIDITY ? "CANCELLED" : "FAILED";
    }
    return "";
}

static const char *type_word(const struct sim_order *o)
{
    if ((o->extra.flags & CS_CLOSES_ALL) != 0) {
        return (o->extra.flags & CS_TAKE_PROFIT) != 0 ? "TAKE_PROFIT_MARKET" : "STOP_MARKET";
    }
    return (o->extra.flags & CS_MARKET_ORDER) != 0 ? "MARKET" : "LIMIT";
}

static struct decimal average(const struct sim_order *o)
{
    return decimal_sign(o->filled) == 0
               ? DECIMAL_ZERO
               : sim_div_round(o->value, o->filled, o->instrument->tick.scale + 6);
}

/* Before anything is executed the venue shows an estimate. */
static struct decimal fee(const struct sim_order *o)
{
    struct decimal price = o->has_price ? o->price : o->instrument->mark;

    return decimal_sign(o->filled) > 0
               ? o->fee
               : sim_mul_round(sim_mul_round(o->qty, price, 8), (struct decimal){ 65, 5 }, 8);
}

static void bool_member(struct buf *out, const char *name, bool value)
{
    buf_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void ms_member(struct buf *out, const char *name, int64_t us)
{
    buf_printf(out, ",\"%s\":%lld", name, (long long)(us / US_PER_MS));
}

void cs_order_json(struct cs_call *c, const struct sim_order *o, bool cancel_names)
{
    struct buf *out = c->out;
    bool all = (o->extra.flags & CS_CLOSES_ALL) != 0 && !o->triggered;

    buf_printf(out, "{\"order_id\":\"%s\",\"exchange\":\"EXCHANGE_2\"", o->id);
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "side", o->side == SIM_BUY ? "BUY" : "SELL");
    text_member(out, "status", cs_status(o));
    text_member(out, "order_type", type_word(o));
    text_decimal_member(out, "quantity", all ? DECIMAL_ZERO : o->qty);
    text_decimal_member(out, "exec_quantity", o->filled);
    text_decimal_member(out, "price",
                        (o->extra.flags & (CS_MARKET_ORDER | CS_CLOSES_ALL)) != 0 ? DECIMAL_ZERO
                                                                                  : o->price);
    if ((o->extra.flags & CS_CLOSES_ALL) != 0) {
        text_decimal_member(out, "trigger_price", o->stop);
    }
    text_decimal_member(out, cancel_names ? "avg_exec_price" : "avg_execution_price", average(o));
    text_decimal_member(out, cancel_names ? "exec_fee" : "execution_fee", fee(o));
    text_member(out, "realised_pnl", "0");
    bool_member(out, "reduce_only", o->reduce_only);
    if (o->client_id[0] != '\0') {
        text_member(out, "client_order_id", o->client_id);
    }
    ms_member(out, "created_at", o->created_us);
    ms_member(out, "updated_at", o->updated_us);
    buf_char(out, '}');
}

/* ---- place: parameters --------------------------------------------------------------------- */

static bool one_of(struct cs_call *c, const char *name, const char *const *words, unsigned *out)
{
    struct bytes text = cs_arg(c, name);

    for (*out = 0; words[*out] != NULL; ++*out) {
        if (bytes_is(text, words[*out])) {
            return true;
        }
    }
    return cs_invalid(c, name);
}

static bool flag(struct cs_call *c, const char *name, bool *out)
{
    const cJSON *typed = cJSON_GetObjectItemCaseSensitive(c->typed, name);

    *out = cJSON_IsTrue(typed);
    return typed == NULL || cJSON_IsBool(typed) || cs_invalid(c, name);
}

static bool is_uuid(struct bytes id)
{
    size_t n;

    for (n = 0; n < id.size; n++) {
        char ch = id.data[n];
        bool dash = n == 8 || n == 13 || n == 18 || n == 23;
        bool hex = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F');

        if (dash ? ch != '-' : !hex) {
            return false;
        }
    }
    return id.size == CLIENT_ID_SIZE;
}

static bool read_words(struct cs_call *c, struct sim_terms *t)
{
    static const char *const sides[] = { "BUY", "SELL", NULL };
    static const char *const types[] = { "MARKET", "LIMIT", "TAKE_PROFIT_MARKET", "STOP_MARKET",
                                         NULL };
    static const char *const forces[] = { "GTC", "IOC", "FOK", NULL };
    static const enum sim_type ways[] = { SIM_LMT, SIM_IOC, SIM_FOK };
    static const enum sim_type kinds[] = { SIM_MKT, SIM_LMT, SIM_TAKE_PROFIT, SIM_STP };
    static const uint32_t flags[] = { CS_MARKET_ORDER, 0, CS_CLOSES_ALL | CS_TAKE_PROFIT,
                                      CS_CLOSES_ALL };
    unsigned side;
    unsigned type;
    unsigned force = 0;

    if (!cs_need(c, "side") || !one_of(c, "side", sides, &side) || !cs_need(c, "order_type") ||
        !one_of(c, "order_type", types, &type) || !flag(c, "reduce_only", &t->reduce_only)) {
        return false;
    }
    if (cs_arg(c, "time_in_force").size > 0 && !one_of(c, "time_in_force", forces, &force)) {
        return false;
    }
    t->side = side == 0 ? SIM_BUY : SIM_SELL;
    t->type = kinds[type] == SIM_LMT ? ways[force] : kinds[type];
    t->extra.flags = flags[type];
    t->extra.then = SIM_MKT;
    return true;
}

static bool quantity_fits(struct cs_call *c, const struct sim_terms *t)
{
    const struct sim_instrument *i = t->instrument;

    if (decimal_sign(t->qty) <= 0 || decimal_compare(t->qty, i->step) < 0) {
        cs_error(c, 400, "Quantity is less than the minimum quantity");
        return false;
    }
    if (!decimal_is_multiple(t->qty, i->step)) {
        cs_error(c, 400, "Quantity is not a multiple of the step size");
        return false;
    }
    if (decimal_compare(t->qty, i->max_position) > 0) {
        cs_error(c, 400, "Quantity is more than the maximum quantity");
        return false;
    }
    return true;
}

static bool price_fits(struct cs_call *c, const char *name, const struct sim_instrument *i,
                       struct decimal price)
{
    if (decimal_sign(price) <= 0) {
        return cs_invalid(c, name);
    }
    if (!decimal_is_multiple(price, i->tick)) {
        cs_error(c, 400, "%s has more digits than the price precision of the symbol", name);
        return false;
    }
    return true;
}

/* A trigger closes the whole position: quantity 0 and reduce_only are what it must say. */
static bool read_trigger(struct cs_call *c, struct sim_terms *t)
{
    struct decimal size = sim_position_of(c->account, c->engine, t->instrument)->size;

    if (!t->has_stop) {
        return cs_need(c, "trigger_price");
    }
    if (decimal_sign(t->qty) != 0) {
        return cs_invalid(c, "quantity");
    }
    if (!t->reduce_only) {
        return cs_invalid(c, "reduce_only");
    }
    if (decimal_sign(size) != (t->side == SIM_SELL ? 1 : -1)) {
        cs_error(c, 400, "There is no open position to close");
        return false;
    }
    t->qty = sim_abs(size);
    t->has_price = false;
    t->signal = SIM_SIGNAL_LAST;
    t->extra.whole_position = true;
    return price_fits(c, "trigger_price", t->instrument, t->stop);
}

static bool read_numbers(struct cs_call *c, struct sim_terms *t)
{
    bool there;

    if (!cs_number(c, "quantity", &t->qty, &there)) {
        return false;
    }
    if (!there) {
        return cs_need(c, "quantity");
    }
    if (!cs_number(c, "price", &t->price, &t->has_price) ||
        !cs_number(c, "trigger_price", &t->stop, &t->has_stop)) {
        return false;
    }
    if ((t->extra.flags & CS_CLOSES_ALL) != 0) {
        return read_trigger(c, t);
    }
    t->has_stop = false; /* ignored, and so is a market order's price */
    if (t->type == SIM_MKT) {
        t->has_price = false;
    } else if (!t->has_price) {
        return cs_need(c, "price");
    } else if (!price_fits(c, "price", t->instrument, t->price)) {
        return false;
    }
    return quantity_fits(c, t);
}

static bool read_order(struct cs_call *c, struct sim_terms *t)
{
    struct bytes id = cs_arg(c, "client_order_id");

    if (!cs_exchange(c, true)) {
        return false;
    }
    t->instrument = cs_symbol(c);
    if (t->instrument == NULL || !read_words(c, t) || !read_numbers(c, t)) {
        return false;
    }
    if (id.size > 0 && !is_uuid(id)) {
        return cs_invalid(c, "client_order_id");
    }
    t->client_id = c->sim->options.forget_client_ids ? BYTES("") : id;
    t->extra.has_stp = true;
    t->extra.stp = SIM_STP_NONE;
    return true;
}

/* ---- place --------------------------------------------------------------------------------- */

static void engine_refused(struct cs_call *c, enum sim_result r)
{
    static const struct {
        enum sim_result result;
        const char *text;
    } texts[] = {
        { SIM_NO_FUNDS, "Amount is more than available balance" },
        { SIM_MAX_POSITION, "Position size is more than the risk limit" },
        { SIM_TOO_MANY, "Too many open orders" },
        { SIM_SUSPENDED, "Trading is not allowed on this symbol" },
        { SIM_INACTIVE, "Trading is not allowed on this symbol" },
        { SIM_POST_ONLY_MARKET, "Trading is not allowed on this symbol" },
        { SIM_BAD_PRICE, "Price is not valid" },
        { SIM_BAD_SIZE, "Quantity is not valid" },
        { SIM_COLLAR, "Price is out of the allowed range" },
    };
    size_t n;

    for (n = 0; n < ARRAY_LEN(texts); n++) {
        if (texts[n].result == r) {
            cs_error(c, 400, "%s", texts[n].text);
            return;
        }
    }
    cs_error(c, 400, "Order could not be placed");
}

struct cs_deed {
    struct sim_order *order;
};

static void release_deed(struct sim *s, void *context)
{
    struct cs_deed *d = context;

    if (d->order->state == SIM_HELD) { /* a fill by another hand may have released it */
        (void)sim_release(s->engine, d->order);
    }
}

static void cancel_deed(struct sim *s, void *context)
{
    struct cs_deed *d = context;

    d->order->extra.flags &= ~(uint32_t)CS_CANCEL_SENT;
    if (sim_cancel(s->engine, d->order, SIM_BY_USER) == SIM_ALREADY_FILLED) {
        audit_order(s->engine->audit, s->engine->now_us, "cancel_too_late", d->order, NULL);
    }
}

static void answer_order(struct cs_call *c, const struct sim_order *o, bool cancel_names)
{
    buf_text(c->out, "{\"data\":");
    cs_order_json(c, o, cancel_names);
    buf_char(c->out, '}');
    answer_note(&c->req->answer, "%s order_id=%s", cs_status(o), o->id);
}

/* The client's id again: the order that has it, and nothing new. */
static bool is_repeated(struct cs_call *c, const struct sim_terms *t)
{
    struct sim_order *o = sim_order_find(c->engine, c->account, BYTES(""), t->client_id);

    if (o == NULL) {
        return false;
    }
    audit_duplicate(&c->sim->audit, c->engine->now_us, o);
    answer_order(c, o, false);
    return true;
}

void cs_place(struct cs_call *c)
{
    struct sim_terms t = { 0 };
    struct cs_deed d = { NULL };
    enum sim_result r;

    if (!read_order(c, &t) || is_repeated(c, &t)) {
        return;
    }
    r = sim_place(c->engine, c->account, &t, &d.order);
    if (d.order == NULL) {
        engine_refused(c, r);
        return;
    }
    answer_order(c, d.order, false);
    if (r == SIM_HOLD) {
        sim_later(c->sim, d.order->instrument->hold_us, release_deed, &d, sizeof d);
    }
}

/* ---- cancel -------------------------------------------------------------------------------- */

static void cancel_later(struct cs_call *c, struct sim_order *o)
{
    struct cs_deed d = { o };

    o->extra.flags |= CS_CANCEL_SENT;
    audit_order(&c->sim->audit, c->engine->now_us, "cancel_acknowledged", o, NULL);
    sim_later(c->sim, o->instrument->hold_us, cancel_deed, &d, sizeof d);
}

void cs_cancel(struct cs_call *c)
{
    struct sim_order *o;

    if (!cs_exchange(c, true) || !cs_need(c, "order_id")) {
        return;
    }
    o = sim_order_find(c->engine, c->account, cs_arg(c, "order_id"), BYTES(""));
    if (o == NULL) {
        cs_error(c, 404, "Order not found");
    } else if (o->closed_us != 0) {
        cs_error(c, 400, "Order is already %s and cannot be cancelled", cs_status(o));
    } else if ((o->extra.flags & CS_CANCEL_SENT) != 0) {
        cs_error(c, 400, "Cancellation is already raised for this order");
    } else if (o->state == SIM_HELD) {
        cs_error(c, 400, "Order is being processed and cannot be cancelled now");
    } else {
        /* The answer is of this moment: raised, not done. */
        o->extra.flags |= CS_CANCEL_SENT;
        answer_order(c, o, true);
        cancel_later(c, o);
    }
}

void cs_cancel_all(struct cs_call *c)
{
    const struct sim_instrument *i = NULL;
    struct sim_order *o;
    const char *comma = "";

    if (!cs_exchange(c, true)) {
        return;
    }
    if (cs_arg(c, "symbol").size > 0) {
        i = cs_symbol(c);
        if (i == NULL) {
            return;
        }
    }
    buf_text(c->out, "{\"data\":{\"orders_ids\":[");
    o = c->account->open_first;
    while (o != NULL) {
        struct sim_order *next = o->open_next; /* a cancel without delay unlinks it */

        if (sim_is_live(o) && (o->extra.flags & CS_CANCEL_SENT) == 0 &&
            (i == NULL || o->instrument == i)) {
            buf_printf(c->out, "%s\"%s\"", comma, o->id);
            comma = ",";
            cancel_later(c, o);
        }
        o = next;
    }
    buf_text(c->out, "]}}");
}
