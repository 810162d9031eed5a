/*
 * decimal: exact or refused, never rounded.
 */
#include <stdlib.h>

#include "decimal.h"
#include "guard.h"
#include "suites.h"

static struct decimal parsed(const char *text)
{
    struct decimal d = { -1, -1 };

    CU_ASSERT_TRUE(decimal_parse(bytes_of(text), &d));
    return d;
}

static void check_print(struct decimal d, const char *expected)
{
    char text[DECIMAL_TEXT_MAX];
    size_t size = decimal_print(d, text);

    CU_ASSERT_EQUAL(size, strlen(expected));
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void well_formed_text_is_taken_exactly(void)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        { "0", "0" },
        { "-0", "0" },
        { "0.00", "0" },
        { "1.50", "1.5" },
        { "-3", "-3" },
        { ".5", "0.5" },
        { "5.", "5" },
        { "-.5", "-0.5" },
        { "0001", "1" },
        { "10000", "10000" },
        { "0.0001", "0.0001" },
        { "000000000000000000000000012.5000000000000000000000000", "12.5" },
        { "9223372036854775807", "9223372036854775807" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "0.000000000000000001", "0.000000000000000001" },
        { "9.223372036854775807", "9.223372036854775807" },
        { "1000000000000000000.000000000000", "1000000000000000000" },
        { "-0000000000000000000000", "0" },
        { "123456789012345678.0", "123456789012345678" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_print(parsed(rows[i].text), rows[i].printed);
    }
}

static void malformed_or_too_fine_text_is_refused(void)
{
    static const char *const rows[] = {
        "",
        "-",
        ".",
        "-.",
        "+1",
        " 1",
        "1 ",
        "1e5",
        "1.2.3",
        "--1",
        "1-",
        "0x1",
        "NaN",
        "1,5",
        "9223372036854775808",
        "-9223372036854775809",
        "0.0000000000000000001",
        "99999999999999999999",
        "1.2345678901234567890123",
        "....................",
        "-...................",
        "12345678901234567890.5",
        "1..................0",
        "12345678901234567a89",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct decimal d;

        CU_ASSERT_FALSE(decimal_parse(bytes_of(rows[i]), &d));
    }
}

static void json_numbers_follow_rfc_8259(void)
{
    static const struct {
        const char *text, *printed;
    } good[] = {
        { "0", "0" },
        { "-0", "0" },
        { "1e3", "1000" },
        { "1E+3", "1000" },
        { "1.5e-10", "0.00000000015" },
        { "0E-11", "0" },
        { "0e999999999999999999999", "0" },
        { "1234.5e2", "123450" },
        { "100e-2", "1" },
        { "1000000000000000000000e-21", "1" },
        { "0.00000000000000000000001e23", "1" },
        { "9223372036854775807e0", "9223372036854775807" },
    };
    static const char *const bad[] = {
        "",
        "-",
        "01",
        ".5",
        "5.",
        "1e",
        "1e+",
        "+1",
        "1e5.0",
        "1e400",
        "1e-19",
        "NaN",
        "1 ",
        "1e19",
        "92233720368547758070",
        "1e-99999999999999999999",
        "1E99999999999999999999",
        "-01",
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct decimal d = DECIMAL_ZERO;

        CU_ASSERT_TRUE(decimal_parse_json(bytes_of(good[i].text), &d));
        check_print(d, good[i].printed);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct decimal d;

        CU_ASSERT_FALSE(decimal_parse_json(bytes_of(bad[i]), &d));
    }
}

static void parsers_stay_within_their_text(void)
{
    static const char *const rows[] = {
        "", "-", "1", "1.", "1e", "1e-", "123456789.123456789012", "0.", "-0.000", "1e10"
    };
    struct guard g = guard_new(64);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bytes text = guard_put(&g, bytes_of(rows[i]));
        struct decimal d;
        bool plain = decimal_parse(text, &d);
        bool json = decimal_parse_json(text, &d);

        CU_ASSERT_EQUAL(plain, decimal_parse(bytes_of(rows[i]), &d));
        CU_ASSERT_EQUAL(json, decimal_parse_json(bytes_of(rows[i]), &d));
    }
    guard_free(&g);
}

static void comparison_is_exact_at_the_extremes(void)
{
    struct decimal max = { INT64_MAX, 0 };
    struct decimal min = { INT64_MIN, 0 };
    struct decimal tiny = { 1, 18 };

    CU_ASSERT_EQUAL(decimal_compare(parsed("1.5"), parsed("1.50")), 0);
    CU_ASSERT_EQUAL(decimal_compare(max, tiny), 1);
    CU_ASSERT_EQUAL(decimal_compare(min, tiny), -1);
    CU_ASSERT_EQUAL(decimal_compare(max, (struct decimal){ INT64_MAX, 18 }), 1);
    CU_ASSERT_EQUAL(decimal_compare(min, (struct decimal){ INT64_MIN, 18 }), -1);
    CU_ASSERT_TRUE(decimal_equal(DECIMAL_ZERO, parsed("-0.000")));
}

