/*
 * AvgPx: linear, inverse, rounding, and sums that do not fit.
 */
#include "avg_px.h"
#include "suites.h"
#include "wire.h"

struct fill {
    const char *qty, *px;
};

static const char *average(bool inverse, const struct fill *f, size_t count)
{
    static char text[DECIMAL_TEXT_MAX];
    struct avg_px a = { 0 };

    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_TRUE(avg_px_add(&a, inverse, dec(f[i].qty), dec(f[i].px)));
    }
    decimal_print(avg_px_value(&a, inverse), text);
    return text;
}

#define AVERAGE(inverse, ...)                                                                      \
    average((inverse), (const struct fill[]){ __VA_ARGS__ },                                       \
            sizeof(const struct fill[]){ __VA_ARGS__ } / sizeof(struct fill))

static void test_before_the_first_fill_it_is_zero(void)
{
    struct avg_px a = { 0 };

    CU_ASSERT_TRUE(decimal_equal(avg_px_value(&a, false), DECIMAL_ZERO));
    CU_ASSERT_TRUE(decimal_equal(avg_px_value(&a, true), DECIMAL_ZERO));
}

static void test_linear_is_the_weighted_mean(void)
{
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "0.1", "60000.5" }), "60000.5");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "100" }, { "3", "104" }), "103");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "0.5", "1.1" }, { "0.25", "1.2" }, { "0.25", "1.3" }),
                           "1.175");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "-5" }, { "1", "2" }), "-1.5");
    CU_ASSERT_STRING_EQUAL(
        AVERAGE(false, { "1000000000", "100000.12345678" }, { "1000000000", "100000.12345678" }),
        "100000.12345678");
}

static void test_inverse_is_the_harmonic_mean(void)
{
    CU_ASSERT_STRING_EQUAL(AVERAGE(true, { "10000", "60000" }), "60000");
    CU_ASSERT_STRING_EQUAL(AVERAGE(true, { "10000", "60010.5" }), "60010.5");
    CU_ASSERT_STRING_EQUAL(AVERAGE(true, { "100", "20000" }, { "100", "30000" }), "24000");
    CU_ASSERT_STRING_EQUAL(AVERAGE(true, { "4000", "60010.5" }, { "6000", "60020" }),
                           "60016.199639086");
}

static void test_rounding_is_half_to_even_at_ten_digits(void)
{
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "1" }, { "2", "2" }), "1.6666666667");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "-1" }, { "2", "-2" }), "-1.6666666667");
    /* Means of x and x + 10^-10 lie half way between two tenth digits. */
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "1.0000000000" }, { "1", "1.0000000001" }), "1");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "1.0000000001" }, { "1", "1.0000000002" }),
                           "1.0000000002");
    /* More digits than are printed: a tie and a little is above the tie. */
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "1.00000000005" }), "1");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "1.000000000050001" }), "1.0000000001");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "0.001", "1.00000000015" }), "1.0000000002");
}

static void test_large_prices_lose_digits_not_magnitude(void)
{
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "9000000000" }), "9000000000");
    CU_ASSERT_STRING_EQUAL(AVERAGE(false, { "1", "9000000000000000000" }), "9000000000000000000");
}

static void test_what_does_not_fit_changes_nothing(void)
{
    struct avg_px a = { 0 }, before;

    CU_ASSERT_TRUE(avg_px_add(&a, false, dec("1"), dec("2")));
    before = a;
    CU_ASSERT_FALSE(avg_px_add(&a, false, dec("9000000000000000000"), dec("9000000000000000000")));
    CU_ASSERT_FALSE(avg_px_add(&a, false, dec("0"), dec("1")));
    CU_ASSERT_FALSE(avg_px_add(&a, false, dec("-1"), dec("1")));
    CU_ASSERT_TRUE(before.sum == a.sum && decimal_equal(before.qty, a.qty) &&
                   before.scale == a.scale);
    CU_ASSERT_FALSE(avg_px_add(&(struct avg_px){ 0 }, true, dec("1"), dec("0")));
    CU_ASSERT_FALSE(avg_px_add(&(struct avg_px){ 0 }, true, dec("1"), dec("-1")));
    CU_ASSERT_FALSE(avg_px_add(&(struct avg_px){ 0 }, true, dec("9000000000000000000"),
                               dec("0.000000000000000001")));
}

static void test_many_fills_stay_exact(void)
{
    struct avg_px a = { 0 }, inverse = { 0 };
    char text[DECIMAL_TEXT_MAX];

    for (int i = 0; i < 100000; i++) {
        struct decimal px = { 600000 + i % 2, 1 };

        CU_ASSERT_FATAL(avg_px_add(&a, false, dec("0.0001"), px));
        CU_ASSERT_FATAL(avg_px_add(&inverse, true, dec("1"), px));
    }
    decimal_print(avg_px_value(&a, false), text);
    CU_ASSERT_STRING_EQUAL(text, "60000.05");
    decimal_print(avg_px_value(&inverse, true), text);
    CU_ASSERT_STRING_EQUAL(text, "60000.0499999583");
}

CU_TestInfo avg_px_tests[] = {
    { "zero before the first fill", test_before_the_first_fill_it_is_zero },
    { "linear", test_linear_is_the_weighted_mean },
    { "inverse", test_inverse_is_the_harmonic_mean },
    { "rounding", test_rounding_is_half_to_even_at_ten_digits },
    { "large prices", test_large_prices_lose_digits_not_magnitude },
    { "what does not fit", test_what_does_not_fit_changes_nothing },
    { "many fills", test_many_fills_stay_exact },
    CU_TEST_INFO_NULL,
};
