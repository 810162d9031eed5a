/*
 * The turn: session events into the engine, the engine's effects into sessions, journal and the
 * queue of venue calls, until all are quiet; then one commit; then whatever is durable leaves.
 */
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>

#include "admin.h"
#include "assert.h"
#include "control.h"
#include "fix_accept.h"
#include "log.h"

/* Rounds of one turn; what is left after them goes on in the next, after the sockets had theirs. */
#define ROUNDS_MAX 16

/* Connections written to in one turn whose session is in a resend: each may have up to
 * FIX_OUTPUT_LOW waiting, and a thousand that come back at once must not keep the others waiting.
 */
#define WRITES_BEHIND_MAX 4

/* One text for all causes, so that it tells a stranger nothing. */
#define REFUSED_TEXT "Logon refused"

void shell_fail(struct shell *sh, const char *why)
{
    const char *journal = journal_error(sh->journal);

    if (sh->failed == NULL) {
        sh->failed = journal != NULL ? journal : why;
        log_write(LOG_ERROR, "journal.failed", LOG_T("why", sh->failed), LOG_T("while", why));
    }
}

void shell_touch(struct shell *sh, struct session *s)
{
    if (!s->dirty) {
        s->dirty = true;
        s->next_dirty = sh->dirty;
        sh->dirty = s;
    }
}

/* ---- the engine's effects ------------------------------------------------------------------ */

static void carry_note(const struct effect *e)
{
    static const enum log_level level[] = {
        [NOTE_DEBUG] = LOG_DEBUG,
        [NOTE_INFO] = LOG_INFO,
        [NOTE_WARN] = LOG_WARN,
        [NOTE_ERROR] = LOG_ERROR,
    };

    log_note(level[e->note.level], e->note.event, e->note.text);
}

static void carry_send(struct shell *sh, const struct effect *e)
{
    struct session *s = &sh->session[e->fix.session];

    shell_touch(sh, s);
    if (e->fix.stale_soon) {
        fix_session_tell(s->fix, e->fix.body, &sh->now);
        return;
    }
    s->messages_out++;
    monitor_send(sh->monitor, s->index, e->fix.body, fix_session_next_out(s->fix), sh->now.wall_us);
    if (sh->monitor != NULL && sh->monitor->answering && s->conn != NULL) {
        s->answer_us = s->answers++ == 0 ? sh->now.mono_us : s->answer_us;
    }
    if (!fix_session_send(s->fix, e->fix.body, &sh->now)) {
        shell_fail(sh, "a message of a session could not be stored");
    }
}

static void carry_reject(struct shell *sh, const struct effect *e, const struct fix_msg *msg)
{
    struct session *s = &sh->session[e->reject.session];

    ASSERT(msg != NULL);
    shell_touch(sh, s);
    if (!fix_session_reject(s->fix, msg, (enum fix_reject)e->reject.reason, e->reject.tag,
                            e->reject.text, &sh->now)) {
        shell_fail(sh, "a reject of a session could not be stored");
    }
}

/* `msg` is what the engine was just handed, NULL when it was something else. */
void shell_carry_out(struct shell *sh, const struct fix_msg *msg)
{
    struct effect e;

    while (sh->failed == NULL && engine_next(sh->engine, &e)) {
        switch (e.kind) {
        case EFFECT_RECORD:
            monitor_record(sh->monitor, e.record, sh->now.wall_us);
            if (!journal_append(sh->journal, e.record)) {
                shell_fail(sh, "a record could not be journaled");
            }
            break;
        case EFFECT_FIX_SEND: carry_send(sh, &e); break;
        case EFFECT_FIX_REJECT: carry_reject(sh, &e, msg); break;
        case EFFECT_VENUE_CALL:
            monitor_call(sh->monitor, sh->engine, &e);
            if (!venue_io_queue(sh->venue, e.venue.id, e.venue.account, e.venue.call,
                                e.venue.timeout_ms)) {
                shell_fail(sh, "out of memory for a venue call");
            }
            break;
        case EFFECT_NOTE: carry_note(&e); break;
        }
    }
}

