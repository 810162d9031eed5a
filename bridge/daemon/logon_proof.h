/*
 * A Logon proved by a signature (rules of engagement 3.2): 96 is the base64 of an HMAC-SHA256 or an
 * Ed25519 signature over the values of 52, 35, 34, 49, 56 and 553, joined by SOH; 95 its length.
 *
 * A proof is good once, and only while its SendingTime (52) is within the window around our clock.
 * Proofs taken are remembered until they leave the window; there is room for a few, and when it is
 * used up, or when we have just started and remember nothing, the oldest 52 still taken ("floor")
 * moves up instead: a good proof may then be refused, a used one never taken. A client that is
 * refused for that signs again with a later 52.
 *
 * Pure: no clock, nothing kept but in the struct given.
 */
#ifndef DAEMON_LOGON_PROOF_H
#define DAEMON_LOGON_PROOF_H

#include "base.h"
#include "buf.h"
#include "fix_msg.h"

#define PROOFS_KEPT 16
#define PROOF_PUBLIC_SIZE 32

enum proof_kind { PROOF_HMAC_SHA256, PROOF_ED25519 };

/* Borrowed. HMAC: the shared secret. ED25519: the client's public key, 32 raw bytes. */
struct proof_key {
    enum proof_kind kind;
    struct bytes key;
    struct bytes username; /* what 553 must say */
};

/* Of one session; starts with `floor_us` at the time of our start and the rest zero. */
struct proof_memory {
    int64_t floor_us; /* wall: 52 must be later */
    size_t count;
    struct {
        int64_t sent_us;
        unsigned char digest[32];
    } used[PROOFS_KEPT];
};

enum proof_result {
    PROOF_GOOD,       /* and remembered */
    PROOF_INCOMPLETE, /* a field is missing or malformed */
    PROOF_WRONG,      /* not this user's, or not this message's */
    PROOF_OUTSIDE_WINDOW,
    PROOF_BEFORE_FLOOR, /* good, but too old to know whether it was used */
    PROOF_REPLAYED,
    PROOF_NO_MEMORY,
};

const char *proof_result_text(enum proof_result r);

/* The signed text; false: a field is missing. */
MUST_CHECK bool proof_text(const struct fix_msg *logon, struct buf *out);

MUST_CHECK enum proof_result proof_check(const struct proof_key *k, const struct fix_msg *logon,
                                         int64_t window_us, struct proof_memory *m,
                                         int64_t now_wall_us);

/* A public key as people write it: PEM, its base64 line alone, or base64 of the raw 32 bytes. */
MUST_CHECK bool proof_public_key(struct bytes text, unsigned char out[PROOF_PUBLIC_SIZE]);

#endif
