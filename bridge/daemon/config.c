/*
 * Reads the file. inih cuts lines into names and values; which line that was, what section it
 * stands in and what is wrong with its form is seen here, because inih tells only of the first
 * mistake, cuts long section names and does not tell of empty sections.
 */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "config_hours.h"
#include "config_keys.h"

#define LINE_MAX_SIZE 4096
/* All texts of a configuration with SESSIONS_MAX sessions. */
#define ARENA_MAX (64 * 1024 * 1024)

struct reader {
    struct config *c;
    struct config_mistakes *m;
    FILE *file;
    int line;
    struct config_section *section; /* NULL: none yet, or an unknown one whose keys are skipped */
    bool any_section;
};

/* ---- mistakes ------------------------------------------------------------------------------ */

struct config_mistakes *config_mistakes_new(const char *path)
{
    struct config_mistakes *m = calloc(1, sizeof *m);

    if (m != NULL) {
        m->path = path;
        m->arena = arena_new(CONFIG_MISTAKES_MAX * 1024);
    }
    if (m == NULL || m->arena == NULL) {
        config_mistakes_free(m);
        return NULL;
    }
    return m;
}

void config_mistakes_free(struct config_mistakes *m)
{
    if (m != NULL) {
        arena_free(m->arena);
        free(m);
    }
}

static void add_mistake(struct config_mistakes *m, int line, const char *place, const char *text)
{
    char whole[1024];
    struct bytes kept;
    int size = snprintf(whole, sizeof whole, "%s:%d: %s%s", m->path, line, place, text);

    for (int i = 0; i < size && i < (int)sizeof whole - 1; i++) {
        if ((unsigned char)whole[i] < ' ' || whole[i] == 0x7f) {
            whole[i] = '?';
        }
    }
    if (m->count < CONFIG_MISTAKES_MAX && size > 0) {
        const char *fallback = "out of memory";

        m->item[m->count].line = line;
        m->item[m->count].text =
            arena_copy(m->arena, bytes_of(whole), &kept) ? kept.data : fallback;
    }
    m->count++;
}

void config_mistake(struct config_mistakes *m, int line, const char *format, ...)
{
    char text[768];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_mistake(m, line, "", text);
}

void config_mistake_at(struct config_mistakes *m, const struct config_section *s, int line,
                       const char *key, const char *format, ...)
{
    char place[256], text[768];
    va_list args;

    (void)snprintf(place, sizeof place, "[%s%s%.*s] %s: ", config_kind_text(s->kind),
                   s->name.size > 0 ? " " : "", BYTES_ARG(s->name), key);
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_mistake(m, line, place, text);
}

static int compare_mistakes(const void *a, const void *b)
{
    const struct config_mistake *x = a, *y = b;

    return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
                              : strcmp(x->text, y->text);
}

void config_mistakes_sort(struct config_mistakes *m)
{
    size_t kept = m->count < CONFIG_MISTAKES_MAX ? m->count : CONFIG_MISTAKES_MAX;

    qsort(m->item, kept, sizeof m->item[0], compare_mistakes);
}

/* ---- did you mean -------------------------------------------------------------------------- */

#define WORD_MAX 64

/* Levenshtein distance, without case. */
static size_t distance(struct bytes a, struct bytes b)
{
    size_t row[WORD_MAX + 1];

    if (a.size > WORD_MAX || b.size > WORD_MAX) {
        return WORD_MAX;
    }
    for (size_t i = 0; i <= b.size; i++) {
        row[i] = i;
    }
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t k = 1; k <= b.size; k++) {
            size_t change = diagonal + (strncasecmp(&a.data[i - 1], &b.data[k - 1], 1) != 0);
            size_t least = row[k] < row[k - 1] ? row[k] + 1 : row[k - 1] + 1;

            diagonal = row[k];
            row[k] = change < least ? change : least;
        }
    }
    return row[b.size];
}

