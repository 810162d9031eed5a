/*
 * fix_dict: reading QuickFIX dictionaries, refusing broken ones with the line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fix_dict.h"
#include "small_dict.h"
#include "suites.h"

static struct fix_dict *read_dict(const char *xml, char error[256])
{
    error[0] = '\0';
    return fix_dict_new(bytes_of(xml), error, 256);
}

static void names_are_found(void)
{
    char error[256];
    struct fix_dict *d = read_dict(SMALL_DICT, error);

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_STRING_EQUAL(fix_dict_begin_string(d), "FIX.4.4");
    CU_ASSERT_STRING_EQUAL(fix_dict_field_name(d, 11), "ClOrdID");
    CU_ASSERT_PTR_NULL(fix_dict_field_name(d, 12));
    CU_ASSERT_PTR_NULL(fix_dict_field_name(d, 70000));
    CU_ASSERT_STRING_EQUAL(fix_dict_value_name(d, 54, BYTES("1")), "BUY");
    CU_ASSERT_PTR_NULL(fix_dict_value_name(d, 54, BYTES("3")));
    CU_ASSERT_PTR_NULL(fix_dict_value_name(d, 11, BYTES("1")));
    CU_ASSERT_STRING_EQUAL(fix_dict_message_name(d, BYTES("D")), "NewOrderSingle");
    CU_ASSERT_STRING_EQUAL(fix_dict_message_name(d, BYTES("AE")), "TwoLetters");
    CU_ASSERT_PTR_NULL(fix_dict_message_name(d, BYTES("A")));
    CU_ASSERT_FALSE(fix_dict_has_message(d, BYTES("")));
    CU_ASSERT_FALSE(fix_dict_has_message(d, BYTES("MUCHTOOLONG")));
    CU_ASSERT_TRUE(fix_dict_is_admin(d, BYTES("0")));
    CU_ASSERT_FALSE(fix_dict_is_admin(d, BYTES("D")));
    fix_dict_free(d);
    fix_dict_free(NULL);
}

static void broken_dictionaries_are_refused_with_the_line(void)
{
    static const struct {
        const char *xml, *line, *what;
    } rows[] = {
        { "", "line 1:", "empty" },
        { "<fix>\n<header>\n</fix>", "line 3:", "mismatched" },
        { "<fux/>", "line 1:", "unexpected element" },
        { "<fix major='4' minor='4'>\n<bogus/></fix>", "line 2:", "'bogus'" },
        { "<fix major='4' minor='4'/>", "line 1:", "missing" },
        { "<fix/>", "line 1:", "version" },
        { SMALL_TOP SMALL_MESSAGES SMALL_COMPONENTS
          "<fields><field number='0' name='a' type='INT'/>"
          "</fields></fix>",
          "line ", "bad field number" },
        { SMALL_TOP SMALL_MESSAGES SMALL_COMPONENTS
          "<fields><field number='x' name='a' type='INT'/>"
          "</fields></fix>",
          "line ", "bad field number" },
        { SMALL_TOP SMALL_MESSAGES SMALL_COMPONENTS
          "<fields><field number='1' name='a' type='WHAT'/>"
          "</fields></fix>",
          "line ", "unknown field type" },
        { SMALL_TOP SMALL_MESSAGES SMALL_COMPONENTS
          "<fields><field number='1' name='a' type='INT'/>"
          "<field number='1' name='b' type='INT'/></fields></fix>",
          "line ", "twice" },
        { SMALL_TOP "<messages><message name='a' msgtype='a' msgcat='app'/>\n"
                    "<message name='b' msgtype='a' msgcat='app'/></messages>" SMALL_FIELDS "</fix>",
          "line 13:", "twice" },
        { SMALL_TOP
          "<messages><message name='a' msgtype='a'>\n<field name='Nope' required='N'/></message>"
          "</messages>" SMALL_FIELDS "</fix>",
          "line 13:", "used but not defined" },
        { SMALL_TOP
          "<messages><message name='a' msgtype='a'>\n<component name='Nope' required='N'/>"
          "</message></messages>" SMALL_FIELDS "</fix>",
          "line 13:", "used but not defined" },
        { SMALL_TOP
          "<messages><message name='a' msgtype='a'><component name='X' required='N'/>"
          "</message></messages><components><component name='X'>\n<component name='Y' "
          "required='N'/>"
          "</component><component name='Y'>\n<component name='X' required='N'/></component>"
          "</components>" SMALL_FIELDS "</fix>",
          "line 14:", "contains itself" },
        { SMALL_TOP
          "<messages><message name='a' msgtype='a'>\n<group name='NoPartyIDs' required='N'/>"
          "</message></messages>" SMALL_FIELDS "</fix>",
          "line 13:", "group without fields" },
        { SMALL_TOP "<messages/>\n<messages/>" SMALL_FIELDS "</fix>",
          "line 13:", "second section" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char error[256];
        struct fix_dict *d = read_dict(rows[i].xml, error);

        CU_ASSERT_PTR_NULL(d);
        if (strncmp(error, rows[i].line, strlen(rows[i].line)) != 0 ||
            !strstr(error, rows[i].what)) {
            fprintf(stderr, "\nrow %zu: got '%s'\n", i, error);
            CU_FAIL("another error was expected");
        }
        fix_dict_free(d);
    }
}

static void entity_bombs_are_refused(void)
{
    char error[256];

    CU_ASSERT_PTR_NULL(
        read_dict("<!DOCTYPE fix [<!ENTITY a 'aaaa'>\n<!ENTITY b '&a;&a;'>]>\n" SMALL_DICT, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "entity"));
    CU_ASSERT_PTR_NULL(
        read_dict("<!DOCTYPE fix [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>\n" SMALL_DICT, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "entity"));
}

static void components_that_multiply_are_refused(void)
{
    static char xml[20000] =
        SMALL_TOP "<messages><message name='a' msgtype='a'>"
                  "<component name='C0' required='N'/></message></messages><components>";
    size_t at = strlen(xml);
    char error[256];

    for (int i = 0; i < 20; i++) {
        at += (size_t)snprintf(xml + at, sizeof xml - at, "<component name='C%d'>", i);
        for (int j = 0; j < 10; j++) {
            at += (size_t)snprintf(xml + at, sizeof xml - at,
                                   "<component name='C%d' required='N'/>", i + 1);
        }
        at += (size_t)snprintf(xml + at, sizeof xml - at, "</component>");
    }
    (void)snprintf(xml + at, sizeof xml - at,
                   "<component name='C20'/></components>" SMALL_FIELDS "</fix>");
    CU_ASSERT_PTR_NULL(read_dict(xml, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "multiply"));
}

static void deep_nesting_is_refused(void)
{
    static char xml[20000] = SMALL_TOP "<messages><message name='a' msgtype='a'>";
    size_t at = strlen(xml);
    char error[256];

    for (int i = 0; i < 100; i++) {
        at += (size_t)snprintf(xml + at, sizeof xml - at, "<group name='NoHops' required='N'>");
    }
    CU_ASSERT_PTR_NULL(read_dict(xml, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "too deep"));
}

static void every_prefix_of_a_dictionary_is_refused(void)
{
    size_t size = strlen(SMALL_DICT);
    char error[256];

    for (size_t i = 0; i + 2 < size; i += 7) {
        struct fix_dict *d = fix_dict_new((struct bytes){ SMALL_DICT, i }, error, sizeof error);

        CU_ASSERT_PTR_NULL(d);
        CU_ASSERT_NOT_EQUAL(error[0], '\0');
        fix_dict_free(d);
    }
}

static void fields_can_be_added(void)
{
    char error[256];
    struct fix_dict *d = read_dict(SMALL_DICT, error);

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_TRUE(fix_dict_add_field(d, BYTES("D"), 9406, "DropCopyFlag", "BOOLEAN"));
    CU_ASSERT_TRUE(fix_dict_add_field(d, BYTES("0"), 9406, "DropCopyFlag", "BOOLEAN"));
    CU_ASSERT_STRING_EQUAL(fix_dict_field_name(d, 9406), "DropCopyFlag");
    CU_ASSERT_FALSE(fix_dict_add_field(d, BYTES("ZZ"), 9407, "X", "BOOLEAN"));
    CU_ASSERT_FALSE(fix_dict_add_field(d, BYTES("D"), 9407, "X", "NONSENSE"));
    CU_ASSERT_FALSE(fix_dict_add_field(d, BYTES("D"), 0, "X", "INT"));
    CU_ASSERT_FALSE(fix_dict_add_field(d, BYTES("D"), 65536, "X", "INT"));
    CU_ASSERT_PTR_NULL(fix_dict_field_name(d, 9407));
    CU_ASSERT_FALSE(fix_dict_add_group_field(d, BYTES("D"), 11, 9408, "X", "INT")); /* no group */
    CU_ASSERT_FALSE(fix_dict_add_group_field(d, BYTES("ZZ"), 453, 9408, "X", "INT"));
    for (uint32_t tag = 20000; tag < 20200; tag++) {
        CU_ASSERT_TRUE(fix_dict_add_field(d, BYTES(""), tag, "Many", "STRING"));
    }
    fix_dict_free(d);
}

CU_TestInfo dict_tests[] = {
    { "names are found", names_are_found },
    { "broken dictionaries are refused with the line",
      broken_dictionaries_are_refused_with_the_line },
    { "entity bombs are refused", entity_bombs_are_refused },
    { "components that multiply are refused", components_that_multiply_are_refused },
    { "deep nesting is refused", deep_nesting_is_refused },
    { "every prefix of a dictionary is refused", every_prefix_of_a_dictionary_is_refused },
    { "fields can be added", fields_can_be_added },
    CU_TEST_INFO_NULL,
};
