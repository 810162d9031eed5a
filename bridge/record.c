/*
 * Encoding and decoding of the order core's journal records. A field is written and read by one
 * pair of functions, and the two lists of fields of a kind stand side by side: what encode writes,
 * decode reads.
 */
#include "record.h"

#include "assert.h"
#include "record_fields.h"

__extension__ typedef unsigned __int128 uint128;

/* ---- terms --------------------------------------------------------------------------------- */

/* The optional part of terms: fields by the bits of a mask, in this order. A bit that is not known
 * here was set by a later version. */
enum {
    MORE_CASH_QTY = 1u << 0,
    MORE_POSITION = 1u << 1,
    MORE_CASH_MARGIN = 1u << 2,
    MORE_STP = 1u << 3,
    MORE_MARGIN_MODE = 1u << 4,
    MORE_LEVERAGE = 1u << 5,
    MORE_TAKE_PROFIT = 1u << 6,
    MORE_STOP_LOSS = 1u << 7,
    MORE_TAKE_PROFIT_LIMIT = 1u << 8,
    MORE_STOP_LOSS_LIMIT = 1u << 9,
    MORE_ALL = (1u << 10) - 1,
};

#define FLAG_MORE (1u << 5) /* in the flags of terms */

/* Where the field of each bit is: exactly one of the two. */
struct more {
    char *c;
    struct decimal *d;
};

static struct more more_field(struct order_terms *t, unsigned bit)
{
    switch (bit) {
    case MORE_CASH_QTY: return (struct more){ NULL, &t->cash_qty };
    case MORE_POSITION: return (struct more){ &t->position, NULL };
    case MORE_CASH_MARGIN: return (struct more){ &t->cash_margin, NULL };
    case MORE_STP: return (struct more){ &t->stp, NULL };
    case MORE_MARGIN_MODE: return (struct more){ &t->margin_mode, NULL };
    case MORE_LEVERAGE: return (struct more){ NULL, &t->leverage };
    case MORE_TAKE_PROFIT: return (struct more){ NULL, &t->take_profit };
    case MORE_STOP_LOSS: return (struct more){ NULL, &t->stop_loss };
    case MORE_TAKE_PROFIT_LIMIT: return (struct more){ NULL, &t->take_profit_limit };
    case MORE_STOP_LOSS_LIMIT: return (struct more){ NULL, &t->stop_loss_limit };
    default: UNREACHABLE();
    }
}

static bool more_is_set(struct more m)
{
    return m.c != NULL ? *m.c != 0 : m.d->mantissa != 0;
}

/* Few orders have any of them. */
static bool more_at_all(const struct order_terms *t)
{
    return (t->position | t->cash_margin | t->stp | t->margin_mode) != 0 ||
           (t->cash_qty.mantissa | t->leverage.mantissa | t->take_profit.mantissa |
            t->stop_loss.mantissa | t->take_profit_limit.mantissa | t->stop_loss_limit.mantissa) !=
               0;
}

static unsigned more_mask(const struct order_terms *t)
{
    struct order_terms copy;
    unsigned mask = 0;

    if (!more_at_all(t)) {
        return 0;
    }
    copy = *t;
    for (unsigned bit = 1; bit <= MORE_ALL; bit <<= 1) {
        mask |= more_is_set(more_field(&copy, bit)) ? bit : 0;
    }
    return mask;
}

static struct writer put_more(struct writer w, const struct order_terms *t, unsigned mask)
{
    struct order_terms copy = *t;

    w = put_u32(w, mask);
    for (unsigned bit = 1; bit <= MORE_ALL; bit <<= 1) {
        struct more m = more_field(&copy, bit);

        if ((mask & bit) != 0 && m.c != NULL) {
            w = put_u8(w, (unsigned char)*m.c);
        } else if ((mask & bit) != 0) {
            w = put_decimal(w, *m.d);
        }
    }
    return w;
}

static struct writer put_terms(struct writer w, const struct order_terms *t)
{
    unsigned more = more_mask(t);

