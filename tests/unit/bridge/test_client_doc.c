/*
 * What clients are given: a dictionary that a message with every opt-in field passes, and that a
 * message fails under which has a field nobody chose; documents that have each row of the tables.
 */
#include <stdio.h>
#include <stdlib.h>

#include "client_doc.h"
#include "fix_dict.h"
#include "fix_validate.h"
#include "report_extra.h"
#include "suites.h"
#include "tag_table.h"
#include "translate_out.h"
#include "wire.h"

static struct fix_dict *dictionary(uint32_t extras)
{
    FILE *f = fopen(DICTIONARY, "rb");
    char error[512] = "";
    struct fix_dict *d;
    struct buf xml, out;
    size_t n = 1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    buf_init(&xml, 16 * 1024 * 1024);
    buf_init(&out, 16 * 1024 * 1024);
    while (n > 0 && buf_reserve(&xml, 64 * 1024)) {
        n = fread(xml.data + xml.size, 1, 64 * 1024, f);
        xml.size += n;
    }
    fclose(f);
    CU_ASSERT_TRUE_FATAL(client_doc_dictionary(buf_view(&xml), extras, &out));
    d = fix_dict_new(buf_view(&out), error, sizeof error);
    if (d == NULL) {
        printf("%s\n", error);
    }
    buf_fini(&xml);
    buf_fini(&out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return d;
}

static uint32_t refused_tag(const struct fix_dict *d, const char *type, const char *fields)
{
    const struct fix_msg *m = wire_message(type, fields);
    struct fix_verdict v = fix_validate(d, m, FIX_MSG_OK, &fix_validate_defaults);

    return v.reason == FIX_REJECT_NONE ? 0 : v.tag;
}

/* A report of an order that has everything, as a session with these extras gets it. */
static const char *report(uint32_t extras)
{
    static char text[4096];
    struct request doubt = { .state = REQUEST_DOUBT };
    struct order o = { .id = 1,
                       .state = ORDER_LIVE,
                       .side = VENUE_BUY,
                       .cl_ord_id = "c1",
                       .symbol = "X",
                       .request = &doubt,
                       .taken_us = 1,
                       .sent_us = 2,
                       .venue_ack_us = 3 };
    struct report r = { .exec_type = 'F',
                        .exec_id = BYTES("e"),
                        .ord_rej_reason = -1,
                        .restatement_reason = -1,
                        .transact_us = 1,
                        .trade_id = BYTES("t1"),
                        .liquidity = VENUE_TAKER,
                        .has_fee = true,
                        .fee = { 5, 1 },
                        .fee_currency = BYTES("USD"),
                        .last_qty = { 1, 0 },
                        .last_px = { 1, 0 },
                        .venue_code = BYTES("filled"),
                        .http_status = 200,
                        .has_budget = true,
                        .budget_left = 7 };
    struct report_names names = { BYTES("main"), BYTES("KRKF"), extras };
    struct fix_body b = { 0 };
    struct buf out;

    o.terms = (struct order_terms){ .ord_type = '2',
                                    .qty = { 2, 0 },
                                    .stp = 'N',
                                    .leverage = { 5, 0 },
                                    .margin_mode = 'I',
                                    .take_profit = { 9, 0 },
                                    .stop_loss = { 1, 0 },
                                    .take_profit_limit = { 9, 0 },
                                    .stop_loss_limit = { 1, 0 },
                                    .trigger = VENUE_TRIGGER_MARK };
    buf_init(&out, 4096);
    translate_out_report(&b, &out, &o, &r, &names);
    (void)snprintf(text, sizeof text, "%s", wire_text(buf_view(&out)));
    buf_fini(&out);
    return text;
}

static bool has_tag(const char *fields, uint32_t tag)
{
    char key[16];

    (void)snprintf(key, sizeof key, "|%u=", tag);
    return strstr(fields, key) != NULL;
}

static void test_every_extra_is_told_when_chosen_and_never_else(void)
{
    char none[4096];

    (void)snprintf(none, sizeof none, "%s", report(0));
    CU_ASSERT_TRUE_FATAL(report_extra_count <= 32);
    for (size_t i = 0; i < report_extra_count; i++) {
        CU_ASSERT_TRUE(has_tag(report(UINT32_C(1) << i), report_extras[i].tag));
        CU_ASSERT_FALSE(has_tag(none, report_extras[i].tag));
        CU_ASSERT_EQUAL(report_extra_bit(report_extras[i].tag), UINT32_C(1) << i);
    }
    CU_ASSERT_EQUAL(report_extra_parse(BYTES("22106")), report_extra_bit(22106));
    CU_ASSERT_EQUAL(report_extra_parse(BYTES("all")), UINT32_MAX);
    CU_ASSERT_EQUAL(report_extra_parse(BYTES("44")), 0);
    CU_ASSERT_EQUAL(report_extra_parse(BYTES("x")), 0);
}

static void test_reports_pass_the_dictionary_of_their_session(void)
{
    struct fix_dict *stock = dictionary(0), *all = dictionary(UINT32_MAX);

    CU_ASSERT_EQUAL(refused_tag(stock, "8", report(0)), 0);
    CU_ASSERT_EQUAL(refused_tag(all, "8", report(UINT32_MAX)), 0);
    for (size_t i = 0; i < report_extra_count; i++) {
        struct fix_dict *one = dictionary(UINT32_C(1) << i);

        CU_ASSERT_EQUAL(refused_tag(one, "8", report(UINT32_C(1) << i)), 0);
        if (report_extras[i].type != NULL) {
            CU_ASSERT_EQUAL(refused_tag(stock, "8", report(UINT32_C(1) << i)),
                            report_extras[i].tag);
        }
        fix_dict_free(one);
    }
    fix_dict_free(stock);
    fix_dict_free(all);
}

static void test_orders_with_our_tags_pass_the_clients_dictionary(void)
{
    struct fix_dict *d = dictionary(0);

    CU_ASSERT_EQUAL(refused_tag(d, "D",
                                "11=c|55=X|54=1|60=20261120-10:00:00|38=2|40=3|99=9|62=20261120-"
                                "10:00:00|1107=2|1109=U|7928=N|20005=5|22100=I|22101=5|22102=3|"
                                "22103=5|22104=3|22105=1"),
                    0);
    CU_ASSERT_EQUAL(refused_tag(d, "G",
                                "11=c|41=b|55=X|54=1|60=20261120-10:00:00|38=2|40=2|44=9|22109=Y|"
                                "7928=N"),
                    0);
    CU_ASSERT_EQUAL(
        refused_tag(d, "E",
                    "66=l|394=3|68=2|73=2|11=a|67=1|55=X|54=1|38=2|40=2|44=9|7928=N|22101=5|"
                    "11=b|67=2|55=X|54=1|38=2|40=3|99=9|62=20261120-10:00:00|22105=1"),
        0);
    CU_ASSERT_EQUAL(
        refused_tag(d, "E", "66=l|394=3|68=1|73=1|11=a|67=1|55=X|54=1|38=2|40=1|22109=Y"), 22109);
    CU_ASSERT_EQUAL(refused_tag(d, "F", "11=c|41=b|55=X|54=1|60=20261120-10:00:00|38=1|7928=N"),
                    7928);
    fix_dict_free(d);
}

static void test_documents_have_every_row(void)
{
    struct buf rules, venues;
    char row[64];

    buf_init(&rules, 1024 * 1024);
    buf_init(&venues, 1024 * 1024);
    client_doc_rules(&rules);
    client_doc_venues(&venues);
    buf_char(&rules, '\0');
    buf_char(&venues, '\0');
    CU_ASSERT_FALSE_FATAL(rules.failed || venues.failed);
    for (size_t i = 0; i < tag_table_count; i++) {
        if (tag_table[i].kind != TAG_PASSIVE && tag_table[i].in != TAG_IN_LIST) {
            (void)snprintf(row, sizeof row, "| %s |", tag_table[i].name);
            CU_ASSERT_PTR_NOT_NULL(strstr(rules.data, row));
        }
    }
    for (size_t i = 0; i < report_extra_count; i++) {
        (void)snprintf(row, sizeof row, "| %u | %s |", report_extras[i].tag, report_extras[i].name);
        CU_ASSERT_PTR_NOT_NULL(strstr(rules.data, row));
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(venues.data, "| Operation | kraken-futures |"));
    CU_ASSERT_PTR_NOT_NULL(strstr(venues.data, "| place | native | native |"));
    buf_fini(&rules);
    buf_fini(&venues);
}

/* No field is told to be in a message that the client's dictionary does not have there. */
static void test_other_messages_have_their_tags_in_the_dictionary(void)
{
    struct fix_dict *d = dictionary(0);
    char field[32];

    for (size_t i = 0; i < tag_message_count; i++) {
        for (size_t k = 0; tag_messages[i].tag[k] != 0; k++) {
            struct fix_verdict v;

            (void)snprintf(field, sizeof field, "%u=1|", tag_messages[i].tag[k]);
            v = fix_validate(d, wire_message(tag_messages[i].msg_type, field), FIX_MSG_OK,
                             &fix_validate_defaults);
            if ((v.reason == FIX_REJECT_TAG_NOT_FOR_MESSAGE ||
                 v.reason == FIX_REJECT_UNDEFINED_TAG) &&
                v.tag == tag_messages[i].tag[k]) {
                printf("35=%s has no tag %u\n", tag_messages[i].msg_type, v.tag);
                CU_FAIL("tag");
            }
        }
    }
    fix_dict_free(d);
}

CU_TestInfo client_doc_tests[] = {
    { "other messages", test_other_messages_have_their_tags_in_the_dictionary },
    { "extras", test_every_extra_is_told_when_chosen_and_never_else },
    { "dictionary of reports", test_reports_pass_the_dictionary_of_their_session },
    { "dictionary of orders", test_orders_with_our_tags_pass_the_clients_dictionary },
    { "documents", test_documents_have_every_row },
    CU_TEST_INFO_NULL,
};
