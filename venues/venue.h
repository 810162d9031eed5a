/*
 * The venue interface: a venue is a table of pure functions. A driver builds requests and parses
 * responses; it knows no FIX, no order book, no socket, no clock, and never composes calls.
 */
#ifndef VENUES_VENUE_H
#define VENUES_VENUE_H

#include "arena.h"
#include "base.h"
#include "decimal.h"
#include "http_msg.h"
#include "bounds.h"

/* ---- what can be asked of a venue ---------------------------------------------------------- */

enum venue_op {
    VENUE_PLACE,
    VENUE_CANCEL,
    VENUE_REPLACE,
    VENUE_CANCEL_ALL,
    VENUE_BATCH,  /* several place, replace, cancel instructions in one call */
    VENUE_STATUS, /* one or more orders by client id or venue id */
    VENUE_OPEN_ORDERS,
    VENUE_ORDER_HISTORY,
    VENUE_TRIGGER_HISTORY,
    VENUE_FILLS,      /* newest fills */
    VENUE_EXECUTIONS, /* fills since a time, forward, with continuation */
    VENUE_DEADMAN,    /* arm, push back, disarm (timeout 0) a dead man's switch */
    VENUE_POSITIONS,
    VENUE_CLOSE_POSITION,
    VENUE_POSITION_TRIGGERS,
    VENUE_GET_LEVERAGE,
    VENUE_SET_LEVERAGE,
    VENUE_GET_STP,
    VENUE_SET_STP,
    VENUE_INSTRUMENTS,
    VENUE_CHECK_ORDER,
    VENUE_ACCOUNT_LOG,
    VENUE_FEES,
    VENUE_TIME,
    VENUE_AUTH,
    VENUE_OP_COUNT
};

const char *venue_op_text(enum venue_op op); /* "place", "cancel-all", ... */
bool venue_op_parse(struct bytes text, enum venue_op *out);
/* Whether the venue's books can change by it: such a call is never repeated blindly. */
bool venue_op_acts(enum venue_op op);

/* What became of a call. The bridge needs these four and no others. */
enum venue_outcome {
    VENUE_DONE,    /* the venue acted (or answered the question); the reply says how */
    VENUE_REFUSED, /* the venue answered and did not act; the reply says why */
    VENUE_HELD,    /* certainly not acted: throttled, or never left this host; may be tried again */
    VENUE_UNKNOWN, /* it may have acted: timeout, reset, 5xx, unreadable body; ask, never repeat */
};

const char *venue_outcome_text(enum venue_outcome o);

/* Why a venue refused, in words all venues share. The bridge maps them to 103 (OrdRejReason) and
 * 102 (CxlRejReason); a driver maps its venue's codes to them, in one table. */
enum venue_reason {
    VENUE_REASON_NONE,
    VENUE_REASON_OTHER,         /* 103=0 with the venue's text */
    VENUE_REASON_SYMBOL,        /* unknown symbol: 103=1 */
    VENUE_REASON_CLOSED,        /* market suspended, inactive: 103=2 */
    VENUE_REASON_LIMIT,         /* funds, position, count limits: 103=3 */
    VENUE_REASON_THROTTLED,     /* rate limit */
    VENUE_REASON_TOO_LATE,      /* already filled or gone: 103=4, 102=0 */
    VENUE_REASON_UNKNOWN_ORDER, /* 103=5, 102=1 */
    VENUE_REASON_DUPLICATE, /* client order id seen: 103=6; after an unknown first try: good news */
    VENUE_REASON_STALE,     /* past process_before: 103=8 */
    VENUE_REASON_UNSUPPORTED,  /* 103=11 */
    VENUE_REASON_QUANTITY,     /* 103=13 */
    VENUE_REASON_PRICE,        /* 103=99 with text */
    VENUE_REASON_INVALID,      /* malformed argument: 103=99 */
    VENUE_REASON_AUTH,         /* key or signature: 103=0; page the operator */
    VENUE_REASON_WOULD_CROSS,  /* post-only would trade: 103=0 */
    VENUE_REASON_NO_LIQUIDITY, /* IOC/FOK found nothing: accepted, then canceled (150=4) */
    VENUE_REASON_POSITION,     /* reduce-only would not reduce, self trade, price collar: 103=0 */
    VENUE_REASON_COUNT
};

const char *venue_reason_text(enum venue_reason r);

/* ---- an order in venue-neutral words ------------------------------------------------------- */

