/*
 * Bitget: what is written for orders that the pair files cannot say (hedge mode, presets,
 * self-trade prevention, modify), and everything that is refused before it leaves.
 */
#include <stdio.h>

#include "bitget_play.h"
#include "suites.h"

#define LIMIT "op=place symbol=ETHUSDT client=FB-1 type=limit tif=gtc qty=0.1 price=2000 "

static struct bitget_play play;

static void begin(const struct venue_driver *d, const char *options, const char *call)
{
    const char *error = NULL;

    CU_ASSERT_TRUE_FATAL(bitget_play_open(&play, d, options, &error));
    bitget_play_call(&play, call);
}

static enum venue_error built(const struct venue_driver *d, const char *options, const char *call)
{
    enum venue_error error;

    begin(d, options, call);
    error = bitget_play_build(&play);
    bitget_play_close(&play);
    return error;
}

static bool body_holds(const char *part)
{
    char text[4096];

    if (bitget_play_build(&play) != VENUE_BUILD_OK ||
        !bytes_to_field(buf_view(&play.request.body), text, sizeof text)) {
        return false;
    }
    return strstr(text, part) != NULL;
}

/* `side` names the position that is opened or closed, not the direction of the trade. */
static void hedge_mode_closes_a_long_with_side_buy(void)
{
    static const struct {
        const char *side;
        char position;
        bool reduce;
        const char *part;
    } rows[] = {
        { "side=buy", 'O', false, "\"side\":\"buy\",\"tradeSide\":\"open\"" },
        { "side=sell", 'C', false, "\"side\":\"buy\",\"tradeSide\":\"close\"" },
        { "side=sell", 'O', false, "\"side\":\"sell\",\"tradeSide\":\"open\"" },
        { "side=buy", 'C', false, "\"side\":\"sell\",\"tradeSide\":\"close\"" },
        { "side=buy", 'C', true, "\"side\":\"sell\",\"tradeSide\":\"close\"" },
        { "side=sell", 0, true, "\"side\":\"buy\",\"tradeSide\":\"close\"" },
    };
    static const char *const kinds[] = { LIMIT, LIMIT "type=stop-limit stop=2001 " };

    for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
        char call[256];

        snprintf(call, sizeof call, "%s%s", kinds[i / ARRAY_LEN(rows)],
                 rows[i % ARRAY_LEN(rows)].side);
        begin(&venue_bitget, "positionMode=hedge_mode", call);
        play.call.call.order.position = rows[i % ARRAY_LEN(rows)].position;
        play.call.call.order.reduce_only = rows[i % ARRAY_LEN(rows)].reduce;
        CU_ASSERT_TRUE(body_holds(rows[i % ARRAY_LEN(rows)].part));
        CU_ASSERT_FALSE(body_holds("reduceOnly")); /* of one-way mode only */
        bitget_play_close(&play);
    }
}

static void hedge_mode_wants_to_know_the_position(void)
{
    CU_ASSERT_EQUAL(built(&venue_bitget, "positionMode=hedge_mode", LIMIT "side=buy"),
                    VENUE_BUILD_UNSUPPORTED);
    begin(&venue_bitget, "positionMode=hedge_mode", LIMIT "side=buy reduce=1");
    play.call.call.order.position = 'O';
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_BAD_ARGUMENT);
    play.call.call.order.position = 'X';
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_BAD_ARGUMENT);
    bitget_play_close(&play);
}

static void one_way_mode_closes_by_reducing(void)
{
    begin(&venue_bitget, "", LIMIT "side=sell");
    play.call.call.order.position = 'C';
    CU_ASSERT_TRUE(body_holds("\"side\":\"sell\",\"orderType\""));
    CU_ASSERT_TRUE(body_holds("\"reduceOnly\":\"YES\""));
    play.call.call.order.position = 'O';
    CU_ASSERT_TRUE(body_holds("\"side\":\"sell\",\"orderType\""));
    CU_ASSERT_FALSE(body_holds("reduceOnly"));
    bitget_play_close(&play);
}

