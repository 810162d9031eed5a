/* clang-format off: the table below */
/*
 * Plays scenario scripts (*.scn) on the pure core: made-up clock, model venue, journal in memory.
 * Each script is played once as written, with every expectation checked; then once more for every
 * step and both fates of calls under way, with the process killed after that step, started again
 * from its records and once more from a snapshot of its state: then only the judge speaks
 * (judge.c), because what clients must be told in the end does not depend on when we died.
 *
 *     client A > 35=D|11=c1|...        a client's message, without header and trailer
 *     client A up [8013=S] [35003=MS]  logs on, with what it chooses; client A down
 *     client A < 8 150=0 11=c1 !41     the next message to A: MsgType, then tags that must have
 *                                      these values; !tag must be absent; tag=* any value
 *     client A < none                  nothing (more) was sent to A
 *     venue next place acted           the next call of that operation: acted (done, answer lost),
 *                                      lost, late=MS, held, throttled, banned=MS, refused=REASON,
 * wrong-order; x3: that often venue take 2 @ 100.5             what the next orders find to trade
 * against at once venue fill A c1 1 @ 100.5        fills a resting order venue trigger A c1 a stop
 * fires venue cancel A c1 margin|user|market|venue|expired|deadman venue got A c1 77=O 7928=N its
 * order has these terms, by the tags they came in account setting leverage|self_trade VALUE [apply]
 * [warn]   what it must be; starts anew venue setting leverage|self_trade|fixed VALUE somebody
 * changes it there session may-change-settings      20005 and 22100 change the account; starts anew
 *     venue late-fill A c1 1 @ 100     a fill of an order that was canceled
 *     venue reduce A c1 1              cuts a resting reduce-only order to fit the position
 *     venue forgets                    STATUS knows only open orders from now on
 *     venue hides-fills / lists-fills  lists leave out the fills of the time between
 *     venue shows-fills                and show them now
 *     venue clock -90s                 its clock beside ours
 *     venue kind WORD...               what it is like (first line): see world_kind
 *     venue hold / venue go            calls stay under way / are answered
 *     venue calls place 1              how many calls of the operation there were in all
 *     account deadman on|off           and: when-down reject, venue-status A
 *     drain                            a planned stop begins
 *     hand place 2 @ 100               another hand on the account
 *     hand fill h1 1 @ 100
 *     hand cancel h1
 *     operator bust A c1 x1            takes a fill of the order back, by the venue's execution id
 *     operator correct A c1 x1 1 @ 99  changes it
 *     operator cancel A|account        cancels all live orders of the session, or of the account
 *     session refuse-to-filled         a replace to CumQty or less is refused; starts anew
 *     wait 1500ms                      time passes (also: 5s)
 *     decide [no] FB-1 there v1|absent|canceled   a person decides (no: cannot)
 *     crash acted|lost [20h]           the process dies and starts again, so much later
 *     # comment
 */
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "memory.h"
#include "random_script.h"
#include "world.h"

#define LINES_MAX 400

struct script {
    const char *name;
    char *text;
    char *line[LINES_MAX];
    int number[LINES_MAX];
    size_t count;
};

static bool load(struct script *s, const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t n;
    int number = 0;

    memset(s, 0, sizeof *s);
    s->name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    s->text = calloc(1, 256 * 1024);
    if (f == NULL || s->text == NULL) {
        return false;
    }
    n = fread(s->text, 1, 256 * 1024 - 1, f);
    fclose(f);
    s->text[n] = '\0';
    for (char *at = s->text; at != NULL && *at != '\0';) {
        char *end = strchr(at, '\n');

        number++;
        if (end != NULL) {
            *end = '\0';
        }
        if (*at != '\0' && *at != '#') {
            if (s->count == LINES_MAX) {
                return false;
            }
            s->line[s->count] = at;
            s->number[s->count++] = number;
        }
        at = end == NULL ? NULL : end + 1;
    }
    return true;
}

/* ---- expectations -------------------------------------------------------------------------- */

