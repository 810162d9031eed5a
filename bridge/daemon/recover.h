/*
 * The journal of an earlier run into the engine: opens it, applies every record, and says what was
 * found. The sessions' numbers and messages come back with their stores (journal_store).
 */
#ifndef DAEMON_RECOVER_H
#define DAEMON_RECOVER_H

#include "config.h"
#include "engine.h"
#include "journal_file.h"

#define RECOVER_ERROR_MAX 512

/* Makes the directory when it is missing. NULL: `error` says why, naming the place. */
struct journal *recover(const struct config *c, struct engine *e, void (*wake)(void *),
                        void *wake_arg, char error[RECOVER_ERROR_MAX]);

#endif
