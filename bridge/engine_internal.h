/*
 * What the engine's files share, and nobody else sees.
 *
 *     engine.c          life, effects, ids, recovery (decide -> record -> apply), the public
 * functions engine_apply.c    the one function that applies a record, live and in recovery
 *     engine_run.c      which accounts are run after an event
 *     engine_client.c   what clients ask: new, cancel, replace, mass cancel, status
 *     engine_session.c  sessions come and go; cancel on disconnect
 *     engine_copy.c     drop copies;  engine_foreign.c: others' orders, told to drop copies
 *     engine_ghost.c    what rests although it is done
 *     engine_deadman.c  dead man's switches;  engine_status.c: TradingSessionStatus
 *     engine_trades.c   trade capture; engine_correct.c: trades put right
 *     engine_order.c    moves of one order and of its requests, each with its report
 *     engine_venue.c    which call goes next, and starting it
 *     engine_batch.c    several in one call
 *     engine_result.c   what became of it
 *     engine_watch.c    polling fills, open orders, instruments, the venue's clock
 *     engine_observe.c  what an answer says of an order
 *     engine_swap.c     a replace by cancel and new order
 *     engine_shape.c    orders recognised without an id of ours
 *     engine_decide.c   what a person decides about an order
 *     engine_lookup.c   looking up what is in doubt
 *     engine_mass.c     mass cancels
 *     engine_list.c     lists of orders
 *     engine_setting.c  settings of accounts: asked, changed, and what they mean for orders
 *     engine_operator.c what an operator asks
 *     engine_positions.c, engine_security.c   questions of clients that have nothing to do with
 * orders
 *     engine_retain.c   forgetting what ended long ago;  engine_snapshot.c  the state as records
 *
 * The rule of all of them: decide, then commit(record), then report. State that recovery must know
 * is changed only by apply(); the rest ("working state") can be derived again.
 */
#ifndef BRIDGE_ENGINE_INTERNAL_H
#define BRIDGE_ENGINE_INTERNAL_H

#include "arena.h"
#include "base36.h"
#include "book.h"
#include "engine.h"
#include "engine_ghost.h"
#include "map.h"
#include "fills.h"
#include "rate.h"
#include "record.h"
#include "refusal.h"
#include "route.h"
#include "setting.h"
#include "translate_copy.h"
#include "translate_out.h"

enum queue_kind { QUEUE_CANCEL, QUEUE_ORDER, QUEUE_COUNT };

struct queue {
    struct order *first, *last;
    size_t count;
};

enum call_purpose {
    CALL_PLACE,
    CALL_CANCEL,
    CALL_REPLACE, /* about one order */
    CALL_BATCH,   /* placements or cancels of several */
    CALL_DEADMAN,
    CALL_BULK,  /* CANCEL_ALL for a mass cancel */
    CALL_SET,   /* changes a setting of the account; `request` is its index */
    CALL_GHOST, /* cancels what rests and should not */
    CALL_PASS,  /* a step of a lookup pass */
    CALL_FILLS,
    CALL_BACKFILL,
    CALL_OPEN_ORDERS,
    CALL_POLL_STATUS, /* STATUS of one live order, where nothing lists them */
    CALL_INSTRUMENTS,
    CALL_TIME,
    CALL_SETTING,   /* asks for a setting; `request` is its index */
    CALL_POSITIONS, /* for a client */
};

struct call {
    struct call *next_free;
    uint64_t id; /* 0: free */
    uint32_t account;
    enum call_purpose purpose;
    struct venue_call call;
    struct order *order;
    uint64_t request; /* id of the request of `order` it carries out */
    uint64_t mass;
    struct batch *batch; /* CALL_BATCH; owned */
    struct instant started;
};

#define CURSOR_MAX 1024

/* Looking up what is in doubt: the driver's list of questions, asked in order for all orders on the
 * account's check list at once. An order that no question finds is judged at the end. */
