/*
 * Memory that ends against an unmapped page: a reader that goes one byte too far faults there and
 * then, with or without sanitizers.
 */
#ifndef TESTS_UNIT_GUARD_H
#define TESTS_UNIT_GUARD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base.h"

struct guard {
    char *memory;
    size_t size; /* readable; the page behind is not */
    size_t page;
};

/* Room for `room` bytes. Ends the test program when there is no memory. */
static inline struct guard guard_new(size_t room)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (room / page + 1) * page;
    struct guard g = { .size = size, .page = page };

    g.memory = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.memory == MAP_FAILED || mprotect(g.memory + size, page, PROT_NONE) != 0) {
        perror("guard_new");
        exit(2);
    }
    return g;
}

static inline void guard_free(struct guard *g)
{
    munmap(g->memory, g->size + g->page);
    g->memory = NULL;
}

/* A copy of `text` whose last byte is the last one that can be read. Valid until the next call. */
static inline struct bytes guard_put(struct guard *g, struct bytes text)
{
    char *at = g->memory + g->size - text.size;

    if (text.size > g->size) {
        fputs("guard_put: text larger than the guard\n", stderr);
        exit(2);
    }
    if (text.size > 0) {
        memcpy(at, text.data, text.size);
    }
    return (struct bytes){ at, text.size };
}

#endif
