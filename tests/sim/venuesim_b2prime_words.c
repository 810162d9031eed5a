/*
 * B2PRIME: how an order, a stop order and the sums of a trigger are spelled.
 */
#include "venuesim_b2prime.h"

#include "timestamp.h"

#include <cjson/cJSON.h>
#include <strings.h>

/* ---- orders -------------------------------------------------------------------------------- */

const char *b2_order_id(const struct sim_order *o)
{
    return (o->extra.flags & B2_STOP) != 0 ? o->child_id : o->id;
}

const char *b2_status(const struct sim_order *o)
{
    bool working = (o->extra.flags & B2_MARKET) != 0 || decimal_sign(o->filled) > 0;

    switch (o->state) {
    case SIM_HELD:
    case SIM_ARMED:
    case SIM_OPEN: return working ? "Working" : "Pending";
    case SIM_FILLED: return "Completed";
    case SIM_CANCELLED: return o->reason == SIM_BY_EXPIRED ? "Expired" : "Cancelled";
    case SIM_REJECTED: return o->error == SIM_NO_LIQUIDITY ? "Cancelled" : "Rejected";
    }
    return "";
}

/* There is no word for a cancelled one. */
const char *b2_stop_status(const struct sim_order *o)
{
    if (o->triggered) {
        return o->state == SIM_REJECTED ? "Rejected" : "Activated";
    }
    return o->closed_us == 0 ? "WaitingForActivation" : "Rejected";
}

/* Fractions of two to three and of seven digits are what the examples have. */
void b2_time(struct buf *out, const char *name, int64_t us, unsigned digits)
{
    char text[TIMESTAMP_TEXT_MAX + 2];
    size_t size = timestamp_print_iso(us, digits > 6 ? 6 : digits, text);

    if (digits == 7) {
        text[size - 1] = '8';
        text[size++] = 'Z';
    } else if (text[size - 2] == '0') {
        text[--size - 1] = 'Z';
    }
    text[size] = '\0';
    text_member(out, name, text);
}

static const char *force_word(const struct sim_order *o)
{
    static const struct {
        uint32_t flag;
        const char *word;
    } words[] = { { B2_IOC, "Ioc" }, { B2_FOK, "Fok" }, { B2_GTD, "Gtd" }, { B2_DAY, "Day" } };
    size_t n;

    for (n = 0; n < ARRAY_LEN(words); n++) {
        if ((o->extra.flags & words[n].flag) != 0) {
            return words[n].word;
        }
    }
    return "Gtc";
}

static void shared_members(struct b2_call *c, const struct sim_order *o, const char *id)
{
    struct buf *out = c->out;

    buf_printf(out, "{\"order\":{\"marketId\":\"%s\"", o->instrument->symbol);
    text_member(out, "marketDisplayName", b2_market_of(c, o->instrument)->display);
    text_member(out, "orderId", id);
    text_member(out, "orderType", (o->extra.flags & B2_MARKET) != 0 ? "Market" : "Limit");
    text_member(out, "side", o->side == SIM_BUY ? "Buy" : "Sell");
    text_member(out, "timeInForce", force_word(o));
    text_decimal_member(out, "requestedAmount", o->qty);
    /* "0" for market orders, though documented as null. */
    text_decimal_member(out, "requestedPrice",
                        (o->extra.flags & B2_MARKET) != 0 ? DECIMAL_ZERO : o->price);
}

static struct decimal average_of(const struct sim_order *o)
{
    return decimal_sign(o->filled) == 0
               ? DECIMAL_ZERO
               : sim_div_round(o->value, o->filled, o->instrument->tick.scale + 6);
}

void b2_order_json(struct b2_call *c, const struct sim_order *o)
{
    struct buf *out = c->out;

    shared_members(c, o, b2_order_id(o));
    text_member(out, "status", b2_status(o));
    text_member(out, "source", (o->extra.flags & B2_STOP) != 0 ? "StopOrder" : "Manual");
    text_decimal_member(out, "commission", o->fee);
    text_decimal_member(out, "remainingAmount", sim_remaining(o));
    text_decimal_member(out, "executionPrice", average_of(o));
    b2_time(out, "createdAt", o->created_us, 3);
    b2_time(out, "updatedAt", o->updated_us, 7);
    text_member(out, "rejectDetails", "");
    buf_text(out, ",\"cancellationDate\":null");
    text_decimal_member(out, "fillFactor", sim_div_round(o->filled, o->qty, 8));
    buf_text(out, "}}");
    answer_note(&c->req->answer, "%s %s", b2_order_id(o), b2_status(o));
}

