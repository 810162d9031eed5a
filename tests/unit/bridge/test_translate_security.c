/*
 * SecurityListRequest and SecurityList: what is understood, what is refused, and every field of an
 * answer against the dictionary of a stock client.
 */
#include <stdio.h>

#include "fix_validate.h"
#include "suites.h"
#include "translate_security.h"
#include "wire.h"

static enum security_result request(const char *fields, struct security_request *r)
{
    return translate_security_request(wire_message("x", fields), r);
}

static void test_one_symbol_or_all_are_asked_for(void)
{
    struct security_request r;

    CU_ASSERT_EQUAL(request("320=r1|559=0|55=BTC/USD", &r), SECURITY_VALID);
    CU_ASSERT_FALSE(r.all);
    CU_ASSERT_TRUE(bytes_is(r.req_id, "r1"));
    CU_ASSERT_TRUE(bytes_is(r.symbol, "BTC/USD"));
    CU_ASSERT_EQUAL(request("320=r2|559=4|207=KRKF|15=USD|263=0", &r), SECURITY_VALID);
    CU_ASSERT_TRUE(r.all);
    CU_ASSERT_TRUE(bytes_is(r.exchange, "KRKF"));
    CU_ASSERT_TRUE(bytes_is(r.currency, "USD"));
    CU_ASSERT_EQUAL(request("320=r3|559=0|55=[N/A]|48=PF_XBTUSD|22=8", &r), SECURITY_VALID);
    CU_ASSERT_TRUE(bytes_is(r.symbol, "PF_XBTUSD"));
}

static void test_what_is_not_done_is_refused(void)
{
    struct security_request r;

    CU_ASSERT_EQUAL(request("320=r1|559=0", &r), SECURITY_INVALID);
    CU_ASSERT_EQUAL(request("320=r1|559=1", &r), SECURITY_UNSUPPORTED);
    CU_ASSERT_EQUAL(request("320=r1|559=3", &r), SECURITY_UNSUPPORTED);
    CU_ASSERT_EQUAL(request("320=r1|559=x", &r), SECURITY_INVALID);
    CU_ASSERT_EQUAL(request("320=r1|559=4|263=1", &r), SECURITY_UNSUPPORTED);
    CU_ASSERT_TRUE(bytes_is(r.req_id, "r1"));
}

static struct instrument instrument(void)
{
    return (struct instrument){ .symbol = "BTC/USD",
                                .venue_symbol = "PF_XBTUSD",
                                .tick = dec("0.5"),
                                .lot = dec("0.0001"),
                                .qty_min = dec("0.0002"),
                                .qty_max = dec("100"),
                                .inverse = true,
                                .loaded = true,
                                .expires_us = INT64_C(1795168800000000),
                                .base = "XBT",
                                .quote = "USD",
                                .kind = "flexible_futures" };
}

static void test_filters_are_obeyed(void)
{
    struct instrument i = instrument();
    struct security_request r = { .all = true };

    CU_ASSERT_TRUE(translate_security_matches(&r, &i, BYTES("KRKF")));
    r.exchange = BYTES("BYBT");
    CU_ASSERT_FALSE(translate_security_matches(&r, &i, BYTES("KRKF")));
    r.exchange = BYTES("KRKF");
    r.currency = BYTES("USDT");
    CU_ASSERT_FALSE(translate_security_matches(&r, &i, BYTES("KRKF")));
    r.currency = BYTES("USD");
    CU_ASSERT_TRUE(translate_security_matches(&r, &i, BYTES("KRKF")));
    i.loaded = false; /* known from the configuration only */
    CU_ASSERT_FALSE(translate_security_matches(&r, &i, BYTES("KRKF")));
}

/* The body as text, after the dictionary had its say. */
static const char *written(const struct security_page *p)
{
    static struct buf out = { .max = FIX_MESSAGE_MAX };
    static char text[FIX_MESSAGE_MAX];
    struct fix_body body = { .time_digits = 3 };

    translate_security_list(&body, &out, p);
    CU_ASSERT_FALSE(out.failed);
    snprintf(text, sizeof text, "%s", wire_text(buf_view(&out)));
    CU_ASSERT_EQUAL(wire_verdict("y", text), FIX_REJECT_NONE);
    return text;
}

static void test_an_entry_says_all_that_limits_an_order(void)
{
    struct instrument i = instrument();
    struct security_entry e = { &i, BYTES("KRKF") };
    struct security_page p = { .req_id = BYTES("r1"),
                               .response_id = BYTES("1-1"),
                               .total = 1,
                               .last = true,
                               .entry = &e,
                               .count = 1 };

    CU_ASSERT_STRING_EQUAL(
        written(&p),
        "320=r1|322=1-1|560=0|393=1|893=Y|146=1|55=BTC/USD|48=PF_XBTUSD|22=8|541=20261120|207=KRKF|"
        "107=XBT/USD flexible_futures|15=USD|561=0.0001|562=0.0002|"
        "58=tick=0.5 lot=0.0001 min=0.0002 max=100 inverse halted|");
}

static void test_an_answer_without_instruments_is_valid(void)
{
    struct security_page p = { .req_id = BYTES("r1"),
                               .response_id = BYTES("1-1"),
                               .result = SECURITY_NONE_FOUND,
                               .last = true };

    CU_ASSERT_STRING_EQUAL(written(&p), "320=r1|322=1-1|560=2|393=0|893=Y|");
}

/* The longest of everything, a whole page of it. */
static void test_a_page_of_the_longest_entries_fits_a_message(void)
{
    static struct security_entry e[SECURITY_PAGE_MAX];
    struct instrument i = instrument();
    struct security_page p = { .req_id = BYTES("r1"),
                               .response_id = BYTES("1-1"),
                               .total = 2000,
                               .entry = e,
                               .count = SECURITY_PAGE_MAX };

    memset(i.symbol, 'S', sizeof i.symbol - 1);
    memset(i.venue_symbol, 'V', sizeof i.venue_symbol - 1);
    memset(i.base, 'B', sizeof i.base - 1);
    memset(i.quote, 'Q', sizeof i.quote - 1);
    memset(i.kind, 'K', sizeof i.kind - 1);
    i.post_only = true;
    i.tick = i.lot = i.qty_min = i.qty_max = (struct decimal){ INT64_MAX, DECIMAL_SCALE_MAX };
    for (size_t k = 0; k < SECURITY_PAGE_MAX; k++) {
        e[k] = (struct security_entry){ &i, BYTES("KRKF") };
    }
    CU_ASSERT_TRUE(strlen(written(&p)) < SECURITY_PAGE_MAX * SECURITY_ENTRY_MAX);
}

CU_TestInfo translate_security_tests[] = {
    { "one symbol or all are asked for", test_one_symbol_or_all_are_asked_for },
    { "what is not done is refused", test_what_is_not_done_is_refused },
    { "filters are obeyed", test_filters_are_obeyed },
    { "an entry says all that limits an order", test_an_entry_says_all_that_limits_an_order },
    { "an answer without instruments is valid", test_an_answer_without_instruments_is_valid },
    { "a page of the longest entries fits a message",
      test_a_page_of_the_longest_entries_fits_a_message },
    CU_TEST_INFO_NULL,
};
