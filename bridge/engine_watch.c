/*
 * Watching an account: polling fills and open orders inside the rate budget, loading instruments.
 * What the venue says is compared with the book and becomes moves of orders.
 *
 *     fills        counted once by execution id; a gap in the newest-fills page is read from
 * EXECUTIONS open orders  an acknowledged order that is missing from a complete list goes to the
 * check list
 */
#include "assert.h"
#include "base36.h"
#include "engine_internal.h"

#define FILLS_GAP_US                                                                               \
    (50 * US_PER_MS) /* between two urgent questions for fills; doubled while                      \
                      * the awaited fill does not show */
#define CLOCK_SLACK_US (60 * US_PER_S)
#define FILLS_OVERLAP_US (5 * US_PER_S) /* read again: fills may show late and out of order */
#define TIME_REFRESH_US (600 * US_PER_S)

/* ---- whose is it --------------------------------------------------------------------------- */

struct order *watch_find(struct engine *e, struct account *a, struct bytes client_id,
                         struct bytes venue_id)
{
    uint64_t id;
    struct order *o = NULL;
    size_t at = client_id.size;

    while (at > 0 && client_id.data[at - 1] != '-') {
        at--;
    }
    if (at > 0 && base36_parse((struct bytes){ client_id.data + at, client_id.size - at }, &id)) {
        o = book_by_id(e->book, id);
    }
    if (o != NULL && o->account == a->index && leg_named(e, o, client_id)) {
        return o;
    }
    return venue_id.size > 0 ? book_by_venue_id(e->book, a->index, venue_id) : NULL;
}

/* An execution of an order nobody knows may be that of a placement whose id is not known yet: some
 * venues that know our ids do not name them in their fills, and a fill can be told before the
 * answer to its placement is. */
static bool may_be_nameless(const struct engine *e, const struct account *a,
                            const struct venue_fill *f)
{
    if ((account_knows_ids(a) && f->client_id.size > 0) || foreign_is_known(a, f->venue_id)) {
        return false;
    }
    for (const struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        if (o->venue_id[0] == '\0' && o->state != ORDER_TAKEN) {
            return true;
        }
    }
    return false;
}

void watch_fills(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    for (size_t i = 0; reply != NULL && i < reply->fill_count; i++) {
        const struct venue_fill *f = &reply->fill[i];
        struct order *o = watch_find(e, a, f->client_id, f->venue_id);
        bool fresh;

        if (o != NULL && !f->by_venue) {
            if (!leg_is_present(e, o, f->client_id, f->venue_id)) {
                order_late_fill(e, o, f);
                continue;
            }
            o->found_pass = a->pass.serial;
            order_fill(e, o, f);
        } else if (may_be_nameless(e, a, f)) {
            continue; /* read again when it is: rounds_rewind */
        } else if (!book_fill_seen(e->book, a->index, f->exec_id, &fresh)) {
            /* A list that was read in part must not count as read: ends are told by it. */
            assert_failed(__FILE__, __LINE__, "out of memory");
        } else if (fresh) {
            engine_note(e, f->by_venue ? NOTE_WARN : NOTE_INFO, "fill.foreign",
                        "account=%.*s exec_id=%.*s: a fill on the account that no session ordered",
                        BYTES_ARG(a->cfg->name), BYTES_ARG(f->exec_id));
            foreign_fill(e, a, f);
        }
    }
}

/* ---- fills --------------------------------------------------------------------------------- */

bool account_has_op(const struct account *a, enum venue_op op)
{
    return a->cfg->driver->endpoint[op].build != NULL && (a->lacks & 1u << op) == 0;
}

bool account_has_feature(const struct account *a, uint32_t feature)
{
    return (a->cfg->driver->features & feature) != 0;
}

bool account_lists_fills(const struct account *a)
{
    const struct venue_endpoint *endpoint = a->cfg->driver->endpoint;

    return account_has_feature(a, VENUE_STATUS_IS_FILLS) || endpoint[VENUE_FILLS].build != NULL ||
           endpoint[VENUE_EXECUTIONS].build != NULL;
}