struct pass {
    bool active;
    uint32_t serial;
    size_t step; /* index into driver->lookup */
    struct instant started;
    int64_t since_us; /* wall: oldest order looked for */
    struct bytes id[VENUE_IDS_MAX];
    char cursor[CURSOR_MAX];
    char symbol[SYMBOL_MAX + 1]; /* of the present question, where lists are by symbol */
    bool failed;                 /* some question was not answered: nobody is judged absent */
    bool unanswered;             /* the same, and the other questions are asked all the same */
    unsigned failures;           /* passes in a row that failed or left orders undecided */
    int64_t next_us;             /* mono: not before */
    int64_t noted_us;
};

/* Of an account: engine_deadman.c. */
struct deadman {
    int64_t fires_us; /* journaled; wall: when it fires unless pushed back; 0: disarmed */
    int64_t gap_from_us, gap_to_us; /* wall: the last time it was not pushed back in time */
    int64_t next_us;                /* mono: next call */
    bool wanted, asking, alarmed;
    bool all_chose, any_up; /* of the sessions that trade the account */
};

/* An order that a list of open orders had and nobody knows; told when a later one has it too. */
struct sighting {
    char venue_id[VENUE_ID_MAX + 1];
    uint32_t serial; /* of the list; 0: free */
};

struct account {
    const struct engine_account *cfg;
    int64_t wake_us; /* mono: when it has something to do, though nothing touched it */
    bool touched;    /* something about it changed since it was run: in engine.touched */
    struct account *next_touched;
    struct foreign *foreign; /* orders of another hand that rest */
    size_t foreign_count;
    int64_t foreign_since_us; /* journaled; wall: fills of before are not told; 0: never begun */
    struct sighting sighting[64];
    struct deadman deadman;
    struct ghost ghost;
    char status_told; /* 340 */
    bool tradeable;   /* some instrument is */
    uint32_t index;
    struct rate rate[VENUE_WINDOWS_MAX];
    struct rate poll_rate[VENUE_WINDOWS_MAX]; /* the share questions may use of each */
    size_t window_count;
    struct queue queue[QUEUE_COUNT];
    uint32_t calls; /* under way */
    bool asking_fills, asking_orders, asking_instruments, asking_pass, asking_time;
    bool want_fills;      /* as soon as the budget allows */
    uint32_t lacks;       /* bit by venue_op: not offered to this account */
    uint32_t fills_round; /* fills asked symbol by symbol: this round */
    bool fills_round_open;
    int64_t fills_retry_us;                /* mono: a question of it failed */
    int64_t fills_round_us;                /* mono: when it began */
    int64_t fills_since_us, fills_next_us; /* venue time: this round's, the next one's */
    char fills_symbol[SYMBOL_MAX + 1];     /* asked about now */
    char orders_symbol[SYMBOL_MAX + 1];
    struct bytes poll_id;                       /* STATUS of one order, by the polling plan */
    int64_t fills_asked_us;                     /* mono: last question */
    unsigned fills_urgent;                      /* urgent questions in a row */
    bool settling;                              /* doubts of before the start are still open */
    int64_t orders_us, instruments_us, time_us; /* mono: next polls */
    int64_t scan_us; /* mono: next look for orders that waited too long */

    /* Fills are complete up to the newest one of the last connected answer. */
    char fills_mark[VENUE_ID_MAX + 1];
    int64_t fills_mark_us; /* its venue time; 0: none yet */
    int64_t fills_done_us; /* mono: start of the last connected question */
    bool backfill;         /* more were missing than FILLS shows: EXECUTIONS is being read */
    int64_t backfill_since_us, backfill_started_us;
    char backfill_mark[VENUE_ID_MAX + 1];
    int64_t backfill_mark_us;
    char backfill_cursor[CURSOR_MAX];

    char instruments_cursor[CURSOR_MAX], orders_cursor[CURSOR_MAX];
    int64_t orders_asked_us; /* mono: when the first page was asked for */
    uint32_t open_serial;    /* of OPEN_ORDERS answers */
    struct order *check_first, *check_last;
    size_t check_count;
    struct pass pass;
    struct positions *positions; /* engine_positions.c; NULL: never asked for */

    struct setting **setting;
    size_t setting_count;

    bool disabled; /* by the operator: takes no new orders and no replaces */
    bool down;     /* calls do not get through */
    unsigned failures;
    int64_t backoff_us;      /* mono: no call before */
    int64_t clock_offset_us; /* venue's wall clock minus ours */
    int64_t clock_error_us;  /* half the round trip it was learned from; 0: never */
};

