/*
 * Recovery: journal -> engine.
 */
#include "recover.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "log.h"
#include "memory_ahead.h"

/* Records: before there are so many, memory is not what takes time. */
#define AHEAD_FROM 100000
#define AHEAD_EACH 256

struct replay {
    struct engine *engine;
    uint64_t count;
    struct memory_ahead *ahead;
    const char *error;
};

static bool apply(void *arg, uint64_t lsn, struct bytes record)
{
    struct replay *r = arg;
    const char *error = NULL;

    (void)lsn; /* the journal names the place itself */
    r->count++;
    if (r->count == AHEAD_FROM) {
        r->ahead = memory_ahead_start();
    }
    if (r->count % AHEAD_EACH == 0) {
        memory_ahead_look(r->ahead);
    }
    if (!engine_apply(r->engine, record, &error)) {
        r->error = error;
        return false;
    }
    return true;
}

static void expect(void *arg, struct bytes record)
{
    struct replay *r = arg;

    engine_expect(r->engine, record);
}

static void tell(const struct replay *r, struct journal *j, struct engine *e)
{
    struct journal_stats stats;
    struct engine_stats orders;

    journal_stats(j, &stats);
    engine_stats(e, &orders);
    log_write(LOG_INFO, "recovered", LOG_U("batches", stats.recovered_batches),
              LOG_U("records", stats.recovered_records), LOG_U("engine_records", r->count),
              LOG_U("orders", orders.orders_total), LOG_U("live", orders.orders_live),
              LOG_U("segment", stats.segment));
    if (stats.dropped_bytes > 0) {
        log_write(LOG_WARN, "journal.torn_tail", LOG_U("dropped_bytes", stats.dropped_bytes),
                  LOG_T("why", "the last batch was unfinished; nothing of it had left"));
    }
}

struct journal *recover(const struct config *c, struct engine *e, void (*wake)(void *),
                        void *wake_arg, char error[RECOVER_ERROR_MAX])
{
    static const enum journal_mode mode[] = {
        [CONFIG_SYNC] = JOURNAL_SYNC,
        [CONFIG_WRITTEN] = JOURNAL_WRITTEN,
        [CONFIG_MEMORY] = JOURNAL_MEMORY,
    };
    struct replay replay = { .engine = e };
    const struct journal_config config = {
        .directory = c->fixbridge->journal_dir.data,
        .mode = mode[c->fixbridge->durability],
        .segment_size = (uint64_t)c->fixbridge->segment_mib * 1024 * 1024,
        .free_min = (uint64_t)c->fixbridge->free_min_mib * 1024 * 1024,
        .visit = apply,
        .expect = expect,
        .visit_arg = &replay,
        .wake = wake,
        .wake_arg = wake_arg,
    };
    char why[JOURNAL_ERROR_MAX] = "";
    struct journal *j;

    if (config.mode != JOURNAL_MEMORY && mkdir(config.directory, S_IRWXU) != 0 && errno != EEXIST) {
        (void)snprintf(error, RECOVER_ERROR_MAX, "%s: %s", config.directory, strerror(errno));
        return NULL;
    }
    j = journal_open(&config, why);
    memory_ahead_stop(replay.ahead);
    if (j == NULL) {
        (void)snprintf(error, RECOVER_ERROR_MAX, "%s%s%s", why, replay.error == NULL ? "" : ": ",
                       replay.error == NULL ? "" : replay.error);
        return NULL;
    }
    tell(&replay, j, e);
    return j;
}