static void self_trade_prevention_is_said_or_refused(void)
{
    static const struct {
        char stp;
        const char *part;
    } rows[] = { { 'N', "\"stpMode\":\"cancel_taker\"" },
                 { 'O', "\"stpMode\":\"cancel_maker\"" },
                 { 'B', "\"stpMode\":\"cancel_both\"" } };

    begin(&venue_bitget, "", LIMIT "side=buy");
    CU_ASSERT_FALSE(body_holds("stpMode"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        play.call.call.order.stp = rows[i].stp;
        CU_ASSERT_TRUE(body_holds(rows[i].part));
    }
    play.call.call.order.stp = 'D';
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_UNSUPPORTED);
    play.call.call.order.stp = 'Q';
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_BAD_ARGUMENT);
    bitget_play_close(&play);
}

static void attach(struct venue_order *o)
{
    o->has_take_profit = o->has_stop_loss = o->has_take_profit_limit = o->has_stop_loss_limit =
        true;
    o->take_profit = (struct decimal){ 2100, 0 };
    o->stop_loss = (struct decimal){ 1800, 0 };
    o->take_profit_limit = (struct decimal){ 20995, 1 };
    o->stop_loss_limit = (struct decimal){ 17995, 1 };
}

static void attached_exits_have_other_names_on_triggers(void)
{
    begin(&venue_bitget, "", LIMIT "side=buy");
    attach(&play.call.call.order);
    CU_ASSERT_TRUE(
        body_holds("\"presetStopSurplusPrice\":\"2100\",\"presetStopLossPrice\":\"1800\","
                   "\"presetStopSurplusExecutePrice\":\"2099.5\","
                   "\"presetStopLossExecutePrice\":\"1799.5\""));
    play.call.call.order.has_take_profit = false;
    CU_ASSERT_EQUAL(bitget_play_build(&play),
                    VENUE_BUILD_BAD_ARGUMENT); /* a limit without its trigger */
    bitget_play_close(&play);

    begin(&venue_bitget, "", LIMIT "type=take-limit stop=2001 trigger=mark side=buy");
    attach(&play.call.call.order);
    CU_ASSERT_TRUE(
        body_holds("\"stopSurplusTriggerPrice\":\"2100\",\"stopSurplusExecutePrice\":\"2099.5\","
                   "\"stopSurplusTriggerType\":\"mark_price\",\"stopLossTriggerPrice\":\"1800\","
                   "\"stopLossExecutePrice\":\"1799.5\",\"stopLossTriggerType\":\"mark_price\""));
    bitget_play_close(&play);
}

static void modify_names_the_new_order_after_ours(void)
{
    const char *call =
        "op=replace symbol=ETHUSDT client=FB-1 venue=55 type=limit qty=0.2 price=2001";
    struct buf first;
    char part[64];

    begin(&venue_bitget, "modify=yes", call);
    buf_init(&first, 64);
    bitget_new_client_id(&play.call.call.order, &first);
    CU_ASSERT_TRUE(first.size == 4 + BITGET_MARK_SIZE && memcmp(first.data, "FB-1_m", 6) == 0);
    CU_ASSERT_TRUE(bytes_is(bitget_root_id(buf_view(&first)), "FB-1"));
    snprintf(part, sizeof part,
             "\"newClientOid\":\"%.*s\",\"newSize\":\"0.2\",\"newPrice\":\"2001\"",
             BYTES_ARG(buf_view(&first)));
    CU_ASSERT_TRUE(body_holds(part));
    CU_ASSERT_TRUE(body_holds("{\"orderId\":\"55\",\"symbol\":\"ETHUSDT\""));

    /* The same terms of the same order give the same id; others, and a later order's, do not. */
    CU_ASSERT_TRUE(body_holds(part));
    play.call.call.order.price = (struct decimal){ 2002, 0 };
    CU_ASSERT_FALSE(body_holds(part));
    play.call.call.order.price = (struct decimal){ 20010, 1 };
    CU_ASSERT_TRUE(body_holds(part));
    play.call.call.order.venue_id = BYTES("56");
    CU_ASSERT_FALSE(body_holds(part));
    play.call.call.order.type = VENUE_MARKET;
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_UNSUPPORTED);
    buf_fini(&first);
    bitget_play_close(&play);
    CU_ASSERT_TRUE(bytes_is(bitget_root_id(BYTES("FB-1_n123456")), "FB-1_n123456"));
    CU_ASSERT_TRUE(bytes_is(bitget_root_id(BYTES("_m123456")), "_m123456"));
    CU_ASSERT_TRUE(bytes_is(bitget_root_id(BYTES("")), ""));
}

