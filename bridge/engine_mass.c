/*
 * Mass cancels (rules of engagement 3.6): every matching order gets a cancel request; where the
 * account is ours alone and all its orders match, one CANCEL_ALL goes first and only what it left
 * is canceled one by one. Each order is reported as it is proven gone, then one
 * OrderMassCancelReport says n of m.
 */
#include <stdio.h>

#include "assert.h"
#include "engine_client.h"

/* From this many resting orders on, the bulk call is cheaper than single cancels (Kraken: 25 vs
 * 10). */
#define BULK_MIN 3

static bool matches(const struct engine *e, const struct order *o, uint32_t session,
                    const struct command *c)
{
    if (o->session != session && c->mass_type != '7') {
        return false;
    }
    if (c->symbol.size > 0 && !bytes_is(c->symbol, o->symbol) &&
        !bytes_is(c->symbol, o->venue_symbol)) {
        return false;
    }
    if (c->exchange.size > 0 &&
        !bytes_is(c->exchange, e->config.account[o->account].driver->code)) {
        return false;
    }
    if (c->account.size > 0 && !bytes_equal(c->account, e->config.account[o->account].name)) {
        return false;
    }
    return c->side == 0 || c->side == o->side;
}

static void mass_report(struct engine *e, uint32_t session, struct bytes sender,
                        const struct mass_report *r)
{
    struct bytes sub_id, route;
    struct slot *s = session < e->config.session_count ? engine_slot(e, EFFECT_FIX_SEND) : NULL;

    if (s == NULL) {
        return;
    }
    memset(&s->body, 0, sizeof s->body);
    s->body.time_digits = e->config.session[session].time_digits;
    s->effect.fix.session = session;
    s->effect.fix.body = &s->body;
    translate_out_mass_report(&s->body, &s->buf, r);
    sender_split(sender, &sub_id, &route);
    slot_route(s, sub_id, route);
}

static void report_end(struct engine *e, const struct mass *m)
{
    char text[64];
    bool all = m->proven == m->count;
    struct mass_report r = {
        .cl_ord_id = bytes_of(m->cl_ord_id),
        .mass_id = m->id,
        .request_type = m->type,
        .response = all ? m->type : '0',
        .reject_reason = all ? -1 : 99,
        .affected = m->proven,
        .symbol = bytes_of(m->symbol),
        .side = m->side,
        .transact_us = e->now.wall_us,
    };

    snprintf(text, sizeof text, "%u of %u canceled", m->proven, m->count);
    r.text = bytes_of(text);
    mass_report(e, m->session, (struct bytes){ m->sender, m->sender_size }, &r);
}

static void end_mass(struct engine *e, struct mass *m)
{
    struct record r = { .kind = RECORD_MASS_END, .wall_us = e->now.wall_us };

    report_end(e, m);
    r.mass_end.mass = m->id;
    engine_commit(e, &r);
}

void mass_request_ended(struct engine *e, uint64_t mass_id)
{
    for (struct mass *m = e->mass; m != NULL; m = m->next) {
        if (m->id == mass_id) {
            if (m->pending == 0) {
                end_mass(e, m);
            }
            return;
        }
    }
}

void mass_tick(struct engine *e)
{
    struct mass *next;

    for (struct mass *m = e->mass; m != NULL; m = next) {
        next = m->next;
        if (e->now.mono_us >= m->deadline_us) {
            end_mass(e, m); /* late results follow as ExecutionReports */
        }
    }
}

int64_t mass_deadline(const struct engine *e)
{
    int64_t at = NEVER_US;

    for (const struct mass *m = e->mass; m != NULL; m = m->next) {
        at = m->deadline_us < at ? m->deadline_us : at;
    }
    return at;
}

/* ---- start --------------------------------------------------------------------------------- */

