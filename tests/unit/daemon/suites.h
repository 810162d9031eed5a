/*
 * One array of tests a module, ended by CU_TEST_INFO_NULL, and what a suite needs before and after.
 */
#ifndef TESTS_UNIT_DAEMON_SUITES_H
#define TESTS_UNIT_DAEMON_SUITES_H

#include <CUnit/Basic.h>

extern CU_TestInfo journal_compact_tests[], json_memory_tests[], memory_tests[];

extern CU_TestInfo access_tests[], audit_tests[];
extern CU_TestInfo logon_choice_tests[];
extern CU_TestInfo auth_tests[], venue_io_tests[];
extern CU_TestInfo password_tests[], logon_proof_tests[], lockout_tests[], engine_add_tests[];
extern CU_TestInfo config_tests[], conn_tests[], deadline_tests[], log_tests[];
extern CU_TestInfo journal_tests[], journal_space_tests[], journal_resend_tests[],
    journal_read_tests[];

extern CU_TestInfo session_ops_tests[];
extern CU_TestInfo monitor_tests[], admin_guard_tests[];

int session_ops_setup(void);
int session_ops_teardown(void);
int config_setup(void);
int config_teardown(void);

extern CU_TestInfo setup_setting_tests[], record_pin_tests[];

/* Removes a directory that holds nothing but files. */
void scratch_remove(const char *directory);

#endif
