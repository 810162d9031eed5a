/*
 * Bitget mix: accounts and their options, what calls cost, and the tables of both dialects.
 */
#include "bitget.h"
#include "venue_setting.h"

#include <stdlib.h>

/* ---- accounts ------------------------------------------------------------------------------ */

static void state_free(struct bitget_state *s)
{
    if (s == NULL) {
        return;
    }
    sign_hmac_free(s->hmac);
    buf_fini(&s->params);
    buf_fini(&s->sign);
    free(s);
}

static struct bytes option(const struct venue_account *a, const char *name)
{
    for (size_t i = 0; i < a->option_count; i++) {
        if (bytes_is(a->option[i].name, name)) {
            return a->option[i].value;
        }
    }
    return (struct bytes){ NULL, 0 };
}

static bool one_of(struct bytes value, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (bytes_is(value, *words)) {
            return true;
        }
    }
    return false;
}

static const struct option_rule {
    const char *name;
    const char *values[4]; /* none: any */
    unsigned dialects;
    const char *error;
} option_rules[] = {
    { "productType",
      { "USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES" },
      BITGET_V1 | BITGET_V2,
      "option.productType is USDT-FUTURES, USDC-FUTURES or COIN-FUTURES" },
    { "marginCoin", { NULL }, BITGET_V2, "option.marginCoin is empty" },
    { "marginMode",
      { "isolated", "crossed", "cross" },
      BITGET_V1 | BITGET_V2,
      "option.marginMode is isolated or crossed" },
    { "positionMode",
      { "one_way_mode", "hedge_mode" },
      BITGET_V2,
      "option.positionMode is one_way_mode or hedge_mode" },
    { "leverage", { NULL }, BITGET_V1, "option.leverage is empty" },
    { "modify", { "yes", "no" }, BITGET_V2, "option.modify is yes or no" },
    { "demo", { "yes", "no" }, BITGET_V1 | BITGET_V2, "option.demo is yes or no" },
};

static bool options_ok(const struct venue_account *a, enum bitget_dialect dialect,
                       const char **error)
{
    for (size_t i = 0; i < a->option_count; i++) {
        const struct option_rule *rule = NULL;

        for (size_t k = 0; k < ARRAY_LEN(option_rules); k++) {
            if ((option_rules[k].dialects & dialect) != 0 &&
                bytes_is(a->option[i].name, option_rules[k].name)) {
                rule = &option_rules[k];
            }
        }
        if (rule == NULL) {
            *error = "unknown option: productType, marginCoin, marginMode, positionMode, leverage, "
                     "modify "
                     "and demo are known, not all of them in both dialects";
            return false;
        }
        if (a->option[i].value.size == 0 ||
            (rule->values[0] != NULL && !one_of(a->option[i].value, rule->values))) {
            *error = rule->error;
            return false;
        }
    }
    return true;
}

/* The collateral of a product; a coin-margined account has to say which coin. */
static bool choose_coin(const struct venue_account *a, struct bitget_state *s,
                        enum bitget_dialect dialect, const char **error)
{
    s->product = option(a, "productType");
    if (s->product.size == 0) {
        s->product = BYTES("USDT-FUTURES");
    }
    s->coin = option(a, "marginCoin");
    if (s->coin.size == 0) {
        s->coin = bytes_is(s->product, "USDC-FUTURES") ? BYTES("USDC") : BYTES("USDT");
        if (bytes_is(s->product, "COIN-FUTURES") && dialect == BITGET_V2) {
            *error = "option.marginCoin is required with COIN-FUTURES";
            return false;
        }
    }
    return true;
}

static bool choose_leverage(const struct venue_account *a, struct bitget_state *s,
                            const char **error)
{
    struct decimal number;

    s->leverage = option(a, "leverage");
    if (s->leverage.size > 0 &&
        (!decimal_parse(s->leverage, &number) || decimal_sign(number) <= 0)) {
        *error = "option.leverage is not a number";
        return false;
    }
    return true;
}

