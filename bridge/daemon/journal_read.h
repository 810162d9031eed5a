/*
 * Reads a journal's directory, from the newest snapshot or else the first record, to the last whole
 * batch, and says where writing goes on. Changes nothing on disk; used by journal_open, and fit for
 * a tool that prints a journal.
 */
#ifndef DAEMON_JOURNAL_READ_H
#define DAEMON_JOURNAL_READ_H

#include "base.h"
#include "journal_file.h"
#include "journal_format.h"

/* Where a record is: of a whole batch, in order. */
struct journal_place {
    uint64_t lsn;
    uint64_t segment;
    uint64_t offset; /* of the record's own head */
    bool snapshot;   /* in the snapshot of that number, and not in the segment */
};

/* False: stop, the record cannot be used. */
typedef bool journal_record_fn(void *arg, const struct journal_place *at,
                               const struct journal_record *r);

/* A hint: such a record is likely to come soon, for what can be made ready for it. It may be
 * damaged. */
typedef void journal_expect_fn(void *arg, const struct journal_record *r);

struct journal_found {
    uint64_t segment; /* the last one that has a header; 0: an empty directory */
    uint64_t end;     /* where its next batch goes */
    uint64_t identity;
    uint64_t last; /* lsn of the last whole batch; 0: none */
    uint64_t batches;
    uint64_t records;
    uint64_t dropped;  /* bytes of a torn tail after `end` */
    uint64_t snapshot; /* number of the one read; 0: none */
    bool in_snapshot;  /* damage is in that, at `end` */
    uint64_t lowest;   /* first segment there is; those before `snapshot` only hold sent messages */
    uint64_t bytes;    /* of the segments read */
    bool unfinished;   /* a further segment was just being made: it has no header, remove it */
};

/* `name` is the directory's, for the error text; `expect` may be NULL. False: damage in the middle,
 * a missing segment, a record refused, an unreadable file; `error` names segment and offset. */
MUST_CHECK bool journal_read(int directory, const char *name, journal_record_fn *record,
                             journal_expect_fn *expect, void *arg, struct journal_found *out,
                             char error[JOURNAL_ERROR_MAX]);

/* The segments from found->lowest to the one before found->snapshot: whether every batch is as it
 * was written. */
MUST_CHECK bool journal_read_kept(int directory, const char *name,
                                  const struct journal_found *found, char error[JOURNAL_ERROR_MAX]);

#endif
