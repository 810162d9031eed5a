/*
 * Read-only views for the operator.
 */
#include "engine_query.h"

#include "engine_internal.h"

size_t engine_accounts(const struct engine *e)
{
    return e->config.account_count;
}

struct bytes engine_account_name(const struct engine *e, uint32_t account)
{
    return e->config.account[account].name;
}

struct bytes engine_account_venue(const struct engine *e, uint32_t account)
{
    return bytes_of(e->config.account[account].driver->name);
}

void engine_account_look(const struct engine *e, uint32_t account, const struct instant *now,
                         struct engine_account_status *out)
{
    const struct account *a = &e->account[account];

    *out = (struct engine_account_status){
        .down = a->down,
        .disabled = a->disabled,
        .settling = a->settling,
        .failures = a->failures,
        .calls = a->calls,
        .calls_max = a->cfg->calls_max,
        .orders_queued = a->queue[QUEUE_ORDER].count,
        .cancels_queued = a->queue[QUEUE_CANCEL].count,
        .orders_live = book_live_count(e->book, account),
        .doubts = a->check_count,
        .ghosts = a->ghost.count,
        .backoff_us = a->backoff_us > now->mono_us ? a->backoff_us - now->mono_us : 0,
        .clock_offset_us = a->clock_offset_us,
        .deadman_us = a->deadman.fires_us,
        .window_count = a->window_count,
    };
    for (size_t i = 0; i < a->window_count; i++) {
        struct rate copy = a->rate[i]; /* looking moves its slots on */

        out->window[i].capacity = a->cfg->driver->window[i].capacity;
        out->window[i].period_ms = a->cfg->driver->window[i].period_ms;
        out->window[i].left = rate_left(&copy, now->mono_us);
    }
}

uint64_t engine_order_count(const struct engine *e)
{
    return book_last_id(e->book);
}

size_t engine_orders_kept(const struct engine *e)
{
    return book_count(e->book);
}

const struct order *engine_order_by_cl_ord_id(const struct engine *e, uint32_t session,
                                              struct bytes cl_ord_id)
{
    return book_by_cl_ord_id(e->book, session, cl_ord_id);
}

const struct order *engine_order_by_venue_id(const struct engine *e, uint32_t account,
                                             struct bytes venue_id)
{
    return book_by_venue_id(e->book, account, venue_id);
}

/* The id ends in a dash and the order's number in base 36 (engine_client_id). */
const struct order *engine_order_by_client_id(const struct engine *e, struct bytes client_id)
{
    const struct order *o;
    size_t at = client_id.size;
    uint64_t id = 0;

    while (at > 0 && client_id.data[at - 1] != '-') {
        at--;
    }
    for (size_t i = at; i < client_id.size && i < at + 12; i++) {
        char c = client_id.data[i];

        id = id * 36 + (uint64_t)(c >= 'a' ? c - 'a' + 10 : c >= '0' ? c - '0' : 0);
    }
    o = at > 0 ? book_by_id(e->book, id) : NULL;
    return o != NULL && bytes_is(client_id, o->client_id) ? o : NULL;
}

const struct order *engine_last_live(const struct engine *e, uint32_t account)
{
    return book_last_live(e->book, account < e->config.account_count ? account : GONE);
}

uint64_t engine_orders_in(const struct engine *e, enum order_state s)
{
    return e->by_state[s];
}

size_t engine_session_live(const struct engine *e, uint32_t session)
{
    return book_session_live(e->book, session);
}
