/*
 * The engine's life: effects and their memory, ids, recovery, and the public functions, which all
 * do the same: take the event, let every account do what it can, and leave the effects to be
 * pulled.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "engine_internal.h"
#include "fix_tags.h"

/* ---- effects ------------------------------------------------------------------------------- */

static const char no_memory[] = "out of memory";

/* An effect that cannot be kept must not be lost beside the record that justifies it: out of memory
 * stops the process. Nothing of this turn was released yet, and recovery starts from what is
 * durable. */
struct slot *engine_slot(struct engine *e, enum effect_kind kind)
{
    struct slot *s;

    if (e->slot_used == e->slot_count) {
        size_t count = e->slot_count == 0 ? 64 : e->slot_count * 2;
        struct slot **grown = realloc(e->slot, count * sizeof *grown);

        if (grown == NULL) {
            assert_failed(__FILE__, __LINE__, no_memory);
        }
        memset(grown + e->slot_count, 0, (count - e->slot_count) * sizeof *grown);
        e->slot = grown;
        e->slot_count = count;
    }
    if (e->slot[e->slot_used] == NULL) {
        e->slot[e->slot_used] = calloc(1, sizeof *s);
        if (e->slot[e->slot_used] == NULL) {
            assert_failed(__FILE__, __LINE__, no_memory);
        }
        buf_init(&e->slot[e->slot_used]->buf, JOURNAL_RECORD_MAX);
    }
    s = e->slot[e->slot_used++];
    memset(&s->effect, 0, sizeof s->effect);
    s->effect.kind = kind;
    buf_clear(&s->buf);
    return s;
}

_Static_assert(FIX_ID_MAX + FIX_ROUTE_MAX <= sizeof((struct slot *)0)->text, "a route fits");

struct bytes sender_of(const struct fix_msg *m, char out[ROUTING_MAX])
{
    struct bytes sub = { NULL, 0 }, route;

    (void)fix_msg_find(m, TAG_SENDER_SUB_ID, &sub);
    if (sub.size > FIX_ID_MAX) {
        sub.size = FIX_ID_MAX; /* whoever takes the message refuses it */
    }
    route = fix_body_route(m, out + sub.size + 1);
    if (route.size == 0) {
        return sub;
    }
    if (sub.size > 0) {
        memcpy(out, sub.data, sub.size);
    }
    out[sub.size] = '\x01';
    return (struct bytes){ out, sub.size + 1 + route.size };
}

void sender_split(struct bytes sender, struct bytes *sub_id, struct bytes *route)
{
    const char *end = sender.size == 0 ? NULL : memchr(sender.data, '\x01', sender.size);

    *sub_id = sender;
    *route = (struct bytes){ NULL, 0 };
    if (end != NULL) {
        sub_id->size = (size_t)(end - sender.data);
        *route = (struct bytes){ end + 1, sender.size - sub_id->size - 1 };
    }
}

void slot_route(struct slot *s, struct bytes sender_sub_id, struct bytes route)
{
    ASSERT(sender_sub_id.size + route.size <= sizeof s->text);
    if (sender_sub_id.size > 0) {
        memcpy(s->text, sender_sub_id.data, sender_sub_id.size);
    }
    if (route.size > 0) {
        memcpy(s->text + sender_sub_id.size, route.data, route.size);
    }
    s->body.target_sub_id = (struct bytes){ s->text, sender_sub_id.size };
    s->body.route = (struct bytes){ s->text + sender_sub_id.size, route.size };
}

/* Effects that were pulled are forgotten when the next event comes. */
void engine_begin(struct engine *e, const struct instant *now)
{
    ASSERT(e->slot_next == e->slot_used); /* the shell pulled everything */
    e->slot_used = e->slot_next = 0;
    e->now = *now;
    e->run_all = true;
}

bool engine_next(struct engine *e, struct effect *out)
{
    if (e->slot_next == e->slot_used) {
        return false;
    }
    *out = e->slot[e->slot_next++]->effect;
    return true;
}

void engine_note_least(struct engine *e, enum note_level least)
{
    e->note_least = least;
}

