/*
 * Commands that print what the tables of the bridge say: to stdout, and nothing else happens.
 */
#ifndef DAEMON_DOC_CMD_H
#define DAEMON_DOC_CMD_H

#include "base.h"

/* "rules-of-engagement", "venue-table"; false: out of memory, or stdout cannot be written. */
MUST_CHECK bool doc_print(const char *what);
/* The dictionary of a session of the configuration with the fields it chose; false: told on stderr
 * why not. */
MUST_CHECK bool doc_print_dictionary(const char *config, const char *session);

#endif
