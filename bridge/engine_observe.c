/*
 * What an answer of the venue says of an order becomes moves of the order: by the id we gave it, by
 * the venue's.
 */
#include <stdio.h>

#include "assert.h"
#include "engine_internal.h"

#define CANCEL_ATTEMPTS 3

/* ---- whose state it is --------------------------------------------------------------------- */

static struct order *find_state(struct engine *e, struct account *a,
                                const struct venue_order_state *s)
{
    struct order *o = watch_find(e, a, s->client_id, s->venue_id);

    if (o == NULL) {
        shape_look(a, s);
    }
    return o;
}

/* ---- executions nobody lists --------------------------------------------------------------- */

/* Where the venue has no list of fills, what an order's filled quantity and average price gained
 * since we looked last is one execution, named after the order and the quantity it reached. */
static void imply_fill(struct engine *e, struct order *o, const struct venue_order_state *s)
{
    struct venue_fill f = { .venue_id = s->venue_id, .symbol = s->symbol, .side = o->side };
    char filled[DECIMAL_TEXT_MAX], id[VENUE_ID_MAX + DECIMAL_TEXT_MAX + 2];
    struct decimal leg_filled;
    bool priced;

    if (!decimal_sub(s->filled, order_venue_cum(o), &f.qty) || decimal_sign(f.qty) <= 0) {
        return;
    }
    priced = s->has_avg_price && !o->inverse &&
             decimal_sub(s->filled, order_leg_base(o), &leg_filled) &&
             avg_px_implied(&o->leg_avg, leg_filled, s->avg_price, &f.price);
    if (!priced) {
        f.price = s->has_avg_price ? s->avg_price : s->price;
    }
    decimal_print(s->filled, filled);
    snprintf(id, sizeof id, "%.*s:%s", BYTES_ARG(s->venue_id), filled);
    f.exec_id = bytes_of(id);
    f.time_us = s->updated_us;
    order_fill(e, o, &f);
}

void watch_imply_fill(struct engine *e, struct order *o, const struct venue_order_state *s)
{
    const struct account *a = engine_account_of(e, o);

    if (a != NULL && s->has_filled && !account_lists_fills(a)) {
        imply_fill(e, o, s);
    }
}

/* ---- what an answer says of an order ------------------------------------------------------- */

enum match { MATCH_OLD, MATCH_NEW, MATCH_UNCLEAR };

static bool same_terms(const struct order_terms *a, const struct order_terms *b)
{
    return decimal_equal(a->qty, b->qty) && decimal_equal(a->price, b->price) &&
           decimal_equal(a->stop_price, b->stop_price) && decimal_equal(a->trail, b->trail);
}

/* Which terms the venue shows: those before or those after a replace in doubt. Only what the venue
 * says and what differs between the two can tell. */
static enum match match_terms(const struct order *o, const struct request *r,
                              const struct venue_order_state *s)
{
    bool told = false;

    if (s->has_qty && !decimal_equal(o->terms.qty, r->terms.qty)) {
        told = true;
        if (!decimal_equal(s->qty, r->terms.qty)) {
            return MATCH_OLD;
        }
    }
    if (s->has_price && !decimal_equal(o->terms.price, r->terms.price)) {
        told = true;
        if (!decimal_equal(s->price, r->terms.price)) {
            return MATCH_OLD;
        }
    }
    if (s->has_stop && !decimal_equal(o->terms.stop_price, r->terms.stop_price)) {
        told = true;
        if (!decimal_equal(s->stop_price, r->terms.stop_price)) {
            return MATCH_OLD;
        }
    }
    /* A replace that changes nothing is done either way. */
    return told || same_terms(&o->terms, &r->terms) ? MATCH_NEW : MATCH_UNCLEAR;
}

/* A cancel in doubt, and the order rests. */
static void settle_cancel(struct engine *e, struct order *o, struct request *r)
{
    r->lost = false; /* the second time the venue's word is awaited until it is final */
    if (r->refusal_text[0] != '\0') {
        r->refusal_text[0] = '\0'; /* a replace that was refused: its cancel is still to be sent */
        request_state_set(e, o, r, REQUEST_TAKEN, 0);
    } else if (++r->attempts >= CANCEL_ATTEMPTS) {
        request_rejected(e, o, r, 99,
                         BYTES("the venue keeps the order open in spite of the cancel"));
    } else {
        request_state_set(e, o, r, REQUEST_TAKEN, 0); /* proved not done: may be asked again */
    }
}

