/*
 * Reads files of /usr/share/zoneinfo; what is in them is understood by fix_zone.
 */
#include "config_hours.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ZONEINFO "/usr/share/zoneinfo"
/* The largest of 2025 has less than 4 KiB. */
#define ZONE_MAX (64 * 1024)

struct config_zone {
    struct config_zone *next;
    struct bytes name; /* the arena's */
    struct fix_zone *zone;
};

/* "America/New_York": names of the database, and no way out of its directory. */
static bool is_zone_name(struct bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-' || c == '+' || (c == '/' && i > 0))) {
            return false;
        }
    }
    return name.size > 0 && name.size <= NAME_MAX_LEN;
}

static struct fix_zone *read_zone(struct bytes name, char why[256])
{
    char path[sizeof ZONEINFO + NAME_MAX_LEN + 2];
    char data[ZONE_MAX];
    const char *error = NULL;
    struct fix_zone *z = NULL;
    ssize_t size;
    int fd;

    (void)snprintf(path, sizeof path, ZONEINFO "/%.*s", BYTES_ARG(name));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    size = fd < 0 ? -1 : read(fd, data, sizeof data);
    if (size < 0) {
        (void)snprintf(why, 256, "%s: %s", path, strerror(errno));
    } else {
        z = fix_zone_new((struct bytes){ data, (size_t)size }, &error);
        (void)snprintf(why, 256, "%s: %s", path, error == NULL ? "" : error);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return z;
}

static const struct fix_zone *find_zone(struct config *c, struct config_mistakes *m,
                                        const struct config_session *s)
{
    struct config_zone *z;
    char why[256] = "not a name of the time zone database";

    if (s->time_zone.size == 0 || bytes_is(s->time_zone, "UTC")) {
        return NULL;
    }
    for (z = c->zones; z != NULL; z = z->next) {
        if (bytes_equal(z->name, s->time_zone)) {
            return z->zone;
        }
    }
    z = calloc(1, sizeof *z);
    if (z != NULL && is_zone_name(s->time_zone)) {
        z->zone = read_zone(s->time_zone, why);
    }
    if (z == NULL || z->zone == NULL) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "time_zone"), "time_zone",
                          "expected a time zone as \"America/New_York\", got \"%.*s\": %s",
                          BYTES_ARG(s->time_zone), z == NULL ? "out of memory" : why);
        free(z);
        return NULL;
    }
    z->name = s->time_zone;
    z->next = c->zones;
    c->zones = z;
    return z->zone;
}

void config_hours_free(struct config *c)
{
    while (c->zones != NULL) {
        struct config_zone *z = c->zones;

        c->zones = z->next;
        fix_zone_free(z->zone);
        free(z);
    }
}

static void read_time(struct config_mistakes *m, const struct config_session *s, const char *key,
                      struct bytes text, uint32_t *out)
{
    if (text.size == 0) {
        config_mistake_at(m, &s->head, s->head.line, key,
                          "missing; start_time and end_time belong together");
    } else if (!fix_schedule_time(text, out)) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, key), key,
                          "expected HH:MM:SS, got \"%.*s\"", BYTES_ARG(text));
    }
}

static void read_day(struct config_mistakes *m, const struct config_session *s, const char *key,
                     struct bytes text, int *out)
{
    if (text.size == 0) {
        config_mistake_at(m, &s->head, s->head.line, key,
                          "missing; start_day and end_day belong together");
    } else if (!fix_schedule_day(text, out)) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, key), key,
                          "expected a day of the week, got \"%.*s\"", BYTES_ARG(text));
    }
}

static void read_weekdays(struct config_mistakes *m, struct config_session *s)
{
    int day;

    s->schedule.weekdays = s->weekdays.count == 0 ? FIX_EVERY_DAY : 0;
    for (size_t i = 0; i < s->weekdays.count; i++) {
        if (fix_schedule_day(s->weekdays.item[i], &day)) {
            s->schedule.weekdays = (uint8_t)(s->schedule.weekdays | 1u << day);
        } else {
            config_mistake_at(m, &s->head, config_line_of(&s->head, "weekdays"), "weekdays",
                              "expected days of the week, got \"%.*s\"",
                              BYTES_ARG(s->weekdays.item[i]));
        }
    }
}

/* A key that means nothing beside another one. */
static void alone(struct config_mistakes *m, const struct config_session *s, const char *key,
                  const char *expected)
{
    int line = config_line_of(&s->head, key);

    if (line != s->head.line) {
        config_mistake_at(m, &s->head, line, key, "%s", expected);
    }
}

void config_hours(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    static const char *const keys[] = {
        "start_time", "end_time", "start_day", "end_day", "weekdays", "time_zone",
    };
    bool weekly = s->start_day.size > 0 || s->end_day.size > 0;

    s->schedule = (struct fix_schedule){ .start_day = FIX_NO_DAY,
                                         .end_day = FIX_NO_DAY,
                                         .weekdays = FIX_EVERY_DAY };
    if (s->non_stop_session || (s->start_time.size == 0 && s->end_time.size == 0)) {
        s->schedule.always = true;
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
            alone(m, s, keys[i],
                  s->non_stop_session ? "expected nothing with non_stop_session"
                                      : "expected start_time and end_time with it");
        }
        return;
    }
    read_time(m, s, "start_time", s->start_time, &s->schedule.start_s);
    read_time(m, s, "end_time", s->end_time, &s->schedule.end_s);
    s->schedule.zone = find_zone(c, m, s);
    if (weekly) {
        read_day(m, s, "start_day", s->start_day, &s->schedule.start_day);
        read_day(m, s, "end_day", s->end_day, &s->schedule.end_day);
        alone(m, s, "weekdays", "expected either weekdays or start_day and end_day");
    } else {
        read_weekdays(m, s);
    }
}
