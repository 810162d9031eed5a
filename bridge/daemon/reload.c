/*
 * Compares two configurations by the table of keys and carries over what may change.
 */
#include "reload.h"

#include <stdlib.h>

#include "config_keys.h"
#include "engine_query.h"
#include "log.h"
#include "shell.h"
#include "tls.h"

struct reload {
    struct reload *next;
    struct config *config;
    struct setup *setup;
};

/* A reload at work. */
struct change {
    struct shell *sh;
    struct config *config; /* the new one */
    struct setup *setup;
    struct buf *report;
    bool used; /* something points into the new ones */
};

void reload_free(struct reload *r)
{
    while (r != NULL) {
        struct reload *next = r->next;

        setup_free(r->setup);
        config_free(r->config);
        free(r);
        r = next;
    }
}

/* ---- fields -------------------------------------------------------------------------------- */

static size_t field_size(const struct config_key *k)
{
    switch (k->type) {
    case CONFIG_BOOL: return sizeof(bool);
    case CONFIG_INT:
    case CONFIG_DURATION:
    case CONFIG_AGE:
    case CONFIG_ENUM: return sizeof(uint32_t);
    case CONFIG_LIST: return sizeof(struct config_list);
    case CONFIG_IP_LIST: return sizeof(struct ip_list);
    case CONFIG_TEXT:
    case CONFIG_NAME:
    case CONFIG_COMP_ID:
    case CONFIG_VENUE:
    case CONFIG_URL:
    case CONFIG_HOST_PORT:
    case CONFIG_FILE:
    case CONFIG_SECRET_FILE:
    case CONFIG_DIRECTORY:
    case CONFIG_LOG_FILE:
    case CONFIG_TYPE_COUNT: break;
    }
    return sizeof(struct bytes);
}

static bool same_list(const struct config_list *a, const struct config_list *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++) {
        same = bytes_equal(a->item[i], b->item[i]);
    }
    return same;
}

static bool same_ip_list(const struct ip_list *a, const struct ip_list *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->item, b->item, a->count * sizeof *a->item) == 0);
}

static bool same_field(const struct config_key *k, const void *a, const void *b)
{
    size_t size = field_size(k);

    if (k->type == CONFIG_LIST) {
        return same_list(a, b);
    }
    if (k->type == CONFIG_IP_LIST) {
        return same_ip_list(a, b);
    }
    return size == sizeof(struct bytes)
               ? bytes_equal(*(const struct bytes *)a, *(const struct bytes *)b)
               : memcmp(a, b, size) == 0;
}

static void take_field(const struct config_key *k, void *old, const void *new)
{
    if ((k->flags & CONFIG_SECRET) != 0) {
        struct bytes *secret = old;

        if (secret->size > 0) {
            explicit_bzero((char *)(uintptr_t)secret->data, secret->size);
        }
    }
    memcpy(old, new, field_size(k));
}

/* Carries over one section's reloadable keys and tells of each key that differs. */
static void take_section(struct change *ch, struct config_section *old,
                         const struct config_section *new)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *k = &config_keys[i];
        bool can = (k->flags & CONFIG_RELOADABLE) != 0;
        void *a = (char *)old + k->offset;
        const void *b = (const char *)new + k->offset;

        if (k->section != old->kind || same_field(k, a, b)) {
            continue;
        }
        buf_printf(ch->report, "[%s%s%.*s] %s: %s\n", config_kind_text(old->kind),
                   old->name.size > 0 ? " " : "", BYTES_ARG(old->name), k->name,
                   can ? "changed" : "needs a restart");
        if (can) {
            take_field(k, a, b);
            ch->used = true;
        }
    }
}

/* ---- accounts and the service -------------------------------------------------------------- */

static struct config_account *find_account(const struct config *c, struct bytes name)
{
    for (size_t i = 0; i < c->account_count; i++) {
        if (bytes_equal(c->account[i]->head.name, name)) {
            return c->account[i];
        }
    }
    return NULL;
}

static bool same_aliases(const struct config_account *a, const struct config_account *b)
{
    bool same = a->alias_count == b->alias_count;

    for (size_t i = 0; same && i < a->alias_count; i++) {
        same = bytes_equal(a->alias[i].ours, b->alias[i].ours) &&
               bytes_equal(a->alias[i].venue_symbol, b->alias[i].venue_symbol);
    }
    return same;
}

static void take_account(struct change *ch, size_t index)
{
    struct config_account *old = ch->sh->setup->config->account[index];
    struct config_account *new = find_account(ch->config, old->head.name);
    struct engine_account *e = &ch->sh->setup->engine_account[index];

    if (new == NULL) {
        buf_printf(ch->report, "[account %.*s] removed: needs a restart\n",
                   BYTES_ARG(old->head.name));
        return;
    }
    take_section(ch, &old->head, &new->head);
    if (!same_aliases(old, new)) {
        buf_printf(ch->report, "[symbols %.*s] needs a restart\n", BYTES_ARG(old->head.name));
    }
    e->poll_fills_ms = old->poll_fills;
    e->poll_orders_ms = old->poll_orders;
    e->poll_idle_ms = old->poll_idle;
    e->instruments_refresh_s = old->instruments_refresh / 1000;
    e->order_wait_max_ms = old->order_wait_max;
    e->cancel_wait_max_ms = old->cancel_wait_max;
}

