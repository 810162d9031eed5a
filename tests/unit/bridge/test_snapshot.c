/*
 * Snapshots and retention on the bare engine: what records made is told again by records, no member
 * of an order forgotten; what ended long ago is forgotten and nothing else.
 */
#include "engine_internal.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

extern const struct venue_driver venue_kraken_futures;

/* When one fails: a member was added to struct order before `names`, where what records change is,
 * or to its terms or requests. Such a member goes through record_kept: kept_of() in
 * engine_snapshot.c, fill_kept() in engine_apply.c, encode_kept() and decode_kept() in record.c (a
 * term through put_terms, get_terms; a request's through RECORD_REQUEST or its state), and the
 * comparisons below. Then put the new number here. */
_Static_assert(offsetof(struct order, names) == 552, "an order's members have changed");
_Static_assert(sizeof(struct order_terms) == 200, "an order's terms have changed");
_Static_assert(sizeof(struct request) == 512, "a request's members have changed");

static const uint32_t accounts[] = { 0 };
static const struct engine_session sessions[] = {
    { .name = { "A", 1 }, .rules = { 36, true, false }, .account = accounts, .account_count = 1 },
    { .name = { "B", 1 }, .rules = { 36, true, false }, .account = accounts, .account_count = 1 },
};
static struct engine_account account;
static struct symbols *symbols;
static struct instant now;

#define DAY (INT64_C(86400) * US_PER_S)

static struct engine *engine_with(size_t session_count, size_t account_count)
{
    const struct engine_config c = { .session = sessions,
                                     .session_count = session_count,
                                     .account = &account,
                                     .account_count = account_count,
                                     .seed = 7,
                                     .retain_orders_us = 30 * DAY };
    struct engine *e;

    symbols = symbols == NULL ? symbols_new(7) : symbols;
    account = (struct engine_account){
        .name = { "main", 4 }, .driver = &venue_kraken_futures, .symbols = symbols, .calls_max = 1
    };
    e = engine_new(&c);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    return e;
}

static void apply(struct engine *e, const struct record *r)
{
    const char *error = "";
    struct buf b;

    buf_init(&b, JOURNAL_RECORD_MAX);
    record_encode(r, &b);
    CU_ASSERT_FALSE(b.failed);
    CU_ASSERT_TRUE(engine_apply(e, buf_view(&b), &error));
    buf_fini(&b);
}

static void name(struct engine *e, enum record_name_kind what, uint32_t number, const char *text)
{
    const struct record r = { .kind = RECORD_NAME, .name = { what, number, bytes_of(text) } };

    apply(e, &r);
}

static void begin(struct engine *e)
{
    const struct record start = { .kind = RECORD_START, .start = { 3, 0x1234567 } };

    now = (struct instant){ 1000 * US_PER_S, 100 * DAY };
    apply(e, &start);
    name(e, RECORD_NAME_SESSION, 0, "A");
    name(e, RECORD_NAME_SESSION, 1, "B");
    name(e, RECORD_NAME_ACCOUNT, 0, "main");
}

static struct order_terms some_terms(void)
{
    return (struct order_terms){
        .ord_type = '4',
        .time_in_force = '6',
        .type = VENUE_STOP_LIMIT,
        .tif = VENUE_DAY,
        .qty = { 5, 0 },
        .price = { 1005, 1 },
        .stop_price = { 1004, 1 },
        .trigger = VENUE_TRIGGER_INDEX,
        .has_price = true,
        .has_stop = true,
        .post_only = true,
        .reduce_only = true,
        .cancel_on_disconnect = true,
        .trail_unit = VENUE_OFFSET_PERCENT,
        .trail = { 25, 2 },
        .expire_us = 123456789,
        .exec_inst = "6 E Q",
        .cash_qty = { 7, 0 },
        .position = 'O',
        .cash_margin = '2',
        .stp = 'B',
        .margin_mode = 'I',
        .leverage = { 10, 0 },
        .take_profit = { 11, 0 },
        .stop_loss = { 12, 0 },
        .take_profit_limit = { 13, 0 },
        .stop_loss_limit = { 14, 0 },
    };
}

