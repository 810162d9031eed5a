/*
 * The table that moves orders, the one function that applies a move, and what is computed from an
 * order: leaves, OrdStatus, the text of OrderID. Reports nothing, and knows nothing of calls or
 * sessions.
 */
#include "order.h"

#include "assert.h"
#include "base36.h"

/* An empty cell is ORDER_ILLEGAL. Reached by our own command that is a bug; the engine looks before
 * it acts on a venue's word. */
static const uint8_t next_state[ORDER_STATE_COUNT][ORDER_EVENT_COUNT] = {
    [ORDER_TAKEN] = {
        [EV_SEND] = ORDER_SENT,
        /* ValidUntilTime passed while it waited is a refusal too, so nothing can expire here: the
         * venue never had it. */
        [EV_REFUSE] = ORDER_REJECTED,
        [EV_CANCELED] = ORDER_CANCELED,
        [EV_LATE_FILL] = ORDER_TAKEN,       /* of the leg before */
    },
    [ORDER_SENT] = {
        [EV_HELD] = ORDER_TAKEN,            /* certainly did not act: may be sent again */
        [EV_UNKNOWN] = ORDER_DOUBT,
        [EV_ACK] = ORDER_LIVE,
        [EV_REFUSE] = ORDER_REJECTED,
        [EV_FILL] = ORDER_LIVE,             /* a fill may come before the answer to the call */
        [EV_LAST_FILL] = ORDER_FILLED,
        [EV_CANCELED] = ORDER_CANCELED,     /* accepted and gone at once: IOC, or a venue's two-step
                                             * refusal of a post-only order */
        [EV_EXPIRED] = ORDER_EXPIRED,
        [EV_LATE_FILL] = ORDER_SENT,
    },
    [ORDER_DOUBT] = {
        /* No EV_SEND: what may have happened is asked about, never repeated. */
        [EV_UNKNOWN] = ORDER_DOUBT,         /* its id was learned, and nothing more */
        [EV_ACK] = ORDER_LIVE,
        [EV_REFUSE] = ORDER_REJECTED,
        [EV_ABSENT] = ORDER_REJECTED,       /* only once the venue's request window is over */
        [EV_FILL] = ORDER_LIVE,
        [EV_LAST_FILL] = ORDER_FILLED,
        [EV_CANCELED] = ORDER_CANCELED,
        [EV_EXPIRED] = ORDER_EXPIRED,
        [EV_LATE_FILL] = ORDER_DOUBT,
    },
    [ORDER_LIVE] = {
        /* a fill came first and proved it; the answer follows */
        [EV_ACK] = ORDER_LIVE,
        [EV_FILL] = ORDER_LIVE,
        [EV_LAST_FILL] = ORDER_FILLED,
        [EV_CANCELED] = ORDER_CANCELED,
        [EV_EXPIRED] = ORDER_EXPIRED,
        [EV_REPLACED] = ORDER_LIVE,         /* or done, when nothing is left: see order_apply */
        [EV_REDUCED] = ORDER_LIVE,          /* likewise */
        [EV_CORRECTED] = ORDER_LIVE,        /* likewise */
        [EV_WITHDRAWN] = ORDER_TAKEN,       /* the next leg waits to be sent */
        [EV_LATE_FILL] = ORDER_LIVE,
        [EV_TRIGGERED] = ORDER_LIVE,
    },
    [ORDER_FILLED] = {
        /* beyond the quantity, or an amend raced a fill: it happened */
        [EV_FILL] = ORDER_FILLED,
        [EV_CORRECTED] = ORDER_FILLED,      /* or canceled, when less is left: see order_apply */
        [EV_LATE_FILL] = ORDER_FILLED,
    },
    /* What the venue tells late is still told. A late fill of an order that ended before anybody
     * said that it had begun acknowledges it first. */
    [ORDER_CANCELED] = {
        [EV_ACK] = ORDER_CANCELED,
        [EV_FILL] = ORDER_CANCELED,
        [EV_CORRECTED] = ORDER_CANCELED,
        [EV_LATE_FILL] = ORDER_CANCELED,
    },
    [ORDER_EXPIRED] = {
        [EV_ACK] = ORDER_EXPIRED,
        [EV_FILL] = ORDER_EXPIRED,
        [EV_CORRECTED] = ORDER_EXPIRED,
        [EV_LATE_FILL] = ORDER_EXPIRED,
    },
    /* ORDER_REJECTED: nothing. A fill there contradicts what the client was told; the engine raises
     * the alarm and a person decides. */
};

