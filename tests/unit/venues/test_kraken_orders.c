/*
 * Kraken Futures answers to acting requests: every status word of the sheet's tables 6.2 and 6.3,
 * in single answers and in batches, and what the order events say.
 */
#include "kraken_futures.h"
#include "kraken_play.h"
#include "suites.h"

#define PLACE "op=place symbol=PI_XBTUSD client=F-1 side=buy type=limit tif=gtc qty=10 price=9"
#define IOC "op=place symbol=PI_XBTUSD client=F-1 side=buy type=limit tif=ioc qty=10 price=9"
#define EDIT                                                                                       \
    "op=replace symbol=PI_XBTUSD client=F-1 venue=v1 side=buy type=limit tif=gtc qty=10 price=9"
#define CANCEL "op=cancel symbol=PI_XBTUSD client=F-1 venue=v1 side=buy"

struct row {
    const char *code;
    enum venue_outcome outcome;
    enum venue_order_status status;
    enum venue_reason reason;
};

static const struct row send_rows[] = {
    { "placed", VENUE_DONE, VENUE_ORDER_OPEN, VENUE_REASON_NONE },
    { "partiallyFilled", VENUE_DONE, VENUE_ORDER_OPEN, VENUE_REASON_NONE },
    { "filled", VENUE_DONE, VENUE_ORDER_FILLED, VENUE_REASON_NONE },
    { "cancelled", VENUE_DONE, VENUE_ORDER_CANCELED, VENUE_REASON_NONE },
    { "iocWouldNotExecute", VENUE_DONE, VENUE_ORDER_CANCELED, VENUE_REASON_NONE },
    { "marketSuspended", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_CLOSED },
    { "marketInactive", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_CLOSED },
    { "invalidOrderType", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED },
    { "invalidSide", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_UNSUPPORTED },
    { "invalidSize", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_QUANTITY },
    { "invalidPrice", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_PRICE },
    { "insufficientAvailableFunds", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_LIMIT },
    { "wouldCauseLiquidation", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_LIMIT },
    { "maxPositionViolation", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_LIMIT },
    { "tooManySmallOrders", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_LIMIT },
    { "tooManyOrders", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_LIMIT },
    { "fixedLeverageTooHigh", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_LIMIT },
    { "clientOrderIdAlreadyExist", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_DUPLICATE },
    { "clientOrderIdTooBig", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_INVALID },
    { "clientOrderIdTooLong", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_INVALID },
    { "clientOrderIdInvalid", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_INVALID },
    { "outsidePriceCollar", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_POSITION },
    { "wouldIncreasePriceDislocation", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_POSITION },
    { "selfFill", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_POSITION },
    { "wouldNotReducePosition", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_POSITION },
    { "marketIsPostOnly", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_OTHER },
    { "postWouldExecute", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_WOULD_CROSS },
    { "wouldProcessAfterSpecifiedTime", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_STALE },
    { "requiredArgumentMissing", VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_INVALID },
    { "notFound", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
    { "orderForEditNotFound", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
    { "cannotEditTriggerPriceOfTrailingStop", VENUE_UNKNOWN, VENUE_ORDER_PENDING,
      VENUE_REASON_OTHER },
    { "neverHeardOf", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
    { "PLACED", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
};

static const struct row edit_rows[] = {
    { "edited", VENUE_DONE, VENUE_ORDER_REPLACED, VENUE_REASON_NONE },
    { "orderForEditNotFound", VENUE_REFUSED, VENUE_ORDER_ABSENT, VENUE_REASON_UNKNOWN_ORDER },
    { "notFound", VENUE_REFUSED, VENUE_ORDER_ABSENT, VENUE_REASON_UNKNOWN_ORDER },
    { "orderForEditNotAStop", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_UNSUPPORTED },
    { "cannotEditTriggerPriceOfTrailingStop", VENUE_REFUSED, VENUE_ORDER_OPEN,
      VENUE_REASON_UNSUPPORTED },
    { "cannotEditLimitPriceOfTrailingStop", VENUE_REFUSED, VENUE_ORDER_OPEN,
      VENUE_REASON_UNSUPPORTED },
    { "invalidSize", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_QUANTITY },
    { "invalidPrice", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_PRICE },
    { "insufficientAvailableFunds", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_LIMIT },
    { "tooManySmallOrders", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_LIMIT },
    { "tooManyOrders", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_LIMIT },
    { "outsidePriceCollar", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_POSITION },
    { "selfFill", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_POSITION },
    { "wouldNotReducePosition", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_POSITION },
    { "wouldProcessAfterSpecifiedTime", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_STALE },
    { "marketSuspended", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_CLOSED },
    { "postWouldExecute", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_WOULD_CROSS },
    { "clientOrderIdAlreadyExist", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
    { "placed", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
    { "neverHeardOf", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
};

static const struct row cancel_rows[] = {
    { "cancelled", VENUE_DONE, VENUE_ORDER_CANCELED, VENUE_REASON_NONE },
    { "filled", VENUE_REFUSED, VENUE_ORDER_FILLED, VENUE_REASON_TOO_LATE },
    { "notFound", VENUE_REFUSED, VENUE_ORDER_ABSENT, VENUE_REASON_UNKNOWN_ORDER },
    { "wouldProcessAfterSpecifiedTime", VENUE_REFUSED, VENUE_ORDER_OPEN, VENUE_REASON_STALE },
    { "placed", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
    { "neverHeardOf", VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_OTHER },
};

static void check_single(const char *call, const char *name, const struct row *row)
{
    char body[512];
    struct played p;

    snprintf(
        body, sizeof body,
        "{\"result\":\"success\",\"serverTime\":\"2026-11-20T10:00:00.000Z\",\"%s\":"
        "{\"status\":\"%s\",\"receivedTime\":\"2026-11-20T10:00:00.000Z\",\"orderEvents\":[]}}",
        name, row->code);
    played_begin(&p, call, 200, "", body);
    if (p.outcome != row->outcome || p.reply.order_count != 1 ||
        p.reply.order[0].status != row->status) {
        printf("%s %s\n", name, row->code);
    }
    CU_ASSERT_EQUAL(p.outcome, row->outcome);
    CU_ASSERT_EQUAL_FATAL(p.reply.order_count, 1);
    CU_ASSERT_EQUAL(p.reply.order[0].status, row->status);
    CU_ASSERT_EQUAL(p.reply.order[0].reason, row->reason);
    CU_ASSERT_TRUE(bytes_is(p.reply.order[0].code, row->code));
    CU_ASSERT_TRUE(bytes_is(p.reply.order[0].client_id, "F-1"));
    if (row->outcome != VENUE_DONE) {
        CU_ASSERT_EQUAL(p.reply.reason, row->reason);
        CU_ASSERT_TRUE(bytes_is(p.reply.code, row->code));
    }
    played_end(&p);
}

/* The same words as items of a batch; what is unknown there is an order to look up. */
static void check_item(const char *instruction, const char *ids, const struct row *row)
{
    char call[256];
    char body[512];
    struct played p;

    snprintf(call, sizeof call, "op=batch %s", instruction);
    snprintf(body, sizeof body,
             "{\"result\":\"success\",\"serverTime\":\"2026-11-20T10:00:00.000Z\","
             "\"batchStatus\":[{\"status\":\"%s\",%s,\"orderEvents\":[]}]}",
             row->code, ids);
    played_begin(&p, call, 200, "", body);
    CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
    CU_ASSERT_EQUAL_FATAL(p.reply.order_count, 1);
    CU_ASSERT_EQUAL(p.reply.order[0].status, row->status);
    CU_ASSERT_EQUAL(p.reply.order[0].reason, row->reason);
    played_end(&p);
}

static void every_send_status_has_its_outcome(void)
{
    for (size_t i = 0; i < ARRAY_LEN(send_rows); i++) {
        check_single(PLACE, "sendStatus", &send_rows[i]);
        check_item("do=place symbol=S client=F-1 side=buy type=limit tif=gtc qty=1 price=1",
                   "\"order_tag\":\"1\"", &send_rows[i]);
    }
}

static void every_edit_status_has_its_outcome(void)
{
    for (size_t i = 0; i < ARRAY_LEN(edit_rows); i++) {
        check_single(EDIT, "editStatus", &edit_rows[i]);
        check_item("do=replace client=F-1 side=buy type=limit tif=gtc qty=1 price=1",
                   "\"cliOrdId\":\"F-1\"", &edit_rows[i]);
    }
}

static void every_cancel_status_has_its_outcome(void)
{
    for (size_t i = 0; i < ARRAY_LEN(cancel_rows); i++) {
        check_single(CANCEL, "cancelStatus", &cancel_rows[i]);
        check_item("do=cancel venue=v1", "\"order_id\":\"v1\"", &cancel_rows[i]);
    }
}

static void the_cause_of_an_ioc_without_liquidity_is_told(void)
{
    struct played p;

    played_begin(&p, IOC, 200, "",
                 "{\"result\":\"success\",\"sendStatus\":{\"status\":\"iocWouldNotExecute\"}}");
    CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
    CU_ASSERT_EQUAL(p.reply.order[0].cause, VENUE_CAUSE_NO_LIQUIDITY);
    CU_ASSERT_FALSE(p.reply.order[0].has_filled);
    played_end(&p);
}

/* ---- events -------------------------------------------------------------------------------- */

#define OK(status) "{\"result\":\"success\",\"" status "\":{\"status\":"
#define ORDER(q, f)                                                                                \
    "{\"orderId\":\"v1\",\"cliOrdId\":\"F-1\",\"type\":\"lmt\",\"symbol\":\"pi_xbtusd\","          \
    "\"side\":\"buy\",\"quantity\":" q ",\"filled\":" f ",\"limitPrice\":9.0,"                     \
    "\"lastUpdateTimestamp\":\"2026-11-20T10:00:00.000Z\"}"
#define EXEC(id, q, f, amount, cut)                                                                \
    "{\"type\":\"EXECUTION\",\"executionId\":\"" id "\",\"price\":8.5,\"amount\":" amount ","      \
    "\"orderPriorEdit\":null,\"takerReducedQuantity\":" cut                                        \
    ",\"orderPriorExecution\":" ORDER(q, f) "}"
#define REST(q, f, cut) "{\"type\":\"PLACE\",\"reducedQuantity\":" cut ",\"order\":" ORDER(q, f) "}"
#define PLACED(events)                                                                             \
    OK("sendStatus") "\"placed\",\"order_id\":\"v1\",\"orderEvents\":[" events "]}}"

static void what_an_order_became_is_told_by_its_events(void)
{
    static const struct {
        const char *call, *body;
        enum venue_order_status status;
        size_t fills;
        const char *qty, *filled; /* NULL: not said */
        enum venue_cause cause;
    } rows[] = {
        { PLACE, PLACED(REST("10", "0", "null")), VENUE_ORDER_OPEN, 0, "10", "0",
          VENUE_CAUSE_NONE },
        { PLACE, PLACED(EXEC("e1", "10", "0", "4", "null") "," REST("6", "4", "null")),
          VENUE_ORDER_OPEN, 1, "10", "4", VENUE_CAUSE_NONE },
        { PLACE, PLACED(REST("6", "4", "null")), VENUE_ORDER_OPEN, 0, NULL, "0", VENUE_CAUSE_NONE },
        { PLACE, PLACED(EXEC("e1", "10", "0", "4", "null") "," EXEC("e2", "10", "4", "6", "null")),
          VENUE_ORDER_FILLED, 2, "10", "10", VENUE_CAUSE_NONE },
        { PLACE, PLACED(EXEC("e1", "10", "0", "4", "null")), VENUE_ORDER_OPEN, 1, "10", "4",
          VENUE_CAUSE_NONE },
        { IOC, PLACED(EXEC("e1", "10", "0", "4", "null")), VENUE_ORDER_PENDING, 1, "10", "4",
          VENUE_CAUSE_NONE },
        { IOC, PLACED(REST("10", "0", "null")), VENUE_ORDER_OPEN, 0, "10", "0", VENUE_CAUSE_NONE },
        { IOC, PLACED(""), VENUE_ORDER_PENDING, 0, NULL, NULL, VENUE_CAUSE_NONE },
        { IOC,
          PLACED(
              EXEC("e1", "10", "0", "4",
                   "null") ",{\"type\":\"CANCEL\",\"uid\":\"v1\",\"order\":" ORDER("6", "4") "}"),
          VENUE_ORDER_CANCELED, 1, "10", "4", VENUE_CAUSE_NO_LIQUIDITY },
        { PLACE, PLACED("{\"type\":\"CANCEL\",\"uid\":\"v1\",\"order\":" ORDER("10", "0") "}"),
          VENUE_ORDER_CANCELED, 0, "10", NULL, VENUE_CAUSE_VENUE },
        /* Reduce-only, cut: the order shown is smaller than the one asked for. */
        { PLACE, PLACED(REST("6", "0", "4")), VENUE_ORDER_OPEN, 0, "6", "0", VENUE_CAUSE_REDUCED },
        { PLACE, PLACED(REST("10", "0", "4")), VENUE_ORDER_OPEN, 0, NULL, "0",
          VENUE_CAUSE_REDUCED },
        { PLACE, PLACED(EXEC("e1", "6", "0", "6", "4")), VENUE_ORDER_FILLED, 1, "6", "6",
          VENUE_CAUSE_REDUCED },
        { PLACE, PLACED(EXEC("e1", "10", "0", "6", "4")), VENUE_ORDER_OPEN, 1, NULL, "6",
          VENUE_CAUSE_REDUCED },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;
        const struct venue_order_state *o;
        struct decimal expected;

        played_begin(&p, rows[i].call, 200, "", rows[i].body);
        CU_ASSERT_EQUAL_FATAL(p.outcome, VENUE_DONE);
        o = &p.reply.order[0];
        if (o->status != rows[i].status || o->has_qty != (rows[i].qty != NULL)) {
            printf("row %zu\n", i);
        }
        CU_ASSERT_EQUAL(o->status, rows[i].status);
        CU_ASSERT_EQUAL(o->cause, rows[i].cause);
        CU_ASSERT_EQUAL(p.reply.fill_count, rows[i].fills);
        CU_ASSERT_EQUAL(o->has_qty, rows[i].qty != NULL);
        CU_ASSERT_EQUAL(o->has_filled, rows[i].filled != NULL);
        CU_ASSERT_TRUE(rows[i].qty == NULL || (decimal_parse(bytes_of(rows[i].qty), &expected) &&
                                               decimal_equal(o->qty, expected)));
        CU_ASSERT_TRUE(rows[i].filled == NULL ||
                       (decimal_parse(bytes_of(rows[i].filled), &expected) &&
                        decimal_equal(o->filled, expected)));
        CU_ASSERT_TRUE(bytes_is(o->symbol, "PI_XBTUSD"));
        for (size_t f = 0; f < p.reply.fill_count; f++) {
            CU_ASSERT_TRUE(bytes_is(p.reply.fill[f].exec_id, f == 0 ? "e1" : "e2"));
            CU_ASSERT_EQUAL(p.reply.fill[f].liquidity, VENUE_TAKER);
            CU_ASSERT_TRUE(bytes_is(p.reply.fill[f].client_id, "F-1"));
            CU_ASSERT_EQUAL(p.reply.fill[f].side, VENUE_BUY);
        }
        played_end(&p);
    }
}

static void a_refusal_with_fills_is_not_believed(void)
{
    struct played p;

    played_begin(
        &p, PLACE, 200, "",
        OK("sendStatus") "\"selfFill\",\"orderEvents\":[" EXEC("e1", "10", "0", "4", "null") "]}}");
    CU_ASSERT_EQUAL(p.outcome, VENUE_UNKNOWN);
    CU_ASSERT_EQUAL(p.reply.order[0].status, VENUE_ORDER_PENDING);
    CU_ASSERT_EQUAL(p.reply.fill_count, 1);
    played_end(&p);
}

static void a_cancel_is_final_only_when_no_hold_can_be_left(void)
{
    static const struct {
        const char *body;
        bool may_still_fill;
    } rows[] = {
        { OK("cancelStatus") "\"cancelled\",\"receivedTime\":\"2026-11-20T10:00:05.000Z\","
                             "\"orderEvents\":["
                             "{\"type\":\"CANCEL\",\"uid\":\"v1\",\"order\":" ORDER("6",
                                                                                    "4") "}]}}",
          false },
        { OK("cancelStatus") "\"cancelled\",\"receivedTime\":\"2026-11-20T10:00:00.900Z\","
                             "\"orderEvents\":["
                             "{\"type\":\"CANCEL\",\"uid\":\"v1\",\"order\":" ORDER("6",
                                                                                    "4") "}]}}",
          true },
        { OK("cancelStatus") "\"cancelled\",\"receivedTime\":\"2026-11-20T10:00:05.000Z\","
                             "\"orderEvents\":[]}}",
          true },
        /* An order shown, but none removed. */
        { OK("cancelStatus") "\"cancelled\",\"receivedTime\":\"2026-11-20T10:00:05.000Z\","
                             "\"orderEvents\":["
                             "{\"type\":\"REJECT\",\"uid\":\"v1\",\"order\":" ORDER("6",
                                                                                    "4") "}]}}",
          true },
        { OK("cancelStatus") "\"cancelled\",\"orderEvents\":[{\"type\":\"CANCEL\",\"uid\":\"v1\","
                             "\"order\":" ORDER("6", "4") "}]}}",
          true },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;

        played_begin(&p, CANCEL, 200, "", rows[i].body);
        CU_ASSERT_EQUAL_FATAL(p.outcome, VENUE_DONE);
        CU_ASSERT_EQUAL(p.reply.order[0].may_still_fill, rows[i].may_still_fill);
        CU_ASSERT_EQUAL(p.reply.order[0].cause, VENUE_CAUSE_USER);
        played_end(&p);
    }
}

static void malformed_answers_are_unknown_and_say_nothing(void)
{
    static const struct {
        const char *call, *body;
    } rows[] = {
        { PLACE, "{\"result\":\"success\"}" },
        { PLACE, "{\"result\":\"success\",\"sendStatus\":[]}" },
        { PLACE, "{\"result\":\"success\",\"sendStatus\":{}}" },
        { PLACE, "{\"result\":\"success\",\"sendStatus\":{\"status\":1}}" },
        { PLACE, "{\"result\":\"success\",\"editStatus\":{\"status\":\"edited\"}}" },
        { PLACE, PLACED("{\"type\":\"EXECUTION\",\"price\":1,\"amount\":1}") },
        { PLACE, PLACED("{\"type\":\"EXECUTION\",\"executionId\":\"e\",\"price\":1}") },
        { PLACE,
          PLACED("{\"type\":\"EXECUTION\",\"executionId\":\"e\",\"price\":1,\"amount\":-1}") },
        { PLACE,
          PLACED("{\"type\":\"EXECUTION\",\"executionId\":\"e\",\"price\":1,\"amount\":1e30}") },
        { PLACE, PLACED("{\"type\":1}") },
        { PLACE, PLACED("7") },
        { EDIT, "{\"result\":\"success\",\"sendStatus\":{\"status\":\"placed\"}}" },
        { CANCEL, "{\"result\":\"success\",\"cancelStatus\":null}" },
        { "op=cancel-all", "{\"result\":\"success\",\"cancelStatus\":{}}" },
        { "op=cancel-all", "{\"result\":\"success\",\"cancelStatus\":{\"status\":\"cancelled\","
                           "\"cancelledOrders\":[{}]}}" },
        { "op=deadman timeout=5", "{\"result\":\"success\",\"status\":{}}" },
        { "op=deadman timeout=5",
          "{\"result\":\"success\",\"status\":{\"triggerTime\":\"soon\"}}" },
        { "op=batch do=cancel venue=v1", "{\"result\":\"success\"}" },
        { "op=batch do=cancel venue=v1",
          "{\"result\":\"success\",\"batchStatus\":[{\"order_id\":\"v1\"}]}" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;

        played_begin(&p, rows[i].call, 200, "", rows[i].body);
        if (p.outcome != VENUE_UNKNOWN) {
            printf("believed: %s\n", rows[i].body);
        }
        CU_ASSERT_EQUAL(p.outcome, VENUE_UNKNOWN);
        CU_ASSERT_EQUAL(p.reply.order_count + p.reply.fill_count, 0);
        CU_ASSERT_FALSE(p.reply.complete);
        played_end(&p);
    }
}

static void batch_items_find_their_instructions(void)
{
    struct played p;

    /* Edit and cancel of one order, answered in reverse; a stranger; an unanswered one. */
    played_begin(
        &p,
        "op=batch do=replace venue=v1 type=limit tif=gtc qty=1 price=1 do=cancel venue=v1 "
        "do=place symbol=S client=F-9 side=buy type=limit tif=gtc qty=1 price=1",
        200, "",
        "{\"result\":\"success\",\"batchStatus\":[{\"status\":\"cancelled\",\"order_id\":\"v1\"},"
        "{\"status\":\"edited\",\"order_id\":\"v1\"},{\"status\":\"placed\",\"order_id\":\"zz\"}]"
        "}");
    CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
    CU_ASSERT_EQUAL_FATAL(p.reply.order_count, 3);
    CU_ASSERT_EQUAL(p.reply.order[0].status, VENUE_ORDER_REPLACED);
    CU_ASSERT_EQUAL(p.reply.order[1].status, VENUE_ORDER_CANCELED);
    CU_ASSERT_EQUAL(p.reply.order[2].status, VENUE_ORDER_PENDING);
    CU_ASSERT_TRUE(bytes_is(p.reply.order[2].code, "noAnswer"));
    CU_ASSERT_TRUE(bytes_is(p.reply.code, "unmatchedItem"));
    CU_ASSERT_FALSE(p.reply.complete);
    played_end(&p);
}

static void a_tag_answers_once(void)
{
    struct played p;

    played_begin(
        &p, "op=batch do=place symbol=S client=F-1 side=buy type=limit tif=gtc qty=1 price=1", 200,
        "",
        "{\"result\":\"success\",\"batchStatus\":[{\"status\":\"placed\",\"order_tag\":\"1\"},"
        "{\"status\":\"selfFill\",\"order_tag\":\"1\"}]}");
    CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
    CU_ASSERT_EQUAL(p.reply.order[0].status, VENUE_ORDER_OPEN);
    CU_ASSERT_TRUE(bytes_is(p.reply.code, "unmatchedItem"));
    played_end(&p);
}

/* The order before an edit had other terms: its quantity says nothing about the new total. */
static void fills_of_an_edit_do_not_tell_its_quantity(void)
{
    struct played p;

    played_begin(&p, EDIT, 200, "",
                 OK("editStatus") "\"edited\",\"orderEvents\":[{\"type\":\"EXECUTION\","
                                  "\"executionId\":\"e1\",\"price\":9,\"amount\":1,"
                                  "\"orderPriorEdit\":" ORDER(
                                      "7", "0") ",\"orderPriorExecution\":" ORDER("7", "0") "}]}}");
    CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
    CU_ASSERT_EQUAL(p.reply.order[0].status, VENUE_ORDER_REPLACED);
    CU_ASSERT_FALSE(p.reply.order[0].has_qty);
    CU_ASSERT_EQUAL(p.reply.fill_count, 1);
    played_end(&p);
}

static void an_unlisted_cancel_all_status_is_unknown_but_its_list_counts(void)
{
    struct played p;

    played_begin(&p, "op=cancel-all", 200, "",
                 "{\"result\":\"success\",\"cancelStatus\":{\"status\":\"maybe\","
                 "\"cancelledOrders\":[{\"order_id\":\"v1\"},{\"order_id\":\"v1\"}]}}");
    CU_ASSERT_EQUAL(p.outcome, VENUE_UNKNOWN);
    CU_ASSERT_EQUAL(p.reply.order_count, 1);
    played_end(&p);
}

CU_TestInfo kraken_orders_tests[] = {
    { "every_send_status_has_its_outcome", every_send_status_has_its_outcome },
    { "every_edit_status_has_its_outcome", every_edit_status_has_its_outcome },
    { "every_cancel_status_has_its_outcome", every_cancel_status_has_its_outcome },
    { "the_cause_of_an_ioc_without_liquidity_is_told",
      the_cause_of_an_ioc_without_liquidity_is_told },
    { "what_an_order_became_is_told_by_its_events", what_an_order_became_is_told_by_its_events },
    { "a_refusal_with_fills_is_not_believed", a_refusal_with_fills_is_not_believed },
    { "a_cancel_is_final_only_when_no_hold_is_left",
      a_cancel_is_final_only_when_no_hold_can_be_left },
    { "malformed_answers_are_unknown_and_say_nothing",
      malformed_answers_are_unknown_and_say_nothing },
    { "batch_items_find_their_instructions", batch_items_find_their_instructions },
    { "a_tag_answers_once", a_tag_answers_once },
    { "fills_of_an_edit_do_not_tell_its_quantity", fills_of_an_edit_do_not_tell_its_quantity },
    { "an_unlisted_cancel_all_status_is_unknown",
      an_unlisted_cancel_all_status_is_unknown_but_its_list_counts },
    CU_TEST_INFO_NULL,
};
