/*
 * The operator's commands: one table, each with what it needs and what it does. A command that
 * changes something leaves a line in the log: who (user, process), what, and what became of it.
 */
#include <stdio.h>

#include "admin.h"
#include "control.h"
#include "engine_query.h"
#include "json_out.h"
#include "log.h"
#include "reload.h"
#include "session_ops.h"
#include "shell.h"
#include "view.h"

/* What a command does to the service, and what becomes of it when the audit cannot be written: one
 * that makes things safer is carried out all the same. */
enum effect_of_verb { VERB_ASKS, VERB_ACTS, VERB_SAVES };

/* Orders of one answer: the newest. */
#define ORDERS_SHOWN_MAX 1000

struct call {
    struct shell *sh;
    struct bytes word[CONTROL_WORDS_MAX];
    size_t count;
    struct buf *out; /* the result goes here */
    char error[512];
};

static bool no(struct call *c, const char *why)
{
    (void)snprintf(c->error, sizeof c->error, "%s", why);
    return false;
}

static bool find_session(struct call *c, size_t word, struct session **out)
{
    *out = word < c->count ? shell_session(c->sh, c->word[word]) : NULL;
    return *out != NULL || no(c, "no such session");
}

static bool take_uint(struct bytes text, uint64_t *out)
{
    uint64_t n = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i >= 18) {
            return false;
        }
        n = n * 10 + (uint64_t)(text.data[i] - '0');
    }
    *out = n;
    return text.size > 0;
}

/* ---- sessions ------------------------------------------------------------------------------ */

static bool sessions(struct call *c)
{
    buf_char(c->out, '[');
    for (size_t i = 0; i < c->sh->session_count; i++) {
        view_session(c->sh, &c->sh->session[i], c->out);
    }
    buf_char(c->out, ']');
    return true;
}

static bool show_session(struct call *c)
{
    static const char *const auth_words[] = { "password", "none", "hmac-sha256", "ed25519" };
    struct session *s;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    if (c->count > 2 && !bytes_is(c->word[2], "show")) {
        return no(c, "expected: session NAME show");
    }
    view_session(c->sh, s, c->out);
    c->out->size--; /* goes on inside the same object */
    json_out_key_text(c->out, "sender_comp_id", s->config->sender_comp_id);
    json_out_key_text(c->out, "target_comp_id", s->config->target_comp_id);
    json_out_key_text(
        c->out, "auth",
        bytes_of(s->config->auth < ARRAY_LEN(auth_words) ? auth_words[s->config->auth] : "?"));
    json_out_key(c->out, "accounts");
    buf_char(c->out, '[');
    for (size_t i = 0; i < s->config->accounts.count; i++) {
        json_out_item(c->out);
        json_out_text(c->out, s->config->accounts.item[i]);
    }
    buf_text(c->out, "]}");
    return true;
}

static bool set_next(struct call *c)
{
    struct session *s;
    uint64_t in, out;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    in = fix_session_next_in(s->fix);
    out = fix_session_next_out(s->fix);
    for (size_t i = 2; i < c->count; i++) {
        struct bytes w = c->word[i];
        bool is_in = w.size > 3 && memcmp(w.data, "in=", 3) == 0;
        bool is_out = w.size > 4 && memcmp(w.data, "out=", 4) == 0;
        size_t skip = is_in ? 3 : 4;

        if ((!is_in && !is_out) ||
            !take_uint((struct bytes){ w.data + skip, w.size - skip }, is_in ? &in : &out) ||
            (is_in ? in : out) == 0) {
            return no(c, "expected: set-next NAME in=NUMBER out=NUMBER, numbers from 1");
        }
    }
    if (fix_session_state(s->fix) != FIX_OFFLINE) {
        return no(c, "the session is connected; disconnect it first");
    }
    if (!shell_set_next(c->sh, s, in, out)) {
        return no(c, "the journal could not take it");
    }
    view_session(c->sh, s, c->out);
    return true;
}

