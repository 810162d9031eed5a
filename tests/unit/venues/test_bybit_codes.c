/*
 * Bybit answers: every row of the sheet's tables (HTTP status, retCode, orderStatus, rejectReason,
 * cancelType, execType), and what the rate-limit headers teach.
 */
#include "bybit.h"
#include "bybit_play.h"
#include "suites.h"

#define PLACE "op=place symbol=S client=F-1 side=buy type=market qty=1"
#define CANCEL "op=cancel symbol=S client=F-1"
#define AMEND "op=replace symbol=S client=F-1 type=limit tif=gtc qty=1 price=1"
#define STATUS "op=status client=F-1"

static const char *const acting[] = { PLACE,
                                      CANCEL,
                                      AMEND,
                                      "op=cancel-all symbol=S",
                                      "op=batch do=cancel symbol=S client=F-1",
                                      "op=deadman timeout=9",
                                      "op=close-position symbol=S side=buy" };
static const char *const setting[] = { "op=set-leverage symbol=S arg.leverage=1",
                                       "op=position-triggers symbol=S arg.stopLoss=1" };
static const char *const asking[] = { STATUS,
                                      "op=open-orders",
                                      "op=order-history",
                                      "op=trigger-history",
                                      "op=fills",
                                      "op=executions",
                                      "op=positions",
                                      "op=get-leverage",
                                      "op=get-stp",
                                      "op=instruments",
                                      "op=fees",
                                      "op=time",
                                      "op=check-order arg.what=account",
                                      "op=deadman arg.show=true" };

static void check(const char *call, int status, const char *body, enum venue_outcome outcome,
                  enum venue_reason reason)
{
    struct bybit_played p;

    bybit_played_begin(&p, call, status, "", body);
    if (p.outcome != outcome || p.reply.reason != reason) {
        printf("%s: %d %s: %s %s\n", call, status, body, venue_outcome_text(p.outcome),
               venue_reason_text(p.reply.reason));
    }
    CU_ASSERT_EQUAL(p.outcome, outcome);
    CU_ASSERT_EQUAL(p.reply.reason, reason);
    CU_ASSERT_EQUAL(p.reply.http_status, status);
    CU_ASSERT_EQUAL(p.reply.order_count + p.reply.fill_count, 0);
    CU_ASSERT_FALSE(p.reply.complete);
    bybit_played_end(&p);
}

static void check_code(const char *const *calls, size_t count, int64_t code,
                       enum venue_outcome outcome, enum venue_reason reason)
{
    char body[128];

    snprintf(body, sizeof body,
             "{\"retCode\":%lld,\"retMsg\":\"m\",\"result\":{},\"time\":1763690000123}",
             (long long)code);
    for (size_t i = 0; i < count; i++) {
        check(calls[i], 200, body, outcome, reason);
    }
}

