/*
 * What became of a venue call about an order, and what an answer teaches about the venue itself:
 * its clock, its health, its budget. An outcome that is unknown leads to a lookup
 * (engine_lookup.c), never to a repetition.
 */
#include <stdio.h>

#include "assert.h"
#include "engine_internal.h"

#define BACKOFF_MIN_US (50 * US_PER_MS)
#define BACKOFF_MAX_US (2 * US_PER_S)

/* ---- results ------------------------------------------------------------------------------- */

static void learn_rates(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    for (size_t i = 0; reply != NULL && i < a->window_count; i++) {
        if (reply->has_used[i]) {
            rate_learn_used(&a->rate[i], reply->used[i], e->now.mono_us);
        }
    }
}

static void learn_clock(struct engine *e, struct account *a, const struct call *c,
                        int64_t server_us)
{
    int64_t error = (e->now.mono_us - c->started.mono_us) / 2;

    /* The shortest round trip tells best; the estimate is let go of slowly, because clocks drift.
     */
    if (a->clock_error_us == 0 || error <= a->clock_error_us) {
        a->clock_offset_us = server_us - (e->now.wall_us - error);
        a->clock_error_us = error > 0 ? error : 1;
    } else {
        a->clock_error_us += a->clock_error_us / 64 + 1;
    }
}

void account_learn_health(struct engine *e, struct account *a, enum venue_outcome outcome,
                          const struct venue_reply *reply, const char *why)
{
    if (outcome == VENUE_HELD && reply != NULL && reply->reason == VENUE_REASON_THROTTLED) {
        int64_t wait = reply->retry_after_us > 0 ? reply->retry_after_us : US_PER_S;

        for (size_t i = 0; i < a->window_count; i++) {
            rate_block(&a->rate[i], e->now.mono_us + wait);
        }
        a->backoff_us = e->now.mono_us + wait;
        engine_note(e, NOTE_WARN, "venue.throttled", "account=%.*s wait_ms=%lld",
                    BYTES_ARG(a->cfg->name), (long long)(wait / US_PER_MS));
        return;
    }
    if (outcome == VENUE_HELD) {
        int64_t wait = BACKOFF_MIN_US << (a->failures < 6 ? a->failures : 6);

        a->failures++;
        a->backoff_us = e->now.mono_us + (wait < BACKOFF_MAX_US ? wait : BACKOFF_MAX_US);
        if (!a->down && a->failures >= 3) {
            a->down = true;
            engine_note(e, NOTE_ERROR, "venue.down", "account=%.*s why=\"%s\"",
                        BYTES_ARG(a->cfg->name), why);
        }
        return;
    }
    if (outcome == VENUE_UNKNOWN) {
        return;
    }
    a->failures = 0;
    if (a->down) {
        a->down = false;
        account_settings_stale(e, a);
        engine_note(e, NOTE_INFO, "venue.up", "account=%.*s", BYTES_ARG(a->cfg->name));
    }
    if (outcome == VENUE_REFUSED && reply != NULL && reply->reason == VENUE_REASON_AUTH) {
        engine_note(e, NOTE_ERROR, "venue.auth",
                    "account=%.*s code=%.*s: the venue refuses the key", BYTES_ARG(a->cfg->name),
                    BYTES_ARG(reply->code));
    }
}

/* The answer must be about the order asked about; anything else is no answer. */
static const struct venue_order_state *state_of(const struct order *o,
                                                const struct venue_reply *reply)
{
    const struct venue_order_state *s;

    if (reply == NULL || reply->order_count == 0) {
        return NULL;
    }
    s = &reply->order[0];
    if ((s->client_id.size > 0 && !bytes_is(s->client_id, o->client_id) &&
         !order_is_venue_made(o)) ||
        (s->venue_id.size > 0 && o->venue_id[0] != '\0' && !bytes_is(s->venue_id, o->venue_id))) {
        return NULL;
    }
    return s;
}

/* Market, IOC and FOK orders do not rest: what did not trade is gone, and the venue's answer to the
 * placement may not say so. */
static bool is_immediate(const struct order *o)
{
    return o->terms.type == VENUE_MARKET || o->terms.tif == VENUE_IOC || o->terms.tif == VENUE_FOK;
}

