/*
 * Bybit requests beyond those of the pair files: linear accounts, hedge mode, attached take-profit
 * and stop-loss, self-trade prevention, and everything that is refused before it leaves.
 */
#include "bybit.h"
#include "bybit_play.h"
#include "suites.h"

#define LIMIT_WORDS                                                                                \
    "op=place symbol=BTCUSDT client=F-1 side=buy type=limit tif=gtc qty=0.5 price=60000"
#define LIMIT_HEAD                                                                                 \
    "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Limit\","    \
    "\"qty\":\"0.5\","                                                                             \
    "\"price\":\"60000\",\"timeInForce\":\"GTC\",\"orderLinkId\":\"F-1\",\"positionIdx\":"

/* The order of LIMIT_WORDS with a change, on a linear account; `tail` follows positionIdx's name.
 */
static bool limit_gives(const char *options, const struct venue_order *o, const char *tail)
{
    struct venue_call call = { .op = VENUE_PLACE, .order = *o };
    char body[1024];

    snprintf(body, sizeof body, "%s%s", LIMIT_HEAD, tail);
    return bybit_builds_call(options, &call, "/v5/order/create", body);
}

static struct venue_order limit_order(void)
{
    struct call_text c;

    bybit_understand(LIMIT_WORDS, &c);
    return c.call.order;
}

static void lists_of_linear_name_a_coin(void)
{
    static const struct {
        const char *call, *target;
    } rows[] = {
        { "op=status client=F-1",
          "/v5/order/realtime?category=linear&settleCoin=USDC&orderLinkId=F-1" },
        { "op=status venue=v symbol=BTCPERP",
          "/v5/order/realtime?category=linear&symbol=BTCPERP&orderId=v" },
        { "op=open-orders", "/v5/order/realtime?category=linear&settleCoin=USDC&limit=50" },
        { "op=open-orders arg.baseCoin=BTC",
          "/v5/order/realtime?category=linear&baseCoin=BTC&limit=50" },
        { "op=positions", "/v5/position/list?category=linear&settleCoin=USDC" },
        { "op=positions count=500 cursor=a%2Cb",
          "/v5/position/list?category=linear&settleCoin=USDC&limit=200&cursor=a%2Cb" },
        { "op=fills", "/v5/execution/list?category=linear&limit=100" },
        { "op=instruments arg.baseCoin=BTC count=3",
          "/v5/market/instruments-info?category=linear&baseCoin=BTC&limit=3" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_TRUE(
            bybit_builds("category=linear settleCoin=USDC", rows[i].call, rows[i].target, ""));
    }
    CU_ASSERT_TRUE(bybit_builds(
        "category=linear", "op=cancel-all", "/v5/order/cancel-all",
        "{\"category\":\"linear\",\"settleCoin\":\"USDT\",\"orderFilter\":\"Order\"}"));
}

static void the_side_of_a_hedge_is_told_by_position_effect(void)
{
    static const struct {
        char position;
        enum venue_side side;
        const char *index;
    } rows[] = { { 'O', VENUE_BUY, "1" },
                 { 'C', VENUE_SELL, "1" },
                 { 'O', VENUE_SELL, "2" },
                 { 'C', VENUE_BUY, "2" } };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct venue_call call = { .op = VENUE_PLACE, .order = limit_order() };
        char body[512];

        call.order.position = rows[i].position;
        call.order.side = rows[i].side;
        snprintf(
            body, sizeof body,
            "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"%s\",\"orderType\":"
            "\"Limit\","
            "\"qty\":\"0.5\",\"price\":\"60000\",\"timeInForce\":\"GTC\",\"orderLinkId\":\"F-1\","
            "\"positionIdx\":%s%s}",
            rows[i].side == VENUE_BUY ? "Buy" : "Sell", rows[i].index,
            rows[i].position == 'C' ? ",\"reduceOnly\":true" : "");
        CU_ASSERT_TRUE(bybit_builds_call("category=linear positionMode=hedge", &call,
                                         "/v5/order/create", body));
    }
}

