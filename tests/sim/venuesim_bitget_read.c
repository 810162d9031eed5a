/*
 * Bitget v2: one order's parameters from JSON: there, well formed, and possible at this moment.
 */
#include "venuesim_bitget.h"

#include <cjson/cJSON.h>
#include <stdarg.h>

#define CLIENT_ID_MAX 50

static const struct decimal size_most = { INT64_C(1000000000), 0 };

void bg_fail(struct bg_item *it, const char *code, const char *format, ...)
{
    va_list list;

    if (it->code != NULL) {
        return; /* the first mistake is the one that is told */
    }
    it->code = code;
    va_start(list, format);
    (void)vsnprintf(it->text, sizeof it->text, format, list);
    va_end(list);
}

struct bytes bg_text(struct bg_item *it, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(it->json, name);

    if (member == NULL && it->outer != NULL) {
        member = cJSON_GetObjectItemCaseSensitive(it->outer, name);
    }
    if (member == NULL || cJSON_IsNull(member)) {
        return (struct bytes){ NULL, 0 };
    }
    if (!cJSON_IsString(member)) {
        bg_fail(it, "40017", "Parameter verification failed %s", name);
        return (struct bytes){ NULL, 0 };
    }
    return bytes_of(member->valuestring);
}

bool bg_decimal(struct bg_item *it, const char *name, struct decimal *out)
{
    struct bytes text = bg_text(it, name);

    if (text.size == 0) {
        return false;
    }
    if (!decimal_parse(text, out) || decimal_compare(sim_abs(*out), size_most) > 0) {
        bg_fail(it, "40020", "Parameter %s error", name);
        return false;
    }
    return true;
}

static int one_of(struct bg_item *it, const char *name, const char *const *words, int absent)
{
    struct bytes text = bg_text(it, name);
    int n;

    for (n = 0; words[n] != NULL; n++) {
        if (text.size == strlen(words[n]) && strncasecmp(text.data, words[n], text.size) == 0) {
            return n;
        }
    }
    if (text.size > 0 || absent < 0) {
        bg_fail(it, text.size > 0 ? "40017" : "40811", "Parameter verification failed %s", name);
    }
    return absent < 0 ? 0 : absent;
}

void bg_client_id(struct bg_call *c, struct bg_item *it, const char *name)
{
    struct bytes id = bg_text(it, name);
    size_t n;

    it->client_id = id;
    it->terms.client_id = id;
    for (n = 0; n < id.size; n++) {
        char ch = id.data[n];

        if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
              ch == '-' || ch == '_')) {
            bg_fail(it, "40305",
                    "client_oid length is not greater than 50, and cannot be Martian "
                    "characters");
        }
    }
    if (id.size > CLIENT_ID_MAX) {
        bg_fail(it, "40305", "client_oid length is not greater than 50");
    }
    if (it->code == NULL && id.size > 0) {
        struct sim_order *o = sim_order_find(c->engine, c->account, BYTES(""), id);

        if (o != NULL) {
            audit_duplicate(&c->sim->audit, c->engine->now_us, o);
            bg_fail(it, "40786", "Duplicate clientOid");
        }
    }
}

/* ---- numbers against the instrument -------------------------------------------------------- */

void bg_check_size(struct bg_item *it)
{
    const struct sim_terms *t = &it->terms;
    const struct sim_instrument *i = t->instrument;
    struct decimal price = t->has_price ? t->price : i->ask.there ? i->ask.price : i->mark;

    if (decimal_sign(t->qty) <= 0) {
        bg_fail(it, "40020", "Parameter size error");
    } else if (decimal_compare(t->qty, i->step) < 0) {
        bg_fail(it, "45111", "less than the minimum order quantity");
    } else if (!decimal_is_multiple(t->qty, i->step)) {
        bg_fail(it, "40808", "Parameter verification exception size checkBDScale error");
    } else if (!t->reduce_only &&
               decimal_compare(sim_mul_round(t->qty, price, 8), (struct decimal){ 5, 0 }) < 0) {
        bg_fail(it, "45110", "less than the minimum amount 5 %s", i->pair);
    } else if (decimal_compare(t->qty, i->max_position) > 0) {
        bg_fail(it, "45112", "more than the maximum order quantity");
    }
}

void bg_check_price(struct bg_item *it, struct decimal price)
{
    const struct sim_instrument *i = it->terms.instrument;

    if (decimal_sign(price) <= 0) {
        bg_fail(it, "40020", "Parameter price error");
    } else if (price.scale > i->tick.scale && !decimal_is_multiple(price, i->tick)) {
        bg_fail(it, "40808", "Parameter verification exception price checkBDScale error");
    } else if (!decimal_is_multiple(price, i->tick)) {
        bg_fail(it, "45115", "The price you enter should be a multiple of the tick");
    }
}

