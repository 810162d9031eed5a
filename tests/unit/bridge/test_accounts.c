/*
 * Several accounts on the bare engine: an event runs those it is about and those whose time has
 * come, and no event is needed for an account to keep to its plan.
 */
#include "engine.h"

#include <stdio.h>

#include "suites.h"
#include "wire.h"

extern const struct venue_driver venue_kraken_futures;

#define ACCOUNTS 3
#define POLL_MS 300

static struct engine_account account[ACCOUNTS];
static struct symbols *symbols;
static struct instant now;
static unsigned orders;

/* What the engine asked of each account, the last order's call, and the questions that wait for an
 * answer. */
static struct {
    unsigned placed, polled;
    int64_t last_poll_us, longest_us;
} seen[ACCOUNTS];
static uint64_t last_place, waiting[64];
static size_t waiting_count;

static void pull(struct engine *e)
{
    struct effect f;

    while (engine_next(e, &f)) {
        if (f.kind != EFFECT_VENUE_CALL) {
            continue;
        }
        if (f.venue.call->op == VENUE_PLACE || f.venue.call->op == VENUE_BATCH) {
            last_place = f.venue.id;
            seen[f.venue.account].placed++;
            continue;
        }
        CU_ASSERT_FATAL(waiting_count < ARRAY_LEN(waiting));
        waiting[waiting_count++] = f.venue.id;
        if (f.venue.call->op == VENUE_FILLS) {
            int64_t gap_us = now.mono_us - seen[f.venue.account].last_poll_us;

            seen[f.venue.account].polled++;
            seen[f.venue.account].last_poll_us = now.mono_us;
            if (gap_us > seen[f.venue.account].longest_us) {
                seen[f.venue.account].longest_us = gap_us;
            }
        }
    }
}

/* Questions find nothing, and are asked again in their time; orders' calls stay under way. */
static void answer_all(struct engine *e)
{
    while (waiting_count > 0) {
        engine_venue_result(e, waiting[--waiting_count], VENUE_DONE, NULL, "", &now);
        pull(e);
    }
}

static struct engine *start(uint32_t calls_max)
{
    static const uint32_t all[] = { 0, 1, 2 };
    static const struct venue_instrument list[] = {
        { .symbol = { "PF_XBTUSD", 9 }, .tick = { 1, 0 }, .lot = { 1, 4 }, .tradeable = true },
    };
    static const char *const names[] = { "one", "two", "three" };
    static struct engine_session session;
    const struct engine_config c = { .session = &session,
                                     .session_count = 1,
                                     .account = account,
                                     .account_count = ACCOUNTS,
                                     .seed = 7 };
    struct engine *e;

    symbols = symbols_new(7);
    CU_ASSERT_TRUE_FATAL(symbols != NULL && symbols_load(symbols, list, 1));
    session = (struct engine_session){
        .name = { "A", 1 }, .rules = { 36, true, false }, .account = all, .account_count = 3
    };
    for (size_t i = 0; i < ACCOUNTS; i++) {
        account[i] = (struct engine_account){ .name = bytes_of(names[i]),
                                              .driver = &venue_kraken_futures,
                                              .symbols = symbols,
                                              .calls_max = calls_max,
                                              .poll_fills_ms = POLL_MS,
                                              .poll_idle_ms = POLL_MS,
                                              .poll_orders_ms = 1000000,
                                              .instruments_refresh_s = 3600,
                                              .order_wait_max_ms = 60000,
                                              .cancel_wait_max_ms = 60000,
                                              .call_timeout_ms = 5000 };
        seen[i].placed = seen[i].polled = 0;
        seen[i].last_poll_us = 1000 * US_PER_S;
        seen[i].longest_us = 0;
    }
    now = (struct instant){ 1000 * US_PER_S, INT64_C(1795000000) * US_PER_S };
    waiting_count = 0;
    e = engine_new(&c);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    engine_start(e, 1, &now);
    pull(e);
    engine_session_up(e, 0, NULL, &now);
    pull(e);
    answer_all(e);
    return e;
}

static void stop(struct engine *e)
{
    engine_free(e);
    symbols_free(symbols);
}

static void pass(int64_t us)
{
    now.mono_us += us;
    now.wall_us += us;
}

static void order(struct engine *e, const char *name)
{
    char fields[200];

    snprintf(fields, sizeof fields,
             "11=c%u|1=%s|55=PF_XBTUSD|54=1|60=20261120-10:00:00|38=1|40=2|44=100", ++orders, name);
    engine_fix_message(e, 0, wire_message("D", fields), false, &now);
    pull(e);
}

static void test_an_account_keeps_to_its_plan_while_another_trades(void)
{
    struct engine *e = start(1000);

    for (int i = 0; i < 500; i++) { /* 5 s; all events are orders of one account */
        pass(10 * US_PER_MS);
        order(e, "one");
        answer_all(e);
    }
    for (size_t i = 1; i < ACCOUNTS; i++) {
        CU_ASSERT_TRUE(seen[i].polled >= 10);
        CU_ASSERT_TRUE(seen[i].longest_us <= (POLL_MS + 10) * US_PER_MS);
        CU_ASSERT_EQUAL(seen[i].placed, 0);
    }
    stop(e);
}

static void test_ticks_alone_keep_every_plan(void)
{
    struct engine *e = start(1000);
    int64_t end_us = now.mono_us + 5 * US_PER_S;

    while (now.mono_us < end_us) {
        int64_t at = engine_deadline(e);

        CU_ASSERT_TRUE_FATAL(at != NEVER_US);
        pass(at > now.mono_us ? at - now.mono_us : 1);
        engine_tick(e, &now);
        pull(e);
        answer_all(e);
    }
    for (size_t i = 0; i < ACCOUNTS; i++) {
        CU_ASSERT_TRUE(seen[i].polled >= 14);
        CU_ASSERT_TRUE(seen[i].longest_us <= (POLL_MS + 1) * US_PER_MS);
    }
    stop(e);
}

static void test_an_order_goes_to_its_account_at_once(void)
{
    struct engine *e = start(1000);

    order(e, "three");
    order(e, "two");
    order(e, "three");
    CU_ASSERT_EQUAL(seen[0].placed, 0);
    CU_ASSERT_EQUAL(seen[1].placed, 1);
    CU_ASSERT_EQUAL(seen[2].placed, 2);
    stop(e);
}

static void test_an_answer_lets_the_next_order_of_its_account_go(void)
{
    struct engine *e = start(1);
    uint64_t first;

    order(e, "two");
    first = last_place;
    order(e, "two");
    order(e, "one");
    CU_ASSERT_EQUAL(seen[1].placed, 1);
    CU_ASSERT_EQUAL(seen[0].placed, 1);
    engine_venue_result(e, first, VENUE_HELD, NULL, "", &now);
    pull(e);
    pass(POLL_MS * US_PER_MS); /* the venue is given a moment */
    engine_tick(e, &now);
    pull(e);
    CU_ASSERT_EQUAL(seen[1].placed, 2); /* both, in one batch */
    CU_ASSERT_EQUAL(seen[0].placed, 1);
    stop(e);
}

CU_TestInfo accounts_tests[] = {
    { "plan", test_an_account_keeps_to_its_plan_while_another_trades },
    { "ticks", test_ticks_alone_keep_every_plan },
    { "at once", test_an_order_goes_to_its_account_at_once },
    { "next", test_an_answer_lets_the_next_order_of_its_account_go },
    CU_TEST_INFO_NULL,
};
