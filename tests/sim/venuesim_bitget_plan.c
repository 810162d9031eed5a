/*
 * Bitget v2: trigger orders and the stops of a position ("plan" orders). They are no ordinary
 * orders: other calls, other lists; when one fires, the order it places has an id of its own.
 */
#include "venuesim_bitget.h"

#include "assert.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define CANCEL_MAX 50

/* ---- placing ------------------------------------------------------------------------------- */

static void give_child_id(struct bg_call *c, struct sim_order *o)
{
    sim_uuid(c->engine, o->child_id);
    if (!map_put(c->engine->by_id, bytes_of(o->child_id), o)) {
        UNREACHABLE();
    }
}

static void place_armed(struct bg_call *c, struct bg_item *it)
{
    enum sim_result result;

    it->terms.extra.flags |= BG_PLAN;
    result = sim_place(c->engine, c->account, &it->terms, &it->order);
    if (it->order == NULL) {
        bg_engine_refused(it, result);
        return;
    }
    give_child_id(c, it->order);
    bg_release_now(c->engine, it->order); /* it is armed as soon as it is acknowledged */
}

static void answer(struct bg_call *c, const struct bg_item *it)
{
    if (it->code != NULL) {
        bg_error(c, it->code, "%s", it->text);
        return;
    }
    bg_begin(c);
    buf_printf(c->out, "{\"orderId\":\"%s\"", it->order->id);
    text_member(c->out, "clientOid", it->order->client_id);
    buf_char(c->out, '}');
    bg_end(c);
}

static enum sim_signal signal_of(struct bg_item *it, const char *name, bool needed)
{
    struct bytes text = bg_text(it, name);

    if (bytes_is(text, "mark_price")) {
        return SIM_SIGNAL_MARK;
    }
    if (!bytes_is(text, "fill_price") && (text.size > 0 || needed)) {
        bg_fail(it, text.size > 0 ? "40017" : "40811", "Parameter verification failed %s", name);
    }
    return SIM_SIGNAL_LAST;
}

static void set_direction(struct sim_terms *t)
{
    struct decimal now = t->signal == SIM_SIGNAL_MARK ? t->instrument->mark : t->instrument->last;
    bool rises = decimal_compare(t->stop, now) > 0;

    t->type = rises == (t->side == SIM_BUY) ? SIM_STP : SIM_TAKE_PROFIT;
}

void bg_place_plan(struct bg_call *c)
{
    struct bg_item it = { .json = c->json };
    struct sim_terms *t = &it.terms;
    struct bytes type = bg_arg(c, "planType");

    if (!bg_product(c)) {
        return;
    }
    bg_read_place(c, &it);
    t->signal = signal_of(&it, "triggerType", true);
    if (bytes_is(type, "track_plan")) {
        t->type = SIM_TRAILING;
        t->trail_unit = SIM_UNIT_PERCENT;
        if (!bg_decimal(&it, "callbackRatio", &t->trail)) {
            bg_fail(&it, "40811", "The parameter callbackRatio should not be null");
        }
    } else if (!bytes_is(type, "normal_plan")) {
        bg_fail(&it, "40017", "Parameter verification failed planType");
    } else {
        t->has_stop = bg_decimal(&it, "triggerPrice", &t->stop);
        if (!t->has_stop) {
            bg_fail(&it, "40811", "The parameter triggerPrice should not be null");
        } else if (it.code == NULL) {
            bg_check_price(&it, t->stop);
            set_direction(t);
        }
    }
    if (it.code == NULL) {
        t->extra.origin = bytes_is(type, "track_plan") ? "track_plan" : "normal_plan";
        place_armed(c, &it);
    }
    answer(c, &it);
}

/* ---- stops of a position ------------------------------------------------------------------- */

static const struct bg_kind {
    const char *word;
    bool profit, whole;
} kinds[] = {
    { "profit_plan", true, false }, { "loss_plan", false, false }, { "moving_plan", false, false },
    { "pos_profit", true, true },   { "pos_loss", false, true },
};

