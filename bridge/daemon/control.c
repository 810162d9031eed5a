/*
 * The control socket on libev: lines in, lines out, a few peers at once.
 */
#include "control.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "shell.h"

#define PEERS_MAX 16
#define ANSWER_MAX (64 * 1024 * 1024)

struct peer {
    struct control *control;
    struct peer *next;
    int fd;
    unsigned uid;
    int pid;
    ev_io readable, writable;
    char line[CONTROL_LINE_MAX];
    size_t size;
    struct buf out;
    bool fresh;   /* `out` grew in this turn: `lsn` is not known yet */
    bool ended;   /* closes when all is written */
    uint64_t lsn; /* `out` may go when this is durable */
};

struct control {
    struct shell *sh;
    struct peer *first;
    size_t count;
    int fd;
    ev_io acceptable;
    char path[CONTROL_PATH_MAX];
};

bool control_path(struct bytes control_socket, struct bytes journal_dir, char out[CONTROL_PATH_MAX],
                  const char **error)
{
    struct bytes name = control_socket;
    int size;

    *error = NULL;
    if (bytes_is(name, "none")) {
        return false;
    }
    if (name.size == 0) {
        name = BYTES("control.sock");
    }
    size = name.data[0] == '/' ? snprintf(out, CONTROL_PATH_MAX, "%.*s", BYTES_ARG(name))
                               : snprintf(out, CONTROL_PATH_MAX, "%.*s/%.*s",
                                          BYTES_ARG(journal_dir), BYTES_ARG(name));
    if (size <= 0 || size >= CONTROL_PATH_MAX) {
        *error = "the path of the control socket is longer than a socket's may be";
        return false;
    }
    return true;
}

/* ---- peers --------------------------------------------------------------------------------- */

static void drop(struct peer *p)
{
    struct control *c = p->control;
    struct peer **link = &c->first;

    while (*link != p) {
        link = &(*link)->next;
    }
    *link = p->next;
    c->count--;
    ev_io_stop(c->sh->loop, &p->readable);
    ev_io_stop(c->sh->loop, &p->writable);
    (void)close(p->fd);
    buf_fini(&p->out);
    free(p);
}

/* False: the peer is gone and was freed. */
static bool write_out(struct peer *p)
{
    ssize_t n = p->out.size == 0 ? 0 : send(p->fd, p->out.data, p->out.size, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop(p);
        return false;
    }
    buf_consume(&p->out, n > 0 ? (size_t)n : 0);
    if (p->out.size > 0) {
        ev_io_start(p->control->sh->loop, &p->writable);
        return true;
    }
    ev_io_stop(p->control->sh->loop, &p->writable);
    if (p->ended) {
        drop(p);
        return false;
    }
    return true;
}

static void take_lines(struct peer *p)
{
    char *end;

    while ((end = memchr(p->line, '\n', p->size)) != NULL) {
        size_t used = (size_t)(end - p->line) + 1;

        const struct control_who who = { .uid = p->uid, .pid = p->pid };

        (void)control_run(p->control->sh, (struct bytes){ p->line, used - 1 }, &who, &p->out);
        p->fresh = true;
        memmove(p->line, p->line + used, p->size - used);
        p->size -= used;
    }
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
    struct peer *p = w->data;
    ssize_t n = recv(p->fd, p->line + p->size, sizeof p->line - p->size, 0);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        p->ended = true;
        ev_io_stop(loop, &p->readable);
        if (n < 0 || (p->out.size == 0 && !p->fresh)) {
            drop(p);
        }
        return;
    }
    p->size += (size_t)n;
    take_lines(p);
    if (p->out.failed || p->size == sizeof p->line) {
        drop(p); /* no command is that long, no answer that large */
    }
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    (void)write_out(w->data);
}

void control_release(struct control *c, uint64_t last, uint64_t durable)
{
    struct peer *next;

    for (struct peer *p = c == NULL ? NULL : c->first; p != NULL; p = next) {
        next = p->next;
        if (p->fresh) {
            p->fresh = false;
            p->lsn = last;
        }
        if (p->out.size > 0 && p->lsn <= durable && !ev_is_active(&p->writable)) {
            (void)write_out(p);
        }
    }
}

/* ---- listening ----------------------------------------------------------------------------- */

static void open_peer(struct control *c, int fd)
{
    struct ucred cred;
    socklen_t size = sizeof cred;
    struct peer *p;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) != 0 ||
        (cred.uid != 0 && cred.uid != geteuid())) {
        log_write(LOG_WARN, "admin.refused", LOG_T("why", "not the service's user and not root"));
        (void)close(fd);
        return;
    }
    p = c->count < PEERS_MAX ? calloc(1, sizeof *p) : NULL;
    if (p == NULL) {
        (void)close(fd);
        return;
    }
    p->control = c;
    p->fd = fd;
    p->uid = cred.uid;
    p->pid = cred.pid;
    buf_init(&p->out, ANSWER_MAX);
    ev_io_init(&p->readable, on_readable, fd, EV_READ);
    ev_io_init(&p->writable, on_writable, fd, EV_WRITE);
    p->readable.data = p->writable.data = p;
    p->next = c->first;
    c->first = p;
    c->count++;
    ev_io_start(c->sh->loop, &p->readable);
}

static void on_acceptable(struct ev_loop *loop, ev_io *w, int events)
{
    struct control *c = w->data;
    int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)loop;
    (void)events;
    if (fd >= 0) {
        open_peer(c, fd);
    }
}

/* A file left by a run that was killed is in the way of the new one; a socket in use is not ours.
 * The journal's lock has already kept a second service out of the same directory. */
static bool bind_here(int fd, const struct sockaddr_un *at)
{
    struct stat st;
    mode_t before;
    bool good;

    if (lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool used = probe >= 0 && connect(probe, (const struct sockaddr *)at, sizeof *at) == 0;

        if (probe >= 0) {
            (void)close(probe);
        }
        if (used) {
            errno = EADDRINUSE;
            return false;
        }
        (void)unlink(at->sun_path);
    }
    before = umask(0177);
    good = bind(fd, (const struct sockaddr *)at, sizeof *at) == 0;
    (void)umask(before);
    return good;
}

struct control *control_new(struct shell *sh, const char *path, char error[256])
{
    struct control *c = calloc(1, sizeof *c);
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    if (c == NULL || !bytes_to_field(bytes_of(path), at.sun_path, sizeof at.sun_path) ||
        !bytes_to_field(bytes_of(path), c->path, sizeof c->path)) {
        (void)snprintf(error, 256, "%s: out of memory, or too long", path);
        free(c);
        return NULL;
    }
    c->sh = sh;
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || !bind_here(c->fd, &at) || listen(c->fd, PEERS_MAX) != 0) {
        (void)snprintf(error, 256, "%s: %s", path, strerror(errno));
        if (c->fd >= 0) {
            (void)close(c->fd);
        }
        free(c);
        return NULL;
    }
    ev_io_init(&c->acceptable, on_acceptable, c->fd, EV_READ);
    c->acceptable.data = c;
    ev_io_start(sh->loop, &c->acceptable);
    return c;
}

void control_free(struct control *c)
{
    if (c == NULL) {
        return;
    }
    while (c->first != NULL) {
        drop(c->first);
    }
    ev_io_stop(c->sh->loop, &c->acceptable);
    (void)close(c->fd);
    (void)unlink(c->path);
    free(c);
}