static bool open_account(struct venue_account *a, enum bitget_dialect dialect, const char **error)
{
    struct bitget_state *s;

    a->state = NULL;
    if (a->key.size == 0 || a->secret.size == 0 || a->passphrase.size == 0) {
        *error = "key, secret and passphrase are required";
        return false;
    }
    if (!options_ok(a, dialect, error)) {
        return false;
    }
    *error = "out of memory or no HMAC in the crypto library";
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        return false;
    }
    buf_init(&s->params, HTTP_PATH_MAX);
    buf_init(&s->sign, 256);
    s->isolated = bytes_is(option(a, "marginMode"), "isolated");
    s->hedge = bytes_is(option(a, "positionMode"), "hedge_mode");
    s->modify = bytes_is(option(a, "modify"), "yes");
    s->demo = bytes_is(option(a, "demo"), "yes");
    s->hmac = sign_hmac_new(SIGN_SHA256, a->secret);
    if (s->hmac == NULL || !choose_coin(a, s, dialect, error) || !choose_leverage(a, s, error)) {
        state_free(s);
        return false;
    }
    *error = NULL;
    a->state = s;
    return true;
}

static bool account_open(struct venue_account *a, const char **error)
{
    return open_account(a, BITGET_V2, error);
}

static bool account_open_v1(struct venue_account *a, const char **error)
{
    return open_account(a, BITGET_V1, error);
}

static void account_close(struct venue_account *a)
{
    state_free(a->state);
    a->state = NULL;
}

/* ---- costs --------------------------------------------------------------------------------- */

/* The venue counts every endpoint by itself; endpoints that share a window here are asked less
 * often than they may be. All windows together stay below the 6000 a minute that an address may
 * ask. */
enum { WINDOW_PLACE, WINDOW_CANCEL, WINDOW_OPEN, WINDOW_HISTORY, WINDOW_ACCOUNT, WINDOW_SLOW };

#define WINDOWS                                                                                    \
    {                                                                                              \
        [WINDOW_PLACE] = { "place", 10, 1000 }, [WINDOW_CANCEL] = { "cancel", 10, 1000 },          \
        [WINDOW_OPEN] = { "open-orders", 10, 1000 }, [WINDOW_HISTORY] = { "history", 10, 1000 },   \
        [WINDOW_ACCOUNT] = { "account", 5, 1000 }, [WINDOW_SLOW] = { "slow", 1, 1000 },            \
    }

#define PLACE_COST                                                                                 \
    {                                                                                              \
        [WINDOW_PLACE] = 1                                                                         \
    }
#define CANCEL_COST                                                                                \
    {                                                                                              \
        [WINDOW_CANCEL] = 1                                                                        \
    }
#define OPEN_COST                                                                                  \
    {                                                                                              \
        [WINDOW_OPEN] = 1                                                                          \
    }
#define HISTORY_COST                                                                               \
    {                                                                                              \
        [WINDOW_HISTORY] = 1                                                                       \
    }
#define ACCOUNT_COST                                                                               \
    {                                                                                              \
        [WINDOW_ACCOUNT] = 1                                                                       \
    }
#define SLOW_COST                                                                                  \
    {                                                                                              \
        [WINDOW_SLOW] = 1                                                                          \
    }

/* Batches of cancels have the budget of single ones, batches of placements their own. */
static uint32_t batch_cost(const struct venue_call *call, size_t window)
{
    bool cancels = call->instruction != NULL && call->instruction_count > 0 &&
                   call->instruction[0].kind == VENUE_DO_CANCEL;

    return window == (cancels ? WINDOW_CANCEL : WINDOW_SLOW) ? 1 : 0;
}

