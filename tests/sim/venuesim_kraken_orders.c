/*
 * Kraken Futures: the operations that act. One instruction (struct kr_op) is read, done or held,
 * and written; batchorder does several.
 */
#include "venuesim_kraken.h"

#include "timestamp.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define BATCH_MAX 500

/* ---- doing --------------------------------------------------------------------------------- */

static bool needs_hold(const struct kr_op *op)
{
    const struct sim_order *o = op->order;

    return op->kind == KR_EDIT && o != NULL && o->instrument->hold_us > 0 && o->type != SIM_POST;
}

static int64_t hold_of(const struct kr_op *op)
{
    if (op->kind == KR_SEND) {
        return op->terms.instrument != NULL && op->terms.type != SIM_POST
                   ? op->terms.instrument->hold_us
                   : 0;
    }
    return needs_hold(op) ? op->order->instrument->hold_us : 0;
}

static void op_start(struct kr_call *k, struct kr_op *op)
{
    struct sim_engine *e = k->engine;

    op->event_from = k->account->event_count;
    if (op->problem != NULL || op->result != SIM_OK) {
        return;
    }
    if (op->kind != KR_SEND) {
        op->order = sim_order_find(e, k->account, op->id, op->client_id);
        if (op->order == NULL) {
            op->result = SIM_NOT_FOUND;
            return;
        }
    }
    if (op->process_before_us != 0 && e->now_us + hold_of(op) > op->process_before_us) {
        op->result = SIM_STALE;
    } else if (op->kind == KR_SEND) {
        op->result = sim_place(e, k->account, &op->terms, &op->order);
    } else if (op->kind == KR_CANCEL) {
        op->result = sim_cancel(e, op->order, SIM_BY_USER);
    } else if (needs_hold(op)) {
        op->result = SIM_HOLD;
    } else {
        op->result = sim_edit(e, op->order, &op->change);
    }
    op->waits = op->result == SIM_HOLD;
}

static void op_finish(struct kr_call *k, struct kr_op *op)
{
    if (!op->waits) {
        return;
    }
    op->waits = false;
    op->event_from = k->account->event_count;
    op->result = op->kind == KR_SEND ? sim_release(k->engine, op->order)
                                     : sim_edit(k->engine, op->order, &op->change);
}

static const char *op_status(const struct kr_op *op)
{
    if (op->problem != NULL) {
        return op->missing ? "requiredArgumentMissing" : "invalidArgument";
    }
    return kr_status(op->result, op->kind);
}

static void op_note(struct kr_call *k, const struct kr_op *op)
{
    const char *status = op_status(op);

    if (op->problem != NULL) {
        answer_note(&k->req->answer, "%s: %s", status, op->problem);
    } else if (op->order != NULL) {
        answer_note(&k->req->answer, "%s order_id=%s", status, op->order->id);
    } else {
        answer_note(&k->req->answer, "%s", status);
    }
    if (op->problem != NULL || op->result != SIM_OK) {
        static const char *const events[] = { "place_refused", "edit_refused", "cancel_refused" };
        struct bytes id = op->kind == KR_SEND ? op->terms.client_id : op->client_id;

        audit_request(&k->sim->audit, k->engine->now_us, events[op->kind], k->route->op,
                      id.size > 0 ? id : op->id, status);
    }
}

/* ---- writing ------------------------------------------------------------------------------- */

static void id_member(struct kr_call *k, const struct kr_op *op, const char *name)
{
    if (op->order != NULL) {
        text_member(k->out, name, op->order->id);
    } else if (op->id.size > 0) {
        text_bytes_member(k->out, name, op->id);
    }
}

static void client_id_member(struct kr_call *k, const struct kr_op *op)
{
    struct bytes id = op->kind == KR_SEND ? op->terms.client_id : op->client_id;

    if (id.size == 0 && op->order != NULL) {
        id = bytes_of(op->order->client_id);
    }
    if (id.size > 0) {
        text_bytes_member(k->out, "cliOrdId", id);
    }
}

static void op_write(struct kr_call *k, const struct kr_op *op, const char *object,
                     const char *id_name)
{
    kr_begin(k);
    buf_printf(k->out, ",\"%s\":{\"status\":", object);
    text_quote(k->out, bytes_of(op_status(op)));
    id_member(k, op, id_name);
    client_id_member(k, op);
    text_time_member(k->out, "receivedTime", k->req->received_us);
    buf_text(k->out, ",\"orderEvents\":");
    if (op->order != NULL) {
        kr_events(k->sim, k->out, k->account, op->event_from, op->order);
    } else {
        buf_text(k->out, "[]");
    }
    buf_text(k->out, "}}");
}

static void finish_one(struct sim_request *req)
{
    static const char *const object[] = { "sendStatus", "editStatus", "cancelStatus" };
    static const char *const id_name[] = { "order_id", "orderId", "order_id" };
    struct kr_call *k = req->context;

    op_finish(k, k->op);
    op_note(k, k->op);
    op_write(k, k->op, object[k->op->kind], id_name[k->op->kind]);
}

