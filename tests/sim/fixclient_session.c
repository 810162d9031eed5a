/*
 * fixclient: the rules of a FIX 4.4 session, initiator's side. Messages beyond a gap are dropped
 * and asked for again with the gap (7=expected, 16=0), so what the owner sees is always in
 * sequence. Sockets are fixclient_net.c's business.
 */
#include "fixclient.h"

#include <stdlib.h>
#include <string.h>

const char *fc_state_text(enum fc_state state)
{
    static const char *const text[] = { "down", "connecting", "logon sent", "up", "logout sent" };

    return text[state];
}

static void set_state(struct fc_session *s, enum fc_state state)
{
    if (s->state != state) {
        s->state = state;
        s->state_us = fc_mono_us();
        if (s->on_state != NULL) {
            s->on_state(s->arg, s);
        }
    }
}

static void replay_known(void *arg, bool incoming, const struct fc_msg *m)
{
    struct fc_session *s = arg;

    if (incoming) {
        fc_check_message(s->ctx->checker, s->sender, m);
    }
}

void fc_session_init(struct fc_session *s, struct fc_ctx *ctx, const char *sender)
{
    char path[4096];

    memset(s, 0, sizeof *s);
    s->ctx = ctx;
    s->fd = -1;
    s->reset_due = ctx->cfg.reset;
    snprintf(s->sender, sizeof s->sender, "%s", sender);
    if (ctx->cfg.state_path != NULL && ctx->cfg.sessions > 1) {
        snprintf(path, sizeof path, "%s.%s", ctx->cfg.state_path, sender);
        fc_store_open(&s->store, path, replay_known, s);
    } else {
        fc_store_open(&s->store, ctx->cfg.state_path, replay_known, s);
    }
}

void fc_session_fini(struct fc_session *s)
{
    fc_session_down(s, "closed by us");
    fc_buf_free(&s->in);
    fc_buf_free(&s->out);
    fc_store_close(&s->store);
}

/* Queues one message with the next number. */
static void emit(struct fc_session *s, const char *type, struct fc_buf *body, bool application)
{
    size_t start = s->out.len;
    char now[32];

    fc_timestamp(now, fc_wall_us());
    if (strcmp(type, "A") == 0) {
        fc_auth_sign(s, now, body);
    }
    fc_compose_at(&s->out, s->sender, s->ctx->cfg.target, type, s->store.next_out, now, NULL, body);
    fc_store_sent(&s->store, s->out.p + start, s->out.len - start, application);
    s->tx_us = fc_mono_us();
    if (s->state == FC_UP || (!application && s->state > FC_CONNECTING)) {
        fc_trace(s, false, s->out.p + start, s->out.len - start);
    } else {
        s->out.len = start; /* it waits in the store for the acceptor's ResendRequest */
    }
    fc_buf_free(body);
}

static void emit_field(struct fc_session *s, const char *type, uint32_t tag, const char *value)
{
    struct fc_buf body = { 0 };

    fc_buf_text(&body, "");
    if (value != NULL) {
        fc_field_add(&body, tag, value);
    }
    emit(s, type, &body, false);
}

void fc_session_send(struct fc_session *s, const char *type, struct fc_buf *body)
{
    bool admin = strlen(type) == 1 && strchr("0123455A", type[0]) != NULL;

    fc_buf_text(body, "");
    emit(s, type, body, !admin || type[0] == '3');
}

void fc_session_start(struct fc_session *s)
{
    const struct fc_config *cfg = &s->ctx->cfg;
    struct fc_buf body = { 0 };

    if (s->reset_due) {
        fc_store_reset(&s->store);
    }
    s->in.len = s->out.len = s->out_done = 0;
    s->live_next = s->gap_until = 0;
    s->gap_open = s->test_sent = false;
    s->rx_us = fc_mono_us();
    s->connects++;
    set_state(s, FC_LOGON_SENT);
    fc_field_add(&body, 98, "0");
    fc_field_uint(&body, 108, cfg->heartbeat_s);
    if (s->reset_due) {
        fc_field_add(&body, 141, "Y");
    }
    s->reset_sent = s->reset_due;
    if (cfg->next_expected) {
        fc_field_uint(&body, 789, s->store.next_in);
    }
    if (cfg->username != NULL) {
        fc_field_add(&body, 553, cfg->username);
    }
    if (cfg->password != NULL) {
        fc_field_add(&body, 554, cfg->password);
    }
    for (size_t i = 0; i < cfg->logon_field_count; i++) {
        fc_buf_text(&body, cfg->logon_field[i]);
        fc_buf_add(&body, "\001", 1);
    }
    emit(s, "A", &body, false);
}

