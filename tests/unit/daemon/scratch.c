/*
 * The directory of a test's journal.
 */
#include "suites.h"

#include <dirent.h>
#include <unistd.h>

void scratch_remove(const char *directory)
{
    DIR *dir = opendir(directory);

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] != '.') {
            CU_ASSERT_EQUAL(unlinkat(dirfd(dir), entry->d_name, 0), 0);
        }
    }
    (void)closedir(dir);
    CU_ASSERT_EQUAL(rmdir(directory), 0);
}
