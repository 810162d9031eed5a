/*
 * CoinSwitch PRO futures: the sheet's vectors C1-C7, our id as a UUID and back, options, what is
 * refused before it leaves, and the windows of lists.
 */
#include <stdio.h>
#include <stdlib.h>

#include "call_text.h"
#include "coinswitch.h"
#include "suites.h"

#define KEY "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664"
#define SECRET "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

static const struct {
    enum http_method method;
    const char *target, *epoch, *signature, *call;
} vectors[] = {
    { HTTP_POST, "/trade/api/v2/futures/cancel_all", "1719905777483",
      "00129bf210da9f8530b91d208fa40c54ef7549151cdfbe334015b1705dc9cd640d9c4ebb36766ab8466999fbb5cc"
      "cde55ed5aa"
      "546216177b5f540e6b491e6f01",
      "op=cancel-all wall=2024-07-02T07:36:17.483Z" },
    { HTTP_GET, "/trade/api/v2/futures/order?order_id=698ed406-8ef5-4664-9779-f7978702a447",
      "1719905777483",
      "ad281c4999583ea0a22de69663764863938be36067cf3bd77e8b77b9a2a36f5c35294efab6601d95360c47e0c5a2"
      "d1100c94b8"
      "234a4c015b538222b4bbfc8200",
      "op=status venue=698ed406-8ef5-4664-9779-f7978702a447 wall=2024-07-02T07:36:17.483Z" },
    { HTTP_POST, "/trade/api/v2/futures/order", "1732623664116",
      "a11ebbb794904b2aa79bc4ae9c40351db109c3f74e0110107bf504f19e88502cec12d46c760ca651bf46de898864"
      "aef2c8abde"
      "80a68af104029aaa78ae5e6004",
      "op=place symbol=DOGEUSDT client=fb1-2 side=buy type=market qty=22 "
      "wall=2024-11-26T12:21:04.116Z" },
    { HTTP_DELETE, "/trade/api/v2/futures/order", "1732623664116",
      "26f0dbf979583f9c339d2ae3febcbd8ab278b0b8d4e5ad71b04de2c87f7f78d75610f42be45c86125bb6ea862540"
      "f3c14f7459"
      "a06f3273f865b8c06e1da5ff08",
      "op=cancel venue=x wall=2024-11-26T12:21:04.116Z" },
    { HTTP_GET, "/trade/api/v2/futures/positions?exchange=EXCHANGE_2&symbol=BTCUSDT",
      "1732684383674",
      "a85c8dcaf9f90ae2d949ed22040a213019943dd42a84b9d0a694d4589b7d5846129becef3840dced38e37fc94c22"
      "d4500afd26"
      "6595cf59fad21b6cc3d4615608",
      "op=positions symbol=BTCUSDT wall=2024-11-27T05:13:03.674Z" },
    { HTTP_GET, "/trade/api/v2/time", "1719905777483",
      "8f70f689062d91f6280a7e6d862d595fece50cb6a71af790aa2b424f21b135d2eb1c80127ee7e1d341053ed05a9e"
      "3d00e95541"
      "52305e476b25c4972b091c6103",
      "op=time wall=2024-07-02T07:36:17.483Z" },
    { HTTP_GET, "/trade/api/v2/depth?exchange=c2c1&symbol=BTC%2FUSDT", "1719905777483",
      "135d1c98fbf593526982c293eb2f4f191eccbea9af31518192706df04bd20f5e9d2cffd2ddf04625b4e28faff869"
      "52382084f5"
      "82ca2956379e9d2fc3e018900a",
      NULL },
};

static void open_account(struct venue_account *a)
{
    const char *error = NULL;

    *a = (struct venue_account){ .driver = &venue_coinswitch,
                                 .key = BYTES(KEY),
                                 .secret = BYTES(SECRET),
                                 .option = a->option,
                                 .option_count = a->option_count };
    CU_ASSERT_TRUE_FATAL(venue_coinswitch.account_open(a, &error));
}

static enum venue_error build(struct venue_account *a, const char *text, struct http_request *r)
{
    struct call_text c;
    struct bytes bad = { NULL, 0 };

    if (!call_text_parse(bytes_of(text), &c, &bad)) {
        fprintf(stderr, "call not understood at '%.*s'\n", BYTES_ARG(bad));
        abort();
    }
    return venue_coinswitch.endpoint[c.call.op].build(a, &c.call, r);
}

