/*
 * How many messages a client may send: a token bucket, and the strikes of one that goes on beyond
 * it. Pure: told the time. What a refusal looks like is the caller's business.
 */
#ifndef DAEMON_THROTTLE_H
#define DAEMON_THROTTLE_H

#include "base.h"

struct throttle_limit {
    uint32_t per_second; /* 0: no limit */
    uint32_t burst;      /* 0: as per_second */
};

/* Plain data, zeroed at start: a full bucket. */
struct throttle {
    bool begun;
    int64_t tokens;   /* millionths of a message */
    int64_t at_us;    /* mono: when `tokens` was right */
    uint32_t strikes; /* refused since the bucket was full */
};

/* Whether one more message may pass now. */
bool throttle_take(struct throttle *t, const struct throttle_limit *limit, int64_t mono_us);

#endif
