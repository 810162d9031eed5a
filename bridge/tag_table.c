/*
 * The table of tags, by number. What translate_in reads and what translate_out writes is held
 * against it by a test (tests/unit/bridge/test_tag_table.c), so that what clients are told is what
 * is done.
 */
#include "tag_table.h"

const struct tag_row tag_table[] = {
    { 1, "Account", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF,
      TAG_OUT_8 | TAG_OUT_9, TAG_READ,
      "venue account; else the first of the session that has the symbol" },
    { 6, "AvgPx", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 8, "BeginString", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 9, "BodyLength", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 10, "CheckSum", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 11, "ClOrdID", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H,
      TAG_OUT_8 | TAG_OUT_9 | TAG_OUT_R, TAG_READ, "[A-Za-z0-9_-], unique for ever" },
    { 14, "CumQty", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 17, "ExecID", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 18, "ExecInst", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ,
      "6 post-only, E reduce-only, a trailing, Q cancel on disconnect" },
    { 19, "ExecRefID", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 21, "HandlInst", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_READ, "1, 2; 3 is refused" },
    { 22, "SecurityIDSource", NULL,
      TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF, 0, TAG_READ, "8 with 48" },
    { 31, "LastPx", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 32, "LastQty", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 34, "MsgSeqNum", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 35, "MsgType", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 37, "OrderID", NULL, TAG_IN_F | TAG_IN_G | TAG_IN_H, TAG_OUT_8 | TAG_OUT_9 | TAG_OUT_R,
      TAG_READ, NULL },
    { 38, "OrderQty", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, "or 152" },
    { 39, "OrdStatus", NULL, 0, TAG_OUT_8 | TAG_OUT_9, TAG_READ, NULL },
    { 40, "OrdType", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, "1, 2, 3, 4, J; P with 18=a" },
    { 41, "OrigClOrdID", NULL, TAG_IN_F | TAG_IN_G, TAG_OUT_8 | TAG_OUT_9 | TAG_OUT_R, TAG_READ,
      "any link of the chain" },
    { 43, "PossDupFlag", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 44, "Price", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, NULL },
    { 45, "RefSeqNum", NULL, 0, TAG_OUT_J, TAG_READ, NULL },
    { 48, "SecurityID", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF, 0,
      TAG_READ, NULL },
    { 49, "SenderCompID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 50, "SenderSubID", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF, 0,
      TAG_READ, NULL },
    { 52, "SendingTime", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 54, "Side", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF,
      TAG_OUT_8 | TAG_OUT_R, TAG_READ, "1, 2" },
    { 55, "Symbol", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF,
      TAG_OUT_8 | TAG_OUT_R, TAG_READ, NULL },
    { 56, "TargetCompID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 57, "TargetSubID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 58, "Text", NULL, TAG_IN_D, TAG_OUT_8 | TAG_OUT_9 | TAG_OUT_R | TAG_OUT_J, TAG_READ,
      "repeated in reports, to 128 bytes" },
    { 59, "TimeInForce", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ,
      "1, 3, 4, 5 (post-only), 6 with 126; 0 by setting" },
    { 60, "TransactTime", NULL, 0, TAG_OUT_8 | TAG_OUT_9 | TAG_OUT_R, TAG_PASSIVE, NULL },
    { 62, "ValidUntilTime", "UTCTIMESTAMP", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "not sent to the venue after it; only in D" },
    { 66, "ListID", NULL, TAG_IN_D | TAG_IN_LIST, TAG_OUT_8, TAG_READ, NULL },
    { 77, "PositionEffect", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ,
      "O, C; needed where the account is in hedge mode" },
    { 89, "Signature", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 93, "SignatureLength", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 97, "PossResend", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 99, "StopPx", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, NULL },
    { 100, "ExDestination", NULL, TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF,
      0, TAG_READ, "as 207" },
    { 102, "CxlRejReason", NULL, 0, TAG_OUT_9, TAG_READ, NULL },
    { 103, "OrdRejReason", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 110, "MinQty", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 111, "MaxFloor", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED,
      "is not supported: no venue shows a part of an order only" },
    { 115, "OnBehalfOfCompID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 116, "OnBehalfOfSubID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 122, "OrigSendingTime", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 126, "ExpireTime", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, "with 59=6" },
    { 128, "DeliverToCompID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 129, "DeliverToSubID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 136, "NoMiscFees", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 137, "MiscFeeAmt", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 138, "MiscFeeCurr", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 139, "MiscFeeType", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 142, "SenderLocationID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 143, "TargetLocationID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 144, "OnBehalfOfLocationID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 145, "DeliverToLocationID", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 150, "ExecType", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 151, "LeavesQty", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 152, "CashOrderQty", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ,
      "market buys, where the venue takes money" },
    { 168, "EffectiveTime", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 192, "OrderQty2", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 198, "SecondaryOrderID", NULL, 0, TAG_OUT_8 | TAG_OUT_9, TAG_READ, NULL },
    { 207, "SecurityExchange", NULL,
      TAG_IN_D | TAG_IN_F | TAG_IN_G | TAG_IN_Q | TAG_IN_H | TAG_IN_AF, TAG_OUT_8, TAG_READ,
      "the venue's code" },
    { 210, "MaxShow", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 211, "PegOffsetValue", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, "with 18=a" },
    { 347, "MessageEncoding", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 369, "LastMsgSeqNumProcessed", NULL, 0, 0, TAG_PASSIVE, NULL },
    { 372, "RefMsgType", NULL, 0, TAG_OUT_J, TAG_READ, NULL },
    { 378, "ExecRestatementReason", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 379, "BusinessRejectRefID", NULL, 0, TAG_OUT_J, TAG_READ, NULL },
    { 380, "BusinessRejectReason", NULL, 0, TAG_OUT_J, TAG_READ, NULL },
    { 388, "DiscretionInst", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 389, "DiscretionOffsetValue", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 432, "ExpireDate", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED,
      "is not supported, use ExpireTime(126)" },
    { 434, "CxlRejResponseTo", NULL, 0, TAG_OUT_9, TAG_READ, NULL },
    { 447, "PartyIDSource", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "with 453" },
    { 448, "PartyID", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "with 453" },
    { 452, "PartyRole", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "with 453" },
    { 453, "NoPartyIDs", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "repeated in reports" },
    { 516, "OrderPercent", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 526, "SecondaryClOrdID", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "repeated in reports" },
    { 527, "SecondaryExecID", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 528, "OrderCapacity", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "repeated in reports" },
    { 530, "MassCancelRequestType", NULL, TAG_IN_Q, TAG_OUT_R, TAG_READ, "1, 6, 7" },
    { 531, "MassCancelResponse", NULL, 0, TAG_OUT_R, TAG_READ, NULL },
    { 532, "MassCancelRejectReason", NULL, 0, TAG_OUT_R, TAG_READ, NULL },
    { 533, "TotalAffectedOrders", NULL, 0, TAG_OUT_R, TAG_READ, NULL },
    { 534, "NoAffectedOrders", NULL, 0, TAG_OUT_R, TAG_READ, NULL },
    { 535, "AffectedOrderID", NULL, 0, TAG_OUT_R, TAG_READ, NULL },
    { 544, "CashMargin", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ,
      "2 opens, 3 closes (reduce-only)" },
    { 583, "ClOrdLinkID", NULL, TAG_IN_D, TAG_OUT_8, TAG_READ, "repeated in reports" },
    { 584, "MassStatusReqID", NULL, TAG_IN_AF, TAG_OUT_8, TAG_READ, NULL },
    { 585, "MassStatusReqType", NULL, TAG_IN_AF, 0, TAG_READ, "1, 6, 7" },
    { 636, "WorkingIndicator", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 640, "Price2", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 790, "OrdStatusReqID", NULL, TAG_IN_H, TAG_OUT_8, TAG_READ, NULL },
    { 835, "PegMoveType", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ, "0" },
    { 836, "PegOffsetType", NULL, TAG_IN_D | TAG_IN_G, TAG_OUT_8, TAG_READ,
      "0 price, 1 basis points" },
    { 837, "PegLimitType", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_READ, "refused" },
    { 838, "PegRoundDirection", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_READ, "refused" },
    { 840, "PegScope", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_READ, "refused" },
    { 847, "TargetStrategy", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 849, "ParticipationRate", NULL, TAG_IN_D | TAG_IN_G, 0, TAG_REFUSED, "is not supported" },
    { 851, "LastLiquidityInd", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 891, "MiscFeeBasis", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 911, "TotNumReports", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 912, "LastRptRequested", NULL, 0, TAG_OUT_8, TAG_READ, NULL },
    { 1107, "TriggerPriceType", "CHAR", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "2 last; 22105 has the others" },
    { 1109, "TriggerPriceDirection", "CHAR", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "U, D: with 40=3, 4, J" },
    { 7928, "SelfTradePrevention", "CHAR", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "N, O, B; D where the venue has it" },
    { 20005, "Leverage", "QTY", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "must be the account's, unless the session may change it" },
    { 22100, "MarginMode", "CHAR", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "I, C; must be the account's, unless the session may change it" },
    { 22101, "TakeProfitPx", "PRICE", TAG_IN_D | TAG_IN_G, 0, TAG_READ,
      "attached to an order that opens" },
    { 22102, "StopLossPx", "PRICE", TAG_IN_D | TAG_IN_G, 0, TAG_READ, NULL },
    { 22103, "TakeProfitLimitPx", "PRICE", TAG_IN_D | TAG_IN_G, 0, TAG_READ, "with 22101" },
    { 22104, "StopLossLimitPx", "PRICE", TAG_IN_D | TAG_IN_G, 0, TAG_READ, "with 22102" },
    { 22105, "TriggerSource", "INT", TAG_IN_D | TAG_IN_G, 0, TAG_READ, "1 last, 2 mark, 3 index" },
    { 22109, "CancelAndNew", "BOOLEAN", TAG_IN_G, 0, TAG_READ,
      "Y: where the venue cannot change an order, cancel it and place the rest" },
};

