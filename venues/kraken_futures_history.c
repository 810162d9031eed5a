/*
 * Kraken Futures: the account history API. Other words than the derivatives API for the same
 * things: `uid`, `tradeable`, `direction`, `clientId`; numbers in strings; times in milliseconds.
 * Here `quantity` is what is left of an order, so its total is quantity + filled.
 */
#include "kraken_futures.h"

/* ---- pages --------------------------------------------------------------------------------- */

/* `is-truncated` says whether more follows; a token alone is taken as "more". */
static void read_page(struct answer *p)
{
    struct bytes token;
    struct bytes truncated;

    if (http_response_header(p->rsp, "Next-Continuation-Token", &token) && token.size > 0) {
        p->reply->cursor = answer_keep(p, token);
    } else {
        answer_text(p, p->root, "continuationToken", &p->reply->cursor);
    }
    if (http_response_header(p->rsp, "is-truncated", &truncated)) {
        p->reply->complete = answer_same(truncated, "false");
    } else {
        p->reply->complete = p->reply->cursor.size == 0;
    }
}

/* The one member of `event`: its name says what happened. NULL: there is none. */
static const struct cJSON *event_of(const struct cJSON *element, struct bytes *name)
{
    const struct cJSON *event = json_member(element, "event");
    const struct cJSON *inner = json_is_object(event) ? json_first(event) : NULL;

    if (inner == NULL || !json_is_object(inner)) {
        return NULL;
    }
    *name = json_name(inner);
    return inner;
}

/* ---- executions ---------------------------------------------------------------------------- */

static bool is_venue_order_type(struct bytes type)
{
    static const char *const types[] = { "Liquidation", "PartialLiquidation", "CoveredLiquidation",
                                         "Assignment", "Unwind" };

    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (answer_same(type, types[i])) {
            return true;
        }
    }
    return false;
}

/* One side of an execution: `order`/`orderData`, or in the older form maker's or taker's. */
struct side_names {
    const char *order, *data;
    enum venue_liquidity liquidity;
};

static const struct side_names sides[] = {
    { "order", "orderData", VENUE_LIQUIDITY_UNKNOWN },
    { "makerOrder", "makerOrderData", VENUE_MAKER },
    { "takerOrder", "takerOrderData", VENUE_TAKER },
};

/* Whether this side of the execution is there and is ours: in the older form the other party's may
 * be. */
static bool is_ours(const struct answer *p, const struct cJSON *order)
{
    struct bytes ours;
    struct bytes theirs;

    return json_is_object(order) &&
           (json_text(p->root, "accountUid", &ours) != JSON_OK ||
            json_text(order, "accountUid", &theirs) != JSON_OK || bytes_equal(ours, theirs));
}

static void read_execution_side(struct answer *p, const struct cJSON *execution,
                                const struct side_names *names)
{
    const struct cJSON *order = json_member(execution, names->order);
    struct venue_fill *f = &p->reply->fill[p->reply->fill_count];
    struct bytes type;

    if (!is_ours(p, order)) {
        return;
    }
    f->liquidity = names->liquidity;
    if (answer_text(p, execution, "executionType", &type)) {
        kraken_fill_type(type, &f->liquidity, &f->by_venue);
    }
    if (answer_text(p, order, "orderType", &type) && is_venue_order_type(type)) {
        f->by_venue = true;
    }
    answer_text(p, order, "uid", &f->venue_id);
    answer_text(p, order, "clientId", &f->client_id);
    answer_upper(p, order, "tradeable", &f->symbol);
    f->side = answer_side(p, order, "direction");
    f->has_fee = answer_decimal(p, json_member(execution, names->data), "fee", &f->fee);
    answer_ms_time(p, execution, "timestamp", &f->time_us);
    if (!answer_text(p, execution, "uid", &f->exec_id) ||
        !answer_decimal(p, execution, "quantity", &f->qty) ||
        !answer_decimal(p, execution, "price", &f->price)) {
        p->bad = true;
        return;
    }
    p->reply->fill_count++;
}

/* `Execution` in the rendered pages, `execution` in the description, both in use. */
static void read_execution_event(struct answer *p, const struct cJSON *element)
{
    struct bytes name = { NULL, 0 };
    const struct cJSON *event = event_of(element, &name);
    const struct cJSON *execution = json_member(event, "execution");

    if (event == NULL) {
        p->bad = true;
        return;
    }
    if (!answer_same(name, "Execution")) {
        p->reply->code = BYTES("unknownEvent"); /* not a fill; said, not hidden */
        p->reply->text = answer_keep(p, name);
        return;
    }
    if (!json_is_object(execution)) {
        p->bad = true;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        read_execution_side(p, execution, &sides[i]);
    }
}

