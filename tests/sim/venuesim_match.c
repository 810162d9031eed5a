/*
 * How orders trade. Matching is price-time: the synthetic quote and the resting orders of all
 * accounts; at one price the resting orders go first. Each trade moves the position and is one
 * execution.
 */
#include "venuesim_engine.h"

#include "assert.h"
#include "venuesim_audit.h"

#include <stdlib.h>

/* ---- a trade ------------------------------------------------------------------------------- */

static struct decimal fee_of(const struct sim_instrument *i, struct decimal qty,
                             struct decimal price, bool taker)
{
    struct decimal rate = taker ? (struct decimal){ 5, 4 } : (struct decimal){ 2, 4 };
    struct decimal value =
        i->inverse ? sim_div_round(qty, price, 15) : sim_mul_round(qty, price, 10);

    return sim_mul_round(value, rate, i->inverse ? 12 : 8);
}

/* Average entry: arithmetic for linear contracts, harmonic for inverse ones. */
static struct decimal average(const struct sim_instrument *i, struct decimal q1, struct decimal p1,
                              struct decimal q2, struct decimal p2)
{
    struct decimal total = sim_add(q1, q2);
    struct decimal sum;

    if (i->inverse) {
        sum = sim_add(sim_div_round(q1, p1, 14), sim_div_round(q2, p2, 14));
        return sim_div_round(total, sum, 6);
    }
    sum = sim_add(sim_mul_round(q1, p1, 8), sim_mul_round(q2, p2, 8));
    return sim_div_round(sum, total, 6);
}

static void move_position(struct sim_engine *e, const struct sim_order *o, struct decimal qty,
                          struct decimal price, struct decimal *after)
{
    struct sim_position *p = sim_position_of(o->account, e, o->instrument);
    struct decimal signed_qty = o->side == SIM_BUY ? qty : sim_neg(qty);
    struct decimal now = sim_add(p->size, signed_qty);
    int was = decimal_sign(p->size);

    if (was == 0 || (was != decimal_sign(now) && decimal_sign(now) != 0)) {
        p->price = price;
    } else if (was == decimal_sign(signed_qty)) {
        p->price = average(o->instrument, sim_abs(p->size), p->price, qty, price);
    }
    p->size = now;
    p->fill_us = e->now_us;
    *after = now;
}

static struct sim_exec *exec_new(struct sim_engine *e, struct sim_order *o, struct decimal qty,
                                 struct decimal price, bool taker)
{
    struct sim_account *a = o->account;
    struct sim_exec *x = calloc(1, sizeof *x);

    if (x == NULL) {
        UNREACHABLE();
    }
    sim_uuid(e, x->id);
    x->order = o;
    x->qty = qty;
    x->price = price;
    x->taker = taker;
    x->wall_us = e->now_us;
    x->sequence = ++o->instrument->sequence;
    x->mark = o->instrument->mark;
    x->fee = fee_of(o->instrument, qty, price, taker);
    x->before = sim_snap_of(o);
    a->exec = sim_grow(a->exec, a->exec_count, &a->exec_capacity, sizeof(struct sim_exec *));
    a->exec[a->exec_count++] = x;
    e->exec_count++;
    return x;
}

/* What a reduce-only order may still trade. */
static struct decimal reducible(struct sim_engine *e, const struct sim_order *o)
{
    const struct sim_position *p = sim_position_of(o->account, e, o->instrument);
    int want = o->side == SIM_BUY ? -1 : 1;

    return decimal_sign(p->size) == want ? sim_abs(p->size) : DECIMAL_ZERO;
}

bool sim_execute(struct sim_engine *e, struct sim_order *o, struct decimal qty,
                 struct decimal price, bool taker)
{
    struct sim_exec *x;
    struct sim_event *ev;

    if (o->reduce_only) {
        qty = sim_min(qty, reducible(e, o));
        if (decimal_sign(qty) == 0) {
            sim_end_cancelled(e, o, SIM_BY_NOT_REDUCING);
            return false;
        }
    }
    x = exec_new(e, o, qty, price, taker);
    o->filled = sim_add(o->filled, qty);
    o->fee = sim_add(o->fee, x->fee);
    o->value = sim_add(o->value, o->instrument->inverse ? sim_div_round(qty, price, 14)
                                                        : sim_mul_round(qty, price, 8));
    move_position(e, o, qty, price, &x->position_after);
    if (decimal_equal(o->filled, o->qty)) {
        sim_end(e, o, SIM_FILLED, SIM_BY_FULL_FILL);
    } else {
        o->reason = SIM_BY_PARTIAL_FILL;
        o->updated_us = e->now_us;
    }
    x->after = sim_snap_of(o);
    ev = sim_log_event(e, o, SIM_EV_EXECUTION, &x->before);
    ev->exec = x;
    o->instrument->last = price;
    audit_fill(e->audit, x);
    if (e->executed != NULL) {
        e->executed(e, x);
    }
    return true;
}

/* ---- matching ------------------------------------------------------------------------------ */

static bool acceptable(const struct sim_order *o, struct decimal price)
{
    int order = decimal_compare(price, o->price);

    return o->side == SIM_BUY ? order <= 0 : order >= 0;
}

