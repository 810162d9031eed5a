/*
 * fixclient: what an acceptor must never do. Sees every application message the session took, in
 * order, over all sessions, and keeps: a hash of each ExecID with a hash of its content, each
 * fill's SecondaryExecID, and each order's quantities. Knows nothing of what was sent.
 */
#include "fixclient.h"

#include <stdlib.h>
#include <string.h>

struct slot {
    uint64_t key, content;
};

struct set {
    struct slot *slot;
    size_t count, cap;
};

struct known_order {
    char id[64], client_id[64];
    char status;
    bool exact; /* every quantity seen so far was exact in units of 1e-8 */
    int64_t qty, cum, leaves;
    uint64_t fills;
};

struct fc_checker {
    bool strict;
    uint64_t violations;
    struct set execs, trades, index; /* index: hash of OrderID -> position in order */
    struct known_order *order;
    size_t order_count, order_cap;
};

struct fc_checker *fc_checker_new(bool strict)
{
    struct fc_checker *c = calloc(1, sizeof *c);

    if (c == NULL) {
        fc_die("out of memory");
    }
    c->strict = strict;
    return c;
}

void fc_checker_free(struct fc_checker *c)
{
    if (c != NULL) {
        free(c->execs.slot);
        free(c->trades.slot);
        free(c->index.slot);
        free(c->order);
        free(c);
    }
}

void fc_violation(struct fc_checker *c, const char *who, const char *format, ...)
{
    va_list ap;

    c->violations++;
    if (c->violations > 200) {
        return; /* counted, and the first two hundred tell the story */
    }
    fflush(stdout);
    fprintf(stderr, "VIOLATION %s: ", who);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

uint64_t fc_violations(const struct fc_checker *c)
{
    return c->violations;
}

static struct slot *place(const struct set *set, uint64_t key)
{
    size_t at = (size_t)key & (set->cap - 1);

    while (set->slot[at].key != 0 && set->slot[at].key != key) {
        at = (at + 1) & (set->cap - 1);
    }
    return &set->slot[at];
}

static void grow(struct set *set)
{
    struct set old = *set;

    set->cap = old.cap == 0 ? 4096 : old.cap * 2;
    set->slot = calloc(set->cap, sizeof *set->slot);
    if (set->slot == NULL) {
        fc_die("out of memory");
    }
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slot[i].key != 0) {
            *place(set, old.slot[i].key) = old.slot[i];
        }
    }
    free(old.slot);
}

/* The slot of a key; a new one has content 0. */
static struct slot *entry(struct set *set, uint64_t key)
{
    struct slot *s;

    if (set->count * 2 >= set->cap) {
        grow(set);
    }
    key = key == 0 ? 1 : key;
    s = place(set, key);
    if (s->key == 0) {
        s->key = key;
        set->count++;
    }
    return s;
}

static uint64_t hash_field(const struct fc_msg *m, uint32_t tag, uint64_t seed)
{
    const struct fc_field *f = fc_find(m, tag);

    return f != NULL ? fc_hash(f->val, f->len, seed) : seed;
}

/* Of all that may not change when the message is sent again. */
static uint64_t hash_content(const struct fc_msg *m)
{
    uint64_t h = 7;

    for (size_t i = 0; i < m->count; i++) {
        uint32_t tag = m->field[i].tag;

        if (tag != 8 && tag != 9 && tag != 34 && tag != 43 && tag != 52 && tag != 122 &&
            tag != 97 && tag != 369 && tag != 10) {
            h = fc_hash(m->field[i].val, m->field[i].len, h * 31 + tag);
        }
    }
    return h == 0 ? 1 : h;
}

static void text_of(const struct fc_msg *m, char *out, size_t size)
{
    size_t n = m->len < size - 1 ? m->len : size - 1;

    memcpy(out, m->raw, n);
    out[n] = '\0';
    for (size_t i = 0; i < n; i++) {
        out[i] = out[i] == FC_SOH ? '|' : out[i];
    }
}

static void complain(struct fc_checker *c, const char *who, const struct fc_msg *m,
                     const char *what)
{
    char text[600];

    text_of(m, text, sizeof text);
    fc_violation(c, who, "%s: %s", what, text);
}

static void check_required(struct fc_checker *c, const char *who, const struct fc_msg *m)
{
    static const struct {
        const char *type;
        uint32_t always[12];
        uint32_t strict[8];
    } rule[] = {
        { "8", { 37, 11, 17, 150, 39, 55, 54, 14, 151, 6 }, { 40, 60, 1, 207 } },
        { "9", { 37, 11, 41, 39, 434 }, { 102, 60, 58 } },
        { "r", { 37, 530, 531 }, { 11, 533, 60 } },
        { "j", { 372, 380 }, { 45, 58 } },
        { "3", { 45 }, { 372, 373, 58 } },
    };
    char what[64];

    for (size_t r = 0; r < sizeof rule / sizeof rule[0]; r++) {
        if (!fc_is(m, 35, rule[r].type)) {
            continue;
        }
        for (size_t i = 0; i < 12 + (c->strict ? 8u : 0u); i++) {
            uint32_t tag = i < 12 ? rule[r].always[i] : rule[r].strict[i - 12];

            if (tag != 0 && !fc_has(m, tag)) {
                snprintf(what, sizeof what, "required tag %u missing", tag);
                complain(c, who, m, what);
            }
        }
    }
}