/* A subscription to trades (AD with 263=1). */
struct trade_watch {
    bool on;
    enum venue_side side; /* 0: both */
    char request_id[CL_ORD_ID_MAX + 1];
    char symbol[SYMBOL_MAX + 1], account[NAME_MAX_LEN + 1]; /* empty: all */
};

/* A subscription to venue status (g with 263=1). */
struct status_watch {
    bool on;
    char request_id[CL_ORD_ID_MAX + 1];
    char venue[NAME_MAX_LEN + 1], account[NAME_MAX_LEN + 1]; /* empty: all */
};

/* Of a session, beside its configuration. */
struct session_state {
    struct engine_choice choice; /* journaled */
    bool armed;                  /* journaled: a disconnect is still to be acted on */
    bool journaled;              /* some record tells the two above */
    bool up;
    struct trade_watch trades; /* until the session ends */
    struct status_watch status;
    int64_t cancel_us; /* mono: when orders are canceled; NEVER_US: not down, or done */
    bool due;          /* it is being dealt with */
    unsigned canceled; /* for it */
    uint32_t next_copy, next_watcher; /* of engine.first_copy, engine.first_watcher */
};

#define ROUTING_MAX (FIX_ID_MAX + 1 + FIX_ROUTE_MAX) /* a longer SenderSubID (50) is refused */

struct mass {
    struct mass *next;
    uint64_t id;
    uint32_t session;
    char cl_ord_id[CL_ORD_ID_MAX + 1];
    char symbol[SYMBOL_MAX + 1];
    char type; /* 530 */
    enum venue_side side;
    uint32_t count, pending, proven;
    int64_t deadline_us;      /* mono */
    char sender[ROUTING_MAX]; /* sender_of: where its report goes */
    size_t sender_size;
};

/* One effect with the memory it needs; reused from event to event. */
struct slot {
    struct effect effect;
    struct buf buf;
    struct fix_body body;
    char text[512];
};

/* Sessions or accounts that left the configuration and are still named by records. */
struct gone_names {
    struct bytes *name; /* owned */
    size_t count;
};

/* Orders whose first record is to come: the hints of a few records come before one is applied. */
#define EXPECTED 32

struct engine {
    struct engine_config config;
    struct route_account *route;
    struct account *account;
    struct book *book;
    enum note_level note_least;
    struct slot **slot;
    size_t slot_count, slot_used, slot_next;
    struct call **call; /* slots; the low bits of a call's id are its slot */
    struct call *call_free;
    size_t call_count, calls_under_way;
    uint64_t call_generation;
    struct mass *mass;
    struct map *lists;            /* session and ListID -> struct order_list, engine_list.c */
    struct order_list *list_open; /* those whose end was not told */
    struct order_list *list_oldest, *list_newest;
    uint64_t next_list;
    bool lists_dirty;                          /* something happened since lists_run */
    struct fix_msg list_order;                 /* the order of a list that is being taken */
    struct position_request *position_request; /* clients that wait, oldest first */
    struct command command; /* of the message being handled; its echo buffer is reused */
    struct buf scratch;
    uint64_t boot, mark, exec_counter, next_request, next_mass;
    char client_prefix[2 + BASE36_MAX + 1]; /* of ids at venues: "fb<mark>-" */
    size_t client_prefix_size;
    char exec_prefix[BASE36_MAX + 1]; /* of ExecIDs: "<boot>-" */
    size_t exec_prefix_size;
    uint64_t fills;
    struct fills fill; /* of all orders */
    /* Sessions that get copies, and those with a subscription to trades: few of many, in the
     * configuration's order; ENGINE_ANY: none. */
    uint32_t first_copy, first_watcher;
    struct buf copy_scratch;
    uint64_t by_state[ORDER_STATE_COUNT]; /* live orders; ended ones: since the start */
    bool draining, started;
    struct instant now;
    int64_t wake_us;
    bool run_all;            /* this event may concern every account */
    int64_t all_us;          /* mono: when all were run last */
    int64_t due_us;          /* mono: no account's wake_us is earlier */
    struct account *touched; /* to be run after this event */
    struct account **ran;    /* in this event */
    size_t ran_count;
    /* Recovery: numbers in records -> index in the configuration; UINT32_MAX: gone from it. */
    uint32_t *session_of, *account_of;
    size_t session_of_count, account_of_count;
    struct {
        uint64_t id;
        uint32_t account;
    } expected[EXPECTED];            /* by id: accounts of orders whose records are to come */
    int64_t down_deadline_us;        /* mono: earliest of session[].cancel_us */
    const struct venue_reply *reply; /* the answer being looked at; NULL: none */
    const struct fix_msg *answering; /* while a report answers this message at once */
    struct session_state *session;   /* by index, as config.session */
    struct gone_names gone_sessions, gone_accounts;
    int64_t retain_at_us;               /* mono: next look for orders to forget */
    struct engine_session *own_session; /* copy of config.session, once one was added */
};

