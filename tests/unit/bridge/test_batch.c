/*
 * Batches: what goes into one call, and when the venue's own prices say so.
 */
#include "batch.h"
#include "suites.h"
#include "wire.h"

static struct venue_instruction instruction(enum venue_instruction_kind kind, const char *symbol,
                                            enum venue_order_type type)
{
    return (struct venue_instruction){
        .kind = kind,
        .order = { .symbol = bytes_of(symbol), .side = VENUE_BUY, .type = type, .tif = VENUE_GTC },
    };
}

static const struct venue_driver *driver(const char *name)
{
    const struct venue_driver *d = venue_find(bytes_of(name));

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return d;
}

static bool cheaper(const char *venue, enum venue_instruction_kind kind, size_t count)
{
    struct venue_instruction in[VENUE_IDS_MAX];

    for (size_t i = 0; i < count; i++) {
        in[i] = instruction(kind, "X", VENUE_LIMIT);
    }
    return batch_is_cheaper(driver(venue), in, count);
}

static void test_the_cheaper_way_is_the_venue_s_own_price(void)
{
    /* 9 + n of a window of 500 in 10 s, against 10 each. */
    CU_ASSERT_FALSE(cheaper("kraken-futures", VENUE_DO_PLACE, 1));
    CU_ASSERT_TRUE(cheaper("kraken-futures", VENUE_DO_PLACE, 2));
    CU_ASSERT_TRUE(cheaper("kraken-futures", VENUE_DO_CANCEL, 2));
    /* The same budget per order, but one request of the address instead of n. */
    CU_ASSERT_TRUE(cheaper("bybit", VENUE_DO_PLACE, 2));
    /* One batch a second against ten placements a second; cancels share a budget. */
    CU_ASSERT_FALSE(cheaper("bitget", VENUE_DO_PLACE, 10));
    CU_ASSERT_TRUE(cheaper("bitget", VENUE_DO_PLACE, 11));
    CU_ASSERT_TRUE(cheaper("bitget", VENUE_DO_CANCEL, 2));
}

static size_t taken(const char *venue, const struct venue_instruction *in, size_t count)
{
    struct venue_instruction collected[VENUE_IDS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (batch_takes(driver(venue), collected, n, &in[i])) {
            collected[n++] = in[i];
        }
    }
    return n;
}

static void test_a_batch_takes_what_its_venue_takes(void)
{
    struct venue_instruction in[60];

    for (size_t i = 0; i < ARRAY_LEN(in); i++) {
        in[i] = instruction(VENUE_DO_PLACE, "X", VENUE_LIMIT);
    }
    CU_ASSERT_EQUAL(taken("kraken-futures", in, ARRAY_LEN(in)), 10);
    CU_ASSERT_EQUAL(taken("bybit", in, ARRAY_LEN(in)), 10);
    CU_ASSERT_EQUAL(taken("bitget", in, ARRAY_LEN(in)), 20);
    /* No batches, or none that our orders could be told apart in. */
    CU_ASSERT_EQUAL(taken("coinswitch", in, ARRAY_LEN(in)), 0);
    CU_ASSERT_EQUAL(taken("b2prime", in, ARRAY_LEN(in)), 0);
    CU_ASSERT_EQUAL(taken("bitget-mix-v1", in, ARRAY_LEN(in)), 0);
}

static void test_what_does_not_fit_stays_out(void)
{
    const struct venue_instruction in[] = {
        instruction(VENUE_DO_PLACE, "X", VENUE_LIMIT),
        instruction(VENUE_DO_PLACE, "Y", VENUE_LIMIT),
        instruction(VENUE_DO_PLACE, "X", VENUE_STOP_MARKET),
        instruction(VENUE_DO_CANCEL, "X", VENUE_LIMIT),
        instruction(VENUE_DO_PLACE, "X", VENUE_MARKET),
    };

    CU_ASSERT_EQUAL(taken("kraken-futures", in, ARRAY_LEN(in)), 4); /* without the stop-market */
    CU_ASSERT_EQUAL(taken("bybit", in, ARRAY_LEN(in)), 4);          /* without the cancel */
    CU_ASSERT_EQUAL(taken("bitget", in, ARRAY_LEN(in)), 2);         /* one symbol, no triggers */
}

/* Whatever is collected the driver builds: the request is one, with all of it. */
static void test_what_is_taken_can_be_built(void)
{
    static const char *const venues[] = { "kraken-futures", "bybit", "bitget" };

    for (size_t v = 0; v < ARRAY_LEN(venues); v++) {
        const struct venue_driver *d = driver(venues[v]);
        struct venue_account a = { .driver = d,
                                   .base_url = BYTES("https://localhost"),
                                   .key = BYTES("key"),
                                   .secret = BYTES("c2VjcmV0c2VjcmV0c2VjcmV0"),
                                   .passphrase = BYTES("pass") };
        struct venue_instruction in[VENUE_IDS_MAX];
        struct venue_call call = { .op = VENUE_BATCH, .instruction = in, .nonce = 1, .wall_us = 1 };
        struct http_request request;
        const char *error = "";

        for (size_t i = 0; i < VENUE_IDS_MAX; i++) {
            struct venue_instruction next = instruction(VENUE_DO_PLACE, "BTCUSDT", VENUE_LIMIT);

            next.order.client_id = BYTES("fb-1");
            next.order.qty = dec("1");
            next.order.price = dec("100");
            if (batch_takes(d, in, call.instruction_count, &next)) {
                in[call.instruction_count++] = next;
            }
        }
        CU_ASSERT_TRUE_FATAL(d->account_open(&a, &error));
        http_request_init(&request);
        CU_ASSERT_EQUAL(d->endpoint[VENUE_BATCH].build(&a, &call, &request), VENUE_BUILD_OK);
        http_request_fini(&request);
        d->account_close(&a);
    }
}

CU_TestInfo batch_tests[] = {
    { "the cheaper way is the venue's own price", test_the_cheaper_way_is_the_venue_s_own_price },
    { "a batch takes what its venue takes", test_a_batch_takes_what_its_venue_takes },
    { "what does not fit stays out", test_what_does_not_fit_stays_out },
    { "what is taken can be built", test_what_is_taken_can_be_built },
    CU_TEST_INFO_NULL,
};
