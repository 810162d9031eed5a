/*
 * Bybit: lists of orders, fills and positions. A malformed element makes the whole list unreadable:
 * an order missing from a list is taken for gone.
 */
#include "bybit.h"

#include <stdlib.h>

/* ---- pages --------------------------------------------------------------------------------- */

static bool is_history(enum venue_op op)
{
    return op == VENUE_ORDER_HISTORY || op == VENUE_TRIGGER_HISTORY || op == VENUE_FILLS ||
           op == VENUE_EXECUTIONS;
}

/* The end of what was asked for; the present when the call does not say. */
static int64_t asked_end_ms(const struct venue_call *call)
{
    int64_t end_us = call->before_us > 0 ? call->before_us : call->wall_us;

    return (end_us + US_PER_MS - 1) / US_PER_MS;
}

static void keep_cursor(struct answer *p, int64_t start_ms, struct bytes venue)
{
    struct buf text;

    buf_init(&text, HTTP_PATH_MAX);
    if (start_ms > 0) {
        buf_char(&text, '~');
        buf_int(&text, start_ms);
        buf_char(&text, '~');
    }
    buf_bytes(&text, venue);
    p->bad = p->bad || text.failed;
    p->reply->cursor = answer_keep(p, buf_view(&text));
    p->reply->complete = false;
    buf_fini(&text);
}

/* More pages of this span, or the seven days after it; else the list is complete. */
static void read_page(struct answer *p)
{
    struct bybit_cursor asked;
    struct bytes next;
    int64_t start_ms;

    if (!bybit_cursor_read(p->call->cursor, &asked)) {
        p->bad = true;
        return;
    }
    start_ms = asked.start_ms > 0 ? asked.start_ms : p->call->since_us / US_PER_MS;
    p->reply->complete = true;
    if (answer_text(p, p->data, "nextPageCursor", &next)) {
        keep_cursor(p, asked.start_ms, next);
    } else if (is_history(p->call->op) && start_ms > 0 &&
               start_ms + BYBIT_SPAN_MS < asked_end_ms(p->call)) {
        keep_cursor(p, start_ms + BYBIT_SPAN_MS, (struct bytes){ NULL, 0 });
    }
}

/* ---- orders -------------------------------------------------------------------------------- */

/* What a Cancelled or Rejected order says of its end. */
static void settle_end(struct venue_order_state *o, struct bytes reject, struct bytes cancel)
{
    const struct bybit_reject_rule *rule = bybit_reject_find(reject);
    bool nothing = reject.size == 0 || bytes_is(reject, "EC_NoError");
    enum venue_cause cause = bybit_cancel_cause(cancel);

    o->code = !nothing ? reject : cancel.size > 0 ? cancel : o->code;
    o->cause = cause != VENUE_CAUSE_NONE ? cause : rule != NULL ? rule->cause : VENUE_CAUSE_NONE;
    if (rule != NULL && (rule->reason != VENUE_REASON_NONE || rule->cause != VENUE_CAUSE_NONE)) {
        o->status = rule->status;
        o->reason = rule->reason;
    } else if (o->status == VENUE_ORDER_REJECTED || (rule == NULL && !nothing)) {
        o->status = VENUE_ORDER_REJECTED; /* also for a word we do not know: the engine's */
        o->reason = VENUE_REASON_OTHER;
        o->cause = o->cause != VENUE_CAUSE_NONE ? o->cause : VENUE_CAUSE_VENUE;
    }
    /* What has traded was no refusal. */
    if (o->has_filled && decimal_sign(o->filled) > 0) {
        o->status = VENUE_ORDER_CANCELED;
        o->reason = VENUE_REASON_NONE;
    }
}

static void settle_order(struct answer *p, const struct cJSON *item, struct venue_order_state *o)
{
    const struct bybit_status_rule *rule;
    struct bytes status;
    struct bytes reject;
    struct bytes cancel;

    if (!answer_text(p, item, "orderStatus", &status)) {
        p->bad = true;
        return;
    }
    rule = bybit_status_find(status);
    o->status = rule == NULL ? VENUE_ORDER_PENDING : rule->status; /* ask again */
    o->is_trigger = rule != NULL && rule->is_trigger;
    o->code = status;
    bybit_word(p, item, "rejectReason", &reject);
    bybit_word(p, item, "cancelType", &cancel);
    if (o->status == VENUE_ORDER_CANCELED || o->status == VENUE_ORDER_REJECTED) {
        settle_end(o, reject, cancel);
    }
}