static bool reset(struct call *c)
{
    struct session *s;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    if (fix_session_state(s->fix) != FIX_OFFLINE) {
        return no(c, "the session is connected; disconnect it first");
    }
    if (!shell_reset(c->sh, s)) {
        return no(c, "the journal could not take it");
    }
    view_session(c->sh, s, c->out);
    return true;
}

static bool disconnect(struct call *c)
{
    struct session *s;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    if (!shell_disconnect(c->sh, s, "Disconnected by the operator")) {
        return no(c, "the session is not connected");
    }
    view_session(c->sh, s, c->out);
    return true;
}

static bool enable(struct call *c)
{
    struct session *s;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    if (s->removed) {
        return no(c, "the session is no longer in the configuration");
    }
    s->disabled = false;
    view_session(c->sh, s, c->out);
    return true;
}

static bool disable(struct call *c)
{
    struct session *s;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    s->disabled = true;
    (void)shell_disconnect(c->sh, s, "The session is disabled"); /* fine when offline */
    view_session(c->sh, s, c->out);
    return true;
}

/* ---- orders -------------------------------------------------------------------------------- */

static bool orders(struct call *c)
{
    struct session *s = NULL;
    bool live = false;
    size_t shown = 0;

    for (size_t i = 1; i < c->count; i++) {
        if (bytes_is(c->word[i], "live")) {
            live = true;
        } else if (!find_session(c, i, &s)) {
            return false;
        }
    }
    buf_char(c->out, '[');
    for (uint64_t id = engine_order_count(c->sh->engine); id > 0 && shown < ORDERS_SHOWN_MAX;
         id--) {
        const struct order *o = engine_order_by_id(c->sh->engine, id);

        if (o != NULL && (s == NULL || o->session == s->index) && (!live || order_is_live(o))) {
            view_order(c->sh, o, c->out);
            shown++;
        }
    }
    buf_char(c->out, ']');
    return true;
}

/* A trade the venue took back or changed. Told to the client at once: see engine_correct. */
static bool correct_order(struct call *c)
{
    struct engine_correction how = { .exec_id = c->word[3] };
    const char *why;

    how.bust = bytes_is(c->word[2], "bust") && c->count == 4;
    if (!how.bust && !(bytes_is(c->word[2], "correct") && c->count == 6)) {
        return no(c, "expected: order ID bust EXECID, or order ID correct EXECID QTY PRICE");
    }
    if (!order_id_parse(c->word[1], &how.order_id)) {
        return no(c, "expected the OrderID (FB-...)");
    }
    if (!how.bust &&
        (!decimal_parse(c->word[4], &how.qty) || !decimal_parse(c->word[5], &how.px))) {
        return no(c, "expected exact decimals for quantity and price");
    }
    why = engine_correct(c->sh->engine, &how, &c->sh->now);
    shell_carry_out(c->sh, NULL);
    if (why != NULL) {
        return no(c, why);
    }
    view_order(c->sh, engine_order_by_id(c->sh->engine, how.order_id), c->out);
    return true;
}

/* "order FB-1 is VENUE-ID", "is absent", "is canceled": what a person found out at the venue. */
static bool decide_order(struct call *c)
{
    struct bytes what = c->word[3], none = { NULL, 0 };
    bool absent = bytes_is(what, "absent"), canceled = bytes_is(what, "canceled");
    enum engine_verdict verdict = absent     ? ENGINE_IS_ABSENT
                                  : canceled ? ENGINE_IS_CANCELED
                                             : ENGINE_IS_THERE;
    const char *why = "";
    uint64_t id;
    bool good;

    if (!order_id_parse(c->word[1], &id)) {
        return no(c, "expected the OrderID (FB-...)");
    }
    good = engine_decide(c->sh->engine, id, verdict, absent || canceled ? none : what, &c->sh->now,
                         &why);
    shell_carry_out(c->sh, NULL);
    if (!good) {
        return no(c, why);
    }
    view_order(c->sh, engine_order_by_id(c->sh->engine, id), c->out);
    return true;
}

