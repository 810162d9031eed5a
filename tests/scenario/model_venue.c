/*
 * The venue in memory. Manners follow Kraken Futures: the answer to an action is its result,
 * market, IOC and FOK orders trade at once and leave nothing, client ids are unique for ever.
 */
#include "model_venue.h"

#include <stdio.h>

#include "assert.h"
#include "avg_px.h"

void model_init(struct model_venue *m)
{
    memset(m, 0, sizeof *m);
    memcpy(m->self_trade, "REJECT_TAKER", sizeof "REJECT_TAKER");
}

struct model_order *model_find(struct model_venue *m, struct bytes client_id)
{
    for (size_t i = 0; i < m->order_count; i++) {
        if (bytes_is(client_id, m->order[i].client_id)) {
            return &m->order[i];
        }
    }
    return NULL;
}

static struct model_order *find_either(struct model_venue *m, const struct venue_order *v)
{
    ASSERT(!m->anonymous || v->venue_id.size > 0);
    for (size_t i = 0; i < m->order_count; i++) {
        if ((!m->anonymous && v->client_id.size > 0 &&
             bytes_is(v->client_id, m->order[i].client_id)) ||
            (v->venue_id.size > 0 && bytes_is(v->venue_id, m->order[i].venue_id))) {
            return &m->order[i];
        }
    }
    return NULL;
}

void model_end(struct model_order *o, enum venue_order_status status, enum venue_cause cause,
               int64_t wall_us)
{
    o->status = status;
    o->cause = cause;
    o->ended_us = wall_us;
}

void model_fill(struct model_venue *m, struct model_order *o, struct decimal qty, struct decimal px,
                int64_t wall_us)
{
    struct model_fill *f = &m->fill[m->fill_count++];

    ASSERT(m->fill_count < MODEL_FILLS_MAX);
    f->order = (size_t)(o - m->order);
    snprintf(f->exec_id, sizeof f->exec_id, "x%zu", m->fill_count);
    f->qty = qty;
    f->price = px;
    f->time_us = wall_us + m->skew_us;
    f->hidden = m->hides_fills;
    ASSERT(decimal_add(o->filled, qty, &o->filled));
    if (decimal_compare(o->filled, o->qty) >= 0) {
        model_end(o, VENUE_ORDER_FILLED, VENUE_CAUSE_NONE, wall_us);
    }
}

void model_trigger(struct model_venue *m, struct model_order *o)
{
    o->triggered = true;
    if (m->successors) {
        memcpy(o->stop_id, o->venue_id, sizeof o->stop_id);
        snprintf(o->venue_id, sizeof o->venue_id, "s%zu", (size_t)(o - m->order) + 1);
    }
}

struct model_order *model_other_hand(struct model_venue *m, struct decimal qty, struct decimal px,
                                     int64_t wall_us)
{
    struct model_order *o = &m->order[m->order_count++];

    ASSERT(m->order_count < MODEL_ORDERS_MAX);
    *o = (struct model_order){ .symbol = "PF_XBTUSD",
                               .side = VENUE_SELL,
                               .type = VENUE_LIMIT,
                               .tif = VENUE_GTC,
                               .qty = qty,
                               .price = px,
                               .status = VENUE_ORDER_OPEN,
                               .placed = 1,
                               .placed_us = wall_us + m->skew_us };
    (void)snprintf(o->venue_id, sizeof o->venue_id, "h%u", ++m->hand_count);
    return o;
}

/* ---- answers ------------------------------------------------------------------------------- */

static bool waits_for_trigger(const struct model_order *o)
{
    return o->type != VENUE_MARKET && o->type != VENUE_LIMIT && !o->triggered;
}

static void state_out(const struct model_venue *m, const struct model_order *o,
                      struct venue_order_state *s)
{
    struct avg_px avg = { 0 };