/* Keeps the better of two suggestions; a third of a word may be wrong. */
static void suggest(struct bytes word, const char *candidate, size_t *best, const char **suggestion)
{
    size_t d = distance(word, bytes_of(candidate));

    if (d < *best && d <= 1 + strlen(candidate) / 3) {
        *best = d;
        *suggestion = candidate;
    }
}

static const char *similar_key(enum config_kind kind, struct bytes word)
{
    const char *suggestion = NULL;
    size_t best = WORD_MAX;

    for (size_t i = 0; i < config_key_count; i++) {
        if (config_keys[i].section == kind) {
            suggest(word, config_keys[i].name, &best, &suggestion);
        }
    }
    return suggestion;
}

static const char *similar_section(struct bytes word)
{
    const char *suggestion = NULL;
    size_t best = WORD_MAX;

    for (enum config_kind k = 0; k < CONFIG_KIND_COUNT; k++) {
        suggest(word, config_kind_text(k), &best, &suggestion);
    }
    return suggestion;
}

/* ---- sections ------------------------------------------------------------------------------ */

static struct bytes trim(struct bytes text)
{
    while (text.size > 0 && strchr(" \t\r\n", text.data[0]) != NULL && text.data[0] != '\0') {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && text.data[text.size - 1] != '\0' &&
           strchr(" \t\r\n", text.data[text.size - 1]) != NULL) {
        text.size--;
    }
    return text;
}

static const size_t section_size[CONFIG_KIND_COUNT] = {
    [CONFIG_FIXBRIDGE] = sizeof(struct config_fixbridge),
    [CONFIG_ACCOUNT] = sizeof(struct config_account),
    [CONFIG_SESSION] = sizeof(struct config_session),
    [CONFIG_SYMBOLS] = sizeof(struct config_symbols),
};

static void set_defaults(struct reader *r, struct config_section *s)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];

        if (key->section == s->kind && key->standard != NULL) {
            struct config_value v = { .key = key,
                                      .text = bytes_of(key->standard),
                                      .arena = r->c->arena,
                                      .path = r->c->path };

            if (!config_value_read(&v, (char *)s + key->offset)) {
                config_mistake_at(r->m, s, s->line, key->name, "default: expected %s", v.expected);
            }
        }
    }
}

/* The list a new section of this kind goes into; NULL: full. */
static struct config_section **section_slot(struct config *c, enum config_kind kind)
{
    switch (kind) {
    case CONFIG_FIXBRIDGE: return (struct config_section **)&c->fixbridge;
    case CONFIG_ACCOUNT:
        return c->account_count == ACCOUNTS_MAX
                   ? NULL
                   : (struct config_section **)&c->account[c->account_count++];
    case CONFIG_SESSION:
        return c->session_count == SESSIONS_MAX
                   ? NULL
                   : (struct config_section **)&c->session[c->session_count++];
    case CONFIG_SYMBOLS:
        return c->symbols_count == ACCOUNTS_MAX
                   ? NULL
                   : (struct config_section **)&c->symbols[c->symbols_count++];
    case CONFIG_KIND_COUNT: break;
    }
    return NULL;
}

static struct config_section *find_section(const struct config *c, enum config_kind kind,
                                           struct bytes name)
{
    for (size_t i = 0; kind == CONFIG_ACCOUNT && i < c->account_count; i++) {
        if (bytes_equal(c->account[i]->head.name, name)) {
            return &c->account[i]->head;
        }
    }
    for (size_t i = 0; kind == CONFIG_SESSION && i < c->session_count; i++) {
        if (bytes_equal(c->session[i]->head.name, name)) {
            return &c->session[i]->head;
        }
    }
    for (size_t i = 0; kind == CONFIG_SYMBOLS && i < c->symbols_count; i++) {
        if (bytes_equal(c->symbols[i]->head.name, name)) {
            return &c->symbols[i]->head;
        }
    }
    return kind == CONFIG_FIXBRIDGE && c->fixbridge != NULL ? &c->fixbridge->head : NULL;
}