static void keep_mark(char mark[VENUE_ID_MAX + 1], int64_t *mark_us,
                      const struct venue_reply *reply)
{
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

/* Reads executions forward from where they are known to be complete. */
static void start_backfill(struct engine *e, struct account *a, int64_t mono_us)
{
    a->backfill = true;
    a->backfill_since_us =
        a->fills_mark_us > 0 ? a->fills_mark_us - FILLS_OVERLAP_US : oldest_interest_us(e, a);
    a->backfill_started_us = mono_us;
    a->backfill_cursor[0] = '\0';
    memcpy(a->backfill_mark, a->fills_mark, sizeof a->backfill_mark);
    a->backfill_mark_us = a->fills_mark_us;
}

static void fills_done(struct engine *e, struct account *a, const struct call *c,
                       const struct venue_reply *reply)
{
    if (is_connected(e, a, reply)) {
        keep_mark(a->fills_mark, &a->fills_mark_us, reply);
        a->fills_done_us = c->started.mono_us;
    } else if (account_has_op(a, VENUE_EXECUTIONS)) {
        start_backfill(e, a, c->started.mono_us);
        keep_mark(a->backfill_mark, &a->backfill_mark_us, reply);
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
    if (!account_has_op(a, VENUE_FILLS)) {
        keep_mark(a->backfill_mark, &a->backfill_mark_us, reply);
    }
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

/* How far apart such questions are that take half of what questions may use, for good; 0: no window
 * counts them. */
static int64_t fair_gap(const struct account *a, enum venue_op op)
{
    const struct venue_call c = { .op = op };
    int64_t gap = 0;

    for (size_t i = 0; a->cfg->rate_limit && i < a->window_count; i++) {
        const struct rate *r = &a->poll_rate[i];
        int64_t cost = venue_call_cost(a->cfg->driver, &c, i) * INT64_C(1000000);
        int64_t fair = cost == 0 ? 0 : 2 * (r->period_us / (r->capacity_micro / cost + 1) + 1);

        gap = fair > gap ? fair : gap;
    }
    return gap;
}

/* Whether less than half is left of what questions may use of a window that counts this one. */
static bool share_is_low(const struct engine *e, struct account *a, enum venue_op op)
{
    const struct venue_call c = { .op = op };

    for (size_t i = 0; a->cfg->rate_limit && i < a->window_count; i++) {
        struct rate *r = &a->poll_rate[i];

        if (venue_call_cost(a->cfg->driver, &c, i) > 0 &&
            rate_left(r, e->now.mono_us) * INT64_C(2000000) < r->capacity_micro) {
            return true;
        }
    }
    return false;
}

/* When the next question for fills is due: soon when one is awaited, else by the polling plan. A
 * plan that asks for more than its share is kept until half of the share is spent; the rest is
 * spread, or there would be quick questions for some seconds and then none until the window is
 * over.
 */
static int64_t fills_due(const struct engine *e, struct account *a)
{
    enum venue_op op = account_has_op(a, VENUE_FILLS) ? VENUE_FILLS : VENUE_EXECUTIONS;
    bool live = book_live_count(e->book, a->index) > 0;
    int64_t plan = (int64_t)(live ? a->cfg->poll_fills_ms : a->cfg->poll_idle_ms) * US_PER_MS;
    int64_t gap = FILLS_GAP_US << (a->fills_urgent < 5 ? a->fills_urgent : 5);

    if (a->backfill) {
        return a->fills_asked_us;
    }
    if (a->want_fills && gap < plan) {
        return a->fills_asked_us + gap;
    }
    if (e->now.mono_us >= a->fills_asked_us + plan && share_is_low(e, a, op)) {
        int64_t fair = fair_gap(a, op);

        plan = fair > plan ? fair : plan;
    }
    return a->fills_asked_us + plan;
}

static bool wants_fills(const struct engine *e, struct account *a)
{
    return !a->asking_fills && !account_has_feature(a, VENUE_STATUS_IS_FILLS) &&
           (account_has_op(a, VENUE_FILLS) || account_has_op(a, VENUE_EXECUTIONS)) &&
           (a->fills_round_open || is_due(e, a, fills_due(e, a))) &&
           is_due(e, a, a->fills_retry_us);
}

static void ask_fills(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_FILLS };

    if (rounds_are_fills(a)) {
        rounds_ask_fills(e, a);
        return;
    }
    if (!a->backfill && !account_has_op(a, VENUE_FILLS)) {
        start_backfill(e, a, e->now.mono_us);
    }
    c.op = a->backfill ? VENUE_EXECUTIONS : VENUE_FILLS;
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

/* An acknowledged order that none of the pages had is not there, or hidden: to be looked up. */
static void check_missing(struct engine *e, struct account *a, int64_t asked_us)
{
    struct order *next;
    bool all = a->orders_symbol[0] == '\0';

    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = next) {
        next = o->next;
        if ((all || bytes_is(bytes_of(o->venue_symbol), a->orders_symbol)) &&
            o->state == ORDER_LIVE && !o->in_call && !o->end_known &&
            o->seen_pass != a->open_serial && o->acked_us + US_PER_S < asked_us) {
            check_add(e, o);
        }
    }
}

static void open_orders_done(struct engine *e, struct account *a, const struct call *c,
                             const struct venue_reply *reply)
{
    if (a->orders_cursor[0] == '\0') {
        a->open_serial++;
        a->orders_asked_us = c->started.mono_us;
    }
    watch_observe_all(e, a, reply, VENUE_OPEN_ORDERS, &c->started);
    if (!reply->complete && reply->cursor.size > 0 &&
        bytes_to_field(reply->cursor, a->orders_cursor, sizeof a->orders_cursor)) {
        a->orders_us = e->now.mono_us; /* the next page */
        return;
    }
    a->orders_cursor[0] = '\0';
    if (reply->complete) {
        check_missing(e, a, a->orders_asked_us);
        foreign_missing(e, a);
    }
}

/* The polling plan, stretched where it would take more than half of what questions may use: the
 * rest is for doubts. */
static int64_t orders_plan(const struct account *a, enum venue_op op)
{
    int64_t plan = (int64_t)a->cfg->poll_orders_ms * US_PER_MS;
    int64_t fair = fair_gap(a, op);

    return fair > plan ? fair : plan;
}

/* Where nothing lists open orders, each is asked for in its turn. */
static void ask_one_order(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_STATUS };
    struct order *o;

    if (a->asking_orders || !account_has_op(a, c.op) ||
        !rounds_next_listed(e, a, orders_plan(a, c.op), &o)) {
        return;
    }
    a->poll_id = bytes_of(o->venue_id);
    c.venue_id = &a->poll_id;
    c.venue_id_count = 1;
    c.symbol = bytes_of(o->venue_symbol);
    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_POLL_STATUS, &c, 0, NULL, 0) != NULL) {
        o->listed_us = e->now.mono_us;
        a->asking_orders = true;
    }
}

