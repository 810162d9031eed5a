/*
 * Routes by 1, 207 and 55, refusals' reasons, and what a venue can express.
 */
#include "route.h"
#include "suites.h"
#include "wire.h"

static const struct venue_driver plain = { .name = "plain",
                                           .code = "PLN",
                                           .features = VENUE_HAS_MARKET };
static const struct venue_driver rich = {
    .name = "rich",
    .code = "RCH",
    .features = VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_POST_ONLY | VENUE_HAS_REDUCE_ONLY |
                VENUE_HAS_STOP | VENUE_HAS_TAKE | VENUE_HAS_TRAILING | VENUE_HAS_MARKET |
                VENUE_HAS_GTD | VENUE_HAS_DAY | VENUE_HAS_TRIGGER_SOURCE | VENUE_HAS_POSITION_SIDE |
                VENUE_HAS_ATTACHED_TPSL | VENUE_HAS_STP | VENUE_HAS_STP_DECREASE |
                VENUE_HAS_QUOTE_QTY | VENUE_HAS_CLIENT_ID | VENUE_HAS_MARGIN,
};
static const struct route_account plain_account = { .driver = &plain };
static const struct route_account rich_account = { .driver = &rich };

static struct symbols *with(const char *symbol)
{
    struct venue_instrument list = { .symbol = bytes_of(symbol), .tradeable = true };
    struct symbols *s = symbols_new(1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(symbols_load(s, &list, 1));
    return s;
}

struct route_case {
    const char *account, *exchange, *symbol;
    int chosen; /* -1: refused */
    int reason;
};

static void test_account_by_name_venue_and_symbol(void)
{
    static const struct route_case cases[] = {
        { "", "", "BTC", 0, 0 },
        { "", "", "ETH", 1, 0 }, /* only the second has it */
        { "", "RCH", "ETH", 1, 0 },
        { "b", "", "ETH", 1, 0 },
        { "b", "RCH", "ETH", 1, 0 },
        { "", "PLN", "ETH", -1, 1 },
        { "a", "", "ETH", -1, 1 },
        { "", "", "SOL", -1, 1 }, /* the third has it, but is not this session's */
        { "c", "", "SOL", -1, 15 },
        { "zz", "", "BTC", -1, 15 },
        { "", "ZZZ", "BTC", -1, 99 },
        { "a", "RCH", "BTC", -1, 99 },
    };
    struct route_account a[] = { { BYTES("a"), &plain, with("BTC"), false },
                                 { BYTES("b"), &rich, with("ETH"), false },
                                 { BYTES("c"), &rich, with("SOL"), false } };
    const uint32_t allowed[] = { 0, 1 };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct instrument *inst;
        struct refusal no = { .reason = 0 };
        uint32_t chosen = 77;
        bool ok = route_find(a, allowed, 2, bytes_of(cases[i].account), bytes_of(cases[i].exchange),
                             bytes_of(cases[i].symbol), &chosen, &inst, &no);

        CU_ASSERT_EQUAL(ok, cases[i].chosen >= 0);
        CU_ASSERT_EQUAL(no.reason, cases[i].reason);
        CU_ASSERT_EQUAL(chosen, ok ? (uint32_t)cases[i].chosen : 77);
        CU_ASSERT_EQUAL(inst != NULL, ok);
    }
    for (size_t i = 0; i < ARRAY_LEN(a); i++) {
        symbols_free(a[i].symbols);
    }
}

static void test_an_unknown_symbol_is_not_called_so_before_the_list_is_read(void)
{
    struct route_account a = { BYTES("a"), &plain, symbols_new(1), false };
    const uint32_t allowed[] = { 0 };
    const struct instrument *inst;
    struct refusal no;
    uint32_t chosen;

    CU_ASSERT_FALSE(
        route_find(&a, allowed, 1, BYTES(""), BYTES(""), BYTES("BTC"), &chosen, &inst, &no));
    CU_ASSERT_EQUAL(no.reason, 2);
    CU_ASSERT_FALSE(
        route_find(&a, allowed, 0, BYTES(""), BYTES(""), BYTES("BTC"), &chosen, &inst, &no));
    CU_ASSERT_EQUAL(no.reason, 15);
    symbols_free(a.symbols);
}

static void test_terms_a_venue_cannot_express_are_refused_with_their_tag(void)
{
    static const struct {
        struct order_terms terms;
        const char *tag; /* in the text of the poor venue's refusal; NULL: it can */
    } cases[] = {
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC }, NULL },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTC }, NULL },
        { { .ord_type = '3', .type = VENUE_STOP_MARKET, .tif = VENUE_GTC }, "(40)=3" },
        { { .ord_type = '4', .type = VENUE_STOP_LIMIT, .tif = VENUE_GTC }, "(40)=4" },
        { { .ord_type = 'J', .type = VENUE_TAKE_MARKET, .tif = VENUE_GTC }, "(40)=J" },
        { { .ord_type = '4', .type = VENUE_TAKE_LIMIT, .tif = VENUE_GTC }, "(40)=4" },
        { { .ord_type = '3', .type = VENUE_TRAILING, .tif = VENUE_GTC }, "ExecInst(18)=a" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_IOC, .time_in_force = '3' },
          "(59)=3" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_FOK, .time_in_force = '4' },
          "(59)=4" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTD, .time_in_force = '6' },
          "(59)=6" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_DAY, .time_in_force = '0' },
          "(59)=0" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTC, .post_only = true }, "(18)=6" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTC, .reduce_only = true },
          "(18)=E" },
        { { .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTC, .trigger = VENUE_TRIGGER_MARK },
          "22105" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .position = 'C' }, "(77)" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .cash_margin = '2' },
          "(544)=2" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .cash_margin = '3' },
          "(544)=3" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .stp = 'N' }, "(7928)=N" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .stp = 'D' }, "(7928)=D" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .take_profit = { 1, 0 } },
          "22101" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .stop_loss = { 1, 0 } },
          "22102" },
        { { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .cash_qty = { 100, 0 } },
          "(152)" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct refusal no = { .reason = 0 };

        CU_ASSERT_TRUE(route_check(&rich_account, &cases[i].terms, &no));
        CU_ASSERT_EQUAL(route_check(&plain_account, &cases[i].terms, &no), cases[i].tag == NULL);
        if (cases[i].tag != NULL) {
            CU_ASSERT_EQUAL(no.reason, 11);
            CU_ASSERT_PTR_NOT_NULL(strstr(no.text, cases[i].tag));
        }
    }
}

