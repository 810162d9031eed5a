/*
 * The simulator's exchange: orders, their life, and what may be asked of them. How they trade is in
 * venuesim_match.c, market moves and triggers are in venuesim_market.c.
 */
#include "venuesim_engine.h"

#include "assert.h"
#include "venuesim_audit.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t sim_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Ten characters of time, sixteen drawn. */
static void ulid(const struct sim_engine *e, const uint64_t bits[2], char out[SIM_ID_SIZE])
{
    static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t ms = (uint64_t)(e->now_us / US_PER_MS);
    int at;

    for (at = 9; at >= 0; at--) {
        out[at] = crockford[ms & 31];
        ms >>= 5;
    }
    for (at = 0; at < 16; at++) {
        out[10 + at] = crockford[bits[at / 8] >> (5 * (at % 8)) & 31];
    }
    out[26] = '\0';
}

void sim_uuid(struct sim_engine *e, char out[SIM_ID_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t bits[2] = { sim_random(&e->rng), sim_random(&e->rng) };
    size_t digit = 0;
    size_t at;

    if (e->numeric_ids) {
        e->id_serial += 1 + bits[0] % 97;
        (void)snprintf(out, SIM_ID_SIZE, "%llu",
                       (unsigned long long)(UINT64_C(1200000000000000000) + e->id_serial));
        return;
    }

    if (e->ulids) {
        ulid(e, bits, out);
        return;
    }
    for (at = 0; at < SIM_ID_SIZE - 1; at++) {
        if (at == 8 || at == 13 || at == 18 || at == 23) {
            out[at] = '-';
        } else {
            out[at] = hex[(bits[digit / 16] >> (4 * (digit % 16))) & 15];
            digit++;
        }
    }
    out[14] = '4';
    out[19] = hex[8 + (bits[1] & 3)];
    out[SIM_ID_SIZE - 1] = '\0';
}

struct decimal sim_remaining(const struct sim_order *o)
{
    return sim_sub(o->qty, o->filled);
}

bool sim_is_live(const struct sim_order *o)
{
    return o->state == SIM_OPEN || o->state == SIM_ARMED;
}

struct sim_snap sim_snap_of(const struct sim_order *o)
{
    return (struct sim_snap){ sim_remaining(o), o->filled,     o->price,     o->stop,
                              o->has_price,     o->is_trigger, o->updated_us };
}

struct sim_position *sim_position_of(struct sim_account *a, const struct sim_engine *e,
                                     const struct sim_instrument *i)
{
    return &a->position[i - e->instrument];
}

struct sim_instrument *sim_instrument_find(struct sim_engine *e, struct bytes symbol)
{
    size_t i;

    for (i = 0; i < e->instrument_count; i++) {
        if (bytes_is(symbol, e->instrument[i].symbol)) {
            return &e->instrument[i];
        }
    }
    return NULL;
}

struct sim_order *sim_order_find(const struct sim_engine *e, struct sim_account *a, struct bytes id,
                                 struct bytes client_id)
{
    struct sim_order *o;

    if (id.size > 0) {
        o = map_find(e->by_id, id);
        return o != NULL && (a == NULL || o->account == a) ? o : NULL;
    }
    return a == NULL || client_id.size == 0 ? NULL : map_find(a->by_client_id, client_id);
}

void *sim_grow(void *array, size_t count, size_t *capacity, size_t item_size)
{
    void *grown;
    size_t more = *capacity == 0 ? 256 : *capacity * 2;

    if (count < *capacity) {
        return array;
    }
    grown = realloc(array, more * item_size);
    if (grown == NULL) {
        UNREACHABLE(); /* a simulator out of memory has nothing sensible left to say */
    }
    *capacity = more;
    return grown;
}

struct sim_event *sim_log_event(struct sim_engine *e, struct sim_order *o, enum sim_event_type type,
                                const struct sim_snap *before)
{
    struct sim_account *a = o->account;
    struct sim_event *ev;

    a->event = sim_grow(a->event, a->event_count, &a->event_capacity, sizeof *a->event);
    ev = &a->event[a->event_count++];
    *ev = (struct sim_event){
        .type = type, .reason = o->reason, .error = o->error, .order = o, .wall_us = e->now_us
    };
    ev->after = sim_snap_of(o);
    ev->before = before == NULL ? ev->after : *before;
    return ev;
}

/* ---- the life of an order ------------------------------------------------------------------ */

static void open_list_add(struct sim_order *o)
{
    struct sim_account *a = o->account;

    o->open_prev = NULL;
    o->open_next = a->open_first;
    if (a->open_first != NULL) {
        a->open_first->open_prev = o;
    }
    a->open_first = o;
    a->open_count++;
}

static void open_list_remove(struct sim_order *o)
{
    if (o->open_prev == NULL) {
        o->account->open_first = o->open_next;
    } else {
        o->open_prev->open_next = o->open_next;
    }
    if (o->open_next != NULL) {
        o->open_next->open_prev = o->open_prev;
    }
    o->open_prev = NULL;
    o->open_next = NULL;
    o->account->open_count--;
}

static void leave_book(struct sim_order *o)
{
    if (o->state == SIM_OPEN) {
        sim_ladder_remove(sim_ladder_of(o->instrument, o->side), o->side, o);
    } else if (o->state == SIM_ARMED) {
        sim_disarm(o);
    }
}

void sim_rest(struct sim_engine *e, struct sim_order *o)
{
    bool was_listed = sim_is_live(o);

    if (!sim_ladder_add(sim_ladder_of(o->instrument, o->side), o->side, o)) {
        UNREACHABLE();
    }
    o->state = SIM_OPEN;
    o->updated_us = e->now_us;
    if (!was_listed) {
        open_list_add(o);
    }
}

void sim_arm(struct sim_engine *e, struct sim_order *o)
{
    struct sim_instrument *i = o->instrument;

    o->state = SIM_ARMED;
    o->updated_us = e->now_us;
    o->prev = NULL;
    o->next = i->armed;
    if (i->armed != NULL) {
        i->armed->prev = o;
    }
    i->armed = o;
    open_list_add(o);
}

void sim_disarm(struct sim_order *o)
{
    if (o->prev == NULL) {
        o->instrument->armed = o->next;
    } else {
        o->prev->next = o->next;
    }
    if (o->next != NULL) {
        o->next->prev = o->prev;
    }
    o->prev = NULL;
    o->next = NULL;
}

void sim_end(struct sim_engine *e, struct sim_order *o, enum sim_state state, enum sim_reason why)
{
    leave_book(o);
    if (sim_is_live(o)) {
        open_list_remove(o);
    }
    o->state = state;
    o->reason = why;
    o->updated_us = e->now_us;
    o->closed_us = e->now_us;
}

void sim_end_cancelled(struct sim_engine *e, struct sim_order *o, enum sim_reason why)
{
    struct sim_snap before = sim_snap_of(o);

    sim_end(e, o, SIM_CANCELLED, why);
    sim_log_event(e, o, SIM_EV_CANCEL, &before);
    audit_order(e->audit, e->now_us, "cancelled", o, NULL);
}

/* ---- place --------------------------------------------------------------------------------- */

static bool price_ok(const struct sim_instrument *i, struct decimal price)
{
    return decimal_sign(price) > 0 && decimal_is_multiple(price, i->tick);
}

static bool size_ok(const struct sim_instrument *i, struct decimal qty)
{
    return decimal_sign(qty) > 0 && decimal_is_multiple(qty, i->step);
}

static bool outside_collar(const struct sim_instrument *i, enum sim_side side, struct decimal price)
{
    struct decimal room = sim_div_round(sim_mul_round(i->mark, i->collar_percent, 10),
                                        (struct decimal){ 100, 0 }, 10);

    if (decimal_sign(i->collar_percent) == 0) {
        return false;
    }
    if (side == SIM_BUY) {
        return decimal_compare(price, sim_add(i->mark, room)) > 0;
    }
    return decimal_compare(price, sim_sub(i->mark, room)) < 0;
}

static enum sim_result client_id_check(const struct sim_account *a, struct bytes id)
{
    size_t i;

    if (id.size > SIM_CLIENT_ID_MAX) {
        return SIM_ID_TOO_LONG;
    }
    for (i = 0; i < id.size; i++) {
        char c = id.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_')) {
            return SIM_ID_INVALID;
        }
    }
    return id.size > 0 && map_find(a->by_client_id, id) != NULL ? SIM_DUPLICATE : SIM_OK;
}