static void read_executions(struct answer *p)
{
    const struct cJSON *elements = answer_array(p, p->root, "elements");

    p->reply->fill =
        answer_take(p, json_count(elements) * ARRAY_LEN(sides), sizeof *p->reply->fill);
    for (const struct cJSON *e = json_first(elements); e != NULL && !p->bad; e = json_next(e)) {
        read_execution_event(p, e);
    }
    read_page(p);
}

/* ---- order history ------------------------------------------------------------------------- */

static void read_history_order(struct answer *p, const struct cJSON *order,
                               struct venue_order_state *o)
{
    struct decimal left;

    if (!answer_text(p, order, "uid", &o->venue_id)) {
        p->bad = true;
        return;
    }
    answer_text(p, order, "clientId", &o->client_id);
    answer_upper(p, order, "tradeable", &o->symbol);
    o->side = answer_side(p, order, "direction");
    o->has_filled = answer_decimal(p, order, "filled", &o->filled);
    o->has_price = answer_decimal(p, order, "limitPrice", &o->price);
    o->has_stop = answer_decimal(p, order, "triggerPrice", &o->stop_price) ||
                  answer_decimal(p, order, "stopPrice", &o->stop_price);
    if (answer_decimal(p, order, "quantity", &left)) {
        o->has_qty = decimal_add(left, o->filled, &o->qty);
    }
}

/* An order event: which of its members holds the order, and what it says of it. */
static const struct {
    const char *event;
    const char *order;
    enum venue_order_status status;
} order_events[] = {
    { "OrderPlaced", "order", VENUE_ORDER_OPEN },
    { "OrderUpdated", "newOrder", VENUE_ORDER_OPEN },
    { "OrderRejected", "order", VENUE_ORDER_REJECTED },
    { "OrderCancelled", "order", VENUE_ORDER_CANCELED },
    { "OrderEditRejected", "oldOrder", VENUE_ORDER_OPEN },
};

/* reason and orderError are the words of orders/status in lower case. */
static void settle_history(struct answer *p, const struct cJSON *event, struct venue_order_state *o)
{
    const struct kraken_word_rule *rule;
    struct bytes reason;
    struct bytes error;

    answer_text(p, event, "reason", &reason);
    answer_text(p, event, "orderError", &error);
    o->code = error.size > 0 ? error : reason;
    rule = kraken_word_find(error.size > 0 ? error : reason);
    if (o->status == VENUE_ORDER_REJECTED || error.size > 0) {
        o->reason =
            rule == NULL || rule->reason == VENUE_REASON_NONE ? VENUE_REASON_OTHER : rule->reason;
    }
    o->cause = rule == NULL ? VENUE_CAUSE_NONE : rule->cause;
    if (o->status == VENUE_ORDER_REJECTED && o->reason == VENUE_REASON_NO_LIQUIDITY) {
        o->status = VENUE_ORDER_CANCELED;
        o->reason = VENUE_REASON_NONE;
    }
    if (o->status == VENUE_ORDER_CANCELED &&
        (answer_same(reason, "contract_expired") || answer_same(reason, "expired"))) {
        o->status = VENUE_ORDER_EXPIRED;
    }
    if (answer_same(reason, "full_fill")) {
        o->status = VENUE_ORDER_FILLED;
    } else if (o->status == VENUE_ORDER_OPEN && answer_same(reason, "edited_by_user")) {
        o->status = VENUE_ORDER_REPLACED;
    }
    if (kraken_has(event, "reducedQuantity") && o->cause == VENUE_CAUSE_NONE) {
        struct bytes text;

        /* "" stands for none. */
        if (json_text(event, "reducedQuantity", &text) != JSON_OK || text.size > 0) {
            o->cause = VENUE_CAUSE_REDUCED;
        }
    }
}

static void read_order_event(struct answer *p, const struct cJSON *element,
                             struct venue_order_state *o)
{
    struct bytes name = { NULL, 0 };
    const struct cJSON *event = event_of(element, &name);

    answer_ms_time(p, element, "timestamp", &o->updated_us);
    for (size_t i = 0; event != NULL && i < ARRAY_LEN(order_events); i++) {
        if (answer_same(name, order_events[i].event)) {
            o->status = order_events[i].status;
            read_history_order(p, json_member(event, order_events[i].order), o);
            settle_history(p, event, o);
            p->reply->order_count++;
            return;
        }
    }
    if (event != NULL && answer_same(name, "OrderNotFound")) {
        o->status = VENUE_ORDER_ABSENT;
        o->code = BYTES("OrderNotFound");
        if (!answer_text(p, event, "orderId", &o->venue_id)) {
            p->bad = true;
        }
        p->reply->order_count++;
        return;
    }
    p->bad = p->bad || event == NULL;
    *o = (struct venue_order_state){ .status = VENUE_ORDER_PENDING };
    p->reply->code = BYTES("unknownEvent");
    p->reply->text = answer_keep(p, name);
}