    w = put_u8(w, (unsigned char)t->ord_type);
    w = put_u8(w, (unsigned char)t->time_in_force);
    w = put_u8(w, (unsigned)t->type);
    w = put_u8(w, (unsigned)t->tif);
    w = put_u8(w, (unsigned)t->trigger);
    w = put_u8(w, (unsigned)t->trail_unit);
    w = put_u8(w, (unsigned)t->has_price | (unsigned)t->has_stop << 1 |
                      (unsigned)t->post_only << 2 | (unsigned)t->reduce_only << 3 |
                      (unsigned)t->cancel_on_disconnect << 4 | (more != 0 ? FLAG_MORE : 0));
    w = put_decimal(w, t->qty);
    w = put_decimal(w, t->price);
    w = put_decimal(w, t->stop_price);
    w = put_decimal(w, t->trail);
    w = put_i64(w, t->expire_us);
    w = put_bytes(w, bytes_of(t->exec_inst));
    if (more != 0) {
        w = put_more(w, t, more);
    }
    return w;
}

static void get_more(struct reader *r, struct order_terms *t)
{
    unsigned mask = get_u32(r);

    if (mask == 0 || (mask & ~(unsigned)MORE_ALL) != 0) {
        r->bad = true;
        return;
    }
    for (unsigned bit = 1; bit <= MORE_ALL; bit <<= 1) {
        struct more m = more_field(t, bit);

        if ((mask & bit) != 0 && m.c != NULL) {
            *m.c = (char)get_u8(r);
        } else if ((mask & bit) != 0) {
            *m.d = get_decimal(r);
        }
    }
}

static void get_terms(struct reader *r, struct order_terms *t)
{
    unsigned flags;

    t->ord_type = (char)get_u8(r);
    t->time_in_force = (char)get_u8(r);
    t->type = (enum venue_order_type)get_enum(r, VENUE_TRAILING);
    t->tif = (enum venue_tif)get_enum(r, VENUE_DAY);
    t->trigger = (enum venue_trigger)get_enum(r, VENUE_TRIGGER_INDEX);
    t->trail_unit = (enum venue_offset)get_enum(r, VENUE_OFFSET_PERCENT);
    flags = get_enum(r, 2 * FLAG_MORE - 1);
    t->has_price = (flags & 1) != 0;
    t->has_stop = (flags & 2) != 0;
    t->post_only = (flags & 4) != 0;
    t->reduce_only = (flags & 8) != 0;
    t->cancel_on_disconnect = (flags & 16) != 0;
    t->qty = get_decimal(r);
    t->price = get_decimal(r);
    t->stop_price = get_decimal(r);
    t->trail = get_decimal(r);
    t->expire_us = get_i64(r);
    if (!bytes_to_field(get_bytes(r), t->exec_inst, sizeof t->exec_inst)) {
        r->bad = true;
    }
    if ((flags & FLAG_MORE) != 0) {
        get_more(r, t);
    }
}

/* ---- kinds --------------------------------------------------------------------------------- */

static struct writer encode_order(const struct record *r, struct writer w)
{
    w = put_u64(w, r->order.id);
    w = put_u32(w, r->order.session);
    w = put_u32(w, r->order.account);
    w = put_u8(w, (unsigned)r->order.side);
    w = put_u8(w, r->order.inverse);
    w = put_i64(w, r->order.valid_until_us);
    w = put_bytes(w, r->order.cl_ord_id);
    w = put_bytes(w, r->order.symbol);
    w = put_bytes(w, r->order.venue_symbol);
    w = put_bytes(w, r->order.sender_sub_id);
    w = put_bytes(w, r->order.echo);
    return put_terms(w, &r->order.terms);
}

static void decode_order(struct reader *in, struct record *r)
{
    r->order.id = get_u64(in);
    r->order.session = get_u32(in);
    r->order.account = get_u32(in);
    r->order.side = (enum venue_side)get_enum(in, VENUE_SELL);
    r->order.inverse = get_enum(in, 1) != 0;
    r->order.valid_until_us = get_i64(in);
    r->order.cl_ord_id = get_bytes(in);
    r->order.symbol = get_bytes(in);
    r->order.venue_symbol = get_bytes(in);
    r->order.sender_sub_id = get_bytes(in);
    r->order.echo = get_bytes(in);
    get_terms(in, &r->order.terms);
}

