/*
 * What a start costs: writes a journal of ended and live orders, opens it, compacts it with the
 * ended ones forgotten, opens it again. Prints seconds, records a second and resident memory, and
 * beside that what the memory alone costs here: touched once, with nothing done in it.
 *
 *     bench_recovery DIRECTORY [HISTORIC] [LIVE]       on a file system with about 0.6 KiB an order
 *     bench_recovery DIRECTORY                         one that is there: only a start from it
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "journal_file.h"
#include "memory.h"
#include "memory_ahead.h"
#include "record.h"

#define FORGET_EACH 256

static const uint32_t accounts[] = { 0 };
static const struct engine_session session = { .name = { "A", 1 },
                                               .account = accounts,
                                               .account_count = 1 };

static int64_t now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

/* Seconds of processor time: what remains of a figure when others use the machine. */
static double cpu_s(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long resident_kib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    if (f == NULL || fscanf(f, "%ld %ld", &size, &resident) != 2) {
        resident = 0;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void need(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_recovery: %s\n", what);
        exit(1);
    }
}

static void put(struct journal *j, struct buf *b, const struct record *r)
{
    buf_clear(b);
    record_encode(r, b);
    need(!b->failed && journal_append(j, buf_view(b)), "a record cannot be appended");
}

static void put_event(struct journal *j, struct buf *b, uint64_t id, enum order_event event)
{
    struct record r = { .kind = RECORD_EVENT, .wall_us = 1 };
    char venue_id[40];

    (void)snprintf(venue_id, sizeof venue_id, "179f9af8-e45e-469d-b3e9-%012" PRIx64, id);
    r.event.id = id;
    r.event.event = event;
    r.event.venue_id = bytes_of(event == EV_ACK ? venue_id : "");
    put(j, b, &r);
}

static void put_order(struct journal *j, struct buf *b, uint64_t id, bool ended)
{
    struct record r = { .kind = RECORD_ORDER, .wall_us = 1 };
    char text[40];

    (void)snprintf(text, sizeof text, "order-%012" PRIu64, id);
    r.order.id = id;
    r.order.side = VENUE_BUY;
    r.order.cl_ord_id = bytes_of(text);
    r.order.symbol = BYTES("BTC/USD");
    r.order.venue_symbol = BYTES("PF_XBTUSD");
    r.order.terms = (struct order_terms){ .ord_type = '2',
                                          .type = VENUE_LIMIT,
                                          .has_price = true,
                                          .qty = { 5, 1 },
                                          .price = { 60000, 0 } };
    put(j, b, &r);
    put_event(j, b, id, EV_SEND);
    put_event(j, b, id, EV_ACK);
    if (!ended) {
        return;
    }
    r = (struct record){ .kind = RECORD_FILL, .wall_us = 1 };
    (void)snprintf(text, sizeof text, "trade-%012" PRIu64, id);
    r.fill.id = id;
    r.fill.exec_id = bytes_of(text);
    r.fill.qty = (struct decimal){ 5, 1 };
    r.fill.px = (struct decimal){ 60000, 0 };
    r.fill.last = true;
    r.fill.time_us = 1;
    put(j, b, &r);
}

struct replay {
    struct engine *e;
    uint64_t records;
    struct memory_ahead *ahead;
};

static bool apply(void *arg, uint64_t lsn, struct bytes record)
{
    struct replay *r = arg;
    const char *error = "";

    (void)lsn;
    r->records++;
    if (r->records == 100000) {
        r->ahead = memory_ahead_start();
    }
    if (r->records % 256 == 0) {
        memory_ahead_look(r->ahead);
    }
    return engine_apply(r->e, record, &error);
}

static void expect(void *arg, struct bytes record)
{
    struct replay *r = arg;

    engine_expect(r->e, record);
}

static struct journal *open_journal(const char *directory, struct replay *r)
{
    const struct engine_config ec = { .session = &session, .session_count = 1, .seed = 1 };
    const struct journal_config config = {
        .directory = directory,
        .mode = JOURNAL_WRITTEN,
        .visit = apply,
        .expect = expect,
        .visit_arg = r,
    };
    char error[JOURNAL_ERROR_MAX] = "";
    struct journal *j;

    *r = (struct replay){ .e = engine_new(&ec) };
    need(r->e != NULL, "out of memory");
    j = journal_open(&config, error);
    need(j != NULL, error);
    memory_ahead_stop(r->ahead);
    return j;
}

static void commit(struct journal *j)
{
    need(journal_commit(j) != 0 && journal_wait(j, journal_last(j)), "a batch is not durable");
}

static void write_names(struct journal *j, struct buf *b)
{
    struct record r = { .kind = RECORD_START, .start = { 1, 1 } };

    put(j, b, &r);
    r = (struct record){ .kind = RECORD_NAME, .name = { RECORD_NAME_SESSION, 0, BYTES("A") } };
    put(j, b, &r);
}

static void generate(const char *directory, uint64_t historic, uint64_t live)
{
    struct replay r;
    struct journal *j = open_journal(directory, &r);
    struct buf b;

    buf_init(&b, JOURNAL_RECORD_MAX);
    write_names(j, &b);
    for (uint64_t id = 1; id <= historic + live; id++) {
        put_order(j, &b, id, id <= historic);
        if (id % 1000 == 0) {
            commit(j);
        }
    }
    commit(j);
    buf_fini(&b);
    journal_close(j);
    engine_free(r.e);
}

/* What retention does: every historic order is forgotten, live as in recovery. */
static void forget(struct journal *j, struct engine *e, uint64_t historic)
{
    char ids[8 * FORGET_EACH];
    const char *error = "";
    struct buf b;

    buf_init(&b, JOURNAL_RECORD_MAX);
    for (uint64_t id = 1; id <= historic;) {
        struct record r = { .kind = RECORD_FORGET };
        size_t n = 0;

        for (; id <= historic && n < sizeof ids; id++) {
            for (unsigned i = 0; i < 8; i++) {
                ids[n++] = (char)(unsigned char)(id >> (8 * i));
            }
        }
        r.forget.ids = (struct bytes){ ids, n };
        put(j, &b, &r);
        need(engine_apply(e, buf_view(&b), &error), error);
        if (id % (1000 * FORGET_EACH) == 1) {
            commit(j);
        }
    }
    commit(j);
    buf_fini(&b);
}

struct telling {
    const struct engine *e;
    struct engine_snapshot at;
};

static bool tell(void *arg, struct buf *out)
{
    struct telling *t = arg;

    return engine_snapshot_next(t->e, &t->at, out);
}

static void compact(struct journal *j, const struct engine *e)
{
    struct telling t = { .e = e };
    struct journal_compacted done;
    char error[JOURNAL_ERROR_MAX] = "";

    need(journal_compact(j, tell, &t, 0, error), error);
    while (!journal_compacted(j, &done)) {
        (void)poll(NULL, 0, 5);
    }
    need(done.good, done.error);
    printf("compacted      %8.2f s  %10" PRIu64 " records, %" PRIu64
           " MiB; the loop was held up %.1f ms\n",
           (double)done.took_us / 1e6, done.records, done.bytes >> 20,
           (double)done.stopped_us / 1e3);
}

/* Page by page, as a program that grows does. */
static void touch(long kib)
{
    size_t size = (size_t)kib * 1024;
    int64_t from = now_us();
    double cpu = cpu_s();
    char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    need(at != MAP_FAILED, "out of memory");
    for (size_t i = 0; i < size; i += 4096) {
        ((volatile char *)at)[i] = 1;
    }
    printf("memory alone   %8.2f s (cpu %.2f s)\n", (double)(now_us() - from) / 1e6, cpu_s() - cpu);
    (void)munmap(at, size);
}

/* In a process of its own, so that memory is told from nothing on. */
static void measure(const char *directory, const char *what, uint64_t historic, uint64_t orders)
{
    long *kib = mmap(NULL, sizeof *kib, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;
    int status = 0;

    need(kib != MAP_FAILED, "out of memory");
    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        int64_t from = now_us();

        memory_keep();
        long before = resident_kib();
        struct replay r;
        struct journal *j = open_journal(directory, &r);
        double s = (double)(now_us() - from) / 1e6, cpu = cpu_s();

        *kib = resident_kib() - before;
        printf("%s %8.2f s (cpu %.2f s)  %10" PRIu64
               " records  %9.0f records/s (%.0f a cpu second)  %7ld MiB  %ld bytes an order\n",
               what, s, cpu, r.records, (double)r.records / s, (double)r.records / cpu, *kib >> 10,
               (long)((uint64_t)*kib * 1024 / (orders > 0 ? orders : 1)));
        if (historic > 0) {
            forget(j, r.e, historic);
            compact(j, r.e);
        }
        (void)fflush(stdout);
        _exit(0);
    }
    need(child > 0 && waitpid(child, &status, 0) == child && status == 0, "a measurement failed");
    touch(*kib);
    (void)munmap(kib, sizeof *kib);
}

int main(int argc, char **argv)
{
    uint64_t historic = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    uint64_t live = argc > 3 ? strtoull(argv[3], NULL, 10) : 100000;

    need(argc > 1, "usage: bench_recovery DIRECTORY [HISTORIC] [LIVE]");
    if (argc == 2 && access(argv[1], R_OK) == 0) {
        measure(argv[1], "start         ", 0, 0);
        return 0;
    }
    need(mkdir(argv[1], S_IRWXU) == 0, "the directory is there already, or cannot be made");
    generate(argv[1], historic, live);
    printf("%" PRIu64 " ended and %" PRIu64 " live orders\n", historic, live);
    measure(argv[1], "first start   ", historic, historic + live);
    measure(argv[1], "from snapshot ", 0, live);
    return 0;
}
