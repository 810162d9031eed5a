/*
 * A file of lines that becomes FILE.1 when it is large or old enough, FILE.1 becomes FILE.2, and so
 * on. Used by the log and by the message log. It gathers nothing and reports nothing: its user
 * knows what a line lost means.
 */
#ifndef DAEMON_ROTATING_FILE_H
#define DAEMON_ROTATING_FILE_H

#include "base.h"

struct rotating_file;

struct rotating_options {
    uint64_t size_max;  /* bytes: before a write that would pass it the file is put away */
    int64_t age_max_us; /* since its first line; 0: never for its age */
    uint32_t keep;      /* FILE.1 to FILE.keep; 0: what is put away is gone */
};

/* When a file of an earlier run was begun, from its first bytes (at most 64): wall time in us, or
 * -1 when they do not tell (then it counts as begun now). */
typedef int64_t rotating_begun_fn(struct bytes head);

/* Opens nothing yet. The path is copied. NULL: out of memory. */
struct rotating_file *rotating_file_new(struct bytes path, const struct rotating_options *o,
                                        rotating_begun_fn *begun);
void rotating_file_free(struct rotating_file *f);
/* Appends whole lines; opens and puts away as needed. False: errno, and `*what` is the operation
 * that failed ("open", "rename", "unlink", "write"); a part may have been written. The next call
 * starts with opening the file again. */
MUST_CHECK bool rotating_file_write(struct rotating_file *f, struct bytes lines, int64_t wall_us,
                                    const char **what);

#endif
