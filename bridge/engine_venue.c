/*
 * Venue calls about orders: which goes next under the account's rate windows, and starting it.
 * Actions on one order are serialised, since venues promise no order between two requests. Cancels
 * go first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "engine_internal.h"

#define SCAN_US (50 * US_PER_MS)

/* ---- queues -------------------------------------------------------------------------------- */

void queue_push(struct engine *e, struct account *a, enum queue_kind kind, struct order *o)
{
    struct queue *q = &a->queue[kind];

    account_touch(e, a);
    if (o->queued[kind]) {
        return;
    }
    o->queued[kind] = true;
    o->queue_next[kind] = NULL;
    if (q->last != NULL) {
        q->last->queue_next[kind] = o;
    } else {
        q->first = o;
    }
    q->last = o;
    q->count++;
}

static void queue_push_front(struct account *a, enum queue_kind kind, struct order *o)
{
    struct queue *q = &a->queue[kind];

    if (o->queued[kind]) {
        return;
    }
    o->queued[kind] = true;
    o->queue_next[kind] = q->first;
    q->first = o;
    if (q->last == NULL) {
        q->last = o;
    }
    q->count++;
}

static struct order *queue_pop(struct account *a, enum queue_kind kind)
{
    struct queue *q = &a->queue[kind];
    struct order *o = q->first;

    if (o != NULL) {
        q->first = o->queue_next[kind];
        if (q->first == NULL) {
            q->last = NULL;
        }
        q->count--;
        o->queued[kind] = false;
    }
    return o;
}

void queue_drop_in_call(struct account *a, enum queue_kind kind)
{
    struct queue *q = &a->queue[kind];
    struct order **at = &q->first;

    q->last = NULL;
    while (*at != NULL) {
        struct order *o = *at;

        if (o->in_call) {
            *at = o->queue_next[kind];
            o->queued[kind] = false;
            q->count--;
        } else {
            q->last = o;
            at = &o->queue_next[kind];
        }
    }
}

/* ---- what an order wants ------------------------------------------------------------------- */

/* The next call about this order, if one may be made now. A cancel overtakes replaces that did not
 * leave; an order in doubt can be canceled by the id we gave it, but not replaced. */
bool order_next_work(const struct engine *e, struct order *o, bool knows_ids, struct work *w)
{
    struct request *r;
    bool named = o->venue_id[0] != '\0' || knows_ids;

    if (o->in_call || o->end_known || !order_is_live(o)) {
        return false;
    }
    if (o->state == ORDER_TAKEN) {
        *w = (struct work){ CALL_PLACE, QUEUE_ORDER, NULL };
        return true;
    }
    if (o->request == NULL) {
        return false;
    }
    r = request_oldest(o, REQUEST_CANCEL);
    if (r != NULL && r->state == REQUEST_TAKEN && named) {
        *w = (struct work){ CALL_CANCEL, QUEUE_CANCEL, r };
        return true;
    }
    r = o->request;
    if (o->state != ORDER_LIVE || r == NULL || r->kind == REQUEST_CANCEL ||
        r->state != REQUEST_TAKEN) {
        return false;
    }
    if (swap_cancels_rest(e, o, r)) {
        *w = (struct work){ CALL_CANCEL, QUEUE_CANCEL, r };
        return named;
    }
    *w = (struct work){ r->kind == REQUEST_SWAP ? CALL_CANCEL : CALL_REPLACE, QUEUE_ORDER, r };
    return r->kind == REQUEST_REPLACE || named;
}

void order_schedule(struct engine *e, struct order *o)
{
    struct account *a = engine_account_of(e, o);
    struct work w;

    if (a != NULL && order_next_work(e, o, account_knows_ids(a), &w)) {
        queue_push(e, a, w.queue, o);
    }
}

/* ---- starting calls ------------------------------------------------------------------------ */

bool account_may_call(struct engine *e, struct account *a, const struct venue_call *c,
                      enum rate_priority p)
{
    if (e->now.mono_us < a->backoff_us) {
        wake_at(a, a->backoff_us);
        return false;
    }
    if (a->calls >= a->cfg->calls_max) {
        return false; /* the next result runs the account again */
    }
    for (size_t i = 0; a->cfg->rate_limit && i < a->window_count; i++) {
        uint32_t cost = venue_call_cost(a->cfg->driver, c, i);

        if (cost == 0) {
            continue;
        }
        if (!rate_check(&a->rate[i], cost, p, e->now.mono_us)) {
            wake_at(a, rate_ready_at(&a->rate[i], cost, p, e->now.mono_us));
            return false;
        }
        if (p == RATE_POLL && !rate_check(&a->poll_rate[i], cost, p, e->now.mono_us)) {
            wake_at(a, rate_ready_at(&a->poll_rate[i], cost, p, e->now.mono_us));
            return false;
        }
    }
    return true;
}