/* A replace in doubt, and the order rests. False: it cannot be decided yet. */
static bool settle_replace(struct engine *e, struct order *o, struct request *r,
                           const struct venue_order_state *s, bool final)
{
    enum match match = match_terms(o, r, s);
    char text[TEXT_MAX + 1];

    if (r->refusal_text[0] != '\0') {
        if (!final || (s->has_filled && decimal_compare(s->filled, order_venue_cum(o)) > 0)) {
            return false;
        }
        memcpy(text, r->refusal_text, sizeof text); /* the record frees it */
        request_rejected(e, o, r, r->refusal, bytes_of(text));
        return true;
    }
    if (match == MATCH_NEW) {
        request_replaced(e, o, r);
        return true;
    }
    if (match == MATCH_OLD && final) {
        request_rejected(e, o, r, 99, BYTES("the venue did not act on it; the order is unchanged"));
        return true;
    }
    return false;
}

/* The order rests. Decides the requests in doubt that can be decided; true when none is left. */
static bool settle_requests(struct engine *e, struct order *o, const struct venue_order_state *s,
                            const struct instant *asked)
{
    struct request *next;
    bool open = false;

    for (struct request *r = o->request; r != NULL; r = next) {
        bool final = asked->wall_us >= r->ready_us;

        next = r->next;
        if (r->state != REQUEST_DOUBT) {
            continue;
        }
        if (r->kind == REQUEST_REPLACE && !swap_cancels_rest(e, o, r)) {
            open = !settle_replace(e, o, r, s, final) || open;
        } else if (final || r->lost) {
            settle_cancel(e, o, r);
        } else {
            open = true;
        }
        next = order_is_live(o) ? next : NULL; /* its end has answered the others */
    }
    return !open;
}

bool venue_op_is_history(enum venue_op source)
{
    return source == VENUE_ORDER_HISTORY || source == VENUE_TRIGGER_HISTORY;
}

static void observe_open(struct engine *e, struct order *o, const struct venue_order_state *s,
                         enum venue_op source, const struct instant *asked)
{
    struct account *a = engine_account_of(e, o);
    bool settled, untold;

    order_ack(e, o, s->venue_id);
    if (venue_op_is_history(source) || a == NULL) {
        return; /* it rested once; whether it still does is not said */
    }
    untold = s->has_filled && decimal_compare(s->filled, order_venue_cum(o)) > 0;
    if (untold) {
        a->want_fills = true;
    }
    if (o->end_known) {
        return; /* asked before it ended and answered after: it still waits for its last fills */
    }
    if (s->cause == VENUE_CAUSE_REDUCED && s->has_qty) {
        order_reduce(e, o, s->qty);
    }
    if (!order_is_live(o)) {
        return;
    }
    settled = settle_requests(e, o, s, asked);
    if (untold && account_has_feature(a, VENUE_STATUS_IS_FILLS)) {
        check_add(e, o); /* its fills are told to who asks for this order */
    } else if (settled && source != VENUE_PLACE && o->terms.type != VENUE_MARKET &&
               o->terms.tif != VENUE_IOC && o->terms.tif != VENUE_FOK) {
        check_remove(e, o);
    }
    order_schedule(e, o);
}

/* The venue itself took a replace to less than is filled as the end of the order. */
static bool amended_to_filled(const struct engine *e, const struct order *o,
                              const struct request *r, const struct venue_order_state *s)
{
    return swap_cancels_rest(e, o, r) && decimal_compare(s->filled, o->terms.qty) < 0 &&
           decimal_compare(order_venue_cum(o), s->filled) >= 0;
}

static void observe_filled(struct engine *e, struct order *o, const struct venue_order_state *s)
{
    struct account *a = engine_account_of(e, o);
    struct request *r = request_oldest(o, REQUEST_REPLACE);

    order_ack(e, o, s->venue_id);
    if (r != NULL && r->state == REQUEST_DOUBT && s->has_filled &&
        (decimal_equal(s->filled, r->terms.qty) || amended_to_filled(e, o, r, s))) {
        request_replaced(e, o, r);
    }
    r = request_oldest(o, REQUEST_REPLACE);
    if (order_is_live(o) && r != NULL && r->state == REQUEST_DOUBT &&
        decimal_compare(o->cum_qty, o->terms.qty) >= 0) {
        request_rejected(e, o, r, 0,
                         BYTES("order is filled")); /* which ends it, with what it was for */
    }
    if (!order_is_live(o)) {
        return;
    }
    if (s->has_filled && decimal_sign(s->filled) > 0 &&
        decimal_compare(order_venue_cum(o), s->filled) >= 0) {
        order_reduce(e, o,
                     decimal_sign(o->taken_back) == 0
                         ? s->filled
                         : o->cum_qty); /* done with less than we think it was for */
    } else if (a != NULL) {
        a->want_fills = true;
        check_add(e, o);
    }
}

