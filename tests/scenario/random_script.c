/*
 * What may happen: clients ask, the venue fills, cancels, misbehaves, calls hang, time passes, we
 * die.
 */
#include "random_script.h"

#include <stdio.h>

struct rng {
    uint64_t state;
};

static uint32_t draw(struct rng *r, uint32_t below)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return (uint32_t)((r->state * 0x2545f4914f6cdd1dull >> 33) % below);
}

static char session(struct rng *r)
{
    return draw(r, 4) == 0 ? 'B' : 'A';
}

/* Ids are numbered as they come, so that later lines can name earlier orders and requests. */
struct ids {
    unsigned last;
};

static unsigned some_id(struct rng *r, const struct ids *ids)
{
    uint32_t back = draw(r, draw(r, 3) == 0 ? 12 : 4);

    return ids->last > back ? ids->last - back : 1;
}

static void new_order(struct rng *r, struct ids *ids, char *line)
{
    static const char *const tif[] = { "1", "1", "1", "3", "4" };
    uint32_t tenths = 1 + draw(r, 30);
    bool market = draw(r, 8) == 0;

    snprintf(line, RANDOM_LINE_MAX,
             "client %c > 35=D|11=i%u|55=%s|54=%u|60=20261120-10:00:00|38=%u.%u|40=%s%s|59=%s|%s",
             session(r), ++ids->last, draw(r, 6) == 0 ? "BTC/USD" : "PF_XBTUSD", 1 + draw(r, 2),
             tenths / 10, tenths % 10, market ? "1" : "2", market ? "" : "|44=100.5",
             market ? "1" : tif[draw(r, ARRAY_LEN(tif))], draw(r, 8) == 0 ? "18=Q|" : "");
}

static void change_order(struct rng *r, struct ids *ids, char *line)
{
    unsigned orig = some_id(r, ids);
    uint32_t tenths = 1 + draw(r, 40);

    if (draw(r, 2) == 0) {
        snprintf(line, RANDOM_LINE_MAX,
                 "client %c > 35=F|11=i%u|41=i%u|55=PF_XBTUSD|54=1|60=20261120-10:00:00|",
                 session(r), ++ids->last, orig);
    } else {
        snprintf(line, RANDOM_LINE_MAX,
                 "client %c > "
                 "35=G|11=i%u|41=i%u|55=PF_XBTUSD|54=1|60=20261120-10:00:00|38=%u.%u|40=2|44=%u.5|"
                 "59=1|",
                 session(r), ++ids->last, orig, tenths / 10, tenths % 10, 99 + draw(r, 3));
    }
}

/* A list of up to four orders, one of them wrong now and then; or a question or cancel of one. */
static void list_line(struct rng *r, struct ids *ids, char *line)
{
    uint32_t count = 1 + draw(r, 4);
    int n;

    if (draw(r, 3) == 0) {
        bool cancel = draw(r, 2) == 0;

        snprintf(line, RANDOM_LINE_MAX, "client %c > 35=%s|66=L%u|%s", session(r),
                 cancel ? "K" : "M", some_id(r, ids), cancel ? "60=20261120-10:00:00|" : "");
        return;
    }
    n = snprintf(line, RANDOM_LINE_MAX, "client %c > 35=E|66=L%u|394=%u|68=%u|73=%u|", session(r),
                 ids->last + 1, draw(r, 12) == 0 ? 1 : 3, count, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t tenths = 1 + draw(r, 30);

        n += snprintf(line + n, RANDOM_LINE_MAX - (size_t)n,
                      "11=i%u|67=%u|55=%s|54=%u|38=%u.%u|40=2|44=100.5|59=%s|", ++ids->last, i + 1,
                      draw(r, 10) == 0 ? "NOPE" : "PF_XBTUSD", 1 + draw(r, 2), tenths / 10,
                      tenths % 10, draw(r, 5) == 0 ? "3" : "1");
    }
}

static void client_line(struct rng *r, struct ids *ids, char *line)
{
    uint32_t what = draw(r, 23);

    if (what >= 20) {
        list_line(r, ids, line);
    } else if (what < 10) {
        new_order(r, ids, line);
    } else if (what < 18) {
        change_order(r, ids, line);
    } else if (what == 18) {
        snprintf(line, RANDOM_LINE_MAX, "client %c > 35=q|11=i%u|530=%u|60=20261120-10:00:00|",
                 session(r), ++ids->last, 6 + draw(r, 2));
    } else {
        snprintf(line, RANDOM_LINE_MAX, "client A > 35=H|11=i%u|55=PF_XBTUSD|54=1|",
                 some_id(r, ids));
    }
}

