/*
 * B2PRIME: positions closed and protected, on a netting account. Which execution belongs to which
 * position is noted as it happens. Answers say that a request was accepted; a close names no order.
 */
#include "venuesim_b2prime.h"

#include <cjson/cJSON.h>

/* ---- notes --------------------------------------------------------------------------------- */

static struct decimal before_of(const struct sim_exec *x)
{
    return x->order->side == SIM_BUY ? sim_sub(x->position_after, x->qty)
                                     : sim_add(x->position_after, x->qty);
}

void b2_take_note(struct sim_engine *e, const struct sim_exec *x)
{
    const struct sim_order *o = x->order;
    struct b2_account *own = o->account->auth;
    size_t market = (size_t)(o->instrument - e->instrument);
    int was = decimal_sign(before_of(x));
    int is = decimal_sign(x->position_after);
    struct b2_note *n;

    if (own->note_count >= o->account->exec_count) {
        own->note_count = 0; /* the exchange was reset */
        memset(own->position, 0, sizeof own->position);
    }
    own->note = sim_grow(own->note, own->note_count, &own->note_capacity, sizeof *own->note);
    n = &own->note[own->note_count++];
    *n = (struct b2_note){ .exec = x };
    if (b2_kind_of(o->instrument) == B2_SPOT) {
        return;
    }
    n->increased = was == 0 || was == (o->side == SIM_BUY ? 1 : -1);
    if (was == 0 || (is != 0 && is != was)) {
        sim_uuid(e, own->position[market]);
    }
    memcpy(n->position, own->position[market], sizeof n->position);
}

static struct sim_instrument *position_market(struct b2_call *c)
{
    size_t n;

    for (n = 0; n < c->engine->instrument_count; n++) {
        if (decimal_sign(c->account->position[n].size) != 0 &&
            bytes_is(c->id, c->own->position[n])) {
            return &c->engine->instrument[n];
        }
    }
    b2_error(c, 404, "The position is not found");
    return NULL;
}

static void position_answer(struct b2_call *c)
{
    buf_printf(c->out, "{\"positionId\":\"%.*s\"}", BYTES_ARG(c->id));
}

/* ---- close --------------------------------------------------------------------------------- */

struct b2_close_deed {
    struct sim_account *account;
    struct sim_instrument *instrument;
    struct decimal base;
};

static void close_deed(struct sim *s, void *context)
{
    struct b2_close_deed *d = context;
    struct decimal size = sim_position_of(d->account, s->engine, d->instrument)->size;
    struct sim_terms t = { .instrument = d->instrument, .type = SIM_MKT, .reduce_only = true };
    struct sim_order *o = NULL;

    t.side = decimal_sign(size) > 0 ? SIM_SELL : SIM_BUY;
    t.qty = sim_min(d->base, sim_abs(size));
    t.extra.flags = B2_MARKET | B2_IOC | B2_CLOSING;
    t.extra.has_stp = true;
    t.extra.stp = SIM_STP_NONE;
    if (decimal_sign(t.qty) > 0 && sim_place(s->engine, d->account, &t, &o) == SIM_HOLD) {
        (void)sim_release(s->engine, o);
    }
}

static void close_later(struct b2_call *c, struct sim_instrument *i, struct decimal base)
{
    struct b2_close_deed d = { c->account, i, base };

    audit_note(&c->sim->audit, c->engine->now_us, "close_acknowledged", c->route->op, i->symbol);
    sim_later(c->sim, i->hold_us, close_deed, &d, sizeof d);
}

void b2_close(struct b2_call *c)
{
    struct sim_instrument *i = position_market(c);
    const struct b2_market *m;
    struct decimal lots;
    struct decimal open;
    bool there;

    if (i == NULL || !b2_decimal(c, c->order, "closePositionLotAmount", &lots, &there)) {
        return;
    }
    m = b2_market_of(c, i);
    open = b2_lots(c, i, sim_abs(sim_position_of(c->account, c->engine, i)->size));
    if (there && (decimal_sign(lots) <= 0 || !decimal_is_multiple(lots, m->lot_step) ||
                  decimal_compare(lots, open) > 0)) {
        (void)b2_bad(c, "closePositionLotAmount", "does not fit the position");
        return;
    }
    close_later(c, i, sim_mul_round(there ? lots : open, m->lot_size, 8));
    position_answer(c);
}

