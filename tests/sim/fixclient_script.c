/*
 * fixclient: commands, one a line, for scripts and for the prompt: variables, waiting for messages
 * that match, connection control, raw messages, the simulator's control endpoint.
 */
#include "fixclient.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_DEPTH_MAX = 16 };

volatile sig_atomic_t fc_interrupted;

const char fc_help[] =
    "new id=c1 symbol=PF_XBTUSD side=buy qty=2 type=limit price=100.5 [tif=ioc] [exec=6] [stop=]\n"
    "    [account=] [TAG=VALUE or Name=VALUE ...]      id, type may be left out\n"
    "replace id=c2 orig=c1 qty=3 price=101             what is left out is repeated from c1\n"
    "cancel id=c3 orig=c1 | status id=c1 | masscancel [id=m1] [type=7|1|6] [symbol=] | massstatus\n"
    "list id=L1 symbol=X order id=c1 side=buy qty=1 price=9 order id=c2 side=sell qty=1 price=10\n"
    "listcancel id=L1 | liststatus id=L1 | positions account=main [symbol=] | securities "
    "[symbol=]\n"
    "raw 35=D|11=c9|...                                header and trailer are added\n"
    "expect 35=8 11=c1 150=F [timeout=5]               TAG=* present, TAG=! absent, TAG~part\n"
    "forbid 35=8 150=F [timeout=0]                     fails if such a message came or comes\n"
    "expect_disconnect [timeout=5] | forget            forget: drop messages not yet expected\n"
    "connect [timeout=10] | disconnect | logout | wait SECONDS\n"
    "set name=value ... $name, $last.37 (last matched message), $http.status, $http.body\n"
    "http POST http://host:port/path {json}            fails unless the answer is 2xx\n"
    "source FILE | record FILE | record stop           a saved script; record what is typed to "
    "one\n"
    "replay FILE [speed=1|10|max] [ids=fresh] [dir=in|out] [session=NAME] [limit=N]\n"
    "    sends the requests of a message log again; check=no: also those whose CheckSum is wrong\n"
    "print text | help | exit\n";

void fc_script_fini(struct fc_script *sc)
{
    for (size_t i = 0; i < sc->seen_count; i++) {
        free(sc->seen[i].raw);
    }
    free(sc->seen);
    free(sc->last_raw);
    fc_buf_free(&sc->http_body);
    if (sc->record != NULL) {
        fclose(sc->record);
    }
    while (sc->vars != NULL) {
        struct fc_var *v = sc->vars;

        sc->vars = v->next;
        free(v->name);
        free(v->value);
        free(v);
    }
    while (sc->terms != NULL) {
        struct fc_terms *t = sc->terms;

        sc->terms = t->next;
        free(t);
    }
}

static void on_message(void *arg, struct fc_session *s, const struct fc_msg *m)
{
    struct fc_script *sc = arg;

    (void)s;
    if (sc->seen_count == sc->seen_cap) {
        sc->seen_cap = sc->seen_cap == 0 ? 64 : sc->seen_cap * 2;
        sc->seen = realloc(sc->seen, sc->seen_cap * sizeof *sc->seen);
        if (sc->seen == NULL) {
            fc_die("out of memory");
        }
    }
    sc->seen[sc->seen_count++] = (struct fc_seen){ fc_copy(m->raw, m->len), m->len, false };
}

static void on_state(void *arg, struct fc_session *s)
{
    struct fc_script *sc = arg;

    if (s->state == FC_DOWN && s->connects > 0 && !sc->ctx->cfg.quiet) {
        fc_say(sc->ctx, "-- disconnected: %s", s->down_reason);
    }
}

