/*
 * A message goes out: header and trailer around a body, its number, the store; and the messages a
 * session makes itself. Composing is one pass: the sizes are known before the first byte is
 * written.
 */
#include "fix_session_impl.h"

#include <stdio.h>

#include "assert.h"
#include "fix_tags.h"

#define HEADER_MAX 1280 /* of one frame, without 8 and 9; eleven ids of FIX_ID_MAX */
#define PREFIX_MAX 24   /* 8=FIX.4.4|9=nnnnn| */
#define TRAILER_SIZE 7  /* 10=nnn| */

/* ---- small writers; the caller has made room ----------------------------------------------- */

static char *put(char *p, struct bytes b)
{
    memcpy(p, b.data, b.size);
    return p + b.size;
}

static char *put_uint(char *p, uint64_t value)
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (n > 0) {
        *p++ = digits[--n];
    }
    return p;
}

static char *put_field(char *p, const char *tag, struct bytes value)
{
    p = put(p, bytes_of(tag));
    if (value.size > 0) {
        p = put(p, value);
    }
    *p++ = '\001';
    return p;
}

static char *put_number(char *p, const char *tag, uint64_t value)
{
    p = put(p, bytes_of(tag));
    p = put_uint(p, value);
    *p++ = '\001';
    return p;
}

/* Sum of all bytes, eight at a time: lanes of 16 bits hold 128 rounds without overflow. */
static unsigned checksum(const char *data, size_t size)
{
    const uint64_t low = UINT64_C(0x00ff00ff00ff00ff);
    uint64_t total = 0;

    while (size >= 8) {
        uint64_t lanes = 0;

        for (unsigned round = 0; round < 128 && size >= 8; round++, data += 8, size -= 8) {
            uint64_t word;

            memcpy(&word, data, sizeof word);
            lanes += (word & low) + ((word >> 8) & low);
        }
        total += (lanes & 0xffff) + ((lanes >> 16) & 0xffff);
        total += ((lanes >> 32) & 0xffff) + (lanes >> 48);
    }
    for (; size > 0; data++, size--) {
        total += (unsigned char)*data;
    }
    return (unsigned)(total & 0xff);
}

/* ---- composing ----------------------------------------------------------------------------- */

/* SendingTime; the text of the second is kept, since many messages share it. */
struct bytes session_stamp(struct fix_session *s, char out[STAMP_MAX + 4])
{
    int64_t second = s->now.wall_us / US_PER_S;
    uint32_t fraction = (uint32_t)(s->now.wall_us % US_PER_S);
    unsigned digits = s->config.time_digits;