static void position_effect_is_never_guessed(void)
{
    struct venue_call call = { .op = VENUE_PLACE, .order = limit_order() };

    CU_ASSERT_EQUAL(bybit_build_call_error("category=linear positionMode=hedge", &call),
                    VENUE_BUILD_UNSUPPORTED);
    call.order.position = 'O';
    CU_ASSERT_EQUAL(bybit_build_call_error("category=linear", &call), VENUE_BUILD_UNSUPPORTED);
    call.order.position = 'C';
    CU_ASSERT_TRUE(limit_gives("category=linear", &call.order, "0,\"reduceOnly\":true}"));
    CU_ASSERT_EQUAL(bybit_build_error("category=linear positionMode=hedge",
                                      "op=position-triggers symbol=S arg.stopLoss=1"),
                    VENUE_BUILD_BAD_ARGUMENT);
    CU_ASSERT_TRUE(bybit_builds(
        "category=linear positionMode=hedge", "op=close-position symbol=S arg.side=Buy",
        "/v5/order/create",
        "{\"category\":\"linear\",\"symbol\":\"S\",\"side\":\"Buy\",\"orderType\":\"Market\","
        "\"qty\":\"0\",\"positionIdx\":2,\"reduceOnly\":true,\"closeOnTrigger\":true}"));
}

static void attached_triggers_are_sent(void)
{
    struct venue_order o = limit_order();

    o.has_take_profit = o.has_stop_loss = true;
    o.take_profit = (struct decimal){ 70000, 0 };
    o.stop_loss = (struct decimal){ 500005, 1 };
    CU_ASSERT_TRUE(
        limit_gives("category=linear", &o,
                    "0,\"takeProfit\":\"70000\",\"stopLoss\":\"50000.5\",\"tpslMode\":\"Full\"}"));
    o.trigger = VENUE_TRIGGER_MARK;
    CU_ASSERT_TRUE(limit_gives(
        "category=linear", &o,
        "0,\"takeProfit\":\"70000\",\"stopLoss\":\"50000.5\",\"tpTriggerBy\":\"MarkPrice\","
        "\"slTriggerBy\":\"MarkPrice\",\"tpslMode\":\"Full\"}"));
    o.trigger = VENUE_TRIGGER_DEFAULT;
    o.has_take_profit_limit = o.has_stop_loss_limit = true;
    o.take_profit_limit = (struct decimal){ 69990, 0 };
    o.stop_loss_limit = (struct decimal){ 49990, 0 };
    CU_ASSERT_TRUE(limit_gives(
        "category=linear", &o,
        "0,\"takeProfit\":\"70000\",\"stopLoss\":\"50000.5\",\"tpslMode\":\"Partial\","
        "\"tpOrderType\":\"Limit\",\"tpLimitPrice\":\"69990\",\"slOrderType\":\"Limit\","
        "\"slLimitPrice\":\"49990\"}"));
}

static void attached_triggers_have_rules(void)
{
    struct venue_call call = { .op = VENUE_PLACE, .order = limit_order() };

    call.order.has_take_profit_limit = true;
    CU_ASSERT_EQUAL(bybit_build_call_error("", &call), VENUE_BUILD_BAD_ARGUMENT);
    call.order.has_take_profit = true;
    CU_ASSERT_EQUAL(bybit_build_call_error("", &call), VENUE_BUILD_BAD_ARGUMENT); /* of 0 */
    call.order.take_profit = call.order.take_profit_limit = (struct decimal){ 1, 0 };
    CU_ASSERT_EQUAL(bybit_build_call_error("", &call), VENUE_BUILD_OK);
    call.order.reduce_only = true;
    CU_ASSERT_EQUAL(bybit_build_call_error("", &call), VENUE_BUILD_UNSUPPORTED);
    call.order.reduce_only = false;
    call.order.position = 'C';
    CU_ASSERT_EQUAL(bybit_build_call_error("", &call), VENUE_BUILD_UNSUPPORTED);
    /* An amendment may remove them. */
    call.op = VENUE_REPLACE;
    call.order.has_take_profit_limit = false;
    call.order.take_profit = DECIMAL_ZERO;
    CU_ASSERT_TRUE(bybit_builds_call(
        "", &call, "/v5/order/amend",
        "{\"category\":\"inverse\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"F-1\","
        "\"qty\":\"0.5\",\"price\":\"60000\",\"takeProfit\":\"0\",\"tpslMode\":\"Full\"}"));
}

static void self_trade_modes_are_those_of_the_venue(void)
{
    static const struct {
        char stp;
        const char *tail;
    } rows[] = { { 'N', "0,\"smpType\":\"CancelTaker\"}" },
                 { 'O', "0,\"smpType\":\"CancelMaker\"}" },
                 { 'B', "0,\"smpType\":\"CancelBoth\"}" },
                 { 0, "0}" } };
    struct venue_call call = { .op = VENUE_PLACE, .order = limit_order() };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        call.order.stp = rows[i].stp;
        CU_ASSERT_TRUE(limit_gives("category=linear", &call.order, rows[i].tail));
    }
    call.order.stp = 'D';
    CU_ASSERT_EQUAL(bybit_build_call_error("", &call), VENUE_BUILD_UNSUPPORTED);
}

