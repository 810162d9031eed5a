/*
 * B2PRIME: executions, lists of orders, markets, calculations, positions. Values that no other
 * field of a reply holds are handed on as "name=value" words in `setting`.
 */
#include "b2prime.h"

/* ---- lists in whatever wrapping ------------------------------------------------------------ */

/* The array itself, or in a member; the stream wraps it in `item`, positions twice. NULL: none. */
static const struct cJSON *find_array(const struct cJSON *root)
{
    static const char *const names[] = { "item",    "items",    "executions", "orders",
                                         "markets", "accounts", "list",       "data" };

    if (json_is_array(root)) {
        return root;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct cJSON *found = json_member(root, names[i]);

        if (json_is_array(found)) {
            return found;
        }
    }
    return NULL;
}

static const struct cJSON *list_of(struct answer *a)
{
    const struct cJSON *list = find_array(a->root);

    if (list == NULL) {
        a->bad = true;
    }
    return list;
}

/* ---- executions ---------------------------------------------------------------------------- */

static void read_fee(struct answer *a, const struct cJSON *item, struct venue_fill *f)
{
    const struct cJSON *fees = json_member(item, "commissions");

    /* Several currencies do not fit one fee. */
    if (json_is_array(fees) && json_count(fees) == 1) {
        f->has_fee = answer_decimal(a, json_first(fees), "amount", &f->fee);
        answer_text(a, json_first(fees), "assetId", &f->fee_currency);
    }
}

static void read_execution(struct answer *a, const struct cJSON *item, struct venue_fill *f)
{
    struct bytes reason;

    answer_text(a, item, "orderId", &f->venue_id);
    f->side = answer_side(a, item, "side");
    answer_iso_time(a, item, "createdAt", &f->time_us);
    f->by_venue = answer_text(a, item, "reason", &reason) && !answer_same(reason, "Trader");
    read_fee(a, item, f);
    if (!answer_text(a, item, "executionId", &f->exec_id) ||
        !answer_decimal(a, item, "baseAmount", &f->qty) || decimal_sign(f->qty) <= 0 ||
        !answer_decimal(a, item, "executionPrice", &f->price)) {
        a->bad = true;
    }
}

/* The order of the rows is not documented. Stable, and short lists. */
static void sort_fills(struct venue_reply *r)
{
    for (size_t i = 1; i < r->fill_count; i++) {
        struct venue_fill f = r->fill[i];
        size_t k = i;

        for (; k > 0 && r->fill[k - 1].time_us > f.time_us; k--) {
            r->fill[k] = r->fill[k - 1];
        }
        r->fill[k] = f;
    }
}

static void read_fills(struct answer *a, const struct cJSON *list)
{
    size_t count = json_count(list);
    uint32_t limit = a->call->count > 0 && a->call->count < B2PRIME_EXECUTIONS_MAX
                         ? a->call->count
                         : B2PRIME_EXECUTIONS_MAX;
    struct bytes last = { NULL, 0 };

    a->reply->fill = answer_take(a, count, sizeof *a->reply->fill);
    if (count > B2PRIME_EXECUTIONS_MAX) {
        a->bad = true; /* more than was asked for */
    }
    for (const struct cJSON *e = json_first(list); e != NULL && !a->bad; e = json_next(e)) {
        read_execution(a, e, &a->reply->fill[a->reply->fill_count++]);
        last = a->reply->fill[a->reply->fill_count - 1].exec_id;
    }
    a->reply->complete = count < limit && !answer_flag(a, a->root, "isExceeded");
    a->reply->cursor = a->reply->complete ? (struct bytes){ NULL, 0 } : last;
    if (!a->bad) {
        sort_fills(a->reply);
    }
}

