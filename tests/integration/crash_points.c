/*
 * fixbridge_crash: the same objects as fixbridge, linked so that each call which can leave a trace
 * outside the process goes through here (ld --wrap). Nothing of this is in fixbridge itself.
 *
 *     FIXBRIDGE_CRASH_AT=KIND:N[:after]   dies by SIGKILL before (or after) the N-th such call;
 *                                         KIND: a row of `kinds`, or "any"
 *     FIXBRIDGE_POWER=drop|prefix|blocks[:SEED]   with the crash the host dies as well: of what was
 *                  written since the last sync of a file nothing is left, or a part of its first
 *                  bytes, or some of its blocks of 512 bytes
 *     FIXBRIDGE_FAIL_AT=KIND:N[+]:ERRNO   the N-th such call fails by ENOSPC, EDQUOT, EIO or
 * ENOMEM; with "+" also each one after it FIXBRIDGE_POINTS=FILE               at the end of the
 * process: "KIND COUNT" a line
 *
 * Power loss is played by the dying process itself: before a write to a file, what was there before
 * is kept in memory until the file is synced; at the crash it is put back where the host lost it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <curl/curl.h>

#include "crash_memory.h"
#include "journal_file.h"

enum kind {
    KIND_APPEND,    /* a record into the open batch */
    KIND_COMMIT,    /* a batch is sealed */
    KIND_WRITE,     /* a file of the journal is written to */
    KIND_SYNC,      /* fdatasync, fsync */
    KIND_RESERVE,   /* blocks for a segment */
    KIND_TRUNCATE,  /* a segment is cut at its end */
    KIND_CREATE,    /* a file of the journal is created */
    KIND_RENAME,    /* a snapshot gets its name */
    KIND_UNLINK,    /* a file of the journal is removed */
    KIND_SEND,      /* bytes to a client */
    KIND_RECV,      /* bytes from a client */
    KIND_HTTP_SEND, /* bytes to a venue */
    KIND_HTTP_RECV, /* bytes from a venue */
    KIND_COUNT,
};

static const char *const kinds[KIND_COUNT] = {
    [KIND_APPEND] = "append",       [KIND_COMMIT] = "commit",   [KIND_WRITE] = "write",
    [KIND_SYNC] = "sync",           [KIND_RESERVE] = "reserve", [KIND_TRUNCATE] = "truncate",
    [KIND_CREATE] = "create",       [KIND_RENAME] = "rename",   [KIND_UNLINK] = "unlink",
    [KIND_SEND] = "send",           [KIND_RECV] = "recv",       [KIND_HTTP_SEND] = "http_send",
    [KIND_HTTP_RECV] = "http_recv",
};

#define KIND_ANY KIND_COUNT
#define BLOCK_SIZE 512
#define UNSYNCED_MAX 4096

enum power { POWER_STAYS, POWER_DROP, POWER_PREFIX, POWER_BLOCKS };

/* A write that the host may still lose. */
struct unsynced {
    int fd;
    off_t offset, file_size; /* file_size: of the file before */
    size_t size;
    char *old; /* what was there; zeros behind the end of the file */
};

struct plan {
    bool on, after, and_later;
    unsigned kind;
    unsigned long at;
    int error;
};

/* Shared with forked children (a snapshot is written by one), so that the count goes on. */
struct counts {
    unsigned long of[KIND_COUNT + 1];
    pid_t service;
};

static struct counts *counts;
static struct plan crash_plan, fail_plan;
static enum power power;
static uint64_t power_seed = 1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct unsynced unsynced[UNSYNCED_MAX];
static size_t unsynced_count;

/* ---- what was asked for ---------------------------------------------------------------------- */

static void refuse(const char *what, const char *text)
{
    (void)fprintf(stderr, "crash_points: cannot read %s=%s\n", what, text);
    _exit(2);
}

static int error_named(const char *name)
{
    static const struct {
        const char *name;
        int error;
    } errors[] = {
        { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT }, { "EIO", EIO }, { "ENOMEM", ENOMEM }
    };

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (strcmp(errors[i].name, name) == 0) {
            return errors[i].error;
        }
    }
    return 0;
}

static unsigned kind_named(const char *name)
{
    unsigned kind = 0;

    while (kind < KIND_COUNT && strcmp(kinds[kind], name) != 0) {
        kind++;
    }
    return kind;
}

