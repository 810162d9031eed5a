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
    struct decimal base = order_leg_base(o);

    if (o->leg == 0) {
        return s;
    }
    *whole = *s;
    whole->has_filled = s->has_filled && decimal_add(s->filled, base, &whole->filled);
    whole->has_qty = s->has_qty && decimal_add(s->qty, base, &whole->qty);
    return whole;
}

/* ---- the old leg is gone ------------------------------------------------------------------- */

static struct request *under_way(struct order *o)
{
    struct request *r = request_oldest(o, REQUEST_SWAP);

    return r != NULL && (r->state == REQUEST_SENT || r->state == REQUEST_DOUBT) ? r : NULL;
}

/* Only an end that the venue showed, and that can have been our doing, is followed by a new
 * order. */
static bool is_ours(const struct order *o, const struct request *r)
{
    return o->end_event == EV_CANCELED && o->end_proven && !r->refused &&
           (o->end_cause == VENUE_CAUSE_USER || o->end_cause == VENUE_CAUSE_NONE);
}

bool swap_goes_on(struct engine *e, struct order *o)
{
    struct request *r = under_way(o);
    struct record rec = { .kind = RECORD_EVENT, .wall_us = e->now.wall_us };
    char name[ORDER_ID_TEXT_MAX];
    int more;

    if (r == NULL || !is_ours(o, r) || request_oldest(o, REQUEST_CANCEL) != NULL) {
        return false;
    }
    more = decimal_compare(r->terms.qty, o->cum_qty);
    if (more < 0) {
        return false; /* filled beyond the new quantity: there is nothing to place */
    }
    o->end_known = false;
    if (more == 0) {
        request_replaced(e, o, r); /* and done with it */
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
