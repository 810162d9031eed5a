/*
 * Applies one record to the book: the only door through which state that must survive is changed,
 * live and in recovery alike. It reports nothing and starts nothing.
 */
#include <stdlib.h>

#include "engine_internal.h"

static const char *const no_memory = "out of memory";

static bool apply_start(struct engine *e, const struct record *r)
{
    engine_set_boot(e, r->start.boot);
    engine_set_mark(e, r->start.mark);
    e->exec_counter = 0;
    return true;
}

static uint32_t find_session(const struct engine *e, struct bytes name)
{
    for (size_t i = 0; i < e->config.session_count; i++) {
        if (bytes_equal(e->config.session[i].name, name)) {
            return (uint32_t)i;
        }
    }
    return GONE;
}

static uint32_t find_account(const struct engine *e, struct bytes name)
{
    for (size_t i = 0; i < e->config.account_count; i++) {
        if (bytes_equal(e->config.account[i].name, name)) {
            return (uint32_t)i;
        }
    }
    return GONE;
}

static bool set_number(uint32_t **table, size_t *count, uint32_t number, uint32_t index)
{
    if (number >= *count) {
        uint32_t *grown = realloc(*table, ((size_t)number + 1) * sizeof *grown);

        if (grown == NULL) {
            return false;
        }
        for (size_t i = *count; i <= number; i++) {
            grown[i] = GONE;
        }
        *table = grown;
        *count = (size_t)number + 1;
    }
    (*table)[number] = index;
    return true;
}

/* A name that is no longer configured has an index all the same, behind all others, so that its
 * orders keep it: it may be configured again. */
static bool gone_index(struct gone_names *g, struct bytes name, uint32_t *index)
{
    struct bytes *grown;
    char *copy;

    for (size_t i = 0; i < g->count; i++) {
        if (bytes_equal(g->name[i], name)) {
            *index = GONE_FIRST + (uint32_t)i;
            return true;
        }
    }
    grown = realloc(g->name, (g->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    g->name = grown;
    copy = malloc(name.size + 1);
    if (copy == NULL) {
        return false;
    }
    if (name.size > 0) {
        memcpy(copy, name.data, name.size);
    }
    g->name[g->count] = (struct bytes){ copy, name.size };
    *index = GONE_FIRST + (uint32_t)g->count++;
    return true;
}

void gone_names_free(struct gone_names *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free((void *)(uintptr_t)g->name[i].data);
    }
    free(g->name);
}

static bool apply_name(struct engine *e, const struct record *r, const char **error)
{
    bool session = r->name.what == RECORD_NAME_SESSION;
    uint32_t index = session ? find_session(e, r->name.name) : find_account(e, r->name.name);

    *error = no_memory;
    if (r->name.number >= RECORD_NUMBERS_MAX) {
        *error = "name record with a number beyond the bound";
        return false;
    }
    if (index == GONE &&
        !gone_index(session ? &e->gone_sessions : &e->gone_accounts, r->name.name, &index)) {
        return false;
    }
    return session ? set_number(&e->session_of, &e->session_of_count, r->name.number, index)
                   : set_number(&e->account_of, &e->account_of_count, r->name.number, index);
}

static uint32_t mapped(const uint32_t *table, size_t count, uint32_t number)
{
    return number < count ? table[number] : GONE;
}

static bool fill_order(struct engine *e, const struct record *r, struct order *o)
{
    struct order_texts texts = { .symbol = r->order.symbol,
                                 .venue_symbol = r->order.venue_symbol,
                                 .echo = r->order.echo };

    sender_split(r->order.sender_sub_id, &texts.sender_sub_id, &texts.route);
    o->id = r->order.id;
    o->session = mapped(e->session_of, e->session_of_count, r->order.session);
    o->account = mapped(e->account_of, e->account_of_count, r->order.account);
    o->state = ORDER_TAKEN;
    o->side = r->order.side;
    o->terms = r->order.terms;
    o->inverse = r->order.inverse;
    o->taken_us = o->changed_us = r->wall_us;
    o->valid_until_us = r->order.valid_until_us;
    engine_client_id(e, o->id, 0, o->client_id);
    o->queued_us = r->wall_us;
    return book_order_texts(e->book, o, &texts);
}

/* The order's own machine, and the count of orders in each state (engine_start begins it). */
static bool move(struct engine *e, struct order *o, const struct order_change *change)
{
    enum order_state before = o->state;

    order_touch(e, o);
    if (!order_apply(o, change)) {
        return false;
    }
    if (e->started && o->state != before) {
        e->by_state[before]--;
        e->by_state[o->state]++;
    }
    return true;
}

static bool apply_order(struct engine *e, const struct record *r, const char **error)
{
    struct order *o;

    if (r->order.id != book_last_id(e->book) + 1) {
        *error = "order record out of sequence";
        return false;
    }
    o = book_order_new(e->book);
    *error = no_memory;
    if (o == NULL) {
        return false;
    }
    if (!fill_order(e, r, o)) {
        book_order_free(e->book, o);
        return false;
    }
    e->by_state[ORDER_TAKEN] += e->started;
    order_touch(e, o);
    return book_add(e->book, o, r->order.cl_ord_id);
}

static bool apply_event(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->event.id);
    struct order_change change = { .event = r->event.event, .qty = r->event.qty };
    bool was_acked = o != NULL && o->acked;

    if (o == NULL || !move(e, o, &change)) {
        *error = "event record that the order's state does not allow";
        return false;
    }
    *error = no_memory;
    if (!book_set_venue_id(e->book, o, r->event.venue_id)) {
        return false;
    }
    if (r->event.event == EV_WITHDRAWN) {
        engine_client_id(e, o->id, o->leg, o->client_id);
        o->queued_us = r->wall_us;
    }
    if (r->event.event == EV_ACK) {
        if (was_acked && order_is_trigger(o)) {
            o->fired = true;
            o->fired_leg = o->leg;
        }
        o->acked = true;
        o->venue_ack_us = o->venue_ack_us == 0 ? r->wall_us : o->venue_ack_us;
    }
    if (r->event.event == EV_SEND) {
        o->sent_us = r->wall_us;
        o->ready_us = r->event.ready_us;
    }
    o->changed_us = r->wall_us;
    if (!order_is_live(o)) {
        book_retire(e->book, o);
    }
    return true;
}