/* The exits of an order are never dropped in silence when it is changed. */
static void a_replace_carries_the_exits(void)
{
    begin(&venue_bitget, "modify=yes",
          "op=replace symbol=X client=FB-1 venue=5 type=limit qty=1 price=2000");
    attach(&play.call.call.order);
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_UNSUPPORTED); /* no limit prices here */
    play.call.call.order.has_take_profit_limit = play.call.call.order.has_stop_loss_limit = false;
    CU_ASSERT_TRUE(body_holds("\"newPresetStopSurplusPrice\":\"2100\","
                              "\"newPresetStopLossPrice\":\"1800\"}"));
    bitget_play_close(&play);
    begin(&venue_bitget, "", "op=replace symbol=X client=FB-1 type=stop-market qty=1 stop=2000");
    attach(&play.call.call.order);
    CU_ASSERT_TRUE(body_holds("\"newStopSurplusTriggerPrice\":\"2100\","
                              "\"newStopSurplusExecutePrice\":\"2099.5\","
                              "\"newStopSurplusTriggerType\":\"fill_price\","
                              "\"newStopLossTriggerPrice\":\"1800\","
                              "\"newStopLossExecutePrice\":\"1799.5\","
                              "\"newStopLossTriggerType\":\"fill_price\"}"));
    bitget_play_close(&play);
}

static const struct {
    const char *call;
    enum venue_error error;
} refusals[] = {
    { LIMIT, VENUE_BUILD_BAD_ARGUMENT }, /* no side */
    { LIMIT "side=buy qty=0", VENUE_BUILD_BAD_ARGUMENT },
    { LIMIT "side=buy price=0", VENUE_BUILD_BAD_ARGUMENT },
    { LIMIT "side=buy client=bad#id", VENUE_BUILD_BAD_ARGUMENT },
    { LIMIT "side=buy client=a12345678901234567890123456789012", VENUE_BUILD_BAD_ARGUMENT },
    { LIMIT "side=buy tif=day", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy tif=gtd", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy tif=ioc post=1", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=market post=1", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=market tif=fok", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=stop-limit", VENUE_BUILD_BAD_ARGUMENT }, /* no stop price */
    { LIMIT "side=buy type=stop-limit stop=1 tif=ioc", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=stop-limit stop=1 trigger=index", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=trailing stop=1 trail=5 trail_unit=price", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=trailing stop=1 trail=11 trail_unit=percent", VENUE_BUILD_BAD_ARGUMENT },
    { LIMIT "side=buy type=trailing trail=1 trail_unit=percent", VENUE_BUILD_BAD_ARGUMENT },
    { "op=place client=FB-1 side=buy type=market qty=1", VENUE_BUILD_BAD_ARGUMENT }, /* no symbol */
    { "op=cancel venue=1", VENUE_BUILD_BAD_ARGUMENT },
    { "op=cancel symbol=X", VENUE_BUILD_BAD_ARGUMENT },
    { "op=replace symbol=X client=FB-1 type=limit qty=1 price=1",
      VENUE_BUILD_UNSUPPORTED }, /* not on */
    { "op=replace symbol=X client=FB-1 type=stop-limit qty=1 price=1", VENUE_BUILD_BAD_ARGUMENT },
    { "op=cancel-all arg.colour=red", VENUE_BUILD_BAD_ARGUMENT },
    { "op=cancel-all arg.planType=normal_plan arg.receiveWindow=1", VENUE_BUILD_BAD_ARGUMENT },
    { "op=trigger-history arg.planOrderId=1 arg.colour=red", VENUE_BUILD_BAD_ARGUMENT },
    { "op=trigger-history arg.colour=red", VENUE_BUILD_BAD_ARGUMENT },
    { "op=batch", VENUE_BUILD_BAD_ARGUMENT },
    { "op=batch do=cancel symbol=X venue=1 do=cancel symbol=Y venue=2", VENUE_BUILD_UNSUPPORTED },
    { "op=batch do=cancel symbol=X venue=1 do=replace symbol=X venue=2", VENUE_BUILD_UNSUPPORTED },
    { "op=batch do=cancel symbol=X venue=1 type=stop-market", VENUE_BUILD_UNSUPPORTED },
    { "op=batch do=cancel symbol=X", VENUE_BUILD_BAD_ARGUMENT },
    { "op=status client=FB-1", VENUE_BUILD_BAD_ARGUMENT }, /* no symbol */
    { "op=status symbol=X", VENUE_BUILD_BAD_ARGUMENT },
    { "op=status symbol=X client=FB-1 client=FB-2", VENUE_BUILD_TOO_LARGE },
    { "op=open-orders cursor=5:", VENUE_BUILD_BAD_ARGUMENT },
    { "op=open-orders cursor=x", VENUE_BUILD_BAD_ARGUMENT },
    { "op=open-orders symbol=A&B", VENUE_BUILD_BAD_ARGUMENT },  /* would need encoding */
    { "op=order-history cursor=1:", VENUE_BUILD_BAD_ARGUMENT }, /* no span without since */
    { "op=trigger-history cursor=3:", VENUE_BUILD_BAD_ARGUMENT },
    { "op=close-position symbol=X arg.side=buy", VENUE_BUILD_BAD_ARGUMENT },
    { "op=position-triggers symbol=X", VENUE_BUILD_BAD_ARGUMENT },
    { "op=position-triggers symbol=X arg.planType=loss_plan arg.orderId=1",
      VENUE_BUILD_BAD_ARGUMENT },
    { "op=get-leverage", VENUE_BUILD_BAD_ARGUMENT },
    { "op=set-leverage symbol=X", VENUE_BUILD_BAD_ARGUMENT },
    { "op=set-leverage arg.leverage=5", VENUE_BUILD_BAD_ARGUMENT },
    { "op=set-leverage symbol=X arg.posMode=hedge_mode", VENUE_BUILD_BAD_ARGUMENT },
    { "op=set-leverage symbol=X arg.leverage=5 arg.marginMode=crossed", VENUE_BUILD_BAD_ARGUMENT },
};

static void what_the_venue_cannot_do_never_leaves(void)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        enum venue_error error = built(&venue_bitget, "", refusals[i].call);

        if (error != refusals[i].error) {
            fprintf(stderr, "%s: %s\n", refusals[i].call, venue_error_text(error));
        }
        CU_ASSERT_EQUAL(error, refusals[i].error);
    }
}