#define GONE UINT32_MAX                 /* a number that never had a name */
#define GONE_FIRST UINT32_C(0x80000000) /* indexes of gone_names begin here */

/* ---- engine.c ------------------------------------------------------------------------------ */
void account_init_rates(struct account *a, int64_t mono_us);
/* A new event: everything of the last one was pulled. */
void engine_begin(struct engine *e, const struct instant *now);
struct slot *engine_slot(struct engine *e, enum effect_kind kind); /* never NULL */
/* Where an answer goes that comes later than its question: copied, so that what kept them may go
 * before the effect is pulled. */
/* SenderSubID (50), and, behind a SOH, the other ids that answers go to: as orders, lists and mass
 * cancels are journaled with them. Points into `m` or `out`. */
struct bytes sender_of(const struct fix_msg *m, char out[ROUTING_MAX]);
void sender_split(struct bytes sender, struct bytes *sub_id, struct bytes *route);
void slot_route(struct slot *s, struct bytes sender_sub_id, struct bytes route);
/* Encodes, gives out and applies. False only when out of memory: the shell is told by a note. */
void engine_commit(struct engine *e, const struct record *r);
void engine_note(struct engine *e, enum note_level level, const char *event, const char *format,
                 ...) PRINTF_LIKE(4, 5);
#define EXEC_ID_TEXT_MAX 32
/* A number for one more report, and ExecID (17) as its text: "<boot>-<serial>". */
struct exec_number engine_exec_number(struct engine *e);
size_t exec_number_text(struct exec_number n, char out[EXEC_ID_TEXT_MAX]);
struct bytes engine_exec_id(struct engine *e, char out[EXEC_ID_TEXT_MAX]);
/* A message to a session of the configuration; its body is zeroed. */
struct slot *engine_fix_slot(struct engine *e, uint32_t session);
/* The installation's mark, and what of ids it stands in. */
void engine_set_mark(struct engine *e, uint64_t mark);
void engine_set_boot(struct engine *e, uint64_t boot);
void engine_client_id(const struct engine *e, uint64_t order_id, uint32_t leg,
                      char out[VENUE_CLIENT_ID_MAX + 1]);
struct account *engine_account_of(struct engine *e, const struct order *o); /* NULL: gone */
const char *engine_order_name(const struct order *o, char out[ORDER_ID_TEXT_MAX]);

/* ---- engine_run.c -------------------------------------------------------------------------- */
/* Lets every account that this event, or the time, concerns do what it can; after each event. */
void engine_run(struct engine *e);

/* ---- engine_apply.c ------------------------------------------------------------------------ */
MUST_CHECK bool engine_apply_record(struct engine *e, const struct record *r, const char **error);

void gone_names_free(struct gone_names *g);

/* ---- engine_retain.c ----------------------------------------------------------------------- */
/* Forgets orders that ended longer ago than they are to be kept, some at a time. */
void retain_run(struct engine *e);

/* ---- engine_snapshot.c --------------------------------------------------------------------- */
unsigned engine_snapshot_section(enum record_kind kind);

/* ---- engine_client.c ----------------------------------------------------------------------- */
void client_message(struct engine *e, uint32_t session, const struct fix_msg *m, bool poss_resend);
void client_throttled(struct engine *e, uint32_t session, const struct fix_msg *m);

/* ---- engine_session.c ---------------------------------------------------------------------- */
/* As the configuration says, before anything was chosen; copy_count and deadman_sessions_changed
 * are the caller's, once for all. */
