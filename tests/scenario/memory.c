/*
 * Scenarios with the n-th allocation failing. The engine's entries and its allocations come through
 * here (ld --wrap): only what is allocated inside an entry counts. The engine stops the process
 * when it has no memory for what it decided (assert_failed); a message body that could not be
 * written stops it in the daemon. Then all that the turn did is undone, as nothing of it had left,
 * and the process starts again from its journal. What reached it first in the turn is sent again:
 * by the client, as its number was not kept.
 */
#include "memory.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert.h"

static struct {
    unsigned long at, count; /* the one that fails; how many there were */
    bool and_later;
    bool verbose;
    bool armed;     /* inside an entry of the engine */
    bool failed;    /* at least one did */
    unsigned turns; /* of the present line */
    struct world *world;
    size_t journal, messages, transit; /* as the turn began */
    jmp_buf stop;
} memory;

/* ---- allocations ------------------------------------------------------------------------------
 */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails(void)
{
    if (!memory.armed) {
        return false;
    }
    memory.count++;
    if (memory.at == 0 || memory.count < memory.at ||
        (memory.count > memory.at && !memory.and_later)) {
        return false;
    }
    memory.failed = true;
    if (memory.verbose) {
        printf("    allocation %lu fails\n", memory.count);
    }
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

/* ---- the end of the process -------------------------------------------------------------------
 */

void __real_assert_failed(const char *file, int line, const char *what);
void __wrap_assert_failed(const char *file, int line, const char *what);

void __wrap_assert_failed(const char *file, int line, const char *what)
{
    if (!memory.armed || !memory.failed) {
        __real_assert_failed(file, line, what);
    }
    longjmp(memory.stop, 1);
}

static void body_failed(struct world *w)
{
    (void)w;
    if (memory.failed) {
        longjmp(memory.stop, 1);
    }
}

/* ---- turns ------------------------------------------------------------------------------------
 */

static void turn(void)
{
    struct world *w = memory.world;

    if (w == NULL) {
        return;
    }
    memory.turns++;
    memory.journal = w->journal.size;
    memory.messages = w->message_count;
    memory.transit = w->transit_count;
    memory.armed = true;
}

#define ENTRY(name, parameters, arguments)                                                         \
    void __real_##name parameters;                                                                 \
    void __wrap_##name parameters;                                                                 \
    void __wrap_##name parameters                                                                  \
    {                                                                                              \
        turn();                                                                                    \
        __real_##name arguments;                                                                   \
        memory.armed = false;                                                                      \
    }

ENTRY(engine_fix_message,
      (struct engine * e, uint32_t session, const struct fix_msg *msg, bool resend,
       const struct instant *now),
      (e, session, msg, resend, now))
ENTRY(engine_session_up,
      (struct engine * e, uint32_t session, const struct engine_choice *choice,
       const struct instant *now),
      (e, session, choice, now))
ENTRY(engine_session_down, (struct engine * e, uint32_t session, const struct instant *now),
      (e, session, now))
ENTRY(engine_venue_result,
      (struct engine * e, uint64_t id, enum venue_outcome outcome, const struct venue_reply *reply,
       const char *why, const struct instant *now),
      (e, id, outcome, reply, why, now))
ENTRY(engine_tick, (struct engine * e, const struct instant *now), (e, now))
ENTRY(engine_drain, (struct engine * e, const struct instant *now), (e, now))

/* What a process without memory leaves is not looked at again: its engine is not freed. */
static void start_again(struct world *w, bool acted)
{
    memory.armed = false;
    memory.at = 0;
    w->journal.size = memory.journal;
    w->message_count = memory.messages;
    w->transit_count = memory.transit;
    w->engine = NULL;
    w->symbols = NULL;
    world_crash(w, acted);
}

/* What the venue's interface cannot tell is the operator's to say; this one has looked. */
static void decide(struct world *w)
{
    const struct order *o;

    world_wait(w, 60 * US_PER_S);
    for (uint64_t id = 1; (o = engine_order_by_id(w->engine, id)) != NULL; id++) {
        const struct model_order *m = world_model(w, id);

        if (o->state == ORDER_DOUBT) {
            (void)world_decide(w, id,
                               engine_verdict_text(m != NULL ? ENGINE_IS_THERE : ENGINE_IS_ABSENT),
                               m != NULL ? m->venue_id : "");
        }
    }
}

static void play(struct world *w, char *const *line, size_t count)
{
    volatile size_t i = 0;
    volatile bool again = false;

    while (i < count && !w->failed) {
        memory.turns = 0;
        w->repeats = again;
        if (memory.verbose) {
            printf("%s\n", line[i]);
        }
        if (setjmp(memory.stop) == 0) {
            play_line(w, line[i], false);
            again = false;
            i = i + 1;
        } else {
            again = memory.turns == 1;
            start_again(w, memory.count % 3 == 0);
            i = again ? i : i + 1;
        }
    }
    w->repeats = false;
    if (setjmp(memory.stop) != 0) {
        start_again(w, memory.count % 3 == 0);
    }
    if (!w->failed) {
        decide(w);
        world_judge(w);
    }
}

/* ---- one process a run ------------------------------------------------------------------------
 */

static int run_child(char *const *line, size_t count, const char *dictionary, unsigned long *total)
{
    struct world *w = world_new(dictionary);

    w->body_failed = body_failed;
    w->verbose = memory.verbose;
    memory.world = w;
    play(w, line, count);
    *total = memory.count;
    if (w->failed) {
        printf("    %s\n", w->failure);
        fflush(stdout);
    }
    return w->failed ? 1 : 0;
}

static bool run(char *const *line, size_t count, const char *dictionary, unsigned long *total)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    ASSERT(child >= 0);
    if (child == 0) {
        _exit(run_child(line, count, dictionary, total));
    }
    ASSERT(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) {
        printf("    ended by signal %d\n", WTERMSIG(status));
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool memory_play(const char *name, char *const *line, size_t count, const char *dictionary,
                 unsigned long every, unsigned long only, unsigned *runs)
{
    unsigned long *total = mmap(NULL, sizeof *total, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0),
                  last;
    bool ok;

    ASSERT(total != MAP_FAILED && every > 0);
    memory.at = 0;
    ok = run(line, count, dictionary, total);
    last = *total;
    *runs += 1;
    memory.verbose = only > 0;
    for (unsigned long at = only > 0 ? only : 1; ok && at <= last; at += only > 0 ? last : every) {
        for (int later = 0; ok && later < 2; later++) {
            memory.at = at;
            memory.and_later = later == 1;
            ok = run(line, count, dictionary, total);
            *runs += 1;
        }
    }
    if (!ok) {
        printf("FAILED %s: allocation %lu of %lu%s\n", name, memory.at, last,
               memory.and_later ? " and all later" : "");
    }
    (void)munmap(total, sizeof *total);
    return ok;
}
