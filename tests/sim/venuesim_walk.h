/*
 * Prices that move by themselves, for trading by hand. Off unless asked for, so that a test's
 * market stands where the test put it.
 */
#ifndef TESTS_SIM_VENUESIM_WALK_H
#define TESTS_SIM_VENUESIM_WALK_H

#include "venuesim.h"

/* How far a step may go, in 1/10,000 of the price; at least one tick. */
#define WALK_BASIS_POINTS 3
#define WALK_STEPS_MAX 100000 /* of one request */

struct sim_walk {
    struct sim_timer timer;
    struct sim *sim;
    bool on;
    int64_t interval_us;   /* between steps */
    uint32_t basis_points; /* the longest step */
    bool has_size;         /* each step offers this much at bid and ask; else without limit */
    struct decimal size;
    uint64_t seed, steps;              /* steps done since the seed was set */
    uint64_t rng[SIM_INSTRUMENTS_MAX]; /* one each, so that a path does not depend on the others */
};

/* Off; at one step a second. */
void walk_init(struct sim_walk *w, struct sim *s);
/* Steps a second as text, 0.01 to 1000; false: it is not. Starts the walk. */
MUST_CHECK bool walk_speed(struct sim *s, struct bytes text);
/* The same path again for the same number. */
void walk_seed(struct sim *s, uint64_t seed);
/* {on?, speed?, basis_points?, size?, seed?, steps?}; steps are done at once, walking or not. NULL
 * or what is wrong. */
const char *walk_control(struct sim *s, const struct cJSON *json);
/* "walk":{...} */
void walk_write(const struct sim *s, struct buf *out);

#endif
