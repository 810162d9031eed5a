/*
 * Bitget mix-v2: requests that ask, and those that read or change account settings.
 */
#include "bitget.h"

#define MIX "/api/v2/mix/"

/* ---- orders -------------------------------------------------------------------------------- */

/* One order, by one id; the venue wants its symbol. A trigger is only found while it waits. */
enum venue_error bitget_build_status(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    bool plan = bitget_is_trigger(call->order.type);
    bool by_venue_id = call->venue_id_count > 0;
    enum venue_error error = bitget_begin(
        account, HTTP_GET, plan ? MIX "order/orders-plan-pending" : MIX "order/detail", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->client_id_count + call->venue_id_count == 0 || call->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (call->client_id_count > 1 || call->venue_id_count > 1) {
        return VENUE_BUILD_TOO_LARGE;
    }
    bitget_query(state, "clientOid", by_venue_id ? BYTES("") : call->client_id[0]);
    bitget_query(state, "orderId", by_venue_id ? call->venue_id[0] : BYTES(""));
    if (plan) {
        bitget_query(state, "planType",
                     call->order.type == VENUE_TRAILING ? BYTES("track_plan")
                                                        : BYTES("normal_plan"));
    }
    bitget_query(state, "productType", state->product);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

static int64_t page_size(const struct venue_call *call)
{
    return call->count == 0 || call->count > BITGET_PAGE ? BITGET_PAGE : (int64_t)call->count;
}

enum venue_error bitget_build_open_orders(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    const struct bitget_stage *stage;
    struct bitget_cursor at;
    enum venue_error error;

    if (!bitget_cursor_parse(call->cursor, &at) || (stage = bitget_open_stage(at.stage)) == NULL) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    error = bitget_begin(account, HTTP_GET,
                         stage->plan ? MIX "order/orders-plan-pending" : MIX "order/orders-pending",
                         out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_query(state, "idLessThan", at.id);
    bitget_query_int(state, "limit", page_size(call));
    bitget_query(state, "planType", bytes_of(stage->plan ? stage->kind : ""));
    bitget_query(state, "productType", state->product);
    bitget_query(state, "status", bytes_of(stage->plan ? "" : stage->kind));
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

/* Histories and fills: span by span. Milliseconds: the start is rounded down, the end up. */
static enum venue_error build_spans(const struct venue_account *account,
                                    const struct venue_call *call, const char *path,
                                    struct http_request *out)
{
    static const char *const allowed[] = { "orderId", NULL };
    struct bitget_state *state = account->state;
    struct bitget_cursor at;
    int64_t from_us;
    int64_t to_us;
    enum venue_error error = bitget_begin(account, HTTP_GET, path, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!bitget_args_known(call, allowed) || !bitget_cursor_parse(call->cursor, &at) ||
        !bitget_span(call, at.stage, &from_us, &to_us)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_query_int(state, "endTime", (to_us + US_PER_MS - 1) / US_PER_MS);
    bitget_query(state, "idLessThan", at.id);
    bitget_query_int(state, "limit", page_size(call));
    bitget_query(state, "orderId", bitget_arg(call, "orderId"));
    bitget_query(state, "productType", state->product);
    bitget_query_int(state, "startTime", from_us / US_PER_MS);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

enum venue_error bitget_build_order_history(const struct venue_account *account,
                                            const struct venue_call *call, struct http_request *out)
{
    return build_spans(account, call, MIX "order/orders-history", out);
}

/* The newest: one page, from which the reply says whether it reaches back far enough. */
enum venue_error bitget_build_fills(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    return build_spans(account, call, MIX "order/fills", out);
}

enum venue_error bitget_build_executions(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    return build_spans(account, call, MIX "order/fill-history", out);
}

/* What one trigger became. */
static enum venue_error build_sub_order(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "planOrderId", "planType", NULL };
    struct bitget_state *state = account->state;
    struct bytes kind = bitget_arg(call, "planType");
    enum venue_error error = bitget_begin(account, HTTP_GET, MIX "order/plan-sub-order", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!bitget_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_query(state, "planOrderId", bitget_arg(call, "planOrderId"));
    bitget_query(state, "planType", kind.size > 0 ? kind : BYTES("normal_plan"));
    bitget_query(state, "productType", state->product);
    return bitget_finish(account, call, out);
}

/* arg.planOrderId: of that one only, what it became. */
enum venue_error bitget_build_trigger_history(const struct venue_account *account,
                                              const struct venue_call *call,
                                              struct http_request *out)
{
    struct bitget_state *state = account->state;
    struct bitget_cursor at;
    const char *kind;
    int64_t since_us = call->since_us;
    enum venue_error error;

    if (bitget_arg(call, "planOrderId").size > 0) {
        return build_sub_order(account, call, out);
    }
    error = bitget_begin(account, HTTP_GET, MIX "order/orders-plan-history", out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->arg_count > 0 || !bitget_cursor_parse(call->cursor, &at) ||
        (kind = bitget_plan_stage(at.stage)) == NULL) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (since_us > 0 && since_us < call->wall_us - BITGET_HISTORY_US) {
        since_us = call->wall_us - BITGET_HISTORY_US; /* all that one question may span */
    }
    bitget_query_int(state, "endTime", (call->before_us + US_PER_MS - 1) / US_PER_MS);
    bitget_query(state, "idLessThan", at.id);
    bitget_query_int(state, "limit", page_size(call));
    bitget_query(state, "planType", bytes_of(kind));
    bitget_query(state, "productType", state->product);
    bitget_query_int(state, "startTime", since_us / US_PER_MS);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

/* ---- positions and settings ---------------------------------------------------------------- */

enum venue_error bitget_build_positions(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    bool one = call->symbol.size > 0;
    enum venue_error error = bitget_begin(
        account, HTTP_GET, one ? MIX "position/single-position" : MIX "position/all-position", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_query(state, "marginCoin", state->coin);
    bitget_query(state, "productType", state->product);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

enum venue_error bitget_build_get_leverage(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    enum venue_error error = bitget_begin(account, HTTP_GET, MIX "account/account", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_query(state, "marginCoin", state->coin);
    bitget_query(state, "productType", state->product);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish(account, call, out);
}

/* One setting a call, by the venue's own names: marginMode, posMode, or leverage with its sides. */
static const struct setting {
    const char *names[5], *path;
    bool of_symbol;
} settings[] = {
    { { "marginMode" }, MIX "account/set-margin-mode", true },
    { { "posMode" }, MIX "account/set-position-mode", false },
    { { "leverage", "holdSide", "longLeverage", "shortLeverage" },
      MIX "account/set-leverage",
      true },
};

static const struct setting *setting_of(const struct venue_call *call)
{
    for (size_t i = 0; call->arg_count > 0 && i < ARRAY_LEN(settings); i++) {
        if (bitget_args_known(call, settings[i].names)) {
            return &settings[i];
        }
    }
    return NULL;
}

enum venue_error bitget_build_set_leverage(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    const struct setting *setting = setting_of(call);
    struct bitget_state *state = account->state;
    enum venue_error error =
        bitget_begin(account, HTTP_POST, setting == NULL ? "" : setting->path, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (setting == NULL || setting->of_symbol != (call->symbol.size > 0)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    bitget_put(&out->body, "symbol", call->symbol);
    bitget_put(&out->body, "productType", state->product);
    bitget_put(&out->body, "marginCoin", setting->of_symbol ? state->coin : BYTES(""));
    for (size_t i = 0; setting->names[i] != NULL; i++) {
        bitget_put(&out->body, setting->names[i], bitget_arg(call, setting->names[i]));
    }
    return bitget_finish(account, call, out);
}

/* ---- public -------------------------------------------------------------------------------- */

enum venue_error bitget_build_instruments(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    struct bitget_state *state = account->state;
    enum venue_error error = bitget_begin(account, HTTP_GET, MIX "market/contracts", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    bitget_query(state, "productType", state->product);
    bitget_query(state, "symbol", call->symbol);
    return bitget_finish_public(account, out);
}

enum venue_error bitget_build_time(const struct venue_account *account,
                                   const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = bitget_begin(account, HTTP_GET, "/api/v2/public/time", out);

    (void)call;
    return error == VENUE_BUILD_OK ? bitget_finish_public(account, out) : error;
}
