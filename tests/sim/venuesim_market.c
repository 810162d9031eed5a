/*
 * The world around the orders: instruments and their default market, price moves, triggers and
 * trailing stops, fills by another hand, the dead man's switch; and the making and emptying of the
 * exchange.
 */
#include "assert.h"
#include "venuesim_audit.h"
#include "venuesim_engine.h"

#include <stdlib.h>

/* 2027-03-26T08:00:00Z */
#define DATED_END_US INT64_C(1806048000000000)

/* One instrument of each kind that a driver must tell apart. */
static const struct sim_listing listings[] = {
    { "PI_XBTUSD",
      "futures_inverse",
      "BTC",
      "USD",
      "XBT:USD",
      "rr_xbtusd",
      { 5, 1 },
      { 1, 0 },
      0,
      true,
      0,
      0,
      { 600000, 1 },
      { 600005, 1 },
      { 75000000, 0 },
      false },
    { "PF_XBTUSD",
      "flexible_futures",
      "BTC",
      "USD",
      "XBT:USD",
      "",
      { 1, 0 },
      { 1, 4 },
      4,
      false,
      0,
      0,
      { 60000, 0 },
      { 60001, 0 },
      { 10000, 0 },
      false },
    { "PF_ETHUSD",
      "flexible_futures",
      "ETH",
      "USD",
      "ETH:USD",
      "",
      { 1, 1 },
      { 1, 3 },
      3,
      false,
      0,
      0,
      { 30000, 1 },
      { 30001, 1 },
      { 100000, 0 },
      false },
    { "FI_XBTUSD_270326",
      "futures_inverse",
      "BTC",
      "USD",
      "XBT:USD",
      "rr_xbtusd",
      { 5, 1 },
      { 1, 0 },
      0,
      true,
      0,
      DATED_END_US,
      { 610000, 1 },
      { 610005, 1 },
      { 5000000, 0 },
      false },
    { "PF_SOLUSD",
      "flexible_futures",
      "SOL",
      "USD",
      "SOL:USD",
      "",
      { 1, 2 },
      { 1, 2 },
      2,
      false,
      20000,
      0,
      { 15000, 2 },
      { 15001, 2 },
      { 1000000, 0 },
      false },
    { "PF_SHIBUSD",
      "flexible_futures",
      "SHIB",
      "USD",
      "SHIB:USD",
      "",
      { 1, 8 },
      { 1000, 0 },
      -3,
      false,
      0,
      0,
      { 2500, 8 },
      { 2501, 8 },
      { 100000000000, 0 },
      false },
};

static struct decimal middle(const struct sim_instrument *i)
{
    if (i->bid.there && i->ask.there) {
        return sim_div_round(sim_add(i->bid.price, i->ask.price), (struct decimal){ 2, 0 }, 12);
    }
    return i->bid.there ? i->bid.price : i->ask.price;
}

static void default_market(struct sim_instrument *i, const struct sim_listing *l)
{
    i->bid = (struct sim_quote){ true, l->bid, true, DECIMAL_ZERO };
    i->ask = (struct sim_quote){ true, l->ask, true, DECIMAL_ZERO };
    i->mark = middle(i);
    i->index = i->mark;
    i->last = i->mark;
    i->suspended = false;
    i->post_only = false;
    i->collar_percent = DECIMAL_ZERO;
    i->hold_us = l->hold_us;
}

void sim_default_market(struct sim_engine *e)
{
    size_t n;

    for (n = 0; n < e->listing_count; n++) {
        default_market(&e->instrument[n], &e->listing[n]);
    }
}

static void list_instruments(struct sim_engine *e)
{
    size_t n;

    for (n = 0; n < e->listing_count; n++) {
        const struct sim_listing *l = &e->listing[n];
        struct sim_instrument *i = &e->instrument[n];

        if (!bytes_to_field(bytes_of(l->symbol), i->symbol, sizeof i->symbol)) {
            UNREACHABLE();
        }
        i->type = l->type;
        i->base = l->base;
        i->quote_currency = l->quote;
        i->pair = l->pair;
        i->underlying = l->underlying;
        i->tick = l->tick;
        i->step = l->step;
        i->precision = l->precision;
        i->inverse = l->inverse;
        i->last_trading_us = l->last_trading_us;
        i->hold_all = l->hold_all;
        i->max_position = l->max_position;
    }
    e->instrument_count = e->listing_count;
    sim_default_market(e);
}

/* ---- making and emptying ------------------------------------------------------------------- */

struct sim_engine *sim_engine_new(uint64_t seed, struct sim_audit *audit,
                                  const struct sim_listing *listing, size_t listing_count)
{
    struct sim_engine *e = calloc(1, sizeof *e);

    if (e == NULL) {
        return NULL;
    }
    e->rng = seed;
    e->audit = audit;
    e->listing = listing == NULL ? listings : listing;
    e->listing_count = listing == NULL ? ARRAY_LEN(listings) : listing_count;
    ASSERT(e->listing_count <= SIM_INSTRUMENTS_MAX);
    e->by_key = map_new(seed);
    e->by_id = map_new(seed + 1);
    if (e->by_key == NULL || e->by_id == NULL) {
        sim_engine_free(e);
        return NULL;
    }
    list_instruments(e);
    return e;
}

