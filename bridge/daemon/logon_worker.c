/*
 * A thread, a lock, and two lists.
 */
#include "logon_worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "bounds.h"
#include "sign.h"
#include "thread.h"

struct node {
    struct node *next;
    struct logon_job job;
};

struct list {
    struct node *first, **end;
};

struct logon_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t come;
    struct list waiting, done;
    size_t count; /* of both lists and the one being checked */
    bool stop;
    void (*wake)(void *arg);
    void *arg;
};

static void push(struct list *l, struct node *n)
{
    n->next = NULL;
    *l->end = n;
    l->end = &n->next;
}

static struct node *pop(struct list *l)
{
    struct node *n = l->first;

    if (n != NULL) {
        l->first = n->next;
        if (l->first == NULL) {
            l->end = &l->first;
        }
    }
    return n;
}

static void node_free(struct node *n)
{
    sign_wipe(&n->job, sizeof n->job);
    free(n);
}

static void *work(void *arg)
{
    struct logon_worker *w = arg;

    (void)pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        struct node *n = pop(&w->waiting);
        bool right;

        if (n == NULL) {
            (void)pthread_cond_wait(&w->come, &w->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&w->lock);
        right = password_hash_check(&n->job.hash, (struct bytes){ n->job.password, n->job.size });
        n->job.good = right && n->job.user_is_right;
        (void)pthread_mutex_lock(&w->lock);
        push(&w->done, n);
        w->wake(w->arg);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct logon_worker *logon_worker_new(void (*wake)(void *arg), void *arg)
{
    struct logon_worker *w = calloc(1, sizeof *w);

    if (w == NULL) {
        return NULL;
    }
    w->wake = wake;
    w->arg = arg;
    w->waiting.end = &w->waiting.first;
    w->done.end = &w->done.first;
    (void)pthread_mutex_init(&w->lock, NULL); /* neither can fail with default attributes */
    (void)pthread_cond_init(&w->come, NULL);
    if (!thread_start(&w->thread, work, w)) {
        free(w);
        return NULL;
    }
    return w;
}

void logon_worker_free(struct logon_worker *w)
{
    struct node *n;

    if (w == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->stop = true;
    (void)pthread_cond_signal(&w->come);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    while ((n = pop(&w->waiting)) != NULL || (n = pop(&w->done)) != NULL) {
        node_free(n);
    }
    (void)pthread_cond_destroy(&w->come);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

bool logon_worker_put(struct logon_worker *w, const struct logon_job *job)
{
    struct node *n = calloc(1, sizeof *n);
    bool room;

    if (n == NULL) {
        return false;
    }
    n->job = *job;
    (void)pthread_mutex_lock(&w->lock);
    room = w->count < SESSIONS_MAX;
    if (room) {
        push(&w->waiting, n);
        w->count++;
        (void)pthread_cond_signal(&w->come);
    }
    (void)pthread_mutex_unlock(&w->lock);
    if (!room) {
        node_free(n);
    }
    return room;
}

void logon_worker_cancel(struct logon_worker *w, const void *owner, uint32_t serial)
{
    struct list kept = { NULL, NULL };
    struct node *n;

    kept.end = &kept.first;
    (void)pthread_mutex_lock(&w->lock);
    while ((n = pop(&w->waiting)) != NULL) {
        if (n->job.owner == owner && n->job.serial == serial) {
            w->count--;
            node_free(n);
        } else {
            push(&kept, n);
        }
    }
    w->waiting.first = kept.first;
    w->waiting.end = kept.first == NULL ? &w->waiting.first : kept.end;
    (void)pthread_mutex_unlock(&w->lock);
}

bool logon_worker_take(struct logon_worker *w, struct logon_job *out)
{
    struct node *n;

    (void)pthread_mutex_lock(&w->lock);
    n = pop(&w->done);
    w->count -= n != NULL ? 1 : 0;
    (void)pthread_mutex_unlock(&w->lock);
    if (n == NULL) {
        return false;
    }
    *out = n->job;
    node_free(n);
    return true;
}
