/*
 * Choosing the account of a new order among those its session may use, and refusing terms that the
 * chosen venue has no words for. A driver may still refuse a combination when it builds the call.
 */
#include "route.h"

#include "assert.h"

static bool named(const struct route_account *a, struct bytes account_name)
{
    return account_name.size == 0 || bytes_equal(a->name, account_name);
}

static bool placed(const struct route_account *a, struct bytes exchange)
{
    return exchange.size == 0 || bytes_is(exchange, a->driver->code);
}

/* Why no account of the session fits 1 and 207. */
static bool refuse_account(const struct route_account *account, const uint32_t *allowed,
                           size_t count, struct bytes account_name, struct bytes exchange,
                           struct refusal *no)
{
    bool any_name = false, any_place = false;

    for (size_t i = 0; i < count; i++) {
        any_name = any_name || named(&account[allowed[i]], account_name);
        any_place = any_place || placed(&account[allowed[i]], exchange);
    }
    if (!any_name) {
        return refuse(no, REFUSAL_ORDER, 15, "Account(1) is not one of this session's");
    }
    if (!any_place) {
        return refuse(no, REFUSAL_ORDER, 99,
                      "SecurityExchange(207) is not a venue of this session");
    }
    return refuse(no, REFUSAL_ORDER, 99, "Account(1) is not at the venue of SecurityExchange(207)");
}

bool route_find(const struct route_account *account, const uint32_t *allowed, size_t allowed_count,
                struct bytes account_name, struct bytes exchange, struct bytes symbol,
                uint32_t *chosen, const struct instrument **instrument, struct refusal *no)
{
    bool fits = false, loading = false;

    *instrument = NULL;
    if (allowed_count == 0) {
        return refuse(no, REFUSAL_ORDER, 15, "this session has no account");
    }
    for (size_t i = 0; i < allowed_count; i++) {
        const struct route_account *a = &account[allowed[i]];
        const struct instrument *found;

        if (!named(a, account_name) || !placed(a, exchange)) {
            continue;
        }
        found = symbols_find(a->symbols, symbol);
        if (found != NULL) {
            *chosen = allowed[i];
            *instrument = found;
            return true;
        }
        fits = true;
        loading = loading || !symbols_loaded(a->symbols);
    }
    if (!fits) {
        return refuse_account(account, allowed, allowed_count, account_name, exchange, no);
    }
    if (loading) {
        /* "Unknown symbol" would be a guess: the venue has not told its instruments yet. */
        return refuse(no, REFUSAL_ORDER, 2, "the venue's instruments are not loaded yet");
    }
    return refuse(no, REFUSAL_ORDER, 1, "Symbol(55) is not known");
}

/* ---- can the venue say it? ----------------------------------------------------------------- */

static uint32_t feature_of_type(enum venue_order_type type)
{
    switch (type) {
    case VENUE_MARKET: return VENUE_HAS_MARKET;
    case VENUE_LIMIT: return 0;
    case VENUE_STOP_MARKET:
    case VENUE_STOP_LIMIT: return VENUE_HAS_STOP;
    case VENUE_TAKE_MARKET:
    case VENUE_TAKE_LIMIT: return VENUE_HAS_TAKE;
    case VENUE_TRAILING: return VENUE_HAS_TRAILING;
    }
    UNREACHABLE();
}

static uint32_t feature_of_tif(enum venue_tif tif)
{
    switch (tif) {
    case VENUE_GTC: return 0;
    case VENUE_IOC: return VENUE_HAS_IOC;
    case VENUE_FOK: return VENUE_HAS_FOK;
    case VENUE_GTD: return VENUE_HAS_GTD;
    case VENUE_DAY: return VENUE_HAS_DAY;
    }
    UNREACHABLE();
}

static bool is_stop(enum venue_order_type type)
{
    return type != VENUE_MARKET && type != VENUE_LIMIT;
}

static bool has(const struct venue_driver *d, uint32_t features)
{
    return (d->features & features) == features;
}

/* 77: needed in hedge mode; where there is one net position an order that opens cannot be promised,
 * and one that closes is reduce-only. */