void bg_engine_refused(struct bg_item *it, enum sim_result r)
{
    static const struct {
        enum sim_result result;
        const char *code, *text;
    } codes[] = {
        { SIM_NO_FUNDS, "40762", "The order amount exceeds the balance" },
        { SIM_MAX_POSITION, "45116", "The position exceeds the limit" },
        { SIM_TOO_MANY, "45118", "The number of orders has reached the upper limit" },
        { SIM_DUPLICATE, "40786", "Duplicate clientOid" },
        { SIM_SUSPENDED, "40308", "The contract is being temporarily maintained" },
        { SIM_INACTIVE, "40309", "The contract has been removed" },
        { SIM_POST_ONLY_MARKET, "40824", "Only post_only orders are allowed now" },
        { SIM_BAD_SIZE, "40808", "Parameter verification exception size checkScale error" },
        { SIM_BAD_PRICE, "40808", "Parameter verification exception price checkScale error" },
        { SIM_COLLAR, "40815", "The order price is beyond the limit price" },
    };
    size_t n;

    for (n = 0; n < ARRAY_LEN(codes); n++) {
        if (codes[n].result == r) {
            bg_fail(it, codes[n].code, "%s", codes[n].text);
            return;
        }
    }
    bg_fail(it, "40015", "System is abnormal, please try again later");
}

/* ---- place --------------------------------------------------------------------------------- */

static void read_modes(struct bg_call *c, struct bg_item *it)
{
    static const char *const modes[] = { "isolated", "crossed", NULL };
    static const char *const stps[] = { "none", "cancel_taker", "cancel_maker", "cancel_both",
                                        NULL };
    static const enum sim_stp ways[] = { SIM_STP_NONE, SIM_REJECT_TAKER, SIM_CANCEL_MAKER_ANY,
                                         SIM_STP_CANCEL_BOTH };
    struct sim_terms *t = &it->terms;
    struct bytes symbol = bg_text(it, "symbol");

    t->instrument = sim_instrument_find(c->engine, symbol);
    if (t->instrument == NULL || !bg_in_product(c, t->instrument)) {
        bg_fail(it, "40102", "Contract configuration for [%.*s] does not exist", BYTES_ARG(symbol));
        return;
    }
    if (!bytes_is(bg_text(it, "marginCoin"), t->instrument->pair)) {
        bg_fail(it, bg_text(it, "marginCoin").size == 0 ? "40811" : "40017",
                "Parameter verification failed marginCoin");
    }
    t->extra.flags |= one_of(it, "marginMode", modes, -1) == 0 ? BG_ISOLATED : 0;
    t->extra.has_stp = true;
    t->extra.stp = ways[one_of(it, "stpMode", stps, 0)];
}

/* In hedge mode the side names the position: closing a long is side=buy with tradeSide=close. */
static void read_side(struct bg_call *c, struct bg_item *it)
{
    static const char *const sides[] = { "buy", "sell", NULL };
    static const char *const trades[] = { "open", "close", NULL };
    static const char *const yes[] = { "NO", "YES", NULL };
    struct sim_terms *t = &it->terms;
    bool sell = one_of(it, "side", sides, -1) == 1;
    bool close = one_of(it, "tradeSide", trades, 0) == 1;

    t->reduce_only = one_of(it, "reduceOnly", yes, 0) == 1;
    if (c->own->hedge) {
        if (bg_text(it, "tradeSide").size == 0) {
            bg_fail(it, "40774",
                    "The order type for unilateral position must also be the "
                    "unilateral position type.");
        }
        t->reduce_only = close;
        t->extra.flags |= BG_HEDGE | (close ? BG_CLOSE : 0);
        sell = close ? !sell : sell;
    }
    t->side = sell ? SIM_SELL : SIM_BUY;
}

static void read_type(struct bg_item *it)
{
    static const char *const types[] = { "limit", "market", NULL };
    static const char *const forces[] = { "gtc", "ioc", "fok", "post_only", NULL };
    static const enum sim_type ways[] = { SIM_LMT, SIM_IOC, SIM_FOK, SIM_POST };
    static const uint32_t flags[] = { 0, BG_IOC, BG_FOK, BG_POST };
    struct sim_terms *t = &it->terms;
    int type = one_of(it, "orderType", types, -1);
    int force = one_of(it, "force", forces, 0);

    if (type == 1) {
        t->type = SIM_MKT;
        t->extra.flags |= BG_MARKET;
        return;
    }
    t->type = ways[force];
    t->extra.then = ways[force];
    t->extra.flags |= flags[force];
    t->has_price = bg_decimal(it, "price", &t->price);
    if (!t->has_price) {
        bg_fail(it, "40811", "The parameter price should not be null");
    } else if (it->code == NULL) {
        bg_check_price(it, t->price);
    }
}

void bg_read_place(struct bg_call *c, struct bg_item *it)
{
    struct sim_terms *t = &it->terms;

    read_modes(c, it);
    read_side(c, it);
    read_type(it);
    if (!bg_decimal(it, "size", &t->qty)) {
        bg_fail(it, "40811", "The parameter size should not be null");
    }
    (void)bg_decimal(it, "presetStopSurplusPrice", &t->extra.take_profit);
    (void)bg_decimal(it, "presetStopLossPrice", &t->extra.stop_loss);
    if (it->code == NULL) {
        bg_check_size(it);
    }
    bg_client_id(c, it, "clientOid");
}