const char *order_state_text(enum order_state s)
{
    switch (s) {
    case ORDER_ILLEGAL: return "illegal";
    case ORDER_TAKEN: return "taken";
    case ORDER_SENT: return "sent";
    case ORDER_DOUBT: return "doubt";
    case ORDER_LIVE: return "live";
    case ORDER_FILLED: return "filled";
    case ORDER_CANCELED: return "canceled";
    case ORDER_REJECTED: return "rejected";
    case ORDER_EXPIRED: return "expired";
    case ORDER_STATE_COUNT: break;
    }
    UNREACHABLE();
}

const char *order_event_text(enum order_event e)
{
    switch (e) {
    case EV_SEND: return "send";
    case EV_HELD: return "held";
    case EV_UNKNOWN: return "unknown";
    case EV_ACK: return "ack";
    case EV_REFUSE: return "refuse";
    case EV_ABSENT: return "absent";
    case EV_FILL: return "fill";
    case EV_LAST_FILL: return "last-fill";
    case EV_CANCELED: return "canceled";
    case EV_EXPIRED: return "expired";
    case EV_REPLACED: return "replaced";
    case EV_REDUCED: return "reduced";
    case EV_CORRECTED: return "corrected";
    case EV_WITHDRAWN: return "withdrawn";
    case EV_LATE_FILL: return "late-fill";
    case EV_TRIGGERED: return "triggered";
    case ORDER_EVENT_COUNT: break;
    }
    UNREACHABLE();
}

enum order_state order_next_state(enum order_state s, enum order_event e)
{
    ASSERT((unsigned)s < ORDER_STATE_COUNT && (unsigned)e < ORDER_EVENT_COUNT);
    return (enum order_state)next_state[s][e];
}

bool order_is_live(const struct order *o)
{
    return o->state == ORDER_TAKEN || o->state == ORDER_SENT || o->state == ORDER_DOUBT ||
           o->state == ORDER_LIVE;
}

bool order_terms_sized(const struct order_terms *t)
{
    return decimal_sign(t->cash_qty) == 0 || decimal_sign(t->qty) > 0;
}

bool order_terms_trigger(const struct order_terms *t)
{
    switch (t->type) {
    case VENUE_STOP_MARKET:
    case VENUE_STOP_LIMIT:
    case VENUE_TAKE_MARKET:
    case VENUE_TAKE_LIMIT:
    case VENUE_TRAILING: return true;
    case VENUE_MARKET:
    case VENUE_LIMIT: return false;
    }
    return false; /* not an order yet */
}

bool order_is_trigger(const struct order *o)
{
    return !o->fired && order_terms_trigger(&o->terms);
}

bool order_is_venue_made(const struct order *o)
{
    return o->fired && o->leg == o->fired_leg;
}

struct request *request_oldest(struct order *o, enum request_kind kind)
{
    struct request *r;

    for (r = o->request; r != NULL && r->kind != kind; r = r->next) {
    }
    return r;
}

struct request *request_by_id(struct order *o, uint64_t id)
{
    struct request *r;

    for (r = o->request; r != NULL && r->id != id; r = r->next) {
    }
    return r;
}

struct request *order_placing(const struct order *o)
{
    struct request *r;

    for (r = o->request; r != NULL && r->state != REQUEST_PLACING; r = r->next) {
    }
    return r;
}

bool replace_is_filled(const struct order *o, const struct request *r)
{
    return r->kind != REQUEST_CANCEL && decimal_compare(r->terms.qty, o->cum_qty) <= 0;
}

struct decimal order_leg_base(const struct order *o)
{
    struct decimal base;

    return decimal_sub(o->cum_qty, o->leg_cum, &base) ? base : DECIMAL_ZERO;
}