static void read_plan(const char *variable, struct plan *p)
{
    const char *text = getenv(variable);
    char kind[16] = "", plus[2] = "", word[16] = "";

    if (text == NULL || *text == '\0') {
        return;
    }
    if (sscanf(text, "%15[a-z_]:%lu%1[+]:%15s", kind, &p->at, plus, word) < 3 &&
        sscanf(text, "%15[a-z_]:%lu:%15s", kind, &p->at, word) < 2) {
        refuse(variable, text);
    }
    p->kind = kind_named(kind);
    p->and_later = plus[0] == '+';
    p->after = strcmp(word, "after") == 0;
    p->error = error_named(word);
    p->on = true;
    if ((p->kind == KIND_ANY && strcmp(kind, "any") != 0) || p->at == 0 ||
        (p == &fail_plan && p->error == 0) || (p == &crash_plan && word[0] != '\0' && !p->after)) {
        refuse(variable, text);
    }
}

static void read_power(void)
{
    static const char *const names[] = {
        [POWER_DROP] = "drop", [POWER_PREFIX] = "prefix", [POWER_BLOCKS] = "blocks"
    };
    const char *text = getenv("FIXBRIDGE_POWER");
    const char *seed = text == NULL ? NULL : strchr(text, ':');
    size_t size = seed != NULL ? (size_t)(seed - text) : text == NULL ? 0 : strlen(text);

    for (size_t i = POWER_DROP; i <= POWER_BLOCKS; i++) {
        if (size == strlen(names[i]) && strncmp(text, names[i], size) == 0) {
            power = (enum power)i;
        }
    }
    if (size > 0 && power == POWER_STAYS) {
        refuse("FIXBRIDGE_POWER", text);
    }
    power_seed = seed == NULL ? 1 : strtoul(seed + 1, NULL, 10) + 1;
}

static void write_points(void)
{
    const char *path = getenv("FIXBRIDGE_POINTS");
    FILE *f = path == NULL || getpid() != counts->service ? NULL : fopen(path, "we");

    for (size_t i = 0; f != NULL && i <= KIND_COUNT; i++) {
        (void)fprintf(f, "%s %lu\n", i == KIND_ANY ? "any" : kinds[i], counts->of[i]);
    }
    if (f != NULL) {
        crash_memory_points(f);
        (void)fclose(f);
    }
}

/* A child is forked between calls, never inside one of another thread. */
static void before_fork(void)
{
    (void)pthread_mutex_lock(&mutex);
}

static void after_fork(void)
{
    (void)pthread_mutex_unlock(&mutex);
}

__attribute__((constructor)) static void begin(void)
{
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED) {
        perror("crash_points: mmap");
        _exit(2);
    }
    counts->service = getpid();
    read_plan("FIXBRIDGE_CRASH_AT", &crash_plan);
    read_plan("FIXBRIDGE_FAIL_AT", &fail_plan);
    read_power();
    (void)atexit(write_points);
    (void)pthread_atfork(before_fork, after_fork, after_fork);
    crash_memory_begin();
}

/* ---- the host dies as well ------------------------------------------------------------------ */

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t offset);
int __real_ftruncate(int fd, off_t size);

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t z = power_seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Back to what was there before, from `from` on to `to`. */
static void put_back(const struct unsynced *u, size_t from, size_t to)
{
    if (to > from) {
        (void)__real_pwrite(u->fd, u->old + from, to - from, u->offset + (off_t)from);
    }
}

static void lose(const struct unsynced *u, size_t kept)
{
    size_t block = BLOCK_SIZE - (size_t)(u->offset % BLOCK_SIZE);

    switch (power) {
    case POWER_STAYS: break;
    case POWER_DROP: put_back(u, 0, u->size); break;
    case POWER_PREFIX: put_back(u, kept, u->size); break;
    case POWER_BLOCKS:
        for (size_t at = 0; at < u->size; at += block, block = BLOCK_SIZE) {
            size_t end = at + block < u->size ? at + block : u->size;

            if (draw() % 2 == 0) {
                put_back(u, at, end);
            }
        }
        break;
    }
}

