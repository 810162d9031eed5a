/*
 * Bitget v2: orders taken, changed, cancelled and closed. An answer says that a request was
 * accepted; what it announces happens a short delay later.
 */
#include "venuesim_bitget.h"

#include <cjson/cJSON.h>

#define BATCH_MAX 20
#define CANCEL_MAX 50

/* ---- place --------------------------------------------------------------------------------- */

static struct decimal closable(struct bg_call *c, const struct sim_terms *t)
{
    struct decimal size = sim_position_of(c->account, c->engine, t->instrument)->size;

    return decimal_sign(size) == (t->side == SIM_BUY ? -1 : 1) ? sim_abs(size) : DECIMAL_ZERO;
}

static bool rival(const struct sim_order *o, const struct sim_terms *t)
{
    return o->instrument == t->instrument && o->side == t->side && o->reduce_only &&
           o->state == SIM_OPEN;
}

/* One-way mode: reduce-only orders together may not exceed the position; the oldest go first. The
 * answer to such an order has no orderId. */
static void push_out(struct bg_call *c, struct bg_item *it)
{
    struct decimal room = closable(c, &it->terms);
    struct decimal sum = it->terms.qty;
    struct sim_order *o;
    struct sim_order *oldest;

    for (o = c->account->open_first; o != NULL; o = o->open_next) {
        sum = rival(o, &it->terms) ? sim_add(sum, sim_remaining(o)) : sum;
    }
    while (decimal_compare(sum, room) > 0) {
        oldest = NULL;
        for (o = c->account->open_first; o != NULL; o = o->open_next) {
            if (rival(o, &it->terms) && (oldest == NULL || o->number < oldest->number)) {
                oldest = o;
            }
        }
        if (oldest == NULL) {
            return;
        }
        sum = sim_sub(sum, sim_remaining(oldest));
        (void)sim_cancel(c->engine, oldest, SIM_BY_NOT_REDUCING);
        it->id_hidden = true;
    }
}

static void place_one(struct bg_call *c, struct bg_item *it)
{
    enum sim_result result;

    bg_read_place(c, it);
    if (it->code == NULL && it->terms.reduce_only && decimal_sign(closable(c, &it->terms)) == 0) {
        bg_fail(it, "22002", "No position to close");
    }
    if (it->code != NULL) {
        return;
    }
    if (it->terms.reduce_only && (it->terms.extra.flags & BG_HEDGE) == 0) {
        push_out(c, it);
    }
    result = sim_place(c->engine, c->account, &it->terms, &it->order);
    if (result == SIM_HOLD) {
        bg_release_later(c, it->order);
    } else if (it->order == NULL) {
        bg_engine_refused(it, result);
    }
    it->id_hidden |= c->sim->options.null_order_id;
}

static void ids_write(struct bg_call *c, const struct bg_item *it)
{
    if (it->id_hidden) {
        buf_text(c->out, "{\"orderId\":null");
    } else {
        buf_printf(c->out, "{\"orderId\":\"%s\"", bg_order_id(it->order));
    }
    text_member(c->out, "clientOid", it->order->client_id);
    buf_char(c->out, '}');
}

static void single(struct bg_call *c, void (*act)(struct bg_call *, struct bg_item *))
{
    struct bg_item it = { .json = c->json };

    if (!bg_product(c)) {
        return;
    }
    act(c, &it);
    if (it.code != NULL) {
        bg_error(c, it.code, "%s", it.text);
        return;
    }
    bg_begin(c);
    ids_write(c, &it);
    bg_end(c);
    answer_note(&c->req->answer, "00000 orderId=%s", it.order->id);
}

void bg_place(struct bg_call *c)
{
    single(c, place_one);
}

/* ---- lists of results ---------------------------------------------------------------------- */