void b2_bulk_close(struct b2_call *c)
{
    static const char *const modes[] = { "AllPositions", "PositivePnl", "NegativePnl", NULL };
    const char *comma = "";
    unsigned mode;
    size_t n;

    if (!b2_word(c, "mode", modes, &mode)) {
        return;
    }
    buf_text(c->out, "{\"status\":\"accepted\",\"positionIds\":[");
    for (n = 0; n < c->engine->instrument_count; n++) {
        struct sim_instrument *i = &c->engine->instrument[n];
        const struct sim_position *p = &c->account->position[n];
        int gain = decimal_sign(p->size) * decimal_compare(i->mark, p->price);

        if (decimal_sign(p->size) == 0 || b2_kind_of(i) == B2_SPOT || (mode == 1 && gain <= 0) ||
            (mode == 2 && gain >= 0)) {
            continue;
        }
        buf_printf(c->out, "%s\"%s\"", comma, c->own->position[n]);
        comma = ",";
        close_later(c, i, sim_abs(p->size));
    }
    buf_text(c->out, "]}");
}

/* ---- triggers ------------------------------------------------------------------------------ */

void b2_trigger_data(struct b2_call *c)
{
    struct sim_instrument *i = position_market(c);
    const struct sim_position *p;
    struct decimal base;
    bool buy;

    if (i == NULL) {
        return;
    }
    p = sim_position_of(c->account, c->engine, i);
    base = sim_abs(p->size);
    buy = decimal_sign(p->size) > 0;
    buf_char(c->out, '{');
    if (b2_trigger_calc(c, c->order, "takeProfit", i, p->price, base, buy, c->out) &&
        b2_trigger_calc(c, c->order, "stopLoss", i, p->price, base, buy, c->out)) {
        buf_char(c->out, '}');
    }
}

static void clear_triggers(struct b2_call *c, const struct sim_instrument *i)
{
    struct sim_order *o = c->account->open_first;

    while (o != NULL) {
        struct sim_order *next = o->open_next;

        if ((o->extra.flags & B2_SYSTEM) != 0 && o->instrument == i) {
            (void)sim_cancel(c->engine, o, SIM_BY_EDIT);
        }
        o = next;
    }
}

static void arm(struct b2_call *c, struct sim_instrument *i, enum sim_type type,
                struct decimal price)
{
    struct decimal size = sim_position_of(c->account, c->engine, i)->size;
    struct sim_terms t = { .instrument = i, .type = type, .stop = price, .has_stop = true };
    struct sim_order *o = NULL;

    t.side = decimal_sign(size) > 0 ? SIM_SELL : SIM_BUY;
    t.qty = sim_abs(size);
    t.reduce_only = true;
    t.foreign = true;
    t.signal = SIM_SIGNAL_LAST;
    t.extra.whole_position = true;
    t.extra.flags = B2_SYSTEM | B2_MARKET;
    if (sim_place(c->engine, c->account, &t, &o) == SIM_HOLD) {
        (void)sim_release(c->engine, o);
    }
}

static bool trigger_price(struct b2_call *c, const char *name, const struct sim_instrument *i,
                          struct decimal *out, bool *there)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(c->order, name);

    *there = false;
    if (object == NULL || cJSON_IsNull(object)) {
        return true;
    }
    if (!b2_decimal(c, object, "price", out, there)) {
        return false;
    }
    if (!*there || decimal_sign(*out) <= 0 || !decimal_is_multiple(*out, i->tick)) {
        return b2_bad(c, name, "needs a price of the price scale");
    }
    return true;
}

/* Both are replaced: what is not named is gone. */
void b2_triggers(struct b2_call *c)
{
    struct sim_instrument *i = position_market(c);
    struct decimal loss;
    struct decimal profit;
    bool has_loss;
    bool has_profit;

    if (i == NULL || !trigger_price(c, "stopLoss", i, &loss, &has_loss) ||
        !trigger_price(c, "takeProfit", i, &profit, &has_profit)) {
        return;
    }
    clear_triggers(c, i);
    if (has_loss) {
        arm(c, i, SIM_STP, loss);
    }
    if (has_profit) {
        arm(c, i, SIM_TAKE_PROFIT, profit);
    }
    position_answer(c);
}
