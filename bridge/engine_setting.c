/*
 * Settings of the accounts: asked at start, after a lost connection and now and then; changed where
 * the configuration says so, one recorded call at a time, whose outcome is always learned by asking
 * again. New orders of an account wait until its settings are known and are refused while one is
 * wrong. An order that names a leverage or a margin mode (20005, 22100) is compared with what the
 * venue says just before it is sent.
 */
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "engine_internal.h"

#define FRESH_US (60 * US_PER_S)    /* older answers are not what an order is compared with */
#define REFRESH_US (600 * US_PER_S) /* a good setting is asked for again */
#define WRONG_US (30 * US_PER_S)    /* a wrong one: somebody may have put it right */
#define RETRY_US US_PER_S
#define SETTINGS_MAX 1024 /* of an account: symbols that orders name included */

static const struct venue_setting_way *way_of(const struct account *a, enum venue_setting what)
{
    return venue_setting_find(a->cfg->driver, what);
}

/* ---- the list ------------------------------------------------------------------------------ */

static struct setting *find(const struct account *a, enum venue_setting what, struct bytes symbol)
{
    for (size_t i = 0; i < a->setting_count; i++) {
        struct setting *s = a->setting[i];

        if (s->what == what && bytes_is(symbol, s->symbol)) {
            return s;
        }
    }
    return NULL;
}

/* NULL: too many. Calls under way point into it, so each has memory of its own. */
static struct setting *add(struct account *a, enum venue_setting what, struct bytes symbol)
{
    struct setting **grown;
    struct setting *s;

    if (a->setting_count == SETTINGS_MAX) {
        return NULL;
    }
    grown = realloc(a->setting, (a->setting_count + 1) * sizeof *grown);
    s = grown == NULL ? NULL : calloc(1, sizeof *s);
    if (grown != NULL) {
        a->setting = grown;
    }
    if (s == NULL || !bytes_to_field(symbol, s->symbol, sizeof s->symbol)) {
        assert_failed(__FILE__, __LINE__, "out of memory, or a symbol too long");
    }
    s->what = what;
    s->phase = SETTING_UNKNOWN;
    a->setting[a->setting_count++] = s;
    return s;
}

static void demand(struct account *a, enum venue_setting what, struct bytes symbol,
                   struct bytes want, bool apply, bool warn)
{
    const struct venue_setting_way *w = way_of(a, what);
    struct setting *s = w == NULL ? NULL : add(a, what, symbol);

    if (s == NULL || !bytes_to_field(want, s->want, sizeof s->want)) {
        assert_failed(__FILE__, __LINE__, "a setting that the configuration's check let pass");
    }
    s->apply = apply && w->set != 0;
    s->warn = warn && !w->strict;
}

void account_settings_init(struct account *a)
{
    for (size_t i = 0; i < a->cfg->setting_count; i++) {
        const struct engine_setting *c = &a->cfg->setting[i];

        if (c->want.size > 0) {
            demand(a, c->what, c->symbol, c->want, c->apply, c->warn);
        }
    }
    for (unsigned k = 0; k < VENUE_SETTING_COUNT; k++) {
        const struct venue_setting_way *w = way_of(a, (enum venue_setting)k);
        const char *standard = w == NULL          ? NULL
                               : w->follows_hedge ? (a->cfg->hedge ? "hedge" : "one-way")
                                                  : w->standard;
        bool apply = false;

        if (standard == NULL || find(a, (enum venue_setting)k, BYTES("")) != NULL) {
            continue;
        }
        for (size_t i = 0; i < a->cfg->setting_count; i++) {
            apply = apply || (a->cfg->setting[i].what == k && a->cfg->setting[i].apply);
        }
        demand(a, (enum venue_setting)k, BYTES(""), bytes_of(standard), apply, false);
    }
}

void account_settings_fini(struct account *a)
{
    for (size_t i = 0; i < a->setting_count; i++) {
        free(a->setting[i]);
    }
    free(a->setting);
}

/* ---- moves --------------------------------------------------------------------------------- */

static void move(struct engine *e, struct account *a, struct setting *s, enum setting_event event)
{
    enum setting_phase to = setting_next_phase(s->phase, event), from = s->phase;
    bool wrong = to == SETTING_WRONG;

    ASSERT(to != SETTING_ILLEGAL);
    s->phase = to;
    if (from == to || s->want[0] == '\0') {
        return;
    }
    engine_note(e, wrong ? (s->warn ? NOTE_WARN : NOTE_ERROR) : NOTE_INFO, "account.setting",
                "account=%.*s setting=%s%s%s want=%s have=%s state=%s%s", BYTES_ARG(a->cfg->name),
                venue_setting_text(s->what), s->symbol[0] == '\0' ? "" : " symbol=", s->symbol,
                s->want, s->have[0] == '\0' ? "?" : s->have, setting_phase_text(to),
                wrong && !s->warn ? ": new orders are refused until it is put right" : "");
}

