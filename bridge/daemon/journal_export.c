/*
 * Orders and fills of a journal for an auditor: CSV (RFC 4180) and JSON lines with the same
 * columns. Numbers are exact decimals as text, times RFC 3339 in UTC. A fill is written as it is
 * met; an order at the end, as it stands then, moved by the same order_apply that the service uses.
 * Orders of a snapshot begin as they stood in it, and the lsn of their fills is not known: 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_tool.h"
#include "json_out.h"
#include "map.h"
#include "order.h"
#include "timestamp.h"

#define LINE_MAX_SIZE ((size_t)64 * 1024)

/* An order and what `struct order` does not keep by name. */
struct line {
    struct order o;
    char cl_ord_id[CL_ORD_ID_MAX + 1], venue_id[VENUE_ID_MAX + 1]; /* what o's texts are */
    char symbol[SYMBOL_MAX + 1], venue_symbol[SYMBOL_MAX + 1];
    const char *session, *account;
    uint64_t fills;
};

struct sheet {
    FILE *csv, *json;
    struct buf row, object;
};

struct export
{
    struct journal_tool *tool;
    struct map *by_id;
    struct line **line; /* as they came; owned */
    size_t count, room;
    struct sheet orders, fills;
    const char *error;
};

/* ---- rows ---------------------------------------------------------------------------------- */

static void put(struct sheet *s, const char *name, struct bytes text)
{
    if (s->row.size > 0) {
        buf_char(&s->row, ',');
    }
    buf_char(&s->row, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            buf_char(&s->row, '"');
        }
        buf_char(&s->row, text.data[i]);
    }
    buf_char(&s->row, '"');
    json_out_key_text(&s->object, name, text);
}

static void put_text(struct sheet *s, const char *name, const char *text)
{
    put(s, name, bytes_of(text));
}

static void put_number(struct sheet *s, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    put(s, name, (struct bytes){ text, decimal_print(value, text) });
}

static void put_count(struct sheet *s, const char *name, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    put_text(s, name, text);
}

static void put_char(struct sheet *s, const char *name, char value)
{
    put(s, name, (struct bytes){ &value, value != 0 });
}

static void put_time(struct sheet *s, const char *name, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];
    size_t size = wall_us == 0 ? 0 : timestamp_print_iso(wall_us, 6, text);

    put(s, name, (struct bytes){ text, size });
}

static bool write_buf(FILE *f, const struct buf *b)
{
    return !b->failed && fwrite(b->data, 1, b->size, f) == b->size;
}

static void begin_row(struct sheet *s)
{
    buf_clear(&s->row);
    buf_clear(&s->object);
    buf_char(&s->object, '{');
}

static bool end_row(struct sheet *s)
{
    buf_text(&s->row, "\r\n");
    buf_text(&s->object, "}\n");
    return write_buf(s->csv, &s->row) && write_buf(s->json, &s->object);
}

static bool put_order(struct sheet *s, const struct line *l)
{
    const struct order *o = &l->o;
    char id[ORDER_ID_TEXT_MAX];

    order_id_text(o->id, id);
    begin_row(s);
    put_text(s, "order_id", id);
    put_text(s, "session", l->session);
    put_text(s, "account", l->account);
    put_text(s, "cl_ord_id", o->cl_ord_id);
    put_text(s, "venue_id", o->venue_id);
    put_text(s, "symbol", o->symbol);
    put_text(s, "venue_symbol", o->venue_symbol);
    put_text(s, "side", o->side == VENUE_BUY ? "buy" : "sell");
    put_char(s, "ord_type", o->terms.ord_type);
    put_char(s, "time_in_force", o->terms.time_in_force);
    put_number(s, "qty", o->terms.qty);
    if (o->terms.has_price) {
        put_number(s, "price", o->terms.price);
    } else {
        put_text(s, "price", "");
    }
    if (o->terms.has_stop) {
        put_number(s, "stop_price", o->terms.stop_price);
    } else {
        put_text(s, "stop_price", "");
    }
    put_text(s, "state", order_state_text(o->state));
    put_number(s, "cum_qty", o->cum_qty);
    put_number(s, "leaves_qty", order_leaves(o));
    put_number(s, "avg_px", avg_px_value(&o->avg, o->inverse));
    put_count(s, "fills", l->fills);
    put_time(s, "taken", o->taken_us);
    put_time(s, "changed", o->changed_us);
    return end_row(s);
}

/* A correction is a row of its own behind the fill it is about: quantity and price as they stand.
 */