    memset(s, 0, sizeof *s);
    if (!m->anonymous) {
        s->client_id = bytes_of(o->client_id);
    }
    s->venue_id = bytes_of(o->venue_id);
    s->symbol = bytes_of(o->symbol);
    s->created_us = o->placed_us;
    for (size_t i = 0; i < m->fill_count; i++) {
        if (&m->order[m->fill[i].order] == o) {
            ASSERT(avg_px_add(&avg, false, m->fill[i].qty, m->fill[i].price));
            s->has_avg_price = true;
        }
    }
    s->avg_price = avg_px_value(&avg, false);
    s->status = o->status;
    if (o->cancel_us > 0 && o->status == VENUE_ORDER_OPEN) {
        s->status = VENUE_ORDER_PENDING;
    }
    s->type = o->type;
    s->side = o->side;
    s->cause = o->cause;
    s->has_filled = true;
    s->has_qty = decimal_sign(o->cash) == 0;
    s->filled = o->filled;
    s->qty = o->qty;
    s->has_price = o->type == VENUE_LIMIT || o->type == VENUE_STOP_LIMIT;
    s->price = o->price;
    s->is_trigger = waits_for_trigger(o);
    s->has_stop = o->type != VENUE_MARKET && o->type != VENUE_LIMIT;
    s->stop_price = o->stop_price;
}

static void add_state(const struct model_venue *m, struct arena *arena, struct venue_reply *r,
                      const struct model_order *o)
{
    if (r->order == NULL) {
        r->order = arena_take(arena, 2 * MODEL_ORDERS_MAX * sizeof *r->order);
        ASSERT(r->order != NULL);
    }
    state_out(m, o, &r->order[r->order_count++]);
    if (o->stop_id[0] != '\0') {
        /* What the stop became has no id of ours; the stop tells that it is there. */
        r->order[r->order_count - 1].client_id = (struct bytes){ NULL, 0 };
        r->order[r->order_count] = (struct venue_order_state){
            .client_id = bytes_of(o->client_id),
            .venue_id = bytes_of(o->stop_id),
            .symbol = bytes_of(o->symbol),
            .status = VENUE_ORDER_OPEN,
            .successor_id = bytes_of(o->venue_id),
        };
        r->order_count++;
    }
}

static void add_fill(struct arena *arena, struct venue_reply *r, const struct model_venue *m,
                     size_t i)
{
    const struct model_order *o = &m->order[m->fill[i].order];

    if (r->fill == NULL) {
        r->fill = arena_take(arena, MODEL_FILLS_MAX * sizeof *r->fill);
        ASSERT(r->fill != NULL);
    }
    r->fill[r->fill_count++] = (struct venue_fill){
        .exec_id = bytes_of(m->fill[i].exec_id),
        .client_id = m->anonymous || o->stop_id[0] != '\0' ? (struct bytes){ NULL, 0 }
                                                           : bytes_of(o->client_id),
        .venue_id = bytes_of(o->venue_id),
        .symbol = bytes_of(o->symbol),
        .side = o->side,
        .qty = m->fill[i].qty,
        .price = m->fill[i].price,
        .liquidity = VENUE_TAKER,
        .time_us = m->fill[i].time_us,
    };
}

static enum venue_outcome refuse_with(struct venue_reply *r, enum venue_reason reason,
                                      const char *code)
{
    r->reason = reason;
    r->code = bytes_of(code);
    return VENUE_REFUSED;
}

/* ---- actions ------------------------------------------------------------------------------- */

static bool is_immediate(const struct model_order *o)
{
    return o->type == VENUE_MARKET || o->tif == VENUE_IOC || o->tif == VENUE_FOK;
}

/* An order for an amount of money buys what that pays for, in lots of 0.0001; its quantity is known
 * only then. */
