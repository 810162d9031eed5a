/*
 * The engine's state as records, one a call, in an order in which engine_apply() can take them:
 *
 *     START, COUNTERS, NAMEs, SESSIONs, DEADMANs, for each order KEPT_ORDER, its KEPT_NAMEs and its
 * open REQUESTs with their REQUEST_STATE, KEPT_FILLs, for each mass cancel MASS and KEPT_MASS,
 * LISTs
 *
 * Live orders go before ended ones, both as they stand in the book's lists, so that the book that
 * is rebuilt has them in the same order. Nothing is allocated here: a forked process may run it.
 */
#include "assert.h"
#include "engine_internal.h"

enum section {
    SECTION_START,
    SECTION_COUNTERS,
    SECTION_SESSIONS,
    SECTION_ACCOUNTS,
    SECTION_GONE_SESSIONS,
    SECTION_GONE_ACCOUNTS,
    SECTION_CHOICES,
    SECTION_DEADMAN,
    SECTION_FOREIGN_SINCE,
    SECTION_FOREIGN,
    SECTION_FOREIGN_SEEN,
    SECTION_LIVE,
    SECTION_ENDED,
    SECTION_FILLS,
    SECTION_MASS,
    SECTION_LISTS,
    SECTION_END
};

/* Where what a kind of record leaves behind is told. A new kind has to be entered here: what it
 * changes must be in some section, or a restart from a snapshot forgets it. */
unsigned engine_snapshot_section(enum record_kind kind)
{
    switch (kind) {
    case RECORD_START: return SECTION_START;
    case RECORD_NAME: return SECTION_SESSIONS;
    case RECORD_COUNTERS: return SECTION_COUNTERS;
    case RECORD_ORDER:
    case RECORD_EVENT:
    case RECORD_REQUEST:
    case RECORD_REQUEST_STATE:
    case RECORD_REQUEST_END:
    case RECORD_FORGET:
    case RECORD_KEPT_ORDER:
    case RECORD_KEPT_NAME: return SECTION_LIVE;
    case RECORD_FILL:
    case RECORD_CORRECT:
    case RECORD_KEPT_FILL: return SECTION_FILLS;
    case RECORD_SESSION: return SECTION_CHOICES;
    case RECORD_DEADMAN: return SECTION_DEADMAN;
    case RECORD_FOREIGN: return SECTION_FOREIGN;
    case RECORD_LIST:
    case RECORD_LIST_END: return SECTION_LISTS;
    case RECORD_DECISION:
    case RECORD_SETTING: return SECTION_END; /* for people: nothing follows from it */
    case RECORD_MASS:
    case RECORD_MASS_END:
    case RECORD_KEPT_MASS: return SECTION_MASS;
    }
    UNREACHABLE();
}

/* Numbers as the running engine's own records use them, and behind those the names that are gone.
 */
static uint32_t number_of(uint32_t index)
{
    return index >= GONE_FIRST && index != GONE ? SESSIONS_MAX + (index - GONE_FIRST) : index;
}

static void put_name(struct buf *out, enum record_name_kind what, uint32_t number,
                     struct bytes name)
{
    const struct record r = { .kind = RECORD_NAME, .name = { what, number, name } };

    if (number >= RECORD_NUMBERS_MAX) {
        out->failed = true;
        return;
    }
    record_encode(&r, out);
}

static bool next_name(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    const uint32_t i = at->index;
    const struct gone_names *gone =
        at->section == SECTION_GONE_SESSIONS ? &e->gone_sessions : &e->gone_accounts;

    at->index++;
    if (at->section == SECTION_SESSIONS && i < e->config.session_count) {
        put_name(out, RECORD_NAME_SESSION, i, e->config.session[i].name);
    } else if (at->section == SECTION_ACCOUNTS && i < e->config.account_count) {
        put_name(out, RECORD_NAME_ACCOUNT, i, e->config.account[i].name);
    } else if (at->section >= SECTION_GONE_SESSIONS && i < gone->count) {
        put_name(out,
                 at->section == SECTION_GONE_SESSIONS ? RECORD_NAME_SESSION : RECORD_NAME_ACCOUNT,
                 SESSIONS_MAX + i, gone->name[i]);
    } else {
        return false;
    }
    return true;
}

