/*
 * Kraken Futures: answers to acting requests. `result: success` only says that the request was
 * understood; what became of the order is in the nested status and its events.
 */
#include "kraken_futures.h"

#include "map.h"

/* ---- order events -------------------------------------------------------------------------- */

/* What the events of one status told. */
struct seen {
    bool rests, canceled, edited;
    bool reduced;   /* a reduce-only order was cut to fit the position */
    bool qty_known; /* total, from an order nothing of which was filled yet */
    struct decimal qty;
    struct decimal executed; /* sum of the EXECUTION events */
    size_t fills;
    int64_t changed_us; /* lastUpdateTimestamp of the order a CANCEL removed; 0: not said */
};

static const struct cJSON *first_object(const struct cJSON *o, const char *a, const char *b)
{
    const struct cJSON *found = json_member(o, a);

    return json_is_object(found) ? found : json_member(o, b);
}

/* The order inside an event: `order` or `orderTrigger`, whose ids are spelled differently. */
static void read_event_order(struct answer *p, const struct cJSON *order,
                             struct venue_order_state *state, struct seen *seen)
{
    struct bytes text;
    struct decimal number;
    int64_t at;

    if (!json_is_object(order)) {
        return;
    }
    if (answer_text(p, order, "orderId", &text) || answer_text(p, order, "uid", &text)) {
        state->venue_id = text;
    }
    if (answer_text(p, order, "cliOrdId", &text) || answer_text(p, order, "clientId", &text)) {
        state->client_id = text;
    }
    if (answer_upper(p, order, "symbol", &text)) {
        state->symbol = text;
    }
    if (answer_side(p, order, "side") != 0) {
        state->side = answer_side(p, order, "side");
    }
    if (answer_decimal(p, order, "limitPrice", &number)) {
        state->has_price = true;
        state->price = number;
    }
    if (answer_decimal(p, order, "triggerPrice", &number) ||
        answer_decimal(p, order, "stopPrice", &number)) {
        state->has_stop = true;
        state->stop_price = number;
    }
    if (answer_iso_time(p, order, "lastUpdateTimestamp", &at)) {
        state->updated_us = at;
        seen->changed_us = at;
    }
    /* `quantity` may be the total or the rest; while nothing is filled both are the same. Triggers
     * have no `filled`: nothing can be filled before they fire. */
    if (answer_decimal(p, order, "filled", &number) && decimal_sign(number) != 0) {
        return;
    }
    if (answer_decimal(p, order, "quantity", &number) && decimal_sign(number) > 0) {
        seen->qty_known = true;
        seen->qty = number;
    }
}

static void read_execution(struct answer *p, const struct cJSON *event,
                           struct venue_order_state *state, struct seen *seen, int64_t received_us)
{
    struct venue_fill *fill = &p->reply->fill[p->reply->fill_count];
    struct venue_order_state prior = *state;
    struct seen prior_seen = *seen;

    /* Before an edit the order had other terms: they tell its ids, not its quantity. */
    read_event_order(p, json_member(event, "orderPriorExecution"), &prior, &prior_seen);
    if (!kraken_has(event, "orderPriorEdit") && prior_seen.qty_known) {
        seen->qty_known = true;
        seen->qty = prior_seen.qty;
    }
    if (!json_is_object(json_member(event, "orderPriorExecution"))) {
        read_event_order(p, json_member(event, "orderPriorEdit"), &prior, &prior_seen);
    }
    state->venue_id = prior.venue_id;
    state->client_id = prior.client_id;
    state->symbol = prior.symbol;
    state->side = prior.side;
    *fill = (struct venue_fill){ .client_id = prior.client_id,
                                 .venue_id = prior.venue_id,
                                 .symbol = prior.symbol,
                                 .side = prior.side,
                                 .liquidity = VENUE_TAKER,
                                 .time_us = received_us };
    if (!answer_text(p, event, "executionId", &fill->exec_id) ||
        !answer_decimal(p, event, "amount", &fill->qty) || decimal_sign(fill->qty) <= 0 ||
        !answer_decimal(p, event, "price", &fill->price) ||
        !decimal_add(seen->executed, fill->qty, &seen->executed)) {
        p->bad = true;
        return;
    }
    seen->reduced = seen->reduced || kraken_has(event, "takerReducedQuantity");
    seen->fills++;
    p->reply->fill_count++;
}

