/*
 * fixbridge_crash without memory: the n-th allocation of the process fails, or all from it on. In a
 * release build this is malloc itself for the whole process, libraries included; under
 * AddressSanitizer, which has its own, only what our own code allocates comes through here.
 *
 *     FIXBRIDGE_MEMORY_AT=N[+]     counted from the start of the process, in whatever thread
 *
 * FIXBRIDGE_POINTS (crash_points.c) gets their number in a line "memory COUNT", and in
 * "memory_start COUNT" how many of them there were before the first bytes came in or went out.
 */
#include "crash_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_ulong count, start_count;
static unsigned long at; /* 0: none fails */
static bool and_later;

void crash_memory_begin(void)
{
    const char *text = getenv("FIXBRIDGE_MEMORY_AT");
    char *end = NULL;

    at = text == NULL ? 0 : strtoul(text, &end, 10);
    and_later = end != NULL && *end == '+';
    if (text != NULL && (at == 0 || end[and_later ? 1 : 0] != '\0')) {
        (void)fprintf(stderr, "crash_points: cannot read FIXBRIDGE_MEMORY_AT=%s\n", text);
        exit(2);
    }
    atomic_store(&count, 0);
}

void crash_memory_started(void)
{
    unsigned long none = 0;

    (void)atomic_compare_exchange_strong(&start_count, &none, atomic_load(&count));
}

void crash_memory_points(FILE *f)
{
    (void)fprintf(f, "memory %lu\nmemory_start %lu\n", atomic_load(&count),
                  atomic_load(&start_count));
}

static bool fails(void)
{
    unsigned long n = atomic_fetch_add(&count, 1) + 1;

    if (at == 0 || n < at || (n > at && !and_later)) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __real_##name
#define OURS(name) __wrap_##name
#else
#define REAL(name) __libc_##name
#define OURS(name) name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t items, size_t size);
void *REAL(realloc)(void *p, size_t size);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t items, size_t size);
void *OURS(realloc)(void *p, size_t size);

void *OURS(malloc)(size_t size)
{
    return fails() ? NULL : REAL(malloc)(size);
}

void *OURS(calloc)(size_t items, size_t size)
{
    return fails() ? NULL : REAL(calloc)(items, size);
}

void *OURS(realloc)(void *p, size_t size)
{
    return fails() ? NULL : REAL(realloc)(p, size);
}
