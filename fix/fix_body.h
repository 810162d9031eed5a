/*
 * Writes the body of one message: the fields between header and trailer. Header (8, 9, 35, 49, 56, 34,
 * 52, ...) and trailer are the session's business.
 *
 * Field order is the caller's; QuickFIX clients accept any order outside groups. A value that contains
 * SOH is a bug or an attack: it is cut at the SOH, never sent.
 */
#ifndef FIX_BODY_H
#define FIX_BODY_H

#include "base.h"
#include "buf.h"
#include "decimal.h"

struct fix_body {
    char         msg_type[4];           /* "8", "AE", ... */
    /* Routing fields of the header that answer those of the request; empty: not sent. Borrowed. */
    struct bytes target_sub_id;         /* 57 <- 50 */
    struct bytes deliver_to_comp_id;    /* 128 <- 115 */
    struct bytes deliver_to_sub_id;     /* 129 <- 116 */
    unsigned     time_digits;           /* 3, 6 or 9, for fix_body_timestamp */
    struct buf  *out;                   /* not owned; its `failed` says whether everything fitted */
};

/* Clears `out` and starts. time_digits is 3 until set otherwise. */
void fix_body_start(struct fix_body *b, const char *msg_type, struct buf *out);

void fix_body_bytes(struct fix_body *b, uint32_t tag, struct bytes value);  /* empty: nothing written */
void fix_body_text(struct fix_body *b, uint32_t tag, const char *value);    /* NULL or "": nothing */
void fix_body_char(struct fix_body *b, uint32_t tag, char value);
void fix_body_bool(struct fix_body *b, uint32_t tag, bool value);
void fix_body_uint(struct fix_body *b, uint32_t tag, uint64_t value);
void fix_body_int(struct fix_body *b, uint32_t tag, int64_t value);
void fix_body_decimal(struct fix_body *b, uint32_t tag, struct decimal value);
void fix_body_timestamp(struct fix_body *b, uint32_t tag, int64_t wall_us);

#endif
