/*
 * auth: both credentials, exactly, and nothing else lets a Logon in.
 */
#include "auth.h"

#include <stdio.h>

#include "suites.h"

/* A Logon with these credentials; '|' stands for SOH. The checksum is nobody's business here. */
static bool logs_on(enum config_auth auth, const char *credentials)
{
    static struct fix_msg m;
    char text[256];
    int size = snprintf(text, sizeof text, "8=FIX.4.4|9=5|35=A|34=1|%s10=000|", credentials);
    const struct config_session c = { .auth = auth,
                                      .username = BYTES("desk"),
                                      .password = BYTES("s3cret") };

    CU_ASSERT_FATAL(size > 0 && size < (int)sizeof text);
    for (int i = 0; i < size; i++) {
        text[i] = text[i] == '|' ? '\001' : text[i];
    }
    (void)fix_msg_parse(&m, (struct bytes){ text, (size_t)size });
    return auth_check(&c, &m);
}

static void right_credentials_are_taken(void)
{
    CU_ASSERT_TRUE(logs_on(CONFIG_AUTH_PASSWORD, "553=desk|554=s3cret|"));
}

static void anything_else_is_refused(void)
{
    static const char *const wrong[] = {
        "",
        "553=desk|",
        "554=s3cret|",
        "553=desk|554=s3cre|",
        "553=desk|554=s3crett|",
        "553=des|554=s3cret|",
        "553=s3cret|554=desk|",
        "553=Desk|554=s3cret|",
        "553=desk|554=|",
        "553=|554=|",
        "553=desk|925=s3cret|",
        "553=desk|554=S3CRET|",
        "553=desk |554=s3cret|",
    };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CU_ASSERT_FALSE(logs_on(CONFIG_AUTH_PASSWORD, wrong[i]));
    }
}

static void none_asks_for_nothing(void)
{
    CU_ASSERT_TRUE(logs_on(CONFIG_AUTH_NONE, ""));
}

CU_TestInfo auth_tests[] = {
    { "right credentials are taken", right_credentials_are_taken },
    { "anything else is refused", anything_else_is_refused },
    { "none asks for nothing", none_asks_for_nothing },
    CU_TEST_INFO_NULL,
};
