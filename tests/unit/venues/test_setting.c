/*
 * Settings by the drivers' tables: each is asked for by an operation the driver has, and its
 * answers are read in the words all venues share.
 */
#include <CUnit/Basic.h>

#include "suites.h"
#include "venue_setting.h"

static const struct venue_setting_way *way(const char *driver, enum venue_setting what)
{
    const struct venue_driver *d = venue_find(bytes_of(driver));

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return venue_setting_find(d, what);
}

static void test_a_driver_has_the_calls_its_settings_name(void)
{
    unsigned ways = 0;

    for (size_t i = 0; venue_list[i] != NULL; i++) {
        const struct venue_driver *d = venue_list[i];

        for (unsigned k = 0; k < VENUE_SETTING_COUNT; k++) {
            const struct venue_setting_way *w = venue_setting_find(d, (enum venue_setting)k);

            if (w == NULL) {
                continue;
            }
            ways++;
            CU_ASSERT_PTR_NOT_NULL(d->endpoint[w->ask].build);
            CU_ASSERT_FALSE(venue_op_acts(w->ask));
            CU_ASSERT_EQUAL(w->set != 0, w->set_arg != NULL);
            if (w->set != 0) {
                CU_ASSERT_PTR_NOT_NULL(d->endpoint[w->set].build);
                CU_ASSERT_TRUE(venue_op_acts(w->set));
            }
            if (w->follows_hedge) {
                CU_ASSERT_PTR_NOT_NULL(d->hedge);
            }
        }
    }
    CU_ASSERT_TRUE(ways >= 11);
}

static void test_answers_are_read(void)
{
    static const struct {
        const char *driver;
        enum venue_setting what;
        const char *symbol, *text, *value; /* NULL: it does not say */
    } cases[] = {
        { "kraken-futures", VENUE_SETTING_LEVERAGE, "PF_XBTUSD", "PF_XBTUSD=10 PF_ETHUSD=5", "10" },
        { "kraken-futures", VENUE_SETTING_LEVERAGE, "PF_XBT", "PF_XBTUSD=10", "none" },
        { "kraken-futures", VENUE_SETTING_LEVERAGE, "PF_XBTUSD", "", "none" },
        { "kraken-futures", VENUE_SETTING_MARGIN_MODE, "PF_ETHUSD", "PF_ETHUSD=5", "isolated" },
        { "kraken-futures", VENUE_SETTING_MARGIN_MODE, "PF_XBTUSD", "PF_ETHUSD=5", "cross" },
        { "kraken-futures", VENUE_SETTING_SELF_TRADE, "", "REJECT_TAKER", "REJECT_TAKER" },
        { "bybit", VENUE_SETTING_LEVERAGE, "BTCUSD", "BTCUSD=10", "10" },
        { "bybit", VENUE_SETTING_LEVERAGE, "BTCUSD", "BTCUSD=10 BTCUSD=10", "10" },
        { "bybit", VENUE_SETTING_LEVERAGE, "BTCUSD", "BTCUSD=10 BTCUSD=5", "mixed" },
        { "bybit", VENUE_SETTING_LEVERAGE, "BTCUSD", "BTCUSD=", "none" },
        { "bybit", VENUE_SETTING_LEVERAGE, "ETHUSD", "BTCUSD=10", NULL },
        { "bybit", VENUE_SETTING_MARGIN_MODE, "", "unifiedMarginStatus=5 marginMode=REGULAR_MARGIN",
          "cross" },
        { "bybit", VENUE_SETTING_MARGIN_MODE, "", "marginMode=PORTFOLIO_MARGIN",
          "PORTFOLIO_MARGIN" },
        { "bybit", VENUE_SETTING_PRICE_LIMIT, "", "lpaPerp=true", "refuse" },
        { "bybit", VENUE_SETTING_PRICE_LIMIT, "", "lpaPerp=false", "adjust" },
        { "bybit", VENUE_SETTING_PRICE_LIMIT, "", "lpaSpot=true", NULL },
        { "bitget", VENUE_SETTING_POSITION_MODE, "", "posMode=hedge_mode marginMode=crossed",
          "hedge" },
        { "bitget", VENUE_SETTING_MARGIN_MODE, "B", "posMode=hedge_mode marginMode=crossed",
          "cross" },
        { "bitget", VENUE_SETTING_LEVERAGE, "B",
          "marginMode=crossed crossedMarginLeverage=20 isolatedLongLever=5", "20" },
        { "bitget", VENUE_SETTING_LEVERAGE, "B",
          "marginMode=isolated crossedMarginLeverage=20 isolatedLongLever=5 isolatedShortLever=5",
          "5" },
        { "bitget", VENUE_SETTING_LEVERAGE, "B",
          "marginMode=isolated isolatedLongLever=5 isolatedShortLever=6", "mixed" },
        { "coinswitch", VENUE_SETTING_LEVERAGE, "BTCUSDT", "BTCUSDT=10", "10" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct venue_setting_way *w = way(cases[i].driver, cases[i].what);
        struct bytes value;
        bool told;

        CU_ASSERT_PTR_NOT_NULL_FATAL(w);
        told = venue_setting_read(w, bytes_of(cases[i].symbol), bytes_of(cases[i].text), &value);
        CU_ASSERT_EQUAL(told, cases[i].value != NULL);
        if (cases[i].value != NULL) {
            CU_ASSERT_TRUE(bytes_is(value, cases[i].value));
        }
    }
}

static void test_words_of_the_calls(void)
{
    const struct venue_setting_way *w = way("bybit", VENUE_SETTING_PRICE_LIMIT);

    CU_ASSERT_TRUE(bytes_is(venue_setting_word(w, BYTES("refuse")), "false"));
    CU_ASSERT_TRUE(bytes_is(venue_setting_word(w, BYTES("adjust")), "true"));
    w = way("bitget", VENUE_SETTING_POSITION_MODE);
    CU_ASSERT_TRUE(bytes_is(venue_setting_word(w, BYTES("hedge")), "hedge_mode"));
    w = way("kraken-futures", VENUE_SETTING_LEVERAGE);
    CU_ASSERT_TRUE(bytes_is(venue_setting_word(w, BYTES("12.5")), "12.5"));
}

/* A price that is moved without a word would make Price(44) a lie. */
static void test_bybit_demands_that_prices_are_not_moved(void)
{
    const struct venue_setting_way *w = way("bybit", VENUE_SETTING_PRICE_LIMIT);

    CU_ASSERT_STRING_EQUAL(w->standard, "refuse");
    CU_ASSERT_TRUE(w->strict);
}

CU_TestInfo setting_tests[] = {
    { "calls", test_a_driver_has_the_calls_its_settings_name },
    { "answers", test_answers_are_read },
    { "words", test_words_of_the_calls },
    { "price limit", test_bybit_demands_that_prices_are_not_moved },
    CU_TEST_INFO_NULL,
};
