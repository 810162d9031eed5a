/*
 * Bitget: the sheet's table of errors code by code, what answers tell beyond the pair files (shape,
 * successors), how lists are walked to their end, and answers cut short or changed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bitget_play.h"
#include "suites.h"

static struct bitget_play play;

static void begin(const struct venue_driver *d, const char *call)
{
    const char *error = NULL;

    CU_ASSERT_TRUE_FATAL(bitget_play_open(&play, d, "", &error));
    bitget_play_call(&play, call);
}

/* The rows of the sheet (B.16), in its order; the duties of each row follow from its reason. */
static const struct {
    const char *codes;
    enum venue_outcome outcome;
    enum venue_reason reason;
} rows[] = {
    { "40001 40002 40003 40006 40009 40011 40012 40036 40037 40041 400172", VENUE_REFUSED,
      VENUE_REASON_AUTH },
    { "40014 40018 40038 40040 40016 40022 40023 40024 40025 40026 40027 40035", VENUE_REFUSED,
      VENUE_REASON_AUTH },
    { "40004 40005 40008 40078", VENUE_HELD, VENUE_REASON_STALE },
    { "429 50009", VENUE_HELD, VENUE_REASON_THROTTLED },
    { "40015 40725 40604 50008", VENUE_UNKNOWN, VENUE_REASON_OTHER },
    { "40010 40910", VENUE_UNKNOWN, VENUE_REASON_OTHER },
    { "40200 40308 41113 41114 43115 43119 43120 30038", VENUE_REFUSED, VENUE_REASON_CLOSED },
    { "40309 40844 40845 50026 50027 50028", VENUE_REFUSED, VENUE_REASON_CLOSED },
    { "40072 40102 40019", VENUE_REFUSED, VENUE_REASON_SYMBOL },
    { "40017 40020 40034 40808 41101 41103 43011 40409 48001", VENUE_REFUSED,
      VENUE_REASON_INVALID },
    { "40724 40811 40813 48002", VENUE_REFUSED, VENUE_REASON_INVALID },
    { "40108 43006 43037 45110 45111 45114", VENUE_REFUSED, VENUE_REASON_QUANTITY },
    { "40762 43038 43041 45103 45104 45112 45113", VENUE_REFUSED, VENUE_REASON_LIMIT },
    { "40706 40787 40815 40816 40820 40821 41117 43008 43009 43028 43039 43040 45035 45115",
      VENUE_REFUSED, VENUE_REASON_PRICE },
    { "40711 40712 40754 40798 43012 45002", VENUE_REFUSED, VENUE_REASON_LIMIT },
    { "40757 45003 45005 45006 40709 40838 22002 43043", VENUE_REFUSED, VENUE_REASON_POSITION },
    { "40761 40723 43005 43128 45118", VENUE_REFUSED, VENUE_REASON_LIMIT },
    { "45116 59016 22029", VENUE_REFUSED, VENUE_REASON_LIMIT },
    { "40774", VENUE_REFUSED, VENUE_REASON_UNSUPPORTED },
    { "40824 45123", VENUE_REFUSED, VENUE_REASON_UNSUPPORTED },
    { "40735 40738 40742 40829 40831 40836 40915 40917 43013 43014 43015 43016 43034 43035 45060 "
      "45067 45122",
      VENUE_REFUSED, VENUE_REASON_PRICE },
    { "40786 40708 43118 45034 50060", VENUE_REFUSED, VENUE_REASON_DUPLICATE },
    { "40109 40768 43001 22001 80011 40819 43020 43025", VENUE_REFUSED,
      VENUE_REASON_UNKNOWN_ORDER },
    { "22003 40924 40925", VENUE_REFUSED, VENUE_REASON_INVALID },
    { "40305 40304 40500", VENUE_REFUSED, VENUE_REASON_INVALID },
    { "40306", VENUE_REFUSED, VENUE_REASON_INVALID },
    /* not listed: nothing is proved */
    { "40000 40743 45059 60001 60006 00001 1 12345678 4x", VENUE_UNKNOWN, VENUE_REASON_OTHER },
};

static void check_code(struct bytes code, size_t row)
{
    static const int statuses[] = { 200, 400, 401, 403 };

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        char body[128];

        snprintf(body, sizeof body,
                 "{\"code\":\"%.*s\",\"msg\":\"m\",\"requestTime\":1695806875900}",
                 BYTES_ARG(code));
        bitget_play_parse(&play, statuses[i], body);
        CU_ASSERT_EQUAL(play.outcome, rows[row].outcome);
        CU_ASSERT_EQUAL(play.reply.reason, rows[row].reason);
        CU_ASSERT_TRUE(bytes_equal(play.reply.code, code));
        CU_ASSERT_EQUAL(play.reply.server_us, 1695806875900 * US_PER_MS);
    }
}

