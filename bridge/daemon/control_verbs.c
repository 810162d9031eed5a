/*
 * The operator's commands: one table, each with what it needs and what it does. A command that
 * changes something leaves a line in the log: who (user, process), what, and what became of it.
 */
#include <stdio.h>

#include "control.h"
#include "engine_query.h"
#include "json_out.h"
#include "log.h"
#include "reload.h"
#include "session_ops.h"
#include "shell.h"

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

static const char *state_text(const struct session *s)
{
    switch (fix_session_state(s->fix)) {
    case FIX_OFFLINE: return "offline";
    case FIX_CONNECTED: return "connected";
    case FIX_UP: return "up";
    case FIX_LOGOUT_SENT: return "logging out";
    }
    return "?";
}

static void add_session(const struct shell *sh, const struct session *s, struct buf *out)
{
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "name", s->config->head.name);
    json_out_key_text(out, "state", bytes_of(state_text(s)));
    json_out_key_bool(out, "enabled", !s->disabled && !s->removed);
    json_out_key_bool(out, "removed", s->removed);
    json_out_key_uint(out, "next_in", fix_session_next_in(s->fix));
    json_out_key_uint(out, "next_out", fix_session_next_out(s->fix));
    json_out_key_text(out, "address", bytes_of(s->conn == NULL ? "" : s->conn->peer));
    json_out_key_time(out, "since", s->since.wall_us);
    json_out_key_uint(out, "messages_in", s->messages_in);
    json_out_key_uint(out, "messages_out", s->messages_out);
    json_out_key_uint(out, "orders_live", engine_session_live(sh->engine, s->index));
    buf_char(out, '}');
}

static bool sessions(struct call *c)
{
    buf_char(c->out, '[');
    for (size_t i = 0; i < c->sh->session_count; i++) {
        add_session(c->sh, &c->sh->session[i], c->out);
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
    add_session(c->sh, s, c->out);
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
    add_session(c->sh, s, c->out);
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
    add_session(c->sh, s, c->out);
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
    add_session(c->sh, s, c->out);
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
    add_session(c->sh, s, c->out);
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
    add_session(c->sh, s, c->out);
    return true;
}

/* ---- orders -------------------------------------------------------------------------------- */

static struct bytes session_name(const struct shell *sh, uint32_t index)
{
    return index < sh->session_count ? sh->session[index].config->head.name
                                     : (struct bytes){ NULL, 0 };
}

static void add_terms(const struct order *o, struct buf *out)
{
    json_out_key_text(out, "ord_type", (struct bytes){ &o->terms.ord_type, 1 });
    json_out_key_decimal(out, "qty", o->terms.qty);
    if (o->terms.has_price) {
        json_out_key_decimal(out, "price", o->terms.price);
    }
    if (o->terms.has_stop) {
        json_out_key_decimal(out, "stop_price", o->terms.stop_price);
    }
    json_out_key_decimal(out, "filled", o->cum_qty);
    json_out_key_decimal(out, "leaves", order_leaves(o));
}

static void add_order(const struct shell *sh, const struct order *o, struct buf *out)
{
    char id[ORDER_ID_TEXT_MAX];
    char status = order_status(o);
    struct bytes account = o->account < engine_accounts(sh->engine)
                               ? engine_account_name(sh->engine, o->account)
                               : (struct bytes){ NULL, 0 };

    order_id_text(o->id, id);
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "id", bytes_of(id));
    json_out_key_text(out, "session", session_name(sh, o->session));
    json_out_key_text(out, "account", account);
    json_out_key_text(out, "cl_ord_id", bytes_of(o->cl_ord_id));
    json_out_key_text(out, "client_id", bytes_of(o->client_id));
    json_out_key_text(out, "venue_id", bytes_of(o->venue_id));
    json_out_key_text(out, "state", bytes_of(order_state_text(o->state)));
    json_out_key_text(out, "ord_status", (struct bytes){ &status, 1 });
    json_out_key_bool(out, "live", order_is_live(o));
    json_out_key_text(out, "symbol", bytes_of(o->symbol));
    json_out_key_text(out, "side", bytes_of(o->side == VENUE_BUY ? "buy" : "sell"));
    add_terms(o, out);
    json_out_key_bool(out, "request_pending", o->request != NULL);
    json_out_key_bool(out, "being_looked_up", o->check);
    json_out_key_time(out, "taken", o->taken_us);
    json_out_key_time(out, "changed", o->changed_us);
    buf_char(out, '}');
}

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
            add_order(c->sh, o, c->out);
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
    add_order(c->sh, engine_order_by_id(c->sh->engine, how.order_id), c->out);
    return true;
}

