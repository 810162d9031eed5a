/*
 * What the operator's pages and the metrics are made of: counts, durations and the latest events,
 * taken down as they happen. The shell and venue_io tell it; it decides nothing and nobody's work
 * depends on it. Each call costs tens of nanoseconds; without a history (admin_listen = off) only
 * counts are kept.
 *
 * Stages of an order, each a histogram:
 *
 *     received ──durable──► journaled          a message that was journaled, until it was on disk
 *     received ──sent─────► call under way     the order or request, until its call left
 *                 call under way ──answered──► answer here
 *                                  answer here ──reported──► report written to the client
 */
#ifndef DAEMON_MONITOR_H
#define DAEMON_MONITOR_H

#include "base.h"
#include "engine.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "histogram.h"
#include "history.h"
#include "http_msg.h"
#include "venue.h"
#include "venue_io.h"

enum monitor_stage { STAGE_DURABLE, STAGE_SENT, STAGE_ANSWERED, STAGE_REPORTED, STAGE_COUNT };
const char *monitor_stage_text(enum monitor_stage s);

enum monitor_reject { REJECT_ORDER, REJECT_CANCEL, REJECT_BUSINESS, REJECT_SESSION, REJECT_COUNT };
const char *monitor_reject_text(enum monitor_reject r); /* "order", "cancel", ... */
#define REJECT_REASONS 101                              /* 0 to 99; 100: any other */

/* MsgTypes counted by themselves; the last one stands for all others. */
#define MONITOR_TYPES 40
const char *monitor_type_text(size_t type); /* NULL: no such index */

#define MONITOR_OUTCOMES 4 /* enum venue_outcome */

struct monitor_account {
    uint64_t calls[VENUE_OP_COUNT][MONITOR_OUTCOMES];
    struct histogram took;  /* answered or timed out; not those that never left */
    uint32_t lately_us[64]; /* the last ones, for a picture; a ring */
    uint64_t lately_count;
};

/* What an entry of the history is. */
enum monitor_event {
    EVENT_FIX_IN,   /* data: the whole message. scope: session */
    EVENT_FIX_OUT,  /* data: "35=8 SOH 34=n SOH" and the body. scope: session */
    EVENT_RECORD,   /* data: the encoded record */
    EVENT_REST_OUT, /* data: text. scope: account */
    EVENT_REST_IN   /* data: text. scope: account */
};

/* Key of messages that are about no order we keep: a ClOrdID. */
uint64_t monitor_key_of_id(struct bytes cl_ord_id);

struct monitor_due; /* a turn's messages that wait to be durable */

struct monitor {
    uint64_t fix_in[MONITOR_TYPES + 1], fix_out[MONITOR_TYPES + 1];
    uint64_t rejects[REJECT_COUNT][REJECT_REASONS];
    uint64_t logons_refused;
    struct histogram stage[STAGE_COUNT];
    struct histogram turn;
    struct monitor_account *account; /* by index */
    size_t account_count;
    struct history *orders; /* NULL: none is kept */
    struct history *calls;  /* all under key 0, newest last; data: text */

    /* Of this turn. */
    uint32_t messages;           /* application messages handed to the engine */
    bool answering;              /* an answer about an order is being carried out */
    const struct fix_msg *asked; /* its entry is not made yet: whose order it is shows later */
    uint32_t asked_session;
    struct monitor_due *due;
    size_t due_first, due_count;
    struct monitor_call *call; /* under way, by the low bits of their ids */
    struct buf text;
};

/* NULL: out of memory. `history_size`: bytes of the orders' history, 0: none. */
struct monitor *monitor_new(size_t account_count, size_t history_size);
void monitor_free(struct monitor *m); /* also of NULL, as all below */

/* ---- FIX ----------------------------------------------------------------------------------- */

/* A piece was taken from a connection; one that is no message counts as "garbled". */
void monitor_received(struct monitor *m, struct bytes piece);
/* A message went to a connection, `raw` beginning with it; returns its size. */
size_t monitor_wrote(struct monitor *m, struct bytes raw);
/* Around what the engine does with an application message. */
void monitor_message(struct monitor *m, uint32_t session, const struct fix_msg *msg);
void monitor_message_done(struct monitor *m, int64_t wall_us);
/* The engine sends; `seq` is the number it gets. */
void monitor_send(struct monitor *m, uint32_t session, const struct fix_body *body, uint64_t seq,
                  int64_t wall_us);
void monitor_record(struct monitor *m, struct bytes record, int64_t wall_us);

/* ---- venue calls --------------------------------------------------------------------------- */

/* The engine wants it: an EFFECT_VENUE_CALL. Which orders it is about is seen from it. */
void monitor_call(struct monitor *m, const struct engine *e, const struct effect *effect);
/* It leaves; `account` and `request` for the text. */
void monitor_call_sent(struct monitor *m, uint64_t id, const struct venue_account *account,
                       uint32_t index, const struct venue_call *call,
                       const struct http_request *request, const struct instant *now);
/* " id=FB-1" for each order a call is about, which is how the log is searched; until it has ended.
 */
void monitor_call_ids(const struct monitor *m, uint64_t id, struct buf *out);
/* It has ended, whoever made it. */
void monitor_call_ended(struct monitor *m, const struct venue_account *account,
                        const struct venue_result *r, const struct instant *now);
/* The engine is told of it: what it sends meanwhile are reports of that answer. */
void monitor_answer(struct monitor *m, const struct venue_result *r);
void monitor_answer_done(struct monitor *m);

/* ---- the turn ------------------------------------------------------------------------------ */

/* The turn's batch was sealed as `lsn`. */
void monitor_sealed(struct monitor *m, uint64_t lsn, const struct instant *now);
/* Whether something waits for the journal: the caller then reads the clock for the next. */
bool monitor_awaits(const struct monitor *m);
void monitor_durable(struct monitor *m, uint64_t durable, const struct instant *now);

#endif
