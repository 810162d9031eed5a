/*
 * Writing one sample of a metric: metric_put(), then metric_label() any number of times, then one
 * of the values, which ends the line. For the functions of the table in metrics.c only.
 */
#ifndef DAEMON_METRICS_OUT_H
#define DAEMON_METRICS_OUT_H

#include "base.h"
#include "buf.h"
#include "monitor.h"

struct metric;

struct metric_out {
    struct buf *buf;
    const struct metric *metric; /* whose samples are written */
    bool labeled;
};

/* Begins a sample of the metric's name with `suffix` behind it. */
void metric_put(struct metric_out *o, const char *suffix);

/* `value` may hold any byte; it is escaped. */
void metric_label(struct metric_out *o, const char *name, struct bytes value);
void metric_label_text(struct metric_out *o, const char *name, const char *value);

void metric_uint(struct metric_out *o, uint64_t value);
void metric_seconds(struct metric_out *o, int64_t us); /* microseconds, written as seconds */

/* A whole sample without labels; false, for a metric that has no other. */
bool metric_one(struct metric_out *o, uint64_t value);
bool metric_one_duration(struct metric_out *o, int64_t us);

/* All samples of a histogram, with a label when `name` is not NULL. */
void metric_histogram(struct metric_out *o, const struct histogram *h, const char *name,
                      struct bytes value);

#endif