static void place_done(struct engine *e, struct account *a, struct order *o,
                       const struct venue_reply *reply)
{
    const struct venue_order_state *s = state_of(o, reply);

    if (s == NULL || s->status == VENUE_ORDER_ABSENT) {
        order_in_doubt(e, o, "the answer does not name the order");
        return;
    }
    if (s->status == VENUE_ORDER_REJECTED) {
        if (o->state == ORDER_SENT) {
            order_refuse(e, o, EV_REFUSE, refusal_ord_rej_reason(s->reason),
                         venue_text(e, reply, "rejected"));
        } else {
            check_add(e, o);
        }
        return;
    }
    if (s->status == VENUE_ORDER_PENDING && !account_has_feature(a, VENUE_STATUS_IS_FILLS)) {
        if (order_is_nameless(a, o)) {
            order_learn_id(e, o, s->venue_id); /* all there is to ask for it by */
        }
        watch_fills(e, a, reply);
        a->want_fills = true;
        check_add(e, o); /* the lookup shows what became of it, or of the rest */
        return;
    }
    order_ack(e, o, s->venue_id);
    if (s->status == VENUE_ORDER_FILLED && s->has_filled) {
        order_size(e, o, s->filled);
    }
    watch_fills(e, a, reply);
    watch_observe(e, o, s, VENUE_PLACE, &e->now);
    if (order_is_live(o) && !o->end_known && (is_immediate(o) || s->status == VENUE_ORDER_FILLED)) {
        check_add(e, o);
        a->want_fills = true;
    }
}

static void place_result(struct engine *e, struct account *a, struct order *o,
                         enum venue_outcome outcome, const struct venue_reply *reply,
                         const char *why)
{
    switch (outcome) {
    case VENUE_DONE: place_done(e, a, o, reply); return;
    case VENUE_REFUSED:
        if (o->state != ORDER_SENT) {
            check_add(e, o); /* its fills came first: the refusal is about something else */
        } else if (reply != NULL && reply->reason == VENUE_REASON_DUPLICATE) {
            /* The id is ours alone, so an earlier sending of it arrived: good news, to be looked
             * up. */
            order_in_doubt(e, o, "the venue has this client id already");
        } else {
            order_refuse(e, o, EV_REFUSE,
                         refusal_ord_rej_reason(reply == NULL ? VENUE_REASON_OTHER : reply->reason),
                         venue_text(e, reply, why));
        }
        return;
    case VENUE_HELD:
        order_held(e, o);
        if (o->state == ORDER_TAKEN && request_oldest(o, REQUEST_CANCEL) != NULL) {
            order_cancel_unsent(e, o);
        }
        return;
    case VENUE_UNKNOWN:
        order_in_doubt(e, o, why);
        watch_fills(e, a, reply); /* what the answer did say is true */
        return;
    }
    UNREACHABLE();
}

static void request_in_doubt(struct engine *e, struct account *a, struct order *o,
                             struct request *r, int64_t ready_us, const char *why)
{
    bool routine = (a->cfg->driver->features & VENUE_ACK_IS_RESULT) == 0 && ready_us > 0;
    char name[ORDER_ID_TEXT_MAX];

    request_state_set(e, o, r, REQUEST_DOUBT, ready_us);
    engine_note(e, routine ? NOTE_DEBUG : NOTE_WARN, "request.doubt", "id=%s request=%s why=\"%s\"",
                engine_order_name(o, name), r->kind == REQUEST_CANCEL ? "cancel" : "replace", why);
    check_add(e, o);
}

/* A venue that only acknowledges the request (PENDING) needs its time to act on it. */
static int64_t settle_of(const struct account *a, const struct venue_order_state *s)
{
    return s != NULL && s->status == VENUE_ORDER_PENDING ? a->cfg->driver->lookup_settle_us : 0;
}

static void cancel_done(struct engine *e, struct account *a, struct order *o, struct request *r,
                        const struct venue_reply *reply)
{
    const struct venue_order_state *s = state_of(o, reply);
    struct venue_order_state whole;

    watch_fills(e, a, reply);
    if (!order_is_live(o)) {
        return;
    }
    if (s != NULL && s->status == VENUE_ORDER_CANCELED) {
        if (!o->acked) {
            order_ack(e, o, s->venue_id);
        }
        order_ended(e, o, EV_CANCELED, leg_in_total(o, s, &whole));
        return;
    }
    a->want_fills = true;
    request_in_doubt(e, a, o, r, e->now.wall_us + settle_of(a, s),
                     "the answer does not say that the order is canceled");
}

/* Where nothing lists what has ended, the venue's word that it is too late for a cancel is the only
 * one there is: the order is gone. Told when its last fills have had their time to show. */