/* ---- a session's events -------------------------------------------------------------------- */

/* The session is free again at once; only the answer to the peer is held back, so that guessing is
 * slow and keeps nobody out. */
static void refuse_logon(struct shell *sh, struct session *s, const char *why)
{
    log_write(LOG_WARN, "session.refused", LOG_B("session", s->config->head.name),
              LOG_T("peer", s->conn == NULL ? "?" : s->conn->peer), LOG_T("why", why));
    if (sh->monitor != NULL) {
        sh->monitor->logons_refused++;
    }
    if (s->conn != NULL && sh->phase == SHELL_RUNS) {
        s->conn->held_until_us =
            sh->now.mono_us + (int64_t)sh->setup->config->fixbridge->refusal_delay * US_PER_MS;
    }
    fix_session_refuse(s->fix, REFUSED_TEXT, &sh->now);
}

/* Proved to be who it says: now it may learn what is wrong with its choice. */
static void accept_logon(struct shell *sh, struct session *s)
{
    bool again = fix_session_state(s->fix) == FIX_UP;
    char echo[FIX_LOGON_ECHO_MAX];

    if (s->choice.fault != NULL) {
        log_write(LOG_WARN, "session.refused", LOG_B("session", s->config->head.name),
                  LOG_T("why", s->choice.fault));
        fix_session_refuse(s->fix, s->choice.fault, &sh->now);
        return;
    }
    if (s->config->echo_logon_tags) {
        fix_session_echo(s->fix, logon_choice_echo(&s->choice, echo));
    }
    fix_session_accept(s->fix, &sh->now);
    if (again && fix_session_state(s->fix) == FIX_UP) { /* no second FIX_EVENT_UP follows */
        engine_session_up(sh->engine, s->index, &s->choice.choice, &sh->now);
        shell_carry_out(sh, NULL);
    }
}

static void on_logon(struct shell *sh, struct session *s, const struct fix_msg *logon)
{
    const char *why = sh->phase == SHELL_RUNS ? ops_refuses(sh, s) : "the service is stopping";

    if (why != NULL) {
        refuse_logon(sh, s, why);
        return;
    }
    if (s->config->tls_subject.size > 0 &&
        (s->conn == NULL || !conn_subject_is(s->conn, s->config->tls_subject))) {
        refuse_logon(sh, s, "not the certificate of this session");
        return;
    }
    if (s->disabled || s->removed) {
        refuse_logon(sh, s, s->removed ? "the session was removed" : "the session is disabled");
        return;
    }
    if (shell_is_stalled(sh)) {
        refuse_logon(sh, s, "the journal is full");
        return;
    }
    logon_choice_read(&s->choice, logon, s->config);
    switch (logon_begin(sh->guard, s, &s->logon, s->config, logon,
                        s->conn == NULL ? "?" : s->conn->peer, &sh->now, &why)) {
    case LOGON_YES: accept_logon(sh, s); break;
    case LOGON_NO: refuse_logon(sh, s, why); break;
    case LOGON_LATER: break;
    }
}

static void on_up(struct shell *sh, struct session *s)
{
    s->up = true;
    s->since = sh->now;
    if (s->conn != NULL) {
        conn_known(s->conn);
    }
    log_write(LOG_INFO, "session.up", LOG_B("session", s->config->head.name),
              LOG_T("peer", s->conn == NULL ? "?" : s->conn->peer),
              LOG_U("next_in", fix_session_next_in(s->fix)),
              LOG_U("next_out", fix_session_next_out(s->fix)));
    engine_session_up(sh->engine, s->index, &s->choice.choice, &sh->now);
    shell_carry_out(sh, NULL);
}

static void on_message(struct shell *sh, struct session *s, const struct fix_event *event)
{
    s->messages_in++;
    monitor_message(sh->monitor, s->index, event->msg);
    if (ops_is_over(s)) {
        engine_refuse_throttled(sh->engine, s->index, event->msg, &sh->now);
    } else {
        engine_fix_message(sh->engine, s->index, event->msg, event->poss_resend, &sh->now);
    }
    ops_log_message(sh, s, event->msg);
    shell_carry_out(sh, event->msg);
    monitor_message_done(sh->monitor, sh->now.wall_us);
}

