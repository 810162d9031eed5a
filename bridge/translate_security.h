/*
 * SecurityListRequest (x) -> what is asked for; instruments -> SecurityList (y). Rules of
 * engagement 3.7. FIX 4.4's y has no field for a tick, a minimum or a maximum: RoundLot (561) and
 * MinTradeVol (562) are filled in, and each entry's Text (58) says all of it as words "tick=0.5
 * lot=0.001 min=... max=... inverse post-only halted".
 */
#ifndef BRIDGE_TRANSLATE_SECURITY_H
#define BRIDGE_TRANSLATE_SECURITY_H

#include "base.h"
#include "fix_body.h"
#include "fix_msg.h"
#include "symbols.h"

/* SecurityRequestResult (560). */
enum security_result {
    SECURITY_VALID = 0,
    SECURITY_INVALID = 1,
    SECURITY_NONE_FOUND = 2,
    SECURITY_UNAVAILABLE = 4, /* the venue's list has not been read yet */
    SECURITY_UNSUPPORTED = 5,
};

/* Borrowed from the message. Empty: not asked for. */
struct security_request {
    struct bytes req_id;   /* 320 */
    bool all;              /* 559=4; else 559=0: `symbol` */
    struct bytes symbol;   /* 55 */
    struct bytes exchange; /* 207 */
    struct bytes currency; /* 15: the quote currency */
};

/* SECURITY_VALID, or why the request is refused; req_id is set in any case. */
enum security_result translate_security_request(const struct fix_msg *m,
                                                struct security_request *out);
/* Whether this instrument is one of those asked for, by all but its symbol. */
bool translate_security_matches(const struct security_request *r, const struct instrument *i,
                                struct bytes exchange);

/* Instruments of one message. An entry has at most 500 bytes, so a page is far below
 * FIX_MESSAGE_MAX and below what clients with smaller bounds (383) usually take. */
#define SECURITY_PAGE_MAX 60
#define SECURITY_ENTRY_MAX 500
_Static_assert(SECURITY_PAGE_MAX *SECURITY_ENTRY_MAX < FIX_MESSAGE_MAX - 4096, "a page fits");

struct security_entry {
    const struct instrument *instrument;
    struct bytes exchange; /* 207 */
};

struct security_page {
    struct bytes req_id, response_id; /* 320, 322 */
    enum security_result result;
    size_t total; /* 393 */
    bool last;    /* 893 */
    const struct security_entry *entry;
    size_t count; /* up to SECURITY_PAGE_MAX */
};

/* As the functions of translate_out.h. */
void translate_security_list(struct fix_body *b, struct buf *out, const struct security_page *p);

#endif
