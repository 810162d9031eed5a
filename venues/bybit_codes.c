/*
 * Bybit: every number and word the venue answers with, and what it means here. Tables only; what is
 * not listed is decided by the caller, always towards "unknown".
 */
#include "bybit.h"

#define REFUSED(code, reason)                                                                      \
    {                                                                                              \
        code, VENUE_REFUSED, VENUE_REASON_##reason                                                 \
    }
#define HELD(code, reason)                                                                         \
    {                                                                                              \
        code, VENUE_HELD, VENUE_REASON_##reason                                                    \
    }
#define UNKNOWN(code, reason)                                                                      \
    {                                                                                              \
        code, VENUE_UNKNOWN, VENUE_REASON_##reason                                                 \
    }

static const struct bybit_code_rule codes[] = {
    /* It may have acted. */
    UNKNOWN(10000, OTHER),     /* server timeout */
    UNKNOWN(10016, OTHER),     /* server error, service restarting */
    UNKNOWN(429, THROTTLED),   /* trading service overloaded */
    UNKNOWN(10014, DUPLICATE), /* duplicate request: the original may stand */
    UNKNOWN(40004, OTHER),     /* order changed while being replaced */
    /* Certainly not processed, and may be tried again. */
    HELD(-1, STALE), /* timestamp outside the window; the answer carries the venue's clock */
    HELD(10002, STALE),
    HELD(10006, THROTTLED),
    HELD(110079, OTHER), /* order is being processed */

    REFUSED(10001, UNSUPPORTED), /* parameter error; the text sharpens it, see bybit_judge_code */
    REFUSED(10003, AUTH),
    REFUSED(10004, AUTH),
    REFUSED(10005, AUTH),
    REFUSED(10007, AUTH),
    REFUSED(10008, AUTH),
    REFUSED(10009, AUTH),
    REFUSED(10010, AUTH),
    REFUSED(10024, AUTH),
    REFUSED(10027, AUTH),
    REFUSED(10028, AUTH),
    REFUSED(33004, AUTH),
    REFUSED(100028, AUTH),
    REFUSED(10017, OTHER), /* route not found */
    REFUSED(10029, SYMBOL),
    REFUSED(110001, UNKNOWN_ORDER), /* also seen for "too late" */
    REFUSED(110008, TOO_LATE),
    REFUSED(110010, TOO_LATE),
    REFUSED(110003, PRICE),
    REFUSED(110120, PRICE),
    REFUSED(110121, PRICE),
    REFUSED(30208, PRICE),
    REFUSED(30209, PRICE),
    REFUSED(110092, PRICE),
    REFUSED(110093, PRICE),
    REFUSED(110004, LIMIT),
    REFUSED(110006, LIMIT),
    REFUSED(110007, LIMIT),
    REFUSED(110012, LIMIT),
    REFUSED(110044, LIMIT),
    REFUSED(110045, LIMIT),
    REFUSED(110051, LIMIT),
    REFUSED(110052, LIMIT),
    REFUSED(110053, LIMIT),
    REFUSED(110009, LIMIT),
    REFUSED(110020, LIMIT),
    REFUSED(110061, LIMIT),
    REFUSED(110013, LIMIT),
    REFUSED(110021, LIMIT),
    REFUSED(110085, LIMIT),
    REFUSED(110086, LIMIT),
    REFUSED(110087, LIMIT),
    REFUSED(110089, LIMIT),
    REFUSED(110090, LIMIT),
    REFUSED(3400139, LIMIT),
    REFUSED(110011, LIMIT),
    REFUSED(110039, LIMIT),
    REFUSED(110040, LIMIT),
    REFUSED(110046, LIMIT),
    REFUSED(110017, QUANTITY), /* a reduce-only quantity becomes zero */
    REFUSED(110064, QUANTITY), /* new quantity not above the filled one */
    REFUSED(110094, QUANTITY),
    REFUSED(110022, POSITION),
    REFUSED(110023, POSITION),
    REFUSED(110042, POSITION),
    REFUSED(30228, POSITION),
    REFUSED(110018, INVALID),
    REFUSED(110019, INVALID),
    REFUSED(110032, INVALID),
    REFUSED(110057, UNSUPPORTED),
    REFUSED(110058, UNSUPPORTED),
    REFUSED(110059, UNSUPPORTED),
    REFUSED(110060, UNSUPPORTED),
    REFUSED(110108, UNSUPPORTED),
    REFUSED(110109, UNSUPPORTED),
    REFUSED(110063, CLOSED),
    REFUSED(110066, CLOSED),
    REFUSED(110074, CLOSED),
    REFUSED(110095, CLOSED),
    REFUSED(110098, CLOSED),
    REFUSED(110099, CLOSED),
    REFUSED(110103, CLOSED),
    /* Account not eligible, terms, region, collateral: nothing goes on without the operator. */
    REFUSED(110067, AUTH),
    REFUSED(110068, AUTH),
    REFUSED(110069, AUTH),
    REFUSED(110088, AUTH),
    REFUSED(110123, AUTH),
    REFUSED(110124, AUTH),
    REFUSED(110125, AUTH),
    REFUSED(110132, AUTH),
    REFUSED(110101, AUTH),
    REFUSED(110102, AUTH),
    REFUSED(110104, AUTH),
    REFUSED(110105, AUTH),
    REFUSED(110106, AUTH),
    REFUSED(110107, AUTH),
    REFUSED(170346, AUTH),
    REFUSED(110072, DUPLICATE),
    REFUSED(110118, OTHER), /* no market price */
    REFUSED(110024, OTHER),
    REFUSED(110028, OTHER),
    REFUSED(110029, OTHER),
    REFUSED(181017, OTHER),
    REFUSED(3100181, OTHER),
    /* "Not modified": success for a setter, see bybit_code_unchanged. */
    REFUSED(110043, INVALID),
    REFUSED(34040, INVALID),
    REFUSED(110025, INVALID),
    REFUSED(110026, INVALID),
    REFUSED(110027, INVALID),
};

