/*
 * CoinSwitch PRO futures: the verdict on an answer, the venue's words, and answers about one order.
 * There are no error codes: the HTTP status decides, then key words of a free text.
 */
#include "coinswitch.h"

/* ---- the venue's words --------------------------------------------------------------------- */

static const struct status_rule {
    const char *code;
    enum venue_order_status status;
    enum venue_cause cause;
} statuses[] = {
    { "RAISED", VENUE_ORDER_OPEN, VENUE_CAUSE_NONE },
    { "EXECUTED", VENUE_ORDER_FILLED, VENUE_CAUSE_NONE },
    /* Final here: the rest no longer works. */
    { "PARTIALLY_EXECUTED", VENUE_ORDER_CANCELED, VENUE_CAUSE_NONE },
    /* Asked, not done; it may fill yet. */
    { "CANCELLATION_RAISED", VENUE_ORDER_PENDING, VENUE_CAUSE_USER },
    { "CANCELLED", VENUE_ORDER_CANCELED, VENUE_CAUSE_USER },
    /* Words of the spot side and of other clients, not in the list for futures. */
    { "FAILED", VENUE_ORDER_REJECTED, VENUE_CAUSE_NONE },
    { "DISCARDED", VENUE_ORDER_REJECTED, VENUE_CAUSE_NONE },
    { "EXPIRED", VENUE_ORDER_EXPIRED, VENUE_CAUSE_EXPIRED },
    { "USER_CANCELLED", VENUE_ORDER_CANCELED, VENUE_CAUSE_USER },
    { "USER_RAISED", VENUE_ORDER_PENDING, VENUE_CAUSE_NONE },
};

static const struct answer_word order_words[] = {
    { "balance", VENUE_REASON_LIMIT },     { "margin", VENUE_REASON_LIMIT },
    { "quantity", VENUE_REASON_QUANTITY }, { "size", VENUE_REASON_QUANTITY },
    { "minimum", VENUE_REASON_QUANTITY },  { "symbol", VENUE_REASON_SYMBOL },
    { NULL, VENUE_REASON_NONE },
};

/* An order "in processing" just after placement cannot be cancelled yet: it is looked up and asked
 * again. */
static const struct answer_word cancel_words[] = {
    { "not found", VENUE_REASON_UNKNOWN_ORDER }, { "no order", VENUE_REASON_UNKNOWN_ORDER },
    { "not exist", VENUE_REASON_UNKNOWN_ORDER }, { "already", VENUE_REASON_TOO_LATE },
    { "executed", VENUE_REASON_TOO_LATE },       { "cancelled", VENUE_REASON_TOO_LATE },
    { "process", VENUE_REASON_TOO_LATE },        { NULL, VENUE_REASON_NONE },
};

/* Statuses that prove the request was turned away, and what they mean where the text does not tell.
 */
static const struct {
    int status;
    bool by_text;
    enum venue_reason reason;
} refusals[] = {
    { 400, true, VENUE_REASON_OTHER },  { 401, false, VENUE_REASON_AUTH },
    { 403, false, VENUE_REASON_AUTH },  { 404, false, VENUE_REASON_UNKNOWN_ORDER },
    { 405, false, VENUE_REASON_OTHER }, { 422, true, VENUE_REASON_OTHER },
};

/* ---- the verdict --------------------------------------------------------------------------- */

static bool is_cancel(const struct venue_call *call)
{
    return call->op == VENUE_CANCEL || call->op == VENUE_CANCEL_ALL;
}

static enum venue_outcome judge_refusal(struct answer *a, struct bytes message)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        enum venue_reason reason = VENUE_REASON_NONE;

        if (refusals[i].status != a->rsp->status) {
            continue;
        }
        if (refusals[i].by_text) {
            reason = answer_reason(is_cancel(a->call) ? cancel_words : order_words, message);
        }
        return answer_judge_http(
            a, VENUE_REFUSED, reason == VENUE_REASON_NONE ? refusals[i].reason : reason, message);
    }
    return answer_judge_http(a, VENUE_UNKNOWN, VENUE_REASON_OTHER, message);
}

/* A refused question about an order. By the venue's id "not found" is an answer; by ours, which may
 * not be understood at all, it says nothing. */
static bool is_no_order(const struct answer *a, struct bytes message)
{
    int status = a->rsp->status;

    if (a->call->op != VENUE_STATUS || (status != 400 && status != 404 && status != 422)) {
        return false;
    }
    return a->call->venue_id_count == 0 || status == 404 || answer_contains(message, "not found");
}

/* Success without data, only words. True: an empty list, or nothing to do. */
static bool is_empty(const struct answer *a, struct bytes message)
{
    enum venue_op op = a->call->op;

    if (message.size == 0) {
        return false;
    }
    if (op == VENUE_POSITIONS) {
        return answer_contains(message, "no open position");
    }
    if (op == VENUE_OPEN_ORDERS || op == VENUE_ORDER_HISTORY) {
        return answer_contains(message, "no ") && answer_contains(message, "order");
    }
    return op == VENUE_CANCEL_ALL;
}