static struct writer encode_event(const struct record *r, struct writer w)
{
    w = put_u64(w, r->event.id);
    w = put_u8(w, (unsigned)r->event.event);
    w = put_bytes(w, r->event.venue_id);
    w = put_decimal(w, r->event.qty);
    return put_i64(w, r->event.ready_us);
}

static void decode_event(struct reader *in, struct record *r)
{
    r->event.id = get_u64(in);
    r->event.event = (enum order_event)get_enum(in, ORDER_EVENT_COUNT - 1);
    r->event.venue_id = get_bytes(in);
    r->event.qty = get_decimal(in);
    r->event.ready_us = get_i64(in);
}

static struct writer encode_fill(const struct record *r, struct writer w)
{
    w = put_u64(w, r->fill.id);
    w = put_bytes(w, r->fill.exec_id);
    w = put_decimal(w, r->fill.qty);
    w = put_decimal(w, r->fill.px);
    w = put_u8(w, (unsigned)r->fill.liquidity);
    w = put_u8(w, (unsigned)r->fill.last | (unsigned)r->fill.late << 1);
    w = put_i64(w, r->fill.time_us);
    w = put_u64(w, r->fill.told.boot);
    w = put_u64(w, r->fill.told.serial);
    w = put_u8(w, r->fill.has_fee);
    w = put_decimal(w, r->fill.fee);
    return put_bytes(w, r->fill.fee_currency);
}

static void decode_fill(struct reader *in, struct record *r)
{
    unsigned flags;

    r->fill.id = get_u64(in);
    r->fill.exec_id = get_bytes(in);
    r->fill.qty = get_decimal(in);
    r->fill.px = get_decimal(in);
    r->fill.liquidity = (enum venue_liquidity)get_enum(in, VENUE_TAKER);
    flags = get_enum(in, 2);
    r->fill.last = flags == 1;
    r->fill.late = flags == 2;
    r->fill.time_us = get_i64(in);
    if (in->left.size == 0) {
        return; /* written before fills kept what told them */
    }
    r->fill.told.boot = get_u64(in);
    r->fill.told.serial = get_u64(in);
    r->fill.has_fee = get_enum(in, 1) != 0;
    r->fill.fee = get_decimal(in);
    r->fill.fee_currency = get_bytes(in);
}

static struct writer put_avg(struct writer w, const struct avg_px *a)
{
    w = put_u64(w, (uint64_t)a->sum);
    w = put_u64(w, (uint64_t)((uint128)a->sum >> 64));
    w = put_decimal(w, a->qty);
    return put_u8(w, (unsigned)a->scale);
}

static void get_avg(struct reader *r, struct avg_px *a)
{
    uint64_t low = get_u64(r);

    a->sum = (int128)((uint128)get_u64(r) << 64 | low);
    a->qty = get_decimal(r);
    a->scale = (int32_t)get_u8(r);
}

static struct writer encode_foreign(const struct record *r, struct writer w)
{
    w = put_u32(w, r->foreign.account);
    w = put_u8(w, (unsigned)r->foreign.what);
    w = put_u8(w, (unsigned)r->foreign.side);
    w = put_bytes(w, r->foreign.venue_id);
    w = put_bytes(w, r->foreign.symbol);
    w = put_bytes(w, r->foreign.exec_id);
    w = put_decimal(w, r->foreign.qty);
    w = put_decimal(w, r->foreign.price);
    w = put_decimal(w, r->foreign.last_qty);
    w = put_decimal(w, r->foreign.last_px);
    if (r->foreign.what == RECORD_FOREIGN_KEPT) {
        w = put_avg(w, &r->foreign.avg);
    }
    return w;
}

