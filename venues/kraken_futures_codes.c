/*
 * Kraken Futures: every word the venue answers with, and what it means here. Tables only; a word
 * that is not listed is decided by the caller, always towards "unknown".
 */
#include "kraken_futures.h"

#define S KRAKEN_SEND
#define E KRAKEN_EDIT
#define C KRAKEN_CANCEL

#define REFUSED(code, about, reason)                                                               \
    {                                                                                              \
        code, about, VENUE_REFUSED, VENUE_ORDER_REJECTED, VENUE_REASON_##reason, VENUE_CAUSE_NONE  \
    }
#define DONE(code, about, status, cause)                                                           \
    {                                                                                              \
        code, about, VENUE_DONE, VENUE_ORDER_##status, VENUE_REASON_NONE, VENUE_CAUSE_##cause      \
    }

static const struct kraken_status_rule statuses[] = {
    DONE("placed", S, OPEN, NONE), /* also when it traded at once: the events tell */
    DONE("partiallyFilled", S, OPEN, NONE),
    DONE("filled", S, FILLED, NONE),
    DONE("cancelled", S, CANCELED, VENUE),
    DONE("edited", E, REPLACED, NONE),
    DONE("cancelled", C, CANCELED, USER),
    /* Accepted and found nobody to trade with: for FIX a canceled order rather than a refused one.
     */
    DONE("iocWouldNotExecute", S, CANCELED, NO_LIQUIDITY),

    REFUSED("marketSuspended", S | E, CLOSED),
    REFUSED("marketInactive", S | E, CLOSED),
    REFUSED("invalidOrderType", S | E, UNSUPPORTED),
    REFUSED("invalidSide", S | E, UNSUPPORTED),
    REFUSED("invalidSize", S | E, QUANTITY),
    REFUSED("invalidPrice", S | E, PRICE),
    REFUSED("insufficientAvailableFunds", S | E, LIMIT),
    REFUSED("wouldCauseLiquidation", S | E, LIMIT),
    REFUSED("maxPositionViolation", S | E, LIMIT),
    REFUSED("tooManySmallOrders", S | E, LIMIT),
    REFUSED("tooManyOrders", S | E, LIMIT),
    REFUSED("fixedLeverageTooHigh", S | E, LIMIT),
    REFUSED("clientOrderIdAlreadyExist", S, DUPLICATE),
    REFUSED("clientOrderIdTooBig", S, INVALID),
    REFUSED("clientOrderIdTooLong", S, INVALID),
    REFUSED("clientOrderIdInvalid", S, INVALID),
    REFUSED("outsidePriceCollar", S | E, POSITION),
    REFUSED("wouldIncreasePriceDislocation", S | E, POSITION),
    REFUSED("selfFill", S | E, POSITION),
    REFUSED("wouldNotReducePosition", S | E, POSITION),
    REFUSED("marketIsPostOnly", S | E, OTHER),
    REFUSED("postWouldExecute", S, WOULD_CROSS),
    REFUSED("wouldProcessAfterSpecifiedTime", S | E | C, STALE),
    REFUSED("requiredArgumentMissing", S | E | C, INVALID), /* seen in batches */

    /* An edit that would cross may have cancelled the original (unconfirmed): to be looked up. */
    { "postWouldExecute", E, VENUE_UNKNOWN, VENUE_ORDER_PENDING, VENUE_REASON_WOULD_CROSS,
      VENUE_CAUSE_NONE },
    { "orderForEditNotFound", E, VENUE_REFUSED, VENUE_ORDER_ABSENT, VENUE_REASON_UNKNOWN_ORDER,
      VENUE_CAUSE_NONE },
    REFUSED("orderForEditNotAStop", E, UNSUPPORTED),
    REFUSED("cannotEditTriggerPriceOfTrailingStop", E, UNSUPPORTED),
    REFUSED("cannotEditLimitPriceOfTrailingStop", E, UNSUPPORTED),
    { "filled", C, VENUE_REFUSED, VENUE_ORDER_FILLED, VENUE_REASON_TOO_LATE, VENUE_CAUSE_NONE },
    /* Cancelled already, or never there. */
    { "notFound", E | C, VENUE_REFUSED, VENUE_ORDER_ABSENT, VENUE_REASON_UNKNOWN_ORDER,
      VENUE_CAUSE_NONE },
};

