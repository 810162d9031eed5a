/*
 * Compares two configurations by the table of keys and carries over what may change.
 */
#include "reload.h"

#include <stdio.h>
#include <stdlib.h>

#include "admin.h"
#include "config_keys.h"
#include "engine_query.h"
#include "listen.h"
#include "log.h"
#include "shell.h"

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

/* "secret" may come from "secret_file": which file was read, else an empty text. */
static struct bytes file_of(const struct config_section *section, const struct config_key *k)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s_file", k->name);
    for (size_t i = 0; (k->flags & CONFIG_SECRET) != 0 && i < config_key_count; i++) {
        if (config_keys[i].section == k->section && strcmp(config_keys[i].name, name) == 0) {
            return *(const struct bytes *)((const char *)section + config_keys[i].offset);
        }
    }
    return (struct bytes){ NULL, 0 };
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
        struct bytes file;

        if (k->section != old->kind || same_field(k, a, b)) {
            continue;
        }
        file = file_of(new, k);
        buf_printf(ch->report, "[%s%s%.*s] %s: %s%s%.*s\n", config_kind_text(old->kind),
                   old->name.size > 0 ? " " : "", BYTES_ARG(old->name), k->name,
                   can ? "changed" : "needs a restart", file.size > 0 ? ", read from " : "",
                   BYTES_ARG(file));
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

/* Names that `b` has and `a` has not, or not for that symbol. */
static size_t tell_names(struct change *ch, const struct config_account *a,
                         const struct config_account *b, const char *what)
{
    size_t count = 0;

    for (size_t i = 0; i < b->alias_count; i++) {
        bool found = false;

        for (size_t k = 0; !found && k < a->alias_count; k++) {
            found = bytes_equal(a->alias[k].ours, b->alias[i].ours) &&
                    bytes_equal(a->alias[k].venue_symbol, b->alias[i].venue_symbol);
        }
        if (!found) {
            buf_printf(ch->report, "[symbols %.*s] %.*s = %.*s: %s\n", BYTES_ARG(b->head.name),
                       BYTES_ARG(b->alias[i].ours), BYTES_ARG(b->alias[i].venue_symbol), what);
            count++;
        }
    }
    return count;
}

/* Orders keep the name they came with; new ones, and answers to questions, have the new ones. */
static void take_names(struct change *ch, struct config_account *old,
                       const struct config_account *new, struct symbols *symbols)
{
    size_t count = tell_names(ch, new, old, "removed") + tell_names(ch, old, new, "added");
    struct symbols_name *name;

    if (count == 0) {
        return;
    }
    name = calloc(new->alias_count + 1, sizeof *name);
    for (size_t i = 0; name != NULL && i < new->alias_count; i++) {
        name[i] = (struct symbols_name){ new->alias[i].ours, new->alias[i].venue_symbol };
    }
    if (name == NULL || !symbols_rename(symbols, name, new->alias_count)) {
        buf_printf(ch->report, "[symbols %.*s] needs a restart (out of memory)\n",
                   BYTES_ARG(old->head.name));
    } else {
        old->alias = new->alias;
        old->alias_count = new->alias_count;
        ch->used = true;
    }
    free(name);
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
    take_names(ch, old, new, e->symbols);
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
    struct conns_config limits;

    take_section(ch, &f->head, &ch->config->fixbridge->head);
    if (ch->sh->conns != NULL && listen_config(f, ch->sh->tls, &limits)) {
        conns_limit(ch->sh->conns, &limits);
    }
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

/* Certificates, of the listeners as they are: what cannot be used refuses the whole reload. */
static bool read_certificates(struct change *ch)
{
    const struct config_fixbridge *new = ch->config->fixbridge;
    struct tls_config config = listen_tls_config(new);
    struct tls *probe = NULL;
    char error[TLS_ERROR_MAX];
    bool good = listen_admin_tls(new, &probe, error);

    tls_free(probe);
    if (!good) {
        buf_printf(ch->report, "[fixbridge] admin_certificate: %s\n", error);
        return false;
    }
    if (ch->sh->tls != NULL && config_listens(new->tls_listen) &&
        !tls_reload(ch->sh->tls, &config, ch->report, error)) {
        buf_printf(ch->report, "[fixbridge] %s\n", error);
        return false;
    }
    admin_reload(ch->sh->admin, ch->report);
    return true;
}

bool reload_run(struct shell *sh, struct buf *report)
{
    struct reload *r = NULL;
    struct change ch = { .sh = sh, .report = report };
    bool good = false;

    if (sh->phase != SHELL_RUNS) {
        buf_text(report, "the service is stopping\n");
    } else {
        r = read_again(sh->setup->config->path, (uint64_t)sh->now.wall_us, report);
    }
    if (r != NULL) {
        ch.config = r->config;
        ch.setup = r->setup;
        good = check_access(&ch) && check_sessions(&ch) && read_certificates(&ch);
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
