/*
 * Trades put right: a fill that the venue took back (bust) or changed (correct). No venue of ours
 * reports such a thing by its API, so it is the operator's command. Quantity and average price come
 * from the exact sums of what stands; the client, drop copies and trade subscriptions are told.
 */
#include "engine_internal.h"
#include "fills.h"

/* By the venue's id, or by our ExecID of the report that told it or last corrected it. */
static struct fill *find_fill(const struct order *o, struct bytes id)
{
    struct fill *f = fills_find(o, id);
    char told[EXEC_ID_TEXT_MAX], latest[EXEC_ID_TEXT_MAX];

    if (f != NULL) {
        return f;
    }
    for (f = o->fill; f != NULL; f = f->next) {
        exec_number_text(f->told, told);
        exec_number_text(f->latest, latest);
        if (bytes_is(id, told) || bytes_is(id, latest)) {
            return f;
        }
    }
    return NULL;
}

/* What the order's fills come to with this one as corrected. */
static bool sum_with(const struct order *o, struct fill *f, const struct engine_correction *c,
                     struct avg_px *avg)
{
    const struct fill was = *f;
    struct decimal cum;
    bool good;

    f->qty = c->bust ? DECIMAL_ZERO : c->qty;
    f->px = c->bust ? f->px : c->px;
    good = fills_sum(o, &cum, avg);
    f->qty = was.qty;
    f->px = was.px;
    avg->qty = good ? cum : DECIMAL_ZERO;
    return good;
}

static const char *check(const struct order *o, struct fill *f, const struct engine_correction *c,
                         struct avg_px *avg)
{
    struct decimal cum;

    if (o == NULL) {
        return "no such order";
    }
    if (f == NULL) {
        return "the order has no such execution";
    }
    if (decimal_sign(f->qty) == 0) {
        return "the execution was busted before";
    }
    if (!c->bust && (decimal_sign(c->qty) <= 0 || decimal_sign(c->px) <= 0)) {
        return "quantity and price must be above 0";
    }
    if (!c->bust && decimal_equal(c->qty, f->qty) && decimal_equal(c->px, f->px)) {
        return "that is what the execution says already";
    }
    if (!fills_sum(o, &cum, avg) || !decimal_equal(cum, o->cum_qty)) {
        return "not all fills of this order are kept any more";
    }
    if (!sum_with(o, f, c, avg)) {
        return "the numbers cannot be";
    }
    return !c->bust && decimal_compare(avg->qty, o->terms.qty) > 0
               ? "the order would be filled beyond its quantity"
               : NULL;
}

/* 150=H has the quantity and price that are taken back, 150=G those that hold now. */
static void report_correction(struct engine *e, struct order *o, struct fill *f,
                              const struct fill *was, struct bytes reason)
{
    struct report r = report_of(o, decimal_sign(f->qty) == 0 ? 'H' : 'G');
    const struct fill *shown = decimal_sign(f->qty) == 0 ? was : f;
    char id[EXEC_ID_TEXT_MAX], ref[EXEC_ID_TEXT_MAX];

    exec_number_text(f->latest, id);
    exec_number_text(was->latest, ref);
    r.exec_id = bytes_of(id);
    r.exec_ref_id = bytes_of(ref);
    r.last_qty = shown->qty;
    r.last_px = shown->px;
    r.trade_id = bytes_of(f->exec_id);
    r.liquidity = f->liquidity;
    r.text = reason;
    report_order(e, o, &r);
    trades_told(e, f, decimal_sign(f->qty) == 0 ? '1' : '2', shown->qty, shown->px);
}

const char *correct_trade(struct engine *e, const struct engine_correction *c)
{
    struct order *o = book_by_id(e->book, c->order_id);
    struct fill *f = o == NULL ? NULL : find_fill(o, c->exec_id);
    struct record r = { .kind = RECORD_CORRECT, .wall_us = e->now.wall_us };
    const char *why = check(o, f, c, &r.correct.avg);
    struct fill was;
    bool was_live;

    if (why != NULL) {
        return why;
    }
    was = *f;
    was_live = order_is_live(o);
    r.correct.id = o->id;
    r.correct.exec_id = bytes_of(f->exec_id);
    r.correct.qty = c->bust ? DECIMAL_ZERO : c->qty;
    r.correct.px = c->bust ? f->px : c->px;
    r.correct.told = engine_exec_number(e);
    engine_commit(e, &r);
    report_correction(e, o, f, &was, c->bust ? BYTES("trade busted") : BYTES("trade corrected"));
    if (was_live && !order_is_live(o)) {
        check_remove(e, o);
        while (o->request != NULL) {
            request_rejected(e, o, o->request, 0, BYTES("order is filled"));
        }
    }
    return NULL;
}