static bool matches_word(const char *text, const char *word)
{
    char value[256], *end;
    uint32_t tag;

    if (*word == '!') {
        return !world_field(text, (uint32_t)strtoul(word + 1, NULL, 10), value, sizeof value);
    }
    tag = (uint32_t)strtoul(word, &end, 10);
    if (*end != '=' || !world_field(text, tag, value, sizeof value)) {
        return false;
    }
    return strcmp(end + 1, "*") == 0 || strcmp(end + 1, value) == 0;
}

static struct world_message *next_message(struct world *w, uint32_t session)
{
    for (size_t i = 0; i < w->message_count; i++) {
        if (w->message[i].session == session && !w->message[i].consumed) {
            return &w->message[i];
        }
    }
    return NULL;
}

static void expect(struct world *w, uint32_t session, const char *line)
{
    struct world_message *m = next_message(w, session);
    char words[512], want[16], *save = NULL, *word;

    snprintf(words, sizeof words, "%s", line);
    word = strtok_r(words, " ", &save);
    if (word == NULL || strcmp(word, "none") == 0) {
        if (m != NULL) {
            world_fail(w, "expected nothing, got %s", m->text);
        }
        return;
    }
    if (m == NULL) {
        world_fail(w, "expected %s, got nothing", line);
        return;
    }
    m->consumed = true;
    snprintf(want, sizeof want, "35=%s", word);
    if (strncmp(m->text, want, strlen(want)) != 0 || m->text[strlen(want)] != '|') {
        world_fail(w, "expected %s, got %s", line, m->text);
    }
    while ((word = strtok_r(NULL, " ", &save)) != NULL) {
        if (!matches_word(m->text, word)) {
            world_fail(w, "expected %s (of %s), got %s", word, line, m->text);
        }
    }
}

/* ---- venue lines --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum venue_reason reason;
} reasons[] = {
    { "funds", VENUE_REASON_LIMIT },
    { "symbol", VENUE_REASON_SYMBOL },
    { "closed", VENUE_REASON_CLOSED },
    { "price", VENUE_REASON_PRICE },
    { "quantity", VENUE_REASON_QUANTITY },
    { "would-cross", VENUE_REASON_WOULD_CROSS },
    { "duplicate", VENUE_REASON_DUPLICATE },
    { "stale", VENUE_REASON_STALE },
    { "unknown-order", VENUE_REASON_UNKNOWN_ORDER },
    { "other", VENUE_REASON_OTHER },
};

static const struct {
    const char *name;
    enum venue_cause cause;
} causes[] = {
    { "margin", VENUE_CAUSE_MARGIN },   { "user", VENUE_CAUSE_USER },
    { "market", VENUE_CAUSE_MARKET },   { "venue", VENUE_CAUSE_VENUE },
    { "expired", VENUE_CAUSE_EXPIRED }, { "deadman", VENUE_CAUSE_DEADMAN },
};

static bool parse_fault(const char *word, struct model_rule *r)
{
    static const struct {
        const char *name;
        enum model_fault fault;
    } plain[] = {
        { "acted", FAULT_ACTED },
        { "lost", FAULT_LOST },
        { "held", FAULT_HELD },
        { "throttled", FAULT_THROTTLED },
        { "wrong-order", FAULT_WRONG_ORDER },
    };

    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        if (strcmp(word, plain[i].name) == 0) {
            r->fault = plain[i].fault;
            return true;
        }
    }
    if (strncmp(word, "banned=", 7) == 0) {
        r->fault = FAULT_THROTTLED;
        r->late_us = strtol(word + 7, NULL, 10) * US_PER_MS;
        return true;
    }
    if (strncmp(word, "late=", 5) == 0) {
        r->fault = FAULT_LATE;
        r->late_us = strtol(word + 5, NULL, 10) * US_PER_MS;
        return true;
    }
    for (size_t i = 0; strncmp(word, "refused=", 8) == 0 && i < ARRAY_LEN(reasons); i++) {
        if (strcmp(word + 8, reasons[i].name) == 0) {
            r->fault = FAULT_REFUSED;
            r->reason = reasons[i].reason;
            return true;
        }
    }
    return false;
}

/* A place for one more rule; the oldest gives way. */
static struct model_rule *rule_slot(struct model_venue *v)
{
    if (v->rule_count == ARRAY_LEN(v->rule)) {
        memmove(v->rule, v->rule + 1, (ARRAY_LEN(v->rule) - 1) * sizeof v->rule[0]);
        v->rule_count--;
    }
    return &v->rule[v->rule_count];
}