enum NARROW venue_side { VENUE_BUY = 1, VENUE_SELL };
enum NARROW venue_order_type {
    VENUE_MARKET = 1,
    VENUE_LIMIT,
    VENUE_STOP_MARKET,
    VENUE_STOP_LIMIT,
    VENUE_TAKE_MARKET,
    VENUE_TAKE_LIMIT,
    VENUE_TRAILING
};
enum NARROW venue_tif { VENUE_GTC = 1, VENUE_IOC, VENUE_FOK, VENUE_GTD, VENUE_DAY };
enum NARROW venue_trigger {
    VENUE_TRIGGER_DEFAULT,
    VENUE_TRIGGER_LAST,
    VENUE_TRIGGER_MARK,
    VENUE_TRIGGER_INDEX
};
enum NARROW venue_offset { VENUE_OFFSET_NONE, VENUE_OFFSET_PRICE, VENUE_OFFSET_PERCENT };

/* Everything borrowed for the time of the call. PLACE: the whole order. REPLACE: the new terms,
 * with qty the new *total* quantity (filled part included). */
struct venue_order {
    struct bytes symbol;    /* the venue's */
    struct bytes client_id; /* ours, derived from the journal; charset [A-Za-z0-9_-] */
    struct bytes venue_id;  /* REPLACE, CANCEL: when known */
    enum venue_side side;
    enum venue_order_type type;
    enum venue_tif tif;
    struct decimal qty;
    struct decimal price;      /* LIMIT, STOP_LIMIT, TAKE_LIMIT */
    struct decimal stop_price; /* STOP_*, TAKE_* */
    enum venue_trigger trigger;
    bool post_only, reduce_only;
    enum venue_offset trail_unit; /* TRAILING */
    struct decimal trail;
    int64_t process_before_us; /* wall; 0: none. The venue must refuse after it */
    int64_t expire_us;         /* wall; GTD */
    char position;             /* 77: 'O' opens, 'C' closes; 0: one-way */
    char stp;                  /* 7928: D decrease, O cancel old, N cancel new, B both; 0 */
    bool qty_is_quote;         /* qty is in quote units (152) */
    bool has_take_profit, has_stop_loss, has_take_profit_limit, has_stop_loss_limit;
    struct decimal take_profit, stop_loss, take_profit_limit, stop_loss_limit; /* 22101-22104 */
};

struct venue_arg {
    struct bytes name, value;
};

#define VENUE_IDS_MAX 50 /* ids of one STATUS call, instructions of one BATCH */
#define VENUE_ARGS_MAX 24

enum venue_instruction_kind { VENUE_DO_PLACE, VENUE_DO_REPLACE, VENUE_DO_CANCEL };

struct venue_instruction {
    enum venue_instruction_kind kind;
    struct venue_order order;
};

/* One call. Fields that an operation does not name are empty. */
struct venue_call {
    enum venue_op op;
    struct venue_order order;      /* PLACE, REPLACE; CANCEL: symbol, client_id, venue_id, side,
                                    * process_before_us */
    struct bytes symbol;           /* CANCEL_ALL, SET_LEVERAGE, ...; empty: all */
    const struct bytes *client_id; /* STATUS */
    const struct bytes *venue_id;  /* STATUS */
    size_t client_id_count, venue_id_count;
    const struct venue_instruction *instruction; /* BATCH */
    size_t instruction_count;
    int64_t since_us, before_us; /* histories, EXECUTIONS, FILLS; wall; 0: none */
    struct bytes cursor;         /* continuation of an earlier reply */
    uint32_t count;              /* page size; 0: the driver's choice */
    uint32_t timeout_s;          /* DEADMAN */
    const struct venue_arg *arg; /* operator calls: further parameters by the venue's own name */
    size_t arg_count;
    uint64_t nonce;  /* given, never drawn: calls are repeatable */
    int64_t wall_us; /* venue's clock as estimated by the shell */
};

/* ---- what a venue says --------------------------------------------------------------------- */

enum venue_order_status {
    VENUE_ORDER_PENDING, /* accepted for processing, no result yet */
    VENUE_ORDER_OPEN,    /* rests, armed trigger included */
    VENUE_ORDER_FILLED,
    VENUE_ORDER_CANCELED,
    VENUE_ORDER_REJECTED,
    VENUE_ORDER_EXPIRED,
    VENUE_ORDER_REPLACED, /* an EDIT event: rests with new terms */
    VENUE_ORDER_ABSENT,   /* the venue says it knows no such order (now) */
};

