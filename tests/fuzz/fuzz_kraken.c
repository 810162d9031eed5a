/*
 * Any bytes as the answer to any Kraken Futures call. The first byte chooses operation and HTTP
 * status, the rest is the body. Whatever comes: one of the four outcomes, nothing handed on with an
 * unreadable answer, and every text of the reply readable after the body is gone.
 */
#include <stdlib.h>

#include "assert.h"
#include "kraken_futures.h"

#define ARENA_MAX (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct venue_instruction instructions[] = {
    { VENUE_DO_PLACE,
      { .client_id = { "B-1", 3 },
        .side = VENUE_BUY,
        .type = VENUE_LIMIT,
        .tif = VENUE_GTC,
        .qty = { 10, 0 },
        .price = { 9, 0 } } },
    { VENUE_DO_REPLACE,
      { .venue_id = { "v1", 2 }, .type = VENUE_LIMIT, .qty = { 10, 0 }, .price = { 9, 0 } } },
    { VENUE_DO_CANCEL, { .client_id = { "B-3", 3 } } },
};

static unsigned sum; /* keeps the reads below from being optimised away */

static void touch(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        sum += (unsigned char)text.data[i];
    }
}

static void touch_reply(const struct venue_reply *r)
{
    touch(r->code);
    touch(r->text);
    touch(r->cursor);
    touch(r->setting);
    for (size_t i = 0; i < r->order_count; i++) {
        touch(r->order[i].client_id);
        touch(r->order[i].venue_id);
        touch(r->order[i].symbol);
        touch(r->order[i].code);
        touch(bytes_of(venue_order_status_text(r->order[i].status)));
        touch(bytes_of(venue_cause_text(r->order[i].cause)));
    }
    for (size_t i = 0; i < r->fill_count; i++) {
        touch(r->fill[i].exec_id);
        touch(r->fill[i].client_id);
        touch(r->fill[i].fee_currency);
        ASSERT(r->fill[i].exec_id.size > 0);
    }
    for (size_t i = 0; i < r->instrument_count; i++) {
        touch(r->instrument[i].symbol);
        touch(r->instrument[i].base);
        touch(r->instrument[i].quote);
    }
    for (size_t i = 0; i < r->position_count; i++) {
        touch(r->position[i].symbol);
    }
}

static void play(enum venue_op op, int status, const char *body, size_t size, char **owned)
{
    static const int widths[] = { 1, 3 };
    const struct bytes client[] = { { "F-1", 3 }, { "F-2", 3 } };
    struct venue_call call = { .op = op,
                               .client_id = client,
                               .client_id_count = 2,
                               .instruction = instructions,
                               .instruction_count = (size_t)widths[size % 2] };
    struct http_response rsp = { .status = status,
                                 .headers = BYTES("is-truncated: true\r\n"),
                                 .body = { body, size } };
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(ARENA_MAX);
    enum venue_outcome outcome;

    if (arena == NULL) {
        return;
    }
    call.order = instructions[0].order;
    outcome = venue_kraken_futures.endpoint[op].parse(&call, &rsp, arena, &reply);
    free(*owned);
    *owned = NULL;
    touch(bytes_of(venue_outcome_text(outcome)));
    touch_reply(&reply);
    ASSERT(outcome == VENUE_DONE || reply.reason != VENUE_REASON_NONE);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 200, 200, 200, 200, 400, 401, 429, 500, 502 };
    enum venue_op op;
    char *body;

    if (size == 0) {
        return 0;
    }
    op = (enum venue_op)(data[0] % VENUE_OP_COUNT);
    if (venue_kraken_futures.endpoint[op].parse == NULL) {
        return 0;
    }
    body = malloc(size);
    if (body == NULL) {
        return 0;
    }
    memcpy(body, data + 1, size - 1);
    play(op, statuses[data[0] / VENUE_OP_COUNT % (int)ARRAY_LEN(statuses)], body, size - 1, &body);
    free(body);
    return 0;
}
