/*
 * The configuration read again while running, all or nothing: with any mistake nothing changes.
 * Then
 *
 *   - certificates are read again, names of symbols changed; the report names what was read,
 *   - keys marked reloadable take their new value; a changed other key is named with "needs a
 * restart",
 *   - new sessions are opened, if their accounts are known to the running service,
 *   - sessions that are gone are logged out and closed; with live orders the reload is refused,
 *   - all other sessions do not notice.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "base.h"
#include "buf.h"

struct shell;
struct reload; /* what read configurations left behind that is still pointed to */

/* One line for each thing changed, or each reason why nothing was. */
MUST_CHECK bool reload_run(struct shell *sh, struct buf *report);
/* At the end, after the shell and the engine. */
void reload_free(struct reload *r);

#endif