/* Open orders of one symbol: the one not asked about for longest. False: none is due. */
static bool choose_symbol(struct engine *e, struct account *a)
{
    struct order *o;

    if (a->orders_cursor[0] != '\0') {
        return true; /* the next page */
    }
    if (!rounds_next_listed(e, a, orders_plan(a, VENUE_OPEN_ORDERS), &o)) {
        return false;
    }
    return bytes_to_field(bytes_of(o->venue_symbol), a->orders_symbol, sizeof a->orders_symbol);
}

/* When the oldest live order can have been created at the venue. */
static int64_t oldest_live_us(const struct engine *e, const struct account *a)
{
    int64_t at = INT64_MAX;

    for (const struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        at = o->sent_us > 0 && o->sent_us < at ? o->sent_us : at;
    }
    return at == INT64_MAX ? 0 : at + a->clock_offset_us - CLOCK_SLACK_US;
}

/* By list or, where there is none, order by order. */
static bool wants_orders(struct engine *e, struct account *a)
{
    if (a->asking_orders) {
        return false;
    }
    if (!account_has_op(a, VENUE_OPEN_ORDERS)) {
        return account_has_feature(a, VENUE_STATUS_IS_FILLS);
    }
    if (book_live_count(e->book, a->index) == 0 &&
        (!foreign_wanted(e, a) || account_has_feature(a, VENUE_LISTS_BY_SYMBOL))) {
        a->orders_us = e->now.mono_us + (int64_t)a->cfg->poll_orders_ms * US_PER_MS;
        return false;
    }
    return account_has_feature(a, VENUE_LISTS_BY_SYMBOL) ? choose_symbol(e, a)
                                                         : is_due(e, a, a->orders_us);
}

