/*
 * One array of tests a module, ended by CU_TEST_INFO_NULL.
 */
#ifndef TESTS_UNIT_VENUES_SUITES_H
#define TESTS_UNIT_VENUES_SUITES_H

#include <CUnit/Basic.h>

extern CU_TestInfo http_msg_tests[], sign_tests[], rate_tests[], json_tests[], venue_tests[],
    kraken_sign_tests[], kraken_build_tests[], kraken_orders_tests[], kraken_errors_tests[],
    kraken_lists_tests[];

extern CU_TestInfo bitget_sign_tests[], bitget_build_tests[], bitget_read_tests[];

extern CU_TestInfo bybit_sign_tests[], bybit_build_tests[], bybit_codes_tests[];

extern CU_TestInfo coinswitch_tests[], b2prime_tests[];

extern CU_TestInfo setting_tests[], ambiguous_tests[];

#endif
