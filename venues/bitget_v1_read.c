/*
 * Bitget mix-v1: answers. Nothing in them names an order by our id: rows carry what an order
 * without client id is recognised by (side, type, price, size, time of creation).
 */
#include "bitget.h"

/* ---- one order ----------------------------------------------------------------------------- */

/* orderType: limit, market, post_only, fok, ioc. */
static void read_shape(const struct cJSON *row, struct venue_order_state *o)
{
    o->type = VENUE_LIMIT;
    o->tif = VENUE_GTC;
    if (bitget_word(row, "orderType", "market")) {
        o->type = VENUE_MARKET;
        o->tif = VENUE_IOC;
    } else if (bitget_word(row, "orderType", "ioc")) {
        o->tif = VENUE_IOC;
    } else if (bitget_word(row, "orderType", "fok")) {
        o->tif = VENUE_FOK;
    } else if (bitget_word(row, "orderType", "post_only")) {
        o->post_only = true;
    } else if (!bitget_word(row, "orderType", "limit")) {
        o->type = (enum venue_order_type)0;
        o->tif = (enum venue_tif)0;
    }
}

static enum venue_side side_of(const struct cJSON *row)
{
    if (bitget_word(row, "side", "buy")) {
        return VENUE_BUY;
    }
    return bitget_word(row, "side", "sell") ? VENUE_SELL : (enum venue_side)0;
}

static void read_order(struct answer *p, const struct cJSON *row, struct venue_order_state *o)
{
    bool reduce = false;

    if (!bitget_id(p, row, "orderId", &o->venue_id) ||
        (!answer_text(p, row, "status", &o->code) && !answer_text(p, row, "state", &o->code))) {
        p->bad = true;
        return;
    }
    answer_upper(p, row, "symbol", &o->symbol);
    o->side = side_of(row);
    read_shape(row, o);
    o->has_qty = answer_filled_decimal(p, row, "size", &o->qty) && decimal_sign(o->qty) > 0;
    o->has_price = answer_filled_decimal(p, row, "price", &o->price) && decimal_sign(o->price) > 0;
    o->has_filled = answer_filled_decimal(p, row, "filledSize", &o->filled);
    o->has_avg_price =
        answer_filled_decimal(p, row, "avgPrice", &o->avg_price) && decimal_sign(o->avg_price) > 0;
    o->reduce_only = json_bool(row, "reduceOnly", &reduce) == JSON_OK && reduce;
    answer_filled_ms_time(p, row, "createTime", &o->created_us);
    if (!answer_filled_ms_time(p, row, "updateTime", &o->updated_us)) {
        o->updated_us = o->created_us;
    }
    o->status = VENUE_ORDER_PENDING;
    if (!bitget_status(o->code, &o->status)) {
        return;
    }
    if (o->status == VENUE_ORDER_CANCELED && (o->tif == VENUE_IOC || o->tif == VENUE_FOK)) {
        o->cause = VENUE_CAUSE_NO_LIQUIDITY;
    } else if (o->status == VENUE_ORDER_REJECTED) {
        o->reason = VENUE_REASON_OTHER;
    }
}

/* ---- acting -------------------------------------------------------------------------------- */

/* An answer that names an order: ours is the one that was asked about. */
static void read_answer(struct answer *p, const struct cJSON *data, const struct venue_order *asked,
                        struct venue_order_state *o)
{
    *o = bitget_asked(p, asked);
    if (!json_is_object(data) || !bitget_id(p, data, "orderId", &o->venue_id)) {
        p->bad = true;
        return;
    }
    answer_text(p, data, "status", &o->code);
    answer_filled_ms_time(p, data, "createTime", &o->created_us);
    o->updated_us = o->created_us;
}

/* A cancel is a request taken in: how much was filled by then is asked for afterwards. */
static void read_cancel(struct answer *p)
{
    p->reply->order = answer_take(p, 1, sizeof *p->reply->order);
    if (p->bad) {
        return;
    }
    p->reply->order_count = 1;
    read_answer(p, p->data, &p->call->order, &p->reply->order[0]);
    p->reply->complete = true;
}