void bg_lists(struct bg_call *c, const struct bg_item *item, size_t count)
{
    const char *comma = "";
    size_t n;

    bg_begin(c);
    buf_text(c->out, "{\"successList\":[");
    for (n = 0; n < count; n++) {
        if (item[n].code == NULL) {
            buf_text(c->out, comma);
            ids_write(c, &item[n]);
            comma = ",";
        }
    }
    comma = "";
    buf_text(c->out, "],\"failureList\":[");
    for (n = 0; n < count; n++) {
        if (item[n].code != NULL) {
            struct bytes id = text_json_get(item[n].json, "orderId");

            buf_printf(c->out, "%s{\"orderId\":\"%.*s\"", comma, id.size < 40 ? (int)id.size : 0,
                       id.data == NULL ? "" : id.data);
            text_bytes_member(c->out, "clientOid", text_json_get(item[n].json, "clientOid"));
            text_member(c->out, "errorMsg", item[n].text);
            text_member(c->out, "errorCode", item[n].code);
            buf_char(c->out, '}');
            comma = ",";
            audit_request(&c->sim->audit, c->engine->now_us, "item_refused", c->route->op,
                          text_json_get(item[n].json, "clientOid"), item[n].text);
        }
    }
    buf_text(c->out, "]}");
    bg_end(c);
    answer_note(&c->req->answer, "%zu items", count);
}

static void each_item(struct bg_call *c, const cJSON *list, struct bg_item *item,
                      void (*act)(struct bg_call *, struct bg_item *))
{
    const cJSON *json;
    size_t n = 0;

    cJSON_ArrayForEach(json, list)
    {
        item[n].json = json;
        item[n].outer = c->json;
        if (c->item_code[0] != '\0') {
            bg_fail(&item[n], c->item_code, "%s", c->item_text);
        } else {
            act(c, &item[n]);
        }
        n++;
    }
}

void bg_batch_place(struct bg_call *c)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->json, "orderList");
    int count = cJSON_GetArraySize(list);
    struct bg_item item[BATCH_MAX] = { { .code = NULL } };

    if (!bg_product(c) || bg_symbol(c) == NULL) {
        return;
    }
    if (!cJSON_IsArray(list) || count == 0 || count > BATCH_MAX) {
        bg_error(c, "40306", "Batch processing orders can only process up to 20");
        return;
    }
    each_item(c, list, item, place_one);
    bg_lists(c, item, (size_t)count);
}

/* ---- modify: cancels, then places anew ----------------------------------------------------- */

struct bg_modify_deed {
    struct sim_order *order;
    struct sim_terms terms;
    char client_id[SIM_CLIENT_ID_MAX + 1];
};

static void modify_deed(struct sim *s, void *context)
{
    struct bg_modify_deed *d = context;
    struct sim_order *o = NULL;

    /* A fill in between, and nothing is changed: the new id never comes to be. */
    if (d->order->closed_us != 0 || decimal_sign(d->order->filled) > 0) {
        audit_order(s->engine->audit, s->engine->now_us, "modify_too_late", d->order, NULL);
        return;
    }
    bg_release_now(s->engine, d->order);
    if (sim_cancel(s->engine, d->order, SIM_BY_EDIT) != SIM_OK) {
        return;
    }
    d->terms.client_id = bytes_of(d->client_id);
    if (sim_place(s->engine, d->order->account, &d->terms, &o) == SIM_HOLD) {
        bg_release_now(s->engine, o);
    }
}