static bool has_header(const struct http_request *r, const char *name, const char *value)
{
    struct http_response view = { .headers = buf_view(&r->headers) };
    struct bytes found;

    return http_response_header(&view, name, &found) && bytes_is(found, value);
}

static void the_routine_gives_all_vectors(void)
{
    struct venue_account a = { 0 };
    struct buf out;

    open_account(&a);
    buf_init(&out, 256);
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        buf_clear(&out);
        CU_ASSERT_TRUE(coinswitch_sign(a.state, vectors[i].method, bytes_of(vectors[i].target),
                                       bytes_of(vectors[i].epoch), &out));
        CU_ASSERT_TRUE(bytes_is(buf_view(&out), vectors[i].signature));
    }
    buf_fini(&out);
    venue_coinswitch.account_close(&a);
}

static void the_requests_carry_the_vectors(void)
{
    struct venue_account a = { 0 };
    struct http_request r;

    open_account(&a);
    http_request_init(&r);
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        if (vectors[i].call == NULL) {
            continue;
        }
        CU_ASSERT_EQUAL(build(&a, vectors[i].call, &r), VENUE_BUILD_OK);
        CU_ASSERT_EQUAL(r.method, vectors[i].method);
        CU_ASSERT_TRUE(bytes_is(buf_view(&r.target), vectors[i].target));
        CU_ASSERT_TRUE(has_header(&r, "X-AUTH-SIGNATURE", vectors[i].signature));
        CU_ASSERT_TRUE(has_header(&r, "X-AUTH-EPOCH", vectors[i].epoch));
        CU_ASSERT_TRUE(has_header(&r, "X-AUTH-APIKEY", KEY));
        CU_ASSERT_TRUE(has_header(&r, "Content-Type", "application/json"));
    }
    http_request_fini(&r);
    venue_coinswitch.account_close(&a);
}

static bool round_trip(const char *id)
{
    char back[COINSWITCH_CLIENT_ID_MAX + 1] = "";
    struct buf uuid;
    bool good;

    buf_init(&uuid, 64);
    good = coinswitch_uuid(bytes_of(id), &uuid) && uuid.size == 36 && uuid.data[14] == '8' &&
           strchr("89ab", uuid.data[19]) != NULL && coinswitch_client_id(buf_view(&uuid), back) &&
           strcmp(back, id) == 0;
    buf_fini(&uuid);
    return good;
}

static void our_ids_survive_as_uuids(void)
{
    char longest[COINSWITCH_CLIENT_ID_MAX + 1] = "zzzzzzzzzzzzzzzzzzzzzz";

    CU_ASSERT_TRUE(round_trip("fb12k-7a"));
    CU_ASSERT_TRUE(round_trip("0"));
    CU_ASSERT_TRUE(round_trip("-----------"));
    CU_ASSERT_TRUE(round_trip("fbzzzzzzzz-"));
    CU_ASSERT_TRUE(round_trip("fbzzzzzzzz-0"));
    for (size_t n = sizeof longest - 1; n > 0; n--) {
        longest[n] = '\0';
        CU_ASSERT_TRUE(round_trip(longest));
    }
}

static void other_ids_are_refused_or_left_alone(void)
{
    static const char *const refused[] = { "", "UPPER", "under_score", "12345678901234567890123" };
    static const char *const foreign[] = { "7f2a1c3e-0000-4000-9000-00000000beef", "not-a-uuid",
                                           "ffffffff-ffff-8fff-bfff-ffffffffffff",
                                           "00000000-0000-8000-8000-000000000001" };
    char back[COINSWITCH_CLIENT_ID_MAX + 1] = "same";
    struct buf out;

    buf_init(&out, 64);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        CU_ASSERT_FALSE(coinswitch_uuid(bytes_of(refused[i]), &out));
    }
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        CU_ASSERT_FALSE(coinswitch_client_id(bytes_of(foreign[i]), back));
        CU_ASSERT_STRING_EQUAL(back, "same");
    }
    CU_ASSERT_TRUE(coinswitch_uuid(bytes_of(foreign[0]), &out));
    CU_ASSERT_TRUE(bytes_is(buf_view(&out), foreign[0]));
    buf_fini(&out);
}