static void venue_next(struct world *w, const char *line)
{
    struct model_rule *r = rule_slot(w->venue);
    char op[32] = "", fault[32] = "";
    unsigned count = 1;

    memset(r, 0, sizeof *r);
    (void)sscanf(line, "%31s %31s x%u", op, fault, &count);
    if (!venue_op_parse(bytes_of(op), &r->op) || !parse_fault(fault, r)) {
        world_fail(w, "script: cannot read 'venue next %s'", line);
        return;
    }
    r->count = count;
    w->venue->rule_count++;
}

static struct decimal to_decimal(struct world *w, const char *text)
{
    struct decimal d = DECIMAL_ZERO;

    if (!decimal_parse(bytes_of(text), &d)) {
        world_fail(w, "script: not a number: %s", text);
    }
    return d;
}

/* A script that was crashed may speak of an order that never got there. */
static struct model_order *order_named(struct world *w, char session, const char *id, bool strict)
{
    struct model_order *o = world_order(w, (uint32_t)(session - 'A'), id);

    if (strict && (o == NULL || o->status != VENUE_ORDER_OPEN)) {
        world_fail(w, "script: the venue has no open order %s", id);
    }
    return o != NULL && o->status == VENUE_ORDER_OPEN ? o : NULL;
}

static void venue_fill_line(struct world *w, const char *line, bool strict)
{
    char session = 'A', id[64] = "", qty[32] = "", px[32] = "";
    struct model_order *o;
    struct decimal room, amount;

    (void)sscanf(line, "%c %63s %31s @ %31s", &session, id, qty, px);
    o = order_named(w, session, id, strict);
    amount = to_decimal(w, qty);
    if (o != NULL && decimal_sub(o->qty, o->filled, &room)) {
        model_fill(w->venue, o, decimal_compare(room, amount) < 0 ? room : amount,
                   to_decimal(w, px), w->now.wall_us);
    }
}

static void venue_cancel_line(struct world *w, const char *line, bool strict)
{
    char session = 'A', id[64] = "", cause[32] = "";
    struct model_order *o;

    (void)sscanf(line, "%c %63s %31s", &session, id, cause);
    o = order_named(w, session, id, strict);
    for (size_t i = 0; o != NULL && i < ARRAY_LEN(causes); i++) {
        if (strcmp(cause, causes[i].name) == 0) {
            model_end(o,
                      causes[i].cause == VENUE_CAUSE_EXPIRED ? VENUE_ORDER_EXPIRED
                                                             : VENUE_ORDER_CANCELED,
                      causes[i].cause, w->now.wall_us);
        }
    }
}

/* "A c1 QTY @ PX": of an order that the venue said it had canceled. */
static void venue_late_fill_line(struct world *w, const char *line)
{
    char session = 'A', id[64] = "", qty[32] = "", px[32] = "";
    struct model_order *o;

    (void)sscanf(line, "%c %63s %31s @ %31s", &session, id, qty, px);
    o = world_order(w, (uint32_t)(session - 'A'), id);
    if (o != NULL && o->status == VENUE_ORDER_CANCELED) {
        model_fill(w->venue, o, to_decimal(w, qty), to_decimal(w, px), w->now.wall_us);
    }
}

/* "A c1 QTY": cuts a resting reduce-only order to fit the position. */
static void venue_reduce_line(struct world *w, const char *line, bool strict)
{
    char session = 'A', id[64] = "", qty[32] = "0";
    struct model_order *o;

    (void)sscanf(line, "%c %63s %31s", &session, id, qty);
    o = order_named(w, session, id, strict);
    if (o != NULL) {
        o->qty = to_decimal(w, qty);
        o->cause = VENUE_CAUSE_REDUCED;
    }
}

static void venue_trigger_line(struct world *w, const char *line, bool strict)
{
    char session = 'A', id[64] = "";
    struct model_order *o;

    (void)sscanf(line, "%c %63s", &session, id);
    o = order_named(w, session, id, strict);
    if (o != NULL) {
        model_trigger(w->venue, o);
    }
}