void fc_script_init(struct fc_script *sc, struct fc_ctx *ctx, struct fc_session *s)
{
    memset(sc, 0, sizeof *sc);
    sc->ctx = ctx;
    sc->session = s;
    s->on_message = on_message;
    s->on_state = on_state;
    s->arg = sc;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static double option(const struct fc_line *line, const char *name, double value)
{
    size_t len = strlen(name);

    for (size_t i = 1; i < line->count; i++) {
        if (strncmp(line->word[i], name, len) == 0 && line->word[i][len] == '=') {
            double given;

            return sscanf(line->word[i] + len + 1, "%lf", &given) == 1 ? given : value;
        }
    }
    return value;
}

static int64_t after(double seconds)
{
    return fc_mono_us() + (int64_t)(seconds * 1e6);
}

static bool value_matches(const struct fc_field *f, const char *want)
{
    int64_t a, b;

    if (strcmp(want, "!") == 0) {
        return f == NULL;
    }
    if (f == NULL) {
        return false;
    }
    if (strcmp(want, "*") == 0 || (strlen(want) == f->len && memcmp(want, f->val, f->len) == 0)) {
        return true;
    }
    switch (f->tag) {
    case 6:
    case 14:
    case 31:
    case 32:
    case 38:
    case 44:
    case 99:
    case 137:
    case 151:
    case 152: return fc_decimal(f->val, f->len, &a) && fc_decimal(want, strlen(want), &b) && a == b;
    default: return false;
    }
}

static bool word_matches(const struct fc_script *sc, const struct fc_msg *m, const char *word)
{
    size_t at = strcspn(word, "=~");
    const struct fc_field *f;
    char name[128];

    if (at >= sizeof name || word[at] == '\0') {
        return false;
    }
    memcpy(name, word, at);
    name[at] = '\0';
    f = fc_find(m, fc_tag_named(sc, name));
    if (word[at] == '~') {
        return f != NULL && memmem(f->val, f->len, word + at + 1, strlen(word + at + 1)) != NULL;
    }
    return value_matches(f, word + at + 1);
}

static bool matches(const struct fc_script *sc, const struct fc_msg *m, const struct fc_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        if (strncmp(line->word[i], "timeout=", 8) != 0 && !word_matches(sc, m, line->word[i])) {
            return false;
        }
    }
    return line->count > 1 || !(fc_is(m, 35, "0") || fc_is(m, 35, "1") || fc_is(m, 35, "A"));
}

static struct fc_seen *look(struct fc_script *sc, const struct fc_line *line, size_t from)
{
    static struct fc_msg m;

    for (size_t i = from; i < sc->seen_count; i++) {
        struct fc_seen *seen = &sc->seen[i];

        if (!seen->consumed && fc_parse(&m, seen->raw, seen->len) && matches(sc, &m, line)) {
            return seen;
        }
    }
    return NULL;
}

/* Runs the session until a message matches. */
static struct fc_seen *wait_match(struct fc_script *sc, const struct fc_line *line, int64_t until)
{
    size_t looked = 0;

    for (;;) {
        struct fc_seen *seen = look(sc, line, looked);

        looked = sc->seen_count;
        if (seen != NULL) {
            return seen;
        }
        if (fc_mono_us() >= until || fc_interrupted) {
            return NULL;
        }
        fc_net_turn(sc->session, -1, until);
    }
}

static void print_unmatched(struct fc_script *sc)
{
    static struct fc_msg m;
    size_t shown = 0;

    for (size_t i = sc->seen_count; i-- > 0 && shown < 20;) {
        struct fc_seen *seen = &sc->seen[i];

        if (!seen->consumed && fc_parse(&m, seen->raw, seen->len) && !fc_is(&m, 35, "0")) {
            fc_print_message(sc->ctx, "   not matched:", &m);
            shown++;
        }
    }
    fc_say(sc->ctx, "   session is %s%s%s", fc_state_text(sc->session->state),
           sc->session->down_reason[0] != '\0' ? ": " : "", sc->session->down_reason);
}

static enum fc_result do_expect(struct fc_script *sc, const struct fc_line *line)
{
    double seconds = option(line, "timeout", 5);
    struct fc_seen *seen = wait_match(sc, line, after(seconds));

    if (seen == NULL) {
        fc_say(sc->ctx, "FAILED: in %g s no message came with: %s", seconds, line->rest);
        print_unmatched(sc);
        return FC_FAILED;
    }
    seen->consumed = true;
    free(sc->last_raw);
    sc->last_raw = fc_copy(seen->raw, seen->len);
    sc->last_len = seen->len;
    return FC_OK;
}

static enum fc_result do_forbid(struct fc_script *sc, const struct fc_line *line)
{
    static struct fc_msg m;
    struct fc_seen *seen = wait_match(sc, line, after(option(line, "timeout", 0)));

    if (seen != NULL && fc_parse(&m, seen->raw, seen->len)) {
        fc_say(sc->ctx, "FAILED: a message came that may not: %s", line->rest);
        fc_print_message(sc->ctx, "   forbidden:", &m);
        return FC_FAILED;
    }
    return FC_OK;
}

static enum fc_result wait_down(struct fc_script *sc, const struct fc_line *line)
{
    int64_t until = after(option(line, "timeout", 5));

    while (sc->session->state != FC_DOWN && fc_mono_us() < until && !fc_interrupted) {
        fc_net_turn(sc->session, -1, until);
    }
    if (sc->session->state != FC_DOWN) {
        fc_say(sc->ctx, "FAILED: the connection is still there");
        return FC_FAILED;
    }
    return FC_OK;
}

/* ---- commands ------------------------------------------------------------------------------ */

