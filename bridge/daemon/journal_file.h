/*
 * The journal: one append-only file of everything this service decided, cut into segments in one
 * directory. It holds the engine's records (opaque bytes) and the sessions' numbers and sent
 * messages; both in the same batches, so that a fill and the report that tells of it live or die
 * together.
 *
 *     journal_append, fix_store calls ──► open batch ──commit──► pending ──writer──► segment
 *                                               (one fdatasync for all that came meanwhile)
 *
 * What was committed is released by the caller only when journal_durable() has reached the lsn that
 * journal_commit() gave. The format on disk is described in journal_format.h, the reading back in
 * journal_read.h. Knows no order, no loop and no log. Every function here is called from one thread
 * (the loop's); only the `wake` callback runs in the writer thread.
 */
#ifndef DAEMON_JOURNAL_FILE_H
#define DAEMON_JOURNAL_FILE_H

#include "base.h"
#include "buf.h"
#include "fix_store.h"
#include "bounds.h"

struct journal;

enum journal_mode {
    JOURNAL_SYNC,    /* durable means: fdatasync has returned. The default, survives the host */
    JOURNAL_WRITTEN, /* durable means: written to the file. Survives the process, not the host */
    JOURNAL_MEMORY,  /* nothing is written anywhere, durable at commit. Tests only */
};

#define JOURNAL_ERROR_MAX 256
#define JOURNAL_SEGMENT_SIZE (UINT64_C(256) * 1024 * 1024)
#define JOURNAL_SEGMENT_SIZE_MIN (UINT64_C(4) * 1024)
#define JOURNAL_SEGMENT_SIZE_MAX (UINT64_C(2) * 1024 * 1024 * 1024)
/* Sealed but not yet written: more than this means the disk has stopped, and the journal fails. */
#define JOURNAL_PENDING_MAX ((size_t)256 * 1024 * 1024)

/* One engine record of a whole batch, in the order they were appended. `record` lives for the call.
 * False: the record cannot be applied; journal_open then fails and names the place. */
typedef bool journal_visit_fn(void *arg, uint64_t lsn, struct bytes record);
/* A hint: such an engine record is likely to be visited soon. It may be damaged. */
typedef void journal_expect_engine_fn(void *arg, struct bytes record);

/* Whether there is room on the disk. Nothing that is not durable leaves in any of these. */
enum journal_space {
    JOURNAL_SPACE_ENOUGH,
    JOURNAL_SPACE_SCARCE,  /* less than twice the reserve is left: warn */
    JOURNAL_SPACE_STALLED, /* the reserve is touched: end what makes records. The segment's blocks
                            * were reserved when it was made, so records still become durable */
    JOURNAL_SPACE_BLOCKED, /* nothing can be written: batches wait in memory, tried again and again
                            * at the same place; nothing more becomes durable until space returns */
};

const char *journal_space_text(enum journal_space s); /* "enough", "scarce", ... */

/* How the journal's directory is written to, so that tests can fill it and break it. Called in the
 * writer thread. An error is a number of errno.h; 0 is none. */
struct journal_disk {
    int (*write)(void *arg, int fd, const char *data, size_t size, uint64_t offset);
    int (*reserve)(void *arg, int fd, uint64_t size);
    int (*sync)(void *arg, int fd);
    int (*free_bytes)(void *arg, int directory, uint64_t *out);
    void *arg;
};

struct journal_config {
    const char *directory; /* exists; unused by JOURNAL_MEMORY */
    enum journal_mode mode;
    uint64_t segment_size; /* 0: JOURNAL_SEGMENT_SIZE. The batch that crosses it ends it */
    uint64_t free_min;     /* bytes of the file system to leave free beyond the segment */
    const struct journal_disk *disk; /* copied; NULL: the system's */

    journal_visit_fn *visit;          /* recovery; NULL: engine records are skipped */
    journal_expect_engine_fn *expect; /* the same; may be NULL */
    void *visit_arg;

    /* Called in the writer thread whenever journal_durable, _error or _space has moved. Must only
     * poke the loop (ev_async_send). NULL: the caller polls or uses journal_wait. */
    void (*wake)(void *arg);
    void *wake_arg;
};

/* Takes the directory's lock, replays what is there, drops a torn tail and starts the writer
 * thread. NULL: `error` says why, naming the file: another process has the lock, not enough space,
 * damage in the middle (segment and offset), a record the visitor refused. */
struct journal *journal_open(const struct journal_config *config, char error[JOURNAL_ERROR_MAX]);

/* Writes and syncs what was committed, forgets an open batch, frees all (stores too). NULL is fine.
 * Look at journal_error before, after a journal_wait, when it matters whether that succeeded. */
void journal_close(struct journal *j);

/* Adds one engine record to the open batch. False: too large, batch over JOURNAL_BATCH_MAX, out of
 * memory, or failed before; the journal has then failed for good (journal_error). */
MUST_CHECK bool journal_append(struct journal *j, struct bytes record);

/* Seals everything since the last commit as one batch, all or nothing at recovery, and returns its
 * lsn: 1, 2, 3, ... A batch with nothing in it is not made: the last lsn is returned. 0: failed. */
