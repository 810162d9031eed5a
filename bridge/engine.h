/*
 * The order core: events in, effects out. It owns the book, the schedule of venue calls and all
 * ids. It decides, writes a record, and applies the record; recovery applies the same records with
 * the same function. No I/O, no clock, no randomness.
 *
 *     engine_new -> engine_apply() for every engine record of the journal, oldest first
 *                -> engine_start(): what was under way becomes a doubt; then events as they come
 *
 * After every call the shell pulls engine_next() until false. Order of effects matters: a record
 * comes before what it justifies. FIX_SEND and RECORD are carried out at once (numbered, appended);
 * what they put into sockets, and VENUE_CALLs, wait for the journal position of the turn to be
 * durable.
 */
#ifndef BRIDGE_ENGINE_H
#define BRIDGE_ENGINE_H

#include "base.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "order.h"
#include "symbols.h"
#include "translate_in.h"
#include "venue.h"
#include "venue_setting.h"

struct engine;

/* Whose orders are canceled when a session is lost: 8013. */
enum engine_cancel {
    ENGINE_CANCEL_MARKED,  /* N: only its orders with ExecInst(18)=Q */
    ENGINE_CANCEL_SESSION, /* S: all its orders */
    ENGINE_CANCEL_ACCOUNT, /* Y: all orders of its accounts, whoever entered them */
};

/* What a session may choose at its Logon; holds until the next Logon, also across our restarts. */
struct engine_choice {
    enum engine_cancel cancel; /* 8013 */
    uint32_t grace_ms;         /* 35003 */
    bool copy;                 /* 9406: it gets copies of reports and enters no orders */
};

struct engine_session {
    struct bytes name; /* unique, stable: what the journal calls it */
    struct translate_rules rules;
    const uint32_t *account; /* indexes into engine_config.account; the first is default */
    size_t account_count;
    bool report_pending_new;  /* 150=A when journaled */
    uint32_t report_extras;   /* mask of report_extra.h: opt-in fields of its reports */
    bool may_change_settings; /* 20005 and 22100 of its orders change the account */
    bool refuse_to_filled;    /* a replace to CumQty or less is refused, not "amended to CumQty" */
    /* Unless its Logon says otherwise. When the session goes down (TCP or heartbeat loss, Logout,
     * our own restart) and is not back within the grace, orders are canceled. RoE 3.10. */
    struct engine_choice choice;
    const uint32_t *copy; /* accounts whose reports it gets as a drop copy */
    size_t copy_count;
    bool venue_status;    /* TradingSessionStatus (h) at logon and on each change, unasked */
    struct bytes client;  /* the client's CompID: who entered an order, for drop copies */
    unsigned time_digits; /* 60: 3, 6, 9 */
    const struct bytes *on_behalf_of; /* 115 it may send; any other is refused (j 380=6) */
    size_t on_behalf_of_count;
};

enum engine_deadman {
    ENGINE_DEADMAN_AUTO, /* when every session of the account chose 8013=Y */
    ENGINE_DEADMAN_OFF,
    ENGINE_DEADMAN_ON,
};

/* What a setting of an account must be. */
struct engine_setting {
    enum venue_setting what;
    struct bytes symbol; /* the venue's; empty: of the whole account */
    struct bytes want;   /* empty: what the driver demands; only `apply` counts */
    bool apply;          /* change it when it is something else */
    bool warn;           /* a mismatch does not block new orders, unless the driver says so */
};

struct engine_account {
    struct bytes name; /* unique, stable */
    const struct venue_driver *driver;
    struct symbols *symbols; /* with its aliases; the engine fills in the instruments */
    uint32_t calls_max;      /* under way at once */
    uint32_t poll_fills_ms, poll_orders_ms; /* while orders are live */
    uint32_t poll_idle_ms;                  /* while none is */
    uint32_t instruments_refresh_s;
    uint32_t order_wait_max_ms; /* an order not sent by then is refused */
    uint32_t cancel_wait_max_ms;
    uint32_t call_timeout_ms;
    bool bulk_cancel;            /* the account is ours alone: CANCEL_ALL may be used */
    enum engine_deadman deadman; /* the venue's switch, where it has one */
    uint32_t deadman_timeout_s;  /* 0: never armed */
    bool reject_when_down;       /* new orders: business reject 380=4 at once instead of waiting */
    bool rate_limit;             /* false only for load tests against the simulator */
    const struct engine_setting *setting; /* at most one for each symbol and kind */
    size_t setting_count;
    bool hedge; /* keeps long and short positions side by side: 77 is needed */
};

