/*
 * Bybit V5: one order's parameters from JSON: there, of the right JSON type, well formed, and
 * possible at this moment. What the venue answers at once is decided here; what its engine decides
 * later is venuesim_bybit_orders.c.
 */
#include "venuesim_bybit.h"

#include <cjson/cJSON.h>
#include <stdarg.h>

#define ORDERS_MAX 500  /* active, per symbol */
#define TRIGGERS_MAX 10 /* conditional, per symbol */
#define LINK_ID_MAX 36

static const struct decimal size_most = { INT64_C(1000000000), 0 };

void by_fail(struct by_item *it, int code, const char *format, ...)
{
    va_list list;

    if (it->code != 0) {
        return; /* the first mistake is the one that is told */
    }
    it->code = code;
    va_start(list, format);
    (void)vsnprintf(it->text, sizeof it->text, format, list);
    va_end(list);
}

/* ---- members ------------------------------------------------------------------------------- */

struct bytes by_text(struct by_item *it, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(it->json, name);

    if (member == NULL) {
        return (struct bytes){ NULL, 0 };
    }
    if (!cJSON_IsString(member)) {
        by_fail(it, 10001, "params error: %s must be a string", name);
        return (struct bytes){ NULL, 0 };
    }
    return bytes_of(member->valuestring);
}

bool by_decimal(struct by_item *it, const char *name, struct decimal *out)
{
    struct bytes text = by_text(it, name);

    if (text.size == 0) {
        return false;
    }
    if (!decimal_parse(text, out) || decimal_compare(sim_abs(*out), size_most) > 0) {
        by_fail(it, 10001, "params error: %s invalid", name);
        return false;
    }
    return true;
}

bool by_flag(struct by_item *it, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(it->json, name);

    if (member != NULL && !cJSON_IsBool(member)) {
        by_fail(it, 10001, "params error: %s must be a boolean", name);
    }
    return cJSON_IsTrue(member);
}

int by_int(struct by_item *it, const char *name, int otherwise)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(it->json, name);

    if (member == NULL) {
        return otherwise;
    }
    if (!cJSON_IsNumber(member)) {
        by_fail(it, 10001, "params error: %s must be a number", name);
        return otherwise;
    }
    return member->valueint;
}

static void one_of(struct by_item *it, const char *name, const char *const *words, int *out)
{
    struct bytes text = by_text(it, name);
    int n;

    if (text.size == 0) {
        return;
    }
    for (n = 0; words[n] != NULL; n++) {
        if (bytes_is(text, words[n])) {
            *out = n;
            return;
        }
    }
    by_fail(it, 10001, "params error: %s invalid", name);
}

static enum sim_signal signal_of(struct by_item *it, const char *name)
{
    static const char *const words[] = { "MarkPrice", "IndexPrice", "LastPrice", NULL };
    int found = SIM_SIGNAL_LAST;

    one_of(it, name, words, &found);
    return (enum sim_signal)found;
}

static struct sim_instrument *symbol_of(struct by_call *c, struct by_item *it)
{
    struct sim_instrument *i = sim_instrument_find(c->engine, by_text(it, "symbol"));

    if (i == NULL || !by_in_category(c, i)) {
        by_fail(it, 10001, "params error: symbol invalid %.*s",
                BYTES_ARG(text_json_get(it->json, "symbol")));
        return NULL;
    }
    return i;
}

/* ---- create -------------------------------------------------------------------------------- */

static void read_ways(struct by_item *it)
{
    static const char *const sides[] = { "Buy", "Sell", NULL };
    static const char *const types[] = { "Market", "Limit", NULL };
    static const char *const tifs[] = { "GTC", "IOC", "FOK", "PostOnly", NULL };
    static const enum sim_type tif_types[] = { SIM_LMT, SIM_IOC, SIM_FOK, SIM_POST };
    static const uint32_t tif_flags[] = { 0, BY_IOC, BY_FOK, BY_POST };
    struct sim_terms *t = &it->terms;
    int side = -1;
    int type = -1;
    int tif = 0;

    one_of(it, "side", sides, &side);
    one_of(it, "orderType", types, &type);
    one_of(it, "timeInForce", tifs, &tif);
    if (side < 0 || type < 0) {
        by_fail(it, 10001, "params error: %s invalid", side < 0 ? "Side" : "OrderType");
        return;
    }
    t->side = side == 0 ? SIM_BUY : SIM_SELL;
    if (type == 0) {
        t->type = SIM_MKT;
        t->extra.flags |= BY_MARKET | BY_IOC;
        return;
    }
    t->type = tif_types[tif];
    t->extra.then = tif_types[tif];
    t->extra.flags |= tif_flags[tif];
}