/* A prefix is of all that was written, in its order: whole writes, then a part of one. */
static void lose_power(void)
{
    size_t total = 0, kept;

    for (size_t i = 0; i < unsynced_count; i++) {
        total += unsynced[i].size;
    }
    kept = power == POWER_PREFIX && total > 0 ? (size_t)(draw() % total) : 0;
    for (size_t i = 0; i < unsynced_count; i++) {
        size_t here = kept < unsynced[i].size ? kept : unsynced[i].size;

        lose(&unsynced[i], here);
        kept -= here;
    }
    for (size_t i = unsynced_count; power != POWER_STAYS && i-- > 0;) {
        if (power == POWER_DROP) {
            (void)__real_ftruncate(unsynced[i].fd, unsynced[i].file_size);
        }
    }
}

static void remember(int fd, size_t size, off_t offset)
{
    struct unsynced *u = &unsynced[unsynced_count];
    struct stat st;

    if (power == POWER_STAYS) {
        return;
    }
    if (unsynced_count == UNSYNCED_MAX || fstat(fd, &st) != 0) {
        (void)fprintf(stderr, "crash_points: too many writes without a sync\n");
        _exit(2);
    }
    *u = (struct unsynced){ .fd = dup(fd), .offset = offset, .size = size };
    u->file_size = st.st_size;
    u->old = calloc(1, size);
    if (u->fd < 0 || u->old == NULL || pread(u->fd, u->old, size, offset) < 0) {
        perror("crash_points: what was there before a write");
        _exit(2);
    }
    unsynced_count++;
}

static bool same_file(int a, int b)
{
    struct stat one, other;

    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static void forget(int fd)
{
    size_t kept = 0;

    for (size_t i = 0; i < unsynced_count; i++) {
        if (same_file(unsynced[i].fd, fd)) {
            (void)close(unsynced[i].fd);
            free(unsynced[i].old);
        } else {
            unsynced[kept++] = unsynced[i];
        }
    }
    unsynced_count = kept;
}

/* ---- points --------------------------------------------------------------------------------- */

/* Under the mutex: no other thread writes or syncs while the host is losing power. */
static void die(void)
{
    lose_power();
    (void)kill(counts->service, SIGKILL);
    (void)kill(getpid(), SIGKILL);
    for (;;) {
        (void)pause();
    }
}

static bool is_due(const struct plan *p, enum kind kind, unsigned long n, unsigned long any)
{
    unsigned long at = p->kind == KIND_ANY ? any : n;

    return p->on && (p->kind == KIND_ANY || p->kind == (unsigned)kind) &&
           (at == p->at || (p->and_later && at > p->at));
}

/* Begins a call: takes the mutex. *die_after: end_point must not return. Returns the error it is to
 * fail by, 0: none. */
static int begin_point(enum kind kind, bool *die_after)
{
    unsigned long n, any;

    if (kind == KIND_SEND || kind == KIND_RECV || kind == KIND_HTTP_SEND) {
        crash_memory_started();
    }
    (void)pthread_mutex_lock(&mutex);
    n = ++counts->of[kind];
    any = ++counts->of[KIND_ANY];
    *die_after = is_due(&crash_plan, kind, n, any);
    if (*die_after && !crash_plan.after) {
        die();
    }
    return is_due(&fail_plan, kind, n, any) ? fail_plan.error : 0;
}

static void end_point(bool die_after)
{
    int error = errno;

    if (die_after) {
        die();
    }
    (void)pthread_mutex_unlock(&mutex);
    errno = error;
}

/* One wrapped call with its result: what it gives when it is to fail, and the call itself. */
#define POINT(kind, type, failed, call)                                                            \
    bool die_after;                                                                                \
    int error = begin_point(kind, &die_after);                                                     \
    type result = failed;                                                                          \
                                                                                                   \
    if (error == 0) {                                                                              \
        result = call;                                                                             \
    } else {                                                                                       \
        errno = error;                                                                             \
    }                                                                                              \
    end_point(die_after);                                                                          \
    return result

bool __real_journal_append(struct journal *j, struct bytes record);
bool __wrap_journal_append(struct journal *j, struct bytes record);
uint64_t __real_journal_commit(struct journal *j);
uint64_t __wrap_journal_commit(struct journal *j);
uint64_t __real_journal_seal(struct journal *j);
uint64_t __wrap_journal_seal(struct journal *j);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t offset);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_posix_fallocate(int fd, off_t offset, off_t size);
int __wrap_posix_fallocate(int fd, off_t offset, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __real_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, unsigned mode);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_unlinkat(int directory, const char *path, int flags);
int __wrap_unlinkat(int directory, const char *path, int flags);
ssize_t __real_send(int fd, const void *data, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);
ssize_t __real_recv(int fd, void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);
CURLcode __real_curl_easy_send(CURL *e, const void *data, size_t size, size_t *n);
CURLcode __wrap_curl_easy_send(CURL *e, const void *data, size_t size, size_t *n);
CURLcode __real_curl_easy_recv(CURL *e, void *data, size_t size, size_t *n);
CURLcode __wrap_curl_easy_recv(CURL *e, void *data, size_t size, size_t *n);

