/*
 * Answers that leave open whether the venue acted: the rows marked "ambiguous" in what is known of
 * each venue, for all six dialects and every operation a driver has. None may be taken for a
 * success or a refusal, whatever else the answer says. That such an outcome is then settled by
 * questions is shown by scenarios and by tests/integration/test_unknown.py.
 */
#include <stdio.h>

#include "b2prime.h"
#include "bitget.h"
#include "bybit.h"
#include "coinswitch.h"
#include "kraken_futures.h"
#include "suites.h"

struct row {
    const struct venue_driver *driver;
    const char *name; /* as the venue's documents, or what is known of it, have it */
    int status;       /* 0: no whole answer came: timeout, reset, connection lost */
    const char *body;
    enum venue_outcome asked; /* of questions, which may be asked again */
};

#define BYBIT(code) "{\"retCode\":" code ",\"retMsg\":\"m\",\"result\":{},\"time\":1763690000123}"
#define BITGET(code) "{\"code\":\"" code "\",\"msg\":\"m\",\"requestTime\":1,\"data\":null}"
#define KRAKEN(error)                                                                              \
    "{\"result\":\"error\",\"error\":\"" error "\",\"serverTime\":\"2026-11-20T10:00:00.000Z\"}"
#define HTML "<html><body>Bad gateway</body></html>"

static const struct row rows[] = {
    { &venue_kraken_futures, "Unavailable", 200, KRAKEN("Unavailable"), VENUE_UNKNOWN },
    { &venue_kraken_futures, "Server Error", 200, KRAKEN("Server Error"), VENUE_UNKNOWN },
    { &venue_kraken_futures, "unknownError", 200, KRAKEN("unknownError"), VENUE_UNKNOWN },
    { &venue_kraken_futures, "an error nobody listed", 200, KRAKEN("neverHeardOf"), VENUE_UNKNOWN },
    { &venue_bybit, "10000 server timeout", 200, BYBIT("10000"), VENUE_UNKNOWN },
    { &venue_bybit, "10016 server error, restarting", 200, BYBIT("10016"), VENUE_UNKNOWN },
    { &venue_bybit, "429 overloaded, in retCode", 200, BYBIT("429"), VENUE_HELD },
    { &venue_bybit, "429 system-level protection", 429, "{}", VENUE_HELD },
    { &venue_bybit, "10014 duplicate request", 200, BYBIT("10014"), VENUE_UNKNOWN },
    { &venue_bybit, "40004 changed while being replaced", 200, BYBIT("40004"), VENUE_UNKNOWN },
    { &venue_bybit, "a code nobody listed", 200, BYBIT("987654"), VENUE_UNKNOWN },
    { &venue_bitget, "40015 system error", 400, BITGET("40015"), VENUE_UNKNOWN },
    { &venue_bitget, "40725 service error", 400, BITGET("40725"), VENUE_UNKNOWN },
    { &venue_bitget, "40604 server busy", 400, BITGET("40604"), VENUE_UNKNOWN },
    { &venue_bitget, "50008 timeout", 400, BITGET("50008"), VENUE_UNKNOWN },
    { &venue_bitget, "40010 timed out, or signature", 400, BITGET("40010"), VENUE_UNKNOWN },
    { &venue_bitget, "40910 timed out", 400, BITGET("40910"), VENUE_UNKNOWN },
    { &venue_bitget, "a code nobody listed", 200, BITGET("99998"), VENUE_UNKNOWN },
    { &venue_bitget_v1, "40015 system error", 400, BITGET("40015"), VENUE_UNKNOWN },
    { &venue_bitget_v1, "40725 service error", 400, BITGET("40725"), VENUE_UNKNOWN },
    { &venue_bitget_v1, "40604 server busy", 400, BITGET("40604"), VENUE_UNKNOWN },
    { &venue_bitget_v1, "50008 timeout", 400, BITGET("50008"), VENUE_UNKNOWN },
    { &venue_bitget_v1, "40010 timed out, or signature", 400, BITGET("40010"), VENUE_UNKNOWN },
    { &venue_bitget_v1, "40910 timed out", 400, BITGET("40910"), VENUE_UNKNOWN },
};

