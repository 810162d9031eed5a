/*
 * Bybit V5: orders taken, changed and cancelled. An answer is an acknowledgement; what it announces
 * happens a short delay later (the instrument's hold), as at the venue. Until then an order is not
 * to be seen in any list.
 */
#include "venuesim_bybit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define BATCH_MAX 20
#define CANCEL_ALL_MAX 500

enum by_deed { BY_DO_RELEASE, BY_DO_EDIT, BY_DO_CANCEL };

/* What the engine will do with an acknowledged request. */
struct by_pending {
    enum by_deed deed;
    struct sim_order *order;
    struct sim_change change;
    struct decimal take_profit, stop_loss;
    bool has_tp, has_sl;
    const char *engine_word; /* refuse with this */
};

/* ---- after the acknowledgement ------------------------------------------------------------- */

static void refuse_held(struct sim_engine *e, struct sim_order *o, const char *word)
{
    o->account->held_count--;
    o->extra.origin = word;
    sim_end(e, o, SIM_REJECTED, SIM_BY_ADMIN);
    sim_log_event(e, o, SIM_EV_REJECT, NULL);
    audit_order(e->audit, e->now_us, "rejected", o, word);
}

/* A cancel that comes after the fill leaves its mark on the order and nothing else. */
static void cancel_now(struct sim_engine *e, struct sim_order *o)
{
    o->extra.flags &= ~(uint32_t)BY_CANCEL_SENT;
    if (sim_cancel(e, o, SIM_BY_USER) == SIM_ALREADY_FILLED) {
        o->extra.flags |= BY_CANCEL_LOST;
        o->updated_us = e->now_us;
        audit_order(e->audit, e->now_us, "cancel_too_late", o, NULL);
    }
}

static void edit_now(struct sim_engine *e, struct by_pending *p)
{
    struct sim_order *o = p->order;

    if (p->has_tp) {
        o->extra.take_profit = p->take_profit;
    }
    if (p->has_sl) {
        o->extra.stop_loss = p->stop_loss;
    }
    if (sim_edit(e, o, &p->change) == SIM_WOULD_CROSS) {
        audit_order(e->audit, e->now_us, "edit_would_cross", o, NULL);
    }
}

static void deed_do(struct sim *s, void *context)
{
    struct by_pending *p = context;
    struct sim_engine *e = s->engine;

    switch (p->deed) {
    case BY_DO_RELEASE:
        if (p->engine_word != NULL) {
            refuse_held(e, p->order, p->engine_word);
        } else {
            (void)sim_release(e, p->order);
        }
        return;
    case BY_DO_EDIT: edit_now(e, p); return;
    case BY_DO_CANCEL: cancel_now(e, p->order); return;
    }
}

/* At once when the instrument has no delay. */
static void later(struct by_call *c, const struct by_pending *what)
{
    int64_t wait_us = what->order->instrument->hold_us;

    if (wait_us <= 0 && what->order->state == SIM_HELD) {
        wait_us = 1;
    }
    sim_later(c->sim, wait_us, deed_do, what, sizeof *what);
}

/* ---- one instruction ----------------------------------------------------------------------- */

static void engine_refused(struct by_item *it, enum sim_result r)
{
    static const struct {
        enum sim_result result;
        int code;
        const char *text;
    } codes[] = {
        { SIM_NO_FUNDS, 110007, "ab not enough for new order" },
        { SIM_MAX_POSITION, 110013, "cannot set position size above the risk limit" },
        { SIM_TOO_MANY, 110020, "Not allowed to have more than 500 active orders" },
        { SIM_DUPLICATE, 110072, "OrderLinkedID is duplicate" },
        { SIM_COLLAR, 110003, "Order price exceeds the allowable range." },
        { SIM_SUSPENDED, 110066, "Trading is currently not allowed." },
        { SIM_INACTIVE, 110074, "This contract is not live." },
        { SIM_POST_ONLY_MARKET, 110103, "Only Post-Only orders are available at this stage." },
        { SIM_BAD_SIZE, 10001, "params error: Qty invalid" },
        { SIM_BAD_PRICE, 10001, "params error: Price invalid" },
    };
    size_t n;

    for (n = 0; n < ARRAY_LEN(codes); n++) {
        if (codes[n].result == r) {
            by_fail(it, codes[n].code, "%s", codes[n].text);
            return;
        }
    }
    by_fail(it, 10016, "server error");
}

static void create_one(struct by_call *c, struct by_item *it)
{
    enum sim_result result;
    int64_t hold_us;

    by_read_create(c, it);
    if (it->code != 0) {
        return;
    }
    hold_us = it->terms.instrument->hold_us;
    if (c->engine_word != NULL && hold_us <= 0) {
        it->terms.instrument->hold_us = 1; /* the order must wait to be refused */
    }
    result = sim_place(c->engine, c->account, &it->terms, &it->order);
    it->terms.instrument->hold_us = hold_us;
    if (result == SIM_HOLD) {
        later(c, &(struct by_pending){
                     .deed = BY_DO_RELEASE, .order = it->order, .engine_word = c->engine_word });
    } else if (it->order == NULL) {
        engine_refused(it, result);
    }
}