static bool put_correct(struct sheet *s, const struct line *l, const struct record *r, uint64_t lsn)
{
    char id[ORDER_ID_TEXT_MAX];

    order_id_text(l->o.id, id);
    begin_row(s);
    put_count(s, "lsn", lsn);
    put_text(s, "order_id", id);
    put_text(s, "session", l->session);
    put_text(s, "account", l->account);
    put_text(s, "cl_ord_id", l->o.cl_ord_id);
    put_text(s, "symbol", l->o.symbol);
    put_text(s, "side", l->o.side == VENUE_BUY ? "buy" : "sell");
    put(s, "venue_exec_id", r->correct.exec_id);
    put_number(s, "qty", r->correct.qty);
    put_number(s, "px", r->correct.px);
    put_text(s, "liquidity", "");
    put_time(s, "venue_time", 0);
    put_time(s, "taken", r->wall_us);
    put_text(s, "event", decimal_sign(r->correct.qty) == 0 ? "bust" : "correction");
    return end_row(s);
}

static bool put_fill(struct sheet *s, const struct line *l, const struct record *r, uint64_t lsn)
{
    static const char *const liquidity[] = {
        [VENUE_LIQUIDITY_UNKNOWN] = "", [VENUE_MAKER] = "maker", [VENUE_TAKER] = "taker"
    };
    char id[ORDER_ID_TEXT_MAX];

    order_id_text(l->o.id, id);
    begin_row(s);
    put_count(s, "lsn", lsn);
    put_text(s, "order_id", id);
    put_text(s, "session", l->session);
    put_text(s, "account", l->account);
    put_text(s, "cl_ord_id", l->o.cl_ord_id);
    put_text(s, "symbol", l->o.symbol);
    put_text(s, "side", l->o.side == VENUE_BUY ? "buy" : "sell");
    put(s, "venue_exec_id", r->fill.exec_id);
    put_number(s, "qty", r->fill.qty);
    put_number(s, "px", r->fill.px);
    put_text(s, "liquidity", liquidity[r->fill.liquidity]);
    put_time(s, "venue_time", r->fill.time_us);
    put_time(s, "taken", r->wall_us);
    put_text(s, "event", "fill");
    return end_row(s);
}

/* ---- orders as they move ------------------------------------------------------------------- */

static bool refuse(struct export *x, const char *why)
{
    x->error = why;
    return false;
}

static struct line *line_of(const struct export *x, uint64_t id)
{
    return map_find(x->by_id, (struct bytes){ (const char *)&id, sizeof id });
}

/* NULL: out of memory. */
static struct line *add_line(struct export *x, uint64_t id, uint32_t session, uint32_t account)
{
    struct line *l = calloc(1, sizeof *l);

    if (x->count == x->room) {
        size_t room = x->room * 2 + 1024;
        struct line **grown = realloc(x->line, room * sizeof *grown);

        if (grown == NULL) {
            free(l);
            return NULL;
        }
        x->line = grown;
        x->room = room;
    }
    if (l == NULL) {
        return NULL;
    }
    l->o.id = id;
    l->o.cl_ord_id = l->cl_ord_id;
    l->o.venue_id = l->venue_id;
    l->o.symbol = l->symbol;
    l->o.venue_symbol = l->venue_symbol;
    l->session = journal_words_session(x->tool->words, session);
    l->account = journal_words_account(x->tool->words, account);
    if (!map_put(x->by_id, (struct bytes){ (const char *)&l->o.id, sizeof l->o.id }, l)) {
        free(l);
        return NULL;
    }
    x->line[x->count++] = l;
    return l;
}

static bool add_order(struct export *x, const struct record *r)
{
    struct line *l = add_line(x, r->order.id, r->order.session, r->order.account);

    if (l == NULL) {
        return refuse(x, "out of memory");
    }
    l->o.state = ORDER_TAKEN;
    l->o.side = r->order.side;
    l->o.terms = r->order.terms;
    l->o.inverse = r->order.inverse;
    l->o.taken_us = l->o.changed_us = r->wall_us;
    return (bytes_to_field(r->order.cl_ord_id, l->cl_ord_id, sizeof l->cl_ord_id) &&
            bytes_to_field(r->order.symbol, l->symbol, sizeof l->symbol) &&
            bytes_to_field(r->order.venue_symbol, l->venue_symbol, sizeof l->venue_symbol)) ||
           refuse(x, "a text of an order is too long");
}

static bool add_kept(struct export *x, const struct record_kept *k)
{
    struct line *l = add_line(x, k->id, k->session, k->account);

    if (l == NULL) {
        return refuse(x, "out of memory");
    }
    l->o.state = k->state;
    l->o.side = k->side;
    l->o.terms = k->terms;
    l->o.inverse = k->inverse;
    l->o.cum_qty = k->cum_qty;
    l->o.avg = k->avg;
    l->o.taken_us = k->taken_us;
    l->o.changed_us = k->changed_us;
    return (bytes_to_field(k->cl_ord_id, l->cl_ord_id, sizeof l->cl_ord_id) &&
            bytes_to_field(k->venue_id, l->venue_id, sizeof l->venue_id) &&
            bytes_to_field(k->symbol, l->symbol, sizeof l->symbol) &&
            bytes_to_field(k->venue_symbol, l->venue_symbol, sizeof l->venue_symbol)) ||
           refuse(x, "a text of an order is too long");
}

