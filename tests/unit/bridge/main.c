/*
 * Unit tests of the order core: the table of suites. Returns non-zero when any assertion failed or
 * none was made.
 */
#include <stdio.h>

#include "suites.h"

static CU_SuiteInfo suites[] = {
    { "snapshot", NULL, NULL, NULL, NULL, snapshot_tests },
    { "order", NULL, NULL, NULL, NULL, order_tests },
    { "trades", NULL, NULL, NULL, NULL, trades_tests },
    { "record", NULL, NULL, NULL, NULL, record_tests },
    { "avg_px", NULL, NULL, NULL, NULL, avg_px_tests },
    { "book", NULL, NULL, NULL, NULL, book_tests },
    { "refusal", NULL, NULL, NULL, NULL, refusal_tests },
    { "symbols", NULL, NULL, NULL, NULL, symbols_tests },
    { "route", NULL, NULL, NULL, NULL, route_tests },
    { "setting", NULL, NULL, NULL, NULL, setting_tests },
    { "translate_in", NULL, NULL, NULL, NULL, translate_in_tests },
    { "tag_table", NULL, NULL, NULL, NULL, tag_table_tests },
    { "client_doc", NULL, NULL, NULL, NULL, client_doc_tests },
    { "special", NULL, NULL, NULL, NULL, special_tests },
    { "translate_out", NULL, NULL, NULL, NULL, translate_out_tests },
    { "translate_security", NULL, NULL, NULL, NULL, translate_security_tests },
    { "translate_positions", NULL, NULL, NULL, NULL, translate_positions_tests },
    { "translate_list", NULL, NULL, NULL, NULL, translate_list_tests },
    { "accounts", NULL, NULL, NULL, NULL, accounts_tests },
    { "batch", NULL, NULL, NULL, NULL, batch_tests },
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
