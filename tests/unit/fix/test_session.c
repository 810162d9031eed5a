/*
 * The session where scripts (tests/conformance) do not reach: large resends, slow readers, full
 * buffers, exact deadlines, what is early.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>

#include "fix_early.h"
#include "fix_session.h"
#include "bounds.h"

static const char small_dictionary[] =
    "<fix type='FIX' major='4' minor='4' servicepack='0'><header>"
    "<field name='BeginString' required='Y'/><field name='BodyLength' required='Y'/>"
    "<field name='MsgType' required='Y'/><field name='SenderCompID' required='Y'/>"
    "<field name='TargetCompID' required='Y'/><field name='MsgSeqNum' required='Y'/>"
    "<field name='SendingTime' required='Y'/><field name='PossDupFlag' required='N'/>"
    "<field name='OrigSendingTime' required='N'/></header>"
    "<trailer><field name='CheckSum' required='Y'/></trailer><messages>"
    "<message name='Heartbeat' msgtype='0' msgcat='admin'><field name='TestReqID' required='N'/>"
    "</message>"
    "<message name='TestRequest' msgtype='1' msgcat='admin'><field name='TestReqID' required='Y'/>"
    "</message>"
    "<message name='ResendRequest' msgtype='2' msgcat='admin'>"
    "<field name='BeginSeqNo' required='Y'/>"
    "<field name='EndSeqNo' required='Y'/></message>"
    "<message name='Logon' msgtype='A' msgcat='admin'><field name='EncryptMethod' required='Y'/>"
    "<field name='HeartBtInt' required='Y'/></message>"
    "<message name='News' msgtype='B' msgcat='app'><field name='Headline' required='Y'/></message>"
    "</messages><components/><fields>"
    "<field number='8' name='BeginString' type='STRING'/>"
    "<field number='9' name='BodyLength' type='LENGTH'/>"
    "<field number='35' name='MsgType' type='STRING'/>"
    "<field number='49' name='SenderCompID' type='STRING'/>"
    "<field number='56' name='TargetCompID' type='STRING'/>"
    "<field number='34' name='MsgSeqNum' type='SEQNUM'/>"
    "<field number='52' name='SendingTime' type='UTCTIMESTAMP'/>"
    "<field number='43' name='PossDupFlag' type='BOOLEAN'/>"
    "<field number='122' name='OrigSendingTime' type='UTCTIMESTAMP'/>"
    "<field number='10' name='CheckSum' type='STRING'/>"
    "<field number='112' name='TestReqID' type='STRING'/>"
    "<field number='7' name='BeginSeqNo' type='SEQNUM'/>"
    "<field number='16' name='EndSeqNo' type='SEQNUM'/>"
    "<field number='98' name='EncryptMethod' type='INT'/>"
    "<field number='108' name='HeartBtInt' type='INT'/>"
    "<field number='148' name='Headline' type='STRING'/></fields></fix>";

static struct fix_dict *dict;
static struct fix_store *store;
static struct fix_session *session;
static struct instant now;
static uint64_t next_in; /* what the client sends next */

/* ---- the other side ------------------------------------------------------------------------ */

static void set_up(void)
{
    char error[256];
    struct fix_session_config c = { .our_comp_id = BYTES("S"), .their_comp_id = BYTES("C") };

    dict = fix_dict_new(BYTES(small_dictionary), error, sizeof error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dict);
    c.dict = dict;
    fix_session_config_defaults(&c);
    c.clock_skew_max_s = 0;
    store = fix_store_mem_new();
    session = fix_session_new(&c, store);
    CU_ASSERT_PTR_NOT_NULL_FATAL(session);
    now = (struct instant){ .mono_us = US_PER_S, .wall_us = INT64_C(1793268000) * US_PER_S };
    next_in = 1;
}

static void tear_down(void)
{
    fix_session_free(session);
    fix_store_mem_free(store);
    fix_dict_free(dict);
    session = NULL;
}

