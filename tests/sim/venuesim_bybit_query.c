/*
 * Bybit V5: questions. Lists are newest first and paged by a cursor that is already percent-encoded
 * and must come back as it was.
 */
#include "venuesim_bybit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define WEEK_MS (INT64_C(7) * 24 * 3600 * 1000)
#define CLOSED_MAX 500

/* ---- what is asked for --------------------------------------------------------------------- */

struct by_filter {
    struct bytes symbol, base, settle, id, client_id, order_filter, status;
    int64_t from_ms, to_ms; /* 0: no bound */
    uint64_t limit, before; /* before: the cursor, 0: from the newest */
};

static bool number_arg(struct by_call *c, const char *name, uint64_t otherwise, uint64_t most,
                       uint64_t *out)
{
    struct bytes text = by_arg(c, name);

    *out = otherwise;
    if (text.size > 0 && (!text_uint(text, out) || *out > most)) {
        by_error(c, 10001, "params error: %s invalid", name);
        return false;
    }
    return true;
}

/* "N:2,N:2", sent to the client with %3A and %2C. */
static bool cursor_arg(struct by_call *c, uint64_t *before)
{
    struct bytes text = by_arg(c, "cursor");
    const char *colon = text.size == 0 ? NULL : memchr(text.data, ':', text.size);

    *before = 0;
    if (text.size == 0) {
        return true;
    }
    if (colon == NULL ||
        !text_uint((struct bytes){ text.data, (size_t)(colon - text.data) }, before)) {
        by_error(c, 10001, "params error: cursor invalid");
        return false;
    }
    return true;
}

static bool times_arg(struct by_call *c, struct by_filter *f)
{
    uint64_t from;
    uint64_t to;

    if (!number_arg(c, "startTime", 0, INT64_MAX / 2, &from) ||
        !number_arg(c, "endTime", 0, INT64_MAX / 2, &to)) {
        return false;
    }
    f->from_ms = (int64_t)from;
    f->to_ms = (int64_t)to;
    if (from != 0 && to == 0) {
        f->to_ms = f->from_ms + WEEK_MS;
    } else if (from == 0 && to != 0) {
        f->from_ms = f->to_ms - WEEK_MS;
    }
    if (f->to_ms < f->from_ms || f->to_ms - f->from_ms > WEEK_MS) {
        by_error(c, 10001, "params error: the time range must not exceed 7 days");
        return false;
    }
    return true;
}

static bool filter_read(struct by_call *c, struct by_filter *f, uint64_t otherwise, uint64_t most)
{
    *f = (struct by_filter){ .symbol = by_arg(c, "symbol"),
                             .base = by_arg(c, "baseCoin"),
                             .settle = by_arg(c, "settleCoin"),
                             .id = by_arg(c, "orderId"),
                             .client_id = by_arg(c, "orderLinkId"),
                             .order_filter = by_arg(c, "orderFilter"),
                             .status = by_arg(c, "orderStatus") };
    if (!by_category(c)) {
        return false;
    }
    if (f->symbol.size > 0 && sim_instrument_find(c->engine, f->symbol) == NULL) {
        by_error(c, 10001, "params error: symbol invalid %.*s", BYTES_ARG(f->symbol));
        return false;
    }
    if (!number_arg(c, "limit", otherwise, most, &f->limit)) {
        return false;
    }
    if (f->limit == 0) {
        by_error(c, 10001, "params error: limit invalid");
        return false;
    }
    return cursor_arg(c, &f->before) && times_arg(c, f);
}

static bool instrument_fits(const struct by_call *c, const struct by_filter *f,
                            const struct sim_instrument *i)
{
    return by_in_category(c, i) && (f->symbol.size == 0 || bytes_is(f->symbol, i->symbol)) &&
           (f->base.size == 0 || bytes_is(f->base, i->base)) &&
           (f->settle.size == 0 || bytes_is(f->settle, by_settle_coin(i)));
}

static bool time_fits(const struct by_filter *f, int64_t at_us)
{
    int64_t ms = at_us / US_PER_MS;

    return (f->from_ms == 0 || ms >= f->from_ms) && (f->to_ms == 0 || ms <= f->to_ms);
}

