/*
 * Relations between keys: what no single value can tell. Reads the files that hold secrets into the
 * fields of the values they stand for.
 */
#include "config_hours.h"
#include "config_keys.h"
#include "engine.h"

#include <stdlib.h>
#include <sys/stat.h>

/* A secret given here, or in a file of its own. */
void config_take_secret(struct config *c, struct config_mistakes *m, const struct config_section *s,
                        const char *key, struct bytes *value, struct bytes file, bool required)
{
    char file_key[64];
    char expected[256];
    bool both = value->size > 0 && file.size > 0;

    file_key[0] = '\0';
    for (size_t i = 0; key[i] != '\0' && i + sizeof "_file" < sizeof file_key; i++) {
        file_key[i] = key[i];
        memcpy(file_key + i + 1, "_file", sizeof "_file");
    }
    if (both) {
        config_mistake_at(m, s, config_line_of(s, file_key), file_key,
                          "expected only one of %s and %s", key, file_key);
    } else if (file.size > 0) {
        if (!config_secret_read(c->arena, file.data, value, expected)) {
            config_mistake_at(m, s, config_line_of(s, file_key), file_key,
                              "expected %s, got \"%.*s\"", expected, BYTES_ARG(file));
        }
    } else if (value->size == 0 && required && config_line_of(s, key) == s->line &&
               config_line_of(s, file_key) == s->line) {
        config_mistake_at(m, s, s->line, key, "missing; expected %s or %s", key, file_key);
    }
}

static void check_account(struct config *c, struct config_mistakes *m, struct config_account *a)
{
    config_take_secret(c, m, &a->head, "key", &a->key, a->key_file, true);
    config_take_secret(c, m, &a->head, "secret", &a->secret, a->secret_file, true);
    config_take_secret(c, m, &a->head, "passphrase", &a->passphrase, a->passphrase_file, false);
    if (a->deadman == ENGINE_DEADMAN_ON && venue_find(a->venue) != NULL &&
        (venue_find(a->venue)->features & VENUE_HAS_DEADMAN) == 0) {
        config_mistake_at(m, &a->head, config_line_of(&a->head, "deadman"), "deadman",
                          "expected auto or off: %.*s has no dead man's switch we could push back",
                          BYTES_ARG(a->venue));
    }
    for (size_t i = 0; i < c->symbols_count; i++) {
        if (bytes_equal(c->symbols[i]->head.name, a->head.name)) {
            a->alias = c->symbols[i]->alias;
            a->alias_count = c->symbols[i]->alias_count;
        }
    }
}

static bool find_account(const struct config *c, struct bytes name, uint32_t *index)
{
    for (size_t i = 0; i < c->account_count; i++) {
        if (bytes_equal(c->account[i]->head.name, name)) {
            *index = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static void check_symbols(const struct config *c, struct config_mistakes *m,
                          const struct config_symbols *s)
{
    uint32_t index;

    if (!find_account(c, s->head.name, &index)) {
        config_mistake(m, s->head.line,
                       "[symbols %.*s]: expected the name of an [account NAME] section",
                       BYTES_ARG(s->head.name));
    }
}

/* Names of accounts become indexes. */
static uint32_t *check_names(struct config *c, struct config_mistakes *m,
                             const struct config_session *s, const char *key,
                             const struct config_list *names)
{
    int line = config_line_of(&s->head, key);
    uint32_t *index = arena_take(c->arena, (names->count + 1) * sizeof *index);

    for (size_t i = 0; index != NULL && i < names->count; i++) {
        struct bytes name = names->item[i];

        if (!find_account(c, name, &index[i])) {
            config_mistake_at(m, &s->head, line, key,
                              "expected names of [account NAME] sections, got \"%.*s\"",
                              BYTES_ARG(name));
        }
        for (size_t k = 0; k < i; k++) {
            if (bytes_equal(names->item[k], name)) {
                config_mistake_at(m, &s->head, line, key,
                                  "expected each name once, got \"%.*s\" again", BYTES_ARG(name));
            }
        }
    }
    return index;
}

static void check_accounts_of(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    if (s->accounts.count == 0 && s->drop_copy.count == 0) {
        config_mistake_at(m, &s->head, s->head.line, "accounts",
                          "missing; required unless drop_copy is given");
    }
    s->account = check_names(c, m, s, "accounts", &s->accounts);
    s->copied = check_names(c, m, s, "drop_copy", &s->drop_copy);
}

static void check_auth(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    config_check_access(c, m, s);
    if (s->auth == CONFIG_AUTH_NONE) {
        return;
    }
    if (s->username.size == 0 && config_line_of(&s->head, "username") == s->head.line) {
        config_mistake_at(m, &s->head, s->head.line, "username",
                          "missing; required unless auth = none");
    }
    config_check_credentials(c, m, s);
}

static void check_whole_seconds(struct config_mistakes *m, const struct config_session *s,
                                const char *key, uint32_t ms)
{
    if (ms % 1000 != 0) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, key), key,
                          "expected whole seconds, got %ums", ms);
    }
}

