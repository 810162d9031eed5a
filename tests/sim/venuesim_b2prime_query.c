/*
 * B2PRIME: questions: what an order would be, accounts, markets, executions. None of the lists of
 * executions has the client's comment.
 */
#include "venuesim_b2prime.h"

#include <cjson/cJSON.h>

/* ---- what an order would be ---------------------------------------------------------------- */

static bool data_words(struct b2_call *c, bool *buy, bool *market)
{
    static const char *const sides[] = { "Buy", "Sell", NULL };
    static const char *const types[] = { "Market", "Limit", NULL };
    unsigned side;
    unsigned type;

    if (!b2_word(c, "side", sides, &side) || !b2_word(c, "orderType", types, &type)) {
        return false;
    }
    *buy = side == 0;
    *market = type == 0;
    return true;
}

static bool data_price(struct b2_call *c, const struct sim_instrument *i, bool buy, bool market,
                       struct decimal *price)
{
    bool there;

    if (!b2_decimal(c, c->order, "requestedPrice", price, &there)) {
        return false;
    }
    if (there == market || (there && decimal_sign(*price) <= 0)) {
        return b2_bad(c, "requestedPrice", "is for Limit orders, and required there");
    }
    if (market) {
        *price = buy ? i->ask.price : i->bid.price;
    }
    return true;
}

static void spot_data(struct b2_call *c, struct decimal price)
{
    struct decimal base;
    struct decimal quote;
    struct decimal fee;
    bool by_base;
    bool by_quote;

    if (!b2_decimal(c, c->order, "requestedBaseAmount", &base, &by_base) ||
        !b2_decimal(c, c->order, "requestedQuoteAmount", &quote, &by_quote)) {
        return;
    }
    if (by_base == by_quote) {
        (void)b2_bad(c, "requestedBaseAmount", "or requestedQuoteAmount is required");
        return;
    }
    if (by_base) {
        quote = sim_mul_round(base, price, 8);
    } else {
        base = sim_div_round(quote, price, 8);
    }
    fee = sim_mul_round(quote, (struct decimal){ 1, 2 }, 8); /* as in the example */
    buf_text(c->out, "{\"order\":{");
    b2_first(c->out, "baseAmount", base);
    text_decimal_member(c->out, "quoteAmount", quote);
    text_decimal_member(c->out, "commissionAmount", fee);
    text_decimal_member(c->out, "total", sim_add(quote, fee));
    buf_text(c->out, "}}");
}

static void lot_data(struct b2_call *c, const struct sim_instrument *i, struct decimal price,
                     bool buy)
{
    struct decimal leverage;
    struct decimal lots;
    struct decimal base;
    struct decimal quote;
    bool there;

    if (!b2_read_leverage(c, i, &leverage) ||
        !b2_decimal(c, c->order, "requestedLotAmount", &lots, &there)) {
        return;
    }
    if (!there || decimal_sign(lots) <= 0) {
        (void)b2_bad(c, "requestedLotAmount", "is required and above zero");
        return;
    }
    base = sim_mul_round(lots, b2_market_of(c, i)->lot_size, 8);
    quote = sim_mul_round(base, price, 8);
    buf_text(c->out, "{\"order\":{\"commissionAmountInRAT\":\"0\",\"marginLevel\":null");
    text_decimal_member(c->out, "requiredMarginInRAT", sim_div_round(quote, leverage, 8));
    text_decimal_member(c->out, "quoteAmount", quote);
    if (b2_trigger_calc(c, c->order, "takeProfit", i, price, base, buy, c->out) &&
        b2_trigger_calc(c, c->order, "stopLoss", i, price, base, buy, c->out)) {
        buf_text(c->out, "}}");
    }
}

void b2_order_data(struct b2_call *c)
{
    const struct sim_instrument *i = b2_market_arg(c);
    struct decimal price;
    bool buy;
    bool market;

    if (i == NULL || !data_words(c, &buy, &market) || !data_price(c, i, buy, market, &price)) {
        return;
    }
    if (c->route->kind == B2_SPOT) {
        spot_data(c, price);
    } else {
        lot_data(c, i, price, buy);
    }
}