/* Of every venue: the line "5xx, timeout, reset after the bytes were sent, unreadable answer". */
static const struct {
    const char *name;
    int status;
    const char *body;
} shapes[] = {
    { "timeout, reset, connection lost", 0, "" },
    { "500 with a success inside", 500,
      "{\"result\":\"success\",\"retCode\":0,\"code\":\"00000\",\"data\":{}}" },
    { "500 with a refusal inside", 500,
      "{\"result\":\"error\",\"error\":\"notFound\",\"retCode\":110001,\"code\":\"40109\","
      "\"message\":\"not found\"}" },
    { "502", 502, HTML },
    { "503", 503, HTML },
    { "504", 504, "" },
    { "520", 520, HTML },
    { "524", 524, HTML },
    { "408", 408, "{}" },
    { "200 that is no JSON", 200, HTML },
    { "200 without a body", 200, "" },
    { "200 cut off", 200, "{\"result\":\"success\",\"retCode\":0,\"code\":\"00000\",\"da" },
};

static enum venue_outcome outcome_of(const struct venue_driver *d, enum venue_op op, int status,
                                     const char *body)
{
    static const struct venue_instruction cancel = {
        .kind = VENUE_DO_CANCEL,
        .order = { .symbol = { "S", 1 }, .client_id = { "F-1", 3 }, .venue_id = { "v", 1 } },
    };
    static const struct bytes id = { "F-1", 3 };
    const struct http_response rsp = { .status = status, .body = bytes_of(body) };
    struct venue_call call = { .op = op, .symbol = BYTES("S"), .order = cancel.order };
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(1 << 20);
    enum venue_outcome outcome;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    if (op == VENUE_BATCH) {
        call.instruction = &cancel;
        call.instruction_count = 1;
    } else if (op == VENUE_STATUS) {
        call.client_id = &id;
        call.client_id_count = 1;
    }
    outcome = d->endpoint[op].parse(&call, &rsp, arena, &reply);
    CU_ASSERT_EQUAL(reply.order_count + reply.fill_count, 0);
    CU_ASSERT_FALSE(reply.complete);
    arena_free(arena);
    return outcome;
}

/* Each operation of the driver; how many it has. */
static size_t check_row(const struct venue_driver *d, const char *name, int status,
                        const char *body, enum venue_outcome asked)
{
    size_t count = 0;

    for (unsigned i = 0; i < VENUE_OP_COUNT; i++) {
        enum venue_op op = (enum venue_op)i;
        enum venue_outcome wanted = venue_op_acts(op) ? VENUE_UNKNOWN : asked;
        enum venue_outcome got;

        if (d->endpoint[op].parse == NULL || op == VENUE_CHECK_ORDER) {
            continue; /* CHECK_ORDER: a question about nothing that is there */
        }
        got = outcome_of(d, op, status, body);
        if (got != wanted) {
            printf("%s: %s: %s: %s\n", d->name, name, venue_op_text(op), venue_outcome_text(got));
        }
        CU_ASSERT_EQUAL(got, wanted);
        count++;
    }
    return count;
}

static void every_ambiguous_code_is_unknown_for_every_operation(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];

        CU_ASSERT_TRUE(check_row(r->driver, r->name, r->status, r->body, r->asked) > 8);
    }
}

static void every_broken_answer_is_unknown_for_every_operation(void)
{
    for (size_t d = 0; venue_list[d] != NULL; d++) {
        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
            CU_ASSERT_TRUE(check_row(venue_list[d], shapes[i].name, shapes[i].status,
                                     shapes[i].body, VENUE_UNKNOWN) > 6);
        }
    }
}

CU_TestInfo ambiguous_tests[] = {
    { "every_ambiguous_code_is_unknown_for_every_operation",
      every_ambiguous_code_is_unknown_for_every_operation },
    { "every_broken_answer_is_unknown_for_every_operation",
      every_broken_answer_is_unknown_for_every_operation },
    CU_TEST_INFO_NULL,
};
