/*
 * fix_frame: FIX 4.4 vol. 2, message integrity. Every input ends against an unmapped page.
 */
#include "fix_frame.h"
#include "fix_text.h"
#include "guard.h"
#include "suites.h"

#define MAX 4096

static const char order[] = "35=D|49=C|56=S|34=2|52=20261120-10:00:00.000|11=a|55=BTC/USD|54=1|";

static struct fix_frame find(const char *text)
{
    static char copy[8192];
    struct bytes in = bytes_of(text);

    for (size_t i = 0; i < in.size; i++) {
        copy[i] = text[i] == '|' ? '\001' : text[i];
    }
    return fix_frame_find((struct bytes){ copy, in.size }, MAX);
}

static void a_good_message_is_complete(void)
{
    char text[512];
    struct bytes whole = fix_text_frame(text, sizeof text - 10, order);
    struct fix_frame f;

    memcpy(text + whole.size, "8=FIX", 5);
    f = fix_frame_find((struct bytes){ text, whole.size + 5 }, MAX);
    CU_ASSERT_EQUAL(f.kind, FIX_FRAME_COMPLETE);
    CU_ASSERT_EQUAL(f.size, whole.size);
    CU_ASSERT_TRUE(bytes_equal(f.message, whole));
}

static void every_prefix_is_partial(void)
{
    char text[512];
    struct bytes whole = fix_text_frame(text, sizeof text, order);
    struct guard g = guard_new(512);

    for (size_t size = 0; size < whole.size; size++) {
        struct fix_frame f = fix_frame_find(guard_put(&g, (struct bytes){ text, size }), MAX);

        CU_ASSERT_EQUAL(f.kind, FIX_FRAME_PARTIAL);
        CU_ASSERT_EQUAL(f.size, 0);
    }
    CU_ASSERT_EQUAL(fix_frame_find(guard_put(&g, whole), MAX).kind, FIX_FRAME_COMPLETE);
    guard_free(&g);
}

/* A change of one byte changes the sum, so nothing but a change within BeginString's version or
 * nothing at all may still pass; and whatever is skipped lies within the input. */
static void every_single_byte_change_is_refused(void)
{
    char text[512];
    struct bytes whole = fix_text_frame(text, sizeof text, order);
    struct guard g = guard_new(512);

    for (size_t at = 0; at < whole.size; at++) {
        for (unsigned c = 0; c < 256; c++) {
            char kept = text[at];
            struct fix_frame f;

            text[at] = (char)c;
            f = fix_frame_find(guard_put(&g, whole), MAX);
            text[at] = kept;
            if ((char)c == kept) {
                continue;
            }
            CU_ASSERT_NOT_EQUAL(f.kind, FIX_FRAME_COMPLETE);
            CU_ASSERT_TRUE(f.size <= whole.size);
            CU_ASSERT_EQUAL(f.size == 0, f.kind != FIX_FRAME_GARBLED);
        }
    }
    guard_free(&g);
}

static void garbage_is_skipped_to_the_next_start(void)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
        { "garbage8=FIX.4.4|9=5|", 7 },
        { "x", 1 },
        { "xx8=FI", 2 },
        { "xx8=FO", 6 },
        { "8=FO8=FIX", 4 },
        { "|||8", 3 },
        { "9=5|35=A|", 9 },
        { "88=FIX", 1 },
        { "8=8=FIX", 2 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fix_frame f = find(rows[i].text);

        CU_ASSERT_EQUAL(f.kind, FIX_FRAME_GARBLED);
        CU_ASSERT_EQUAL(f.size, rows[i].size);
        CU_ASSERT_PTR_NOT_NULL(f.reason);
    }
}

static void a_wrong_checksum_costs_the_whole_message(void)
{
    char text[512];
    struct bytes whole = fix_text_frame(text, sizeof text, order);
    struct fix_frame f;

    text[whole.size - 2] = text[whole.size - 2] == '0' ? '1' : '0';
    f = fix_frame_find(whole, MAX);
    CU_ASSERT_EQUAL(f.kind, FIX_FRAME_GARBLED);
    CU_ASSERT_EQUAL(f.size, whole.size);
}

