/*
 * One order and the table that moves it. order_apply() is the only function that writes an order's
 * state and quantities. A pending cancel or replace (struct request) is a second, smaller machine
 * beside it, because it can be in doubt while the order itself is not. OrdStatus is computed, never
 * stored.
 */
#ifndef BRIDGE_ORDER_H
#define BRIDGE_ORDER_H

#include "avg_px.h"
#include "base.h"
#include "decimal.h"
#include "bounds.h"
#include "venue.h"

enum NARROW order_state {
    ORDER_ILLEGAL,
    ORDER_TAKEN, /* journaled, not yet sent */
    ORDER_SENT,  /* a place call is under way */
    ORDER_DOUBT, /* the place call's outcome is unknown; being looked up */
    ORDER_LIVE,  /* the venue has it */
    ORDER_FILLED,
    ORDER_CANCELED,
    ORDER_REJECTED,
    ORDER_EXPIRED,
    ORDER_STATE_COUNT
};

enum NARROW order_event {
    EV_SEND,      /* a place call leaves */
    EV_HELD,      /* it certainly did not act */
    EV_UNKNOWN,   /* it may have acted */
    EV_ACK,       /* the venue has the order */
    EV_REFUSE,    /* refused, by us or the venue */
    EV_ABSENT,    /* in doubt, and proved not to be there */
    EV_FILL,      /* a part was filled */
    EV_LAST_FILL, /* the rest was filled */
    EV_CANCELED,
    EV_EXPIRED,
    EV_REPLACED,  /* rests with new terms */
    EV_REDUCED,   /* the venue cut the quantity (reduce-only) */
    EV_CORRECTED, /* fills were taken back or changed */
    EV_WITHDRAWN, /* canceled at the venue, to be placed anew with other terms */
    EV_LATE_FILL, /* of what was placed before it was withdrawn */
    EV_TRIGGERED, /* its stop fired: it is in the market now */
    ORDER_EVENT_COUNT
};

const char *order_state_text(enum order_state s);
const char *order_event_text(enum order_event e);

/* The state that follows, ORDER_ILLEGAL when the event cannot happen there. */
enum order_state order_next_state(enum order_state s, enum order_event e);

/* Terms a replace can change, in FIX's and in the venue's words. Millions of orders are kept:
 * members stand by size, here and in struct order, so that no room is lost between them. */
struct order_terms {
    struct decimal qty;        /* 38: total */
    struct decimal price;      /* 44; 0 when none */
    struct decimal stop_price; /* 99 */
    struct decimal trail;      /* 211 */
    /* What only some venues know. 0, zero: not asked for. */
    struct decimal cash_qty; /* 152: quote units to spend; qty is 0 until the venue tells it */
    struct decimal leverage; /* 20005, as it must be */
    struct decimal take_profit, stop_loss, take_profit_limit, stop_loss_limit; /* 22101-22104 */
    int64_t expire_us;                                                         /* 126; 0: none */
    char exec_inst[16];                                                        /* 18 as sent */
    char ord_type;      /* 40: '1' '2' '3' '4' 'J' 'P' */
    char time_in_force; /* 59 as sent; 0: absent (GTC) */
    char position;      /* 77: 'O' 'C' */
    char cash_margin;   /* 544: '2' '3' */
    char stp;           /* 7928: 'D' 'O' 'N' 'B' */
    char margin_mode;   /* 22100: 'I' 'C', as it must be */
    enum venue_order_type type;
    enum venue_tif tif;
    enum venue_trigger trigger;   /* 22105 / 1107 */
    enum venue_offset trail_unit; /* 836 */
    bool has_price, has_stop;
    bool post_only, reduce_only;
    bool cancel_on_disconnect; /* 18=Q */
};

/* False: bought for an amount of money (152), and the venue has not told the quantity yet. */
bool order_terms_sized(const struct order_terms *t);
/* A stop, take-profit or trailing order: waits for its trigger before it is in the market. */
bool order_terms_trigger(const struct order_terms *t);