/* Why an order ended or changed without our asking; for 378 and Text. */
enum NARROW venue_cause {
    VENUE_CAUSE_NONE,
    VENUE_CAUSE_USER,    /* canceled by its owner: us, or another hand on the account */
    VENUE_CAUSE_MARKET,  /* market halted, contract expired, dislocation */
    VENUE_CAUSE_VENUE,   /* admin */
    VENUE_CAUSE_DEADMAN, /* the dead man's switch */
    VENUE_CAUSE_MARGIN,  /* liquidation, not enough margin */
    VENUE_CAUSE_SELF_TRADE,
    VENUE_CAUSE_NO_LIQUIDITY, /* IOC/FOK remainder */
    VENUE_CAUSE_EXPIRED,
    VENUE_CAUSE_REDUCED, /* a reduce-only order was cut to fit the position; `qty` is the new total
                          */
};

const char *venue_order_status_text(enum venue_order_status s);
const char *venue_cause_text(enum venue_cause c);

struct venue_order_state {
    struct bytes client_id, venue_id, symbol; /* empty: not said */
    enum venue_order_status status;
    enum venue_side side; /* 0: not said */
    bool has_qty, has_filled, has_price, has_stop;
    struct decimal qty; /* total, filled part included; only when the venue is clear */
    struct decimal filled;
    struct decimal price;
    struct decimal stop_price; /* of a trigger; with price: how a replace in doubt is decided */
    enum venue_reason reason;  /* REJECTED, and when a request about it was refused */
    enum venue_cause cause;
    struct bytes code;          /* the venue's own word, first in Text */
    enum venue_outcome outcome; /* BATCH: what became of this instruction; elsewhere DONE */
    bool is_trigger;     /* rests as an untriggered stop. A stop that a list or STATUS shows OPEN
                          * without     it has fired, and clients are told so */
    bool may_still_fill; /* canceled, but the venue may fill it yet (maker protection) */
    int64_t updated_us;  /* venue wall time; 0: not said */
    int64_t created_us;  /* venue wall time; 0: not said */
    /* The order's shape, where the venue shows it: how an order without client id is recognised. */
    enum venue_order_type type; /* 0: not said */
    enum venue_tif tif;         /* 0: not said */
    bool post_only;
    bool reduce_only;
    /* Average price of `filled`. Where a venue lists no fills, an execution is the difference of
     * two such states: (avg2 x filled2 - avg1 x filled1) / (filled2 - filled1). */
    bool has_avg_price;
    struct decimal avg_price;
    /* The order at the venue that took this one's place: of a fired trigger, of a replace that
     * makes a new order. Its fills and its end are this order's. Empty: none, or not said. */
    struct bytes successor_id, successor_client_id;
};

enum venue_liquidity { VENUE_LIQUIDITY_UNKNOWN, VENUE_MAKER, VENUE_TAKER };

struct venue_fill {
    struct bytes exec_id; /* the venue's; unique per account for ever */
    struct bytes client_id, venue_id, symbol;
    enum venue_side side;
    struct decimal qty, price;
    bool has_fee;
    struct decimal fee;
    struct bytes fee_currency;
    enum venue_liquidity liquidity;
    bool by_venue;   /* liquidation, assignment, unwind: no order of ours */
    int64_t time_us; /* venue wall time; 0: not said */
};

struct venue_instrument {
    struct bytes symbol;
    struct bytes base, quote, kind;
    struct decimal tick;             /* 0: unknown */
    struct decimal lot;              /* size step */
    struct decimal qty_min, qty_max; /* 0: none said */
    bool inverse;                    /* average price is harmonic: sum(qty) / sum(qty/px) */
    bool tradeable;
    bool post_only;     /* the market takes only post-only orders now */
    int64_t hold_us;    /* maker protection: an order may be held this long */
    int64_t expires_us; /* wall; 0: perpetual */
};

struct venue_position {
    struct bytes symbol;
    enum venue_side side; /* BUY: long */
    struct decimal qty, price;
    bool isolated;
};

#define VENUE_WINDOWS_MAX 6