/* A full disk takes half of what it is given before it says so. */
static ssize_t fail_write(int fd, const void *data, size_t size, off_t offset, int error)
{
    if (size > 1) {
        (void)__real_pwrite(fd, data, size / 2, offset);
    }
    errno = error;
    return -1;
}

/* Power may go in the middle of the write: then `before` is too early and `after` is late enough,
 * because what is not synced is lost in part. */
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t offset)
{
    bool die_after;
    int error = begin_point(KIND_WRITE, &die_after);
    ssize_t n;

    remember(fd, size, offset);
    n = error != 0 ? fail_write(fd, data, size, offset, error)
                   : __real_pwrite(fd, data, size, offset);
    end_point(die_after);
    return n;
}

static int sync_point(int fd, int (*sync_it)(int fd))
{
    bool die_after;
    int error = begin_point(KIND_SYNC, &die_after);
    int result = -1;

    if (error == 0) {
        result = sync_it(fd);
    } else if (error == EIO) {
        lose_power(); /* the kernel throws away what it could not write */
    }
    if (error != 0) {
        errno = error;
    }
    if (result == 0 || error == EIO) {
        forget(fd);
    }
    end_point(die_after);
    return result;
}

int __wrap_fdatasync(int fd)
{
    return sync_point(fd, __real_fdatasync);
}

int __wrap_fsync(int fd)
{
    return sync_point(fd, __real_fsync);
}

bool __wrap_journal_append(struct journal *j, struct bytes record)
{
    POINT(KIND_APPEND, bool, false, __real_journal_append(j, record));
}

uint64_t __wrap_journal_commit(struct journal *j)
{
    POINT(KIND_COMMIT, uint64_t, 0, __real_journal_commit(j));
}

uint64_t __wrap_journal_seal(struct journal *j)
{
    POINT(KIND_COMMIT, uint64_t, 0, __real_journal_seal(j));
}

int __wrap_posix_fallocate(int fd, off_t offset, off_t size)
{
    POINT(KIND_RESERVE, int, error, __real_posix_fallocate(fd, offset, size));
}

int __wrap_ftruncate(int fd, off_t size)
{
    POINT(KIND_TRUNCATE, int, -1, __real_ftruncate(fd, size));
}

int __wrap_openat(int directory, const char *path, int flags, unsigned mode)
{
    if ((flags & O_CREAT) == 0) {
        return __real_openat(directory, path, flags);
    }
    POINT(KIND_CREATE, int, -1, __real_openat(directory, path, flags, mode));
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    POINT(KIND_RENAME, int, -1, __real_renameat(from_dir, from, to_dir, to));
}

int __wrap_unlinkat(int directory, const char *path, int flags)
{
    POINT(KIND_UNLINK, int, -1, __real_unlinkat(directory, path, flags));
}

ssize_t __wrap_send(int fd, const void *data, size_t size, int flags)
{
    POINT(KIND_SEND, ssize_t, -1, __real_send(fd, data, size, flags));
}

/* After it: the bytes were read and are gone. That there were none is no point. */
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags)
{
    char peek;

    if (__real_recv(fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) {
        return __real_recv(fd, data, size, flags);
    }
    {
        POINT(KIND_RECV, ssize_t, -1, __real_recv(fd, data, size, flags));
    }
}

CURLcode __wrap_curl_easy_send(CURL *e, const void *data, size_t size, size_t *n)
{
    POINT(KIND_HTTP_SEND, CURLcode, CURLE_SEND_ERROR, __real_curl_easy_send(e, data, size, n));
}

/* Bytes that arrived are a point; that none are there yet, is not. */
CURLcode __wrap_curl_easy_recv(CURL *e, void *data, size_t size, size_t *n)
{
    CURLcode code = __real_curl_easy_recv(e, data, size, n);
    bool die_after;

    if (code == CURLE_OK) {
        (void)begin_point(KIND_HTTP_RECV, &die_after);
        end_point(die_after);
    }
    return code;
}
