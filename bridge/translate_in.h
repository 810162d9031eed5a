/*
 * FIX application message -> command. Looks only at the message and the session's rules: what needs
 * the book (duplicate ClOrdID, unknown order) or an account's instruments is the engine's to check.
 * Rules of engagement part 3.3 to 3.7, tag by tag.
 */
#ifndef BRIDGE_TRANSLATE_IN_H
#define BRIDGE_TRANSLATE_IN_H

#include "base.h"
#include "buf.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "order.h"
#include "refusal.h"

enum command_kind {
    COMMAND_NEW,
    COMMAND_CANCEL,
    COMMAND_REPLACE,
    COMMAND_MASS_CANCEL,
    COMMAND_STATUS,
    COMMAND_MASS_STATUS
};

/* Borrowed from the message, but `echo`. */
struct command {
    enum command_kind kind;
    struct bytes cl_ord_id;      /* 11 */
    struct bytes orig_cl_ord_id; /* 41 */
    struct bytes order_id;       /* 37 */
    struct bytes symbol;         /* 55, or 48 with 22=8 */
    struct bytes exchange;       /* 207, or 100 */
    struct bytes account;        /* 1 */
    enum venue_side side;        /* 0: absent (q, H) */
    struct order_terms terms;    /* NEW, REPLACE */
    int64_t valid_until_us;      /* 62; 0: none */
    struct bytes sender_sub_id;  /* 50 */
    struct bytes status_req_id;  /* 790 */
    char mass_type;              /* 530 and 585: '1' '6' '7' */
    struct bytes mass_status_id; /* 584 */
    bool poss_resend;            /* 97=Y; set by the engine's caller */
    bool cancel_and_new;         /* 22109=Y */
    struct buf echo;             /* NEW: encoded fields to repeat in reports; the caller's
                                  * buffer, cleared first */
};

/* What a session allows. Plain data from the configuration. */
struct translate_rules {
    uint32_t cl_ord_id_max; /* 36; up to CL_ORD_ID_MAX */
    bool day_as_gtc;        /* 59=0 taken as GTC; else refused 103=11 */
    bool strict;            /* known tags we do not act on are refused, not ignored */
};

/* Fills `out` (whose echo must be initialised) or `no`. */
MUST_CHECK bool translate_in(const struct fix_msg *m, const struct translate_rules *rules,
                             struct command *out, struct refusal *no);

/* Repeats the parties of a message: 453 with 448, 447, 452; nothing when it has none. */
void translate_in_parties(const struct fix_msg *m, struct fix_body *echo);

/* Whether this MsgType is taken at all. */
bool translate_in_takes(struct bytes msg_type);

#endif