static void test_reasons_stay_within_fix_4_4(void)
{
    for (unsigned i = 0; i < VENUE_REASON_COUNT; i++) {
        int order = refusal_ord_rej_reason((enum venue_reason)i);
        int cancel = refusal_cxl_rej_reason((enum venue_reason)i);

        CU_ASSERT_TRUE((order >= 0 && order <= 15 && order != 12) || order == 99);
        CU_ASSERT_TRUE((cancel >= 0 && cancel <= 6) || cancel == 99);
    }
    CU_ASSERT_EQUAL(refusal_ord_rej_reason(VENUE_REASON_LIMIT), 3);
    CU_ASSERT_EQUAL(refusal_ord_rej_reason(VENUE_REASON_DUPLICATE), 6);
    CU_ASSERT_EQUAL(refusal_ord_rej_reason(VENUE_REASON_STALE), 8);
    CU_ASSERT_EQUAL(refusal_ord_rej_reason(VENUE_REASON_QUANTITY), 13);
    CU_ASSERT_EQUAL(refusal_ord_rej_reason(VENUE_REASON_PRICE), 99);
    CU_ASSERT_EQUAL(refusal_cxl_rej_reason(VENUE_REASON_TOO_LATE), 0);
    CU_ASSERT_EQUAL(refusal_cxl_rej_reason(VENUE_REASON_UNKNOWN_ORDER), 1);
}

static void test_a_long_text_is_cut(void)
{
    struct refusal no;

    CU_ASSERT_FALSE(refuse(&no, REFUSAL_ORDER, 99, "%0200d", 1));
    CU_ASSERT_EQUAL(strlen(no.text), TEXT_MAX);
    CU_ASSERT_EQUAL(no.kind, REFUSAL_ORDER);
}

CU_TestInfo refusal_tests[] = {
    { "reasons stay within FIX 4.4", test_reasons_stay_within_fix_4_4 },
    { "a long text is cut", test_a_long_text_is_cut },
    CU_TEST_INFO_NULL,
};

/* Between what the driver can and what the account is. */
static void test_the_position_mode_decides_about_77(void)
{
    static const struct route_account hedge = { .driver = &rich, .hedge = true };
    struct order_terms t = { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC };
    struct refusal no;

    CU_ASSERT_FALSE(route_check(&hedge, &t, &no));
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "PositionEffect(77) is missing"));
    t.position = 'O';
    CU_ASSERT_TRUE(route_check(&hedge, &t, &no));
    CU_ASSERT_FALSE(route_check(&rich_account, &t, &no));
    CU_ASSERT_EQUAL(no.reason, 11);
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "(77)=O"));
    t.position = 'C';
    CU_ASSERT_TRUE(route_check(&hedge, &t, &no));
    CU_ASSERT_TRUE(route_check(&rich_account, &t, &no));
}

static void test_a_venue_that_only_cancels_on_self_trade_refuses_to_decrease(void)
{
    static const struct venue_driver cancels = { .name = "cancels",
                                                 .features = VENUE_HAS_STP | VENUE_HAS_MARKET };
    static const struct route_account a = { .driver = &cancels };
    struct order_terms t = { .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .stp = 'B' };
    struct refusal no;

    CU_ASSERT_TRUE(route_check(&a, &t, &no));
    t.stp = 'D';
    CU_ASSERT_FALSE(route_check(&a, &t, &no));
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "(7928)=D"));
}

/* An order of unknown outcome must be found again. */
static void test_money_orders_need_an_id_of_ours_at_the_venue(void)
{
    static const struct venue_driver blind = { .name = "blind",
                                               .features = VENUE_HAS_QUOTE_QTY | VENUE_HAS_MARKET };
    static const struct route_account a = { .driver = &blind };
    struct order_terms t = {
        .ord_type = '1', .type = VENUE_MARKET, .tif = VENUE_GTC, .cash_qty = { 5, 0 }
    };
    struct refusal no;

    CU_ASSERT_FALSE(route_check(&a, &t, &no));
    CU_ASSERT_PTR_NOT_NULL(strstr(no.text, "(152)"));
}

CU_TestInfo route_tests[] = {
    { "by account, venue, symbol", test_account_by_name_venue_and_symbol },
    { "before the list is read", test_an_unknown_symbol_is_not_called_so_before_the_list_is_read },
    { "terms a venue cannot express",
      test_terms_a_venue_cannot_express_are_refused_with_their_tag },
    { "position mode", test_the_position_mode_decides_about_77 },
    { "no decrease", test_a_venue_that_only_cancels_on_self_trade_refuses_to_decrease },
    { "money orders", test_money_orders_need_an_id_of_ours_at_the_venue },
    CU_TEST_INFO_NULL,
};
