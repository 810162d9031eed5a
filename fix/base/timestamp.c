/*
 * Timestamps as text. Days are counted by the usual civil-calendar arithmetic (era of 400 years,
 * year from 1 March), so there is no table and no libc call that knows about zones.
 */
#include "timestamp.h"

#include "assert.h"
#include "digits.h"
#include "le.h"

#define US_PER_DAY (INT64_C(86400) * US_PER_S)

/* 0001-01-01 and the last microsecond of 9999: what four digits of a year can say. */
#define DAY_MIN INT64_C(-719162)
#define DAY_MAX INT64_C(2932896)

struct civil {
    unsigned year, month, day;
};

static int64_t days_from_civil(struct civil c)
{
    int64_t year = (int64_t)c.year - (c.month <= 2);
    int64_t era = year / 400; /* year >= 0: no floor needed */
    int64_t year_of_era = year - era * 400;
    unsigned from_march = c.month > 2 ? c.month - 3 : c.month + 9;
    int64_t day_of_year = (int64_t)((153 * from_march + 2) / 5 + c.day - 1);
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days)
{
    unsigned shifted = (unsigned)(days + 719468); /* >= 0 for every year from 1 */
    unsigned era = shifted / 146097;
    unsigned day_of_era = shifted - era * 146097;
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned from_march = (5 * day_of_year + 2) / 153;
    unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;

    return (struct civil){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * from_march + 2) / 5 + 1,
    };
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (month != 2) {
        return days[month - 1];
    }
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
}

/* All eight bytes at once: those that are 9 or less where `most` has 0x76, and 0 where it has 0x7f,
 * leave the highest bit of each byte alone. A byte that carries into the next has it set itself. */
static inline bool all_within(uint64_t v, uint64_t most)
{
    return (((v + most) | v) & UINT64_C(0x8080808080808080)) == 0;
}

/* Tens and units of bytes next to each other: each byte times ten plus the next; none exceeds 99.
 */
static inline uint64_t pairs_of(uint64_t digits)
{
    return digits * 10 + (digits >> 8);
}

static inline unsigned byte_of(uint64_t v, unsigned index)
{
    return (unsigned)(v >> (8 * index) & 0xff);
}

/* "YYYYMMDD", 8 characters. */
static inline bool parse_date(const char *at, struct civil *c)
{
    uint64_t digits = le64_get(at) ^ UINT64_C(0x3030303030303030);
    uint64_t pairs = pairs_of(digits);

    c->year = byte_of(pairs, 0) * 100 + byte_of(pairs, 2);
    c->month = byte_of(pairs, 4);
    c->day = byte_of(pairs, 6);
    return all_within(digits, UINT64_C(0x7676767676767676)) && c->year >= 1 && c->month >= 1 &&
           c->month <= 12 && c->day >= 1 &&
           (c->day <= 28 || c->day <= days_in_month(c->year, c->month));
}

/* "HH:MM:SS", 8 characters. */
static inline bool parse_clock(const char *at, int64_t *us)
{
    uint64_t digits = le64_get(at) ^ UINT64_C(0x30303a30303a3030);
    uint64_t pairs = pairs_of(digits);
    unsigned hour = byte_of(pairs, 0), minute = byte_of(pairs, 3), second = byte_of(pairs, 6);

    if (!all_within(digits, UINT64_C(0x76767f76767f7676)) || hour > 23 || minute > 59 ||
        second > 60) {
        return false;
    }
    *us = ((int64_t)hour * 3600 + (int64_t)minute * 60 + (int64_t)second) * US_PER_S;
    return true;
}

/* "" or ".digits"; what is finer than a microsecond is cut off. */
static inline bool parse_fraction(struct bytes text, int64_t *us)
{
    static const int32_t unit[] = { 1000000, 100000, 10000, 1000, 100, 10, 1, 10, 100, 1000 };
    size_t digits = text.size - 1;
    int32_t value = 0;

    *us = 0;
    if (text.size == 0) {
        return true;
    }
    if (text.data[0] != '.' || text.size < 2 || text.size > 10) {
        return false;
    }
    for (size_t i = 1; i < text.size; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
        value = value * 10 + (text.data[i] - '0');
    }
    *us = digits <= 6 ? (int64_t)value * unit[digits] : value / unit[digits];
    return true;
}

