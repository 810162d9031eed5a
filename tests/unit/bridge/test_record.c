/*
 * The journal's encoding: what is written is read, what an earlier version wrote is read still, and
 * nothing else is.
 */
#include "record.h"

#include "suites.h"
#include "wire.h"

/* An order and a replace as the first version wrote them, byte for byte. */
static const unsigned char old_order[] =
    "\x03"                             /* kind */
    "\x15\xcd\x5b\x07\x00\x00\x00\x00" /* wall_us 123456789 */
    "\x07\x00\x00\x00\x00\x00\x00\x00" /* id */
    "\x01\x00\x00\x00\x02\x00\x00\x00" /* session, account */
    "\x02\x00"                         /* side, inverse */
    "\x00\x00\x00\x00\x00\x00\x00\x00" /* valid_until_us */
    "\x02\x00"
    "c1"
    "\x01\x00"
    "B"
    "\x02\x00"
    "PF"
    "\x00\x00"
    "\x04\x00"
    "526=" /* texts */
    "23"
    "\x02\x01\x00\x00\x05" /* terms: 40, 59, type, tif, trigger, trail unit, flags */
    "\x14\x00\x00\x00\x00\x00\x00\x00\x01"
    "\x64\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x01\x00"
    "6";

static struct bytes old(void)
{
    return (struct bytes){ (const char *)old_order, sizeof old_order - 1 };
}

static struct order_terms plain_terms(void)
{
    return (struct order_terms){ .ord_type = '2',
                                 .time_in_force = '3',
                                 .type = VENUE_LIMIT,
                                 .tif = VENUE_GTC,
                                 .qty = dec("2.0"),
                                 .price = dec("100"),
                                 .has_price = true,
                                 .post_only = true,
                                 .exec_inst = "6" };
}

static struct record order_record(void)
{
    struct record r = { .kind = RECORD_ORDER, .wall_us = 123456789 };

    r.order.id = 7;
    r.order.session = 1;
    r.order.account = 2;
    r.order.side = VENUE_SELL;
    r.order.cl_ord_id = BYTES("c1");
    r.order.symbol = BYTES("B");
    r.order.venue_symbol = BYTES("PF");
    r.order.echo = BYTES("526=");
    r.order.terms = plain_terms();
    r.order.terms.qty = (struct decimal){ 20, 1 };
    return r;
}

static void test_a_record_of_the_first_version_is_read(void)
{
    struct record r;

    CU_ASSERT_TRUE_FATAL(record_decode(old(), &r));
    CU_ASSERT_EQUAL(r.kind, RECORD_ORDER);
    CU_ASSERT_EQUAL(r.order.id, 7);
    CU_ASSERT_EQUAL(r.order.account, 2);
    CU_ASSERT_EQUAL(r.order.side, VENUE_SELL);
    CU_ASSERT_EQUAL(r.order.terms.tif, VENUE_GTC);
    CU_ASSERT_TRUE(decimal_equal(r.order.terms.qty, dec("2")));
    CU_ASSERT_TRUE(r.order.terms.has_price && r.order.terms.post_only);
    CU_ASSERT_STRING_EQUAL(r.order.terms.exec_inst, "6");
    CU_ASSERT_EQUAL(r.order.terms.stp, 0);
    CU_ASSERT_EQUAL(decimal_sign(r.order.terms.cash_qty), 0);
}

static void test_an_order_without_special_terms_is_written_as_ever(void)
{
    struct record r = order_record();
    struct buf b;

    buf_init(&b, 4096);
    record_encode(&r, &b);
    CU_ASSERT_TRUE(bytes_equal(buf_view(&b), old()));
    buf_fini(&b);
}

static void set_all(struct order_terms *t)
{
    t->cash_qty = dec("250.5");
    t->position = 'O';
    t->cash_margin = '2';
    t->stp = 'B';
    t->margin_mode = 'I';
    t->leverage = dec("12.5");
    t->take_profit = dec("110");
    t->stop_loss = dec("90");
    t->take_profit_limit = dec("109.5");
    t->stop_loss_limit = dec("89.5");
}

static bool same_special(const struct order_terms *a, const struct order_terms *b)
{
    return decimal_equal(a->cash_qty, b->cash_qty) && a->position == b->position &&
           a->cash_margin == b->cash_margin && a->stp == b->stp &&
           a->margin_mode == b->margin_mode && decimal_equal(a->leverage, b->leverage) &&
           decimal_equal(a->take_profit, b->take_profit) &&
           decimal_equal(a->stop_loss, b->stop_loss) &&
           decimal_equal(a->take_profit_limit, b->take_profit_limit) &&
           decimal_equal(a->stop_loss_limit, b->stop_loss_limit);
}

static void test_special_terms_of_orders_and_replaces_come_back(void)
{
    struct record r = order_record(), back;
    struct order_terms terms = plain_terms();
    struct buf b;

    set_all(&terms);
    r.order.terms = terms;
    buf_init(&b, 4096);
    record_encode(&r, &b);
    CU_ASSERT_TRUE_FATAL(record_decode(buf_view(&b), &back));
    CU_ASSERT_TRUE(same_special(&back.order.terms, &terms));
    CU_ASSERT_STRING_EQUAL(back.order.terms.exec_inst, "6");

    buf_clear(&b);
    r = (struct record){ .kind = RECORD_REQUEST, .wall_us = 1 };
    r.request.what = REQUEST_REPLACE;
    r.request.cl_ord_id = BYTES("r1");
    r.request.orig_cl_ord_id = BYTES("c1");
    r.request.terms = plain_terms();
    r.request.terms.stp = 'N';
    record_encode(&r, &b);
    CU_ASSERT_TRUE_FATAL(record_decode(buf_view(&b), &back));
    CU_ASSERT_TRUE(same_special(&back.request.terms, &r.request.terms));
    buf_fini(&b);
}