/* One kind, one symbol, no triggers. */
static bool batch_fits(const struct venue_instruction *first, const struct venue_instruction *next,
                       size_t count)
{
    size_t max = next->kind == VENUE_DO_PLACE ? BITGET_PLACE_BATCH_MAX : BITGET_CANCEL_BATCH_MAX;

    return count < max && next->kind == first->kind && next->kind != VENUE_DO_REPLACE &&
           !bitget_is_trigger(next->order.type) &&
           bytes_equal(next->order.symbol, first->order.symbol);
}

/* ---- the venue ----------------------------------------------------------------------------- */

#define CALL(name) bitget_build_##name, bitget_parse_##name
static bool account_hedge(const struct venue_account *a)
{
    return ((const struct bitget_state *)a->state)->hedge;
}

#define CALL_V1(name) bitget_v1_build_##name, bitget_v1_parse_##name

/* What the seed describes and nothing else; it has no list of contracts, so that one is the
 * public list of the other dialect. Lists need a symbol. Its rate limits are not given: those of
 * v2. */
const struct venue_driver venue_bitget_v1 = {
    .name = "bitget-mix-v1",
    .code = "BTGM",
    .features = VENUE_HAS_MARGIN |
                VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_POST_ONLY | VENUE_HAS_REDUCE_ONLY |
                VENUE_HAS_MARKET | VENUE_BULK_BY_SYMBOL | VENUE_LISTS_BY_SYMBOL,
    .window = WINDOWS,
    .endpoint = {
        [VENUE_PLACE]          = { CALL_V1(place), PLACE_COST, NULL },
        [VENUE_CANCEL]         = { CALL_V1(cancel), CANCEL_COST, NULL },
        [VENUE_CANCEL_ALL]     = { CALL_V1(cancel_all), SLOW_COST, NULL },
        [VENUE_BATCH]          = { CALL_V1(batch), SLOW_COST, NULL },
        [VENUE_STATUS]         = { CALL_V1(status), HISTORY_COST, NULL },
        [VENUE_OPEN_ORDERS]    = { CALL_V1(open_orders), OPEN_COST, NULL },
        [VENUE_ORDER_HISTORY]  = { CALL_V1(order_history), HISTORY_COST, NULL },
        [VENUE_FILLS]          = { CALL_V1(fills), HISTORY_COST, NULL },
        [VENUE_EXECUTIONS]     = { CALL_V1(executions), HISTORY_COST, NULL },
        [VENUE_CLOSE_POSITION] = { CALL_V1(close), SLOW_COST, NULL },
        [VENUE_SET_LEVERAGE]   = { CALL_V1(set_leverage), ACCOUNT_COST, NULL },
        [VENUE_INSTRUMENTS]    = { CALL(instruments), { 0 }, NULL },
    },
    .status_ids_max = 1,
    /* STATUS wants the venue's id; an order without one is looked for in the lists. */
    .lookup = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_ORDER_HISTORY, VENUE_OP_COUNT },
    .lookup_settle_us = BITGET_V1_SETTLE_US,
    .account_open = account_open_v1,
    .account_close = account_close,
};

static const struct venue_setting_way settings[VENUE_SETTING_COUNT] = {
    [VENUE_SETTING_LEVERAGE] = { .ask = VENUE_GET_LEVERAGE,
                                 .set = VENUE_SET_LEVERAGE,
                                 .set_arg = "leverage",
                                 .ask_symbol = true,
                                 .set_symbol = true,
                                 .by_symbol = true,
                                 .member = "crossedMarginLeverage",
                                 .if_name = "marginMode",
                                 .if_value = "crossed",
                                 .else_member = "isolatedLongLever",
                                 .else_also = "isolatedShortLever" },
    [VENUE_SETTING_MARGIN_MODE] = { .ask = VENUE_GET_LEVERAGE,
                                    .set = VENUE_SET_LEVERAGE,
                                    .set_arg = "marginMode",
                                    .ask_symbol = true,
                                    .set_symbol = true,
                                    .by_symbol = true,
                                    .member = "marginMode",
                                    .word = { { "isolated", "isolated", "isolated" },
                                              { "cross", "crossed", "crossed" } } },
    /* Side and tradeSide of an order mean other things in the other mode. */
    [VENUE_SETTING_POSITION_MODE] = { .ask = VENUE_GET_LEVERAGE,
                                      .set = VENUE_SET_LEVERAGE,
                                      .set_arg = "posMode",
                                      .ask_symbol = true,
                                      .member = "posMode",
                                      .word = { { "one-way", "one_way_mode", "one_way_mode" },
                                                { "hedge", "hedge_mode", "hedge_mode" } },
                                      .follows_hedge = true,
                                      .strict = true },
};