static void on_down(struct shell *sh, struct session *s, const char *reason)
{
    struct bytes out = fix_session_output(s->fix);
    struct conn *c = s->conn;
    bool was_up = s->up;

    log_write(LOG_INFO, "session.down", LOG_B("session", s->config->head.name),
              LOG_T("why", reason == NULL ? "?" : reason),
              LOG_U("next_in", fix_session_next_in(s->fix)),
              LOG_U("next_out", fix_session_next_out(s->fix)));
    logon_forget(sh->guard, s, &s->logon);
    s->conn = NULL;
    s->up = false;
    s->answers = 0;
    s->since = sh->now;
    ops_down(sh, s, out);
    if (c != NULL) {
        conn_finish(c, out, &sh->now);
    }
    if (was_up) {
        engine_session_down(sh->engine, s->index, &sh->now);
        shell_carry_out(sh, NULL);
    }
}

static void on_note(const struct session *s, const char *event, const char *reason)
{
    log_write(LOG_WARN, event, LOG_B("session", s->config->head.name),
              LOG_T("why", reason == NULL ? "?" : reason));
}

static void on_rejected(const struct session *s, const struct fix_msg *m)
{
    struct bytes text = { NULL, 0 };

    (void)fix_msg_find(m, 58, &text);
    log_write(LOG_WARN, "session.reject_received", LOG_B("session", s->config->head.name),
              LOG_U("seq", m->seq), LOG_B("text", text));
}

static void pull_events(struct shell *sh, struct session *s)
{
    struct fix_event event;

    while (sh->failed == NULL && fix_session_next(s->fix, &event)) {
        switch (event.kind) {
        case FIX_EVENT_LOGON: on_logon(sh, s, event.msg); break;
        case FIX_EVENT_UP: on_up(sh, s); break;
        case FIX_EVENT_MESSAGE: on_message(sh, s, &event); break;
        case FIX_EVENT_UNKNOWN:
            log_write(LOG_WARN, "session.unknown_message", LOG_B("session", s->config->head.name),
                      LOG_B("type", event.msg->msg_type), LOG_U("seq", event.msg->seq));
            break;
        case FIX_EVENT_REJECTED: on_rejected(s, event.msg); break;
        case FIX_EVENT_NOTE: on_note(s, "session.note", event.reason); break;
        case FIX_EVENT_DOWN: on_down(sh, s, event.reason); break;
        }
    }
}

/* ---- what connections tell ----------------------------------------------------------------- */

static void refuse_conn(struct conn *c, const char *why, struct bytes client)
{
    log_write(LOG_WARN, "conn.dropped", LOG_T("peer", c->peer), LOG_T("why", why),
              LOG_B("sender_comp_id", client));
    conn_close(c);
}

/* The first message says whose connection it is. False: not known yet, or the connection was
 * dropped. */
static bool attach(struct shell *sh, struct conn *c, struct bytes in)
{
    struct fix_accept look = fix_accept_look(in, FIX_MESSAGE_MAX);
    char key[2 * FIX_ID_MAX + 2];
    struct session *s;
    size_t size;

    if (look.kind == FIX_ACCEPT_WAIT) {
        return false;
    }
    if (look.kind == FIX_ACCEPT_DROP) {
        refuse_conn(c, look.reason, (struct bytes){ NULL, 0 });
        return false;
    }
    size = shell_key(key, look.sender_comp_id, look.target_comp_id);
    s = size == 0 ? NULL : map_find(sh->by_key, (struct bytes){ key, size });
    if (s == NULL) {
        refuse_conn(c, "no such session", look.sender_comp_id);
        return false;
    }
    if (s->config->allow.count > 0 && !ip_list_has(&s->config->allow, &c->ip)) {
        refuse_conn(c, "not an address of this session", look.sender_comp_id);
        return false;
    }
    if (s->conn != NULL || fix_session_state(s->fix) != FIX_OFFLINE) {
        refuse_conn(c, "the session is logged on already", look.sender_comp_id);
        return false;
    }
    s->conn = c;
    c->session = s;
    fix_session_connect(s->fix, &sh->now);
    return true;
}