static void decode_foreign(struct reader *in, struct record *r)
{
    r->foreign.account = get_u32(in);
    r->foreign.what = (enum record_foreign_kind)get_enum(in, RECORD_FOREIGN_SEEN);
    r->foreign.side = (enum venue_side)get_enum(in, VENUE_SELL);
    r->foreign.venue_id = get_bytes(in);
    r->foreign.symbol = get_bytes(in);
    r->foreign.exec_id = get_bytes(in);
    r->foreign.qty = get_decimal(in);
    r->foreign.price = get_decimal(in);
    r->foreign.last_qty = get_decimal(in);
    r->foreign.last_px = get_decimal(in);
    if (r->foreign.what == RECORD_FOREIGN_KEPT) {
        get_avg(in, &r->foreign.avg);
    }
}

static struct writer encode_correct(const struct record *r, struct writer w)
{
    w = put_u64(w, r->correct.id);
    w = put_bytes(w, r->correct.exec_id);
    w = put_decimal(w, r->correct.qty);
    w = put_decimal(w, r->correct.px);
    w = put_u64(w, r->correct.told.boot);
    w = put_u64(w, r->correct.told.serial);
    return put_avg(w, &r->correct.avg);
}

static void decode_correct(struct reader *in, struct record *r)
{
    r->correct.id = get_u64(in);
    r->correct.exec_id = get_bytes(in);
    r->correct.qty = get_decimal(in);
    r->correct.px = get_decimal(in);
    r->correct.told.boot = get_u64(in);
    r->correct.told.serial = get_u64(in);
    get_avg(in, &r->correct.avg);
}

static struct writer encode_request(const struct record *r, struct writer w)
{
    w = put_u64(w, r->request.id);
    w = put_u64(w, r->request.request);
    w = put_u8(w, (unsigned)r->request.what);
    w = put_u64(w, r->request.mass);
    w = put_bytes(w, r->request.cl_ord_id);
    w = put_bytes(w, r->request.orig_cl_ord_id);
    if (r->request.what != REQUEST_CANCEL) {
        w = put_terms(w, &r->request.terms);
    }
    return w;
}

static void decode_request(struct reader *in, struct record *r)
{
    r->request.id = get_u64(in);
    r->request.request = get_u64(in);
    r->request.what = (enum request_kind)get_enum(in, REQUEST_SWAP);
    r->request.mass = get_u64(in);
    r->request.cl_ord_id = get_bytes(in);
    r->request.orig_cl_ord_id = get_bytes(in);
    if (r->request.what != REQUEST_CANCEL) {
        get_terms(in, &r->request.terms);
    }
}

static struct writer encode_kept(const struct record_kept *k, struct writer w)
{
    w = put_u64(w, k->id);
    w = put_u32(w, k->session);
    w = put_u32(w, k->account);
    w = put_u8(w, (unsigned)k->state);
    w = put_u8(w, (unsigned)k->side);
    w = put_u8(w, (unsigned)k->inverse | (unsigned)k->acked << 1 | (unsigned)k->fired << 2 |
                      (unsigned)k->triggered << 3);
    w = put_bytes(w, k->cl_ord_id);
    w = put_bytes(w, k->venue_id);
    w = put_bytes(w, k->symbol);
    w = put_bytes(w, k->venue_symbol);
    w = put_bytes(w, k->sender_sub_id);
    w = put_bytes(w, k->echo);
    w = put_bytes(w, k->route);
    w = put_terms(w, &k->terms);
    w = put_decimal(w, k->cum_qty);
    w = put_decimal(w, k->taken_back);
    w = put_avg(w, &k->avg);
    w = put_i64(w, k->taken_us);
    w = put_i64(w, k->valid_until_us);
    w = put_i64(w, k->changed_us);
    w = put_i64(w, k->sent_us);
    w = put_i64(w, k->ready_us);
    w = put_i64(w, k->venue_ack_us);
    w = put_u32(w, k->leg);
    w = put_u32(w, k->fired_leg);
    w = put_decimal(w, k->leg_qty);
    w = put_decimal(w, k->leg_cum);
    w = put_avg(w, &k->leg_avg);
    return put_i64(w, k->queued_us);
}

