/*
 * What was sent before, sent again; and what waits behind that.
 *
 *     numbers   1 ... begin ........ at ........ end ... live_at ............ next_out
 *               sent        replayed     to replay       numbered and stored,
 *               once                                     waiting for the replay to end
 *
 * Messages are read from the store one at a time, while the output holds less than FIX_OUTPUT_LOW
 * and at most FIX_RESEND_CHUNK a call: a million of them cost no memory and keep nobody else
 * waiting. Numbers with nothing to replay are merged into one SequenceReset-GapFill.
 */
#include "fix_session_impl.h"

#include <stdlib.h>

#include "fix_tags.h"

/* ---- a stored frame, taken apart ----------------------------------------------------------- */

struct stored {
    struct bytes msg_type, sending_time;
    struct bytes body;
    char kept[2 * FIX_ID_MAX * 6]; /* header fields that stay as they were */
    size_t kept_size;
};

/* What compose() writes itself and a replay writes anew. */
static bool is_rewritten(uint32_t tag)
{
    switch (tag) {
    case TAG_BEGIN_STRING:
    case TAG_BODY_LENGTH:
    case TAG_MSG_TYPE:
    case TAG_SENDER_COMP_ID:
    case TAG_TARGET_COMP_ID:
    case TAG_MSG_SEQ_NUM:
    case TAG_SENDING_TIME:
    case TAG_POSS_DUP_FLAG:
    case TAG_ORIG_SENDING_TIME:
    case TAG_LAST_MSG_SEQ_NUM_PROCESSED: return true;
    default: return false;
    }
}

static bool is_kept(uint32_t tag)
{
    return tag == TAG_TARGET_SUB_ID || tag == TAG_DELIVER_TO_COMP_ID ||
           tag == TAG_DELIVER_TO_SUB_ID || tag == TAG_TARGET_LOCATION_ID ||
           tag == TAG_DELIVER_TO_LOCATION_ID || tag == TAG_POSS_RESEND;
}

/* The tag at the start of `rest`, and the size of its whole field with SOH; 0: no field there. */
static size_t field_at(struct bytes rest, uint32_t *tag, struct bytes *value)
{
    size_t at = 0;

    *tag = 0;
    for (; at < rest.size && rest.data[at] >= '0' && rest.data[at] <= '9' && at < 6; at++) {
        *tag = *tag * 10 + (uint32_t)(rest.data[at] - '0');
    }
    if (at == rest.size || rest.data[at] != '=') {
        return 0;
    }
    const char *from = rest.data + at + 1;
    const char *end = memchr(from, '\001', rest.size - at - 1);
    if (end == NULL) {
        return 0;
    }
    *value = (struct bytes){ from, (size_t)(end - from) };
    return (size_t)(end - rest.data) + 1;
}