static void take_service(struct change *ch)
{
    const struct config *running = ch->sh->setup->config;
    struct config_fixbridge *f = running->fixbridge;

    take_section(ch, &f->head, &ch->config->fixbridge->head);
    log_setup((enum log_level)f->log_level, (enum log_format)f->log_format);
    engine_note_least(ch->sh->engine, log_enabled(LOG_DEBUG) ? NOTE_DEBUG : NOTE_INFO);
    venue_io_log(ch->sh->venue, f->log_rest);
    for (size_t i = 0; i < running->account_count; i++) {
        take_account(ch, i);
    }
    for (size_t i = 0; i < ch->config->account_count; i++) {
        struct bytes name = ch->config->account[i]->head.name;

        if (find_account(running, name) == NULL) {
            buf_printf(ch->report, "[account %.*s] added: needs a restart\n", BYTES_ARG(name));
        }
    }
}

/* ---- sessions ------------------------------------------------------------------------------ */

static struct config_session *find_session(const struct config *c, struct bytes name)
{
    for (size_t i = 0; i < c->session_count; i++) {
        if (bytes_equal(c->session[i]->head.name, name)) {
            return c->session[i];
        }
    }
    return NULL;
}

/* Before anything changes: what makes the whole reload impossible. */
static bool check_sessions(struct change *ch)
{
    bool good = true;

    for (size_t i = 0; i < ch->sh->session_count; i++) {
        const struct session *s = &ch->sh->session[i];
        size_t live = engine_session_live(ch->sh->engine, s->index);

        if (!s->removed && find_session(ch->config, s->config->head.name) == NULL && live > 0) {
            buf_printf(ch->report, "[session %.*s] cannot be removed: %zu live orders\n",
                       BYTES_ARG(s->config->head.name), live);
            good = false;
        }
    }
    return good;
}

/* The accounts of a new session by the running service's numbers. */
static bool number_names(struct change *ch, const struct config_session *c,
                         const struct config_list *names, uint32_t *index)
{
    for (size_t i = 0; i < names->count; i++) {
        bool found = false;

        for (uint32_t k = 0; k < engine_accounts(ch->sh->engine); k++) {
            if (bytes_equal(engine_account_name(ch->sh->engine, k), names->item[i])) {
                index[i] = k;
                found = true;
            }
        }
        if (!found) {
            buf_printf(ch->report, "[session %.*s] added: needs a restart (account %.*s is new)\n",
                       BYTES_ARG(c->head.name), BYTES_ARG(names->item[i]));
            return false;
        }
    }
    return true;
}

static bool number_accounts(struct change *ch, struct config_session *c)
{
    return number_names(ch, c, &c->accounts, c->account) &&
           number_names(ch, c, &c->drop_copy, c->copied);
}

static void add_session(struct change *ch, size_t index)
{
    struct config_session *c = ch->config->session[index];
    const struct session *other = shell_who_has(ch->sh, c->target_comp_id, c->sender_comp_id);

    if (other != NULL) {
        buf_printf(ch->report,
                   "[session %.*s] added: needs a restart (its CompIDs are still those of "
                   "[session %.*s])\n",
                   BYTES_ARG(c->head.name), BYTES_ARG(other->config->head.name));
        return;
    }
    if (!number_accounts(ch, c)) {
        return;
    }
    if (!shell_add_session(ch->sh, c, &ch->setup->fix_session[index],
                           &ch->setup->engine_session[index])) {
        buf_printf(ch->report, "[session %.*s] added: needs a restart (no room)\n",
                   BYTES_ARG(c->head.name));
        return;
    }
    ch->used = true;
    buf_printf(ch->report, "[session %.*s] added\n", BYTES_ARG(c->head.name));
}

static bool same_hours(const struct config_session *a, const struct config_session *b)
{
    return a->non_stop_session == b->non_stop_session &&
           bytes_equal(a->start_time, b->start_time) && bytes_equal(a->end_time, b->end_time) &&
           bytes_equal(a->start_day, b->start_day) && bytes_equal(a->end_day, b->end_day) &&
           bytes_equal(a->time_zone, b->time_zone) && same_list(&a->weekdays, &b->weekdays);
}