#undef REFUSED
#undef DONE
#undef S
#undef E
#undef C

static const struct kraken_error_rule errors[] = {
    { "apiLimitExceeded", false, VENUE_HELD, VENUE_REASON_THROTTLED },
    { "nonceBelowThreshold", false, VENUE_HELD, VENUE_REASON_OTHER },
    { "nonceDuplicate", false, VENUE_HELD, VENUE_REASON_OTHER },
    { "authenticationError", false, VENUE_REFUSED, VENUE_REASON_AUTH },
    { "accountInactive", false, VENUE_REFUSED, VENUE_REASON_AUTH },
    { "insufficientPrivileges", false, VENUE_REFUSED, VENUE_REASON_AUTH },
    { "invalidArgument: symbol", true, VENUE_REFUSED, VENUE_REASON_SYMBOL }, /* before the next */
    { "invalidArgument", true, VENUE_REFUSED, VENUE_REASON_INVALID },
    { "requiredArgumentMissing", true, VENUE_REFUSED, VENUE_REASON_INVALID },
    { "Json Parse Error", true, VENUE_REFUSED, VENUE_REASON_INVALID },
    { "invalidUnit", false, VENUE_REFUSED, VENUE_REASON_INVALID },
    { "invalidAccount", false, VENUE_REFUSED, VENUE_REASON_INVALID },
    { "invalidAmount", false, VENUE_REFUSED, VENUE_REASON_INVALID },
    { "contractNotFound", false, VENUE_REFUSED, VENUE_REASON_SYMBOL },
    { "marketUnavailable", false, VENUE_REFUSED, VENUE_REASON_CLOSED },
    { "insufficientFunds", false, VENUE_REFUSED, VENUE_REASON_LIMIT },
    { "notFound", false, VENUE_REFUSED, VENUE_REASON_UNKNOWN_ORDER },
    /* "Probably not processed" is not certainly. */
    { "Unavailable", false, VENUE_UNKNOWN, VENUE_REASON_OTHER },
    { "Server Error", false, VENUE_UNKNOWN, VENUE_REASON_OTHER },
    { "unknownError", false, VENUE_UNKNOWN, VENUE_REASON_OTHER },
};

#define REASON(code, reason)                                                                       \
    {                                                                                              \
        code, VENUE_REASON_##reason, VENUE_CAUSE_NONE                                              \
    }
#define CAUSE(code, cause)                                                                         \
    {                                                                                              \
        code, VENUE_REASON_NONE, VENUE_CAUSE_##cause                                               \
    }
#define BOTH(code, reason, cause)                                                                  \
    {                                                                                              \
        code, VENUE_REASON_##reason, VENUE_CAUSE_##cause                                           \
    }