static void spend_at_once(struct model_venue *m, struct model_order *o, int64_t wall_us)
{
    struct decimal lots = { 0, 4 }, spent, qty;

    while (decimal_compare(lots, m->take_qty) < 0) {
        struct decimal more = { lots.mantissa + 1, 4 };

        ASSERT(decimal_mul(more, m->take_px, &spent));
        if (decimal_compare(spent, o->cash) > 0) {
            break;
        }
        lots = more;
    }
    qty = lots;
    if (decimal_sign(qty) > 0) {
        ASSERT(decimal_sub(m->take_qty, qty, &m->take_qty));
        o->qty = decimal_sign(m->take_qty) > 0 ? qty : (struct decimal){ qty.mantissa + 1, 4 };
        model_fill(m, o, qty, m->take_px, wall_us);
    }
    if (o->status == VENUE_ORDER_OPEN) {
        model_end(o, VENUE_ORDER_CANCELED, VENUE_CAUSE_NO_LIQUIDITY, wall_us);
    }
}

static void trade_at_once(struct model_venue *m, struct model_order *o, int64_t wall_us)
{
    struct decimal qty = decimal_compare(m->take_qty, o->qty) < 0 ? m->take_qty : o->qty;

    if (o->tif == VENUE_FOK && decimal_compare(m->take_qty, o->qty) < 0) {
        qty = DECIMAL_ZERO;
    }
    if (decimal_sign(qty) > 0) {
        model_fill(m, o, qty, m->take_px, wall_us);
        ASSERT(decimal_sub(m->take_qty, qty, &m->take_qty));
    }
    if (is_immediate(o) && o->status == VENUE_ORDER_OPEN) {
        model_end(o, VENUE_ORDER_CANCELED, VENUE_CAUSE_NO_LIQUIDITY, wall_us);
    }
}

static bool is_stale(const struct venue_call *c, int64_t wall_us)
{
    return c->order.process_before_us > 0 && wall_us > c->order.process_before_us;
}

/* Later legs of an order have ids that end alike. */
static bool has_resting_leg(const struct model_venue *m, struct bytes client_id)
{
    size_t at = client_id.size;

    while (at > 0 && client_id.data[at - 1] != '-') {
        at--;
    }
    for (size_t i = 0; i < m->order_count; i++) {
        const char *dash = strrchr(m->order[i].client_id, '-');

        if (m->order[i].status == VENUE_ORDER_OPEN && dash != NULL && at > 0 &&
            bytes_is((struct bytes){ client_id.data + at, client_id.size - at }, dash + 1)) {
            return true;
        }
    }
    return false;
}

static enum venue_outcome act_place(struct model_venue *m, const struct venue_call *c,
                                    int64_t wall_us, struct arena *arena, struct venue_reply *r)
{
    struct model_order *o = model_find(m, c->order.client_id);
    size_t first = m->fill_count;

    if (o != NULL && m->anonymous) {
        o->placed++; /* the judge sees it */
    }
    if (o != NULL) {
        return refuse_with(r, VENUE_REASON_DUPLICATE, "clientOrderIdAlreadyExist");
    }
    if (is_stale(c, wall_us + m->skew_us)) {
        return refuse_with(r, VENUE_REASON_STALE, "wouldProcessAfterSpecifiedTime");
    }
    ASSERT(m->order_count < MODEL_ORDERS_MAX);
    m->rested_twice = m->rested_twice || has_resting_leg(m, c->order.client_id);
    o = &m->order[m->order_count++];
    memset(o, 0, sizeof *o);
    ASSERT(bytes_to_field(c->order.client_id, o->client_id, sizeof o->client_id));
    ASSERT(bytes_to_field(c->order.symbol, o->symbol, sizeof o->symbol));
    snprintf(o->venue_id, sizeof o->venue_id, "v%zu", m->order_count);
    o->side = c->order.side;
    o->type = c->order.type;
    o->tif = c->order.tif;
    o->qty = c->order.qty;
    o->price = c->order.price;
    o->stop_price = c->order.stop_price;
    o->special = c->order;
    if (c->order.qty_is_quote) {
        o->cash = c->order.qty;
        o->qty = DECIMAL_ZERO;
    }
    o->placed++;
    o->placed_us = wall_us + m->skew_us;
    o->status = VENUE_ORDER_OPEN;
    if (decimal_sign(o->cash) > 0) {
        spend_at_once(m, o, wall_us);
    } else if (!waits_for_trigger(o) && (is_immediate(o) || decimal_sign(m->take_qty) > 0)) {
        trade_at_once(m, o, wall_us);
    }
    add_state(m, arena, r, o);
    for (size_t i = first; i < m->fill_count && !m->anonymous && !m->unsure; i++) {
        add_fill(arena, r, m, i);
    }
    return VENUE_DONE;
}

