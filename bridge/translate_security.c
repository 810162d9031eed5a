/*
 * SecurityListRequest in, SecurityList out. Decides nothing but whether the request can be
 * understood.
 */
#include "translate_security.h"

#include <stdio.h>

#include "assert.h"
#include "fix_tags.h"
#include "timestamp.h"
#include "translate_out.h"

/* ---- x ------------------------------------------------------------------------------------- */

/* A symbol is named by 55, or by 48 with 22=8 and 55 empty or "[N/A]". */
static void read_symbol(const struct fix_msg *m, struct security_request *out)
{
    struct bytes source, id;

    (void)fix_msg_find(m, TAG_SYMBOL, &out->symbol);
    if ((out->symbol.size == 0 || bytes_is(out->symbol, "[N/A]")) &&
        fix_msg_find(m, TAG_SECURITY_ID_SOURCE, &source) && bytes_is(source, "8") &&
        fix_msg_find(m, TAG_SECURITY_ID, &id)) {
        out->symbol = id;
    }
}

enum security_result translate_security_request(const struct fix_msg *m,
                                                struct security_request *out)
{
    struct bytes subscription;
    int64_t type = -1;

    memset(out, 0, sizeof *out);
    (void)fix_msg_find(m, TAG_SECURITY_REQ_ID, &out->req_id);
    (void)fix_msg_find(m, TAG_SECURITY_EXCHANGE, &out->exchange);
    (void)fix_msg_find(m, TAG_CURRENCY, &out->currency);
    if (fix_msg_get_int(m, TAG_SECURITY_LIST_REQUEST_TYPE, &type) != FIX_GET_OK) {
        return SECURITY_INVALID;
    }
    /* A snapshot is all there is: changes are not pushed. */
    if (fix_msg_find(m, TAG_SUBSCRIPTION_REQUEST_TYPE, &subscription) &&
        !bytes_is(subscription, "0")) {
        return SECURITY_UNSUPPORTED;
    }
    out->all = type == 4;
    if (type != 0 && type != 4) {
        return SECURITY_UNSUPPORTED;
    }
    read_symbol(m, out);
    return out->all || out->symbol.size > 0 ? SECURITY_VALID : SECURITY_INVALID;
}

bool translate_security_matches(const struct security_request *r, const struct instrument *i,
                                struct bytes exchange)
{
    return i->loaded && (r->exchange.size == 0 || bytes_equal(r->exchange, exchange)) &&
           (r->currency.size == 0 || bytes_is(r->currency, i->quote));
}

/* ---- y ------------------------------------------------------------------------------------- */

/* What a client must know to size an order, as words: four numbers and three flags always fit. */
struct words {
    char text[4 * (DECIMAL_TEXT_MAX + 6) + 32];
    size_t size;
};

static void add(struct words *w, const char *name, const char *value)
{
    int n = snprintf(w->text + w->size, sizeof w->text - w->size, "%s%s%s", w->size == 0 ? "" : " ",
                     name, value);

    ASSERT(n > 0 && (size_t)n < sizeof w->text - w->size);
    w->size += (size_t)n;
}

static void add_flag(struct words *w, const char *name, bool set)
{
    if (set) {
        add(w, name, "");
    }
}

static void add_number(struct words *w, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    if (decimal_sign(value) > 0) {
        decimal_print(value, text);
        add(w, name, text);
    }
}

static void put_limits(struct fix_body *b, const struct instrument *i)
{
    struct words w = { .size = 0 };

    add_number(&w, "tick=", i->tick);
    add_number(&w, "lot=", i->lot);
    add_number(&w, "min=", i->qty_min);
    add_number(&w, "max=", i->qty_max);
    add_flag(&w, "inverse", i->inverse);
    add_flag(&w, "post-only", i->post_only);
    add_flag(&w, "halted", !i->tradeable);
    fix_body_bytes(b, TAG_TEXT, (struct bytes){ w.text, w.size });
}

static void put_description(struct fix_body *b, const struct instrument *i)
{
    char text[sizeof i->base + sizeof i->quote + sizeof i->kind + 4];

    if (i->base[0] != '\0' && i->quote[0] != '\0') {
        snprintf(text, sizeof text, "%s/%s%s%s", i->base, i->quote, i->kind[0] == '\0' ? "" : " ",
                 i->kind);
        fix_body_text(b, TAG_SECURITY_DESC, text);
    }
}

/* In the order of QuickFIX's dictionary, which stock clients hold groups to. */
static void put_entry(struct fix_body *b, const struct security_entry *e)
{
    const struct instrument *i = e->instrument;
    char date[TIMESTAMP_TEXT_MAX];

    fix_body_text(b, TAG_SYMBOL, i->symbol);
    fix_body_text(b, TAG_SECURITY_ID, i->venue_symbol);
    fix_body_char(b, TAG_SECURITY_ID_SOURCE, '8'); /* exchange symbol */
    if (i->expires_us > 0) {
        (void)timestamp_print(i->expires_us, 0, date);
        fix_body_bytes(b, TAG_MATURITY_DATE, (struct bytes){ date, 8 });
    }
    fix_body_bytes(b, TAG_SECURITY_EXCHANGE, e->exchange);
    put_description(b, i);
    fix_body_text(b, TAG_CURRENCY, i->quote);
    if (decimal_sign(i->lot) > 0) {
        fix_body_decimal(b, TAG_ROUND_LOT, i->lot);
    }
    if (decimal_sign(i->qty_min) > 0) {
        fix_body_decimal(b, TAG_MIN_TRADE_VOL, i->qty_min);
    }
    put_limits(b, i);
}

void translate_security_list(struct fix_body *b, struct buf *out, const struct security_page *p)
{
    ASSERT(p->count <= SECURITY_PAGE_MAX);
    translate_out_start(b, "y", out);
    fix_body_bytes(b, TAG_SECURITY_REQ_ID, p->req_id);
    fix_body_bytes(b, TAG_SECURITY_RESPONSE_ID, p->response_id);
    fix_body_int(b, TAG_SECURITY_REQUEST_RESULT, (int)p->result);
    fix_body_uint(b, TAG_TOT_NO_RELATED_SYM, p->total);
    fix_body_bool(b, TAG_LAST_FRAGMENT, p->last);
    if (p->count > 0) {
        fix_body_uint(b, TAG_NO_RELATED_SYM, p->count);
    }
    for (size_t i = 0; i < p->count; i++) {
        put_entry(b, &p->entry[i]);
    }
}