static bool add_fill(struct engine *e, struct order *o, const struct record *r)
{
    struct fill fill = { .told = r->fill.told,
                         .latest = r->kind == RECORD_KEPT_FILL ? r->fill.latest : r->fill.told,
                         .qty = r->fill.qty,
                         .px = r->fill.px,
                         .has_fee = r->fill.has_fee,
                         .fee = r->fill.fee,
                         .liquidity = r->fill.liquidity,
                         .time_us = r->fill.time_us != 0 ? r->fill.time_us : r->wall_us,
                         .told_us = r->wall_us };
    const char *exec_id;

    if (!bytes_to_field(r->fill.fee_currency, fill.fee_currency, sizeof fill.fee_currency)) {
        fill.fee_currency[0] = '\0'; /* longer than any: left out rather than cut */
    }
    exec_id = book_fill_add(e->book, o, r->fill.exec_id);
    return exec_id != NULL && fills_add(&e->fill, o, &fill, exec_id) != NULL;
}

static bool apply_fill(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->fill.id);
    const struct order_change change = record_fill_change(r);

    if (o == NULL || !move(e, o, &change)) {
        *error = "fill record that the order's state does not allow";
        return false;
    }
    *error = no_memory;
    o->changed_us = r->wall_us;
    if (!order_is_live(o)) {
        book_retire(e->book, o);
    }
    return add_fill(e, o, r);
}

static bool apply_correct(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->correct.id);
    struct fill *f = o == NULL ? NULL : fills_find(o, r->correct.exec_id);
    const struct order_change change = { .event = EV_CORRECTED,
                                         .qty = r->correct.avg.qty,
                                         .avg = &r->correct.avg };

    if (f == NULL || !move(e, o, &change)) {
        *error = "correction that the order or its state does not allow";
        return false;
    }
    f->qty = r->correct.qty;
    f->px = r->correct.px;
    f->latest = r->correct.told;
    o->changed_us = r->wall_us;
    if (!order_is_live(o)) {
        book_retire(e->book, o);
    }
    return true;
}

