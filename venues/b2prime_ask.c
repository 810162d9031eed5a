/*
 * B2PRIME: questions: the token, accounts, markets, commission, open orders where the broker lists
 * them, executions, and the orders of closed positions.
 */
#include "b2prime.h"

#include "timestamp.h"

/* ---- the token, accounts, markets ---------------------------------------------------------- */

/* The one call without a token. */
enum venue_error b2prime_build_auth(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    (void)call;
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    buf_text(&out->target, "/frontoffice/api/v4/access-token");
    buf_char(&out->body, '{');
    b2prime_text(out, "token", account->secret);
    buf_char(&out->body, '}');
    http_request_header(out, "Content-Type", BYTES("application/json"));
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

/* The accounts of this login: how an operator learns the accountId, which is not sent here. */
enum venue_error b2prime_build_accounts(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    const struct b2prime_state *s = account->state;
    enum venue_error error = b2prime_begin(account, HTTP_GET, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->arg_count > 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    if (s->token.size == 0) {
        return VENUE_BUILD_FAILED;
    }
    buf_text(&out->target, "/frontoffice/api/v3/accounts");
    http_request_header(out, "Authorization", buf_view(&s->token));
    http_request_header(out, "Accept", BYTES("*/*"));
    return http_request_ok(out) ? VENUE_BUILD_OK : VENUE_BUILD_TOO_LARGE;
}

enum venue_error b2prime_build_instruments(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = b2prime_begin(account, HTTP_GET, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->arg_count > 0) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_text(&out->target, "/frontoffice/api/v5/markets");
    return b2prime_finish(account, B2PRIME_NO_TYPE, true, out);
}

enum venue_error b2prime_build_fees(const struct venue_account *account,
                                    const struct venue_call *call, struct http_request *out)
{
    static const char *const names[] = { "dynamicCommissionGroupId" };
    struct bytes group;
    enum venue_error error = b2prime_begin(account, HTTP_GET, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, names, &group, 1) || !b2prime_id_ok(group) ||
        !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_text(&out->target, "/frontoffice/api/v3/commission/");
    buf_bytes(&out->target, group);
    buf_text(&out->target, "/account-trading-volume");
    return b2prime_finish(account, B2PRIME_V4, true, out);
}

/* ---- orders -------------------------------------------------------------------------------- */

enum venue_error b2prime_build_open_orders(const struct venue_account *account,
                                           const struct venue_call *call, struct http_request *out)
{
    const struct bytes none = { NULL, 0 };
    struct bytes path = b2prime_option(account, "openOrdersPath", none);
    enum venue_error error = b2prime_begin(account, HTTP_GET, out);

    (void)call;
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (path.size == 0) {
        return VENUE_BUILD_UNSUPPORTED; /* a stream only */
    }
    if (!b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_bytes(&out->target, path);
    return b2prime_finish(account, B2PRIME_NO_TYPE, true, out);
}

static uint32_t page(const struct venue_call *call, uint32_t otherwise)
{
    return call->count > 0 && call->count < otherwise ? call->count : otherwise;
}

static enum venue_error executions_of_order(const struct venue_account *account,
                                            const struct venue_call *call, struct bytes order,
                                            struct http_request *out)
{
    if (!b2prime_id_ok(order) || !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_text(&out->target, "/frontoffice/api/v5/orders/");
    buf_bytes(&out->target, order);
    buf_text(&out->target, "/executions/list");
    buf_char(&out->body, '{');
    b2prime_number(out, "limit", page(call, B2PRIME_EXECUTIONS_MAX));
    if (call->cursor.size > 0) {
        b2prime_text(out, "lastExecutionId", call->cursor);
    }
    buf_char(&out->body, '}');
    return b2prime_finish(account, B2PRIME_V4, true, out);
}

/* The fills of one order; there is no question about an order itself. Of several ids the first is
 * asked. */
enum venue_error b2prime_build_status(const struct venue_account *account,
                                      const struct venue_call *call, struct http_request *out)
{
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (call->venue_id_count == 0) {
        return call->client_id_count > 0 ? VENUE_BUILD_UNSUPPORTED : VENUE_BUILD_BAD_ARGUMENT;
    }
    return executions_of_order(account, call, call->venue_id[0], out);
}

static void put_ids(struct http_request *out, const char *name, struct bytes list)
{
    b2prime_name(out, name);
    buf_char(&out->body, '[');
    while (list.size > 0) {
        const char *comma = memchr(list.data, ',', list.size);
        struct bytes id = { list.data, comma == NULL ? list.size : (size_t)(comma - list.data) };

        json_put_text(&out->body, id);
        list.data += id.size;
        list.size -= id.size;
        if (list.size > 0) {
            buf_char(&out->body, ',');
            list.data++;
            list.size--;
        }
    }
    buf_char(&out->body, ']');
}

/* By one of: orderId (a closing order), positionId (an open position), positionIds (several, by
 * commas). */
enum venue_error b2prime_build_executions(const struct venue_account *account,
                                          const struct venue_call *call, struct http_request *out)
{
    static const char *const names[] = { "orderId", "positionId", "positionIds" };
    struct bytes arg[ARRAY_LEN(names)];
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, names, arg, ARRAY_LEN(names)) || !b2prime_has_account(account) ||
        (arg[0].size > 0) + (arg[1].size > 0) + (arg[2].size > 0) != 1) {
        return call->arg_count == 0 ? VENUE_BUILD_UNSUPPORTED : VENUE_BUILD_BAD_ARGUMENT;
    }
    if (arg[0].size > 0) {
        return executions_of_order(account, call, arg[0], out);
    }
    buf_text(&out->target, "/frontoffice/api/v4/positions/");
    buf_char(&out->body, '{');
    if (arg[1].size > 0) {
        if (!b2prime_id_ok(arg[1])) {
            return VENUE_BUILD_BAD_ARGUMENT;
        }
        buf_bytes(&out->target, arg[1]);
        buf_char(&out->target, '/');
    } else {
        put_ids(out, "positionIds", arg[2]);
    }
    buf_text(&out->target, "executions/list");
    b2prime_number(out, "limit", page(call, B2PRIME_EXECUTIONS_MAX));
    buf_char(&out->body, '}');
    return b2prime_finish(account, B2PRIME_V4, true, out);
}

static void put_time(struct http_request *out, const char *name, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];

    if (wall_us > 0) {
        b2prime_text(out, name, (struct bytes){ text, timestamp_print_iso(wall_us, 3, text) });
    }
}

enum venue_error b2prime_build_order_history(const struct venue_account *account,
                                             const struct venue_call *call,
                                             struct http_request *out)
{
    static const char *const names[] = { "marketType" };
    struct bytes type;
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, names, &type, 1) || !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_text(&out->target, "/frontoffice/api/v4/orders/closed-positions");
    buf_char(&out->body, '{');
    put_time(out, "createdAtFrom", call->since_us);
    put_time(out, "createdAtTo", call->before_us);
    if (call->symbol.size > 0) {
        b2prime_text(out, "marketId", call->symbol);
    }
    if (type.size > 0) {
        b2prime_text(out, "marketType", type);
    }
    b2prime_number(out, "limit", page(call, B2PRIME_HISTORY_PAGE));
    if (call->cursor.size > 0) {
        b2prime_text(out, "lastOrderId", call->cursor);
    }
    buf_char(&out->body, '}');
    return b2prime_finish(account, B2PRIME_V4, true, out);
}
