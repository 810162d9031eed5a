/*
 * Refusals: their text, and the venues' reasons in FIX's numbers. Both tables are indexed by
 * enum venue_reason; what a venue said in its own words travels in Text (58).
 */
#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "assert.h"

bool refuse(struct refusal *no, enum refusal_kind kind, int reason, const char *format, ...)
{
    va_list args;

    no->kind = kind;
    no->reason = reason;
    no->tag = 0;
    va_start(args, format);
    (void)vsnprintf(no->text, sizeof no->text, format, args); /* cut to fit, as promised */
    va_end(args);
    return false;
}

/* 103: 0 broker/exchange option, 1 symbol, 2 closed, 3 limit, 4 too late, 5 unknown order, 6
 * duplicate, 8 stale, 11 unsupported, 13 quantity, 99 other. */
static const int ord_rej_reason[VENUE_REASON_COUNT] = {
    [VENUE_REASON_NONE] = 0,        [VENUE_REASON_OTHER] = 0,         [VENUE_REASON_SYMBOL] = 1,
    [VENUE_REASON_CLOSED] = 2,      [VENUE_REASON_LIMIT] = 3,         [VENUE_REASON_THROTTLED] = 3,
    [VENUE_REASON_TOO_LATE] = 4,    [VENUE_REASON_UNKNOWN_ORDER] = 5, [VENUE_REASON_DUPLICATE] = 6,
    [VENUE_REASON_STALE] = 8,       [VENUE_REASON_UNSUPPORTED] = 11,  [VENUE_REASON_QUANTITY] = 13,
    [VENUE_REASON_PRICE] = 99,      [VENUE_REASON_INVALID] = 99,      [VENUE_REASON_AUTH] = 0,
    [VENUE_REASON_WOULD_CROSS] = 0, [VENUE_REASON_NO_LIQUIDITY] = 0,  [VENUE_REASON_POSITION] = 0,
};

/* 102: 0 too late, 1 unknown order, 2 broker/exchange option, 6 duplicate. A venue that refuses new
 * terms (size, price, funds) leaves the order as it was: that is its option, 2. */
static const int cxl_rej_reason[VENUE_REASON_COUNT] = {
    [VENUE_REASON_NONE] = 2,        [VENUE_REASON_OTHER] = 2,         [VENUE_REASON_SYMBOL] = 2,
    [VENUE_REASON_CLOSED] = 2,      [VENUE_REASON_LIMIT] = 2,         [VENUE_REASON_THROTTLED] = 2,
    [VENUE_REASON_TOO_LATE] = 0,    [VENUE_REASON_UNKNOWN_ORDER] = 1, [VENUE_REASON_DUPLICATE] = 6,
    [VENUE_REASON_STALE] = 2,       [VENUE_REASON_UNSUPPORTED] = 2,   [VENUE_REASON_QUANTITY] = 2,
    [VENUE_REASON_PRICE] = 2,       [VENUE_REASON_INVALID] = 2,       [VENUE_REASON_AUTH] = 2,
    [VENUE_REASON_WOULD_CROSS] = 2, [VENUE_REASON_NO_LIQUIDITY] = 2,  [VENUE_REASON_POSITION] = 2,
};

int refusal_ord_rej_reason(enum venue_reason r)
{
    ASSERT((unsigned)r < VENUE_REASON_COUNT);
    return ord_rej_reason[r];
}

int refusal_cxl_rej_reason(enum venue_reason r)
{
    ASSERT((unsigned)r < VENUE_REASON_COUNT);
    return cxl_rej_reason[r];
}

int refusal_restatement(enum venue_cause cause)
{
    switch (cause) {
    case VENUE_CAUSE_MARKET:
    case VENUE_CAUSE_VENUE:
    case VENUE_CAUSE_MARGIN:
    case VENUE_CAUSE_SELF_TRADE: return 8; /* market (exchange) option */
    case VENUE_CAUSE_DEADMAN: return 7;    /* cancel on system failure */
    case VENUE_CAUSE_REDUCED: return 5;    /* partial decline of OrderQty */
    case VENUE_CAUSE_USER:
    case VENUE_CAUSE_NO_LIQUIDITY:
    case VENUE_CAUSE_EXPIRED: return 99;
    case VENUE_CAUSE_NONE: return -1;
    }
    return -1;
}

const char *refusal_cause_text(enum venue_cause cause)
{
    switch (cause) {
    case VENUE_CAUSE_MARKET: return "canceled by the venue: market";
    case VENUE_CAUSE_VENUE: return "canceled by the venue";
    case VENUE_CAUSE_MARGIN: return "canceled by the venue: margin";
    case VENUE_CAUSE_SELF_TRADE: return "canceled by the venue: self trade";
    case VENUE_CAUSE_DEADMAN: return "canceled by the dead man's switch";
    case VENUE_CAUSE_USER: return "canceled on the account, not by this session";
    case VENUE_CAUSE_NO_LIQUIDITY: return "nothing (more) to trade against";
    case VENUE_CAUSE_EXPIRED: return "expired";
    case VENUE_CAUSE_REDUCED: return "quantity reduced by the venue to fit the position";
    case VENUE_CAUSE_NONE: return "no longer at the venue, cause not told";
    }
    return "";
}