static void decode_kept(struct reader *in, struct record_kept *k)
{
    unsigned flags;

    k->id = get_u64(in);
    k->session = get_u32(in);
    k->account = get_u32(in);
    k->state = (enum order_state)get_enum(in, ORDER_STATE_COUNT - 1);
    k->side = (enum venue_side)get_enum(in, VENUE_SELL);
    flags = get_enum(in, 15);
    k->inverse = (flags & 1) != 0;
    k->acked = (flags & 2) != 0;
    k->fired = (flags & 4) != 0;
    k->triggered = (flags & 8) != 0;
    k->cl_ord_id = get_bytes(in);
    k->venue_id = get_bytes(in);
    k->symbol = get_bytes(in);
    k->venue_symbol = get_bytes(in);
    k->sender_sub_id = get_bytes(in);
    k->echo = get_bytes(in);
    k->route = get_bytes(in);
    get_terms(in, &k->terms);
    k->cum_qty = get_decimal(in);
    k->taken_back = get_decimal(in);
    get_avg(in, &k->avg);
    k->taken_us = get_i64(in);
    k->valid_until_us = get_i64(in);
    k->changed_us = get_i64(in);
    k->sent_us = get_i64(in);
    k->ready_us = get_i64(in);
    k->venue_ack_us = get_i64(in);
    k->leg = get_u32(in);
    k->fired_leg = get_u32(in);
    k->leg_qty = get_decimal(in);
    k->leg_cum = get_decimal(in);
    get_avg(in, &k->leg_avg);
    k->queued_us = get_i64(in);
}

static struct writer encode_decision(const struct record *r, struct writer w)
{
    w = put_u64(w, r->decision.id);
    w = put_u8(w, r->decision.verdict);
    return put_bytes(w, r->decision.venue_id);
}

static void decode_decision(struct reader *in, struct record *r)
{
    r->decision.id = get_u64(in);
    r->decision.verdict = get_enum(in, RECORD_VERDICT_MAX);
    r->decision.venue_id = get_bytes(in);
}

static struct writer encode_mass(const struct record *r, struct writer w)
{
    w = put_u64(w, r->mass.mass);
    w = put_u32(w, r->mass.session);
    w = put_u32(w, r->mass.count);
    w = put_u8(w, (unsigned char)r->mass.type);
    w = put_u8(w, (unsigned)r->mass.side);
    w = put_bytes(w, r->mass.cl_ord_id);
    w = put_bytes(w, r->mass.symbol);
    return put_bytes(w, r->mass.sender);
}

static void decode_mass(struct reader *in, struct record *r)
{
    r->mass.mass = get_u64(in);
    r->mass.session = get_u32(in);
    r->mass.count = get_u32(in);
    r->mass.type = (char)get_u8(in);
    r->mass.side = (enum venue_side)get_enum(in, VENUE_SELL);
    r->mass.cl_ord_id = get_bytes(in);
    r->mass.symbol = get_bytes(in);
    if (in->left.size > 0) { /* not before it was kept */
        r->mass.sender = get_bytes(in);
    }
}

static struct writer encode_session(const struct record *r, struct writer w)
{
    w = put_u32(w, r->session.session);
    w = put_u8(w, r->session.cancel);
    w = put_u32(w, r->session.grace_ms);
    return put_u8(w, (unsigned)r->session.copy | (unsigned)r->session.armed << 1);
}

static void decode_session(struct reader *in, struct record *r)
{
    unsigned flags;

    r->session.session = get_u32(in);
    r->session.cancel = get_enum(in, 2);
    r->session.grace_ms = get_u32(in);
    flags = get_enum(in, 3);
    r->session.copy = (flags & 1) != 0;
    r->session.armed = (flags & 2) != 0;
}

static struct writer encode_setting(const struct record *r, struct writer w)
{
    w = put_u32(w, r->setting.account);
    w = put_u8(w, r->setting.done);
    w = put_bytes(w, r->setting.name);
    return put_bytes(w, r->setting.value);
}

