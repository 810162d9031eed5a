/*
 * Polling where a venue's lists want a symbol, or where there are no lists: questions are asked in
 * rounds, one symbol (or order) after the other, for what is live. What the answers say is judged
 * where all answers are (engine_watch.c, engine_observe.c).
 *
 *     fills         a round asks EXECUTIONS of every symbol that has a live order, since the round
 *                   before; when all were answered, fills are known up to the round's beginning
 *     open orders   the symbol (or order) not asked about for longest is next
 */
#include "engine_internal.h"

#define OVERLAP_US (60 * US_PER_S) /* read again: fills may show late */

/* ---- fills --------------------------------------------------------------------------------- */

bool rounds_are_fills(const struct account *a)
{
    return account_has_feature(a, VENUE_LISTS_BY_SYMBOL) && account_has_op(a, VENUE_EXECUTIONS);
}

/* Venue time from which on fills of live orders matter, when nothing was read yet. */
static int64_t oldest_us(const struct engine *e, const struct account *a)
{
    const struct order *o = book_first_live(e->book, a->index);

    return (o == NULL ? e->now.wall_us : o->taken_us) + a->clock_offset_us - OVERLAP_US;
}

static void round_start(struct engine *e, struct account *a)
{
    a->fills_round++;
    a->fills_round_open = true;
    a->fills_round_us = e->now.mono_us;
    a->fills_since_us = a->fills_next_us > 0 ? a->fills_next_us : oldest_us(e, a);
    a->fills_next_us =
        e->now.wall_us + a->clock_offset_us - OVERLAP_US - a->cfg->driver->lookup_settle_us;
    a->fills_symbol[0] = '\0';
    a->backfill_cursor[0] = '\0';
}

static void round_end(struct engine *e, struct account *a)
{
    a->fills_round_open = false;
    a->fills_done_us = a->fills_round_us;
    check_ends(e, a);
}

/* False: every symbol of the round was asked about. */
static bool round_next(struct engine *e, struct account *a)
{
    for (const struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        if (o->fills_round != a->fills_round) {
            return bytes_to_field(bytes_of(o->venue_symbol), a->fills_symbol,
                                  sizeof a->fills_symbol);
        }
    }
    return false;
}

/* Orders that came after the question are not covered by its answer. */
static void round_mark(struct engine *e, struct account *a)
{
    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        if (bytes_is(bytes_of(o->venue_symbol), a->fills_symbol)) {
            o->fills_round = a->fills_round;
        }
    }
}

/* The venue's id of an order is known only now: its executions may have been passed over. */
void rounds_rewind(struct account *a, const struct order *o)
{
    int64_t since_us = o->sent_us + a->clock_offset_us - OVERLAP_US;

    if (account_knows_ids(a)) {
        return;
    }
    if (a->fills_next_us > since_us) {
        a->fills_next_us = since_us;
    }
    if (a->fills_round_open && a->fills_since_us > since_us && !a->asking_fills) {
        a->fills_round_open = false; /* begun anew */
    }
    a->want_fills = true;
}

void rounds_ask_fills(struct engine *e, struct account *a)
{
    struct venue_call c = { .op = VENUE_EXECUTIONS };

    if (!a->fills_round_open) {
        round_start(e, a);
    }
    if (a->fills_symbol[0] == '\0' && !round_next(e, a)) {
        a->want_fills = false;
        a->fills_asked_us = e->now.mono_us;
        round_end(e, a);
        return;
    }
    c.symbol = bytes_of(a->fills_symbol);
    c.since_us = a->fills_since_us;
    c.cursor = bytes_of(a->backfill_cursor);
    if (!account_may_call(e, a, &c, RATE_POLL) ||
        call_start(e, a, CALL_BACKFILL, &c, 0, NULL, 0) == NULL) {
        return;
    }
    if (a->backfill_cursor[0] == '\0') {
        round_mark(e, a);
    }
    a->asking_fills = true;
    a->want_fills = false;
    a->fills_asked_us = e->now.mono_us;
}

void rounds_fills_done(struct engine *e, struct account *a, const struct venue_reply *reply)
{
    watch_fills(e, a, reply);
    if (!reply->complete && reply->cursor.size > 0 &&
        bytes_to_field(reply->cursor, a->backfill_cursor, sizeof a->backfill_cursor)) {
        return;
    }
    if (!reply->complete) {
        engine_note(e, NOTE_ERROR, "fills.gap",
                    "account=%.*s symbol=%s: more fills than the venue lists; check positions",
                    BYTES_ARG(a->cfg->name), a->fills_symbol);
    }
    a->backfill_cursor[0] = '\0';
    a->fills_symbol[0] = '\0';
    if (!round_next(e, a)) {
        round_end(e, a);
    }
}

/* ---- open orders --------------------------------------------------------------------------- */

bool rounds_next_listed(struct engine *e, struct account *a, int64_t plan_us, struct order **out)
{
    struct order *oldest = NULL;

    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        if (o->venue_id[0] != '\0' && (oldest == NULL || o->listed_us < oldest->listed_us)) {
            oldest = o;
        }
    }
    if (oldest == NULL) {
        return false;
    }
    /* The plan is for each symbol or order; two questions are never closer than its budget lets
     * them. */
    if (oldest->listed_us > 0 && e->now.mono_us < oldest->listed_us + plan_us) {
        wake_at(a, oldest->listed_us + plan_us);
        return false;
    }
    *out = oldest;
    return true;
}

void rounds_mark_listed(struct engine *e, struct account *a, struct bytes symbol)
{
    for (struct order *o = book_first_live(e->book, a->index); o != NULL; o = o->next) {
        if (symbol.size > 0 && bytes_is(symbol, o->venue_symbol)) {
            o->listed_us = e->now.mono_us;
        }
    }
}
