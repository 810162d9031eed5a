/*
 * Bitget mix-v2: answers to acting requests. They acknowledge that a request was taken in; what
 * became of the order is asked for afterwards, so an order in them is PENDING at best. Batches
 * answer "success" with failures inside: both lists count.
 */
#include "bitget.h"

/* ---- single orders ------------------------------------------------------------------------- */

/* `orderId` may be null although the order exists: it is found by our id. */
static void read_ids(struct answer *p, const struct cJSON *data, struct venue_order_state *o)
{
    struct bytes text;

    if (!json_is_object(data)) {
        p->bad = true;
        return;
    }
    if (bitget_id(p, data, "orderId", &text)) {
        o->venue_id = text;
    }
    if (answer_text(p, data, "clientOid", &text)) {
        o->client_id = text;
    }
}

static struct venue_order_state *single(struct answer *p)
{
    p->reply->order = answer_take(p, 1, sizeof *p->reply->order);
    if (p->bad) {
        return NULL;
    }
    p->reply->order_count = 1;
    p->reply->order[0] = bitget_asked(p, &p->call->order);
    p->reply->complete = true;
    return &p->reply->order[0];
}

static void read_place(struct answer *p)
{
    struct venue_order_state *o = single(p);

    if (o != NULL) {
        read_ids(p, p->data, o);
    }
}

/* Of the request, not of the order that replaces: that one is named by what we sent. */
static void read_replace(struct answer *p)
{
    struct venue_order_state *o = single(p);
    struct buf id;

    if (o == NULL || !json_is_object(p->data)) {
        p->bad = true;
        return;
    }
    if (bitget_is_trigger(p->call->order.type)) {
        return;
    }
    buf_init(&id, BITGET_NEW_CLIENT_ID_MAX + BITGET_MARK_SIZE);
    bitget_new_client_id(&p->call->order, &id);
    if (id.failed) {
        p->bad = true;
    } else {
        o->successor_client_id = answer_keep(p, buf_view(&id));
    }
    buf_fini(&id);
}

/* ---- items of both lists ------------------------------------------------------------------- */

static bool same(struct bytes a, struct bytes b)
{
    return a.size > 0 && bytes_equal(a, b);
}

/* Items name an order by its venue id, by ours, or by both; unset ones are "" or null. */
static bool item_is(struct answer *p, const struct cJSON *item, const struct venue_order *o)
{
    struct bytes venue_id;
    struct bytes client_id;

    bitget_id(p, item, "orderId", &venue_id);
    answer_text(p, item, "clientOid", &client_id);
    return same(venue_id, o->venue_id) || same(client_id, o->client_id);
}

static const struct cJSON *item_of(struct answer *p, const char *list, const struct venue_order *o)
{
    for (const struct cJSON *i = json_first(json_member(p->data, list)); i != NULL;
         i = json_next(i)) {
        if (item_is(p, i, o)) {
            return i;
        }
    }
    return NULL;
}

/* Why an item failed. Some failures carry no code but only a text. */
static enum venue_outcome failure(struct answer *p, const struct cJSON *item,
                                  enum venue_reason *reason, struct bytes *code, struct bytes *text)
{
    const struct bitget_code_rule *rule;

    bitget_id(p, item, "errorCode", code);
    answer_text(p, item, "errorMsg", text);
    rule = bitget_code_find(*code, (enum bitget_dialect)p->dialect);
    if (rule != NULL) {
        *reason = bitget_field_reason(rule->reason, *text);
        return rule->outcome;
    }
    if (answer_same(*text, "notExistend") || answer_same(*text, "notExistent")) {
        *reason = VENUE_REASON_UNKNOWN_ORDER;
        return VENUE_REFUSED;
    }
    *reason = VENUE_REASON_OTHER;
    return VENUE_UNKNOWN;
}

static bool lists_present(struct answer *p)
{
    const struct cJSON *good = json_member(p->data, "successList");
    const struct cJSON *bad = json_member(p->data, "failureList");

    if (good != NULL) {
        bitget_rows(p, good);
    }
    if (bad != NULL) {
        bitget_rows(p, bad);
    }
    if (good == NULL && bad == NULL) {
        p->bad = true;
    }
    return !p->bad;
}

/* One trigger is canceled by a list of one. */
static void read_cancel(struct answer *p)
{
    struct venue_order_state *o = single(p);
    const struct cJSON *item;

    if (o == NULL) {
        return;
    }
    if (!bitget_is_trigger(p->call->order.type)) {
        read_ids(p, p->data, o);
        return;
    }
    if (!lists_present(p)) {
        return;
    }
    if ((item = item_of(p, "failureList", &p->call->order)) != NULL) {
        p->outcome = failure(p, item, &p->reply->reason, &p->reply->code, &p->reply->text);
        o->reason = p->reply->reason;
    } else if ((item = item_of(p, "successList", &p->call->order)) != NULL) {
        read_ids(p, item, o);
    } else {
        p->outcome = VENUE_UNKNOWN;
        p->reply->reason = VENUE_REASON_OTHER;
        p->reply->code = BYTES("unlisted");
    }
}

