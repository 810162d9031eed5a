/*
 * Venue calls: from the engine's effect through the driver's build, the transport and the driver's
 * parse to a result for the engine. A call waits until the journal position that justifies it is
 * durable. Decides nothing: every call ends in exactly one result.
 */
#ifndef DAEMON_VENUE_IO_H
#define DAEMON_VENUE_IO_H

#include "base.h"
#include "http_msg.h"
#include "setup.h"
#include "venue.h"

struct ev_loop;
struct monitor;
struct venue_io;

/* Everything pointed to lives until the next venue_io_next or venue_io_free. */
struct venue_result {
    uint64_t id; /* as given to venue_io_queue */
    uint32_t account;
    const struct venue_call *call;
    enum venue_outcome outcome;
    const struct venue_reply *reply; /* NULL: there was no answer */
    const char *why;                 /* for people */
    struct http_response response;   /* status 0: there was no answer */
    int64_t took_us;
};

/* A pool for each account of `setup`, which outlives this. NULL: a mistake is added. */
struct venue_io *venue_io_new(struct ev_loop *loop, const struct setup *setup,
                              struct config_mistakes *m);
void venue_io_free(struct venue_io *v);
/* One line for each call from now on. */
void venue_io_log(struct venue_io *v, bool on);

/* Who is told of each call as it leaves and ends; lives as long as this. NULL: nobody. */
void venue_io_watch(struct venue_io *v, struct monitor *m);

/* `call` lives until its result was taken. False: out of memory. */
MUST_CHECK bool venue_io_queue(struct venue_io *v, uint64_t id, uint32_t account,
                               const struct venue_call *call, uint32_t timeout_ms);
/* What was queued since the last seal is justified by `lsn`. */
void venue_io_seal(struct venue_io *v, uint64_t lsn);
/* Starts what is durable, in order. */
void venue_io_release(struct venue_io *v, uint64_t durable, const struct instant *now);
/* Results, as they come. */
bool venue_io_next(struct venue_io *v, const struct instant *now, struct venue_result *out);
/* Queued or under way. */
size_t venue_io_busy(const struct venue_io *v);

#endif