/* Feeds "35=...|..." with the next number; the events it caused are counted by kind. */
static unsigned events[FIX_EVENT_DOWN + 1];

static void pull(void)
{
    struct fix_event e;

    while (fix_session_next(session, &e)) {
        events[e.kind]++;
        if (e.kind == FIX_EVENT_LOGON) {
            fix_session_accept(session, &now);
        }
    }
}

static void client_sends(const char *type, const char *rest)
{
    char body[1024], out[1200];
    unsigned sum = 0;
    int size = snprintf(body, sizeof body,
                        "35=%s\00149=C\00156=S\00134=%llu\00152=20260101-10:00:00\001%s", type,
                        (unsigned long long)next_in++, rest);
    int n = snprintf(out, sizeof out, "8=FIX.4.4\0019=%d\001%s", size, body);

    for (int i = 0; i < n; i++) {
        sum += (unsigned char)out[i];
    }
    n += snprintf(out + n, sizeof out - (size_t)n, "10=%03u\001", sum % 256);
    CU_ASSERT_EQUAL(fix_session_feed(session, (struct bytes){ out, (size_t)n }, &now), (size_t)n);
    pull();
}

static void drop_all_output(void)
{
    for (struct bytes out = fix_session_output(session); out.size > 0;
         out = fix_session_output(session)) {
        fix_session_wrote(session, out.size);
    }
    pull();
}

static void log_on(void)
{
    memset(events, 0, sizeof events);
    fix_session_connect(session, &now);
    client_sends("A", "98=0\001"
                      "108=30\001");
    CU_ASSERT_EQUAL_FATAL(fix_session_state(session), FIX_UP);
    drop_all_output();
}

static bool send_news(const char *headline)
{
    struct buf out;
    struct fix_body body;

    buf_init(&out, FIX_MESSAGE_MAX);
    fix_body_start(&body, "B", &out);
    fix_body_text(&body, 148, headline);
    bool sent = fix_session_send(session, &body, &now);
    buf_fini(&out);
    return sent;
}

