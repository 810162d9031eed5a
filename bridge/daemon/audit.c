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

static bool append(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    size_t size = strlen(line);
    bool good = fd >= 0 && write(fd, line, size) == (ssize_t)size;

    if (fd >= 0 && close(fd) != 0) {
        good = false;
    }
    return good;
}

void audit_write(struct audit *a, int64_t wall_us, const char *who, struct bytes command,
                 const char *result)
{
    char stamp[TIMESTAMP_TEXT_MAX], plain[400], outcome[300], line[LINE_SIZE + 1];
    char *kept;
    size_t size;

    if (a == NULL) {
        return;
    }
    (void)timestamp_print_iso(wall_us, 6, stamp);
    copy_plain(command, plain, sizeof plain);
    copy_plain(bytes_of(result), outcome, sizeof outcome);
    kept = a->kept[a->count++ % AUDIT_KEPT];
    (void)snprintf(kept, LINE_SIZE, "%s %s command=\"%s\" result=\"%s\"", stamp, who, plain,
                   outcome);
    size = strlen(kept);
    memcpy(line, kept, size);
    line[size] = '\n';
    line[size + 1] = '\0';
    if (!append(a->path, line)) {
        log_write(LOG_ERROR, "audit.failed", LOG_T("file", a->path), LOG_T("why", strerror(errno)));
    }
}

const char *audit_kept(const struct audit *a, size_t back)
{
    if (a == NULL || back >= a->count || back >= AUDIT_KEPT) {
        return NULL;
    }
    return a->kept[(a->count - 1 - back) % AUDIT_KEPT];
}
