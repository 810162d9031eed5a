/*
 * One datagram each.
 */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

static void tell(struct notify *n, const char *text)
{
    if (n->is_open && send(n->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        log_write(LOG_WARN, "notify.failed", LOG_T("why", strerror(errno)));
    }
}

static bool address_of(const char *path, struct sockaddr_un *out, socklen_t *size)
{
    size_t length = strlen(path);

    /* Absolute, or '@' for the abstract name space. */
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof out->sun_path) {
        errno = EINVAL;
        return false;
    }
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(out->sun_path, path, length);
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    if (path[0] == '@') {
        out->sun_path[0] = '\0';
        *size -= 1; /* such a name has no NUL at its end */
    }
    return true;
}

bool notify_open(struct notify *n, struct ev_loop *loop)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t size;

    *n = (struct notify){ .loop = loop };
    if (path == NULL || path[0] == '\0') {
        return true;
    }
    if (!address_of(path, &address, &size)) {
        return false;
    }
    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    n->is_open = n->fd >= 0;
    if (!n->is_open || connect(n->fd, (struct sockaddr *)&address, size) != 0) {
        int why = errno;

        notify_close(n);
        errno = why;
        return false;
    }
    return true;
}

void notify_close(struct notify *n)
{
    if (n->loop != NULL && ev_is_active(&n->watchdog)) {
        ev_timer_stop(n->loop, &n->watchdog);
    }
    if (n->is_open) {
        (void)close(n->fd);
        n->is_open = false;
    }
}

static void on_watchdog(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    tell(w->data, "WATCHDOG=1");
}

/* What the manager asks of this process: us, or 0. */
static int64_t watchdog_us(void)
{
    const char *interval = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end;
    long long us;

    if (interval == NULL || (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid())) {
        return 0;
    }
    errno = 0;
    us = strtoll(interval, &end, 10);
    return errno == 0 && *end == '\0' && us > 0 ? us : 0;
}

void notify_ready(struct notify *n, const char *status)
{
    char text[512];
    int64_t us = watchdog_us();

    (void)snprintf(text, sizeof text, "READY=1\nSTATUS=%s", status);
    tell(n, text);
    if (n->is_open && us > 0 && !ev_is_active(&n->watchdog)) {
        ev_timer_init(&n->watchdog, on_watchdog, 0., (double)us / 2e6);
        n->watchdog.data = n;
        ev_timer_again(n->loop, &n->watchdog);
    }
}

void notify_reloading(struct notify *n, int64_t mono_us)
{
    char text[128];

    (void)snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading",
                   (long long)mono_us);
    tell(n, text);
}

void notify_stopping(struct notify *n, const char *status)
{
    char text[512];

    (void)snprintf(text, sizeof text, "STOPPING=1\nSTATUS=%s", status);
    tell(n, text);
}
