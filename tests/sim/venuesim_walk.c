/*
 * A seeded random walk for each instrument: bid and ask move together by whole ticks, and what
 * rests is filled when the price comes to it. A price is pulled back when it has gone to half or
 * twice where it began, so that a simulator left alone for a week still looks like its market.
 */
#include "venuesim_walk.h"

#include "venuesim_text.h"

#include <cjson/cJSON.h>

#define SPEED_SCALE 6

static struct decimal middle(const struct sim_instrument *i)
{
    return sim_div_round(sim_add(i->bid.price, i->ask.price), (struct decimal){ 2, 0 }, 12);
}

/* In whole ticks, rounded down. */
static int64_t ticks_of(const struct sim_instrument *i, struct decimal value)
{
    struct decimal floor = sim_round_to(value, i->tick);

    return sim_div_round(floor, i->tick, 0).mantissa;
}

static int64_t draw_ticks(struct sim_walk *w, size_t index)
{
    const struct sim_instrument *i = &w->sim->engine->instrument[index];
    struct decimal bid = i->bid.price;
    struct decimal began = w->sim->engine->listing[index].bid;
    struct decimal share = { (int64_t)w->basis_points, 4 };
    int64_t reach = ticks_of(i, sim_mul_round(bid, share, DECIMAL_SCALE_MAX));
    int64_t move;

    reach = reach < 1 ? 1 : reach;
    move = (int64_t)(sim_random(&w->rng[index]) % (uint64_t)(2 * reach + 1)) - reach;
    if (decimal_compare(bid, sim_div_round(began, (struct decimal){ 2, 0 }, 12)) < 0) {
        return move < 0 ? -move : move;
    }
    if (decimal_compare(bid, sim_mul_round(began, (struct decimal){ 2, 0 }, 12)) > 0) {
        return move > 0 ? -move : move;
    }
    return move;
}

static void refill(const struct sim_walk *w, struct sim_quote *q)
{
    q->unlimited = !w->has_size;
    q->size = w->size;
}

static void step_one(struct sim_walk *w, size_t index)
{
    struct sim_instrument *i = &w->sim->engine->instrument[index];
    struct decimal by;

    if (!i->bid.there || !i->ask.there || i->suspended || i->expired) {
        return;
    }
    by = sim_mul_round(i->tick, (struct decimal){ draw_ticks(w, index), 0 }, DECIMAL_SCALE_MAX);
    if (decimal_sign(sim_add(i->bid.price, by)) <= 0) {
        return;
    }
    i->bid.price = sim_add(i->bid.price, by);
    i->ask.price = sim_add(i->ask.price, by);
    refill(w, &i->bid);
    refill(w, &i->ask);
    i->mark = i->index = i->last = middle(i);
    sim_market_moved(w->sim->engine, i);
}

static void step(struct sim_walk *w)
{
    size_t n;

    for (n = 0; n < w->sim->engine->instrument_count; n++) {
        step_one(w, n);
    }
    w->steps++;
}

static void due(struct sim_timer *t)
{
    struct sim_walk *w = (struct sim_walk *)(void *)((char *)t - offsetof(struct sim_walk, timer));
    struct sim *s = w->sim;

    if (s->stopping) {
        return; /* or the end, which waits for the last timer, would never come */
    }
    s->engine->now_us = sim_wall_us(s);
    step(w);
    timer_start(&s->timers, &w->timer, s->engine->now_us + w->interval_us);
}

static void turn(struct sim_walk *w, bool on)
{
    w->on = on;
    timer_stop(&w->sim->timers, &w->timer);
    if (on) {
        timer_start(&w->sim->timers, &w->timer, sim_wall_us(w->sim) + w->interval_us);
    }
}

void walk_init(struct sim_walk *w, struct sim *s)
{
    *w = (struct sim_walk){ .timer = { .fire = due },
                            .sim = s,
                            .interval_us = US_PER_S,
                            .basis_points = WALK_BASIS_POINTS };
    s->walk = w;
}

/* ---- steering ------------------------------------------------------------------------------ */

static bool interval_of(struct decimal speed, int64_t *us)
{
    if (decimal_compare(speed, (struct decimal){ 1, 2 }) < 0 ||
        decimal_compare(speed, (struct decimal){ 1000, 0 }) > 0) {
        return false;
    }
    *us = sim_div_round((struct decimal){ 1000000, 0 }, speed, 0).mantissa;
    return true;
}

bool walk_speed(struct sim *s, struct bytes text)
{
    struct sim_walk *w = s->walk;
    struct decimal speed;

    if (!decimal_parse(text, &speed) || !interval_of(speed, &w->interval_us)) {
        return false;
    }
    turn(w, true);
    return true;
}

void walk_seed(struct sim *s, uint64_t seed)
{
    struct sim_walk *w = s->walk;
    size_t n;

    w->seed = seed;
    w->steps = 0;
    for (n = 0; n < SIM_INSTRUMENTS_MAX; n++) {
        w->rng[n] = seed + n * UINT64_C(0x9e3779b97f4a7c15);
    }
}

static const char *sizes(struct sim_walk *w, const struct cJSON *json)
{
    int64_t basis_points = text_json_int(json, "basis_points", w->basis_points);
    const cJSON *size = cJSON_GetObjectItemCaseSensitive(json, "size");

    if (basis_points < 1 || basis_points > 1000) {
        return "basis_points: 1 to 1000";
    }
    if (cJSON_IsNull(size)) {
        w->has_size = false;
    } else if (size != NULL) {
        if (!text_json_decimal(json, "size", &w->size) || decimal_sign(w->size) <= 0) {
            return "size: above zero, or null for no limit";
        }
        w->has_size = true;
    }
    w->basis_points = (uint32_t)basis_points;
    return NULL;
}

const char *walk_control(struct sim *s, const struct cJSON *json)
{
    struct sim_walk *w = s->walk;
    int64_t steps = text_json_int(json, "steps", 0);
    struct decimal speed;
    const char *wrong;

    if (text_json_get(json, "speed").data != NULL &&
        (!text_json_decimal(json, "speed", &speed) || !interval_of(speed, &w->interval_us))) {
        return "speed: steps a second, 0.01 to 1000";
    }
    wrong = sizes(w, json);
    if (wrong != NULL) {
        return wrong;
    }
    if (steps < 0 || steps > WALK_STEPS_MAX) {
        return "steps: 0 to 100000";
    }
    if (text_json_get(json, "seed").data != NULL) {
        walk_seed(s, (uint64_t)text_json_int(json, "seed", 1));
    }
    turn(w, text_json_true(json, "on", w->on));
    for (; steps > 0; steps--) {
        step(w);
    }
    return NULL;
}

void walk_write(const struct sim *s, struct buf *out)
{
    const struct sim_walk *w = s->walk;

    buf_printf(out, "\"walk\":{\"on\":%s,\"basis_points\":%u,\"seed\":", w->on ? "true" : "false",
               w->basis_points);
    buf_uint(out, w->seed);
    buf_text(out, ",\"steps\":");
    buf_uint(out, w->steps);
    text_decimal_member(out, "speed",
                        sim_div_round((struct decimal){ 1000000, 0 },
                                      (struct decimal){ w->interval_us, 0 }, SPEED_SCALE));
    if (w->has_size) {
        text_decimal_member(out, "size", w->size);
    }
    buf_char(out, '}');
}
