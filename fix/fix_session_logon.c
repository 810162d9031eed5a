/*
 * The Logon handshake. A Logon is checked for its form, then handed to the shell, which knows
 * secrets; until the shell accepts, nothing of the session changes and nothing is stored.
 */
#include "fix_session_impl.h"

#include <inttypes.h>

#include "fix_tags.h"

/* What is wrong with the message as a Logon for this session; NULL: nothing. The text never holds a
 * value of the message: it could be a password. */
static const char *logon_fault(struct fix_session *s)
{
    const struct fix_msg *m = s->msg;
    const struct fix_session_config *c = &s->config;
    struct fix_verdict verdict = fix_validate(c->dict, m, s->parse_error, &c->validate);
    uint64_t heartbeat_s = 0, method = 1;
    bool test = c->test_environment;

    if (verdict.reason != FIX_REJECT_NONE) {
        return session_reason(s, "%s (%u)", fix_reject_text(verdict.reason), verdict.tag);
    }
    if (!session_time_accurate(s)) {
        return fix_reject_text(FIX_REJECT_SENDING_TIME);
    }
    if (fix_msg_get_uint(m, TAG_ENCRYPT_METHOD, &method) != FIX_GET_OK || method != 0) {
        return "EncryptMethod (98) must be 0";
    }
    if (fix_msg_get_uint(m, TAG_HEART_BT_INT, &heartbeat_s) != FIX_GET_OK ||
        (heartbeat_s == 0 && !c->heartbeat_zero_allowed) ||
        (heartbeat_s != 0 &&
         (heartbeat_s < c->heartbeat_min_s || heartbeat_s > c->heartbeat_max_s))) {
        return session_reason(s, "HeartBtInt (108) must be %u to %u", c->heartbeat_min_s,
                              c->heartbeat_max_s);
    }
    if (session_flag(m, TAG_RESET_SEQ_NUM_FLAG) && m->seq != 1) {
        return "ResetSeqNumFlag=Y needs MsgSeqNum 1";
    }
    if (session_flag(m, TAG_RESET_SEQ_NUM_FLAG) && !c->reset_by_client_allowed) {
        return "ResetSeqNumFlag=Y is not allowed for this session";
    }
    if (fix_msg_get_bool(m, TAG_TEST_MESSAGE_INDICATOR, &test) == FIX_GET_OK &&
        test != c->test_environment) {
        return "TestMessageIndicator (464) does not agree with this environment";
    }
    return NULL;
}

static void await_shell(struct fix_session *s)
{
    const struct fix_msg *m = s->msg;
    struct logon *l = &s->logon;
    uint64_t heartbeat_s = 0;

    *l = (struct logon){ .awaited = true, .seq = m->seq };
    l->reset = session_flag(m, TAG_RESET_SEQ_NUM_FLAG);
    l->poss_dup = session_flag(m, TAG_POSS_DUP_FLAG);
    l->has_next_expected =
        fix_msg_get_uint(m, TAG_NEXT_EXPECTED_MSG_SEQ_NUM, &l->next_expected) == FIX_GET_OK;
    if (fix_msg_get_uint(m, TAG_HEART_BT_INT, &heartbeat_s) == FIX_GET_OK) {
        l->heartbeat_s = (uint32_t)heartbeat_s;
    }
    session_message_event(s, FIX_EVENT_LOGON, false);
}

/* A Logout to a peer that is not (yet) let in: it takes no number, and is not stored. It carries
 * MsgSeqNum 1, so that nobody learns ours. */
static void send_refusal(struct fix_session *s, const char *text)
{
    struct fix_body b;
    struct bytes frame;

    fix_body_start(&b, "5", &s->body);
    fix_body_text(&b, TAG_TEXT, text);
    const struct outgoing o = {
        .msg_type = BYTES("5"), .seq = 1, .stranger = true, .body = buf_view(&s->body)
    };
    if (!session_compose(s, &o, &frame)) {
        session_event(s, FIX_EVENT_NOTE, "no memory for a Logout");
    }
}

void session_first_message(struct fix_session *s)
{
    const struct fix_msg *m = s->msg;
    struct bytes version = { NULL, 0 }, from = { NULL, 0 }, to = { NULL, 0 };
    const char *fault;

    fix_msg_find(m, TAG_BEGIN_STRING, &version);
    fix_msg_find(m, TAG_SENDER_COMP_ID, &from);
    fix_msg_find(m, TAG_TARGET_COMP_ID, &to);
    if (!bytes_is(m->msg_type, "A")) {
        session_down(s, "first message is not a Logon");
        return;
    }
    if (!bytes_equal(from, s->config.their_comp_id) || !bytes_equal(to, s->config.our_comp_id)) {
        session_down(s, "Logon with other CompIDs");
        return;
    }
    if (!bytes_is(version, fix_dict_begin_string(s->config.dict))) {
        fault = "Incorrect BeginString";
    } else if (m->seq == 0) {
        fault = "MsgSeqNum missing";
    } else {
        fault = logon_fault(s);
    }
    if (fault == NULL) {
        await_shell(s);
        return;
    }
    send_refusal(s, fault);
    session_down(s, fault);
}

