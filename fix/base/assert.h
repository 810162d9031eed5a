/*
 * ASSERT stays in release builds: a broken invariant stops the process before it writes a lie.
 * It is for our own bugs only; what the world or the peer does wrong is a value, never an
 * assertion.
 */
#ifndef FIX_BASE_ASSERT_H
#define FIX_BASE_ASSERT_H

/* Prints the place and the text to stderr and aborts. */
_Noreturn void assert_failed(const char *file, int line, const char *what);

#define ASSERT(condition) ((condition) ? (void)0 : assert_failed(__FILE__, __LINE__, #condition))

#define UNREACHABLE() assert_failed(__FILE__, __LINE__, "unreachable")

#endif
