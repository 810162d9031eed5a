/*
 * Orders placed by another hand on an account of ours: adopted into the drop copies of the account
 * and nowhere else (a session is told of its own orders only). They are seen in the venue's lists
 * of open orders and of fills. What was told of them is journaled, so that nothing is told twice;
 * an order is believed to be another's only when a second list shows it, since one of ours may be
 * known by its id a moment later.
 *
 * Seen twice open: 150=0. A fill of nobody's: 150=F. Gone from the list, once a list of fills read
 * afterwards did not fill it: 150=4, or, when it was never seen open and so what it was for is not
 * known, 150=D with 39=2.
 */
#include <stdlib.h>

#include "assert.h"
#include "engine_internal.h"
#include "translate_copy.h"

bool foreign_wanted(const struct engine *e, const struct account *a)
{
    for (uint32_t i = e->first_copy; i != ENGINE_ANY; i = e->session[i].next_copy) {
        if (copy_covers(e, i, a->index)) {
            return true;
        }
    }
    return false;
}

static struct foreign *find(const struct account *a, struct bytes venue_id)
{
    struct foreign *f;

    for (f = a->foreign; f != NULL && !bytes_is(venue_id, f->venue_id); f = f->next) {
    }
    return f;
}

bool foreign_is_known(const struct account *a, struct bytes venue_id)
{
    return find(a, venue_id) != NULL;
}

/* ---- records ------------------------------------------------------------------------------- */

static struct foreign *add(struct account *a, const struct record *r)
{
    struct foreign *f = calloc(1, sizeof *f);

    if (f == NULL || !bytes_to_field(r->foreign.venue_id, f->venue_id, sizeof f->venue_id) ||
        !bytes_to_field(r->foreign.symbol, f->symbol, sizeof f->symbol)) {
        free(f);
        return NULL;
    }
    f->side = r->foreign.side;
    f->qty = r->foreign.qty;
    f->price = r->foreign.price;
    f->next = a->foreign;
    a->foreign = f;
    a->foreign_count++;
    return f;
}

void foreign_free(struct account *a)
{
    while (a->foreign != NULL) {
        struct foreign *f = a->foreign;

        a->foreign = f->next;
        free(f);
    }
    a->foreign_count = 0;
}

static void drop(struct account *a, struct foreign *f)
{
    struct foreign **at;

    for (at = &a->foreign; *at != f; at = &(*at)->next) {
    }
    *at = f->next;
    a->foreign_count--;
    free(f);
}

static bool apply_trade(struct engine *e, struct account *a, struct foreign *f,
                        const struct record *r)
{
    struct decimal cum;

    if (!decimal_add(f->cum, r->foreign.last_qty, &cum) ||
        !avg_px_add(&f->avg, false, r->foreign.last_qty, r->foreign.last_px)) {
        return false;
    }
    f->cum = cum;
    return book_fill_told(e->book, a->index, r->foreign.exec_id);
}

bool foreign_apply(struct engine *e, struct account *a, const struct record *r)
{
    struct foreign *f = find(a, r->foreign.venue_id);

    switch (r->foreign.what) {
    case RECORD_FOREIGN_SINCE: a->foreign_since_us = r->wall_us; return true;
    case RECORD_FOREIGN_NEW:
        if (f != NULL) { /* known by a fill so far */
            f->qty = r->foreign.qty;
            f->price = r->foreign.price;
        }
        return f != NULL || add(a, r) != NULL;
    case RECORD_FOREIGN_TRADE:
        f = f == NULL ? add(a, r) : f;
        return f != NULL && apply_trade(e, a, f, r);
    case RECORD_FOREIGN_END:
        if (f != NULL) {
            drop(a, f);
        }
        return true;
    case RECORD_FOREIGN_KEPT:
        f = f == NULL ? add(a, r) : NULL;
        if (f != NULL) {
            f->cum = r->foreign.last_qty;
            f->avg = r->foreign.avg;
        }
        return f != NULL;
    case RECORD_FOREIGN_SEEN: return book_fill_told(e->book, a->index, r->foreign.exec_id);
    }
    return false;
}

static struct record record_of(const struct engine *e, const struct account *a,
                               enum record_foreign_kind what, struct bytes venue_id)
{
    struct record r = { .kind = RECORD_FOREIGN, .wall_us = e->now.wall_us };

    r.foreign.account = a->index;
    r.foreign.what = what;
    r.foreign.venue_id = venue_id;
    r.foreign.side = VENUE_BUY;
    return r;
}

/* ---- reports ------------------------------------------------------------------------------- */

static void tell(struct engine *e, const struct account *a, const struct foreign *f,
                 struct foreign_report *r)
{
    char exec_id[EXEC_ID_TEXT_MAX];

    engine_exec_id(e, exec_id);
    r->exec_id = bytes_of(exec_id);
    r->account = a->cfg->name;
    r->exchange = bytes_of(a->cfg->driver->code);
    if (r->transact_us == 0) {
        r->transact_us = e->now.wall_us;
    }
    for (uint32_t i = e->first_copy; i != ENGINE_ANY; i = e->session[i].next_copy) {
        if (copy_covers(e, i, a->index)) {
            struct slot *s = engine_fix_slot(e, i);

            s->body.time_digits = e->config.session[i].time_digits;
            translate_foreign_report(&s->body, &s->buf, f, r);
        }
    }
}

/* ---- what lists show ----------------------------------------------------------------------- */