/* What the fills say of the order: no more than how much of it is done. */
static void add_order(struct answer *a)
{
    struct venue_order_state *o = answer_orders(a, 1);

    if (o == NULL) {
        return;
    }
    o->venue_id = answer_keep(a, a->call->venue_id[0]);
    o->status = VENUE_ORDER_PENDING;
    o->has_filled = a->reply->complete && a->call->cursor.size == 0;
    for (size_t i = 0; i < a->reply->fill_count; i++) {
        if (!bytes_equal(a->reply->fill[i].venue_id, o->venue_id) ||
            !decimal_add(o->filled, a->reply->fill[i].qty, &o->filled)) {
            a->bad = true;
            return;
        }
    }
    a->reply->order_count = 1;
}

static void read_executions(struct answer *a)
{
    read_fills(a, list_of(a));
    if (a->call->op == VENUE_STATUS && !a->bad && a->call->venue_id_count > 0) {
        add_order(a);
        a->reply->complete = a->reply->complete && a->call->venue_id_count == 1;
    }
}

/* ---- orders -------------------------------------------------------------------------------- */

static void read_orders(struct answer *a, const struct cJSON *list)
{
    answer_orders(a, json_count(list));
    for (const struct cJSON *i = json_first(list); i != NULL && !a->bad; i = json_next(i)) {
        b2prime_read_order(a, i, true, &a->reply->order[a->reply->order_count++]);
    }
}

static void read_open_orders(struct answer *a)
{
    read_orders(a, list_of(a));
    a->reply->complete = true;
}

static void read_order_history(struct answer *a)
{
    size_t count;
    uint32_t limit = a->call->count > 0 && a->call->count < B2PRIME_HISTORY_PAGE
                         ? a->call->count
                         : B2PRIME_HISTORY_PAGE;

    read_orders(a, list_of(a));
    count = a->reply->order_count;
    a->reply->complete = count < limit;
    if (!a->reply->complete && !a->bad) {
        a->reply->cursor = a->reply->order[count - 1].venue_id;
    }
}

/* ---- markets ------------------------------------------------------------------------------- */

/* Names that no source confirms, tried in turn. */
static const char *const lot_size_names[] = { "lotSize", "lot", NULL };
static const char *const lot_step_names[] = { "lotStep", "lotAmountStep", "lotAmountIncrement",
                                              NULL };
static const char *const min_lot_names[] = { "minLotAmount", "minLots", NULL };
static const char *const max_lot_names[] = { "maxLotAmount", "maxLots", NULL };

static bool first_of(struct answer *a, const struct cJSON *item, const char *const *names,
                     struct decimal *out)
{
    for (; *names != NULL; names++) {
        if (answer_decimal(a, item, *names, out) && decimal_sign(*out) > 0) {
            return true;
        }
    }
    *out = DECIMAL_ZERO;
    return false;
}

static struct decimal step_of(struct answer *a, const struct cJSON *item, const char *name,
                              int otherwise)
{
    int64_t digits;

    if (json_int(a->doc, item, name, &digits) != JSON_OK || digits < 0 ||
        digits > DECIMAL_SCALE_MAX) {
        return otherwise < 0 ? DECIMAL_ZERO : decimal_power10(-otherwise);
    }
    return decimal_power10((int)-digits);
}

/* Lots times lot size, in base units; zero where either is unknown. */
static struct decimal in_base(struct answer *a, const struct cJSON *item, const char *const *names,
                              struct decimal lot_size)
{
    struct decimal lots, base;

    return first_of(a, item, names, &lots) && decimal_mul(lots, lot_size, &base) ? base
                                                                                 : DECIMAL_ZERO;
}

static void read_sizes(struct answer *a, const struct cJSON *item, struct venue_instrument *out)
{
    struct decimal lot_size;

    answer_decimal(a, item, "maxBaseAmount", &out->qty_max);
    if (b2prime_market(out->symbol) == B2PRIME_SPOT) {
        out->lot = step_of(a, item, "amountScale", -1);
        answer_decimal(a, item, "minAmount", &out->qty_min);
        return;
    }
    first_of(a, item, lot_size_names, &lot_size);
    out->lot = in_base(a, item, lot_step_names, lot_size);
    out->qty_min = in_base(a, item, min_lot_names, lot_size);
    if (decimal_sign(out->qty_max) == 0) {
        out->qty_max = in_base(a, item, max_lot_names, lot_size);
    }
    if (decimal_sign(out->lot) == 0) {
        out->lot = decimal_power10(-B2PRIME_STEP_DIGITS);
    }
}

