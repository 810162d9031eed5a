/*
 * arena: zeroed, aligned, bounded, reusable.
 */
#include <stdalign.h>

#include "arena.h"
#include "suites.h"

static void what_is_taken_is_zeroed_and_aligned(void)
{
    struct arena *a = arena_new(10 * 1024 * 1024);

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 300; size++) {
            unsigned char *p = arena_take(a, size);

            CU_ASSERT_PTR_NOT_NULL_FATAL(p);
            CU_ASSERT_EQUAL((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++) {
                CU_ASSERT_EQUAL_FATAL(p[i], 0);
            }
            memset(p, 0xff, size);
        }
        arena_reset(a);
    }
    arena_free(a);
}

static void pieces_do_not_overlap(void)
{
    struct arena *a = arena_new(10 * 1024 * 1024);
    unsigned char *piece[200];

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
        piece[i] = arena_take(a, 1000 + i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(piece[i]);
        memset(piece[i], (int)i, 1000 + i);
    }
    for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
        CU_ASSERT_EQUAL(piece[i][0], i);
        CU_ASSERT_EQUAL(piece[i][999 + i], i);
    }
    arena_free(a);
}

static void the_maximum_holds_until_reset(void)
{
    struct arena *a = arena_new(200000);

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_PTR_NOT_NULL(arena_take(a, 150000));
    CU_ASSERT_PTR_NULL(arena_take(a, 50001));
    CU_ASSERT_PTR_NOT_NULL(arena_take(a, 50000));
    CU_ASSERT_PTR_NULL(arena_take(a, 1));
    CU_ASSERT_PTR_NULL(arena_take(a, SIZE_MAX));
    arena_reset(a);
    CU_ASSERT_PTR_NOT_NULL(arena_take(a, 200000));
    arena_free(a);
}

static void copies_end_with_nul(void)
{
    struct arena *a = arena_new(100);
    struct bytes out;

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_TRUE(arena_copy(a, BYTES("abc"), &out));
    CU_ASSERT_STRING_EQUAL(out.data, "abc");
    CU_ASSERT_EQUAL(out.size, 3);
    CU_ASSERT_TRUE(arena_copy(a, (struct bytes){ NULL, 0 }, &out));
    CU_ASSERT_STRING_EQUAL(out.data, "");
    CU_ASSERT_FALSE(arena_copy(a, (struct bytes){ "", 1000 }, &out));
    CU_ASSERT_PTR_NULL(out.data);
    arena_free(a);
    arena_free(NULL);
}

CU_TestInfo arena_tests[] = {
    { "what is taken is zeroed and aligned", what_is_taken_is_zeroed_and_aligned },
    { "pieces do not overlap", pieces_do_not_overlap },
    { "the maximum holds until reset", the_maximum_holds_until_reset },
    { "copies end with NUL", copies_end_with_nul },
    CU_TEST_INFO_NULL,
};
