/*
 * Who failed too often: failures by key (a session's name, an address) within a time, and until
 * when the key is locked. Bounded: of too many keys the one that failed longest ago is forgotten.
 * Pure.
 */
#ifndef DAEMON_LOCKOUT_H
#define DAEMON_LOCKOUT_H

#include "base.h"

#define LOCKOUT_KEY_MAX 64

struct lockout;

/* NULL: out of memory. */
struct lockout *lockout_new(size_t keys_max, uint64_t seed);
void lockout_free(struct lockout *l);
bool lockout_is_locked(const struct lockout *l, struct bytes key, int64_t mono_us);
/* Counts a failure; true: it is one too many, the key is locked from now on for `time_us`. `limit`
 * 0: nothing is ever locked. Failures further apart than `time_us` do not add up. */
bool lockout_failed(struct lockout *l, struct bytes key, uint32_t limit, int64_t time_us,
                    int64_t mono_us);
/* A success: earlier failures no longer count. */
void lockout_forget(struct lockout *l, struct bytes key);
size_t lockout_count(const struct lockout *l);

#endif