static void venue_calls_line(struct world *w, const char *line)
{
    char name[32] = "";
    unsigned count = 0;
    enum venue_op op;

    (void)sscanf(line, "%31s %u", name, &count);
    if (!venue_op_parse(bytes_of(name), &op) || w->venue->calls[op] != count) {
        world_fail(w, "expected %s, there were %u", line, w->venue->calls[op]);
    }
}

/* What the order at the venue has of a special term, by its tag; "-": nothing. */
static void special_text(const struct venue_order *v, uint32_t tag, char out[DECIMAL_TEXT_MAX])
{
    struct decimal d = tag == 152     ? v->qty
                       : tag == 22101 ? v->take_profit
                       : tag == 22102 ? v->stop_loss
                       : tag == 22103 ? v->take_profit_limit
                                      : v->stop_loss_limit;
    char c = tag == 77 ? v->position : tag == 7928 ? v->stp : tag == 18 && v->reduce_only ? 'E' : 0;
    bool has = tag == 152     ? v->qty_is_quote
               : tag == 22101 ? v->has_take_profit
               : tag == 22102 ? v->has_stop_loss
               : tag == 22103 ? v->has_take_profit_limit
                              : v->has_stop_loss_limit;

    if (tag == 77 || tag == 7928 || tag == 18) {
        out[0] = c == 0 ? '-' : c;
        out[1] = '\0';
    } else if (has) {
        decimal_print(d, out);
    } else {
        memcpy(out, "-", 2);
    }
}

static void venue_got_line(struct world *w, const char *line)
{
    char session = 'A', id[64] = "", word[64], has[DECIMAL_TEXT_MAX];
    struct model_order *o;
    int used = 0;

    (void)sscanf(line, "%c %63s%n", &session, id, &used);
    o = world_order(w, (uint32_t)(session - 'A'), id);
    if (o == NULL) {
        world_fail(w, "the venue has no order %s", id);
        return;
    }
    for (line += used; sscanf(line, " %63s%n", word, &used) == 1; line += used) {
        const char *value = strchr(word, '=');

        special_text(&o->special, (uint32_t)strtoul(word, NULL, 10), has);
        if (value == NULL || strcmp(value + 1, has) != 0) {
            world_fail(w, "expected %s, the venue has %s", word, has);
        }
    }
}

static void venue_setting_line(struct world *w, const char *words)
{
    char what[32] = "", value[32] = "";

    (void)sscanf(words, "%31s %31s", what, value);
    if (strcmp(what, "fixed") == 0) {
        w->venue->settings_fixed = value[0] == 'y';
    } else {
        char *to = strcmp(what, "leverage") == 0 ? w->venue->leverage : w->venue->self_trade;

        snprintf(to, sizeof w->venue->leverage, "%s", strcmp(value, "none") == 0 ? "" : value);
    }
}

/* False: another line. */
static bool venue_manner_line(struct model_venue *m, const char *line)
{
    int seconds;

    if (strcmp(line, "hides-fills") == 0) {
        m->hides_fills = true;
    } else if (strcmp(line, "lists-fills") == 0) {
        m->hides_fills = false;
    } else if (strcmp(line, "shows-fills") == 0) {
        for (size_t i = 0; i < m->fill_count; i++) {
            m->fill[i].hidden = false;
        }
    } else if (sscanf(line, "clock %ds", &seconds) == 1) {
        m->skew_us = seconds * US_PER_S;
    } else {
        return false;
    }
    return true;
}