/* Takes one message off the output: its type and number. False: there is none. */
static bool take_message(char *type, uint64_t *seq, bool *poss_dup)
{
    struct bytes out = fix_session_output(session);

    if (out.size == 0) {
        return false;
    }
    const char *end = memmem(out.data, out.size, "\00110=", 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    size_t size = (size_t)(end - out.data) + 8;
    const char *found = memmem(out.data, size, "\00135=", 4);
    *type = found[4];
    found = memmem(out.data, size, "\00134=", 4);
    *seq = strtoull(found + 4, NULL, 10);
    *poss_dup = memmem(out.data, size, "\00143=Y\001", 6) != NULL;
    fix_session_wrote(session, size);
    return true;
}

/* ---- resends ------------------------------------------------------------------------------- */

static void large_resend_is_complete_and_bounded(void)
{
    enum { COUNT = 20000 };
    uint64_t seq, expected = 2;
    bool poss_dup;
    char type;
    size_t most = 0;

    log_on();
    for (unsigned i = 0; i < COUNT; i++) {
        CU_ASSERT_FATAL(send_news("something happened that is worth a line of text"));
        drop_all_output();
    }
    client_sends("2", "7=2\001"
                      "16=0\001");
    for (unsigned turns = 0; expected < COUNT + 2; turns++) {
        size_t waiting = fix_session_output(session).size;

        most = waiting > most ? waiting : most;
        if (take_message(&type, &seq, &poss_dup)) {
            CU_ASSERT(type == 'B' && seq == expected && poss_dup);
            expected++;
        } else {
            CU_ASSERT_FATAL(fix_session_can_resend(session));
            (void)fix_session_resend(session, &now);
        }
        CU_ASSERT_FATAL(turns < 3 * COUNT);
    }
    CU_ASSERT_FALSE(take_message(&type, &seq, &poss_dup));
    CU_ASSERT(most < FIX_OUTPUT_LOW + FIX_MESSAGE_MAX);
}

static void resend_stops_after_a_chunk_and_goes_on_when_called(void)
{
    uint64_t seq;
    bool poss_dup;
    char type;
    unsigned count = 0;

    log_on();
    for (unsigned i = 0; i < FIX_RESEND_CHUNK + 10; i++) {
        CU_ASSERT(send_news("n"));
        drop_all_output();
    }
    client_sends("2", "7=2\001"
                      "16=0\001");
    size_t first = fix_session_output(session).size;
    CU_ASSERT(first > 0 && first < FIX_OUTPUT_LOW);
    fix_session_tick(session, &now);
    CU_ASSERT_EQUAL(fix_session_output(session).size, first);
    CU_ASSERT(fix_session_can_resend(session));
    CU_ASSERT_EQUAL(fix_session_resend(session, &now), FIX_RESEND_ENOUGH);
    CU_ASSERT(fix_session_output(session).size > first);
    CU_ASSERT_FALSE(fix_session_can_resend(session));
    while (take_message(&type, &seq, &poss_dup)) {
        count++;
    }
    CU_ASSERT_EQUAL(count, FIX_RESEND_CHUNK + 10);
}

static void nothing_to_replay_is_one_gap_fill_over_many_chunks(void)
{
    uint64_t seq;
    bool poss_dup;
    char type;

    CU_ASSERT(fix_session_set_next(session, 1, 5 * FIX_RESEND_CHUNK));
    log_on();
    client_sends("2", "7=1\001"
                      "16=0\001");
    for (unsigned i = 0; fix_session_can_resend(session); i++) {
        CU_ASSERT_FATAL(i < 10);
        (void)fix_session_resend(session, &now);
    }
    CU_ASSERT_FATAL(take_message(&type, &seq, &poss_dup));
    CU_ASSERT(type == '4' && seq == 1 && poss_dup);
    CU_ASSERT_FALSE(take_message(&type, &seq, &poss_dup));
}

/* Everything made while a resend is under way follows it, each number once. */
static void live_messages_of_all_kinds_follow_a_resend(void)
{
    enum { OLD = 3000 };
    uint64_t seq, expected = 2;
    bool poss_dup;
    char type;
    unsigned reports = 0, heartbeats = 0;

    log_on();
    for (unsigned i = 0; i < OLD; i++) {
        CU_ASSERT(send_news("old"));
        drop_all_output();
    }
    client_sends("2", "7=2\001"
                      "16=0\001");
    client_sends("1", "112=are you there\001");
    CU_ASSERT(send_news("new"));
    client_sends("1", "112=still there\001");
    for (unsigned turns = 0; turns < 4 * OLD; turns++) {
        if (take_message(&type, &seq, &poss_dup)) {
            CU_ASSERT_EQUAL(seq, expected);
            CU_ASSERT_EQUAL(poss_dup, seq < OLD + 2);
            reports += type == 'B';
            heartbeats += type == '0';
            expected++;
        } else {
            (void)fix_session_resend(session, &now);
        }
    }
    CU_ASSERT_EQUAL(expected, fix_session_next_out(session));
    CU_ASSERT_EQUAL(reports, OLD + 1);
    CU_ASSERT_EQUAL(heartbeats, 2);
}

static void same_request_twice_is_answered_once(void)
{
    enum { OLD = 3000 };
    uint64_t seq;
    bool poss_dup;
    char type;
    unsigned count = 0;

    log_on();
    for (unsigned i = 0; i < OLD; i++) {
        CU_ASSERT(send_news("old"));
        drop_all_output();
    }
    client_sends("2", "7=2\001"
                      "16=0\001");
    client_sends("2", "7=2\001"
                      "16=0\001");
    client_sends("2", "7=2000\001"
                      "16=0\001"); /* not yet sent: comes with the first */
    for (unsigned turns = 0; turns < 4 * OLD; turns++) {
        if (take_message(&type, &seq, &poss_dup)) {
            count++;
        } else {
            (void)fix_session_resend(session, &now);
        }
    }
    CU_ASSERT_EQUAL(count, OLD);
}

static void request_for_what_went_by_is_answered_after(void)
{
    enum { OLD = 3000 };
    uint64_t seq = 0;
    bool poss_dup;
    char type;
    unsigned count = 0;

    log_on();
    for (unsigned i = 0; i < OLD; i++) {
        CU_ASSERT(send_news("old"));
        drop_all_output();
    }
    client_sends("2", "7=2\001"
                      "16=0\001");
    client_sends("2", "7=5\001"
                      "16=6\001");
    for (unsigned turns = 0; turns < 4 * OLD; turns++) {
        if (take_message(&type, &seq, &poss_dup)) {
            count++;
        } else {
            (void)fix_session_resend(session, &now);
        }
    }
    CU_ASSERT_EQUAL(count, OLD + 2);
    CU_ASSERT_EQUAL(seq, 6);
}

static void logout_goes_past_a_resend(void)
{
    uint64_t seq;
    bool poss_dup;
    char type = 0;

    log_on();
    for (unsigned i = 0; i < 3000; i++) {
        CU_ASSERT(send_news("old"));
        drop_all_output();
    }
    client_sends("2", "7=2\001"
                      "16=0\001");
    fix_session_logout(session, "slow consumer", &now);
    while (take_message(&type, &seq, &poss_dup)) {
    }
    CU_ASSERT_EQUAL(type, '5');
    CU_ASSERT_EQUAL(fix_session_state(session), FIX_LOGOUT_SENT);
}

/* ---- output -------------------------------------------------------------------------------- */

static void output_is_consumed_in_any_pieces(void)
{
    char whole[2048], pieces[2048];
    size_t size, at = 0;

    log_on();
    for (unsigned i = 0; i < 5; i++) {
        CU_ASSERT(send_news("piece by piece"));
    }
    size = fix_session_output(session).size;
    CU_ASSERT_FATAL(size < sizeof whole);
    memcpy(whole, fix_session_output(session).data, size);
    for (unsigned step = 1; fix_session_output(session).size > 0; step = step % 7 + 1) {
        struct bytes out = fix_session_output(session);
        size_t n = step < out.size ? step : out.size;

        memcpy(pieces + at, out.data, n);
        at += n;
        fix_session_wrote(session, n);
    }
    CU_ASSERT_EQUAL_FATAL(at, size);
    CU_ASSERT_EQUAL(memcmp(whole, pieces, size), 0);
}

static void slow_consumer_goes_down_and_loses_nothing(void)
{
    static char headline[32 * 1024];
    unsigned sent = 0;

    memset(headline, 'h', sizeof headline - 1);
    log_on();
    while (fix_session_state(session) == FIX_UP && sent < 10000) {
        CU_ASSERT_FATAL(send_news(headline));
        sent++;
    }
    pull();
    CU_ASSERT_EQUAL(events[FIX_EVENT_DOWN], 1);
    CU_ASSERT(sent > FIX_OUTPUT_MAX / (sizeof headline + 200));
    CU_ASSERT_EQUAL(fix_session_next_out(session), sent + 3);
    for (uint64_t seq = 2; seq < sent + 2; seq++) {
        struct bytes message;

        CU_ASSERT(store->ops->read(store, seq, &message));
    }
}

/* News of what is stale soon: a number, but nothing to replay; and nobody is told while away. */
static void what_is_told_is_not_kept(void)
{
    struct buf out;
    struct fix_body body;
    struct bytes message;

    buf_init(&out, FIX_MESSAGE_MAX);
    fix_body_start(&body, "B", &out);
    fix_body_text(&body, 148, "Planned stop");
    fix_session_tell(session, &body, &now);
    CU_ASSERT_EQUAL(fix_session_next_out(session), 1);
    log_on();
    fix_session_tell(session, &body, &now);
    CU_ASSERT_EQUAL(fix_session_next_out(session), 3);
    CU_ASSERT(fix_session_output(session).size > 0);
    CU_ASSERT_FALSE(store->ops->read(store, 2, &message));
    CU_ASSERT_EQUAL(store->next_out, 3);
    buf_fini(&out);
}

static void failed_body_takes_no_number(void)
{
    struct buf out;
    struct fix_body body;

    log_on();
    buf_init(&out, 16);
    fix_body_start(&body, "B", &out);
    fix_body_text(&body, 148, "longer than sixteen bytes");
    CU_ASSERT_FALSE(fix_session_send(session, &body, &now));
    buf_fini(&out);
    CU_ASSERT_EQUAL(fix_session_next_out(session), 2);
    CU_ASSERT_EQUAL(fix_session_output(session).size, 0);
    CU_ASSERT_EQUAL(fix_session_state(session), FIX_UP);
}

static void frame_is_exact(void)
{
    static const char expected[] =
        "8=FIX.4.4\0019=55\00135=B\00149=S\00156=C\00134=2\00152=20261029-10:00:00.000\001"
        "148=hello\00110=";

    log_on();
    CU_ASSERT(send_news("hello"));
    struct bytes out = fix_session_output(session);
    unsigned sum = 0;
    for (size_t i = 0; i + 7 < out.size; i++) {
        sum += (unsigned char)out.data[i];
    }
    CU_ASSERT_EQUAL_FATAL(out.size, sizeof expected - 1 + 4);
    CU_ASSERT_EQUAL(memcmp(out.data, expected, sizeof expected - 1), 0);
    CU_ASSERT_EQUAL((unsigned)strtoul(out.data + out.size - 4, NULL, 10), sum % 256);
}

/* ---- time ---------------------------------------------------------------------------------- */

static void deadlines_are_exact(void)
{
    CU_ASSERT_EQUAL(fix_session_deadline(session), NEVER_US);
    fix_session_connect(session, &now);
    CU_ASSERT_EQUAL(fix_session_deadline(session), now.mono_us + 10 * US_PER_S);
    fix_session_disconnect(session, NULL, &now);
    pull();
    log_on();
    CU_ASSERT_EQUAL(fix_session_deadline(session), now.mono_us + 30 * US_PER_S);
    now.mono_us += 30 * US_PER_S;
    fix_session_tick(session, &now);
    CU_ASSERT_EQUAL(fix_session_deadline(session), now.mono_us + 6 * US_PER_S);
    now.mono_us += 6 * US_PER_S;
    fix_session_tick(session, &now);
    drop_all_output();
    fix_session_logout(session, "bye", &now);
    CU_ASSERT_EQUAL(fix_session_deadline(session), now.mono_us + 10 * US_PER_S);
}

static void tick_before_the_deadline_does_nothing(void)
{
    log_on();
    now.mono_us += 30 * US_PER_S - 1;
    fix_session_tick(session, &now);
    CU_ASSERT_EQUAL(fix_session_output(session).size, 0);
}

/* ---- early messages ------------------------------------------------------------------------ */

static void early_messages_come_out_sorted(void)
{
    static const uint64_t order[] = { 9, 5, 7, 6, 8 };
    struct fix_early e = { 0 };
    struct fix_early_entry entry;

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        CU_ASSERT_EQUAL(fix_early_put(&e, order[i], BYTES("m"), 10), FIX_EARLY_KEPT);
    }
    CU_ASSERT_EQUAL(fix_early_put(&e, 7, BYTES("m"), 10), FIX_EARLY_KNOWN);
    CU_ASSERT_FALSE(fix_early_take(&e, 4, &entry));
    for (uint64_t seq = 5; seq < 10; seq++) {
        CU_ASSERT_FATAL(fix_early_take(&e, seq, &entry));
        CU_ASSERT_EQUAL(entry.seq, seq);
        free(entry.data);
    }
    CU_ASSERT(fix_early_empty(&e));
    CU_ASSERT_EQUAL(e.bytes, 0);
    fix_early_clear(&e);
}

