/*
 * fixclient: from a line of a script to words: variables, fields of the last matched message,
 * quotes.
 */
#include "fixclient.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

char *fc_copy(const char *p, size_t len)
{
    char *out = malloc(len + 1);

    if (out == NULL) {
        fc_die("out of memory");
    }
    memcpy(out, p, len);
    out[len] = '\0';
    return out;
}

const char *fc_var_get(const struct fc_script *sc, const char *name)
{
    for (const struct fc_var *v = sc->vars; v != NULL; v = v->next) {
        if (strcmp(v->name, name) == 0) {
            return v->value;
        }
    }
    return NULL;
}

void fc_var_set(struct fc_script *sc, const char *name, const char *value)
{
    struct fc_var *v = sc->vars;

    while (v != NULL && strcmp(v->name, name) != 0) {
        v = v->next;
    }
    if (v == NULL) {
        v = calloc(1, sizeof *v);
        if (v == NULL) {
            fc_die("out of memory");
        }
        v->name = fc_copy(name, strlen(name));
        v->next = sc->vars;
        sc->vars = v;
    } else {
        free(v->value);
    }
    v->value = fc_copy(value, strlen(value));
}

uint32_t fc_tag_named(const struct fc_script *sc, const char *name)
{
    char *end;
    unsigned long number = strtoul(name, &end, 10);

    return *end == '\0' ? (uint32_t)number : fc_dict_number(sc->ctx->dict, name);
}

static bool expand_one(struct fc_script *sc, const char *name, struct fc_buf *out)
{
    static struct fc_msg m;
    const char *value = fc_var_get(sc, name);

    if (strncmp(name, "last.", 5) == 0 && sc->last_raw != NULL &&
        fc_parse(&m, sc->last_raw, sc->last_len)) {
        const struct fc_field *f = fc_find(&m, fc_tag_named(sc, name + 5));

        if (f == NULL) {
            return false;
        }
        fc_buf_add(out, f->val, f->len);
    } else if (strcmp(name, "http.status") == 0) {
        fc_buf_uint(out, (uint64_t)(sc->http_status < 0 ? 0 : sc->http_status));
    } else if (strcmp(name, "http.body") == 0 && sc->http_body.p != NULL) {
        fc_buf_text(out, sc->http_body.p);
    } else if (value != NULL) {
        fc_buf_text(out, value);
    } else {
        return false;
    }
    return true;
}

bool fc_words_expand(struct fc_script *sc, const char *text, struct fc_buf *out)
{
    char name[128];

    fc_buf_text(out, "");
    while (*text != '\0') {
        size_t n = 0;

        if (text[0] != '$' || (!isalpha((unsigned char)text[1]) && text[1] != '_')) {
            fc_buf_add(out, text++, 1);
            continue;
        }
        text++;
        while (n < sizeof name - 1 && (isalnum((unsigned char)text[n]) || text[n] == '_' ||
                                       (text[n] == '.' && isalnum((unsigned char)text[n + 1])))) {
            name[n] = text[n];
            n++;
        }
        name[n] = '\0';
        text += n;
        if (!expand_one(sc, name, out)) {
            fc_say(sc->ctx, "no variable or field $%s", name);
            return false;
        }
    }
    return true;
}

/* Words split at blanks; "..." keeps them together, wherever in the word it stands. */
bool fc_words_split(struct fc_line *line, const char *text)
{
    char *out = line->text, *end = line->text + sizeof line->text - 1;

    line->count = 0;
    line->rest = "";
    while (*text != '\0') {
        bool quoted = false;

        while (isspace((unsigned char)*text)) {
            text++;
        }
        if (*text == '\0') {
            break;
        }
        if (line->count == 1) {
            line->rest = text;
        }
        if (line->count == FC_WORDS_MAX) {
            return false;
        }
        line->word[line->count++] = out;
        for (; *text != '\0' && (quoted || !isspace((unsigned char)*text)); text++) {
            if (*text == '"') {
                quoted = !quoted;
            } else if (out < end) {
                *out++ = *text;
            }
        }
        if (quoted || out >= end) {
            return false;
        }
        *out++ = '\0';
    }
    return true;
}
