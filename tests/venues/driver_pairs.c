/*
 * The generic suite of venue drivers: plays recorded request and response pairs against each driver
 * of the venue list, and demands a pair with a `done` answer for every endpoint a driver has.
 *
 *   driver_pairs DIRECTORY            plays DIRECTORY/<driver name>/<anything>.pair
 *   driver_pairs --show DRIVER FILE   prints FILE with the request and replies the driver makes now
 * (the account is read from the directory of FILE)
 *
 * DIRECTORY/<driver name>/account has lines key=..., secret=..., passphrase=..., base_url=... and
 * option.NAME=VALUE; a directory below it that has an account of its own has the pairs that other
 * options make different.
 * A pair file has sections, each begun by a line "== name":
 *
 *   == call                one; words as in call_text.h. A `nonce` word also turns the account's
 * nonce on
 *   == request             one; first line "METHOD target", then header lines, an empty line, the
 * body; compared to the byte (line ends are LF in the file; the body ends without one)
 *   == response STATUS     header lines, an empty line, the body to the end of the section
 *   == reply               what parse makes of the response before it, as in reply_text.h
 *
 * `response` and `reply` may follow each other any number of times. Lines before the first section
 * are comments.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "call_text.h"
#include "reply_text.h"

#define FILE_MAX (1024 * 1024)
#define ARENA_MAX (16 * 1024 * 1024)

struct account_file {
    struct venue_account account;
    struct venue_arg option[VENUE_ARGS_MAX];
    char *text;
};

struct run {
    const struct venue_driver *driver;
    struct venue_account *account;
    const char *path;
    struct call_text call;
    struct buf shown; /* --show */
    unsigned compared, failed;
    bool done[VENUE_OP_COUNT];
};

static char *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    char *text;

    if (f == NULL) {
        return NULL;
    }
    text = malloc(FILE_MAX);
    *size = text == NULL ? 0 : fread(text, 1, FILE_MAX, f);
    fclose(f);
    return text;
}

/* ---- accounts ------------------------------------------------------------------------------ */

/* "option.NAME=VALUE" */
static void option_line(struct account_file *f, struct bytes line)
{
    const size_t prefix = sizeof "option." - 1;
    const char *equals = memchr(line.data, '=', line.size);

    if (line.size > prefix && memcmp(line.data, "option.", prefix) == 0 && equals != NULL &&
        f->account.option_count < VENUE_ARGS_MAX) {
        size_t name = (size_t)(equals - line.data);

        f->option[f->account.option_count++] =
            (struct venue_arg){ { line.data + prefix, name - prefix },
                                { equals + 1, line.size - name - 1 } };
    }
}

static void account_line(struct venue_account *a, struct bytes line)
{
    static const char *const names[] = { "key=", "secret=", "passphrase=", "base_url=" };
    struct bytes *values[] = { &a->key, &a->secret, &a->passphrase, &a->base_url };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);

        if (line.size >= n && memcmp(line.data, names[i], n) == 0) {
            *values[i] = (struct bytes){ line.data + n, line.size - n };
        }
    }
}

static bool next_line(struct bytes *text, struct bytes *line)
{
    const char *end;

    if (text->size == 0) {
        return false;
    }
    end = memchr(text->data, '\n', text->size);
    line->data = text->data;
    line->size = end == NULL ? text->size : (size_t)(end - text->data);
    text->data += line->size + (end != NULL);
    text->size -= line->size + (end != NULL);
    return true;
}

static bool account_load(struct account_file *f, const struct venue_driver *d,
                         const char *directory)
{
    char path[4096];
    size_t size;
    struct bytes text;
    struct bytes line;
    const char *error = NULL;

    snprintf(path, sizeof path, "%s/account", directory);
    f->text = read_file(path, &size);
    if (f->text == NULL) {
        fprintf(stderr, "%s: cannot read\n", path);
        return false;
    }
    text = (struct bytes){ f->text, size };
    f->account = (struct venue_account){ .driver = d, .name = BYTES("pairs"), .option = f->option };
    while (next_line(&text, &line)) {
        account_line(&f->account, line);
        option_line(f, line);
    }
    if (d->account_open != NULL && !d->account_open(&f->account, &error)) {
        fprintf(stderr, "%s: %s\n", path, error);
        free(f->text);
        return false;
    }
    return true;
}

static void account_unload(struct account_file *f)
{
    if (f->account.driver->account_close != NULL) {
        f->account.driver->account_close(&f->account);
    }
    free(f->text);
}

/* ---- one section --------------------------------------------------------------------------- */