static enum sim_result terms_check(struct sim_engine *e, struct sim_account *a,
                                   const struct sim_terms *t)
{
    const struct sim_instrument *i = t->instrument;
    const struct sim_position *p = sim_position_of(a, e, i);
    enum sim_result id = client_id_check(a, t->client_id);

    if (id != SIM_OK) {
        return id;
    }
    if (i->expired) {
        return SIM_INACTIVE;
    }
    if (i->suspended) {
        return SIM_SUSPENDED;
    }
    if (i->post_only && t->type != SIM_POST) {
        return SIM_POST_ONLY_MARKET;
    }
    if (!size_ok(i, t->qty)) {
        return SIM_BAD_SIZE;
    }
    if ((t->has_price && !price_ok(i, t->price)) || (t->has_stop && !price_ok(i, t->stop))) {
        return SIM_BAD_PRICE;
    }
    if (t->has_price && outside_collar(i, t->side, t->price)) {
        return SIM_COLLAR;
    }
    if (a->no_funds && !t->reduce_only) {
        return SIM_NO_FUNDS;
    }
    if (decimal_compare(sim_add(sim_abs(p->size), t->qty), i->max_position) > 0 &&
        !t->reduce_only) {
        return SIM_MAX_POSITION;
    }
    return a->open_count >= a->open_max ? SIM_TOO_MANY : SIM_OK;
}