static void read_order_history(struct answer *p)
{
    const struct cJSON *elements = answer_array(p, p->root, "elements");

    p->reply->order = answer_take(p, json_count(elements), sizeof *p->reply->order);
    for (const struct cJSON *e = json_first(elements); e != NULL && !p->bad; e = json_next(e)) {
        read_order_event(p, e, &p->reply->order[p->reply->order_count]);
    }
    read_page(p);
}

/* ---- trigger history ----------------------------------------------------------------------- */

static bool ends_with(struct bytes text, const char *end)
{
    size_t size = strlen(end);

    return text.size >= size &&
           answer_same((struct bytes){ text.data + text.size - size, size }, end);
}

/* The full list of names is not published (seen: ...Placed, ...Activated, ...Cancelled), so the end
 * of the name decides. After a trigger has fired its order lives on, with a fate that is not told
 * here. */
static enum venue_order_status trigger_status(struct bytes name)
{
    if (ends_with(name, "Placed") || ends_with(name, "Updated") ||
        ends_with(name, "EditRejected")) {
        return VENUE_ORDER_OPEN;
    }
    if (ends_with(name, "Cancelled")) {
        return VENUE_ORDER_CANCELED;
    }
    return ends_with(name, "Rejected") ? VENUE_ORDER_REJECTED : VENUE_ORDER_PENDING;
}

/* The member that holds the trigger: an object with a `uid`; the newest terms where there are two.
 */
static const struct cJSON *trigger_order(const struct cJSON *event)
{
    static const char *const names[] = { "newOrderTrigger", "newOrder",        "orderTrigger",
                                         "order",           "oldOrderTrigger", "oldOrder" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (json_is_object(json_member(event, names[i]))) {
            return json_member(event, names[i]);
        }
    }
    return event;
}

static void read_trigger_event(struct answer *p, const struct cJSON *element,
                               struct venue_order_state *o)
{
    struct bytes name = { NULL, 0 };
    const struct cJSON *event = event_of(element, &name);

    if (event == NULL) {
        p->bad = true;
        return;
    }
    answer_ms_time(p, element, "timestamp", &o->updated_us);
    o->status = trigger_status(name);
    read_history_order(p, trigger_order(event), o);
    settle_history(p, event, o);
    o->is_trigger = !ends_with(name, "Activated");
    if (o->code.size == 0) {
        o->code = answer_keep(p, name);
    }
}

static void read_trigger_history(struct answer *p)
{
    const struct cJSON *elements = answer_array(p, p->root, "elements");

    p->reply->order = answer_take(p, json_count(elements), sizeof *p->reply->order);
    for (const struct cJSON *e = json_first(elements); e != NULL && !p->bad; e = json_next(e)) {
        read_trigger_event(p, e, &p->reply->order[p->reply->order_count++]);
    }
    read_page(p);
}

/* ---- account log --------------------------------------------------------------------------- */

/* A trade has two rows, cash and position; the cash row carries the fee. The rest of the log
 * (transfers, funding) has no `execution` and is not about fills. */
static void read_log_row(struct answer *p, const struct cJSON *row)
{
    struct venue_fill f = { .liquidity = VENUE_LIQUIDITY_UNKNOWN };
    struct bytes asset;
    bool position_leg;

    if (!json_is_object(row)) {
        p->bad = true;
        return;
    }
    f.has_fee = answer_decimal(p, row, "fee", &f.fee);
    if (!f.has_fee || !answer_text(p, row, "execution", &f.exec_id)) {
        return;
    }
    answer_upper(p, row, "contract", &f.symbol);
    answer_upper(p, row, "asset", &asset);
    answer_iso_time(p, row, "date", &f.time_us);
    answer_decimal(p, row, "trade_price", &f.price);
    position_leg = bytes_equal(asset, f.symbol);
    if (position_leg && decimal_sign(f.fee) == 0) {
        return;
    }
    f.fee_currency = position_leg ? (struct bytes){ NULL, 0 } : asset;
    p->reply->fill[p->reply->fill_count++] = f;
}

static void read_account_log(struct answer *p)
{
    const struct cJSON *rows = answer_array(p, p->root, "logs");
    size_t count = json_count(rows);

    p->reply->fill = answer_take(p, count, sizeof *p->reply->fill);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        read_log_row(p, r);
    }
    p->reply->complete = count < (p->call->count == 0 ? KRAKEN_LOG_PAGE : p->call->count);
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome kraken_parse_executions(const struct venue_call *call,
                                           const struct http_response *rsp, struct arena *arena,
                                           struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_executions);
}

enum venue_outcome kraken_parse_order_history(const struct venue_call *call,
                                              const struct http_response *rsp, struct arena *arena,
                                              struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_order_history);
}

enum venue_outcome kraken_parse_trigger_history(const struct venue_call *call,
                                                const struct http_response *rsp,
                                                struct arena *arena, struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_trigger_history);
}

enum venue_outcome kraken_parse_account_log(const struct venue_call *call,
                                            const struct http_response *rsp, struct arena *arena,
                                            struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_account_log);
}