/* All arrays and texts live in the arena given to parse, or in the response. */
struct venue_reply {
    enum venue_reason reason; /* REFUSED, HELD */
    struct bytes code;        /* the venue's own error word or number */
    struct bytes text;        /* more of it, for people */
    int http_status;
    int64_t server_us;               /* venue's wall clock in the answer; 0: none */
    int64_t retry_after_us;          /* HELD by throttle: how long; 0: not said */
    struct venue_order_state *order; /* PLACE/CANCEL/REPLACE: [0] is the order asked about */
    size_t order_count;
    struct venue_fill *fill; /* in the order they happened, oldest first */
    size_t fill_count;
    bool complete; /* OPEN_ORDERS, FILLS...: the list is the whole truth asked for;
                    * false: more pages (`cursor`), or older ones cut off */
    struct bytes cursor;
    struct venue_instrument *instrument;
    size_t instrument_count;
    struct venue_position *position;
    size_t position_count;
    struct bytes setting; /* GET_STP etc.: the value */
    int64_t trigger_us;   /* DEADMAN: when it fires; 0: disarmed */
    /* What the venue says it used of each window (driver's used, call_used); filled in by the
     * shell. */
    bool has_used[VENUE_WINDOWS_MAX];
    uint32_t used[VENUE_WINDOWS_MAX];
};

/* ---- a driver ------------------------------------------------------------------------------ */

/* One set of credentials at one venue. Made by the shell from the configuration; the driver may
 * keep prepared keys in `state` (made by account_open, wiped and freed by account_close). */
struct venue_driver;
struct venue_account {
    const struct venue_driver *driver;
    struct bytes name;     /* ours, for logs */
    struct bytes base_url; /* "https://host[:port]", no trailing '/' */
    struct bytes key, secret, passphrase;
    /* What else the venue wants to know of an account, by the venue's own names, from the
     * configuration
     * ("option.NAME = value"): position mode, margin coin, account id, dialect, ... The driver's
     * account_open checks names and values. */
    const struct venue_arg *option;
    size_t option_count;
    bool send_nonce;
    void *state;
};

enum venue_error {
    VENUE_BUILD_OK,
    VENUE_BUILD_UNSUPPORTED, /* the venue cannot express this order or call: refused before it
                                leaves */
    VENUE_BUILD_TOO_LARGE,
    VENUE_BUILD_BAD_ARGUMENT,
    VENUE_BUILD_FAILED, /* out of memory or crypto failure */
};
const char *venue_error_text(enum venue_error e);

/* Writes the signed request. `call->nonce` and `call->wall_us` are set by the shell just before. */
typedef enum venue_error venue_build_fn(const struct venue_account *account,
                                        const struct venue_call *call, struct http_request *out);
/* Reads an answer (any status, any body). `out` was zeroed. */
typedef enum venue_outcome venue_parse_fn(const struct venue_call *call,
                                          const struct http_response *rsp, struct arena *arena,
                                          struct venue_reply *out);
/* Weight of this call in a window, where it depends on the call. */
typedef uint32_t venue_cost_fn(const struct venue_call *call, size_t window);

struct venue_endpoint {
    venue_build_fn *build; /* NULL: this venue cannot do it */
    venue_parse_fn *parse;
    uint16_t cost[VENUE_WINDOWS_MAX]; /* weight of one call in each window */
    venue_cost_fn *cost_fn;           /* overrides cost when not NULL */
};

struct venue_window {
    const char *name;
    uint32_t capacity;
    uint32_t period_ms;
};