static void early_messages_are_bounded(void)
{
    static char big[FIX_EARLY_BYTES_MAX / 2 + 1];
    struct fix_early e = { 0 };
    struct fix_early_entry entry;

    CU_ASSERT_EQUAL(fix_early_put(&e, 1, BYTES("m"), 2), FIX_EARLY_KEPT);
    CU_ASSERT_EQUAL(fix_early_put(&e, 2, BYTES("m"), 2), FIX_EARLY_KEPT);
    CU_ASSERT_EQUAL(fix_early_put(&e, 3, BYTES("m"), 2), FIX_EARLY_FULL);
    CU_ASSERT_FALSE(fix_early_take(&e, 3, &entry)); /* drops what is below */
    CU_ASSERT(fix_early_empty(&e));
    CU_ASSERT_EQUAL(fix_early_put(&e, 4, (struct bytes){ big, sizeof big }, 10), FIX_EARLY_KEPT);
    CU_ASSERT_EQUAL(fix_early_put(&e, 5, (struct bytes){ big, sizeof big }, 10), FIX_EARLY_FULL);
    fix_early_clear(&e);
}

#define SESSION_TEST(function)                                                                     \
    static void session_##function(void)                                                           \
    {                                                                                              \
        set_up();                                                                                  \
        function();                                                                                \
        tear_down();                                                                               \
    }

