/*
 * Sessions with a schedule. Numbers belong to one window (fix_schedule.h); when it has closed the
 * client is logged out and the numbers are reset for the next. Which window they belong to is kept
 * in a small file beside the journal, so that a boundary that passed while the service was down is
 * noticed at the start, once:
 *
 *     NAME <microseconds since 1970 of the window's opening>
 *
 * The file is written after the resets it tells of are durable, and before the answer to a Logon
 * that follows leaves: told too early a reset could be forgotten, told too late it could be done
 * twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "shell.h"

#define FILE_NAME "sessions.hours"
#define LINE_SIZE (2 * NAME_MAX_LEN + 64)
/* The wall clock may be set: schedules are looked at again by then at the latest. */
#define LOOK_US (30 * US_PER_S)
#define PATH_SIZE 4096

static bool has_file(const struct shell *sh)
{
    return sh->setup->config->fixbridge->durability != CONFIG_MEMORY;
}

static bool path_of(const struct shell *sh, const char *suffix, char out[PATH_SIZE])
{
    return snprintf(out, PATH_SIZE, "%.*s/" FILE_NAME "%s",
                    BYTES_ARG(sh->setup->config->fixbridge->journal_dir), suffix) < PATH_SIZE;
}

static void file_failed(const char *path, const char *what)
{
    log_write(LOG_ERROR, "hours.failed", LOG_T("file", path), LOG_T("while", what),
              LOG_T("why", strerror(errno)));
}

/* ---- the file ------------------------------------------------------------------------------ */

static void take_line(struct shell *sh, const char *line)
{
    const char *blank = strchr(line, ' ');
    struct bytes name = { line, blank == NULL ? 0 : (size_t)(blank - line) };
    char *end = NULL;
    long long at_us = blank == NULL ? 0 : strtoll(blank + 1, &end, 10);
    struct session *s = name.size == 0 ? NULL : shell_session(sh, name);

    if (s != NULL && at_us > 0 && *end == '\n') {
        s->ops.window_us = at_us;
    }
}

static void load(struct shell *sh)
{
    char path[PATH_SIZE], line[LINE_SIZE];
    FILE *f;

    if (!has_file(sh) || !path_of(sh, "", path)) {
        return;
    }
    f = fopen(path, "re");
    if (f == NULL) {
        if (errno != ENOENT) {
            file_failed(path, "open");
        }
        return;
    }
    while (fgets(line, sizeof line, f) != NULL) {
        take_line(sh, line);
    }
    (void)fclose(f);
}

static bool write_lines(const struct shell *sh, const char *path)
{
    FILE *f = fopen(path, "we");
    bool good = f != NULL;

    for (size_t i = 0; good && i < sh->session_count; i++) {
        const struct session *s = &sh->session[i];

        if (s->ops.window_us != 0) {
            good = fprintf(f, "%.*s %" PRId64 "\n", BYTES_ARG(s->config->head.name),
                           s->ops.window_us) > 0;
        }
    }
    good = good && fflush(f) == 0 && fsync(fileno(f)) == 0;
    return (f == NULL || fclose(f) == 0) && good;
}

static void save(struct shell *sh)
{
    char path[PATH_SIZE], fresh[PATH_SIZE];

    if (!path_of(sh, "", path) || !path_of(sh, ".new", fresh)) {
        return;
    }
    if (!write_lines(sh, fresh) || rename(fresh, path) != 0) {
        file_failed(path, "write");
    }
}

/* ---- windows ------------------------------------------------------------------------------- */

static bool is_behind(const struct session *s, int64_t open_us)
{
    /* Never back: the wall clock may have been set, and the numbers were reset already. */
    return s->ops.window_us != 0 && open_us > s->ops.window_us;
}

static void enter(struct shell *sh, struct session *s, int64_t open_us)
{
    s->ops.window_us = open_us;
    sh->ops.hours_dirty = has_file(sh);
    sh->ops.hours_lsn = UINT64_MAX; /* until the turn's commit */
}