static void arithmetic_is_exact_or_refused(void)
{
    struct decimal out;
    struct decimal max = { INT64_MAX, 0 };

    CU_ASSERT_TRUE(decimal_add(parsed("0.1"), parsed("0.2"), &out));
    check_print(out, "0.3");
    CU_ASSERT_TRUE(decimal_sub(parsed("1"), parsed("0.000000000000000001"), &out));
    check_print(out, "0.999999999999999999");
    CU_ASSERT_FALSE(decimal_add(max, parsed("1"), &out));
    CU_ASSERT_FALSE(decimal_add(max, parsed("0.1"), &out));
    CU_ASSERT_TRUE(decimal_sub(max, max, &out));
    CU_ASSERT_EQUAL(decimal_sign(out), 0);
    CU_ASSERT_TRUE(decimal_mul(parsed("0.000000001"), parsed("0.000000001"), &out));
    check_print(out, "0.000000000000000001");
    CU_ASSERT_FALSE(decimal_mul(parsed("0.0000000001"), parsed("0.000000001"), &out));
    CU_ASSERT_FALSE(decimal_mul(max, parsed("2"), &out));
    CU_ASSERT_TRUE(decimal_mul(parsed("2000000000.5"), parsed("2000000000"), &out));
    check_print(out, "4000000001000000000");
}

static void an_operand_may_be_the_result(void)
{
    struct decimal d = parsed("1.5");

    CU_ASSERT_TRUE(decimal_add(d, d, &d));
    check_print(d, "3");
}

static void steps_floor_downwards(void)
{
    static const struct {
        const char *value, *step, *floor;
        bool multiple;
    } rows[] = {
        { "1.23", "0.1", "1.2", false },   { "1.2", "0.1", "1.2", true },
        { "-1.23", "0.1", "-1.3", false }, { "7", "2.5", "5", false },
        { "7.5", "2.5", "7.5", true },     { "0", "0.5", "0", true },
        { "0.3", "0.1", "0.3", true },     { "99999999999.9", "1", "99999999999", false },
        { "123", "10", "120", false },     { "0.00000001", "1000000", "0", false },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct decimal out = DECIMAL_ZERO;

        CU_ASSERT_EQUAL(decimal_is_multiple(parsed(rows[i].value), parsed(rows[i].step)),
                        rows[i].multiple);
        CU_ASSERT_TRUE(decimal_floor_to(parsed(rows[i].value), parsed(rows[i].step), &out));
        check_print(out, rows[i].floor);
    }
}

static void a_floor_that_does_not_fit_is_refused(void)
{
    struct decimal out;

    CU_ASSERT_FALSE(decimal_floor_to((struct decimal){ INT64_MIN, 0 }, parsed("10"), &out));
}

static void powers_of_ten_reach_both_ends(void)
{
    check_print(decimal_power10(0), "1");
    check_print(decimal_power10(-8), "0.00000001");
    check_print(decimal_power10(18), "1000000000000000000");
    check_print(decimal_power10(-18), "0.000000000000000001");
}

static void print_then_parse_gives_the_same_value(void)
{
    uint64_t state = 1;

    for (int i = 0; i < 20000; i++) {
        char text[DECIMAL_TEXT_MAX];
        struct decimal d, back = { -1, 0 };

        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        d = (struct decimal){ (int64_t)state >> (i % 60), (int32_t)(i % (DECIMAL_SCALE_MAX + 1)) };
        CU_ASSERT_TRUE_FATAL(decimal_parse((struct bytes){ text, decimal_print(d, text) }, &back));
        CU_ASSERT_TRUE_FATAL(decimal_equal(d, back));
        CU_ASSERT_TRUE_FATAL(decimal_parse_json(bytes_of(text), &back));
        CU_ASSERT_TRUE_FATAL(decimal_equal(d, back));
    }
}

CU_TestInfo decimal_tests[] = {
    { "well-formed text is taken exactly", well_formed_text_is_taken_exactly },
    { "malformed or too fine text is refused", malformed_or_too_fine_text_is_refused },
    { "JSON numbers follow RFC 8259", json_numbers_follow_rfc_8259 },
    { "parsers stay within their text", parsers_stay_within_their_text },
    { "comparison is exact at the extremes", comparison_is_exact_at_the_extremes },
    { "arithmetic is exact or refused", arithmetic_is_exact_or_refused },
    { "an operand may be the result", an_operand_may_be_the_result },
    { "steps floor downwards", steps_floor_downwards },
    { "a floor that does not fit is refused", a_floor_that_does_not_fit_is_refused },
    { "powers of ten reach both ends", powers_of_ten_reach_both_ends },
    { "print then parse gives the same value", print_then_parse_gives_the_same_value },
    CU_TEST_INFO_NULL,
};