static void bad_accounts_are_refused_with_a_reason(void)
{
    static const struct venue_arg unknown = { { "x", 1 }, { "y", 1 } };
    static const struct venue_arg wrong = { { "trigger_orders", 14 }, { "yes", 3 } };
    struct venue_account accounts[] = {
        { .key = BYTES("short"), .secret = BYTES(SECRET) },
        { .key = BYTES(KEY), .secret = BYTES("abcd") },
        { .key = BYTES(KEY), .secret = BYTES(KEY "zz") },
        { .key = BYTES(KEY), .secret = BYTES(SECRET), .option = &unknown, .option_count = 1 },
        { .key = BYTES(KEY), .secret = BYTES(SECRET), .option = &wrong, .option_count = 1 },
    };

    for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
        const char *error = NULL;

        CU_ASSERT_FALSE(venue_coinswitch.account_open(&accounts[i], &error));
        CU_ASSERT_TRUE(error != NULL && strlen(error) > 0);
        CU_ASSERT_PTR_NULL(accounts[i].state);
        venue_coinswitch.account_close(&accounts[i]);
    }
}

#define PLACE "op=place symbol=BTCUSDT client=fb1-2 side=sell qty=1 "

static void triggers_pass_only_where_closing_is_meant(void)
{
    static const struct venue_arg close = { { "trigger_orders", 14 }, { "close-position", 14 } };
    static const char *const stop = PLACE "type=stop-market tif=gtc stop=90000 reduce=1";
    struct venue_account a = { 0 };
    struct http_request r;

    http_request_init(&r);
    open_account(&a);
    CU_ASSERT_EQUAL(build(&a, stop, &r), VENUE_BUILD_UNSUPPORTED);
    venue_coinswitch.account_close(&a);
    a.option = &close;
    a.option_count = 1;
    open_account(&a);
    CU_ASSERT_EQUAL(build(&a, stop, &r), VENUE_BUILD_OK);
    CU_ASSERT_TRUE(bytes_is(
        buf_view(&r.body),
        "{\"exchange\":\"EXCHANGE_2\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","
        "\"order_type\":\"STOP_MARKET\",\"quantity\":0,\"trigger_price\":90000,"
        "\"reduce_only\":true,\"client_order_id\":\"16bf6ee8-138e-8840-8000-000000000000\"}"));
    /* Without reduce_only somebody means a quantity, and there is none. */
    CU_ASSERT_EQUAL(build(&a, PLACE "type=stop-market tif=gtc stop=90000", &r),
                    VENUE_BUILD_UNSUPPORTED);
    CU_ASSERT_EQUAL(build(&a, PLACE "type=take-market tif=gtc stop=90000 reduce=1", &r),
                    VENUE_BUILD_OK);
    venue_coinswitch.account_close(&a);
    http_request_fini(&r);
}

static void what_the_venue_lacks_never_leaves(void)
{
    static const struct {
        const char *call;
        enum venue_error error;
    } calls[] = {
        { PLACE "type=limit tif=gtc price=1 post=1", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=limit tif=day price=1", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=limit tif=gtd price=1", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=market tif=fok", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=stop-limit tif=gtc price=1 stop=1", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=trailing tif=gtc trail=1 trail_unit=price", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=limit tif=gtc price=1 trigger=mark", VENUE_BUILD_UNSUPPORTED },
        { PLACE "type=limit tif=gtc", VENUE_BUILD_BAD_ARGUMENT },
        { PLACE "type=market arg.x=y", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=BTCUSDT side=sell qty=1 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place client=fb1-2 side=sell qty=1 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=B client=fb1-2 side=sell type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=place symbol=B client=LOUD side=sell qty=1 type=market", VENUE_BUILD_BAD_ARGUMENT },
        { "op=cancel client=fb1-2", VENUE_BUILD_UNSUPPORTED },
        { "op=cancel", VENUE_BUILD_BAD_ARGUMENT },
        { "op=status", VENUE_BUILD_BAD_ARGUMENT },
        { "op=open-orders cursor=x", VENUE_BUILD_BAD_ARGUMENT },
        { "op=open-orders arg.status=EXECUTED", VENUE_BUILD_BAD_ARGUMENT },
        { "op=get-leverage", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-leverage symbol=B", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-leverage symbol=B arg.leverage=1.5", VENUE_BUILD_BAD_ARGUMENT },
        { "op=set-leverage symbol=B arg.leverage=1 arg.margin=1", VENUE_BUILD_BAD_ARGUMENT },
    };
    struct venue_account a = { 0 };
    struct http_request r;

    open_account(&a);
    http_request_init(&r);
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        CU_ASSERT_EQUAL(build(&a, calls[i].call, &r), calls[i].error);
    }
    http_request_fini(&r);
    venue_coinswitch.account_close(&a);
}