static const struct kraken_word_rule words[] = {
    /* updateReason: what happened to an order. Those of everyday life carry neither. */
    CAUSE("LOADING_MARKET", NONE),
    CAUSE("NEW_USER_ORDER", NONE),
    CAUSE("STOP_ORDER_TRIGGERED", NONE),
    CAUSE("LIMIT_FROM_STOP", NONE),
    CAUSE("PARTIAL_FILL", NONE),
    CAUSE("FULL_FILL", NONE),
    CAUSE("EDITED_BY_USER", NONE),
    CAUSE("TRAILING_STOP_PRICE_UPDATED", NONE),
    CAUSE("LIQUIDATION_ORDER", MARGIN),
    CAUSE("CANCELLED_BY_USER", USER),
    CAUSE("CONTRACT_EXPIRED", MARKET),
    BOTH("NOT_ENOUGH_MARGIN", LIMIT, MARGIN),
    BOTH("MARKET_INACTIVE", CLOSED, MARKET),
    CAUSE("DEAD_MAN_SWITCH", DEADMAN),
    CAUSE("CANCELLED_BY_ADMIN", VENUE),
    CAUSE("TRAILING_STOP_CANCELLED_AND_REPLACED_BY_ADMIN", VENUE),
    CAUSE("CANCELLED_BY_SELF_TRADE", SELF_TRADE),
    CAUSE("EXPIRED", EXPIRED),
    REASON("POST_WOULD_EXECUTE_REASON", WOULD_CROSS),
    BOTH("IOC_WOULD_NOT_EXECUTE_REASON", NO_LIQUIDITY, NO_LIQUIDITY),
    BOTH("WOULD_EXECUTE_SELF_REASON", POSITION, SELF_TRADE),
    REASON("ORDER_FOR_EDIT_NOT_FOUND_REASON", UNKNOWN_ORDER),
    /* error: why one was refused, or could not be placed when its trigger fired. */
    BOTH("MARKET_SUSPENDED", CLOSED, MARKET),
    REASON("MARKET_NOT_FOUND", SYMBOL),
    REASON("INVALID_PRICE", PRICE),
    REASON("INVALID_QUANTITY", QUANTITY),
    REASON("SMALL_ORDER_LIMIT_EXCEEDED", LIMIT),
    BOTH("INSUFFICIENT_MARGIN", LIMIT, MARGIN),
    BOTH("WOULD_CAUSE_LIQUIDATION", LIMIT, MARGIN),
    REASON("CLIENT_ORDER_ID_IN_USE", DUPLICATE),
    REASON("CLIENT_ORDER_ID_TOO_LONG", INVALID),
    REASON("MAX_POSITION_EXCEEDED", LIMIT),
    REASON("PRICE_COLLAR", POSITION),
    BOTH("PRICE_DISLOCATION", POSITION, MARKET),
    REASON("EDIT_HAS_NO_EFFECT", INVALID),
    REASON("ORDER_FOR_CANCELLATION_NOT_FOUND", UNKNOWN_ORDER),
    REASON("ORDER_FOR_EDIT_NOT_FOUND", UNKNOWN_ORDER),
    REASON("ORDER_CANNOT_HAVE_TRIGGER_PRICE", UNSUPPORTED),
    REASON("POST_WOULD_EXECUTE", WOULD_CROSS),
    BOTH("IOC_WOULD_NOT_EXECUTE", NO_LIQUIDITY, NO_LIQUIDITY),
    BOTH("WOULD_EXECUTE_SELF", POSITION, SELF_TRADE),
    REASON("WOULD_NOT_REDUCE_POSITION", POSITION),
    REASON("REJECTED_AFTER_EXECUTION", OTHER),
    REASON("MARKET_IS_POST_ONLY", OTHER),
    REASON("ORDER_LIMIT_EXCEEDED", LIMIT),
    REASON("FIXED_LEVERAGE_TOO_HIGH", LIMIT),
    REASON("CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP", UNSUPPORTED),
    REASON("CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP", UNSUPPORTED),
    REASON("TRAILING_STOP_ORDER_LIMIT_EXCEEDED", LIMIT),
    REASON("TRAILING_STOP_PERCENT_DEVIATION_EXCEEDS_MAX_DECIMAL_PLACES", PRICE),
    REASON("TRAILING_STOP_QUOTE_DEVIATION_NOT_MULTIPLE_OF_TICK_SIZE", PRICE),
    REASON("TRAILING_STOP_MAX_DEVIATION_TOO_LARGE", PRICE),
    REASON("TRAILING_STOP_MAX_DEVIATION_TOO_SMALL", PRICE),
    REASON("INSUFFICIENT_HEADROOM_AROUND_CURRENT_PRICE_TO_EDIT_TRAILING_STOP", PRICE),
    REASON("NO_REFERENCE_PRICE_AVAILABLE_FOR_CALCULATING_TRAILING_STOP_TRIGGER_PRICE", PRICE),
    BOTH("INSUFFICIENT_CLOSING_MARGIN", LIMIT, MARGIN),
    REASON("LIMIT_PRICE_SET_AS_ABSOLUTE_AND_RELATIVE", INVALID),
    REASON("LIMIT_PRICE_OFFSET_VALUE_INVALID", INVALID),
    REASON("LIMIT_PRICE_OFFSET_UNIT_INVALID", INVALID),
    REASON("LIMIT_PRICE_OFFSET_MUST_HAVE_VALUE_AND_UNIT", INVALID),
    REASON("LIMIT_PRICE_OFFSET_QUOTE_CURRENCY_VALUE_MUST_BE_MULTIPLE_OF_TICK_SIZE", PRICE),
    REASON("LIMIT_PRICE_OFFSET_PERCENT_VALUE_TOO_MANY_DECIMAL_PLACES", PRICE),
    REASON("LIMIT_PRICE_OFFSET_TOO_HIGH", PRICE),
    REASON("LIMIT_PRICE_OFFSET_TOO_LOW", PRICE),
};

