/*
 * What the parts of the journal share; nobody else includes this.
 *
 *     journal_file.c      open, append, commit, close: the loop's side
 *     journal_writer.c    the writer thread;  journal_segment.c  the segments it writes to
 *     journal_space.c     the disk, and whether there is room on it
 *     journal_store.c     the sessions' stores on top of it
 *     journal_compact.c   compaction, seen from the loop;  journal_snapshot.c  the process that
 * writes journal_read.c      recovery;  journal_format.c  the bytes
 */
#ifndef DAEMON_JOURNAL_INTERNAL_H
#define DAEMON_JOURNAL_INTERNAL_H

#include "buf.h"
#include "journal_file.h"
#include "journal_read.h"
#include "map.h"

#include <pthread.h>
#include <stdatomic.h>

#define JOURNAL_SESSION_NAME (NAME_MAX_LEN * 2)

/* Batches that lie together in one segment and in one stretch of a journal_queue. */
struct journal_run {
    uint64_t segment;
    uint64_t offset; /* in the segment */
    uint64_t first_batch;
    size_t at; /* in the queue's data */
    size_t size;
};

/* Sealed batches on their way to the disk. */
struct journal_queue {
    struct buf data;
    struct journal_run *runs;
    size_t run_count;
    size_t run_room;
    uint64_t last; /* lsn of the last batch in it */
};

/* Only for whom `busy` stands, once the writer thread runs. */
struct journal_writer {
    pthread_t thread;
    bool started;
    int fd;            /* -1: none: the old segment is done, the next could not be made yet */
    uint64_t segment;  /* of fd, or the one that is done */
    uint64_t end;      /* of what was written to it */
    uint64_t reserved; /* its blocks are certain up to here */
    uint64_t zeroed;   /* up to here they were written to, if only with zeros */
    int64_t looked_us; /* when the free space was last looked at */
    int64_t pause_us;  /* until the next attempt on a full disk; 0: not blocked */
};

/* What became of a piece of writing. FULL: the disk is full, all of it may be tried again. */
enum journal_put_result { JOURNAL_PUT, JOURNAL_FULL, JOURNAL_FAILED };

/* A segment that is full, and since when (wall clock). */
struct journal_age {
    uint64_t segment;
    int64_t ended_us;
};

struct journal_session;
struct journal_compaction;

struct journal {
    enum journal_mode mode;
    char *name;    /* of the directory */
    int directory; /* -1 in memory mode */
    int lock;
    uint64_t segment_size;
    uint64_t free_min;
    struct journal_disk disk;
    uint64_t identity;
    void (*wake)(void *arg);
    void *wake_arg;
    journal_visit_fn *visit; /* while opening */
    journal_expect_engine_fn *expect;
    void *visit_arg;

    /* The loop's own. */
    struct buf open;  /* the open batch, its header first; empty: none */
    uint64_t segment; /* where the open or next batch begins */
    uint64_t offset;
    uint64_t last;
    struct journal_session **sessions; /* by number, from 1 */
    size_t session_count;
    struct map *session_names;
    bool no_memory; /* why a session's record could not be applied */
    int read_fd;    /* segment last read from; -1: none */
    uint64_t read_segment;
    struct buf read;  /* a stretch of that segment, or one record from memory */
    uint64_t read_at; /* offset of that stretch; UINT64_MAX: it is a record from memory */
    struct journal_stats stats;
    uint64_t lowest;          /* the oldest segment there is */
    uint64_t snapshot;        /* in force; 0: none */
    uint64_t since;           /* bytes behind it */
    struct journal_age *ages; /* ascending */
    size_t age_count, age_room;
    struct journal_compaction *compaction; /* NULL: none under way */

    /* Both sides', under the mutex. */
    pthread_mutex_t mutex;
    pthread_cond_t work;
    pthread_cond_t done;
    pthread_cond_t idle; /* `busy` has ended */
    bool ready;          /* the four above exist */
    bool stop;
    bool handed; /* `pending` is the thread's to take */
    bool busy; /* one of the two threads writes, syncs or looks at the disk */
    struct journal_queue pending;
    struct journal_queue writing;
    uint64_t syncs, sync_us_total, sync_us_max, sync_us_last, here, blocked, retries;
    char full[JOURNAL_ERROR_MAX]; /* what found the disk full, last */

