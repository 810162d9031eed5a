/*
 * Passwords at rest: a salted slow hash (scrypt, RFC 7914) in the PHC string form
 *
 *     $scrypt$ln=15,r=8,p=1$<salt>$<hash>         salt and hash in base64 without padding
 *
 * ln is the logarithm of the cost N. Checking one takes tens of milliseconds and 128 * r * 2^ln
 * bytes by design: never on the loop's thread (logon_worker.h). Pure: the salt is given.
 */
#ifndef DAEMON_PASSWORD_H
#define DAEMON_PASSWORD_H

#include "base.h"
#include "buf.h"

#define PASSWORD_SALT_SIZE 16
#define PASSWORD_HASH_SIZE 32
#define PASSWORD_MAX 512 /* longest password (554) looked at */

struct password_hash {
    unsigned log_n;
    uint32_t r, p;
    size_t salt_size, hash_size;
    unsigned char salt[64], hash[64];
};

/* False: not of the form above, or a cost outside of what is sensible (ln 10 to 18). */
MUST_CHECK bool password_hash_parse(struct bytes text, struct password_hash *out);
/* Appends the text form of a new hash with today's cost; false: out of memory. */
MUST_CHECK bool password_hash_make(struct bytes password,
                                   const unsigned char salt[PASSWORD_SALT_SIZE], struct buf *out);
/* Slow. The comparison takes the same time whatever differs; false also when out of memory. */
MUST_CHECK bool password_hash_check(const struct password_hash *h, struct bytes password);

#endif
