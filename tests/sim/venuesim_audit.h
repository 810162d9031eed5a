/*
 * The record of everything the simulator did, in order, as JSON lines: what a test proves "placed
 * exactly once" with. Kept in memory up to a bound, and appended to a file where one is named.
 */
#ifndef TESTS_SIM_VENUESIM_AUDIT_H
#define TESTS_SIM_VENUESIM_AUDIT_H

#include "base.h"
#include "buf.h"

struct sim_engine;
struct sim_exec;
struct sim_order;

struct sim_audit {
    struct buf text; /* all lines so far; no longer grows when full, and says so */
    struct buf line;
    bool on, full;
    uint64_t number;
    void *file; /* FILE * or NULL */
};

/* `path` may be NULL. False when the file cannot be opened. */
MUST_CHECK bool audit_init(struct sim_audit *a, const char *path, size_t bytes_max);
void audit_fini(struct sim_audit *a);
void audit_clear(struct sim_audit *a);
void audit_flush(struct sim_audit *a);
/* `detail`: NULL or the venue's word for it. */
void audit_order(struct sim_audit *a, int64_t now_us, const char *event, const struct sim_order *o,
                 const char *detail);
void audit_fill(struct sim_audit *a, const struct sim_exec *x);
void audit_duplicate(struct sim_audit *a, int64_t now_us, struct sim_order *o);
/* A request that came to no order: refused, faulted, badly signed. */
void audit_note(struct sim_audit *a, int64_t now_us, const char *event, const char *what,
                const char *detail);
/* As audit_note, with the client order id a request named. */
void audit_request(struct sim_audit *a, int64_t now_us, const char *event, const char *op,
                   struct bytes client_id, const char *detail);
/* {"cliOrdId": {...}, ...}: one line an order. */
void audit_summary(const struct sim_engine *e, struct buf *out);

#endif