    atomic_bool failed;
    char error[JOURNAL_ERROR_MAX]; /* written once, before `failed` */
    _Atomic uint64_t durable;
    atomic_int space; /* enum journal_space */
    _Atomic uint64_t free_bytes;
    _Atomic uint64_t synced; /* on disk for certain, in whatever mode */

    struct journal_writer writer;
};

/* The first failure wins; always returns false. Takes the mutex. */
PRINTF_LIKE(2, 3) bool journal_fail(struct journal *j, const char *format, ...);

/* journal_file.c: one record into the open batch, in two parts. *at is where it will be. */
MUST_CHECK bool journal_put(struct journal *j, enum journal_kind kind, uint16_t session,
                            struct bytes first, struct bytes second, struct journal_place *at);
/* Whether the bytes are still in memory: then copied to `to`, as many as there are up to `size`. */
bool journal_peek(struct journal *j, uint64_t segment, uint64_t offset, size_t size,
                  struct buf *to);

/* Up to which offset a segment can be read from its file: from there on the bytes are in memory, or
 * on their way to the file now. */
uint64_t journal_written(struct journal *j, uint64_t segment);

/* journal_segment.c. Errors are told on the segment by journal_full_or_failed. */
MUST_CHECK bool journal_writer_resume(struct journal *j, const struct journal_found *found);
MUST_CHECK enum journal_put_result journal_put_run(struct journal *j, const struct journal_run *run,
                                                   const char *data);
/* Tries once more for the blocks that a full disk refused at open. False: failed. */
MUST_CHECK bool journal_reserve_again(struct journal *j);
enum journal_put_result journal_full_or_failed(struct journal *j, uint64_t segment,
                                               const char *what, int error);

/* journal_space.c */
extern const struct journal_disk journal_system_disk;
int64_t journal_now_us(void);
/* Looks at the free space, at most once a second unless `now`. True: the state has changed. */
bool journal_look(struct journal *j, bool now);
/* Whether a further segment can be made and the reserve stays whole. */
MUST_CHECK enum journal_put_result journal_check_space(struct journal *j, uint64_t segment);

/* journal_compact.c. Out of memory only makes segments look younger than they are. */
void journal_age_add(struct journal *j, uint64_t segment, int64_t ended_us);
void journal_compaction_free(struct journal *j); /* gives one up that is under way */
int64_t journal_wall_us(void);

/* journal_snapshot.c: what the forked process does. */
struct journal_snapshot_job {
    struct journal *journal;
    uint64_t number, first_batch;
    journal_state_fn *state;
    void *arg;
    struct buf batch; /* with all the room it will ever need */
    struct journal_snapshot_report *report;
};
/* In memory that both processes see. */
struct journal_snapshot_report {
    uint64_t records, bytes;
    char error[JOURNAL_ERROR_MAX];
};
MUST_CHECK bool journal_snapshot_reserve(struct journal_snapshot_job *job);
/* Writes and syncs JOURNAL_SNAPSHOT_TEMPORARY. */
MUST_CHECK bool journal_snapshot_write(struct journal_snapshot_job *job);

/* journal_writer.c */
MUST_CHECK bool journal_writer_start(struct journal *j);
void journal_writer_stop(struct journal *j);

/* journal_store.c */
MUST_CHECK bool journal_session_apply(struct journal *j, const struct journal_place *at,
                                      const struct journal_record *r);
void journal_sessions_free(struct journal *j);
/* Forgets where the messages in segments before this one are. */
void journal_sessions_drop(struct journal *j, uint64_t segment);
/* What a snapshot tells of one session: the body of a record a call, into `out`; *step begins with
 * 0. 0: that was all. Takes no memory. */
enum journal_kind journal_session_tell(const struct journal *j, size_t session, size_t *step,
                                       struct buf *out);

#endif
