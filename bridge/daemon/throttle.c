/*
 * The bucket in millionths: one microsecond at n messages a second adds n of them, exactly.
 */
#include "throttle.h"

#define MESSAGE INT64_C(1000000)

static void refill(struct throttle *t, const struct throttle_limit *limit, int64_t mono_us)
{
    int64_t full = MESSAGE * (limit->burst == 0 ? limit->per_second : limit->burst);
    int64_t since_us = mono_us - t->at_us;

    if (!t->begun || since_us > full / limit->per_second) {
        t->tokens = full; /* long enough for all of it, and no product can overflow */
    } else if (since_us > 0) {
        t->tokens += since_us * limit->per_second;
    }
    if (t->tokens >= full) {
        t->tokens = full;
        t->strikes = 0;
    }
    t->begun = true;
    t->at_us = mono_us;
}

bool throttle_take(struct throttle *t, const struct throttle_limit *limit, int64_t mono_us)
{
    if (limit->per_second == 0) {
        return true;
    }
    refill(t, limit, mono_us);
    if (t->tokens >= MESSAGE) {
        t->tokens -= MESSAGE;
        return true;
    }
    t->strikes++;
    return false;
}
