/*
 * Bitget v2: questions about orders and fills. Lists are newest first and paged by idLessThan.
 */
#include "venuesim_bitget.h"

#include <stdlib.h>

#define SPAN_MS (INT64_C(90) * 24 * 3600 * 1000)

struct sim_order *bg_find(struct bg_call *c, struct bytes id, struct bytes client_id)
{
    struct sim_order *o =
        sim_order_find(c->engine, c->account, id, id.size > 0 ? BYTES("") : client_id);

    /* A trigger order is not an ordinary order before it fires, and then it has another id. */
    if (o == NULL || ((o->extra.flags & BG_PLAN) != 0 &&
                      (!o->triggered || (id.size > 0 && !bytes_is(id, o->child_id))))) {
        return NULL;
    }
    return o;
}

void bg_detail(struct bg_call *c)
{
    struct bytes id = bg_arg(c, "orderId");
    struct bytes client_id = bg_arg(c, "clientOid");
    const struct sim_order *o;

    if (!bg_product(c) || bg_symbol(c) == NULL) {
        return;
    }
    if (id.size == 0 && client_id.size == 0) {
        bg_error(c, "40811", "The parameter orderId or clientOid should not be null");
        return;
    }
    o = bg_find(c, id, client_id);
    if (o == NULL || !bytes_is(bg_arg(c, "symbol"), o->instrument->symbol)) {
        bg_error(c, "40109",
                 "The data of the order cannot be found, please confirm the order "
                 "number");
        return;
    }
    bg_begin(c);
    bg_order_json(c, o, true);
    bg_end(c);
    answer_note(&c->req->answer, "%s", bg_status(o, false));
}

/* ---- lists --------------------------------------------------------------------------------- */

struct bg_filter {
    struct bytes symbol, id, client_id, status;
    uint64_t from_ms, to_ms, limit, before;
};

static bool filter_read(struct bg_call *c, struct bg_filter *f)
{
    *f = (struct bg_filter){ .symbol = bg_arg(c, "symbol"),
                             .id = bg_arg(c, "orderId"),
                             .client_id = bg_arg(c, "clientOid"),
                             .status = bg_arg(c, "status") };
    if (!bg_product(c) || (f->symbol.size > 0 && bg_symbol(c) == NULL)) {
        return false;
    }
    if (!bg_number(c, "startTime", 0, INT64_MAX / 4, &f->from_ms) ||
        !bg_number(c, "endTime", INT64_MAX / 4, INT64_MAX / 4, &f->to_ms) ||
        !bg_number(c, "limit", 100, 100, &f->limit) ||
        !bg_number(c, "idLessThan", UINT64_MAX, UINT64_MAX, &f->before)) {
        return false;
    }
    if (bg_arg(c, "endTime").size > 0 && bg_arg(c, "startTime").size > 0 &&
        (f->to_ms < f->from_ms || f->to_ms - f->from_ms > (uint64_t)SPAN_MS)) {
        bg_error(c, "40020", "Parameter startTime error");
        return false;
    }
    return true;
}

static bool id_below(const char *id, uint64_t before)
{
    uint64_t value;

    return text_uint(bytes_of(id), &value) && value < before;
}

static bool order_fits(const struct bg_call *c, const struct bg_filter *f,
                       const struct sim_order *o)
{
    uint64_t at_ms = (uint64_t)(o->created_us / US_PER_MS);

    return o->account == c->account && o->state != SIM_HELD && o->state != SIM_ARMED &&
           ((o->extra.flags & BG_PLAN) == 0 || o->triggered) && bg_in_product(c, o->instrument) &&
           (f->symbol.size == 0 || bytes_is(f->symbol, o->instrument->symbol)) &&
           (f->id.size == 0 || bytes_is(f->id, bg_order_id(o))) &&
           (f->client_id.size == 0 || bytes_is(f->client_id, o->client_id)) &&
           at_ms >= f->from_ms && at_ms <= f->to_ms && id_below(bg_order_id(o), f->before);
}