void session_state_init(struct engine *e, uint32_t session);
void session_is_up(struct engine *e, uint32_t session, const struct engine_choice *choice);
void session_is_down(struct engine *e, uint32_t session);
/* Acts on the disconnects whose grace is over. */
void session_cancel_due(struct engine *e);
/* A cancel that no client asked for: `why` is 0, the order's session was lost, or
 * REQUEST_OF_OPERATOR. */
void cancel_unasked(struct engine *e, struct order *o, uint64_t why);

/* ---- engine_copy.c ------------------------------------------------------------------------- */
/* Counts again which sessions are drop copies. */
void copy_count(struct engine *e);
/* Whether the session gets copies of this account's reports. */
bool copy_covers(const struct engine *e, uint32_t session, uint32_t account);
/* To all that get copies, but the session that has the report already. */
void copy_report(struct engine *e, const struct order *o, const struct report *r,
                 const struct report_names *names);
bool copy_takes(struct bytes msg_type);

/* ---- engine_foreign.c ---------------------------------------------------------------------- */
/* Whether drop copies of the account are to be told of others' orders. */
bool foreign_wanted(const struct engine *e, const struct account *a);
bool foreign_apply(struct engine *e, struct account *a, const struct record *r);
/* An order in a list of open orders, and a fill, that are none of ours. */
bool foreign_is_known(const struct account *a, struct bytes venue_id);
void foreign_seen(struct engine *e, struct account *a, const struct venue_order_state *s);
void foreign_fill(struct engine *e, struct account *a, const struct venue_fill *v);
/* A complete list of open orders was read. */
void foreign_missing(struct engine *e, struct account *a);
void foreign_run(struct engine *e, struct account *a);
void foreign_free(struct account *a);

/* ---- engine_deadman.c ---------------------------------------------------------------------- */
/* What sessions chose, or which are up, has changed. */
void deadman_sessions_changed(struct engine *e);
void account_run_deadman(struct engine *e, struct account *a);
void deadman_result(struct engine *e, struct account *a, const struct call *c,
                    enum venue_outcome outcome, const struct venue_reply *reply, const char *why);
/* Whether the switch had fired, as far as we know, when an order ended (venue's time; 0: not said).
 */
bool deadman_explains(const struct engine *e, const struct account *a, int64_t ended_us);
/* Switches that are still to be disarmed. */
size_t deadman_pending(const struct engine *e);

/* ---- engine_status.c ----------------------------------------------------------------------- */
#define STATUS_HALT_US (5 * US_PER_S) /* a shorter pause of the venue is not worth a message */
void status_session_up(struct engine *e, uint32_t session);
/* Tells changes. */
void status_run(struct engine *e);

/* ---- engine_trades.c, engine_correct.c ----------------------------------------------------- */
/* To whoever subscribed: '0' a new trade, '1' it was taken back, '2' it was changed. */
void trades_told(struct engine *e, const struct fill *f, char transaction, struct decimal qty,
                 struct decimal px);
void trades_unwatch(struct engine *e, uint32_t session);
/* NULL: done; else why not. */
const char *correct_trade(struct engine *e, const struct engine_correction *c);

/* ---- engine_order.c ------------------------------------------------------------------------ */
/* Starts a report of `o` and gives it out. NULL members of `r` are filled in. */
void report_order(struct engine *e, const struct order *o, struct report *r);
struct report report_of(const struct order *o, char exec_type);
/* Nothing but this and what the order is. */
void report_plain(struct engine *e, const struct order *o, char exec_type);
/* Moves: record, apply, report, follow-up. `text` may be empty. */
void order_sent(struct engine *e, struct order *o, int64_t ready_us);
void order_held(struct engine *e, struct order *o);
void order_in_doubt(struct engine *e, struct order *o, const char *why);
/* The venue's id is known, and not yet what became of the order. */
void order_learn_id(struct engine *e, struct order *o, struct bytes venue_id);
void order_ack(struct engine *e, struct order *o, struct bytes venue_id);
/* The order goes on at the venue under another id. */
void order_succeeded(struct engine *e, struct order *o, struct bytes venue_id);
/* Its trigger fired, by what the venue says or by a fill: reported once. Nothing for other orders.
 */