/* There is no dead man's switch: countdown-cancel-all is of the unified account only. Self-trade
 * prevention is a word on each order, not a setting. */
const struct venue_driver venue_bitget = {
    .name = "bitget",
    .code = "BTGT",
    .features = VENUE_HAS_MARGIN |
                VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_POST_ONLY | VENUE_HAS_REDUCE_ONLY |
                VENUE_HAS_STOP | VENUE_HAS_TAKE | VENUE_HAS_TRAILING | VENUE_HAS_MARKET |
                VENUE_HAS_CLIENT_ID | VENUE_HAS_TRIGGER_SOURCE | VENUE_HAS_POSITION_SIDE |
                VENUE_HAS_ATTACHED_TPSL | VENUE_HAS_STP | VENUE_REPLACE_IS_NEW |
                VENUE_BULK_SPARES_TRIGGERS,
    .client_id_max = BITGET_CLIENT_ID_MAX,
    .window = WINDOWS,
    .endpoint = {
        [VENUE_PLACE]             = { CALL(place), PLACE_COST, NULL },
        [VENUE_CANCEL]            = { CALL(cancel), CANCEL_COST, NULL },
        [VENUE_REPLACE]           = { CALL(replace), PLACE_COST, NULL },
        [VENUE_CANCEL_ALL]        = { CALL(cancel_all), SLOW_COST, NULL },
        [VENUE_BATCH]             = { CALL(batch), { 0 }, batch_cost },
        [VENUE_STATUS]            = { CALL(status), HISTORY_COST, NULL },
        [VENUE_OPEN_ORDERS]       = { CALL(open_orders), OPEN_COST, NULL },
        [VENUE_ORDER_HISTORY]     = { CALL(order_history), HISTORY_COST, NULL },
        [VENUE_TRIGGER_HISTORY]   = { CALL(trigger_history), HISTORY_COST, NULL },
        [VENUE_FILLS]             = { CALL(fills), HISTORY_COST, NULL },
        [VENUE_EXECUTIONS]        = { CALL(executions), HISTORY_COST, NULL },
        [VENUE_POSITIONS]         = { CALL(positions), ACCOUNT_COST, NULL },
        [VENUE_CLOSE_POSITION]    = { CALL(close), SLOW_COST, NULL },
        [VENUE_POSITION_TRIGGERS] = { CALL(position_triggers), PLACE_COST, NULL },
        [VENUE_GET_LEVERAGE]      = { CALL(get_leverage), ACCOUNT_COST, NULL },
        [VENUE_SET_LEVERAGE]      = { CALL(set_leverage), ACCOUNT_COST, NULL },
        [VENUE_INSTRUMENTS]       = { CALL(instruments), { 0 }, NULL },
        [VENUE_TIME]              = { CALL(time), { 0 }, NULL },
    },
    .status_ids_max = 1,
    /* STATUS knows no triggers: the lists do. */
    .lookup = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_FILLS, VENUE_ORDER_HISTORY,
                VENUE_TRIGGER_HISTORY, VENUE_OP_COUNT },
    .lookup_settle_us = BITGET_LOOKUP_SETTLE_US,
    .batch_fits = batch_fits,
    .account_open = account_open,
    .account_close = account_close,
    .setting = settings,
    .hedge = account_hedge,
};