static void venue_line(struct world *w, const char *line, bool strict)
{
    char qty[32] = "", px[32] = "";

    if (strncmp(line, "next ", 5) == 0) {
        venue_next(w, line + 5);
    } else if (strncmp(line, "fill ", 5) == 0) {
        venue_fill_line(w, line + 5, strict);
    } else if (strncmp(line, "cancel ", 7) == 0) {
        venue_cancel_line(w, line + 7, strict);
    } else if (strncmp(line, "late-fill ", 10) == 0) {
        venue_late_fill_line(w, line + 10);
    } else if (strncmp(line, "reduce ", 7) == 0) {
        venue_reduce_line(w, line + 7, strict);
    } else if (strncmp(line, "trigger ", 8) == 0) {
        venue_trigger_line(w, line + 8, strict);
    } else if (sscanf(line, "take %31s @ %31s", qty, px) == 2) {
        w->venue->take_qty = to_decimal(w, qty);
        w->venue->take_px = to_decimal(w, px);
    } else if (strcmp(line, "hold") == 0) {
        w->hold = true;
    } else if (strcmp(line, "go") == 0) {
        w->hold = false;
        world_go(w);
    } else if (strncmp(line, "kind ", 5) == 0) {
        if (!world_kind(w, line + 5)) {
            world_fail(w, "script: cannot read 'venue %s'", line);
        }
    } else if (strcmp(line, "silent") == 0) {
        w->venue->silent = true;
    } else if (strcmp(line, "recovers") == 0) {
        w->venue->rule_count = 0;
    } else if (strncmp(line, "got ", 4) == 0) {
        if (strict) {
            venue_got_line(w, line + 4);
        }
    } else if (strncmp(line, "setting ", 8) == 0) {
        venue_setting_line(w, line + 8);
    } else if (strcmp(line, "forgets") == 0) {
        w->venue->status_forgets = true;
    } else if (venue_manner_line(w->venue, line)) {
        return;
    } else if (strncmp(line, "calls ", 6) == 0) {
        if (strict) {
            venue_calls_line(w, line + 6);
        }
    } else {
        world_fail(w, "script: cannot read 'venue %s'", line);
    }
}

/* "up", "down", or "up" with the tags of its Logon: 8013=S 35003=1000 9406=Y */
static void session_line(struct world *w, uint32_t session, const char *words)
{
    struct engine_choice choice = w->session[session].choice;
    const char *cancel = strstr(words, "8013="), *grace = strstr(words, "35003=");

    if (cancel != NULL) {
        choice.cancel = cancel[5] == 'Y'   ? ENGINE_CANCEL_ACCOUNT
                        : cancel[5] == 'S' ? ENGINE_CANCEL_SESSION
                                           : ENGINE_CANCEL_MARKED;
    }
    if (grace != NULL) {
        choice.grace_ms = (uint32_t)strtoul(grace + 6, NULL, 10);
    }
    choice.copy = strstr(words, "9406=Y") != NULL;
    if (choice.copy && w->message_count == 0) {
        w->copies_all = true;
        w->copy_session = session;
    } else if (words[0] == 'u' && !choice.copy && session == w->copy_session) {
        w->copies_all = false;
    }
    world_session(w, session, words[0] == 'u', &choice);
}

/* "bust A c1 x1", "correct A c1 x1 QTY @ PX", "cancel A", "cancel account" */
static void operator_line(struct world *w, const char *line, bool strict)
{
    char what[16] = "", session = 'A', id[64] = "", exec[64] = "", qty[32] = "0", px[32] = "0";
    struct engine_correction how = { .bust = false };

    if (strncmp(line, "cancel ", 7) == 0) {
        world_cancel_all(w,
                         strcmp(line + 7, "account") == 0 ? ENGINE_ANY : (uint32_t)(line[7] - 'A'));
        return;
    }
    (void)sscanf(line, "%15s %c %63s %63s %31s @ %31s", what, &session, id, exec, qty, px);
    how.bust = strcmp(what, "bust") == 0;
    how.exec_id = bytes_of(exec);
    how.qty = to_decimal(w, qty);
    how.px = to_decimal(w, px);
    world_correct(w, (uint32_t)(session - 'A'), id, &how, strict);
}

/* Settings of the account: "deadman on|off", "when-down reject", "venue-status A" */
static void account_line(struct world *w, const char *line)
{
    if (strncmp(line, "deadman ", 8) == 0) {
        w->account.deadman = strcmp(line + 8, "on") == 0 ? ENGINE_DEADMAN_ON : ENGINE_DEADMAN_OFF;
    } else if (strcmp(line, "when-down reject") == 0) {
        w->account.reject_when_down = true;
    } else if (strncmp(line, "venue-status ", 13) == 0) {
        w->session[line[13] - 'A'].venue_status = true;
    } else {
        world_fail(w, "script: cannot read 'account %s'", line);
    }
}