/* All arrays and strings live as long as the engine. */
struct engine_config {
    const struct engine_session *session;
    size_t session_count;
    const struct engine_account *account;
    size_t account_count;
    uint64_t seed; /* of hash maps: random, drawn by the shell */
    uint32_t mass_cancel_max_ms;
    /* Orders that ended longer ago are forgotten, with their ClOrdIDs and fills; 0: never. */
    int64_t retain_orders_us;
};

enum effect_kind {
    EFFECT_RECORD,
    EFFECT_FIX_SEND,
    EFFECT_FIX_REJECT,
    EFFECT_VENUE_CALL,
    EFFECT_NOTE
};
enum note_level { NOTE_DEBUG, NOTE_INFO, NOTE_WARN, NOTE_ERROR };

/* Everything pointed to lives until the next engine_next() or event, but `venue.call`, which lives
 * until engine_venue_result() for its id. */
struct effect {
    enum effect_kind kind;
    union {
        struct bytes record; /* append to the journal */
        struct {
            uint32_t session;
            const struct fix_body *body;
            bool stale_soon; /* not to be kept for a resend: fix_session_tell */
        } fix;
        struct { /* Reject (3) of the message just handed in */
            uint32_t session;
            int reason;
            uint32_t tag;
            const char *text;
        } reject;
        struct {
            uint64_t id;
            uint32_t account;
            const struct venue_call *call;
            uint32_t timeout_ms;
            /* For watching, nothing depends on it: the order it is about (0: none, or several), and
             * when what it carries out was received (wall; 0: nobody asked for it). */
            uint64_t order;
            int64_t taken_us;
        } venue;
        struct {
            enum note_level level;
            const char *event; /* "order.state", "venue.doubt": for the log */
            const char *text;  /* "id=812 from=sent to=doubt why=timeout" */
        } note;
    };
};

/* NULL: out of memory. */
struct engine *engine_new(const struct engine_config *c);
void engine_free(struct engine *e);
/* Notes below this level are not made at all: an order has several, and writing one that nobody
 * reads costs as much as a record. At first all are made. */
void engine_note_least(struct engine *e, enum note_level least);

/* Recovery: one record, as it was given out. False: not one of ours, or impossible: the text says
 * why. */
MUST_CHECK bool engine_apply(struct engine *e, struct bytes record, const char **error);
/* A hint: such a record is to be applied soon, a few others before it. What it needs is brought
 * near the processor meanwhile; anything may be said, nothing changes. */
void engine_expect(struct engine *e, struct bytes record);
/* Once, after recovery. `seed` is random: on the very first start it becomes the installation's
 * mark in the ids given to venues. */
void engine_start(struct engine *e, uint64_t seed, const struct instant *now);

/* One more session while running; its index is the one after the last. Copied but for what it
 * points to, which lives as long as the engine. False: out of memory, or SESSIONS_MAX; nothing
 * changed. */
MUST_CHECK bool engine_session_add(struct engine *e, const struct engine_session *s,
                                   const struct instant *now);

/* An application message of a session, in sequence and valid. The shell has `msg` until it returns
 * and effects were pulled. */
void engine_fix_message(struct engine *e, uint32_t session, const struct fix_msg *msg,
                        bool poss_resend, const struct instant *now);
/* A message not looked at because its session sends too fast: an order is refused by a report
 * (103=3), anything else by a business reject (380=0). */
void engine_refuse_throttled(struct engine *e, uint32_t session, const struct fix_msg *msg,
                             const struct instant *now);
