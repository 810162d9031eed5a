/*
 * The heap's end is looked at by the thread that moves it; the other goes after it with
 * madvise(MADV_POPULATE_WRITE), which changes nothing in a page that is there already. Knows the C
 * library's heap, as memory.c does.
 */
#include "memory_ahead.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "thread.h"

/* What the heap grows by, and so how far the other can be ahead. */
#define PAD ((size_t)64 * 1024 * 1024)
/* Blocks up to this size are the heap's too, and not mapped each on its own (malloc's most). */
#define MAPPED_FROM (30 * 1024 * 1024)
/* At once: the heap cannot grow meanwhile. */
#define STEP ((size_t)256 * 1024)

struct memory_ahead {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t grown;
    uintptr_t begin; /* the heap's end at the start */
    uintptr_t end;   /* of the heap, as it was last seen; under the mutex for the other thread */
    bool stop;
};

static uintptr_t heap_end(void)
{
    return (uintptr_t)sbrk(0);
}

/* Where the heap ends when that is beyond `at`; 0: stop. */
static uintptr_t wait_for_more(struct memory_ahead *a, uintptr_t at)
{
    uintptr_t end;

    (void)pthread_mutex_lock(&a->mutex);
    while (!a->stop && a->end <= at) {
        (void)pthread_cond_wait(&a->grown, &a->mutex);
    }
    end = a->stop ? 0 : a->end;
    (void)pthread_mutex_unlock(&a->mutex);
    return end;
}

static void *follow(void *arg)
{
    struct memory_ahead *a = arg;
    uintptr_t at = a->begin, end;

    while ((end = wait_for_more(a, at)) != 0) {
        size_t size = end - at < STEP ? end - at : STEP;

        memory_touch((void *)at, size);
        at += size;
    }
    return NULL;
}

struct memory_ahead *memory_ahead_start(void)
{
    struct memory_ahead *a = calloc(1, sizeof *a);

    if (a == NULL) {
        return NULL;
    }
    a->begin = a->end = heap_end();
    if (pthread_mutex_init(&a->mutex, NULL) != 0 || pthread_cond_init(&a->grown, NULL) != 0 ||
        !thread_start(&a->thread, follow, a)) {
        free(a);
        return NULL;
    }
    (void)mallopt(M_TOP_PAD, (int)PAD);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    return a;
}

void memory_ahead_look(struct memory_ahead *a)
{
    uintptr_t end = a == NULL ? 0 : heap_end();

    if (a == NULL || end == a->end) {
        return;
    }
    (void)pthread_mutex_lock(&a->mutex);
    a->end = end;
    (void)pthread_cond_signal(&a->grown);
    (void)pthread_mutex_unlock(&a->mutex);
}

void memory_ahead_stop(struct memory_ahead *a)
{
    if (a == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&a->mutex);
    a->stop = true;
    (void)pthread_cond_signal(&a->grown);
    (void)pthread_mutex_unlock(&a->mutex);
    (void)pthread_join(a->thread, NULL);
    (void)pthread_mutex_destroy(&a->mutex);
    (void)pthread_cond_destroy(&a->grown);
    (void)mallopt(M_TOP_PAD, MEMORY_PAD);
    (void)mallopt(M_MMAP_THRESHOLD, MEMORY_MAPPED_FROM);
    free(a);
}