/* An OrderID names one order; a ClOrdID one of each session that used it. */
static bool show_order(struct call *c)
{
    const struct order *o;
    uint64_t id;
    size_t before;

    if (c->count == 4 && bytes_is(c->word[2], "is")) {
        return decide_order(c);
    }
    if (c->count > 2) {
        return c->count > 3 ? correct_order(c)
                            : no(c, "expected: order ID bust|correct EXECID ...");
    }
    buf_char(c->out, '[');
    before = c->out->size;
    if (order_id_parse(c->word[1], &id) && (o = engine_order_by_id(c->sh->engine, id)) != NULL) {
        view_order(c->sh, o, c->out);
    }
    for (size_t i = 0; i < c->sh->session_count; i++) {
        o = engine_order_by_cl_ord_id(c->sh->engine, (uint32_t)i, c->word[1]);
        if (o != NULL) {
            view_order(c->sh, o, c->out);
        }
    }
    if (c->out->size == before) {
        return no(c, "no such order");
    }
    buf_char(c->out, ']');
    return true;
}

/* ---- venues and the whole ------------------------------------------------------------------ */

static bool venues(struct call *c)
{
    buf_char(c->out, '[');
    for (size_t i = 0; i < engine_accounts(c->sh->engine); i++) {
        view_account(c->sh, (uint32_t)i, c->out);
    }
    buf_char(c->out, ']');
    return true;
}

static bool stats(struct call *c)
{
    view_stats(c->sh, c->out);
    return true;
}

static bool reload(struct call *c)
{
    struct buf report;
    bool good;

    buf_init(&report, 1024 * 1024);
    good = reload_run(c->sh, &report);
    json_out_text(c->out, buf_view(&report));
    if (!good) {
        (void)snprintf(c->error, sizeof c->error, "nothing was changed: %.*s",
                       (int)(report.size < 400 ? report.size : 400),
                       report.size > 0 ? report.data : "");
    }
    buf_fini(&report);
    return good;
}

static bool compact(struct call *c)
{
    if (journal_compacting(c->sh->journal)) {
        return no(c, "a compaction is under way");
    }
    c->sh->compact.wanted = true;
    buf_text(c->out, "\"begins\"");
    return true;
}

static bool stop(struct call *c)
{
    uint64_t seconds = 0;

    if (c->count == 2 && bytes_is(c->word[1], "cancel")) {
        if (!shell_announce_cancel(c->sh)) {
            return no(c, "no stop is planned");
        }
        buf_text(c->out, "\"canceled\"");
        return true;
    }
    if (c->count == 2 && (!take_uint(c->word[1], &seconds) || seconds > 7 * 86400)) {
        return no(c, "expected seconds, or cancel");
    }
    if (seconds > 0) {
        shell_announce(c->sh, (uint32_t)seconds);
        buf_text(c->out, "\"planned\"");
        return true;
    }
    shell_drain(c->sh, "admin");
    buf_text(c->out, "\"stopping\"");
    return true;
}

/* ---- accounts ------------------------------------------------------------------------------ */

static bool find_account(struct call *c, uint32_t *out)
{
    for (uint32_t i = 0; i < engine_accounts(c->sh->engine); i++) {
        if (bytes_equal(engine_account_name(c->sh->engine, i), c->word[1])) {
            *out = i;
            return true;
        }
    }
    return no(c, "no such account");
}

static bool set_account(struct call *c, bool enabled)
{
    uint32_t account;

    if (!find_account(c, &account)) {
        return false;
    }
    engine_account_enable(c->sh->engine, account, enabled, &c->sh->now);
    shell_carry_out(c->sh, NULL);
    view_account(c->sh, account, c->out);
    return true;
}

static bool enable_account(struct call *c)
{
    return set_account(c, true);
}