static size_t on_input(void *arg, struct conn *c, struct bytes in)
{
    struct shell *sh = arg;
    struct session *s;
    size_t used = 0;

    if (sh->failed != NULL || (c->session == NULL && !attach(sh, c, in))) {
        return 0;
    }
    s = c->session;
    shell_touch(sh, s);
    while (c->session == s && sh->failed == NULL) {
        size_t n =
            fix_session_feed(s->fix, (struct bytes){ in.data + used, in.size - used }, &sh->now);

        if (n > 0) {
            ops_received(sh, s, (struct bytes){ in.data + used, n });
        }
        used += n;
        pull_events(sh, s);
        ops_judge(sh, s);
        if (n == 0 || used == in.size) {
            break;
        }
    }
    return used;
}

static void on_gone(void *arg, struct conn *c, const char *reason)
{
    struct shell *sh = arg;
    struct session *s = c->session;

    if (s == NULL) {
        log_write(LOG_DEBUG, "conn.gone", LOG_T("peer", c->peer), LOG_T("why", reason));
        return;
    }
    s->conn = NULL;
    shell_touch(sh, s);
    fix_session_disconnect(s->fix, reason, &sh->now);
    pull_events(sh, s);
}

const struct conns_ops shell_conns_ops = { .input = on_input, .gone = on_gone };

/* ---- the rounds of a turn ------------------------------------------------------------------ */

static bool take_results(struct shell *sh)
{
    struct venue_result r;
    bool any = false;

    while (sh->failed == NULL && venue_io_next(sh->venue, &sh->now, &r)) {
        any = true;
        monitor_answer(sh->monitor, &r);
        engine_venue_result(sh->engine, r.id, r.outcome, r.reply, r.why, &sh->now);
        shell_carry_out(sh, NULL);
    }
    monitor_answer_done(sh->monitor);
    return any;
}

static struct logon_session *logon_of(void *owner)
{
    return &((struct session *)owner)->logon;
}

static const struct config_session *config_of(void *owner)
{
    return ((const struct session *)owner)->config;
}

/* Logons whose slow check is done. What came in behind such a Logon waits in its connection. */
static bool take_logons(struct shell *sh)
{
    void *owner;
    bool good, any = false;

    while (sh->failed == NULL &&
           logon_next(sh->guard, logon_of, config_of, &sh->now, &owner, &good)) {
        struct session *s = owner;

        any = true;
        shell_touch(sh, s);
        if (good && sh->phase == SHELL_RUNS && !s->disabled && !s->removed &&
            !shell_is_stalled(sh)) {
            accept_logon(sh, s);
        } else {
            refuse_logon(sh, s, good ? "not open any more" : "wrong credentials");
        }
        pull_events(sh, s);
        if (s->conn != NULL) {
            conn_resume(s->conn);
        }
    }
    return any;
}

static bool tick(struct shell *sh)
{
    struct deadline *d;
    bool any = false;

    while (sh->failed == NULL && (d = deadlines_due(&sh->deadlines, sh->now.mono_us)) != NULL) {
        struct session *s = d->owner;

        any = true;
        shell_touch(sh, s); /* sets the deadline anew */
        if (fix_session_deadline(s->fix) <= sh->now.mono_us) {
            fix_session_tick(s->fix, &sh->now);
        }
    }
    if (sh->failed == NULL && engine_deadline(sh->engine) <= sh->now.mono_us) {
        any = true;
        engine_tick(sh->engine, &sh->now);
        shell_carry_out(sh, NULL);
    }
    if (sh->conns != NULL && conns_deadline(sh->conns) <= sh->now.mono_us) {
        any = true;
        conns_tick(sh->conns, &sh->now);
    }
    return ops_tick(sh) || any;
}

/* What was done to a session by others (a report sent, a tick) may have made events of its own. New
 * ones are put in front of the list. */