static void test_every_prefix_is_refused_and_so_is_a_later_version(void)
{
    struct record r = order_record(), back;
    struct bytes whole;
    struct buf b;

    set_all(&r.order.terms);
    buf_init(&b, 4096);
    record_encode(&r, &b);
    whole = buf_view(&b);
    for (size_t n = 0; n < whole.size; n++) {
        CU_ASSERT_FALSE(record_decode((struct bytes){ whole.data, n }, &back));
    }
    /* A bit of the mask that this version does not know: the mask is behind ExecInst. */
    b.data[old().size + 1] |= (char)0x80;
    CU_ASSERT_FALSE(record_decode(whole, &back));
    buf_fini(&b);
}

static void test_a_setting_comes_back(void)
{
    struct record r = { .kind = RECORD_SETTING, .wall_us = 5 }, back;
    struct buf b;

    r.setting.account = 3;
    r.setting.done = true;
    r.setting.name = BYTES("leverage BTCUSD");
    r.setting.value = BYTES("10");
    buf_init(&b, 256);
    record_encode(&r, &b);
    CU_ASSERT_TRUE_FATAL(record_decode(buf_view(&b), &back));
    CU_ASSERT_EQUAL(back.setting.account, 3);
    CU_ASSERT_TRUE(back.setting.done);
    CU_ASSERT_TRUE(bytes_is(back.setting.name, "leverage BTCUSD"));
    CU_ASSERT_TRUE(bytes_is(back.setting.value, "10"));
    buf_fini(&b);
}

/* The engine and who reads the journal afterwards do the same with a fill. */
static void test_a_fill_changes_its_order_as_it_came(void)
{
    struct record r = { .kind = RECORD_FILL };
    struct order_change c;

    r.fill.qty = (struct decimal){ 25, 1 };
    r.fill.px = (struct decimal){ 100, 0 };
    c = record_fill_change(&r);
    CU_ASSERT_EQUAL(c.event, EV_FILL);
    CU_ASSERT_TRUE(decimal_compare(c.qty, r.fill.qty) == 0 &&
                   decimal_compare(c.px, r.fill.px) == 0);
    r.fill.last = true;
    CU_ASSERT_EQUAL(record_fill_change(&r).event, EV_LAST_FILL);
    r.fill.late = true; /* of a leg that was withdrawn: it ends nothing */
    CU_ASSERT_EQUAL(record_fill_change(&r).event, EV_LATE_FILL);
}

#define TEST(f)                                                                                    \
    {                                                                                              \
#f, test_##f                                                                               \
    }

static struct record_peek look(const struct record *r)
{
    static struct buf b = { .max = 4096 };
    struct record_peek p;

    buf_clear(&b);
    record_encode(r, &b);
    CU_ASSERT_TRUE(record_look(buf_view(&b), &p));
    CU_ASSERT_EQUAL(p.kind, r->kind);
    for (size_t size = 0; size < 30; size++) {
        struct record_peek cut;

        CU_ASSERT_FALSE(record_look((struct bytes){ b.data, size }, &cut) && cut.text.size > 0);
    }
    return p;
}

static void test_a_look_tells_what_a_record_names(void)
{
    struct record r = order_record();
    struct record_peek p = look(&r);

    CU_ASSERT_EQUAL(p.id, 7);
    CU_ASSERT_EQUAL(p.session, 1);
    CU_ASSERT_EQUAL(p.account, 2);
    CU_ASSERT_TRUE(bytes_is(p.text, "c1"));
    r = (struct record){ .kind = RECORD_KEPT_ORDER };
    r.kept.id = 9;
    r.kept.session = 3;
    r.kept.account = 4;
    r.kept.state = ORDER_LIVE;
    r.kept.cl_ord_id = BYTES("c2");
    r.kept.venue_id = BYTES("v2");
    p = look(&r);
    CU_ASSERT_EQUAL(p.id, 9);
    CU_ASSERT_EQUAL(p.session, 3);
    CU_ASSERT_EQUAL(p.account, 4);
    CU_ASSERT_TRUE(bytes_is(p.text, "c2"));
    CU_ASSERT_TRUE(bytes_is(p.venue_id, "v2"));
    r = (struct record){ .kind = RECORD_EVENT };
    r.event.id = 5;
    r.event.event = EV_ACK;
    r.event.venue_id = BYTES("venue's-id");
    p = look(&r);
    CU_ASSERT_EQUAL(p.id, 5);
    CU_ASSERT_TRUE(bytes_is(p.text, "venue's-id"));
    r = (struct record){ .kind = RECORD_FILL };
    r.fill.id = 6;
    r.fill.exec_id = BYTES("execution-1");
    p = look(&r);
    CU_ASSERT_EQUAL(p.id, 6);
    CU_ASSERT_TRUE(bytes_is(p.text, "execution-1"));
}

CU_TestInfo record_tests[] = {
    TEST(a_record_of_the_first_version_is_read),
    TEST(an_order_without_special_terms_is_written_as_ever),
    TEST(special_terms_of_orders_and_replaces_come_back),
    TEST(every_prefix_is_refused_and_so_is_a_later_version),
    TEST(a_setting_comes_back),
    TEST(a_fill_changes_its_order_as_it_came),
    { "a look tells what a record names", test_a_look_tells_what_a_record_names },
    CU_TEST_INFO_NULL,
};