#define CALL_SLOT_BITS 20

static struct call *call_new(struct engine *e)
{
    struct call *c = e->call_free;

    if (c != NULL) {
        e->call_free = c->next_free;
    } else {
        struct call **grown = realloc(e->call, (e->call_count + 1) * sizeof *grown);

        if (grown == NULL || e->call_count >> CALL_SLOT_BITS != 0) {
            return NULL;
        }
        e->call = grown;
        c = e->call[e->call_count] = calloc(1, sizeof *c);
        if (c == NULL) {
            return NULL;
        }
        c->id = e->call_count++; /* until the first use: its slot */
    }
    c->id = ++e->call_generation << CALL_SLOT_BITS | (c->id & ((1u << CALL_SLOT_BITS) - 1));
    return c;
}

struct call *call_find(const struct engine *e, uint64_t id)
{
    uint64_t slot = id & ((1u << CALL_SLOT_BITS) - 1);

    return slot < e->call_count && e->call[slot]->id == id ? e->call[slot] : NULL;
}

/* The id stays, so that the slot is known; its generation will not come again. */
void call_end(struct engine *e, struct call *c)
{
    batch_free(c->batch);
    c->batch = NULL;
    c->next_free = e->call_free;
    e->call_free = c;
}

/* Since when somebody waits for it; 0: nobody asked for it. */
static int64_t call_taken_us(const struct call *c)
{
    const struct request *r;

    if (c->order == NULL || c->request == 0) {
        return c->order == NULL ? 0 : c->order->taken_us;
    }
    r = request_by_id(c->order, c->request);
    return r == NULL ? 0 : r->taken_us;
}

struct call *call_start(struct engine *e, struct account *a, enum call_purpose purpose,
                        const struct venue_call *vc, uint64_t request, struct order *o,
                        uint64_t mass)
{
    struct call *c = call_new(e);
    struct slot *s = c == NULL ? NULL : engine_slot(e, EFFECT_VENUE_CALL);

    if (s == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < a->window_count; i++) {
        uint32_t cost = venue_call_cost(a->cfg->driver, vc, i);

        rate_take(&a->rate[i], cost, e->now.mono_us);
        if (purpose >= CALL_PASS) {
            rate_take(&a->poll_rate[i], cost, e->now.mono_us);
        }
    }
    c->account = a->index;
    c->purpose = purpose;
    c->call = *vc;
    c->order = o;
    c->request = request;
    c->mass = mass;
    c->batch = NULL;
    c->started = e->now;
    c->call.wall_us = e->now.wall_us + a->clock_offset_us;
    if (o != NULL) {
        o->in_call = true;
    }
    a->calls++;
    e->calls_under_way++;
    s->effect.venue.id = c->id;
    s->effect.venue.account = a->index;
    s->effect.venue.call = &c->call;
    s->effect.venue.timeout_ms = a->cfg->call_timeout_ms;
    s->effect.venue.order = o == NULL ? 0 : o->id;
    s->effect.venue.taken_us = call_taken_us(c);
    return c;
}

/* From when on (our wall clock) the venue's "I know nothing of it" is final: the request can no
 * longer be processed, and the answer had time to show everywhere. */
int64_t account_ready_us(const struct account *a, int64_t now_wall_us)
{
    const struct venue_driver *d = a->cfg->driver;
    int64_t window = d->process_before_us > 0 ? d->process_before_us
                                              : (int64_t)a->cfg->call_timeout_ms * US_PER_MS;

    return now_wall_us + window + d->lookup_settle_us;
}

/* A trigger that fired is a plain order from then on; the one the venue made of it has no id of
 * ours. */
static void as_plain(struct venue_order *v, bool venue_made)
{
    v->type =
        v->type == VENUE_STOP_LIMIT || v->type == VENUE_TAKE_LIMIT ? VENUE_LIMIT : VENUE_MARKET;
    v->stop_price = DECIMAL_ZERO;
    v->trigger = VENUE_TRIGGER_DEFAULT;
    v->trail_unit = VENUE_OFFSET_NONE;
    v->trail = DECIMAL_ZERO;
    if (venue_made) {
        v->client_id = (struct bytes){ NULL, 0 };
    }
}