static bool disable_account(struct call *c)
{
    return set_account(c, false);
}

static void cancel_all(struct call *c, uint32_t session, uint32_t account)
{
    size_t count = engine_cancel_all(c->sh->engine, session, account, &c->sh->now);

    shell_carry_out(c->sh, NULL);
    buf_char(c->out, '{');
    json_out_key_uint(c->out, "canceling", count);
    buf_char(c->out, '}');
}

static bool cancel_session(struct call *c)
{
    struct session *s;

    if (!find_session(c, 1, &s)) {
        return false;
    }
    cancel_all(c, s->index, ENGINE_ANY);
    return true;
}

static bool cancel_account(struct call *c)
{
    uint32_t account;

    if (!find_account(c, &account)) {
        return false;
    }
    cancel_all(c, ENGINE_ANY, account);
    return true;
}

static bool page(struct call *c)
{
    if (c->sh->admin == NULL) {
        return no(c, "admin_listen is off, or could not be opened");
    }
    buf_printf(c->out, "\"%s#token=%s\"", admin_url(c->sh->admin), admin_token(c->sh->admin));
    return true;
}

static bool help(struct call *c);

/* ---- the table ----------------------------------------------------------------------------- */

static const struct verb {
    const char *name, *arguments, *text;
    size_t least, most; /* words, its own among them */
    enum effect_of_verb effect;
    bool (*run)(struct call *c);
} verbs[] = {
    { "sessions", "", "all sessions: state, next numbers, address, since, counts", 1, 1, VERB_ASKS,
      sessions },
    { "session", "NAME show", "one session", 2, 3, VERB_ASKS, show_session },
    { "set-next", "NAME [in=N] [out=N]", "set the next numbers of a session that is offline", 3, 4,
      VERB_ACTS, set_next },
    { "reset", "NAME", "both numbers to 1, sent messages forgotten; offline only", 2, 2, VERB_ACTS,
      reset },
    { "disconnect", "NAME", "log a session out", 2, 2, VERB_SAVES, disconnect },
    { "enable", "NAME", "let it log on again", 2, 2, VERB_ACTS, enable },
    { "disable", "NAME", "log it out and refuse its Logons, until enabled or restarted", 2, 2,
      VERB_SAVES, disable },
    { "cancel-session", "NAME", "cancel all live orders of a session", 2, 2, VERB_SAVES,
      cancel_session },
    { "cancel-account", "NAME", "cancel all live orders of an account", 2, 2, VERB_SAVES,
      cancel_account },
    { "disable-account", "NAME",
      "it takes no new orders and no replaces, until enabled or restarted", 2, 2, VERB_SAVES,
      disable_account },
    { "enable-account", "NAME", "it takes orders again", 2, 2, VERB_ACTS, enable_account },
    { "page", "", "the address of the status page, with its token", 1, 1, VERB_ASKS, page },
    { "orders", "[SESSION] [live]", "the newest orders, at most 1000", 1, 3, VERB_ASKS, orders },
    { "order", "ID|CLORDID", "one order", 2, 6, VERB_ASKS, show_order },
    { "order", "ID bust EXECID", "a trade the venue took back; the client is told (150=H)", 4, 4,
      VERB_ACTS, show_order },
    { "order", "ID correct EXECID QTY PRICE", "a trade the venue changed (150=G)", 6, 6, VERB_ACTS,
      show_order },
    { "order", "ID is VENUE-ID|absent|canceled",
      "what a person found out at the venue about an order in doubt; the client is told", 4, 4,
      VERB_ACTS, show_order },
    { "venues", "", "accounts: health, budget left, calls", 1, 1, VERB_ASKS, venues },
    { "stats", "", "counters of the whole service", 1, 1, VERB_ASKS, stats },
    { "reload", "", "read the configuration again; all or nothing", 1, 1, VERB_ACTS, reload },
    { "compact", "", "compact the journal to a snapshot; the log tells what became of it", 1, 1,
      VERB_ACTS, compact },
    { "stop", "[SECONDS|cancel]",
      "stop in good order; with SECONDS then, and News to the clients from a minute before", 1, 2,
      VERB_SAVES, stop },
    { "help", "", "this list", 1, 1, VERB_ASKS, help },
};

