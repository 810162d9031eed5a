/*
 * fixclient: sends the application messages of a message log again. Takes the bridge's log and this
 * client's own (STAMP SESSION in|out 8=FIX...), with '|' or SOH between the fields, and plain files
 * of messages one after the other. What was said twice (43=Y) and the session's own messages are
 * left out; header, times and, when asked for, the ids are made anew.
 */
#include "fixclient.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOG_MAX = 1 << 30, IDS_BUCKETS = 4096, ID_MAX = 128 };

struct renamed {
    char *old;
    uint64_t number;
    struct renamed *next;
};

struct replay {
    struct fc_script *sc;
    const char *dir, *session; /* NULL: what clients send; all sessions */
    double speed;              /* 0: no waiting */
    bool fresh, unchecked;
    uint64_t limit;
    uint64_t sent, other, session_level, resends, garbled;
    int64_t first_log_us, first_us;
    char prefix[32];
    uint64_t ids;
    struct renamed *renamed[IDS_BUCKETS];
};

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    fc_interrupted = 1;
}

/* ---- ids ----------------------------------------------------------------------------------- */

/* The number of an id that was renamed, or a new one when `make`; 0: it was not. */
static uint64_t rename_id(struct replay *r, const struct fc_field *f, bool make)
{
    struct renamed **at = &r->renamed[fc_hash(f->val, f->len, 1) % IDS_BUCKETS];

    for (struct renamed *n = *at; n != NULL; n = n->next) {
        if (strlen(n->old) == f->len && memcmp(n->old, f->val, f->len) == 0) {
            return n->number;
        }
    }
    if (make) {
        struct renamed *n = calloc(1, sizeof *n);

        if (n == NULL) {
            fc_die("out of memory");
        }
        n->old = fc_copy(f->val, f->len);
        n->number = ++r->ids;
        n->next = *at;
        *at = n;
        return n->number;
    }
    return 0;
}

static void ids_free(struct replay *r)
{
    for (size_t i = 0; i < IDS_BUCKETS; i++) {
        while (r->renamed[i] != NULL) {
            struct renamed *n = r->renamed[i];

            r->renamed[i] = n->next;
            free(n->old);
            free(n);
        }
    }
}

/* ClOrdID, and what names lists, requests and queries. */
static bool names_request(uint32_t tag)
{
    static const uint32_t tags[] = { 11, 66, 262, 320, 335, 568, 584, 710 };

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* ---- one message --------------------------------------------------------------------------- */

static bool in_list(const uint32_t *list, size_t count, uint32_t tag)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == tag) {
            return true;
        }
    }
    return false;
}

/* The session writes these itself. */
static bool is_ours(uint32_t tag)
{
    static const uint32_t tags[] = { 8, 9, 35, 49, 56, 34, 52, 10, 43, 97, 122, 369 };

    return in_list(tags, sizeof tags / sizeof tags[0], tag);
}

/* These belong right behind the header that the session writes. */
static bool is_header(uint32_t tag)
{
    static const uint32_t tags[] = { 50,  57,  115, 116, 128, 129, 142, 143, 144,
                                     145, 212, 213, 347, 627, 628, 629, 630 };

    return in_list(tags, sizeof tags / sizeof tags[0], tag);
}

static void add_field(struct replay *r, const struct fc_field *f, struct fc_buf *body)
{
    char text[ID_MAX];
    uint64_t number = 0;

    if (f->tag == 60) {
        fc_timestamp(text, fc_wall_us());
        fc_field_add(body, 60, text);
        return;
    }
    if (r->fresh && (names_request(f->tag) || f->tag == 41)) {
        number = rename_id(r, f, f->tag != 41);
    }
    if (number != 0) {
        snprintf(text, sizeof text, "%s%llu", r->prefix, (unsigned long long)number);
        fc_field_add(body, f->tag, text);
        return;
    }
    if (r->fresh && f->tag == 37) {
        return; /* the acceptor's name of another day's order */
    }
    fc_buf_uint(body, f->tag);
    fc_buf_text(body, "=");
    fc_buf_add(body, f->val, f->len + 1);
}

static void send_again(struct replay *r, const struct fc_msg *m)
{
    struct fc_buf body = { 0 };
    char type[8];

    fc_get_text(m, 35, type, sizeof type);
    for (int header = 1; header >= 0; header--) {
        for (size_t i = 0; i < m->count; i++) {
            if (!is_ours(m->field[i].tag) && is_header(m->field[i].tag) == (header == 1)) {
                add_field(r, &m->field[i], &body);
            }
        }
    }
    fc_session_send(r->sc->session, type, &body);
    r->sent++;
}

