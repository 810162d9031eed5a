/*
 * All orders: found by our id, by a session's ClOrdID (any link of a chain), by the id we gave the
 * venue and by the venue's id. Owns the orders. Decides nothing.
 */
#ifndef BRIDGE_BOOK_H
#define BRIDGE_BOOK_H

#include "base.h"
#include "order.h"

struct book;

struct book *book_new(uint64_t seed, size_t account_count); /* NULL: out of memory */
void book_free(struct book *b);

/* Takes ownership of `o` (zeroed and filled in by the caller, from book_order_new) and puts it
 * among the live ones. Its id is new and larger than all before. False: out of memory; `o` is freed
 * then. */
struct order *book_order_new(void);
MUST_CHECK bool book_add(struct book *b, struct order *o);
/* Registers one more ClOrdID for an order (cancel and replace requests). */
MUST_CHECK bool book_name(struct book *b, struct order *o, struct bytes cl_ord_id);
/* Sets the order's venue id and registers it. */
MUST_CHECK bool book_set_venue_id(struct book *b, struct order *o, struct bytes venue_id);
/* Out of the list of live orders; it stays findable. */
void book_retire(struct book *b, struct order *o);

struct order *book_by_id(const struct book *b, uint64_t id);
struct order *book_by_cl_ord_id(const struct book *b, uint32_t session, struct bytes cl_ord_id);
struct order *book_by_venue_id(const struct book *b, uint32_t account, struct bytes venue_id);

struct order *book_first_live(const struct book *b, uint32_t account); /* then o->next */
size_t book_live_count(const struct book *b, uint32_t account);
size_t book_count(const struct book *b);

/* Fills counted once: remembers a venue's execution id. *fresh tells whether it was new. False: out
 * of memory. */
MUST_CHECK bool book_fill_seen(struct book *b, uint32_t account, struct bytes exec_id, bool *fresh);
bool book_fill_known(const struct book *b, uint32_t account, struct bytes exec_id);

#endif
