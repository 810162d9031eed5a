/*
 * venue: names of operations, the list of drivers, and what every driver's table must satisfy.
 */
#include "venue.h"

#include "suites.h"

static void operations_are_found_by_their_names(void)
{
    enum venue_op op;

    for (int i = 0; i < VENUE_OP_COUNT; i++) {
        CU_ASSERT_TRUE(venue_op_parse(bytes_of(venue_op_text((enum venue_op)i)), &op));
        CU_ASSERT_EQUAL(op, (enum venue_op)i);
    }
    CU_ASSERT_FALSE(venue_op_parse(BYTES("nothing"), &op));
    CU_ASSERT_FALSE(venue_op_parse(BYTES(""), &op));
}

static void acting_operations_are_those_that_change_books(void)
{
    static const enum venue_op acting[] = { VENUE_PLACE,          VENUE_CANCEL,
                                            VENUE_REPLACE,        VENUE_CANCEL_ALL,
                                            VENUE_BATCH,          VENUE_DEADMAN,
                                            VENUE_CLOSE_POSITION, VENUE_POSITION_TRIGGERS,
                                            VENUE_SET_LEVERAGE,   VENUE_SET_STP };
    int count = 0;

    for (int i = 0; i < VENUE_OP_COUNT; i++) {
        count += venue_op_acts((enum venue_op)i);
    }
    CU_ASSERT_EQUAL(count, ARRAY_LEN(acting));
    for (size_t i = 0; i < ARRAY_LEN(acting); i++) {
        CU_ASSERT_TRUE(venue_op_acts(acting[i]));
    }
}

static void every_word_has_a_text(void)
{
    for (int i = 0; i < VENUE_REASON_COUNT; i++) {
        CU_ASSERT_TRUE(strlen(venue_reason_text((enum venue_reason)i)) > 0);
    }
    for (int i = 0; i <= VENUE_UNKNOWN; i++) {
        CU_ASSERT_TRUE(strlen(venue_outcome_text((enum venue_outcome)i)) > 0);
    }
    for (int i = 0; i <= VENUE_ORDER_ABSENT; i++) {
        CU_ASSERT_TRUE(strlen(venue_order_status_text((enum venue_order_status)i)) > 0);
    }
    for (int i = 0; i <= VENUE_CAUSE_REDUCED; i++) {
        CU_ASSERT_TRUE(strlen(venue_cause_text((enum venue_cause)i)) > 0);
    }
    for (int i = 0; i <= VENUE_BUILD_FAILED; i++) {
        CU_ASSERT_TRUE(strlen(venue_error_text((enum venue_error)i)) > 0);
    }
}

static void drivers_are_found_by_name(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(venue_list[0]);
    for (size_t i = 0; venue_list[i] != NULL; i++) {
        CU_ASSERT_PTR_EQUAL(venue_find(bytes_of(venue_list[i]->name)), venue_list[i]);
    }
    CU_ASSERT_PTR_NULL(venue_find(BYTES("nowhere")));
    CU_ASSERT_PTR_NULL(venue_find(BYTES("")));
}

/* build and parse come together; a call costs something only in a window that exists and never more
 * than it holds; a lookup names endpoints that are there. */
static void tables_are_sound(void)
{
    for (size_t i = 0; venue_list[i] != NULL; i++) {
        const struct venue_driver *d = venue_list[i];
        size_t lookups = 0;

        CU_ASSERT_TRUE(d->code != NULL && strlen(d->code) > 0);
        for (int op = 0; op < VENUE_OP_COUNT; op++) {
            struct venue_call call = { .op = (enum venue_op)op, .instruction_count = 10 };

            CU_ASSERT_EQUAL(d->endpoint[op].build == NULL, d->endpoint[op].parse == NULL);
            for (size_t w = 0; w < VENUE_WINDOWS_MAX; w++) {
                CU_ASSERT_TRUE(venue_call_cost(d, &call, w) <= d->window[w].capacity);
            }
        }
        while (lookups < ARRAY_LEN(d->lookup) && d->lookup[lookups] != VENUE_OP_COUNT) {
            CU_ASSERT_PTR_NOT_NULL(d->endpoint[d->lookup[lookups]].build);
            CU_ASSERT_FALSE(venue_op_acts(d->lookup[lookups]));
            lookups++;
        }
        CU_ASSERT_TRUE(lookups < ARRAY_LEN(d->lookup));
    }
}

CU_TestInfo venue_tests[] = {
    { "operations_are_found_by_their_names", operations_are_found_by_their_names },
    { "acting_operations_are_those_that_change_books",
      acting_operations_are_those_that_change_books },
    { "every_word_has_a_text", every_word_has_a_text },
    { "drivers_are_found_by_name", drivers_are_found_by_name },
    { "tables_are_sound", tables_are_sound },
    CU_TEST_INFO_NULL,
};
