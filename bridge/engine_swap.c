/*
 * A replace where the venue has none, for a session that asked for it (22109=Y): the order is
 * canceled, and when that is proved and all its fills are known, what is left of the new quantity
 * is placed, under another id: the order's next leg. The two never rest together. For the client it
 * is one order all the while.
 *
 *     SWAP request   TAKEN -> SENT (cancel under way) -> DOUBT -> PLACING (EV_WITHDRAWN) -> gone
 *     order          LIVE ......................................  TAKEN -> SENT -> LIVE, 150=5
 *
 * A leg of before may be shown by lists for long; what they say of it is not about this one.
 *
 * A replace to what is filled already, or to less, goes the same way at every venue and for every
 * session but those that have it refused: the rest is canceled, OrderQty becomes CumQty, and that
 * is the end of it (FIX 4.4 vol. 4, appendix D, C.3.b and C.3.c). If more is filled meanwhile,
 * CumQty as it is then stands.
 */
#include <stdio.h>

#include "engine_internal.h"

/* ---- legs ---------------------------------------------------------------------------------- */

/* Whether a client id was given to some leg of the order, the present one included. */
static bool is_leg_id(const struct engine *e, const struct order *o, struct bytes client_id)
{
    char id[VENUE_CLIENT_ID_MAX + 1];

    for (uint32_t leg = 0; leg < o->leg; leg++) {
        engine_client_id(e, o->id, leg, id);
        if (bytes_is(client_id, id)) {
            return true;
        }
    }
    return bytes_is(client_id, o->client_id);
}

bool leg_named(const struct engine *e, const struct order *o, struct bytes client_id)
{
    return is_leg_id(e, o, client_id);
}

bool leg_is_present(const struct engine *e, const struct order *o, struct bytes client_id,
                    struct bytes venue_id)
{
    if (o->leg == 0) {
        return true;
    }
    if (client_id.size > 0 && is_leg_id(e, o, client_id)) {
        return bytes_is(client_id, o->client_id);
    }
    /* The venue's id led here: where the present leg's is not known yet it is one of before. */
    return venue_id.size == 0 || bytes_is(venue_id, o->venue_id);
}

const struct venue_order_state *leg_in_total(const struct order *o,
                                             const struct venue_order_state *s,
                                             struct venue_order_state *whole)
{
    struct decimal base;

    if (o->leg == 0) {
        return s;
    }
    base = order_leg_base(o);
    *whole = *s;
    whole->has_filled = s->has_filled && decimal_add(s->filled, base, &whole->filled);
    whole->has_qty = s->has_qty && decimal_add(s->qty, base, &whole->qty);
    return whole;
}

/* ---- when ---------------------------------------------------------------------------------- */

bool order_needs_swap(const struct engine *e, const struct order *o)
{
    const struct venue_driver *d = e->config.account[o->account].driver;

    return d->endpoint[VENUE_REPLACE].build == NULL ||
           ((d->features & VENUE_REPLACE_IS_NEW) != 0 && !order_is_trigger(o));
}

bool swap_cancels_rest(const struct engine *e, const struct order *o, const struct request *r)
{
    bool refuses =
        o->session < e->config.session_count && e->config.session[o->session].refuse_to_filled;

    return replace_is_filled(o, r) && (r->kind == REQUEST_SWAP || !refuses);
}

/* ---- the old leg is gone ------------------------------------------------------------------- */

/* The replace that canceled the order, or may have: a swap, or one that cancels the rest. */
static struct request *under_way(const struct engine *e, struct order *o)
{
    for (struct request *r = o->request; r != NULL; r = r->next) {
        if ((r->state == REQUEST_SENT || r->state == REQUEST_DOUBT) &&
            (r->kind == REQUEST_SWAP || swap_cancels_rest(e, o, r))) {
            return r;
        }
    }
    return NULL;
}

/* An end that can have been our doing; and one that the venue showed, where it is followed by a new
 * order. */
static bool is_ours(const struct order *o, const struct request *r)
{
    return o->end_event == EV_CANCELED &&
           (replace_is_filled(o, r) || (o->end_proven && !r->refused)) &&
           (o->end_cause == VENUE_CAUSE_USER || o->end_cause == VENUE_CAUSE_NONE);
}

bool swap_goes_on(struct engine *e, struct order *o)
{
    struct request *r = under_way(e, o);
    struct record rec = { .kind = RECORD_EVENT, .wall_us = e->now.wall_us };
    char name[ORDER_ID_TEXT_MAX];

    if (r == NULL || !is_ours(o, r) || request_oldest(o, REQUEST_CANCEL) != NULL) {
        return false;
    }
    o->end_known = false;
    if (replace_is_filled(o, r)) {
        request_replaced(e, o, r); /* there is nothing to place: done with it */
        return true;
    }
    rec.event.id = o->id;
    rec.event.event = EV_WITHDRAWN;
    engine_commit(e, &rec);
    engine_note(e, NOTE_DEBUG, "order.withdrawn", "id=%s client_id=%s", engine_order_name(o, name),
                o->client_id);
    check_remove(e, o);
    order_schedule(e, o);
    return true;
}

/* ---- the new leg is refused ---------------------------------------------------------------- */

bool swap_refused(struct engine *e, struct order *o, struct bytes why)
{
    char text[TEXT_MAX + 1];

    if (order_placing(o) == NULL) {
        return false;
    }
    snprintf(text, sizeof text, "canceled to be replaced, and the new order was not placed: %.*s",
             BYTES_ARG(why));
    o->end_event = EV_CANCELED;
    o->end_cause = VENUE_CAUSE_NONE;
    order_end_with(e, o, bytes_of(text));
    return true;
}
