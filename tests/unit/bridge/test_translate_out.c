/*
 * Reports: the fields of each event of rules of engagement 3.8 and 3.9, byte for byte, and every
 * message against the dictionary a stock client would use.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fix_validate.h"
#include "refusal.h"
#include "suites.h"
#include "translate_out.h"
#include "wire.h"

/* ---- dictionaries -------------------------------------------------------------------------- */

static struct fix_dict *load(const char *path)
{
    static char xml[4 * 1024 * 1024];
    FILE *f = fopen(path, "r");
    char error[256] = "";
    size_t size;
    struct fix_dict *d;

    if (f == NULL) {
        return NULL;
    }
    size = fread(xml, 1, sizeof xml, f);
    fclose(f);
    d = fix_dict_new((struct bytes){ xml, size }, error, sizeof error);
    CU_ASSERT_STRING_EQUAL(error, "");
    return d;
}

/* Ours, and QuickFIX's own where a package has put it. */
static void check_with(const char *path, const struct fix_msg *m, bool required)
{
    struct fix_dict *d = load(path);
    struct fix_verdict v;

    if (d == NULL) {
        CU_ASSERT_FALSE(required);
        return;
    }
    v = fix_validate(d, m, FIX_MSG_OK, &fix_validate_defaults);
    CU_ASSERT_EQUAL(v.reason, FIX_REJECT_NONE);
    CU_ASSERT_EQUAL(v.tag, 0);
    if (v.reason != FIX_REJECT_NONE) {
        fprintf(stderr, "%s: tag %u: %s\n", path, v.tag, wire_text(m->raw));
    }
    fix_dict_free(d);
}

static struct fix_body body;
static struct buf out = { .max = 8192 };

/* The body is what it should be, and a stock client takes it. */
static void check(const char *msg_type, const char *expected)
{
    char text[4096];

    CU_ASSERT_FALSE(out.failed);
    CU_ASSERT_STRING_EQUAL(body.msg_type, msg_type);
    snprintf(text, sizeof text, "%s", wire_text(buf_view(&out)));
    CU_ASSERT_STRING_EQUAL(text, expected);
    if (strcmp(text, expected) != 0) {
        fprintf(stderr, "got      %s\nexpected %s\n", text, expected);
    }
    check_with(DICTIONARY, wire_message(msg_type, text), true);
    check_with("/usr/share/quickfix/FIX44.xml", wire_message(msg_type, text), false);
    check_with("/usr/share/doc/libquickfix-doc/spec/FIX44.xml", wire_message(msg_type, text),
               false);
}

/* ---- fixtures ------------------------------------------------------------------------------ */

#define NOW INT64_C(1795168800123456)
#define T60 "60=20261120-10:00:00.123|"

static const struct report_names names = { { "main", 4 }, { "KRKF", 4 }, 0 };

static struct order limit_order(enum order_state state)
{
    struct order o = { .id = 37,
                       .state = state,
                       .side = VENUE_BUY,
                       .cl_ord_id = "c1",
                       .symbol = "BTC/USD",
                       .venue_symbol = "PF_XBTUSD",
                       .changed_us = NOW };

    o.terms = (struct order_terms){
        .ord_type = '2', .type = VENUE_LIMIT, .tif = VENUE_GTC, .has_price = true
    };
    o.terms.qty = dec("2");
    o.terms.price = dec("100.50");
    return o;
}

static struct report report_of(char exec_type)
{
    return (struct report){ .exec_type = exec_type,
                            .exec_id = BYTES("1-1"),
                            .transact_us = NOW,
                            .ord_rej_reason = -1,
                            .restatement_reason = -1 };
}

static void fill(struct order *o, enum order_event event, const char *qty, const char *px)
{
    struct order_change c = { .event = event, .qty = dec(qty), .px = dec(px) };

    CU_ASSERT_TRUE_FATAL(order_apply(o, &c));
}

static void send(const struct order *o, const struct report *r)
{
    memset(&body, 0, sizeof body);
    translate_out_report(&body, &out, o, r, &names);
}

#define NAMED "1=main|55=BTC/USD|207=KRKF|54=1|38=2|40=2|44=100.5|"

/* ---- ExecutionReport, event by event ------------------------------------------------------- */