static bool is_success(int status)
{
    return status >= 200 && status <= 299;
}

bool coinswitch_envelope(struct answer *a)
{
    struct bytes message = { NULL, 0 };
    int status = a->rsp->status;

    if (json_text(a->root, "message", &message) != JSON_OK) {
        message = (struct bytes){ NULL, 0 };
    }
    if (status == 429) {
        a->reply->retry_after_us = answer_retry_after(a, "Retry-After", COINSWITCH_BACKOFF_US);
        a->outcome = answer_judge_http(a, VENUE_HELD, VENUE_REASON_THROTTLED, message);
        return false;
    }
    if (is_no_order(a, message)) {
        return true;
    }
    if (status == 401) {
        /* Also when our clock is off, and then the venue's is not told to us but here. */
        (void)answer_date(a, &a->reply->server_us);
    }
    if (!is_success(status)) {
        a->outcome = judge_refusal(a, message);
        return false;
    }
    if (!json_is_object(a->root)) {
        a->outcome =
            answer_judge_http(a, VENUE_UNKNOWN, VENUE_REASON_OTHER, BYTES("unreadable answer"));
        return false;
    }
    if (json_member(a->root, "error") == NULL &&
        (json_member(a->root, "data") != NULL || a->call->op == VENUE_TIME ||
         is_empty(a, message))) {
        return true;
    }
    a->outcome = answer_judge_http(a, VENUE_UNKNOWN, VENUE_REASON_OTHER,
                                   message.size > 0 ? message : BYTES("no data"));
    return false;
}

/* ---- an order ------------------------------------------------------------------------------ */

static void read_status(struct answer *a, const struct cJSON *item, struct venue_order_state *o)
{
    if (!answer_text(a, item, "status", &o->code)) {
        a->bad = true;
        return;
    }
    /* A word not listed keeps the last state: ask again. */
    o->status = VENUE_ORDER_PENDING;
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (answer_same(o->code, statuses[i].code)) {
            o->status = statuses[i].status;
            o->cause = statuses[i].cause;
        }
    }
    if (o->status == VENUE_ORDER_REJECTED) {
        o->reason = VENUE_REASON_OTHER;
    }
}

static void read_client_id(struct answer *a, const struct cJSON *item, struct venue_order_state *o)
{
    char ours[COINSWITCH_CLIENT_ID_MAX + 1];
    struct bytes text;

    if (answer_text(a, item, "client_order_id", &text)) {
        o->client_id = coinswitch_client_id(text, ours) ? answer_keep(a, bytes_of(ours)) : text;
    }
}

static void read_type(struct answer *a, const struct cJSON *item, struct venue_order_state *o)
{
    static const struct {
        const char *text;
        enum venue_order_type type;
    } types[] = { { "MARKET", VENUE_MARKET },
                  { "LIMIT", VENUE_LIMIT },
                  { "STOP_MARKET", VENUE_STOP_MARKET },
                  { "TAKE_PROFIT_MARKET", VENUE_TAKE_MARKET } };
    struct bytes text;

    if (!answer_text(a, item, "order_type", &text)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (answer_same(text, types[i].text)) {
            o->type = types[i].type;
        }
    }
    o->is_trigger = o->type == VENUE_STOP_MARKET || o->type == VENUE_TAKE_MARKET;
}

/* Zero stands for "none" where a price or a total cannot be zero. */
static bool some(struct answer *a, const struct cJSON *item, const char *name, struct decimal *out)
{
    return answer_decimal(a, item, name, out) && decimal_sign(*out) > 0;
}

void coinswitch_read_order(struct answer *a, const struct cJSON *item, struct venue_order_state *o)
{
    if (!json_is_object(item) || !answer_text(a, item, "order_id", &o->venue_id)) {
        a->bad = true;
        return;
    }
    read_status(a, item, o);
    read_client_id(a, item, o);
    read_type(a, item, o);
    answer_upper(a, item, "symbol", &o->symbol);
    o->side = answer_side(a, item, "side");
    o->has_qty = some(a, item, "quantity", &o->qty);
    o->has_filled = answer_decimal(a, item, "exec_quantity", &o->filled);
    o->has_price = o->type != VENUE_MARKET && some(a, item, "price", &o->price);
    o->has_stop = some(a, item, "trigger_price", &o->stop_price);
    o->has_avg_price =
        some(a, item, "avg_execution_price", &o->avg_price) ||
        some(a, item, "avg_exec_price", &o->avg_price); /* so named in cancel answers */
    o->reduce_only = answer_flag(a, item, "reduce_only");
    answer_ms_time(a, item, "created_at", &o->created_us);
    answer_ms_time(a, item, "updated_at", &o->updated_us);
}

