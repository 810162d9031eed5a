/*
 * Bybit: answers about settings and markets: leverage, fees, self-trade group, price limits,
 * instruments and the clock. Settings are handed on as "name=value" words, one blank between them.
 */
#include "bybit.h"

/* ---- words --------------------------------------------------------------------------------- */

static void put_word(struct buf *out, struct bytes name, struct bytes value)
{
    buf_text(out, out->size > 0 ? " " : "");
    buf_bytes(out, name);
    buf_char(out, '=');
    buf_bytes(out, value);
}

static void keep_setting(struct answer *p, struct buf *text)
{
    p->bad = p->bad || text->failed;
    p->reply->setting = answer_keep(p, buf_view(text));
    p->reply->complete = true;
    buf_fini(text);
}

/* "BTCUSD=10"; in hedge mode one for each side. */
static void read_get_leverage(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->data, "list");
    struct bytes symbol;
    struct bytes leverage;
    struct buf text;

    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        if (!answer_text(p, i, "symbol", &symbol)) {
            p->bad = true;
            break;
        }
        answer_text(p, i, "leverage", &leverage); /* empty under portfolio margin */
        put_word(&text, symbol, leverage);
    }
    keep_setting(p, &text);
}

static void read_get_stp(struct answer *p)
{
    int64_t group;

    if (json_int(p->doc, p->data, "smpGroup", &group) != JSON_OK) {
        p->bad = true;
        return;
    }
    p->reply->setting = bybit_number(p, group);
    p->reply->complete = true;
}

/* "BTCUSD=0.0002,0.00055": maker and taker. */
static void read_fees(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->data, "list");
    struct bytes name;
    struct bytes maker;
    struct bytes taker;
    struct buf text;

    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        if (!answer_text(p, i, "symbol", &name) && !answer_text(p, i, "baseCoin", &name)) {
            p->bad = true;
            break;
        }
        answer_text(p, i, "makerFeeRate", &maker);
        answer_text(p, i, "takerFeeRate", &taker);
        put_word(&text, name, maker);
        buf_char(&text, ',');
        buf_bytes(&text, taker);
    }
    keep_setting(p, &text);
}

/* A member of any kind as text; an absent one is left out. */
static void put_member(struct answer *p, struct buf *out, const char *name)
{
    char text[DECIMAL_TEXT_MAX];
    struct decimal number;
    struct bytes word;
    bool flag;

    if (json_bool(p->data, name, &flag) == JSON_OK) {
        put_word(out, bytes_of(name), flag ? BYTES("true") : BYTES("false"));
    } else if (json_decimal(p->doc, p->data, name, &number) == JSON_OK) {
        put_word(out, bytes_of(name), (struct bytes){ text, decimal_print(number, text) });
    } else if (json_text(p->data, name, &word) == JSON_OK) {
        put_word(out, bytes_of(name), word);
    }
}

/* Which members answer which question; none of them there: no answer. */
static const struct {
    const char *what;
    const char *member[5];
} checks[] = {
    { "", { "preImrE4", "preMmrE4", "postImrE4", "postMmrE4", NULL } },
    { "price-action", { "lpaPerp", NULL } }, /* true: refused beyond the band; false: moved */
    { "price-limit", { "buyLmt", "sellLmt", NULL } },
    { "account", { "unifiedMarginStatus", "marginMode", NULL } }, /* 3, 4: UTA 1.0; 5, 6: 2.0 */
};

static void read_check_order(struct answer *p)
{
    const struct bytes *arg = bybit_arg(p->call, "what");
    struct bytes what = arg == NULL ? BYTES("") : *arg;
    struct buf text;

    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        for (size_t k = 0; bytes_is(what, checks[i].what) && checks[i].member[k] != NULL; k++) {
            put_member(p, &text, checks[i].member[k]);
        }
    }
    p->bad = p->bad || (arg != NULL && text.size == 0);
    keep_setting(p, &text);
}

/* ---- instruments --------------------------------------------------------------------------- */

static bool starts(struct bytes text, const char *with)
{
    return text.size >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

static void read_instrument(struct answer *p, const struct cJSON *item,
                            struct venue_instrument *out)
{
    const struct cJSON *prices = json_member(item, "priceFilter");
    const struct cJSON *lots = json_member(item, "lotSizeFilter");
    struct bytes status;
    bool stepped;

    if (!answer_text(p, item, "symbol", &out->symbol) || !answer_text(p, item, "status", &status)) {
        p->bad = true;
        return;
    }
    answer_text(p, item, "contractType", &out->kind);
    answer_text(p, item, "baseCoin", &out->base);
    answer_text(p, item, "quoteCoin", &out->quote);
    stepped = bybit_positive(p, prices, "tickSize", &out->tick);
    stepped = bybit_positive(p, lots, "qtyStep", &out->lot) && stepped;
    answer_filled_decimal(p, lots, "minOrderQty", &out->qty_min);
    answer_filled_decimal(p, lots, "maxOrderQty", &out->qty_max);
    bybit_ms_time(p, item, "deliveryTime", &out->expires_us);
    out->inverse = starts(out->kind, "Inverse");
    out->tradeable = stepped && bytes_is(status, "Trading");
}

static void read_instruments(struct answer *p)
{
    const struct cJSON *list = answer_array(p, p->data, "list");

    p->reply->instrument = answer_take(p, json_count(list), sizeof *p->reply->instrument);
    for (const struct cJSON *i = json_first(list); i != NULL && !p->bad; i = json_next(i)) {
        read_instrument(p, i, &p->reply->instrument[p->reply->instrument_count++]);
    }
    p->reply->complete = !answer_text(p, p->data, "nextPageCursor", &p->reply->cursor);
}

/* ---- the clock ----------------------------------------------------------------------------- */

/* `time` of the envelope, as in every answer; else the result's own, in nanoseconds. */
static void read_time(struct answer *p)
{
    int64_t ns;

    if (p->reply->server_us == 0 && json_int(p->doc, p->data, "timeNano", &ns) == JSON_OK &&
        ns > 0) {
        p->reply->server_us = ns / 1000;
    }
    p->bad = p->reply->server_us == 0;
    p->reply->complete = true;
}

/* ---- the venue's table names these --------------------------------------------------------- */

enum venue_outcome bybit_parse_get_leverage(const struct venue_call *call,
                                            const struct http_response *rsp, struct arena *arena,
                                            struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_get_leverage);
}

enum venue_outcome bybit_parse_get_stp(const struct venue_call *call,
                                       const struct http_response *rsp, struct arena *arena,
                                       struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_get_stp);
}

enum venue_outcome bybit_parse_fees(const struct venue_call *call, const struct http_response *rsp,
                                    struct arena *arena, struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_fees);
}

enum venue_outcome bybit_parse_check_order(const struct venue_call *call,
                                           const struct http_response *rsp, struct arena *arena,
                                           struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_check_order);
}

enum venue_outcome bybit_parse_instruments(const struct venue_call *call,
                                           const struct http_response *rsp, struct arena *arena,
                                           struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_instruments);
}

enum venue_outcome bybit_parse_time(const struct venue_call *call, const struct http_response *rsp,
                                    struct arena *arena, struct venue_reply *out)
{
    return bybit_parse_run(call, rsp, arena, out, read_time);
}
