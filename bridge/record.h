/*
 * Journal records of the order core: what was decided, in the order it was decided. Encoding is
 * little endian, a kind byte first; texts have a 16-bit length. Names of sessions and accounts are
 * written once a start (RECORD_NAME); other records use those numbers, so that a changed
 * configuration does not change what old records mean.
 *
 * Terms of an order (put_terms) end with an optional part: a bit in their flags says that it is
 * there, a mask in it which fields it has. So journals of versions that did not know these fields
 * are read, and an older version refuses what it would misread.
 */
#ifndef BRIDGE_RECORD_H
#define BRIDGE_RECORD_H

#include "base.h"
#include "buf.h"
#include "fills.h"
#include "order.h"
#include "venue.h"

enum record_kind {
    RECORD_START = 1, /* the daemon started: boot number, installation mark */
    RECORD_NAME,      /* number -> name of a session or account, from here on */
    RECORD_ORDER,     /* an order was taken */
    RECORD_EVENT,     /* it moved */
    RECORD_FILL,
    RECORD_REQUEST, /* a cancel or replace was taken */
    RECORD_REQUEST_STATE,
    RECORD_REQUEST_END,
    RECORD_MASS, /* a mass cancel was taken */
    RECORD_MASS_END,
    RECORD_SESSION,      /* what a session chose at its Logon, or its disconnect was dealt with */
    RECORD_SETTING = 20, /* a setting of an account was changed at the venue, or is about to be */
    RECORD_LIST = 24,    /* a list of orders was taken; its orders' own records come before it */
    RECORD_LIST_END,     /* its last order is done, and the client was told */
    RECORD_CORRECT = 30, /* a fill was taken back or changed */
    RECORD_DEADMAN,      /* the dead man's switch of an account may be armed from here on */
    RECORD_FOREIGN,      /* an order of another hand was told to drop copies */
    RECORD_FORGET = 36,  /* ended orders left the book, retention being over */
    /* Only in snapshots (engine_snapshot.c): */
    RECORD_COUNTERS = 40,
    RECORD_KEPT_ORDER, /* an order as it stood */
    RECORD_KEPT_NAME,  /* one more ClOrdID or venue id that leads to it */
    RECORD_KEPT_FILL,  /* a fill as it stands; wall_us is when it was told; members are `fill`'s */
    RECORD_KEPT_MASS,  /* how far a mass cancel has come; follows its RECORD_MASS */
    RECORD_DECISION = 50, /* what a person said of an order; its events follow */
};

enum record_foreign_kind {
    RECORD_FOREIGN_SINCE = 1, /* from here on orders of another hand are told to drop copies */
    RECORD_FOREIGN_NEW,
    RECORD_FOREIGN_TRADE,
    RECORD_FOREIGN_END,
    RECORD_FOREIGN_KEPT, /* in snapshots: as it stands; last_qty is what was filled, at `avg` */
    RECORD_FOREIGN_SEEN, /* in snapshots: an execution that was told */
};

#define RECORD_VERDICT_MAX 2

enum record_name_kind { RECORD_NAME_SESSION = 1, RECORD_NAME_ACCOUNT };

/* Everything of an order that records have made of it; its requests, names and fills follow. */
struct record_kept {
    uint64_t id;
    uint32_t session, account;
    enum order_state state;
    enum venue_side side;
    struct bytes cl_ord_id, venue_id, symbol, venue_symbol, sender_sub_id, echo, route;
    struct order_terms terms;
    bool inverse, acked, triggered;
    struct decimal cum_qty, taken_back;
    struct avg_px avg;
    int64_t taken_us, valid_until_us, changed_us, sent_us, ready_us, venue_ack_us;
    uint32_t leg, fired_leg;
    bool fired;
    struct decimal leg_qty, leg_cum;
    struct avg_px leg_avg;
    int64_t queued_us;
};

