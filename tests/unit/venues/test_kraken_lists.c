/*
 * Kraken Futures lists: every status, updateReason and error of orders/status (sheet 5.2), every
 * fillType (5.3), completeness of lists, and what makes a list unreadable.
 */
#include "kraken_futures.h"
#include "kraken_play.h"
#include "suites.h"

static void status_answer(struct played *p, const char *status, const char *update,
                          const char *error)
{
    char body[1024];

    snprintf(body, sizeof body,
             "{\"result\":\"success\",\"orders\":[{\"order\":{\"type\":\"ORDER\",\"orderId\":"
             "\"v1\",\"cliOrdId\":"
             "\"F-1\",\"symbol\":\"pf_xbtusd\",\"side\":\"sell\",\"quantity\":0.5,\"filled\":0.25,"
             "\"limitPrice\":7},"
             "\"status\":\"%s\",\"updateReason\":%s%s%s,\"error\":%s%s%s}]}",
             status, update == NULL ? "" : "\"", update == NULL ? "null" : update,
             update == NULL ? "" : "\"", error == NULL ? "" : "\"", error == NULL ? "null" : error,
             error == NULL ? "" : "\"");
    played_begin(p, "op=status client=F-1", 200, "", body);
    CU_ASSERT_EQUAL(p->outcome, VENUE_DONE);
    CU_ASSERT_EQUAL_FATAL(p->reply.order_count, 1);
}

static void every_status_has_its_meaning(void)
{
    static const struct {
        const char *status, *update, *error;
        enum venue_order_status expected;
    } rows[] = {
        { "ENTERED_BOOK", "NEW_USER_ORDER", NULL, VENUE_ORDER_OPEN },
        { "ENTERED_BOOK", "EDITED_BY_USER", NULL, VENUE_ORDER_REPLACED },
        { "FULLY_EXECUTED", "FULL_FILL", NULL, VENUE_ORDER_FILLED },
        { "CANCELLED", "CANCELLED_BY_USER", NULL, VENUE_ORDER_CANCELED },
        { "CANCELLED", "CONTRACT_EXPIRED", NULL, VENUE_ORDER_EXPIRED },
        { "CANCELLED", "EXPIRED", NULL, VENUE_ORDER_EXPIRED },
        { "REJECTED", NULL, "INVALID_PRICE", VENUE_ORDER_REJECTED },
        { "REJECTED", NULL, NULL, VENUE_ORDER_REJECTED },
        { "REJECTED", "IOC_WOULD_NOT_EXECUTE_REASON", NULL, VENUE_ORDER_CANCELED },
        { "REJECTED", NULL, "IOC_WOULD_NOT_EXECUTE", VENUE_ORDER_CANCELED },
        { "TRIGGER_PLACED", "NEW_USER_ORDER", NULL, VENUE_ORDER_OPEN },
        { "TRIGGER_ACTIVATION_FAILURE", NULL, "INSUFFICIENT_MARGIN", VENUE_ORDER_CANCELED },
        { "SOMETHING_NEW", NULL, NULL, VENUE_ORDER_PENDING },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;
        const struct venue_order_state *o;

        status_answer(&p, rows[i].status, rows[i].update, rows[i].error);
        o = &p.reply.order[0];
        CU_ASSERT_EQUAL(o->status, rows[i].expected);
        CU_ASSERT_EQUAL(o->is_trigger, strncmp(rows[i].status, "TRIGGER", 7) == 0);
        /* Partly filled: the meaning of quantity is not known, limitPrice is not to be trusted. */
        CU_ASSERT_FALSE(o->has_qty);
        CU_ASSERT_FALSE(o->has_price);
        CU_ASSERT_TRUE(o->has_filled && decimal_equal(o->filled, (struct decimal){ 25, 2 }));
        CU_ASSERT_TRUE(bytes_is(o->symbol, "PF_XBTUSD"));
        CU_ASSERT_EQUAL(o->side, VENUE_SELL);
        CU_ASSERT_TRUE(o->status != VENUE_ORDER_REJECTED || o->reason != VENUE_REASON_NONE);
        played_end(&p);
    }
}