static bool order_fits(const struct by_call *c, const struct by_filter *f,
                       const struct sim_order *o)
{
    bool stop = decimal_sign(o->stop) != 0;

    if (o->account != c->account || o->state == SIM_HELD || !instrument_fits(c, f, o->instrument) ||
        !time_fits(f, o->created_us)) {
        return false;
    }
    if (f->status.size > 0 && !bytes_is(f->status, by_status(o))) {
        return false;
    }
    if (bytes_is(f->order_filter, "Order")) {
        return !stop || o->triggered;
    }
    return !bytes_is(f->order_filter, "StopOrder") || stop;
}

/* ---- lists of orders ----------------------------------------------------------------------- */

struct by_list {
    struct sim_order **order;
    size_t count, capacity;
};

static void list_add(struct by_list *l, struct sim_order *o)
{
    l->order = sim_grow(l->order, l->count, &l->capacity, sizeof(struct sim_order *));
    l->order[l->count++] = o;
}

static int newest_first(const void *a, const void *b)
{
    const struct sim_order *x = *(struct sim_order *const *)a;
    const struct sim_order *y = *(struct sim_order *const *)b;

    return (x->number < y->number) - (x->number > y->number);
}

static void list_begin(struct by_call *c, const char *cursor)
{
    by_begin(c);
    buf_printf(c->out, "{\"category\":\"%s\",\"nextPageCursor\":\"%s\",\"list\":[",
               c->inverse ? "inverse" : "linear", cursor);
}

static void cursor_write(char *out, size_t size, bool more, uint64_t number)
{
    out[0] = '\0';
    if (more) {
        (void)snprintf(out, size, "%llu%%3A2%%2C%llu%%3A2", (unsigned long long)number,
                       (unsigned long long)number);
    }
}

static void list_write(struct by_call *c, struct by_list *l, const struct by_filter *f)
{
    size_t from = 0;
    size_t to;
    size_t n;
    char cursor[64];

    if (l->count > 1) {
        qsort(l->order, l->count, sizeof(struct sim_order *), newest_first);
    }
    while (f->before != 0 && from < l->count && l->order[from]->number >= f->before) {
        from++;
    }
    to = l->count - from > f->limit ? from + (size_t)f->limit : l->count;
    cursor_write(cursor, sizeof cursor, to<l->count, to> from ? l->order[to - 1]->number : 0);
    list_begin(c, cursor);
    for (n = from; n < to; n++) {
        buf_text(c->out, n == from ? "" : ",");
        by_order_json(c, c->out, l->order[n]);
    }
    buf_text(c->out, "]}");
    by_end(c);
    answer_note(&c->req->answer, "%zu orders", to - from);
    free(l->order);
}

static void add_one(struct by_call *c, const struct by_filter *f, struct by_list *l, bool closed,
                    bool open, int64_t memory_us)
{
    struct sim_order *o =
        sim_order_find(c->engine, c->account, f->id, f->id.size > 0 ? BYTES("") : f->client_id);

    if (o == NULL || o->state == SIM_HELD || !instrument_fits(c, f, o->instrument)) {
        return;
    }
    if (o->closed_us == 0 ? open : closed && c->engine->now_us - o->closed_us < memory_us) {
        list_add(l, o);
    }
}

static void add_closed(struct by_call *c, const struct by_filter *f, struct by_list *l,
                       int64_t memory_us)
{
    struct sim_order *o;

    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        if (o->closed_us != 0 && c->engine->now_us - o->closed_us < memory_us &&
            order_fits(c, f, o)) {
            list_add(l, o);
        }
    }
}

void by_realtime(struct by_call *c)
{
    struct by_filter f;
    struct by_list l = { NULL, 0, 0 };
    struct bytes open_only = by_arg(c, "openOnly");
    int64_t memory_us = c->sim->options.status_memory_us;
    struct sim_order *o;

    if (!filter_read(c, &f, 20, 50)) {
        return;
    }
    if (!c->inverse && f.symbol.size == 0 && f.base.size == 0 && f.settle.size == 0) {
        by_error(c, 10001, "params error: symbol, settleCoin or baseCoin is required");
        return;
    }
    if (open_only.size > 0 && !bytes_is(open_only, "0") && !bytes_is(open_only, "1")) {
        by_error(c, 10001, "params error: openOnly invalid");
        return;
    }
    if (f.id.size > 0 || f.client_id.size > 0) {
        add_one(c, &f, &l, true, true, memory_us);
    } else if (bytes_is(open_only, "1")) {
        add_closed(c, &f, &l, memory_us);
        if (l.count > CLOSED_MAX) {
            memmove(l.order, l.order + (l.count - CLOSED_MAX), CLOSED_MAX * sizeof l.order[0]);
            l.count = CLOSED_MAX;
        }
    } else {
        for (o = c->account->open_first; o != NULL; o = o->open_next) {
            if (order_fits(c, &f, o)) {
                list_add(&l, o);
            }
        }
    }
    list_write(c, &l, &f);
}

