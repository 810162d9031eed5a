/*
 * One handler per administrative message. Each runs when the message is valid and, if nothing else
 * is said, in its turn; it uses up the number (session_consume does nothing out of turn).
 */
#include "fix_session_impl.h"

#include <inttypes.h>

#include "fix_tags.h"

static void heartbeat(struct fix_session *s)
{
    session_consume(s); /* that it arrived was noted already */
}

static void test_request(struct fix_session *s)
{
    struct bytes id = { NULL, 0 };

    session_consume(s);
    fix_msg_find(s->msg, TAG_TEST_REQ_ID, &id);
    session_send_heartbeat(s, id);
}

static void reject(struct fix_session *s)
{
    session_consume(s);
    session_message_event(s, FIX_EVENT_REJECTED, false);
}

/* Only reached without ResetSeqNumFlag, or as a duplicate in its turn. */
static void logon(struct fix_session *s)
{
    if (!session_flag(s->msg, TAG_POSS_DUP_FLAG)) {
        session_send_reject(s, s->msg, FIX_REJECT_OTHER, 0,
                            "Logon not expected: the session is up");
    }
    session_consume(s);
}

void session_admin_logout(struct fix_session *s)
{
    session_consume(s);
    s->logged_out = true;
    if (s->state == FIX_LOGOUT_SENT) {
        session_down(s, "logged out");
    } else {
        session_send_logout(s, "Logout answered", false);
    }
}

/* ---- ResendRequest ------------------------------------------------------------------------- */

/* Also out of turn: FIX 4.4 vol. 2 wants it answered before a gap in front of it is asked about. */
void session_admin_resend_request(struct fix_session *s)
{
    uint64_t begin = 0, end = 0;
    uint64_t sent = s->resend.live_at; /* numbers from here on reach this connection anyway */

    session_consume(s);
    if (fix_msg_get_uint(s->msg, TAG_BEGIN_SEQ_NO, &begin) != FIX_GET_OK || begin == 0) {
        session_send_reject(s, s->msg, FIX_REJECT_VALUE_OUT_OF_RANGE, TAG_BEGIN_SEQ_NO, NULL);
        return;
    }
    if (fix_msg_get_uint(s->msg, TAG_END_SEQ_NO, &end) != FIX_GET_OK || (end != 0 && end < begin)) {
        session_send_reject(s, s->msg, FIX_REJECT_VALUE_OUT_OF_RANGE, TAG_END_SEQ_NO,
                            "EndSeqNo is below BeginSeqNo");
        return;
    }
    if (begin >= s->next_out) {
        session_send_reject(s, s->msg, FIX_REJECT_VALUE_OUT_OF_RANGE, TAG_BEGIN_SEQ_NO,
                            session_reason(s, "BeginSeqNo is beyond the last number sent, %" PRIu64,
                                           s->next_out - 1));
        return;
    }
    if (begin < sent) {
        session_resend_start(s, begin, end == 0 || end >= sent ? sent - 1 : end);
    }
}

/* ---- SequenceReset ------------------------------------------------------------------------- */

/* NewSeqNo; 0 when it is malformed or no number a session could count on from. */
static uint64_t new_seq_no(const struct fix_session *s)
{
    uint64_t new_seq = 0;

    if (fix_msg_get_uint(s->msg, TAG_NEW_SEQ_NO, &new_seq) != FIX_GET_OK || new_seq > SEQ_MAX) {
        return 0;
    }
    return new_seq;
}

static void refuse_new_seq(struct fix_session *s, uint64_t new_seq)
{
    const char *text =
        new_seq == 0
            ? NULL
            : session_reason(s, "Attempt to lower sequence number, invalid value NewSeqNo=%" PRIu64,
                             new_seq);

    session_send_reject(s, s->msg, FIX_REJECT_VALUE_OUT_OF_RANGE, TAG_NEW_SEQ_NO, text);
}

/* GapFill mode, in its turn. */
static void gap_fill(struct fix_session *s)
{
    uint64_t new_seq = new_seq_no(s);

    if (new_seq <= s->msg->seq) {
        refuse_new_seq(s, new_seq);
        session_consume(s);
        return;
    }
    session_advance(s, new_seq);
}

/* FIX 4.4 vol. 2: a SequenceReset in Reset mode is obeyed whatever its own MsgSeqNum. */
void session_admin_reset_mode(struct fix_session *s)
{
    struct fix_verdict verdict =
        fix_validate(s->config.dict, s->msg, s->parse_error, &s->config.validate);
    uint64_t new_seq = new_seq_no(s);

    if (verdict.reason != FIX_REJECT_NONE) {
        session_send_reject(s, s->msg, verdict.reason, verdict.tag, NULL);
        session_consume(s);
        return;
    }
    if (new_seq < s->next_in) {
        refuse_new_seq(s, new_seq);
        return;
    }
    if (new_seq == s->next_in) {
        session_event(s, FIX_EVENT_NOTE, "SequenceReset to the number that was expected anyway");
        return;
    }
    session_event(s, FIX_EVENT_NOTE, "incoming number raised by SequenceReset");
    session_advance(s, new_seq);
}

/* ---- the table ----------------------------------------------------------------------------- */

static const struct {
    char msg_type;
    session_admin_fn *handle;
} handlers[] = {
    { '0', heartbeat }, { '1', test_request }, { '2', session_admin_resend_request },
    { '3', reject },    { '4', gap_fill },     { '5', session_admin_logout },
    { 'A', logon },
};

session_admin_fn *session_admin_find(struct bytes msg_type)
{
    if (msg_type.size != 1) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(handlers); i++) {
        if (handlers[i].msg_type == msg_type.data[0]) {
            return handlers[i].handle;
        }
    }
    return NULL;
}
