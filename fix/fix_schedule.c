/*
 * Windows of a schedule: made from local days around the instant that is asked about.
 */
#include "fix_schedule.h"

#define DAY_S INT64_C(86400)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int weekday_of(int64_t day)
{
    return (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday, 4 */
}

static bool begins_on(const struct fix_schedule *s, int64_t day)
{
    int weekday = weekday_of(day);

    return s->start_day == FIX_NO_DAY ? (s->weekdays >> weekday & 1) != 0 : weekday == s->start_day;
}

/* Days from that of the start to that of the end. */
static int64_t span(const struct fix_schedule *s)
{
    bool later = s->end_s > s->start_s;

    if (s->start_day == FIX_NO_DAY) {
        return later ? 0 : 1;
    }
    if (s->start_day == s->end_day) {
        return later ? 0 : 7;
    }
    return (s->end_day - s->start_day + 7) % 7;
}

static int64_t at(const struct fix_schedule *s, int64_t day, uint32_t second)
{
    return fix_zone_to_utc(s->zone, day * DAY_S + second) * US_PER_S;
}

struct fix_window fix_schedule_window(const struct fix_schedule *s, int64_t wall_us)
{
    int64_t now_s = floor_div(wall_us, US_PER_S);
    int64_t today = floor_div(now_s + fix_zone_offset(s->zone, now_s), DAY_S);

    if (s->always) {
        return (struct fix_window){ INT64_MIN, NEVER_US };
    }
    /* Any window that has not closed began a week ago at the earliest; a skipped hour can swallow
     * a short one, and then it is the next week's. */
    for (int64_t day = today - 8; day <= today + 16; day++) {
        if (begins_on(s, day)) {
            struct fix_window w = { at(s, day, s->start_s), at(s, day + span(s), s->end_s) };

            if (w.close_us > wall_us && w.close_us > w.open_us) {
                return w;
            }
        }
    }
    return (struct fix_window){ NEVER_US, NEVER_US }; /* no day at all: never open */
}

bool fix_schedule_is_open(const struct fix_schedule *s, int64_t wall_us)
{
    return fix_schedule_window(s, wall_us).open_us <= wall_us;
}

bool fix_schedule_is_same(const struct fix_schedule *s, int64_t a_wall_us, int64_t b_wall_us)
{
    return fix_schedule_window(s, a_wall_us).open_us == fix_schedule_window(s, b_wall_us).open_us;
}

int64_t fix_schedule_next_change(const struct fix_schedule *s, int64_t wall_us)
{
    struct fix_window w = fix_schedule_window(s, wall_us);

    return w.open_us > wall_us ? w.open_us : w.close_us;
}

/* ---- words --------------------------------------------------------------------------------- */

static bool two_digits(const char *p, uint32_t most, uint32_t *out)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') {
        return false;
    }
    *out = (uint32_t)((p[0] - '0') * 10 + (p[1] - '0'));
    return *out <= most;
}

bool fix_schedule_time(struct bytes text, uint32_t *seconds)
{
    uint32_t h, m, s = 0;

    if ((text.size != 5 && text.size != 8) || !two_digits(text.data, 23, &h) ||
        text.data[2] != ':' || !two_digits(text.data + 3, 59, &m)) {
        return false;
    }
    if (text.size == 8 && (text.data[5] != ':' || !two_digits(text.data + 6, 59, &s))) {
        return false;
    }
    *seconds = (h * 60 + m) * 60 + s;
    return true;
}

bool fix_schedule_day(struct bytes text, int *day)
{
    static const char *const name[] = {
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    };

    for (int d = 0; d < (int)ARRAY_LEN(name); d++) {
        size_t i = 0;

        while (i < text.size && name[d][i] != '\0' && (text.data[i] | 0x20) == name[d][i]) {
            i++;
        }
        if (i == text.size && i >= 2) {
            *day = d;
            return true;
        }
    }
    return false;
}
