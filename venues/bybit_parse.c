/*
 * Bybit: answers to acting requests. They acknowledge that a request was taken for processing and
 * name the order; what became of it has to be asked for. So every order here is PENDING, or its
 * request was refused.
 */
#include "bybit.h"

/* ---- one order ----------------------------------------------------------------------------- */

/* What we know of the order before its answer is read. */
static struct venue_order_state asked_state(struct answer *p, const struct venue_order *asked)
{
    return (struct venue_order_state){ .client_id = answer_keep(p, asked->client_id),
                                       .venue_id = answer_keep(p, asked->venue_id),
                                       .symbol = answer_keep(p, asked->symbol),
                                       .side = asked->side,
                                       .status = VENUE_ORDER_PENDING };
}

/* The ids of an acknowledgement. False: it names no order. */
static bool read_ids(struct answer *p, const struct cJSON *item, struct venue_order_state *state)
{
    struct bytes text;
    bool named = answer_text(p, item, "orderId", &text);

    if (named) {
        state->venue_id = text;
    }
    if (answer_text(p, item, "orderLinkId", &text)) {
        state->client_id = text;
        named = true;
    }
    return named;
}

static void read_order(struct answer *p)
{
    p->reply->order = answer_take(p, 1, sizeof *p->reply->order);
    if (p->bad) {
        return;
    }
    p->reply->order[0] = asked_state(p, &p->call->order);
    p->reply->order[0].updated_us = p->reply->server_us;
    p->reply->order_count = 1;
    p->reply->complete = true;
    if (!read_ids(p, p->data, &p->reply->order[0])) {
        p->bad = true;
    }
}

/* ---- batch --------------------------------------------------------------------------------- */

/* The items answer the instructions by position, and their fate stands in a list beside them. */
static void settle_item(struct answer *p, const struct venue_instruction *in,
                        const struct cJSON *verdict, struct venue_order_state *state)
{
    struct bytes text = { NULL, 0 };
    int64_t code = 0;
    enum venue_reason reason;
    enum venue_outcome outcome;

    if (json_int(p->doc, verdict, "code", &code) != JSON_OK) {
        state->code = BYTES("noAnswer");
        state->reason = VENUE_REASON_OTHER;
        state->outcome = VENUE_UNKNOWN;
        return;
    }
    if (code == 0) {
        state->updated_us = p->reply->server_us;
        return;
    }
    answer_text(p, verdict, "msg", &text);
    outcome = bybit_judge_code(p->call, code, text, &reason);
    state->outcome = outcome;
    state->reason = reason;
    state->code = bybit_number(p, code);
    if (outcome == VENUE_REFUSED || outcome == VENUE_HELD) {
        /* A refused amendment or cancel leaves its order as it was, wherever that is. */
        state->status = in->kind == VENUE_DO_PLACE             ? VENUE_ORDER_REJECTED
                        : reason == VENUE_REASON_UNKNOWN_ORDER ? VENUE_ORDER_ABSENT
                                                               : VENUE_ORDER_OPEN;
    }
    if (reason == VENUE_REASON_TOO_LATE) {
        state->status = VENUE_ORDER_PENDING; /* filled or canceled: to be looked up */
    }
}

static bool same_if_both(struct bytes a, struct bytes b)
{
    return a.size == 0 || b.size == 0 || bytes_equal(a, b);
}

/* An item that names another order than the instruction at its place is nobody's answer. */
static bool item_fits(struct answer *p, const struct cJSON *item,
                      const struct venue_instruction *in)
{
    struct bytes venue_id;
    struct bytes client_id;

    answer_text(p, item, "orderId", &venue_id);
    answer_text(p, item, "orderLinkId", &client_id);
    return same_if_both(venue_id, in->order.venue_id) &&
           same_if_both(client_id, in->order.client_id);
}

static void read_batch(struct answer *p)
{
    const struct cJSON *item = json_first(answer_array(p, p->data, "list"));
    const struct cJSON *verdict =
        json_first(answer_array(p, json_member(p->root, "retExtInfo"), "list"));
    size_t count = p->call->instruction_count;

    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    if (p->bad || count == 0) {
        p->bad = true;
        return;
    }
    p->reply->order_count = count;
    p->reply->complete = true;
    for (size_t i = 0; i < count; i++) {
        const struct venue_instruction *in = &p->call->instruction[i];
        struct venue_order_state *state = &p->reply->order[i];

        *state = asked_state(p, &in->order);
        if (item != NULL && !item_fits(p, item, in)) {
            state->code = BYTES("unmatchedItem");
            state->reason = VENUE_REASON_OTHER;
            state->outcome = VENUE_UNKNOWN;
        } else {
            read_ids(p, item, state);
            settle_item(p, in, verdict, state);
        }
        item = item == NULL ? NULL : json_next(item);
        verdict = verdict == NULL ? NULL : json_next(verdict);
    }
}

/* ---- cancel all ---------------------------------------------------------------------------- */

/* Each named order is on its way out; it may still be filled before. A full list: there may be
 * more. */
static void read_cancel_all(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->data, "list");
    struct bytes success;

    p->reply->order = answer_take(p, json_count(list), sizeof *p->reply->order);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        struct venue_order_state *state = &p->reply->order[p->reply->order_count++];

        state->status = VENUE_ORDER_PENDING;
        if (!read_ids(p, i, state)) {
            p->bad = true;
        }
    }
    p->reply->complete = p->reply->order_count < BYBIT_CANCEL_ALL_MAX;
    if (answer_text(p, p->data, "success", &success) && !bytes_is(success, "1")) {
        p->outcome = VENUE_UNKNOWN;
        p->reply->reason = VENUE_REASON_OTHER;
        p->reply->code = BYTES("success is not 1");
        p->reply->complete = false;
    }
}

/* ---- settings ------------------------------------------------------------------------------ */

/* The envelope says it all. */
static void read_nothing(struct answer *p)
{
    p->reply->complete = true;
}

/* "DERIVATIVES=ON,10": products with the state of their switch and its seconds. */
static void read_deadman(struct answer *p)
{
    const struct cJSON *list;
    struct bytes product, status, window;
    struct buf text;

    p->reply->complete = true;
    if (bybit_arg(p->call, "show") == NULL) {
        return;
    }
    list = answer_array(p, p->data, "dcpInfos");
    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        bool there =
            answer_text(p, i, "product", &product) && answer_text(p, i, "dcpStatus", &status);

        answer_text(p, i, "timeWindow", &window);
        if (!there) {
            p->bad = true;
            break;
        }
        buf_text(&text, text.size > 0 ? " " : "");
        buf_bytes(&text, product);
        buf_char(&text, '=');
        buf_bytes(&text, status);
        buf_char(&text, ',');
        buf_bytes(&text, window);
    }
    p->bad = p->bad || text.failed;
    p->reply->setting = answer_keep(p, buf_view(&text));
    buf_fini(&text);
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bybit_parse_order(const struct venue_call *call, const struct http_response *rsp,
                                     struct arena *arena, struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_order);
}

enum venue_outcome bybit_parse_batch(const struct venue_call *call, const struct http_response *rsp,
                                     struct arena *arena, struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_batch);
}

enum venue_outcome bybit_parse_cancel_all(const struct venue_call *call,
                                          const struct http_response *rsp, struct arena *arena,
                                          struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_cancel_all);
}

enum venue_outcome bybit_parse_setting(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_nothing);
}

enum venue_outcome bybit_parse_deadman(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_deadman);
}