static enum fc_result do_connect(struct fc_script *sc, const struct fc_line *line)
{
    if (!fc_net_logon(sc->session, option(line, "timeout", sc->ctx->cfg.wait_logon_s))) {
        fc_say(sc->ctx, "FAILED: no logon: %s", sc->session->down_reason);
        return FC_FAILED;
    }
    return FC_OK;
}

static enum fc_result do_disconnect(struct fc_script *sc, const struct fc_line *line)
{
    (void)line;
    fc_session_down(sc->session, "disconnect command");
    return FC_OK;
}

static enum fc_result do_logout(struct fc_script *sc, const struct fc_line *line)
{
    fc_session_logout(sc->session, line->count > 1 ? line->rest : NULL);
    return wait_down(sc, line);
}

static enum fc_result do_wait(struct fc_script *sc, const struct fc_line *line)
{
    double seconds;
    int64_t until;

    if (line->count != 2 || sscanf(line->word[1], "%lf", &seconds) != 1) {
        return FC_BAD_COMMAND;
    }
    until = after(seconds);
    while (fc_mono_us() < until && !fc_interrupted) {
        fc_net_turn(sc->session, -1, until);
    }
    return FC_OK;
}

static enum fc_result do_set(struct fc_script *sc, const struct fc_line *line)
{
    char *equals = line->count > 1 ? strchr(line->word[1], '=') : NULL;

    if (equals == NULL) {
        return FC_BAD_COMMAND;
    }
    *equals = '\0';
    fc_var_set(sc, line->word[1], equals + 1);
    return FC_OK;
}

static enum fc_result do_raw(struct fc_script *sc, const struct fc_line *line)
{
    struct fc_buf body = { 0 };
    char type[8] = "";
    const char *p = line->rest;

    if (sscanf(p, "35=%7[^|]|", type) != 1) {
        fc_say(sc->ctx, "raw: expected 35=TYPE|TAG=VALUE|...");
        return FC_BAD_COMMAND;
    }
    p += strcspn(p, "|");
    p += *p == '|' ? 1 : 0;
    while (*p != '\0') {
        size_t n = strcspn(p, "|");

        fc_buf_add(&body, p, n);
        fc_buf_add(&body, "\001", 1);
        p += n + (p[n] == '|' ? 1 : 0);
    }
    fc_session_send(sc->session, type, &body);
    return FC_OK;
}

static enum fc_result do_http(struct fc_script *sc, const struct fc_line *line)
{
    const char *content = "";

    if (line->count < 3) {
        return FC_BAD_COMMAND;
    }
    if (line->count > 3) {
        content = strstr(line->rest, line->word[2]) + strlen(line->word[2]);
        content += strspn(content, " \t");
    }
    sc->http_body.len = 0;
    sc->http_status = fc_http(line->word[1], line->word[2], content, &sc->http_body);
    if (!sc->ctx->cfg.quiet) {
        fc_say(sc->ctx, "-- http %s %s %s: %d %s", line->word[1], line->word[2], content,
               sc->http_status, sc->http_body.p != NULL ? sc->http_body.p : "");
    }
    if (sc->http_status < 200 || sc->http_status > 299) {
        fc_say(sc->ctx, "FAILED: http %s answered %d", line->word[2], sc->http_status);
        return FC_FAILED;
    }
    return FC_OK;
}

static enum fc_result do_print(struct fc_script *sc, const struct fc_line *line)
{
    fc_say(sc->ctx, "%s", line->rest);
    return FC_OK;
}

static enum fc_result do_help(struct fc_script *sc, const struct fc_line *line)
{
    (void)line;
    fc_say(sc->ctx, "%s", fc_help);
    return FC_OK;
}

static enum fc_result do_forget(struct fc_script *sc, const struct fc_line *line)
{
    (void)line;
    for (size_t i = 0; i < sc->seen_count; i++) {
        sc->seen[i].consumed = true;
    }
    return FC_OK;
}

static enum fc_result do_exit(struct fc_script *sc, const struct fc_line *line)
{
    (void)line;
    sc->done = true;
    return FC_OK;
}

/* ---- saved scripts ------------------------------------------------------------------------- */

static enum fc_result do_source(struct fc_script *sc, const struct fc_line *line)
{
    char name[1024];
    FILE *in;
    int exit_code;

    if (line->count != 2 || sc->depth == SOURCE_DEPTH_MAX) {
        fc_say(sc->ctx,
               line->count != 2 ? "source FILE" : "source: too deep, does it read itself?");
        return FC_BAD_COMMAND;
    }
    snprintf(name, sizeof name, "%s", line->word[1]);
    in = fopen(name, "re");
    if (in == NULL) {
        fc_say(sc->ctx, "source %s: %s", name, strerror(errno));
        return FC_BAD_COMMAND;
    }
    sc->depth++;
    exit_code = fc_script_run(sc, in, name);
    sc->depth--;
    fclose(in);
    return exit_code == 0 ? FC_OK : exit_code == FC_EXIT_FAIL ? FC_FAILED : FC_BAD_COMMAND;
}