static void what_the_venue_cannot_do_is_refused(void)
{
    static const char *const calls[] = {
        "op=place symbol=S client=F side=buy type=trailing tif=gtc qty=1 trail=5 trail_unit=price",
        "op=place symbol=S client=F side=buy type=limit tif=day qty=1 price=1",
        "op=place symbol=S client=F side=buy type=limit tif=gtd qty=1 price=1 "
        "expire=2026-01-01T00:00:00Z",
        "op=place symbol=S client=F side=buy type=limit tif=ioc post=1 qty=1 price=1",
        "op=place symbol=S client=F side=buy type=limit tif=fok post=1 qty=1 price=1",
        "op=place symbol=S client=F side=buy type=market post=1 qty=1",
        "op=place symbol=S client=F side=buy type=market tif=fok qty=1",
        "op=place symbol=S client=F side=buy type=limit tif=gtc qty=1 price=1 trigger=mark",
        "op=place symbol=S client=F side=buy type=stop-market qty=1 stop=1 arg.slippageTolerance=1",
        "op=replace symbol=S client=F type=market qty=1",
        "op=batch do=replace symbol=S client=F type=stop-market qty=1 stop=2",
        "op=batch do=cancel symbol=S client=F do=place symbol=S client=G side=buy type=market "
        "qty=1",
        "op=deadman",
        "op=deadman timeout=2",
        "op=deadman timeout=301",
    };
    struct venue_call quote = { .op = VENUE_PLACE, .order = limit_order() };

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        CU_ASSERT_EQUAL(bybit_build_error("", calls[i]), VENUE_BUILD_UNSUPPORTED);
    }
    quote.order.qty_is_quote = true;
    CU_ASSERT_EQUAL(bybit_build_call_error("", &quote), VENUE_BUILD_UNSUPPORTED);
}

static void malformed_orders_do_not_leave(void)
{
    static const char *const calls[] = {
        "op=place client=F side=buy type=market qty=1",
        "op=place symbol=S side=buy type=market qty=1",
        "op=place symbol=S client=F type=market qty=1",
        "op=place symbol=S client=F side=buy qty=1",
        "op=place symbol=S client=F side=buy type=market qty=0",
        "op=place symbol=S client=F side=buy type=limit tif=gtc qty=1",
        "op=place symbol=S client=F side=buy type=limit qty=1 price=1",
        "op=place symbol=S client=F side=buy type=stop-limit tif=gtc qty=1 price=1",
        "op=place symbol=S client=has.a.dot side=buy type=market qty=1",
        "op=place symbol=S client=1234567890123456789012345678901234567 side=buy type=market qty=1",
        "op=place symbol=S client=F side=buy type=market qty=1 arg.colour=red",
        "op=place symbol=S client=F side=buy type=market qty=1 arg.closeOnTrigger=1",
        "op=place symbol=S client=F side=buy type=market qty=1 arg.bboLevel=x",
        "op=place symbol=S client=F side=buy type=market qty=1 arg.bboLevel=1 arg.bboLevel=2",
        "op=replace client=F type=limit qty=1 price=1",
        "op=replace symbol=S type=limit qty=1 price=1",
        "op=cancel symbol=S",
        "op=cancel client=F",
        "op=cancel symbol=S client=F arg.orderFilter=Order",
        "op=batch",
        "op=status",
        "op=status client=F arg.openOnly=1",
    };

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        CU_ASSERT_EQUAL(bybit_build_error("", calls[i]), VENUE_BUILD_BAD_ARGUMENT);
    }
}

