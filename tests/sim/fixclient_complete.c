/*
 * fixclient: what the tab key offers: commands, the options of each, names of tags and values of
 * the dictionary, symbols and ids seen in this session, variables, files.
 */
#include "fixclient.h"

#include <editline/readline.h>
#include <stdlib.h>
#include <string.h>

enum { OFFERS_MAX = 4096 };

static struct fc_script *current; /* libedit's functions take no argument */

static struct {
    char *word[OFFERS_MAX];
    size_t count;
} offers;

static void offer(const char *text, size_t len, const char *after)
{
    char word[256];

    if (offers.count == OFFERS_MAX || len == 0 ||
        snprintf(word, sizeof word, "%.*s%s", (int)len, text, after) >= (int)sizeof word) {
        return;
    }
    for (size_t i = 0; i < offers.count; i++) {
        if (strcmp(offers.word[i], word) == 0) {
            return;
        }
    }
    offers.word[offers.count++] = fc_copy(word, strlen(word));
}

static void offer_name(const char *arg, const char *name)
{
    offer(name, strlen(name), arg);
}

/* ---- values -------------------------------------------------------------------------------- */

static void offer_seen(uint32_t tag)
{
    static struct fc_msg m;

    for (size_t i = current->seen_count; i-- > 0;) {
        if (!fc_parse(&m, current->seen[i].raw, current->seen[i].len)) {
            continue;
        }
        for (size_t k = 0; k < m.count; k++) { /* every entry of a group */
            if (m.field[k].tag == tag) {
                offer(m.field[k].val, m.field[k].len, "");
            }
        }
    }
}

static void offer_values(const char *command, const char *name)
{
    uint32_t tag = fc_order_tag(current, command, name);

    if (strcmp(name, "ids") == 0) {
        offer_name("", "fresh");
        offer_name("", "same");
        return;
    }
    if (strcmp(name, "check") == 0) {
        offer_name("", "no");
        return;
    }
    if (strcmp(name, "dir") == 0) {
        offer_name("", "in");
        offer_name("", "out");
        return;
    }
    fc_order_values(tag, offer_name, "");
    fc_dict_values(current->ctx->dict, tag, offer_name, "");
    for (const struct fc_terms *t = current->terms; t != NULL; t = t->next) {
        if (tag == 55) {
            offer_name("", t->symbol);
        } else if ((tag == 11 && strcmp(command, "new") != 0) || tag == 41) {
            offer_name("", t->id);
        }
    }
    if (tag != 11 || strcmp(command, "new") != 0) {
        offer_seen(tag == 41 ? 11 : tag);
    }
}

/* ---- names --------------------------------------------------------------------------------- */

/* The dictionary's names are a thousand: not before a letter is typed. */
static void offer_options(const char *command, bool all)
{
    static const char *const replay[] = { "speed", "ids", "dir", "session", "limit", "check" };

    if (strcmp(command, "replay") == 0) {
        for (size_t i = 0; i < sizeof replay / sizeof replay[0]; i++) {
            offer_name("=", replay[i]);
        }
    } else if (fc_order_is_command(command)) {
        fc_order_names(offer_name, "=");
        fc_dict_names(all ? current->ctx->dict : NULL, offer_name, "=");
    } else if (strcmp(command, "expect") == 0 || strcmp(command, "forbid") == 0) {
        offer_name("=", "timeout");
        fc_dict_names(all ? current->ctx->dict : NULL, offer_name, "=");
    } else if (strcmp(command, "connect") == 0 || strcmp(command, "expect_disconnect") == 0) {
        offer_name("=", "timeout");
    }
}

static void offer_variables(void)
{
    for (const struct fc_var *v = current->vars; v != NULL; v = v->next) {
        offer_name("", v->name);
    }
    offer_name("", "http.status");
    offer_name("", "http.body");
    offer_name("", "last.");
}

static bool takes_file(const char *command)
{
    return strcmp(command, "source") == 0 || strcmp(command, "record") == 0 ||
           strcmp(command, "replay") == 0;
}

/* ---- libedit ------------------------------------------------------------------------------- */

static char *next_offer(const char *text, int state)
{
    static size_t at;

    at = state == 0 ? 0 : at;
    while (at < offers.count) {
        const char *word = offers.word[at++];

        if (strncmp(word, text, strlen(text)) == 0) {
            return fc_copy(word, strlen(word));
        }
    }
    return NULL;
}

static void forget_offers(void)
{
    while (offers.count > 0) {
        free(offers.word[--offers.count]);
    }
}

/* The word before `at` in the line, which ends with `=`: the name whose value is wanted. */
static bool name_before(const char *line, int at, char *out, size_t size)
{
    int from = at - 1;

    if (at < 2 || (line[at - 1] != '=' && line[at - 1] != '~')) {
        return false;
    }
    while (from > 0 && strchr(" \t|", line[from - 1]) == NULL) {
        from--;
    }
    snprintf(out, size, "%.*s", at - 1 - from, line + from);
    return out[0] != '\0';
}

static char **complete(const char *text, int start, int end)
{
    const char *line = rl_line_buffer + strspn(rl_line_buffer, " \t");
    char command[64], name[128];
    size_t len = strcspn(line, " \t");

    (void)end;
    forget_offers();
    rl_attempted_completion_over = 1;
    rl_completion_append_character = ' ';
    snprintf(command, sizeof command, "%.*s", (int)len, line);
    if (start > 0 && rl_line_buffer[start - 1] == '$') {
        offer_variables();
        rl_completion_append_character = '\0';
    } else if (rl_line_buffer + start <= line) {
        fc_script_names(offer_name, "");
    } else if (name_before(rl_line_buffer, start, name, sizeof name)) {
        offer_values(command, name);
    } else if (takes_file(command) &&
               rl_line_buffer + start <= line + len + strspn(line + len, " \t")) {
        rl_attempted_completion_over = 0; /* names of files: libedit's own */
        return NULL;
    } else {
        offer_options(command, text[0] != '\0');
        rl_completion_append_character = '\0';
    }
    return offers.count == 0 ? NULL : rl_completion_matches(text, next_offer);
}

void fc_complete_init(struct fc_script *sc)
{
    current = sc;
    rl_basic_word_break_characters = " \t\n\"|=~$";
    rl_completer_word_break_characters = NULL;
    rl_attempted_completion_function = complete;
}

void fc_complete_fini(void)
{
    forget_offers();
    current = NULL;
}
