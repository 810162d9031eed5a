/*
 * Kraken Futures: the history API. Numbers are decimal texts here, times are milliseconds, and
 * pages are chained by continuation tokens that belong to one sort order.
 */
#include "venuesim_kraken.h"

#include "timestamp.h"

#include <ctype.h>
#include <openssl/evp.h>

#define PAGE_MAX 1000
#define ACCOUNT_UID "f7d5571c-6d10-4cf1-944a-048d25682ed0"

/* What a page was asked for, and how far it got. */
struct page {
    int64_t since_ms, before_ms;
    bool ascending;
    size_t count, at, written;
    bool more;
    bool opened, closed, filter;
    struct sim_instrument *only;
};

typedef bool page_item_fn(struct kr_call *k, struct page *p, size_t index);

/* ---- asking -------------------------------------------------------------------------------- */

static bool token_read(struct bytes text, bool ascending, size_t *at)
{
    unsigned char plain[96] = { 0 };
    int size;
    uint64_t index;

    if (text.size == 0 || text.size % 4 != 0 || text.size > 64) {
        return false;
    }
    size = EVP_DecodeBlock(plain, (const unsigned char *)text.data, (int)text.size);
    while (size > 0 && plain[size - 1] == '\0') {
        size--;
    }
    if (size < 3 || plain[0] != (ascending ? 'a' : 'd') || plain[1] != ':' ||
        !text_uint((struct bytes){ (const char *)plain + 2, (size_t)size - 2 }, &index)) {
        return false;
    }
    *at = (size_t)index;
    return true;
}

static void token_write(const struct page *p, size_t at, char out[96])
{
    char plain[32];
    int size = snprintf(plain, sizeof plain, "%c:%zu", p->ascending ? 'a' : 'd', at);

    (void)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)plain, size);
}

