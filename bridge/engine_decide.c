/*
 * What a person decides about an order whose fate the service cannot tell: a placement in doubt at
 * a venue that knows no ids of ours, an order that vanished where nothing lists ended ones. The
 * decision is a record of its own, and the client's report says whose it was.
 */
#include "engine_internal.h"

_Static_assert(ENGINE_IS_CANCELED == RECORD_VERDICT_MAX, "what a record can hold");

static const char by_operator[] = "decided by operator";

static bool no(const char **why, const char *text)
{
    *why = text;
    return false;
}

static bool may_be_there(struct engine *e, const struct order *o, struct bytes venue_id,
                         const char **why)
{
    const struct order *other;

    if (engine_account_of(e, o) == NULL) {
        return no(why, "the order's account is no longer configured");
    }
    if (o->state != ORDER_DOUBT || o->venue_id[0] != '\0') {
        return no(why,
                  "only an order in doubt whose id at the venue is not known can be given one");
    }
    if (venue_id.size == 0 || venue_id.size > VENUE_ID_MAX) {
        return no(why, "expected the venue's id of the order");
    }
    other = book_by_venue_id(e->book, o->account, venue_id);
    return other == NULL || no(why, "another order has this id");
}

static bool may_decide(struct engine *e, const struct order *o, enum engine_verdict verdict,
                       struct bytes venue_id, const char **why)
{
    if (o == NULL) {
        return no(why, "no such order");
    }
    if (!order_is_live(o)) {
        return no(why, "the order has ended");
    }
    if (o->in_call) {
        return no(why, "a call about the order is under way; try again");
    }
    switch (verdict) {
    case ENGINE_IS_THERE: return may_be_there(e, o, venue_id, why);
    case ENGINE_IS_ABSENT: return o->state == ORDER_DOUBT || no(why, "the order is not in doubt");
    case ENGINE_IS_CANCELED:
        return o->state == ORDER_LIVE || no(why, "the venue has not acknowledged the order");
    }
    return no(why, "no such decision");
}

static void carry_out(struct engine *e, struct order *o, enum engine_verdict verdict,
                      struct bytes venue_id)
{
    switch (verdict) {
    case ENGINE_IS_THERE:
        o->decided = true;
        order_ack(e, o, venue_id);
        o->decided = false;
        check_add(e, o);      /* what became of it since is asked for by that id */
        order_schedule(e, o); /* a cancel may have waited for it */
        return;
    case ENGINE_IS_ABSENT:
        order_refuse(e, o, EV_ABSENT, 99,
                     BYTES("decided by operator: the venue does not have the order"));
        return;
    case ENGINE_IS_CANCELED:
        o->end_event = EV_CANCELED;
        o->end_cause = VENUE_CAUSE_NONE;
        order_end_with(e, o, BYTES("decided by operator: no longer at the venue"));
        return;
    }
}

bool decide(struct engine *e, uint64_t order_id, enum engine_verdict verdict, struct bytes venue_id,
            const char **why)
{
    struct order *o = book_by_id(e->book, order_id);
    struct record r = { .kind = RECORD_DECISION, .wall_us = e->now.wall_us };
    char name[ORDER_ID_TEXT_MAX];

    if (!may_decide(e, o, verdict, venue_id, why)) {
        return false;
    }
    r.decision.id = o->id;
    r.decision.verdict = (unsigned)verdict;
    r.decision.venue_id = venue_id;
    engine_commit(e, &r);
    engine_note(e, NOTE_WARN, "order.decided", "id=%s what=%s venue_id=%.*s: %s",
                engine_order_name(o, name), engine_verdict_text(verdict), BYTES_ARG(venue_id),
                by_operator);
    carry_out(e, o, verdict, venue_id);
    return true;
}

const char *engine_verdict_text(enum engine_verdict v)
{
    switch (v) {
    case ENGINE_IS_THERE: return "there";
    case ENGINE_IS_ABSENT: return "absent";
    case ENGINE_IS_CANCELED: return "canceled";
    }
    return "?";
}
