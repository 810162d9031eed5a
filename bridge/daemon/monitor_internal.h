/*
 * What monitor.c and monitor_events.c share.
 */
#ifndef DAEMON_MONITOR_INTERNAL_H
#define DAEMON_MONITOR_INTERNAL_H

#include "monitor.h"

/* Calls under way that are told apart; of more only the counts are kept. */
#define MONITOR_CALLS 1024

struct monitor_due {
    uint64_t lsn;
    int64_t received_us; /* mono */
    uint32_t count;
};

struct monitor_about {
    uint64_t order;
    int64_t taken_us; /* wall; 0: nobody asked for it */
};

struct monitor_call {
    uint64_t id;
    size_t count;
    struct monitor_about about[VENUE_IDS_MAX];
};

/* Counts what a message the engine sends says of a refusal. */
void monitor_sent_type(struct monitor *m, const struct fix_body *body);

#endif