static void take_order(struct engine *e, uint64_t id, uint32_t session, const char *cl_ord_id)
{
    struct record r = { .kind = RECORD_ORDER, .wall_us = now.wall_us };

    r.order.id = id;
    r.order.session = session;
    r.order.side = VENUE_SELL;
    r.order.cl_ord_id = bytes_of(cl_ord_id);
    r.order.symbol = BYTES("BTC/USD");
    r.order.venue_symbol = BYTES("PF_XBTUSD");
    r.order.echo = BYTES("58=hello\001");
    r.order.sender_sub_id = BYTES("trader\001116=desk\001");
    r.order.terms = some_terms();
    r.order.inverse = true;
    r.order.valid_until_us = 42;
    apply(e, &r);
}

static void move(struct engine *e, uint64_t id, enum order_event event, const char *venue_id)
{
    struct record r = { .kind = RECORD_EVENT, .wall_us = now.wall_us };

    r.event.id = id;
    r.event.event = event;
    r.event.venue_id = bytes_of(venue_id);
    r.event.ready_us = 77;
    apply(e, &r);
}

static void fill(struct engine *e, uint64_t id, const char *exec_id, int64_t qty, bool last)
{
    struct record r = { .kind = RECORD_FILL, .wall_us = now.wall_us };

    r.fill.id = id;
    r.fill.exec_id = bytes_of(exec_id);
    r.fill.qty = (struct decimal){ qty, 0 };
    r.fill.px = (struct decimal){ 1005, 1 };
    r.fill.liquidity = VENUE_MAKER;
    r.fill.last = last;
    r.fill.time_us = 99;
    r.fill.told = (struct exec_number){ 3, 9 };
    r.fill.has_fee = true;
    r.fill.fee = (struct decimal){ 3, 1 };
    r.fill.fee_currency = BYTES("USD");
    apply(e, &r);
}

static void request(struct engine *e, uint64_t id, uint64_t number, enum request_kind what,
                    const char *cl_ord_id)
{
    struct record r = { .kind = RECORD_REQUEST, .wall_us = now.wall_us };

    r.request.id = id;
    r.request.request = number;
    r.request.what = what;
    r.request.cl_ord_id = bytes_of(cl_ord_id);
    r.request.orig_cl_ord_id = BYTES("c1");
    r.request.terms = some_terms();
    r.request.terms.qty = (struct decimal){ 9, 0 };
    apply(e, &r);
}

/* An order with everything: replaced, part-filled, under two venue ids, a request in doubt. */
static void make_rich(struct engine *e)
{
    struct record r = { .kind = RECORD_REQUEST_END, .wall_us = now.wall_us };

    begin(e);
    take_order(e, 1, 0, "c1");
    now.wall_us += 1;
    move(e, 1, EV_SEND, "");
    move(e, 1, EV_ACK, "v-1");
    request(e, 1, 1, REQUEST_REPLACE, "c2");
    r.request_end.id = 1;
    r.request_end.request = 1;
    r.request_end.done = true;
    apply(e, &r);
    move(e, 1, EV_ACK, "v-2");
    move(e, 1, EV_TRIGGERED, "");
    fill(e, 1, "t-1", 2, false);
    request(e, 1, 2, REQUEST_CANCEL, "c3");
    r = (struct record){ .kind = RECORD_REQUEST_STATE,
                         .request_state = { 1, 2, REQUEST_DOUBT, 5 } };
    apply(e, &r);
    r = (struct record){ .kind = RECORD_MASS,
                         .mass = { 4, 1, BYTES("m1"), BYTES("BTC/USD"), '1', VENUE_SELL, 3,
                                   BYTES("joe\001128=fund\001") } };
    apply(e, &r);
}

static void choose(struct engine *e)
{
    const struct record r = { .kind = RECORD_SESSION, .session = { 1, 2, 1234, true, true } };

    apply(e, &r);
}

static struct engine *through_snapshot(const struct engine *from, struct engine *to)
{
    struct engine_snapshot at = { 0 };
    const char *error = "";
    struct buf record;

    buf_init(&record, JOURNAL_RECORD_MAX);
    while (engine_snapshot_next(from, &at, &record)) {
        CU_ASSERT_FALSE(record.failed);
        CU_ASSERT_TRUE(engine_apply(to, buf_view(&record), &error));
        buf_clear(&record);
    }
    buf_fini(&record);
    return to;
}

