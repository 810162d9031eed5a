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
    account_touch(e, a);
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
    account_touch(e, a);
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

/* Where fills are told order by order, an order that has ended is asked for its last ones. */
static bool in_pass(const struct account *a, const struct order *o)
{
    return o->check_pass == a->pass.serial && !o->in_call &&
           (!o->end_known || account_has_feature(a, VENUE_STATUS_IS_FILLS));
}

/* Found by the venue's id, which names one order for certain: further lists tell nothing more. */
static bool needs_more(const struct account *a, const struct order *o)
{
    return in_pass(a, o) &&
           (account_knows_ids(a) || o->venue_id[0] == '\0' || o->found_pass != a->pass.serial);
}

static bool pass_has_work(const struct account *a)
{
    for (const struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (needs_more(a, o)) {
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
        o->check_pass = p->serial;
        if (!in_pass(a, o)) {
            o->check_pass = 0;
            continue;
        }
        any = true;
        if (o->sent_us < p->since_us) {
            p->since_us = o->sent_us;
        }
    }
    p->next_us = e->now.mono_us + pass_delay(a);
    if (any) {
        p->active = true;
        p->failed = p->unanswered = false;
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
 * decide something by them. An order without a name may be found there, now and then, and must
 * be looked for everywhere before another is taken for it. */
static bool pass_decides(const struct account *a)
{
    bool turn = (a->pass.failures & (a->pass.failures - 1)) == 0; /* 0, 1, 2, 4, 8... */

    for (const struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (needs_more(a, o) &&
            (is_decidable(a, o) || shape_was_seen(a, o) || (turn && order_is_nameless(a, o)))) {
            return true;
        }
    }
    return false;
}

static bool never_rests(const struct order *o)
{
    return o->terms.type == VENUE_MARKET || o->terms.tif == VENUE_IOC || o->terms.tif == VENUE_FOK;
}

/* Whether the venue's silence about an order proves anything. Where nothing lists orders that have
 * ended, it does not: but an order that cannot rest has ended with the fills that are told. Where
 * no list has fills, an order that vanished took the number of its fills along. */
static bool silence_counts(const struct account *a, const struct order *o)
{
    bool sent = o->state != ORDER_LIVE;

    if (account_has_feature(a, VENUE_STATUS_IS_FILLS)) {
        return !sent && never_rests(o) && o->fills_known_us > o->acked_us;
    }
    return (sent || account_lists_fills(a)) && o->found_pass != a->pass.serial &&
           !shape_was_seen(a, o);
}

/* A venue that takes no id of ours has not said that the order is absent, only that none looks like
 * it: the operator is told what to look for. */
static void note_absent(struct engine *e, const struct order *o)
{
    const struct account *a = engine_account_of(e, o);
    char sought[SHAPE_TEXT_MAX];

    if (a == NULL || account_knows_ids(a)) {
        return;
    }
    shape_text(a, o, sought);
    engine_note(e, NOTE_ERROR, "order.absent",
                "%s: the outcome was unknown, no list of the venue has it, and it is reported as "
                "not placed; if it rests there after all, it will be canceled",
                sought);
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
    note_absent(e, o);
    order_refuse(
        e, o, EV_ABSENT, 0,
        BYTES("the venue does not have it: the outcome was unknown, and it was not placed"));
}

/* Orders without a name are a person's to decide, one by one; the others are asked for on. */
static void note_unresolved(struct engine *e, struct account *a)
{
    size_t named = 0;
    const struct order *first = NULL;

    for (const struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (order_is_nameless(a, o) && o->state == ORDER_DOUBT) {
            shape_note(e, a, o);
        } else {
            first = first == NULL ? o : first;
            named++;
        }
    }
    if (named > 0) {
        engine_note(e, NOTE_ERROR, "venue.unresolved",
                    "account=%.*s orders=%zu first_client_id=%s: "
                    "outcomes still unknown; asking on",
                    BYTES_ARG(a->cfg->name), named, first->client_id);
    }
}

/* Where nothing lists what has ended, a cancel whose answer was lost is sent once more when no
 * answer shows the order: the same end for the same order, with no new risk, and the venue's answer
 * says whether it is gone. */
static void repeat_lost_cancel(struct engine *e, struct order *o)
{
    struct request *r;

    for (r = o->request; r != NULL && !(r->lost && r->state == REQUEST_DOUBT); r = r->next) {
    }
    if (r != NULL && o->state == ORDER_LIVE) {
        r->lost = false;
        r->attempts++;
        request_state_set(e, o, r, REQUEST_TAKEN, 0);
        order_schedule(e, o);
    }
}

static void pass_end(struct engine *e, struct account *a)
{
    struct pass *p = &a->pass;
    struct order *next;
    int64_t delay = pass_delay(a) << (p->failures < 8 ? p->failures : 8);
    bool whole = !p->failed && !p->unanswered;
    bool fills_only = account_has_feature(a, VENUE_STATUS_IS_FILLS);

    for (struct order *o = a->check_first; o != NULL; o = next) {
        next = o->check_next;
        if (in_pass(a, o) && (whole || (fills_only && !p->failed)) && is_decidable(a, o) &&
            !o->end_known && silence_counts(a, o)) {
            judge(e, o);
        } else if (fills_only && in_pass(a, o) && !p->failed && !o->end_known) {
            repeat_lost_cancel(e, o);
        }
    }
    p->active = false;
    p->failures = a->check_count == 0 ? 0 : p->failures + 1;
    p->next_us = e->now.mono_us + (delay < PASS_DELAY_MAX_US ? delay : PASS_DELAY_MAX_US);
    if (whole) {
        shape_settle(e, a);
    }
    if (a->check_count > 0 && p->failures > 8 &&
        e->now.mono_us - p->noted_us > UNRESOLVED_NOTE_US) {
        p->noted_us = e->now.mono_us;
        note_unresolved(e, a);
    }
    check_ends(e, a);
}

/* How STATUS can ask for an order: by our id where the venue finds every order by it, else by the
 * venue's; by ours all the same where the venue may find it. */
enum ask_by { ASK_NOT, ASK_CLIENT_ID, ASK_VENUE_ID };

static enum ask_by ask_by(const struct account *a, const struct order *o)
{
    if (account_knows_ids(a) && !order_is_venue_made(o)) {
        return ASK_CLIENT_ID;
    }
    if (o->venue_id[0] != '\0') {
        return ASK_VENUE_ID;
    }
    return account_has_feature(a, VENUE_CLIENT_ID_UNSURE) ? ASK_CLIENT_ID : ASK_NOT;
}

/* Ids, all of one kind, of orders not asked for yet in this pass; the symbol where only one fits a
 * question. */
static size_t pass_ids(struct account *a, struct venue_call *c)
{
    size_t count = 0, max = a->cfg->driver->status_ids_max;
    enum ask_by kind = ASK_NOT;

    max = max == 0 || max > VENUE_IDS_MAX ? VENUE_IDS_MAX : max;
    for (struct order *o = a->check_first; o != NULL && count < max; o = o->check_next) {
        enum ask_by by = ask_by(a, o);

        if (!needs_more(a, o) || o->asked_pass == a->pass.serial || by == ASK_NOT ||
            (kind != ASK_NOT && by != kind)) {
            continue;
        }
        kind = by;
        o->asked_pass = a->pass.serial;
        a->pass.id[count++] = bytes_of(by == ASK_CLIENT_ID ? o->client_id : o->venue_id);
        c->symbol = max == 1 ? bytes_of(o->venue_symbol) : c->symbol;
    }
    if (kind == ASK_VENUE_ID) {
        c->venue_id = a->pass.id;
        c->venue_id_count = count;
    } else {
        c->client_id = a->pass.id;
        c->client_id_count = count;
    }
    return count;
}

static void forget_asked(struct account *a)
{
    for (struct order *o = a->check_first; o != NULL; o = o->check_next) {
        for (size_t i = 0; i < VENUE_IDS_MAX; i++) {
            if (a->pass.id[i].data == o->client_id || a->pass.id[i].data == o->venue_id) {
                o->asked_pass = 0;
            }
        }
    }
}

/* Lists by symbol: the next symbol of this step, "" when all were asked. */
static bool next_symbol(struct account *a)
{
    struct pass *p = &a->pass;

    for (const struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (needs_more(a, o) && (o->list_pass != p->serial || o->list_step != p->step + 1)) {
            return bytes_to_field(bytes_of(o->venue_symbol), p->symbol, sizeof p->symbol);
        }
    }
    return false;
}

static void symbol_done(struct account *a)
{
    struct pass *p = &a->pass;

    for (struct order *o = a->check_first; o != NULL; o = o->check_next) {
        if (bytes_is(bytes_of(o->venue_symbol), p->symbol)) {
            o->list_pass = p->serial;
            o->list_step = (uint32_t)p->step + 1;
        }
    }
    p->symbol[0] = '\0';
}

/* The question of the present step; false: the step has none left. */
static bool pass_call(struct account *a, struct venue_call *c)
{
    struct pass *p = &a->pass;
    enum venue_op op = a->cfg->driver->lookup[p->step];
    bool timed = venue_op_is_history(op) || op == VENUE_EXECUTIONS ||
                 (op == VENUE_OPEN_ORDERS && account_has_feature(a, VENUE_OPEN_BY_TIME));

    memset(c, 0, sizeof *c);
    c->op = op;
    if ((a->lacks & 1u << op) != 0) {
        p->unanswered = true;
        return false;
    }
    if (!account_has_op(a, op) || (venue_op_is_history(op) && !pass_decides(a))) {
        return false;
    }
    if (op == VENUE_STATUS) {
        memset(p->id, 0, sizeof p->id);
        return pass_ids(a, c) > 0;
    }
    if (account_has_feature(a, VENUE_LISTS_BY_SYMBOL)) {
        if (p->symbol[0] == '\0' && !next_symbol(a)) {
            return false;
        }
        c->symbol = bytes_of(p->symbol);
    }
    c->since_us = timed ? p->since_us : 0;
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
static bool answers_question(const struct account *a, const struct venue_call *c,
                             const struct venue_reply *reply)
{
    for (size_t i = 0; i < reply->order_count; i++) {
        const struct venue_order_state *s = &reply->order[i];
        struct bytes id = c->venue_id_count > 0 ? s->venue_id : s->client_id;
        bool asked = c->venue_id_count == 0 && id.size == 0;

        for (size_t k = 0; k < VENUE_IDS_MAX && !asked; k++) {
            asked = id.size > 0 && bytes_equal(id, a->pass.id[k]);
        }
        if (!asked) {
            return false;
        }
    }
    return true;
}

/* Where executions are told order by order: all of this one's, as of the question. */
void pass_fills_known(struct engine *e, struct account *a, const struct call *c,
                      const struct venue_reply *reply)
{
    if (c->call.venue_id_count == 1 && reply->complete &&
        account_has_feature(a, VENUE_STATUS_IS_FILLS)) {
        struct order *o = book_by_venue_id(e->book, a->index, c->call.venue_id[0]);

        if (o != NULL) {
            o->fills_known_us = c->started.mono_us;
            order_end_if_complete(e, o);
        }
    }
}

/* What is not offered to this account is not asked again; nobody is judged without it. */
bool account_learn_lack(struct account *a, const struct call *c, enum venue_outcome outcome,
                        const struct venue_reply *reply)
{
    /* The venue itself was not asked: its driver cannot say it. */
    bool lacks = outcome == VENUE_REFUSED && reply != NULL && reply->http_status == 0 &&
                 reply->reason == VENUE_REASON_UNSUPPORTED && c->call.op != VENUE_STATUS;

    if (lacks) {
        a->lacks |= 1u << c->call.op;
    }
    return lacks;
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
    if (account_learn_lack(a, c, outcome, reply)) {
        return;
    }
    if (outcome != VENUE_DONE || reply == NULL) {
        p->failed = true;
        return;
    }
    if (c->call.op == VENUE_STATUS && !answers_question(a, &c->call, reply)) {
        if (c->call.venue_id_count == 0 && account_has_feature(a, VENUE_CLIENT_ID_UNSURE)) {
            return; /* it does not look by our id: nothing was said */
        }
        engine_note(e, NOTE_ERROR, "venue.wrong_answer",
                    "account=%.*s: orders in the answer that were not asked about",
                    BYTES_ARG(a->cfg->name));
        p->failed = true;
        return;
    }
    watch_fills(e, a, reply);
    watch_observe_all(e, a, reply, c->call.op, &c->started);
    pass_fills_known(e, a, c, reply);
    if (!reply->complete && reply->cursor.size > 0 && c->call.op != VENUE_STATUS &&
        bytes_to_field(reply->cursor, p->cursor, sizeof p->cursor)) {
        return;
    }
    p->cursor[0] = '\0';
    if (!account_knows_ids(a) && !reply->complete && c->call.op != VENUE_STATUS &&
        c->call.op != VENUE_FILLS) {
        p->unanswered = true; /* cut off: an order that is not in it may be there all the same */
    }
    if (account_has_feature(a, VENUE_LISTS_BY_SYMBOL) && c->call.op != VENUE_STATUS) {
        symbol_done(a);
    } else if (c->call.op != VENUE_STATUS) {
        p->step++;
    }
}
