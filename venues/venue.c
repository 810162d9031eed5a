/*
 * The list of venues, and the words of the venue interface as text. A new venue is one line in the
 * list.
 */
#include "venue.h"

#include "assert.h"
#include "b2prime.h"
#include "bitget.h"
#include "bybit.h"
#include "coinswitch.h"
#include "kraken_futures.h"

const struct venue_driver *const venue_list[] = {
    &venue_kraken_futures, &venue_bybit,   &venue_bitget, &venue_bitget_v1,
    &venue_coinswitch,     &venue_b2prime, NULL,
};

const struct venue_driver *venue_find(struct bytes name)
{
    for (size_t i = 0; venue_list[i] != NULL; i++) {
        if (bytes_is(name, venue_list[i]->name)) {
            return venue_list[i];
        }
    }
    return NULL;
}

uint32_t venue_call_cost(const struct venue_driver *d, const struct venue_call *c, size_t window)
{
    const struct venue_endpoint *e = &d->endpoint[c->op];

    ASSERT(c->op < VENUE_OP_COUNT && window < VENUE_WINDOWS_MAX);
    return e->cost_fn != NULL ? e->cost_fn(c, window) : e->cost[window];
}

static const struct {
    const char *text;
    bool acts;
} ops[VENUE_OP_COUNT] = {
    [VENUE_PLACE] = { "place", true },
    [VENUE_CANCEL] = { "cancel", true },
    [VENUE_REPLACE] = { "replace", true },
    [VENUE_CANCEL_ALL] = { "cancel-all", true },
    [VENUE_BATCH] = { "batch", true },
    [VENUE_STATUS] = { "status", false },
    [VENUE_OPEN_ORDERS] = { "open-orders", false },
    [VENUE_ORDER_HISTORY] = { "order-history", false },
    [VENUE_TRIGGER_HISTORY] = { "trigger-history", false },
    [VENUE_FILLS] = { "fills", false },
    [VENUE_EXECUTIONS] = { "executions", false },
    [VENUE_DEADMAN] = { "deadman", true },
    [VENUE_POSITIONS] = { "positions", false },
    [VENUE_CLOSE_POSITION] = { "close-position", true },
    [VENUE_POSITION_TRIGGERS] = { "position-triggers", true },
    [VENUE_GET_LEVERAGE] = { "get-leverage", false },
    [VENUE_SET_LEVERAGE] = { "set-leverage", true },
    [VENUE_GET_STP] = { "get-stp", false },
    [VENUE_SET_STP] = { "set-stp", true },
    [VENUE_INSTRUMENTS] = { "instruments", false },
    [VENUE_CHECK_ORDER] = { "check-order", false },
    [VENUE_ACCOUNT_LOG] = { "account-log", false },
    [VENUE_FEES] = { "fees", false },
    [VENUE_TIME] = { "time", false },
    [VENUE_AUTH] = { "auth", false },
};

const char *venue_op_text(enum venue_op op)
{
    ASSERT(op < VENUE_OP_COUNT);
    return ops[op].text;
}

bool venue_op_parse(struct bytes text, enum venue_op *out)
{
    for (size_t i = 0; i < VENUE_OP_COUNT; i++) {
        if (bytes_is(text, ops[i].text)) {
            *out = (enum venue_op)i;
            return true;
        }
    }
    return false;
}

bool venue_op_acts(enum venue_op op)
{
    ASSERT(op < VENUE_OP_COUNT);
    return ops[op].acts;
}

const char *venue_outcome_text(enum venue_outcome o)
{
    switch (o) {
    case VENUE_DONE: return "done";
    case VENUE_REFUSED: return "refused";
    case VENUE_HELD: return "held";
    case VENUE_UNKNOWN: return "unknown";
    }
    UNREACHABLE();
}

const char *venue_error_text(enum venue_error e)
{
    switch (e) {
    case VENUE_BUILD_OK: return "ok";
    case VENUE_BUILD_UNSUPPORTED: return "not possible at this venue";
    case VENUE_BUILD_TOO_LARGE: return "request too large";
    case VENUE_BUILD_BAD_ARGUMENT: return "bad argument";
    case VENUE_BUILD_FAILED: return "out of memory or signing failed";
    }
    UNREACHABLE();
}

const char *venue_reason_text(enum venue_reason r)
{
    switch (r) {
    case VENUE_REASON_NONE: return "none";
    case VENUE_REASON_OTHER: return "other";
    case VENUE_REASON_SYMBOL: return "symbol";
    case VENUE_REASON_CLOSED: return "closed";
    case VENUE_REASON_LIMIT: return "limit";
    case VENUE_REASON_THROTTLED: return "throttled";
    case VENUE_REASON_TOO_LATE: return "too-late";
    case VENUE_REASON_UNKNOWN_ORDER: return "unknown-order";
    case VENUE_REASON_DUPLICATE: return "duplicate";
    case VENUE_REASON_STALE: return "stale";
    case VENUE_REASON_UNSUPPORTED: return "unsupported";
    case VENUE_REASON_QUANTITY: return "quantity";
    case VENUE_REASON_PRICE: return "price";
    case VENUE_REASON_INVALID: return "invalid";
    case VENUE_REASON_AUTH: return "auth";
    case VENUE_REASON_WOULD_CROSS: return "would-cross";
    case VENUE_REASON_NO_LIQUIDITY: return "no-liquidity";
    case VENUE_REASON_POSITION: return "position";
    case VENUE_REASON_COUNT: break;
    }
    UNREACHABLE();
}

const char *venue_order_status_text(enum venue_order_status s)
{
    switch (s) {
    case VENUE_ORDER_PENDING: return "pending";
    case VENUE_ORDER_OPEN: return "open";
    case VENUE_ORDER_FILLED: return "filled";
    case VENUE_ORDER_CANCELED: return "canceled";
    case VENUE_ORDER_REJECTED: return "rejected";
    case VENUE_ORDER_EXPIRED: return "expired";
    case VENUE_ORDER_REPLACED: return "replaced";
    case VENUE_ORDER_ABSENT: return "absent";
    }
    UNREACHABLE();
}

const char *venue_cause_text(enum venue_cause c)
{
    switch (c) {
    case VENUE_CAUSE_NONE: return "none";
    case VENUE_CAUSE_USER: return "user";
    case VENUE_CAUSE_MARKET: return "market";
    case VENUE_CAUSE_VENUE: return "venue";
    case VENUE_CAUSE_DEADMAN: return "deadman";
    case VENUE_CAUSE_MARGIN: return "margin";
    case VENUE_CAUSE_SELF_TRADE: return "self-trade";
    case VENUE_CAUSE_NO_LIQUIDITY: return "no-liquidity";
    case VENUE_CAUSE_EXPIRED: return "expired";
    case VENUE_CAUSE_REDUCED: return "reduced";
    }
    UNREACHABLE();
}
