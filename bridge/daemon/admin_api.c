/*
 * Sessions, orders, venues and calls as JSON; what an operator does. Every list is paged, and what
 * is looked at for a page is bounded too.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "admin_internal.h"
#include "control.h"
#include "engine_query.h"
#include "json_out.h"
#include "log.h"
#include "monitor.h"
#include "shell.h"
#include "view.h"

#define PAGE_STANDARD 100
#define PAGE_MAX 500
/* Orders looked at for one page: about a millisecond. */
#define LOOK_MAX 20000
#define LINES_SHOWN 40

static struct bytes param(const struct admin_request *r, const char *name)
{
    const char *value = admin_param(r, name);

    return (struct bytes){ value, value == NULL ? 0 : strlen(value) };
}

static bool page_size(struct admin_request *r, uint64_t *out)
{
    if (!admin_param_number(r, "limit", PAGE_STANDARD, PAGE_MAX, out) || *out == 0) {
        admin_refuse(r, 400, "limit: expected a number from 1 to 500");
        return false;
    }
    return true;
}

static void add_next(struct buf *out, uint64_t next)
{
    json_out_key(out, "next");
    if (next == 0) {
        buf_text(out, "null");
    } else {
        buf_uint(out, next);
    }
}

/* ---- alarms -------------------------------------------------------------------------------- */

static void alarm_head(struct buf *out, const char *level, const char *kind, struct bytes about)
{
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "level", bytes_of(level));
    json_out_key_text(out, "kind", bytes_of(kind));
    json_out_key_text(out, "about", about);
}

static void alarm_text(struct buf *out, const char *level, const char *kind, struct bytes about,
                       const char *text)
{
    alarm_head(out, level, kind, about);
    json_out_key_text(out, "text", bytes_of(text));
    buf_char(out, '}');
}

static void service_alarms(const struct shell *sh, struct buf *out)
{
    static const char *const space[] = {
        [JOURNAL_SPACE_ENOUGH] = NULL,
        [JOURNAL_SPACE_SCARCE] = "the disk of the journal is nearly full",
        [JOURNAL_SPACE_STALLED] = "the disk of the journal is full: no new orders are taken",
        [JOURNAL_SPACE_BLOCKED] = "the disk of the journal is full: nothing leaves until it is not",
    };
    enum journal_space s = journal_space(sh->journal);
    uint64_t lag = journal_last(sh->journal) - journal_durable(sh->journal);

    if (journal_error(sh->journal) != NULL) {
        alarm_text(out, "error", "journal", BYTES("journal"), journal_error(sh->journal));
    }
    if (space[s] != NULL) {
        alarm_text(out, s == JOURNAL_SPACE_SCARCE ? "warn" : "error", "journal", BYTES("journal"),
                   space[s]);
    }
    if (lag > 1000) {
        alarm_text(out, "warn", "journal", BYTES("journal"), "the disk does not keep up");
    }
    if (sh->phase != SHELL_RUNS) {
        alarm_text(out, "warn", "service", BYTES("service"), "the service is stopping");
    }
    if (sh->ops.planned && sh->phase == SHELL_RUNS) {
        alarm_text(out, "warn", "service", BYTES("service"), "a stop is planned and announced");
    }
}

static void account_alarms(const struct shell *sh, uint32_t i, struct buf *out)
{
    struct bytes name = engine_account_name(sh->engine, i);
    struct engine_account_status a;
    char text[160];

    engine_account_look(sh->engine, i, &sh->now, &a);
    if (a.down) {
        (void)snprintf(text, sizeof text,
                       "calls to the venue do not get through: %u failures in a row", a.failures);
        alarm_text(out, "error", "account", name, text);
    }
    if (a.settling) {
        alarm_text(out, "warn", "account", name,
                   "outcomes unknown since before the start are being looked up; orders wait");
    }
    if (a.doubts > 0 && !a.settling) {
        (void)snprintf(text, sizeof text, "%zu order%s being looked up at the venue", a.doubts,
                       a.doubts == 1 ? "" : "s");
        alarm_text(out, "warn", "account", name, text);
    }
    if (a.disabled) {
        alarm_text(out, "warn", "account", name, "disabled by an operator: takes no new orders");
    }
}