static bool apply_request(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->request.id);
    struct request *q, **at;

    if (o == NULL) {
        *error = "request record for an unknown order";
        return false;
    }
    *error = no_memory;
    q = book_request_new(e->book);
    if (q == NULL) {
        return false;
    }
    q->id = r->request.request;
    q->kind = r->request.what;
    q->mass_id = r->request.mass;
    q->terms = r->request.terms;
    q->taken_us = r->wall_us;
    if (!bytes_to_field(r->request.cl_ord_id, q->cl_ord_id, sizeof q->cl_ord_id) ||
        !bytes_to_field(r->request.orig_cl_ord_id, q->orig_cl_ord_id, sizeof q->orig_cl_ord_id) ||
        (r->request.mass == 0 && r->request.cl_ord_id.size > 0 &&
         !book_name(e->book, o, r->request.cl_ord_id))) {
        book_request_free(e->book, q);
        return false;
    }
    for (at = &o->request; *at != NULL; at = &(*at)->next) {
    }
    *at = q;
    order_touch(e, o);
    if (q->id >= e->next_request) {
        e->next_request = q->id + 1;
    }
    return true;
}

static bool apply_request_state(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->request_state.id);
    struct request *q = o == NULL ? NULL : request_by_id(o, r->request_state.request);

    if (q == NULL) {
        *error = "state record for an unknown request";
        return false;
    }
    order_touch(e, o);
    q->state = r->request_state.state;
    if (r->request_state.ready_us != 0) {
        q->ready_us = r->request_state.ready_us;
    }
    return true;
}

/* A replace that was done moves the order and its place in the ClOrdID chain. */
static bool end_request(struct engine *e, struct order *o, struct request *q, bool done,
                        int64_t wall_us)
{
    struct order_change change = { .event = EV_REPLACED, .terms = &q->terms };

    if (!done || q->kind == REQUEST_CANCEL) {
        return true;
    }
    if (!move(e, o, &change)) {
        return false;
    }
    o->changed_us = wall_us;
    return book_set_cl_ord_id(e->book, o, bytes_of(q->cl_ord_id));
}

static bool apply_request_end(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->request_end.id);
    struct request **at;

    *error = "end record for an unknown request";
    if (o == NULL) {
        return false;
    }
    for (at = &o->request; *at != NULL && (*at)->id != r->request_end.request; at = &(*at)->next) {
    }
    if (*at == NULL) {
        return false;
    }
    struct request *q = *at;
    order_touch(e, o);
    if (!end_request(e, o, q, r->request_end.done, r->wall_us)) {
        *error = "replace record that the order's state does not allow";
        return false;
    }
    if (!order_is_live(o)) {
        book_retire(e->book, o);
    }
    for (struct mass *m = e->mass; m != NULL; m = m->next) {
        if (m->id == q->mass_id) {
            m->pending -= m->pending > 0;
            m->proven += r->request_end.done;
        }
    }
    *at = q->next;
    book_request_free(e->book, q);
    return true;
}

static bool apply_mass(struct engine *e, const struct record *r, const char **error)
{
    struct mass *m = calloc(1, sizeof *m);

    *error = no_memory;
    if (m == NULL) {
        return false;
    }
    m->id = r->mass.mass;
    m->session = mapped(e->session_of, e->session_of_count, r->mass.session);
    m->type = r->mass.type;
    m->side = r->mass.side;
    m->count = m->pending = r->mass.count;
    if (!bytes_to_field(r->mass.cl_ord_id, m->cl_ord_id, sizeof m->cl_ord_id) ||
        !bytes_to_field(r->mass.symbol, m->symbol, sizeof m->symbol) ||
        r->mass.sender.size > sizeof m->sender) {
        free(m);
        *error = "mass cancel record with a text too long";
        return false;
    }
    if (r->mass.sender.size > 0) {
        memcpy(m->sender, r->mass.sender.data, r->mass.sender.size);
    }
    m->sender_size = r->mass.sender.size;
    m->next = e->mass;
    e->mass = m;
    if (m->id >= e->next_mass) {
        e->next_mass = m->id + 1;
    }
    return true;
}

static bool apply_mass_end(struct engine *e, const struct record *r)
{
    if (r->mass_end.mass >= e->next_mass) {
        e->next_mass = r->mass_end.mass + 1; /* refused: it had no RECORD_MASS */
    }
    for (struct mass **at = &e->mass; *at != NULL; at = &(*at)->next) {
        if ((*at)->id == r->mass_end.mass) {
            struct mass *m = *at;

            *at = m->next;
            free(m);
            return true;
        }
    }
    return true;
}

