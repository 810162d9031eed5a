/*
 * The operator's call. Output for people goes to stdout, complaints to stderr.
 */
#include "venue_cmd.h"

#include <ev.h>
#include <stdio.h>

#include "loop_now.h"
#include "timestamp.h"
#include "venue_io.h"

/* What key=value fills. The order's side, type and so on are written in the words below. */
enum kind { TEXT, TEXTS, DECIMAL, NUMBER, TIME, FLAG, SIDE, TYPE, TIF, TRIGGER, UNIT };

struct words {
    struct venue_call call;
    struct bytes client_id[VENUE_IDS_MAX], venue_id[VENUE_IDS_MAX];
    struct venue_arg arg[VENUE_ARGS_MAX];
    struct venue_instruction instruction[VENUE_IDS_MAX];
};

#define C(field) offsetof(struct venue_call, field)

static const struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *help;
} fields[] = {
    { "symbol", TEXT, C(symbol), "the venue's symbol" },
    { "client_id", TEXTS, C(order.client_id),
      "our order id at the venue; several with commas (status)" },
    { "venue_id", TEXTS, C(order.venue_id), "the venue's order id; several with commas (status)" },
    { "side", SIDE, C(order.side), "buy, sell" },
    { "type", TYPE, C(order.type), "market, limit, stop, stop-limit, take, take-limit, trailing" },
    { "tif", TIF, C(order.tif), "gtc, ioc, fok, gtd, day" },
    { "expire", TIME, C(order.expire_us), "end of a gtd order" },
    { "qty", DECIMAL, C(order.qty), "quantity" },
    { "price", DECIMAL, C(order.price), "limit price" },
    { "stop_price", DECIMAL, C(order.stop_price), "trigger price" },
    { "trigger", TRIGGER, C(order.trigger), "last, mark, index" },
    { "trail", DECIMAL, C(order.trail), "distance of a trailing stop" },
    { "trail_unit", UNIT, C(order.trail_unit), "price, percent" },
    { "post_only", FLAG, C(order.post_only), "yes, no" },
    { "reduce_only", FLAG, C(order.reduce_only), "yes, no" },
    { "since", TIME, C(since_us), "2026-01-31T10:00:00Z, or microseconds since 1970" },
    { "before", TIME, C(before_us), "the same" },
    { "cursor", TEXT, C(cursor), "continuation of an earlier answer" },
    { "count", NUMBER, C(count), "size of a page" },
    { "timeout", NUMBER, C(timeout_s), "seconds (deadman); 0 disarms" },
};

static const struct word {
    enum kind kind;
    const char *word;
    unsigned value;
} word_list[] = {
    { SIDE, "buy", VENUE_BUY },
    { SIDE, "sell", VENUE_SELL },
    { TYPE, "market", VENUE_MARKET },
    { TYPE, "limit", VENUE_LIMIT },
    { TYPE, "stop", VENUE_STOP_MARKET },
    { TYPE, "stop-limit", VENUE_STOP_LIMIT },
    { TYPE, "take", VENUE_TAKE_MARKET },
    { TYPE, "take-limit", VENUE_TAKE_LIMIT },
    { TYPE, "trailing", VENUE_TRAILING },
    { TIF, "gtc", VENUE_GTC },
    { TIF, "ioc", VENUE_IOC },
    { TIF, "fok", VENUE_FOK },
    { TIF, "gtd", VENUE_GTD },
    { TIF, "day", VENUE_DAY },
    { UNIT, "price", VENUE_OFFSET_PRICE },
    { UNIT, "percent", VENUE_OFFSET_PERCENT },
    { TRIGGER, "last", VENUE_TRIGGER_LAST },
    { TRIGGER, "mark", VENUE_TRIGGER_MARK },
    { TRIGGER, "index", VENUE_TRIGGER_INDEX },
    { FLAG, "yes", true },
    { FLAG, "no", false },
};

/* ---- key=value ----------------------------------------------------------------------------- */

static bool read_number(struct bytes text, int64_t *out)
{
    int64_t n = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i >= 18) {
            return false;
        }
        n = n * 10 + (text.data[i] - '0');
    }
    *out = n;
    return text.size > 0;
}

static bool read_word(enum kind kind, struct bytes text, void *at)
{
    for (size_t i = 0; i < ARRAY_LEN(word_list); i++) {
        unsigned value = word_list[i].value;

        if (word_list[i].kind == kind && bytes_is(text, word_list[i].word)) {
            switch (kind) {
            case SIDE: *(enum venue_side *)at = (enum venue_side)value; return true;
            case TYPE: *(enum venue_order_type *)at = (enum venue_order_type)value; return true;
            case TIF: *(enum venue_tif *)at = (enum venue_tif)value; return true;
            case TRIGGER: *(enum venue_trigger *)at = (enum venue_trigger)value; return true;
            case UNIT: *(enum venue_offset *)at = (enum venue_offset)value; return true;
            case FLAG: *(bool *)at = value != 0; return true;
            case TEXT:
            case TEXTS:
            case DECIMAL:
            case NUMBER:
            case TIME: return false;
            }
        }
    }
    return false;
}

