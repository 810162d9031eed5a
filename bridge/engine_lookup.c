/*
 * Looking up what is in doubt. Orders in doubt stand on the account's check list; a *pass* asks the
 * driver's lookup questions in order for all of them at once, and judges those that no answer
 * knows, once the time is over in which the venue could still have acted.
 */
#include "assert.h"
#include "engine_internal.h"

#define PASS_DELAY_US (100 * US_PER_MS) /* before the first pass; doubled after each that fails */
#define ACK_DELAY_US (20 * US_PER_MS)   /* the same where every order has to be looked up */
#define PASS_DELAY_MAX_US (5 * US_PER_S)
#define UNRESOLVED_NOTE_US (30 * US_PER_S)
#define CLOCK_SLACK_US (60 * US_PER_S)

/* ---- check list ---------------------------------------------------------------------------- */

static int64_t pass_delay(const struct account *a)
{
    return (a->cfg->driver->features & VENUE_ACK_IS_RESULT) != 0 ? PASS_DELAY_US : ACK_DELAY_US;
}

void check_add(struct engine *e, struct order *o)
{
    struct account *a = engine_account_of(e, o);

    if (o->check || a == NULL || !order_is_live(o)) {
        return;
    }
    o->check = true;
    o->check_prev = a->check_last;
    o->check_next = NULL;
    if (a->check_last != NULL) {
        a->check_last->check_next = o;
    } else {
        a->check_first = o;
    }
    /* A new doubt does not wait for the long breath of an old one. */
    if (!a->pass.active &&
        (a->check_count == 0 || a->pass.next_us > e->now.mono_us + pass_delay(a))) {
        a->pass.next_us = e->now.mono_us + pass_delay(a);
    }
    a->check_last = o;
    a->check_count++;
}

void check_remove(struct engine *e, struct order *o)
{
    struct account *a = engine_account_of(e, o);

    if (!o->check || a == NULL) {
        return;
    }
    if (o->check_prev != NULL) {
        o->check_prev->check_next = o->check_next;
    } else {
        a->check_first = o->check_next;
    }
    if (o->check_next != NULL) {
        o->check_next->check_prev = o->check_prev;
    } else {
        a->check_last = o->check_prev;
    }
    o->check = false;
    o->check_prev = o->check_next = NULL;
    a->check_count--;
    if (a->check_count == 0) {
        a->pass.failures = 0;
        if (a->settling) {
            a->settling = false;
            engine_note(e, NOTE_INFO, "account.settled", "account=%.*s", BYTES_ARG(a->cfg->name));
        }
    }
}

/* Fills came in: which ends can be told now? */
void check_ends(struct engine *e, struct account *a)
{
    struct order *next;

    for (struct order *o = a->check_first; o != NULL; o = next) {
        next = o->check_next;
        order_end_if_complete(e, o);
    }
}

/* ---- passes -------------------------------------------------------------------------------- */

static bool in_pass(const struct account *a, const struct order *o)
{
    return o->check_pass == a->pass.serial && !o->end_known && !o->in_call;
}

static bool pass_has_work(const struct account *a)
{
    for (const struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (in_pass(a, o)) {
            return true;
        }
    }
    return false;
}

static void pass_start(struct engine *e, struct account *a)
{
    struct pass *p = &a->pass;
    bool any = false;

    p->serial++;
    p->since_us = INT64_MAX;
    for (struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (o->end_known || o->in_call) {
            continue;
        }
        o->check_pass = p->serial;
        any = true;
        if (o->sent_us < p->since_us) {
            p->since_us = o->sent_us;
        }
    }
    p->next_us = e->now.mono_us + pass_delay(a);
    if (any) {
        p->active = true;
        p->failed = false;
        p->step = 0;
        p->cursor[0] = '\0';
        p->started = e->now;
        p->since_us += a->clock_offset_us - CLOCK_SLACK_US;
    }
}

/* Whether the absence of this order from every answer of the pass would be final: the pass began
 * after the venue could last have acted, and its answer had time to show. */
static bool is_decidable(const struct account *a, const struct order *o)
{
    const struct pass *p = &a->pass;

    if (o->state == ORDER_DOUBT || o->state == ORDER_SENT) {
        return p->started.wall_us >= o->ready_us;
    }
    for (const struct request *r = o->request; r != NULL; r = r->next) {
        if (r->state == REQUEST_DOUBT && p->started.wall_us < r->ready_us) {
            return false;
        }
    }
    return p->started.mono_us > o->acked_us + a->cfg->driver->lookup_settle_us;
}

/* Histories are dear (Kraken: 100 calls in 10 minutes), so they are asked only in a pass that can
 * decide something by them. */
static bool pass_decides(const struct account *a)
{
    for (const struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (in_pass(a, o) && is_decidable(a, o)) {
            return true;
        }
    }
    return false;
}

/* No answer of this pass knew the order, and all questions were answered. */
static void judge(struct engine *e, struct order *o)
{
    static const struct venue_order_state gone = { .status = VENUE_ORDER_CANCELED };

    if (o->state == ORDER_LIVE) {
        order_ended(e, o, EV_CANCELED, &gone);
        return;
    }
    if (o->state == ORDER_SENT) {
        order_in_doubt(e, o, "accepted for processing, and then not found");
    }
    order_refuse(
        e, o, EV_ABSENT, 0,
        BYTES("the venue does not have it: the outcome was unknown, and it was not placed"));
}

