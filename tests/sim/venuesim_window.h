/*
 * A rolling window of calls: at most `limit` in `period_us`. For venues that count calls a second.
 */
#ifndef TESTS_SIM_VENUESIM_WINDOW_H
#define TESTS_SIM_VENUESIM_WINDOW_H

#include "base.h"

#include <stdint.h>

#define WINDOW_MAX 6000

struct sim_window {
    int64_t at_us[WINDOW_MAX]; /* a ring of the last calls */
    uint64_t count;
};

void window_clear(struct sim_window *w);
/* Takes one call; false: over the limit, nothing is taken. */
bool window_take(struct sim_window *w, int64_t now_us, unsigned limit, int64_t period_us);
/* How many calls the window still has. */
unsigned window_left(const struct sim_window *w, int64_t now_us, unsigned limit, int64_t period_us);

#endif
