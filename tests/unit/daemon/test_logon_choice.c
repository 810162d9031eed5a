/*
 * logon_choice: what a Logon chooses, what it may not, and how it is said back.
 */
#include "logon_choice.h"

#include <stdio.h>

#include "suites.h"

static struct logon_choice choice_of(const struct config_session *c, const char *fields)
{
    static struct fix_msg m;
    static char text[256];
    struct logon_choice out;
    int size = snprintf(text, sizeof text, "8=FIX.4.4|9=5|35=A|34=1|%s10=000|", fields);

    CU_ASSERT_FATAL(size > 0 && size < (int)sizeof text);
    for (int i = 0; i < size; i++) {
        text[i] = text[i] == '|' ? '\001' : text[i];
    }
    (void)fix_msg_parse(&m, (struct bytes){ text, (size_t)size });
    logon_choice_read(&out, &m, c);
    return out;
}

static void nothing_chosen_is_the_configuration(void)
{
    const struct config_session c = { .accounts.count = 1,
                                      .cancel_on_disconnect = ENGINE_CANCEL_SESSION,
                                      .cancel_grace = 5000 };
    struct logon_choice got = choice_of(&c, "");

    CU_ASSERT_PTR_NULL(got.fault);
    CU_ASSERT_EQUAL(got.choice.cancel, ENGINE_CANCEL_SESSION);
    CU_ASSERT_EQUAL(got.choice.grace_ms, 5000);
}

static void the_logon_overrides_it(void)
{
    const struct config_session c = { .accounts.count = 1,
                                      .cancel_on_disconnect = ENGINE_CANCEL_SESSION,
                                      .cancel_grace = 5000 };
    struct logon_choice got = choice_of(&c, "8013=N|35003=60000|");

    CU_ASSERT_PTR_NULL(got.fault);
    CU_ASSERT_EQUAL(got.choice.cancel, ENGINE_CANCEL_MARKED);
    CU_ASSERT_EQUAL(got.choice.grace_ms, 60000);
}

static void other_sessions_orders_need_the_configuration(void)
{
    const struct config_session plain = { .accounts.count = 1, .cancel_grace = 0 };
    const struct config_session allowed = { .accounts.count = 1, .cancel_account = true };
    const struct config_session always = { .accounts.count = 1,
                                           .cancel_on_disconnect = ENGINE_CANCEL_ACCOUNT };

    CU_ASSERT_PTR_NOT_NULL(choice_of(&plain, "8013=Y|").fault);
    CU_ASSERT_PTR_NULL(choice_of(&allowed, "8013=Y|").fault);
    CU_ASSERT_PTR_NULL(choice_of(&always, "8013=Y|").fault);
    CU_ASSERT_EQUAL(choice_of(&allowed, "8013=Y|").choice.cancel, ENGINE_CANCEL_ACCOUNT);
}

static void wrong_values_are_faults(void)
{
    static const char *const wrong[] = { "8013=X|",
                                         "8013=SS|",
                                         "35003=60001|",
                                         "35003=-1|",
                                         "35003=1s|",
                                         "8013=n|",
                                         "35003=99999999999999999999|" };
    const struct config_session c = { .accounts.count = 1, .cancel_account = true };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CU_ASSERT_PTR_NOT_NULL(choice_of(&c, wrong[i]).fault);
    }
}

static void a_drop_copy_needs_the_configuration(void)
{
    const struct config_session plain = { .accounts.count = 1 };
    const struct config_session both = { .accounts.count = 1, .drop_copy.count = 1 };
    const struct config_session only = { .drop_copy.count = 1 };

    CU_ASSERT_PTR_NOT_NULL(choice_of(&plain, "9406=Y|").fault);
    CU_ASSERT_PTR_NULL(choice_of(&plain, "9406=N|").fault);
    CU_ASSERT_TRUE(choice_of(&both, "9406=Y|").choice.copy);
    CU_ASSERT_FALSE(choice_of(&both, "").choice.copy);
    CU_ASSERT_TRUE(choice_of(&only, "").choice.copy);
    CU_ASSERT_PTR_NOT_NULL(choice_of(&only, "9406=N|").fault);
    CU_ASSERT_PTR_NOT_NULL(choice_of(&both, "9406=1|").fault);
}

static void what_holds_is_said_back(void)
{
    const struct config_session c = { .accounts.count = 1, .cancel_grace = 5000 };
    char out[FIX_LOGON_ECHO_MAX];
    struct logon_choice got = choice_of(&c, "8013=S|");

    CU_ASSERT_TRUE(bytes_is(logon_choice_echo(&got, out), "8013=S\00135003=5000\001"));
}

CU_TestInfo logon_choice_tests[] = {
    { "nothing chosen is the configuration", nothing_chosen_is_the_configuration },
    { "the logon overrides it", the_logon_overrides_it },
    { "other sessions' orders need the configuration",
      other_sessions_orders_need_the_configuration },
    { "wrong values are faults", wrong_values_are_faults },
    { "a drop copy needs the configuration", a_drop_copy_needs_the_configuration },
    { "what holds is said back", what_holds_is_said_back },
    CU_TEST_INFO_NULL,
};
