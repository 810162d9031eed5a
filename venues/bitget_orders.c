/*
 * Bitget mix-v2: orders and triggers as detail and the lists show them, and the answers made of
 * them. A malformed row makes the whole list unreadable: an order missing from a list is taken for
 * gone.
 */
#include "bitget.h"

/* ---- one order ----------------------------------------------------------------------------- */

static bool closes_position(const struct cJSON *row)
{
    return bitget_word(row, "posMode", "hedge_mode") && bitget_word(row, "tradeSide", "close");
}

/* In hedge mode `side` names the position: closing a long one sells. */
static enum venue_side trade_side(const struct cJSON *row)
{
    bool buy = bitget_word(row, "side", "buy");
    bool closes = closes_position(row);

    if (!buy && !bitget_word(row, "side", "sell")) {
        return (enum venue_side)0;
    }
    return buy != closes ? VENUE_BUY : VENUE_SELL;
}

static void read_shape(const struct cJSON *row, struct venue_order_state *o)
{
    if (bitget_word(row, "orderType", "market")) {
        o->type = VENUE_MARKET;
    } else if (bitget_word(row, "orderType", "limit")) {
        o->type = VENUE_LIMIT;
    }
    o->post_only = bitget_word(row, "force", "post_only");
    o->reduce_only = bitget_word(row, "reduceOnly", "yes") || closes_position(row);
    if (bitget_word(row, "force", "ioc")) {
        o->tif = VENUE_IOC;
    } else if (bitget_word(row, "force", "fok")) {
        o->tif = VENUE_FOK;
    } else if (o->post_only || bitget_word(row, "force", "gtc")) {
        o->tif = VENUE_GTC;
    }
}

/* What a row of a plain order and one of a trigger have in common. */
static void read_common(struct answer *p, const struct cJSON *row, struct venue_order_state *o)
{
    struct bytes client_id;

    if (!bitget_id(p, row, "orderId", &o->venue_id)) {
        p->bad = true;
        return;
    }
    if (answer_text(p, row, "clientOid", &client_id)) {
        o->client_id =
            bitget_root_id(client_id); /* a modified order is still ours under its first id */
    }
    answer_upper(p, row, "symbol", &o->symbol);
    o->side = trade_side(row);
    read_shape(row, o);
    o->has_qty = answer_filled_decimal(p, row, "size", &o->qty) && decimal_sign(o->qty) > 0;
    o->has_price = answer_filled_decimal(p, row, "price", &o->price) && decimal_sign(o->price) > 0;
    answer_filled_ms_time(p, row, "cTime", &o->created_us);
    if (!answer_filled_ms_time(p, row, "uTime", &o->updated_us)) {
        o->updated_us = o->created_us;
    }
}

static bool never_rests(const struct venue_order_state *o)
{
    return o->type == VENUE_MARKET || o->tif == VENUE_IOC || o->tif == VENUE_FOK;
}

/* `state` in detail, `status` in the lists. A word not listed stays PENDING: ask again. */
void bitget_read_order(struct answer *p, const struct cJSON *row, struct venue_order_state *o)
{
    struct bytes word;
    struct bytes reason;
    struct bytes source;

    read_common(p, row, o);
    if (!answer_text(p, row, "state", &word) && !answer_text(p, row, "status", &word)) {
        p->bad = true;
        return;
    }
    o->has_filled = answer_filled_decimal(p, row, "baseVolume", &o->filled);
    o->has_avg_price =
        answer_filled_decimal(p, row, "priceAvg", &o->avg_price) && decimal_sign(o->avg_price) > 0;
    answer_text(p, row, "cancelReason", &reason);
    answer_text(p, row, "orderSource", &source);
    o->code = reason.size > 0 ? reason : word;
    o->status = VENUE_ORDER_PENDING;
    if (!bitget_status(word, &o->status)) {
        return;
    }
    if (o->status == VENUE_ORDER_CANCELED) {
        o->cause = bitget_cause(reason, source);
        if (o->cause == VENUE_CAUSE_NONE && never_rests(o)) {
            o->cause = VENUE_CAUSE_NO_LIQUIDITY;
        }
    } else if (o->status == VENUE_ORDER_REJECTED) {
        o->reason = VENUE_REASON_OTHER;
    }
}