/* ---- open orders --------------------------------------------------------------------------- */

/* Documented as a stream only; a broker may offer its data over HTTP. Stop orders are not in it. */
void b2_open_orders(struct b2_call *c)
{
    const struct sim_order *o;
    const char *comma = "";

    if (!c->sim->options.open_orders_list) {
        b2_error(c, 404, "no such path");
        return;
    }
    buf_text(c->out, "{\"type\":2,\"invocationId\":\"0\",\"item\":[");
    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        bool waiting = (o->extra.flags & B2_STOP) != 0 && !o->triggered;

        if (o->account == c->account && o->closed_us == 0 && !waiting &&
            (o->extra.flags & B2_SYSTEM) == 0) {
            buf_text(c->out, comma);
            b2_open_json(c, o);
            comma = ",";
        }
    }
    buf_text(c->out, "]}");
}

/* ---- accounts and markets ------------------------------------------------------------------ */

void b2_accounts(struct b2_call *c)
{
    buf_printf(c->out,
               "[{\"accountId\":\"%.*s\",\"publicAccountId\":1234568,\"accountName\":"
               "\"B2PRIME Netting account\",\"accountType\":\"Netting\","
               "\"totalBalanceInRAT\":\"10987.39\",\"isCopyTradingAccount\":false}]",
               BYTES_ARG(c->subject));
}

void b2_assets(struct b2_call *c)
{
    buf_text(c->out, "[{\"assetId\":\"usdt\",\"assetName\":\"Tether\",\"isRootAsset\":true},"
                     "{\"assetId\":\"btc\",\"assetName\":\"Bitcoin\",\"isRootAsset\":false}]");
}

/* The names of lots and leverage are not documented; these are the plain ones. */
static void market_write(struct b2_call *c, const struct sim_instrument *i)
{
    const struct b2_market *m = b2_market_of(c, i);
    struct buf *out = c->out;

    buf_printf(out, "{\"marketId\":\"%s\"", i->symbol);
    text_member(out, "marketType", i->type);
    text_member(out, "displayName", m->display);
    text_member(out, "fullName", m->display);
    text_member(out, "baseAssetId", i->base);
    text_member(out, "quoteAssetId", i->quote_currency);
    text_decimal_member(out, "maxBaseAmount", i->max_position);
    text_member(out, "priceDeviation", "0");
    buf_printf(out, ",\"priceScale\":%d", m->price_scale);
    if (b2_kind_of(i) == B2_SPOT) {
        text_decimal_member(out, "minAmount", i->step);
        buf_printf(out, ",\"amountScale\":%d", i->step.scale);
    } else {
        text_decimal_member(out, "lotSize", m->lot_size);
        text_decimal_member(out, "lotStep", m->lot_step);
        text_decimal_member(out, "minLotAmount", m->lot_step);
        text_decimal_member(out, "maxLotAmount", m->lots_most);
        buf_printf(out, ",\"minLeverage\":1,\"maxLeverage\":%d", m->leverage_most);
    }
    text_member(out, "status", i->expired ? "Halted" : i->suspended ? "Paused" : "Open");
    text_member(out, "dynamicCommissionGroupId", "group-1");
    buf_char(out, '}');
}

void b2_market_list(struct b2_call *c)
{
    size_t n;

    buf_char(c->out, '[');
    for (n = 0; n < c->engine->instrument_count; n++) {
        buf_text(c->out, n == 0 ? "" : ",");
        market_write(c, &c->engine->instrument[n]);
    }
    buf_char(c->out, ']');
}

void b2_market_one(struct b2_call *c)
{
    const struct sim_instrument *i = sim_instrument_find(c->engine, c->id);

    if (i == NULL) {
        b2_error(c, 404, "The market is not found");
        return;
    }
    market_write(c, i);
}

