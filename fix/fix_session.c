/*
 * Life of a session: what the shell calls, time, events, and the two numbers. What is said on the
 * wire is in the other fix_session_*.c files; see fix_session_impl.h.
 *
 * Each public call that can change something runs between session_begin() and finish(): finish()
 * puts changed numbers into the store once; if the store refuses, the output and the events of the
 * call are taken back.
 */
#include "fix_session_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "fix_frame.h"

/* With consumed bytes at the front of the buffer, and one message over the mark. */
#define OUT_CAPACITY_MAX (2 * FIX_OUTPUT_MAX + 2 * FIX_MESSAGE_MAX)

void fix_session_config_defaults(struct fix_session_config *c)
{
    c->validate = fix_validate_defaults;
    c->heartbeat_min_s = 5;
    c->heartbeat_max_s = 60;
    c->heartbeat_zero_allowed = false;
    c->logon_timeout_ms = 10 * 1000;
    c->clock_skew_max_s = 30;
    c->time_digits = 3;
    c->reset_on_logon = false;
    c->reset_on_logout = false;
    c->reset_on_disconnect = false;
    c->reset_by_client_allowed = true;
    c->send_next_expected = false;
    c->send_last_processed = false;
    c->test_environment = false;
    c->early_max = FIX_EARLY_MAX;
    c->output_max = FIX_OUTPUT_MAX;
}

struct fix_session *fix_session_new(const struct fix_session_config *c, struct fix_store *store)
{
    struct fix_session *s;