static void read_event(struct answer *p, const struct cJSON *event, struct venue_order_state *state,
                       struct seen *seen, int64_t received_us)
{
    struct bytes type;
    struct bytes reason;

    if (!answer_text(p, event, "type", &type)) {
        p->bad = true;
    } else if (bytes_is(type, "EXECUTION")) {
        read_execution(p, event, state, seen, received_us);
    } else if (bytes_is(type, "PLACE")) {
        seen->rests = true;
        state->is_trigger = json_is_object(json_member(event, "orderTrigger"));
        read_event_order(p, first_object(event, "orderTrigger", "order"), state, seen);
    } else if (bytes_is(type, "CANCEL")) {
        seen->canceled = true;
        read_event_order(p, first_object(event, "order", "orderTrigger"), state, seen);
        state->has_filled =
            answer_decimal(p, json_member(event, "order"), "filled", &state->filled);
    } else if (bytes_is(type, "EDIT")) {
        seen->edited = true;
        read_event_order(p, json_member(event, "new"), state, seen);
        state->is_trigger = kraken_has(json_member(event, "new"), "triggerPrice");
    } else if (bytes_is(type, "REJECT")) {
        read_event_order(p, first_object(event, "order", "orderTrigger"), state, seen);
        if (answer_text(p, event, "reason", &reason)) {
            p->reply->text = reason;
        }
    }
    seen->reduced = seen->reduced || kraken_has(event, "reducedQuantity");
}

/* Room for every execution there is below `events` was made by the caller. */
static void read_events(struct answer *p, const struct cJSON *events,
                        struct venue_order_state *state, struct seen *seen, int64_t received_us)
{
    for (const struct cJSON *e = json_first(events); e != NULL; e = json_next(e)) {
        read_event(p, e, state, seen, received_us);
    }
}

/* ---- what became of an order --------------------------------------------------------------- */

/* A market order, IOC or FOK: whatever is left of it cannot be on the book. */
static bool never_rests(const struct venue_order *o)
{
    return o->type == VENUE_MARKET ||
           (o->type == VENUE_LIMIT && (o->tif == VENUE_IOC || o->tif == VENUE_FOK));
}

/* The total quantity, if the answer is clear about it. When a reduce-only order was cut, only an
 * order smaller than the one asked for proves what is left of it. */
static void settle_qty(struct venue_order_state *state, const struct seen *seen,
                       const struct venue_order *asked)
{
    if (seen->reduced) {
        state->cause = VENUE_CAUSE_REDUCED;
    }
    if (seen->qty_known && (!seen->reduced || decimal_compare(seen->qty, asked->qty) < 0)) {
        state->has_qty = true;
        state->qty = seen->qty;
    }
}

/* A `placed` order that traded at once is told from a resting one by its events alone. */
static void settle_placed(struct venue_order_state *state, const struct seen *seen,
                          const struct venue_order *asked)
{
    bool total_known = state->has_qty || !seen->reduced;
    struct decimal total = state->has_qty ? state->qty : asked->qty;

    if (seen->canceled) {
        state->status = VENUE_ORDER_CANCELED;
        state->cause = never_rests(asked) ? VENUE_CAUSE_NO_LIQUIDITY : VENUE_CAUSE_VENUE;
    } else if (total_known && decimal_sign(total) > 0 &&
               decimal_compare(seen->executed, total) >= 0) {
        state->status = VENUE_ORDER_FILLED;
    } else if (never_rests(asked) && !seen->rests) {
        /* No event is documented for the rest of a partly filled IOC: to be looked up. */
        state->status = VENUE_ORDER_PENDING;
    }
}

static void settle_send(struct venue_order_state *state, const struct seen *seen,
                        const struct venue_order *asked)
{
    settle_qty(state, seen, asked);
    if (state->status == VENUE_ORDER_OPEN) {
        settle_placed(state, seen, asked);
    }
    if (state->status == VENUE_ORDER_REJECTED) {
        state->has_qty = false;
        return;
    }
    /* Without an event nothing was said about fills, whatever the status word. */
    state->has_filled = seen->fills > 0 || seen->rests;
    state->filled = seen->executed;
}

/* The hold of maker protection ends within 100 ms: an order that has not changed for longer was on
 * the book, and its cancel is final. Without the times the cancel may have met a held order. */
