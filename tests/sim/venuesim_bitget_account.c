/*
 * Bitget v2: positions, the account's settings, and the public market.
 */
#include "venuesim_bitget.h"

static struct decimal leverage_of(const struct sim_position *p)
{
    return decimal_sign(p->max_leverage) > 0 ? p->max_leverage : (struct decimal){ 20, 0 };
}

static const char *mode_of(const struct bg_call *c, const struct sim_instrument *i)
{
    return c->own->isolated[i - c->engine->instrument] ? "isolated" : "crossed";
}

/* ---- positions ----------------------------------------------------------------------------- */

static void position_write(struct bg_call *c, const struct sim_instrument *i)
{
    const struct sim_position *p = sim_position_of(c->account, c->engine, i);
    struct decimal value = sim_mul_round(sim_abs(p->size), p->price, 8);
    struct buf *out = c->out;

    buf_printf(out, "{\"marginCoin\":\"%s\",\"symbol\":\"%s\"", i->pair, i->symbol);
    text_member(out, "holdSide", decimal_sign(p->size) > 0 ? "long" : "short");
    text_member(out, "openDelegateSize", "0");
    text_decimal_member(out, "marginSize", sim_div_round(value, leverage_of(p), 8));
    text_decimal_member(out, "available", sim_abs(p->size));
    text_member(out, "locked", "0");
    text_decimal_member(out, "total", sim_abs(p->size));
    text_decimal_member(out, "leverage", leverage_of(p));
    text_member(out, "achievedProfits", "0");
    text_decimal_member(out, "openPriceAvg", p->price);
    text_member(out, "marginMode", mode_of(c, i));
    text_member(out, "posMode", c->own->hedge ? "hedge_mode" : "one_way_mode");
    text_decimal_member(out, "unrealizedPL", sim_mul_round(p->size, sim_sub(i->mark, p->price), 8));
    text_member(out, "liquidationPrice", "0");
    text_member(out, "keepMarginRate", "0.004");
    text_decimal_member(out, "markPrice", i->mark);
    text_decimal_member(out, "breakEvenPrice", p->price);
    text_member(out, "totalFee", "");
    bg_ms(out, "cTime", p->fill_us);
    bg_ms(out, "uTime", p->fill_us);
    buf_char(out, '}');
}

static void positions(struct bg_call *c, const struct sim_instrument *only)
{
    struct bytes coin = bg_arg(c, "marginCoin");
    const char *comma = "";
    size_t n;

    bg_begin(c);
    buf_char(c->out, '[');
    for (n = 0; n < c->engine->instrument_count; n++) {
        const struct sim_instrument *i = &c->engine->instrument[n];

        if (decimal_sign(sim_position_of(c->account, c->engine, i)->size) != 0 &&
            bg_in_product(c, i) && (only == NULL || only == i) &&
            (coin.size == 0 || bytes_is(coin, i->pair))) {
            buf_text(c->out, comma);
            position_write(c, i);
            comma = ",";
        }
    }
    buf_char(c->out, ']');
    bg_end(c);
}

void bg_all_position(struct bg_call *c)
{
    if (bg_product(c)) {
        positions(c, NULL);
    }
}

void bg_single_position(struct bg_call *c)
{
    const struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;

    if (i != NULL && bg_need(c, "marginCoin")) {
        positions(c, i);
    }
}

void bg_history_position(struct bg_call *c)
{
    bg_begin(c);
    buf_text(c->out, "{\"list\":[],\"endId\":null}");
    bg_end(c);
}

/* ---- settings ------------------------------------------------------------------------------ */

void bg_account_one(struct bg_call *c)
{
    const struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;
    const struct sim_position *p;
    struct buf *out = c->out;

    if (i == NULL || !bg_need(c, "marginCoin")) {
        return;
    }
    p = sim_position_of(c->account, c->engine, i);
    bg_begin(c);
    buf_printf(out, "{\"marginCoin\":\"%s\",\"locked\":\"0\",\"available\":\"%s\"", i->pair,
               c->account->no_funds ? "0" : "1000000");
    text_member(out, "marginMode", mode_of(c, i));
    text_member(out, "posMode", c->own->hedge ? "hedge_mode" : "one_way_mode");
    text_decimal_member(out, "crossedMarginLeverage", leverage_of(p));
    text_decimal_member(out, "isolatedLongLever", leverage_of(p));
    text_decimal_member(out, "isolatedShortLever", leverage_of(p));
    text_member(out, "assetMode", "single");
    buf_char(out, '}');
    bg_end(c);
}