void fc_session_logout(struct fc_session *s, const char *text)
{
    if (s->state == FC_UP || s->state == FC_LOGON_SENT) {
        emit_field(s, "5", 58, text);
        set_state(s, FC_LOGOUT_SENT);
    }
}

/* ---- answering a ResendRequest ------------------------------------------------------------- */

static void resend_gap(struct fc_session *s, uint64_t from, uint64_t to)
{
    struct fc_buf body = { 0 };
    size_t start = s->out.len;
    char now[32];

    fc_timestamp(now, fc_wall_us());
    fc_field_add(&body, 123, "Y");
    fc_field_uint(&body, 36, to);
    fc_compose(&s->out, s->sender, s->ctx->cfg.target, "4", from, now, &body);
    fc_trace(s, false, s->out.p + start, s->out.len - start);
    fc_buf_free(&body);
}

static void resend_one(struct fc_session *s, uint64_t seq, struct fc_msg *m)
{
    const struct fc_sent *sent = &s->store.sent[seq - 1];
    struct fc_buf body = { 0 };
    size_t start = s->out.len;
    char type[8], orig[32];

    if (!fc_parse(m, s->store.blob.p + sent->offset, sent->len)) {
        fc_die("state file: sent message %llu cannot be read", (unsigned long long)seq);
    }
    fc_get_text(m, 35, type, sizeof type);
    fc_get_text(m, 52, orig, sizeof orig);
    fc_buf_text(&body, "");
    for (size_t i = 0; i < m->count; i++) {
        uint32_t tag = m->field[i].tag;

        if (tag != 8 && tag != 9 && tag != 35 && tag != 49 && tag != 56 && tag != 34 && tag != 52 &&
            tag != 10) {
            fc_buf_uint(&body, tag);
            fc_buf_text(&body, "=");
            fc_buf_add(&body, m->field[i].val, m->field[i].len + 1);
        }
    }
    fc_compose(&s->out, s->sender, s->ctx->cfg.target, type, seq, orig, &body);
    fc_trace(s, false, s->out.p + start, s->out.len - start);
    fc_buf_free(&body);
}

static void resend(struct fc_session *s, uint64_t from, uint64_t to)
{
    uint64_t last = s->store.next_out - 1, gap = 0;
    struct fc_msg *m = malloc(sizeof *m);

    if (m == NULL) {
        fc_die("out of memory");
    }
    if (to == 0 || to > last) {
        to = last;
    }
    for (uint64_t seq = from == 0 ? 1 : from; seq <= to; seq++) {
        if (s->store.sent[seq - 1].len == 0) {
            gap = gap == 0 ? seq : gap;
            continue;
        }
        if (gap != 0) {
            resend_gap(s, gap, seq);
            gap = 0;
        }
        resend_one(s, seq, m);
    }
    if (gap != 0) {
        resend_gap(s, gap, to + 1);
    }
    s->tx_us = fc_mono_us();
    free(m);
}

/* ---- what comes in ------------------------------------------------------------------------- */

static void violate(struct fc_session *s, const struct fc_msg *m, const char *what)
{
    char text[512];
    size_t n = m->len < sizeof text - 1 ? m->len : sizeof text - 1;

    memcpy(text, m->raw, n);
    text[n] = '\0';
    for (size_t i = 0; i < n; i++) {
        text[i] = text[i] == FC_SOH ? '|' : text[i];
    }
    fc_violation(s->ctx->checker, s->sender, "%s: %s", what, text);
}

static void request_resend(struct fc_session *s, uint64_t seq)
{
    struct fc_buf body = { 0 };

    if (s->gap_open) {
        s->gap_until = seq > s->gap_until ? seq : s->gap_until;
        return;
    }
    s->gap_open = true;
    s->gap_wanted = s->store.next_in;
    s->gap_until = seq;
    fc_field_uint(&body, 7, s->store.next_in);
    fc_field_uint(&body, 16, 0);
    emit(s, "2", &body, false);
}