static bool read_field(const struct field *f, struct bytes text, struct venue_call *call)
{
    void *at = (char *)call + f->offset;
    int64_t n = 0;

    switch (f->kind) {
    case TEXT:
    case TEXTS: *(struct bytes *)at = text; return true;
    case DECIMAL: return decimal_parse(text, at);
    case NUMBER:
        if (!read_number(text, &n) || n > UINT32_MAX) {
            return false;
        }
        *(uint32_t *)at = (uint32_t)n;
        return true;
    case TIME: return read_number(text, at) || timestamp_parse_iso(text, at);
    case FLAG:
    case SIDE:
    case TYPE:
    case TIF:
    case UNIT:
    case TRIGGER: return read_word(f->kind, text, at);
    }
    return false;
}

static size_t split(struct bytes text, struct bytes *out)
{
    size_t count = 0;

    while (text.size > 0 && count < VENUE_IDS_MAX) {
        const char *comma = memchr(text.data, ',', text.size);
        size_t size = comma == NULL ? text.size : (size_t)(comma - text.data);

        out[count++] = (struct bytes){ text.data, size };
        size = comma == NULL ? size : size + 1;
        text = (struct bytes){ text.data + size, text.size - size };
    }
    return count;
}

/* "do=place" begins an instruction of a batch; what follows, up to the next one, is its order. */
static bool begin_instruction(struct words *w, struct bytes kind)
{
    static const char *const kinds[] = {
        [VENUE_DO_PLACE] = "place",
        [VENUE_DO_REPLACE] = "replace",
        [VENUE_DO_CANCEL] = "cancel",
    };
    struct venue_instruction *in = &w->instruction[w->call.instruction_count];

    for (size_t i = 0; i < ARRAY_LEN(kinds) && w->call.instruction_count < VENUE_IDS_MAX; i++) {
        if (bytes_is(kind, kinds[i])) {
            in->kind = (enum venue_instruction_kind)i;
            in->order = (struct venue_order){ .type = VENUE_LIMIT, .tif = VENUE_GTC };
            w->call.instruction = w->instruction;
            w->call.instruction_count++;
            return true;
        }
    }
    (void)fprintf(stderr, "fixbridge: do: expected place, replace or cancel, %d times at most\n",
                  VENUE_IDS_MAX);
    return false;
}

/* Of a batch, an instruction's order is read as the call's own would be. */
static bool read_known(struct words *w, const struct field *f, struct bytes value)
{
    struct venue_instruction *in;
    bool good;

    if (w->call.instruction_count == 0) {
        return read_field(f, value, &w->call);
    }
    in = &w->instruction[w->call.instruction_count - 1];
    w->call.order = in->order;
    w->call.symbol = in->order.symbol;
    good = read_field(f, value, &w->call);
    in->order = w->call.order;
    in->order.symbol = w->call.symbol;
    return good;
}

static bool read_pair(struct words *w, const char *pair)
{
    const char *equals = strchr(pair, '=');
    struct bytes name, value;

    if (equals == NULL || equals == pair) {
        (void)fprintf(stderr, "fixbridge: expected key=value, got \"%s\"\n", pair);
        return false;
    }
    name = (struct bytes){ pair, (size_t)(equals - pair) };
    value = bytes_of(equals + 1);
    if (bytes_is(name, "do")) {
        return begin_instruction(w, value);
    }
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (bytes_is(name, fields[i].name)) {
            if (!read_known(w, &fields[i], value)) {
                (void)fprintf(stderr, "fixbridge: %s: expected %s, got \"%s\"\n", fields[i].name,
                              fields[i].help, equals + 1);
                return false;
            }
            return true;
        }
    }
    if (w->call.arg_count == VENUE_ARGS_MAX) {
        (void)fprintf(stderr, "fixbridge: expected at most %d parameters\n", VENUE_ARGS_MAX);
        return false;
    }
    w->arg[w->call.arg_count++] = (struct venue_arg){ name, value };
    return true;
}

static bool read_pairs(struct words *w, int count, char *const *pair)
{
    w->call.arg = w->arg;
    w->call.order.type = VENUE_LIMIT;
    w->call.order.tif = VENUE_GTC;
    for (int i = 0; i < count; i++) {
        if (!read_pair(w, pair[i])) {
            return false;
        }
    }
    w->call.order.symbol = w->call.symbol;
    w->call.client_id = w->client_id;
    w->call.venue_id = w->venue_id;
    w->call.client_id_count = split(w->call.order.client_id, w->client_id);
    w->call.venue_id_count = split(w->call.order.venue_id, w->venue_id);
    return true;
}

/* ---- help ---------------------------------------------------------------------------------- */

