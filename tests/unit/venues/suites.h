/*
 * One array of tests a module, ended by CU_TEST_INFO_NULL.
 */
#ifndef TESTS_UNIT_VENUES_SUITES_H
#define TESTS_UNIT_VENUES_SUITES_H

#include <CUnit/Basic.h>

extern CU_TestInfo http_msg_tests[], sign_tests[], rate_tests[], json_tests[], venue_tests[],
    kraken_sign_tests[], kraken_build_tests[], kraken_orders_tests[], kraken_errors_tests[],
    kraken_lists_tests[];

#endif
