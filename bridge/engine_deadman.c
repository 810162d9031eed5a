/*
 * The venue's dead man's switch, second line behind cancel on disconnect: a countdown at the venue
 * that cancels all orders of the account unless it is pushed back. It reaches every order of the
 * account, so it is armed only when every session of the account chose 8013=Y, or when the
 * configuration says so (rules of engagement 3.10).
 *
 *     wanted, not armed    record, then the call: from here on it may be armed
 *     armed                pushed back four times within the timeout; each success is recorded, so
 *                          that a restart knows when it would have fired
 *     no longer wanted     disarmed (timeout 0), recorded once the venue said so
 *
 * A planned stop leaves it armed when all chose 8013=Y (then orders are not meant to stay without
 * their clients) and disarms it otherwise.
 */
#include "engine_internal.h"

#define PUSHES 4 /* within one timeout; Kraken suggests 15 to 20 s of 60 s */
#define RETRY_US US_PER_S
/* How long after a gap the venue's list of ended orders may still show what it canceled. */
#define GAP_SLACK_US (30 * US_PER_S)

static int64_t timeout_us(const struct account *a)
{
    return (int64_t)a->cfg->deadman_timeout_s * US_PER_S;
}

static bool has_switch(const struct account *a)
{
    return (a->cfg->driver->features & VENUE_HAS_DEADMAN) != 0 && account_has_op(a, VENUE_DEADMAN);
}

/* ---- whether it is wanted ------------------------------------------------------------------ */

static bool trades(const struct engine *e, size_t session, uint32_t account)
{
    const struct engine_session *s = &e->config.session[session];

    for (size_t i = 0; !e->session[session].choice.copy && i < s->account_count; i++) {
        if (s->account[i] == account) {
            return true;
        }
    }
    return false;
}

void deadman_sessions_changed(struct engine *e)
{
    for (size_t k = 0; k < e->config.account_count; k++) {
        struct deadman *d = &e->account[k].deadman;
        size_t traders = 0, chose = 0;

        d->any_up = false;
        for (size_t i = 0; has_switch(&e->account[k]) && i < e->config.session_count; i++) {
            if (trades(e, i, (uint32_t)k)) {
                traders++;
                chose += e->session[i].choice.cancel == ENGINE_CANCEL_ACCOUNT;
                d->any_up = d->any_up || e->session[i].up;
            }
        }
        d->all_chose = traders > 0 && chose == traders;
    }
}

static bool is_wanted(const struct engine *e, const struct account *a)
{
    const struct deadman *d = &a->deadman;

    switch (a->cfg->deadman) {
    case ENGINE_DEADMAN_OFF: return false;
    case ENGINE_DEADMAN_ON:
        if (!e->draining) {
            return true;
        }
        break;
    case ENGINE_DEADMAN_AUTO: break;
    }
    return d->all_chose && (d->any_up || book_live_count(e->book, a->index) > 0);
}

/* ---- calls --------------------------------------------------------------------------------- */

static void commit_deadman(struct engine *e, const struct account *a, int64_t fires_us)
{
    struct record r = { .kind = RECORD_DEADMAN, .wall_us = e->now.wall_us };

    r.deadman.account = a->index;
    r.deadman.fires_us = fires_us;
    engine_commit(e, &r);
}

/* Not pushed back for half its time: an alarm while something can still be done. */
static void alarm(struct engine *e, struct account *a)
{
    struct deadman *d = &a->deadman;
    int64_t late_us = d->fires_us - timeout_us(a) / 2;

    if (d->fires_us == 0 || d->alarmed || !d->wanted) {
        return;
    }
    if (e->now.wall_us < late_us) {
        wake_at(a, e->now.mono_us + (late_us - e->now.wall_us));
        return;
    }
    d->alarmed = true;
    engine_note(
        e, NOTE_ERROR, "deadman.late",
        "account=%.*s fires_in_ms=%lld: the dead man's switch could not be pushed back; the "
        "venue will cancel all orders of the account",
        BYTES_ARG(a->cfg->name), (long long)((d->fires_us - e->now.wall_us) / US_PER_MS));
}

