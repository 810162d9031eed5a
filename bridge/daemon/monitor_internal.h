/*
 * What monitor.c and monitor_events.c share.
 */
#ifndef DAEMON_MONITOR_INTERNAL_H
#define DAEMON_MONITOR_INTERNAL_H

#include "monitor.h"

/* Calls under way that are told apart; of more only the counts are kept. */
#define MONITOR_CALLS 4096

struct monitor_due {
    uint64_t lsn;
    int64_t received_us; /* mono */
    uint32_t count;
};

struct monitor_call {
    uint64_t id, order;
    int64_t taken_us; /* wall */
};

/* Counts what a message the engine sends says of a refusal. */
void monitor_sent_type(struct monitor *m, const struct fix_body *body);

#endif
