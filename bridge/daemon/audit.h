/*
 * What operators did, in audit.log beside the journal, only ever appended to: one line before a
 * command is carried out, one with what became of it, and the newest of these in memory for the
 * status page. Each line is on disk when the call returns, so whatever a command did is explained
 * there, and a command whose result is missing was cut short. The loop waits for that disk: a
 * person's commands are few.
 */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include "base.h"

struct audit;

/* Opens nothing yet. NULL: out of memory, or a path that is too long. */
struct audit *audit_new(struct bytes directory);
void audit_free(struct audit *a); /* also of NULL */
/* "2026-11-21T08:00:00.123456Z uid=0 pid=12 command="reset ACME" begins". False: it is not on disk,
 * `why` says what is the matter, and the log too. NULL is fine: nothing is kept then. */
#define AUDIT_WHY_MAX 256
MUST_CHECK bool audit_begin(struct audit *a, int64_t wall_us, const char *who, struct bytes command,
                            char why[AUDIT_WHY_MAX]);
/* The same with result="done" or why not. What cannot be written is told in the log, where the same
 * stands. */
void audit_end(struct audit *a, int64_t wall_us, const char *who, struct bytes command,
               const char *result);
/* The newest first; NULL: no more. */
#define AUDIT_KEPT 50
const char *audit_kept(const struct audit *a, size_t back);

#endif