static void lists_never_span_more_than_seven_days(void)
{
    const int64_t day_us = INT64_C(86400) * US_PER_S;
    struct venue_call c = { .op = VENUE_OPEN_ORDERS, .wall_us = 100 * day_us };
    int64_t from_ms = 0;
    int64_t to_ms = 0;

    CU_ASSERT_FALSE(coinswitch_window(&c, &from_ms, &to_ms));
    c.since_us = 99 * day_us;
    CU_ASSERT_TRUE(coinswitch_window(&c, &from_ms, &to_ms));
    CU_ASSERT_EQUAL(from_ms, 99 * day_us / 1000);
    CU_ASSERT_EQUAL(to_ms, 100 * day_us / 1000);
    c.since_us = 50 * day_us;
    CU_ASSERT_TRUE(coinswitch_window(&c, &from_ms, &to_ms));
    CU_ASSERT_EQUAL(from_ms, 93 * day_us / 1000);
    c.cursor = BYTES("8035200000"); /* day 93 */
    CU_ASSERT_TRUE(coinswitch_window(&c, &from_ms, &to_ms));
    CU_ASSERT_EQUAL(from_ms, 86 * day_us / 1000);
    CU_ASSERT_EQUAL(to_ms, 93 * day_us / 1000);
}

static void an_order_shows_what_recognises_it(void)
{
    const struct http_response rsp = {
        .status = 200,
        .body = BYTES(
            "{\"data\":{\"orders\":[{\"order_id\":\"v\",\"symbol\":\"dogeusdt\",\"side\":\"SELL\","
            "\"status\":\"RAISED\","
            "\"order_type\":\"LIMIT\",\"quantity\":\"22\",\"exec_quantity\":\"5\",\"price\":\"0."
            "28\","
            "\"avg_execution_price\":\"0.279\",\"reduce_only\":true,\"created_at\":1732557186934,"
            "\"updated_at\":1732557186935}],\"cursor\":1}}")
    };
    const int64_t day_us = INT64_C(86400) * US_PER_S;
    struct venue_call c = { .op = VENUE_OPEN_ORDERS, .wall_us = 100 * day_us };
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(1 << 20);
    const struct venue_order_state *o;

    CU_ASSERT_EQUAL(venue_coinswitch.endpoint[VENUE_OPEN_ORDERS].parse(&c, &rsp, arena, &reply),
                    VENUE_DONE);
    CU_ASSERT_EQUAL_FATAL(reply.order_count, 1);
    o = &reply.order[0];
    CU_ASSERT_TRUE(bytes_is(o->symbol, "DOGEUSDT"));
    CU_ASSERT_EQUAL(o->type, VENUE_LIMIT);
    CU_ASSERT_EQUAL(o->side, VENUE_SELL);
    CU_ASSERT_TRUE(o->reduce_only);
    CU_ASSERT_EQUAL(o->created_us, INT64_C(1732557186934000));
    CU_ASSERT_TRUE(o->has_avg_price && decimal_equal(o->avg_price, (struct decimal){ 279, 3 }));
    CU_ASSERT_FALSE(reply.complete);                      /* the last 7 days are not all there is */
    CU_ASSERT_TRUE(bytes_is(reply.cursor, "8035200000")); /* day 93 */
    c.cursor = BYTES("6220800000");                       /* day 72 */
    reply = (struct venue_reply){ .http_status = 0 };
    CU_ASSERT_EQUAL(venue_coinswitch.endpoint[VENUE_OPEN_ORDERS].parse(&c, &rsp, arena, &reply),
                    VENUE_DONE);
    CU_ASSERT_TRUE(reply.complete && reply.cursor.size == 0);
    arena_free(arena);
}

CU_TestInfo coinswitch_tests[] = {
    { "the_routine_gives_all_vectors", the_routine_gives_all_vectors },
    { "the_requests_carry_the_vectors", the_requests_carry_the_vectors },
    { "our_ids_survive_as_uuids", our_ids_survive_as_uuids },
    { "other_ids_are_refused_or_left_alone", other_ids_are_refused_or_left_alone },
    { "bad_accounts_are_refused_with_a_reason", bad_accounts_are_refused_with_a_reason },
    { "triggers_pass_only_where_closing_is_meant", triggers_pass_only_where_closing_is_meant },
    { "what_the_venue_lacks_never_leaves", what_the_venue_lacks_never_leaves },
    { "lists_never_span_more_than_seven_days", lists_never_span_more_than_seven_days },
    { "an_order_shows_what_recognises_it", an_order_shows_what_recognises_it },
    CU_TEST_INFO_NULL,
};
