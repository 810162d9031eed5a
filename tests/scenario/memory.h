/*
 * Scenarios with the n-th allocation failing.
 */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include "world.h"

struct script;

/* One line of a script; runner.c. */
void play_line(struct world *w, const char *line, bool strict);

/* Plays the lines again and again, each time in a process of its own, the first, the (1 +
 * every)-th,
 * ... allocation of the engine failing: once only, and from there on. The engine may refuse or stop
 * the process; the process is then started again from its journal. False: something was lost,
 * doubled or told wrongly, or the process ended otherwise; it was printed. `only`: that allocation
 * alone, telling all; 0: all. */
bool memory_play(const char *name, char *const *line, size_t count, const char *dictionary,
                 unsigned long every, unsigned long only, unsigned *runs);

#endif
