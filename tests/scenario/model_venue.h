/*
 * A venue in memory for tests of the pure core: it answers venue_calls with venue_replies, keeps
 * orders, fills and their history, and can be told to misbehave. No HTTP, no clock of its own. It
 * is the judge as well: what it holds is the truth that clients' reports must agree with.
 */
#ifndef TESTS_MODEL_VENUE_H
#define TESTS_MODEL_VENUE_H

#include "base.h"
#include "arena.h"
#include "decimal.h"
#include "venue.h"

#define MODEL_ORDERS_MAX 256
#define MODEL_FILLS_MAX 1024

struct model_order {
    char client_id[VENUE_CLIENT_ID_MAX + 1], venue_id[24], symbol[SYMBOL_MAX + 1];
    enum venue_side side;
    enum venue_order_type type;
    enum venue_tif tif;
    struct decimal qty, price, stop_price, filled;
    struct decimal cash;        /* to be spent; qty is known when it is */
    struct venue_order special; /* as it came; its texts are not to be read */
    enum venue_order_status status;
    enum venue_cause cause;
    bool triggered;   /* a stop that fired: it rests, or trades */
    char stop_id[24]; /* successors: the stop's own id; venue_id is of what it became */
    unsigned placed;  /* how often it was placed: must stay 1 */
    int64_t placed_us, ended_us;
    int64_t cancel_us; /* asynchronous: when the cancel that was taken is done; 0: none */
};

struct model_fill {
    size_t order;
    char exec_id[24];
    struct decimal qty, price;
    int64_t time_us;
    bool hidden; /* from every list for now */
};

/* What happens to the next call of an operation. */
enum model_fault {
    FAULT_NONE,
    FAULT_ACTED, /* acts, and the answer is lost: UNKNOWN */
    FAULT_LOST,  /* does not act, and nobody learns it: UNKNOWN */
    FAULT_LATE,  /* UNKNOWN now, acts (or refuses as stale) after late_us */
    FAULT_HELD,  /* never sent */
    FAULT_THROTTLED,
    FAULT_REFUSED,     /* with `reason` */
    FAULT_WRONG_ORDER, /* acts, and answers for another order */
};

struct model_rule {
    enum venue_op op;
    enum model_fault fault;
    enum venue_reason reason;
    int64_t late_us;
    unsigned count;
};

struct model_venue {
    struct model_order order[MODEL_ORDERS_MAX];
    size_t order_count;
    struct model_fill fill[MODEL_FILLS_MAX];
    size_t fill_count;
    struct model_rule rule[16];
    size_t rule_count;
    struct {
        struct venue_call call;
        char client_id[VENUE_CLIENT_ID_MAX + 1], symbol[SYMBOL_MAX + 1], venue_id[VENUE_ID_MAX + 1];
        int64_t at_us;
    } late[256];
    size_t late_count;
    struct decimal take_qty, take_px;  /* what the next immediate order finds to trade against */
    bool anonymous;                    /* knows no client ids */
    bool unsure;                       /* takes them, does not look by them, shows them in lists */
    bool by_symbol;                    /* lists want a symbol */
    bool asynchronous;                 /* a cancel is taken, and done a moment later */
    bool rested_twice;                 /* an order was placed beside one of the same root */
    bool successors;                   /* a stop that fires goes on under an id of its own */
    bool fills_only;                   /* STATUS tells an order's fills and nothing else */
    bool status_forgets;               /* STATUS knows open orders only */
    bool hides_fills;                  /* new ones; lists show them later */
    int64_t skew_us;                   /* its clock minus the world's */
    unsigned hand_count;               /* orders of another hand */
    int64_t deadman_us;                /* wall: cancels all then; 0: disarmed */
    bool silent;                       /* tells no cause of what it cancels */
    char leverage[32], self_trade[32]; /* of PF_XBTUSD, empty: cross; of the account */
    bool settings_fixed;               /* they cannot be changed now */
    unsigned calls[VENUE_OP_COUNT];
};

void model_init(struct model_venue *m);
/* Carries out the call and answers it. Memory of the reply is the arena's. */
enum venue_outcome model_call(struct model_venue *m, const struct venue_call *c, int64_t wall_us,
                              struct arena *arena, struct venue_reply *reply, const char **why);
/* Late requests whose time has come are processed. */
void model_tick(struct model_venue *m, int64_t wall_us);
struct model_order *model_find(struct model_venue *m, struct bytes client_id);
void model_fill(struct model_venue *m, struct model_order *o, struct decimal qty, struct decimal px,
                int64_t wall_us);
/* A stop fires: what it becomes rests until model_fill. */
void model_trigger(struct model_venue *m, struct model_order *o);
/* Another hand places an order on the account; its venue id is "h<n>". */
struct model_order *model_other_hand(struct model_venue *m, struct decimal qty, struct decimal px,
                                     int64_t wall_us);
void model_end(struct model_order *o, enum venue_order_status status, enum venue_cause cause,
               int64_t wall_us);

#endif