/* The parts of a FIX timestamp. */
static inline bool parse_parts(struct bytes text, struct civil *date, int64_t *clock,
                               int64_t *fraction)
{
    const char *at = text.data;

    return text.size >= 17 && at[8] == '-' && parse_date(at, date) && parse_clock(at + 9, clock) &&
           parse_fraction((struct bytes){ at + 17, text.size - 17 }, fraction);
}

bool timestamp_parse(struct bytes text, int64_t *wall_us)
{
    struct civil date;
    int64_t clock, fraction;

    if (!parse_parts(text, &date, &clock, &fraction)) {
        return false;
    }
    *wall_us = days_from_civil(date) * US_PER_DAY + clock + fraction;
    return true;
}

bool timestamp_is_one(struct bytes text)
{
    struct civil date;
    int64_t clock, fraction;

    return parse_parts(text, &date, &clock, &fraction);
}

bool timestamp_parse_iso(struct bytes text, int64_t *wall_us)
{
    const char *at = text.data;
    size_t end = text.size;
    int64_t clock, fraction;
    struct civil c;
    char date[8];

    if (end >= 20 && at[end - 1] == 'Z') {
        end -= 1;
    } else if (end >= 25 && memcmp(at + end - 6, "+00:00", 6) == 0) {
        end -= 6;
    } else {
        return false;
    }
    memcpy(date, at, 4);
    memcpy(date + 4, at + 5, 2);
    memcpy(date + 6, at + 8, 2);
    if (at[4] != '-' || at[7] != '-' || at[10] != 'T' || !parse_date(date, &c) ||
        !parse_clock(at + 11, &clock) ||
        !parse_fraction((struct bytes){ at + 19, end - 19 }, &fraction)) {
        return false;
    }
    *wall_us = days_from_civil(c) * US_PER_DAY + clock + fraction;
    return true;
}

struct parts {
    struct civil date;
    unsigned second; /* of the day */
    unsigned us;
};

/* A time outside the years 1 to 9999 can only come from a peer's nonsense; it is shown as the
 * nearest one that has a text. */
static struct parts split(int64_t wall_us)
{
    int64_t days = wall_us / US_PER_DAY;
    int64_t rest = wall_us % US_PER_DAY;

    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    if (days < DAY_MIN) {
        days = DAY_MIN;
        rest = 0;
    } else if (days > DAY_MAX) {
        days = DAY_MAX;
        rest = US_PER_DAY - 1;
    }
    return (struct parts){
        .date = civil_from_days(days),
        .second = (unsigned)(rest / US_PER_S),
        .us = (unsigned)(rest % US_PER_S),
    };
}

static char *print_year(unsigned year, char *at)
{
    digits_pair(year / 100, at);
    digits_pair(year % 100, at + 2);
    return at + 4;
}

static char *print_clock(const struct parts *p, char *at)
{
    digits_pair(p->second / 3600, at);
    at[2] = ':';
    digits_pair(p->second / 60 % 60, at + 3);
    at[5] = ':';
    digits_pair(p->second % 60, at + 6);
    return at + 8;
}

/* ".sss", ".ssssss" or ".ssssss000"; nothing for 0. */
static char *print_fraction(unsigned us, unsigned digits, char *at)
{
    char six[6];

    ASSERT(digits == 0 || digits == 3 || digits == 6 || digits == 9);
    if (digits == 0) {
        return at;
    }
    digits_pair(us / 10000, six);
    digits_pair(us / 100 % 100, six + 2);
    digits_pair(us % 100, six + 4);
    *at++ = '.';
    memcpy(at, six, sizeof six); /* of three, what lies behind is overwritten */
    if (digits == 9) {
        memset(at + 6, '0', 3);
    }
    return at + digits;
}

size_t timestamp_print(int64_t wall_us, unsigned digits, char out[TIMESTAMP_TEXT_MAX])
{
    struct parts p = split(wall_us);
    char *at = print_year(p.date.year, out);

    digits_pair(p.date.month, at);
    digits_pair(p.date.day, at + 2);
    at[4] = '-';
    at = print_clock(&p, at + 5);
    at = print_fraction(p.us, digits, at);
    *at = '\0';
    return (size_t)(at - out);
}

size_t timestamp_print_iso(int64_t wall_us, unsigned digits, char out[TIMESTAMP_TEXT_MAX])
{
    struct parts p = split(wall_us);
    char *at = print_year(p.date.year, out);

    *at++ = '-';
    digits_pair(p.date.month, at);
    at[2] = '-';
    digits_pair(p.date.day, at + 3);
    at[5] = 'T';
    at = print_clock(&p, at + 6);
    at = print_fraction(p.us, digits, at);
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}
