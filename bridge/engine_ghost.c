/*
 * Ghosts: an order of ours rests at the venue although its client was told that it is done. It was
 * placed after all when the venue's silence had counted, a person said that it is not there, or a
 * list was wrong. Nobody else would take it back, so it is canceled there, for as long as lists
 * show it. What its client was told stays; what it fills meanwhile is an operator's
 * (fill.impossible). Nothing is journaled: after a restart the next list shows it again.
 */
#include "assert.h"
#include "engine_internal.h"

/* Lists lag behind: what a list shows so soon after the end is no ghost. */
#define GHOST_AFTER_US (5 * US_PER_S)

static void tell(struct engine *e, struct account *a, const struct order *o)
{
    char name[ORDER_ID_TEXT_MAX];

    if (a->ghost.told == o->id) {
        return;
    }
    a->ghost.told = o->id;
    a->ghost.count++;
    engine_note(e, NOTE_ERROR, "order.ghost",
                "id=%s state=%s venue_id=%s: the venue shows it resting, its client was told that "
                "it is done; "
                "it is being canceled",
                engine_order_name(o, name), order_state_text(o->state), a->ghost.venue_id);
}

void ghost_seen(struct engine *e, struct account *a, const struct order *o,
                const struct venue_order_state *s, const struct instant *asked)
{
    struct venue_call c = { .op = VENUE_CANCEL };
    struct ghost *g = &a->ghost;

    /* The order may be forgotten before the call is made. */
    if (s->status != VENUE_ORDER_OPEN || asked->wall_us < o->changed_us + GHOST_AFTER_US ||
        g->asking || !bytes_to_field(s->venue_id, g->venue_id, sizeof g->venue_id) ||
        !bytes_to_field(bytes_of(o->client_id), g->client_id, sizeof g->client_id) ||
        !bytes_to_field(bytes_of(o->venue_symbol), g->symbol, sizeof g->symbol)) {
        return;
    }
    tell(e, a, o);
    order_venue_form(e, a, o, NULL, &c.order);
    c.symbol = c.order.symbol = bytes_of(g->symbol);
    c.order.client_id = bytes_of(g->client_id);
    c.order.venue_id = bytes_of(g->venue_id);
    g->asking = account_may_call(e, a, &c, RATE_CANCEL) &&
                call_start(e, a, CALL_GHOST, &c, 0, NULL, 0) != NULL;
}

void ghost_result(struct engine *e, struct account *a, enum venue_outcome outcome, const char *why)
{
    a->ghost.asking = false;
    engine_note(e, outcome == VENUE_DONE ? NOTE_WARN : NOTE_ERROR, "order.ghost_cancel",
                "account=%.*s venue_id=%s %s", BYTES_ARG(a->cfg->name), a->ghost.venue_id,
                outcome == VENUE_DONE ? "taken by the venue" : why);
}
