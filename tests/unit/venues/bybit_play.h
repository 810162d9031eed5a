/*
 * Playing the Bybit driver in tests: calls in words (call_text.h), accounts by their options
 * ("category=linear positionMode=hedge"), answers as text.
 */
#ifndef TESTS_UNIT_VENUES_BYBIT_PLAY_H
#define TESTS_UNIT_VENUES_BYBIT_PLAY_H

#include "call_text.h"
#include "venue.h"

#define BYBIT_TEST_KEY "XXXXXXXXXX"
#define BYBIT_TEST_SECRET "0123456789abcdefghijklmnopqrstuvwxyz"

/* Ends the process when the words are not understood. `text` is borrowed. */
void bybit_understand(const char *text, struct call_text *out);

/* NULL: an account with these options opens; else the driver's reason. */
const char *bybit_account_error(const char *options);

/* Builds the call; true when the request's target and body are these. */
bool bybit_builds_call(const char *options, const struct venue_call *call, const char *target,
                       const char *body);
bool bybit_builds(const char *options, const char *call, const char *target, const char *body);
enum venue_error bybit_build_call_error(const char *options, const struct venue_call *call);
enum venue_error bybit_build_error(const char *options, const char *call);
/* The value of a header of the request that the call builds; "" if absent. Valid until the next
 * call. */
const char *bybit_built_header(const char *options, const char *call, const char *name);

struct bybit_played {
    struct arena *arena;
    struct venue_reply reply;
    enum venue_outcome outcome;
};

/* Parses; `bybit_played_end` frees. */
void bybit_played_begin(struct bybit_played *p, const char *call, int status, const char *headers,
                        const char *body);
void bybit_played_end(struct bybit_played *p);

#endif