static struct known_order *find_order(struct fc_checker *c, const struct fc_msg *m)
{
    struct slot *s = entry(&c->index, hash_field(m, 37, 11));

    if (s->content == 0) {
        if (c->order_count == c->order_cap) {
            c->order_cap = c->order_cap == 0 ? 1024 : c->order_cap * 2;
            c->order = realloc(c->order, c->order_cap * sizeof *c->order);
            if (c->order == NULL) {
                fc_die("out of memory");
            }
        }
        memset(&c->order[c->order_count], 0, sizeof *c->order);
        fc_get_text(m, 37, c->order[c->order_count].id, sizeof c->order->id);
        c->order[c->order_count].exact = true;
        s->content = ++c->order_count;
    }
    return &c->order[s->content - 1];
}

static void check_fill(struct fc_checker *c, const char *who, const struct fc_msg *m,
                       struct known_order *o, int64_t cum)
{
    int64_t last;

    o->fills++;
    if (!fc_has(m, 31) || !fc_get_decimal(m, 32, &last)) {
        complain(c, who, m, "fill without LastPx or LastQty");
    } else if (o->exact && cum != o->cum + last) {
        complain(c, who, m, "CumQty is not the CumQty before plus LastQty");
    }
    if (fc_has(m, 527)) {
        struct slot *s = entry(&c->trades, hash_field(m, 527, hash_field(m, 37, 3)));

        if (s->content != 0) {
            complain(c, who, m, "fill reported twice (same SecondaryExecID)");
        }
        s->content = 1;
    }
}

static void check_quantities(struct fc_checker *c, const char *who, const struct fc_msg *m)
{
    struct known_order *o;
    int64_t qty = 0, cum = 0, leaves = 0;
    bool has_qty = fc_get_decimal(m, 38, &qty);
    char status = fc_get_char(m, 39), exec = fc_get_char(m, 150);
    bool exact = fc_get_decimal(m, 14, &cum) && fc_get_decimal(m, 151, &leaves);

    if (exact && has_qty && status != '\0' && strchr("016AE", status) != NULL &&
        cum + leaves != qty) {
        complain(c, who, m, "CumQty + LeavesQty is not OrderQty for a live order");
    }
    if (exact && status != '\0' && strchr("248C", status) != NULL && leaves != 0) {
        complain(c, who, m, "LeavesQty of a finished order is not 0");
    }
    if (fc_is(m, 37, "NONE")) {
        return;
    }
    o = find_order(c, m);
    if (exec == 'F') {
        check_fill(c, who, m, o, cum);
    } else if (exec != 'G' && exec != 'H' && exec != 'I' && o->exact && exact && cum != o->cum &&
               o->status != 0) {
        complain(c, who, m, "CumQty changed without a fill");
    }
    o->exact = exact;
    o->qty = has_qty ? qty : o->qty;
    o->cum = cum;
    o->leaves = leaves;
    o->status = status;
    fc_get_text(m, 11, o->client_id, sizeof o->client_id);
}

void fc_check_message(struct fc_checker *c, const char *who, const struct fc_msg *m)
{
    check_required(c, who, m);
    if (!fc_is(m, 35, "8")) {
        return;
    }
    if (fc_has(m, 17) && !(fc_is(m, 150, "I") && fc_is(m, 17, "0"))) {
        struct slot *s = entry(&c->execs, hash_field(m, 17, 5));
        uint64_t content = hash_content(m);

        if (s->content != 0 && s->content != content) {
            complain(c, who, m, "ExecID repeated with different content");
            return;
        }
        if (s->content != 0) {
            complain(c, who, m, "ExecutionReport sent twice under two numbers");
            return;
        }
        s->content = content;
    }
    check_quantities(c, who, m);
}

static void print_quantity(FILE *f, int64_t value)
{
    fprintf(f, "\t%lld.%08lld", (long long)(value / 100000000), (long long)(value % 100000000));
}

bool fc_checker_report(const struct fc_checker *c, const char *path)
{
    FILE *f = fopen(path, "w");

    if (f == NULL) {
        return false;
    }
    fputs("OrderID\tClOrdID\tOrdStatus\tOrderQty\tCumQty\tLeavesQty\tfills\n", f);
    for (size_t i = 0; i < c->order_count; i++) {
        const struct known_order *o = &c->order[i];

        fprintf(f, "%s\t%s\t%c", o->id, o->client_id, o->status);
        print_quantity(f, o->qty);
        print_quantity(f, o->cum);
        print_quantity(f, o->leaves);
        fprintf(f, "\t%llu\n", (unsigned long long)o->fills);
    }
    return fclose(f) == 0;
}