void engine_note(struct engine *e, enum note_level level, const char *event, const char *format,
                 ...)
{
    struct slot *s;
    va_list args;

    if (level < e->note_least) {
        return;
    }
    s = engine_slot(e, EFFECT_NOTE);
    va_start(args, format);
    vsnprintf(s->text, sizeof s->text, format, args);
    va_end(args);
    s->effect.note.level = level;
    s->effect.note.event = event;
    s->effect.note.text = s->text;
}

/* A record that cannot be applied to our own book is a bug, one that cannot be encoded is a missing
 * check: both stop the process before it tells anybody a lie. Out of memory stops it too: nothing
 * of this turn was released yet, and recovery starts from what is durable. */
void engine_commit(struct engine *e, const struct record *r)
{
    struct slot *s = engine_slot(e, EFFECT_RECORD);
    const char *error = "a record that cannot be encoded, or out of memory for it";

    record_encode(r, &s->buf);
    s->effect.record = buf_view(&s->buf);
    if (s->buf.failed || !engine_apply_record(e, r, &error)) {
        assert_failed(__FILE__, __LINE__, error);
    }
    e->lists_dirty = true;
}

/* ---- ids ----------------------------------------------------------------------------------- */

struct exec_number engine_exec_number(struct engine *e)
{
    return (struct exec_number){ e->boot, ++e->exec_counter };
}

/* ExecID: "<boot>-<count>". Each start has a boot number of its own, durable before anything is
 * sent, so no ExecID can ever come twice. */
size_t exec_number_text(struct exec_number number, char out[EXEC_ID_TEXT_MAX])
{
    size_t n = base36_print(number.boot, out);

    out[n++] = '-';
    n += base36_print(number.serial, out + n);
    out[n] = '\0';
    return n;
}

struct bytes engine_exec_id(struct engine *e, char out[EXEC_ID_TEXT_MAX])
{
    size_t n = e->exec_prefix_size;

    memcpy(out, e->exec_prefix, sizeof e->exec_prefix);
    n += base36_print(++e->exec_counter, out + n);
    out[n] = '\0';
    return (struct bytes){ out, n };
}

void engine_set_boot(struct engine *e, uint64_t boot)
{
    size_t n = base36_print(boot, e->exec_prefix);

    e->boot = boot;
    e->exec_prefix[n] = '-';
    e->exec_prefix_size = n + 1;
}

void engine_set_mark(struct engine *e, uint64_t mark)
{
    size_t n = 2;

    e->mark = mark;
    memcpy(e->client_prefix, "fb", 2);
    n += base36_print(mark & 0xffffffffff, e->client_prefix + n);
    e->client_prefix[n++] = '-';
    e->client_prefix_size = n;
}

/* "fb<installation mark>-<order id>", later legs "fb<mark>-<leg>-<order id>": found again without a
 * table, unique across installations that share an account. */
void engine_client_id(const struct engine *e, uint64_t order_id, uint32_t leg,
                      char out[VENUE_CLIENT_ID_MAX + 1])
{
    size_t n = e->client_prefix_size;

    memcpy(out, e->client_prefix, sizeof e->client_prefix);
    if (leg > 0) {
        n += base36_print(leg, out + n);
        out[n++] = '-';
    }
    n += base36_print(order_id, out + n);
    out[n] = '\0';
}

struct account *engine_account_of(struct engine *e, const struct order *o)
{
    return o->account < e->config.account_count ? &e->account[o->account] : NULL;
}