const struct order_terms *order_venue_terms(const struct order *o)
{
    const struct request *r = order_placing(o);

    return r != NULL ? &r->terms : &o->terms;
}

struct decimal order_venue_qty(const struct order *o)
{
    const struct request *r = order_placing(o);
    struct decimal rest;

    if (r != NULL && o->state == ORDER_TAKEN && decimal_sub(r->terms.qty, o->cum_qty, &rest)) {
        return rest;
    }
    return o->leg > 0 ? o->leg_qty : o->terms.qty;
}

struct decimal order_leaves(const struct order *o)
{
    struct decimal leaves;

    if (!order_is_live(o) || !order_terms_sized(&o->terms) ||
        !decimal_sub(o->terms.qty, o->cum_qty, &leaves) || leaves.mantissa < 0) {
        return DECIMAL_ZERO;
    }
    return leaves;
}

struct decimal order_venue_cum(const struct order *o)
{
    struct decimal cum;

    return decimal_add(o->cum_qty, o->taken_back, &cum) ? cum : o->cum_qty;
}

/* ---- moves --------------------------------------------------------------------------------- */

static bool apply_fill(struct order *o, const struct order_change *c, enum order_state to)
{
    struct avg_px avg = o->avg, leg_avg = o->leg_avg;
    struct decimal cum, leg_cum = o->leg_cum;

    if (decimal_sign(c->qty) <= 0 || !decimal_add(o->cum_qty, c->qty, &cum) ||
        !avg_px_add(&avg, o->inverse, c->qty, c->px)) {
        return false;
    }
    /* The caller says that it was the last one; both must have done the same sum. The other way
     * round a full quantity may stay open: a replace to more is under way. */
    if (order_is_live(o) && c->event == EV_LAST_FILL && decimal_compare(cum, o->terms.qty) < 0) {
        return false;
    }
    if (c->event != EV_LATE_FILL && (!decimal_add(o->leg_cum, c->qty, &leg_cum) ||
                                     !avg_px_add(&leg_avg, o->inverse, c->qty, c->px))) {
        return false;
    }
    o->cum_qty = cum;
    o->avg = avg;
    o->leg_cum = leg_cum;
    o->leg_avg = leg_avg;
    o->state = to;
    return true;
}

/* What rested is gone; the next leg begins with nothing filled. */
static bool apply_withdrawn(struct order *o, enum order_state to)
{
    struct request *r;

    for (r = o->request; r != NULL && r->kind != REQUEST_SWAP; r = r->next) {
    }
    if (r == NULL) {
        return false;
    }
    r->state = REQUEST_PLACING;
    o->state = to;
    o->leg++;
    o->leg_qty = o->leg_cum = DECIMAL_ZERO;
    o->leg_avg = (struct avg_px){ 0 };
    o->acked = false;
    o->venue_id = "";
    return true;
}

/* New terms, or a new total quantity. With nothing left the order is done: filled, or canceled when
 * nothing ever was. */
static bool apply_terms(struct order *o, const struct order_terms *terms)
{
    if (decimal_sign(terms->qty) < 0) {
        return false;
    }
    if (o->leg > 0 && !decimal_sub(terms->qty, order_leg_base(o), &o->leg_qty)) {
        return false;
    }
    o->terms = *terms;
    if (decimal_compare(terms->qty, o->cum_qty) <= 0) {
        o->state = decimal_sign(o->cum_qty) > 0 ? ORDER_FILLED : ORDER_CANCELED;
    }
    return true;
}

/* What the fills come to now. An order that was done stays done: the venue has it no more, so what
 * a bust took back is not filled again. */
static bool apply_correction(struct order *o, const struct order_change *c, enum order_state to)
{
    bool full = decimal_compare(c->qty, o->terms.qty) >= 0;
    struct decimal less;

    if (decimal_sign(c->qty) < 0) {
        return false;
    }
    if (!decimal_sub(o->cum_qty, c->qty, &less) ||
        !decimal_add(o->taken_back, less, &o->taken_back)) {
        return false;
    }
    o->cum_qty = c->qty;
    o->avg = *c->avg;
    if (o->leg == 0) {
        o->leg_cum = o->cum_qty;
        o->leg_avg = o->avg;
    }
    o->state = to == ORDER_LIVE && full      ? ORDER_FILLED
               : to == ORDER_FILLED && !full ? ORDER_CANCELED
                                             : to;
    return true;
}