/* An OrderID names one order; a ClOrdID one of each session that used it. */
static bool show_order(struct call *c)
{
    const struct order *o;
    uint64_t id;
    size_t before;

    if (c->count > 2) {
        return c->count > 3 ? correct_order(c)
                            : no(c, "expected: order ID bust|correct EXECID ...");
    }
    buf_char(c->out, '[');
    before = c->out->size;
    if (order_id_parse(c->word[1], &id) && (o = engine_order_by_id(c->sh->engine, id)) != NULL) {
        add_order(c->sh, o, c->out);
    }
    for (size_t i = 0; i < c->sh->session_count; i++) {
        o = engine_order_by_cl_ord_id(c->sh->engine, (uint32_t)i, c->word[1]);
        if (o != NULL) {
            add_order(c->sh, o, c->out);
        }
    }
    if (c->out->size == before) {
        return no(c, "no such order");
    }
    buf_char(c->out, ']');
    return true;
}

/* ---- venues and the whole ------------------------------------------------------------------ */

static void add_account(const struct shell *sh, uint32_t index, struct buf *out)
{
    struct engine_account_status a;

    engine_account_look(sh->engine, index, &sh->now, &a);
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "account", engine_account_name(sh->engine, index));
    json_out_key_text(out, "venue", engine_account_venue(sh->engine, index));
    json_out_key_bool(out, "healthy", !a.down);
    json_out_key_bool(out, "settling", a.settling);
    json_out_key_uint(out, "failures", a.failures);
    json_out_key_int(out, "backoff_ms", a.backoff_us / US_PER_MS);
    json_out_key_uint(out, "calls", a.calls);
    json_out_key_uint(out, "calls_max", a.calls_max);
    json_out_key_uint(out, "orders_queued", a.orders_queued);
    json_out_key_uint(out, "cancels_queued", a.cancels_queued);
    json_out_key_uint(out, "orders_live", a.orders_live);
    json_out_key_uint(out, "doubts", a.doubts);
    json_out_key_int(out, "clock_offset_ms", a.clock_offset_us / US_PER_MS);
    json_out_key_bool(out, "deadman_armed", a.deadman_us > 0);
    json_out_key(out, "budget");
    buf_char(out, '[');
    for (size_t i = 0; i < a.window_count; i++) {
        json_out_item(out);
        buf_char(out, '{');
        json_out_key_uint(out, "capacity", a.window[i].capacity);
        json_out_key_uint(out, "left", a.window[i].left);
        json_out_key_uint(out, "period_ms", a.window[i].period_ms);
        buf_char(out, '}');
    }
    buf_text(out, "]}");
}

static bool venues(struct call *c)
{
    buf_char(c->out, '[');
    for (size_t i = 0; i < engine_accounts(c->sh->engine); i++) {
        add_account(c->sh, (uint32_t)i, c->out);
    }
    buf_char(c->out, ']');
    return true;
}

