/*
 * Any bytes as the answer to any B2PRIME call, and as the answer to a login. See venue_answer.h.
 */
#include "venue_answer.h"

#include "b2prime.h"

static void play_login(const uint8_t *data, size_t size)
{
    const struct http_response rsp = { .status = 200, .body = { (const char *)data, size } };
    struct venue_account a = { .driver = &venue_b2prime, .secret = BYTES("t") };
    const char *error = NULL;
    int64_t renew_us = 0;

    if (!venue_b2prime.account_open(&a, &error)) {
        return;
    }
    PROMISE(!venue_b2prime.login(&a, &rsp, 5 * US_PER_S, &renew_us) || renew_us > 5 * US_PER_S);
    venue_b2prime.account_close(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    play_login(data, size);
    return venue_answer(&venue_b2prime, "perp.btc_usdt", data, size);
}
