/*
 * The table of fields that reports have by opt-in, each with its writer. A field without a value is
 * left out.
 */
#include "report_extra.h"

#include "fix_tags.h"

static void put_price(struct fix_body *b, uint32_t tag, struct decimal d)
{
    if (decimal_sign(d) != 0) {
        fix_body_decimal(b, tag, d);
    }
}

static void put_word(struct fix_body *b, uint32_t tag, char c)
{
    if (c != 0) {
        fix_body_char(b, tag, c);
    }
}

static void put_time(struct fix_body *b, uint32_t tag, int64_t wall_us)
{
    if (wall_us > 0) {
        fix_body_timestamp(b, tag, wall_us);
    }
}

#define PUT(name)                                                                                  \
    static void put_##name(struct fix_body *b, uint32_t tag, const struct order *o,                \
                           const struct report *r)

PUT(commission)
{
    (void)o;
    if (r->has_fee) {
        fix_body_decimal(b, tag, r->fee);
        fix_body_char(b, TAG_COMM_TYPE, '3'); /* absolute */
    }
}

PUT(trade_id)
{
    (void)o;
    fix_body_bytes(b, tag, r->trade_id);
}

PUT(aggressor)
{
    (void)o;
    if (r->liquidity != VENUE_LIQUIDITY_UNKNOWN) {
        fix_body_bool(b, tag, r->liquidity == VENUE_TAKER);
    }
}

PUT(stp)
{
    (void)r;
    put_word(b, tag, o->terms.stp);
}

PUT(leverage)
{
    (void)r;
    put_price(b, tag, o->terms.leverage);
}

PUT(margin_mode)
{
    (void)r;
    put_word(b, tag, o->terms.margin_mode);
}

PUT(take_profit)
{
    (void)r;
    put_price(b, tag, o->terms.take_profit);
}

PUT(stop_loss)
{
    (void)r;
    put_price(b, tag, o->terms.stop_loss);
}

PUT(take_profit_limit)
{
    (void)r;
    put_price(b, tag, o->terms.take_profit_limit);
}

PUT(stop_loss_limit)
{
    (void)r;
    put_price(b, tag, o->terms.stop_loss_limit);
}

PUT(trigger)
{
    static const char word[] = {
        [VENUE_TRIGGER_LAST] = '1', [VENUE_TRIGGER_MARK] = '2', [VENUE_TRIGGER_INDEX] = '3'
    };

    (void)r;
    put_word(b, tag, word[o->terms.trigger]);
}

PUT(venue_code)
{
    (void)o;
    fix_body_bytes(b, tag, r->venue_code);
}

PUT(http_status)
{
    (void)o;
    if (r->http_status > 0) {
        fix_body_int(b, tag, r->http_status);
    }
}

PUT(outcome_unknown)
{
    bool unknown = o->state == ORDER_DOUBT;

    (void)r;
    for (const struct request *q = o->request; q != NULL; q = q->next) {
        unknown = unknown || q->state == REQUEST_DOUBT;
    }
    if (unknown) {
        fix_body_bool(b, tag, true);
    }
}

PUT(received)
{
    (void)r;
    put_time(b, tag, o->taken_us);
}

PUT(sent)
{
    (void)r;
    put_time(b, tag, o->sent_us);
}

PUT(venue_ack)
{
    (void)r;
    put_time(b, tag, o->venue_ack_us);
}

PUT(budget)
{
    (void)o;
    if (r->has_budget) {
        fix_body_uint(b, tag, r->budget_left);
    }
}

const struct report_extra report_extras[] = {
    { TAG_COMMISSION, "Commission", NULL, "of a fill, absolute, with CommType(13)=3",
      put_commission },
    { TAG_TRD_MATCH_ID, "TrdMatchID", "STRING", "of a fill, as 527", put_trade_id },
    { TAG_TRADE_ID, "TradeID", "STRING", "of a fill, as 527", put_trade_id },
    { TAG_AGGRESSOR, "AggressorIndicator", "BOOLEAN", "of a fill: Y took liquidity",
      put_aggressor },
    { TAG_SELF_TRADE_PREVENTION, "SelfTradePrevention", "CHAR", "as ordered", put_stp },
    { TAG_LEVERAGE, "Leverage", "QTY", "as ordered", put_leverage },
    { TAG_MARGIN_MODE, "MarginMode", "CHAR", "as ordered", put_margin_mode },
    { TAG_TAKE_PROFIT_PX, "TakeProfitPx", "PRICE", "as ordered", put_take_profit },
    { TAG_STOP_LOSS_PX, "StopLossPx", "PRICE", "as ordered", put_stop_loss },
    { TAG_TAKE_PROFIT_LIMIT_PX, "TakeProfitLimitPx", "PRICE", "as ordered", put_take_profit_limit },
    { TAG_STOP_LOSS_LIMIT_PX, "StopLossLimitPx", "PRICE", "as ordered", put_stop_loss_limit },
    { TAG_TRIGGER_SOURCE, "TriggerSource", "INT", "as ordered", put_trigger },
    { TAG_VENUE_CODE, "VenueCode", "STRING",
      "the venue's own word in the answer that brought the report", put_venue_code },
    { TAG_VENUE_HTTP_STATUS, "VenueHTTPStatus", "INT", "of the answer that brought the report",
      put_http_status },
    { TAG_VENUE_OUTCOME_UNKNOWN, "VenueOutcomeUnknown", "BOOLEAN",
      "Y while it is not known what became of the order or of a request on it",
      put_outcome_unknown },
    { TAG_BRIDGE_RECEIVED_TIME, "BridgeReceivedTime", "UTCTIMESTAMP", "when the order was taken",
      put_received },
    { TAG_VENUE_SENT_TIME, "VenueSentTime", "UTCTIMESTAMP", "when it was last sent to the venue",
      put_sent },
    { TAG_VENUE_ACK_TIME, "VenueAckTime", "UTCTIMESTAMP",
      "when the venue was first heard to have it", put_venue_ack },
    { TAG_VENUE_BUDGET_LEFT, "VenueBudgetLeft", "INT",
      "what is left of the account's tightest rate window, in the venue's weights", put_budget },
};

const size_t report_extra_count = ARRAY_LEN(report_extras);

uint32_t report_extra_bit(uint32_t tag)
{
    for (size_t i = 0; i < report_extra_count; i++) {
        if (report_extras[i].tag == tag) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

uint32_t report_extra_parse(struct bytes text)
{
    struct decimal tag;

    if (bytes_is(text, "all")) {
        return UINT32_MAX;
    }
    return decimal_parse(text, &tag) && tag.scale == 0 && tag.mantissa > 0 &&
                   tag.mantissa <= UINT16_MAX
               ? report_extra_bit((uint32_t)tag.mantissa)
               : 0;
}

void report_extra_put(struct fix_body *b, const struct order *o, const struct report *r,
                      uint32_t chosen)
{
    for (size_t i = 0; chosen >> i != 0 && i < report_extra_count; i++) {
        if ((chosen >> i & 1) != 0) {
            report_extras[i].put(b, report_extras[i].tag, o, r);
        }
    }
}
