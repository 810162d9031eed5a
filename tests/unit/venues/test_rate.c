/*
 * rate: never more than the capacity in any period, weight that comes back, reserves, what venues
 * say.
 */
#include "rate.h"

#include "suites.h"

#define SECOND INT64_C(1000000)

static void capacity_goes_at_once_and_no_more(void)
{
    struct rate r;

    rate_init(&r, 500, 10 * SECOND, 0);
    for (int i = 0; i < 50; i++) {
        CU_ASSERT_TRUE(rate_check(&r, 10, RATE_ORDER, i));
        rate_take(&r, 10, i);
    }
    CU_ASSERT_FALSE(rate_check(&r, 10, RATE_ORDER, 50));
    CU_ASSERT_TRUE(rate_check(&r, 0, RATE_POLL, 50));
    CU_ASSERT_EQUAL(rate_left(&r, 50), 0);
    CU_ASSERT_FALSE(rate_check(&r, 10, RATE_ORDER, 10 * SECOND - 1));
    CU_ASSERT_TRUE(rate_check(&r, 10, RATE_ORDER, 10 * SECOND + 10 * SECOND / RATE_SLOTS + 1));
}

/* Greedy sending at every step: sum up each period's weight afterwards. */
static void no_period_ever_sees_more_than_capacity(void)
{
    enum { STEPS = 4000 };
    static uint32_t sent[STEPS];
    struct rate r;
    const int64_t step = 9973; /* about a hundredth of the period, and no multiple of a slot */
    uint32_t total = 0;

    rate_init(&r, 100, SECOND, 12345);
    for (int i = 0; i < STEPS; i++) {
        int64_t now = 12345 + i * step;
        uint32_t weight = (uint32_t)(i * 7 % 13) + 1;

        sent[i] = 0;
        while (rate_check(&r, weight, RATE_ORDER, now)) {
            rate_take(&r, weight, now);
            sent[i] += weight;
        }
        total += sent[i];
    }
    for (int i = 0; i < STEPS; i++) {
        uint32_t window = 0;

        for (int k = i; k < STEPS && (k - i) * step < SECOND; k++) {
            window += sent[k];
        }
        CU_ASSERT_TRUE(window <= 100);
    }
    /* And it is no slower than it need be: at least 85 % of the long-run rate. */
    CU_ASSERT_TRUE(total >= 85 * (uint32_t)(STEPS * step / SECOND));
}

static void ready_at_is_when_check_turns_true(void)
{
    struct rate r;
    int64_t ready;

    rate_init(&r, 100, SECOND, 0);
    rate_take(&r, 60, 1000);
    rate_take(&r, 40, 500000);
    ready = rate_ready_at(&r, 30, RATE_ORDER, 600000);
    CU_ASSERT_TRUE(ready >= SECOND + 1000 && ready <= SECOND + 1000 + 2 * SECOND / RATE_SLOTS);
    CU_ASSERT_FALSE(rate_check(&r, 30, RATE_ORDER, ready - 1));
    CU_ASSERT_TRUE(rate_check(&r, 30, RATE_ORDER, ready));
    CU_ASSERT_EQUAL(rate_ready_at(&r, 30, RATE_ORDER, ready + 5), ready + 5);
    ready = rate_ready_at(&r, 70, RATE_ORDER, ready);
    CU_ASSERT_FALSE(rate_check(&r, 70, RATE_ORDER, ready - 1));
    CU_ASSERT_TRUE(rate_check(&r, 70, RATE_ORDER, ready));
}

static void a_reserve_is_kept_for_those_above(void)
{
    struct rate r;

    rate_init(&r, 100, SECOND, 0);
    rate_reserve(&r, RATE_POLL, 40);
    rate_reserve(&r, RATE_ORDER, 20);
    rate_take(&r, 60, 0);
    CU_ASSERT_FALSE(rate_check(&r, 1, RATE_POLL, 0));
    CU_ASSERT_TRUE(rate_check(&r, 20, RATE_ORDER, 0));
    CU_ASSERT_FALSE(rate_check(&r, 21, RATE_ORDER, 0));
    CU_ASSERT_TRUE(rate_check(&r, 40, RATE_CANCEL, 0));
    CU_ASSERT_FALSE(rate_check(&r, 41, RATE_CANCEL, 0));
    rate_reserve(&r, RATE_CANCEL, 5);
    CU_ASSERT_TRUE(rate_check(&r, 35, RATE_CANCEL, 0));
    CU_ASSERT_FALSE(rate_check(&r, 36, RATE_CANCEL, 0));
    CU_ASSERT_TRUE(rate_check(&r, 40, RATE_BULK, 0));
}