static void session_alarms(const struct session *s, struct buf *out)
{
    if (s->ops.slow) {
        alarm_text(out, "warn", "session", s->config->head.name,
                   "the client does not read what is sent to it");
    }
    if (s->disabled && s->config->enabled && !s->removed) {
        alarm_text(out, "warn", "session", s->config->head.name, "disabled by an operator");
    }
}

static void add_alarms(const struct shell *sh, struct buf *out)
{
    buf_char(out, '[');
    service_alarms(sh, out);
    for (size_t i = 0; i < engine_accounts(sh->engine); i++) {
        account_alarms(sh, (uint32_t)i, out);
    }
    for (size_t i = 0; i < sh->session_count; i++) {
        session_alarms(&sh->session[i], out);
    }
    buf_char(out, ']');
}

/* ---- the whole at a glance ----------------------------------------------------------------- */

static void add_stages(const struct shell *sh, struct buf *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        const struct histogram *h = &sh->monitor->stage[i];

        json_out_item(out);
        buf_char(out, '{');
        json_out_key_text(out, "stage", bytes_of(monitor_stage_text((enum monitor_stage)i)));
        json_out_key_uint(out, "count", h->count);
        json_out_key_int(out, "p50_us", histogram_percentile_us(h, 50));
        json_out_key_int(out, "p99_us", histogram_percentile_us(h, 99));
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static uint64_t sum(const uint64_t *n, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        all += n[i];
    }
    return all;
}

void api_overview(struct admin_request *r, const char *rest)
{
    const struct shell *sh = r->sh;
    struct buf *out = &r->out;

    (void)rest;
    buf_char(out, '{');
    json_out_key_text(out, "version", bytes_of(FIXBRIDGE_VERSION));
    json_out_key_time(out, "now", sh->now.wall_us);
    json_out_key_time(out, "started", sh->started_us);
    json_out_key_bool(out, "ready", view_ready(sh, NULL));
    json_out_key(out, "alarms");
    add_alarms(sh, out);
    json_out_key(out, "stats");
    view_stats(sh, out);
    json_out_key_uint(out, "messages_in", sum(sh->monitor->fix_in, MONITOR_TYPES + 1));
    json_out_key_uint(out, "messages_out", sum(sh->monitor->fix_out, MONITOR_TYPES + 1));
    json_out_key_uint(out, "journal_lag", journal_last(sh->journal) - journal_durable(sh->journal));
    json_out_key_int(out, "turn_p99_us", histogram_percentile_us(&sh->monitor->turn, 99));
    json_out_key(out, "stages");
    add_stages(sh, out);
    buf_text(out, "}\n");
}

/* ---- sessions ------------------------------------------------------------------------------ */

static void one_session(struct admin_request *r, const char *name)
{
    const struct session *s = shell_session(r->sh, bytes_of(name));

    if (s == NULL) {
        admin_refuse(r, 404, "no such session");
        return;
    }
    view_session(r->sh, s, &r->out);
    buf_char(&r->out, '\n');
}

void api_sessions(struct admin_request *r, const char *rest)
{
    uint64_t limit, from, i;

    if (rest[0] != '\0') {
        one_session(r, rest);
        return;
    }
    if (!page_size(r, &limit) || !admin_param_number(r, "from", 0, SESSIONS_MAX, &from)) {
        admin_refuse(r, 400, "limit, from: expected numbers");
        return;
    }
    buf_text(&r->out, "{\"sessions\":[");
    for (i = from; i < r->sh->session_count && i < from + limit; i++) {
        view_session(r->sh, &r->sh->session[i], &r->out);
    }
    buf_char(&r->out, ']');
    add_next(&r->out, i < r->sh->session_count ? i : 0);
    buf_text(&r->out, "}\n");
}

/* ---- orders -------------------------------------------------------------------------------- */

struct order_filter {
    uint32_t session, account; /* ENGINE_ANY */
    bool live;
    uint64_t before; /* ids below this */
    uint64_t limit;
};

