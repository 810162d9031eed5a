/*
 * Kraken Futures: lists of the derivatives API: orders by id, open orders, fills, positions,
 * instruments, and account settings. A malformed element makes the whole list unreadable: an order
 * missing from a list is taken for gone.
 */
#include "kraken_futures.h"

/* ---- orders by id -------------------------------------------------------------------------- */

static bool ended_by_expiry(struct bytes reason)
{
    return answer_same(reason, "CONTRACT_EXPIRED") || answer_same(reason, "EXPIRED");
}

/* `status`, sharpened by `updateReason` and `error`. A status not listed stays PENDING: ask again.
 */
static void settle_status(struct venue_order_state *o, struct bytes status, struct bytes update,
                          struct bytes error)
{
    const struct kraken_word_rule *why = kraken_word_find(update);
    const struct kraken_word_rule *wrong = kraken_word_find(error);
    const struct kraken_word_rule *told = wrong != NULL ? wrong : why;

    o->code = error.size > 0 ? error : update.size > 0 ? update : status;
    o->cause = why == NULL ? VENUE_CAUSE_NONE : why->cause;
    o->status = VENUE_ORDER_PENDING;
    if (bytes_is(status, "ENTERED_BOOK")) {
        o->status = answer_same(update, "EDITED_BY_USER") ? VENUE_ORDER_REPLACED : VENUE_ORDER_OPEN;
    } else if (bytes_is(status, "TRIGGER_PLACED")) {
        o->status = VENUE_ORDER_OPEN;
        o->is_trigger = true;
    } else if (bytes_is(status, "FULLY_EXECUTED")) {
        o->status = VENUE_ORDER_FILLED;
    } else if (bytes_is(status, "CANCELLED")) {
        o->status = ended_by_expiry(update) ? VENUE_ORDER_EXPIRED : VENUE_ORDER_CANCELED;
    } else if (bytes_is(status, "REJECTED")) {
        o->status = VENUE_ORDER_REJECTED;
        o->reason =
            told == NULL || told->reason == VENUE_REASON_NONE ? VENUE_REASON_OTHER : told->reason;
        o->cause = told == NULL ? VENUE_CAUSE_NONE : told->cause;
    } else if (bytes_is(status, "TRIGGER_ACTIVATION_FAILURE")) {
        /* It had been accepted, fired, and could not be placed. */
        o->status = VENUE_ORDER_CANCELED;
        o->is_trigger = true;
        o->reason =
            told == NULL || told->reason == VENUE_REASON_NONE ? VENUE_REASON_OTHER : told->reason;
        o->cause =
            told == NULL || told->cause == VENUE_CAUSE_NONE ? VENUE_CAUSE_VENUE : told->cause;
    }
    /* Accepted without anybody to trade with: canceled, as in the answer to the order itself. */
    if (o->status == VENUE_ORDER_REJECTED && o->reason == VENUE_REASON_NO_LIQUIDITY) {
        o->status = VENUE_ORDER_CANCELED;
        o->reason = VENUE_REASON_NONE;
    }
}

static void read_status_order(struct answer *p, const struct cJSON *item,
                              struct venue_order_state *o)
{
    const struct cJSON *order = json_member(item, "order");
    struct bytes status;
    struct bytes update;
    struct bytes error;
    struct bytes type;

    if (!answer_text(p, order, "orderId", &o->venue_id) ||
        !answer_text(p, item, "status", &status)) {
        p->bad = true;
        return;
    }
    answer_text(p, order, "cliOrdId", &o->client_id);
    answer_upper(p, order, "symbol", &o->symbol);
    o->side = answer_side(p, order, "side");
    o->has_filled = answer_decimal(p, order, "filled", &o->filled);
    o->has_stop = answer_decimal(p, json_member(order, "priceTriggerOptions"), "triggerPrice",
                                 &o->stop_price);
    answer_iso_time(p, order, "lastUpdateTimestamp", &o->updated_us);
    answer_text(p, item, "updateReason", &update);
    answer_text(p, item, "error", &error);
    settle_status(o, status, update, error);
    if (answer_text(p, order, "type", &type) && bytes_is(type, "TRIGGER_ORDER")) {
        o->is_trigger = true;
    }
    /* `quantity` is the total or the rest; both are the same on the book with nothing filled.
     * limitPrice has been seen wrong here and is not read. */
    if (o->status == VENUE_ORDER_OPEN && !(o->has_filled && decimal_sign(o->filled) != 0)) {
        o->has_qty = answer_decimal(p, order, "quantity", &o->qty) && decimal_sign(o->qty) > 0;
    }
}

static bool listed(const struct venue_reply *r, size_t count, struct bytes id, bool by_client_id)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(id, by_client_id ? r->order[i].client_id : r->order[i].venue_id)) {
            return true;
        }
    }
    return false;
}