/* What sessions chose at their Logons. Of one that never did, the configuration tells. */
static bool next_choice(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    struct record r = { .kind = RECORD_SESSION };
    const struct session_state *s;

    while (at->index < e->config.session_count && !e->session[at->index].journaled) {
        at->index++;
    }
    if (at->index >= e->config.session_count) {
        return false;
    }
    s = &e->session[at->index];
    r.session.session = at->index++;
    r.session.cancel = (unsigned)s->choice.cancel;
    r.session.grace_ms = s->choice.grace_ms;
    r.session.copy = s->choice.copy;
    r.session.armed = s->armed;
    record_encode(&r, out);
    return true;
}

/* Switches that may be armed. */
static bool next_deadman(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    struct record r = { .kind = RECORD_DEADMAN };

    while (at->index < e->config.account_count && e->account[at->index].deadman.fires_us == 0) {
        at->index++;
    }
    if (at->index >= e->config.account_count) {
        return false;
    }
    r.deadman.account = at->index;
    r.deadman.fires_us = e->account[at->index++].deadman.fires_us;
    record_encode(&r, out);
    return true;
}

/* ---- orders of another hand ---------------------------------------------------------------- */

static bool next_since(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    struct record r = { .kind = RECORD_FOREIGN };

    while (at->index < e->config.account_count && e->account[at->index].foreign_since_us == 0) {
        at->index++;
    }
    if (at->index >= e->config.account_count) {
        return false;
    }
    r.wall_us = e->account[at->index].foreign_since_us;
    r.foreign.what = RECORD_FOREIGN_SINCE;
    r.foreign.side = VENUE_BUY;
    r.foreign.account = at->index++;
    record_encode(&r, out);
    return true;
}

/* New ones go to the front of the list, so it is told from its end. */
static bool next_foreign(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    struct record r = { .kind = RECORD_FOREIGN };
    const struct foreign *f = NULL;

    while (f == NULL && at->index < e->config.account_count) {
        const struct foreign *first = e->account[at->index].foreign;

        for (f = at->foreign == first ? NULL : first; f != NULL && f->next != at->foreign;) {
            f = f->next;
        }
        at->index += f == NULL;
        at->foreign = f;
    }
    if (f == NULL) {
        return false;
    }
    r.foreign.account = at->index;
    r.foreign.what = RECORD_FOREIGN_KEPT;
    r.foreign.side = f->side;
    r.foreign.venue_id = bytes_of(f->venue_id);
    r.foreign.symbol = bytes_of(f->symbol);
    r.foreign.qty = f->qty;
    r.foreign.price = f->price;
    r.foreign.last_qty = f->cum;
    r.foreign.avg = f->avg;
    record_encode(&r, out);
    return true;
}

static bool next_seen(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    struct record r = { .kind = RECORD_FOREIGN };

    at->name = book_next_told(e->book, at->name);
    if (at->name == NULL) {
        return false;
    }
    r.foreign.account = at->name->scope;
    r.foreign.what = RECORD_FOREIGN_SEEN;
    r.foreign.side = VENUE_BUY;
    r.foreign.exec_id = name_text(at->name);
    record_encode(&r, out);
    return true;
}

/* ---- orders -------------------------------------------------------------------------------- */

/* Whoever adds a member that records change adds it here, in fill_kept() (engine_apply.c), in
 * record.{h,c}, and in tests/unit/bridge/test_snapshot.c. */
static struct record_kept kept_of(const struct order *o)
{
    return (struct record_kept){
        .id = o->id,
        .session = number_of(o->session),
        .account = number_of(o->account),
        .state = o->state,
        .side = o->side,
        .cl_ord_id = bytes_of(o->cl_ord_id),
        .venue_id = bytes_of(o->venue_id),
        .symbol = bytes_of(o->symbol),
        .venue_symbol = bytes_of(o->venue_symbol),
        .sender_sub_id = bytes_of(o->sender_sub_id),
        .echo = { o->echo, o->echo_size },
        .route = { o->echo == NULL ? NULL : o->echo + o->echo_size, o->route_size },
        .terms = o->terms,
        .inverse = o->inverse,
        .acked = o->acked,
        .triggered = o->triggered,
        .cum_qty = o->cum_qty,
        .taken_back = o->taken_back,
        .avg = o->avg,
        .taken_us = o->taken_us,
        .valid_until_us = o->valid_until_us,
        .changed_us = o->changed_us,
        .sent_us = o->sent_us,
        .ready_us = o->ready_us,
        .venue_ack_us = o->venue_ack_us,
        .leg = o->leg,
        .fired_leg = o->fired_leg,
        .fired = o->fired,
        .leg_qty = o->leg_qty,
        .leg_cum = o->leg_cum,
        .leg_avg = o->leg_avg,
        .queued_us = o->queued_us,
    };
}