static void terms_are(const struct order_terms *a, const struct order_terms *b)
{
    CU_ASSERT_EQUAL(a->ord_type, b->ord_type);
    CU_ASSERT_EQUAL(a->time_in_force, b->time_in_force);
    CU_ASSERT_EQUAL(a->type, b->type);
    CU_ASSERT_EQUAL(a->tif, b->tif);
    CU_ASSERT_EQUAL(a->trigger, b->trigger);
    CU_ASSERT_EQUAL(a->has_price, b->has_price);
    CU_ASSERT_EQUAL(a->has_stop, b->has_stop);
    CU_ASSERT_EQUAL(a->post_only, b->post_only);
    CU_ASSERT_EQUAL(a->reduce_only, b->reduce_only);
    CU_ASSERT_EQUAL(a->cancel_on_disconnect, b->cancel_on_disconnect);
    CU_ASSERT_EQUAL(a->trail_unit, b->trail_unit);
    CU_ASSERT_EQUAL(decimal_compare(a->qty, b->qty), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->price, b->price), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->stop_price, b->stop_price), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->trail, b->trail), 0);
    CU_ASSERT_EQUAL(a->expire_us, b->expire_us);
    CU_ASSERT_STRING_EQUAL(a->exec_inst, b->exec_inst);
    CU_ASSERT_EQUAL(decimal_compare(a->cash_qty, b->cash_qty), 0);
    CU_ASSERT_EQUAL(a->position, b->position);
    CU_ASSERT_EQUAL(a->cash_margin, b->cash_margin);
    CU_ASSERT_EQUAL(a->stp, b->stp);
    CU_ASSERT_EQUAL(a->margin_mode, b->margin_mode);
    CU_ASSERT_EQUAL(decimal_compare(a->leverage, b->leverage), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->take_profit, b->take_profit), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->stop_loss, b->stop_loss), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->take_profit_limit, b->take_profit_limit), 0);
    CU_ASSERT_EQUAL(decimal_compare(a->stop_loss_limit, b->stop_loss_limit), 0);
}

static void order_is_as_told(const struct order *a, const struct order *b)
{
    CU_ASSERT_EQUAL(a->id, b->id);
    CU_ASSERT_EQUAL(a->session, b->session);
    CU_ASSERT_EQUAL(a->account, b->account);
    CU_ASSERT_EQUAL(a->state, b->state);
    CU_ASSERT_EQUAL(a->side, b->side);
    CU_ASSERT_STRING_EQUAL(a->cl_ord_id, b->cl_ord_id);
    CU_ASSERT_STRING_EQUAL(a->client_id, b->client_id);
    CU_ASSERT_STRING_EQUAL(a->venue_id, b->venue_id);
    CU_ASSERT_STRING_EQUAL(a->symbol, b->symbol);
    CU_ASSERT_STRING_EQUAL(a->venue_symbol, b->venue_symbol);
    terms_are(&a->terms, &b->terms);
    CU_ASSERT_EQUAL(a->inverse, b->inverse);
    CU_ASSERT_EQUAL(a->acked, b->acked);
    CU_ASSERT_EQUAL(a->triggered, b->triggered);
    CU_ASSERT_EQUAL(decimal_compare(a->cum_qty, b->cum_qty), 0);
    CU_ASSERT_TRUE(decimal_equal(a->taken_back, b->taken_back));
    CU_ASSERT_TRUE(a->leg == b->leg && a->fired == b->fired && a->fired_leg == b->fired_leg);
    CU_ASSERT_TRUE(decimal_equal(a->leg_qty, b->leg_qty) && decimal_equal(a->leg_cum, b->leg_cum));
    CU_ASSERT_TRUE(a->leg_avg.sum == b->leg_avg.sum && a->leg_avg.scale == b->leg_avg.scale);
    CU_ASSERT_EQUAL(a->queued_us, b->queued_us);
    CU_ASSERT_TRUE(a->avg.sum == b->avg.sum);
    CU_ASSERT_EQUAL(decimal_compare(a->avg.qty, b->avg.qty), 0);
    CU_ASSERT_EQUAL(a->avg.scale, b->avg.scale);
    CU_ASSERT_EQUAL(a->taken_us, b->taken_us);
    CU_ASSERT_EQUAL(a->valid_until_us, b->valid_until_us);
    CU_ASSERT_EQUAL(a->changed_us, b->changed_us);
    CU_ASSERT_EQUAL(a->venue_ack_us, b->venue_ack_us);
    CU_ASSERT_EQUAL(a->sent_us, b->sent_us);
    CU_ASSERT_EQUAL(a->ready_us, b->ready_us);
    CU_ASSERT_EQUAL(a->echo_size, b->echo_size);
    CU_ASSERT_EQUAL(a->route_size, b->route_size);
    CU_ASSERT_EQUAL(memcmp(a->echo, b->echo, a->echo_size + a->route_size), 0);
    CU_ASSERT_STRING_EQUAL(a->sender_sub_id, b->sender_sub_id);
    CU_ASSERT_EQUAL(a->retired, b->retired);
}