void b2_volume(struct b2_call *c)
{
    struct decimal sum = DECIMAL_ZERO;
    size_t n;

    if (!bytes_is(c->id, "group-1")) {
        b2_error(c, 404, "The commission group is not found");
        return;
    }
    for (n = 0; n < c->account->exec_count; n++) {
        const struct sim_exec *x = c->account->exec[n];

        sum = sim_add(sum, sim_mul_round(x->qty, x->price, 8));
    }
    buf_char(c->out, '{');
    b2_first(c->out, "currentTradingVolumeInRAT", sum);
    buf_char(c->out, '}');
}

/* ---- executions ---------------------------------------------------------------------------- */

struct b2_rows {
    struct bytes order, position, after; /* empty: any */
    int64_t limit, skip;
    bool closing; /* only of orders that close */
    size_t count;
    bool exceeded;
};

static const char *reason_of(const struct sim_order *o)
{
    if (o->liquidation) {
        return "StopOut";
    }
    if ((o->extra.flags & B2_SYSTEM) == 0) {
        return "Trader";
    }
    return o->type == SIM_STP ? "StopLoss" : "TakeProfit";
}

static void row_write(struct b2_call *c, const struct b2_note *n)
{
    const struct sim_exec *x = n->exec;
    struct buf *out = c->out;

    buf_text(out, "{\"positionId\":");
    if (n->position[0] == '\0') {
        buf_text(out, "null");
    } else {
        buf_printf(out, "\"%s\"", n->position);
    }
    text_member(out, "orderId", b2_order_id(x->order));
    text_member(out, "side", x->order->side == SIM_BUY ? "Buy" : "Sell");
    text_member(out, "reason", reason_of(x->order));
    b2_time(out, "createdAt", x->wall_us, 3);
    text_member(out, "executionId", x->id);
    text_decimal_member(out, "baseAmount", x->qty); /* never lots */
    text_decimal_member(out, "executionPrice", x->price);
    text_decimal_member(out, "commissionAmountInRAT", x->fee);
    buf_printf(out, ",\"commissions\":[{\"assetId\":\"%s\"", x->order->instrument->quote_currency);
    text_decimal_member(out, "amount", x->fee);
    buf_printf(out, "}],\"realizedPnlInRAT\":\"0\",\"positionSizeIncreased\":%s}",
               n->increased ? "true" : "false");
}

static void rows_write(struct b2_call *c, struct b2_rows *r)
{
    bool found = r->after.size == 0;
    size_t k;

    for (k = 0; k < c->own->note_count && k < c->account->exec_count; k++) {
        const struct b2_note *n = &c->own->note[k];

        if ((r->order.size > 0 && !bytes_is(r->order, b2_order_id(n->exec->order))) ||
            (r->position.size > 0 && !bytes_is(r->position, n->position)) ||
            (r->closing && n->increased)) {
            continue;
        }
        if (!found) {
            found = bytes_is(r->after, n->exec->id);
        } else if (r->skip > 0) {
            r->skip--;
        } else if ((int64_t)r->count == r->limit) {
            r->exceeded = true;
        } else {
            buf_text(c->out, r->count++ == 0 ? "" : ",");
            row_write(c, n);
        }
    }
}

static bool rows_begin(struct b2_call *c, struct b2_rows *r)
{
    r->limit = text_json_int(c->order, "limit", 100);
    r->skip = text_json_int(c->order, "offset", 0);
    if (r->limit < 0 || r->limit > 1000 || r->skip < 0) {
        return b2_bad(c, "limit", "is out of range");
    }
    r->limit = r->limit == 0 ? 100 : r->limit;
    buf_text(c->out, "{\"executions\":[");
    return true;
}

static void rows_end(struct b2_call *c, const struct b2_rows *r)
{
    buf_printf(c->out, "],\"isExceeded\":%s}", r->exceeded ? "true" : "false");
    answer_note(&c->req->answer, "%zu executions", r->count);
}

