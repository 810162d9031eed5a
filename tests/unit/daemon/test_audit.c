/*
 * The operators' audit: what is on disk when, and what a file that cannot be written does.
 */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suites.h"

int fdatasync(int fd);

/* In the place of the C library's: how much of which file was synced last. */
static struct stat synced;

int fdatasync(int fd)
{
    if (fstat(fd, &synced) != 0) {
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

struct place {
    char directory[64], file[96];
};

static struct audit *open_in(struct place *p)
{
    (void)snprintf(p->directory, sizeof p->directory, "/tmp/fixbridge-audit-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p->directory));
    (void)snprintf(p->file, sizeof p->file, "%s/audit.log", p->directory);
    return audit_new(bytes_of(p->directory));
}

static void leave(struct place *p, struct audit *a)
{
    audit_free(a);
    (void)unlink(p->file);
    CU_ASSERT_EQUAL(rmdir(p->directory), 0);
}

static void read_all(const struct place *p, char out[2048])
{
    FILE *f = fopen(p->file, "re");
    size_t n = 0;

    CU_ASSERT_PTR_NOT_NULL(f);
    if (f != NULL) {
        n = fread(out, 1, 2047, f);
        (void)fclose(f);
    }
    out[n] = '\0';
}

#define AT INT64_C(1700000000000000)

static void test_a_command_is_on_disk_before_it_is_carried_out(void)
{
    char why[AUDIT_WHY_MAX], text[2048];
    struct place p;
    struct audit *a = open_in(&p);
    struct stat st;

    CU_ASSERT_TRUE(audit_begin(a, AT, "uid=0 pid=1", BYTES("reset \"ACME\"\n"), why));
    read_all(&p, text);
    CU_ASSERT_STRING_EQUAL(
        text, "2023-11-14T22:13:20.000000Z uid=0 pid=1 command=\"reset ?ACME??\" begins\n");
    CU_ASSERT_EQUAL(stat(p.file, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_TRUE(synced.st_ino == st.st_ino && synced.st_size == st.st_size);
    CU_ASSERT_PTR_NULL(audit_kept(a, 0)); /* people look for results */
    audit_end(a, AT + 1, "uid=0 pid=1", BYTES("reset ACME"), "done");
    CU_ASSERT_EQUAL(stat(p.file, &st), 0);
    CU_ASSERT_TRUE(synced.st_size == st.st_size);
    CU_ASSERT_STRING_EQUAL(
        audit_kept(a, 0),
        "2023-11-14T22:13:20.000001Z uid=0 pid=1 command=\"reset ACME\" result=\"done\"");
    leave(&p, a);
}

static void test_a_file_that_was_moved_away_is_made_anew(void)
{
    char why[AUDIT_WHY_MAX], text[2048];
    struct place p;
    struct audit *a = open_in(&p);

    CU_ASSERT_TRUE(audit_begin(a, AT, "x", BYTES("one"), why));
    CU_ASSERT_EQUAL(unlink(p.file), 0);
    CU_ASSERT_TRUE(audit_begin(a, AT, "x", BYTES("two"), why));
    read_all(&p, text);
    CU_ASSERT_PTR_NULL(strstr(text, "one"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "two"));
    leave(&p, a);
}

static void test_a_full_disk_is_told(void)
{
    char why[AUDIT_WHY_MAX];
    struct place p;
    struct audit *a = open_in(&p);

    CU_ASSERT_EQUAL(symlink("/dev/full", p.file), 0);
    CU_ASSERT_FALSE(audit_begin(a, AT, "x", BYTES("reset ACME"), why));
    CU_ASSERT_STRING_EQUAL(why, "audit.log cannot be written: No space left on device");
    audit_end(a, AT, "x", BYTES("stop"), "done");
    CU_ASSERT_PTR_NOT_NULL(audit_kept(a, 0)); /* the page has it all the same */
    CU_ASSERT_TRUE(audit_begin(NULL, AT, "x", BYTES("reset ACME"), why));
    leave(&p, a);
}

CU_TestInfo audit_tests[] = {
    { "on disk before", test_a_command_is_on_disk_before_it_is_carried_out },
    { "moved away", test_a_file_that_was_moved_away_is_made_anew },
    { "full disk", test_a_full_disk_is_told },
    CU_TEST_INFO_NULL,
};