#undef REASON
#undef CAUSE
#undef BOTH

static const struct {
    int64_t code;
    enum venue_reason reason;
} setting_errors[] = {
    { 41, VENUE_REASON_LIMIT },       /* would cause liquidation */
    { 87, VENUE_REASON_SYMBOL },      /* contract does not exist */
    { 88, VENUE_REASON_UNSUPPORTED }, /* not a multi-collateral contract */
    { 92, VENUE_REASON_LIMIT },       /* insufficient margin; came with HTTP 500 */
};

static const struct {
    const char *type;
    enum venue_liquidity liquidity;
    bool by_venue;
} fill_types[] = {
    { "maker", VENUE_MAKER, false },
    { "taker", VENUE_TAKER, false },
    { "takerAfterEdit", VENUE_TAKER, false },
    { "liquidation", VENUE_LIQUIDITY_UNKNOWN, true },
    { "partialLiquidation", VENUE_LIQUIDITY_UNKNOWN, true },
    { "assignor", VENUE_LIQUIDITY_UNKNOWN, true },
    { "assignee", VENUE_LIQUIDITY_UNKNOWN, true },
    { "unwindBankrupt", VENUE_LIQUIDITY_UNKNOWN, true },
    { "unwindCounterparty", VENUE_LIQUIDITY_UNKNOWN, true },
};

const struct kraken_status_rule *kraken_status_find(struct bytes code, enum kraken_about about)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if ((statuses[i].about & about) != 0 && bytes_is(code, statuses[i].code)) {
            return &statuses[i];
        }
    }
    return NULL;
}

const struct kraken_error_rule *kraken_error_find(struct bytes code)
{
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct bytes head = { code.data, strlen(errors[i].code) };

        if (bytes_is(code, errors[i].code) ||
            (errors[i].prefix && code.size > head.size && bytes_is(head, errors[i].code))) {
            return &errors[i];
        }
    }
    return NULL;
}

enum venue_reason kraken_setting_reason(int64_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(setting_errors); i++) {
        if (setting_errors[i].code == code) {
            return setting_errors[i].reason;
        }
    }
    return VENUE_REASON_NONE;
}

const struct kraken_word_rule *kraken_word_find(struct bytes code)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (answer_same(code, words[i].code)) {
            return &words[i];
        }
    }
    return NULL;
}

bool kraken_fill_type(struct bytes type, enum venue_liquidity *liquidity, bool *by_venue)
{
    for (size_t i = 0; i < ARRAY_LEN(fill_types); i++) {
        if (answer_same(type, fill_types[i].type)) {
            *liquidity = fill_types[i].liquidity;
            *by_venue = fill_types[i].by_venue;
            return true;
        }
    }
    return false;
}