void order_venue_form(const struct engine *e, const struct account *a, const struct order *o,
                      const struct request *change, struct venue_order *v)
{
    const struct order_terms *t = change != NULL ? &change->terms : order_venue_terms(o);

    *v = (struct venue_order){
        .symbol = bytes_of(o->venue_symbol),
        .client_id = bytes_of(o->client_id),
        .venue_id = bytes_of(o->venue_id),
        .side = o->side,
        .type = t->type,
        .tif = t->tif,
        .qty = change != NULL ? t->qty : order_venue_qty(o),
        .price = t->price,
        .stop_price = t->stop_price,
        .trigger = t->trigger,
        .post_only = t->post_only,
        .reduce_only = t->reduce_only,
        .trail_unit = t->trail_unit,
        .trail = t->trail,
        .expire_us = t->expire_us,
        .position = t->position,
        .stp = t->stp,
        .qty_is_quote = decimal_sign(t->cash_qty) > 0,
        .has_take_profit = decimal_sign(t->take_profit) > 0,
        .has_stop_loss = decimal_sign(t->stop_loss) > 0,
        .has_take_profit_limit = decimal_sign(t->take_profit_limit) > 0,
        .has_stop_loss_limit = decimal_sign(t->stop_loss_limit) > 0,
        .take_profit = t->take_profit,
        .stop_loss = t->stop_loss,
        .take_profit_limit = t->take_profit_limit,
        .stop_loss_limit = t->stop_loss_limit,
    };

    if (v->qty_is_quote) {
        v->qty = t->cash_qty;
    }

    if (o->fired) {
        as_plain(v, order_is_venue_made(o));
    }
    if (a->cfg->driver->process_before_us > 0) {
        v->process_before_us =
            e->now.wall_us + a->clock_offset_us + a->cfg->driver->process_before_us;
    }
}

static void call_of(const struct engine *e, const struct account *a, const struct order *o,
                    const struct work *w, struct venue_call *c)
{
    static const enum venue_op op[] = {
        [CALL_PLACE] = VENUE_PLACE, [CALL_CANCEL] = VENUE_CANCEL, [CALL_REPLACE] = VENUE_REPLACE
    };

    *c = (struct venue_call){ .op = op[w->purpose] };
    order_venue_form(e, a, o, w->purpose == CALL_REPLACE ? w->request : NULL, &c->order);
    c->symbol = c->order.symbol;
    if (c->op == VENUE_REPLACE) {
        /* Attached exits cannot be changed; what is not named stays as it is. */
        c->order.has_take_profit = c->order.has_stop_loss = false;
        c->order.has_take_profit_limit = c->order.has_stop_loss_limit = false;
    }
}

static void start_work(struct engine *e, struct account *a, struct order *o, const struct work *w,
                       const struct venue_call *c)
{
    int64_t ready_us = account_ready_us(a, e->now.wall_us);

    if (w->purpose == CALL_PLACE) {
        order_sent(e, o, ready_us);
    } else {
        request_state_set(e, o, w->request, REQUEST_SENT, ready_us);
    }
    if (call_start(e, a, w->purpose, c, w->request == NULL ? 0 : w->request->id, o, 0) == NULL) {
        assert_failed(__FILE__, __LINE__, "out of memory");
    }
}

/* ---- orders and requests that waited too long ---------------------------------------------- */

bool order_waited_too_long(const struct engine *e, const struct account *a, const struct order *o)
{
    /* A later leg is an order that rested already: it may wait as long as a cancel. */
    uint32_t wait_ms = o->leg > 0 ? a->cfg->cancel_wait_max_ms : a->cfg->order_wait_max_ms;

    return o->state == ORDER_TAKEN && !o->in_call &&
           ((o->leg == 0 && o->valid_until_us > 0 && e->now.wall_us > o->valid_until_us) ||
            e->now.wall_us - o->queued_us > (int64_t)wait_ms * US_PER_MS);
}

static bool expire_order(struct engine *e, struct account *a, struct order *o)
{
    struct refusal no;
    const char *why;
    bool unknown;

    if (!order_waited_too_long(e, a, o)) {
        return false;
    }
    if (o->leg == 0 && o->valid_until_us > 0 && e->now.wall_us > o->valid_until_us) {
        order_refuse(e, o, EV_REFUSE, 8,
                     BYTES("ValidUntilTime(62) has passed before it could be sent"));
        return true;
    }
    unknown = order_settings_gate(e, a, o, &no) == SETTING_GATE_WAIT;
    why = a->down       ? "venue cannot be reached; order was not sent"
          : a->settling ? "account is being settled after a restart; order was not sent"
          : unknown     ? "the account's settings are not known yet; order was not sent"
                        : "venue rate limit: order was not sent";
    order_refuse(e, o, EV_REFUSE, a->down || a->settling || unknown ? 2 : 3, bytes_of(why));
    return true;
}

static bool expire_request(struct engine *e, struct account *a, struct order *o)
{
    for (struct request *r = o->request; r != NULL; r = r->next) {
        if (r->state == REQUEST_TAKEN && !o->in_call &&
            e->now.wall_us - r->taken_us > (int64_t)a->cfg->cancel_wait_max_ms * US_PER_MS) {
            request_rejected(e, o, r, 99,
                             BYTES("not sent to the venue in time; the order is unchanged"));
            return true;
        }
    }
    return false;
}