static void fail(struct run *r, const char *what, struct bytes expected, struct bytes got)
{
    r->failed++;
    fprintf(stderr, "%s: %s\n--- expected\n%.*s\n--- got\n%.*s\n---\n", r->path, what,
            BYTES_ARG(expected), BYTES_ARG(got));
}

static void compare(struct run *r, const char *what, struct bytes expected, struct bytes got)
{
    r->compared++;
    if (!bytes_equal(expected, got)) {
        fail(r, what, expected, got);
    }
}

static const struct venue_endpoint *endpoint(const struct run *r)
{
    return &r->driver->endpoint[r->call.call.op];
}

static void build_text(struct run *r, struct buf *out)
{
    struct http_request q;
    enum venue_error error;

    http_request_init(&q);
    r->account->send_nonce = r->call.has_nonce;
    error = endpoint(r)->build(r->account, &r->call.call, &q);
    if (error != VENUE_BUILD_OK) {
        buf_printf(out, "error: %s\n", venue_error_text(error));
    } else {
        buf_printf(out, "%s ", http_method_text(q.method));
        buf_bytes(out, buf_view(&q.target));
        buf_char(out, '\n');
        for (size_t i = 0; i < q.headers.size; i++) {
            if (q.headers.data[i] != '\r') {
                buf_char(out, q.headers.data[i]);
            }
        }
        buf_char(out, '\n');
        buf_bytes(out, buf_view(&q.body));
        if (q.body.size > 0) {
            buf_char(out, '\n');
        }
    }
    http_request_fini(&q);
}

/* The response is handed over in memory of its exact size, so that a sanitizer sees every
 * over-read. */
static void parse_text(struct run *r, int status, struct bytes section, struct buf *out)
{
    struct http_response rsp = { .status = status };
    struct venue_reply reply = { .http_status = 0 };
    struct arena *arena = arena_new(ARENA_MAX);
    struct bytes line;
    enum venue_outcome outcome;
    char *body;

    rsp.headers.data = section.data;
    while (next_line(&section, &line) && line.size > 0) {
        rsp.headers.size = (size_t)(line.data + line.size - rsp.headers.data);
    }
    while (section.size > 0 && section.data[section.size - 1] == '\n') {
        section.size--;
    }
    body = malloc(section.size == 0 ? 1 : section.size);
    if (arena == NULL || body == NULL) {
        abort();
    }
    if (section.size > 0) {
        memcpy(body, section.data, section.size);
    }
    rsp.body = (struct bytes){ body, section.size };
    outcome = endpoint(r)->parse(&r->call.call, &rsp, arena, &reply);
    if (outcome == VENUE_DONE) {
        r->done[r->call.call.op] = true;
    }
    free(body); /* the reply must live in the arena by itself */
    reply_text(out, outcome, &reply);
    arena_free(arena);
}

static struct bytes trimmed(struct bytes text)
{
    while (text.size > 0 && text.data[text.size - 1] == '\n') {
        text.size--;
    }
    return text;
}

/* ---- one file ------------------------------------------------------------------------------ */

struct section {
    struct bytes name, content;
};

static bool is_head(struct bytes line)
{
    return line.size > 3 && memcmp(line.data, "== ", 3) == 0;
}

static bool next_section(struct bytes *text, struct section *s)
{
    struct bytes line;
    struct bytes rest;

    do {
        if (!next_line(text, &line)) {
            return false;
        }
    } while (!is_head(line));
    s->name = (struct bytes){ line.data + 3, line.size - 3 };
    s->content = (struct bytes){ text->data, 0 };
    rest = *text;
    while (next_line(&rest, &line) && !is_head(line)) {
        *text = rest;
        s->content.size = (size_t)(rest.data - s->content.data);
    }
    return true;
}