/* A trigger. Fired, it is another order at the venue, its successor. */
static void read_plan(struct answer *p, const struct cJSON *row, struct venue_order_state *o)
{
    struct bytes word;
    struct decimal limit;

    read_common(p, row, o);
    if (!answer_text(p, row, "planStatus", &word) && !answer_text(p, row, "status", &word)) {
        p->bad = true;
        return;
    }
    o->code = word;
    o->type = (enum venue_order_type)0; /* orderType is of the order it will make */
    o->has_stop = answer_filled_decimal(p, row, "triggerPrice", &o->stop_price) &&
                  decimal_sign(o->stop_price) > 0;
    if (!o->has_price && answer_filled_decimal(p, row, "executePrice", &limit) &&
        decimal_sign(limit) > 0) {
        o->has_price = true;
        o->price = limit;
    }
    o->status = VENUE_ORDER_PENDING;
    if (!bitget_status(word, &o->status)) {
        return;
    }
    o->is_trigger = !answer_same(word, "executed") && !answer_same(word, "executing");
    if (!o->is_trigger) {
        bitget_id(p, row, "executeOrderId", &o->successor_id);
        o->has_filled = answer_filled_decimal(p, row, "baseVolume", &o->filled);
    } else if (o->status == VENUE_ORDER_REJECTED) {
        o->reason = VENUE_REASON_OTHER;
        o->cause = VENUE_CAUSE_VENUE;
    }
}

/* ---- lists --------------------------------------------------------------------------------- */

static size_t read_rows(struct answer *p, bool plan)
{
    const struct cJSON *rows = bitget_rows(p, json_member(p->data, "entrustedList"));
    size_t count = json_count(rows);

    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        struct venue_order_state *o = &p->reply->order[p->reply->order_count++];

        if (plan) {
            read_plan(p, r, o);
        } else {
            bitget_read_order(p, r, o);
        }
    }
    return count;
}

static size_t page_size(const struct venue_call *call)
{
    return call->count == 0 || call->count > BITGET_PAGE ? BITGET_PAGE : call->count;
}

/* A full page goes on behind `endId`; true when it does. A page without an end is the last. */
static bool page_goes_on(struct answer *p, unsigned stage, size_t rows, struct bytes asked_after)
{
    struct bytes end;

    if (rows < page_size(p->call)) {
        return false;
    }
    if (!bitget_id(p, p->data, "endId", &end) || bytes_equal(end, asked_after)) {
        p->bad = true; /* there is more, and no way to it */
        return true;
    }
    bitget_set_cursor(p, stage, end);
    return true;
}

static void read_status(struct answer *p)
{
    if (bitget_is_trigger(p->call->order.type)) {
        read_rows(p, true);
    } else if (json_is_object(p->data)) {
        p->reply->order = answer_take(p, 1, sizeof *p->reply->order);
        if (!p->bad) {
            p->reply->order_count = 1;
            bitget_read_order(p, p->data, &p->reply->order[0]);
        }
    } else {
        p->bad = true;
    }
    p->reply->complete = !p->bad;
}

static void read_open_orders(struct answer *p)
{
    const struct bitget_stage *stage;
    struct bitget_cursor at;

    if (!bitget_cursor_parse(p->call->cursor, &at) ||
        (stage = bitget_open_stage(at.stage)) == NULL) {
        p->bad = true;
        return;
    }
    if (page_goes_on(p, at.stage, read_rows(p, stage->plan), at.id)) {
        return;
    }
    if (bitget_open_stage(at.stage + 1) != NULL) {
        bitget_set_cursor(p, at.stage + 1, BYTES(""));
        return;
    }
    p->reply->complete = true;
}

/* What one trigger became: a row for each order it made, or why it made none. */
static void read_sub_orders(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, p->data);

    p->reply->order = answer_take(p, json_count(rows), sizeof *p->reply->order);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        struct venue_order_state *o = &p->reply->order[p->reply->order_count++];

        o->venue_id = answer_keep(p, bitget_arg(p->call, "planOrderId"));
        o->has_price =
            answer_filled_decimal(p, r, "price", &o->price) && decimal_sign(o->price) > 0;
        bitget_id(p, r, "orderId", &o->successor_id);
        if (!answer_text(p, r, "status", &o->code)) {
            p->bad = true;
        } else if (!bitget_status(o->code, &o->status)) {
            o->status = VENUE_ORDER_PENDING;
        }
        o->reason = o->status == VENUE_ORDER_REJECTED ? VENUE_REASON_OTHER : VENUE_REASON_NONE;
    }
    p->reply->complete = true;
}

