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

static unsigned more_mask(const struct order_terms *t)
{
    struct order_terms copy = *t;
    unsigned mask = 0;

    for (unsigned bit = 1; bit <= MORE_ALL; bit <<= 1) {
        mask |= more_is_set(more_field(&copy, bit)) ? bit : 0;
    }
    return mask;
}

static void put_more(struct buf *b, const struct order_terms *t, unsigned mask)
{
    struct order_terms copy = *t;

    put_u32(b, mask);
    for (unsigned bit = 1; bit <= MORE_ALL; bit <<= 1) {
        struct more m = more_field(&copy, bit);

        if ((mask & bit) != 0 && m.c != NULL) {
            put_u8(b, (unsigned char)*m.c);
        } else if ((mask & bit) != 0) {
            put_decimal(b, *m.d);
        }
    }
}

static void put_terms(struct buf *b, const struct order_terms *t)
{
    unsigned more = more_mask(t);

    put_u8(b, (unsigned char)t->ord_type);
    put_u8(b, (unsigned char)t->time_in_force);
    put_u8(b, (unsigned)t->type);
    put_u8(b, (unsigned)t->tif);
    put_u8(b, (unsigned)t->trigger);
    put_u8(b, (unsigned)t->trail_unit);
    put_u8(b, (unsigned)t->has_price | (unsigned)t->has_stop << 1 | (unsigned)t->post_only << 2 |
                  (unsigned)t->reduce_only << 3 | (unsigned)t->cancel_on_disconnect << 4 |
                  (more != 0 ? FLAG_MORE : 0));
    put_decimal(b, t->qty);
    put_decimal(b, t->price);
    put_decimal(b, t->stop_price);
    put_decimal(b, t->trail);
    put_i64(b, t->expire_us);
    put_bytes(b, bytes_of(t->exec_inst));
    if (more != 0) {
        put_more(b, t, more);
    }
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

static void encode_order(const struct record *r, struct buf *b)
{
    put_u64(b, r->order.id);
    put_u32(b, r->order.session);
    put_u32(b, r->order.account);
    put_u8(b, (unsigned)r->order.side);
    put_u8(b, r->order.inverse);
    put_i64(b, r->order.valid_until_us);
    put_bytes(b, r->order.cl_ord_id);
    put_bytes(b, r->order.symbol);
    put_bytes(b, r->order.venue_symbol);
    put_bytes(b, r->order.sender_sub_id);
    put_bytes(b, r->order.echo);
    put_terms(b, &r->order.terms);
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

static void encode_event(const struct record *r, struct buf *b)
{
    put_u64(b, r->event.id);
    put_u8(b, (unsigned)r->event.event);
    put_bytes(b, r->event.venue_id);
    put_decimal(b, r->event.qty);
    put_i64(b, r->event.ready_us);
}

static void decode_event(struct reader *in, struct record *r)
{
    r->event.id = get_u64(in);
    r->event.event = (enum order_event)get_enum(in, ORDER_EVENT_COUNT - 1);
    r->event.venue_id = get_bytes(in);
    r->event.qty = get_decimal(in);
    r->event.ready_us = get_i64(in);
}

static void encode_fill(const struct record *r, struct buf *b)
{
    put_u64(b, r->fill.id);
    put_bytes(b, r->fill.exec_id);
    put_decimal(b, r->fill.qty);
    put_decimal(b, r->fill.px);
    put_u8(b, (unsigned)r->fill.liquidity);
    put_u8(b, (unsigned)r->fill.last | (unsigned)r->fill.late << 1);
    put_i64(b, r->fill.time_us);
    put_u64(b, r->fill.told.boot);
    put_u64(b, r->fill.told.serial);
    put_u8(b, r->fill.has_fee);
    put_decimal(b, r->fill.fee);
    put_bytes(b, r->fill.fee_currency);
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

static void put_avg(struct buf *b, const struct avg_px *a)
{
    put_u64(b, (uint64_t)a->sum);
    put_u64(b, (uint64_t)((uint128)a->sum >> 64));
    put_decimal(b, a->qty);
    put_u8(b, (unsigned)a->scale);
}

static void get_avg(struct reader *r, struct avg_px *a)
{
    uint64_t low = get_u64(r);

    a->sum = (int128)((uint128)get_u64(r) << 64 | low);
    a->qty = get_decimal(r);
    a->scale = (int32_t)get_u8(r);
}

static void encode_foreign(const struct record *r, struct buf *b)
{
    put_u32(b, r->foreign.account);
    put_u8(b, (unsigned)r->foreign.what);
    put_u8(b, (unsigned)r->foreign.side);
    put_bytes(b, r->foreign.venue_id);
    put_bytes(b, r->foreign.symbol);
    put_bytes(b, r->foreign.exec_id);
    put_decimal(b, r->foreign.qty);
    put_decimal(b, r->foreign.price);
    put_decimal(b, r->foreign.last_qty);
    put_decimal(b, r->foreign.last_px);
    if (r->foreign.what == RECORD_FOREIGN_KEPT) {
        put_avg(b, &r->foreign.avg);
    }
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

static void encode_correct(const struct record *r, struct buf *b)
{
    put_u64(b, r->correct.id);
    put_bytes(b, r->correct.exec_id);
    put_decimal(b, r->correct.qty);
    put_decimal(b, r->correct.px);
    put_u64(b, r->correct.told.boot);
    put_u64(b, r->correct.told.serial);
    put_avg(b, &r->correct.avg);
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

static void encode_request(const struct record *r, struct buf *b)
{
    put_u64(b, r->request.id);
    put_u64(b, r->request.request);
    put_u8(b, (unsigned)r->request.what);
    put_u64(b, r->request.mass);
    put_bytes(b, r->request.cl_ord_id);
    put_bytes(b, r->request.orig_cl_ord_id);
    if (r->request.what != REQUEST_CANCEL) {
        put_terms(b, &r->request.terms);
    }
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

static void encode_kept(const struct record_kept *k, struct buf *b)
{
    put_u64(b, k->id);
    put_u32(b, k->session);
    put_u32(b, k->account);
    put_u8(b, (unsigned)k->state);
    put_u8(b, (unsigned)k->side);
    put_u8(b, (unsigned)k->inverse | (unsigned)k->acked << 1 | (unsigned)k->fired << 2 |
                  (unsigned)k->triggered << 3);
    put_bytes(b, k->cl_ord_id);
    put_bytes(b, k->venue_id);
    put_bytes(b, k->symbol);
    put_bytes(b, k->venue_symbol);
    put_bytes(b, k->sender_sub_id);
    put_bytes(b, k->echo);
    put_bytes(b, k->route);
    put_terms(b, &k->terms);
    put_decimal(b, k->cum_qty);
    put_decimal(b, k->taken_back);
    put_avg(b, &k->avg);
    put_i64(b, k->taken_us);
    put_i64(b, k->valid_until_us);
    put_i64(b, k->changed_us);
    put_i64(b, k->sent_us);
    put_i64(b, k->ready_us);
    put_i64(b, k->venue_ack_us);
    put_u32(b, k->leg);
    put_u32(b, k->fired_leg);
    put_decimal(b, k->leg_qty);
    put_decimal(b, k->leg_cum);
    put_avg(b, &k->leg_avg);
    put_i64(b, k->queued_us);
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

static void encode_decision(const struct record *r, struct buf *b)
{
    put_u64(b, r->decision.id);
    put_u8(b, r->decision.verdict);
    put_bytes(b, r->decision.venue_id);
}

static void decode_decision(struct reader *in, struct record *r)
{
    r->decision.id = get_u64(in);
    r->decision.verdict = get_enum(in, RECORD_VERDICT_MAX);
    r->decision.venue_id = get_bytes(in);
}

static void encode_mass(const struct record *r, struct buf *b)
{
    put_u64(b, r->mass.mass);
    put_u32(b, r->mass.session);
    put_u32(b, r->mass.count);
    put_u8(b, (unsigned char)r->mass.type);
    put_u8(b, (unsigned)r->mass.side);
    put_bytes(b, r->mass.cl_ord_id);
    put_bytes(b, r->mass.symbol);
    put_bytes(b, r->mass.sender);
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

static void encode_session(const struct record *r, struct buf *b)
{
    put_u32(b, r->session.session);
    put_u8(b, r->session.cancel);
    put_u32(b, r->session.grace_ms);
    put_u8(b, (unsigned)r->session.copy | (unsigned)r->session.armed << 1);
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

static void encode_setting(const struct record *r, struct buf *b)
{
    put_u32(b, r->setting.account);
    put_u8(b, r->setting.done);
    put_bytes(b, r->setting.name);
    put_bytes(b, r->setting.value);
}

static void decode_setting(struct reader *in, struct record *r)
{
    r->setting.account = get_u32(in);
    r->setting.done = get_enum(in, 1) != 0;
    r->setting.name = get_bytes(in);
    r->setting.value = get_bytes(in);
}

static void encode_list(const struct record *r, struct buf *b)
{
    put_u64(b, r->list.list);
    put_u32(b, r->list.session);
    put_u8(b, r->list.ended);
    put_bytes(b, r->list.list_id);
    put_bytes(b, r->list.sender);
    put_bytes(b, r->list.items);
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

void record_encode(const struct record *r, struct buf *b)
{
    put_u8(b, (unsigned)r->kind);
    put_i64(b, r->wall_us);
    switch (r->kind) {
    case RECORD_START:
        put_u64(b, r->start.boot);
        put_u64(b, r->start.mark);
        return;
    case RECORD_NAME:
        put_u8(b, (unsigned)r->name.what);
        put_u32(b, r->name.number);
        put_bytes(b, r->name.name);
        return;
    case RECORD_ORDER: encode_order(r, b); return;
    case RECORD_EVENT: encode_event(r, b); return;
    case RECORD_FILL: encode_fill(r, b); return;
    case RECORD_REQUEST: encode_request(r, b); return;
    case RECORD_REQUEST_STATE:
        put_u64(b, r->request_state.id);
        put_u64(b, r->request_state.request);
        put_u8(b, (unsigned)r->request_state.state);
        put_i64(b, r->request_state.ready_us);
        return;
    case RECORD_REQUEST_END:
        put_u64(b, r->request_end.id);
        put_u64(b, r->request_end.request);
        put_u8(b, r->request_end.done);
        return;
    case RECORD_MASS: encode_mass(r, b); return;
    case RECORD_MASS_END: put_u64(b, r->mass_end.mass); return;
    case RECORD_LIST: encode_list(r, b); return;
    case RECORD_LIST_END: put_u64(b, r->list_end.list); return;
    case RECORD_CORRECT: encode_correct(r, b); return;
    case RECORD_FOREIGN: encode_foreign(r, b); return;
    case RECORD_DEADMAN:
        put_u32(b, r->deadman.account);
        put_i64(b, r->deadman.fires_us);
        return;
    case RECORD_SESSION: encode_session(r, b); return;
    case RECORD_SETTING: encode_setting(r, b); return;
    case RECORD_DECISION: encode_decision(r, b); return;
    case RECORD_FORGET: put_bytes(b, r->forget.ids); return;
    case RECORD_COUNTERS:
        put_u64(b, r->counters.last_order);
        put_u64(b, r->counters.next_request);
        put_u64(b, r->counters.next_mass);
        put_u64(b, r->counters.next_list);
        return;
    case RECORD_KEPT_ORDER: encode_kept(&r->kept, b); return;
    case RECORD_KEPT_NAME:
        put_u64(b, r->kept_name.id);
        put_u8(b, r->kept_name.venue_id);
        put_bytes(b, r->kept_name.text);
        return;
    case RECORD_KEPT_FILL:
        encode_fill(r, b);
        put_u64(b, r->fill.latest.boot);
        put_u64(b, r->fill.latest.serial);
        return;
    case RECORD_KEPT_MASS:
        put_u64(b, r->kept_mass.mass);
        put_u32(b, r->kept_mass.pending);
        put_u32(b, r->kept_mass.proven);
        return;
    }
    UNREACHABLE();
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
