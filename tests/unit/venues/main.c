/*
 * Unit tests of the venue layer: the table of suites. Returns non-zero when any assertion failed or
 * none was made.
 */
#include <stdio.h>

#include "suites.h"

static CU_SuiteInfo suites[] = {
    { "http_msg", NULL, NULL, NULL, NULL, http_msg_tests },
    { "sign", NULL, NULL, NULL, NULL, sign_tests },
    { "setting", NULL, NULL, NULL, NULL, setting_tests },
    { "ambiguous", NULL, NULL, NULL, NULL, ambiguous_tests },
    { "rate", NULL, NULL, NULL, NULL, rate_tests },
    { "json", NULL, NULL, NULL, NULL, json_tests },
    { "venue", NULL, NULL, NULL, NULL, venue_tests },
    { "kraken_sign", NULL, NULL, NULL, NULL, kraken_sign_tests },
    { "kraken_build", NULL, NULL, NULL, NULL, kraken_build_tests },
    { "kraken_orders", NULL, NULL, NULL, NULL, kraken_orders_tests },
    { "kraken_errors", NULL, NULL, NULL, NULL, kraken_errors_tests },
    { "kraken_lists", NULL, NULL, NULL, NULL, kraken_lists_tests },
    { "bitget_sign", NULL, NULL, NULL, NULL, bitget_sign_tests },
    { "bitget_build", NULL, NULL, NULL, NULL, bitget_build_tests },
    { "bitget_read", NULL, NULL, NULL, NULL, bitget_read_tests },
    { "bybit_sign", NULL, NULL, NULL, NULL, bybit_sign_tests },
    { "bybit_build", NULL, NULL, NULL, NULL, bybit_build_tests },
    { "bybit_codes", NULL, NULL, NULL, NULL, bybit_codes_tests },
    { "coinswitch", NULL, NULL, NULL, NULL, coinswitch_tests },
    { "b2prime", NULL, NULL, NULL, NULL, b2prime_tests },
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "cannot set up the tests: %s\n", CU_get_error_msg());
        return 2;
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    failed = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
    if (CU_get_number_of_asserts() == 0) {
        failed = 1;
    }
    CU_cleanup_registry();
    return failed == 0 ? 0 : 1;
}