SESSION_TEST(large_resend_is_complete_and_bounded)
SESSION_TEST(resend_stops_after_a_chunk_and_goes_on_when_called)
SESSION_TEST(nothing_to_replay_is_one_gap_fill_over_many_chunks)
SESSION_TEST(live_messages_of_all_kinds_follow_a_resend)
SESSION_TEST(same_request_twice_is_answered_once)
SESSION_TEST(request_for_what_went_by_is_answered_after)
SESSION_TEST(logout_goes_past_a_resend)
SESSION_TEST(output_is_consumed_in_any_pieces)
SESSION_TEST(slow_consumer_goes_down_and_loses_nothing)
SESSION_TEST(what_is_told_is_not_kept)
SESSION_TEST(failed_body_takes_no_number)
SESSION_TEST(frame_is_exact)
SESSION_TEST(deadlines_are_exact)
SESSION_TEST(tick_before_the_deadline_does_nothing)

CU_TestInfo session_tests[] = {
    { "a large resend is complete and bounded", session_large_resend_is_complete_and_bounded },
    { "a resend stops after a chunk and goes on at the next tick",
      session_resend_stops_after_a_chunk_and_goes_on_when_called },
    { "nothing to replay is one gap fill over many chunks",
      session_nothing_to_replay_is_one_gap_fill_over_many_chunks },
    { "live messages of all kinds follow a resend",
      session_live_messages_of_all_kinds_follow_a_resend },
    { "the same request twice is answered once", session_same_request_twice_is_answered_once },
    { "a request for what went by is answered after",
      session_request_for_what_went_by_is_answered_after },
    { "a Logout goes past a resend", session_logout_goes_past_a_resend },
    { "output is consumed in any pieces", session_output_is_consumed_in_any_pieces },
    { "a slow consumer goes down and loses nothing",
      session_slow_consumer_goes_down_and_loses_nothing },
    { "what is told is not kept", session_what_is_told_is_not_kept },
    { "a failed body takes no number", session_failed_body_takes_no_number },
    { "a frame is exact", session_frame_is_exact },
    { "deadlines are exact", session_deadlines_are_exact },
    { "a tick before the deadline does nothing", session_tick_before_the_deadline_does_nothing },
    { "early messages come out sorted", early_messages_come_out_sorted },
    { "early messages are bounded", early_messages_are_bounded },
    CU_TEST_INFO_NULL,
};
