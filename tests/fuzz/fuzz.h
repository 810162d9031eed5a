/*
 * What fuzz targets share.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the code under test. A target ends the process when one is broken. */
#define PROMISE(condition)                                                                         \
    ((condition) ? (void)0 : (fprintf(stderr, "broken promise: %s\n", #condition), abort()))

/* A whole file on the heap; ends the process when it cannot be read. */
static inline struct bytes fuzz_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t room = 16 * 1024 * 1024;
    char *data = malloc(room);
    struct bytes all = { data, 0 };

    if (f == NULL || data == NULL) {
        perror(path);
        exit(2);
    }
    all.size = fread(data, 1, room, f);
    if (ferror(f) || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
    return all;
}

#endif
