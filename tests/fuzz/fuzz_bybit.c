/*
 * Any bytes as the answer to any Bybit call. The first byte chooses operation and HTTP status, the
 * rest is the body. Whatever comes: one of the four outcomes, nothing handed on with an unreadable
 * answer, every text of the reply readable after the body is gone, and every continuation good
 * enough to be asked with.
 */
#include "bybit.h"
#include "fuzz.h"

#define ARENA_MAX (16 * 1024 * 1024)

static const struct venue_instruction instructions[] = {
    { VENUE_DO_PLACE,
      { .client_id = { "B-1", 3 },
        .side = VENUE_BUY,
        .type = VENUE_LIMIT,
        .tif = VENUE_GTC,
        .qty = { 10, 0 },
        .price = { 9, 0 } } },
    { VENUE_DO_PLACE,
      { .client_id = { "B-2", 3 }, .side = VENUE_SELL, .type = VENUE_MARKET, .qty = { 1, 0 } } },
};

static unsigned sum; /* keeps the reads below from being optimised away */

static void touch(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        sum += (unsigned char)text.data[i];
    }
}

static void touch_orders(const struct venue_reply *r)
{
    for (size_t i = 0; i < r->order_count; i++) {
        const struct venue_order_state *o = &r->order[i];

        touch(o->client_id);
        touch(o->venue_id);
        touch(o->symbol);
        touch(o->code);
        touch(bytes_of(venue_order_status_text(o->status)));
        touch(bytes_of(venue_cause_text(o->cause)));
        PROMISE(o->status != VENUE_ORDER_REJECTED || o->reason != VENUE_REASON_NONE);
    }
}

static void touch_reply(const struct venue_reply *r)
{
    touch(r->code);
    touch(r->text);
    touch(r->cursor);
    touch(r->setting);
    touch_orders(r);
    for (size_t i = 0; i < r->fill_count; i++) {
        touch(r->fill[i].client_id);
        touch(r->fill[i].fee_currency);
        PROMISE(r->fill[i].exec_id.size > 0 && decimal_sign(r->fill[i].qty) > 0);
        PROMISE(i == 0 || r->fill[i - 1].time_us <= r->fill[i].time_us);
    }
    for (size_t i = 0; i < r->instrument_count; i++) {
        touch(r->instrument[i].symbol);
        touch(r->instrument[i].base);
        PROMISE(!r->instrument[i].tradeable || decimal_sign(r->instrument[i].lot) > 0);
    }
    for (size_t i = 0; i < r->position_count; i++) {
        touch(r->position[i].symbol);
        PROMISE(decimal_sign(r->position[i].qty) > 0);
    }
}

static void play(enum venue_op op, int status, char *body, size_t size)
{
    const struct bytes client[] = { { "F-1", 3 }, { "F-2", 3 } };
    static const struct bytes cursors[] = { { "", 0 }, { "~1763000000000~abc", 18 } };
    const struct venue_arg show = { BYTES("show"), BYTES("true") };
    struct venue_call call = { .op = op,
                               .client_id = client,
                               .client_id_count = 1 + size % 2,
                               .instruction = instructions,
                               .instruction_count = 1 + size % 2,
                               .since_us = 1762000000 * US_PER_S,
                               .wall_us = 1763690000 * US_PER_S,
                               .cursor = cursors[size / 2 % 2],
                               .arg = &show,
                               .arg_count = op == VENUE_DEADMAN ? size / 2 % 2 : 0 };
    const struct http_response rsp = { .status = status,
                                       .headers = BYTES("X-Bapi-Limit-Reset-Timestamp: 5\r\n"),
                                       .body = { body, size } };
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(ARENA_MAX);
    enum venue_outcome outcome;

    if (arena == NULL) {
        free(body);
        return;
    }
    call.order = instructions[0].order;
    outcome = venue_bybit.endpoint[op].parse(&call, &rsp, arena, &reply);
    free(body);
    touch(bytes_of(venue_outcome_text(outcome)));
    touch_reply(&reply);
    PROMISE(outcome == VENUE_DONE || reply.reason != VENUE_REASON_NONE);
    PROMISE(outcome == VENUE_DONE ||
            reply.fill_count + reply.position_count + reply.instrument_count == 0);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 200, 200, 200, 200, 400, 401, 403, 429, 500 };
    enum venue_op op;
    char *body;

    if (size == 0) {
        return 0;
    }
    op = (enum venue_op)(data[0] % VENUE_OP_COUNT);
    if (venue_bybit.endpoint[op].parse == NULL) {
        return 0;
    }
    body = malloc(size);
    if (body == NULL) {
        return 0;
    }
    memcpy(body, data + 1, size - 1);
    play(op, statuses[data[0] / VENUE_OP_COUNT % (int)ARRAY_LEN(statuses)], body, size - 1);
    return 0;
}
