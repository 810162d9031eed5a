/*
 * Writes the audit lines. See venuesim_audit.h.
 */
#include "venuesim_audit.h"

#include "timestamp.h"
#include "venuesim_engine.h"
#include "venuesim_text.h"

#include <stdio.h>

static const char *const state_words[] = { "held",   "armed",     "open",
                                           "filled", "cancelled", "rejected" };
static const char *const type_words[] = { "lmt", "post", "ioc",         "mkt",
                                          "fok", "stp",  "take_profit", "trailing_stop" };

bool audit_init(struct sim_audit *a, const char *path, size_t bytes_max)
{
    *a = (struct sim_audit){ .on = true };
    buf_init(&a->text, bytes_max);
    buf_init(&a->line, 64 * 1024);
    if (path == NULL) {
        return true;
    }
    a->file = fopen(path, "ae");
    return a->file != NULL;
}

void audit_fini(struct sim_audit *a)
{
    buf_fini(&a->text);
    buf_fini(&a->line);
    if (a->file != NULL) {
        (void)fclose(a->file);
        a->file = NULL;
    }
}

void audit_clear(struct sim_audit *a)
{
    buf_clear(&a->text);
    a->full = false;
    a->number = 0;
}

void audit_flush(struct sim_audit *a)
{
    if (a->file != NULL && fflush(a->file) != 0) {
        fprintf(stderr, "venuesim: audit file cannot be written\n");
    }
}

static void begin(struct sim_audit *a, int64_t now_us, const char *event)
{
    char time[TIMESTAMP_TEXT_MAX];

    buf_clear(&a->line);
    timestamp_print_iso(now_us, 6, time);
    buf_text(&a->line, "{\"n\":");
    buf_uint(&a->line, ++a->number);
    text_member(&a->line, "t", time);
    text_member(&a->line, "event", event);
}

static void end(struct sim_audit *a)
{
    buf_text(&a->line, "}\n");
    if (a->text.size + a->line.size <= a->text.max && !a->full) {
        buf_bytes(&a->text, buf_view(&a->line));
    } else {
        a->full = true;
    }
    if (a->file != NULL && fwrite(a->line.data, 1, a->line.size, a->file) != a->line.size) {
        fprintf(stderr, "venuesim: audit file cannot be written\n");
    }
}

static void identify(struct sim_audit *a, const struct sim_order *o)
{
    text_member(&a->line, "account", o->account->key);
    text_member(&a->line, "cliOrdId", o->client_id);
    text_member(&a->line, "order_id", o->id);
}

void audit_order(struct sim_audit *a, int64_t now_us, const char *event, const struct sim_order *o,
                 const char *detail)
{
    if (!a->on) {
        return;
    }
    begin(a, now_us, event);
    identify(a, o);
    text_member(&a->line, "symbol", o->instrument->symbol);
    text_member(&a->line, "side", o->side == SIM_BUY ? "buy" : "sell");
    text_member(&a->line, "type", type_words[o->type]);
    text_decimal_member(&a->line, "qty", o->qty);
    text_decimal_member(&a->line, "filled", o->filled);
    if (o->has_price) {
        text_decimal_member(&a->line, "price", o->price);
    }
    if (decimal_sign(o->stop) != 0) {
        text_decimal_member(&a->line, "stop", o->stop);
    }
    text_member(&a->line, "state", state_words[o->state]);
    if (o->foreign) {
        buf_text(&a->line, ",\"foreign\":true");
    }
    if (detail != NULL) {
        text_member(&a->line, "detail", detail);
    }
    end(a);
}

void audit_fill(struct sim_audit *a, const struct sim_exec *x)
{
    if (!a->on) {
        return;
    }
    begin(a, x->wall_us, "fill");
    identify(a, x->order);
    text_member(&a->line, "exec_id", x->id);
    text_decimal_member(&a->line, "qty", x->qty);
    text_decimal_member(&a->line, "price", x->price);
    text_decimal_member(&a->line, "filled", x->order->filled);
    text_member(&a->line, "liquidity", x->taker ? "taker" : "maker");
    end(a);
}

void audit_duplicate(struct sim_audit *a, int64_t now_us, struct sim_order *o)
{
    if (o != NULL) {
        o->duplicates++;
    }
    if (a->on && o != NULL) {
        begin(a, now_us, "place_duplicate");
        identify(a, o);
        end(a);
    }
}

void audit_note(struct sim_audit *a, int64_t now_us, const char *event, const char *what,
                const char *detail)
{
    audit_request(a, now_us, event, what, (struct bytes){ NULL, 0 }, detail);
}

void audit_request(struct sim_audit *a, int64_t now_us, const char *event, const char *op,
                   struct bytes client_id, const char *detail)
{
    if (!a->on) {
        return;
    }
    begin(a, now_us, event);
    text_member(&a->line, "op", op);
    if (client_id.size > 0) {
        text_bytes_member(&a->line, "cliOrdId", client_id);
    }
    if (detail != NULL) {
        text_member(&a->line, "detail", detail);
    }
    end(a);
}

void audit_summary(const struct sim_engine *e, struct buf *out)
{
    const struct sim_order *o;
    const char *comma = "";

    buf_char(out, '{');
    for (o = e->all_first; o != NULL; o = o->all_next) {
        buf_text(out, comma);
        comma = ",\n";
        text_quote(out, bytes_of(o->client_id[0] != '\0' && !e->ulids ? o->client_id : o->id));
        buf_text(out, ":{\"placed_count\":1,\"duplicates_refused\":");
        buf_uint(out, o->duplicates);
        text_member(out, "account", o->account->key);
        text_member(out, "cliOrdId", o->client_id);
        text_member(out, "order_id", o->id);
        text_member(out, "symbol", o->instrument->symbol);
        text_member(out, "side", o->side == SIM_BUY ? "buy" : "sell");
        text_member(out, "type", type_words[o->type]);
        text_decimal_member(out, "qty", o->qty);
        text_decimal_member(out, "filled", o->filled);
        text_member(out, "status", state_words[o->state]);
        buf_text(out, o->foreign ? ",\"foreign\":true}" : "}");
    }
    buf_text(out, "}\n");
}
