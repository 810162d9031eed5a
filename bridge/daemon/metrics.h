/*
 * The service's metrics in Prometheus' text format (version 0.0.4). One table, metrics.c, names
 * them all; each is read from the shell when it is asked for. A page is made piece by piece, so
 * that the loop never spends long on it however many sessions there are.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base.h"
#include "buf.h"

struct shell;

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_out; /* metrics_out.h */

/* Adds the samples of item number `item` (a session, an account, ...). False: there is no such
 * item, nor one after it. */
typedef bool metric_fn(struct metric_out *out, const struct shell *sh, size_t item);

struct metric {
    const char *name;
    enum metric_type type;
    const char *labels; /* for people: what its samples are told apart by; "" when nothing */
    const char *help;
    metric_fn *read;
};

extern const struct metric metrics[];
extern const size_t metric_count;

/* Where a page goes on; zeroed to begin. */
struct metrics_place {
    size_t metric, item;
};

/* Appends to `out` until it holds `enough` bytes or all is there. False: that was the last piece.
 */
bool metrics_next(const struct shell *sh, struct metrics_place *place, size_t enough,
                  struct buf *out);

#endif