static void every_update_reason_has_its_cause(void)
{
    static const struct {
        const char *word;
        enum venue_cause cause;
    } rows[] = {
        { "LOADING_MARKET", VENUE_CAUSE_NONE },
        { "NEW_USER_ORDER", VENUE_CAUSE_NONE },
        { "LIQUIDATION_ORDER", VENUE_CAUSE_MARGIN },
        { "STOP_ORDER_TRIGGERED", VENUE_CAUSE_NONE },
        { "LIMIT_FROM_STOP", VENUE_CAUSE_NONE },
        { "PARTIAL_FILL", VENUE_CAUSE_NONE },
        { "FULL_FILL", VENUE_CAUSE_NONE },
        { "CANCELLED_BY_USER", VENUE_CAUSE_USER },
        { "CONTRACT_EXPIRED", VENUE_CAUSE_MARKET },
        { "NOT_ENOUGH_MARGIN", VENUE_CAUSE_MARGIN },
        { "MARKET_INACTIVE", VENUE_CAUSE_MARKET },
        { "DEAD_MAN_SWITCH", VENUE_CAUSE_DEADMAN },
        { "CANCELLED_BY_ADMIN", VENUE_CAUSE_VENUE },
        { "POST_WOULD_EXECUTE_REASON", VENUE_CAUSE_NONE },
        { "IOC_WOULD_NOT_EXECUTE_REASON", VENUE_CAUSE_NO_LIQUIDITY },
        { "WOULD_EXECUTE_SELF_REASON", VENUE_CAUSE_SELF_TRADE },
        { "WOULD_NOT_REDUCE_POSITION", VENUE_CAUSE_NONE },
        { "EDITED_BY_USER", VENUE_CAUSE_NONE },
        { "ORDER_FOR_EDIT_NOT_FOUND_REASON", VENUE_CAUSE_NONE },
        { "EXPIRED", VENUE_CAUSE_EXPIRED },
        { "TRAILING_STOP_PRICE_UPDATED", VENUE_CAUSE_NONE },
        { "TRAILING_STOP_CANCELLED_AND_REPLACED_BY_ADMIN", VENUE_CAUSE_VENUE },
        { "CANCELLED_BY_SELF_TRADE", VENUE_CAUSE_SELF_TRADE },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;

        CU_ASSERT_PTR_NOT_NULL(kraken_word_find(bytes_of(rows[i].word)));
        status_answer(&p, "CANCELLED", rows[i].word, NULL);
        CU_ASSERT_EQUAL(p.reply.order[0].cause, rows[i].cause);
        CU_ASSERT_TRUE(bytes_is(p.reply.order[0].code, rows[i].word));
        CU_ASSERT_EQUAL(p.reply.order[0].reason, VENUE_REASON_NONE);
        played_end(&p);
    }
}