static void pass_end(struct engine *e, struct account *a)
{
    struct pass *p = &a->pass;
    struct order *next;
    int64_t delay = pass_delay(a) << (p->failures < 8 ? p->failures : 8);

    for (struct order *o = a->check_first; o != NULL && !p->failed; o = next) {
        next = o->check_next;
        if (in_pass(a, o) && o->found_pass != p->serial && is_decidable(a, o)) {
            judge(e, o);
        }
    }
    p->active = false;
    p->failures = a->check_count == 0 ? 0 : p->failures + 1;
    p->next_us = e->now.mono_us + (delay < PASS_DELAY_MAX_US ? delay : PASS_DELAY_MAX_US);
    if (a->check_count > 0 && p->failures > 8 &&
        e->now.mono_us - p->noted_us > UNRESOLVED_NOTE_US) {
        p->noted_us = e->now.mono_us;
        engine_note(e, NOTE_ERROR, "venue.unresolved",
                    "account=%.*s orders=%zu first_client_id=%s: "
                    "outcomes still unknown; asking on",
                    BYTES_ARG(a->cfg->name), a->check_count, a->check_first->client_id);
    }
    check_ends(e, a);
}

/* Ids of orders not asked for yet in this pass; the symbol where only one fits a question. */
static size_t pass_ids(struct account *a, struct bytes *symbol)
{
    size_t count = 0, max = a->cfg->driver->status_ids_max;

    max = max == 0 || max > VENUE_IDS_MAX ? VENUE_IDS_MAX : max;
    for (struct order *o = a->check_first; o != NULL && count < max; o = o->check_next) {
        if (in_pass(a, o) && o->asked_pass != a->pass.serial) {
            o->asked_pass = a->pass.serial;
            a->pass.id[count++] = bytes_of(o->client_id);
            *symbol = max == 1 ? bytes_of(o->venue_symbol) : *symbol;
        }
    }
    return count;
}

static void forget_asked(struct account *a)
{
    for (struct order *o = a->check_first; o != NULL; o = o->check_next) {
        for (size_t i = 0; i < VENUE_IDS_MAX; i++) {
            if (a->pass.id[i].data == o->client_id) {
                o->asked_pass = 0;
            }
        }
    }
}

/* The question of the present step; false: the step has none left. */
static bool pass_call(struct account *a, struct venue_call *c)
{
    struct pass *p = &a->pass;
    enum venue_op op = a->cfg->driver->lookup[p->step];

    memset(c, 0, sizeof *c);
    c->op = op;
    if (!account_has_op(a, op) || (venue_op_is_history(op) && !pass_decides(a))) {
        return false;
    }
    if (op == VENUE_STATUS) {
        memset(p->id, 0, sizeof p->id);
        c->client_id = p->id;
        c->client_id_count = pass_ids(a, &c->symbol);
        return c->client_id_count > 0;
    }
    c->since_us = venue_op_is_history(op) || op == VENUE_EXECUTIONS ? p->since_us : 0;
    c->cursor = bytes_of(p->cursor);
    return true;
}

void account_run_pass(struct engine *e, struct account *a)
{
    struct pass *p = &a->pass;

    if (a->asking_pass) {
        return;
    }
    if (!p->active) {
        if (a->check_first == NULL) {
            return;
        }
        if (e->now.mono_us < p->next_us) {
            wake_at(a, p->next_us);
            return;
        }
        pass_start(e, a);
        if (!p->active) {
            wake_at(a, p->next_us);
            return;
        }
    }
    while (p->step < ARRAY_LEN(a->cfg->driver->lookup) &&
           a->cfg->driver->lookup[p->step] != VENUE_OP_COUNT && pass_has_work(a) && !p->failed) {
        struct venue_call c;

        if (!pass_call(a, &c)) {
            p->step++;
            continue;
        }
        if (!account_may_call(e, a, &c, RATE_POLL) ||
            call_start(e, a, CALL_PASS, &c, 0, NULL, 0) == NULL) {
            forget_asked(a);
            return;
        }
        a->asking_pass = true;
        return;
    }
    pass_end(e, a);
    if (a->check_first != NULL) {
        wake_at(a, p->next_us);
    }
}

/* An answer about orders that were not asked about is an answer to another question. */
static bool answers_question(const struct account *a, const struct venue_reply *reply)
{
    for (size_t i = 0; i < reply->order_count; i++) {
        bool asked = reply->order[i].client_id.size == 0;

        for (size_t k = 0; k < VENUE_IDS_MAX && !asked; k++) {
            asked = bytes_equal(reply->order[i].client_id, a->pass.id[k]);
        }
        if (!asked) {
            return false;
        }
    }
    return true;
}

void pass_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                 const struct venue_reply *reply)
{
    struct pass *p = &a->pass;

    a->asking_pass = false;
    if (outcome == VENUE_HELD) {
        if (c->call.op == VENUE_STATUS) {
            forget_asked(a);
        }
        return; /* the same question again, later */
    }
    if (outcome != VENUE_DONE || reply == NULL) {
        p->failed = true;
        return;
    }
    if (c->call.op == VENUE_STATUS && !answers_question(a, reply)) {
        engine_note(e, NOTE_ERROR, "venue.wrong_answer",
                    "account=%.*s: orders in the answer that were not asked about",
                    BYTES_ARG(a->cfg->name));
        p->failed = true;
        return;
    }
    watch_fills(e, a, reply);
    watch_observe_all(e, a, reply, c->call.op, &c->started);
    if (!reply->complete && reply->cursor.size > 0 && c->call.op != VENUE_STATUS &&
        bytes_to_field(reply->cursor, p->cursor, sizeof p->cursor)) {
        return;
    }
    p->cursor[0] = '\0';
    if (c->call.op != VENUE_STATUS) {
        p->step++;
    }
}