static void read_trigger_history(struct answer *p)
{
    struct bitget_cursor at;

    if (bitget_arg(p->call, "planOrderId").size > 0) {
        read_sub_orders(p);
        return;
    }
    if (!bitget_cursor_parse(p->call->cursor, &at) || bitget_plan_stage(at.stage) == NULL) {
        p->bad = true;
        return;
    }
    if (page_goes_on(p, at.stage, read_rows(p, true), at.id)) {
        return;
    }
    if (bitget_plan_stage(at.stage + 1) != NULL) {
        bitget_set_cursor(p, at.stage + 1, BYTES(""));
        return;
    }
    p->reply->complete = true;
}

/* The next span, or the end. */
static void end_of_span(struct answer *p, unsigned stage)
{
    int64_t from_us;
    int64_t to_us;

    if (bitget_span(p->call, stage + 1, &from_us, &to_us)) {
        bitget_set_cursor(p, stage + 1, BYTES(""));
        return;
    }
    p->reply->complete = true;
}

static void read_order_history(struct answer *p)
{
    struct bitget_cursor at;

    if (!bitget_cursor_parse(p->call->cursor, &at)) {
        p->bad = true;
    } else if (!page_goes_on(p, at.stage, read_rows(p, false), at.id)) {
        end_of_span(p, at.stage);
    }
}

/* ---- fills --------------------------------------------------------------------------------- */

/* Fees are negative when paid; here what was paid is positive. Several coins: the first is told. */
static void read_fee(struct answer *p, const struct cJSON *row, struct venue_fill *f)
{
    const struct cJSON *fee = json_first(json_member(row, "feeDetail"));

    if (!json_is_array(json_member(row, "feeDetail")) || fee == NULL) {
        return;
    }
    f->has_fee = answer_filled_decimal(p, fee, "totalFee", &f->fee);
    if (f->has_fee && !decimal_sub(DECIMAL_ZERO, f->fee, &f->fee)) {
        p->bad = true;
    }
    answer_text(p, fee, "feeCoin", &f->fee_currency);
}

static void read_fill(struct answer *p, const struct cJSON *row, struct venue_fill *f)
{
    struct bytes side;

    answer_upper(p, row, "symbol", &f->symbol);
    f->side = trade_side(row);
    f->liquidity = bitget_word(row, "tradeScope", "taker")   ? VENUE_TAKER
                   : bitget_word(row, "tradeScope", "maker") ? VENUE_MAKER
                                                             : VENUE_LIQUIDITY_UNKNOWN;
    f->by_venue = answer_text(p, row, "tradeSide", &side) && bitget_is_by_venue(side);
    answer_filled_ms_time(p, row, "cTime", &f->time_us);
    read_fee(p, row, f);
    if (!bitget_id(p, row, "tradeId", &f->exec_id) || !bitget_id(p, row, "orderId", &f->venue_id) ||
        !answer_filled_decimal(p, row, "baseVolume", &f->qty) || decimal_sign(f->qty) <= 0 ||
        !answer_filled_decimal(p, row, "price", &f->price)) {
        p->bad = true;
    }
}

static size_t read_fill_rows(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, json_member(p->data, "fillList"));
    size_t count = json_count(rows);

    p->reply->fill = answer_take(p, count, sizeof *p->reply->fill);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        read_fill(p, r, &p->reply->fill[p->reply->fill_count++]);
    }
    bitget_oldest_first(p->reply);
    return count;
}

static void read_fills(struct answer *p)
{
    p->reply->complete = read_fill_rows(p) < page_size(p->call);
}

static void read_executions(struct answer *p)
{
    struct bitget_cursor at;

    if (!bitget_cursor_parse(p->call->cursor, &at)) {
        p->bad = true;
    } else if (!page_goes_on(p, at.stage, read_fill_rows(p), at.id)) {
        end_of_span(p, at.stage);
    }
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bitget_parse_status(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_status);
}

enum venue_outcome bitget_parse_open_orders(const struct venue_call *call,
                                            const struct http_response *rsp, struct arena *arena,
                                            struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_open_orders);
}

enum venue_outcome bitget_parse_order_history(const struct venue_call *call,
                                              const struct http_response *rsp, struct arena *arena,
                                              struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_order_history);
}

enum venue_outcome bitget_parse_trigger_history(const struct venue_call *call,
                                                const struct http_response *rsp,
                                                struct arena *arena, struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_trigger_history);
}

enum venue_outcome bitget_parse_fills(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_fills);
}

enum venue_outcome bitget_parse_executions(const struct venue_call *call,
                                           const struct http_response *rsp, struct arena *arena,
                                           struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_executions);
}
