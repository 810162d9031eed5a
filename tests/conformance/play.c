/*
 * Runs a session for a script. Collects what comes out; judges nothing.
 */
#include "play.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the store ----------------------------------------------------------------------------- */

static bool keep(struct flaky_store *f, bool done)
{
    f->base.next_in = f->inner->next_in;
    f->base.next_out = f->inner->next_out;
    return done;
}

static bool flaky_append(struct fix_store *st, uint64_t seq, struct bytes message)
{
    struct flaky_store *f = (struct flaky_store *)st;

    return !f->fails && keep(f, f->inner->ops->append(f->inner, seq, message));
}

static bool flaky_set_next(struct fix_store *st, uint64_t next_in, uint64_t next_out)
{
    struct flaky_store *f = (struct flaky_store *)st;

    return !f->fails && keep(f, f->inner->ops->set_next(f->inner, next_in, next_out));
}

static bool flaky_read(struct fix_store *st, uint64_t seq, struct bytes *message)
{
    struct flaky_store *f = (struct flaky_store *)st;

    return f->inner->ops->read(f->inner, seq, message);
}

static bool flaky_reset(struct fix_store *st)
{
    struct flaky_store *f = (struct flaky_store *)st;

    return !f->fails && keep(f, f->inner->ops->reset(f->inner));
}

/* Each at the second asking. */
static bool flaky_ready(struct fix_store *st, uint64_t seq)
{
    struct flaky_store *f = (struct flaky_store *)st;
    bool ready = f->fetched == seq;

    f->fetched = seq;
    return ready;
}

const struct fix_store_ops flaky_ops = {
    .append = flaky_append,
    .set_next = flaky_set_next,
    .read = flaky_read,
    .ready = flaky_ready,
    .reset = flaky_reset,
};

/* ---- failing ------------------------------------------------------------------------------- */

void fail(struct play *p, const char *what, struct bytes message)
{
    if (p->failed) {
        return;
    }
    p->failed = true;
    fprintf(stderr, "%s:%u%s: %s", p->file, p->line, p->bytewise ? " (byte by byte)" : "", what);
    if (message.size > 0) {
        fputs(": ", stderr);
        for (size_t i = 0; i < message.size && i < 600; i++) {
            fputc(message.data[i] == '\001' ? '|' : message.data[i], stderr);
        }
    }
    fputc('\n', stderr);
}

void *must(void *memory)
{
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

/* ---- running the session ------------------------------------------------------------------- */

static void note_event(struct play *p, const struct fix_event *e)
{
    struct seen_event *seen = &p->event[p->event_count];
    struct bytes text = e->msg == NULL ? bytes_of(e->reason) : e->msg->raw;

    if (e->kind == FIX_EVENT_NOTE || e->kind == FIX_EVENT_LOGON || e->kind == FIX_EVENT_UP) {
        size_t used = strlen(p->notes);

        snprintf(p->notes + used, sizeof p->notes - used, "%s\n",
                 e->kind == FIX_EVENT_NOTE ? e->reason
                 : e->kind == FIX_EVENT_UP ? "UP"
                                           : "LOGON");
        return;
    }
    if (p->event_count == EVENTS_MAX) {
        fail(p, "too many events nobody asked for", text);
        return;
    }
    p->event_count++;
    seen->kind = e->kind;
    seen->poss_resend = e->poss_resend;
    seen->size = text.size < sizeof seen->text ? text.size : sizeof seen->text;
    memcpy(seen->text, text.data, seen->size);
    if (e->msg != NULL && text.size < sizeof p->at_hand_raw) {
        memcpy(p->at_hand_raw, text.data, text.size);
        fix_msg_parse(&p->at_hand, (struct bytes){ p->at_hand_raw, text.size });
    }
}

static void pull_events(struct play *p)
{
    struct fix_event e;

    while (fix_session_next(p->session, &e)) {
        note_event(p, &e);
        if (e.kind == FIX_EVENT_LOGON && !p->manual) {
            fix_session_accept(p->session, &p->now);
        }
    }
}

static void take_output(struct play *p)
{
    struct bytes out = fix_session_output(p->session);

    while (out.size > 0) {
        p->output = must(realloc(p->output, p->output_size + out.size));
        memcpy(p->output + p->output_size, out.data, out.size);
        p->output_size += out.size;
        fix_session_wrote(p->session, out.size);
        pull_events(p);
        out = fix_session_output(p->session);
    }
}

void run(struct play *p)
{
    pull_events(p);
    for (unsigned i = 0; i < 100000; i++) {
        if (!p->hold) {
            take_output(p);
        }
        if (fix_session_can_resend(p->session)) {
            (void)fix_session_resend(p->session, &p->now);
        } else if (fix_session_deadline(p->session) <= p->now.mono_us) {
            fix_session_tick(p->session, &p->now);
        } else {
            return;
        }
        pull_events(p);
    }
    fail(p, "the session always has something due", BYTES(""));
}

static void feed_available(struct play *p, size_t available)
{
    for (;;) {
        struct bytes in = { p->input, available };
        size_t used = fix_session_feed(p->session, in, &p->now);

        run(p);
        if (used == 0) {
            return;
        }
        memmove(p->input, p->input + used, p->input_size - used);
        p->input_size -= used;
        available -= used;
    }
}

void feed(struct play *p)
{
    if (!p->bytewise) {
        feed_available(p, p->input_size);
        return;
    }
    size_t left = p->input_size;
    size_t shown = 0;
    while (left-- > 0) {
        size_t before = p->input_size;

        feed_available(p, ++shown);
        shown -= before - p->input_size;
    }
}