static void pull_dirty(struct shell *sh)
{
    struct session *done = NULL;

    while (sh->dirty != done) {
        struct session *first = sh->dirty;

        for (struct session *s = first; s != done; s = s->next_dirty) {
            pull_events(sh, s);
        }
        done = first;
    }
}

/* Seals the batch; whose output it justifies is put in line for writing. */
static void commit(struct shell *sh)
{
    if (sh->failed != NULL) {
        return;
    }
    if (journal_error(sh->journal) != NULL ||
        (journal_dirty(sh->journal) && journal_seal(sh->journal) == 0)) {
        shell_fail(sh, "a batch could not be committed");
        return;
    }
    venue_io_seal(sh->venue, journal_last(sh->journal));
    monitor_sealed(sh->monitor, journal_last(sh->journal), &sh->now);
    while (sh->dirty != NULL) {
        struct session *s = sh->dirty;

        sh->dirty = s->next_dirty;
        s->dirty = false;
        deadline_set(&sh->deadlines, &s->deadline, fix_session_deadline(s->fix));
        ops_settled(s);
        shell_resend_queue(sh, s);
        if (s->conn != NULL) {
            conn_wait(s->conn);
        }
    }
}

/* Everything a connection holds was sealed by the commit just before, so the last lsn justifies it.
 */
static void write_conn(struct shell *sh, struct conn *c, uint64_t durable)
{
    struct session *s = c->session;
    struct bytes out = s != NULL ? fix_session_output(s->fix) : buf_view(&c->tail);
    bool behind = s != NULL && fix_session_is_behind(s->fix);
    size_t put;

    if (s == NULL && c->held_until_us > sh->now.mono_us) {
        sh->held_until_us =
            c->held_until_us < sh->held_until_us ? c->held_until_us : sh->held_until_us;
        conn_wait(c);
        return;
    }
    if (behind && sh->writes_behind >= WRITES_BEHIND_MAX) {
        sh->writes_behind++; /* over: there is a next turn at once */
        conn_wait(c);
        return;
    }
    conn_mark(c, out.size, journal_last(sh->journal));
    put = conn_write(c, out, durable);
    sh->writes_behind += behind && put > 0;
    if (s != NULL && put > 0) {
        ops_sent(sh, s, out, put);
        if (put == out.size && s->answers > 0) {
            histogram_add(&sh->monitor->stage[STAGE_REPORTED], loop_now().mono_us - s->answer_us,
                          s->answers);
            s->answers = 0;
        }
        fix_session_wrote(s->fix, put);
        shell_resend_queue(sh, s); /* there is room now */
    }
    if (conn_is_behind(c) && !conn_is_blocked(c)) {
        conn_wait(c);
    }
}

static void release(struct shell *sh)
{
    uint64_t durable;

    if (sh->failed != NULL) {
        return;
    }
    durable = journal_durable(sh->journal);
    if (monitor_awaits(sh->monitor)) {
        struct instant now = loop_now(); /* the turn's own began before the journal was done */

        monitor_durable(sh->monitor, durable, &now);
    }
    hours_release(sh, durable); /* before the answer to a Logon that relies on it */
    venue_io_release(sh->venue, durable, &sh->now);
    sh->held_until_us = NEVER_US;
    for (size_t n = sh->conns == NULL ? 0 : conns_waiting(sh->conns); n > 0; n--) {
        struct conn *c = conns_take_waiting(sh->conns);

        if (c != NULL && c->state != CONN_DEAD) {
            write_conn(sh, c, durable);
        }
    }
    if (sh->conns != NULL) {
        conns_sweep(sh->conns);
    }
    ops_flush(sh);
    control_release(sh->control, journal_last(sh->journal), durable);
    admin_release(sh->admin, journal_last(sh->journal), durable);
}

/* ---- stopping ------------------------------------------------------------------------------ */

