/*
 * The shell on libev. One iteration is one turn: `check` reads the clocks when the kernel has woken
 * us, the watchers of sockets and transfers hand in what came, `prepare` settles the turn just
 * before the next sleep. Nothing is decided here.
 */
#include <signal.h>

#include "log.h"
#include "memory.h"
#include "reload.h"
#include "shell.h"

static void on_check(struct ev_loop *loop, ev_check *w, int events)
{
    struct shell *sh = w->data;

    (void)loop;
    (void)events;
    sh->now = sh->woken = loop_now();
    if (!ev_is_pending(&sh->idle)) {
        sh->busy_us = sh->now.mono_us;
    }
    if (sh->may_sync) { /* the idle watcher is heard only when nothing else happened */
        shell_looked(sh, ev_is_pending(&sh->idle));
        sh->now = loop_now();
    }
}

/* Lazy: a timer that rings too early costs one empty turn, moving it with every message costs more.
 */
static void arm(struct shell *sh)
{
    int64_t at_us = shell_deadline(sh);
    int64_t after_us = at_us - sh->now.mono_us;

    if (at_us == NEVER_US || (ev_is_active(&sh->timer) && sh->armed_us <= at_us)) {
        return;
    }
    sh->armed_us = at_us;
    ev_timer_stop(sh->loop, &sh->timer);
    ev_timer_set(&sh->timer, after_us <= 0 ? 0. : (double)after_us * 1e-6, 0.);
    ev_timer_start(sh->loop, &sh->timer);
}

/* The heap is looked at when a turn is over, never more often than this. */
#define WARM_EACH_US (10 * US_PER_MS)

static void keep_warm(struct shell *sh)
{
    size_t mib = sh->setup->config->fixbridge->memory_warm_mib;

    if (mib > 0 && sh->now.mono_us >= sh->warm_us) {
        sh->warm_us = sh->now.mono_us + WARM_EACH_US;
        memory_keep_warm(mib * 1024 * 1024);
    }
}

/* Whether to look at the sockets again at once, though there is nothing to do. */
static bool spins(const struct shell *sh)
{
    int64_t for_us = sh->setup->config->fixbridge->busy_poll_us;

    return sh->may_sync || (for_us > 0 && sh->now.mono_us - sh->busy_us < for_us);
}

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int events)
{
    struct shell *sh = w->data;

    (void)events;
    if (shell_settle(sh) && !spins(sh)) {
        ev_idle_stop(loop, &sh->idle);
    } else {
        ev_idle_start(loop, &sh->idle);
    }
    if (sh->failed != NULL || sh->phase == SHELL_STOPS) {
        ev_break(loop, EVBREAK_ALL); /* looked at before the sleep */
    }
    arm(sh);
    log_flush();
    keep_warm(sh);
    if (sh->monitor != NULL && sh->woken.mono_us > 0) {
        histogram_add(&sh->monitor->turn, loop_now().mono_us - sh->woken.mono_us, 1);
    }
}

/* Being woken is all there is to it: `prepare` does the work. */
static void on_wake(struct ev_loop *loop, ev_async *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

static void on_idle(struct ev_loop *loop, ev_idle *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

static void hang_up(struct shell *sh)
{
    struct buf report;

    buf_init(&report, 1024 * 1024);
    notify_reloading(&sh->notify, sh->now.mono_us);
    if (reload_run(sh, &report)) {
        notify_ready(&sh->notify, "serving");
    } else {
        log_write(LOG_ERROR, "reload", LOG_T("what", "nothing was changed"));
        notify_ready(&sh->notify, "serving; the last reload was refused, see the log");
    }
    buf_fini(&report);
}

static void on_signal(struct ev_loop *loop, ev_signal *w, int events)
{
    struct shell *sh = w->data;

    (void)loop;
    (void)events;
    if (w->signum == SIGHUP) {
        hang_up(sh);
        return;
    }
    shell_drain(sh, w->signum == SIGTERM ? "SIGTERM" : "SIGINT");
}

void loop_wake(void *arg)
{
    struct shell *sh = arg;

    ev_async_send(sh->loop, &sh->wake);
}

void loop_init(struct shell *sh)
{
    static const int signum[] = { SIGTERM, SIGINT, SIGHUP };

    ev_check_init(&sh->check, on_check);
    ev_set_priority(&sh->check, EV_MAXPRI); /* before any watcher that uses the time */
    ev_prepare_init(&sh->prepare, on_prepare);
    ev_async_init(&sh->wake, on_wake);
    ev_timer_init(&sh->timer, on_timer, 0., 0.);
    ev_idle_init(&sh->idle, on_idle);
    sh->check.data = sh->prepare.data = sh;
    sh->now = loop_now();
    ev_check_start(sh->loop, &sh->check);
    ev_prepare_start(sh->loop, &sh->prepare);
    ev_async_start(sh->loop, &sh->wake);
    for (size_t i = 0; i < ARRAY_LEN(signum); i++) {
        ev_signal_init(&sh->signals[i], on_signal, signum[i]);
        sh->signals[i].data = sh;
        ev_signal_start(sh->loop, &sh->signals[i]);
    }
}

bool loop_run(struct shell *sh)
{
    sh->now = loop_now();
    while (sh->failed == NULL && sh->phase != SHELL_STOPS) {
        (void)ev_run(sh->loop, 0);
    }
    return sh->failed == NULL;
}

void loop_fini(struct shell *sh)
{
    for (size_t i = 0; i < ARRAY_LEN(sh->signals); i++) {
        ev_signal_stop(sh->loop, &sh->signals[i]);
    }
    ev_check_stop(sh->loop, &sh->check);
    ev_prepare_stop(sh->loop, &sh->prepare);
    ev_async_stop(sh->loop, &sh->wake);
    ev_timer_stop(sh->loop, &sh->timer);
    ev_idle_stop(sh->loop, &sh->idle);
}
