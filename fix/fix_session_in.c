/*
 * A message has come in: is it addressed to us, is it its turn, is it valid? The order of the
 * checks is QuickFIX's where FIX 4.4 vol. 2 leaves one; a number is used up exactly once.
 */
#include "fix_session_impl.h"

#include <inttypes.h>

#include "fix_tags.h"

bool session_flag(const struct fix_msg *m, uint32_t tag)
{
    bool value = false;

    return fix_msg_get_bool(m, tag, &value) == FIX_GET_OK && value;
}

bool session_time_accurate(const struct fix_session *s)
{
    int64_t sent_us;

    if (s->config.clock_skew_max_s == 0 ||
        fix_msg_get_timestamp(s->msg, TAG_SENDING_TIME, &sent_us) != FIX_GET_OK) {
        return true;
    }
    int64_t skew_us = s->now.wall_us - sent_us;
    int64_t max_us = (int64_t)s->config.clock_skew_max_s * US_PER_S;
    return skew_us <= max_us && skew_us >= -max_us;
}

/* The number of the message at hand is used up, if it is its turn. */
void session_consume(struct fix_session *s)
{
    if (s->msg->seq == s->next_in) {
        session_advance(s, s->next_in + 1);
    }
}

/* ---- checks that do not depend on the number ----------------------------------------------- */

static bool id_differs(const struct fix_msg *m, uint32_t tag, struct bytes expected)
{
    struct bytes value;

    /* Absent or empty: validation says so, with its own reason. */
    return fix_msg_find(m, tag, &value) && value.size > 0 && !bytes_equal(value, expected);
}

/* FIX 4.4 vol. 2: CompID and SendingTime problems are rejected, then the session is ended. */
static void reject_and_logout(struct fix_session *s, enum fix_reject reason, uint32_t tag)
{
    if (s->state == FIX_LOGOUT_SENT) {
        return; /* said already */
    }
    session_send_reject(s, s->msg, reason, tag, NULL);
    session_consume(s);
    session_send_logout(s, fix_reject_text(reason), true);
}

static bool header_acceptable(struct fix_session *s)
{
    const struct fix_msg *m = s->msg;
    struct bytes version;

    if (!fix_msg_find(m, TAG_BEGIN_STRING, &version) ||
        !bytes_is(version, fix_dict_begin_string(s->config.dict))) {
        if (s->state == FIX_UP) {
            session_send_logout(s, "Incorrect BeginString", true);
        }
        return false;
    }
    if (m->seq == 0) {
        session_send_logout(s,
                            fix_msg_has(m, TAG_MSG_SEQ_NUM) ? "MsgSeqNum is not a number above 0"
                                                            : "MsgSeqNum missing",
                            false);
        return false;
    }
    if (id_differs(m, TAG_SENDER_COMP_ID, s->config.their_comp_id)) {
        reject_and_logout(s, FIX_REJECT_COMP_ID, TAG_SENDER_COMP_ID);
        return false;
    }
    if (id_differs(m, TAG_TARGET_COMP_ID, s->config.our_comp_id)) {
        reject_and_logout(s, FIX_REJECT_COMP_ID, TAG_TARGET_COMP_ID);
        return false;
    }
    if (!session_time_accurate(s)) {
        reject_and_logout(s, FIX_REJECT_SENDING_TIME, TAG_SENDING_TIME);
        return false;
    }
    return true;
}

/* A message sent again says when it was first sent, and that is not later than now. SequenceResets
 * are made for the resend and have no first time, as QuickFIX sees it. */
static bool resent_properly(struct fix_session *s)
{
    int64_t first_us, sent_us;
    enum fix_get got;

    if (!session_flag(s->msg, TAG_POSS_DUP_FLAG) || bytes_is(s->msg->msg_type, "4")) {
        return true;
    }
    got = fix_msg_get_timestamp(s->msg, TAG_ORIG_SENDING_TIME, &first_us);
    if (got == FIX_GET_ABSENT) {
        session_send_reject(s, s->msg, FIX_REJECT_REQUIRED_MISSING, TAG_ORIG_SENDING_TIME, NULL);
        return false;
    }
    if (got == FIX_GET_BAD) {
        session_send_reject(s, s->msg, FIX_REJECT_BAD_FORMAT, TAG_ORIG_SENDING_TIME, NULL);
        return false;
    }
    if (fix_msg_get_timestamp(s->msg, TAG_SENDING_TIME, &sent_us) == FIX_GET_OK &&
        first_us > sent_us) {
        session_send_reject(s, s->msg, FIX_REJECT_SENDING_TIME, TAG_ORIG_SENDING_TIME, NULL);
        return false;
    }
    return true;
}

/* ---- its number ---------------------------------------------------------------------------- */

void session_gap_asked(struct fix_session *s, uint64_t until)
{
    s->gap.asked = true;
    s->gap.from = s->next_in;
    s->gap.until = until;
    s->gap.retry_us = s->heartbeat_us > 0 ? s->now.mono_us + s->heartbeat_us : NEVER_US;
}

