/*
 * The simulator's page for people (GET /sim) and what it shows (GET /sim/state): prices and book,
 * open orders, fills, faults, calls. Looks only; what its buttons do are the endpoints of
 * venuesim_control.c.
 */
#include "venuesim_page.h"

#include "venuesim_text.h"
#include "venuesim_walk.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define LEVELS_MAX 8
#define ORDERS_MAX 200
#define FILLS_MAX 50
#define HASH_TEXT 64

/* ---- the page ------------------------------------------------------------------------------ */

/* 'sha256-...' of what stands between the two marks. */
static void hash_of(const char *open, const char *close, char out[HASH_TEXT])
{
    const char *from = strstr(sim_page, open);
    const char *to = from == NULL ? NULL : strstr(from, close);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char text[HASH_TEXT];
    unsigned size = 0;

    out[0] = '\0';
    if (to != NULL) {
        from += strlen(open);
        if (EVP_Digest(from, (size_t)(to - from), digest, &size, EVP_sha256(), NULL) == 1) {
            (void)EVP_EncodeBlock(text, digest, (int)size);
            (void)snprintf(out, HASH_TEXT, "%s", (char *)text);
        }
    }
}

void page_serve(struct sim_request *req)
{
    char style[HASH_TEXT];
    char script[HASH_TEXT];
    char policy[384];

    hash_of("<style>", "</style>", style);
    hash_of("<script>", "</script>", script);
    (void)snprintf(policy, sizeof policy,
                   "default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; "
                   "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                   "frame-ancestors 'none'",
                   script, style);
    answer_header(&req->answer, "Content-Security-Policy", policy);
    answer_header(&req->answer, "X-Content-Type-Options", "nosniff");
    answer_header(&req->answer, "Cache-Control", "no-store");
    req->answer.content_type = "text/html; charset=utf-8";
    buf_add(&req->answer.body, sim_page, sim_page_size);
}

/* ---- what it shows ------------------------------------------------------------------------- */

static void write_flag(struct buf *out, const char *name, bool on)
{
    buf_printf(out, ",\"%s\":%s", name, on ? "true" : "false");
}

static void write_quote(struct buf *out, const char *name, const struct sim_quote *q)
{
    char size_name[32];

    if (!q->there) {
        return;
    }
    text_decimal_member(out, name, q->price);
    if (!q->unlimited) {
        (void)snprintf(size_name, sizeof size_name, "%s_size", name);
        text_decimal_member(out, size_name, q->size);
    }
}

/* Best first: [[price, quantity, orders], ...] */
static void write_ladder(struct buf *out, const char *name, const struct sim_ladder *l)
{
    size_t n;

    buf_printf(out, ",\"%s\":[", name);
    for (n = 0; n < l->count && n < LEVELS_MAX; n++) {
        const struct sim_level *level = l->level[l->count - 1 - n];
        const struct sim_order *o;
        struct decimal total = DECIMAL_ZERO;
        unsigned count = 0;

        for (o = level->first; o != NULL; o = o->next, count++) {
            total = sim_add(total, sim_remaining(o));
        }
        buf_text(out, n == 0 ? "[\"" : ",[\"");
        buf_decimal(out, level->price);
        buf_text(out, "\",\"");
        buf_decimal(out, total);
        buf_printf(out, "\",%u]", count);
    }
    buf_char(out, ']');
}

static void write_instrument(struct buf *out, const struct sim_instrument *i)
{
    buf_text(out, "{\"symbol\":");
    text_quote(out, bytes_of(i->symbol));
    write_quote(out, "bid", &i->bid);
    write_quote(out, "ask", &i->ask);
    text_decimal_member(out, "last", i->last);
    text_decimal_member(out, "mark", i->mark);
    text_decimal_member(out, "tick", i->tick);
    text_decimal_member(out, "step", i->step);
    write_flag(out, "suspended", i->suspended);
    write_flag(out, "post_only", i->post_only);
    write_ladder(out, "bids", &i->buys);
    write_ladder(out, "asks", &i->sells);
    buf_char(out, '}');
}

static void write_order(struct buf *out, const struct sim_order *o)
{
    static const char *const types[] = { "limit", "post only", "ioc",         "market",
                                         "fok",   "stop",      "take profit", "trailing" };

    buf_text(out, "{\"order_id\":");
    text_quote(out, bytes_of(o->id));
    text_member(out, "key", o->account->key);
    text_member(out, "client_id", o->client_id);
    text_member(out, "symbol", o->instrument->symbol);
    text_member(out, "side", o->side == SIM_BUY ? "buy" : "sell");
    text_member(out, "type", types[o->type]);
    text_decimal_member(out, "qty", o->qty);
    text_decimal_member(out, "filled", o->filled);
    if (o->has_price) {
        text_decimal_member(out, "price", o->price);
    }
    if (o->is_trigger) {
        text_decimal_member(out, "stop", o->stop);
    }
    write_flag(out, "reduce_only", o->reduce_only);
    text_time_member(out, "created", o->created_us);
    buf_char(out, '}');
}

