/*
 * One setting of a venue account: what it must be, what the venue says it is, and the machine
 * between the two. Pure: the engine (engine_setting.c) makes the calls.
 *
 *     UNKNOWN --same--> GOOD            asked at start, after a lost connection, and now and then
 *        |  `--other-> WRONG            told; blocks new orders, or only warns
 *        `----change-> CHANGING --send--> SENT --settled--> UNKNOWN
 *                          ^----held-------'      whatever the call's outcome: it is asked again
 */
#ifndef BRIDGE_SETTING_H
#define BRIDGE_SETTING_H

#include "bounds.h"
#include "venue_setting.h"

enum setting_phase {
    SETTING_ILLEGAL,
    SETTING_UNKNOWN,
    SETTING_GOOD,
    SETTING_WRONG,
    SETTING_CHANGING, /* a call that sets it is due */
    SETTING_SENT,     /* and under way */
    SETTING_PHASE_COUNT
};

enum setting_event {
    SETTING_SAME,   /* the venue says what it must be */
    SETTING_OTHER,  /* something else, which we may not change, or could not */
    SETTING_CHANGE, /* something else, to be changed */
    SETTING_SEND,
    SETTING_HELD,    /* the call certainly did not act */
    SETTING_SETTLED, /* it did, was refused, or nobody knows */
    SETTING_STALE,   /* the connection was lost: it may have been changed */
    SETTING_EVENT_COUNT
};

#define SETTING_VALUE_MAX 64
#define SETTING_TRIES_MAX 3 /* calls that set it, before a person has to look */

struct setting {
    enum venue_setting what;
    char symbol[SYMBOL_MAX + 1];      /* the venue's; empty: of the whole account */
    char want[SETTING_VALUE_MAX + 1]; /* empty: only known, for orders that name it */
    char have[SETTING_VALUE_MAX + 1]; /* empty: never told */
    bool apply;                       /* may be changed by us */
    bool warn;                        /* a mismatch does not block orders */
    bool by_orders;                   /* `want` is what an order said, not the configuration */
    enum setting_phase phase;
    bool asking;
    unsigned tries;
    int64_t known_us;     /* mono: when the question was asked that `have` answers */
    int64_t next_us;      /* mono: no call before */
    struct venue_arg arg; /* of the call under way */
};

const char *setting_phase_text(enum setting_phase p);
/* The phase that follows; SETTING_ILLEGAL: it cannot happen there. */
enum setting_phase setting_next_phase(enum setting_phase p, enum setting_event e);
/* Numbers are compared as numbers, words as they are. */
bool setting_equal(enum venue_setting what, struct bytes a, struct bytes b);
/* The venue's answer: keeps it and says which event it is. */
enum setting_event setting_answer(struct setting *s, struct bytes have);

#endif
