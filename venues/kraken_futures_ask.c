/*
 * Kraken Futures: requests that ask (orders, fills, histories, positions, instruments) and those
 * that read or change account settings. Signing and acting requests are in kraken_futures_build.c.
 */
#include "kraken_futures.h"

#include "timestamp.h"

/* ---- questions ----------------------------------------------------------------------------- */

/* A signed GET without parameters. */
static enum venue_error build_plain(const struct venue_account *account,
                                    const struct venue_call *call, const char *path,
                                    struct http_request *out)
{
    enum venue_error error = kraken_begin(account, HTTP_GET, path, out);

    return error == VENUE_BUILD_OK ? kraken_finish(account, call, out) : error;
}

enum venue_error kraken_build_open_orders(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    return build_plain(account, call, KRAKEN_DERIVATIVES "openorders", out);
}

enum venue_error kraken_build_positions(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    return build_plain(account, call, KRAKEN_DERIVATIVES "openpositions", out);
}

enum venue_error kraken_build_get_stp(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    return build_plain(account, call, KRAKEN_DERIVATIVES "self-trade-strategy", out);
}

enum venue_error kraken_build_status(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    enum venue_error error =
        kraken_begin(account, HTTP_POST, KRAKEN_DERIVATIVES "orders/status", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->client_id_count + call->venue_id_count == 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (call->client_id_count > VENUE_IDS_MAX || call->venue_id_count > VENUE_IDS_MAX) {
        return VENUE_BUILD_TOO_LARGE;
    }
    for (size_t i = 0; i < call->venue_id_count; i++) {
        http_param(&out->body, "orderIds", call->venue_id[i]);
    }
    for (size_t i = 0; i < call->client_id_count; i++) {
        http_param(&out->body, "cliOrdIds", call->client_id[i]);
    }
    return kraken_finish(account, call, out);
}

/* The venue has no "since" here: `since_us` is not sent, and the reply says whether older were cut
 * off. */
enum venue_error kraken_build_fills(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    struct kraken_state *state = account->state;
    enum venue_error error = kraken_begin(account, HTTP_GET, KRAKEN_DERIVATIVES "fills", out);
    char text[TIMESTAMP_TEXT_MAX];

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->before_us != 0) {
        http_param(&state->params, "lastFillTime",
                   (struct bytes){ text, timestamp_print_iso(call->before_us, 3, text) });
    }
    return kraken_finish(account, call, out);
}

/* The times and order every history takes. Milliseconds: since is rounded down, before up. */
static void put_history_span(struct buf *query, const struct venue_call *call)
{
    if (call->since_us > 0) {
        http_param_uint(query, "since", (uint64_t)(call->since_us / US_PER_MS));
    }
    if (call->before_us > 0) {
        http_param_uint(query, "before", (uint64_t)((call->before_us + US_PER_MS - 1) / US_PER_MS));
    }
    /* Forward, and the same for every page of a listing: the token is only good for its direction.
     */
    http_param_text(query, "sort", "asc");
}

static enum venue_error build_history(const struct venue_account *account,
                                      const struct venue_call *call, const char *path,
                                      struct http_request *out)
{
    static const char *const allowed[] = { "opened", "closed", NULL };
    struct kraken_state *state = account->state;
    enum venue_error error = kraken_begin(account, HTTP_GET, path, out);
    uint32_t count = call->count == 0 ? KRAKEN_HISTORY_PAGE_MAX : call->count;

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!kraken_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    put_history_span(&state->params, call);
    if (call->cursor.size > 0) {
        http_param(&state->params, "continuation_token", call->cursor);
    }
    http_param_uint(&state->params, "count",
                    count > KRAKEN_HISTORY_PAGE_MAX ? KRAKEN_HISTORY_PAGE_MAX : count);
    if (call->symbol.size > 0) {
        http_param(&state->params, "tradeable", call->symbol);
    }
    for (size_t i = 0; allowed[i] != NULL; i++) {
        if (kraken_arg(call, allowed[i]) != NULL) {
            http_param(&state->params, allowed[i], *kraken_arg(call, allowed[i]));
        }
    }
    return kraken_finish(account, call, out);
}