static void write_orders(struct buf *out, const struct sim_engine *e)
{
    size_t count = 0;
    size_t total = 0;
    size_t n;

    buf_text(out, ",\"orders\":[");
    for (n = 0; n < e->account_count; n++) {
        const struct sim_order *o = e->account[n]->open_first;

        total += e->account[n]->open_count;
        for (; o != NULL && count < ORDERS_MAX; o = o->open_next) {
            buf_text(out, count++ == 0 ? "" : ",");
            write_order(out, o);
        }
    }
    buf_printf(out, "],\"open_orders\":%zu", total);
}

static int newest_first(const void *a, const void *b)
{
    const struct sim_exec *x = *(const struct sim_exec *const *)a;
    const struct sim_exec *y = *(const struct sim_exec *const *)b;

    if (x->wall_us != y->wall_us) {
        return x->wall_us > y->wall_us ? -1 : 1;
    }
    return x->sequence == y->sequence ? 0 : x->sequence > y->sequence ? -1 : 1;
}

static void write_fill(struct buf *out, const struct sim_exec *x)
{
    buf_text(out, "{\"id\":");
    text_quote(out, bytes_of(x->id));
    text_time_member(out, "at", x->wall_us);
    text_member(out, "client_id", x->order->client_id);
    text_member(out, "symbol", x->order->instrument->symbol);
    text_member(out, "side", x->order->side == SIM_BUY ? "buy" : "sell");
    text_decimal_member(out, "qty", x->qty);
    text_decimal_member(out, "price", x->price);
    text_decimal_member(out, "fee", x->fee);
    text_decimal_member(out, "position", x->position_after);
    write_flag(out, "taker", x->taker);
    buf_char(out, '}');
}

static void write_fills(struct buf *out, const struct sim_engine *e)
{
    const struct sim_exec **list = calloc(SIM_ACCOUNTS_MAX * FILLS_MAX, sizeof(struct sim_exec *));
    size_t count = 0;
    size_t n;

    for (n = 0; list != NULL && n < e->account_count; n++) {
        const struct sim_account *a = e->account[n];
        size_t k;

        for (k = 0; k < a->exec_count && k < FILLS_MAX; k++) {
            list[count++] = a->exec[a->exec_count - 1 - k];
        }
    }
    if (count > 0) {
        qsort(list, count, sizeof *list, newest_first);
    }
    buf_text(out, ",\"fills\":[");
    for (n = 0; n < count && n < FILLS_MAX; n++) {
        buf_text(out, n == 0 ? "" : ",");
        write_fill(out, list[n]);
    }
    buf_text(out, "]");
    free(list);
}

static void write_calls(struct buf *out, const struct sim *s)
{
    size_t n;

    buf_text(out, ",\"calls\":[");
    for (n = 0; n < s->call_count; n++) {
        buf_printf(out, "%s{\"count\":%llu", n == 0 ? "" : ",",
                   (unsigned long long)s->call[n].count);
        text_member(out, "op", s->call[n].op);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void page_state(struct sim_request *req)
{
    const struct sim *s = req->sim;
    struct buf *out = &req->answer.body;
    size_t n;

    buf_text(out, "{\"venue\":");
    text_quote(out, bytes_of(s->dialect[0]->name));
    text_time_member(out, "now", sim_wall_us(s));
    buf_char(out, ',');
    walk_write(s, out);
    buf_text(out, ",\"instruments\":[");
    for (n = 0; n < s->engine->instrument_count; n++) {
        buf_text(out, n == 0 ? "" : ",");
        write_instrument(out, &s->engine->instrument[n]);
    }
    buf_char(out, ']');
    write_orders(out, s->engine);
    write_fills(out, s->engine);
    write_calls(out, s);
    buf_char(out, ',');
    faults_members(&s->faults, out);
    buf_text(out, ",\"fault_kinds\":[");
    for (n = FAULT_NONE + 1; n < FAULT_KIND_COUNT; n++) {
        buf_printf(out, "%s\"%s\"", n == FAULT_NONE + 1 ? "" : ",", fault_text((enum fault_kind)n));
    }
    buf_text(out, "]}\n");
}