    ASSERT(c->time_digits == 3 || c->time_digits == 6 || c->time_digits == 9);
    ASSERT(c->early_max <= FIX_EARLY_MAX);
    ASSERT(c->output_max <= FIX_OUTPUT_MAX);
    if (c->our_comp_id.size > FIX_ID_MAX || c->their_comp_id.size > FIX_ID_MAX) {
        return NULL;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->config = *c;
    if (s->config.output_max == 0) {
        s->config.output_max = FIX_OUTPUT_MAX;
    }
    s->store = store;
    s->next_in = store->next_in;
    s->next_out = store->next_out;
    s->resend.live_at = s->next_out;
    s->gap.retry_us = NEVER_US;
    s->stamp_second = INT64_MIN;
    buf_init(&s->out, OUT_CAPACITY_MAX);
    buf_init(&s->body, FIX_MESSAGE_MAX);
    s->ids_size = (size_t)snprintf(s->ids, sizeof s->ids,
                                   "49=%.*s\001"
                                   "56=%.*s\001",
                                   BYTES_ARG(c->our_comp_id), BYTES_ARG(c->their_comp_id));
    return s;
}

void fix_session_free(struct fix_session *s)
{
    if (s == NULL) {
        return;
    }
    fix_early_clear(&s->early);
    session_resend_cancel(s);
    buf_fini(&s->out);
    buf_fini(&s->body);
    free(s->early_data);
    free(s->msg);
    free(s);
}

enum fix_session_state fix_session_state(const struct fix_session *s)
{
    return s->state;
}

uint64_t fix_session_next_in(const struct fix_session *s)
{
    return s->next_in;
}

uint64_t fix_session_next_out(const struct fix_session *s)
{
    return s->next_out;
}

/* ---- events -------------------------------------------------------------------------------- */

void session_event(struct fix_session *s, enum fix_event_kind kind, const char *reason)
{
    /* Notes are the only events a shell could pile up by not pulling; they may be lost. */
    if (kind == FIX_EVENT_NOTE && s->event_count >= EVENTS_MAX / 2) {
        return;
    }
    ASSERT(s->event_count < EVENTS_MAX);
    s->event[(s->event_first + s->event_count++) % EVENTS_MAX] =
        (struct fix_event){ .kind = kind, .reason = reason };
}

void session_message_event(struct fix_session *s, enum fix_event_kind kind, bool poss_resend)
{
    session_event(s, kind, NULL);
    struct fix_event *event = &s->event[(s->event_first + s->event_count - 1) % EVENTS_MAX];
    event->msg = s->msg;
    event->poss_resend = poss_resend;
}

const char *session_reason(struct fix_session *s, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(s->reason, sizeof s->reason, format, arguments);
    va_end(arguments);
    return s->reason;
}

/* ---- numbers ------------------------------------------------------------------------------- */

void session_begin(struct fix_session *s, const struct instant *now)
{
    s->now = *now;
    s->out_mark = s->out.size;
    s->event_mark = s->event_count;
}

void session_advance(struct fix_session *s, uint64_t next)
{
    s->next_in = next;
    if (s->gap.asked && s->heartbeat_us > 0) {
        s->gap.retry_us = s->now.mono_us + s->heartbeat_us;
    }
}

/* Whether the running call has ended the session already. */
static bool down_in_this_call(const struct fix_session *s)
{
    for (size_t i = s->event_mark; i < s->event_count; i++) {
        if (s->event[(s->event_first + i) % EVENTS_MAX].kind == FIX_EVENT_DOWN) {
            return true;
        }
    }
    return false;
}

void session_store_failed(struct fix_session *s)
{
    bool told = down_in_this_call(s);

    s->out.size = s->out_mark;
    s->event_count = s->event_mark;
    s->was_up = false; /* the store is in no state to be reset */
    if (told) {
        session_event(s, FIX_EVENT_DOWN, "store failed");
    }
    session_down(s, "store failed");
    s->next_in = s->store->next_in;
    s->next_out = s->store->next_out;
}

bool session_settle(struct fix_session *s)
{
    if (s->next_in == s->store->next_in && s->next_out == s->store->next_out) {
        return true;
    }
    if (s->store->ops->set_next(s->store, s->next_in, s->next_out)) {
        return true;
    }
    session_store_failed(s);
    return false;
}

bool session_reset_store(struct fix_session *s)
{
    if (!s->store->ops->reset(s->store)) {
        session_store_failed(s);
        return false;
    }
    s->next_in = s->store->next_in;
    s->next_out = s->store->next_out;
    s->resend.live_at = s->next_out;
    return true;
}

/* ---- up and down --------------------------------------------------------------------------- */

static void finish(struct fix_session *s)
{
    session_check_slow(s);
    session_settle(s);
}

void session_down(struct fix_session *s, const char *reason)
{
    bool reset = s->was_up &&
                 (s->config.reset_on_disconnect || (s->config.reset_on_logout && s->logged_out));

    if (s->state == FIX_OFFLINE) {
        return;
    }
    s->state = FIX_OFFLINE;
    s->was_up = false;
    s->logged_out = false;
    s->logon.awaited = false;
    s->gap = (struct gap){ .retry_us = NEVER_US };
    fix_early_clear(&s->early);
    session_resend_cancel(s);
    session_event(s, FIX_EVENT_DOWN, reason);
    if (reset) {
        session_reset_store(s);
    }
}

static void drop_output(struct fix_session *s)
{
    buf_fini(&s->out);
    buf_init(&s->out, OUT_CAPACITY_MAX);
    s->out_head = 0;
    s->out_mark = 0;
}

void fix_session_connect(struct fix_session *s, const struct instant *now)
{
    ASSERT(s->state == FIX_OFFLINE);
    drop_output(s);
    s->event_count = 0;
    session_begin(s, now);
    s->heartbeat_us = 0;
    s->test_sent = false;
    s->since_us = now->mono_us;
    s->received_us = now->mono_us;
    s->sent_us = now->mono_us;
    s->state = FIX_CONNECTED;
    if (s->msg == NULL) {
        s->msg = malloc(sizeof *s->msg);
        if (s->msg == NULL) {
            session_down(s, "out of memory");
        }
    }
}

void fix_session_disconnect(struct fix_session *s, const char *reason, const struct instant *now)
{
    session_begin(s, now);
    if (s->state != FIX_OFFLINE) {
        session_down(s, session_reason(s, "%s", reason == NULL ? "connection lost" : reason));
    }
    drop_output(s);
    finish(s);
}

/* ---- bytes in, events out ------------------------------------------------------------------ */

/* A stream that can no longer be cut into messages. */
static void stream_lost(struct fix_session *s, const char *reason)
{
    if (s->state == FIX_CONNECTED) {
        session_down(s, reason);
    } else {
        session_send_logout(s, reason, false);
    }
}

size_t fix_session_feed(struct fix_session *s, struct bytes input, const struct instant *now)
{
    struct fix_frame frame;

    if (s->state == FIX_OFFLINE) {
        return input.size;
    }
    if (s->logon.awaited || s->event_count > 0 || input.size == 0) {
        return 0; /* first the events of what was fed before */
    }
    frame = fix_frame_find(input, FIX_MESSAGE_MAX);
    if (frame.kind == FIX_FRAME_PARTIAL) {
        return 0;
    }
    session_begin(s, now);
    switch (frame.kind) {
    case FIX_FRAME_COMPLETE:
        s->received_us = now->mono_us;
        s->test_sent = false;
        session_receive(s, frame.message);
        break;
    case FIX_FRAME_GARBLED:
        if (s->state == FIX_CONNECTED) {
            session_down(s, frame.reason);
        } else {
            session_event(s, FIX_EVENT_NOTE, frame.reason);
        }
        break;
    case FIX_FRAME_FATAL:
        stream_lost(s, frame.reason);
        frame.size = input.size;
        break;
    case FIX_FRAME_PARTIAL: break;
    }
    finish(s);
    return frame.size;
}

/* One of the messages that had been early and whose turn has come; false: none. */
static bool take_early(struct fix_session *s)
{
    struct fix_early_entry entry;

    if (!fix_early_take(&s->early, s->next_in, &entry)) {
        if (s->gap.asked && fix_early_empty(&s->early) && s->next_in >= s->gap.until) {
            s->gap = (struct gap){ .retry_us = NEVER_US };
        }
        return false;
    }
    free(s->early_data);
    s->early_data = entry.data;
    if (entry.size == 0) {
        session_advance(s, entry.seq + 1);
    } else {
        s->parse_error = fix_msg_parse(s->msg, (struct bytes){ entry.data, entry.size });
        session_in_turn(s);
    }
    return true;
}

bool fix_session_next(struct fix_session *s, struct fix_event *event)
{
    while (s->event_count == 0) {
        if ((s->state != FIX_UP && s->state != FIX_LOGOUT_SENT) || s->logon.awaited) {
            return false;
        }
        struct instant now = s->now;
        session_begin(s, &now);
        bool taken = take_early(s);
        finish(s);
        if (!taken && s->event_count == 0) {
            return false;
        }
    }
    *event = s->event[s->event_first];
    s->event_first = (s->event_first + 1) % EVENTS_MAX;
    s->event_count--;
    return true;
}

/* ---- time ---------------------------------------------------------------------------------- */

static void tick_gap(struct fix_session *s)
{
    if (s->gap.asked && s->now.mono_us >= s->gap.retry_us) {
        session_event(s, FIX_EVENT_NOTE, "resend request made no progress, asked again");
        s->gap.asked = false;
        session_ask_resend(s, s->gap.until);
    }
}

static void tick_up(struct fix_session *s)
{
    int64_t silent_us = s->now.mono_us - s->received_us;

    if (s->heartbeat_us > 0) {
        if (silent_us >= s->heartbeat_us * 12 / 5) {
            session_down(s, "no message received for 2.4 heartbeat intervals");
            return;
        }
        if (silent_us >= s->heartbeat_us * 6 / 5 && !s->test_sent) {
            session_send_test_request(s);
        }
        tick_gap(s);
        if (s->now.mono_us - s->sent_us >= s->heartbeat_us && !session_behind(s)) {
            session_send_heartbeat(s, (struct bytes){ NULL, 0 });
        }
    }
}

void fix_session_tick(struct fix_session *s, const struct instant *now)
{
    int64_t timeout_us = s->since_us + (int64_t)s->config.logon_timeout_ms * US_PER_MS;

    session_begin(s, now);
    switch (s->state) {
    case FIX_OFFLINE: return;
    case FIX_CONNECTED:
        if (now->mono_us >= timeout_us) {
            session_down(s, "no Logon in time");
        }
        break;
    case FIX_UP: tick_up(s); break;
    case FIX_LOGOUT_SENT:
        if (now->mono_us >= timeout_us) {
            session_down(s, "no answer to Logout in time");
        }
        break;
    }
    finish(s);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t fix_session_deadline(const struct fix_session *s)
{
    int64_t at = NEVER_US;

    switch (s->state) {
    case FIX_OFFLINE: return NEVER_US;
    case FIX_CONNECTED:
    case FIX_LOGOUT_SENT: return s->since_us + (int64_t)s->config.logon_timeout_ms * US_PER_MS;
    case FIX_UP: break;
    }
    if (s->heartbeat_us > 0) {
        int64_t silence_us = s->test_sent ? s->heartbeat_us * 12 / 5 : s->heartbeat_us * 6 / 5;

        at = earlier(at, s->received_us + silence_us);
        at = earlier(at, s->gap.retry_us);
        if (!session_behind(s)) {
            at = earlier(at, s->sent_us + s->heartbeat_us);
        }
    }
    return at;
}

/* ---- bytes out ----------------------------------------------------------------------------- */

size_t session_pending(const struct fix_session *s)
{
    return s->out.size - s->out_head;
}

struct bytes fix_session_output(const struct fix_session *s)
{
    if (session_pending(s) == 0) {
        return (struct bytes){ NULL, 0 };
    }
    return (struct bytes){ s->out.data + s->out_head, session_pending(s) };
}

void fix_session_wrote(struct fix_session *s, size_t n)
{
    ASSERT(n <= session_pending(s));
    s->out_head += n;
    if (s->out_head == s->out.size) {
        buf_clear(&s->out);
        s->out_head = 0;
    } else if (s->out_head > s->out.size / 2) {
        buf_consume(&s->out, s->out_head); /* moves less than was written: constant cost a byte */
        s->out_head = 0;
    }
}

bool fix_session_is_behind(const struct fix_session *s)
{
    return s->state != FIX_OFFLINE && session_behind(s);
}

bool fix_session_can_resend(const struct fix_session *s)
{
    return s->state != FIX_OFFLINE && session_can_resend(s) && session_pending(s) < FIX_OUTPUT_LOW;
}

enum fix_resend fix_session_resend(struct fix_session *s, const struct instant *now)
{
    enum fix_resend result;

    if (s->state == FIX_OFFLINE) {
        return FIX_RESEND_ENOUGH;
    }
    session_begin(s, now);
    result = session_resend_pump(s);
    finish(s);
    return result;
}

/* ---- what the shell asks for --------------------------------------------------------------- */

void fix_session_logout(struct fix_session *s, const char *text, const struct instant *now)
{
    session_begin(s, now);
    switch (s->state) {
    case FIX_UP: session_send_logout(s, text, true); break;
    case FIX_CONNECTED:
        /* Nothing is said before a Logon. */
        session_down(s, session_reason(s, "%s", text == NULL ? "" : text));
        break;
    case FIX_OFFLINE:
    case FIX_LOGOUT_SENT: break;
    }
    finish(s);
}

bool fix_session_reject(struct fix_session *s, const struct fix_msg *msg, enum fix_reject reason,
                        uint32_t tag, const char *text, const struct instant *now)
{
    session_begin(s, now);
    if (reason == FIX_REJECT_UNKNOWN_MESSAGE) {
        session_send_unknown(s, msg);
    } else {
        session_send_reject(s, msg, reason, tag, text);
    }
    return session_settle(s);
}

bool fix_session_set_next(struct fix_session *s, uint64_t next_in, uint64_t next_out)
{
    if (s->state != FIX_OFFLINE || next_in == 0 || next_out == 0 ||
        !s->store->ops->set_next(s->store, next_in, next_out)) {
        return false;
    }
    s->next_in = next_in;
    s->next_out = next_out;
    s->resend.live_at = next_out;
    return true;
}

bool fix_session_reset(struct fix_session *s)
{
    return s->state == FIX_OFFLINE && session_reset_store(s);
}
