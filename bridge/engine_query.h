/*
 * Looking at the engine from outside, for the operator: nothing here changes anything.
 */
#ifndef BRIDGE_ENGINE_QUERY_H
#define BRIDGE_ENGINE_QUERY_H

#include "engine.h"

/* How an account stands with its venue. */
struct engine_account_status {
    bool down;                 /* calls do not get through */
    bool disabled;             /* by the operator */
    bool settling;             /* doubts of before the start are still open */
    unsigned failures;         /* in a row */
    uint32_t calls, calls_max; /* under way; allowed at once */
    size_t orders_queued, cancels_queued, orders_live, doubts;
    uint64_t ghosts;         /* since the start: found resting although done (engine_ghost.c) */
    int64_t backoff_us;      /* how long no call is made yet; 0: at once */
    int64_t clock_offset_us; /* venue's wall clock minus ours */
    int64_t deadman_us; /* wall: when the dead man's switch fires unless pushed back; 0: disarmed */
    size_t window_count; /* of the rate limit */
    struct {
        uint32_t capacity, left, period_ms;
    } window[VENUE_WINDOWS_MAX];
};

size_t engine_accounts(const struct engine *e);
struct bytes engine_account_name(const struct engine *e, uint32_t account);
struct bytes engine_account_venue(const struct engine *e, uint32_t account);
void engine_account_look(const struct engine *e, uint32_t account, const struct instant *now,
                         struct engine_account_status *out);

/* Orders of all times: ids run from 1 to this; those that were forgotten are not found any more. */
uint64_t engine_order_count(const struct engine *e);
/* In memory: live ones, and those that ended and are not forgotten. */
size_t engine_orders_kept(const struct engine *e);
/* By any ClOrdID of its chain. NULL: none. */
const struct order *engine_order_by_cl_ord_id(const struct engine *e, uint32_t session,
                                              struct bytes cl_ord_id);
/* By the venue's id, at an account. NULL: none. */
const struct order *engine_order_by_venue_id(const struct engine *e, uint32_t account,
                                             struct bytes venue_id);
/* By the id we gave it at the venue. NULL: none. */
const struct order *engine_order_by_client_id(const struct engine *e, struct bytes client_id);
/* The newest live order of an account, then its `prev`; account engine_accounts(): of accounts that
 * left the configuration. */
const struct order *engine_last_live(const struct engine *e, uint32_t account);
/* Live orders in this state now; of a state that ends them, how many ended so since the start. */
uint64_t engine_orders_in(const struct engine *e, enum order_state s);
/* Live orders of a session. */
size_t engine_session_live(const struct engine *e, uint32_t session);

#endif
