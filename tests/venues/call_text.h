/*
 * A venue_call from "name=value" words, for tests: pair files and table rows say what is asked in
 * text.
 *
 *   op=place symbol=PI_XBTUSD client=FIX-0001 side=buy type=limit tif=gtc qty=10 price=9400.5
 *
 * Words are separated by blanks or line ends; values hold neither. Names:
 *   op                                  venue_op_text
 *   symbol client venue                 of the order and of the call; `client` and `venue` may be
 * given several times: ids of a status call side=buy|sell
 * type=market|limit|stop-market|stop-limit|take-market|take-limit|trailing tif=gtc|ioc|fok|gtd|day
 * trigger=last|mark|index   trail_unit=price|percent qty price stop trail                decimals
 *   post=1 reduce=1
 *   before_processing expire since before wall      ISO times
 *   cursor count timeout nonce
 *   do=place|replace|cancel             begins an instruction of a batch; order words after it are
 * its own arg.NAME=VALUE                      further parameters
 */
#ifndef TESTS_VENUES_CALL_TEXT_H
#define TESTS_VENUES_CALL_TEXT_H

#include "venue.h"

struct call_text {
    struct venue_call call;
    struct bytes client[VENUE_IDS_MAX], venue[VENUE_IDS_MAX];
    struct venue_instruction instruction[VENUE_IDS_MAX];
    struct venue_arg arg[VENUE_ARGS_MAX];
    bool has_nonce;
};

/* `text` is borrowed by the call. False: `*bad` is the word that was not understood. */
bool call_text_parse(struct bytes text, struct call_text *out, struct bytes *bad);

#endif
