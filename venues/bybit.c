/*
 * Bybit V5: accounts and their options, what calls cost, and the venue's table.
 */
#include "bybit.h"
#include "venue_setting.h"

#include <stdlib.h>

/* ---- accounts ------------------------------------------------------------------------------ */

static void state_free(struct bybit_state *s)
{
    if (s == NULL) {
        return;
    }
    sign_hmac_free(s->hmac);
    buf_fini(&s->sign);
    buf_fini(&s->params);
    free(s);
}

static bool option_category(struct bybit_state *s, struct bytes value)
{
    s->category = bytes_is(value, "linear") ? "linear" : "inverse";
    return bytes_is(value, s->category);
}

static bool option_settle_coin(struct bybit_state *s, struct bytes value)
{
    s->settle_coin = bytes_is(value, "USDC") ? "USDC" : "USDT";
    return bytes_is(value, s->settle_coin);
}

static bool option_position_mode(struct bybit_state *s, struct bytes value)
{
    s->hedge = bytes_is(value, "hedge");
    return s->hedge || bytes_is(value, "one-way");
}

static bool option_recv_window(struct bybit_state *s, struct bytes value)
{
    struct decimal ms;

    if (!decimal_parse(value, &ms) || ms.scale != 0 || ms.mantissa < 1 ||
        ms.mantissa > BYBIT_RECV_WINDOW_MAX_MS) {
        return false;
    }
    s->recv_window_ms = (uint32_t)ms.mantissa;
    return true;
}

static const struct {
    const char *name;
    bool (*set)(struct bybit_state *s, struct bytes value);
    const char *error;
} options[] = {
    { "category", option_category, "option category: inverse or linear" },
    { "settleCoin", option_settle_coin, "option settleCoin: USDT or USDC" },
    { "positionMode", option_position_mode, "option positionMode: one-way or hedge" },
    { "recvWindow", option_recv_window, "option recvWindow: 1 to 60000 milliseconds" },
};

/* NULL: all options are understood. */
static const char *options_read(struct bybit_state *s, const struct venue_account *a)
{
    bool linear;

    for (size_t i = 0; i < a->option_count; i++) {
        size_t k = 0;

        while (k < ARRAY_LEN(options) && !bytes_is(a->option[i].name, options[k].name)) {
            k++;
        }
        if (k == ARRAY_LEN(options)) {
            return "an option that Bybit does not have";
        }
        if (!options[k].set(s, a->option[i].value)) {
            return options[k].error;
        }
    }
    linear = strcmp(s->category, "linear") == 0;
    if (!linear && (s->hedge || s->settle_coin != NULL)) {
        return "options positionMode=hedge and settleCoin are for category linear";
    }
    if (linear && s->settle_coin == NULL) {
        s->settle_coin = "USDT";
    }
    return NULL;
}

/* The secret is used as the text it is. */
static bool account_open(struct venue_account *a, const char **error)
{
    struct bybit_state *s;

    a->state = NULL;
    if (a->key.size == 0 || a->secret.size == 0) {
        *error = "key and secret are required";
        return false;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        *error = "out of memory";
        return false;
    }
    buf_init(&s->params, HTTP_PATH_MAX);
    buf_init(&s->sign, 256);
    s->category = "inverse";
    s->recv_window_ms = BYBIT_RECV_WINDOW_MS;
    s->hmac = sign_hmac_new(SIGN_SHA256, a->secret);
    *error =
        s->hmac == NULL ? "out of memory or no HMAC in the crypto library" : options_read(s, a);
    if (*error != NULL) {
        state_free(s);
        return false;
    }
    a->state = s;
    return true;
}

static void account_close(struct venue_account *a)
{
    state_free(a->state);
    a->state = NULL;
}

static bool account_hedge(const struct venue_account *a)
{
    return ((const struct bybit_state *)a->state)->hedge;
}

/* ---- costs --------------------------------------------------------------------------------- */

/* A batch counts each order it contains. */
static uint32_t batch_cost(const struct venue_call *call, size_t window)
{
    static const size_t windows[] = { [VENUE_DO_PLACE] = BYBIT_WINDOW_PLACE,
                                      [VENUE_DO_REPLACE] = BYBIT_WINDOW_AMEND,
                                      [VENUE_DO_CANCEL] = BYBIT_WINDOW_CANCEL };
    bool known = call->instruction != NULL && call->instruction_count > 0;
    size_t kind = known ? (size_t)call->instruction[0].kind : VENUE_DO_PLACE;

    if (window == BYBIT_WINDOW_IP) {
        return 1;
    }
    return kind < ARRAY_LEN(windows) && windows[kind] == window ? (uint32_t)call->instruction_count
                                                                : 0;
}

