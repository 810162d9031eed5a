/*
 * fix_validate: one row a rule, over the small dictionary; then the real dictionary. The expected
 * verdict is reason and tag.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fix_text.h"
#include "fix_validate.h"
#include "small_dict.h"
#include "suites.h"

struct row {
    const char *body; /* behind "35=D|34=1|" */
    enum fix_reject reason;
    uint32_t tag;
};

static struct fix_msg msg;
static char text[32 * 1024];

static struct fix_verdict judge(const struct fix_dict *d, const char *body,
                                const struct fix_validate_options *o)
{
    enum fix_msg_error error = fix_msg_parse(&msg, fix_text_frame(text, sizeof text, body));

    return fix_validate(d, &msg, error, o);
}

static struct fix_dict *small(void)
{
    char error[256];
    struct fix_dict *d = fix_dict_new(BYTES(SMALL_DICT), error, sizeof error);

    if (d == NULL) {
        fprintf(stderr, "\n%s\n", error);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return d;
}

static void check_rows(const struct row *rows, size_t count, const struct fix_validate_options *o)
{
    struct fix_dict *d = small();

    for (size_t i = 0; i < count; i++) {
        char body[1024];
        struct fix_verdict v;

        (void)snprintf(body, sizeof body, "35=D|34=1|%s", rows[i].body);
        v = judge(d, body, o);
        if (v.reason != rows[i].reason || v.tag != rows[i].tag) {
            fprintf(stderr, "\n%s: got %d/%u, expected %d/%u\n", rows[i].body, (int)v.reason, v.tag,
                    (int)rows[i].reason, rows[i].tag);
            CU_FAIL("another verdict was expected");
        }
    }
    CU_ASSERT_TRUE(count > 0);
    fix_dict_free(d);
}

#define CHECK_ROWS(rows, options) check_rows(rows, ARRAY_LEN(rows), options)
#define GOOD FIX_REJECT_NONE, 0
#define ORDER "11=a|55=x|54=1|"

static void well_formed_orders_are_valid(void)
{
    static const struct row rows[] = {
        { ORDER, GOOD },
        { "54=2|11=a|55=x|", GOOD },
        { "43=N|" ORDER, GOOD },
        { ORDER "95=3|96=a|b|", GOOD },
        { ORDER "93=3|89=a|b|", GOOD },
        { "627=1|628=h|" ORDER, GOOD },
        { ORDER "453=0|", GOOD },
        { ORDER "235=y|", GOOD },
        { ORDER "77=x|", GOOD },
    };

    CHECK_ROWS(rows, &fix_validate_defaults);
}

static void required_fields_are_missed(void)
{
    static const struct row rows[] = {
        { "55=x|54=1|", FIX_REJECT_REQUIRED_MISSING, 11 },
        { "11=a|54=1|", FIX_REJECT_REQUIRED_MISSING, 55 }, /* of a required component */
        { "11=a|55=x|", FIX_REJECT_REQUIRED_MISSING, 54 },
        { ORDER "453=1|448=A|", FIX_REJECT_REQUIRED_MISSING, 452 }, /* of an entry that is there */
        { ORDER "453=2|448=A|448=B|452=1|", FIX_REJECT_REQUIRED_MISSING, 452 },
    };
    struct fix_dict *d = small();

    CHECK_ROWS(rows, &fix_validate_defaults);
    CU_ASSERT_EQUAL(judge(d, "35=0|", &fix_validate_defaults).reason, FIX_REJECT_REQUIRED_MISSING);
    CU_ASSERT_EQUAL(judge(d, "35=0|", &fix_validate_defaults).tag, 34);
    fix_dict_free(d);
}

static void strange_and_misplaced_tags_are_refused(void)
{
    static const struct row rows[] = {
        { ORDER "112=x|", FIX_REJECT_TAG_NOT_FOR_MESSAGE, 112 },
        { ORDER "448=x|", FIX_REJECT_TAG_NOT_FOR_MESSAGE, 448 },
        { ORDER "4999=x|", FIX_REJECT_UNDEFINED_TAG, 4999 },
        { ORDER "5000=x|", FIX_REJECT_UNDEFINED_TAG, 5000 },
        { ORDER "0=x|", FIX_REJECT_INVALID_TAG, 0 },
        { ORDER "abc=x|", FIX_REJECT_INVALID_TAG, 0 },
        { ORDER "11=b|", FIX_REJECT_TAG_TWICE, 11 },
        { "34=2|" ORDER, FIX_REJECT_TAG_TWICE, 34 },
        { ORDER "43=Y|", FIX_REJECT_TAG_ORDER, 43 },
        { "11=a|93=1|89=x|55=x|54=1|", FIX_REJECT_TAG_ORDER, 55 },
        { ORDER "58=|", FIX_REJECT_NO_VALUE, 58 },
        { ORDER "4999=|", FIX_REJECT_NO_VALUE, 4999 },
        { ORDER "95=3|96=ab|", FIX_REJECT_BAD_FORMAT, 96 },
    };

    CHECK_ROWS(rows, &fix_validate_defaults);
}

static void values_have_the_form_of_their_type(void)
{
    static const struct {
        const char *field;
        bool good;
    } rows[] = {
        { "38=1", true },
        { "38=-1.50", true },
        { "38=.5", true },
        { "38=5.", true },
        { "38=00.0", true },
        { "38=1e5", false },
        { "38=+1", false },
        { "38=.", false },
        { "38=-", false },
        { "38=1.2.3", false },
        { "38=97123.50", true },
        { "38=12345678", true },
        { "38=1234567.8", true },
        { "38=123456789.123456789", true },
        { "38=..", false },
        { "38=-.", false },
        { "38=1-", false },
        { "38=1:", false },
        { "38=12345/78", false },
        { "38=1.2.3456789", false },
        { "38=\xb1", false },
        { "38=1\xb1", false },
        { "108=1:", false },
        { "108=12345678", true },
        { "108=1234567.", false },
        { "108=1234567890123456789012", true },
        { "77=\xcf", true },
        { "38= 1", false },
        { "108=30", true },
        { "108=-30", true },
        { "108=007", true },
        { "108=+3", false },
        { "108=3.0", false },
        { "108=-", false },
        { "60=20261120-10:00:00", true },
        { "60=20261120-10:00:00.123456789", true },
        { "60=20261120-10:00:60", true },
        { "60=20261120-25:00:00", false },
        { "60=20261120", false },
        { "273=10:00:00", true },
        { "273=23:59:59.999999999", true },
        { "273=24:00:00", false },
        { "273=1:00:00", false },
        { "273=10:00:00.1234567890", false },
        { "432=20261130", true },
        { "432=20261131", false },
        { "432=2026113", false },
        { "432=202611300", false },
        { "200=202612", true },
        { "200=20261231", true },
        { "200=202612w5", true },
        { "200=202612w6", false },
        { "200=202613", false },
        { "200=2026", false },
        { "205=1", true },
        { "205=31", true },
        { "205=0", false },
        { "205=32", false },
        { "205=001", false },
        { "15=USD", true },
        { "15=USDT", true },
        { "15=U D", false },
        { "421=US", true },
        { "421=USA", false },
        { "18=1", true },
        { "18=1 G", true },
        { "18=1  G", false },
        { "18= 1", false },
        { "18=1 ", false },
        { "77=OO", false },
        { "58=any thing at all = fine", true },
    };
    struct fix_dict *d = small();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];
        struct fix_verdict v;