enum NARROW request_kind {
    REQUEST_CANCEL,
    REQUEST_REPLACE,
    REQUEST_SWAP, /* a replace by cancel and new order, where the venue has none */
};
enum NARROW request_state {
    REQUEST_TAKEN, /* journaled, waits for its turn */
    REQUEST_SENT,
    REQUEST_DOUBT,   /* outcome unknown; being looked up */
    REQUEST_PLACING, /* SWAP: the old order is proved gone; the new one is TAKEN, SENT or DOUBT */
};

/* request.mass_id of cancels that a ListCancelRequest asked for. */
#define REQUEST_OF_LIST UINT64_MAX
/* Of cancels that the operator asked for: no client did, and no session was lost. */
#define REQUEST_OF_OPERATOR (UINT64_MAX - 1)

/* A cancel or replace asked for and not answered yet. */
struct request {
    struct request *next; /* of the same order, oldest first */
    uint64_t id;
    struct order_terms terms; /* REPLACE, SWAP */
    uint64_t mass_id;         /* the mass cancel it belongs to, REQUEST_OF_...; 0: none */
    int64_t taken_us;         /* wall */
    int64_t ready_us;         /* wall: in doubt, from here on the venue's word is final */
    uint32_t attempts;
    enum request_kind kind;
    enum request_state state;
    bool refused; /* the venue did not find the order: whoever canceled it, it was not this */
    bool lost;    /* a cancel whose answer never came: may be sent again as soon as the order is
                   * seen to rest, the same end for the same order, with no new risk */
    char cl_ord_id[CL_ORD_ID_MAX + 1]; /* 11; empty: asked by us (mass cancel, operator) */
    char orig_cl_ord_id[CL_ORD_ID_MAX + 1];
    /* REPLACE to less that the venue refused: its answer, told unless the order turns out to be
     * filled that far. Working state. */
    char refusal_text[TEXT_MAX + 1];
    int refusal; /* 102 */
};

struct fill;
struct name;

struct order {
    uint64_t id; /* OrderID (37) is its text, see order_id_text */
    struct order_terms terms;
    /* Texts: the order's own copies, see book.h; "" when there is none. */
    const char *cl_ord_id; /* the last accepted one of the chain */
    const char *venue_id;  /* 198; empty: not known yet */
    const char *symbol;    /* 55 as the client wrote it */
    const char *venue_symbol;
    const char *sender_sub_id; /* 50 of the client: 57 in answers */
    const char *echo;          /* encoded FIX fields to repeat in every report (526, 528, 583,
                                * 453 group, 58, 544, 77, ...) */
    uint32_t echo_size;
    uint32_t route_size;       /* behind the echo: fields of the header that answers have
                                * (fix_body_route) */
    uint32_t session, account; /* indexes in the configuration's order */
    enum order_state state;
    enum venue_side side;
    bool inverse;                            /* contract's average price is harmonic */
    bool acked;                              /* New has been reported */
    bool triggered;                          /* its trigger fired, and that has been reported */
    bool fired;                              /* a trigger that fired: what rests now is plain */
    bool retired;                            /* the book's: in its list of ended orders */
    char client_id[VENUE_CLIENT_ID_MAX + 1]; /* ours at the venue */
    uint32_t fired_leg; /* in which leg: the venue named what rests in that one */
    struct decimal cum_qty;
    struct avg_px avg; /* exact sums */
    /* What corrections took off cum_qty. The venue's own figure of the order still has it. */
    struct decimal taken_back;
    /* What rests at the venue now: one order there after the other, each a leg of this one. */
    struct decimal leg_qty; /* legs after the first: what was placed */
    struct decimal leg_cum; /* filled of this leg */
    struct avg_px leg_avg;
    uint32_t leg;                  /* 0: the first */
    uint32_t texts_size;           /* the book's */
    int64_t queued_us;             /* wall: since when it waits to be sent */
    int64_t taken_us;              /* wall: received */
    int64_t valid_until_us;        /* 62; 0: none */
    int64_t changed_us;            /* wall: last change, for TransactTime of status reports */
    int64_t venue_ack_us;          /* wall: when the venue was first heard to have it; 0: not yet */
    int64_t sent_us;               /* wall: last place call */
    int64_t ready_us;              /* wall: DOUBT: from here on "absent" counts */
    struct request *request;       /* pending, oldest first */
    struct fill *fill, *fill_last; /* fills.h; oldest first */
    struct name *names;            /* the book's: ring, the last one; ->next is the first */

