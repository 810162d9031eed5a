/*
 * Username (553) and Password (554).
 */
#include "auth.h"

#include "fix_tags.h"
#include "sign.h"

/* Digests have one size, so the comparison's time tells neither content nor length. */
bool auth_same(struct bytes a, struct bytes b)
{
    unsigned char x[SIGN_DIGEST_MAX], y[SIGN_DIGEST_MAX];
    size_t size_x = sign_digest(SIGN_SHA256, &a, 1, x);
    size_t size_y = sign_digest(SIGN_SHA256, &b, 1, y);
    struct bytes digest_a = { (const char *)x, size_x }, digest_b = { (const char *)y, size_y };
    bool equal = size_x > 0 && size_x == size_y && sign_equal(digest_a, digest_b);

    sign_wipe(x, sizeof x);
    sign_wipe(y, sizeof y);
    return equal;
}

bool auth_check(const struct config_session *c, const struct fix_msg *logon)
{
    struct bytes username = { NULL, 0 }, password = { NULL, 0 };
    bool user_given, password_given, user_same, password_same;

    if (c->auth == CONFIG_AUTH_NONE) {
        return true;
    }
    user_given = fix_msg_find(logon, TAG_USERNAME, &username);
    password_given = fix_msg_find(logon, TAG_PASSWORD, &password);
    /* Both are compared whatever the first says. */
    user_same = auth_same(username, c->username);
    password_same = auth_same(password, c->password);
    return user_given && password_given && user_same && password_same;
}