void shell_drain(struct shell *sh, const char *why)
{
    int64_t whole_us = (int64_t)sh->setup->config->fixbridge->drain_timeout * US_PER_MS;

    if (sh->phase != SHELL_RUNS) {
        sh->phase = SHELL_STOPS;
        return;
    }
    log_write(LOG_INFO, "stopping", LOG_T("why", why), LOG_U("calls", engine_calls(sh->engine)),
              LOG_U("connections", sh->conns == NULL ? 0 : conns_count(sh->conns)));
    notify_stopping(&sh->notify, "stopping: open calls are awaited, sessions logged out");
    announce_news(sh, "Planned stop", "The service stops now");
    sh->phase = SHELL_DRAINS;
    sh->calls_until_us = sh->now.mono_us + whole_us / 2;
    sh->stop_at_us = sh->now.mono_us + whole_us;
    if (sh->conns != NULL) {
        conns_stop(sh->conns);
    }
    engine_drain(sh->engine, &sh->now);
    shell_carry_out(sh, NULL);
}

static void log_out_all(struct shell *sh)
{
    for (size_t i = 0; i < sh->session_count; i++) {
        if (fix_session_state(sh->session[i].fix) == FIX_UP) {
            shell_touch(sh, &sh->session[i]);
            fix_session_logout(sh->session[i].fix, "The service is stopping", &sh->now);
        }
    }
}

/* The answers of open calls still reach the clients, then the Logouts; both within the time given.
 */
static bool drain(struct shell *sh)
{
    if (sh->phase == SHELL_DRAINS &&
        ((engine_calls(sh->engine) == 0 && venue_io_busy(sh->venue) == 0) ||
         sh->now.mono_us >= sh->calls_until_us)) {
        sh->phase = SHELL_LOGS_OUT;
        log_out_all(sh);
        return true;
    }
    if (sh->phase == SHELL_LOGS_OUT &&
        (sh->conns == NULL || conns_count(sh->conns) == 0 || sh->now.mono_us >= sh->stop_at_us)) {
        sh->phase = SHELL_STOPS;
    }
    return false;
}

/* ---- for the loop -------------------------------------------------------------------------- */

/* True: all is quiet but resends. */
static bool settle(struct shell *sh, bool *busy)
{
    *busy = sh->dirty != NULL;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        bool any = take_results(sh);

        any = take_logons(sh) || any;
        any = tick(sh) || any;
        any = drain(sh) || any;
        any = shell_watch_space(sh) || any;
        pull_dirty(sh);
        any = any || sh->dirty != NULL;
        *busy = *busy || any;
        commit(sh);
        shell_write_out(sh, true);
        release(sh);
        if (sh->failed == NULL) {
            shell_compact(sh);
        }
        if (sh->failed != NULL || (!any && sh->dirty == NULL)) {
            return true;
        }
    }
    return false;
}

bool shell_settle(struct shell *sh)
{
    bool busy, quiet;

    sh->writes_behind = 0;
    quiet = settle(sh, &busy);
    if (sh->failed == NULL && shell_resend(sh, busy)) {
        pull_dirty(sh);
        commit(sh);
        shell_write_out(sh, true);
        release(sh);
        shell_resend_done(sh);
        quiet = quiet && sh->dirty == NULL;
    }
    quiet = quiet && sh->writes_behind <= WRITES_BEHIND_MAX && !shell_resend_due(sh);
    if (!quiet) {
        shell_write_out(sh, false);
    }
    return quiet;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t shell_deadline(const struct shell *sh)
{
    int64_t at = earlier(deadlines_first(&sh->deadlines), engine_deadline(sh->engine));

    at = earlier(at, sh->conns == NULL ? NEVER_US : conns_deadline(sh->conns));
    at = earlier(at, shell_resend_deadline(sh));
    at = earlier(earlier(at, sh->held_until_us), ops_deadline(sh));
    if (sh->phase == SHELL_DRAINS) {
        at = earlier(at, sh->calls_until_us);
    }
    return sh->phase == SHELL_LOGS_OUT ? earlier(at, sh->stop_at_us) : at;
}

void shell_start(struct shell *sh, uint64_t seed)
{
    sh->started_us = sh->now.wall_us;
    engine_note_least(sh->engine, log_enabled(LOG_DEBUG) ? NOTE_DEBUG : NOTE_INFO);
    engine_start(sh->engine, seed, &sh->now);
    shell_carry_out(sh, NULL);
}