/* Amounts in the base asset whatever the market, and no comment. */
void b2_open_json(struct b2_call *c, const struct sim_order *o)
{
    struct buf *out = c->out;

    buf_printf(out, "{\"marketId\":\"%s\"", o->instrument->symbol);
    text_member(out, "marketType", o->instrument->type);
    text_member(out, "marketDisplayName", b2_market_of(c, o->instrument)->display);
    text_member(out, "marketFullName", "");
    text_member(out, "orderId", b2_order_id(o));
    text_member(out, "timeInForce", force_word(o));
    text_member(out, "status", b2_status(o));
    text_member(out, "source", (o->extra.flags & B2_STOP) != 0 ? "StopOrder" : "Manual");
    text_member(out, "reason", "Trader");
    text_member(out, "side", o->side == SIM_BUY ? "Buy" : "Sell");
    text_member(out, "orderType", (o->extra.flags & B2_MARKET) != 0 ? "Market" : "Limit");
    text_decimal_member(out, "requestedAmount", o->qty);
    text_decimal_member(out, "remainingAmount", sim_remaining(o));
    text_decimal_member(out, "requestedPrice",
                        (o->extra.flags & B2_MARKET) != 0 ? DECIMAL_ZERO : o->price);
    text_decimal_member(out, "executionPrice", average_of(o));
    b2_time(out, "createdAt", o->created_us, 3);
    b2_time(out, "updatedAt", o->updated_us, 7);
    buf_text(out, ",\"cancellationDate\":null");
    text_member(out, "commissionAssetId", o->instrument->quote_currency);
    text_decimal_member(out, "commissionAmount", o->fee);
    buf_printf(out, ",\"leverage\":%lld", (long long)o->extra.leverage.mantissa);
    text_decimal_member(out, "fillFactor", sim_div_round(o->filled, o->qty, 8));
    buf_text(out, ",\"takeProfit\":null,\"stopLoss\":null}");
}

void b2_stop_json(struct b2_call *c, const struct sim_order *o, bool placed)
{
    struct buf *out = c->out;

    shared_members(c, o, o->id);
    text_decimal_member(out, "activationPrice", o->stop);
    text_member(out, "status", b2_stop_status(o));
    b2_time(out, "createdAt", o->created_us, 7);
    b2_time(out, "updatedAt", o->created_us, 7); /* still the creation, cancelled or not */
    buf_text(out, ",\"cancellationDate\":null");
    buf_text(out, placed ? ",\"comment\":null}}" : "}}");
    answer_note(&c->req->answer, "%s %s", o->id, b2_stop_status(o));
}

void b2_first(struct buf *out, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    (void)decimal_print(value, text);
    buf_printf(out, "\"%s\":\"%s\"", name, text);
}

/* ---- triggers ------------------------------------------------------------------------------ */

/* Towards zero. */
static struct decimal cut(struct decimal value, int scale)
{
    while (value.scale > scale) {
        value.mantissa /= 10;
        value.scale--;
    }
    return value;
}

static bool same(struct bytes text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

/* How far the trigger is from the price, profit positive. False: the type is none of the four. */
static bool offset_of(const struct b2_call *c, const struct sim_instrument *i, struct bytes type,
                      struct decimal size, struct decimal price, struct decimal base, bool buy,
                      struct decimal *out)
{
    int scale = b2_market_of(c, i)->price_scale;

    if (same(type, "Price")) {
        *out = buy ? sim_sub(size, price) : sim_sub(price, size);
    } else if (same(type, "Rate")) {
        *out = sim_mul_round(price, size, 8);
    } else if (same(type, "Points")) {
        *out = sim_mul_round(size, (struct decimal){ 1, scale }, 8);
    } else if (same(type, "Pnl")) {
        *out = sim_div_round(size, base, 8);
    } else {
        return false;
    }
    return true;
}

bool b2_trigger_calc(struct b2_call *c, const struct cJSON *triggers, const char *name,
                     const struct sim_instrument *i, struct decimal price, struct decimal base,
                     bool buy, struct buf *out)
{
    const cJSON *t = cJSON_GetObjectItemCaseSensitive(triggers, name);
    struct bytes type = text_json_get(t, "triggerType");
    int scale = b2_market_of(c, i)->price_scale;
    struct decimal size;
    struct decimal offset;
    struct decimal at;
    bool there = false;

    if (t == NULL || cJSON_IsNull(t)) {
        return true;
    }
    if (!b2_decimal(c, t, "triggerSize", &size, &there)) {
        return false;
    }
    if (!there || !offset_of(c, i, type, size, price, base, buy, &offset)) {
        return b2_bad(c, name, "needs a triggerType and a triggerSize");
    }
    at = sim_mul_round(buy ? sim_add(price, offset) : sim_sub(price, offset),
                       (struct decimal){ 1, 0 }, scale);
    buf_printf(out, "%s\"%s\":{", out->size > 1 ? "," : "", name);
    b2_first(out, "price", at);
    text_decimal_member(out, "rate", cut(sim_div_round(offset, price, 12), 4));
    buf_printf(out, ",\"points\":%lld",
               (long long)cut(sim_div_round(offset, (struct decimal){ 1, scale }, 8), 0).mantissa);
    text_decimal_member(out, "pnl", cut(sim_mul_round(offset, base, 10), 8));
    buf_char(out, '}');
    return true;
}
