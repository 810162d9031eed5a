/*
 * Microseconds since 1970 UTC <-> FIX UTCTimestamp text (FIX 4.4 vol. 1:
 * YYYYMMDD-HH:MM:SS[.sss...]), and ISO-8601 as venues write it. Pure arithmetic, no locale, no time
 * zone database.
 */
#ifndef FIX_BASE_TIMESTAMP_H
#define FIX_BASE_TIMESTAMP_H

#include "base.h"

#define TIMESTAMP_TEXT_MAX 32

/* 0 to 9 fraction digits accepted, digits beyond microseconds are cut off. Second 60 is accepted
 * (leap) and means second 59 plus one. */
MUST_CHECK bool timestamp_parse(struct bytes text, int64_t *wall_us);
/* Whether timestamp_parse would take it: cheaper, where the time itself is not wanted. */
MUST_CHECK bool timestamp_is_one(struct bytes text);
/* `digits` is 0, 3, 6 or 9 (9 pads with zeros). Writes a NUL; returns the length without it. */
size_t timestamp_print(int64_t wall_us, unsigned digits, char out[TIMESTAMP_TEXT_MAX]);

/* "2026-11-20T10:00:00.123456Z"; 0 to 9 fraction digits; 'Z' or "+00:00". */
MUST_CHECK bool timestamp_parse_iso(struct bytes text, int64_t *wall_us);
/* Always with `digits` (3 or 6) fraction digits and 'Z'. */
size_t timestamp_print_iso(int64_t wall_us, unsigned digits, char out[TIMESTAMP_TEXT_MAX]);

#endif
