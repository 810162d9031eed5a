/*
 * Trade capture (AD -> AQ, AE): the trades of a session, or of a drop copy's accounts, from the
 * fills kept with their orders, so also those of before a restart. A subscription (263=1) lasts
 * until the session ends; what happens later is asked for again at the next logon.
 */
#include "engine_client.h"
#include "fix_tags.h"
#include "timestamp.h"
#include "translate_trades.h"

#define DAY_US (86400 * US_PER_S)

/* A TradeCaptureReportRequest as it was read. Times: [from_us, until_us). */
struct ask {
    struct trade_ack ack; /* what is said back */
    struct bytes exchange, account, cl_ord_id, order_id, exec_id, report_id;
    enum venue_side side; /* 0: both */
    int64_t from_us, until_us;
};

/* ---- reading ------------------------------------------------------------------------------- */

static bool no(struct ask *q, int result, const char *why)
{
    q->ack.result = result;
    q->ack.status = '2';
    q->ack.text = bytes_of(why);
    return false;
}

/* One end of a range: a moment (60), or a day (75). */
static bool read_moment(const struct fix_msg *m, const struct fix_group *g, int64_t *start_us,
                        int64_t *end_us, bool *is_day)
{
    char text[TIMESTAMP_TEXT_MAX];
    struct bytes value;

    if (fix_group_find(m, g, TAG_TRANSACT_TIME, &value)) {
        *is_day = false;
        return timestamp_parse(value, start_us) && (*end_us = *start_us + 1, true);
    }
    *is_day = true;
    if (!fix_group_find(m, g, TAG_TRADE_DATE, &value) || value.size != 8) {
        return false;
    }
    memcpy(text, value.data, 8);
    memcpy(text + 8, "-00:00:00", sizeof "-00:00:00");
    return timestamp_parse(bytes_of(text), start_us) && (*end_us = *start_us + DAY_US, true);
}

/* 580: one entry is a day (75), or with a time (60) everything from then on; two are a range, both
 * ends in it. The dictionary wants 75 first in each; 60 says it more exactly. */
static bool read_dates(const struct fix_msg *m, struct ask *q)
{
    struct fix_group g;
    int64_t start, end;
    unsigned count = 0;
    bool is_day;

    q->from_us = INT64_MIN;
    q->until_us = INT64_MAX;
    if (!fix_msg_has(m, TAG_NO_DATES)) {
        return true;
    }
    if (!fix_group_begin(m, TAG_NO_DATES, TAG_TRADE_DATE, &g) &&
        !fix_group_begin(m, TAG_NO_DATES, TAG_TRANSACT_TIME, &g)) {
        return no(q, 99, "NoDates(580) takes one or two of TradeDate(75), TransactTime(60)");
    }
    while (fix_group_next(m, &g)) {
        if (++count > 2 || !read_moment(m, &g, &start, &end, &is_day)) {
            return no(q, 99, "NoDates(580) takes one or two of TradeDate(75), TransactTime(60)");
        }
        if (count == 1) {
            q->from_us = start;
            q->until_us = is_day ? end : INT64_MAX;
        } else {
            q->until_us = end;
        }
    }
    return true;
}

static bool read_ask(const struct request_in *in, struct ask *q)
{
    const struct fix_msg *m = in->msg;
    char side;

    memset(q, 0, sizeof *q);
    (void)fix_msg_find(m, TAG_TRADE_REQUEST_ID, &q->ack.request_id);
    (void)fix_msg_find(m, TAG_SYMBOL, &q->ack.symbol);
    (void)fix_msg_find(m, TAG_SECURITY_EXCHANGE, &q->exchange);
    (void)fix_msg_find(m, TAG_ACCOUNT, &q->account);
    (void)fix_msg_find(m, TAG_CL_ORD_ID, &q->cl_ord_id);
    (void)fix_msg_find(m, TAG_ORDER_ID, &q->order_id);
    (void)fix_msg_find(m, TAG_EXEC_ID, &q->exec_id);
    (void)fix_msg_find(m, TAG_TRADE_REPORT_ID, &q->report_id);
    if (fix_msg_get_uint(m, TAG_TRADE_REQUEST_TYPE, &q->ack.request_type) != FIX_GET_OK ||
        q->ack.request_type > 1) {
        return no(q, 8, "TradeRequestType(569) takes only 0 and 1");
    }
    if (fix_msg_get_char(m, TAG_SUBSCRIPTION_REQUEST_TYPE, &q->ack.subscription) == FIX_GET_BAD ||
        (q->ack.subscription != 0 && strchr("012", q->ack.subscription) == NULL)) {
        return no(q, 99, "SubscriptionRequestType(263) takes only 0, 1 and 2");
    }
    if (fix_msg_get_char(m, TAG_SIDE, &side) == FIX_GET_OK) {
        if (side != '1' && side != '2') {
            return no(q, 99, "Side(54) takes only 1 and 2");
        }
        q->side = side == '1' ? VENUE_BUY : VENUE_SELL;
    }
    return read_dates(m, q);
}