static void deliver(struct fc_session *s, const struct fc_msg *m)
{
    if (s->on_message != NULL) {
        s->on_message(s->arg, s, m);
    }
}

/* The number is taken; a GapFill moves it further. */
static void take(struct fc_session *s, const struct fc_msg *m, uint64_t next)
{
    fc_store_received(&s->store, m->raw, m->len, next);
    if (s->gap_open && next > s->gap_until) {
        s->gap_open = false;
    }
}

static void on_logon(struct fc_session *s, const struct fc_msg *m, uint64_t seq)
{
    bool reset = fc_is(m, 141, "Y");

    if (s->state != FC_LOGON_SENT) {
        violate(s, m, "unexpected Logon");
        return;
    }
    if (!fc_has(m, 98) || !fc_has(m, 108)) {
        violate(s, m, "Logon without 98 or 108");
    } else if (fc_get_uint(m, 108, 0) != s->ctx->cfg.heartbeat_s) {
        violate(s, m, "Logon answer with another 108");
    }
    if (reset && !s->reset_sent) {
        violate(s, m, "Logon answer resets numbers nobody asked to reset");
        fc_store_numbers(&s->store, 1, s->store.next_out);
    }
    if (s->reset_sent && !reset) {
        violate(s, m, "141=Y not answered with 141=Y");
    }
    s->reset_due = false;
    if (seq < s->store.next_in) {
        violate(s, m, "Logon with a MsgSeqNum lower than expected");
        fc_session_logout(s, "MsgSeqNum too low");
        return;
    }
    set_state(s, FC_UP);
    if (seq == s->store.next_in) {
        take(s, m, seq + 1);
    }
    deliver(s, m);
    if (s->ctx->cfg.next_expected && fc_has(m, 789)) {
        uint64_t theirs = fc_get_uint(m, 789, s->store.next_out);

        if (theirs + 1 < s->store.next_out) {
            resend(s, theirs, s->store.next_out - 2);
        }
    } else if (seq > s->store.next_in) {
        request_resend(s, seq);
    }
}

static void on_sequence_reset(struct fc_session *s, const struct fc_msg *m, uint64_t seq)
{
    uint64_t to = fc_get_uint(m, 36, 0);
    bool fill = fc_is(m, 123, "Y");

    if (to == 0 || to < s->store.next_in || (fill && to <= seq)) {
        violate(s, m, "SequenceReset lowers the number");
        return;
    }
    take(s, m, to);
    if (!fill || to > s->live_next) {
        s->live_next = to;
    }
    deliver(s, m);
}

static void on_logout(struct fc_session *s, const struct fc_msg *m)
{
    deliver(s, m);
    fc_get_text(m, 58, s->down_reason, sizeof s->down_reason);
    if (s->state == FC_LOGOUT_SENT) {
        fc_session_down(s, "logged out"); /* whoever asked closes the connection */
        return;
    }
    emit_field(s, "5", 58, NULL);
    set_state(s, FC_LOGOUT_SENT);
}

static void on_resend_request(struct fc_session *s, const struct fc_msg *m)
{
    uint64_t from = fc_get_uint(m, 7, 0), to = fc_get_uint(m, 16, UINT64_MAX);

    if (from == 0 || to == UINT64_MAX || (to != 0 && to < from) || from >= s->store.next_out) {
        violate(s, m, "ResendRequest for numbers that make no sense");
        return;
    }
    resend(s, from, to);
}

static void dispatch(struct fc_session *s, const struct fc_msg *m, char type, uint64_t seq)
{
    char id[256];

    if (type == '4') {
        on_sequence_reset(s, m, seq);
        return;
    }
    take(s, m, seq + 1);
    if (type == '1') {
        fc_get_text(m, 112, id, sizeof id);
        emit_field(s, "0", 112, id);
    } else if (type == '2') {
        on_resend_request(s, m);
    } else if (type == '5') {
        on_logout(s, m);
        return;
    }
    fc_check_message(s->ctx->checker, s->sender, m);
    deliver(s, m);
}

