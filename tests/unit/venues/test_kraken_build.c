/*
 * Kraken Futures requests: each order type and each operation's parameters, what cannot be
 * expressed, and what calls cost.
 */
#include "kraken_futures.h"
#include "kraken_play.h"
#include "suites.h"

#define API "/derivatives/api/v3/"
#define HISTORY "/api/history/v3/"
#define ORDER "op=place symbol=PI_XBTUSD client=F-1 side=buy qty=10 "
#define HEAD "&symbol=PI_XBTUSD&side=buy&size=10"

static void every_order_type_has_its_parameters(void)
{
    static const struct {
        const char *call, *body;
    } rows[] = {
        { "type=limit tif=gtc price=9.5", "orderType=lmt" HEAD "&limitPrice=9.5&cliOrdId=F-1" },
        { "type=limit tif=gtc price=9.5 post=1",
          "orderType=post" HEAD "&limitPrice=9.5&cliOrdId=F-1" },
        { "type=limit tif=ioc price=9.5", "orderType=ioc" HEAD "&limitPrice=9.5&cliOrdId=F-1" },
        { "type=limit tif=fok price=9.5", "orderType=fok" HEAD "&limitPrice=9.5&cliOrdId=F-1" },
        { "type=market tif=ioc price=9.5", "orderType=mkt" HEAD "&cliOrdId=F-1" },
        { "type=market", "orderType=mkt" HEAD "&cliOrdId=F-1" },
        { "type=stop-market stop=8",
          "orderType=stp" HEAD "&stopPrice=8&triggerSignal=last&cliOrdId=F-1" },
        { "type=stop-limit stop=8 price=9 trigger=mark",
          "orderType=stp" HEAD "&limitPrice=9&stopPrice=8&triggerSignal=mark&cliOrdId=F-1" },
        { "type=take-market stop=8 trigger=index",
          "orderType=take_profit" HEAD "&stopPrice=8&triggerSignal=index&cliOrdId=F-1" },
        { "type=take-limit stop=8 price=9 trigger=last",
          "orderType=take_profit" HEAD
          "&limitPrice=9&stopPrice=8&triggerSignal=last&cliOrdId=F-1" },
        { "type=trailing trail=0.5 trail_unit=percent price=1 stop=2",
          "orderType=trailing_stop" HEAD "&triggerSignal=last&trailingStopMaxDeviation=0.5"
          "&trailingStopDeviationUnit=PERCENT&cliOrdId=F-1" },
        { "type=trailing trail=100 trail_unit=price trigger=mark",
          "orderType=trailing_stop" HEAD "&triggerSignal=mark&trailingStopMaxDeviation=100"
          "&trailingStopDeviationUnit=QUOTE_CURRENCY&cliOrdId=F-1" },
        { "type=limit tif=gtc price=9.50 reduce=1 before_processing=2026-11-20T10:00:00.5Z",
          "orderType=lmt" HEAD "&limitPrice=9.5&reduceOnly=true&cliOrdId=F-1"
          "&processBefore=2026-11-20T10%3A00%3A00.500000Z" },
        { "type=stop-market stop=8 arg.limitPriceOffsetValue=-1.5 arg.limitPriceOffsetUnit=PERCENT",
          "orderType=stp" HEAD
          "&stopPrice=8&triggerSignal=last&cliOrdId=F-1&limitPriceOffsetValue=-1.5"
          "&limitPriceOffsetUnit=PERCENT" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char call[512];

        snprintf(call, sizeof call, ORDER "%s", rows[i].call);
        CU_ASSERT_TRUE(kraken_builds(call, API "sendorder", rows[i].body));
    }
}

static void what_the_venue_cannot_do_never_leaves(void)
{
    static const struct {
        const char *call;
        enum venue_error error;
    } rows[] = {
        { ORDER "type=limit tif=day price=1", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=limit tif=gtd price=1", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=limit tif=ioc price=1 post=1", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=limit tif=fok price=1 post=1", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=market tif=fok", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=market post=1", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=stop-market stop=1 tif=ioc", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=stop-limit stop=1 price=1 post=1", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=take-market stop=1 tif=day", VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=limit price=1", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=limit tif=gtc", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=limit tif=gtc price=-1", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=stop-market", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=trailing", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=trailing trail_unit=percent", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER, VENUE_BUILD_BAD_ARGUMENT },
        { "op=place client=F-1 side=buy qty=10 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=S side=buy qty=10 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=S client=F-1 qty=10 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=S client=F-1 side=buy type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=S client=F-1 side=buy qty=0 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=S client=F.1 side=buy qty=1 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=market arg.unknown=1", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER "type=market arg.limitPriceOffsetValue=1 arg.limitPriceOffsetUnit=PERCENT",
          VENUE_BUILD_UNSUPPORTED },
        { ORDER "type=stop-market stop=1 arg.limitPriceOffsetValue=1", VENUE_BUILD_BAD_ARGUMENT },
        { ORDER
          "type=stop-market stop=1 arg.limitPriceOffsetValue=x arg.limitPriceOffsetUnit=PERCENT",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=replace venue=v side=buy type=market qty=1", VENUE_BUILD_UNSUPPORTED },
        { "op=replace side=buy type=limit tif=gtc qty=1 price=1", VENUE_BUILD_BAD_ARGUMENT },
        { "op=replace venue=v type=limit tif=gtc price=1", VENUE_BUILD_BAD_ARGUMENT },
        { "op=cancel symbol=S", VENUE_BUILD_BAD_ARGUMENT },
        { "op=status", VENUE_BUILD_BAD_ARGUMENT },
        { "op=batch", VENUE_BUILD_BAD_ARGUMENT },
        { "op=batch do=place symbol=S client=F-1 side=buy qty=1 type=stop-market stop=1",
          VENUE_BUILD_UNSUPPORTED },
        { "op=batch do=cancel", VENUE_BUILD_BAD_ARGUMENT },
        { "op=batch do=cancel venue=1 do=cancel venue=1 do=cancel venue=1 do=cancel venue=1 "
          "do=cancel venue=1 "
          "do=cancel venue=1 do=cancel venue=1 do=cancel venue=1 do=cancel venue=1 do=cancel "
          "venue=1 "
          "do=cancel venue=1",
          VENUE_BUILD_TOO_LARGE },
        { "op=set-leverage", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-leverage symbol=S arg.maxLeverage=0", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-leverage symbol=S arg.leverage=1", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-stp", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-stp arg.strategy=NONE", VENUE_BUILD_BAD_ARGUMENT },
        { "op=executions arg.opened=true", VENUE_BUILD_BAD_ARGUMENT },
        { "op=order-history arg.sort=desc", VENUE_BUILD_BAD_ARGUMENT },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(kraken_build_error(rows[i].call), rows[i].error);
        if (kraken_build_error(rows[i].call) != rows[i].error) {
            printf("%s: %s\n", rows[i].call, venue_error_text(kraken_build_error(rows[i].call)));
        }
    }
}

static void client_ids_may_have_a_hundred_characters(void)
{
    char id[KRAKEN_CLIENT_ID_MAX + 2];
    char call[300];

    memset(id, 'a', sizeof id);
    id[KRAKEN_CLIENT_ID_MAX] = '\0';
    snprintf(call, sizeof call, "op=place symbol=S side=buy qty=1 type=market client=%s", id);
    CU_ASSERT_EQUAL(kraken_build_error(call), VENUE_BUILD_OK);
    snprintf(call, sizeof call, "op=place symbol=S side=buy qty=1 type=market client=%sa", id);
    CU_ASSERT_EQUAL(kraken_build_error(call), VENUE_BUILD_BAD_ARGUMENT);
}

static void every_other_operation_has_its_parameters(void)
{
    static const struct {
        const char *call, *target, *body;
    } rows[] = {
        { "op=replace venue=v1 client=c1 type=limit tif=gtc qty=5 price=2", API "editorder",
          "orderId=v1&size=5&limitPrice=2&qtyMode=ABSOLUTE" },
        { "op=replace client=c1 type=stop-limit qty=5 price=2 stop=3", API "editorder",
          "cliOrdId=c1&size=5&limitPrice=2&stopPrice=3&qtyMode=ABSOLUTE" },
        { "op=replace client=c1 type=stop-market qty=5 stop=3", API "editorder",
          "cliOrdId=c1&size=5&stopPrice=3&qtyMode=ABSOLUTE" },
        { "op=replace client=c1 type=trailing qty=5 trail=1 trail_unit=percent", API "editorder",
          "cliOrdId=c1&size=5&trailingStopMaxDeviation=1&trailingStopDeviationUnit=PERCENT&qtyMode="
          "ABSOLUTE" },
        { "op=replace client=c1 type=trailing qty=5", API "editorder",
          "cliOrdId=c1&size=5&qtyMode=ABSOLUTE" },
        { "op=cancel venue=v1 client=c1", API "cancelorder", "order_id=v1" },
        { "op=cancel client=c1 before_processing=2026-11-20T10:00:00Z", API "cancelorder",
          "cliOrdId=c1&processBefore=2026-11-20T10%3A00%3A00.000000Z" },
        { "op=cancel-all", API "cancelallorders", "" },
        { "op=cancel-all symbol=PI_XBTUSD", API "cancelallorders", "symbol=PI_XBTUSD" },
        { "op=deadman timeout=60", API "cancelallordersafter", "timeout=60" },
        { "op=deadman", API "cancelallordersafter", "timeout=0" },
        { "op=status venue=a venue=b client=c", API "orders/status",
          "orderIds=a&orderIds=b&cliOrdIds=c" },
        { "op=open-orders", API "openorders", "" },
        { "op=fills", API "fills", "" },
        { "op=fills since=2026-01-01T00:00:00Z", API "fills", "" },
        { "op=executions", HISTORY "executions?sort=asc&count=1000", "" },
        { "op=executions count=5000 cursor=a+b= symbol=PI",
          HISTORY "executions?sort=asc&continuation_token=a%2Bb%3D&count=1000&tradeable=PI", "" },
        { "op=order-history arg.opened=true arg.closed=false",
          HISTORY "orders?sort=asc&count=1000&opened=true&closed=false", "" },
        { "op=trigger-history since=1970-01-01T00:00:01.0005Z before=1970-01-01T00:00:02.0005Z",
          HISTORY "triggers?since=1000&before=2001&sort=asc&count=1000", "" },
        { "op=account-log count=50 arg.info=a arg.info=b arg.from=1 arg.to=2",
          HISTORY "account-log?sort=asc&count=50&info=a&info=b&from=1&to=2", "" },
        { "op=positions", API "openpositions", "" },
        { "op=get-leverage", API "leveragepreferences", "" },
        { "op=get-leverage symbol=PF_XBTUSD", API "leveragepreferences?symbol=PF_XBTUSD", "" },
        { "op=set-leverage symbol=PF_XBTUSD", API "leveragepreferences", "symbol=PF_XBTUSD" },
        { "op=set-leverage symbol=PF_XBTUSD arg.maxLeverage=2.5", API "leveragepreferences",
          "symbol=PF_XBTUSD&maxLeverage=2.5" },
        { "op=get-stp", API "self-trade-strategy", "" },
        { "op=set-stp arg.strategy=REJECT_TAKER", API "self-trade-strategy",
          "strategy=REJECT_TAKER" },
        { "op=set-stp arg.strategy=CANCEL_MAKER_CHILD", API "self-trade-strategy",
          "strategy=CANCEL_MAKER_CHILD" },
        { "op=set-stp arg.strategy=CANCEL_MAKER_ANY", API "self-trade-strategy",
          "strategy=CANCEL_MAKER_ANY" },
        { "op=instruments", API "instruments", "" },
        { "op=batch do=replace venue=v type=limit tif=gtc qty=1 price=2 "
          "before_processing=2026-11-20T10:00:02Z "
          "do=cancel client=c before_processing=2026-11-20T10:00:01Z",
          API "batchorder",
          "json=%7B%22batchOrder%22%3A%5B%7B%22order%22%3A%22edit%22%2C%22order_id%22%3A%22v%22%2C%"
          "22size%22"
          "%3A1%2C%22limitPrice%22%3A2%2C%22qtyMode%22%3A%22ABSOLUTE%22%7D%2C%7B%22order%22%3A%"
          "22cancel%22%2C"
          "%22cliOrdId%22%3A%22c%22%7D%5D%7D&processBefore=2026-11-20T10%3A00%3A01.000000Z" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_TRUE(kraken_builds(rows[i].call, rows[i].target, rows[i].body));
    }
}

static void calls_cost_what_the_sheet_says(void)
{
    static const struct {
        struct venue_call call;
        uint32_t derivatives, history;
    } rows[] = {
        { { .op = VENUE_PLACE }, 10, 0 },
        { { .op = VENUE_REPLACE }, 10, 0 },
        { { .op = VENUE_CANCEL }, 10, 0 },
        { { .op = VENUE_CANCEL_ALL }, 25, 0 },
        { { .op = VENUE_DEADMAN }, 25, 0 },
        { { .op = VENUE_BATCH, .instruction_count = 10 }, 19, 0 },
        { { .op = VENUE_BATCH, .instruction_count = 1 }, 10, 0 },
        { { .op = VENUE_STATUS }, 1, 0 },
        { { .op = VENUE_OPEN_ORDERS }, 2, 0 },
        { { .op = VENUE_FILLS }, 2, 0 },
        { { .op = VENUE_FILLS, .before_us = 1 }, 25, 0 },
        { { .op = VENUE_EXECUTIONS }, 0, 1 },
        { { .op = VENUE_ORDER_HISTORY }, 0, 1 },
        { { .op = VENUE_TRIGGER_HISTORY }, 0, 1 },
        { { .op = VENUE_POSITIONS }, 2, 0 },
        { { .op = VENUE_GET_LEVERAGE }, 2, 0 },
        { { .op = VENUE_SET_LEVERAGE }, 10, 0 },
        { { .op = VENUE_GET_STP }, 2, 0 },
        { { .op = VENUE_SET_STP }, 2, 0 },
        { { .op = VENUE_INSTRUMENTS }, 0, 0 },
        { { .op = VENUE_ACCOUNT_LOG, .count = 25 }, 0, 1 },
        { { .op = VENUE_ACCOUNT_LOG, .count = 26 }, 0, 2 },
        { { .op = VENUE_ACCOUNT_LOG }, 0, 3 },
        { { .op = VENUE_ACCOUNT_LOG, .count = 1000 }, 0, 3 },
        { { .op = VENUE_ACCOUNT_LOG, .count = 1001 }, 0, 6 },
        { { .op = VENUE_ACCOUNT_LOG, .count = 5001 }, 0, 10 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(venue_call_cost(&venue_kraken_futures, &rows[i].call, 0),
                        rows[i].derivatives);
        CU_ASSERT_EQUAL(venue_call_cost(&venue_kraken_futures, &rows[i].call, 1), rows[i].history);
    }
    CU_ASSERT_EQUAL(venue_kraken_futures.window[0].capacity, 500);
    CU_ASSERT_EQUAL(venue_kraken_futures.window[0].period_ms, 10000);
    CU_ASSERT_EQUAL(venue_kraken_futures.window[1].capacity, 100);
    CU_ASSERT_EQUAL(venue_kraken_futures.window[1].period_ms, 600000);
}

CU_TestInfo kraken_build_tests[] = {
    { "every_order_type_has_its_parameters", every_order_type_has_its_parameters },
    { "what_the_venue_cannot_do_never_leaves", what_the_venue_cannot_do_never_leaves },
    { "client_ids_may_have_a_hundred_characters", client_ids_may_have_a_hundred_characters },
    { "every_other_operation_has_its_parameters", every_other_operation_has_its_parameters },
    { "calls_cost_what_the_sheet_says", calls_cost_what_the_sheet_says },
    CU_TEST_INFO_NULL,
};
