/*
 * Instruments: names, loading, and what an order may be.
 */
#include "symbols.h"
#include "refusal.h"
#include "suites.h"
#include "wire.h"

#include <stdio.h>

static struct venue_instrument listed(const char *symbol)
{
    return (struct venue_instrument){ .symbol = bytes_of(symbol),
                                      .tick = dec("0.5"),
                                      .lot = dec("0.001"),
                                      .qty_min = dec("0.002"),
                                      .qty_max = dec("100"),
                                      .tradeable = true };
}

static struct symbols *loaded(void)
{
    struct venue_instrument list[] = { listed("PF_XBTUSD"), listed("PF_ETHUSD") };
    struct symbols *s = symbols_new(7);

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(symbols_alias(s, BYTES("BTC/USD"), BYTES("PF_XBTUSD")));
    CU_ASSERT_FALSE(symbols_loaded(s));
    CU_ASSERT_TRUE(symbols_load(s, list, ARRAY_LEN(list)));
    CU_ASSERT_TRUE(symbols_loaded(s));
    return s;
}

static void test_an_instrument_is_found_by_both_names(void)
{
    struct symbols *s = loaded();

    CU_ASSERT_EQUAL(symbols_count(s), 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(symbols_find(s, BYTES("BTC/USD")));
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("BTC/USD"))->venue_symbol, "PF_XBTUSD");
    CU_ASSERT_PTR_EQUAL(symbols_find(s, BYTES("pf_xbtusd")), symbols_find(s, BYTES("BTC/USD")));
    CU_ASSERT_PTR_EQUAL(symbols_find_venue(s, BYTES("Pf_XbtUsd")),
                        symbols_find(s, BYTES("BTC/USD")));
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("PF_ETHUSD"))->symbol, "PF_ETHUSD");
    CU_ASSERT_PTR_NULL(symbols_find(s, BYTES("btc/usd"))); /* ours is compared exactly */
    CU_ASSERT_PTR_NULL(symbols_find_venue(s, BYTES("BTC/USD")));
    CU_ASSERT_PTR_NULL(symbols_find(s, BYTES("")));
    CU_ASSERT_PTR_NULL(
        symbols_find(s, BYTES("0123456789012345678901234567890123456789012345678901234567890")));
    symbols_free(s);
}

static void test_one_name_cannot_mean_two_things(void)
{
    struct symbols *s = loaded();

    CU_ASSERT_TRUE(symbols_alias(s, BYTES("BTC/USD"), BYTES("PF_XBTUSD")));
    CU_ASSERT_FALSE(symbols_alias(s, BYTES("BTC/USD"), BYTES("PF_ETHUSD")));
    CU_ASSERT_FALSE(symbols_alias(s, BYTES(""), BYTES("PF_ETHUSD")));
    CU_ASSERT_FALSE(symbols_alias(s, BYTES("X"), BYTES("")));
    CU_ASSERT_FALSE(
        symbols_alias(s, BYTES("0123456789012345678901234567890123456789012345678"), BYTES("Y")));
    CU_ASSERT_TRUE(symbols_alias(s, BYTES("XBT"), BYTES("pf_xbtusd")));
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("XBT"))->symbol, "BTC/USD");
    CU_ASSERT_EQUAL(symbols_count(s), 2);
    symbols_free(s);
}

