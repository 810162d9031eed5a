/*
 * Kraken Futures signatures: the sheet's vectors K1-K8 through the signing routine and through the
 * requests that can express them, Kraken's own published answer, and the account's keys.
 */
#include "kraken_futures.h"
#include "kraken_play.h"
#include "suites.h"

static const struct {
    const char *name, *query, *body, *nonce, *path, *authent, *call;
} vectors[] = {
    { "K1", "", "", "", "/derivatives/api/v3/openorders",
      "01NpmRljuNFOYCFDW+OXrtHSByZQJbicy27eoNrFl8w05mo30EzFYxJjL+yj7ul6RPZy5zHB0z3sIuPz2gycng==",
      "op=open-orders" },
    { "K2", "", "", "1763690000000", "/derivatives/api/v3/openorders",
      "qJgetNLVZ5wr04iyzakyLXWqdYr1NbXQvH+YNZhXzGorYPg/Ss5xUGc9dtw7PSkcHVpq+gFUGYwixPRiF5ELyQ==",
      "op=open-orders nonce=1763690000000" },
    { "K3", "",
      "orderType=lmt&symbol=PI_XBTUSD&side=buy&size=10000&limitPrice=9400&cliOrdId=FIX-0001",
      "1763690000001", "/derivatives/api/v3/sendorder",
      "q5Ej7N39I8eyvMZENFNMLFAXC/VgPPaCNDNtwb64S4MljWXfGxY16eQpPtI6HHdeUYCVwxhI7jHU8ARtfKUQ+Q==",
      "op=place symbol=PI_XBTUSD side=buy type=limit tif=gtc qty=10000 price=9400 client=FIX-0001 "
      "nonce=1763690000001" },
    { "K4", "",
      "symbol=PF_XBTUSD&side=buy&size=0.0001&cliOrdId=myid1&orderType=lmt&limitPrice=20000", "",
      "/derivatives/api/v3/sendorder",
      "NnSf4POMaLaX02nmoXZaajQlhelqdw9I5PER3hRcjnkGO0kVpySsNmWIB/cw1oOHLegDzUEGvGk+a28bkEiTkw==",
      NULL },
    { "K5", "lastFillTime=2026-01-01T00%3A00%3A00.000Z", "", "", "/derivatives/api/v3/fills",
      "Aa0hZg8bwdet0EgbfALUt8InBg90Aos+Gli75bD6aUVuFM08UqXl+Uk1cDoA2bKhQsZeJib750VOXv27d/yFVw==",
      "op=fills before=2026-01-01T00:00:00Z" },
    { "K6", "since=1763600000000&sort=asc&count=100", "", "", "/api/history/v3/executions",
      "CN2P4GxlDqQ1SYctJyXNG5QoBbSwoRSPO+0GVXeVVWceCpdUm+2Aw6JNnMk9nzST61H/C6Pv9L81JrLRPDY2VA==",
      "op=executions since=2025-11-20T00:53:20Z count=100" },
    { "K7", "",
      "json=%7B%22batchOrder%22%3A%5B%7B%22order%22%3A%22cancel%22%2C%22order_id%22%3A%22"
      "3d080c9b-6a50-45c1-8365-11c00295f011%22%7D%5D%7D",
      "1763690000002", "/derivatives/api/v3/batchorder",
      "DCRtsvRTs6DpEkiwWZxkhKK9Endxjnsx6DJmX07I6wE5EZn0WNEF+9B0Lkqj21SmGSGq0weMc1jJop7RPN6JmA==",
      "op=batch nonce=1763690000002 do=cancel venue=3d080c9b-6a50-45c1-8365-11c00295f011" },
    { "K8", "", "cliOrdIds=FIX-0001&cliOrdIds=FIX-0002", "1763690000003",
      "/derivatives/api/v3/orders/status",
      "BGxQURriiZcsQzYJ42kznPzDYV/zBFJcEl28RNC7vH7fHzWwy9AMF0+SCrfPOEuPW0Ebq3hhXvjbX9MMkzzZZw==",
      "op=status client=FIX-0001 client=FIX-0002 nonce=1763690000003" },
};

static void open_account(struct venue_account *a, const char *secret)
{
    const char *error = NULL;

    *a = (struct venue_account){ .driver = &venue_kraken_futures,
                                 .key = BYTES("k"),
                                 .secret = bytes_of(secret) };
    CU_ASSERT_TRUE_FATAL(venue_kraken_futures.account_open(a, &error));
}

static bool signs(struct kraken_state *s, const char *query, const char *body, const char *nonce,
                  const char *path, const char *expected)
{
    struct buf out;
    bool same;

    buf_init(&out, 256);
    same = kraken_sign(s, bytes_of(query), bytes_of(body), bytes_of(nonce), bytes_of(path), &out) &&
           bytes_is(buf_view(&out), expected);
    buf_fini(&out);
    return same;
}

static void the_routine_gives_all_vectors(void)
{
    struct venue_account a;

    open_account(&a, KRAKEN_TEST_SECRET);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
            CU_ASSERT_TRUE(signs(a.state, vectors[i].query, vectors[i].body, vectors[i].nonce,
                                 vectors[i].path, vectors[i].authent));
        }
    }
    venue_kraken_futures.account_close(&a);
}

