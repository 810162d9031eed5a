/*
 * Opening, putting away, appending.
 */
#include "rotating_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_SIZE 64
#define NAME_MAX_SIZE (4096 + 16)

struct rotating_file {
    struct rotating_options options;
    rotating_begun_fn *begun;
    char *path;
    int fd; /* -1: not open */
    uint64_t size;
    int64_t begun_us; /* wall: its first line */
};

struct rotating_file *rotating_file_new(struct bytes path, const struct rotating_options *o,
                                        rotating_begun_fn *begun)
{
    struct rotating_file *f = calloc(1, sizeof *f);

    if (f == NULL) {
        return NULL;
    }
    f->path = calloc(1, path.size + 1);
    if (f->path == NULL) {
        free(f);
        return NULL;
    }
    memcpy(f->path, path.data, path.size);
    f->options = *o;
    f->begun = begun;
    f->fd = -1;
    return f;
}

/* Nothing is buffered in it, so that closing cannot lose a line. */
static void close_file(struct rotating_file *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
        f->fd = -1;
    }
}

void rotating_file_free(struct rotating_file *f)
{
    if (f != NULL) {
        close_file(f);
        free(f->path);
        free(f);
    }
}

static int64_t begun_at(const struct rotating_file *f, int64_t wall_us)
{
    char head[HEAD_SIZE];
    ssize_t n = pread(f->fd, head, sizeof head, 0);
    int64_t at_us = n <= 0 ? -1 : f->begun((struct bytes){ head, (size_t)n });

    return at_us < 0 ? wall_us : at_us;
}

static bool open_file(struct rotating_file *f, int64_t wall_us, const char **what)
{
    struct stat st;

    *what = "open";
    f->fd = open(f->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (f->fd < 0 || fstat(f->fd, &st) != 0) {
        return false;
    }
    f->size = (uint64_t)st.st_size;
    f->begun_us = begun_at(f, wall_us);
    return true;
}

static bool numbered(const struct rotating_file *f, uint32_t n, char out[NAME_MAX_SIZE])
{
    int size = n == 0 ? snprintf(out, NAME_MAX_SIZE, "%s", f->path)
                      : snprintf(out, NAME_MAX_SIZE, "%s.%u", f->path, n);

    if (size >= NAME_MAX_SIZE) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

/* FILE.2 -> FILE.3, FILE.1 -> FILE.2, FILE -> FILE.1; what has no name left is gone. */
static bool put_away(struct rotating_file *f, const char **what)
{
    char from[NAME_MAX_SIZE], to[NAME_MAX_SIZE];

    close_file(f);
    if (f->options.keep == 0) {
        *what = "unlink";
        return unlink(f->path) == 0 || errno == ENOENT;
    }
    *what = "rename";
    for (uint32_t n = f->options.keep; n > 0; n--) {
        if (!numbered(f, n - 1, from) || !numbered(f, n, to) ||
            (rename(from, to) != 0 && errno != ENOENT)) {
            return false;
        }
    }
    return true;
}

static bool is_due(const struct rotating_file *f, size_t more, int64_t wall_us)
{
    const struct rotating_options *o = &f->options;

    return f->size > 0 && (f->size + more > o->size_max ||
                           (o->age_max_us > 0 && wall_us - f->begun_us >= o->age_max_us));
}

static bool append(struct rotating_file *f, struct bytes lines, const char **what)
{
    *what = "write";
    while (lines.size > 0) {
        ssize_t n = write(f->fd, lines.data, lines.size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        lines.data += n;
        lines.size -= (size_t)n;
        f->size += (uint64_t)n;
    }
    return true;
}

bool rotating_file_write(struct rotating_file *f, struct bytes lines, int64_t wall_us,
                         const char **what)
{
    bool good = f->fd >= 0 || open_file(f, wall_us, what);

    if (good && is_due(f, lines.size, wall_us)) {
        good = put_away(f, what) && open_file(f, wall_us, what);
    }
    if (!good || !append(f, lines, what)) {
        int why = errno;

        close_file(f);
        errno = why;
        return false;
    }
    return true;
}
