/*
 * Instruments by two names: ours, compared exactly, and the venue's, compared without case (answers
 * of one venue differ in case). A name of ours hides a venue symbol that is written the same: the
 * configuration is explicit, the venue's list is not.
 */
#include "symbols.h"

#include <stdlib.h>

#include "assert.h"
#include "map.h"

struct entry {
    struct instrument instrument;
    char key[SYMBOL_MAX + 1]; /* the venue's name in upper case */
    bool seen;                /* in the list being loaded */
};

/* A name of ours that is not kept in the entry itself: a further one, or one given later. */
struct alias {
    struct alias *next;
    struct entry *entry;
    char name[SYMBOL_MAX + 1];
};

struct symbols {
    uint64_t seed;
    struct map *ours;     /* 55 -> entry */
    struct map *venue;    /* upper case venue symbol -> entry */
    struct entry **entry; /* in the order they came */
    size_t count, capacity;
    struct alias *alias;
    bool loaded;
};

static void free_aliases(struct alias *a)
{
    while (a != NULL) {
        struct alias *next = a->next;

        free(a);
        a = next;
    }
}

struct symbols *symbols_new(uint64_t seed)
{
    struct symbols *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->seed = seed;
    s->ours = map_new(seed);
    s->venue = map_new(seed);
    if (s->ours == NULL || s->venue == NULL) {
        symbols_free(s);
        return NULL;
    }
    return s;
}

void symbols_free(struct symbols *s)
{
    if (s == NULL) {
        return;
    }
    map_free(s->ours);
    map_free(s->venue);
    for (size_t i = 0; i < s->count; i++) {
        free(s->entry[i]);
    }
    free(s->entry);
    free_aliases(s->alias);
    free(s);
}

/* False: too long to be any symbol. */
static bool upper(struct bytes from, char out[SYMBOL_MAX + 1])
{
    if (!bytes_to_field(from, out, SYMBOL_MAX + 1)) {
        return false;
    }
    for (size_t i = 0; i < from.size; i++) {
        if (out[i] >= 'a' && out[i] <= 'z') {
            out[i] = (char)(out[i] - 'a' + 'A');
        }
    }
    return true;
}

static struct entry *find_venue(const struct symbols *s, struct bytes venue_symbol)
{
    char key[SYMBOL_MAX + 1];

    return upper(venue_symbol, key) ? map_find(s->venue, (struct bytes){ key, venue_symbol.size })
                                    : NULL;
}

static bool make_room(struct symbols *s)
{
    size_t capacity = s->capacity == 0 ? 64 : s->capacity * 2;
    struct entry **grown;

    if (s->count < s->capacity) {
        return true;
    }
    grown = realloc(s->entry, capacity * sizeof(struct entry *));
    if (grown == NULL) {
        return false;
    }
    s->entry = grown;
    s->capacity = capacity;
    return true;
}

/* NULL: out of memory, or too long. */
static struct entry *add(struct symbols *s, struct bytes ours, struct bytes venue_symbol)
{
    struct entry *e = make_room(s) ? calloc(1, sizeof *e) : NULL;
    struct bytes name, key;

    if (e == NULL) {
        return NULL;
    }
    if (!bytes_to_field(ours, e->instrument.symbol, sizeof e->instrument.symbol) ||
        !bytes_to_field(venue_symbol, e->instrument.venue_symbol,
                        sizeof e->instrument.venue_symbol) ||
        !upper(venue_symbol, e->key)) {
        free(e);
        return NULL;
    }
    name = (struct bytes){ e->instrument.symbol, ours.size };
    key = (struct bytes){ e->key, venue_symbol.size };
    if (!map_put(s->venue, key, e)) {
        free(e);
        return NULL;
    }
    if (map_find(s->ours, name) == NULL && !map_put(s->ours, name, e)) {
        (void)map_remove(s->venue, key);
        free(e);
        return NULL;
    }
    s->entry[s->count++] = e;
    return e;
}

/* NULL: out of memory, or too long. */
static struct alias *put_alias(struct map *names, struct bytes ours, struct entry *e)
{
    struct alias *a = calloc(1, sizeof *a);

    if (a == NULL) {
        return NULL;
    }
    a->entry = e;
    if (!bytes_to_field(ours, a->name, sizeof a->name) ||
        !map_put(names, (struct bytes){ a->name, ours.size }, e)) {
        free(a);
        return NULL;
    }
    return a;
}

static bool add_alias(struct symbols *s, struct bytes ours, struct entry *e)
{
    struct alias *a = put_alias(s->ours, ours, e);

    if (a == NULL) {
        return false;
    }
    a->next = s->alias;
    s->alias = a;
    return true;
}

