/*
 * buf: bounded, and failed for good once something did not fit.
 */
#include "buf.h"
#include "suites.h"

static void check(const struct buf *b, const char *expected)
{
    CU_ASSERT_FALSE(b->failed);
    CU_ASSERT_TRUE(bytes_is(buf_view(b), expected));
}

static void everything_is_written_as_text(void)
{
    struct buf b;

    buf_init(&b, 1000);
    buf_text(&b, "a");
    buf_char(&b, '=');
    buf_uint(&b, UINT64_MAX);
    buf_char(&b, ' ');
    buf_int(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_int(&b, -1);
    buf_char(&b, ' ');
    buf_decimal(&b, (struct decimal){ -150, 2 });
    buf_printf(&b, " %d%%", 7);
    buf_bytes(&b, BYTES("!"));
    check(&b, "a=18446744073709551615 -9223372036854775808 -1 -1.5 7%!");
    buf_fini(&b);
}

static void the_maximum_can_be_reached_and_not_passed(void)
{
    struct buf b;

    buf_init(&b, 300);
    for (int i = 0; i < 300; i++) {
        buf_char(&b, 'x');
    }
    CU_ASSERT_FALSE(b.failed);
    CU_ASSERT_EQUAL(b.size, 300);
    CU_ASSERT_TRUE(b.capacity <= 300);
    buf_char(&b, 'x');
    CU_ASSERT_TRUE(b.failed);
    CU_ASSERT_EQUAL(b.size, 300);
    buf_fini(&b);
}

static void failure_sticks_until_cleared(void)
{
    struct buf b;

    buf_init(&b, 4);
    buf_text(&b, "12345");
    CU_ASSERT_TRUE(b.failed);
    buf_text(&b, "1");
    CU_ASSERT_EQUAL(b.size, 0);
    buf_clear(&b);
    buf_text(&b, "1234");
    check(&b, "1234");
    buf_fini(&b);
}

static void consuming_keeps_the_rest(void)
{
    struct buf b;

    buf_init(&b, 100);
    buf_text(&b, "hello world");
    buf_consume(&b, 6);
    check(&b, "world");
    buf_consume(&b, 0);
    buf_consume(&b, 5);
    check(&b, "");
    buf_fini(&b);
}

static void nothing_is_written_by_nothing(void)
{
    struct buf b;

    buf_init(&b, 10);
    buf_bytes(&b, (struct bytes){ NULL, 0 });
    buf_text(&b, "");
    CU_ASSERT_EQUAL(b.size, 0);
    CU_ASSERT_FALSE(b.failed);
    CU_ASSERT_PTR_NULL(b.data);
    buf_fini(&b);
}

static void a_request_beyond_all_bounds_fails(void)
{
    struct buf b;

    buf_init(&b, 1000);
    buf_char(&b, 'a');
    CU_ASSERT_FALSE(buf_reserve(&b, SIZE_MAX));
    CU_ASSERT_TRUE(b.failed);
    buf_fini(&b);
}

CU_TestInfo buf_tests[] = {
    { "everything is written as text", everything_is_written_as_text },
    { "the maximum can be reached and not passed", the_maximum_can_be_reached_and_not_passed },
    { "failure sticks until cleared", failure_sticks_until_cleared },
    { "consuming keeps the rest", consuming_keeps_the_rest },
    { "nothing is written by nothing", nothing_is_written_by_nothing },
    { "a request beyond all bounds fails", a_request_beyond_all_bounds_fails },
    CU_TEST_INFO_NULL,
};