/* A placement is believed: its id is all there is to find the order by. */
static void believe(struct venue_order_state *o)
{
    if (!bitget_status(o->code, &o->status)) {
        o->status = VENUE_ORDER_PENDING;
    } else if (o->status == VENUE_ORDER_REJECTED) {
        o->reason = VENUE_REASON_OTHER;
    }
}

static void read_place(struct answer *p)
{
    read_cancel(p);
    if (!p->bad) {
        believe(&p->reply->order[0]);
    }
}

/* The request's order is believed only when no item is missing; else somebody has to look. */
static void read_batch(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, p->data);
    size_t count = json_count(rows);
    bool whole = count == p->call->instruction_count;

    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        static const struct venue_order nobody;
        size_t i = p->reply->order_count++;

        read_answer(p, r, whole ? &p->call->instruction[i].order : &nobody, &p->reply->order[i]);
        believe(&p->reply->order[i]);
    }
    p->reply->complete = whole;
    if (!whole) {
        p->outcome = VENUE_UNKNOWN;
        p->reply->reason = VENUE_REASON_OTHER;
        p->reply->code = BYTES("itemsMissing");
    }
}

static void read_cancel_all(struct answer *p)
{
    const struct cJSON *ids = bitget_rows(p, json_member(p->data, "cancelledOrders"));
    bool success = false;

    p->reply->order = answer_take(p, json_count(ids), sizeof *p->reply->order);
    for (const struct cJSON *i = json_first(ids); i != NULL && !p->bad; i = json_next(i)) {
        struct venue_order_state *o = &p->reply->order[p->reply->order_count++];
        struct bytes id;

        o->status = VENUE_ORDER_PENDING;
        o->symbol = answer_keep(p, p->call->symbol);
        if (json_item_text(i, &id) != JSON_OK || id.size == 0) {
            p->bad = true;
        }
        o->venue_id = p->bad ? (struct bytes){ NULL, 0 } : answer_keep(p, id);
    }
    if (json_bool(p->data, "success", &success) != JSON_OK) {
        p->bad = true;
    } else if (!success) {
        p->outcome = VENUE_UNKNOWN; /* which of them it did not cancel is not said */
        p->reply->reason = VENUE_REASON_OTHER;
        p->reply->code = BYTES("success=false");
    }
    p->reply->complete = success;
}

static void read_set_leverage(struct answer *p)
{
    if (!json_is_object(p->data) || !bitget_id(p, p->data, "leverage", &p->reply->setting)) {
        p->bad = true;
    }
    p->reply->complete = true;
}

/* ---- lists --------------------------------------------------------------------------------- */

static void read_status(struct answer *p)
{
    p->reply->order = answer_take(p, 1, sizeof *p->reply->order);
    if (p->bad || !json_is_object(p->data)) {
        p->bad = true;
        return;
    }
    p->reply->order_count = 1;
    read_order(p, p->data, &p->reply->order[0]);
    p->reply->complete = true;
}

static size_t read_order_rows(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, p->data);

    p->reply->order = answer_take(p, json_count(rows), sizeof *p->reply->order);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        read_order(p, r, &p->reply->order[p->reply->order_count++]);
    }
    return json_count(rows);
}

static size_t page_size(const struct venue_call *call)
{
    return call->count == 0 || call->count > BITGET_V1_PAGE ? BITGET_V1_PAGE : call->count;
}

static void read_open_orders(struct answer *p)
{
    p->reply->complete = read_order_rows(p) < page_size(p->call); /* there is no second page */
}

/* The next page ends where this one began. One that would begin anew at the same time ends the
 * list, and it is not complete. */
static void goes_on_before(struct answer *p, size_t rows, int64_t oldest_us)
{
    char text[DECIMAL_TEXT_MAX];
    struct bytes cursor = { text,
                            decimal_print((struct decimal){ oldest_us / US_PER_MS, 0 }, text) };

    if (rows < page_size(p->call)) {
        p->reply->complete = true;
    } else if (oldest_us > 0 && !bytes_equal(cursor, p->call->cursor)) {
        p->reply->cursor = answer_keep(p, cursor);
    }
}

