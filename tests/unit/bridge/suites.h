/*
 * One array of tests a module, ended by CU_TEST_INFO_NULL.
 */
#ifndef TESTS_UNIT_BRIDGE_SUITES_H
#define TESTS_UNIT_BRIDGE_SUITES_H

#include <CUnit/Basic.h>

extern CU_TestInfo accounts_tests[];
extern CU_TestInfo trades_tests[];
extern CU_TestInfo snapshot_tests[];

extern CU_TestInfo record_tests[];
extern CU_TestInfo special_tests[];
extern CU_TestInfo order_tests[], avg_px_tests[], refusal_tests[], symbols_tests[], route_tests[],
    translate_in_tests[], translate_out_tests[], translate_security_tests[],
    translate_positions_tests[], translate_list_tests[], batch_tests[];

extern CU_TestInfo setting_tests[], book_tests[];

extern CU_TestInfo tag_table_tests[], client_doc_tests[];

#endif
