/*
 * Bitget mix-v1 exactly as the seed describes it: no client order id, leverage and margin mode on
 * every order, its own six error codes, `status` everywhere, times as numbers. Its answers carry a
 * state, but a market, ioc or fok order answered "new" is final an instant later.
 */
#include "venuesim_bitget.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define BATCH_MAX 50

/* ---- spelling ------------------------------------------------------------------------------ */

static const char *v1_status(const struct sim_order *o)
{
    if (o->state == SIM_HELD || o->state == SIM_OPEN) {
        return decimal_sign(o->filled) > 0 ? "partially_filled" : "new";
    }
    return bg_status(o, true);
}

static const char *v1_type(const struct sim_order *o)
{
    static const char *const words[] = { "limit", "post_only", "ioc", "market", "fok" };

    return o->type <= SIM_FOK ? words[o->type] : "limit";
}

static void number(struct buf *out, const char *name, int64_t us)
{
    buf_printf(out, ",\"%s\":%lld", name, (long long)(us / US_PER_MS));
}

static void common_write(struct buf *out, const struct sim_order *o)
{
    buf_printf(out, "{\"orderId\":\"%s\",\"symbol\":\"%s\"", o->id, o->instrument->symbol);
    text_member(out, "side", o->side == SIM_BUY ? "buy" : "sell");
    text_member(out, "orderType", v1_type(o));
    if (o->type == SIM_MKT) {
        text_member(out, "price", "");
    } else {
        text_decimal_member(out, "price", o->price);
    }
    text_decimal_member(out, "size", o->qty);
}

static void modes_write(struct buf *out, const struct sim_order *o, const char *status)
{
    text_decimal_member(out, "leverage", o->extra.leverage);
    text_member(out, "marginMode", (o->extra.flags & BG_ISOLATED) != 0 ? "isolated" : "cross");
    text_member(out, "status", status);
    number(out, "createTime", o->created_us);
}

static void order_write(struct buf *out, const struct sim_order *o)
{
    common_write(out, o);
    text_decimal_member(out, "filledSize", o->filled);
    text_decimal_member(out, "avgPrice", bg_average(o));
    modes_write(out, o, v1_status(o));
    number(out, "updateTime", o->updated_us);
    buf_char(out, '}');
}

/* ---- place --------------------------------------------------------------------------------- */

static void read_type(struct bg_item *it)
{
    static const struct {
        const char *word;
        enum sim_type type;
    } types[] = {
        { "limit", SIM_LMT }, { "market", SIM_MKT }, { "post_only", SIM_POST },
        { "fok", SIM_FOK },   { "ioc", SIM_IOC },
    };
    struct bytes text = bg_text(it, "orderType");
    size_t n;

    for (n = 0; n < ARRAY_LEN(types); n++) {
        if (bytes_is(text, types[n].word)) {
            it->terms.type = types[n].type;
            return;
        }
    }
    bg_fail(it, "60001", "Invalid order type");
}

static void read_price(struct bg_item *it)
{
    struct sim_terms *t = &it->terms;

    if (t->type == SIM_MKT) {
        return;
    }
    t->has_price = bg_decimal(it, "price", &t->price);
    if (!t->has_price || decimal_sign(t->price) <= 0 ||
        !decimal_is_multiple(t->price, t->instrument->tick)) {
        it->code = NULL;
        bg_fail(it, "60003", "Invalid price");
    }
}

static void read_modes(struct bg_item *it)
{
    struct sim_terms *t = &it->terms;
    struct bytes mode = bg_text(it, "marginMode");
    const cJSON *reduce = cJSON_GetObjectItemCaseSensitive(it->json, "reduceOnly");

    if (!bytes_is(mode, "isolated") && !bytes_is(mode, "cross")) {
        bg_fail(it, mode.size == 0 ? "40811" : "40017", "Parameter verification failed marginMode");
    }
    t->extra.flags |= bytes_is(mode, "isolated") ? BG_ISOLATED : 0;
    if (!bg_decimal(it, "leverage", &t->extra.leverage) || decimal_sign(t->extra.leverage) <= 0) {
        bg_fail(it, "40811", "The parameter leverage should not be null");
    }
    if (reduce != NULL && !cJSON_IsBool(reduce)) {
        bg_fail(it, "40017", "Parameter verification failed reduceOnly");
    }
    t->reduce_only = cJSON_IsTrue(reduce);
    t->extra.has_stp = true;
    t->extra.stp = SIM_STP_NONE;
}

