/*
 * Terms that only some venues know: read tag by tag, refused where they contradict each other,
 * checked against the instrument, and told in reports.
 */
#include "suites.h"
#include "symbols.h"
#include "translate_in.h"
#include "translate_out.h"
#include "wire.h"

#define BASE "11=c1|55=X|54=1|60=20261120-10:00:00|"
#define LIMIT BASE "38=2|40=2|44=100|"

static struct translate_rules rules = { .cl_ord_id_max = 36 };
static struct command command;
static struct refusal no;

static bool translate(const char *fields)
{
    bool good;

    memset(&no, 0, sizeof no);
    buf_init(&command.echo, 4096);
    good = translate_in(wire_message("D", fields), &rules, &command, &no);
    buf_fini(&command.echo);
    return good;
}

static void test_every_tag_reaches_the_terms(void)
{
    const struct order_terms *t = &command.terms;

    CU_ASSERT_TRUE_FATAL(translate(LIMIT "77=O|544=2|7928=B|20005=12.5|22100=I|22101=110|22102=90|"
                                         "22103=109|22104=89"));
    CU_ASSERT_EQUAL(t->position, 'O');
    CU_ASSERT_EQUAL(t->cash_margin, '2');
    CU_ASSERT_EQUAL(t->stp, 'B');
    CU_ASSERT_EQUAL(t->margin_mode, 'I');
    CU_ASSERT_TRUE(decimal_equal(t->leverage, dec("12.5")));
    CU_ASSERT_TRUE(decimal_equal(t->take_profit, dec("110")));
    CU_ASSERT_TRUE(decimal_equal(t->stop_loss, dec("90")));
    CU_ASSERT_TRUE(decimal_equal(t->take_profit_limit, dec("109")));
    CU_ASSERT_TRUE(decimal_equal(t->stop_loss_limit, dec("89")));
    CU_ASSERT_FALSE(t->reduce_only);
}

static void test_an_amount_of_money_takes_the_place_of_a_quantity(void)
{
    CU_ASSERT_TRUE_FATAL(translate(BASE "40=1|152=250.5"));
    CU_ASSERT_TRUE(decimal_equal(command.terms.cash_qty, dec("250.5")));
    CU_ASSERT_EQUAL(decimal_sign(command.terms.qty), 0);
    CU_ASSERT_FALSE(order_terms_sized(&command.terms));
    command.terms.qty = dec("2");
    CU_ASSERT_TRUE(order_terms_sized(&command.terms));
}

/* 544=3 closes: without a position side only reduce-only makes sure of it. */
static void test_a_margin_close_is_reduce_only(void)
{
    CU_ASSERT_TRUE_FATAL(translate(LIMIT "544=3"));
    CU_ASSERT_TRUE(command.terms.reduce_only);
    CU_ASSERT_TRUE_FATAL(translate(LIMIT "544=3|77=C"));
    CU_ASSERT_FALSE(command.terms.reduce_only);
    CU_ASSERT_TRUE_FATAL(translate(LIMIT "77=C|18=E"));
    CU_ASSERT_TRUE(command.terms.reduce_only);
}

static void test_what_is_refused(void)
{
    static const struct {
        const char *fields;
        enum refusal_kind kind;
        int reason;
        const char *text;
    } cases[] = {
        { BASE "40=1|152=0", REFUSAL_ORDER, 13, "CashOrderQty(152)" },
        { BASE "40=1|152=-5", REFUSAL_ORDER, 13, "CashOrderQty(152)" },
        { BASE "40=1|152=x", REFUSAL_SESSION, 6, "format" },
        { BASE "40=2|44=1|152=5", REFUSAL_ORDER, 11, "CashOrderQty(152)" },
        { "11=c|55=X|54=2|60=20261120-10:00:00|40=1|152=5", REFUSAL_ORDER, 11,
          "CashOrderQty(152)" },
        { LIMIT "77=R", REFUSAL_ORDER, 11, "PositionEffect(77)" },
        { LIMIT "77=F", REFUSAL_ORDER, 11, "PositionEffect(77)" },
        { LIMIT "77=O|18=E", REFUSAL_ORDER, 11, "disagree" },
        { LIMIT "544=2|18=E", REFUSAL_ORDER, 11, "disagree" },
        { LIMIT "544=2|77=C", REFUSAL_ORDER, 11, "disagree" },
        { LIMIT "544=3|77=O", REFUSAL_ORDER, 11, "disagree" },
        { LIMIT "544=1|77=O", REFUSAL_ORDER, 11, "CashMargin(544)=1" },
        { LIMIT "544=4", REFUSAL_ORDER, 11, "CashMargin(544)" },
        { LIMIT "7928=X", REFUSAL_ORDER, 11, "SelfTradePrevention(7928)" },
        { LIMIT "7928=NO", REFUSAL_SESSION, 6, "format" },
        { LIMIT "22101=0", REFUSAL_ORDER, 99, "22101" },
        { LIMIT "22102=-1", REFUSAL_ORDER, 99, "22102" },
        { LIMIT "22101=x", REFUSAL_SESSION, 6, "format" },
        { LIMIT "22103=5", REFUSAL_ORDER, 99, "TakeProfitPx(22101)" },
        { LIMIT "22104=5|22101=7", REFUSAL_ORDER, 99, "StopLossPx(22102)" },
        { LIMIT "22101=7|18=E", REFUSAL_ORDER, 11, "22101" },
        { LIMIT "22102=7|77=C", REFUSAL_ORDER, 11, "22102" },
        { LIMIT "20005=0", REFUSAL_ORDER, 99, "Leverage(20005)" },
        { LIMIT "20005=many", REFUSAL_SESSION, 6, "format" },
        { LIMIT "22100=X", REFUSAL_ORDER, 11, "MarginMode(22100)" },
        { LIMIT "111=1", REFUSAL_ORDER, 11, "tag 111" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CU_ASSERT_FALSE(translate(cases[i].fields));
        CU_ASSERT_EQUAL(no.kind, cases[i].kind);
        CU_ASSERT_EQUAL(no.reason, cases[i].reason);
        CU_ASSERT_PTR_NOT_NULL(strstr(no.text, cases[i].text));
    }
}

/* ---- the instrument ------------------------------------------------------------------------ */

static void test_attached_prices_keep_to_the_tick(void)
{
    const struct instrument i = { .symbol = "X",
                                  .tick = { 5, 1 },
                                  .lot = { 1, 0 },
                                  .qty_min = { 10, 0 },
                                  .tradeable = true,
                                  .loaded = true };
    struct order_terms t = { .qty = { 10, 0 }, .take_profit = { 1005, 1 } };

    CU_ASSERT_TRUE(symbols_check(&i, &t, 0, &no));
    t.stop_loss = dec("99.7");
    CU_ASSERT_FALSE(symbols_check(&i, &t, 0, &no));
    CU_ASSERT_EQUAL(no.reason, 99);
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "StopLossPx(22102)"));
    t = (struct order_terms){ .qty = { 10, 0 }, .take_profit_limit = { 1003, 1 } };
    CU_ASSERT_FALSE(symbols_check(&i, &t, 0, &no));
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "22103"));
    t = (struct order_terms){ .qty = { 10, 0 }, .stop_loss_limit = { 1003, 1 } };
    CU_ASSERT_FALSE(symbols_check(&i, &t, 0, &no));
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "22104"));
    /* Lot and minimum are of the base quantity, which an amount of money has not. */
    t = (struct order_terms){ .cash_qty = { 5, 0 } };
    CU_ASSERT_TRUE(symbols_check(&i, &t, 0, &no));
}