static void amend_one(struct by_call *c, struct by_item *it)
{
    struct by_pending p = { .deed = BY_DO_EDIT };

    by_read_amend(c, it);
    p.has_tp = by_decimal(it, "takeProfit", &p.take_profit);
    p.has_sl = by_decimal(it, "stopLoss", &p.stop_loss);
    if (it->code != 0) {
        return;
    }
    if (it->order->instrument->suspended) {
        engine_refused(it, SIM_SUSPENDED);
        return;
    }
    p.order = it->order;
    p.change = it->change;
    later(c, &p);
}

static void cancel_order(struct by_call *c, struct sim_order *o)
{
    o->extra.flags |= BY_CANCEL_SENT;
    audit_order(&c->sim->audit, c->engine->now_us, "cancel_acknowledged", o, NULL);
    later(c, &(struct by_pending){ .deed = BY_DO_CANCEL, .order = o });
}

static void cancel_one(struct by_call *c, struct by_item *it)
{
    by_read_cancel(c, it);
    if (it->code == 0) {
        cancel_order(c, it->order);
    }
}

/* ---- single calls -------------------------------------------------------------------------- */

static void ids(struct by_call *c, const struct sim_order *o)
{
    buf_printf(c->out, "{\"orderId\":\"%s\"", o->id);
    text_member(c->out, "orderLinkId", o->client_id);
}

static void single(struct by_call *c, void (*act)(struct by_call *, struct by_item *))
{
    struct by_item it = { .json = c->json };

    if (!by_category(c)) {
        return;
    }
    act(c, &it);
    if (it.code != 0) {
        by_error(c, it.code, "%s", it.text);
        return;
    }
    by_begin(c);
    ids(c, it.order);
    buf_char(c->out, '}');
    by_end(c);
    answer_note(&c->req->answer, "0 orderId=%s", it.order->id);
}

void by_create(struct by_call *c)
{
    single(c, create_one);
}

void by_amend(struct by_call *c)
{
    single(c, amend_one);
}

void by_cancel(struct by_call *c)
{
    single(c, cancel_one);
}

void by_pre_check(struct by_call *c)
{
    struct by_item it = { .json = c->json };

    if (!by_category(c)) {
        return;
    }
    by_read_create(c, &it);
    if (it.code != 0) {
        by_error(c, it.code, "%s", it.text);
        return;
    }
    by_begin(c);
    buf_text(c->out, "{\"orderId\":\"\"");
    text_bytes_member(c->out, "orderLinkId", it.client_id);
    buf_text(c->out, ",\"preImrE4\":30,\"preMmrE4\":21,\"postImrE4\":357,\"postMmrE4\":294}");
    by_end(c);
}

/* ---- batches ------------------------------------------------------------------------------- */

static void item_write(struct by_call *c, const struct by_item *it, bool create)
{
    buf_text(c->out, c->inverse ? "{\"category\":\"inverse\"" : "{\"category\":\"linear\"");
    text_bytes_member(c->out, "symbol", text_json_get(it->json, "symbol"));
    text_member(c->out, "orderId", it->code == 0 ? it->order->id : "");
    if (it->code == 0) {
        text_member(c->out, "orderLinkId", it->order->client_id);
    } else {
        text_bytes_member(c->out, "orderLinkId", text_json_get(it->json, "orderLinkId"));
    }
    if (create && it->code == 0) {
        by_ms(c->out, "createAt", c->engine->now_us);
    } else if (create) {
        text_member(c->out, "createAt", "");
    }
    buf_char(c->out, '}');
}

static void batch_item(struct by_call *c, struct by_item *it,
                       void (*act)(struct by_call *, struct by_item *))
{
    if (!by_spend(c)) {
        by_fail(it, 10006, "Too many visits. Exceeded the API Rate Limit.");
    } else if (c->item_code != 0) {
        by_fail(it, c->item_code, "%s", c->item_text);
    } else {
        act(c, it);
    }
    if (it->code != 0) {
        audit_request(&c->sim->audit, c->engine->now_us, "item_refused", c->route->op,
                      text_json_get(it->json, "orderLinkId"), it->text);
    }
}

static void batch(struct by_call *c, void (*act)(struct by_call *, struct by_item *), bool create)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->json, "request");
    int count = cJSON_GetArraySize(list);
    struct by_item item[BATCH_MAX] = { { .code = 0 } };
    const cJSON *json;
    int n = 0;

    if (!by_category(c)) {
        return;
    }
    if (!cJSON_IsArray(list) || count == 0 || count > BATCH_MAX) {
        by_error(c, 10001, "params error: request: 1 to %d items", BATCH_MAX);
        return;
    }
    by_begin(c);
    buf_text(c->out, "{\"list\":[");
    cJSON_ArrayForEach(json, list)
    {
        item[n].json = json;
        batch_item(c, &item[n], act);
        buf_text(c->out, n == 0 ? "" : ",");
        item_write(c, &item[n], create);
        n++;
    }
    buf_text(c->out, "]},\"retExtInfo\":{\"list\":[");
    for (n = 0; n < count; n++) {
        buf_printf(c->out, "%s{\"code\":%d", n == 0 ? "" : ",", item[n].code);
        text_member(c->out, "msg", item[n].code == 0 ? "OK" : item[n].text);
        buf_char(c->out, '}');
    }
    buf_printf(c->out, "]},\"time\":%lld}", (long long)(c->engine->now_us / US_PER_MS));
    answer_note(&c->req->answer, "%d items", count);
}