enum venue_error kraken_build_executions(const struct venue_account *account,
                                         const struct venue_call *call, struct http_request *out)
{
    if (call->arg_count > 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    return build_history(account, call, KRAKEN_HISTORY "executions", out);
}

enum venue_error kraken_build_order_history(const struct venue_account *account,
                                            const struct venue_call *call, struct http_request *out)
{
    return build_history(account, call, KRAKEN_HISTORY "orders", out);
}

enum venue_error kraken_build_trigger_history(const struct venue_account *account,
                                              const struct venue_call *call,
                                              struct http_request *out)
{
    return build_history(account, call, KRAKEN_HISTORY "triggers", out);
}

enum venue_error kraken_build_account_log(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "from", "to", "info", NULL };
    struct kraken_state *state = account->state;
    enum venue_error error = kraken_begin(account, HTTP_GET, KRAKEN_HISTORY "account-log", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!kraken_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    put_history_span(&state->params, call);
    if (call->count > 0) {
        http_param_uint(&state->params, "count", call->count);
    }
    for (size_t i = 0; i < call->arg_count; i++) {
        if (bytes_is(call->arg[i].name, "info")) { /* a list: may be given several times */
            http_param(&state->params, "info", call->arg[i].value);
        } else {
            http_param(&state->params, bytes_is(call->arg[i].name, "to") ? "to" : "from",
                       call->arg[i].value);
        }
    }
    return kraken_finish(account, call, out);
}

/* ---- settings and instruments -------------------------------------------------------------- */

enum venue_error kraken_build_get_leverage(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    struct kraken_state *state = account->state;
    enum venue_error error =
        kraken_begin(account, HTTP_GET, KRAKEN_DERIVATIVES "leveragepreferences", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size > 0) {
        http_param(&state->params, "symbol", call->symbol);
    }
    return kraken_finish(account, call, out);
}

/* With maxLeverage the contract becomes isolated at that leverage, without it cross. */
enum venue_error kraken_build_set_leverage(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "maxLeverage", NULL };
    const struct bytes *leverage = kraken_arg(call, allowed[0]);
    struct decimal value = DECIMAL_ZERO;
    enum venue_error error =
        kraken_begin(account, HTTP_PUT, KRAKEN_DERIVATIVES "leveragepreferences", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->symbol.size == 0 || !kraken_args_known(call, allowed) ||
        (leverage != NULL && (!decimal_parse(*leverage, &value) || decimal_sign(value) <= 0))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    http_param(&out->body, "symbol", call->symbol);
    if (leverage != NULL) {
        http_param_decimal(&out->body, "maxLeverage", value);
    }
    return kraken_finish(account, call, out);
}

enum venue_error kraken_build_set_stp(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    static const char *const allowed[] = { "strategy", NULL };
    static const char *const strategies[] = { "REJECT_TAKER", "CANCEL_MAKER_SELF",
                                              "CANCEL_MAKER_CHILD", "CANCEL_MAKER_ANY" };
    const struct bytes *strategy = kraken_arg(call, allowed[0]);
    enum venue_error error =
        kraken_begin(account, HTTP_PUT, KRAKEN_DERIVATIVES "self-trade-strategy", out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (strategy == NULL || !kraken_args_known(call, allowed)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    for (size_t i = 0; i < ARRAY_LEN(strategies); i++) {
        if (bytes_is(*strategy, strategies[i])) {
            http_param(&out->body, "strategy", *strategy);
            return kraken_finish(account, call, out);
        }
    }
    return VENUE_BUILD_BAD_ARGUMENT;
}

/* Public: no key, no signature, and no account state needed. */
enum venue_error kraken_build_instruments(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    (void)account;
    (void)call;
    http_request_clear(out);
    buf_text(&out->target, KRAKEN_DERIVATIVES "instruments");
    http_request_header(out, "Accept", BYTES("application/json"));
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}