static bool passes(const struct order_filter *f, const struct order *o)
{
    return o->id < f->before && (f->session == ENGINE_ANY || o->session == f->session) &&
           (f->account == ENGINE_ANY || o->account == f->account);
}

static bool read_filter(struct admin_request *r, struct order_filter *f)
{
    struct bytes session = param(r, "session"), account = param(r, "account");
    const struct session *s = session.size == 0 ? NULL : shell_session(r->sh, session);

    *f = (struct order_filter){ .session = ENGINE_ANY, .account = ENGINE_ANY };
    f->live = bytes_is(param(r, "live"), "1");
    if (!page_size(r, &f->limit) ||
        !admin_param_number(r, "before", engine_order_count(r->sh->engine) + 1, UINT64_MAX,
                            &f->before)) {
        admin_refuse(r, 400, "limit, before: expected numbers");
        return false;
    }
    f->session = s == NULL ? ENGINE_ANY : s->index;
    for (uint32_t i = 0; i < engine_accounts(r->sh->engine); i++) {
        if (bytes_equal(engine_account_name(r->sh->engine, i), account)) {
            f->account = i;
        }
    }
    if ((session.size > 0 && s == NULL) || (account.size > 0 && f->account == ENGINE_ANY)) {
        admin_refuse(r, 404, session.size > 0 && s == NULL ? "no such session" : "no such account");
        return false;
    }
    return true;
}

/* The newest first; those not looked at are told by `next`. */
static uint64_t all_orders(struct admin_request *r, const struct order_filter *f)
{
    uint64_t id = f->before - 1, most = engine_order_count(r->sh->engine), shown = 0, looked = 0;

    for (id = id < most ? id : most; id > 0 && shown < f->limit && looked < LOOK_MAX; id--) {
        const struct order *o = engine_order_by_id(r->sh->engine, id);

        looked++;
        if (o != NULL && passes(f, o)) {
            view_order(r->sh, o, &r->out);
            shown++;
        }
    }
    return id > 0 ? id + 1 : 0;
}

/* Keeps the newest ones of the lists, which are in no order of age between accounts. */
static size_t keep_newest(const struct order **newest, size_t count, size_t limit,
                          const struct order *o)
{
    size_t at = count;

    while (at > 0 && newest[at - 1]->id < o->id) {
        at--;
    }
    if (at == limit) {
        return count;
    }
    count += count < limit ? 1 : 0;
    memmove(newest + at + 1, newest + at, (count - at - 1) * sizeof(*newest));
    newest[at] = o;
    return count;
}