/* "place 2 @ 100", "fill h1 1 @ 100", "cancel h1" */
static void hand_line(struct world *w, const char *line, bool strict)
{
    char what[16] = "", id[32] = "", qty[32] = "0", px[32] = "0";
    struct model_order *o = NULL;

    if (sscanf(line, "place %31s @ %31s", qty, px) == 2) {
        (void)model_other_hand(w->venue, to_decimal(w, qty), to_decimal(w, px), w->now.wall_us);
        return;
    }
    (void)sscanf(line, "%15s %31s %31s @ %31s", what, id, qty, px);
    for (size_t i = 0; i < w->venue->order_count; i++) {
        o = strcmp(w->venue->order[i].venue_id, id) == 0 ? &w->venue->order[i] : o;
    }
    if (o == NULL || o->status != VENUE_ORDER_OPEN) {
        if (strict) {
            world_fail(w, "script: the other hand has no open order %s", id);
        }
    } else if (strcmp(what, "fill") == 0) {
        struct decimal room = DECIMAL_ZERO, amount = to_decimal(w, qty);

        if (decimal_sub(o->qty, o->filled, &room)) {
            model_fill(w->venue, o, decimal_compare(room, amount) < 0 ? room : amount,
                       to_decimal(w, px), w->now.wall_us);
        }
    } else {
        model_end(o, VENUE_ORDER_CANCELED, VENUE_CAUSE_USER, w->now.wall_us);
    }
}

/* ---- playing ------------------------------------------------------------------------------- */

/* "FB-1 there v1", "FB-1 absent", "FB-1 canceled" and, where it must not be possible, "no ..." */
static void decide_line(struct world *w, const char *line, bool strict)
{
    char name[32] = "", what[16] = "", venue_id[32] = "";
    bool refused = strncmp(line, "no ", 3) == 0;
    const struct model_order *m;
    uint64_t id;

    (void)sscanf(refused ? line + 3 : line, "%31s %15s %31s", name, what, venue_id);
    if (!order_id_parse(bytes_of(name), &id)) {
        world_fail(w, "script: not an OrderID: %s", name);
        return;
    }
    if (strict) {
        if (world_decide(w, id, what, venue_id) == refused) {
            world_fail(w, "decide %s: was %spossible", line, refused ? "" : "not ");
        }
        return;
    }
    /* A script that was crashed: the person tells what the venue holds then. */
    m = world_model(w, id);
    if (!refused && m == NULL) {
        (void)world_decide(w, id, "absent", "");
    } else if (!refused) {
        (void)world_decide(w, id, "there", m->venue_id);
        (void)(m->status == VENUE_ORDER_CANCELED && world_decide(w, id, "canceled", ""));
    }
}

void play_line(struct world *w, const char *line, bool strict)
{
    long n = 0;
    char unit[4] = "", fate[8] = "";

    if (strncmp(line, "account setting ", 16) == 0) {
        world_setting(w, line + 16);
        return;
    }
    if (strcmp(line, "session may-change-settings") == 0 ||
        strcmp(line, "session refuse-to-filled") == 0) {
        w->session[0].may_change_settings = line[8] == 'm';
        w->session[0].refuse_to_filled = line[8] == 'r';
        world_crash(w, false);
        return;
    }
    if (strncmp(line, "client ", 7) == 0 && line[7] >= 'A' && line[7] < 'A' + WORLD_SESSIONS) {
        uint32_t session = (uint32_t)(line[7] - 'A');

        if (strncmp(line + 8, " > ", 3) == 0) {
            world_client(w, session, line + 11);
        } else if (strncmp(line + 8, " up", 3) == 0 || strcmp(line + 8, " down") == 0) {
            session_line(w, session, line + 9);
        } else if (strncmp(line + 8, " < ", 3) == 0 && strict) {
            expect(w, session, line + 11);
        }
    } else if (strncmp(line, "hand ", 5) == 0) {
        hand_line(w, line + 5, strict);
    } else if (strncmp(line, "decide ", 7) == 0) {
        decide_line(w, line + 7, strict);
    } else if (strncmp(line, "venue ", 6) == 0) {
        venue_line(w, line + 6, strict);
    } else if (strncmp(line, "operator ", 9) == 0) {
        operator_line(w, line + 9, strict);
    } else if (sscanf(line, "wait %ld%3s", &n, unit) == 2) {
        world_wait(w, n * (strcmp(unit, "ms") == 0 ? US_PER_MS : US_PER_S));
    } else if (strcmp(line, "drain") == 0) {
        world_drain(w);
    } else if (strncmp(line, "account ", 8) == 0) {
        account_line(w, line + 8);
    } else if (sscanf(line, "crash %7s %ldh", fate, &n) >= 1) {
        world_crash_for(w, strcmp(fate, "acted") == 0, n == 0 ? US_PER_S : n * 3600 * US_PER_S);
    } else {
        world_fail(w, "script: cannot read '%s'", line);
    }
}