static bool ms_arg(struct kr_call *k, const char *name, int64_t *out)
{
    struct bytes text = kr_arg(k, name);
    uint64_t value;

    if (text.data == NULL) {
        return true;
    }
    if (!text_uint(text, &value) || value > INT64_MAX / 2000) {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

static bool flag_arg(struct kr_call *k, const char *name, bool *out, bool *filter)
{
    struct bytes text = kr_arg(k, name);

    if (text.data == NULL) {
        return true;
    }
    *out = bytes_is(text, "true");
    *filter = true;
    return *out || bytes_is(text, "false");
}

static const char *page_read(struct kr_call *k, struct page *p)
{
    struct bytes sort = kr_arg(k, "sort");
    struct bytes token = kr_arg(k, "continuation_token");
    int64_t count = 100;

    *p = (struct page){ .before_ms = INT64_MAX, .at = SIZE_MAX };
    p->ascending = bytes_is(sort, "asc");
    if (sort.data != NULL && !p->ascending && !bytes_is(sort, "desc")) {
        return "sort";
    }
    if (!ms_arg(k, "since", &p->since_ms)) {
        return "since";
    }
    if (!ms_arg(k, "before", &p->before_ms)) {
        return "before";
    }
    if (!ms_arg(k, "count", &count) || count < 1) {
        return "count";
    }
    if (!flag_arg(k, "opened", &p->opened, &p->filter) ||
        !flag_arg(k, "closed", &p->closed, &p->filter)) {
        return "opened";
    }
    p->count = count > PAGE_MAX ? PAGE_MAX : (size_t)count;
    if (token.data != NULL && !token_read(token, p->ascending, &p->at)) {
        return "continuation_token";
    }
    if (kr_arg(k, "tradeable").data != NULL) {
        p->only = sim_instrument_find(k->engine, kr_arg(k, "tradeable"));
        return p->only == NULL ? "tradeable" : NULL;
    }
    return NULL;
}

static bool in_time(const struct page *p, int64_t wall_us)
{
    int64_t ms = wall_us / US_PER_MS;

    return ms >= p->since_ms && ms < p->before_ms;
}

/* Walks the list in the order asked for; `item` writes one element or says it is not wanted. */
static void page_walk(struct kr_call *k, struct page *p, size_t total, page_item_fn *item)
{
    size_t at = p->at != SIZE_MAX ? p->at : p->ascending ? 0 : total;

    at = at < total ? at : total;
    while (p->ascending ? at < total : at > 0) {
        if (p->written == p->count) {
            p->more = true;
            break;
        }
        if (item(k, p, p->ascending ? at : at - 1)) {
            p->written++;
        }
        at = p->ascending ? at + 1 : at - 1;
    }
    p->at = at;
}

/* ---- answering ----------------------------------------------------------------------------- */

static void page_serve(struct kr_call *k, size_t total, page_item_fn *item)
{
    struct page p;
    const char *wrong = page_read(k, &p);
    struct buf tail;
    char token[96];

    if (wrong != NULL) {
        kr_bad_request(k, "invalid parameter", wrong);
        return;
    }
    buf_text(k->out, "{\"accountUid\":\"" ACCOUNT_UID "\",\"elements\":[");
    page_walk(k, &p, total, item);
    buf_init(&tail, 512);
    buf_printf(&tail, "],\"len\":%zu", p.written);
    text_time_member(&tail, "serverTime", k->engine->now_us);
    answer_header(&k->req->answer, "is-truncated", p.more ? "true" : "false");
    if (p.more) {
        token_write(&p, p.at, token);
        text_member(&tail, "continuationToken", token);
        answer_header(&k->req->answer, "Next-Continuation-Token", token);
    }
    buf_char(&tail, '}');
    buf_bytes(k->out, buf_view(&tail));
    buf_fini(&tail);
    answer_note(&k->req->answer, "%zu elements", p.written);
}

/* ,"name":"1.5" or ,"name":null */
static void price_or_null(struct buf *out, const char *name, bool there, struct decimal value)
{
    if (there) {
        text_decimal_member(out, name, value);
    } else {
        buf_printf(out, ",\"%s\":null", name);
    }
}

static const char *order_type(const struct sim_order *o)
{
    static const char *const words[] = { "Limit", "Post",  "IoC",   "Market",
                                         "IoC",   "Limit", "Limit", "Limit" };

    return o->type >= SIM_STP && !o->has_price ? "IoC" : words[o->type];
}

/* `quantity` is what remains: a completely filled order reads 0. */
static void order_object(struct buf *out, const struct sim_order *o, const struct sim_snap *at)
{
    buf_text(out, "{\"uid\":");
    text_quote(out, bytes_of(o->id));
    text_member(out, "accountUid", ACCOUNT_UID);
    text_member(out, "tradeable", o->instrument->symbol);
    text_member(out, "direction", o->side == SIM_BUY ? "Buy" : "Sell");
    text_decimal_member(out, "quantity", at->remaining);
    text_decimal_member(out, "filled", at->filled);
    buf_printf(out, ",\"timestamp\":%lld", (long long)(o->created_us / US_PER_MS));
    price_or_null(out, "limitPrice", at->has_price || decimal_sign(o->price) > 0,
                  at->has_price ? at->price : o->price);
    text_member(out, "orderType", order_type(o));
    text_member(out, "clientId", o->client_id);
    kr_flag(out, "reduceOnly", o->reduce_only);
    buf_printf(out, ",\"lastUpdateTimestamp\":%lld,\"spotData\":null}",
               (long long)(at->updated_us / US_PER_MS));
}

static void begin_element(struct kr_call *k, const struct page *p, const char *uid, int64_t wall_us)
{
    buf_printf(k->out, "%s{\"uid\":\"%s\",\"timestamp\":%lld,\"event\":{",
               p->written == 0 ? "" : ",", uid, (long long)(wall_us / US_PER_MS));
}

/* Elements have ids of their own; derived here from the place in the history, so that pages agree.
 */
static void element_uid(size_t index, char out[SIM_ID_SIZE])
{
    (void)snprintf(out, SIM_ID_SIZE, "00000000-0000-4000-8000-%012zx", index & 0xffffffffffff);
}

/* ---- executions ---------------------------------------------------------------------------- */

static bool execution_item(struct kr_call *k, struct page *p, size_t index)
{
    const struct sim_exec *x = k->account->exec[index];
    const struct sim_instrument *i = x->order->instrument;
    struct buf *out = k->out;
    bool old = k->sim->options.old_history;
    char uid[SIM_ID_SIZE];

    if (!in_time(p, x->wall_us) || (p->only != NULL && p->only != i)) {
        return false;
    }
    element_uid(index, uid);
    begin_element(k, p, uid, x->wall_us);
    buf_text(out, old ? "\"execution\":{\"execution\":{\"uid\":"
                      : "\"Execution\":{\"execution\":{\"uid\":");
    text_quote(out, bytes_of(x->id));
    buf_printf(out, ",\"%s\":", old ? (x->taker ? "takerOrder" : "makerOrder") : "order");
    order_object(out, x->order, &x->after);
    buf_printf(out, ",\"timestamp\":%lld", (long long)(x->wall_us / US_PER_MS));
    text_decimal_member(out, "quantity", x->qty);
    text_decimal_member(out, "price", x->price);
    text_decimal_member(out, "markPrice", x->mark);
    text_member(out, "executionType", kr_fill_type(x));
    kr_flag(out, "limitFilled", decimal_sign(x->after.remaining) == 0);
    text_decimal_member(out, "usdValue", i->inverse ? x->qty : sim_mul_round(x->qty, x->price, 8));
    buf_printf(out, ",\"%s\":{\"feeCalculationInfo\":[]",
               old ? (x->taker ? "takerOrderData" : "makerOrderData") : "orderData");
    text_decimal_member(out, "fee", x->fee);
    text_decimal_member(out, "positionSize", sim_abs(x->position_after));
    buf_text(out, "}},\"takerReducedQuantity\":\"\"}}}");
    return true;
}

void kr_executions(struct kr_call *k)
{
    page_serve(k, k->account->exec_count, execution_item);
}

/* ---- orders -------------------------------------------------------------------------------- */

static void reason_member(struct buf *out, enum sim_reason reason)
{
    const char *word = kr_reason(reason);

    buf_text(out, ",\"reason\":\"");
    for (; *word != '\0'; word++) {
        buf_char(out, (char)tolower((unsigned char)*word));
    }
    buf_char(out, '"');
}

static bool wanted(const struct page *p, const struct sim_event *ev)
{
    bool opens = ev->type == SIM_EV_PLACE;
    bool closes = ev->type == SIM_EV_CANCEL || ev->type == SIM_EV_REJECT ||
                  (ev->type == SIM_EV_EXECUTION && decimal_sign(ev->after.remaining) == 0);

    if (p->only != NULL && p->only != ev->order->instrument) {
        return false;
    }
    if (!in_time(p, ev->wall_us)) {
        return false;
    }
    return !p->filter || (p->opened && opens) || (p->closed && closes);
}

static void updated(struct buf *out, const struct sim_event *ev)
{
    buf_text(out, "\"OrderUpdated\":{\"oldOrder\":");
    order_object(out, ev->order, &ev->before);
    buf_text(out, ",\"newOrder\":");
    order_object(out, ev->order, &ev->after);
}

static bool order_item(struct kr_call *k, struct page *p, size_t index)
{
    const struct sim_event *ev = &k->account->event[index];
    struct buf *out = k->out;
    char uid[SIM_ID_SIZE];

    if (!wanted(p, ev) || ev->before.is_trigger || ev->type == SIM_EV_TRIGGER) {
        return false;
    }
    element_uid(index, uid);
    begin_element(k, p, uid, ev->wall_us);
    if (ev->type == SIM_EV_PLACE) {
        buf_text(out, "\"OrderPlaced\":{\"order\":");
        order_object(out, ev->order, &ev->after);
        price_or_null(out, "reducedQuantity", decimal_sign(ev->reduced) > 0, ev->reduced);
    } else if (ev->type == SIM_EV_CANCEL) {
        buf_text(out, "\"OrderCancelled\":{\"order\":");
        order_object(out, ev->order, &ev->before);
    } else if (ev->type == SIM_EV_REJECT) {
        buf_text(out, "\"OrderRejected\":{\"order\":");
        order_object(out, ev->order, &ev->before);
        text_member(out, "orderError", kr_reject_word(ev->error));
    } else {
        updated(out, ev);
        buf_text(out, ",\"reducedQuantity\":\"\"");
    }
    reason_member(out, ev->reason);
    buf_text(out, "}}}");
    return true;
}

void kr_history_orders(struct kr_call *k)
{
    page_serve(k, k->account->event_count, order_item);
}

/* ---- triggers ------------------------------------------------------------------------------ */

static void trigger_object(struct buf *out, const struct sim_order *o, const struct sim_snap *at)
{
    static const char *const signal[] = { "mark_price", "spot_price", "last_price" };

    buf_text(out, "{\"uid\":");
    text_quote(out, bytes_of(o->id));
    text_member(out, "accountUid", ACCOUNT_UID);
    text_member(out, "clientId", o->client_id);
    text_member(out, "tradeable", o->instrument->symbol);
    text_member(out, "direction", o->side == SIM_BUY ? "Buy" : "Sell");
    text_decimal_member(out, "quantity", at->remaining);
    price_or_null(out, "limitPrice", at->has_price, at->price);
    text_decimal_member(out, "triggerPrice", at->stop);
    text_member(out, "triggerSide", o->trigger_above ? "trigger_above" : "trigger_below");
    text_member(out, "triggerSignal", signal[o->signal]);
    kr_flag(out, "reduceOnly", o->reduce_only);
    buf_printf(out, ",\"timestamp\":%lld,\"lastUpdateTimestamp\":%lld}",
               (long long)(o->created_us / US_PER_MS), (long long)(at->updated_us / US_PER_MS));
}

static bool trigger_item(struct kr_call *k, struct page *p, size_t index)
{
    const struct sim_event *ev = &k->account->event[index];
    struct buf *out = k->out;
    char uid[SIM_ID_SIZE];
    const char *name = "OrderTriggerPlaced";

    if (!wanted(p, ev) || !ev->before.is_trigger) {
        return false;
    }
    if (ev->type == SIM_EV_TRIGGER) {
        name = "OrderTriggerActivated";
    } else if (ev->type == SIM_EV_CANCEL) {
        name = "OrderTriggerCancelled";
    } else if (ev->type == SIM_EV_EDIT) {
        name = "OrderTriggerUpdated";
    }
    element_uid(index, uid);
    begin_element(k, p, uid, ev->wall_us);
    buf_printf(out, "\"%s\":{", name);
    buf_text(out, ev->type == SIM_EV_EDIT ? "\"newOrderTrigger\":" : "\"order\":");
    trigger_object(out, ev->order, &ev->after);
    reason_member(out, ev->reason);
    buf_text(out, "}}}");
    return true;
}

void kr_history_triggers(struct kr_call *k)
{
    page_serve(k, k->account->event_count, trigger_item);
}

/* ---- account log --------------------------------------------------------------------------- */

struct log_range {
    int64_t since_ms, before_ms, from, to, count;
    bool ascending;
};

static const char *log_read(struct kr_call *k, struct log_range *r)
{
    struct bytes sort = kr_arg(k, "sort");

    *r = (struct log_range){ .before_ms = INT64_MAX, .to = INT64_MAX, .count = 500 };
    r->ascending = bytes_is(sort, "asc");
    if (sort.data != NULL && !r->ascending && !bytes_is(sort, "desc")) {
        return "sort";
    }
    if (!ms_arg(k, "since", &r->since_ms) || !ms_arg(k, "before", &r->before_ms)) {
        return "since";
    }
    if (!ms_arg(k, "from", &r->from) || !ms_arg(k, "to", &r->to)) {
        return "from";
    }
    return ms_arg(k, "count", &r->count) && r->count >= 1 ? NULL : "count";
}

static void lower_member(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":\"", name);
    for (; *text != '\0'; text++) {
        buf_char(out, (char)tolower((unsigned char)*text));
    }
    buf_char(out, '"');
}

/* Two rows a trade: the cash leg with the fee, and the position leg whose asset is the contract. */
static void log_row(struct kr_call *k, const struct sim_exec *x, size_t id)
{
    const struct sim_instrument *i = x->order->instrument;
    bool cash = id % 2 == 1;
    struct buf *out = k->out;

    buf_printf(out, "{\"id\":%zu", id);
    text_time_member(out, "date", x->wall_us);
    lower_member(out, "asset", cash ? (i->inverse ? "xbt" : "usd") : i->symbol);
    text_member(out, "info", "futures trade");
    lower_member(out, "contract", i->symbol);
    text_member(out, "execution", x->id);
    if (cash) {
        kr_quantity(k->sim, out, "fee", x->fee);
        buf_text(out, ",\"realized_pnl\":0,\"new_balance\":1000.5");
    } else {
        buf_text(out, ",\"fee\":null,\"realized_pnl\":null");
        kr_quantity(k->sim, out, "new_balance", x->position_after);
    }
    kr_price(k->sim, out, "trade_price", x->price);
    kr_price(k->sim, out, "mark_price", x->mark);
    buf_text(out, ",\"margin_account\":\"flex\"}");
}

static unsigned log_cost(int64_t count)
{
    return count <= 25 ? 1 : count <= 50 ? 2 : count <= 1000 ? 3 : count <= 5000 ? 6 : 10;
}

void kr_account_log(struct kr_call *k)
{
    struct log_range r;
    const char *wrong = log_read(k, &r);
    int64_t rows = (int64_t)k->account->exec_count * 2;
    int64_t written = 0;
    int64_t at;

    if (wrong != NULL) {
        kr_bad_request(k, "invalid parameter", wrong);
        return;
    }
    /* The route has already charged one token. */
    if (log_cost(r.count) > 1 && !kr_spend(k->sim, k->account, KR_HISTORY, log_cost(r.count) - 1)) {
        kr_too_fast(k, KR_HISTORY, log_cost(r.count));
        return;
    }
    buf_text(k->out, "{\"accountUid\":\"" ACCOUNT_UID "\",\"logs\":[");
    for (at = 0; at < rows && written < r.count; at++) {
        int64_t id = r.ascending ? at + 1 : rows - at;
        const struct sim_exec *x = k->account->exec[(id - 1) / 2];
        int64_t ms = x->wall_us / US_PER_MS;

        if (id >= r.from && id <= r.to && ms >= r.since_ms && ms < r.before_ms) {
            buf_text(k->out, written++ == 0 ? "" : ",");
            log_row(k, x, (size_t)id);
        }
    }
    buf_text(k->out, "]}");
    answer_note(&k->req->answer, "%lld rows", (long long)written);
}