#undef REFUSED
#undef HELD
#undef UNKNOWN

static const int32_t unchanged[] = { 110043, 34040, 110025, 110026, 110027 };

static const struct bybit_status_rule statuses[] = {
    { "New", VENUE_ORDER_OPEN, false },
    { "PartiallyFilled", VENUE_ORDER_OPEN, false },
    { "Filled", VENUE_ORDER_FILLED, false }, /* also when a cancel came too late */
    { "Cancelled", VENUE_ORDER_CANCELED, false },
    { "Rejected", VENUE_ORDER_REJECTED, false },
    { "Untriggered", VENUE_ORDER_OPEN, true },
    { "Triggered", VENUE_ORDER_OPEN, false }, /* for a moment, on its way to New */
    { "Deactivated", VENUE_ORDER_CANCELED, true },
    { "PartiallyFilledCanceled", VENUE_ORDER_CANCELED, false },
};

#define REJECTED(word, reason, cause)                                                              \
    {                                                                                              \
        word, VENUE_ORDER_REJECTED, VENUE_REASON_##reason, VENUE_CAUSE_##cause                     \
    }
#define CANCELED(word, cause)                                                                      \
    {                                                                                              \
        word, VENUE_ORDER_CANCELED, VENUE_REASON_NONE, VENUE_CAUSE_##cause                         \
    }

/* Those that end an order which never rested are refusals; the order's own past decides, and the
 * bridge knows it: a REJECTED for an order that was acknowledged is told as canceled. */
