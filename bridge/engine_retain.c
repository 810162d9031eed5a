/*
 * Retention: orders that ended longer ago than they are to be kept are forgotten, with every
 * ClOrdID of their chain and their fills. What goes is named by a record, so recovery forgets the
 * same. Some at a time, so that no turn is long.
 */
#include "assert.h"
#include "engine_internal.h"

#define FORGET_MAX 256                   /* orders of one record */
#define LOOK_US (INT64_C(60) * US_PER_S) /* between two looks */
#define MORE_US (INT64_C(5) * US_PER_MS) /* when there is more: 50,000 orders a second */

/* Whether its account's fills were read to their end since it ended: none can be on its way. */
static bool fills_are_in(const struct engine *e, const struct order *o)
{
    const struct account *a;

    if (o->account >= e->config.account_count) {
        return true; /* nobody asks any more */
    }
    a = &e->account[o->account];
    if (!account_has_op(a, VENUE_FILLS) && !account_has_op(a, VENUE_EXECUTIONS)) {
        return true;
    }
    return !a->backfill && a->fills_done_us > 0 &&
           e->now.wall_us - (e->now.mono_us - a->fills_done_us) > o->changed_us;
}

static bool is_old(const struct engine *e, const struct order *o)
{
    return e->now.wall_us - o->changed_us >= e->config.retain_orders_us && fills_are_in(e, o);
}

static bool is_finished_with(const struct order *o)
{
    return o->request == NULL && !o->in_call && !o->end_known && !o->check && !o->queued[0] &&
           !o->queued[1];
}

/* The list is in the order in which they ended: what follows one that is not old is younger. */
static size_t take_ended(const struct engine *e, uint32_t account, struct buf *ids, size_t room)
{
    size_t count = 0;

    for (const struct order *o = book_first_ended(e->book, account);
         o != NULL && count < room && is_old(e, o); o = o->next) {
        if (!is_finished_with(o)) {
            continue;
        }
        for (unsigned i = 0; i < 8; i++) {
            buf_char(ids, (char)(unsigned char)(o->id >> (8 * i)));
        }
        count++;
    }
    return count;
}

void retain_run(struct engine *e)
{
    struct record r = { .kind = RECORD_FORGET, .wall_us = e->now.wall_us };
    size_t count = 0;

    if (e->now.mono_us < e->retain_at_us) {
        return;
    }
    buf_clear(&e->scratch);
    for (size_t i = 0; i < e->config.account_count; i++) {
        count += take_ended(e, (uint32_t)i, &e->scratch, FORGET_MAX - count);
    }
    count += take_ended(e, GONE, &e->scratch, FORGET_MAX - count);
    e->retain_at_us = e->now.mono_us + (count == FORGET_MAX ? MORE_US : LOOK_US);
    if (count > 0) {
        r.forget.ids = buf_view(&e->scratch);
        engine_commit(e, &r);
        lists_forget(e);
    }
}
