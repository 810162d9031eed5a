/*
 * fix_msg: the view over one message.
 */
#include "fix_msg.h"
#include "fix_text.h"
#include "guard.h"
#include "suites.h"

static struct fix_msg msg;
static char text[64 * 1024];

static enum fix_msg_error parse(const char *body)
{
    memset(&msg, 0xa5, sizeof msg); /* parse may rely on nothing it finds there */
    return fix_msg_parse(&msg, fix_text_frame(text, sizeof text, body));
}

static bool value_is(uint32_t tag, const char *expected)
{
    struct bytes value;

    return fix_msg_find(&msg, tag, &value) && bytes_is(value, expected);
}

static void fields_are_found_by_tag(void)
{
    CU_ASSERT_EQUAL(parse("35=D|34=17|11=abc|55=BTC/USD|22106=custom|58=a=b|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(bytes_is(msg.msg_type, "D"));
    CU_ASSERT_EQUAL(msg.seq, 17);
    CU_ASSERT_EQUAL(msg.field_count, 9);
    CU_ASSERT_TRUE(value_is(8, "FIX.4.4") && value_is(11, "abc") && value_is(55, "BTC/USD"));
    CU_ASSERT_TRUE(value_is(22106, "custom") && value_is(58, "a=b"));
    CU_ASSERT_FALSE(fix_msg_has(&msg, 12));
    CU_ASSERT_FALSE(fix_msg_has(&msg, 65535));
}

static void the_first_of_several_is_found(void)
{
    CU_ASSERT_EQUAL(parse("35=D|58=one|58=two|314=x|58=three|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(value_is(58, "one"));
}

static void a_message_of_other_shape_leaves_nothing_behind(void)
{
    CU_ASSERT_EQUAL(parse("35=D|34=5|11=abc|"), FIX_MSG_OK);
    CU_ASSERT_EQUAL(fix_msg_parse(&msg, fix_text_frame(text, sizeof text, "35=0|")), FIX_MSG_OK);
    CU_ASSERT_FALSE(fix_msg_has(&msg, 11));
    CU_ASSERT_EQUAL(msg.seq, 0);
}

static void bad_tags_are_refused(void)
{
    static const char *const rows[] = {
        "35=D|x=1|",           "35=D|=1|",   "35=D|0=1|", "35=D|011=1|", "35=D|65550=1|",
        "35=D|99999999999=1|", "35=D|-1=1|", "35=D|11|",  "35=D|1 1=a|", "35=D||",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(parse(rows[i]), FIX_MSG_BAD_TAG);
    }
    CU_ASSERT_EQUAL(parse("35=D|65535=1|"), FIX_MSG_OK);
}

static void an_empty_value_is_told_and_indexed(void)
{
    CU_ASSERT_EQUAL(parse("35=D|11=|58=|55=x|"), FIX_MSG_NO_VALUE);
    CU_ASSERT_EQUAL(msg.error_tag, 11);
    CU_ASSERT_TRUE(value_is(11, "") && value_is(55, "x"));
}

static void data_is_read_by_its_length(void)
{
    CU_ASSERT_EQUAL(parse("35=B|95=7|96=a|b=c|d|58=x|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(value_is(96, "a\001b=c\001d") && value_is(58, "x"));
    CU_ASSERT_EQUAL(parse("35=B|354=2|355=|||11=y|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(value_is(355, "\001\001") && value_is(11, "y"));
}

/* A field behind values of any length, with and without SOHs in them. */
static void fields_are_read_wherever_they_begin(void)
{
    for (unsigned size = 1; size < 300; size++) {
        char body[1024], data[300];

        for (unsigned i = 0; i < size; i++) {
            data[i] = i % 3 == 1 ? '|' : '=';
        }
        (void)snprintf(body, sizeof body, "35=D|58=%0*d|1=a|112=b|20005=c|95=%u|96=%.*s|55=d|1=e|",
                       (int)size, 0, size, (int)size, data);
        CU_ASSERT_EQUAL(parse(body), FIX_MSG_OK);
        CU_ASSERT_EQUAL(msg.field_count, 12);
        CU_ASSERT_TRUE(value_is(1, "a") && value_is(112, "b") && value_is(20005, "c"));
        CU_ASSERT_TRUE(value_is(55, "d"));
        CU_ASSERT_TRUE(msg.field[3].size == size && msg.field[8].size == size);
        CU_ASSERT_EQUAL(msg.field[11].tag, 10);
    }
}

static void tags_that_share_a_place_are_told_apart(void)
{
    CU_ASSERT_EQUAL(parse("35=D|34=5|288=x|34=6|550=y|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(value_is(34, "5") && value_is(288, "x") && value_is(550, "y"));
    CU_ASSERT_EQUAL(parse("35=D|288=x|34=5|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(value_is(34, "5") && value_is(288, "x"));
    CU_ASSERT_EQUAL(parse("35=D|34=5|"), FIX_MSG_OK);
    CU_ASSERT_FALSE(fix_msg_has(&msg, 288));
}

static void data_of_another_length_is_told(void)
{
    static const char *const rows[] = {
        "35=B|95=3|96=ab|58=x|",
        "35=B|95=1|96=ab|58=x|",
        "35=B|95=99999|96=ab|58=x|",
        "35=B|95=x|96=ab|58=x|",
        "35=B|95=18446744073709551615|96=ab|58=x|",
        "35=B|95=18446744073709551616|96=ab|58=x|",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(parse(rows[i]), FIX_MSG_DATA_LENGTH);
        CU_ASSERT_EQUAL(msg.error_tag, 96);
        CU_ASSERT_TRUE(value_is(96, "ab") && value_is(58, "x"));
    }
}

static void data_without_a_length_ends_at_soh(void)
{
    CU_ASSERT_EQUAL(parse("35=B|96=ab|58=x|"), FIX_MSG_OK);
    CU_ASSERT_TRUE(value_is(96, "ab") && value_is(58, "x"));
}

static void getters_tell_absent_from_bad(void)
{
    char c = 'z';
    bool b = false;
    uint64_t u = 9;
    int64_t i = 9;
    struct decimal d = { 9, 0 };

    CU_ASSERT_EQUAL(parse("35=D|54=1|43=Y|97=x|34=007|38=-5|44=1.25|60=20261120-10:00:00|99=1e5|"
                          "62=now|110=18446744073709551616|111=-9223372036854775808|"),
                    FIX_MSG_OK);
    CU_ASSERT_EQUAL(fix_msg_get_char(&msg, 54, &c), FIX_GET_OK);
    CU_ASSERT_EQUAL(c, '1');
    CU_ASSERT_EQUAL(fix_msg_get_char(&msg, 44, &c), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_char(&msg, 1, &c), FIX_GET_ABSENT);
    CU_ASSERT_EQUAL(fix_msg_get_bool(&msg, 43, &b), FIX_GET_OK);
    CU_ASSERT_TRUE(b);
    CU_ASSERT_EQUAL(fix_msg_get_bool(&msg, 97, &b), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_bool(&msg, 1, &b), FIX_GET_ABSENT);
    CU_ASSERT_EQUAL(fix_msg_get_uint(&msg, 34, &u), FIX_GET_OK);
    CU_ASSERT_EQUAL(u, 7);
    CU_ASSERT_EQUAL(fix_msg_get_uint(&msg, 38, &u), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_uint(&msg, 110, &u), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_int(&msg, 38, &i), FIX_GET_OK);
    CU_ASSERT_EQUAL(i, -5);
    CU_ASSERT_EQUAL(fix_msg_get_int(&msg, 111, &i), FIX_GET_OK);
    CU_ASSERT_EQUAL(i, INT64_MIN);
    CU_ASSERT_EQUAL(fix_msg_get_int(&msg, 44, &i), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_decimal(&msg, 44, &d), FIX_GET_OK);
    CU_ASSERT_TRUE(d.mantissa == 125 && d.scale == 2);
    CU_ASSERT_EQUAL(fix_msg_get_decimal(&msg, 99, &d), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_timestamp(&msg, 60, &i), FIX_GET_OK);
    CU_ASSERT_EQUAL(i, INT64_C(1795168800000000));
    CU_ASSERT_EQUAL(fix_msg_get_timestamp(&msg, 62, &i), FIX_GET_BAD);
    CU_ASSERT_EQUAL(fix_msg_get_timestamp(&msg, 1, &i), FIX_GET_ABSENT);
}

static void groups_are_walked_entry_by_entry(void)
{
    struct fix_group g, sub;
    struct bytes value;

    CU_ASSERT_EQUAL(parse("35=D|453=2|448=A|447=D|452=1|802=2|523=x|803=1|523=y|448=B|452=3|55=s|"),
                    FIX_MSG_OK);
    CU_ASSERT_TRUE_FATAL(fix_group_begin(&msg, 453, 448, &g));
    CU_ASSERT_TRUE_FATAL(fix_group_next(&msg, &g));
    CU_ASSERT_TRUE(fix_group_find(&msg, &g, 452, &value) && bytes_is(value, "1"));
    CU_ASSERT_TRUE_FATAL(fix_group_begin_in(&msg, &g, 802, 523, &sub));
    CU_ASSERT_TRUE(fix_group_next(&msg, &sub));
    CU_ASSERT_TRUE(fix_group_find(&msg, &sub, 803, &value));
    CU_ASSERT_TRUE(fix_group_next(&msg, &sub));
    CU_ASSERT_FALSE(fix_group_find(&msg, &sub, 803, &value));
    CU_ASSERT_FALSE(fix_group_next(&msg, &sub));
    CU_ASSERT_TRUE_FATAL(fix_group_next(&msg, &g));
    CU_ASSERT_TRUE(fix_group_find(&msg, &g, 448, &value) && bytes_is(value, "B"));
    CU_ASSERT_FALSE(fix_group_find(&msg, &g, 447, &value));
    CU_ASSERT_FALSE(fix_group_begin_in(&msg, &g, 802, 523, &sub));
    CU_ASSERT_FALSE(fix_group_next(&msg, &g));
}

static void malformed_groups_are_no_groups(void)
{
    static const char *const rows[] = {
        "35=D|55=x|", "35=D|453=0|448=A|", "35=D|453=x|448=A|", "35=D|453=1|447=A|", "35=D|453=1|",
    };
    struct fix_group g;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(parse(rows[i]), FIX_MSG_OK);
        CU_ASSERT_FALSE(fix_group_begin(&msg, 453, 448, &g));
    }
}

static void a_group_shorter_than_its_count_just_ends(void)
{
    struct fix_group g;
    unsigned entries = 0;

    CU_ASSERT_EQUAL(parse("35=D|453=4294967297|448=A|448=B|"), FIX_MSG_OK);
    CU_ASSERT_TRUE_FATAL(fix_group_begin(&msg, 453, 448, &g));
    while (fix_group_next(&msg, &g)) {
        entries++;
    }
    CU_ASSERT_EQUAL(entries, 2);
}

static void the_number_of_fields_is_bounded(void)
{
    static char body[40000] = "35=B|";
    size_t at = 5;

    for (size_t i = 0; i + 4 < FIX_FIELDS_MAX; i++) {
        at += (size_t)snprintf(body + at, sizeof body - at, "%zu=a|", 1000 + i);
    }
    CU_ASSERT_EQUAL(parse(body), FIX_MSG_OK);
    CU_ASSERT_EQUAL(msg.field_count, FIX_FIELDS_MAX);
    for (uint32_t tag = 1000; tag < 1000 + FIX_FIELDS_MAX - 4; tag++) {
        CU_ASSERT_TRUE(fix_msg_has(&msg, tag));
    }
    (void)snprintf(body + at, sizeof body - at, "58=x|");
    CU_ASSERT_EQUAL(parse(body), FIX_MSG_TOO_MANY_FIELDS);
}

static void any_bytes_are_read_within_bounds(void)
{
    struct guard g = guard_new(512);
    char frame[512];
    struct bytes whole =
        fix_text_frame(frame, sizeof frame, "35=B|95=3|96=a|b|453=1|448=x|58=long enough|");

    for (size_t size = 0; size < whole.size; size++) {
        struct bytes cut = guard_put(&g, (struct bytes){ frame, size });

        (void)fix_msg_parse(&msg, cut);
        for (uint32_t i = 0; i < msg.field_count; i++) {
            CU_ASSERT_TRUE(msg.field[i].offset + msg.field[i].size < size);
        }
    }
    guard_free(&g);
}

CU_TestInfo msg_tests[] = {
    { "fields are found by tag", fields_are_found_by_tag },
    { "the first of several is found", the_first_of_several_is_found },
    { "a message of other shape leaves nothing behind",
      a_message_of_other_shape_leaves_nothing_behind },
    { "bad tags are refused", bad_tags_are_refused },
    { "an empty value is told and indexed", an_empty_value_is_told_and_indexed },
    { "data is read by its length", data_is_read_by_its_length },
    { "fields are read wherever they begin", fields_are_read_wherever_they_begin },
    { "tags that share a place are told apart", tags_that_share_a_place_are_told_apart },
    { "data of another length is told", data_of_another_length_is_told },
    { "data without a length ends at SOH", data_without_a_length_ends_at_soh },
    { "getters tell absent from bad", getters_tell_absent_from_bad },
    { "groups are walked entry by entry", groups_are_walked_entry_by_entry },
    { "malformed groups are no groups", malformed_groups_are_no_groups },
    { "a group shorter than its count just ends", a_group_shorter_than_its_count_just_ends },
    { "the number of fields is bounded", the_number_of_fields_is_bounded },
    { "any bytes are read within bounds", any_bytes_are_read_within_bounds },
    CU_TEST_INFO_NULL,
};
