/*
 * Kraken Futures envelopes: every row of the sheet's tables 6.1 and 6.4, for acting calls and
 * questions.
 */
#include "kraken_futures.h"
#include "kraken_play.h"
#include "suites.h"

static const char *const calls[] = {
    "op=place symbol=S client=F-1 side=buy type=market qty=1",
    "op=cancel venue=v",
    "op=cancel-all",
    "op=replace venue=v type=limit tif=gtc qty=1 price=1",
    "op=batch do=cancel venue=v",
    "op=deadman",
    "op=status client=F-1",
    "op=open-orders",
    "op=fills",
    "op=executions",
    "op=order-history",
    "op=trigger-history",
    "op=positions",
    "op=get-leverage",
    "op=set-leverage symbol=S",
    "op=get-stp",
    "op=set-stp arg.strategy=REJECT_TAKER",
    "op=instruments",
    "op=account-log",
};

static void check_all(int status, const char *headers, const char *body, enum venue_outcome outcome,
                      enum venue_reason reason, const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct played p;

        played_begin(&p, calls[i], status, headers, body);
        if (p.outcome != outcome || p.reply.reason != reason || !bytes_is(p.reply.code, code)) {
            printf("%s: %d %s: %s %s %.*s\n", calls[i], status, body, venue_outcome_text(p.outcome),
                   venue_reason_text(p.reply.reason), BYTES_ARG(p.reply.code));
        }
        CU_ASSERT_EQUAL(p.outcome, outcome);
        CU_ASSERT_EQUAL(p.reply.reason, reason);
        CU_ASSERT_TRUE(bytes_is(p.reply.code, code));
        CU_ASSERT_EQUAL(p.reply.http_status, status);
        CU_ASSERT_EQUAL(p.reply.order_count + p.reply.fill_count, 0);
        CU_ASSERT_FALSE(p.reply.complete);
        played_end(&p);
    }
}