void mass_take_request(struct engine *e, struct order *o, uint64_t mass)
{
    struct record r = { .kind = RECORD_REQUEST, .wall_us = e->now.wall_us };
    struct report rep;

    r.request.id = o->id;
    r.request.request = e->next_request;
    r.request.what = REQUEST_CANCEL;
    r.request.mass = mass;
    engine_commit(e, &r);
    rep = report_of(o, '6');
    report_order(e, o, &rep);
}

/* Whether CANCEL_ALL acts on it: it rests, and is of the kind that is meant. */
static bool is_reached(const struct account *a, const struct order *o)
{
    return o->state == ORDER_LIVE && !o->in_call &&
           !(account_has_feature(a, VENUE_BULK_SPARES_TRIGGERS) && order_is_trigger(o));
}

/* CANCEL_ALL reaches every order of the account (or symbol), so all of them must be meant. */
static bool bulk_fits(struct engine *e, const struct account *a, uint32_t session,
                      const struct command *c, struct bytes *venue_symbol)
{
    size_t resting = 0;

    if ((account_has_feature(a, VENUE_BULK_BY_SYMBOL) && c->symbol.size == 0) ||
        !a->cfg->bulk_cancel || a->cfg->driver->endpoint[VENUE_CANCEL_ALL].build == NULL ||
        c->side != 0) {
        return false;
    }
    *venue_symbol = (struct bytes){ NULL, 0 };
    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        bool here = c->symbol.size == 0 || bytes_is(c->symbol, o->symbol) ||
                    bytes_is(c->symbol, o->venue_symbol);

        if (here && !matches(e, o, session, c)) {
            return false;
        }
        if (here && is_reached(a, o)) {
            resting++;
            *venue_symbol = c->symbol.size > 0 ? bytes_of(o->venue_symbol) : *venue_symbol;
        }
    }
    return resting >= BULK_MIN;
}

static void start_bulk(struct engine *e, struct account *a, uint64_t mass,
                       struct bytes venue_symbol)
{
    struct venue_call c = { .op = VENUE_CANCEL_ALL, .symbol = venue_symbol };
    int64_t ready_us = account_ready_us(a, e->now.wall_us);

    if (!account_may_call(e, a, &c, RATE_BULK)) {
        return; /* one by one then, as the budget allows */
    }
    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        for (struct request *r = o->request; r != NULL; r = r->next) {
            if (r->mass_id == mass && is_reached(a, o)) {
                request_state_set(e, o, r, REQUEST_SENT, ready_us);
            }
        }
    }
    (void)call_start(e, a, CALL_BULK, &c, 0, NULL, mass);
}

static void refuse_mass(struct engine *e, uint32_t session, const struct fix_msg *msg,
                        const struct command *c, int reason, const char *text)
{
    char sender[ROUTING_MAX];
    struct mass_report r = {
        .cl_ord_id = c->cl_ord_id,
        .mass_id = e->next_mass,
        .request_type = c->mass_type,
        .response = '0',
        .reject_reason = reason,
        .symbol = c->symbol,
        .side = c->side,
        .text = bytes_of(text),
        .transact_us = e->now.wall_us,
    };
    const struct record end = { .kind = RECORD_MASS_END,
                                .wall_us = e->now.wall_us,
                                .mass_end = { r.mass_id } };

    engine_commit(e, &end); /* its number is used up, for ever */
    mass_report(e, session, sender_of(msg, sender), &r);
}

static bool knows_symbol(const struct engine *e, uint32_t session, struct bytes symbol)
{
    const struct engine_session *s = &e->config.session[session];

    for (size_t i = 0; i < s->account_count; i++) {
        if (symbols_find(e->config.account[s->account[i]].symbols, symbol) != NULL) {
            return true;
        }
    }
    return false;
}

static uint32_t count_matches(struct engine *e, uint32_t session, const struct command *c)
{
    uint32_t count = 0;

    for (size_t i = 0; i < e->config.account_count; i++) {
        for (struct order *o = book_first_live(e->book, (uint32_t)i);
             client_has_account(e, session, (uint32_t)i) && o != NULL; o = o->next) {
            count += matches(e, o, session, c);
        }
    }
    return count;
}

