/*
 * The simulator's exchange: accounts, instruments, a small matching engine, positions, history.
 * It knows no HTTP and no venue's words; a dialect renders its enums and events. All money is exact
 * decimals. The caller sets `now_us` before each call; the engine never reads a clock.
 *
 * Counter-party: each instrument has one synthetic quote (bid, ask, a size for each, or unlimited)
 * set by the test, and the resting orders of all accounts.
 */
#ifndef TESTS_SIM_VENUESIM_ENGINE_H
#define TESTS_SIM_VENUESIM_ENGINE_H

#include "base.h"
#include "buf.h"
#include "decimal.h"
#include "map.h"

#define SIM_ID_SIZE 37 /* a UUID and its NUL */
#define SIM_CLIENT_ID_MAX 100
#define SIM_SYMBOL_SIZE 32
#define SIM_INSTRUMENTS_MAX 32
#define SIM_ACCOUNTS_MAX 64
#define SIM_HELD_MAX 250 /* held requests an account may have at a time */

enum sim_side { SIM_BUY = 1, SIM_SELL };
enum sim_type {
    SIM_LMT,
    SIM_POST,
    SIM_IOC,
    SIM_MKT,
    SIM_FOK,
    SIM_STP,
    SIM_TAKE_PROFIT,
    SIM_TRAILING
};
enum sim_signal { SIM_SIGNAL_MARK, SIM_SIGNAL_INDEX, SIM_SIGNAL_LAST };
enum sim_unit { SIM_UNIT_NONE, SIM_UNIT_PERCENT, SIM_UNIT_QUOTE };
enum sim_state { SIM_HELD, SIM_ARMED, SIM_OPEN, SIM_FILLED, SIM_CANCELLED, SIM_REJECTED };
enum sim_stp {
    SIM_REJECT_TAKER,
    SIM_CANCEL_MAKER_SELF,
    SIM_CANCEL_MAKER_CHILD,
    SIM_CANCEL_MAKER_ANY,
    SIM_STP_NONE, /* orders of one account may trade with each other */
    SIM_STP_CANCEL_BOTH
};

/* Why a request was not done. */
enum sim_result {
    SIM_OK,
    SIM_HOLD,
    SIM_SUSPENDED,
    SIM_INACTIVE,
    SIM_BAD_TYPE,
    SIM_BAD_SIDE,
    SIM_BAD_SIZE,
    SIM_BAD_PRICE,
    SIM_NO_FUNDS,
    SIM_MAX_POSITION,
    SIM_TOO_MANY,
    SIM_DUPLICATE,
    SIM_COLLAR,
    SIM_SELF_TRADE,
    SIM_POST_ONLY_MARKET,
    SIM_NOT_REDUCING,
    SIM_WOULD_CROSS,
    SIM_NO_LIQUIDITY,
    SIM_NOT_FOUND,
    SIM_ALREADY_FILLED,
    SIM_NOT_A_STOP,
    SIM_TRAILING_TRIGGER,
    SIM_TRAILING_LIMIT,
    SIM_ID_TOO_LONG,
    SIM_ID_INVALID,
    SIM_STALE,

    SIM_RESULT_COUNT
};

/* What last changed an order. */
enum sim_reason {
    SIM_BY_NEW,
    SIM_BY_PARTIAL_FILL,
    SIM_BY_FULL_FILL,
    SIM_BY_USER,
    SIM_BY_EDIT,
    SIM_BY_TRIGGER,
    SIM_BY_LIMIT_FROM_STOP,
    SIM_BY_DEADMAN,
    SIM_BY_ADMIN,
    SIM_BY_MARGIN,
    SIM_BY_MARKET_INACTIVE,
    SIM_BY_EXPIRED_CONTRACT,
    SIM_BY_EXPIRED,
    SIM_BY_SELF_TRADE,
    SIM_BY_IOC,
    SIM_BY_POST,
    SIM_BY_SELF,
    SIM_BY_NOT_REDUCING,
    SIM_BY_LIQUIDATION,
    SIM_BY_TRAILING,
    SIM_REASON_COUNT
};

