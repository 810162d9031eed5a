/*
 * Token, Host and Origin of the admin interface.
 */
#include "admin_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"

static bool host(const char *text)
{
    struct bytes names[] = { BYTES("bridge.example.com") };
    const struct admin_guard g = { .hosts = { names, 1 } };

    return admin_host_is_ours(&g, bytes_of(text));
}

static void a_name_that_is_not_ours_is_refused(void)
{
    CU_ASSERT_TRUE(host("localhost"));
    CU_ASSERT_TRUE(host("LocalHost:9879"));
    CU_ASSERT_TRUE(host("127.0.0.1:9879"));
    CU_ASSERT_TRUE(host("10.1.2.3"));
    CU_ASSERT_TRUE(host("[::1]:9879"));
    CU_ASSERT_TRUE(host("[fd00::7]"));
    CU_ASSERT_TRUE(host("Bridge.Example.Com:443"));
    CU_ASSERT_FALSE(host("evil.example"));
    CU_ASSERT_FALSE(host("localhost.evil.example:9879"));
    CU_ASSERT_FALSE(host("127.0.0.1.evil.example"));
    CU_ASSERT_FALSE(host("127.0.0.1:9879@evil.example"));
    CU_ASSERT_FALSE(host("127.0.0.1:"));
    CU_ASSERT_FALSE(host("127.0.0.1:98x9"));
    CU_ASSERT_FALSE(host("[::1"));
    CU_ASSERT_FALSE(host("[::1]evil"));
    CU_ASSERT_FALSE(host("[127.0.0.1]"));
    CU_ASSERT_FALSE(host(""));
}

static bool origin(bool tls, const char *origin_text, const char *host_text)
{
    const struct admin_guard g = { .tls = tls };

    return admin_origin_is_ours(&g, bytes_of(origin_text), bytes_of(host_text));
}

static void another_sites_page_is_refused(void)
{
    CU_ASSERT_TRUE(origin(false, NULL, "127.0.0.1:9879"));
    CU_ASSERT_TRUE(origin(false, "http://127.0.0.1:9879", "127.0.0.1:9879"));
    CU_ASSERT_TRUE(origin(true, "https://bridge:1", "BRIDGE:1"));
    CU_ASSERT_FALSE(origin(true, "http://bridge:1", "bridge:1"));
    CU_ASSERT_FALSE(origin(false, "http://127.0.0.1:9880", "127.0.0.1:9879"));
    CU_ASSERT_FALSE(origin(false, "http://evil.example", "127.0.0.1:9879"));
    CU_ASSERT_FALSE(origin(false, "null", "127.0.0.1:9879"));
    CU_ASSERT_FALSE(origin(false, "", "127.0.0.1:9879"));
    CU_ASSERT_FALSE(origin(false, "http://", ""));
}

static void only_the_whole_token_is_the_token(void)
{
    struct admin_guard g = { .token = "0123456789abcdef" };

    CU_ASSERT_TRUE(admin_token_is_right(&g, BYTES("Bearer 0123456789abcdef")));
    CU_ASSERT_TRUE(admin_token_is_right(&g, BYTES("bearer 0123456789abcdef")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("Bearer 0123456789abcde")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("Bearer 0123456789abcdef0")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("Basic 0123456789abcdef")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("0123456789abcdef")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("Bearer ")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, (struct bytes){ NULL, 0 }));
    g.token[0] = '\0'; /* there is none: nobody has it */
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("Bearer ")));
    CU_ASSERT_FALSE(admin_token_is_right(&g, BYTES("Bearer x")));
}

static void a_token_is_made_once_and_kept_private(void)
{
    char directory[] = "/tmp/admin-guard-XXXXXX", path[ADMIN_PATH_MAX], again[ADMIN_PATH_MAX];
    char error[ADMIN_TOKEN_ERROR_MAX];
    struct admin_guard a = { .tls = false }, b = { .tls = false };
    struct stat st;
    FILE *f;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    CU_ASSERT_TRUE(
        admin_token_open(&a, (struct bytes){ NULL, 0 }, bytes_of(directory), path, error));
    CU_ASSERT_EQUAL(strlen(a.token), 64);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_TRUE(
        admin_token_open(&b, (struct bytes){ NULL, 0 }, bytes_of(directory), path, error));
    CU_ASSERT_STRING_EQUAL(a.token, b.token);
    CU_ASSERT_EQUAL(chmod(path, 0604), 0);
    CU_ASSERT_FALSE(admin_token_open(&b, bytes_of(path), bytes_of(directory), again, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "others"));
    f = fopen(path, "w");
    CU_ASSERT_TRUE(f != NULL && fputs("too short\n", f) >= 0 && fclose(f) == 0);
    CU_ASSERT_EQUAL(chmod(path, 0600), 0);
    CU_ASSERT_FALSE(admin_token_open(&b, bytes_of(path), bytes_of(directory), again, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "expected one line"));
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(rmdir(directory), 0);
}

CU_TestInfo admin_guard_tests[] = {
    { "a name that is not ours is refused", a_name_that_is_not_ours_is_refused },
    { "another site's page is refused", another_sites_page_is_refused },
    { "only the whole token is the token", only_the_whole_token_is_the_token },
    { "a token is made once and kept private", a_token_is_made_once_and_kept_private },
    CU_TEST_INFO_NULL,
};
