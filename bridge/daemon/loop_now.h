/*
 * The two clocks, read together.
 */
#ifndef DAEMON_LOOP_NOW_H
#define DAEMON_LOOP_NOW_H

#include "base.h"

struct instant loop_now(void);

#endif
