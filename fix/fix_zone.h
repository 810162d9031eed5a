/*
 * A time zone: from the bytes of a TZif file (RFC 8536, as /usr/share/zoneinfo holds them) to the
 * offset from UTC at any instant, past or future. Beyond the table of transitions the POSIX rule in
 * the file's footer goes on for ever. Pure: whoever has the file hands in its bytes. Names of
 * zones, abbreviations and leap seconds are no business of this.
 */
#ifndef FIX_ZONE_H
#define FIX_ZONE_H

#include "base.h"

struct fix_zone;

/* Copies what it needs of `tzif`. NULL: `error` says why (static text). */
struct fix_zone *fix_zone_new(struct bytes tzif, const char **error);
void fix_zone_free(struct fix_zone *z);

/* Seconds east of UTC. A NULL zone is UTC, here and below. */
int32_t fix_zone_offset(const struct fix_zone *z, int64_t utc_s);

/* The instant at which the zone's clocks show `local_s` (seconds since 1970 as if local were UTC).
 * A time that clocks show twice means the first; one that they skip means the moment of the jump.
 * So a later local time never comes before an earlier one. */
int64_t fix_zone_to_utc(const struct fix_zone *z, int64_t local_s);

#endif