static struct config_section *new_section(struct reader *r, enum config_kind kind,
                                          struct bytes name)
{
    struct config_section **slot = NULL;
    struct config_section *s = arena_take(r->c->arena, section_size[kind]);

    if (s == NULL) {
        config_mistake(r->m, r->line, "out of memory");
        return NULL;
    }
    s->kind = kind;
    s->line = r->line;
    s->key_line = arena_take(r->c->arena, config_key_count * sizeof *s->key_line);
    if (s->key_line == NULL || !arena_copy(r->c->arena, name, &s->name)) {
        config_mistake(r->m, r->line, "out of memory");
        return NULL;
    }
    slot = section_slot(r->c, kind);
    if (slot == NULL) {
        config_mistake(r->m, r->line, "[%s]: expected at most %d such sections",
                       config_kind_text(kind),
                       kind == CONFIG_SESSION ? SESSIONS_MAX : ACCOUNTS_MAX);
        return NULL;
    }
    *slot = s;
    set_defaults(r, s);
    return s;
}

static bool name_is_good(struct bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] <= ' ' || name.data[i] >= 0x7f || strchr(",\"[]", name.data[i]) != NULL) {
            return false;
        }
    }
    return name.size > 0 && name.size <= NAME_MAX_LEN;
}

/* `inside` is what stands between the brackets. */
static void open_section(struct reader *r, struct bytes inside)
{
    struct bytes word = trim(inside), name;
    enum config_kind kind = 0;
    const char *similar;
    struct config_section *before;

    r->section = NULL;
    r->any_section = true;
    for (name = word; name.size > 0 && name.data[0] != ' ' && name.data[0] != '\t'; name.size--) {
        name.data++;
    }
    word.size -= name.size;
    name = trim(name);
    while (kind < CONFIG_KIND_COUNT && !bytes_is(word, config_kind_text(kind))) {
        kind++;
    }
    if (kind == CONFIG_KIND_COUNT) {
        similar = similar_section(word);
        config_mistake(r->m, r->line,
                       "[%.*s]: expected [fixbridge], [account NAME], [session NAME] or "
                       "[symbols ACCOUNT]%s%s%s",
                       BYTES_ARG(inside), similar == NULL ? "" : "; did you mean \"",
                       similar == NULL ? "" : similar, similar == NULL ? "" : "\"?");
        return;
    }
    if (kind == CONFIG_FIXBRIDGE ? name.size > 0 : !name_is_good(name)) {
        config_mistake(
            r->m, r->line,
            kind == CONFIG_FIXBRIDGE
                ? "[%s %.*s]: expected no name"
                : "[%s %.*s]: expected a name of 1 to 48 printable characters without blanks",
            config_kind_text(kind), BYTES_ARG(name));
        return;
    }
    before = find_section(r->c, kind, name);
    if (before != NULL) {
        config_mistake(r->m, r->line,
                       "[%.*s]: expected each section once, it is already at line %d",
                       BYTES_ARG(inside), before->line);
        return;
    }
    r->section = new_section(r, kind, name);
}

/* ---- keys ---------------------------------------------------------------------------------- */

static void read_alias(struct reader *r, struct config_symbols *s, struct bytes ours,
                       struct bytes theirs)
{
    struct config_alias *a;

    for (size_t i = 0; i < s->alias_count; i++) {
        if (bytes_equal(s->alias[i].ours, ours)) {
            config_mistake_at(r->m, &s->head, r->line, s->alias[i].ours.data,
                              "expected each symbol once, it is already at line %d",
                              s->alias[i].line);
            return;
        }
    }
    if (s->alias_count == s->alias_capacity) {
        size_t capacity = s->alias_capacity == 0 ? 16 : s->alias_capacity * 2;

        a = arena_take(r->c->arena, capacity * sizeof *a);
        if (a == NULL) {
            config_mistake(r->m, r->line, "out of memory");
            return;
        }
        if (s->alias_count > 0) {
            memcpy(a, s->alias, s->alias_count * sizeof *a);
        }
        s->alias = a;
        s->alias_capacity = capacity;
    }
    a = &s->alias[s->alias_count];
    a->line = r->line;
    if (ours.size > SYMBOL_MAX || theirs.size > SYMBOL_MAX || theirs.size == 0 ||
        !arena_copy(r->c->arena, ours, &a->ours) ||
        !arena_copy(r->c->arena, theirs, &a->venue_symbol)) {
        config_mistake_at(r->m, &s->head, r->line, "symbol",
                          "expected OURS = VENUE_SYMBOL of at most %d "
                          "characters each, got \"%.*s = %.*s\"",
                          SYMBOL_MAX, BYTES_ARG(ours), BYTES_ARG(theirs));
        return;
    }
    s->alias_count++;
}

