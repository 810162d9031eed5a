/*
 * What clients ask (rules of engagement 3.3 to 3.7): the checks that need the book, then the
 * record, the report and the place in the schedule. What the message itself gets wrong is found by
 * translate_in.
 */
#include <stdio.h>

#include "engine_client.h"
#include "fix_tags.h"

/* ---- answers ------------------------------------------------------------------------------- */

struct slot *client_answer(const struct request_in *in)
{
    struct slot *s = engine_slot(in->e, EFFECT_FIX_SEND);

    if (s != NULL) {
        s->body.time_digits = in->e->config.session[in->session].time_digits;
        s->effect.fix.session = in->session;
        s->effect.fix.body = &s->body;
    }
    return s;
}

void client_route_answer(const struct request_in *in, struct slot *s)
{
    fix_body_route_back(&s->body, in->msg);
}

/* By what the client can tell which of its messages it was (379): the first of these it has. */
static struct bytes reference_of(const struct fix_msg *m)
{
    static const uint32_t tags[] = { TAG_LIST_ID, TAG_CL_ORD_ID, TAG_SECURITY_REQ_ID,
                                     TAG_POS_REQ_ID };
    struct bytes id = { NULL, 0 };

    for (size_t i = 0; i < ARRAY_LEN(tags) && id.size == 0; i++) {
        (void)fix_msg_find(m, tags[i], &id);
    }
    return id;
}

void client_business_reject(const struct request_in *in, int reason, const char *text)
{
    struct slot *s = client_answer(in);

    if (s != NULL) {
        struct bytes id = reference_of(in->msg);

        translate_out_business_reject(&s->body, &s->buf, in->msg, id, reason, bytes_of(text));
        client_route_answer(in, s);
    }
}

/* ER 150=8 (or I) for which no order is kept. */
static void refused(const struct request_in *in, char exec_type, const struct refusal *no)
{
    struct slot *s = client_answer(in);
    struct report_names names = { .extras = 0 };
    char exec_id[32];

    if (s != NULL) {
        engine_exec_id(in->e, exec_id);
        translate_out_refused(&s->body, &s->buf, in->msg, exec_type, bytes_of(exec_id), no, &names,
                              in->e->now.wall_us);
        client_route_answer(in, s);
    }
}

static void cancel_refused(const struct request_in *in, const struct order *o, int reason,
                           const char *text)
{
    struct slot *s = client_answer(in);
    struct report_names names = { .extras = 0 };
    struct cancel_reject r = { .response_to = bytes_is(in->msg->msg_type, "F") ? '1' : '2',
                               .reason = reason,
                               .text = bytes_of(text),
                               .transact_us = in->e->now.wall_us };

    if (s == NULL) {
        return;
    }
    (void)fix_msg_find(in->msg, TAG_CL_ORD_ID, &r.cl_ord_id);
    (void)fix_msg_find(in->msg, TAG_ORIG_CL_ORD_ID, &r.orig_cl_ord_id);
    if (o != NULL && o->account < in->e->config.account_count) {
        names.account = in->e->config.account[o->account].name;
    }
    translate_out_cancel_reject(&s->body, &s->buf, o, &r, &names);
    client_route_answer(in, s);
}

static void status_report(const struct request_in *in, const struct order *o)
{
    struct report r = report_of(o, 'I');

    r.status_req_id = in->c->status_req_id;
    r.transact_us = o->changed_us;
    in->e->answering = in->msg;
    report_order(in->e, o, &r);
    in->e->answering = NULL;
}

/* ---- NewOrderSingle (D) -------------------------------------------------------------------- */

static struct order *take_order(const struct request_in *in, uint32_t account,
                                const struct instrument *inst)
{
    struct engine *e = in->e;
    const struct command *c = in->c;
    struct record r; /* of its kind's members all are set: clearing the largest would cost more */
    char routing[ROUTING_MAX];

    r.kind = RECORD_ORDER;
    r.wall_us = e->now.wall_us;
    r.order.id = book_last_id(e->book) + 1;
    r.order.session = in->session;
    r.order.account = account;
    r.order.side = c->side;
    r.order.cl_ord_id = c->cl_ord_id;
    r.order.symbol = c->symbol;
    r.order.venue_symbol = inst == NULL ? c->symbol : bytes_of(inst->venue_symbol);
    r.order.sender_sub_id = sender_of(in->msg, routing);
    r.order.echo = buf_view(&c->echo);
    r.order.terms = c->terms;
    r.order.inverse = inst != NULL && inst->inverse;
    r.order.valid_until_us = c->valid_until_us;
    engine_commit(e, &r);
    return book_by_id(e->book, r.order.id);
}

