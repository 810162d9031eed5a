/*
 * B2PRIME: orders and stop orders placed and cancelled. A place answers before the exchange has
 * looked at the order; a cancel answers with what became of it.
 */
#include "venuesim_b2prime.h"

/* ---- place --------------------------------------------------------------------------------- */

struct b2_deed {
    struct sim_order *order;
};

static void release_deed(struct sim *s, void *context)
{
    struct b2_deed *d = context;

    if (d->order->state == SIM_HELD && !d->order->triggered) { /* a cancel may have released it */
        (void)sim_release(s->engine, d->order);
    }
}

static void engine_refused(struct b2_call *c, enum sim_result r)
{
    static const struct {
        enum sim_result result;
        const char *text;
    } texts[] = {
        { SIM_NO_FUNDS, "Insufficient balance" },
        { SIM_MAX_POSITION, "The amount is above the maximum of the market" },
        { SIM_TOO_MANY, "Too many open orders" },
        { SIM_SUSPENDED, "The market is paused" },
        { SIM_INACTIVE, "The market is halted" },
        { SIM_POST_ONLY_MARKET, "The market is paused" },
        { SIM_BAD_SIZE, "The amount does not fit the amount scale" },
        { SIM_BAD_PRICE, "The price does not fit the price scale" },
        { SIM_COLLAR, "The price deviation is above the limit" },
    };
    size_t n;

    for (n = 0; n < ARRAY_LEN(texts); n++) {
        if (texts[n].result == r) {
            b2_error(c, 400, "%s", texts[n].text);
            return;
        }
    }
    b2_error(c, 400, "The order cannot be placed");
}

static struct sim_order *place(struct b2_call *c, bool stop)
{
    struct sim_terms t = { 0 };
    struct b2_deed d = { NULL };
    enum sim_result r;

    if (!b2_read_order(c, &t, stop)) {
        return NULL;
    }
    r = sim_place(c->engine, c->account, &t, &d.order);
    if (d.order == NULL) {
        engine_refused(c, r);
        return NULL;
    }
    if (r == SIM_HOLD) {
        sim_later(c->sim, d.order->instrument->hold_us, release_deed, &d, sizeof d);
    }
    return d.order;
}

static void short_answer(struct b2_call *c, const char *id, const char *status)
{
    buf_printf(c->out, "{\"order\":{\"orderId\":\"%s\"", id);
    text_member(c->out, "status", status);
    buf_text(c->out, "}}");
    answer_note(&c->req->answer, "%s %s", id, status);
}

void b2_place(struct b2_call *c)
{
    const struct sim_order *o = place(c, false);

    if (o == NULL) {
        return;
    }
    if (c->route->kind == B2_SPOT) {
        b2_order_json(c, o);
    } else {
        short_answer(c, o->id, b2_status(o));
    }
}

void b2_place_stop(struct b2_call *c)
{
    struct sim_order *o = place(c, true);

    if (o == NULL) {
        return;
    }
    /* The order it becomes has another id. */
    sim_uuid(c->engine, o->child_id);
    if (!map_put(c->engine->by_id, bytes_of(o->child_id), o)) {
        fprintf(stderr, "venuesim: out of memory\n");
    }
    if (c->route->kind == B2_SPOT) {
        b2_stop_json(c, o, true);
    } else {
        short_answer(c, o->id, b2_stop_status(o));
    }
}

/* ---- cancel -------------------------------------------------------------------------------- */

/* Stop orders and orders have ids of their own. */
static struct sim_order *find(struct b2_call *c, bool stop)
{
    struct sim_order *o = sim_order_find(c->engine, c->account, c->id, BYTES(""));

    if (o == NULL || (o->extra.flags & B2_SYSTEM) != 0) {
        return NULL;
    }
    if (stop) {
        return (o->extra.flags & B2_STOP) != 0 && bytes_is(c->id, o->id) ? o : NULL;
    }
    if ((o->extra.flags & B2_STOP) != 0) {
        return o->triggered && bytes_is(c->id, o->child_id) ? o : NULL;
    }
    return o;
}

static struct sim_order *to_cancel(struct b2_call *c, bool stop)
{
    struct sim_order *o = find(c, stop);

    if (o == NULL) {
        b2_error(c, 404, "The order is not found");
        return NULL;
    }
    if (o->state == SIM_HELD && !o->triggered) {
        (void)sim_release(c->engine, o); /* what is cancelled must have arrived */
    }
    if (o->closed_us != 0 || (stop && o->triggered)) {
        b2_error(c, 400, "The order is already %s", stop ? b2_stop_status(o) : b2_status(o));
        return NULL;
    }
    (void)sim_cancel(c->engine, o, SIM_BY_USER);
    return o;
}

void b2_cancel(struct b2_call *c)
{
    const struct sim_order *o = to_cancel(c, false);

    if (o != NULL) {
        b2_order_json(c, o);
    }
}

void b2_cancel_stop(struct b2_call *c)
{
    const struct sim_order *o = to_cancel(c, true);

    if (o != NULL) {
        b2_stop_json(c, o, false);
    }
}

/* ---- what ends by itself ------------------------------------------------------------------- */

static bool flat(const struct b2_call *c, const struct sim_order *o)
{
    return decimal_sign(sim_position_of(o->account, c->engine, o->instrument)->size) == 0;
}

void b2_expire(struct b2_call *c)
{
    struct sim_order *o = c->account == NULL ? NULL : c->account->open_first;

    while (o != NULL) {
        struct sim_order *next = o->open_next;

        if (o->extra.expires_us > 0 && o->extra.expires_us <= c->engine->now_us) {
            (void)sim_cancel(c->engine, o, SIM_BY_EXPIRED);
        } else if ((o->extra.flags & B2_SYSTEM) != 0 && flat(c, o)) {
            (void)sim_cancel(c->engine, o, SIM_BY_NOT_REDUCING);
        }
        o = next;
    }
}
