/*
 * Makes what the configuration names. Reads dictionary files; opens no socket and no journal.
 */
#include "setup.h"
#include "report_extra.h"
#include "tag_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* FIX44.xml has about 300 KiB; a dialect with every extension stays far below. */
#define DICTIONARY_MAX (16 * 1024 * 1024)

/* ---- dictionaries -------------------------------------------------------------------------- */

static bool read_whole(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "re");
    size_t n;
    bool good;

    if (f == NULL) {
        return false;
    }
    do {
        if (!buf_reserve(out, 64 * 1024)) {
            break;
        }
        n = fread(out->data + out->size, 1, 64 * 1024, f);
        out->size += n;
    } while (n > 0);
    good = !ferror(f) && !out->failed;
    (void)fclose(f);
    return good;
}

static struct fix_dict *read_dict(const char *path, char *error, size_t error_size)
{
    struct tag_custom custom;
    struct buf xml;
    struct fix_dict *d = NULL;

    buf_init(&xml, DICTIONARY_MAX);
    if (!read_whole(path, &xml)) {
        (void)snprintf(error, error_size, "cannot be read, or is larger than %d bytes",
                       DICTIONARY_MAX);
    } else {
        d = fix_dict_new(buf_view(&xml), error, error_size);
    }
    buf_fini(&xml);
    for (size_t at = 0; d != NULL && tag_custom_next(&at, &custom);) {
        const struct bytes type = bytes_of(custom.msg_type);

        if (custom.group == 0 ? !fix_dict_add_field(d, type, custom.tag, custom.name, custom.type)
                              : !fix_dict_add_group_field(d, type, custom.group, custom.tag,
                                                          custom.name, custom.type)) {
            (void)snprintf(error, error_size, "field %u cannot be added to message %s", custom.tag,
                           custom.msg_type);
            fix_dict_free(d);
            d = NULL;
        }
    }
    return d;
}

/* What refused something may not say that it was only for want of memory, but malloc does. */
static const char *for_memory(void)
{
    return errno == ENOMEM ? " (out of memory)" : "";
}

/* Each file is read once however many sessions name it. */
static const struct fix_dict *find_dict(struct setup *s, const struct config_section *section,
                                        struct bytes path, struct config_mistakes *m)
{
    char error[512] = "";

    for (size_t i = 0; i < s->dict_count; i++) {
        if (bytes_is(path, s->dict_path[i])) {
            return s->dict[i];
        }
    }
    s->dict_path[s->dict_count] = path.data;
    errno = 0;
    s->dict[s->dict_count] = read_dict(path.data, error, sizeof error);
    if (s->dict[s->dict_count] == NULL) {
        config_mistake_at(m, section, config_line_of(section, "dictionary"), "dictionary",
                          "expected a FIX dictionary in QuickFIX's format, got \"%.*s\": %s%s",
                          BYTES_ARG(path), error, for_memory());
    } else if (strcmp(fix_dict_begin_string(s->dict[s->dict_count]), "FIX.4.4") != 0) {
        config_mistake_at(m, section, config_line_of(section, "dictionary"), "dictionary",
                          "expected a dictionary of FIX.4.4, got one of %s",
                          fix_dict_begin_string(s->dict[s->dict_count]));
    }
    return s->dict[s->dict_count++];
}

/* ---- accounts ------------------------------------------------------------------------------ */

static void make_symbols(struct setup *s, size_t i, uint64_t seed, struct config_mistakes *m)
{
    const struct config_account *a = s->config->account[i];

    s->symbols[i] = symbols_new(seed);
    for (size_t k = 0; s->symbols[i] != NULL && k < a->alias_count; k++) {
        if (!symbols_alias(s->symbols[i], a->alias[k].ours, a->alias[k].venue_symbol)) {
            config_mistake(m, a->alias[k].line,
                           "[symbols %.*s] %.*s: cannot be used as a name for \"%.*s\"",
                           BYTES_ARG(a->head.name), BYTES_ARG(a->alias[k].ours),
                           BYTES_ARG(a->alias[k].venue_symbol));
        }
    }
    if (s->symbols[i] == NULL) {
        config_mistake(m, a->head.line, "out of memory");
    }
}

/* "name=value name=value" into the account's options; the texts stay the configuration's. */
static void read_options(struct setup *s, size_t i, struct config_mistakes *m)
{
    const struct config_account *a = s->config->account[i];
    struct venue_arg *option = &s->venue_option[i * VENUE_ARGS_MAX];
    struct bytes left = a->options;
    size_t count = 0;

    while (left.size > 0) {
        struct venue_arg one = { { left.data, 0 }, { NULL, 0 } };
        size_t size = 0;

        while (size < left.size && left.data[size] != ' ') {
            size++;
        }
        while (one.name.size < size && left.data[one.name.size] != '=') {
            one.name.size++;
        }
        if (size > 0 && (one.name.size == 0 || one.name.size == size || count == VENUE_ARGS_MAX)) {
            config_mistake_at(m, &a->head, config_line_of(&a->head, "options"), "options",
                              "expected up to %d of name=value separated by blanks, got \"%.*s\"",
                              VENUE_ARGS_MAX, (int)size, left.data);
            return;
        }
        if (size > 0) {
            one.value = (struct bytes){ left.data + one.name.size + 1, size - one.name.size - 1 };
            option[count++] = one;
        }
        size += size < left.size;
        left = (struct bytes){ left.data + size, left.size - size };
    }
    s->venue_account[i].option = option;
    s->venue_account[i].option_count = count;
}

