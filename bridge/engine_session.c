/*
 * Sessions come and go: what each chose at its Logon, and what is canceled when it is lost (rules
 * of engagement 3.2, 3.10). The choice is journaled, so that a session that does not come back
 * after our own restart is dealt with as it wished.
 */
#include "engine_client.h"

/* Sessions lost within so much time are dealt with in one pass over the live orders: a thousand of
 * them may go at once, with their balancer, and each pass of tens of thousands of orders is a
 * millisecond that everybody waits. */
#define TOGETHER_US (100 * US_PER_MS)

void session_state_init(struct engine *e, uint32_t session)
{
    e->session[session] = (struct session_state){ .choice = e->config.session[session].choice,
                                                  .cancel_us = NEVER_US };
}

static bool same_choice(const struct engine_choice *a, const struct engine_choice *b)
{
    return a->cancel == b->cancel && a->grace_ms == b->grace_ms && a->copy == b->copy;
}

static void commit_choice(struct engine *e, uint32_t session, const struct engine_choice *c,
                          bool armed)
{
    struct record r = { .kind = RECORD_SESSION, .wall_us = e->now.wall_us };

    if (armed == e->session[session].armed && same_choice(c, &e->session[session].choice)) {
        return;
    }
    r.session.session = session;
    r.session.cancel = c->cancel;
    r.session.grace_ms = c->grace_ms;
    r.session.copy = c->copy;
    r.session.armed = armed;
    engine_commit(e, &r);
    copy_count(e);
}

/* Earliest of all. */
static void set_deadline(struct engine *e)
{
    e->down_deadline_us = NEVER_US;
    for (size_t i = 0; i < e->config.session_count; i++) {
        if (e->session[i].cancel_us < e->down_deadline_us) {
            e->down_deadline_us = e->session[i].cancel_us;
        }
    }
}

void session_is_up(struct engine *e, uint32_t session, const struct engine_choice *choice)
{
    struct session_state *s = &e->session[session];

    commit_choice(e, session, choice == NULL ? &e->config.session[session].choice : choice, true);
    s->up = true;
    s->cancel_us = NEVER_US;
    set_deadline(e);
    deadman_sessions_changed(e);
}

void session_is_down(struct engine *e, uint32_t session)
{
    struct session_state *s = &e->session[session];

    s->up = false;
    s->status.on = false;
    trades_unwatch(e, session);
    deadman_sessions_changed(e);
    s->cancel_us = e->now.mono_us + (int64_t)s->choice.grace_ms * US_PER_MS;
    if (s->cancel_us < e->down_deadline_us) {
        e->down_deadline_us = s->cancel_us;
    }
}

/* ---- cancel on disconnect ------------------------------------------------------------------ */

/* It has no ClOrdID, so its end is reported as unsolicited, 378=7 or 4. */
void cancel_unasked(struct engine *e, struct order *o, uint64_t why)
{
    struct record r = { .kind = RECORD_REQUEST, .wall_us = e->now.wall_us };

    r.request.id = o->id;
    r.request.request = e->next_request;
    r.request.what = REQUEST_CANCEL;
    r.request.mass = why;
    engine_commit(e, &r);
    if (o->state == ORDER_TAKEN && !o->in_call) {
        order_cancel_unsent(e, o);
    } else {
        order_schedule(e, o);
    }
}

/* Whether the loss of the session is to cancel this order. Orders of others only when the loss was
 * not dealt with before: a session that stays away must not cancel what others enter meanwhile,
 * whenever we restart. */
static bool is_meant(const struct engine *e, uint32_t session, const struct order *o)
{
    const struct session_state *s = &e->session[session];

    if (o->end_known) {
        return false;
    }
    if (o->session == session) {
        return s->choice.cancel != ENGINE_CANCEL_MARKED || o->terms.cancel_on_disconnect;
    }
    return s->choice.cancel == ENGINE_CANCEL_ACCOUNT && s->armed &&
           client_has_account(e, session, o->account);
}

static void cancel_if_meant(struct engine *e, uint32_t session, struct order *o)
{
    if (is_meant(e, session, o) && request_oldest(o, REQUEST_CANCEL) == NULL) {
        cancel_unasked(e, o, 0);
        e->session[session].canceled++;
    }
}

/* `account_of` < session_count: all orders of that session's accounts; else each order by the
 * session that entered it. */
static void cancel_on(struct engine *e, uint32_t account, uint32_t account_of)
{
    struct order *next;

    for (struct order *o = book_first_live(e->book, account); o != NULL; o = next) {
        next = o->next;
        if (account_of < e->config.session_count) {
            cancel_if_meant(e, account_of, o);
        } else if (o->session < e->config.session_count && e->session[o->session].due) {
            cancel_if_meant(e, o->session, o);
        }
    }
}

static void cancel_on_all(struct engine *e, uint32_t account_of)
{
    for (size_t i = 0; i < e->config.account_count; i++) {
        cancel_on(e, (uint32_t)i, account_of);
    }
}

static void end_due(struct engine *e, uint32_t session)
{
    static const char *const mode[] = { "18=Q", "S", "Y" };
    struct session_state *s = &e->session[session];

    if (s->canceled > 0) {
        engine_note(e, NOTE_WARN, "session.cancel_on_disconnect", "session=%.*s mode=%s orders=%u",
                    BYTES_ARG(e->config.session[session].name), mode[s->choice.cancel],
                    s->canceled);
    }
    s->due = false;
    s->canceled = 0;
    commit_choice(e, session, &s->choice, false);
}

void session_cancel_due(struct engine *e)
{
    size_t count = e->config.session_count;

    if (e->now.mono_us < e->down_deadline_us) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct session_state *s = &e->session[i];

        s->due = s->cancel_us <= e->now.mono_us;
        if (s->due) {
            s->cancel_us = NEVER_US;
        }
    }
    cancel_on_all(e, UINT32_MAX);
    for (size_t i = 0; i < count; i++) {
        if (e->session[i].due && e->session[i].choice.cancel == ENGINE_CANCEL_ACCOUNT) {
            cancel_on_all(e, (uint32_t)i);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (e->session[i].due) {
            end_due(e, (uint32_t)i);
        }
    }
    set_deadline(e);
}