static void read_market(struct answer *a, const struct cJSON *item, struct venue_instrument *out)
{
    static const char *const kinds[] = { "", "spot", "cfd", "perpetual" };
    struct bytes status;

    if (!answer_text(a, item, "marketId", &out->symbol)) {
        a->bad = true;
        return;
    }
    out->kind = bytes_of(kinds[b2prime_market(out->symbol)]);
    answer_upper(a, item, "baseAssetId", &out->base);
    answer_upper(a, item, "quoteAssetId", &out->quote);
    out->tick = step_of(a, item, "priceScale", -1);
    read_sizes(a, item, out);
    /* Where the list shows no status the venue will say at the order. */
    out->tradeable = (!answer_text(a, item, "status", &status) || answer_same(status, "Open")) &&
                     decimal_sign(out->tick) > 0 && decimal_sign(out->lot) > 0;
}

static void read_instruments(struct answer *a)
{
    const struct cJSON *list = list_of(a);

    a->reply->instrument = answer_take(a, json_count(list), sizeof *a->reply->instrument);
    for (const struct cJSON *i = json_first(list); i != NULL && !a->bad; i = json_next(i)) {
        read_market(a, i, &a->reply->instrument[a->reply->instrument_count++]);
    }
    a->reply->complete = true;
}

/* ---- values as words ----------------------------------------------------------------------- */

static void add_word(struct buf *out, const char *prefix, const char *name, struct bytes value)
{
    if (out->size > 0) {
        buf_char(out, ' ');
    }
    buf_text(out, prefix);
    buf_text(out, name);
    buf_char(out, '=');
    buf_bytes(out, value);
}

/* Numbers of `o` by these names, where they are there. */
static void add_numbers(struct answer *a, struct buf *out, const struct cJSON *o,
                        const char *prefix, const char *const *names)
{
    for (; *names != NULL; names++) {
        struct decimal number;
        char text[DECIMAL_TEXT_MAX];

        if (answer_decimal(a, o, *names, &number)) {
            add_word(out, prefix, *names, (struct bytes){ text, decimal_print(number, text) });
        }
    }
}

static void keep_words(struct answer *a, struct buf *text)
{
    a->bad = a->bad || text->failed || text->size == 0;
    a->reply->setting = answer_keep(a, buf_view(text));
    a->reply->complete = true;
    buf_fini(text);
}

static void add_triggers(struct answer *a, struct buf *out, const struct cJSON *o)
{
    static const char *const names[] = { "price", "rate", "points", "pnl", NULL };

    add_numbers(a, out, json_member(o, "takeProfit"), "takeProfit.", names);
    add_numbers(a, out, json_member(o, "stopLoss"), "stopLoss.", names);
}

/* The description has the values at the top, the examples in `order`. */
static void read_check_order(struct answer *a)
{
    static const char *const names[] = { "baseAmount",          "quoteAmount",
                                         "commissionAmount",    "total",
                                         "requiredMarginInRAT", "commissionAmountInRAT",
                                         "marginLevel",         NULL };
    const struct cJSON *order = json_member(a->root, "order");
    struct buf text;

    buf_init(&text, 4096);
    order = json_is_object(order) ? order : a->root;
    add_numbers(a, &text, order, "", names);
    add_triggers(a, &text, order);
    keep_words(a, &text);
}

/* ---- positions ----------------------------------------------------------------------------- */

static struct bytes arg_value(const struct answer *a, const char *name)
{
    for (size_t i = 0; i < a->call->arg_count; i++) {
        if (bytes_is(a->call->arg[i].name, name)) {
            return a->call->arg[i].value;
        }
    }
    return (struct bytes){ NULL, 0 };
}