static bool may_still_fill(const struct seen *seen, int64_t received_us)
{
    return !seen->canceled || seen->changed_us == 0 || received_us == 0 ||
           received_us - seen->changed_us < KRAKEN_HOLD_SURELY_OVER_US;
}

static void settle(struct venue_order_state *state, const struct seen *seen,
                   const struct venue_order *asked, enum kraken_about about, int64_t received_us)
{
    switch (about) {
    case KRAKEN_SEND: settle_send(state, seen, asked); break;
    case KRAKEN_EDIT: settle_qty(state, seen, asked); break;
    case KRAKEN_CANCEL:
        if (state->status == VENUE_ORDER_CANCELED) {
            state->may_still_fill = may_still_fill(seen, received_us);
        }
        break;
    }
}

/* What we know of the order before its answer is read. */
static struct venue_order_state asked_state(struct answer *p, const struct venue_order *asked)
{
    return (struct venue_order_state){ .client_id = answer_keep(p, asked->client_id),
                                       .venue_id = answer_keep(p, asked->venue_id),
                                       .symbol = answer_keep(p, asked->symbol),
                                       .side = asked->side,
                                       .status = VENUE_ORDER_PENDING };
}

/* Reads one sendStatus, editStatus, cancelStatus or item of a batch about the order `asked`.
 * Returns what became of the request; `state` says what is known of the order. */
static enum venue_outcome read_status(struct answer *p, const struct cJSON *status,
                                      const struct venue_order *asked, enum kraken_about about,
                                      struct venue_order_state *state)
{
    const struct kraken_status_rule *rule;
    struct seen seen = { .executed = DECIMAL_ZERO };
    struct bytes text;
    int64_t received_us = p->reply->server_us;
    int64_t at;

    *state = asked_state(p, asked);
    if (!answer_text(p, status, "status", &state->code)) {
        p->bad = true;
        return VENUE_UNKNOWN;
    }
    if (answer_text(p, status, "order_id", &text) || answer_text(p, status, "orderId", &text)) {
        state->venue_id = text;
    }
    if (answer_text(p, status, "cliOrdId", &text)) {
        state->client_id = text;
    }
    if (answer_iso_time(p, status, "receivedTime", &at) ||
        answer_iso_time(p, status, "dateTimeReceived", &at)) {
        received_us = at;
    }
    state->updated_us = received_us;
    rule = kraken_status_find(state->code, about);
    state->status = rule == NULL ? VENUE_ORDER_PENDING : rule->status;
    state->reason = rule == NULL ? VENUE_REASON_OTHER : rule->reason;
    state->cause = rule == NULL ? VENUE_CAUSE_NONE : rule->cause;
    read_events(p, json_member(status, "orderEvents"), state, &seen, received_us);
    if (rule == NULL) {
        return VENUE_UNKNOWN;
    }
    if (about != KRAKEN_SEND && state->status == VENUE_ORDER_REJECTED) {
        state->status = VENUE_ORDER_OPEN; /* the request was refused; its order stands */
    }
    settle(state, &seen, asked, about, received_us);
    if (rule->outcome == VENUE_REFUSED && seen.fills > 0) {
        /* Refused and yet traded (REJECTED_AFTER_EXECUTION): neither is the whole truth. */
        state->status = VENUE_ORDER_PENDING;
        return VENUE_UNKNOWN;
    }
    return rule->outcome;
}

static size_t count_executions(const struct cJSON *events)
{
    size_t count = 0;
    struct bytes type;

    for (const struct cJSON *e = json_first(events); e != NULL; e = json_next(e)) {
        if (json_text(e, "type", &type) == JSON_OK && bytes_is(type, "EXECUTION")) {
            count++;
        }
    }
    return count;
}

static void read_single(struct answer *p, const char *name, enum kraken_about about)
{
    const struct cJSON *status = json_member(p->root, name);
    size_t fills = count_executions(json_member(status, "orderEvents"));

    p->reply->order = answer_take(p, 1, sizeof *p->reply->order);
    p->reply->fill = answer_take(p, fills, sizeof *p->reply->fill);
    if (!json_is_object(status) || p->bad) {
        p->bad = true;
        return;
    }
    p->reply->order_count = 1;
    p->outcome = read_status(p, status, &p->call->order, about, &p->reply->order[0]);
    p->reply->complete = true;
    if (p->outcome != VENUE_DONE) {
        p->reply->reason = p->reply->order[0].reason;
        p->reply->code = p->reply->order[0].code;
    }
}