static void a_lying_length_does_not_swallow_the_next_message(void)
{
    char text[1024], next[512];
    struct bytes first = fix_text_frame(text, sizeof text, order);
    struct bytes second = fix_text_frame(next, sizeof next, order);
    struct fix_frame f;

    memcpy(text + first.size, next, second.size);
    text[13] = '9'; /* 9=6x becomes 9=69 or larger: the length points into the next message */
    f = fix_frame_find((struct bytes){ text, first.size + second.size }, MAX);
    CU_ASSERT_EQUAL(f.kind, FIX_FRAME_GARBLED);
    CU_ASSERT_EQUAL(f.size, first.size);
}

static void unreadable_lengths_are_garbled(void)
{
    static const char *const rows[] = {
        "8=FIX.4.4|9=|35=",
        "8=FIX.4.4|9=1a|",
        "8=FIX.4.4|9=-5|",
        "8=FIX.4.4|9= 5|",
        "8=FIX.4.4|9=4|35=A|",
        "8=FIX.4.4|9=0|",
        "8=FIX.4.4|35=A|",
        "8=FIX.4.4|9=00000000005|",
        "8=FIX.4.4|9=5|36=A|",
        "8=FIX.4.4444444444444444444",
        "8=FIX.4.4|9=5|35=AB10=000|",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(find(rows[i]).kind, FIX_FRAME_GARBLED);
    }
}

static void leading_zeros_of_the_length_are_allowed(void)
{
    char text[64] = "8=FIX.4.4\0019=0005\00135=0\001";
    struct bytes in = bytes_of(text);
    unsigned sum = 0;

    for (size_t i = 0; i < in.size; i++) {
        sum += (unsigned char)text[i];
    }
    in.size += (size_t)snprintf(text + in.size, 16, "10=%03u\001", sum % 256);
    CU_ASSERT_EQUAL(fix_frame_find(in, MAX).kind, FIX_FRAME_COMPLETE);
}

static void a_message_beyond_the_maximum_is_fatal(void)
{
    char text[512];
    struct bytes whole = fix_text_frame(text, sizeof text, order);

    CU_ASSERT_EQUAL(fix_frame_find(whole, whole.size).kind, FIX_FRAME_COMPLETE);
    CU_ASSERT_EQUAL(fix_frame_find(whole, whole.size - 1).kind, FIX_FRAME_FATAL);
    CU_ASSERT_EQUAL(find("8=FIX.4.4|9=9999999999|").kind, FIX_FRAME_FATAL);
}

static void sums_of_long_messages_are_right(void)
{
    static char text[70000], body[66000];

    for (size_t size = 10; size < 65000; size += 977) {
        memcpy(body, "35=B|58=", 8);
        memset(body + 8, 0xff, size);
        body[8 + size] = '|';
        body[9 + size] = '\0';
        CU_ASSERT_EQUAL(fix_frame_find(fix_text_frame(text, sizeof text, body), sizeof text).kind,
                        FIX_FRAME_COMPLETE);
    }
}

static void data_may_hold_what_looks_like_a_trailer(void)
{
    char text[512];

    CU_ASSERT_EQUAL(
        fix_frame_find(fix_text_frame(text, sizeof text, "35=B|95=19|96=a|10=123|8=FIX.4.4||"), MAX)
            .kind,
        FIX_FRAME_COMPLETE);
}

CU_TestInfo frame_tests[] = {
    { "a good message is complete", a_good_message_is_complete },
    { "every prefix is partial", every_prefix_is_partial },
    { "every single-byte change is refused", every_single_byte_change_is_refused },
    { "garbage is skipped to the next start", garbage_is_skipped_to_the_next_start },
    { "a wrong checksum costs the whole message", a_wrong_checksum_costs_the_whole_message },
    { "a lying length does not swallow the next message",
      a_lying_length_does_not_swallow_the_next_message },
    { "unreadable lengths are garbled", unreadable_lengths_are_garbled },
    { "leading zeros of the length are allowed", leading_zeros_of_the_length_are_allowed },
    { "a message beyond the maximum is fatal", a_message_beyond_the_maximum_is_fatal },
    { "sums of long messages are right", sums_of_long_messages_are_right },
    { "data may hold what looks like a trailer", data_may_hold_what_looks_like_a_trailer },
    CU_TEST_INFO_NULL,
};
