/*
 * All orders that are kept: found by our id, by a session's ClOrdID (any link of a chain), by the
 * id we gave the venue and by the venue's id. Owns the orders. Decides nothing.
 *
 *     book_add -> live list of its account -> book_retire -> ended list -> book_forget -> gone
 */
#ifndef BRIDGE_BOOK_H
#define BRIDGE_BOOK_H

#include "base.h"
#include "names.h"
#include "order.h"

struct book;

/* Fills of the account that name no order, newest: more than these are not remembered. A venue
 * lists a few hundred at once. */
#define BOOK_FOREIGN_MAX 65536

enum book_name_kind {
    BOOK_CL_ORD_ID, /* any link of the chain; scope: session */
    BOOK_VENUE_ID,  /* any it ever had; scope: account */
    BOOK_FILL,      /* the venue's id of an execution; scope: account */
    BOOK_FOREIGN,   /* an execution of nobody's */
    BOOK_TOLD,      /* the same, and drop copies were told, as records say */
};

struct book *book_new(uint64_t seed, size_t account_count); /* NULL: out of memory */
void book_free(struct book *b);

/* Takes ownership of `o` (from book_order_new, where all is zero and every text is "", and filled
 * in by the caller) and puts it among the live ones. Its id is new; `cl_ord_id` may be empty.
 * False: out of memory, a text that is too long, or the id is taken; `o` is freed then. */
struct order *book_order_new(struct book *b);
void book_order_free(struct book *b, struct order *o); /* one that was not added */
MUST_CHECK bool book_add(struct book *b, struct order *o, struct bytes cl_ord_id);
/* Texts that an order has from its first day: copied, into one block that goes with the order; once
 * an order. Those that change, cl_ord_id and venue_id, are the texts of its names instead. False:
 * out of memory, or one is too long. */
struct order_texts {
    struct bytes symbol, venue_symbol, sender_sub_id, echo, route;
};
MUST_CHECK bool book_order_texts(struct book *b, struct order *o, const struct order_texts *t);
/* A zeroed request, the caller's until it hangs on an order. NULL: out of memory. */
struct request *book_request_new(struct book *b);
void book_request_free(struct book *b, struct request *r);
/* Sets the order's ClOrdID and registers it; empty: it has none. */
MUST_CHECK bool book_set_cl_ord_id(struct book *b, struct order *o, struct bytes cl_ord_id);
/* Registers one more ClOrdID for an order (cancel and replace requests); again is fine. */
MUST_CHECK bool book_name(struct book *b, struct order *o, struct bytes cl_ord_id);
/* Sets the order's venue id and registers it. */
MUST_CHECK bool book_set_venue_id(struct book *b, struct order *o, struct bytes venue_id);
/* Registers a venue id that is not the order's any more. */
MUST_CHECK bool book_old_venue_id(struct book *b, struct order *o, struct bytes venue_id);
/* Out of the list of live orders, to the end of the list of ended ones; it stays findable. Called
 * again when an ended order changed once more. */
void book_retire(struct book *b, struct order *o);
/* An ended order and its names are gone from here and freed. */
void book_forget(struct book *b, struct order *o);

struct order *book_by_id(const struct book *b, uint64_t id);
struct order *book_by_cl_ord_id(const struct book *b, uint32_t session, struct bytes cl_ord_id);
struct order *book_by_venue_id(const struct book *b, uint32_t account, struct bytes venue_id);

/* Accounts that left the configuration share one list: any index beyond the last. */
struct order *book_first_live(const struct book *b, uint32_t account);  /* then o->next */
struct order *book_first_ended(const struct book *b, uint32_t account); /* longest ended first */
struct order *book_last_live(const struct book *b, uint32_t account);   /* then o->prev */
size_t book_live_count(const struct book *b, uint32_t account);
size_t book_session_live(const struct book *b, uint32_t session); /* live orders of a session */
size_t book_count(const struct book *b);                          /* all that are kept */
/* The highest id there ever was; 0: none yet. Ids are not used again when orders are forgotten. */
uint64_t book_last_id(const struct book *b);
void book_set_last_id(struct book *b, uint64_t id); /* never lowers it */

/* A hint: such a name is about to be looked for or given. Empty: none. */
void book_expect(struct book *b, enum book_name_kind kind, uint32_t scope, struct bytes text);

/* Names of an order, its fills' among them, oldest first. NULL begins, NULL is the end. */
const struct name *book_next_name(const struct order *o, const struct name *at);

/* Fills counted once: one that is booked to the order. Its id as it is kept, as long as the order
 * is. NULL: out of memory. */
const char *book_fill_add(struct book *b, struct order *o, struct bytes exec_id);
/* Remembers an execution that is not booked to any order. *fresh tells whether it was new. False:
 * out of memory. */
MUST_CHECK bool book_fill_seen(struct book *b, uint32_t account, struct bytes exec_id, bool *fresh);
/* The same, of one that drop copies are told of: that is journaled. */
MUST_CHECK bool book_fill_told(struct book *b, uint32_t account, struct bytes exec_id);
/* Those, oldest first. NULL begins, NULL is the end. */
const struct name *book_next_told(const struct book *b, const struct name *at);
bool book_fill_known(const struct book *b, uint32_t account, struct bytes exec_id);

#endif
