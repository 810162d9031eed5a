/*
 * Makes a journal as old as may be: whole segments of nothing but MARK records, which recovery
 * reads, checks and passes over. Their content is zeros, so a file is mostly a hole and takes next
 * to no room on the disk, and the service meets as many segments and bytes as were asked for.
 *
 *     bench_journal_fill DIRECTORY GIB           DIRECTORY exists and is empty
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bounds.h"
#include "journal_file.h"
#include "journal_format.h"

#define IDENTITY UINT64_C(0x42656e63684a726e)
#define BODY_SIZE JOURNAL_RECORD_MAX
#define RECORDS 256
#define BATCH_SIZE (JOURNAL_BATCH_HEAD + RECORDS * (JOURNAL_RECORD_HEAD + BODY_SIZE))

static void need(bool good, const char *what)
{
    if (!good) {
        perror(what);
        exit(1);
    }
}

static void put(int fd, const char *data, size_t size, uint64_t at)
{
    need(pwrite(fd, data, size, (off_t)at) == (ssize_t)size, "write");
}

/* The checksum of a batch's records, the same for all. */
static uint32_t records_crc(const char head[JOURNAL_RECORD_HEAD])
{
    static const char zeros[BODY_SIZE];
    uint32_t crc = 0;

    for (unsigned i = 0; i < RECORDS; i++) {
        crc = journal_crc(crc, head, JOURNAL_RECORD_HEAD);
        crc = journal_crc(crc, zeros, sizeof zeros);
    }
    return crc;
}

static void put_batch(int fd, uint64_t number, uint64_t at, uint32_t crc,
                      const char record[JOURNAL_RECORD_HEAD])
{
    const struct journal_batch_head h = {
        .size = BATCH_SIZE - JOURNAL_BATCH_HEAD, .number = number, .synced = number - 1, .crc = crc
    };
    char text[JOURNAL_BATCH_HEAD];

    journal_batch_encode(&h, IDENTITY, text);
    put(fd, text, sizeof text, at);
    at += JOURNAL_BATCH_HEAD;
    for (unsigned i = 0; i < RECORDS; i++, at += JOURNAL_RECORD_HEAD + BODY_SIZE) {
        put(fd, record, JOURNAL_RECORD_HEAD, at);
    }
}

/* Returns the number of the next batch. */
static uint64_t put_segment(int directory, uint64_t segment, uint64_t batch, uint32_t crc,
                            const char record[JOURNAL_RECORD_HEAD])
{
    const struct journal_segment_head head = { segment, IDENTITY, batch, false };
    char name[JOURNAL_NAME_SIZE], text[JOURNAL_SEGMENT_HEAD];
    uint64_t at = JOURNAL_SEGMENT_HEAD;
    int fd;

    journal_segment_name(segment, name);
    fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    need(fd >= 0, name);
    journal_segment_encode(&head, text);
    put(fd, text, sizeof text, 0);
    for (; at < JOURNAL_SEGMENT_SIZE; at += BATCH_SIZE) {
        put_batch(fd, batch++, at, crc, record);
    }
    need(ftruncate(fd, (off_t)at) == 0 && close(fd) == 0, name);
    return batch;
}

int main(int argc, char **argv)
{
    uint64_t bytes = argc == 3 ? strtoul(argv[2], NULL, 10) << 30 : 0;
    uint64_t batch = 1, segment = 1;
    char record[JOURNAL_RECORD_HEAD];
    uint32_t crc;
    int directory;

    if (bytes == 0) {
        fputs("usage: bench_journal_fill DIRECTORY GIB\n", stderr);
        return 2;
    }
    directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    need(directory >= 0, argv[1]);
    journal_record_encode(JOURNAL_KIND_MARK, 0, BODY_SIZE, record);
    crc = records_crc(record);
    for (; segment * JOURNAL_SEGMENT_SIZE <= bytes; segment++) {
        batch = put_segment(directory, segment, batch, crc, record);
    }
    printf("%lu segments, %lu batches\n", (unsigned long)(segment - 1), (unsigned long)(batch - 1));
    return 0;
}