    if (second != s->stamp_second) {
        timestamp_print(second * US_PER_S, 0, s->stamp);
        s->stamp_second = second;
    }
    memcpy(out, s->stamp, 17); /* YYYYMMDD-HH:MM:SS */
    out[17] = '.';
    for (unsigned i = 6; i > 0; i--) {
        out[17 + i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    memset(out + 24, '0', 3); /* nanoseconds: the clock has none */
    return (struct bytes){ out, 18 + digits };
}

/* The fields between BodyLength and the body; false: too long. */
static bool write_header(struct fix_session *s, const struct outgoing *o, char *out, size_t *size)
{
    char stamp[STAMP_MAX + 4];
    char *p = out;

    if (o->header.size + o->orig_time.size + o->msg_type.size + s->ids_size > HEADER_MAX - 160) {
        return false;
    }
    p = put_field(p, "35=", o->msg_type);
    p = put(p, (struct bytes){ s->ids, s->ids_size });
    p = put_number(p, "34=", o->seq);
    p = put_field(p, "52=", session_stamp(s, stamp));
    if (o->orig_time.size > 0) {
        p = put_field(p, "43=", BYTES("Y"));
        p = put_field(p, "122=", o->orig_time);
    }
    if (o->header.size > 0) {
        p = put(p, o->header);
    }
    if (s->config.send_last_processed && !o->stranger) {
        p = put_number(p, "369=", s->next_in - 1);
    }
    *size = (size_t)(p - out);
    return true;
}

bool session_compose(struct fix_session *s, const struct outgoing *o, struct bytes *frame)
{
    char header[HEADER_MAX];
    size_t header_size;

    if (!write_header(s, o, header, &header_size) ||
        !buf_reserve(&s->out, PREFIX_MAX + header_size + o->body.size + TRAILER_SIZE)) {
        s->out.failed = false; /* sticky; what is in there is whole */
        return false;
    }
    char *start = s->out.data + s->out.size;
    char *p = put(start, BYTES("8=FIX.4.4\001"));
    p = put_number(p, "9=", header_size + o->body.size);
    p = put(p, (struct bytes){ header, header_size });
    if (o->body.size > 0) {
        p = put(p, o->body);
    }
    unsigned sum = checksum(start, (size_t)(p - start));
    p = put(p, BYTES("10="));
    *p++ = (char)('0' + sum / 100);
    *p++ = (char)('0' + sum / 10 % 10);
    *p++ = (char)('0' + sum % 10);
    *p++ = '\001';
    *frame = (struct bytes){ start, (size_t)(p - start) };
    s->out.size += frame->size;
    return true;
}

/* ---- numbered messages --------------------------------------------------------------------- */

#define ROUTING_MAX (5 * (FIX_ID_MAX + 8) + FIX_ROUTE_MAX)

/* Routing fields that answer those of a request; longer ones than FIX_ID_MAX are left out. */
static struct bytes routing(const struct fix_body *b, char out[ROUTING_MAX])
{
    const struct {
        const char *tag;
        struct bytes value;
    } field[] = {
        { "57=", b->target_sub_id },           { "128=", b->deliver_to_comp_id },
        { "129=", b->deliver_to_sub_id },      { "143=", b->target_location_id },
        { "145=", b->deliver_to_location_id },
    };
    char *p = out;

    for (size_t i = 0; i < ARRAY_LEN(field); i++) {
        if (field[i].value.size > 0 && field[i].value.size <= FIX_ID_MAX) {
            p = put_field(p, field[i].tag, field[i].value);
        }
    }
    if (b->route.size > 0 && b->route.size <= FIX_ROUTE_MAX) {
        p = put(p, b->route);
    }
    return (struct bytes){ out, (size_t)(p - out) };
}

/* The frame that was just composed under next_out is sent now, waits behind a resend, or stays in
 * the store: after a Logout only what ends the session is still sent (FIX 4.4 vol. 2, Logout). */
static void number_taken(struct fix_session *s, struct bytes frame, bool in_store)
{
    bool behind = session_behind(s);
    bool sent = s->state == FIX_LOGOUT_SENT ? !in_store : s->state == FIX_UP && !behind;
    uint64_t seq = s->next_out++;

    if (!behind) {
        s->resend.live_at = s->next_out;
    }
    if (sent) {
        s->sent_us = s->now.mono_us;
        return;
    }
    s->out.size -= frame.size;
    if (s->state == FIX_UP && !in_store) {
        session_defer(s, seq, frame); /* its bytes are still there, just past the end */
    }
}

void session_send_admin(struct fix_session *s, const struct fix_body *b)
{
    char header[ROUTING_MAX];
    const struct outgoing o = { .msg_type = bytes_of(b->msg_type),
                                .seq = s->next_out,
                                .header = routing(b, header),
                                .body = buf_view(b->out) };
    struct bytes frame;

    if (b->out->failed || !session_compose(s, &o, &frame)) {
        session_down(s, "no room for a message of the session");
        return;
    }
    number_taken(s, frame, false);
}

static bool send_stored(struct fix_session *s, const struct fix_body *b)
{
    char header[ROUTING_MAX];
    const struct outgoing o = { .msg_type = bytes_of(b->msg_type),
                                .seq = s->next_out,
                                .header = routing(b, header),
                                .body = buf_view(b->out) };
    struct bytes frame;

    /* The store is told of numbers in their order. */
    if (b->out->failed || !session_settle(s) || !session_compose(s, &o, &frame)) {
        return false;
    }
    if (!s->store->ops->append(s->store, o.seq, frame)) {
        session_store_failed(s);
        return false;
    }
    number_taken(s, frame, true);
    return true;
}

bool fix_session_send(struct fix_session *s, const struct fix_body *body, const struct instant *now)
{
    session_begin(s, now);
    if (!send_stored(s, body)) {
        return false;
    }
    session_check_slow(s);
    return session_settle(s);
}

void fix_session_tell(struct fix_session *s, const struct fix_body *body, const struct instant *now)
{
    if (s->state != FIX_UP) {
        return;
    }
    session_begin(s, now);
    session_send_admin(s, body);
    session_check_slow(s);
    (void)session_settle(s); /* a failure is in the events */
}

void session_check_slow(struct fix_session *s)
{
    static const char reason[] = "Slow consumer: too much output is waiting";

    if (s->state == FIX_UP && session_pending(s) > s->config.output_max) {
        session_send_logout(s, reason, false);
    } else if (s->state != FIX_OFFLINE && session_pending(s) > s->config.output_max) {
        session_down(s, reason);
    }
}

/* ---- what a session says itself ------------------------------------------------------------ */

/* FIX 4.4 vol. 2: a Reject is never answered by a Reject; two engines would go on for ever. */
static bool is_reject(const struct fix_msg *m)
{
    return bytes_is(m->msg_type, "3") || bytes_is(m->msg_type, "j");
}

void session_send_reject(struct fix_session *s, const struct fix_msg *m, enum fix_reject reason,
                         uint32_t tag, const char *text)
{
    struct fix_body b;
    char standard[128];

    if (is_reject(m)) {
        session_event(s, FIX_EVENT_NOTE, "invalid reject from the peer, not answered");
        return;
    }
    if (text == NULL || text[0] == '\0') {
        snprintf(standard, sizeof standard, tag == 0 ? "%s" : "%s (%u)", fix_reject_text(reason),
                 tag);
        text = standard;
    }
    fix_body_start(&b, "3", &s->body);
    fix_body_route_back(&b, m);
    fix_body_uint(&b, TAG_REF_SEQ_NUM, m->seq);
    if (tag != 0) {
        fix_body_uint(&b, TAG_REF_TAG_ID, tag);
    }
    fix_body_bytes(&b, TAG_REF_MSG_TYPE, m->msg_type);
    fix_body_uint(&b, TAG_SESSION_REJECT_REASON, (uint64_t)reason);
    fix_body_text(&b, TAG_TEXT, text);
    session_send_admin(s, &b);
}

/* BusinessRejectReason 3. An application message: stored, and replayed on request. */
void session_send_unknown(struct fix_session *s, const struct fix_msg *m)
{
    struct fix_body b;

    fix_body_start(&b, "j", &s->body);
    fix_body_route_back(&b, m);
    fix_body_uint(&b, TAG_REF_SEQ_NUM, m->seq);
    fix_body_bytes(&b, TAG_REF_MSG_TYPE, m->msg_type);
    fix_body_uint(&b, TAG_BUSINESS_REJECT_REASON, 3);
    fix_body_text(&b, TAG_TEXT, "Unsupported Message Type");
    if (!send_stored(s, &b) && s->state != FIX_OFFLINE) {
        session_down(s, "no room for a message of the session");
    }
}

void session_send_heartbeat(struct fix_session *s, struct bytes test_req_id)
{
    struct fix_body b;

    fix_body_start(&b, "0", &s->body);
    fix_body_bytes(&b, TAG_TEST_REQ_ID, test_req_id);
    session_send_admin(s, &b);
}

void session_send_test_request(struct fix_session *s)
{
    struct fix_body b;

    fix_body_start(&b, "1", &s->body);
    fix_body_text(&b, TAG_TEST_REQ_ID, "TEST"); /* QuickFIX's word; any will do */
    session_send_admin(s, &b);
    s->test_sent = true;
}

void session_send_logout(struct fix_session *s, const char *text, bool wait)
{
    struct fix_body b;
    const char *reason = text == NULL || text[0] == '\0' ? "Logout" : text;

    if (s->state == FIX_CONNECTED) {
        s->state = FIX_UP; /* a peer that is let in but whose numbers do not fit */
    } else if (s->state == FIX_LOGOUT_SENT) {
        if (!wait) {
            session_down(s, reason);
        }
        return;
    }
    ASSERT(s->state == FIX_UP);
    session_resend_cancel(s); /* what waits is in the store; a later resend brings it */
    fix_body_start(&b, "5", &s->body);
    fix_body_text(&b, TAG_TEXT, reason);
    session_send_admin(s, &b);
    if (s->state != FIX_UP) {
        return;
    }
    if (wait) {
        s->state = FIX_LOGOUT_SENT;
        s->since_us = s->now.mono_us;
    } else {
        session_down(s, reason);
    }
}
