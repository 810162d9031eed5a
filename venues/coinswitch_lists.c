/*
 * CoinSwitch PRO futures: lists of orders and positions, instruments, settings, the clock. A
 * malformed element makes the whole list unreadable: an order missing from a list is taken for
 * gone.
 */
#include "coinswitch.h"

static const struct cJSON *data_of(const struct answer *a)
{
    return json_member(a->root, "data");
}

/* ---- orders -------------------------------------------------------------------------------- */

/* From when on rows are asked for; 0: not said. Open orders are asked for without a beginning too:
 * an order may rest for weeks, and one that is missing from a complete list is taken for gone. */
static int64_t beginning_ms(const struct venue_call *call)
{
    if (call->since_us == 0 && call->op == VENUE_OPEN_ORDERS) {
        return (call->wall_us - COINSWITCH_OPEN_SPAN_US) / US_PER_MS;
    }
    return call->since_us / US_PER_MS;
}

/* What follows this page. The venue walks back in time, `cursor` being the time of the oldest row;
 * one call spans 7 days at most, so a short page may have older ones behind it as well. */
static void settle_page(struct answer *a, const struct cJSON *data, size_t rows)
{
    const struct venue_call *call = a->call;
    int64_t from_ms = (call->wall_us - COINSWITCH_SPAN_US) / US_PER_MS;
    int64_t to_ms = call->wall_us / US_PER_MS;
    int64_t next_ms = 0;
    int64_t since_ms = beginning_ms(call);
    bool bounded = coinswitch_window(call, &from_ms, &to_ms);
    char text[24];

    if (rows >= coinswitch_page(call)) {
        if (json_int(a->doc, data, "cursor", &next_ms) != JSON_OK || next_ms <= 0) {
            a->bad = true;
            return;
        }
        /* A page of one millisecond would be asked for ever. */
        next_ms = bounded && next_ms >= to_ms ? to_ms - 1 : next_ms;
    } else if (since_ms > 0 && from_ms > since_ms) {
        next_ms = from_ms;
    } else {
        a->reply->complete = since_ms != 0;
        return;
    }
    decimal_print((struct decimal){ next_ms, 0 }, text);
    a->reply->cursor = answer_keep(a, bytes_of(text));
}

static void read_list(struct answer *a)
{
    const struct cJSON *data = data_of(a);
    const struct cJSON *rows = json_member(data, "orders");

    if (data != NULL && !json_is_array(rows)) {
        a->bad = true;
        return;
    }
    answer_orders(a, json_count(rows));
    for (const struct cJSON *r = json_first(rows); r != NULL && !a->bad; r = json_next(r)) {
        coinswitch_read_order(a, r, &a->reply->order[a->reply->order_count++]);
    }
    settle_page(a, data, json_count(rows));
}

/* ---- positions ----------------------------------------------------------------------------- */

static void read_position(struct answer *a, const struct cJSON *item, struct venue_position *out)
{
    struct bytes side;
    struct bytes margin;

    if (!answer_upper(a, item, "symbol", &out->symbol) ||
        !answer_decimal(a, item, "position_size", &out->qty) ||
        !answer_decimal(a, item, "avg_entry_price", &out->price) ||
        !answer_text(a, item, "position_side", &side) ||
        !(answer_same(side, "LONG") || answer_same(side, "SHORT"))) {
        a->bad = true;
        return;
    }
    out->side = answer_same(side, "LONG") ? VENUE_BUY : VENUE_SELL;
    out->isolated = answer_text(a, item, "margin_type", &margin) && answer_same(margin, "ISOLATED");
}

static void read_positions(struct answer *a)
{
    const struct cJSON *rows = data_of(a);

    if (rows != NULL && !json_is_array(rows)) {
        a->bad = true;
        return;
    }
    a->reply->position = answer_take(a, json_count(rows), sizeof *a->reply->position);
    for (const struct cJSON *r = json_first(rows); r != NULL && !a->bad; r = json_next(r)) {
        read_position(a, r, &a->reply->position[a->reply->position_count++]);
    }
    a->reply->complete = true;
}

/* ---- instruments --------------------------------------------------------------------------- */

/* The key names the contract; `symbol` inside is only its base. */
static void read_instrument(struct answer *a, const struct cJSON *item,
                            struct venue_instrument *out)
{
    int64_t precision = 0;
    struct bytes status;

