/*
 * What operators did: one line each in audit.log beside the journal, only ever appended to, and the
 * newest in memory for the status page. A line is written before the command's answer leaves.
 */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include "base.h"

struct audit;

/* Opens nothing yet. NULL: out of memory, or a path that is too long. */
struct audit *audit_new(struct bytes directory);
void audit_free(struct audit *a); /* also of NULL */
/* "2026-11-21T08:00:00.123456Z uid=0 pid=12 command="reset ACME" result="done"". A file that cannot
 * be written is told in the log, where the same stands. NULL is fine: nothing is kept then. */
void audit_write(struct audit *a, int64_t wall_us, const char *who, struct bytes command,
                 const char *result);
/* The newest first; NULL: no more. */
#define AUDIT_KEPT 50
const char *audit_kept(const struct audit *a, size_t back);

#endif
