/*
 * Two lists of tags. The first: fields that change what an order means and that we cannot carry
 * out; an order with one of them is refused ("no instruction is dropped in silence"). The second:
 * what we do read; a strict session refuses all else, others have it ignored.
 */
#include "translate_in_tags.h"

#include "fix_tags.h"

struct instruction {
    uint32_t tag;
    const char *why;
};

static const char not_supported[] = "is not supported";

/* In the order of what is likely. */
static const struct instruction instructions[] = {
    { TAG_MAX_FLOOR, "is not supported: no venue shows a part of an order only" },
    { TAG_MIN_QTY, not_supported },
    { 210, not_supported }, /* MaxShow */
    { TAG_EXPIRE_DATE, "is not supported, use ExpireTime(126)" },
    { 168, not_supported }, /* EffectiveTime */
    { 388, not_supported }, /* DiscretionInst */
    { 389, not_supported }, /* DiscretionOffsetValue */
    { 516, not_supported }, /* OrderPercent */
    { 192, not_supported }, /* OrderQty2 */
    { 640, not_supported }, /* Price2 */
    { 847, not_supported }, /* TargetStrategy */
    { 849, not_supported }, /* ParticipationRate */
};

bool translate_in_check_instructions(const struct fix_msg *m, struct refusal *no)
{
    struct bytes handling;

    for (size_t i = 0; i < ARRAY_LEN(instructions); i++) {
        if (fix_msg_has(m, instructions[i].tag)) {
            return refuse(no, REFUSAL_ORDER, 11, "tag %u %s", instructions[i].tag,
                          instructions[i].why);
        }
    }
    /* 1 and 2 both mean "automated"; 3 asks for a person, and there is none. */
    if (fix_msg_find(m, TAG_HANDL_INST, &handling) && bytes_is(handling, "3")) {
        return refuse(no, REFUSAL_ORDER, 11, "HandlInst(21)=3, manual, is not supported");
    }
    return true;
}

/* Ascending, for the search. */
static const uint16_t read_tags[] = {
    TAG_ACCOUNT,
    TAG_BEGIN_STRING,
    TAG_BODY_LENGTH,
    TAG_CHECK_SUM,
    TAG_CL_ORD_ID,
    TAG_EXEC_INST,
    TAG_HANDL_INST,
    TAG_SECURITY_ID_SOURCE,
    TAG_MSG_SEQ_NUM,
    TAG_MSG_TYPE,
    TAG_ORDER_ID,
    TAG_ORDER_QTY,
    TAG_ORD_TYPE,
    TAG_ORIG_CL_ORD_ID,
    TAG_POSS_DUP_FLAG,
    TAG_PRICE,
    TAG_SECURITY_ID,
    TAG_SENDER_COMP_ID,
    TAG_SENDER_SUB_ID,
    TAG_SENDING_TIME,
    TAG_SIDE,
    TAG_SYMBOL,
    TAG_TARGET_COMP_ID,
    TAG_TARGET_SUB_ID,
    TAG_TEXT,
    TAG_TIME_IN_FORCE,
    TAG_TRANSACT_TIME,
    TAG_VALID_UNTIL_TIME,
    TAG_LIST_ID,
    TAG_POSITION_EFFECT,
    TAG_SIGNATURE,
    TAG_SIGNATURE_LENGTH,
    TAG_POSS_RESEND,
    TAG_STOP_PX,
    TAG_EX_DESTINATION,
    TAG_ON_BEHALF_OF_COMP_ID,
    TAG_ON_BEHALF_OF_SUB_ID,
    TAG_ORIG_SENDING_TIME,
    TAG_EXPIRE_TIME,
    TAG_DELIVER_TO_COMP_ID,
    TAG_DELIVER_TO_SUB_ID,
    TAG_SENDER_LOCATION_ID,
    TAG_TARGET_LOCATION_ID,
    TAG_ON_BEHALF_OF_LOCATION_ID,
    TAG_DELIVER_TO_LOCATION_ID,
    TAG_CASH_ORDER_QTY,
    TAG_SECURITY_EXCHANGE,
    TAG_PEG_OFFSET_VALUE,
    TAG_MESSAGE_ENCODING,
    TAG_LAST_MSG_SEQ_NUM_PROCESSED,
    TAG_PARTY_ID_SOURCE,
    TAG_PARTY_ID,
    TAG_PARTY_ROLE,
    TAG_NO_PARTY_IDS,
    TAG_SECONDARY_CL_ORD_ID,
    TAG_ORDER_CAPACITY,
    TAG_MASS_CANCEL_REQUEST_TYPE,
    TAG_CASH_MARGIN,
    TAG_CL_ORD_LINK_ID,
    TAG_ORD_STATUS_REQ_ID,
    TAG_PEG_MOVE_TYPE,
    TAG_PEG_OFFSET_TYPE,
    TAG_TRIGGER_PRICE_TYPE,
    TAG_TRIGGER_PRICE_DIRECTION,
    TAG_SELF_TRADE_PREVENTION,
    TAG_LEVERAGE,
    TAG_MARGIN_MODE,
    TAG_TAKE_PROFIT_PX,
    TAG_STOP_LOSS_PX,
    TAG_TAKE_PROFIT_LIMIT_PX,
    TAG_STOP_LOSS_LIMIT_PX,
    TAG_TRIGGER_SOURCE,
    TAG_CANCEL_AND_NEW,
};

static bool is_read(uint32_t tag)
{
    size_t low = 0, high = ARRAY_LEN(read_tags);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (read_tags[middle] == tag) {
            return true;
        }
        if (read_tags[middle] < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool translate_in_check_strict(const struct fix_msg *m, struct refusal *no)
{
    for (uint32_t i = 0; i < m->field_count; i++) {
        if (!is_read(m->field[i].tag)) {
            return refuse(no, REFUSAL_ORDER, 11,
                          "tag %u is not acted upon, and this session is strict", m->field[i].tag);
        }
    }
    return true;
}
