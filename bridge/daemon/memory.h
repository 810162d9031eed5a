/*
 * Memory made ready before it is needed. The first touch of a page costs a fault and its clearing;
 * an order is not to wait for that. For the loop's thread; knows the C library's heap, nothing
 * else.
 */
#ifndef DAEMON_MEMORY_H
#define DAEMON_MEMORY_H

#include "base.h"

/* Once, at the start: memory got from the system is kept. Giving it back and asking again costs
 * system calls and page faults on the path of an order. */
void memory_keep(void);

/* What malloc does from then on: blocks from so many bytes on are mapped each on its own (its
 * default), and the heap grows by so many. */
#define MEMORY_MAPPED_FROM (128 * 1024)
#define MEMORY_PAD (1024 * 1024)

/* All whole pages of it. A kernel that cannot (before 5.14) leaves them to come as needed. */
void memory_touch(void *at, size_t size);

/* The heap gets `size` bytes that malloc can hand out without a fault; fewer without memory. */
void memory_warm(size_t size);

/* The same again when less than half of that is left, a little at a time: some 100 us of work then,
 * else next to none. */
void memory_keep_warm(size_t size);

#endif