enum sim_event_type {
    SIM_EV_PLACE,
    SIM_EV_EXECUTION,
    SIM_EV_EDIT,
    SIM_EV_CANCEL,
    SIM_EV_REJECT,
    SIM_EV_TRIGGER
};

/* The fields of an order that change, as they were at one moment. */
struct sim_snap {
    struct decimal remaining, filled, price, stop;
    bool has_price, is_trigger;
    int64_t updated_us;
};

struct sim_order;

struct sim_exec {
    char id[SIM_ID_SIZE];
    struct sim_order *order;
    struct decimal qty, price, fee, position_after, mark;
    struct sim_snap before, after;
    uint64_t sequence;
    int64_t wall_us;
    bool taker;
};

/* One line of an account's history; the answer of a request is cut from the same lines. */
struct sim_event {
    enum sim_event_type type;
    enum sim_reason reason;
    enum sim_result error;
    struct sim_order *order;
    const struct sim_exec *exec;
    struct sim_snap before, after;
    struct decimal reduced; /* > 0: a reduce-only order was cut by this much */
    int64_t wall_us;
    bool quiet; /* in the history only, not in the answer */
};

struct sim_account;
struct sim_dialect;
struct sim_instrument;

/* What only some venues' orders have; all zero for the others. */
struct sim_extra {
    bool has_stp; /* this order's own strategy instead of its account's */
    enum sim_stp stp;
    enum sim_type then;  /* how a trigger acts once fired; SIM_LMT: as it always did */
    bool with_position;  /* a venue-made order that ends when the position closes */
    bool whole_position; /* its size is the position's at the moment it fires */
    const char *origin;  /* who made it, in the dialect's words; static text */
    uint32_t flags;      /* the dialect's own */
    struct decimal take_profit, stop_loss, leverage;
    int64_t expires_us; /* 0: never; the dialect ends it */
};

struct sim_terms {
    struct sim_instrument *instrument;
    enum sim_side side;
    enum sim_type type;
    struct bytes client_id;
    struct bytes label; /* a free text instead of client_id, not unique and not looked up */
    struct decimal qty, price, stop, trail, offset;
    bool has_price, has_stop, reduce_only;
    bool foreign;     /* by another hand on the account */
    bool liquidation; /* by the venue itself */
    enum sim_signal signal;
    enum sim_unit trail_unit, offset_unit;
    struct sim_extra extra;
};

struct sim_change {
    struct decimal qty, price, stop, trail;
    bool has_qty, qty_is_total, has_price, has_stop, has_trail;
    enum sim_unit trail_unit;
};

struct sim_level;

struct sim_order {
    char id[SIM_ID_SIZE];
    char client_id[SIM_CLIENT_ID_MAX + 1];
    char child_id[SIM_ID_SIZE]; /* a trigger's order has another id here */
    struct sim_account *account;
    struct sim_instrument *instrument;
    enum sim_side side;
    enum sim_type type; /* as sent; what rests after a trigger is LMT or IOC */
    enum sim_state state;
    enum sim_reason reason;
    enum sim_result error;
    struct decimal qty, filled, price, stop, trail, offset;
    struct decimal value, fee; /* of what is filled; in the base coin when inverse */
    bool has_price, reduce_only, is_trigger, trigger_above, triggered;
    bool cancel_at_release, foreign, liquidation;
    enum sim_signal signal;
    enum sim_unit trail_unit, offset_unit;
    struct sim_extra extra;
    int64_t created_us, updated_us, closed_us, triggered_us;
    uint64_t number;               /* in the order of creation */
    uint32_t duplicates;           /* refused attempts to use its client id again */
    struct sim_level *level;       /* OPEN: where it rests */
    struct sim_order *prev, *next; /* of its level, or of the instrument's armed triggers */
    struct sim_order *open_prev, *open_next; /* of the account's open orders, newest first */
    struct sim_order *all_next;
};

struct sim_level {
    struct decimal price;
    struct sim_order *first, *last;
};

/* One side of the resting orders: levels sorted worst first, so that the best is at the end. */
struct sim_ladder {
    struct sim_level **level;
    size_t count, capacity;
};

struct sim_quote {
    bool there;
    struct decimal price;
    bool unlimited;
    struct decimal size;
};

