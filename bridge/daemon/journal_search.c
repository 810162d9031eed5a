/*
 * The thread. It shares nothing with the loop but two flags; its files are its own.
 */
#include "journal_search.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_tool.h"

struct journal_search {
    pthread_t thread;
    char directory[4096], id[128];
    void (*wake)(void *);
    void *wake_arg;
    atomic_bool done, stop;

    /* The thread's until `done`. */
    struct journal_words *words;
    struct buf lines;
    size_t count;
    bool cut;
    char error[JOURNAL_ERROR_MAX];
};

struct reading {
    struct journal_search *search;
    struct journal_tool *tool;
};

static bool each(void *arg, const struct journal_place *at, const struct journal_record *raw,
                 const struct record *r)
{
    struct reading *reading = arg;
    struct journal_search *s = reading->search;
    size_t before = s->lines.size;

    if (atomic_load(&s->stop)) {
        return false;
    }
    if (!journal_words_match(reading->tool->words, raw, r, (struct bytes){ NULL, 0 },
                             bytes_of(s->id))) {
        return true;
    }
    if (s->count == JOURNAL_SEARCH_LINES_MAX) {
        s->cut = true;
        return false;
    }
    journal_words_line(reading->tool->words, at, raw, r, &s->lines);
    if (s->lines.failed) {
        s->lines.size = before; /* whole lines only */
        s->cut = true;
        return false;
    }
    s->count++;
    return true;
}

static void read_all(struct journal_search *s)
{
    struct journal_tool tool = { .name = s->directory };
    struct reading reading = { .search = s, .tool = &tool };

    tool.directory = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tool.directory < 0) {
        (void)snprintf(s->error, sizeof s->error, "the journal's directory: %s", strerror(errno));
        return;
    }
    tool.each = each;
    tool.each_arg = &reading;
    if (!journal_tool_read(&tool) && !tool.output_failed) {
        (void)snprintf(s->error, sizeof s->error, "%s", tool.error);
    }
    journal_words_free(tool.words);
    (void)close(tool.directory);
}

static void *run(void *arg)
{
    const struct sched_param lowest = { .sched_priority = 0 };
    struct journal_search *s = arg;

    (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &lowest); /* else as good as any */
    read_all(s);
    atomic_store(&s->done, true);
    s->wake(s->wake_arg);
    return NULL;
}

struct journal_search *journal_search_new(struct bytes directory, struct bytes id,
                                          void (*wake)(void *), void *wake_arg)
{
    struct journal_search *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->wake = wake;
    s->wake_arg = wake_arg;
    buf_init(&s->lines, JOURNAL_SEARCH_BYTES_MAX);
    if (!bytes_to_field(directory, s->directory, sizeof s->directory) ||
        !bytes_to_field(id, s->id, sizeof s->id) || pthread_create(&s->thread, NULL, run, s) != 0) {
        free(s);
        return NULL;
    }
    return s;
}

bool journal_search_done(const struct journal_search *s)
{
    return atomic_load(&s->done);
}

struct bytes journal_search_lines(const struct journal_search *s)
{
    return buf_view(&s->lines);
}

bool journal_search_cut(const struct journal_search *s)
{
    return s->cut;
}

const char *journal_search_error(const struct journal_search *s)
{
    return s->error[0] == '\0' ? NULL : s->error;
}

void journal_search_stop(struct journal_search *s)
{
    atomic_store(&s->stop, true);
}

void journal_search_free(struct journal_search *s)
{
    if (s == NULL) {
        return;
    }
    (void)pthread_join(s->thread, NULL);
    buf_fini(&s->lines);
    free(s);
}