const size_t tag_table_count = ARRAY_LEN(tag_table);

const uint32_t tag_refused[] = { 110, 111, 168, 192, 210, 388, 389, 432, 516, 640, 847, 849 };

const size_t tag_refused_count = ARRAY_LEN(tag_refused);

const struct tag_row *tag_find(uint32_t tag)
{
    size_t low = 0, high = tag_table_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tag_table[middle].tag == tag) {
            return &tag_table[middle];
        }
        if (tag_table[middle].tag < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct tag_message tag_messages[] = {
    { "A",
      "Logon",
      true,
      { 98, 108, 141, 789, 553, 554, 95, 96, 8013, 35003, 9406 },
      "8013 N, S, Y cancels on disconnect, 35003 its grace in ms; 9406=Y a drop copy" },
    { "E",
      "NewOrderList",
      true,
      { 66, 394, 414, 433, 893, 68, 73 },
      "in 73: 11, 67 and what a NewOrderSingle has" },
    { "K", "ListCancelRequest", true, { 66 }, "cancels what is open of the list" },
    { "M", "ListStatusRequest", true, { 66 }, "answered by N" },
    { "N",
      "ListStatus",
      false,
      { 66, 429, 82, 431, 83, 444, 60, 68, 73 },
      "in 73: 11, 14, 39, 151, 84, 6, 103, 58" },
    { "AN",
      "RequestForPositions",
      true,
      { 710, 724, 263, 725, 1, 581, 55, 207, 715, 60 },
      "724=0; no subscription" },
    { "AP",
      "PositionReport",
      false,
      { 721, 710, 724, 727, 728, 715, 1, 581, 55, 207, 730, 731, 734, 702, 58 },
      "in 702: 703=TQ with 704 or 705" },
    { "AD",
      "TradeCaptureReportRequest",
      true,
      { 568, 569, 263, 571, 17, 37, 11, 1, 55, 207, 54, 580 },
      "569=0, 1; 263=1 goes on with each new trade" },
    { "AQ", "TradeCaptureReportRequestAck", false, { 568, 569, 263, 748, 749, 750, 55, 58 }, NULL },
    { "AE",
      "TradeCaptureReport",
      false,
      { 571, 487, 856, 572, 568, 748, 912, 325, 17, 150, 527, 570, 55, 207, 32, 31, 75, 60, 552 },
      "in 552: 54, 37, 198, 11, 1, 40, 136" },
    { "x", "SecurityListRequest", true, { 320, 559, 55, 48, 22, 207, 15, 263 }, "559=0, 4" },
    { "y",
      "SecurityList",
      false,
      { 320, 322, 560, 393, 893, 146 },
      "in 146: 55, 48, 22, 541, 207, 107, 15, 561, 562, 58" },
    { "g",
      "TradingSessionStatusRequest",
      true,
      { 335, 336, 625, 263 },
      "263=1 goes on with each change" },
    { "h",
      "TradingSessionStatus",
      false,
      { 335, 336, 625, 325, 340, 567, 58 },
      "336 the venue's code, 625 the account" },
};

const size_t tag_message_count = ARRAY_LEN(tag_messages);

/* ---- fields that FIX 4.4 does not have in the message ------------------------------------------
 */

static const struct tag_custom more[] = {
    { "A", 0, 8013, "CancelOrdersOnDisconnect", "CHAR" },
    { "A", 0, 35003, "CODTimeoutWindow", "INT" },
    { "A", 0, 9406, "DropCopyFlag", "BOOLEAN" },
    { "AD", 0, 1, "Account", "STRING" },
};

/* The orders of a list have what a NewOrderSingle has. */
static const struct {
    const char *msg_type;
    unsigned in;
    uint32_t group;
} takers[] = { { "D", TAG_IN_D, 0 }, { "G", TAG_IN_G, 0 }, { "E", TAG_IN_D, 73 } };

bool tag_custom_next(size_t *at, struct tag_custom *out)
{
    const size_t rows = ARRAY_LEN(takers) * tag_table_count;

    for (; *at < rows; (*at)++) {
        const struct tag_row *r = &tag_table[*at / ARRAY_LEN(takers)];
        size_t taker = *at % ARRAY_LEN(takers);

        if (r->type != NULL && (r->in & takers[taker].in) != 0) {
            *out = (struct tag_custom){ takers[taker].msg_type, takers[taker].group, r->tag,
                                        r->name, r->type };
            (*at)++;
            return true;
        }
    }
    if (*at - rows < ARRAY_LEN(more)) {
        *out = more[(*at)++ - rows];
        return true;
    }
    return false;
}