static bool header_number(const struct http_response *rsp, const char *name, int64_t *out)
{
    struct bytes text;
    struct decimal number;

    if (!http_response_header(rsp, name, &text) || !decimal_parse(text, &number) ||
        number.scale != 0 || number.mantissa < 0) {
        return false;
    }
    *out = number.mantissa;
    return true;
}

/* The headers speak of the endpoint called, so only its own window learns from them: no more is
 * left of it than the venue says. A budget above ours (a VIP's) is not used; `used` is then 0. */
bool bybit_call_used(const struct venue_call *call, const struct http_response *rsp, size_t window,
                     uint32_t *used)
{
    int64_t limit;
    int64_t left;

    if (window >= BYBIT_WINDOW_IP || call->op == VENUE_BATCH ||
        venue_call_cost(&venue_bybit, call, window) == 0 ||
        !header_number(rsp, "X-Bapi-Limit", &limit) ||
        !header_number(rsp, "X-Bapi-Limit-Status", &left)) {
        return false;
    }
    /* An endpoint of a smaller budget than its window's (dead man's switch) says nothing about the
     * others. */
    if (limit < venue_bybit.window[window].capacity) {
        return false;
    }
    *used = left >= venue_bybit.window[window].capacity
                ? 0
                : (uint32_t)(venue_bybit.window[window].capacity - left);
    return true;
}

/* One kind of instruction; amend-batch does not take conditional orders. */
static bool batch_fits(const struct venue_instruction *first, const struct venue_instruction *next,
                       size_t count)
{
    return count < BYBIT_BATCH_MAX && next->kind == first->kind &&
           (next->kind != VENUE_DO_REPLACE || next->order.type == VENUE_LIMIT);
}

/* ---- the venue ----------------------------------------------------------------------------- */

#define CALL(build, parse) bybit_build_##build, bybit_parse_##parse

/* Costs: place, amend, cancel, other settings, reads, IP. Endpoints of 5/s count twice in a window
 * of 10. */
#define ON_PLACE                                                                                   \
    {                                                                                              \
        1, 0, 0, 0, 0, 1                                                                           \
    }
#define ON_AMEND                                                                                   \
    {                                                                                              \
        0, 1, 0, 0, 0, 1                                                                           \
    }
#define ON_CANCEL                                                                                  \
    {                                                                                              \
        0, 0, 1, 0, 0, 1                                                                           \
    }
#define ON_OTHER                                                                                   \
    {                                                                                              \
        0, 0, 0, 1, 0, 1                                                                           \
    }
#define ON_RARE                                                                                    \
    {                                                                                              \
        0, 0, 0, 2, 0, 1                                                                           \
    }
#define ON_READ                                                                                    \
    {                                                                                              \
        0, 0, 0, 0, 1, 1                                                                           \
    }
#define ON_MARKET                                                                                  \
    {                                                                                              \
        0, 0, 0, 0, 0, 1                                                                           \
    }

static const struct venue_setting_way settings[VENUE_SETTING_COUNT] = {
    [VENUE_SETTING_LEVERAGE] = { .ask = VENUE_GET_LEVERAGE,
                                 .set = VENUE_SET_LEVERAGE,
                                 .set_arg = "leverage",
                                 .ask_symbol = true,
                                 .set_symbol = true,
                                 .by_symbol = true,
                                 .member = "" },
    [VENUE_SETTING_MARGIN_MODE] = { .ask = VENUE_CHECK_ORDER,
                                    .ask_arg = { { "what", 4 }, { "account", 7 } },
                                    .member = "marginMode",
                                    .word = { { "isolated", "ISOLATED_MARGIN", NULL },
                                              { "cross", "REGULAR_MARGIN", NULL } } },
    /* The group orders of other accounts are kept from trading with; the venue administers it. */
    [VENUE_SETTING_SELF_TRADE] = { .ask = VENUE_GET_STP },
    /* By default the venue moves a limit price beyond its band to the nearest allowed one: what
     * rests would not be what Price(44) said. */
    [VENUE_SETTING_PRICE_LIMIT] = { .ask = VENUE_CHECK_ORDER,
                                    .set = VENUE_SET_LEVERAGE,
                                    .ask_arg = { { "what", 4 }, { "price-action", 12 } },
                                    .set_arg = "modifyEnable",
                                    .member = "lpaPerp",
                                    .word = { { "refuse", "true", "false" },
                                              { "adjust", "false", "true" } },
                                    .standard = "refuse",
                                    .strict = true },
};