static void read_position_id(struct answer *a)
{
    struct bytes id;
    struct buf text;

    if (!answer_text(a, a->root, "positionId", &id) ||
        !bytes_equal(id, arg_value(a, "positionId"))) {
        a->bad = true;
        return;
    }
    buf_init(&text, 256);
    add_word(&text, "", "positionId", id);
    keep_words(a, &text);
}

/* "accepted" and the positions that will be closed; their orders and fills come later, under ids
 * unknown here. */
static void read_bulk(struct answer *a)
{
    const struct cJSON *ids = json_member(a->root, "positionIds");
    struct bytes status;
    struct bytes id;
    struct buf text;

    if (!answer_text(a, a->root, "status", &status) || !json_is_array(ids)) {
        a->bad = true;
        return;
    }
    if (!answer_same(status, "accepted")) {
        a->outcome = answer_judge(a, VENUE_UNKNOWN, VENUE_REASON_OTHER, status,
                                  BYTES("bulk close was not accepted"));
        return;
    }
    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    add_word(&text, "", "status", status);
    for (const struct cJSON *i = json_first(ids); i != NULL; i = json_next(i)) {
        if (json_item_text(i, &id) != JSON_OK) {
            a->bad = true;
            break;
        }
        add_word(&text, "", "positionId", id);
    }
    keep_words(a, &text);
}

static void read_close(struct answer *a)
{
    if (arg_value(a, "mode").size > 0) {
        read_bulk(a);
    } else {
        read_position_id(a);
    }
}

static void read_triggers(struct answer *a)
{
    struct buf text;

    if (json_member(a->root, "positionId") != NULL) {
        read_position_id(a);
        return;
    }
    buf_init(&text, 4096);
    add_triggers(a, &text, a->root);
    keep_words(a, &text);
}

/* ---- commission, accounts, token ----------------------------------------------------------- */

static void read_fees(struct answer *a)
{
    static const char *const names[] = { "currentTradingVolumeInRAT", NULL };
    struct buf text;

    buf_init(&text, 256);
    add_numbers(a, &text, a->root, "", names);
    keep_words(a, &text);
}

/* "6891e70db552ff9c6fbbccf5=Netting" a word. */
static void read_accounts(struct answer *a)
{
    const struct cJSON *list = list_of(a);
    struct bytes id;
    struct bytes type;
    struct buf text;

    buf_init(&text, HTTP_RESPONSE_BODY_MAX);
    for (const struct cJSON *i = json_first(list); i != NULL && !a->bad; i = json_next(i)) {
        if (!answer_text(a, i, "accountId", &id)) {
            a->bad = true;
            break;
        }
        answer_text(a, i, "accountType", &type);
        if (text.size > 0) {
            buf_char(&text, ' ');
        }
        buf_bytes(&text, id);
        buf_char(&text, '=');
        buf_bytes(&text, type);
    }
    keep_words(a, &text);
}

/* The token itself goes to `login` and nowhere else. */
static void read_auth(struct answer *a)
{
    struct bytes token;

    if (json_text(a->root, "accessToken", &token) != JSON_OK || token.size == 0) {
        a->bad = true;
    }
}

/* ---- the venue's table names these --------------------------------------------------------- */

#define PARSE(name, reader)                                                                        \
    enum venue_outcome b2prime_parse_##name(const struct venue_call *call,                         \
                                            const struct http_response *rsp, struct arena *arena,  \
                                            struct venue_reply *out)                               \
    {                                                                                              \
        return answer_run(call, rsp, arena, out, b2prime_envelope, reader);                        \
    }

PARSE(executions, read_executions)
PARSE(open_orders, read_open_orders)
PARSE(order_history, read_order_history)
PARSE(instruments, read_instruments)
PARSE(check_order, read_check_order)
PARSE(close, read_close)
PARSE(triggers, read_triggers)
PARSE(fees, read_fees)
PARSE(accounts, read_accounts)
PARSE(auth, read_auth)