static void request_is_as_told(const struct request *a, const struct request *b)
{
    CU_ASSERT_EQUAL(a->id, b->id);
    CU_ASSERT_EQUAL(a->kind, b->kind);
    CU_ASSERT_EQUAL(a->state, b->state);
    CU_ASSERT_STRING_EQUAL(a->cl_ord_id, b->cl_ord_id);
    CU_ASSERT_STRING_EQUAL(a->orig_cl_ord_id, b->orig_cl_ord_id);
    CU_ASSERT_EQUAL(a->mass_id, b->mass_id);
    CU_ASSERT_EQUAL(a->taken_us, b->taken_us);
    CU_ASSERT_EQUAL(a->ready_us, b->ready_us);
}

static void test_snapshot_tells_every_member_of_an_order(void)
{
    struct engine *a = engine_with(2, 1), *b;
    const struct order *o, *p;

    make_rich(a);
    b = through_snapshot(a, engine_with(2, 1));
    o = book_by_id(a->book, 1);
    p = book_by_id(b->book, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_STRING_EQUAL(o->cl_ord_id, "c2"); /* the fixture is as rich as it says */
    CU_ASSERT_STRING_EQUAL(o->venue_id, "v-2");
    CU_ASSERT_TRUE(o->acked && o->triggered && o->sent_us != 0 && o->ready_us != 0 &&
                   o->route_size > 0 && o->venue_ack_us != 0);
    order_is_as_told(o, p);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p->request);
    request_is_as_told(o->request, p->request);
    engine_free(a);
    engine_free(b);
}

static void test_snapshot_tells_whatever_leads_to_an_order(void)
{
    static const char *const ids[] = { "c1", "c2", "c3" };
    struct engine *a = engine_with(2, 1), *b;
    const struct fill *f, *g;
    struct order *p;

    make_rich(a);
    b = through_snapshot(a, engine_with(2, 1));
    p = book_by_id(b->book, 1);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        CU_ASSERT_PTR_EQUAL(book_by_cl_ord_id(b->book, 0, bytes_of(ids[i])), p);
    }
    CU_ASSERT_PTR_EQUAL(book_by_venue_id(b->book, 0, BYTES("v-1")), p);
    CU_ASSERT_PTR_EQUAL(book_by_venue_id(b->book, 0, BYTES("v-2")), p);
    CU_ASSERT_TRUE(book_fill_known(b->book, 0, BYTES("t-1")));
    f = p->fill;
    g = book_by_id(a->book, 1)->fill;
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(decimal_compare(f->qty, (struct decimal){ 2, 0 }), 0);
    CU_ASSERT_EQUAL(decimal_compare(f->px, (struct decimal){ 1005, 1 }), 0);
    CU_ASSERT_EQUAL(f->time_us, 99);
    CU_ASSERT_EQUAL(f->told_us, g->told_us);
    CU_ASSERT_TRUE(f->told.boot == 3 && f->told.serial == 9);
    CU_ASSERT_TRUE(f->latest.boot == 3 && f->latest.serial == 9);
    CU_ASSERT_TRUE(f->has_fee && decimal_equal(f->fee, g->fee));
    CU_ASSERT_STRING_EQUAL(f->fee_currency, "USD");
    CU_ASSERT_EQUAL(f->liquidity, VENUE_MAKER);
    CU_ASSERT_PTR_EQUAL(f->order, p);
    engine_free(a);
    engine_free(b);
}

