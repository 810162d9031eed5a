/*
 * The reference of all keys from the table: in markdown, and as a manual page.
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
    } else if (k->type == CONFIG_AGE) {
        buf_printf(out, "%lld to %lld hours, or with its unit (s, m, h)", (long long)k->least,
                   (long long)k->most);
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

static const char *const title[CONFIG_KIND_COUNT] = {
    [CONFIG_FIXBRIDGE] = "[fixbridge]: the service",
    [CONFIG_ACCOUNT] = "[account NAME]: credentials at a venue; NAME is Account (1) in FIX",
    [CONFIG_SESSION] = "[session NAME]: a FIX client",
    [CONFIG_SYMBOLS] = "[symbols ACCOUNT]: names of ours for the venue's symbols",
};

void config_reference(struct buf *out)
{
    buf_text(out,
             "# Configuration reference\n\n"
             "One file in INI form: `[section]`, `key = value`, comments start with `#` or "
             "`;` at the start "
             "of a line, or with ` ;` behind a value. Relative file names are relative to the "
             "configuration file; `credential:NAME` is a file of `$CREDENTIALS_DIRECTORY`, where "
             "systemd's `LoadCredential=` puts it. Durations carry their unit: `250ms`, `10s`, "
             "`5m`, `2h`.\n");
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

/* ---- the manual page ----------------------------------------------------------------------- */

/* man(7): a backslash is an escape, a hyphen a typographic one, and a line that begins with a dot
 * or a quote a macro. */
static void add_roff(struct buf *out, const char *text)
{
    for (bool first = true; *text != '\0'; text++) {
        if (first && (*text == '.' || *text == '\'')) {
            buf_text(out, "\\&");
        }
        first = *text == '\n';
        if (*text == '\\') {
            buf_text(out, "\\e");
        } else if (*text == '-') {
            buf_text(out, "\\-");
        } else if (*text != '`') {
            buf_char(out, *text);
        }
    }
}

static void add_man_key(struct buf *out, const struct config_key *k)
{
    struct buf values;

    buf_init(&values, 16 * 1024);
    add_type(&values, k);
    buf_char(&values, '\0');
    buf_text(out, ".TP\n.B ");
    add_roff(out, k->name);
    buf_text(out, "\n");
    add_roff(out, k->help);
    buf_text(out, "\nValue: ");
    add_roff(out, values.failed ? "" : values.data);
    if ((k->flags & CONFIG_REQUIRED) != 0) {
        buf_text(out, "; required");
    } else if (k->standard != NULL) {
        buf_text(out, "; default ");
        add_roff(out, k->standard);
    }
    buf_text(out, ".\n");
    buf_text(out, (k->flags & CONFIG_SECRET) != 0
                      ? "A secret: the file must not be readable by others.\n"
                      : "");
    buf_text(out, (k->flags & CONFIG_RELOADABLE) != 0 ? "May change by reload.\n" : "");
    out->failed |= values.failed;
    buf_fini(&values);
}

void config_reference_man(struct buf *out)
{
    buf_text(out, ".\\\" Made from the table of keys; do not edit.\n"
                  ".TH FIXBRIDGE.CONF 5 \"\" \"fixbridge\" \"File formats\"\n"
                  ".SH NAME\nfixbridge.conf \\- configuration of the FIX order gateway\n"
                  ".SH DESCRIPTION\n"
                  "One file in INI form: [section], key = value; comments start with # or ; at the "
                  "start of a line, or with a blank and ; behind a value.\n"
                  "Relative file names are relative to the configuration file;\n"
                  ".BI credential: NAME\n"
                  "is a file of $CREDENTIALS_DIRECTORY, where systemd's LoadCredential= puts it.\n"
                  "Durations carry their unit: 250ms, 10s, 5m, 2h.\n");
    for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
        buf_text(out, ".SH \"");
        add_roff(out, title[kind]);
        buf_text(out, "\"\n");
        if (kind == CONFIG_SYMBOLS) {
            buf_text(out, "Lines OURS = VENUE_SYMBOL. A symbol that is not listed keeps the "
                          "venue's name.\n");
        }
        for (size_t i = 0; kind != CONFIG_SYMBOLS && i < config_key_count; i++) {
            if (config_keys[i].section == kind) {
                add_man_key(out, &config_keys[i]);
            }
        }
    }
    buf_text(out, ".SH SEE ALSO\n.BR fixbridge (1)\n");
}