static void read_order(struct answer *p, const struct cJSON *item, struct venue_order_state *o)
{
    struct bytes type;

    if (!answer_text(p, item, "orderId", &o->venue_id)) {
        p->bad = true;
        return;
    }
    answer_text(p, item, "orderLinkId", &o->client_id);
    answer_text(p, item, "symbol", &o->symbol);
    o->side = bybit_side(p, item, "side");
    o->has_qty = bybit_positive(p, item, "qty", &o->qty);
    o->has_filled = answer_filled_decimal(p, item, "cumExecQty", &o->filled);
    /* The price of a market order is the edge of its slippage band. */
    answer_text(p, item, "orderType", &type);
    o->has_price = bybit_positive(p, item, "price", &o->price) && bytes_is(type, "Limit");
    o->has_stop = bybit_positive(p, item, "triggerPrice", &o->stop_price);
    bybit_ms_time(p, item, "updatedTime", &o->updated_us);
    settle_order(p, item, o);
}

static void read_order_list(struct answer *p, size_t more)
{
    const struct cJSON *list = answer_array(p, p->data, "list");

    p->reply->order = answer_take(p, json_count(list) + more, sizeof *p->reply->order);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        read_order(p, i, &p->reply->order[p->reply->order_count++]);
    }
}

static void read_orders(struct answer *p)
{
    read_order_list(p, 0);
    read_page(p);
}

static bool is_listed(const struct venue_reply *r, struct bytes client_id, struct bytes venue_id)
{
    for (size_t i = 0; i < r->order_count; i++) {
        if ((client_id.size > 0 && bytes_equal(client_id, r->order[i].client_id)) ||
            (venue_id.size > 0 && bytes_equal(venue_id, r->order[i].venue_id))) {
            return true;
        }
    }
    return false;
}

/* An empty answer about one id means that the venue does not have the order here (now). About
 * several, only the recently closed ones were asked for, and nothing can be said of those not
 * listed. */
static void read_status(struct answer *p)
{
    const struct venue_call *call = p->call;
    bool one = call->client_id_count + call->venue_id_count == 1;
    struct bytes client_id = { NULL, 0 };
    struct bytes venue_id = { NULL, 0 };

    read_order_list(p, 1);
    if (p->bad || !one) {
        return;
    }
    client_id = call->client_id_count == 1 ? call->client_id[0] : client_id;
    venue_id = call->venue_id_count == 1 ? call->venue_id[0] : venue_id;
    p->reply->complete = true;
    if (!is_listed(p->reply, client_id, venue_id)) {
        struct venue_order_state *o = &p->reply->order[p->reply->order_count++];

        o->status = VENUE_ORDER_ABSENT;
        o->client_id = answer_keep(p, client_id);
        o->venue_id = answer_keep(p, venue_id);
    }
}

/* ---- fills --------------------------------------------------------------------------------- */

struct timed_fill {
    struct venue_fill fill;
    int64_t seq;
    size_t index; /* the venue's order, newest first */
};

/* BTCUSD, BTCUSDH26: fees of inverse contracts are paid in what stands before USD. */
static struct bytes inverse_coin(struct bytes symbol)
{
    for (size_t i = 1; i + 3 <= symbol.size; i++) {
        if (memcmp(symbol.data + i, "USD", 3) == 0) {
            bool ends = i + 3 == symbol.size;
            bool dated = !ends && symbol.size - i - 3 == 3 && symbol.data[i + 4] >= '0' &&
                         symbol.data[i + 4] <= '9';

            return ends || dated ? (struct bytes){ symbol.data, i } : (struct bytes){ NULL, 0 };
        }
    }
    return (struct bytes){ NULL, 0 };
}