void bg_set_leverage(struct bg_call *c)
{
    const struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;
    struct bytes text = bg_arg(c, "leverage");
    struct sim_position *p;
    struct decimal value;

    if (i == NULL || !bg_need(c, "marginCoin")) {
        return;
    }
    text = text.size > 0 ? text : bg_arg(c, "longLeverage");
    if (!decimal_parse(text, &value) || decimal_compare(value, (struct decimal){ 1, 0 }) < 0 ||
        decimal_compare(value, (struct decimal){ 125, 0 }) > 0) {
        bg_error(c, "40020", "Parameter leverage error");
        return;
    }
    p = sim_position_of(c->account, c->engine, i);
    p->max_leverage = value;
    bg_begin(c);
    buf_printf(c->out, "{\"symbol\":\"%s\",\"marginCoin\":\"%s\"", i->symbol, i->pair);
    text_decimal_member(c->out, "longLeverage", value);
    text_decimal_member(c->out, "shortLeverage", value);
    text_decimal_member(c->out, "crossMarginLeverage", value);
    text_member(c->out, "marginMode", mode_of(c, i));
    buf_char(c->out, '}');
    bg_end(c);
}

static bool busy(const struct bg_call *c, const struct sim_instrument *i)
{
    const struct sim_order *o;
    size_t n;

    for (o = c->account->open_first; o != NULL; o = o->open_next) {
        if (i == NULL ? bg_in_product(c, o->instrument) : o->instrument == i) {
            return true;
        }
    }
    for (n = 0; n < c->engine->instrument_count; n++) {
        const struct sim_instrument *at = &c->engine->instrument[n];

        if ((i == NULL ? bg_in_product(c, at) : at == i) &&
            decimal_sign(c->account->position[n].size) != 0) {
            return true;
        }
    }
    return false;
}

void bg_set_margin_mode(struct bg_call *c)
{
    const struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;
    struct bytes mode = bg_arg(c, "marginMode");

    if (i == NULL || !bg_need(c, "marginCoin") || !bg_need(c, "marginMode")) {
        return;
    }
    if (!bytes_is(mode, "isolated") && !bytes_is(mode, "crossed")) {
        bg_error(c, "40017", "Parameter verification failed marginMode");
        return;
    }
    if (busy(c, i) && !bytes_is(mode, mode_of(c, i))) {
        bg_error(c, "45117",
                 "Currently holding positions or orders, the margin mode cannot be "
                 "adjusted");
        return;
    }
    c->own->isolated[i - c->engine->instrument] = bytes_is(mode, "isolated");
    bg_begin(c);
    buf_printf(c->out,
               "{\"symbol\":\"%s\",\"marginCoin\":\"%s\",\"longLeverage\":\"20\","
               "\"shortLeverage\":\"20\",\"marginMode\":\"%s\"}",
               i->symbol, i->pair, mode_of(c, i));
    bg_end(c);
}

void bg_set_position_mode(struct bg_call *c)
{
    struct bytes mode = bg_arg(c, "posMode");

    if (!bg_product(c) || !bg_need(c, "posMode")) {
        return;
    }
    if (!bytes_is(mode, "hedge_mode") && !bytes_is(mode, "one_way_mode")) {
        bg_error(c, "40017", "Parameter verification failed posMode");
        return;
    }
    if (busy(c, NULL)) {
        bg_error(c, "40920", "Position mode cannot be adjusted with open positions or orders");
        return;
    }
    c->own->hedge = bytes_is(mode, "hedge_mode");
    bg_begin(c);
    buf_printf(c->out, "{\"posMode\":\"%s\"}", c->own->hedge ? "hedge_mode" : "one_way_mode");
    bg_end(c);
}