void order_triggered(struct engine *e, struct order *o);
void order_refuse(struct engine *e, struct order *o, enum order_event event, int reason,
                  struct bytes text);
void order_fill(struct engine *e, struct order *o, const struct venue_fill *f);
/* Of a leg of before: booked, and nothing follows from it. */
void order_late_fill(struct engine *e, struct order *o, const struct venue_fill *f);
void order_reduce(struct engine *e, struct order *o, struct decimal qty);
/* An order for an amount of money (152) is done at the venue, and so its quantity is known. */
void order_size(struct engine *e, struct order *o, struct decimal qty);
/* The venue said it ended: reported now, or when its fills are complete. */
void order_ended(struct engine *e, struct order *o, enum order_event event,
                 const struct venue_order_state *s);
void order_end_if_complete(struct engine *e, struct order *o);
void order_cancel_unsent(struct engine *e, struct order *o);
/* Ends as o->end_event and end_cause say, now. `text` instead of the cause's, unless empty. */
void order_end_with(struct engine *e, struct order *o, struct bytes text);
/* 58 for people: the venue's code first. */
struct bytes venue_text(struct engine *e, const struct venue_reply *reply, const char *fallback);

void request_state_set(struct engine *e, struct order *o, struct request *r,
                       enum request_state state, int64_t ready_us);
/* Answered by a reject (9 unless it is a mass cancel's); frees `r`. */
void request_rejected(struct engine *e, struct order *o, struct request *r, int reason,
                      struct bytes text);
void request_replaced(struct engine *e, struct order *o, struct request *r);

/* The next call about an order. */
struct work {
    enum call_purpose purpose;
    enum queue_kind queue;
    struct request *request;
};

/* ---- engine_venue.c ------------------------------------------------------------------------ */
void queue_push(struct engine *e, struct account *a, enum queue_kind q, struct order *o);
/* Puts the order where its next call waits, if it has one. */
void order_schedule(struct engine *e, struct order *o);
void account_run_orders(struct engine *e, struct account *a);
/* Some venues sign with their own time: nothing is sent before it is known. */
bool account_clock_known(const struct account *a);
bool account_may_call(struct engine *e, struct account *a, const struct venue_call *c,
                      enum rate_priority p);
struct call *call_start(struct engine *e, struct account *a, enum call_purpose purpose,
                        const struct venue_call *c, uint64_t request, struct order *o,
                        uint64_t mass);
bool order_next_work(const struct engine *e, struct order *o, bool knows_ids, struct work *w);
/* An order that was not sent in time, to be refused when its turn comes. */
bool order_waited_too_long(const struct engine *e, const struct account *a, const struct order *o);
void order_venue_form(const struct engine *e, const struct account *a, const struct order *o,
                      const struct request *change, struct venue_order *v);
/* Takes out of the queue what a call under way is about. */
void queue_drop_in_call(struct account *a, enum queue_kind kind);
struct call *call_find(const struct engine *e, uint64_t id);
void call_end(struct engine *e, struct call *c);

/* ---- engine_batch.c ------------------------------------------------------------------------ */
/* `o` was popped from the queue. False: nothing was done, it goes alone. */
MUST_CHECK bool batch_start(struct engine *e, struct account *a, enum queue_kind kind,
                            enum rate_priority p, struct order *o, const struct work *w);
void batch_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why);
void batch_free(struct batch *b);

/* ---- engine_result.c ----------------------------------------------------------------------- */
void venue_result(struct engine *e, uint64_t id, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why);
/* What became of one call about one order, alone or a part of a batch. */
struct order_call {
    enum call_purpose purpose;
    struct order *order;
    uint64_t request;
};
void order_result(struct engine *e, struct account *a, const struct call *c,
                  const struct order_call *about, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why);
void account_learn_health(struct engine *e, struct account *a, enum venue_outcome outcome,
                          const struct venue_reply *reply, const char *why);
int64_t account_ready_us(const struct account *a, int64_t now_wall_us);

