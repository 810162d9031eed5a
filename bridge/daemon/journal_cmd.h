/*
 * "fixbridge journal verify|dump|export|repair DIR": looks at a journal without the service.
 * Reading takes no lock and changes nothing, so that it may be done while the service runs; only
 * repair takes the lock and writes.
 */
#ifndef DAEMON_JOURNAL_CMD_H
#define DAEMON_JOURNAL_CMD_H

#define JOURNAL_CMD_OK 0
#define JOURNAL_CMD_DAMAGED 1
#define JOURNAL_CMD_USAGE 2
#define JOURNAL_CMD_FAILED 3 /* cannot be read or written, or the service has the lock */

/* `arg`: OPERATION DIR [options]; returns the exit code. */
int journal_cmd(int count, char *const *arg);

#endif
