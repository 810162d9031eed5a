/*
 * Memory made ready: its first use takes no page fault. (What the heap does of it cannot be seen
 * under a sanitizer, which has a heap of its own: tests/bench/run prints faults an order.)
 */
#include "memory.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "memory_ahead.h"

#include "suites.h"

#define PAGES 1024
#define PAGE ((size_t)4096)

static long faults(void)
{
    struct rusage u;

    CU_ASSERT_EQUAL_FATAL(getrusage(RUSAGE_SELF, &u), 0);
    return u.ru_minflt;
}

static long faults_of_use(bool touched)
{
    char *block =
        mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long before, after;

    CU_ASSERT_PTR_NOT_EQUAL_FATAL(block, MAP_FAILED);
    (void)madvise(block, PAGES * PAGE, MADV_NOHUGEPAGE);
    if (touched) {
        memory_touch(block + 1, PAGES * PAGE - 1); /* the first page is not whole */
    }
    before = faults();
    for (size_t i = 0; i < PAGES; i++) {
        ((volatile char *)block)[i * PAGE] = 1;
    }
    after = faults();
    CU_ASSERT_EQUAL(munmap(block, PAGES * PAGE), 0);
    return after - before;
}

static void test_memory_touched_takes_no_fault_when_used(void)
{
    CU_ASSERT_TRUE(faults_of_use(false) >= PAGES);
    CU_ASSERT_TRUE(faults_of_use(true) < PAGES / 8);
}

/* Whatever heap there is: nothing is lost and nothing is written over. */
static void test_memory_warmed_leaves_the_heap_as_it_was(void)
{
    enum { BLOCKS = 512, SIZE = 4000 };
    static unsigned char *block[BLOCKS];

    memory_touch(NULL, 0);
    for (int round = 0; round < 3; round++) {
        memory_warm((size_t)40 * 1024 * 1024);
        for (int i = 0; i < BLOCKS; i++) {
            block[i] = malloc(SIZE);
            CU_ASSERT_PTR_NOT_NULL_FATAL(block[i]);
            memset(block[i], i % 251, SIZE);
            memory_keep_warm((size_t)64 * 1024 * 1024);
        }
        for (int i = 0; i < BLOCKS; i++) {
            CU_ASSERT_EQUAL(block[i][0], i % 251);
            CU_ASSERT_EQUAL(block[i][SIZE - 1], i % 251);
            free(block[i]);
        }
    }
}

#define GROWN (PAGES * PAGE)

static bool is_there(void *page)
{
    unsigned char resident = 0;

    return mincore(page, PAGE, &resident) == 0 && (resident & 1) != 0;
}

/* The heap's end is moved by hand: under a sanitizer malloc does not. */
static void test_memory_ahead_makes_the_pages_that_the_heap_grew_by(void)
{
    struct memory_ahead *a = memory_ahead_start();
    char *grown = sbrk((intptr_t)(GROWN + PAGE));
    char *first = grown + (PAGE - (uintptr_t)grown % PAGE) % PAGE;
    time_t until = time(NULL) + 60;

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    *first = 'x';
    memory_ahead_look(a);
    while (!is_there(first + GROWN - PAGE) && time(NULL) < until) {
        (void)sched_yield();
    }
    CU_ASSERT_TRUE(is_there(first + GROWN / 2));
    CU_ASSERT_TRUE(is_there(first + GROWN - PAGE));
    CU_ASSERT_EQUAL(*first, 'x');
    memory_ahead_stop(a);
    memory_ahead_look(NULL);
    memory_ahead_stop(NULL);
}

CU_TestInfo memory_tests[] = {
    { "test_memory_touched_takes_no_fault_when_used",
      test_memory_touched_takes_no_fault_when_used },
    { "test_memory_warmed_leaves_the_heap_as_it_was",
      test_memory_warmed_leaves_the_heap_as_it_was },
    { "test_memory_ahead_makes_the_pages_that_the_heap_grew_by",
      test_memory_ahead_makes_the_pages_that_the_heap_grew_by },
    CU_TEST_INFO_NULL,
};