static void start_account(struct engine *e, struct account *a, uint32_t session,
                          const struct command *c, uint64_t mass)
{
    struct bytes symbol;
    bool bulk = bulk_fits(e, a, session, c, &symbol);
    struct order *next;

    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = next) {
        next = o->next;
        if (!matches(e, o, session, c)) {
            continue;
        }
        mass_take_request(e, o, mass);
        if (o->state == ORDER_TAKEN && !o->in_call) {
            order_cancel_unsent(e, o);
        }
    }
    if (bulk) {
        start_bulk(e, a, mass, symbol);
    }
    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        order_schedule(e, o);
    }
}

void mass_start(struct engine *e, uint32_t session, const struct fix_msg *msg,
                const struct command *c)
{
    struct record r = { .kind = RECORD_MASS, .wall_us = e->now.wall_us };
    uint64_t id = e->next_mass;
    char sender[ROUTING_MAX];

    if (c->symbol.size > 0 && !knows_symbol(e, session, c->symbol)) {
        refuse_mass(e, session, msg, c, 1, "Symbol(55) is not known");
        return;
    }
    r.mass.mass = id;
    r.mass.session = session;
    r.mass.cl_ord_id = c->cl_ord_id;
    r.mass.symbol = c->symbol;
    r.mass.type = c->mass_type;
    r.mass.side = c->side;
    r.mass.count = count_matches(e, session, c);
    r.mass.sender = sender_of(msg, sender);
    engine_commit(e, &r);
    e->mass->deadline_us = e->now.mono_us + (int64_t)e->config.mass_cancel_max_ms * US_PER_MS;
    if (r.mass.count == 0) {
        end_mass(e, e->mass);
        return;
    }
    for (size_t i = 0; i < e->config.account_count; i++) {
        if (client_has_account(e, session, (uint32_t)i)) {
            start_account(e, &e->account[i], session, c, id);
        }
    }
}

/* ---- the bulk call's answer ---------------------------------------------------------------- */

static void release_bulk(struct engine *e, struct account *a, uint64_t mass,
                         enum request_state state)
{
    struct order *next;

    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = next) {
        next = o->next;
        for (struct request *r = o->request; r != NULL; r = r->next) {
            if (r->mass_id == mass && r->state == REQUEST_SENT && !o->in_call && !o->end_known) {
                request_state_set(e, o, r, state, 0);
                if (state == REQUEST_DOUBT) {
                    r->lost = true;
                    check_add(e, o);
                }
                break;
            }
        }
        order_schedule(e, o);
    }
}

/* The venue took the cancel of this order and will act on it: to be looked up, not to be asked
 * again. */
static void bulk_pending(struct engine *e, struct account *a, struct order *o, uint64_t mass)
{
    for (struct request *r = o->request; r != NULL; r = r->next) {
        if (r->mass_id == mass && r->state == REQUEST_SENT) {
            request_state_set(e, o, r, REQUEST_DOUBT,
                              e->now.wall_us + a->cfg->driver->lookup_settle_us);
            check_add(e, o);
            return;
        }
    }
}

void mass_bulk_result(struct engine *e, struct account *a, struct call *c,
                      enum venue_outcome outcome, const struct venue_reply *reply)
{
    if (outcome == VENUE_DONE && reply != NULL) {
        watch_fills(e, a, reply);
        for (size_t i = 0; i < reply->order_count; i++) {
            struct order *o = watch_find(e, a, reply->order[i].client_id, reply->order[i].venue_id);

            if (o != NULL && reply->order[i].status == VENUE_ORDER_PENDING) {
                bulk_pending(e, a, o, c->mass);
            } else if (o != NULL) {
                watch_observe(e, o, &reply->order[i], VENUE_CANCEL_ALL, &c->started);
            }
        }
    }
    release_bulk(e, a, c->mass, outcome == VENUE_UNKNOWN ? REQUEST_DOUBT : REQUEST_TAKEN);
}
