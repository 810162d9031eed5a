/*
 * Kraken Futures (Derivatives) REST v3: the account's keys, what calls cost, and the venue's table.
 * The whole API ends on 1 March 2027; nothing outside the kraken_futures* files knows of it.
 */
#include "kraken_futures.h"
#include "venue_setting.h"

#include <stdlib.h>

/* ---- accounts ------------------------------------------------------------------------------ */

static void state_free(struct kraken_state *s)
{
    if (s == NULL) {
        return;
    }
    sign_hasher_free(s->sha256);
    sign_hmac_free(s->hmac);
    if (s->authent.data != NULL) {
        sign_wipe(s->authent.data, s->authent.capacity);
    }
    buf_fini(&s->authent);
    buf_fini(&s->params);
    free(s);
}

static struct kraken_state *state_new(struct bytes key)
{
    struct kraken_state *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    buf_init(&s->params, HTTP_REQUEST_BODY_MAX);
    buf_init(&s->authent, 256);
    s->sha256 = sign_hasher_new(SIGN_SHA256);
    s->hmac = sign_hmac_new(SIGN_SHA512, key);
    if (s->sha256 == NULL || s->hmac == NULL) {
        state_free(s);
        return NULL;
    }
    return s;
}

static bool account_open(struct venue_account *a, const char **error)
{
    struct buf key;

    if (a->key.size == 0 || a->secret.size == 0) {
        *error = "key and secret are required";
        return false;
    }
    buf_init(&key, a->secret.size);
    if (sign_base64_decode(&key, a->secret)) {
        a->state = state_new(buf_view(&key));
        *error = a->state == NULL ? "out of memory or no HMAC in the crypto library" : NULL;
    } else {
        a->state = NULL;
        *error = "secret is not valid base64";
    }
    if (key.data != NULL) {
        sign_wipe(key.data, key.capacity);
    }
    buf_fini(&key);
    return a->state != NULL;
}

static void account_close(struct venue_account *a)
{
    state_free(a->state);
    a->state = NULL;
}

/* ---- costs --------------------------------------------------------------------------------- */

enum { WINDOW_DERIVATIVES, WINDOW_HISTORY };

static uint32_t batch_cost(const struct venue_call *call, size_t window)
{
    return window == WINDOW_DERIVATIVES ? 9 + (uint32_t)call->instruction_count : 0;
}

/* Going back in time (lastFillTime) is dear. */
static uint32_t fills_cost(const struct venue_call *call, size_t window)
{
    return window != WINDOW_DERIVATIVES ? 0 : call->before_us != 0 ? 25 : 2;
}

static uint32_t account_log_cost(const struct venue_call *call, size_t window)
{
    static const struct {
        uint32_t rows, cost;
    } steps[] = { { 25, 1 }, { 50, 2 }, { 1000, 3 }, { 5000, 6 } };
    uint32_t count = call->count == 0 ? KRAKEN_LOG_PAGE : call->count;

    if (window != WINDOW_HISTORY) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (count <= steps[i].rows) {
            return steps[i].cost;
        }
    }
    return 10;
}

/* The page on batches wants limitPrice for every `stp`; a stop-market order has none. */
static bool batch_fits(const struct venue_instruction *first, const struct venue_instruction *next,
                       size_t count)
{
    (void)first;
    return count < KRAKEN_BATCH_MAX &&
           !(next->kind == VENUE_DO_PLACE && next->order.type == VENUE_STOP_MARKET);
}

/* ---- the venue ----------------------------------------------------------------------------- */

#define CALL(build, parse) kraken_build_##build, kraken_parse_##parse

static const struct venue_setting_way settings[VENUE_SETTING_COUNT] = {
    [VENUE_SETTING_LEVERAGE] = { .ask = VENUE_GET_LEVERAGE,
                                 .set = VENUE_SET_LEVERAGE,
                                 .set_arg = "maxLeverage",
                                 .ask_symbol = true,
                                 .set_symbol = true,
                                 .by_symbol = true,
                                 .member = "",
                                 .absent = "none" },
    /* A contract with a leverage of its own is isolated. */
    [VENUE_SETTING_MARGIN_MODE] = { .ask = VENUE_GET_LEVERAGE,
                                    .ask_symbol = true,
                                    .by_symbol = true,
                                    .member = "",
                                    .absent = "cross",
                                    .word = { { "isolated", "*", NULL } } },
    [VENUE_SETTING_SELF_TRADE] = { .ask = VENUE_GET_STP,
                                   .set = VENUE_SET_STP,
                                   .set_arg = "strategy" },
};