static const struct bg_kind *kind_find(struct bytes word)
{
    size_t n;

    for (n = 0; n < ARRAY_LEN(kinds); n++) {
        if (bytes_is(word, kinds[n].word)) {
            return &kinds[n];
        }
    }
    return NULL;
}

/* Fills in what the position says; false: there is none. */
static void stop_terms(struct bg_call *c, struct bg_item *it, struct sim_instrument *i,
                       const struct bg_kind *kind)
{
    struct decimal size = sim_position_of(c->account, c->engine, i)->size;
    struct sim_terms *t = &it->terms;
    int sign = decimal_sign(size);

    if (sign == 0) {
        bg_fail(it, "43043", "There is no position to set take-profit or stop-loss on");
        return;
    }
    t->instrument = i;
    t->side = sign > 0 ? SIM_SELL : SIM_BUY;
    t->type = kind->profit ? SIM_TAKE_PROFIT : SIM_STP;
    t->reduce_only = true;
    t->has_stop = true;
    t->extra.origin = kind->word;
    t->extra.whole_position = kind->whole;
    t->extra.flags = BG_MARKET | BG_CLOSE;
    if (kind->whole) {
        t->qty = sim_abs(size);
    }
}

static void stop_check(struct bg_item *it)
{
    const struct sim_terms *t = &it->terms;
    struct decimal now = t->signal == SIM_SIGNAL_MARK ? t->instrument->mark : t->instrument->last;
    int want = (t->side == SIM_SELL) == (t->type == SIM_TAKE_PROFIT) ? 1 : -1;

    bg_check_price(it, t->stop);
    if (decimal_compare(t->stop, now) != want) {
        bg_fail(it, t->type == SIM_TAKE_PROFIT ? "40830" : "40836",
                "The trigger price is on the wrong side of the market");
    }
}

void bg_place_tpsl(struct bg_call *c)
{
    struct bg_item it = { .json = c->json };
    struct sim_terms *t = &it.terms;
    const struct bg_kind *kind = kind_find(bg_arg(c, "planType"));
    struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;

    if (i == NULL) {
        return;
    }
    if (kind == NULL) {
        bg_error(c, "40017", "Parameter verification failed planType");
        return;
    }
    stop_terms(c, &it, i, kind);
    if (!bg_decimal(&it, "triggerPrice", &t->stop)) {
        bg_fail(&it, "40811", "The parameter triggerPrice should not be null");
    }
    if (!kind->whole && !bg_decimal(&it, "size", &t->qty)) {
        bg_fail(&it, "40811", "The parameter size should not be null");
    }
    t->signal = signal_of(&it, "triggerType", false);
    if (bg_decimal(&it, "executePrice", &t->price) && decimal_sign(t->price) > 0) {
        t->has_price = true;
        t->extra.flags &= ~(uint32_t)BG_MARKET;
    }
    bg_client_id(c, &it, "clientOid");
    if (it.code == NULL) {
        stop_check(&it);
    }
    if (it.code == NULL) {
        place_armed(c, &it);
    }
    answer(c, &it);
}

void bg_place_pos_tpsl(struct bg_call *c)
{
    static const char *const price[] = { "stopSurplusTriggerPrice", "stopLossTriggerPrice" };
    static const char *const type[] = { "stopSurplusTriggerType", "stopLossTriggerType" };
    struct bg_item it[2] = { { .json = c->json }, { .json = c->json } };
    struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;
    const char *comma = "";
    size_t n;

    if (i == NULL) {
        return;
    }
    for (n = 0; n < 2; n++) {
        stop_terms(c, &it[n], i, &kinds[3 + n]);
        it[n].terms.signal = signal_of(&it[n], type[n], false);
        it[n].terms.has_stop = bg_decimal(&it[n], price[n], &it[n].terms.stop);
        if (it[n].code == NULL && it[n].terms.has_stop) {
            stop_check(&it[n]);
        }
        if (it[n].code != NULL) {
            bg_error(c, it[n].code, "%s", it[n].text);
            return;
        }
    }
    bg_begin(c);
    buf_char(c->out, '[');
    for (n = 0; n < 2; n++) {
        if (it[n].terms.has_stop) {
            place_armed(c, &it[n]);
        }
        if (it[n].order != NULL) {
            buf_printf(c->out, "%s{\"orderId\":\"%s\"}", comma, it[n].order->id);
            comma = ",";
        }
    }
    buf_char(c->out, ']');
    bg_end(c);
}

