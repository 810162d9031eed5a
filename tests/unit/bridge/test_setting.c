/*
 * A setting of an account: the table of its phases cell by cell, and what an answer means.
 */
#include "setting.h"

#include <stdio.h>

#include "suites.h"

#define NO SETTING_ILLEGAL

static void test_every_cell(void)
{
    /* same, other, change, send, held, settled, stale */
    static const enum setting_phase to[SETTING_PHASE_COUNT][SETTING_EVENT_COUNT] = {
        { NO, NO, NO, NO, NO, NO, NO },
        { SETTING_GOOD, SETTING_WRONG, SETTING_CHANGING, NO, NO, NO, SETTING_UNKNOWN },
        { SETTING_GOOD, SETTING_WRONG, SETTING_CHANGING, NO, NO, NO, SETTING_UNKNOWN },
        { SETTING_GOOD, SETTING_WRONG, SETTING_CHANGING, NO, NO, NO, SETTING_WRONG },
        { NO, NO, NO, SETTING_SENT, NO, NO, SETTING_UNKNOWN },
        { NO, NO, NO, NO, SETTING_CHANGING, SETTING_UNKNOWN, SETTING_SENT },
    };

    for (unsigned p = 0; p < SETTING_PHASE_COUNT; p++) {
        for (unsigned e = 0; e < SETTING_EVENT_COUNT; e++) {
            CU_ASSERT_EQUAL(setting_next_phase((enum setting_phase)p, (enum setting_event)e),
                            to[p][e]);
        }
    }
}

static struct setting leverage(const char *want, bool apply)
{
    struct setting s = { .what = VENUE_SETTING_LEVERAGE, .apply = apply };

    (void)snprintf(s.want, sizeof s.want, "%s", want);
    return s;
}

static void test_numbers_are_compared_as_numbers(void)
{
    struct setting s = leverage("10", false);

    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("10.00")), SETTING_SAME);
    CU_ASSERT_STRING_EQUAL(s.have, "10.00");
    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("11")), SETTING_OTHER);
    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("none")), SETTING_OTHER);
    s.what = VENUE_SETTING_SELF_TRADE;
    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("10.00")), SETTING_OTHER);
}

static void test_it_is_changed_where_that_is_allowed_and_not_for_ever(void)
{
    struct setting s = leverage("10", true);

    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("5")), SETTING_CHANGE);
    s.tries = SETTING_TRIES_MAX;
    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("5")), SETTING_OTHER);
    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("10")), SETTING_SAME);
    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("5")), SETTING_CHANGE);
}

static void test_what_nothing_demands_is_only_known(void)
{
    struct setting s = leverage("", false);
    char text[200];

    CU_ASSERT_EQUAL(setting_answer(&s, BYTES("5")), SETTING_SAME);
    memset(text, 'x', sizeof text);
    CU_ASSERT_EQUAL(setting_answer(&s, (struct bytes){ text, sizeof text }), SETTING_SAME);
    CU_ASSERT_EQUAL(strlen(s.have), SETTING_VALUE_MAX);
}

#define TEST(f)                                                                                    \
    {                                                                                              \
#f, test_##f                                                                               \
    }

CU_TestInfo setting_tests[] = {
    TEST(every_cell),
    TEST(numbers_are_compared_as_numbers),
    TEST(it_is_changed_where_that_is_allowed_and_not_for_ever),
    TEST(what_nothing_demands_is_only_known),
    CU_TEST_INFO_NULL,
};