/* ---- the market ---------------------------------------------------------------------------- */

static const char *status_of(const struct sim_instrument *i)
{
    if (i->expired) {
        return "off";
    }
    if (i->suspended) {
        return "maintain";
    }
    return i->post_only ? "limit_open" : "normal";
}

static void contract_write(struct bg_call *c, const struct sim_instrument *i)
{
    struct buf *out = c->out;
    struct decimal step = decimal_normal(i->step);

    buf_printf(out, "{\"symbol\":\"%s\"", i->symbol);
    text_member(out, "baseCoin", i->base);
    text_member(out, "quoteCoin", i->quote_currency);
    text_member(out, "buyLimitPriceRatio", "0.05");
    text_member(out, "sellLimitPriceRatio", "0.05");
    text_member(out, "feeRateUpRatio", "0.005");
    text_member(out, "makerFeeRate", "0.0002");
    text_member(out, "takerFeeRate", "0.0006");
    text_member(out, "openCostUpRatio", "0.01");
    buf_printf(out, ",\"supportMarginCoins\":[\"%s\"]", i->pair);
    text_decimal_member(out, "minTradeNum", i->step);
    buf_printf(out, ",\"priceEndStep\":\"%lld\",\"volumePlace\":\"%d\",\"pricePlace\":\"%d\"",
               (long long)i->tick.mantissa, step.scale, i->tick.scale);
    text_decimal_member(out, "sizeMultiplier", i->step);
    text_member(out, "symbolType", "perpetual");
    text_member(out, "minTradeUSDT", "5");
    text_member(out, "maxSymbolOrderNum", "200");
    text_member(out, "maxProductOrderNum", "400");
    text_member(out, "maxPositionNum", "150");
    text_member(out, "symbolStatus", status_of(i));
    text_member(out, "offTime", "-1");
    text_member(out, "limitOpenTime", "-1");
    text_member(out, "deliveryTime", "");
    text_member(out, "minLever", "1");
    text_member(out, "maxLever", "125");
    text_decimal_member(out, "maxMarketOrderQty", i->max_position);
    text_decimal_member(out, "maxOrderQty", i->max_position);
    buf_char(out, '}');
}

void bg_contracts(struct bg_call *c)
{
    struct bytes symbol = bg_arg(c, "symbol");
    const char *comma = "";
    size_t n;

    if (!bg_product(c) || (symbol.size > 0 && bg_symbol(c) == NULL)) {
        return;
    }
    bg_begin(c);
    buf_char(c->out, '[');
    for (n = 0; n < c->engine->instrument_count; n++) {
        const struct sim_instrument *i = &c->engine->instrument[n];

        /* The v1 spelling is not one of this list. */
        if (bg_in_product(c, i) && strchr(i->symbol, '_') == NULL &&
            (symbol.size == 0 || bytes_is(symbol, i->symbol))) {
            buf_text(c->out, comma);
            contract_write(c, i);
            comma = ",";
        }
    }
    buf_char(c->out, ']');
    bg_end(c);
}

void bg_ticker(struct bg_call *c)
{
    const struct sim_instrument *i = bg_product(c) ? bg_symbol(c) : NULL;

    if (i == NULL) {
        return;
    }
    bg_begin(c);
    buf_printf(c->out, "[{\"symbol\":\"%s\"", i->symbol);
    text_decimal_member(c->out, "lastPr", i->last);
    bg_decimal_or_empty(c->out, "askPr", i->ask.there ? i->ask.price : DECIMAL_ZERO);
    bg_decimal_or_empty(c->out, "bidPr", i->bid.there ? i->bid.price : DECIMAL_ZERO);
    text_decimal_member(c->out, "indexPrice", i->index);
    text_decimal_member(c->out, "markPrice", i->mark);
    bg_ms(c->out, "ts", c->engine->now_us);
    buf_text(c->out, "}]");
    bg_end(c);
}

void bg_time(struct bg_call *c)
{
    bg_begin(c);
    buf_printf(c->out, "{\"serverTime\":\"%lld\"}", (long long)(c->engine->now_us / US_PER_MS));
    bg_end(c);
}
