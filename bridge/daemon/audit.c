/*
 * Appending to the audit file.
 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "timestamp.h"

#define LINE_SIZE 1024
#define RESERVE (64 * 1024)

struct audit {
    char path[4096];
    char kept[AUDIT_KEPT][LINE_SIZE];
    uint64_t count;
};

struct audit *audit_new(struct bytes directory)
{
    struct audit *a = calloc(1, sizeof *a);
    int size;

    if (a == NULL) {
        return NULL;
    }
    size = snprintf(a->path, sizeof a->path, "%.*s/audit.log", BYTES_ARG(directory));
    if (size < 0 || size >= (int)sizeof a->path) {
        free(a);
        return NULL;
    }
    return a;
}

void audit_free(struct audit *a)
{
    free(a);
}

/* One line can only be one line, whatever was typed. */
static void copy_plain(struct bytes from, char *out, size_t size)
{
    size_t n = from.size < size - 1 ? from.size : size - 1;

    for (size_t i = 0; i < n; i++) {
        char c = from.data[i];

        out[i] = c < ' ' || c > '~' || c == '"' ? '?' : c;
    }
    out[n] = '\0';
}

/* Room for what is still to come, so that a disk that fills later does not refuse the commands
 * against it. Where the file system cannot reserve, it has to do without. */
static void reserve(int fd, off_t size)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && st.st_blocks * 512 - size < RESERVE / 2) {
        (void)fallocate(fd, FALLOC_FL_KEEP_SIZE, size, RESERVE);
    }
}

/* A new file is one only when its directory is on disk. */
static bool sync_directory(const char *path)
{
    char directory[sizeof((struct audit *)0)->path];
    char *end;
    int fd;
    bool good;

    (void)snprintf(directory, sizeof directory, "%s", path);
    end = strrchr(directory, '/');
    if (end == NULL) {
        return false;
    }
    *end = '\0';
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good;
}

/* The whole line or nothing of it, and on disk. */
static bool write_line(int fd, const char *line, size_t size)
{
    struct stat st;
    int failed = 0;
    ssize_t n;

    if (fstat(fd, &st) != 0) {
        return false;
    }
    reserve(fd, st.st_size);
    n = write(fd, line, size);
    if (n != (ssize_t)size) {
        failed = n < 0 ? errno : ENOSPC;
        (void)ftruncate(fd, st.st_size); /* else the next line would go on in the middle of it */
    } else if (fdatasync(fd) != 0 && errno != EINVAL && errno != EROFS) {
        failed = errno; /* the two are said where there is nothing to sync: a pipe, a device */
    }
    errno = failed;
    return failed == 0;
}

/* Opened for each line: whoever moves the file away finds the next line in a new one. */
static bool append(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC), kept;
    bool new = fd < 0 && errno == ENOENT;
    bool good;

    if (new) {
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    }
    if (fd < 0) {
        return false;
    }
    good = write_line(fd, line, strlen(line)) && (!new || sync_directory(path));
    kept = errno;
    (void)close(fd); /* what matters was synced */
    errno = kept;
    return good;
}

static bool add_line(const struct audit *a, const char *text, char why[AUDIT_WHY_MAX])
{
    char line[LINE_SIZE + 1];

    (void)snprintf(line, sizeof line, "%s\n", text);
    if (append(a->path, line)) {
        return true;
    }
    (void)snprintf(why, AUDIT_WHY_MAX, "audit.log cannot be written: %s", strerror(errno));
    log_write(LOG_ERROR, "audit.failed", LOG_T("file", a->path), LOG_T("why", strerror(errno)));
    return false;
}

static void describe(char out[LINE_SIZE], int64_t wall_us, const char *who, struct bytes command)
{
    char stamp[TIMESTAMP_TEXT_MAX], plain[400];

    (void)timestamp_print_iso(wall_us, 6, stamp);
    copy_plain(command, plain, sizeof plain);
    (void)snprintf(out, LINE_SIZE, "%s %s command=\"%s\"", stamp, who, plain);
}

bool audit_begin(struct audit *a, int64_t wall_us, const char *who, struct bytes command,
                 char why[AUDIT_WHY_MAX])
{
    char text[LINE_SIZE], line[LINE_SIZE];

    why[0] = '\0';
    if (a == NULL) {
        return true;
    }
    describe(text, wall_us, who, command);
    (void)snprintf(line, sizeof line, "%.*s begins", LINE_SIZE - 10, text);
    return add_line(a, line, why);
}

void audit_end(struct audit *a, int64_t wall_us, const char *who, struct bytes command,
               const char *result)
{
    char text[LINE_SIZE], outcome[300], why[AUDIT_WHY_MAX];
    char *kept;

    if (a == NULL) {
        return;
    }
    describe(text, wall_us, who, command);
    copy_plain(bytes_of(result), outcome, sizeof outcome);
    kept = a->kept[a->count++ % AUDIT_KEPT];
    (void)snprintf(kept, LINE_SIZE, "%.*s result=\"%s\"", LINE_SIZE - 320, text, outcome);
    (void)add_line(a, kept, why); /* told in the log */
}

const char *audit_kept(const struct audit *a, size_t back)
{
    if (a == NULL || back >= a->count || back >= AUDIT_KEPT) {
        return NULL;
    }
    return a->kept[(a->count - 1 - back) % AUDIT_KEPT];
}