static void every_top_level_error_has_its_outcome(void)
{
    static const struct {
        const char *error;
        enum venue_outcome outcome;
        enum venue_reason reason;
    } rows[] = {
        { "apiLimitExceeded", VENUE_HELD, VENUE_REASON_THROTTLED },
        { "nonceBelowThreshold", VENUE_HELD, VENUE_REASON_OTHER },
        { "nonceDuplicate", VENUE_HELD, VENUE_REASON_OTHER },
        { "authenticationError", VENUE_REFUSED, VENUE_REASON_AUTH },
        { "accountInactive", VENUE_REFUSED, VENUE_REASON_AUTH },
        { "insufficientPrivileges", VENUE_REFUSED, VENUE_REASON_AUTH },
        { "invalidArgument", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "invalidArgument: limitPrice", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "invalidArgument: symbol", VENUE_REFUSED, VENUE_REASON_SYMBOL },
        { "requiredArgumentMissing", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "requiredArgumentMissing: size", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "Json Parse Error", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "invalidUnit", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "invalidAccount", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "invalidAmount", VENUE_REFUSED, VENUE_REASON_INVALID },
        { "contractNotFound", VENUE_REFUSED, VENUE_REASON_SYMBOL },
        { "marketUnavailable", VENUE_REFUSED, VENUE_REASON_CLOSED },
        { "insufficientFunds", VENUE_REFUSED, VENUE_REASON_LIMIT },
        { "notFound", VENUE_REFUSED, VENUE_REASON_UNKNOWN_ORDER },
        { "Unavailable", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { "Server Error", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { "unknownError", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { "neverHeardOf", VENUE_UNKNOWN, VENUE_REASON_OTHER },
        { "invalidUnits", VENUE_UNKNOWN, VENUE_REASON_OTHER },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];

        snprintf(
            body, sizeof body,
            "{\"result\":\"error\",\"error\":\"%s\",\"serverTime\":\"2026-11-20T10:00:00.000Z\"}",
            rows[i].error);
        check_all(200, "", body, rows[i].outcome, rows[i].reason, rows[i].error);
        check_all(400, "", body, rows[i].outcome, rows[i].reason, rows[i].error);
    }
}

static void every_transport_shape_has_its_outcome(void)
{
    static const char html[] = "<html><body>Bad gateway</body></html>";
    static const int broken[] = { 500, 502, 503, 504, 520, 521, 522, 523, 524 };

    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        char code[16];

        snprintf(code, sizeof code, "HTTP %d", broken[i]);
        check_all(broken[i], "", html, VENUE_UNKNOWN, VENUE_REASON_OTHER, code);
        check_all(broken[i], "", "", VENUE_UNKNOWN, VENUE_REASON_OTHER, code);
        check_all(broken[i], "", "{\"result\":\"success\"}", VENUE_UNKNOWN, VENUE_REASON_OTHER,
                  code);
    }
    check_all(200, "", html, VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 200");
    check_all(200, "", "", VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 200");
    check_all(200, "", "[]", VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 200");
    check_all(200, "", "{\"result\":\"success\",\"sendSta", VENUE_UNKNOWN, VENUE_REASON_OTHER,
              "HTTP 200");
    check_all(200, "", "{\"result\":\"error\"}", VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 200");
    check_all(200, "", "{\"result\":7}", VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 200");
    check_all(200, "", "{}", VENUE_UNKNOWN, VENUE_REASON_OTHER, "unreadable");
    check_all(301, "", html, VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 301");
    check_all(404, "", html, VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 404");
    check_all(408, "", "{}", VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP 408");
    check_all(0, "", "", VENUE_UNKNOWN, VENUE_REASON_OTHER, "HTTP ???");
    check_all(401, "", "{\"status\":\"unauthorized\",\"reason\":\"bad signature\"}", VENUE_REFUSED,
              VENUE_REASON_AUTH, "unauthorized");
    check_all(403, "", "{}", VENUE_REFUSED, VENUE_REASON_AUTH, "HTTP 403");
    check_all(400, "",
              "{\"status\":\"BAD_REQUEST\",\"result\":\"error\",\"errors\":[{\"code\":0,"
              "\"message\":\"symbol\"}]}",
              VENUE_REFUSED, VENUE_REASON_INVALID, "0");
    check_all(200, "", "{\"result\":\"error\",\"errors\":[{\"code\":7,\"message\":\"x\"}]}",
              VENUE_UNKNOWN, VENUE_REASON_OTHER, "7");
    check_all(429, "", html, VENUE_HELD, VENUE_REASON_THROTTLED, "HTTP 429");
}

/* A 5xx may have acted whatever its body says. */
static void a_server_failure_is_unknown_even_with_a_refusal_inside(void)
{
    static const char *const errors[] = { "apiLimitExceeded", "authenticationError", "notFound" };

    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        char body[128];
        struct played p;

        snprintf(body, sizeof body, "{\"result\":\"error\",\"error\":\"%s\"}", errors[i]);
        played_begin(&p, calls[0], 500, "", body);
        CU_ASSERT_EQUAL(p.outcome, VENUE_UNKNOWN);
        CU_ASSERT_TRUE(bytes_is(p.reply.code, errors[i]));
        played_end(&p);
    }
}

static void the_time_to_wait_is_read_from_the_header(void)
{
    static const struct {
        const char *headers;
        int64_t us;
    } rows[] = { { "rate-limit-reset: 3\r\n", 3000000 },
                 { "Rate-Limit-Reset: 0.25\r\n", 250000 },
                 { "rate-limit-reset: 0\r\n", 0 },
                 { "rate-limit-reset: soon\r\n", 0 },
                 { "rate-limit-reset: -5\r\n", 0 },
                 { "rate-limit-reset: 99999999999999999\r\n", 0 },
                 { "", 0 } };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct played p;

        played_begin(&p, calls[0], 429, rows[i].headers, "");
        CU_ASSERT_EQUAL(p.reply.retry_after_us, rows[i].us);
        played_end(&p);
        played_begin(&p, calls[0], 200, rows[i].headers,
                     "{\"result\":\"error\",\"error\":\"apiLimitExceeded\"}");
        CU_ASSERT_EQUAL(p.reply.retry_after_us, rows[i].us);
        played_end(&p);
    }
}

static void every_answer_tells_the_venues_time(void)
{
    struct played p;

    played_begin(&p, calls[0], 200, "",
                 "{\"result\":\"error\",\"error\":\"notFound\",\"serverTime\":"
                 "\"1970-01-01T00:00:01.500Z\"}");
    CU_ASSERT_EQUAL(p.reply.server_us, 1500000);
    played_end(&p);
    played_begin(&p, calls[0], 200, "",
                 "{\"result\":\"error\",\"error\":\"notFound\",\"serverTime\":7}");
    CU_ASSERT_EQUAL(p.reply.server_us, 0);
    CU_ASSERT_EQUAL(p.outcome, VENUE_REFUSED);
    played_end(&p);
}

static void settings_errors_are_refusals_of_settings_only(void)
{
    static const struct {
        const char *code;
        enum venue_reason reason;
    } rows[] = { { "41", VENUE_REASON_LIMIT },
                 { "87", VENUE_REASON_SYMBOL },
                 { "88", VENUE_REASON_UNSUPPORTED },
                 { "92", VENUE_REASON_LIMIT } };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[128];
        struct played p;

        snprintf(body, sizeof body, "{\"errors\":[{\"code\":%s,\"message\":\"m\"}]}", rows[i].code);
        for (int status = 200; status <= 500; status += 300) {
            played_begin(&p, "op=set-leverage symbol=S", status, "", body);
            CU_ASSERT_EQUAL(p.outcome, VENUE_REFUSED);
            CU_ASSERT_EQUAL(p.reply.reason, rows[i].reason);
            CU_ASSERT_TRUE(bytes_is(p.reply.code, rows[i].code) && bytes_is(p.reply.text, "m"));
            played_end(&p);
        }
        played_begin(&p, calls[0], 500, "", body);
        CU_ASSERT_EQUAL(p.outcome, VENUE_UNKNOWN);
        played_end(&p);
    }
}

/* An answer that the arena cannot hold is no answer. */
static void too_small_an_arena_makes_an_answer_unknown(void)
{
    static const char body[] =
        "{\"result\":\"success\",\"sendStatus\":{\"status\":\"placed\",\"order_id\":"
        "\"0123456789\",\"cliOrdId\":\"0123456789\"}}";
    struct venue_call call = { .op = VENUE_PLACE };
    struct http_response rsp = { .status = 200, .body = BYTES(body) };
    bool unknown = false;
    bool done = false;

    for (size_t max = 1; max < 4096 && !done; max += 8) {
        struct arena *arena = arena_new(max);
        struct venue_reply reply = { .http_status = 0 };
        enum venue_outcome outcome;

        CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
        outcome = venue_kraken_futures.endpoint[VENUE_PLACE].parse(&call, &rsp, arena, &reply);
        CU_ASSERT_TRUE(outcome == VENUE_UNKNOWN ||
                       (outcome == VENUE_DONE && reply.order_count == 1));
        unknown = unknown || outcome == VENUE_UNKNOWN;
        done = outcome == VENUE_DONE;
        arena_free(arena);
    }
    CU_ASSERT_TRUE(unknown && done);
}

CU_TestInfo kraken_errors_tests[] = {
    { "every_top_level_error_has_its_outcome", every_top_level_error_has_its_outcome },
    { "every_transport_shape_has_its_outcome", every_transport_shape_has_its_outcome },
    { "a_server_failure_is_unknown_whatever_it_says",
      a_server_failure_is_unknown_even_with_a_refusal_inside },
    { "the_time_to_wait_is_read_from_the_header", the_time_to_wait_is_read_from_the_header },
    { "every_answer_tells_the_venues_time", every_answer_tells_the_venues_time },
    { "settings_errors_are_refusals_of_settings_only",
      settings_errors_are_refusals_of_settings_only },
    { "too_small_an_arena_makes_an_answer_unknown", too_small_an_arena_makes_an_answer_unknown },
    CU_TEST_INFO_NULL,
};