void by_history(struct by_call *c)
{
    struct by_filter f;
    struct by_list l = { NULL, 0, 0 };

    if (!filter_read(c, &f, 20, 50)) {
        return;
    }
    if (f.id.size > 0 || f.client_id.size > 0) {
        add_one(c, &f, &l, true, false, INT64_MAX);
    } else {
        add_closed(c, &f, &l, INT64_MAX);
    }
    list_write(c, &l, &f);
}

/* ---- fills --------------------------------------------------------------------------------- */

static bool exec_fits(const struct by_call *c, const struct by_filter *f, const struct sim_exec *x)
{
    if (f->id.size > 0) {
        return bytes_is(f->id, x->order->id) && by_in_category(c, x->order->instrument);
    }
    if (f->client_id.size > 0) {
        return bytes_is(f->client_id, x->order->client_id) &&
               by_in_category(c, x->order->instrument);
    }
    return instrument_fits(c, f, x->order->instrument) && time_fits(f, x->wall_us);
}

void by_executions(struct by_call *c)
{
    struct by_filter f;
    const struct sim_account *a = c->account;
    struct bytes type = by_arg(c, "execType");
    struct buf rows;
    char cursor[64];
    uint64_t written = 0;
    size_t n;

    if (!filter_read(c, &f, 50, 100)) {
        return;
    }
    buf_init(&rows, 1024 * 1024);
    n = f.before != 0 && f.before - 1 < a->exec_count ? (size_t)f.before - 1 : a->exec_count;
    while (n > 0 && written < f.limit) {
        const struct sim_exec *x = a->exec[--n];

        if (exec_fits(c, &f, x) &&
            (type.size == 0 || bytes_is(type, x->order->liquidation ? "BustTrade" : "Trade"))) {
            buf_text(&rows, written == 0 ? "" : ",");
            by_exec_json(c, &rows, x);
            written++;
        }
    }
    /* A full page has a next one, which may turn out empty. */
    cursor_write(cursor, sizeof cursor, written == f.limit && n > 0, n + 1);
    list_begin(c, cursor);
    buf_bytes(c->out, buf_view(&rows));
    buf_text(c->out, "]}");
    by_end(c);
    buf_fini(&rows);
    answer_note(&c->req->answer, "%llu executions", (unsigned long long)written);
}

/* ---- the market ---------------------------------------------------------------------------- */

void by_time(struct by_call *c)
{
    int64_t now_us = c->engine->now_us;

    by_begin(c);
    buf_printf(c->out, "{\"timeSecond\":\"%lld\",\"timeNano\":\"%lld000\"}",
               (long long)(now_us / US_PER_S), (long long)now_us);
    by_end(c);
}

static const char *instrument_status(const struct sim_instrument *i)
{
    if (i->expired) {
        return "Closed";
    }
    return i->suspended ? "PreLaunch" : "Trading";
}

