/*
 * Bybit signatures: the sheet's vectors B1-B6 through the signing routine and through the requests,
 * and the window in which the venue takes a request.
 */
#include "bybit.h"
#include "bybit_play.h"
#include "suites.h"

#define AT(ms) " wall=2025-11-21T01:53:20.00" ms "Z" /* 1763690000000 and so many milliseconds */

static const struct {
    const char *name, *path, *payload, *timestamp, *window, *sign, *options, *call;
    bool is_post;
} vectors[] = {
    { "B1", "/v5/order/realtime", "category=inverse&symbol=BTCUSD&orderLinkId=FIX-0001",
      "1763690000000", "5000", "99a6c7e5f9ffb09dcd0adbf0eb9ab8ec7295b9549b159e1d9f765063ad4e23c5",
      "", "op=status symbol=BTCUSD client=FIX-0001" AT("0"), false },
    { "B2", "/v5/order/create",
      "{\"category\":\"inverse\",\"symbol\":\"BTCUSD\",\"side\":\"Buy\",\"orderType\":\"Limit\","
      "\"qty\":\"100\",\"price\":\"30000\",\"timeInForce\":\"GTC\",\"orderLinkId\":\"FIX-0001\","
      "\"positionIdx\":0}",
      "1763690000001", "5000", "8f3806eb059e139a6b08dac0172a7470d746a7ec42d1229db588843ad3404446",
      "category=inverse",
      "op=place symbol=BTCUSD client=FIX-0001 side=buy type=limit tif=gtc qty=100 price=30000" AT(
          "1"),
      true },
    { "B3", "/v5/order/cancel-all",
      "{\"category\":\"inverse\",\"symbol\":\"BTCUSD\",\"orderFilter\":\"StopOrder\"}",
      "1763690000002", "10000", "8a700ba678f2e86b2a6f391a9a38de1d167f681ced8f5aea6538fbf5963d96ae",
      "recvWindow=10000", "op=cancel-all symbol=BTCUSD arg.orderFilter=StopOrder" AT("2"), true },
    { "B4", "/v5/position/list", "category=inverse", "1763690000003", "5000",
      "db8f7d799b93c616db64a77547b5e496b5fd55e475b037e5a2094ab77234234f", "positionMode=one-way",
      "op=positions" AT("3"), false },
    { "B5", "/v5/execution/list",
      "category=inverse&symbol=BTCUSD&limit=100&cursor=132766%3A2%2C132766%3A2", "1763690000004",
      "5000", "5d46b194f04a2ae3754ee4c03496a48e7c6679579adf0e4e39d3719a2dac0b70", "",
      "op=fills symbol=BTCUSD cursor=132766%3A2%2C132766%3A2" AT("4"), false },
    { "B6", "/v5/account/query-dcp-info", "", "1763690000005", "5000",
      "931d5ae611831c1e9a3791ae097c87664aa15bc99ce8aef9925a34e7ac511bc5", "",
      "op=deadman arg.show=true" AT("5"), false },
};

static void the_routine_gives_all_vectors(void)
{
    struct venue_account a = { .driver = &venue_bybit,
                               .key = BYTES(BYBIT_TEST_KEY),
                               .secret = BYTES(BYBIT_TEST_SECRET) };
    const char *error = NULL;
    struct buf out;

    CU_ASSERT_TRUE_FATAL(venue_bybit.account_open(&a, &error));
    buf_init(&out, 256);
    for (size_t i = 0; i < 2 * ARRAY_LEN(vectors); i++) {
        size_t v = i % ARRAY_LEN(vectors);

        buf_clear(&out);
        CU_ASSERT_TRUE(bybit_sign(a.state, bytes_of(vectors[v].timestamp), a.key,
                                  bytes_of(vectors[v].window), bytes_of(vectors[v].payload), &out));
        CU_ASSERT_TRUE(bytes_is(buf_view(&out), vectors[v].sign));
    }
    buf_fini(&out);
    venue_bybit.account_close(&a);
}

static void the_requests_carry_the_vectors(void)
{
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        const char *options = vectors[i].options;
        const char *call = vectors[i].call;
        char target[256];

        snprintf(target, sizeof target, "%s%s%s", vectors[i].path,
                 vectors[i].is_post || vectors[i].payload[0] == '\0' ? "" : "?",
                 vectors[i].is_post ? "" : vectors[i].payload);
        CU_ASSERT_TRUE(
            bybit_builds(options, call, target, vectors[i].is_post ? vectors[i].payload : ""));
        CU_ASSERT_STRING_EQUAL(bybit_built_header(options, call, "X-BAPI-SIGN"), vectors[i].sign);
        CU_ASSERT_STRING_EQUAL(bybit_built_header(options, call, "X-BAPI-TIMESTAMP"),
                               vectors[i].timestamp);
        CU_ASSERT_STRING_EQUAL(bybit_built_header(options, call, "X-BAPI-RECV-WINDOW"),
                               vectors[i].window);
        CU_ASSERT_STRING_EQUAL(bybit_built_header(options, call, "X-BAPI-API-KEY"), BYBIT_TEST_KEY);
        CU_ASSERT_STRING_EQUAL(bybit_built_header(options, call, "Content-Type"),
                               vectors[i].is_post ? "application/json" : "");
        CU_ASSERT_STRING_EQUAL(bybit_built_header(options, call, "Accept"), "application/json");
    }
}