/* SendingTime in microseconds; 0: none. */
static int64_t sent_at(const struct fc_msg *m)
{
    struct tm tm = { 0 };
    char text[40];
    const char *rest;
    int64_t us;
    int digits = 0;

    fc_get_text(m, 52, text, sizeof text);
    rest = strptime(text, "%Y%m%d-%H:%M:%S", &tm);
    if (rest == NULL) {
        return 0;
    }
    us = (int64_t)timegm(&tm) * 1000000;
    if (*rest == '.') {
        int64_t fraction = 0;

        for (rest++; *rest >= '0' && *rest <= '9' && digits < 6; rest++, digits++) {
            fraction = fraction * 10 + (*rest - '0');
        }
        for (; digits < 6; digits++) {
            fraction *= 10;
        }
        us += fraction;
    }
    return us;
}

/* Until the message's turn; false: the session is down, or the user has had enough. */
static bool wait_turn(struct replay *r, const struct fc_msg *m)
{
    struct fc_session *s = r->sc->session;
    int64_t at = sent_at(m), due;

    fc_net_turn(s, -1, 0);
    if (r->first_us == 0) {
        r->first_us = fc_mono_us();
        r->first_log_us = at;
    }
    if (r->speed > 0 && at > r->first_log_us && r->first_log_us > 0) {
        due = r->first_us + (int64_t)((double)(at - r->first_log_us) / r->speed);
        while (fc_mono_us() < due && s->state == FC_UP && !fc_interrupted) {
            fc_net_turn(s, -1, due);
        }
    }
    while (s->state == FC_UP && s->out.len > 1 << 20 && !fc_interrupted) {
        fc_net_turn(s, -1, fc_mono_us() + 100000);
    }
    return s->state == FC_UP && !fc_interrupted;
}

/* ---- the log ------------------------------------------------------------------------------- */

/* Words before the message on its line: STAMP SESSION in|out. */
static void read_prefix(const char *from, const char *to, char session[80], char dir[8])
{
    char text[256];
    size_t n = (size_t)(to - from) < sizeof text - 1 ? (size_t)(to - from) : sizeof text - 1;

    memcpy(text, from, n);
    text[n] = '\0';
    session[0] = dir[0] = '\0';
    if (sscanf(text, "%*s %79s %7s", session, dir) != 2) {
        session[0] = dir[0] = '\0';
    }
}

static bool wanted(struct replay *r, const struct fc_msg *m, const char *session, const char *dir)
{
    char type[8];

    fc_get_text(m, 35, type, sizeof type);
    if (strlen(type) == 1 && strchr("012345A", type[0]) != NULL) {
        r->session_level++;
        return false;
    }
    if (fc_is(m, 43, "Y")) {
        r->resends++;
        return false;
    }
    if ((r->session != NULL && strcmp(r->session, session) != 0) ||
        (r->dir != NULL ? strcmp(r->dir, dir) != 0 : !fc_order_is_request(type))) {
        r->other++;
        return false;
    }
    return true;
}

/* Where the message ends: behind its CheckSum; NULL: it does not, or the next begins before. */
static char *end_of(char *p, char *end, char separator)
{
    char mark[] = { separator, '1', '0', '=', '\0' };
    char *next = memmem(p + 5, (size_t)(end - p - 5), "8=FIX", 5);
    char *sum;

    end = next != NULL ? next : end;
    sum = memmem(p, (size_t)(end - p), mark, 4);
    if (sum == NULL || sum + 8 > end || sum[7] != separator) {
        return sum != NULL && sum + 7 == end ? end : NULL;
    }
    return sum + 8;
}

/* A field that held a '|' itself, or was masked, no longer adds up: it is not what was sent. */
static bool intact(const struct replay *r, const char *p, size_t len)
{
    const char *why;
    size_t used;

    return r->unchecked || (fc_frame(p, len, &used, &why) == FC_FRAME_OK && used == len);
}

/* False: it is over. */
static bool replay_one(struct replay *r, const struct fc_msg *m)
{
    if (!intact(r, m->raw, m->len)) {
        r->garbled++;
        return true;
    }
    if (!wait_turn(r, m)) {
        return false;
    }
    send_again(r, m);
    return true;
}

