/*
 * Tells the service manager how we are: systemd's notification protocol (sd_notify(3), sections
 * "Description" and "Notes"): datagrams of KEY=VALUE lines to the Unix socket named by
 * $NOTIFY_SOCKET. Written here because libsystemd brings compression and encryption libraries into
 * a process that holds API keys, for one sendto(). Without $NOTIFY_SOCKET all of it does nothing.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <ev.h>

#include "base.h"

struct notify {
    struct ev_loop *loop;
    ev_timer watchdog;
    bool is_open; /* there is somebody to tell */
    int fd;
};

/* Looks at $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID. False: a socket was named and cannot
 * be used (errno); the service can run without. */
bool notify_open(struct notify *n, struct ev_loop *loop);
void notify_close(struct notify *n);

/* The service serves: READY=1 with a line for people; from now on the loop's life is confirmed at
 * half the interval the manager asks for (WATCHDOG_USEC), so that a loop that hangs is restarted.
 */
void notify_ready(struct notify *n, const char *status);
void notify_reloading(struct notify *n, int64_t mono_us);
void notify_stopping(struct notify *n, const char *status);

#endif