/* No VENUE_SET_STP: the venue sets self-trade prevention per order; groups are its own affair. The
 * answers to place, amend and cancel say "accepted", nothing more: VENUE_ACK_IS_RESULT is absent.
 */
const struct venue_driver venue_bybit = {
    .name = "bybit",
    .code = "BYBT",
    .features = VENUE_HAS_MARGIN |
                VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_POST_ONLY | VENUE_HAS_REDUCE_ONLY |
                VENUE_HAS_STOP | VENUE_HAS_TAKE | VENUE_HAS_MARKET | VENUE_HAS_CLIENT_ID |
                VENUE_HAS_PROCESS_BEFORE | VENUE_HAS_TRIGGER_SOURCE | VENUE_HAS_POSITION_SIDE |
                VENUE_HAS_ATTACHED_TPSL | VENUE_HAS_STP | VENUE_BULK_BY_SYMBOL,
    .client_id_max = BYBIT_CLIENT_ID_MAX,
    .window = {
        [BYBIT_WINDOW_PLACE]  = { "place", 10, 1000 },
        [BYBIT_WINDOW_AMEND]  = { "amend", 10, 1000 },
        [BYBIT_WINDOW_CANCEL] = { "cancel", 10, 1000 },
        [BYBIT_WINDOW_OTHER]  = { "settings", 10, 1000 },
        [BYBIT_WINDOW_READ]   = { "read", 50, 1000 },
        [BYBIT_WINDOW_IP]     = { "ip", 600, 5000 },
    },
    .endpoint = {
        [VENUE_PLACE]             = { CALL(place, order), ON_PLACE, NULL },
        [VENUE_CANCEL]            = { CALL(cancel, order), ON_CANCEL, NULL },
        [VENUE_REPLACE]           = { CALL(replace, order), ON_AMEND, NULL },
        [VENUE_CANCEL_ALL]        = { CALL(cancel_all, cancel_all), ON_OTHER, NULL },
        [VENUE_BATCH]             = { CALL(batch, batch), { 0 }, batch_cost },
        [VENUE_STATUS]            = { CALL(status, status), ON_READ, NULL },
        [VENUE_OPEN_ORDERS]       = { CALL(open_orders, orders), ON_READ, NULL },
        [VENUE_ORDER_HISTORY]     = { CALL(order_history, orders), ON_READ, NULL },
        [VENUE_TRIGGER_HISTORY]   = { CALL(trigger_history, orders), ON_READ, NULL },
        [VENUE_FILLS]             = { CALL(fills, fills), ON_READ, NULL },
        [VENUE_EXECUTIONS]        = { CALL(fills, fills), ON_READ, NULL },
        [VENUE_DEADMAN]           = { CALL(deadman, deadman), ON_RARE, NULL },
        [VENUE_POSITIONS]         = { CALL(positions, positions), ON_READ, NULL },
        [VENUE_CLOSE_POSITION]    = { CALL(close_position, order), ON_PLACE, NULL },
        [VENUE_POSITION_TRIGGERS] = { CALL(position_triggers, setting), ON_OTHER, NULL },
        [VENUE_GET_LEVERAGE]      = { CALL(get_leverage, get_leverage), ON_RARE, NULL },
        [VENUE_SET_LEVERAGE]      = { CALL(set_leverage, setting), ON_OTHER, NULL },
        [VENUE_GET_STP]           = { CALL(get_stp, get_stp), ON_RARE, NULL },
        [VENUE_INSTRUMENTS]       = { CALL(instruments, instruments), ON_MARKET, NULL },
        [VENUE_CHECK_ORDER]       = { CALL(check_order, check_order), ON_RARE, NULL },
        [VENUE_FEES]              = { CALL(fees, fees), ON_RARE, NULL },
        [VENUE_TIME]              = { CALL(time, time), ON_MARKET, NULL },
    },
    /* Open and recently closed orders by id; open orders; closed ones, which may lag; fills by
     * themselves. */
    .lookup = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_ORDER_HISTORY, VENUE_EXECUTIONS,
                VENUE_OP_COUNT },
    .status_ids_max = 1,
    .lookup_settle_us = BYBIT_LOOKUP_SETTLE_US,
    .process_before_us = BYBIT_PROCESS_BEFORE_US,
    .batch_fits = batch_fits,
    .account_open = account_open,
    .account_close = account_close,
    .setting = settings,
    .hedge = account_hedge,
    .used = NULL,       /* the headers name no endpoint */
    .call_used = bybit_call_used,
};