static void every_code_of_the_sheet_has_its_outcome(void)
{
    begin(&venue_bitget, "op=place symbol=X client=FB-1 side=buy type=market qty=1");
    for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
        for (const char *at = rows[row].codes; *at != '\0'; at += *at == ' ') {
            struct bytes code = { at, strcspn(at, " ") };

            check_code(code, row);
            at += code.size;
        }
    }
    bitget_play_close(&play);
}

static void a_server_error_is_never_a_refusal(void)
{
    begin(&venue_bitget, "op=place symbol=X client=FB-1 side=buy type=market qty=1");
    for (int status = 500; status <= 504; status++) {
        bitget_play_parse(&play, status, "{\"code\":\"40711\",\"msg\":\"m\"}");
        CU_ASSERT_EQUAL(play.outcome, VENUE_UNKNOWN);
        bitget_play_parse(&play, status, "");
        CU_ASSERT_EQUAL(play.outcome, VENUE_UNKNOWN);
    }
    /* Throttled is throttled, whatever the status. */
    bitget_play_parse(&play, 503, "{\"code\":\"429\",\"msg\":\"m\"}");
    CU_ASSERT_EQUAL(play.outcome, VENUE_HELD);
    bitget_play_parse(&play, 429, "{\"code\":\"40711\",\"msg\":\"m\"}");
    CU_ASSERT_EQUAL(play.outcome, VENUE_HELD);
    bitget_play_close(&play);
}

/* What an order without client id is recognised by. */
static void v1_rows_tell_their_shape(void)
{
    static const struct {
        const char *word;
        enum venue_order_type type;
        enum venue_tif tif;
        bool post;
    } shapes[] = {
        { "limit", VENUE_LIMIT, VENUE_GTC, false },    { "market", VENUE_MARKET, VENUE_IOC, false },
        { "post_only", VENUE_LIMIT, VENUE_GTC, true }, { "ioc", VENUE_LIMIT, VENUE_IOC, false },
        { "fok", VENUE_LIMIT, VENUE_FOK, false },      { "odd", 0, 0, false },
    };

    begin(&venue_bitget_v1, "op=open-orders symbol=BTCUSDT");
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        const struct venue_order_state *o;
        char body[512];

        snprintf(body, sizeof body,
                 "{\"code\":\"00000\",\"data\":[{\"orderId\":\"7\",\"symbol\":\"BTCUSDT\","
                 "\"side\":\"sell\",\"orderType\":\"%s\",\"price\":\"30000.50\",\"size\":\"0.123\","
                 "\"filledSize\":\"0.1\",\"avgPrice\":\"30000\",\"status\":\"new\",\"createTime\":"
                 "1621441751927,"
                 "\"updateTime\":1621441751999}]}",
                 shapes[i].word);
        bitget_play_parse(&play, 200, body);
        CU_ASSERT_EQUAL_FATAL(play.reply.order_count, 1);
        o = &play.reply.order[0];
        CU_ASSERT_EQUAL(o->type, shapes[i].type);
        CU_ASSERT_EQUAL(o->tif, shapes[i].tif);
        CU_ASSERT_EQUAL(o->post_only, shapes[i].post);
        CU_ASSERT_EQUAL(o->side, VENUE_SELL);
        CU_ASSERT_EQUAL(o->created_us, 1621441751927 * US_PER_MS);
        CU_ASSERT_TRUE(o->has_avg_price &&
                       decimal_equal(o->avg_price, (struct decimal){ 30000, 0 }));
        CU_ASSERT_EQUAL(o->client_id.size, 0);
    }
    bitget_play_close(&play);
}

static void v2_rows_tell_their_shape(void)
{
    const struct venue_order_state *o;

    begin(&venue_bitget, "op=status symbol=ETHUSDT client=FB-1");
    bitget_play_parse(
        &play, 200,
        "{\"code\":\"00000\",\"data\":{\"orderId\":\"7\",\"clientOid\":\"FB-1\","
        "\"state\":\"live\",\"side\":\"sell\",\"orderType\":\"limit\",\"force\":\"post_only\","
        "\"reduceOnly\":\"yes\",\"priceAvg\":\"1900.5\",\"cTime\":\"1695806875837\"}}");
    CU_ASSERT_EQUAL_FATAL(play.reply.order_count, 1);
    o = &play.reply.order[0];
    CU_ASSERT_TRUE(o->type == VENUE_LIMIT && o->tif == VENUE_GTC && o->post_only && o->reduce_only);
    CU_ASSERT_TRUE(o->has_avg_price && decimal_equal(o->avg_price, (struct decimal){ 19005, 1 }));
    CU_ASSERT_EQUAL(o->created_us, 1695806875837 * US_PER_MS);
    CU_ASSERT_EQUAL(o->updated_us, o->created_us);
    bitget_play_close(&play);
}