/* ---- changing ------------------------------------------------------------------------------ */

static struct sim_order *plan_find(struct bg_call *c, struct bytes id, struct bytes client_id)
{
    struct sim_order *o =
        sim_order_find(c->engine, c->account, id, id.size > 0 ? BYTES("") : client_id);

    if (o == NULL || (o->extra.flags & BG_PLAN) == 0 || (id.size > 0 && !bytes_is(id, o->id))) {
        return NULL;
    }
    return o;
}

void bg_modify_plan(struct bg_call *c)
{
    struct bg_item it = { .json = c->json };
    struct sim_change g = { .qty_is_total = true };
    struct sim_order *o;

    if (!bg_product(c)) {
        return;
    }
    o = plan_find(c, bg_arg(c, "orderId"), bg_arg(c, "clientOid"));
    if (o == NULL || o->state != SIM_ARMED) {
        bg_error(c, "40109", "The data of the order cannot be found");
        return;
    }
    it.order = o;
    g.has_qty = bg_decimal(&it, "newSize", &g.qty) || bg_decimal(&it, "size", &g.qty);
    g.has_price = bg_decimal(&it, "newPrice", &g.price) ||
                  (bg_decimal(&it, "executePrice", &g.price) && decimal_sign(g.price) > 0);
    g.has_stop =
        bg_decimal(&it, "newTriggerPrice", &g.stop) || bg_decimal(&it, "triggerPrice", &g.stop);
    if (it.code == NULL && sim_edit(c->engine, o, &g) != SIM_OK) {
        bg_fail(&it, "40808", "Parameter verification exception");
    }
    answer(c, &it);
}

static bool plan_wanted(struct bg_call *c, const struct sim_order *o)
{
    struct bytes type = bg_arg(c, "planType");
    struct bytes symbol = bg_arg(c, "symbol");

    if (o->account != c->account || (o->extra.flags & BG_PLAN) == 0 ||
        !bg_in_product(c, o->instrument) ||
        (symbol.size > 0 && !bytes_is(symbol, o->instrument->symbol))) {
        return false;
    }
    if (bytes_is(type, "profit_loss")) {
        return kind_find(bytes_of(o->extra.origin)) != NULL;
    }
    return type.size == 0 || bytes_is(type, o->extra.origin);
}

static void cancel_listed(struct bg_call *c, const cJSON *list)
{
    struct bg_item item[CANCEL_MAX] = { { .code = NULL } };
    const cJSON *json;
    size_t n = 0;

    cJSON_ArrayForEach(json, list)
    {
        item[n].json = json;
        item[n].order =
            plan_find(c, text_json_get(json, "orderId"), text_json_get(json, "clientOid"));
        if (item[n].order == NULL || sim_cancel(c->engine, item[n].order, SIM_BY_USER) != SIM_OK) {
            bg_fail(&item[n], "43025", "Plan order does not exist");
        }
        n++;
    }
    bg_lists(c, item, n);
}

void bg_cancel_plan(struct bg_call *c)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->json, "orderIdList");
    struct sim_order *o = c->account->open_first;
    const char *comma = "";

    if (!bg_product(c)) {
        return;
    }
    if (cJSON_GetArraySize(list) > CANCEL_MAX) {
        bg_error(c, "40306", "Batch processing orders can only process up to %d", CANCEL_MAX);
        return;
    }
    if (list != NULL) {
        cancel_listed(c, list);
        return;
    }
    bg_begin(c);
    buf_text(c->out, "{\"successList\":[");
    while (o != NULL) {
        struct sim_order *next = o->open_next;

        if (o->state == SIM_ARMED && plan_wanted(c, o)) {
            buf_printf(c->out, "%s{\"orderId\":\"%s\"", comma, o->id);
            text_member(c->out, "clientOid", o->client_id);
            buf_char(c->out, '}');
            comma = ",";
            (void)sim_cancel(c->engine, o, SIM_BY_USER);
        }
        o = next;
    }
    buf_text(c->out, "],\"failureList\":[]}");
    bg_end(c);
}

