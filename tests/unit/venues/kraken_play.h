/*
 * Playing the Kraken Futures driver in tests: calls in words (call_text.h), answers as text,
 * replies as text (reply_text.h).
 */
#ifndef TESTS_UNIT_VENUES_KRAKEN_PLAY_H
#define TESTS_UNIT_VENUES_KRAKEN_PLAY_H

#include "venue.h"

#define KRAKEN_TEST_SECRET                                                                         \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="

struct played {
    struct http_request request;
    enum venue_error error;
    struct arena *arena;
    struct venue_reply reply;
    enum venue_outcome outcome;
};

/* Builds the call; true when the request's target and body are these. */
bool kraken_builds(const char *call, const char *target, const char *body);
enum venue_error kraken_build_error(const char *call);
/* The value of a header of the request that the call builds; "" if absent. Valid until the next
 * call. */
const char *kraken_built_header(const char *call, const char *name);

/* Parses; `played_end` frees. */
void played_begin(struct played *p, const char *call, int status, const char *headers,
                  const char *body);
void played_end(struct played *p);

#endif
