/*
 * Letting accounts do what they can, after each event. Decides only which of them: an event is
 * nearly always about one, and an order is to cost the same beside a thousand others.
 *
 *     touched    something about it changed: account_touch, order_touch
 *     due        its wake_us has come: what it said it waits for when it was run last
 *     all        after events that may concern any account, and once a second, should an event not
 *                have said what it touched
 */
#include "engine_internal.h"

static void account_run(struct engine *e, struct account *a)
{
    bool listed = a->touched;

    a->touched = true; /* what it does to itself is no reason to run it again */
    a->wake_us = NEVER_US;
    account_run_deadman(e, a);
    account_run_orders(e, a);
    if (e->started) {
        account_run_settings(e, a);
    }
    account_run_watch(e, a);
    account_run_positions(e, a);
    if (a->backoff_us > e->now.mono_us + STATUS_HALT_US) {
        wake_at(a, a->backoff_us - STATUS_HALT_US);
    }
    a->touched = listed;
    e->ran[e->ran_count++] = a;
    if (a->wake_us < e->due_us) {
        e->due_us = a->wake_us;
    }
}

static void run_all(struct engine *e)
{
    e->all_us = e->now.mono_us;
    e->due_us = NEVER_US;
    e->touched = NULL;
    for (size_t i = 0; i < e->config.account_count; i++) {
        e->account[i].touched = true; /* its turn comes */
    }
    for (size_t i = 0; i < e->config.account_count; i++) {
        account_run(e, &e->account[i]);
        e->account[i].touched = false;
    }
}

static void run_touched(struct engine *e)
{
    struct account *a = e->touched, *next;

    e->touched = NULL; /* what is touched from here on is run after the next event */
    for (; a != NULL; a = next) {
        next = a->next_touched;
        account_run(e, a);
        a->touched = false;
    }
}

static void run_due(struct engine *e)
{
    e->due_us = NEVER_US;
    for (size_t i = 0; i < e->config.account_count; i++) {
        struct account *a = &e->account[i];

        if (e->now.mono_us >= a->wake_us) {
            account_run(e, a);
        } else if (a->wake_us < e->due_us) {
            e->due_us = a->wake_us;
        }
    }
}

void engine_run(struct engine *e)
{
    e->ran_count = 0;
    if (e->run_all || e->now.mono_us >= e->all_us + US_PER_S) {
        run_all(e);
    } else {
        run_touched(e);
        if (e->now.mono_us >= e->due_us) {
            run_due(e);
        }
    }
    e->wake_us = mass_deadline(e);
    if (e->down_deadline_us < e->wake_us) {
        e->wake_us = e->down_deadline_us;
    }
    if (e->retain_at_us < e->wake_us) {
        e->wake_us = e->retain_at_us;
    }
    if (e->due_us < e->wake_us) {
        e->wake_us = e->due_us;
    }
    lists_run(e);
    status_run(e);
}