/* Whether the venue shows that the order's trigger fired. The answer to a request is not evidence:
 * it may be of before. */
static bool shows_triggered(const struct venue_order_state *s, enum venue_op source)
{
    if (source == VENUE_PLACE || source == VENUE_REPLACE || source == VENUE_CANCEL) {
        return false;
    }
    return s->successor_id.size > 0 || (s->status == VENUE_ORDER_OPEN && !s->is_trigger);
}

void watch_observe(struct engine *e, struct order *o, const struct venue_order_state *s,
                   enum venue_op source, const struct instant *asked)
{
    struct account *a = engine_account_of(e, o);
    struct venue_order_state whole;

    if (a != NULL && !order_is_live(o) && source == VENUE_OPEN_ORDERS &&
        leg_is_present(e, o, s->client_id, s->venue_id)) {
        ghost_seen(e, a, o, s, asked);
    }
    if (o->state == ORDER_TAKEN || !order_is_live(o) || (o->in_call && source != VENUE_PLACE) ||
        !leg_is_present(e, o, s->client_id, s->venue_id)) {
        return; /* not sent, done, about to be told better, or of before */
    }
    s = leg_in_total(o, s, &whole);
    if (s->status != VENUE_ORDER_ABSENT && a != NULL) {
        o->found_pass = a->pass.serial;
    }
    if (a != NULL && s->status != VENUE_ORDER_ABSENT && s->status != VENUE_ORDER_PENDING &&
        s->status != VENUE_ORDER_REJECTED) {
        order_ack(e, o, s->venue_id);
    } else if (a != NULL && s->status == VENUE_ORDER_PENDING && order_is_nameless(a, o)) {
        order_learn_id(e, o, s->venue_id);
    }
    if (a != NULL && o->acked && s->status != VENUE_ORDER_ABSENT) {
        if (s->status == VENUE_ORDER_FILLED && s->has_filled) {
            order_size(e, o, s->filled);
        }
        watch_imply_fill(e, o, s);
        if (!order_is_live(o)) {
            return;
        }
    }
    if (s->successor_id.size > 0) {
        order_succeeded(e, o, s->successor_id);
    }
    if (shows_triggered(s, source)) {
        order_triggered(e, o);
    }
    if (s->successor_id.size > 0) {
        check_add(e, o); /* the successor's fate is this order's */
        return;
    }
    switch (s->status) {
    case VENUE_ORDER_OPEN:
    case VENUE_ORDER_REPLACED: observe_open(e, o, s, source, asked); return;
    case VENUE_ORDER_FILLED: observe_filled(e, o, s); return;
    case VENUE_ORDER_CANCELED:
    case VENUE_ORDER_EXPIRED:
        order_ack(e, o, s->venue_id);
        order_ended(e, o, s->status == VENUE_ORDER_CANCELED ? EV_CANCELED : EV_EXPIRED, s);
        return;
    case VENUE_ORDER_REJECTED:
        if (o->acked) {
            order_ended(e, o, EV_CANCELED, s);
        } else {
            order_refuse(e, o, EV_REFUSE, refusal_ord_rej_reason(s->reason),
                         s->code.size > 0 ? s->code : BYTES("rejected by the venue"));
        }
        return;
    case VENUE_ORDER_PENDING:
    case VENUE_ORDER_ABSENT: return;
    }
    UNREACHABLE();
}

void watch_observe_all(struct engine *e, struct account *a, const struct venue_reply *reply,
                       enum venue_op source, const struct instant *asked)
{
    for (size_t i = 0; i < reply->order_count; i++) {
        struct order *o = find_state(e, a, &reply->order[i]);

        if (o != NULL &&
            leg_is_present(e, o, reply->order[i].client_id, reply->order[i].venue_id)) {
            watch_observe(e, o, &reply->order[i], source, asked);
            o->seen_pass = a->open_serial;
        } else if (o == NULL && source == VENUE_OPEN_ORDERS) {
            foreign_seen(e, a, &reply->order[i]);
        }
    }
}