const char *engine_order_name(const struct order *o, char out[ORDER_ID_TEXT_MAX])
{
    order_id_text(o->id, out);
    return out;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* What single cancels leave of a window, in percent, so that a mass cancel's one call still fits. A
 * call that would cost more than a fifth waits its turn like the others. */
static unsigned bulk_reserve(const struct venue_driver *d, size_t window)
{
    const struct venue_call bulk = { .op = VENUE_CANCEL_ALL };
    uint32_t capacity = d->window[window].capacity, cost;

    if (d->endpoint[VENUE_CANCEL_ALL].build == NULL) {
        return 0;
    }
    cost = venue_call_cost(d, &bulk, window);
    return cost > capacity / 5 ? 0 : (cost * 100 + capacity - 1) / capacity;
}

/* Cancels can use all of a window but the mass cancel's share, orders leave them a fifth of it.
 * Questions get a share of their own, so that neither starves the other; windows that orders do not
 * use are theirs. */
void account_init_rates(struct account *a, int64_t mono_us)
{
    const struct venue_driver *d = a->cfg->driver;

    for (size_t i = 0; i < VENUE_WINDOWS_MAX && d->window[i].capacity > 0; i++) {
        int64_t period_us = (int64_t)d->window[i].period_ms * US_PER_MS;
        uint32_t share = d->endpoint[VENUE_PLACE].cost[i] > 0 ? 30 : 100;
        uint32_t polls = d->window[i].capacity * share / 100;

        rate_init(&a->rate[i], d->window[i].capacity, period_us, mono_us);
        rate_reserve(&a->rate[i], RATE_CANCEL, bulk_reserve(d, i));
        rate_reserve(&a->rate[i], RATE_ORDER, 20);
        rate_reserve(&a->rate[i], RATE_POLL, 5);
        rate_init(&a->poll_rate[i], polls > 0 ? polls : 1, period_us, mono_us);
        a->window_count = i + 1;
    }
}

static void account_init(struct engine *e, size_t index)
{
    struct account *a = &e->account[index];
    const struct engine_account *cfg = &e->config.account[index];

    a->cfg = cfg;
    a->index = (uint32_t)index;
    a->wake_us = NEVER_US;
    account_init_rates(a, 0);
    account_settings_init(a);
    e->route[index] = (struct route_account){ cfg->name, cfg->driver, cfg->symbols, cfg->hedge };
}

struct engine *engine_new(const struct engine_config *c)
{
    struct engine *e = calloc(1, sizeof *e);

    if (e == NULL) {
        return NULL;
    }
    e->config = *c;
    e->next_request = e->next_mass = e->next_list = 1;
    e->lists = map_new(c->seed);
    e->lists_dirty = true;
    e->wake_us = e->due_us = NEVER_US;
    e->run_all = true;
    e->first_copy = e->first_watcher = ENGINE_ANY;
    engine_set_mark(e, 0);
    engine_set_boot(e, 0);
    e->retain_at_us = c->retain_orders_us > 0 ? 0 : NEVER_US;
    buf_init(&e->command.echo, FIX_MESSAGE_MAX);
    buf_init(&e->scratch, FIX_MESSAGE_MAX);
    buf_init(&e->copy_scratch, JOURNAL_RECORD_MAX);
    e->book = book_new(c->seed, c->account_count);
    e->account = calloc(c->account_count + 1, sizeof *e->account);
    e->route = calloc(c->account_count + 1, sizeof *e->route);
    e->ran = calloc(2 * c->account_count + 1, sizeof *e->ran); /* each touched, and then due */
    e->session = calloc(c->session_count + 1, sizeof *e->session);
    if (e->lists == NULL || e->book == NULL || e->account == NULL || e->route == NULL ||
        e->ran == NULL || e->session == NULL) {
        engine_free(e);
        return NULL;
    }
    for (size_t i = 0; i < c->account_count; i++) {
        account_init(e, i);
    }
    for (size_t i = 0; i < c->session_count; i++) {
        session_state_init(e, (uint32_t)i);
    }
    return e;
}

void engine_free(struct engine *e)
{
    if (e == NULL) {
        return;
    }
    for (size_t i = 0; i < e->slot_count; i++) {
        if (e->slot[i] != NULL) {
            buf_fini(&e->slot[i]->buf);
            free(e->slot[i]);
        }
    }
    for (size_t i = 0; i < e->call_count; i++) {
        batch_free(e->call[i]->batch);
        free(e->call[i]);
    }
    while (e->mass != NULL) {
        struct mass *m = e->mass;

        e->mass = m->next;
        free(m);
    }
    lists_free(e);
    positions_free(e);
    free(e->slot);
    free(e->call);
    buf_fini(&e->command.echo);
    buf_fini(&e->scratch);
    buf_fini(&e->copy_scratch);
    for (size_t i = 0; e->account != NULL && i < e->config.account_count; i++) {
        foreign_free(&e->account[i]);
    }
    fills_fini(&e->fill);
    book_free(e->book);
    for (size_t i = 0; e->account != NULL && i < e->config.account_count; i++) {
        account_settings_fini(&e->account[i]);
    }
    free(e->account);
    free(e->route);
    free(e->ran);
    free(e->session);
    free(e->own_session);
    gone_names_free(&e->gone_sessions);
    gone_names_free(&e->gone_accounts);
    free(e->session_of);
    free(e->account_of);
    free(e);
}

bool engine_apply(struct engine *e, struct bytes record, const char **error)
{
    struct record r;

    if (!record_decode(record, &r)) {
        *error = "not a record of this version";
        return false;
    }
    return engine_apply_record(e, &r, error);
}

static void write_start(struct engine *e, uint64_t seed)
{
    struct record r = { .kind = RECORD_START, .wall_us = e->now.wall_us };

    r.start.boot = e->boot + 1;
    r.start.mark = e->mark != 0 ? e->mark : (seed | 1);
    engine_commit(e, &r);
    r.kind = RECORD_NAME;
    for (size_t i = 0; i < e->config.session_count; i++) {
        r.name.what = RECORD_NAME_SESSION;
        r.name.number = (uint32_t)i;
        r.name.name = e->config.session[i].name;
        engine_commit(e, &r);
    }
    for (size_t i = 0; i < e->config.account_count; i++) {
        r.name.what = RECORD_NAME_ACCOUNT;
        r.name.number = (uint32_t)i;
        r.name.name = e->config.account[i].name;
        engine_commit(e, &r);
    }
}

/* What was under way when the last run ended may or may not have reached the venue. */
static void settle_order(struct engine *e, struct account *a, struct order *o)
{
    if (o->state == ORDER_SENT) {
        order_in_doubt(e, o, "restart");
    }
    for (struct request *r = o->request; r != NULL; r = r->next) {
        if (r->state == REQUEST_SENT) {
            r->lost = r->kind != REQUEST_REPLACE;
            request_state_set(e, o, r, REQUEST_DOUBT, account_ready_us(a, e->now.wall_us));
            check_add(e, o);
        } else if (r->state == REQUEST_DOUBT) {
            r->lost = r->kind != REQUEST_REPLACE;
            check_add(e, o);
        }
    }
    if (o->state == ORDER_DOUBT) {
        check_add(e, o);
        a->settling = true;
    }
    order_schedule(e, o);
}

static void settle_account(struct engine *e, struct account *a)
{
    struct order *next;

    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = next) {
        next = o->next;
        o->acked_us = e->now.mono_us;
        settle_order(e, a, o);
    }
    a->settling = a->settling || a->check_count > 0;
    a->want_fills = book_live_count(e->book, a->index) > 0;
    a->orders_us = a->instruments_us = e->now.mono_us;
    a->fills_asked_us = e->now.mono_us - US_PER_S;
    account_init_rates(a, e->now.mono_us);
}

