/*
 * "fixbridge admin": one command to the running service, its answer to the standard output.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

static int connect_to(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || !bytes_to_field(bytes_of(path), at.sun_path, sizeof at.sun_path) ||
        connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        (void)fprintf(stderr, "fixbridge: no service at %s: %s\n", path, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    return fd;
}

static bool send_all(int fd, struct bytes text)
{
    while (text.size > 0) {
        ssize_t n = send(fd, text.data, text.size, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        text.data += n > 0 ? n : 0;
        text.size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* An answer may wait for the disk, without end when that is full: then the person is told so. */
#define SILENCE_MS 10000

static void tell_of_silence(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    if (poll(&p, 1, SILENCE_MS) == 0) {
        (void)fprintf(stderr,
                      "fixbridge: no answer yet. The service may wait for a full or slow disk (its "
                      "log tells); it has the command, which ctrl-C does not take back.\n");
    }
}

/* Copies the answer line by line as it comes; the start of it tells how it went. */
static enum control_outcome print_answer(int fd)
{
    static const char good[] = "{\"ok\":true";
    char piece[65536], start[sizeof good] = "";
    size_t seen = 0;
    ssize_t n;

    tell_of_silence(fd);
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0 || (n < 0 && errno == EINTR)) {
        for (ssize_t i = 0; i < n && seen < sizeof good - 1; i++) {
            start[seen++] = piece[i];
        }
        if (n > 0 && fwrite(piece, 1, (size_t)n, stdout) != (size_t)n) {
            return CONTROL_UNREACHABLE;
        }
    }
    if (fflush(stdout) != 0 || seen == 0) {
        (void)fprintf(stderr, "fixbridge: the service gave no answer\n");
        return CONTROL_UNREACHABLE;
    }
    return strcmp(start, good) == 0 ? CONTROL_OK : CONTROL_REFUSED;
}

static bool find_socket(const char *config_path, char out[CONTROL_PATH_MAX], const char **error)
{
    struct config_place p;

    if (!config_place(config_path, &p)) {
        *error = "the configuration cannot be read, or has no journal_dir";
        return false;
    }
    return control_path(bytes_of(p.control_socket), bytes_of(p.journal_dir), out, error);
}

enum control_outcome control_send(const char *config_path, int count, char *const *word)
{
    char path[CONTROL_PATH_MAX];
    const char *error = NULL;
    struct buf line;
    enum control_outcome outcome = CONTROL_UNREACHABLE;
    int fd;

    if (!find_socket(config_path, path, &error)) {
        (void)fprintf(stderr, "fixbridge: %s\n", error == NULL ? "control_socket = none" : error);
        return CONTROL_UNREACHABLE;
    }
    fd = connect_to(path);
    if (fd < 0) {
        return CONTROL_UNREACHABLE;
    }
    buf_init(&line, CONTROL_LINE_MAX);
    for (int i = 0; i < count; i++) {
        buf_text(&line, i == 0 ? "" : " ");
        buf_text(&line, word[i]);
    }
    buf_char(&line, '\n');
    if (line.failed) {
        (void)fprintf(stderr, "fixbridge: the command is too long\n");
    } else if (send_all(fd, buf_view(&line)) && shutdown(fd, SHUT_WR) == 0) {
        outcome = print_answer(fd);
    }
    buf_fini(&line);
    (void)close(fd);
    return outcome;
}
