/*
 * Options of "fixbridge journal", and the operations that only look: verify and dump.
 */
#include "journal_cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "journal_tool.h"
#include "bounds.h"

#define LINE_MAX_SIZE (8 * (size_t)JOURNAL_RECORD_MAX)
#define READINGS_MAX 5

static const char help_text[] =
    "fixbridge journal verify DIR    is every byte of it as it was written?\n"
    "fixbridge journal dump DIR [--session NAME] [--order ORDERID|CLORDID]\n"
    "                                one line a record, in words, secrets masked\n"
    "fixbridge journal export DIR TO\n"
    "                                orders and fills for an auditor, as CSV and JSON lines: the\n"
    "                                files orders.csv, orders.jsonl, fills.csv, fills.jsonl in TO\n"
    "fixbridge journal repair DIR    cuts off a torn tail, of which nothing had been acted on\n"
    "fixbridge journal repair DIR --drop-after SEGMENT:OFFSET\n"
    "                                gives up a damaged place, as verify names it, and all behind\n"
    "                                it; says what is lost, and keeps copies of the segments\n"
    "All but repair may be used while the service runs.\n"
    "Exit codes: 0 good, 1 damaged, 2 wrong use, 3 cannot be read or written, or in use\n";

/* ---- reading ------------------------------------------------------------------------------- */

static bool on_record(void *arg, const struct journal_place *at, const struct journal_record *raw)
{
    struct journal_tool *t = arg;
    struct record r;

    t->refused = journal_words_feed(t->words, raw, &r);
    if (t->refused != NULL) {
        return false;
    }
    t->messages += raw->kind == JOURNAL_KIND_MESSAGE;
    t->orders += r.kind == RECORD_ORDER || r.kind == RECORD_KEPT_ORDER;
    t->fills += r.kind == RECORD_FILL || r.kind == RECORD_KEPT_FILL;
    if (t->each != NULL && !t->each(t->each_arg, at, raw, &r)) {
        t->output_failed = true;
        return false;
    }
    return true;
}

static bool read_once(struct journal_tool *t)
{
    t->words = journal_words_new();
    if (t->words == NULL) {
        (void)snprintf(t->error, sizeof t->error, "out of memory");
        return false;
    }
    return journal_read(t->directory, t->name, on_record, NULL, t, &t->found, t->error);
}

/* Who was handed records may point to their names: those of the first reading stay. */
bool journal_tool_read(struct journal_tool *t)
{
    bool good = read_once(t), same = false;

    for (int i = 1; !good && !same && !t->output_failed && i < READINGS_MAX; i++) {
        struct journal_tool again = { .directory = t->directory, .name = t->name };

        good = read_once(&again);
        same = again.found.segment == t->found.segment && again.found.end == t->found.end;
        journal_words_free(again.words);
        again.words = t->words;
        *t = again;
    }
    return good;
}

void journal_tool_tell_damage(const struct journal_tool *t)
{
    (void)printf("damaged: %s%s%s\n", t->error, t->refused == NULL ? "" : ": ",
                 t->refused == NULL ? "" : t->refused);
    (void)printf("first damage at %" PRIu64 ":%" PRIu64 "; before it %" PRIu64
                 " batches with %" PRIu64 " records are whole\n",
                 t->found.segment, t->found.end, t->found.batches, t->found.records);
}

/* ---- operations ---------------------------------------------------------------------------- */

static int verify(struct journal_tool *t)
{
    if (!journal_tool_read(t)) {
        journal_tool_tell_damage(t);
        return JOURNAL_CMD_DAMAGED;
    }
    if (!journal_read_kept(t->directory, t->name, &t->found, t->error)) {
        (void)printf("damaged: %s\nIt only holds sent messages, for resends; the state is whole.\n",
                     t->error);
        return JOURNAL_CMD_DAMAGED;
    }
    (void)printf("ok: %s: %" PRIu64 " segments, %" PRIu64 " batches, %" PRIu64 " records: %" PRIu64
                 " orders, %" PRIu64 " fills, %" PRIu64 " sent messages; ends at %" PRIu64
                 ":%" PRIu64 "\n",
                 t->name, t->found.segment, t->found.batches, t->found.records, t->orders, t->fills,
                 t->messages, t->found.segment, t->found.end);
    if (t->found.snapshot > 0) {
        (void)printf("read from snapshot %" PRIu64 "; %" PRIu64
                     " segments before it are whole and hold sent messages\n",
                     t->found.snapshot, t->found.snapshot - t->found.lowest);
    }
    if (t->found.dropped > 0) {
        (void)printf("note: %" PRIu64 " bytes behind the end are an unfinished batch: just being "
                     "written, or torn by a crash and then dropped at the next start\n",
                     t->found.dropped);
    }
    return JOURNAL_CMD_OK;
}

