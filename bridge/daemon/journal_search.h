/*
 * Reads the journal for everything about one order, in a thread of its own with the lowest
 * priority: a long journal takes seconds, and the loop does not wait for a disk. Bounded in what it
 * keeps; can be told to stop.
 */
#ifndef DAEMON_JOURNAL_SEARCH_H
#define DAEMON_JOURNAL_SEARCH_H

#include "base.h"
#include "buf.h"

struct journal_search;

#define JOURNAL_SEARCH_LINES_MAX 2000
#define JOURNAL_SEARCH_BYTES_MAX ((size_t)2 * 1024 * 1024)

/* `id` is an OrderID or a ClOrdID. `wake` is called in the thread, once it is done. NULL: out of
 * memory, or no thread. */
struct journal_search *journal_search_new(struct bytes directory, struct bytes id,
                                          void (*wake)(void *), void *wake_arg);
bool journal_search_done(const struct journal_search *s);
/* Only once it is done: the lines as "fixbridge journal dump" prints them, and what was left out or
 * could not be read (NULL: nothing). */
struct bytes journal_search_lines(const struct journal_search *s);
bool journal_search_cut(const struct journal_search *s);
const char *journal_search_error(const struct journal_search *s);
/* Asks it to end soon. */
void journal_search_stop(struct journal_search *s);
/* Waits for its end, which after a stop or when it is done is at once. NULL is fine. */
void journal_search_free(struct journal_search *s);

#endif
