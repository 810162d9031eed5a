/*
 * FIX text as the scripts write it ('|' for SOH) to and from bytes. Knows nothing of the code under
 * test: frames are built and cut with the runner's own arithmetic.
 */
#ifndef CONFORMANCE_WIRE_H
#define CONFORMANCE_WIRE_H

#include "base.h"

#define WIRE_MAX (256 * 1024)

/* A script's line "35=D|34=2|..." as one message. 8, 9, 49, 56, 52 and 10 are added unless the line
 * has them; "-49" leaves one out. "<NOW>", "<NOW-31>", "<NOW+5>" (seconds) become timestamps,
 * "<A*500>" 500 times A. A line that begins with "8=" gets only 9 (when the second field is not 9)
 * and 10 (when the last is not 10). Returns the size, 0 when it does not fit. */
size_t wire_build(const char *line, int64_t wall_us, char out[WIRE_MAX]);

/* '|' to SOH, "\0" to NUL, <...> as above; nothing else. */
size_t wire_raw(const char *line, int64_t wall_us, char out[WIRE_MAX]);

/* The first whole message of `stream`; its BodyLength and CheckSum are checked. Size 0: none, and
 * *fault says what is wrong, or is NULL when the stream is empty. */
struct bytes wire_cut(struct bytes stream, const char **fault);

/* Whether `frame` has "tag=value" (with '|' nowhere in it) as a whole field; "tag~part": a field
 * with this tag whose value holds `part`; "!tag", "!tag=value": no such field. */
bool wire_matches(struct bytes frame, const char *want);

#endif