static void a_deadline_cuts_the_window(void)
{
    static const struct {
        const char *options, *words, *window;
    } rows[] = {
        { "", "", "5000" },
        { "", " before_processing=2025-11-21T01:53:22.500Z", "2500" },
        { "", " before_processing=2025-11-21T01:53:20.0004Z", "1" },
        { "", " before_processing=2025-11-21T01:53:19.000Z", "1" }, /* over: it will be refused */
        { "", " before_processing=2025-11-21T01:54:20.000Z", "5000" },
        { "recvWindow=2000", " before_processing=2025-11-21T01:53:22.500Z", "2000" },
        /* No order is good for longer than the driver tells the bridge. */
        { "recvWindow=20000", "", "5000" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char place[512];
        char batch[512];

        snprintf(place, sizeof place, "op=place symbol=S client=F-1 side=buy type=market qty=1%s%s",
                 rows[i].words, AT("0"));
        snprintf(batch, sizeof batch,
                 "op=batch%s do=cancel symbol=S client=F-1 do=cancel symbol=S client=F-2%s",
                 AT("0"), rows[i].words);
        CU_ASSERT_STRING_EQUAL(bybit_built_header(rows[i].options, place, "X-BAPI-RECV-WINDOW"),
                               rows[i].window);
        CU_ASSERT_STRING_EQUAL(bybit_built_header(rows[i].options, batch, "X-BAPI-RECV-WINDOW"),
                               rows[i].window);
    }
    CU_ASSERT_STRING_EQUAL(
        bybit_built_header("recvWindow=20000", "op=positions", "X-BAPI-RECV-WINDOW"), "20000");
}

static void options_are_checked(void)
{
    static const char *const good[] = { "",
                                        "category=inverse",
                                        "category=linear",
                                        "category=linear settleCoin=USDC",
                                        "category=linear positionMode=hedge recvWindow=1",
                                        "positionMode=one-way recvWindow=60000" };
    static const char *const bad[] = {
        "category=spot",   "category=",          "settleCoin=BTC",
        "settleCoin=USDT", "positionMode=hedge", "category=linear positionMode=both",
        "recvWindow=0",    "recvWindow=60001",   "recvWindow=1.5",
        "recvWindow=x",    "colour=red"
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        CU_ASSERT_PTR_NULL(bybit_account_error(good[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CU_ASSERT_PTR_NOT_NULL(bybit_account_error(bad[i]));
    }
}

static void without_an_account_nothing_is_built(void)
{
    struct venue_account a = { .driver = &venue_bybit, .key = BYTES("k") };
    const char *error = NULL;
    struct http_request r;

    CU_ASSERT_FALSE(venue_bybit.account_open(&a, &error));
    CU_ASSERT_PTR_NOT_NULL(error);
    CU_ASSERT_PTR_NULL(a.state);
    http_request_init(&r);
    for (int op = 0; op < VENUE_OP_COUNT; op++) {
        struct venue_instruction one = { .kind = VENUE_DO_CANCEL };
        struct venue_call call = { .op = (enum venue_op)op,
                                   .instruction = &one,
                                   .instruction_count = 1 };

        if (venue_bybit.endpoint[op].build != NULL) {
            CU_ASSERT_EQUAL(venue_bybit.endpoint[op].build(&a, &call, &r), VENUE_BUILD_FAILED);
        }
    }
    http_request_fini(&r);
    venue_bybit.account_close(&a);
}

static void public_questions_are_not_signed(void)
{
    static const char *const calls[] = { "op=instruments", "op=time",
                                         "op=check-order symbol=BTCUSD arg.what=price-limit" };

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        CU_ASSERT_STRING_EQUAL(bybit_built_header("", calls[i], "X-BAPI-SIGN"), "");
        CU_ASSERT_STRING_EQUAL(bybit_built_header("", calls[i], "X-BAPI-API-KEY"), "");
        CU_ASSERT_STRING_EQUAL(bybit_built_header("", calls[i], "Accept"), "application/json");
    }
}

CU_TestInfo bybit_sign_tests[] = {
    { "the_routine_gives_all_vectors", the_routine_gives_all_vectors },
    { "the_requests_carry_the_vectors", the_requests_carry_the_vectors },
    { "a_deadline_cuts_the_window", a_deadline_cuts_the_window },
    { "options_are_checked", options_are_checked },
    { "without_an_account_nothing_is_built", without_an_account_nothing_is_built },
    { "public_questions_are_not_signed", public_questions_are_not_signed },
    CU_TEST_INFO_NULL,
};
