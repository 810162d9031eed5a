/*
 * Resting orders by price, and exact arithmetic for the simulator's exchange.
 *
 * A ladder is a sorted array of price levels, the best at the end; each level is a queue in time
 * order. Finding a level is a binary search, taking the best is constant.
 */
#include "assert.h"
#include "venuesim_engine.h"

#include <stdlib.h>

__extension__ typedef __int128 wide;

/* > 0: a is the better price for an order resting on this side. */
static int better(enum sim_side side, struct decimal a, struct decimal b)
{
    int order = decimal_compare(a, b);

    return side == SIM_BUY ? order : -order;
}

struct sim_ladder *sim_ladder_of(struct sim_instrument *i, enum sim_side side)
{
    return side == SIM_BUY ? &i->buys : &i->sells;
}

/* First index whose price is not worse than the given one. */
static size_t lower_bound(const struct sim_ladder *l, enum sim_side side, struct decimal price)
{
    size_t low = 0;
    size_t high = l->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (better(side, l->level[middle]->price, price) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct sim_level *level_insert(struct sim_ladder *l, size_t at, struct decimal price)
{
    struct sim_level *level;

    if (l->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 64 : l->capacity * 2;
        struct sim_level **grown = realloc(l->level, capacity * sizeof *grown);

        if (grown == NULL) {
            return NULL;
        }
        l->level = grown;
        l->capacity = capacity;
    }
    level = calloc(1, sizeof *level);
    if (level == NULL) {
        return NULL;
    }
    level->price = price;
    memmove(l->level + at + 1, l->level + at, (l->count - at) * sizeof *l->level);
    l->level[at] = level;
    l->count++;
    return level;
}

bool sim_ladder_add(struct sim_ladder *l, enum sim_side side, struct sim_order *o)
{
    size_t at = lower_bound(l, side, o->price);
    struct sim_level *level;

    if (at < l->count && decimal_equal(l->level[at]->price, o->price)) {
        level = l->level[at];
    } else {
        level = level_insert(l, at, o->price);
    }
    if (level == NULL) {
        return false;
    }
    o->level = level;
    o->prev = level->last;
    o->next = NULL;
    if (level->last == NULL) {
        level->first = o;
    } else {
        level->last->next = o;
    }
    level->last = o;
    return true;
}

void sim_ladder_remove(struct sim_ladder *l, enum sim_side side, struct sim_order *o)
{
    struct sim_level *level = o->level;

    if (level == NULL) {
        return;
    }
    if (o->prev == NULL) {
        level->first = o->next;
    } else {
        o->prev->next = o->next;
    }
    if (o->next == NULL) {
        level->last = o->prev;
    } else {
        o->next->prev = o->prev;
    }
    o->prev = NULL;
    o->next = NULL;
    o->level = NULL;
    if (level->first == NULL) {
        size_t at = lower_bound(l, side, level->price);

        ASSERT(at < l->count && l->level[at] == level);
        memmove(l->level + at, l->level + at + 1, (l->count - at - 1) * sizeof *l->level);
        l->count--;
        free(level);
    }
}

struct sim_order *sim_ladder_best(const struct sim_ladder *l)
{
    return l->count == 0 ? NULL : l->level[l->count - 1]->first;
}

void sim_ladder_clear(struct sim_ladder *l)
{
    size_t i;

    for (i = 0; i < l->count; i++) {
        free(l->level[i]);
    }
    free(l->level);
    *l = (struct sim_ladder){ 0 };
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

struct decimal sim_add(struct decimal a, struct decimal b)
{
    struct decimal out;

    if (!decimal_add(a, b, &out)) {
        UNREACHABLE();
    }
    return out;
}

struct decimal sim_sub(struct decimal a, struct decimal b)
{
    struct decimal out;

    if (!decimal_sub(a, b, &out)) {
        UNREACHABLE();
    }
    return out;
}

struct decimal sim_min(struct decimal a, struct decimal b)
{
    return decimal_compare(a, b) <= 0 ? a : b;
}

struct decimal sim_neg(struct decimal a)
{
    a.mantissa = -a.mantissa;
    return a;
}

struct decimal sim_abs(struct decimal a)
{
    return a.mantissa < 0 ? sim_neg(a) : a;
}

static wide power(int exponent)
{
    wide value = 1;

    while (exponent-- > 0) {
        value *= 10;
    }
    return value;
}

static wide divide_round(wide value, wide by)
{
    wide half = by / 2;

    return value < 0 ? -((-value + half) / by) : (value + half) / by;
}

static struct decimal narrow(wide value, int scale)
{
    /* A value too wide for its digits loses the last ones: these are averages and fees. */
    while ((value > INT64_MAX || value < -INT64_MAX) && scale > 0) {
        value = divide_round(value, 10);
        scale--;
    }
    ASSERT(value <= INT64_MAX && value >= -INT64_MAX);
    return decimal_normal((struct decimal){ (int64_t)value, scale });
}

struct decimal sim_mul_round(struct decimal a, struct decimal b, int scale)
{
    wide value = (wide)a.mantissa * b.mantissa;
    int digits = a.scale + b.scale;

    if (digits > scale) {
        return narrow(divide_round(value, power(digits - scale)), scale);
    }
    return narrow(value, digits);
}

struct decimal sim_div_round(struct decimal a, struct decimal b, int scale)
{
    wide top;
    wide bottom;
    int shift;

    a = decimal_normal(a);
    b = decimal_normal(b);
    ASSERT(b.mantissa != 0);
    if (b.mantissa < 0) {
        a = sim_neg(a);
        b = sim_neg(b);
    }
    shift = scale + b.scale - a.scale;
    while (shift > 19) {
        shift--;
        scale--;
    }
    top = a.mantissa;
    bottom = b.mantissa;
    if (shift >= 0) {
        top *= power(shift);
    } else {
        bottom *= power(-shift < 18 ? -shift : 18);
    }
    return narrow(divide_round(top, bottom), scale);
}

struct decimal sim_round_to(struct decimal value, struct decimal step)
{
    struct decimal out;

    if (!decimal_floor_to(value, step, &out)) {
        UNREACHABLE();
    }
    return out;
}
