/*
 * TZif data blocks and the POSIX TZ rule behind them.
 *
 *     header  v1 data  header  v2+ data with 64-bit times  "\n" rule "\n"
 *     └─ version 1 ends here ┘
 */
#include "fix_zone.h"

#include <stdlib.h>

#define HEADER_SIZE 44
#define TRANSITIONS_MAX 4096 /* the richest zone of 2025 has about 240 */
#define TYPES_MAX 256
#define DAY_S INT64_C(86400)
/* No zone was ever further from UTC than this; RFC 8536 allows 25 h 59 min 59 s. */
#define OFFSET_MAX (26 * 3600)

enum date_kind { DATE_JULIAN, DATE_DAY, DATE_MONTH }; /* Jn, n, Mm.w.d of POSIX */

/* A day of each year, and a local time on it. */
struct date {
    enum date_kind kind;
    int month, week, day;
    int32_t time_s;
};

struct rule {
    bool known, has_summer;
    int32_t standard_s, summer_s; /* offsets east of UTC */
    struct date start, end;       /* of summer time */
};

struct fix_zone {
    struct rule rule;
    size_t count;
    uint32_t types;
    int32_t type_offset[TYPES_MAX];
    int64_t *at;   /* transitions, rising */
    uint8_t *type; /* from then on */
};

/* ---- calendar ------------------------------------------------------------------------------ */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to January 1st of `year`, proleptic Gregorian. */
static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;

    return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - 719162;
}

static int64_t year_of(int64_t day)
{
    int64_t year = 1970 + floor_div(day, day < 0 ? 365 : 366); /* never too late */

    while (days_before_year(year + 1) <= day) {
        year++; /* a few times at most for any year that matters */
    }
    return year;
}

static int64_t date_in(const struct date *d, int64_t year)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t first = days_before_year(year);
    int length, weekday;

    if (d->kind == DATE_DAY) {
        return first + d->day;
    }
    if (d->kind == DATE_JULIAN) { /* February 29 is never counted */
        return first + d->day - 1 + (is_leap(year) && d->day >= 60 ? 1 : 0);
    }
    for (int m = 1; m < d->month; m++) {
        first += days[m - 1] + (m == 2 && is_leap(year) ? 1 : 0);
    }
    length = days[d->month - 1] + (d->month == 2 && is_leap(year) ? 1 : 0);
    weekday = (int)((((first + 4) % 7) + 7) % 7); /* 1970-01-01 was a Thursday, 4 */
    int day = (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
    return first + (day < length ? day : day - 7); /* week 5: the last */
}

static int32_t rule_offset(const struct rule *r, int64_t utc_s)
{
    int64_t year, start, end;

    if (!r->has_summer) {
        return r->standard_s;
    }
    year = year_of(floor_div(utc_s + r->standard_s, DAY_S));
    start = date_in(&r->start, year) * DAY_S + r->start.time_s - r->standard_s;
    end = date_in(&r->end, year) * DAY_S + r->end.time_s - r->summer_s;
    bool summer = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
    return summer ? r->summer_s : r->standard_s;
}

/* ---- the POSIX rule ------------------------------------------------------------------------ */

static bool take_char(struct bytes *in, char c)
{
    if (in->size == 0 || in->data[0] != c) {
        return false;
    }
    in->data++;
    in->size--;
    return true;
}

static bool take_int(struct bytes *in, int most, int *out)
{
    int n = 0;
    size_t i = 0;

    while (i < in->size && i < 3 && in->data[i] >= '0' && in->data[i] <= '9') {
        n = n * 10 + (in->data[i++] - '0');
    }
    in->data += i;
    in->size -= i;
    *out = n;
    return i > 0 && n <= most;
}