static void read_order(struct bg_call *c, struct bg_item *it)
{
    struct sim_terms *t = &it->terms;
    struct bytes side = bg_text(it, "side");

    t->instrument = sim_instrument_find(c->engine, bg_text(it, "symbol"));
    if (t->instrument == NULL) {
        bg_fail(it, "40102", "Contract configuration does not exist");
        return;
    }
    if (!bytes_is(side, "buy") && !bytes_is(side, "sell")) {
        bg_fail(it, "40017", "Parameter verification failed side");
    }
    t->side = bytes_is(side, "sell") ? SIM_SELL : SIM_BUY;
    read_type(it);
    read_modes(it);
    if (it->code != NULL) {
        return;
    }
    if (!bg_decimal(it, "size", &t->qty) || decimal_sign(t->qty) <= 0 ||
        !decimal_is_multiple(t->qty, t->instrument->step)) {
        it->code = NULL;
        bg_fail(it, "60002", "Invalid size");
        return;
    }
    read_price(it);
}

static void place_one(struct bg_call *c, struct bg_item *it)
{
    enum sim_result result;

    read_order(c, it);
    if (it->code != NULL) {
        return;
    }
    result = sim_place(c->engine, c->account, &it->terms, &it->order);
    if (result == SIM_HOLD) {
        bg_release_later(c, it->order);
    } else if (it->order == NULL && result == SIM_NO_FUNDS) {
        bg_fail(it, "60004", "Insufficient margin");
    } else if (it->order == NULL && (result == SIM_MAX_POSITION || result == SIM_TOO_MANY)) {
        bg_fail(it, "60005", "Position limit exceeded");
    } else if (it->order == NULL && result == SIM_COLLAR) {
        bg_fail(it, "60003", "Invalid price");
    } else if (it->order == NULL) {
        bg_engine_refused(it, result);
    }
}

void v1_place(struct bg_call *c)
{
    struct bg_item it = { .json = c->json };

    place_one(c, &it);
    if (it.code != NULL) {
        bg_error(c, it.code, "%s", it.text);
        return;
    }
    bg_begin(c);
    common_write(c->out, it.order);
    modes_write(c->out, it.order, "new");
    buf_char(c->out, '}');
    bg_end(c);
    answer_note(&c->req->answer, "00000 orderId=%s", it.order->id);
}

static void brief(struct bg_call *c, const struct sim_order *o, const char *status)
{
    buf_printf(c->out, "{\"orderId\":\"%s\",\"symbol\":\"%s\",\"status\":\"%s\"}", o->id,
               o->instrument->symbol, status);
}

/* How a refused item looks is not known: it is left out, so that the answer may be shorter. */
void v1_batch(struct bg_call *c)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->json, "orders");
    int count = cJSON_GetArraySize(list);
    const char *comma = "";
    const cJSON *json;

    if (!cJSON_IsArray(list) || count == 0 || count > BATCH_MAX) {
        bg_error(c, "40306", "Batch processing orders can only process up to %d", BATCH_MAX);
        return;
    }
    bg_begin(c);
    buf_char(c->out, '[');
    cJSON_ArrayForEach(json, list)
    {
        struct bg_item it = { .json = json };

        if (c->item_code[0] != '\0') {
            bg_fail(&it, c->item_code, "%s", c->item_text);
        } else {
            place_one(c, &it);
        }
        if (it.code == NULL) {
            buf_text(c->out, comma);
            brief(c, it.order, "new");
            comma = ",";
        } else {
            audit_request(&c->sim->audit, c->engine->now_us, "item_refused", c->route->op,
                          (struct bytes){ NULL, 0 }, it.text);
        }
    }
    buf_char(c->out, ']');
    bg_end(c);
}