static const struct {
    const char *call;
    enum venue_error error;
} v1_refusals[] = {
    { LIMIT "side=buy tif=day", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy tif=fok post=1", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=stop-limit stop=1", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=trailing trail=1", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy type=market post=1", VENUE_BUILD_UNSUPPORTED },
    { LIMIT "side=buy qty=-1", VENUE_BUILD_BAD_ARGUMENT },
    { LIMIT "side=buy arg.colour=red", VENUE_BUILD_BAD_ARGUMENT },
    { "op=cancel symbol=X client=FB-1", VENUE_BUILD_BAD_ARGUMENT }, /* only by the venue's id */
    { "op=cancel-all", VENUE_BUILD_BAD_ARGUMENT },
    { "op=status symbol=X client=FB-1", VENUE_BUILD_BAD_ARGUMENT },
    { "op=status symbol=X venue=1 venue=2", VENUE_BUILD_TOO_LARGE },
    { "op=open-orders", VENUE_BUILD_BAD_ARGUMENT },
    { "op=fills", VENUE_BUILD_BAD_ARGUMENT },
    { "op=batch do=cancel symbol=X venue=1", VENUE_BUILD_UNSUPPORTED },
    { "op=batch", VENUE_BUILD_BAD_ARGUMENT },
    { "op=close-position", VENUE_BUILD_BAD_ARGUMENT },
    { "op=close-position symbol=X arg.positionSide=both", VENUE_BUILD_BAD_ARGUMENT },
    { "op=set-leverage", VENUE_BUILD_BAD_ARGUMENT },
};

static void what_the_seed_cannot_do_never_leaves(void)
{
    for (size_t i = 0; i < ARRAY_LEN(v1_refusals); i++) {
        CU_ASSERT_EQUAL(built(&venue_bitget_v1, "leverage=10", v1_refusals[i].call),
                        v1_refusals[i].error);
    }
    CU_ASSERT_EQUAL(built(&venue_bitget_v1, "", LIMIT "side=buy"),
                    VENUE_BUILD_BAD_ARGUMENT); /* no leverage */
    CU_ASSERT_EQUAL(built(&venue_bitget_v1, "", "op=set-leverage symbol=X"),
                    VENUE_BUILD_BAD_ARGUMENT);
}