bool order_apply(struct order *o, const struct order_change *c)
{
    enum order_state to = order_next_state(o->state, c->event);
    struct order_terms terms;

    if (to == ORDER_ILLEGAL) {
        return false;
    }
    switch (c->event) {
    case EV_FILL:
    case EV_LATE_FILL:
    case EV_LAST_FILL: return apply_fill(o, c, to);
    case EV_CORRECTED: ASSERT(c->avg != NULL); return apply_correction(o, c, to);
    case EV_WITHDRAWN: return apply_withdrawn(o, to);
    case EV_REPLACED:
        ASSERT(c->terms != NULL);
        terms = *c->terms;
        terms.qty = decimal_compare(terms.qty, o->cum_qty) < 0 ? o->cum_qty : terms.qty;
        return apply_terms(o, &terms);
    case EV_REDUCED:
        terms = o->terms;
        terms.qty = c->qty;
        return apply_terms(o, &terms);
    case EV_TRIGGERED:
        o->triggered = true;
        o->state = to;
        return true;
    case EV_SEND:
        if (o->leg > 0) {
            o->leg_qty = order_venue_qty(o);
        }
        o->state = to;
        return true;
    case EV_HELD:
    case EV_UNKNOWN:
    case EV_ACK:
    case EV_REFUSE:
    case EV_ABSENT:
    case EV_CANCELED:
    case EV_EXPIRED: o->state = to; return true;
    case ORDER_EVENT_COUNT: break;
    }
    UNREACHABLE();
}

/* ---- OrdStatus ----------------------------------------------------------------------------- */

static bool has_request(const struct order *o, bool cancel)
{
    for (const struct request *r = o->request; r != NULL; r = r->next) {
        if ((r->kind == REQUEST_CANCEL) == cancel) {
            return true;
        }
    }
    return false;
}

/* One that an OrderCancelReject (9) will answer. */
static bool has_open(const struct order *o, enum request_kind kind)
{
    for (const struct request *r = o->request; r != NULL; r = r->next) {
        if (r->kind == kind && r->mass_id == 0 && r->cl_ord_id[0] != '\0') {
            return true;
        }
    }
    return false;
}

char order_status(const struct order *o)
{
    switch (o->state) {
    case ORDER_FILLED:
        /* FIX 4.4 vol. 4, order of precedence: what the client asked and is not answered yet comes
         * first; its OrderCancelReject then tells 39=2. */
        return has_open(o, REQUEST_CANCEL)                                 ? '6'
               : has_open(o, REQUEST_REPLACE) || has_open(o, REQUEST_SWAP) ? 'E'
                                                                           : '2';
    case ORDER_CANCELED: return '4'; /* also when a late fill came after it */
    case ORDER_REJECTED: return '8';
    case ORDER_EXPIRED: return 'C';
    case ORDER_TAKEN:
    case ORDER_SENT:
    case ORDER_DOUBT:
    case ORDER_LIVE:
        if (has_request(o, true)) {
            return '6';
        }
        if (has_request(o, false)) {
            return 'E';
        }
        if (decimal_sign(o->cum_qty) > 0) {
            return '1';
        }
        return o->state == ORDER_LIVE ? '0' : 'A';
    case ORDER_ILLEGAL:
    case ORDER_STATE_COUNT: break;
    }
    UNREACHABLE();
}

/* ---- OrderID ------------------------------------------------------------------------------- */

void order_id_text(uint64_t id, char out[ORDER_ID_TEXT_MAX])
{
    memcpy(out, "FB-", 3);
    out[3 + base36_print(id, out + 3)] = '\0';
}

bool order_id_parse(struct bytes text, uint64_t *id)
{
    return text.size > 3 && memcmp(text.data, "FB-", 3) == 0 &&
           base36_parse((struct bytes){ text.data + 3, text.size - 3 }, id);
}