/* ---- retention and snapshots --------------------------------------------------------------- */

static bool apply_forget(struct engine *e, const struct record *r, const char **error)
{
    uint64_t id;

    for (size_t i = 0; record_forgotten(r, i, &id); i++) {
        struct order *o = book_by_id(e->book, id);

        if (o == NULL || !o->retired || o->request != NULL) {
            *error = "forget record for an order that is not there or has not ended";
            return false;
        }
        fills_drop(&e->fill, o);
        book_forget(e->book, o);
    }
    return true;
}

static bool apply_counters(struct engine *e, const struct record *r)
{
    book_set_last_id(e->book, r->counters.last_order);
    e->next_request = r->counters.next_request;
    e->next_mass = r->counters.next_mass;
    e->next_list = r->counters.next_list;
    return true;
}

/* The counterpart of kept_of() in engine_snapshot.c. */
static bool fill_kept(struct engine *e, const struct record_kept *k, struct order *o)
{
    o->id = k->id;
    o->session = mapped(e->session_of, e->session_of_count, k->session);
    o->account = mapped(e->account_of, e->account_of_count, k->account);
    o->state = k->state;
    o->side = k->side;
    o->terms = k->terms;
    o->inverse = k->inverse;
    o->acked = k->acked;
    o->triggered = k->triggered;
    o->cum_qty = k->cum_qty;
    o->taken_back = k->taken_back;
    o->avg = k->avg;
    o->taken_us = k->taken_us;
    o->valid_until_us = k->valid_until_us;
    o->changed_us = k->changed_us;
    o->sent_us = k->sent_us;
    o->ready_us = k->ready_us;
    o->venue_ack_us = k->venue_ack_us;
    o->leg = k->leg;
    o->fired_leg = k->fired_leg;
    o->fired = k->fired;
    o->leg_qty = k->leg_qty;
    o->leg_cum = k->leg_cum;
    o->leg_avg = k->leg_avg;
    o->queued_us = k->queued_us;
    engine_client_id(e, o->id, o->leg, o->client_id);
    return book_order_texts(
        e->book, o,
        &(struct order_texts){ k->symbol, k->venue_symbol, k->sender_sub_id, k->echo, k->route });
}

static bool apply_kept_order(struct engine *e, const struct record *r, const char **error)
{
    struct order *o;

    if (r->kept.id == 0 || r->kept.id > book_last_id(e->book) ||
        book_by_id(e->book, r->kept.id) != NULL || r->kept.state == ORDER_ILLEGAL) {
        *error = "kept order that cannot be";
        return false;
    }
    *error = no_memory;
    o = book_order_new(e->book);
    if (o == NULL) {
        return false;
    }
    if (!fill_kept(e, &r->kept, o)) {
        book_order_free(e->book, o);
        return false;
    }
    if (!book_add(e->book, o, r->kept.cl_ord_id)) {
        return false;
    }
    if (!order_is_live(o)) {
        book_retire(e->book, o);
    }
    return book_set_venue_id(e->book, o, r->kept.venue_id);
}

static bool apply_kept_name(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->kept_name.id);

    if (o == NULL) {
        *error = "name of an order that is not kept";
        return false;
    }
    *error = no_memory;
    return r->kept_name.venue_id ? book_old_venue_id(e->book, o, r->kept_name.text)
                                 : book_name(e->book, o, r->kept_name.text);
}

static bool apply_kept_fill(struct engine *e, const struct record *r, const char **error)
{
    struct order *o = book_by_id(e->book, r->fill.id);

    if (o == NULL) {
        *error = "fill of an order that is not kept";
        return false;
    }
    *error = no_memory;
    return add_fill(e, o, r);
}

static bool apply_kept_mass(struct engine *e, const struct record *r, const char **error)
{
    for (struct mass *m = e->mass; m != NULL; m = m->next) {
        if (m->id == r->kept_mass.mass) {
            m->pending = r->kept_mass.pending;
            m->proven = r->kept_mass.proven;
            return true;
        }
    }
    *error = "state of an unknown mass cancel";
    return false;
}

