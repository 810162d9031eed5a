/*
 * slab: pieces of every size, apart from each other, aligned, used again.
 */
#include "slab.h"
#include "suites.h"

#define PIECES 3000

static void pieces_do_not_overlap_and_are_aligned(void)
{
    static unsigned char *piece[PIECES];
    static size_t size[PIECES];
    struct slab s = { 0 };

    for (size_t i = 0; i < PIECES; i++) {
        size[i] = 1 + i * 37 % (SLAB_PIECE + 100);
        piece[i] = slab_take(&s, size[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(piece[i]);
        CU_ASSERT_EQUAL((uintptr_t)piece[i] % (size[i] % 16 == 0 ? 16 : 8), 0);
        memset(piece[i], (int)(i % 251), size[i]);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t k = 0; k < size[i]; k++) {
            CU_ASSERT_EQUAL_FATAL(piece[i][k], i % 251);
        }
        slab_give(&s, piece[i], size[i]);
    }
    slab_fini(&s);
}

static void what_is_given_back_is_used_again(void)
{
    struct slab s = { 0 };

    /* A million pieces one after the other, and another size beside them that stays whole. */
    char *beside = slab_take(&s, 40);

    CU_ASSERT_PTR_NOT_NULL_FATAL(beside);
    memset(beside, 'x', 40);
    for (unsigned i = 0; i < 1000000; i++) {
        char *p = slab_take(&s, 33 + i % 8);

        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_PTR_NOT_EQUAL_FATAL(p, beside);
        memset(p, 'y', 33 + i % 8);
        slab_give(&s, p, 33 + i % 8);
    }
    for (unsigned i = 0; i < 40; i++) {
        CU_ASSERT_EQUAL(beside[i], 'x');
    }
    slab_give(&s, beside, 40);
    slab_give(&s, NULL, 40);
    slab_fini(&s);
}

CU_TestInfo slab_tests[] = {
    { "pieces_do_not_overlap_and_are_aligned", pieces_do_not_overlap_and_are_aligned },
    { "what_is_given_back_is_used_again", what_is_given_back_is_used_again },
    CU_TEST_INFO_NULL,
};
