/*
 * The state of venues for clients (g -> h): TradingSessionStatus of each account of a session, on
 * request and, to those that asked for it or are set to get it, on each change. It is stale soon,
 * so it is not kept for a resend.
 */
#include "engine_client.h"
#include "fix_tags.h"
#include "translate_out.h"

/* TradSesStatus (340): 1 halted, 2 open, 3 closed; `why` for people. */
static char status_of(const struct engine *e, const struct account *a, const char **why)
{
    struct refusal no;

    *why = NULL;
    if (a->down) {
        *why = "the venue cannot be reached";
        return '3';
    }
    if (e->draining) {
        *why = "the gateway is being stopped and takes no new orders";
    } else if (a->backoff_us > e->now.mono_us + STATUS_HALT_US) {
        *why = "the venue makes us wait; orders are held";
    } else if (a->settling) {
        *why = "outcomes of before the restart are being looked up; orders are held";
    } else if (account_settings_gate(a, &no) != SETTING_GATE_OPEN) {
        *why = "the account's settings at the venue are not known yet, or not what they must be";
    } else if (account_has_op(a, VENUE_INSTRUMENTS) && !a->tradeable) {
        *why = symbols_count(a->cfg->symbols) == 0 ? "instruments are not loaded yet"
                                                   : "no instrument is tradeable";
    }
    return *why == NULL ? '2' : '1';
}

struct asked {
    struct bytes request_id, venue, account; /* 335, 336, 625; empty: none */
    bool unasked;                            /* 325 */
};

static struct slot *status_slot(struct engine *e, uint32_t session)
{
    struct slot *s = engine_fix_slot(e, session);

    s->effect.fix.stale_soon = true;
    s->body.time_digits = e->config.session[session].time_digits;
    return s;
}

static void tell(struct engine *e, uint32_t session, const struct account *a, const struct asked *q)
{
    struct slot *s = status_slot(e, session);
    const char *why;
    char status = status_of(e, a, &why);

    translate_out_start(&s->body, "h", &s->buf);
    fix_body_bytes(&s->body, TAG_TRAD_SES_REQ_ID, q->request_id);
    fix_body_text(&s->body, TAG_TRADING_SESSION_ID, a->cfg->driver->code);
    fix_body_bytes(&s->body, TAG_TRADING_SESSION_SUB_ID, a->cfg->name);
    if (q->unasked) {
        fix_body_bool(&s->body, TAG_UNSOLICITED_INDICATOR, true);
    }
    fix_body_char(&s->body, TAG_TRAD_SES_STATUS, status);
    fix_body_text(&s->body, TAG_TEXT, why);
    if (e->answering != NULL) {
        fix_body_route_back(&s->body, e->answering);
    }
}

static void refuse_request(const struct request_in *in, const struct asked *q, const char *why)
{
    struct slot *s = status_slot(in->e, in->session);

    translate_out_start(&s->body, "h", &s->buf);
    fix_body_bytes(&s->body, TAG_TRAD_SES_REQ_ID, q->request_id);
    fix_body_bytes(&s->body, TAG_TRADING_SESSION_ID, q->venue.size > 0 ? q->venue : BYTES("[N/A]"));
    fix_body_bytes(&s->body, TAG_TRADING_SESSION_SUB_ID, q->account);
    fix_body_char(&s->body, TAG_TRAD_SES_STATUS, '6');
    fix_body_int(&s->body, TAG_TRAD_SES_STATUS_REJ_REASON, 1);
    fix_body_text(&s->body, TAG_TEXT, why);
    client_route_answer(in, s);
}

static bool is_visible(const struct engine *e, uint32_t session, uint32_t account)
{
    return e->session[session].choice.copy ? copy_covers(e, session, account)
                                           : client_has_account(e, session, account);
}

static bool fits(const struct account *a, const struct asked *q)
{
    return (q->venue.size == 0 || bytes_is(q->venue, a->cfg->driver->code)) &&
           (q->account.size == 0 || bytes_equal(q->account, a->cfg->name));
}

static size_t tell_all(struct engine *e, uint32_t session, const struct asked *q)
{
    size_t count = 0;

    for (size_t i = 0; i < e->config.account_count; i++) {
        if (is_visible(e, session, (uint32_t)i) && fits(&e->account[i], q)) {
            tell(e, session, &e->account[i], q);
            count++;
        }
    }
    return count;
}

/* ---- requests ------------------------------------------------------------------------------ */

static bool watch(const struct request_in *in, const struct asked *q, bool on)
{
    struct status_watch w = { .on = on };

    if (!bytes_to_field(q->request_id, w.request_id, sizeof w.request_id) ||
        !bytes_to_field(q->venue, w.venue, sizeof w.venue) ||
        !bytes_to_field(q->account, w.account, sizeof w.account)) {
        return false;
    }
    in->e->session[in->session].status = w;
    return true;
}

void client_venue_status(const struct request_in *in)
{
    struct asked q = { .unasked = false };
    char type = '0';

    (void)fix_msg_find(in->msg, TAG_TRAD_SES_REQ_ID, &q.request_id);
    (void)fix_msg_find(in->msg, TAG_TRADING_SESSION_ID, &q.venue);
    (void)fix_msg_find(in->msg, TAG_TRADING_SESSION_SUB_ID, &q.account);
    if (fix_msg_get_char(in->msg, TAG_SUBSCRIPTION_REQUEST_TYPE, &type) != FIX_GET_OK ||
        strchr("012", type) == NULL) {
        refuse_request(in, &q, "SubscriptionRequestType(263) takes only 0, 1 and 2");
        return;
    }
    if (type != '0' && !watch(in, &q, type == '1')) {
        refuse_request(in, &q, "TradSesReqID(335) or TradingSessionID(336) is too long");
        return;
    }
    in->e->answering = in->msg;
    if (tell_all(in->e, in->session, &q) == 0) {
        in->e->session[in->session].status.on = false;
        refuse_request(in, &q, "no such venue or account of this session");
    }
    in->e->answering = NULL;
}

/* ---- changes ------------------------------------------------------------------------------- */

void status_session_up(struct engine *e, uint32_t session)
{
    const struct asked q = { .unasked = true };

    if (e->config.session[session].venue_status) {
        (void)tell_all(e, session, &q);
    }
}

static void push(struct engine *e, const struct account *a)
{
    for (uint32_t i = 0; i < e->config.session_count; i++) {
        const struct session_state *s = &e->session[i];
        const struct asked q = { .request_id = bytes_of(s->status.request_id),
                                 .venue = bytes_of(s->status.venue),
                                 .account = bytes_of(s->status.account),
                                 .unasked = true };
        const struct asked all = { .unasked = true };

        if (!s->up || !is_visible(e, i, a->index)) {
            continue;
        }
        if (s->status.on && fits(a, &q)) {
            tell(e, i, a, &q);
        } else if (e->config.session[i].venue_status) {
            tell(e, i, a, &all);
        }
    }
}

void status_run(struct engine *e)
{
    static const char *const text[] = { "halted", "open", "closed" };

    for (size_t i = 0; e->started && i < e->ran_count; i++) {
        struct account *a = e->ran[i];
        const char *why;
        char status = status_of(e, a, &why);

        if (status == a->status_told) {
            continue;
        }
        a->status_told = status;
        engine_note(e, NOTE_INFO, "venue.status", "account=%.*s status=%s why=\"%s\"",
                    BYTES_ARG(a->cfg->name), text[status - '1'], why == NULL ? "" : why);
        push(e, a);
    }
}