static void decode_setting(struct reader *in, struct record *r)
{
    r->setting.account = get_u32(in);
    r->setting.done = get_enum(in, 1) != 0;
    r->setting.name = get_bytes(in);
    r->setting.value = get_bytes(in);
}

static struct writer encode_list(const struct record *r, struct writer w)
{
    w = put_u64(w, r->list.list);
    w = put_u32(w, r->list.session);
    w = put_u8(w, r->list.ended);
    w = put_bytes(w, r->list.list_id);
    w = put_bytes(w, r->list.sender);
    return put_bytes(w, r->list.items);
}

static void decode_list(struct reader *in, struct record *r)
{
    r->list.list = get_u64(in);
    r->list.session = get_u32(in);
    r->list.ended = get_enum(in, 1) != 0;
    r->list.list_id = get_bytes(in);
    r->list.sender = get_bytes(in);
    r->list.items = get_bytes(in);
}

static struct writer encode(const struct record *r, struct writer w)
{
    w = put_u8(w, (unsigned)r->kind);
    w = put_i64(w, r->wall_us);
    switch (r->kind) {
    case RECORD_START: w = put_u64(w, r->start.boot); return put_u64(w, r->start.mark);
    case RECORD_NAME:
        w = put_u8(w, (unsigned)r->name.what);
        w = put_u32(w, r->name.number);
        return put_bytes(w, r->name.name);
    case RECORD_ORDER: return encode_order(r, w);
    case RECORD_EVENT: return encode_event(r, w);
    case RECORD_FILL: return encode_fill(r, w);
    case RECORD_REQUEST: return encode_request(r, w);
    case RECORD_REQUEST_STATE:
        w = put_u64(w, r->request_state.id);
        w = put_u64(w, r->request_state.request);
        w = put_u8(w, (unsigned)r->request_state.state);
        return put_i64(w, r->request_state.ready_us);
    case RECORD_REQUEST_END:
        w = put_u64(w, r->request_end.id);
        w = put_u64(w, r->request_end.request);
        return put_u8(w, r->request_end.done);
    case RECORD_MASS: return encode_mass(r, w);
    case RECORD_MASS_END: return put_u64(w, r->mass_end.mass);
    case RECORD_LIST: return encode_list(r, w);
    case RECORD_LIST_END: return put_u64(w, r->list_end.list);
    case RECORD_CORRECT: return encode_correct(r, w);
    case RECORD_FOREIGN: return encode_foreign(r, w);
    case RECORD_DEADMAN: w = put_u32(w, r->deadman.account); return put_i64(w, r->deadman.fires_us);
    case RECORD_SESSION: return encode_session(r, w);
    case RECORD_SETTING: return encode_setting(r, w);
    case RECORD_DECISION: return encode_decision(r, w);
    case RECORD_FORGET: return put_bytes(w, r->forget.ids);
    case RECORD_COUNTERS:
        w = put_u64(w, r->counters.last_order);
        w = put_u64(w, r->counters.next_request);
        w = put_u64(w, r->counters.next_mass);
        return put_u64(w, r->counters.next_list);
    case RECORD_KEPT_ORDER: return encode_kept(&r->kept, w);
    case RECORD_KEPT_NAME:
        w = put_u64(w, r->kept_name.id);
        w = put_u8(w, r->kept_name.venue_id);
        return put_bytes(w, r->kept_name.text);
    case RECORD_KEPT_FILL:
        w = encode_fill(r, w);
        w = put_u64(w, r->fill.latest.boot);
        return put_u64(w, r->fill.latest.serial);
    case RECORD_KEPT_MASS:
        w = put_u64(w, r->kept_mass.mass);
        w = put_u32(w, r->kept_mass.pending);
        return put_u32(w, r->kept_mass.proven);
    }
    UNREACHABLE();
}