static void open_account(struct setup *s, size_t i, struct config_mistakes *m)
{
    const struct config_account *a = s->config->account[i];
    struct venue_account *v = &s->venue_account[i];
    const char *error = NULL;

    *v = (struct venue_account){
        .driver = venue_find(a->venue),
        .name = a->head.name,
        .base_url = a->url,
        .key = a->key,
        .secret = a->secret,
        .passphrase = a->passphrase,
        .send_nonce = a->send_nonce,
    };
    read_options(s, i, m);
    errno = 0;
    if (v->driver->account_open != NULL && !v->driver->account_open(v, &error)) {
        /* The driver speaks of the credentials; it never repeats them. */
        config_mistake_at(
            m, &a->head,
            config_line_of(&a->head, a->secret_file.size > 0 ? "secret_file" : "secret"), "secret",
            "expected credentials of %s: %s%s", v->driver->name, error == NULL ? "refused" : error,
            for_memory());
        v->driver = NULL;
    }
    s->opened++;
}

static void make_account(struct setup *s, size_t i, uint64_t seed, struct config_mistakes *m)
{
    const struct config_account *a = s->config->account[i];

    make_symbols(s, i, seed, m);
    open_account(s, i, m);
    if (s->venue_account[i].driver != NULL) {
        setup_setting_read(a, s->venue_account[i].driver, s->symbols[i], &s->setting[i], m);
    }
    s->engine_account[i] = (struct engine_account){
        .name = a->head.name,
        .driver = s->venue_account[i].driver,
        .symbols = s->symbols[i],
        .calls_max = a->calls_max,
        .poll_fills_ms = a->poll_fills,
        .poll_orders_ms = a->poll_orders,
        .poll_idle_ms = a->poll_idle,
        .instruments_refresh_s = a->instruments_refresh / 1000,
        .order_wait_max_ms = a->order_wait_max,
        .cancel_wait_max_ms = a->cancel_wait_max,
        .call_timeout_ms = a->call_timeout,
        .bulk_cancel = a->bulk_cancel,
        .rate_limit = a->rate_limit,
        .deadman = (enum engine_deadman)a->deadman,
        .deadman_timeout_s = a->deadman_timeout / 1000,
        .reject_when_down = a->orders_when_down == 1,
        .setting = s->setting[i].item,
        .setting_count = s->setting[i].count,
        .hedge = s->venue_account[i].driver != NULL && s->venue_account[i].driver->hedge != NULL &&
                 s->venue_account[i].driver->hedge(&s->venue_account[i]),
    };
}

/* ---- sessions ------------------------------------------------------------------------------ */

static unsigned digits_of(uint32_t precision)
{
    return precision == CONFIG_NANOS ? 9 : precision == CONFIG_MICROS ? 6 : 3;
}

/* Numbers of the table of opt-in tags, or "all". */
static uint32_t read_extras(const struct config_session *c, struct config_mistakes *m)
{
    uint32_t chosen = 0;

    for (size_t i = 0; i < c->report_tags.count; i++) {
        struct bytes item = c->report_tags.item[i];
        uint32_t bit = report_extra_parse(item);

        if (bit == 0) {
            config_mistake_at(m, &c->head, config_line_of(&c->head, "report_tags"), "report_tags",
                              "expected tags that reports can have by opt-in, or all, got "
                              "\"%.*s\"",
                              BYTES_ARG(item));
        }
        chosen |= bit;
    }
    return chosen;
}