    /* Working state of the engine; derived, not journaled. */
    struct order *queue_next[2]; /* schedule's queues: cancels, orders */
    bool queued[2];
    bool decided;   /* a person is saying what became of it */
    bool in_call;   /* one venue call about this order is under way */
    bool alone;     /* a batch with it was refused: not in another */
    bool end_known; /* the venue said it ended; reported once its fills are in */
    bool check;     /* its fate has to be looked up (doubt, missing, IOC rest) */
    bool end_has_filled;
    bool end_proven;            /* end_known: the venue showed it ended, rather than not at all */
    enum order_event end_event; /* end_known: EV_CANCELED or EV_EXPIRED */
    enum venue_cause end_cause;
    uint32_t check_pass;                   /* lookup pass that covers it */
    struct decimal end_filled;             /* end_known: report when cum_qty has reached this */
    int64_t end_not_before_us;             /* wall */
    int64_t acked_us;                      /* mono: since when lists must contain it */
    int64_t end_seen_us;                   /* mono: when end_known was learned */
    int64_t listed_us;                     /* mono: last asked about by the polling plan */
    int64_t fills_known_us;                /* mono: where fills are told order by order */
    uint32_t asked_pass;                   /* pass that asked for it by id */
    uint32_t found_pass;                   /* pass in which the venue knew it */
    uint32_t fills_round;                  /* the round of questions for fills that covers it */
    uint32_t list_pass, list_step;         /* the question by symbol that covered it last */
    uint32_t candidate_pass, candidates;   /* orders of that pass that look like it */
    uint32_t seen_pass;                    /* open-orders answer that had it */
    char *candidate_id;                    /* the first of them; owned, malloc */
    struct order *check_prev, *check_next; /* the account's list of orders to look up */
    struct order *prev, *next; /* book's list of live or of ended orders of the account */
};

bool order_is_trigger(const struct order *o); /* rests untriggered, or will */
/* What rests was made by the venue, when a trigger fired: it has no id of ours. */
bool order_is_venue_made(const struct order *o);
/* Open requests; NULL: none. */
struct request *request_oldest(struct order *o, enum request_kind kind);
struct request *request_by_id(struct order *o, uint64_t id);
/* The replace by cancel and new order whose new order is being placed; NULL: none. */
struct request *order_placing(const struct order *o);
/* A replace to what is filled already, or to less: all it can do is to cancel the rest. */
bool replace_is_filled(const struct order *o, const struct request *r);
/* What was filled before the present leg. */
struct decimal order_leg_base(const struct order *o);
/* What was, or is to be, placed at the venue. */
const struct order_terms *order_venue_terms(const struct order *o);
struct decimal order_venue_qty(const struct order *o);

/* Quantity still open at the venue: 0 unless the order can still trade. */
struct decimal order_leaves(const struct order *o);
/* The filled quantity as the venue counts it. */
struct decimal order_venue_cum(const struct order *o);
bool order_is_live(const struct order *o); /* TAKEN, SENT, DOUBT, LIVE */

/* OrdStatus (39) by FIX's precedence: pending cancel before pending replace before the rest. */
char order_status(const struct order *o);

/* Moves the order. FILL, LAST_FILL and LATE_FILL take qty and px; REPLACED takes terms (a quantity
 * below what is filled becomes that: FIX 4.4 vol. 4, appendix D, C.3.c); REDUCED
 * takes qty (the new total). False: the table has no such move, or the numbers cannot be (a fill
 * beyond the quantity is applied all the same, since it happened: the caller is told by *overfill).
 */
struct order_change {
    enum order_event event;
    struct decimal qty, px;
    const struct order_terms *terms;
    const struct avg_px *avg; /* CORRECTED: with qty, what the fills come to now */
};
MUST_CHECK bool order_apply(struct order *o, const struct order_change *c);

/* "FB-<id in base 36>" */
#define ORDER_ID_TEXT_MAX 24
void order_id_text(uint64_t id, char out[ORDER_ID_TEXT_MAX]);
MUST_CHECK bool order_id_parse(struct bytes text, uint64_t *id);

#endif