static void every_ret_code_has_its_outcome(void)
{
    static const struct {
        enum venue_outcome outcome;
        enum venue_reason reason;
        int32_t code[24];
    } rows[] = {
        { VENUE_UNKNOWN, VENUE_REASON_OTHER, { 10000, 10016, 40004, 99999, 7 } },
        { VENUE_UNKNOWN, VENUE_REASON_DUPLICATE, { 10014 } },
        { VENUE_HELD, VENUE_REASON_STALE, { -1, 10002 } },
        { VENUE_HELD, VENUE_REASON_THROTTLED, { 10006 } },
        { VENUE_HELD, VENUE_REASON_OTHER, { 110079 } },
        { VENUE_REFUSED,
          VENUE_REASON_UNSUPPORTED,
          { 10001, 110057, 110058, 110059, 110060, 110108, 110109 } },
        { VENUE_REFUSED, VENUE_REASON_AUTH, { 10003,  10004,  10005,  10007,  10008,  10009,
                                              10010,  10024,  10027,  10028,  33004,  100028,
                                              110067, 110068, 110069, 110088, 110123, 110124,
                                              110125, 110132, 110101, 110102, 170346 } },
        { VENUE_REFUSED, VENUE_REASON_AUTH, { 110104, 110105, 110106, 110107 } },
        { VENUE_REFUSED,
          VENUE_REASON_OTHER,
          { 10017, 110118, 110024, 110028, 110029, 181017, 3100181 } },
        { VENUE_REFUSED, VENUE_REASON_SYMBOL, { 10029 } },
        { VENUE_REFUSED, VENUE_REASON_UNKNOWN_ORDER, { 110001 } },
        { VENUE_REFUSED, VENUE_REASON_TOO_LATE, { 110008, 110010 } },
        { VENUE_REFUSED,
          VENUE_REASON_PRICE,
          { 110003, 110120, 110121, 30208, 30209, 110092, 110093 } },
        { VENUE_REFUSED, VENUE_REASON_LIMIT, { 110004, 110006,  110007, 110012, 110044, 110045,
                                               110051, 110052,  110053, 110009, 110020, 110061,
                                               110013, 110021,  110085, 110086, 110087, 110089,
                                               110090, 3400139, 110011, 110039, 110040, 110046 } },
        { VENUE_REFUSED, VENUE_REASON_QUANTITY, { 110017, 110064, 110094 } },
        { VENUE_REFUSED, VENUE_REASON_POSITION, { 110022, 110023, 110042, 30228 } },
        { VENUE_REFUSED, VENUE_REASON_INVALID, { 110018, 110019, 110032 } },
        { VENUE_REFUSED,
          VENUE_REASON_CLOSED,
          { 110063, 110066, 110074, 110095, 110098, 110099, 110103 } },
        { VENUE_REFUSED, VENUE_REASON_DUPLICATE, { 110072 } },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(rows[i].code) && rows[i].code[k] != 0; k++) {
            check_code(acting, ARRAY_LEN(acting), rows[i].code[k], rows[i].outcome, rows[i].reason);
            check_code(setting, ARRAY_LEN(setting), rows[i].code[k], rows[i].outcome,
                       rows[i].reason);
            check_code(asking, ARRAY_LEN(asking), rows[i].code[k], rows[i].outcome, rows[i].reason);
        }
    }
}

static void not_modified_is_success_for_setters_only(void)
{
    static const int32_t codes[] = { 110043, 34040, 110025, 110026, 110027 };

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        check_code(setting, ARRAY_LEN(setting), codes[i], VENUE_DONE, VENUE_REASON_NONE);
        check_code(acting, ARRAY_LEN(acting), codes[i], VENUE_REFUSED, VENUE_REASON_INVALID);
    }
}

static void an_overload_is_ambiguous_for_what_acts(void)
{
    check_code(acting, ARRAY_LEN(acting), 429, VENUE_UNKNOWN, VENUE_REASON_THROTTLED);
    check_code(setting, ARRAY_LEN(setting), 429, VENUE_UNKNOWN, VENUE_REASON_THROTTLED);
    check_code(asking, ARRAY_LEN(asking), 429, VENUE_HELD, VENUE_REASON_THROTTLED);
    check(PLACE, 429, "", VENUE_UNKNOWN, VENUE_REASON_THROTTLED);
    check(STATUS, 429, "{}", VENUE_HELD, VENUE_REASON_THROTTLED);
}

static void a_parameter_error_is_sharpened_by_its_text(void)
{
    check(PLACE, 200, "{\"retCode\":10001,\"retMsg\":\"params error: symbol invalid\"}",
          VENUE_REFUSED, VENUE_REASON_SYMBOL);
    check(PLACE, 200, "{\"retCode\":10001,\"retMsg\":\"Qty invalid\"}", VENUE_REFUSED,
          VENUE_REASON_QUANTITY);
    check(PLACE, 200, "{\"retCode\":10001}", VENUE_REFUSED, VENUE_REASON_UNSUPPORTED);
    /* Other codes are not read by their texts. */
    check(PLACE, 200, "{\"retCode\":110007,\"retMsg\":\"symbol qty\"}", VENUE_REFUSED,
          VENUE_REASON_LIMIT);
}

