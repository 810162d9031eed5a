/*
 * Who writes a sealed batch: the journal's thread, or the loop itself. To wake the thread and to be
 * woken by it costs a lone order as much as all the rest of its way through here; while anything
 * else is to be done it costs nothing, because the loop goes on while the disk works. So the loop
 * writes only what is alone.
 */
#include "shell.h"

static void write_here(struct shell *sh)
{
    journal_write(sh->journal);
    if (journal_error(sh->journal) != NULL) {
        shell_fail(sh, "a batch could not be written");
    }
}

/* Writing is a matter of microseconds; for a sync there must be nothing else to do. */
void shell_write_out(struct shell *sh, bool alone)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;

    sh->may_sync = false;
    if (!alone || c->journal_writer == CONFIG_WRITER_THREAD || !journal_can_write(sh->journal)) {
        journal_hand_over(sh->journal);
    } else if (c->durability == CONFIG_SYNC) {
        sh->may_sync = true;
    } else {
        write_here(sh);
    }
}

void shell_looked(struct shell *sh, bool idle)
{
    sh->may_sync = false;
    if (idle) {
        write_here(sh);
    } else {
        journal_hand_over(sh->journal);
    }
}