/* ---- reports ------------------------------------------------------------------------------- */

static bool reports(const struct order *o, char exec_type, const char *part)
{
    struct report r = { .exec_type = exec_type,
                        .exec_id = BYTES("e"),
                        .ord_rej_reason = -1,
                        .restatement_reason = -1,
                        .transact_us = 1 };
    struct report_names names = { BYTES("main"), BYTES("KRKF"), 0 };
    struct fix_body b = { 0 };
    struct buf out;
    bool found;

    buf_init(&out, 4096);
    translate_out_report(&b, &out, o, &r, &names);
    found = strstr(wire_text(buf_view(&out)), part) != NULL;
    buf_fini(&out);
    return found;
}

static void test_native_tags_are_told_and_customs_are_not(void)
{
    struct order o = { .id = 1, .state = ORDER_LIVE, .side = VENUE_BUY };

    o.terms = (struct order_terms){ .ord_type = '2',
                                    .qty = dec("2"),
                                    .position = 'O',
                                    .cash_margin = '2',
                                    .stp = 'N',
                                    .leverage = dec("3"),
                                    .take_profit = dec("5") };
    CU_ASSERT_TRUE(reports(&o, '0', "|77=O|"));
    CU_ASSERT_TRUE(reports(&o, '0', "|544=2|"));
    CU_ASSERT_FALSE(reports(&o, '0', "7928="));
    CU_ASSERT_FALSE(reports(&o, '0', "20005="));
    CU_ASSERT_FALSE(reports(&o, '0', "22101="));
}

/* 152 stands until the venue tells the quantity; what is left is not known before. */
static void test_an_amount_of_money_is_told_with_what_is_known(void)
{
    struct order o = { .id = 1, .state = ORDER_LIVE, .side = VENUE_BUY };

    o.terms = (struct order_terms){ .ord_type = '1', .cash_qty = dec("100") };
    CU_ASSERT_TRUE(reports(&o, '0', "|152=100|"));
    CU_ASSERT_FALSE(reports(&o, '0', "|38="));
    CU_ASSERT_TRUE(reports(&o, '0', "|151=0|"));
    o.cum_qty = dec("1.5");
    CU_ASSERT_TRUE(reports(&o, 'F', "|14=1.5|"));
    o.terms.qty = dec("2");
    CU_ASSERT_TRUE(reports(&o, 'F', "|38=2|"));
    CU_ASSERT_TRUE(reports(&o, 'F', "|152=100|"));
    CU_ASSERT_TRUE(reports(&o, 'F', "|151=0.5|"));
}

#define TEST(f)                                                                                    \
    {                                                                                              \
#f, test_##f                                                                               \
    }

CU_TestInfo special_tests[] = {
    TEST(every_tag_reaches_the_terms),
    TEST(an_amount_of_money_takes_the_place_of_a_quantity),
    TEST(a_margin_close_is_reduce_only),
    TEST(what_is_refused),
    TEST(attached_prices_keep_to_the_tick),
    TEST(native_tags_are_told_and_customs_are_not),
    TEST(an_amount_of_money_is_told_with_what_is_known),
    CU_TEST_INFO_NULL,
};
