/*
 * The tables of tests, one a file. A new test_<module>.c adds a line here and a row in main.c.
 */
#ifndef TESTS_UNIT_FIX_SUITES_H
#define TESTS_UNIT_FIX_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo decimal_tests[];
extern CU_TestInfo buf_tests[];
extern CU_TestInfo arena_tests[];
extern CU_TestInfo slab_tests[];
extern CU_TestInfo map_tests[];
extern CU_TestInfo timestamp_tests[];
extern CU_TestInfo frame_tests[];
extern CU_TestInfo wide_tests[];
extern CU_TestInfo msg_tests[];
extern CU_TestInfo body_tests[];
extern CU_TestInfo dict_tests[];
extern CU_TestInfo validate_tests[];
extern CU_TestInfo accept_tests[];
extern CU_TestInfo session_tests[];
extern CU_TestInfo schedule_tests[];

#endif