static bool move(struct export *x, struct line *l, const struct order_change *change,
                 int64_t wall_us)
{
    if (!order_apply(&l->o, change)) {
        return refuse(x, "a record that the order's state does not allow");
    }
    l->o.changed_us = wall_us;
    return true;
}

static bool take_event(struct export *x, struct line *l, const struct record *r)
{
    const struct order_change change = { .event = r->event.event, .qty = r->event.qty };

    if (r->event.venue_id.size > 0) {
        if (!bytes_to_field(r->event.venue_id, l->venue_id, sizeof l->venue_id)) {
            return refuse(x, "a venue's id is too long");
        }
        l->o.venue_id = l->venue_id;
    }
    return move(x, l, &change, r->wall_us);
}

static bool take_fill(struct export *x, struct line *l, const struct record *r, uint64_t lsn)
{
    const struct order_change change = record_fill_change(r);

    l->fills++;
    return move(x, l, &change, r->wall_us) &&
           (put_fill(&x->fills, l, r, lsn) || refuse(x, "cannot write"));
}

static bool take_correct(struct export *x, struct line *l, const struct record *r, uint64_t lsn)
{
    const struct order_change change = { .event = EV_CORRECTED,
                                         .qty = r->correct.avg.qty,
                                         .avg = &r->correct.avg };

    return move(x, l, &change, r->wall_us) &&
           (put_correct(&x->fills, l, r, lsn) || refuse(x, "cannot write"));
}

/* Replaces wait for their end; cancels are told by the event that follows. */
static bool take_request(struct export *x, struct line *l, const struct record *r)
{
    struct request *q;

    if (r->request.what == REQUEST_CANCEL) {
        return true;
    }
    q = calloc(1, sizeof *q);
    if (q == NULL) {
        return refuse(x, "out of memory");
    }
    q->id = r->request.request;
    q->kind = r->request.what;
    q->terms = r->request.terms;
    q->next = l->o.request;
    l->o.request = q;
    return bytes_to_field(r->request.cl_ord_id, q->cl_ord_id, sizeof q->cl_ord_id) ||
           refuse(x, "a ClOrdID is too long");
}

static bool end_request(struct export *x, struct line *l, const struct record *r)
{
    struct order_change change = { .event = EV_REPLACED };
    struct request **at, *q;
    bool good = true;

    for (at = &l->o.request; *at != NULL && (*at)->id != r->request_end.request;
         at = &(*at)->next) {
    }
    q = *at;
    if (q == NULL) {
        return true; /* a cancel */
    }
    if (r->request_end.done) {
        change.terms = &q->terms;
        good = move(x, l, &change, r->wall_us);
        memcpy(l->cl_ord_id, q->cl_ord_id, sizeof l->cl_ord_id);
    }
    *at = q->next;
    free(q);
    return good;
}

static bool take_kept_fill(struct export *x, const struct record *r)
{
    struct line *l = line_of(x, r->fill.id);

    if (l == NULL) {
        return refuse(x, "a fill of an unknown order");
    }
    l->fills++;
    return put_fill(&x->fills, l, r, 0) || refuse(x, "cannot write");
}

static bool take_record(void *arg, const struct journal_place *at, const struct journal_record *raw,
                        const struct record *r)
{
    struct export *x = arg;
    struct line *l;

    if (raw->kind != JOURNAL_KIND_ENGINE) {
        return true;
    }
    switch (r->kind) {
    case RECORD_ORDER: return add_order(x, r);
    case RECORD_EVENT:
        l = line_of(x, r->event.id);
        return l == NULL ? refuse(x, "an event of an unknown order") : take_event(x, l, r);
    case RECORD_FILL:
        l = line_of(x, r->fill.id);
        return l == NULL ? refuse(x, "a fill of an unknown order") : take_fill(x, l, r, at->lsn);
    case RECORD_CORRECT:
        l = line_of(x, r->correct.id);
        return l == NULL ? refuse(x, "a correction of an unknown order")
                         : take_correct(x, l, r, at->lsn);
    case RECORD_REQUEST:
        l = line_of(x, r->request.id);
        return l == NULL ? refuse(x, "a request of an unknown order") : take_request(x, l, r);
    case RECORD_REQUEST_END:
        l = line_of(x, r->request_end.id);
        return l == NULL ? refuse(x, "an answer of an unknown order") : end_request(x, l, r);
    case RECORD_KEPT_ORDER: return add_kept(x, &r->kept);
    case RECORD_KEPT_FILL: return take_kept_fill(x, r);
    case RECORD_START:
    case RECORD_NAME:
    case RECORD_REQUEST_STATE:
    case RECORD_MASS:
    case RECORD_MASS_END:
    case RECORD_LIST:
    case RECORD_LIST_END:
    case RECORD_DEADMAN:
    case RECORD_FOREIGN:
    case RECORD_SESSION:
    case RECORD_DECISION:
    case RECORD_SETTING:
    case RECORD_FORGET:
    case RECORD_COUNTERS:
    case RECORD_KEPT_NAME:
    case RECORD_KEPT_MASS: return true;
    }
    return refuse(x, "a record of an unknown kind");
}

