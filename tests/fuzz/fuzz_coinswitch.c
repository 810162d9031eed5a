/*
 * Any bytes as the answer to any CoinSwitch call. See venue_answer.h.
 */
#include "venue_answer.h"

#include "coinswitch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return venue_answer(&venue_coinswitch, "DOGEUSDT", data, size);
}
