/*
 * Rules of engagement 3.3 to 3.7, tag by tag: what is taken, what is refused, and with which
 * reason.
 */
#include "refusal.h"
#include "suites.h"
#include "translate_in.h"
#include "wire.h"

#include <stdio.h>

static struct translate_rules rules = { .cl_ord_id_max = 36 };
static struct command command;
static struct refusal no;

static bool translate(const char *msg_type, const char *fields)
{
    static bool ready;

    if (!ready) {
        buf_init(&command.echo, 4096);
        ready = true;
    }
    memset(&no, 0, sizeof no);
    return translate_in(wire_message(msg_type, fields), &rules, &command, &no);
}

#define BASE "11=c-1_A|55=PF_XBTUSD|54=1|60=20261120-10:00:00|"
#define LIMIT BASE "38=2|40=2|44=100.5|"

/* ---- NewOrderSingle: what is taken --------------------------------------------------------- */

struct taken {
    const char *fields;
    enum venue_order_type type;
    enum venue_tif tif;
    enum venue_trigger trigger;
    bool post_only, reduce_only;
};

static void test_types_and_times_in_force_that_are_taken(void)
{
    static const struct taken cases[] = {
        { BASE "38=2|40=1", VENUE_MARKET, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=1|59=3", VENUE_MARKET, VENUE_IOC, 0, 0, 0 },
        { LIMIT, VENUE_LIMIT, VENUE_GTC, 0, 0, 0 },
        { LIMIT "59=1", VENUE_LIMIT, VENUE_GTC, 0, 0, 0 },
        { LIMIT "59=3", VENUE_LIMIT, VENUE_IOC, 0, 0, 0 },
        { LIMIT "59=4", VENUE_LIMIT, VENUE_FOK, 0, 0, 0 },
        { LIMIT "59=5", VENUE_LIMIT, VENUE_GTC, 0, true, 0 },
        { LIMIT "59=6|126=20261121-00:00:00", VENUE_LIMIT, VENUE_GTD, 0, 0, 0 },
        { LIMIT "18=6", VENUE_LIMIT, VENUE_GTC, 0, true, 0 },
        { LIMIT "18=E", VENUE_LIMIT, VENUE_GTC, 0, 0, true },
        { LIMIT "18=6 E", VENUE_LIMIT, VENUE_GTC, 0, true, true },
        { LIMIT "18=E|59=3", VENUE_LIMIT, VENUE_IOC, 0, 0, true },
        { BASE "38=2|40=3|99=90", VENUE_STOP_MARKET, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=4|99=90|44=91", VENUE_STOP_LIMIT, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=J|99=90", VENUE_TAKE_MARKET, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=J|99=90|1109=D", VENUE_TAKE_MARKET, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=3|99=90|1109=U", VENUE_STOP_MARKET, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=3|99=90|1109=D", VENUE_TAKE_MARKET, VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=4|99=90|44=91|1109=D", VENUE_TAKE_LIMIT, VENUE_GTC, 0, 0, 0 },
        { "11=a|55=X|54=2|60=20261120-10:00:00|38=2|40=4|99=90|44=91|1109=U", VENUE_TAKE_LIMIT,
          VENUE_GTC, 0, 0, 0 },
        { BASE "38=2|40=3|99=90|1107=2", VENUE_STOP_MARKET, VENUE_GTC, VENUE_TRIGGER_LAST, 0, 0 },
        { BASE "38=2|40=3|99=90|22105=1", VENUE_STOP_MARKET, VENUE_GTC, VENUE_TRIGGER_LAST, 0, 0 },
        { BASE "38=2|40=3|99=90|22105=2", VENUE_STOP_MARKET, VENUE_GTC, VENUE_TRIGGER_MARK, 0, 0 },
        { BASE "38=2|40=3|99=90|22105=3", VENUE_STOP_MARKET, VENUE_GTC, VENUE_TRIGGER_INDEX, 0, 0 },
        { BASE "38=2|40=3|99=90|22105=1|1107=2", VENUE_STOP_MARKET, VENUE_GTC, VENUE_TRIGGER_LAST,
          0, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CU_ASSERT_TRUE(translate("D", cases[i].fields));
        CU_ASSERT_EQUAL(no.kind, REFUSAL_NONE);
        CU_ASSERT_STRING_EQUAL(no.text, "");
        CU_ASSERT_EQUAL(command.kind, COMMAND_NEW);
        CU_ASSERT_EQUAL(command.terms.type, cases[i].type);
        CU_ASSERT_EQUAL(command.terms.tif, cases[i].tif);
        CU_ASSERT_EQUAL(command.terms.trigger, cases[i].trigger);
        CU_ASSERT_EQUAL(command.terms.post_only, cases[i].post_only);
        CU_ASSERT_EQUAL(command.terms.reduce_only, cases[i].reduce_only);
        CU_ASSERT_EQUAL(command.terms.trail_unit, VENUE_OFFSET_NONE);
    }
}

static void test_the_fields_of_an_order_are_read(void)
{
    CU_ASSERT_TRUE(translate("D",
                             "50=joe|" LIMIT "1=main|207=KRKF|18=6 Q|59=6|126=20261121-00:00:00.5|"
                             "62=20261120-10:00:05.250"));
    CU_ASSERT_TRUE(bytes_is(command.cl_ord_id, "c-1_A"));
    CU_ASSERT_TRUE(bytes_is(command.symbol, "PF_XBTUSD"));
    CU_ASSERT_TRUE(bytes_is(command.account, "main"));
    CU_ASSERT_TRUE(bytes_is(command.exchange, "KRKF"));
    CU_ASSERT_TRUE(bytes_is(command.sender_sub_id, "joe"));
    CU_ASSERT_EQUAL(command.side, VENUE_BUY);
    CU_ASSERT_TRUE(decimal_equal(command.terms.qty, dec("2")));
    CU_ASSERT_TRUE(command.terms.has_price && decimal_equal(command.terms.price, dec("100.5")));
    CU_ASSERT_FALSE(command.terms.has_stop);
    CU_ASSERT_EQUAL(command.terms.ord_type, '2');
    CU_ASSERT_EQUAL(command.terms.time_in_force, '6');
    CU_ASSERT_EQUAL(command.terms.expire_us, INT64_C(1795219200500000));
    CU_ASSERT_EQUAL(command.valid_until_us, INT64_C(1795168805250000));
    CU_ASSERT_TRUE(command.terms.cancel_on_disconnect);
    CU_ASSERT_STRING_EQUAL(command.terms.exec_inst, "6 Q");
}

static void test_the_venue_may_be_named_by_100_and_the_symbol_by_48(void)
{
    CU_ASSERT_TRUE(translate("D", LIMIT "100=KRKF"));
    CU_ASSERT_TRUE(bytes_is(command.exchange, "KRKF"));
    CU_ASSERT_TRUE(translate("D", LIMIT "100=KRKF|207=KRKF"));
    CU_ASSERT_FALSE(translate("D", LIMIT "100=KRKF|207=BYBT"));
    CU_ASSERT_EQUAL(no.reason, 99);
    CU_ASSERT_TRUE(
        translate("D", "11=a|55=[N/A]|48=PF_X|22=8|54=1|60=20261120-10:00:00|38=1|40=1"));
    CU_ASSERT_TRUE(bytes_is(command.symbol, "PF_X"));
    CU_ASSERT_TRUE(translate("D", "11=a|55=PF_Y|48=PF_X|22=8|54=1|60=20261120-10:00:00|38=1|40=1"));
    CU_ASSERT_TRUE(bytes_is(command.symbol, "PF_Y"));
    CU_ASSERT_FALSE(
        translate("D", "11=a|55=[N/A]|48=PF_X|22=4|54=1|60=20261120-10:00:00|38=1|40=1"));
    CU_ASSERT_EQUAL(no.reason, 1);
}

static void test_trailing_stops(void)
{
    CU_ASSERT_TRUE(translate("D", BASE "38=1|40=3|18=a|211=150"));
    CU_ASSERT_EQUAL(command.terms.type, VENUE_TRAILING);
    CU_ASSERT_EQUAL(command.terms.trail_unit, VENUE_OFFSET_PRICE);
    CU_ASSERT_TRUE(decimal_equal(command.terms.trail, dec("150")));
    CU_ASSERT_TRUE(translate("D", BASE "38=1|40=P|18=a E|211=125|836=1|835=0|22105=2"));
    CU_ASSERT_EQUAL(command.terms.type, VENUE_TRAILING);
    CU_ASSERT_EQUAL(command.terms.trail_unit, VENUE_OFFSET_PERCENT);
    CU_ASSERT_TRUE(decimal_equal(command.terms.trail, dec("1.25")));
    CU_ASSERT_EQUAL(command.terms.trigger, VENUE_TRIGGER_MARK);
    CU_ASSERT_TRUE(command.terms.reduce_only);
}

static void test_day_orders_follow_the_setting(void)
{
    CU_ASSERT_FALSE(translate("D", LIMIT "59=0"));
    CU_ASSERT_EQUAL(no.reason, 11);
    rules.day_as_gtc = true;
    CU_ASSERT_TRUE(translate("D", LIMIT "59=0"));
    rules.day_as_gtc = false;
    CU_ASSERT_EQUAL(command.terms.tif, VENUE_GTC);
    CU_ASSERT_EQUAL(command.terms.time_in_force, '0');
}

/* ---- refusals ------------------------------------------------------------------------------ */

struct refused {
    const char *msg_type, *fields;
    enum refusal_kind kind;
    int reason;
    const char *text; /* part of it */
};

static void check_refused(const struct refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_FALSE(translate(cases[i].msg_type, cases[i].fields));
        CU_ASSERT_EQUAL(no.kind, cases[i].kind);
        CU_ASSERT_EQUAL(no.reason, cases[i].reason);
        CU_ASSERT_PTR_NOT_NULL(strstr(no.text, cases[i].text));
    }
}

#define CHECK_REFUSED(cases) check_refused((cases), ARRAY_LEN(cases))

static void test_orders_refused_for_what_they_identify(void)
{
    static const struct refused cases[] = {
        { "D", "11=a b|55=X|54=1|38=1|40=1", REFUSAL_ORDER, 99, "ClOrdID(11)" },
        { "D", "11=0123456789012345678901234567890123456|55=X|54=1|38=1|40=1", REFUSAL_ORDER, 99,
          "36" },
        { "D", "55=X|54=1|38=1|40=1", REFUSAL_SESSION, 1, "missing" },
        { "D", "11=a|54=1|38=1|40=1", REFUSAL_SESSION, 1, "missing" },
        { "D", "11=a|55=X|38=1|40=1", REFUSAL_SESSION, 1, "missing" },
        { "D", "11=a|55=X|54=12|38=1|40=1", REFUSAL_SESSION, 6, "format" },
        { "D", "11=a|55=X|54=5|38=1|40=1", REFUSAL_ORDER, 11, "Side(54)" },
        { "D", "11=a|55=0123456789012345678901234567890123456789012345678|54=1|38=1|40=1",
          REFUSAL_ORDER, 1, "Symbol(55)" },
        { "D", "50=01234567890123456789012345678901234567890123456789012345678901234|" LIMIT,
          REFUSAL_SESSION, 5, "SenderSubID(50)" },
        { "AE", "571=1", REFUSAL_BUSINESS, 3, "MsgType" },
    };

    CHECK_REFUSED(cases);
}

static void test_orders_refused_for_their_quantity_and_prices(void)
{
    static const struct refused cases[] = {
        { "D", BASE "40=1", REFUSAL_ORDER, 99, "OrderQty(38) or CashOrderQty(152) is missing" },
        { "D", BASE "38=0|40=1", REFUSAL_ORDER, 13, "OrderQty(38)" },
        { "D", BASE "38=-1|40=1", REFUSAL_ORDER, 13, "OrderQty(38)" },
        { "D", BASE "38=x|40=1", REFUSAL_SESSION, 6, "format" },
        { "D", BASE "38=1|152=100|40=1", REFUSAL_ORDER, 13, "exclude" },
        { "D", BASE "38=1|40=2", REFUSAL_ORDER, 99, "Price(44) is missing" },
        { "D", BASE "38=1|40=4|99=5", REFUSAL_ORDER, 99, "Price(44) is missing" },
        { "D", BASE "38=1|40=2|44=0", REFUSAL_ORDER, 99, "Price(44)" },
        { "D", BASE "38=1|40=2|44=-1", REFUSAL_ORDER, 99, "Price(44)" },
        { "D", BASE "38=1|40=1|44=5", REFUSAL_ORDER, 99, "Price(44) cannot" },
        { "D", BASE "38=1|40=3", REFUSAL_ORDER, 99, "StopPx(99) is missing" },
        { "D", BASE "38=1|40=4|44=5", REFUSAL_ORDER, 99, "StopPx(99) is missing" },
        { "D", BASE "38=1|40=J", REFUSAL_ORDER, 99, "StopPx(99) is missing" },
        { "D", BASE "38=1|40=J|99=5|44=5", REFUSAL_ORDER, 99, "Price(44) cannot" },
        { "D", LIMIT "99=5", REFUSAL_ORDER, 99, "StopPx(99) cannot" },
    };

    CHECK_REFUSED(cases);
}

static void test_orders_refused_for_type_time_and_instructions(void)
{
    static const struct refused cases[] = {
        { "D", BASE "38=1", REFUSAL_SESSION, 1, "missing" },
        { "D", BASE "38=1|40=K", REFUSAL_ORDER, 11, "OrdType(40)=K" },
        { "D", BASE "38=1|40=P|211=1", REFUSAL_ORDER, 11, "ExecInst(18)=a" },
        { "D", LIMIT "59=2", REFUSAL_ORDER, 11, "TimeInForce(59)=2" },
        { "D", LIMIT "59=7", REFUSAL_ORDER, 11, "TimeInForce(59)=7" },
        { "D", LIMIT "59=6", REFUSAL_ORDER, 99, "ExpireTime(126) is missing" },
        { "D", LIMIT "126=20261121-00:00:00", REFUSAL_ORDER, 11, "ExpireTime(126)" },
        { "D", LIMIT "59=6|126=soon", REFUSAL_SESSION, 6, "format" },
        { "D", LIMIT "62=soon", REFUSAL_SESSION, 6, "format" },
        { "D", LIMIT "18=6|59=3", REFUSAL_ORDER, 11, "post-only" },
        { "D", LIMIT "18=6|59=4", REFUSAL_ORDER, 11, "post-only" },
        { "D", BASE "38=1|40=1|18=6", REFUSAL_ORDER, 11, "post-only" },
        { "D", BASE "38=1|40=1|59=5", REFUSAL_ORDER, 11, "post-only" },
        { "D", BASE "38=1|40=4|44=1|99=1|18=6", REFUSAL_ORDER, 11, "post-only" },
        { "D", LIMIT "18=A", REFUSAL_ORDER, 11, "ExecInst(18)" },
        { "D", LIMIT "18=P", REFUSAL_ORDER, 11, "ExecInst(18)" },
        { "D", LIMIT "18=6A", REFUSAL_ORDER, 11, "ExecInst(18)" },
        { "D", LIMIT "18=6 ", REFUSAL_ORDER, 11, "ExecInst(18)" },
        { "D", LIMIT "18=6  E", REFUSAL_ORDER, 11, "ExecInst(18)" },
        { "D", LIMIT "18=6 6 6 6 6 6 6 6 6 6", REFUSAL_ORDER, 11, "ExecInst(18)" },
        { "D", LIMIT "1107=2", REFUSAL_ORDER, 11, "22105" },
        { "D", BASE "38=1|40=3|99=1|1107=1", REFUSAL_ORDER, 11, "1107" },
        { "D", BASE "38=1|40=3|99=1|22105=4", REFUSAL_ORDER, 11, "22105" },
        { "D", BASE "38=1|40=3|99=1|22105=2|1107=2", REFUSAL_ORDER, 11, "differ" },
        { "D", LIMIT "1109=U", REFUSAL_ORDER, 11, "1109" },
        { "D", BASE "38=1|40=3|99=1|1109=X", REFUSAL_ORDER, 11, "1109" },
        { "D", BASE "38=1|40=J|99=1|1109=U", REFUSAL_ORDER, 11, "contradicts" },
    };

    CHECK_REFUSED(cases);
}

static void test_trailing_stops_refused(void)
{
    static const struct refused cases[] = {
        { "D", BASE "38=1|40=3|18=a", REFUSAL_ORDER, 99, "PegOffsetValue(211) is missing" },
        { "D", BASE "38=1|40=3|18=a|211=0", REFUSAL_ORDER, 99, "211" },
        { "D", BASE "38=1|40=3|18=a|211=-5", REFUSAL_ORDER, 99, "211" },
        { "D", BASE "38=1|40=3|18=a|211=5|836=2", REFUSAL_ORDER, 11, "836" },
        { "D", BASE "38=1|40=3|18=a|211=5|836=3", REFUSAL_ORDER, 11, "836" },
        { "D", BASE "38=1|40=3|18=a|211=5|835=1", REFUSAL_ORDER, 11, "835" },
        { "D", BASE "38=1|40=3|18=a|211=5|837=1", REFUSAL_ORDER, 11, "837" },
        { "D", BASE "38=1|40=3|18=a|211=5|99=100", REFUSAL_ORDER, 99, "StopPx(99) cannot" },
        { "D", BASE "38=1|40=4|18=a|211=5|99=100|44=1", REFUSAL_ORDER, 11, "40" },
        { "D", BASE "38=1|40=1|18=a|211=5", REFUSAL_ORDER, 11, "40" },
        { "D", BASE "38=1|40=3|18=a|211=0.000000000000000001|836=1", REFUSAL_ORDER, 99, "digits" },
        { "D", BASE "38=1|40=3|99=5|211=5", REFUSAL_ORDER, 11, "211" },
        { "D", LIMIT "836=1", REFUSAL_ORDER, 11, "836" },
    };

    CHECK_REFUSED(cases);
}

static void test_instructions_nobody_can_carry_out_are_never_ignored(void)
{
    static const struct refused cases[] = {
        { "D", LIMIT "111=1", REFUSAL_ORDER, 11, "tag 111" },
        { "D", LIMIT "110=1", REFUSAL_ORDER, 11, "tag 110" },
        { "D", LIMIT "210=1", REFUSAL_ORDER, 11, "tag 210" },
        { "D", LIMIT "432=20261130", REFUSAL_ORDER, 11, "432" },
        { "D", LIMIT "168=20261130-00:00:00", REFUSAL_ORDER, 11, "168" },
        { "D", LIMIT "21=3", REFUSAL_ORDER, 11, "HandlInst(21)" },
        { "G", LIMIT "41=b|111=1", REFUSAL_ORDER, 2, "tag 111" },
    };

    CHECK_REFUSED(cases);
    CU_ASSERT_TRUE(translate("D", LIMIT "21=1"));
}

static void test_strict_sessions_refuse_what_is_ignored_elsewhere(void)
{
    static const struct refused cases[] = {
        { "D", LIMIT "15=USD", REFUSAL_ORDER, 11, "tag 15" },
        { "D", LIMIT "63=0", REFUSAL_ORDER, 11, "tag 63" },
        { "F", BASE "41=b|376=x", REFUSAL_ORDER, 2, "tag 376" },
        { "q", "11=a|530=7|60=20261120-10:00:00|336=1", REFUSAL_ORDER, 0, "tag 336" },
    };

    CU_ASSERT_TRUE(translate("D", LIMIT "15=USD|63=0"));
    rules.strict = true;
    CHECK_REFUSED(cases);
    CU_ASSERT_TRUE(translate("D", "50=joe|97=Y|" LIMIT
                                  "21=1|1=m|207=X|18=6|59=1|62=20261120-10:00:00|526=a|"
                                  "528=P|583=b|58=t|453=1|448=x|447=D|452=24"));
    CU_ASSERT_TRUE(translate("F", BASE "41=b|38=5|37=FB-1"));
    rules.strict = false;
}

/* ---- what is echoed ------------------------------------------------------------------------ */

static void test_client_fields_are_kept_for_the_reports(void)
{
    CU_ASSERT_TRUE(translate("D", LIMIT
                             "583=link|58=hello|526=sec|528=P|453=2|448=joe|447=D|452=11|448=fund|"
                             "447=D|452=24"));
    CU_ASSERT_STRING_EQUAL(
        wire_text(buf_view(&command.echo)),
        "58=hello|526=sec|528=P|583=link|453=2|448=joe|447=D|452=11|448=fund|447=D|452=24|");
    CU_ASSERT_TRUE(translate("D", LIMIT));
    CU_ASSERT_EQUAL(command.echo.size, 0);
}

static void test_a_long_text_is_cut_between_characters(void)
{
    char fields[400], text[200];

    memset(text, 'x', sizeof text);
    memcpy(text + 127, "\xc3\xa9", 2);
    text[150] = '\0';
    snprintf(fields, sizeof fields, LIMIT "58=%s", text);
    CU_ASSERT_TRUE(translate("D", fields));
    CU_ASSERT_EQUAL(command.echo.size, 3 + 127 + 1);
}

/* ---- F, G, q, H ---------------------------------------------------------------------------- */

static void test_cancel(void)
{
    static const struct refused cases[] = {
        { "F", BASE, REFUSAL_SESSION, 1, "missing" },
        { "F", "11=a|41=b|55=X|60=20261120-10:00:00", REFUSAL_SESSION, 1, "missing" },
        { "F", "11=a b|41=b|55=X|54=1", REFUSAL_ORDER, 99, "ClOrdID(11)" },
        { "F", "11=a|41=b|55=X|54=3", REFUSAL_ORDER, 2, "Side(54)" },
        { "F", "11=a|54=1|41=01234567890123456789012345678901234567890123456789012345678901234",
          REFUSAL_ORDER, 1, "OrigClOrdID(41)" },
    };

    CU_ASSERT_TRUE(translate("F", BASE "41=orig|37=FB-1|38=nonsense|1=m|207=X|58=why|111=1"));
    CU_ASSERT_EQUAL(command.kind, COMMAND_CANCEL);
    CU_ASSERT_TRUE(bytes_is(command.cl_ord_id, "c-1_A"));
    CU_ASSERT_TRUE(bytes_is(command.orig_cl_ord_id, "orig"));
    CU_ASSERT_TRUE(bytes_is(command.order_id, "FB-1"));
    CU_ASSERT_EQUAL(command.side, VENUE_BUY);
    CU_ASSERT_TRUE(translate("F", "11=a|41=b|54=2|60=20261120-10:00:00"));
    CU_ASSERT_EQUAL(command.symbol.size, 0);
    CHECK_REFUSED(cases);
}

static void test_replace(void)
{
    static const struct refused cases[] = {
        { "G", LIMIT, REFUSAL_SESSION, 1, "missing" },
        { "G", BASE "41=b|38=1|40=2", REFUSAL_ORDER, 99, "Price(44)" },
        { "G", BASE "41=b|38=0|40=1", REFUSAL_ORDER, 99, "OrderQty(38)" },
        { "G", BASE "41=b|38=1|40=K", REFUSAL_ORDER, 2, "OrdType(40)" },
        { "G", LIMIT "41=b|62=20261120-10:00:00", REFUSAL_ORDER, 2, "62" },
        { "G", LIMIT "41=b|22109=1", REFUSAL_SESSION, 6, "format" },
    };

    CU_ASSERT_TRUE(translate("G", LIMIT "41=orig|22109=Y"));
    CU_ASSERT_EQUAL(command.kind, COMMAND_REPLACE);
    CU_ASSERT_TRUE(command.cancel_and_new);
    CU_ASSERT_TRUE(bytes_is(command.orig_cl_ord_id, "orig"));
    CU_ASSERT_TRUE(decimal_equal(command.terms.price, dec("100.5")));
    CU_ASSERT_TRUE(translate("G", LIMIT "41=orig"));
    CU_ASSERT_FALSE(command.cancel_and_new);
    CHECK_REFUSED(cases);
}

static void test_mass_cancel(void)
{
    static const struct refused cases[] = {
        { "q", "11=a|60=20261120-10:00:00", REFUSAL_SESSION, 1, "missing" },
        { "q", "11=a|530=2|60=20261120-10:00:00", REFUSAL_ORDER, 0, "530" },
        { "q", "11=a|530=1|60=20261120-10:00:00", REFUSAL_ORDER, 1, "Symbol(55)" },
        { "q", "11=a b|530=7|60=20261120-10:00:00", REFUSAL_ORDER, 99, "ClOrdID(11)" },
    };

    CU_ASSERT_TRUE(translate("q", "11=a|530=7|60=20261120-10:00:00"));
    CU_ASSERT_EQUAL(command.kind, COMMAND_MASS_CANCEL);
    CU_ASSERT_EQUAL(command.mass_type, '7');
    CU_ASSERT_EQUAL((int)command.side, 0);
    CU_ASSERT_TRUE(translate("q", "11=a|530=6|54=2|55=X|207=KRKF|60=20261120-10:00:00"));
    CU_ASSERT_EQUAL(command.side, VENUE_SELL);
    CU_ASSERT_TRUE(bytes_is(command.symbol, "X") && bytes_is(command.exchange, "KRKF"));
    CU_ASSERT_TRUE(translate("q", "11=a|530=1|55=X|60=20261120-10:00:00"));
    CHECK_REFUSED(cases);
    CU_ASSERT_EQUAL(command.mass_type, '7'); /* the reject repeats it */
}

static void test_status(void)
{
    CU_ASSERT_TRUE(translate("H", "11=a|54=1|55=X|37=FB-2|790=s1"));
    CU_ASSERT_EQUAL(command.kind, COMMAND_STATUS);
    CU_ASSERT_TRUE(bytes_is(command.order_id, "FB-2") && bytes_is(command.status_req_id, "s1"));
    CU_ASSERT_FALSE(translate("H", "54=1|55=X"));
    CU_ASSERT_EQUAL(no.kind, REFUSAL_SESSION);
    CU_ASSERT_EQUAL(no.tag, 11);
}

static void test_message_types_taken(void)
{
    static const char *const taken[] = { "D", "F", "G", "q", "H" };
    static const char *const others[] = { "", "A", "8", "AE", "DD", "d", "E" };

    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        CU_ASSERT_TRUE(translate_in_takes(bytes_of(taken[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        CU_ASSERT_FALSE(translate_in_takes(bytes_of(others[i])));
    }
}

/* The last test: gives the buffer back. */
static void test_an_echo_that_does_not_fit_is_refused(void)
{
    struct command small = { .kind = COMMAND_NEW };

    buf_init(&small.echo, 16);
    CU_ASSERT_FALSE(translate_in(wire_message("D", LIMIT "58=a text that is longer than that"),
                                 &rules, &small, &no));
    CU_ASSERT_EQUAL(no.reason, 99);
    buf_fini(&small.echo);
    buf_fini(&command.echo);
}

CU_TestInfo translate_in_tests[] = {
    { "types and times in force", test_types_and_times_in_force_that_are_taken },
    { "fields of an order", test_the_fields_of_an_order_are_read },
    { "100 and 48", test_the_venue_may_be_named_by_100_and_the_symbol_by_48 },
    { "trailing stops", test_trailing_stops },
    { "day orders", test_day_orders_follow_the_setting },
    { "refused: identity", test_orders_refused_for_what_they_identify },
    { "refused: quantity and prices", test_orders_refused_for_their_quantity_and_prices },
    { "refused: type, time, instructions", test_orders_refused_for_type_time_and_instructions },
    { "refused: trailing stops", test_trailing_stops_refused },
    { "refused: never ignored", test_instructions_nobody_can_carry_out_are_never_ignored },
    { "strict sessions", test_strict_sessions_refuse_what_is_ignored_elsewhere },
    { "echo", test_client_fields_are_kept_for_the_reports },
    { "long text", test_a_long_text_is_cut_between_characters },
    { "cancel", test_cancel },
    { "replace", test_replace },
    { "mass cancel", test_mass_cancel },
    { "status", test_status },
    { "message types", test_message_types_taken },
    { "echo too large", test_an_echo_that_does_not_fit_is_refused },
    CU_TEST_INFO_NULL,
};
