/*
 * fix_body: fields to the byte.
 */
#include "fix_body.h"
#include "suites.h"

static bool written_is(const struct buf *out, const char *expected)
{
    if (out->failed || out->size != strlen(expected)) {
        return false;
    }
    for (size_t i = 0; i < out->size; i++) {
        if (out->data[i] != (expected[i] == '|' ? '\001' : expected[i])) {
            return false;
        }
    }
    return true;
}

static void every_kind_of_field_is_written(void)
{
    struct buf out;
    struct fix_body b;

    buf_init(&out, 10000);
    fix_body_start(&b, "8", &out);
    CU_ASSERT_STRING_EQUAL(b.msg_type, "8");
    CU_ASSERT_EQUAL(b.time_digits, 3);
    fix_body_text(&b, 11, "abc");
    fix_body_bytes(&b, 55, BYTES("BTC/USD"));
    fix_body_char(&b, 54, '1');
    fix_body_bool(&b, 43, true);
    fix_body_bool(&b, 97, false);
    fix_body_uint(&b, 34, UINT64_MAX);
    fix_body_int(&b, 22107, INT64_MIN);
    fix_body_decimal(&b, 44, (struct decimal){ -1050, 2 });
    fix_body_timestamp(&b, 60, INT64_C(1795168800123456));
    b.time_digits = 6;
    fix_body_timestamp(&b, 60, INT64_C(1795168800123456));
    CU_ASSERT_TRUE(written_is(&out, "11=abc|55=BTC/USD|54=1|43=Y|97=N|34=18446744073709551615|"
                                    "22107=-9223372036854775808|44=-10.5|60=20261120-10:00:00.123|"
                                    "60=20261120-10:00:00.123456|"));
    buf_fini(&out);
}

static void empty_values_are_not_written(void)
{
    struct buf out;
    struct fix_body b;

    buf_init(&out, 100);
    fix_body_start(&b, "AE", &out);
    fix_body_text(&b, 58, NULL);
    fix_body_text(&b, 58, "");
    fix_body_bytes(&b, 58, (struct bytes){ NULL, 0 });
    fix_body_text(&b, 58,
                  "\001"
                  "35=8");
    fix_body_char(&b, 54, '\001');
    CU_ASSERT_TRUE(written_is(&out, ""));
    buf_fini(&out);
}

static void a_value_is_cut_at_soh(void)
{
    struct buf out;
    struct fix_body b;

    buf_init(&out, 100);
    fix_body_start(&b, "8", &out);
    fix_body_text(&b, 58,
                  "abc\001"
                  "150=F");
    CU_ASSERT_TRUE(written_is(&out, "58=abc|"));
    buf_fini(&out);
}

static void a_body_that_does_not_fit_is_failed(void)
{
    struct buf out;
    struct fix_body b;

    buf_init(&out, 40);
    fix_body_start(&b, "8", &out);
    fix_body_text(&b, 58, "0123456789012345678901234567890123456789");
    fix_body_text(&b, 11, "a");
    CU_ASSERT_TRUE(out.failed);
    CU_ASSERT_EQUAL(out.size, 0);
    fix_body_start(&b, "8", &out);
    fix_body_text(&b, 11, "a");
    CU_ASSERT_TRUE(written_is(&out, "11=a|"));
    buf_fini(&out);
}

CU_TestInfo body_tests[] = {
    { "every kind of field is written", every_kind_of_field_is_written },
    { "empty values are not written", empty_values_are_not_written },
    { "a value is cut at SOH", a_value_is_cut_at_soh },
    { "a body that does not fit is failed", a_body_that_does_not_fit_is_failed },
    CU_TEST_INFO_NULL,
};
