/*
 * The records of a journal in words, one line each, and the names that its numbers stand for. Fed
 * with all records in order; secrets in FIX messages are masked.
 */
#ifndef DAEMON_JOURNAL_WORDS_H
#define DAEMON_JOURNAL_WORDS_H

#include "buf.h"
#include "journal_read.h"
#include "record.h"

struct journal_words;

struct journal_words *journal_words_new(void); /* NULL: out of memory */
void journal_words_free(struct journal_words *w);

/* Takes one record in: names, and which order is whose. *r is set for an ENGINE record. NULL: fine;
 * else why the record cannot be. */
const char *journal_words_feed(struct journal_words *w, const struct journal_record *raw,
                               struct record *r);
/* "LSN SEGMENT:OFFSET time kind key=value ..." and a newline for the record fed last. */
void journal_words_line(const struct journal_words *w, const struct journal_place *at,
                        const struct journal_record *raw, const struct record *r, struct buf *out);
/* Whether the record fed last is of this session (by name) and about this order (OrderID or
 * ClOrdID); an empty text asks for nothing. */
bool journal_words_match(struct journal_words *w, const struct journal_record *raw,
                         const struct record *r, struct bytes session, struct bytes order);

/* Names of the engine's numbers as of now, "?" when never said. */
const char *journal_words_session(const struct journal_words *w, uint32_t number);
const char *journal_words_account(const struct journal_words *w, uint32_t number);
/* The order an engine record is about; 0: none, or several. */
uint64_t journal_words_order(const struct record *r);
/* Of an order's session; "?" when the order is unknown. */
const char *journal_words_order_session(const struct journal_words *w, uint64_t id);

#endif