static void test_pending_new_and_new(void)
{
    struct order o = limit_order(ORDER_TAKEN);
    struct report r = report_of('A');

    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=A|39=A|" NAMED "151=2|14=0|6=0|" T60);
    r.text = BYTES("venue outcome unknown, checking");
    o.state = ORDER_DOUBT;
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=A|39=A|" NAMED "151=2|14=0|6=0|" T60
               "58=venue outcome unknown, checking|");
    o.state = ORDER_LIVE;
    o.venue_id = "v-1";
    r = report_of('0');
    send(&o, &r);
    check("8", "37=FB-11|198=v-1|11=c1|17=1-1|150=0|39=0|" NAMED "151=2|14=0|6=0|" T60);
}

static void test_refused(void)
{
    struct order o = limit_order(ORDER_REJECTED);
    struct report r = report_of('8');

    r.ord_rej_reason = 3;
    r.text = BYTES("insufficientAvailableFunds");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=8|39=8|103=3|" NAMED "151=0|14=0|6=0|" T60
               "58=insufficientAvailableFunds|");
}

static void test_fills(void)
{
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('F');

    fill(&o, EV_FILL, "0.5", "100.1");
    r.last_qty = dec("0.5");
    r.last_px = dec("100.1");
    r.trade_id = BYTES("t-1");
    r.liquidity = VENUE_TAKER;
    r.has_fee = true;
    r.fee = dec("-0.02");
    r.fee_currency = BYTES("USD");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=F|39=1|" NAMED
               "32=0.5|31=100.1|527=t-1|851=2|136=1|137=-0.02|138=USD|"
               "139=4|891=0|151=1.5|14=0.5|6=100.1|" T60);
    fill(&o, EV_LAST_FILL, "1.5", "100.5");
    r = report_of('F');
    r.last_qty = dec("1.5");
    r.last_px = dec("100.5");
    r.trade_id = BYTES("t-2");
    r.liquidity = VENUE_MAKER;
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=F|39=2|" NAMED
               "32=1.5|31=100.5|527=t-2|851=1|151=0|14=2|6=100.4|" T60);
    r.exec_type = 'H';
    r.exec_ref_id = BYTES("1-0");
    r.liquidity = VENUE_LIQUIDITY_UNKNOWN;
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=H|39=2|" NAMED
               "32=1.5|31=100.5|527=t-2|19=1-0|151=0|14=2|6=100.4|" T60);
}

static void test_cancel_asked_and_done(void)
{
    struct request cancel = { .kind = REQUEST_CANCEL };
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('6');

    o.request = &cancel;
    r.cl_ord_id = BYTES("c2");
    r.orig_cl_ord_id = BYTES("c1");
    send(&o, &r);
    check("8", "37=FB-11|11=c2|41=c1|17=1-1|150=6|39=6|" NAMED "151=2|14=0|6=0|" T60);
    o.request = NULL;
    o.state = ORDER_CANCELED;
    r.exec_type = '4';
    send(&o, &r);
    check("8", "37=FB-11|11=c2|41=c1|17=1-1|150=4|39=4|" NAMED "151=0|14=0|6=0|" T60);
    r = report_of('4');
    r.restatement_reason = 7;
    r.text = BYTES("canceled by the dead man's switch");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=4|39=4|378=7|" NAMED "151=0|14=0|6=0|" T60
               "58=canceled by the dead man's switch|");
    o.state = ORDER_EXPIRED;
    r = report_of('C');
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=C|39=C|" NAMED "151=0|14=0|6=0|" T60);
}

static void test_a_fill_while_a_cancel_is_pending_shows_it(void)
{
    struct request cancel = { .kind = REQUEST_CANCEL };
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('F');

    o.request = &cancel;
    fill(&o, EV_FILL, "1", "100");
    r.last_qty = dec("1");
    r.last_px = dec("100");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=F|39=6|" NAMED "32=1|31=100|151=1|14=1|6=100|" T60);
}

static void test_replace_asked_and_done(void)
{
    struct request replace = { .kind = REQUEST_REPLACE };
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('E');

    o.request = &replace;
    r.cl_ord_id = BYTES("c2");
    r.orig_cl_ord_id = BYTES("c1");
    send(&o, &r);
    check("8", "37=FB-11|11=c2|41=c1|17=1-1|150=E|39=E|" NAMED "151=2|14=0|6=0|" T60);
    o.request = NULL;
    r.exec_type = '5';
    send(&o, &r); /* OrdStatus 5 is not FIX 4.4 */
    check("8", "37=FB-11|11=c2|41=c1|17=1-1|150=5|39=0|" NAMED "151=2|14=0|6=0|" T60);
}