struct sim_instrument {
    char symbol[SIM_SYMBOL_SIZE];
    const char *type, *base, *quote_currency, *pair, *underlying;
    struct decimal tick, step, max_position, collar_percent;
    int precision;
    bool inverse, suspended, post_only, expired;
    int64_t hold_us, last_trading_us;
    bool hold_all; /* an acknowledging venue: every order waits, without a bound */
    struct sim_quote bid, ask;
    struct decimal last, mark, index;
    struct sim_ladder buys, sells;
    struct sim_order *armed;
    uint64_t sequence;
};

struct sim_position {
    struct decimal size; /* signed */
    struct decimal price;
    struct decimal max_leverage; /* > 0: isolated */
    bool has_leverage;
    int64_t fill_us;
};

#define SIM_NONCE_SLOTS 65536

/* One instrument as a venue lists it; the market is its default one. */
struct sim_listing {
    const char *symbol, *type, *base, *quote, *pair, *underlying;
    struct decimal tick, step;
    int precision;
    bool inverse;
    int64_t hold_us, last_trading_us;
    struct decimal bid, ask, max_position;
    bool hold_all;
};

struct sim_account {
    char key[80];
    const struct sim_dialect *venue; /* whose key this is */
    void *auth;                      /* that dialect's prepared secret */
    struct map *by_client_id;
    struct sim_order *open_first;
    size_t open_count, held_count, open_max;
    struct sim_position position[SIM_INSTRUMENTS_MAX];
    struct sim_exec **exec;
    size_t exec_count, exec_capacity;
    struct sim_event *event;
    size_t event_count, event_capacity;
    enum sim_stp stp;
    bool no_funds;
    int64_t deadman_us;              /* 0: disarmed */
    int64_t budget[2], budget_us[2]; /* rate pools, in millionths of a token */
    uint64_t nonce_max, nonce_floor;
    int64_t nonce_us;
    uint64_t *nonce_slot;
};

struct sim_audit;

struct sim_engine {
    struct sim_instrument instrument[SIM_INSTRUMENTS_MAX];
    size_t instrument_count;
    struct sim_account *account[SIM_ACCOUNTS_MAX];
    size_t account_count;
    struct map *by_key, *by_id;
    struct sim_order *all_first, *all_last;
    uint64_t order_count, exec_count;
    bool numeric_ids; /* rising numbers instead of UUIDs */
    bool ulids;       /* ULIDs instead; the audit's summary goes by them: clients' are not unique */
    uint64_t id_serial;
    uint64_t rng, auto_rng;
    uint32_t auto_full, auto_partial; /* of 1,000,000 resting orders */
    struct sim_audit *audit;
    int64_t now_us;
    const struct sim_listing *listing;
    size_t listing_count;
    /* When set: told of each execution, after it; must not trade, only take note. */
    void (*executed)(struct sim_engine *e, const struct sim_exec *x);
    void *executed_for;
};

/* `listing` outlives the engine; NULL: Kraken Futures' instruments. */
struct sim_engine *sim_engine_new(uint64_t seed, struct sim_audit *audit,
                                  const struct sim_listing *listing, size_t listing_count);
void sim_engine_free(struct sim_engine *e);
/* Forgets orders, fills, positions; keeps accounts and instruments and restores the default market.
 */
bool sim_engine_reset(struct sim_engine *e);
struct sim_account *sim_account_add(struct sim_engine *e, struct bytes key);
struct sim_account *sim_account_find(const struct sim_engine *e, struct bytes key);
struct sim_instrument *sim_instrument_find(struct sim_engine *e, struct bytes symbol);
struct sim_order *sim_order_find(const struct sim_engine *e, struct sim_account *a, struct bytes id,
                                 struct bytes client_id);
struct sim_position *sim_position_of(struct sim_account *a, const struct sim_engine *e,
                                     const struct sim_instrument *i);

/* SIM_OK: placed (see the events); SIM_HOLD: sim_release must follow after the instrument's hold;
 * others: refused, `*out` is then NULL unless the venue had given it an id already. */
enum sim_result sim_place(struct sim_engine *e, struct sim_account *a, const struct sim_terms *t,
                          struct sim_order **out);
