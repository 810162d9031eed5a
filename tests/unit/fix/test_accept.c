/*
 * fix_accept_look: what the first bytes of a connection are taken for.
 */
#include "suites.h"

#include <stdio.h>

#include "fix_accept.h"
#include "bounds.h"

/* A whole frame around `body`, SOH written as '|'. */
static struct bytes frame_of(const char *version, const char *body, char out[512])
{
    unsigned sum = 0;
    int n = snprintf(out, 512, "8=%s|9=%zu|%s", version, strlen(body), body);

    for (int i = 0; i < n; i++) {
        out[i] = out[i] == '|' ? '\001' : out[i];
        sum += (unsigned char)out[i];
    }
    n += snprintf(out + n, (size_t)(512 - n), "10=%03u\001", sum % 256);
    return (struct bytes){ out, (size_t)n };
}

#define LOGON "35=A|49=CLIENT|56=SERVER|34=1|52=20260101-10:00:00|98=0|108=30|"

static void logon_names_both_sides(void)
{
    char text[512];
    struct fix_accept a = fix_accept_look(frame_of("FIX.4.4", LOGON, text), FIX_MESSAGE_MAX);

    CU_ASSERT_EQUAL_FATAL(a.kind, FIX_ACCEPT_LOGON);
    CU_ASSERT(bytes_is(a.begin_string, "FIX.4.4"));
    CU_ASSERT(bytes_is(a.sender_comp_id, "CLIENT"));
    CU_ASSERT(bytes_is(a.target_comp_id, "SERVER"));
}

static void every_prefix_waits(void)
{
    char text[512];
    struct bytes whole = frame_of("FIX.4.4", LOGON, text);

    for (size_t n = 0; n < whole.size; n++) {
        struct fix_accept a = fix_accept_look((struct bytes){ text, n }, FIX_MESSAGE_MAX);

        CU_ASSERT_EQUAL(a.kind, FIX_ACCEPT_WAIT);
    }
}

static void later_bytes_do_not_matter(void)
{
    char text[512];
    struct bytes whole = frame_of("FIX.4.4", LOGON, text);

    memcpy(text + whole.size, "garbage", 7);
    whole.size += 7;
    CU_ASSERT_EQUAL(fix_accept_look(whole, FIX_MESSAGE_MAX).kind, FIX_ACCEPT_LOGON);
}

static void other_version_is_told_to_the_shell(void)
{
    char text[512];
    struct fix_accept a = fix_accept_look(frame_of("FIX.4.2", LOGON, text), FIX_MESSAGE_MAX);

    CU_ASSERT_EQUAL_FATAL(a.kind, FIX_ACCEPT_LOGON);
    CU_ASSERT(bytes_is(a.begin_string, "FIX.4.2"));
}

static void drops(const char *body)
{
    char text[512];
    struct fix_accept a = fix_accept_look(frame_of("FIX.4.4", body, text), FIX_MESSAGE_MAX);

    CU_ASSERT_EQUAL(a.kind, FIX_ACCEPT_DROP);
    CU_ASSERT_PTR_NOT_NULL(a.reason);
}

static void anything_but_a_logon_is_dropped(void)
{
    drops("35=0|49=CLIENT|56=SERVER|34=1|52=20260101-10:00:00|");
    drops("35=D|49=CLIENT|56=SERVER|34=1|52=20260101-10:00:00|11=a|");
    drops("35=AA|49=CLIENT|56=SERVER|34=1|52=20260101-10:00:00|");
}

static void logon_without_comp_ids_is_dropped(void)
{
    drops("35=A|56=SERVER|34=1|98=0|108=30|");
    drops("35=A|49=CLIENT|34=1|98=0|108=30|");
    drops("35=A|49=|56=SERVER|34=1|98=0|108=30|");
    drops("35=A|49=CLIENT|56=|34=1|98=0|108=30|");
}

static void first_bytes_that_are_not_fix_are_dropped_at_once(void)
{
    CU_ASSERT_EQUAL(fix_accept_look(BYTES("G"), FIX_MESSAGE_MAX).kind, FIX_ACCEPT_DROP);
    CU_ASSERT_EQUAL(fix_accept_look(BYTES("\x16\x03\x01"), FIX_MESSAGE_MAX).kind, FIX_ACCEPT_DROP);
    CU_ASSERT_EQUAL(fix_accept_look(BYTES("8=FOX"), FIX_MESSAGE_MAX).kind, FIX_ACCEPT_DROP);
    CU_ASSERT_EQUAL(fix_accept_look(BYTES("8=FI"), FIX_MESSAGE_MAX).kind, FIX_ACCEPT_WAIT);
}

static void wrong_checksum_is_dropped(void)
{
    char text[512];
    struct bytes whole = frame_of("FIX.4.4", LOGON, text);

    text[whole.size - 2] = text[whole.size - 2] == '0' ? '1' : '0';
    CU_ASSERT_EQUAL(fix_accept_look(whole, FIX_MESSAGE_MAX).kind, FIX_ACCEPT_DROP);
}

static void longer_than_allowed_is_dropped(void)
{
    char text[512];

    CU_ASSERT_EQUAL(fix_accept_look(frame_of("FIX.4.4", LOGON, text), 64).kind, FIX_ACCEPT_DROP);
    CU_ASSERT_EQUAL(fix_accept_look(BYTES("8=FIX.4.4\0019=99999999\00135=A\001"), 1000).kind,
                    FIX_ACCEPT_DROP);
}

CU_TestInfo accept_tests[] = {
    { "a Logon names both sides", logon_names_both_sides },
    { "every prefix of a Logon waits", every_prefix_waits },
    { "bytes after the Logon do not matter", later_bytes_do_not_matter },
    { "another version is told to the shell", other_version_is_told_to_the_shell },
    { "anything but a Logon is dropped", anything_but_a_logon_is_dropped },
    { "a Logon without comp ids is dropped", logon_without_comp_ids_is_dropped },
    { "bytes that are not FIX are dropped at once",
      first_bytes_that_are_not_fix_are_dropped_at_once },
    { "a wrong checksum is dropped", wrong_checksum_is_dropped },
    { "longer than allowed is dropped", longer_than_allowed_is_dropped },
    CU_TEST_INFO_NULL,
};