/* Where orders are known by ids of the venue only, one of ours may not be known yet. */
static bool may_be_ours(const struct engine *e, const struct account *a,
                        const struct venue_order_state *s)
{
    char mark[VENUE_CLIENT_ID_MAX + 1];
    size_t size;

    engine_client_id(e, 0, 0, mark);
    size = strlen(mark) - 1; /* "fb<mark>-" */
    if (s->client_id.size > size && memcmp(s->client_id.data, mark, size) == 0) {
        return true;
    }
    for (const struct order *o = book_first_live(e->book, a->index);
         o != NULL && s->client_id.size == 0; o = o->next) {
        if (o->state == ORDER_SENT || o->state == ORDER_DOUBT || o->in_call) {
            return true;
        }
    }
    return false;
}

/* Whether an earlier list had it already; else it is noted for the next one. */
static bool second_sight(struct account *a, struct bytes venue_id)
{
    struct sighting *free_one = NULL;

    for (size_t i = 0; i < ARRAY_LEN(a->sighting); i++) {
        struct sighting *at = &a->sighting[i];

        if (at->serial != 0 && bytes_is(venue_id, at->venue_id)) {
            bool earlier = at->serial != a->open_serial;

            at->serial = earlier ? 0 : at->serial;
            return earlier;
        }
        if (at->serial == 0 || at->serial + 2 < a->open_serial) {
            free_one = at;
        }
    }
    if (free_one != NULL && bytes_to_field(venue_id, free_one->venue_id, VENUE_ID_MAX + 1)) {
        free_one->serial = a->open_serial;
    }
    return false;
}

void foreign_seen(struct engine *e, struct account *a, const struct venue_order_state *s)
{
    struct foreign *f = find(a, s->venue_id);
    struct record r;
    struct foreign_report report = { .exec_type = '0', .ord_status = '0' };
    bool known;

    if (f != NULL && s->status == VENUE_ORDER_OPEN) {
        f->seen = a->open_serial;
        f->gone_us = 0;
    }
    if (s->venue_id.size == 0 || s->venue_id.size > VENUE_ID_MAX || s->symbol.size > SYMBOL_MAX ||
        s->status != VENUE_ORDER_OPEN || !foreign_wanted(e, a) || may_be_ours(e, a, s)) {
        return;
    }
    if (f == NULL && (a->foreign_count >= FOREIGN_MAX || !second_sight(a, s->venue_id))) {
        return;
    }
    known = f != NULL;
    if (!known || (decimal_sign(f->qty) == 0 && s->has_qty)) {
        r = record_of(e, a, RECORD_FOREIGN_NEW, s->venue_id);
        r.foreign.symbol = s->symbol;
        r.foreign.side = s->side == 0 ? VENUE_BUY : s->side;
        r.foreign.qty = s->has_qty ? s->qty : DECIMAL_ZERO;
        r.foreign.price = s->has_price ? s->price : DECIMAL_ZERO;
        engine_commit(e, &r);
        f = find(a, s->venue_id);
        ASSERT(f != NULL);
    }
    if (!known) {
        tell(e, a, f, &report);
    }
    f->seen = a->open_serial;
    f->gone_us = 0;
}

void foreign_fill(struct engine *e, struct account *a, const struct venue_fill *v)
{
    struct record r = record_of(e, a, RECORD_FOREIGN_TRADE, v->venue_id);
    struct foreign_report report = { .exec_type = 'F',
                                     .ord_status = '1',
                                     .last_qty = v->qty,
                                     .last_px = v->price,
                                     .trade_id = v->exec_id,
                                     .transact_us = v->time_us,
                                     .by_venue = v->by_venue };
    struct foreign *f;
    struct avg_px avg = { 0 };

    if (!foreign_wanted(e, a) || v->venue_id.size == 0 || v->venue_id.size > VENUE_ID_MAX ||
        v->time_us < a->foreign_since_us || decimal_sign(v->qty) <= 0 ||
        v->symbol.size > SYMBOL_MAX || !avg_px_add(&avg, false, v->qty, v->price)) {
        return;
    }
    r.foreign.exec_id = v->exec_id;
    r.foreign.symbol = v->symbol;
    r.foreign.side = v->side == 0 ? VENUE_BUY : v->side;
    r.foreign.last_qty = v->qty;
    r.foreign.last_px = v->price;
    engine_commit(e, &r);
    f = find(a, v->venue_id);
    ASSERT(f != NULL);
    if (decimal_sign(f->qty) > 0 && decimal_compare(f->cum, f->qty) >= 0) {
        report.ord_status = '2';
    }
    tell(e, a, f, &report);
    if (report.ord_status == '2') {
        r = record_of(e, a, RECORD_FOREIGN_END, v->venue_id);
        engine_commit(e, &r);
    } else {
        f->seen = a->open_serial; /* a list asked for later shows whether it rests */
        f->gone_us = 0;
    }
}

void foreign_missing(struct engine *e, struct account *a)
{
    for (struct foreign *f = a->foreign; f != NULL; f = f->next) {
        if (f->seen + 1 < a->open_serial && f->gone_us == 0) {
            f->gone_us = e->now.mono_us;
            a->want_fills = true;
        }
    }
}

void foreign_run(struct engine *e, struct account *a)
{
    struct foreign *next;
    struct record r;

    if (a->foreign_since_us == 0 && foreign_wanted(e, a)) {
        r = record_of(e, a, RECORD_FOREIGN_SINCE, (struct bytes){ NULL, 0 });
        engine_commit(e, &r);
    }
    for (struct foreign *f = a->foreign; f != NULL; f = next) {
        struct foreign_report report = { .exec_type = '4', .ord_status = '4' };

        next = f->next;
        if (f->gone_us == 0 || a->fills_done_us <= f->gone_us) {
            continue;
        }
        if (decimal_sign(f->qty) == 0) { /* never seen open: done with what was filled */
            report.exec_type = 'D';
            report.ord_status = '2';
        }
        r = record_of(e, a, RECORD_FOREIGN_END, bytes_of(f->venue_id));
        tell(e, a, f, &report);
        engine_commit(e, &r);
    }
}
