/*
 * The sessions of the shell: made at start and by a reload, and what the operator does to them. The
 * turn itself is in shell.c.
 */
#include "shell.h"

#include <stdlib.h>

size_t shell_key(char out[2 * FIX_ID_MAX + 2], struct bytes client, struct bytes ours)
{
    if (client.size > FIX_ID_MAX || ours.size > FIX_ID_MAX || client.size == 0 || ours.size == 0) {
        return 0;
    }
    memcpy(out, client.data, client.size);
    out[client.size] = '\001';
    memcpy(out + client.size + 1, ours.data, ours.size);
    return client.size + 1 + ours.size;
}

static bool open_session(struct shell *sh, size_t i, const struct config_session *c,
                         const struct fix_session_config *fix)
{
    struct session *s = &sh->session[i];
    struct fix_store *store = journal_store(sh->journal, c->head.name);
    size_t size = shell_key(s->key, c->target_comp_id, c->sender_comp_id);

    s->index = (uint32_t)i;
    s->config = c;
    s->disabled = !c->enabled;
    s->since = sh->now;
    s->deadline.owner = s;
    s->fix = store == NULL ? NULL : fix_session_new(fix, store);
    return s->fix != NULL && size > 0 && ops_open(sh, s) &&
           map_put(sh->by_key, (struct bytes){ s->key, size }, s);
}

bool shell_init(struct shell *sh, uint64_t seed)
{
    const struct config *config = sh->setup->config;

    deadlines_init(&sh->deadlines);
    sh->held_until_us = NEVER_US;
    sh->by_key = map_new(seed);
    /* Room for what a reload may add: sessions are pointed at and cannot move. */
    sh->session = calloc(SESSIONS_MAX, sizeof *sh->session);
    sh->guard = logon_guard_new(config->fixbridge, seed, sh->now.wall_us, loop_wake, sh);
    if (sh->by_key == NULL || sh->session == NULL || sh->guard == NULL ||
        !deadlines_reserve(&sh->deadlines, SESSIONS_MAX)) {
        return false;
    }
    for (size_t i = 0; i < config->session_count; i++) {
        sh->session_count++;
        if (!open_session(sh, i, config->session[i], &sh->setup->fix_session[i])) {
            return false;
        }
    }
    ops_start(sh);
    return true;
}

void shell_fini(struct shell *sh)
{
    for (size_t i = 0; i < sh->session_count; i++) {
        fix_session_free(sh->session[i].fix);
    }
    ops_fini(sh);
    logon_guard_free(sh->guard);
    free(sh->session);
    map_free(sh->by_key);
    deadlines_fini(&sh->deadlines);
}

/* ---- for the operator ---------------------------------------------------------------------- */

struct session *shell_session(struct shell *sh, struct bytes name)
{
    for (size_t i = 0; i < sh->session_count; i++) {
        if (bytes_equal(sh->session[i].config->head.name, name)) {
            return &sh->session[i];
        }
    }
    return NULL;
}

bool shell_disconnect(struct shell *sh, struct session *s, const char *text)
{
    enum fix_session_state state = fix_session_state(s->fix);

    if (state == FIX_OFFLINE) {
        return false;
    }
    shell_touch(sh, s);
    if (state == FIX_UP) {
        fix_session_logout(s->fix, text, &sh->now);
    } else {
        fix_session_disconnect(s->fix, text, &sh->now);
    }
    return true;
}

bool shell_set_next(struct shell *sh, struct session *s, uint64_t in, uint64_t out)
{
    return sh->failed == NULL && fix_session_set_next(s->fix, in, out);
}

bool shell_reset(struct shell *sh, struct session *s)
{
    return sh->failed == NULL && fix_session_reset(s->fix);
}

const struct session *shell_who_has(const struct shell *sh, struct bytes client, struct bytes ours)
{
    char key[2 * FIX_ID_MAX + 2];
    size_t size = shell_key(key, client, ours);

    return size == 0 ? NULL : map_find(sh->by_key, (struct bytes){ key, size });
}

bool shell_add_session(struct shell *sh, const struct config_session *c,
                       const struct fix_session_config *fix, const struct engine_session *engine)
{
    size_t i = sh->session_count;
    struct session *s = &sh->session[i];

    if (i >= SESSIONS_MAX) {
        return false;
    }
    if (!open_session(sh, i, c, fix) || !engine_session_add(sh->engine, engine, &sh->now)) {
        (void)map_remove(sh->by_key, bytes_of(s->key));
        fix_session_free(s->fix);
        memset(s, 0, sizeof *s);
        return false;
    }
    sh->session_count++;
    shell_carry_out(sh, NULL);
    return true;
}

void shell_remove_session(struct shell *sh, struct session *s)
{
    s->removed = true;
    (void)map_remove(sh->by_key, bytes_of(s->key));
    (void)shell_disconnect(sh, s, "The session was removed");
}

bool shell_restore_session(struct shell *sh, struct session *s)
{
    s->removed = !map_put(sh->by_key, bytes_of(s->key), s);
    return !s->removed;
}
