/*
 * The journal on disk: segments, batches, records, and their checksums. Pure encoding; no I/O.
 *
 * A directory holds "lock", segments "00000001.journal", "00000002.journal", ... without a gap, and
 * once it was compacted a snapshot, "00000007.snapshot": the state in front of segment 7, which
 * makes all segments before that one needless but for the sent messages it points to. All numbers
 * are little endian.
 *
 *   segment   header (64 bytes), batches one after the other, zeros (space reserved for more)
 *
 *   header     0  8  magic "FIXBRJNL"
 *              8  4  format version, 3
 *             12  4  0: a segment, 1: a snapshot
 *             16  8  number of this segment, from 1
 *             24  8  identity of this journal, random, the same in all its segments
 *             32  8  sequence number of its first batch
 *             40 20  0
 *             60  4  CRC32C of bytes 0 to 59
 *
 *   batch      0  4  magic "BTCH"
 *              4  4  size of the records that follow this header
 *              8  8  sequence number: 1, 2, 3, ... through all segments; it is the batch's lsn
 *             16  8  synced: all batches up to this one were on disk when this one was sealed
 *             24  4  CRC32C of the records
 *             28  4  CRC32C of bytes 0 to 27, begun with the low half of the journal's identity
 *             32     records
 *
 *   snapshot  like a segment, its batches counted from 1, their checksums begun with the identity's
 *             complement; the last record is END. It comes into force by getting its name, when it
 *             is whole on disk and the segment behind it exists: one that is not whole is damage.
 *
 *   record     0  4  size of the body
 *              4  1  kind
 *              5  1  0
 *              6  2  session (0 for ENGINE)
 *              8     body: ENGINE   opaque
 *                          SESSION  name; gives the session its number, before its other records
 *                          MESSAGE  8 bytes MsgSeqNum, the whole frame; next_out becomes one more
 *                          NEXT     8 bytes next_in, 8 bytes next_out
 *                          RESET    empty; messages forgotten, both numbers 1
 *                          MARK     empty; first record of a segment that a snapshot precedes
 *              in snapshots also:
 *                          INDEX    16 bytes a sent message: 8 MsgSeqNum, 4 segment, 4 offset there
 *                          AGE      8 bytes segment, 8 bytes wall clock (us) when it was full
 *                          END      8 bytes number of records before it
 *
 * `synced` is what tells a torn tail from damage. Batches written together may reach the disk in
 * any order, so after a crash of the host a whole batch may follow a broken one; none of them had
 * been acted on. But when a later whole batch says that the broken one had been synced, then what
 * was promised is lost, and recovery refuses. The identity keeps bytes that a client sent in a FIX
 * message, or that an earlier file left on the disk, from being taken for a batch.
 */
#ifndef DAEMON_JOURNAL_FORMAT_H
#define DAEMON_JOURNAL_FORMAT_H

#include "base.h"

#define JOURNAL_SEGMENT_HEAD 64
#define JOURNAL_BATCH_HEAD 32
#define JOURNAL_RECORD_HEAD 8
#define JOURNAL_FORMAT_VERSION 3
#define JOURNAL_NAME_SIZE 32 /* room for a segment's file name */
#define JOURNAL_INDEX_ENTRY 16
#define JOURNAL_SNAPSHOT_TEMPORARY "snapshot.tmp" /* one that is being written */

enum journal_kind {
    JOURNAL_KIND_ENGINE = 1,
    JOURNAL_KIND_SESSION = 2,
    JOURNAL_KIND_MESSAGE = 3,
    JOURNAL_KIND_NEXT = 4,
    JOURNAL_KIND_RESET = 5,
    JOURNAL_KIND_MARK = 6,
    JOURNAL_KIND_INDEX = 7,
    JOURNAL_KIND_AGE = 8,
    JOURNAL_KIND_END = 9,
};

struct journal_segment_head {
    uint64_t number;
    uint64_t identity;
    uint64_t first_batch;
    bool snapshot;
};

struct journal_batch_head {
    uint32_t size;
    uint64_t number;
    uint64_t synced;
    uint32_t crc;
};

struct journal_record {
    uint8_t kind;
    uint16_t session;
    struct bytes body;
};

/* CRC32C (Castagnoli); `crc` is 0 to begin, or the result so far. */
uint32_t journal_crc(uint32_t crc, const void *data, size_t size);
/* The table-driven way that processors without the instruction take; the same result. */
uint32_t journal_crc_portable(uint32_t crc, const void *data, size_t size);

void journal_segment_name(uint64_t number, char out[JOURNAL_NAME_SIZE]);
/* False: not the name of a segment. */
MUST_CHECK bool journal_segment_number(const char *name, uint64_t *number);

void journal_snapshot_name(uint64_t number, char out[JOURNAL_NAME_SIZE]);
MUST_CHECK bool journal_snapshot_number(const char *name, uint64_t *number);

void journal_segment_encode(const struct journal_segment_head *h, char out[JOURNAL_SEGMENT_HEAD]);
/* NULL: fine; else what is wrong, for a person. */
const char *journal_segment_decode(const char in[JOURNAL_SEGMENT_HEAD],
                                   struct journal_segment_head *h);
/* A header of this version of which the host wrote only a part before it stopped: as it should
 * begin, zeros from somewhere on. Also true of nothing but zeros. */
bool journal_segment_is_begun(const char in[JOURNAL_SEGMENT_HEAD]);

void journal_batch_encode(const struct journal_batch_head *h, uint64_t identity,
                          char out[JOURNAL_BATCH_HEAD]);
/* False: not a batch header of this journal. Whether the records are whole is the caller's to see.
 */
MUST_CHECK bool journal_batch_decode(const char in[JOURNAL_BATCH_HEAD], uint64_t identity,
                                     struct journal_batch_head *h);

void journal_record_encode(uint8_t kind, uint16_t session, uint32_t size,
                           char out[JOURNAL_RECORD_HEAD]);
/* Takes the first record off `rest`. False: `rest` is malformed. */
MUST_CHECK bool journal_record_take(struct bytes *rest, struct journal_record *out);

#endif