/* ---- which trades -------------------------------------------------------------------------- */

static bool is_visible(const struct engine *e, uint32_t session, const struct order *o)
{
    return e->session[session].choice.copy ? copy_covers(e, session, o->account)
                                           : o->session == session;
}

static struct report_names names_of(const struct engine *e, const struct order *o)
{
    struct report_names n = { .extras = 0 };

    if (o->account < e->config.account_count) {
        n.account = e->config.account[o->account].name;
        n.exchange = bytes_of(e->config.account[o->account].driver->code);
    }
    return n;
}

static bool same_or_empty(struct bytes asked, struct bytes value)
{
    return asked.size == 0 || bytes_equal(asked, value);
}

static bool order_matches(const struct engine *e, const struct ask *q, const struct order *o)
{
    struct report_names n = names_of(e, o);
    char id[ORDER_ID_TEXT_MAX];

    order_id_text(o->id, id);
    return (q->side == 0 || q->side == o->side) &&
           (q->ack.symbol.size == 0 || bytes_is(q->ack.symbol, o->symbol) ||
            bytes_is(q->ack.symbol, o->venue_symbol)) &&
           same_or_empty(q->account, n.account) && same_or_empty(q->exchange, n.exchange) &&
           same_or_empty(q->cl_ord_id, bytes_of(o->cl_ord_id)) &&
           same_or_empty(q->order_id, bytes_of(id));
}

static bool is_wanted(const struct engine *e, uint32_t session, const struct ask *q,
                      const struct fill *f)
{
    char told[EXEC_ID_TEXT_MAX], latest[EXEC_ID_TEXT_MAX];

    if (decimal_sign(f->qty) == 0 || f->time_us < q->from_us || f->time_us >= q->until_us ||
        !is_visible(e, session, f->order) || !order_matches(e, q, f->order)) {
        return false;
    }
    if (q->exec_id.size == 0 && q->report_id.size == 0) {
        return true;
    }
    exec_number_text(f->told, told);
    exec_number_text(f->latest, latest);
    return same_or_empty(q->exec_id, bytes_of(told)) &&
           same_or_empty(q->report_id, bytes_of(latest));
}

/* ---- telling ------------------------------------------------------------------------------- */

static void tell(struct engine *e, uint32_t session, struct trade_report *r)
{
    const struct report_names n = names_of(e, r->order);
    char told[EXEC_ID_TEXT_MAX], latest[EXEC_ID_TEXT_MAX];
    struct slot *s = engine_fix_slot(e, session);

    exec_number_text(r->fill->told, told);
    exec_number_text(r->fill->latest, latest);
    r->exec_id = bytes_of(told);
    r->report_id = bytes_of(latest);
    r->ref_id = r->transaction == '0' ? (struct bytes){ NULL, 0 } : r->exec_id;
    r->account = n.account;
    r->exchange = n.exchange;
    s->body.time_digits = e->config.session[session].time_digits;
    translate_trade_report(&s->body, &s->buf, r);
    if (e->answering != NULL) {
        fix_body_route_back(&s->body, e->answering);
    }
}

/* Tells the trades that are asked for, or (total 0) only counts them: no further than one beyond
 * what an answer may hold. */
