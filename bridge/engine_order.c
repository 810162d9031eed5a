/*
 * Moves of one order and of the requests on it. Each move is: record (which applies it), report,
 * what follows. The order of reports is FIX's: New before the first fill, fills before the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine_internal.h"

static const struct bytes nothing;

/* ---- reports ------------------------------------------------------------------------------- */

struct report report_of(const struct order *o, char exec_type)
{
    return (struct report){ .exec_type = exec_type,
                            .cl_ord_id = bytes_of(o->cl_ord_id),
                            .ord_rej_reason = -1,
                            .restatement_reason = -1 };
}

void report_plain(struct engine *e, const struct order *o, char exec_type)
{
    struct report r = report_of(o, exec_type);

    report_order(e, o, &r);
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

struct slot *engine_fix_slot(struct engine *e, uint32_t session)
{
    struct slot *s = engine_slot(e, EFFECT_FIX_SEND);

    s->body.time_digits = 0; /* the rest is set by translate_out_start */
    s->effect.fix.session = session;
    s->effect.fix.body = &s->body;
    return s;
}

/* NULL: the session left the configuration; engine_start said so. */
static struct slot *fix_slot(struct engine *e, uint32_t session)
{
    return session >= e->config.session_count ? NULL : engine_fix_slot(e, session);
}

/* To whoever entered the order. */
static void route_to_sender(struct fix_body *b, const struct order *o)
{
    b->target_sub_id = bytes_of(o->sender_sub_id);
    b->route = o->route_size == 0 ? (struct bytes){ NULL, 0 }
                                  : (struct bytes){ o->echo + o->echo_size, o->route_size };
}

static void report_to_session(struct engine *e, const struct order *o, const struct report *r,
                              const struct report_names *names)
{
    struct report_names own = *names;
    struct slot *s = fix_slot(e, o->session);

    if (s == NULL) {
        return;
    }
    own.extras = e->config.session[o->session].report_extras;
    s->body.time_digits = e->config.session[o->session].time_digits;
    translate_out_report(&s->body, &s->buf, o, r, &own);
    if (e->answering != NULL) {
        fix_body_route_back(&s->body, e->answering);
    } else {
        route_to_sender(&s->body, o);
    }
}

/* The answer being looked at, if any, and the account's tightest window. */
static void tell_of_venue(struct engine *e, const struct order *o, struct report *r)
{
    struct account *a = engine_account_of(e, o);

    if (e->reply != NULL) {
        r->venue_code = e->reply->code;
        r->http_status = e->reply->http_status;
    }
    for (size_t i = 0; a != NULL && i < a->window_count; i++) {
        uint32_t left = rate_left(&a->rate[i], e->now.mono_us);

        r->budget_left = !r->has_budget || left < r->budget_left ? left : r->budget_left;
        r->has_budget = true;
    }
}

void report_order(struct engine *e, const struct order *o, struct report *r)
{
    char exec_id[EXEC_ID_TEXT_MAX];
    struct report_names names = names_of(e, o);

    if (r->exec_id.size == 0) {
        r->exec_id = engine_exec_id(e, exec_id);
    }
    if (r->transact_us == 0) {
        r->transact_us = e->now.wall_us;
    }
    if (e->first_copy != ENGINE_ANY || (o->session < e->config.session_count &&
                                        e->config.session[o->session].report_extras != 0)) {
        tell_of_venue(e, o, r);
    }
    report_to_session(e, o, r, &names);
    copy_report(e, o, r, &names);
}

struct bytes venue_text(struct engine *e, const struct venue_reply *reply, const char *fallback)
{
    if (reply == NULL || (reply->code.size == 0 && reply->text.size == 0)) {
        return bytes_of(fallback);
    }
    buf_clear(&e->scratch);
    buf_bytes(&e->scratch, reply->code);
    if (reply->code.size > 0 && reply->text.size > 0) {
        buf_text(&e->scratch, ": ");
    }
    buf_bytes(&e->scratch, reply->text);
    return e->scratch.failed ? bytes_of(fallback) : buf_view(&e->scratch);
}

/* ---- moves of the order -------------------------------------------------------------------- */

static void commit_event(struct engine *e, struct order *o, enum order_event event,
                         struct bytes venue_id, int64_t ready_us)
{
    struct record r; /* of its kind's members all are set: clearing the largest would cost more */
    enum order_state from = o->state;
    char name[ORDER_ID_TEXT_MAX];

    r.kind = RECORD_EVENT;
    r.wall_us = e->now.wall_us;
    r.event.id = o->id;
    r.event.event = event;
    r.event.venue_id = venue_id;
    r.event.qty = DECIMAL_ZERO;
    r.event.ready_us = ready_us;
    engine_commit(e, &r);
    if (from != o->state && NOTE_DEBUG >= e->note_least) {
        engine_note(e, NOTE_DEBUG, "order.state", "id=%s from=%s to=%s why=%s",
                    engine_order_name(o, name), order_state_text(from), order_state_text(o->state),
                    order_event_text(event));
    }
}

void order_sent(struct engine *e, struct order *o, int64_t ready_us)
{
    commit_event(e, o, EV_SEND, nothing, ready_us);
}

void order_held(struct engine *e, struct order *o)
{
    if (o->state == ORDER_SENT) {
        commit_event(e, o, EV_HELD, nothing, 0);
    }
}

/* RoE 3.8: "outcome not known yet": 150=A once more, with text. */
void order_in_doubt(struct engine *e, struct order *o, const char *why)
{
    struct report r;
    char name[ORDER_ID_TEXT_MAX];

    if (o->state == ORDER_SENT) {
        commit_event(e, o, EV_UNKNOWN, nothing, 0);
        engine_note(e, NOTE_WARN, "order.doubt", "id=%s client_id=%s why=\"%s\"",
                    engine_order_name(o, name), o->client_id, why);
        r = report_of(o, order_placing(o) != NULL ? 'E' : 'A');
        r.text = BYTES("venue outcome unknown, checking");
        report_order(e, o, &r);
    }
    check_add(e, o);
}

void order_learn_id(struct engine *e, struct order *o, struct bytes venue_id)
{
    struct account *a = engine_account_of(e, o);

    if ((o->state == ORDER_SENT || o->state == ORDER_DOUBT) && o->venue_id[0] == '\0' &&
        venue_id.size > 0) {
        commit_event(e, o, EV_UNKNOWN, venue_id, 0);
        if (a != NULL) {
            rounds_rewind(a, o);
        }
    }
    check_add(e, o);
}

void order_ack(struct engine *e, struct order *o, struct bytes venue_id)
{
    struct account *a;

    if (o->acked) {
        return;
    }
    a = engine_account_of(e, o);
    if (a != NULL && order_is_nameless(a, o)) {
        rounds_rewind(a, o);
    }
    commit_event(e, o, EV_ACK, venue_id, 0);
    o->acked_us = e->now.mono_us;
    if (order_placing(o) != NULL) {
        request_replaced(e, o, order_placing(o));
    } else if (o->leg == 0 && o->decided) {
        struct report r = report_of(o, '0');

        r.text = BYTES("decided by operator: the venue has the order");
        report_order(e, o, &r);
    } else if (o->leg == 0) {
        report_plain(e, o, '0');
    }
}

void order_succeeded(struct engine *e, struct order *o, struct bytes venue_id)
{
    if (o->state == ORDER_LIVE && !bytes_is(venue_id, o->venue_id)) {
        commit_event(e, o, EV_ACK, venue_id, 0);
        o->acked_us = e->now.mono_us;
    }
}

/* RoE 3.8: FIX 4.4 has no 150=L, so a restatement tells it, with WorkingIndicator. */
void order_triggered(struct engine *e, struct order *o)
{
    struct report r;

    if (o->triggered || o->state != ORDER_LIVE || !order_terms_trigger(&o->terms)) {
        return;
    }
    commit_event(e, o, EV_TRIGGERED, nothing, 0);
    r = report_of(o, 'D');
    r.restatement_reason = 8; /* market (exchange) option */
    r.triggered = true;
    r.text = BYTES("triggered");
    report_order(e, o, &r);
}

/* Every request still open on an order that ended is answered: a cancel that got its wish is done,
 * all others came too late (102=0). */
static void end_requests(struct engine *e, struct order *o, struct bytes text)
{
    while (o->request != NULL) {
        /* One that got as far as to have the order canceled did not come too late. */
        request_rejected(e, o, o->request, o->request->state == REQUEST_PLACING ? 99 : 0, text);
    }
}

void order_refuse(struct engine *e, struct order *o, enum order_event event, int reason,
                  struct bytes text)
{
    struct report r;
    char copy[TEXT_MAX + 1];

    /* `text` may live in the scratch buffer that reports below use. */
    snprintf(copy, sizeof copy, "%.*s", BYTES_ARG(text));
    if (swap_refused(e, o, bytes_of(copy))) {
        return;
    }
    commit_event(e, o, event, nothing, 0);
    r = report_of(o, '8');
    r.ord_rej_reason = reason;
    r.text = bytes_of(copy);
    report_order(e, o, &r);
    check_remove(e, o);
    end_requests(e, o, BYTES("order was rejected"));
}

void order_end_with(struct engine *e, struct order *o, struct bytes text)
{
    struct request *q = o->end_event == EV_CANCELED ? request_oldest(o, REQUEST_CANCEL) : NULL;
    struct record done = { .kind = RECORD_REQUEST_END, .wall_us = e->now.wall_us };
    struct report r;
    char cl_ord_id[CL_ORD_ID_MAX + 1] = "", orig[CL_ORD_ID_MAX + 1] = "";
    uint64_t mass = 0;

    if (q != NULL) {
        memcpy(cl_ord_id, q->cl_ord_id, sizeof cl_ord_id);
        memcpy(orig, q->orig_cl_ord_id, sizeof orig);
        mass = q->mass_id;
        done.request_end.id = o->id;
        done.request_end.request = q->id;
        done.request_end.done = true;
        engine_commit(e, &done);
    }
    commit_event(e, o, o->end_event, nothing, 0);
    r = report_of(o, o->end_event == EV_CANCELED ? '4' : 'C');
    if (q == NULL) {
        r.restatement_reason = o->end_event == EV_CANCELED ? refusal_restatement(o->end_cause) : -1;
        r.text = bytes_of(refusal_cause_text(o->end_cause));
    } else if (cl_ord_id[0] != '\0') {
        r.cl_ord_id = bytes_of(cl_ord_id);
        r.orig_cl_ord_id = bytes_of(orig);
    } else if (mass == REQUEST_OF_OPERATOR) {
        r.restatement_reason = 4; /* broker option */
        r.text = BYTES("canceled by the operator");
    } else if (mass == 0) {
        r.restatement_reason = 7; /* cancel on system failure */
        r.text = BYTES("canceled because the session was disconnected");
    }
    if (text.size > 0) {
        r.text = text;
    }
    report_order(e, o, &r);
    check_remove(e, o);
    o->end_known = false;
    if (mass != 0) {
        mass_request_ended(e, mass);
    }
    end_requests(e, o, text.size > 0 ? text : BYTES("order was canceled"));
}

static void end_now(struct engine *e, struct order *o)
{
    if (!swap_goes_on(e, o)) {
        order_end_with(e, o, nothing);
    }
}

void order_cancel_unsent(struct engine *e, struct order *o)
{
    o->end_event = EV_CANCELED;
    o->end_cause = VENUE_CAUSE_NONE;
    order_end_with(e, o, nothing);
}

/* Until when (mono) all fills of the order are known. */
static int64_t fills_known_us(const struct account *a, const struct order *o)
{
    return account_has_feature(a, VENUE_STATUS_IS_FILLS) ? o->fills_known_us : a->fills_done_us;
}

/* An end is told only when every fill before it has been. Either the venue said how much was
 * filled, or a complete list of fills was read after the end was known. */
void order_end_if_complete(struct engine *e, struct order *o)
{
    struct account *a = engine_account_of(e, o);
    bool complete;

    if (!o->end_known || !order_is_live(o) || o->in_call) {
        return;
    }
    complete = o->end_has_filled ? decimal_compare(order_venue_cum(o), o->end_filled) >= 0
                                 : a != NULL && fills_known_us(a, o) > o->end_seen_us;
    if (o->end_not_before_us > 0) {
        complete = complete && e->now.wall_us >= o->end_not_before_us && a != NULL &&
                   fills_known_us(a, o) > o->end_seen_us;
    }
    if (complete) {
        end_now(e, o);
    } else if (a != NULL) {
        a->want_fills = true;
    }
}

/* How long the venue may hold an order back before it reaches the book, with a margin; 0: it does
 * not. */
static int64_t hold_of(const struct engine *e, const struct order *o)
{
    const struct instrument *i =
        o->account < e->config.account_count
            ? symbols_find_venue(e->config.account[o->account].symbols, bytes_of(o->venue_symbol))
            : NULL;

    if (i == NULL || !i->loaded) {
        return 200 * US_PER_MS;
    }
    return i->hold_us > 0 ? i->hold_us + 100 * US_PER_MS : 0;
}

void order_ended(struct engine *e, struct order *o, enum order_event event,
                 const struct venue_order_state *s)
{
    const struct account *a = engine_account_of(e, o);
    int64_t hold_us;

    watch_imply_fill(e, o, s);
    if (o->end_known || !order_is_live(o)) {
        return;
    }
    if (a != NULL && !account_lists_fills(a) && !s->has_filled) {
        check_add(e, o); /* how much was filled is known from its state alone: to be asked for */
        return;
    }
    o->end_known = true;
    o->end_event = event;
    o->end_cause = s->cause;
    if (s->cause == VENUE_CAUSE_NONE && o->account < e->config.account_count &&
        deadman_explains(e, &e->account[o->account], s->updated_us)) {
        o->end_cause = VENUE_CAUSE_DEADMAN;
    }
    o->end_has_filled = s->has_filled;
    o->end_proven = s->venue_id.size > 0 || s->client_id.size > 0;
    o->end_filled = s->filled;
    o->end_seen_us = e->now.mono_us;
    o->end_not_before_us = 0;
    hold_us = s->may_still_fill ? hold_of(e, o) : 0;
    if (hold_us > 0) {
        /* Maker protection: a canceled order that is held may still trade when it is released. */
        o->end_not_before_us = e->now.wall_us + hold_us;
        o->end_seen_us = e->now.mono_us + hold_us;
    }
    order_end_if_complete(e, o);
    if (order_is_live(o)) {
        check_add(e, o); /* told when its fills are complete */
    }
}

/* A replace to a larger quantity that left this host: until it is answered, reaching the old
 * quantity does not make the order done, and going beyond it proves that the replace was done. */
static struct request *growing_replace(struct order *o)
{
    for (struct request *r = o->request; r != NULL; r = r->next) {
        if (r->kind == REQUEST_REPLACE && r->state != REQUEST_TAKEN &&
            decimal_compare(r->terms.qty, o->terms.qty) > 0) {
            return r;
        }
    }
    return NULL;
}

/* Whether the fill can be booked at all; says so once when it cannot. */
static bool fill_check(struct engine *e, struct order *o, const struct venue_fill *f,
                       struct decimal *cum)
{
    struct avg_px avg = o->avg;
    char name[ORDER_ID_TEXT_MAX];
    bool fresh;

    if (o->state != ORDER_REJECTED && decimal_sign(f->qty) > 0 &&
        decimal_add(o->cum_qty, f->qty, cum) && avg_px_add(&avg, o->inverse, f->qty, f->price)) {
        return true;
    }
    if (book_fill_seen(e->book, o->account, f->exec_id, &fresh) && fresh) {
        engine_note(e, NOTE_ERROR, "fill.impossible",
                    "id=%s state=%s exec_id=%.*s: the order was reported dead, or the numbers "
                    "cannot be; the position differs from the reports",
                    engine_order_name(o, name), order_state_text(o->state), BYTES_ARG(f->exec_id));
    }
    return false;
}

/* Books the fill and reports it. */
static void book_fill(struct engine *e, struct order *o, const struct venue_fill *f,
                      struct decimal cum, bool last, bool late)
{
    struct record rec = { .kind = RECORD_FILL, .wall_us = e->now.wall_us };
    struct report r;
    char name[ORDER_ID_TEXT_MAX], exec_id[EXEC_ID_TEXT_MAX];

    rec.fill.id = o->id;
    rec.fill.exec_id = f->exec_id;
    rec.fill.qty = f->qty;
    rec.fill.px = f->price;
    rec.fill.liquidity = f->liquidity;
    rec.fill.last = last;
    rec.fill.late = late;
    rec.fill.time_us = f->time_us;
    rec.fill.told = engine_exec_number(e);
    rec.fill.has_fee = f->has_fee;
    rec.fill.fee = f->fee;
    rec.fill.fee_currency = f->fee_currency;
    if (order_terms_sized(&o->terms) && decimal_compare(cum, o->terms.qty) > 0) {
        engine_note(e, NOTE_ERROR, "fill.over", "id=%s filled beyond OrderQty, exec_id=%.*s",
                    engine_order_name(o, name), BYTES_ARG(f->exec_id));
    }
    engine_commit(e, &rec);
    e->fills++;
    r = report_of(o, 'F');
    exec_number_text(rec.fill.told, exec_id);
    r.exec_id = bytes_of(exec_id);
    r.last_qty = f->qty;
    r.last_px = f->price;
    r.trade_id = f->exec_id;
    r.liquidity = f->liquidity;
    r.has_fee = f->has_fee;
    r.fee = f->fee;
    r.fee_currency = f->fee_currency;
    r.transact_us = f->time_us;
    report_order(e, o, &r);
    trades_told(e, o->fill_last, '0', f->qty, f->price);
}

void order_late_fill(struct engine *e, struct order *o, const struct venue_fill *f)
{
    struct decimal cum;
    char name[ORDER_ID_TEXT_MAX];

    if (book_fill_known(e->book, o->account, f->exec_id) || !fill_check(e, o, f, &cum)) {
        return;
    }
    engine_note(e, NOTE_ERROR, "fill.late",
                "id=%s exec_id=%.*s: a fill of what had been canceled to be replaced",
                engine_order_name(o, name), BYTES_ARG(f->exec_id));
    book_fill(e, o, f, cum, false, true);
}

void order_fill(struct engine *e, struct order *o, const struct venue_fill *f)
{
    struct request *growing;
    struct decimal cum;
    bool last;

    if (book_fill_known(e->book, o->account, f->exec_id) || !fill_check(e, o, f, &cum)) {
        return;
    }
    if (o->state == ORDER_TAKEN) {
        order_sent(e, o, e->now.wall_us); /* we thought that it never left; the venue has it */
    }
    order_ack(e, o, f->venue_id);
    order_triggered(e, o); /* what trades is in the market */
    growing = order_is_live(o) ? growing_replace(o) : NULL;
    if (growing != NULL && decimal_compare(cum, o->terms.qty) > 0) {
        request_replaced(e, o, growing);
        growing = NULL;
    }
    last = order_is_live(o) && growing == NULL && order_terms_sized(&o->terms) &&
           decimal_compare(cum, o->terms.qty) >= 0;
    book_fill(e, o, f, cum, last, false);
    if (!order_is_live(o)) {
        check_remove(e, o);
        end_requests(e, o, BYTES("order is filled"));
    }
}

void order_reduce(struct engine *e, struct order *o, struct decimal qty)
{
    struct record rec = { .kind = RECORD_EVENT, .wall_us = e->now.wall_us };
    struct report r;

    if (o->state != ORDER_LIVE || decimal_compare(qty, o->terms.qty) >= 0) {
        return;
    }
    rec.event.id = o->id;
    rec.event.event = EV_REDUCED;
    rec.event.qty = qty;
    engine_commit(e, &rec);
    r = report_of(o, 'D');
    r.restatement_reason = refusal_restatement(VENUE_CAUSE_REDUCED);
    r.text = bytes_of(refusal_cause_text(VENUE_CAUSE_REDUCED));
    report_order(e, o, &r);
    if (!order_is_live(o)) {
        check_remove(e, o);
        end_requests(e, o, BYTES("order is done"));
    }
}

void order_size(struct engine *e, struct order *o, struct decimal qty)
{
    struct record rec = { .kind = RECORD_EVENT, .wall_us = e->now.wall_us };
    struct report r;

    if (order_terms_sized(&o->terms) || o->state != ORDER_LIVE || decimal_sign(qty) <= 0 ||
        decimal_compare(qty, o->cum_qty) < 0) {
        return;
    }
    rec.event.id = o->id;
    rec.event.event = EV_REDUCED;
    rec.event.qty = qty;
    engine_commit(e, &rec);
    if (order_is_live(o)) {
        return; /* told with the last of its fills */
    }
    r = report_of(o, 'D');
    r.restatement_reason = 99;
    r.text = BYTES("complete: the amount of CashOrderQty(152) is used up");
    report_order(e, o, &r);
    check_remove(e, o);
    end_requests(e, o, BYTES("order is filled"));
}

/* ---- requests ------------------------------------------------------------------------------ */

void request_state_set(struct engine *e, struct order *o, struct request *r,
                       enum request_state state, int64_t ready_us)
{
    struct record rec = { .kind = RECORD_REQUEST_STATE, .wall_us = e->now.wall_us };

    rec.request_state.id = o->id;
    rec.request_state.request = r->id;
    rec.request_state.state = state;
    rec.request_state.ready_us = ready_us;
    engine_commit(e, &rec);
}

/* The old quantity had been filled while a larger one was asked for; that was refused, so it is
 * done. */
static void finish_filled(struct engine *e, struct order *o)
{
    struct record rec = { .kind = RECORD_EVENT, .wall_us = e->now.wall_us };

    rec.event.id = o->id;
    rec.event.event = EV_REDUCED;
    rec.event.qty = o->terms.qty;
    engine_commit(e, &rec);
    check_remove(e, o);
}

static void tell_rejected(struct engine *e, const struct order *o, const struct cancel_reject *c)
{
    struct report_names names = names_of(e, o);
    struct slot *s = fix_slot(e, o->session);

    if (s != NULL) {
        s->body.time_digits = e->config.session[o->session].time_digits;
        translate_out_cancel_reject(&s->body, &s->buf, o, c, &names);
        route_to_sender(&s->body, o);
    }
}

void request_rejected(struct engine *e, struct order *o, struct request *r, int reason,
                      struct bytes text)
{
    struct record rec = { .kind = RECORD_REQUEST_END, .wall_us = e->now.wall_us };
    struct request was = *r; /* the record frees it */
    char copy[TEXT_MAX + 1];
    struct cancel_reject told = {
        .cl_ord_id = bytes_of(was.cl_ord_id),
        .orig_cl_ord_id = bytes_of(was.orig_cl_ord_id),
        .response_to = was.kind == REQUEST_CANCEL ? '1' : '2',
        .reason = reason,
        .transact_us = e->now.wall_us,
    };

    snprintf(copy, sizeof copy, "%.*s", BYTES_ARG(text));
    told.text = bytes_of(copy);
    rec.request_end.id = o->id;
    rec.request_end.request = r->id;
    rec.request_end.done = was.mass_id != 0 && !order_is_live(o); /* gone: what it wanted */
    engine_commit(e, &rec);
    if (was.kind == REQUEST_REPLACE && o->state == ORDER_LIVE &&
        decimal_compare(o->cum_qty, o->terms.qty) >= 0 && growing_replace(o) == NULL) {
        finish_filled(e, o);
    }
    if (was.mass_id == REQUEST_OF_LIST) {
        if (order_is_live(o)) {
            list_cancel_failed(e, o, copy);
        }
    } else if (was.mass_id != 0 && was.mass_id != REQUEST_OF_OPERATOR) {
        mass_request_ended(e, was.mass_id);
    } else if (was.cl_ord_id[0] != '\0') {
        tell_rejected(e, o, &told);
    } else if (order_is_live(o)) {
        engine_note(e, NOTE_ERROR, "cancel.failed", "client_id=%s text=\"%s\": the order %s",
                    o->client_id, copy,
                    was.mass_id == REQUEST_OF_OPERATOR ? "that the operator canceled is still open"
                                                       : "of a disconnected session is still open");
    }
    if (!order_is_live(o)) {
        end_requests(e, o, BYTES("order is done"));
    }
}

void request_replaced(struct engine *e, struct order *o, struct request *r)
{
    struct record rec = { .kind = RECORD_REQUEST_END, .wall_us = e->now.wall_us };
    struct report rep;
    bool swap = r->kind == REQUEST_SWAP, filled = replace_is_filled(o, r);
    char orig[CL_ORD_ID_MAX + 1];

    memcpy(orig, r->orig_cl_ord_id, sizeof orig);
    rec.request_end.id = o->id;
    rec.request_end.request = r->id;
    rec.request_end.done = true;
    engine_commit(e, &rec);
    rep = report_of(o, '5');
    rep.orig_cl_ord_id = bytes_of(orig);
    if (filled) {
        rep.text = BYTES("OrderQty is CumQty now: the rest was canceled");
    } else if (swap) {
        rep.text = BYTES("replaced by cancel and new order: priority lost");
    }
    report_order(e, o, &rep);
    if (!order_is_live(o)) {
        check_remove(e, o);
        end_requests(e, o, BYTES("order is done"));
    }
}