void record_encode(const struct record *r, struct buf *b)
{
    struct writer w;

    for (size_t more = 1; buf_reserve(b, more); more = b->capacity - b->size + 1) {
        w = encode(r, (struct writer){ b->data + b->size, b->data + b->capacity });
        if (w.at != NULL) {
            b->size = (size_t)(w.at - b->data);
            return;
        }
    } /* once more with a larger buffer, until there is none */
}

static void decode_kind(struct reader *in, struct record *r)
{
    switch (r->kind) {
    case RECORD_START:
        r->start.boot = get_u64(in);
        r->start.mark = get_u64(in);
        return;
    case RECORD_NAME:
        r->name.what = (enum record_name_kind)get_enum(in, RECORD_NAME_ACCOUNT);
        r->name.number = get_u32(in);
        r->name.name = get_bytes(in);
        return;
    case RECORD_ORDER: decode_order(in, r); return;
    case RECORD_EVENT: decode_event(in, r); return;
    case RECORD_FILL: decode_fill(in, r); return;
    case RECORD_REQUEST: decode_request(in, r); return;
    case RECORD_REQUEST_STATE:
        r->request_state.id = get_u64(in);
        r->request_state.request = get_u64(in);
        r->request_state.state = (enum request_state)get_enum(in, REQUEST_PLACING);
        r->request_state.ready_us = get_i64(in);
        return;
    case RECORD_REQUEST_END:
        r->request_end.id = get_u64(in);
        r->request_end.request = get_u64(in);
        r->request_end.done = get_enum(in, 1) != 0;
        return;
    case RECORD_MASS: decode_mass(in, r); return;
    case RECORD_MASS_END: r->mass_end.mass = get_u64(in); return;
    case RECORD_LIST: decode_list(in, r); return;
    case RECORD_LIST_END: r->list_end.list = get_u64(in); return;
    case RECORD_CORRECT: decode_correct(in, r); return;
    case RECORD_FOREIGN: decode_foreign(in, r); return;
    case RECORD_DEADMAN:
        r->deadman.account = get_u32(in);
        r->deadman.fires_us = get_i64(in);
        return;
    case RECORD_SESSION: decode_session(in, r); return;
    case RECORD_SETTING: decode_setting(in, r); return;
    case RECORD_DECISION: decode_decision(in, r); return;
    case RECORD_FORGET:
        r->forget.ids = get_bytes(in);
        in->bad = in->bad || r->forget.ids.size % 8 != 0;
        return;
    case RECORD_COUNTERS:
        r->counters.last_order = get_u64(in);
        r->counters.next_request = get_u64(in);
        r->counters.next_mass = get_u64(in);
        r->counters.next_list = get_u64(in);
        return;
    case RECORD_KEPT_ORDER: decode_kept(in, &r->kept); return;
    case RECORD_KEPT_NAME:
        r->kept_name.id = get_u64(in);
        r->kept_name.venue_id = get_enum(in, 1) != 0;
        r->kept_name.text = get_bytes(in);
        return;
    case RECORD_KEPT_FILL:
        decode_fill(in, r);
        r->fill.latest.boot = get_u64(in);
        r->fill.latest.serial = get_u64(in);
        return;
    case RECORD_KEPT_MASS:
        r->kept_mass.mass = get_u64(in);
        r->kept_mass.pending = get_u32(in);
        r->kept_mass.proven = get_u32(in);
        return;
    }
    in->bad = true; /* a kind of a later version, or not a record at all */
}

bool record_decode(struct bytes from, struct record *r)
{
    struct reader in = { .left = from };

    memset(r, 0, sizeof *r);
    r->kind = (enum record_kind)get_u8(&in);
    r->wall_us = get_i64(&in);
    decode_kind(&in, r);
    return !in.bad && in.left.size == 0;
}

struct order_change record_fill_change(const struct record *r)
{
    return (struct order_change){ .event = r->fill.late   ? EV_LATE_FILL
                                           : r->fill.last ? EV_LAST_FILL
                                                          : EV_FILL,
                                  .qty = r->fill.qty,
                                  .px = r->fill.px };
}