static bool check_position(const struct route_account *a, const struct order_terms *t,
                           struct refusal *no)
{
    const struct venue_driver *d = a->driver;

    if (a->hedge && t->position == 0) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "PositionEffect(77) is missing: the account keeps long and short positions");
    }
    if (t->position != 0 && !has(d, VENUE_HAS_POSITION_SIDE)) {
        return refuse(no, REFUSAL_ORDER, 11, "PositionEffect(77) is not supported by %s", d->name);
    }
    if (t->position == 'O' && !a->hedge) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "PositionEffect(77)=O is not supported: the account keeps one net position");
    }
    return true;
}

/* 544, 7928, 22101 to 22104, 152. */
static bool check_special(const struct venue_driver *d, const struct order_terms *t,
                          struct refusal *no)
{
    bool attached = decimal_sign(t->take_profit) > 0 || decimal_sign(t->stop_loss) > 0;

    if (t->cash_margin == '1' || (t->cash_margin != 0 && !has(d, VENUE_HAS_MARGIN))) {
        return refuse(no, REFUSAL_ORDER, 11, "CashMargin(544)=%c is not supported by %s",
                      t->cash_margin, d->name);
    }
    if (t->stp != 0 &&
        (!has(d, VENUE_HAS_STP) || (t->stp == 'D' && !has(d, VENUE_HAS_STP_DECREASE)))) {
        return refuse(no, REFUSAL_ORDER, 11, "SelfTradePrevention(7928)=%c is not supported by %s",
                      t->stp, d->name);
    }
    if (attached && !has(d, VENUE_HAS_ATTACHED_TPSL)) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "take-profit and stop-loss, %u, are not supported by %s",
                      decimal_sign(t->take_profit) > 0 ? 22101 : 22102, d->name);
    }
    /* Without an id of ours an order of unknown outcome is known by its quantity, and it has none.
     */
    if (decimal_sign(t->cash_qty) > 0 && !has(d, VENUE_HAS_QUOTE_QTY | VENUE_HAS_CLIENT_ID)) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "CashOrderQty(152) is not supported by %s, use OrderQty(38)", d->name);
    }
    return true;
}

bool route_check(const struct route_account *a, const struct order_terms *t, struct refusal *no)
{
    const struct venue_driver *d = a->driver;
    uint32_t type = feature_of_type(t->type), tif = feature_of_tif(t->tif);

    if ((d->features & type) != type) {
        return refuse(no, REFUSAL_ORDER, 11, "OrdType(40)=%c%s is not supported by %s", t->ord_type,
                      t->type == VENUE_TRAILING ? " with ExecInst(18)=a" : "", d->name);
    }
    if (is_stop(t->type) && (d->features & VENUE_STOPS_UNTRACKED) != 0) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "OrdType(40)=%c is not offered at %s: the venue does not tell what "
                      "becomes of a stop that fires",
                      t->ord_type, d->name);
    }
    if ((d->features & tif) != tif) {
        return refuse(no, REFUSAL_ORDER, 11, "TimeInForce(59)=%c is not supported by %s",
                      t->time_in_force == 0 ? '1' : t->time_in_force, d->name);
    }
    if (t->post_only && (d->features & VENUE_HAS_POST_ONLY) == 0) {
        return refuse(no, REFUSAL_ORDER, 11, "ExecInst(18)=6, post-only, is not supported by %s",
                      d->name);
    }
    if (t->reduce_only && (d->features & VENUE_HAS_REDUCE_ONLY) == 0) {
        return refuse(no, REFUSAL_ORDER, 11, "ExecInst(18)=E, reduce-only, is not supported by %s",
                      d->name);
    }
    if (t->trigger != VENUE_TRIGGER_DEFAULT && (d->features & VENUE_HAS_TRIGGER_SOURCE) == 0) {
        return refuse(no, REFUSAL_ORDER, 11,
                      "a trigger source, 22105 or 1107, is not supported by %s", d->name);
    }
    return check_position(a, t, no) && check_special(d, t, no);
}