static void every_order_error_has_its_reason(void)
{
    static const struct {
        const char *word;
        enum venue_reason reason;
    } rows[] = {
        { "MARKET_SUSPENDED", VENUE_REASON_CLOSED },
        { "MARKET_NOT_FOUND", VENUE_REASON_SYMBOL },
        { "MARKET_INACTIVE", VENUE_REASON_CLOSED },
        { "INVALID_PRICE", VENUE_REASON_PRICE },
        { "INVALID_QUANTITY", VENUE_REASON_QUANTITY },
        { "SMALL_ORDER_LIMIT_EXCEEDED", VENUE_REASON_LIMIT },
        { "INSUFFICIENT_MARGIN", VENUE_REASON_LIMIT },
        { "WOULD_CAUSE_LIQUIDATION", VENUE_REASON_LIMIT },
        { "CLIENT_ORDER_ID_IN_USE", VENUE_REASON_DUPLICATE },
        { "CLIENT_ORDER_ID_TOO_LONG", VENUE_REASON_INVALID },
        { "MAX_POSITION_EXCEEDED", VENUE_REASON_LIMIT },
        { "PRICE_COLLAR", VENUE_REASON_POSITION },
        { "PRICE_DISLOCATION", VENUE_REASON_POSITION },
        { "EDIT_HAS_NO_EFFECT", VENUE_REASON_INVALID },
        { "ORDER_FOR_CANCELLATION_NOT_FOUND", VENUE_REASON_UNKNOWN_ORDER },
        { "ORDER_FOR_EDIT_NOT_FOUND", VENUE_REASON_UNKNOWN_ORDER },
        { "ORDER_CANNOT_HAVE_TRIGGER_PRICE", VENUE_REASON_UNSUPPORTED },
        { "POST_WOULD_EXECUTE", VENUE_REASON_WOULD_CROSS },
        { "POST_WOULD_EXECUTE_REASON", VENUE_REASON_WOULD_CROSS },
        { "WOULD_EXECUTE_SELF", VENUE_REASON_POSITION },
        { "WOULD_NOT_REDUCE_POSITION", VENUE_REASON_POSITION },
        { "REJECTED_AFTER_EXECUTION", VENUE_REASON_OTHER },
        { "MARKET_IS_POST_ONLY", VENUE_REASON_OTHER },
        { "ORDER_LIMIT_EXCEEDED", VENUE_REASON_LIMIT },
        { "FIXED_LEVERAGE_TOO_HIGH", VENUE_REASON_LIMIT },
        { "CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP", VENUE_REASON_UNSUPPORTED },
        { "CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP", VENUE_REASON_UNSUPPORTED },
        { "TRAILING_STOP_ORDER_LIMIT_EXCEEDED", VENUE_REASON_LIMIT },
        { "TRAILING_STOP_PERCENT_DEVIATION_EXCEEDS_MAX_DECIMAL_PLACES", VENUE_REASON_PRICE },
        { "TRAILING_STOP_QUOTE_DEVIATION_NOT_MULTIPLE_OF_TICK_SIZE", VENUE_REASON_PRICE },
        { "TRAILING_STOP_MAX_DEVIATION_TOO_LARGE", VENUE_REASON_PRICE },
        { "TRAILING_STOP_MAX_DEVIATION_TOO_SMALL", VENUE_REASON_PRICE },
        { "INSUFFICIENT_HEADROOM_AROUND_CURRENT_PRICE_TO_EDIT_TRAILING_STOP", VENUE_REASON_PRICE },
        { "NO_REFERENCE_PRICE_AVAILABLE_FOR_CALCULATING_TRAILING_STOP_TRIGGER_PRICE",
          VENUE_REASON_PRICE },
        { "INSUFFICIENT_CLOSING_MARGIN", VENUE_REASON_LIMIT },
        { "LIMIT_PRICE_SET_AS_ABSOLUTE_AND_RELATIVE", VENUE_REASON_INVALID },
        { "LIMIT_PRICE_OFFSET_VALUE_INVALID", VENUE_REASON_INVALID },
        { "LIMIT_PRICE_OFFSET_UNIT_INVALID", VENUE_REASON_INVALID },
        { "LIMIT_PRICE_OFFSET_MUST_HAVE_VALUE_AND_UNIT", VENUE_REASON_INVALID },
        { "LIMIT_PRICE_OFFSET_QUOTE_CURRENCY_VALUE_MUST_BE_MULTIPLE_OF_TICK_SIZE",
          VENUE_REASON_PRICE },
        { "LIMIT_PRICE_OFFSET_PERCENT_VALUE_TOO_MANY_DECIMAL_PLACES", VENUE_REASON_PRICE },
        { "LIMIT_PRICE_OFFSET_TOO_HIGH", VENUE_REASON_PRICE },
        { "LIMIT_PRICE_OFFSET_TOO_LOW", VENUE_REASON_PRICE },
        { "NEVER_HEARD_OF", VENUE_REASON_OTHER },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;

        status_answer(&p, "REJECTED", NULL, rows[i].word);
        CU_ASSERT_EQUAL(p.reply.order[0].status, VENUE_ORDER_REJECTED);
        CU_ASSERT_EQUAL(p.reply.order[0].reason, rows[i].reason);
        CU_ASSERT_TRUE(bytes_is(p.reply.order[0].code, rows[i].word));
        played_end(&p);
        status_answer(&p, "TRIGGER_ACTIVATION_FAILURE", "STOP_ORDER_TRIGGERED", rows[i].word);
        CU_ASSERT_EQUAL(p.reply.order[0].status, VENUE_ORDER_CANCELED);
        CU_ASSERT_EQUAL(p.reply.order[0].reason, rows[i].reason);
        CU_ASSERT_TRUE(p.reply.order[0].cause != VENUE_CAUSE_NONE);
        played_end(&p);
    }
}