static bool check_new(const struct request_in *in, uint32_t *account,
                      const struct instrument **inst, struct refusal *no)
{
    struct engine *e = in->e;
    const struct engine_session *s = &e->config.session[in->session];
    const struct command *c = in->c;

    *account = s->account[0];
    if (!route_find(e->route, s->account, s->account_count, c->account, c->exchange, c->symbol,
                    account, inst, no)) {
        return false;
    }
    if (c->valid_until_us > 0 && e->now.wall_us > c->valid_until_us) {
        return refuse(no, REFUSAL_ORDER, 8, "ValidUntilTime(62) has passed");
    }
    if (e->account[*account].disabled) {
        return refuse(no, REFUSAL_ORDER, 0, "the account is disabled by the operator");
    }
    return route_check(&e->route[*account], &c->terms, no) &&
           symbols_check(*inst, &c->terms, e->now.wall_us, no);
}

/* Taken and scheduled, or refused and reported; the order, if one was kept. `used`: its ClOrdID
 * was.
 */
static struct order *new_order(const struct request_in *in, bool used, struct refusal *no)
{
    struct engine *e = in->e;
    const struct instrument *inst = NULL;
    struct order *o;
    uint32_t account;

    no->kind = REFUSAL_NONE;
    if (used) {
        refuse(no, REFUSAL_ORDER, 6, "ClOrdID(11) was used before");
        refused(in, '8', no);
        return NULL;
    }
    if (!check_new(in, &account, &inst, no)) {
        o = take_order(in, account, NULL);
        order_refuse(e, o, EV_REFUSE, no->reason, bytes_of(no->text));
        return o;
    }
    o = take_order(in, account, inst);
    if (e->config.session[in->session].report_pending_new) {
        report_plain(e, o, 'A');
    }
    order_schedule(e, o);
    return o;
}

/* Where the configuration says so, nobody waits for a venue that cannot be reached. */
static bool is_unreachable(const struct request_in *in)
{
    const struct engine_session *s = &in->e->config.session[in->session];
    const struct instrument *inst;
    struct refusal no;
    uint32_t account;
    bool any = false;

    for (size_t i = 0; i < s->account_count; i++) {
        any = any || (in->e->account[s->account[i]].down &&
                      in->e->config.account[s->account[i]].reject_when_down);
    }
    return any &&
           route_find(in->e->route, s->account, s->account_count, in->c->account, in->c->exchange,
                      in->c->symbol, &account, &inst, &no) &&
           in->e->account[account].down && in->e->config.account[account].reject_when_down;
}

static void on_new(const struct request_in *in)
{
    struct order *o = book_by_cl_ord_id(in->e->book, in->session, in->c->cl_ord_id);
    struct refusal no;

    if (o != NULL && in->c->poss_resend) {
        status_report(in, o);
    } else if (in->c->poss_resend) {
        client_business_reject(
            in, 0, "PossResend(97) of an order that is not known: send it as new if it is meant");
    } else if (o == NULL && in->e->draining) {
        client_business_reject(in, 4, "the gateway is being stopped and takes no new orders");
    } else if (o == NULL && is_unreachable(in)) {
        client_business_reject(in, 4, "the venue cannot be reached");
    } else {
        (void)new_order(in, o != NULL, &no);
    }
}

struct order *client_list_order(const struct request_in *in, struct refusal *no)
{
    if (translate_in(in->msg, &in->e->config.session[in->session].rules, in->c, no)) {
        return new_order(in, book_by_cl_ord_id(in->e->book, in->session, in->c->cl_ord_id) != NULL,
                         no);
    }
    if (no->kind == REFUSAL_SESSION) { /* of one order of many: the message itself is sound */
        struct refusal why = *no;

        refuse(no, REFUSAL_ORDER, 99, "tag %u: %s", why.tag, why.text);
    }
    refused(in, '8', no);
    return NULL;
}

