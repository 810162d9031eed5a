/*
 * B2PRIME: the sheet's vectors P1-P4, the token's life, lots, options, attached stop loss and take
 * profit, and what is refused before it leaves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "b2prime.h"
#include "call_text.h"
#include "sign.h"
#include "suites.h"

#define JWT                                                                                        \
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."                                                        \
    "eyJzdWIiOiI2ODkxZTcwZGI1NTJmZjljNmZiYmNjZjUiLCJpYXQiOjE3NTQ0ODgw"                             \
    "MDAsImV4cCI6MTc1NDQ5MTYwMH0.puwd5H-M1-TjEVyMXbWb-w8zkMr7lhIoVootYJPvZL0"

#define OPTION(name, value)                                                                        \
    {                                                                                              \
        { name, sizeof(name) - 1 },                                                                \
        {                                                                                          \
            value, sizeof(value) - 1                                                               \
        }                                                                                          \
    }

static const struct venue_arg options[] = {
    OPTION("accountId", "6891e70db552ff9c6fbbccf5"),
    OPTION("leverage", "10"),
    OPTION("leverage.cfd.eth_eur", "75"),
    OPTION("lotSize.cfd.eth_eur", "1"),
    OPTION("lotSize.perp.btc_usdt", "0.001"),
    OPTION("amounts", "numbers"),
    OPTION("openOrdersPath", "/frontoffice/api/v3/orders/open"),
};

static void open_account(struct venue_account *a, size_t option_count, bool token)
{
    const char *error = NULL;

    *a = (struct venue_account){ .driver = &venue_b2prime,
                                 .key = BYTES("6891e70db552ff9c6fbbccf5"),
                                 .secret = BYTES("OFFLINE-TOKEN-EXAMPLE"),
                                 .option = options,
                                 .option_count = option_count };
    if (token) {
        a->passphrase = BYTES("T");
    }
    CU_ASSERT_TRUE_FATAL(venue_b2prime.account_open(a, &error));
}

static void understand(const char *text, struct call_text *c)
{
    struct bytes bad = { NULL, 0 };

    if (!call_text_parse(bytes_of(text), c, &bad)) {
        fprintf(stderr, "call not understood at '%.*s'\n", BYTES_ARG(bad));
        abort();
    }
}

static enum venue_error build(struct venue_account *a, const char *text, struct http_request *r)
{
    struct call_text c;

    understand(text, &c);
    return venue_b2prime.endpoint[c.call.op].build(a, &c.call, r);
}

static bool digest_is(struct bytes text, const char *hex)
{
    unsigned char digest[SIGN_DIGEST_MAX];
    size_t size = sign_digest(SIGN_SHA256, &text, 1, digest);
    struct buf out;
    bool same;

    buf_init(&out, 256);
    sign_hex(&out, digest, size);
    same = bytes_is(buf_view(&out), hex);
    buf_fini(&out);
    return same;
}

static void p1_the_token_exchange(void)
{
    struct venue_account a;
    struct http_request r;

    open_account(&a, 0, false);
    http_request_init(&r);
    CU_ASSERT_EQUAL(build(&a, "op=auth", &r), VENUE_BUILD_OK);
    CU_ASSERT_EQUAL(r.body.size, 33);
    CU_ASSERT_TRUE(digest_is(buf_view(&r.body),
                             "7cde078303a1d92ba5e737807a222432d17ce52db1bf340b9b0f043cae0eb7cc"));
    http_request_fini(&r);
    venue_b2prime.account_close(&a);
}

static void p2_the_order_body(void)
{
    struct venue_account a;
    struct http_request r;

    open_account(&a, 0, true);
    http_request_init(&r);
    CU_ASSERT_EQUAL(
        build(&a,
              "op=place symbol=spot.btc_usdt client=fb1-2 side=buy type=limit tif=gtc qty=0.02 "
              "price=115193.35 arg.comment=FB1|0000019880ab12cd|ORD-20250806-000123",
              &r),
        VENUE_BUILD_OK);
    CU_ASSERT_EQUAL(r.body.size, 198);
    CU_ASSERT_TRUE(digest_is(buf_view(&r.body),
                             "2aec21f759c4ff76f904a25793de7f6e5fb99e5a99bdcf5f9697c885adf1f7ed"));
    http_request_fini(&r);
    venue_b2prime.account_close(&a);
}

static void p3_the_end_of_a_token(void)
{
    static const char *const none[] = {
        "", "abc", "a.b", "a.!!.c", "a.e30.c", "a.eyJleHAiOi0xfQ.c"
    };
    int64_t exp_s = 0;

    CU_ASSERT_TRUE(b2prime_token_expiry(BYTES(JWT), &exp_s));
    CU_ASSERT_EQUAL(exp_s, 1754491600);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        CU_ASSERT_FALSE(b2prime_token_expiry(bytes_of(none[i]), &exp_s));
    }
}

static void p4_the_time_in_an_id(void)
{
    static const struct {
        const char *id;
        int64_t ms;
    } ids[] = {
        { "01K1ZTB4DB0S6Y2NH81S781BQX", 1754488213931 },
        { "01K2PF9XS29WN4JZRHMCTTQYJB", 1755248391970 },
        { "01K2MNGAWPMQJ7WGATFSCAS1G4", 1755187784598 },
        { "01JVQBFSTVC40VK03A0AY7K016", 1747761751899 },
        { "01K2PMT0VNWB23GSRN2XQAJD6Q", 1755254162293 },
    };
    int64_t us = 0;

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        CU_ASSERT_TRUE(b2prime_id_time(bytes_of(ids[i].id), &us));
        CU_ASSERT_EQUAL(us, ids[i].ms * US_PER_MS);
    }
    CU_ASSERT_FALSE(b2prime_id_time(BYTES("01K1ZTB4DB0S6Y2NH81S781BQ"), &us));
    CU_ASSERT_FALSE(b2prime_id_time(BYTES("01K1ZTB4DB0S6Y2NH81S781BQU"), &us));
    CU_ASSERT_FALSE(b2prime_id_time(BYTES("81K1ZTB4DB0S6Y2NH81S781BQX"), &us));
}

static bool logs_in(struct venue_account *a, int status, const char *body, int64_t wall_us,
                    int64_t *renew_us)
{
    const struct http_response rsp = { .status = status, .body = bytes_of(body) };

    return venue_b2prime.login(a, &rsp, wall_us, renew_us);
}

static bool sends_token(struct venue_account *a, const char *value)
{
    struct http_request r;
    struct http_response view = { 0 };
    struct bytes found = { NULL, 0 };
    bool same;

    http_request_init(&r);
    same = build(a, "op=instruments", &r) == VENUE_BUILD_OK;
    view.headers = buf_view(&r.headers);
    same = same && http_response_header(&view, "Authorization", &found) && bytes_is(found, value);
    http_request_fini(&r);
    return same;
}

static void a_login_is_used_and_renewed_ahead(void)
{
    const int64_t iat_us = INT64_C(1754488000) * US_PER_S;
    struct venue_account a;
    struct http_request r;
    int64_t renew_us = 0;

    open_account(&a, 0, false);
    http_request_init(&r);
    CU_ASSERT_EQUAL(build(&a, "op=instruments", &r), VENUE_BUILD_FAILED); /* not before a login */
    http_request_fini(&r);
    CU_ASSERT_TRUE(logs_in(&a, 200, "{\"accessToken\":\"" JWT "\"}", iat_us, &renew_us));
    CU_ASSERT_EQUAL(renew_us, iat_us + 3000 * US_PER_S);
    CU_ASSERT_TRUE(sends_token(&a, "Bearer " JWT));
    /* One that tells no end lives an hour. */
    CU_ASSERT_TRUE(logs_in(&a, 200, "{\"accessToken\":\"opaque\"}", iat_us, &renew_us));
    CU_ASSERT_EQUAL(renew_us, iat_us + 3000 * US_PER_S);
    CU_ASSERT_TRUE(
        logs_in(&a, 200, "{\"accessToken\":\"" JWT "\"}", iat_us + 3590 * US_PER_S, &renew_us));
    CU_ASSERT_TRUE(renew_us > iat_us + 3598 * US_PER_S && renew_us < iat_us + 3600 * US_PER_S);
    /* By a clock that is ahead of the venue's it had ended before it came: not at once again. */
    CU_ASSERT_TRUE(
        logs_in(&a, 200, "{\"accessToken\":\"" JWT "\"}", iat_us + 3700 * US_PER_S, &renew_us));
    CU_ASSERT_EQUAL(renew_us, iat_us + 3760 * US_PER_S);
    venue_b2prime.account_close(&a);
}

