/*
 * RequestForPositions and PositionReport: what is understood, what is refused, and every field of a
 * report against the dictionary of a stock client.
 */
#include <stdio.h>

#include "suites.h"
#include "translate_positions.h"
#include "wire.h"

#define REQUEST "710=p1|724=0|1=main|581=1|715=20261120|60=20261120-10:00:00"

static enum position_result query(const char *fields, struct position_query *q)
{
    const char *text;

    return translate_position_query(wire_message("AN", fields), q, &text);
}

static void test_a_request_is_read(void)
{
    struct position_query q;

    CU_ASSERT_EQUAL(wire_verdict("AN", REQUEST), FIX_REJECT_NONE);
    CU_ASSERT_EQUAL(query(REQUEST "|55=BTC/USD|207=KRKF|263=0|725=0", &q), POSITION_VALID);
    CU_ASSERT_TRUE(bytes_is(q.req_id, "p1"));
    CU_ASSERT_TRUE(bytes_is(q.account, "main"));
    CU_ASSERT_TRUE(bytes_is(q.symbol, "BTC/USD"));
    CU_ASSERT_TRUE(bytes_is(q.exchange, "KRKF"));
    CU_ASSERT_TRUE(bytes_is(q.date, "20261120"));
    CU_ASSERT_EQUAL(q.account_type, 1);
    CU_ASSERT_EQUAL(query(REQUEST "|55=[N/A]", &q), POSITION_VALID);
    CU_ASSERT_EQUAL(q.symbol.size, 0);
}

static void test_what_is_not_done_is_refused(void)
{
    struct position_query q;

    CU_ASSERT_EQUAL(query("710=p1|724=1|1=main|581=1|715=20261120", &q), POSITION_INVALID);
    CU_ASSERT_EQUAL(query("710=p1|724=0|1=main|581=x|715=20261120", &q), POSITION_INVALID);
    CU_ASSERT_EQUAL(query(REQUEST "|263=1", &q), POSITION_INVALID);
    CU_ASSERT_EQUAL(query(REQUEST "|725=1", &q), POSITION_INVALID);
    CU_ASSERT_TRUE(bytes_is(q.req_id, "p1")); /* echoed all the same */
}

static const char *written(const struct position_report *r)
{
    static struct buf out = { .max = 8192 };
    static char text[8192];
    struct fix_body body = { .time_digits = 3 };
    struct position_query q;

    CU_ASSERT_EQUAL(query(REQUEST, &q), POSITION_VALID);
    translate_position_report(&body, &out, &q, r);
    snprintf(text, sizeof text, "%s", wire_text(buf_view(&out)));
    CU_ASSERT_EQUAL(wire_verdict("AP", text), FIX_REJECT_NONE);
    return text;
}

static void test_a_short_position_is_told(void)
{
    struct venue_position p = { .side = VENUE_SELL, .qty = dec("1.5"), .price = dec("60000.5") };
    struct position_report r = { .report_id = BYTES("1-1"),
                                 .total = 2,
                                 .symbol = BYTES("BTC/USD"),
                                 .exchange = BYTES("KRKF"),
                                 .parties = BYTES("453=1\001448=T1\001447=D\001452=11\001"),
                                 .position = &p };

    CU_ASSERT_STRING_EQUAL(written(&r),
                           "721=1-1|710=p1|724=0|727=2|728=0|715=20261120|453=1|448=T1|447=D|"
                           "452=11|1=main|581=1|55=BTC/USD|207=KRKF|730=60000.5|731=2|734=0|"
                           "702=1|703=TQ|705=1.5|");
    p.side = VENUE_BUY;
    CU_ASSERT_PTR_NOT_NULL(strstr(written(&r), "|703=TQ|704=1.5|"));
}

static void test_no_position_has_all_required_fields(void)
{
    struct position_report r = { .report_id = BYTES("1-1"),
                                 .result = POSITION_OTHER,
                                 .text = BYTES("timeout") };

    CU_ASSERT_STRING_EQUAL(written(&r), "721=1-1|710=p1|724=0|727=0|728=99|715=20261120|1=main|"
                                        "581=1|730=0|731=2|734=0|58=timeout|");
}

CU_TestInfo translate_positions_tests[] = {
    { "a request is read", test_a_request_is_read },
    { "what is not done is refused", test_what_is_not_done_is_refused },
    { "a short position is told", test_a_short_position_is_told },
    { "no position has all required fields", test_no_position_has_all_required_fields },
    CU_TEST_INFO_NULL,
};
