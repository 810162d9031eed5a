/*
 * The disk under the journal, and whether there is room on it.
 *
 * A segment's blocks are reserved when it is made. So what can run out first is not room for the
 * next record but room for the next segment, and that is seen long before: the free space is looked
 * at every second, and a quarter of the segment before its end the next one is counted in.
 *
 *     ENOUGH ──► SCARCE ──► STALLED ──(segment used up, or the file system lied)──► BLOCKED
 *        ◄──────────◄──────────◄───────────────(a write has succeeded)─────────────────┘
 */
#include "journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

int64_t journal_now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

/* ---- the system's ------------------------------------------------------------------------------
 */

static int disk_write(void *arg, int fd, const char *data, size_t size, uint64_t offset)
{
    (void)arg;
    while (size > 0) {
        ssize_t n = pwrite(fd, data, size, (off_t)offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : ENOSPC;
        }
        data += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static int disk_reserve(void *arg, int fd, uint64_t size)
{
    int error;

    (void)arg;
    do {
        error = posix_fallocate(fd, 0, (off_t)size);
    } while (error == EINTR);
    return error;
}

static int disk_sync(void *arg, int fd)
{
    (void)arg;
    return fdatasync(fd) == 0 ? 0 : errno;
}

static int disk_free_bytes(void *arg, int directory, uint64_t *out)
{
    struct statvfs st;

    (void)arg;
    if (fstatvfs(directory, &st) != 0) {
        return errno;
    }
    *out = (uint64_t)st.f_bavail * st.f_frsize;
    return 0;
}

const struct journal_disk journal_system_disk = {
    .write = disk_write,
    .reserve = disk_reserve,
    .sync = disk_sync,
    .free_bytes = disk_free_bytes,
};

/* ---- the state ---------------------------------------------------------------------------------
 */

const char *journal_space_text(enum journal_space s)
{
    switch (s) {
    case JOURNAL_SPACE_ENOUGH: return "enough";
    case JOURNAL_SPACE_SCARCE: return "scarce";
    case JOURNAL_SPACE_STALLED: return "stalled";
    case JOURNAL_SPACE_BLOCKED: return "blocked";
    }
    return "?";
}

enum journal_space journal_space(const struct journal *j)
{
    return (enum journal_space)atomic_load(&j->space);
}

uint64_t journal_free(const struct journal *j)
{
    return atomic_load(&j->free_bytes);
}

static uint64_t blocks_of(const struct journal *j, const char *name)
{
    struct stat st;

    return fstatat(j->directory, name, &st, 0) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

uint64_t journal_segments(const struct journal *j)
{
    return j->segment - j->lowest + 1;
}

uint64_t journal_disk_bytes(const struct journal *j)
{
    char name[JOURNAL_NAME_SIZE];
    uint64_t bytes = 0;

    for (uint64_t n = j->lowest; n <= j->segment; n++) {
        journal_segment_name(n, name);
        bytes += blocks_of(j, name);
    }
    if (j->snapshot != 0) {
        journal_snapshot_name(j->snapshot, name);
        bytes += blocks_of(j, name);
    }
    return bytes;
}

/* What must be free now: the reserve, and the next segment when it is near. */
static uint64_t needed(const struct journal *j)
{
    const struct journal_writer *w = &j->writer;
    bool near = w->fd < 0 || w->end >= j->segment_size - j->segment_size / 4 ||
                w->reserved < j->segment_size;

    return j->free_min + (near ? j->segment_size : 0);
}

/* A state ends a quarter of the reserve above where it begins, so that it does not come and go with
 * each file. */
static enum journal_space judge(const struct journal *j, uint64_t bytes)
{
    const enum journal_space was = journal_space(j);
    uint64_t need = needed(j);
    uint64_t slack = j->free_min / 4;

    if (j->writer.pause_us > 0) {
        return JOURNAL_SPACE_BLOCKED;
    }
    if (bytes < need + (was >= JOURNAL_SPACE_STALLED ? slack : 0)) {
        return JOURNAL_SPACE_STALLED;
    }
    need += j->free_min + (was >= JOURNAL_SPACE_SCARCE ? slack : 0);
    return bytes < need ? JOURNAL_SPACE_SCARCE : JOURNAL_SPACE_ENOUGH;
}

bool journal_look(struct journal *j, bool now)
{
    int64_t now_us = journal_now_us();
    uint64_t bytes = 0;
    int next;

    if (!now && now_us - j->writer.looked_us < US_PER_S) {
        return false;
    }
    j->writer.looked_us = now_us;
    if (j->disk.free_bytes(j->disk.arg, j->directory, &bytes) != 0) {
        return false; /* what could be told from it is then told by the writes */
    }
    atomic_store(&j->free_bytes, bytes);
    next = (int)judge(j, bytes);
    return atomic_exchange(&j->space, next) != next;
}

enum journal_put_result journal_check_space(struct journal *j, uint64_t segment)
{
    uint64_t bytes = 0;
    int error = j->disk.free_bytes(j->disk.arg, j->directory, &bytes);

    if (error != 0) {
        return journal_full_or_failed(j, segment, "statvfs", error);
    }
    if (bytes < j->segment_size + j->free_min) {
        return journal_full_or_failed(
            j, segment, "not enough free space for a segment and the reserve", ENOSPC);
    }
    return JOURNAL_PUT;
}