static const struct bybit_reject_rule rejects[] = {
    CANCELED("EC_PerCancelRequest", USER),
    REJECTED("EC_PostOnlyWillTakeLiquidity", WOULD_CROSS, NONE),
    CANCELED("EC_NoImmediateQtyToFill", NO_LIQUIDITY),
    CANCELED("EC_CancelForNoFullFill", NO_LIQUIDITY),
    CANCELED("EC_NoEnoughQtyToFill", NO_LIQUIDITY),
    CANCELED("EC_BySelfMatch", SELF_TRADE),
    CANCELED("EC_StopBySelfMatch", SELF_TRADE),
    REJECTED("EC_ReachRiskPriceLimit", PRICE, NONE),
    REJECTED("EC_ReachMarketPriceLimit", PRICE, NONE),
    REJECTED("EC_LimitOrderInvalidPrice", PRICE, NONE),
    REJECTED("EC_InvalidPriceScale", PRICE, NONE),
    REJECTED("EC_QtyCannotBeZero", QUANTITY, NONE),
    REJECTED("EC_EcInvalidQty", QUANTITY, NONE),
    REJECTED("EC_InvalidAmount", QUANTITY, NONE),
    REJECTED("EC_DuplicatedClOrdID", DUPLICATE, NONE),
    REJECTED("EC_InvalidSymbolStatus", CLOSED, MARKET),
    REJECTED("EC_SecurityStatusFail", CLOSED, MARKET),
    REJECTED("EC_InCallAuctionStatus", CLOSED, MARKET),
    REJECTED("EC_UnknownOrderType", UNSUPPORTED, NONE),
    REJECTED("EC_UnknownSide", UNSUPPORTED, NONE),
    REJECTED("EC_UnknownTimeInForce", UNSUPPORTED, NONE),
    REJECTED("EC_MarketOrderNoSupportTIF", UNSUPPORTED, NONE),
    REJECTED("EC_MarketOrderCannotBePostOnly", UNSUPPORTED, NONE),
    REJECTED("EC_InvalidSmpType", UNSUPPORTED, NONE),
    /* About a cancel that found no order; the order itself ended by something else. */
    CANCELED("EC_OrigClOrdIDDoesNotExist", NONE),
    CANCELED("EC_TooLateToCancel", NONE),
    CANCELED("EC_OrderNotExist", NONE),
    REJECTED("EC_ReachMaxTradeNum", OTHER, VENUE),
    REJECTED("EC_CancelByOrderValueZero", OTHER, VENUE),
    REJECTED("EC_CancelByMatchValueZero", OTHER, VENUE),
    REJECTED("EC_LoadOrderCancel", OTHER, VENUE),
    REJECTED("EC_Others", OTHER, VENUE),
};

#undef REJECTED
#undef CANCELED

static const struct {
    const char *word;
    enum venue_cause cause;
} cancel_types[] = {
    { "CancelByUser", VENUE_CAUSE_USER },         { "CancelByReduceOnly", VENUE_CAUSE_VENUE },
    { "CancelByPrepareLiq", VENUE_CAUSE_MARGIN }, { "CancelAllBeforeLiq", VENUE_CAUSE_MARGIN },
    { "CancelByPrepareAdl", VENUE_CAUSE_MARGIN }, { "CancelAllBeforeAdl", VENUE_CAUSE_MARGIN },
    { "CancelByAdmin", VENUE_CAUSE_VENUE },       { "CancelBySettle", VENUE_CAUSE_MARKET },
    { "CancelByTpSlTsClear", VENUE_CAUSE_VENUE }, { "CancelBySmp", VENUE_CAUSE_SELF_TRADE },
    { "CancelByDCP", VENUE_CAUSE_DEADMAN },
};

const struct bybit_code_rule *bybit_code_find(int64_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (codes[i].code == code) {
            return &codes[i];
        }
    }
    return NULL;
}

bool bybit_code_unchanged(int64_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(unchanged); i++) {
        if (unchanged[i] == code) {
            return true;
        }
    }
    return false;
}

const struct bybit_status_rule *bybit_status_find(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (bytes_is(word, statuses[i].word)) {
            return &statuses[i];
        }
    }
    return NULL;
}

const struct bybit_reject_rule *bybit_reject_find(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(rejects); i++) {
        if (bytes_is(word, rejects[i].word)) {
            return &rejects[i];
        }
    }
    return NULL;
}

enum venue_cause bybit_cancel_cause(struct bytes cancel_type)
{
    for (size_t i = 0; i < ARRAY_LEN(cancel_types); i++) {
        if (bytes_is(cancel_type, cancel_types[i].word)) {
            return cancel_types[i].cause;
        }
    }
    return VENUE_CAUSE_NONE;
}
