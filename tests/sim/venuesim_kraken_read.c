/*
 * Kraken Futures: the parameters of one instruction, from a form or from an element of a batch,
 * checked for being there and well formed. Whether the exchange takes them is the engine's
 * question.
 */
#include "venuesim_kraken.h"

#include "timestamp.h"

#include <cjson/cJSON.h>

/* Beyond these no sum or product of the exchange overflows. */
static const struct decimal size_most = { INT64_C(1000000000000), 0 };
static const struct decimal price_most = { INT64_C(1000000000), 0 };

struct word {
    const char *text;
    int value;
};

static const struct word types[] = { { "lmt", SIM_LMT },
                                     { "post", SIM_POST },
                                     { "ioc", SIM_IOC },
                                     { "mkt", SIM_MKT },
                                     { "fok", SIM_FOK },
                                     { "stp", SIM_STP },
                                     { "take_profit", SIM_TAKE_PROFIT },
                                     { "trailing_stop", SIM_TRAILING },
                                     { NULL, 0 } };
static const struct word sides[] = { { "buy", SIM_BUY }, { "sell", SIM_SELL }, { NULL, 0 } };
static const struct word signals[] = { { "mark", SIM_SIGNAL_MARK },
                                       { "index", SIM_SIGNAL_INDEX },
                                       { "last", SIM_SIGNAL_LAST },
                                       { NULL, 0 } };
static const struct word units[] = { { "PERCENT", SIM_UNIT_PERCENT },
                                     { "QUOTE_CURRENCY", SIM_UNIT_QUOTE },
                                     { NULL, 0 } };

static bool word_find(const struct word *list, struct bytes text, int *out)
{
    for (; list->text != NULL; list++) {
        if (bytes_is(text, list->text)) {
            *out = list->value;
            return true;
        }
    }
    return false;
}

static struct bytes arg(const struct kr_call *k, const struct cJSON *item, const char *name)
{
    const cJSON *member;

    if (item == NULL) {
        return kr_arg(k, name);
    }
    member = cJSON_GetObjectItemCaseSensitive(item, name);
    if (cJSON_IsBool(member)) {
        return cJSON_IsTrue(member) ? BYTES("true") : BYTES("false");
    }
    return text_json_get(item, name);
}

static void wrong(struct kr_op *op, const char *name, bool missing)
{
    if (op->problem == NULL) {
        op->problem = name;
        op->missing = missing;
    }
}

/* True when present and good. */
static bool number(const struct kr_call *k, const struct cJSON *item, struct kr_op *op,
                   const char *name, struct decimal *out)
{
    struct bytes text = arg(k, item, name);

    if (text.data == NULL) {
        return false;
    }
    if (!decimal_parse_json(text, out) || decimal_compare(sim_abs(*out), size_most) > 0) {
        wrong(op, name, false);
        return false;
    }
    return true;
}

static bool price(const struct kr_call *k, const struct cJSON *item, struct kr_op *op,
                  const char *name, struct decimal *out)
{
    if (!number(k, item, op, name, out)) {
        return false;
    }
    if (decimal_compare(sim_abs(*out), price_most) > 0) {
        wrong(op, name, false);
        return false;
    }
    return true;
}

static void unit(const struct kr_call *k, const struct cJSON *item, struct kr_op *op,
                 const char *name, enum sim_unit *out)
{
    struct bytes text = arg(k, item, name);
    int value = SIM_UNIT_NONE;

    if (text.data != NULL && !word_find(units, text, &value)) {
        wrong(op, name, false);
    }
    *out = (enum sim_unit)value;
}

static void deadline(const struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct bytes text = arg(k, item, "processBefore");

    if (text.data != NULL && !timestamp_parse_iso(text, &op->process_before_us)) {
        wrong(op, "processBefore", false);
    }
}

static void required_word(struct kr_op *op, struct bytes text, const char *name)
{
    if (text.size == 0) {
        wrong(op, name, true);
    }
}

/* 0.1 to 50 percent, or whole ticks. */
static bool trail_ok(const struct sim_instrument *i, struct decimal trail, enum sim_unit trail_unit)
{
    if (trail_unit == SIM_UNIT_PERCENT) {
        return decimal_compare(trail, (struct decimal){ 1, 1 }) >= 0 &&
               decimal_compare(trail, (struct decimal){ 50, 0 }) <= 0;
    }
    return trail_unit == SIM_UNIT_QUOTE && decimal_sign(trail) > 0 &&
           (i == NULL || decimal_is_multiple(trail, i->tick));
}

static void read_trailing(const struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct sim_terms *t = &op->terms;

    if (!number(k, item, op, "trailingStopMaxDeviation", &t->trail)) {
        wrong(op, "trailingStopMaxDeviation", true);
    }
    unit(k, item, op, "trailingStopDeviationUnit", &t->trail_unit);
    if (t->trail_unit == SIM_UNIT_NONE) {
        wrong(op, "trailingStopDeviationUnit", true);
    }
    if (op->problem == NULL && !trail_ok(t->instrument, t->trail, t->trail_unit)) {
        wrong(op, "trailingStopMaxDeviation", false);
    }
}

static void read_trigger(const struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct sim_terms *t = &op->terms;
    struct bytes signal = arg(k, item, "triggerSignal");
    int value = SIM_SIGNAL_MARK;
    bool has_offset;

    if (signal.data != NULL && !word_find(signals, signal, &value)) {
        wrong(op, "triggerSignal", false);
    }
    t->signal = (enum sim_signal)value;
    has_offset = price(k, item, op, "limitPriceOffsetValue", &t->offset);
    unit(k, item, op, "limitPriceOffsetUnit", &t->offset_unit);
    if (has_offset != (t->offset_unit != SIM_UNIT_NONE)) {
        wrong(op, has_offset ? "limitPriceOffsetUnit" : "limitPriceOffsetValue", true);
    }
    if (has_offset && t->has_price) {
        wrong(op, "limitPrice", false);
    }
}