static void read_order_history(struct answer *p)
{
    size_t rows = read_order_rows(p);
    int64_t oldest_us = INT64_MAX;

    for (size_t i = 0; i < p->reply->order_count; i++) {
        if (p->reply->order[i].created_us < oldest_us) {
            oldest_us = p->reply->order[i].created_us;
        }
    }
    goes_on_before(p, rows, oldest_us);
}

static void read_fill(struct answer *p, const struct cJSON *row, struct venue_fill *f)
{
    answer_upper(p, row, "symbol", &f->symbol);
    f->side = side_of(row);
    f->liquidity = bitget_word(row, "role", "taker")   ? VENUE_TAKER
                   : bitget_word(row, "role", "maker") ? VENUE_MAKER
                                                       : VENUE_LIQUIDITY_UNKNOWN;
    f->has_fee = answer_filled_decimal(p, row, "fee", &f->fee);
    answer_text(p, row, "feeCurrency", &f->fee_currency);
    answer_filled_ms_time(p, row, "createTime", &f->time_us);
    if (!bitget_id(p, row, "tradeId", &f->exec_id) || !bitget_id(p, row, "orderId", &f->venue_id) ||
        !answer_filled_decimal(p, row, "size", &f->qty) || decimal_sign(f->qty) <= 0 ||
        !answer_filled_decimal(p, row, "price", &f->price)) {
        p->bad = true;
    }
}

static size_t read_fill_rows(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, p->data);

    p->reply->fill = answer_take(p, json_count(rows), sizeof *p->reply->fill);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        read_fill(p, r, &p->reply->fill[p->reply->fill_count++]);
    }
    bitget_oldest_first(p->reply);
    return json_count(rows);
}

static void read_fills(struct answer *p)
{
    p->reply->complete = read_fill_rows(p) < page_size(p->call);
}

static void read_executions(struct answer *p)
{
    size_t rows = read_fill_rows(p);

    goes_on_before(p, rows, p->reply->fill_count == 0 ? 0 : p->reply->fill[0].time_us);
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bitget_v1_parse_place(const struct venue_call *call,
                                         const struct http_response *rsp, struct arena *arena,
                                         struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_place);
}

enum venue_outcome bitget_v1_parse_cancel(const struct venue_call *call,
                                          const struct http_response *rsp, struct arena *arena,
                                          struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_cancel);
}

enum venue_outcome bitget_v1_parse_close(const struct venue_call *call,
                                         const struct http_response *rsp, struct arena *arena,
                                         struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_place);
}

enum venue_outcome bitget_v1_parse_batch(const struct venue_call *call,
                                         const struct http_response *rsp, struct arena *arena,
                                         struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_batch);
}

enum venue_outcome bitget_v1_parse_cancel_all(const struct venue_call *call,
                                              const struct http_response *rsp, struct arena *arena,
                                              struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_cancel_all);
}

enum venue_outcome bitget_v1_parse_set_leverage(const struct venue_call *call,
                                                const struct http_response *rsp,
                                                struct arena *arena, struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_set_leverage);
}

enum venue_outcome bitget_v1_parse_status(const struct venue_call *call,
                                          const struct http_response *rsp, struct arena *arena,
                                          struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_status);
}

enum venue_outcome bitget_v1_parse_open_orders(const struct venue_call *call,
                                               const struct http_response *rsp, struct arena *arena,
                                               struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_open_orders);
}

enum venue_outcome bitget_v1_parse_order_history(const struct venue_call *call,
                                                 const struct http_response *rsp,
                                                 struct arena *arena, struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_order_history);
}

enum venue_outcome bitget_v1_parse_fills(const struct venue_call *call,
                                         const struct http_response *rsp, struct arena *arena,
                                         struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_fills);
}

enum venue_outcome bitget_v1_parse_executions(const struct venue_call *call,
                                              const struct http_response *rsp, struct arena *arena,
                                              struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V1, call, rsp, arena, out, read_executions);
}