        (void)snprintf(body, sizeof body, "35=D|34=1|" ORDER "%s|", rows[i].field);
        v = judge(d, body, &fix_validate_defaults);
        if (v.reason != (rows[i].good ? FIX_REJECT_NONE : FIX_REJECT_BAD_FORMAT)) {
            fprintf(stderr, "\n%s: got %d/%u\n", rows[i].field, (int)v.reason, v.tag);
            CU_FAIL("another verdict was expected");
        }
    }
    fix_dict_free(d);
}

static void headers_and_flags_have_their_form(void)
{
    static const struct row rows[] = {
        { "43=y|" ORDER, FIX_REJECT_BAD_FORMAT, 43 },
        { "43=YES|" ORDER, FIX_REJECT_BAD_FORMAT, 43 },
        { ORDER "453=-1|", FIX_REJECT_BAD_FORMAT, 453 },
        { ORDER "453=x|", FIX_REJECT_BAD_FORMAT, 453 },
        { ORDER "453=99999999999999999999|", FIX_REJECT_BAD_FORMAT, 453 },
        { "11=a|55=x|54=12|", FIX_REJECT_BAD_FORMAT, 54 },
    };

    CHECK_ROWS(rows, &fix_validate_defaults);
}

static void values_are_among_those_listed(void)
{
    static const struct row rows[] = {
        { "11=a|55=x|54=3|", FIX_REJECT_VALUE_OUT_OF_RANGE, 54 },
        { ORDER "18=G 1|", GOOD },
        { ORDER "18=1 Z|", FIX_REJECT_VALUE_OUT_OF_RANGE, 18 },
        { ORDER "18=1G|", FIX_REJECT_VALUE_OUT_OF_RANGE, 18 },
        { ORDER "167=CS|", GOOD },
        { ORDER "167=FUT|", GOOD },
        { ORDER "167=LONGERTHANSEVEN|", GOOD },
        { ORDER "167=C|", FIX_REJECT_VALUE_OUT_OF_RANGE, 167 },
        { ORDER "167=OPT|", FIX_REJECT_VALUE_OUT_OF_RANGE, 167 },
        { ORDER "167=LONGERTHANSEVEM|", FIX_REJECT_VALUE_OUT_OF_RANGE, 167 },
    };

    CHECK_ROWS(rows, &fix_validate_defaults);
}