static bool starts(struct bytes text, const char *with)
{
    return text.size >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

static void show_section(struct run *r, const struct section *s, struct bytes content)
{
    buf_text(&r->shown, "== ");
    buf_bytes(&r->shown, s->name);
    buf_char(&r->shown, '\n');
    buf_bytes(&r->shown, trimmed(content));
    buf_char(&r->shown, '\n');
}

/* Each section but the first two kinds leaves its text in `made` for the one that follows. */
static bool play_section(struct run *r, const struct section *s, struct buf *made)
{
    struct bytes bad;

    if (bytes_is(s->name, "call")) {
        if (!call_text_parse(s->content, &r->call, &bad) || endpoint(r)->build == NULL) {
            fail(r, "call not understood, or no such endpoint", s->content, bad);
            return false;
        }
        show_section(r, s, s->content);
        buf_clear(made);
        build_text(r, made);
    } else if (bytes_is(s->name, "request") || bytes_is(s->name, "reply")) {
        compare(r, bytes_is(s->name, "reply") ? "reply" : "request", trimmed(s->content),
                trimmed(buf_view(made)));
        show_section(r, s, buf_view(made));
    } else if (starts(s->name, "response ")) {
        buf_clear(made);
        parse_text(r, (int)strtol(s->name.data + 9, NULL, 10), s->content, made);
        show_section(r, s, s->content);
    } else {
        fail(r, "unknown section", s->name, s->content);
        return false;
    }
    return true;
}

static void play_file(struct run *r, const char *path)
{
    size_t size;
    char *text = read_file(path, &size);
    struct bytes rest = { text, size };
    struct section s;
    struct buf made;

    r->path = path;
    if (text == NULL) {
        fail(r, "cannot read", BYTES(""), BYTES(""));
        return;
    }
    buf_init(&made, FILE_MAX);
    while (next_section(&rest, &s) && play_section(r, &s, &made)) {
        continue;
    }
    buf_fini(&made);
    free(text);
}

/* ---- all ----------------------------------------------------------------------------------- */

static void play_directory(struct run *r, const char *directory)
{
    DIR *d = opendir(directory);
    struct dirent *entry;
    char path[4096];

    while (d != NULL && (entry = readdir(d)) != NULL) {
        size_t n = strlen(entry->d_name);

        if (n > 5 && strcmp(entry->d_name + n - 5, ".pair") == 0) {
            snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
            play_file(r, path);
        }
    }
    if (d != NULL) {
        closedir(d);
    }
}

/* The directories below with an account of their own: accounts with other options. */
static void play_variants(struct run *r, const char *directory)
{
    DIR *d = opendir(directory);
    struct venue_account *standard = r->account;
    struct dirent *entry;
    char path[4096];

    while (d != NULL && (entry = readdir(d)) != NULL) {
        struct account_file variant;
        FILE *f;

        snprintf(path, sizeof path, "%s/%s/account", directory, entry->d_name);
        f = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (f == NULL) {
            continue;
        }
        fclose(f);
        path[strlen(path) - strlen("/account")] = '\0';
        if (!account_load(&variant, r->driver, path)) {
            r->failed++;
            continue;
        }
        r->account = &variant.account;
        play_directory(r, path);
        account_unload(&variant);
    }
    r->account = standard;
    if (d != NULL) {
        closedir(d);
    }
}

static unsigned play_driver(const struct venue_driver *driver, const char *root)
{
    struct account_file account;
    struct run r = { .driver = driver, .account = &account.account };
    char directory[2048];

    snprintf(directory, sizeof directory, "%s/%s", root, driver->name);
    if (!account_load(&account, driver, directory)) {
        return 1;
    }
    buf_init(&r.shown, 64 * FILE_MAX);
    play_directory(&r, directory);
    play_variants(&r, directory);
    for (int op = 0; op < VENUE_OP_COUNT; op++) {
        if (driver->endpoint[op].build != NULL && !r.done[op]) {
            fprintf(stderr, "%s: no pair with a `done` answer for %s\n", driver->name,
                    venue_op_text((enum venue_op)op));
            r.failed++;
        }
    }
    printf("%s: %u compared, %u failed\n", driver->name, r.compared, r.failed);
    buf_fini(&r.shown);
    account_unload(&account);
    return r.failed + (r.compared == 0);
}

static int show(const char *name, const char *path)
{
    const struct venue_driver *driver = venue_find(bytes_of(name));
    struct account_file account;
    struct run r = { .driver = driver, .account = &account.account };
    char directory[2048];
    char *slash;

    snprintf(directory, sizeof directory, "%s", path);
    slash = strrchr(directory, '/');
    if (driver == NULL || slash == NULL) {
        return 2;
    }
    *slash = '\0';
    if (!account_load(&account, driver, directory)) {
        return 2;
    }
    buf_init(&r.shown, 64 * FILE_MAX);
    play_file(&r, path);
    fwrite(r.shown.data, 1, r.shown.size, stdout);
    buf_fini(&r.shown);
    account_unload(&account);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned failed = 0;

    if (argc == 4 && strcmp(argv[1], "--show") == 0) {
        return show(argv[2], argv[3]);
    }
    if (argc != 2) {
        fprintf(stderr, "usage: driver_pairs DIRECTORY | --show DRIVER FILE\n");
        return 2;
    }
    for (size_t i = 0; venue_list[i] != NULL; i++) {
        failed += play_driver(venue_list[i], argv[1]);
    }
    return failed == 0 ? 0 : 1;
}