/* ---- OrderCancelRequest (F) and OrderCancelReplaceRequest (G) ------------------------------ */

/* By 41 (any link of the chain) and 37; given both, 37 wins, but they must not name different
 * orders. */
static struct order *find_target(const struct request_in *in, bool *conflict)
{
    struct engine *e = in->e;
    struct order *by_name = in->c->orig_cl_ord_id.size == 0
                                ? NULL
                                : book_by_cl_ord_id(e->book, in->session, in->c->orig_cl_ord_id);
    struct order *by_id = NULL;
    uint64_t id;

    *conflict = false;
    if (in->c->order_id.size > 0 && order_id_parse(in->c->order_id, &id)) {
        by_id = book_by_id(e->book, id);
        if (by_id != NULL && by_id->session != in->session) {
            by_id = NULL;
        }
    }
    if (by_id == NULL) {
        return in->c->order_id.size > 0 && !bytes_is(in->c->order_id, "NONE") ? NULL : by_name;
    }
    *conflict = by_name != NULL && by_name != by_id;
    return by_id;
}

/* What F and G have in common. NULL: answered. */
static struct order *check_target(const struct request_in *in)
{
    /* RoE 3.4, 3.5: what a replace may not change is "broker option", else the request is wrong. */
    int differs = in->c->kind == COMMAND_REPLACE ? 2 : 99;
    struct order *o;
    bool conflict;

    if (book_by_cl_ord_id(in->e->book, in->session, in->c->cl_ord_id) != NULL) {
        bool ignored;

        cancel_refused(in, find_target(in, &ignored), 6, "ClOrdID(11) was used before");
        return NULL;
    }
    o = find_target(in, &conflict);
    if (o == NULL) {
        cancel_refused(in, NULL, 1, "order is not known");
    } else if (conflict) {
        cancel_refused(in, o, 99, "OrderID(37) and OrigClOrdID(41) name different orders");
    } else if (!order_is_live(o) || o->end_known) {
        cancel_refused(in, o, 0, "too late: the order is done");
    } else if (in->c->symbol.size > 0 && !bytes_is(in->c->symbol, o->symbol) &&
               !bytes_is(in->c->symbol, o->venue_symbol)) {
        cancel_refused(in, o, differs, "Symbol(55) is not the order's");
    } else if (in->c->side != 0 && in->c->side != o->side) {
        cancel_refused(in, o, differs, "Side(54) is not the order's");
    } else if (request_oldest(o, REQUEST_CANCEL) != NULL) {
        cancel_refused(in, o, 3, "a cancel of this order is under way");
    } else if (o->account >= in->e->config.account_count) {
        cancel_refused(in, o, 99, "the order's account is no longer configured");
    } else {
        return o;
    }
    return NULL;
}

static struct request *take_request(const struct request_in *in, struct order *o,
                                    enum request_kind kind)
{
    struct record r = { .kind = RECORD_REQUEST, .wall_us = in->e->now.wall_us };
    struct report rep = report_of(o, kind == REQUEST_CANCEL ? '6' : 'E');

    r.request.id = o->id;
    r.request.request = in->e->next_request;
    r.request.what = kind;
    r.request.cl_ord_id = in->c->cl_ord_id;
    r.request.orig_cl_ord_id =
        in->c->orig_cl_ord_id.size > 0 ? in->c->orig_cl_ord_id : bytes_of(o->cl_ord_id);
    r.request.terms = in->c->terms;
    engine_commit(in->e, &r);
    rep.cl_ord_id = r.request.cl_ord_id;
    rep.orig_cl_ord_id = r.request.orig_cl_ord_id;
    in->e->answering = in->msg;
    report_order(in->e, o, &rep);
    in->e->answering = NULL;
    return request_by_id(o, r.request.request);
}

/* Replaces that did not leave yet are overtaken by a cancel. */
static void drop_unsent_replaces(const struct request_in *in, struct order *o)
{
    struct request *next;

    for (struct request *r = o->request; r != NULL; r = next) {
        next = r->next;
        if (r->kind != REQUEST_CANCEL && r->state == REQUEST_TAKEN) {
            request_rejected(in->e, o, r, 3, BYTES("overtaken by a cancel request"));
        }
    }
}