static int newest_first(const void *a, const void *b)
{
    const struct sim_order *x = *(struct sim_order *const *)a;
    const struct sim_order *y = *(struct sim_order *const *)b;
    int order = strcmp(bg_order_id(y), bg_order_id(x));

    return order;
}

static void list_write(struct bg_call *c, struct sim_order **list, size_t count, uint64_t limit)
{
    size_t n;

    if (count > 1) {
        qsort(list, count, sizeof list[0], newest_first);
    }
    count = count > limit ? (size_t)limit : count;
    bg_begin(c);
    if (count == 0) {
        buf_text(c->out, "{\"entrustedList\":null,\"endId\":null}");
    } else {
        buf_text(c->out, "{\"entrustedList\":[");
        for (n = 0; n < count; n++) {
            buf_text(c->out, n == 0 ? "" : ",");
            bg_order_json(c, list[n], false);
        }
        buf_printf(c->out, "],\"endId\":\"%s\"}", bg_order_id(list[count - 1]));
    }
    bg_end(c);
    answer_note(&c->req->answer, "%zu orders", count);
    free(list);
}

/* Without a status only unfilled orders come back, as the venue's English pages say. */
void bg_pending(struct bg_call *c)
{
    struct bg_filter f;
    struct sim_order **list = NULL;
    struct sim_order *o;
    size_t count = 0;
    size_t capacity = 0;

    if (!filter_read(c, &f)) {
        return;
    }
    if (f.status.size > 0 && !bytes_is(f.status, "live") &&
        !bytes_is(f.status, "partially_filled")) {
        bg_error(c, "40020", "Parameter status error");
        return;
    }
    if (f.status.size == 0) {
        f.status = BYTES("live");
    }
    for (o = c->account->open_first; o != NULL; o = o->open_next) {
        if (order_fits(c, &f, o) && bytes_is(f.status, bg_status(o, false))) {
            list = sim_grow(list, count, &capacity, sizeof(struct sim_order *));
            list[count++] = o;
        }
    }
    list_write(c, list, count, f.limit);
}

void bg_history(struct bg_call *c)
{
    struct bg_filter f;
    struct sim_order **list = NULL;
    struct sim_order *o;
    size_t count = 0;
    size_t capacity = 0;

    if (!filter_read(c, &f)) {
        return;
    }
    for (o = c->engine->all_first; o != NULL; o = o->all_next) {
        if (o->closed_us != 0 && order_fits(c, &f, o)) {
            list = sim_grow(list, count, &capacity, sizeof(struct sim_order *));
            list[count++] = o;
        }
    }
    list_write(c, list, count, f.limit);
}

/* ---- fills --------------------------------------------------------------------------------- */

static bool exec_fits(const struct bg_call *c, const struct bg_filter *f, const struct sim_exec *x)
{
    uint64_t at_ms = (uint64_t)(x->wall_us / US_PER_MS);

    return bg_in_product(c, x->order->instrument) &&
           (f->symbol.size == 0 || bytes_is(f->symbol, x->order->instrument->symbol)) &&
           (f->id.size == 0 || bytes_is(f->id, bg_order_id(x->order))) && at_ms >= f->from_ms &&
           at_ms <= f->to_ms && id_below(x->id, f->before);
}

void bg_fills(struct bg_call *c)
{
    struct bg_filter f;
    const char *last = NULL;
    size_t n = c->account->exec_count;
    uint64_t count = 0;

    if (!filter_read(c, &f)) {
        return;
    }
    bg_begin(c);
    buf_text(c->out, "{\"fillList\":[");
    while (n > 0 && count < f.limit) {
        const struct sim_exec *x = c->account->exec[--n];

        if (exec_fits(c, &f, x)) {
            buf_text(c->out, count == 0 ? "" : ",");
            bg_exec_json(c, x);
            last = x->id;
            count++;
        }
    }
    buf_char(c->out, ']');
    if (last == NULL) {
        buf_text(c->out, ",\"endId\":null}");
    } else {
        text_member(c->out, "endId", last);
        buf_char(c->out, '}');
    }
    bg_end(c);
    answer_note(&c->req->answer, "%llu fills", (unsigned long long)count);
}
