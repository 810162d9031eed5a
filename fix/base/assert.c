/*
 * The end of the process when an invariant is broken. The only place below the daemon that writes
 * to stderr: there is nobody left to hand an error to.
 */
#include "assert.h"

#include <stdio.h>
#include <stdlib.h>

void assert_failed(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    abort();
}