static void ask_orders(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_OPEN_ORDERS, .cursor = bytes_of(a->orders_cursor) };

    if (!account_has_op(a, c.op)) {
        ask_one_order(e, a);
        return;
    }
    if (account_has_feature(a, VENUE_LISTS_BY_SYMBOL)) {
        c.symbol = bytes_of(a->orders_symbol);
    }
    if (account_has_feature(a, VENUE_OPEN_BY_TIME)) {
        c.since_us = oldest_live_us(e, a);
    }
    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_OPEN_ORDERS, &c, 0, NULL, 0) != NULL) {
        rounds_mark_listed(e, a, c.symbol);
        a->asking_orders = true;
    }
}

/* ---- instruments --------------------------------------------------------------------------- */

static void instruments_done(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    bool first = a->instruments_cursor[0] == '\0';
    bool last = reply->complete || reply->cursor.size == 0;

    if (!symbols_load_page(a->cfg->symbols, reply->instrument, reply->instrument_count, first,
                           last) ||
        !bytes_to_field(last ? (struct bytes){ NULL, 0 } : reply->cursor, a->instruments_cursor,
                        sizeof a->instruments_cursor)) {
        engine_note(e, NOTE_ERROR, "instruments.failed",
                    "account=%.*s: out of memory, or a cursor too long", BYTES_ARG(a->cfg->name));
        a->instruments_cursor[0] = '\0';
        return;
    }
    if (!last) {
        a->instruments_us = e->now.mono_us;
        return;
    }
    a->tradeable = symbols_any_tradeable(a->cfg->symbols);
    engine_note(e, NOTE_INFO, "instruments.loaded", "account=%.*s count=%zu",
                BYTES_ARG(a->cfg->name), symbols_count(a->cfg->symbols));
    a->instruments_us = e->now.mono_us + (int64_t)a->cfg->instruments_refresh_s * US_PER_S;
}

static bool wants_instruments(const struct engine *e, struct account *a)
{
    return !a->asking_instruments && account_has_op(a, VENUE_INSTRUMENTS) &&
           is_due(e, a, a->instruments_us);
}

static void ask_instruments(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_INSTRUMENTS, .cursor = bytes_of(a->instruments_cursor) };

    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_INSTRUMENTS, &c, 0, NULL, 0) != NULL) {
        a->asking_instruments = true;
        a->instruments_us = e->now.mono_us + US_PER_S; /* unless it succeeds */
    }
}

/* ---- the venue's clock --------------------------------------------------------------------- */

/* For venues that sign with their own time. Every answer that carries a time teaches it as well. */
static bool wants_time(const struct engine *e, struct account *a)
{
    return !a->asking_time && account_has_op(a, VENUE_TIME) && is_due(e, a, a->time_us);
}

static void ask_time(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_TIME };

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
        if (account_learn_lack(a, c, outcome, reply)) {
            a->backfill = false;
        } else if (!done && a->fills_round_open) {
            a->fills_retry_us = e->now.mono_us + 500 * US_PER_MS;
        } else if (a->fills_round_open) {
            rounds_fills_done(e, a, reply);
        } else if (done && c->purpose == CALL_FILLS) {
            fills_done(e, a, c, reply);
        } else if (done) {
            backfill_done(e, a, reply);
        }
        a->fills_urgent = a->want_fills ? a->fills_urgent + 1 : 0;
    } else if (c->purpose == CALL_OPEN_ORDERS) {
        a->asking_orders = false;
        a->orders_us = e->now.mono_us + orders_plan(a, c->call.op);
        if (account_learn_lack(a, c, outcome, reply)) {
            a->orders_cursor[0] = '\0';
        } else if (done) {
            open_orders_done(e, a, c, reply);
        } else if (outcome != VENUE_HELD) {
            a->orders_cursor[0] = '\0'; /* from the start again */
        }
    } else if (c->purpose == CALL_POLL_STATUS) {
        a->asking_orders = false;
        if (done) {
            watch_fills(e, a, reply);
            watch_observe_all(e, a, reply, c->call.op, &c->started);
            pass_fills_known(e, a, c, reply);
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
    if (wants_time(e, a)) {
        ask_time(e, a);
    }
    if (wants_instruments(e, a)) {
        ask_instruments(e, a);
    }
    account_run_pass(e, a);
    if (wants_fills(e, a)) {
        ask_fills(e, a);
    }
    if (wants_orders(e, a)) {
        ask_orders(e, a);
    }
    foreign_run(e, a);
}