/* [+-]h[:m[:s]] */
static bool take_time(struct bytes *in, int hours_max, int32_t *out)
{
    bool minus = take_char(in, '-');
    int h, m = 0, s = 0;

    if (!minus) {
        (void)take_char(in, '+');
    }
    if (!take_int(in, hours_max, &h) || (take_char(in, ':') && !take_int(in, 59, &m)) ||
        (take_char(in, ':') && !take_int(in, 59, &s))) {
        return false;
    }
    *out = (h * 60 + m) * 60 + s;
    *out = minus ? -*out : *out;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool skip_name(struct bytes *in)
{
    bool quoted = take_char(in, '<');
    size_t i = 0;

    while (i < in->size && (quoted ? in->data[i] != '>' : is_letter(in->data[i]))) {
        i++;
    }
    in->data += i;
    in->size -= i;
    return i >= 3 && (!quoted || take_char(in, '>'));
}

static bool take_date(struct bytes *in, struct date *d)
{
    *d = (struct date){ .time_s = 2 * 3600 };
    if (take_char(in, 'M')) {
        d->kind = DATE_MONTH;
        if (!take_int(in, 12, &d->month) || d->month < 1 || !take_char(in, '.') ||
            !take_int(in, 5, &d->week) || d->week < 1 || !take_char(in, '.') ||
            !take_int(in, 6, &d->day)) {
            return false;
        }
    } else {
        d->kind = take_char(in, 'J') ? DATE_JULIAN : DATE_DAY;
        if (!take_int(in, 365, &d->day) || (d->kind == DATE_JULIAN && d->day < 1)) {
            return false;
        }
    }
    /* RFC 8536, 3.3.1: hours -167 to 167. */
    return !take_char(in, '/') || take_time(in, 167, &d->time_s);
}

static bool parse_rule(struct bytes in, struct rule *r)
{
    *r = (struct rule){ .known = true };
    if (!skip_name(&in) || !take_time(&in, 24, &r->standard_s)) {
        return false;
    }
    r->standard_s = -r->standard_s; /* POSIX counts westward */
    if (in.size == 0) {
        return true;
    }
    r->has_summer = true;
    r->summer_s = r->standard_s + 3600;
    if (!skip_name(&in)) {
        return false;
    }
    if (in.size > 0 && in.data[0] != ',') {
        if (!take_time(&in, 24, &r->summer_s)) {
            return false;
        }
        r->summer_s = -r->summer_s;
    }
    return take_char(&in, ',') && take_date(&in, &r->start) && take_char(&in, ',') &&
           take_date(&in, &r->end) && in.size == 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

struct block {
    uint32_t ut, standard, leaps, times, types, chars;
    size_t time_size;
    struct bytes data;
};

static uint64_t big_endian(const char *p, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++) {
        value = value << 8 | (unsigned char)p[i];
    }
    return value;
}

/* Takes a header and its data off `in`. */
static bool take_block(struct bytes *in, size_t time_size, struct block *b)
{
    uint64_t size;

    if (in->size < HEADER_SIZE || memcmp(in->data, "TZif", 4) != 0) {
        return false;
    }
    b->time_size = time_size;
    b->ut = (uint32_t)big_endian(in->data + 20, 4);
    b->standard = (uint32_t)big_endian(in->data + 24, 4);
    b->leaps = (uint32_t)big_endian(in->data + 28, 4);
    b->times = (uint32_t)big_endian(in->data + 32, 4);
    b->types = (uint32_t)big_endian(in->data + 36, 4);
    b->chars = (uint32_t)big_endian(in->data + 40, 4);
    size = (uint64_t)b->times * (time_size + 1) + (uint64_t)b->types * 6 + b->chars +
           (uint64_t)b->leaps * (time_size + 4) + b->standard + b->ut;
    if (size > in->size - HEADER_SIZE) {
        return false;
    }
    b->data = (struct bytes){ in->data + HEADER_SIZE, (size_t)size };
    in->data += HEADER_SIZE + (size_t)size;
    in->size -= HEADER_SIZE + (size_t)size;
    return true;
}

static bool read_types(struct fix_zone *z, const struct block *b, const char *p)
{
    for (uint32_t i = 0; i < b->types; i++) {
        z->type_offset[i] = (int32_t)(uint32_t)big_endian(p + (size_t)i * 6, 4);
        if (z->type_offset[i] > OFFSET_MAX || z->type_offset[i] < -OFFSET_MAX) {
            return false;
        }
    }
    z->types = b->types;
    return true;
}

static const char *read_block(struct fix_zone *z, const struct block *b)
{
    const char *types = b->data.data + b->times * b->time_size;

    if (b->leaps > 0) {
        return "it counts leap seconds";
    }
    if (b->types == 0 || b->types > TYPES_MAX || b->times > TRANSITIONS_MAX) {
        return "too many entries, or none";
    }
    z->at = calloc(b->times + 1, sizeof *z->at);
    z->type = calloc(b->times + 1, sizeof *z->type);
    if (z->at == NULL || z->type == NULL) {
        return "out of memory";
    }
    for (uint32_t i = 0; i < b->times; i++) {
        uint64_t at = big_endian(b->data.data + i * b->time_size, b->time_size);

        z->at[i] = b->time_size == 8 ? (int64_t)at : (int32_t)(uint32_t)at;
        z->type[i] = (uint8_t)types[i];
        if (z->type[i] >= b->types || (i > 0 && z->at[i] <= z->at[i - 1])) {
            return "its transitions are malformed";
        }
    }
    z->count = b->times;
    return read_types(z, b, types + b->times) ? NULL : "an offset is out of range";
}

static const char *read_footer(struct fix_zone *z, struct bytes in)
{
    if (in.size < 2 || in.data[0] != '\n' || in.data[in.size - 1] != '\n') {
        return "its footer is missing";
    }
    in.data++;
    in.size -= 2;
    return in.size == 0 || parse_rule(in, &z->rule) ? NULL : "its footer is malformed";
}

struct fix_zone *fix_zone_new(struct bytes tzif, const char **error)
{
    struct fix_zone *z = calloc(1, sizeof *z);
    bool old = tzif.size > 4 && tzif.data[4] == '\0';
    struct block b;

    *error = NULL;
    if (z == NULL) {
        *error = "out of memory";
        return NULL;
    }
    if (!take_block(&tzif, 4, &b) || (!old && !take_block(&tzif, 8, &b))) {
        *error = "not a TZif file";
    } else {
        *error = read_block(z, &b);
    }
    if (*error == NULL && !old) {
        *error = read_footer(z, tzif);
    }
    if (*error != NULL) {
        fix_zone_free(z);
        return NULL;
    }
    return z;
}

void fix_zone_free(struct fix_zone *z)
{
    if (z != NULL) {
        free(z->at);
        free(z->type);
        free(z);
    }
}

/* ---- asking -------------------------------------------------------------------------------- */

int32_t fix_zone_offset(const struct fix_zone *z, int64_t utc_s)
{
    size_t low = 0, high;

    if (z == NULL) {
        return 0;
    }
    if (z->rule.known && (z->count == 0 || utc_s >= z->at[z->count - 1])) {
        return rule_offset(&z->rule, utc_s);
    }
    for (high = z->count; low < high;) {
        size_t middle = low + (high - low) / 2;

        if (z->at[middle] <= utc_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return z->type_offset[low == 0 ? 0 : z->type[low - 1]];
}

/* The first second in (low, high] whose offset is not that of `low`; there is one. */
static int64_t jump(const struct fix_zone *z, int64_t low, int64_t high)
{
    int32_t before = fix_zone_offset(z, low);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (fix_zone_offset(z, middle) == before) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

int64_t fix_zone_to_utc(const struct fix_zone *z, int64_t local_s)
{
    /* Zones do not change twice within three days, so these are the two offsets in question. */
    int32_t before = fix_zone_offset(z, local_s - DAY_S - DAY_S / 2);
    int32_t after = fix_zone_offset(z, local_s + DAY_S + DAY_S / 2);
    int64_t first = local_s - before;

    if (fix_zone_offset(z, first) == before) {
        return first;
    }
    if (fix_zone_offset(z, local_s - after) == after) {
        return local_s - after;
    }
    return jump(z, local_s - DAY_S - DAY_S / 2, local_s + DAY_S + DAY_S / 2);
}