/* The venue leaves out what it does not know (any more: its memory is 5 seconds). */
static void add_absent(struct answer *p, const struct bytes *id, size_t count, size_t found,
                       bool by_client_id)
{
    for (size_t i = 0; i < count; i++) {
        if (!listed(p->reply, found, id[i], by_client_id)) {
            struct venue_order_state *o = &p->reply->order[p->reply->order_count++];

            o->status = VENUE_ORDER_ABSENT;
            *(by_client_id ? &o->client_id : &o->venue_id) = answer_keep(p, id[i]);
        }
    }
}

static void read_status_list(struct answer *p)
{
    const struct venue_call *call = p->call;
    const struct cJSON *orders = answer_array(p, p->root, "orders");
    size_t found = json_count(orders);

    p->reply->order = answer_take(p, found + call->client_id_count + call->venue_id_count,
                                  sizeof *p->reply->order);
    for (const struct cJSON *o = json_first(orders); o != NULL && !p->bad; o = json_next(o)) {
        read_status_order(p, o, &p->reply->order[p->reply->order_count++]);
    }
    if (!p->bad) {
        add_absent(p, call->venue_id, call->venue_id_count, found, false);
        add_absent(p, call->client_id, call->client_id_count, found, true);
    }
    p->reply->complete = true;
}

/* ---- open orders --------------------------------------------------------------------------- */

static bool is_trigger_type(struct bytes type)
{
    return bytes_is(type, "stop") || bytes_is(type, "stp") || bytes_is(type, "take_profit") ||
           bytes_is(type, "trailing_stop");
}

static void read_open_order(struct answer *p, const struct cJSON *item, struct venue_order_state *o)
{
    struct decimal unfilled;
    struct bytes type;

    o->status = VENUE_ORDER_OPEN;
    answer_text(p, item, "cliOrdId", &o->client_id);
    answer_upper(p, item, "symbol", &o->symbol);
    answer_text(p, item, "status", &o->code);
    o->side = answer_side(p, item, "side");
    o->has_price = answer_decimal(p, item, "limitPrice", &o->price);
    o->has_stop = answer_decimal(p, item, "stopPrice", &o->stop_price);
    o->has_filled = answer_decimal(p, item, "filledSize", &o->filled);
    answer_iso_time(p, item, "lastUpdateTime", &o->updated_us);
    o->is_trigger = answer_text(p, item, "orderType", &type) && is_trigger_type(type);
    if (!answer_text(p, item, "order_id", &o->venue_id)) {
        p->bad = true;
        return;
    }
    if (o->has_filled && answer_decimal(p, item, "unfilledSize", &unfilled)) {
        o->has_qty = decimal_add(o->filled, unfilled, &o->qty);
    }
}

static void read_open_orders(struct answer *p)
{
    const struct cJSON *orders = answer_array(p, p->root, "openOrders");

    p->reply->order = answer_take(p, json_count(orders), sizeof *p->reply->order);
    for (const struct cJSON *o = json_first(orders); o != NULL && !p->bad; o = json_next(o)) {
        read_open_order(p, o, &p->reply->order[p->reply->order_count++]);
    }
    p->reply->complete = true;
}

/* ---- fills --------------------------------------------------------------------------------- */

static void read_fill(struct answer *p, const struct cJSON *item, struct venue_fill *f)
{
    struct bytes type;

    answer_text(p, item, "order_id", &f->venue_id);
    answer_text(p, item, "cliOrdId", &f->client_id);
    answer_upper(p, item, "symbol", &f->symbol);
    answer_iso_time(p, item, "fillTime", &f->time_us);
    f->side = answer_side(p, item, "side");
    if (answer_text(p, item, "fillType", &type)) {
        kraken_fill_type(type, &f->liquidity, &f->by_venue);
    }
    if (!answer_text(p, item, "fill_id", &f->exec_id) ||
        !answer_decimal(p, item, "size", &f->qty) || !answer_decimal(p, item, "price", &f->price)) {
        p->bad = true;
    }
}

/* The venue lists the newest first; the reply the oldest first. */
static void read_fills(struct answer *p)
{
    const struct cJSON *fills = answer_array(p, p->root, "fills");
    size_t count = json_count(fills);
    size_t at = count;

    p->reply->fill = answer_take(p, count, sizeof *p->reply->fill);
    for (const struct cJSON *f = json_first(fills); f != NULL && !p->bad; f = json_next(f)) {
        read_fill(p, f, &p->reply->fill[--at]);
    }
    p->reply->fill_count = count;
    p->reply->complete = count < KRAKEN_FILLS_PAGE; /* a full page: older ones may be cut off */
}

/* ---- positions ----------------------------------------------------------------------------- */

static void read_position(struct answer *p, const struct cJSON *item, struct venue_position *out)
{
    struct bytes side;

    out->isolated = kraken_has(item, "maxFixedLeverage");
    if (!answer_text(p, item, "side", &side) || !answer_upper(p, item, "symbol", &out->symbol) ||
        !answer_decimal(p, item, "size", &out->qty) ||
        !answer_decimal(p, item, "price", &out->price) ||
        !(bytes_is(side, "long") || bytes_is(side, "short"))) {
        p->bad = true;
        return;
    }
    out->side = bytes_is(side, "long") ? VENUE_BUY : VENUE_SELL;
}