static void read_key(struct reader *r, size_t index, struct bytes text)
{
    const struct config_key *key = &config_keys[index];
    struct config_section *s = r->section;
    struct config_value v = { .key = key, .text = text, .arena = r->c->arena, .path = r->c->path };

    if (s->key_line[index] != 0) {
        config_mistake_at(r->m, s, r->line, key->name,
                          "expected each key once, it is already at line %d", s->key_line[index]);
        return;
    }
    s->key_line[index] = r->line;
    if (!config_value_read(&v, (char *)s + key->offset)) {
        config_mistake_at(r->m, s, r->line, key->name, "expected %s, got %s%.*s%s", v.expected,
                          (key->flags & CONFIG_SECRET) != 0 ? "something else" : "\"",
                          (key->flags & CONFIG_SECRET) != 0 ? 0 : (int)text.size, text.data,
                          (key->flags & CONFIG_SECRET) != 0 ? "" : "\"");
    }
}

/* inih's callback; its section argument is cut to 49 characters and not used. */
static int take_pair(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;
    struct bytes word = bytes_of(name);
    const char *similar;

    (void)section;
    if (r->section == NULL) {
        if (!r->any_section) {
            config_mistake(r->m, r->line, "%s: expected a [section] before the first key", name);
        }
        return 1;
    }
    if (r->section->kind == CONFIG_SYMBOLS) {
        read_alias(r, (struct config_symbols *)r->section, word, bytes_of(value));
        return 1;
    }
    for (size_t i = 0; i < config_key_count; i++) {
        if (config_keys[i].section == r->section->kind && bytes_is(word, config_keys[i].name)) {
            read_key(r, i, bytes_of(value));
            return 1;
        }
    }
    similar = similar_key(r->section->kind, word);
    config_mistake_at(r->m, r->section, r->line, name, "unknown key%s%s%s",
                      similar == NULL ? "" : "; did you mean \"", similar == NULL ? "" : similar,
                      similar == NULL ? "" : "\"?");
    return 1;
}

/* ---- lines --------------------------------------------------------------------------------- */

/* Looks at one line; true: it is a key and a value, inih's to cut. */
static bool look_at_line(struct reader *r, struct bytes line)
{
    struct bytes text = trim(line);
    const char *end, *equals, *colon;

    if (text.size == 0 || text.data[0] == ';' || text.data[0] == '#') {
        return false;
    }
    if (text.data[0] == '[') {
        end = memchr(text.data, ']', text.size);
        if (end == NULL) {
            config_mistake(r->m, r->line, "expected ']' after the section's name, got \"%.*s\"",
                           BYTES_ARG(text));
            r->section = NULL;
            r->any_section = true;
        } else {
            open_section(r, (struct bytes){ text.data + 1, (size_t)(end - text.data) - 1 });
        }
        return false;
    }
    equals = memchr(text.data, '=', text.size);
    colon = memchr(text.data, ':', text.size);
    if (equals == NULL || equals == text.data || (colon != NULL && colon < equals)) {
        config_mistake(r->m, r->line, "expected \"key = value\", got \"%.*s\"",
                       (int)(equals == NULL ? text.size : (size_t)(equals - text.data)), text.data);
        return false;
    }
    return true;
}