/* A moment after the cancel was taken; fills may come in between. */
#define CANCEL_TAKES_US (700 * US_PER_MS)

static enum venue_outcome act_cancel(struct model_venue *m, const struct venue_call *c,
                                     int64_t wall_us, struct arena *arena, struct venue_reply *r)
{
    struct model_order *o = find_either(m, &c->order);

    if (is_stale(c, wall_us + m->skew_us)) {
        return refuse_with(r, VENUE_REASON_STALE, "wouldProcessAfterSpecifiedTime");
    }
    if (o == NULL || o->status == VENUE_ORDER_CANCELED) {
        /* No list tells of it, but the answer to a cancel does. */
        return refuse_with(
            r, o != NULL && m->fills_only ? VENUE_REASON_TOO_LATE : VENUE_REASON_UNKNOWN_ORDER,
            "notFound");
    }
    if (o->status == VENUE_ORDER_OPEN && m->asynchronous) {
        o->cancel_us = o->cancel_us > 0 ? o->cancel_us : wall_us + CANCEL_TAKES_US;
    } else if (o->status == VENUE_ORDER_OPEN) {
        model_end(o, VENUE_ORDER_CANCELED, VENUE_CAUSE_USER, wall_us);
    }
    add_state(m, arena, r, o);
    return VENUE_DONE;
}

static enum venue_outcome act_replace(struct model_venue *m, const struct venue_call *c,
                                      int64_t wall_us, struct arena *arena, struct venue_reply *r)
{
    struct model_order *o = find_either(m, &c->order);

    if (is_stale(c, wall_us + m->skew_us)) {
        return refuse_with(r, VENUE_REASON_STALE, "wouldProcessAfterSpecifiedTime");
    }
    if (o == NULL || o->status != VENUE_ORDER_OPEN) {
        return refuse_with(r, VENUE_REASON_UNKNOWN_ORDER, "orderForEditNotFound");
    }
    if (decimal_compare(c->order.qty, o->filled) <= 0) {
        return refuse_with(r, VENUE_REASON_QUANTITY, "invalidSize");
    }
    o->qty = c->order.qty;
    o->price = c->order.price;
    o->stop_price = c->order.stop_price;
    add_state(m, arena, r, o);
    r->order[r->order_count - 1].status = VENUE_ORDER_REPLACED;
    return VENUE_DONE;
}

static enum venue_outcome act_cancel_all(struct model_venue *m, const struct venue_call *c,
                                         int64_t wall_us, struct arena *arena,
                                         struct venue_reply *r)
{
    for (size_t i = 0; i < m->order_count; i++) {
        struct model_order *o = &m->order[i];

        if (o->status == VENUE_ORDER_OPEN &&
            (c->symbol.size == 0 || bytes_is(c->symbol, o->symbol))) {
            if (m->asynchronous) {
                o->cancel_us = o->cancel_us > 0 ? o->cancel_us : wall_us + CANCEL_TAKES_US;
            } else {
                model_end(o, VENUE_ORDER_CANCELED, VENUE_CAUSE_USER, wall_us);
            }
            add_state(m, arena, r, o);
        }
    }
    return VENUE_DONE;
}

/* ---- questions ----------------------------------------------------------------------------- */