static void take_session(struct change *ch, struct session *s, const struct config_session *new)
{
    struct config_session *old = (struct config_session *)(uintptr_t)s->config;
    bool was_enabled = old->enabled, new_hours = !same_hours(old, new);

    if (s->removed) {
        if (shell_who_has(ch->sh, old->target_comp_id, old->sender_comp_id) != NULL ||
            !shell_restore_session(ch->sh, s)) {
            buf_printf(ch->report, "[session %.*s] added again: needs a restart\n",
                       BYTES_ARG(old->head.name));
            return;
        }
        buf_printf(ch->report, "[session %.*s] added again\n", BYTES_ARG(old->head.name));
    }
    take_section(ch, &old->head, &new->head);
    if (new_hours) {
        old->schedule = new->schedule; /* its time zone is that of the new configuration, kept */
        hours_changed(ch->sh, s);
    }
    if (old->enabled != was_enabled) {
        s->disabled = !old->enabled;
        if (s->disabled) {
            (void)shell_disconnect(ch->sh, s, "The session is disabled"); /* fine when offline */
        }
    }
}

static void take_sessions(struct change *ch)
{
    for (size_t i = 0; i < ch->sh->session_count; i++) {
        struct session *s = &ch->sh->session[i];
        const struct config_session *new = find_session(ch->config, s->config->head.name);

        if (new != NULL) {
            take_session(ch, s, new);
        } else if (!s->removed) {
            buf_printf(ch->report, "[session %.*s] removed\n", BYTES_ARG(s->config->head.name));
            shell_remove_session(ch->sh, s);
        }
    }
    for (size_t i = 0; i < ch->config->session_count; i++) {
        if (shell_session(ch->sh, ch->config->session[i]->head.name) == NULL) {
            add_session(ch, i);
        }
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void report_mistakes(struct config_mistakes *m, struct buf *report)
{
    config_mistakes_sort(m);
    for (size_t i = 0; i < m->count && i < CONFIG_MISTAKES_MAX; i++) {
        buf_text(report, m->item[i].text);
        buf_char(report, '\n');
    }
}

static void log_lines(enum log_level level, struct bytes report)
{
    while (report.size > 0) {
        const char *end = memchr(report.data, '\n', report.size);
        size_t size = end == NULL ? report.size : (size_t)(end - report.data);

        log_write(level, "reload", LOG_B("what", ((struct bytes){ report.data, size })));
        size += end == NULL ? 0 : 1;
        report.data += size;
        report.size -= size;
    }
}

/* Listeners stay as they are until a restart: what lets a session in by the new configuration must
 * be safe with those of the running service, else "auth = none" beside a listener moved to loopback
 * would open the one that is not. */
static bool check_access(struct change *ch)
{
    struct config_mistakes *m = config_mistakes_new(ch->config->path);
    struct config mixed = *ch->config;
    bool good;

    if (m == NULL) {
        buf_text(ch->report, "out of memory\n");
        return false;
    }
    mixed.fixbridge = ch->sh->setup->config->fixbridge;
    for (size_t i = 0; i < mixed.session_count; i++) {
        config_check_access(&mixed, m, mixed.session[i]);
    }
    good = m->count == 0;
    if (!good) {
        buf_text(ch->report, "with the listeners of the running service, which need a restart:\n");
    }
    report_mistakes(m, ch->report);
    config_mistakes_free(m);
    return good;
}

/* NULL: mistakes, or out of memory; the report says which. */
static struct reload *read_again(const char *path, uint64_t seed, struct buf *report)
{
    struct config_mistakes *m = config_mistakes_new(path);
    struct reload *r = calloc(1, sizeof *r);

    if (m != NULL && r != NULL) {
        r->config = config_load(path, m);
        r->setup = r->config == NULL ? NULL : setup_new(r->config, seed, m);
        report_mistakes(m, report);
    }
    if (r != NULL && r->setup == NULL) {
        reload_free(r);
        r = NULL;
    }
    if (r == NULL && report->size == 0) {
        buf_text(report, "out of memory\n");
    }
    config_mistakes_free(m);
    return r;
}

bool reload_run(struct shell *sh, struct buf *report)
{
    struct reload *r = NULL;
    struct change ch = { .sh = sh, .report = report };
    char error[TLS_ERROR_MAX];
    bool good = false;

    if (sh->phase != SHELL_RUNS) {
        buf_text(report, "the service is stopping\n");
    } else {
        r = read_again(sh->setup->config->path, (uint64_t)sh->now.wall_us, report);
    }
    if (r != NULL) {
        ch.config = r->config;
        ch.setup = r->setup;
        good = check_access(&ch) && check_sessions(&ch);
    }
    if (good && sh->tls != NULL && !tls_reload(sh->tls, error)) {
        buf_printf(report, "%s\n", error);
        good = false;
    }
    if (good) {
        take_service(&ch);
        take_sessions(&ch);
    }
    if (good && report->size == 0) {
        buf_text(report, "nothing has changed\n");
    }
    if (ch.used) {
        r->next = sh->reload;
        sh->reload = r;
    } else {
        reload_free(r);
    }
    log_lines(good ? LOG_INFO : LOG_ERROR, buf_view(report));
    return good;
}
