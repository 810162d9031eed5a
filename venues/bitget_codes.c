/*
 * Bitget: every code and word the venue answers with, and what it means here. Tables only. A code
 * that is not listed proves nothing: the caller takes it for "unknown".
 */
#include <strings.h>

#include "bitget.h"

#define BOTH (BITGET_V1 | BITGET_V2)

#define REFUSED(from, to, reason)                                                                  \
    {                                                                                              \
        from, to, BOTH, VENUE_REFUSED, VENUE_REASON_##reason                                       \
    }
#define HELD(code, reason)                                                                         \
    {                                                                                              \
        code, code, BOTH, VENUE_HELD, VENUE_REASON_##reason                                        \
    }
#define UNSURE(code)                                                                               \
    {                                                                                              \
        code, code, BOTH, VENUE_UNKNOWN, VENUE_REASON_OTHER                                        \
    }
#define ONE(code, reason) REFUSED(code, code, reason)
#define SEED(code, reason)                                                                         \
    {                                                                                              \
        code, code, BITGET_V1, VENUE_REFUSED, VENUE_REASON_##reason                                \
    }

static const struct bitget_code_rule codes[] = {
    SEED(60001, UNSUPPORTED),
    SEED(60002, QUANTITY),
    SEED(60003, PRICE),
    SEED(60004, LIMIT),
    SEED(60005, LIMIT),
    SEED(60006, UNKNOWN_ORDER),

    /* key, signature, passphrase; permission, addresses, account restricted */
    REFUSED(40001, 40003, AUTH),
    ONE(40006, AUTH),
    ONE(40009, AUTH),
    REFUSED(40011, 40012, AUTH),
    REFUSED(40036, 40037, AUTH),
    ONE(40041, AUTH),
    ONE(400172, AUTH),
    ONE(40014, AUTH),
    ONE(40018, AUTH),
    ONE(40038, AUTH),
    ONE(40040, AUTH),
    ONE(40016, AUTH),
    REFUSED(40022, 40027, AUTH),
    ONE(40035, AUTH),

    /* Not executed: our clock was wrong (every answer carries the venue's), or too many at once. */
    HELD(40004, STALE),
    HELD(40005, STALE),
    HELD(40008, STALE),
    HELD(40078, STALE),
    HELD(429, THROTTLED),
    HELD(50009, THROTTLED),

    /* It may have acted. 40010 is "timed out" in one source and "signature" in another. */
    UNSURE(40015),
    UNSURE(40725),
    UNSURE(40604),
    UNSURE(50008),
    UNSURE(40010),
    UNSURE(40910),

    /* maintenance, not open yet; removed, not tradable */
    ONE(40200, CLOSED),
    ONE(40308, CLOSED),
    REFUSED(41113, 41114, CLOSED),
    ONE(43115, CLOSED),
    REFUSED(43119, 43120, CLOSED),
    ONE(30038, CLOSED),
    ONE(40309, CLOSED),
    REFUSED(40844, 40845, CLOSED),
    REFUSED(50026, 50028, CLOSED),
    ONE(40072, SYMBOL),
    ONE(40102, SYMBOL),
    ONE(40019, SYMBOL),

    /* parameters: the text names the field */
    ONE(40017, INVALID),
    ONE(40020, INVALID),
    ONE(40034, INVALID),
    ONE(40808, INVALID),
    ONE(41101, INVALID),
    ONE(41103, INVALID),
    ONE(43011, INVALID),
    ONE(40409, INVALID),
    REFUSED(48001, 48002, INVALID),
    ONE(40724, INVALID),
    ONE(40811, INVALID),
    ONE(40813, INVALID),
    ONE(40079, INVALID),

    /* below minimum; above maximum */
    ONE(40108, QUANTITY),
    ONE(43006, QUANTITY),
    ONE(43037, QUANTITY),
    REFUSED(45110, 45111, QUANTITY),
    ONE(45114, QUANTITY),
    ONE(40762, LIMIT),
    ONE(43038, LIMIT),
    ONE(43041, LIMIT),
    REFUSED(45103, 45104, LIMIT),
    REFUSED(45112, 45113, LIMIT),

    /* price, step, band, liquidation; take-profit, stop or trigger on the wrong side */
    ONE(40706, PRICE),
    ONE(40787, PRICE),
    REFUSED(40815, 40816, PRICE),
    REFUSED(40820, 40821, PRICE),
    ONE(41117, PRICE),
    REFUSED(43008, 43009, PRICE),
    ONE(43028, PRICE),
    REFUSED(43039, 43040, PRICE),
    ONE(45035, PRICE),
    ONE(45115, PRICE),
    REFUSED(40735, 40742, PRICE),
    REFUSED(40829, 40836, PRICE),
    ONE(40915, PRICE),
    ONE(40917, PRICE),
    REFUSED(43013, 43016, PRICE),
    REFUSED(43034, 43035, PRICE),
    REFUSED(45060, 45067, PRICE),
    ONE(45122, PRICE),

    /* funds; open orders; position limit; nothing to close */
    REFUSED(40711, 40712, LIMIT),
    ONE(40754, LIMIT),
    ONE(40798, LIMIT),
    ONE(43012, LIMIT),
    ONE(45002, LIMIT),
    ONE(40761, LIMIT),
    ONE(40723, LIMIT),
    ONE(43005, LIMIT),
    ONE(43128, LIMIT),
    ONE(45118, LIMIT),
    ONE(45116, LIMIT),
    ONE(59016, LIMIT),
    ONE(22029, LIMIT),
    ONE(40757, POSITION),
    ONE(45003, POSITION),
    REFUSED(45005, 45006, POSITION),
    ONE(40709, POSITION),
    ONE(40838, POSITION),
    ONE(22002, POSITION),
    ONE(43043, POSITION),

    /* order type and position mode; not allowed now */
    ONE(40774, UNSUPPORTED),
    ONE(40824, UNSUPPORTED),
    ONE(45123, UNSUPPORTED),

    ONE(40786, DUPLICATE),
    ONE(40708, DUPLICATE),
    ONE(43118, DUPLICATE),
    ONE(45034, DUPLICATE),
    ONE(50060, DUPLICATE),

    ONE(40109, UNKNOWN_ORDER),
    ONE(40768, UNKNOWN_ORDER),
    ONE(43001, UNKNOWN_ORDER),
    ONE(22001, UNKNOWN_ORDER),
    ONE(80011, UNKNOWN_ORDER),
    ONE(40819, UNKNOWN_ORDER),
    ONE(43020, UNKNOWN_ORDER),
    ONE(43025, UNKNOWN_ORDER),

    /* modify misused; malformed client id; batch too big */
    ONE(22003, INVALID),
    REFUSED(40924, 40925, INVALID),
    ONE(40305, INVALID),
    ONE(40304, INVALID),
    ONE(40500, INVALID),
    ONE(40306, INVALID),
};

