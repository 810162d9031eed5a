/*
 * See reply_text.h.
 */
#include "reply_text.h"

#include "timestamp.h"

static void put(struct buf *out, const char *name, struct bytes value)
{
    if (value.size > 0) {
        buf_printf(out, " %s=", name);
        buf_bytes(out, value);
    }
}

static void put_decimal(struct buf *out, const char *name, bool there, struct decimal value)
{
    if (there) {
        buf_printf(out, " %s=", name);
        buf_decimal(out, value);
    }
}

static void put_time(struct buf *out, const char *name, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];

    if (wall_us != 0) {
        put(out, name, (struct bytes){ text, timestamp_print_iso(wall_us, 6, text) });
    }
}

static void put_side(struct buf *out, enum venue_side side)
{
    if ((int)side != 0) {
        buf_text(out, side == VENUE_BUY ? " side=buy" : " side=sell");
    }
}

static void put_flag(struct buf *out, const char *name, bool set)
{
    if (set) {
        buf_printf(out, " %s", name);
    }
}

static void put_order(struct buf *out, const struct venue_order_state *o)
{
    buf_text(out, "order");
    put(out, "client", o->client_id);
    put(out, "venue", o->venue_id);
    put(out, "symbol", o->symbol);
    put_side(out, o->side);
    buf_printf(out, " status=%s", venue_order_status_text(o->status));
    put_decimal(out, "qty", o->has_qty, o->qty);
    put_decimal(out, "filled", o->has_filled, o->filled);
    put_decimal(out, "price", o->has_price, o->price);
    put_decimal(out, "stop", o->has_stop, o->stop_price);
    if (o->outcome != VENUE_DONE) {
        buf_printf(out, " outcome=%s", venue_outcome_text(o->outcome));
    }
    if (o->reason != VENUE_REASON_NONE) {
        buf_printf(out, " reason=%s", venue_reason_text(o->reason));
    }
    if (o->cause != VENUE_CAUSE_NONE) {
        buf_printf(out, " cause=%s", venue_cause_text(o->cause));
    }
    put(out, "code", o->code);
    put_flag(out, "trigger", o->is_trigger);
    put_flag(out, "may-still-fill", o->may_still_fill);
    put_time(out, "updated", o->updated_us);
    buf_char(out, '\n');
}

static void put_fill(struct buf *out, const struct venue_fill *f)
{
    static const char *const liquidity[] = { "", " liquidity=maker", " liquidity=taker" };

    buf_text(out, "fill");
    put(out, "exec", f->exec_id);
    put(out, "client", f->client_id);
    put(out, "venue", f->venue_id);
    put(out, "symbol", f->symbol);
    put_side(out, f->side);
    put_decimal(out, "qty", true, f->qty);
    put_decimal(out, "price", true, f->price);
    put_decimal(out, "fee", f->has_fee, f->fee);
    put(out, "fee_currency", f->fee_currency);
    buf_text(out, liquidity[f->liquidity]);
    put_flag(out, "by-venue", f->by_venue);
    put_time(out, "time", f->time_us);
    buf_char(out, '\n');
}

static void put_instrument(struct buf *out, const struct venue_instrument *i)
{
    buf_text(out, "instrument");
    put(out, "symbol", i->symbol);
    put(out, "base", i->base);
    put(out, "quote", i->quote);
    put(out, "kind", i->kind);
    put_decimal(out, "tick", true, i->tick);
    put_decimal(out, "lot", true, i->lot);
    put_decimal(out, "min", true, i->qty_min);
    put_decimal(out, "max", decimal_sign(i->qty_max) != 0, i->qty_max);
    put_flag(out, "inverse", i->inverse);
    put_flag(out, "tradeable", i->tradeable);
    put_flag(out, "post-only", i->post_only);
    if (i->hold_us != 0) {
        buf_text(out, " hold_us=");
        buf_int(out, i->hold_us);
    }
    put_time(out, "expires", i->expires_us);
    buf_char(out, '\n');
}

static void put_position(struct buf *out, const struct venue_position *p)
{
    buf_text(out, "position");
    put(out, "symbol", p->symbol);
    put_side(out, p->side);
    put_decimal(out, "qty", true, p->qty);
    put_decimal(out, "price", true, p->price);
    put_flag(out, "isolated", p->isolated);
    buf_char(out, '\n');
}

void reply_text(struct buf *out, enum venue_outcome outcome, const struct venue_reply *reply)
{
    buf_text(out, venue_outcome_text(outcome));
    if (reply->reason != VENUE_REASON_NONE) {
        buf_printf(out, " reason=%s", venue_reason_text(reply->reason));
    }
    put(out, "code", reply->code);
    put(out, "text", reply->text);
    put_time(out, "server", reply->server_us);
    if (reply->retry_after_us != 0) {
        buf_text(out, " retry_us=");
        buf_int(out, reply->retry_after_us);
    }
    buf_char(out, '\n');
    for (size_t i = 0; i < reply->order_count; i++) {
        put_order(out, &reply->order[i]);
    }
    for (size_t i = 0; i < reply->fill_count; i++) {
        put_fill(out, &reply->fill[i]);
    }
    for (size_t i = 0; i < reply->instrument_count; i++) {
        put_instrument(out, &reply->instrument[i]);
    }
    for (size_t i = 0; i < reply->position_count; i++) {
        put_position(out, &reply->position[i]);
    }
    if (reply->complete || reply->cursor.size > 0 || reply->setting.size > 0 ||
        reply->trigger_us != 0) {
        buf_text(out, "list");
        put_flag(out, "complete", reply->complete);
        put(out, "cursor", reply->cursor);
        put(out, "setting", reply->setting);
        put_time(out, "fires", reply->trigger_us);
        buf_char(out, '\n');
    }
}