static bool is_gone(const struct account *a, const struct order *o, const struct request *r,
                    const struct venue_reply *reply)
{
    return account_has_feature(a, VENUE_STATUS_IS_FILLS) && o->acked && !order_is_trigger(o) &&
           reply != NULL &&
           (reply->reason == VENUE_REASON_TOO_LATE ||
            (reply->reason == VENUE_REASON_UNKNOWN_ORDER && r->attempts > 0));
}

static void cancel_found_gone(struct engine *e, struct account *a, struct order *o)
{
    const struct venue_order_state gone = { .status = VENUE_ORDER_CANCELED,
                                            .venue_id = bytes_of(o->venue_id) };
    int64_t settle_us = a->cfg->driver->lookup_settle_us;

    order_ended(e, o, EV_CANCELED, &gone);
    if (o->end_known) {
        o->end_seen_us = e->now.mono_us + settle_us;
        o->end_not_before_us = e->now.wall_us + settle_us;
    }
}

static void cancel_result(struct engine *e, struct account *a, struct order *o, struct request *r,
                          enum venue_outcome outcome, const struct venue_reply *reply,
                          const char *why)
{
    switch (outcome) {
    case VENUE_DONE: cancel_done(e, a, o, r, reply); return;
    case VENUE_REFUSED:
        if (reply == NULL || reply->reason == VENUE_REASON_UNKNOWN_ORDER ||
            reply->reason == VENUE_REASON_TOO_LATE) {
            /* Gone, or not there yet: the order's own fate decides the answer. */
            r->refused = r->attempts == 0;
            bool gone = is_gone(a, o, r, reply);

            request_in_doubt(e, a, o, r, e->now.wall_us, "the venue does not find the order");
            a->want_fills = true;
            if (gone) {
                cancel_found_gone(e, a, o);
            }
        } else {
            request_rejected(e, o, r, refusal_cxl_rej_reason(reply->reason),
                             venue_text(e, reply, why));
        }
        return;
    case VENUE_HELD: request_state_set(e, o, r, REQUEST_TAKEN, 0); return;
    case VENUE_UNKNOWN:
        r->lost = r->attempts == 0;
        request_in_doubt(e, a, o, r, 0, why);
        watch_fills(e, a, reply);
        return;
    }
    UNREACHABLE();
}

static void replace_done(struct engine *e, struct account *a, struct order *o, struct request *r,
                         const struct venue_reply *reply, const struct instant *asked)
{
    const struct venue_order_state *s = state_of(o, reply);

    if (s != NULL && (s->status == VENUE_ORDER_REPLACED || s->status == VENUE_ORDER_OPEN ||
                      s->status == VENUE_ORDER_FILLED || s->status == VENUE_ORDER_CANCELED)) {
        /* The new terms first: fills of this answer happened under them. */
        request_replaced(e, o, r);
        watch_fills(e, a, reply);
        if (s->status == VENUE_ORDER_CANCELED || s->cause == VENUE_CAUSE_REDUCED) {
            watch_observe(e, o, s, VENUE_REPLACE, asked);
        } else if (s->status == VENUE_ORDER_FILLED) {
            check_add(e, o);
            a->want_fills = true;
        }
        return;
    }
    request_in_doubt(e, a, o, r, e->now.wall_us + settle_of(a, s),
                     "the answer does not say that the order was replaced");
}

/* Whether the venue may have refused the new quantity because that much is filled, and we do not
 * know of it yet. */
static bool may_be_filled(const struct engine *e, const struct order *o, const struct request *r,
                          enum venue_reason reason)
{
    bool amends =
        o->session >= e->config.session_count || !e->config.session[o->session].refuse_to_filled;

    return amends && decimal_compare(r->terms.qty, o->terms.qty) < 0 &&
           (reason == VENUE_REASON_QUANTITY || reason == VENUE_REASON_INVALID ||
            reason == VENUE_REASON_OTHER);
}

/* FIX 4.4 vol. 4, appendix D, C.3.b, C.3.c: looked up before it is answered. */
static void replace_refused(struct engine *e, struct account *a, struct order *o, struct request *r,
                            const struct venue_reply *reply, const char *why)
{
    int reason = refusal_cxl_rej_reason(reply->reason);
    struct bytes text = venue_text(e, reply, why);

    if (!may_be_filled(e, o, r, reply->reason)) {
        request_rejected(e, o, r, reason, text);
        return;
    }
    r->refusal = reason;
    snprintf(r->refusal_text, sizeof r->refusal_text, "%.*s", BYTES_ARG(text));
    request_in_doubt(e, a, o, r, e->now.wall_us,
                     "the venue refused a smaller quantity, and that much may be filled");
    a->want_fills = true;
}