/* Logged on, or chosen anew while up. `choice` NULL: what the configuration says. Durable before
 * the answer to the Logon leaves, if the shell sends that after the records. */
void engine_session_up(struct engine *e, uint32_t session, const struct engine_choice *choice,
                       const struct instant *now);
void engine_session_down(struct engine *e, uint32_t session, const struct instant *now);

/* The outcome of a VENUE_CALL; exactly once for each. `reply` may be NULL for HELD and UNKNOWN;
 * `why` is a text for people ("timeout after 5000 ms"). `venue_now_us` is the venue's clock as
 * estimated (wall). */
void engine_venue_result(struct engine *e, uint64_t id, enum venue_outcome outcome,
                         const struct venue_reply *reply, const char *why,
                         const struct instant *now);

void engine_tick(struct engine *e, const struct instant *now);
int64_t engine_deadline(const struct engine *e); /* mono_us; NEVER_US: none */
bool engine_next(struct engine *e, struct effect *out);

/* The operator puts a trade right: `exec_id` is the venue's id of it, or our ExecID. NULL: done and
 * told; else why not, static text. */
struct engine_correction {
    uint64_t order_id;
    struct bytes exec_id;
    bool bust; /* taken back as a whole; else qty and px hold now */
    struct decimal qty, px;
};
const char *engine_correct(struct engine *e, const struct engine_correction *c,
                           const struct instant *now);

/* Any session or account, below. */
#define ENGINE_ANY UINT32_MAX
/* The operator's: a disabled account takes no new orders (103=0) and no replaces; cancels and what
 * rests there go on. Not remembered over a restart. */
void engine_account_enable(struct engine *e, uint32_t account, bool enabled,
                           const struct instant *now);
/* Cancels the live orders of a session and an account, reported to their clients as unsolicited
 * cancels; tells how many are being canceled. */
size_t engine_cancel_all(struct engine *e, uint32_t session, uint32_t account,
                         const struct instant *now);

/* What a person found out about an order whose fate the service cannot tell. */
enum engine_verdict {
    ENGINE_IS_THERE,   /* in doubt, and the venue has it, under `venue_id` */
    ENGINE_IS_ABSENT,  /* in doubt, and the venue does not have it */
    ENGINE_IS_CANCELED /* acknowledged, and no longer at the venue; its fills are all told */
};
const char *engine_verdict_text(enum engine_verdict v);
/* Journaled, and reported to the client with a Text that says who decided. False: nothing was
 * changed; `why` (static text) tells. */
MUST_CHECK bool engine_decide(struct engine *e, uint64_t order_id, enum engine_verdict verdict,
                              struct bytes venue_id, const struct instant *now, const char **why);

/* No new orders from now on (planned stop): business rejects 380=4; dead man's switches that would
 * cancel what is meant to stay are disarmed. */
void engine_drain(struct engine *e, const struct instant *now);
/* Venue calls under way, or still to be made before a planned stop. */
size_t engine_calls(const struct engine *e);

/* The state as records that rebuild it by engine_apply() in an empty engine; of what the journal
 * has so far, nothing else. Begin with a zeroed `at`; the engine must not change in between. Each
 * call appends one record to `out` and takes no memory but what `out` needs; false: that was all.
 */
struct engine_snapshot {
    unsigned section, step;
    uint32_t index;
    uint64_t mass;
    const struct order *order;
    const struct name *name;
    const struct request *request;
    const struct order_list *list;
    const struct fill *fill;
    const struct foreign *foreign;
    bool half; /* of a request or a mass cancel: its state follows */
};
bool engine_snapshot_next(const struct engine *e, struct engine_snapshot *at, struct buf *out);

/* For status and metrics. */
struct engine_stats {
    uint64_t orders_live, orders_total, fills, doubts, calls_under_way, queued;
};
void engine_stats(const struct engine *e, struct engine_stats *out);
const struct order *engine_order_by_id(const struct engine *e, uint64_t order_id);

#endif
