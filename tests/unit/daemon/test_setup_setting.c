/*
 * The keys of account settings: taken as the venue has them, and told where it has them not.
 */
#include <CUnit/Basic.h>

#include "setup_setting.h"
#include "suites.h"

static struct config_account account;
static struct setup_setting settings;
static struct symbols *symbols;
static size_t mistakes;

static void read_for(const char *driver)
{
    struct config_mistakes *m = config_mistakes_new("a.conf");
    int lines[256] = { 0 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    account.head.kind = CONFIG_ACCOUNT;
    account.head.key_line = lines;
    setup_setting_fini(&settings);
    settings = (struct setup_setting){ NULL, 0 };
    setup_setting_read(&account, venue_find(bytes_of(driver)), symbols, &settings, m);
    mistakes = m->count;
    config_mistakes_free(m);
}

static void test_settings_of_symbols_by_either_name(void)
{
    symbols = symbols_new(1);
    CU_ASSERT_TRUE(symbols_alias(symbols, BYTES("BTC/USD"), BYTES("PF_XBTUSD")));
    account = (struct config_account){ .leverage = BYTES("BTC/USD=10, PF_ETHUSD=2.5"),
                                       .leverage_apply = true,
                                       .margin_mode = BYTES("PF_ETHUSD=isolated"),
                                       .self_trade = BYTES("CANCEL_MAKER_ANY"),
                                       .settings_mismatch = 1 };
    read_for("kraken-futures");
    CU_ASSERT_EQUAL(mistakes, 0);
    CU_ASSERT_EQUAL_FATAL(settings.count, 4);
    CU_ASSERT_TRUE(bytes_is(settings.item[0].symbol, "PF_XBTUSD"));
    CU_ASSERT_TRUE(bytes_is(settings.item[0].want, "10"));
    CU_ASSERT_TRUE(settings.item[0].apply && settings.item[0].warn);
    CU_ASSERT_TRUE(bytes_is(settings.item[1].want, "2.5"));
    CU_ASSERT_EQUAL(settings.item[2].what, VENUE_SETTING_MARGIN_MODE);
    CU_ASSERT_FALSE(settings.item[2].apply);
    CU_ASSERT_TRUE(bytes_is(settings.item[3].want, "CANCEL_MAKER_ANY"));
    symbols_free(symbols);
}

static void test_what_a_venue_has_not_is_a_mistake(void)
{
    static const struct {
        const char *driver;
        struct config_account account;
        size_t mistakes;
    } cases[] = {
        { "kraken-futures", { .leverage = { "PF_XBTUSD", 9 } }, 1 },
        { "kraken-futures", { .leverage = { "PF_XBTUSD=0", 11 } }, 1 },
        { "kraken-futures", { .leverage = { "A=1 A=2", 7 } }, 1 },
        { "kraken-futures", { .margin_mode = { "cross", 5 } }, 1 },
        { "kraken-futures", { .margin_mode = { "A=odd", 5 } }, 1 },
        { "kraken-futures", { .margin_mode = { "A=cross", 7 } }, 0 },
        { "kraken-futures", { .margin_mode_apply = true }, 1 },
        { "kraken-futures", { .price_limit = { "refuse", 6 } }, 1 },
        { "bybit", { .price_limit = { "refuse", 6 } }, 0 },
        { "bybit", { .price_limit = { "move", 4 } }, 1 },
        { "bybit", { .price_limit_apply = true }, 0 },
        { "bybit", { .margin_mode = { "isolated", 8 } }, 0 },
        { "bybit", { .margin_mode = { "isolated", 8 }, .margin_mode_apply = true }, 1 },
        { "bitget", { .position_mode_apply = true }, 0 },
        { "b2prime", { .leverage = { "A=1", 3 } }, 1 },
        { "b2prime", { .leverage = { NULL, 0 } }, 0 },
    };

    symbols = symbols_new(1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        account = cases[i].account;
        read_for(cases[i].driver);
        CU_ASSERT_EQUAL(mistakes, cases[i].mistakes);
    }
    setup_setting_fini(&settings);
    settings = (struct setup_setting){ NULL, 0 };
    symbols_free(symbols);
}

CU_TestInfo setup_setting_tests[] = {
    { "by either name", test_settings_of_symbols_by_either_name },
    { "not of this venue", test_what_a_venue_has_not_is_a_mistake },
    CU_TEST_INFO_NULL,
};
