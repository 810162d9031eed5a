/*
 * Starting a thread that signals leave alone: they are the loop's.
 */
#ifndef DAEMON_THREAD_H
#define DAEMON_THREAD_H

#include <pthread.h>

#include "base.h"

/* `run(arg)` in a thread that is born with all signals blocked; to be joined by the caller. False:
 * the system has none to give. */
MUST_CHECK bool thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