static void groups_are_counted_and_ordered(void)
{
    static const struct row rows[] = {
        { "11=a|453=1|448=A|447=D|452=1|55=x|54=1|", GOOD },
        { "11=a|453=2|448=A|452=1|448=B|452=2|55=x|54=1|", GOOD },
        { ORDER "453=2|448=A|452=1|", FIX_REJECT_GROUP_COUNT, 453 },
        { ORDER "453=1|448=A|452=1|448=B|452=1|", FIX_REJECT_GROUP_COUNT, 453 },
        { ORDER "453=0|448=A|452=1|", FIX_REJECT_GROUP_COUNT, 453 },
        { ORDER "453=1|", FIX_REJECT_GROUP_COUNT, 453 },
        { ORDER "453=1|452=1|448=A|", FIX_REJECT_GROUP_ORDER, 452 },
        { ORDER "453=1|448=A|452=1|447=D|", FIX_REJECT_GROUP_ORDER, 447 },
        { ORDER "453=1|448=A|452=1|452=1|", FIX_REJECT_TAG_TWICE, 452 },
        { ORDER "453=1|448=A|452=x|", FIX_REJECT_BAD_FORMAT, 452 },
        { ORDER "453=1|448=A|452=|", FIX_REJECT_NO_VALUE, 452 },
        { ORDER "453=2|448=A|452=1|802=2|523=s|803=1|523=t|448=B|452=1|802=1|523=u|", GOOD },
        { ORDER "453=1|448=A|452=1|802=2|523=s|", FIX_REJECT_GROUP_COUNT, 802 },
        { ORDER "453=1|448=A|452=1|802=1|803=1|523=s|", FIX_REJECT_GROUP_ORDER, 803 },
        { ORDER "453=1|448=A|452=1|453=1|448=B|452=1|", FIX_REJECT_TAG_TWICE, 453 },
        { ORDER "627=1|628=x|", FIX_REJECT_TAG_ORDER, 627 },
    };

    CHECK_ROWS(rows, &fix_validate_defaults);
}