static void a_fired_trigger_names_its_successor(void)
{
    begin(&venue_bitget, "op=trigger-history");
    bitget_play_parse(
        &play, 200,
        "{\"code\":\"00000\",\"data\":{\"entrustedList\":[{\"orderId\":\"7\","
        "\"clientOid\":\"FB-1\",\"planStatus\":\"executed\",\"executeOrderId\":\"900\"}]}}");
    CU_ASSERT_EQUAL_FATAL(play.reply.order_count, 1);
    CU_ASSERT_TRUE(bytes_is(play.reply.order[0].successor_id, "900"));
    CU_ASSERT_EQUAL(play.reply.order[0].status, VENUE_ORDER_OPEN);
    CU_ASSERT_FALSE(play.reply.order[0].is_trigger);
    bitget_play_close(&play);
}

static void a_modify_names_its_successor(void)
{
    struct buf id;

    begin(&venue_bitget, "op=replace symbol=ETHUSDT client=FB-1 venue=55 type=limit qty=1 price=2");
    bitget_play_parse(&play, 200,
                      "{\"code\":\"00000\",\"data\":{\"orderId\":\"55\",\"clientOid\":\"FB-1\"}}");
    CU_ASSERT_EQUAL_FATAL(play.reply.order_count, 1);
    CU_ASSERT_EQUAL(play.reply.order[0].status, VENUE_ORDER_PENDING);
    buf_init(&id, 64);
    bitget_new_client_id(&play.call.call.order, &id);
    CU_ASSERT_TRUE(bytes_equal(play.reply.order[0].successor_client_id, buf_view(&id)));
    buf_fini(&id);
    bitget_play_close(&play);
}

/* Answers empty pages until the list says that it is complete; what was asked, one letter a
 * question. */
static unsigned walk(const char *call)
{
    char cursor[64];
    struct bytes text;
    unsigned questions = 0;

    begin(&venue_bitget, call);
    do {
        questions++;
        CU_ASSERT_EQUAL_FATAL(bitget_play_build(&play), VENUE_BUILD_OK);
        bitget_play_parse(&play, 200,
                          "{\"code\":\"00000\",\"data\":{\"entrustedList\":null,\"fillList\":null,"
                          "\"endId\":null}}");
        CU_ASSERT_EQUAL_FATAL(play.outcome, VENUE_DONE);
        CU_ASSERT_TRUE_FATAL(bytes_to_field(play.reply.cursor, cursor, sizeof cursor));
        text = bytes_of(cursor);
        play.call.call.cursor = text;
        CU_ASSERT_EQUAL(play.reply.complete, text.size == 0);
    } while (text.size > 0 && questions < 100);
    bitget_play_close(&play);
    return questions;
}

static void lists_are_walked_to_their_end(void)
{
    CU_ASSERT_EQUAL(walk("op=open-orders"), 5);
    CU_ASSERT_EQUAL(walk("op=trigger-history since=2026-01-01T00:00:00Z wall=2026-01-02T00:00:00Z"),
                    3);
    CU_ASSERT_EQUAL(walk("op=order-history wall=2026-01-02T00:00:00Z"), 1);
    CU_ASSERT_EQUAL(walk("op=order-history since=2026-01-01T00:00:00Z wall=2026-01-02T00:00:00Z"),
                    1);
    CU_ASSERT_EQUAL(walk("op=order-history since=2026-01-01T00:00:00Z wall=2026-01-14T00:00:00Z"),
                    3);
    /* 90 days are all there is. */
    CU_ASSERT_EQUAL(walk("op=executions since=2020-01-01T00:00:00Z wall=2026-01-14T00:00:00Z"), 15);
}

/* Spans meet: each begins before the one before it ends, none is longer than a week, the last is
 * open. */
