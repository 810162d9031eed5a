/*
 * Who writes a sealed batch: the journal's thread, or the loop itself. To wake the thread and to be
 * woken by it costs an order as much as all the rest of its way through here, and there is nothing
 * to gain while little is to be done: what comes in during a sync needs the next one anyway. So the
 * loop writes what is little, and the thread what is much, for then the loop goes on while the disk
 * works.
 */
#include "shell.h"

/* Times a sync is put off in a row because the sockets had something more for its batch. */
#define LOOKS_MAX 2

static void write_here(struct shell *sh)
{
    sh->looks = 0;
    journal_write(sh->journal);
    if (journal_error(sh->journal) != NULL) {
        shell_fail(sh, "a batch could not be written");
    }
}

/* Writing is a matter of microseconds; before a sync the sockets are looked at once more. */
static void write_or_look(struct shell *sh)
{
    if (sh->setup->config->fixbridge->durability == CONFIG_SYNC && sh->looks < LOOKS_MAX) {
        sh->may_sync = true;
    } else {
        write_here(sh);
    }
}

void shell_write_out(struct shell *sh, bool alone)
{
    sh->may_sync = false;
    if (!alone || sh->setup->config->fixbridge->journal_writer == CONFIG_WRITER_THREAD) {
        journal_hand_over(sh->journal);
        return;
    }
    switch (journal_who(sh->journal)) {
    case JOURNAL_NOBODY: break;
    case JOURNAL_CALLER: write_or_look(sh); break;
    case JOURNAL_THREAD: journal_hand_over(sh->journal); break;
    }
}

void shell_looked(struct shell *sh, bool idle)
{
    sh->may_sync = false;
    if (idle) {
        write_here(sh);
    } else {
        sh->looks++;
    }
}