static void on_cancel(const struct request_in *in)
{
    struct order *o = check_target(in);

    if (o == NULL) {
        return;
    }
    drop_unsent_replaces(in, o);
    if (!order_is_live(o)) {
        cancel_refused(in, o, 0, "too late: the order is done");
        return;
    }
    (void)take_request(in, o, REQUEST_CANCEL);
    if (o->state == ORDER_TAKEN && !o->in_call) {
        order_cancel_unsent(in->e, o); /* nothing left this host: no call is needed */
        return;
    }
    order_schedule(in->e, o);
}

/* The terms the order will have once everything before this request is done. */
static const struct order_terms *latest_terms(const struct order *o)
{
    const struct order_terms *t = &o->terms;

    for (const struct request *r = o->request; r != NULL; r = r->next) {
        if (r->kind != REQUEST_CANCEL) {
            t = &r->terms;
        }
    }
    return t;
}

/* What belongs to the order as it was entered. */
static bool same_special(const struct order_terms *a, const struct order_terms *b)
{
    return a->position == b->position && a->cash_margin == b->cash_margin && a->stp == b->stp &&
           a->margin_mode == b->margin_mode && decimal_equal(a->leverage, b->leverage) &&
           decimal_sign(a->cash_qty) == 0 && decimal_sign(b->cash_qty) == 0 &&
           decimal_equal(a->take_profit, b->take_profit) &&
           decimal_equal(a->stop_loss, b->stop_loss) &&
           decimal_equal(a->take_profit_limit, b->take_profit_limit) &&
           decimal_equal(a->stop_loss_limit, b->stop_loss_limit);
}

static bool check_replace(const struct request_in *in, const struct order *o, struct refusal *no)
{
    const struct engine_account *a = &in->e->config.account[o->account];
    const struct order_terms *old = latest_terms(o), *new = &in->c->terms;
    const struct instrument *inst = symbols_find_venue(a->symbols, bytes_of(o->venue_symbol));
    /* Nothing is placed then, so what the venue asks of an order is not asked of this. */
    bool filled = decimal_compare(new->qty, o->cum_qty) <= 0;
    char cum[DECIMAL_TEXT_MAX];

    if (!filled && order_needs_swap(in->e, o) && !in->c->cancel_and_new) {
        return refuse(no, REFUSAL_ORDER, 2,
                      "the venue cannot change an order; cancel it and send a new one, or let tag "
                      "22109=Y do so");
    }
    if (new->type != old->type || new->tif != old->tif) {
        return refuse(no, REFUSAL_ORDER, 2, "OrdType(40) and TimeInForce(59) cannot be changed");
    }
    if (new->post_only != old->post_only || new->reduce_only != old->reduce_only ||
        new->trigger != old->trigger) {
        return refuse(no, REFUSAL_ORDER, 2,
                      "ExecInst(18) and the trigger's source cannot be changed");
    }
    if (!same_special(old, new)) {
        return refuse(no, REFUSAL_ORDER, 2,
                      "77, 152, 544, 7928, 20005 and 22100 to 22104 cannot be changed and must be "
                      "repeated");
    }
    if (o->fired && !decimal_equal(new->stop_price, old->stop_price)) {
        return refuse(no, REFUSAL_ORDER, 2, "StopPx(99) cannot be changed: the stop has fired");
    }
    if (filled && in->e->config.session[in->session].refuse_to_filled) {
        decimal_print(o->cum_qty, cum);
        return refuse(no, REFUSAL_ORDER, 99,
                      "OrderQty(38) must be above CumQty(14) %s; send a cancel instead", cum);
    }
    if (filled) {
        return true;
    }
    if (inst == NULL) {
        return refuse(no, REFUSAL_ORDER, 2, "the venue no longer lists the instrument");
    }
    if (!symbols_check(inst, new, in->e->now.wall_us, no)) {
        no->reason = 99; /* OrdRejReason does not apply in OrderCancelReject */
        return false;
    }
    return true;
}