/* ---- cancel -------------------------------------------------------------------------------- */

static struct sim_order *order_of(struct bg_call *c)
{
    const struct sim_instrument *i = bg_symbol(c);
    struct sim_order *o;

    if (i == NULL || !bg_need(c, "orderId")) {
        return NULL;
    }
    o = sim_order_find(c->engine, c->account, bg_arg(c, "orderId"), BYTES(""));
    if (o == NULL || o->instrument != i) {
        bg_error(c, "60006", "Order not found");
        return NULL;
    }
    return o;
}

void v1_cancel(struct bg_call *c)
{
    struct sim_order *o = order_of(c);

    if (o == NULL) {
        return;
    }
    bg_release_now(c->engine, o);
    if (sim_cancel(c->engine, o, SIM_BY_USER) != SIM_OK) {
        bg_error(c, "60006", "Order not found");
        return;
    }
    bg_begin(c);
    brief(c, o, "cancelled");
    bg_end(c);
}

void v1_cancel_all(struct bg_call *c)
{
    const struct sim_instrument *i = bg_symbol(c);
    struct sim_order *o;
    const char *comma = "";

    if (i == NULL) {
        return;
    }
    bg_begin(c);
    buf_text(c->out, "{\"success\":true,\"cancelledOrders\":[");
    for (o = c->account->open_first; o != NULL; o = o->open_next) {
        if (o->instrument == i) {
            buf_printf(c->out, "%s\"%s\"", comma, o->id);
            comma = ",";
        }
    }
    buf_text(c->out, "]}");
    bg_end(c);
    (void)sim_cancel_all(c->engine, c->account, i, SIM_BY_USER);
}

/* ---- questions ----------------------------------------------------------------------------- */

void v1_detail(struct bg_call *c)
{
    const struct sim_order *o = order_of(c);

    if (o == NULL) {
        return;
    }
    bg_begin(c);
    order_write(c->out, o);
    bg_end(c);
    answer_note(&c->req->answer, "%s", v1_status(o));
}

void v1_current(struct bg_call *c)
{
    const struct sim_instrument *i = bg_symbol(c);
    const struct sim_order *o;
    const char *comma = "";
    uint64_t limit;

    if (i == NULL || !bg_number(c, "limit", 100, 500, &limit)) {
        return;
    }
    bg_begin(c);
    buf_char(c->out, '[');
    for (o = c->account->open_first; o != NULL && limit > 0; o = o->open_next) {
        if (o->instrument == i) {
            buf_text(c->out, comma);
            order_write(c->out, o);
            comma = ",";
            limit--;
        }
    }
    buf_char(c->out, ']');
    bg_end(c);
}

struct v1_span {
    uint64_t from_ms, to_ms, limit;
};

static bool span_read(struct bg_call *c, struct v1_span *s)
{
    return bg_number(c, "startTime", 0, INT64_MAX / 4, &s->from_ms) &&
           bg_number(c, "endTime", INT64_MAX / 4, INT64_MAX / 4, &s->to_ms) &&
           bg_number(c, "limit", 100, 500, &s->limit);
}

static bool within(const struct v1_span *s, int64_t at_us)
{
    uint64_t ms = (uint64_t)(at_us / US_PER_MS);

    return ms >= s->from_ms && ms <= s->to_ms;
}