bool session_logon_again(struct fix_session *s)
{
    const char *fault;

    /* FIX 4.4 vol. 2, "24 hour connectivity": numbers may be reset within a session. */
    if (s->state != FIX_UP || !bytes_is(s->msg->msg_type, "A") ||
        !session_flag(s->msg, TAG_RESET_SEQ_NUM_FLAG) || session_flag(s->msg, TAG_POSS_DUP_FLAG)) {
        return false;
    }
    fault = logon_fault(s);
    if (fault == NULL) {
        await_shell(s);
    } else {
        session_send_logout(s, fault, true);
    }
    return true;
}

/* ---- the shell's answer -------------------------------------------------------------------- */

void fix_session_refuse(struct fix_session *s, const char *text, const struct instant *now)
{
    if (!s->logon.awaited) {
        return; /* it timed out meanwhile */
    }
    session_begin(s, now);
    s->logon.awaited = false;
    if (s->state == FIX_UP) {
        session_send_logout(s, text, false);
        session_settle(s);
        return;
    }
    if (text != NULL && text[0] != '\0') {
        send_refusal(s, text);
    }
    session_down(s, "Logon refused");
}

void fix_session_echo(struct fix_session *s, struct bytes fields)
{
    struct logon *l = &s->logon;

    l->echo_size = fields.size <= sizeof l->echo ? fields.size : 0;
    if (l->echo_size > 0) {
        memcpy(l->echo, fields.data, l->echo_size);
    }
}

static void answer(struct fix_session *s)
{
    const struct logon *l = &s->logon;
    struct fix_body b;

    fix_body_start(&b, "A", &s->body);
    fix_body_uint(&b, TAG_ENCRYPT_METHOD, 0);
    fix_body_uint(&b, TAG_HEART_BT_INT, l->heartbeat_s);
    if (l->reset) {
        fix_body_bool(&b, TAG_RESET_SEQ_NUM_FLAG, true);
    }
    if (l->has_next_expected || s->config.send_next_expected) {
        fix_body_uint(&b, TAG_NEXT_EXPECTED_MSG_SEQ_NUM, s->next_in);
    }
    buf_bytes(&s->body, (struct bytes){ l->echo, l->echo_size });
    session_send_admin(s, &b);
}

/* Numbers that do not fit; authenticated by now, so the peer is told, in QuickFIX's words. */
static bool numbers_fit(struct fix_session *s)
{
    const struct logon *l = &s->logon;

    if (l->seq < s->next_in) {
        if (l->poss_dup) {
            session_down(s, "Logon is a duplicate");
            return false;
        }
        session_too_low(s, l->seq);
        return false;
    }
    if (l->has_next_expected && l->next_expected > s->next_out) {
        const char *text =
            session_reason(s,
                           "NextExpectedMsgSeqNum (789) too high, expecting at most %" PRIu64
                           " but received %" PRIu64,
                           s->next_out, l->next_expected);

        session_send_logout(s, text, false);
        return false;
    }
    return true;
}

/* The Logon itself was early: it is answered, but numbers before it are missing. */
static void recover_gap(struct fix_session *s)
{
    const struct logon *l = &s->logon;

    /* Only its number is kept: this Logon has been dealt with. Cannot be full, it is the first. */
    if (fix_early_put(&s->early, l->seq, (struct bytes){ NULL, 0 }, FIX_EARLY_MAX) ==
        FIX_EARLY_FULL) {
        session_event(s, FIX_EVENT_NOTE, "no memory for an early Logon");
    }
    if (l->has_next_expected) {
        /* 789 in our answer has told the peer where to start: no ResendRequest beside it. */
        session_gap_asked(s, l->seq);
    } else {
        session_ask_resend(s, l->seq);
    }
}

static void come_up(struct fix_session *s, bool again)
{
    struct logon *l = &s->logon;
    uint64_t first_missing = l->has_next_expected ? l->next_expected : s->next_out;

    s->state = FIX_UP;
    s->was_up = true;
    s->logged_out = false;
    s->heartbeat_us = (int64_t)l->heartbeat_s * US_PER_S;
    s->resend.live_at = s->next_out;
    bool early = l->seq > s->next_in;
    if (!early) {
        session_advance(s, l->seq + 1);
    }
    uint64_t logon_out = s->next_out;
    answer(s);
    if (again) {
        session_event(s, FIX_EVENT_NOTE, "numbers reset by a Logon within the session");
    } else {
        session_event(s, FIX_EVENT_UP, NULL);
    }
    if (early) {
        recover_gap(s);
    }
    if (first_missing > 0 && first_missing < logon_out) {
        session_resend_start(s, first_missing, logon_out - 1);
    }
}

void fix_session_accept(struct fix_session *s, const struct instant *now)
{
    bool again = s->state == FIX_UP;

    if (!s->logon.awaited) {
        return; /* it timed out meanwhile */
    }
    session_begin(s, now);
    s->logon.awaited = false;
    if (s->logon.reset || s->config.reset_on_logon) {
        session_resend_cancel(s);
        fix_early_clear(&s->early);
        s->gap = (struct gap){ .retry_us = NEVER_US };
        /* What the peer expected before the reset is void. */
        s->logon.has_next_expected = s->logon.has_next_expected && s->logon.next_expected == 1;
        if (!session_reset_store(s)) {
            return;
        }
    }
    if (numbers_fit(s)) {
        come_up(s, again);
    }
    session_settle(s);
}
