/*
 * Watching an account: polling fills and open orders inside the rate budget, loading instruments.
 * What the venue says is compared with the book and becomes moves of orders.
 *
 *     fills        counted once by execution id; a gap in the newest-fills page is read from
 * EXECUTIONS open orders  an acknowledged order that is missing from a complete list goes to the
 * check list
 */
#include "assert.h"
#include "engine_internal.h"

#define FILLS_GAP_US                                                                               \
    (50 * US_PER_MS) /* between two urgent questions for fills; doubled while                      \
                      * the awaited fill does not show */
#define CLOCK_SLACK_US (60 * US_PER_S)
#define CANCEL_ATTEMPTS 3
#define TIME_REFRESH_US (600 * US_PER_S)

/* ---- whose is it --------------------------------------------------------------------------- */

struct order *watch_find(struct engine *e, struct account *a, struct bytes client_id,
                         struct bytes venue_id)
{
    uint64_t id = 0;
    struct order *o = NULL;
    size_t at = client_id.size;

    while (at > 0 && client_id.data[at - 1] != '-') {
        at--;
    }
    for (size_t i = at; i < client_id.size && i < at + 12; i++) {
        char c = client_id.data[i];

        id = id * 36 + (uint64_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
    }
    if (at > 0) {
        o = book_by_id(e->book, id);
    }
    if (o != NULL && o->account == a->index && bytes_is(client_id, o->client_id)) {
        return o;
    }
    return venue_id.size > 0 ? book_by_venue_id(e->book, a->index, venue_id) : NULL;
}

void watch_fills(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    for (size_t i = 0; reply != NULL && i < reply->fill_count; i++) {
        const struct venue_fill *f = &reply->fill[i];
        struct order *o = watch_find(e, a, f->client_id, f->venue_id);
        bool fresh;

        if (o != NULL && !f->by_venue) {
            o->found_pass = a->pass.serial;
            order_fill(e, o, f);
        } else if (book_fill_seen(e->book, a->index, f->exec_id, &fresh) && fresh) {
            engine_note(e, f->by_venue ? NOTE_WARN : NOTE_INFO, "fill.foreign",
                        "account=%.*s exec_id=%.*s: a fill on the account that no session ordered",
                        BYTES_ARG(a->cfg->name), BYTES_ARG(f->exec_id));
        }
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

/* The order rests. Decides the requests in doubt that can be decided; true when none is left. */
static bool settle_requests(struct engine *e, struct order *o, const struct venue_order_state *s,
                            const struct instant *asked)
{
    struct request *next;
    bool open = false;

    for (struct request *r = o->request; r != NULL; r = next) {
        enum match match;
        bool final = asked->wall_us >= r->ready_us;

        next = r->next;
        if (r->state != REQUEST_DOUBT) {
            continue;
        }
        if (r->kind == REQUEST_CANCEL) {
            if (!final) {
                open = true;
            } else if (++r->attempts >= CANCEL_ATTEMPTS) {
                request_rejected(e, o, r, 99,
                                 BYTES("the venue keeps the order open in spite of the cancel"));
            } else {
                request_state_set(e, o, r, REQUEST_TAKEN,
                                  0); /* proved not done: may be asked again */
            }
            continue;
        }
        match = match_terms(o, r, s);
        if (match == MATCH_NEW) {
            request_replaced(e, o, r);
            next = o->request; /* the chain's end may have answered others */
        } else if (match == MATCH_OLD && final) {
            request_rejected(e, o, r, 99,
                             BYTES("the venue did not act on it; the order is unchanged"));
        } else {
            open = true;
        }
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
    bool settled;

    order_ack(e, o, s->venue_id);
    if (venue_op_is_history(source) || a == NULL) {
        return; /* it rested once; whether it still does is not said */
    }
    if (s->has_filled && decimal_compare(s->filled, o->cum_qty) > 0) {
        a->want_fills = true;
    }
    if (s->cause == VENUE_CAUSE_REDUCED && s->has_qty) {
        order_reduce(e, o, s->qty);
    }
    if (!order_is_live(o)) {
        return;
    }
    settled = settle_requests(e, o, s, asked);
    if (settled && source != VENUE_PLACE && o->terms.type != VENUE_MARKET &&
        o->terms.tif != VENUE_IOC && o->terms.tif != VENUE_FOK) {
        check_remove(e, o);
    }
    order_schedule(e, o);
}

static void observe_filled(struct engine *e, struct order *o, const struct venue_order_state *s)
{
    struct account *a = engine_account_of(e, o);
    struct request *r = request_oldest(o, REQUEST_REPLACE);

    order_ack(e, o, s->venue_id);
    if (r != NULL && r->state == REQUEST_DOUBT && s->has_filled &&
        decimal_equal(s->filled, r->terms.qty)) {
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
        decimal_compare(o->cum_qty, s->filled) >= 0) {
        order_reduce(e, o, s->filled); /* done with less than we think it was for */
    } else if (a != NULL) {
        a->want_fills = true;
        check_add(e, o);
    }
}

void watch_observe(struct engine *e, struct order *o, const struct venue_order_state *s,
                   enum venue_op source, const struct instant *asked)
{
    struct account *a = engine_account_of(e, o);

    if (o->state == ORDER_TAKEN || !order_is_live(o) || (o->in_call && source != VENUE_PLACE)) {
        return; /* not sent, done, or about to be told better */
    }
    if (s->status != VENUE_ORDER_ABSENT && a != NULL) {
        o->found_pass = a->pass.serial;
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
        struct order *o = watch_find(e, a, reply->order[i].client_id, reply->order[i].venue_id);

        if (o != NULL) {
            watch_observe(e, o, &reply->order[i], source, asked);
            o->seen_pass = a->open_serial;
        }
    }
}

/* ---- fills --------------------------------------------------------------------------------- */

bool account_has_op(const struct account *a, enum venue_op op)
{
    return a->cfg->driver->endpoint[op].build != NULL;
}

static void keep_mark(struct account *a, char mark[VENUE_ID_MAX + 1], int64_t *mark_us,
                      const struct venue_reply *reply)
{
    (void)a;
    if (reply->fill_count > 0) {
        const struct venue_fill *newest = &reply->fill[reply->fill_count - 1];

        if (bytes_to_field(newest->exec_id, mark, VENUE_ID_MAX + 1)) {
            *mark_us = newest->time_us;
        }
    }
}

/* Venue time from which on fills matter, when no mark was kept yet. */
static int64_t oldest_interest_us(const struct engine *e, const struct account *a)
{
    const struct order *o = book_first_live(e->book, a->index);

    return o == NULL ? e->now.wall_us + a->clock_offset_us
                     : o->taken_us + a->clock_offset_us - CLOCK_SLACK_US;
}

/* Whether a page of the newest fills reaches back to what was read before. */
static bool is_connected(const struct engine *e, const struct account *a,
                         const struct venue_reply *reply)
{
    if (reply->complete || reply->fill_count == 0) {
        return true;
    }
    for (size_t i = 0; i < reply->fill_count; i++) {
        if (a->fills_mark[0] != '\0' && bytes_is(reply->fill[i].exec_id, a->fills_mark)) {
            return true;
        }
    }
    return a->fills_mark[0] == '\0' && reply->fill[0].time_us < oldest_interest_us(e, a);
}

static void fills_done(struct engine *e, struct account *a, const struct call *c,
                       const struct venue_reply *reply)
{
    if (is_connected(e, a, reply)) {
        keep_mark(a, a->fills_mark, &a->fills_mark_us, reply);
        a->fills_done_us = c->started.mono_us;
    } else if (account_has_op(a, VENUE_EXECUTIONS)) {
        a->backfill = true;
        a->backfill_since_us =
            a->fills_mark_us > 0 ? a->fills_mark_us - US_PER_S : oldest_interest_us(e, a);
        a->backfill_started_us = c->started.mono_us;
        a->backfill_cursor[0] = '\0';
        keep_mark(a, a->backfill_mark, &a->backfill_mark_us, reply);
    } else {
        engine_note(e, NOTE_ERROR, "fills.gap",
                    "account=%.*s: more fills than the venue lists; check positions",
                    BYTES_ARG(a->cfg->name));
    }
    watch_fills(e, a, reply);
    check_ends(e, a);
}

static void backfill_done(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    watch_fills(e, a, reply);
    if (!reply->complete && reply->cursor.size > 0 &&
        bytes_to_field(reply->cursor, a->backfill_cursor, sizeof a->backfill_cursor)) {
        return; /* the next page is asked for by account_run_watch */
    }
    a->backfill = false;
    memcpy(a->fills_mark, a->backfill_mark, sizeof a->fills_mark);
    a->fills_mark_us = a->backfill_mark_us;
    a->fills_done_us = a->backfill_started_us;
    check_ends(e, a);
}

/* When the next question for fills is due: soon when one is awaited, else by the polling plan. */
static int64_t fills_due(const struct engine *e, const struct account *a)
{
    bool live = book_live_count(e->book, a->index) > 0;
    int64_t plan = (int64_t)(live ? a->cfg->poll_fills_ms : a->cfg->poll_idle_ms) * US_PER_MS;
    int64_t gap = FILLS_GAP_US << (a->fills_urgent < 5 ? a->fills_urgent : 5);

    if (a->backfill) {
        return a->fills_asked_us;
    }
    return a->fills_asked_us + (a->want_fills && gap < plan ? gap : plan);
}

static void ask_fills(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = a->backfill ? VENUE_EXECUTIONS : VENUE_FILLS };

    if (a->asking_fills || !account_has_op(a, c.op)) {
        return;
    }
    if (e->now.mono_us < fills_due(e, a)) {
        wake_at(a, fills_due(e, a));
        return;
    }
    if (a->backfill) {
        c.since_us = a->backfill_since_us;
        c.cursor = bytes_of(a->backfill_cursor);
    }
    if (!account_may_call(e, a, &c, RATE_POLL) ||
        call_start(e, a, a->backfill ? CALL_BACKFILL : CALL_FILLS, &c, 0, NULL, 0) == NULL) {
        return;
    }
    a->asking_fills = true;
    a->want_fills = false;
    a->fills_asked_us = e->now.mono_us;
}

/* ---- open orders --------------------------------------------------------------------------- */

static void open_orders_done(struct engine *e, struct account *a, const struct call *c,
                             const struct venue_reply *reply)
{
    struct order *next;

    a->open_serial++;
    watch_observe_all(e, a, reply, VENUE_OPEN_ORDERS, &c->started);
    for (struct order *o = book_first_live(e->book, a->index); reply->complete && o != NULL;
         o = next) {
        next = o->next;
        if (o->state == ORDER_LIVE && !o->in_call && !o->end_known &&
            o->seen_pass != a->open_serial && o->acked_us + US_PER_S < c->started.mono_us) {
            check_add(e, o);
        }
    }
}

static void ask_orders(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_OPEN_ORDERS };

    if (a->asking_orders || !account_has_op(a, c.op)) {
        return;
    }
    if (book_live_count(e->book, a->index) == 0) {
        a->orders_us = e->now.mono_us + (int64_t)a->cfg->poll_orders_ms * US_PER_MS;
        return;
    }
    if (e->now.mono_us < a->orders_us) {
        wake_at(a, a->orders_us);
        return;
    }
    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_OPEN_ORDERS, &c, 0, NULL, 0) != NULL) {
        a->asking_orders = true;
    }
}