static void instrument_write(struct by_call *c, const struct sim_instrument *i)
{
    struct buf *out = c->out;

    buf_printf(out, "{\"symbol\":\"%s\"", i->symbol);
    text_member(out, "contractType", i->type);
    text_member(out, "status", instrument_status(i));
    text_member(out, "baseCoin", i->base);
    text_member(out, "quoteCoin", i->quote_currency);
    text_member(out, "launchTime", "1542106800000");
    by_ms(out, "deliveryTime", i->last_trading_us);
    text_member(out, "deliveryFeeRate", "");
    buf_printf(out,
               ",\"priceScale\":\"%d\",\"leverageFilter\":{\"minLeverage\":\"1\","
               "\"maxLeverage\":\"100.00\",\"leverageStep\":\"0.01\"},\"priceFilter\":{"
               "\"minPrice\":\"",
               i->precision);
    buf_decimal(out, i->tick);
    buf_text(out, "\",\"maxPrice\":\"1999999.80\"");
    by_price(out, "tickSize", i, i->tick);
    buf_text(out, "},\"lotSizeFilter\":{\"maxOrderQty\":\"");
    buf_decimal(out, i->max_position);
    buf_char(out, '"');
    text_decimal_member(out, "minOrderQty", i->step);
    text_decimal_member(out, "qtyStep", i->step);
    text_decimal_member(out, "postOnlyMaxOrderQty", i->max_position);
    text_decimal_member(out, "maxMktOrderQty", i->max_position);
    buf_printf(out,
               ",\"minNotionalValue\":\"%s\"},\"unifiedMarginTrade\":true,"
               "\"fundingInterval\":480",
               i->inverse ? "" : "5");
    text_member(out, "settleCoin", by_settle_coin(i));
    buf_text(out, ",\"copyTrading\":\"none\",\"isPreListing\":false,\"preListingInfo\":null,"
                  "\"riskParameters\":{\"priceLimitRatioX\":\"0.01\","
                  "\"priceLimitRatioY\":\"0.02\"}}");
}

static void instruments_with(struct by_call *c,
                             void (*write)(struct by_call *, const struct sim_instrument *),
                             uint64_t from, uint64_t limit)
{
    struct bytes symbol = by_arg(c, "symbol");
    struct bytes base = by_arg(c, "baseCoin");
    const char *comma = "";
    size_t n;

    for (n = (size_t)from; n < c->engine->instrument_count && limit > 0; n++) {
        const struct sim_instrument *i = &c->engine->instrument[n];

        if (by_in_category(c, i) && (symbol.size == 0 || bytes_is(symbol, i->symbol)) &&
            (base.size == 0 || bytes_is(base, i->base))) {
            buf_text(c->out, comma);
            write(c, i);
            comma = ",";
            limit--;
        }
    }
    buf_text(c->out, "]}");
    by_end(c);
}

/* Where the page that starts at `from` ends; the count when there is nothing behind it. */
static size_t page_end(const struct by_call *c, uint64_t from, uint64_t limit)
{
    size_t n;

    for (n = (size_t)from; n < c->engine->instrument_count; n++) {
        if (by_in_category(c, &c->engine->instrument[n])) {
            if (limit == 0) {
                return n;
            }
            limit--;
        }
    }
    return c->engine->instrument_count;
}

void by_instruments(struct by_call *c)
{
    char cursor[64];
    uint64_t limit;
    uint64_t from;
    size_t end;

    if (!by_category(c) || !number_arg(c, "limit", 500, 1000, &limit) || !cursor_arg(c, &from)) {
        return;
    }
    end = page_end(c, from, limit);
    cursor_write(cursor, sizeof cursor, end < c->engine->instrument_count, end);
    list_begin(c, cursor);
    instruments_with(c, instrument_write, from, limit);
}

static void ticker_write(struct by_call *c, const struct sim_instrument *i)
{
    buf_printf(c->out, "{\"symbol\":\"%s\"", i->symbol);
    by_price(c->out, "lastPrice", i, i->last);
    by_price(c->out, "indexPrice", i, i->index);
    by_price(c->out, "markPrice", i, i->mark);
    by_price_or_empty(c->out, "bid1Price", i, i->bid.there ? i->bid.price : DECIMAL_ZERO);
    by_price_or_empty(c->out, "ask1Price", i, i->ask.there ? i->ask.price : DECIMAL_ZERO);
    buf_char(c->out, '}');
}

void by_tickers(struct by_call *c)
{
    if (by_category(c)) {
        list_begin(c, "");
        instruments_with(c, ticker_write, 0, UINT64_MAX);
    }
}

static void fee_write(struct by_call *c, const struct sim_instrument *i)
{
    buf_printf(c->out,
               "{\"symbol\":\"%s\",\"baseCoin\":\"\",\"takerFeeRate\":\"0.0005\","
               "\"makerFeeRate\":\"0.0002\"}",
               i->symbol);
}