static void read_stp(struct by_item *it)
{
    static const char *const words[] = { "None", "CancelMaker", "CancelTaker", "CancelBoth", NULL };
    static const enum sim_stp ways[] = { SIM_STP_NONE, SIM_CANCEL_MAKER_ANY, SIM_REJECT_TAKER,
                                         SIM_STP_CANCEL_BOTH };
    int found = 0;

    one_of(it, "smpType", words, &found);
    it->terms.extra.has_stp = true;
    it->terms.extra.stp = ways[found];
}

/* The bounds of the allowed band; false: the market has none. */
static bool band_breached(const struct sim_instrument *i, enum sim_side side, struct decimal price,
                          struct decimal *nearest)
{
    struct decimal room = sim_div_round(sim_mul_round(i->mark, i->collar_percent, 10),
                                        (struct decimal){ 100, 0 }, 10);

    if (decimal_sign(i->collar_percent) == 0) {
        return false;
    }
    *nearest = side == SIM_BUY ? sim_add(i->mark, room) : sim_sub(i->mark, room);
    *nearest = sim_round_to(*nearest, i->tick);
    if (side == SIM_BUY) {
        return decimal_compare(price, *nearest) > 0;
    }
    if (decimal_compare(*nearest, sim_sub(i->mark, room)) < 0) {
        *nearest = sim_add(*nearest, i->tick);
    }
    return decimal_compare(price, *nearest) < 0;
}

/* Beyond the band a price is moved silently, unless the account asked for a refusal. */
static void fit_price(struct by_call *c, struct by_item *it, const struct sim_instrument *i,
                      enum sim_side side, struct decimal *price)
{
    struct decimal nearest;

    if (decimal_sign(*price) <= 0 || !decimal_is_multiple(*price, i->tick)) {
        by_fail(it, 10001, "params error: Price invalid");
    } else if (band_breached(i, side, *price, &nearest)) {
        if (c->own->price_refused) {
            by_fail(it, 110003, "Order price exceeds the allowable range.");
        }
        *price = nearest;
    }
}

static void read_price(struct by_call *c, struct by_item *it)
{
    struct sim_terms *t = &it->terms;

    if (t->type == SIM_MKT) {
        return; /* ignored for Market */
    }
    t->has_price = by_decimal(it, "price", &t->price);
    if (!t->has_price) {
        by_fail(it, 10001, "params error: Price invalid");
    } else if (t->instrument != NULL) {
        fit_price(c, it, t->instrument, t->side, &t->price);
    }
}

static struct decimal now_at(const struct sim_instrument *i, enum sim_signal signal)
{
    if (signal == SIM_SIGNAL_LAST) {
        return i->last;
    }
    return signal == SIM_SIGNAL_MARK ? i->mark : i->index;
}

static void read_trigger(struct by_item *it)
{
    struct sim_terms *t = &it->terms;
    const struct sim_instrument *i = t->instrument;
    int direction = by_int(it, "triggerDirection", 0);
    int order;

    t->signal = signal_of(it, "triggerBy");
    t->has_stop = by_decimal(it, "triggerPrice", &t->stop);
    if (!t->has_stop || i == NULL) {
        return;
    }
    if (decimal_sign(t->stop) <= 0 || !decimal_is_multiple(t->stop, i->tick)) {
        by_fail(it, 10001, "params error: TriggerPrice invalid");
    }
    if (direction != 1 && direction != 2) {
        by_fail(it, 10001, "params error: TriggerDirection invalid");
    }
    order = decimal_compare(t->stop, now_at(i, t->signal));
    if (direction == 1 && order <= 0) {
        by_fail(it, 110092, "expect Rising, but trigger_price <= current");
    } else if (direction == 2 && order >= 0) {
        by_fail(it, 110093, "expect Falling, but trigger_price >= current");
    }
    t->type = (direction == 1) == (t->side == SIM_BUY) ? SIM_STP : SIM_TAKE_PROFIT;
    t->extra.origin = "CreateByStopOrder";
}