static void a_tag_of_group_and_message_goes_where_it_fits(void)
{
    static const struct row rows[] = {
        { ORDER "453=1|448=A|452=1|802=1|523=s|58=group|58=message|", GOOD },
        { ORDER "453=1|448=A|452=1|802=1|523=s|58=group|58=message|58=more|", FIX_REJECT_TAG_TWICE,
          58 },
        { ORDER "58=message|453=1|448=A|452=1|802=1|523=s|58=group|", GOOD },
    };

    CHECK_ROWS(rows, &fix_validate_defaults);
}

static void options_excuse_what_they_name(void)
{
    static const struct row loose_rows[] = {
        { ORDER "43=Y|", GOOD },
        { ORDER "58=|", GOOD },
        { ORDER "6000=x|6000=y|", GOOD },
        { ORDER "453=1|448=A|452=1|447=D|", GOOD },
        { "55=x|", GOOD },
        { ORDER "4999=x|", GOOD },
        { ORDER "112=x|", GOOD },
        { ORDER "453=2|448=A|6000=q|452=1|448=B|452=1|", GOOD },
        { ORDER "6000=|", GOOD },
        { ORDER "453=1|452=1|448=A|", FIX_REJECT_GROUP_COUNT, 453 },
        { ORDER "38=x|", FIX_REJECT_BAD_FORMAT, 38 },
    };
    static const struct fix_validate_options loose = { .allow_unknown_fields = true };
    struct fix_validate_options no_users = fix_validate_defaults;
    static const struct row user_rows[] = {
        { ORDER "6000=x|", GOOD },
        { ORDER "4999=x|", FIX_REJECT_UNDEFINED_TAG, 4999 },
        { ORDER "112=x|", FIX_REJECT_TAG_NOT_FOR_MESSAGE, 112 },
    };

    no_users.user_defined_fields = false;
    CHECK_ROWS(loose_rows, &loose);
    CHECK_ROWS(user_rows, &no_users);
}

static void added_fields_are_members(void)
{
    struct fix_dict *d = small();

    CU_ASSERT_TRUE(fix_dict_add_field(d, BYTES("D"), 9406, "DropCopyFlag", "BOOLEAN"));
    CU_ASSERT_EQUAL(judge(d, "35=D|34=1|" ORDER "9406=Y|", &fix_validate_defaults).reason,
                    FIX_REJECT_NONE);
    CU_ASSERT_EQUAL(judge(d, "35=D|34=1|" ORDER "9406=Q|", &fix_validate_defaults).reason,
                    FIX_REJECT_BAD_FORMAT);
    CU_ASSERT_EQUAL(judge(d, "35=0|34=1|9406=Y|", &fix_validate_defaults).reason,
                    FIX_REJECT_TAG_NOT_FOR_MESSAGE);
    CU_ASSERT_TRUE(fix_dict_add_field(d, BYTES(""), 999, "Unused", "STRING"));
    CU_ASSERT_EQUAL(judge(d, "35=0|34=1|999=Y|", &fix_validate_defaults).reason, FIX_REJECT_NONE);
    fix_dict_free(d);
}

static void unknown_messages_are_told_apart(void)
{
    struct fix_dict *d = small();

    CU_ASSERT_EQUAL(judge(d, "35=ZZ|34=1|", &fix_validate_defaults).reason,
                    FIX_REJECT_UNKNOWN_MESSAGE);
    CU_ASSERT_EQUAL(judge(d, "35=|34=1|", &fix_validate_defaults).reason, FIX_REJECT_NO_VALUE);
    CU_ASSERT_EQUAL(judge(d, "35=AE|34=1|58=x|", &fix_validate_defaults).reason, FIX_REJECT_NONE);
    fix_dict_free(d);
}