enum venue_feature {
    VENUE_HAS_IOC = 1u << 0,
    VENUE_HAS_FOK = 1u << 1,
    VENUE_HAS_POST_ONLY = 1u << 2,
    VENUE_HAS_REDUCE_ONLY = 1u << 3,
    VENUE_HAS_STOP = 1u << 4, /* STOP_MARKET, STOP_LIMIT */
    VENUE_HAS_TAKE = 1u << 5,
    VENUE_HAS_TRAILING = 1u << 6,
    VENUE_HAS_MARKET = 1u << 7,
    VENUE_HAS_GTD = 1u << 8,
    VENUE_HAS_DAY = 1u << 9,
    VENUE_HAS_CLIENT_ID = 1u << 10, /* takes ours, enforces uniqueness, finds by it */
    VENUE_HAS_PROCESS_BEFORE = 1u << 11,
    VENUE_ACK_IS_RESULT = 1u << 12, /* the answer to place is the engine's result */
    VENUE_HAS_TRIGGER_SOURCE = 1u << 13,
    VENUE_HAS_POSITION_SIDE = 1u << 14, /* hedge mode: venue_order.position */
    VENUE_HAS_ATTACHED_TPSL = 1u << 15, /* take_profit, stop_loss on the order */
    VENUE_HAS_STP = 1u << 16,           /* self-trade prevention per order */
    VENUE_HAS_QUOTE_QTY = 1u << 17, /* quantity in quote units (152) for market orders; the state of
                                     * a filled one tells `filled` in base units */
    VENUE_CLIENT_ID_UNSURE = 1u << 18, /* takes ours, but uniqueness or look-up by it is not sure */
    VENUE_BULK_BY_SYMBOL = 1u << 19,   /* CANCEL_ALL needs a symbol */
    VENUE_LISTS_BY_SYMBOL = 1u << 20,  /* OPEN_ORDERS, histories, FILLS, EXECUTIONS need one */
    VENUE_REPLACE_IS_NEW = 1u << 21,   /* REPLACE of a plain order makes another order, with other
                                        * ids:   better canceled and placed anew */
    VENUE_HAS_DEADMAN = 1u << 30, /* DEADMAN arms a countdown that later calls push back (and not
                                   * only a setting of something else) */
    VENUE_STATUS_IS_FILLS = 1u << 23, /* STATUS lists the executions of one order and nothing else
                                       * of it; no list of all executions, and, unless OPEN_ORDERS
                                       * works, nothing that says whether an order rests */
    VENUE_OPEN_BY_TIME = 1u << 24,    /* OPEN_ORDERS costs less with since_us */
    VENUE_BULK_SPARES_TRIGGERS = 1u << 25, /* CANCEL_ALL leaves untriggered stops */
    VENUE_STOPS_UNTRACKED = 1u << 26, /* a stop that fires goes on under an id nobody tells: such an
                                       * order is refused by the order core */
    VENUE_HAS_MARGIN = 1u << 27,      /* orders are on margin: CashMargin (544) 2 and 3 */
    VENUE_HAS_STP_DECREASE = 1u << 28, /* self-trade prevention can cut the larger order (7928=D) */
};

struct venue_setting_way; /* venue_setting.h */

struct venue_driver {
    const char *name;  /* as in the configuration: "kraken-futures" */
    const char *code;  /* as in SecurityExchange (207): "KRKF" */
    uint32_t features; /* enum venue_feature */
    uint32_t client_id_max;
    uint32_t status_ids_max; /* ids of one STATUS call; 0: VENUE_IDS_MAX */
    struct venue_window window[VENUE_WINDOWS_MAX];
    struct venue_endpoint endpoint[VENUE_OP_COUNT];
    /* How the fate of an order is asked when its placement, or a request on it, is in doubt: these
     * operations, in this order, ended by VENUE_OP_COUNT. */
    enum venue_op lookup[6];
    int64_t lookup_settle_us;  /* absent everywhere counts only this long after the request
                                * can last have been processed */
    int64_t process_before_us; /* the deadline put on acting requests; 0: venue has none */
    /* Whether `next` can be in one BATCH with `first` and the others, `count` in all so far (0: it
     * would be the first, and `first` is itself). The answer has an order for each instruction, in
     * their order, with its own outcome. NULL: no batches. */
    bool (*batch_fits)(const struct venue_instruction *first, const struct venue_instruction *next,
                       size_t count);
    bool (*account_open)(struct venue_account *a, const char **error);
    void (*account_close)(struct venue_account *a);
    /* Whether the account, by its options, keeps long and short positions side by side (hedge
     * mode). NULL: it never does. */
    bool (*hedge)(const struct venue_account *a);
    /* Settings of an account, by enum venue_setting (all of them); NULL: none. */
    const struct venue_setting_way *setting;
    /* Venues with tokens (VENUE_AUTH): takes the token out of the answer into account->state, and
     * says when (wall) to renew it, well before it expires. False: no token in it. The shell makes
     * VENUE_AUTH calls by itself: before the first call, when renewal is due, and once after an
     * answer whose reason is AUTH; one at a time, other calls wait. NULL: no tokens. */
    bool (*login)(struct venue_account *a, const struct http_response *rsp, int64_t wall_us,
                  int64_t *renew_wall_us);
    /* What the venue says it used of a window; may be NULL. */
    bool (*used)(const struct http_response *rsp, size_t window, uint32_t *used);
    /* The same for venues whose answers speak of the endpoint that was called; false: nothing said
     * of this window. May be NULL. */
    bool (*call_used)(const struct venue_call *call, const struct http_response *rsp, size_t window,
                      uint32_t *used);
};

/* "kraken-futures" -> its driver; NULL: none. */
const struct venue_driver *venue_find(struct bytes name);
/* The list, NULL-terminated. */
extern const struct venue_driver *const venue_list[];

uint32_t venue_call_cost(const struct venue_driver *d, const struct venue_call *c, size_t window);

#endif
