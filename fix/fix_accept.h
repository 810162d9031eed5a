/*
 * The first message of a new connection: is it a Logon, and for which configured session? FIX 4.4
 * vol. 2: the first message must be a Logon, else the connection is dropped without an answer.
 */
#ifndef FIX_ACCEPT_H
#define FIX_ACCEPT_H

#include "base.h"

enum fix_accept_kind {
    FIX_ACCEPT_WAIT,  /* not a whole message yet */
    FIX_ACCEPT_LOGON, /* comp ids are filled in; feed the same bytes to the session found by them */
    FIX_ACCEPT_DROP,  /* close without an answer; reason says why, for the log */
};

struct fix_accept {
    enum fix_accept_kind kind;
    struct bytes begin_string;   /* 8: the shell refuses other versions than FIX.4.4 */
    struct bytes sender_comp_id; /* 49 of the client; borrowed from input */
    struct bytes target_comp_id; /* 56: ours */
    const char *reason;
};

struct fix_accept fix_accept_look(struct bytes input, size_t message_max);

#endif