/* The ids that the order itself tells come with it, those of fills with the fills. */
static bool is_told(const struct order *o, const struct name *n)
{
    return (n->kind == BOOK_CL_ORD_ID && bytes_is(name_text(n), o->cl_ord_id)) ||
           (n->kind == BOOK_VENUE_ID && bytes_is(name_text(n), o->venue_id)) ||
           n->kind == BOOK_FILL;
}

static bool next_order_name(struct engine_snapshot *at, struct buf *out)
{
    const struct order *o = at->order;
    const struct name *n = at->name;

    do {
        n = book_next_name(o, n);
    } while (n != NULL && is_told(o, n));
    at->name = n;
    if (n == NULL) {
        return false;
    }
    const struct record r = { .kind = RECORD_KEPT_NAME,
                              .kept_name = { o->id, n->kind == BOOK_VENUE_ID, name_text(n) } };

    record_encode(&r, out);
    return true;
}

static void put_request(const struct order *o, const struct request *q, struct buf *out)
{
    const struct record r = {
        .kind = RECORD_REQUEST,
        .wall_us = q->taken_us,
        .request = { o->id, q->id, q->kind, q->mass_id, bytes_of(q->cl_ord_id),
                     bytes_of(q->orig_cl_ord_id), q->terms },
    };

    record_encode(&r, out);
}

static void put_request_state(const struct order *o, const struct request *q, struct buf *out)
{
    const struct record r = { .kind = RECORD_REQUEST_STATE,
                              .wall_us = q->taken_us,
                              .request_state = { o->id, q->id, q->state, q->ready_us } };

    record_encode(&r, out);
}

enum of_order { OF_NAMES, OF_REQUESTS };

/* What follows an order. False: it is told. */
static bool next_of_order(struct engine_snapshot *at, struct buf *out)
{
    if (at->step == OF_NAMES) {
        if (next_order_name(at, out)) {
            return true;
        }
        at->step = OF_REQUESTS;
        at->request = at->order->request;
    }
    if (at->request == NULL) {
        return false;
    }
    if (!at->half) {
        put_request(at->order, at->request, out);
    } else {
        put_request_state(at->order, at->request, out);
        at->request = at->request->next;
    }
    at->half = !at->half;
    return true;
}

static void put_order(const struct order *o, struct buf *out)
{
    const struct record r = { .kind = RECORD_KEPT_ORDER,
                              .wall_us = o->changed_us,
                              .kept = kept_of(o) };

    record_encode(&r, out);
}

static const struct order *first_of(const struct engine *e, const struct engine_snapshot *at)
{
    return at->section == SECTION_LIVE ? book_first_live(e->book, at->index)
                                       : book_first_ended(e->book, at->index);
}

/* Through all accounts' lists; the one behind the last is of those that are gone. */
static bool next_order(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    if (at->order != NULL && next_of_order(at, out)) {
        return true;
    }
    if (at->order != NULL) {
        at->order = at->order->next;
    } else {
        at->order = first_of(e, at);
    }
    while (at->order == NULL && at->index < e->config.account_count) {
        at->index++;
        at->order = first_of(e, at);
    }
    if (at->order == NULL) {
        return false;
    }
    at->name = NULL;
    at->half = false;
    at->step = OF_NAMES;
    put_order(at->order, out);
    return true;
}

/* ---- fills --------------------------------------------------------------------------------- */