struct dump {
    struct journal_tool *tool;
    struct buf line;
    struct bytes session, order;
};

static bool print_record(void *arg, const struct journal_place *at,
                         const struct journal_record *raw, const struct record *r)
{
    struct dump *d = arg;

    if (!journal_words_match(d->tool->words, raw, r, d->session, d->order)) {
        return true;
    }
    buf_clear(&d->line);
    journal_words_line(d->tool->words, at, raw, r, &d->line);
    return !d->line.failed && fwrite(d->line.data, 1, d->line.size, stdout) == d->line.size;
}

static int dump(struct journal_tool *t, struct bytes session, struct bytes order)
{
    struct dump d = { .tool = t, .session = session, .order = order };
    int code = JOURNAL_CMD_OK;

    buf_init(&d.line, LINE_MAX_SIZE);
    t->each = print_record;
    t->each_arg = &d;
    if (!journal_tool_read(t)) {
        code = t->output_failed ? JOURNAL_CMD_FAILED : JOURNAL_CMD_DAMAGED;
        (void)fprintf(stderr, "fixbridge: %s\n", t->output_failed ? "cannot write" : t->error);
    }
    buf_fini(&d.line);
    return fflush(stdout) == 0 ? code : JOURNAL_CMD_FAILED;
}

/* ---- options ------------------------------------------------------------------------------- */

struct options {
    const char *session, *order, *drop_after, *to;
};

static int usage(void)
{
    (void)fputs(help_text, stderr);
    return JOURNAL_CMD_USAGE;
}

static bool read_options(int count, char *const *arg, struct options *o)
{
    for (int i = 0; i < count; i++) {
        const char **into = strcmp(arg[i], "--session") == 0      ? &o->session
                            : strcmp(arg[i], "--order") == 0      ? &o->order
                            : strcmp(arg[i], "--drop-after") == 0 ? &o->drop_after
                                                                  : NULL;

        if (into == NULL && (arg[i][0] == '-' || o->to != NULL)) {
            return false;
        }
        if (into != NULL && i + 1 == count) {
            return false;
        }
        if (into == NULL) {
            o->to = arg[i];
        } else {
            *into = arg[++i];
        }
    }
    return true;
}

enum operation { VERIFY, DUMP, EXPORT, REPAIR, NOTHING };

static enum operation operation_of(const char *word, const struct options *o)
{
    bool filters = o->session != NULL || o->order != NULL;

    if (strcmp(word, "dump") == 0 && o->to == NULL && o->drop_after == NULL) {
        return DUMP;
    }
    if (strcmp(word, "export") == 0 && o->to != NULL && o->drop_after == NULL && !filters) {
        return EXPORT;
    }
    if (strcmp(word, "repair") == 0 && o->to == NULL && !filters) {
        return REPAIR;
    }
    if (strcmp(word, "verify") == 0 && o->to == NULL && o->drop_after == NULL && !filters) {
        return VERIFY;
    }
    return NOTHING;
}

static int run(enum operation what, struct journal_tool *t, const struct options *o)
{
    switch (what) {
    case VERIFY: return verify(t);
    case DUMP: return dump(t, bytes_of(o->session), bytes_of(o->order));
    case EXPORT: return journal_export(t, o->to);
    case REPAIR: return journal_repair(t, o->drop_after);
    case NOTHING: break;
    }
    return usage();
}

int journal_cmd(int count, char *const *arg)
{
    struct journal_tool t = { .directory = -1 };
    struct options o = { 0 };
    int code;

    if (count == 1 && strcmp(arg[0], "help") == 0) {
        return fputs(help_text, stdout) >= 0 && fflush(stdout) == 0 ? JOURNAL_CMD_OK
                                                                    : JOURNAL_CMD_FAILED;
    }
    if (count < 2 || !read_options(count - 2, arg + 2, &o) || operation_of(arg[0], &o) == NOTHING) {
        return usage();
    }
    t.name = arg[1];
    t.directory = open(arg[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t.directory < 0) {
        (void)fprintf(stderr, "fixbridge: %s: %s\n", arg[1], strerror(errno));
        return JOURNAL_CMD_FAILED;
    }
    code = run(operation_of(arg[0], &o), &t, &o);
    journal_words_free(t.words);
    (void)close(t.directory);
    return fflush(stdout) == 0 ? code : JOURNAL_CMD_FAILED;
}
