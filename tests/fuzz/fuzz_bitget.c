/*
 * Any bytes as the answer to any Bitget call of either dialect. The first byte chooses dialect and
 * operation, the second the HTTP status and the variant of the call, the rest is the body.
 * Whatever comes: one of the four outcomes, nothing handed on with an unreadable answer, and every
 * text of the reply readable after the body is gone.
 */
#include <stdlib.h>

#include "assert.h"
#include "bitget.h"

#define ARENA_MAX (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct venue_instruction places[] = {
    { VENUE_DO_PLACE, { .client_id = { "FB-1", 4 }, .side = VENUE_BUY } },
    { VENUE_DO_PLACE, { .client_id = { "FB-2", 4 }, .side = VENUE_SELL } },
};

static unsigned sum; /* keeps the reads below from being optimised away */

static void touch(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        sum += (unsigned char)text.data[i];
    }
}

static void touch_order(const struct venue_order_state *o)
{
    touch(o->client_id);
    touch(o->venue_id);
    touch(o->symbol);
    touch(o->code);
    touch(o->successor_id);
    touch(o->successor_client_id);
    touch(bytes_of(venue_order_status_text(o->status)));
    touch(bytes_of(venue_cause_text(o->cause)));
    touch(bytes_of(venue_reason_text(o->reason)));
}

static void touch_reply(const struct venue_reply *r)
{
    touch(r->code);
    touch(r->text);
    touch(r->cursor);
    touch(r->setting);
    for (size_t i = 0; i < r->order_count; i++) {
        touch_order(&r->order[i]);
    }
    for (size_t i = 0; i < r->fill_count; i++) {
        touch(r->fill[i].venue_id);
        touch(r->fill[i].fee_currency);
        ASSERT(r->fill[i].exec_id.size > 0 && decimal_sign(r->fill[i].qty) > 0);
    }
    for (size_t i = 0; i < r->instrument_count; i++) {
        touch(r->instrument[i].base);
        ASSERT(r->instrument[i].symbol.size > 0);
        ASSERT(!r->instrument[i].tradeable || decimal_sign(r->instrument[i].tick) > 0);
    }
    for (size_t i = 0; i < r->position_count; i++) {
        touch(r->position[i].symbol);
    }
}

/* The list in which stage and page this call is. */
static const char *const cursors[] = { "", "1:", "3:", "4:77", "0:77", "9:", "x" };

static void play(const struct venue_driver *d, struct venue_call *call, struct http_response *rsp,
                 char *owned)
{
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(ARENA_MAX);
    enum venue_outcome outcome;

    if (arena == NULL) {
        free(owned);
        return;
    }
    outcome = d->endpoint[call->op].parse(call, rsp, arena, &reply);
    free(owned);
    touch(bytes_of(venue_outcome_text(outcome)));
    touch_reply(&reply);
    ASSERT(outcome == VENUE_DONE || reply.reason != VENUE_REASON_NONE);
    ASSERT(!reply.complete || reply.cursor.size == 0);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 200, 200, 200, 400, 429, 500 };
    const struct venue_driver *d = size > 0 && data[0] >= 128 ? &venue_bitget_v1 : &venue_bitget;
    const struct bytes client[] = { { "FB-1", 4 } };
    struct venue_call call = { .client_id = client,
                               .client_id_count = 1,
                               .instruction = places,
                               .instruction_count = ARRAY_LEN(places),
                               .wall_us = US_PER_S * 1000000 };
    struct http_response rsp = { .headers = BYTES("Retry-After: 1\r\n") };
    char *body;

    if (size < 2) {
        return 0;
    }
    call.op = (enum venue_op)(data[0] % 128 % VENUE_OP_COUNT);
    call.order = places[0].order;
    call.order.type = data[1] % 2 == 0 ? VENUE_LIMIT : VENUE_STOP_MARKET;
    call.count = data[1] % 3;
    call.since_us = data[1] % 5 == 0 ? 1 : 0;
    call.cursor = bytes_of(cursors[data[1] % ARRAY_LEN(cursors)]);
    rsp.status = statuses[data[1] % ARRAY_LEN(statuses)];
    body = d->endpoint[call.op].parse == NULL ? NULL : malloc(size);
    if (body == NULL) {
        return 0;
    }
    memcpy(body, data + 2, size - 2);
    rsp.body = (struct bytes){ body, size - 2 };
    play(d, &call, &rsp, body);
    return 0;
}
