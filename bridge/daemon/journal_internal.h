/*
 * What the parts of the journal share; nobody else includes this.
 *
 *     journal_file.c      open, append, commit, close: the loop's side
 *     journal_writer.c    segments and the writer thread
 *     journal_store.c     the sessions' stores on top of it
 *     journal_read.c      recovery;  journal_format.c  the bytes
 */
#ifndef DAEMON_JOURNAL_INTERNAL_H
#define DAEMON_JOURNAL_INTERNAL_H

#include "buf.h"
#include "journal_file.h"
#include "journal_read.h"
#include "map.h"

#include <pthread.h>
#include <stdatomic.h>

#define JOURNAL_SESSION_NAME    (NAME_MAX_LEN * 2)

/* Batches that lie together in one segment and in one stretch of a journal_queue. */
struct journal_run {
    uint64_t segment;
    uint64_t offset;        /* in the segment */
    uint64_t first_batch;
    size_t   at;            /* in the queue's data */
    size_t   size;
};

/* Sealed batches on their way to the disk. */
struct journal_queue {
    struct buf          data;
    struct journal_run *runs;
    size_t              run_count;
    size_t              run_room;
    uint64_t            last;       /* lsn of the last batch in it */
};

/* Only the writer thread's, once it runs. */
struct journal_writer {
    pthread_t thread;
    bool      started;
    int       fd;           /* -1: none */
    uint64_t  segment;
    uint64_t  end;          /* of what was written to it */
};

struct journal_session;

struct journal {
    enum journal_mode        mode;
    char                    *name;          /* of the directory */
    int                      directory;     /* -1 in memory mode */
    int                      lock;
    uint64_t                 segment_size;
    uint64_t                 free_min;
    uint64_t                 identity;
    void                   (*wake)(void *arg);
    void                    *wake_arg;
    journal_visit_fn        *visit;         /* while opening */
    void                    *visit_arg;

    /* The loop's own. */
    struct buf               open;          /* the open batch, its header first; empty: none */
    uint64_t                 segment;       /* where the open or next batch begins */
    uint64_t                 offset;
    uint64_t                 last;
    struct journal_session **sessions;      /* by number, from 1 */
    size_t                   session_count;
    struct map              *session_names;
    int                      read_fd;       /* segment last read from; -1: none */
    uint64_t                 read_segment;
    struct buf               read;          /* the message handed out */
    struct journal_stats     stats;

    /* Both sides', under the mutex. */
    pthread_mutex_t          mutex;
    pthread_cond_t           work;
    pthread_cond_t           done;
    bool                     ready;         /* the three above exist */
    bool                     stop;
    struct journal_queue     pending;
    struct journal_queue     writing;
    uint64_t                 syncs, sync_us_total, sync_us_max;

    atomic_bool              failed;
    char                     error[JOURNAL_ERROR_MAX];  /* written once, before `failed` */
    _Atomic uint64_t         durable;
    _Atomic uint64_t         synced;        /* on disk for certain, in whatever mode */

    struct journal_writer    writer;
};

/* The first failure wins; always returns false. Takes the mutex. */
PRINTF_LIKE(2, 3) bool journal_fail(struct journal *j, const char *format, ...);

/* journal_file.c: one record into the open batch, in two parts. *at is where it will be. */
MUST_CHECK bool journal_put(struct journal *j, enum journal_kind kind, uint16_t session,
                            struct bytes first, struct bytes second, struct journal_place *at);
/* Whether the bytes are still in memory: then copied to `to`, as many as there are up to `size`. */
bool journal_peek(struct journal *j, uint64_t segment, uint64_t offset, size_t size,
                  struct buf *to);

/* journal_writer.c */
MUST_CHECK bool journal_writer_resume(struct journal *j, const struct journal_found *found);
MUST_CHECK bool journal_writer_start(struct journal *j);
void journal_writer_stop(struct journal *j);

/* journal_store.c */
MUST_CHECK bool journal_session_apply(struct journal *j, const struct journal_place *at,
                                      const struct journal_record *r);
void journal_sessions_free(struct journal *j);

#endif