static void on_replace(const struct request_in *in)
{
    struct order *o = check_target(in);
    struct refusal no = { .kind = REFUSAL_NONE };

    if (o == NULL) {
        return;
    }
    if (in->e->draining) {
        cancel_refused(in, o, 2, "the gateway is being stopped");
        return;
    }
    if (o->account < in->e->config.account_count && in->e->account[o->account].disabled) {
        cancel_refused(in, o, 2, "the account is disabled by the operator");
        return;
    }
    if (!check_replace(in, o, &no)) {
        cancel_refused(in, o, no.reason, no.text);
        return;
    }
    /* SWAP may place an order: only where that was asked for. */
    (void)take_request(in, o,
                       in->c->cancel_and_new && order_needs_swap(in->e, o) ? REQUEST_SWAP
                                                                           : REQUEST_REPLACE);
    order_schedule(in->e, o);
}

/* ---- OrderMassCancelRequest (q) and OrderStatusRequest (H) --------------------------------- */

static void on_mass_cancel(const struct request_in *in)
{
    mass_start(in->e, in->session, in->msg, in->c);
}

static void on_status(const struct request_in *in)
{
    struct engine *e = in->e;
    struct order *o = book_by_cl_ord_id(e->book, in->session, in->c->cl_ord_id);
    struct refusal no = { .kind = REFUSAL_NONE };
    uint64_t id;

    if (o == NULL && in->c->order_id.size > 0 && order_id_parse(in->c->order_id, &id)) {
        o = book_by_id(e->book, id);
        if (o != NULL && o->session != in->session) {
            o = NULL;
        }
    }
    if (o != NULL) {
        status_report(in, o);
        return;
    }
    refuse(&no, REFUSAL_ORDER, 5, "order is not known");
    refused(in, 'I', &no);
}

/* ---- OrderMassStatusRequest (AF) ----------------------------------------------------------- */

static bool is_asked(const struct request_in *in, const struct order *o)
{
    const struct command *c = in->c;

    return o->session == in->session && (c->side == 0 || c->side == o->side) &&
           (c->symbol.size == 0 || bytes_is(c->symbol, o->symbol) ||
            bytes_is(c->symbol, o->venue_symbol)) &&
           (c->account.size == 0 ||
            bytes_equal(c->account, in->e->config.account[o->account].name));
}

/* Reports the session's live orders that are asked for, or only counts them. */
static uint32_t each_asked(const struct request_in *in, uint32_t total, bool report)
{
    uint32_t count = 0;

    for (size_t i = 0; i < in->e->config.account_count; i++) {
        for (struct order *o = book_first_live(in->e->book, (uint32_t)i); o != NULL; o = o->next) {
            struct report r = report_of(o, 'I');

            if (!is_asked(in, o)) {
                continue;
            }
            count++;
            if (report) {
                r.mass_status_id = in->c->mass_status_id;
                r.mass_total = total;
                r.mass_last = count == total;
                r.transact_us = o->changed_us;
                report_order(in->e, o, &r);
            }
        }
    }
    return count;
}

static void on_mass_status(const struct request_in *in)
{
    uint32_t total = each_asked(in, 0, false);
    struct refusal no = { .kind = REFUSAL_NONE };

    if (total == 0) {
        refuse(&no, REFUSAL_ORDER, 5, "no live order matches");
        refused(in, 'I', &no);
        return;
    }
    in->e->answering = in->msg;
    (void)each_asked(in, total, true);
    in->e->answering = NULL;
}

bool client_has_account(const struct engine *e, uint32_t session, uint32_t account)
{
    const struct engine_session *s = &e->config.session[session];

    for (size_t i = 0; i < s->account_count; i++) {
        if (s->account[i] == account) {
            return true;
        }
    }
    return false;
}

/* ---- dispatch ------------------------------------------------------------------------------ */

void client_session_reject(const struct request_in *in, const struct refusal *no)
{
    struct slot *s = engine_slot(in->e, EFFECT_FIX_REJECT);

    if (s != NULL) {
        snprintf(s->text, sizeof s->text, "%s", no->text);
        s->effect.reject.session = in->session;
        s->effect.reject.reason = no->reason;
        s->effect.reject.tag = no->tag;
        s->effect.reject.text = s->text;
    }
}

