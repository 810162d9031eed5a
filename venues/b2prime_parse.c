/*
 * B2PRIME: the verdict on an answer, the venue's words, and answers to placements and cancels. No
 * catalogue of errors is published: the HTTP status decides, then key words of whatever text there
 * is.
 */
#include "b2prime.h"

/* ---- the verdict --------------------------------------------------------------------------- */

static const struct answer_word order_words[] = {
    { "balance", VENUE_REASON_LIMIT },      { "margin", VENUE_REASON_LIMIT },
    { "insufficient", VENUE_REASON_LIMIT }, { "amount", VENUE_REASON_QUANTITY },
    { "lot", VENUE_REASON_QUANTITY },       { "minimum", VENUE_REASON_QUANTITY },
    { "maximum", VENUE_REASON_QUANTITY },   { "scale", VENUE_REASON_QUANTITY },
    { "session", VENUE_REASON_CLOSED }, /* before "market": "market is closed" */
    { "closed", VENUE_REASON_CLOSED },      { "halted", VENUE_REASON_CLOSED },
    { "paused", VENUE_REASON_CLOSED },      { "market", VENUE_REASON_SYMBOL },
    { "instrument", VENUE_REASON_SYMBOL },  { NULL, VENUE_REASON_NONE },
};

static const struct answer_word cancel_words[] = {
    { "not found", VENUE_REASON_UNKNOWN_ORDER }, { "already", VENUE_REASON_TOO_LATE },
    { "executed", VENUE_REASON_TOO_LATE },       { "cancelled", VENUE_REASON_TOO_LATE },
    { "completed", VENUE_REASON_TOO_LATE },      { NULL, VENUE_REASON_NONE },
};

static const struct answer_word place_404_words[] = {
    { "market", VENUE_REASON_SYMBOL },
    { "instrument", VENUE_REASON_SYMBOL },
    { NULL, VENUE_REASON_NONE },
};

static const struct answer_word place_409_words[] = {
    { "duplicate", VENUE_REASON_DUPLICATE },
    { NULL, VENUE_REASON_NONE },
};

/* Statuses that prove the request was turned away; of an order, and of a cancel. */
static const struct {
    int status;
    const struct answer_word *place_words;
    enum venue_reason place;
    const struct answer_word *cancel_words;
    enum venue_reason cancel;
} refusals[] = {
    { 400, order_words, VENUE_REASON_OTHER, cancel_words, VENUE_REASON_OTHER },
    { 401, NULL, VENUE_REASON_AUTH, NULL, VENUE_REASON_AUTH },
    { 403, NULL, VENUE_REASON_AUTH, NULL, VENUE_REASON_AUTH },
    { 404, place_404_words, VENUE_REASON_OTHER, NULL, VENUE_REASON_UNKNOWN_ORDER },
    { 405, NULL, VENUE_REASON_OTHER, NULL, VENUE_REASON_OTHER },
    { 409, place_409_words, VENUE_REASON_OTHER, NULL, VENUE_REASON_TOO_LATE },
    { 415, NULL, VENUE_REASON_OTHER, NULL, VENUE_REASON_OTHER },
    { 422, order_words, VENUE_REASON_OTHER, cancel_words, VENUE_REASON_OTHER },
};

/* The first that is a text of detail, message, title, error; else the body's beginning. */
static struct bytes error_text(const struct answer *a)
{
    static const char *const names[] = { "detail", "message", "title", "error" };
    struct bytes text;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (json_text(a->root, names[i], &text) == JSON_OK && text.size > 0) {
            return text;
        }
    }
    return a->rsp->body;
}

static enum venue_outcome judge_refusal(struct answer *a)
{
    bool cancel = a->call->op == VENUE_CANCEL;
    struct bytes text = error_text(a);

    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct answer_word *words =
            cancel ? refusals[i].cancel_words : refusals[i].place_words;
        enum venue_reason reason;

        if (refusals[i].status != a->rsp->status) {
            continue;
        }
        reason = words == NULL ? VENUE_REASON_NONE : answer_reason(words, text);
        if (reason == VENUE_REASON_NONE) {
            reason = cancel ? refusals[i].cancel : refusals[i].place;
        }
        return answer_judge_http(a, VENUE_REFUSED, reason, text);
    }
    return answer_judge_http(a, VENUE_UNKNOWN, VENUE_REASON_OTHER, text);
}

bool b2prime_envelope(struct answer *a)
{
    int status = a->rsp->status;

    if (status == 429) {
        a->reply->retry_after_us = answer_retry_after(a, "Retry-After", B2PRIME_BACKOFF_US);
        a->outcome = answer_judge_http(a, VENUE_HELD, VENUE_REASON_THROTTLED, error_text(a));
        return false;
    }
    if (status != 200) {
        a->outcome = judge_refusal(a);
        return false;
    }
    if (a->root == NULL) {
        a->outcome =
            answer_judge_http(a, VENUE_UNKNOWN, VENUE_REASON_OTHER, BYTES("unreadable answer"));
        return false;
    }
    return true;
}

/* ---- an order ------------------------------------------------------------------------------ */