void account_settings_stale(struct engine *e, struct account *a)
{
    for (size_t i = 0; i < a->setting_count; i++) {
        struct setting *s = a->setting[i];

        s->known_us = 0;
        s->next_us = s->want[0] == '\0' ? NEVER_US : e->now.mono_us;
        move(e, a, s, SETTING_STALE);
    }
}

/* ---- calls --------------------------------------------------------------------------------- */

/* A symbol for a question about the whole account that wants one. */
static struct bytes any_symbol(const struct account *a)
{
    const struct instrument *i;
    size_t at = 0;

    while ((i = symbols_next(a->cfg->symbols, &at)) != NULL) {
        if (i->loaded && i->tradeable) {
            return bytes_of(i->venue_symbol);
        }
    }
    return (struct bytes){ NULL, 0 };
}

static void ask(struct engine *e, struct account *a, size_t index)
{
    struct setting *s = a->setting[index];
    const struct venue_setting_way *w = way_of(a, s->what);
    struct venue_call c = { .op = w->ask };

    if (w->ask_symbol) {
        c.symbol = s->symbol[0] != '\0' ? bytes_of(s->symbol) : any_symbol(a);
        if (c.symbol.size == 0) {
            return; /* the next answer, that of the instruments, runs the account again */
        }
    }
    if (w->ask_arg.name.size > 0) {
        c.arg = &w->ask_arg;
        c.arg_count = 1;
    }
    if (account_may_call(e, a, &c, RATE_POLL) &&
        call_start(e, a, CALL_SETTING, &c, index, NULL, 0) != NULL) {
        s->asking = true;
    }
}

static void record_change(struct engine *e, const struct account *a, const struct setting *s,
                          bool done)
{
    struct record r = { .kind = RECORD_SETTING, .wall_us = e->now.wall_us };
    char name[SYMBOL_MAX + 32];

    snprintf(name, sizeof name, "%s%s%s", venue_setting_text(s->what),
             s->symbol[0] == '\0' ? "" : " ", s->symbol);
    r.setting.account = a->index;
    r.setting.done = done;
    r.setting.name = bytes_of(name);
    r.setting.value = bytes_of(s->want);
    engine_commit(e, &r);
}

static void change(struct engine *e, struct account *a, size_t index)
{
    struct setting *s = a->setting[index];
    const struct venue_setting_way *w = way_of(a, s->what);
    struct venue_call c = { .op = w->set, .arg = &s->arg, .arg_count = 1 };

    s->arg = (struct venue_arg){ bytes_of(w->set_arg), venue_setting_word(w, bytes_of(s->want)) };
    c.symbol = w->set_symbol ? bytes_of(s->symbol) : (struct bytes){ NULL, 0 };
    if (!account_may_call(e, a, &c, RATE_ORDER)) {
        return;
    }
    record_change(e, a, s, false);
    s->tries++;
    move(e, a, s, SETTING_SEND);
    if (call_start(e, a, CALL_SET, &c, index, NULL, 0) == NULL) {
        assert_failed(__FILE__, __LINE__, "out of memory");
    }
}

void account_run_settings(struct engine *e, struct account *a)
{
    for (size_t i = 0; i < a->setting_count; i++) {
        struct setting *s = a->setting[i];

        if (s->asking || s->phase == SETTING_SENT) {
            continue;
        }
        if (e->now.mono_us < s->next_us) {
            wake_at(a, s->next_us);
        } else if (s->phase == SETTING_CHANGING) {
            change(e, a, i);
        } else {
            ask(e, a, i);
        }
    }
}

static void asked(struct engine *e, struct account *a, const struct call *c, struct setting *s,
                  bool done, const struct venue_reply *reply)
{
    struct bytes value;

    s->asking = false;
    s->next_us = e->now.mono_us + RETRY_US;
    if (!done ||
        !venue_setting_read(way_of(a, s->what), bytes_of(s->symbol), reply->setting, &value)) {
        engine_note(e, NOTE_WARN, "account.setting", "account=%.*s setting=%s: not told",
                    BYTES_ARG(a->cfg->name), venue_setting_text(s->what));
        return;
    }
    s->known_us = c->started.mono_us;
    move(e, a, s, setting_answer(s, value));
    if (s->phase == SETTING_CHANGING) {
        s->next_us = e->now.mono_us;
    } else {
        s->next_us = s->want[0] == '\0'
                         ? NEVER_US
                         : e->now.mono_us + (s->phase == SETTING_GOOD ? REFRESH_US : WRONG_US);
    }
}

void setting_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                    const struct venue_reply *reply)
{
    struct setting *s = a->setting[c->request];

    if (c->purpose == CALL_SETTING) {
        asked(e, a, c, s, outcome == VENUE_DONE && reply != NULL, reply);
        return;
    }
    s->next_us = e->now.mono_us;
    if (outcome == VENUE_HELD) {
        s->tries--;
        s->next_us += RETRY_US;
        move(e, a, s, SETTING_HELD);
        return;
    }
    s->known_us = 0; /* what was known before is no answer */
    if (outcome == VENUE_DONE) {
        record_change(e, a, s, true);
    } else {
        engine_note(e, NOTE_WARN, "account.setting", "account=%.*s setting=%s outcome=%s code=%.*s",
                    BYTES_ARG(a->cfg->name), venue_setting_text(s->what),
                    venue_outcome_text(outcome), reply == NULL ? 0 : (int)reply->code.size,
                    reply == NULL ? "" : reply->code.data);
    }
    move(e, a, s, SETTING_SETTLED);
}