/* One order by its id, as venues without client ids have it. */
static enum venue_outcome answer_by_venue_id(struct model_venue *m, const struct venue_call *c,
                                             struct arena *arena, struct venue_reply *r)
{
    const struct venue_order asked = { .venue_id = c->venue_id[0] };
    struct model_order *o = find_either(m, &asked);

    ASSERT(c->venue_id_count == 1);
    if (o == NULL) {
        r->order = arena_take(arena, sizeof *r->order);
        ASSERT(r->order != NULL);
        memset(r->order, 0, sizeof *r->order);
        r->order[0].venue_id = c->venue_id[0];
        r->order[0].status = VENUE_ORDER_ABSENT;
        r->order_count = 1;
        return VENUE_DONE;
    }
    add_state(m, arena, r, o);
    if (m->fills_only) {
        struct venue_order_state *s = &r->order[0];

        *s = (struct venue_order_state){ .venue_id = s->venue_id,
                                         .status = VENUE_ORDER_PENDING,
                                         .has_filled = true,
                                         .filled = s->filled };
        for (size_t i = 0; i < m->fill_count; i++) {
            if (&m->order[m->fill[i].order] == o) {
                add_fill(arena, r, m, i);
            }
        }
    }
    return VENUE_DONE;
}

static enum venue_outcome answer_status(struct model_venue *m, const struct venue_call *c,
                                        struct arena *arena, struct venue_reply *r)
{
    if (c->venue_id_count > 0) {
        return answer_by_venue_id(m, c, arena, r);
    }
    for (size_t i = 0; i < c->client_id_count && !m->anonymous && !m->unsure; i++) {
        struct model_order *o = model_find(m, c->client_id[i]);

        if (o != NULL && (o->status == VENUE_ORDER_OPEN || !m->status_forgets)) {
            add_state(m, arena, r, o);
        }
    }
    return VENUE_DONE;
}

static enum venue_outcome answer_list(struct model_venue *m, const struct venue_call *c,
                                      bool open_only, struct arena *arena, struct venue_reply *r)
{
    ASSERT(!m->by_symbol || c->symbol.size > 0);
    for (size_t i = 0; i < m->order_count; i++) {
        if (m->by_symbol && !bytes_is(c->symbol, m->order[i].symbol)) {
            continue;
        }
        if (!open_only || m->order[i].status == VENUE_ORDER_OPEN) {
            add_state(m, arena, r, &m->order[i]);
        }
    }
    return VENUE_DONE;
}

static enum venue_outcome answer_fills(struct model_venue *m, const struct venue_call *c,
                                       struct arena *arena, struct venue_reply *r)
{
    size_t first = c->op == VENUE_FILLS && m->fill_count > 100 ? m->fill_count - 100 : 0;

    ASSERT(!m->by_symbol || c->symbol.size > 0);
    for (size_t i = first; i < m->fill_count; i++) {
        if (m->by_symbol && !bytes_is(c->symbol, m->order[m->fill[i].order].symbol)) {
            continue;
        }
        if (m->fill[i].time_us >= c->since_us && !m->fill[i].hidden) {
            add_fill(arena, r, m, i);
        }
    }
    r->complete = first == 0;
    return VENUE_DONE;
}

static enum venue_outcome answer_instruments(struct arena *arena, struct venue_reply *r)
{
    static const struct venue_instrument list[] = {
        { .symbol = { "PF_XBTUSD", 9 }, .tick = { 5, 1 }, .lot = { 1, 4 }, .tradeable = true },
        { .symbol = { "PI_XBTUSD", 9 },
          .tick = { 5, 1 },
          .lot = { 1, 0 },
          .tradeable = true,
          .inverse = true },
    };

    r->instrument = arena_take(arena, sizeof list);
    ASSERT(r->instrument != NULL);
    memcpy(r->instrument, list, sizeof list);
    r->instrument_count = ARRAY_LEN(list);
    return VENUE_DONE;
}