static void test_snapshot_tells_counters_choices_and_mass_cancels(void)
{
    struct engine *a = engine_with(2, 1), *b;

    make_rich(a);
    choose(a);
    b = through_snapshot(a, engine_with(2, 1));
    CU_ASSERT_EQUAL(b->boot, 3);
    CU_ASSERT_EQUAL(b->mark, 0x1234567);
    CU_ASSERT_EQUAL(b->next_request, 3);
    CU_ASSERT_EQUAL(b->next_mass, 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->mass);
    CU_ASSERT_EQUAL(b->mass->pending, 3);
    CU_ASSERT_EQUAL(b->mass->session, 1);
    CU_ASSERT_STRING_EQUAL(b->mass->cl_ord_id, "m1");
    CU_ASSERT_TRUE(bytes_equal((struct bytes){ b->mass->sender, b->mass->sender_size },
                               BYTES("joe\001128=fund\001")));
    CU_ASSERT_EQUAL(b->session[1].choice.cancel, ENGINE_CANCEL_ACCOUNT);
    CU_ASSERT_EQUAL(b->session[1].choice.grace_ms, 1234);
    CU_ASSERT_TRUE(b->session[1].choice.copy && b->session[1].armed && b->session[1].journaled);
    CU_ASSERT_FALSE(b->session[0].journaled);
    engine_free(a);
    engine_free(b);
}

static void test_snapshot_keeps_the_orders_of_a_session_that_is_not_configured(void)
{
    struct engine *a = engine_with(1, 0), *b; /* B and main are gone meanwhile */
    struct engine *c;

    begin(a);
    take_order(a, 1, 1, "c1");
    b = through_snapshot(a, engine_with(1, 0));
    c = through_snapshot(b, engine_with(2, 1)); /* and configured again */
    CU_ASSERT_PTR_NULL(book_by_cl_ord_id(b->book, 1, BYTES("c1")));
    CU_ASSERT_PTR_NOT_NULL(book_by_cl_ord_id(c->book, 1, BYTES("c1")));
    CU_ASSERT_EQUAL(book_live_count(c->book, 0), 1);
    engine_free(a);
    engine_free(b);
    engine_free(c);
}

/* ---- retention ----------------------------------------------------------------------------- */

static void let_pass(struct engine *e, int64_t us)
{
    struct effect f;

    now.wall_us += us;
    now.mono_us += us;
    e->account[0].fills_done_us = now.mono_us - 1; /* the venue's fills are read all the time */
    engine_tick(e, &now);
    while (engine_next(e, &f)) {
    }
}

static struct engine *with_three(void)
{
    struct engine *e = engine_with(2, 1);

    begin(e);
    for (uint64_t id = 1; id <= 3; id++) {
        char cl_ord_id[8] = { 'c', (char)('0' + id), '\0' };

        take_order(e, id, 0, cl_ord_id);
        move(e, id, EV_SEND, "");
        move(e, id, EV_ACK, "");
    }
    fill(e, 1, "t-1", 5, true); /* 1 is done, 2 will be a day later, 3 stays live */
    now.wall_us += DAY;
    now.mono_us += DAY;
    move(e, 2, EV_CANCELED, "");
    return e;
}

static void test_retention_forgets_what_ended_and_nothing_else(void)
{
    struct engine *e = with_three();

    let_pass(e, 29 * DAY - 1);
    CU_ASSERT_EQUAL(book_count(e->book), 3);
    let_pass(e, 2 * US_PER_S * 60);
    CU_ASSERT_EQUAL(book_count(e->book), 2);
    CU_ASSERT_PTR_NULL(book_by_id(e->book, 1));
    CU_ASSERT_PTR_NULL(book_by_cl_ord_id(e->book, 0, BYTES("c1")));
    CU_ASSERT_FALSE(book_fill_known(e->book, 0, BYTES("t-1")));
    let_pass(e, 400 * DAY);
    CU_ASSERT_EQUAL(book_count(e->book), 1);
    CU_ASSERT_PTR_NOT_NULL(book_by_id(e->book, 3));
    CU_ASSERT_PTR_NOT_NULL(book_by_cl_ord_id(e->book, 0, BYTES("c3")));
    engine_free(e);
}

