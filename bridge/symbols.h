/*
 * Instruments of the venues, and FIX symbol <-> venue symbol. One table per account: filled from
 * the configuration (names) and from the venue's instrument list (tick, lot, minima, status).
 */
#ifndef BRIDGE_SYMBOLS_H
#define BRIDGE_SYMBOLS_H

#include "base.h"
#include "decimal.h"
#include "bounds.h"
#include "order.h"
#include "refusal.h"
#include "venue.h"

struct instrument {
    char symbol[SYMBOL_MAX + 1]; /* ours, 55; the venue's own when not renamed */
    char venue_symbol[SYMBOL_MAX + 1];
    struct decimal tick, lot, qty_min, qty_max; /* 0: unknown, not checked */
    bool inverse, tradeable, post_only;
    bool loaded;     /* the venue's list had it */
    int64_t hold_us; /* maker protection */
    int64_t expires_us;
    char base[16], quote[16], kind[32]; /* as the venue calls them; empty: not said, or too long */
};

struct symbols;

struct symbols *symbols_new(uint64_t seed);
void symbols_free(struct symbols *s);
/* A name of ours for a venue symbol, from the configuration. False: out of memory, too long, or
 * ours already names another. */
MUST_CHECK bool symbols_alias(struct symbols *s, struct bytes ours, struct bytes venue_symbol);
/* Other names than until now, all of them at once; orders keep the name they were sent with. False:
 * out of memory, or names that symbols_alias would refuse; nothing has changed then. */
struct symbols_name {
    struct bytes ours, venue_symbol;
};
MUST_CHECK bool symbols_rename(struct symbols *s, const struct symbols_name *name, size_t count);
/* The venue's list, in one page or several: adds and updates; with the last page, instruments that
 * were in none become !tradeable. False: out of memory; the list is then to be read again from its
 * start. */
MUST_CHECK bool symbols_load_page(struct symbols *s, const struct venue_instrument *list,
                                  size_t count, bool first, bool last);
/* The same for a list of one page. */
MUST_CHECK bool symbols_load(struct symbols *s, const struct venue_instrument *list, size_t count);
bool symbols_loaded(const struct symbols *s);
/* Whether any instrument can be traded now. */
bool symbols_any_tradeable(const struct symbols *s);
size_t symbols_count(const struct symbols *s);

/* By ours or by the venue's own name (compared without case for the venue's). NULL: unknown. */
const struct instrument *symbols_find(const struct symbols *s, struct bytes symbol);
const struct instrument *symbols_find_venue(const struct symbols *s, struct bytes venue_symbol);
/* Iteration, for SecurityList: start with *at = 0; NULL at the end. */
const struct instrument *symbols_next(const struct symbols *s, size_t *at);

/* Tick, lot, minimum, maximum, status: OrdRejReason and a text that names the field and the limit.
 */
MUST_CHECK bool symbols_check(const struct instrument *i, const struct order_terms *t,
                              int64_t wall_us, struct refusal *no);

#endif