/* ---- batch --------------------------------------------------------------------------------- */

static void read_batch_item(struct answer *p, const struct venue_instruction *in,
                            struct venue_order_state *o)
{
    const struct cJSON *item = item_of(p, "failureList", &in->order);
    struct bytes text;

    *o = bitget_asked(p, &in->order);
    if (item != NULL) {
        enum venue_outcome outcome = failure(p, item, &o->reason, &o->code, &text);

        o->outcome = outcome;
        if (o->code.size == 0) {
            o->code = text;
        }
        if (outcome == VENUE_REFUSED && in->kind == VENUE_DO_PLACE &&
            o->reason != VENUE_REASON_DUPLICATE) {
            o->status = VENUE_ORDER_REJECTED;
        } else if (outcome == VENUE_HELD && in->kind == VENUE_DO_PLACE) {
            o->status = VENUE_ORDER_REJECTED;
        }
    } else if ((item = item_of(p, "successList", &in->order)) != NULL) {
        read_ids(p, item, o);
    } else {
        o->code = BYTES("unlisted");
        o->outcome = VENUE_UNKNOWN;
        p->reply->complete = false;
    }
}

static void read_batch(struct answer *p)
{
    size_t count = p->call->instruction_count;

    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    if (!lists_present(p) || count == 0) {
        p->bad = true;
        return;
    }
    p->reply->order_count = count;
    p->reply->complete = true;
    for (size_t i = 0; i < count; i++) {
        read_batch_item(p, &p->call->instruction[i], &p->reply->order[i]);
    }
}

/* ---- cancel all, close --------------------------------------------------------------------- */

static void read_listed(struct answer *p, const char *list, bool failed)
{
    const struct cJSON *i = json_first(json_member(p->data, list));

    for (; i != NULL && !p->bad; i = json_next(i)) {
        struct venue_order_state *o = &p->reply->order[p->reply->order_count++];
        struct bytes text;

        o->status = VENUE_ORDER_PENDING;
        read_ids(p, i, o);
        o->client_id = bitget_root_id(o->client_id);
        answer_upper(p, i, "symbol", &o->symbol);
        if (failed) {
            failure(p, i, &o->reason, &o->code, &text);
            if (o->code.size == 0) {
                o->code = text;
            }
        }
    }
}

/* Success means that the cancels were taken in: how much was filled by then is asked for. */
static void read_lists(struct answer *p)
{
    size_t count = json_count(json_member(p->data, "successList")) +
                   json_count(json_member(p->data, "failureList"));

    if (!lists_present(p)) {
        return;
    }
    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    read_listed(p, "successList", false);
    read_listed(p, "failureList", true);
    p->reply->complete = true;
}

/* New orders at the market. When none was made, the first failure is the answer. */
static void read_close(struct answer *p)
{
    const struct cJSON *first = json_first(json_member(p->data, "failureList"));

    read_lists(p);
    if (!p->bad && first != NULL && json_first(json_member(p->data, "successList")) == NULL) {
        p->outcome = failure(p, first, &p->reply->reason, &p->reply->code, &p->reply->text);
    }
}

/* One order, or (both legs of a position) an array of them. */
static void read_position_triggers(struct answer *p)
{
    bool many = json_is_array(p->data);
    size_t count = many ? json_count(p->data) : 1;

    p->reply->order = answer_take(p, count, sizeof *p->reply->order);
    for (size_t i = 0; i < count && !p->bad; i++) {
        p->reply->order[i].status = VENUE_ORDER_PENDING;
        p->reply->order[i].is_trigger = true;
    }
    if (!many) {
        p->reply->order_count = 1;
        read_ids(p, p->data, &p->reply->order[0]);
    }
    for (const struct cJSON *i = many ? json_first(p->data) : NULL; i != NULL && !p->bad;
         i = json_next(i)) {
        read_ids(p, i, &p->reply->order[p->reply->order_count++]);
    }
    p->reply->complete = true;
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bitget_parse_place(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_place);
}

enum venue_outcome bitget_parse_replace(const struct venue_call *call,
                                        const struct http_response *rsp, struct arena *arena,
                                        struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_replace);
}

enum venue_outcome bitget_parse_cancel(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_cancel);
}

enum venue_outcome bitget_parse_batch(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_batch);
}

enum venue_outcome bitget_parse_cancel_all(const struct venue_call *call,
                                           const struct http_response *rsp, struct arena *arena,
                                           struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_lists);
}

enum venue_outcome bitget_parse_close(const struct venue_call *call,
                                      const struct http_response *rsp, struct arena *arena,
                                      struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_close);
}

enum venue_outcome bitget_parse_position_triggers(const struct venue_call *call,
                                                  const struct http_response *rsp,
                                                  struct arena *arena, struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_position_triggers);
}