static void v1_takes_leverage_and_mode_from_the_account(void)
{
    begin(&venue_bitget_v1, "leverage=25 marginMode=isolated", LIMIT "side=buy");
    CU_ASSERT_TRUE(
        body_holds("\"leverage\":\"25\",\"marginMode\":\"isolated\",\"reduceOnly\":false"));
    play.call.call.order.position = 'C';
    CU_ASSERT_TRUE(body_holds("\"reduceOnly\":true"));
    play.call.call.order.position = 'O';
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_UNSUPPORTED);
    play.call.call.order.position = 0;
    play.call.call.order.stp = 'N';
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_UNSUPPORTED);
    bitget_play_close(&play);
    begin(&venue_bitget_v1, "leverage=25 marginMode=crossed", LIMIT "side=buy");
    CU_ASSERT_TRUE(
        body_holds("\"leverage\":\"25\",\"marginMode\":\"cross\"")); /* this dialect's word */
    bitget_play_close(&play);
}

static void batches_are_bounded(void)
{
    begin(&venue_bitget, "", "op=batch");
    for (size_t i = 0; i < VENUE_IDS_MAX; i++) {
        play.call.instruction[i] =
            (struct venue_instruction){ VENUE_DO_CANCEL,
                                        { .symbol = BYTES("X"), .venue_id = BYTES("1") } };
    }
    play.call.call.instruction_count = BITGET_CANCEL_BATCH_MAX;
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_OK);
    play.call.instruction[0].kind = VENUE_DO_PLACE;
    play.call.call.instruction_count = BITGET_PLACE_BATCH_MAX + 1;
    CU_ASSERT_EQUAL(bitget_play_build(&play), VENUE_BUILD_TOO_LARGE);
    bitget_play_close(&play);
}

static void batches_of_cancels_cost_what_a_cancel_costs(void)
{
    struct venue_instruction in = { .kind = VENUE_DO_CANCEL };
    struct venue_call batch = { .op = VENUE_BATCH, .instruction = &in, .instruction_count = 1 };
    struct venue_call cancel = { .op = VENUE_CANCEL };
    unsigned windows = 0;

    for (size_t w = 0; w < VENUE_WINDOWS_MAX; w++) {
        CU_ASSERT_EQUAL(venue_call_cost(&venue_bitget, &batch, w),
                        venue_call_cost(&venue_bitget, &cancel, w));
        in.kind = VENUE_DO_PLACE;
        if (venue_call_cost(&venue_bitget, &batch, w) > 0) {
            CU_ASSERT_EQUAL(venue_bitget.window[w].capacity, 1);
            windows++;
        }
        in.kind = VENUE_DO_CANCEL;
    }
    CU_ASSERT_EQUAL(windows, 1);
}

CU_TestInfo bitget_build_tests[] = {
    { "hedge_mode_closes_a_long_with_side_buy", hedge_mode_closes_a_long_with_side_buy },
    { "hedge_mode_wants_to_know_the_position", hedge_mode_wants_to_know_the_position },
    { "one_way_mode_closes_by_reducing", one_way_mode_closes_by_reducing },
    { "self_trade_prevention_is_said_or_refused", self_trade_prevention_is_said_or_refused },
    { "attached_exits_have_other_names_on_triggers", attached_exits_have_other_names_on_triggers },
    { "modify_names_the_new_order_after_ours", modify_names_the_new_order_after_ours },
    { "a_replace_carries_the_exits", a_replace_carries_the_exits },
    { "what_the_venue_cannot_do_never_leaves", what_the_venue_cannot_do_never_leaves },
    { "what_the_seed_cannot_do_never_leaves", what_the_seed_cannot_do_never_leaves },
    { "v1_takes_leverage_and_mode_from_the_account", v1_takes_leverage_and_mode_from_the_account },
    { "batches_are_bounded", batches_are_bounded },
    { "batches_of_cancels_cost_what_a_cancel_costs", batches_of_cancels_cost_what_a_cancel_costs },
    CU_TEST_INFO_NULL,
};