/* ---- start -------------------------------------------------------------------------------------
 */

static void count_states(struct engine *e)
{
    for (uint32_t i = 0; i <= e->config.account_count; i++) {
        for (const struct order *o = book_first_live(e->book, i); o != NULL; o = o->next) {
            e->by_state[o->state]++;
        }
    }
}

void engine_start(struct engine *e, uint64_t seed, const struct instant *now)
{
    engine_begin(e, now);
    ASSERT(!e->started);
    e->started = true;
    count_states(e);
    copy_count(e);
    deadman_sessions_changed(e);
    write_start(e, seed);
    if (book_live_count(e->book, GONE) > 0) {
        engine_note(
            e, NOTE_ERROR, "orders.orphaned",
            "count=%zu live orders of accounts that are no longer configured: nobody watches them",
            book_live_count(e->book, GONE));
    }
    for (size_t i = 0; i < e->config.account_count; i++) {
        settle_account(e, &e->account[i]);
    }
    for (size_t i = 0; i < e->config.session_count; i++) {
        session_is_down(e, (uint32_t)i);
    }
    e->down_deadline_us = now->mono_us; /* looked at with the first tick */
    for (struct mass *m = e->mass; m != NULL; m = m->next) {
        m->deadline_us = now->mono_us + (int64_t)e->config.mass_cancel_max_ms * US_PER_MS;
    }
    engine_run(e);
}