static void push_back(struct engine *e, struct account *a)
{
    struct deadman *d = &a->deadman;
    struct venue_call c = { .op = VENUE_DEADMAN,
                            .timeout_s = d->wanted ? a->cfg->deadman_timeout_s : 0 };

    if (!account_clock_known(a) || !account_may_call(e, a, &c, RATE_CANCEL)) {
        return;
    }
    if (d->fires_us == 0) {
        commit_deadman(e, a, e->now.wall_us + timeout_us(a));
        engine_note(e, NOTE_INFO, "deadman.armed", "account=%.*s timeout_s=%u",
                    BYTES_ARG(a->cfg->name), a->cfg->deadman_timeout_s);
    }
    if (call_start(e, a, CALL_DEADMAN, &c, 0, NULL, 0) != NULL) {
        d->asking = true;
    }
}

void account_run_deadman(struct engine *e, struct account *a)
{
    struct deadman *d = &a->deadman;
    bool wanted;

    if (!e->started || !has_switch(a)) {
        return;
    }
    wanted = is_wanted(e, a);
    if (wanted != d->wanted) {
        d->wanted = wanted;
        d->next_us = e->now.mono_us;
    }
    if (!wanted && d->fires_us == 0) {
        return;
    }
    alarm(e, a);
    if (!d->asking && is_due(e, a, d->next_us)) {
        push_back(e, a);
    }
}

/* ---- results ------------------------------------------------------------------------------- */

static void pushed_back(struct engine *e, struct account *a, const struct call *c)
{
    struct deadman *d = &a->deadman;

    if (e->now.wall_us >= d->fires_us) {
        d->gap_from_us = d->fires_us;
        d->gap_to_us = e->now.wall_us;
        a->orders_us = e->now.mono_us; /* what is left is looked at now */
        engine_note(
            e, NOTE_ERROR, "deadman.fired",
            "account=%.*s: the dead man's switch was not pushed back in time; the venue has "
            "canceled what was open",
            BYTES_ARG(a->cfg->name));
    }
    commit_deadman(e, a, c->started.wall_us + timeout_us(a));
    d->alarmed = false;
    d->next_us = c->started.mono_us + timeout_us(a) / PUSHES;
}

void deadman_result(struct engine *e, struct account *a, const struct call *c,
                    enum venue_outcome outcome, const struct venue_reply *reply, const char *why)
{
    struct deadman *d = &a->deadman;

    d->asking = false;
    if (outcome == VENUE_DONE && c->call.timeout_s > 0) {
        pushed_back(e, a, c);
        return;
    }
    if (outcome == VENUE_DONE) {
        commit_deadman(e, a, 0);
        engine_note(e, NOTE_INFO, "deadman.disarmed", "account=%.*s", BYTES_ARG(a->cfg->name));
        return;
    }
    d->next_us = e->now.mono_us + (outcome == VENUE_HELD ? 0 : RETRY_US);
    engine_note(e, NOTE_WARN, "deadman.failed", "account=%.*s outcome=%s code=\"%.*s\" why=\"%s\"",
                BYTES_ARG(a->cfg->name), venue_outcome_text(outcome),
                reply == NULL ? 0 : (int)reply->code.size, reply == NULL ? "" : reply->code.data,
                why);
}

/* ---- what it explains ---------------------------------------------------------------------- */

bool deadman_explains(const struct engine *e, const struct account *a, int64_t ended_us)
{
    const struct deadman *d = &a->deadman;
    int64_t at_us = ended_us > 0 ? ended_us - a->clock_offset_us : e->now.wall_us;

    return (d->fires_us > 0 && at_us >= d->fires_us) ||
           (d->gap_to_us > 0 && at_us >= d->gap_from_us && at_us < d->gap_to_us + GAP_SLACK_US);
}

size_t deadman_pending(const struct engine *e)
{
    size_t count = 0;

    for (size_t i = 0; i < e->config.account_count; i++) {
        const struct account *a = &e->account[i];

        count += a->deadman.fires_us > 0 && !a->deadman.asking && has_switch(a) && !is_wanted(e, a);
    }
    return count;
}
