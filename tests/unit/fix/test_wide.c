/*
 * fix_wide: the wide looks against looks at one byte after the other.
 */
#include "fix_wide.h"
#include "guard.h"
#include "suites.h"

/* Bytes next to each other that trip careless arithmetic on words: 0, 1, their neighbours, signs.
 */
static void fill(char *at, size_t size, unsigned seed)
{
    static const char kind[] = { 1, 0, 2, '=', '8', (char)0x80, (char)0x81, (char)0xff, 1, 1 };

    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        at[i] = kind[(seed >> 24) % sizeof kind];
    }
}

static void each_byte_is_found_where_it_is(void)
{
    for (unsigned seed = 0; seed < 2000; seed++) {
        char block[WIDE_BLOCK + 8];
        const char *at = block + seed % 8;
        uint64_t expected = 0;

        fill(block, sizeof block, seed);
        for (unsigned i = 0; i < WIDE_BLOCK; i++) {
            expected |= (uint64_t)(at[i] == 1) << i;
        }
        CU_ASSERT_EQUAL(wide_find(at, 1), expected);
        CU_ASSERT_EQUAL(wide_find_16(at, 1), expected & 0xffff);
        CU_ASSERT_EQUAL(wide_find_16_plain(at, 1), expected & 0xffff);
    }
}

static void sums_are_those_of_the_bytes(void)
{
    struct guard g = guard_new(512);

    for (unsigned size = 0; size < 512; size++) {
        char text[512];
        unsigned sum = 0;

        fill(text, size, size);
        for (unsigned i = 0; i < size; i++) {
            sum += (unsigned char)text[i];
        }
        CU_ASSERT_EQUAL(wide_sum(guard_put(&g, (struct bytes){ text, size }).data, size),
                        sum % 256);
    }
    guard_free(&g);
}

CU_TestInfo wide_tests[] = {
    { "each byte is found where it is", each_byte_is_found_where_it_is },
    { "sums are those of the bytes", sums_are_those_of_the_bytes },
    CU_TEST_INFO_NULL,
};