static void venue_line(struct rng *r, const struct ids *ids, char *line)
{
    static const char *const cause[] = { "margin", "user", "market", "expired", "deadman" };

    if (draw(r, 3) == 0) {
        snprintf(line, RANDOM_LINE_MAX, "venue cancel %c i%u %s", session(r), some_id(r, ids),
                 cause[draw(r, ARRAY_LEN(cause))]);
    } else if (draw(r, 4) == 0) {
        snprintf(line, RANDOM_LINE_MAX, "venue take %u.%u @ 100.5", draw(r, 3), draw(r, 10));
    } else {
        snprintf(line, RANDOM_LINE_MAX, "venue fill %c i%u %u.%u @ 100.%u", session(r),
                 some_id(r, ids), draw(r, 2), 1 + draw(r, 9), 5 * draw(r, 2));
    }
}

static void fault_line(struct rng *r, char *line)
{
    static const char *const op[] = { "place",   "place",        "cancel", "batch",
                                      "replace", "cancel-all",   "status", "open-orders",
                                      "fills",   "order-history" };
    static const char *const fault[] = {
        "acted", "lost",      "late=300",    "late=1500",     "late=2500",
        "held",  "throttled", "wrong-order", "refused=funds", "refused=unknown-order"
    };

    uint32_t which = draw(r, ARRAY_LEN(op));
    /* A list that leaves out what is there, again and again, cannot be told from the truth. */
    uint32_t faults = which <= 6 ? ARRAY_LEN(fault) : ARRAY_LEN(fault) - 3;

    snprintf(line, RANDOM_LINE_MAX, "venue next %s %s x%u", op[which], fault[draw(r, faults)],
             1 + draw(r, 3));
}

static void one_line(struct rng *r, struct ids *ids, char *line)
{
    uint32_t what = draw(r, 100);

    if (what < 45) {
        client_line(r, ids, line);
    } else if (what < 62) {
        venue_line(r, ids, line);
    } else if (what < 72) {
        fault_line(r, line);
    } else if (what < 92) {
        snprintf(line, RANDOM_LINE_MAX, "wait %ums",
                 draw(r, 3) == 0 ? 1 + draw(r, 8000) : 1 + draw(r, 300));
    } else if (what < 94) {
        snprintf(line, RANDOM_LINE_MAX, "client %c %s", session(r),
                 draw(r, 2) == 0 ? "up" : "down");
    } else if (what < 97) {
        snprintf(line, RANDOM_LINE_MAX, "venue %s", draw(r, 3) == 0 ? "hold" : "go");
    } else {
        snprintf(line, RANDOM_LINE_MAX, "crash %s", draw(r, 2) == 0 ? "acted" : "lost");
    }
}

/* Seeds take turns. */
static const char *const kinds[] = {
    "",          "anonymous",      "no-amend", "nameless async no-amend", "unsure async no-amend",
    "by-symbol", "no-amend async", "",         "by-symbol async no-amend"
};

/* One seed in eight has B as a drop copy throughout, and another hand on the account. */
static bool has_copy(uint64_t seed)
{
    return kinds[seed % ARRAY_LEN(kinds)][0] == '\0' && seed / ARRAY_LEN(kinds) % 4 == 3;
}

static void with_copy(struct rng *r, unsigned *hands, char *line)
{
    if (strcmp(line, "client B up") == 0) {
        snprintf(line, RANDOM_LINE_MAX, "client B up 9406=Y");
    } else if (strcmp(line, "client A up") == 0) {
        snprintf(line, RANDOM_LINE_MAX, "client A up 8013=%c 35003=%u", "NSY"[draw(r, 3)],
                 draw(r, 2000));
    } else if (draw(r, 10) == 0 && *hands < 20) {
        snprintf(line, RANDOM_LINE_MAX, "hand place %u @ 100", 1 + draw(r, 2));
        *hands += 1;
    } else if (draw(r, 10) == 0 && *hands > 0) {
        uint32_t which = 1 + draw(r, *hands);

        if (draw(r, 3) == 0) {
            snprintf(line, RANDOM_LINE_MAX, "hand cancel h%u", which);
        } else {
            snprintf(line, RANDOM_LINE_MAX, "hand fill h%u 0.%u @ 100", which, 1 + draw(r, 9));
        }
    }
}

void random_script(uint64_t seed, char (*line)[RANDOM_LINE_MAX], size_t count)
{
    struct rng r = { seed * 0x9e3779b97f4a7c15ull + 1 };
    struct ids ids = { 0 };
    const char *kind = kinds[seed % ARRAY_LEN(kinds)];
    unsigned hands = 0;

    for (int i = 0; i < 8; i++) {
        (void)draw(&r, 2);
    }
    if (kind[0] != '\0') {
        snprintf(line[0], RANDOM_LINE_MAX, "venue kind %s", kind);
    }
    for (size_t i = kind[0] != '\0'; i < count; i++) {
        one_line(&r, &ids, line[i]);
        if (has_copy(seed)) {
            with_copy(&r, &hands, line[i]);
        }
    }
    if (has_copy(seed)) {
        snprintf(line[0], RANDOM_LINE_MAX, "client B up 9406=Y");
    }
}