static void account_clear(struct sim_account *a)
{
    size_t n;

    for (n = 0; n < a->exec_count; n++) {
        free(a->exec[n]);
    }
    free(a->exec);
    free(a->event);
    map_free(a->by_client_id);
    a->exec = NULL;
    a->event = NULL;
    a->by_client_id = NULL;
    a->exec_count = a->exec_capacity = a->event_count = a->event_capacity = 0;
    a->open_first = NULL;
    a->open_count = 0;
    a->held_count = 0;
    memset(a->position, 0, sizeof a->position);
    a->stp = SIM_REJECT_TAKER;
    a->no_funds = false;
    a->deadman_us = 0;
    memset(a->budget_us, 0, sizeof a->budget_us); /* a full budget */
    a->nonce_max = 0;
    a->nonce_floor = 0;
    a->nonce_us = 0;
    if (a->nonce_slot != NULL) {
        memset(a->nonce_slot, 0, SIM_NONCE_SLOTS * sizeof *a->nonce_slot);
    }
}

static void orders_clear(struct sim_engine *e)
{
    size_t n;

    while (e->all_first != NULL) {
        struct sim_order *next = e->all_first->all_next;

        free(e->all_first);
        e->all_first = next;
    }
    e->all_last = NULL;
    for (n = 0; n < e->instrument_count; n++) {
        sim_ladder_clear(&e->instrument[n].buys);
        sim_ladder_clear(&e->instrument[n].sells);
        e->instrument[n].armed = NULL;
    }
    map_free(e->by_id);
    e->by_id = NULL;
}

bool sim_engine_reset(struct sim_engine *e)
{
    size_t n;

    orders_clear(e);
    e->by_id = map_new(e->rng);
    for (n = 0; n < e->account_count; n++) {
        account_clear(e->account[n]);
        e->account[n]->by_client_id = map_new(e->rng + n);
        if (e->account[n]->by_client_id == NULL) {
            return false;
        }
    }
    e->order_count = 0;
    e->exec_count = 0;
    e->auto_full = 0;
    e->auto_partial = 0;
    sim_default_market(e);
    return e->by_id != NULL;
}

void sim_engine_free(struct sim_engine *e)
{
    size_t n;

    if (e == NULL) {
        return;
    }
    orders_clear(e);
    for (n = 0; n < e->account_count; n++) {
        account_clear(e->account[n]);
        free(e->account[n]->nonce_slot);
        free(e->account[n]);
    }
    map_free(e->by_key);
    free(e);
}

struct sim_account *sim_account_add(struct sim_engine *e, struct bytes key)
{
    struct sim_account *a;

    if (e->account_count == SIM_ACCOUNTS_MAX || map_find(e->by_key, key) != NULL) {
        return NULL;
    }
    a = calloc(1, sizeof *a);
    if (a == NULL || !bytes_to_field(key, a->key, sizeof a->key)) {
        free(a);
        return NULL;
    }
    a->by_client_id = map_new(e->rng + 7);
    a->nonce_slot = calloc(SIM_NONCE_SLOTS, sizeof *a->nonce_slot);
    a->open_max = SIZE_MAX;
    if (a->by_client_id == NULL || a->nonce_slot == NULL ||
        !map_put(e->by_key, bytes_of(a->key), a)) {
        map_free(a->by_client_id);
        free(a->nonce_slot);
        free(a);
        return NULL;
    }
    e->account[e->account_count++] = a;
    return a;
}

struct sim_account *sim_account_find(const struct sim_engine *e, struct bytes key)
{
    return map_find(e->by_key, key);
}

/* ---- triggers ------------------------------------------------------------------------------ */

static struct decimal reference(const struct sim_order *o)
{
    const struct sim_instrument *i = o->instrument;

    switch (o->signal) {
    case SIM_SIGNAL_MARK: return i->mark;
    case SIM_SIGNAL_INDEX: return i->index;
    case SIM_SIGNAL_LAST: return i->last;
    }
    UNREACHABLE();
}

/* The stop follows the market at its distance and never goes back, except after an edit (`force`).
 */
bool sim_trailing_update(struct sim_order *o, bool force)
{
    struct decimal from = reference(o);
    struct decimal distance = o->trail;
    struct decimal stop;
    int order;

    if (o->trail_unit == SIM_UNIT_PERCENT) {
        distance = sim_div_round(sim_mul_round(from, o->trail, 10), (struct decimal){ 100, 0 }, 10);
    }
    stop = o->side == SIM_SELL ? sim_sub(from, distance) : sim_add(from, distance);
    stop = sim_round_to(stop, o->instrument->tick);
    order = decimal_compare(stop, o->stop);
    if (force || (o->side == SIM_SELL ? order > 0 : order < 0)) {
        o->stop = stop;
        return order != 0;
    }
    return false;
}