/* crash_after: index of the line after which the process dies; SIZE_MAX: never. With `snapshot`
 * every crash of the script, too, is survived by a snapshot only. */
static bool play(const struct script *s, const char *dictionary, size_t crash_after, bool acted,
                 bool snapshot, bool verbose)
{
    struct world *w = world_new(dictionary);
    bool strict = crash_after == SIZE_MAX, ok;
    size_t i;

    w->verbose = verbose;
    w->through_snapshot = snapshot;
    for (i = 0; i < s->count && !w->failed; i++) {
        if (verbose) {
            printf("%s:%d: %s\n", s->name, s->number[i], s->line[i]);
        }
        play_line(w, s->line[i], strict);
        if (i == crash_after) {
            world_crash(w, acted);
        }
    }
    for (uint32_t k = 0; strict && !w->failed && k < WORLD_SESSIONS; k++) {
        expect(w, k, "none");
    }
    if (!w->failed) {
        i = s->count + 1;
        world_judge(w);
    }
    ok = !w->failed;
    if (!ok) {
        printf("FAILED %s:%d%s: %s\n", s->name, i > s->count ? 0 : s->number[i - 1],
               strict  ? ""
               : acted ? " (crash, calls acted)"
                       : " (crash, calls lost)",
               w->failure);
        if (!strict) {
            printf("    crashed after line %d%s\n", s->number[crash_after],
                   snapshot ? ", through a snapshot" : "");
        }
    }
    world_free(w);
    return ok;
}

static bool play_all(const struct script *s, const char *dictionary, unsigned *runs)
{
    bool ok = play(s, dictionary, SIZE_MAX, false, false, false) &&
              play(s, dictionary, SIZE_MAX, false, true, false);

    *runs += 2;
    for (size_t k = 0; ok && k < s->count; k++) {
        ok = play(s, dictionary, k, true, false, false) &&
             play(s, dictionary, k, false, false, false) &&
             play(s, dictionary, k, true, true, false) &&
             play(s, dictionary, k, false, true, false);
        *runs += 4;
    }
    return ok;
}

/* ---- random scripts ---------------------------------------------------------------------------
 */

/* Plays lines without expectations; true when the judge is content. */
static bool play_random(char (*line)[RANDOM_LINE_MAX], const bool *keep, size_t count,
                        const char *dictionary, bool snapshot, bool verbose, char failure[1024])
{
    struct world *w = world_new(dictionary);
    bool ok;

    w->verbose = verbose;
    w->through_snapshot = snapshot;
    for (size_t i = 0; i < count && !w->failed; i++) {
        if (keep[i]) {
            if (verbose) {
                printf("%s\n", line[i]);
            }
            play_line(w, line[i], false);
        }
    }
    if (!w->failed) {
        world_judge(w);
    }
    ok = !w->failed;
    snprintf(failure, 1024, "%s", w->failure);
    world_free(w);
    return ok;
}