static uint64_t live_orders(struct admin_request *r, const struct order_filter *f, bool *cut)
{
    const struct order *newest[PAGE_MAX];
    size_t count = 0, looked = 0;

    for (uint32_t i = 0; i <= engine_accounts(r->sh->engine); i++) {
        if (f->account != ENGINE_ANY && f->account != i) {
            continue;
        }
        for (const struct order *o = engine_last_live(r->sh->engine, i);
             o != NULL && looked < LOOK_MAX; o = o->prev) {
            looked++;
            if (passes(f, o)) {
                count = keep_newest(newest, count, f->limit, o);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        view_order(r->sh, newest[i], &r->out);
    }
    *cut = looked == LOOK_MAX;
    return count == f->limit ? newest[count - 1]->id : 0;
}

static void one_order(struct admin_request *r, const char *name)
{
    const struct order *o = NULL;
    uint64_t id;

    if (order_id_parse(bytes_of(name), &id)) {
        o = engine_order_by_id(r->sh->engine, id);
    }
    if (o == NULL) {
        admin_refuse(r, 404, "no such order");
        return;
    }
    view_order(r->sh, o, &r->out);
    buf_char(&r->out, '\n');
}

void api_orders(struct admin_request *r, const char *rest)
{
    struct order_filter f;
    uint64_t next;
    bool cut = false;

    if (rest[0] != '\0') {
        one_order(r, rest);
        return;
    }
    if (!read_filter(r, &f)) {
        return;
    }
    buf_text(&r->out, "{\"orders\":[");
    next = f.live ? live_orders(r, &f, &cut) : all_orders(r, &f);
    buf_char(&r->out, ']');
    add_next(&r->out, next);
    json_out_key_bool(&r->out, "cut", cut);
    buf_text(&r->out, "}\n");
}

/* By whatever somebody has of it: OrderID (37), a ClOrdID (11) of its chain, the venue's id (198),
 * the id we gave it at the venue. */
void api_find(struct admin_request *r, const char *rest)
{
    struct bytes id = param(r, "id");
    const struct engine *e = r->sh->engine;
    const struct order *o;
    uint64_t number;
    struct history_entry entry;
    uint64_t at = 0;

    (void)rest;
    if (id.size == 0) {
        admin_refuse(r, 400, "expected id=...");
        return;
    }
    buf_text(&r->out, "{\"orders\":[");
    if (order_id_parse(id, &number) && (o = engine_order_by_id(e, number)) != NULL) {
        view_order(r->sh, o, &r->out);
    }
    if ((o = engine_order_by_client_id(e, id)) != NULL) {
        view_order(r->sh, o, &r->out);
    }
    for (uint32_t i = 0; i < r->sh->session_count; i++) {
        if ((o = engine_order_by_cl_ord_id(e, i, id)) != NULL) {
            view_order(r->sh, o, &r->out);
        }
    }
    for (uint32_t i = 0; i < engine_accounts(e); i++) {
        if ((o = engine_order_by_venue_id(e, i, id)) != NULL) {
            view_order(r->sh, o, &r->out);
        }
    }
    buf_char(&r->out, ']');
    json_out_key_bool(
        &r->out, "messages",
        r->sh->monitor->orders != NULL &&
            history_before(r->sh->monitor->orders, monitor_key_of_id(id), &at, &entry));
    buf_text(&r->out, "}\n");
}

/* ---- venues -------------------------------------------------------------------------------- */

static void add_lately(struct buf *out, const struct monitor_account *a)
{
    uint64_t n = ARRAY_LEN(a->lately_us);
    uint64_t from = a->lately_count > n ? a->lately_count - n : 0;

    buf_char(out, '[');
    for (uint64_t i = from; i < a->lately_count; i++) {
        json_out_item(out);
        buf_uint(out, a->lately_us[i % n]);
    }
    buf_char(out, ']');
}

static void add_outcomes(struct buf *out, const struct monitor_account *a)
{
    for (size_t outcome = 0; outcome < MONITOR_OUTCOMES; outcome++) {
        uint64_t n = 0;

        for (size_t op = 0; op < VENUE_OP_COUNT; op++) {
            n += a->calls[op][outcome];
        }
        json_out_key_uint(out, venue_outcome_text((enum venue_outcome)outcome), n);
    }
}

void api_venues(struct admin_request *r, const char *rest)
{
    (void)rest;
    buf_text(&r->out, "{\"venues\":[");
    for (uint32_t i = 0; i < engine_accounts(r->sh->engine); i++) {
        const struct monitor_account *a = &r->sh->monitor->account[i];

        view_account(r->sh, i, &r->out);
        r->out.size--; /* goes on inside the same object */
        json_out_key(&r->out, "outcomes");
        buf_char(&r->out, '{');
        add_outcomes(&r->out, a);
        buf_char(&r->out, '}');
        json_out_key_int(&r->out, "p50_us", histogram_percentile_us(&a->took, 50));
        json_out_key_int(&r->out, "p99_us", histogram_percentile_us(&a->took, 99));
        json_out_key_uint(&r->out, "calls_total", a->took.count);
        json_out_key(&r->out, "lately_us");
        add_lately(&r->out, a);
        buf_char(&r->out, '}');
    }
    buf_text(&r->out, "]}\n");
}

/* The latest calls, newest first. */
void api_calls(struct admin_request *r, const char *rest)
{
    const struct history *h = r->sh->monitor->calls;
    struct bytes account = param(r, "account");
    struct history_entry e;
    uint64_t limit, at = 0, shown = 0;

    (void)rest;
    if (!page_size(r, &limit)) {
        return;
    }
    buf_text(&r->out, "{\"calls\":[");
    while (h != NULL && shown < limit && history_before(h, 0, &at, &e)) {
        struct bytes name = engine_account_name(r->sh->engine, e.scope);

        if (account.size > 0 && !bytes_equal(account, name)) {
            continue;
        }
        json_out_item(&r->out);
        buf_char(&r->out, '{');
        json_out_key_time(&r->out, "at", e.wall_us);
        json_out_key_text(&r->out, "account", name);
        json_out_key_text(&r->out, "text", e.data);
        buf_char(&r->out, '}');
        shown++;
    }
    buf_text(&r->out, "]}\n");
}

/* ---- the log and what operators did -------------------------------------------------------- */

void api_log(struct admin_request *r, const char *rest)
{
    enum log_level level;
    const char *line;

    (void)rest;
    buf_text(&r->out, "{\"log\":[");
    for (size_t i = 0; i < LINES_SHOWN && (line = log_kept(i, &level)) != NULL; i++) {
        json_out_item(&r->out);
        buf_char(&r->out, '{');
        json_out_key_text(&r->out, "level", bytes_of(log_level_text(level)));
        json_out_key_text(&r->out, "line", bytes_of(line));
        buf_char(&r->out, '}');
    }
    buf_text(&r->out, "],\"audit\":[");
    for (size_t i = 0; i < LINES_SHOWN && (line = audit_kept(r->sh->audit, i)) != NULL; i++) {
        json_out_item(&r->out);
        json_out_text(&r->out, bytes_of(line));
    }
    buf_text(&r->out, "]}\n");
}

/* ---- actions ------------------------------------------------------------------------------- */

/* What of the operator's commands may be done from the page. All are about a session or account. */
static const char *const actions[] = {
    "disconnect",     "enable",         "disable",         "reset",          "set-next",
    "cancel-session", "cancel-account", "disable-account", "enable-account",
};

static struct bytes text_of(const cJSON *body, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, name);

    return cJSON_IsString(item) ? bytes_of(item->valuestring) : (struct bytes){ NULL, 0 };
}

/* A word of a command: it must stay one. */
static bool is_word(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return text.size > 0 && text.size <= 100;
}

static bool is_action(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (bytes_is(name, actions[i])) {
            return true;
        }
    }
    return false;
}

