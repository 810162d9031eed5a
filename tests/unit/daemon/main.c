/*
 * Unit tests of the daemon: the table of suites. Returns non-zero when any assertion failed or none
 * was made.
 */
#include <stdio.h>

#include "suites.h"

static CU_SuiteInfo suites[] = {
    { "access", NULL, NULL, NULL, NULL, access_tests },
    { "audit", NULL, NULL, NULL, NULL, audit_tests },
    { "auth", NULL, NULL, NULL, NULL, auth_tests },
    { "logon_choice", NULL, NULL, NULL, NULL, logon_choice_tests },
    { "password", NULL, NULL, NULL, NULL, password_tests },
    { "logon_proof", NULL, NULL, NULL, NULL, logon_proof_tests },
    { "lockout", NULL, NULL, NULL, NULL, lockout_tests },
    { "engine_add", NULL, NULL, NULL, NULL, engine_add_tests },
    { "venue_io", NULL, NULL, NULL, NULL, venue_io_tests },
    { "setup_setting", NULL, NULL, NULL, NULL, setup_setting_tests },
    { "config", config_setup, config_teardown, NULL, NULL, config_tests },
    { "conn", NULL, NULL, NULL, NULL, conn_tests },
    { "deadline", NULL, NULL, NULL, NULL, deadline_tests },
    { "json memory", NULL, NULL, NULL, NULL, json_memory_tests },
    { "memory", NULL, NULL, NULL, NULL, memory_tests },
    { "journal", NULL, NULL, NULL, NULL, journal_tests },
    { "journal_space", NULL, NULL, NULL, NULL, journal_space_tests },
    { "journal_resend", NULL, NULL, NULL, NULL, journal_resend_tests },
    { "journal_read", NULL, NULL, NULL, NULL, journal_read_tests },
    { "journal_compact", NULL, NULL, NULL, NULL, journal_compact_tests },
    { "monitor", NULL, NULL, NULL, NULL, monitor_tests },
    { "admin_guard", NULL, NULL, NULL, NULL, admin_guard_tests },
    { "log", NULL, NULL, NULL, NULL, log_tests },
    { "record pin", NULL, NULL, NULL, NULL, record_pin_tests },
    { "session_ops", session_ops_setup, session_ops_teardown, NULL, NULL, session_ops_tests },
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
