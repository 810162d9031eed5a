/*
 * Unit tests of fix/: the table of suites. Exit code 1 if any assertion fails.
 */
#include "suites.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdlib.h>

static CU_SuiteInfo suites[] = {
    { "decimal", NULL, NULL, NULL, NULL, decimal_tests },
    { "buf", NULL, NULL, NULL, NULL, buf_tests },
    { "arena", NULL, NULL, NULL, NULL, arena_tests },
    { "slab", NULL, NULL, NULL, NULL, slab_tests },
    { "map", NULL, NULL, NULL, NULL, map_tests },
    { "timestamp", NULL, NULL, NULL, NULL, timestamp_tests },
    { "fix_frame", NULL, NULL, NULL, NULL, frame_tests },
    { "fix_wide", NULL, NULL, NULL, NULL, wide_tests },
    { "fix_msg", NULL, NULL, NULL, NULL, msg_tests },
    { "fix_body", NULL, NULL, NULL, NULL, body_tests },
    { "fix_dict", NULL, NULL, NULL, NULL, dict_tests },
    { "fix_validate", NULL, NULL, NULL, NULL, validate_tests },
    { "fix_accept", NULL, NULL, NULL, NULL, accept_tests },
    { "fix_session", NULL, NULL, NULL, NULL, session_tests },
    { "fix_schedule", NULL, NULL, NULL, NULL, schedule_tests },
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    bool passed;

    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    passed = CU_basic_run_tests() == CUE_SUCCESS && CU_get_number_of_failures() == 0 &&
             CU_get_number_of_tests_run() > 0;
    CU_cleanup_registry();
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