void b2_position_executions(struct b2_call *c)
{
    struct b2_rows r = { .position = c->id };

    if (rows_begin(c, &r)) {
        rows_write(c, &r);
        rows_end(c, &r);
    }
}

void b2_positions_executions(struct b2_call *c)
{
    struct b2_rows r = { 0 };
    const cJSON *id;

    if (!rows_begin(c, &r)) {
        return;
    }
    cJSON_ArrayForEach(id, cJSON_GetObjectItemCaseSensitive(c->order, "positionIds"))
    {
        if (cJSON_IsString(id) && id->valuestring[0] != '\0') {
            r.position = bytes_of(id->valuestring);
            rows_write(c, &r);
        }
    }
    rows_end(c, &r);
}

void b2_order_executions(struct b2_call *c)
{
    struct b2_rows r = { .order = c->id,
                         .position = b2_arg(c, "positionId"),
                         .after = b2_arg(c, "lastExecutionId"),
                         .closing = c->sim->options.closing_only };
    const struct sim_order *o = sim_order_find(c->engine, c->account, c->id, BYTES(""));

    if (o == NULL || (c->sim->options.closing_only && b2_kind_of(o->instrument) == B2_SPOT)) {
        b2_error(c, 404, "The order is not found");
        return;
    }
    if (rows_begin(c, &r)) {
        rows_write(c, &r);
        rows_end(c, &r);
    }
}

void b2_orders_executions(struct b2_call *c)
{
    struct b2_rows r = { .closing = c->sim->options.closing_only };
    const cJSON *pair;

    if (!rows_begin(c, &r)) {
        return;
    }
    cJSON_ArrayForEach(pair, cJSON_GetObjectItemCaseSensitive(c->order, "orderPositionPairs"))
    {
        r.order = text_json_get(pair, "orderId");
        r.position = text_json_get(pair, "positionId");
        if (r.order.size > 0) {
            rows_write(c, &r);
        }
    }
    rows_end(c, &r);
}

/* ---- orders of closed positions ------------------------------------------------------------ */

/* The last of its position's executions, when that position is closed. */
static bool ended_here(const struct b2_call *c, const struct b2_note *n)
{
    return n->position[0] != '\0' && decimal_sign(n->exec->position_after) == 0 &&
           c->own->note_count > 0;
}

static void closed_write(struct b2_call *c, const struct b2_note *n)
{
    const struct sim_order *o = n->exec->order;
    struct buf *out = c->out;

    buf_printf(out, "{\"marketId\":\"%s\",\"marketFullName\":\"\"", o->instrument->symbol);
    text_member(out, "marketDisplayName", b2_market_of(c, o->instrument)->display);
    text_member(out, "marketType", o->instrument->type);
    text_member(out, "orderId", b2_order_id(o));
    text_member(out, "orderType", (o->extra.flags & B2_MARKET) != 0 ? "Market" : "Limit");
    text_member(out, "positionId", n->position);
    text_member(out, "side", o->side == SIM_BUY ? "Buy" : "Sell");
    text_member(out, "status", b2_status(o));
    text_member(out, "reason", reason_of(o));
    b2_time(out, "createdAt", o->created_us, 3);
    b2_time(out, "closedAt", n->exec->wall_us, 3);
    buf_char(out, '}');
}

void b2_closed_positions(struct b2_call *c)
{
    struct bytes market = b2_arg(c, "marketId");
    const char *comma = "";
    size_t k;

    buf_text(c->out, "{\"orders\":[");
    for (k = 0; k < c->own->note_count && k < c->account->exec_count; k++) {
        const struct b2_note *n = &c->own->note[k];

        if (ended_here(c, n) &&
            (market.size == 0 || bytes_is(market, n->exec->order->instrument->symbol))) {
            buf_text(c->out, comma);
            closed_write(c, n);
            comma = ",";
        }
    }
    buf_text(c->out, "],\"isExceeded\":false}");
}
