/*
 * B2PRIME: requests about open positions: stop loss and take profit calculated or set, closing one
 * or many.
 */
#include "b2prime.h"

/* ---- triggers of a position ---------------------------------------------------------------- */

enum {
    POS_ID,
    POS_TP_PRICE,
    POS_SL_PRICE,
    POS_TP_TYPE,
    POS_TP_SIZE,
    POS_SL_TYPE,
    POS_SL_SIZE,
    POS_SL_TRAILING,
    POS_ARGS
};

static const char *const position_args[POS_ARGS] = {
    [POS_ID] = "positionId",
    [POS_TP_PRICE] = "takeProfit.price",
    [POS_SL_PRICE] = "stopLoss.price",
    [POS_TP_TYPE] = "takeProfit.triggerType",
    [POS_TP_SIZE] = "takeProfit.triggerSize",
    [POS_SL_TYPE] = "stopLoss.triggerType",
    [POS_SL_SIZE] = "stopLoss.triggerSize",
    [POS_SL_TRAILING] = "stopLoss.isTrailing",
};

static enum venue_error put_price(const struct venue_account *account, const char *name,
                                  struct bytes price, struct bytes trailing,
                                  struct http_request *out)
{
    struct decimal number;

    if (price.size == 0 || !decimal_parse(price, &number) || decimal_sign(number) <= 0 ||
        !(trailing.size == 0 || bytes_is(trailing, "true") || bytes_is(trailing, "false"))) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    b2prime_name(out, name);
    buf_char(&out->body, '{');
    b2prime_amount(account, out, "price", number);
    if (bytes_is(bytes_of(name), "stopLoss")) {
        b2prime_name(out, "isTrailing");
        buf_text(&out->body, bytes_is(trailing, "true") ? "true" : "false");
    }
    buf_char(&out->body, '}');
    return VENUE_BUILD_OK;
}

/* PUT replaces both triggers as far as is known, so what is not given is taken away: both are
 * wanted. */
static enum venue_error put_submit(const struct venue_account *account, const struct bytes *arg,
                                   struct http_request *out)
{
    const struct bytes none = { NULL, 0 };
    enum venue_error error =
        put_price(account, "stopLoss", arg[POS_SL_PRICE], arg[POS_SL_TRAILING], out);

    return error == VENUE_BUILD_OK ? put_price(account, "takeProfit", arg[POS_TP_PRICE], none, out)
                                   : error;
}

static enum venue_error put_calculate(const struct venue_account *account, const struct bytes *arg,
                                      struct http_request *out)
{
    const struct bytes none = { NULL, 0 };
    enum venue_error error = b2prime_put_trigger(account, "stopLoss", arg[POS_SL_TYPE],
                                                 arg[POS_SL_SIZE], arg[POS_SL_TRAILING], out);

    if (error == VENUE_BUILD_OK) {
        error = b2prime_put_trigger(account, "takeProfit", arg[POS_TP_TYPE], arg[POS_TP_SIZE], none,
                                    out);
    }
    return error;
}

/* With trigger types and sizes: the venue calculates (trigger-data); with prices: they are set. */
enum venue_error b2prime_build_triggers(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out)
{
    struct bytes arg[POS_ARGS];
    bool calculate, submit;
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, position_args, arg, POS_ARGS) || !b2prime_id_ok(arg[POS_ID]) ||
        !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    calculate = arg[POS_TP_TYPE].size > 0 || arg[POS_SL_TYPE].size > 0;
    submit = arg[POS_TP_PRICE].size > 0 || arg[POS_SL_PRICE].size > 0;
    if (calculate == submit) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    out->method = calculate ? HTTP_POST : HTTP_PUT;
    buf_text(&out->target, "/frontoffice/api/v4/positions/");
    buf_bytes(&out->target, arg[POS_ID]);
    buf_text(&out->target, calculate ? "/trigger-data" : "/triggers");
    buf_char(&out->body, '{');
    error = calculate ? put_calculate(account, arg, out) : put_submit(account, arg, out);
    if (error != VENUE_BUILD_OK) {
        return error;
    }
    buf_char(&out->body, '}');
    return b2prime_finish(account, B2PRIME_V4, true, out);
}

/* ---- closing ------------------------------------------------------------------------------- */

static bool is_mode(struct bytes mode)
{
    return bytes_is(mode, "AllPositions") || bytes_is(mode, "PositivePnl") ||
           bytes_is(mode, "NegativePnl");
}

/* One position (whole, or so many lots of it), or with `mode` many: those of the whole account. */
enum venue_error b2prime_build_close(const struct venue_account *account,
                                     const struct venue_call *call, struct http_request *out)
{
    static const char *const names[] = { "positionId", "closePositionLotAmount", "mode" };
    struct bytes arg[ARRAY_LEN(names)];
    struct decimal lots;
    enum venue_error error = b2prime_begin(account, HTTP_POST, out);

    if (error != VENUE_BUILD_OK) {
        return error;
    }
    if (!b2prime_args(call, names, arg, ARRAY_LEN(names)) || !b2prime_has_account(account)) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_text(&out->target, "/frontoffice/api/v4/positions/");
    if (arg[2].size > 0) {
        if (!is_mode(arg[2]) || arg[0].size > 0 || arg[1].size > 0) {
            return VENUE_BUILD_BAD_ARGUMENT;
        }
        buf_text(&out->target, "bulk-close");
        buf_char(&out->body, '{');
        b2prime_text(out, "mode", arg[2]);
        buf_char(&out->body, '}');
        return b2prime_finish(account, B2PRIME_V4, true, out);
    }
    if (!b2prime_id_ok(arg[0])) {
        return VENUE_BUILD_BAD_ARGUMENT;
    }
    buf_bytes(&out->target, arg[0]);
    buf_text(&out->target, "/close");
    if (arg[1].size > 0) {
        if (!decimal_parse(arg[1], &lots) || decimal_sign(lots) <= 0) {
            return VENUE_BUILD_BAD_ARGUMENT;
        }
        buf_char(&out->body, '{');
        b2prime_amount(account, out, "closePositionLotAmount", lots);
        buf_char(&out->body, '}');
    }
    return b2prime_finish(account, B2PRIME_V4, true, out);
}