static struct sim_quote *quote_against(const struct sim_order *o)
{
    return o->side == SIM_BUY ? &o->instrument->ask : &o->instrument->bid;
}

static struct sim_ladder *ladder_against(const struct sim_order *o)
{
    return sim_ladder_of(o->instrument, o->side == SIM_BUY ? SIM_SELL : SIM_BUY);
}

static bool quote_usable(const struct sim_order *o)
{
    const struct sim_quote *q = quote_against(o);

    return q->there && (q->unlimited || decimal_sign(q->size) > 0) && acceptable(o, q->price);
}

/* The resting order to trade with next, or NULL when the quote is better or nothing is acceptable.
 */
static struct sim_order *next_maker(const struct sim_order *o)
{
    struct sim_order *best = sim_ladder_best(ladder_against(o));
    const struct sim_quote *q = quote_against(o);
    int order;

    if (best == NULL || !acceptable(o, best->price)) {
        return NULL;
    }
    if (!quote_usable(o)) {
        return best;
    }
    order = decimal_compare(best->price, q->price);
    return (o->side == SIM_BUY ? order <= 0 : order >= 0) ? best : NULL;
}

bool sim_would_trade(const struct sim_order *o)
{
    return next_maker(o) != NULL || quote_usable(o);
}

/* How much could be had at acceptable prices; own orders count only where the strategy removes
 * none. */
static bool enough(const struct sim_order *o)
{
    const struct sim_ladder *l = ladder_against(o);
    struct decimal want = sim_remaining(o);
    const struct sim_order *m;
    size_t at = l->count;

    if (quote_usable(o)) {
        const struct sim_quote *q = quote_against(o);

        if (q->unlimited) {
            return true;
        }
        want = sim_sub(want, q->size);
    }
    while (at > 0 && decimal_sign(want) > 0 && acceptable(o, l->level[at - 1]->price)) {
        for (m = l->level[--at]->first; m != NULL; m = m->next) {
            if (m->account != o->account || sim_stp_of(o) == SIM_STP_NONE) {
                want = sim_sub(want, sim_remaining(m));
            }
        }
    }
    return decimal_sign(want) <= 0;
}

static struct decimal mkt_limit(const struct sim_order *o)
{
    const struct sim_quote *q = quote_against(o);
    const struct sim_order *best = sim_ladder_best(ladder_against(o));
    struct decimal from = q->there ? q->price : best != NULL ? best->price : o->instrument->mark;
    struct decimal room = sim_mul_round(from, (struct decimal){ 1, 2 }, 8);

    from = o->side == SIM_BUY ? sim_add(from, room) : sim_sub(from, room);
    return sim_round_to(from, o->instrument->tick);
}

static void trade_with_quote(struct sim_engine *e, struct sim_order *o)
{
    struct sim_quote *q = quote_against(o);
    struct decimal qty = q->unlimited ? sim_remaining(o) : sim_min(sim_remaining(o), q->size);

    if (o->reduce_only && decimal_compare(reducible(e, o), qty) < 0) {
        qty = reducible(e, o);
    }
    if (sim_execute(e, o, qty, q->price, true) && !q->unlimited) {
        q->size = sim_sub(q->size, qty);
    }
}

static void trade_with_order(struct sim_engine *e, struct sim_order *o, struct sim_order *maker)
{
    struct decimal qty = sim_min(sim_remaining(o), sim_remaining(maker));
    struct decimal price = maker->price;

    if (maker->reduce_only) {
        qty = sim_min(qty, reducible(e, maker));
        if (decimal_sign(qty) == 0) {
            sim_end_cancelled(e, maker, SIM_BY_NOT_REDUCING);
            return;
        }
    }
    if (o->reduce_only) {
        qty = sim_min(qty, reducible(e, o));
    }
    if (sim_execute(e, o, qty, price, true)) {
        (void)sim_execute(e, maker, qty, price, false);
    }
}

enum sim_stp sim_stp_of(const struct sim_order *o)
{
    return o->extra.has_stp ? o->extra.stp : o->account->stp;
}

void sim_trade(struct sim_engine *e, struct sim_order *o)
{
    while (o->closed_us == 0 && sim_would_trade(o)) {
        struct sim_order *maker = next_maker(o);

        if (maker == NULL) {
            trade_with_quote(e, o);
        } else if (maker->account == o->account && sim_stp_of(o) != SIM_STP_NONE) {
            sim_end_cancelled(e, maker, SIM_BY_SELF_TRADE);
        } else {
            trade_with_order(e, o, maker);
        }
    }
}

/* Whether this order would meet one of its own account at a price it accepts. */
bool sim_meets_itself(const struct sim_order *o)
{
    const struct sim_ladder *l = ladder_against(o);
    const struct sim_order *m;
    size_t at = l->count;

    if (at == 0) {
        return false;
    }
    while (at > 0 && acceptable(o, l->level[at - 1]->price)) {
        for (m = l->level[--at]->first; m != NULL; m = m->next) {
            if (m->account == o->account) {
                return true;
            }
        }
    }
    return false;
}