/* Without PossDup each number follows the one before it on the same connection, gap or no gap. */
static void check_live(struct fc_session *s, const struct fc_msg *m, uint64_t seq, bool dup)
{
    if (dup) {
        if (!fc_has(m, 122) && !fc_is(m, 35, "4")) {
            violate(s, m, "PossDupFlag without OrigSendingTime");
        }
        s->live_next = seq >= s->live_next ? seq + 1 : s->live_next;
        return;
    }
    if (fc_is(m, 35, "4") && s->gap_open && seq != s->live_next) {
        return; /* a GapFill of the resend that leaves out PossDupFlag: some engines do */
    }
    if (s->live_next != 0 && seq != s->live_next) {
        violate(s, m, "MsgSeqNum does not follow the one before it");
    }
    s->live_next = seq + 1;
}

static void check_header(struct fc_session *s, const struct fc_msg *m)
{
    if (!fc_is(m, 49, s->ctx->cfg.target) || !fc_is(m, 56, s->sender)) {
        violate(s, m, "SenderCompID or TargetCompID is not the session's");
    }
    if (!fc_has(m, 52)) {
        violate(s, m, "no SendingTime");
    }
}

static void on_message(struct fc_session *s, const struct fc_msg *m)
{
    uint64_t seq = fc_get_uint(m, 34, 0);
    char type = fc_get_char(m, 35);
    bool dup = fc_is(m, 43, "Y");

    check_header(s, m);
    if (seq == 0) {
        violate(s, m, "no MsgSeqNum");
        return;
    }
    if (type == '4' && !fc_is(m, 123, "Y")) {
        on_sequence_reset(s, m, seq); /* Reset mode is obeyed whatever its own number */
        return;
    }
    check_live(s, m, seq, dup);
    if (s->state == FC_LOGON_SENT && type != 'A' && type != '5') {
        violate(s, m, "first message is neither Logon nor Logout");
    }
    if (type == 'A') {
        on_logon(s, m, seq);
    } else if (seq > s->store.next_in) {
        if (type == '5') {
            on_logout(s, m);
            return;
        }
        if (type == '2') {
            on_resend_request(s, m); /* before ours, or two gaps wait for each other */
        }
        request_resend(s, seq);
    } else if (seq == s->store.next_in) {
        dispatch(s, m, type, seq);
    } else if (type == '5' && s->state == FC_LOGON_SENT) {
        on_logout(s, m); /* a refusal need not consume a number */
    } else if (!dup) {
        violate(s, m, "MsgSeqNum lower than expected without PossDupFlag");
        fc_session_logout(s, "MsgSeqNum too low");
    }
}

void fc_session_feed(struct fc_session *s)
{
    size_t done = 0, used = 0;
    const char *why = NULL;

    while (done < s->in.len && s->state != FC_DOWN) {
        enum fc_frame found = fc_frame(s->in.p + done, s->in.len - done, &used, &why);

        if (found == FC_FRAME_MORE) {
            break;
        }
        s->rx_us = fc_mono_us();
        s->test_sent = false;
        fc_trace(s, true, s->in.p + done, used);
        if (found == FC_FRAME_BAD) {
            fc_violation(s->ctx->checker, s->sender, "garbled message (%s), %zu bytes", why, used);
        } else if (!fc_parse(&s->scratch, s->in.p + done, used)) {
            fc_violation(s->ctx->checker, s->sender, "message is not a list of tag=value");
        } else {
            on_message(s, &s->scratch);
        }
        done += used;
    }
    fc_buf_drop(&s->in, done < s->in.len ? done : s->in.len);
}

void fc_session_tick(struct fc_session *s, int64_t now)
{
    int64_t beat = (int64_t)s->ctx->cfg.heartbeat_s * 1000000;

    if (s->state == FC_UP && beat > 0) {
        if (now - s->tx_us >= beat) {
            emit_field(s, "0", 0, NULL);
        }
        if (now - s->rx_us >= 2 * beat + beat / 2) {
            fc_session_down(s, "no heartbeat from the acceptor");
        } else if (now - s->rx_us >= beat + beat / 5 && !s->test_sent) {
            s->test_sent = true;
            emit_field(s, "1", 112, "ALIVE");
        }
    } else if (s->state == FC_CONNECTING || s->state == FC_LOGON_SENT) {
        if (now - s->state_us > 10000000) {
            fc_session_down(s, "no Logon answer in 10 s");
        }
    } else if (s->state == FC_LOGOUT_SENT && now - s->state_us > 3000000) {
        fc_session_down(s, "no end of connection 3 s after Logout");
    }
}
