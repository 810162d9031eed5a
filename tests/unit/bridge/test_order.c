/*
 * Orders: the table cell by cell, quantities, OrdStatus, the text of OrderID.
 */
#include "order.h"
#include "suites.h"
#include "wire.h"

/* The whole table once more, written the other way round: by state, a letter an event in the order
 * of enum order_event. '.' illegal, T S D L F C R E the state that follows. */
static const char *const expected[ORDER_STATE_COUNT] = {
    /*                    SHUARA  FLCERRCWLT                                                 */
    /*                    eennec  iaaxepoiar                                                 */
    [ORDER_ILLEGAL] = "................",  [ORDER_TAKEN] = "S...R...C.....T.",
    [ORDER_SENT] = ".TDLR.LFCE....S.",     [ORDER_DOUBT] = "..DLRRLFCE....D.",
    [ORDER_LIVE] = "...L..LFCELLLTLL",     [ORDER_FILLED] = "......F.....F.F.",
    [ORDER_CANCELED] = "...C..C.....C.C.", [ORDER_REJECTED] = "................",
    [ORDER_EXPIRED] = "...E..E.....E.E.",
};

static const char letters[ORDER_STATE_COUNT] = { '.', 'T', 'S', 'D', 'L', 'F', 'C', 'R', 'E' };

static void test_every_cell_of_the_table_is_as_decided(void)
{
    for (unsigned s = 0; s < ORDER_STATE_COUNT; s++) {
        for (unsigned e = 0; e < ORDER_EVENT_COUNT; e++) {
            enum order_state to = order_next_state((enum order_state)s, (enum order_event)e);

            CU_ASSERT_EQUAL(letters[to], expected[s][e]);
        }
    }
}

static struct order order_in(enum order_state state, const char *qty, const char *cum)
{
    struct order o = { .id = 1, .state = state, .side = VENUE_BUY };

    o.terms.qty = dec(qty);
    o.cum_qty = dec(cum);
    return o;
}

static bool apply(struct order *o, enum order_event event, const char *qty, const char *px)
{
    struct order_terms terms = o->terms;
    const struct avg_px avg = o->avg;
    struct order_change c = {
        .event = event, .qty = dec(qty), .px = dec(px), .terms = &terms, .avg = &avg
    };

    terms.qty = c.qty;
    return order_apply(o, &c);
}

static void test_a_correction_never_revives_a_done_order(void)
{
    struct order filled = order_in(ORDER_FILLED, "10", "10");
    struct order live = order_in(ORDER_LIVE, "10", "4");

    CU_ASSERT_TRUE(apply(&filled, EV_CORRECTED, "7", "1"));
    CU_ASSERT_EQUAL(filled.state, ORDER_CANCELED);
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&filled), DECIMAL_ZERO));
    CU_ASSERT_TRUE(apply(&filled, EV_CORRECTED, "10", "1"));
    CU_ASSERT_EQUAL(filled.state, ORDER_CANCELED);
    CU_ASSERT_TRUE(apply(&live, EV_CORRECTED, "1", "1"));
    CU_ASSERT_EQUAL(live.state, ORDER_LIVE);
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&live), dec("9")));
    CU_ASSERT_TRUE(apply(&live, EV_CORRECTED, "10", "1"));
    CU_ASSERT_EQUAL(live.state, ORDER_FILLED);
}

static void test_an_illegal_event_changes_nothing(void)
{
    for (unsigned s = ORDER_TAKEN; s < ORDER_STATE_COUNT; s++) {
        for (unsigned e = 0; e < ORDER_EVENT_COUNT; e++) {
            struct order o = order_in((enum order_state)s, "10", "0");

            if (expected[s][e] == '.') {
                CU_ASSERT_FALSE(apply(&o, (enum order_event)e, "10", "5"));
                CU_ASSERT_EQUAL(o.state, s);
                CU_ASSERT_TRUE(decimal_equal(o.cum_qty, DECIMAL_ZERO));
            }
        }
    }
}

static void test_plain_events_move_to_the_state_of_the_table(void)
{
    static const enum order_event plain[] = { EV_SEND,   EV_HELD,   EV_UNKNOWN,  EV_ACK,
                                              EV_REFUSE, EV_ABSENT, EV_CANCELED, EV_EXPIRED };

    for (unsigned s = ORDER_TAKEN; s < ORDER_STATE_COUNT; s++) {
        for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
            struct order o = order_in((enum order_state)s, "10", "0");

            if (expected[s][plain[i]] != '.') {
                CU_ASSERT_TRUE(apply(&o, plain[i], "0", "0"));
                CU_ASSERT_EQUAL(letters[o.state], expected[s][plain[i]]);
            }
        }
    }
}

