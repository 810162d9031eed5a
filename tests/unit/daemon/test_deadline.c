/*
 * deadline: what is due comes first whatever was set, moved or cleared before.
 */
#include "deadline.h"

#include "suites.h"

#define COUNT 500

static struct deadline item[COUNT];
static int64_t wanted[COUNT];

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void order_holds_under_random_changes(void)
{
    struct deadlines h;
    uint32_t state = 7;
    size_t came = 0;
    int64_t last = 0;
    struct deadline *d;

    deadlines_init(&h);
    CU_ASSERT_TRUE_FATAL(deadlines_reserve(&h, COUNT));
    for (size_t i = 0; i < COUNT; i++) {
        item[i] = (struct deadline){ .owner = &wanted[i] };
        wanted[i] = next_random(&state) % 100000;
        deadline_set(&h, &item[i], wanted[i]);
    }
    for (size_t i = 0; i < COUNT; i += 3) {
        deadline_clear(&h, &item[i]);
        wanted[i] = next_random(&state) % 100000;
        deadline_set(&h, &item[i], wanted[i]);
    }
    for (size_t i = 1; i < COUNT; i += 3) {
        wanted[i] /= 2;
        deadline_set(&h, &item[i], wanted[i]);
    }
    CU_ASSERT_PTR_NULL(deadlines_due(&h, -1));
    while ((d = deadlines_due(&h, 100000)) != NULL) {
        CU_ASSERT(d->at_us >= last);
        CU_ASSERT_EQUAL(d->at_us, *(int64_t *)d->owner);
        last = d->at_us;
        came++;
    }
    CU_ASSERT_EQUAL(came, COUNT);
    CU_ASSERT_EQUAL(deadlines_first(&h), NEVER_US);
    deadlines_fini(&h);
}

static void later_keeps_its_place_until_due(void)
{
    struct deadlines h;
    struct deadline d = { 0 };

    deadlines_init(&h);
    CU_ASSERT_TRUE_FATAL(deadlines_reserve(&h, 1));
    deadline_set(&h, &d, 100);
    deadline_set(&h, &d, 900);
    CU_ASSERT_EQUAL(deadlines_first(&h), 100);
    CU_ASSERT_PTR_EQUAL(deadlines_due(&h, 100), &d);
    deadline_set(&h, &d, 900);
    CU_ASSERT_PTR_NULL(deadlines_due(&h, 899));
    CU_ASSERT_PTR_EQUAL(deadlines_due(&h, 900), &d);
    deadline_set(&h, &d, NEVER_US);
    CU_ASSERT_EQUAL(deadlines_first(&h), NEVER_US);
    deadlines_fini(&h);
}

CU_TestInfo deadline_tests[] = {
    { "order holds under random changes", order_holds_under_random_changes },
    { "later keeps its place until due", later_keeps_its_place_until_due },
    CU_TEST_INFO_NULL,
};
