/*
 * Bitget: the sheet's vectors through the signing routine and through the requests that can
 * express them, and what an account is made of.
 */
#include "bitget_play.h"
#include "suites.h"

/* `call` is NULL where a request of ours differs: V1 writes 30000.50, we write 30000.5. */
static const struct {
    const char *time_ms, *method, *target, *body, *sign, *call, *options;
    int v1;
} vectors[] = {
    { "1621441751927", "POST", "/api/mix/v1/order/placeOrder",
      "{\"symbol\":\"BTCUSDT\",\"side\":\"buy\",\"orderType\":\"limit\",\"price\":\"30000.50\","
      "\"size\":\"0.123\",\"leverage\":\"10\",\"marginMode\":\"isolated\",\"reduceOnly\":false}",
      "J6mPAdMOw2ROuQ3XRKlQdniHy1BlyXiRdnA4cco4Yso=", NULL, "", 1 },
    { "1621441751927", "GET", "/api/mix/v1/order/detail?orderId=123456789&symbol=BTCUSDT", "",
      "YHoH8GoTpzH7bazFsZT+UmKexZozbeIsXP3MTQmVEx8=",
      "op=status symbol=BTCUSDT venue=123456789 wall=2021-05-19T16:29:11.927Z", "", 1 },
    { "1621441751927", "POST", "/api/mix/v1/order/cancelAll", "{\"symbol\":\"BTCUSDT\"}",
      "nqLt1/YdFg132ltz3g5Q0Z4X6d2il9j497Pl0WPJ3GI=",
      "op=cancel-all symbol=BTCUSDT wall=2021-05-19T16:29:11.927Z", "", 1 },
    { "1695806875837", "POST", "/api/v2/mix/order/place-order",
      "{\"symbol\":\"ETHUSDT\",\"productType\":\"USDT-FUTURES\",\"marginMode\":\"isolated\","
      "\"marginCoin\":\"USDT\",\"size\":\"0.1\",\"price\":\"2000\",\"side\":\"sell\",\"tradeSide\":"
      "\"open\","
      "\"orderType\":\"limit\",\"force\":\"gtc\",\"clientOid\":\"FB-20260101-000001\"}",
      "JMQ6xiKVaHAp4C22gHQty0TuR88Rz+xmqVV5v8XTHmI=",
      "op=place symbol=ETHUSDT client=FB-20260101-000001 side=sell type=limit tif=gtc qty=0.1 "
      "price=2000 "
      "wall=2023-09-27T09:27:55.837Z",
      "marginMode=isolated positionMode=hedge_mode", 0 },
    { "1695806875837", "GET",
      "/api/v2/mix/order/"
      "detail?clientOid=FB-20260101-000001&productType=USDT-FUTURES&symbol=ETHUSDT",
      "", "tCMuLRKm1e6sUnmg3ou6M4lvJhv6g0x+oPOL6v3AO44=",
      "op=status symbol=ETHUSDT client=FB-20260101-000001 wall=2023-09-27T09:27:55.837Z", "", 0 },
    { "1695806875837", "POST", "/api/v2/mix/order/cancel-all-orders",
      "{\"productType\":\"USDT-FUTURES\",\"symbol\":\"ETHUSDT\"}",
      "Yexke2Ou3KF2RukrGn12Y1Apoyw0gMy0GPpHRfGlo2k=",
      "op=cancel-all symbol=ETHUSDT wall=2023-09-27T09:27:55.837Z", "", 0 },
    { "1695806875837", "GET",
      "/api/v2/mix/position/all-position?marginCoin=USDT&productType=USDT-FUTURES", "",
      "7rhd5bF+a9ctFSvYHLBifaoL1od7vWVNg9ND/KE9Vbs=", "op=positions wall=2023-09-27T09:27:55.837Z",
      "productType=USDT-FUTURES marginCoin=USDT", 0 },
    /* V8, of the WebSocket: the same routine. */
    { "1695806875", "GET", "/user/verify", "", "KJnuHDtvjdiN6QNDy45XuKc2ch4siVoA2CIppy1KQQA=", NULL,
      "", 0 },
};

static void the_routine_gives_all_vectors(void)
{
    struct bitget_play p;
    const char *error;
    struct buf out;

    CU_ASSERT_TRUE_FATAL(bitget_play_open(&p, &venue_bitget, "", &error));
    buf_init(&out, 256);
    for (size_t i = 0; i < 2 * ARRAY_LEN(vectors); i++) {
        size_t k = i % ARRAY_LEN(vectors);

        buf_clear(&out);
        CU_ASSERT_TRUE(bitget_sign(p.account.state, bytes_of(vectors[k].time_ms), vectors[k].method,
                                   bytes_of(vectors[k].target), bytes_of(vectors[k].body), &out));
        CU_ASSERT_TRUE(bytes_is(buf_view(&out), vectors[k].sign));
    }
    buf_fini(&out);
    bitget_play_close(&p);
}

