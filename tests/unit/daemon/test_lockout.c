/*
 * lockout: who is locked, for how long, and that memory is bounded; keys of addresses.
 */
#include "lockout.h"

#include <stdio.h>

#include "logon.h"
#include "suites.h"

#define TIME (60 * US_PER_S)
#define KEY BYTES("ACME")

static void so_many_failures_lock_for_the_time(void)
{
    struct lockout *l = lockout_new(10, 1);

    CU_ASSERT_FALSE(lockout_failed(l, KEY, 3, TIME, 1));
    CU_ASSERT_FALSE(lockout_failed(l, KEY, 3, TIME, 2));
    CU_ASSERT_FALSE(lockout_is_locked(l, KEY, 2));
    CU_ASSERT_TRUE(lockout_failed(l, KEY, 3, TIME, 3));
    CU_ASSERT_TRUE(lockout_is_locked(l, KEY, 3));
    CU_ASSERT_TRUE(lockout_is_locked(l, KEY, TIME + 2));
    CU_ASSERT_FALSE(lockout_is_locked(l, KEY, TIME + 3));
    CU_ASSERT_FALSE(lockout_is_locked(l, BYTES("BETA"), 3));
    /* Afterwards it takes as many again. */
    CU_ASSERT_FALSE(lockout_failed(l, KEY, 3, TIME, TIME + 4));
    CU_ASSERT_FALSE(lockout_failed(l, KEY, 3, TIME, TIME + 5));
    CU_ASSERT_TRUE(lockout_failed(l, KEY, 3, TIME, TIME + 6));
    lockout_free(l);
}

static void a_success_and_time_forgive(void)
{
    struct lockout *l = lockout_new(10, 1);

    CU_ASSERT_FALSE(lockout_failed(l, KEY, 2, TIME, 1));
    lockout_forget(l, KEY);
    CU_ASSERT_EQUAL(lockout_count(l), 0);
    CU_ASSERT_FALSE(lockout_failed(l, KEY, 2, TIME, 2));
    CU_ASSERT_FALSE(lockout_failed(l, KEY, 2, TIME, 2 * TIME + 3)); /* too far apart to add up */
    CU_ASSERT_TRUE(lockout_failed(l, KEY, 2, TIME, 2 * TIME + 4));
    lockout_free(l);
}

static void limit_zero_never_locks(void)
{
    struct lockout *l = lockout_new(10, 1);

    for (int i = 0; i < 100; i++) {
        CU_ASSERT_FALSE(lockout_failed(l, KEY, 0, TIME, i));
    }
    CU_ASSERT_FALSE(lockout_is_locked(l, KEY, 100));
    CU_ASSERT_EQUAL(lockout_count(l), 0);
    lockout_free(l);
}

static void the_oldest_makes_room(void)
{
    struct lockout *l = lockout_new(100, 1);
    char key[16];

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof key, "host%d", i);
        CU_ASSERT_TRUE(lockout_failed(l, bytes_of(key), 1, TIME, i));
        CU_ASSERT_TRUE(lockout_count(l) <= 100);
    }
    CU_ASSERT_TRUE(lockout_is_locked(l, BYTES("host999"), 1000));
    CU_ASSERT_TRUE(lockout_is_locked(l, BYTES("host900"), 1000));
    CU_ASSERT_FALSE(lockout_is_locked(l, BYTES("host899"), 1000));
    lockout_free(l);
}

static bool same_key(const char *a, const char *b)
{
    char x[LOCKOUT_KEY_MAX], y[LOCKOUT_KEY_MAX];
    size_t n = logon_address(a, x), m = logon_address(b, y);

    return bytes_equal((struct bytes){ x, n }, (struct bytes){ y, m });
}

static void an_address_is_a_host_and_in_ipv6_a_network(void)
{
    CU_ASSERT_TRUE(same_key("203.0.113.7:1", "203.0.113.7:65535"));
    CU_ASSERT_FALSE(same_key("203.0.113.7:1", "203.0.113.8:1"));
    CU_ASSERT_TRUE(same_key("[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff::9]:2"));
    CU_ASSERT_FALSE(same_key("[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1"));
    CU_ASSERT_TRUE(same_key("[::ffff:203.0.113.7]:1", "203.0.113.7:2"));
    CU_ASSERT_TRUE(same_key("?", "?"));
}

CU_TestInfo lockout_tests[] = {
    { "so many failures lock for the time", so_many_failures_lock_for_the_time },
    { "a success and time forgive", a_success_and_time_forgive },
    { "limit zero never locks", limit_zero_never_locks },
    { "the oldest makes room", the_oldest_makes_room },
    { "an address is a host and in IPv6 a network", an_address_is_a_host_and_in_ipv6_a_network },
    CU_TEST_INFO_NULL,
};
