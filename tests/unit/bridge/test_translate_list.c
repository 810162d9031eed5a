/*
 * NewOrderList and ListStatus: what a list may ask for, how its orders are read, and every field of
 * a status against the dictionary of a stock client.
 */
#include <stdio.h>

#include "fix_tags.h"
#include "suites.h"
#include "translate_list.h"
#include "wire.h"

#define ORDER_1 "11=c1|67=1|55=PF_XBTUSD|54=1|38=2|40=2|44=100.5|"
#define ORDER_2                                                                                    \
    "11=c2|526=s2|67=2|453=1|448=T1|447=D|452=11|1=main|18=6|55=BTC/USD|54=2|38=1|40=2|44=200|"    \
    "59=1|58=two|"
#define LIST "66=L1|394=3|68=2|73=2|" ORDER_1 ORDER_2

static bool list(const char *fields, struct list_request *out, struct refusal *no)
{
    return translate_list(wire_message("E", fields), out, no);
}

static void test_a_plain_list_is_taken(void)
{
    struct list_request l;
    struct refusal no;

    CU_ASSERT_EQUAL(wire_verdict("E", LIST), FIX_REJECT_NONE);
    CU_ASSERT_TRUE(list(LIST, &l, &no));
    CU_ASSERT_TRUE(bytes_is(l.list_id, "L1"));
    CU_ASSERT_EQUAL(l.count, 2);
    CU_ASSERT_TRUE(list("66=L1|390=b|414=3|394=3|433=1|68=1|893=Y|73=1|" ORDER_1, &l, &no));
}

/* Each line is one thing asked for that is not done. */
static void test_what_is_not_done_refuses_the_list(void)
{
    static const struct {
        const char *fields;
        int reason;
    } rows[] = {
        { "66=L1|394=1|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=2|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|433=2|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|433=4|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|414=2|394=3|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|415=5|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|69=in words|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|765=0.1|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|1385=1|68=1|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|68=1|893=N|73=1|" ORDER_1, 11 },
        { "66=L1|394=3|68=2|73=1|" ORDER_1, 99 },
        { "66=L1|394=3|68=2|73=2|" ORDER_1 ORDER_1, 99 }, /* 67 twice */
        { "66=01234567890123456789012345678901234567890123456789012345678901234|394=3|68=1|73="
          "1|" ORDER_1,
          99 },
    };
    struct list_request l;
    struct refusal no;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_FALSE(list(rows[i].fields, &l, &no));
        CU_ASSERT_EQUAL(no.reason, rows[i].reason);
        CU_ASSERT_NOT_EQUAL(no.text[0], '\0');
        CU_ASSERT_TRUE(l.count == 1 || l.count == 2);
    }
}

static void test_a_list_of_too_many_orders_is_refused(void)
{
    static char fields[16 * 1024];
    struct list_request l;
    struct refusal no;
    int n = snprintf(fields, sizeof fields, "66=L1|394=3|68=101|73=101|");

    for (unsigned i = 1; i <= LIST_ORDERS_MAX + 1; i++) {
        n += snprintf(fields + n, sizeof fields - (size_t)n,
                      "11=c%u|67=%u|55=PF_XBTUSD|54=1|38=2|40=2|44=100.5|", i, i);
    }
    CU_ASSERT_EQUAL(wire_verdict("E", fields), FIX_REJECT_NONE);
    CU_ASSERT_FALSE(list(fields, &l, &no));
    CU_ASSERT_EQUAL(l.count, LIST_ORDERS_MAX + 1);
}

static bool has(const struct fix_msg *m, uint32_t tag, const char *value)
{
    struct bytes v = { NULL, 0 };

    return fix_msg_find(m, tag, &v) && bytes_is(v, value);
}