static bool replay_text(struct replay *r, char *p, char *end)
{
    static struct fc_msg m;
    char *line = p;
    char session[80], dir[8];

    while ((p = memmem(p, (size_t)(end - p), "8=FIX", 5)) != NULL && r->sent < r->limit) {
        char *field_end = p, *stop;
        char *start = memrchr(line, '\n', (size_t)(p - line));

        while (field_end < end && *field_end != FC_SOH && *field_end != '|' && *field_end != '\n') {
            field_end++;
        }
        stop = field_end < end && *field_end != '\n' ? end_of(p, end, *field_end) : NULL;
        if (stop == NULL) {
            r->garbled++;
            p += 5;
            continue;
        }
        read_prefix(start != NULL ? start + 1 : line, p, session, dir);
        for (char *c = *field_end == '|' ? p : stop; c < stop; c++) {
            *c = *c == '|' ? FC_SOH : *c;
        }
        line = stop;
        if (!fc_parse(&m, p, (size_t)(stop - p)) || !fc_has(&m, 35)) {
            r->garbled++;
        } else if (wanted(r, &m, session, dir) && !replay_one(r, &m)) {
            return false;
        }
        p = stop;
    }
    return true;
}

static bool read_file(const char *path, struct fc_buf *out)
{
    FILE *f = fopen(path, "re");
    char piece[65536];
    size_t n;
    bool good;

    if (f == NULL) {
        return false;
    }
    fc_buf_text(out, "");
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && out->len < LOG_MAX) {
        fc_buf_add(out, piece, n);
    }
    good = ferror(f) == 0 && out->len < LOG_MAX;
    fclose(f);
    return good;
}

/* ---- the command --------------------------------------------------------------------------- */

static bool read_option(struct replay *r, char *word)
{
    char *value = strchr(word, '=');
    unsigned long long limit;
    char after;

    if (value == NULL) {
        return false;
    }
    *value++ = '\0';
    if (strcmp(word, "dir") == 0 && (strcmp(value, "in") == 0 || strcmp(value, "out") == 0)) {
        r->dir = value;
    } else if (strcmp(word, "session") == 0) {
        r->session = value;
    } else if (strcmp(word, "ids") == 0 &&
               (strcmp(value, "fresh") == 0 || strcmp(value, "same") == 0)) {
        r->fresh = value[0] == 'f';
    } else if (strcmp(word, "check") == 0 && strcmp(value, "no") == 0) {
        r->unchecked = true;
    } else if (strcmp(word, "speed") == 0 && strcmp(value, "max") == 0) {
        r->speed = 0;
    } else if (strcmp(word, "limit") == 0 && sscanf(value, "%llu%c", &limit, &after) == 1) {
        r->limit = limit;
    } else {
        return strcmp(word, "speed") == 0 && sscanf(value, "%lf%c", &r->speed, &after) == 1 &&
               r->speed > 0;
    }
    return true;
}

static enum fc_result tell(const struct replay *r, bool whole)
{
    fc_say(
        r->sc->ctx,
        "%s: %llu messages sent again in %.3f s; left out: %llu of the session, %llu said twice, "
        "%llu of others, %llu unreadable",
        whole            ? "replay"
        : fc_interrupted ? "replay interrupted"
                         : "FAILED: the session went down",
        (unsigned long long)r->sent,
        r->first_us == 0 ? 0 : (double)(fc_mono_us() - r->first_us) / 1e6,
        (unsigned long long)r->session_level, (unsigned long long)r->resends,
        (unsigned long long)r->other, (unsigned long long)r->garbled);
    return whole || fc_interrupted ? FC_OK : FC_FAILED;
}

enum fc_result fc_replay(struct fc_script *sc, const struct fc_line *line)
{
    struct replay *r = calloc(1, sizeof *r);
    struct fc_buf text = { 0 };
    enum fc_result result = FC_BAD_COMMAND;
    bool good = line->count > 1;
    void (*before)(int);

    if (r == NULL) {
        fc_die("out of memory");
    }
    *r = (struct replay){ .sc = sc, .speed = 1, .limit = UINT64_MAX };
    snprintf(r->prefix, sizeof r->prefix, "R%llx-", (unsigned long long)fc_wall_us() / 1000);
    for (size_t i = 2; i < line->count; i++) {
        good = read_option(r, line->word[i]) && good;
    }
    if (sc->ctx->log != NULL) {
        (void)fflush(
            sc->ctx->log); /* it may be the one that is wanted; a failure shows at the end */
    }
    if (!good) {
        fc_say(sc->ctx, "replay FILE [speed=1|10|max] [ids=same|fresh] [dir=in|out] [session=NAME] "
                        "[limit=N] [check=no]");
    } else if (!read_file(line->word[1], &text)) {
        fc_say(sc->ctx, "replay %s: %s", line->word[1],
               errno != 0 ? strerror(errno) : "more than 1 GiB");
    } else {
        fc_interrupted = 0;
        before = signal(SIGINT, on_interrupt);
        result = tell(r, replay_text(r, text.p, text.p + text.len));
        (void)signal(SIGINT, before);
    }
    fc_buf_free(&text);
    ids_free(r);
    free(r);
    return result;
}
