/*
 * "fixbridge venue ACCOUNT OPERATION [key=value...]": one call to a venue by hand, with the
 * account's credentials. It prints the venue's answer and what it means. Independent of a running
 * service; knows no order book and no journal, so an operator who places orders with it places them
 * behind the service's back.
 */
#ifndef DAEMON_VENUE_CMD_H
#define DAEMON_VENUE_CMD_H

#include "setup.h"

/* Exit codes by outcome. */
#define VENUE_CMD_DONE 0
#define VENUE_CMD_USAGE 2
#define VENUE_CMD_REFUSED 10
#define VENUE_CMD_HELD 11
#define VENUE_CMD_UNKNOWN 12

/* `arg`: ACCOUNT OPERATION key=value...; returns the exit code. */
int venue_cmd(const struct setup *setup, int count, char *const *arg);

#endif
