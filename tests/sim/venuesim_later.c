/*
 * What an acknowledging venue does after it has answered: a deed and its moment.
 */
#include "assert.h"
#include "venuesim.h"

#include <stdlib.h>

struct later {
    struct sim_timer timer;
    struct sim *sim;
    uint64_t generation;
    void (*act)(struct sim *s, void *context);
    max_align_t context[];
};

static void due(struct sim_timer *t)
{
    struct later *l = (struct later *)(void *)((char *)t - offsetof(struct later, timer));

    l->sim->held_count--;
    if (l->generation == l->sim->generation) {
        l->sim->engine->now_us = sim_wall_us(l->sim);
        l->act(l->sim, l->context);
    }
    free(l);
}

void sim_later(struct sim *s, int64_t wait_us, void (*act)(struct sim *s, void *context),
               const void *context, size_t size)
{
    struct later *l = calloc(1, sizeof *l + size);

    if (l == NULL) {
        UNREACHABLE(); /* a simulator out of memory has nothing sensible left to say */
    }
    memcpy(l->context, context, size);
    if (wait_us <= 0) {
        act(s, l->context);
        free(l);
        return;
    }
    l->sim = s;
    l->generation = s->generation;
    l->act = act;
    l->timer.fire = due;
    s->held_count++;
    timer_start(&s->timers, &l->timer, s->engine->now_us + wait_us);
}