static void refused_by_message(const struct request_in *in, const struct refusal *no)
{
    struct slot *s;

    if (no->kind == REFUSAL_SESSION) {
        client_session_reject(in, no);
    } else if (no->kind == REFUSAL_BUSINESS) {
        client_business_reject(in, no->reason, no->text);
    } else if (bytes_is(in->msg->msg_type, "D")) {
        refused(in, '8', no);
    } else if (bytes_is(in->msg->msg_type, "H") || bytes_is(in->msg->msg_type, "AF")) {
        refused(in, 'I', no);
    } else if (bytes_is(in->msg->msg_type, "q")) {
        struct mass_report r = { .cl_ord_id = in->c->cl_ord_id,
                                 .mass_id = in->e->next_mass++,
                                 .request_type = in->c->mass_type,
                                 .response = '0',
                                 .reject_reason = no->reason,
                                 .symbol = in->c->symbol,
                                 .text = bytes_of(no->text),
                                 .transact_us = in->e->now.wall_us };

        s = client_answer(in);
        if (s != NULL) {
            translate_out_mass_report(&s->body, &s->buf, &r);
            client_route_answer(in, s);
        }
    } else {
        bool conflict;
        struct order *o = find_target(in, &conflict);

        cancel_refused(in, o, no->reason, no->text);
    }
}

typedef void message_fn(const struct request_in *in);

static message_fn *const handler[] = {
    [COMMAND_NEW] = on_new,         [COMMAND_CANCEL] = on_cancel,
    [COMMAND_REPLACE] = on_replace, [COMMAND_MASS_CANCEL] = on_mass_cancel,
    [COMMAND_STATUS] = on_status,   [COMMAND_MASS_STATUS] = on_mass_status,
};

/* Messages with files of their own, which read them themselves. */
static const struct {
    const char *msg_type;
    message_fn *take;
} others[] = {
    { "E", client_list },        { "K", client_list_cancel },   { "L", client_list_execute },
    { "M", client_list_status }, { "x", client_security_list }, { "AN", client_positions },
    { "AD", client_trades },     { "g", client_venue_status },
};

static message_fn *find_other(struct bytes msg_type)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (bytes_is(msg_type, others[i].msg_type)) {
            return others[i].take;
        }
    }
    return NULL;
}

/* 115 names whom the client speaks for: only those it was given. */
static bool speaks_for(const struct engine_session *s, const struct fix_msg *m)
{
    struct bytes whom;

    if (!fix_msg_find(m, TAG_ON_BEHALF_OF_COMP_ID, &whom)) {
        return true;
    }
    for (size_t i = 0; i < s->on_behalf_of_count; i++) {
        if (bytes_equal(s->on_behalf_of[i], whom)) {
            return true;
        }
    }
    return false;
}

void client_throttled(struct engine *e, uint32_t session, const struct fix_msg *m)
{
    static const char text[] = "more messages per second than this session may send";
    const struct request_in in = { e, session, m, &e->command };
    struct refusal no = { .kind = REFUSAL_NONE };

    if (bytes_is(m->msg_type, "D")) {
        refuse(&no, REFUSAL_ORDER, 3, "%s", text);
        refused(&in, '8', &no);
    } else {
        client_business_reject(&in, 0, text);
    }
}

void client_message(struct engine *e, uint32_t session, const struct fix_msg *m, bool poss_resend)
{
    struct request_in in = { e, session, m, &e->command };
    struct refusal no;
    bool translated = translate_in_takes(m->msg_type);
    message_fn *other = translated ? NULL : find_other(m->msg_type);

    if (!translated) { /* translate_in begins with an empty one itself */
        e->command = (struct command){ .poss_resend = poss_resend, .echo = e->command.echo };
        buf_clear(&e->command.echo);
    }
    if (!speaks_for(&e->config.session[session], m)) {
        client_business_reject(&in, 6,
                               "OnBehalfOfCompID(115) is none that this session speaks for");
        return;
    }
    if (e->session[session].choice.copy && !copy_takes(m->msg_type)) {
        client_business_reject(&in, 6, "a drop copy session (9406=Y) enters no orders");
        return;
    }
    if (other != NULL) {
        other(&in);
        return;
    }
    if (!translated) {
        client_business_reject(&in, 3, "this gateway does not take this MsgType(35)");
        return;
    }
    if (!translate_in(m, &e->config.session[session].rules, &e->command, &no)) {
        refused_by_message(&in, &no);
        return;
    }
    e->command.poss_resend = poss_resend;
    handler[e->command.kind](&in);
}