static bool reset(struct session *s)
{
    bool fresh = fix_session_next_in(s->fix) == 1 && fix_session_next_out(s->fix) == 1;

    if (!fresh && !fix_session_reset(s->fix)) {
        log_write(LOG_ERROR, "session.hours", LOG_B("session", s->config->head.name),
                  LOG_T("why", "its numbers cannot be reset: the journal failed"));
        return false;
    }
    log_write(LOG_INFO, "session.reset", LOG_B("session", s->config->head.name),
              LOG_T("why", "its schedule"));
    return true;
}

/* True: something was done. */
static bool look_at(struct shell *sh, struct session *s, struct fix_window w)
{
    bool open = w.open_us <= sh->now.wall_us;

    if (s->ops.window_us == 0) {
        enter(sh, s, w.open_us); /* new to schedules: its numbers are those of now */
        return true;
    }
    if (fix_session_state(s->fix) == FIX_OFFLINE) {
        if (is_behind(s, w.open_us) && reset(s)) {
            enter(sh, s, w.open_us);
            return true;
        }
        return false;
    }
    if ((!open || is_behind(s, w.open_us)) && fix_session_state(s->fix) == FIX_UP) {
        fix_session_logout(s->fix, "The session's hours have ended", &sh->now);
        shell_touch(sh, s);
        return true;
    }
    return false; /* what is going down is reset when it is */
}

bool hours_tick(struct shell *sh)
{
    int64_t next_us = NEVER_US;
    bool any = false;

    if (sh->failed != NULL || sh->ops.hours_us > sh->now.mono_us) {
        return false;
    }
    for (size_t i = 0; i < sh->session_count; i++) {
        const struct fix_schedule *schedule = &sh->session[i].config->schedule;

        if (!schedule->always && !sh->session[i].removed) {
            struct fix_window w = fix_schedule_window(schedule, sh->now.wall_us);
            int64_t change = w.open_us > sh->now.wall_us ? w.open_us : w.close_us;

            any = look_at(sh, &sh->session[i], w) || any;
            next_us = change < next_us ? change : next_us;
        }
    }
    /* Looked at even if nobody has a schedule now: a reload may bring one. */
    sh->ops.hours_us = sh->now.mono_us + LOOK_US;
    if (next_us != NEVER_US && next_us - sh->now.wall_us < LOOK_US) {
        sh->ops.hours_us = sh->now.mono_us + (next_us - sh->now.wall_us);
    }
    return any;
}

void hours_changed(struct shell *sh, struct session *s)
{
    const struct fix_schedule *schedule = &s->config->schedule;
    int64_t now_us = sh->now.wall_us, window_us = 0;

    if (!schedule->always) {
        struct fix_window w = fix_schedule_window(schedule, now_us);

        window_us = w.open_us <= now_us ? w.open_us : now_us;
    }
    enter(sh, s, window_us);
    sh->ops.hours_us = sh->now.mono_us; /* looked at before the turn ends */
}

void hours_start(struct shell *sh)
{
    load(sh);
    sh->ops.hours_us = sh->now.mono_us;
    (void)hours_tick(sh);
}

const char *hours_refuse(const struct shell *sh, const struct session *s)
{
    const struct fix_schedule *schedule = &s->config->schedule;
    struct fix_window w;

    if (schedule->always) {
        return NULL;
    }
    w = fix_schedule_window(schedule, sh->now.wall_us);
    if (w.open_us > sh->now.wall_us) {
        return "outside the session's hours";
    }
    return is_behind(s, w.open_us) ? "its numbers are not reset yet" : NULL;
}

void hours_release(struct shell *sh, uint64_t durable)
{
    if (!sh->ops.hours_dirty) {
        return;
    }
    if (sh->ops.hours_lsn == UINT64_MAX) {
        sh->ops.hours_lsn = journal_last(sh->journal);
    }
    if (durable < sh->ops.hours_lsn) {
        return;
    }
    save(sh); /* if it fails that is told; keeping clients out would not make it better */
    sh->ops.hours_dirty = false;
}
