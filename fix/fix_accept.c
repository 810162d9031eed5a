/*
 * The first message of a connection, looked at without any session.
 */
#include "fix_accept.h"

#include "fix_frame.h"
#include "fix_msg.h"
#include "fix_tags.h"

static struct fix_accept drop(const char *reason)
{
    return (struct fix_accept){ .kind = FIX_ACCEPT_DROP, .reason = reason };
}

static struct fix_accept look_at_message(struct bytes message)
{
    struct fix_msg m;
    struct fix_accept a = { .kind = FIX_ACCEPT_LOGON };
    enum fix_msg_error e = fix_msg_parse(&m, message);

    if (e == FIX_MSG_BAD_TAG || e == FIX_MSG_TOO_MANY_FIELDS) {
        return drop("first message is unreadable");
    }
    if (!bytes_is(m.msg_type, "A")) {
        return drop("first message is not a Logon");
    }
    if (!fix_msg_find(&m, TAG_BEGIN_STRING, &a.begin_string) ||
        !fix_msg_find(&m, TAG_SENDER_COMP_ID, &a.sender_comp_id) || a.sender_comp_id.size == 0 ||
        !fix_msg_find(&m, TAG_TARGET_COMP_ID, &a.target_comp_id) || a.target_comp_id.size == 0) {
        return drop("Logon without SenderCompID or TargetCompID");
    }
    return a;
}

/* Bytes that are no beginning of "8=FIX" will never become a Logon: no need to wait for more. */
static bool may_begin(struct bytes input)
{
    static const char begin[] = "8=FIX";
    size_t size = input.size < sizeof begin - 1 ? input.size : sizeof begin - 1;

    return size == 0 || memcmp(input.data, begin, size) == 0;
}

struct fix_accept fix_accept_look(struct bytes input, size_t message_max)
{
    struct fix_frame frame;

    if (!may_begin(input)) {
        return drop("first bytes are not FIX");
    }
    frame = fix_frame_find(input, message_max);
    switch (frame.kind) {
    case FIX_FRAME_PARTIAL: return (struct fix_accept){ .kind = FIX_ACCEPT_WAIT };
    case FIX_FRAME_COMPLETE: return look_at_message(frame.message);
    case FIX_FRAME_GARBLED:
    case FIX_FRAME_FATAL: break;
    }
    return drop(frame.reason);
}