bool symbols_alias(struct symbols *s, struct bytes ours, struct bytes venue_symbol)
{
    struct entry *named = map_find(s->ours, ours);
    struct entry *e = find_venue(s, venue_symbol);

    if (ours.size == 0 || venue_symbol.size == 0) {
        return false;
    }
    if (named != NULL) {
        return named == e; /* said twice is fine; two meanings of one name are not */
    }
    return e == NULL ? add(s, ours, venue_symbol) != NULL : add_alias(s, ours, e);
}

/* The names in a map of their own, oldest last in *list. Entries that a name needs and that are not
 * there are added: nobody is harmed by them when the rest fails. */
static bool name_all(struct symbols *s, const struct symbols_name *name, size_t count,
                     struct map *names, struct alias **list)
{
    for (size_t i = 0; i < count; i++) {
        struct entry *e = find_venue(s, name[i].venue_symbol);
        struct entry *named = map_find(names, name[i].ours);
        struct alias *a;

        if (name[i].ours.size == 0 || name[i].venue_symbol.size == 0 ||
            (e == NULL && (e = add(s, name[i].venue_symbol, name[i].venue_symbol)) == NULL) ||
            (named != NULL && named != e)) {
            return false;
        }
        if (named == NULL) {
            a = put_alias(names, name[i].ours, e);
            if (a == NULL) {
                return false;
            }
            a->next = *list;
            *list = a;
        }
    }
    return true;
}

/* The venue's own names, where no name of ours hides them. */
static bool name_rest(const struct symbols *s, struct map *names)
{
    for (size_t i = 0; i < s->count; i++) {
        struct bytes own = bytes_of(s->entry[i]->instrument.venue_symbol);

        if (map_find(names, own) == NULL && !map_put(names, own, s->entry[i])) {
            return false;
        }
    }
    return true;
}

bool symbols_rename(struct symbols *s, const struct symbols_name *name, size_t count)
{
    struct map *names = map_new(s->seed);
    struct alias *list = NULL;

    if (names == NULL || !name_all(s, name, count, names, &list) || !name_rest(s, names)) {
        map_free(names);
        free_aliases(list);
        return false;
    }
    map_free(s->ours); /* its keys lie in what is changed now */
    free_aliases(s->alias);
    s->ours = names;
    s->alias = list;
    for (size_t i = 0; i < s->count; i++) {
        struct instrument *in = &s->entry[i]->instrument;

        memcpy(in->symbol, in->venue_symbol, sizeof in->symbol);
    }
    for (const struct alias *a = list; a != NULL; a = a->next) { /* the first given is last */
        memcpy(a->entry->instrument.symbol, a->name, sizeof a->name);
    }
    return true;
}

static struct decimal positive(struct decimal d)
{
    return decimal_sign(d) > 0 ? d : DECIMAL_ZERO;
}

/* For people: one that does not fit is left out. */
static void name(struct bytes from, char *field, size_t field_size)
{
    if (!bytes_to_field(from, field, field_size)) {
        field[0] = '\0';
    }
}

static void update(struct instrument *i, const struct venue_instrument *from)
{
    i->tick = positive(from->tick);
    i->lot = positive(from->lot);
    i->qty_min = positive(from->qty_min);
    i->qty_max = positive(from->qty_max);
    i->inverse = from->inverse;
    i->tradeable = from->tradeable;
    i->post_only = from->post_only;
    i->hold_us = from->hold_us;
    i->expires_us = from->expires_us;
    name(from->base, i->base, sizeof i->base);
    name(from->quote, i->quote, sizeof i->quote);
    name(from->kind, i->kind, sizeof i->kind);
    i->loaded = true;
}

bool symbols_load_page(struct symbols *s, const struct venue_instrument *list, size_t count,
                       bool first, bool last)
{
    for (size_t i = 0; first && i < s->count; i++) {
        s->entry[i]->seen = false;
    }
    for (size_t i = 0; i < count; i++) {
        struct entry *e = find_venue(s, list[i].symbol);

        /* A name we cannot hold is an instrument we do not offer; the others are none the worse. */
        if (list[i].symbol.size == 0 || list[i].symbol.size > SYMBOL_MAX) {
            continue;
        }
        if (e == NULL) {
            e = add(s, list[i].symbol, list[i].symbol);
        }
        if (e == NULL) {
            return false;
        }
        update(&e->instrument, &list[i]);
        e->seen = true;
    }
    for (size_t i = 0; last && i < s->count; i++) {
        if (!s->entry[i]->seen) {
            s->entry[i]->instrument.tradeable = false;
        }
    }
    s->loaded = s->loaded || last;
    return true;
}

bool symbols_load(struct symbols *s, const struct venue_instrument *list, size_t count)
{
    return symbols_load_page(s, list, count, true, true);
}

bool symbols_loaded(const struct symbols *s)
{
    return s->loaded;
}

bool symbols_any_tradeable(const struct symbols *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->entry[i]->instrument.loaded && s->entry[i]->instrument.tradeable) {
            return true;
        }
    }
    return false;
}

