/*
 * RequestForPositions (AN) -> what is asked for; a venue's positions -> PositionReport (AP). Rules
 * of engagement 3.7.
 */
#ifndef BRIDGE_TRANSLATE_POSITIONS_H
#define BRIDGE_TRANSLATE_POSITIONS_H

#include "base.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "venue.h"

/* PosReqResult (728), as FIX 4.4 has it. */
enum position_result {
    POSITION_VALID = 0,
    POSITION_INVALID = 1,        /* or an unsupported kind of request */
    POSITION_NONE = 2,           /* no position matches */
    POSITION_NOT_AUTHORIZED = 3, /* not an account of this session */
    POSITION_UNSUPPORTED = 4,    /* the venue has no list of positions */
    POSITION_OTHER = 99,         /* the venue did not answer, or refused */
};

/* Borrowed from the message. */
struct position_query {
    struct bytes req_id;   /* 710 */
    struct bytes account;  /* 1 */
    struct bytes symbol;   /* 55; empty: all */
    struct bytes exchange; /* 207; empty: not said */
    struct bytes date;     /* 715, echoed */
    int64_t account_type;  /* 581, echoed */
};

/* POSITION_VALID, or why it cannot be answered, with a text; `out` is filled in as far as it can be
 * read in any case. */
enum position_result translate_position_query(const struct fix_msg *m, struct position_query *out,
                                              const char **text);

struct position_report {
    struct bytes report_id; /* 721 */
    enum position_result result;
    uint32_t total;        /* 727 */
    struct bytes symbol;   /* 55; empty: none */
    struct bytes exchange; /* 207; empty: none */
    struct bytes parties;  /* the request's 453 group, encoded; may be empty */
    struct bytes text;     /* 58 */
    /* NULL: none. 730 is the venue's average entry price. */
    const struct venue_position *position;
};

/* As the functions of translate_out.h. */
void translate_position_report(struct fix_body *b, struct buf *out, const struct position_query *q,
                               const struct position_report *r);

#endif