/* What the fills make of each symbol, at the price of the last. */
static enum venue_outcome answer_positions(struct model_venue *m, struct arena *arena,
                                           struct venue_reply *r)
{
    r->position = arena_take(arena, MODEL_ORDERS_MAX * sizeof *r->position);
    ASSERT(r->position != NULL);
    for (size_t i = 0; i < m->fill_count; i++) {
        const struct model_order *o = &m->order[m->fill[i].order];
        struct venue_position *p = r->position;

        while (p < r->position + r->position_count && !bytes_is(p->symbol, o->symbol)) {
            p++;
        }
        if (p == r->position + r->position_count) {
            *p = (struct venue_position){ .symbol = bytes_of(o->symbol) };
            r->position_count++;
        }
        p->price = m->fill[i].price;
        if (o->side == VENUE_BUY) {
            ASSERT(decimal_add(p->qty, m->fill[i].qty, &p->qty));
        } else {
            ASSERT(decimal_sub(p->qty, m->fill[i].qty, &p->qty));
        }
    }
    for (size_t i = 0; i < r->position_count; i++) {
        struct venue_position *p = &r->position[i];

        p->side = decimal_sign(p->qty) < 0 ? VENUE_SELL : VENUE_BUY;
        p->qty.mantissa = p->qty.mantissa < 0 ? -p->qty.mantissa : p->qty.mantissa;
    }
    return VENUE_DONE;
}

static enum venue_outcome act_deadman(struct model_venue *m, const struct venue_call *c,
                                      int64_t wall_us, struct venue_reply *r)
{
    m->deadman_us = c->timeout_s == 0 ? 0 : wall_us + (int64_t)c->timeout_s * US_PER_S;
    r->trigger_us = m->deadman_us;
    return VENUE_DONE;
}

static enum venue_outcome with_faults(struct model_venue *m, const struct venue_call *c,
                                      int64_t wall_us, struct arena *arena, struct venue_reply *r,
                                      const char **why);

static struct venue_call single_call(const struct venue_instruction *in)
{
    static const enum venue_op op[] = { [VENUE_DO_PLACE] = VENUE_PLACE,
                                        [VENUE_DO_REPLACE] = VENUE_REPLACE,
                                        [VENUE_DO_CANCEL] = VENUE_CANCEL };

    return (
        struct venue_call){ .op = op[in->kind], .order = in->order, .symbol = in->order.symbol };
}

/* Each instruction is a call of its own; one whose fate is not told is UNKNOWN in the answer. */
static enum venue_outcome act_batch(struct model_venue *m, const struct venue_call *c,
                                    int64_t wall_us, struct arena *arena, struct venue_reply *r)
{
    r->order = arena_take(arena, c->instruction_count * sizeof *r->order);
    r->fill = arena_take(arena, MODEL_FILLS_MAX * sizeof *r->fill);
    ASSERT(r->order != NULL && r->fill != NULL);
    for (size_t i = 0; i < c->instruction_count; i++) {
        struct venue_call one = single_call(&c->instruction[i]);
        struct venue_order_state *s = &r->order[r->order_count++];
        struct venue_reply own;
        const char *why;
        enum venue_outcome outcome = with_faults(m, &one, wall_us, arena, &own, &why);

        *s = (struct venue_order_state){ .client_id = one.order.client_id,
                                         .status = outcome == VENUE_REFUSED ? VENUE_ORDER_REJECTED
                                                                            : VENUE_ORDER_PENDING };
        if (outcome == VENUE_DONE && own.order_count > 0) {
            *s = own.order[0];
        }
        s->outcome = outcome;
        s->reason = own.reason;
        s->code = own.code;
        for (size_t k = 0; k < own.fill_count && outcome == VENUE_DONE; k++) {
            r->fill[r->fill_count++] = own.fill[k];
        }
    }
    return VENUE_DONE;
}

/* ---- settings ------------------------------------------------------------------------------ */

static enum venue_outcome answer_setting(struct model_venue *m, const struct venue_call *c,
                                         struct arena *arena, struct venue_reply *r)
{
    char *text = arena_take(arena, 64);

