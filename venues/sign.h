/*
 * HMAC, digests, Ed25519, hex and base64 over OpenSSL. Keys are prepared once (contexts kept, see
 * the costs in README "performance") and wiped when freed; working memory is wiped after use.
 */
#ifndef VENUES_SIGN_H
#define VENUES_SIGN_H

#include "base.h"
#include "buf.h"

/* Before anything else here: OpenSSL's own state, which it does not miss gracefully when it cannot
 * be made in the middle of a call. False: out of memory. */
MUST_CHECK bool sign_begin(void);

enum sign_hash { SIGN_SHA256, SIGN_SHA512 };

#define SIGN_DIGEST_MAX 64

/* An HMAC key with its re-usable context; not for two threads at once. NULL: out of memory. */
struct sign_hmac;
struct sign_hmac *sign_hmac_new(enum sign_hash hash, struct bytes key);
void sign_hmac_free(struct sign_hmac *h);
/* The MAC of the concatenation of `part`s. `out` has SIGN_DIGEST_MAX bytes; returns the length, 0
 * on failure. */
MUST_CHECK size_t sign_hmac(struct sign_hmac *h, const struct bytes *part, size_t parts,
                            unsigned char out[SIGN_DIGEST_MAX]);

/* A digest with its re-usable context; not for two threads at once. NULL: out of memory. */
struct sign_hasher;
struct sign_hasher *sign_hasher_new(enum sign_hash hash);
void sign_hasher_free(struct sign_hasher *h);
MUST_CHECK size_t sign_hasher_run(struct sign_hasher *h, const struct bytes *part, size_t parts,
                                  unsigned char out[SIGN_DIGEST_MAX]);

/* Digest of the concatenation; returns its length, 0 on failure. Makes a hasher each time: for rare
 * use; where it is done per request, keep a sign_hasher. */
MUST_CHECK size_t sign_digest(enum sign_hash hash, const struct bytes *part, size_t parts,
                              unsigned char out[SIGN_DIGEST_MAX]);

/* Ed25519 private key from its 32-byte seed. */
struct sign_ed25519;
struct sign_ed25519 *sign_ed25519_new(struct bytes seed);
void sign_ed25519_free(struct sign_ed25519 *k);
MUST_CHECK bool sign_ed25519(struct sign_ed25519 *k, struct bytes message, unsigned char out[64]);

void sign_hex(struct buf *out, const unsigned char *data, size_t size); /* lower case */
void sign_base64(struct buf *out, const unsigned char *data, size_t size);
/* Strict: alphabet, padding, length. */
MUST_CHECK bool sign_base64_decode(struct buf *out, struct bytes text);
MUST_CHECK bool sign_hex_decode(struct buf *out, struct bytes text);

/* Overwrites; not optimised away. */
void sign_wipe(void *data, size_t size);
/* Constant time for equal sizes. */
bool sign_equal(struct bytes a, struct bytes b);

#endif