static void modify_read(struct bg_call *c, struct bg_item *it, struct sim_order *o)
{
    struct sim_terms *t = &it->terms;
    bool size = bg_decimal(it, "newSize", &t->qty);
    bool price = bg_decimal(it, "newPrice", &t->price);

    if (o->closed_us != 0 || o->is_trigger) {
        bg_fail(it, "40768", "Order does not exist");
    } else if (!o->has_price || decimal_sign(o->filled) > 0) {
        bg_fail(it, "40925", "Only unfilled limit orders can be modified");
    } else if (size != price) {
        bg_fail(it, "40924", "newSize and newPrice must be given together");
    } else if (!size) {
        /* Only the presets change; the one that is not named is removed. */
        o->extra.take_profit = DECIMAL_ZERO;
        o->extra.stop_loss = DECIMAL_ZERO;
        (void)bg_decimal(it, "newPresetStopSurplusPrice", &o->extra.take_profit);
        (void)bg_decimal(it, "newPresetStopLossPrice", &o->extra.stop_loss);
        return;
    }
    if (bg_text(it, "newClientOid").size == 0) {
        bg_fail(it, "22003", "newClientOid is required to modify price or size");
    }
    t->instrument = o->instrument;
    t->side = o->side;
    t->type = o->type;
    t->reduce_only = o->reduce_only;
    t->has_price = true;
    t->extra = o->extra;
    t->extra.flags &= ~(uint32_t)BG_CANCEL_SENT;
    if (it->code == NULL) {
        bg_check_price(it, t->price);
        bg_check_size(it);
    }
    bg_client_id(c, it, "newClientOid");
}

static void modify_one(struct bg_call *c, struct bg_item *it)
{
    struct sim_order *o = bg_find(c, bg_text(it, "orderId"), bg_text(it, "clientOid"));
    struct bg_modify_deed d = { .order = o };

    if (o == NULL) {
        bg_fail(it, "40768", "Order does not exist");
        return;
    }
    it->order = o;
    modify_read(c, it, o);
    if (it->code != NULL || it->terms.instrument == NULL ||
        !bytes_to_field(it->client_id, d.client_id, sizeof d.client_id)) {
        return;
    }
    d.terms = it->terms;
    audit_order(&c->sim->audit, c->engine->now_us, "modify_acknowledged", o, NULL);
    sim_later(c->sim, o->instrument->hold_us, modify_deed, &d, sizeof d);
}

void bg_modify(struct bg_call *c)
{
    single(c, modify_one);
}

/* ---- cancel -------------------------------------------------------------------------------- */

static void cancel_one(struct bg_call *c, struct bg_item *it)
{
    struct bytes id = bg_text(it, "orderId");
    struct bytes client_id = bg_text(it, "clientOid");
    struct sim_instrument *i = sim_instrument_find(c->engine, bg_text(it, "symbol"));

    if (i == NULL) {
        bg_fail(it, "40102", "Contract configuration does not exist");
    } else if (id.size == 0 && client_id.size == 0) {
        bg_fail(it, "40811", "The parameter orderId or clientOid should not be null");
    }
    if (it->code != NULL) {
        return;
    }
    it->order = bg_find(c, id, client_id);
    if (it->order == NULL || it->order->instrument != i) {
        bg_fail(it, "40768", "Order does not exist");
    } else if (it->order->closed_us != 0) {
        bg_fail(it, "22001", "No order to cancel");
    } else {
        bg_cancel_later(c, it->order);
    }
}

void bg_cancel(struct bg_call *c)
{
    if (bg_product(c) && bg_symbol(c) != NULL) {
        single(c, cancel_one);
    }
}

static bool cancellable(const struct bg_call *c, const struct sim_order *o,
                        const struct sim_instrument *i)
{
    return o->state == SIM_OPEN && (o->extra.flags & BG_CANCEL_SENT) == 0 &&
           bg_in_product(c, o->instrument) && (i == NULL || o->instrument == i);
}

static void cancel_many(struct bg_call *c, const struct sim_instrument *i)
{
    struct sim_order *o;
    const char *comma = "";

    bg_begin(c);
    buf_text(c->out, "{\"successList\":[");
    o = c->account->open_first;
    while (o != NULL) {
        struct sim_order *next = o->open_next; /* a cancel without delay unlinks it */

        if (cancellable(c, o, i)) {
            buf_printf(c->out, "%s{\"orderId\":\"%s\"", comma, bg_order_id(o));
            text_member(c->out, "clientOid", o->client_id);
            buf_char(c->out, '}');
            comma = ",";
            bg_cancel_later(c, o);
        }
        o = next;
    }
    buf_text(c->out, "],\"failureList\":[]}");
    bg_end(c);
}