static void test_fills_add_up_to_the_quantity(void)
{
    struct order o = order_in(ORDER_SENT, "10", "0");

    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), dec("10")));
    CU_ASSERT_TRUE(apply(&o, EV_FILL, "4", "100"));
    CU_ASSERT_EQUAL(o.state, ORDER_LIVE);
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), dec("6")));
    CU_ASSERT_TRUE(apply(&o, EV_LAST_FILL, "6", "110"));
    CU_ASSERT_EQUAL(o.state, ORDER_FILLED);
    CU_ASSERT_TRUE(decimal_equal(o.cum_qty, dec("10")));
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), DECIMAL_ZERO));
    CU_ASSERT_TRUE(decimal_equal(avg_px_value(&o.avg, false), dec("106")));
}

static void test_a_last_fill_that_is_not_the_last_is_refused(void)
{
    struct order o = order_in(ORDER_LIVE, "10", "0");

    CU_ASSERT_FALSE(apply(&o, EV_LAST_FILL, "9", "1"));
    CU_ASSERT_FALSE(apply(&o, EV_FILL, "0", "1"));
    CU_ASSERT_FALSE(apply(&o, EV_FILL, "-1", "1"));
    CU_ASSERT_TRUE(decimal_equal(o.cum_qty, DECIMAL_ZERO));
    CU_ASSERT_TRUE(decimal_equal(avg_px_value(&o.avg, false), DECIMAL_ZERO));
}

/* A replace to more may be on its way when the old quantity is full. */
static void test_a_full_quantity_may_stay_open_for_a_replace(void)
{
    struct order o = order_in(ORDER_LIVE, "10", "0");

    CU_ASSERT_TRUE(apply(&o, EV_FILL, "10", "1"));
    CU_ASSERT_EQUAL(o.state, ORDER_LIVE);
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), DECIMAL_ZERO));
    CU_ASSERT_TRUE(apply(&o, EV_REPLACED, "15", "0"));
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), dec("5")));
    CU_ASSERT_TRUE(apply(&o, EV_LAST_FILL, "5", "1"));
    CU_ASSERT_EQUAL(o.state, ORDER_FILLED);
}

static void test_a_fill_beyond_the_quantity_is_applied(void)
{
    struct order o = order_in(ORDER_LIVE, "10", "0");

    CU_ASSERT_TRUE(apply(&o, EV_LAST_FILL, "12", "1"));
    CU_ASSERT_EQUAL(o.state, ORDER_FILLED);
    CU_ASSERT_TRUE(apply(&o, EV_FILL, "1", "1"));
    CU_ASSERT_TRUE(decimal_equal(o.cum_qty, dec("13")));
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), DECIMAL_ZERO));
}

static void test_a_late_fill_of_a_canceled_order_counts_and_leaves_it_canceled(void)
{
    struct order o = order_in(ORDER_CANCELED, "10", "0");

    CU_ASSERT_TRUE(apply(&o, EV_FILL, "10", "7"));
    CU_ASSERT_EQUAL(o.state, ORDER_CANCELED);
    CU_ASSERT_TRUE(decimal_equal(o.cum_qty, dec("10")));
    CU_ASSERT_EQUAL(order_status(&o), '4');
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), DECIMAL_ZERO));
}

static void test_a_replace_keeps_what_was_filled(void)
{
    struct order o = order_in(ORDER_LIVE, "10", "4");

    CU_ASSERT_TRUE(apply(&o, EV_REPLACED, "20", "0"));
    CU_ASSERT_EQUAL(o.state, ORDER_LIVE);
    CU_ASSERT_TRUE(decimal_equal(order_leaves(&o), dec("16")));
    CU_ASSERT_TRUE(apply(&o, EV_REPLACED, "4", "0"));
    CU_ASSERT_EQUAL(o.state, ORDER_FILLED);
}

static void test_a_reduction_to_what_was_filled_ends_the_order(void)
{
    struct order part = order_in(ORDER_LIVE, "10", "4"), none = order_in(ORDER_LIVE, "10", "0");

    CU_ASSERT_TRUE(apply(&part, EV_REDUCED, "6", "0"));
    CU_ASSERT_EQUAL(part.state, ORDER_LIVE);
    CU_ASSERT_TRUE(decimal_equal(part.terms.qty, dec("6")));
    CU_ASSERT_TRUE(apply(&part, EV_REDUCED, "4", "0"));
    CU_ASSERT_EQUAL(part.state, ORDER_FILLED);
    CU_ASSERT_TRUE(apply(&none, EV_REDUCED, "0", "0"));
    CU_ASSERT_EQUAL(none.state, ORDER_CANCELED);
    none = order_in(ORDER_LIVE, "10", "0");
    CU_ASSERT_FALSE(apply(&none, EV_REDUCED, "-1", "0"));
}

