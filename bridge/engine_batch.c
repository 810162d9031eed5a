/*
 * Batches: orders, or cancels, of one account that wait in the same turn go out in one call where
 * the venue prices that below one call each (batch.c). Each is journaled as sent before, as if
 * alone, and its part of the answer is looked at as the answer to a call of its own: an answer that
 * leaves one out leaves that one in doubt. A lone order never waits for company.
 */
#include <stdlib.h>

#include "assert.h"
#include "batch.h"
#include "engine_internal.h"

#define LOOK_MAX 256 /* how far back in the queue company is looked for */

/* What one call under way is about. */
struct batch {
    enum call_purpose purpose; /* CALL_PLACE or CALL_CANCEL */
    size_t count;
    struct {
        struct order *order;
        uint64_t request; /* CANCEL */
    } item[VENUE_IDS_MAX];
    struct venue_instruction instruction[VENUE_IDS_MAX];
};

/* ---- starting ------------------------------------------------------------------------------ */

struct collected {
    struct batch *batch;
    struct work work[VENUE_IDS_MAX];
};

static bool add(struct engine *e, const struct account *a, struct collected *c, struct order *o,
                const struct work *w)
{
    struct batch *b = c->batch;
    struct venue_instruction in = {
        .kind = w->purpose == CALL_PLACE ? VENUE_DO_PLACE : VENUE_DO_CANCEL,
    };
    /* A replace's cancel goes alone: only when its new order may be placed as well. */
    bool swaps = w->request != NULL && w->request->kind != REQUEST_CANCEL;

    order_venue_form(e, a, o, NULL, &in.order);
    if (o->alone || swaps || !batch_takes(a->cfg->driver, b->instruction, b->count, &in)) {
        return false;
    }
    b->item[b->count].order = o;
    b->item[b->count].request = w->request == NULL ? 0 : w->request->id;
    b->instruction[b->count] = in;
    c->work[b->count++] = *w;
    return true;
}

/* Those behind `o` in the queue that want the same. */
static void collect(struct engine *e, struct account *a, enum queue_kind kind, struct collected *c)
{
    size_t looked = 0;

    for (struct order *o = a->queue[kind].first; o != NULL && looked < LOOK_MAX;
         o = o->queue_next[kind], looked++) {
        struct work w;

        if (order_next_work(e, o, true, &w) && w.queue == kind && w.purpose == c->batch->purpose &&
            !order_waited_too_long(e, a, o) && !order_names_settings(o)) {
            (void)add(e, a, c, o, &w);
        }
    }
}

/* Leaves out the last ones until the rest may be sent now and still pays. */
static bool fit_budget(struct engine *e, struct account *a, struct batch *b, enum rate_priority p,
                       struct venue_call *call)
{
    while (batch_is_cheaper(a->cfg->driver, b->instruction, b->count)) {
        *call = (struct venue_call){ .op = VENUE_BATCH,
                                     .symbol = b->instruction[0].order.symbol,
                                     .instruction = b->instruction,
                                     .instruction_count = b->count };
        if (account_may_call(e, a, call, p)) {
            return true;
        }
        b->count--;
    }
    return false;
}

static void start(struct engine *e, struct account *a, enum queue_kind kind,
                  const struct collected *c, const struct venue_call *call)
{
    struct batch *b = c->batch;
    struct call *started;
    int64_t ready_us = account_ready_us(a, e->now.wall_us);

    for (size_t i = 0; i < b->count; i++) {
        struct order *o = b->item[i].order;

        if (b->purpose == CALL_PLACE) {
            order_sent(e, o, ready_us);
        } else {
            request_state_set(e, o, c->work[i].request, REQUEST_SENT, ready_us);
        }
        o->in_call = true;
    }
    queue_drop_in_call(a, kind);
    started = call_start(e, a, CALL_BATCH, call, 0, NULL, 0);
    if (started == NULL) {
        assert_failed(__FILE__, __LINE__, "out of memory");
    }
    started->batch = b;
}

static bool start_together(struct engine *e, struct account *a, enum queue_kind kind,
                           enum rate_priority p, struct order *o, const struct work *w)
{
    struct collected c;
    struct venue_call call;

    c.batch = calloc(1, sizeof *c.batch);
    if (c.batch == NULL) {
        return false; /* one by one then */
    }
    c.batch->purpose = w->purpose;
    if (add(e, a, &c, o, w)) {
        collect(e, a, kind, &c);
    }
    if (!fit_budget(e, a, c.batch, p, &call)) {
        free(c.batch);
        return false;
    }
    start(e, a, kind, &c, &call);
    return true;
}

bool batch_start(struct engine *e, struct account *a, enum queue_kind kind, enum rate_priority p,
                 struct order *o, const struct work *w)
{
    return a->queue[kind].first != NULL && w->purpose != CALL_REPLACE && account_knows_ids(a) &&
           account_has_op(a, VENUE_BATCH) && a->cfg->driver->batch_fits != NULL && !o->alone &&
           start_together(e, a, kind, p, o, w);
}

/* ---- the answer ---------------------------------------------------------------------------- */

/* The part of the answer that is about one of them: what a call of its own would have been told. */
static enum venue_outcome part_of(const struct batch *b, size_t i, enum venue_outcome outcome,
                                  const struct venue_reply *reply, struct venue_reply *part,
                                  const char **why)
{
    if (outcome != VENUE_DONE) {
        /* The venue took none of it: each is asked for alone, to be told why by itself. */
        return outcome == VENUE_REFUSED ? VENUE_HELD : outcome;
    }
    if (reply == NULL || reply->order_count != b->count) {
        *why = "the answer to the batch does not name it";
        return VENUE_UNKNOWN;
    }
    part->order = &reply->order[i];
    part->order_count = 1;
    part->reason = reply->order[i].reason;
    part->code = reply->order[i].code;
    part->text = (struct bytes){ NULL, 0 };
    if (reply->order[i].outcome == VENUE_UNKNOWN) {
        *why = "the answer to the batch leaves it open";
    }
    return reply->order[i].outcome;
}

void batch_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why)
{
    const struct batch *b = c->batch;
    bool held = false;

    for (size_t i = 0; i < b->count; i++) {
        struct order *o = b->item[i].order;
        struct venue_reply part = { .http_status = 0 };
        const char *part_why = why;
        enum venue_outcome own;

        if (reply != NULL) {
            part = *reply;
        }
        own = part_of(b, i, outcome, reply, &part, &part_why);
        o->alone = o->alone || outcome == VENUE_REFUSED;
        if (own == VENUE_HELD && outcome == VENUE_DONE && !held) {
            held = true; /* a budget that ran out halfway */
            account_learn_health(e, a, own, &part, part_why);
        }
        order_result(e, a, c, &(struct order_call){ b->purpose, o, b->item[i].request }, own,
                     reply == NULL ? NULL : &part, part_why);
    }
}

void batch_free(struct batch *b)
{
    free(b);
}