MUST_CHECK uint64_t journal_commit(struct journal *j);

/* As journal_commit, but what was sealed stays in memory until one of the next three is called. */
MUST_CHECK uint64_t journal_seal(struct journal *j);

/* The writer thread writes what was sealed, if anything. */
void journal_hand_over(struct journal *j);

/* Who had better write what was sealed.
 * CALLER: by journal_write. The thread has nothing to do, it is little, its segment exists, the
 *         disk has room and its last sync was a quick one.
 * THREAD: by journal_hand_over.
 * NOBODY: nothing was sealed; or it is little, and the thread is at work and will wake the loop:
 *         then is the time to ask again. */
enum journal_who { JOURNAL_NOBODY, JOURNAL_CALLER, JOURNAL_THREAD };
enum journal_who journal_who(struct journal *j);

/* The caller writes it and, in JOURNAL_SYNC, syncs it: durable when this returns, and two thread
 * switches are saved. Blocks for as long as the disk takes. Whatever cannot be done so is handed to
 * the thread: journal_who does not say CALLER, or the disk turns out to be full. */
void journal_write(struct journal *j);

/* Whether something was appended since the last commit. */
bool journal_dirty(const struct journal *j);

/* Highest lsn that may be acted on; 0: none yet. Never moves again after a failure. */
uint64_t journal_durable(const struct journal *j);

/* The last lsn sealed (after journal_open: the last one recovered). */
uint64_t journal_last(const struct journal *j);

/* Blocks until journal_durable() >= lsn (true), or the journal has failed or is BLOCKED (false).
 * For start-up and shutdown; the loop never calls it. */
MUST_CHECK bool journal_wait(struct journal *j, uint64_t lsn);

/* NULL: healthy. Else what failed, on which file, with the system's words. Sticky. */
const char *journal_error(const struct journal *j);

/* Goes up and down by itself. A disk that was full when the journal was opened is no failure unless
 * the very first segment cannot be made. */
enum journal_space journal_space(const struct journal *j);
/* Free bytes of the file system when last looked. */
uint64_t journal_free(const struct journal *j);

/* Segments there are: all that a later start would read, and older ones still to be removed. */
uint64_t journal_segments(const struct journal *j);
/* Bytes of the disk that those and the snapshot take, reserved ones too. Looks at each file; one
 * that cannot be looked at counts for nothing. */
uint64_t journal_disk_bytes(const struct journal *j);

/* The store of one FIX session, by a name that stays the same from start to start. The same name
 * gives the same store; its numbers and messages are those recovered. Owned by the journal. What it
 * is told goes into the open batch like an engine record. NULL: name empty or longer than
 * NAME_MAX_LEN * 2, more than SESSIONS_MAX, out of memory. */
struct fix_store *journal_store(struct journal *j, struct bytes session_name);

/* ---- compaction: journal_compact.c ---------------------------------------------------------- */

/* Appends one engine record of the state as it is now to `out`; false: that was all. Called in a
 * forked process with a copy of all memory: it must change nothing and take no memory. */
typedef bool journal_state_fn(void *arg, struct buf *out);

/* Begins to write the state as a snapshot, beside the service: between two turns, with everything
 * committed. Messages in segments that have been full for retain_us are forgotten at once; the
 * segments go when the snapshot is in force. False: `error` says why not, nothing has changed
 * (memory mode, one is under way, the disk is nearly full, no process could be made). */
MUST_CHECK bool journal_compact(struct journal *j, journal_state_fn *state, void *arg,
                                int64_t retain_us, char error[JOURNAL_ERROR_MAX]);

struct journal_compacted {
    bool good;
    char error[JOURNAL_ERROR_MAX]; /* the old segments are in force as before */
    uint64_t snapshot;             /* its number */
    uint64_t records, bytes;
    uint64_t removed, removed_bytes; /* segments that went */
    int64_t stopped_us;              /* what the caller was held up by */
    int64_t took_us;
};

/* True once when it is over; `wake` was called. */
bool journal_compacted(struct journal *j, struct journal_compacted *out);
bool journal_compacting(const struct journal *j);
/* Bytes that a start would read behind the snapshot in force. */
uint64_t journal_since_snapshot(const struct journal *j);

/* For the status page. */
struct journal_stats {
    uint64_t batches;       /* sealed since open */
    uint64_t records;       /* appended since open, all kinds */
    uint64_t bytes;         /* sealed since open */
    uint64_t syncs;         /* fdatasync calls of batches; batches / syncs = size of a group */
    uint64_t here;          /* times that journal_write wrote, not the thread */
    uint64_t sync_us_total; /* time spent in them */
    uint64_t sync_us_max;
    uint64_t pending_bytes;     /* sealed, not yet handed to the writer */
    uint64_t segment;           /* number of the segment written to */
    uint64_t recovered_batches; /* at open */
    uint64_t recovered_records;
    uint64_t dropped_bytes; /* torn tail cut off at open; 0: clean */
    uint64_t snapshot;      /* in force; 0: none */
    uint64_t blocked;       /* times that the disk was full */
    uint64_t retries;       /* attempts to write that found it still full */
};

void journal_stats(const struct journal *j, struct journal_stats *out);

#endif