static void every_http_status_has_its_outcome(void)
{
    static const char ok[] =
        "{\"retCode\":0,\"result\":{\"orderId\":\"v\",\"orderLinkId\":\"F-1\",\"list\":[]}}";
    static const char refusal[] = "{\"retCode\":110007,\"retMsg\":\"m\"}";
    static const struct {
        int status;
        const char *body;
        enum venue_outcome outcome;
        enum venue_reason reason;
    } rows[] = {
        { 200, "", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 200, "[]", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 200, "{}", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 200, "{\"retCode\":\"x\"}", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 400, "", VENUE_REFUSED, VENUE_REASON_INVALID },
        { 400, refusal, VENUE_REFUSED, VENUE_REASON_LIMIT },
        { 400, ok, VENUE_REFUSED, VENUE_REASON_INVALID },
        { 401, "", VENUE_REFUSED, VENUE_REASON_AUTH },
        { 401, "{\"retCode\":10003}", VENUE_REFUSED, VENUE_REASON_AUTH },
        { 404, "<html>", VENUE_REFUSED, VENUE_REASON_INVALID },
        { 403, "access too frequent", VENUE_HELD, VENUE_REASON_THROTTLED },
        { 403, ok, VENUE_HELD, VENUE_REASON_THROTTLED },
        { 500, ok, VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 502, "<html>", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 503, refusal, VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 504, "", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 302, ok, VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 418, refusal, VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { 0, ok, VENUE_UNKNOWN, VENUE_REASON_OTHER },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check(PLACE, rows[i].status, rows[i].body, rows[i].outcome, rows[i].reason);
        check(CANCEL, rows[i].status, rows[i].body, rows[i].outcome, rows[i].reason);
        check(STATUS, rows[i].status, rows[i].body, rows[i].outcome, rows[i].reason);
    }
}

static int64_t wait_after(int status, const char *headers, const char *body)
{
    struct bybit_played p;
    int64_t wait;

    bybit_played_begin(&p, STATUS, status, headers, body);
    wait = p.outcome == VENUE_HELD ? p.reply.retry_after_us : -1;
    bybit_played_end(&p);
    return wait;
}

static void the_wait_is_as_long_as_the_venue_says(void)
{
    static const char body[] = "{\"retCode\":10006,\"time\":1763690000123}";

    CU_ASSERT_EQUAL(wait_after(200, "X-Bapi-Limit-Reset-Timestamp: 1763690000173\r\n", body),
                    50 * US_PER_MS);
    CU_ASSERT_EQUAL(wait_after(200, "x-bapi-limit-reset-timestamp: 1763690000122\r\n", body),
                    US_PER_S);
    CU_ASSERT_EQUAL(wait_after(200, "X-Bapi-Limit-Reset-Timestamp: 9763690000122\r\n", body),
                    US_PER_S);
    CU_ASSERT_EQUAL(wait_after(200, "X-Bapi-Limit-Reset-Timestamp: soon\r\n", body), US_PER_S);
    CU_ASSERT_EQUAL(wait_after(200, "", body), US_PER_S);
    CU_ASSERT_EQUAL(
        wait_after(200, "X-Bapi-Limit-Reset-Timestamp: 1763690000173\r\n", "{\"retCode\":10006}"),
        US_PER_S);
    CU_ASSERT_EQUAL(wait_after(403, "", ""), 600 * US_PER_S);
    CU_ASSERT_EQUAL(wait_after(429, "", ""), US_PER_S);
}

/* ---- orders -------------------------------------------------------------------------------- */

static void check_order(const char *members, enum venue_order_status status,
                        enum venue_reason reason, enum venue_cause cause, const char *code)
{
    struct bybit_played p;
    const struct venue_order_state *o;
    char body[512];

    snprintf(
        body, sizeof body,
        "{\"retCode\":0,\"result\":{\"list\":[{\"orderId\":\"v\",\"orderLinkId\":\"F-1\",%s}]}}",
        members);
    bybit_played_begin(&p, STATUS, 200, "", body);
    CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
    CU_ASSERT_EQUAL_FATAL(p.reply.order_count, 1);
    o = &p.reply.order[0];
    if (o->status != status || o->reason != reason || o->cause != cause ||
        !bytes_is(o->code, code)) {
        printf("%s: %s %s %s %.*s\n", members, venue_order_status_text(o->status),
               venue_reason_text(o->reason), venue_cause_text(o->cause), BYTES_ARG(o->code));
    }
    CU_ASSERT_EQUAL(o->status, status);
    CU_ASSERT_EQUAL(o->reason, reason);
    CU_ASSERT_EQUAL(o->cause, cause);
    CU_ASSERT_TRUE(bytes_is(o->code, code));
    bybit_played_end(&p);
}

static void every_order_status_is_told(void)
{
    static const struct {
        const char *word;
        enum venue_order_status status;
    } rows[] = {
        { "New", VENUE_ORDER_OPEN },
        { "PartiallyFilled", VENUE_ORDER_OPEN },
        { "Filled", VENUE_ORDER_FILLED },
        { "Cancelled", VENUE_ORDER_CANCELED },
        { "Untriggered", VENUE_ORDER_OPEN },
        { "Triggered", VENUE_ORDER_OPEN },
        { "Deactivated", VENUE_ORDER_CANCELED },
        { "PartiallyFilledCanceled", VENUE_ORDER_CANCELED },
        { "Created", VENUE_ORDER_PENDING },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char members[128];

        snprintf(
            members, sizeof members,
            "\"orderStatus\":\"%s\",\"rejectReason\":\"EC_NoError\",\"cancelType\":\"UNKNOWN\"",
            rows[i].word);
        check_order(members, rows[i].status, VENUE_REASON_NONE, VENUE_CAUSE_NONE, rows[i].word);
    }
    check_order("\"orderStatus\":\"Rejected\",\"rejectReason\":\"\"", VENUE_ORDER_REJECTED,
                VENUE_REASON_OTHER, VENUE_CAUSE_VENUE, "Rejected");
}

static const struct {
    const char *word;
    enum venue_order_status status;
    enum venue_reason reason;
    enum venue_cause cause;
} reject_rows[] = {
    { "EC_PerCancelRequest", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_USER },
    { "EC_PostOnlyWillTakeLiquidity", VENUE_ORDER_REJECTED, VENUE_REASON_WOULD_CROSS,
      VENUE_CAUSE_NONE },
    { "EC_NoImmediateQtyToFill", VENUE_ORDER_CANCELED, VENUE_REASON_NONE,
      VENUE_CAUSE_NO_LIQUIDITY },
    { "EC_CancelForNoFullFill", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_NO_LIQUIDITY },
    { "EC_NoEnoughQtyToFill", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_NO_LIQUIDITY },
    { "EC_BySelfMatch", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_SELF_TRADE },
    { "EC_StopBySelfMatch", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_SELF_TRADE },
    { "EC_ReachRiskPriceLimit", VENUE_ORDER_REJECTED, VENUE_REASON_PRICE, VENUE_CAUSE_NONE },
    { "EC_ReachMarketPriceLimit", VENUE_ORDER_REJECTED, VENUE_REASON_PRICE, VENUE_CAUSE_NONE },
    { "EC_LimitOrderInvalidPrice", VENUE_ORDER_REJECTED, VENUE_REASON_PRICE, VENUE_CAUSE_NONE },
    { "EC_InvalidPriceScale", VENUE_ORDER_REJECTED, VENUE_REASON_PRICE, VENUE_CAUSE_NONE },
    { "EC_QtyCannotBeZero", VENUE_ORDER_REJECTED, VENUE_REASON_QUANTITY, VENUE_CAUSE_NONE },
    { "EC_EcInvalidQty", VENUE_ORDER_REJECTED, VENUE_REASON_QUANTITY, VENUE_CAUSE_NONE },
    { "EC_InvalidAmount", VENUE_ORDER_REJECTED, VENUE_REASON_QUANTITY, VENUE_CAUSE_NONE },
    { "EC_DuplicatedClOrdID", VENUE_ORDER_REJECTED, VENUE_REASON_DUPLICATE, VENUE_CAUSE_NONE },
    { "EC_InvalidSymbolStatus", VENUE_ORDER_REJECTED, VENUE_REASON_CLOSED, VENUE_CAUSE_MARKET },
    { "EC_SecurityStatusFail", VENUE_ORDER_REJECTED, VENUE_REASON_CLOSED, VENUE_CAUSE_MARKET },
    { "EC_InCallAuctionStatus", VENUE_ORDER_REJECTED, VENUE_REASON_CLOSED, VENUE_CAUSE_MARKET },
    { "EC_UnknownOrderType", VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED, VENUE_CAUSE_NONE },
    { "EC_UnknownSide", VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED, VENUE_CAUSE_NONE },
    { "EC_UnknownTimeInForce", VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED, VENUE_CAUSE_NONE },
    { "EC_MarketOrderNoSupportTIF", VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED,
      VENUE_CAUSE_NONE },
    { "EC_MarketOrderCannotBePostOnly", VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED,
      VENUE_CAUSE_NONE },
    { "EC_InvalidSmpType", VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED, VENUE_CAUSE_NONE },
    { "EC_OrigClOrdIDDoesNotExist", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_NONE },
    { "EC_TooLateToCancel", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_NONE },
    { "EC_OrderNotExist", VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_NONE },
    { "EC_ReachMaxTradeNum", VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE },
    { "EC_CancelByOrderValueZero", VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE },
    { "EC_CancelByMatchValueZero", VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE },
    { "EC_LoadOrderCancel", VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE },
    { "EC_Others", VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE },
    { "EC_NeverHeardOf", VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE },
};

static void every_reject_reason_is_told(void)
{
    for (size_t i = 0; i < ARRAY_LEN(reject_rows); i++) {
        char members[256];

        snprintf(members, sizeof members,
                 "\"orderStatus\":\"Cancelled\",\"rejectReason\":\"%s\",\"cumExecQty\":\"0\"",
                 reject_rows[i].word);
        check_order(members, reject_rows[i].status, reject_rows[i].reason, reject_rows[i].cause,
                    reject_rows[i].word);
        /* What has traded was accepted. */
        snprintf(members, sizeof members,
                 "\"orderStatus\":\"Cancelled\",\"rejectReason\":\"%s\",\"cumExecQty\":\"1\"",
                 reject_rows[i].word);
        check_order(members, VENUE_ORDER_CANCELED, VENUE_REASON_NONE, reject_rows[i].cause,
                    reject_rows[i].word);
        /* A filled order is filled, also when its cancel found it gone. */
        snprintf(members, sizeof members,
                 "\"orderStatus\":\"Filled\",\"rejectReason\":\"%s\",\"cumExecQty\":\"1\"",
                 reject_rows[i].word);
        check_order(members, VENUE_ORDER_FILLED, VENUE_REASON_NONE, VENUE_CAUSE_NONE, "Filled");
    }
    check_order("\"orderStatus\":\"Rejected\",\"rejectReason\":\"EC_OrderNotExist\"",
                VENUE_ORDER_REJECTED, VENUE_REASON_OTHER, VENUE_CAUSE_VENUE, "EC_OrderNotExist");
    check_order("\"orderStatus\":\"Rejected\",\"rejectReason\":\"EC_CancelForNoFullFill\"",
                VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_NO_LIQUIDITY,
                "EC_CancelForNoFullFill");
}

static void every_cancel_type_is_told(void)
{
    static const struct {
        const char *word;
        enum venue_cause cause;
    } rows[] = {
        { "CancelByUser", VENUE_CAUSE_USER },         { "CancelByReduceOnly", VENUE_CAUSE_VENUE },
        { "CancelByPrepareLiq", VENUE_CAUSE_MARGIN }, { "CancelAllBeforeLiq", VENUE_CAUSE_MARGIN },
        { "CancelByPrepareAdl", VENUE_CAUSE_MARGIN }, { "CancelAllBeforeAdl", VENUE_CAUSE_MARGIN },
        { "CancelByAdmin", VENUE_CAUSE_VENUE },       { "CancelBySettle", VENUE_CAUSE_MARKET },
        { "CancelByTpSlTsClear", VENUE_CAUSE_VENUE }, { "CancelBySmp", VENUE_CAUSE_SELF_TRADE },
        { "CancelByDCP", VENUE_CAUSE_DEADMAN },       { "CancelByMoon", VENUE_CAUSE_NONE },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char members[256];

        snprintf(
            members, sizeof members,
            "\"orderStatus\":\"Cancelled\",\"rejectReason\":\"EC_NoError\",\"cancelType\":\"%s\"",
            rows[i].word);
        check_order(members, VENUE_ORDER_CANCELED, VENUE_REASON_NONE, rows[i].cause, rows[i].word);
        snprintf(members, sizeof members, "\"orderStatus\":\"New\",\"cancelType\":\"%s\"",
                 rows[i].word);
        check_order(members, VENUE_ORDER_OPEN, VENUE_REASON_NONE, VENUE_CAUSE_NONE, "New");
    }
}

static void only_trades_are_fills_of_orders(void)
{
    static const struct {
        const char *type;
        bool listed, by_venue_without_id;
    } rows[] = {
        { "Trade", true, false },       { "Funding", false, false },
        { "AdlTrade", true, true },     { "BustTrade", true, true },
        { "Delivery", true, true },     { "Settle", true, true },
        { "BlockTrade", true, true },   { "MovePosition", true, true },
        { "FutureSpread", true, true }, { "CorporateAction", true, true },
        { "SomethingNew", true, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int ours = 0; ours < 2; ours++) {
            struct bybit_played p;
            char body[512];

            snprintf(body, sizeof body,
                     "{\"retCode\":0,\"result\":{\"list\":[{\"execId\":\"e\",\"orderLinkId\":\"%"
                     "s\",\"execType\":\"%s\","
                     "\"execQty\":\"1\",\"execPrice\":\"2\"}]}}",
                     ours ? "F-1" : "", rows[i].type);
            bybit_played_begin(&p, "op=fills", 200, "", body);
            CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
            CU_ASSERT_EQUAL(p.reply.fill_count, rows[i].listed);
            CU_ASSERT_TRUE(!rows[i].listed ||
                           p.reply.fill[0].by_venue == (rows[i].by_venue_without_id && !ours));
            bybit_played_end(&p);
        }
    }
}

static void fees_of_inverse_contracts_are_in_their_coin(void)
{
    static const struct {
        const char *symbol, *coin;
    } rows[] = { { "BTCUSD", "BTC" },    { "BTCUSDH26", "BTC" },
                 { "ETHUSDZ27", "ETH" }, { "BTCUSDT", "" },
                 { "BTCPERP", "" },      { "BTCUSDT-21FEB25", "" },
                 { "USD", "" },          { "", "" } };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bybit_played p;
        char body[512];

        snprintf(
            body, sizeof body,
            "{\"retCode\":0,\"result\":{\"list\":[{\"execId\":\"e\",\"symbol\":\"%s\",\"execType\":"
            "\"Trade\","
            "\"execQty\":\"1\",\"execPrice\":\"2\",\"execFee\":\"0.1\",\"feeCurrency\":\"\"}]}}",
            rows[i].symbol);
        bybit_played_begin(&p, "op=executions", 200, "", body);
        CU_ASSERT_EQUAL_FATAL(p.reply.fill_count, 1);
        CU_ASSERT_TRUE(p.reply.fill[0].has_fee);
        CU_ASSERT_TRUE(bytes_is(p.reply.fill[0].fee_currency, rows[i].coin));
        bybit_played_end(&p);
    }
}