static void read_place(struct answer *p)
{
    read_single(p, "sendStatus", KRAKEN_SEND);
}

static void read_replace(struct answer *p)
{
    read_single(p, "editStatus", KRAKEN_EDIT);
}

static void read_cancel(struct answer *p)
{
    read_single(p, "cancelStatus", KRAKEN_CANCEL);
}

/* ---- batch --------------------------------------------------------------------------------- */

static enum kraken_about about_of(enum venue_instruction_kind kind)
{
    switch (kind) {
    case VENUE_DO_PLACE: return KRAKEN_SEND;
    case VENUE_DO_REPLACE: return KRAKEN_EDIT;
    case VENUE_DO_CANCEL: return KRAKEN_CANCEL;
    }
    return KRAKEN_SEND;
}

static bool same_id(struct bytes a, struct bytes b)
{
    return a.size > 0 && bytes_equal(a, b);
}

/* Whether an item that carries these ids can be the answer to this instruction. An edit and a
 * cancel of one order share their ids; the status word then tells them apart. */
static bool item_fits(const struct venue_instruction *in, struct bytes status,
                      struct bytes venue_id, struct bytes client_id, bool strict)
{
    if (!same_id(venue_id, in->order.venue_id) && !same_id(client_id, in->order.client_id)) {
        return false;
    }
    return !strict || kraken_status_find(status, about_of(in->kind)) != NULL;
}

/* The instruction an item answers, by tag, else by ids; instruction_count: none. */
static size_t item_owner(struct answer *p, const struct cJSON *item, const bool *answered)
{
    const struct venue_call *call = p->call;
    struct bytes status;
    struct bytes venue_id;
    struct bytes client_id;
    int64_t tag;

    if (json_int(p->doc, item, "order_tag", &tag) == JSON_OK && tag >= 1 &&
        (uint64_t)tag <= call->instruction_count && !answered[tag - 1]) {
        return (size_t)tag - 1;
    }
    answer_text(p, item, "status", &status);
    answer_text(p, item, "order_id", &venue_id);
    answer_text(p, item, "cliOrdId", &client_id);
    for (int strict = 1; strict >= 0; strict--) {
        for (size_t i = 0; i < call->instruction_count; i++) {
            if (!answered[i] &&
                item_fits(&call->instruction[i], status, venue_id, client_id, strict == 1)) {
                return i;
            }
        }
    }
    return call->instruction_count;
}

static void read_batch_item(struct answer *p, const struct cJSON *item, bool *answered)
{
    size_t owner = item_owner(p, item, answered);
    const struct venue_instruction *in;
    enum venue_outcome outcome;

    if (owner == p->call->instruction_count) {
        /* Nobody's: its instruction stays unanswered and is looked up. */
        p->reply->code = BYTES("unmatchedItem");
        p->reply->complete = false;
        return;
    }
    answered[owner] = true;
    in = &p->call->instruction[owner];
    outcome = read_status(p, item, &in->order, about_of(in->kind), &p->reply->order[owner]);
    p->reply->order[owner].outcome = outcome;
    if (outcome == VENUE_UNKNOWN) {
        p->reply->order[owner].status = VENUE_ORDER_PENDING; /* to be looked up */
    }
}

static void read_batch(struct answer *p)
{
    const struct cJSON *items = answer_array(p, p->root, "batchStatus");
    size_t count = p->call->instruction_count;
    size_t fills = 0;
    bool *answered = answer_take(p, count, sizeof *answered);

    for (const struct cJSON *i = json_first(items); i != NULL; i = json_next(i)) {
        fills += count_executions(json_member(i, "orderEvents"));
    }
    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    p->reply->fill = answer_take(p, fills, sizeof *p->reply->fill);
    if (p->bad || count == 0) {
        p->bad = true;
        return;
    }
    p->reply->order_count = count;
    p->reply->complete = true;
    for (size_t i = 0; i < count; i++) {
        p->reply->order[i] = asked_state(p, &p->call->instruction[i].order);
        p->reply->order[i].code = BYTES("noAnswer");
        p->reply->order[i].outcome = VENUE_UNKNOWN;
    }
    for (const struct cJSON *i = json_first(items); i != NULL; i = json_next(i)) {
        read_batch_item(p, i, answered);
    }
}