    ASSERT(text != NULL);
    if (c->op == VENUE_GET_STP) {
        snprintf(text, 64, "%s", m->self_trade);
    } else {
        snprintf(text, 64, "%s%s", m->leverage[0] == '\0' ? "" : "PF_XBTUSD=", m->leverage);
    }
    r->setting = bytes_of(text);
    return VENUE_DONE;
}

static enum venue_outcome act_set(struct model_venue *m, const struct venue_call *c,
                                  struct venue_reply *r)
{
    char *to = c->op == VENUE_SET_STP ? m->self_trade : m->leverage;

    if (m->settings_fixed) {
        return refuse_with(r, VENUE_REASON_POSITION, "fixed");
    }
    ASSERT(c->arg_count == 1 && bytes_to_field(c->arg[0].value, to, sizeof m->leverage));
    return VENUE_DONE;
}

static enum venue_outcome carry_out(struct model_venue *m, const struct venue_call *c,
                                    int64_t wall_us, struct arena *arena, struct venue_reply *r)
{
    r->complete = true;
    if (c->op == VENUE_PLACE) {
        return act_place(m, c, wall_us, arena, r);
    } else if (c->op == VENUE_CANCEL) {
        return act_cancel(m, c, wall_us, arena, r);
    } else if (c->op == VENUE_REPLACE) {
        return act_replace(m, c, wall_us, arena, r);
    } else if (c->op == VENUE_CANCEL_ALL) {
        return act_cancel_all(m, c, wall_us, arena, r);
    } else if (c->op == VENUE_STATUS) {
        return answer_status(m, c, arena, r);
    } else if (c->op == VENUE_OPEN_ORDERS) {
        return answer_list(m, c, true, arena, r);
    } else if (c->op == VENUE_ORDER_HISTORY) {
        return answer_list(m, c, false, arena, r);
    } else if (c->op == VENUE_FILLS || c->op == VENUE_EXECUTIONS) {
        return answer_fills(m, c, arena, r);
    } else if (c->op == VENUE_DEADMAN) {
        return act_deadman(m, c, wall_us, r);
    } else if (c->op == VENUE_GET_LEVERAGE || c->op == VENUE_GET_STP) {
        return answer_setting(m, c, arena, r);
    } else if (c->op == VENUE_SET_LEVERAGE || c->op == VENUE_SET_STP) {
        return act_set(m, c, r);
    } else if (c->op == VENUE_INSTRUMENTS) {
        return answer_instruments(arena, r);
    } else if (c->op == VENUE_BATCH) {
        return act_batch(m, c, wall_us, arena, r);
    } else if (c->op == VENUE_POSITIONS) {
        return answer_positions(m, arena, r);
    }
    return VENUE_DONE;
}

/* ---- misbehaviour -------------------------------------------------------------------------- */

static struct model_rule *rule_for(struct model_venue *m, enum venue_op op)
{
    for (size_t i = 0; i < m->rule_count; i++) {
        if (m->rule[i].op == op && m->rule[i].count > 0) {
            m->rule[i].count--;
            return &m->rule[i];
        }
    }
    return NULL;
}

static void keep_late(struct model_venue *m, const struct venue_call *c, int64_t at_us)
{
    for (size_t i = 0; i < c->instruction_count; i++) {
        struct venue_call one = single_call(&c->instruction[i]);

        keep_late(m, &one, at_us);
    }
    if (c->op == VENUE_BATCH) {
        return;
    }
    ASSERT(m->late_count < ARRAY_LEN(m->late));
    m->late[m->late_count].call = *c;
    m->late[m->late_count].at_us = at_us;
    ASSERT(bytes_to_field(c->order.client_id, m->late[m->late_count].client_id,
                          VENUE_CLIENT_ID_MAX + 1));
    ASSERT(bytes_to_field(c->order.symbol, m->late[m->late_count].symbol, SYMBOL_MAX + 1));
    ASSERT(bytes_to_field(c->order.venue_id, m->late[m->late_count].venue_id, VENUE_ID_MAX + 1));
    m->late_count++;
}