static void test_all_names_change_at_once_or_not_at_all(void)
{
    struct symbols *s = loaded();
    const struct symbols_name swapped[] = { { BYTES("PF_ETHUSD"), BYTES("PF_XBTUSD") },
                                            { BYTES("XBT"), BYTES("pf_xbtusd") },
                                            { BYTES("NEW"), BYTES("PF_NEWUSD") } };
    const struct symbols_name twice[] = { { BYTES("A"), BYTES("PF_XBTUSD") },
                                          { BYTES("A"), BYTES("PF_ETHUSD") } };
    struct venue_instrument list[] = { listed("PF_NEWUSD"), listed("PF_XBTUSD") };

    CU_ASSERT_FALSE(symbols_rename(s, twice, ARRAY_LEN(twice)));
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("BTC/USD"))->venue_symbol, "PF_XBTUSD");
    CU_ASSERT_PTR_NULL(symbols_find(s, BYTES("A")));
    CU_ASSERT_TRUE(symbols_rename(s, swapped, ARRAY_LEN(swapped)));
    CU_ASSERT_PTR_NULL(symbols_find(s, BYTES("BTC/USD")));
    /* The name that hides another venue's symbol is the first one, so it is the one told. */
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("PF_ETHUSD"))->venue_symbol, "PF_XBTUSD");
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("XBT"))->symbol, "PF_ETHUSD");
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("pf_ethusd"))->venue_symbol, "PF_ETHUSD");
    CU_ASSERT_TRUE(symbols_find(s, BYTES("XBT"))->loaded);
    CU_ASSERT_FALSE(symbols_find(s, BYTES("NEW"))->loaded);
    CU_ASSERT_TRUE(symbols_load(s, list, ARRAY_LEN(list)));
    CU_ASSERT_TRUE(symbols_find(s, BYTES("NEW"))->loaded);
    CU_ASSERT_TRUE(symbols_rename(s, NULL, 0));
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("PF_XBTUSD"))->symbol, "PF_XBTUSD");
    CU_ASSERT_STRING_EQUAL(symbols_find(s, BYTES("PF_ETHUSD"))->venue_symbol, "PF_ETHUSD");
    CU_ASSERT_PTR_NULL(symbols_find(s, BYTES("XBT")));
    symbols_free(s);
}

static void test_what_is_no_longer_listed_is_no_longer_tradeable(void)
{
    struct symbols *s = loaded();
    struct venue_instrument list[] = { listed("PF_XBTUSD") };
    const struct instrument *i;
    size_t at = 0, count = 0;

    list[0].tick = dec("1");
    CU_ASSERT_TRUE(symbols_load(s, list, 1));
    CU_ASSERT_TRUE(symbols_find(s, BYTES("BTC/USD"))->tradeable);
    CU_ASSERT_TRUE(decimal_equal(symbols_find(s, BYTES("BTC/USD"))->tick, dec("1")));
    CU_ASSERT_FALSE(symbols_find(s, BYTES("PF_ETHUSD"))->tradeable);
    while ((i = symbols_next(s, &at)) != NULL) {
        count++;
    }
    CU_ASSERT_EQUAL(count, 2);
    symbols_free(s);
}

static void test_many_instruments_are_kept(void)
{
    static char name[500][16];
    struct venue_instrument list[500];
    struct symbols *s = symbols_new(1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    for (size_t i = 0; i < 500; i++) {
        snprintf(name[i], sizeof name[i], "PF_%zu", i);
        list[i] = listed(name[i]);
    }
    CU_ASSERT_TRUE(symbols_load(s, list, 500));
    CU_ASSERT_EQUAL(symbols_count(s), 500);
    for (size_t i = 0; i < 500; i++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(symbols_find(s, bytes_of(name[i])));
        CU_ASSERT_STRING_EQUAL(symbols_find(s, bytes_of(name[i]))->symbol, name[i]);
    }
    symbols_free(s);
}

struct check {
    const char *qty, *px;
    int reason; /* 0: taken */
    const char *text;
};

static void test_prices_and_quantities_are_checked(void)
{
    static const struct check checks[] = {
        { "0.002", "100.5", 0, "" },
        { "100", "100", 0, "" },
        { "1", "100.55", 99, "Price(44) 100.55 is not a multiple of tick 0.5" },
        { "1.0005", "100", 13, "OrderQty(38) 1.0005 is not a multiple of lot 0.001" },
        { "0.001", "100", 13, "OrderQty(38) 0.001 is below the minimum 0.002" },
        { "100.001", "100", 13, "OrderQty(38) 100.001 is above the maximum 100" },
        { "0", "100", 13, "OrderQty(38) 0 must be above 0" },
    };
    struct symbols *s = loaded();

    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct order_terms t = { .qty = dec(checks[i].qty),
                                 .price = dec(checks[i].px),
                                 .has_price = true };
        struct refusal no = { .kind = REFUSAL_NONE };
        bool ok = symbols_check(symbols_find(s, BYTES("BTC/USD")), &t, 1, &no);

        CU_ASSERT_EQUAL(ok, checks[i].reason == 0);
        CU_ASSERT_EQUAL(no.reason, checks[i].reason);
        CU_ASSERT_STRING_EQUAL(no.text, checks[i].text);
    }
    symbols_free(s);
}