/* ---- instruments --------------------------------------------------------------------------- */

static void instruments_done(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    if (!symbols_load(a->cfg->symbols, reply->instrument, reply->instrument_count)) {
        engine_note(e, NOTE_ERROR, "instruments.failed", "account=%.*s: out of memory",
                    BYTES_ARG(a->cfg->name));
        return;
    }
    engine_note(e, NOTE_INFO, "instruments.loaded", "account=%.*s count=%zu",
                BYTES_ARG(a->cfg->name), reply->instrument_count);
    a->instruments_us = e->now.mono_us + (int64_t)a->cfg->instruments_refresh_s * US_PER_S;
}

static void ask_instruments(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_INSTRUMENTS };

    if (a->asking_instruments || !account_has_op(a, c.op)) {
        return;
    }
    if (e->now.mono_us < a->instruments_us) {
        wake_at(a, a->instruments_us);
        return;
    }
    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_INSTRUMENTS, &c, 0, NULL, 0) != NULL) {
        a->asking_instruments = true;
        a->instruments_us = e->now.mono_us + US_PER_S; /* unless it succeeds */
    }
}

/* ---- the venue's clock ---------------------------------------------------------------------- */

/* For venues that sign with their own time. Every answer that carries a time teaches it as well. */
static void ask_time(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_TIME };

    if (a->asking_time || !account_has_op(a, c.op)) {
        return;
    }
    if (e->now.mono_us < a->time_us) {
        wake_at(a, a->time_us);
        return;
    }
    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_TIME, &c, 0, NULL, 0) != NULL) {
        a->asking_time = true;
        a->time_us = e->now.mono_us + US_PER_S; /* unless it succeeds */
    }
}