/* There is no VENUE_TIME: every answer carries serverTime, refusals too. */
const struct venue_driver venue_kraken_futures = {
    .name = "kraken-futures",
    .code = "KRKF",
    .features = VENUE_HAS_MARGIN |
                VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_POST_ONLY | VENUE_HAS_REDUCE_ONLY |
                VENUE_HAS_STOP | VENUE_HAS_TAKE | VENUE_HAS_TRAILING | VENUE_HAS_MARKET |
                VENUE_HAS_CLIENT_ID | VENUE_HAS_PROCESS_BEFORE | VENUE_ACK_IS_RESULT |
                VENUE_HAS_TRIGGER_SOURCE | VENUE_HAS_DEADMAN,
    .client_id_max = KRAKEN_CLIENT_ID_MAX,
    .window = {
        [WINDOW_DERIVATIVES] = { "derivatives", 500, 10 * 1000 },
        [WINDOW_HISTORY]     = { "history", 100, 600 * 1000 },
    },
    .endpoint = {
        [VENUE_PLACE]           = { CALL(place, place), { 10, 0 }, NULL },
        [VENUE_CANCEL]          = { CALL(cancel, cancel), { 10, 0 }, NULL },
        [VENUE_REPLACE]         = { CALL(replace, replace), { 10, 0 }, NULL },
        [VENUE_CANCEL_ALL]      = { CALL(cancel_all, cancel_all), { 25, 0 }, NULL },
        [VENUE_BATCH]           = { CALL(batch, batch), { 0, 0 }, batch_cost },
        [VENUE_STATUS]          = { CALL(status, status), { 1, 0 }, NULL },
        [VENUE_OPEN_ORDERS]     = { CALL(open_orders, open_orders), { 2, 0 }, NULL },
        [VENUE_ORDER_HISTORY]   = { CALL(order_history, order_history), { 0, 1 }, NULL },
        [VENUE_TRIGGER_HISTORY] = { CALL(trigger_history, trigger_history), { 0, 1 }, NULL },
        [VENUE_FILLS]           = { CALL(fills, fills), { 0, 0 }, fills_cost },
        [VENUE_EXECUTIONS]      = { CALL(executions, executions), { 0, 1 }, NULL },
        [VENUE_DEADMAN]         = { CALL(deadman, deadman), { 25, 0 }, NULL },
        [VENUE_POSITIONS]       = { CALL(positions, positions), { 2, 0 }, NULL },
        [VENUE_GET_LEVERAGE]    = { CALL(get_leverage, get_leverage), { 2, 0 }, NULL },
        [VENUE_SET_LEVERAGE]    = { CALL(set_leverage, set_leverage), { 10, 0 }, NULL },
        [VENUE_GET_STP]         = { CALL(get_stp, stp), { 2, 0 }, NULL },
        [VENUE_SET_STP]         = { CALL(set_stp, stp), { 2, 0 }, NULL },
        [VENUE_INSTRUMENTS]     = { CALL(instruments, instruments), { 0, 0 }, NULL },
        [VENUE_ACCOUNT_LOG]     = { CALL(account_log, account_log), { 0, 0 }, account_log_cost },
    },
    .lookup = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_FILLS, VENUE_ORDER_HISTORY,
                VENUE_TRIGGER_HISTORY,
                VENUE_OP_COUNT },
    .lookup_settle_us = KRAKEN_LOOKUP_SETTLE_US,
    .process_before_us = KRAKEN_PROCESS_BEFORE_US,
    .batch_fits = batch_fits,
    .account_open = account_open,
    .account_close = account_close,
    .setting = settings,
    .used = NULL,       /* the venue only says when it is too late: rate-limit-reset with a 429 */
};
