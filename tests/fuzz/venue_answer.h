/*
 * Any bytes as a venue's answer. The first byte chooses the operation, the second the HTTP status,
 * the rest is the body. Whatever comes: one of the four outcomes with its reason, nothing handed on
 * with an unreadable answer, and every text of the reply readable after the body is gone.
 */
#ifndef TESTS_FUZZ_VENUE_ANSWER_H
#define TESTS_FUZZ_VENUE_ANSWER_H

#include "fuzz.h"

#include "venue.h"

static unsigned venue_answer_sum; /* keeps the reads below from being optimised away */

static inline void venue_answer_touch(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        venue_answer_sum += (unsigned char)text.data[i];
    }
}

static inline void venue_answer_read(const struct venue_reply *r)
{
    const struct bytes texts[] = { r->code, r->text, r->cursor, r->setting };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        venue_answer_touch(texts[i]);
    }
    for (size_t i = 0; i < r->order_count; i++) {
        const struct venue_order_state *o = &r->order[i];

        venue_answer_touch(o->client_id);
        venue_answer_touch(o->venue_id);
        venue_answer_touch(o->symbol);
        venue_answer_touch(o->code);
        venue_answer_touch(bytes_of(venue_order_status_text(o->status)));
        PROMISE(!o->has_avg_price || decimal_sign(o->avg_price) > 0);
    }
    for (size_t i = 0; i < r->fill_count; i++) {
        PROMISE(r->fill[i].exec_id.size > 0 && decimal_sign(r->fill[i].qty) > 0);
        venue_answer_touch(r->fill[i].exec_id);
        venue_answer_touch(r->fill[i].venue_id);
        venue_answer_touch(r->fill[i].fee_currency);
    }
    for (size_t i = 0; i < r->instrument_count; i++) {
        PROMISE(r->instrument[i].symbol.size > 0);
        venue_answer_touch(r->instrument[i].symbol);
        venue_answer_touch(r->instrument[i].base);
    }
    for (size_t i = 0; i < r->position_count; i++) {
        venue_answer_touch(r->position[i].symbol);
    }
}

static inline int venue_answer(const struct venue_driver *d, const char *symbol,
                               const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 400, 401, 404, 409, 422, 429, 500 };
    static const struct bytes id[] = { { "v1", 2 } };
    static const struct venue_arg args[] = { { { "positionId", 10 }, { "v1", 2 } } };
    struct venue_call call = { .venue_id = id,
                               .venue_id_count = 1,
                               .arg = args,
                               .arg_count = 1,
                               .since_us = US_PER_S,
                               .wall_us = INT64_C(1700000000) * US_PER_S };
    struct http_response rsp = { .headers = BYTES("Retry-After: 3\r\n") };
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(4 * 1024 * 1024);
    enum venue_outcome outcome;
    char *body;

    if (size >= 2 && arena != NULL && d->endpoint[data[0] % VENUE_OP_COUNT].parse != NULL) {
        call.op = (enum venue_op)(data[0] % VENUE_OP_COUNT);
        call.order = (struct venue_order){ .symbol = bytes_of(symbol),
                                           .client_id = { "fb1-2", 5 },
                                           .venue_id = id[0],
                                           .side = VENUE_BUY,
                                           .type = VENUE_LIMIT,
                                           .tif = VENUE_GTC,
                                           .qty = { 22, 0 },
                                           .price = { 28, 2 } };
        body = malloc(size);
        if (body != NULL) {
            memcpy(body, data + 2, size - 2);
            rsp.status = statuses[data[1] % ARRAY_LEN(statuses)];
            rsp.body = (struct bytes){ body, size - 2 };
            outcome = d->endpoint[call.op].parse(&call, &rsp, arena, &reply);
            free(body);
            PROMISE(outcome == VENUE_DONE || reply.reason != VENUE_REASON_NONE);
            PROMISE(outcome != VENUE_DONE || rsp.status == 200 || call.op == VENUE_STATUS);
            venue_answer_read(&reply);
        }
    }
    arena_free(arena);
    return 0;
}

#endif