static void every_fill_type_has_its_liquidity(void)
{
    static const struct {
        const char *type;
        enum venue_liquidity liquidity;
        bool by_venue;
    } rows[] = {
        { "maker", VENUE_MAKER, false },
        { "taker", VENUE_TAKER, false },
        { "takerAfterEdit", VENUE_TAKER, false },
        { "liquidation", VENUE_LIQUIDITY_UNKNOWN, true },
        { "partialLiquidation", VENUE_LIQUIDITY_UNKNOWN, true },
        { "assignor", VENUE_LIQUIDITY_UNKNOWN, true },
        { "assignee", VENUE_LIQUIDITY_UNKNOWN, true },
        { "unwindBankrupt", VENUE_LIQUIDITY_UNKNOWN, true },
        { "unwindCounterparty", VENUE_LIQUIDITY_UNKNOWN, true },
        { "somethingNew", VENUE_LIQUIDITY_UNKNOWN, false },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];
        struct played p;

        snprintf(body, sizeof body,
                 "{\"result\":\"success\",\"fills\":[{\"fill_id\":\"f\",\"size\":1,\"price\":2,"
                 "\"fillType\":\"%s\"}]}",
                 rows[i].type);
        played_begin(&p, "op=fills", 200, "", body);
        CU_ASSERT_EQUAL_FATAL(p.reply.fill_count, 1);
        CU_ASSERT_EQUAL(p.reply.fill[0].liquidity, rows[i].liquidity);
        CU_ASSERT_EQUAL(p.reply.fill[0].by_venue, rows[i].by_venue);
        CU_ASSERT_FALSE(p.reply.fill[0].has_fee);
        played_end(&p);
    }
}

static void executions_of_the_venues_own_orders_are_marked(void)
{
    static const char *const types[] = { "Liquidation",
                                         "PartialLiquidation",
                                         "CoveredLiquidation",
                                         "Assignment",
                                         "Unwind",
                                         "Limit",
                                         "IoC",
                                         "Post",
                                         "Market",
                                         "Unknown" };

    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        char body[512];
        struct played p;

        snprintf(body, sizeof body,
                 "{\"elements\":[{\"event\":{\"execution\":{\"execution\":{\"uid\":\"e\","
                 "\"quantity\":\"1\",\"price\":\"2\",\"order\":{\"uid\":\"v\",\"orderType\":\"%s\"}"
                 "}}}}]}",
                 types[i]);
        played_begin(&p, "op=executions", 200, "", body);
        CU_ASSERT_EQUAL_FATAL(p.reply.fill_count, 1);
        CU_ASSERT_EQUAL(p.reply.fill[0].by_venue, i < 5);
        played_end(&p);
    }
}