static void replace_result(struct engine *e, struct account *a, struct order *o, struct request *r,
                           enum venue_outcome outcome, const struct venue_reply *reply,
                           const char *why, const struct instant *asked)
{
    switch (outcome) {
    case VENUE_DONE: replace_done(e, a, o, r, reply, asked); return;
    case VENUE_REFUSED:
        if (reply == NULL || reply->reason == VENUE_REASON_UNKNOWN_ORDER ||
            reply->reason == VENUE_REASON_TOO_LATE || reply->reason == VENUE_REASON_WOULD_CROSS) {
            /* The order may be gone (or, a post-only one, canceled by the attempt): look before
             * answering. */
            request_in_doubt(e, a, o, r, e->now.wall_us,
                             "the venue refused, and the order may be gone");
            a->want_fills = true;
        } else {
            replace_refused(e, a, o, r, reply, why);
        }
        return;
    case VENUE_HELD: request_state_set(e, o, r, REQUEST_TAKEN, 0); return;
    case VENUE_UNKNOWN:
        request_in_doubt(e, a, o, r, 0, why);
        watch_fills(e, a, reply);
        return;
    }
    UNREACHABLE();
}

/* A request may have been answered while its call was under way (the order was filled): then there
 * is nothing left to say but what the reply tells of the order. */
void order_result(struct engine *e, struct account *a, const struct call *c,
                  const struct order_call *about, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why)
{
    struct order *o = about->order;
    struct request *r = about->purpose == CALL_PLACE ? NULL : request_by_id(o, about->request);

    o->in_call = false;
    if (about->purpose == CALL_PLACE) {
        if (order_is_live(o)) {
            place_result(e, a, o, outcome, reply, why);
        } else if (outcome == VENUE_DONE) {
            watch_fills(e, a, reply);
        }
    } else if (r == NULL || !order_is_live(o)) {
        watch_fills(e, a, reply);
    } else if (about->purpose == CALL_CANCEL) {
        cancel_result(e, a, o, r, outcome, reply, why);
    } else {
        replace_result(e, a, o, r, outcome, reply, why, &c->started);
    }
    order_end_if_complete(e, o);
    order_schedule(e, o);
}

void venue_result(struct engine *e, uint64_t id, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why)
{
    struct call *c = call_find(e, id);
    struct account *a;

    ASSERT(c != NULL);
    why = why == NULL ? "" : why;
    a = &e->account[c->account];
    account_touch(e, a);
    a->calls--;
    e->calls_under_way--;
    if (reply != NULL && reply->server_us > 0) {
        learn_clock(e, a, c, reply->server_us);
    }
    e->run_all = c->purpose == CALL_INSTRUMENTS || c->purpose == CALL_POSITIONS ||
                 c->purpose == CALL_BULK || c->purpose == CALL_SET || c->purpose == CALL_SETTING;
    e->reply = reply;
    learn_rates(e, a, reply);
    account_learn_health(e, a, outcome, reply, why);
    switch (c->purpose) {
    case CALL_PLACE:
    case CALL_CANCEL:
    case CALL_REPLACE:
        order_result(e, a, c, &(struct order_call){ c->purpose, c->order, c->request }, outcome,
                     reply, why);
        break;
    case CALL_BATCH: batch_result(e, a, c, outcome, reply, why); break;
    case CALL_DEADMAN: deadman_result(e, a, c, outcome, reply, why); break;
    case CALL_SET:
    case CALL_SETTING: setting_result(e, a, c, outcome, reply); break;
    case CALL_BULK: mass_bulk_result(e, a, c, outcome, reply); break;
    case CALL_GHOST: ghost_result(e, a, outcome, why); break;
    case CALL_PASS:
    case CALL_FILLS:
    case CALL_BACKFILL:
    case CALL_OPEN_ORDERS:
    case CALL_POLL_STATUS:
    case CALL_INSTRUMENTS:
    case CALL_TIME: watch_result(e, a, c, outcome, reply, why); break;
    case CALL_POSITIONS: positions_result(e, a, outcome, reply, why); break;
    }
    e->reply = NULL;
    call_end(e, c);
}