static void spans_leave_no_hole(void)
{
    struct venue_call call = { .since_us = 1, .wall_us = 1000 * BITGET_SPAN_US };
    int64_t from_us = 0;
    int64_t to_us = 0;
    int64_t end_us = 0;
    unsigned stage = 0;

    while (bitget_span(&call, stage, &from_us, &to_us)) {
        CU_ASSERT_TRUE(stage == 0 || from_us < end_us);
        CU_ASSERT_TRUE(to_us == 0 || to_us - from_us <= 7 * 24 * 3600 * US_PER_S);
        end_us = to_us;
        stage++;
        call.wall_us += US_PER_S; /* time goes on between the questions */
    }
    CU_ASSERT_EQUAL(end_us, 0);
    CU_ASSERT_TRUE(stage >= 15);
}

#define DETAIL                                                                                     \
    "{\"code\":\"00000\",\"msg\":\"success\",\"requestTime\":1695806875900,\"data\":{\"orderId\":" \
    "\"7\",\"clientOid\":\"FB-1\",\"symbol\":\"ethusdt\",\"size\":\"2\",\"baseVolume\":\"1\","     \
    "\"price\":\"1900\",\"state\":\"filled\",\"side\":\"buy\",\"cTime\":\"1695806875837\"}}"

static void an_answer_cut_short_is_unknown(void)
{
    char body[512];

    begin(&venue_bitget, "op=status symbol=ETHUSDT client=FB-1");
    bitget_play_parse(&play, 200, DETAIL);
    CU_ASSERT_EQUAL(play.outcome, VENUE_DONE);
    CU_ASSERT_TRUE(bytes_is(play.reply.order[0].symbol, "ETHUSDT"));
    for (size_t n = 0; n < strlen(DETAIL); n++) {
        memcpy(body, DETAIL, n);
        body[n] = '\0';
        bitget_play_parse(&play, 200, body);
        CU_ASSERT_EQUAL(play.outcome, VENUE_UNKNOWN);
        CU_ASSERT_EQUAL(play.reply.order_count, 0);
    }
    bitget_play_close(&play);
}

static void wrong_types_make_the_answer_unreadable(void)
{
    static const char *const bodies[] = {
        "{\"code\":\"00000\",\"data\":{\"orderId\":{},\"state\":\"live\"}}",
        "{\"code\":\"00000\",\"data\":{\"orderId\":-1,\"state\":\"live\"}}",
        "{\"code\":\"00000\",\"data\":{\"orderId\":1.5,\"state\":\"live\"}}",
        "{\"code\":\"00000\",\"data\":{\"orderId\":\"1\",\"state\":5}}",
        "{\"code\":\"00000\",\"data\":{\"orderId\":\"1\",\"state\":\"live\",\"size\":\"many\"}}",
        "{\"code\":\"00000\",\"data\":{\"orderId\":\"1\",\"state\":\"live\",\"cTime\":\"now\"}}",
        "{\"code\":\"00000\",\"data\":{\"orderId\":\"1\",\"state\":\"live\",\"cTime\":\"-1\"}}",
        "{\"code\":\"00000\",\"data\":[]}",
        "{\"code\":\"00000\",\"data\":\"x\"}",
        "[]",
        "{\"code\":{}}",
    };

    begin(&venue_bitget, "op=status symbol=ETHUSDT client=FB-1");
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        bitget_play_parse(&play, 200, bodies[i]);
        CU_ASSERT_EQUAL(play.outcome, VENUE_UNKNOWN);
        CU_ASSERT_EQUAL(play.reply.order_count, 0);
    }
    bitget_play_parse(&play, 200,
                      "{\"code\":\"00000\",\"data\":{\"orderId\":12345,\"state\":\"live\"}}");
    CU_ASSERT_EQUAL(play.outcome, VENUE_DONE);
    CU_ASSERT_TRUE(bytes_is(play.reply.order[0].venue_id, "12345"));
    bitget_play_close(&play);
}

CU_TestInfo bitget_read_tests[] = {
    { "every_code_of_the_sheet_has_its_outcome", every_code_of_the_sheet_has_its_outcome },
    { "a_server_error_is_never_a_refusal", a_server_error_is_never_a_refusal },
    { "v1_rows_tell_their_shape", v1_rows_tell_their_shape },
    { "v2_rows_tell_their_shape", v2_rows_tell_their_shape },
    { "a_fired_trigger_names_its_successor", a_fired_trigger_names_its_successor },
    { "a_modify_names_its_successor", a_modify_names_its_successor },
    { "lists_are_walked_to_their_end", lists_are_walked_to_their_end },
    { "spans_leave_no_hole", spans_leave_no_hole },
    { "an_answer_cut_short_is_unknown", an_answer_cut_short_is_unknown },
    { "wrong_types_make_the_answer_unreadable", wrong_types_make_the_answer_unreadable },
    CU_TEST_INFO_NULL,
};