static void test_restated_triggered_and_status(void)
{
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('D');

    r.triggered = true;
    r.restatement_reason = 8;
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=D|39=0|636=Y|378=8|" NAMED "151=2|14=0|6=0|" T60);
    r = report_of('I');
    r.status_req_id = BYTES("s1");
    r.transact_us = 0; /* the order's last change */
    send(&o, &r);
    check("8", "37=FB-11|11=c1|790=s1|17=1-1|150=I|39=0|" NAMED "151=2|14=0|6=0|" T60);
}

static void test_terms_come_back_as_they_were_sent(void)
{
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('0');

    o.side = VENUE_SELL;
    o.terms = (struct order_terms){ .ord_type = '4',
                                    .time_in_force = '6',
                                    .has_price = true,
                                    .has_stop = true,
                                    .expire_us = NOW,
                                    .exec_inst = "E Q" };
    o.terms.qty = dec("0.00000001");
    o.terms.price = dec("99");
    o.terms.stop_price = dec("98.5");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=0|39=0|1=main|55=BTC/"
               "USD|207=KRKF|54=2|38=0.00000001|40=4|44=99|99=98.5|"
               "59=6|126=20261120-10:00:00.123|18=E Q|151=0.00000001|14=0|6=0|" T60);
    o.terms = (struct order_terms){ .ord_type = '3',
                                    .trail_unit = VENUE_OFFSET_PERCENT,
                                    .exec_inst = "a" };
    o.terms.qty = dec("1");
    o.terms.trail = dec("1.25");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=0|39=0|1=main|55=BTC/"
               "USD|207=KRKF|54=2|38=1|40=3|211=125|835=0|836=1|18=a|"
               "151=1|14=0|6=0|" T60);
    o.terms.trail_unit = VENUE_OFFSET_PRICE;
    o.terms.trail = dec("150");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=0|39=0|1=main|55=BTC/"
               "USD|207=KRKF|54=2|38=1|40=3|211=150|835=0|836=0|18=a|"
               "151=1|14=0|6=0|" T60);
}

static void test_client_fields_are_repeated_and_text_is_sent_once(void)
{
    static char echo[] = "58=mine\x01"
                         "526=sec\x01"
                         "583=link\x01"
                         "453=1\x01"
                         "448=joe\x01"
                         "447=D\x01"
                         "452=11\x01";
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('0');

    o.echo = echo;
    o.echo_size = sizeof echo - 1;
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=0|39=0|" NAMED "151=2|14=0|6=0|" T60
               "58=mine|526=sec|583=link|453=1|448=joe|447=D|452=11|");
    r.text = BYTES("ours");
    send(&o, &r);
    check("8", "37=FB-11|11=c1|17=1-1|150=0|39=0|" NAMED "151=2|14=0|6=0|" T60
               "58=ours|526=sec|583=link|453=1|448=joe|447=D|452=11|");
}

static void test_time_has_the_digits_of_the_session(void)
{
    struct order o = limit_order(ORDER_LIVE);
    struct report r = report_of('0');

    memset(&body, 0, sizeof body);
    body.time_digits = 6;
    translate_out_report(&body, &out, &o, &r, &names);
    CU_ASSERT_PTR_NOT_NULL(strstr(wire_text(buf_view(&out)), "|60=20261120-10:00:00.123456|"));
}

/* ---- answers without an order, and the other messages -------------------------------------- */