static const struct status_rule {
    const char *code;
    enum venue_order_status status;
    bool trigger;
} statuses[] = {
    { "Started", VENUE_ORDER_PENDING, false },
    { "Pending", VENUE_ORDER_OPEN, false },
    { "Working", VENUE_ORDER_OPEN, false },
    { "Completed", VENUE_ORDER_FILLED, false },
    { "Cancelled", VENUE_ORDER_CANCELED, false },
    { "Expired", VENUE_ORDER_EXPIRED, false },
    { "Rejected", VENUE_ORDER_REJECTED, false },
    { "WaitingForActivation", VENUE_ORDER_OPEN, true },
    /* Fired: an order with an id of its own took its place. */
    { "Activated", VENUE_ORDER_PENDING, false },
};

/* `reason`: unrequested ends. */
static const struct {
    const char *code;
    enum venue_cause cause;
} causes[] = {
    { "Trader", VENUE_CAUSE_USER },         { "StopOut", VENUE_CAUSE_MARGIN },
    { "MarketHalted", VENUE_CAUSE_MARKET }, { "MarketDisabled", VENUE_CAUSE_MARKET },
    { "Admin", VENUE_CAUSE_VENUE },
};

static void read_status(struct answer *a, const struct cJSON *item, struct venue_order_state *o)
{
    struct bytes reason;

    /* A word not listed, or none (rows of the history may have none): ask again. */
    o->status = VENUE_ORDER_PENDING;
    answer_text(a, item, "status", &o->code);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (answer_same(o->code, statuses[i].code)) {
            o->status = statuses[i].status;
            o->is_trigger = statuses[i].trigger;
        }
    }
    if (o->status == VENUE_ORDER_REJECTED) {
        o->reason = VENUE_REASON_OTHER;
    }
    if (o->status == VENUE_ORDER_EXPIRED) {
        o->cause = VENUE_CAUSE_EXPIRED;
    }
    if (o->status != VENUE_ORDER_CANCELED || !answer_text(a, item, "reason", &reason)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        if (answer_same(reason, causes[i].code)) {
            o->cause = causes[i].cause;
        }
    }
}

static void read_shape(struct answer *a, const struct cJSON *item, struct venue_order_state *o)
{
    static const struct {
        const char *text;
        enum venue_tif tif;
    } tifs[] = { { "Gtc", VENUE_GTC },
                 { "Ioc", VENUE_IOC },
                 { "Fok", VENUE_FOK },
                 { "Gtd", VENUE_GTD },
                 { "Day", VENUE_DAY } };
    struct bytes type;
    struct bytes tif;

    if (answer_text(a, item, "orderType", &type)) {
        bool limit = answer_same(type, "Limit");

        o->type = o->has_stop ? (limit ? VENUE_STOP_LIMIT : VENUE_STOP_MARKET)
                              : (limit ? VENUE_LIMIT : VENUE_MARKET);
    }
    answer_text(a, item, "timeInForce", &tif);
    for (size_t i = 0; i < ARRAY_LEN(tifs); i++) {
        if (answer_same(tif, tifs[i].text)) {
            o->tif = tifs[i].tif;
        }
    }
}

/* Quantities in base units: from the amounts where their unit is known, else from the part that is
 * filled and the quantity that was asked for. */
static void read_amounts(struct answer *a, const struct cJSON *item, bool base,
                         struct venue_order_state *o)
{
    struct decimal asked, left, factor;

    if (base && answer_decimal(a, item, "requestedAmount", &asked) && decimal_sign(asked) > 0) {
        o->has_qty = true;
        o->qty = asked;
        if (answer_decimal(a, item, "remainingAmount", &left)) {
            o->has_filled = decimal_sub(asked, left, &o->filled);
        }
    } else if (!base && answer_decimal(a, item, "fillFactor", &factor)) {
        bool none = decimal_sign(factor) == 0;

        /* A rounded ratio is no quantity: only none and all are certain. */
        o->has_filled = none || (decimal_equal(factor, (struct decimal){ 1, 0 }) &&
                                 decimal_sign(a->call->order.qty) > 0);
        o->filled = none ? DECIMAL_ZERO : a->call->order.qty;
    }
    o->has_avg_price = o->has_filled && decimal_sign(o->filled) > 0 &&
                       answer_decimal(a, item, "executionPrice", &o->avg_price) &&
                       decimal_sign(o->avg_price) > 0;
}

void b2prime_read_order(struct answer *a, const struct cJSON *item, bool base,
                        struct venue_order_state *o)
{
    struct bytes comment;

    if (!json_is_object(item) || !answer_text(a, item, "orderId", &o->venue_id)) {
        a->bad = true;
        return;
    }
    answer_text(a, item, "marketId", &o->symbol);
    if (answer_text(a, item, "comment", &comment)) {
        o->client_id = comment;
    }
    o->side = answer_side(a, item, "side");
    o->has_price =
        answer_decimal(a, item, "requestedPrice", &o->price) && decimal_sign(o->price) > 0;
    o->has_stop = answer_decimal(a, item, "activationPrice", &o->stop_price) &&
                  decimal_sign(o->stop_price) > 0;
    read_status(a, item, o);
    read_shape(a, item, o);
    read_amounts(a, item, base, o);
    if (!answer_iso_time(a, item, "createdAt", &o->created_us)) {
        b2prime_id_time(o->venue_id, &o->created_us);
    }
    answer_iso_time(a, item, "updatedAt", &o->updated_us);
}