static void make_session(struct setup *s, size_t i, struct config_mistakes *m)
{
    const struct config_session *c = s->config->session[i];
    struct fix_session_config *f = &s->fix_session[i];
    bool own = c->dictionary.size > 0;

    fix_session_config_defaults(f);
    f->our_comp_id = c->sender_comp_id;
    f->their_comp_id = c->target_comp_id;
    f->dict = find_dict(s, own ? &c->head : &s->config->fixbridge->head,
                        own ? c->dictionary : s->config->fixbridge->dictionary, m);
    f->validate = (struct fix_validate_options){
        .fields_out_of_order = c->validate_fields_out_of_order,
        .fields_have_values = c->validate_fields_have_values,
        .user_defined_fields = c->validate_user_defined_fields,
        .unordered_group_fields = c->validate_unordered_group_fields,
        .check_required = c->check_required_tags,
        .allow_unknown_fields = c->allow_unknown_fields,
    };
    f->heartbeat_min_s = c->heartbeat_min / 1000;
    f->heartbeat_max_s = c->heartbeat_max / 1000;
    f->heartbeat_zero_allowed = c->heartbeat_zero;
    f->logon_timeout_ms = c->logout_timeout;
    f->clock_skew_max_s = c->clock_skew_max / 1000;
    f->time_digits = digits_of(c->time_precision);
    f->reset_on_logon = c->reset_on_logon;
    f->reset_on_logout = c->reset_on_logout;
    f->reset_on_disconnect = c->reset_on_disconnect;
    f->reset_by_client_allowed = c->reset_by_client;
    f->send_next_expected = c->send_next_expected;
    f->send_last_processed = c->send_last_processed;
    f->test_environment = c->test_environment;
    f->early_max = c->early_max;
    f->output_max = c->output_max_kib * 1024;

    s->engine_session[i] = (struct engine_session){
        .name = c->head.name,
        .rules = { .cl_ord_id_max = c->cl_ord_id_max,
                   .day_as_gtc = c->day_as_gtc,
                   .strict = c->strict },
        .account = c->account,
        .account_count = c->accounts.count,
        .report_pending_new = c->pending_new,
        .may_change_settings = c->change_settings,
        .refuse_to_filled = !c->amend_to_filled,
        .report_extras = read_extras(c, m),
        .choice = { .cancel = (enum engine_cancel)c->cancel_on_disconnect,
                    .grace_ms = c->cancel_grace,
                    .copy = c->accounts.count == 0 },
        .venue_status = c->venue_status,
        .copy = c->copied,
        .copy_count = c->drop_copy.count,
        .client = c->target_comp_id,
        .time_digits = f->time_digits,
        .on_behalf_of = c->on_behalf_of.item,
        .on_behalf_of_count = c->on_behalf_of.count,
    };
}

static bool make_room(struct setup *s, size_t accounts, size_t sessions)
{
    s->dict = calloc(sessions + 1, sizeof(*s->dict));
    s->dict_path = calloc(sessions + 1, sizeof(*s->dict_path));
    s->venue_account = calloc(accounts + 1, sizeof *s->venue_account);
    s->setting = calloc(accounts + 1, sizeof *s->setting);
    s->venue_option = calloc((accounts + 1) * VENUE_ARGS_MAX, sizeof *s->venue_option);
    s->symbols = calloc(accounts + 1, sizeof(*s->symbols));
    s->engine_account = calloc(accounts + 1, sizeof *s->engine_account);
    s->engine_session = calloc(sessions + 1, sizeof *s->engine_session);
    s->fix_session = calloc(sessions + 1, sizeof *s->fix_session);
    return s->dict != NULL && s->dict_path != NULL && s->venue_account != NULL &&
           s->venue_option != NULL && s->setting != NULL && s->symbols != NULL &&
           s->engine_account != NULL && s->engine_session != NULL && s->fix_session != NULL;
}

struct setup *setup_new(const struct config *c, uint64_t seed, struct config_mistakes *m)
{
    struct setup *s = calloc(1, sizeof *s);
    size_t before = m->count;

    if (s == NULL || !make_room(s, c->account_count, c->session_count)) {
        config_mistake(m, 1, "out of memory");
        setup_free(s);
        return NULL;
    }
    s->config = c;
    for (size_t i = 0; i < c->account_count; i++) {
        make_account(s, i, seed, m);
    }
    for (size_t i = 0; i < c->session_count; i++) {
        make_session(s, i, m);
    }
    s->engine = (struct engine_config){
        .session = s->engine_session,
        .session_count = c->session_count,
        .account = s->engine_account,
        .account_count = c->account_count,
        .seed = seed,
        .mass_cancel_max_ms = c->fixbridge->mass_cancel_max,
        .retain_orders_us = (int64_t)s->config->fixbridge->retain_orders_s * US_PER_S,
    };
    if (m->count > before) {
        config_mistakes_sort(m);
        setup_free(s);
        return NULL;
    }
    return s;
}

void setup_free(struct setup *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->opened; i++) {
        const struct venue_driver *d = s->venue_account[i].driver;

        if (d != NULL && d->account_close != NULL) {
            d->account_close(&s->venue_account[i]);
        }
    }
    for (size_t i = 0; s->symbols != NULL && s->config != NULL && i < s->config->account_count;
         i++) {
        symbols_free(s->symbols[i]);
    }
    for (size_t i = 0; i < s->dict_count; i++) {
        fix_dict_free(s->dict[i]);
    }
    free(s->dict);
    free(s->dict_path);
    free(s->venue_account);
    for (size_t i = 0; s->setting != NULL && s->config != NULL && i < s->config->account_count;
         i++) {
        setup_setting_fini(&s->setting[i]);
    }
    free(s->setting);
    free(s->venue_option);
    free(s->symbols);
    free(s->engine_account);
    free(s->engine_session);
    free(s->fix_session);
    free(s);
}
