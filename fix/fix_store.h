/*
 * What a session needs remembered: its two numbers and the messages it sent. The daemon's journal
 * implements it durably; fix_store_mem.c in memory for tests.
 *
 * A store function that returns false means "cannot be remembered": the session then stops at once
 * (FIX_EVENT_DOWN, reason "store failed") and what it was about to send is not sent.
 */
#ifndef FIX_STORE_H
#define FIX_STORE_H

#include "base.h"

struct fix_store;

struct fix_store_ops {
    /* An outgoing message with its number; next_out becomes seq + 1. `message` is the whole frame.
     */
    bool (*append)(struct fix_store *st, uint64_t seq, struct bytes message);
    /* Both numbers as they shall be after this event. */
    bool (*set_next)(struct fix_store *st, uint64_t next_in, uint64_t next_out);
    /* A message sent earlier, valid until the next call of any function here; false: none kept
     * under this number (an administrative message, or retired): fill the gap. */
    bool (*read)(struct fix_store *st, uint64_t seq, struct bytes *message);
    /* Whether `read` of this number would answer at once. False: it would wait for a disk; what it
     * needs is being fetched meanwhile, ask again later. NULL: always at once. */
    bool (*ready)(struct fix_store *st, uint64_t seq);
    /* Forgets all messages; both numbers become 1. */
    bool (*reset)(struct fix_store *st);
};

/* Embedded first in every implementation. */
struct fix_store {
    const struct fix_store_ops *ops;
    uint64_t next_in; /* as restored at start and kept by the implementation */
    uint64_t next_out;
};

/* The store in memory; fix_store_mem_free frees it with its messages. */
struct fix_store *fix_store_mem_new(void);
void fix_store_mem_free(struct fix_store *st);

#endif