/* ---- place, cancel ------------------------------------------------------------------------- */

static bool is_stop(enum venue_order_type t)
{
    return t == VENUE_STOP_MARKET || t == VENUE_STOP_LIMIT;
}

static struct venue_order_state *read_single(struct answer *a)
{
    const struct cJSON *item = json_member(a->root, "order");
    bool base = b2prime_market(a->call->order.symbol) == B2PRIME_SPOT;
    struct venue_order_state *o = answer_orders(a, 1);

    if (o == NULL) {
        return NULL;
    }
    b2prime_read_order(a, item, base, o);
    if (o->code.size == 0) {
        a->bad = true;
    }
    /* Its comment is at most an echo; the answer is about what was asked. */
    o->client_id = answer_keep(a, a->call->order.client_id);
    if (o->symbol.size == 0) {
        o->symbol = answer_keep(a, a->call->order.symbol);
    }
    a->reply->order_count = 1;
    a->reply->complete = true;
    return a->bad ? NULL : o;
}

static void refuse(struct answer *a, enum venue_reason reason, struct bytes code, struct bytes text)
{
    a->outcome = VENUE_REFUSED;
    a->reply->reason = reason;
    a->reply->code = code;
    a->reply->text = text;
}

static bool never_rests(const struct venue_order *o)
{
    return !is_stop(o->type) &&
           (o->type == VENUE_MARKET || o->tif == VENUE_IOC || o->tif == VENUE_FOK);
}

/* How the rest of an IOC or FOK ends is not stated: any end is its cancellation. */
static void settle_immediate(struct venue_order_state *o, const struct venue_order *asked)
{
    bool ended = o->status == VENUE_ORDER_CANCELED || o->status == VENUE_ORDER_EXPIRED;
    bool refused = o->status == VENUE_ORDER_REJECTED;
    bool says_ioc = asked->tif == VENUE_IOC || asked->tif == VENUE_FOK;

    if (never_rests(asked) && (ended || (refused && says_ioc))) {
        o->status = VENUE_ORDER_CANCELED;
        o->reason = VENUE_REASON_NONE;
        o->cause = VENUE_CAUSE_NO_LIQUIDITY;
    }
}

static void read_place(struct answer *a)
{
    struct venue_order_state *o = read_single(a);

    if (o == NULL) {
        return;
    }
    if (is_stop(a->call->order.type)) {
        o->type = a->call->order.type;
    }
    settle_immediate(o, &a->call->order);
    if (o->status == VENUE_ORDER_REJECTED) {
        refuse(a, o->reason, o->code, BYTES("rejected by venue, no reason given"));
    }
}

/* A canceled stop order shows "Rejected": stop orders have no word for it. */
static void settle_stop_cancel(struct venue_order_state *o)
{
    if (o->status == VENUE_ORDER_REJECTED) {
        o->status = VENUE_ORDER_CANCELED;
        o->reason = VENUE_REASON_NONE;
        o->cause = VENUE_CAUSE_USER;
    }
}

static void read_cancel(struct answer *a)
{
    struct venue_order_state *o = read_single(a);
    bool stop;

    if (o == NULL) {
        return;
    }
    if (!bytes_equal(o->venue_id, a->call->order.venue_id)) {
        a->bad = true; /* about another order */
        return;
    }
    stop =
        is_stop(a->call->order.type) || o->has_stop; /* only stop orders have an activation price */
    if (stop) {
        settle_stop_cancel(o);
    }
    switch (o->status) {
    case VENUE_ORDER_CANCELED: o->cause = VENUE_CAUSE_USER; return;
    case VENUE_ORDER_PENDING:
        if (!answer_same(o->code, "Activated")) {
            return;
        }
        refuse(a, VENUE_REASON_TOO_LATE, o->code, BYTES("the stop has fired"));
        return;
    case VENUE_ORDER_FILLED:
    case VENUE_ORDER_REJECTED:
    case VENUE_ORDER_EXPIRED:
        refuse(a, VENUE_REASON_TOO_LATE, o->code, BYTES("the order has ended"));
        return;
    case VENUE_ORDER_OPEN: /* asked, not done yet */
    case VENUE_ORDER_REPLACED:
    case VENUE_ORDER_ABSENT: o->status = VENUE_ORDER_PENDING; return;
    }
}

/* ---- the venue's table names these --------------------------------------------------------- */

#define PARSE(name, reader)                                                                        \
    enum venue_outcome b2prime_parse_##name(const struct venue_call *call,                         \
                                            const struct http_response *rsp, struct arena *arena,  \
                                            struct venue_reply *out)                               \
    {                                                                                              \
        return answer_run(call, rsp, arena, out, b2prime_envelope, reader);                        \
    }

PARSE(place, read_place)
PARSE(cancel, read_cancel)