/* ---- files --------------------------------------------------------------------------------- */

static FILE *open_in(int directory, const char *name)
{
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    if (f == NULL && fd >= 0) {
        (void)close(fd);
    }
    return f;
}

static bool open_sheet(struct sheet *s, int directory, const char *csv, const char *json,
                       const char *columns)
{
    buf_init(&s->row, LINE_MAX_SIZE);
    buf_init(&s->object, LINE_MAX_SIZE);
    s->csv = open_in(directory, csv);
    s->json = open_in(directory, json);
    return s->csv != NULL && s->json != NULL && fprintf(s->csv, "%s\r\n", columns) > 0;
}

static bool close_sheet(struct sheet *s)
{
    bool good = s->csv != NULL && s->json != NULL;

    good = (s->csv == NULL || fclose(s->csv) == 0) && good;
    good = (s->json == NULL || fclose(s->json) == 0) && good;
    buf_fini(&s->row);
    buf_fini(&s->object);
    return good;
}

static bool open_sheets(struct export *x, int directory)
{
    return open_sheet(&x->orders, directory, "orders.csv", "orders.jsonl",
                      "order_id,session,account,cl_ord_id,venue_id,symbol,venue_symbol,side,"
                      "ord_type,time_in_force,qty,price,stop_price,state,cum_qty,leaves_qty,avg_px,"
                      "fills,taken,changed") &&
           open_sheet(&x->fills, directory, "fills.csv", "fills.jsonl",
                      "lsn,order_id,session,account,cl_ord_id,symbol,side,venue_exec_id,qty,px,"
                      "liquidity,venue_time,taken,event");
}

static void free_lines(struct export *x)
{
    for (size_t i = 0; i < x->count; i++) {
        for (struct request *q = x->line[i]->o.request, *next; q != NULL; q = next) {
            next = q->next;
            free(q);
        }
        free(x->line[i]);
    }
    free(x->line);
    map_free(x->by_id);
}

/* Damage ends the export where it is, with all that is before it written: said, and told by the
 * code. */
static int write_all(struct export *x)
{
    struct journal_tool *t = x->tool;
    int code = JOURNAL_CMD_OK;

    t->each = take_record;
    t->each_arg = x;
    if (!journal_tool_read(t)) {
        code = x->error == NULL ? JOURNAL_CMD_DAMAGED : JOURNAL_CMD_FAILED;
        (void)fprintf(stderr, "fixbridge: %s%s%s\n", t->error, x->error == NULL ? "" : ": ",
                      x->error == NULL ? "" : x->error);
    }
    for (size_t i = 0; i < x->count; i++) {
        if (!put_order(&x->orders, x->line[i])) {
            (void)fprintf(stderr, "fixbridge: cannot write: %s\n", strerror(errno));
            return JOURNAL_CMD_FAILED;
        }
    }
    return code;
}

int journal_export(struct journal_tool *t, const char *to)
{
    struct export x = { .tool = t, .by_id = map_new(0) };
    int directory;
    int code = JOURNAL_CMD_FAILED;
    bool closed;

    if (mkdir(to, S_IRWXU) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "fixbridge: %s: %s\n", to, strerror(errno));
        map_free(x.by_id);
        return code;
    }
    directory = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (x.by_id == NULL || directory < 0 || !open_sheets(&x, directory)) {
        (void)fprintf(stderr, "fixbridge: %s: %s\n", to, strerror(errno));
    } else {
        code = write_all(&x);
    }
    closed = close_sheet(&x.orders);
    closed = close_sheet(&x.fills) && closed;
    if (!closed && code != JOURNAL_CMD_FAILED) {
        (void)fprintf(stderr, "fixbridge: %s: %s\n", to, strerror(errno));
        code = JOURNAL_CMD_FAILED;
    }
    if (code == JOURNAL_CMD_OK) {
        (void)printf("%zu orders and %" PRIu64 " fills, up to batch %" PRIu64 "\n", x.count,
                     t->fills, t->found.last);
    }
    free_lines(&x);
    if (directory >= 0) {
        (void)close(directory);
    }
    return code;
}