/* ---- rate limits --------------------------------------------------------------------------- */

static bool learns(const char *call, size_t window, const char *headers, uint32_t expected)
{
    struct call_text c;
    struct http_response rsp = { .status = 200, .headers = bytes_of(headers) };
    uint32_t used = 12345;

    bybit_understand(call, &c);
    return venue_bybit.call_used(&c.call, &rsp, window, &used) && used == expected;
}

static void the_window_of_the_call_learns_from_headers(void)
{
    static const char *const calls[] = { PLACE, AMEND, CANCEL, "op=cancel-all symbol=S", STATUS };
    static const char ten[] = "X-Bapi-Limit: 10\r\nX-Bapi-Limit-Status: 7\r\n";
    static const char fifty[] = "x-bapi-limit: 50\r\nx-bapi-limit-status: 7\r\n";

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        for (size_t window = 0; window < VENUE_WINDOWS_MAX; window++) {
            CU_ASSERT_EQUAL(learns(calls[i], window, i == 4 ? fifty : ten, i == 4 ? 43 : 3),
                            window == i);
        }
    }
    CU_ASSERT_TRUE(learns(PLACE, 0, "X-Bapi-Limit: 20\r\nX-Bapi-Limit-Status: 15\r\n", 0));
    CU_ASSERT_TRUE(learns(PLACE, 0, "X-Bapi-Limit: 20\r\nX-Bapi-Limit-Status: 0\r\n", 10));
    CU_ASSERT_FALSE(learns(PLACE, 0, "X-Bapi-Limit: 5\r\nX-Bapi-Limit-Status: 4\r\n", 6));
    CU_ASSERT_FALSE(learns(PLACE, 0, "X-Bapi-Limit: 10\r\n", 0));
    CU_ASSERT_FALSE(learns(PLACE, 0, "X-Bapi-Limit: 10\r\nX-Bapi-Limit-Status: -1\r\n", 11));
    CU_ASSERT_FALSE(learns("op=batch do=cancel symbol=S client=F", 2, ten, 3));
}