static void fire_deadman(struct model_venue *m)
{
    for (size_t i = 0; i < m->order_count; i++) {
        if (m->order[i].status == VENUE_ORDER_OPEN) {
            model_end(&m->order[i], VENUE_ORDER_CANCELED,
                      m->silent ? VENUE_CAUSE_NONE : VENUE_CAUSE_DEADMAN, m->deadman_us);
        }
    }
    m->deadman_us = 0;
}

void model_tick(struct model_venue *m, int64_t wall_us)
{
    struct arena *arena = m->late_count > 0 ? arena_new(16 * 1024 * 1024) : NULL;

    for (size_t i = 0; i < m->order_count; i++) {
        struct model_order *o = &m->order[i];

        if (o->status == VENUE_ORDER_OPEN && o->cancel_us > 0 && wall_us >= o->cancel_us) {
            model_end(o, VENUE_ORDER_CANCELED, VENUE_CAUSE_USER, wall_us);
        }
    }

    if (m->deadman_us > 0 && wall_us >= m->deadman_us) {
        fire_deadman(m);
    }
    for (size_t i = 0; i < m->late_count;) {
        struct venue_reply r = { .http_status = 200 };

        if (wall_us < m->late[i].at_us) {
            i++;
            continue;
        }
        m->late[i].call.order.client_id = bytes_of(m->late[i].client_id);
        m->late[i].call.order.symbol = bytes_of(m->late[i].symbol);
        m->late[i].call.order.venue_id = bytes_of(m->late[i].venue_id);
        (void)carry_out(m, &m->late[i].call, wall_us, arena, &r);
        m->late[i] = m->late[--m->late_count];
    }
    arena_free(arena);
}

/* A call, or an instruction of a batch, with what was ordered to go wrong with it. */
static enum venue_outcome with_faults(struct model_venue *m, const struct venue_call *c,
                                      int64_t wall_us, struct arena *arena, struct venue_reply *r,
                                      const char **why)
{
    struct model_rule *rule = rule_for(m, c->op);
    enum venue_outcome outcome;

    memset(r, 0, sizeof *r);
    r->http_status = 200;
    r->server_us = wall_us + m->skew_us;
    *why = "";
    if (rule == NULL) {
        return carry_out(m, c, wall_us, arena, r);
    }
    switch (rule->fault) {
    case FAULT_ACTED:
        (void)carry_out(m, c, wall_us, arena, r);
        memset(r, 0, sizeof *r);
        *why = "timeout";
        return VENUE_UNKNOWN;
    case FAULT_LOST: *why = "connection reset"; return VENUE_UNKNOWN;
    case FAULT_LATE:
        if (venue_op_acts(c->op)) {
            keep_late(m, c, wall_us + rule->late_us);
        }
        *why = "timeout";
        return VENUE_UNKNOWN;
    case FAULT_HELD: *why = "connection refused"; return VENUE_HELD;
    case FAULT_THROTTLED:
        r->reason = VENUE_REASON_THROTTLED;
        r->retry_after_us = rule->late_us;
        *why = "rate limit";
        return VENUE_HELD;
    case FAULT_REFUSED: return refuse_with(r, rule->reason, "refused");
    case FAULT_WRONG_ORDER:
        outcome = carry_out(m, c, wall_us, arena, r);
        if (r->order_count > 0) {
            r->order[0].client_id = BYTES("somebody-else");
            r->order[0].venue_id = BYTES("v999999");
        }
        return outcome;
    case FAULT_NONE: break;
    }
    return carry_out(m, c, wall_us, arena, r);
}

enum venue_outcome model_call(struct model_venue *m, const struct venue_call *c, int64_t wall_us,
                              struct arena *arena, struct venue_reply *r, const char **why)
{
    m->calls[c->op]++;
    return with_faults(m, c, wall_us, arena, r, why);
}