static void serve_one(struct kr_call *k, enum kr_kind kind,
                      void (*read)(struct kr_call *, const struct cJSON *, struct kr_op *))
{
    k->op = calloc(1, sizeof *k->op);
    if (k->op == NULL) {
        k->req->answer.status = 500;
        return;
    }
    k->op_count = 1;
    k->op->kind = kind;
    read(k, NULL, k->op);
    if (k->op->problem != NULL && k->op->missing) {
        kr_bad_request(k, "missing parameter", k->op->problem);
        return;
    }
    if (k->op->problem != NULL) {
        kr_invalid(k, k->op->problem);
        return;
    }
    op_start(k, k->op);
    if (k->op->waits) {
        k->req->hold_us = k->op->order->instrument->hold_us;
        k->req->finish = finish_one;
        return;
    }
    finish_one(k->req);
}

void kr_sendorder(struct kr_call *k)
{
    serve_one(k, KR_SEND, kr_read_send);
}

void kr_editorder(struct kr_call *k)
{
    serve_one(k, KR_EDIT, kr_read_edit);
}

void kr_cancelorder(struct kr_call *k)
{
    serve_one(k, KR_CANCEL, kr_read_cancel);
}

/* ---- batch --------------------------------------------------------------------------------- */

static void batch_item(struct kr_call *k, const struct kr_op *op)
{
    buf_text(k->out, "{\"status\":");
    text_quote(k->out, bytes_of(op_status(op)));
    if (op->tag.size > 0) {
        text_bytes_member(k->out, "order_tag", op->tag);
    }
    id_member(k, op, "order_id");
    client_id_member(k, op);
    text_time_member(k->out, "dateTimeReceived", k->req->received_us);
    buf_text(k->out, ",\"orderEvents\":");
    if (op->order != NULL) {
        kr_events(k->sim, k->out, k->account, op->event_from, op->order);
    } else {
        buf_text(k->out, "[]");
    }
    buf_char(k->out, '}');
}

static void finish_batch(struct sim_request *req)
{
    struct kr_call *k = req->context;
    size_t n;

    kr_begin(k);
    buf_text(k->out, ",\"batchStatus\":[");
    for (n = 0; n < k->op_count; n++) {
        op_finish(k, &k->op[n]);
        op_note(k, &k->op[n]);
        buf_text(k->out, n == 0 ? "" : ",");
        batch_item(k, &k->op[n]);
    }
    buf_text(k->out, "]}");
    answer_note(&req->answer, "%zu instructions", k->op_count);
}

/* What an instruction may hold, by kind. */
static const char *const members[][18] = {
    { "order", "order_tag", "orderType", "symbol", "side", "size", "limitPrice", "stopPrice",
      "cliOrdId", "triggerSignal", "reduceOnly", "trailingStopMaxDeviation",
      "trailingStopDeviationUnit", "limitPriceOffsetValue", "limitPriceOffsetUnit", "algoId",
      NULL },
    { "order", "order_id", "cliOrdId", "size", "limitPrice", "stopPrice", "qtyMode",
      "trailingStopMaxDeviation", "trailingStopDeviationUnit", "algoId", NULL },
    { "order", "order_id", "cliOrdId", "algoId", NULL },
};

static void members_check(const cJSON *item, struct kr_op *op)
{
    const cJSON *member;

    for (member = item->child; member != NULL; member = member->next) {
        const char *const *name = members[op->kind];

        while (*name != NULL && strcmp(*name, member->string) != 0) {
            name++;
        }
        if (*name == NULL) {
            op->problem = member->string;
            op->missing = false;
        }
    }
}

static bool batch_read_item(struct kr_call *k, const cJSON *item, struct kr_op *op)
{
    static const char *const words[] = { "send", "edit", "cancel" };
    struct bytes word = text_json_get(item, "order");
    unsigned kind = 0;

    while (kind < ARRAY_LEN(words) && !bytes_is(word, words[kind])) {
        kind++;
    }
    if (kind == ARRAY_LEN(words)) {
        return false;
    }
    op->kind = (enum kr_kind)kind;
    if (op->kind == KR_SEND) {
        kr_read_send(k, item, op);
        op->tag = text_json_get(item, "order_tag");
        if (op->tag.size == 0) {
            op->problem = "order_tag";
            op->missing = true;
        }
    } else if (op->kind == KR_EDIT) {
        kr_read_edit(k, item, op);
    } else {
        kr_read_cancel(k, item, op);
    }
    members_check(item, op);
    return true;
}