/* What the engine behind it takes. */
void by_fee_rate(struct by_call *c)
{
    if (by_category(c)) {
        list_begin(c, "");
        instruments_with(c, fee_write, 0, UINT64_MAX);
    }
}

void by_price_limit(struct by_call *c)
{
    const struct sim_instrument *i = sim_instrument_find(c->engine, by_arg(c, "symbol"));
    struct decimal room;

    if (i == NULL) {
        by_error(c, 10001, "params error: symbol invalid");
        return;
    }
    room = sim_div_round(sim_mul_round(i->mark, i->collar_percent, 10), (struct decimal){ 100, 0 },
                         10);
    if (decimal_sign(room) == 0) {
        room = sim_div_round(i->mark, (struct decimal){ 2, 0 }, 10);
    }
    by_begin(c);
    buf_printf(c->out, "{\"symbol\":\"%s\"", i->symbol);
    by_price(c->out, "buyLmt", i, sim_round_to(sim_add(i->mark, room), i->tick));
    by_price(c->out, "sellLmt", i, sim_round_to(sim_sub(i->mark, room), i->tick));
    by_ms(c->out, "ts", c->engine->now_us);
    buf_char(c->out, '}');
    by_end(c);
}

/* ---- the account --------------------------------------------------------------------------- */

void by_account_info(struct by_call *c)
{
    by_begin(c);
    buf_text(c->out, "{\"unifiedMarginStatus\":5,\"marginMode\":\"REGULAR_MARGIN\","
                     "\"isMasterTrader\":false,\"spotHedgingStatus\":\"OFF\"");
    by_ms(c->out, "updatedTime", c->engine->now_us);
    buf_char(c->out, '}');
    by_end(c);
}

void by_set_limit_px(struct by_call *c)
{
    const cJSON *enable = cJSON_GetObjectItemCaseSensitive(c->json, "modifyEnable");

    if (!by_category(c)) {
        return;
    }
    if (!cJSON_IsBool(enable)) {
        by_error(c, 10001, "params error: modifyEnable must be a boolean");
        return;
    }
    c->own->price_refused = !cJSON_IsTrue(enable);
    audit_note(&c->sim->audit, c->engine->now_us, "set_limit_px_action", c->account->key,
               c->own->price_refused ? "refuse" : "move");
    by_begin(c);
    buf_text(c->out, "{}");
    by_end(c);
}

/* lpaPerp false: the price is adjusted. */
void by_user_setting(struct by_call *c)
{
    by_begin(c);
    buf_printf(c->out, "{\"lpaSpot\":false,\"lpaPerp\":%s,\"deltaHedgeEnable\":false}",
               c->own->price_refused ? "true" : "false");
    by_end(c);
}

void by_smp_group(struct by_call *c)
{
    by_begin(c);
    buf_text(c->out, "{\"smpGroup\":0}");
    by_end(c);
}

/* Only the window is set: what triggers it is the loss of a WebSocket that is not here. */
void by_dcp_set(struct by_call *c)
{
    const cJSON *window = cJSON_GetObjectItemCaseSensitive(c->json, "timeWindow");
    struct bytes product = by_arg(c, "product");

    if (!cJSON_IsNumber(window) || window->valueint < 3 || window->valueint > 300) {
        by_error(c, 10001, "params error: timeWindow invalid");
        return;
    }
    if (product.size > 0 && !bytes_is(product, "DERIVATIVES") && !bytes_is(product, "OPTIONS") &&
        !bytes_is(product, "SPOT")) {
        by_error(c, 10001, "params error: product invalid");
        return;
    }
    if (bytes_is(product, "DERIVATIVES")) {
        c->own->dcp_s = (uint32_t)window->valueint;
    }
    buf_text(c->out, "{\"retCode\":0,\"retMsg\":\"success\"}");
}

void by_dcp_info(struct by_call *c)
{
    by_begin(c);
    if (c->own->dcp_s == 0) {
        buf_text(c->out, "{\"dcpInfos\":[]}");
    } else {
        buf_printf(c->out,
                   "{\"dcpInfos\":[{\"product\":\"DERIVATIVES\",\"dcpStatus\":\"ON\","
                   "\"timeWindow\":\"%u\"}]}",
                   c->own->dcp_s);
    }
    by_end(c);
}
