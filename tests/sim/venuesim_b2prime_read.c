/*
 * B2PRIME: one order's parameters from JSON: there, well formed, and possible at this moment.
 */
#include "venuesim_b2prime.h"

#include "timestamp.h"

#include <cjson/cJSON.h>

#define COMMENT_MAX 100
#define DAY_US (INT64_C(24) * 3600 * US_PER_S)

struct sim_instrument *b2_market_arg(struct b2_call *c)
{
    struct bytes id = b2_arg(c, "marketId");
    struct sim_instrument *i = sim_instrument_find(c->engine, id);

    if (id.size == 0) {
        (void)b2_bad(c, "marketId", "is required");
        return NULL;
    }
    if (i == NULL || b2_kind_of(i) != c->route->kind) {
        b2_error(c, 404, "Market %.*s is not found", (int)(id.size < 60 ? id.size : 60), id.data);
        return NULL;
    }
    return i;
}

bool b2_word(struct b2_call *c, const char *name, const char *const *words, unsigned *out)
{
    for (*out = 0; words[*out] != NULL; ++*out) {
        if (bytes_is(b2_arg(c, name), words[*out])) {
            return true;
        }
    }
    return b2_bad(c, name, "has none of its values");
}

/* ---- dates --------------------------------------------------------------------------------- */

/* YYYY-MM-DDTHH:MM:SS with or without three more digits, and Z. */
static bool read_date(struct b2_call *c, struct sim_terms *t)
{
    struct bytes text = b2_arg(c, "cancellationDate");

    if ((t->extra.flags & B2_DAY) != 0) {
        t->extra.expires_us = (c->engine->now_us / DAY_US + 1) * DAY_US - 60 * US_PER_S;
    }
    if ((t->extra.flags & B2_GTD) == 0) {
        return true; /* ignored */
    }
    if ((text.size != 20 && text.size != 24) || text.data[text.size - 1] != 'Z' ||
        !timestamp_parse_iso(text, &t->extra.expires_us)) {
        return b2_bad(c, "cancellationDate", "is required for Gtd as YYYY-MM-DDTHH:MM:SS.sssZ");
    }
    return t->extra.expires_us > c->engine->now_us ||
           b2_bad(c, "cancellationDate", "is in the past");
}

/* ---- amounts ------------------------------------------------------------------------------- */

static bool read_amount(struct b2_call *c, struct sim_terms *t)
{
    const struct b2_market *m = b2_market_of(c, t->instrument);
    const char *name = c->route->kind == B2_SPOT ? "requestedAmount" : "requestedLotAmount";
    struct decimal amount;
    bool there;

    if (!b2_decimal(c, c->order, name, &amount, &there)) {
        return false;
    }
    if (!there || decimal_sign(amount) <= 0) {
        return b2_bad(c, name, "is required and above zero");
    }
    if (decimal_compare(amount, m->lot_step) < 0) {
        return b2_bad(c, name, "is below the minimum amount");
    }
    if (!decimal_is_multiple(amount, m->lot_step)) {
        return b2_bad(c, name, "does not fit the amount scale");
    }
    if (decimal_compare(amount, m->lots_most) > 0) {
        return b2_bad(c, name, "is above the maximum amount");
    }
    t->qty = sim_mul_round(amount, m->lot_size, 8);
    return true;
}

static bool price_fits(struct b2_call *c, const char *name, const struct sim_instrument *i,
                       struct decimal price)
{
    if (decimal_sign(price) <= 0) {
        return b2_bad(c, name, "is not above zero");
    }
    return decimal_is_multiple(price, i->tick) || b2_bad(c, name, "does not fit the price scale");
}

static bool read_price(struct b2_call *c, struct sim_terms *t)
{
    bool market = (t->extra.flags & B2_MARKET) != 0;

    if (!b2_decimal(c, c->order, "requestedPrice", &t->price, &t->has_price)) {
        return false;
    }
    if (market && t->has_price) {
        return b2_bad(c, "requestedPrice", "must be null or omitted for Market orders");
    }
    if (!market && !t->has_price) {
        return b2_bad(c, "requestedPrice", "is required for Limit orders");
    }
    return market || price_fits(c, "requestedPrice", t->instrument, t->price);
}