static struct decimal closable(struct by_call *c, const struct sim_terms *t)
{
    struct decimal size = sim_position_of(c->account, c->engine, t->instrument)->size;

    return decimal_sign(size) == (t->side == SIM_BUY ? -1 : 1) ? sim_abs(size) : DECIMAL_ZERO;
}

static void read_qty(struct by_call *c, struct by_item *it)
{
    struct sim_terms *t = &it->terms;

    if (!by_decimal(it, "qty", &t->qty)) {
        by_fail(it, 10001, "params error: Qty invalid");
        return;
    }
    if (t->instrument == NULL || it->code != 0) {
        return;
    }
    if (t->reduce_only && !t->has_stop && decimal_sign(closable(c, t)) == 0) {
        by_fail(it, 110017, "current position is zero, cannot fix reduce-only order qty");
    } else if (decimal_sign(t->qty) == 0 && t->reduce_only && (t->extra.flags & BY_CLOSE) != 0) {
        t->qty = closable(c, t);
    } else if (decimal_sign(t->qty) <= 0 || !decimal_is_multiple(t->qty, t->instrument->step)) {
        by_fail(it, 10001, "params error: Qty invalid");
    } else if (decimal_compare(t->qty, t->instrument->max_position) > 0) {
        by_fail(it, 10001, "params error: Qty invalid, above the maximum order size");
    }
}

static void read_tpsl(struct by_item *it)
{
    struct sim_terms *t = &it->terms;
    struct decimal base;
    bool tp = by_decimal(it, "takeProfit", &t->extra.take_profit);
    bool sl = by_decimal(it, "stopLoss", &t->extra.stop_loss);
    int want = t->side == SIM_BUY ? 1 : -1;

    (void)signal_of(it, "tpTriggerBy");
    (void)signal_of(it, "slTriggerBy");
    if ((!tp && !sl) || t->instrument == NULL) {
        return;
    }
    if (t->reduce_only) {
        by_fail(it, 10001, "params error: reduceOnly excludes takeProfit and stopLoss");
    }
    base = t->has_price ? t->price : t->instrument->last;
    if (tp && decimal_sign(t->extra.take_profit) != 0 &&
        decimal_compare(t->extra.take_profit, base) != want) {
        by_fail(it, 10001, "TakeProfit set for %s position should be %s than base_price",
                want > 0 ? "Buy" : "Sell", want > 0 ? "higher" : "lower");
    }
    if (sl && decimal_sign(t->extra.stop_loss) != 0 &&
        decimal_compare(t->extra.stop_loss, base) != -want) {
        by_fail(it, 10001, "StopLoss set for %s position should be %s than base_price",
                want > 0 ? "Buy" : "Sell", want > 0 ? "lower" : "higher");
    }
}

static void read_link_id(struct by_call *c, struct by_item *it)
{
    struct bytes id = by_text(it, "orderLinkId");
    size_t n;

    it->client_id = id;
    it->terms.client_id = id;
    for (n = 0; n < id.size; n++) {
        char ch = id.data[n];

        if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
              ch == '-' || ch == '_')) {
            by_fail(it, 10001, "params error: orderLinkId invalid");
        }
    }
    if (id.size > LINK_ID_MAX) {
        by_fail(it, 10001, "params error: orderLinkId longer than 36");
    }
    /* A refused order uses its id up neither here nor, as far as known, at the venue. */
    if (it->code == 0 && id.size > 0 && sim_order_find(c->engine, c->account, BYTES(""), id)) {
        audit_duplicate(&c->sim->audit, c->engine->now_us,
                        sim_order_find(c->engine, c->account, BYTES(""), id));
        by_fail(it, 110072, "OrderLinkedID is duplicate");
    }
}

