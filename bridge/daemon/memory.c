/*
 * The heap's end (what malloc calls the top) is what it hands out when nothing that was freed fits:
 * a block taken from there, touched and given back is the next orders' memory.
 */
#include "memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB ((size_t)1024 * 1024)
/* What malloc takes from the heap at most, however it is set: HEAP_MAX_SIZE / 2. */
#define BLOCK_MAX (30 * MIB)
#define PROBE ((size_t)64 * 1024)
#define STEP MIB

void memory_keep(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, 512 * 1024 * 1024);
    (void)mallopt(M_TOP_PAD, MEMORY_PAD);
}

void memory_touch(void *at, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)at + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)at + size) / page * page;

    if (to > from) {
        (void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    }
}

/* From the heap, not mapped. */
static void *take(size_t size)
{
    void *block;

    (void)mallopt(M_MMAP_THRESHOLD, (int)(BLOCK_MAX + MIB));
    block = malloc(size);
    (void)mallopt(M_MMAP_THRESHOLD, MEMORY_MAPPED_FROM);
    return block;
}

void memory_warm(size_t size)
{
    void *block = take(size < BLOCK_MAX ? size : BLOCK_MAX);

    if (block != NULL && size > BLOCK_MAX) {
        memory_warm(size - BLOCK_MAX);
    }
    memory_touch(block, block == NULL ? 0 : size < BLOCK_MAX ? size : BLOCK_MAX);
    free(block);
}

/* Bytes of the heap behind what malloc would hand out next, or more when something free lies
 * before. SIZE_MAX: not a heap as we know it. */
static size_t left(void)
{
    void *probe = malloc(PROBE);
    uintptr_t at = (uintptr_t)probe, end = (uintptr_t)sbrk(0);

    free(probe);
    return probe == NULL || at >= end ? SIZE_MAX : end - at;
}

void memory_keep_warm(size_t size)
{
    size_t want = size / 2 < BLOCK_MAX / 2 ? size / 2 : BLOCK_MAX / 2;
    size_t have = left();
    char *block;

    if (have >= want) {
        return;
    }
    block = take(have + STEP);
    if (block != NULL) {
        memory_touch(block + have, STEP);
        free(block);
    }
}