const struct bitget_code_rule *bitget_code_find(struct bytes code, enum bitget_dialect dialect)
{
    int32_t number = 0;

    if (code.size == 0 || code.size > 7) {
        return NULL;
    }
    for (size_t i = 0; i < code.size; i++) {
        if (code.data[i] < '0' || code.data[i] > '9') {
            return NULL;
        }
        number = number * 10 + (code.data[i] - '0');
    }
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (number >= codes[i].from && number <= codes[i].to &&
            (codes[i].dialects & dialect) != 0) {
            return &codes[i];
        }
    }
    return NULL;
}

static bool mentions(struct bytes text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.size; i++) {
        if (strncasecmp(text.data + i, word, n) == 0) {
            return true;
        }
    }
    return false;
}

enum venue_reason bitget_field_reason(enum venue_reason reason, struct bytes text)
{
    if (reason != VENUE_REASON_INVALID) {
        return reason;
    }
    if (mentions(text, "size")) {
        return VENUE_REASON_QUANTITY;
    }
    return mentions(text, "price") ? VENUE_REASON_PRICE : reason;
}

/* ---- words --------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum venue_order_status status;
} statuses[] = {
    { "init", VENUE_ORDER_PENDING },
    { "live", VENUE_ORDER_OPEN },
    { "new", VENUE_ORDER_OPEN },
    { "partially_filled", VENUE_ORDER_OPEN },
    { "partial_fill", VENUE_ORDER_OPEN },
    { "partially_fill", VENUE_ORDER_OPEN },
    { "filled", VENUE_ORDER_FILLED },
    { "full_fill", VENUE_ORDER_FILLED },
    { "canceled", VENUE_ORDER_CANCELED },
    { "cancelled", VENUE_ORDER_CANCELED },
    { "cancel", VENUE_ORDER_CANCELED },
    { "reject", VENUE_ORDER_REJECTED },
    { "rejected", VENUE_ORDER_REJECTED },
    /* of triggers */
    { "not_trigger", VENUE_ORDER_OPEN },
    { "executing", VENUE_ORDER_OPEN },
    { "executed", VENUE_ORDER_OPEN }, /* its successor says how it goes on */
    { "fail_execute", VENUE_ORDER_REJECTED },
    { "fail_trigger", VENUE_ORDER_REJECTED },
    /* of what a trigger became */
    { "success", VENUE_ORDER_OPEN },
    { "fail", VENUE_ORDER_REJECTED },
    { "in_progress", VENUE_ORDER_PENDING },
    { "in_progress_tracking", VENUE_ORDER_PENDING },
};

bool bitget_status(struct bytes word, enum venue_order_status *out)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (answer_same(word, statuses[i].word)) {
            *out = statuses[i].status;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *part;
    enum venue_cause cause;
} causes[] = {
    { "stp", VENUE_CAUSE_SELF_TRADE },    { "self_trade", VENUE_CAUSE_SELF_TRADE },
    { "liquidat", VENUE_CAUSE_MARGIN },   { "burst", VENUE_CAUSE_MARGIN },
    { "margin", VENUE_CAUSE_MARGIN },     { "delivery", VENUE_CAUSE_MARKET },
    { "reduce_only", VENUE_CAUSE_VENUE }, { "normal_cancel", VENUE_CAUSE_USER },
};

enum venue_cause bitget_cause(struct bytes reason, struct bytes source)
{
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        if (mentions(reason, causes[i].part) || (i < 6 && mentions(source, causes[i].part))) {
            return causes[i].cause;
        }
    }
    return VENUE_CAUSE_NONE;
}

bool bitget_is_by_venue(struct bytes trade_side)
{
    static const char *const parts[] = {
        "burst", "delivery", "offset", "adl", "dte_sys", "reduce_"
    };

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (mentions(trade_side, parts[i])) {
            return true;
        }
    }
    return false;
}