static bool batch_read(struct kr_call *k)
{
    const cJSON *list;
    const cJSON *item;

    k->json = text_json(kr_arg(k, "json"));
    if (k->json == NULL) {
        kr_error(k, "Json Parse Error");
        return false;
    }
    list = cJSON_GetObjectItemCaseSensitive(k->json, "batchOrder");
    if (!cJSON_IsArray(list) || list->child == NULL || cJSON_GetArraySize(list) > BATCH_MAX) {
        kr_invalid(k, "batchOrder");
        return false;
    }
    k->op = calloc((size_t)cJSON_GetArraySize(list), sizeof *k->op);
    if (k->op == NULL) {
        k->req->answer.status = 500;
        return false;
    }
    for (item = list->child; item != NULL; item = item->next) {
        if (!batch_read_item(k, item, &k->op[k->op_count++])) {
            kr_invalid(k, "order");
            return false;
        }
    }
    return true;
}

static bool deadline_of(struct kr_call *k, const char *name, int64_t *us)
{
    struct bytes text = kr_arg(k, name);

    return text.size == 0 || timestamp_parse_iso(text, us);
}

void kr_batchorder(struct kr_call *k)
{
    int64_t process_before_us = 0;
    size_t n;

    if (!deadline_of(k, "processBefore", &process_before_us) ||
        !deadline_of(k, "ProcessBefore", &process_before_us)) {
        kr_invalid(k, "processBefore");
        return;
    }
    if (!batch_read(k)) {
        return;
    }
    if (!kr_spend(k->sim, k->account, KR_TRADING, (unsigned)k->op_count)) {
        kr_too_fast(k, KR_TRADING, (unsigned)k->op_count);
        return;
    }
    for (n = 0; n < k->op_count; n++) {
        k->op[n].process_before_us = process_before_us;
        op_start(k, &k->op[n]);
        if (k->op[n].waits && k->op[n].order->instrument->hold_us > k->req->hold_us) {
            k->req->hold_us = k->op[n].order->instrument->hold_us;
        }
    }
    k->req->finish = finish_batch;
    if (k->req->hold_us == 0) {
        finish_batch(k->req);
    }
}

/* ---- all at once --------------------------------------------------------------------------- */

static void cancelled_list(struct kr_call *k, size_t from)
{
    const struct sim_account *a = k->account;
    const char *comma = "";
    size_t n;

    buf_text(k->out, ",\"cancelledOrders\":[");
    for (n = from; n < a->event_count; n++) {
        if (a->event[n].type == SIM_EV_CANCEL) {
            buf_printf(k->out, "%s{\"order_id\":\"%s\"", comma, a->event[n].order->id);
            if (a->event[n].order->client_id[0] != '\0') {
                text_member(k->out, "cliOrdId", a->event[n].order->client_id);
            }
            buf_char(k->out, '}');
            comma = ",";
        }
    }
    buf_char(k->out, ']');
}

void kr_cancelallorders(struct kr_call *k)
{
    struct bytes symbol = kr_arg(k, "symbol");
    const struct sim_instrument *i = NULL;
    size_t from = k->account->event_count;
    size_t count;
    char time[TIMESTAMP_TEXT_MAX];

    if (symbol.size > 0) {
        i = sim_instrument_find(k->engine, symbol);
        if (i == NULL) {
            kr_invalid(k, "symbol");
            return;
        }
    }
    count = sim_cancel_all(k->engine, k->account, i, SIM_BY_USER);
    kr_begin(k);
    (void)timestamp_print_iso(k->engine->now_us, 3, time);
    buf_printf(k->out, ",\"cancelStatus\":{\"receivedTime\":\"%s\"", time);
    text_member(k->out, "cancelOnly", i == NULL ? "all" : i->symbol);
    text_member(k->out, "status", count > 0 ? "cancelled" : "noOrdersToCancel");
    cancelled_list(k, from);
    buf_text(k->out, ",\"orderEvents\":");
    kr_events(k->sim, k->out, k->account, from, NULL);
    buf_text(k->out, "}}");
    answer_note(&k->req->answer, "%zu cancelled", count);
}

void kr_cancelallordersafter(struct kr_call *k)
{
    uint64_t seconds;
    char now[TIMESTAMP_TEXT_MAX];
    char then[TIMESTAMP_TEXT_MAX];

    if (!text_uint(kr_arg(k, "timeout"), &seconds) || seconds > UINT32_MAX) {
        kr_invalid(k, "timeout");
        return;
    }
    k->account->deadman_us = seconds == 0 ? 0 : k->engine->now_us + (int64_t)seconds * US_PER_S;
    audit_note(&k->sim->audit, k->engine->now_us, seconds == 0 ? "deadman_off" : "deadman_set",
               k->account->key, NULL);
    kr_begin(k);
    (void)timestamp_print_iso(k->engine->now_us, 3, now);
    (void)timestamp_print_iso(k->account->deadman_us, 3, then);
    buf_printf(k->out, ",\"status\":{\"currentTime\":\"%s\",\"triggerTime\":\"%s\"}}", now,
               seconds == 0 ? "0" : then);
    answer_note(&k->req->answer, "timeout %llu s", (unsigned long long)seconds);
}