/* ---- results and turn ---------------------------------------------------------------------- */

static void note_failure(struct engine *e, struct account *a, const struct call *c,
                         enum venue_outcome outcome, const struct venue_reply *reply,
                         const char *why)
{
    if (outcome == VENUE_REFUSED || outcome == VENUE_UNKNOWN) {
        engine_note(e, NOTE_WARN, "venue.question",
                    "account=%.*s op=%s outcome=%s code=\"%.*s\" why=\"%s\"",
                    BYTES_ARG(a->cfg->name), venue_op_text(c->call.op), venue_outcome_text(outcome),
                    reply == NULL ? 0 : (int)reply->code.size,
                    reply == NULL ? "" : reply->code.data, why);
    }
}

void watch_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why)
{
    bool done = outcome == VENUE_DONE && reply != NULL;

    note_failure(e, a, c, outcome, reply, why);
    if (c->purpose == CALL_FILLS || c->purpose == CALL_BACKFILL) {
        a->asking_fills = false;
        if (done && c->purpose == CALL_FILLS) {
            fills_done(e, a, c, reply);
        } else if (done) {
            backfill_done(e, a, reply);
        }
        a->fills_urgent = a->want_fills ? a->fills_urgent + 1 : 0;
    } else if (c->purpose == CALL_OPEN_ORDERS) {
        a->asking_orders = false;
        a->orders_us = e->now.mono_us + (int64_t)a->cfg->poll_orders_ms * US_PER_MS;
        if (done) {
            open_orders_done(e, a, c, reply);
        }
    } else if (c->purpose == CALL_TIME) {
        a->asking_time = false;
        if (done) {
            a->time_us = e->now.mono_us + TIME_REFRESH_US;
        }
    } else if (c->purpose == CALL_INSTRUMENTS) {
        a->asking_instruments = false;
        if (done) {
            instruments_done(e, a, reply);
        }
    } else {
        pass_result(e, a, c, outcome, reply);
    }
}

void account_run_watch(struct engine *e, struct account *a)
{
    if (!e->started) {
        return;
    }
    ask_time(e, a);
    ask_instruments(e, a);
    account_run_pass(e, a);
    ask_fills(e, a);
    ask_orders(e, a);
}