static void check_session(struct config *c, struct config_mistakes *m, struct config_session *s)
{
    check_accounts_of(c, m, s);
    check_auth(c, m, s);
    config_hours(c, m, s);
    check_whole_seconds(m, s, "heartbeat_min", s->heartbeat_min);
    check_whole_seconds(m, s, "heartbeat_max", s->heartbeat_max);
    check_whole_seconds(m, s, "clock_skew_max", s->clock_skew_max);
    if (s->heartbeat_min > s->heartbeat_max) {
        config_mistake_at(m, &s->head, config_line_of(&s->head, "heartbeat_max"), "heartbeat_max",
                          "expected no less than heartbeat_min (%us), got %us",
                          s->heartbeat_min / 1000, s->heartbeat_max / 1000);
    }
}

/* Sorted by the pair, so that a thousand sessions do not cost a million comparisons. */
static int compare_comp_ids(const void *a, const void *b)
{
    const struct config_session *x = *(const struct config_session *const *)a;
    const struct config_session *y = *(const struct config_session *const *)b;
    const char *texts[][2] = { { x->target_comp_id.data, y->target_comp_id.data },
                               { x->sender_comp_id.data, y->sender_comp_id.data } };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int order =
            strcmp(texts[i][0] == NULL ? "" : texts[i][0], texts[i][1] == NULL ? "" : texts[i][1]);

        if (order != 0) {
            return order;
        }
    }
    return x->head.line - y->head.line;
}

static void check_comp_ids(const struct config *c, struct config_mistakes *m)
{
    struct config_session **sorted = calloc(c->session_count + 1, sizeof *sorted);

    if (sorted == NULL) {
        config_mistake(m, 1, "out of memory");
        return;
    }
    memcpy(sorted, c->session, c->session_count * sizeof *sorted);
    qsort(sorted, c->session_count, sizeof *sorted, compare_comp_ids);
    for (size_t i = 1; i < c->session_count; i++) {
        const struct config_session *s = sorted[i], *before = sorted[i - 1];

        if (s->target_comp_id.size > 0 && bytes_equal(s->target_comp_id, before->target_comp_id) &&
            bytes_equal(s->sender_comp_id, before->sender_comp_id)) {
            config_mistake_at(
                m, &s->head, config_line_of(&s->head, "target_comp_id"), "target_comp_id",
                "expected another pair of CompIDs than [session %.*s] has, got \"%.*s\"",
                BYTES_ARG(before->head.name), BYTES_ARG(s->target_comp_id));
        }
    }
    free(sorted);
}

static void check_open_secrets(const struct config *c, struct config_mistakes *m,
                               const struct config_section *s)
{
    for (size_t k = 0; k < config_key_count; k++) {
        if ((config_keys[k].flags & CONFIG_SECRET) != 0 && s->key_line[k] != 0) {
            config_mistake_at(m, s, s->key_line[k], config_keys[k].name,
                              "expected a file that others cannot read when it holds a secret "
                              "(chmod o= %s), or %s_file",
                              c->path, config_keys[k].name);
        }
    }
}

/* A secret in the main file makes the main file a secret. */
static void check_mode(const struct config *c, struct config_mistakes *m)
{
    struct stat st;

    if (stat(c->path, &st) != 0 || (st.st_mode & S_IRWXO) == 0) {
        return;
    }
    for (size_t i = 0; i < c->account_count; i++) {
        check_open_secrets(c, m, &c->account[i]->head);
    }
    for (size_t i = 0; i < c->session_count; i++) {
        check_open_secrets(c, m, &c->session[i]->head);
    }
}

void config_check(struct config *c, struct config_mistakes *m)
{
    if (c->fixbridge == NULL) {
        config_mistake(m, 1, "[fixbridge]: section is missing");
    }
    if (c->account_count == 0) {
        config_mistake(m, 1, "[account NAME]: expected at least one such section");
    }
    if (c->session_count == 0) {
        config_mistake(m, 1, "[session NAME]: expected at least one such section");
    }
    config_check_listeners(c, m);
    for (size_t i = 0; i < c->account_count; i++) {
        check_account(c, m, c->account[i]);
    }
    for (size_t i = 0; i < c->symbols_count; i++) {
        check_symbols(c, m, c->symbols[i]);
    }
    for (size_t i = 0; i < c->session_count; i++) {
        check_session(c, m, c->session[i]);
    }
    check_comp_ids(c, m);
    check_mode(c, m);
}