bool b2_read_leverage(struct b2_call *c, const struct sim_instrument *i, struct decimal *out)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(c->sorted, "leverage");
    int most = b2_market_of(c, i)->leverage_most;

    if (most == 0) {
        return true;
    }
    if (!cJSON_IsNumber(item) || !text_json_decimal(c->order, "leverage", out) ||
        decimal_normal(*out).scale > 0) {
        return b2_bad(c, "leverage", "is required and an integer");
    }
    if (decimal_sign(*out) <= 0 || decimal_compare(*out, (struct decimal){ most, 0 }) > 0) {
        return b2_bad(c, "leverage", "is out of the market's range");
    }
    return true;
}

/* {"price":..} and {"price":..,"isTrailing":..} */
static bool read_protection(struct b2_call *c, const char *name, const struct sim_instrument *i,
                            struct decimal *out)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(c->order, name);
    const cJSON *trailing = cJSON_GetObjectItemCaseSensitive(object, "isTrailing");
    bool there;

    if (object == NULL || cJSON_IsNull(object)) {
        return true;
    }
    if (!cJSON_IsObject(object) || (trailing != NULL && !cJSON_IsBool(trailing)) ||
        !b2_decimal(c, object, "price", out, &there)) {
        return c->req->answer.status != 200 || b2_bad(c, name, "is malformed");
    }
    return (there || b2_bad(c, name, "needs a price")) && price_fits(c, name, i, *out);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool read_words(struct b2_call *c, struct sim_terms *t)
{
    static const char *const sides[] = { "Buy", "Sell", NULL };
    static const char *const types[] = { "Market", "Limit", NULL };
    static const char *const forces[] = { "Gtc", "Ioc", "Fok", "Gtd", "Day", NULL };
    static const uint32_t flags[] = { 0, B2_IOC, B2_FOK, B2_GTD, B2_DAY };
    static const enum sim_type ways[] = { SIM_LMT, SIM_IOC, SIM_FOK, SIM_LMT, SIM_LMT };
    unsigned side;
    unsigned type;
    unsigned force;

    if (!b2_word(c, "side", sides, &side) || !b2_word(c, "orderType", types, &type) ||
        !b2_word(c, "timeInForce", forces, &force)) {
        return false;
    }
    t->side = side == 0 ? SIM_BUY : SIM_SELL;
    t->extra.flags = flags[force] | (type == 0 ? B2_MARKET : 0);
    t->type = ways[force];
    if (type == 0 && (force == 3 || force == 4)) {
        return b2_bad(c, "timeInForce", "is for Limit orders only");
    }
    if (type == 0 && force != 2) {
        t->type = SIM_MKT;
    }
    t->extra.then = t->type;
    return true;
}

static bool read_stop(struct b2_call *c, struct sim_terms *t)
{
    if (!b2_decimal(c, c->order, "activationPrice", &t->stop, &t->has_stop)) {
        return false;
    }
    if (!t->has_stop) {
        return b2_bad(c, "activationPrice", "is required");
    }
    t->type = SIM_STP;
    t->signal = SIM_SIGNAL_LAST;
    t->extra.flags |= B2_STOP;
    return price_fits(c, "activationPrice", t->instrument, t->stop);
}

bool b2_read_order(struct b2_call *c, struct sim_terms *t, bool stop)
{
    struct bytes comment = b2_arg(c, "comment");
    const cJSON *sent = cJSON_GetObjectItemCaseSensitive(c->sorted, "comment");

    t->instrument = b2_market_arg(c);
    if (t->instrument == NULL || !read_words(c, t) || !read_date(c, t) || !read_amount(c, t) ||
        !read_price(c, t) || !b2_read_leverage(c, t->instrument, &t->extra.leverage) ||
        !read_protection(c, "stopLoss", t->instrument, &t->extra.stop_loss) ||
        !read_protection(c, "takeProfit", t->instrument, &t->extra.take_profit) ||
        (stop && !read_stop(c, t))) {
        return false;
    }
    if (comment.size > COMMENT_MAX ||
        (sent != NULL && !cJSON_IsString(sent) && !cJSON_IsNull(sent))) {
        return b2_bad(c, "comment", "is a text of up to 100 characters");
    }
    t->label = comment;
    t->extra.has_stp = true;
    t->extra.stp = SIM_STP_NONE;
    return true;
}