void session_ask_resend(struct fix_session *s, uint64_t until)
{
    struct fix_body b;

    session_gap_asked(s, until);
    fix_body_start(&b, "2", &s->body);
    fix_body_uint(&b, TAG_BEGIN_SEQ_NO, s->next_in);
    fix_body_uint(&b, TAG_END_SEQ_NO, 0);
    session_send_admin(s, &b);
}

/* One request covers everything up to what the peer had sent when it read it. A second one is due
 * only when the replay itself jumps: then some of it will not come. A replay that just stops is
 * noticed by time (tick_gap). */
static void ask_if_due(struct fix_session *s)
{
    bool replay_jumped = session_flag(s->msg, TAG_POSS_DUP_FLAG) && s->next_in > s->gap.from;

    if (!s->gap.asked || replay_jumped) {
        session_ask_resend(s, s->msg->seq);
    }
}

static struct fix_verdict verdict_of(const struct fix_session *s)
{
    return fix_validate(s->config.dict, s->msg, s->parse_error, &s->config.validate);
}

static void too_high(struct fix_session *s)
{
    struct bytes kept = s->msg->raw;

    if (bytes_is(s->msg->msg_type, "5")) {
        /* Answered, but its number stays open: the next Logon shows the gap. */
        session_admin_logout(s);
        return;
    }
    if (bytes_is(s->msg->msg_type, "2") && verdict_of(s).reason == FIX_REJECT_NONE) {
        /* FIX 4.4 vol. 2: answered before our own request, or both sides would wait for ever. */
        session_admin_resend_request(s);
        kept.size = 0;
    }
    if (s->state == FIX_OFFLINE) {
        return;
    }
    switch (fix_early_put(&s->early, s->msg->seq, kept, s->config.early_max)) {
    case FIX_EARLY_KEPT:
    case FIX_EARLY_KNOWN: break;
    case FIX_EARLY_FULL:
        session_event(s, FIX_EVENT_NOTE,
                      "too many messages beyond a gap, dropped until it is filled");
        break;
    }
    if (s->state == FIX_UP) {
        ask_if_due(s);
    }
}

void session_too_low(struct fix_session *s, uint64_t seq)
{
    const char *text = session_reason(
        s, "MsgSeqNum too low, expecting %" PRIu64 " but received %" PRIu64, s->next_in, seq);

    session_send_logout(s, text, false);
}

static void too_low(struct fix_session *s)
{
    if (session_flag(s->msg, TAG_POSS_DUP_FLAG)) {
        resent_properly(s); /* if not, that was rejected; a duplicate is ignored either way */
        return;
    }
    session_too_low(s, s->msg->seq);
}

static void unknown_message(struct fix_session *s)
{
    session_send_unknown(s, s->msg);
    session_consume(s);
    session_message_event(s, FIX_EVENT_UNKNOWN, false);
}

/* The message at hand is the next one: validate, use up its number, act. */
void session_in_turn(struct fix_session *s)
{
    struct fix_verdict verdict;
    session_admin_fn *admin;

    if (!resent_properly(s)) {
        session_consume(s);
        return;
    }
    verdict = verdict_of(s);
    if (verdict.reason == FIX_REJECT_UNKNOWN_MESSAGE) {
        unknown_message(s);
        return;
    }
    if (verdict.reason != FIX_REJECT_NONE) {
        session_send_reject(s, s->msg, verdict.reason, verdict.tag, NULL);
        session_consume(s);
        return;
    }
    admin = session_admin_find(s->msg->msg_type);
    if (admin != NULL) {
        admin(s);
        return;
    }
    session_consume(s);
    session_message_event(s, FIX_EVENT_MESSAGE, session_flag(s->msg, TAG_POSS_RESEND));
}

/* A SequenceReset whose GapFillFlag is absent or N; a malformed one counts as GapFill, which is
 * bound to its number. */
static bool is_reset_mode(const struct fix_msg *m)
{
    bool gap_fill = false;

    return bytes_is(m->msg_type, "4") &&
           fix_msg_get_bool(m, TAG_GAP_FILL_FLAG, &gap_fill) != FIX_GET_BAD && !gap_fill;
}

void session_receive(struct fix_session *s, struct bytes frame)
{
    s->parse_error = fix_msg_parse(s->msg, frame);
    if (s->state == FIX_CONNECTED) {
        session_first_message(s);
        return;
    }
    if (!header_acceptable(s) || session_logon_again(s)) {
        return;
    }
    if (is_reset_mode(s->msg)) {
        session_admin_reset_mode(s);
    } else if (s->msg->seq > s->next_in) {
        too_high(s);
    } else if (s->msg->seq < s->next_in) {
        too_low(s);
    } else {
        session_in_turn(s);
    }
}