static void scan_queue(struct engine *e, struct account *a, enum queue_kind kind)
{
    for (size_t left = a->queue[kind].count; left > 0; left--) {
        struct order *o = queue_pop(a, kind);

        if (!expire_order(e, a, o)) {
            while (expire_request(e, a, o)) {
            }
        }
        order_schedule(e, o);
    }
}

/* ---- the account's turn -------------------------------------------------------------------- */

bool account_clock_known(const struct account *a)
{
    return a->clock_error_us > 0 || !account_has_op(a, VENUE_TIME);
}

/* What is canceled to be replaced must be able to be placed again at once. */
static bool swap_may_start(struct engine *e, struct account *a, const struct order *o,
                           const struct venue_call *cancel, const struct work *w)
{
    struct venue_call place;

    if (w->request == NULL || w->request->kind != REQUEST_SWAP ||
        swap_cancels_rest(e, o, w->request)) {
        return true;
    }
    place = *cancel;
    place.op = VENUE_PLACE;
    return !a->settling && account_may_call(e, a, &place, RATE_ORDER);
}

static bool gate_open(const struct account *a, const struct work *w)
{
    return account_clock_known(a) && (w->purpose == CALL_CANCEL || !a->settling);
}

/* What the account's settings mean for this call. False: not now; it was refused, or waits. */
static bool settings_allow(struct engine *e, struct account *a, struct order *o,
                           const struct work *w, bool *waits)
{
    struct refusal no;
    enum setting_gate gate = SETTING_GATE_OPEN;

    if (w->purpose == CALL_PLACE) {
        gate = order_settings_gate(e, a, o, &no);
    } else if (w->purpose == CALL_REPLACE) {
        gate = account_settings_gate(a, &no);
    }
    if (w->purpose == CALL_REPLACE && order_needs_swap(e, o)) {
        /* It was to cancel the rest of what was filled that far, and a fill was taken back. */
        gate = SETTING_GATE_SHUT;
        refuse(&no, REFUSAL_ORDER, 2, "the venue cannot change an order");
    }
    *waits = gate == SETTING_GATE_WAIT;
    if (gate == SETTING_GATE_SHUT && w->purpose == CALL_PLACE) {
        order_refuse(e, o, EV_REFUSE, no.reason, bytes_of(no.text));
    } else if (gate == SETTING_GATE_SHUT) {
        request_rejected(e, o, w->request, 2, bytes_of(no.text));
    }
    return gate == SETTING_GATE_OPEN;
}

static void run_queue(struct engine *e, struct account *a, enum queue_kind kind,
                      enum rate_priority p)
{
    size_t skips = 0;

    while (a->queue[kind].first != NULL) {
        struct order *o = queue_pop(a, kind);
        struct work w;
        struct venue_call c;
        bool waits;

        if (!order_next_work(e, o, account_knows_ids(a), &w)) {
            continue;
        }
        if (w.queue != kind) {
            queue_push(e, a, w.queue, o);
            continue;
        }
        if (expire_order(e, a, o)) {
            continue;
        }
        if (!settings_allow(e, a, o, &w, &waits) && !waits) {
            order_schedule(e, o);
            continue;
        }
        if (waits || (w.purpose == CALL_PLACE && !order_shape_is_free(e, a, o))) {
            queue_push(e, a, kind, o);
            if (++skips >= a->queue[kind].count) {
                return; /* the next result runs the account again */
            }
            continue;
        }
        if (gate_open(a, &w) && batch_start(e, a, kind, p, o, &w)) {
            continue;
        }
        call_of(e, a, o, &w, &c);
        if (!gate_open(a, &w) || !account_may_call(e, a, &c, p) ||
            !swap_may_start(e, a, o, &c, &w)) {
            queue_push_front(a, kind, o);
            return;
        }
        start_work(e, a, o, &w, &c);
    }
}

void account_run_orders(struct engine *e, struct account *a)
{
    if (a->queue[QUEUE_CANCEL].first == NULL && a->queue[QUEUE_ORDER].first == NULL) {
        return;
    }
    run_queue(e, a, QUEUE_CANCEL, RATE_CANCEL);
    run_queue(e, a, QUEUE_ORDER, RATE_ORDER);
    if (a->queue[QUEUE_CANCEL].first == NULL && a->queue[QUEUE_ORDER].first == NULL) {
        return;
    }
    if (e->now.mono_us >= a->scan_us) {
        scan_queue(e, a, QUEUE_CANCEL);
        scan_queue(e, a, QUEUE_ORDER);
        a->scan_us = e->now.mono_us + SCAN_US;
    }
    wake_at(a, a->scan_us);
}