/* `count` fills, the newest first as the venue lists them. */
static void play_fills(struct played *p, int count)
{
    struct buf b;

    buf_init(&b, 65536);
    buf_text(&b, "{\"result\":\"success\",\"fills\":[");
    for (int i = count; i > 0; i--) {
        buf_printf(&b, "%s{\"fill_id\":\"f%d\",\"size\":1,\"price\":2}", i == count ? "" : ",", i);
    }
    buf_text(&b, "]}");
    buf_char(&b, '\0');
    CU_ASSERT_FALSE_FATAL(b.failed);
    played_begin(p, "op=fills", 200, "", b.data);
    buf_fini(&b);
}

static void a_full_page_of_fills_is_not_the_whole_truth(void)
{
    struct played p;

    play_fills(&p, 99);
    CU_ASSERT_TRUE(p.reply.complete);
    CU_ASSERT_EQUAL_FATAL(p.reply.fill_count, 99);
    CU_ASSERT_TRUE(bytes_is(p.reply.fill[0].exec_id, "f1"));
    CU_ASSERT_TRUE(bytes_is(p.reply.fill[98].exec_id, "f99"));
    played_end(&p);
    play_fills(&p, 100);
    CU_ASSERT_FALSE(p.reply.complete);
    CU_ASSERT_EQUAL(p.reply.fill_count, 100);
    played_end(&p);
}

static void pages_of_history_say_whether_more_follows(void)
{
    static const struct {
        const char *headers, *body;
        bool complete;
        const char *cursor;
    } rows[] = {
        { "is-truncated: true\r\nNext-Continuation-Token: abc\r\n", "{\"elements\":[]}", false,
          "abc" },
        { "is-truncated: true\r\n", "{\"elements\":[],\"continuationToken\":\"def\"}", false,
          "def" },
        { "is-truncated: false\r\n", "{\"elements\":[],\"continuationToken\":\"def\"}", true,
          "def" },
        { "", "{\"elements\":[],\"continuationToken\":\"def\"}", false, "def" },
        { "", "{\"elements\":[],\"continuationToken\":null}", true, "" },
        { "", "{\"elements\":[]}", true, "" },
        { "is-truncated: true\r\n", "{\"elements\":[]}", false, "" },
    };
    static const char *const calls[] = { "op=executions", "op=order-history",
                                         "op=trigger-history" };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
            struct played p;

            played_begin(&p, calls[c], 200, rows[i].headers, rows[i].body);
            CU_ASSERT_EQUAL(p.outcome, VENUE_DONE);
            CU_ASSERT_EQUAL(p.reply.complete, rows[i].complete);
            CU_ASSERT_TRUE(bytes_is(p.reply.cursor, rows[i].cursor));
            played_end(&p);
        }
    }
}