/* ---- engine_watch.c ------------------------------------------------------------------------ */
void account_run_watch(struct engine *e, struct account *a);
bool account_has_op(const struct account *a, enum venue_op op);
bool venue_op_is_history(enum venue_op op);
bool account_has_feature(const struct account *a, uint32_t feature);
/* Some list tells the account's executions; false: they are derived from states of orders. */
bool account_lists_fills(const struct account *a);
struct order *watch_find(struct engine *e, struct account *a, struct bytes client_id,
                         struct bytes venue_id);
/* engine_rounds.c: questions asked symbol by symbol, or order by order. */
bool rounds_are_fills(const struct account *a);
void rounds_ask_fills(struct engine *e, struct account *a);
void rounds_rewind(struct account *a, const struct order *o);
void rounds_fills_done(struct engine *e, struct account *a, const struct venue_reply *reply);
/* The next symbol, or order, of the polling plan for open orders. False: none is due. */
bool rounds_next_listed(struct engine *e, struct account *a, int64_t plan_us, struct order **out);
void rounds_mark_listed(struct engine *e, struct account *a, struct bytes symbol);
void watch_fills(struct engine *e, struct account *a, const struct venue_reply *reply);
void watch_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                  const struct venue_reply *reply, const char *why);
void watch_imply_fill(struct engine *e, struct order *o, const struct venue_order_state *s);
/* What one answer says of one order, and of all it names. */
void watch_observe(struct engine *e, struct order *o, const struct venue_order_state *s,
                   enum venue_op source, const struct instant *asked);
void watch_observe_all(struct engine *e, struct account *a, const struct venue_reply *reply,
                       enum venue_op source, const struct instant *asked);

/* ---- engine_swap.c ------------------------------------------------------------------------- */
/* Whether the id was given to this order, in any leg. */
bool leg_named(const struct engine *e, const struct order *o, struct bytes client_id);
/* Whether what the venue shows under these ids is what rests there now, and not a leg of before. */
bool leg_is_present(const struct engine *e, const struct order *o, struct bytes client_id,
                    struct bytes venue_id);
/* The state in terms of the whole order: filled and quantity with what earlier legs filled. */
const struct venue_order_state *leg_in_total(const struct order *o,
                                             const struct venue_order_state *s,
                                             struct venue_order_state *whole);
/* The venue cannot change an order, or not without making another of it. */
bool order_needs_swap(const struct engine *e, const struct order *o);
/* A replace to CumQty or less, of a session that has such orders "amended to CumQty": FIX 4.4
 * vol. 4, appendix D, C.3.b and C.3.c. The rest is canceled, and nothing is placed. */
bool swap_cancels_rest(const struct engine *e, const struct order *o, const struct request *r);
/* The order's end is known and its fills too: true when it is a replace's, which was told. */
bool swap_goes_on(struct engine *e, struct order *o);
/* The order could not be placed: true when it was a swap's new leg, and the order was ended. */
bool swap_refused(struct engine *e, struct order *o, struct bytes why);

/* ---- engine_decide.c ----------------------------------------------------------------------- */
MUST_CHECK bool decide(struct engine *e, uint64_t order_id, enum engine_verdict verdict,
                       struct bytes venue_id, const char **why);

/* ---- engine_shape.c ------------------------------------------------------------------------ */
/* Whether every order can be found by the id we gave it. */
bool account_knows_ids(const struct account *a);
/* It can only be recognised by its shape. */
bool order_is_nameless(const struct account *a, const struct order *o);
/* Whether two placements of unknown outcome could be taken for one another at this venue. */
bool order_shape_is_free(struct engine *e, const struct account *a, const struct order *o);
/* A state that no id leads from: whose could it be? */
void shape_look(struct account *a, const struct venue_order_state *s);
/* Something in this pass looks like it. */
bool shape_was_seen(const struct account *a, const struct order *o);
/* Every question of the pass was answered: what is certain is settled. */
void shape_settle(struct engine *e, struct account *a);
/* What a person looks for at the venue: ids, terms, and between which times it was sent. */
#define SHAPE_TEXT_MAX 512
void shape_text(const struct account *a, const struct order *o, char out[SHAPE_TEXT_MAX]);
/* Tells the operator all that is known of an order nobody can decide about. */
void shape_note(struct engine *e, const struct account *a, const struct order *o);

