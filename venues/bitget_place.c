/*
 * Bitget mix-v2: requests that act: orders, trigger orders, batches, cancels, closing of positions
 * and their take-profit and stop-loss.
 */
#include "bitget.h"

#define ORDER "/api/v2/mix/order/"

/* ---- what an order says -------------------------------------------------------------------- */

static enum venue_error force_of(const struct venue_order *o, const char **force)
{
    if (o->post_only && (o->tif == VENUE_IOC || o->tif == VENUE_FOK)) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    switch (o->tif) {
    case VENUE_GTC: *force = o->post_only ? "post_only" : "gtc"; return VENUE_BUILD_OK;
    case VENUE_IOC: *force = "ioc"; return VENUE_BUILD_OK;
    case VENUE_FOK: *force = "fok"; return VENUE_BUILD_OK;
    case VENUE_GTD:
    case VENUE_DAY: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* A market order ends at once and a trigger waits until canceled: other than that there is no
 * choice. */
static bool tif_fits(const struct venue_order *o)
{
    if (o->post_only) {
        return false;
    }
    return (int)o->tif == 0 || o->tif == VENUE_GTC ||
           (o->type == VENUE_MARKET && o->tif == VENUE_IOC);
}

/* 7928. "Decrease" does not exist here. */
static enum venue_error stp_mode(char stp, const char **mode)
{
    *mode = "";
    switch (stp) {
    case 0: return VENUE_BUILD_OK;
    case 'N': *mode = "cancel_taker"; return VENUE_BUILD_OK;
    case 'O': *mode = "cancel_maker"; return VENUE_BUILD_OK;
    case 'B': *mode = "cancel_both"; return VENUE_BUILD_OK;
    case 'D': return VENUE_BUILD_UNSUPPORTED;
    default: return VENUE_BUILD_BAD_ARGUMENT;
    }
}

/* How the trade's direction is said. In hedge mode `side` names the position: a long one is
 * closed by side=buy, tradeSide=close. */
struct direction {
    const char *side, *trade_side;
    bool reduce;
};

static enum venue_error direction_of(const struct bitget_state *s, const struct venue_order *o,
                                     struct direction *d)
{
    bool closes = o->position == 'C' || (o->position == 0 && o->reduce_only);
    bool buys = o->side == VENUE_BUY;

    if ((o->side != VENUE_BUY && o->side != VENUE_SELL) || (o->position == 'O' && o->reduce_only) ||
        (o->position != 0 && o->position != 'O' && o->position != 'C')) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (!s->hedge) {
        *d = (struct direction){ buys ? "buy" : "sell", "", closes };
        return VENUE_BUILD_OK;
    }
    if (o->position == 0 && !o->reduce_only) {
        return VENUE_BUILD_UNSUPPORTED; /* opening or closing has to be said */
    }
    *d = (struct direction){ buys != closes ? "buy" : "sell", closes ? "close" : "open", false };
    return VENUE_BUILD_OK;
}

static bool positive(struct decimal d)
{
    return decimal_sign(d) > 0;
}

static enum venue_error terms_check(const struct venue_order *o)
{
    if (o->qty_is_quote) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (o->symbol.size == 0 || !positive(o->qty) ||
        (bitget_has_price(o->type) && !positive(o->price)) ||
        (bitget_is_trigger(o->type) && o->type != VENUE_TRAILING && !positive(o->stop_price)) ||
        (o->has_take_profit && !positive(o->take_profit)) ||
        (o->has_stop_loss && !positive(o->stop_loss)) ||
        (o->has_take_profit_limit && !o->has_take_profit) ||
        (o->has_stop_loss_limit && !o->has_stop_loss)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

static enum venue_error place_check(const struct venue_order *o)
{
    /* Without our id a lost answer could never be settled. */
    if (!bitget_client_id_ok(o->client_id) || o->client_id.size > BITGET_CLIENT_ID_MAX) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return terms_check(o);
}

static void put_optional(struct buf *body, const char *name, bool has, struct decimal value)
{
    if (has) {
        bitget_put_decimal(body, name, value);
    }
}

/* ---- plain orders -------------------------------------------------------------------------- */

static void put_presets(struct buf *body, const struct venue_order *o)
{
    put_optional(body, "presetStopSurplusPrice", o->has_take_profit, o->take_profit);
    put_optional(body, "presetStopLossPrice", o->has_stop_loss, o->stop_loss);
    put_optional(body, "presetStopSurplusExecutePrice", o->has_take_profit_limit,
                 o->take_profit_limit);
    put_optional(body, "presetStopLossExecutePrice", o->has_stop_loss_limit, o->stop_loss_limit);
}

/* The members that an order has alone and in a batch alike. */
static enum venue_error put_order(const struct bitget_state *s, struct buf *body,
                                  const struct venue_order *o)
{
    const char *force = "";
    const char *stp = "";
    struct direction d;
    enum venue_error error = place_check(o);

    if (error == VENUE_BUILD_OK) {
        error = direction_of(s, o, &d);
    }
    if (error == VENUE_BUILD_OK) {
        error = stp_mode(o->stp, &stp);
    }
    if (error == VENUE_BUILD_OK && o->type == VENUE_LIMIT) {
        error = force_of(o, &force);
    } else if (error == VENUE_BUILD_OK && (o->type != VENUE_MARKET || !tif_fits(o))) {
        error = VENUE_BUILD_UNSUPPORTED;
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_put_decimal(body, "size", o->qty);
    put_optional(body, "price", o->type == VENUE_LIMIT, o->price);
    bitget_put(body, "side", bytes_of(d.side));
    bitget_put(body, "tradeSide", bytes_of(d.trade_side));
    bitget_put(body, "orderType", o->type == VENUE_LIMIT ? BYTES("limit") : BYTES("market"));
    bitget_put(body, "force", bytes_of(force));
    bitget_put(body, "clientOid", o->client_id);
    bitget_put(body, "reduceOnly", d.reduce ? BYTES("YES") : BYTES(""));
    put_presets(body, o);
    bitget_put(body, "stpMode", bytes_of(stp));
    return VENUE_BUILD_OK;
}

static void put_market(const struct bitget_state *s, struct buf *body, struct bytes symbol)
{
    bitget_put(body, "symbol", symbol);
    bitget_put(body, "productType", s->product);
    bitget_put(body, "marginMode", s->isolated ? BYTES("isolated") : BYTES("crossed"));
    bitget_put(body, "marginCoin", s->coin);
}

/* ---- trigger orders ------------------------------------------------------------------------ */

static enum venue_error trigger_source(enum venue_trigger t, const char **word)
{
    switch (t) {
    case VENUE_TRIGGER_DEFAULT:
    case VENUE_TRIGGER_LAST: *word = "fill_price"; return VENUE_BUILD_OK;
    case VENUE_TRIGGER_MARK: *word = "mark_price"; return VENUE_BUILD_OK;
    case VENUE_TRIGGER_INDEX: return VENUE_BUILD_UNSUPPORTED;
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* A trailing order has a rate in percent, up to 10, and a price from which on it trails. */
static enum venue_error trail_check(const struct venue_order *o)
{
    if (o->type != VENUE_TRAILING) {
        return VENUE_BUILD_OK;
    }
    if (o->trail_unit == VENUE_OFFSET_PRICE || o->has_take_profit || o->has_stop_loss) {
        return VENUE_BUILD_UNSUPPORTED; /* its own take-profit and stop-loss are percentages */
    }
    if (o->trail_unit != VENUE_OFFSET_PERCENT || !positive(o->trail) || !positive(o->stop_price) ||
        decimal_compare(o->trail, (struct decimal){ 10, 0 }) > 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

static void put_plan_presets(struct buf *body, const struct venue_order *o, const char *source)
{
    put_optional(body, "stopSurplusTriggerPrice", o->has_take_profit, o->take_profit);
    put_optional(body, "stopSurplusExecutePrice", o->has_take_profit_limit, o->take_profit_limit);
    bitget_put(body, "stopSurplusTriggerType", bytes_of(o->has_take_profit ? source : ""));
    put_optional(body, "stopLossTriggerPrice", o->has_stop_loss, o->stop_loss);
    put_optional(body, "stopLossExecutePrice", o->has_stop_loss_limit, o->stop_loss_limit);
    bitget_put(body, "stopLossTriggerType", bytes_of(o->has_stop_loss ? source : ""));
}

static enum venue_error put_plan(const struct bitget_state *s, struct buf *body,
                                 const struct venue_order *o)
{
    const char *source = "";
    const char *stp = "";
    struct direction d;
    enum venue_error error = place_check(o);

    if (error == VENUE_BUILD_OK) {
        error = tif_fits(o) ? trail_check(o) : VENUE_BUILD_UNSUPPORTED;
    }
    if (error == VENUE_BUILD_OK) {
        error = direction_of(s, o, &d);
    }
    if (error == VENUE_BUILD_OK) {
        error = stp_mode(o->stp, &stp);
    }
    if (error == VENUE_BUILD_OK) {
        error = trigger_source(o->trigger, &source);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_put(body, "planType",
               o->type == VENUE_TRAILING ? BYTES("track_plan") : BYTES("normal_plan"));
    put_market(s, body, o->symbol);
    bitget_put_decimal(body, "size", o->qty);
    put_optional(body, "price", bitget_has_price(o->type), o->price);
    put_optional(body, "callbackRatio", o->type == VENUE_TRAILING, o->trail);
    bitget_put_decimal(body, "triggerPrice", o->stop_price);
    bitget_put(body, "triggerType", bytes_of(source));
    bitget_put(body, "side", bytes_of(d.side));
    bitget_put(body, "tradeSide", bytes_of(d.trade_side));
    bitget_put(body, "orderType", bitget_has_price(o->type) ? BYTES("limit") : BYTES("market"));
    bitget_put(body, "clientOid", o->client_id);
    bitget_put(body, "reduceOnly", d.reduce ? BYTES("YES") : BYTES(""));
    put_plan_presets(body, o, source);
    bitget_put(body, "stpMode", bytes_of(stp));
    return VENUE_BUILD_OK;
}

enum venue_error bitget_build_place(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    const struct venue_order *o = &call->order;
    bool plan = bitget_is_trigger(o->type);
    enum venue_error error = bitget_begin(
        account, HTTP_POST, plan ? ORDER "place-plan-order" : ORDER "place-order", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (plan) {
        error = put_plan(account->state, &out->body, o);
    } else {
        put_market(account->state, &out->body, o->symbol);
        error = put_order(account->state, &out->body, o);
    }
    return error == VENUE_BUILD_OK ? bitget_finish(account, call, out) : error;
}

/* ---- cancel, modify ------------------------------------------------------------------------ */

/* One of the ids. The venue's own comes first: it names one order for ever. */
static enum venue_error put_id(struct buf *body, const struct venue_order *o)
{
    if (o->venue_id.size > 0) {
        bitget_put(body, "orderId", o->venue_id);
    } else if (bitget_client_id_ok(o->client_id)) {
        bitget_put(body, "clientOid", o->client_id);
    } else {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return VENUE_BUILD_OK;
}

static enum venue_error put_cancel(const struct bitget_state *s, struct buf *body,
                                   const struct venue_order *o)
{
    bool plan = bitget_is_trigger(o->type);
    enum venue_error error;

    bitget_put(body, "symbol", o->symbol);
    bitget_put(body, "productType", s->product);
    bitget_put(body, "marginCoin", s->coin);
    if (!plan) {
        return put_id(body, o);
    }
    bitget_put(body, "planType",
               o->type == VENUE_TRAILING ? BYTES("track_plan") : BYTES("normal_plan"));
    bitget_put_raw(body, "orderIdList", "[{");
    error = put_id(body, o);
    buf_text(body, "}]");
    return error;
}

enum venue_error bitget_build_cancel(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    bool plan = bitget_is_trigger(call->order.type);
    enum venue_error error = bitget_begin(
        account, HTTP_POST, plan ? ORDER "cancel-plan-order" : ORDER "cancel-order", out);

    if (error == VENUE_BUILD_OK && call->order.symbol.size == 0) {
        error = VENUE_BUILD_BAD_ARGUMENT;
    }
    if (error == VENUE_BUILD_OK) {
        error = put_cancel(account->state, &out->body, &call->order);
    }
    return error == VENUE_BUILD_OK ? bitget_finish(account, call, out) : error;
}

/* Changes the resting trigger order itself: ids stay. */
static enum venue_error put_plan_change(const struct bitget_state *s, struct buf *body,
                                        const struct venue_order *o)
{
    const char *source = "";
    enum venue_error error = trail_check(o);

    if (error == VENUE_BUILD_OK) {
        error = put_id(body, o);
    }
    if (error == VENUE_BUILD_OK) {
        error = trigger_source(o->trigger, &source);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_put(body, "productType", s->product);
    bitget_put_decimal(body, "newSize", o->qty);
    put_optional(body, "newPrice", bitget_has_price(o->type), o->price);
    put_optional(body, "newCallbackRatio", o->type == VENUE_TRAILING, o->trail);
    bitget_put_decimal(body, "newTriggerPrice", o->stop_price);
    bitget_put(body, "newTriggerType", bytes_of(source));
    put_optional(body, "newStopSurplusTriggerPrice", o->has_take_profit, o->take_profit);
    put_optional(body, "newStopSurplusExecutePrice", o->has_take_profit_limit,
                 o->take_profit_limit);
    bitget_put(body, "newStopSurplusTriggerType", bytes_of(o->has_take_profit ? source : ""));
    put_optional(body, "newStopLossTriggerPrice", o->has_stop_loss, o->stop_loss);
    put_optional(body, "newStopLossExecutePrice", o->has_stop_loss_limit, o->stop_loss_limit);
    bitget_put(body, "newStopLossTriggerType", bytes_of(o->has_stop_loss ? source : ""));
    return VENUE_BUILD_OK;
}

/* The venue cancels the order and makes another behind our back: only where the account allows
 * it. */
static enum venue_error put_change(const struct bitget_state *s, struct buf *body,
                                   const struct venue_order *o)
{
    struct buf id;
    enum venue_error error = put_id(body, o);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!s->modify || o->type != VENUE_LIMIT || o->has_take_profit_limit ||
        o->has_stop_loss_limit) {
        return VENUE_BUILD_UNSUPPORTED;
    }
    if (!bitget_client_id_ok(o->client_id)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_init(&id, BITGET_NEW_CLIENT_ID_MAX);
    bitget_new_client_id(o, &id);
    bitget_put(body, "symbol", o->symbol);
    bitget_put(body, "productType", s->product);
    bitget_put(body, "marginCoin", s->coin);
    bitget_put(body, "newClientOid", buf_view(&id));
    bitget_put_decimal(body, "newSize", o->qty);
    bitget_put_decimal(body, "newPrice", o->price);
    put_optional(body, "newPresetStopSurplusPrice", o->has_take_profit, o->take_profit);
    put_optional(body, "newPresetStopLossPrice", o->has_stop_loss, o->stop_loss);
    error = id.failed ? VENUE_BUILD_TOO_LARGE : VENUE_BUILD_OK;
    buf_fini(&id);
    return error;
}

enum venue_error bitget_build_replace(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    bool plan = bitget_is_trigger(call->order.type);
    enum venue_error error = bitget_begin(
        account, HTTP_POST, plan ? ORDER "modify-plan-order" : ORDER "modify-order", out);

    if (error == VENUE_BUILD_OK) {
        error = terms_check(&call->order);
    }
    if (error == VENUE_BUILD_OK) {
        error = plan ? put_plan_change(account->state, &out->body, &call->order)
                     : put_change(account->state, &out->body, &call->order);
    }
    return error == VENUE_BUILD_OK ? bitget_finish(account, call, out) : error;
}

/* arg.planType: the trigger orders of that kind, which the other call may leave alone. That one can
 * be bounded in time, by arg.requestTime and arg.receiveWindow. */
enum venue_error bitget_build_cancel_all(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    static const char *const kind[] = { "planType", NULL };
    static const char *const bounds[] = { "requestTime", "receiveWindow", NULL };
    struct bytes plan = bitget_arg(call, "planType");
    struct bitget_state *state = account->state;
    enum venue_error error =
        bitget_begin(account, HTTP_POST,
                     plan.size > 0 ? ORDER "cancel-plan-order" : ORDER "cancel-all-orders", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!bitget_args_known(call, plan.size > 0 ? kind : bounds)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "productType", state->product);
    bitget_put(&out->body, "symbol", call->symbol);
    bitget_put(&out->body, "planType", plan);
    bitget_put(&out->body, bounds[0], bitget_arg(call, bounds[0]));
    bitget_put(&out->body, bounds[1], bitget_arg(call, bounds[1]));
    return bitget_finish(account, call, out);
}

/* ---- batches ------------------------------------------------------------------------------- */

/* One kind, one symbol: what the venue's batches have in common for all items. */
static enum venue_error batch_check(const struct venue_call *call)
{
    const struct venue_instruction *first = &call->instruction[0];
    size_t max = BITGET_CANCEL_BATCH_MAX;

    if (call->instruction_count == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (first->kind == VENUE_DO_PLACE) {
        max = BITGET_PLACE_BATCH_MAX;
    }
    if (call->instruction_count > max) {
        return VENUE_BUILD_TOO_LARGE;
    }
    for (size_t i = 0; i < call->instruction_count; i++) {
        const struct venue_instruction *in = &call->instruction[i];

        if (in->kind == VENUE_DO_REPLACE || in->kind != first->kind ||
            bitget_is_trigger(in->order.type) ||
            !bytes_equal(in->order.symbol, first->order.symbol)) {
            return VENUE_BUILD_UNSUPPORTED;
        }
    }
    return first->order.symbol.size == 0 ? VENUE_BUILD_BAD_ARGUMENT : VENUE_BUILD_OK;
}

static enum venue_error put_items(const struct bitget_state *s, struct buf *body,
                                  const struct venue_call *call)
{
    for (size_t i = 0; i < call->instruction_count; i++) {
        const struct venue_instruction *in = &call->instruction[i];
        enum venue_error error;

        buf_text(body, i == 0 ? "{" : ",{");
        error =
            in->kind == VENUE_DO_PLACE ? put_order(s, body, &in->order) : put_id(body, &in->order);
        if (error != VENUE_BUILD_OK) {
            return error;
        }
        buf_char(body, '}');
    }
    buf_char(body, ']');
    return VENUE_BUILD_OK;
}

enum venue_error bitget_build_batch(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    bool places = call->instruction_count > 0 && call->instruction[0].kind == VENUE_DO_PLACE;
    enum venue_error error = bitget_begin(
        account, HTTP_POST, places ? ORDER "batch-place-order" : ORDER "batch-cancel-orders", out);

    if (error == VENUE_BUILD_OK) {
        error = batch_check(call);
    }
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (places) {
        put_market(state, &out->body, call->instruction[0].order.symbol);
    } else {
        bitget_put(&out->body, "symbol", call->instruction[0].order.symbol);
        bitget_put(&out->body, "productType", state->product);
        bitget_put(&out->body, "marginCoin", state->coin);
    }
    bitget_put_raw(&out->body, places ? "orderList" : "orderIdList", "[");
    error = put_items(state, &out->body, call);
    return error == VENUE_BUILD_OK ? bitget_finish(account, call, out) : error;
}

/* ---- positions ----------------------------------------------------------------------------- */

/* Without a symbol: every position of the product. In hedge mode arg.holdSide (long, short)
 * chooses. */
enum venue_error bitget_build_close(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "holdSide", NULL };
    struct bitget_state *state = account->state;
    enum venue_error error = bitget_begin(account, HTTP_POST, ORDER "close-positions", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!bitget_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "symbol", call->symbol);
    bitget_put(&out->body, "productType", state->product);
    bitget_put(&out->body, "holdSide", bitget_arg(call, "holdSide"));
    return bitget_finish(account, call, out);
}

/* Take-profit and stop-loss of a position, by the venue's own names: arg.planType places one,
 * arg.orderId or arg.clientOid without it changes one, and stopSurplus.../stopLoss... set both
 * legs. */
static const char *triggers_path(const struct venue_call *call, const char *const **allowed)
{
    static const char *const place[] = {
        "planType", "triggerPrice", "triggerType", "executePrice", "holdSide",
        "size",     "rangeRate",    "clientOid",   "stpMode",      NULL
    };
    static const char *const change[] = { "orderId",      "clientOid",
                                          "triggerPrice", "triggerType",
                                          "executePrice", "size",
                                          "rangeRate",    NULL };
    static const char *const both[] = { "holdSide",
                                        "stopSurplusTriggerPrice",
                                        "stopSurplusSize",
                                        "stopSurplusTriggerType",
                                        "stopSurplusExecutePrice",
                                        "stopLossTriggerPrice",
                                        "stopLossSize",
                                        "stopLossTriggerType",
                                        "stopLossExecutePrice",
                                        "stpMode",
                                        "stopSurplusClientOid",
                                        "stopLossClientOid",
                                        NULL };

    if (bitget_arg(call, "planType").size > 0) {
        *allowed = place;
        return ORDER "place-tpsl-order";
    }
    if (bitget_arg(call, "orderId").size > 0 || bitget_arg(call, "clientOid").size > 0) {
        *allowed = change;
        return ORDER "modify-tpsl-order";
    }
    *allowed = both;
    return ORDER "place-pos-tpsl";
}

enum venue_error bitget_build_position_triggers(const struct venue_account *account,
                                                const struct venue_call *call,
                                                struct http_request *out)
{
    struct bitget_state *state = account->state;
    const char *const *allowed;
    const char *path = triggers_path(call, &allowed);
    enum venue_error error = bitget_begin(account, HTTP_POST, path, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || call->arg_count == 0 || !bitget_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "marginCoin", state->coin);
    bitget_put(&out->body, "productType", state->product);
    bitget_put(&out->body, "symbol", call->symbol);
    for (; *allowed != NULL; allowed++) {
        bitget_put(&out->body, *allowed, bitget_arg(call, *allowed));
    }
    return bitget_finish(account, call, out);
}
