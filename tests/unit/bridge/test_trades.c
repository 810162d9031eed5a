/*
 * Fills as they are kept, the records that make and change them, and the messages that tell them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fills.h"
#include "order.h"
#include "record.h"
#include "suites.h"
#include "translate_copy.h"
#include "translate_trades.h"
#include "wire.h"

static struct fill fill_of(const char *qty, const char *px)
{
    return (struct fill){ .told = { 1, 2 },
                          .latest = { 1, 2 },
                          .qty = dec(qty),
                          .px = dec(px),
                          .time_us = INT64_C(1763632800) * US_PER_S };
}

static void test_fills_are_found_summed_and_dropped(void)
{
    struct fills all = { 0 };
    struct order a = { .id = 1 }, b = { .id = 2 };
    struct fill one = fill_of("1", "100"), two = fill_of("3", "104");
    struct decimal cum;
    struct avg_px avg;

    CU_ASSERT_PTR_NOT_NULL(fills_add(&all, &a, &one, "x1"));
    CU_ASSERT_PTR_NOT_NULL(fills_add(&all, &b, &one, "x2"));
    CU_ASSERT_PTR_NOT_NULL(fills_add(&all, &a, &two, "x3"));
    CU_ASSERT_EQUAL(all.count, 3);
    CU_ASSERT_PTR_NULL(fills_find(&a, BYTES("x2")));
    CU_ASSERT_STRING_EQUAL(fills_find(&a, BYTES("x3"))->exec_id, "x3");
    CU_ASSERT_TRUE(fills_sum(&a, &cum, &avg));
    CU_ASSERT_TRUE(decimal_equal(cum, dec("4")));
    CU_ASSERT_TRUE(decimal_equal(avg_px_value(&avg, false), dec("103")));
    fills_find(&a, BYTES("x1"))->qty = DECIMAL_ZERO;
    CU_ASSERT_TRUE(fills_sum(&a, &cum, &avg));
    CU_ASSERT_TRUE(decimal_equal(cum, dec("3")));
    CU_ASSERT_TRUE(decimal_equal(avg_px_value(&avg, false), dec("104")));
    fills_drop(&all, &a);
    CU_ASSERT_EQUAL(all.count, 1);
    CU_ASSERT_PTR_EQUAL(all.oldest, b.fill);
    CU_ASSERT_PTR_EQUAL(all.newest, b.fill);
    fills_fini(&all);
    CU_ASSERT_PTR_NULL(all.oldest);
    CU_ASSERT_PTR_NULL(b.fill);
}

static bool round_trip(const struct record *r, struct record *back)
{
    static struct buf b = { .max = 4096 };

    buf_clear(&b);
    record_encode(r, &b);
    return record_decode(buf_view(&b), back);
}

static void test_a_fill_and_its_correction_come_back(void)
{
    struct record r = { .kind = RECORD_FILL, .wall_us = 1 }, back;

    r.fill.id = 7;
    r.fill.exec_id = BYTES("x1");
    r.fill.qty = dec("0.5");
    r.fill.px = dec("100.25");
    r.fill.told = (struct exec_number){ 3, 9 };
    r.fill.has_fee = true;
    r.fill.fee = dec("-0.01");
    r.fill.fee_currency = BYTES("USD");
    CU_ASSERT_TRUE_FATAL(round_trip(&r, &back));
    CU_ASSERT_EQUAL(back.fill.told.boot, 3);
    CU_ASSERT_EQUAL(back.fill.told.serial, 9);
    CU_ASSERT_TRUE(back.fill.has_fee && decimal_equal(back.fill.fee, dec("-0.01")));
    CU_ASSERT_TRUE(bytes_is(back.fill.fee_currency, "USD"));

    r = (struct record){ .kind = RECORD_CORRECT, .wall_us = 1 };
    r.correct.exec_id = BYTES("x1");
    r.correct.qty = dec("1");
    CU_ASSERT_TRUE(avg_px_add(&r.correct.avg, true, dec("1"), dec("3")));
    CU_ASSERT_TRUE_FATAL(round_trip(&r, &back));
    CU_ASSERT_TRUE(back.correct.avg.sum == r.correct.avg.sum);
    CU_ASSERT_TRUE(decimal_equal(back.correct.avg.qty, dec("1")));
}

static void test_session_and_account_records_come_back(void)
{
    struct record r = { .kind = RECORD_SESSION, .wall_us = 1 }, back;

    r.session.session = 4;
    r.session.cancel = 2;
    r.session.grace_ms = 60000;
    r.session.armed = true;
    CU_ASSERT_TRUE_FATAL(round_trip(&r, &back));
    CU_ASSERT_EQUAL(back.session.cancel, 2);
    CU_ASSERT_EQUAL(back.session.grace_ms, 60000);
    CU_ASSERT_TRUE(back.session.armed && !back.session.copy);

    r = (struct record){ .kind = RECORD_DEADMAN, .wall_us = 1 };
    r.deadman.account = 2;
    r.deadman.fires_us = 77;
    CU_ASSERT_TRUE_FATAL(round_trip(&r, &back));
    CU_ASSERT_EQUAL(back.deadman.fires_us, 77);

    r = (struct record){ .kind = RECORD_FOREIGN, .wall_us = 1 };
    r.foreign.what = RECORD_FOREIGN_TRADE;
    r.foreign.side = VENUE_SELL;
    r.foreign.venue_id = BYTES("h1");
    r.foreign.exec_id = BYTES("x9");
    r.foreign.last_px = dec("99.5");
    CU_ASSERT_TRUE_FATAL(round_trip(&r, &back));
    CU_ASSERT_EQUAL(back.foreign.what, RECORD_FOREIGN_TRADE);
    CU_ASSERT_EQUAL(back.foreign.side, VENUE_SELL);
    CU_ASSERT_TRUE(bytes_is(back.foreign.exec_id, "x9"));
    CU_ASSERT_TRUE(decimal_equal(back.foreign.last_px, dec("99.5")));
}

static const char *text_of(const struct buf *out, const char *type)
{
    static char text[8192];

    (void)snprintf(text, sizeof text, "%s", wire_text(buf_view(out)));
    CU_ASSERT_EQUAL(wire_verdict(type, text), FIX_REJECT_NONE);
    return text;
}

static void test_a_trade_report_passes_a_stock_dictionary(void)
{
    static struct buf out = { .max = 8192 };
    struct fills all = { 0 };
    struct order o = { .id = 1, .side = VENUE_BUY, .cl_ord_id = "c1", .symbol = "BTC/USD" };
    struct fill f = fill_of("1", "100");
    struct fix_body b = { .time_digits = 3 };
    struct trade_report r = { .order = &o,
                              .account = BYTES("main"),
                              .exchange = BYTES("KRKF"),
                              .report_id = BYTES("1-2"),
                              .exec_id = BYTES("1-2"),
                              .transaction = '0',
                              .qty = dec("1"),
                              .px = dec("100"),
                              .request_id = BYTES("t1"),
                              .total = 1,
                              .last = true };
    const char *text;

    o.terms.ord_type = '2';
    f.has_fee = true;
    f.fee = dec("0.05");
    (void)snprintf(f.fee_currency, sizeof f.fee_currency, "USD");
    r.fill = fills_add(&all, &o, &f, "x1");
    translate_trade_report(&b, &out, &r);
    text = text_of(&out, "AE");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "75=20251120|60=20251120-10:00:00.000|552=1|54=1|37=FB-1|"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "136=1|137=0.05|138=USD|139=4|891=0"));
    r.unasked = true;
    r.total = 0;
    r.transaction = '1';
    r.ref_id = BYTES("1-2");
    translate_trade_report(&b, &out, &r);
    CU_ASSERT_PTR_NOT_NULL(strstr(text_of(&out, "AE"), "|487=1|"));
    fills_fini(&all);
}

static void test_an_ack_passes_a_stock_dictionary(void)
{
    static struct buf out = { .max = 8192 };
    struct fix_body b = { .time_digits = 3 };
    const struct trade_ack a = { .request_id = BYTES("t1"),
                                 .request_type = 1,
                                 .subscription = '1',
                                 .result = 99,
                                 .status = '2',
                                 .text = BYTES("why not") };

    translate_trade_ack(&b, &out, &a);
    CU_ASSERT_PTR_NOT_NULL(strstr(text_of(&out, "AQ"), "749=99|750=2|55=[N/A]|58=why not"));
}

static void test_another_hands_order_passes_a_stock_dictionary(void)
{
    static struct buf out = { .max = 8192 };
    struct fix_body b = { .time_digits = 3 };
    const struct foreign f = {
        .venue_id = "v9", .symbol = "PF_XBTUSD", .side = VENUE_SELL, .cum = { 1, 0 }
    };
    const struct foreign_report r = { .exec_type = 'F',
                                      .ord_status = '1',
                                      .exec_id = BYTES("1-1"),
                                      .account = BYTES("main"),
                                      .exchange = BYTES("KRKF"),
                                      .last_qty = { 1, 0 },
                                      .last_px = { 100, 0 },
                                      .trade_id = BYTES("x1"),
                                      .transact_us = 1 };
    const char *text;

    translate_foreign_report(&b, &out, &f, &r);
    text = text_of(&out, "8");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "37=V-v9|198=v9|11=NONE|17=1-1|150=F|39=1|"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "its quantity is not known"));
    CU_ASSERT_PTR_NULL(strstr(text, "|38="));
}

CU_TestInfo trades_tests[] = {
    { "fills are found, summed and dropped", test_fills_are_found_summed_and_dropped },
    { "a fill and its correction come back", test_a_fill_and_its_correction_come_back },
    { "session and account records come back", test_session_and_account_records_come_back },
    { "a trade report passes a stock dictionary", test_a_trade_report_passes_a_stock_dictionary },
    { "an ack passes a stock dictionary", test_an_ack_passes_a_stock_dictionary },
    { "another hand's order passes one too", test_another_hands_order_passes_a_stock_dictionary },
    CU_TEST_INFO_NULL,
};