    out->symbol = answer_keep(a, json_name(item));
    answer_upper(a, item, "base_asset", &out->base);
    answer_upper(a, item, "quote_asset", &out->quote);
    answer_text(a, item, "type", &out->kind);
    answer_decimal(a, item, "min_base_quantity", &out->qty_min);
    answer_decimal(a, item, "max_base_quantity", &out->qty_max);
    if (!answer_decimal(a, item, "base_quantity_step_size", &out->lot)) {
        answer_decimal(a, item, "lot_size", &out->lot);
    }
    if (json_int(a->doc, item, "price_precision", &precision) == JSON_OK && precision >= 0 &&
        precision <= DECIMAL_SCALE_MAX) {
        out->tick = decimal_power10((int)-precision);
    }
    out->tradeable = answer_text(a, item, "status", &status) && answer_same(status, "TRADING") &&
                     decimal_sign(out->tick) > 0 && decimal_sign(out->lot) > 0;
    if (out->symbol.size == 0 || !json_is_object(item)) {
        a->bad = true;
    }
}

static void read_instruments(struct answer *a)
{
    const struct cJSON *map = data_of(a);

    if (!json_is_object(map)) {
        a->bad = true;
        return;
    }
    a->reply->instrument = answer_take(a, json_count(map), sizeof *a->reply->instrument);
    for (const struct cJSON *i = json_first(map); i != NULL && !a->bad; i = json_next(i)) {
        read_instrument(a, i, &a->reply->instrument[a->reply->instrument_count++]);
    }
    a->reply->complete = true;
}

/* ---- settings ------------------------------------------------------------------------------ */

/* "BTCUSDT=10"; the answer to add_margin names no leverage. */
static void read_leverage(struct answer *a)
{
    const struct cJSON *data = data_of(a);
    struct decimal leverage;
    struct bytes symbol;
    struct buf text;

    if (!json_is_object(data)) {
        a->bad = true;
        return;
    }
    if (!answer_decimal(a, data, "leverage", &leverage)) {
        a->bad = a->bad || a->call->op == VENUE_GET_LEVERAGE;
        return;
    }
    if (!answer_upper(a, data, "symbol", &symbol)) {
        symbol = a->call->symbol;
    }
    buf_init(&text, 256);
    buf_bytes(&text, symbol);
    buf_char(&text, '=');
    buf_decimal(&text, leverage);
    a->bad = a->bad || text.failed;
    a->reply->setting = answer_keep(a, buf_view(&text));
    a->reply->complete = true;
    buf_fini(&text);
}

/* Movements of money as "id:type:symbol:amount" words. They name no order, no quantity and no
 * price, so they are no fills. */
static void read_account_log(struct answer *a)
{
    static const char *const names[] = { "transaction_id", "type", "symbol", "amount",
                                         "quote_asset" };
    const struct cJSON *rows = data_of(a);
    struct buf text;
    struct bytes field;

    if (!json_is_array(rows)) {
        a->bad = true;
        return;
    }
    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (const struct cJSON *r = json_first(rows); r != NULL && !a->bad; r = json_next(r)) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            if (text.size > 0) {
                buf_char(&text, i == 0 ? ' ' : ':');
            }
            if (answer_text(a, r, names[i], &field)) {
                buf_bytes(&text, field);
            }
        }
    }
    a->bad = a->bad || text.failed;
    a->reply->setting = answer_keep(a, buf_view(&text));
    buf_fini(&text);
}

static void read_time(struct answer *a)
{
    static const char *const names[] = { "serverTime", "server_time", "time", "data" };
    const struct cJSON *places[] = { a->root, data_of(a) };

    for (size_t p = 0; p < ARRAY_LEN(places); p++) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            int64_t ms = 0;

            if (json_int(a->doc, places[p], names[i], &ms) == JSON_OK && ms > 0 &&
                ms < INT64_MAX / US_PER_MS) {
                a->reply->server_us = ms * US_PER_MS;
                return;
            }
        }
    }
    a->bad = true;
}

/* ---- the venue's table names these --------------------------------------------------------- */

#define PARSE(name, reader)                                                                        \
    enum venue_outcome coinswitch_parse_##name(const struct venue_call *call,                      \
                                               const struct http_response *rsp,                    \
                                               struct arena *arena, struct venue_reply *out)       \
    {                                                                                              \
        return answer_run(call, rsp, arena, out, coinswitch_envelope, reader);                     \
    }

PARSE(list, read_list)
PARSE(positions, read_positions)
PARSE(leverage, read_leverage)
PARSE(instruments, read_instruments)
PARSE(account_log, read_account_log)
PARSE(time, read_time)