static void one_malformed_element_makes_a_list_unreadable(void)
{
    static const struct {
        const char *call, *body;
    } rows[] = {
        { "op=status client=a", "{\"orders\":[{}]}" },
        { "op=status client=a", "{\"orders\":[{\"order\":{\"orderId\":\"v\"}}]}" },
        { "op=status client=a", "{\"orders\":[{\"order\":{\"orderId\":\"v\",\"filled\":\"x\"},"
                                "\"status\":\"REJECTED\"}]}" },
        { "op=status client=a", "{\"orders\":{}}" },
        { "op=open-orders", "{\"openOrders\":[{\"order_id\":\"a\"},{\"order_id\":7}]}" },
        { "op=open-orders", "{\"openOrders\":[{\"order_id\":\"a\",\"filledSize\":true}]}" },
        { "op=open-orders", "{\"openOrders\":[7]}" },
        { "op=open-orders", "{}" },
        { "op=fills", "{\"fills\":[{\"fill_id\":\"a\",\"size\":1}]}" },
        { "op=fills", "{\"fills\":[{\"size\":1,\"price\":2}]}" },
        { "op=fills",
          "{\"fills\":[{\"fill_id\":\"a\",\"size\":1,\"price\":2,\"fillTime\":\"now\"}]}" },
        { "op=executions", "{\"elements\":[{}]}" },
        { "op=executions", "{\"elements\":[{\"event\":{\"Execution\":{}}}]}" },
        { "op=executions",
          "{\"elements\":[{\"event\":{\"Execution\":{\"execution\":{\"order\":{}}}}}]}" },
        { "op=executions", "{\"elements\":7}" },
        { "op=order-history", "{\"elements\":[{\"event\":{}}]}" },
        { "op=order-history", "{\"elements\":[{\"event\":{\"OrderPlaced\":{}}}]}" },
        { "op=order-history", "{\"elements\":[{\"timestamp\":-1,\"event\":{\"OrderPlaced\":{"
                              "\"order\":{\"uid\":\"a\"}}}}]}" },
        { "op=trigger-history",
          "{\"elements\":[{\"event\":{\"OrderTriggerPlaced\":{\"order\":{}}}}]}" },
        { "op=positions",
          "{\"openPositions\":[{\"symbol\":\"S\",\"size\":1,\"price\":1,\"side\":\"up\"}]}" },
        { "op=positions", "{\"openPositions\":[{}]}" },
        { "op=get-leverage", "{\"leveragePreferences\":[{\"symbol\":\"S\"}]}" },
        { "op=get-stp", "{\"result\":\"success\"}" },
        { "op=set-leverage symbol=S", "{\"status\":\"fine\"}" },
        { "op=instruments", "{\"instruments\":[{\"tickSize\":1}]}" },
        { "op=account-log", "{\"logs\":[7]}" },
        { "op=account-log", "{}" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;

        played_begin(&p, rows[i].call, 200, "", rows[i].body);
        if (p.outcome != VENUE_UNKNOWN) {
            printf("believed: %s %s\n", rows[i].call, rows[i].body);
        }
        CU_ASSERT_EQUAL(p.outcome, VENUE_UNKNOWN);
        CU_ASSERT_EQUAL(p.reply.order_count + p.reply.fill_count + p.reply.position_count, 0);
        CU_ASSERT_EQUAL(p.reply.instrument_count, 0);
        CU_ASSERT_FALSE(p.reply.complete);
        played_end(&p);
    }
}

static void ids_not_listed_are_absent(void)
{
    struct played p;

    played_begin(&p, "op=status client=a client=b venue=v1 venue=v2", 200, "",
                 "{\"orders\":[{\"order\":{\"orderId\":\"v1\",\"cliOrdId\":\"b\",\"quantity\":3,"
                 "\"filled\":0},"
                 "\"status\":\"ENTERED_BOOK\"}]}");
    CU_ASSERT_EQUAL_FATAL(p.reply.order_count, 3);
    CU_ASSERT_TRUE(p.reply.order[0].has_qty && p.reply.order[0].qty.mantissa == 3);
    CU_ASSERT_TRUE(p.reply.order[1].status == VENUE_ORDER_ABSENT &&
                   bytes_is(p.reply.order[1].venue_id, "v2"));
    CU_ASSERT_TRUE(p.reply.order[2].status == VENUE_ORDER_ABSENT &&
                   bytes_is(p.reply.order[2].client_id, "a"));
    played_end(&p);
}

CU_TestInfo kraken_lists_tests[] = {
    { "every_status_has_its_meaning", every_status_has_its_meaning },
    { "every_update_reason_has_its_cause", every_update_reason_has_its_cause },
    { "every_order_error_has_its_reason", every_order_error_has_its_reason },
    { "every_fill_type_has_its_liquidity", every_fill_type_has_its_liquidity },
    { "executions_of_the_venues_own_orders_are_marked",
      executions_of_the_venues_own_orders_are_marked },
    { "a_full_page_of_fills_is_not_the_whole_truth", a_full_page_of_fills_is_not_the_whole_truth },
    { "pages_of_history_say_whether_more_follows", pages_of_history_say_whether_more_follows },
    { "one_malformed_element_makes_a_list_unreadable",
      one_malformed_element_makes_a_list_unreadable },
    { "ids_not_listed_are_absent", ids_not_listed_are_absent },
    CU_TEST_INFO_NULL,
};
