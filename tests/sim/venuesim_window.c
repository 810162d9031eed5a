/*
 * A rolling window of calls. See venuesim_window.h.
 */
#include "venuesim_window.h"

#include "assert.h"

void window_clear(struct sim_window *w)
{
    w->count = 0;
}

unsigned window_left(const struct sim_window *w, int64_t now_us, unsigned limit, int64_t period_us)
{
    unsigned used = 0;

    ASSERT(limit <= WINDOW_MAX);
    while (used < limit && used < w->count) {
        int64_t at_us = w->at_us[(w->count - 1 - used) % WINDOW_MAX];

        /* A call from the future: the test moved the clock back. */
        if (now_us - at_us >= period_us || at_us > now_us) {
            break;
        }
        used++;
    }
    return limit - used;
}

bool window_take(struct sim_window *w, int64_t now_us, unsigned limit, int64_t period_us)
{
    if (window_left(w, now_us, limit, period_us) == 0) {
        return false;
    }
    w->at_us[w->count++ % WINDOW_MAX] = now_us;
    return true;
}