static void test_ord_status_by_state(void)
{
    static const char status[ORDER_STATE_COUNT] = { 0, 'A', 'A', 'A', '0', '2', '4', '8', 'C' };

    for (unsigned s = ORDER_TAKEN; s < ORDER_STATE_COUNT; s++) {
        struct order o = order_in((enum order_state)s, "10", "0");

        CU_ASSERT_EQUAL(order_status(&o), status[s]);
    }
    for (unsigned s = ORDER_TAKEN; s <= ORDER_LIVE; s++) {
        struct order o = order_in((enum order_state)s, "10", "1");

        CU_ASSERT_EQUAL(order_status(&o), '1');
    }
}

static void test_pending_cancel_comes_before_pending_replace_before_the_rest(void)
{
    struct request replace = { .kind = REQUEST_REPLACE };
    struct request cancel = { .kind = REQUEST_CANCEL };
    struct order o = order_in(ORDER_LIVE, "10", "1");

    o.request = &replace;
    CU_ASSERT_EQUAL(order_status(&o), 'E');
    replace.next = &cancel;
    CU_ASSERT_EQUAL(order_status(&o), '6');
    /* Filled: what a client is still to be answered comes first, what a mass cancel asked does not.
     */
    o.state = ORDER_FILLED;
    CU_ASSERT_EQUAL(order_status(&o), '2');
    memcpy(replace.cl_ord_id, "c2", 3);
    CU_ASSERT_EQUAL(order_status(&o), 'E');
    memcpy(cancel.cl_ord_id, "c3", 3);
    CU_ASSERT_EQUAL(order_status(&o), '6');
    cancel.mass_id = 7;
    CU_ASSERT_EQUAL(order_status(&o), 'E');
}

static void test_order_ids_are_read_back(void)
{
    static const uint64_t ids[] = { 0, 1, 35, 36, 1295, 1296, UINT64_C(123456789012), UINT64_MAX };
    char text[ORDER_ID_TEXT_MAX];
    uint64_t id;

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        order_id_text(ids[i], text);
        CU_ASSERT_TRUE(order_id_parse(bytes_of(text), &id));
        CU_ASSERT_EQUAL(id, ids[i]);
    }
    order_id_text(36, text);
    CU_ASSERT_STRING_EQUAL(text, "FB-10");
}

static void test_other_texts_are_no_order_ids(void)
{
    static const char *const bad[] = { "",
                                       "F",
                                       "FB-",
                                       "FB10",
                                       "FB-01",
                                       "FB-A",
                                       "FB- 1",
                                       "fb-1",
                                       "FB-1 ",
                                       "FB-3w5e11264sgsg",
                                       "FB-zzzzzzzzzzzzzzzzzzz",
                                       "NONE" };
    uint64_t id = 99;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(order_id_parse(bytes_of(bad[i]), &id));
    }
    CU_ASSERT_FALSE(order_id_parse((struct bytes){ "FB-1\0", 5 }, &id));
    CU_ASSERT_EQUAL(id, 99);
}

CU_TestInfo order_tests[] = {
    { "every cell of the table is as decided", test_every_cell_of_the_table_is_as_decided },
    { "a correction never revives a done order", test_a_correction_never_revives_a_done_order },
    { "an illegal event changes nothing", test_an_illegal_event_changes_nothing },
    { "plain events move", test_plain_events_move_to_the_state_of_the_table },
    { "fills add up", test_fills_add_up_to_the_quantity },
    { "a last fill that is not the last", test_a_last_fill_that_is_not_the_last_is_refused },
    { "a full quantity that stays open", test_a_full_quantity_may_stay_open_for_a_replace },
    { "a fill beyond the quantity", test_a_fill_beyond_the_quantity_is_applied },
    { "a late fill", test_a_late_fill_of_a_canceled_order_counts_and_leaves_it_canceled },
    { "a replace keeps what was filled", test_a_replace_keeps_what_was_filled },
    { "a reduction ends the order", test_a_reduction_to_what_was_filled_ends_the_order },
    { "OrdStatus by state", test_ord_status_by_state },
    { "OrdStatus with requests", test_pending_cancel_comes_before_pending_replace_before_the_rest },
    { "order ids are read back", test_order_ids_are_read_back },
    { "other texts are no order ids", test_other_texts_are_no_order_ids },
    CU_TEST_INFO_NULL,
};