/* "set-next NAME in=5 out=7"; false: not such a request. */
static bool command_of(const cJSON *body, char out[CONTROL_LINE_MAX])
{
    struct bytes action = text_of(body, "action"), target = text_of(body, "target");
    struct bytes in = text_of(body, "in"), next_out = text_of(body, "out");
    int n;

    if (!is_action(action) || !is_word(target) || (in.size > 0 && !is_word(in)) ||
        (next_out.size > 0 && !is_word(next_out))) {
        return false;
    }
    n = snprintf(out, CONTROL_LINE_MAX, "%.*s %.*s%s%.*s%s%.*s", BYTES_ARG(action),
                 BYTES_ARG(target), in.size > 0 ? " in=" : "", BYTES_ARG(in),
                 next_out.size > 0 ? " out=" : "", BYTES_ARG(next_out));
    return n > 0 && n < CONTROL_LINE_MAX;
}

static void act(struct admin_request *r, const cJSON *body)
{
    const struct control_who who = { .http = r->peer };
    char line[CONTROL_LINE_MAX];

    if (!command_of(body, line)) {
        admin_refuse(r, 400, "expected action, target, confirm; for set-next also in, out");
        return;
    }
    if (!bytes_equal(text_of(body, "confirm"), text_of(body, "target"))) {
        admin_refuse(r, 409, "confirm: expected the target's name once more");
        return;
    }
    r->status = control_run(r->sh, bytes_of(line), &who, &r->out) ? 200 : 409;
    r->wait = ADMIN_DURABLE;
}

void api_action(struct admin_request *r, const char *rest)
{
    cJSON *body = cJSON_ParseWithLength(r->body.data == NULL ? "" : r->body.data, r->body.size);

    (void)rest;
    if (!cJSON_IsObject(body)) {
        admin_refuse(r, 400, "expected a JSON object");
    } else {
        act(r, body);
    }
    cJSON_Delete(body);
}