static void test_retention_never_gives_an_id_twice(void)
{
    struct engine *e = with_three(), *b;

    move(e, 3, EV_CANCELED, "");
    let_pass(e, 400 * DAY);
    CU_ASSERT_EQUAL(book_count(e->book), 0);
    CU_ASSERT_EQUAL(book_last_id(e->book), 3);
    b = through_snapshot(e, engine_with(2, 1));
    CU_ASSERT_EQUAL(book_last_id(b->book), 3);
    take_order(b, 4, 0, "c1"); /* the ClOrdID is free again */
    CU_ASSERT_EQUAL(book_by_cl_ord_id(b->book, 0, BYTES("c1"))->id, 4);
    engine_free(e);
    engine_free(b);
}

static void test_retention_waits_for_fills_and_requests(void)
{
    struct engine *e = with_three();

    request(e, 2, 1, REQUEST_CANCEL, "x1");
    now.wall_us += 60 * DAY;
    now.mono_us += 60 * DAY;
    engine_tick(e, &now); /* no fills were read since */
    CU_ASSERT_EQUAL(book_count(e->book), 3);
    for (struct effect f; engine_next(e, &f);) {
    }
    let_pass(e, 60 * DAY);
    CU_ASSERT_PTR_NULL(book_by_id(e->book, 1));
    CU_ASSERT_PTR_NOT_NULL(book_by_id(e->book, 2)); /* its request is not answered */
    engine_free(e);
}

static void test_retention_works_off_many_in_turns(void)
{
    struct engine *e = engine_with(2, 1);
    unsigned turns = 0;

    begin(e);
    for (uint64_t id = 1; id <= 1000; id++) {
        char cl_ord_id[16];

        (void)snprintf(cl_ord_id, sizeof cl_ord_id, "c%u", (unsigned)id);
        take_order(e, id, 0, cl_ord_id);
        move(e, id, EV_REFUSE, "");
    }
    let_pass(e, 31 * DAY);
    CU_ASSERT_EQUAL(book_count(e->book), 1000 - 256);
    while (book_count(e->book) > 0 && turns++ < 10) {
        CU_ASSERT_TRUE(engine_deadline(e) <= now.mono_us + 5 * US_PER_MS);
        let_pass(e, 5 * US_PER_MS);
    }
    CU_ASSERT_EQUAL(turns, 3);
    engine_free(e);
}

static void test_retention_of_records_is_the_same_in_recovery(void)
{
    struct engine *e = with_three(), *again = with_three();
    const struct record unknown = { .kind = RECORD_FORGET,
                                    .forget = { { "\003\0\0\0\0\0\0\0", 8 } } };
    struct record r = { .kind = RECORD_FORGET, .forget = { { "\001\0\0\0\0\0\0\0", 8 } } };
    const char *error = "";

    apply(e, &r);
    CU_ASSERT_PTR_NULL(book_by_id(e->book, 1));
    CU_ASSERT_FALSE(engine_apply_record(again, &unknown, &error)); /* 3 is live */
    CU_ASSERT_STRING_NOT_EQUAL(error, "");
    engine_free(e);
    engine_free(again);
}

CU_TestInfo snapshot_tests[] = {
    { "tells_every_member_of_an_order", test_snapshot_tells_every_member_of_an_order },
    { "tells_whatever_leads_to_an_order", test_snapshot_tells_whatever_leads_to_an_order },
    { "tells_counters_choices_and_mass_cancels",
      test_snapshot_tells_counters_choices_and_mass_cancels },
    { "keeps_the_orders_of_a_session_that_is_not_configured",
      test_snapshot_keeps_the_orders_of_a_session_that_is_not_configured },
    { "retention_forgets_what_ended_and_nothing_else",
      test_retention_forgets_what_ended_and_nothing_else },
    { "retention_never_gives_an_id_twice", test_retention_never_gives_an_id_twice },
    { "retention_waits_for_fills_and_requests", test_retention_waits_for_fills_and_requests },
    { "retention_works_off_many_in_turns", test_retention_works_off_many_in_turns },
    { "retention_of_records_is_the_same_in_recovery",
      test_retention_of_records_is_the_same_in_recovery },
    CU_TEST_INFO_NULL,
};