static void the_requests_carry_the_vectors(void)
{
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct bitget_play p;
        const char *error;

        if (vectors[i].call == NULL) {
            continue;
        }
        CU_ASSERT_TRUE_FATAL(bitget_play_open(&p, vectors[i].v1 ? &venue_bitget_v1 : &venue_bitget,
                                              vectors[i].options, &error));
        bitget_play_call(&p, vectors[i].call);
        p.call.call.order.position = p.call.call.op == VENUE_PLACE ? 'O' : 0;
        CU_ASSERT_TRUE(bitget_play_builds(&p, vectors[i].target, vectors[i].body));
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-SIGN"), vectors[i].sign);
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-TIMESTAMP"), vectors[i].time_ms);
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-KEY"), "test-key");
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-PASSPHRASE"), "test-pass");
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "locale"), "en-US");
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "Content-Type"),
                               vectors[i].body[0] == '\0' ? "" : "application/json");
        CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "PAPTRADING"), "");
        bitget_play_close(&p);
    }
}

static void public_calls_carry_no_key(void)
{
    struct bitget_play p;
    const char *error;

    CU_ASSERT_TRUE_FATAL(bitget_play_open(&p, &venue_bitget, "demo=yes", &error));
    bitget_play_call(&p, "op=time");
    CU_ASSERT_TRUE(bitget_play_builds(&p, "/api/v2/public/time", ""));
    CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-KEY"), "");
    CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-SIGN"), "");
    CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "ACCESS-PASSPHRASE"), "");
    CU_ASSERT_STRING_EQUAL(bitget_play_header(&p, "PAPTRADING"), "1");
    bitget_play_close(&p);
}

static const char *opened(const struct venue_driver *d, const char *options)
{
    struct bitget_play p;
    const char *error = NULL;
    bool ok = bitget_play_open(&p, d, options, &error);

    CU_ASSERT_EQUAL(ok, p.account.state != NULL);
    CU_ASSERT_EQUAL(ok, error == NULL);
    bitget_play_close(&p);
    return ok ? "" : error;
}

static void options_are_checked(void)
{
    static const char *const good[] = {
        "", "productType=USDC-FUTURES", "marginMode=crossed",
        "productType=COIN-FUTURES marginCoin=BTC positionMode=hedge_mode", "modify=yes demo=no"
    };
    static const char *const bad[] = { "productType=FUTURES", "productType=COIN-FUTURES",
                                       "marginMode=both",     "positionMode=hedge",
                                       "modify=maybe",        "demo=1",
                                       "leverage=10",         "colour=red",
                                       "marginCoin=" };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        CU_ASSERT_STRING_EQUAL(opened(&venue_bitget, good[i]), "");
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CU_ASSERT_STRING_NOT_EQUAL(opened(&venue_bitget, bad[i]), "");
    }
    CU_ASSERT_STRING_EQUAL(opened(&venue_bitget_v1, "leverage=10 marginMode=cross"), "");
    CU_ASSERT_STRING_NOT_EQUAL(opened(&venue_bitget_v1, "leverage=ten"), "");
    CU_ASSERT_STRING_NOT_EQUAL(opened(&venue_bitget_v1, "leverage=0"), "");
    CU_ASSERT_STRING_NOT_EQUAL(opened(&venue_bitget_v1, "positionMode=hedge_mode"), "");
}

static void all_three_secrets_are_required(void)
{
    for (int missing = 0; missing < 3; missing++) {
        struct venue_account a = { .driver = &venue_bitget,
                                   .key = BYTES("k"),
                                   .secret = BYTES("s"),
                                   .passphrase = BYTES("p") };
        const char *error = NULL;

        *(missing == 0 ? &a.key : missing == 1 ? &a.secret : &a.passphrase) = BYTES("");
        CU_ASSERT_FALSE(venue_bitget.account_open(&a, &error));
        CU_ASSERT_TRUE(error != NULL && a.state == NULL);
        venue_bitget.account_close(&a);
    }
}

static void without_an_open_account_nothing_is_built(void)
{
    const struct venue_driver *const drivers[] = { &venue_bitget, &venue_bitget_v1 };
    struct http_request r;

    http_request_init(&r);
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        for (int op = 0; op < VENUE_OP_COUNT; op++) {
            struct venue_account a = { .driver = drivers[d] };
            struct venue_call call = { .op = (enum venue_op)op };

            if (drivers[d]->endpoint[op].build != NULL) {
                CU_ASSERT_EQUAL(drivers[d]->endpoint[op].build(&a, &call, &r), VENUE_BUILD_FAILED);
            }
        }
    }
    http_request_fini(&r);
}

CU_TestInfo bitget_sign_tests[] = {
    { "the_routine_gives_all_vectors", the_routine_gives_all_vectors },
    { "the_requests_carry_the_vectors", the_requests_carry_the_vectors },
    { "public_calls_carry_no_key", public_calls_carry_no_key },
    { "options_are_checked", options_are_checked },
    { "all_three_secrets_are_required", all_three_secrets_are_required },
    { "without_an_open_account_nothing_is_built", without_an_open_account_nothing_is_built },
    CU_TEST_INFO_NULL,
};
