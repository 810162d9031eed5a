/*
 * The reference of all keys, in markdown, from the table.
 */
#include "config_keys.h"

#include "venue.h"

static void add_words(struct buf *out, const struct config_key *k)
{
    for (size_t i = 0; k->choice[i] != NULL; i++) {
        buf_text(out, i == 0 ? "" : ", ");
        buf_text(out, k->choice[i]);
    }
}

static void add_duration(struct buf *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = { { 3600 * 1000, "h" }, { 60 * 1000, "m" }, { 1000, "s" }, { 1, "ms" } };
    size_t u = 0;

    while (u < ARRAY_LEN(units) - 1 && (ms == 0 || ms % units[u].ms != 0)) {
        u++;
    }
    buf_int(out, ms / units[u].ms);
    buf_text(out, ms == 0 ? "" : units[u].unit);
}

static void add_type(struct buf *out, const struct config_key *k)
{
    if (k->type == CONFIG_ENUM) {
        add_words(out, k);
    } else if (k->type == CONFIG_INT) {
        buf_printf(out, "%lld to %lld %s", (long long)k->least, (long long)k->most, k->unit);
    } else if (k->type == CONFIG_DURATION) {
        add_duration(out, k->least);
        buf_text(out, " to ");
        add_duration(out, k->most);
    } else if (k->type == CONFIG_VENUE) {
        for (size_t i = 0; venue_list[i] != NULL; i++) {
            buf_text(out, i == 0 ? "" : ", ");
            buf_text(out, venue_list[i]->name);
        }
    } else {
        buf_text(out, config_type_text(k->type));
    }
}

static void add_key(struct buf *out, const struct config_key *k)
{
    buf_printf(out, "| `%s` | ", k->name);
    add_type(out, k);
    buf_text(out, " | ");
    if ((k->flags & CONFIG_REQUIRED) != 0) {
        buf_text(out, "*required*");
    } else if (k->standard != NULL) {
        buf_printf(out, "`%s`", k->standard);
    }
    buf_printf(out, " | %s%s%s |\n", k->help,
               (k->flags & CONFIG_SECRET) != 0
                   ? " A secret: the file must not be readable by others."
                   : "",
               (k->flags & CONFIG_RELOADABLE) != 0 ? " *May change by reload.*" : "");
}

void config_reference(struct buf *out)
{
    static const char *const title[CONFIG_KIND_COUNT] = {
        [CONFIG_FIXBRIDGE] = "[fixbridge]: the service",
        [CONFIG_ACCOUNT] = "[account NAME]: credentials at a venue; NAME is Account (1) in FIX",
        [CONFIG_SESSION] = "[session NAME]: a FIX client",
        [CONFIG_SYMBOLS] = "[symbols ACCOUNT]: names of ours for the venue's symbols",
    };

    buf_text(out, "# Configuration reference\n\n"
                  "One file in INI form: `[section]`, `key = value`, comments start with `#` or "
                  "`;` at the start "
                  "of a line, or with ` ;` behind a value. Relative file names are relative to the "
                  "configuration file. Durations carry their unit: `250ms`, `10s`, `5m`, `2h`.\n");
    for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
        buf_printf(out, "\n## %s\n\n", title[kind]);
        if (kind == CONFIG_SYMBOLS) {
            buf_text(out, "Lines `OURS = VENUE_SYMBOL`. "
                          "A symbol that is not listed keeps the venue's name.\n");
            continue;
        }
        buf_text(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
        for (size_t i = 0; i < config_key_count; i++) {
            if (config_keys[i].section == kind) {
                add_key(out, &config_keys[i]);
            }
        }
    }
}