/* A number of the names table that no session has any more tells nothing. */
static bool apply_session(struct engine *e, const struct record *r)
{
    uint32_t i = mapped(e->session_of, e->session_of_count, r->session.session);

    if (i < e->config.session_count) {
        e->session[i].choice = (struct engine_choice){ (enum engine_cancel)r->session.cancel,
                                                       r->session.grace_ms, r->session.copy };
        e->session[i].armed = r->session.armed;
        e->session[i].journaled = true;
    }
    return true;
}

static bool apply_foreign(struct engine *e, const struct record *r, const char **error)
{
    uint32_t i = mapped(e->account_of, e->account_of_count, r->foreign.account);

    *error = "record of another hand's order that cannot be";
    return i >= e->config.account_count || foreign_apply(e, &e->account[i], r);
}

static bool apply_deadman(struct engine *e, const struct record *r)
{
    uint32_t i = mapped(e->account_of, e->account_of_count, r->deadman.account);

    if (i < e->config.account_count) {
        e->account[i].deadman.fires_us = r->deadman.fires_us;
    }
    return true;
}

/* ---- what is to come ----------------------------------------------------------------------- */

/* GONE: not known yet. */
static uint32_t expected_account(const struct engine *e, uint64_t id)
{
    const struct order *o = book_by_id(e->book, id);

    if (o != NULL) {
        return o->account;
    }
    return e->expected[id % EXPECTED].id == id ? e->expected[id % EXPECTED].account : GONE;
}

static void expect_order(struct engine *e, const struct record_peek *p)
{
    uint32_t account = mapped(e->account_of, e->account_of_count, p->account);

    e->expected[p->id % EXPECTED].id = p->id;
    e->expected[p->id % EXPECTED].account = account;
    book_expect(e->book, BOOK_CL_ORD_ID, mapped(e->session_of, e->session_of_count, p->session),
                p->text);
    book_expect(e->book, BOOK_VENUE_ID, account, p->venue_id);
}

void engine_expect(struct engine *e, struct bytes record)
{
    struct record_peek p;

    if (!record_look(record, &p)) {
        return;
    }
    if (p.kind == RECORD_ORDER || p.kind == RECORD_KEPT_ORDER) {
        expect_order(e, &p);
    } else if (p.text.size > 0) {
        book_expect(e->book, p.kind == RECORD_EVENT ? BOOK_VENUE_ID : BOOK_FILL,
                    expected_account(e, p.id), p.text);
    }
}

bool engine_apply_record(struct engine *e, const struct record *r, const char **error)
{
    switch (r->kind) {
    case RECORD_START: return apply_start(e, r);
    case RECORD_NAME: return apply_name(e, r, error);
    case RECORD_ORDER: return apply_order(e, r, error);
    case RECORD_EVENT: return apply_event(e, r, error);
    case RECORD_FILL: return apply_fill(e, r, error);
    case RECORD_REQUEST: return apply_request(e, r, error);
    case RECORD_REQUEST_STATE: return apply_request_state(e, r, error);
    case RECORD_REQUEST_END: return apply_request_end(e, r, error);
    case RECORD_MASS: return apply_mass(e, r, error);
    case RECORD_MASS_END: return apply_mass_end(e, r);
    case RECORD_LIST:
        return list_apply(e, r, mapped(e->session_of, e->session_of_count, r->list.session), error);
    case RECORD_LIST_END: return list_apply_end(e, r);
    case RECORD_CORRECT: return apply_correct(e, r, error);
    case RECORD_DEADMAN: return apply_deadman(e, r);
    case RECORD_FOREIGN: return apply_foreign(e, r, error);
    case RECORD_SESSION: return apply_session(e, r);
    case RECORD_DECISION: return true; /* for people: its events say what follows */
    case RECORD_SETTING: return true;  /* for people: what holds is asked of the venue */
    case RECORD_FORGET: return apply_forget(e, r, error);
    case RECORD_COUNTERS: return apply_counters(e, r);
    case RECORD_KEPT_ORDER: return apply_kept_order(e, r, error);
    case RECORD_KEPT_NAME: return apply_kept_name(e, r, error);
    case RECORD_KEPT_FILL: return apply_kept_fill(e, r, error);
    case RECORD_KEPT_MASS: return apply_kept_mass(e, r, error);
    }
    *error = "record of an unknown kind";
    return false;
}