static struct fix_dict *full_dict(void)
{
    static char xml[4 * 1024 * 1024];
    char error[256] = "cannot be opened";
    FILE *f = fopen(SOURCE_DIR "/dictionaries/FIX44.xml", "r");
    struct bytes all = { xml, 0 };
    struct fix_dict *d;

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    all.size = fread(xml, 1, sizeof xml, f);
    fclose(f);
    d = fix_dict_new(all, error, sizeof error);
    if (d == NULL) {
        fprintf(stderr, "\nFIX44.xml: %s\n", error);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return d;
}

#define HEADER "49=C|56=S|34=2|52=20261120-10:00:00.000|"

static void the_full_dictionary_takes_and_refuses(void)
{
    static const struct row rows[] = {
        { "35=D|" HEADER
          "11=a|1=ACC|453=1|448=A|447=D|452=1|21=1|55=BTC/USD|54=1|60=20261120-10:00:00|"
          "38=2|40=2|44=100.5|59=0|18=G|",
          GOOD },
        { "35=D|" HEADER "11=a|55=BTC/USD|54=1|60=20261120-10:00:00|38=2|",
          FIX_REJECT_REQUIRED_MISSING, 40 },
        { "35=D|" HEADER "11=a|55=BTC/USD|54=1|60=20261120-10:00:00|38=2|40=?|",
          FIX_REJECT_VALUE_OUT_OF_RANGE, 40 },
        { "35=F|" HEADER "41=a|11=b|55=BTC/USD|54=1|60=20261120-10:00:00|38=2|", GOOD },
        { "35=0|" HEADER, GOOD },
        { "35=0|" HEADER "112=a|55=x|", FIX_REJECT_TAG_NOT_FOR_MESSAGE, 55 },
        { "35=A|" HEADER "98=0|108=30|141=Y|553=u|554=p|", GOOD },
        { "35=E|" HEADER
          "66=l|394=3|68=2|73=2|11=a|67=1|55=x|54=1|38=1|40=2|44=1|11=b|67=2|55=y|54=2|38=1|",
          GOOD },
        { "35=E|" HEADER
          "66=l|394=3|68=2|73=3|11=a|67=1|55=x|54=1|38=1|40=2|44=1|11=b|67=2|55=y|54=2|38=1|",
          FIX_REJECT_GROUP_COUNT, 73 },
        { "35=E|" HEADER
          "66=l|394=3|68=2|73=1|11=a|67=1|453=1|448=p|447=D|452=1|802=1|523=s|803=1|55=x|"
          "54=1|",
          GOOD },
    };
    struct fix_dict *d = full_dict();

    CU_ASSERT_STRING_EQUAL(fix_dict_begin_string(d), "FIX.4.4");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fix_verdict v = judge(d, rows[i].body, &fix_validate_defaults);

        if (v.reason != rows[i].reason || v.tag != rows[i].tag) {
            fprintf(stderr, "\n%s: got %d/%u\n", rows[i].body, (int)v.reason, v.tag);
            CU_FAIL("another verdict was expected");
        }
    }
    fix_dict_free(d);
}

CU_TestInfo validate_tests[] = {
    { "well-formed orders are valid", well_formed_orders_are_valid },
    { "required fields are missed", required_fields_are_missed },
    { "strange and misplaced tags are refused", strange_and_misplaced_tags_are_refused },
    { "values have the form of their type", values_have_the_form_of_their_type },
    { "header fields and flags have their form", headers_and_flags_have_their_form },
    { "values are among those listed", values_are_among_those_listed },
    { "groups are counted and ordered", groups_are_counted_and_ordered },
    { "a tag of group and message goes where it fits",
      a_tag_of_group_and_message_goes_where_it_fits },
    { "options excuse what they name", options_excuse_what_they_name },
    { "added fields are members", added_fields_are_members },
    { "unknown messages are told apart", unknown_messages_are_told_apart },
    { "the full dictionary takes and refuses", the_full_dictionary_takes_and_refuses },
    CU_TEST_INFO_NULL,
};