static struct sim_order *order_new(struct sim_engine *e, struct sim_account *a,
                                   const struct sim_terms *t)
{
    struct sim_order *o = calloc(1, sizeof *o);

    struct bytes name = t->client_id.size > 0 ? t->client_id : t->label;

    if (o == NULL || !bytes_to_field(name, o->client_id, sizeof o->client_id)) {
        UNREACHABLE();
    }
    sim_uuid(e, o->id);
    o->account = a;
    o->instrument = t->instrument;
    o->side = t->side;
    o->type = t->type;
    o->qty = t->qty;
    o->price = t->price;
    o->has_price = t->has_price;
    o->stop = t->stop;
    o->trail = t->trail;
    o->trail_unit = t->trail_unit;
    o->offset = t->offset;
    o->offset_unit = t->offset_unit;
    o->signal = t->signal;
    o->reduce_only = t->reduce_only;
    o->foreign = t->foreign;
    o->liquidation = t->liquidation;
    o->extra = t->extra;
    o->is_trigger = t->type == SIM_STP || t->type == SIM_TAKE_PROFIT || t->type == SIM_TRAILING;
    o->created_us = e->now_us;
    o->updated_us = e->now_us;
    o->reason = SIM_BY_NEW;
    if (!map_put(e->by_id, bytes_of(o->id), o) ||
        (t->client_id.size > 0 && !map_put(a->by_client_id, bytes_of(o->client_id), o))) {
        UNREACHABLE();
    }
    if (e->all_last == NULL) {
        e->all_first = o;
    } else {
        e->all_last->all_next = o;
    }
    e->all_last = o;
    o->number = ++e->order_count;
    return o;
}

static enum sim_result place_now(struct sim_engine *e, struct sim_order *o, bool released)
{
    if (!o->is_trigger) {
        return sim_match(e, o, released);
    }
    /* A stop buys above the market and sells below it; a take-profit the other way round. */
    o->trigger_above = (o->side == SIM_BUY) == (o->type != SIM_TAKE_PROFIT);
    if (o->type == SIM_TRAILING) {
        (void)sim_trailing_update(o, true);
    }
    sim_arm(e, o);
    sim_log_event(e, o, SIM_EV_PLACE, NULL);
    return SIM_OK;
}

enum sim_result sim_place(struct sim_engine *e, struct sim_account *a, const struct sim_terms *t,
                          struct sim_order **out)
{
    enum sim_result result = terms_check(e, a, t);
    struct sim_order *o;

    *out = NULL;
    if (result == SIM_DUPLICATE) {
        audit_duplicate(e->audit, e->now_us, map_find(a->by_client_id, t->client_id));
    }
    if (result != SIM_OK) {
        return result;
    }
    if (t->instrument->hold_us > 0 && t->type != SIM_POST && !t->instrument->hold_all &&
        a->held_count >= SIM_HELD_MAX) {
        return SIM_TOO_MANY;
    }
    o = order_new(e, a, t);
    *out = o;
    audit_order(e->audit, e->now_us, "place", o, NULL);
    if (t->instrument->hold_us > 0 && (t->type != SIM_POST || t->instrument->hold_all)) {
        o->state = SIM_HELD;
        a->held_count++;
        return SIM_HOLD;
    }
    result = place_now(e, o, false);
    if (result != SIM_OK) {
        audit_order(e->audit, e->now_us, "rejected", o, NULL);
    }
    sim_fire_triggers(e, o->instrument);
    return result;
}

enum sim_result sim_release(struct sim_engine *e, struct sim_order *o)
{
    enum sim_result result;

    ASSERT(o->state == SIM_HELD);
    o->account->held_count--;
    result = place_now(e, o, !o->instrument->hold_all);
    audit_order(e->audit, e->now_us, result == SIM_OK ? "released" : "rejected", o, NULL);
    sim_fire_triggers(e, o->instrument);
    return result;
}

/* ---- edit and cancel ----------------------------------------------------------------------- */

static enum sim_result edit_check(const struct sim_order *o, const struct sim_change *c,
                                  struct decimal *qty)
{
    const struct sim_instrument *i = o->instrument;