/* In the order in which they were told, whichever order they are of. */
static bool next_fill(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    const struct fill *f = at->fill == NULL ? e->fill.oldest : at->fill->newer;
    struct record r = { .kind = RECORD_KEPT_FILL };

    at->fill = f;
    if (f == NULL) {
        return false;
    }
    r.wall_us = f->told_us;
    r.fill.id = f->order->id;
    r.fill.exec_id = bytes_of(f->exec_id);
    r.fill.qty = f->qty;
    r.fill.px = f->px;
    r.fill.liquidity = f->liquidity;
    r.fill.time_us = f->time_us;
    r.fill.told = f->told;
    r.fill.latest = f->latest;
    r.fill.has_fee = f->has_fee;
    r.fill.fee = f->fee;
    r.fill.fee_currency = bytes_of(f->fee_currency);
    record_encode(&r, out);
    return true;
}

/* ---- mass cancels -------------------------------------------------------------------------- */

static const struct mass *mass_after(const struct engine *e, uint64_t id)
{
    const struct mass *next = NULL;

    for (const struct mass *m = e->mass; m != NULL; m = m->next) {
        if (m->id > id && (next == NULL || m->id < next->id)) {
            next = m;
        }
    }
    return next;
}

static bool next_mass(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    const struct mass *m = mass_after(e, at->mass);
    struct record r = { .kind = RECORD_MASS };

    if (m == NULL) {
        return false;
    }
    if (at->half) {
        r.kind = RECORD_KEPT_MASS;
        r.kept_mass.mass = m->id;
        r.kept_mass.pending = m->pending;
        r.kept_mass.proven = m->proven;
        at->mass = m->id;
    } else {
        r.mass.mass = m->id;
        r.mass.session = number_of(m->session);
        r.mass.cl_ord_id = bytes_of(m->cl_ord_id);
        r.mass.symbol = bytes_of(m->symbol);
        r.mass.type = m->type;
        r.mass.side = m->side;
        r.mass.count = m->count;
        r.mass.sender = (struct bytes){ m->sender, m->sender_size };
    }
    at->half = !at->half;
    record_encode(&r, out);
    return true;
}

/* Behind their orders, as when they were taken. */
static bool next_list(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    at->list = list_next_kept(e, at->list);
    if (at->list == NULL) {
        return false;
    }
    list_put(at->list, number_of(list_session(at->list)), out);
    return true;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool put_start(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    const struct record r = { .kind = RECORD_START, .start = { e->boot, e->mark } };

    if (at->index++ > 0) {
        return false;
    }
    record_encode(&r, out);
    return true;
}

static bool put_counters(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    const struct record r = {
        .kind = RECORD_COUNTERS,
        .counters = { book_last_id(e->book), e->next_request, e->next_mass, e->next_list },
    };

    if (at->index++ > 0) {
        return false;
    }
    record_encode(&r, out);
    return true;
}

static bool next_of_section(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    switch ((enum section)at->section) {
    case SECTION_START: return put_start(e, at, out);
    case SECTION_COUNTERS: return put_counters(e, at, out);
    case SECTION_SESSIONS:
    case SECTION_ACCOUNTS:
    case SECTION_GONE_SESSIONS:
    case SECTION_GONE_ACCOUNTS: return next_name(e, at, out);
    case SECTION_CHOICES: return next_choice(e, at, out);
    case SECTION_DEADMAN: return next_deadman(e, at, out);
    case SECTION_FOREIGN_SINCE: return next_since(e, at, out);
    case SECTION_FOREIGN: return next_foreign(e, at, out);
    case SECTION_FOREIGN_SEEN: return next_seen(e, at, out);
    case SECTION_LIVE:
    case SECTION_ENDED: return next_order(e, at, out);
    case SECTION_FILLS: return next_fill(e, at, out);
    case SECTION_MASS: return next_mass(e, at, out);
    case SECTION_LISTS: return next_list(e, at, out);
    case SECTION_END: break;
    }
    UNREACHABLE();
}

bool engine_snapshot_next(const struct engine *e, struct engine_snapshot *at, struct buf *out)
{
    while (at->section != SECTION_END) {
        if (next_of_section(e, at, out)) {
            return true;
        }
        *at = (struct engine_snapshot){ .section = at->section + 1 };
    }
    return false;
}