static uint32_t each_wanted(const struct request_in *in, const struct ask *q, uint32_t total)
{
    uint32_t count = 0;

    for (const struct fill *f = in->e->fill.oldest; f != NULL && count <= TRADES_ANSWER_MAX;
         f = f->newer) {
        struct trade_report r = {
            .fill = f,
            .order = f->order,
            .transaction = '0',
            .qty = f->qty,
            .px = f->px,
            .request_id = q->ack.request_id,
            .total = total,
        };

        if (!is_wanted(in->e, in->session, q, f)) {
            continue;
        }
        count++;
        r.last = count == total;
        if (total > 0) {
            tell(in->e, in->session, &r);
        }
    }
    return count;
}

static void acknowledge(const struct request_in *in, const struct trade_ack *a)
{
    struct slot *s = client_answer(in);

    translate_trade_ack(&s->body, &s->buf, a);
    client_route_answer(in, s);
}

/* ---- subscriptions ------------------------------------------------------------------------- */

static void count_watchers(struct engine *e)
{
    uint32_t *at = &e->first_watcher;

    for (uint32_t i = 0; i < e->config.session_count; i++) {
        if (e->session[i].trades.on) {
            *at = i;
            at = &e->session[i].next_watcher;
        }
    }
    *at = ENGINE_ANY;
}

void trades_unwatch(struct engine *e, uint32_t session)
{
    if (e->session[session].trades.on) {
        e->session[session].trades.on = false;
        count_watchers(e);
    }
}

/* What can be kept of a request. */
static bool watch(const struct request_in *in, struct ask *q)
{
    struct trade_watch w = { .on = true, .side = q->side };

    if (q->exchange.size > 0 || q->cl_ord_id.size > 0 || q->order_id.size > 0 ||
        q->exec_id.size > 0 || q->report_id.size > 0) {
        return no(q, 99, "a subscription takes only 55, 54, 1 and, for what was before, 580");
    }
    if (!bytes_to_field(q->ack.request_id, w.request_id, sizeof w.request_id) ||
        !bytes_to_field(q->ack.symbol, w.symbol, sizeof w.symbol) ||
        !bytes_to_field(q->account, w.account, sizeof w.account)) {
        return no(q, 99, "TradeRequestID(568), Symbol(55) or Account(1) is too long");
    }
    in->e->session[in->session].trades = w;
    count_watchers(in->e);
    return true;
}

void trades_told(struct engine *e, const struct fill *f, char transaction, struct decimal qty,
                 struct decimal px)
{
    for (uint32_t i = e->first_watcher; i != ENGINE_ANY; i = e->session[i].next_watcher) {
        const struct trade_watch *w = &e->session[i].trades;
        const struct ask q = { .ack.symbol = bytes_of(w->symbol),
                               .account = bytes_of(w->account),
                               .side = w->side };
        struct trade_report r = {
            .fill = f,
            .order = f->order,
            .transaction = transaction,
            .qty = qty,
            .px = px,
            .request_id = bytes_of(w->request_id),
            .unasked = true,
        };

        if (w->on && is_visible(e, i, f->order) && order_matches(e, &q, f->order)) {
            const struct fix_msg *answering = e->answering;

            e->answering = NULL;
            tell(e, i, &r);
            e->answering = answering;
        }
    }
}

/* ---- the request --------------------------------------------------------------------------- */

static bool prepare(const struct request_in *in, struct ask *q)
{
    if (!read_ask(in, q)) {
        return false;
    }
    if (q->ack.subscription == '2') {
        trades_unwatch(in->e, in->session);
        q->ack.status = '1';
        return true;
    }
    q->ack.total = each_wanted(in, q, 0);
    if (q->ack.total > TRADES_ANSWER_MAX) {
        q->ack.total = 0;
        return no(q, 99, "more trades than one answer holds: ask for a shorter time (580)");
    }
    q->ack.status = q->ack.total > 0 ? '0' : '1';
    return q->ack.subscription != '1' || watch(in, q);
}

void client_trades(const struct request_in *in)
{
    struct ask q;
    bool good = prepare(in, &q);

    acknowledge(in, &q.ack);
    if (good && q.ack.total > 0) {
        in->e->answering = in->msg;
        (void)each_wanted(in, &q, q.ack.total);
        in->e->answering = NULL;
    }
}