static void test_a_refusal_without_an_order_repeats_what_is_sound(void)
{
    static const struct report_names nobody;
    struct refusal no;

    memset(&body, 0, sizeof body);
    (void)refuse(&no, REFUSAL_ORDER, 6, "ClOrdID(11) was used before");
    translate_out_refused(&body, &out, wire_message("D", "11=c1|55=X|54=2|38=1.50|40=2|44=7"), '8',
                          BYTES("1-2"), &no, &nobody, NOW);
    check("8",
          "37=NONE|11=c1|17=1-2|150=8|39=8|103=6|55=X|54=2|38=1.5|40=2|44=7|151=0|14=0|6=0|" T60
          "58=ClOrdID(11) was used before|");
    (void)refuse(&no, REFUSAL_ORDER, 5, "order is not known");
    translate_out_refused(&body, &out, wire_message("H", "11=c1|54=x|38=y|40=??|790=s9"), 'I',
                          BYTES("1-2"), &no, &nobody, NOW);
    check("8", "37=NONE|11=c1|790=s9|17=1-2|150=I|39=8|103=5|55=[N/A]|54=7|151=0|14=0|6=0|" T60
               "58=order is not known|");
}

static void test_cancel_reject(void)
{
    struct cancel_reject r = { BYTES("c2"), BYTES("c1"), '1', 0, BYTES("too late"), NOW };
    struct order o = limit_order(ORDER_FILLED);

    memset(&body, 0, sizeof body);
    translate_out_cancel_reject(&body, &out, &o, &r, &names);
    check("9", "37=FB-11|11=c2|41=c1|39=2|1=main|" T60 "434=1|102=0|58=too late|");
    r.response_to = '2';
    r.reason = 1;
    r.orig_cl_ord_id = BYTES("");
    translate_out_cancel_reject(&body, &out, NULL, &r,
                                &(struct report_names){ .account = BYTES("") });
    check("9", "37=NONE|11=c2|41=NONE|39=8|" T60 "434=2|102=1|58=too late|");
}

static void test_mass_report(void)
{
    struct order a = limit_order(ORDER_CANCELED), b = limit_order(ORDER_CANCELED);
    const struct order *list[] = { &a, &b };
    struct mass_report r = { .cl_ord_id = BYTES("m1"),
                             .mass_id = 3,
                             .request_type = '1',
                             .response = '1',
                             .reject_reason = -1,
                             .affected = 2,
                             .symbol = BYTES("BTC/USD"),
                             .side = VENUE_SELL,
                             .text = BYTES("2 of 2"),
                             .transact_us = NOW,
                             .order = list,
                             .order_count = 2 };

    b.id = 38;
    memset(&body, 0, sizeof body);
    translate_out_mass_report(&body, &out, &r);
    check(
        "r",
        "11=m1|37=FM-3|530=1|531=1|533=2|534=2|41=c1|535=FB-11|41=c1|535=FB-12|55=BTC/USD|54=2|" T60
        "58=2 of 2|");
    r = (struct mass_report){ .cl_ord_id = BYTES("m1"),
                              .request_type = '7',
                              .response = '0',
                              .reject_reason = 99,
                              .transact_us = NOW };
    translate_out_mass_report(&body, &out, &r);
    check("r", "11=m1|37=FM-0|530=7|531=0|532=99|533=0|" T60);
}

static void test_business_reject(void)
{
    memset(&body, 0, sizeof body);
    translate_out_business_reject(&body, &out, wire_message("AE", "571=1"), BYTES("id"), 3,
                                  BYTES("not taken"));
    check("j", "45=7|372=AE|379=id|380=3|58=not taken|");
    translate_out_business_reject(&body, &out, wire_message("D", "11=1"), BYTES(""), 4,
                                  BYTES("stopping"));
    check("j", "45=7|372=D|380=4|58=stopping|");
    buf_fini(&out);
}

CU_TestInfo translate_out_tests[] = {
    { "pending new and new", test_pending_new_and_new },
    { "refused", test_refused },
    { "fills", test_fills },
    { "cancel asked and done", test_cancel_asked_and_done },
    { "fill while cancel is pending", test_a_fill_while_a_cancel_is_pending_shows_it },
    { "replace asked and done", test_replace_asked_and_done },
    { "restated, triggered, status", test_restated_triggered_and_status },
    { "terms come back", test_terms_come_back_as_they_were_sent },
    { "client fields, one text", test_client_fields_are_repeated_and_text_is_sent_once },
    { "digits of time", test_time_has_the_digits_of_the_session },
    { "refusal without an order", test_a_refusal_without_an_order_repeats_what_is_sound },
    { "cancel reject", test_cancel_reject },
    { "mass report", test_mass_report },
    { "business reject", test_business_reject },
    CU_TEST_INFO_NULL,
};
