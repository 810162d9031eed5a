/*
 * fixclient: the state of a load run, shared by the part that drives it (fixclient_load.c) and the
 * part that prints what came of it (fixclient_result.c).
 */
#ifndef FIXCLIENT_LOAD_H
#define FIXCLIENT_LOAD_H

#include "fixclient.h"

enum kind { KIND_NEW, KIND_CANCEL, KIND_REPLACE };

enum { NOT_LISTED = -1 };

/* One request; its index is the number in its ClOrdID. An order is the request that made it. */
struct request {
    enum kind kind;
    uint32_t session;
    uint32_t order;   /* index of the NEW meant; itself for NEW */
    uint32_t current; /* NEW: index of the request whose ClOrdID the order carries now */
    int32_t listed;   /* NEW: place in its session's list of live orders */
    bool answered;    /* any report */
    bool confirmed;   /* more than pending */
    bool terminal;
    bool changing; /* NEW: a cancel or replace is on its way */
    int64_t sent_us, qty, price;
    char side;
    uint8_t symbol;
};

struct range {
    int64_t low, step;
    uint64_t steps;
};

struct lane {
    struct fc_session session;
    struct load *load;
    uint32_t index;
    uint32_t *live;
    size_t live_count, live_cap;
    uint32_t open; /* requests not confirmed */
    int64_t retry_us, down_us;
    int polled_fd;
    bool polled_write;
};

struct load {
    struct fc_ctx *ctx;
    struct lane *lane;
    uint32_t next_lane;
    int epoll;
    struct request *request;
    uint64_t sent, confirmed, orders, terminal, open;
    uint64_t executions, fills, rejects, cancel_rejects, business_rejects, session_rejects;
    uint64_t foreign, disconnects;
    struct fc_hist *first, *accepted, *rejected, *finished, *canceled, *replaced;
    char prefix[32];
    char symbol[16][48];
    uint32_t symbol_count;
    struct range price, qty;
    uint64_t random;
    int64_t start_us, last_sent_us, due_us, pace_us, tick_us, progress_us;
    double credit;
    bool lost; /* a session could not log on in time */
};

void fc_load_print(const struct load *l);

#endif
