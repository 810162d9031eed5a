/*
 * The clocks.
 */
#include "loop_now.h"

#include <time.h>

struct instant loop_now(void)
{
    struct timespec mono, wall;

    (void)clock_gettime(CLOCK_MONOTONIC, &mono); /* cannot fail with these clocks */
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    return (struct instant){
        .mono_us = (int64_t)mono.tv_sec * US_PER_S + mono.tv_nsec / 1000,
        .wall_us = (int64_t)wall.tv_sec * US_PER_S + wall.tv_nsec / 1000,
    };
}
