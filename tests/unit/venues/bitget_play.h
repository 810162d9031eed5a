/*
 * Playing the Bitget drivers in tests: an account with options, calls in words (call_text.h) or
 * changed by hand, answers as text.
 */
#ifndef TESTS_UNIT_VENUES_BITGET_PLAY_H
#define TESTS_UNIT_VENUES_BITGET_PLAY_H

#include "bitget.h"
#include "call_text.h"

struct bitget_play {
    struct venue_account account;
    struct venue_arg option[8];
    struct call_text call;
    struct http_request request;
    struct arena *arena;
    struct venue_reply reply;
    enum venue_outcome outcome;
};

/* `options`: "name=value name=value". False: account_open refused it, and `*error` says why. */
bool bitget_play_open(struct bitget_play *p, const struct venue_driver *d, const char *options,
                      const char **error);
void bitget_play_close(struct bitget_play *p);
/* The call in words; ends the test program when they are not understood. */
void bitget_play_call(struct bitget_play *p, const char *words);
enum venue_error bitget_play_build(struct bitget_play *p);
/* Builds the present call; true when target and body are these. */
bool bitget_play_builds(struct bitget_play *p, const char *target, const char *body);
/* Of the request built last; "" if absent. Valid until the next call. */
const char *bitget_play_header(const struct bitget_play *p, const char *name);
/* Parses an answer to the present call; the reply lives until the next parse or the close. */
void bitget_play_parse(struct bitget_play *p, int status, const char *body);

#endif