static void malformed_questions_do_not_leave(void)
{
    static const char *const calls[] = {
        "op=cancel-all",
        "op=cancel-all symbol=S arg.baseCoin=BTC",
        "op=cancel-all symbol=S arg.orderFilter=All",
        "op=cancel-all arg.baseCoin=BTC arg.settleCoin=BTC",
        "op=cancel-all symbol=S arg.stopOrderType=Stop",
        "op=cancel-all symbol=S arg.orderFilter=StopOrder arg.stopOrderType=TakeProfit",
        "op=open-orders cursor=a&symbol=b",
        "op=open-orders cursor=~1",
        "op=open-orders cursor=~x~a",
        "op=open-orders cursor=~-5~a",
        "op=open-orders arg.symbol=S",
        "op=order-history client=a client=b",
        "op=fills cursor=a#b",
        "op=executions arg.orderFilter=Order",
        "op=trigger-history arg.orderFilter=Order",
        "op=deadman arg.show=yes",
        "op=deadman timeout=40 arg.hide=1",
        "op=close-position symbol=S",
        "op=close-position side=buy",
        "op=close-position symbol=S arg.side=buy",
        "op=position-triggers symbol=S",
        "op=position-triggers arg.stopLoss=1",
        "op=position-triggers symbol=S arg.stopLoss=-1",
        "op=position-triggers symbol=S arg.stopLoss=1 arg.slSize=1",
        "op=position-triggers symbol=S arg.stopLoss=1 arg.tpslMode=Half",
        ("op=position-triggers symbol=S arg.stopLoss=1 arg.tpslMode=Partial arg.tpSize=1 "
         "arg.slSize=2"),
        "op=position-triggers symbol=S arg.stopLoss=1 arg.positionIdx=0.5",
        "op=set-leverage symbol=S",
        "op=set-leverage arg.leverage=1",
        "op=set-leverage symbol=S arg.leverage=0",
        "op=set-leverage symbol=S arg.leverage=1 arg.buyLeverage=1",
        "op=set-leverage symbol=S arg.buyLeverage=1",
        "op=set-leverage symbol=S arg.buyLeverage=1 arg.sellLeverage=2",
        "op=set-leverage symbol=S arg.modifyEnable=false",
        "op=set-leverage arg.modifyEnable=no",
        "op=set-leverage arg.modifyEnable=false arg.leverage=1",
        "op=get-stp arg.x=1",
        "op=time arg.x=1",
        "op=check-order arg.what=weather",
        "op=check-order arg.what=price-limit",
        "op=check-order",
        "op=check-order arg.what=account arg.more=1",
    };

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        enum venue_error error = bybit_build_error("", calls[i]);

        if (error != VENUE_BUILD_BAD_ARGUMENT) {
            printf("%s: %s\n", calls[i], venue_error_text(error));
        }
        CU_ASSERT_EQUAL(error, VENUE_BUILD_BAD_ARGUMENT);
    }
}

static void sizes_have_bounds(void)
{
    char text[2048];
    size_t at = (size_t)snprintf(text, sizeof text, "op=batch");

    for (int i = 0; i < BYBIT_BATCH_MAX; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, " do=cancel symbol=S client=F-%d", i);
    }
    CU_ASSERT_EQUAL(bybit_build_error("", text), VENUE_BUILD_OK);
    snprintf(text + at, sizeof text - at, " do=cancel symbol=S client=F-x");
    CU_ASSERT_EQUAL(bybit_build_error("", text), VENUE_BUILD_TOO_LARGE);
    CU_ASSERT_TRUE(bybit_builds("", "op=open-orders count=500",
                                "/v5/order/realtime?category=inverse&limit=50", ""));
    CU_ASSERT_TRUE(bybit_builds("category=linear positionMode=hedge",
                                "op=set-leverage symbol=S arg.buyLeverage=1 arg.sellLeverage=2.5",
                                "/v5/position/set-leverage",
                                "{\"category\":\"linear\",\"symbol\":\"S\",\"buyLeverage\":\"1\","
                                "\"sellLeverage\":\"2.5\"}"));
}

static void texts_are_escaped(void)
{
    CU_ASSERT_TRUE(
        bybit_builds("", "op=cancel symbol=a\"b venue=c\\d", "/v5/order/cancel",
                     "{\"category\":\"inverse\",\"symbol\":\"a\\\"b\",\"orderId\":\"c\\\\d\"}"));
    CU_ASSERT_TRUE(bybit_builds("", "op=positions symbol=a&b=c",
                                "/v5/position/list?category=inverse&symbol=a%26b%3Dc", ""));
}

CU_TestInfo bybit_build_tests[] = {
    { "lists_of_linear_name_a_coin", lists_of_linear_name_a_coin },
    { "the_side_of_a_hedge_is_told_by_position_effect",
      the_side_of_a_hedge_is_told_by_position_effect },
    { "position_effect_is_never_guessed", position_effect_is_never_guessed },
    { "attached_triggers_are_sent", attached_triggers_are_sent },
    { "attached_triggers_have_rules", attached_triggers_have_rules },
    { "self_trade_modes_are_those_of_the_venue", self_trade_modes_are_those_of_the_venue },
    { "what_the_venue_cannot_do_is_refused", what_the_venue_cannot_do_is_refused },
    { "malformed_orders_do_not_leave", malformed_orders_do_not_leave },
    { "malformed_questions_do_not_leave", malformed_questions_do_not_leave },
    { "sizes_have_bounds", sizes_have_bounds },
    { "texts_are_escaped", texts_are_escaped },
    CU_TEST_INFO_NULL,
};