/* Newest first; there is no cursor. */
void v1_history(struct bg_call *c)
{
    const struct sim_instrument *i = bg_symbol(c);
    struct sim_order **list = NULL;
    struct sim_order *o;
    struct v1_span s;
    size_t count = 0;
    size_t capacity = 0;
    const char *comma = "";

    if (i == NULL || !span_read(c, &s)) {
        return;
    }
    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        if (o->account == c->account && o->instrument == i && o->closed_us != 0 &&
            within(&s, o->created_us)) {
            list = sim_grow(list, count, &capacity, sizeof(struct sim_order *));
            list[count++] = o;
        }
    }
    bg_begin(c);
    buf_char(c->out, '[');
    for (; count > 0 && s.limit > 0; s.limit--) {
        buf_text(c->out, comma);
        order_write(c->out, list[--count]);
        comma = ",";
    }
    buf_char(c->out, ']');
    bg_end(c);
    free(list);
}

static void fill_write(struct buf *out, const struct sim_exec *x)
{
    buf_printf(out, "{\"tradeId\":\"%s\",\"orderId\":\"%s\"", x->id, x->order->id);
    text_member(out, "symbol", x->order->instrument->symbol);
    text_member(out, "side", x->order->side == SIM_BUY ? "buy" : "sell");
    text_decimal_member(out, "price", x->price);
    text_decimal_member(out, "size", x->qty);
    text_decimal_member(out, "fee", x->fee);
    text_member(out, "feeCurrency", x->order->instrument->pair);
    text_member(out, "role", x->taker ? "taker" : "maker");
    number(out, "createTime", x->wall_us);
    buf_char(out, '}');
}

void v1_fills(struct bg_call *c)
{
    const struct sim_instrument *i = bg_symbol(c);
    size_t n = c->account->exec_count;
    const char *comma = "";
    struct v1_span s;

    if (i == NULL || !span_read(c, &s)) {
        return;
    }
    bg_begin(c);
    buf_char(c->out, '[');
    while (n > 0 && s.limit > 0) {
        const struct sim_exec *x = c->account->exec[--n];

        if (x->order->instrument == i && within(&s, x->wall_us)) {
            buf_text(c->out, comma);
            fill_write(c->out, x);
            comma = ",";
            s.limit--;
        }
    }
    buf_char(c->out, ']');
    bg_end(c);
}

/* ---- positions ----------------------------------------------------------------------------- */

void v1_close(struct bg_call *c)
{
    struct sim_instrument *i = bg_symbol(c);
    struct bytes side = bg_arg(c, "positionSide");
    struct sim_order *o = NULL;
    int sign;

    if (i == NULL) {
        return;
    }
    if (side.size > 0 && !bytes_is(side, "long") && !bytes_is(side, "short")) {
        bg_error(c, "40017", "Parameter verification failed positionSide");
        return;
    }
    sign = decimal_sign(sim_position_of(c->account, c->engine, i)->size);
    if (side.size == 0 || bytes_is(side, sign > 0 ? "long" : "short")) {
        o = bg_close_one(c, i);
    }
    if (o == NULL) {
        bg_error(c, "22002", "No position to close");
        return;
    }
    bg_begin(c);
    brief(c, o, "new");
    bg_end(c);
}

void v1_leverage(struct bg_call *c)
{
    const struct sim_instrument *i = bg_symbol(c);
    struct bytes mode = bg_arg(c, "marginMode");
    struct decimal value;

    if (i == NULL) {
        return;
    }
    if (!bytes_is(mode, "isolated") && !bytes_is(mode, "cross")) {
        bg_error(c, "40017", "Parameter verification failed marginMode");
        return;
    }
    if (!decimal_parse(bg_arg(c, "leverage"), &value) || decimal_sign(value) <= 0 ||
        decimal_compare(value, (struct decimal){ 125, 0 }) > 0) {
        bg_error(c, "40020", "Parameter leverage error");
        return;
    }
    sim_position_of(c->account, c->engine, i)->max_leverage = value;
    bg_begin(c);
    buf_printf(c->out, "{\"symbol\":\"%s\"", i->symbol);
    text_decimal_member(c->out, "leverage", value);
    text_bytes_member(c->out, "marginMode", mode);
    buf_char(c->out, '}');
    bg_end(c);
}
