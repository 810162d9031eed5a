/*
 * When the journal is compacted: when it has grown by compact_at, when compact_every is over, or
 * when the operator says so. What became of it is told in one line of the log.
 */
#include "log.h"
#include "shell.h"

#define RETRY_US (INT64_C(60) * US_PER_S) /* after one that failed, unless asked for */

static bool tell_state(void *arg, struct buf *out)
{
    struct shell *sh = arg;

    return engine_snapshot_next(sh->engine, &sh->compact.at, out);
}

static bool is_due(struct shell *sh)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;
    uint64_t size = (uint64_t)c->compact_at_mib * 1024 * 1024;
    int64_t every_us = (int64_t)c->compact_every * US_PER_MS;

    if (journal_compacting(sh->journal) || sh->phase != SHELL_RUNS ||
        c->durability == CONFIG_MEMORY) {
        return false;
    }
    if (sh->compact.last_us == 0) {
        sh->compact.last_us = sh->now.mono_us;
    }
    return sh->compact.wanted ||
           (sh->now.mono_us >= sh->compact.not_before_us &&
            ((size > 0 && journal_since_snapshot(sh->journal) >= size) ||
             (every_us > 0 && sh->now.mono_us - sh->compact.last_us >= every_us)));
}

static void failed(struct shell *sh, const char *why)
{
    sh->compact.not_before_us = sh->now.mono_us + RETRY_US;
    log_write(LOG_ERROR, "journal.compact_failed", LOG_T("why", why),
              LOG_T("now", "the journal goes on as it was"));
}

static void begin(struct shell *sh)
{
    int64_t retain_us = (int64_t)sh->setup->config->fixbridge->retain_messages_s * US_PER_S;
    char error[JOURNAL_ERROR_MAX];

    sh->compact.wanted = false;
    sh->compact.last_us = sh->now.mono_us;
    sh->compact.at = (struct engine_snapshot){ 0 };
    if (!journal_compact(sh->journal, tell_state, sh, retain_us, error)) {
        failed(sh, error);
    }
}

void shell_compact(struct shell *sh)
{
    struct journal_compacted done;

    if (journal_compacted(sh->journal, &done)) {
        if (done.good) {
            log_write(LOG_INFO, "journal.compacted", LOG_U("snapshot", done.snapshot),
                      LOG_U("records", done.records), LOG_U("bytes", done.bytes),
                      LOG_U("removed_files", done.removed),
                      LOG_U("removed_bytes", done.removed_bytes),
                      LOG_I("stopped_us", done.stopped_us), LOG_I("took_us", done.took_us));
        } else {
            failed(sh, done.error);
        }
    }
    if (is_due(sh) && !journal_dirty(sh->journal)) {
        begin(sh);
    }
}
