/*
 * Random scenarios: lines of a script, chosen by a seed. Nothing in them is expected; the judge
 * looks at the end. A script that fails is made smaller by leaving lines out, and printed, to be
 * kept as a .scn.
 */
#ifndef TESTS_RANDOM_SCRIPT_H
#define TESTS_RANDOM_SCRIPT_H

#include "base.h"

#define RANDOM_LINE_MAX 480

/* Fills line[0..count). */
void random_script(uint64_t seed, char (*line)[RANDOM_LINE_MAX], size_t count);

#endif