static enum sim_result refuse(struct sim_engine *e, struct sim_order *o, enum sim_result why,
                              enum sim_reason reason)
{
    o->error = why;
    sim_end(e, o, SIM_REJECTED, reason);
    sim_log_event(e, o, SIM_EV_REJECT, NULL);
    return why;
}

static bool immediate(const struct sim_order *o)
{
    return o->type == SIM_IOC || o->type == SIM_MKT || o->type == SIM_FOK || o->cancel_at_release ||
           (o->triggered &&
            (!o->has_price || o->extra.then == SIM_IOC || o->extra.then == SIM_FOK));
}

static void log_place(struct sim_engine *e, struct sim_order *o, struct decimal reduced)
{
    struct sim_event *ev = sim_log_event(e, o, SIM_EV_PLACE, NULL);

    ev->reduced = reduced;
    ev->reason = o->triggered ? SIM_BY_LIMIT_FROM_STOP : SIM_BY_NEW;
}

/* Load tests want fills without a hand at the market: a share of resting orders fills at once. */
static void auto_fill(struct sim_engine *e, struct sim_order *o)
{
    uint64_t draw;
    struct decimal half;

    if (e->auto_full == 0 && e->auto_partial == 0) {
        return;
    }
    draw = sim_random(&e->auto_rng) % 1000000;
    if (draw < e->auto_full) {
        (void)sim_execute(e, o, sim_remaining(o), o->price, false);
    } else if (draw < (uint64_t)e->auto_full + e->auto_partial) {
        half = sim_round_to(sim_div_round(sim_remaining(o), (struct decimal){ 2, 0 }, 12),
                            o->instrument->step);
        if (decimal_sign(half) > 0) {
            (void)sim_execute(e, o, half, o->price, false);
        }
    }
}

static enum sim_result reduce_to_position(struct sim_engine *e, struct sim_order *o,
                                          struct decimal *reduced)
{
    struct decimal most;

    *reduced = DECIMAL_ZERO;
    if (!o->reduce_only) {
        return SIM_OK;
    }
    most = reducible(e, o);
    if (decimal_sign(most) == 0) {
        return SIM_NOT_REDUCING;
    }
    if (decimal_compare(most, sim_remaining(o)) < 0) {
        *reduced = sim_sub(sim_remaining(o), most);
        o->qty = sim_sub(o->qty, *reduced);
    }
    return SIM_OK;
}

/* Whether self-trade prevention ends this order; with "cancel both" the other one goes first. */
static bool stp_refuses(struct sim_engine *e, struct sim_order *o)
{
    enum sim_stp stp = sim_stp_of(o);

    if ((stp != SIM_REJECT_TAKER && stp != SIM_STP_CANCEL_BOTH) || !sim_meets_itself(o)) {
        return false;
    }
    while (stp == SIM_STP_CANCEL_BOTH && next_maker(o) != NULL &&
           next_maker(o)->account == o->account) {
        sim_end_cancelled(e, next_maker(o), SIM_BY_SELF_TRADE);
    }
    return true;
}

enum sim_result sim_match(struct sim_engine *e, struct sim_order *o, bool released)
{
    struct decimal reduced;
    struct decimal filled_before = o->filled;
    struct sim_snap before;

    if ((o->type == SIM_MKT || o->triggered) && !o->has_price) {
        o->price = mkt_limit(o);
    }
    if (reduce_to_position(e, o, &reduced) != SIM_OK) {
        return refuse(e, o, SIM_NOT_REDUCING, SIM_BY_NOT_REDUCING);
    }
    if ((o->type == SIM_POST || (o->triggered && o->extra.then == SIM_POST)) &&
        sim_would_trade(o)) {
        return refuse(e, o, SIM_WOULD_CROSS, SIM_BY_POST);
    }
    /* Kraken: an order released from a hold removes its owner's orders in its way, whatever the
     * account's strategy says. */
    if (!released && stp_refuses(e, o)) {
        return refuse(e, o, SIM_SELF_TRADE, SIM_BY_SELF);
    }
    if ((o->type == SIM_FOK || (o->triggered && o->extra.then == SIM_FOK)) && !enough(o)) {
        return refuse(e, o, SIM_NO_LIQUIDITY, SIM_BY_IOC);
    }
    sim_trade(e, o);
    if (o->closed_us != 0) {
        return SIM_OK;
    }
    if (immediate(o)) {
        if (decimal_equal(o->filled, filled_before)) {
            return refuse(e, o, SIM_NO_LIQUIDITY, SIM_BY_IOC);
        }
        /* The venue documents no CANCEL event for the rest of an IOC: the answer shows none. */
        before = sim_snap_of(o);
        sim_end(e, o, SIM_CANCELLED, SIM_BY_IOC);
        sim_log_event(e, o, SIM_EV_CANCEL, &before)->quiet = true;
        audit_order(e->audit, e->now_us, "ioc_remainder", o, NULL);
        return SIM_OK;
    }
    sim_rest(e, o);
    log_place(e, o, reduced);
    auto_fill(e, o);
    return SIM_OK;
}