/* One record; texts are borrowed. Which members count is told by the kind. */
struct record {
    enum record_kind kind;
    int64_t wall_us; /* all */
    union {
        struct {
            uint64_t boot, mark;
        } start;
        struct {
            enum record_name_kind what;
            uint32_t number;
            struct bytes name;
        } name;
        struct {
            uint64_t id;
            uint32_t session, account;
            enum venue_side side;
            struct bytes cl_ord_id, symbol, venue_symbol, echo;
            struct bytes sender_sub_id; /* and, behind a SOH, what fix_body_route gave */
            struct order_terms terms;
            bool inverse;
            int64_t valid_until_us;
        } order;
        struct {
            uint64_t id; /* of the order; as below */
            enum order_event event;
            struct bytes venue_id; /* may be empty */
            struct decimal qty;    /* REDUCED */
            int64_t ready_us;      /* SEND: from when on "absent" would count */
        } event;
        struct {
            uint64_t id;
            struct bytes exec_id;
            struct decimal qty, px;
            enum venue_liquidity liquidity;
            bool last;
            int64_t time_us;
            struct exec_number told;   /* ExecID of the report that tells it */
            struct exec_number latest; /* KEPT_FILL: of its last correction, or the same */
            bool has_fee;
            struct decimal fee;
            struct bytes fee_currency;
            bool late; /* of a leg that was withdrawn */
        } fill;
        struct {
            uint64_t id;
            struct bytes exec_id;    /* the venue's */
            struct decimal qty, px;  /* as they stand from now on; qty 0: busted */
            struct exec_number told; /* ExecID of the report that tells it */
            struct avg_px avg;       /* what the order's fills come to, exactly */
        } correct;
        struct {
            uint64_t id, request;
            enum request_kind what;
            uint64_t mass;
            struct bytes cl_ord_id, orig_cl_ord_id;
            struct order_terms terms; /* REPLACE, SWAP */
        } request;
        struct {
            uint64_t id, request;
            enum request_state state;
            int64_t ready_us;
        } request_state;
        struct {
            uint64_t id, request;
            bool done; /* false: answered by a reject */
        } request_end;
        struct {
            uint64_t mass;
            uint32_t session;
            struct bytes cl_ord_id, symbol;
            char type;
            enum venue_side side;
            uint32_t count;
            struct bytes sender; /* as `sender_sub_id` of an order */
        } mass;
        struct {
            uint64_t mass;
        } mass_end;
        struct {
            uint64_t id;
            unsigned verdict; /* enum engine_verdict; up to RECORD_VERDICT_MAX */
            struct bytes venue_id;
        } decision;
        struct {
            uint64_t list;
            uint32_t session;
            bool ended;                   /* nothing of it was taken, or all is done */
            struct bytes list_id, sender; /* the second as `sender_sub_id` of an order */
            struct bytes items;           /* by record_list_item_put */
        } list;
        struct {
            uint64_t list;
        } list_end;
        struct {
            uint32_t account;
            enum record_foreign_kind what;
            enum venue_side side;
            struct bytes venue_id, symbol, exec_id;
            struct decimal qty, price, last_qty, last_px;
            struct avg_px avg; /* KEPT */
        } foreign;
        struct {
            uint32_t account;
            int64_t fires_us; /* wall: unless pushed back; 0: disarmed */
        } deadman;
        struct {
            uint32_t session;
            unsigned cancel; /* enum engine_cancel */
            uint32_t grace_ms;
            bool copy;
            bool armed; /* a disconnect from here on is to be acted on */
        } session;
        struct {
            uint32_t account;
            bool done; /* false: the call leaves */
            struct bytes name, value;
        } setting;
        struct {
            struct bytes ids; /* of 8 bytes each, little endian */
        } forget;
        struct {
            uint64_t last_order, next_request, next_mass, next_list;
        } counters;
        struct record_kept kept;
        struct {
            uint64_t id;
            bool venue_id; /* false: a ClOrdID */
            struct bytes text;
        } kept_name;
        struct {
            uint64_t mass;
            uint32_t pending, proven;
        } kept_mass;
    };
};

/* The n-th id of a FORGET; false: no more. */
bool record_forgotten(const struct record *r, size_t n, uint64_t *id);

/* What a FILL does to its order. Borrows nothing. */
struct order_change record_fill_change(const struct record *r);

/* Appends to `out`; out->failed tells. */
void record_encode(const struct record *r, struct buf *out);
/* Texts of `r` point into `from`. False: not a record of ours. */
MUST_CHECK bool record_decode(struct bytes from, struct record *r);

/* What a record is going to name, seen without reading the rest of it. */
struct record_peek {
    enum record_kind kind;     /* ORDER, EVENT, FILL, KEPT_ORDER or KEPT_FILL */
    uint64_t id;               /* of the order */
    uint32_t session, account; /* ORDER, KEPT_ORDER */
    struct bytes text;         /* ClOrdID; of EVENT the venue's id, of fills the execution's */
    struct bytes venue_id;     /* KEPT_ORDER */
};
/* False: of another kind, or cut off. What is true need not be a record all the same. */
MUST_CHECK bool record_look(struct bytes from, struct record_peek *p);

/* One order of a list, in its `items`. */
struct record_list_item {
    uint64_t id; /* of the order; 0: none was kept, it was refused */
    int reason;  /* 103 of a refusal; -1: none */
    struct bytes cl_ord_id;
};
void record_list_item_put(struct buf *out, const struct record_list_item *i);
/* Takes the first item off `left`. False: there is none, or (left->size > 0) it is not one. */
MUST_CHECK bool record_list_item_take(struct bytes *left, struct record_list_item *i);

#endif