void by_create_batch(struct by_call *c)
{
    batch(c, create_one, true);
}

static void amend_plain(struct by_call *c, struct by_item *it)
{
    struct sim_order *o = sim_order_find(c->engine, c->account, text_json_get(it->json, "orderId"),
                                         text_json_get(it->json, "orderLinkId"));

    if (o != NULL && o->state == SIM_ARMED) {
        by_fail(it, 10001, "params error: conditional orders cannot be amended in a batch");
        return;
    }
    amend_one(c, it);
}

void by_amend_batch(struct by_call *c)
{
    batch(c, amend_plain, false);
}

void by_cancel_batch(struct by_call *c)
{
    batch(c, cancel_one, false);
}

/* ---- cancel all ---------------------------------------------------------------------------- */

struct by_scope {
    struct bytes symbol, base, settle, filter, stop_type;
};

static bool in_scope(const struct by_call *c, const struct by_scope *s, const struct sim_order *o)
{
    const struct sim_instrument *i = o->instrument;
    bool plain = o->state == SIM_OPEN;

    if (!by_in_category(c, i) || (o->extra.flags & BY_CANCEL_SENT) != 0) {
        return false;
    }
    if (s->symbol.size > 0) {
        if (!bytes_is(s->symbol, i->symbol)) {
            return false;
        }
    } else if (s->base.size > 0 ? !bytes_is(s->base, i->base)
                                : !bytes_is(s->settle, by_settle_coin(i))) {
        return false;
    }
    if (bytes_is(s->filter, "Order") || bytes_is(s->filter, "OpenOrder")) {
        return plain;
    }
    if (bytes_is(s->filter, "StopOrder")) {
        return !plain && (s->stop_type.size == 0 || bytes_is(s->stop_type, by_stop_type(o)));
    }
    return true;
}

static void shuffle(struct sim_engine *e, struct sim_order **list, size_t count)
{
    size_t n;

    for (n = count; n > 1; n--) {
        size_t k = (size_t)(sim_random(&e->rng) % n);
        struct sim_order *swap = list[n - 1];

        list[n - 1] = list[k];
        list[k] = swap;
    }
}

static void cancel_listed(struct by_call *c, struct sim_order **list, size_t count)
{
    size_t n;

    /* More than the most: some, at random. */
    if (count > CANCEL_ALL_MAX) {
        shuffle(c->engine, list, count);
        count = CANCEL_ALL_MAX;
    }
    by_begin(c);
    buf_text(c->out, "{\"list\":[");
    for (n = 0; n < count; n++) {
        buf_text(c->out, n == 0 ? "" : ",");
        ids(c, list[n]);
        buf_char(c->out, '}');
        cancel_order(c, list[n]);
    }
    buf_text(c->out, "],\"success\":\"1\"}");
    by_end(c);
    answer_note(&c->req->answer, "%zu cancelled", count);
}

static bool scope_good(struct by_call *c, const struct by_scope *s)
{
    if (s->symbol.size == 0 && s->base.size == 0 && s->settle.size == 0) {
        by_error(c, 10001, "params error: symbol, baseCoin or settleCoin is required");
        return false;
    }
    if (s->symbol.size > 0 && sim_instrument_find(c->engine, s->symbol) == NULL) {
        by_error(c, 10001, "params error: symbol invalid %.*s", BYTES_ARG(s->symbol));
        return false;
    }
    if (s->filter.size > 0 && !bytes_is(s->filter, "Order") && !bytes_is(s->filter, "StopOrder") &&
        !bytes_is(s->filter, "OpenOrder")) {
        by_error(c, 10001, "params error: orderFilter invalid");
        return false;
    }
    return true;
}

void by_cancel_all(struct by_call *c)
{
    struct by_scope s = { by_arg(c, "symbol"), by_arg(c, "baseCoin"), by_arg(c, "settleCoin"),
                          by_arg(c, "orderFilter"), by_arg(c, "stopOrderType") };
    struct sim_order **list;
    struct sim_order *o;
    size_t count = 0;

    if (!by_category(c) || !scope_good(c, &s)) {
        return;
    }
    list = calloc(c->account->open_count + 1, sizeof(struct sim_order *));
    if (list == NULL) {
        c->req->answer.status = 500;
        return;
    }
    for (o = c->account->open_first; o != NULL; o = o->open_next) {
        if (in_scope(c, &s, o)) {
            list[count++] = o;
        }
    }
    cancel_listed(c, list, count);
    free(list);
}
