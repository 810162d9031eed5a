/*
 * Venues that take no id of ours, or may not find an order by it: a placement whose outcome is
 * unknown is recognised by its shape (symbol, side, type, quantity, prices, flags) among orders
 * created while it may have been placed. Only one unresolved placement of a shape is let out at a
 * time; a match counts when every question of a pass was answered and exactly one order fits.
 * Anything else is for a person to decide: engine_decide.
 */
#include <stdlib.h>

#include "assert.h"
#include "engine_internal.h"

#include <stdio.h>

#define SHAPE_SLACK_US (2 * US_PER_S)

bool account_knows_ids(const struct account *a)
{
    return (a->cfg->driver->features & VENUE_HAS_CLIENT_ID) != 0;
}

static bool is_trigger(const struct order *o)
{
    return o->terms.has_stop;
}

static bool same_numbers(struct decimal a, struct decimal b, bool told)
{
    return told && decimal_equal(a, b);
}

/* A trigger may be shown without a quantity: it stands for the whole position. */
static bool same_quantities(const struct order *o, const struct venue_order_state *s)
{
    struct decimal qty = order_venue_qty(o);

    return s->has_qty ? decimal_equal(s->qty, qty) : is_trigger(o) && s->has_stop;
}

static bool same_flags(const struct order *o, const struct venue_order_state *s)
{
    bool tif_counts = s->tif != 0 && o->terms.type != VENUE_MARKET;

    return (s->type == 0 || s->type == o->terms.type) && (!tif_counts || s->tif == o->terms.tif) &&
           (!s->post_only || o->terms.post_only) && (!s->reduce_only || o->terms.reduce_only);
}

/* The venue's order looks like ours: placed in the time ours may have been, and alike in all that
 * the venue shows of it. One that carries another's id is another's. */
static bool is_shape_of(const struct account *a, const struct order *o,
                        const struct venue_order_state *s)
{
    const struct order_terms *t = order_venue_terms(o);
    int64_t from = o->sent_us + a->clock_offset_us - SHAPE_SLACK_US;
    int64_t to = o->ready_us + a->clock_offset_us + SHAPE_SLACK_US;

    return o->venue_id[0] == '\0' && (o->state == ORDER_DOUBT || o->state == ORDER_SENT) &&
           s->client_id.size == 0 && s->created_us >= from && s->created_us <= to &&
           s->side == o->side && bytes_is(s->symbol, o->venue_symbol) && same_quantities(o, s) &&
           (!t->has_price || same_numbers(s->price, t->price, s->has_price)) &&
           (!t->has_stop || !s->has_stop || decimal_equal(s->stop_price, t->stop_price)) &&
           same_flags(o, s);
}

bool order_is_nameless(const struct account *a, const struct order *o)
{
    return !account_knows_ids(a) && o->venue_id[0] == '\0';
}

/* One unresolved placement of a shape at a time: a second one could not be told from the first. */
bool order_shape_is_free(struct engine *e, const struct account *a, const struct order *o)
{
    const struct order_terms *t = order_venue_terms(o);

    if (account_knows_ids(a)) {
        return true;
    }
    for (struct order *p = book_first_live(e->book, a->index); p != NULL; p = p->next) {
        const struct order_terms *other = order_venue_terms(p);
        /* Two prices tell them apart; a kind of order the venue may not show does not. */
        bool priced = other->has_price && t->has_price && !decimal_equal(other->price, t->price);

        if (p != o && (p->state == ORDER_SENT || p->state == ORDER_DOUBT) &&
            p->venue_id[0] == '\0' && !priced && p->side == o->side &&
            decimal_equal(order_venue_qty(p), order_venue_qty(o)) &&
            bytes_is(bytes_of(p->venue_symbol), o->venue_symbol)) {
            return false;
        }
    }
    return true;
}

/* ---- candidates ---------------------------------------------------------------------------- */

