/*
 * A second thread for whoever fills the heap with gigabytes: it makes the heap's pages before they
 * are used, while the first goes on. What a kernel, or the host of a virtual machine, takes for a
 * page can be more than what is done in it.
 *
 * One at a time, for the thread that takes the memory; others must not take much meanwhile.
 */
#ifndef DAEMON_MEMORY_AHEAD_H
#define DAEMON_MEMORY_AHEAD_H

#include "base.h"

struct memory_ahead;

/* From here on the heap grows by large steps. NULL: no memory or no thread for it; then everything
 * is as ever. */
struct memory_ahead *memory_ahead_start(void);
/* Has the heap grown? Some nanoseconds, so it may be asked again and again. NULL is fine. */
void memory_ahead_look(struct memory_ahead *a);
/* The thread is gone, the heap grows as ever. NULL is fine. */
void memory_ahead_stop(struct memory_ahead *a);

#endif