static bool stats(struct call *c)
{
    struct engine_stats e;
    struct journal_stats j;
    size_t up = 0;

    engine_stats(c->sh->engine, &e);
    journal_stats(c->sh->journal, &j);
    for (size_t i = 0; i < c->sh->session_count; i++) {
        up += c->sh->session[i].up ? 1 : 0;
    }
    buf_char(c->out, '{');
    json_out_key_bool(c->out, "stopping", c->sh->phase != SHELL_RUNS);
    json_out_key_uint(c->out, "sessions", c->sh->session_count);
    json_out_key_uint(c->out, "sessions_up", up);
    json_out_key_uint(c->out, "connections", c->sh->conns == NULL ? 0 : conns_count(c->sh->conns));
    json_out_key_uint(c->out, "logon_suspects", logon_suspects(c->sh->guard));
    json_out_key_uint(c->out, "orders_live", e.orders_live);
    json_out_key_uint(c->out, "orders_total", e.orders_total);
    json_out_key_uint(c->out, "fills", e.fills);
    json_out_key_uint(c->out, "doubts", e.doubts);
    json_out_key_uint(c->out, "calls", e.calls_under_way);
    json_out_key_uint(c->out, "queued", e.queued);
    json_out_key_uint(c->out, "journal_batches", j.batches);
    json_out_key_uint(c->out, "journal_records", j.records);
    json_out_key_uint(c->out, "journal_bytes", j.bytes);
    json_out_key_uint(c->out, "journal_syncs", j.syncs);
    json_out_key_uint(c->out, "journal_sync_us_max", j.sync_us_max);
    json_out_key_uint(c->out, "journal_segment", j.segment);
    json_out_key_text(c->out, "journal_space", bytes_of(journal_space_text(c->sh->space)));
    json_out_key_uint(c->out, "journal_free_bytes", journal_free(c->sh->journal));
    buf_char(c->out, '}');
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

static bool help(struct call *c);

/* ---- the table ----------------------------------------------------------------------------- */

static const struct verb {
    const char *name, *arguments, *text;
    size_t least, most; /* words, its own among them */
    bool acts;
    bool (*run)(struct call *c);
} verbs[] = {
    { "sessions", "", "all sessions: state, next numbers, address, since, counts", 1, 1, false,
      sessions },
    { "session", "NAME show", "one session", 2, 3, false, show_session },
    { "set-next", "NAME [in=N] [out=N]", "set the next numbers of a session that is offline", 3, 4,
      true, set_next },
    { "reset", "NAME", "both numbers to 1, sent messages forgotten; offline only", 2, 2, true,
      reset },
    { "disconnect", "NAME", "log a session out", 2, 2, true, disconnect },
    { "enable", "NAME", "let it log on again", 2, 2, true, enable },
    { "disable", "NAME", "log it out and refuse its Logons, until enabled or restarted", 2, 2, true,
      disable },
    { "orders", "[SESSION] [live]", "the newest orders, at most 1000", 1, 3, false, orders },
    { "order", "ID|CLORDID", "one order", 2, 6, false, show_order },
    { "order", "ID bust EXECID", "a trade the venue took back; the client is told (150=H)", 4, 4,
      true, show_order },
    { "order", "ID correct EXECID QTY PRICE", "a trade the venue changed (150=G)", 6, 6, true,
      show_order },
    { "venues", "", "accounts: health, budget left, calls", 1, 1, false, venues },
    { "stats", "", "counters of the whole service", 1, 1, false, stats },
    { "reload", "", "read the configuration again; all or nothing", 1, 1, true, reload },
    { "compact", "", "compact the journal to a snapshot; the log tells what became of it", 1, 1,
      true, compact },
    { "stop", "[SECONDS|cancel]",
      "stop in good order; with SECONDS then, and News to the clients from a minute before", 1, 2,
      true, stop },
    { "help", "", "this list", 1, 1, false, help },
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

void control_run(struct shell *sh, struct bytes line, unsigned uid, int pid, struct buf *out)
{
    struct call c = { .sh = sh, .out = out };
    size_t start = out->size;
    const struct verb *v;
    bool good;

    split(&c, line);
    v = c.count == 0 ? NULL : find_verb(c.word[0]);
    buf_text(out, "{\"ok\":true,\"result\":");
    good = run(&c, v);
    if (!good) {
        out->size = start;
        buf_text(out, "{\"ok\":false");
        json_out_key_text(out, "error", bytes_of(c.error));
    }
    buf_text(out, "}\n");
    if (v != NULL && (v->acts || (v->run == show_order && c.count > 2))) {
        log_write(LOG_WARN, "admin", LOG_U("uid", uid), LOG_I("pid", pid), LOG_B("command", line),
                  LOG_T("result", good ? "done" : c.error));
    }
}
