/*
 * When a session is open: QuickFIX's StartTime, EndTime, StartDay, EndDay, Weekdays, TimeZone and
 * NonStopSession as a row of windows in time. Pure: the instant is an argument.
 *
 *     no days             one window a day, from start to end; an end not after the start is on the
 *                         next day, and start = end is a window of a whole day
 *     weekdays            the same, only for windows that begin on these days
 *     start_day, end_day  one window a week; an end not after the start is a week later
 *
 * A window begins at its start and ends just before its end. Sequence numbers belong to one window:
 * when it closes they are reset, so that what is reported while the session is closed already has
 * its number in the next one and reaches the client there.
 */
#ifndef FIX_SCHEDULE_H
#define FIX_SCHEDULE_H

#include "base.h"
#include "fix_zone.h"

#define FIX_EVERY_DAY 0x7f
#define FIX_NO_DAY (-1)

/* Plain data. Days: 0 Sunday to 6 Saturday. Zeroed but for `always`: open for ever. */
struct fix_schedule {
    bool always;      /* NonStopSession: no windows, no boundaries */
    uint32_t start_s; /* local time of the day, 0 to 86399 */
    uint32_t end_s;
    int start_day; /* both FIX_NO_DAY: daily */
    int end_day;
    uint8_t weekdays;            /* daily: bit 1 << day; never 0 */
    const struct fix_zone *zone; /* NULL: UTC */
};

/* [open_us, close_us) in wall_us. */
struct fix_window {
    int64_t open_us, close_us;
};

/* The window that holds `wall_us`, else the next one; with `always`, all of time. */
struct fix_window fix_schedule_window(const struct fix_schedule *s, int64_t wall_us);

bool fix_schedule_is_open(const struct fix_schedule *s, int64_t wall_us);
/* Whether numbers of one instant are still good at the other (in any order): no window has closed
 * between the two. */
bool fix_schedule_is_same(const struct fix_schedule *s, int64_t a_wall_us, int64_t b_wall_us);
/* The next opening or closing after `wall_us`; NEVER_US: none. */
int64_t fix_schedule_next_change(const struct fix_schedule *s, int64_t wall_us);

/* The words of the settings. False: malformed. "HH:MM:SS" or "HH:MM". */
MUST_CHECK bool fix_schedule_time(struct bytes text, uint32_t *seconds);
/* At least two letters of an English name, in any case: "Mo", "mon", "Monday". */
MUST_CHECK bool fix_schedule_day(struct bytes text, int *day);

#endif