enum sim_result sim_release(struct sim_engine *e, struct sim_order *o);
enum sim_result sim_edit(struct sim_engine *e, struct sim_order *o, const struct sim_change *c);
/* SIM_OK also for a held order: it becomes immediate-or-cancel at its release. */
enum sim_result sim_cancel(struct sim_engine *e, struct sim_order *o, enum sim_reason why);
/* Cancels all of an account's open orders (of one instrument, or NULL: all); returns how many. */
size_t sim_cancel_all(struct sim_engine *e, struct sim_account *a, const struct sim_instrument *i,
                      enum sim_reason why);
/* Another hand fills a resting order. */
bool sim_fill(struct sim_engine *e, struct sim_order *o, struct decimal qty, struct decimal price);
/* The quote or the reference prices changed: fills what is crossed, fires what is triggered. */
void sim_market_moved(struct sim_engine *e, struct sim_instrument *i);
void sim_default_market(struct sim_engine *e);
/* Fires expired dead man's switches; returns the next deadline or NEVER_US. */
int64_t sim_deadmen(struct sim_engine *e);

struct decimal sim_remaining(const struct sim_order *o);
struct sim_snap sim_snap_of(const struct sim_order *o);
bool sim_is_live(const struct sim_order *o);
void sim_uuid(struct sim_engine *e, char out[SIM_ID_SIZE]);
uint64_t sim_random(uint64_t *state);

/* ---- between the engine's own files -------------------------------------------------------- */

struct sim_event *sim_log_event(struct sim_engine *e, struct sim_order *o, enum sim_event_type type,
                                const struct sim_snap *before);
/* Matches against quote and book, then rests or ends what is left. */
enum sim_result sim_match(struct sim_engine *e, struct sim_order *o, bool released);
void sim_arm(struct sim_engine *e, struct sim_order *o);
void sim_disarm(struct sim_order *o);
bool sim_trailing_update(struct sim_order *o, bool force);
void sim_fire_triggers(struct sim_engine *e, struct sim_instrument *i);
void sim_end(struct sim_engine *e, struct sim_order *o, enum sim_state state, enum sim_reason why);
/* `qty` must not exceed what remains; false: reduce-only and nothing left to reduce (order ended).
 */
bool sim_execute(struct sim_engine *e, struct sim_order *o, struct decimal qty,
                 struct decimal price, bool taker);

/* The array with room for one more item; never fails (the simulator ends instead). */
void *sim_grow(void *array, size_t count, size_t *capacity, size_t item_size);
void sim_end_cancelled(struct sim_engine *e, struct sim_order *o, enum sim_reason why);
void sim_rest(struct sim_engine *e, struct sim_order *o);
/* Trades while there is something acceptable to trade with. */
void sim_trade(struct sim_engine *e, struct sim_order *o);
bool sim_would_trade(const struct sim_order *o);
enum sim_stp sim_stp_of(const struct sim_order *o);
/* Whether it would meet an order of its own account at a price it accepts. */
bool sim_meets_itself(const struct sim_order *o);

struct sim_ladder *sim_ladder_of(struct sim_instrument *i, enum sim_side side);
bool sim_ladder_add(struct sim_ladder *l, enum sim_side side, struct sim_order *o);
void sim_ladder_remove(struct sim_ladder *l, enum sim_side side, struct sim_order *o);
struct sim_order *sim_ladder_best(const struct sim_ladder *l);
void sim_ladder_clear(struct sim_ladder *l);

/* ---- exact arithmetic; a result that does not fit is a bug of the test's numbers and aborts ----
 */

struct decimal sim_add(struct decimal a, struct decimal b);
struct decimal sim_sub(struct decimal a, struct decimal b);
struct decimal sim_min(struct decimal a, struct decimal b);
struct decimal sim_abs(struct decimal a);
struct decimal sim_neg(struct decimal a);
/* Rounded to `scale` digits, half away from zero; for fees, average prices and percentages. */
struct decimal sim_mul_round(struct decimal a, struct decimal b, int scale);
struct decimal sim_div_round(struct decimal a, struct decimal b, int scale);
struct decimal sim_round_to(struct decimal value, struct decimal step);

#endif
