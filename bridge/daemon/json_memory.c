/*
 * See json_memory.h. cJSON_Delete frees every piece by itself, so that counting the pieces tells
 * when the block is empty; a tree that is kept for long only sends later ones to malloc.
 */
#include "json_memory.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>

#include "memory.h"

#define BLOCK_SIZE ((size_t)256 * 1024) /* an answer about an order takes about 4 KiB */

/* cJSON's hooks take no argument. */
static struct {
    char *block; /* NULL: not installed */
    size_t used, pieces;
    pthread_t owner;
} the_memory;

static bool is_in_block(const void *p)
{
    uintptr_t at = (uintptr_t)p, start = (uintptr_t)the_memory.block;

    return at >= start && at - start < BLOCK_SIZE;
}

static void *take(size_t size)
{
    const size_t align = alignof(max_align_t);
    char *p = the_memory.block + the_memory.used;

    if (!pthread_equal(the_memory.owner, pthread_self()) ||
        size > BLOCK_SIZE - align - the_memory.used) {
        return malloc(size);
    }
    the_memory.used += (size + align - 1) / align * align;
    the_memory.pieces++;
    return p;
}

static void give_back(void *p)
{
    if (p == NULL || !is_in_block(p)) {
        free(p);
        return;
    }
    if (--the_memory.pieces == 0) {
        the_memory.used = 0;
    }
}

bool json_memory_init(void)
{
    cJSON_Hooks hooks = { .malloc_fn = take, .free_fn = give_back };

    if (the_memory.block != NULL) {
        return true;
    }
    the_memory.block = malloc(BLOCK_SIZE);
    if (the_memory.block == NULL) {
        return false;
    }
    memory_touch(the_memory.block, BLOCK_SIZE);
    the_memory.owner = pthread_self();
    cJSON_InitHooks(&hooks);
    return true;
}

void json_memory_fini(void)
{
    cJSON_InitHooks(NULL);
    free(the_memory.block);
    the_memory.block = NULL;
    the_memory.used = 0;
    the_memory.pieces = 0;
}