static void a_weight_over_the_capacity_waits_for_the_empty_window(void)
{
    struct rate r;
    int64_t ready;

    rate_init(&r, 100, SECOND, 0);
    CU_ASSERT_TRUE(rate_check(&r, 200, RATE_POLL, 0));
    rate_take(&r, 200, 0);
    CU_ASSERT_EQUAL(rate_left(&r, 0), 0);
    CU_ASSERT_FALSE(rate_check(&r, 1, RATE_CANCEL, SECOND / 2));
    ready = rate_ready_at(&r, 200, RATE_POLL, 1);
    CU_ASSERT_TRUE(rate_check(&r, 200, RATE_POLL, ready));
    rate_take(&r, 1, ready);
    CU_ASSERT_FALSE(rate_check(&r, 200, RATE_POLL, ready));
}

static void a_block_holds_until_its_time(void)
{
    struct rate r;

    rate_init(&r, 100, SECOND, 0);
    rate_block(&r, 5 * SECOND);
    rate_block(&r, 3 * SECOND); /* never shortens */
    CU_ASSERT_FALSE(rate_check(&r, 1, RATE_CANCEL, 5 * SECOND - 1));
    CU_ASSERT_FALSE(rate_check(&r, 0, RATE_CANCEL, 1));
    CU_ASSERT_EQUAL(rate_ready_at(&r, 1, RATE_CANCEL, SECOND), 5 * SECOND);
    CU_ASSERT_TRUE(rate_check(&r, 1, RATE_CANCEL, 5 * SECOND));
}

static void the_venue_is_believed_when_it_counts_more(void)
{
    struct rate r;

    rate_init(&r, 100, SECOND, 0);
    rate_take(&r, 10, 0);
    rate_learn_used(&r, 70, 10);
    CU_ASSERT_EQUAL(rate_left(&r, 10), 30);
    rate_learn_used(&r, 20, 20);
    CU_ASSERT_EQUAL(rate_left(&r, 20), 30);
    rate_learn_used(&r, 500, 30);
    CU_ASSERT_EQUAL(rate_left(&r, 30), 0);
    CU_ASSERT_TRUE(rate_check(&r, 100, RATE_CANCEL, 2 * SECOND));
}

static void extreme_weights_and_times_do_not_overflow(void)
{
    struct rate r;

    rate_init(&r, UINT32_MAX, SECOND, 0);
    for (int i = 0; i < 1000; i++) {
        rate_take(&r, UINT32_MAX, i);
    }
    CU_ASSERT_EQUAL(rate_left(&r, 1000), 0);
    CU_ASSERT_TRUE(rate_check(&r, UINT32_MAX, RATE_CANCEL, 3600 * SECOND));
    CU_ASSERT_EQUAL(rate_left(&r, INT64_MAX / 2), UINT32_MAX);
    rate_take(&r, 1, 5); /* a clock that went back: counts as now */
    CU_ASSERT_EQUAL(rate_left(&r, INT64_MAX / 2), UINT32_MAX - 1);
}

CU_TestInfo rate_tests[] = {
    { "capacity_goes_at_once_and_no_more", capacity_goes_at_once_and_no_more },
    { "no_period_ever_sees_more_than_capacity", no_period_ever_sees_more_than_capacity },
    { "ready_at_is_when_check_turns_true", ready_at_is_when_check_turns_true },
    { "a_reserve_is_kept_for_those_above", a_reserve_is_kept_for_those_above },
    { "a_weight_over_the_capacity_waits", a_weight_over_the_capacity_waits_for_the_empty_window },
    { "a_block_holds_until_its_time", a_block_holds_until_its_time },
    { "the_venue_is_believed_when_it_counts_more", the_venue_is_believed_when_it_counts_more },
    { "extreme_weights_and_times_do_not_overflow", extreme_weights_and_times_do_not_overflow },
    CU_TEST_INFO_NULL,
};