static enum fc_result do_record(struct fc_script *sc, const struct fc_line *line)
{
    bool stop = line->count == 2 && strcmp(line->word[1], "stop") == 0;

    if (line->count != 2 || (stop && sc->record == NULL)) {
        fc_say(sc->ctx,
               line->count == 2 ? "nothing is being recorded" : "record FILE | record stop");
        return FC_BAD_COMMAND;
    }
    if (sc->record != NULL && fclose(sc->record) != 0) {
        fc_say(sc->ctx, "record: %s", strerror(errno));
    }
    sc->record = NULL;
    if (stop) {
        return FC_OK;
    }
    sc->record = fopen(line->word[1], "ae");
    if (sc->record == NULL) {
        fc_say(sc->ctx, "record %s: %s", line->word[1], strerror(errno));
        return FC_BAD_COMMAND;
    }
    return FC_OK;
}

void fc_record(struct fc_script *sc, const char *line, enum fc_result result)
{
    static const char *const not [] = { "record", "help", "exit", "quit" };
    size_t len;

    line += strspn(line, " \t");
    len = strcspn(line, " \t\n");
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
        if (strlen(not [i]) == len && memcmp(not [i], line, len) == 0) {
            return;
        }
    }
    if (sc->record == NULL || sc->depth > 0 || len == 0 || result == FC_BAD_COMMAND) {
        return;
    }
    if (fprintf(sc->record, "%.*s\n", (int)strcspn(line, "\n"), line) < 0 ||
        fflush(sc->record) != 0) {
        fc_say(sc->ctx, "record: %s", strerror(errno));
    }
}

static const struct {
    const char *word;
    enum fc_result (*run)(struct fc_script *sc, const struct fc_line *line);
} commands[] = {
    { "expect", do_expect },   { "forbid", do_forbid }, { "expect_disconnect", wait_down },
    { "connect", do_connect }, { "wait", do_wait },     { "disconnect", do_disconnect },
    { "logout", do_logout },   { "set", do_set },       { "raw", do_raw },
    { "http", do_http },       { "print", do_print },   { "help", do_help },
    { "forget", do_forget },   { "exit", do_exit },     { "quit", do_exit },
    { "source", do_source },   { "record", do_record }, { "replay", fc_replay },
};

void fc_script_names(fc_word_fn *tell, const char *arg)
{
    fc_order_commands(tell, arg);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        tell(arg, commands[i].word);
    }
}

static enum fc_result run_words(struct fc_script *sc, const struct fc_line *line)
{
    if (fc_order_is_command(line->word[0])) {
        return fc_order_command(sc, line);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].word, line->word[0]) == 0) {
            return commands[i].run(sc, line);
        }
    }
    fc_say(sc->ctx, "no command is called \"%s\"; try help", line->word[0]);
    return FC_BAD_COMMAND;
}

enum fc_result fc_script_line(struct fc_script *sc, const char *text)
{
    struct fc_line *line = calloc(1, sizeof *line);
    struct fc_buf full = { 0 };
    enum fc_result result = FC_BAD_COMMAND;

    if (line == NULL) {
        fc_die("out of memory");
    }
    text += strspn(text, " \t");
    if (*text == '\0' || *text == '#') {
        result = FC_OK;
    } else if (fc_words_expand(sc, text, &full)) {
        while (full.len > 0 && isspace((unsigned char)full.p[full.len - 1])) {
            full.p[--full.len] = '\0';
        }
        if (!fc_words_split(line, full.p)) {
            fc_say(sc->ctx, "line too long, or a quote is not closed");
        } else {
            result = line->count == 0 ? FC_OK : run_words(sc, line);
        }
    }
    fc_buf_free(&full);
    free(line);
    return result;
}

int fc_script_run(struct fc_script *sc, FILE *in, const char *name)
{
    char *text = NULL;
    size_t size = 0, number = 0;
    int exit_code = 0;

    while (!sc->done && !fc_interrupted && exit_code == 0 && getline(&text, &size, in) >= 0) {
        enum fc_result result;

        number++;
        result = fc_script_line(sc, text);
        fc_record(sc, text, result);
        if (result != FC_OK) {
            text[strcspn(text, "\n")] = '\0';
            fc_say(sc->ctx, "%s:%zu: %s", name, number, text);
            exit_code = result == FC_FAILED ? FC_EXIT_FAIL : FC_EXIT_USAGE;
        }
        fc_net_turn(sc->session, -1, 0);
    }
    free(text);
    return exit_code;
}