/* ---- engine_lookup.c ----------------------------------------------------------------------- */
void check_add(struct engine *e, struct order *o);
void check_remove(struct engine *e, struct order *o);
/* Fills came in: tells the ends that waited for them. */
void check_ends(struct engine *e, struct account *a);
void account_run_pass(struct engine *e, struct account *a);
void pass_fills_known(struct engine *e, struct account *a, const struct call *c,
                      const struct venue_reply *reply);
MUST_CHECK bool account_learn_lack(struct account *a, const struct call *c,
                                   enum venue_outcome outcome, const struct venue_reply *reply);
void pass_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                 const struct venue_reply *reply);

/* ---- engine_list.c ------------------------------------------------------------------------- */
MUST_CHECK bool list_apply(struct engine *e, const struct record *r, uint32_t session,
                           const char **error);
bool list_apply_end(struct engine *e, const struct record *r);
void lists_run(struct engine *e);
void lists_free(struct engine *e);
/* Of the snapshot: the oldest list whose orders are kept, or the next one. NULL: none. */
const struct order_list *list_next_kept(const struct engine *e, const struct order_list *after);
void list_put(const struct order_list *l, uint32_t session_number, struct buf *out);
uint32_t list_session(const struct order_list *l);
/* Forgets those whose orders were. */
void lists_forget(struct engine *e);
/* A cancel that a ListCancelRequest asked for was refused; the order is still there. */
void list_cancel_failed(struct engine *e, const struct order *o, const char *text);

/* ---- engine_positions.c -------------------------------------------------------------------- */
void account_run_positions(struct engine *e, struct account *a);
void positions_result(struct engine *e, struct account *a, enum venue_outcome outcome,
                      const struct venue_reply *reply, const char *why);
void positions_free(struct engine *e);

/* ---- engine_setting.c ----------------------------------------------------------------------- */
enum setting_gate {
    SETTING_GATE_OPEN,
    SETTING_GATE_WAIT, /* not all is known yet */
    SETTING_GATE_SHUT, /* `no` says why */
};
void account_settings_init(struct account *a);
void account_settings_fini(struct account *a);
/* The connection was lost: everything is asked again. */
void account_settings_stale(struct engine *e, struct account *a);
void account_run_settings(struct engine *e, struct account *a);
void setting_result(struct engine *e, struct account *a, struct call *c, enum venue_outcome outcome,
                    const struct venue_reply *reply);
enum setting_gate account_settings_gate(const struct account *a, struct refusal *no);
/* Whether it says what leverage or margin mode must be. */
bool order_names_settings(const struct order *o);
/* The same for an order, with what it says of them. */
enum setting_gate order_settings_gate(struct engine *e, struct account *a, const struct order *o,
                                      struct refusal *no);

/* ---- engine_mass.c ------------------------------------------------------------------------- */
void mass_start(struct engine *e, uint32_t session, const struct fix_msg *msg,
                const struct command *c);
/* A cancel that has no ClOrdID of its own: of a mass cancel, or REQUEST_OF_LIST; reported. */
void mass_take_request(struct engine *e, struct order *o, uint64_t mass);
void mass_request_ended(struct engine *e, uint64_t mass_id);
void mass_bulk_result(struct engine *e, struct account *a, struct call *c,
                      enum venue_outcome outcome, const struct venue_reply *reply);
void mass_tick(struct engine *e);
int64_t mass_deadline(const struct engine *e);

/* It is to be run after this event. */
static inline void account_touch(struct engine *e, struct account *a)
{
    if (!a->touched) {
        a->touched = true;
        a->next_touched = e->touched;
        e->touched = a;
    }
}

static inline void order_touch(struct engine *e, const struct order *o)
{
    if (o->account < e->config.account_count) {
        account_touch(e, &e->account[o->account]);
    }
}

static inline void wake_at(struct account *a, int64_t mono_us)
{
    if (mono_us < a->wake_us) {
        a->wake_us = mono_us;
    }
}

/* Whether the time has come; else the account is run again then. Every event asks this of every
 * account: what a call needs is made up only after it. */
static inline bool is_due(const struct engine *e, struct account *a, int64_t mono_us)
{
    if (e->now.mono_us < mono_us) {
        wake_at(a, mono_us);
        return false;
    }
    return true;
}

#endif