/* Leaves out what is not needed for the failure: halves, quarters, ... single lines. */
static void shrink(char (*line)[RANDOM_LINE_MAX], bool *keep, size_t count, const char *dictionary,
                   bool snapshot)
{
    char failure[1024];

    for (size_t chunk = count / 2; chunk > 0; chunk /= 2) {
        for (size_t at = 0; at < count; at += chunk) {
            bool saved[LINES_MAX];

            memcpy(saved, keep, sizeof saved);
            for (size_t i = at; i < at + chunk && i < count; i++) {
                keep[i] = false;
            }
            if (play_random(line, keep, count, dictionary, snapshot, false, failure)) {
                memcpy(keep, saved, sizeof saved);
            }
        }
    }
}

static int play_seeds(const char *dictionary, unsigned long first, unsigned long seeds,
                      size_t steps)
{
    static char line[LINES_MAX][RANDOM_LINE_MAX];
    bool keep[LINES_MAX], snapshot;
    unsigned long failed = 0;

    steps = steps > LINES_MAX ? LINES_MAX : steps;
    for (unsigned long seed = first; seed < first + seeds; seed++) {
        char failure[1024];

        random_script(seed, line, steps);
        memset(keep, 1, sizeof keep);
        if (play_random(line, keep, steps, dictionary, false, false, failure) &&
            play_random(line, keep, steps, dictionary, true, false, failure)) {
            continue;
        }
        failed++;
        snapshot = play_random(line, keep, steps, dictionary, false, false, failure);
        shrink(line, keep, steps, dictionary, snapshot);
        (void)play_random(line, keep, steps, dictionary, snapshot, false, failure);
        printf("FAILED seed %lu%s: %s\n", seed, snapshot ? " through snapshots" : "", failure);
        for (size_t i = 0; i < steps; i++) {
            if (keep[i]) {
                printf("%s\n", line[i]);
            }
        }
        if (failed >= 5) {
            break;
        }
    }
    printf("%lu passed, %lu failed\n", seeds - failed, failed);
    return failed == 0 ? 0 : 1;
}

/* Each script with every k-th allocation failing ("7"), or with the k-th alone, telling all ("@7").
 */
static int play_without_memory(const char *dictionary, const char *which, char **path)
{
    unsigned long only = which[0] == '@' ? strtoul(which + 1, NULL, 10) : 0;
    unsigned long every = only > 0 ? 1 : strtoul(which, NULL, 10);
    unsigned passed = 0, failed = 0, runs = 0;

    for (; *path != NULL; path++) {
        struct script s;
        bool ok = every > 0 && load(&s, *path) &&
                  memory_play(s.name, s.line, s.count, dictionary, every, only, &runs);

        passed += ok;
        failed += !ok;
        free(s.text);
    }
    printf("%u runs\n%u passed, %u failed\n", runs, passed, failed);
    return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0, runs = 0;
    bool verbose = argc > 2 && strcmp(argv[1], "-v") == 0;

    setvbuf(stdout, NULL, _IOLBF, 0);

    if (argc == 6 && strcmp(argv[2], "--random") == 0) {
        return play_seeds(argv[1], strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10),
                          strtoul(argv[5], NULL, 10));
    }
    if (argc > 4 && strcmp(argv[2], "--memory") == 0) {
        return play_without_memory(argv[1], argv[3], argv + 4);
    }
    if (argc < 3) {
        fprintf(stderr, "usage: scenario_runner [-v] DICTIONARY SCRIPT.scn...\n"
                        "       scenario_runner DICTIONARY --random FIRST_SEED SEEDS STEPS\n"
                        "       scenario_runner DICTIONARY --memory EVERY|@ONE SCRIPT.scn...\n");
        return 2;
    }
    for (int i = verbose ? 3 : 2; i < argc; i++) {
        struct script s;
        bool ok = load(&s, argv[i]);

        if (!ok) {
            printf("FAILED %s: cannot be read, or too long\n", argv[i]);
        } else if (verbose) {
            ok = play(&s, argv[2], SIZE_MAX, false, false, true);
        } else {
            ok = play_all(&s, argv[1], &runs);
        }
        passed += ok;
        failed += !ok;
        free(s.text);
    }
    printf("%u runs\n%u passed, %u failed\n", runs, passed, failed);
    return failed == 0 ? 0 : 1;
}