/* False: out of memory. */
static bool set_candidate(struct order *o, struct bytes venue_id)
{
    char *copy = realloc(o->candidate_id, venue_id.size + 1);

    if (copy == NULL) {
        free(o->candidate_id);
        o->candidate_id = NULL;
        return false;
    }
    memcpy(copy, venue_id.data, venue_id.size);
    copy[venue_id.size] = '\0';
    o->candidate_id = copy;
    return true;
}

static void add_candidate(const struct account *a, struct order *o,
                          const struct venue_order_state *s)
{
    if (o->candidate_pass != a->pass.serial) {
        o->candidate_pass = a->pass.serial;
        o->candidates = 0;
    }
    if (o->candidates > 0 && bytes_is(s->venue_id, o->candidate_id)) {
        return; /* the same order in another list */
    }
    if (o->candidates == 0 && !set_candidate(o, s->venue_id)) {
        o->candidates++; /* which one is not known then: nobody is recognised by it */
    }
    o->candidates++;
}

void shape_look(struct account *a, const struct venue_order_state *s)
{
    if (account_knows_ids(a) || s->venue_id.size == 0 || s->venue_id.size > VENUE_ID_MAX ||
        !a->pass.active) {
        return;
    }
    for (struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (is_shape_of(a, o, s)) {
            add_candidate(a, o, s);
        }
    }
}

bool shape_was_seen(const struct account *a, const struct order *o)
{
    return order_is_nameless(a, o) && o->candidate_pass == a->pass.serial && o->candidates > 0;
}

/* The same order fits two of ours: neither may have it. */
static bool is_contested(const struct account *a, const struct order *o)
{
    for (const struct order *p = a->check_first; p != NULL; p = p->check_next) {
        if (p != o && shape_was_seen(a, p) &&
            (p->candidate_id == NULL || bytes_is(bytes_of(p->candidate_id), o->candidate_id))) {
            return true;
        }
    }
    return false;
}

void shape_settle(struct engine *e, struct account *a)
{
    char name[ORDER_ID_TEXT_MAX];
    struct order *next;

    for (struct order *o = a->check_first; o != NULL; o = next) {
        next = o->check_next;
        if (!shape_was_seen(a, o) || o->in_call) {
            continue;
        }
        if (o->candidates == 1 && !is_contested(a, o)) {
            engine_note(e, NOTE_WARN, "order.recognised", "id=%s venue_id=%s: by its shape",
                        engine_order_name(o, name), o->candidate_id);
            /* Its fate is this order's from now on; the next pass asks for it by its id. */
            order_learn_id(e, o, bytes_of(o->candidate_id));
            a->pass.next_us = e->now.mono_us;
        }
    }
}

/* ---- for a person -------------------------------------------------------------------------- */

void shape_text(const struct account *a, const struct order *o, char out[SHAPE_TEXT_MAX])
{
    char name[ORDER_ID_TEXT_MAX], qty[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];

    decimal_print(order_venue_qty(o), qty);
    decimal_print(order_venue_terms(o)->price, price);
    snprintf(out, SHAPE_TEXT_MAX,
             "id=%s account=%.*s client_id=%s symbol=%s side=%s qty=%s price=%s sent=%lld "
             "until=%lld",
             engine_order_name(o, name), BYTES_ARG(a->cfg->name), o->client_id, o->venue_symbol,
             o->side == VENUE_BUY ? "buy" : "sell", qty, price, (long long)(o->sent_us / US_PER_MS),
             (long long)(o->ready_us / US_PER_MS));
}

void shape_note(struct engine *e, const struct account *a, const struct order *o)
{
    char name[ORDER_ID_TEXT_MAX], sought[SHAPE_TEXT_MAX];
    bool seen = shape_was_seen(a, o);

    shape_text(a, o, sought);
    engine_note(e, NOTE_ERROR, "order.undecided",
                "%s look_alikes=%u first=%s: it cannot be told whether the venue has it; "
                "look there, then: fixbridge admin order %s is VENUE-ID, or: is absent",
                sought, seen ? o->candidates : 0,
                seen && o->candidate_id != NULL ? o->candidate_id : "", engine_order_name(o, name));
}