/* inih's reader, fgets in form: counts lines, and hands on only what inih shall cut. */
static char *next_line(char *out, int size, void *stream)
{
    struct reader *r = stream;
    struct bytes line;
    bool is_long = false;

    if (fgets(out, size, r->file) == NULL) {
        return NULL;
    }
    r->line++;
    line = bytes_of(out);
    while (line.size > 0 && out[line.size - 1] != '\n' && fgets(out, size, r->file) != NULL) {
        is_long = true;
        line = bytes_of(out);
    }
    if (is_long) {
        config_mistake(r->m, r->line, "expected at most %d characters in a line", size - 2);
    }
    if (is_long || !look_at_line(r, line)) {
        memcpy(out, "\n", 2);
    }
    return out;
}

static void check_required(struct reader *r, const struct config_section *s)
{
    for (size_t i = 0; i < config_key_count; i++) {
        if (config_keys[i].section == s->kind && (config_keys[i].flags & CONFIG_REQUIRED) != 0 &&
            s->key_line[i] == 0) {
            config_mistake_at(r->m, s, s->line, config_keys[i].name, "missing; expected a %s",
                              config_type_text(config_keys[i].type));
        }
    }
}

static void check_all_required(struct reader *r)
{
    if (r->c->fixbridge != NULL) {
        check_required(r, &r->c->fixbridge->head);
    }
    for (size_t i = 0; i < r->c->account_count; i++) {
        check_required(r, &r->c->account[i]->head);
    }
    for (size_t i = 0; i < r->c->session_count; i++) {
        check_required(r, &r->c->session[i]->head);
    }
}

static void read_file(struct reader *r)
{
    /* inih's settings are the library's variables: no continuation lines, room for long values. */
    ini_allow_multiline = false;
    ini_max_line = LINE_MAX_SIZE;
    /* -2: no memory. Mistakes are reported by the callbacks. */
    if (ini_parse_stream(next_line, r, take_pair, r) == -2) {
        config_mistake(r->m, r->line, "out of memory");
    }
    if (ferror(r->file)) {
        config_mistake(r->m, r->line, "expected a file that can be read");
    }
}

struct config *config_load(const char *path, struct config_mistakes *m)
{
    struct reader r = { .c = calloc(1, sizeof *r.c), .m = m };

    if (r.c == NULL || (r.c->arena = arena_new(ARENA_MAX)) == NULL) {
        config_mistake(m, 0, "out of memory");
        config_free(r.c);
        return NULL;
    }
    r.c->path = path;
    r.file = fopen(path, "re");
    if (r.file == NULL) {
        config_mistake(m, 0, "expected a configuration file that can be read (%s)",
                       errno == ENOMEM ? "out of memory" : strerror(errno));
        config_free(r.c);
        return NULL;
    }
    read_file(&r);
    (void)fclose(r.file);
    check_all_required(&r);
    config_check(r.c, m);
    config_mistakes_sort(m);
    if (m->count > 0) {
        config_free(r.c);
        return NULL;
    }
    return r.c;
}

static void wipe(struct bytes secret)
{
    if (secret.size > 0) {
        explicit_bzero((char *)(uintptr_t)secret.data, secret.size);
    }
}

void config_free(struct config *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->account_count; i++) {
        wipe(c->account[i]->key);
        wipe(c->account[i]->secret);
        wipe(c->account[i]->passphrase);
    }
    for (size_t i = 0; i < c->session_count; i++) {
        wipe(c->session[i]->password);
        wipe(c->session[i]->password_hash);
        wipe(c->session[i]->logon_secret);
    }
    config_hours_free(c);
    arena_free(c->arena);
    free(c);
}

int config_line_of(const struct config_section *s, const char *key)
{
    for (size_t i = 0; i < config_key_count; i++) {
        if (config_keys[i].section == s->kind && strcmp(config_keys[i].name, key) == 0 &&
            s->key_line[i] != 0) {
            return s->key_line[i];
        }
    }
    return s->line;
}
