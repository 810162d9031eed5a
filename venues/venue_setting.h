/*
 * Settings of an account at its venue: which there are, by which ordinary calls they are asked for
 * and changed, and what the answer says, in words all venues share. A driver gives a table of them
 * (venue_driver.setting).
 */
#ifndef VENUES_VENUE_SETTING_H
#define VENUES_VENUE_SETTING_H

#include "venue.h"

enum venue_setting {
    VENUE_SETTING_LEVERAGE,      /* a number; "none": not fixed (cross, portfolio margin) */
    VENUE_SETTING_MARGIN_MODE,   /* "isolated", "cross" */
    VENUE_SETTING_POSITION_MODE, /* "one-way", "hedge" */
    VENUE_SETTING_SELF_TRADE,    /* the venue's own word */
    VENUE_SETTING_PRICE_LIMIT,   /* of a price beyond the venue's band: "refuse", "adjust" */
    VENUE_SETTING_COUNT
};

const char *venue_setting_text(enum venue_setting s); /* "leverage", "margin_mode", ... */

struct venue_setting_way {
    enum venue_op ask;           /* 0: the venue has no such setting, or does not tell it */
    enum venue_op set;           /* 0: it cannot be changed by a call */
    struct venue_arg ask_arg;    /* name empty: none */
    const char *set_arg;         /* name of the argument that has the value */
    bool ask_symbol, set_symbol; /* the call names a symbol */
    bool by_symbol;              /* each symbol has its own value */
    const char *member;          /* the answer's `setting` is words "name=value": this name;
                                  * "": the symbol's; NULL: it is the value */
    const char *absent;          /* value when no such word is there; NULL: no answer */
    struct {
        const char *value, *told, *set; /* ours; the venue's in answers; and in the call */
    } word[4];                          /* ended by value NULL; others are as they are */
    /* Where the answer has `if_name`=`if_value`, or if_name is NULL, `member` counts; else
     * `else_member`, with which `else_also` must agree. */
    const char *if_name, *if_value, *else_member, *else_also;
    const char *standard; /* what it must be when the configuration says nothing; NULL: anything */
    bool follows_hedge;   /* position mode: it must be what the account's options say */
    bool strict;          /* a mismatch blocks orders whatever the configuration says */
};

/* NULL: this venue has none. */
const struct venue_setting_way *venue_setting_find(const struct venue_driver *d,
                                                   enum venue_setting s);
/* What an answer's `setting` says. Points into `text`, or to static text. False: nothing of it. */
MUST_CHECK bool venue_setting_read(const struct venue_setting_way *w, struct bytes symbol,
                                   struct bytes text, struct bytes *value);
/* Our word as the call that sets it has it. */
struct bytes venue_setting_word(const struct venue_setting_way *w, struct bytes value);

#endif