static void batches_cost_what_they_contain(void)
{
    static const struct {
        const char *call;
        uint32_t cost[VENUE_WINDOWS_MAX];
    } rows[] = {
        { "op=batch do=place do=place do=place", { 3, 0, 0, 0, 0, 1 } },
        { "op=batch do=replace do=replace", { 0, 2, 0, 0, 0, 1 } },
        { "op=batch do=cancel", { 0, 0, 1, 0, 0, 1 } },
        { PLACE, { 1, 0, 0, 0, 0, 1 } },
        { CANCEL, { 0, 0, 1, 0, 0, 1 } },
        { STATUS, { 0, 0, 0, 0, 1, 1 } },
        { "op=deadman timeout=9", { 0, 0, 0, 2, 0, 1 } },
        { "op=time", { 0, 0, 0, 0, 0, 1 } },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call_text c;

        bybit_understand(rows[i].call, &c);
        for (size_t w = 0; w < VENUE_WINDOWS_MAX; w++) {
            CU_ASSERT_EQUAL(venue_call_cost(&venue_bybit, &c.call, w), rows[i].cost[w]);
        }
    }
}

CU_TestInfo bybit_codes_tests[] = {
    { "every_ret_code_has_its_outcome", every_ret_code_has_its_outcome },
    { "not_modified_is_success_for_setters_only", not_modified_is_success_for_setters_only },
    { "an_overload_is_ambiguous_for_what_acts", an_overload_is_ambiguous_for_what_acts },
    { "a_parameter_error_is_sharpened_by_its_text", a_parameter_error_is_sharpened_by_its_text },
    { "every_http_status_has_its_outcome", every_http_status_has_its_outcome },
    { "the_wait_is_as_long_as_the_venue_says", the_wait_is_as_long_as_the_venue_says },
    { "every_order_status_is_told", every_order_status_is_told },
    { "every_reject_reason_is_told", every_reject_reason_is_told },
    { "every_cancel_type_is_told", every_cancel_type_is_told },
    { "only_trades_are_fills_of_orders", only_trades_are_fills_of_orders },
    { "fees_of_inverse_contracts_are_in_their_coin", fees_of_inverse_contracts_are_in_their_coin },
    { "the_window_of_the_call_learns_from_headers", the_window_of_the_call_learns_from_headers },
    { "batches_cost_what_they_contain", batches_cost_what_they_contain },
    CU_TEST_INFO_NULL,
};