static void test_stop_price_and_trail_are_checked_too(void)
{
    struct symbols *s = loaded();
    const struct instrument *i = symbols_find(s, BYTES("BTC/USD"));
    struct order_terms t = { .qty = dec("1"), .stop_price = dec("10.1"), .has_stop = true };
    struct refusal no;

    CU_ASSERT_FALSE(symbols_check(i, &t, 1, &no));
    CU_ASSERT_EQUAL(no.reason, 99);
    CU_ASSERT_STRING_EQUAL(no.text, "StopPx(99) 10.1 is not a multiple of tick 0.5");
    t = (struct order_terms){ .qty = dec("1"),
                              .trail_unit = VENUE_OFFSET_PRICE,
                              .trail = dec("0.7") };
    CU_ASSERT_FALSE(symbols_check(i, &t, 1, &no));
    t.trail_unit = VENUE_OFFSET_PERCENT;
    CU_ASSERT_TRUE(symbols_check(i, &t, 1, &no));
    symbols_free(s);
}

static bool checked(struct instrument *i, bool post_only, int64_t now_us, int *reason)
{
    struct order_terms t = { .qty = dec("1"), .post_only = post_only };
    struct refusal no = { .reason = 0 };
    bool ok = symbols_check(i, &t, now_us, &no);

    *reason = no.reason;
    return ok;
}

static void test_the_state_of_the_market_is_checked(void)
{
    struct instrument i = { .symbol = "X", .loaded = true, .tradeable = true };
    int reason;

    CU_ASSERT_TRUE(checked(&i, false, 5, &reason)); /* no tick, no lot: nothing to check */
    i.loaded = false;
    CU_ASSERT_FALSE(checked(&i, false, 5, &reason));
    CU_ASSERT_EQUAL(reason, 2);
    i = (struct instrument){ .symbol = "X", .loaded = true };
    CU_ASSERT_FALSE(checked(&i, false, 5, &reason));
    CU_ASSERT_EQUAL(reason, 2);
    i = (struct instrument){ .symbol = "X", .loaded = true, .tradeable = true, .expires_us = 6 };
    CU_ASSERT_TRUE(checked(&i, false, 5, &reason));
    CU_ASSERT_FALSE(checked(&i, false, 6, &reason));
    CU_ASSERT_EQUAL(reason, 2);
    i = (struct instrument){ .symbol = "X", .loaded = true, .tradeable = true, .post_only = true };
    CU_ASSERT_TRUE(checked(&i, true, 5, &reason));
    CU_ASSERT_FALSE(checked(&i, false, 5, &reason));
    CU_ASSERT_EQUAL(reason, 2);
}

CU_TestInfo symbols_tests[] = {
    { "found by both names", test_an_instrument_is_found_by_both_names },
    { "one name, one thing", test_one_name_cannot_mean_two_things },
    { "renamed", test_all_names_change_at_once_or_not_at_all },
    { "delisted", test_what_is_no_longer_listed_is_no_longer_tradeable },
    { "many", test_many_instruments_are_kept },
    { "prices and quantities", test_prices_and_quantities_are_checked },
    { "stop price and trail", test_stop_price_and_trail_are_checked_too },
    { "state of the market", test_the_state_of_the_market_is_checked },
    CU_TEST_INFO_NULL,
};
