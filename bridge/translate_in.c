/*
 * One row per MsgType: read the message into a command, or say why not. Terms of orders are read in
 * translate_in_terms.c. A refusal is made with an OrdRejReason (103) and turned at the end into the
 * reason of the message that will carry it.
 */
#include "translate_in.h"

#include "fix_body.h"
#include "fix_tags.h"
#include "fix_validate.h"
#include "translate_in_tags.h"
#include "translate_in_terms.h"

struct input {
    const struct fix_msg *m;
    const struct translate_rules *rules;
    struct command *out;
    struct refusal *no;
};

/* ---- identifiers --------------------------------------------------------------------------- */

/* [A-Za-z0-9_-] */
static const bool is_id_char[256] = {
    ['-'] = 1, ['_'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1,
    ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1,
    ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1,
    ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1,
    ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1,
    ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,
    ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1,
    ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

static bool read_cl_ord_id(const struct input *in)
{
    struct bytes *id = &in->out->cl_ord_id;
    uint32_t max =
        in->rules->cl_ord_id_max < CL_ORD_ID_MAX ? in->rules->cl_ord_id_max : CL_ORD_ID_MAX;

    if (!fix_msg_find(in->m, TAG_CL_ORD_ID, id) || id->size == 0) {
        return refuse_missing(in->no, TAG_CL_ORD_ID);
    }
    if (id->size > max) {
        return refuse(in->no, REFUSAL_ORDER, 99, "ClOrdID(11) is longer than %u characters", max);
    }
    for (size_t i = 0; i < id->size; i++) {
        if (!is_id_char[(unsigned char)id->data[i]]) {
            return refuse(in->no, REFUSAL_ORDER, 99,
                          "ClOrdID(11) takes only letters, digits, - and _");
        }
    }
    return true;
}

static bool read_sender_sub_id(const struct input *in)
{
    struct bytes *sub = &in->out->sender_sub_id;

    (void)fix_msg_find(in->m, TAG_SENDER_SUB_ID, sub);
    if (sub->size > FIX_ID_MAX) {
        /* It is kept with the order, to be echoed as TargetSubID. */
        refuse(in->no, REFUSAL_SESSION, FIX_REJECT_VALUE_OUT_OF_RANGE,
               "SenderSubID(50) is too long");
        in->no->tag = TAG_SENDER_SUB_ID;
        return false;
    }
    return true;
}

/* 55, or 48 with 22=8 (exchange symbol). FIX 4.4 clients that identify by 48 must fill 55 all the
 * same and write "[N/A]". */
static bool read_symbol(const struct input *in, bool required)
{
    struct bytes *symbol = &in->out->symbol;
    struct bytes source;

    (void)fix_msg_find(in->m, TAG_SYMBOL, symbol);
    if ((symbol->size == 0 || bytes_is(*symbol, "[N/A]")) && fix_msg_has(in->m, TAG_SECURITY_ID)) {
        if (!fix_msg_find(in->m, TAG_SECURITY_ID_SOURCE, &source) || !bytes_is(source, "8")) {
            return refuse(in->no, REFUSAL_ORDER, 1, "SecurityID(48) needs SecurityIDSource(22)=8");
        }
        (void)fix_msg_find(in->m, TAG_SECURITY_ID, symbol);
    }
    if (symbol->size == 0 && required) {
        return refuse_missing(in->no, TAG_SYMBOL);
    }
    if (symbol->size > SYMBOL_MAX) {
        *symbol = (struct bytes){ NULL, 0 };
        return refuse(in->no, REFUSAL_ORDER, 1, "Symbol(55) is longer than any we know");
    }
    return true;
}

/* 207, or 100 as its alias. */
static bool read_exchange(const struct input *in)
{
    struct bytes alias = { NULL, 0 };

    (void)fix_msg_find(in->m, TAG_ACCOUNT, &in->out->account);
    (void)fix_msg_find(in->m, TAG_SECURITY_EXCHANGE, &in->out->exchange);
    if (!fix_msg_find(in->m, TAG_EX_DESTINATION, &alias)) {
        return true;
    }
    if (in->out->exchange.size > 0 && !bytes_equal(in->out->exchange, alias)) {
        return refuse(in->no, REFUSAL_ORDER, 99,
                      "SecurityExchange(207) and ExDestination(100) differ");
    }
    in->out->exchange = alias;
    return true;
}

static bool read_side(const struct input *in, bool required)
{
    char side;
    bool found = true;

    if (!get_char(in->m, TAG_SIDE, &side, required ? NULL : &found, in->no)) {
        return false;
    }
    if (!found) {
        return true;
    }
    if (side != '1' && side != '2') {
        return refuse(in->no, REFUSAL_ORDER, 11, "Side(54) takes only 1 and 2");
    }
    in->out->side = side == '1' ? VENUE_BUY : VENUE_SELL;
    return true;
}

/* 41, and 37 beside it. Of what is kept with the request the length is bounded: a longer one names
 * no order of ours. */
static bool read_target(const struct input *in)
{
    (void)fix_msg_find(in->m, TAG_ORDER_ID, &in->out->order_id);
    if (!fix_msg_find(in->m, TAG_ORIG_CL_ORD_ID, &in->out->orig_cl_ord_id) ||
        in->out->orig_cl_ord_id.size == 0) {
        return refuse_missing(in->no, TAG_ORIG_CL_ORD_ID);
    }
    if (in->out->orig_cl_ord_id.size > CL_ORD_ID_MAX) {
        return refuse(in->no, REFUSAL_ORDER, 5, "OrigClOrdID(41) is not known");
    }
    return true;
}

/* ---- what is repeated in reports ----------------------------------------------------------- */

/* Text is cut to TEXT_MAX bytes, but not inside a UTF-8 character. */
static struct bytes cut_text(struct bytes text)
{
    if (text.size > TEXT_MAX) {
        text.size = TEXT_MAX;
        while (text.size > 0 && ((unsigned char)text.data[text.size] & 0xc0) == 0x80) {
            text.size--;
        }
    }
    return text;
}

/* 453, in the order of QuickFIX's dictionary: 448, 447, 452. */
void translate_in_parties(const struct fix_msg *m, struct fix_body *echo)
{
    static const uint32_t members[] = { TAG_PARTY_ID, TAG_PARTY_ID_SOURCE, TAG_PARTY_ROLE };
    struct fix_group g;
    struct bytes value;
    uint64_t count = 0;

    for (bool more = fix_group_begin(m, TAG_NO_PARTY_IDS, TAG_PARTY_ID, &g);
         more && fix_group_next(m, &g);) {
        count += fix_group_find(m, &g, TAG_PARTY_ID, &value) && value.size > 0;
    }
    if (count == 0 || !fix_group_begin(m, TAG_NO_PARTY_IDS, TAG_PARTY_ID, &g)) {
        return;
    }
    fix_body_uint(echo, TAG_NO_PARTY_IDS, count);
    while (fix_group_next(m, &g)) {
        if (!fix_group_find(m, &g, TAG_PARTY_ID, &value) || value.size == 0) {
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
            if (fix_group_find(m, &g, members[i], &value)) {
                fix_body_bytes(echo, members[i], value);
            }
        }
    }
}

/* Text (58) comes first, where translate_out looks for it: a report has only one, and our own words
 * win. 77 and 544 would belong here; both are refused until a venue knows them. */
static bool write_echo(const struct input *in)
{
    static const uint32_t tags[] = { TAG_SECONDARY_CL_ORD_ID, TAG_ORDER_CAPACITY,
                                     TAG_CL_ORD_LINK_ID, TAG_LIST_ID };
    static const uint32_t all[] = { TAG_TEXT,           TAG_SECONDARY_CL_ORD_ID,
                                    TAG_ORDER_CAPACITY, TAG_CL_ORD_LINK_ID,
                                    TAG_LIST_ID,        TAG_NO_PARTY_IDS };
    struct fix_body echo;
    struct bytes value;

    if (!fix_msg_has_any(in->m, all, ARRAY_LEN(all))) {
        return true; /* it is empty already */
    }
    fix_body_start(&echo, "8", &in->out->echo);
    if (fix_msg_find(in->m, TAG_TEXT, &value)) {
        fix_body_bytes(&echo, TAG_TEXT, cut_text(value));
    }
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (fix_msg_find(in->m, tags[i], &value)) {
            fix_body_bytes(&echo, tags[i], value);
        }
    }
    translate_in_parties(in->m, &echo);
    if (in->out->echo.failed) {
        return refuse(in->no, REFUSAL_ORDER, 99,
                      "the fields to be repeated in reports are too large");
    }
    return true;
}

/* ---- messages ------------------------------------------------------------------------------ */

static bool check_tags(const struct input *in)
{
    return translate_in_check_instructions(in->m, in->no) &&
           (!in->rules->strict || translate_in_check_strict(in->m, in->no));
}

static bool read_new(const struct input *in)
{
    bool found;

    return read_symbol(in, true) && read_exchange(in) && read_side(in, true) && check_tags(in) &&
           translate_in_terms(in->m, in->rules, in->out->side, &in->out->terms, in->no) &&
           get_time(in->m, TAG_VALID_UNTIL_TIME, &in->out->valid_until_us, &found, in->no) &&
           write_echo(in);
}

/* 38 and whatever else describes the order is ignored: 41 and 37 name it. */
static bool read_cancel(const struct input *in)
{
    return read_target(in) && read_symbol(in, false) && read_exchange(in) && read_side(in, true) &&
           (!in->rules->strict || translate_in_check_strict(in->m, in->no));
}

static bool read_replace(const struct input *in)
{
    /* ValidUntilTime belongs to the order, not to a change of it. */
    if (fix_msg_has(in->m, TAG_VALID_UNTIL_TIME)) {
        return refuse(in->no, REFUSAL_ORDER, 11,
                      "ValidUntilTime(62) is not supported in a replace");
    }
    if (fix_msg_get_bool(in->m, TAG_CANCEL_AND_NEW, &in->out->cancel_and_new) == FIX_GET_BAD) {
        return refuse_format(in->no, TAG_CANCEL_AND_NEW);
    }
    return read_target(in) && read_symbol(in, false) && read_exchange(in) && read_side(in, true) &&
           check_tags(in) &&
           translate_in_terms(in->m, in->rules, in->out->side, &in->out->terms, in->no);
}

static bool read_mass_cancel(const struct input *in)
{
    if (!read_exchange(in) || !read_side(in, false) || !read_symbol(in, false)) {
        return false;
    }
    switch (in->out->mass_type) {
    case '1':
        return in->out->symbol.size > 0 ||
               refuse(in->no, REFUSAL_ORDER, 1,
                      "Symbol(55) is missing for MassCancelRequestType(530)=1");
    case '6':
    case '7': return !in->rules->strict || translate_in_check_strict(in->m, in->no);
    default:
        return refuse(in->no, REFUSAL_ORDER, 0, "MassCancelRequestType(530) takes only 1, 6 and 7");
    }
}

static bool read_status(const struct input *in)
{
    (void)fix_msg_find(in->m, TAG_ORDER_ID, &in->out->order_id);
    (void)fix_msg_find(in->m, TAG_ORD_STATUS_REQ_ID, &in->out->status_req_id);
    return read_symbol(in, false) && read_exchange(in) && read_side(in, false);
}

/* 585 as RoE 3.7: one symbol, or all orders of the session (6 and 7 alike: no session is told of
 * another's). */
static bool read_mass_status(const struct input *in)
{
    if (!fix_msg_find(in->m, TAG_MASS_STATUS_REQ_ID, &in->out->mass_status_id) ||
        in->out->mass_status_id.size == 0) {
        return refuse_missing(in->no, TAG_MASS_STATUS_REQ_ID);
    }
    if (!get_char(in->m, TAG_MASS_STATUS_REQ_TYPE, &in->out->mass_type, NULL, in->no) ||
        !read_symbol(in, false) || !read_exchange(in) || !read_side(in, false)) {
        return false;
    }
    if (in->out->mass_type != '1' && in->out->mass_type != '6' && in->out->mass_type != '7') {
        return refuse(in->no, REFUSAL_ORDER, 11, "MassStatusReqType(585) takes only 1, 6 and 7");
    }
    return in->out->mass_type != '1' || in->out->symbol.size > 0 ||
           refuse(in->no, REFUSAL_ORDER, 1, "Symbol(55) is missing for MassStatusReqType(585)=1");
}

/* ---- reasons by message -------------------------------------------------------------------- */

static int same_reason(int ord_rej_reason)
{
    return ord_rej_reason;
}

/* CxlRejReason (102) has fewer: 1 unknown order, 2 "broker/exchange option" for what we do not do.
 */
static int cxl_reason(int ord_rej_reason)
{
    return ord_rej_reason == 5 ? 1 : ord_rej_reason == 11 ? 2 : 99;
}

/* MassCancelRejectReason (532): 0 not supported, 1 unknown symbol. */
static int mass_reason(int ord_rej_reason)
{
    return ord_rej_reason == 0 || ord_rej_reason == 11 ? 0 : ord_rej_reason == 1 ? 1 : 99;
}

struct message_rule {
    struct bytes msg_type;
    enum command_kind kind;
    bool (*read)(const struct input *in);
    int (*reason)(int ord_rej_reason);
};

static const struct message_rule rules_by_type[] = {
    { { "D", 1 }, COMMAND_NEW, read_new, same_reason },
    { { "F", 1 }, COMMAND_CANCEL, read_cancel, cxl_reason },
    { { "G", 1 }, COMMAND_REPLACE, read_replace, cxl_reason },
    { { "q", 1 }, COMMAND_MASS_CANCEL, read_mass_cancel, mass_reason },
    { { "H", 1 }, COMMAND_STATUS, read_status, same_reason },
    { { "AF", 2 }, COMMAND_MASS_STATUS, read_mass_status, same_reason },
};

static const struct message_rule *find_rule(struct bytes msg_type)
{
    for (size_t i = 0; i < ARRAY_LEN(rules_by_type); i++) {
        if (bytes_equal(msg_type, rules_by_type[i].msg_type)) {
            return &rules_by_type[i];
        }
    }
    return NULL;
}

bool translate_in_takes(struct bytes msg_type)
{
    return find_rule(msg_type) != NULL;
}

bool translate_in(const struct fix_msg *m, const struct translate_rules *rules, struct command *out,
                  struct refusal *no)
{
    const struct message_rule *rule = find_rule(m->msg_type);
    struct input in = { m, rules, out, no };
    struct buf echo = out->echo;

    *out = (struct command){ .echo = echo };
    buf_clear(&out->echo);
    no->kind = REFUSAL_NONE;
    if (rule == NULL) {
        return refuse(no, REFUSAL_BUSINESS, 3, "this gateway does not take this MsgType(35)");
    }
    out->kind = rule->kind;
    /* The mass cancel's type is read first: its reject repeats it. */
    if (rule->kind == COMMAND_MASS_CANCEL &&
        !get_char(m, TAG_MASS_CANCEL_REQUEST_TYPE, &out->mass_type, NULL, no)) {
        return false;
    }
    if (read_sender_sub_id(&in) && (rule->kind == COMMAND_MASS_STATUS || read_cl_ord_id(&in)) &&
        rule->read(&in)) {
        return true;
    }
    if (no->kind == REFUSAL_ORDER) {
        no->reason = rule->reason(no->reason);
    }
    return false;
}
