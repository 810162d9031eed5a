/*
 * Stands in for libFuzzer: hands every file of the named directories, and every prefix of it, to
 * the target. Fails when there was nothing to hand.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)1024 * 1024)
/* Prefixes of longer files are taken in steps, so that a replay stays a matter of seconds. */
#define PREFIXES 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly the size, so that the sanitizer sees the first byte read beyond it. */
static void hand(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int replay_file(int directory, const char *name)
{
    static uint8_t data[INPUT_MAX];
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, data, sizeof data);

    if (fd >= 0) {
        (void)close(fd);
    }
    if (n < 0) {
        return 0;
    }
    for (size_t size = 0; size < (size_t)n; size += (size_t)n / PREFIXES + 1) {
        hand(data, size);
    }
    hand(data, (size_t)n);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);

        for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
            if (entry->d_name[0] != '.') {
                count += replay_file(dirfd(dir), entry->d_name);
            }
        }
        if (dir != NULL) {
            (void)closedir(dir);
        }
    }
    (void)printf("%d files\n", count);
    return count > 0 ? 0 : 1;
}