static void what_is_no_login_keeps_the_old_token(void)
{
    static const struct {
        int status;
        const char *body;
    } answers[] = { { 401, "{\"accessToken\":\"x\"}" },
                    { 200, "{}" },
                    { 200, "{\"accessToken\":\"\"}" },
                    { 200, "nonsense" },
                    { 200, "{\"accessToken\":5}" } };
    struct venue_account a;
    int64_t renew_us = 7;

    open_account(&a, 0, true);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        CU_ASSERT_FALSE(logs_in(&a, answers[i].status, answers[i].body, 0, &renew_us));
    }
    CU_ASSERT_EQUAL(renew_us, 7);
    CU_ASSERT_TRUE(sends_token(&a, "Bearer T"));
    venue_b2prime.account_close(&a);
}

static void lots_are_exact_or_refused(void)
{
    static const struct {
        const char *base, *lot, *lots;
    } rows[] = {
        { "5", "5", "1" },
        { "0.5", "1", "0.5" },
        { "1", "100000", "0.00001" },
        { "0.001", "0.001", "1" },
        { "12", "0.001", "12000" },
        { "10000", "100000", "0.1" },
        { "1", "3", NULL },
        { "6", "3", "2" },
        { "9223372036854775807", "0.1", NULL },
        { "1", "0", NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct decimal base, lot, lots, wanted;

        CU_ASSERT_TRUE_FATAL(decimal_parse(bytes_of(rows[i].base), &base));
        CU_ASSERT_TRUE_FATAL(decimal_parse(bytes_of(rows[i].lot), &lot));
        CU_ASSERT_EQUAL(b2prime_lots(base, lot, &lots), rows[i].lots != NULL);
        if (rows[i].lots != NULL) {
            CU_ASSERT_TRUE(decimal_parse(bytes_of(rows[i].lots), &wanted) &&
                           decimal_equal(lots, wanted));
        }
    }
}

static void options_give_leverage_lots_and_numbers(void)
{
    struct venue_account a;
    struct http_request r;

    open_account(&a, ARRAY_LEN(options), true);
    http_request_init(&r);
    CU_ASSERT_EQUAL(
        build(&a,
              "op=place symbol=perp.btc_usdt client=fb1-2 side=sell type=limit tif=day qty=0.5 "
              "price=118450",
              &r),
        VENUE_BUILD_OK);
    CU_ASSERT_TRUE(bytes_is(
        buf_view(&r.body),
        "{\"order\":{\"marketId\":\"perp.btc_usdt\",\"side\":\"Sell\",\"orderType\":\"Limit\","
        "\"timeInForce\":\"Day\",\"requestedLotAmount\":500,\"requestedPrice\":118450,"
        "\"leverage\":10,\"comment\":\"fb1-2\"}}"));
    CU_ASSERT_EQUAL(build(&a, "op=open-orders", &r), VENUE_BUILD_OK);
    CU_ASSERT_TRUE(bytes_is(buf_view(&r.target), "/frontoffice/api/v3/orders/open"));
    http_request_fini(&r);
    venue_b2prime.account_close(&a);
}

static void stop_loss_and_take_profit_go_with_the_order(void)
{
    struct venue_account a;
    struct call_text c;
    struct http_request r;

    open_account(&a, ARRAY_LEN(options), true);
    http_request_init(&r);
    understand(
        "op=place symbol=cfd.eth_eur client=fb1-2 side=sell type=limit tif=gtc qty=1 price=3280 "
        "arg.stopLoss.isTrailing=true",
        &c);
    CU_ASSERT_EQUAL(venue_b2prime.endpoint[VENUE_PLACE].build(&a, &c.call, &r),
                    VENUE_BUILD_BAD_ARGUMENT);
    c.call.order.has_stop_loss = c.call.order.has_take_profit = true;
    c.call.order.stop_loss = (struct decimal){ 3320, 0 };
    c.call.order.take_profit = (struct decimal){ 3200, 0 };
    CU_ASSERT_EQUAL(venue_b2prime.endpoint[VENUE_PLACE].build(&a, &c.call, &r), VENUE_BUILD_OK);
    CU_ASSERT_TRUE(bytes_is(
        buf_view(&r.body),
        "{\"order\":{\"marketId\":\"cfd.eth_eur\",\"side\":\"Sell\",\"orderType\":\"Limit\","
        "\"timeInForce\":\"Gtc\",\"requestedLotAmount\":1,\"requestedPrice\":3280,"
        "\"leverage\":75,\"stopLoss\":{\"price\":3320,\"isTrailing\":true},"
        "\"takeProfit\":{\"price\":3200},\"comment\":\"fb1-2\"}}"));
    c.call.order.has_stop_loss_limit = true;
    CU_ASSERT_EQUAL(venue_b2prime.endpoint[VENUE_PLACE].build(&a, &c.call, &r),
                    VENUE_BUILD_UNSUPPORTED);
    c.call.order.has_stop_loss_limit = false;
    c.call.order.symbol = BYTES("spot.eth_usdt");
    CU_ASSERT_EQUAL(venue_b2prime.endpoint[VENUE_PLACE].build(&a, &c.call, &r),
                    VENUE_BUILD_UNSUPPORTED);
    http_request_fini(&r);
    venue_b2prime.account_close(&a);
}

#define SPOT "op=place symbol=spot.btc_usdt client=fb1-2 side=buy qty=1 "

static void what_the_venue_lacks_never_leaves(void)
{
    static const struct {
        const char *call;
        enum venue_error error;
    } calls[] = {
        { SPOT "type=limit tif=gtc price=1 post=1", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=limit tif=gtc price=1 reduce=1", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=market tif=gtd expire=2025-01-01T00:00:00Z", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=market tif=day", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=limit tif=gtd price=1", VENUE_BUILD_BAD_ARGUMENT },
        { SPOT "type=take-market tif=gtc stop=1", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=trailing tif=gtc trail=1 trail_unit=price", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=stop-market tif=gtc stop=1 trigger=mark", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=stop-market tif=gtc", VENUE_BUILD_BAD_ARGUMENT },
        { SPOT "type=market arg.leverage=3", VENUE_BUILD_UNSUPPORTED },
        { SPOT "type=market arg.comment=it's", VENUE_BUILD_BAD_ARGUMENT },
        { SPOT "type=market arg.unknown=1", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=BTCUSDT client=fb1-2 side=buy qty=1 type=market",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=cfd.x_y client=fb1-2 side=buy qty=1 type=market",
          VENUE_BUILD_UNSUPPORTED },
        { "op=place symbol=cfd.x_y client=fb1-2 side=buy qty=1 type=market arg.lotSize=3",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=cfd.x_y client=fb1-2 side=buy qty=1 type=market arg.lotSize=1",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=cancel client=fb1-2", VENUE_BUILD_UNSUPPORTED },
        { "op=cancel venue=../accounts", VENUE_BUILD_BAD_ARGUMENT },
        { "op=status client=fb1-2", VENUE_BUILD_UNSUPPORTED },
        { "op=executions", VENUE_BUILD_UNSUPPORTED },
        { "op=executions arg.orderId=a arg.positionId=b", VENUE_BUILD_BAD_ARGUMENT },
        { "op=open-orders", VENUE_BUILD_UNSUPPORTED },
        { "op=close-position", VENUE_BUILD_BAD_ARGUMENT },
        { "op=close-position arg.mode=Everything", VENUE_BUILD_BAD_ARGUMENT },
        { "op=close-position arg.mode=AllPositions arg.positionId=x", VENUE_BUILD_BAD_ARGUMENT },
        { "op=close-position arg.positionId=x arg.closePositionLotAmount=0",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=position-triggers arg.positionId=x", VENUE_BUILD_BAD_ARGUMENT },
        { "op=position-triggers arg.positionId=x arg.stopLoss.price=1", VENUE_BUILD_BAD_ARGUMENT },
        { "op=position-triggers arg.positionId=x arg.stopLoss.price=1 "
          "arg.takeProfit.triggerType=rate",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=position-triggers arg.positionId=x arg.stopLoss.triggerType=odd "
          "arg.stopLoss.triggerSize=1",
          VENUE_BUILD_BAD_ARGUMENT },
        { "op=fees", VENUE_BUILD_BAD_ARGUMENT },
        { "op=check-order symbol=spot.a_b side=buy type=stop-market qty=1 stop=1",
          VENUE_BUILD_UNSUPPORTED },
    };
    struct venue_account a;
    struct http_request r;

    open_account(&a, 0, true);
    http_request_init(&r);
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        enum venue_error error = build(&a, calls[i].call, &r);

        CU_ASSERT_EQUAL(error, calls[i].error);
        if (error != calls[i].error) {
            fprintf(stderr, "%s: %s\n", calls[i].call, venue_error_text(error));
        }
    }
    http_request_fini(&r);
    venue_b2prime.account_close(&a);
}

static void bad_accounts_are_refused_with_a_reason(void)
{
    static const struct venue_arg wrong[] = {
        OPTION("accountid", "x"),  OPTION("accountId", "a/b"),
        OPTION("leverage", "1.5"), OPTION("leverage.", "1"),
        OPTION("lotSize", "1"),    OPTION("lotSize.cfd.a_b", "0"),
        OPTION("amounts", "both"), OPTION("openOrdersPath", "orders"),
    };
    struct venue_account none = { .key = BYTES("k") };
    const char *error = NULL;

    CU_ASSERT_FALSE(venue_b2prime.account_open(&none, &error));
    CU_ASSERT_TRUE(error != NULL && strlen(error) > 0);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct venue_account a = { .secret = BYTES("t"), .option = &wrong[i], .option_count = 1 };

        error = NULL;
        CU_ASSERT_FALSE(venue_b2prime.account_open(&a, &error));
        CU_ASSERT_TRUE(error != NULL && strlen(error) > 0);
        CU_ASSERT_PTR_NULL(a.state);
        venue_b2prime.account_close(&a);
    }
}

CU_TestInfo b2prime_tests[] = {
    { "p1_the_token_exchange", p1_the_token_exchange },
    { "p2_the_order_body", p2_the_order_body },
    { "p3_the_end_of_a_token", p3_the_end_of_a_token },
    { "p4_the_time_in_an_id", p4_the_time_in_an_id },
    { "a_login_is_used_and_renewed_ahead", a_login_is_used_and_renewed_ahead },
    { "what_is_no_login_keeps_the_old_token", what_is_no_login_keeps_the_old_token },
    { "lots_are_exact_or_refused", lots_are_exact_or_refused },
    { "options_give_leverage_lots_and_numbers", options_give_leverage_lots_and_numbers },
    { "stop_loss_and_take_profit_go_with_the_order", stop_loss_and_take_profit_go_with_the_order },
    { "what_the_venue_lacks_never_leaves", what_the_venue_lacks_never_leaves },
    { "bad_accounts_are_refused_with_a_reason", bad_accounts_are_refused_with_a_reason },
    CU_TEST_INFO_NULL,
};