static bool triggered(const struct sim_order *o)
{
    int order = decimal_compare(reference(o), o->stop);

    return o->trigger_above ? order >= 0 : order <= 0;
}

static void apply_offset(struct sim_order *o)
{
    struct decimal offset = o->offset;

    if (o->offset_unit == SIM_UNIT_NONE) {
        return;
    }
    if (o->offset_unit == SIM_UNIT_PERCENT) {
        offset =
            sim_div_round(sim_mul_round(o->stop, o->offset, 10), (struct decimal){ 100, 0 }, 10);
    }
    o->price = sim_round_to(sim_add(o->stop, offset), o->instrument->tick);
    o->has_price = true;
}

static void activate(struct sim_engine *e, struct sim_order *o)
{
    struct sim_account *a = o->account;
    struct sim_event *ev;
    enum sim_result result;

    sim_disarm(o);
    /* It leaves the list of open orders until it rests again as what it became. */
    o->state = SIM_ARMED;
    if (o->open_prev == NULL) {
        a->open_first = o->open_next;
    } else {
        o->open_prev->open_next = o->open_next;
    }
    if (o->open_next != NULL) {
        o->open_next->open_prev = o->open_prev;
    }
    o->open_prev = NULL;
    o->open_next = NULL;
    a->open_count--;
    ev = sim_log_event(e, o, SIM_EV_TRIGGER, NULL);
    ev->reason = SIM_BY_TRIGGER;
    o->state = SIM_HELD;
    o->is_trigger = false;
    o->triggered = true;
    o->triggered_us = e->now_us;
    o->reason = SIM_BY_TRIGGER;
    apply_offset(o);
    if (o->extra.whole_position) {
        o->qty = sim_add(o->filled, sim_abs(sim_position_of(a, e, o->instrument)->size));
    }
    audit_order(e->audit, e->now_us, "trigger", o, NULL);
    result = sim_match(e, o, false);
    if (result != SIM_OK) {
        audit_order(e->audit, e->now_us, "trigger_failed", o, NULL);
    }
}

void sim_fire_triggers(struct sim_engine *e, struct sim_instrument *i)
{
    bool again = true;

    /* A fired stop may trade and move the last price, which may fire the next. */
    while (again) {
        struct sim_order *o = i->armed;

        again = false;
        while (o != NULL && !again) {
            struct sim_snap before = sim_snap_of(o);

            if (o->type == SIM_TRAILING && sim_trailing_update(o, false)) {
                o->updated_us = e->now_us;
                o->reason = SIM_BY_TRAILING;
                sim_log_event(e, o, SIM_EV_EDIT, &before);
            }
            if (triggered(o)) {
                activate(e, o);
                again = true;
            } else {
                o = o->next;
            }
        }
    }
}

/* ---- moves --------------------------------------------------------------------------------- */

static void cross(struct sim_engine *e, struct sim_instrument *i, enum sim_side resting)
{
    struct sim_quote *q = resting == SIM_BUY ? &i->ask : &i->bid;
    struct sim_ladder *l = sim_ladder_of(i, resting);
    struct sim_order *o;

    while (q->there && (o = sim_ladder_best(l)) != NULL &&
           (q->unlimited || decimal_sign(q->size) > 0)) {
        struct decimal qty = sim_remaining(o);
        struct decimal before = o->filled;
        int order = decimal_compare(o->price, q->price);

        if (resting == SIM_BUY ? order < 0 : order > 0) {
            return;
        }
        if (!q->unlimited) {
            qty = sim_min(qty, q->size);
        }
        if (sim_execute(e, o, qty, o->price, false) && !q->unlimited) {
            q->size = sim_sub(q->size, sim_sub(o->filled, before));
        }
    }
}

void sim_market_moved(struct sim_engine *e, struct sim_instrument *i)
{
    struct decimal last = i->last;

    cross(e, i, SIM_BUY);
    cross(e, i, SIM_SELL);
    if (decimal_sign(last) > 0) {
        i->last = last;
    }
    sim_fire_triggers(e, i);
}

bool sim_fill(struct sim_engine *e, struct sim_order *o, struct decimal qty, struct decimal price)
{
    if (o->state != SIM_OPEN || decimal_sign(qty) <= 0 ||
        decimal_compare(qty, sim_remaining(o)) > 0) {
        return false;
    }
    if (!sim_execute(e, o, qty, price, false)) {
        return false;
    }
    sim_fire_triggers(e, o->instrument);
    return true;
}

int64_t sim_deadmen(struct sim_engine *e)
{
    int64_t next = NEVER_US;
    size_t n;

    for (n = 0; n < e->account_count; n++) {
        struct sim_account *a = e->account[n];

        if (a->deadman_us != 0 && a->deadman_us <= e->now_us) {
            /* As documented for the spot API: the switch stays off after it has fired. */
            a->deadman_us = 0;
            audit_note(e->audit, e->now_us, "deadman", a->key, NULL);
            (void)sim_cancel_all(e, a, NULL, SIM_BY_DEADMAN);
        }
        if (a->deadman_us != 0 && a->deadman_us < next) {
            next = a->deadman_us;
        }
    }
    return next;
}