    *qty = o->qty;
    if (c->has_qty) {
        if (!size_ok(i, c->qty)) {
            return SIM_BAD_SIZE;
        }
        *qty = c->qty_is_total ? c->qty : sim_add(o->filled, c->qty);
        if (decimal_compare(*qty, o->filled) <= 0) {
            return SIM_BAD_SIZE;
        }
    }
    if ((c->has_price && !price_ok(i, c->price)) || (c->has_stop && !price_ok(i, c->stop))) {
        return SIM_BAD_PRICE;
    }
    if (c->has_price && outside_collar(i, o->side, c->price)) {
        return SIM_COLLAR;
    }
    if (o->type == SIM_TRAILING && c->has_stop) {
        return SIM_TRAILING_TRIGGER;
    }
    if (o->type == SIM_TRAILING && c->has_price) {
        return SIM_TRAILING_LIMIT;
    }
    return o->state != SIM_ARMED && (c->has_stop || c->has_trail) ? SIM_NOT_A_STOP : SIM_OK;
}

static void edit_apply(struct sim_engine *e, struct sim_order *o, const struct sim_change *c,
                       struct decimal qty)
{
    o->qty = qty;
    if (c->has_price) {
        o->price = c->price;
        o->has_price = true;
    }
    if (c->has_stop) {
        o->stop = c->stop;
    }
    if (c->has_trail) {
        o->trail = c->trail;
        o->trail_unit = c->trail_unit;
        (void)sim_trailing_update(o, true);
    }
    o->reason = SIM_BY_EDIT;
    o->updated_us = e->now_us;
}

/* A resting order at a new price is a new arrival: it may trade, and post-only may refuse it. */
static enum sim_result edit_resting(struct sim_engine *e, struct sim_order *o,
                                    const struct sim_change *c, struct decimal qty)
{
    struct sim_snap before = sim_snap_of(o);
    struct sim_order trial = *o;
    bool keeps_place = !c->has_price || decimal_equal(c->price, o->price);

    if (c->has_price) {
        trial.price = c->price;
    }
    if (o->type == SIM_POST && sim_would_trade(&trial)) {
        return SIM_WOULD_CROSS;
    }
    if (sim_stp_of(o) == SIM_REJECT_TAKER && sim_meets_itself(&trial)) {
        return SIM_SELF_TRADE;
    }
    if (keeps_place && decimal_compare(qty, o->qty) <= 0) {
        edit_apply(e, o, c, qty);
        sim_log_event(e, o, SIM_EV_EDIT, &before);
        return SIM_OK;
    }
    sim_ladder_remove(sim_ladder_of(o->instrument, o->side), o->side, o);
    edit_apply(e, o, c, qty);
    sim_log_event(e, o, SIM_EV_EDIT, &before);
    sim_trade(e, o);
    if (o->closed_us == 0) {
        sim_rest(e, o);
    }
    return SIM_OK;
}

enum sim_result sim_edit(struct sim_engine *e, struct sim_order *o, const struct sim_change *c)
{
    struct decimal qty;
    enum sim_result result;

    if (!sim_is_live(o)) {
        return SIM_NOT_FOUND;
    }
    result = o->instrument->suspended ? SIM_SUSPENDED : edit_check(o, c, &qty);
    if (result == SIM_OK && o->state == SIM_OPEN) {
        result = edit_resting(e, o, c, qty);
    } else if (result == SIM_OK) {
        struct sim_snap before = sim_snap_of(o);

        edit_apply(e, o, c, qty);
        sim_log_event(e, o, SIM_EV_EDIT, &before);
    }
    audit_order(e->audit, e->now_us, result == SIM_OK ? "edit" : "edit_refused", o, NULL);
    sim_fire_triggers(e, o->instrument);
    return result;
}

enum sim_result sim_cancel(struct sim_engine *e, struct sim_order *o, enum sim_reason why)
{
    if (o->state == SIM_HELD) {
        o->cancel_at_release = true;
        audit_order(e->audit, e->now_us, "cancel_while_held", o, NULL);
        return SIM_OK;
    }
    if (o->state == SIM_FILLED) {
        return SIM_ALREADY_FILLED;
    }
    if (!sim_is_live(o)) {
        return SIM_NOT_FOUND;
    }
    sim_end_cancelled(e, o, why);
    return SIM_OK;
}

size_t sim_cancel_all(struct sim_engine *e, struct sim_account *a, const struct sim_instrument *i,
                      enum sim_reason why)
{
    struct sim_order *o = a->open_first;
    size_t count = 0;

    while (o != NULL) {
        struct sim_order *next = o->open_next;

        if (i == NULL || o->instrument == i) {
            sim_end_cancelled(e, o, why);
            count++;
        }
        o = next;
    }
    return count;
}
