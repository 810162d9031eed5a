/* Allocations that fail; see crash_memory.c. */
#ifndef CRASH_MEMORY_H
#define CRASH_MEMORY_H

#include <stdio.h>

void crash_memory_begin(void);   /* reads the environment; none is counted before */
void crash_memory_started(void); /* the first bytes come in or go out; later calls do nothing */
void crash_memory_points(FILE *f);
#endif
