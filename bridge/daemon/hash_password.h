/*
 * "fixbridge hash-password": a password from the terminal or the standard input -> the line for the
 * configuration.
 */
#ifndef DAEMON_HASH_PASSWORD_H
#define DAEMON_HASH_PASSWORD_H

#include <stdbool.h>

/* False: told on stderr. */
bool hash_password_run(void);

#endif
