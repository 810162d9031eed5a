/*
 * What the shell does when the disk under the journal fills: says so once, ends the sessions while
 * their Logouts can still be kept, and lets nobody in until space returns. What is under way at the
 * venues goes on: its answers are kept as long as the segment has room.
 */
#include "log.h"
#include "shell.h"

static const struct {
    enum log_level level;
    const char *why;
} said[] = {
    [JOURNAL_SPACE_ENOUGH] = { LOG_INFO, "there is room on the disk again" },
    [JOURNAL_SPACE_SCARCE] = { LOG_WARN, "less than twice journal_free_min is left on the disk" },
    [JOURNAL_SPACE_STALLED] = { LOG_ERROR, "the disk is full up to journal_free_min: sessions are "
                                           "logged out and none is let in until there is space" },
    [JOURNAL_SPACE_BLOCKED] = { LOG_ERROR, "nothing can be written: all that came since the last "
                                           "durable batch waits in memory, nothing is sent" },
};

bool shell_is_stalled(const struct shell *sh)
{
    return sh->space >= JOURNAL_SPACE_STALLED;
}

static void log_out_all(struct shell *sh)
{
    for (size_t i = 0; i < sh->session_count; i++) {
        (void)shell_disconnect(sh, &sh->session[i], "Journal full");
    }
}

bool shell_watch_space(struct shell *sh)
{
    enum journal_space now = journal_space(sh->journal);
    bool was_stalled = shell_is_stalled(sh);

    if (now == sh->space) {
        return false;
    }
    log_write(said[now].level, "journal.space", LOG_T("from", journal_space_text(sh->space)),
              LOG_T("to", journal_space_text(now)), LOG_U("free", journal_free(sh->journal)),
              LOG_U("durable", journal_durable(sh->journal)),
              LOG_U("last", journal_last(sh->journal)), LOG_T("why", said[now].why));
    sh->space = now;
    if (!was_stalled && shell_is_stalled(sh)) {
        log_out_all(sh);
        return true;
    }
    return false;
}