static void print_help(const struct venue_driver *d)
{
    (void)printf("Operations of %s:\n", d->name);
    for (enum venue_op op = 0; op < VENUE_OP_COUNT; op++) {
        if (d->endpoint[op].build != NULL) {
            (void)printf("  %-18s%s\n", venue_op_text(op), venue_op_acts(op) ? " acts" : "");
        }
    }
    if (d->endpoint[VENUE_BATCH].build != NULL) {
        (void)printf("A batch is do=place|replace|cancel and that order's parameters, repeated.\n");
    }
    (void)printf("Parameters (any other name=value goes to the venue by its own name):\n");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        (void)printf("  %-12s %s\n", fields[i].name, fields[i].help);
    }
}

static const struct venue_account *find_account(const struct setup *s, const char *name,
                                                uint32_t *index)
{
    for (size_t i = 0; i < s->config->account_count; i++) {
        if (bytes_is(s->venue_account[i].name, name)) {
            *index = (uint32_t)i;
            return &s->venue_account[i];
        }
    }
    (void)fprintf(stderr, "fixbridge: no account \"%s\"; there are:", name);
    for (size_t i = 0; i < s->config->account_count; i++) {
        (void)fprintf(stderr, " %.*s", BYTES_ARG(s->venue_account[i].name));
    }
    (void)fprintf(stderr, "\n");
    return NULL;
}

/* ---- the call ------------------------------------------------------------------------------ */

static int show(const struct venue_result *r)
{
    static const int code[] = {
        [VENUE_DONE] = VENUE_CMD_DONE,
        [VENUE_REFUSED] = VENUE_CMD_REFUSED,
        [VENUE_HELD] = VENUE_CMD_HELD,
        [VENUE_UNKNOWN] = VENUE_CMD_UNKNOWN,
    };

    if (r->response.status > 0) {
        (void)fwrite(r->response.body.data, 1, r->response.body.size, stdout);
        (void)printf("\n");
    }
    (void)printf("outcome: %s", venue_outcome_text(r->outcome));
    if (r->response.status > 0) {
        (void)printf(", HTTP %d", r->response.status);
    } else {
        (void)printf(", %s", r->why);
    }
    if (r->reply != NULL && r->reply->code.size > 0) {
        (void)printf(", code %.*s", BYTES_ARG(r->reply->code));
    }
    if (r->reply != NULL && r->reply->text.size > 0 && r->response.status > 0) {
        (void)printf(", %.*s", BYTES_ARG(r->reply->text));
    }
    if (r->reply != NULL && r->reply->cursor.size > 0) {
        (void)printf(", more with cursor=%.*s", BYTES_ARG(r->reply->cursor));
    }
    (void)printf(", %lld.%lld ms\n", (long long)(r->took_us / US_PER_MS),
                 (long long)(r->took_us % US_PER_MS / 100));
    return code[r->outcome];
}

/* libcurl's watchers run inside ev_run; a result is looked for after each. */
static int run(const struct setup *setup, uint32_t account, const struct venue_call *call)
{
    struct config_mistakes *m = config_mistakes_new(setup->config->path);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct venue_io *v = NULL;
    struct venue_result result;
    struct instant now = loop_now();
    int code = VENUE_CMD_HELD;

    if (m != NULL && loop != NULL) {
        v = venue_io_new(loop, setup, m);
    }
    if (v == NULL || !venue_io_queue(v, 1, account, call, 0)) {
        (void)fprintf(stderr, "fixbridge: %s\n",
                      m != NULL && m->count > 0 ? m->item[0].text : "out of memory");
    } else {
        venue_io_seal(v, 0);
        venue_io_release(v, 0, &now);
        while (!venue_io_next(v, &now, &result)) {
            (void)ev_run(loop, EVRUN_ONCE);
            now = loop_now();
        }
        code = show(&result);
    }
    venue_io_free(v);
    config_mistakes_free(m);
    if (loop != NULL) {
        ev_loop_destroy(loop);
    }
    return code;
}

int venue_cmd(const struct setup *setup, int count, char *const *arg)
{
    static struct words w; /* some KiB of ids: not for the stack */
    const struct venue_account *a;
    uint32_t index = 0;

    if (count < 2) {
        (void)fprintf(stderr, "fixbridge: expected venue ACCOUNT OPERATION [key=value...], "
                              "or venue ACCOUNT help\n");
        return VENUE_CMD_USAGE;
    }
    a = find_account(setup, arg[0], &index);
    if (a == NULL) {
        return VENUE_CMD_USAGE;
    }
    if (strcmp(arg[1], "help") == 0) {
        print_help(a->driver);
        return VENUE_CMD_DONE;
    }
    w = (struct words){ 0 };
    if (!venue_op_parse(bytes_of(arg[1]), &w.call.op) ||
        a->driver->endpoint[w.call.op].build == NULL) {
        (void)fprintf(stderr, "fixbridge: %s has no operation \"%s\"; see: venue %s help\n",
                      a->driver->name, arg[1], arg[0]);
        return VENUE_CMD_USAGE;
    }
    if (!read_pairs(&w, count - 2, arg + 2)) {
        return VENUE_CMD_USAGE;
    }
    return run(setup, index, &w.call);
}