static void read_fill(struct answer *p, const struct cJSON *item, struct bytes type,
                      struct timed_fill *t)
{
    struct venue_fill *f = &t->fill;
    bool maker = false;

    answer_text(p, item, "orderId", &f->venue_id);
    answer_text(p, item, "orderLinkId", &f->client_id);
    answer_text(p, item, "symbol", &f->symbol);
    f->side = bybit_side(p, item, "side");
    f->has_fee = answer_filled_decimal(p, item, "execFee", &f->fee);
    if (!answer_text(p, item, "feeCurrency", &f->fee_currency) && f->has_fee) {
        f->fee_currency = inverse_coin(f->symbol);
    }
    if (json_bool(item, "isMaker", &maker) == JSON_OK && bytes_is(type, "Trade")) {
        f->liquidity = maker ? VENUE_MAKER : VENUE_TAKER;
    }
    /* Liquidation, settlement, block trades: not an order of ours, unless it bears our id. */
    f->by_venue = !bytes_is(type, "Trade") && f->client_id.size == 0;
    bybit_ms_time(p, item, "execTime", &f->time_us);
    if (json_int(p->doc, item, "seq", &t->seq) != JSON_OK) {
        t->seq = 0;
    }
    if (!answer_text(p, item, "execId", &f->exec_id) ||
        !bybit_positive(p, item, "execQty", &f->qty) ||
        !answer_filled_decimal(p, item, "execPrice", &f->price)) {
        p->bad = true;
    }
}

/* Oldest first. Within a millisecond the venue's order means nothing; seq does where it is said. */
static int compare_fills(const void *a, const void *b)
{
    const struct timed_fill *x = a;
    const struct timed_fill *y = b;

    if (x->fill.time_us != y->fill.time_us) {
        return x->fill.time_us < y->fill.time_us ? -1 : 1;
    }
    if (x->seq != y->seq) {
        return x->seq < y->seq ? -1 : 1;
    }
    return x->index > y->index ? -1 : x->index < y->index;
}

static void read_fills(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->data, "list");
    size_t count = 0;
    struct timed_fill *fills = answer_take(p, json_count(list), sizeof *fills);
    struct bytes type;

    p->reply->fill = answer_take(p, json_count(list), sizeof *p->reply->fill);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        if (!answer_text(p, i, "execType", &type)) {
            p->bad = true;
        } else if (!bytes_is(type, "Funding")) { /* a payment, no execution */
            fills[count].index = count;
            read_fill(p, i, type, &fills[count]);
            count++;
        }
    }
    if (count > 0) {
        qsort(fills, count, sizeof *fills, compare_fills);
    }
    for (size_t i = 0; i < count && !p->bad; i++) {
        p->reply->fill[i] = fills[i].fill;
    }
    p->reply->fill_count = p->bad ? 0 : count;
    read_page(p);
}

/* ---- positions ----------------------------------------------------------------------------- */

/* A flat position has a row too when its symbol is asked for: no side, no size. */
static void read_position(struct answer *p, const struct cJSON *item)
{
    struct venue_position out = { .side = bybit_side(p, item, "side") };
    struct bytes size;

    if (!answer_text(p, item, "symbol", &out.symbol) || !answer_text(p, item, "size", &size)) {
        p->bad = true;
        return;
    }
    if (!bybit_positive(p, item, "size", &out.qty)) {
        return;
    }
    if ((int)out.side == 0 || !answer_filled_decimal(p, item, "avgPrice", &out.price)) {
        p->bad = true;
        return;
    }
    p->reply->position[p->reply->position_count++] = out;
}

static void read_positions(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->data, "list");

    p->reply->position = answer_take(p, json_count(list), sizeof *p->reply->position);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        read_position(p, i);
    }
    read_page(p);
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bybit_parse_status(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_status);
}

enum venue_outcome bybit_parse_orders(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_orders);
}

enum venue_outcome bybit_parse_fills(const struct venue_call *call, const struct http_response *rsp,
                                     struct arena *arena, struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_fills);
}

enum venue_outcome bybit_parse_positions(const struct venue_call *call,
                                         const struct http_response *rsp, struct arena *arena,
                                         struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_positions);
}
