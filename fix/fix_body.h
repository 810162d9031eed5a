/*
 * Writes the body of one message: the fields between header and trailer. Header (8, 9, 35, 49, 56,
 * 34, 52, ...) and trailer are the session's business.
 *
 * Field order is the caller's; QuickFIX clients accept any order outside groups. A value that
 * contains SOH is a bug or an attack: it is cut at the SOH, never sent.
 */
#ifndef FIX_BODY_H
#define FIX_BODY_H

#include "base.h"
#include "buf.h"
#include "decimal.h"
#include "fix_msg.h"
#include "bounds.h"

struct fix_body {
    char msg_type[4]; /* "8", "AE", ... */
    /* Routing fields of the header that answer those of the request; empty: not sent. Borrowed. */
    struct bytes target_sub_id;          /* 57 <- 50 */
    struct bytes deliver_to_comp_id;     /* 128 <- 115 */
    struct bytes deliver_to_sub_id;      /* 129 <- 116 */
    struct bytes target_location_id;     /* 143 <- 142 */
    struct bytes deliver_to_location_id; /* 145 <- 144 */
    struct bytes route;   /* the last four encoded by fix_body_route; in their place */
    unsigned time_digits; /* 3, 6 or 9, for fix_body_timestamp */
    struct buf *out;      /* not owned; its `failed` says whether everything fitted */
};

/* 57, 128, 129, 143 and 145 that answer the message; borrowed from it. */
void fix_body_route_back(struct fix_body *b, const struct fix_msg *m);
/* 128, 129, 143 and 145 that answer the message, each with its SOH, to be kept for answers that
 * come later. Empty when it has none; ids longer than FIX_ID_MAX are left out. */
#define FIX_ROUTE_MAX (4 * (FIX_ID_MAX + 5))
struct bytes fix_body_route(const struct fix_msg *m, char out[FIX_ROUTE_MAX]);

/* Clears `out` and starts. time_digits is 3 until set otherwise. */
void fix_body_start(struct fix_body *b, const char *msg_type, struct buf *out);

/* "tag=" as it is written: the first character in the lowest byte, how many in the highest. Of a
 * tag that the compiler knows, nearly every one, this is a constant. */
struct fix_prefix {
    uint64_t word;
};

static inline uint64_t fix_prefix_digit(uint64_t word, uint32_t tag, uint32_t unit)
{
    return tag < unit ? word : word << 8 | ('0' + tag / unit % 10);
}

static inline struct fix_prefix fix_prefix(uint32_t tag)
{
    uint64_t count = 2u + (tag >= 10) + (tag >= 100) + (tag >= 1000) + (tag >= 10000);
    uint64_t word = '='; /* from the last digit to the first, without a loop */

    word = fix_prefix_digit(word, tag, 1);
    word = fix_prefix_digit(word, tag, 10);
    word = fix_prefix_digit(word, tag, 100);
    word = fix_prefix_digit(word, tag, 1000);
    word = fix_prefix_digit(word, tag, 10000);
    return (struct fix_prefix){ word | count << 56 };
}

/* The fields as written by their tag's word; the functions below are what is called. */
void fix_put_bytes(struct fix_body *b, struct fix_prefix tag, struct bytes value);
void fix_put_char(struct fix_body *b, struct fix_prefix tag, char value);
void fix_put_uint(struct fix_body *b, struct fix_prefix tag, uint64_t value);
void fix_put_int(struct fix_body *b, struct fix_prefix tag, int64_t value);
void fix_put_decimal(struct fix_body *b, struct fix_prefix tag, struct decimal value);
void fix_put_timestamp(struct fix_body *b, struct fix_prefix tag, int64_t wall_us);

/* One field each. Tags are 1 to FIX_TAG_MAX. */
static inline void fix_body_bytes(struct fix_body *b, uint32_t tag, struct bytes value)
{
    if (value.size > 0) { /* empty: nothing written */
        fix_put_bytes(b, fix_prefix(tag), value);
    }
}

static inline void fix_body_text(struct fix_body *b, uint32_t tag, const char *value)
{
    fix_body_bytes(b, tag, bytes_of(value)); /* NULL or "": nothing */
}

static inline void fix_body_char(struct fix_body *b, uint32_t tag, char value)
{
    fix_put_char(b, fix_prefix(tag), value);
}

static inline void fix_body_bool(struct fix_body *b, uint32_t tag, bool value)
{
    fix_put_char(b, fix_prefix(tag), value ? 'Y' : 'N');
}

static inline void fix_body_uint(struct fix_body *b, uint32_t tag, uint64_t value)
{
    fix_put_uint(b, fix_prefix(tag), value);
}

static inline void fix_body_int(struct fix_body *b, uint32_t tag, int64_t value)
{
    fix_put_int(b, fix_prefix(tag), value);
}

static inline void fix_body_decimal(struct fix_body *b, uint32_t tag, struct decimal value)
{
    fix_put_decimal(b, fix_prefix(tag), value);
}

static inline void fix_body_timestamp(struct fix_body *b, uint32_t tag, int64_t wall_us)
{
    fix_put_timestamp(b, fix_prefix(tag), wall_us);
}

#endif
