/*
 * A session under a script: fed, ticked, pulled and drained as the daemon would, with a made-up
 * clock and a store in memory that can be told to fail.
 */
#ifndef CONFORMANCE_PLAY_H
#define CONFORMANCE_PLAY_H

#include "buf.h"
#include "fix_session.h"

#define LINE_MAX_SIZE 4096
#define EVENTS_MAX 64

struct seen_event {
    enum fix_event_kind kind;
    bool poss_resend;
    char text[1024]; /* the message, or the reason */
    size_t size;
};

/* A store that can be told to fail. */
struct flaky_store {
    struct fix_store base;
    struct fix_store *inner;
    bool fails;
    uint64_t fetched; /* what was asked for and is ready now, as from a disk */
};

struct play {
    const char *file;
    unsigned line;
    bool bytewise, failed;
    struct fix_session_config config;
    struct fix_session *session;
    struct flaky_store store;
    struct instant now;
    bool manual, hold;
    char *input; /* not yet fed */
    size_t input_size;
    char *output; /* not yet expected */
    size_t output_size;
    struct seen_event event[EVENTS_MAX]; /* not yet expected */
    size_t event_count;
    char notes[4096];
    struct fix_msg at_hand;
    char at_hand_raw[LINE_MAX_SIZE];
    struct buf body;
};

extern const struct fix_store_ops flaky_ops;

/* Notes the first failure of a script and prints it, with the message it is about. */
void fail(struct play *p, const char *what, struct bytes message);
/* Ends the program when out of memory. */
void *must(void *memory);
/* Everything that is due now: events, output, ticks. */
void run(struct play *p);
/* Feeds p->input, whole or byte by byte. */
void feed(struct play *p);

#endif