static void the_requests_carry_the_vectors(void)
{
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        char target[256];

        if (vectors[i].call == NULL) {
            continue;
        }
        snprintf(target, sizeof target, "%s%s%s", vectors[i].path,
                 vectors[i].query[0] == '\0' ? "" : "?", vectors[i].query);
        CU_ASSERT_TRUE(kraken_builds(vectors[i].call, target, vectors[i].body));
        CU_ASSERT_STRING_EQUAL(kraken_built_header(vectors[i].call, "Authent"), vectors[i].authent);
        CU_ASSERT_STRING_EQUAL(kraken_built_header(vectors[i].call, "Nonce"), vectors[i].nonce);
        CU_ASSERT_STRING_EQUAL(kraken_built_header(vectors[i].call, "APIKey"), "test-key");
        CU_ASSERT_STRING_EQUAL(kraken_built_header(vectors[i].call, "Accept"), "application/json");
        CU_ASSERT_STRING_EQUAL(kraken_built_header(vectors[i].call, "Content-Type"),
                               vectors[i].body[0] == '\0' ? ""
                                                          : "application/x-www-form-urlencoded");
    }
}

/* Published for the WebSocket challenge, where the hashed text is just the challenge. */
static void the_official_answer_is_reproduced(void)
{
    struct venue_account a;

    open_account(
        &a,
        "7zxMEF5p/Z8l2p2U7Ghv6x14Af+Fx+92tPgUdVQ748FOIrEoT9bgT+bTRfXc5pz8na+hL/QdrCVG7bh9KpT0eMTm");
    CU_ASSERT_TRUE(
        signs(a.state, "c100b894-1729-464d-ace1-52dbce11db42", "", "", "",
              "4JEpF3ix66GA2B+"
              "ooK128Ift4XQVtc137N9yeg4Kqsn9PI0Kpzbysl9M1IeCEdjg0zl00wkVqcsnG4bmnlMb3A=="));
    venue_kraken_futures.account_close(&a);
}

static void only_the_leading_prefix_is_stripped(void)
{
    struct venue_account a;
    struct buf with, without, history;

    open_account(&a, KRAKEN_TEST_SECRET);
    buf_init(&with, 256);
    buf_init(&without, 256);
    buf_init(&history, 256);
    CU_ASSERT_TRUE(kraken_sign(a.state, BYTES(""), BYTES(""), BYTES(""),
                               BYTES("/derivatives/api/v3/x"), &with));
    CU_ASSERT_TRUE(
        kraken_sign(a.state, BYTES(""), BYTES(""), BYTES(""), BYTES("/api/v3/x"), &without));
    CU_ASSERT_TRUE(kraken_sign(a.state, BYTES(""), BYTES(""), BYTES(""),
                               BYTES("/derivativesapi/v3/x"), &history));
    CU_ASSERT_TRUE(bytes_equal(buf_view(&with), buf_view(&without)));
    CU_ASSERT_FALSE(bytes_equal(buf_view(&with), buf_view(&history)));
    buf_fini(&with);
    buf_fini(&without);
    buf_fini(&history);
    venue_kraken_futures.account_close(&a);
}

static void bad_keys_are_refused_with_a_reason(void)
{
    static const char *const secrets[] = { "", "not base64!", "AAE", "AAECAw=" };

    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        struct venue_account a = { .driver = &venue_kraken_futures,
                                   .key = BYTES("k"),
                                   .secret = bytes_of(secrets[i]) };
        const char *error = NULL;

        CU_ASSERT_FALSE(venue_kraken_futures.account_open(&a, &error));
        CU_ASSERT_TRUE(error != NULL && strlen(error) > 0);
        CU_ASSERT_PTR_NULL(a.state);
        venue_kraken_futures.account_close(&a);
    }
}

static void without_an_open_account_nothing_is_signed(void)
{
    struct venue_account a = { .driver = &venue_kraken_futures };
    struct venue_call call = { .op = VENUE_OPEN_ORDERS };
    struct http_request r;

    http_request_init(&r);
    CU_ASSERT_EQUAL(venue_kraken_futures.endpoint[VENUE_OPEN_ORDERS].build(&a, &call, &r),
                    VENUE_BUILD_FAILED);
    call.op = VENUE_INSTRUMENTS;
    CU_ASSERT_EQUAL(venue_kraken_futures.endpoint[VENUE_INSTRUMENTS].build(&a, &call, &r),
                    VENUE_BUILD_OK);
    http_request_fini(&r);
    CU_ASSERT_STRING_EQUAL(kraken_built_header("op=instruments", "Authent"), "");
    CU_ASSERT_STRING_EQUAL(kraken_built_header("op=instruments", "APIKey"), "");
}

CU_TestInfo kraken_sign_tests[] = {
    { "the_routine_gives_all_vectors", the_routine_gives_all_vectors },
    { "the_requests_carry_the_vectors", the_requests_carry_the_vectors },
    { "the_official_answer_is_reproduced", the_official_answer_is_reproduced },
    { "only_the_leading_prefix_is_stripped", only_the_leading_prefix_is_stripped },
    { "bad_keys_are_refused_with_a_reason", bad_keys_are_refused_with_a_reason },
    { "without_an_open_account_nothing_is_signed", without_an_open_account_nothing_is_signed },
    CU_TEST_INFO_NULL,
};