size_t symbols_count(const struct symbols *s)
{
    return s->count;
}

const struct instrument *symbols_find(const struct symbols *s, struct bytes symbol)
{
    const struct entry *e = map_find(s->ours, symbol);

    return e != NULL ? &e->instrument : symbols_find_venue(s, symbol);
}

const struct instrument *symbols_find_venue(const struct symbols *s, struct bytes venue_symbol)
{
    const struct entry *e = find_venue(s, venue_symbol);

    return e == NULL ? NULL : &e->instrument;
}

const struct instrument *symbols_next(const struct symbols *s, size_t *at)
{
    return *at < s->count ? &s->entry[(*at)++]->instrument : NULL;
}

/* ---- may it be ordered? -------------------------------------------------------------------- */

/* An instrument known only from the configuration has no tick and no lot yet: an order for it is
 * refused rather than sent unchecked. */
static bool check_market(const struct instrument *i, const struct order_terms *t, int64_t wall_us,
                         struct refusal *no)
{
    if (!i->loaded) {
        return refuse(no, REFUSAL_ORDER, 2, "%s: instrument not loaded from the venue yet",
                      i->symbol);
    }
    if (!i->tradeable) {
        return refuse(no, REFUSAL_ORDER, 2, "%s is not tradeable now", i->symbol);
    }
    if (i->expires_us > 0 && wall_us >= i->expires_us) {
        return refuse(no, REFUSAL_ORDER, 2, "%s has expired", i->symbol);
    }
    if (i->post_only && !t->post_only) {
        return refuse(no, REFUSAL_ORDER, 2, "%s takes only post-only orders now, ExecInst(18)=6",
                      i->symbol);
    }
    return true;
}

static bool check_step(const char *field, struct decimal value, const char *what,
                       struct decimal step, int reason, struct refusal *no)
{
    char v[DECIMAL_TEXT_MAX], s[DECIMAL_TEXT_MAX];

    if (value.mantissa == 0 || decimal_sign(step) <= 0 || decimal_is_multiple(value, step)) {
        return true;
    }
    decimal_print(value, v);
    decimal_print(step, s);
    return refuse(no, REFUSAL_ORDER, reason, "%s %s is not a multiple of %s %s", field, v, what, s);
}

static bool check_quantity(const struct instrument *i, struct decimal qty, struct refusal *no)
{
    char v[DECIMAL_TEXT_MAX], bound[DECIMAL_TEXT_MAX];

    if (decimal_sign(qty) <= 0) {
        decimal_print(qty, v);
        return refuse(no, REFUSAL_ORDER, 13, "OrderQty(38) %s must be above 0", v);
    }
    if (!check_step("OrderQty(38)", qty, "lot", i->lot, 13, no)) {
        return false;
    }
    if (decimal_sign(i->qty_min) > 0 && decimal_compare(qty, i->qty_min) < 0) {
        decimal_print(qty, v);
        decimal_print(i->qty_min, bound);
        return refuse(no, REFUSAL_ORDER, 13, "OrderQty(38) %s is below the minimum %s", v, bound);
    }
    if (decimal_sign(i->qty_max) > 0 && decimal_compare(qty, i->qty_max) > 0) {
        decimal_print(qty, v);
        decimal_print(i->qty_max, bound);
        return refuse(no, REFUSAL_ORDER, 13, "OrderQty(38) %s is above the maximum %s", v, bound);
    }
    return true;
}

static bool check_exits(const struct instrument *i, const struct order_terms *t, struct refusal *no)
{
    if ((t->take_profit.mantissa | t->stop_loss.mantissa | t->take_profit_limit.mantissa |
         t->stop_loss_limit.mantissa) == 0) {
        return true;
    }
    return check_step("TakeProfitPx(22101)", t->take_profit, "tick", i->tick, 99, no) &&
           check_step("StopLossPx(22102)", t->stop_loss, "tick", i->tick, 99, no) &&
           check_step("TakeProfitLimitPx(22103)", t->take_profit_limit, "tick", i->tick, 99, no) &&
           check_step("StopLossLimitPx(22104)", t->stop_loss_limit, "tick", i->tick, 99, no);
}

bool symbols_check(const struct instrument *i, const struct order_terms *t, int64_t wall_us,
                   struct refusal *no)
{
    return check_market(i, t, wall_us, no) &&
           (decimal_sign(t->cash_qty) > 0 || check_quantity(i, t->qty, no)) &&
           (!t->has_price || check_step("Price(44)", t->price, "tick", i->tick, 99, no)) &&
           (!t->has_stop || check_step("StopPx(99)", t->stop_price, "tick", i->tick, 99, no)) &&
           (t->trail_unit != VENUE_OFFSET_PRICE ||
            check_step("PegOffsetValue(211)", t->trail, "tick", i->tick, 99, no)) &&
           check_exits(i, t, no);
}