/* The array of the configuration is its owner's: it is copied when it has to grow. */
bool engine_session_add(struct engine *e, const struct engine_session *s, const struct instant *now)
{
    size_t count = e->config.session_count;
    struct engine_session *grown;
    struct record r = { .kind = RECORD_NAME, .wall_us = now->wall_us };
    struct session_state *state;

    if (count >= SESSIONS_MAX) {
        return false;
    }
    state = realloc(e->session, (count + 2) * sizeof *state);
    if (state == NULL) {
        return false;
    }
    e->session = state;
    grown = realloc(e->own_session, (count + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    if (e->own_session == NULL) {
        memcpy(grown, e->config.session, count * sizeof *grown);
    }
    engine_begin(e, now);
    e->own_session = grown;
    grown[count] = *s;
    e->config.session = grown;
    e->config.session_count = count + 1;
    session_state_init(e, (uint32_t)count);
    copy_count(e);
    deadman_sessions_changed(e);
    r.name.what = RECORD_NAME_SESSION;
    r.name.number = (uint32_t)count;
    r.name.name = s->name;
    engine_commit(e, &r);
    return true;
}

/* ---- events -------------------------------------------------------------------------------- */

static bool is_about_one_order(struct bytes msg_type)
{
    return msg_type.size == 1 && memchr("DFGH", msg_type.data[0], 4) != NULL;
}

void engine_fix_message(struct engine *e, uint32_t session, const struct fix_msg *msg,
                        bool poss_resend, const struct instant *now)
{
    engine_begin(e, now);
    e->run_all = !is_about_one_order(msg->msg_type);
    client_message(e, session, msg, poss_resend);
    engine_run(e);
}

void engine_refuse_throttled(struct engine *e, uint32_t session, const struct fix_msg *msg,
                             const struct instant *now)
{
    engine_begin(e, now);
    e->run_all = false;
    client_throttled(e, session, msg);
    engine_run(e);
}

void engine_session_up(struct engine *e, uint32_t session, const struct engine_choice *choice,
                       const struct instant *now)
{
    engine_begin(e, now);
    session_is_up(e, session, choice);
    engine_run(e);
    status_session_up(e, session);
}

void engine_session_down(struct engine *e, uint32_t session, const struct instant *now)
{
    engine_begin(e, now);
    session_is_down(e, session);
    session_cancel_due(e);
    engine_run(e);
}

void engine_venue_result(struct engine *e, uint64_t id, enum venue_outcome outcome,
                         const struct venue_reply *reply, const char *why,
                         const struct instant *now)
{
    engine_begin(e, now);
    venue_result(e, id, outcome, reply, why);
    engine_run(e);
}

const char *engine_correct(struct engine *e, const struct engine_correction *c,
                           const struct instant *now)
{
    const char *why;

    engine_begin(e, now);
    why = correct_trade(e, c);
    engine_run(e);
    return why;
}

bool engine_decide(struct engine *e, uint64_t order_id, enum engine_verdict verdict,
                   struct bytes venue_id, const struct instant *now, const char **why)
{
    bool good;

    engine_begin(e, now);
    good = decide(e, order_id, verdict, venue_id, why);
    engine_run(e);
    return good;
}

void engine_tick(struct engine *e, const struct instant *now)
{
    engine_begin(e, now);
    e->run_all = false;
    mass_tick(e);
    retain_run(e);
    session_cancel_due(e);
    engine_run(e);
}

int64_t engine_deadline(const struct engine *e)
{
    return e->wake_us;
}

void engine_drain(struct engine *e, const struct instant *now)
{
    engine_begin(e, now);
    e->draining = true;
    engine_run(e);
}

size_t engine_calls(const struct engine *e)
{
    return e->calls_under_way + (e->draining ? deadman_pending(e) : 0);
}

void engine_stats(const struct engine *e, struct engine_stats *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < e->config.account_count; i++) {
        out->orders_live += book_live_count(e->book, (uint32_t)i);
        out->doubts += e->account[i].check_count;
        out->queued +=
            e->account[i].queue[QUEUE_CANCEL].count + e->account[i].queue[QUEUE_ORDER].count;
    }
    out->orders_total = book_count(e->book);
    out->fills = e->fills;
    out->calls_under_way = e->calls_under_way;
}

const struct order *engine_order_by_id(const struct engine *e, uint64_t order_id)
{
    return book_by_id(e->book, order_id);
}