static void refuse_present(const struct kr_call *k, const struct cJSON *item, struct kr_op *op,
                           const char *const *names)
{
    for (; *names != NULL; names++) {
        if (arg(k, item, *names).data != NULL) {
            wrong(op, *names, false);
        }
    }
}

/* Which of the optional parameters the type of order demands and which it excludes. */
static void read_by_type(const struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    static const char *const trigger_only[] = { "stopPrice",
                                                "triggerSignal",
                                                "trailingStopMaxDeviation",
                                                "trailingStopDeviationUnit",
                                                "limitPriceOffsetValue",
                                                "limitPriceOffsetUnit",
                                                NULL };
    static const char *const trailing_only[] = { "trailingStopMaxDeviation",
                                                 "trailingStopDeviationUnit", NULL };
    static const char *const not_trailing[] = { "limitPrice", "stopPrice", NULL };
    static const char *const not_market[] = { "limitPrice", NULL };
    struct sim_terms *t = &op->terms;

    switch (t->type) {
    case SIM_LMT:
    case SIM_POST:
    case SIM_IOC:
    case SIM_FOK:
        if (!t->has_price) {
            wrong(op, "limitPrice", true);
        }
        refuse_present(k, item, op, trigger_only);
        return;
    case SIM_MKT:
        refuse_present(k, item, op, not_market);
        refuse_present(k, item, op, trigger_only);
        return;
    case SIM_STP:
    case SIM_TAKE_PROFIT:
        if (!t->has_stop) {
            wrong(op, "stopPrice", true);
        }
        read_trigger(k, item, op);
        refuse_present(k, item, op, trailing_only);
        return;
    case SIM_TRAILING:
        refuse_present(k, item, op, not_trailing);
        read_trigger(k, item, op);
        read_trailing(k, item, op);
        return;
    }
}

static void read_reduce_only(const struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct bytes text = arg(k, item, "reduceOnly");

    op->terms.reduce_only = bytes_is(text, "true");
    if (text.data != NULL && !op->terms.reduce_only && !bytes_is(text, "false")) {
        wrong(op, "reduceOnly", false);
    }
}

void kr_read_send(struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct sim_terms *t = &op->terms;
    struct bytes type = arg(k, item, "orderType");
    struct bytes side = arg(k, item, "side");
    struct bytes symbol = arg(k, item, "symbol");
    int value = 0;

    t->client_id = arg(k, item, "cliOrdId");
    required_word(op, type, "orderType");
    required_word(op, side, "side");
    required_word(op, symbol, "symbol");
    if (!number(k, item, op, "size", &t->qty)) {
        wrong(op, "size", true);
    }
    t->has_price = price(k, item, op, "limitPrice", &t->price);
    t->has_stop = price(k, item, op, "stopPrice", &t->stop);
    read_reduce_only(k, item, op);
    deadline(k, item, op);
    t->instrument = sim_instrument_find(k->engine, symbol);
    if (t->instrument == NULL) {
        wrong(op, "symbol", false);
    }
    if (!word_find(sides, side, &value)) {
        op->result = SIM_BAD_SIDE;
    }
    t->side = (enum sim_side)value;
    if (!word_find(types, type, &value)) {
        op->result = SIM_BAD_TYPE;
        return;
    }
    t->type = (enum sim_type)value;
    if (op->result == SIM_OK) {
        read_by_type(k, item, op);
    }
}

static void read_ids(const struct kr_call *k, const struct cJSON *item, struct kr_op *op,
                     const char *id_name)
{
    op->id = arg(k, item, id_name);
    op->client_id = arg(k, item, "cliOrdId");
    if (op->id.size == 0 && op->client_id.size == 0) {
        wrong(op, id_name, true);
    }
}

static void read_edit_trailing(const struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct sim_change *c = &op->change;

    c->has_trail = number(k, item, op, "trailingStopMaxDeviation", &c->trail);
    unit(k, item, op, "trailingStopDeviationUnit", &c->trail_unit);
    if (c->has_trail != (c->trail_unit != SIM_UNIT_NONE)) {
        wrong(op, c->has_trail ? "trailingStopDeviationUnit" : "trailingStopMaxDeviation", true);
    }
    if (c->has_trail && !trail_ok(NULL, c->trail, c->trail_unit)) {
        wrong(op, "trailingStopMaxDeviation", false);
    }
}

void kr_read_edit(struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    struct sim_change *c = &op->change;
    struct bytes mode = arg(k, item, "qtyMode");

    /* The single edit says orderId, the batch order_id. */
    read_ids(k, item, op, item == NULL ? "orderId" : "order_id");
    c->has_qty = number(k, item, op, "size", &c->qty);
    c->has_price = price(k, item, op, "limitPrice", &c->price);
    c->has_stop = price(k, item, op, "stopPrice", &c->stop);
    read_edit_trailing(k, item, op);
    deadline(k, item, op);
    c->qty_is_total = bytes_is(mode, "ABSOLUTE");
    if (mode.data != NULL && !c->qty_is_total && !bytes_is(mode, "RELATIVE")) {
        wrong(op, "qtyMode", false);
    }
    if (!c->has_qty && !c->has_price && !c->has_stop && !c->has_trail) {
        wrong(op, "size", true);
    }
}

void kr_read_cancel(struct kr_call *k, const struct cJSON *item, struct kr_op *op)
{
    read_ids(k, item, op, "order_id");
    deadline(k, item, op);
}