/* ---- orders -------------------------------------------------------------------------------- */

enum setting_gate account_settings_gate(const struct account *a, struct refusal *no)
{
    enum setting_gate gate = SETTING_GATE_OPEN;

    for (size_t i = 0; i < a->setting_count; i++) {
        const struct setting *s = a->setting[i];

        if (s->want[0] == '\0' || s->warn || s->phase == SETTING_GOOD) {
            continue;
        }
        if (s->phase == SETTING_WRONG) {
            refuse(no, REFUSAL_ORDER, 0,
                   "the account's %s%s%s is %s at the venue and must be %s: no new orders",
                   venue_setting_text(s->what), s->symbol[0] == '\0' ? "" : " of ", s->symbol,
                   s->have, s->want);
            return SETTING_GATE_SHUT;
        }
        gate = SETTING_GATE_WAIT;
    }
    return gate;
}

struct named_setting {
    enum venue_setting what;
    const char *tag;
    struct bytes value;
};

/* The session may change it, and nothing in the configuration says what it is to be: it becomes
 * what the order says. */
static enum setting_gate change_for_order(struct engine *e, struct account *a, struct setting *s,
                                          const struct named_setting *n, struct refusal *no)
{
    if (s->phase == SETTING_WRONG && bytes_is(n->value, s->want)) {
        refuse(no, REFUSAL_ORDER, 99, "%s: the venue keeps the account at %s", n->tag, s->have);
        return SETTING_GATE_SHUT;
    }
    ASSERT(bytes_to_field(n->value, s->want, sizeof s->want));
    s->by_orders = s->apply = s->warn = true;
    s->tries = 0;
    s->next_us = e->now.mono_us;
    move(e, a, s, SETTING_CHANGE);
    return SETTING_GATE_WAIT;
}

static enum setting_gate check_named(struct engine *e, struct account *a, const struct order *o,
                                     const struct named_setting *n, struct refusal *no)
{
    const struct venue_setting_way *w = way_of(a, n->what);
    struct bytes symbol = w != NULL && w->by_symbol ? bytes_of(o->venue_symbol) : BYTES("");
    struct setting *s = w == NULL ? NULL : find(a, n->what, symbol);
    bool may_change =
        o->session < e->config.session_count && e->config.session[o->session].may_change_settings;

    if (w != NULL && s == NULL) {
        s = add(a, n->what, symbol);
    }
    if (s == NULL) {
        refuse(no, REFUSAL_ORDER, 99, "%s: %s does not tell the account's", n->tag,
               a->cfg->driver->name);
        return SETTING_GATE_SHUT;
    }
    if (s->phase == SETTING_CHANGING || s->phase == SETTING_SENT) {
        return SETTING_GATE_WAIT;
    }
    if (s->known_us == 0 || e->now.mono_us - s->known_us > FRESH_US) {
        if (s->next_us == NEVER_US || s->known_us != 0) {
            s->next_us = e->now.mono_us;
        }
        return SETTING_GATE_WAIT;
    }
    if (setting_equal(n->what, bytes_of(s->have), n->value)) {
        return SETTING_GATE_OPEN;
    }
    if (may_change && w->set != 0 && (s->want[0] == '\0' || s->by_orders)) {
        return change_for_order(e, a, s, n, no);
    }
    refuse(no, REFUSAL_ORDER, 99, "%s=%.*s is not the account's setting, which is %s", n->tag,
           BYTES_ARG(n->value), s->have);
    return SETTING_GATE_SHUT;
}

bool order_names_settings(const struct order *o)
{
    return decimal_sign(o->terms.leverage) > 0 || o->terms.margin_mode != 0;
}

enum setting_gate order_settings_gate(struct engine *e, struct account *a, const struct order *o,
                                      struct refusal *no)
{
    enum setting_gate gate = account_settings_gate(a, no);
    char text[DECIMAL_TEXT_MAX];
    struct named_setting n = { VENUE_SETTING_MARGIN_MODE, "MarginMode(22100)",
                               o->terms.margin_mode == 'I' ? BYTES("isolated") : BYTES("cross") };

    if (gate == SETTING_GATE_OPEN && o->terms.margin_mode != 0) {
        gate = check_named(e, a, o, &n, no);
    }
    if (gate == SETTING_GATE_OPEN && decimal_sign(o->terms.leverage) > 0) {
        n = (struct named_setting){ VENUE_SETTING_LEVERAGE,
                                    "Leverage(20005)",
                                    { text, decimal_print(o->terms.leverage, text) } };
        gate = check_named(e, a, o, &n, no);
    }
    return gate;
}
