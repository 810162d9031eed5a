/*
 * Bitget mix-v2: contracts, positions, settings and the clock.
 */
#include "bitget.h"

/* ---- contracts ----------------------------------------------------------------------------- */

/* The price step is priceEndStep units of the last of pricePlace decimals. */
static bool read_tick(struct answer *p, const struct cJSON *row, struct decimal *tick)
{
    struct decimal places;
    struct decimal step;

    if (!answer_filled_decimal(p, row, "pricePlace", &places) ||
        !answer_filled_decimal(p, row, "priceEndStep", &step)) {
        return false;
    }
    places = decimal_normal(places);
    return places.scale == 0 && places.mantissa >= 0 && places.mantissa <= DECIMAL_SCALE_MAX &&
           decimal_sign(step) > 0 &&
           decimal_mul(step, decimal_power10((int)-places.mantissa), tick);
}

static bool read_lot(struct answer *p, const struct cJSON *row, struct decimal *lot)
{
    struct decimal places;

    if (answer_filled_decimal(p, row, "sizeMultiplier", lot) && decimal_sign(*lot) > 0) {
        return true;
    }
    if (!answer_filled_decimal(p, row, "volumePlace", &places)) {
        return false;
    }
    places = decimal_normal(places);
    if (places.scale != 0 || places.mantissa < 0 || places.mantissa > DECIMAL_SCALE_MAX) {
        return false;
    }
    *lot = decimal_power10((int)-places.mantissa);
    return true;
}

static void read_contract(struct answer *p, const struct cJSON *row, struct venue_instrument *i)
{
    bool has_steps = read_tick(p, row, &i->tick);

    has_steps = read_lot(p, row, &i->lot) && has_steps;
    answer_filled_decimal(p, row, "minTradeNum", &i->qty_min);
    answer_filled_decimal(p, row, "maxOrderQty", &i->qty_max);
    answer_text(p, row, "baseCoin", &i->base);
    answer_text(p, row, "quoteCoin", &i->quote);
    answer_text(p, row, "symbolType", &i->kind);
    answer_filled_ms_time(p, row, "deliveryTime", &i->expires_us);
    /* Coin-margined contracts are sized in their base coin: no inverse arithmetic. */
    i->tradeable = has_steps && bitget_word(row, "symbolStatus", "normal");
    if (!answer_upper(p, row, "symbol", &i->symbol)) {
        p->bad = true;
    }
}

static void read_instruments(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, p->data);

    p->bad = p->bad || rows == NULL; /* no contracts at all is no answer */
    p->reply->instrument = answer_take(p, json_count(rows), sizeof *p->reply->instrument);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        read_contract(p, r, &p->reply->instrument[p->reply->instrument_count++]);
    }
    p->reply->complete = true;
}

/* ---- positions ----------------------------------------------------------------------------- */

static void read_position(struct answer *p, const struct cJSON *row, struct venue_position *out)
{
    if (!answer_upper(p, row, "symbol", &out->symbol) ||
        !answer_filled_decimal(p, row, "total", &out->qty)) {
        p->bad = true;
        return;
    }
    answer_filled_decimal(p, row, "openPriceAvg", &out->price);
    out->isolated = bitget_word(row, "marginMode", "isolated");
    if (bitget_word(row, "holdSide", "long") || bitget_word(row, "holdSide", "buy")) {
        out->side = VENUE_BUY;
    } else if (bitget_word(row, "holdSide", "short") || bitget_word(row, "holdSide", "sell")) {
        out->side = VENUE_SELL;
    } else {
        p->bad = true;
    }
}

static void read_positions(struct answer *p)
{
    const struct cJSON *rows = bitget_rows(p, p->data);

    p->reply->position = answer_take(p, json_count(rows), sizeof *p->reply->position);
    for (const struct cJSON *r = json_first(rows); r != NULL && !p->bad; r = json_next(r)) {
        read_position(p, r, &p->reply->position[p->reply->position_count++]);
    }
    p->reply->complete = true;
}

/* ---- settings ------------------------------------------------------------------------------ */

/* "posMode=one_way_mode marginMode=crossed crossedMarginLeverage=20 ...", what is said of them. */
static void read_get_leverage(struct answer *p)
{
    static const char *const names[] = { "posMode", "marginMode", "crossedMarginLeverage",
                                         "isolatedLongLever", "isolatedShortLever" };
    struct buf text;

    if (!json_is_object(p->data)) {
        p->bad = true;
        return;
    }
    buf_init(&text, 512);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct bytes value;

        if (bitget_id(p, p->data, names[i], &value)) {
            buf_printf(&text, "%s%s=", text.size > 0 ? " " : "", names[i]);
            buf_bytes(&text, value);
        }
    }
    if (text.failed || text.size == 0) {
        p->bad = true;
    } else {
        p->reply->setting = answer_keep(p, buf_view(&text));
    }
    buf_fini(&text);
    p->reply->complete = true;
}

static void read_done(struct answer *p)
{
    p->reply->complete = true;
}

static void read_time(struct answer *p)
{
    if (!answer_filled_ms_time(p, p->data, "serverTime", &p->reply->server_us)) {
        p->bad = true;
    }
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bitget_parse_instruments(const struct venue_call *call,
                                            const struct http_response *rsp, struct arena *arena,
                                            struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_instruments);
}

enum venue_outcome bitget_parse_positions(const struct venue_call *call,
                                          const struct http_response *rsp, struct arena *arena,
                                          struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_positions);
}

enum venue_outcome bitget_parse_get_leverage(const struct venue_call *call,
                                             const struct http_response *rsp, struct arena *arena,
                                             struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_get_leverage);
}

enum venue_outcome bitget_parse_set_leverage(const struct venue_call *call,
                                             const struct http_response *rsp, struct arena *arena,
                                             struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_done);
}

enum venue_outcome bitget_parse_time(const struct venue_call *call, const struct http_response *rsp,
                                     struct arena *arena, struct venue_reply *out)
{
    return bitget_parse_run(BITGET_V2, call, rsp, arena, out, read_time);
}