static void read_positions(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->root, "openPositions");

    p->reply->position = answer_take(p, json_count(list), sizeof *p->reply->position);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        read_position(p, i, &p->reply->position[p->reply->position_count++]);
    }
    p->reply->complete = true;
}

/* ---- settings ------------------------------------------------------------------------------ */

/* "PF_XBTUSD=10 PF_ETHUSD=5": contracts with a setting; all others are cross. */
static void read_get_leverage(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->root, "leveragePreferences");
    struct bytes symbol;
    struct decimal leverage;
    struct buf text;

    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        if (!answer_upper(p, i, "symbol", &symbol) ||
            !answer_decimal(p, i, "maxLeverage", &leverage)) {
            p->bad = true;
            break;
        }
        if (text.size > 0) {
            buf_char(&text, ' ');
        }
        buf_bytes(&text, symbol);
        buf_char(&text, '=');
        buf_decimal(&text, leverage);
    }
    p->bad = p->bad || text.failed;
    p->reply->setting = answer_keep(p, buf_view(&text));
    p->reply->complete = true;
    buf_fini(&text);
}

/* The envelope says it all. */
static void read_nothing(struct answer *p)
{
    struct bytes result;

    if (json_text(p->root, "result", &result) != JSON_OK) {
        p->bad = true;
    }
}

static void read_stp(struct answer *p)
{
    if (!answer_text(p, p->root, "strategy", &p->reply->setting)) {
        p->bad = true;
    }
}

/* ---- instruments --------------------------------------------------------------------------- */

/* base and quote, or both from pair ("XBT:USD"). */
static void read_currencies(struct answer *p, const struct cJSON *item,
                            struct venue_instrument *out)
{
    struct bytes pair;
    const char *colon;

    answer_text(p, item, "base", &out->base);
    answer_text(p, item, "quote", &out->quote);
    if (out->base.size > 0 || !answer_text(p, item, "pair", &pair)) {
        return;
    }
    colon = memchr(pair.data, ':', pair.size);
    if (colon != NULL) {
        out->base = (struct bytes){ pair.data, (size_t)(colon - pair.data) };
        out->quote = (struct bytes){ colon + 1, pair.size - out->base.size - 1 };
    }
}

/* False: no sizes, so nothing to trade (the list also holds indices). */
static bool read_steps(struct answer *p, const struct cJSON *item, struct venue_instrument *out)
{
    int64_t precision;

    if (!answer_decimal(p, item, "tickSize", &out->tick) || decimal_sign(out->tick) <= 0 ||
        json_int(p->doc, item, "contractValueTradePrecision", &precision) != JSON_OK ||
        precision < -DECIMAL_SCALE_MAX || precision > DECIMAL_SCALE_MAX) {
        return false;
    }
    out->lot = decimal_power10((int)-precision); /* -3: multiples of 1000 */
    out->qty_min = out->lot;
    return true;
}

static void read_instrument(struct answer *p, const struct cJSON *item,
                            struct venue_instrument *out)
{
    int64_t hold_ms = 0;
    bool has_steps = read_steps(p, item, out);

    answer_text(p, item, "type", &out->kind);
    read_currencies(p, item, out);
    answer_iso_time(p, item, "lastTradingTime", &out->expires_us);
    answer_ms_time(p, item, "makerProtectionMillis", &hold_ms);
    out->hold_us = hold_ms;
    out->inverse = bytes_is(out->kind, "futures_inverse");
    out->post_only = answer_flag(p, item, "postOnly");
    /* `tradeable` stays true after the end. */
    out->tradeable =
        has_steps && answer_flag(p, item, "tradeable") && !answer_flag(p, item, "isExpired");
    if (!answer_upper(p, item, "symbol", &out->symbol)) {
        p->bad = true;
    }
}

static void read_instruments(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->root, "instruments");

    p->reply->instrument = answer_take(p, json_count(list), sizeof *p->reply->instrument);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        read_instrument(p, i, &p->reply->instrument[p->reply->instrument_count++]);
    }
    p->reply->complete = true;
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome kraken_parse_status(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_status_list);
}

enum venue_outcome kraken_parse_open_orders(const struct venue_call *call,
                                            const struct http_response *rsp, struct arena *arena,
                                            struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_open_orders);
}

enum venue_outcome kraken_parse_fills(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_fills);
}

enum venue_outcome kraken_parse_positions(const struct venue_call *call,
                                          const struct http_response *rsp, struct arena *arena,
                                          struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_positions);
}

enum venue_outcome kraken_parse_get_leverage(const struct venue_call *call,
                                             const struct http_response *rsp, struct arena *arena,
                                             struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_get_leverage);
}

enum venue_outcome kraken_parse_set_leverage(const struct venue_call *call,
                                             const struct http_response *rsp, struct arena *arena,
                                             struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_nothing);
}

enum venue_outcome kraken_parse_stp(const struct venue_call *call, const struct http_response *rsp,
                                    struct arena *arena, struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_stp);
}

enum venue_outcome kraken_parse_instruments(const struct venue_call *call,
                                            const struct http_response *rsp, struct arena *arena,
                                            struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_instruments);
}