/* Our own frames hold no data fields in the header. False: not a frame of ours. */
static bool take_apart(struct stored *out, struct bytes frame)
{
    static const size_t trailer = 7; /* 10=nnn| */
    struct bytes rest, value;
    uint32_t tag;
    size_t size;

    out->kept_size = 0;
    out->msg_type.size = 0;
    out->sending_time.size = 0;
    if (frame.size < trailer) {
        return false;
    }
    rest = (struct bytes){ frame.data, frame.size - trailer };
    while (rest.size > 0) {
        size = field_at(rest, &tag, &value);
        if (size == 0 || (!is_rewritten(tag) && !is_kept(tag))) {
            break;
        }
        if (tag == TAG_MSG_TYPE) {
            out->msg_type = value;
        } else if (tag == TAG_SENDING_TIME) {
            out->sending_time = value;
        } else if (is_kept(tag) && out->kept_size + size <= sizeof out->kept) {
            memcpy(out->kept + out->kept_size, rest.data, size);
            out->kept_size += size;
        }
        rest = (struct bytes){ rest.data + size, rest.size - size };
    }
    out->body = rest;
    return out->msg_type.size > 0 && out->sending_time.size > 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

static bool write_again(struct fix_session *s, uint64_t seq, struct bytes frame, bool poss_dup)
{
    struct stored stored;
    struct bytes written;

    if (!take_apart(&stored, frame)) {
        return false;
    }
    const struct outgoing o = {
        .msg_type = stored.msg_type,
        .seq = seq,
        .header = { stored.kept, stored.kept_size },
        .orig_time = poss_dup ? stored.sending_time : (struct bytes){ NULL, 0 },
        .body = stored.body,
    };
    s->sent_us = s->now.mono_us;
    return session_compose(s, &o, &written);
}

static void write_gap_fill(struct fix_session *s, uint64_t seq, uint64_t next, bool poss_dup)
{
    char stamp[STAMP_MAX + 4];
    struct fix_body b;
    struct bytes written;

    fix_body_start(&b, "4", &s->body);
    fix_body_bool(&b, TAG_GAP_FILL_FLAG, true);
    fix_body_uint(&b, TAG_NEW_SEQ_NO, next);
    const struct outgoing o = {
        .msg_type = BYTES("4"),
        .seq = seq,
        .body = buf_view(&s->body),
        .orig_time = poss_dup ? session_stamp(s, stamp) : (struct bytes){ NULL, 0 },
    };
    s->sent_us = s->now.mono_us;
    if (!session_compose(s, &o, &written)) {
        session_down(s, "no room for a message of the session");
    }
}

static void end_gap(struct fix_session *s)
{
    struct resend *r = &s->resend;

    if (r->gap_from != 0) {
        write_gap_fill(s, r->gap_from, r->at, true);
        r->gap_from = 0;
    }
}

/* ---- one step ------------------------------------------------------------------------------ */

static void step_replay(struct fix_session *s)
{
    struct resend *r = &s->resend;
    struct bytes frame;

    if (r->at > r->end) {
        end_gap(s);
        r->active = false;
        return;
    }
    if (s->store->ops->read(s->store, r->at, &frame)) {
        end_gap(s); /* touches no store: frame stays valid */
        if (!write_again(s, r->at, frame, true)) {
            r->gap_from = r->at;
        }
    } else if (r->gap_from == 0) {
        r->gap_from = r->at;
    }
    r->at++;
}

static void step_live(struct fix_session *s)
{
    struct resend *r = &s->resend;
    struct deferred *first = r->first;
    uint64_t seq = r->live_at++;
    struct bytes frame;
    bool written;

    if (first != NULL && first->seq == seq) {
        written = write_again(s, seq, (struct bytes){ first->frame, first->size }, false);
        r->first = first->next;
        r->last = r->first == NULL ? NULL : r->last;
        r->deferred_bytes -= first->size;
        free(first);
    } else {
        written = s->store->ops->read(s->store, seq, &frame) && write_again(s, seq, frame, false);
    }
    if (!written) {
        write_gap_fill(s, seq, seq + 1, false);
    }
}

static void begin_range(struct resend *r, uint64_t begin, uint64_t end)
{
    r->active = true;
    r->begin = begin;
    r->end = end;
    r->at = begin;
    r->gap_from = 0;
}

bool session_can_resend(const struct fix_session *s)
{
    const struct resend *r = &s->resend;

    return r->active || r->again || (r->live_at < s->next_out && s->state == FIX_UP);
}

static bool is_ready(const struct fix_session *s, uint64_t seq)
{
    return s->store->ops->ready == NULL || s->store->ops->ready(s->store, seq);
}

static enum fix_resend step(struct fix_session *s)
{
    struct resend *r = &s->resend;

    if (r->active) {
        if (r->at <= r->end && !is_ready(s, r->at)) {
            return FIX_RESEND_LATER;
        }
        step_replay(s);
    } else if (r->again) {
        r->again = false;
        begin_range(r, r->again_begin, r->again_end);
    } else if (session_can_resend(s)) {
        if (!is_ready(s, r->live_at)) {
            return FIX_RESEND_LATER;
        }
        step_live(s);
    } else {
        return FIX_RESEND_ENOUGH;
    }
    return FIX_RESEND_MORE;
}

bool session_behind(const struct fix_session *s)
{
    return s->resend.active || s->resend.again || s->resend.live_at < s->next_out;
}

enum fix_resend session_resend_pump(struct fix_session *s)
{
    enum fix_resend result = FIX_RESEND_MORE;

    for (unsigned i = 0; result == FIX_RESEND_MORE && i < FIX_RESEND_CHUNK; i++) {
        result = s->state != FIX_OFFLINE && session_pending(s) < FIX_OUTPUT_LOW ? step(s)
                                                                                : FIX_RESEND_ENOUGH;
    }
    return result;
}

void session_resend_start(struct fix_session *s, uint64_t begin, uint64_t end)
{
    struct resend *r = &s->resend;

    if (!r->active) {
        begin_range(r, begin, end);
        (void)session_resend_pump(s); /* a short one is over with this */
    } else if (begin == r->begin && end == r->end) {
        session_event(s, FIX_EVENT_NOTE, "the same ResendRequest again while it is being answered");
    } else if (begin >= r->at) {
        r->end = end > r->end ? end : r->end; /* still ahead of us */
    } else if (!r->again) {
        r->again = true;
        r->again_begin = begin;
        r->again_end = end;
    } else {
        r->again_begin = begin < r->again_begin ? begin : r->again_begin;
        r->again_end = end > r->again_end ? end : r->again_end;
    }
}

void session_resend_cancel(struct fix_session *s)
{
    struct resend *r = &s->resend;

    while (r->first != NULL) {
        struct deferred *d = r->first;

        r->first = d->next;
        free(d);
    }
    *r = (struct resend){ .live_at = s->next_out };
}

void session_defer(struct fix_session *s, uint64_t seq, struct bytes frame)
{
    struct resend *r = &s->resend;
    struct deferred *d;

    if (r->deferred_bytes + frame.size > FIX_EARLY_BYTES_MAX) {
        return;
    }
    d = malloc(sizeof *d + frame.size);
    if (d == NULL) {
        return;
    }
    *d = (struct deferred){ .seq = seq, .size = frame.size };
    memcpy(d->frame, frame.data, frame.size);
    *(r->last == NULL ? &r->first : &r->last->next) = d;
    r->last = d;
    r->deferred_bytes += frame.size;
}
