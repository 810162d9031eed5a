/*
 * Recovery of a journal under a hostile disk: a good journal is made once, then the input is laid
 * over its bytes and it is read back. Whatever the damage, reading must end, stay inside its
 * memory, and yield a prefix of what was written or refuse.
 *
 * Input: 4 bytes place (little endian, modulo the file's size), 1 byte how (bit 0: cut the file
 * after it), then the bytes to lay there.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_file.h"
#include "journal_read.h"

#define FILE_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/dev/shm/fuzz-journal-XXXXXX";
static int directory_fd = -1;
static char good[FILE_MAX];
static size_t good_size;
static size_t good_end;

static void require(bool ok)
{
    if (!ok) {
        abort();
    }
}

struct seen {
    uint64_t records;
    uint64_t lsn;
    uint64_t ahead;
};

static bool see(void *arg, const struct journal_place *at, const struct journal_record *r)
{
    struct seen *s = arg;

    require(at->lsn == s->lsn || at->lsn == s->lsn + 1);
    require(at->segment == 1 && r->body.size <= JOURNAL_RECORD_MAX);
    s->lsn = at->lsn;
    s->records++;
    return true;
}

/* Hints may be of damaged records: all that counts is that their bytes are there. */
static void look(void *arg, const struct journal_record *r)
{
    struct seen *s = arg;

    require(r->body.size <= JOURNAL_RECORD_MAX);
    s->ahead += journal_crc(0, r->body.data, r->body.size);
}

static uint64_t read_back(bool *ok)
{
    struct journal_found found;
    char error[JOURNAL_ERROR_MAX] = "";
    struct seen seen = { 0 };

    *ok = journal_read(directory_fd, directory, see, look, &seen, &found, error);
    require(*ok ? seen.lsn == found.last && found.end <= FILE_MAX : error[0] != '\0');
    return seen.records;
}

static int open_file(int flags)
{
    int fd = openat(directory_fd, "00000001.journal", flags, 0600);

    require(fd >= 0);
    return fd;
}

static void clean_up(void)
{
    (void)unlinkat(directory_fd, "00000001.journal", 0);
    (void)unlinkat(directory_fd, "lock", 0);
    (void)rmdir(directory);
}

static void make_good(void)
{
    struct journal_config config = { .directory = directory,
                                     .mode = JOURNAL_SYNC,
                                     .segment_size = 8192 };
    char error[JOURNAL_ERROR_MAX];
    struct journal *j;
    struct fix_store *st;
    int fd;

    require(mkdtemp(directory) != NULL);
    directory_fd = open(directory, O_RDONLY | O_DIRECTORY);
    (void)atexit(clean_up);
    j = journal_open(&config, error);
    require(j != NULL);
    st = journal_store(j, BYTES("CLIENT"));
    for (uint64_t i = 1; i <= 12; i++) {
        uint64_t lsn;

        require(journal_append(j, BYTES("an engine record")));
        require(st->ops->append(st, i, BYTES("8=FIX.4.4|a message")));
        require(st->ops->set_next(st, i, i + 1));
        lsn = journal_commit(j);
        require(lsn == i && (i % 3 != 0 || journal_wait(j, lsn)));
    }
    journal_close(j);
    fd = open_file(O_RDONLY);
    good_size = (size_t)read(fd, good, sizeof good);
    (void)close(fd);
    for (good_end = good_size; good[good_end - 1] == 0; good_end--) {
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t place;
    bool cut;
    bool ok;
    int fd;

    if (directory_fd < 0) {
        make_good();
        require(read_back(&ok) == 37 && ok);
    }
    if (size < 5) {
        return 0;
    }
    place = (data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % good_size;
    cut = (data[4] & 1) != 0;
    fd = open_file(O_RDWR | O_TRUNC);
    require(pwrite(fd, good, good_size, 0) == (ssize_t)good_size);
    require(pwrite(fd, data + 5, size - 5, (off_t)place) == (ssize_t)(size - 5));
    if (cut) {
        require(ftruncate(fd, (off_t)(place + size - 5)) == 0);
    }
    (void)close(fd);
    require(read_back(&ok) <= 37);
    return 0;
}
