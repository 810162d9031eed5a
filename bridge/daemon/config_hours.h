/*
 * The keys of a session's schedule put together: texts -> fix_schedule, with the zone's file read.
 * Private to config*.c.
 */
#ifndef DAEMON_CONFIG_HOURS_H
#define DAEMON_CONFIG_HOURS_H

#include "config.h"

/* Fills s->schedule; each zone is read once and kept in `c`. */
void config_hours(struct config *c, struct config_mistakes *m, struct config_session *s);
void config_hours_free(struct config *c);

#endif