/* ---- lists --------------------------------------------------------------------------------- */

static const char *plan_status(const struct sim_order *o)
{
    if (o->state == SIM_ARMED) {
        return "live";
    }
    if (o->triggered) {
        return o->state == SIM_REJECTED ? "fail_trigger" : "executed";
    }
    return "cancelled";
}

static void plan_write(struct bg_call *c, const struct sim_order *o)
{
    struct buf *out = c->out;

    buf_printf(out, "{\"planType\":\"%s\",\"symbol\":\"%s\"", o->extra.origin,
               o->instrument->symbol);
    text_decimal_member(out, "size", o->qty);
    text_member(out, "orderId", o->id);
    text_member(out, "executeOrderId", o->triggered ? o->child_id : "");
    text_member(out, "clientOid", o->client_id);
    if (o->has_price) {
        text_decimal_member(out, "price", o->price);
    } else {
        text_member(out, "price", "");
    }
    text_decimal_member(out, "triggerPrice", o->stop);
    text_member(out, "triggerType", o->signal == SIM_SIGNAL_MARK ? "mark_price" : "fill_price");
    text_member(out, "planStatus", plan_status(o));
    text_member(out, "side", o->side == SIM_BUY ? "buy" : "sell");
    text_member(out, "marginCoin", o->instrument->pair);
    text_member(out, "orderType", (o->extra.flags & BG_MARKET) != 0 ? "market" : "limit");
    bg_ms(out, "cTime", o->created_us);
    bg_ms(out, "uTime", o->updated_us);
    buf_char(out, '}');
}

static void plans(struct bg_call *c, bool armed)
{
    struct bytes status = bg_arg(c, "planStatus");
    struct bytes id = bg_arg(c, "orderId");
    struct bytes client_id = bg_arg(c, "clientOid");
    struct sim_order *o;
    const char *comma = "";

    if (!bg_product(c) || !bg_need(c, "planType")) {
        return;
    }
    bg_begin(c);
    buf_text(c->out, "{\"entrustedList\":[");
    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        if (plan_wanted(c, o) && (o->state == SIM_ARMED) == armed &&
            (status.size == 0 || bytes_is(status, plan_status(o))) &&
            (id.size == 0 || bytes_is(id, o->id)) &&
            (client_id.size == 0 || bytes_is(client_id, o->client_id))) {
            buf_text(c->out, comma);
            plan_write(c, o);
            comma = ",";
        }
    }
    buf_text(c->out, "],\"endId\":null}");
    bg_end(c);
}

void bg_plan_pending(struct bg_call *c)
{
    plans(c, true);
}

void bg_plan_history(struct bg_call *c)
{
    plans(c, false);
}

/* The real order a trigger has made. */
void bg_plan_sub(struct bg_call *c)
{
    const struct sim_order *o;

    if (!bg_product(c) || !bg_need(c, "planOrderId")) {
        return;
    }
    o = plan_find(c, bg_arg(c, "planOrderId"), BYTES(""));
    if (o == NULL) {
        bg_error(c, "40109", "The data of the order cannot be found");
        return;
    }
    bg_begin(c);
    if (!o->triggered) {
        buf_text(c->out, "[]");
    } else {
        buf_printf(c->out, "[{\"orderId\":\"%s\"", o->child_id);
        text_decimal_member(c->out, "size", o->qty);
        text_decimal_member(c->out, "baseVolume", o->filled);
        text_member(c->out, "status", bg_status(o, true));
        buf_text(c->out, "}]");
    }
    bg_end(c);
}