static void count_open(struct by_call *c, struct by_item *it)
{
    const struct sim_order *o;
    size_t orders = 0;
    size_t triggers = 0;

    for (o = c->account->open_first; o != NULL; o = o->open_next) {
        if (o->instrument == it->terms.instrument) {
            orders += o->state == SIM_OPEN ? 1 : 0;
            triggers += o->state == SIM_ARMED && !o->extra.with_position ? 1 : 0;
        }
    }
    if (it->terms.has_stop && triggers >= TRIGGERS_MAX) {
        by_fail(it, 110009, "The number of stop orders exceeds the maximum allowable limit");
    } else if (!it->terms.has_stop && orders >= ORDERS_MAX) {
        by_fail(it, 110020, "Not allowed to have more than 500 active orders");
    }
}

void by_read_create(struct by_call *c, struct by_item *it)
{
    struct sim_terms *t = &it->terms;

    t->instrument = symbol_of(c, it);
    read_ways(it);
    read_stp(it);
    t->reduce_only = by_flag(it, "reduceOnly");
    t->extra.flags |= by_flag(it, "closeOnTrigger") ? BY_CLOSE : 0;
    if (by_int(it, "positionIdx", 0) != 0) {
        by_fail(it, 10001, "params error: position idx not match position mode");
    }
    read_price(c, it);
    read_trigger(it);
    read_qty(c, it);
    read_tpsl(it);
    read_link_id(c, it);
    if (it->code == 0) {
        count_open(c, it);
    }
}

/* ---- amend and cancel ---------------------------------------------------------------------- */

static void find_order(struct by_call *c, struct by_item *it)
{
    struct sim_instrument *i = symbol_of(c, it);

    it->id = by_text(it, "orderId");
    it->client_id = by_text(it, "orderLinkId");
    if (it->code != 0) {
        return;
    }
    if (it->id.size == 0 && it->client_id.size == 0) {
        by_fail(it, 10001, "params error: OrderId or orderLinkId is required");
        return;
    }
    it->order =
        sim_order_find(c->engine, c->account, it->id, it->id.size > 0 ? BYTES("") : it->client_id);
    if (it->order == NULL || it->order->instrument != i || it->order->closed_us != 0) {
        it->order = NULL;
        by_fail(it, 110001, "order not exists or too late to %s",
                c->route->op[6] == 'a' ? "replace" : "cancel");
    }
}

void by_read_cancel(struct by_call *c, struct by_item *it)
{
    find_order(c, it);
}

static bool changes_nothing(const struct by_item *it)
{
    const struct sim_change *g = &it->change;
    const struct sim_order *o = it->order;

    return (!g->has_qty || decimal_equal(g->qty, o->qty)) &&
           (!g->has_price || decimal_equal(g->price, o->price)) &&
           (!g->has_stop || decimal_equal(g->stop, o->stop)) &&
           by_text((struct by_item *)it, "takeProfit").size == 0 &&
           by_text((struct by_item *)it, "stopLoss").size == 0;
}

void by_read_amend(struct by_call *c, struct by_item *it)
{
    struct sim_change *g = &it->change;

    find_order(c, it);
    if (it->order == NULL) {
        return;
    }
    g->qty_is_total = true;
    g->has_qty = by_decimal(it, "qty", &g->qty);
    g->has_price = by_decimal(it, "price", &g->price);
    g->has_stop = by_decimal(it, "triggerPrice", &g->stop);
    if (g->has_qty &&
        (decimal_sign(g->qty) <= 0 || !decimal_is_multiple(g->qty, it->order->instrument->step))) {
        by_fail(it, 10001, "params error: Qty invalid");
    }
    if (g->has_qty && decimal_compare(g->qty, it->order->filled) <= 0) {
        by_fail(it, 110064, "The new qty must be above the filled qty");
    }
    if (g->has_price) {
        fit_price(c, it, it->order->instrument, it->order->side, &g->price);
    }
    if (g->has_stop && (it->order->state != SIM_ARMED || decimal_sign(g->stop) <= 0 ||
                        !decimal_is_multiple(g->stop, it->order->instrument->tick))) {
        by_fail(it, 10001, "params error: TriggerPrice invalid");
    }
    if (it->code == 0 && changes_nothing(it)) {
        by_fail(it, 10001,
                "The order remains unchanged as the parameters entered match the "
                "existing ones.");
    }
}