static void test_an_order_of_a_list_is_read_like_a_single_one(void)
{
    static struct fix_msg m, order;
    struct fix_group at;
    struct decimal price;

    /* What stands behind the last order is not its. */
    m = *wire_message("E", "50=desk|66=L1|394=3|73=2|" ORDER_1 ORDER_2 "68=2|480=Y|");
    CU_ASSERT_TRUE_FATAL(translate_list_begin(&m, &at));
    CU_ASSERT_TRUE_FATAL(translate_list_next(&m, &at, &order));
    CU_ASSERT_TRUE(bytes_is(order.msg_type, "D"));
    CU_ASSERT_EQUAL(order.seq, 7);
    CU_ASSERT_TRUE(has(&order, TAG_CL_ORD_ID, "c1"));
    CU_ASSERT_TRUE(has(&order, TAG_LIST_ID, "L1"));
    CU_ASSERT_TRUE(has(&order, TAG_SENDER_SUB_ID, "desk"));
    CU_ASSERT_TRUE(has(&order, TAG_SENDER_COMP_ID, "CLIENT"));
    CU_ASSERT_FALSE(fix_msg_has(&order, TAG_TEXT)); /* the other's */
    CU_ASSERT_FALSE(fix_msg_has(&order, TAG_LIST_SEQ_NO));
    CU_ASSERT_FALSE(fix_msg_has(&order, TAG_BID_TYPE));
    CU_ASSERT_EQUAL(fix_msg_get_decimal(&order, TAG_PRICE, &price), FIX_GET_OK);
    CU_ASSERT_TRUE(decimal_equal(price, dec("100.5")));
    CU_ASSERT_TRUE_FATAL(translate_list_next(&m, &at, &order));
    CU_ASSERT_TRUE(has(&order, TAG_CL_ORD_ID, "c2"));
    CU_ASSERT_TRUE(has(&order, TAG_PARTY_ID, "T1"));
    CU_ASSERT_TRUE(has(&order, TAG_TEXT, "two"));
    CU_ASSERT_FALSE(fix_msg_has(&order, TAG_TOT_NO_ORDERS));
    CU_ASSERT_FALSE(fix_msg_has(&order, 480));
    CU_ASSERT_FALSE(fix_msg_has(&order, TAG_CHECK_SUM));
    CU_ASSERT_FALSE(translate_list_next(&m, &at, &order));
}

/* ---- ListStatus ---------------------------------------------------------------------------- */

static const char *written(const struct list_status *s)
{
    static struct buf out = { .max = FIX_MESSAGE_MAX };
    static char text[FIX_MESSAGE_MAX];
    struct fix_body body = { .time_digits = 3 };

    translate_list_status(&body, &out, s);
    CU_ASSERT_FALSE(out.failed);
    snprintf(text, sizeof text, "%s", wire_text(buf_view(&out)));
    CU_ASSERT_EQUAL(wire_verdict("N", text), FIX_REJECT_NONE);
    return text;
}

static void test_a_status_tells_each_order(void)
{
    struct order o = { .state = ORDER_CANCELED, .terms = { .qty = dec("3") } };
    const struct list_status_entry entry[] = {
        { .cl_ord_id = BYTES("c1"), .order = &o, .reason = -1 },
        { .cl_ord_id = BYTES("c2"), .reason = 13, .text = BYTES("too small") },
    };
    struct list_status s = { .list_id = BYTES("L1"),
                             .type = LIST_ALL_DONE,
                             .status = LIST_DONE,
                             .transact_us = INT64_C(1795168800123456),
                             .entry = entry,
                             .count = 2 };

    CU_ASSERT_TRUE(avg_px_add(&o.avg, false, dec("1"), dec("100.5")));
    o.cum_qty = dec("1");
    CU_ASSERT_STRING_EQUAL(written(&s),
                           "66=L1|429=5|82=1|431=6|83=1|60=20261120-10:00:00.123|68=2|73=2|"
                           "11=c1|14=1|39=4|151=0|84=2|6=100.5|"
                           "11=c2|14=0|39=8|151=0|84=0|6=0|103=13|58=too small|");
}

static void test_the_longest_status_fits_a_message(void)
{
    static struct list_status_entry entry[LIST_ORDERS_MAX];
    static char id[CL_ORD_ID_MAX + 1], text[TEXT_MAX + 1];
    static struct order o;
    struct list_status s = { .list_id = bytes_of(id),
                             .type = LIST_RESPONSE,
                             .status = LIST_EXECUTING,
                             .entry = entry,
                             .count = LIST_ORDERS_MAX };

    memset(id, 'i', sizeof id - 1);
    memset(text, 't', sizeof text - 1);
    s.list_id = s.text = bytes_of(id);
    o.state = ORDER_CANCELED;
    o.terms.qty = (struct decimal){ INT64_MAX, DECIMAL_SCALE_MAX };
    for (unsigned i = 0; i < LIST_ORDERS_MAX; i++) {
        entry[i] = (struct list_status_entry){ bytes_of(id), &o, 99, bytes_of(text) };
    }
    CU_ASSERT_TRUE(strlen(written(&s)) < FIX_MESSAGE_MAX - 1024);
}

CU_TestInfo translate_list_tests[] = {
    { "a plain list is taken", test_a_plain_list_is_taken },
    { "what is not done refuses the list", test_what_is_not_done_refuses_the_list },
    { "a list of too many orders is refused", test_a_list_of_too_many_orders_is_refused },
    { "an order of a list is read like a single one",
      test_an_order_of_a_list_is_read_like_a_single_one },
    { "a status tells each order", test_a_status_tells_each_order },
    { "the longest status fits a message", test_the_longest_status_fits_a_message },
    CU_TEST_INFO_NULL,
};