void bg_batch_cancel(struct bg_call *c)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->json, "orderIdList");
    int count = cJSON_GetArraySize(list);
    struct bg_item item[CANCEL_MAX] = { { .code = NULL } };

    if (!bg_product(c)) {
        return;
    }
    if (list == NULL) {
        cancel_many(c, sim_instrument_find(c->engine, bg_arg(c, "symbol")));
        return;
    }
    if (bg_symbol(c) == NULL) {
        return;
    }
    if (!cJSON_IsArray(list) || count == 0 || count > CANCEL_MAX) {
        bg_error(c, "40306", "Batch processing orders can only process up to %d", CANCEL_MAX);
        return;
    }
    each_item(c, list, item, cancel_one);
    bg_lists(c, item, (size_t)count);
}

void bg_cancel_all(struct bg_call *c)
{
    const struct sim_instrument *i = NULL;
    uint64_t at_ms;
    uint64_t window_ms;

    if (!bg_product(c) || !bg_number(c, "requestTime", 0, INT64_MAX / 2, &at_ms) ||
        !bg_number(c, "receiveWindow", 0, INT64_MAX / 2, &window_ms)) {
        return;
    }
    if (window_ms > 60000) {
        bg_error(c, "40079", "receiveWindow must be below 60 seconds");
        return;
    }
    if (at_ms != 0 && window_ms != 0 &&
        c->engine->now_us / US_PER_MS > (int64_t)(at_ms + window_ms)) {
        bg_error(c, "40078", "Request timestamp expired");
        return;
    }
    if (bg_arg(c, "symbol").size > 0) {
        i = bg_symbol(c);
        if (i == NULL) {
            return;
        }
    }
    cancel_many(c, i);
}

/* ---- close --------------------------------------------------------------------------------- */

struct sim_order *bg_close_one(struct bg_call *c, struct sim_instrument *i)
{
    struct decimal size = sim_position_of(c->account, c->engine, i)->size;
    struct sim_terms t = { .instrument = i, .type = SIM_MKT, .reduce_only = true };
    struct sim_order *o = NULL;

    if (decimal_sign(size) == 0) {
        return NULL;
    }
    t.side = decimal_sign(size) > 0 ? SIM_SELL : SIM_BUY;
    t.qty = sim_abs(size);
    t.extra.flags = BG_MARKET | BG_CLOSE;
    t.extra.has_stp = true;
    t.extra.stp = SIM_STP_NONE;
    if (sim_place(c->engine, c->account, &t, &o) == SIM_HOLD) {
        bg_release_later(c, o);
    }
    return o;
}

static bool wanted_side(struct bg_call *c, const struct sim_instrument *i)
{
    int sign = decimal_sign(sim_position_of(c->account, c->engine, i)->size);

    if (!c->own->hedge || bg_arg(c, "holdSide").size == 0) {
        return true; /* holdSide is ignored in one-way mode */
    }
    return bytes_is(bg_arg(c, "holdSide"), sign > 0 ? "long" : "short");
}

void bg_close_positions(struct bg_call *c)
{
    struct bytes symbol = bg_arg(c, "symbol");
    struct bg_item item[SIM_INSTRUMENTS_MAX] = { { .code = NULL } };
    size_t count = 0;
    size_t n;

    if (!bg_product(c) || (symbol.size > 0 && bg_symbol(c) == NULL)) {
        return;
    }
    for (n = 0; n < c->engine->instrument_count; n++) {
        struct sim_instrument *i = &c->engine->instrument[n];

        if (bg_in_product(c, i) && (symbol.size == 0 || bytes_is(symbol, i->symbol)) &&
            wanted_side(c, i)) {
            item[count].order = bg_close_one(c, i);
            count += item[count].order != NULL ? 1 : 0;
        }
    }
    if (count == 0) {
        bg_error(c, "22002", "No position to close");
        return;
    }
    bg_lists(c, item, count);
}