void control_help(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        buf_printf(out, "  %s%s%-*s %s\n", verbs[i].name, verbs[i].arguments[0] == '\0' ? "" : " ",
                   (int)(32 - strlen(verbs[i].name)), verbs[i].arguments, verbs[i].text);
    }
}

static bool help(struct call *c)
{
    struct buf text;

    buf_init(&text, 16 * 1024);
    control_help(&text);
    json_out_text(c->out, buf_view(&text));
    buf_fini(&text);
    return true;
}

static void split(struct call *c, struct bytes line)
{
    size_t at = 0;

    while (at < line.size && c->count < CONTROL_WORDS_MAX) {
        size_t end = at;

        while (end < line.size && line.data[end] > ' ') {
            end++;
        }
        if (end > at) {
            c->word[c->count++] = (struct bytes){ line.data + at, end - at };
        }
        at = end + 1;
    }
}

static const struct verb *find_verb(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (bytes_is(name, verbs[i].name)) {
            return &verbs[i];
        }
    }
    return NULL;
}

static bool run(struct call *c, const struct verb *v)
{
    if (v == NULL) {
        return no(c, "unknown command; try help");
    }
    if (c->count < v->least || c->count > v->most) {
        (void)snprintf(c->error, sizeof c->error, "expected: %s %s", v->name, v->arguments);
        return false;
    }
    return v->run(c);
}

/* Who, for the audit. */
static void name_who(const struct control_who *who, char out[128])
{
    if (who->http != NULL) {
        (void)snprintf(out, 128, "http=%s", who->http);
    } else {
        (void)snprintf(out, 128, "uid=%u pid=%d", who->uid, who->pid);
    }
}

static void leave_trace(struct shell *sh, struct bytes line, const struct control_who *who,
                        const char *result)
{
    char text[128];

    if (who->http != NULL) {
        log_write(LOG_WARN, "admin", LOG_T("http", who->http), LOG_B("command", line),
                  LOG_T("result", result));
    } else {
        log_write(LOG_WARN, "admin", LOG_U("uid", who->uid), LOG_I("pid", who->pid),
                  LOG_B("command", line), LOG_T("result", result));
    }
    name_who(who, text);
    audit_end(sh->audit, sh->now.wall_us, text, line, result);
}

/* Nothing is done that could not be explained afterwards. */
static bool run_audited(struct call *c, const struct verb *v, struct bytes line,
                        const struct control_who *who)
{
    char text[128], why[AUDIT_WHY_MAX];

    name_who(who, text);
    if (!audit_begin(c->sh->audit, c->sh->now.wall_us, text, line, why) &&
        v->effect != VERB_SAVES) {
        (void)snprintf(c->error, sizeof c->error, "nothing was done: %s", why);
        return false;
    }
    return run(c, v);
}

bool control_run(struct shell *sh, struct bytes line, const struct control_who *who,
                 struct buf *out)
{
    struct call c = { .sh = sh, .out = out };
    size_t start = out->size;
    const struct verb *v;
    bool good, acts;

    split(&c, line);
    v = c.count == 0 ? NULL : find_verb(c.word[0]);
    acts = v != NULL && (v->effect != VERB_ASKS || (v->run == show_order && c.count > 2));
    buf_text(out, "{\"ok\":true,\"result\":");
    good = acts ? run_audited(&c, v, line, who) : run(&c, v);
    if (!good) {
        out->size = start;
        buf_text(out, "{\"ok\":false");
        json_out_key_text(out, "error", bytes_of(c.error));
    }
    buf_text(out, "}\n");
    if (acts) {
        leave_trace(sh, line, who, good ? "done" : c.error);
    }
    return good;
}