/* ---- answers about one order --------------------------------------------------------------- */

static const struct cJSON *data_of(const struct answer *a)
{
    return json_member(a->root, "data");
}

static struct venue_order_state *read_single(struct answer *a, const struct cJSON *item)
{
    struct venue_order_state *o = answer_orders(a, 1);

    if (o == NULL) {
        return NULL;
    }
    coinswitch_read_order(a, item, o);
    a->reply->order_count = 1;
    a->reply->complete = true;
    return a->bad ? NULL : o;
}

static void refuse(struct answer *a, enum venue_reason reason, struct bytes code)
{
    a->outcome = VENUE_REFUSED;
    a->reply->reason = reason;
    a->reply->code = code;
}

static bool is_immediate(const struct venue_order *o)
{
    return o->type == VENUE_MARKET || o->tif == VENUE_IOC || o->tif == VENUE_FOK;
}

static void read_place(struct answer *a)
{
    struct venue_order_state *o = read_single(a, data_of(a));

    if (o == NULL) {
        return;
    }
    if (o->client_id.size == 0) {
        o->client_id = answer_keep(a, a->call->order.client_id); /* not every answer echoes it */
    }
    if (o->status == VENUE_ORDER_CANCELED && is_immediate(&a->call->order)) {
        o->cause = VENUE_CAUSE_NO_LIQUIDITY;
    }
    if (o->status == VENUE_ORDER_REJECTED) {
        refuse(a, o->reason, o->code);
    }
}

static void read_cancel(struct answer *a)
{
    struct venue_order_state *o = read_single(a, data_of(a));

    if (o == NULL) {
        return;
    }
    if (!bytes_equal(o->venue_id, a->call->order.venue_id)) {
        a->bad = true; /* about another order */
    } else if (o->status == VENUE_ORDER_FILLED || o->status == VENUE_ORDER_REJECTED ||
               o->status == VENUE_ORDER_EXPIRED) {
        refuse(a, VENUE_REASON_TOO_LATE, o->code);
    }
}

static bool is_asked(const struct answer *a, const struct venue_order_state *o)
{
    return a->call->venue_id_count > 0 ? bytes_equal(o->venue_id, a->call->venue_id[0])
                                       : bytes_equal(o->client_id, a->call->client_id[0]);
}

/* {"data":{"order":{...}}}. Only the first id was asked. */
static void read_order_status(struct answer *a)
{
    bool by_venue_id = a->call->venue_id_count > 0;
    struct venue_order_state *o;

    if (is_success(a->rsp->status)) {
        o = read_single(a, json_member(data_of(a), "order"));
        if (o != NULL && by_venue_id && !is_asked(a, o)) {
            a->bad = true;
        }
        /* Asked by our id and shown without it: it may be any order. */
        a->reply->complete =
            o != NULL && is_asked(a, o) && a->call->venue_id_count + a->call->client_id_count == 1;
        return;
    }
    if (by_venue_id) {
        o = answer_orders(a, 1);
        if (o != NULL) {
            o->status = VENUE_ORDER_ABSENT;
            o->venue_id = answer_keep(a, a->call->venue_id[0]);
            a->reply->order_count = 1;
        }
        a->reply->complete = a->call->venue_id_count == 1;
    }
}

/* The orders sent for cancellation; each ends by itself, later. */
static void read_cancel_all(struct answer *a)
{
    const struct cJSON *ids = json_member(data_of(a), "orders_ids");
    struct bytes text;

    if (data_of(a) == NULL) {
        a->reply->complete = true; /* words only: nothing was open */
        return;
    }
    if (!json_is_array(ids)) {
        a->bad = true;
        return;
    }
    answer_orders(a, json_count(ids));
    for (const struct cJSON *i = json_first(ids); i != NULL && !a->bad; i = json_next(i)) {
        struct venue_order_state *o = &a->reply->order[a->reply->order_count++];

        if (json_item_text(i, &text) != JSON_OK || text.size == 0) {
            a->bad = true;
            return;
        }
        o->venue_id = answer_keep(a, text);
        o->status = VENUE_ORDER_PENDING;
        o->cause = VENUE_CAUSE_USER;
    }
    a->reply->complete = true;
}

/* ---- the venue's table names these --------------------------------------------------------- */

#define PARSE(name, reader)                                                                        \
    enum venue_outcome coinswitch_parse_##name(const struct venue_call *call,                      \
                                               const struct http_response *rsp,                    \
                                               struct arena *arena, struct venue_reply *out)       \
    {                                                                                              \
        return answer_run(call, rsp, arena, out, coinswitch_envelope, reader);                     \
    }

PARSE(place, read_place)
PARSE(cancel, read_cancel)
PARSE(cancel_all, read_cancel_all)
PARSE(status, read_order_status)