/* ---- cancel all, dead man's switch --------------------------------------------------------- */

/* Adds or completes the order `id`. */
static struct venue_order_state *canceled_order(struct answer *p, struct map *by_id,
                                                struct bytes id)
{
    struct venue_order_state *state = map_find(by_id, id);

    if (state == NULL) {
        state = &p->reply->order[p->reply->order_count];
        *state = (struct venue_order_state){ .venue_id = id,
                                             .status = VENUE_ORDER_CANCELED,
                                             .cause = VENUE_CAUSE_USER,
                                             .may_still_fill = true };
        if (!map_put(by_id, id, state)) {
            p->bad = true;
            return NULL;
        }
        p->reply->order_count++;
    }
    return state;
}

static void read_canceled(struct answer *p, const struct cJSON *status, struct map *by_id)
{
    struct venue_order_state *state;
    struct bytes id;
    int64_t received_us;

    answer_iso_time(p, status, "receivedTime", &received_us);
    for (const struct cJSON *o = json_first(json_member(status, "cancelledOrders")); o != NULL;
         o = json_next(o)) {
        if (!answer_text(p, o, "order_id", &id) || (state = canceled_order(p, by_id, id)) == NULL) {
            p->bad = true;
            return;
        }
        answer_text(p, o, "cliOrdId", &state->client_id);
    }
    for (const struct cJSON *e = json_first(json_member(status, "orderEvents")); e != NULL;
         e = json_next(e)) {
        struct seen seen = { .executed = DECIMAL_ZERO };

        if (!answer_text(p, e, "uid", &id) || (state = canceled_order(p, by_id, id)) == NULL) {
            p->bad = true;
            return;
        }
        read_event(p, e, state, &seen, received_us);
        state->may_still_fill = may_still_fill(&seen, received_us);
    }
}

static void read_cancel_all(struct answer *p)
{
    const struct cJSON *status = json_member(p->root, "cancelStatus");
    const struct cJSON *events = json_member(status, "orderEvents");
    struct bytes word;
    struct map *by_id;

    if (!answer_text(p, status, "status", &word)) {
        p->bad = true;
        return;
    }
    p->reply->order =
        answer_take(p, json_count(json_member(status, "cancelledOrders")) + json_count(events),
                    sizeof *p->reply->order);
    p->reply->fill = answer_take(p, count_executions(events), sizeof *p->reply->fill);
    by_id = map_new(p->call->nonce);
    if (p->bad || by_id == NULL) {
        p->bad = true;
        map_free(by_id);
        return;
    }
    /* The list counts, also beside `noOrdersToCancel`. */
    read_canceled(p, status, by_id);
    map_free(by_id);
    p->reply->code = word;
    p->reply->complete = true;
    if (!bytes_is(word, "cancelled") && !bytes_is(word, "noOrdersToCancel")) {
        p->outcome = VENUE_UNKNOWN;
        p->reply->reason = VENUE_REASON_OTHER;
    }
}

static void read_deadman(struct answer *p)
{
    const struct cJSON *status = json_member(p->root, "status");
    struct bytes trigger;

    if (!answer_text(p, status, "triggerTime", &trigger)) {
        p->bad = true;
    } else if (!bytes_is(trigger, "0")) { /* "0": disarmed, and no date */
        answer_iso_time(p, status, "triggerTime", &p->reply->trigger_us);
    }
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome kraken_parse_place(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_place);
}

enum venue_outcome kraken_parse_replace(const struct venue_call *call,
                                        const struct http_response *rsp, struct arena *arena,
                                        struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_replace);
}

enum venue_outcome kraken_parse_cancel(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_cancel);
}

enum venue_outcome kraken_parse_batch(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_batch);
}

enum venue_outcome kraken_parse_cancel_all(const struct venue_call *call,
                                           const struct http_response *rsp, struct arena *arena,
                                           struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_cancel_all);
}

enum venue_outcome kraken_parse_deadman(const struct venue_call *call,
                                        const struct http_response *rsp, struct arena *arena,
                                        struct venue_reply *out)
{
    return kraken_parse_run(call, rsp, arena, out, read_deadman);
}
